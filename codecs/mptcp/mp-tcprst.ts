/** MP_TCPRST, RFC 8684 section 3.6: says why a subflow is reset. v0 has no such option. */
import { ranged } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginOption, type OptionCodec } from './option-codec.ts';

/**
 * MP_TCPRST.
 *
 *     +---------------+---------------+-------+-----------------------+
 *     |     Kind      |    Length     |Subtype|U|V|W|T|    Reason     |
 *     +---------------+---------------+-------+-----------------------+
 */
export interface MpTcprst {
  readonly kind: 'MP_TCPRST';
  /** T: the error is transient. */
  readonly transient: boolean;
  /** 8 bits, see `TCPRST_REASONS`. */
  readonly reason: number;
  /** U, V, W: 3 bits. */
  readonly reserved: number;
}

/** The reason codes by number, RFC 8684 section 7.4. */
export const TCPRST_REASONS: readonly string[] = [
  'Unspecified error',
  'MPTCP-specific error',
  'Lack of resources',
  'Administratively prohibited',
  'Too much outstanding data',
  'Unacceptable performance',
  'Middlebox interference',
];

export const mpTcprst: OptionCodec<MpTcprst> = {
  kind: 'MP_TCPRST',
  subtype: 0x8,
  lengths: { 0: [], 1: [4] },
  sections: { 0: 'RFC 6824 section 8', 1: 'RFC 8684 section 3.6' },
  decode: (bytes, offset) =>
    decoded({
      kind: 'MP_TCPRST',
      transient: (bytes[offset + 2]! & 0x01) !== 0,
      reason: bytes[offset + 3]!,
      reserved: (bytes[offset + 2]! >>> 1) & 0x07,
    }),
  encode: (x) =>
    beginOption(0x8, 4, (ranged('reserved', x.reserved, 7) << 1) | (x.transient ? 1 : 0))
      .u8('reason', x.reason)
      .finish(),
};
