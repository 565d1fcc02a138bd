/** The TCP header, RFC 9293 section 3.1, with its options, as a typed message; the hot path reads `Segment` instead. */
import { ByteWriter, concat, ranged, setU16, u16, u32 } from '../bytes.ts';
import { tcpChecksum } from '../checksum.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { LINKTYPE_RAW } from '../capture/link-type.ts';
import { locateSegment, TCP } from './locate.ts';
import { newSegment } from './segment.ts';
import { decodeTcpOptions, encodeTcpOptions } from './tcp-options.ts';
import type { TcpOption } from './tcp-options.ts';

const SECTION = 'RFC 9293 section 3.1';

/**
 *   | Source Port 2 | Destination Port 2 |
 *   | Sequence Number 4 |
 *   | Acknowledgment Number 4 |
 *   | Data Offset 4 bits | Reserved 4 bits | Flags 1 | Window 2 |
 *   | Checksum 2 | Urgent Pointer 2 | Options | payload |
 */
export interface Tcp {
  readonly kind: 'TCP';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** The 4 bits before the flags, which should be zero; the last one is Accurate ECN's. */
  readonly reserved: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  readonly flags: number;
  readonly window: number;
  readonly checksum: number;
  readonly urgentPointer: number;
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

/** What `encodeTcp` needs; the rest is zero. */
export type TcpFields = Pick<Tcp, 'sourcePort' | 'destinationPort' | 'sequence' | 'flags'> & { readonly [F in keyof Tcp]?: Tcp[F] };

/** Decodes a segment, the payload of an IP packet. @example decodeTcp(packet.payload) */
export const decodeTcp = (bytes: Uint8Array): Decoded<Tcp> => {
  if (bytes.length < 20) return undecodable('truncated', bytes.length, 'a TCP header is at least 20 octets', SECTION);
  const headerLength = (bytes[12]! >> 4) * 4;
  if (headerLength < 20) return undecodable('bad-length', 12, `a data offset of ${headerLength} octets is below 20`, SECTION);
  if (headerLength > bytes.length) return undecodable('truncated', bytes.length, `the header is ${headerLength} octets`, SECTION);
  const options = decodeTcpOptions(bytes, 20, headerLength);
  if (!options.ok) return { ok: false, error: { ...options.error, offset: 20 + options.error.offset } };
  return decoded({
    kind: 'TCP',
    sourcePort: u16(bytes, 0),
    destinationPort: u16(bytes, 2),
    sequence: u32(bytes, 4),
    acknowledgment: u32(bytes, 8),
    reserved: bytes[12]! & 0xf,
    flags: bytes[13]!,
    window: u16(bytes, 14),
    checksum: u16(bytes, 16),
    urgentPointer: u16(bytes, 18),
    options: options.value,
    payload: bytes.subarray(headerLength),
  });
};

/**
 * The octets of a segment. Options that do not end on a 32-bit boundary are padded with End of Option List; the checksum is taken as
 * given, `fillTcpChecksum` computes it. @example encodeTcp({ sourcePort: 1, destinationPort: 2, sequence: 0, flags: SYN })
 */
export const encodeTcp = (segment: TcpFields): Uint8Array => {
  const options = encodeTcpOptions(segment.options ?? []);
  const headerLength = 20 + ((options.length + 3) & ~3);
  if (headerLength > 60) throw new RangeError(`options must be 40 octets at most, not ${options.length}`);
  const header = new ByteWriter(headerLength)
    .u16('sourcePort', segment.sourcePort)
    .u16('destinationPort', segment.destinationPort)
    .u32('sequence', segment.sequence)
    .u32('acknowledgment', segment.acknowledgment ?? 0)
    .u8('data offset', ((headerLength / 4) << 4) | ranged('reserved', segment.reserved ?? 0, 0xf))
    .u8('flags', segment.flags)
    .u16('window', segment.window ?? 0)
    .u16('checksum', segment.checksum ?? 0)
    .u16('urgentPointer', segment.urgentPointer ?? 0)
    .bytes('options', options)
    .bytes('padding', new Uint8Array(headerLength - 20 - options.length))
    .finish();
  return concat(header, segment.payload ?? new Uint8Array(0));
};

/**
 * Sets the checksum of the TCP segment in a whole IP packet, in place, and gives the packet back. A packet that holds no whole
 * segment is a `RangeError`. @example fillTcpChecksum(encodeIpv4({ protocol: 6, source, destination, payload: encodeTcp(segment) }))
 */
export const fillTcpChecksum = (packet: Uint8Array): Uint8Array => {
  const segment = newSegment();
  const located = locateSegment(packet, 0, packet.length, packet.length, LINKTYPE_RAW, segment);
  const checksum = located === TCP ? tcpChecksum(segment) : undefined;
  if (checksum === undefined) throw new RangeError('the packet holds no whole TCP segment');
  setU16(packet, segment.tcp + 16, checksum);
  return packet;
};
