/**
 * Follows a segment of a known flow after the SYNs, in a fixed order: TCP's own validity, then options in their order, then payload,
 * then FIN and RST (RFC 8684 section 3 asks for TCP's checks first).
 */
import type { MpTcprst } from '../../../codecs/mptcp/index.ts';
import { ACK, FIN, RST, SYN } from '../../../codecs/packet/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import { unwrap32 } from '../../../state-machines/mptcp/sequence.ts';
import { eachOption } from './carried.ts';
import { followPayload, hasFallenBack, takeAsFallback } from './payload.ts';
import { LARGEST_WINDOW, TWICE, mptcpOptions, stand } from './following.ts';
import type { Following } from './following.ts';
import { followThird } from './handshake.ts';
import { inconclusive } from '../evidence.ts';
import { conclude, judge } from './judge.ts';
import { answers, arrive, feedConnection, feedSubflow, feedSubflowWhenReceived, feedWhenReceived, watchOwed } from './machines.ts';
import { SKEW, other } from './model.ts';
import { isBlanked } from './options.ts';
import type { End, Flow, Here, Index, Join } from './model.ts';

/** Reason of an MP_TCPRST (section 3.6). */
const MIDDLEBOX_INTERFERENCE = 6;

/** Any segment of a followed flow after the SYNs. */
export const segmentOf = (f: Following, flow: Flow, side: Index, segment: Segment, time: number): void => {
  if (flow.connection!.ended) return;
  if (twice(f, flow.ends[side], segment, time)) {
    f.duplicates += 1;
    flow.frames += 1;
    return;
  }
  const here = stand(f, flow, side, segment, time);
  const { sent } = here;
  if (sent.known && !valid(here)) return;
  const { connection } = here;
  const options = f.options;
  const first = flow.thirdFrame === 0 && side === 0 && flow.synFrame + flow.synAckFrame > 0;
  followAck(here);
  if (connection.underway.length > 0) arrive(here);
  if (options.count === 0 && segment.headerComplete) withoutOptions(here);
  here.retransmission = segment.payloadLength > 0 && sent.known && here.ssnEnd <= sent.sentEnd;
  here.signals = options.signals;
  if (here.signals === 0) sent.signalRun = 0;
  if (options.count > 0) sent.bareRun = 0;
  else if (segment.headerComplete) sent.bareRun += 1;
  eachOption(f, here, segment, segment.payloadLength > 0 ? 'data' : 'ACK');
  if (here.foreign) return;
  if (first && flow.thirdFrame === 0) plainThird(f, here);
  if (segment.payloadLength > 0) payload(f, here);
  judge(f.watch.segment, here, undefined);
  if (here.passed !== 0) connection.ledger.passAll(here.passed, here.host, here.frame);
  if (connection.owed.length > 0) watchOwed(here);
  afterwards(f, here, segment);
};

/** A segment without any MPTCP option: regular TCP, if its sender has fallen back, or the path removes options (section 3.7). */
export const withoutOptions = (here: Here): void => {
  const { connection, flow, received, sender, receiver, host, segment } = here;
  if (connection.owed.length > 0 && sender.machine?.state === 'FALLBACK') feedConnection(here, host, { type: 'sendPlainAck' });
  if (
    (segment.flags & RST) !== 0 ||
    !connection.agreed ||
    received.dataFrame === 0 ||
    received.dataAckedFrame > 0 ||
    received.mappings.count === 0 ||
    here.acked < 2 ||
    connection.isFailing
  )
    return;
  // Data is acknowledged, and no Data ACK of any has come on this subflow.
  const joins = connection.flows.length > 1;
  const subflow = flow.kind !== 'initial' ? 'additional' : joins ? 'first' : 'only';
  if (receiver.machine?.state !== 'FALLBACK') feedWhenReceived(here, { type: 'receiveAckWithoutDataAck', subflow });
  if (subflow === 'additional') feedSubflowWhenReceived(here, { type: 'receiveAckWithoutDataAck' });
};

/** The third packet of a handshake carries neither MP_CAPABLE nor MP_JOIN. */
export const plainThird = (f: Following, here: Here): void => {
  const { flow, segment } = here;
  if ((segment.flags & RST) !== 0) return;
  if (!segment.headerComplete) {
    flow.thirdFrame = here.frame; // the snap length cut the option that it may have had
    return;
  }
  if (flow.kind === 'initial') {
    followThird(here, f.watch, f.options.count > 0 && !decodes(f, segment) ? null : undefined);
    flow.thirdFrame ||= here.frame;
  } else if (flow.kind === 'join' && flow.join?.ackFrame === 0) {
    flow.thirdFrame = here.frame;
    // The third packet has no data and comes before the acceptor says more; what comes later shows that it was not captured.
    if (here.options > 0 || segment.payloadLength > 0 || flow.ends[1].segments > 1) return;
    judge(f.watch.joinThird, here, undefined);
    feedSubflow(here, 1, { type: 'receiveAck' });
  }
};

