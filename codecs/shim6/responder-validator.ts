/** Responder Validator, RFC 5533 section 5.15.1: what a stateless responder recognises its own R1 by. */
import { decoded } from '../decoded.ts';
import type { OptionCodec, OptionHead } from './option-codec.ts';

/**
 * Responder Validator.
 *
 *    |           Type = 1          |0|            Length             |
 *    ~                           Validator                           ~
 */
export interface ResponderValidator extends OptionHead {
  readonly kind: 'ResponderValidator';
  /** Any number of octets; only the responder knows what they mean. */
  readonly validator: Uint8Array;
}

export const responderValidator: OptionCodec<ResponderValidator> = {
  kind: 'ResponderValidator',
  type: 1,
  section: 'RFC 5533 section 5.15.1',
  decode: (contents) => decoded({ kind: 'ResponderValidator', validator: contents }),
  encode: ({ validator }) => validator,
};
