/** What is known of a shim6 context and its two hosts (RFC 5533 section 6.1), as far as a capture shows it. Everything in it is bounded. */
import type { ProbeReport } from '../../../codecs/reap/index.ts';
import type { Shim6Context, Shim6State } from '../../../state-machines/shim6/index.ts';
import { Ledger } from '../evidence.ts';
import type { Here } from './judge.ts';
import type { Announced, Parameters } from './locators.ts';
import type { I1, I2, I2bis, Probe, R1, R1bis, R2, UpdateAck, UpdateRequest } from './messages.ts';
import type { Address, Seen } from './sight.ts';
import type { Held } from './timing.ts';

/** The hosts of a context: 0 is host a of the report. */
export type Index = 0 | 1;
export const other = (host: Index): Index => (host === 0 ? 1 : 0);

/** So many messages of a kind are remembered, the newest. */
const REMEMBERED = 16;
/** So many addresses of a host, and pairs of a context. */
export const ADDRESSES = 64;
const PROBES = 256;

/** The newest of what was seen. */
export class Recent<T> {
  readonly list: T[] = [];
  readonly most: number;

  constructor(most = REMEMBERED) {
    this.most = most;
  }

  add(item: T): T {
    if (this.list.push(item) > this.most) this.list.shift();
    return item;
  }

  get last(): T | undefined {
    return this.list.at(-1);
  }
}

/** A message that was seen, and when it was sent again. */
export interface Sent<M> {
  readonly message: M;
  readonly host: Index;
  readonly frame: number;
  readonly time: number;
  readonly source: Address;
  readonly destination: Address;
  /** Why a receiver has to discard it; undefined where it has not. */
  readonly invalid: string | undefined;
  /** What the receiver is to find when it verifies the locators. */
  readonly announced: Announced | undefined;
  readonly parameters: Parameters | undefined;
  /** An option that nobody knows, and that is critical. */
  readonly critical: boolean;
  readonly octets: Uint8Array;
  /** Captured so often; and so often on the pair that it took last, whose addresses these are. */
  copies: number;
  copiesOnPair: number;
  lastPair: string;
  lastTime: number;
  lastFrame: number;
  answered: boolean;
}

/** A probe that was seen. */
export interface SentProbe {
  readonly probe: Probe;
  readonly octets: Uint8Array;
  readonly host: Index;
  readonly frame: number;
  readonly time: number;
  readonly source: Address;
  readonly destination: Address;
  /** The peer has told of it. */
  reported: boolean;
  /** When a copy of it was captured last. */
  lastTime: number;
}

/** A report of an earlier probe that was never captured, and the probe that stood in its place. */
export interface Doubt {
  readonly report: ProbeReport;
  readonly instead: SentProbe;
  /** The nonce that is listed before it. */
  readonly later: number;
  readonly frame: number;
  readonly time: number;
}

/** One host of a context. */
export class End {
  ulid: Address | undefined;
  /** Context Tags that it allocated, the newest last. */
  readonly tags: number[] = [];
  /** Addresses that it was seen at, or announced. */
  readonly addresses = new Set<Address>();
  parameters: Parameters | undefined;
  /** Its locator lists, as they were announced. */
  readonly lists = new Recent<Announced>();
  /** What its context is, by the machine of RFC 5533 section 6.2. */
  readonly machine: Shim6Context = { state: 'IDLE', i1Retries: 0, retries: 0 };
  /** Whether anything was seen that tells its state. */
  hasState = false;
  readonly updates = new Recent<Sent<UpdateRequest>>();
  readonly probes = new Recent<SentProbe>(PROBES);
  readonly probeNonces = new Map<number, SentProbe>();
  /** How often it has listed an earlier probe of its own, by nonce, and in which frame last. */
  readonly claims = new Map<number, { readonly count: number; readonly frame: number }>();
  /** Nonces of its probes that it has listed one behind the other, the later first: `${later} ${earlier}`. */
  readonly successions = new Set<string>();
  readonly doubts: Doubt[] = [];
  /** The Keepalive Timeout that it asked for, and whether that has arrived. */
  keepaliveTimeout: { readonly seconds: number; readonly frame: number; acknowledged: boolean } | undefined;
  lastKeepalive: { readonly frame: number; readonly time: number; readonly interval: number | undefined } | undefined;
  /** How many of its packets have been captured, and how many carried payload. */
  packets = 0;
  /** When it used the right tag of its peer, in ms: first since that was told, and last; 0 for never. */
  firstRight = 0;
  lastRight = 0;
  payloads = 0;
  lastPayload: PayloadSeen | undefined;
  payloadBefore: PayloadSeen | undefined;
  /** Payload on another pair than what came before and after it. */
  readonly strays: Stray[] = [];
  /** Pairs on which its probes arrived, as the peer told. */
  readonly reportedPairs = new Set<string>();
  lastTime = 0;
  /** So many times it was captured to answer what is answered at once, and the longest that it took, in ms. */
  answers = 0;
  slowest = 0;
  /** Whether all of its packets were captured before any router. */
  isOnLink = true;
  /** When it last sent what names the context by its peer's tag, in ms. */
  lastTagged = 0;
  /** Of its exploration: how many probes in a row, the interval before the last one, and their pairs. */
  series: { readonly count: number; readonly interval: number; readonly pairs: Set<string> } = { count: 0, interval: 0, pairs: new Set() };

