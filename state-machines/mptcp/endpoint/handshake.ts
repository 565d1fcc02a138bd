/** How the first subflow is opened by MP_CAPABLE, and further ones by MP_JOIN: RFC 8684 sections 3.1 and 3.2. */
import { joinAckHmac, joinSynAckHmac } from '../../../codecs/mptcp/index.ts';
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import { equalBytes } from '../../../codecs/bytes.ts';
import { SYN } from '../../../codecs/packet/index.ts';
import type { Outgoing } from '../../tcp/index.ts';
import type { ConnectionContext } from '../connection.ts';
import type { SegmentOption, TcpSegment } from '../segment.ts';
import type { Core } from './core.ts';
import { Identity } from './identity.ts';
import type { OpenSubflow } from './settings.ts';
import type { Content, Subflow } from './subflow.ts';
import { bothKeys, capable, putSyn, sendAck, sendSignal } from './transmit.ts';

/** Shifts for windows of this many octets (RFC 7323 section 2.3: 14 at most). */
export const shiftFor = (octets: number): number => {
  let shift = 0;
  while (shift < 14 && 0xffff * 2 ** shift < octets) shift += 1;
  return shift;
};

/** The option of this kind. */
export const optionOf = <K extends SegmentOption['kind']>({ options }: TcpSegment, kind: K) =>
  options.find((option): option is Extract<SegmentOption, { kind: K }> => option.kind === kind);

const RESERVED_CRYPTO = 0;

/** An MP_CAPABLE that is to be heeded: no extension that is not known, and an algorithm that is (section 3.1). */
const acceptable = (option: MpCapable | undefined): option is MpCapable =>
  option !== undefined && !option.extensibility && option.cryptoAlgorithms !== RESERVED_CRYPTO && (option.cryptoAlgorithms & 1) === 1;

/** What a SYN or SYN/ACK tells of TCP. */
const takeSyn = (core: Core, subflow: Subflow, segment: TcpSegment): void => {
  const { settings } = core;
  subflow.irs = segment.sequence;
  subflow.seen.add(0, 1);
  const mss = optionOf(segment, 'MSS');
  if (mss !== undefined) subflow.peerMss = Math.max(64, mss.mss);
  const scale = optionOf(segment, 'WINDOW_SCALE');
  subflow.scaled = scale !== undefined;
  if (scale !== undefined) subflow.peerShift = Math.min(14, scale.shift);
  else subflow.shift = 0;
  const time = optionOf(segment, 'TIMESTAMPS');
  subflow.timestamps = settings.timestamps && time !== undefined;
  if (time !== undefined) subflow.recentTimestamp = time.value;
  subflow.send.congestion = core.congestion.open({ mss: Math.min(subflow.peerMss, settings.mss) });
};

/** The initiator's first SYN. */
export const connect = (core: Core): void => {
  const { local, remote } = core.settings;
  if (remote === undefined || core.subflows.length > 0) return;
  if (core.settings.version !== null) core.local = new Identity(core.key, core.settings.version);
  // Regular TCP from the beginning: the machine has nothing to say.
  else Object.assign(core.context, { state: 'FALLBACK', cause: 'plainSyn' } satisfies Partial<ConnectionContext>);
  const subflow = core.addSubflow(local, remote, true, true);
  if (core.isPlain) core.only = subflow;
  subflow.shift = shiftFor(core.settings.maxReceiveBuffer);
  core.feedTcp(subflow, { type: 'sendSyn' });
  sendSignal(core, subflow, 'syn');
};

/** The SYN of a further subflow; undefined where the connection must not, or cannot, open one (section 3.1: a DSS must have come). */
export const openSubflow = (core: Core, { local, remote, addressId, backup = false }: OpenSubflow): number | undefined => {
  if (core.remote === undefined || !core.may({ type: 'sendJoinSyn' })) return undefined;
  if (core.refuses(remote)) return undefined;
  const subflow = core.addSubflow(local, remote, true, false);
  subflow.shift = shiftFor(core.settings.maxReceiveBuffer);
  subflow.addressId = addressId;
  subflow.backup = backup;
  subflow.nonce = core.random32();
  core.feed({ type: 'sendJoinSyn' }, subflow);
  core.feedTcp(subflow, { type: 'sendSyn' });
  sendSignal(core, subflow, 'syn');
  return subflow.number;
};

