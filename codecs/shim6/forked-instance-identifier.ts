/** Forked Instance Identifier, RFC 5533 section 5.15.7: tells the contexts of one ULID pair apart. */
import { ByteWriter, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { OptionCodec, OptionHead } from './option-codec.ts';

/**
 * Forked Instance Identifier.
 *
 *    |           Type = 7          |0|         Length = 4            |
 *    |                  Forked Instance Identifier                   |
 */
export interface ForkedInstanceIdentifier extends OptionHead {
  readonly kind: 'ForkedInstanceIdentifier';
  /** 32 bits; the context that was not forked has 0, and no option. */
  readonly forkedInstanceIdentifier: number;
}

const SECTION = 'RFC 5533 section 5.15.7';

export const forkedInstanceIdentifier: OptionCodec<ForkedInstanceIdentifier> = {
  kind: 'ForkedInstanceIdentifier',
  type: 7,
  section: SECTION,
  decode: (contents) =>
    contents.length === 4
      ? decoded({ kind: 'ForkedInstanceIdentifier', forkedInstanceIdentifier: u32(contents, 0) })
      : undecodable('bad-length', 2, `a forked instance identifier has 4 octets of contents, not ${contents.length}`, SECTION),
  encode: (option) => new ByteWriter().u32('forkedInstanceIdentifier', option.forkedInstanceIdentifier).finish(),
};
