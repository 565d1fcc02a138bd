/** Where the shim6 header stands among IPv6's extension headers, RFC 5533 section 4.6. */
import type { ExtensionHeader, Ipv6 } from '../packet/ipv6.ts';

/** shim6's protocol number (RFC 5533 section 5.3), and the one that LinShim6 was shipped with, which IANA gives to any host-internal protocol. */
export const PROTOCOL_SHIM6 = 140;
export const PROTOCOL_LINSHIM6 = 61;

/** Home Address (RFC 6275 section 6.3): how its header and shim6's stand to each other is left for further study. */
const HOME_ADDRESS = 201;

/** What an IPv6 packet has of shim6. */
export interface Shim6Placement {
  /** The octets from shim6's Next Header field on, as `decodeShim6` takes them, with whatever follows the header. */
  readonly bytes: Uint8Array;
  /** Endpoint extension headers before it that should come after it: fragment, authentication, destination options that no routing header follows. */
  readonly misplaced: readonly ExtensionHeader[];
}

const belongsAfter = (header: ExtensionHeader, later: readonly ExtensionHeader[]): boolean => {
  switch (header.kind) {
    case 'HOP_BY_HOP':
    case 'ROUTING':
      return false;
    case 'FRAGMENT':
    case 'AUTHENTICATION':
      return true;
    case 'DESTINATION_OPTIONS':
      return !later.some(({ kind }) => kind === 'ROUTING') && !header.options.some(({ type }) => type === HOME_ADDRESS);
  }
};

/**
 * The shim6 header of a packet; undefined where it has none. A receiver takes the headers in their order, wherever they stand: what is misplaced is for a
 * check to say. @example const found = locateShim6(packet); if (found !== undefined) decodeShim6(found.bytes)
 */
export const locateShim6 = (
  packet: Pick<Ipv6, 'headers' | 'protocol' | 'payload'>,
  protocol = PROTOCOL_SHIM6,
): Shim6Placement | undefined => {
  const { headers, payload } = packet;
  if (packet.protocol !== protocol) return undefined;
  return { bytes: payload, misplaced: headers.filter((header, i) => belongsAfter(header, headers.slice(i + 1))) };
};
