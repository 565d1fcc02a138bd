/**
 * Just enough of WebAssembly's binary format (WebAssembly Core Specification 2.0, chapter 5) to write one module down: a function over an
 * imported memory. A code is a list of octets; what takes operands takes their codes, in the order in which they are evaluated.
 */

/** The octets of some instructions. */
export type Code = readonly number[];

/** LEB128 of an unsigned integer (section 5.2.2). */
const unsigned = (n: number): Code => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...unsigned(n >>> 7)]);

/** LEB128 of a signed 32-bit integer. */
const signed = (n: number): Code => (n >= -64 && n < 64 ? [n & 0x7f] : [(n & 0x7f) | 0x80, ...signed(n >> 7)]);

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (code: Code): Code => [...unsigned(code.length), ...code];
const simd = (opcode: number, ...operands: Code): Code => [0xfd, ...unsigned(opcode), ...operands];

const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;

/** Section 5.4.5: variables. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** Sections 5.4.1 and 5.4.7: control and 32-bit integers. */
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const add32 = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const shiftLeft32 = (a: Code, b: Code): Code => [...a, ...b, 0x74];
export const trailingZeros = (a: Code): Code => [...a, 0x68];
export const or32 = (a: Code, b: Code): Code => [...a, ...b, 0x72];
export const less = (a: Code, b: Code): Code => [...a, ...b, 0x49];
/** Runs `body` again as long as `condition` holds after it. */
export const repeatWhile = (condition: Code, body: Code): Code => [0x03, EMPTY, ...body, ...condition, 0x0d, 0, 0x0b];
export const returnIf = (condition: Code, value: Code): Code => [...condition, 0x04, EMPTY, ...value, 0x0f, 0x0b];

/** Section 5.4.8: vectors of four 32-bit integers. */
export const splat = (a: Code): Code => [...a, ...simd(17)];
/** Four times the integer at `address` + `offset` octets of the memory. */
export const loadSplat = (address: Code, offset: number): Code => [...address, ...simd(9, 2, ...unsigned(offset))];
export const load = (address: Code, offset: number): Code => [...address, ...simd(0, 4, ...unsigned(offset))];
export const and = (a: Code, b: Code): Code => [...a, ...b, ...simd(78)];
export const or = (a: Code, b: Code): Code => [...a, ...b, ...simd(80)];
export const xor = (a: Code, b: Code): Code => [...a, ...b, ...simd(81)];
export const add = (a: Code, b: Code): Code => [...a, ...b, ...simd(174)];
export const shiftLeft = (a: Code, bits: number): Code => [...a, ...i32(bits), ...simd(171)];
export const shiftRight = (a: Code, bits: number): Code => [...a, ...i32(bits), ...simd(173)];
export const equal = (a: Code, b: Code): Code => [...a, ...b, ...simd(55)];
/** A bit for each of the four, the first one lowest: whether its highest bit is set. */
export const bitmask = (a: Code): Code => [...a, ...simd(164)];

/**
 * The octets of a module that imports a memory of one page as `env.memory` and exports one function as `run`: `parameters` 32-bit integers in, one out.
 * Locals are numbered from 0: the parameters, then `integers` more, then `vectors`.
 */
export const encodeModule = (parameters: number, integers: number, vectors: number, body: Code): Uint8Array<ArrayBuffer> => {
  const name = (text: string): Code => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
  const section = (id: number, content: Code): Code => [id, ...sized(content)];
  const type = [0x60, ...vector(Array.from({ length: parameters }, () => [I32])), ...vector([[I32]])];
  const locals = vector([
    [...unsigned(integers), I32],
    [...unsigned(vectors), V128],
  ]);
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, vector([type])),
    ...section(2, vector([[...name('env'), ...name('memory'), 0x02, 0x00, 1]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...name('run'), 0x00, 0]])),
    ...section(10, vector([sized([...locals, ...body, 0x0b])])),
  ]);
};
