/** How many messages of a kind may be sent in a second, RFC 6275 sections 9.3.3 and 11.8. */

/** Lets `most` through in any second, kind by kind; remembers no more than those. Times in ms. */
export class RateLimit {
  readonly #most: number;
  readonly #recent = new Map<string, readonly number[]>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether one more of this kind may be sent at `now`; it counts if so. @example new RateLimit(3).allows('BU', now) */
  allows(kind: string, now: number): boolean {
    const recent = (this.#recent.get(kind) ?? []).filter((at) => now - at < 1000);
    const isAllowed = recent.length < this.#most;
    this.#recent.set(kind, isAllowed ? [...recent, now] : recent);
    return isAllowed;
  }
}
