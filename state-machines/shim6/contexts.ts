/**
 * The contexts of one host, found as RFC 5533 section 12.4 says: by ULID pair and Forked Instance Identifier, by the tag of this end, by the tag of the peer with
 * one of its locators, and by Initiator Nonce. An index for each, so that neither a lookup nor the search for context confusion (section 7.15) passes through all
 * of them.
 */
import { toHex } from '../../codecs/bytes.ts';
import type { ReapEndpoint } from '../reap/index.ts';
import type { Due } from './agenda.ts';
import { newShim6Context } from './context.ts';
import type { Shim6Context, Shim6Timer } from './context.ts';
import type { LocalLocators, PeerLocators } from './locators.ts';
import type { AddressPair } from './payload.ts';

/** An update that the peer has not acknowledged. */
export interface Outstanding {
  readonly nonce: number;
  readonly local: LocalLocators;
  retries: number;
}

/** What a host holds of one context (section 6.1). Addresses are 16 octets, times in ms. */
export interface ContextRecord extends Due {
  readonly localUlid: Uint8Array;
  readonly peerUlid: Uint8Array;
  readonly forkedInstanceIdentifier: number;
  readonly machine: Shim6Context;
  readonly timers: Map<Shim6Timer, number>;
  /** CT(local) and CT(peer). */
  localTag: number | undefined;
  peerTag: number | undefined;
  /** Of the exchange: its nonces and validator, the pair that its messages take, and when it began. */
  initiatorNonce: number | undefined;
  responderNonce: number;
  validator: Uint8Array;
  packetTag: number;
  exchange: AddressPair;
  began: number;
  /** Lp(local) and Lp(peer), as long as REAP does not look after them. */
  pair: AddressPair;
  /** The set of this end that the peer knows, or is being told by the exchange: it does not change while the exchange lasts. */
  told: LocalLocators;
  /** Ls(peer), verified. */
  peer: PeerLocators;
  /** When the last Update Request was taken, and the nonces of those that were, newest first. */
  updated: number;
  updates: readonly number[];
  outstanding: Outstanding | undefined;
  /** What the peer has told of its Send Timeout (RFC 5534 section 5.3). */
  keepaliveTimeout: number | undefined;
  reap: ReapEndpoint | undefined;
  /** When payload went or came last. */
  used: number;
  /** The keys under which the peer's tag and locators stand in the index. */
  peerKeys: readonly string[];
}

/** @example newContext(localUlid, peerUlid, 0, local, now) */
export const newContext = (
  localUlid: Uint8Array,
  peerUlid: Uint8Array,
  forkedInstanceIdentifier: number,
  told: LocalLocators,
  now: number,
): ContextRecord => {
  const pair = { source: localUlid, destination: peerUlid };
  return {
    localUlid,
    peerUlid,
    forkedInstanceIdentifier,
    machine: newShim6Context(),
    timers: new Map(),
    localTag: undefined,
    peerTag: undefined,
    initiatorNonce: undefined,
    responderNonce: 0,
    validator: new Uint8Array(0),
    packetTag: 0,
    exchange: pair,
    began: now,
    pair,
    told,
    peer: { generation: undefined, locators: [peerUlid] },
    updated: -Infinity,
    updates: [],
    outstanding: undefined,
    keepaliveTimeout: undefined,
    reap: undefined,
    used: now,
    peerKeys: [],
    due: 0,
    place: -1,
  };
};

const ulidKey = (localUlid: Uint8Array, peerUlid: Uint8Array, forkedInstanceIdentifier: number): string =>
  `${toHex(localUlid)}${toHex(peerUlid)}${forkedInstanceIdentifier}`;

const peerKey = (peerTag: number, locator: Uint8Array): string => `${toHex(locator)}${peerTag}`;

export class Contexts {
  readonly #byUlids = new Map<string, ContextRecord>();
  readonly #byTag = new Map<number, ContextRecord>();
  readonly #byNonce = new Map<number, ContextRecord>();
  readonly #byPeer = new Map<string, ContextRecord>();

  get size(): number {
    return this.#byUlids.size;
  }

  all(): IterableIterator<ContextRecord> {
    return this.#byUlids.values();
  }

  byUlids(localUlid: Uint8Array, peerUlid: Uint8Array, forkedInstanceIdentifier: number): ContextRecord | undefined {
    return this.#byUlids.get(ulidKey(localUlid, peerUlid, forkedInstanceIdentifier));
  }

  byTag(localTag: number): ContextRecord | undefined {
    return this.#byTag.get(localTag);
  }

  byNonce(initiatorNonce: number): ContextRecord | undefined {
    return this.#byNonce.get(initiatorNonce);
  }

  /** The context whose peer has that tag and that locator. */
  byPeer(peerTag: number, locator: Uint8Array): ContextRecord | undefined {
    return this.#byPeer.get(peerKey(peerTag, locator));
  }

  add(context: ContextRecord): void {
    this.#byUlids.set(ulidKey(context.localUlid, context.peerUlid, context.forkedInstanceIdentifier), context);
  }

  /** Takes a context out of every index. */
  remove(context: ContextRecord): void {
    this.#byUlids.delete(ulidKey(context.localUlid, context.peerUlid, context.forkedInstanceIdentifier));
    this.setTag(context, undefined);
    this.setNonce(context, undefined);
    this.setPeer(context, undefined, context.peer);
  }

  setTag(context: ContextRecord, localTag: number | undefined): void {
    if (context.localTag !== undefined) this.#byTag.delete(context.localTag);
    context.localTag = localTag;
    if (localTag !== undefined) this.#byTag.set(localTag, context);
  }

  setNonce(context: ContextRecord, initiatorNonce: number | undefined): void {
    if (context.initiatorNonce !== undefined) this.#byNonce.delete(context.initiatorNonce);
    context.initiatorNonce = initiatorNonce;
    if (initiatorNonce !== undefined) this.#byNonce.set(initiatorNonce, context);
  }

  /**
   * CT(peer) and Ls(peer) are these now; without a tag the context can be found by neither. Gives the contexts that stood where this one stands now: those are
   * confused with it (section 7.15), and can no longer be found by them.
   */
  setPeer(context: ContextRecord, peerTag: number | undefined, peer: PeerLocators): readonly ContextRecord[] {
    for (const key of context.peerKeys) if (this.#byPeer.get(key) === context) this.#byPeer.delete(key);
    context.peerTag = peerTag;
    context.peer = peer;
    context.peerKeys = peerTag === undefined ? [] : peer.locators.map((locator) => peerKey(peerTag, locator));
    const confused = new Set<ContextRecord>();
    for (const key of context.peerKeys) {
      const other = this.#byPeer.get(key);
      if (other !== undefined) confused.add(other);
      this.#byPeer.set(key, context);
    }
    return [...confused];
  }
}
