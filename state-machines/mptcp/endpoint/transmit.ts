/** What an endpoint's segments carry, and their sending: acknowledgments, data with its mapping, SYNs, FINs and RSTs. RFC 8684 sections 3.1 to 3.3. */
import { sum16 } from '../../../codecs/checksum.ts';
import { dssChecksum } from '../../../codecs/mptcp/index.ts';
import type { Dss, MpCapable } from '../../../codecs/mptcp/index.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../../codecs/packet/index.ts';
import type { Outgoing } from '../../tcp/index.ts';
import { encodeOptions } from '../segment.ts';
import type { SegmentOption } from '../segment.ts';
import type { Core } from './core.ts';
import type { Identity } from './identity.ts';
import type { DataSegment } from './send-buffer.ts';
import { signal } from './subflow.ts';
import type { Content, Subflow } from './subflow.ts';

const NOTHING = new Uint8Array(0);
/** Octets of the timestamps option, padded as all options together are. */
const TIMESTAMPS = 10;
/** The TCP header has room for so many octets of options. */
const OPTION_ROOM = 40;
const MAX_WINDOW = 0xffff;

const CRYPTO_H = 1;

/** MP_CAPABLE with the flags of this host; after the SYN, flag A says what was agreed (section 3.1). */
export const capable = (core: Core, more: Pick<MpCapable, 'senderKey' | 'receiverKey' | 'dataLevelLength' | 'checksum'>): MpCapable => ({
  kind: 'MP_CAPABLE',
  version: core.version,
  checksumRequired: core.settings.checksum || core.checksum,
  extensibility: false,
  noSubflowsToSource: core.settings.noSubflowsToSource,
  cryptoAlgorithms: CRYPTO_H,
  ...more,
});

/** The key-bearing MP_CAPABLE of the third packet. */
export const bothKeys = ({ local, remote }: { readonly local: Identity | undefined; readonly remote: Identity | undefined }) =>
  local === undefined || remote === undefined ? {} : { senderKey: local.key, receiverKey: remote.key };

/** A DSS with a Data ACK, and a mapping where there is one. */
const dss = (core: Core, mapping?: { dsn: number; ssn: number; length: number; dataFin: boolean; checksum: number }): Dss => {
  const { local, remote, dataAckOctets, receiving, settings } = core;
  const dsnOctets = settings.dsnOctets;
  const dataAck = remote!.wire(receiving.next, dataAckOctets);
  if (mapping === undefined) return { kind: 'DSS', dataFin: false, dataAck, dataAckOctets, dataSequenceNumberOctets: 4, reserved: 0 };
  const common = {
    kind: 'DSS',
    dataFin: mapping.dataFin,
    dataAck,
    dataAckOctets,
    dataSequenceNumber: local!.wire(mapping.dsn, dsnOctets),
    dataSequenceNumberOctets: dsnOctets,
    subflowSequenceNumber: mapping.ssn,
    dataLevelLength: mapping.length,
    reserved: 0,
  } as const;
  return mapping.checksum < 0 ? common : { ...common, checksum: mapping.checksum };
};

/** The checksum of a mapping of this host; -1 where checksums are not in use. */
const checksumOf = (core: Core, content: Content, ssn: number, length: number): number => {
  if (!core.checksum) return -1;
  if (content.sum < 0) content.sum = sum16(content.payload);
  const full = core.local!.wire(content.dsn, 8);
  return dssChecksum(Number(full >> 32n), Number(full & 0xffff_ffffn), ssn, length, content.sum);
};

/** The timestamps option, where they are in use. */
const timestamps = (core: Core, { timestamps: used, recentTimestamp }: Subflow): SegmentOption[] =>
  used ? [{ kind: 'TIMESTAMPS', value: Math.floor(core.now) >>> 0, echoReply: recentTimestamp }] : [];

/** The Window field of a segment on this subflow; what it tells is not taken back (section 3.3.4). */
const windowOf = (core: Core, subflow: Subflow, shift: number): number => {
  const { receiving, settings } = core;
  const separate = settings.separateWindows;
  if (separate !== undefined) {
    const edge = Math.max(subflow.toldEdge, subflow.seen.next + Math.max(0, separate - core.heldOf(subflow)));
    subflow.toldEdge = edge;
    return Math.min(MAX_WINDOW, Math.ceil((edge - subflow.seen.next) / 2 ** shift));
  }
  const field = Math.min(MAX_WINDOW, Math.ceil((receiving.advertise(settings.mss) - receiving.next) / 2 ** shift));
  receiving.edge = Math.max(receiving.edge, receiving.next + field * 2 ** shift);
  return field;
};

