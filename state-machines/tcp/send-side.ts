/**
 * What one end of a TCP connection has sent and not seen acknowledged: when to send again (RFC 6298), fast retransmit and what is in
 * flight (RFC 5681, RFC 6582). Sequence numbers are relative: the SYN is 0. Times in ms.
 */
import type { RttEstimator } from './rtt.ts';

/** How many octets may be in flight: what RFC 5681's window is told, and advises. That of ../mptcp/congestion/ is one. */
export interface SendWindow {
  /** In octets. */
  readonly cwnd: number;
  readonly ssthresh: number;
  acknowledged(acknowledgment: number, octets: number, flight: number): 'none' | 'retransmit';
  duplicate(next: number, flight: number): 'none' | 'retransmit';
  timedOut(next: number, flight: number): void;
  idle(): void;
  roundTrip(smoothed: number): void;
  close(): void;
}

/** Octets of the sequence space that have been sent, a SYN or FIN counted, and whose they are. */
export interface Outgoing<T> {
  readonly from: number;
  readonly to: number;
  readonly content: T;
  sentAt: number;
  transmissions: number;
  /** Taken for lost, and not sent again yet. */
  lost: boolean;
}

/** When the queue's spent front is cut off. */
const SPENT = 256;

/**
 * The retransmission queue. The owner sends; this says what and when.
 *
 * @example
 * const side = new SendSide<string>(new RttEstimator(1000, 200), () => {});
 * side.push(1, 'SYN', 0); // due again at side.deadline
 * side.acknowledge(1, 50, undefined); // 1: one octet, and a round trip of 50 ms was measured
 */
export class SendSide<T> {
  /** SND.UNA and SND.NXT. */
  unacknowledged = 0;
  next = 0;
  /** Of the highest octet that the peer's window has allowed: acknowledgment + window. */
  edge = 0;
  /** MAX.SND.WND of RFC 5961 section 5.2. */
  largestWindow = 0;
  /** When the oldest segment is due again; undefined while nothing is outstanding. */
  deadline: number | undefined;
  /** Timeouts in a row. */
  retransmissions = 0;
  /** When something was last sent. */
  lastSent = 0;
  readonly rtt: RttEstimator;
  /** There once the peer's segment size is known. */
  congestion: SendWindow | undefined;
  #queue: Outgoing<T>[] = [];
  #head = 0;
  #lostOctets = 0;
  #urgent: Outgoing<T> | undefined;
  readonly #acknowledged: (content: T) => void;

  /** `acknowledged` is told each content that is wholly acknowledged, or given up (`drop`). */
  constructor(rtt: RttEstimator, acknowledged: (content: T) => void) {
    this.rtt = rtt;
    this.#acknowledged = acknowledged;
  }

  /** Octets that are on their way, as far as is known. */
  get inFlight(): number {
    return this.next - this.unacknowledged - this.#lostOctets;
  }

  /** Whether anything is outstanding. */
  get isIdle(): boolean {
    return this.#head === this.#queue.length;
  }

  /** Octets that the congestion window still allows; before there is one, none. */
  get room(): number {
    return this.congestion === undefined ? 0 : this.congestion.cwnd - this.inFlight;
  }

