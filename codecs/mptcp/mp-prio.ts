/** MP_PRIO, RFC 8684 section 3.3.8 (v1) and RFC 6824 section 3.3.8 (v0): asks the peer to use, or stop using, a subflow as a backup. */
import { ranged } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginOption, type OptionCodec } from './option-codec.ts';

/**
 * MP_PRIO.
 *
 *     +---------------+---------------+-------+-----+-+--------------+
 *     |     Kind      |     Length    |Subtype|(rsv)|B| AddrID (opt) |
 *     +---------------+---------------+-------+-----+-+--------------+
 *
 * v1 has length 3; v0 may add one octet, the Address ID the change is for: length 4.
 */
export interface MpPrio {
  readonly kind: 'MP_PRIO';
  /** B. */
  readonly backup: boolean;
  /** v0 only. */
  readonly addressId?: number;
  /** 3 bits. */
  readonly reserved: number;
}

export const mpPrio: OptionCodec<MpPrio> = {
  kind: 'MP_PRIO',
  subtype: 0x5,
  lengths: { 0: [3, 4], 1: [3] },
  sections: { 0: 'RFC 6824 section 3.3.8', 1: 'RFC 8684 section 3.3.8' },
  decode: (bytes, offset, length) =>
    decoded({
      kind: 'MP_PRIO',
      backup: (bytes[offset + 2]! & 0x01) !== 0,
      ...(length === 4 && { addressId: bytes[offset + 3]! }),
      reserved: (bytes[offset + 2]! >>> 1) & 0x07,
    }),
  encode: (x) => {
    const firstBits = (ranged('reserved', x.reserved, 7) << 1) | (x.backup ? 1 : 0);
    const w = beginOption(0x5, x.addressId === undefined ? 3 : 4, firstBits);
    if (x.addressId !== undefined) w.u8('addressId', x.addressId);
    return w.finish();
  },
};
