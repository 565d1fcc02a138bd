/** What the options of shim6 have in common, RFC 5533 section 5.15: Type (15 bits), C, Length, Contents, padding to a multiple of 8 octets. */
import type { Decoded } from '../decoded.ts';

/** What every option has. */
export interface OptionHead {
  /** C: a receiver that does not know the option must not process the message. False when left out. */
  readonly critical?: boolean;
  /** The octets after the contents, where they are not zeros; Length does not count them. */
  readonly padding?: Uint8Array;
}

/** The codec of one option. */
export interface OptionCodec<O> {
  readonly kind: string;
  readonly type: number;
  readonly section: string;
  /** The fields of `contents`. Offsets of errors count from the option's Type. */
  readonly decode: (contents: Uint8Array) => Decoded<O>;
  readonly encode: (option: O) => Uint8Array;
}

/** Octets before the contents. */
export const OPTION_HEADER = 4;

/** The padding of contents of `length` octets. @example paddingOf(20) // 0 */
export const paddingOf = (length: number): number => 7 - ((length + 3) % 8);
