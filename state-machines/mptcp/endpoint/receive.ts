/** A segment of a subflow, as it comes: TCP's checks first (RFC 9293 section 3.10.7.4), then MPTCP's options, payload and FIN (RFC 8684 section 3). */
import type { Dss } from '../../../codecs/mptcp/index.ts';
import { ACK, FIN, RST, SYN } from '../../../codecs/packet/index.ts';
import { isAcceptable, isStale, judgeAck, judgeRst } from '../../tcp/index.ts';
import { unwrap32 } from '../sequence.ts';
import type { SegmentOption, TcpSegment } from '../segment.ts';
import type { Core } from './core.ts';
import { deliver, deliverHeld } from './deliver.ts';
import { provesJoin, receiveSynAck, receiveThird } from './handshake.ts';
import { answerMpFail, checksumFailed, endSubflow, noteLast, REASON, receiveSignals, resetSubflow } from './signals.ts';
import type { Subflow } from './subflow.ts';
import { reasonOf } from './transmit.ts';

/** An old acknowledgment is allowed to lie this far outside a window of zero. */
const LENIENCE = 0xffff;

/** What a segment brings, besides its TCP header, in one pass over its options. */
interface Opened {
  time: number;
  echo: number;
  dss: Dss | undefined;
  /** MPTCP options other than DSS: the segment is then no duplicate acknowledgment (section 3). */
  others: boolean;
  mptcp: boolean;
}

const NO_TIME = -1;

const open = (options: readonly SegmentOption[]): Opened => {
  const opened: Opened = { time: NO_TIME, echo: 0, dss: undefined, others: false, mptcp: false };
  for (const option of options) {
    switch (option.kind) {
      case 'TIMESTAMPS':
        opened.time = option.value;
        opened.echo = option.echoReply;
        break;
      case 'DSS':
        opened.dss = option;
        opened.mptcp = true;
        break;
      case 'MSS':
      case 'WINDOW_SCALE':
      case 'SACK':
      case 'SACK_PERMITTED':
      case 'NOP':
      case 'END':
      case 'FAST_OPEN':
      case 'OTHER':
        break;
      default:
        opened.others = true;
        opened.mptcp = true;
    }
  }
  return opened;
};

/** Takes a segment of a subflow. */
export const receiveOn = (core: Core, subflow: Subflow, segment: TcpSegment): void => {
  const { flags, options, payload } = segment;
  subflow.heardAt = core.now;
  core.unheard = 0;
  if (subflow.tcp.state === 'SYN_SENT') {
    receiveInSynSent(core, subflow, segment);
    return;
  }
  const sequence = unwrap32(segment.sequence - subflow.irs, subflow.seen.next);
  const opened = open(options);
  if ((flags & RST) !== 0) {
    receiveRst(core, subflow, sequence, options);
    return;
  }
  if ((flags & SYN) !== 0) {
    receiveSynAgain(core, subflow, segment, sequence);
    return;
  }
  if ((flags & ACK) === 0) return;
  if (subflow.timestamps && opened.time !== NO_TIME) {
    if (isStale(opened.time, subflow.recentTimestamp)) {
      subflow.ackNow = true;
      return;
    }
    if (sequence <= subflow.seen.next) subflow.recentTimestamp = opened.time;
  }
  const length = payload.length + (flags & FIN);
  const window = windowOf(core, subflow);
  if (!isAcceptable(sequence, length, subflow.seen.next, length === 0 ? Math.max(window, LENIENCE) : window)) {
    subflow.ackNow = true;
    // Its payload is old, or too far ahead; but a third packet that comes again is to be seen, and a signal that has been lost before.
    if (sequence + length > subflow.seen.next || subflow.tcp.state === 'SYN_RECEIVED') return;
  }
  receiveAck(core, subflow, segment, opened, sequence);
};

/** The window in which segments are taken: the connection's (section 3.3.4). */
const windowOf = ({ receiving, settings }: Core, { toldEdge, seen }: Subflow): number =>
  settings.separateWindows === undefined ? Math.max(0, receiving.edge - receiving.next) : toldEdge - seen.next;

