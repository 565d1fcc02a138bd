/**
 * A flow captured on both sides of a firewall that moves its sequence numbers (RFC 8684 section 3.3.1, l.1441): every packet comes twice, under
 * one pair of addresses and ports, and the two differ in their numbers. One view is followed; the other one's packets are duplicates.
 */
import { ACK } from '../../../codecs/packet/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import { unwrap32 } from '../../../state-machines/mptcp/sequence.ts';
import { TWICE } from './following.ts';
import { other } from './model.ts';
import type { Flow, Index } from './model.ts';

/** Whether this SYN is one that has just been captured, under another sequence number. */
export const isSynOfOtherView = (flow: Flow, again: Flow): boolean =>
  flow.synFrame > 0 &&
  flow.otherBases === undefined &&
  again.firstTime - flow.firstTime < TWICE &&
  (flow.kind === 'syn' || (!flow.closed && flow.ends.every((end) => end.dataFrame === 0))) &&
  (flow.offered === undefined) === (again.offered === undefined) &&
  flow.offered?.senderKey === again.offered?.senderKey &&
  flow.join?.openerNonce === again.join?.openerNonce &&
  flow.join?.token === again.join?.token;

/** The SYN/ACK answers the SYN of the other view: that one is followed from here on. */
export const followOtherView = (flow: Flow, segment: Segment): void => {
  const sequence = flow.otherBases?.[0];
  if (sequence === undefined || sequence !== (segment.acknowledgment - 1) >>> 0) return;
  flow.otherBases = [flow.synSequence, undefined];
  flow.synSequence = sequence;
};

/** Whether this SYN/ACK is one that has just been captured, under other numbers: they are the other view's. */
export const isSynAckOfOtherView = (flow: Flow, segment: Segment, time: number): boolean => {
  const [opener, acceptor] = flow.ends;
  const base = (segment.acknowledgment - 1) >>> 0;
  if (time - flow.firstTime > TWICE || flow.closed || opener.dataFrame + acceptor.dataFrame > 0 || !acceptor.known) return false;
  if (acceptor.base === segment.sequence && opener.base === base) return false;
  flow.otherBases = [base, segment.sequence];
  return true;
};

/** How far a number lies from what is expected, if relative numbers start at `base`. */
const away = (value: number, base: number, near: number): number => Math.abs(unwrap32(value - base, near) - near);

/** Whether a segment has the numbers of the other view. */
export const isOfOtherView = (flow: Flow, side: Index, segment: Segment): boolean => {
  const sent = flow.ends[side];
  const received = flow.ends[other(side)];
  const base = flow.otherBases![side];
  if (base !== undefined && base !== sent.base)
    return away(segment.sequence, base, sent.sentEnd) < away(segment.sequence, sent.base, sent.sentEnd);
  const peer = flow.otherBases![other(side)];
  if (peer === undefined || (segment.flags & ACK) === 0) return false;
  return away(segment.acknowledgment, peer, received.acked) < away(segment.acknowledgment, received.base, received.acked);
};
