/**
 * Packets as Mobile IPv6 sees them: what is in one that came (RFC 6275 sections 6.3, 6.4 and 9.2), and the octets of one that is to be sent. Which addresses
 * stand in the checksums is decided here, once.
 */
import { ByteWriter, concat, copyOf, equalBytes, u16, u32 } from '../../codecs/bytes.ts';
import {
  decodeHomeAddress,
  decodeMobileIcmp,
  decodeMobility,
  decodeRoutingHeader2,
  encodeMobileIcmp,
  encodeMobility,
  encodeRoutingHeader2,
  endpointsOf,
  fillMobilityChecksum,
  homeAddressesOf,
  homeAddressHeader,
  isMobileIcmp,
  mobilityChecksum,
  PROTOCOL_MOBILITY,
  routingHeaders2Of,
} from '../../codecs/mip6/index.ts';
import type { MobileIcmpMessage, MobilityMessage } from '../../codecs/mip6/index.ts';
import {
  decodeIcmpv6,
  decodeIpv6,
  encodeIcmpv6,
  encodeIpv6,
  fillIcmpv6Checksum,
  icmpv6Checksum,
  PROTOCOL_ICMPV6,
} from '../../codecs/packet/index.ts';
import { ALL_NODES, isUnicast, solicitedNode } from './address.ts';

/** The addresses of a packet: those of the IPv6 header, and those of the headers that Mobile IPv6 has, 16 octets each. */
export interface Addressed {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Of the Home Address option. */
  readonly homeAddress?: Uint8Array;
  /** Of the type 2 routing header. */
  readonly routingHeader?: Uint8Array;
}

/** A message of the Mobility Header and where it stands in its packet. */
export interface MobilityPacket extends Addressed {
  readonly message: MobilityMessage;
}

