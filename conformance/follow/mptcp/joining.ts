/** Follows MP_JOIN handshakes to their connection, also when it becomes known later, or only its keys tell (RFC 8684 section 3.2). */
import type { Segment } from '../../../codecs/packet/index.ts';
import { eachOption, malformedSyn } from './carried.ts';
import { attach, hasRoom, learnSyn, onSynOf, stand, standOn } from './following.ts';
import type { Following } from './following.ts';
import { followJoin, followJoinSyn } from './join.ts';
import { judge } from './judge.ts';
import { feedSubflow } from './machines.ts';
import { other } from './model.ts';
import type { Connection, Flow, Here, Index } from './model.ts';
import { afterwards, reset } from './segments.ts';

/** The SYN of a join to a connection that is known. */
export const joinTo = (
  f: Following,
  flow: Flow,
  found: { readonly connection: Connection; readonly host: Index },
  segment: Segment,
  time: number,
): void => {
  flow.open();
  attach(f, found.connection, flow, other(found.host));
  flow.join!.tokenKnown = true;
  const here = stand(f, flow, 0, segment, time);
  flow.frames = 1;
  joinSyn(f, here);
};

/** A join whose connection is not known, at least not yet. */
export const joinNobody = (f: Following, flow: Flow): void => {
  const hidden = f.registry.open();
  hidden.unattached = true;
  attach(f, hidden, flow, 0);
};

export const joinSynAck = (f: Following, flow: Flow, segment: Segment, time: number): void => {
  flow.kind = 'join';
  learnSyn(f, flow, segment);
  const known = flow.connection !== undefined;
  if (!known) joinNobody(f, flow);
  const here = stand(f, flow, 1, segment, time);
  malformedSyn(f, here);
  eachOption(f, here, segment, 'SYN/ACK');
  // Where the snap length cut the options, MP_JOIN may have been among them.
  if (flow.join !== undefined && flow.join.synAckFrame === 0 && segment.headerComplete) {
    feedSubflow(here, 1, { type: 'sendPlainSynAck' });
    feedSubflow(here, 0, { type: 'receivePlainSynAck' });
    judge(f.watch.joinAnswer, here, { answer: 'SYN/ACK without MP_JOIN' });
  } else if (flow.join !== undefined && flow.join.synAckFrame > 0) {
    judge(f.watch.joinAnswer, here, { answer: 'SYN/ACK' });
    if (!known) proveByHmac(f, flow, here);
  }
  afterwards(f, here, segment);
};

/** No connection has this token: the HMAC may still tell which one the acceptor meant, and that it accepted a wrong token. */
export const proveByHmac = (f: Following, flow: Flow, here: Here): void => {
  const proven = f.registry.provenBy(flow);
  if (proven === undefined) {
    f.registry.await(flow.join!.token, flow);
    return;
  }
  flow.join!.tokenKnown = proven.connection.hosts[other(proven.host0)].token === flow.join!.token;
  resolve(f, flow, proven.connection, proven.host0, here);
};

/** The connection of a join has become known: what was seen of it is followed again, with the keys. */
export const resolve = (f: Following, flow: Flow, connection: Connection, host0: Index, here: Here): void => {
  const hidden = flow.connection!;
  if (connection.ended || !hidden.unattached || !hasRoom(f, connection)) return;
  flow.machines = [undefined, undefined];
  hidden.flows.length = 0;
  f.registry.drop(hidden);
  attach(f, connection, flow, host0);
  const { frame, side, flow: flowBefore, connection: connectionBefore } = here;
  here.flow = flow;
  here.connection = connection;
  standOn(here, flow, 0);
  joinSyn(f, here);
  const replay = [
    { side: 1 as const, frame: flow.join!.synAckFrame, option: flow.joinSynAck, carrier: 'SYN/ACK' as const },
    { side: 0 as const, frame: flow.join!.ackFrame, option: flow.joinAck, carrier: 'ACK' as const },
  ];
  flow.join!.synAckFrame = 0;
  flow.join!.ackFrame = 0;
  flow.join!.acks = 0;
  for (const each of replay) {
    if (each.option === undefined) continue;
    here.frame = each.frame;
    standOn(here, flow, each.side);
    followJoin(here, f.watch, each.option, each.carrier);
  }
  here.frame = frame;
  here.flow = flowBefore;
  here.connection = connectionBefore === hidden ? connection : connectionBefore;
  standOn(here, flowBefore, side);
};

export const joinSyn = (f: Following, here: Here): void => {
  const { joinSyn: option } = here.flow;
  if (option !== undefined) onSynOf(here, () => followJoinSyn(here, f.watch, option));
};

/** A RST answers an MP_JOIN SYN (section 3.2). */
export const refusedJoin = (f: Following, flow: Flow, segment: Segment, time: number, side: Index): void => {
  const known = flow.connection !== undefined;
  if (!known && side === 0) return;
  flow.open();
  flow.kind = 'join';
  Object.assign(flow.ends[0], { known: true, base: flow.synSequence, sentEnd: 1, acked: 1 });
  if (!known) joinNobody(f, flow);
  flow.join!.refusedFrame = f.frames;
  const here = stand(f, flow, side, segment, time);
  judge(f.watch.joinAnswer, here, { answer: 'RST' });
  eachOption(f, here, segment, 'RST');
  reset(f, here);
  if (!known) f.registry.end(flow.connection!, true);
};

/** A token has become known that joins have been waiting for. */
export const awaited = (
  f: Following,
  waiting: { readonly flow: Flow; readonly connection: Connection; readonly host0: Index },
  here: Here,
): void => {
  waiting.flow.join!.tokenKnown = true;
  resolve(f, waiting.flow, waiting.connection, waiting.host0, here);
};
