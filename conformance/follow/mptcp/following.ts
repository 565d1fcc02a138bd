/** What following a capture holds in one place, and the few things that every part of it does: to stand on a segment, to attach a subflow. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { decodeMptcpOption, newDssFields } from '../../../codecs/mptcp/index.ts';
import { tcpChecksum } from '../../../codecs/packet/index.ts';
import type { Segment } from '../../../codecs/packet/index.ts';
import { unwrap32 } from '../../../state-machines/mptcp/sequence.ts';
import { FlowTable } from './flow-table.ts';
import type { Watch } from './judge.ts';
import { Flow, Here, other } from './model.ts';
import type { Connection, Index } from './model.ts';
import { newOptionView } from './options.ts';
import type { OptionView } from './options.ts';
import { Queue } from '../queue.ts';
import type { Registry } from './registry.ts';
import { newStreamPool } from './stream.ts';

/** Everything that is shared while one capture is followed. */
export interface Following {
  /** Number of the record at hand, counted from 1. */
  frames: number;
  duplicates: number;
  unanswered: number;
  readonly watch: Watch;
  /** Addresses of the host at which the capture was taken, in octets. */
  readonly at: readonly Uint8Array[];
  readonly options: OptionView;
  readonly table: FlowTable;
  readonly here: Here;
  /** Connection attempts without an answer, oldest first. */
  readonly attempts: Queue<Flow>;
  /** Second views of subflows that are followed already, oldest first. */
  readonly mirrors: Queue<Flow>;
  /** The last attempts with TCP Fast Open octets. */
  readonly fastOpens: Flow[];
  readonly registry: Registry;
}

/** The shared state of a capture that has not begun; what is in `given` comes from outside. */
export const newFollowing = (given: Pick<Following, 'watch' | 'at' | 'registry'> & { readonly hashes: boolean }): Following => ({
  frames: 0,
  duplicates: 0,
  unanswered: 0,
  watch: given.watch,
  at: given.at,
  options: newOptionView(),
  table: new FlowTable(),
  here: new Here(newDssFields(), newStreamPool(given.hashes)),
  attempts: new Queue(),
  mirrors: new Queue(),
  fastOpens: [],
  registry: given.registry,
});

/** Nothing valid is further away than the largest window (RFC 7323 section 2.3). */
export const LARGEST_WINDOW = 2 ** 30;

/** What is captured a second time, by itself or as part of another view of its flow, follows the first within this time, in ms. */
export const TWICE = 500;

/** Refills `here` for a segment, without following it. */
export const stand = (f: Following, flow: Flow, side: Index, segment: Segment, time: number): Here => {
  const here = f.here;
  here.frame = f.frames;
  here.time = time;
  here.segment = segment;
  here.flow = flow;
  here.connection = flow.connection!;
  here.hasDss = false;
  here.mapsData = false;
  here.options = f.options.count;
  here.timestamp = f.options.timestamp;
  here.echo = f.options.echo;
  here.signals = 0;
  here.foreign = false;
  here.acked = 0;
  here.inOrder = true;
  here.retransmission = false;
  here.duplicateAck = false;
  here.steady = false;
  here.passed = 0;
  standOn(here, flow, side);
  here.ssn = here.sent.known ? unwrap32(segment.sequence - here.sent.base, here.sent.sentEnd) : 0;
  here.ssnEnd = here.ssn + segment.payloadLength;
  flow.frames += 1;
  flow.lastFrame = f.frames;
  flow.lastTime = time;
  here.connection.lastFrame = f.frames;
  here.sent.segments += 1;
  const { timestamp, sent } = here;
  if (timestamp !== 0 && (sent.newestTimestamp === 0 || ((timestamp - sent.newestTimestamp) | 0) > 0)) sent.newestTimestamp = timestamp;
  if (!segment.headerComplete) here.sent.cut = true;
  f.registry.touch(here.connection, f.frames);
  return here;
};

export const standOn = (here: Here, flow: Flow, side: Index): void => {
  const { hosts } = here.connection;
  here.side = side;
  here.host = flow.hostOf(side);
  here.sender = hosts[here.host];
  here.receiver = hosts[other(here.host)];
  here.sent = flow.ends[side];
  here.received = flow.ends[other(side)];
};

/** Stands on the SYN of a flow, as its opener, while `act` runs: a SYN is judged once it has been answered, so that an attempt costs nothing before. */
export const onSynOf = (here: Here, act: () => void): void => {
  const { frame, side, flow } = here;
  here.frame = flow.synFrame;
  standOn(here, flow, 0);
  act();
  here.frame = frame;
  standOn(here, flow, side);
};