/** What upper layers exchange: its addresses are those that they see. */
export interface Payload {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** IPv6 in IPv6, RFC 2473. */
export const PROTOCOL_IPV6 = 41;

/**
 * What a packet holds. `refused`: a Mobility Header that is to be answered with an ICMP Parameter Problem, Code 0 (section 9.2), `pointer` in octets from the
 * start of the packet. `error`: an ICMPv6 error message, and the packet that it is about, as far as it is there.
 */
export type Content =
  | { readonly kind: 'mobility'; readonly message: MobilityMessage }
  | { readonly kind: 'refused'; readonly pointer: number }
  | { readonly kind: 'icmp'; readonly message: MobileIcmpMessage }
  | { readonly kind: 'error'; readonly type: number; readonly code: number; readonly invoking: Uint8Array }
  | { readonly kind: 'tunneled'; readonly octets: Uint8Array }
  | { readonly kind: 'payload'; readonly protocol: number; readonly payload: Uint8Array };

/** A packet that came. */
export interface Arrival extends Addressed {
  readonly content: Content;
}

/** The addresses that the upper layer sees (sections 6.3 and 6.4). */
export const upperAddresses = ({
  source,
  destination,
  homeAddress,
  routingHeader,
}: Addressed): Pick<Payload, 'source' | 'destination'> => ({
  source: homeAddress ?? source,
  destination: routingHeader ?? destination,
});

const mobilityContent = (octets: Uint8Array, payload: Uint8Array, isRight: boolean): Content | undefined => {
  const at = octets.length - payload.length;
  const read = decodeMobility(payload);
  if (read.ok && !isRight) return undefined;
  // Where not even the Header Len is right there is no checksum to look at.
  if (!read.ok) return read.error.code === 'bad-length' && isRight ? { kind: 'refused', pointer: at + 1 } : undefined;
  return read.value.payloadProto === undefined ? { kind: 'mobility', message: read.value } : { kind: 'refused', pointer: at };
};

const icmpContent = (addresses: Addressed, payload: Uint8Array): Content | undefined => {
  const read = decodeIcmpv6(payload);
  if (!read.ok) return undefined;
  const { type, code, checksum, body } = read.value;
  const { source, destination } = upperAddresses(addresses);
  if (checksum !== icmpv6Checksum(source, destination, payload)) return undefined;
  if (type < 128) return { kind: 'error', type, code, invoking: body.subarray(4) };
  if (!isMobileIcmp(type)) return { kind: 'payload', protocol: PROTOCOL_ICMPV6, payload };
  const message = decodeMobileIcmp(payload);
  return message.ok ? { kind: 'icmp', message: message.value } : undefined;
};

/**
 * Reads a packet that came; undefined where it is to be dropped without a word: no IPv6, a wrong checksum (section 9.2), a Home Address option or a type 2 routing
 * header that is not what sections 6.3 and 6.4 say, or more than one of them. @example readArrival(octets)?.content.kind // 'mobility'
 */
export const readArrival = (octets: Uint8Array): Arrival | undefined => {
  const read = decodeIpv6(octets);
  if (!read.ok) return undefined;
  const packet = read.value;
  const { source, destination, protocol, payload } = packet;
  const [homes, routings] = [homeAddressesOf(packet).map(decodeHomeAddress), routingHeaders2Of(packet).map(decodeRoutingHeader2)];
  if (homes.length > 1 || routings.length > 1) return undefined;
  const [home, routing] = [homes[0], routings[0]];
  if (home?.ok === false || home?.value.rest !== undefined) return undefined;
  if (routing?.ok === false || (routing !== undefined && routing.value.segmentsLeft !== 1)) return undefined;
  const addresses: Addressed = {
    source,
    destination,
    ...(home !== undefined && { homeAddress: home.value.homeAddress }),
    ...(routing !== undefined && { routingHeader: routing.value.homeAddress }),
  };
  let content: Content | undefined = { kind: 'payload', protocol, payload };
  if (protocol === PROTOCOL_MOBILITY) content = mobilityContent(octets, payload, mobilityChecksum(packet) === u16(payload, 4));
  else if (protocol === PROTOCOL_ICMPV6) content = icmpContent(addresses, payload);
  else if (protocol === PROTOCOL_IPV6) content = { kind: 'tunneled', octets: payload };
  return content === undefined ? undefined : { ...addresses, content };
};

/** The extension headers in the order of section 6.3: the routing header, then the Home Address option. */
const headersOf = ({ homeAddress, routingHeader }: Addressed) => [
  ...(routingHeader === undefined
    ? []
    : [encodeRoutingHeader2({ kind: 'RoutingHeader2', segmentsLeft: 1, reserved: 0, homeAddress: routingHeader })]),
  ...(homeAddress === undefined ? [] : [homeAddressHeader(homeAddress)]),
];

/** The octets of a packet with a message of the Mobility Header. A value that cannot be represented is a `RangeError` that names its field. */
export const mobilityOctets = (packet: MobilityPacket): Uint8Array => {
  const { source, destination, message } = packet;
  const headers = headersOf(packet);
  const payload = fillMobilityChecksum(encodeMobility(message), { headers, source, destination });
  return encodeIpv6({ protocol: PROTOCOL_MOBILITY, source, destination, headers, payload });
};

/** The octets of a packet with an ICMPv6 message of Mobile IPv6. */
export const icmpOctets = (addresses: Addressed, message: MobileIcmpMessage, hopLimit = 64): Uint8Array => {
  const upper = upperAddresses(addresses);
  const payload = fillIcmpv6Checksum(upper.source, upper.destination, encodeMobileIcmp(message));
  const { source, destination } = addresses;
  return encodeIpv6({ protocol: PROTOCOL_ICMPV6, source, destination, headers: headersOf(addresses), payload, hopLimit });
};

/** The octets of a packet of the upper layer; `payload` was made for the addresses that the upper layer sees. */
export const payloadOctets = (addresses: Addressed, { protocol, payload }: Pick<Payload, 'protocol' | 'payload'>): Uint8Array => {
  const { source, destination } = addresses;
  return encodeIpv6({ protocol, source, destination, headers: headersOf(addresses), payload });
};

/** A packet in a tunnel (RFC 2473 section 3.1). */
export const encapsulate = (source: Uint8Array, destination: Uint8Array, packet: Uint8Array): Uint8Array =>
  encodeIpv6({ protocol: PROTOCOL_IPV6, source, destination, payload: packet });

const HOP_LIMIT = 7;

/** The packet one hop on; undefined where it may go no further. */
export const forwarded = (packet: Uint8Array): Uint8Array | undefined => {
  if ((packet[HOP_LIMIT] ?? 0) < 2) return undefined;
  const next = copyOf(packet);
  next[HOP_LIMIT]! -= 1;
  return next;
};

const PARAMETER_PROBLEM = 4;
const DESTINATION_UNREACHABLE = 1;
/** Of an error message as a whole: RFC 4443 section 2.4. */
const MINIMUM_MTU = 1280;

const errorOctets = (type: number, code: number, value: number, from: Uint8Array, to: Uint8Array, invoking: Uint8Array): Uint8Array => {
  const body = concat(new ByteWriter(4).u32('value', value).finish(), invoking.subarray(0, MINIMUM_MTU - 48));
  const payload = fillIcmpv6Checksum(from, to, encodeIcmpv6({ kind: 'ICMPV6', type, code, checksum: 0, body }));
  return encodeIpv6({ protocol: PROTOCOL_ICMPV6, source: from, destination: to, payload });
};

/** ICMP Parameter Problem, Code 0, about a packet (section 9.2); nothing where its source is no unicast address. `pointer` in octets. */
export const parameterProblem = (own: Uint8Array, to: Uint8Array, pointer: number, invoking: Uint8Array): readonly Uint8Array[] =>
  isUnicast(to) ? [errorOctets(PARAMETER_PROBLEM, 0, pointer, own, to, invoking)] : [];

/** ICMP Destination Unreachable, Code 3, about a packet (section 10.4.2); nothing where its source is no unicast address. */
export const addressUnreachable = (own: Uint8Array, to: Uint8Array, invoking: Uint8Array): readonly Uint8Array[] =>
  isUnicast(to) ? [errorOctets(DESTINATION_UNREACHABLE, 3, 0, own, to, invoking)] : [];

/** Whether an error is the Parameter Problem, Code 1, of a node that does not know the Mobility Header (section 11.3.5); if so, the destination of what it is about. */
export const unknownMobilityHeader = ({ type, code, invoking }: Extract<Content, { kind: 'error' }>): Uint8Array | undefined => {
  if (type !== PARAMETER_PROBLEM || code !== 1) return undefined;
  const read = decodeIpv6(invoking);
  return read.ok && read.value.protocol === PROTOCOL_MOBILITY ? endpointsOf(read.value).destination : undefined;
};

/**
 * Whether an error is a Destination Unreachable about a packet that went by way of a care-of address (section 9.3.4); if so, the addresses of that packet.
 */
export const unreachableCareOf = ({
  type,
  invoking,
}: Extract<Content, { kind: 'error' }>): { readonly homeAddress: Uint8Array; readonly careOfAddress: Uint8Array } | undefined => {
  const read = type === DESTINATION_UNREACHABLE ? decodeIpv6(invoking) : undefined;
  if (read?.ok !== true) return undefined;
  const [routing] = routingHeaders2Of(read.value).map(decodeRoutingHeader2);
  return routing?.ok === true ? { homeAddress: routing.value.homeAddress, careOfAddress: read.value.destination } : undefined;
};

const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const TARGET_LINK_LAYER_ADDRESS = 2;
/** Flags of a Neighbor Advertisement, RFC 4861 section 4.4. */
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;

const neighborOctets = (type: number, source: Uint8Array, destination: Uint8Array, body: Uint8Array): Uint8Array => {
  const payload = fillIcmpv6Checksum(source, destination, encodeIcmpv6({ kind: 'ICMPV6', type, code: 0, checksum: 0, body }));
  return encodeIpv6({ protocol: PROTOCOL_ICMPV6, source, destination, payload, hopLimit: 255 });
};

/** The Neighbor Solicitation of Duplicate Address Detection, RFC 4862 section 5.4.2. */
export const duplicateAddressProbe = (target: Uint8Array): Uint8Array =>
  neighborOctets(NEIGHBOR_SOLICITATION, new Uint8Array(16), solicitedNode(target), concat(new Uint8Array(4), target));

/**
 * A Neighbor Advertisement to all nodes, or to one that has asked, that says who has `target`: S only in an answer, O always, R never (sections 10.4.1 and
 * 11.5.5). `linkLayerAddress` has 6 octets.
 */
export const neighborAdvertisement = (
  source: Uint8Array,
  target: Uint8Array,
  linkLayerAddress: Uint8Array,
  to: Uint8Array = ALL_NODES,
): Uint8Array => {
  const flags = equalBytes(to, ALL_NODES) ? OVERRIDE : OVERRIDE + SOLICITED;
  const option = concat(Uint8Array.of(TARGET_LINK_LAYER_ADDRESS, 1), linkLayerAddress);
  return neighborOctets(NEIGHBOR_ADVERTISEMENT, source, to, concat(new ByteWriter(4).u32('flags', flags).finish(), target, option));
};

/** Who asks for whom in a Neighbor Solicitation; undefined where a payload is none. */
export const neighborSolicited = ({ protocol, payload }: Pick<Payload, 'protocol' | 'payload'>): Uint8Array | undefined =>
  protocol === PROTOCOL_ICMPV6 && payload.length >= 24 && u32(payload, 0) >>> 16 === NEIGHBOR_SOLICITATION << 8
    ? payload.subarray(8, 24)
    : undefined;
