/** Follows the data sequence space through the DSS options of a subflow: Data ACKs, mappings, DATA_FINs (RFC 8684 sections 3.3.1 to 3.3.3). */
import { FIN, RST, SYN, URG } from '../../../codecs/packet/index.ts';
import { CONFLICTING, NEW } from '../../../state-machines/mptcp/mappings.ts';
import type { Mapping } from '../../../state-machines/mptcp/mappings.ts';
import { SeenRanges } from '../../../state-machines/mptcp/ranges.ts';
import { absoluteDsn, relativeDsn, unwrap32, widenDsn } from '../../../state-machines/mptcp/sequence.ts';
import { judge } from './judge.ts';
import type { Watch } from './judge.ts';
import { other } from './model.ts';
import type { Here, Host } from './model.ts';
import { explainUnmapped } from './payload.ts';
import { answers, feedConnection, feedWhenReceived } from './machines.ts';

/**
 * A host's key is not known, but a number of its data is: that makes it `relative`. Of 4 octets only the lower half is known until one of
 * 8 octets comes.
 */
const learnBase = (host: Host, octets: number, high: number, low: number, relative: number): void => {
  const base = absoluteDsn(-relative, octets === 8 ? high : 0, low);
  host.baseHigh = Number(base >> 32n);
  host.baseLow = Number(base & 0xffff_ffffn);
  host.baseKnown = true;
  host.baseNarrow = octets === 4;
};

/** A number on the wire, relative: the nearest to `near` where it has 4 octets. `first` is what it is where no number was known before. */
const relativeTo = (host: Host, octets: number, high: number, low: number, near: number, first: number): number => {
  if (!host.baseKnown) learnBase(host, octets, high, low, first);
  if (octets === 8 && host.baseNarrow) learnBase(host, octets, high, low, widenDsn(low, host.baseLow, near));
  return octets === 8 ? relativeDsn(high, low, host.baseHigh, host.baseLow) : widenDsn(low, host.baseLow, near);
};

/** No connection sends as much: numbers further apart belong to two. */
const FAR = 2 ** 48;

/** Whether neither number of a DSS is of this connection: one alone may be wrong, two tell that its addresses and ports were used again. */
const isForeign = ({ dss, dsn, dataAck }: Here): boolean =>
  dss.hasDataAck && dss.hasMapping && dss.dataAckOctets === 8 && dss.dsnOctets === 8 && Math.abs(dsn) > FAR && Math.abs(dataAck) > FAR;

/** Until there are further subflows, the first one counts as the data does (section 3.1): from its octets follows the IDSN. */
const countsAsData = ({ connection, flow, sent }: Here): boolean =>
  connection.fromStart && flow.kind === 'initial' && sent.known && connection.flows.length === 1;

/** The events that come with every segment: objects filled again and again. */
const dataAckEvent = { previous: 0, newer: false };

/** A mapping as it is announced to checks; one object for all. */
interface MappingEvent {
  mapping: Mapping;
  status: number;
  wireSsn: number;
  ssn: number;
  length: number;
}
let mappingEvent: MappingEvent | undefined;

/** More than the first data, of which much is to be said (section 3.1). */
const WELL_BEGUN = 0x1_0000;

/**
 * Whether a segment with this DSS is one of the many of a transfer in which nothing is open. None of what makes a check that is declared
 * with `rarely` speak is there: no first data, no end, no failure, no short numbers, no checksum but as agreed, nothing owed or suspected; and nothing
 * that breaks one declared with `surely`.
 */
