/** How long to wait before a segment is sent again: RFC 6298. Times in ms. */

const ALPHA = 1 / 8;
const BETA = 1 / 4;
/** The clock's granularity, G. */
const GRANULARITY = 1;

/**
 * Round-trip times and the retransmission timeout made of them.
 *
 * @example
 * const rtt = new RttEstimator(1000, 200);
 * rtt.sample(100);
 * rtt.rto; // 300: SRTT 100, RTTVAR 50
 */
export class RttEstimator {
  /** SRTT; -1 before the first measurement. */
  smoothed = -1;
  #variation = 0;
  #rto: number;
  readonly #initial: number;
  readonly #least: number;
  readonly #most: number;

  /** The first timeout (section 2, (2.1)), the least (2.4) and the most one (2.5). */
  constructor(initial: number, least: number, most = 60_000) {
    this.#initial = initial;
    this.#rto = initial;
    this.#least = least;
    this.#most = most;
  }

  /** The retransmission timeout, back-off included. */
  get rto(): number {
    return this.#rto;
  }

  /** A round trip was measured, on a segment that was sent once only (Karn's algorithm, section 3) or by its timestamp. */
  sample(measured: number): void {
    if (this.smoothed < 0) {
      this.smoothed = measured;
      this.#variation = measured / 2;
    } else {
      this.#variation = (1 - BETA) * this.#variation + BETA * Math.abs(this.smoothed - measured);
      this.smoothed = (1 - ALPHA) * this.smoothed + ALPHA * measured;
    }
    this.#rto = this.#within(this.smoothed + Math.max(GRANULARITY, 4 * this.#variation));
  }

  /** The timer has expired (section 5, (5.5)): twice as long. */
  backOff(): void {
    this.#rto = this.#within(this.#rto * 2);
  }

  /** The path is another one: what was measured counts no more, nor does a back-off. */
  reset(): void {
    this.smoothed = -1;
    this.#rto = this.#initial;
  }

  #within(timeout: number): number {
    return Math.min(this.#most, Math.max(this.#least, timeout));
  }
}