/** Sends a SYN or SYN/ACK, as the connection stands. */
export const sendSyn = (core: Core, subflow: Subflow, outgoing: Outgoing<Content>): void => {
  const { kind } = outgoing.content;
  if (!subflow.initial) {
    const { backup, addressId, nonce, peerNonce } = subflow;
    const common = { kind: 'MP_JOIN', backup, addressId, senderRandomNumber: nonce, reserved: 0 } as const;
    const event = kind === 'syn' ? 'sendJoinSyn' : 'sendJoinSynAck';
    if (!core.subflowMay(subflow, { type: event })) return;
    core.feedSubflow(subflow, { type: event });
    const { local, remote, version } = core;
    putSyn(core, subflow, outgoing, [
      kind === 'syn'
        ? { ...common, segment: 'SYN', receiverToken: remote!.token }
        : { ...common, segment: 'SYN/ACK', senderTruncatedHmac: joinSynAckHmac(version, local!.key, remote!.key, nonce, peerNonce) },
    ]);
    return;
  }
  const { settings, context } = core;
  if (kind === 'syn') {
    // Where MP_CAPABLE is not answered, a middlebox may have dropped it (section 3.9).
    const offered = settings.version !== null && outgoing.transmissions <= settings.capableSyns && core.may({ type: 'sendCapableSyn' });
    if (offered) core.feed({ type: 'sendCapableSyn' }, subflow);
    putSyn(core, subflow, outgoing, offered ? [capable(core, core.version === 0 ? { senderKey: core.key } : {})] : []);
  } else if (context.state === 'CAPABLE_RECEIVED' || context.state === 'CAPABLE_ANSWERED') {
    core.feed({ type: 'sendCapableSynAck' }, subflow);
    putSyn(core, subflow, outgoing, [capable(core, { senderKey: core.key })]);
  } else {
    if (core.may({ type: 'sendPlainSynAck' })) core.feed({ type: 'sendPlainSynAck' }, subflow);
    putSyn(core, subflow, outgoing, []);
  }
};

/** The first SYN that comes to a listener. */
export const receiveFirstSyn = (core: Core, segment: TcpSegment): void => {
  const { source, sourcePort } = segment;
  const subflow = core.addSubflow(core.settings.local, { address: source, port: sourcePort }, false, true);
  subflow.shift = shiftFor(core.settings.maxReceiveBuffer);
  core.feedTcp(subflow, { type: 'passiveOpen' });
  core.feedTcp(subflow, { type: 'receiveSyn', again: false });
  takeSyn(core, subflow, segment);
  subflow.send.edge = segment.window;
  const offer = optionOf(segment, 'MP_CAPABLE');
  if (core.settings.version !== null && acceptable(offer) && (offer.version >= 1 || offer.senderKey !== undefined)) {
    core.context.version = offer.version === 0 ? 0 : 1;
    core.local = new Identity(core.key, core.version);
    if (core.version === 0) core.remote = new Identity(offer.senderKey!, 0);
    core.checksum = core.settings.checksum || offer.checksumRequired;
    core.peerRefusesSource = core.version === 1 && offer.noSubflowsToSource;
    core.feed({ type: 'receiveCapableSyn' }, subflow);
  }
  sendSignal(core, subflow, 'synAck');
};

/** A SYN with MP_JOIN (section 3.2). */
export const receiveJoinSyn = (core: Core, segment: TcpSegment): void => {
  const join = optionOf(segment, 'MP_JOIN');
  if (join?.segment !== 'SYN') return;
  const { source, sourcePort, destination, destinationPort } = segment;
  const local = { address: destination, port: destinationPort };
  const subflow = core.addSubflow(local, { address: source, port: sourcePort }, false, false);
  subflow.shift = shiftFor(core.settings.maxReceiveBuffer);
  core.feedTcp(subflow, { type: 'passiveOpen' });
  core.feedTcp(subflow, { type: 'receiveSyn', again: false });
  takeSyn(core, subflow, segment);
  subflow.addressId = core.addressIdOf(destination);
  subflow.peerAddressId = join.addressId;
  subflow.peerBackup = join.backup;
  subflow.peerNonce = join.senderRandomNumber;
  subflow.nonce = core.random32();
  const known = core.remote !== undefined && core.local?.token === join.receiverToken && core.accepts();
  core.feed({ type: 'receiveJoinSyn' }, subflow);
  core.feedSubflow(subflow, { type: 'receiveJoinSyn', token: known ? 'known' : 'unknown' });
  // Nothing is kept of one that was refused: anybody can send them.
  if (subflow.isGone) core.subflows.pop();
};

