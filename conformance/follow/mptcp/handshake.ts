/** Follows the handshake of a connection's first subflow: MP_CAPABLE on SYN, SYN/ACK, third packet and first data (RFC 8684 section 3.1). */
import { deriveKey } from '../../../codecs/mptcp/index.ts';
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import { relativeDsn } from '../../../state-machines/mptcp/sequence.ts';
import { declareMapping } from './data.ts';
import { onSynOf } from './following.ts';
import { judge } from './judge.ts';
import type { Carrier, Watch } from './judge.ts';
import { feedConnection, feedSubflow } from './machines.ts';
import { other } from './model.ts';
import type { Connection, Flow, Here, Host } from './model.ts';

/** Takes a key as a host's: with it come token and IDSN. False where the host already has another. */
export const learnKey = (connection: Connection, host: Host, key: bigint, frame: number): boolean => {
  if (host.key !== undefined) return host.key === key;
  const { token, idsn } = deriveKey(key, connection.version === 0 ? 0 : 1);
  host.key = key;
  host.token = token;
  host.idsn = idsn;
  host.keyFrame = frame;
  const [high, low] = [Number(idsn >> 32n), Number(idsn & 0xffff_ffffn)];
  if (host.baseKnown && !host.baseNarrow && host.mapped === undefined && host.sentEnd === 1 && host.dataFin < 0)
    countAgain(connection, host, relativeDsn(host.baseHigh, host.baseLow, high, low));
  else if (host.baseKnown && (host.baseLow !== low || (!host.baseNarrow && host.baseHigh !== high))) return true;
  Object.assign(host, { baseKnown: true, baseNarrow: false, baseHigh: high, baseLow: low, fromIdsn: true, baseGuessed: false });
  return true;
};

/** What was acknowledged of a host before its key was known is counted from another number than the IDSN: it moves by `shift`. */
const countAgain = (connection: Connection, host: Host, shift: number): void => {
  const index = connection.hosts[0] === host ? 0 : 1;
  const acker = connection.hosts[other(index)];
  const moved = (n: number): number => (n < 0 ? n : n + shift);
  acker.dataAck = moved(acker.dataAck);
  acker.highestDataAck = moved(acker.highestDataAck);
  acker.rightEdge = moved(acker.rightEdge);
  connection.premature[other(index)].length = 0;
  for (const flow of connection.flows) {
    const end = flow.endOf(other(index));
    end.lastDataAck = moved(end.lastDataAck);
    end.rightEdge = moved(end.rightEdge);
  }
};

/** The versions that the two MP_CAPABLEs of the SYNs agree on: the responder's choice, if it may choose it (section 3.1). */
const agreedVersion = (offered: MpCapable | null | undefined, answered: MpCapable): 0 | 1 => {
  const version = offered === null || offered === undefined ? answered.version : Math.min(offered.version, answered.version);
  return version === 0 ? 0 : 1;
};

/** The SYN/ACK of a connection whose SYN offered MP_CAPABLE, or that carries one itself. */
export const followSynAck = (here: Here, watch: Watch, answered: MpCapable | null | undefined): void => {
  const { connection, flow } = here;
  connection.synCapable = flow.offered;
  connection.synAckCapable = answered;
  const [initiator, listener] = connection.hosts;
  // The windows of the SYNs are the first that either host may fill.
  initiator.rightEdge = 1 + flow.ends[0].window;
  listener.rightEdge = 1 + flow.ends[1].window;
  initiator.addresses.push(knownAddress(flow, 0, flow.synFrame));
  listener.addresses.push(knownAddress(flow, 1, here.frame));
  if (flow.offered) {
    connection.version = flow.offered.version === 0 ? 0 : 1;
    onSynOf(here, () => {
      judge(watch.capable, here, { option: flow.offered!, carrier: 'SYN', third: false });
      feedConnection(here, 0, { type: 'sendCapableSyn' });
      feedConnection(here, 1, { type: 'receiveCapableSyn' });
    });
  } else if (flow.synFrame === 0 || flow.offered === null) {
    // The SYN was not captured, or its MP_CAPABLE is unreadable, which is judged elsewhere: it is taken to have offered MPTCP.
    feedConnection(here, 0, { type: 'sendCapableSyn' });
    feedConnection(here, 1, { type: 'receiveCapableSyn' });
  }
  if (answered) {
    connection.version = agreedVersion(flow.offered, answered);
    connection.agreed = true;
    if (connection.version === 0 && flow.offered?.senderKey !== undefined)
      learnKey(connection, initiator, flow.offered.senderKey, flow.synFrame);
    if (answered.senderKey !== undefined) learnKey(connection, listener, answered.senderKey, here.frame);
    listener.noSubflowsToSource = answered.noSubflowsToSource && connection.version === 1;
    initiator.noSubflowsToSource = (flow.offered?.noSubflowsToSource ?? false) && connection.version === 1;
    connection.checksum = (flow.offered?.checksumRequired ?? false) || answered.checksumRequired;
    judge(watch.capable, here, { option: answered, carrier: 'SYN/ACK', third: false });
    feedConnection(here, 1, { type: 'sendCapableSynAck' });
    feedConnection(here, 0, { type: 'receiveCapableSynAck' });
  } else if (flow.offered !== undefined) {
    connection.refused = true;
    feedConnection(here, 1, { type: 'sendPlainSynAck' });
    feedConnection(here, 0, { type: 'receivePlainSynAck' });
  }
};