const isSteady = (here: Here): boolean => {
  const { connection, segment, dss, received, sender, receiver } = here;
  return (
    here.options === 1 &&
    (segment.flags & (FIN | SYN | RST | URG)) === 0 &&
    dss.reserved === 0 &&
    !dss.dataFin &&
    (dss.hasDataAck ? isSteadyAck(here) : true) &&
    (dss.hasMapping ? isSteadyMapping(here) : segment.payloadLength === 0) &&
    connection.checksum !== undefined &&
    connection.agreed &&
    connection.fallbackFrame === 0 &&
    connection.failed === undefined &&
    connection.fastcloseFrame === 0 &&
    connection.premature[0].length === 0 &&
    connection.premature[1].length === 0 &&
    received.beyond === undefined &&
    sender.dataFin < 0 &&
    receiver.dataFin < 0 &&
    sender.narrowEnd === 0 &&
    receiver.narrowEnd === 0 &&
    sender.closedEarly === undefined &&
    receiver.closedEarly === undefined &&
    !receiver.asksBackup
  );
};

const isSteadyAck = ({ dataAck, host, sender, receiver }: Here): boolean =>
  dataAck > 0 && dataAck <= receiver.sentEnd && (host === 0 || sender.dataAck > WELL_BEGUN);

/** Of data in this segment, on a subflow whose data has been acknowledged; whether it collides with another mapping is seen later. */
const isSteadyMapping = ({ connection, dss, dsn, ssn, ssnEnd, segment, sent, sender }: Here): boolean => {
  if (!sent.known || dss.dsnOctets !== 8 || dss.hasChecksum !== connection.checksum || dss.dataLevelLength === 0) return false;
  if (segment.payloadLength === 0 || sent.dataAckedFrame === 0 || dsn <= WELL_BEGUN || sender.sentEnd <= WELL_BEGUN) return false;
  const start = unwrap32(dss.subflowSequence, ssn);
  return start < ssnEnd && start + dss.dataLevelLength > ssn;
};

/** Whether a segment was sent before another that was captured earlier: its octets are no new ones, and an ACK has the number of what comes next. */
const isOld = ({ sent, ssnEnd, retransmission }: Here): boolean => retransmission || (sent.known && ssnEnd < sent.sentEnd);

/** What one DSS says, in the order of its figure: Data ACK, then mapping. `here.dss` holds it. */
export const followDss = (here: Here, watch: Watch): void => {
  const { dss, sent, received, sender, receiver } = here;
  // An infinite mapping is an event of its own, and what TCP retransmits was said before.
  const infinite = dss.hasMapping && dss.dataLevelLength === 0;
  if (sent.dssFrame === 0 || (sender.machine?.state === 'FALLBACK' && !infinite && !isOld(here))) {
    sent.dssFrame ||= here.frame;
    sent.dssTime ||= here.time;
    if (!infinite) feedConnection(here, here.host, { type: 'sendDss', mapping: dss.hasMapping });
    feedConnection(here, other(here.host), { type: 'receiveDss' });
  }
  if (dss.hasDataAck) {
    const counted = !receiver.baseKnown && received.known && countsAsData(here);
    if (!receiver.baseKnown) receiver.baseGuessed = !counted;
    const first = counted ? here.acked : 1;
    here.dataAck = relativeTo(receiver, dss.dataAckOctets, dss.dataAckHigh, dss.dataAckLow, Math.max(sender.dataAck, 1), first);
  }
  if (dss.hasMapping) {
    const counted = !sender.baseKnown && countsAsData(here) && !infinite;
    if (!sender.baseKnown) sender.baseGuessed = !counted;
    const first = counted ? dss.subflowSequence || here.ssn : 1;
    here.dsn = relativeTo(sender, dss.dsnOctets, dss.dsnHigh, dss.dsnLow, sender.sentEnd, first);
  }
  if (isForeign(here)) {
    here.foreign = true;
    return;
  }
  here.steady = isSteady(here);
  judge(watch.dss, here, undefined);
  if (dss.hasDataAck) followDataAck(here, watch);
  if (dss.hasMapping) followMapping(here, watch);
};