const receiveInSynSent = (core: Core, subflow: Subflow, segment: TcpSegment): void => {
  const acknowledges = (segment.flags & ACK) !== 0 && ((segment.acknowledgment - subflow.iss) | 0) === 1;
  if ((segment.flags & RST) === 0) {
    receiveSynAck(core, subflow, segment);
    return;
  }
  if (!acknowledges) return;
  ended(core, subflow, segment.options);
};

/** A RST that is to be heeded. */
const ended = (core: Core, subflow: Subflow, options: readonly SegmentOption[]): void => {
  const reason = options.find((option) => option.kind === 'MP_TCPRST');
  const fastclose = options.some(({ kind }) => kind === 'MP_FASTCLOSE');
  core.feedTcp(subflow, { type: 'receiveRst', exact: true });
  core.feedSubflow(subflow, { type: 'receiveRst' });
  if (core.local !== undefined && core.remote !== undefined) receiveSignals(core, subflow, options, true);
  endSubflow(core, subflow, 'rstReceived', reason?.reason);
  if (core.context.state === 'FASTCLOSE_WAIT' && !fastclose) core.feed({ type: 'receiveRst' }, subflow);
  else noteLast(core, 'rstReceived');
};

const receiveRst = (core: Core, subflow: Subflow, sequence: number, options: readonly SegmentOption[]): void => {
  const verdict = judgeRst(sequence, subflow.seen.next, windowOf(core, subflow));
  if (verdict === 'exact') ended(core, subflow, options);
  else if (verdict === 'inWindow') core.feedTcp(subflow, { type: 'receiveRst', exact: false });
};

const receiveSynAgain = (core: Core, subflow: Subflow, segment: TcpSegment, sequence: number): void => {
  if ((segment.flags & ACK) === 0) {
    core.feedTcp(subflow, { type: 'receiveSyn', again: sequence === 0 });
    return;
  }
  // The peer has not got the third packet.
  core.feedTcp(subflow, { type: 'receiveSynAck', acknowledges: true });
  if (sequence !== 0) return;
  const join = segment.options.find((option) => option.kind === 'MP_JOIN');
  if (subflow.initial && segment.options.some(({ kind }) => kind === 'MP_CAPABLE')) core.feed({ type: 'receiveCapableSynAck' }, subflow);
  else if (join !== undefined && subflow.opener) core.feedSubflow(subflow, { type: 'receiveJoinSynAck', hmac: 'valid' });
};

/** Third packet of the handshake; false where the segment is dropped. */
const receiveThirdPacket = (core: Core, subflow: Subflow, segment: TcpSegment, acknowledgment: number): boolean => {
  if (acknowledgment !== 1) return false;
  if (subflow.initial) {
    if (!receiveThird(core, subflow, segment)) return false;
    core.feedTcp(subflow, { type: 'receiveAckOfSyn' });
    core.edge = Math.max(core.edge, 1 + segment.window * 2 ** subflow.peerShift);
    return true;
  }
  const join = segment.options.find((option) => option.kind === 'MP_JOIN');
  core.feedTcp(subflow, { type: 'receiveAckOfSyn' });
  if (!core.accepts()) {
    resetSubflow(core, subflow, reasonOf(core, REASON.prohibited));
    return false;
  }
  if (join?.segment === 'ACK')
    core.feedSubflow(subflow, {
      type: 'receiveJoinAck',
      hmac: provesJoin(core, subflow, join.senderTruncatedHmac) ? 'valid' : 'wrong',
    });
  else core.feedSubflow(subflow, { type: 'receiveAck' });
  return !subflow.isGone;
};

