/** Nonce Indices, RFC 6275 section 6.2.6: with which nonces the keygen tokens were made. */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * NonceIndices.
 *
 *    |   Type = 4    |   Length = 4  |
 *    |      Home Nonce Index         |    Care-of Nonce Index        |
 */
export interface NonceIndices {
  readonly kind: 'NonceIndices';
  /** 16 bits each; without a care-of keygen token (deregistration) the second is not used. */
  readonly homeNonceIndex: number;
  readonly careOfNonceIndex: number;
}

const SECTION = 'RFC 6275 section 6.2.6';

export const nonceIndices: MobilityOptionCodec<NonceIndices> = {
  kind: 'NonceIndices',
  type: 4,
  section: SECTION,
  alignment: { every: 2, offset: 0 },
  decode: (data) =>
    data.length === 4
      ? decoded({ kind: 'NonceIndices', homeNonceIndex: u16(data, 0), careOfNonceIndex: u16(data, 2) })
      : undecodable('bad-length', 1, `the option has 4 octets of data, not ${data.length}`, SECTION),
  encode: (option) =>
    new ByteWriter(4).u16('homeNonceIndex', option.homeNonceIndex).u16('careOfNonceIndex', option.careOfNonceIndex).finish(),
};