/** The acknowledgment that every segment after the SYN carries. */
const acknowledge = (core: Core, subflow: Subflow) => {
  subflow.unanswered = 0;
  subflow.ackDue = Infinity;
  subflow.ackNow = false;
  return { acknowledgment: (subflow.irs + subflow.seen.next) >>> 0, window: windowOf(core, subflow, subflow.shift) };
};

const wire = (subflow: Subflow, ssn: number): number => (subflow.iss + ssn) >>> 0;

/** Whether a DSS may go on this subflow. */
const speaksDss = (core: Core, { context }: Subflow): boolean =>
  !core.isPlain && context.state !== 'PRE_ESTABLISHED' && core.remote !== undefined && core.may({ type: 'sendDss', mapping: false });

/** An acknowledgment without data, with these options in place of a Data ACK where there are any. */
export const sendAck = (core: Core, subflow: Subflow, options?: readonly SegmentOption[]): void => {
  const mptcp = options ?? (speaksDss(core, subflow) ? [dss(core)] : []);
  const time = timestamps(core, subflow);
  const all = time.length === 0 ? mptcp : [...time, ...mptcp];
  core.put(subflow, {
    sequence: wire(subflow, subflow.send.next),
    ...acknowledge(core, subflow),
    flags: ACK,
    // The timestamps give way to an ADD_ADDR that has no room beside them.
    options: options !== undefined && encodeOptions(all).length > OPTION_ROOM ? mptcp : all,
    payload: NOTHING,
  });
};

/** The DATA_FIN by itself: a mapping without subflow octets (section 3.3.3). */
export const sendDataFin = (core: Core, subflow: Subflow): void => {
  const { sending } = core;
  const content: Content = { kind: 'data', segment: undefined, dsn: sending.fin, payload: NOTHING, dataFin: true, sum: 0 };
  const checksum = checksumOf(core, content, 0, 1);
  sendAck(core, subflow, [dss(core, { dsn: sending.fin, ssn: 0, length: 1, dataFin: true, checksum })]);
};

/** How many octets of data fit in a segment of this subflow beside its options. */
export const payloadRoom = (core: Core, subflow: Subflow): number => {
  const { settings, dataAckOctets, checksum } = core;
  const mptcp = core.isPlain ? 0 : 4 + dataAckOctets + settings.dsnOctets + 6 + (checksum ? 2 : 0);
  const first = core.mayCarryKeys ? 22 + (checksum ? 2 : 0) : 0;
  const options = (subflow.timestamps ? TIMESTAMPS : 0) + Math.max(mptcp, first);
  return Math.max(1, Math.min(subflow.peerMss, settings.mss) - ((options + 3) & ~3));
};

/** The MPTCP option of a data segment. */
const mappingOf = (core: Core, subflow: Subflow, { content, from }: Outgoing<Content>): readonly SegmentOption[] => {
  if (core.isPlain) return core.lastSignals ? infiniteMapping(core, subflow) : [];
  const { dsn, payload, dataFin } = content;
  const length = payload.length + (dataFin ? 1 : 0);
  const checksum = checksumOf(core, content, from, length);
  if (core.mayCarryKeys && dsn === 1 && from === 1 && subflow.initial && !dataFin)
    return [capable(core, { ...bothKeys(core), dataLevelLength: length, ...(checksum < 0 ? {} : { checksum }) })];
  return [dss(core, { dsn, ssn: from, length, dataFin, checksum })];
};

/** The infinite mapping (section 3.7): from the first octet on that the peer has not acknowledged at the data level. */
export const infiniteMapping = (core: Core, subflow: Subflow): readonly SegmentOption[] => {
  const { local, remote, dataAckOctets, receiving, settings } = core;
  return [
    {
      kind: 'DSS',
      dataFin: false,
      ...(core.context.cause === 'receivedInfiniteMapping' ? {} : { dataAck: remote!.wire(receiving.next, dataAckOctets) }),
      dataAckOctets,
      dataSequenceNumber: local!.wire(core.infiniteFrom, settings.dsnOctets),
      dataSequenceNumberOctets: settings.dsnOctets,
      subflowSequenceNumber: core.infiniteFrom - subflow.sendOffset,
      dataLevelLength: 0,
      ...(core.checksum && { checksum: 0 }),
      reserved: 0,
    },
  ];
};