const followDataAck = (here: Here, watch: Watch): void => {
  const { sender, receiver, sent, received, dataAck } = here;
  dataAckEvent.previous = sent.lastDataAck;
  dataAckEvent.newer = here.inOrder;
  judge(watch.dataAck, here, dataAckEvent);
  // What shows that DSS options get through is a Data ACK on what acknowledges data, also where it says that a mapping is not complete yet (section 3.7).
  if (received.dataAckedFrame === 0 && received.dataFrame > 0 && (dataAck > 1 || here.acked > 1)) received.dataAckedFrame = here.frame;
  if (dataAck > sender.highestDataAck) sender.highestDataAck = dataAck;
  // An acknowledgement of what nobody has sent yet is set aside: see the checks of section 3.3.2.
  if (dataAck > receiver.sentEnd + 2) return;
  if (dataAck > sent.lastDataAck) {
    sent.lastDataAck = dataAck;
    sent.lastDataAckFrame = here.frame;
  }
  if (dataAck <= sender.dataAck) return;
  sender.dataAck = dataAck;
  sender.dataAckFrame = here.frame;
  if (receiver.dataFin >= 0 && dataAck > receiver.dataFin && receiver.dataFinAckedFrame === 0) {
    receiver.dataFinAckedFrame = here.frame;
    feedConnection(here, here.host, { type: 'sendDataAckOfDataFin' });
    feedConnection(here, other(here.host), { type: 'receiveDataAckOfDataFin' });
  }
};

const followMapping = (here: Here, watch: Watch): void => {
  const { dss, dsn } = here;
  const length = dss.dataLevelLength;
  if (dss.dataFin && length === 1) {
    followDataFin(here, watch, dsn, true);
    return;
  }
  const octets = length === 0 ? Infinity : dss.dataFin ? length - 1 : length;
  declareMapping(here, watch, dss.subflowSequence, dsn, octets, dss.dataFin, dss.hasChecksum ? dss.checksum : -1);
  if (dss.dataFin && length > 1) followDataFin(here, watch, dsn + octets, false);
};

/** A mapping, by a DSS or by the data parameters of an MP_CAPABLE, which are equivalent (section 3.1). */
export const declareMapping = (
  here: Here,
  watch: Watch,
  wireSsn: number,
  dsn: number,
  length: number,
  dataFin: boolean,
  checksum: number,
): void => {
  const { sent, sender } = here;
  if (!sent.known && !learnInitialSequence(here, wireSsn, length)) {
    // Which octets it maps is not known yet; which data has been sent is.
    if (Number.isFinite(length) && dsn + length > sender.sentEnd) sender.sentEnd = dsn + length;
    return;
  }
  const ssn = unwrap32(wireSsn, here.ssn);
  here.mapsData = true;
  const status = sent.mappings.add(ssn, dsn, length, dataFin, checksum, wireSsn, here.frame, sent.acked);
  const event = (mappingEvent ??= { mapping: sent.mappings.last!, status, wireSsn, ssn, length });
  event.mapping = sent.mappings.last!;
  event.status = status;
  event.wireSsn = wireSsn;
  event.ssn = ssn;
  event.length = length;
  if (status === CONFLICTING) here.steady = false;
  judge(watch.mapping, here, event);
  if (status === CONFLICTING) {
    // Whatever it collides with, it claims data after the end of the data (section 3.3.3).
    if (sender.dataFin >= 0 && length !== Infinity && dsn + length > sender.dataFin)
      feedConnection(here, here.host, { type: 'sendData', by: here.hasDss ? 'DSS' : 'MP_CAPABLE' });
    return;
  }
  if (length === Infinity) {
    if (sender.infiniteFrame === 0) {
      sender.infiniteFrame = here.frame;
      sender.infiniteFlow = here.flow;
      here.connection.fallbackFrame ||= here.frame;
      answers(here, ['receiveMpFail', 'receiveAckWithoutDataAck']);
      feedConnection(here, here.host, { type: 'sendInfiniteMapping' });
      feedWhenReceived(here, { type: 'receiveInfiniteMapping' });
    }
    return;
  }
  const end = dsn + length;
  if (here.hasDss && here.dss.dsnOctets === 8 && end > sender.wideEnd) {
    sender.wideEnd = end;
    sender.wideFrame = here.frame;
  }
  if (end > sender.sentEnd && Number.isSafeInteger(end)) {
    if (length > 0 && changesState(sender, end))
      feedConnection(here, here.host, { type: 'sendData', by: here.hasDss ? 'DSS' : 'MP_CAPABLE' });
    sender.sentEndBefore = sender.sentEnd;
    sender.sentEnd = end;
    sender.sentEndFrame = here.frame;
  }
  if (status === NEW || (sender.mapped !== undefined && end > sender.mapped.next))
    (sender.mapped ??= new SeenRanges(Math.min(dsn, here.connection.fromStart ? 1 : dsn))).add(dsn, end);
  if (sent.unmapped.length > 0) explainUnmapped(here, watch);
};

