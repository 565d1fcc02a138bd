/** Follows MP_JOIN: tokens find the connection, also when its keys come later; HMACs are judged as soon as the keys are known (RFC 8684 section 3.2). */
import { copyOf, equalBytes, toHex } from '../../../codecs/bytes.ts';
import { joinAckHmac, joinSynAckHmac } from '../../../codecs/mptcp/index.ts';
import type { MpJoin } from '../../../codecs/mptcp/index.ts';
import { judge } from './judge.ts';
import type { Carrier, Watch } from './judge.ts';
import { feedConnection, feedSubflow, forbidden } from './machines.ts';
import { other } from './model.ts';
import type { Connection, Flow, Here, Index, Join, KnownAddress } from './model.ts';

export const newJoin = (option: MpJoin & { segment: 'SYN' }, frame: number, time: number): Join => ({
  token: option.receiverToken,
  openerNonce: option.senderRandomNumber,
  openerAddressId: option.addressId,
  synFrame: frame,
  synTime: time,
  acceptorNonce: undefined,
  acceptorAddressId: 0,
  acceptorHmac: undefined,
  synAckFrame: 0,
  openerHmac: undefined,
  ackFrame: 0,
  ackTime: 0,
  acks: 0,
  tokenKnown: undefined,
  acceptorValid: undefined,
  openerValid: undefined,
  refusedFrame: 0,
  establishedFrame: 0,
  earlyDataFrame: 0,
  earlyDataTime: 0,
  heardFrame: 0,
});

const usedAddress = (flow: Flow, side: Index, id: number, frame: number): KnownAddress => ({
  id,
  address: flow.addressOf(side),
  port: flow.ports[side],
  frame,
  by: 'MP_JOIN',
  removedFrame: 0,
  echoedFrame: 0,
  announcedOnPort: flow.ports[side],
});

/** Remembers an Address ID as its host's; a repetition changes nothing. */
const learnAddress = (connection: Connection, flow: Flow, side: Index, id: number, frame: number): void => {
  const { addresses } = connection.hosts[flow.hostOf(side)];
  const address = flow.addressOf(side);
  if (addresses.length < 256 && !addresses.some((each) => each.id === id && each.removedFrame === 0 && equalBytes(each.address, address))) {
    addresses.push(usedAddress(flow, side, id, frame));
  }
};

/** What the HMAC of one side should be: that side's key and nonce first. Undefined while something is not known. */
const expectedHmac = (connection: Connection, flow: Flow, side: Index): Uint8Array | undefined => {
  const { join } = flow;
  const own = connection.hosts[flow.hostOf(side)].key;
  const theirs = connection.hosts[other(flow.hostOf(side))].key;
  if (join?.acceptorNonce === undefined || own === undefined || theirs === undefined) return undefined;
  const version = connection.version === 0 ? 0 : 1;
  return side === 0
    ? joinAckHmac(version, own, theirs, join.openerNonce, join.acceptorNonce)
    : joinSynAckHmac(version, own, theirs, join.acceptorNonce, join.openerNonce);
};

/** Whether the acceptor's HMAC verifies under a connection's keys: that settles which connection a join belongs to. */
export const provesConnection = (connection: Connection, flow: Flow, host0: Index): boolean => {
  const before = flow.host0;
  flow.host0 = host0;
  const expected = expectedHmac(connection, flow, 1);
  flow.host0 = before;
  return expected !== undefined && flow.join?.acceptorHmac !== undefined && equalBytes(expected, flow.join.acceptorHmac);
};

/** The SYN with MP_JOIN, once its connection is known. `here` stands on any of its segments: the SYN's own frame is in the join. */
export const followJoinSyn = (here: Here, watch: Watch, option: MpJoin & { segment: 'SYN' }): void => {
  const { connection, flow } = here;
  flow.endOf(flow.host0).backup = option.backup;
  flow.endOf(flow.host0).backupFrame = here.frame;
  connection.hosts[flow.host0].asksBackup ||= option.backup;
  learnAddress(connection, flow, 0, option.addressId, here.frame);
  judge(watch.joinOption, here, { option, carrier: 'SYN' });
  judge(watch.joinSyn, here, { token: option.receiverToken });
  const token = flow.join?.tokenKnown;
  if (beforeAnyDss(here)) forbidden(here, flow.host0, 'RFC8684-3.1-10', 'sendJoinSyn');
  else feedConnection(here, flow.host0, { type: 'sendJoinSyn' });
  feedConnection(here, other(flow.host0), { type: 'receiveJoinSyn' });
  feedSubflow(here, 0, { type: 'sendJoinSyn' });
  feedSubflow(here, 1, { type: 'receiveJoinSyn', token: token === undefined ? 'undecided' : token ? 'known' : 'unknown' });
};

/** Whether the opener's peer sent its first DSS after this SYN: a join that is followed late meets a machine that has moved on. */
const beforeAnyDss = ({ connection, flow, frame }: Here): boolean => {
  const firsts = connection.flows.map((each) => each.endOf(other(flow.host0)).dssFrame).filter((first) => first > 0);
  return connection.fromStart && firsts.length > 0 && Math.min(...firsts) > frame;
};

/** An MP_JOIN on a segment other than a SYN, or on a SYN/ACK. */
export const followJoin = (here: Here, watch: Watch, option: MpJoin, carrier: Carrier): void => {
  const { connection, flow } = here;
  judge(watch.joinOption, here, { option, carrier });
  const { join } = flow;
  if (join === undefined) return;
  if (option.segment === 'SYN/ACK' && here.side === 1) {
    if (join.synAckFrame > 0) return; // sent again
    join.synAckFrame = here.frame;
    join.acceptorNonce = option.senderRandomNumber;
    join.acceptorAddressId = option.addressId;
    join.acceptorHmac = copyOf(option.senderTruncatedHmac);
    flow.ends[1].backup = option.backup;
    flow.ends[1].backupFrame = here.frame;
    connection.hosts[flow.hostOf(1)].asksBackup ||= option.backup;
    learnAddress(connection, flow, 1, option.addressId, here.frame);
    judgeHmac(here, watch, 1);
  } else if (option.segment === 'ACK' && here.side === 0) {
    join.acks += 1;
    if (join.acks > 1) {
      feedSubflow(here, 0, { type: 'sendJoinAck' });
      return;
    }
    join.ackFrame = here.frame;
    join.ackTime = here.time;
    flow.thirdFrame ||= here.frame;
    join.openerHmac = copyOf(option.senderTruncatedHmac);
    judgeHmac(here, watch, 0);
  }
};

const judgeHmac = (here: Here, watch: Watch, side: Index): void => {
  const { connection, flow } = here;
  const join = flow.join!;
  const seen = side === 0 ? join.openerHmac! : join.acceptorHmac!;
  const expected = expectedHmac(connection, flow, side);
  const valid = expected === undefined ? undefined : equalBytes(expected, seen);
  if (side === 0) join.openerValid = valid;
  else join.acceptorValid = valid;
  const hmac = valid === undefined ? 'undecided' : valid ? 'valid' : 'wrong';
  judge(watch.joinHmac, here, {
    by: side === 0 ? 'opener' : 'acceptor',
    valid,
    expected: expected === undefined ? 'unknown' : toHex(expected),
    seen: toHex(seen),
  });
  if (side === 1) {
    feedSubflow(here, 1, { type: 'sendJoinSynAck' });
    feedSubflow(here, 0, { type: 'receiveJoinSynAck', hmac });
  } else {
    feedSubflow(here, 0, { type: 'sendJoinAck' });
    feedSubflow(here, 1, { type: 'receiveJoinAck', hmac });
  }
};
