/** `polypath check`: captures in, verdicts per requirement out, and the exit code that a CI reads. */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { parseAddress } from '../../codecs/packet/index.ts';
import type { CheckOptions } from '../checker.ts';
import { differences, knownVerdicts, parseKnownVerdicts, type KnownVerdicts } from '../expected.ts';
import { listCaptures, sizeOf } from '../input.ts';
import type { CreateChecker } from '../jobs/capture.ts';
import { checkCaptures } from '../jobs/pool.ts';
import { printable } from '../report/escape.ts';
import { jsonPieces } from '../report/json.ts';
import { summarise, writers, type CheckReport, type Format, type WriterContext } from '../report/index.ts';
import { isFailure } from '../report/writer.ts';
import type { Catalogue } from '../requirements/requirement.ts';
import { globPattern, selector } from '../select.ts';
import { version } from '../version.ts';
import { UsageError, wantsColour, type Io } from './io.ts';
import { progressBar } from './progress.ts';

/** What the command line asked for. */
export interface CheckArguments {
  readonly paths: readonly string[];
  readonly rfcs: readonly number[];
  readonly at: readonly string[];
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  readonly strict: boolean;
  readonly formats: readonly Format[];
  /** The n-th belongs to the n-th format. */
  readonly outputs: readonly string[];
  readonly expected?: string;
  readonly writeExpected?: string;
  readonly jobs: number;
  /** The protocol number that stands for shim6; 140 when left out. */
  readonly shim6Protocol?: number;
}

/** What the command works with. */
export interface CheckDependencies {
  readonly createChecker: CreateChecker;
  readonly catalogues: readonly Catalogue[];
}

const validate = (args: CheckArguments, catalogues: readonly Catalogue[]): void => {
  if (args.outputs.length > Math.max(1, args.formats.length)) {
    throw new UsageError(
      `${args.outputs.length} outputs for ${Math.max(1, args.formats.length)} format(s): each output belongs to a format`,
    );
  }
  for (const rfc of args.rfcs) {
    if (!catalogues.some((catalogue) => catalogue.rfc === rfc)) {
      throw new UsageError(`no requirements of RFC ${rfc}; there are those of ${catalogues.map((catalogue) => catalogue.rfc).join(', ')}`);
    }
  }
  for (const address of args.at) if (parseAddress(address) === undefined) throw new UsageError(`--at: '${address}' is no IP address`);
  // A glob that fits nothing is a slip of the pen; taken at its word it would pass everything.
  for (const glob of [...args.only, ...args.exclude]) {
    const pattern = globPattern(glob);
    if (!catalogues.some(({ requirements }) => requirements.some(({ id }) => pattern.test(id)))) {
      throw new UsageError(`no requirement matches '${glob}'`);
    }
  }
};

const readExpected = (file: string): KnownVerdicts => {
  try {
    return parseKnownVerdicts(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--expected ${file}: ${(error as Error).message}`, { cause: error });
  }
};

const writeWhole = (descriptor: number, octets: Uint8Array): void => {
  for (let at = 0; at < octets.length;) at += writeSync(descriptor, octets, at);
};

const writeTo = (file: string, pieces: Iterable<string>): void => {
  try {
    const descriptor = openSync(file, 'w');
    try {
      for (const piece of pieces) writeWhole(descriptor, Buffer.from(piece));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
};

/**
 * Runs the command. The exit code: 0 nothing failed, 1 something failed (with `--expected`: something differs), 2 a capture could not be read
 * to its end. Arguments that cannot be used are a `UsageError`, before any capture is opened.
 *
 * @example process.exitCode = await check(args, { createChecker, catalogues }, processIo(process));
 */
export const check = async (args: CheckArguments, { createChecker, catalogues }: CheckDependencies, io: Io): Promise<number> => {
  validate(args, catalogues);
  const known = args.expected === undefined ? undefined : readExpected(args.expected);
  const formats: readonly Format[] = args.formats.length === 0 ? ['text'] : args.formats;
  const options: CheckOptions = {
    at: args.at,
    rfcs: args.rfcs,
    only: args.only,
    exclude: args.exclude,
    ...(args.shim6Protocol !== undefined && { shim6Protocol: args.shim6Protocol }),
    hashes: formats.includes('json'),
  };

  const inputs = await listCaptures(args.paths);
  const progress = progressBar(
    inputs.reduce((sum, { file }) => sum + sizeOf(file), 0),
    io.err,
  );
  const captures = await checkCaptures({
    inputs,
    options,
    jobs: args.jobs,
    createChecker,
    stdin: io.stdin,
    onProgress: (octets) => progress.update(octets),
  });
  progress.clear();

  const selects = selector(args);
  const requirements = catalogues.flatMap((catalogue) => catalogue.requirements);
  const statements = new Map(requirements.map(({ id, statement }) => [id, statement]));
  const summary = summarise(
    captures,
    requirements.filter(({ id }) => selects(id)),
  );
  const report: CheckReport = { schema: 1, polypath: version, captures, summary };
  for (const [index, format] of formats.entries()) {
    const file = args.outputs[index];
    const toFile = file !== undefined && file !== '-';
    const context: WriterContext = {
      statementOf: (id) => statements.get(id),
      strict: args.strict,
      colour: !toFile && wantsColour(io.out, io.env),
    };
    const pieces = format === 'json' ? jsonPieces(report) : [writers[format](report, context)];
    if (toFile) {
      writeTo(file, pieces);
      continue;
    }
    for (const piece of pieces) {
      io.out.write(piece);
      await io.out.drained();
    }
  }

  const unread = captures.filter(({ error }) => error !== undefined);
  for (const { file, error } of unread) io.err.write(`polypath: ${printable(file)}: ${printable(error!)}\n`);
  const now = knownVerdicts(
    inputs.map(({ key }, index) => ({ key, report: captures[index]! })),
    version,
  );
  const differing = known === undefined ? [] : differences(known, now, selects);
  for (const line of differing) io.err.write(`${printable(line)}\n`);
  if (args.writeExpected !== undefined) writeTo(args.writeExpected, [`${JSON.stringify(now, undefined, 2)}\n`]);

  if (unread.length > 0) return 2;
  if (known !== undefined) return differing.length > 0 ? 1 : 0;
  return captures.some(({ verdicts }) => verdicts.some((verdict) => isFailure(verdict, args.strict))) ? 1 : 0;
};
