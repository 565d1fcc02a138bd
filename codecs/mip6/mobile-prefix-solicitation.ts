/** Mobile Prefix Solicitation, RFC 6275 section 6.7: asks the home agent for the prefixes of the home link. */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 * MobilePrefixSolicitation, ICMPv6 type 146, what follows the checksum:
 *
 *    |          Identifier           |            Reserved           |
 */
export interface MobilePrefixSolicitation {
  readonly kind: 'MobilePrefixSolicitation';
  /** 8 bits. */
  readonly code: number;
  /** As it was sent. */
  readonly checksum: number;
  /** 16 bits. */
  readonly identifier: number;
  /** 16 bits. */
  readonly reserved: number;
  /** What follows, which should be nothing. */
  readonly rest?: Uint8Array;
}

const SECTION = 'RFC 6275 section 6.7';

/** The message in the body of an ICMPv6 message; offsets of errors count from the message's type. */
export const decodeMobilePrefixSolicitation = (body: Uint8Array): Decoded<Omit<MobilePrefixSolicitation, 'code' | 'checksum'>> => {
  if (body.length < 4)
    return undecodable('bad-length', 4 + body.length, `the message has at least 8 octets, not ${4 + body.length}`, SECTION);
  return decoded({
    kind: 'MobilePrefixSolicitation',
    identifier: u16(body, 0),
    reserved: u16(body, 2),
    ...(body.length > 4 && { rest: body.subarray(4) }),
  });
};

/** The body of the ICMPv6 message. */
export const encodeMobilePrefixSolicitation = (message: MobilePrefixSolicitation): Uint8Array =>
  new ByteWriter()
    .u16('identifier', message.identifier)
    .u16('reserved', message.reserved)
    .bytes('rest', message.rest ?? new Uint8Array(0))
    .finish();
