/** Binding Refresh Advice, RFC 6275 section 6.2.4: when the home agent wants to hear again. */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * BindingRefreshAdvice.
 *
 *    |   Type = 2    |   Length = 2  |       Refresh Interval        |
 */
export interface BindingRefreshAdvice {
  readonly kind: 'BindingRefreshAdvice';
  /** 16 bits, in units of 4 seconds. */
  readonly refreshInterval: number;
}

const SECTION = 'RFC 6275 section 6.2.4';

export const bindingRefreshAdvice: MobilityOptionCodec<BindingRefreshAdvice> = {
  kind: 'BindingRefreshAdvice',
  type: 2,
  section: SECTION,
  alignment: { every: 2, offset: 0 },
  decode: (data) =>
    data.length === 2
      ? decoded({ kind: 'BindingRefreshAdvice', refreshInterval: u16(data, 0) })
      : undecodable('bad-length', 1, `the option has 2 octets of data, not ${data.length}`, SECTION),
  encode: (option) => new ByteWriter(2).u16('refreshInterval', option.refreshInterval).finish(),
};
