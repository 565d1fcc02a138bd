/** Keepalive, RFC 5534 section 5.1: says that packets arrive, where there is nothing else to send. */
import { unlessZero } from '../decoded.ts';
import { u32 } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from '../shim6/message-codec.ts';

/**
 * Keepalive.
 *
 *   |  Next Header  |  Hdr Ext Len  |0|  Type = 66  |  Reserved1  |0|
 *   |            Checksum           |R|                             |
 *   |                    Receiver Context Tag                       |
 *   |                           Reserved2                           |
 *   ~                            Options                            ~
 */
export interface Keepalive extends ControlMessage {
  readonly kind: 'Keepalive';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the receiver. */
  readonly receiverContextTag: number;
  /** 32 bits; 0 when left out. */
  readonly reserved2?: number;
}

export const keepalive: MessageCodec<Keepalive> = {
  type: 66,
  section: 'RFC 5534 section 5.1',
  fixed: 16,
  decode: (bytes) => ({
    kind: 'Keepalive',
    ...readReservedBit(bytes),
    receiverContextTag: readTag(bytes),
    ...unlessZero('reserved2', u32(bytes, 12)),
  }),
  encode: (w, { reserved, receiverContextTag, reserved2 }) => {
    writeTag(w, 'receiverContextTag', receiverContextTag, reserved);
    w.u32('reserved2', reserved2 ?? 0);
  },
};
