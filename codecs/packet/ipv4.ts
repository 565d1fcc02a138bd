/** The IPv4 header, RFC 791 section 3.1, with its options. A fragment decodes like any packet: its payload is its part. */
import { ByteWriter, concat, ranged, setU16, u16 } from '../bytes.ts';
import { sum16 } from '../checksum.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

const SECTION = 'RFC 791 section 3.1';

/**
 * One IP option. `data` is what follows its length octet; No Operation (1) has neither, End of Option List (0) has as data whatever
 * follows it in the header, which should be zero.
 */
export interface Ipv4Option {
  readonly type: number;
  readonly data: Uint8Array;
}

/**
 *   | Version 4 bits | IHL 4 bits | Type of Service 1 | Total Length 2 |
 *   | Identification 2 | Flags 3 bits | Fragment Offset 13 bits |
 *   | Time to Live 1 | Protocol 1 | Header Checksum 2 |
 *   | Source 4 | Destination 4 | Options | payload |
 */
export interface Ipv4 {
  readonly kind: 'IPV4';
  readonly typeOfService: number;
  /** In octets, as the header tells it: 0 for a segment larger than 65,535 octets that its sender's interface is to cut. */
  readonly totalLength: number;
  readonly identification: number;
  /** The bit before Don't Fragment, which must be zero. */
  readonly reserved: boolean;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In units of 8 octets. */
  readonly fragmentOffset: number;
  readonly timeToLive: number;
  readonly protocol: number;
  readonly headerChecksum: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly options: readonly Ipv4Option[];
  /** What Total Length covers, as far as it is there. */
  readonly payload: Uint8Array;
  /** Whatever follows the packet: padding of the link layer. */
  readonly trailer: Uint8Array;
}

/** What `encodeIpv4` needs; lengths and the checksum are computed where they are absent, the rest is zero (Time to Live: 64). */
export type Ipv4Fields = Pick<Ipv4, 'protocol' | 'source' | 'destination' | 'payload'> & { readonly [F in keyof Ipv4]?: Ipv4[F] };

const decodeOptions = (bytes: Uint8Array, to: number): Decoded<readonly Ipv4Option[]> => {
  const options: Ipv4Option[] = [];
  let at = 20;
  while (at < to) {
    const type = bytes[at]!;
    const length = type === 0 ? to - at : type === 1 ? 1 : (bytes[at + 1] ?? 0);
    if ((type > 1 && (length < 2 || at + 1 >= to)) || at + length > to) {
      return undecodable('bad-length', at, `IP option ${type} has length ${length}, but ${to - at} octets are left`, SECTION);
    }
    options.push({ type, data: bytes.subarray(at + (type > 1 ? 2 : 1), at + length) });
    at += length;
  }
  return decoded(options);
};

/** Decodes a packet that starts at octet 0; what a snap length cut off its payload is just not there. @example decodeIpv4(packet) */
export const decodeIpv4 = (bytes: Uint8Array): Decoded<Ipv4> => {
  if (bytes.length < 20) return undecodable('truncated', bytes.length, 'an IPv4 header is at least 20 octets', SECTION);
  if (bytes[0]! >> 4 !== 4) return undecodable('bad-version', 0, `the version is ${bytes[0]! >> 4}, not 4`, SECTION);
  const headerLength = (bytes[0]! & 0xf) * 4;
  const totalLength = u16(bytes, 2);
  if (headerLength < 20) return undecodable('bad-length', 0, `a header length of ${headerLength} octets is below 20`, SECTION);
  if (headerLength > bytes.length) return undecodable('truncated', bytes.length, `the header is ${headerLength} octets`, SECTION);
  if (totalLength !== 0 && totalLength < headerLength) {
    return undecodable('bad-length', 2, `a total length of ${totalLength} is less than the header's ${headerLength}`, SECTION);
  }
  const options = decodeOptions(bytes, headerLength);
  if (!options.ok) return options;
  const end = totalLength === 0 ? bytes.length : Math.min(totalLength, bytes.length);
  const flags = u16(bytes, 6);
  return decoded({
    kind: 'IPV4',
    typeOfService: bytes[1]!,
    totalLength,
    identification: u16(bytes, 4),
    reserved: (flags & 0x8000) !== 0,
    dontFragment: (flags & 0x4000) !== 0,
    moreFragments: (flags & 0x2000) !== 0,
    fragmentOffset: flags & 0x1fff,
    timeToLive: bytes[8]!,
    protocol: bytes[9]!,
    headerChecksum: u16(bytes, 10),
    source: bytes.subarray(12, 16),
    destination: bytes.subarray(16, 20),
    options: options.value,
    payload: bytes.subarray(headerLength, end),
    trailer: bytes.subarray(end),
  });
};

const encodeOptions = (options: readonly Ipv4Option[]): Uint8Array => {
  const w = new ByteWriter(40);
  for (const { type, data } of options) {
    w.u8('option type', type);
    if (type > 1) w.u8('option length', 2 + data.length);
    if (type === 1 && data.length > 0) throw new RangeError('No Operation has no data');
    w.bytes('option data', data);
  }
  // RFC 791: the header ends on a 32-bit boundary, padded with zeros.
  while (w.length % 4 !== 0) w.u8('padding', 0);
  if (w.length > 40) throw new RangeError(`options must be 40 octets at most, not ${w.length}`);
  return w.finish();
};

/** The octets of a packet. @example encodeIpv4({ protocol: 6, source, destination, payload: segment }) */
export const encodeIpv4 = (packet: Ipv4Fields): Uint8Array => {
  const options = encodeOptions(packet.options ?? []);
  const headerLength = 20 + options.length;
  const flags = (packet.reserved ? 0x8000 : 0) | (packet.dontFragment ? 0x4000 : 0) | (packet.moreFragments ? 0x2000 : 0);
  const header = new ByteWriter(headerLength)
    .u8('version and header length', 0x40 | (headerLength / 4))
    .u8('typeOfService', packet.typeOfService ?? 0)
    .u16('totalLength', packet.totalLength ?? headerLength + packet.payload.length)
    .u16('identification', packet.identification ?? 0)
    .u16('flags', flags | ranged('fragmentOffset', packet.fragmentOffset ?? 0, 0x1fff))
    .u8('timeToLive', packet.timeToLive ?? 64)
    .u8('protocol', packet.protocol)
    .u16('headerChecksum', packet.headerChecksum ?? 0)
    .bytes('source', packet.source, 4)
    .bytes('destination', packet.destination, 4)
    .bytes('options', options)
    .finish();
  if (packet.headerChecksum === undefined) setU16(header, 10, 0xffff - sum16(header));
  return concat(header, packet.payload, packet.trailer ?? new Uint8Array(0));
};
