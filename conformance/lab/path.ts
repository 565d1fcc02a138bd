/** One direction of a path between two addresses: how long it takes, how much it takes, and what it loses, doubles and changes. Times in ms. */
import { copyOf, equalBytes } from '../../codecs/bytes.ts';
import { seeded } from './random.ts';

/** A time in which a path carries nothing: from `from` on, to before `to` (for ever when left out). */
export interface Outage {
  readonly from: number;
  readonly to?: number;
}

/** What stands on a path and looks into packets: gives what goes on in place of one that comes, which may be nothing, or several. */
export type Middlebox = (packet: Uint8Array, now: number) => readonly Uint8Array[];

const HOP_LIMIT_AT = 7;
const PREFIX_OCTETS = 8;

/** A router for IPv6: takes one of the Hop Limit; a packet that has none left goes no further (RFC 8200 section 3). */
export const router: Middlebox = (packet) => {
  const hopLimit = packet[HOP_LIMIT_AT] ?? 0;
  if (hopLimit <= 1) return [];
  const forwarded = copyOf(packet);
  forwarded[HOP_LIMIT_AT] = hopLimit - 1;
  return [forwarded];
};

/** A path between two IPv6 addresses: a router stands on it, before all else, unless both are of one link (the same 64 bits). @example lab.lay(a, b, routed(a, b, { delay: 20 })) */
export const routed = (source: Uint8Array, destination: Uint8Array, options: PathOptions): PathOptions =>
  equalBytes(source.subarray(0, PREFIX_OCTETS), destination.subarray(0, PREFIX_OCTETS))
    ? options
    : { ...options, middleboxes: [router, ...(options.middleboxes ?? [])] };

/** What a path is like. Everything may be left out: a path takes no time then, and loses nothing. */
export interface PathOptions {
  /** From the one end to the other, beside the time in the queue. */
  readonly delay?: number;
  /** How much later than that a packet may come, drawn for each: packets overtake each other. */
  readonly jitter?: number;
  /** The part of all packets that is lost. */
  readonly loss?: number;
  /** The part of all packets that comes twice. */
  readonly duplication?: number;
  /** Octets in a second; unlimited when left out. */
  readonly rate?: number;
  /** Octets that wait for their turn at most, before a path of a `rate`; what comes beyond is dropped from the tail. Unlimited when left out. */
  readonly queue?: number;
  readonly outages?: readonly Outage[];
  /** In their order. */
  readonly middleboxes?: readonly Middlebox[];
}

/** Why a packet did not get through. */
export type Fate = 'lost' | 'outage' | 'queue' | 'middlebox';

/** A packet that gets through, and when it comes. */
export interface Arrival {
  readonly at: number;
  readonly packet: Uint8Array;
}

/** A path in one direction. */
export class Path {
  /** How many packets it has carried, and what became of the others. */
  carried = 0;
  readonly dropped: Record<Fate, number> = { lost: 0, outage: 0, queue: 0, middlebox: 0 };
  readonly #options: PathOptions;
  readonly #random: () => number;
  /** When the last packet that was taken will have left the queue. */
  #busyUntil = 0;

  constructor(options: PathOptions, seed: number) {
    this.#options = options;
    this.#random = seeded(seed);
  }

  /** Whether it carries packets at `now`. */
  isUp(now: number): boolean {
    const { outages } = this.#options;
    return outages === undefined || !outages.some(({ from, to = Infinity }) => now >= from && now < to);
  }

  /** Puts a packet on the path at `now`: what arrives, and when. */
  carry(packet: Uint8Array, now: number): readonly Arrival[] {
    const { middleboxes } = this.#options;
    if (!this.isUp(now)) return this.#drop('outage');
    if (middleboxes === undefined) return this.#take(packet, now);
    let packets: readonly Uint8Array[] = [packet];
    for (const middlebox of middleboxes) packets = packets.flatMap((each) => middlebox(each, now));
    if (packets.length === 0) return this.#drop('middlebox');
    return packets.flatMap((each) => this.#take(each, now));
  }

  #take(packet: Uint8Array, now: number): readonly Arrival[] {
    const { delay = 0, jitter = 0, loss = 0, duplication = 0, rate = Infinity, queue = Infinity } = this.#options;
    const waiting = Math.max(0, this.#busyUntil - now);
    if ((waiting * rate) / 1000 + packet.length > queue && waiting > 0) return this.#drop('queue');
    this.#busyUntil = now + waiting + (packet.length * 1000) / rate;
    // What is lost was in the queue all the same.
    if (this.#random() < loss) return this.#drop('lost');
    this.carried += 1;
    const isDoubled = this.#random() < duplication;
    const arrival = (): Arrival => ({ at: this.#busyUntil + delay + this.#random() * jitter, packet });
    return isDoubled ? [arrival(), arrival()] : [arrival()];
  }

  #drop(fate: Fate): readonly Arrival[] {
    this.dropped[fate] += 1;
    return [];
  }
}
