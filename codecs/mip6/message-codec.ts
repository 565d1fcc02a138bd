/** The Mobility Header, RFC 6275 section 6.1.1, and what a codec of one message is. */
import type { ByteWriter } from '../bytes.ts';
import type { MobilityOption } from './option.ts';

/** The next header of a message that nothing follows, which is always so (RFC 6275 section 6.1.1). */
export const NO_NEXT_HEADER = 59;

/**
 * What every message has:
 *
 *    | Payload Proto |  Header Len   |   MH Type     |   Reserved    |
 *    |           Checksum            |       Message Data            |
 *
 * Header Len follows from the options.
 */
export interface MobilityHead {
  /** Always 59, which it is when left out. */
  readonly payloadProto?: number;
  /** 8 bits; 0 when left out. */
  readonly reserved?: number;
  /** As it was sent; 0 when left out: `fillMobilityChecksum` computes it, for which it takes the packet's addresses. */
  readonly checksum?: number;
  /** In their order, padding among them; none when left out. */
  readonly options?: readonly MobilityOption[];
}

/** The codec of one message: what stands between the checksum and the options. */
export interface MobilityCodec<M> {
  readonly type: number;
  readonly section: string;
  /** Octets up to the options, the header included. */
  readonly fixed: number;
  /** The fields of a message of at least `fixed` octets. */
  readonly decode: (bytes: Uint8Array) => M;
  /** Writes the octets from the sixth on, up to the options. */
  readonly encode: (w: ByteWriter, message: M) => void;
}