const knownAddress = (flow: Flow, side: 0 | 1, frame: number): Host['addresses'][number] => ({
  id: 0,
  address: flow.addressOf(side),
  port: flow.ports[side],
  frame,
  by: 'handshake',
  removedFrame: 0,
  echoedFrame: 0,
  announcedOnPort: flow.ports[side],
});

/** The addresses of the first subflow have Address ID 0 (section 3.2, l.1093). */
export const learnFirstAddresses = (connection: Connection, flow: Flow, frame: number): void => {
  connection.hosts[0].addresses.push(knownAddress(flow, 0, flow.synFrame || frame));
  connection.hosts[1].addresses.push(knownAddress(flow, 1, frame));
};

/** The third packet: the initiator's first without SYN. `option` is its MP_CAPABLE; null where one could not be decoded. */
export const followThird = (here: Here, watch: Watch, option: MpCapable | null | undefined): void => {
  const { connection, flow, segment } = here;
  if (connection.thirdFrame > 0) return;
  connection.thirdFrame = here.frame;
  connection.thirdCapable = option;
  flow.thirdFrame = here.frame;
  const third = option ? 'MP_CAPABLE' : segment.payloadLength > 0 ? 'data' : 'none';
  if (connection.agreed) {
    if (option) {
      const keys =
        option.receiverKey === undefined || connection.hosts[1].key === undefined
          ? 'unknown'
          : option.receiverKey === connection.hosts[1].key
            ? 'agree'
            : 'differ';
      feedConnection(here, 0, { type: 'sendCapableAck' });
      feedConnection(here, 1, { type: 'receiveCapableAck', keys, data: option.dataLevelLength !== undefined });
    } else if (option === undefined && here.options === 0 && here.ssn <= 1) {
      // What comes after octets that were not captured is not the third packet.
      feedConnection(here, 0, { type: 'sendPlainAck' });
      feedConnection(here, 1, { type: 'receivePlainAck' });
    }
    feedSubflow(here, 0, { type: 'openInitial' });
    feedSubflow(here, 1, { type: 'openInitial' });
  } else if (option && connection.refused) feedConnection(here, 0, { type: 'sendCapableAck' });
  judge(watch.handshake, here, { third, thirdOption: option ?? undefined });
};

/** What an MP_CAPABLE after the SYN/ACK tells of keys, before it is judged: whether they are new ones shows among all connections. */
export const learnFromCapable = (here: Here, option: MpCapable): void => {
  const { connection, flow } = here;
  if (flow.kind !== 'initial' || here.host !== 0) return;
  connection.version ??= option.version === 0 ? 0 : 1;
  if (!connection.agreed && !connection.refused && option.receiverKey !== undefined) {
    // The SYN/ACK was not captured: the third packet says what was agreed (section 3.1).
    connection.agreed = true;
    connection.checksum ??= option.checksumRequired;
    feedConnection(here, 0, { type: 'sendCapableSyn' });
    feedConnection(here, 1, { type: 'receiveCapableSyn' });
    feedConnection(here, 1, { type: 'sendCapableSynAck' });
    feedConnection(here, 0, { type: 'receiveCapableSynAck' });
  }
  if (option.senderKey !== undefined) learnKey(connection, connection.hosts[0], option.senderKey, here.frame);
  if (option.receiverKey !== undefined && connection.hosts[1].key === undefined)
    learnKey(connection, connection.hosts[1], option.receiverKey, here.frame);
};

/** An MP_CAPABLE on any packet after the SYN/ACK, once `learnFromCapable` has taken its keys. */
export const followCapable = (here: Here, watch: Watch, option: MpCapable): void => {
  const { connection, flow, segment } = here;
  const third = flow.kind === 'initial' && here.host === 0 && connection.thirdFrame === 0;
  const carrier: Carrier = segment.payloadLength > 0 ? 'data' : 'ACK';
  judge(watch.capable, here, { option, carrier, third });
  if (third) followThird(here, watch, option);
  if (flow.kind === 'initial' && here.host === 0 && option.dataLevelLength !== undefined && connection.version !== 0) {
    // Equivalent to a DSS that maps the first octet of data to SSN 1 (section 3.1).
    const { idsn = 0n, baseHigh, baseLow } = connection.hosts[0];
    const first = relativeDsn(Number(idsn >> 32n), Number(idsn & 0xffff_ffffn), baseHigh, baseLow) + 1;
    declareMapping(here, watch, 1, first, option.dataLevelLength, false, option.checksum ?? -1);
  }
};
