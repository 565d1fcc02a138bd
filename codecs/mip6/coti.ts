/** Care-of Test Init, RFC 6275 section 6.1.4: begins return routability on the direct path. */
import { unlessZero } from '../decoded.ts';
import { u16, u64 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/**
 * CoTI, the Message Data:
 *
 *    |           Reserved            |
 *    |                  Care-of Init Cookie (8)|
 *    |                     Mobility Options                          |
 */
export interface CoTI extends MobilityHead {
  readonly kind: 'CoTI';
  /** 16 bits; 0 when left out. */
  readonly reserved2?: number;
  /** 64 bits. */
  readonly careOfInitCookie: bigint;
}

export const coti: MobilityCodec<CoTI> = {
  type: 2,
  section: 'RFC 6275 section 6.1.4',
  fixed: 16,
  decode: (bytes) => ({ kind: 'CoTI', ...unlessZero('reserved2', u16(bytes, 6)), careOfInitCookie: u64(bytes, 8) }),
  encode: (w, message) => {
    w.u16('reserved2', message.reserved2 ?? 0).u64('careOfInitCookie', message.careOfInitCookie);
  },
};
