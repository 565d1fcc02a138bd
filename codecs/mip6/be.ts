/** Binding Error, RFC 6275 section 6.1.9: a Home Address option without a binding, or a message of an unknown type. */
import { unlessZero } from '../decoded.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/** Statuses. */
export const BINDING_ERROR = { unknownBinding: 1, unrecognizedMobilityHeaderType: 2 } as const;

/**
 * BE, the Message Data:
 *
 *                                    |    Status     |   Reserved    |
 *    |                      Home Address (16)                        |
 *    |                     Mobility Options                          |
 */
export interface BE extends MobilityHead {
  readonly kind: 'BE';
  /** 8 bits, a `BINDING_ERROR`. */
  readonly status: number;
  /** 8 bits; 0 when left out. */
  readonly reserved2?: number;
  /** 16 octets: that of the Home Address option, or unspecified. */
  readonly homeAddress: Uint8Array;
}

export const be: MobilityCodec<BE> = {
  type: 7,
  section: 'RFC 6275 section 6.1.9',
  fixed: 24,
  decode: (bytes) => ({ kind: 'BE', status: bytes[6]!, ...unlessZero('reserved2', bytes[7]!), homeAddress: bytes.subarray(8, 24) }),
  encode: (w, message) => {
    w.u8('status', message.status)
      .u8('reserved2', message.reserved2 ?? 0)
      .bytes('homeAddress', message.homeAddress, 16);
  },
};
