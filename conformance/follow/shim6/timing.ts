/**
 * What is judged from the times and the order of packets holds at the host that sent them: elsewhere the network has its part in both. Where a capture was taken
 * is not written in it, but seen by how long a host takes for what it answers at once: findings of this kind wait for that until the context is over.
 */
import { I1_RETRIES_MAX } from '../../../state-machines/shim6/index.ts';
import { inconclusive, slotOf } from '../evidence.ts';
import type { Finding } from '../evidence.ts';
import { keep } from '../check.ts';
import { other } from './context.ts';
import type { Context, Index } from './context.ts';

/** A host is near where it never took longer for an answer, in ms: then packets are not delayed between it and the capture by more than that, either. */
export const NEAR = 100;

/** Held findings of a context at most; any more are left out, as the ones that are held decide. */
const HELD = 256;

/** What a host says upon what has come before. */
const ORDERED: ReadonlySet<number> = new Set(
  ['RFC5534-5.2-e', 'RFC5534-6-1', 'RFC5534-6.1-1', 'RFC5534-6.7-a', 'RFC5534-6.8-a'].map(slotOf),
);

/** What times and order decide. */
const TIMED: ReadonlySet<number> = new Set([
  ...ORDERED,
  ...[
    'RFC5533-7.8-a',
    'RFC5533-7.11-2',
    'RFC5533-7.12-2',
    'RFC5533-7.19-2',
    'RFC5533-10.3-a',
    'RFC5533-14-a',
    'RFC5533-14-b',
    'RFC5533-14-c',
    'RFC5533-14-d',
    'RFC5534-4.1-2',
    'RFC5534-4.3-2',
    'RFC5534-4.3-a',
    'RFC5534-5.2-d',
  ].map(slotOf),
]);

const FAR = 'between the host and the capture the network may have delayed, doubled or reordered what it sent';

/** A finding that waits; `host` is whom it is about. */
export interface Held {
  readonly finding: Finding;
  readonly slot: number;
  readonly host: Index;
  readonly frame: number;
  /** What it rests on may have come in another order. */
  isDoubtful: boolean;
}

/** A host has answered at once what was captured at `asked`. */
export const noteAnswer = (context: Context, host: Index, asked: number, answered: number): void => {
  const end = context.ends[host];
  end.slowest = Math.max(end.slowest ?? 0, answered - asked);
};

/** Whether a finding has to wait, and keeps it. */
export const holds = (context: Context, held: Omit<Held, 'isDoubtful'>): boolean => {
  if (held.finding.kind === 'inconclusive' || !TIMED.has(held.slot)) return false;
  if (context.held.length < HELD) context.held.push({ ...held, isDoubtful: false });
  return true;
};

/** What was captured after these frames may have come before them. */
export const doubtOrder = (context: Context, frames: readonly number[]): void => {
  for (const held of context.held) if (ORDERED.has(held.slot) && frames.includes(held.frame)) held.isDoubtful = true;
};

/**
 * Whether packets come from a host to the capture as it sends them. Where it has answered nothing, the other one may have: then the capture is there. Where
 * neither has, who sends as many I1s as section 7.8 allows has got no answer: none was missed. Anything else may be one direction, captured anywhere.
 */
export const isNear = (context: Context, host: Index): boolean => {
  const { slowest } = context.ends[host];
  if (slowest !== undefined) return slowest <= NEAR;
  const isUnheard = context.isUnanswered && context.i1s.list.every((sent) => sent.host === host && sent.copies > I1_RETRIES_MAX);
  return context.ends[other(host)].slowest === undefined && context.isFromStart && isUnheard;
};

/** Decides what was held. */
export const settleTimes = (context: Context): void => {
  const { ledger, held } = context;
  for (const { finding, slot, host, frame, isDoubtful } of held) {
    const judgement = isNear(context, host) && !isDoubtful ? finding : inconclusive(FAR);
    keep(ledger, slot, host, frame, judgement);
  }
};
