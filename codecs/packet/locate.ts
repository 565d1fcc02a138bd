/**
 * From a captured frame to its TCP segment by offsets alone, without an allocation: RFC 791 section 3.1, RFC 8200 section 4,
 * RFC 4302 section 2.2, RFC 2675 section 2, RFC 6275 section 6.3 and RFC 9293 section 3.1.
 */
import { u16, u32 } from '../bytes.ts';
import { CUT, locateIp, NOT_IP } from './link.ts';
import type { Segment } from './segment.ts';

/** The frame carries something else than TCP over IP. */
export const NOT_TCP = 0;
/** The view is filled. */
export const TCP = 1;
/** A fragment of an IP packet that may carry TCP: the reassembler's business. */
export const FRAGMENT = 2;
/** A length contradicts another one, or the capture ends before the fixed 20 octets of the TCP header do. */
export const MALFORMED = 3;

/** What `locateSegment` found. */
export type Located = typeof NOT_TCP | typeof TCP | typeof FRAGMENT | typeof MALFORMED;

/** Protocol numbers: those that the walk knows, and the Mobility Header's (RFC 6275 section 6.1). */
export const PROTOCOL_HOP_BY_HOP = 0;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_ROUTING = 43;
export const PROTOCOL_FRAGMENT = 44;
export const PROTOCOL_AUTHENTICATION = 51;
export const PROTOCOL_DESTINATION = 60;
export const PROTOCOL_MOBILITY = 135;

/** More headers than any real chain has: a longer one is malformed. */
const MAX_HEADERS = 16;

/**
 * Locates the TCP segment of the frame at `start` to `end` of `bytes` and fills `into`, which is only meaningful when the result is
 * `TCP`. `originalLength` is the frame's length on the wire in octets. A packet cut by the snap length is filled as far as it goes;
 * a Total Length or Payload Length of 0 (segmentation offload, BIG TCP) means the rest of the frame; Ethernet padding is left out.
 *
 * @example
 * const segment = newSegment();
 * if (locateSegment(r.bytes, r.start, r.end, r.originalLength, r.linkType, segment) === TCP) use(segment.sequence);
 */
export const locateSegment = (
  bytes: Uint8Array,
  start: number,
  end: number,
  originalLength: number,
  linkType: number,
  into: Segment,
): Located => {
  const ip = locateIp(bytes, start, end, linkType);
  if (ip === NOT_IP) return NOT_TCP;
  if (ip === CUT) return MALFORMED;
  into.bytes = bytes;
  into.ip = ip;
  const wireEnd = Math.max(end, start + originalLength);
  return bytes[ip]! >> 4 === 4 ? locateInIpv4(bytes, ip, end, wireEnd, into) : locateInIpv6(bytes, ip, end, wireEnd, into);
};

const locateInIpv4 = (bytes: Uint8Array, ip: number, end: number, wireEnd: number, into: Segment): Located => {
  if (ip + 20 > end) return MALFORMED;
  const protocol = bytes[ip + 9]!;
  if (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_AUTHENTICATION) return NOT_TCP;
  const headerLength = (bytes[ip]! & 0xf) * 4;
  const totalLength = u16(bytes, ip + 2);
  const packetEnd = totalLength === 0 ? wireEnd : ip + totalLength;
  const header = ip + headerLength;
  if (headerLength < 20 || header > packetEnd) return MALFORMED;
  // More Fragments, or a Fragment Offset.
  if ((u16(bytes, ip + 6) & 0x3fff) !== 0) return FRAGMENT;
  into.ipVersion = 4;
  into.source = ip + 12;
  into.destination = ip + 16;
  into.identification = u16(bytes, ip + 4);
  return protocol === PROTOCOL_TCP
    ? locateTcp(bytes, header, end, packetEnd, into)
    : walkHeaders(bytes, protocol, header, end, packetEnd, into);
};

const locateInIpv6 = (bytes: Uint8Array, ip: number, end: number, wireEnd: number, into: Segment): Located => {
  if (ip + 40 > end) return MALFORMED;
  const nextHeader = bytes[ip + 6]!;
  const payloadLength = u16(bytes, ip + 4);
  const header = ip + 40;
  let packetEnd = header + payloadLength;
  if (payloadLength === 0) {
    const jumbo = nextHeader === PROTOCOL_HOP_BY_HOP ? jumboPayloadLength(bytes, header, end) : 0;
    packetEnd = jumbo > 0 ? header + jumbo : wireEnd;
  }
  into.ipVersion = 6;
  into.source = ip + 8;
  into.destination = ip + 24;
  into.identification = -1;
  return nextHeader === PROTOCOL_TCP
    ? locateTcp(bytes, header, end, packetEnd, into)
    : walkHeaders(bytes, nextHeader, header, end, packetEnd, into);
};