export const decodes = (f: Following, segment: Segment): boolean => {
  return mptcpOptions(f, segment, undefined).every((each) => each.ok);
};

/** RFC 9293 section 3.10.7.4, loosely: what the receiver would not accept changes nothing. */
export const valid = (here: Here): boolean => {
  const { sent, received, ssn, ssnEnd, segment } = here;
  if (Math.abs(ssn - sent.sentEnd) > LARGEST_WINDOW) return false;
  if (received.window < 0 || sent.acked === 0) return true;
  const room = Math.max(received.largestWindow, 65_536);
  if ((segment.flags & RST) !== 0) return ssn <= sent.acked + room && ssn >= sent.acked - room;
  return ssnEnd <= sent.acked + 2 * room + segment.payloadLength && ssnEnd >= sent.acked - LARGEST_WINDOW;
};

/** Whether this frame is one that has just been captured: the same packet seen on another interface, or doubled by the network. */
export const twice = (f: Following, end: End, segment: Segment, time: number): boolean => {
  const { identification } = segment;
  let h = Math.imul(segment.sequence ^ 0x9e3779b1, 0x85ebca6b) ^ segment.acknowledgment;
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2d) ^ ((segment.window << 16) | segment.checksum);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) ^ f.options.timestamp;
  h = Math.imul(h ^ (h >>> 16), 0x9e3779b1) ^ (segment.payloadLength << 8) ^ segment.flags ^ (identification << 16);
  const { recent } = end;
  const telling = identification > 0 || segment.payloadLength > 0;
  const seen = recent[0] === h || recent[1] === h || recent[2] === h || recent[3] === h;
  if (seen && telling && time - end.recentTime < TWICE) return true;
  recent[end.recentAt++ & 3] = h;
  end.recentTime = time;
  return false;
};

/** The later of two sequence numbers on the wire (RFC 9293 section 3.4); -1 is none. */
const laterOf = (x: number, y: number): number => (x < 0 || ((y - x) | 0) > 0 ? y : x);

export const followAck = (here: Here): void => {
  const { segment, sent, received } = here;
  if ((segment.flags & ACK) === 0) return;
  here.duplicateAck =
    segment.payloadLength === 0 &&
    (segment.flags & (FIN | SYN | RST)) === 0 &&
    segment.acknowledgment === sent.lastAck &&
    segment.window === sent.lastWindow;
  sent.lastAck = segment.acknowledgment;
  sent.lastWindow = segment.window;
  // Of two segments that say the same of octets, nobody can tell which was sent first.
  here.inOrder = sent.known && here.ssnEnd > sent.sentEnd;
  if (received.known) {
    const acked = unwrap32(segment.acknowledgment - received.base, received.acked);
    if (acked > received.acked && acked - received.sentEnd < LARGEST_WINDOW) {
      received.acked = acked;
      received.ackedTime = here.time;
      here.inOrder = true;
    } else if (acked < received.acked) {
      here.inOrder = false;
    }
    here.acked = acked;
  } else {
    if (received.rawAcked >= 0 && ((segment.acknowledgment - received.rawAcked) | 0) < 0) here.inOrder = false;
    received.rawAcked = laterOf(received.rawAcked, segment.acknowledgment);
  }
  if (sent.shift >= 0) {
    sent.window = segment.window << sent.shift;
    if (sent.window > sent.largestWindow) {
      sent.largestWindow = sent.window;
      if (sent.window > here.sender.largestWindow) here.sender.largestWindow = sent.window;
    }
    if (here.inOrder || sent.window > sent.openWindow) sent.openWindow = sent.window;
  }
  if (here.flow.join?.establishedFrame === 0) followJoinAck(here);
};

/** An acknowledgement while the handshake of a join is under way (section 3.2: PRE_ESTABLISHED). */
export const followJoinAck = (here: Here): void => {
  const { flow, side, segment } = here;
  const { join } = flow;
  if (join === undefined || (segment.flags & RST) !== 0) return;
  if (side === 1 && join.ackFrame > 0) {
    if (join.earlyDataFrame > 0) judgeEarlyData(here, join);
    feedSubflow(here, 1, { type: 'sendAck' });
    feedSubflow(here, 0, { type: 'receiveAck' });
    join.establishedFrame = here.frame;
  }
};

/** Data of an opener whose third packet is not acknowledged, as far as was captured; unless it shows that it has heard of the acceptor since. */
const earlyData = (here: Here, join: Join): void => {
  if (here.acked > 1 || here.echoesUnseen) join.heardFrame ||= here.frame;
  if (join.heardFrame > 0 || join.earlyDataFrame > 0) return;
  join.earlyDataFrame = here.frame;
  join.earlyDataTime = here.time;
};