/** A segment that comes to a subflow in SYN_SENT (RFC 9293 section 3.10.7.3); true where the SYN/ACK has been taken. */
export const receiveSynAck = (core: Core, subflow: Subflow, segment: TcpSegment): boolean => {
  const acknowledges = ((segment.acknowledgment - subflow.iss) | 0) === 1;
  if ((segment.flags & SYN) === 0 || !acknowledges) {
    if ((segment.flags & SYN) !== 0) core.feedTcp(subflow, { type: 'receiveSynAck', acknowledges: false });
    return false;
  }
  takeSyn(core, subflow, segment);
  subflow.send.acknowledge(1, core.now, undefined);
  subflow.send.edge = 1 + segment.window;
  subflow.send.largestWindow = segment.window;
  core.feedTcp(subflow, { type: 'receiveSynAck', acknowledges: true });
  if (subflow.initial) receiveCapableSynAck(core, subflow, segment);
  else receiveJoinSynAck(core, subflow, segment);
  // Where MPTCP has not sent the third packet, TCP does.
  if (subflow.ackDue !== Infinity) subflow.ackNow = true;
  return true;
};

const receiveCapableSynAck = (core: Core, subflow: Subflow, segment: TcpSegment): void => {
  const answer = optionOf(segment, 'MP_CAPABLE');
  core.edge = 1 + segment.window;
  if (core.isPlain) return; // it has not offered MP_CAPABLE
  if (!acceptable(answer) || answer.version !== core.version || answer.senderKey === undefined) {
    core.feed({ type: 'receivePlainSynAck' }, subflow);
    return;
  }
  core.remote = new Identity(answer.senderKey, core.version);
  core.checksum = core.settings.checksum || answer.checksumRequired;
  core.peerRefusesSource = core.version === 1 && answer.noSubflowsToSource;
  core.feed({ type: 'receiveCapableSynAck' }, subflow);
  core.feedSubflow(subflow, { type: 'openInitial' });
};

const receiveJoinSynAck = (core: Core, subflow: Subflow, segment: TcpSegment): void => {
  const join = optionOf(segment, 'MP_JOIN');
  if (join?.segment !== 'SYN/ACK') {
    core.feedSubflow(subflow, { type: 'receivePlainSynAck' });
    return;
  }
  subflow.peerNonce = join.senderRandomNumber;
  subflow.peerAddressId = join.addressId;
  subflow.peerBackup = join.backup;
  const { local, remote, version } = core;
  const expected = joinSynAckHmac(version, remote!.key, local!.key, subflow.peerNonce, subflow.nonce);
  core.feedSubflow(subflow, { type: 'receiveJoinSynAck', hmac: equalBytes(join.senderTruncatedHmac, expected) ? 'valid' : 'wrong' });
};

/** The third packet with both keys. */
export const sendCapableAck = (core: Core, subflow: Subflow): void => {
  if (!core.may({ type: 'sendCapableAck' })) return;
  core.feed({ type: 'sendCapableAck' }, subflow);
  sendAck(core, subflow, [capable(core, bothKeys(core))]);
};

/** The third packet of a join, which proves that its sender has the keys. */
export const sendJoinAck = (core: Core, subflow: Subflow): void => {
  const { local, remote, version } = core;
  core.feedSubflow(subflow, { type: 'sendJoinAck' });
  const senderTruncatedHmac = joinAckHmac(version, local!.key, remote!.key, subflow.nonce, subflow.peerNonce);
  sendAck(core, subflow, [{ kind: 'MP_JOIN', segment: 'ACK', senderTruncatedHmac, reserved: 0 }]);
};

/** Whether the HMAC of an MP_JOIN ACK is the one that the keys make. */
export const provesJoin = (core: Core, subflow: Subflow, hmac: Uint8Array): boolean =>
  equalBytes(hmac, joinAckHmac(core.version, core.remote!.key, core.local!.key, subflow.peerNonce, subflow.nonce));

/** The third packet, as it comes to a listener; false where the segment says nothing that it could go by, and is to be dropped. */
export const receiveThird = (core: Core, subflow: Subflow, segment: TcpSegment): boolean => {
  const keys = optionOf(segment, 'MP_CAPABLE');
  const { state } = core.context;
  if (core.isPlain || state === 'IDLE') return true;
  if (keys?.senderKey !== undefined && keys.receiverKey !== undefined && keys.version === core.version) {
    if (keys.receiverKey === core.key) core.remote ??= new Identity(keys.senderKey, core.version);
    const agree = keys.receiverKey === core.key && core.remote?.key === keys.senderKey;
    core.feed({ type: 'receiveCapableAck', keys: agree ? 'agree' : 'differ', data: keys.dataLevelLength !== undefined }, subflow);
  } else if (optionOf(segment, 'DSS') === undefined) core.feed({ type: 'receivePlainAck' }, subflow);
  else if (core.version === 1) return false; // the keys are still to come
  else core.feed({ type: 'receiveDss' }, subflow);
  if (!core.isPlain) core.feedSubflow(subflow, { type: 'openInitial' });
  return true;
};
