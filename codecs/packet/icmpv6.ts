/** ICMPv6, RFC 4443 section 2.1: type, code, checksum, and a body that its type explains. */
import { ByteWriter, concat, setU16, u16 } from '../bytes.ts';
import { fold, pseudoHeaderSum, sum16 } from '../checksum.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/** Its protocol number. */
export const PROTOCOL_ICMPV6 = 58;

/**
 *   | Type 1 | Code 1 | Checksum 2 |
 *   | body |
 */
export interface Icmpv6 {
  readonly kind: 'ICMPV6';
  readonly type: number;
  readonly code: number;
  readonly checksum: number;
  /** All that follows the checksum. */
  readonly body: Uint8Array;
}

/** Decodes a message, the payload of an IPv6 packet. @example decodeIcmpv6(packet.payload) */
export const decodeIcmpv6 = (bytes: Uint8Array): Decoded<Icmpv6> =>
  bytes.length < 4
    ? undecodable('truncated', bytes.length, 'an ICMPv6 header is 4 octets', 'RFC 4443 section 2.1')
    : decoded({ kind: 'ICMPV6', type: bytes[0]!, code: bytes[1]!, checksum: u16(bytes, 2), body: bytes.subarray(4) });

/** The octets of a message; its checksum is taken as it is. */
export const encodeIcmpv6 = ({ type, code, checksum, body }: Icmpv6): Uint8Array =>
  new ByteWriter(4 + body.length).u8('type', type).u8('code', code).u16('checksum', checksum).bytes('body', body).finish();

/** The checksum that a message between these addresses should have (RFC 4443 section 2.3). @example icmpv6Checksum(source, destination, octets) */
export const icmpv6Checksum = (source: Uint8Array, destination: Uint8Array, message: Uint8Array): number => {
  const pseudo = pseudoHeaderSum(concat(source, destination), 0, 16, 16, message.length, PROTOCOL_ICMPV6);
  return ~fold(pseudo + sum16(message, 0, 2) + sum16(message, 4)) & 0xffff;
};

/** Puts the right checksum into the octets of a message, which are changed. */
export const fillIcmpv6Checksum = (source: Uint8Array, destination: Uint8Array, message: Uint8Array): Uint8Array => {
  setU16(message, 2, icmpv6Checksum(source, destination, message));
  return message;
};
