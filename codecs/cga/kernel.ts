/**
 * Kernels of the Hash2 search: what tests a run of modifiers (RFC 3972 section 4 steps 2 and 3). This is the portable one, and what all of
 * them have in common.
 */
import { copyOf, setU32, u32 } from '../bytes.ts';
import { cgaSec } from './sec.ts';

/** The octets of a modifier (RFC 3972 section 3). */
export const MODIFIER_OCTETS = 16;

/** What a kernel found in a run of modifiers. */
export interface Hash2Result {
  /** How many modifiers were tested: up to and with the one found, or the whole run. */
  readonly tested: number;
  /** The lowest fitting modifier of the run (16 octets, the caller's to keep), if there is one. */
  readonly found: Uint8Array | undefined;
}

/**
 * Tests the `count` modifiers from `from` on, upwards, wrapping from 2^128 - 1 to 0, and stops at the first that fits.
 *
 * - `template`: the input of Hash2 (RFC 3972 section 3): 16 octets for the modifier, whose value here does not matter, 9 zero octets,
 *   the public key, the extension fields. At least 25 octets.
 * - `sec`: 1 to 7; the leftmost 16 * Sec bits of the hash must be zero.
 * - `from`: 16 octets. `count`: 1 to 2^31 - 1.
 *
 * Neither `template` nor `from` is changed or kept. Every kernel gives the same result for the same arguments, bit for bit.
 */
export type Hash2Run<Result> = (template: Uint8Array, sec: number, from: Uint8Array, count: number) => Result;

/** A hash implementation that searches in the calling thread. */
export interface Hash2Kernel {
  /** For people, such as `portable`. */
  readonly name: string;
  /** How many modifiers to test in one call: some 5 to 50 ms of work, so that progress and cancellation are prompt. */
  readonly chunk: number;
  readonly search: Hash2Run<Hash2Result>;
}

/** `modifier` + `add` modulo 2^128, as a new array; `add` is an integer from 0 to 2^53 - 1. @example addToModifier(modifier, 1) */
export const addToModifier = (modifier: Uint8Array, add: number): Uint8Array => {
  const sum = copyOf(modifier);
  let carry = add;
  for (let at = MODIFIER_OCTETS - 4; at >= 0 && carry > 0; at -= 4) {
    const word = u32(sum, at) + (carry % 2 ** 32);
    setU32(sum, at, word % 2 ** 32);
    carry = Math.floor(carry / 2 ** 32) + Math.floor(word / 2 ** 32);
  }
  return sum;
};

/** Whether the leftmost `bits` bits of a digest, a multiple of 16, are zero (RFC 3972 section 4 step 3). @example startsWithZeroBits(hash2, 16 * sec) */
export const startsWithZeroBits = (digest: Uint8Array, bits: number): boolean => {
  for (let i = 0; i < bits / 8; i++) if (digest[i] !== 0) return false;
  return true;
};

/**
 * The kernel for every place: the hash of the registry (`cgaSec`), one modifier after another.
 * @example portableKernel.search(template, 1, modifier, 65_536).found
 */
export const portableKernel: Hash2Kernel = {
  name: 'portable',
  chunk: 16_384,
  search(template, sec, from, count) {
    const { hash, hash2Bits } = cgaSec(sec);
    const input = copyOf(template);
    input.set(from);
    for (let tested = 1; tested <= count; tested++) {
      if (startsWithZeroBits(hash.digest(input), hash2Bits)) return { tested, found: copyOf(input, 0, MODIFIER_OCTETS) };
      // Plus one, in place: the next octet to the left counts when this one wrapped to 0.
      for (let at = MODIFIER_OCTETS - 1; at >= 0; at--) {
        input[at]! += 1;
        if (input[at] !== 0) break;
      }
    }
    return { tested: count, found: undefined };
  },
};