const receiveAck = (core: Core, subflow: Subflow, segment: TcpSegment, opened: Opened, sequence: number): void => {
  const { send } = subflow;
  const { flags, payload, options } = segment;
  const acknowledgment = unwrap32(segment.acknowledgment - subflow.iss, send.unacknowledged);
  const window = segment.window * 2 ** subflow.peerShift;
  if (subflow.tcp.state === 'SYN_RECEIVED') {
    if (!receiveThirdPacket(core, subflow, segment, acknowledgment)) return;
  } else if (opened.mptcp) receiveHandshakeAgain(core, subflow, options);
  const verdict = judgeAck(acknowledgment, send.unacknowledged, send.next, send.largestWindow);
  if (verdict === 'ahead' || verdict === 'old') {
    core.challenge(subflow);
    return;
  }
  if (subflow.context.state === 'PRE_ESTABLISHED' && !options.some(({ kind }) => kind === 'MP_JOIN'))
    core.feedSubflow(subflow, { type: 'receiveAck' });
  if (opened.others && !receiveSignals(core, subflow, options, false)) return;
  if (core.context.state === 'M_CLOSED' && core.context.ending !== 'dataFin') return;

  if (opened.dss !== undefined && !core.isPlain) receiveDss(core, subflow, opened.dss, sequence, window, payload.length);
  else if (opened.dss !== undefined && core.isPlain) receiveDssInFallback(core, subflow, opened.dss, sequence);
  else if (payload.length > 0 && !core.isPlain) receiveCapableMapping(core, subflow, options);
  if (subflow.isGone) return;
  const dataAck = opened.dss?.dataAck;
  acknowledge(core, subflow, verdict, acknowledgment, opened, payload.length + (flags & FIN), window);
  if (subflow.isGone) return;
  send.edge = Math.max(send.edge, acknowledgment + window);
  send.largestWindow = Math.max(send.largestWindow, window);
  subflow.lastWindow = window;
  if (dataAck !== undefined) subflow.lastDataAck = Number(dataAck & 0xffff_ffffn);
  if (payload.length > 0) receivePayload(core, subflow, sequence, payload);
  if ((flags & FIN) !== 0 && !subflow.isGone) receiveFin(core, subflow, sequence + payload.length);
  else if (subflow.finAt !== Infinity && !subflow.finReceived && !subflow.isGone) receiveFin(core, subflow, subflow.finAt);
};

/** The third packet once more: its sender has not got the answer. */
const receiveHandshakeAgain = (core: Core, subflow: Subflow, options: readonly SegmentOption[]): void => {
  for (const option of options) {
    if (option.kind === 'MP_JOIN' && option.segment === 'ACK')
      core.feedSubflow(subflow, {
        type: 'receiveJoinAck',
        hmac: core.remote !== undefined && provesJoin(core, subflow, option.senderTruncatedHmac) ? 'valid' : 'wrong',
      });
    else if (option.kind === 'MP_CAPABLE' && subflow.initial && !subflow.opener && !core.isPlain)
      core.feed(
        {
          type: 'receiveCapableAck',
          keys: option.receiverKey === core.key ? 'agree' : 'differ',
          data: option.dataLevelLength !== undefined,
        },
        subflow,
      );
  }
};

/** What the acknowledgment does to what was sent. */
const acknowledge = (
  core: Core,
  subflow: Subflow,
  verdict: 'new' | 'duplicate',
  acknowledgment: number,
  opened: Opened,
  length: number,
  window: number,
): void => {
  const { send } = subflow;
  const { dss } = opened;
  if (dss?.dataAck !== undefined) subflow.dataAckSeen = true;
  if (verdict === 'duplicate') {
    const update =
      window > subflow.lastWindow && (dss?.dataAck === undefined || Number(dss.dataAck & 0xffff_ffffn) === subflow.lastDataAck);
    if (acknowledgment === send.unacknowledged && length === 0 && !update && !opened.others && dss?.dataSequenceNumber === undefined)
      send.duplicate();
    return;
  }
  // More than a SYN or FIN.
  const data = acknowledgment - (subflow.finSent && acknowledgment === send.next ? 1 : 0) > Math.max(1, send.unacknowledged);
  const echo = subflow.timestamps && opened.time !== NO_TIME ? Math.max(0, (Math.floor(core.now) - opened.echo) | 0) : undefined;
  send.acknowledge(acknowledgment, core.now, echo);
  if (data && !subflow.dataAckSeen && !core.isPlain && subflow.isUp) {
    core.infiniteFrom = 1;
    core.feedSubflow(subflow, { type: 'receiveAckWithoutDataAck' });
    const which = core.subflows.length === 1 ? 'only' : subflow.initial ? 'first' : 'additional';
    core.feed({ type: 'receiveAckWithoutDataAck', subflow: which }, subflow);
    if (subflow.isGone) return;
  }
  if (core.isPlain) acknowledgePlain(core, subflow, acknowledgment);
  if (subflow.finSent && acknowledgment === send.next) core.feedTcp(subflow, { type: 'receiveAckOfFin' });
};

