/** How the catalogues are written down: one line of data per requirement, read top to bottom as the RFC is. */
import type { Catalogue, Disposition, Level, Requirement, Role } from './requirement.ts';

/** What decides a requirement: its own disposition, or that of the requirement it restates. */
export type Decision =
  | { readonly disposition: Disposition; readonly reason?: string; readonly tests?: readonly string[] }
  | { readonly sameAs: string };

/**
 * A requirement as a catalogue writes it: `ref` is the id without its RFC, `3.1-2`.
 * Role and statement may be left out where `decision` names a requirement of which they are the same.
 */
export interface Draft {
  readonly level: Level;
  readonly ref: string;
  readonly line: number;
  readonly role?: Role;
  readonly statement?: string;
  readonly decision: Decision;
}

/** Decided from a capture. */
export const capture: Decision = { disposition: 'capture' };

/** What a MAY allows: neither doing it nor leaving it is a breach. */
export const permission: Decision = { disposition: 'unobservable', reason: 'A permission: neither using it nor leaving it is a breach.' };

/** Decided by an endpoint that provokes the case; `reason` says what it takes. */
export const live = (reason: string): Decision => ({ disposition: 'live', reason });

/** Not decided from outside the host; `reason` says what hides it. */
export const unobservable = (reason: string): Decision => ({ disposition: 'unobservable', reason });

/** Enforced by our own machine; `reason` says what hides it from a capture, `tests` which tests show it: `test/state-machines/reap.test.ts: name of the test`. */
export const machine = (reason: string, ...tests: readonly string[]): Decision => ({ disposition: 'machine', reason, tests });

/** Decided by whatever decides `id` (a full id, `RFC8684-3-2`), which says the same. */
export const sameAs = (id: string): Decision => ({ sameAs: id });

const sentence =
  (level: Level) =>
  (ref: string, line: number, role: Role, statement: string, decision: Decision): Draft => ({
    level,
    ref,
    line,
    role,
    statement,
    decision,
  });

/** One function per level; `ref` is the id without its RFC, `line` that of the RFC's text. `must('3.1-12', 907, 'any host', '…', capture)`. */
export const must = sentence('MUST');
export const mustNot = sentence('MUST NOT');
export const should = sentence('SHOULD');
export const shouldNot = sentence('SHOULD NOT');
export const recommended = sentence('RECOMMENDED');
export const may = sentence('MAY');
export const rule = sentence('RULE');

/**
 * A requirement that an RFC has in common with another one: who is bound, and unless `statement` is given to what, stands there.
 * `restated('MUST NOT', '3.1-4', 813, 'RFC8684-3.1-10')`.
 */
export const restated = (level: Level, ref: string, line: number, id: string, statement?: string): Draft => ({
  level,
  ref,
  line,
  ...(statement === undefined ? {} : { statement }),
  decision: sameAs(id),
});

/**
 * A catalogue from its drafts. What a draft leaves to the requirement it restates is taken from there: among `drafts`, or in `others`.
 * Throws a `RangeError` that names the id when an id comes twice, what is restated does not exist, or restatements form a circle.
 */
export function catalogue(rfc: number, title: string, drafts: readonly Draft[], ...others: readonly Catalogue[]): Catalogue {
  const byId = new Map<string, Draft>();
  for (const draft of drafts) {
    const id = `RFC${rfc}-${draft.ref}`;
    if (byId.has(id)) throw new RangeError(`${id} is listed twice`);
    byId.set(id, draft);
  }
  const done = new Map<string, Requirement>(
    others.flatMap(({ requirements }) => requirements).map((requirement) => [requirement.id, requirement]),
  );
  const complete = (id: string, from: readonly string[]): Requirement => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const draft = byId.get(id);
    if (draft === undefined) throw new RangeError(`${from.at(-1)} restates ${id}, which does not exist`);
    if (from.includes(id)) throw new RangeError(`${id} restates itself: ${[...from, id].join(', ')}`);
    const { level, ref, line, decision } = draft;
    const target = 'sameAs' in decision ? complete(decision.sameAs, [...from, id]) : undefined;
    const role = draft.role ?? target?.role;
    const statement = draft.statement ?? target?.statement;
    const decided = 'sameAs' in decision ? target : decision;
    if (role === undefined || statement === undefined || decided === undefined) throw new RangeError(`${id} has no role or statement`);
    const requirement: Requirement = {
      id,
      section: ref.slice(0, ref.lastIndexOf('-')),
      level,
      role,
      disposition: decided.disposition,
      ...(decided.reason === undefined ? {} : { reason: decided.reason }),
      ...(decided.tests === undefined ? {} : { tests: decided.tests }),
      statement,
      line,
      ...('sameAs' in decision ? { sameAs: decision.sameAs } : {}),
    };
    done.set(id, requirement);
    return requirement;
  };
  return { rfc, title, requirements: [...byId.keys()].map((id) => complete(id, [])) };
}
