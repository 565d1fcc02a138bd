/** What a case of `live` is: data that says what it decides, and a script that decides it. One file per section of the RFC in `cases/`. */
import { requirement } from '../requirements/index.ts';
import type { Bench } from './bench.ts';
import type { KernelSettings } from './network.ts';

/** A case. */
export interface LiveCase {
  /** The section and a name: `3.2/unknown-token`. */
  readonly id: string;
  /** What the kernel is to do, in one line. */
  readonly title: string;
  /** Full ids of the requirements that it decides. */
  readonly requirements: readonly string[];
  readonly kernel: KernelSettings;
  /** Of requirements that the script decides and `check` cannot decide likewise from the capture: why. */
  readonly beyondCapture: Readonly<Record<string, string>>;
  /** Our side keeps the rules, too: `check` must find no fail on it either. */
  readonly conforms: boolean;
  readonly script: (t: Bench) => Promise<void>;
}

/** What a case declares, with ids as the catalogue's `ref`: `3.2-6`. */
export interface CaseSetup {
  readonly decides: readonly string[];
  readonly kernel?: KernelSettings;
  readonly beyondCapture?: Readonly<Record<string, string>>;
  readonly conforms?: boolean;
}

const full = (ref: string): string => {
  const id = `RFC8684-${ref}`;
  if (requirement(id) === undefined) throw new RangeError(`there is no requirement ${id}`);
  return id;
};

/**
 * Declares a case.
 *
 * @example
 * liveCase('3.2/unknown-token', 'A RST answers an MP_JOIN whose token is unknown', { decides: ['3.2-6'] }, async (t) => {
 *   const connection = await t.established();
 *   const subflow = t.subflow(1);
 *   subflow.send({ flags: SYN, options: [connection.joinSyn({ receiverToken: 1 })] });
 *   const answer = await t.next(subflow, () => true);
 *   t.decide('3.2-6', answer !== undefined && isRst(answer), 'a RST', answer);
 * });
 */
export const liveCase = (id: string, title: string, setup: CaseSetup, script: LiveCase['script']): LiveCase => ({
  id,
  title,
  requirements: setup.decides.map(full),
  kernel: setup.kernel ?? {},
  beyondCapture: Object.fromEntries(Object.entries(setup.beyondCapture ?? {}).map(([ref, why]) => [full(ref), why])),
  conforms: setup.conforms ?? false,
  script,
});

/** What was found about one requirement. */
export interface LiveFinding {
  readonly requirement: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'inconclusive';
  readonly expected: string | null;
  readonly seen: string | null;
}

/** Thrown by a script that cannot go on: what it needs first has not come. */
export class Unready extends Error {}
