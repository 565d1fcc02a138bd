/** The IPv6 header, RFC 8200 section 3, with the extension headers of section 4 and RFC 4302. Which header follows which is told by their order. */
import { ByteWriter, concat, ranged, u16, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { PROTOCOL_AUTHENTICATION, PROTOCOL_DESTINATION, PROTOCOL_FRAGMENT, PROTOCOL_HOP_BY_HOP, PROTOCOL_ROUTING } from './locate.ts';

/** One option of section 4.2; Pad1 is type 0 without data, PadN is type 1. Padding is kept as it came. */
export interface Ipv6Option {
  readonly type: number;
  readonly data: Uint8Array;
}

/** An extension header without its Next Header and length fields, which follow from its place and its content. */
export type ExtensionHeader =
  /** Section 4.3. */
  | { readonly kind: 'HOP_BY_HOP'; readonly options: readonly Ipv6Option[] }
  /** Section 4.6. */
  | { readonly kind: 'DESTINATION_OPTIONS'; readonly options: readonly Ipv6Option[] }
  /** Section 4.4: `data` is all that follows Segments Left. */
  | { readonly kind: 'ROUTING'; readonly type: number; readonly segmentsLeft: number; readonly data: Uint8Array }
  /** Section 4.5: `offset` in units of 8 octets; `reserved` is the octet, `reserved2` the 2 bits. */
  | {
      readonly kind: 'FRAGMENT';
      readonly reserved: number;
      readonly offset: number;
      readonly reserved2: number;
      readonly more: boolean;
      readonly identification: number;
    }
  /** RFC 4302 section 2. */
  | {
      readonly kind: 'AUTHENTICATION';
      readonly reserved: number;
      readonly spi: number;
      readonly sequenceNumber: number;
      readonly icv: Uint8Array;
    };

/**
 *   | Version 4 bits | Traffic Class 8 bits | Flow Label 20 bits |
 *   | Payload Length 2 | Next Header 1 | Hop Limit 1 |
 *   | Source 16 | Destination 16 | extension headers | payload |
 */
export interface Ipv6 {
  readonly kind: 'IPV6';
  readonly trafficClass: number;
  readonly flowLabel: number;
  /** In octets, as the header tells it: 0 with a jumbo payload, or for a segment that its sender's interface is to cut. */
  readonly payloadLength: number;
  readonly hopLimit: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly headers: readonly ExtensionHeader[];
  /** What `payload` begins with; behind a fragment header that is no atomic one, of the whole packet. */
  readonly protocol: number;
  /** What follows the headers, as far as it is there. */
  readonly payload: Uint8Array;
  /** Whatever follows the packet: padding of the link layer. */
  readonly trailer: Uint8Array;
}

/** What `encodeIpv6` needs; the Payload Length is computed where absent, the rest is zero (Hop Limit: 64). */
export type Ipv6Fields = Pick<Ipv6, 'protocol' | 'source' | 'destination' | 'payload'> & { readonly [F in keyof Ipv6]?: Ipv6[F] };

const JUMBO_PAYLOAD = 0xc2;

const decodeOptions = (bytes: Uint8Array, from: number, to: number): Decoded<readonly Ipv6Option[]> => {
  const options: Ipv6Option[] = [];
  let at = from;
  while (at < to) {
    const type = bytes[at]!;
    const length = type === 0 ? 1 : 2 + (bytes[at + 1] ?? 0);
    if (at + length > to || (type !== 0 && at + 1 >= to)) {
      return undecodable('bad-length', at, `option ${type} of ${length} octets, but ${to - at} are left`, 'RFC 8200 section 4.2');
    }
    options.push({ type, data: type === 0 ? bytes.subarray(at + 1, at + 1) : bytes.subarray(at + 2, at + length) });
    at += length;
  }
  return decoded(options);
};

/** The header at `at`, of `length` octets. */
const decodeHeader = (bytes: Uint8Array, protocol: number, at: number, length: number): Decoded<ExtensionHeader> => {
  const end = at + length;
  switch (protocol) {
    case PROTOCOL_ROUTING:
      return decoded({ kind: 'ROUTING', type: bytes[at + 2]!, segmentsLeft: bytes[at + 3]!, data: bytes.subarray(at + 4, end) });
    case PROTOCOL_FRAGMENT: {
      const word = u16(bytes, at + 2);
      return decoded({
        kind: 'FRAGMENT',
        reserved: bytes[at + 1]!,
        offset: word >>> 3,
        reserved2: (word >>> 1) & 3,
        more: (word & 1) === 1,
        identification: u32(bytes, at + 4),
      });
    }
    case PROTOCOL_AUTHENTICATION:
      if (length < 12) return undecodable('bad-length', at + 1, 'an authentication header is at least 12 octets', 'RFC 4302 section 2');
      return decoded({
        kind: 'AUTHENTICATION',
        reserved: u16(bytes, at + 2),
        spi: u32(bytes, at + 4),
        sequenceNumber: u32(bytes, at + 8),
        icv: bytes.subarray(at + 12, end),
      });
    default: {
      const options = decodeOptions(bytes, at + 2, end);
      if (!options.ok) return options;
      return decoded({ kind: protocol === PROTOCOL_HOP_BY_HOP ? 'HOP_BY_HOP' : 'DESTINATION_OPTIONS', options: options.value });
    }
  }
};

const lengthOf = (bytes: Uint8Array, protocol: number, at: number): number => {
  if (protocol === PROTOCOL_FRAGMENT) return 8;
  return protocol === PROTOCOL_AUTHENTICATION ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8;
};

const isExtension = (protocol: number): boolean =>
  protocol === PROTOCOL_HOP_BY_HOP ||
  protocol === PROTOCOL_ROUTING ||
  protocol === PROTOCOL_FRAGMENT ||
  protocol === PROTOCOL_AUTHENTICATION ||
  protocol === PROTOCOL_DESTINATION;

/** Where the packet ends by its own account: RFC 8200 section 3, RFC 2675 section 2. */
const packetEnd = (bytes: Uint8Array, payloadLength: number, headers: readonly ExtensionHeader[]): number => {
  if (payloadLength !== 0) return Math.min(bytes.length, 40 + payloadLength);
  const first = headers[0];
  const jumbo =
    first?.kind === 'HOP_BY_HOP' ? first.options.find(({ type, data }) => type === JUMBO_PAYLOAD && data.length === 4) : undefined;
  const length = jumbo === undefined ? 0 : u32(jumbo.data, 0);
  return length === 0 ? bytes.length : Math.min(bytes.length, 40 + length);
};

/** Decodes a packet that starts at octet 0; what a snap length cut off its payload is just not there. @example decodeIpv6(packet) */
export const decodeIpv6 = (bytes: Uint8Array): Decoded<Ipv6> => {
  if (bytes.length < 40) return undecodable('truncated', bytes.length, 'an IPv6 header is 40 octets', 'RFC 8200 section 3');
  if (bytes[0]! >> 4 !== 6) return undecodable('bad-version', 0, `the version is ${bytes[0]! >> 4}, not 6`, 'RFC 8200 section 3');
  const payloadLength = u16(bytes, 4);
  const headers: ExtensionHeader[] = [];
  let protocol = bytes[6]!;
  let at = 40;
  const limit = payloadLength === 0 ? bytes.length : Math.min(bytes.length, 40 + payloadLength);
  while (isExtension(protocol)) {
    const length = at + 8 <= limit ? lengthOf(bytes, protocol, at) : 8;
    if (at + length > limit) {
      return undecodable('truncated', at, `extension header ${protocol} of ${length} octets does not fit`, 'RFC 8200 section 4');
    }
    const header = decodeHeader(bytes, protocol, at, length);
    if (!header.ok) return header;
    headers.push(header.value);
    protocol = bytes[at]!;
    at += length;
    // What follows in a fragment is a part of the whole packet, not a header.
    if (header.value.kind === 'FRAGMENT' && (header.value.offset !== 0 || header.value.more)) break;
  }
  const end = Math.max(at, packetEnd(bytes, payloadLength, headers));
  return decoded({
    kind: 'IPV6',
    trafficClass: (u16(bytes, 0) >>> 4) & 0xff,
    flowLabel: u32(bytes, 0) & 0xf_ffff,
    payloadLength,
    hopLimit: bytes[7]!,
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    headers,
    protocol,
    payload: bytes.subarray(at, end),
    trailer: bytes.subarray(end),
  });
};

const protocolOf = (header: ExtensionHeader): number => {
  switch (header.kind) {
    case 'HOP_BY_HOP':
      return PROTOCOL_HOP_BY_HOP;
    case 'DESTINATION_OPTIONS':
      return PROTOCOL_DESTINATION;
    case 'ROUTING':
      return PROTOCOL_ROUTING;
    case 'FRAGMENT':
      return PROTOCOL_FRAGMENT;
    case 'AUTHENTICATION':
      return PROTOCOL_AUTHENTICATION;
  }
};

/** Options padded to the boundary that their header needs, with one Pad1 or PadN (RFC 8200 section 4.2). */
const encodeOptions = (options: readonly Ipv6Option[]): Uint8Array => {
  const w = new ByteWriter();
  for (const { type, data } of options) {
    w.u8('option type', type);
    if (type === 0 && data.length > 0) throw new RangeError('Pad1 has no data');
    if (type !== 0) w.u8('option length', data.length).bytes('option data', data);
  }
  const missing = (14 - (w.length % 8)) % 8;
  if (missing === 1) w.u8('Pad1', 0);
  else if (missing > 1)
    w.u8('PadN', 1)
      .u8('PadN length', missing - 2)
      .bytes('PadN data', new Uint8Array(missing - 2));
  return w.finish();
};

/** The length field of a header of `octets`: units of 8, the first not counted. */
const unitsOf8 = (octets: number, field: string): number => {
  if (octets % 8 !== 0) throw new RangeError(`${field} must make the header a multiple of 8 octets, not ${octets}`);
  return octets / 8 - 1;
};

const encodeHeader = (header: ExtensionHeader, nextHeader: number): Uint8Array => {
  const w = new ByteWriter().u8('nextHeader', nextHeader);
  switch (header.kind) {
    case 'HOP_BY_HOP':
    case 'DESTINATION_OPTIONS': {
      const options = encodeOptions(header.options);
      return w
        .u8('options length', unitsOf8(2 + options.length, 'options'))
        .bytes('options', options)
        .finish();
    }
    case 'ROUTING':
      w.u8('data length', unitsOf8(4 + header.data.length, 'data'))
        .u8('type', header.type)
        .u8('segmentsLeft', header.segmentsLeft);
      return w.bytes('data', header.data).finish();
    case 'FRAGMENT':
      w.u8('reserved', header.reserved);
      w.u16(
        'offset',
        (ranged('offset', header.offset, 0x1fff) << 3) | (ranged('reserved2', header.reserved2, 3) << 1) | (header.more ? 1 : 0),
      );
      return w.u32('identification', header.identification).finish();
    case 'AUTHENTICATION':
      if (header.icv.length % 4 !== 0) throw new RangeError(`icv must be a multiple of 4 octets, not ${header.icv.length}`);
      w.u8('icv length', 1 + header.icv.length / 4).u16('reserved', header.reserved);
      return w.u32('spi', header.spi).u32('sequenceNumber', header.sequenceNumber).bytes('icv', header.icv).finish();
  }
};

/** The octets of a packet; a value that does not fit is a `RangeError`. @example encodeIpv6({ protocol: 6, source, destination, payload: segment }) */
export const encodeIpv6 = (packet: Ipv6Fields): Uint8Array => {
  const headers = packet.headers ?? [];
  const protocols = [...headers.map(protocolOf), packet.protocol];
  const chain = concat(...headers.map((header, index) => encodeHeader(header, protocols[index + 1]!)));
  const word =
    (6 << 28) | (ranged('trafficClass', packet.trafficClass ?? 0, 0xff) << 20) | ranged('flowLabel', packet.flowLabel ?? 0, 0xf_ffff);
  const fixed = new ByteWriter(40)
    .u32('version', word >>> 0)
    .u16('payloadLength', packet.payloadLength ?? chain.length + packet.payload.length)
    .u8('nextHeader', protocols[0]!)
    .u8('hopLimit', packet.hopLimit ?? 64)
    .bytes('source', packet.source, 16)
    .bytes('destination', packet.destination, 16)
    .finish();
  return concat(fixed, chain, packet.payload, packet.trailer ?? new Uint8Array(0));
};
