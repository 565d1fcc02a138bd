/** Keepalive Timeout option, RFC 5534 section 5.3: for how long the peer should answer payload with keepalives. */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable, unlessZero } from '../decoded.ts';
import type { OptionCodec, OptionHead } from '../shim6/option-codec.ts';

/**
 * Keepalive Timeout.
 *
 *   |           Type = 10         |0|        Length  = 4            |
 *   +           Reserved            |      Keepalive Timeout        |
 */
export interface KeepaliveTimeout extends OptionHead {
  readonly kind: 'KeepaliveTimeout';
  /** 16 bits; 0 when left out. */
  readonly reserved?: number;
  /** In seconds. */
  readonly keepaliveTimeout: number;
}

const SECTION = 'RFC 5534 section 5.3';

export const keepaliveTimeout: OptionCodec<KeepaliveTimeout> = {
  kind: 'KeepaliveTimeout',
  type: 10,
  section: SECTION,
  decode: (contents) =>
    contents.length === 4
      ? decoded({ kind: 'KeepaliveTimeout', ...unlessZero('reserved', u16(contents, 0)), keepaliveTimeout: u16(contents, 2) })
      : undecodable('bad-length', 2, `a keepalive timeout has 4 octets of contents, not ${contents.length}`, SECTION),
  encode: (option) =>
    new ByteWriter()
      .u16('reserved', option.reserved ?? 0)
      .u16('keepaliveTimeout', option.keepaliveTimeout)
      .finish(),
};
