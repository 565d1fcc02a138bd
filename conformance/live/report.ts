/** The report of `polypath live`: the JSON that other tools rely on, as types, and the text. */
import { printable } from '../report/escape.ts';
import type { LiveFinding } from './case.ts';
import type { LiveResult } from './run.ts';

/** A case as it is reported. */
export interface CaseReport extends Omit<LiveResult, 'capture'> {
  /** The pcap file of everything that passed. */
  readonly capture: string;
  /** Where `check` on that capture says something else; none, unless one of the two is wrong. */
  readonly disagreements: readonly string[];
}

/** A run. */
export interface LiveReport {
  readonly schema: 1;
  /** The kernel's release. */
  readonly kernel: string;
  readonly cases: readonly CaseReport[];
  readonly summary: {
    readonly pass: number;
    readonly fail: number;
    readonly inconclusive: number;
    /** Requirements of level SHOULD that were not followed, over all cases. */
    readonly warn: number;
    /** Different requirements that were decided. */
    readonly requirements: number;
  };
}

/** @example reported(await runCase(libc, each), 'case.pcap', []) */
export const reported = (result: LiveResult, capture: string, disagreements: readonly string[]): CaseReport => ({
  ...result,
  capture,
  disagreements,
});

/** Adds a run up. */
export const liveReport = (kernel: string, cases: readonly CaseReport[]): LiveReport => {
  const count = (verdict: CaseReport['verdict']): number => cases.filter((each) => each.verdict === verdict).length;
  const decided = cases.flatMap(({ findings }) => findings).filter(({ verdict }) => verdict !== 'inconclusive');
  const warn = decided.filter(({ verdict }) => verdict === 'warn').length;
  const requirements = new Set(decided.map(({ requirement }) => requirement)).size;
  return {
    schema: 1,
    kernel,
    cases,
    summary: { pass: count('pass'), fail: count('fail'), inconclusive: count('inconclusive'), warn, requirements },
  };
};

const textOfFinding = ({ requirement, verdict, expected, seen }: LiveFinding): string =>
  `             ${requirement} ${verdict}: expected ${printable(expected ?? '')}, seen ${printable(seen ?? '')}\n`;

/** A case in text: a line, and a line for each finding against the kernel. */
export const textOfCase = ({ id, title, verdict, message, findings, disagreements, ms }: CaseReport): string => {
  const against = findings.filter(({ verdict: each }) => each === 'fail' || each === 'warn');
  return [
    `${verdict.padEnd(12)} ${id.padEnd(36)} ${title} (${ms} ms)\n`,
    ...against.map(textOfFinding),
    ...(verdict === 'inconclusive' ? [`             ${printable(message)}\n`] : []),
    ...disagreements.map((each) => `             ${printable(each)}\n`),
  ].join('');
};

/** The last line. */
export const textOfSummary = ({ kernel, summary }: LiveReport, folder: string): string =>
  `Linux ${printable(kernel)}: ${summary.pass} passed, ${summary.fail} failed, ${summary.inconclusive} inconclusive; ${summary.requirements} requirements decided; captures in ${printable(folder)}\n`;
