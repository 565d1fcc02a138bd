/**
 * A small host with one connection on one subflow: it asks the connection machine before it sends anything, and does what the machine
 * says. Data is numbered units; the DATA_FIN is the one after the last. Below it is a TCP just good enough: stop and wait, FINs, RSTs.
 */
import { allowed, connectionMachine, look, newConnectionContext, step } from '../../../state-machines/mptcp/index.ts';
import type { ConnectionEffect, ConnectionEvent, ConnectionTimer } from '../../../state-machines/mptcp/index.ts';
import type { Party } from './link.ts';

/** A segment. The MPTCP options are those that `withoutOptions` removes. */
export interface ConnectionPacket {
  readonly kind: 'syn' | 'synAck' | 'ack' | 'rst';
  readonly capable?: boolean;
  readonly dss?: { readonly dataAck?: number; readonly unit?: number; readonly dataFin?: number };
  readonly mpFail?: boolean;
  readonly infinite?: boolean;
  readonly fastclose?: boolean;
  /** TCP: a payload, which payload is acknowledged, FIN, and whether the FIN is acknowledged. */
  readonly payload?: number;
  readonly acks?: number;
  readonly fin?: boolean;
  readonly acksFin?: boolean;
}
export type ConnectionWish = 'connect' | 'data' | 'close' | 'fastclose' | 'fastcloseRst' | 'join';

/** What a middlebox leaves that knows no MPTCP. */
export const withoutOptions = ({
  capable: _1,
  dss: _2,
  mpFail: _3,
  infinite: _4,
  fastclose: _5,
  ...tcp
}: ConnectionPacket): ConnectionPacket => tcp;

const ALIVE = new Set(['KEYS_SENT', 'KEYS_RECEIVED', 'M_ESTAB', 'M_CLOSE_WAIT', 'M_FIN_WAIT_1', 'M_FIN_WAIT_2', 'M_CLOSING', 'M_LAST_ACK']);
/** In timeouts. */
const LASTS: Readonly<Record<ConnectionTimer, number>> = { timeWait: 20, fastcloseRetransmit: 1 };

export class ConnectionHost implements Party<ConnectionPacket, ConnectionWish> {
  readonly context = newConnectionContext();
  readonly role: 'initiator' | 'listener';
  transmit: (packet: ConnectionPacket) => void = () => {};
  /** What an observer notes. */
  dssDelivered = false;
  dataFinSent = false;
  dataFinReceived = false;
  dataFinAcked = false;
  fastcloseSent = false;
  joins = 0;
  mpFails = 0;
  subflowGone = false;
  /** Units asked for, sent, acknowledged at the data level, and the next one that is expected. */
  #asked = 0;
  #sent = 0;
  #acked = 0;
  #expected = 1;
  #wantsClose = false;
  #dataAckSeen = false;
  /** TCP. */
  #payload: number | undefined;
  #payloads = 0;
  #wantsFin = false;
  #finAcked = false;
  #finReceived = false;
  #closed = false;
  readonly #lastSignals = new Set<'sendMpFail' | 'sendInfiniteMapping'>();
  #plainSynAck = false;
  readonly #timers = new Map<ConnectionTimer, number>();

  constructor(role: 'initiator' | 'listener') {
    this.role = role;
  }

  get alive(): boolean {
    return ALIVE.has(this.context.state);
  }

  may(event: ConnectionEvent): boolean {
    return allowed(look(connectionMachine, this.context, event));
  }

