/** MP_EXPERIMENTAL, RFC 8684 section 7.2: subtype 0xf, reserved for private use (RFC 6824 section 8: within controlled testbeds). */
import { decoded } from '../decoded.ts';
import { lengthsFrom, LONGEST_OPTION, type OptionCodec } from './option-codec.ts';
import { encodeOpaque } from './unknown.ts';

/**
 * MP_EXPERIMENTAL: what the experiment puts in it is its own business.
 *
 *     |     Kind      |    Length     |Subtype|                       |
 *     |                     Subtype-specific data                     |
 */
export interface MpExperimental {
  readonly kind: 'MP_EXPERIMENTAL';
  /** The 4 bits beside the Subtype. */
  readonly firstBits: number;
  /** The octets after them, 0 to 37. */
  readonly data: Uint8Array;
}

const lengths = lengthsFrom(3, LONGEST_OPTION);

export const mpExperimental: OptionCodec<MpExperimental> = {
  kind: 'MP_EXPERIMENTAL',
  subtype: 0xf,
  lengths: { 0: lengths, 1: lengths },
  sections: { 0: 'RFC 6824 section 8', 1: 'RFC 8684 section 7.2' },
  decode: (bytes, offset, length) =>
    decoded({ kind: 'MP_EXPERIMENTAL', firstBits: bytes[offset + 2]! & 0x0f, data: bytes.subarray(offset + 3, offset + length) }),
  encode: (x) => encodeOpaque(0xf, x.firstBits, x.data),
};
