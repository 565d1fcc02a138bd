/** Care-of Test, RFC 6275 section 6.1.6: answers a Care-of Test Init. */
import { u16, u64 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/**
 * CoT, the Message Data:
 *
 *    |      Care-of Nonce Index         |
 *    |                  Care-of Init Cookie (8)|
 *    |                  Care-of Keygen Token (8)                      |
 *    |                     Mobility Options                          |
 */
export interface CoT extends MobilityHead {
  readonly kind: 'CoT';
  /** 16 bits. */
  readonly careOfNonceIndex: number;
  /** 64 bits, as in the message that it answers. */
  readonly careOfInitCookie: bigint;
  /** 64 bits. */
  readonly careOfKeygenToken: bigint;
}

export const cot: MobilityCodec<CoT> = {
  type: 4,
  section: 'RFC 6275 section 6.1.6',
  fixed: 24,
  decode: (bytes) => ({ kind: 'CoT', careOfNonceIndex: u16(bytes, 6), careOfInitCookie: u64(bytes, 8), careOfKeygenToken: u64(bytes, 16) }),
  encode: (w, message) => {
    w.u16('careOfNonceIndex', message.careOfNonceIndex)
      .u64('careOfInitCookie', message.careOfInitCookie)
      .u64('careOfKeygenToken', message.careOfKeygenToken);
  },
};