  #feed(event: ConnectionEvent): void {
    for (const action of step(connectionMachine, this.context, event).actions) {
      if (action.do === 'owe') this.#pay(action.by);
      else if (action.do === 'emit') this.#effect(action.effect);
      else if (action.do === 'start' || action.do === 'restart') this.#timers.set(action.timer, LASTS[action.timer]);
      else if (action.do === 'stop') this.#timers.delete(action.timer);
      else if (action.do === 'forbid') throw new Error(`${event.type} is forbidden in ${this.context.state}: ${action.requirement}`);
    }
  }

  /** Sends `packet` if the machine allows the event that it is. */
  #send(event: ConnectionEvent, packet: ConnectionPacket): boolean {
    if (!this.may(event)) return false;
    this.#feed(event);
    this.#put(packet);
    return true;
  }

  #put(packet: ConnectionPacket): void {
    if (!this.subflowGone || packet.kind === 'rst') this.transmit(packet);
  }

  #pay(type: ConnectionEvent['type']): void {
    if (type === 'sendMpFail' || type === 'sendInfiniteMapping') this.#lastSignals.add(type);
    if (type === 'sendCapableAck') this.#send({ type }, { kind: 'ack', capable: true });
    else if (type === 'sendMpFail') this.#send({ type, rst: false }, { kind: 'ack', mpFail: true });
    else if (type === 'sendInfiniteMapping') this.#send({ type }, { kind: 'ack', infinite: true });
    else if (type === 'sendFastclose') this.#send({ type }, { kind: 'ack', fastclose: true });
    else if (type === 'sendFastcloseRst') this.#reset({ type }, true);
    else if (type === 'sendRst') this.#reset({ type }, false);
    // A packet without options is what a host in FALLBACK sends anyway.
    else if (type !== 'sendPlainAck') throw new Error(`nobody here can pay with ${type}`);
  }

  #reset(event: ConnectionEvent, fastclose: boolean): void {
    if (this.#send(event, { kind: 'rst', fastclose })) this.subflowGone = true;
  }

  #effect(effect: ConnectionEffect): void {
    if (effect === 'repeatCapableAck') this.#pay('sendCapableAck');
    else if (effect === 'sendDataAck') {
      this.#expected = Math.max(this.#expected, this.#finNumber + 1);
      this.#acknowledge();
      this.#feed({ type: 'sendDataAckOfDataFin' });
    } else if (effect === 'closeSubflows') this.#wantsFin = true;
    else if (effect === 'resetSubflows' && !this.fastcloseSent) this.#reset({ type: 'sendRst' }, false);
  }
  #finNumber = 0;

  /** A Data ACK, or in regular TCP an ACK, for what has come. */
  #acknowledge(acks?: number): void {
    const tcp = { kind: 'ack', ...(acks === undefined ? {} : { acks }), acksFin: this.#finReceived } as const;
    const mptcp = { ...tcp, dss: { dataAck: this.#expected } };
    if (this.context.state === 'FALLBACK' || !this.#send({ type: 'sendDss', mapping: false }, mptcp))
      this.#send({ type: 'sendPlainAck' }, tcp);
  }

  receive(packet: ConnectionPacket, damaged: boolean): void {
    if (this.subflowGone) {
      if (packet.kind !== 'rst') this.#put({ kind: 'rst' });
      return;
    }
    const { state } = this.context;
    if (packet.kind === 'rst') this.#receiveRst(packet);
    else if (packet.kind === 'syn') this.#receiveSyn(packet);
    else if (packet.kind === 'synAck') this.#receiveSynAck(packet);
    // No TCP connection yet, so no segment of one.
    else if (state !== 'IDLE' && state !== 'CAPABLE_SENT' && state !== 'CAPABLE_RECEIVED') this.#receiveSegment(packet, damaged);
  }

  #receiveRst({ fastclose }: ConnectionPacket): void {
    this.#feed(fastclose === true ? { type: 'receiveFastcloseRst', key: 'valid' } : { type: 'receiveRst' });
    this.subflowGone = true;
  }

  #receiveSyn({ capable }: ConnectionPacket): void {
    if (this.role !== 'listener') return;
    if (capable === true) {
      this.#feed({ type: 'receiveCapableSyn' });
      if (this.#plainSynAck || !this.#send({ type: 'sendCapableSynAck' }, { kind: 'synAck', capable: true })) this.#put({ kind: 'synAck' });
    } else if (this.#send({ type: 'sendPlainSynAck' }, { kind: 'synAck' })) this.#plainSynAck = this.context.state === 'FALLBACK';
  }

  #receiveSynAck({ capable }: ConnectionPacket): void {
    if (this.role !== 'initiator') return;
    this.#feed({ type: capable === true ? 'receiveCapableSynAck' : 'receivePlainSynAck' });
    if (this.context.state === 'FALLBACK') this.#send({ type: 'sendPlainAck' }, { kind: 'ack' });
  }

  #receiveSegment(packet: ConnectionPacket, damaged: boolean): void {
    const { capable, dss, mpFail, infinite, fastclose, payload } = packet;
    const handshake = ['CAPABLE_ANSWERED', 'KEYS_RECEIVED'].includes(this.context.state);
    if (capable === true) {
      this.#feed({ type: 'receiveCapableAck', keys: damaged && handshake ? 'differ' : 'agree', data: payload !== undefined });
      if (payload !== undefined) this.dssDelivered = true;
    } else if (dss === undefined && mpFail === undefined && infinite === undefined && fastclose === undefined)
      this.#feed({ type: 'receivePlainAck' });
    if (mpFail === true) this.#feed({ type: 'receiveMpFail', rst: false });
    if (fastclose === true) this.#feed({ type: 'receiveFastclose', key: 'valid' });
    if (infinite === true) this.#feed({ type: 'receiveInfiniteMapping' });
    if (this.subflowGone) return;
    if (dss !== undefined) {
      this.dssDelivered = true;
      this.#feed({ type: 'receiveDss' });
    }
    this.#receiveAcks(packet);
    if (payload !== undefined) this.#receivePayload(packet, damaged && !handshake);
    if (dss?.dataFin !== undefined) this.#receiveDataFin(dss.dataFin);
    if (packet.fin === true) {
      this.#finReceived = true;
      this.#acknowledge();
    }
    if (packet.acksFin === true) this.#finAcked = true;
    if (this.#closed || !this.#finAcked || !this.#finReceived) return;
    this.#closed = true;
    this.#feed({ type: 'allSubflowsClosed' });
  }

  #receiveAcks({ dss, acks }: ConnectionPacket): void {
    const dataAck = this.alive || this.context.state === 'M_TIME_WAIT' ? dss?.dataAck : undefined;
    if (dataAck !== undefined) {
      if (dataAck > 1) this.#dataAckSeen = true;
      this.#acked = Math.max(this.#acked, dataAck - 1);
      if (this.dataFinSent && this.#acked === this.#sent + 1) {
        this.dataFinAcked = true;
        this.#feed({ type: 'receiveDataAckOfDataFin' });
      }
    }
    if (acks === undefined || acks !== this.#payload) return;
    this.#payload = undefined;
    if (this.context.state === 'FALLBACK') this.#acked = Math.max(this.#acked, this.#sent);
    else if (dataAck === undefined && !this.#dataAckSeen) this.#feed({ type: 'receiveAckWithoutDataAck', subflow: 'only' });
  }

  #receivePayload({ capable, dss, payload, infinite }: ConnectionPacket, damaged: boolean): void {
    const unit = capable === true ? 1 : dss?.unit;
    const repeats = this.context.state === 'FALLBACK' && (unit !== undefined || dss !== undefined) && infinite !== true;
    // What has come before is discarded by TCP, whatever its checksum. Once a checksum has failed, "all data from the start of the segment
    // that failed the checksum onward is not trustworthy": mapped data is not accepted any more.
    if (this.alive && unit !== undefined && ((damaged && unit === this.#expected) || this.context.mpFailSent)) {
      this.mpFails += 1;
      this.#send({ type: 'sendMpFail', rst: false }, { kind: 'ack', mpFail: true, ...(payload === undefined ? {} : { acks: payload }) });
      return;
    }
    if (unit === this.#expected) this.#expected += 1;
    // The other host has not noticed the fallback: the last signals once more, where they are allowed.
    if (repeats) this.#repeatLastSignals();
    if (unit === undefined && this.context.state !== 'FALLBACK') this.#send({ type: 'sendPlainAck' }, { kind: 'ack', acks: payload! });
    else this.#acknowledge(payload);
  }

  #repeatLastSignals(): void {
    for (const signal of this.#lastSignals) this.#pay(signal);
  }

  #receiveDataFin(number: number): void {
    if (this.context.state === 'FALLBACK') {
      this.#repeatLastSignals();
      return;
    }
    if (number > this.#expected) return;
    this.#finNumber = number;
    this.dataFinReceived = true;
    this.#feed({ type: 'receiveDataFin' });
  }

  tick(): void {
    for (const [timer, left] of this.#timers)
      if (left > 0) this.#timers.set(timer, left - 1);
      else {
        this.#timers.delete(timer);
        if (this.may({ type: timer })) this.#feed({ type: timer });
      }
    const { state } = this.context;
    if (this.subflowGone) return;
    if (state === 'CAPABLE_SENT') this.#send({ type: 'sendCapableSyn' }, { kind: 'syn', capable: true });
    else if (state === 'CAPABLE_ANSWERED') this.#send({ type: 'sendCapableSynAck' }, { kind: 'synAck', capable: true });
    else if (this.alive) this.#tickMptcp();
    else if (state === 'FALLBACK') this.#tickTcp();
    // Once the FIN is acknowledged, a keepalive: the other host may be gone.
    if (this.#wantsFin && !this.#closed) this.#put({ kind: 'ack', fin: !this.#finAcked, acksFin: this.#finReceived });
  }

  #tickMptcp(): void {
    if (this.#acked < this.#sent) this.#sendUnit(this.#acked + 1);
    else if (this.#sent < this.#asked) {
      const by = this.role === 'initiator' && !this.dssDelivered ? 'MP_CAPABLE' : 'DSS';
      if (this.dataFinSent || !this.may({ type: 'sendData', by })) throw new Error(`data in ${this.context.state}`);
      this.#feed({ type: 'sendData', by });
      this.#sent += 1;
      this.#sendUnit(this.#sent);
    } else if (this.#wantsClose && !this.dataFinAcked) {
      this.#feed({ type: 'sendDataFin' });
      this.dataFinSent = true;
      this.#send({ type: 'sendDss', mapping: true }, { kind: 'ack', dss: { dataFin: this.#sent + 1, dataAck: this.#expected } });
      // The other host has closed the subflow, and nothing but the DATA_FIN is outstanding (section 3.3.3).
      if (this.#finReceived) this.#wantsFin = true;
    }
  }

  /** The first unit of the initiator goes with MP_CAPABLE until a DSS has come. */
  #sendUnit(unit: number): void {
    this.#payload = this.#payloads += 1;
    const packet = { kind: 'ack', payload: this.#payload } as const;
    if (this.role === 'initiator' && !this.dssDelivered && unit === 1) this.#send({ type: 'sendCapableAck' }, { ...packet, capable: true });
    else this.#send({ type: 'sendDss', mapping: true }, { ...packet, dss: { unit, dataAck: this.#expected } });
  }

  #tickTcp(): void {
    if (this.#acked < this.#asked) {
      this.#sent = this.#asked;
      this.#payload = this.#payloads += 1;
      this.#send({ type: 'sendPlainAck' }, { kind: 'ack', payload: this.#payload });
    } else if (this.#wantsClose) this.#wantsFin = true;
    else if (this.role === 'initiator') this.#send({ type: 'sendPlainAck' }, { kind: 'ack' });
  }

  ask(wish: ConnectionWish): void {
    if (wish === 'connect') {
      if (this.role === 'initiator' && this.context.state === 'IDLE')
        this.#send({ type: 'sendCapableSyn' }, { kind: 'syn', capable: true });
    } else if (wish === 'data') {
      if (!this.#wantsClose) this.#asked += 1;
    } else if (wish === 'close') this.#wantsClose = true;
    else if (wish === 'join') {
      if (this.may({ type: 'sendJoinSyn' })) this.joins += 1;
    } else if (!this.subflowGone && this.alive && wish === 'fastclose') {
      this.fastcloseSent = this.#send({ type: 'sendFastclose' }, { kind: 'ack', fastclose: true }) || this.fastcloseSent;
    } else if (!this.subflowGone && this.alive) {
      this.fastcloseSent = true;
      this.#reset({ type: 'sendFastcloseRst' }, true);
    }
  }
}
