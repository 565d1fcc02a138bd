/**
 * A Hash2 kernel in WebAssembly that hashes four modifiers at once (RFC 3972 section 4 step 2). SHA-1 (RFC 3174) is written out round by round, and what
 * does not change from one modifier to the next is computed before:
 *
 * - Only the last word of the modifier counts up; so of the first block only word 3 changes. The message schedule is linear over XOR: each of its
 *   words is a constant one, XORed with some rotations of word 3. Those rotations are made once for each four modifiers.
 * - The first three rounds do not see word 3 at all.
 * - The other blocks hold the end of the key and the extension fields: their schedules, with the round constants added, are tables.
 */
import { copyOf, setU32, u32 } from '../bytes.ts';
import { MODIFIER_OCTETS, addToModifier, startsWithZeroBits, type Hash2Kernel } from './kernel.ts';
import { cgaSec } from './sec.ts';
import * as wasm from './wasm.ts';
import type { Code } from './wasm.ts';

/** What of the WebAssembly of browsers and of Node is used; absent elsewhere. */
interface WebAssemblyLike {
  readonly validate: (octets: Uint8Array) => boolean;
  readonly Module: new (octets: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: object } },
  ) => { readonly exports: { readonly run: (word: number, groups: number, tablesEnd: number, mask: number) => number } };
}

const ROUNDS = 80;
const BLOCK = 64;
const INITIAL = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0] as const;
const CONSTANTS = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6] as const;
/** The word of the first block that changes: the last one of the modifier. */
const VARYING = 3;

const rotl = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
const constantOf = (round: number): number => CONSTANTS[Math.floor(round / 20)]!;

/** By which rotations of word 3 each word of the first block's schedule is XORed, as a set of bits. */
const rotations: readonly number[] = (() => {
  const sets: number[] = Array.from({ length: 16 }, (_, i) => Number(i === VARYING));
  for (let t = 16; t < ROUNDS; t += 1) sets.push(rotl(sets[t - 3]! ^ sets[t - 8]! ^ sets[t - 14]! ^ sets[t - 16]!, 1));
  return sets;
})();
const bitsOf = (set: number): readonly number[] => Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (set & (1 << bit)) !== 0);
const usedRotations = bitsOf(rotations.slice(VARYING + 1).reduce((all, each) => all | each, 0));

/**
 * Where the tables lie in the memory, in octets: the words of the first block, the state after the round of word 3 with what of it is constant, the
 * constants, and a table for each further block.
 */
const STATE = ROUNDS * 4;
const ROUND_CONSTANTS = STATE + 20;
const INITIALS = ROUND_CONSTANTS + 16;
const LANES = INITIALS + 20;
const STEP = LANES + 16;
const TABLES = 512;
const TABLE = ROUNDS * 4;
const PAGE = 65_536;
const MOST_BLOCKS = Math.floor((PAGE - TABLES) / TABLE);

/** Locals: the arguments; the table at hand and the group of four; then vectors. */
const [WORD, GROUPS, TABLES_END, MASK, AT, GROUP] = [0, 1, 2, 3, 4, 5] as const;
const STATE_VECTORS = [6, 7, 8, 9, 10] as const;
const SUM_VECTORS = [11, 12, 13, 14, 15] as const;
const COUNTER = 16;
/** Word 3, rotated by so many bits. */
const ROTATED = 17;
const VECTORS = 11 + 32;

const rotate = (local: number, bits: number): Code =>
  wasm.or(wasm.shiftLeft(wasm.get(local), bits), wasm.shiftRight(wasm.get(local), 32 - bits));

/** RFC 3174 section 5. */
const mix = (round: number, b: Code, c: Code, d: Code): Code => {
  if (round < 20) return wasm.xor(d, wasm.and(b, wasm.xor(c, d)));
  if (round < 40 || round >= 60) return wasm.xor(wasm.xor(b, c), d);
  return wasm.or(wasm.and(b, c), wasm.and(d, wasm.or(b, c)));
};

/** The vectors that hold a to e before a round: each round makes the place of e that of the next a. */
const named = (round: number): readonly number[] => STATE_VECTORS.map((_, i) => STATE_VECTORS[(i + 4 * round) % 5]!);