/**
 * Data came while the opener was in PRE_ESTABLISHED, as far as was captured. An ACK of the third packet that comes after it, and covers
 * none of it, shows that it was; an ACK of the data shows that an earlier one was missed.
 */
const judgeEarlyData = (here: Here, join: Join): void => {
  const { frame, time, flow, connection, acked, segment } = here;
  if (acked === 1 && segment.payloadLength === 0 && time - join.earlyDataTime >= SKEW) {
    here.frame = join.earlyDataFrame;
    feedSubflow(here, 0, { type: 'sendData' });
    here.frame = frame;
  } else {
    const missed = inconclusive('the ACK of the third packet was not captured: the first data may have come before or after it');
    conclude(connection, 'RFC8684-3.2-c', flow.hostOf(0), join.earlyDataFrame, missed);
  }
};

export const payload = (f: Following, here: Here): void => {
  const { flow, connection, sent, segment } = here;
  if (!sent.known) {
    return;
  }
  const first = sent.dataFrame === 0;
  if (first) sent.dataFrame = here.frame;
  const { state } = flow.machines[here.side] ?? {};
  // Once established, and shown to be so by the first data, no more of it means anything to the table.
  if (flow.kind === 'join' && state !== undefined && (first || state !== 'ESTABLISHED')) {
    // Whether the acceptor's ACK had come by then is for its next segments to tell: the capture may have missed it.
    if (state === 'PRE_ESTABLISHED') earlyData(here, flow.join!);
    else feedSubflow(here, here.side, { type: 'sendData' });
    feedSubflow(here, other(here.side), { type: 'receiveData' });
  }
  if (connection.refused) return;
  followPayload(here, f.watch, here.pool);
  sent.seen.add(here.ssn, here.ssn + segment.payloadLength);
  if (sent.unmapped.length > 0 && connection.agreed && hasFallenBack(connection, flow, sent)) {
    connection.fallbackFrame ||= here.frame;
    takeAsFallback(connection, flow, here.host, here.pool);
  }
};

export const afterwards = (f: Following, here: Here, segment: Segment): void => {
  const { sent } = here;
  if (!sent.known) sent.rawEnd = laterOf(sent.rawEnd, (segment.sequence + segment.payloadLength) >>> 0);
  else if (here.ssnEnd > sent.sentEnd) sent.sentEnd = here.ssnEnd;
  if ((segment.flags & FIN) !== 0) fin(f, here);
  if ((segment.flags & RST) !== 0) reset(f, here);
  const { connection, flow } = here;
  if (connection.refused && flow.ends[0].segments >= 8) f.registry.linger(connection);
};

export const fin = (f: Following, here: Here): void => {
  const { sent, flow, side } = here;
  if (sent.finAt < 0) {
    sent.finAt = here.ssnEnd;
    sent.finFrame = here.frame;
    if (sent.known && here.ssnEnd + 1 > sent.sentEnd) sent.sentEnd = here.ssnEnd + 1;
    judge(f.watch.fin, here, undefined);
    feedSubflow(here, side, { type: 'sendFin' });
    feedSubflow(here, other(side), { type: 'receiveFin' });
  }
  if (flow.closed) closed(f, here);
};

export const reset = (f: Following, here: Here): void => {
  const { sent, side } = here;
  if (sent.rstFrame === 0) {
    sent.rstFrame = here.frame;
    sent.rstTime = here.time;
    sent.rstAnswers = (here.segment.flags & ACK) === 0;
    sent.rstBlanked = isBlanked(here.segment);
    const why = reason(f, here.segment);
    if (why?.reason === MIDDLEBOX_INTERFERENCE && here.connection.underway.length > 0) answers(here, ['receiveAckWithoutDataAck']);
    judge(f.watch.rst, here, { reason: why });
    feedSubflow(here, side, { type: 'sendRst' });
    feedSubflow(here, other(side), { type: 'receiveRst' });
    if (here.connection.flows.every((each) => each.closed)) feedConnection(here, other(here.host), { type: 'receiveRst' });
  }
  closed(f, here);
};

export const reason = (f: Following, segment: Segment): MpTcprst | undefined => {
  const found = mptcpOptions(f, segment, 1).find((each) => each.ok && each.value.kind === 'MP_TCPRST');
  return found?.ok === true && found.value.kind === 'MP_TCPRST' ? found.value : undefined;
};

export const closed = (f: Following, here: Here): void => {
  const { connection } = here;
  if (!connection.flows.every((flow) => flow.closed)) return;
  if (!connection.allClosed) {
    connection.allClosed = true;
    feedConnection(here, 0, { type: 'allSubflowsClosed' });
    feedConnection(here, 1, { type: 'allSubflowsClosed' });
  }
  f.registry.linger(connection);
};
