/** `polypath requirements`: the catalogues, with what decides each requirement. */

import { printable } from '../report/escape.ts';
import type { Catalogue, Requirement } from '../requirements/requirement.ts';
import { UsageError, type Io } from './io.ts';

/** What the command works with. */
export interface RequirementsDependencies {
  readonly catalogues: readonly Catalogue[];
  /** Names of the checks that decide a requirement. */
  readonly checksFor: () => Promise<(requirement: string) => readonly string[]>;
  /** Ids of the cases of `live` that decide a requirement. */
  readonly casesFor: () => Promise<(requirement: string) => readonly string[]>;
}

/** What the command line asked for; no RFC means all of them. */
export interface RequirementsArguments {
  readonly rfcs: readonly number[];
  readonly format: 'text' | 'json';
}

const textOf = ({ id, level, disposition, role, statement, reason, sameAs }: Requirement): string => {
  const notes = [reason, sameAs === undefined ? undefined : `Same as ${sameAs}.`].filter((note) => note !== undefined);
  return `${id.padEnd(18)} ${level.padEnd(11)} ${disposition.padEnd(12)} ${role.padEnd(20)} ${[statement, ...notes].map(printable).join(' ')}\n`;
};

/** Runs the command; the exit code is 0. An RFC without a catalogue is a `UsageError`. @example requirements({ rfcs: [8684], format: 'json' }, dependencies, io) */
export const requirements = async (args: RequirementsArguments, dependencies: RequirementsDependencies, io: Io): Promise<number> => {
  const { catalogues } = dependencies;
  const unknown = args.rfcs.find((rfc) => !catalogues.some((catalogue) => catalogue.rfc === rfc));
  if (unknown !== undefined) {
    throw new UsageError(`no requirements of RFC ${unknown}; there are those of ${catalogues.map(({ rfc }) => rfc).join(', ')}`);
  }
  const chosen = args.rfcs.length === 0 ? catalogues : catalogues.filter(({ rfc }) => args.rfcs.includes(rfc));
  if (args.format === 'json') {
    const checksFor = await dependencies.checksFor();
    const casesFor = await dependencies.casesFor();
    const list = chosen.map((catalogue) => ({
      rfc: catalogue.rfc,
      requirements: catalogue.requirements.map(({ id, section, level, role, disposition, reason, statement, line, tests, sameAs }) => ({
        id,
        section,
        level,
        role,
        disposition,
        reason: reason ?? null,
        statement,
        line,
        checks: checksFor(id),
        tests: [...(tests ?? []), ...casesFor(id).map((name) => `live mptcp: ${name}`)],
        sameAs: sameAs ?? null,
      })),
    }));
    io.out.write(`${JSON.stringify(list, undefined, 2)}\n`);
  } else {
    for (const catalogue of chosen) {
      io.out.write(`RFC ${catalogue.rfc}: ${catalogue.title}\n${catalogue.requirements.map(textOf).join('')}`);
    }
  }
  await io.out.drained();
  return 0;
};