export const attach = (f: Following, connection: Connection, flow: Flow, host0: Index): void => {
  flow.connection = connection;
  flow.host0 = host0;
  flow.index = connection.flows.length;
  connection.flows.push(flow);
  for (const side of [0, 1] as const)
    if (f.at.some((address) => equalBytes(address, flow.addressOf(side)))) connection.capturedAt = flow.hostOf(side);
};

/** A flow whose SYN was not captured; `side` is where this segment's sender sits. */
export const newFlow = (f: Following, segment: Segment, time: number, side: Index): Flow => {
  const flow = new Flow(segment, f.frames, time);
  if (side === 1) flow.turn();
  f.table.add(segment, flow);
  f.table.side = side;
  flow.kind = 'unknown';
  flow.open();
  return flow;
};

/** Subflows of one connection that are followed. */
const SUBFLOWS = 512;

/** Whether a connection can take one more subflow: the oldest that was refused, or never answered, gives way. */
export const hasRoom = (f: Following, connection: Connection): boolean => {
  const { flows } = connection;
  if (flows.length < SUBFLOWS) return true;
  f.registry.note('subflows', `only ${SUBFLOWS} subflows of a connection were followed; refused ones gave way to others`);
  const refused = flows.findIndex((each, index) => index > 0 && !each.established && (each.closed || each.synAckFrame === 0));
  if (refused < 0) return false;
  const left = flows[refused]!;
  f.table.remove(left);
  if (f.attempts.delete(left)) f.unanswered += 1;
  detach(connection, left);
  return true;
};

/** Takes a subflow of which nothing more can be said out of its connection, with what is still owed on it. */
const detach = (connection: Connection, flow: Flow): void => {
  const at = connection.flows.indexOf(flow);
  if (at <= 0) return;
  connection.flows.splice(at, 1);
  const { owed } = connection;
  for (let i = owed.length - 1; i >= 0; i -= 1) if (owed[i]!.flow === flow || owed[i]!.at === flow) owed.splice(i, 1);
};

/** Forgets an attempt, or takes a flow off its addresses because others use them now. */
export const forget = (f: Following, flow: Flow): void => {
  f.table.remove(flow);
  f.mirrors.delete(flow);
  flow.dead = true;
  const { connection } = flow;
  if (f.attempts.delete(flow)) {
    f.unanswered += 1;
    if (connection !== undefined) detach(connection, flow);
  }
  if (connection !== undefined && connection.flows.every((each) => each.dead || each.closed)) f.registry.end(connection, true);
};

export const mptcpOptions = (f: Following, segment: Segment, version: 0 | 1 | undefined) => {
  return Array.from({ length: f.options.count }, (_, i) =>
    decodeMptcpOption(segment.bytes, f.options.offsets[i]!, segment.optionsEnd, version),
  );
};

/** Where relative sequence numbers start on both sides, from SYN and SYN/ACK (TCP Fast Open: after the data that was accepted). */
export const learnSyn = (f: Following, flow: Flow, segment: Segment): void => {
  const [opener, acceptor] = flow.ends;
  opener.known = true;
  opener.base = (segment.acknowledgment - 1) >>> 0;
  opener.sentEnd = 1;
  opener.acked = 1;
  acceptor.known = true;
  acceptor.base = segment.sequence;
  acceptor.sentEnd = 1;
  acceptor.acked = 0;
  flow.synAckFrame = f.frames;
  flow.synAckChecksum = checksumOf(segment);
  if (flow.synFrame > 0) {
    // RFC 7323 section 2.2: scaling holds where both SYNs carry the option.
    const scaled = flow.synShift >= 0 && f.options.shift >= 0;
    opener.shift = scaled ? flow.synShift : 0;
    acceptor.shift = scaled ? f.options.shift : 0;
    opener.window = flow.synWindow;
    opener.openWindow = flow.synWindow;
    opener.mss = Math.max(0, flow.synMss);
  }
  acceptor.window = segment.window;
  acceptor.openWindow = segment.window;
  acceptor.mss = Math.max(0, f.options.mss);
  const { connection } = flow;
  if (connection === undefined) return;
  for (const side of [0, 1] as const) {
    const host = connection.hosts[flow.hostOf(side)];
    host.largestWindow = Math.max(host.largestWindow, flow.ends[side].openWindow);
  }
  // Only one of the two SYNs has a checksum that its network card was to fill in: this is where that card is.
  if (flow.synChecksum === false && flow.synAckChecksum === true) connection.capturedAt ??= flow.hostOf(0);
  if (flow.synChecksum === true && flow.synAckChecksum === false) connection.capturedAt ??= flow.hostOf(1);
};

/** Whether a segment's TCP checksum is right; undefined where it was not captured whole. One that is not filled in yet has not left its host. */
export const checksumOf = (segment: Segment): boolean | undefined => {
  const expected = tcpChecksum(segment);
  return expected === undefined ? undefined : expected === segment.checksum;
};
