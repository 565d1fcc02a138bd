/** Follows the MPTCP options that a segment carries, in their order: the DSS in place, every other one decoded (RFC 8684 section 3). */
import { copyOf } from '../../../codecs/bytes.ts';
import { decodeMptcpOption, readDss } from '../../../codecs/mptcp/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import { RST } from '../../../codecs/packet/index.ts';
import { followDss } from './data.ts';
import { attach, hasRoom, standOn } from './following.ts';
import { DSS, subtypeAt } from './options.ts';
import type { Following } from './following.ts';
import { followCapable, learnFromCapable } from './handshake.ts';
import { followJoin } from './join.ts';
import { judge } from './judge.ts';
import type { Carrier } from './judge.ts';
import { other } from './model.ts';
import type { Connection, Flow, Here, Index } from './model.ts';
import { followSignal } from './signals.ts';

export const eachOption = (f: Following, here: Here, segment: Segment, carrier: Carrier): void => {
  const options = f.options;
  for (let i = 0; i < options.count; i += 1) {
    const at = options.offsets[i]!;
    if (subtypeAt(segment, at) === DSS && readDss(segment.bytes, at, segment.optionsEnd, here.dss) === 0) {
      here.hasDss = true;
      followDss(here, f.watch);
      if (here.foreign) return;
      if (here.flow.kind === 'unknown' || here.connection.unattached) locate(f, here);
    } else {
      cold(f, here, segment, at, carrier);
    }
  }
};

/** Options beside MP_CAPABLE on a SYN/ACK that carries one. */
export const otherOptions = (f: Following, here: Here, segment: Segment, except: number): void => {
  for (let i = 0; i < f.options.count; i += 1) {
    const at = f.options.offsets[i]!;
    if (subtypeAt(segment, at) !== except) {
      cold(f, here, segment, at, 'SYN/ACK');
      continue;
    }
    const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, undefined);
    if (!option.ok) malformed(f, here, except, segment.bytes[at + 1]!, option.error, 'SYN/ACK', here.host);
  }
};

/** Any option but a DSS: decoded into an object, since few come. */
export const cold = (f: Following, here: Here, segment: Segment, at: number, carrier: Carrier): void => {
  const { connection, flow } = here;
  const version = connection.version ?? undefined;
  const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, version);
  const on: Carrier = (segment.flags & RST) !== 0 ? 'RST' : carrier;
  if (!option.ok) {
    if (option.error.code !== 'truncated' || segment.headerComplete) {
      malformed(f, here, subtypeAt(segment, at), segment.bytes[at + 1] ?? 0, option.error, on, here.host);
    }
    return;
  }
  const { value } = option;
  if (value.kind === 'MP_CAPABLE') {
    const known = connection.hosts[0].key !== undefined && connection.hosts[1].key !== undefined;
    learnFromCapable(here, value);
    if (!known) f.registry.index(connection);
    followCapable(here, f.watch, value);
  } else if (value.kind === 'MP_JOIN') {
    if (flow.join !== undefined && value.segment === 'SYN/ACK') flow.joinSynAck = value;
    if (flow.join !== undefined && value.segment === 'ACK')
      flow.joinAck = { ...value, senderTruncatedHmac: copyOf(value.senderTruncatedHmac) };
    followJoin(here, f.watch, value, carrier);
  } else {
    followSignal(here, f.watch, value);
  }
};

export const malformed = (
  f: Following,
  here: Here,
  subtype: number,
  length: number,
  error: NonNullable<Flow['synError']>,
  carrier: Carrier,
  host: Index,
): void => {
  const { flow, side } = here;
  standOn(here, flow, flow.sideOf(host));
  judge(f.watch.malformed, here, { subtype, length, error, carrier });
  standOn(here, flow, side);
};

/** A flow without a handshake, or with a token that nobody is known to have, belongs to the connection whose data sequence numbers it continues. */
export const locate = (f: Following, here: Here): void => {
  const { connection, flow } = here;
  if (flow.located || connection.flows.length > 1) return;
  const twin = f.registry.neighbour(connection);
  if (twin === undefined || !hasRoom(f, twin.connection)) {
    f.registry.indexNumbers(connection);
    return;
  }
  flow.located = true;
  // What was wrong in the handshake of a join that nobody could place is wrong in the connection that it turns out to belong to.
  if (connection.unattached) twin.connection.ledger.absorb(connection.ledger, twin.host0);
  f.registry.drop(connection);
  connection.flows.length = 0;
  rebase(connection, twin.connection, flow, twin.host0);
  attach(f, twin.connection, flow, twin.host0);
  here.connection = twin.connection;
  standOn(here, flow, here.side);
  followDss(here, f.watch);
};

/** What was counted from the first numbers seen on this subflow counts from those of the connection that it belongs to. */
const rebase = (from: Connection, to: Connection, flow: Flow, host0: Index): void => {
  const shifts = ([0, 1] as const).map((side) => {
    const [own, theirs] = [from.hosts[side], to.hosts[side === 0 ? host0 : other(host0)]];
    return (own.baseHigh - theirs.baseHigh) * 2 ** 32 + (own.baseLow - theirs.baseLow);
  });
  for (const side of [0, 1] as const) {
    const end = flow.ends[side];
    for (let i = 0; i < end.mappings.count; i += 1) end.mappings.at(i)!.dsn += shifts[side]!;
    if (end.lastDataAck >= 0) end.lastDataAck += shifts[other(side)]!;
    if (end.rightEdge >= 0) end.rightEdge += shifts[other(side)]!;
  }
};

/** What could not be decoded in the SYN, judged once the SYN has been answered, as its opener's doing: an attempt costs nothing before. */
export const malformedSyn = (f: Following, here: Here): void => {
  const { flow, frame } = here;
  if (flow.synError === undefined) return;
  here.frame = flow.synFrame;
  malformed(f, here, flow.synSubtype, flow.synLength, flow.synError, 'SYN', flow.host0);
  here.frame = frame;
};