/** In regular TCP an acknowledgment clears the send buffer (section 3.7). */
const acknowledgePlain = (core: Core, subflow: Subflow, acknowledgment: number): void => {
  const { sending } = core;
  const fin = subflow.finSent && acknowledgment === subflow.send.next ? 1 : 0;
  if (sending.acknowledge(Math.min(sending.end, acknowledgment - fin + subflow.sendOffset))) core.lastSignals = false;
  if (fin === 1 && sending.acknowledged === sending.end && !core.noticed.acknowledged) {
    core.noticed.acknowledged = true;
    core.notice({ type: 'acknowledged' });
  }
};

/** A DSS: its Data ACK first, then its mapping (section 3.3). */
const receiveDss = (core: Core, subflow: Subflow, dss: Dss, sequence: number, window: number, payload: number): void => {
  const { local, remote, sending, receiving, context } = core;
  if (local === undefined || remote === undefined) return;
  if (dss.dataLevelLength === 0) {
    receiveInfiniteMapping(core, subflow, dss, sequence);
    return;
  }
  if (dss.dataLevelLength !== undefined && (dss.checksum !== undefined) !== core.checksum) {
    resetSubflow(core, subflow, reasonOf(core, REASON.mptcpError));
    return;
  }
  if (!context.dssReceived) core.feed({ type: 'receiveDss' }, subflow);
  if (dss.dataAck !== undefined) {
    const dataAck = local.relative(dss.dataAck, dss.dataAckOctets, sending.acknowledged);
    // What acknowledges more than has been sent is not heeded.
    if (dataAck <= sending.end + (sending.finSent ? 1 : 0) && dataAck >= sending.acknowledged - 2 ** 31) {
      core.edge = Math.max(core.edge, dataAck + window);
      if (sending.acknowledge(dataAck)) core.staleDue = Infinity;
      if (sending.finSent && dataAck === sending.fin + 1 && !core.noticed.acknowledged) {
        core.noticed.acknowledged = true;
        core.finDue = Infinity;
        core.notice({ type: 'acknowledged' });
        core.feed({ type: 'receiveDataAckOfDataFin' }, subflow);
      }
    }
  }
  if (dss.dataSequenceNumber === undefined || dss.dataLevelLength === undefined || dss.subflowSequenceNumber === undefined) return;
  if (dss.dataSequenceNumberOctets === 8) core.dataAckOctets = 8;
  const dsn = remote.relative(dss.dataSequenceNumber, dss.dataSequenceNumberOctets, receiving.next);
  const length = dss.dataLevelLength - (dss.dataFin ? 1 : 0);
  if (dss.dataFin) receiving.finish(dsn + length);
  if (length > 0) map(core, subflow, unwrap32(dss.subflowSequenceNumber, sequence), dsn, length, dss);
  if (payload === 0) {
    // A DATA_FIN by itself, or a mapping that comes late, is answered.
    subflow.ackNow = true;
    core.takeDataFin(subflow);
  }
};

const map = (
  core: Core,
  subflow: Subflow,
  ssn: number,
  dsn: number,
  length: number,
  { dataFin, checksum = -1, subflowSequenceNumber }: Pick<Dss, 'dataFin' | 'checksum' | 'subflowSequenceNumber'>,
): void => {
  subflow.mappings.add(ssn, dsn, length, dataFin, checksum, subflowSequenceNumber ?? ssn, 0, subflow.seen.next);
  subflow.receiveOffset = dsn - ssn;
  subflow.mapped = true;
  if (subflow.unmapped.length > 0 && subflow.suspendedAt === Infinity)
    deliverHeld(core, subflow, (failure) => {
      checksumFailed(core, subflow, failure);
    });
};

