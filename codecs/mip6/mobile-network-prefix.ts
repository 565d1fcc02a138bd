/** Mobile Network Prefix, RFC 3963 section 4.3: a prefix that a mobile router has behind it. */
import { ByteWriter } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * MobileNetworkPrefix.
 *
 *    |   Type = 6    |  Length = 18  |   Reserved    | Prefix Length |
 *    |                 Mobile Network Prefix (16)                    |
 */
export interface MobileNetworkPrefix {
  readonly kind: 'MobileNetworkPrefix';
  /** 8 bits. */
  readonly reserved: number;
  /** In bits. */
  readonly prefixLength: number;
  /** 16 octets. */
  readonly mobileNetworkPrefix: Uint8Array;
}

const SECTION = 'RFC 3963 section 4.3';

export const mobileNetworkPrefix: MobilityOptionCodec<MobileNetworkPrefix> = {
  kind: 'MobileNetworkPrefix',
  type: 6,
  section: SECTION,
  alignment: { every: 8, offset: 4 },
  decode: (data) =>
    data.length === 18
      ? decoded({ kind: 'MobileNetworkPrefix', reserved: data[0]!, prefixLength: data[1]!, mobileNetworkPrefix: data.subarray(2) })
      : undecodable('bad-length', 1, `the option has 18 octets of data, not ${data.length}`, SECTION),
  encode: (option) =>
    new ByteWriter(18)
      .u8('reserved', option.reserved)
      .u8('prefixLength', option.prefixLength)
      .bytes('mobileNetworkPrefix', option.mobileNetworkPrefix, 16)
      .finish(),
};
