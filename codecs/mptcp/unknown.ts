/** An MPTCP option whose subtype nobody here knows: kept as it is, so that it survives (RFC 8684 section 3, Figure 3, and section 7.2). */
import { ranged } from '../bytes.ts';
import { decoded, type Decoded } from '../decoded.ts';
import { beginOption, LONGEST_OPTION } from './option-codec.ts';

/**
 * An unassigned subtype (0x9 to 0xe; in v0 also 0x8), or an MP_CAPABLE whose form a later specification defines.
 *
 *     +---------------+---------------+-------+-----------------------+
 *     |     Kind      |    Length     |Subtype|                       |
 *     +---------------+---------------+-------+                       |
 *     |                     Subtype-specific data                     |
 *     +---------------------------------------------------------------+
 */
export interface UnknownOption {
  readonly kind: 'UNKNOWN';
  readonly subtype: number;
  /** The 4 bits beside the Subtype. */
  readonly firstBits: number;
  /** The octets after them, 0 to 37. */
  readonly data: Uint8Array;
}

/** The octets of an option of which only Figure 3 is known; shared with MP_EXPERIMENTAL. */
export const encodeOpaque = (subtype: number, firstBits: number, data: Uint8Array): Uint8Array => {
  if (data.length > LONGEST_OPTION - 3) throw new RangeError(`data must be at most ${LONGEST_OPTION - 3} octets, not ${data.length}`);
  return beginOption(subtype, 3 + data.length, ranged('firstBits', firstBits, 0xf))
    .bytes('data', data)
    .finish();
};

/** Takes any option of 3 octets or more. */
export const decodeUnknown = (bytes: Uint8Array, offset: number, length: number): Decoded<UnknownOption> =>
  decoded({
    kind: 'UNKNOWN',
    subtype: bytes[offset + 2]! >>> 4,
    firstBits: bytes[offset + 2]! & 0x0f,
    data: bytes.subarray(offset + 3, offset + length),
  });

export const encodeUnknown = (x: UnknownOption): Uint8Array => encodeOpaque(x.subtype, x.firstBits, x.data);
