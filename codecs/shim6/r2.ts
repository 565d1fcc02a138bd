/** R2, RFC 5533 section 5.7: the responder's answer to an I2 or I2bis, or to an I1 that crossed its own. */
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * R2.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 4   |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                     Responder Context Tag                     |
 *    |                        Initiator Nonce                        |
 *    ~                         Options                               ~
 */
export interface R2 extends ControlMessage {
  readonly kind: 'R2';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the responder. */
  readonly responderContextTag: number;
  /** 32 bits, as in the message that it answers. */
  readonly initiatorNonce: number;
}

export const r2: MessageCodec<R2> = {
  type: 4,
  section: 'RFC 5533 section 5.7',
  fixed: 16,
  decode: (bytes) => ({ kind: 'R2', ...readReservedBit(bytes), responderContextTag: readTag(bytes), initiatorNonce: u32(bytes, 12) }),
  encode: (w, { reserved, responderContextTag, initiatorNonce }) => {
    writeTag(w, 'responderContextTag', responderContextTag, reserved);
    w.u32('initiatorNonce', initiatorNonce);
  },
};
