/** Update Acknowledgement, RFC 5533 section 5.11. */
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * UpdateAck.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 65  |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                      Receiver Context Tag                     |
 *    |                         Request Nonce                         |
 *    ~                         Options                               ~
 */
export interface UpdateAck extends ControlMessage {
  readonly kind: 'UpdateAck';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the receiver. */
  readonly receiverContextTag: number;
  /** 32 bits, as in the Update Request. */
  readonly requestNonce: number;
}

export const updateAck: MessageCodec<UpdateAck> = {
  type: 65,
  section: 'RFC 5533 section 5.11',
  fixed: 16,
  decode: (bytes) => ({ kind: 'UpdateAck', ...readReservedBit(bytes), receiverContextTag: readTag(bytes), requestNonce: u32(bytes, 12) }),
  encode: (w, { reserved, receiverContextTag, requestNonce }) => {
    writeTag(w, 'receiverContextTag', receiverContextTag, reserved);
    w.u32('requestNonce', requestNonce);
  },
};
