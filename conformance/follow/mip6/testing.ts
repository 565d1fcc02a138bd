/**
 * Return routability as a capture shows it (RFC 6275 section 5.2): which test was asked for with which cookie, which keygen tokens came back under which nonce
 * index, for a home address or a care-of address and one correspondent.
 */
import type { CoTI, HoTI } from '../../../codecs/mip6/index.ts';
import type { Address } from './sight.ts';

/** Why a message is to be discarded by whoever gets it (RFC 6275 sections 9.2, 9.4.1, 9.4.2). */
export type Fault = 'checksum' | 'payload proto' | 'home address option';

/** A Home Test Init or Care-of Test Init. */
export interface Init {
  readonly frame: number;
  readonly time: number;
  readonly cookie: bigint;
  readonly message: HoTI | CoTI;
  /** Where the mobile node was, as far as is known, and how often it had moved. */
  readonly way: string;
  /** Transmissions without an answer before this one, of the same test. */
  readonly attempt: number;
  /** Time since the one before, in ms, and the interval that that one had; undefined for the first. */
  readonly interval: number | undefined;
  readonly intervalBefore: number | undefined;
  /** Time since the first of them, in ms. */
  readonly elapsed: number;
  /** The one before it, if any, that had the same cookie, where no answer came since. */
  readonly sameCookie: Init | undefined;
  readonly fault: Fault | undefined;
  /** Whether no answer is awaited any more. */
  answered: boolean;
}

/** A keygen token that a Home Test or Care-of Test carried. */
export interface Token {
  readonly frame: number;
  readonly time: number;
  readonly nonceIndex: number;
  /** 8 octets, as a number. */
  readonly value: bigint;
  /** The message that asked for it, where that was captured. */
  readonly init: Init | undefined;
}

/** Retransmissions wait so long at first and at most, in ms (sections 12, 13); what comes later than twice that begins anew. */
const INITIAL_BINDACK_TIMEOUT = 1500;
const MAX_BINDACK_TIMEOUT = 32_000;
export const OVERDUE = 2;

/** When what was sent `interval` ms after the transmission before it is sent again, in ms. */
export const dueAfter = ({ interval }: Pick<Init, 'interval'>): number =>
  interval === undefined ? INITIAL_BINDACK_TIMEOUT : Math.min(MAX_BINDACK_TIMEOUT, Math.max(INITIAL_BINDACK_TIMEOUT, 2 * interval));

/** What is kept of each, the newest last. */
const KEPT = 8;

/** The tests of one address of a mobile node with one correspondent. */
export class Testing {
  readonly inits: Init[] = [];
  readonly tokens: Token[] = [];

  /** The last Init that was not answered yet, if any. */
  get pending(): Init | undefined {
    const last = this.inits.at(-1);
    return last?.answered === false ? last : undefined;
  }

  /** Whether a token is the last one, and no test was asked for after it. */
  isLatest(token: Token): boolean {
    return token === this.tokens.at(-1) && (token.init === undefined || token.init === this.inits.at(-1));
  }

  /** A test is asked for; from another place it is another test, not the last one again. */
  ask({ frame, time, message, cookie, fault, way }: Pick<Init, 'frame' | 'time' | 'message' | 'cookie' | 'fault' | 'way'>): Init {
    const { pending } = this;
    const isRepeated = pending?.way === way && time - pending.time <= OVERDUE * dueAfter(pending);
    const before = isRepeated ? pending : undefined;
    const init: Init = {
      frame,
      time,
      cookie,
      message,
      way,
      attempt: before === undefined ? 0 : before.attempt + 1,
      interval: before === undefined ? undefined : time - before.time,
      intervalBefore: before?.interval,
      elapsed: before === undefined ? 0 : before.elapsed + time - before.time,
      sameCookie: pending && this.inits.findLast((each) => each.fault === undefined && each.cookie === cookie),
      fault,
      answered: fault !== undefined,
    };
    push(this.inits, init);
    return init;
  }

  answer(frame: number, time: number, cookie: bigint, nonceIndex: number, value: bigint): Token {
    const init = this.inits.findLast((each) => each.cookie === cookie);
    const token = { frame, time, nonceIndex, value, init };
    // One that answers an earlier transmission does as well.
    if (init !== undefined) for (const each of this.inits) each.answered = true;
    push(this.tokens, token);
    return token;
  }
}

/** Appends to a list of which only the newest are kept. */
export const push = <T>(list: T[], item: T, most = KEPT): void => {
  list.push(item);
  if (list.length > most) list.shift();
};

/** All tests of a capture, so many at most; those that were not used for longest are forgotten first. */
export class Tests {
  readonly #tests = new Map<string, Testing>();
  /** Where cookies were sent from. */
  readonly #asked = new Map<string, { readonly frame: number; readonly from: Address }>();
  readonly #most: number;
  dropped = 0;

  constructor(most = 1024) {
    this.#most = most;
  }

  /** A cookie was sent from an address to a correspondent. */
  asked(which: 'home' | 'care-of', from: Address, correspondent: Address, cookie: bigint, frame: number): void {
    const key = `${which} ${correspondent} ${cookie}`;
    this.#asked.delete(key);
    this.#asked.set(key, { frame, from });
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= this.#most) break;
      this.#asked.delete(oldest);
    }
  }

  /** Where a cookie was sent from to this correspondent and not answered, other than from `address`. */
  elsewhere(
    which: 'home' | 'care-of',
    address: Address,
    correspondent: Address,
    cookie: bigint,
  ): { readonly frame: number; readonly from: Address } | undefined {
    const asked = this.#asked.get(`${which} ${correspondent} ${cookie}`);
    if (asked === undefined || asked.from === address) return undefined;
    const testing = this.#tests.get(`${which} ${asked.from} ${correspondent}`);
    return testing?.inits.some((each) => each.cookie === cookie && !each.answered) === true ? asked : undefined;
  }

  /** A Binding Update shows that the tests of its addresses were answered, whether that was captured or not. */
  settle(home: Address, careOf: Address, correspondent: Address): void {
    for (const testing of [this.of('home', home, correspondent), this.of('care-of', careOf, correspondent)])
      for (const init of testing.inits) init.answered = true;
  }

  /** The tests of an address, home or care-of, with a correspondent. */
  of(which: 'home' | 'care-of', address: Address, correspondent: Address): Testing {
    const key = `${which} ${address} ${correspondent}`;
    const testing = this.#tests.get(key) ?? new Testing();
    this.#tests.delete(key);
    this.#tests.set(key, testing);
    for (const oldest of this.#tests.keys()) {
      if (this.#tests.size <= this.#most) break;
      this.#tests.delete(oldest);
      this.dropped += 1;
    }
    return testing;
  }
}