  get state(): Shim6State | null {
    return this.hasState ? this.machine.state : null;
  }

  get tag(): number | undefined {
    return this.tags.at(-1);
  }

  get list(): Announced | undefined {
    return this.lists.last;
  }

  addAddress(address: Address): boolean {
    if (this.addresses.has(address) || this.addresses.size >= ADDRESSES) return false;
    this.addresses.add(address);
    return true;
  }
}

/** Payload on a pair. */
export interface PayloadSeen {
  readonly frame: number;
  readonly time: number;
  readonly source: Address;
  readonly destination: Address;
}

/** One packet with payload between two on another pair. */
export interface Stray {
  readonly before: PayloadSeen;
  readonly stray: PayloadSeen;
  readonly back: PayloadSeen;
  /** A probe was captured shortly before, or between them. */
  readonly isExplored: boolean;
}

/** A pair that one host used towards the other. */
export interface PathUse {
  readonly from: Index;
  readonly source: Address;
  readonly destination: Address;
  frames: number;
  readonly firstFrame: number;
  lastFrame: number;
  payload: number;
}

/** A tag that the receiver is not known to have allocated. */
export interface WrongTag {
  readonly tag: number;
  readonly host: Index;
  readonly frame: number;
  readonly time: number;
  readonly kind: string;
  /** How many messages carried it. */
  count: number;
  /** How long after the last message with the right tag, or the one that told it, in ms. */
  readonly since: number;
  /** When its sender had used the right one first since it was told, and when it has last since: in ms, 0 for never. */
  readonly rightBefore: number;
  rightAfter: number;
  /** It came while an exchange was under way. */
  readonly isOpen: boolean;
}

/** An answer to nothing that was captured, and the one message that it may have been meant for. */
export interface Strange<M, To> {
  readonly here: Here;
  readonly message: M;
  readonly only: Sent<To> | undefined;
}

/** A ULID-pair context between two hosts. */
export class Context {
  readonly ends: readonly [End, End] = [new End(), new End()];
  readonly ledger = new Ledger();
  readonly paths = new Map<string, PathUse>();
  forkedInstanceIdentifier = 0;
  readonly i1s = new Recent<Sent<I1>>();
  readonly r1s = new Recent<Sent<R1>>();
  readonly i2s = new Recent<Sent<I2>>();
  readonly r1biss = new Recent<Sent<R1bis>>();
  readonly i2biss = new Recent<Sent<I2bis>>();
  /** R2s, with what each is known to answer. */
  readonly r2s = new Recent<Sent<R2>>();
  readonly wrongTags: WrongTag[] = [];
  /** A probe tells of one that was not captured. */
  missesProbes = false;
  readonly strangeAcks: Strange<UpdateAck, UpdateRequest>[] = [];
  readonly strangeR2s: Strange<R2, I1 | I2 | I2bis>[] = [];
  /** Findings that wait until it is known where the capture was taken. */
  readonly held: Held[] = [];
  /** Hosts that sent an Error message with code 1, or 2. */
  readonly errorsOfCode1 = new Set<Index>();
  readonly errorsOfCode2 = new Set<Index>();
  /** Who began it; undefined where the capture does not show it. */
  initiator: Index | undefined;
  /** Its ULIDs were not told: they are taken to be the addresses of the first message. */
  isPresumed = false;
  /** When something that may give a host another tag was seen last, in frames; 0 for never. */
  established = 0;
  establishedTime = 0;
  /** Whether an exchange is under way that may give a host another tag: its R2 was not captured yet. */
  isOpen = false;
  /** Whether the messages that gave both hosts their tags were captured. */
  isFromStart = false;
  firstFrame = 0;
  lastFrame = 0;
  lastTime = 0;

  /** What an R2 may answer. */
  get asking(): readonly Sent<I1 | I2 | I2bis>[] {
    return [...this.i1s.list, ...this.i2s.list, ...this.i2biss.list];
  }

  /** Whether nothing was seen of it but I1s, and payload that it has no part in. */
  get isUnanswered(): boolean {
    const { r1s, i2s, r2s, i2biss, r1biss, ends } = this;
    return [r1s, i2s, r2s, i2biss, r1biss].every(({ list }) => list.length === 0) && ends.every(({ lastTagged }) => lastTagged === 0);
  }

  /** The host with this address; undefined where neither has it, or both. */
  hostAt(address: Address): Index | undefined {
    const [a, b] = this.ends;
    const inA = a.addresses.has(address);
    return inA === b.addresses.has(address) ? undefined : inA ? 0 : 1;
  }

  /** The sender of a packet between these addresses; undefined where they are not those of both hosts. */
  senderOf({ source, destination }: Pick<Seen, 'source' | 'destination'>): Index | undefined {
    const from = this.hostAt(source);
    const to = this.hostAt(destination);
    if (from !== undefined && to !== undefined) return from !== to ? from : undefined;
    return from ?? (to === undefined ? undefined : other(to));
  }
}
