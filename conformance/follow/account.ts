/** What following hands over when it is done with a conversation, of whatever protocol: what was found, and how the report shows it. */
import { catalogues, requirement } from '../requirements/index.ts';
import type { Requirement } from '../requirements/index.ts';
import type { Conversation, Outcome, Verdict } from '../report/report.ts';
import type { Ledger, Tally } from './evidence.ts';

/** A conversation that was followed, or packets that belong to none. */
export interface Account {
  readonly protocol: Conversation['protocol'];
  readonly ledger: Ledger;
  /** `refused`: a conversation that never came to be, of which a report lists only so many. `stray`: packets of no conversation. */
  readonly standing: 'conversation' | 'refused' | 'stray';
  /** Its first addresses, for what is not listed as a conversation: `[2001:db8::1]:40000 > [2001:db8::2]:80`. */
  readonly flow: string | undefined;
  /** The ids under which the outcome of the check for this one is reported. */
  readonly idsOf: (requirement: string) => readonly string[];
  /** The conversation for the report; asked for once, if at all. */
  readonly conversation: (id: string) => Conversation;
}

/** Whether a verdict on this requirement is wanted. */
export type Wanted = (id: string) => boolean;

const outcomeFor = (tally: Tally, level: Requirement['level']): Outcome => {
  const { problem } = tally;
  if (problem === undefined) return 'pass';
  if (problem.kind === 'inconclusive') return 'inconclusive';
  return problem.kind === 'warn' || level.startsWith('SHOULD') || level === 'RECOMMENDED' || level === 'MAY' || level === 'OPTIONAL'
    ? 'warn'
    : 'fail';
};

/** The verdicts of an account, in the order of the catalogues: all, or those that speak against somebody. */
export const verdictsOf = (account: Account, conversation: string | null, wanted: Wanted, all = true): Verdict[] => {
  const verdicts: Verdict[] = [];
  for (const [decided, host, tally] of account.ledger.entries()) {
    if (!all && (tally.problem === undefined || tally.problem.kind === 'inconclusive')) continue;
    for (const id of account.idsOf(decided)) {
      const rule = requirement(id);
      if (rule === undefined || !wanted(id)) continue;
      verdicts.push(verdictOf(rule, conversation, account.flow, host, tally));
    }
  }
  // Ledgers number requirements by first use, which depends on the captures that this process has seen before.
  return verdicts.sort((x, y) => place.get(x.requirement)! - place.get(y.requirement)! || (x.host === 'a' ? -1 : 1));
};

/** The order of the catalogues. */
const place = new Map(catalogues.flatMap(({ requirements }) => requirements).map(({ id }, index) => [id, index]));

const verdictOf = (rule: Requirement, conversation: string | null, flow: string | undefined, host: 0 | 1, tally: Tally): Verdict => {
  const { problem } = tally;
  return {
    requirement: rule.id,
    section: rule.section,
    level: rule.level,
    verdict: outcomeFor(tally, rule.level),
    conversation,
    ...(conversation === null && flow !== undefined && { flow }),
    host: host === 0 ? 'a' : 'b',
    role: rule.role,
    frames: problem === undefined ? tally.passFrames : problem.frames,
    count: problem === undefined ? tally.passes : problem.count,
    expected: problem?.finding.expected ?? null,
    seen: problem?.finding.seen ?? null,
    message: problem?.finding.message ?? rule.statement,
  };
};
