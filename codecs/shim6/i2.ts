/** I2, RFC 5533 section 5.6: the initiator's answer to an R1, which may tell its locators. */
import { unlessZero } from '../decoded.ts';
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * I2.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 3   |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                  Initiator Context Tag                        |
 *    |                    Initiator Nonce                            |
 *    |                    Responder Nonce                            |
 *    |                       Reserved2                               |
 *    ~                         Options                               ~
 */
export interface I2 extends ControlMessage {
  readonly kind: 'I2';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the initiator. */
  readonly initiatorContextTag: number;
  /** 32 bits. */
  readonly initiatorNonce: number;
  /** 32 bits, as in the R1. */
  readonly responderNonce: number;
  /** 32 bits; 0 when left out. */
  readonly reserved2?: number;
}

export const i2: MessageCodec<I2> = {
  type: 3,
  section: 'RFC 5533 section 5.6',
  fixed: 24,
  decode: (bytes) => ({
    kind: 'I2',
    ...readReservedBit(bytes),
    initiatorContextTag: readTag(bytes),
    initiatorNonce: u32(bytes, 12),
    responderNonce: u32(bytes, 16),
    ...unlessZero('reserved2', u32(bytes, 20)),
  }),
  encode: (w, { reserved, initiatorContextTag, initiatorNonce, responderNonce, reserved2 }) => {
    writeTag(w, 'initiatorContextTag', initiatorContextTag, reserved);
    w.u32('initiatorNonce', initiatorNonce)
      .u32('responderNonce', responderNonce)
      .u32('reserved2', reserved2 ?? 0);
  },
};
