/** Home Agent Address Discovery Request, RFC 6275 section 6.5. R is of RFC 3963 section 4.4. */
import { ByteWriter, ranged, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 * HaadRequest, ICMPv6 type 144, what follows the checksum:
 *
 *    |          Identifier           |R|          Reserved           |
 */
export interface HaadRequest {
  readonly kind: 'HaadRequest';
  /** 8 bits. */
  readonly code: number;
  /** As it was sent. */
  readonly checksum: number;
  /** 16 bits. */
  readonly identifier: number;
  /** R: a home agent for mobile routers is looked for. */
  readonly mobileRouterSupport: boolean;
  /** 15 bits. */
  readonly reserved: number;
  /** What follows, which should be nothing. */
  readonly rest?: Uint8Array;
}

const SECTION = 'RFC 6275 section 6.5';

/** The message in the body of an ICMPv6 message; offsets of errors count from the message's type. */
export const decodeHaadRequest = (body: Uint8Array): Decoded<Omit<HaadRequest, 'code' | 'checksum'>> => {
  if (body.length < 4)
    return undecodable('bad-length', 4 + body.length, `the message has at least 8 octets, not ${4 + body.length}`, SECTION);
  return decoded({
    kind: 'HaadRequest',
    identifier: u16(body, 0),
    mobileRouterSupport: (body[2]! & 0x80) !== 0,
    reserved: u16(body, 2) & 0x7fff,
    ...(body.length > 4 && { rest: body.subarray(4) }),
  });
};

/** The body of the ICMPv6 message. */
export const encodeHaadRequest = (message: HaadRequest): Uint8Array =>
  new ByteWriter()
    .u16('identifier', message.identifier)
    .u16('reserved', (message.mobileRouterSupport ? 0x8000 : 0) | ranged('reserved', message.reserved, 0x7fff))
    .bytes('rest', message.rest ?? new Uint8Array(0))
    .finish();
