/** A small host with one end of a joined subflow: it asks the subflow machine before it sends anything, and does what the machine says. */
import { allowed, look, newSubflowContext, step, subflowMachine } from '../../../state-machines/mptcp/index.ts';
import type { SubflowEvent } from '../../../state-machines/mptcp/index.ts';
import type { Party } from './link.ts';

/** A segment: `join` says whether it has MP_JOIN, `data` and `acks` number the data it carries and acknowledges. */
export interface SubflowPacket {
  readonly kind: 'syn' | 'synAck' | 'ack' | 'rst';
  readonly join: boolean;
  readonly data?: number;
  readonly acks?: number;
  readonly fin?: boolean;
  readonly acksFin?: boolean;
  /** Whether its sender had received the MP_JOIN ACK: what an observer of both hosts knows. */
  readonly afterProof: boolean;
}
export type SubflowWish = 'open' | 'data' | 'close' | 'ack' | 'reset';

/** What is sent: what an event is on the wire. */
const KINDS = {
  sendJoinSyn: { kind: 'syn', join: true },
  sendJoinSynAck: { kind: 'synAck', join: true },
  sendPlainSynAck: { kind: 'synAck', join: false },
  sendJoinAck: { kind: 'ack', join: true },
  sendAck: { kind: 'ack', join: false },
  sendData: { kind: 'ack', join: false },
  sendFin: { kind: 'ack', join: false },
  sendRst: { kind: 'rst', join: false },
} as const;

export class SubflowEnd implements Party<SubflowPacket, SubflowWish> {
  readonly context = newSubflowContext();
  readonly role: 'opener' | 'acceptor';
  transmit: (packet: SubflowPacket) => void = () => {};
  /** What an observer notes. */
  proofReceived = false;
  proofDelivered = false;
  refused = false;
  dataSent = 0;
  dataReceived = 0;
  wantsData = 0;
  #acked = 0;
  #wantsClose = false;
  #finAcked = false;
  #finReceived = false;
  #wasOpened = false;
  #waited = 0;
  readonly #timers = new Map<'joinAckRetransmit', number>();

  constructor(role: 'opener' | 'acceptor') {
    this.role = role;
  }

  get open(): boolean {
    return ['ESTABLISHED', 'FIN_SENT', 'FIN_RECEIVED', 'FINS_EXCHANGED'].includes(this.context.state);
  }

  /** Whether nothing is left to be done on this end. */
  get settled(): boolean {
    return this.context.state === 'RESET' || (this.context.state === 'FINS_EXCHANGED' && this.#finAcked) || this.context.state === 'CLOSED';
  }

  #feed(event: SubflowEvent): void {
    for (const action of step(subflowMachine, this.context, event).actions) {
      if (action.do === 'owe') this.#send(action.by);
      else if (action.do === 'start' || action.do === 'restart') this.#timers.set(action.timer, 1);
      else if (action.do === 'stop') this.#timers.delete(action.timer);
      else if (action.do === 'forbid') throw new Error(`${event.type} is forbidden in ${this.context.state}: ${action.requirement}`);
    }
  }

