/** R1, RFC 5533 section 5.5: the responder's answer to an I1, for which it keeps no state. */
import { unlessZero } from '../decoded.ts';
import { u16, u32 } from '../bytes.ts';
import { type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * R1.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 2   |   Reserved1 |0|
 *    |            Checksum           |           Reserved2           |
 *    |                    Initiator Nonce                            |
 *    |                    Responder Nonce                            |
 *    ~                         Options                               ~
 */
export interface R1 extends ControlMessage {
  readonly kind: 'R1';
  /** 16 bits; 0 when left out. */
  readonly reserved2?: number;
  /** 32 bits, as in the I1. */
  readonly initiatorNonce: number;
  /** 32 bits. */
  readonly responderNonce: number;
}

export const r1: MessageCodec<R1> = {
  type: 2,
  section: 'RFC 5533 section 5.5',
  fixed: 16,
  decode: (bytes) => ({
    kind: 'R1',
    ...unlessZero('reserved2', u16(bytes, 6)),
    initiatorNonce: u32(bytes, 8),
    responderNonce: u32(bytes, 12),
  }),
  encode: (w, { reserved2, initiatorNonce, responderNonce }) => {
    w.u16('reserved2', reserved2 ?? 0)
      .u32('initiatorNonce', initiatorNonce)
      .u32('responderNonce', responderNonce);
  },
};
