/**
 * Follows a capture, segment by segment, in a fixed order: TCP's own validity, then options in their order, then payload, then FIN and
 * RST (RFC 8684 section 3 asks for TCP's checks first). Every segment becomes events that checks and state machines see.
 */
import { equalBytes } from '../../codecs/bytes.ts';
import type { CaptureRecord } from '../../codecs/capture/record.ts';
import { timeOf } from '../../codecs/capture/record.ts';
import { decodeMptcpOption, newDssFields, readDss } from '../../codecs/mptcp/index.ts';
import type { MpCapable, MpTcprst } from '../../codecs/mptcp/index.ts';
import { ACK, FIN, FRAGMENT, RST, SYN, TCP, createReassembler, locateSegment, newSegment } from '../../codecs/packet/index.ts';
import type { Segment } from '../../codecs/packet/index.ts';
import { unwrap32 } from '../../state-machines/mptcp/sequence.ts';
import { followDss, followPayload, hasFallenBack, takeAsFallback } from './data.ts';
import { FlowTable } from './flow-table.ts';
import { followCapable, followSynAck, followThird } from './handshake.ts';
import { followJoin, followJoinSyn, newJoin } from './join.ts';
import { closeSuspicions, judge } from './judge.ts';
import type { Carrier, Watch } from './judge.ts';
import { arrive, closeOwed, feedConnection, feedSubflow, feedWhenReceived, startEstablished, watchOwed } from './machines.ts';
import { Connection, Flow, Here, other } from './model.ts';
import type { End, Index } from './model.ts';
import { newOptionView, readOptions } from './options.ts';
import { newStreamPool } from './stream.ts';
import { followSignal } from './signals.ts';
import { Registry } from './registry.ts';
import type { Finished } from './registry.ts';

const RAW = 101;
const MP_CAPABLE = 0;
const DSS = 2;
/** Half-open attempts that are remembered. */
const ATTEMPTS = 32_768;
/** Subflows of one connection that are followed. */
const SUBFLOWS = 1024;
/** Nothing valid is further away than the largest window (RFC 7323 section 2.3). */
const LARGEST_WINDOW = 2 ** 30;
/** A frame captured twice follows the first within this time, in ms. */
const TWICE = 500;

export interface FollowerOptions {
  readonly watch: Watch;
  readonly hashes: boolean;
  /** Addresses of the host at which the capture was taken, in octets. */
  readonly at: readonly Uint8Array[];
  /** Called with each connection when it is over, and with the rest at the end. */
  readonly onFinished: (finished: Finished) => void;
}

/** Follows the records of one capture. */
export class Follower {
  frames = 0;
  snapped = 0;
  duplicates = 0;
  unanswered = 0;
  readonly #watch: Watch;
  readonly #at: readonly Uint8Array[];
  readonly #segment: Segment = newSegment();
  readonly #options = newOptionView();
  readonly #table = new FlowTable();
  readonly #here: Here;
  readonly #reassembler = createReassembler();
  readonly #attempts = new Set<Flow>();
  readonly #registry: Registry;

