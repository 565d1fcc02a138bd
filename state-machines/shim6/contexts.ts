/**
 * The contexts of one host, found as RFC 5533 section 12.4 says: by ULID pair and Forked Instance Identifier, by the tag of this end, by the tag of the peer with
 * one of its locators, and by Initiator Nonce. An index for each, so that neither a lookup nor the search for context confusion (section 7.15) passes through all
 * of them.
 */
import { equalBytes, u16 } from '../../codecs/bytes.ts';
import type { ReapEndpoint } from '../reap/index.ts';
import type { Due } from './agenda.ts';
import { newShim6Context } from './context.ts';
import type { Shim6Context, Shim6Timer } from './context.ts';
import type { LocalLocators, PeerLocators } from './locators.ts';
import type { AddressPair } from './payload.ts';
import type { ContextIdentity } from './settings.ts';

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
    due: 0,
    place: -1,
  };
};

/** The addresses of payload from the peer, between the ULIDs. */
export const peerPair = ({ localUlid, peerUlid }: ContextRecord): AddressPair => ({ source: peerUlid, destination: localUlid });

/** What a notice says of its context. */
export const identityOf = ({ localUlid, peerUlid, forkedInstanceIdentifier }: ContextRecord): ContextIdentity => ({
  localUlid,
  peerUlid,
  forkedInstanceIdentifier,
});

/** An address as a key: 8 characters, which are hashed sooner than 32 digits. */
const keyOf = (address: Uint8Array): string =>
  String.fromCharCode(
    u16(address, 0),
    u16(address, 2),
    u16(address, 4),
    u16(address, 6),
    u16(address, 8),
    u16(address, 10),
    u16(address, 12),
    u16(address, 14),
  );

const ulidKey = (localUlid: Uint8Array, peerUlid: Uint8Array, forkedInstanceIdentifier: number): string =>
  keyOf(localUlid) + keyOf(peerUlid) + (forkedInstanceIdentifier === 0 ? '' : `${forkedInstanceIdentifier}`);

/** Contexts whose peer has given them the same tag, by its locators: hosts that have nothing to do with each other may, or may want to make us search. */
type Namesakes = Map<string, ContextRecord>;

const hasLocator = ({ peer: { locators } }: ContextRecord, locator: Uint8Array): boolean =>
  locators.some((each) => equalBytes(each, locator));

export class Contexts {
  readonly #byUlids = new Map<string, ContextRecord>();
  readonly #byTag = new Map<number, ContextRecord>();
  readonly #byNonce = new Map<number, ContextRecord>();
  /** By the tag of the peer: nearly always one. */
  readonly #byPeer = new Map<number, ContextRecord | Namesakes>();

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
    const found = this.#byPeer.get(peerTag);
    if (found instanceof Map) return found.get(keyOf(locator));
    return found !== undefined && hasLocator(found, locator) ? found : undefined;
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
   * CT(peer) and Ls(peer) are these now; without a tag the context can be found by neither. Gives the contexts that have the same tag and one of the locators: those
   * are confused with it (section 7.15), and can no longer be found by them.
   */
  setPeer(context: ContextRecord, peerTag: number | undefined, peer: PeerLocators): readonly ContextRecord[] {
    this.#unlist(context);
    context.peerTag = peerTag;
    context.peer = peer;
    if (peerTag === undefined) return [];
    const found = this.#byPeer.get(peerTag);
    if (found === undefined) {
      this.#byPeer.set(peerTag, context);
      return [];
    }
    if (!(found instanceof Map) && peer.locators.some((locator) => hasLocator(found, locator))) {
      this.#byPeer.set(peerTag, context);
      return [found];
    }
    const namesakes = found instanceof Map ? found : new Map<string, ContextRecord>();
    if (!(found instanceof Map)) for (const locator of found.peer.locators) namesakes.set(keyOf(locator), found);
    this.#byPeer.set(peerTag, namesakes);
    const confused = new Set<ContextRecord>();
    for (const locator of peer.locators) {
      const other = namesakes.get(keyOf(locator));
      if (other !== undefined) confused.add(other);
      namesakes.set(keyOf(locator), context);
    }
    return [...confused];
  }

  #unlist(context: ContextRecord): void {
    const { peerTag, peer } = context;
    if (peerTag === undefined) return;
    const found = this.#byPeer.get(peerTag);
    if (found === context) this.#byPeer.delete(peerTag);
    if (!(found instanceof Map)) return;
    for (const locator of peer.locators) if (found.get(keyOf(locator)) === context) found.delete(keyOf(locator));
    if (found.size === 0) this.#byPeer.delete(peerTag);
  }
}