/** Sends, or sends again, what is in the retransmission queue. */
export const transmit = (core: Core, subflow: Subflow, outgoing: Outgoing<Content>): void => {
  const { content, from } = outgoing;
  if (content.kind === 'syn' || content.kind === 'synAck') {
    core.duties.sendSyn(core, subflow, outgoing);
    return;
  }
  const fin = content.kind === 'fin';
  const mptcp = fin ? (speaksDss(core, subflow) ? [dss(core)] : []) : mappingOf(core, subflow, outgoing);
  core.put(subflow, {
    sequence: wire(subflow, from),
    ...acknowledge(core, subflow),
    flags: fin ? FIN | ACK : content.dsn + content.payload.length === core.sending.end ? PSH | ACK : ACK,
    options: subflow.timestamps ? [...timestamps(core, subflow), ...mptcp] : mptcp,
    payload: content.payload,
  });
};

/** Sends a data segment on a subflow, in as many pieces as it takes there. */
export const sendData = (core: Core, subflow: Subflow, segment: DataSegment): void => {
  const room = payloadRoom(core, subflow);
  const { payload, dsn } = segment;
  for (let at = 0; at < payload.length; at += room) {
    const end = Math.min(payload.length, at + room);
    const last = end === payload.length;
    const content: Content = {
      kind: 'data',
      segment,
      dsn: dsn + at,
      payload: last && at === 0 ? payload : payload.subarray(at, end),
      dataFin: last && segment.dataFin,
      sum: -1,
    };
    subflow.sendOffset = dsn + at - subflow.send.next;
    core.sending.carried(segment, subflow.number);
    transmit(core, subflow, subflow.send.push(end - at, content, core.now));
  }
};

/** A SYN or SYN/ACK with its options. */
export const putSyn = (core: Core, subflow: Subflow, { content }: Outgoing<Content>, mptcp: readonly SegmentOption[]): void => {
  const { settings, now } = core;
  const answer = content.kind === 'synAck';
  const options: SegmentOption[] = [{ kind: 'MSS', mss: settings.mss }];
  if (answer ? subflow.scaled : true) options.push({ kind: 'WINDOW_SCALE', shift: subflow.shift });
  if (answer ? subflow.timestamps : settings.timestamps)
    options.push({ kind: 'TIMESTAMPS', value: Math.floor(now) >>> 0, echoReply: answer ? subflow.recentTimestamp : 0 });
  core.put(subflow, {
    sequence: subflow.iss,
    acknowledgment: answer ? (subflow.irs + 1) >>> 0 : 0,
    window: windowOf(core, subflow, 0),
    flags: answer ? SYN | ACK : SYN,
    options: [...options, ...mptcp],
    payload: NOTHING,
  });
};

/** Puts a SYN, SYN/ACK or FIN in the retransmission queue and sends it. */
export const sendSignal = (core: Core, subflow: Subflow, kind: 'syn' | 'synAck' | 'fin'): void => {
  transmit(core, subflow, subflow.send.push(1, signal(kind), core.now));
};

/** A RST on a subflow, with why (section 3.6; version 0 has no such option). */
export const putRst = (core: Core, subflow: Subflow, options: readonly SegmentOption[]): void => {
  const synchronized = subflow.irs !== -1;
  core.put(subflow, {
    sequence: wire(subflow, subflow.send.next),
    acknowledgment: synchronized ? (subflow.irs + subflow.seen.next) >>> 0 : 0,
    window: 0,
    flags: synchronized ? RST | ACK : RST,
    options,
    payload: NOTHING,
  });
};

/** MP_TCPRST, where the version has it. */
export const reasonOf = (core: Core, reason: number, transient = false): readonly SegmentOption[] =>
  core.version === 0 || core.isPlain ? [] : [{ kind: 'MP_TCPRST', transient, reason, reserved: 0 }];

/** A probe of a closed window: an octet that has been acknowledged, without the octet, so that no window is overrun; it is answered (RFC 9293 section 3.10.7.4). */
export const putProbe = (core: Core, subflow: Subflow): void => {
  core.put(subflow, {
    sequence: wire(subflow, subflow.send.unacknowledged - 1),
    ...acknowledge(core, subflow),
    flags: ACK,
    options: [...timestamps(core, subflow), ...(speaksDss(core, subflow) ? [dss(core)] : [])],
    payload: NOTHING,
  });
};