/**
 * Whether new data means anything to the connection's table. Where data may flow it does not; before the first DSS has come only the
 * first data does (section 3.1); after the DATA_FIN what lies below it was new before, and only waited on its subflow.
 */
const changesState = (sender: Host, end: number): boolean => {
  const state = sender.machine?.state;
  if (state === 'M_ESTAB' || state === 'M_CLOSE_WAIT') return false;
  if (state === 'KEYS_SENT') return sender.sentEnd === 1;
  return sender.dataFin < 0 || end > sender.dataFin || sender.fastcloseFrame > 0;
};

const followDataFin = (here: Here, watch: Watch, at: number, alone: boolean): void => {
  const { sender } = here;
  judge(watch.dataFin, here, { at, alone });
  if (sender.dataFin >= 0) return;
  sender.dataFin = at;
  sender.dataFinFrame = here.frame;
  sender.dataFinFrom = alone ? at : here.dsn;
  feedConnection(here, here.host, { type: 'sendDataFin' });
  feedConnection(here, other(here.host), { type: 'receiveDataFin' });
};

/**
 * Where the SYN was not captured: a mapping applies to some of its segment's octets (section 3.3.1), which bounds the sequence number
 * that is relative 0. The first and the last segment of one mapping, or of two neighbours, meet in one value.
 */
const learnInitialSequence = (here: Here, wireSsn: number, length: number): boolean => {
  const { sent, segment } = here;
  if (segment.payloadLength === 0 || length === Infinity || length < segment.payloadLength) return false;
  // sequence - base is from wireSsn to wireSsn + length - payload.
  const highest = (segment.sequence - wireSsn) >>> 0;
  const room = length - segment.payloadLength;
  const lowest = (highest - room) >>> 0;
  if (sent.baseRoom < 0) {
    sent.baseFrom = lowest;
    sent.baseRoom = room;
  } else {
    const shift = (lowest - sent.baseFrom) | 0;
    const from = Math.max(0, shift);
    const to = Math.min(sent.baseRoom, shift + room);
    if (to < from) return false; // contradicts what came before: one of them is wrong, leave it
    sent.baseFrom = (sent.baseFrom + from) >>> 0;
    sent.baseRoom = to - from;
  }
  if (sent.baseRoom > 0) return false;
  sent.known = true;
  sent.base = sent.baseFrom;
  here.ssn = unwrap32(wireSsn + ((segment.sequence - sent.base - wireSsn) | 0), wireSsn);
  here.ssnEnd = here.ssn + segment.payloadLength;
  // Segments before this one in the capture may come after it in sequence, or acknowledge it.
  sent.sentEnd = sent.rawEnd < 0 ? here.ssn : Math.max(here.ssn, unwrap32(sent.rawEnd - sent.base, here.ssn));
  sent.acked = sent.rawAcked < 0 ? here.ssn : Math.max(here.ssn, unwrap32(sent.rawAcked - sent.base, here.ssn));
  sent.seen.next = here.ssn;
  sent.startMissed = here.ssn > 1;
  return true;
};
