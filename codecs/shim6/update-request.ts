/** Update Request, RFC 5533 section 5.10: a new locator list, or new preferences. */
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * UpdateRequest.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 64  |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                      Receiver Context Tag                     |
 *    |                         Request Nonce                         |
 *    ~                         Options                               ~
 */
export interface UpdateRequest extends ControlMessage {
  readonly kind: 'UpdateRequest';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the receiver. */
  readonly receiverContextTag: number;
  /** 32 bits. */
  readonly requestNonce: number;
}

export const updateRequest: MessageCodec<UpdateRequest> = {
  type: 64,
  section: 'RFC 5533 section 5.10',
  fixed: 16,
  decode: (bytes) => ({
    kind: 'UpdateRequest',
    ...readReservedBit(bytes),
    receiverContextTag: readTag(bytes),
    requestNonce: u32(bytes, 12),
  }),
  encode: (w, { reserved, receiverContextTag, requestNonce }) => {
    writeTag(w, 'receiverContextTag', receiverContextTag, reserved);
    w.u32('requestNonce', requestNonce);
  },
};
