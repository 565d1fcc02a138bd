/** What a shim6 host is set up with, and what it gives back. */
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import type { VerifyOptions } from '../../codecs/cga/index.ts';
import type { ExplorationPolicy } from '../reap/index.ts';
import type { LocalLocators, VerifySignature } from './locators.ts';

/** Times in ms. */
export interface Shim6Settings extends VerifyOptions {
  /** This end's locators, all of which may be ULIDs. A `RangeError` where they do not fit into a message of 1280 octets (section 5.1). */
  readonly local: LocalLocators;
  /** So many octets that nobody can guess: tags, nonces and secrets are made of them. */
  readonly random: (octets: number) => Uint8Array;
  /** No CGA locator verifies where it is left out; those of an HBA set do. */
  readonly verifySignature?: VerifySignature;
  /** shim6's protocol number, 140; LinShim6 was shipped with 61. */
  readonly protocol?: number;
  /** Contexts at most; beyond that none is begun or accepted. 100,000 when left out. */
  readonly capacity?: number;
  /** Locators of a peer at most; a longer list does not verify. 32 when left out. */
  readonly maxLocators?: number;
  /** A context that carried no payload for that long is given up (section 9). 5 minutes when left out. */
  readonly idleTime?: number;
  /** REAP's Send Timeout, told to the peer in a Keepalive Timeout option; 15 s, and not told, when left out. */
  readonly sendTimeout?: number;
  readonly exploration?: ExplorationPolicy;
  /** Whether ICMP errors that shim6 acts on go to the upper layer, too (section 8). */
  readonly deliverAllIcmp?: boolean;
  /** Bits of a Context Tag: 47. Appendix C.4 has developers take 7, so that tags are used again. */
  readonly tagBits?: number;
}

/** Which context a notice is about. */
export interface ContextIdentity {
  /** 16 octets each. */
  readonly localUlid: Uint8Array;
  readonly peerUlid: Uint8Array;
  readonly forkedInstanceIdentifier: number;
}

/**
 * What comes of an event: packets to the network and to the upper layer, and notices. `pathChanged`: packets of this context take another path from now on, which
 * a transport wants to know (RFC 5533 section 15.1, RFC 5534 section 4.2). `confused`: the peer has given the tag of this context to another, having lost this one
 * (section 7.15). `closed`: there is no context any more, or there is to be none for a while (section 7.8).
 */
export type Shim6Output =
  | { readonly type: 'send'; readonly packet: Ipv6Fields }
  | { readonly type: 'deliver'; readonly packet: Ipv6Fields }
  | ({ readonly type: 'established' } & ContextIdentity)
  | ({ readonly type: 'pathChanged'; readonly source: Uint8Array; readonly destination: Uint8Array } & ContextIdentity)
  | ({ readonly type: 'confused' } & ContextIdentity)
  | ({ readonly type: 'closed'; readonly reason: 'discarded' | 'noAnswer' | 'noSupport'; readonly at: number } & ContextIdentity)
  | ({ readonly type: 'errorReported'; readonly errorCode: number; readonly pointer: number } & ContextIdentity);