  /** Sends what `type` is, if the machine allows it. */
  #send(type: SubflowEvent['type'], more: Partial<SubflowPacket> = {}): boolean {
    if (!(type in KINDS)) throw new Error(`${type} is not sent`);
    const event = { type } as Extract<SubflowEvent, { type: keyof typeof KINDS }>;
    if (!allowed(look(subflowMachine, this.context, event))) return false;
    this.#feed(event);
    this.transmit({ ...KINDS[event.type], afterProof: this.proofReceived, ...more });
    return true;
  }

  receive(packet: SubflowPacket, damaged: boolean): void {
    const { state } = this.context;
    if (packet.kind === 'rst') {
      this.#feed({ type: 'receiveRst' });
      this.#finAcked = true;
      return;
    }
    // TCP's own checks: a SYN opens once, and whoever is not there answers with a RST.
    if (packet.kind === 'syn') {
      if (this.role === 'opener' || this.#wasOpened) {
        if (state === 'SYN_RECEIVED') this.#send('sendJoinSynAck');
        else if (state === 'RESET') this.transmit({ ...KINDS.sendRst, afterProof: this.proofReceived });
        return;
      }
      this.#wasOpened = true;
      // Without MP_JOIN it is for another listener, which answers as for a new TCP connection.
      if (packet.join) this.#feed({ type: 'receiveJoinSyn', token: damaged ? 'unknown' : 'known' });
      else {
        this.#wasOpened = false;
        this.transmit({ ...KINDS.sendPlainSynAck, afterProof: false });
      }
      return;
    }
    if (state === 'RESET' || state === 'CLOSED') {
      this.transmit({ ...KINDS.sendRst, afterProof: this.proofReceived });
      return;
    }
    if (packet.afterProof) this.proofDelivered = true;
    if (packet.kind === 'synAck') {
      if (state === 'SYN_SENT' && (!packet.join || damaged)) this.refused = true;
      this.#feed(packet.join ? { type: 'receiveJoinSynAck', hmac: damaged ? 'wrong' : 'valid' } : { type: 'receivePlainSynAck' });
      return;
    }
    this.#receiveAck(packet, damaged);
  }

  #receiveAck(packet: SubflowPacket, damaged: boolean): void {
    const { state } = this.context;
    if (state === 'SYN_SENT') return;
    if (state === 'SYN_RECEIVED') {
      if (packet.join && !damaged) this.proofReceived = true;
      else this.refused = true;
    }
    this.#feed(packet.join ? { type: 'receiveJoinAck', hmac: damaged ? 'wrong' : 'valid' } : { type: 'receiveAck' });
    if (!this.open) return;
    this.#acked = Math.max(this.#acked, packet.acks ?? 0);
    if (packet.acksFin === true) this.#finAcked = true;
    if (packet.data !== undefined) {
      this.#feed({ type: 'receiveData' });
      if (packet.data === this.dataReceived + 1) this.dataReceived += 1;
    }
    if (packet.fin === true && packet.data === undefined) {
      this.#feed({ type: 'receiveFin' });
      this.#finReceived = true;
    }
    if (packet.data !== undefined || packet.fin === true) this.#send('sendAck', this.#acknowledgements());
  }

  #acknowledgements(): Partial<SubflowPacket> {
    return { acks: this.dataReceived, acksFin: this.#finReceived };
  }

  tick(): void {
    const { state } = this.context;
    for (const [timer, left] of this.#timers)
      if (left > 0) this.#timers.set(timer, left - 1);
      else this.#feed({ type: timer });
    if (state === 'SYN_SENT') this.#send('sendJoinSyn');
    else if (state === 'SYN_RECEIVED') {
      // Seldom, for it is the opener that must repeat its ACK (section 3.2); but it tells that the opener is gone.
      this.#waited += 1;
      if (this.#waited % 16 === 0) this.#send('sendJoinSynAck');
    } else if (this.#acked < this.dataSent && this.open)
      this.transmit({ ...KINDS.sendData, data: this.#acked + 1, ...this.#acknowledgements(), afterProof: this.proofReceived });
    else if (this.wantsData > 0) {
      if (this.#send('sendData', { data: this.dataSent + 1, ...this.#acknowledgements() })) {
        this.dataSent += 1;
        this.wantsData -= 1;
      }
    } else if (this.#wantsClose && state === 'FIN_SENT' && this.#finAcked) this.#send('sendAck', this.#acknowledgements());
    else if (this.#wantsClose && this.open && !this.#finAcked) this.#send('sendFin', { fin: true, ...this.#acknowledgements() });
  }

  ask(wish: SubflowWish): void {
    if (wish === 'open') {
      if (this.role === 'opener' && this.context.state === 'CLOSED') this.#send('sendJoinSyn');
    } else if (wish === 'data') {
      if (!this.#wantsClose) this.wantsData += 1;
    } else if (wish === 'close') this.#wantsClose = true;
    else if (wish === 'ack') this.#send('sendAck', this.#acknowledgements());
    else if (this.context.state !== 'CLOSED') this.#send('sendRst');
  }
}
