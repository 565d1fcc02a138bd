/** Binding Refresh Request, RFC 6275 section 6.1.2: asks a mobile node to update its binding. */
import { unlessZero } from '../decoded.ts';
import { u16 } from '../bytes.ts';
import type { MobilityCodec, MobilityHead } from './message-codec.ts';

/**
 * BRR, the Message Data:
 *
 *    |          Reserved             | Mobility Options ...
 */
export interface BRR extends MobilityHead {
  readonly kind: 'BRR';
  /** 16 bits; 0 when left out. */
  readonly reserved2?: number;
}

export const brr: MobilityCodec<BRR> = {
  type: 0,
  section: 'RFC 6275 section 6.1.2',
  fixed: 8,
  decode: (bytes) => ({ kind: 'BRR', ...unlessZero('reserved2', u16(bytes, 6)) }),
  encode: (w, message) => {
    w.u16('reserved2', message.reserved2 ?? 0);
  },
};
