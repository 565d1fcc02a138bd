/**
 * A TCP sender that always has data, and its receiver, segment by segment, for experiments of many seconds: window, delayed ACKs (RFC 5681 section 4.2), SACK (RFC 2018,
 * RFC 6675), loss found when three later transmissions have arrived, retransmission timer (RFC 6298). No octets, no handshake; the window is one of
 * `state-machines/mptcp/congestion`. Times in ms.
 */
import type { CongestionWindow } from '../../state-machines/mptcp/congestion/index.ts';

/** Transmissions and segments that may be outstanding: a power of two, more than any window here grows to. */
const ROOM = 1 << 14;
const MASK = ROOM - 1;
/** Later transmissions that must have arrived before one is taken for lost (RFC 5681 section 3.2, by order of sending as in RFC 8985). */
const REORDERING = 3;
/** What Linux has; RFC 6298 section 2.4 would have a second. */
const LEAST_RTO = 200;
const FIRST_RTO = 1000;
const LONGEST_RTO = 60_000;

const OUTSTANDING = 1;
const RECEIVED = 2;
const LOST = 3;

/** A segment on its way. */
export interface Transmission {
  readonly segment: number;
  /** How many the sender had sent before, retransmissions included. */
  readonly number: number;
}

/** How long a receiver waits for a second segment before it acknowledges the first; Linux has 40, RFC 5681 section 4.2 allows 500. */
const ACK_DELAY = 40;

/** What a receiver makes of what comes: ACKs, each for one segment or two. */
export class BulkReceiver {
  /** When the ACK that waits is due; Infinity where none does. */
  timer = Infinity;
  readonly #every: number;
  #waiting: Transmission[] = [];
  #next = 0;
  readonly #ahead = new Set<number>();

  /** It acknowledges every `every`-th segment that is in order, and each at once that is not. */
  constructor(every: number) {
    this.#every = every;
  }