/** The rounds from `from` on; `wordOf` gives the word of a round with its constant added. */
const rounds = (from: number, wordOf: (round: number) => Code): Code => {
  const code: Code[] = [];
  for (let round = from; round < ROUNDS; round += 1) {
    const [a, b, c, d, e] = named(round) as [number, number, number, number, number];
    const sum = wasm.add(wasm.add(wasm.get(e), wordOf(round)), mix(round, wasm.get(b), wasm.get(c), wasm.get(d)));
    code.push(wasm.set(e, wasm.add(sum, rotate(a, 5))), wasm.set(b, rotate(b, 30)));
  }
  return code.flat();
};

const at = (octets: number): Code => wasm.loadSplat(wasm.i32(0), octets);

/** A word of the first block: constant, or XORed with rotations of word 3 before its round constant is added. */
const firstBlockWord = (round: number): Code => {
  const set = rotations[round]!;
  if (set === 0) return at(round * 4);
  const word = bitsOf(set).reduce((code, bits) => wasm.xor(code, wasm.get(ROTATED + bits)), at(round * 4));
  return wasm.add(word, at(ROUND_CONSTANTS + 4 * Math.floor(round / 20)));
};

/** Four modifiers from the one in `COUNTER` on: the sums of their first block, then those of the others. */
const hashFour = (): Code => [
  ...usedRotations.flatMap((bits) => wasm.set(ROTATED + bits, rotate(COUNTER, bits))),
  ...named(VARYING + 1).flatMap((local, i) => wasm.set(local, i === 0 ? wasm.add(wasm.get(COUNTER), at(STATE)) : at(STATE + 4 * i))),
  ...rounds(VARYING + 1, firstBlockWord),
  ...SUM_VECTORS.flatMap((sum, i) => wasm.set(sum, wasm.add(wasm.get(STATE_VECTORS[i]!), at(INITIALS + 4 * i)))),
  ...wasm.set(AT, wasm.i32(TABLES)),
  ...wasm.repeatWhile(wasm.less(wasm.get(AT), wasm.get(TABLES_END)), [
    ...SUM_VECTORS.flatMap((sum, i) => wasm.set(STATE_VECTORS[i]!, wasm.get(sum))),
    ...rounds(0, (round) => wasm.loadSplat(wasm.get(AT), round * 4)),
    ...SUM_VECTORS.flatMap((sum, i) => wasm.set(sum, wasm.add(wasm.get(sum), wasm.get(STATE_VECTORS[i]!)))),
    ...wasm.set(AT, wasm.add32(wasm.get(AT), wasm.i32(TABLE))),
  ]),
];

/** Groups of four from word 3 = `WORD` on: the number of the first modifier whose hash has no bit of `MASK`, or -1. */
const body = (): Code => [
  ...wasm.set(COUNTER, wasm.add(wasm.splat(wasm.get(WORD)), wasm.load(wasm.i32(0), LANES))),
  ...wasm.repeatWhile(wasm.less(wasm.get(GROUP), wasm.get(GROUPS)), [
    ...hashFour(),
    ...wasm.set(AT, wasm.bitmask(wasm.equal(wasm.and(wasm.get(SUM_VECTORS[0]), wasm.splat(wasm.get(MASK))), wasm.splat(wasm.i32(0))))),
    ...wasm.returnIf(wasm.get(AT), wasm.or32(wasm.shiftLeft32(wasm.get(GROUP), wasm.i32(2)), wasm.trailingZeros(wasm.get(AT)))),
    ...wasm.set(COUNTER, wasm.add(wasm.get(COUNTER), at(STEP))),
    ...wasm.set(GROUP, wasm.add32(wasm.get(GROUP), wasm.i32(1))),
  ]),
  ...wasm.i32(-1),
];

/** The whole schedule of a block of 16 words: RFC 3174 section 6.1 step b. */
const scheduleOf = (words: readonly number[]): number[] => {
  const schedule = words.slice(0, 16);
  for (let t = 16; t < ROUNDS; t += 1) schedule.push(rotl(schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!, 1));
  return schedule;
};

