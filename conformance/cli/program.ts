/** The command line: what the commands are called, what they take, and how a wrong argument is answered (one line, exit code 2). */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { AnyMachine } from '../../state-machines/machine.ts';
import { printable } from '../report/escape.ts';
import { writers, type Format } from '../report/index.ts';
import { version } from '../version.ts';
import { check, type CheckDependencies } from './check.ts';
import { UsageError, type Io } from './io.ts';
import { machine, machineFormats, type MachineFormat } from './machine.ts';
import { requirements, type RequirementsDependencies } from './requirements.ts';

/** What the commands work with; the tests bring their own. */
export interface Dependencies extends CheckDependencies, RequirementsDependencies {
  readonly machines: () => Promise<readonly AnyMachine[]>;
}

const wholeNumber =
  (what: string, least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
const rfcNumber = wholeNumber('the number of an RFC', 1, 99_999);
const jobCount = wholeNumber('a number from 1 to 256', 1, 256);

/** The parser of an option that may come several times. */
const list =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[]): readonly T[] => [...before, parse(text)];
const same = (text: string): string => text;

const oneOf =
  <T extends string>(names: readonly T[]) =>
  (text: string): T => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${names.join(', ')}.`);
    return found;
  };

const reportFormats = Object.keys(writers) as Format[];
const textOrJson = ['text', 'json'] as const;

const protocolNumber = wholeNumber('a number from 0 to 255', 0, 255);

interface Chosen {
  readonly rfc: readonly number[];
  readonly at: readonly string[];
  readonly only: readonly string[];
  readonly exclude: readonly string[];
  readonly strict?: boolean;
  readonly output: readonly string[];
  readonly expected?: string;
  readonly writeExpected?: string;
  readonly jobs: number;
  readonly shim6Protocol?: number;
}

const addCheck = (program: Command, dependencies: Dependencies, io: Io, done: (code: number) => void): void => {
  // --json stands for a --format at its place among the others, so both write into one list.
  const formats: Format[] = [];
  const pushFormat = (text: string): Format => {
    const format = oneOf(reportFormats)(text);
    formats.push(format);
    return format;
  };
  program
    .command('check')
    .description('Check captures: verdicts per requirement.')
    .argument('<captures...>', 'pcap or pcapng files, also gzip-compressed; folders of them; - for standard input')
    .option('--rfc <number>', 'only the requirements of this RFC (repeatable)', list(rfcNumber), [])
    .option('--at <address>', 'the capture was taken at the host that owns this address (repeatable)', list(same), [])
    .option('--only <glob>', 'only requirements whose id matches (repeatable)', list(same), [])
    .option('--exclude <glob>', 'no requirements whose id matches (repeatable)', list(same), [])
    .option('--strict', 'a warn counts as a failure')
    .option('--format <format>', `${reportFormats.join(', ')} (repeatable; text when none is given)`, pushFormat)
    .option('--json', 'the same as --format json')
    .on('option:json', () => formats.push('json'))
    .option('--output <file>', 'where to write; the n-th belongs to the n-th format (repeatable; - is standard output)', list(same), [])
    .option('--expected <file>', 'known verdicts: exit 1 only where the run differs from them')
    .option('--write-expected <file>', "write this run's verdicts as known ones")
    .option('--jobs <number>', 'captures in parallel', jobCount, 1)
    .option('--shim6-protocol <number>', 'the protocol number that stands for shim6; LinShim6 was shipped with 61', protocolNumber)
    .addHelpText('after', '\nExit code: 0 nothing failed, 1 something failed, 2 a capture or the arguments could not be used.')
    .action(async (paths: string[], chosen: Chosen) => {
      const { rfc, at, only, exclude, strict, output, expected, writeExpected, jobs, shim6Protocol } = chosen;
      const known = {
        ...(expected !== undefined && { expected }),
        ...(writeExpected !== undefined && { writeExpected }),
        ...(shim6Protocol !== undefined && { shim6Protocol }),
      };
      const args = { paths, rfcs: rfc, at, only, exclude, strict: strict === true, formats, outputs: output, jobs, ...known };
      done(await check(args, dependencies, io));
    });
};

interface ChosenGeneration {
  readonly sec: number;
  readonly prefix: readonly string[];
  readonly key?: string;
  readonly modifier?: string;
  readonly collisionCount?: number;
  readonly threads?: number;
  readonly json?: boolean;
  readonly addresses?: boolean;
  readonly der?: string;
  readonly keyOut?: string;
}

const addCga = (program: Command, io: Io, done: (code: number) => void): void => {
  const cga = program.command('cga').description('Cryptographically generated (RFC 3972) and hash-based (RFC 5535) addresses.');
  const addGeneration = (name: string, kind: 'cga' | 'hba', description: string): Command =>
    cga
      .command(name)
      .description(description)
      .requiredOption('--sec <number>', 'how many times 16 bits of Hash2 must be zero', wholeNumber('a number from 0 to 7', 0, 7))
      .requiredOption('--prefix <prefix>', 'a subnet prefix of 64 bits (repeatable)', list(same), [])
      .option('--key <file>', 'a public or private key, PEM or DER')
      .option('--modifier <hex>', 'where the search starts; random when left out')
      .option('--threads <number>', 'search threads', wholeNumber('a number from 1 to 256', 1, 256))
      .option('--json', 'JSON in place of text')
      .option('--addresses', 'nothing but the addresses, a line each')
      .option('--der <file>', "write the first address's CGA Parameters to a file")
      .action(async ({ prefix, json, addresses, collisionCount = 0, ...rest }: ChosenGeneration) => {
        if (prefix.length === 0) throw new UsageError("required option '--prefix <prefix>' not specified");
        const { generate } = await import('./cga.ts');
        const format = json === true ? 'json' : addresses === true ? 'addresses' : 'text';
        done(await generate({ kind, prefixes: prefix, format, collisionCount, ...rest }, io));
      });
  addGeneration('generate', 'cga', 'Generate a CGA for each prefix.')
    .option('--collision-count <number>', 'where to start counting collisions', wholeNumber('0, 1 or 2', 0, 2))
    .option('--key-out <file>', 'write the key that is made where none is given to a file (PEM)');
  addGeneration('hba', 'hba', 'Generate an HBA set over the prefixes, CGA-compatible with --key.');
  cga
    .command('verify')
    .description('Verify an address against its CGA Parameters.')
    .option('--parameters <hex|file>', 'the CGA Parameters: hexadecimal digits, or a file with them or with the octets')
    .option('--address <address>', 'the address')
    .option('--hba', 'as a member of an HBA set')
    .option('--json', 'JSON in place of text')
    .option('--batch <file>', 'one JSON object a line, { parameters, address, hba }, answered in order; - for standard input')
    .addHelpText('after', '\nExit code: 0 valid, 1 not valid, 2 unusable.')
    .action(async (chosen: { parameters?: string; address?: string; hba?: boolean; json?: boolean; batch?: string }) => {
      const { parameters, address, hba = false, json, batch } = chosen;
      const { verify } = await import('./cga.ts');
      if (batch !== undefined) {
        if (parameters !== undefined || address !== undefined || hba)
          throw new UsageError('--batch goes without --parameters, --address and --hba');
        return done(await verify({ batch }, io));
      }
      if (parameters === undefined || address === undefined) throw new UsageError('either --parameters and --address, or --batch');
      done(await verify({ parameters, address, hba, format: json === true ? 'json' : 'text' }, io));
    });
};

const addLab = (program: Command, io: Io, done: (code: number) => void): void => {
  const lab = program.command('lab').description('Experiments with hosts and paths in virtual time.');
  const addExperiment = (name: string, description: string): Command =>
    lab
      .command(name)
      .description(description)
      .option(
        '--seed <number>',
        'the first seed; the same one gives the same runs',
        wholeNumber('a number from 0 to 4294967295', 0, 0xffff_ffff),
        1,
      )
      .option('--json', 'JSON in place of text');
  addExperiment('reap-exploration', 'How long REAP explores until both hosts use pairs that work (RFC 5534).')
    .option('--runs <number>', 'explorations of each kind', wholeNumber('a number from 1 to 100000', 1, 100_000), 200)
    .action(async ({ runs, seed, json }: { runs: number; seed: number; json?: boolean }) => {
      const { reapExploration } = await import('./lab.ts');
      done(await reapExploration({ runs, seed, format: json === true ? 'json' : 'text' }, io));
    });
  addExperiment('coupled', 'What Multipath TCP takes of a bottleneck beside one TCP flow, coupled (RFC 6356) and not.')
    .option('--runs <number>', 'runs of each kind', wholeNumber('a number from 1 to 1000', 1, 1000), 10)
    .option('--duration <seconds>', 'what is counted of a run, after 30 s', wholeNumber('a number from 1 to 3600', 1, 3600), 120)
    .option('--ack-every <number>', 'receivers acknowledge every so many segments (RFC 5681: 2)', wholeNumber('1 or 2', 1, 2), 2)
    .action(async (chosen: { runs: number; seed: number; duration: number; ackEvery: number; json?: boolean }) => {
      const { coupledSharing } = await import('./lab.ts');
      const { json, ...rest } = chosen;
      done(await coupledSharing({ ...rest, format: json === true ? 'json' : 'text' }, io));
    });
  addExperiment(
    'mipshim6',
    'What Mobile IPv6, shim6 and MipShim6 can do, measured; and how long a failed home agent takes (RFC 6275, RFC 5533).',
  ).action(async ({ seed, json }: { seed: number; json?: boolean }) => {
    const { mipShim6 } = await import('./lab-mipshim6.ts');
    done(await mipShim6({ seed, format: json === true ? 'json' : 'text' }, io));
  });
};

const build = (dependencies: Dependencies, io: Io, done: (code: number) => void): Command => {
  const program = new Command('polypath')
    .description('Conformance of multipath protocols, from captures: Multipath TCP; CGA and HBA addresses.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      // Commander's words for an error go through `run`, so that there is one line for each.
      writeErr: () => undefined,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addCheck(program, dependencies, io, done);
  program
    .command('decode')
    .description('Decode captures: a line per protocol message.')
    .argument('<capture>', 'a pcap or pcapng file, also gzip-compressed; - for standard input')
    .option('--format <format>', 'text or json', oneOf(textOrJson), 'text')
    .option('--json', 'the same as --format json')
    .option('--shim6-protocol <number>', 'the protocol number that stands for shim6; LinShim6 was shipped with 61', protocolNumber, 140)
    .action(async (file: string, { format, json, shim6Protocol }: { format: 'text' | 'json'; json?: boolean; shim6Protocol: number }) => {
      const { decode } = await import('./decode.ts');
      done(await decode({ file, format: json === true ? 'json' : format, shim6Protocol }, io));
    });
  program
    .command('requirements')
    .description('List the requirements, and what decides each of them.')
    .option('--rfc <number>', 'only those of this RFC (repeatable)', list(rfcNumber), [])
    .option('--format <format>', 'text or json', oneOf(textOrJson), 'text')
    .option('--json', 'the same as --format json')
    .action(async ({ rfc, format, json }: { rfc: number[]; format: 'text' | 'json'; json?: boolean }) => {
      done(await requirements({ rfcs: rfc, format: json === true ? 'json' : format }, dependencies, io));
    });
  program
    .command('machine')
    .description('Print the state machines from their tables.')
    .argument('[name]', 'one of them; all when none is given')
    .option('--format <format>', machineFormats.join(', '), oneOf(machineFormats), 'table')
    .option('--json', 'the same as --format json')
    .action(async (name: string | undefined, { format, json }: { format: MachineFormat; json?: boolean }) => {
      done(
        await machine({ ...(name !== undefined && { name }), format: json === true ? 'json' : format }, await dependencies.machines(), io),
      );
    });
  addCga(program, io, done);
  addLab(program, io, done);
  program
    .command('live')
    .description('Talk to a running stack.')
    .command('mptcp')
    .description("The kernel's Multipath TCP against RFC 8684, in network namespaces that last as long as a case (Linux, root).")
    .option('--only <glob>', 'only cases whose id matches (repeatable)', list(same), [])
    .option('--output <folder>', "where the cases' captures go; a new folder among the temporary files when left out")
    .option('--format <format>', 'text or json', oneOf(textOrJson), 'text')
    .option('--json', 'the same as --format json')
    .addHelpText(
      'after',
      '\nExit code: 0 nothing failed, 1 something failed or stayed inconclusive, 2 something that is needed is missing.',
    )
    .action(async (chosen: { only: string[]; output?: string; format: 'text' | 'json'; json?: boolean }) => {
      const { liveMptcp } = await import('./live.ts');
      const { only, output, format, json } = chosen;
      done(await liveMptcp({ only, ...(output !== undefined && { output }), format: json === true ? 'json' : format }, io));
    });
  return program;
};

/**
 * Runs a command line (without node and script) and gives its exit code. What cannot be used is one line on standard error and exit code 2.
 * @example process.exitCode = await run(['check', 'join.pcap'], dependencies, processIo(process));
 */
export const run = async (argv: readonly string[], dependencies: Dependencies, io: Io): Promise<number> => {
  const unusable = (message: string): number => {
    io.err.write(`polypath: ${printable(message)}\n`);
    return 2;
  };
  if (argv.length === 0) return unusable('no command given; polypath --help lists them');
  let code = 0;
  try {
    await build(dependencies, io, (given) => {
      code = given;
    }).parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof UsageError) return unusable(error.message);
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : unusable(error.message.replace(/^error: /, ''));
  }
};
