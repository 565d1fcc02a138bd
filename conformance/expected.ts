/**
 * Known verdicts: what a run is held against with `check --expected`. The file is JSON, so that it can be reviewed and kept under version
 * control: `{ "schema": 1, "polypath": "0.1.0", "captures": { "<key>": [ { "requirement", "conversation", "host", "verdict" } ] } }`,
 * with a `flow` where a verdict has no conversation. The keys are those of `listCaptures`.
 */

import type { CaptureReport, Outcome, Verdict } from './report/report.ts';

/** A verdict without its evidence. */
export type KnownVerdict = Pick<Verdict, 'requirement' | 'conversation' | 'host' | 'verdict'> & { readonly flow?: string };

/** The content of a file of known verdicts. */
export interface KnownVerdicts {
  readonly schema: 1;
  /** The version that wrote it. */
  readonly polypath: string;
  readonly captures: Readonly<Record<string, readonly KnownVerdict[]>>;
}

/** A report under the key of its capture. */
export interface KeyedReport {
  readonly key: string;
  readonly report: CaptureReport;
}

const outcomes: readonly string[] = ['pass', 'fail', 'warn', 'inconclusive'] satisfies readonly Outcome[];

const subject = ({ conversation, flow, host, requirement }: KnownVerdict): string =>
  [conversation ?? flow ?? 'no conversation', host === null ? '' : `host ${host}`, requirement].filter(Boolean).join(' ');

/** What a run's verdicts look like as known ones, in an order that does not depend on that of the checks. @example knownVerdicts([{ key, report }], '0.1.0') */
export const knownVerdicts = (reports: readonly KeyedReport[], polypath: string): KnownVerdicts => {
  const captures = new Map<string, KnownVerdict[]>();
  for (const { key, report } of reports) {
    const known = report.verdicts.map(({ requirement, conversation, flow, host, verdict }): KnownVerdict => {
      return { requirement, conversation, ...(flow !== undefined && { flow }), host, verdict };
    });
    const order = new Map(known.map((verdict) => [verdict, subject(verdict)]));
    known.sort((a, b) => (order.get(a)! < order.get(b)! ? -1 : 1));
    captures.set(key, [...(captures.get(key) ?? []), ...known]);
  }
  // fromEntries defines properties, so that a file called __proto__ is one.
  return { schema: 1, polypath, captures: Object.fromEntries(captures) };
};

const isKnownVerdict = (value: unknown): value is KnownVerdict => {
  if (typeof value !== 'object' || value === null) return false;
  const { requirement, conversation, flow, host, verdict } = value as Record<keyof KnownVerdict, unknown>;
  return (
    typeof requirement === 'string' &&
    (conversation === null || typeof conversation === 'string') &&
    (flow === undefined || typeof flow === 'string') &&
    (host === null || host === 'a' || host === 'b') &&
    typeof verdict === 'string' &&
    outcomes.includes(verdict)
  );
};

/** Reads a file of known verdicts; a `RangeError` says what is wrong with it. @example parseKnownVerdicts('{"schema":1,"polypath":"0.1.0","captures":{}}') */
export const parseKnownVerdicts = (text: string): KnownVerdicts => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw new RangeError('no object of known verdicts');
  const { schema, captures } = value as Record<string, unknown>;
  if (schema !== 1) throw new RangeError(`schema is ${JSON.stringify(schema)}, not 1`);
  if (typeof captures !== 'object' || captures === null) throw new RangeError('captures is no object');
  for (const [key, verdicts] of Object.entries(captures)) {
    if (!Array.isArray(verdicts)) throw new RangeError(`captures[${JSON.stringify(key)}] is no list`);
    const wrong = verdicts.findIndex((verdict) => !isKnownVerdict(verdict));
    if (wrong !== -1) throw new RangeError(`captures[${JSON.stringify(key)}][${wrong}] is no verdict`);
  }
  return value as KnownVerdicts;
};

/**
 * How a run differs from what is known, one line each: a verdict that is `new`, `gone` or `changed`. `selects` says which requirements the
 * run was asked for: the others are not missed. A known capture that was not checked has its verdicts gone.
 *
 * @example differences(known, knownVerdicts(reports, version), () => true) // ['changed: join.pcap mptcp-1 host b RFC8684-3.2-6: pass, now fail']
 */
export const differences = (known: KnownVerdicts, now: KnownVerdicts, selects: (requirement: string) => boolean): string[] => {
  const lines: string[] = [];
  const keys = new Set([...Object.keys(known.captures), ...Object.keys(now.captures)]);
  const verdictsOf = (from: KnownVerdicts, key: string): Map<string, Outcome> => {
    const verdicts = Object.hasOwn(from.captures, key) ? from.captures[key]! : [];
    return new Map(verdicts.filter(({ requirement }) => selects(requirement)).map((verdict) => [subject(verdict), verdict.verdict]));
  };
  for (const key of keys) {
    const before = verdictsOf(known, key);
    const after = verdictsOf(now, key);
    for (const [what, verdict] of before) {
      const current = after.get(what);
      if (current === undefined) lines.push(`gone: ${key} ${what}: ${verdict}`);
      else if (current !== verdict) lines.push(`changed: ${key} ${what}: ${verdict}, now ${current}`);
    }
    for (const [what, verdict] of after) if (!before.has(what)) lines.push(`new: ${key} ${what}: ${verdict}`);
  }
  return lines;
};
