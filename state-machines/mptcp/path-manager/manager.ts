/**
 * What a path manager is: the part below the transport that knows which paths there are and how a packet gets onto one (RFC 6182 section 4; the thesis's chapter 4). The
 * transport knows a path by its index alone. It asks downwards (a connection began, an address was announced by the peer), and is told upwards which paths came and
 * went; on its way down, each packet meets the row that the manager's mapping table has for its connection and path index.
 */

import { equalBytes } from '../../../codecs/bytes.ts';

/** An address (4 or 16 octets) and a port. */
export interface PathAddress {
  readonly address: Uint8Array;
  readonly port: number;
}

/** What is done to a packet to get it onto its path. */
export type PathAction =
  /** Nothing: the path that routing takes by itself. */
  | { readonly do: 'asIs' }
  /** It leaves with these addresses. */
  | { readonly do: 'addresses'; readonly source: Uint8Array; readonly destination: Uint8Array }
  /** It leaves through this router. */
  | { readonly do: 'nextHop'; readonly nextHop: Uint8Array }
  /** Its Differentiated Services Code Point (6 bits) tells a path manager further on, in a router, which way to take. */
  | { readonly do: 'dscp'; readonly dscp: number }
  /** So does its flow label (20 bits); IPv6 only. */
  | { readonly do: 'flowLabel'; readonly flowLabel: number }
  /** shim6 rewrites its ULIDs to these locators (RFC 5533 section 11). */
  | { readonly do: 'locators'; readonly source: Uint8Array; readonly destination: Uint8Array };

/** A row of a mapping table. */
export interface PathMapping {
  readonly path: number;
  /** Which connection: its token at this host. */
  readonly endpoint: number;
  readonly action: PathAction;
  /** The path index that the manager below finds in its own table; without one below, the packet leaves. */
  readonly below?: number;
}

/** A packet on its way down, as far as path managers look into it. */
export interface PathPacket {
  readonly endpoint: number;
  readonly path: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  readonly nextHop?: Uint8Array;
  /** Locators that shim6 puts in place of the addresses. */
  readonly locators?: { readonly source: Uint8Array; readonly destination: Uint8Array };
}

/** What a path manager is asked, or told: by the transport above, by its host, or by whoever drives it. One that does not concern it it lets pass. */
export type PathRequest =
  /** A connection is established on its first path; `initiator` tells which side this is, `joinsToFirst` whether the peer takes joins to the first address (flag C is 0). */
  | {
      readonly type: 'opened';
      readonly endpoint: number;
      readonly local: PathAddress;
      readonly remote: PathAddress;
      readonly initiator: boolean;
      readonly joinsToFirst?: boolean;
    }
  /** A connection is over. */
  | { readonly type: 'closed'; readonly endpoint: number }
  /** The peer has announced an address (ADD_ADDR), or withdrawn some (REMOVE_ADDR). */
  | { readonly type: 'peerAddress'; readonly endpoint: number; readonly id: number; readonly address: Uint8Array; readonly port?: number }
  | { readonly type: 'peerAddressesGone'; readonly endpoint: number; readonly ids: readonly number[] }
  /** A subflow could not be opened on this path. */
  | { readonly type: 'failed'; readonly endpoint: number; readonly path: number }
  /** The host has an address, or has it no more. */
  | { readonly type: 'localAddress'; readonly id: number; readonly address: Uint8Array; readonly medium?: string }
  | { readonly type: 'localAddressGone'; readonly id: number }
  /** A router may be used, or may not. */
  | { readonly type: 'nextHop'; readonly nextHop: Uint8Array; readonly medium?: string }
  | { readonly type: 'nextHopGone'; readonly nextHop: Uint8Array }
  /** A path manager in the network has a way for this colour, or has it no more. */
  | { readonly type: 'colour'; readonly colour: number; readonly medium?: string }
  | { readonly type: 'colourGone'; readonly colour: number }
  /** What shim6's context between two ULIDs says of a pair of locators. */
  | LocatorPairRequest;

/** A pair of locators of a shim6 context is verified and reachable, or is not, or other locators took the place of `before` (RFC 5534 section 4.2). */
export interface LocatorPairRequest {
  readonly type: 'locatorPair' | 'locatorPairGone' | 'locatorPairChanged';
  /** The ULIDs: the addresses that the transport has. */
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** With `locatorPairChanged`. */
  readonly before?: { readonly source: Uint8Array; readonly destination: Uint8Array };
}

/** A path that the transport may open a subflow on. */
export interface PathUp {
  readonly type: 'pathUp';
  readonly endpoint: number;
  readonly path: number;
  /** The addresses that a subflow on it has; whatever the connection's first one has where left out. The port of the own side is free to choose. */
  readonly local?: { readonly id: number; readonly address: Uint8Array };
  readonly remote?: PathAddress & { readonly id: number };
  /** What it carries; everything when left out. Whoever uses the path sees to it (`carries`). */
  readonly only?: PathLimits;
  /** What it goes over, for policies. */
  readonly medium?: string;
}

/** What a path carries: packets between these two addresses, or with addresses of so many octets. */
export type PathLimits = { readonly local: Uint8Array; readonly remote: Uint8Array } | { readonly octets: 4 | 16 };

/** Whether a path of these limits carries packets between two addresses. @example carries({ octets: 16 }, local, remote) // false for IPv4 */
export const carries = (limits: PathLimits | undefined, local: Uint8Array, remote: Uint8Array): boolean => {
  if (limits === undefined) return true;
  return 'octets' in limits ? local.length === limits.octets : equalBytes(limits.local, local) && equalBytes(limits.remote, remote);
};

/** What a path manager tells the transport. */
export type PathEvent =
  | PathUp
  /** Subflows on it have lost it: they are to be given up. */
  | { readonly type: 'pathDown'; readonly endpoint: number; readonly path: number }
  /** It leads elsewhere now: what was measured of it (round-trip time, window, timers) begins anew. */
  | { readonly type: 'pathChanged'; readonly endpoint: number; readonly path: number }
  /** The peer is to be told of an address (ADD_ADDR), or that some are gone (REMOVE_ADDR). */
  | { readonly type: 'announce'; readonly endpoint: number; readonly id: number; readonly address: Uint8Array }
  | { readonly type: 'withdraw'; readonly endpoint: number; readonly ids: readonly number[] };

/** A path manager. Pure: it knows what it is told. */
export interface PathManager {
  readonly name: string;
  /** The rows of the connections that are open. Path 0 of each is the one that it was opened on. */
  readonly table: readonly PathMapping[];
  /** Takes a request, gives the events that come of it. */
  handle(request: PathRequest): readonly PathEvent[];
  /** What becomes of a packet; undefined where its path is not in the table (any more). */
  apply(packet: PathPacket): PathPacket | undefined;
}

/** What an action makes of a packet. @example act({ do: 'dscp', dscp: 0b101110 }, packet).trafficClass // 0b10111000 */
export const act = (action: PathAction, packet: PathPacket): PathPacket => {
  switch (action.do) {
    case 'asIs':
      return packet;
    case 'addresses':
      return { ...packet, source: action.source, destination: action.destination };
    case 'nextHop':
      return { ...packet, nextHop: action.nextHop };
    case 'dscp':
      // The two bits of ECN stay (RFC 3168 section 5).
      return { ...packet, trafficClass: (action.dscp << 2) | ((packet.trafficClass ?? 0) & 0b11) };
    case 'flowLabel':
      return { ...packet, flowLabel: action.flowLabel };
    case 'locators':
      return { ...packet, locators: { source: action.source, destination: action.destination } };
  }
};
