/**
 * The node keys and nonces of a correspondent node, RFC 6275 sections 5.2.1, 5.2.2 and 5.2.7. Each nonce has its own Kcn, so that an index names both; a new one
 * is made when a test is to be answered and the newest has been in use for 30 s, and none is accepted 240 s after it was first used. Times in ms.
 */

/** MAX_NONCE_LIFETIME of section 12. */
export const MAX_NONCE_LIFETIME = 240_000;
/** How long one nonce is given out: the difference of MAX_NONCE_LIFETIME and MAX_TOKEN_LIFETIME (section 5.2.7). */
export const NONCE_INTERVAL = 30_000;

/** Nonces that are kept at most for the sake of `renew`: nobody is to make a node keep more by taking bindings back. */
const MOST = 64;
const KCN_OCTETS = 20;
const NONCE_OCTETS = 8;

/** A nonce and the key that belongs to it. */
export interface Nonce {
  /** Counts up for ever; what travels is its last 16 bits. */
  readonly generation: number;
  /** 16 bits. */
  readonly index: number;
  /** 20 octets. */
  readonly kcn: Uint8Array;
  /** 8 octets. */
  readonly nonce: Uint8Array;
  readonly firstUsed: number;
}

/**
 * The nonces of one node: nine at most, however many mobile nodes ask; and those that were renewed early, up to 64 in all.
 * @example new Nonces((octets) => crypto.getRandomValues(new Uint8Array(octets))).current(now).index
 */
export class Nonces {
  readonly #random: (octets: number) => Uint8Array;
  /** Newest first. */
  #known: readonly Nonce[] = [];
  #generations = 0;
  #isSpent = false;

  constructor(random: (octets: number) => Uint8Array) {
    this.#random = random;
  }

  /** The newest generation that was given out; 0 before the first. */
  get generation(): number {
    return this.#generations;
  }

  /** The nonce to make a token with at `now`. */
  current(now: number): Nonce {
    const [newest] = this.#known;
    if (newest !== undefined && !this.#isSpent && now - newest.firstUsed < NONCE_INTERVAL) return newest;
    this.#isSpent = false;
    this.#generations += 1;
    const made: Nonce = {
      generation: this.#generations,
      index: this.#generations % 0x1_0000,
      kcn: this.#random(KCN_OCTETS),
      nonce: this.#random(NONCE_OCTETS),
      firstUsed: now,
    };
    this.#known = [made, ...this.#known.filter((each) => isFresh(each, now))];
    return made;
  }

  /**
   * No token is made with the newest nonce any more: so whoever has taken a binding back, and must not use its nonces again (section 9.5.3), gets others at once.
   * False where too many are kept already, and nothing changes.
   */
  renew(): boolean {
    if (this.#known.length >= MOST) return false;
    this.#isSpent = true;
    return true;
  }

  /** The nonce of that index; undefined where it was never given out or is too old. */
  find(index: number, now: number): Nonce | undefined {
    return this.#known.find((each) => each.index === index && isFresh(each, now));
  }
}

const isFresh = ({ firstUsed }: Nonce, now: number): boolean => now - firstUsed < MAX_NONCE_LIFETIME;
