/** Follows how a TCP connection opens: SYN, SYN/ACK, and what begins in the middle. Which option they carry decides what it becomes. */
import { copyOf } from '../../../codecs/bytes.ts';
import { decodeMptcpOption } from '../../../codecs/mptcp/index.ts';
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import { ACK, RST } from '../../../codecs/packet/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import { malformedSyn, otherOptions } from './carried.ts';
import { opensAnother } from './adopting.ts';
import { TWICE, attach, checksumOf, forget, hasRoom, learnSyn, mptcpOptions, newFlow, stand } from './following.ts';
import type { Following } from './following.ts';
import { followSynAck, learnFirstAddresses } from './handshake.ts';
import { newJoin } from './join.ts';
import { joinNobody, joinSynAck, joinTo, refusedJoin } from './joining.ts';
import { Flow } from './model.ts';
import type { Connection } from './model.ts';
import { readOptions, MP_CAPABLE, subtypeAt } from './options.ts';
import { afterwards, segmentOf } from './segments.ts';
import { followOtherView, isSynAckOfOtherView, isSynOfOtherView } from './views.ts';

/** Half-open attempts that are remembered. */
const ATTEMPTS = 8192;
/** Second views of subflows that are remembered. */
const MIRRORS = 2048;
/** Attempts whose TCP Fast Open octets are remembered, and how many octets of each: more than any MSS. */
const FAST_OPENS = 256;
const FAST_OPEN = 16_384;

/** A SYN: a new attempt, the same once more, or a new connection under old addresses and ports. */
export const syn = (f: Following, segment: Segment, known: Flow | undefined, time: number): void => {
  if (known !== undefined) {
    const over = known.kind !== 'syn' && known.closed && time - known.lastTime > TWICE;
    const unseen = known.synFrame === 0 && known.kind !== 'syn' && known.ends[0].known && known.ends[0].base === segment.sequence;
    const same = unseen || (known.synSequence === segment.sequence && known.synFrame > 0);
    if (same && f.table.side === 0 && !over) {
      known.frames += 1;
      if (known.kind !== 'syn') {
        if (!known.mirror) stand(f, known, 0, segment, time);
      } else if (known.offered === undefined && known.join === undefined && f.options.count > 0) {
        // SYNs with and without MPTCP may be reordered (section 3.1): either may be the one that is answered.
        known.synFrame = f.frames;
        offer(f, known, segment, time);
      }
      return;
    }
    const again = new Flow(segment, f.frames, time);
    readSynOptions(f, again, segment, time);
    if (f.table.side === 0 && (known.otherBases?.[0] === segment.sequence || isSynOfOtherView(known, again))) {
      known.otherBases ??= [segment.sequence, undefined];
      known.frames += 1;
      f.duplicates += 1;
      return;
    }
    forget(f, known);
  }
  const flow = new Flow(segment, f.frames, time);
  flow.synFrame = f.frames;
  flow.synSequence = segment.sequence;
  flow.synWindow = segment.window;
  flow.synShift = f.options.shift;
  flow.synMss = f.options.mss;
  flow.synChecksum = checksumOf(segment);
  flow.frames = 1;
  flow.lastFrame = f.frames;
  flow.lastTime = time;
  if (segment.payloadLength > 0) {
    flow.fastOpen = copyOf(segment.bytes, segment.payload, Math.min(segment.payloadEnd, segment.payload + FAST_OPEN));
    flow.fastOpenLength = segment.payloadLength;
    const slot = f.fastOpens.length < FAST_OPENS ? f.fastOpens.length : f.frames % FAST_OPENS;
    const before = f.fastOpens[slot];
    if (before !== undefined && f.attempts.has(before)) before.fastOpen = new Uint8Array(0);
    f.fastOpens[slot] = flow;
  }
  f.table.add(segment, flow);
  f.attempts.add(flow);
  offer(f, flow, segment, time);
  if (f.attempts.size > ATTEMPTS) {
    forget(f, f.attempts.oldest!);
    f.registry.note('attempts', `only the last ${ATTEMPTS} unanswered connection attempts were remembered at a time`);
  }
};

/** What the options of a SYN offer: a connection, or a subflow of one. */
const offer = (f: Following, flow: Flow, segment: Segment, time: number): void => {
  readSynOptions(f, flow, segment, time);
  const found = flow.join === undefined ? undefined : f.registry.connectionWithToken(flow.join.token);
  if (found !== undefined && isSeenBefore(found.connection, flow)) setAside(f, flow);
  else if (found !== undefined && hasRoom(f, found.connection)) joinTo(f, flow, found, segment, time);
};

