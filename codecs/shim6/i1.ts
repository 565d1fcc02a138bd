/** I1, RFC 5533 section 5.4: the first message of a context establishment. */
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from './message-codec.ts';

/**
 * I1.
 *
 *    |       59      |  Hdr Ext Len  |0|  Type = 1   |   Reserved1 |0|
 *    |            Checksum           |R|                             |
 *    |                  Initiator Context Tag                        |
 *    |                    Initiator Nonce                            |
 *    ~                         Options                               ~
 */
export interface I1 extends ControlMessage {
  readonly kind: 'I1';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the initiator. */
  readonly initiatorContextTag: number;
  /** 32 bits. */
  readonly initiatorNonce: number;
}

export const i1: MessageCodec<I1> = {
  type: 1,
  section: 'RFC 5533 section 5.4',
  fixed: 16,
  decode: (bytes) => ({ kind: 'I1', ...readReservedBit(bytes), initiatorContextTag: readTag(bytes), initiatorNonce: u32(bytes, 12) }),
  encode: (w, { reserved, initiatorContextTag, initiatorNonce }) => {
    writeTag(w, 'initiatorContextTag', initiatorContextTag, reserved);
    w.u32('initiatorNonce', initiatorNonce);
  },
};
