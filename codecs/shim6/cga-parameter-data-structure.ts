/** CGA Parameter Data Structure, RFC 5533 section 5.15.4: what proves that the sender's locators are its own. */
import { decoded } from '../decoded.ts';
import type { OptionCodec, OptionHead } from './option-codec.ts';

/**
 * CGA Parameter Data Structure.
 *
 *    |           Type = 4          |0|            Length             |
 *    ~                   CGA Parameter Data Structure                ~
 */
export interface CgaParameterDataStructure extends OptionHead {
  readonly kind: 'CgaParameterDataStructure';
  /** CGA Parameters (RFC 3972 section 3), which `codecs/cga` decodes. */
  readonly cgaParameters: Uint8Array;
}

export const cgaParameterDataStructure: OptionCodec<CgaParameterDataStructure> = {
  kind: 'CgaParameterDataStructure',
  type: 4,
  section: 'RFC 5533 section 5.15.4',
  decode: (contents) => decoded({ kind: 'CgaParameterDataStructure', cgaParameters: contents }),
  encode: ({ cgaParameters }) => cgaParameters,
};
