/** Home Test Init, RFC 6275 section 6.1.3: begins return routability through the home agent. */
import { unlessZero } from '../decoded.ts';
import { u16, u64 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/**
 * HoTI, the Message Data:
 *
 *    |           Reserved            |
 *    |                  Home Init Cookie (8)|
 *    |                     Mobility Options                          |
 */
export interface HoTI extends MobilityHead {
  readonly kind: 'HoTI';
  /** 16 bits; 0 when left out. */
  readonly reserved2?: number;
  /** 64 bits. */
  readonly homeInitCookie: bigint;
}

export const hoti: MobilityCodec<HoTI> = {
  type: 1,
  section: 'RFC 6275 section 6.1.3',
  fixed: 16,
  decode: (bytes) => ({ kind: 'HoTI', ...unlessZero('reserved2', u16(bytes, 6)), homeInitCookie: u64(bytes, 8) }),
  encode: (w, message) => {
    w.u16('reserved2', message.reserved2 ?? 0).u64('homeInitCookie', message.homeInitCookie);
  },
};
