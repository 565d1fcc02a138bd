/** The Payload Extension header, RFC 5533 section 5.2: it goes before the payload of packets whose addresses are not the ULIDs. */
import { ByteWriter, ranged, u16, u32 } from '../bytes.ts';
import { MAX_CONTEXT_TAG } from './message-codec.ts';

/**
 * Payload Extension header.
 *
 *    |  Next Header  |       0       |1|                             |
 *    |                    Receiver Context Tag                       |
 */
export interface PayloadExtension {
  readonly kind: 'PayloadExtension';
  /** What follows. */
  readonly nextHeader: number;
  /** 47 bits, allocated by the receiver. */
  readonly receiverContextTag: number;
}

/** Its octets. */
export const PAYLOAD_EXTENSION_OCTETS = 8;

/** The header at the start of `bytes`, which hold 8 octets. */
export const decodePayloadExtension = (bytes: Uint8Array): PayloadExtension => ({
  kind: 'PayloadExtension',
  nextHeader: bytes[0]!,
  receiverContextTag: (u16(bytes, 2) & 0x7fff) * 2 ** 32 + u32(bytes, 4),
});

export const encodePayloadExtension = ({ nextHeader, receiverContextTag }: PayloadExtension): Uint8Array =>
  new ByteWriter(PAYLOAD_EXTENSION_OCTETS)
    .u8('nextHeader', nextHeader)
    .u8('hdrExtLen', 0)
    .u16('receiverContextTag', 0x8000 | Math.floor(ranged('receiverContextTag', receiverContextTag, MAX_CONTEXT_TAG) / 2 ** 32))
    .u32('receiverContextTag', receiverContextTag % 2 ** 32)
    .finish();
