/** The common header of all shim6 control messages, RFC 5533 section 5.3, and what a codec of one message is. */
import { ByteWriter, ranged, u16, u32 } from '../bytes.ts';
import { sum16 } from '../checksum.ts';
import { encodeOptions } from './option.ts';
import type { Shim6Option } from './option.ts';

/** The next header of a message that nothing follows (RFC 5533 section 5.3). */
export const NO_NEXT_HEADER = 59;

/** A context tag has 47 bits. */
export const MAX_CONTEXT_TAG = 2 ** 47 - 1;

/**
 * What every control message has:
 *
 *    |  Next Header  |  Hdr Ext Len  |0|     Type    |Type-specific|S|
 *    |            Checksum           |  type-specific ...
 *
 * Hdr Ext Len follows from the options, P and S are 0: with P it is a Payload Extension header, with S a HIP message.
 */
export interface ControlMessage {
  /** Normally 59, "no next header", which it is when left out. */
  readonly nextHeader?: number;
  /** As it was sent; computed when left out. `checksumOf` says what it should be. */
  readonly checksum?: number;
  /** Reserved1, 7 bits; 0 when left out. */
  readonly reserved1?: number;
  /** In their order; none when left out. */
  readonly options?: readonly Shim6Option[];
}

/** The codec of one message: what stands between the checksum and the options. */
export interface MessageCodec<M> {
  readonly type: number;
  readonly section: string;
  /** Octets up to the options, the common header included. */
  readonly fixed: number;
  /** The fields of a message of at least `fixed` octets. */
  readonly decode: (bytes: Uint8Array) => M;
  /** Writes the octets from the sixth on, up to the options. */
  readonly encode: (w: ByteWriter, message: M) => void;
  /** Octets of what comes before the options where it is more than `fixed`: a length that the message has in it. */
  readonly length?: (bytes: Uint8Array) => number;
}

/** R (1 bit) and a context tag (47 bits) at octet 6. */
export const readTag = (bytes: Uint8Array): number => (u16(bytes, 6) & 0x7fff) * 2 ** 32 + u32(bytes, 8);

/** The bit before the context tag, where it is set. */
export const readReservedBit = (bytes: Uint8Array): { readonly reserved?: number } => ((bytes[6]! & 0x80) === 0 ? {} : { reserved: 1 });

/** Writes R and a context tag. */
export const writeTag = (w: ByteWriter, field: string, tag: number, reserved = 0): void => {
  ranged(field, tag, MAX_CONTEXT_TAG);
  w.u16('reserved', (ranged('reserved', reserved, 1) << 15) | Math.floor(tag / 2 ** 32)).u32(field, tag % 2 ** 32);
};

/**
 * The checksum that a message should have: over the message alone, without a pseudo-header and without what follows it (RFC 5533 section 5.3).
 * @example checksumOf(bytes) === u16(bytes, 4)
 */
export const checksumOf = (message: Uint8Array): number => {
  const end = Math.min(message.length, ((message[1] ?? 0) + 1) * 8);
  // Summed without the checksum itself: octets 4 and 5.
  let sum = sum16(message, 0, Math.min(4, end)) + sum16(message, Math.min(6, end), end);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

/** The octets of a control message; `octet3` is Reserved1 or whatever a message has in its place. */
export const encodeControl = (message: ControlMessage, type: number, octet3: number, write: (w: ByteWriter) => void): Uint8Array => {
  const w = new ByteWriter();
  w.u8('nextHeader', message.nextHeader ?? NO_NEXT_HEADER).u8('hdrExtLen', 0);
  w.u8('type', ranged('type', type, 0x7f)).u8('reserved1', ranged('reserved1', octet3, 0x7f) << 1);
  w.u16('checksum', message.checksum ?? 0);
  write(w);
  w.bytes('options', encodeOptions(message.options ?? []));
  const octets = w.finish();
  if (octets.length % 8 !== 0) throw new RangeError(`the message must be a multiple of 8 octets, not ${octets.length}`);
  octets[1] = ranged('hdrExtLen', octets.length / 8 - 1, 0xff);
  if (message.checksum === undefined) {
    const checksum = checksumOf(octets);
    octets[4] = checksum >>> 8;
    octets[5] = checksum & 0xff;
  }
  return octets;
};
