/** I2bis, RFC 5533 section 5.9: the answer to an R1bis, by which a lost context is established again. */
import { copyOf, equalBytes, u16, u32 } from '../bytes.ts';
import { MAX_CONTEXT_TAG, readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * I2bis.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 6   |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                  Initiator Context Tag                        |
 *    |                    Initiator Nonce                            |
 *    |                    Responder Nonce                            |
 *    |                       Reserved2                               |
 *    |                                 |                             |
 *    |                     Packet Context Tag                        |
 *    ~                         Options                               ~
 */
export interface I2bis extends ControlMessage {
  readonly kind: 'I2bis';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the initiator. */
  readonly initiatorContextTag: number;
  /** 32 bits. */
  readonly initiatorNonce: number;
  /** 32 bits, as in the R1bis. */
  readonly responderNonce: number;
  /** 49 bits in 7 octets, the last bit of them the highest of the seventh; zeros when left out. */
  readonly reserved2?: Uint8Array;
  /** 47 bits, as in the R1bis. */
  readonly packetContextTag: number;
}

/** Where Reserved2 and the second tag lie: the tag begins in the second bit of octet 26. */
const RESERVED2 = 20;
const TAG2 = 26;
const NONE = new Uint8Array(7);

const readReserved2 = (bytes: Uint8Array): { readonly reserved2?: Uint8Array } => {
  const reserved2 = copyOf(bytes, RESERVED2, TAG2 + 1);
  reserved2[6]! &= 0x80;
  return equalBytes(reserved2, NONE) ? {} : { reserved2 };
};

export const i2bis: MessageCodec<I2bis> = {
  type: 6,
  section: 'RFC 5533 section 5.9',
  fixed: 32,
  decode: (bytes) => ({
    kind: 'I2bis',
    ...readReservedBit(bytes),
    initiatorContextTag: readTag(bytes),
    initiatorNonce: u32(bytes, 12),
    responderNonce: u32(bytes, 16),
    ...readReserved2(bytes),
    packetContextTag: (u16(bytes, TAG2) & 0x7fff) * 2 ** 32 + u32(bytes, TAG2 + 2),
  }),
  encode: (w, message) => {
    const { reserved, initiatorContextTag, initiatorNonce, responderNonce, reserved2 = NONE, packetContextTag } = message;
    if (reserved2.length !== 7 || (reserved2[6]! & 0x7f) !== 0) throw new RangeError('reserved2 must be 49 bits in 7 octets');
    if (!Number.isInteger(packetContextTag) || packetContextTag < 0 || packetContextTag > MAX_CONTEXT_TAG)
      throw new RangeError(`packetContextTag must be an integer from 0 to ${MAX_CONTEXT_TAG}, not ${packetContextTag}`);
    writeTag(w, 'initiatorContextTag', initiatorContextTag, reserved);
    w.u32('initiatorNonce', initiatorNonce)
      .u32('responderNonce', responderNonce)
      .bytes('reserved2', reserved2.subarray(0, 6))
      .u16('packetContextTag', (reserved2[6]! << 8) | Math.floor(packetContextTag / 2 ** 32))
      .u32('packetContextTag', packetContextTag % 2 ** 32);
  },
};
