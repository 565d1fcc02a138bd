/** MP_FAIL, RFC 8684 section 3.7 and RFC 6824 section 3.6: reports a DSS checksum that failed. */
import { u16, u64 } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginReserved, type OptionCodec } from './option-codec.ts';

/**
 * MP_FAIL.
 *
 *     +---------------+---------------+-------+----------------------+
 *     |     Kind      |   Length=12   |Subtype|      (reserved)      |
 *     +---------------+---------------+-------+----------------------+
 *     |                 Data Sequence Number (8 octets)              |
 *     |                                                              |
 *     +--------------------------------------------------------------+
 */
export interface MpFail {
  readonly kind: 'MP_FAIL';
  /** All 64 bits, of the start of the segment that failed. */
  readonly dataSequenceNumber: bigint;
  /** 12 bits. */
  readonly reserved: number;
}

export const mpFail: OptionCodec<MpFail> = {
  kind: 'MP_FAIL',
  subtype: 0x6,
  lengths: { 0: [12], 1: [12] },
  sections: { 0: 'RFC 6824 section 3.6', 1: 'RFC 8684 section 3.7' },
  decode: (bytes, offset) =>
    decoded({ kind: 'MP_FAIL', dataSequenceNumber: u64(bytes, offset + 4), reserved: u16(bytes, offset + 2) & 0xfff }),
  encode: (x) => beginReserved(0x6, 12, x.reserved).u64('dataSequenceNumber', x.dataSequenceNumber).finish(),
};