  /** What is outstanding, the oldest first. */
  *outstanding(): Generator<Outgoing<T>> {
    for (let i = this.#head; i < this.#queue.length; i += 1) yield this.#queue[i]!;
  }

  /** `length` octets are sent for the first time. */
  push(length: number, content: T, now: number): Outgoing<T> {
    const outgoing = { from: this.next, to: this.next + length, content, sentAt: now, transmissions: 1, lost: false };
    this.next += length;
    this.#queue.push(outgoing);
    this.lastSent = now;
    this.deadline ??= now + this.rtt.rto;
    return outgoing;
  }

  /**
   * An acknowledgment of more than any before (`judgeAck` has said so); gives the octets by which it advances. `echo` is the round trip
   * that its timestamp tells, where it has one (RFC 7323 section 4.1).
   */
  acknowledge(acknowledgment: number, now: number, echo: number | undefined): number {
    const octets = acknowledgment - this.unacknowledged;
    const flight = this.inFlight;
    this.unacknowledged = acknowledgment;
    let sentAt = now;
    let once = true;
    let outgoing = this.#queue[this.#head];
    while (outgoing !== undefined && outgoing.to <= acknowledgment) {
      if (outgoing.lost) this.#found(outgoing);
      ({ sentAt } = outgoing);
      once &&= outgoing.transmissions === 1;
      this.#head += 1;
      this.#acknowledged(outgoing.content);
      outgoing = this.#queue[this.#head];
    }
    if (this.#head >= SPENT && this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.retransmissions = 0;
    // Karn's algorithm: what was sent twice tells nothing, nor does what had to wait for it.
    const measured = once ? now - sentAt : echo;
    if (measured !== undefined) {
      this.rtt.sample(measured);
      this.congestion?.roundTrip(this.rtt.smoothed);
    }
    this.deadline = this.isIdle ? undefined : now + this.rtt.rto;
    if (this.congestion !== undefined) this.#heed(this.congestion.acknowledged(acknowledgment, octets, flight));
    return octets;
  }

  /** A duplicate acknowledgment (RFC 5681 section 2). */
  duplicate(): void {
    if (this.congestion !== undefined && !this.isIdle) this.#heed(this.congestion.duplicate(this.next, this.inFlight));
  }

  /** The timer has run out (RFC 6298 section 5): everything outstanding is taken for lost, and comes again as the window opens. */
  expire(now: number): void {
    this.congestion?.timedOut(this.next, this.inFlight);
    this.rtt.backOff();
    this.retransmissions += 1;
    this.deadline = now + this.rtt.rto;
    for (const outgoing of this.outstanding())
      if (!outgoing.lost) {
        outgoing.lost = true;
        this.#lostOctets += outgoing.to - outgoing.from;
      }
    this.#urgent = this.#queue[this.#head];
  }

  /**
   * Its packets take another path from now on (RFC 5534 section 4.2): round trips are measured anew, the window begins with the restart window, and what is outstanding
   * is sent again at once instead of when a backed-off timer runs out.
   */
  pathChanged(now: number): void {
    this.rtt.reset();
    this.retransmissions = 0;
    this.congestion?.idle();
    if (this.isIdle) return;
    this.deadline = now + this.rtt.rto;
    this.#urgent = this.#queue[this.#head];
  }

  /** What is to be sent again now: at once what fast retransmit or the timer asks for, else what is lost and for which there is room. */
  nextLost(): Outgoing<T> | undefined {
    if (this.#urgent !== undefined) return this.#urgent;
    if (this.#lostOctets === 0) return undefined;
    const { room } = this;
    for (let i = this.#head; i < this.#queue.length; i += 1) {
      const outgoing = this.#queue[i]!;
      if (outgoing.lost) return outgoing.to - outgoing.from <= room ? outgoing : undefined;
    }
    return undefined;
  }

  /** It is sent again. */
  retransmitted(outgoing: Outgoing<T>, now: number): void {
    if (this.#urgent === outgoing) this.#urgent = undefined;
    if (outgoing.lost) this.#found(outgoing);
    outgoing.sentAt = now;
    outgoing.transmissions += 1;
    this.lastSent = now;
    this.deadline ??= now + this.rtt.rto;
  }

  /** The connection is gone: nothing is sent again. */
  drop(): void {
    for (; this.#head < this.#queue.length; this.#head += 1) this.#acknowledged(this.#queue[this.#head]!.content);
    this.deadline = undefined;
    this.#urgent = undefined;
    this.#lostOctets = 0;
    this.congestion?.close();
  }

  #heed(advice: 'none' | 'retransmit'): void {
    if (advice !== 'retransmit' || this.isIdle) return;
    const first = this.#queue[this.#head]!;
    if (!first.lost) {
      first.lost = true;
      this.#lostOctets += first.to - first.from;
    }
    this.#urgent = first;
  }

  #found(outgoing: Outgoing<T>): void {
    outgoing.lost = false;
    this.#lostOctets -= outgoing.to - outgoing.from;
    if (this.#urgent === outgoing) this.#urgent = undefined;
  }
}
