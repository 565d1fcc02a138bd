/** REMOVE_ADDR, RFC 8684 section 3.4.2 and RFC 6824 section 3.4.2: withdraws addresses that were announced or joined from. */
import { ranged } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginOption, lengthsFrom, LONGEST_OPTION, type OptionCodec } from './option-codec.ts';

/**
 * REMOVE_ADDR.
 *
 *     +---------------+---------------+-------+-------+---------------+
 *     |     Kind      |Length = 3 + n |Subtype|(resvd)|   Address ID  | ...
 *     +---------------+---------------+-------+-------+---------------+
 *                                (followed by n-1 Address IDs, if required)
 */
export interface RemoveAddr {
  readonly kind: 'REMOVE_ADDR';
  /** 1 to 37, in the order of the option. */
  readonly addressIds: readonly number[];
  /** 4 bits. */
  readonly reserved: number;
}

const lengths = lengthsFrom(4, LONGEST_OPTION);

export const removeAddr: OptionCodec<RemoveAddr> = {
  kind: 'REMOVE_ADDR',
  subtype: 0x4,
  lengths: { 0: lengths, 1: lengths },
  sections: { 0: 'RFC 6824 section 3.4.2', 1: 'RFC 8684 section 3.4.2' },
  decode: (bytes, offset, length) =>
    decoded({
      kind: 'REMOVE_ADDR',
      addressIds: Array.from(bytes.subarray(offset + 3, offset + length)),
      reserved: bytes[offset + 2]! & 0x0f,
    }),
  encode: (x) => {
    const length = 3 + x.addressIds.length;
    if (!lengths.includes(length))
      throw new RangeError(`addressIds must be 1 to ${LONGEST_OPTION - 3} Address IDs, not ${x.addressIds.length}`);
    const w = beginOption(0x4, length, ranged('reserved', x.reserved, 0xf));
    for (const addressId of x.addressIds) w.u8('addressIds', addressId);
    return w.finish();
  },
};