  constructor({ watch, hashes, at, onFinished }: FollowerOptions) {
    this.#watch = watch;
    this.#at = at;
    this.#here = new Here(newDssFields(), newStreamPool(hashes));
    this.#registry = new Registry((connection, ended) => {
      this.#settle(connection, ended);
      for (const flow of connection.flows) this.#table.remove(flow);
      onFinished({ connection, ended });
    });
  }

  /** What was dropped to stay within bounds. */
  get notes(): readonly string[] {
    return this.#registry.notes;
  }

  /** Follows one record. */
  readonly follow = (record: CaptureRecord): void => {
    this.frames += 1;
    if (record.end - record.start < record.originalLength) this.snapped += 1;
    const segment = this.#segment;
    const located = locateSegment(record.bytes, record.start, record.end, record.originalLength, record.linkType, segment);
    if (located === TCP) {
      this.#follow(segment, timeOf(record));
    } else if (located === FRAGMENT) {
      const packet = this.#reassembler.add(record.bytes, record.start, record.end, record.linkType);
      if (packet !== undefined && locateSegment(packet, 0, packet.length, packet.length, RAW, segment) === TCP)
        this.#follow(segment, timeOf(record));
    }
  };

  /** The capture is over: what is open is settled and handed out. */
  finish(): void {
    this.unanswered += this.#attempts.size;
    this.#attempts.clear();
    this.#registry.finish();
  }

  #follow(segment: Segment, time: number): void {
    const flow = this.#table.find(segment);
    const { flags } = segment;
    if ((flags & SYN) !== 0) {
      readOptions(segment, this.#options);
      if ((flags & ACK) === 0) this.#syn(segment, flow, time);
      else this.#synAck(segment, flow, time);
      return;
    }
    if (flow !== undefined && flow.kind !== 'syn') {
      if (flow.mirror) {
        this.duplicates += 1;
        return;
      }
      readOptions(segment, this.#options);
      this.#segmentOf(flow, this.#table.side, segment, time);
      return;
    }
    if (flow !== undefined) {
      this.#withoutSynAck(flow, segment, time);
      return;
    }
    if (segment.optionsEnd - segment.options < 4) return; // most of what is not ours ends here
    readOptions(segment, this.#options);
    if (this.#options.count > 0) this.#adopt(segment, time);
  }

  /** A SYN: a new attempt, the same once more, or a new connection under old addresses and ports. */
  #syn(segment: Segment, known: Flow | undefined, time: number): void {
    if (known !== undefined) {
      if (known.synSequence === segment.sequence && this.#table.side === 0 && known.synFrame > 0) {
        known.frames += 1;
        if (known.kind !== 'syn' && !known.mirror) this.#place(known, 0, segment, time);
        return;
      }
      this.#forget(known);
    }
    const flow = new Flow(segment, this.frames, time);
    flow.synFrame = this.frames;
    flow.synSequence = segment.sequence;
    flow.synWindow = segment.window;
    flow.synShift = this.#options.shift;
    flow.synMss = this.#options.mss;
    flow.frames = 1;
    flow.lastFrame = this.frames;
    flow.lastTime = time;
    if (segment.payloadLength > 0) {
      flow.fastOpen = segment.bytes.slice(segment.payload, segment.payloadEnd);
      flow.fastOpenLength = segment.payloadLength;
    }
    this.#readSynOptions(flow, segment, time);
    this.#table.add(segment, flow);
    this.#attempts.add(flow);
    const found = flow.join === undefined ? undefined : this.#registry.connectionWithToken(flow.join.token);
    if (found !== undefined && found.connection.flows.length < SUBFLOWS) this.#joinTo(flow, found, segment, time);
    if (this.#attempts.size > ATTEMPTS) {
      const [oldest] = this.#attempts;
      this.#forget(oldest!);
      this.#registry.note('attempts', `only the last ${ATTEMPTS} unanswered connection attempts were remembered at a time`);
    }
  }

  #readSynOptions(flow: Flow, segment: Segment, time: number): void {
    for (let i = 0; i < this.#options.count; i += 1) {
      const at = this.#options.offsets[i]!;
      const subtype = subtypeAt(segment, at);
      const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, undefined);
      if (!option.ok) {
        flow.synError = option.error;
        flow.synLength = segment.bytes[at + 1]!;
        flow.synSubtype = subtype;
        if (subtype === MP_CAPABLE) flow.offered ??= null;
      } else if (option.value.kind === 'MP_CAPABLE') {
        flow.offered = option.value;
      } else if (option.value.kind === 'MP_JOIN' && option.value.segment === 'SYN') {
        flow.kind = 'syn';
        flow.join = newJoin(option.value, this.frames, time);
        flow.joinSyn = option.value;
      }
    }
  }

  /** Forgets an attempt, or takes a flow off its addresses because others use them now. */
  #forget(flow: Flow): void {
    this.#table.remove(flow);
    if (this.#attempts.delete(flow)) this.unanswered += 1;
    flow.dead = true;
    const { connection } = flow;
    if (connection !== undefined && connection.flows.every((each) => each.dead || each.closed)) this.#registry.end(connection, true);
  }

  #synAck(segment: Segment, known: Flow | undefined, time: number): void {
    const { count } = this.#options;
    let flow = known;
    if (flow === undefined) {
      if (count === 0) return;
      // The SYN was not captured. Side 0 is who sent it.
      flow = this.#newFlow(segment, time, 1);
    } else if (flow.kind === 'syn') {
      if (this.#table.side !== 1) return;
      this.#attempts.delete(flow);
      if (flow.synSequence !== (segment.acknowledgment - 1 - flow.fastOpenLength) >>> 0 && flow.fastOpenLength === 0) {
        const distance = (segment.acknowledgment - 1 - flow.synSequence) | 0;
        if (distance !== 0) return; // answers another SYN
      }
      if (count === 0 && flow.offered === undefined && flow.join === undefined) {
        this.#table.remove(flow); // regular TCP: none of ours
        return;
      }
    } else {
      if (!flow.mirror) this.#place(flow, this.#table.side, segment, time);
      return;
    }
    const decoded = this.#mptcpOptions(segment, undefined);
    const capable = decoded.find((each) => each.ok && each.value.kind === 'MP_CAPABLE');
    const join = decoded.find((each) => each.ok && each.value.kind === 'MP_JOIN');
    const answered =
      capable?.ok === true && capable.value.kind === 'MP_CAPABLE' ? capable.value : decoded.some((each) => !each.ok) ? null : undefined;
    if (this.#isMirror(flow, answered, segment)) {
      flow.open();
      flow.mirror = true;
      flow.kind = 'unknown';
      this.duplicates += flow.frames + 1;
      return;
    }
    flow.open();
    if (flow.join !== undefined || (join !== undefined && flow.offered === undefined)) this.#joinSynAck(flow, segment, time);
    else this.#capableSynAck(flow, segment, time, answered);
  }

  /** The same handshake seen beyond a NAT, or on another interface with other addresses: it has the key of a connection just opened. */
  #isMirror(flow: Flow, answered: MpCapable | null | undefined, segment: Segment): boolean {
    if (answered?.senderKey === undefined) return false;
    const twin = this.#registry.connectionWithKey(answered.senderKey);
    const initial = twin?.initial;
    return (
      initial !== undefined &&
      initial.synFrame > 0 &&
      flow.synFrame > 0 &&
      flow.firstTime - initial.firstTime < TWICE &&
      initial.ends[1].base === segment.sequence
    );
  }

  #capableSynAck(flow: Flow, segment: Segment, time: number, answered: MpCapable | null | undefined): void {
    const connection = this.#registry.open();
    flow.kind = 'initial';
    this.#attach(connection, flow, 0);
    this.#learnSyn(flow, segment);
    const here = this.#stand(flow, 1, segment, time);
    if (flow.synError !== undefined) {
      const { frame } = here;
      here.frame = flow.synFrame;
      this.#malformed(here, flow.synSubtype, flow.synLength, flow.synError, 'SYN', 0);
      here.frame = frame;
    }
    followSynAck(here, this.#watch, answered);
    if (flow.fastOpen !== undefined && answered) this.#fastOpen(flow, segment);
    this.#registry.index(connection);
    this.#otherOptions(here, segment, MP_CAPABLE);
    this.#afterwards(here, segment);
  }

  /** What of the SYN's data was accepted belongs to the application, but not to the data sequence space (appendix B.2). */
  #fastOpen(flow: Flow, segment: Segment): void {
    const accepted = (segment.acknowledgment - 1 - flow.synSequence) >>> 0;
    if (accepted === 0 || accepted > flow.fastOpenLength) return;
    const host = flow.connection!.hosts[0];
    host.fastOpen = { octets: flow.fastOpen!.subarray(0, accepted), length: accepted };
  }

  /** Where relative sequence numbers start on both sides, from SYN and SYN/ACK (TCP Fast Open: after the data that was accepted). */
  #learnSyn(flow: Flow, segment: Segment): void {
    const [opener, acceptor] = flow.ends;
    opener.known = true;
    opener.base = (segment.acknowledgment - 1) >>> 0;
    opener.sentEnd = 1;
    opener.acked = 1;
    acceptor.known = true;
    acceptor.base = segment.sequence;
    acceptor.sentEnd = 1;
    acceptor.acked = 0;
    flow.synAckFrame = this.frames;
    if (flow.synFrame > 0) {
      // RFC 7323 section 2.2: scaling holds where both SYNs carry the option.
      const scaled = flow.synShift >= 0 && this.#options.shift >= 0;
      opener.shift = scaled ? flow.synShift : 0;
      acceptor.shift = scaled ? this.#options.shift : 0;
      opener.window = flow.synWindow;
      opener.mss = Math.max(0, flow.synMss);
    }
    acceptor.window = segment.window;
    acceptor.mss = Math.max(0, this.#options.mss);
  }

  /** The SYN of a join to a connection that is known. */
  #joinTo(flow: Flow, found: { readonly connection: Connection; readonly host: Index }, segment: Segment, time: number): void {
    flow.open();
    this.#attach(found.connection, flow, other(found.host));
    flow.join!.tokenKnown = true;
    const here = this.#stand(flow, 0, segment, time);
    flow.frames = 1;
    this.#joinSyn(here);
  }

  /** A join whose connection is not known, at least not yet. */
  #joinNobody(flow: Flow): void {
    const hidden = this.#registry.open();
    hidden.unattached = true;
    this.#attach(hidden, flow, 0);
  }

  #joinSynAck(flow: Flow, segment: Segment, time: number): void {
    flow.kind = 'join';
    this.#learnSyn(flow, segment);
    const known = flow.connection !== undefined;
    if (!known) this.#joinNobody(flow);
    const here = this.#stand(flow, 1, segment, time);
    if (flow.synError !== undefined) this.#malformed(here, flow.synSubtype, flow.synLength, flow.synError, 'SYN', 0);
    this.#eachOption(here, segment, 'SYN/ACK');
    if (flow.join !== undefined && flow.join.synAckFrame === 0) {
      feedSubflow(here, 1, { type: 'sendPlainSynAck' });
      feedSubflow(here, 0, { type: 'receivePlainSynAck' });
      judge(this.#watch.joinAnswer, here, { answer: 'SYN/ACK without MP_JOIN' });
    } else if (flow.join !== undefined) {
      judge(this.#watch.joinAnswer, here, { answer: 'SYN/ACK' });
      if (!known) this.#proveByHmac(flow, here);
    }
    this.#afterwards(here, segment);
  }

  /** No connection has this token: the HMAC may still tell which one the acceptor meant, and that it accepted a wrong token. */
  #proveByHmac(flow: Flow, here: Here): void {
    const proven = this.#registry.provenBy(flow);
    if (proven === undefined) {
      this.#registry.await(flow.join!.token, flow);
      return;
    }
    flow.join!.tokenKnown = proven.connection.hosts[other(proven.host0)].token === flow.join!.token;
    this.#resolve(flow, proven.connection, proven.host0, here);
  }

  /** The connection of a join has become known: what was seen of it is followed again, with the keys. */
  #resolve(flow: Flow, connection: Connection, host0: Index, here: Here): void {
    const hidden = flow.connection!;
    if (connection.ended || hidden === connection) return;
    flow.machines = [undefined, undefined];
    hidden.flows.length = 0;
    this.#registry.drop(hidden);
    this.#attach(connection, flow, host0);
    const { frame, host, side, sent, received, time } = here;
    const flowBefore = here.flow;
    const connectionBefore = here.connection;
    const { options } = here;
    here.flow = flow;
    here.connection = connection;
    this.#standOn(here, flow, 0);
    this.#joinSyn(here);
    const replay = [
      { side: 1 as const, frame: flow.join!.synAckFrame, option: flow.joinSynAck },
      { side: 0 as const, frame: flow.join!.ackFrame, option: flow.joinAck },
    ];
    flow.join!.synAckFrame = 0;
    flow.join!.ackFrame = 0;
    flow.join!.acks = 0;
    for (const each of replay) {
      if (each.option === undefined) continue;
      here.frame = each.frame;
      this.#standOn(here, flow, each.side);
      followJoin(here, this.#watch, each.option);
    }
    here.flow = flowBefore;
    here.connection = connectionBefore === hidden ? connection : connectionBefore;
    Object.assign(here, { frame, host: flowBefore.hostOf(side), side, sent, received, time, options });
    void host;
  }

  #joinSyn(here: Here): void {
    const { flow, frame, side } = here;
    if (flow.joinSyn === undefined) return;
    here.frame = flow.join!.synFrame;
    this.#standOn(here, flow, 0);
    followJoinSyn(here, this.#watch, flow.joinSyn);
    here.frame = frame;
    this.#standOn(here, flow, side);
  }

  #attach(connection: Connection, flow: Flow, host0: Index): void {
    flow.connection = connection;
    flow.host0 = host0;
    flow.index = connection.flows.length;
    connection.flows.push(flow);
    for (const side of [0, 1] as const) if (this.#at.some((address) => equalBytes(address, flow.addressOf(side)))) connection.capturedAt = flow.hostOf(side);
  }

  /** A flow whose SYN was not captured; `side` is where this segment's sender sits. */
  #newFlow(segment: Segment, time: number, side: Index): Flow {
    const flow = new Flow(segment, this.frames, time);
    if (side === 1) flow.turn();
    this.#table.add(segment, flow);
    this.#table.side = side;
    flow.kind = 'unknown';
    flow.open();
    return flow;
  }

  /** A segment of an attempt whose SYN/ACK was not captured, or its refusal. */
  #withoutSynAck(flow: Flow, segment: Segment, time: number): void {
    const { side } = this.#table;
    readOptions(segment, this.#options);
    if ((segment.flags & RST) !== 0) {
      this.#attempts.delete(flow);
      if (flow.join === undefined) {
        this.#table.remove(flow);
        return;
      }
      this.#refusedJoin(flow, segment, time, side);
      return;
    }
    if (side === 0 && flow.joinSyn === undefined && this.#options.count === 0 && flow.offered === undefined) {
      this.#attempts.delete(flow);
      this.#table.remove(flow);
      return;
    }
    if (side !== 0 || (segment.flags & ACK) === 0) return;
    this.#attempts.delete(flow);
    flow.open();
    const [opener, acceptor] = flow.ends;
    Object.assign(opener, { known: true, base: flow.synSequence, sentEnd: 1, acked: 1, window: flow.synWindow });
    Object.assign(acceptor, { known: true, base: (segment.acknowledgment - 1) >>> 0, sentEnd: 1, acked: 0 });
    if (flow.join === undefined) {
      const connection = this.#registry.open();
      flow.kind = 'initial';
      this.#attach(connection, flow, 0);
      connection.synCapable = flow.offered;
      if (flow.offered) connection.version = flow.offered.version === 0 ? 0 : 1;
    } else {
      flow.kind = 'join';
      if (flow.connection === undefined) this.#joinNobody(flow);
    }
    this.#segmentOf(flow, 0, segment, time);
  }

  /** A RST answers an MP_JOIN SYN (section 3.2). */
  #refusedJoin(flow: Flow, segment: Segment, time: number, side: Index): void {
    const known = flow.connection !== undefined;
    if (!known && side === 0) return;
    flow.open();
    flow.kind = 'join';
    Object.assign(flow.ends[0], { known: true, base: flow.synSequence, sentEnd: 1, acked: 1 });
    if (!known) this.#joinNobody(flow);
    flow.join!.refusedFrame = this.frames;
    const here = this.#stand(flow, side, segment, time);
    judge(this.#watch.joinAnswer, here, { answer: 'RST' });
    this.#eachOption(here, segment, 'RST');
    this.#reset(here);
    if (!known) this.#registry.end(flow.connection!, true);
  }

  /** A flow that began before the capture. Its data sequence numbers may tell which connection it belongs to. */
  #adopt(segment: Segment, time: number): void {
    const flow = this.#newFlow(segment, time, 0);
    const connection = this.#registry.open();
    startEstablished(connection);
    this.#attach(connection, flow, 0);
    this.#segmentOf(flow, 0, segment, time);
  }

  /** Refills `here` for a segment, without following it. */
  #stand(flow: Flow, side: Index, segment: Segment, time: number): Here {
    const here = this.#here;
    here.frame = this.frames;
    here.time = time;
    here.segment = segment;
    here.flow = flow;
    here.connection = flow.connection!;
    here.hasDss = false;
    here.mapsData = false;
    here.options = this.#options.count;
    here.timestamp = this.#options.timestamp;
    here.echo = this.#options.echo;
    here.signals = 0;
    here.inOrder = true;
    here.retransmission = false;
    this.#standOn(here, flow, side);
    here.ssn = here.sent.known ? unwrap32(segment.sequence - here.sent.base, here.sent.sentEnd) : 0;
    here.ssnEnd = here.ssn + segment.payloadLength;
    flow.frames += 1;
    flow.lastFrame = this.frames;
    flow.lastTime = time;
    here.connection.lastFrame = this.frames;
    here.sent.segments += 1;
    this.#registry.touch(here.connection);
    return here;
  }

  #standOn(here: Here, flow: Flow, side: Index): void {
    here.side = side;
    here.host = flow.hostOf(side);
    here.sent = flow.ends[side];
    here.received = flow.ends[other(side)];
  }

  /** A SYN or SYN/ACK sent again: counted, and its options judged once more. */
  #place(flow: Flow, side: Index, segment: Segment, time: number): void {
    this.#stand(flow, side, segment, time);
  }

  /** Any segment of a followed flow after the SYNs. */
  #segmentOf(flow: Flow, side: Index, segment: Segment, time: number): void {
    if (flow.connection!.ended) return;
    if (this.#twice(flow.ends[side], segment, time)) {
      this.duplicates += 1;
      flow.frames += 1;
      return;
    }
    const here = this.#stand(flow, side, segment, time);
    const { sent, received } = here;
    if (sent.known && !this.#valid(here)) return;
    const { connection } = here;
    const options = this.#options;
    const first = flow.thirdFrame === 0 && side === 0 && flow.synFrame + flow.synAckFrame > 0;
    this.#followAck(here);
    if (connection.underway.length > 0) arrive(here);
    if (options.count === 0) this.#withoutOptions(here);
    here.retransmission = segment.payloadLength > 0 && sent.known && sent.seen.covers(here.ssn, here.ssnEnd);
    for (let i = 0; i < options.count; i += 1) {
      if (subtypeAt(segment, options.offsets[i]!) !== DSS) here.signals += 1;
    }
    if (options.count === 0) sent.bareRun += 1;
    else sent.bareRun = 0;
    this.#eachOption(here, segment, segment.payloadLength > 0 ? 'data' : 'ACK');
    if (first && flow.thirdFrame === 0) this.#plainThird(here);
    if (segment.payloadLength > 0) this.#payload(here);
    judge(this.#watch.segment, here, undefined);
    if (connection.owed.length > 0) watchOwed(here);
    this.#afterwards(here, segment);
    void received;
  }

  /** A segment without any MPTCP option: regular TCP, if its sender has fallen back, or the path removes options (section 3.7). */
  #withoutOptions(here: Here): void {
    const { connection, flow, received, sender, receiver, host, segment } = here;
    if (connection.owed.length > 0 && sender.machine?.state === 'FALLBACK') feedConnection(here, host, { type: 'sendPlainAck' });
    if ((segment.flags & RST) !== 0 || !connection.agreed || received.dataFrame === 0 || received.dataAckedFrame > 0 || here.acked < 2) return;
    // Data is acknowledged, and no Data ACK of any has come on this subflow.
    const joins = connection.flows.length > 1;
    const subflow = flow.kind !== 'initial' ? 'additional' : joins ? 'first' : 'only';
    if (receiver.machine?.state !== 'FALLBACK') feedWhenReceived(here, { type: 'receiveAckWithoutDataAck', subflow });
    if (subflow === 'additional') feedSubflow(here, other(here.side), { type: 'receiveAckWithoutDataAck' });
  }

  /** The third packet of a handshake carries neither MP_CAPABLE nor MP_JOIN. */
  #plainThird(here: Here): void {
    const { flow } = here;
    if ((here.segment.flags & RST) !== 0) return;
    if (flow.kind === 'initial') {
      followThird(here, this.#watch, this.#options.count > 0 && !this.#decodes(here.segment) ? null : undefined);
      flow.thirdFrame ||= here.frame;
    } else if (flow.kind === 'join' && flow.join?.ackFrame === 0) {
      flow.thirdFrame = here.frame;
      judge(this.#watch.joinThird, here, undefined);
      feedSubflow(here, 1, { type: 'receiveAck' });
    }
  }

  #decodes(segment: Segment): boolean {
    return this.#mptcpOptions(segment, undefined).every((each) => each.ok);
  }

  /** RFC 9293 section 3.10.7.4, loosely: what the receiver would not accept changes nothing. */
  #valid(here: Here): boolean {
    const { sent, received, ssn, ssnEnd, segment } = here;
    if (Math.abs(ssn - sent.sentEnd) > LARGEST_WINDOW) return false;
    if (received.window < 0 || sent.acked === 0) return true;
    const room = Math.max(received.largestWindow, 65_536);
    if ((segment.flags & RST) !== 0) return ssn <= sent.acked + room && ssn >= sent.acked - room;
    return ssnEnd <= sent.acked + 2 * room + segment.payloadLength && ssnEnd >= sent.acked - LARGEST_WINDOW;
  }

  /** Whether this frame is one that has just been captured: the same packet seen on another interface, or doubled by the network. */
  #twice(end: End, segment: Segment, time: number): boolean {
    const { identification } = segment;
    let h = Math.imul(segment.sequence ^ 0x9e3779b1, 0x85ebca6b) ^ segment.acknowledgment;
    h = Math.imul(h ^ (h >>> 15), 0x27d4eb2d) ^ ((segment.window << 16) | segment.checksum);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) ^ this.#options.timestamp;
    h = Math.imul(h ^ (h >>> 16), 0x9e3779b1) ^ (segment.payloadLength << 8) ^ segment.flags ^ (identification << 16);
    const { recent } = end;
    const telling = identification > 0 || segment.payloadLength > 0;
    const seen = recent[0] === h || recent[1] === h || recent[2] === h || recent[3] === h;
    if (seen && telling && time - end.recentTime < TWICE) return true;
    recent[end.recentAt++ & 3] = h;
    end.recentTime = time;
    return false;
  }

  #followAck(here: Here): void {
    const { segment, sent, received } = here;
    if ((segment.flags & ACK) === 0) return;
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
    }
    if (sent.shift >= 0) {
      sent.window = segment.window << sent.shift;
      if (sent.window > sent.largestWindow) sent.largestWindow = sent.window;
    }
    if (here.flow.join?.establishedFrame === 0) this.#followJoinAck(here);
  }

  /** An acknowledgement while the handshake of a join is under way (section 3.2: PRE_ESTABLISHED). */
  #followJoinAck(here: Here): void {
    const { flow, side, segment } = here;
    const { join } = flow;
    if (join === undefined || (segment.flags & RST) !== 0) return;
    if (side === 1 && join.ackFrame > 0) {
      feedSubflow(here, 1, { type: 'sendAck' });
      feedSubflow(here, 0, { type: 'receiveAck' });
      join.establishedFrame = here.frame;
    }
  }

  #payload(here: Here): void {
    const { flow, connection, sent, segment } = here;
    if (!sent.known) {
      return;
    }
    if (sent.dataFrame === 0) sent.dataFrame = here.frame;
    const { state } = flow.machines[here.side] ?? {};
    if (flow.kind === 'join' && state !== undefined && state !== 'ESTABLISHED') {
      feedSubflow(here, here.side, { type: 'sendData' });
      feedSubflow(here, other(here.side), { type: 'receiveData' });
    }
    if (connection.refused) return;
    followPayload(here, this.#watch, here.pool);
    sent.seen.add(here.ssn, here.ssn + segment.payloadLength);
    if (sent.unmapped.length > 0 && connection.agreed && hasFallenBack(connection, flow, sent)) {
      connection.fallbackFrame ||= here.frame;
      takeAsFallback(connection, flow, here.host, here.pool);
    }
  }

  #afterwards(here: Here, segment: Segment): void {
    const { sent } = here;
    if (sent.known && here.ssnEnd > sent.sentEnd) sent.sentEnd = here.ssnEnd;
    if ((segment.flags & FIN) !== 0) this.#fin(here);
    if ((segment.flags & RST) !== 0) this.#reset(here);
    const { connection, flow } = here;
    if (connection.refused && flow.ends[0].segments >= 8) this.#registry.linger(connection);
  }

  #fin(here: Here): void {
    const { sent, flow, side } = here;
    if (sent.finAt < 0) {
      sent.finAt = here.ssnEnd;
      sent.finFrame = here.frame;
      if (sent.known && here.ssnEnd + 1 > sent.sentEnd) sent.sentEnd = here.ssnEnd + 1;
      judge(this.#watch.fin, here, undefined);
      feedSubflow(here, side, { type: 'sendFin' });
      feedSubflow(here, other(side), { type: 'receiveFin' });
    }
    if (flow.closed) this.#closed(here);
  }

  #reset(here: Here): void {
    const { sent, flow, side } = here;
    if (sent.rstFrame === 0) {
      sent.rstFrame = here.frame;
      judge(this.#watch.rst, here, { reason: this.#reason(here.segment) });
      feedSubflow(here, side, { type: 'sendRst' });
      feedSubflow(here, other(side), { type: 'receiveRst' });
      if (here.connection.flows.every((each) => each.closed)) feedConnection(here, other(here.host), { type: 'receiveRst' });
    }
    this.#closed(here);
    void flow;
  }

  #reason(segment: Segment): MpTcprst | undefined {
    const found = this.#mptcpOptions(segment, 1).find((each) => each.ok && each.value.kind === 'MP_TCPRST');
    return found?.ok === true && found.value.kind === 'MP_TCPRST' ? found.value : undefined;
  }

  #closed(here: Here): void {
    const { connection } = here;
    if (!connection.flows.every((flow) => flow.closed)) return;
    if (!connection.allClosed) {
      connection.allClosed = true;
      feedConnection(here, 0, { type: 'allSubflowsClosed' });
      feedConnection(here, 1, { type: 'allSubflowsClosed' });
    }
    this.#registry.linger(connection);
  }

  #mptcpOptions(segment: Segment, version: 0 | 1 | undefined) {
    return Array.from({ length: this.#options.count }, (_, i) =>
      decodeMptcpOption(segment.bytes, this.#options.offsets[i]!, segment.optionsEnd, version),
    );
  }

  #eachOption(here: Here, segment: Segment, carrier: Carrier): void {
    const options = this.#options;
    for (let i = 0; i < options.count; i += 1) {
      const at = options.offsets[i]!;
      if (subtypeAt(segment, at) === DSS && readDss(segment.bytes, at, segment.optionsEnd, here.dss) === 0) {
        here.hasDss = true;
        followDss(here, this.#watch);
        if (here.flow.kind === 'unknown') this.#locate(here);
      } else {
        this.#cold(here, segment, at, carrier);
      }
    }
  }

  /** Options beside MP_CAPABLE on a SYN/ACK that carries one. */
  #otherOptions(here: Here, segment: Segment, except: number): void {
    for (let i = 0; i < this.#options.count; i += 1) {
      const at = this.#options.offsets[i]!;
      if (subtypeAt(segment, at) !== except) {
        this.#cold(here, segment, at, 'SYN/ACK');
        continue;
      }
      const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, undefined);
      if (!option.ok) this.#malformed(here, except, segment.bytes[at + 1]!, option.error, 'SYN/ACK', here.host);
    }
  }

  /** Any option but a DSS: decoded into an object, since few come. */
  #cold(here: Here, segment: Segment, at: number, carrier: Carrier): void {
    const { connection, flow } = here;
    const version = connection.version ?? undefined;
    const option = decodeMptcpOption(segment.bytes, at, segment.optionsEnd, version);
    const on: Carrier = (segment.flags & RST) !== 0 ? 'RST' : carrier;
    if (!option.ok) {
      if (option.error.code !== 'truncated' || segment.headerComplete) {
        this.#malformed(here, subtypeAt(segment, at), segment.bytes[at + 1] ?? 0, option.error, on, here.host);
      }
      return;
    }
    const { value } = option;
    if (value.kind === 'MP_CAPABLE') {
      const known = connection.hosts[0].key !== undefined && connection.hosts[1].key !== undefined;
      followCapable(here, this.#watch, value);
      if (!known) this.#registry.index(connection, (waiting) => this.#awaited(waiting, here));
    } else if (value.kind === 'MP_JOIN') {
      if (flow.join !== undefined && value.segment === 'SYN/ACK') flow.joinSynAck = value;
      if (flow.join !== undefined && value.segment === 'ACK')
        flow.joinAck = { ...value, senderTruncatedHmac: value.senderTruncatedHmac.slice() };
      followJoin(here, this.#watch, value);
    } else {
      followSignal(here, this.#watch, value);
    }
  }

  /** A token has become known that joins have been waiting for. */
  #awaited(waiting: { readonly flow: Flow; readonly connection: Connection; readonly host0: Index }, here: Here): void {
    waiting.flow.join!.tokenKnown = true;
    this.#resolve(waiting.flow, waiting.connection, waiting.host0, here);
  }

  #malformed(here: Here, subtype: number, length: number, error: NonNullable<Flow['synError']>, carrier: Carrier, host: Index): void {
    const before = here.host;
    here.host = host;
    judge(this.#watch.malformed, here, { subtype, length, error, carrier });
    here.host = before;
  }

  /** A flow without a handshake belongs to the connection whose data sequence numbers it continues. */
  #locate(here: Here): void {
    const { connection, flow } = here;
    if (flow.located) return;
    const twin = this.#registry.neighbour(connection);
    if (twin === undefined) {
      this.#registry.indexNumbers(connection);
      return;
    }
    flow.located = true;
    this.#registry.drop(connection);
    connection.flows.length = 0;
    this.#attach(twin.connection, flow, twin.host0);
    here.connection = twin.connection;
    this.#standOn(here, flow, here.side);
    followDss(here, this.#watch);
  }

  /** What stands open when a connection is over, or the capture is. */
  #settle(connection: Connection, ended: boolean): void {
    const [flow] = connection.flows;
    if (flow === undefined) return;
    const here = this.#here;
    here.connection = connection;
    here.frame = connection.lastFrame;
    for (const each of connection.flows) {
      each.open();
      for (const host of [0, 1] as const) {
        if (connection.agreed && hasFallenBack(connection, each, each.endOf(host)) && each.endOf(host).unmapped.length > 0) {
          connection.fallbackFrame ||= connection.lastFrame;
          takeAsFallback(connection, each, host, here.pool);
        }
      }
    }
    for (const host of [0, 1] as const) {
      here.flow = flow;
      this.#standOn(here, flow, flow.sideOf(host));
      judge(this.#watch.end, here, { ended });
    }
    closeOwed(here);
    closeSuspicions(connection);
  }
}

/** Subtype of the MPTCP option at `at`; -1 where it is too short to have one. */
const subtypeAt = (segment: Segment, at: number): number =>
  at + 2 < segment.optionsEnd && segment.bytes[at + 1]! >= 3 ? segment.bytes[at + 2]! >> 4 : -1;
