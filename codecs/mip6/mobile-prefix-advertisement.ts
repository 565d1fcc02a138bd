/** Mobile Prefix Advertisement, RFC 6275 section 6.8: the prefixes of the home link. */
import { ByteWriter, ranged, concat, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { decodeNeighborOptions, encodeNeighborOptions, type NeighborOption } from './neighbor-option.ts';

/**
 * MobilePrefixAdvertisement, ICMPv6 type 147, what follows the checksum:
 *
 *    |          Identifier           |M|O|        Reserved           |
 *    |           Options ...                                         |
 */
export interface MobilePrefixAdvertisement {
  readonly kind: 'MobilePrefixAdvertisement';
  /** 8 bits. */
  readonly code: number;
  /** As it was sent. */
  readonly checksum: number;
  /** 16 bits, as in the solicitation. */
  readonly identifier: number;
  readonly managedAddressConfiguration: boolean;
  readonly otherConfiguration: boolean;
  /** 14 bits. */
  readonly reserved: number;
  readonly options: readonly NeighborOption[];
}

const SECTION = 'RFC 6275 section 6.8';

/** The message in the body of an ICMPv6 message; offsets of errors count from the message's type. */
export const decodeMobilePrefixAdvertisement = (body: Uint8Array): Decoded<Omit<MobilePrefixAdvertisement, 'code' | 'checksum'>> => {
  if (body.length < 4)
    return undecodable('bad-length', 4 + body.length, `the message has at least 8 octets, not ${4 + body.length}`, SECTION);
  const options = decodeNeighborOptions(body, 4);
  if (!options.ok) return { ok: false, error: { ...options.error, offset: options.error.offset + 4 } };
  return decoded({
    kind: 'MobilePrefixAdvertisement',
    identifier: u16(body, 0),
    managedAddressConfiguration: (body[2]! & 0x80) !== 0,
    otherConfiguration: (body[2]! & 0x40) !== 0,
    reserved: u16(body, 2) & 0x3fff,
    options: options.value,
  });
};

/** The body of the ICMPv6 message. */
export const encodeMobilePrefixAdvertisement = (message: MobilePrefixAdvertisement): Uint8Array =>
  concat(
    new ByteWriter()
      .u16('identifier', message.identifier)
      .u16(
        'reserved',
        (message.managedAddressConfiguration ? 0x8000 : 0) |
          (message.otherConfiguration ? 0x4000 : 0) |
          ranged('reserved', message.reserved, 0x3fff),
      )
      .finish(),
    encodeNeighborOptions(message.options),
  );
