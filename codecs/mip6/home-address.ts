/** The Home Address destination option, RFC 6275 section 6.3, and the type 2 routing header, section 6.4: which addresses a packet really has. */
import { ByteWriter, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import type { ExtensionHeader, Ipv6, Ipv6Option } from '../packet/ipv6.ts';

/** The option's type: 201, not to be changed on the way, and an error where it is not known. */
export const HOME_ADDRESS_OPTION = 201;
/** Routing Type 2. */
export const ROUTING_TYPE_2 = 2;

/**
 * Home Address.
 *
 *    |  Type = 201   |  Length = 16  |  Home Address (16)
 */
export interface HomeAddress {
  readonly kind: 'HomeAddress';
  /** 16 octets: the mobile node that sends. */
  readonly homeAddress: Uint8Array;
  /** What an option longer than 16 octets has besides. */
  readonly rest?: Uint8Array;
}

/**
 * Type 2 routing header.
 *
 *    |  Next Header  | Hdr Ext Len=2 | Routing Type=2|Segments Left=1|
 *    |                            Reserved                           |
 *    |                       Home Address (16)                       |
 */
export interface RoutingHeader2 {
  readonly kind: 'RoutingHeader2';
  /** 1 until it has arrived. */
  readonly segmentsLeft: number;
  /** 32 bits. */
  readonly reserved: number;
  /** 16 octets: the mobile node that receives. */
  readonly homeAddress: Uint8Array;
}

/** The Home Address in an option of a Destination Options header. @example decodeHomeAddress({ type: 201, data }) */
export const decodeHomeAddress = ({ data }: Pick<Ipv6Option, 'data'>): Decoded<HomeAddress> =>
  data.length < 16
    ? undecodable('bad-length', 1, `a home address has 16 octets, not ${data.length}`, 'RFC 6275 section 6.3')
    : decoded({ kind: 'HomeAddress', homeAddress: data.subarray(0, 16), ...(data.length > 16 && { rest: data.subarray(16) }) });

/** The option for a Destination Options header, whose padding must make it begin at 8n+6. */
export const encodeHomeAddress = ({ homeAddress, rest }: HomeAddress): Ipv6Option => ({
  type: HOME_ADDRESS_OPTION,
  data: new ByteWriter(16)
    .bytes('homeAddress', homeAddress, 16)
    .bytes('rest', rest ?? new Uint8Array(0))
    .finish(),
});

/** A Destination Options header that carries a Home Address option and nothing else. @example encodeIpv6({ ..., headers: [homeAddressHeader(home)] }) */
export const homeAddressHeader = (homeAddress: Uint8Array): ExtensionHeader => ({
  kind: 'DESTINATION_OPTIONS',
  options: [{ type: 1, data: new Uint8Array(2) }, encodeHomeAddress({ kind: 'HomeAddress', homeAddress })],
});

type Routing = Extract<ExtensionHeader, { readonly kind: 'ROUTING' }>;

/** A routing header of type 2. Its Hdr Ext Len must be 2 (section 6.4.1). */
export const decodeRoutingHeader2 = ({ segmentsLeft, data }: Pick<Routing, 'segmentsLeft' | 'data'>): Decoded<RoutingHeader2> =>
  data.length === 20
    ? decoded({ kind: 'RoutingHeader2', segmentsLeft, reserved: u32(data, 0), homeAddress: data.subarray(4, 20) })
    : undecodable('bad-length', 1, `a type 2 routing header has 24 octets, not ${4 + data.length}`, 'RFC 6275 section 6.4.1');

/** The extension header of a type 2 routing header. */
export const encodeRoutingHeader2 = ({ segmentsLeft, reserved, homeAddress }: RoutingHeader2): ExtensionHeader => ({
  kind: 'ROUTING',
  type: ROUTING_TYPE_2,
  segmentsLeft,
  data: new ByteWriter(20).u32('reserved', reserved).bytes('homeAddress', homeAddress, 16).finish(),
});

/** The Home Address options of a packet, in order. */
export const homeAddressesOf = ({ headers }: Pick<Ipv6, 'headers'>): readonly Ipv6Option[] =>
  headers.flatMap((header) =>
    header.kind === 'DESTINATION_OPTIONS' ? header.options.filter(({ type }) => type === HOME_ADDRESS_OPTION) : [],
  );

/** The type 2 routing headers of a packet, in order. */
export const routingHeaders2Of = ({ headers }: Pick<Ipv6, 'headers'>): readonly Routing[] =>
  headers.filter((header): header is Routing => header.kind === 'ROUTING' && header.type === ROUTING_TYPE_2);

/**
 * The addresses that the upper layer sees (sections 6.3, 6.4, 11.3.1): the Home Address option's in place of the source, the type 2 routing header's in place of
 * the destination. Those of the IPv6 header where there are none, or none that decode.
 * @example const { source, destination } = endpointsOf(packet)
 */
export const endpointsOf = (
  packet: Pick<Ipv6, 'headers' | 'source' | 'destination'>,
): { readonly source: Uint8Array; readonly destination: Uint8Array } => {
  const home = homeAddressesOf(packet)
    .map(decodeHomeAddress)
    .find(({ ok }) => ok);
  const routing = routingHeaders2Of(packet)
    .map(decodeRoutingHeader2)
    .find(({ ok }) => ok);
  return {
    source: home?.ok === true ? home.value.homeAddress : packet.source,
    destination: routing?.ok === true ? routing.value.homeAddress : packet.destination,
  };
};