/** The blocks of a message, padded as in RFC 3174 section 4. */
const blocksOf = (message: Uint8Array): readonly (readonly number[])[] => {
  const count = Math.ceil((message.length + 9) / BLOCK);
  const padded = new Uint8Array(count * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  setU32(padded, padded.length - 4, message.length * 8);
  return Array.from({ length: count }, (_, block) => Array.from({ length: 16 }, (__, word) => u32(padded, block * BLOCK + word * 4)));
};

/** Writes down what does not change while word 3 counts up; gives the end of the tables. */
const prepare = (memory: DataView, template: Uint8Array, modifier: Uint8Array): number => {
  const write = (octets: number, words: readonly number[]): void => words.forEach((word, i) => memory.setInt32(octets + i * 4, word, true));
  const message = copyOf(template);
  message.set(modifier);
  message.fill(0, VARYING * 4, MODIFIER_OCTETS);
  const [first = [], ...others] = blocksOf(message);
  let [a, b, c, d, e] = INITIAL as readonly number[] as [number, number, number, number, number];
  for (let round = 0; round <= VARYING; round += 1) {
    const sum = rotl(a, 5) + (d ^ (b & (c ^ d))) + e + constantOf(round) + first[round]!;
    [a, b, c, d, e] = [sum | 0, a, rotl(b, 30), c, d];
  }
  write(
    0,
    scheduleOf(first).map((word, round) => (rotations[round] === 0 ? word + constantOf(round) : word) | 0),
  );
  write(STATE, [a, b, c, d, e]);
  write(ROUND_CONSTANTS, CONSTANTS);
  write(INITIALS, INITIAL);
  write(LANES, [0, 1, 2, 3]);
  write(STEP, [4]);
  others.forEach((block, i) =>
    write(
      TABLES + i * TABLE,
      scheduleOf(block).map((word, round) => (word + constantOf(round)) | 0),
    ),
  );
  return TABLES + others.length * TABLE;
};

/**
 * The kernel, where WebAssembly with 128-bit vectors is there; undefined elsewhere. What it cannot hash (another hash than SHA-1, a template of one
 * block or of more than 13,000 octets) `otherwise` does. The module is compiled by the call.
 * @example const kernel = newSimdKernel(portableKernel) ?? portableKernel
 */
export const newSimdKernel = (otherwise: Hash2Kernel): Hash2Kernel | undefined => {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly?: WebAssemblyLike };
  if (WebAssembly === undefined) return undefined;
  const octets = wasm.encodeModule(4, 2, VECTORS, body());
  if (!WebAssembly.validate(octets)) return undefined;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(octets), { env: { memory } }).exports;
  const view = new DataView(memory.buffer);
  return {
    name: 'wasm-simd',
    chunk: 262_144,
    search(template, sec, from, count) {
      const { hash, hash2Bits } = cgaSec(sec);
      const blocks = Math.ceil((template.length + 9) / BLOCK);
      if (hash.name !== 'SHA-1' || hash2Bits === 0 || blocks < 2 || blocks - 1 > MOST_BLOCKS)
        return otherwise.search(template, sec, from, count);
      const mask = hash2Bits >= 32 ? -1 : -1 << (32 - hash2Bits);
      const input = copyOf(template);
      let tested = 0;
      while (tested < count) {
        const modifier = addToModifier(from, tested);
        const tablesEnd = prepare(view, template, modifier);
        // As long as only the last word counts up.
        const word = u32(modifier, VARYING * 4);
        const length = Math.min(count - tested, 2 ** 32 - word);
        let done = 0;
        while (done < length) {
          const found = run(word + done, Math.ceil((length - done) / 4), tablesEnd, mask);
          if (found < 0 || done + found >= length) break;
          done += found + 1;
          const candidate = addToModifier(modifier, done - 1);
          input.set(candidate);
          // The kernel looks at 32 bits.
          if (hash2Bits <= 32 || startsWithZeroBits(hash.digest(input), hash2Bits)) return { tested: tested + done, found: candidate };
        }
        tested += length;
      }
      return { tested: count, found: undefined };
    },
  };
};