/** RFC 2675 section 2: option 0xc2 of the Hop-by-Hop Options header at `header`; 0 where there is none. */
const jumboPayloadLength = (bytes: Uint8Array, header: number, end: number): number => {
  if (header + 2 > end) return 0;
  const optionsEnd = Math.min(end, header + (bytes[header + 1]! + 1) * 8);
  let at = header + 2;
  while (at + 1 < optionsEnd) {
    if (bytes[at] === 0xc2) return bytes[at + 1] === 4 && at + 6 <= optionsEnd ? u32(bytes, at + 2) : 0;
    at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1]!;
  }
  return 0;
};

const walkHeaders = (bytes: Uint8Array, first: number, from: number, end: number, packetEnd: number, into: Segment): Located => {
  let protocol = first;
  let at = from;
  for (let headers = 0; headers < MAX_HEADERS; headers++) {
    if (protocol === PROTOCOL_TCP) return locateTcp(bytes, at, end, packetEnd, into);
    const known =
      protocol === PROTOCOL_HOP_BY_HOP ||
      protocol === PROTOCOL_ROUTING ||
      protocol === PROTOCOL_DESTINATION ||
      protocol === PROTOCOL_AUTHENTICATION ||
      protocol === PROTOCOL_FRAGMENT;
    if (!known) return NOT_TCP;
    if (at + 8 > end || at + 8 > packetEnd) return MALFORMED;
    let length = (bytes[at + 1]! + 1) * 8;
    if (protocol === PROTOCOL_FRAGMENT) {
      // RFC 6946: offset 0 and no more fragments is an atomic fragment, a whole packet.
      if ((u16(bytes, at + 2) & 0xfff9) !== 0) return mayLeadToTcp(bytes[at]!) ? FRAGMENT : NOT_TCP;
      length = 8;
    } else if (protocol === PROTOCOL_AUTHENTICATION) {
      length = (bytes[at + 1]! + 2) * 4;
    } else if (protocol === PROTOCOL_ROUTING && !finalDestination(bytes, at, length, end, into)) {
      return MALFORMED;
    } else if (protocol === PROTOCOL_DESTINATION) {
      homeAddress(bytes, at + 2, Math.min(at + length, end), into);
    }
    protocol = bytes[at]!;
    at += length;
    if (at > packetEnd) return MALFORMED;
  }
  return MALFORMED;
};

const mayLeadToTcp = (protocol: number): boolean =>
  protocol === PROTOCOL_TCP || protocol === PROTOCOL_ROUTING || protocol === PROTOCOL_DESTINATION || protocol === PROTOCOL_AUTHENTICATION;

/**
 * RFC 8200 section 8.1: with segments left, the destination that TCP sees is the last one of the routing header: the last address
 * of types 0 and 2, the first of a segment routing header (type 4, RFC 8754 section 2). False where that address is not there.
 */
const finalDestination = (bytes: Uint8Array, at: number, length: number, end: number, into: Segment): boolean => {
  const type = bytes[at + 2]!;
  if (bytes[at + 3] === 0 || (type !== 0 && type !== 2 && type !== 4)) return true;
  const address = type === 4 ? at + 8 : at + 8 + ((length - 8) & ~15) - 16;
  if (length < 24 || address + 16 > end) return false;
  into.destination = address;
  return true;
};

/** RFC 6275 section 6.3: with a Home Address option (201), the source that TCP sees is the home address. */
const homeAddress = (bytes: Uint8Array, from: number, to: number, into: Segment): void => {
  let at = from;
  while (at + 1 < to) {
    if (bytes[at] === 0xc9 && bytes[at + 1] === 16 && at + 18 <= to) into.source = at + 2;
    at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1]!;
  }
};

const locateTcp = (bytes: Uint8Array, tcp: number, end: number, packetEnd: number, into: Segment): Located => {
  if (tcp + 20 > end || tcp + 20 > packetEnd) return MALFORMED;
  const headerEnd = tcp + (bytes[tcp + 12]! >> 4) * 4;
  if (headerEnd < tcp + 20 || headerEnd > packetEnd) return MALFORMED;
  const captured = end < packetEnd ? end : packetEnd;
  const headerComplete = headerEnd <= captured;
  into.tcp = tcp;
  into.sourcePort = u16(bytes, tcp);
  into.destinationPort = u16(bytes, tcp + 2);
  into.sequence = u32(bytes, tcp + 4);
  into.acknowledgment = u32(bytes, tcp + 8);
  into.flags = bytes[tcp + 13]!;
  into.window = u16(bytes, tcp + 14);
  into.checksum = u16(bytes, tcp + 16);
  into.urgentPointer = u16(bytes, tcp + 18);
  into.options = tcp + 20;
  into.optionsEnd = headerComplete ? headerEnd : captured;
  into.headerComplete = headerComplete;
  into.payload = into.optionsEnd;
  into.payloadEnd = captured;
  into.payloadLength = packetEnd - headerEnd;
  return TCP;
};
