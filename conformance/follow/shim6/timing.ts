/**
 * What is judged from the times and the order of packets holds at the host that sent them: elsewhere the network has its part in both. Where a capture was taken
 * is not written in it, but seen by how long a host takes for what it answers at once, or by hop limits: findings of this kind wait for that until the context is over.
 */
import type { Sighting } from '../../observe.ts';
import { inconclusive, slotOf } from '../evidence.ts';
import type { Finding } from '../evidence.ts';
import { keep } from '../check.ts';
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
    'RFC5533-7.2-3',
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
    'RFC5534-6.8-b',
    'RFC5534-6.9-a',
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
  end.answers += 1;
  end.slowest = Math.max(end.slowest, answered - asked);
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

/** What hosts begin to count hops from. */
const INITIAL_HOP_LIMITS: readonly number[] = [64, 128, 255];

/** A packet of a host was captured: before any router has forwarded it, or behind one. What is in a tunnel does not tell. */
export const noteHops = (context: Context, host: Index, { packet, outer }: Pick<Sighting, 'packet' | 'outer'>): void => {
  context.ends[host].isOnLink &&= outer.length === 0 && INITIAL_HOP_LIMITS.includes(packet.hopLimit);
};

/** So many answers at once are no chance, where a router lies between. */
const ANSWERS = 3;

/** Whether packets come from a host to the capture as it sends them: it answers at once, and either no router lies between or it does so time and again. */
export const isNear = (context: Context, host: Index): boolean => {
  const { slowest, answers, isOnLink } = context.ends[host];
  return slowest <= NEAR && (isOnLink || answers >= ANSWERS);
};

/** Decides what was held. */
export const settleTimes = (context: Context): void => {
  const { ledger, held } = context;
  for (const { finding, slot, host, frame, isDoubtful } of held) {
    const judgement = isNear(context, host) && !isDoubtful ? finding : inconclusive(FAR);
    keep(ledger, slot, host, frame, judgement);
  }
};