  /** A segment comes: gives what is acknowledged now, nothing where the ACK waits. */
  arrived(transmission: Transmission, now: number): readonly Transmission[] {
    const { segment } = transmission;
    const inOrder = segment === this.#next && this.#ahead.size === 0;
    if (inOrder) this.#next += 1;
    else if (segment >= this.#next) this.#ahead.add(segment);
    while (this.#ahead.size > 0 && this.#ahead.delete(this.#next)) this.#next += 1;
    this.#waiting.push(transmission);
    if (!inOrder || this.#waiting.length >= this.#every) return this.timeout();
    this.timer = now + ACK_DELAY;
    return [];
  }

  /** No second segment came in time: gives what is acknowledged. */
  timeout(): readonly Transmission[] {
    const acknowledged = this.#waiting;
    this.#waiting = [];
    this.timer = Infinity;
    return acknowledged;
  }
}

/** One sender. No ACK is lost, and each says which segments it is for: what the number in it and SACK blocks say then. */
export class BulkSender {
  /** Segments that have arrived, each counted once. */
  delivered = 0;
  retransmissions = 0;
  timeouts = 0;
  /** When `timeout` is to be called; Infinity where nothing is outstanding. */
  timer = Infinity;
  readonly #window: CongestionWindow;
  readonly #transmit: (transmission: Transmission) => void;
  /** State of a segment, and its last transmission. */
  readonly #state = new Uint8Array(ROOM);
  readonly #last = new Float64Array(ROOM);
  /** Segment and time of a transmission. */
  readonly #segment = new Float64Array(ROOM);
  readonly #time = new Float64Array(ROOM);
  /** The first segment that is not acknowledged, and the next new one. */
  #una = 0;
  #next = 0;
  /** The next transmission, and the first that is not judged yet. */
  #transmission = 0;
  #judged = 0;
  /** Segments in the network, as far as the sender knows (RFC 6675's pipe), and lost ones that wait. */
  #pipe = 0;
  #lost: number[] = [];
  #srtt = 0;
  #variation = 0;
  #rto = FIRST_RTO;

  /** `transmit` puts a segment on the path; the sender hears of it by `acknowledged`, or never. */
  constructor(window: CongestionWindow, transmit: (transmission: Transmission) => void) {
    this.#window = window;
    this.#transmit = transmit;
  }

  /** Sends what the window lets it: what was lost first. */
  send(now: number): void {
    const room = Math.floor(this.#window.cwnd / this.#window.mss);
    while (this.#pipe < room && this.#next - this.#una < ROOM / 2) {
      let segment = this.#lost.shift();
      while (segment !== undefined && this.#state[segment & MASK] !== LOST) segment = this.#lost.shift();
      if (segment === undefined) {
        segment = this.#next;
        this.#next += 1;
      } else {
        this.retransmissions += 1;
      }
      this.#put(segment, now);
    }
    if (this.timer === Infinity && this.#next > this.#una) this.timer = now + this.#rto;
  }

  /** An ACK comes, for one transmission or several. */
  acknowledged(transmissions: readonly Transmission[], now: number): void {
    const [first] = transmissions;
    const last = transmissions.at(-1);
    if (first === undefined || last === undefined) return;
    const { mss } = this.#window;
    const flight = (this.#next - this.#una) * mss;
    // The time that the ACK waited counts, as it does with timestamps (RFC 7323 section 4.1).
    this.#measure(now - this.#time[first.number & MASK]!);
    for (const { segment } of transmissions) this.#received(segment);
    const before = this.#una;
    while (this.#una < this.#next && this.#state[this.#una & MASK] === RECEIVED) this.#una += 1;
    this.#judge(last.number, now);
    const octets = (this.#una - before) * mss;
    if (octets > 0) {
      this.#window.acknowledged(this.#una * mss, octets, flight);
      this.timer = this.#next > this.#una ? now + this.#rto : Infinity;
    }
    this.send(now);
  }

  /** The retransmission timer runs out: all that has not arrived is taken for lost (RFC 6298 section 5). */
  timeout(now: number): void {
    const { mss } = this.#window;
    this.timeouts += 1;
    this.#window.timedOut(this.#next * mss, (this.#next - this.#una) * mss);
    this.#lost = [];
    for (let segment = this.#una; segment < this.#next; segment += 1) {
      if (this.#state[segment & MASK] === RECEIVED) continue;
      this.#state[segment & MASK] = LOST;
      this.#lost.push(segment);
    }
    this.#pipe = 0;
    this.#judged = this.#transmission;
    this.#rto = Math.min(2 * this.#rto, LONGEST_RTO);
    this.timer = Infinity;
    this.send(now);
  }

  #received(segment: number): void {
    const state = this.#state[segment & MASK];
    if (segment < this.#una || state === RECEIVED) return;
    if (state === OUTSTANDING) this.#pipe -= 1;
    this.#state[segment & MASK] = RECEIVED;
    this.delivered += 1;
  }

  #put(segment: number, now: number): void {
    const transmission = this.#transmission;
    this.#transmission += 1;
    this.#state[segment & MASK] = OUTSTANDING;
    this.#last[segment & MASK] = transmission;
    this.#segment[transmission & MASK] = segment;
    this.#time[transmission & MASK] = now;
    this.#pipe += 1;
    this.#transmit({ segment, number: transmission });
  }

  /** Finds what is lost: sent well before what has just arrived, and not arrived. */
  #judge(arrived: number, now: number): void {
    const { mss } = this.#window;
    for (; this.#judged <= arrived - REORDERING; this.#judged += 1) {
      const segment = this.#segment[this.#judged & MASK]!;
      const isLast = this.#last[segment & MASK] === this.#judged;
      if (segment < this.#una || !isLast || this.#state[segment & MASK] !== OUTSTANDING) continue;
      this.#state[segment & MASK] = LOST;
      this.#pipe -= 1;
      this.#lost.push(segment);
      if (this.#window.lost(this.#next * mss, (this.#next - this.#una) * mss) === 'retransmit') this.timer = now + this.#rto;
    }
  }

  /** RFC 6298 section 2. Each transmission has a time of its own: none is ambiguous. */
  #measure(rtt: number): void {
    if (this.#srtt === 0) {
      this.#srtt = rtt;
      this.#variation = rtt / 2;
    } else {
      this.#variation += (Math.abs(this.#srtt - rtt) - this.#variation) / 4;
      this.#srtt += (rtt - this.#srtt) / 8;
    }
    this.#rto = Math.max(LEAST_RTO, this.#srtt + 4 * this.#variation);
    this.#window.roundTrip(this.#srtt);
  }
}