/** An MP_CAPABLE with data maps the first octet of the data to the first of the subflow (section 3.1). */
const receiveCapableMapping = (core: Core, subflow: Subflow, options: readonly SegmentOption[]): void => {
  const capable = options.find((option) => option.kind === 'MP_CAPABLE');
  if (capable?.dataLevelLength === undefined || !subflow.initial || core.remote === undefined) return;
  if ((capable.checksum !== undefined) !== core.checksum) {
    resetSubflow(core, subflow, reasonOf(core, REASON.mptcpError));
    return;
  }
  map(core, subflow, 1, 1, capable.dataLevelLength, {
    dataFin: false,
    subflowSequenceNumber: 1,
    ...(capable.checksum !== undefined && { checksum: capable.checksum }),
  });
};

/** An infinite mapping (section 3.7): from here on the subflow is regular TCP. */
const receiveInfiniteMapping = (core: Core, subflow: Subflow, dss: Dss, sequence: number): void => {
  const { remote, receiving } = core;
  if (remote === undefined || dss.dataSequenceNumber === undefined || dss.subflowSequenceNumber === undefined) return;
  const ssn = unwrap32(dss.subflowSequenceNumber, sequence);
  const dsn = remote.relative(dss.dataSequenceNumber, dss.dataSequenceNumberOctets, receiving.next);
  subflow.receiveOffset = dsn - ssn;
  subflow.mapped = true;
  subflow.suspendedAt = Infinity;
  core.feed({ type: 'receiveInfiniteMapping' }, subflow);
  deliverHeld(core, subflow, () => undefined);
};

/** A peer that still sends DSSs has not noticed the fallback, or tells its side of it. */
const receiveDssInFallback = (core: Core, subflow: Subflow, dss: Dss, sequence: number): void => {
  if (dss.dataLevelLength === 0) receiveInfiniteMapping(core, subflow, dss, sequence);
  else if (dss.dataSequenceNumber !== undefined && core.lastSignals) answerMpFail(core, subflow);
};

const receivePayload = (core: Core, subflow: Subflow, sequence: number, payload: Uint8Array): void => {
  const { seen, tcp } = subflow;
  const { state } = tcp;
  if (state !== 'ESTABLISHED' && state !== 'FIN_WAIT_1' && state !== 'FIN_WAIT_2') return;
  const ahead = sequence !== seen.next;
  const end = sequence + payload.length;
  if (seen.covers(sequence, end)) {
    subflow.ackNow = true;
    return;
  }
  const fresh = sequence < seen.next ? payload.subarray(seen.next - sequence) : payload;
  const delivery = deliver(core, subflow, Math.max(sequence, seen.next), fresh, (failure) => {
    checksumFailed(core, subflow, failure);
  });
  if (subflow.isGone) return;
  if (delivery === 'unmappedTooLong') {
    resetSubflow(core, subflow, reasonOf(core, REASON.middlebox));
    return;
  }
  if (delivery === 'refused') {
    subflow.ackNow = true;
    return;
  }
  // Before the first DSS each segment has a mapping: where one has none, the options do not come through (section 3.7).
  if (subflow.unmapped.length > 0 && !core.context.dssReceived && subflow.initial && core.subflows.length === 1 && !core.isPlain)
    core.giveUpMptcp(subflow);
  const hadHole = seen.hasHole;
  seen.add(sequence, end);
  core.measure(subflow, fresh.length);
  core.feedTcp(subflow, { type: 'receiveData' });
  if (subflow.context.state === 'PRE_ESTABLISHED') core.feedSubflow(subflow, { type: 'receiveData' });
  if (ahead || hadHole) subflow.ackNow = true;
  core.takeDataFin(subflow);
};

const receiveFin = (core: Core, subflow: Subflow, at: number): void => {
  const { seen } = subflow;
  subflow.finAt = at;
  if (seen.next < at) {
    subflow.ackNow = true;
    return;
  }
  seen.add(at, at + 1);
  const first = !subflow.finReceived;
  subflow.finReceived = true;
  if (first) {
    core.feedSubflow(subflow, { type: 'receiveFin' });
    core.feedTcp(subflow, { type: 'receiveFin' });
    if (core.isPlain && !core.noticed.peerClosed) {
      core.noticed.peerClosed = true;
      core.notice({ type: 'peerClosed' });
    }
  } else if (subflow.tcp.state !== 'CLOSED') subflow.ackNow = true;
};