/** The same SYN with MP_JOIN seen on the other side of a NAT: it has the random number and the sequence number of one just sent. */
const isSeenBefore = ({ flows }: Connection, { join, synSequence, firstTime }: Flow): boolean =>
  flows.some(
    (each) =>
      each.join !== undefined &&
      each.join.openerNonce === join!.openerNonce &&
      each.synSequence === synSequence &&
      firstTime - each.firstTime < TWICE,
  );

/** Another view of a subflow that is followed already. */
const setAside = (f: Following, flow: Flow): void => {
  f.mirrors.add(flow);
  if (f.mirrors.size > MIRRORS) {
    const { oldest } = f.mirrors;
    f.mirrors.delete(oldest!);
    f.table.remove(oldest!);
  }
  flow.open();
  flow.mirror = true;
  flow.kind = 'unknown';
  f.duplicates += flow.frames;
};

export const readSynOptions = (f: Following, flow: Flow, segment: Segment, time: number): void => {
  if (!segment.headerComplete && f.options.count === 0) flow.offered = null;
  for (let i = 0; i < f.options.count; i += 1) {
    const at = f.options.offsets[i]!;
    const subtype = subtypeAt(segment, at);
    const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, undefined);
    if (!option.ok) {
      flow.synError = option.error;
      flow.synLength = segment.bytes[at + 1]!;
      flow.synSubtype = subtype;
      if (subtype === MP_CAPABLE) flow.offered ??= null;
    } else if (option.value.kind === 'MP_CAPABLE') {
      flow.offered = option.value;
    } else if (option.value.kind === 'MP_JOIN' && option.value.segment === 'SYN') {
      flow.kind = 'syn';
      flow.join = newJoin(option.value, f.frames, time);
      flow.joinSyn = option.value;
    } else if (option.value.kind === 'MP_JOIN') {
      // The form of another packet: its token and random number are anybody's guess.
      flow.synError = {
        code: 'bad-length',
        offset: 1,
        message: `An MP_JOIN in the form for a ${option.value.segment} travels on a SYN.`,
        section: 'RFC 8684 section 3.2',
      };
      flow.synLength = segment.bytes[at + 1]!;
      flow.synSubtype = subtype;
    }
  }
};

export const synAck = (f: Following, segment: Segment, known: Flow | undefined, time: number): void => {
  const { count } = f.options;
  let flow = known;
  if (flow !== undefined && flow.kind !== 'syn' && !flow.mirror && count > 0 && opensAnother(flow, segment)) {
    forget(f, flow);
    flow = undefined;
  }
  if (flow === undefined) {
    if (count === 0) return;
    // The SYN was not captured. Side 0 is who sent it.
    flow = newFlow(f, segment, time, 1);
  } else if (flow.kind === 'syn') {
    if (f.table.side !== 1) return;
    followOtherView(flow, segment);
    if (flow.synSequence !== (segment.acknowledgment - 1 - flow.fastOpenLength) >>> 0 && flow.fastOpenLength === 0) {
      const distance = (segment.acknowledgment - 1 - flow.synSequence) | 0;
      if (distance !== 0) return; // answers another SYN
    }
    f.attempts.delete(flow);
    if (count === 0 && flow.offered === undefined && flow.join === undefined) {
      f.table.remove(flow); // regular TCP: none of ours
      return;
    }
  } else {
    if (flow.mirror || (f.table.side === 1 && isSynAckOfOtherView(flow, segment, time))) {
      f.duplicates += 1;
      flow.frames += 1;
    } else stand(f, flow, f.table.side, segment, time);
    return;
  }
  const decoded = mptcpOptions(f, segment, undefined);
  const capable = decoded.find((each) => each.ok && each.value.kind === 'MP_CAPABLE');
  const join = decoded.find((each) => each.ok && each.value.kind === 'MP_JOIN');
  const answered =
    capable?.ok === true && capable.value.kind === 'MP_CAPABLE' ? capable.value : decoded.some((each) => !each.ok) ? null : undefined;
  if (count === 0 && flow.kind === 'syn' && flow.offered !== undefined && !segment.headerComplete) {
    // The snap length cut its options: what it answers is as unknown as if it had not been captured.
    f.attempts.add(flow);
    return;
  }
  if (isMirror(f, flow, answered, segment)) {
    setAside(f, flow);
    f.duplicates += 1;
    return;
  }
  flow.open();
  if (flow.join !== undefined || (join !== undefined && flow.offered === undefined)) joinSynAck(f, flow, segment, time);
  else capableSynAck(f, flow, segment, time, answered);
};

