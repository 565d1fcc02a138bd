/**
 * What a Sec value means: the "CGA SEC" registry of RFC 4982 section 6. It ties a Sec value to a hash function and to the number of
 * leftmost bits of Hash2 that must be zero.
 */
import { sha1 } from '@noble/hashes/legacy.js';

/** A hash function of the registry. */
export interface CgaHash {
  readonly name: 'SHA-1';
  /** The whole digest of `octets`. */
  readonly digest: (octets: Uint8Array) => Uint8Array;
}

/** SHA-1, the only hash that a Sec value stands for (RFC 3972 section 3, RFC 4982 section 6). */
export const SHA1: CgaHash = { name: 'SHA-1', digest: sha1 };

/** One Sec value. */
export interface CgaSec {
  /** 0 to 7: the three leftmost bits of the interface identifier. */
  readonly value: number;
  /** The registry's name, or the name it would have. */
  readonly name: string;
  readonly hash: CgaHash;
  /** How many leftmost bits of Hash2 must be zero: 16 * Sec. */
  readonly hash2Bits: number;
  /** Whether RFC 4982 registered it. 3 to 7 stand in RFC 3972 section 2 alone; RFC 5535 leaves them out. */
  readonly registered: boolean;
}

/**
 * The meaning of Sec 0 to 7, in order. RFC 4982 registers 0, 1 and 2; 3 to 7 keep what RFC 3972 section 2 says, since section 5 there
 * demands that a verifier processes all eight.
 */
export const CGA_SEC: readonly CgaSec[] = Array.from({ length: 8 }, (_, value) => ({
  value,
  name: `SHA-1_${16 * value}hash2bits`,
  hash: SHA1,
  hash2Bits: 16 * value,
  registered: value <= 2,
}));

/** The meaning of a Sec value; a `RangeError` when it is no integer from 0 to 7. @example cgaSec(1).hash2Bits // 16 */
export const cgaSec = (sec: number): CgaSec => {
  const entry = CGA_SEC[sec];
  if (entry === undefined) throw new RangeError(`sec must be an integer from 0 to 7, not ${sec}`);
  return entry;
};
