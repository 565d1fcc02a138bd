/** What a capture tells of the links: which routers are home agents, with which prefixes, and whether packets are missing from it. */
import type { RouterAdvertisement } from '../../../codecs/mip6/index.ts';
import { copyOf, equalAt, u16 } from '../../../codecs/bytes.ts';
import { parseAddress } from '../../../codecs/packet/index.ts';
import { addressOf } from './sight.ts';
import type { Address, Sight } from './sight.ts';

/** A router that was heard, by its link-local address. */
export interface Router {
  readonly address: Address;
  readonly homeAgent: boolean;
  readonly preference: number;
  readonly lifetime: number;
  /** Its own global addresses, as far as it tells them (section 7.2). */
  readonly addresses: readonly Address[];
  /** The prefixes that it advertises for the link. */
  readonly prefixes: readonly {
    readonly prefix: Uint8Array;
    readonly length: number;
    readonly validLifetime: number;
    readonly preferredLifetime: number;
  }[];
  readonly time: number;
  /** Advertisements so far. */
  readonly count: number;
  /** How many of them had a prefix with the Router Address bit, and the addresses that all of those had. */
  readonly addressed: number;
  readonly steady: readonly Address[];
}

/** Whether two addresses have the first `length` bits in common. */
export const shares = (one: Uint8Array, other: Uint8Array, length: number): boolean => {
  const octets = length >> 3;
  const rest = 8 - (length & 7);
  return equalAt(one, 0, other, 0, octets) && (rest === 8 || one[octets]! >> rest === other[octets]! >> rest);
};

const ROUTERS = 256;
/** Senders that are remembered. */
const SOURCES = 4096;
/** Echo requests that are remembered. */
const ECHOES = 256;
/** An answer within this time of the start may belong to a question before it, in ms. */
const START = 3000;

/** The router's own addresses in the prefixes of an advertisement (RFC 6275 section 7.2). */
export const routerAddressesOf = (options: RouterAdvertisement['options']): readonly Address[] =>
  options.flatMap((option) => (option.kind === 'PrefixInformation' && option.routerAddress ? [addressOf(option.prefixAddress)] : []));

/** What all advertisements with addresses had in common so far. */
const steadyOf = (before: Router | undefined, addresses: readonly Address[]): readonly Address[] => {
  if (before === undefined || before.addressed === 0) return addresses;
  return addresses.length === 0 ? before.steady : before.steady.filter((each) => addresses.includes(each));
};

/** What comes sooner than this after a question, in ms, is no retransmission. */
const REPEATED = 800;

/** So many times at which packets are missing are remembered. */
const GAPS = 256;

/** Nothing is held up on its way for longer than this, in ms: not while neighbours ask for an address either, which takes 3 s (RFC 4861). */
const HELD_UP = 5000;
/** Reactions that are awaited, and addresses whose reactions are remembered. */
const AWAITED = 256;
const REACTING = 4096;
/** So many reactions tell how long packets take, and they may take so many times longer than the slowest of them. */
const REACTIONS = 3;
const SPREAD = 2;

/** Echo Requests come at a steady pace where so many in a row, at least so far apart, come in intervals that differ by less than this, in ms. */
const PACES = 4;
const SLOWEST = 200;
const STEADY = 50;

/** Echo Requests between two ends: their sequence numbers, the newest last, when the last came, how long after the one before, and how many kept that pace. */
interface Requests {
  readonly sequences: number[];
  time: number;
  interval: number;
  paces: number;
}

/** An Echo Request is overtaken by so many at most. */
const OVERTAKEN = 16;

/** Signs of one packet come within this time, in ms. */
const MOMENT = 1000;

