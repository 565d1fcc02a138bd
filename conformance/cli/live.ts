/** `polypath live mptcp`: the cases against the kernel, one after the other, each with its capture. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disagreements } from '../live/agreement.ts';
import { cases } from '../live/cases/index.ts';
import { readiness, type Readiness } from '../live/missing.ts';
import { kernelRelease } from '../live/network.ts';
import { liveReport, reported, textOfCase, textOfSummary, type CaseReport } from '../live/report.ts';
import { runCases } from '../live/run.ts';
import { globPattern } from '../select.ts';
import { UsageError, type Io } from './io.ts';

/** What the command line asked for. */
export interface LiveArguments {
  /** Globs on case ids; none: all of them. */
  readonly only: readonly string[];
  /** Folder for the captures. */
  readonly output?: string;
  readonly format: 'text' | 'json';
}

const folderFor = (output: string | undefined): string => {
  if (output === undefined) return mkdtempSync(join(tmpdir(), 'polypath-live-'));
  try {
    mkdirSync(output, { recursive: true });
  } catch (error) {
    throw new UsageError(`${output}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return output;
};

/** Runs the cases: 0 when all pass, 1 otherwise. What is missing is a `UsageError`. @example await liveMptcp({ only: ['3.2/*'], format: 'text' }, io) */
export const liveMptcp = async (
  { only, output, format }: LiveArguments,
  io: Io,
  look: () => Promise<Readiness> = readiness,
): Promise<number> => {
  const patterns = only.map(globPattern);
  const chosen = cases.filter(({ id }) => patterns.length === 0 || patterns.some((pattern) => pattern.test(id)));
  if (chosen.length === 0) throw new UsageError(`no case matches ${only.join(', ')}`);
  const ready = await look();
  if ('missing' in ready) throw new UsageError(ready.missing);
  const folder = folderFor(output);
  const done: CaseReport[] = [];
  for await (const result of runCases(ready.libc, chosen)) {
    if (io.out.closed) break;
    const file = join(folder, `${result.id.replaceAll('/', '-')}.pcap`);
    writeFileSync(file, result.capture);
    const report = reported(result, file, disagreements(result));
    done.push(report);
    if (format === 'text') io.out.write(textOfCase(report));
  }
  const whole = liveReport(kernelRelease(), done);
  io.out.write(format === 'json' ? `${JSON.stringify(whole, undefined, 2)}\n` : textOfSummary(whole, folder));
  await io.out.drained();
  return whole.summary.fail + whole.summary.inconclusive > 0 ? 1 : 0;
};
