/** Home Test, RFC 6275 section 6.1.5: answers a Home Test Init, by way of the home agent. */
import { u16, u64 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/**
 * HoT, the Message Data:
 *
 *    |      Home Nonce Index         |
 *    |                  Home Init Cookie (8)|
 *    |                  Home Keygen Token (8)                      |
 *    |                     Mobility Options                          |
 */
export interface HoT extends MobilityHead {
  readonly kind: 'HoT';
  /** 16 bits. */
  readonly homeNonceIndex: number;
  /** 64 bits, as in the message that it answers. */
  readonly homeInitCookie: bigint;
  /** 64 bits. */
  readonly homeKeygenToken: bigint;
}

export const hot: MobilityCodec<HoT> = {
  type: 3,
  section: 'RFC 6275 section 6.1.5',
  fixed: 24,
  decode: (bytes) => ({ kind: 'HoT', homeNonceIndex: u16(bytes, 6), homeInitCookie: u64(bytes, 8), homeKeygenToken: u64(bytes, 16) }),
  encode: (w, message) => {
    w.u16('homeNonceIndex', message.homeNonceIndex)
      .u64('homeInitCookie', message.homeInitCookie)
      .u64('homeKeygenToken', message.homeKeygenToken);
  },
};