/** The links of a capture. */
export class Network {
  readonly routers = new Map<Address, Router>();
  /** Answers whose question was not captured, and the like. */
  #orphans = 0;
  /** The last sign that packets are missing. */
  #sign: { readonly time: number; readonly between: string | undefined; readonly packets: number } = {
    time: 0,
    between: undefined,
    packets: 0,
  };
  /** Answers whose question was captured. */
  #answers = 0;
  #start: number | undefined;
  /** Who sent packets, and when last. */
  readonly #sources = new Map<Address, number>();
  /** Questions that were answered only after they had been sent again, or were sent again. */
  #repeats = 0;
  /** Echo requests by their ends and identifier. */
  readonly #echoes = new Map<string, Requests>();
  /** When Echo Requests were sent whose replies are awaited, how often nodes reacted, and the longest time that took. */
  readonly #awaited = new Map<string, number>();
  readonly #reactions = new Map<Address, { readonly count: number; readonly longest: number }>();
  /** Addresses on links that the capture was taken on, and addresses whose Echo Requests came at a steady pace. */
  readonly #neighbors = new Set<Address>();
  readonly #steady = new Set<Address>();

  /** Between which times packets are missing from the capture, the newest last. */
  readonly #gaps: { readonly from: number; readonly until: number }[] = [];
  /** When a packet last went from one address to another, by its outermost header. */
  readonly #pairs = new Map<string, number>();

  /** The capture goes on at this time. */
  at(time: number): void {
    this.#start ??= time;
  }

  /** Takes what a router says of itself. */
  heard(address: Address, time: number, { homeAgent, options, routerLifetime }: RouterAdvertisement): void {
    const information = options.find((option) => option.kind === 'HomeAgentInformation');
    const before = this.routers.get(address);
    const addresses = routerAddressesOf(options);
    this.routers.delete(address);
    this.routers.set(address, {
      count: (before?.count ?? 0) + 1,
      addressed: (before?.addressed ?? 0) + (addresses.length > 0 ? 1 : 0),
      steady: steadyOf(before, addresses),
      address,
      homeAgent,
      preference: information?.homeAgentPreference ?? 0,
      lifetime: information?.homeAgentLifetime ?? routerLifetime,
      addresses: options.flatMap((option) =>
        option.kind === 'PrefixInformation' && option.routerAddress ? [addressOf(option.prefixAddress)] : [],
      ),
      prefixes: options.flatMap((option) =>
        option.kind === 'PrefixInformation' && option.onLink
          ? [
              {
                prefix: copyOf(option.prefixAddress),
                length: option.prefixLength,
                validLifetime: option.validLifetime,
                preferredLifetime: option.preferredLifetime,
              },
            ]
          : [],
      ),
      time,
    });
    for (const oldest of this.routers.keys()) {
      if (this.routers.size <= ROUTERS) break;
      this.routers.delete(oldest);
    }
  }

  /**
   * Whether an address is on the home link of a home agent, by the prefixes that home agents advertise on the link that also holds the home agent's own address;
   * undefined where no such link was heard.
   */
  isOnLink(address: Address, homeAgent: Address): boolean | undefined {
    const wanted = parseAddress(address);
    const own = parseAddress(homeAgent);
    if (wanted === undefined || own === undefined) return undefined;
    let isHeard = false;
    for (const { homeAgent: serves, prefixes } of this.routers.values()) {
      if (!serves || !prefixes.some(({ prefix, length }) => shares(prefix, own, length))) continue;
      if (prefixes.some(({ prefix, length }) => shares(prefix, wanted, length))) return true;
      isHeard = true;
    }
    return isHeard ? false : undefined;
  }

  /** The preference that the home agent with this address advertises; undefined where it was not heard. */
  preferenceOf(address: Address): number | undefined {
    for (const { addresses, homeAgent, preference } of this.routers.values())
      if (homeAgent && addresses.includes(address)) return preference;
    return undefined;
  }

  /** Whether a packet from this address is in the capture, so far. */
  hears(address: Address): boolean {
    return this.#sources.has(address);
  }

  /** When the last packet from this address was captured; undefined where none was. */
  lastFrom(address: Address): number | undefined {
    return this.#sources.get(address);
  }

  /** A packet came from these addresses at this time: that of its header, and that of its Home Address option. */
  from(time: number, ...addresses: readonly Address[]): void {
    for (const address of addresses) if (this.#sources.size < SOURCES || this.#sources.has(address)) this.#sources.set(address, time);
  }

  /** A packet went from one address to another, by its outermost header. */
  sent(from: Address, to: Address, time: number): void {
    const key = `${from} ${to}`;
    if (this.#pairs.size < SOURCES || this.#pairs.has(key)) this.#pairs.set(key, time);
  }

  /** When the last packet from one address to another was captured; undefined where none was. */
  lastBetween(from: Address, to: Address): number | undefined {
    return this.#pairs.get(`${from} ${to}`);
  }

  /** A packet between these times is missing from the capture, or got lost before. */
  gap(from: number, until: number): void {
    this.#gaps.push({ from, until });
    if (this.#gaps.length > GAPS) this.#gaps.shift();
  }

  /**
   * Whether a packet between these times is missing. One that may have been before does not count: a mobile node that moves sends nothing. Nor does the question of what
   * comes at the end: it may be the very thing that is wrong.
   */
  hasGap(since: number, until: number): boolean {
    return this.#gaps.some((gap) => gap.from > since - MOMENT && gap.from < until && gap.until !== until);
  }

  /** A node on the link that the capture was taken on speaks for itself, by Neighbor Discovery, which no router forwards. */
  isNeighbor(address: Address): boolean {
    return this.#neighbors.has(address);
  }

  /** An address sends Neighbor Discovery. */
  neighbor(address: Address): void {
    if (this.#neighbors.size < REACTING) this.#neighbors.add(address);
  }

  /** The node at an address reacted so long after what went there was captured, in ms: packets take no longer both ways. What takes too long was no reaction. */
  reacted(address: Address, after: number): void {
    if (after > HELD_UP) return;
    const { count, longest } = this.#reactions.get(address) ?? { count: 0, longest: 0 };
    if (count > 0 || this.#reactions.size < REACTING) this.#reactions.set(address, { count: count + 1, longest: Math.max(longest, after) });
  }

  /**
   * Whether what came from an address was not held up by as much as `by` ms before it was captured: it is on a link that the capture was taken on, or its node, which may
   * have more addresses, is seen to react so fast, or to be heard at so steady a pace.
   */
  isTimely(from: Address, addresses: readonly Address[], by: number): boolean {
    if (by > HELD_UP || this.#neighbors.has(from)) return true;
    const places = addresses.includes(from) ? addresses : [from];
    if (by > STEADY * PACES && places.some((each) => this.#steady.has(each))) return true;
    const reactions = places.map((each) => this.#reactions.get(each));
    const count = reactions.reduce((sum, each) => sum + (each?.count ?? 0), 0);
    const longest = Math.max(...reactions.map((each) => each?.longest ?? 0));
    return count >= REACTIONS && SPREAD * longest < by;
  }

  /** A question was sent, `interval` ms after the last one like it, where that was not answered: an answer that did not come was lost, unless nobody gives any. */
  asked(interval: number | undefined): void {
    if (interval !== undefined && interval >= REPEATED) this.#repeats += 1;
  }

  /** Whether the links are known to lose packets on their way, before or behind where the capture was taken. */
  get losesPackets(): boolean {
    return this.#repeats > 0;
  }

  /** An answer came, at this time, to a question that was captured or not; `between` names the two. */
  answered(time: number, toQuestion: boolean, between?: string): void {
    if (toQuestion) this.#answers += 1;
    else this.missing(time, 1, between);
  }

  /**
   * At this time something shows that the capture misses `packets`; half a one where it need not. What happened before its start may explain it within the
   * first seconds. Signs about the same two nodes within a moment may all come of one packet.
   */
  missing(time: number, packets = 1, between?: string): void {
    this.gap(time - MOMENT, time);
    if (time - (this.#start ?? time) <= START) return;
    const { time: before, between: pair, packets: counted } = this.#sign;
    const isSame = between !== undefined && between === pair && time - before < MOMENT;
    this.#orphans += isSame ? Math.max(0, packets - counted) : packets;
    this.#sign = { time, between, packets: isSame ? Math.max(packets, counted) : packets };
  }

  /** Packets have overtaken each other, before they were captured: neither their order nor the time between them is that of who sent them. */
  disordered(): void {
    this.#orphans += 2;
  }

  /** A packet of Mobile IPv6 was cut. */
  cut(): void {
    this.#orphans += 2;
  }

  /**
   * An Echo Request or Reply went from `from` to `to`: a reply without its request shows that the capture misses some. A gap in the numbers of requests does
   * not: a mobile node that is on its way sends none.
   */
  echo({ from, to, time }: Sight, type: number, body: Uint8Array): void {
    if (body.length < 4) return;
    const isReply = type === 129;
    const key = isReply ? `${to} ${from} ${u16(body, 0)}` : `${from} ${to} ${u16(body, 0)}`;
    const sequence = u16(body, 2);
    this.#await(`${key} ${sequence}`, time, isReply ? from : undefined);
    const seen = this.#echoes.get(key);
    if (isReply) {
      this.answered(time, seen?.sequences.includes(sequence) ?? false);
      return;
    }
    if (seen === undefined) {
      this.#echoes.set(key, { sequences: [sequence], time, interval: 0, paces: 0 });
      for (const oldest of this.#echoes.keys()) {
        if (this.#echoes.size <= ECHOES) break;
        this.#echoes.delete(oldest);
      }
      return;
    }
    const { sequences } = seen;
    const before = sequences.at(-1) ?? sequence;
    if (sequence === before) return;
    if (sequence < before && before - sequence <= OVERTAKEN && !sequences.includes(sequence)) this.disordered();
    sequences.push(sequence);
    if (sequences.length > 64) sequences.shift();
    if (sequence > before + 1) this.gap(seen.time, time);
    const interval = time - seen.time;
    const isSteady = sequence === before + 1 && interval >= SLOWEST && Math.abs(interval - seen.interval) < STEADY;
    seen.paces = isSteady ? seen.paces + 1 : 0;
    Object.assign(seen, { time, interval });
    if (seen.paces >= PACES && this.#steady.size < REACTING) this.#steady.add(from);
  }

  /** An Echo Request is sent, or its reply comes from an address. It is captured on both sides of a tunnel, and counts once. */
  #await(key: string, time: number, repliedFrom: Address | undefined): void {
    const asked = this.#awaited.get(key);
    if (repliedFrom !== undefined) {
      this.#awaited.delete(key);
      if (asked !== undefined) this.reacted(repliedFrom, time - asked);
      return;
    }
    if (asked === undefined) this.#awaited.set(key, time);
    for (const oldest of this.#awaited.keys()) {
      if (this.#awaited.size <= AWAITED) break;
      this.#awaited.delete(oldest);
    }
  }

  /**
   * Whether the capture is known to miss packets, or one direction. One answer out of the blue may be what a finding is about; two are a sign. Where no answer has
   * its question, one of both is missing altogether.
   */
  get isLossy(): boolean {
    return this.#orphans >= 2 || this.#answers === 0;
  }
}
