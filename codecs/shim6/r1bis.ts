/** R1bis, RFC 5533 section 5.8: the answer to a packet whose context tag nobody knows here. */
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * R1bis.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 5   |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                       Packet Context Tag                      |
 *    |                        Responder Nonce                        |
 *    ~                         Options                               ~
 */
export interface R1bis extends ControlMessage {
  readonly kind: 'R1bis';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, as in the packet that it answers. */
  readonly packetContextTag: number;
  /** 32 bits. */
  readonly responderNonce: number;
}

export const r1bis: MessageCodec<R1bis> = {
  type: 5,
  section: 'RFC 5533 section 5.8',
  fixed: 16,
  decode: (bytes) => ({ kind: 'R1bis', ...readReservedBit(bytes), packetContextTag: readTag(bytes), responderNonce: u32(bytes, 12) }),
  encode: (w, { reserved, packetContextTag, responderNonce }) => {
    writeTag(w, 'packetContextTag', packetContextTag, reserved);
    w.u32('responderNonce', responderNonce);
  },
};
