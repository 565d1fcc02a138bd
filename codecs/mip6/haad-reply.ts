/** Home Agent Address Discovery Reply, RFC 6275 section 6.6. R is of RFC 3963 section 4.4. */
import { ByteWriter, ranged, concat, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 * HaadReply, ICMPv6 type 145, what follows the checksum:
 *
 *    |          Identifier           |R|          Reserved           |
 *    ~                   Home Agent Addresses (16 each)              ~
 */
export interface HaadReply {
  readonly kind: 'HaadReply';
  /** 8 bits. */
  readonly code: number;
  /** As it was sent. */
  readonly checksum: number;
  /** 16 bits, as in the request. */
  readonly identifier: number;
  /** R: the home agents serve mobile routers. */
  readonly mobileRouterSupport: boolean;
  /** 15 bits. */
  readonly reserved: number;
  /** 16 octets each, the most preferred first. */
  readonly homeAgentAddresses: readonly Uint8Array[];
  /** What follows the last whole address, which should be nothing. */
  readonly rest?: Uint8Array;
}

const SECTION = 'RFC 6275 section 6.6';

/** The message in the body of an ICMPv6 message; offsets of errors count from the message's type. */
export const decodeHaadReply = (body: Uint8Array): Decoded<Omit<HaadReply, 'code' | 'checksum'>> => {
  if (body.length < 4)
    return undecodable('bad-length', 4 + body.length, `the message has at least 8 octets, not ${4 + body.length}`, SECTION);
  const count = Math.floor((body.length - 4) / 16);
  const rest = body.subarray(4 + 16 * count);
  return decoded({
    kind: 'HaadReply',
    identifier: u16(body, 0),
    mobileRouterSupport: (body[2]! & 0x80) !== 0,
    reserved: u16(body, 2) & 0x7fff,
    homeAgentAddresses: Array.from({ length: count }, (_, i) => body.subarray(4 + 16 * i, 20 + 16 * i)),
    ...(rest.length > 0 && { rest }),
  });
};

/** The body of the ICMPv6 message. */
export const encodeHaadReply = (message: HaadReply): Uint8Array =>
  concat(
    new ByteWriter()
      .u16('identifier', message.identifier)
      .u16('reserved', (message.mobileRouterSupport ? 0x8000 : 0) | ranged('reserved', message.reserved, 0x7fff))
      .finish(),
    ...message.homeAgentAddresses.map((address) => new ByteWriter(16).bytes('homeAgentAddresses', address, 16).finish()),
    message.rest ?? new Uint8Array(0),
  );
