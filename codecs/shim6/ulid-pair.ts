/** ULID Pair, RFC 5533 section 5.15.6: the ULIDs of a context, where they are not the addresses of the packet. */
import { ByteWriter, u32 } from '../bytes.ts';
import { decoded, undecodable, unlessZero } from '../decoded.ts';
import type { OptionCodec, OptionHead } from './option-codec.ts';

/**
 * ULID Pair.
 *
 *    |           Type = 6          |0|        Length = 36            |
 *    |                       Reserved2                               |
 *    |                      Sender ULID (16)                         |
 *    |                     Receiver ULID (16)                        |
 */
export interface UlidPair extends OptionHead {
  readonly kind: 'UlidPair';
  /** 32 bits; 0 when left out. */
  readonly reserved2?: number;
  /** 16 octets each. */
  readonly senderUlid: Uint8Array;
  readonly receiverUlid: Uint8Array;
}

const SECTION = 'RFC 5533 section 5.15.6';

export const ulidPair: OptionCodec<UlidPair> = {
  kind: 'UlidPair',
  type: 6,
  section: SECTION,
  decode: (contents) =>
    contents.length === 36
      ? decoded({
          kind: 'UlidPair',
          ...unlessZero('reserved2', u32(contents, 0)),
          senderUlid: contents.subarray(4, 20),
          receiverUlid: contents.subarray(20, 36),
        })
      : undecodable('bad-length', 2, `a ULID pair has 36 octets of contents, not ${contents.length}`, SECTION),
  encode: ({ reserved2, senderUlid, receiverUlid }) =>
    new ByteWriter()
      .u32('reserved2', reserved2 ?? 0)
      .bytes('senderUlid', senderUlid, 16)
      .bytes('receiverUlid', receiverUlid, 16)
      .finish(),
};
