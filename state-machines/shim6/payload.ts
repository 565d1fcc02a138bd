/**
 * Packets of the upper layer on their way through the shim, RFC 5533 sections 8, 11.1 and 12.2: ULIDs become locators and back, and ICMP errors for what left with
 * locators are turned into errors for what the upper layer sent.
 */
import { concat, copyOf, equalBytes, setU32, u32 } from '../../codecs/bytes.ts';
import {
  decodeIcmpv6,
  decodeIpv6,
  encodeIcmpv6,
  encodeIpv6,
  fillIcmpv6Checksum,
  PROTOCOL_ICMPV6,
  type ExtensionHeader,
  type Ipv6,
  type Ipv6Fields,
} from '../../codecs/packet/index.ts';
import { decodeShim6, encodeShim6, type Shim6Message } from '../../codecs/shim6/index.ts';

/** Octets of the Payload Extension header: what a packet grows by. */
export const EXTENSION_OCTETS = 8;
const IPV6_OCTETS = 40;
const NEXT_HEADER = 6;

/** A pair of addresses, as a packet has them; 16 octets each. */
export interface AddressPair {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** @example isSamePair({ source, destination }, packet) */
export const isSamePair = (a: AddressPair, b: AddressPair): boolean =>
  equalBytes(a.source, b.source) && equalBytes(a.destination, b.destination);

/** How many of the headers belong to the routing sublayer: the shim comes after them (section 11.1, section 4.6). */
const routingHeaders = (headers: readonly ExtensionHeader[]): number => {
  const last = headers.findLastIndex(({ kind }) => kind === 'ROUTING');
  const first = headers.findIndex(({ kind }) => kind === 'FRAGMENT' || kind === 'AUTHENTICATION');
  if (last >= 0 && (first < 0 || last < first)) return last + 1;
  return headers[0]?.kind === 'HOP_BY_HOP' ? 1 : 0;
};

/**
 * A packet between ULIDs as it leaves: with the locators, behind a Payload Extension header with the peer's tag. Nothing of the payload changes, its checksums
 * neither (section 11.1). @example withLocators(packet, { source, destination }, peerTag, 140)
 */
export const withLocators = (packet: Ipv6Fields, pair: AddressPair, receiverContextTag: number, protocol: number): Ipv6Fields => {
  const headers = packet.headers ?? [];
  const before = routingHeaders(headers);
  const { payloadLength, ...fields } = packet;
  const rest = encodeIpv6({ ...fields, headers: headers.slice(before), trailer: new Uint8Array(0) });
  const extension = encodeShim6({ kind: 'PayloadExtension', nextHeader: rest[NEXT_HEADER]!, receiverContextTag });
  return {
    ...fields,
    source: pair.source,
    destination: pair.destination,
    headers: headers.slice(0, before),
    protocol,
    payload: concat(extension, rest.subarray(IPV6_OCTETS)),
    ...(payloadLength !== undefined && payloadLength !== 0 && { payloadLength: payloadLength + EXTENSION_OCTETS }),
  };
};

/** The packet that the peer's upper layer sent: with the ULIDs, and without the header (section 12.2). @example withUlids(packet, { source: peerUlid, destination: localUlid }) */
export const withUlids = (packet: Ipv6Fields, ulids: AddressPair): Ipv6Fields => {
  const { payloadLength, ...fields } = packet;
  return {
    ...fields,
    source: ulids.source,
    destination: ulids.destination,
    protocol: packet.payload[0]!,
    payload: packet.payload.subarray(EXTENSION_OCTETS),
    ...(payloadLength !== undefined && payloadLength !== 0 && { payloadLength: payloadLength - EXTENSION_OCTETS }),
  };
};

/** ICMPv6 errors that shim6 looks at (RFC 4443 section 3). */
const UNREACHABLE = 1;
const PACKET_TOO_BIG = 2;
const TIME_EXCEEDED = 3;
const PARAMETER_PROBLEM = 4;
/** Destination Unreachable that another path may cure; the port (4) it cannot, and of others nothing is said. */
const CURABLE: readonly number[] = [0, 1, 2, 3, 5, 6];
const UNRECOGNIZED_NEXT_HEADER = 1;
/** Octets before the packet in error: the MTU, the pointer, or nothing. */
const WORD = 4;

/** A packet in error, and the shim6 message in it, where there is one; undefined where it is no IPv6 packet. @example sentPacket(error.packetInError, 140)?.message */
export const sentPacket = (octets: Uint8Array, protocol: number): (Ipv6 & { readonly message: Shim6Message | undefined }) | undefined => {
  const read = decodeIpv6(octets);
  if (!read.ok) return undefined;
  const message = read.value.protocol === protocol ? decodeShim6(read.value.payload) : undefined;
  return { ...read.value, message: message?.ok === true ? message.value : undefined };
};

/** An ICMPv6 error, and the packet that it is about. */
export interface IcmpError {
  /** As the machine has it: `nextHeader` of a packet that begins with shim6, `path`, `other`. */
  readonly error: 'nextHeader' | 'path' | 'other';
  readonly packet: Ipv6;
  /** Its shim6 message, where it has one and that is there. */
  readonly message: Shim6Message | undefined;
}

/** Whether a parameter problem is about a field of shim6, or about the field that names it. */
const isAboutShim6 = (pointer: number, packet: Ipv6, code: number): boolean => {
  const start = packet.payload.byteOffset - packet.source.byteOffset + 8;
  if (code === UNRECOGNIZED_NEXT_HEADER) return pointer < start;
  return pointer >= start;
};

/** The error in a packet; undefined where it has none, or none that can be read. `protocol` is shim6's. */
export const icmpErrorOf = (packet: Ipv6Fields, protocol: number): IcmpError | undefined => {
  if (packet.protocol !== PROTOCOL_ICMPV6) return undefined;
  const icmp = decodeIcmpv6(packet.payload);
  if (!icmp.ok || icmp.value.type < UNREACHABLE || icmp.value.type > PARAMETER_PROBLEM || icmp.value.body.length < WORD) return undefined;
  const { type, code, body } = icmp.value;
  const inner = sentPacket(body.subarray(WORD), protocol);
  if (inner === undefined) return undefined;
  const { message } = inner;
  if (type === UNREACHABLE) return { error: CURABLE.includes(code) ? 'path' : 'other', packet: inner, message };
  if (type === TIME_EXCEEDED) return { error: 'path', packet: inner, message };
  if (type === PARAMETER_PROBLEM && inner.protocol === protocol && isAboutShim6(u32(body, 0), inner, code))
    return { error: code === UNRECOGNIZED_NEXT_HEADER ? 'nextHeader' : 'path', packet: inner, message };
  return { error: 'other', packet: inner, message };
};

/**
 * The ICMP error as the upper layer is to see it: about the packet that it sent, between the ULIDs and without the header, and with an MTU that leaves room for the
 * header (section 8). `error` must be what `icmpErrorOf` has found, with a Payload Extension header.
 */
export const icmpErrorForUlp = (packet: Ipv6Fields, error: IcmpError, ulids: AddressPair): Ipv6Fields => {
  const read = decodeIcmpv6(packet.payload);
  if (!read.ok) return packet;
  const { type, body } = read.value;
  const word = copyOf(body, 0, WORD);
  if (type === PACKET_TOO_BIG) setU32(word, 0, Math.max(0, u32(word, 0) - EXTENSION_OCTETS));
  // A parameter problem in what comes after the header: the pointer moves with it.
  if (type === PARAMETER_PROBLEM) setU32(word, 0, Math.max(0, u32(word, 0) - EXTENSION_OCTETS));
  // RFC 4884 section 4.2: the length of the packet in error, in units of 8 octets, where extensions follow it.
  if ((type === UNREACHABLE || type === TIME_EXCEEDED) && word[0]! > 0) word[0]! -= 1;
  const octets = concat(word, encodeIpv6(withUlids(error.packet, ulids)));
  const payload = encodeIcmpv6({ ...read.value, body: octets });
  const { payloadLength: _, ...fields } = packet;
  return { ...fields, payload: fillIcmpv6Checksum(packet.source, packet.destination, payload) };
};
