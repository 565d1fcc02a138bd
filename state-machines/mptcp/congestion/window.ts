/**
 * The congestion window of one subflow: slow start, congestion avoidance, fast retransmit, fast recovery and the loss window of RFC 5681 and RFC 6582. By how much it
 * grows in congestion avoidance is the one thing that kinds of congestion control differ in (RFC 6356 section 3). Plain numbers: octets, ms, and sequence numbers
 * counted from the subflow's start.
 */

/** Where the window stands. */
export type CongestionPhase = 'slow-start' | 'congestion-avoidance' | 'fast-recovery';

/** What the sender is to do now: nothing, or send the first octets again that are not acknowledged. */
export type CongestionAdvice = 'none' | 'retransmit';

/** How the window of a subflow is set up. */
export interface WindowSettings {
  /** Sender maximum segment size, in octets. */
  readonly mss: number;
  /** Octets; the upper bound of RFC 5681 section 3.1 when left out. */
  readonly initialWindow?: number;
  /**
   * Whether the window is inflated by each duplicate ACK during fast recovery (RFC 6582). False for a sender that knows from SACKs what has left the network, and
   * counts it itself (RFC 6675). True when left out.
   */
  readonly inflate?: boolean;
}

/** Gives by how many octets a window may grow in congestion avoidance for `octets` that were acknowledged. */
export type Increase = (window: CongestionWindow, octets: number) => number;

/** Duplicate ACKs after which a segment is taken for lost (RFC 5681 section 3.2). */
const DUPLICATES = 3;

/** IW, RFC 5681 section 3.1. */
const initialWindow = (mss: number): number => (mss > 2190 ? 2 : mss > 1095 ? 3 : 4) * mss;

/**
 * The window of one subflow. The sender tells it what happens; `cwnd` says how many octets may be in flight.
 *
 * @example
 * const window = newReno().open({ mss: 1460 });
 * window.cwnd; // 4380
 * window.acknowledged(1461, 1460, 4380); // 'none', and cwnd is 5840: slow start
 */
export class CongestionWindow {
  readonly mss: number;
  /** Octets that may be in flight. It grows by fractions of an octet, too. */
  cwnd: number;
  /** Octets below which the window grows fast; Infinity until something was lost. */
  ssthresh = Infinity;
  /** Smoothed round-trip time in ms; undefined until one was measured. */
  srtt: number | undefined;
  /** Octets in flight when the last ACK came. */
  flight = 0;
  readonly #initial: number;
  readonly #inflate: boolean;
  readonly #increase: Increase;
  readonly #changed: () => void;
  readonly #closed: () => void;
  #recovering = false;
  /** One past the highest octet that had been sent when fast recovery began, or the timer ran out (RFC 6582 section 3.2); nothing yet. */
  #recover = -1;
  #duplicates = 0;
  /** The octet for which the timer ran out last: a second time for the same is no second sign of congestion (RFC 5681 section 3.1). */
  #timedOutAt = -1;
  /** One past the highest octet that is acknowledged. */
  #acknowledged = 0;

  /** For the kinds of congestion control: `changed` is called whenever the window, or what counts for it, is another one. */
  constructor(settings: WindowSettings, increase: Increase, changed: () => void, closed: () => void) {
    this.mss = settings.mss;
    this.#initial = settings.initialWindow ?? initialWindow(settings.mss);
    this.cwnd = this.#initial;
    this.#inflate = settings.inflate ?? true;
    this.#increase = increase;
    this.#changed = changed;
    this.#closed = closed;
  }

  get phase(): CongestionPhase {
    if (this.#recovering) return 'fast-recovery';
    return this.cwnd < this.ssthresh ? 'slow-start' : 'congestion-avoidance';
  }

  /**
   * An ACK came that acknowledges `octets` more than any before, up to before `ack`; `flight` octets were in flight until then. In fast recovery the advice is to
   * retransmit where something else was lost as well (a partial acknowledgement).
   */
  acknowledged(ack: number, octets: number, flight: number): CongestionAdvice {
    this.#duplicates = 0;
    this.#acknowledged = Math.max(this.#acknowledged, ack);
    this.flight = flight;
    if (this.#recovering) return this.#recovery(ack, octets, Math.max(0, flight - octets));
    // A window that is not used says nothing about what the path bears: it stays.
    if (2 * flight < this.cwnd) return 'none';
    this.#grow(octets);
    return 'none';
  }

  /** A duplicate ACK came; `next` is one past the highest octet sent, `flight` what is in flight. The third one begins fast retransmit. */
  duplicate(next: number, flight: number): CongestionAdvice {
    if (this.#recovering) {
      if (this.#inflate) this.cwnd += this.mss;
      return 'none';
    }
    this.#duplicates += 1;
    // Duplicates that answer what was sent before a recovery ended, or before a timeout, say nothing new (RFC 6582 section 3.2, step 2).
    if (this.#duplicates !== DUPLICATES || this.#acknowledged <= this.#recover) return 'none';
    return this.lost(next, flight);
  }

  /** A sender has seen from SACKs that something is lost: fast retransmit and fast recovery begin, unless it was sent before the last recovery or timeout. */
  lost(next: number, flight: number): CongestionAdvice {
    if (this.#recovering || this.#acknowledged < this.#recover) return 'none';
    this.#recovering = true;
    this.#recover = next;
    this.#halve(flight);
    this.cwnd = this.ssthresh + (this.#inflate ? DUPLICATES * this.mss : 0);
    this.#changed();
    return 'retransmit';
  }

  /** The retransmission timer ran out. `next` is one past the highest octet sent, `flight` what was in flight. */
  timedOut(next: number, flight: number): void {
    if (this.#acknowledged !== this.#timedOutAt) this.#halve(flight);
    this.#timedOutAt = this.#acknowledged;
    this.cwnd = this.mss;
    this.#recovering = false;
    this.#recover = next;
    this.#duplicates = 0;
    this.#changed();
  }

  /** Nothing was sent for longer than a retransmission timeout: the window is the restart window (RFC 5681 section 4.1). */
  idle(): void {
    if (this.#recovering) return;
    this.cwnd = Math.min(this.cwnd, this.#initial);
    this.flight = 0;
    this.#changed();
  }

  /** The round-trip time was measured: the smoothed estimate, in ms. */
  roundTrip(srtt: number): void {
    this.srtt = srtt;
  }

  /** The subflow is gone. */
  close(): void {
    this.#closed();
  }

  #halve(flight: number): void {
    this.ssthresh = Math.max(flight / 2, 2 * this.mss);
  }

  #grow(octets: number): void {
    const before = Math.floor(this.cwnd / this.mss);
    this.cwnd += this.phase === 'slow-start' ? Math.min(octets, this.mss) : Math.max(1, this.#increase(this, Math.min(octets, this.cwnd)));
    if (Math.floor(this.cwnd / this.mss) !== before) this.#changed();
  }

  /** RFC 6582 section 3.2, steps 3 and 5. */
  #recovery(ack: number, octets: number, flight: number): CongestionAdvice {
    if (ack >= this.#recover) {
      this.#recovering = false;
      this.cwnd = Math.min(this.ssthresh, Math.max(flight, this.mss) + this.mss);
      this.#changed();
      return 'none';
    }
    if (this.#inflate) this.cwnd = Math.max(this.mss, this.cwnd - octets + (octets >= this.mss ? this.mss : 0));
    return 'retransmit';
  }
}