/** The same handshake seen beyond a NAT, or on another interface with other addresses: it has the key of a connection just opened. */
export const isMirror = (f: Following, flow: Flow, answered: MpCapable | null | undefined, segment: Segment): boolean => {
  if (answered?.senderKey === undefined) return false;
  const twin = f.registry.connectionWithKey(answered.senderKey);
  const initial = twin?.initial;
  return (
    initial !== undefined &&
    initial.synFrame > 0 &&
    flow.synFrame > 0 &&
    flow.firstTime - initial.firstTime < TWICE &&
    initial.ends[1].base === segment.sequence
  );
};

export const capableSynAck = (f: Following, flow: Flow, segment: Segment, time: number, answered: MpCapable | null | undefined): void => {
  const connection = f.registry.open();
  flow.kind = 'initial';
  attach(f, connection, flow, 0);
  learnSyn(f, flow, segment);
  const here = stand(f, flow, 1, segment, time);
  malformedSyn(f, here);
  followSynAck(here, f.watch, answered);
  if (flow.fastOpen !== undefined && answered) fastOpen(flow, segment);
  f.registry.index(connection);
  otherOptions(f, here, segment, MP_CAPABLE);
  afterwards(f, here, segment);
};

/** What of the SYN's data was accepted belongs to the application, but not to the data sequence space (appendix B.2). */
export const fastOpen = (flow: Flow, segment: Segment): void => {
  const accepted = (segment.acknowledgment - 1 - flow.synSequence) >>> 0;
  if (accepted === 0 || accepted > flow.fastOpenLength) return;
  const host = flow.connection!.hosts[0];
  host.fastOpen = { octets: flow.fastOpen!.subarray(0, accepted), length: accepted };
};

/** Whether a segment can only be the third packet of a handshake: no data, and MP_CAPABLE or MP_JOIN in the form for that packet. */
const isThird = (f: Following, segment: Segment): boolean =>
  segment.payloadLength === 0 &&
  mptcpOptions(f, segment, undefined).some(
    (each) =>
      each.ok &&
      ((each.value.kind === 'MP_CAPABLE' && each.value.receiverKey !== undefined) ||
        (each.value.kind === 'MP_JOIN' && each.value.segment === 'ACK')),
  );

/** A segment of an attempt whose SYN/ACK was not captured, or its refusal. */
export const withoutSynAck = (f: Following, flow: Flow, segment: Segment, time: number): void => {
  const { side } = f.table;
  readOptions(segment, f.options);
  if ((segment.flags & RST) !== 0) {
    f.attempts.delete(flow);
    if (flow.join === undefined) {
      f.table.remove(flow);
      return;
    }
    refusedJoin(f, flow, segment, time, side);
    return;
  }
  if (side === 0 && flow.joinSyn === undefined && f.options.count === 0 && flow.offered === undefined) {
    f.attempts.delete(flow);
    f.table.remove(flow);
    return;
  }
  if (side !== 0 || (segment.flags & ACK) === 0) return;
  f.attempts.delete(flow);
  flow.open();
  const [opener, acceptor] = flow.ends;
  Object.assign(opener, { known: true, base: flow.synSequence, sentEnd: 1, acked: 1, window: flow.synWindow });
  // The third packet acknowledges the SYN/ACK and nothing more; a later one may acknowledge data.
  if (isThird(f, segment)) Object.assign(acceptor, { known: true, base: (segment.acknowledgment - 1) >>> 0, sentEnd: 1, acked: 0 });
  if (flow.join === undefined) {
    const connection = f.registry.open();
    flow.kind = 'initial';
    attach(f, connection, flow, 0);
    learnFirstAddresses(connection, flow, f.frames);
    connection.synCapable = flow.offered;
    if (flow.offered) connection.version = flow.offered.version === 0 ? 0 : 1;
  } else {
    flow.kind = 'join';
    if (flow.connection === undefined) joinNobody(f, flow);
  }
  segmentOf(f, flow, 0, segment, time);
};
