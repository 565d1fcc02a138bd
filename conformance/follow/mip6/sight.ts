/** A packet as Mobile IPv6 sees it: the addresses of its IPv6 header, those that the upper layer sees (RFC 6275 sections 6.3, 6.4), and the tunnel that it came in. */
import { endpointsOf, homeAddressesOf, routingHeaders2Of } from '../../../codecs/mip6/index.ts';
import { formatAddress } from '../../../codecs/packet/index.ts';
import type { Ipv6 } from '../../../codecs/packet/index.ts';
import type { Sighting } from '../../observe.ts';

/** An address as text, which is how addresses are told apart and named in messages. */
export type Address = string;

/** A packet of the capture. Its octets are the reader's: what is kept of them is to be copied. */
export interface Sight {
  readonly frame: number;
  /** In ms since 1970. */
  readonly time: number;
  /** The packet; where it came through a tunnel, the innermost one. */
  readonly packet: Ipv6;
  /** The packets that it came in, the outermost first. */
  readonly outer: readonly Ipv6[];
  /** Whether the capture holds every octet of it. */
  readonly whole: boolean;
  /** Option Length of a Home Address option that leads out of its header. */
  readonly overlongHomeAddress: number | undefined;
  /** The addresses of its IPv6 header. */
  readonly source: Address;
  readonly destination: Address;
  /** Those that the upper layer sees: of the Home Address option and the type 2 routing header, where they are there. */
  readonly from: Address;
  readonly to: Address;
  /** Whether it has a Home Address option, and a type 2 routing header. */
  readonly hasHomeAddress: boolean;
  readonly hasRouting: boolean;
  /** The ends of the tunnel that it came in, of the innermost where there are several. */
  readonly tunnel: { readonly source: Address; readonly destination: Address } | undefined;
}

/** The text of an address of 16 octets. @example addressOf(packet.source) // '2001:db8::1' */
export const addressOf = (octets: Uint8Array): Address => formatAddress(octets, 0, 6);

/** The view of a packet. */
export const sightOf = ({ frame, time, packet, outer, whole, overlongHomeAddress }: Sighting): Sight => {
  const source = addressOf(packet.source);
  const destination = addressOf(packet.destination);
  const hasHomeAddress = homeAddressesOf(packet).length > 0;
  const hasRouting = routingHeaders2Of(packet).length > 0;
  const seen = hasHomeAddress || hasRouting ? endpointsOf(packet) : undefined;
  const tunnel = outer.at(-1);
  return {
    frame,
    time,
    packet,
    outer,
    whole,
    overlongHomeAddress,
    source,
    destination,
    from: seen === undefined ? source : addressOf(seen.source),
    to: seen === undefined ? destination : addressOf(seen.destination),
    hasHomeAddress,
    hasRouting,
    tunnel: tunnel && { source: addressOf(tunnel.source), destination: addressOf(tunnel.destination) },
  };
};

/** Whether the text is of a multicast address, the unspecified one, or one of the own link or host: not unicast and routable. @example isRoutable('fe80::1') // false */
export const isRoutable = (address: Address): boolean => !/^(ff|fe[89ab]|::1?$)/.test(address);

/** Whether it is that of a group. */
export const isMulticast = (address: Address): boolean => address.startsWith('ff');

/** Whether it is the address of one node: neither multicast nor unspecified. */
export const isUnicast = (address: Address): boolean => address !== '::' && !address.startsWith('ff');
