/** MP_JOIN, RFC 8684 section 3.2 and RFC 6824 section 3.2: adds a subflow to a connection, in three forms told apart by Length. */
import { ranged, u16, u32 } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginOption, beginReserved, type OptionCodec } from './option-codec.ts';

/**
 * MP_JOIN for the initial SYN.
 *
 *     |     Kind      |  Length = 12  |Subtype|(rsv)|B|   Address ID  |
 *     |                   Receiver's Token (32 bits)                  |
 *     |                Sender's Random Number (32 bits)               |
 */
export interface MpJoinSyn {
  readonly kind: 'MP_JOIN';
  readonly segment: 'SYN';
  /** B. */
  readonly backup: boolean;
  readonly addressId: number;
  readonly receiverToken: number;
  readonly senderRandomNumber: number;
  /** 3 bits. */
  readonly reserved: number;
}

/**
 * MP_JOIN for the responding SYN/ACK.
 *
 *     |     Kind      |  Length = 16  |Subtype|(rsv)|B|   Address ID  |
 *     |                Sender's Truncated HMAC (64 bits)              |
 *     |                                                               |
 *     |                Sender's Random Number (32 bits)               |
 */
export interface MpJoinSynAck {
  readonly kind: 'MP_JOIN';
  readonly segment: 'SYN/ACK';
  /** B. */
  readonly backup: boolean;
  readonly addressId: number;
  /** 8 octets. */
  readonly senderTruncatedHmac: Uint8Array;
  readonly senderRandomNumber: number;
  /** 3 bits. */
  readonly reserved: number;
}

/**
 * MP_JOIN for the third ACK.
 *
 *     |     Kind      |  Length = 24  |Subtype|      (reserved)       |
 *     |              Sender's Truncated HMAC (160 bits)               |
 */
export interface MpJoinAck {
  readonly kind: 'MP_JOIN';
  readonly segment: 'ACK';
  /** 20 octets: in v0 the whole HMAC-SHA1. */
  readonly senderTruncatedHmac: Uint8Array;
  /** 12 bits. */
  readonly reserved: number;
}

/** MP_JOIN in one of its three forms. */
export type MpJoin = MpJoinSyn | MpJoinSynAck | MpJoinAck;

export const mpJoin: OptionCodec<MpJoin> = {
  kind: 'MP_JOIN',
  subtype: 0x1,
  lengths: { 0: [12, 16, 24], 1: [12, 16, 24] },
  sections: { 0: 'RFC 6824 section 3.2', 1: 'RFC 8684 section 3.2' },
  decode: (bytes, offset, length) => {
    if (length === 24) {
      const senderTruncatedHmac = bytes.subarray(offset + 4, offset + 24);
      return decoded({ kind: 'MP_JOIN', segment: 'ACK', senderTruncatedHmac, reserved: u16(bytes, offset + 2) & 0xfff });
    }
    const common = {
      kind: 'MP_JOIN',
      backup: (bytes[offset + 2]! & 0x01) !== 0,
      addressId: bytes[offset + 3]!,
      reserved: (bytes[offset + 2]! >>> 1) & 0x07,
    } as const;
    return length === 12
      ? decoded({ ...common, segment: 'SYN', receiverToken: u32(bytes, offset + 4), senderRandomNumber: u32(bytes, offset + 8) })
      : decoded({
          ...common,
          segment: 'SYN/ACK',
          senderTruncatedHmac: bytes.subarray(offset + 4, offset + 12),
          senderRandomNumber: u32(bytes, offset + 12),
        });
  },
  encode: (x) => {
    if (x.segment === 'ACK') return beginReserved(0x1, 24, x.reserved).bytes('senderTruncatedHmac', x.senderTruncatedHmac, 20).finish();
    const firstBits = (ranged('reserved', x.reserved, 7) << 1) | (x.backup ? 1 : 0);
    const w = beginOption(0x1, x.segment === 'SYN' ? 12 : 16, firstBits).u8('addressId', x.addressId);
    if (x.segment === 'SYN') w.u32('receiverToken', x.receiverToken);
    else w.bytes('senderTruncatedHmac', x.senderTruncatedHmac, 8);
    return w.u32('senderRandomNumber', x.senderRandomNumber).finish();
  },
};
