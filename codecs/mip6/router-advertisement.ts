/** Router Advertisement, RFC 4861 section 4.2, with the H flag of RFC 6275 section 7.1 and the preference of RFC 4191 section 2.2. */
import { ByteWriter, ranged, concat, u16, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { decodeNeighborOptions, encodeNeighborOptions, type NeighborOption } from './neighbor-option.ts';

/**
 * RouterAdvertisement, ICMPv6 type 134, what follows the checksum:
 *
 *    | Cur Hop Limit |M|O|H|Prf|Rsvd |       Router Lifetime         |
 *    |                         Reachable Time                        |
 *    |                          Retrans Timer                        |
 *    |   Options ...                                                 |
 */
export interface RouterAdvertisement {
  readonly kind: 'RouterAdvertisement';
  /** 8 bits. */
  readonly code: number;
  /** As it was sent. */
  readonly checksum: number;
  /** 8 bits. */
  readonly curHopLimit: number;
  readonly managedAddressConfiguration: boolean;
  readonly otherConfiguration: boolean;
  /** H: the router is a home agent on this link. */
  readonly homeAgent: boolean;
  /** 2 bits. */
  readonly preference: number;
  /** 3 bits. */
  readonly reserved: number;
  /** In seconds. */
  readonly routerLifetime: number;
  /** In ms. */
  readonly reachableTime: number;
  readonly retransTimer: number;
  readonly options: readonly NeighborOption[];
}

const SECTION = 'RFC 4861 section 4.2';

/** The message in the body of an ICMPv6 message; offsets of errors count from the message's type. */
export const decodeRouterAdvertisement = (body: Uint8Array): Decoded<Omit<RouterAdvertisement, 'code' | 'checksum'>> => {
  if (body.length < 12)
    return undecodable('bad-length', 4 + body.length, `the message has at least 16 octets, not ${4 + body.length}`, SECTION);
  const options = decodeNeighborOptions(body, 12);
  if (!options.ok) return { ok: false, error: { ...options.error, offset: options.error.offset + 4 } };
  const flags = body[1]!;
  return decoded({
    kind: 'RouterAdvertisement',
    curHopLimit: body[0]!,
    managedAddressConfiguration: (flags & 0x80) !== 0,
    otherConfiguration: (flags & 0x40) !== 0,
    homeAgent: (flags & 0x20) !== 0,
    preference: (flags >>> 3) & 3,
    reserved: flags & 7,
    routerLifetime: u16(body, 2),
    reachableTime: u32(body, 4),
    retransTimer: u32(body, 8),
    options: options.value,
  });
};

/** The body of the ICMPv6 message. */
export const encodeRouterAdvertisement = (message: RouterAdvertisement): Uint8Array =>
  concat(
    new ByteWriter()
      .u8('curHopLimit', message.curHopLimit)
      .u8(
        'flags',
        (message.managedAddressConfiguration ? 0x80 : 0) |
          (message.otherConfiguration ? 0x40 : 0) |
          (message.homeAgent ? 0x20 : 0) |
          (ranged('preference', message.preference, 3) << 3) |
          ranged('reserved', message.reserved, 7),
      )
      .u16('routerLifetime', message.routerLifetime)
      .u32('reachableTime', message.reachableTime)
      .u32('retransTimer', message.retransTimer)
      .finish(),
    encodeNeighborOptions(message.options),
  );
