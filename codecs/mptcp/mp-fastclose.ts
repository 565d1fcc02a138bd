/** MP_FASTCLOSE, RFC 8684 section 3.5 and RFC 6824 section 3.5: closes the whole connection abruptly. */
import { u16, u64 } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginReserved, type OptionCodec } from './option-codec.ts';

/**
 * MP_FASTCLOSE.
 *
 *     +---------------+---------------+-------+-----------------------+
 *     |     Kind      |    Length     |Subtype|      (reserved)       |
 *     +---------------+---------------+-------+-----------------------+
 *     |                      Option Receiver's Key                    |
 *     |                            (64 bits)                          |
 *     +---------------------------------------------------------------+
 */
export interface MpFastclose {
  readonly kind: 'MP_FASTCLOSE';
  readonly receiverKey: bigint;
  /** 12 bits. */
  readonly reserved: number;
}

export const mpFastclose: OptionCodec<MpFastclose> = {
  kind: 'MP_FASTCLOSE',
  subtype: 0x7,
  lengths: { 0: [12], 1: [12] },
  sections: { 0: 'RFC 6824 section 3.5', 1: 'RFC 8684 section 3.5' },
  decode: (bytes, offset) =>
    decoded({ kind: 'MP_FASTCLOSE', receiverKey: u64(bytes, offset + 4), reserved: u16(bytes, offset + 2) & 0xfff }),
  encode: (x) => beginReserved(0x7, 12, x.reserved).u64('receiverKey', x.receiverKey).finish(),
};
