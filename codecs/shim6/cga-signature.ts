/** CGA Signature, RFC 5533 section 5.15.5: the sender's signature of its locators whose method is CGA. */
import { decoded } from '../decoded.ts';
import type { OptionCodec, OptionHead } from './option-codec.ts';

/**
 * CGA Signature.
 *
 *    |           Type = 5          |0|            Length             |
 *    ~                        CGA Signature                          ~
 */
export interface CgaSignature extends OptionHead {
  readonly kind: 'CgaSignature';
  /** RSASSA-PKCS1-v1_5, which `verifyLocators` of `codecs/cga` verifies. */
  readonly signature: Uint8Array;
}

export const cgaSignature: OptionCodec<CgaSignature> = {
  kind: 'CgaSignature',
  type: 5,
  section: 'RFC 5533 section 5.15.5',
  decode: (contents) => decoded({ kind: 'CgaSignature', signature: contents }),
  encode: ({ signature }) => signature,
};
