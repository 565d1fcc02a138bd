/**
 * Octets in network byte order: reads at an offset, a writer that names the field it cannot represent, hex, comparison.
 * Reads do not check bounds (an absent octet counts as 0): a decoder checks lengths once, at its top.
 */

/** Unsigned 16 bits, big-endian, at octet `offset`. @example u16(Uint8Array.of(1, 2), 0) // 0x0102 */
export const u16 = (bytes: Uint8Array, offset: number): number => (bytes[offset]! << 8) | bytes[offset + 1]!;

/** Unsigned 24 bits, big-endian. @example u24(Uint8Array.of(1, 2, 3), 0) // 0x010203 */
export const u24 = (bytes: Uint8Array, offset: number): number => (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;

/** Unsigned 32 bits, big-endian. @example u32(Uint8Array.of(255, 0, 0, 1), 0) // 0xff000001 */
export const u32 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;

/** Unsigned 64 bits, big-endian, for keys and sequence numbers. @example u64(new Uint8Array(8).fill(255), 0) // 2n ** 64n - 1n */
export const u64 = (bytes: Uint8Array, offset: number): bigint => (BigInt(u32(bytes, offset)) << 32n) | BigInt(u32(bytes, offset + 4));

/** Unsigned 16 bits, little-endian (only containers use it: pcap, pcapng, NULL). @example u16le(Uint8Array.of(1, 2), 0) // 0x0201 */
export const u16le = (bytes: Uint8Array, offset: number): number => (bytes[offset + 1]! << 8) | bytes[offset]!;

/** Unsigned 32 bits, little-endian. @example u32le(Uint8Array.of(1, 0, 0, 255), 0) // 0xff000001 */
export const u32le = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset + 3]! << 24) | (bytes[offset + 2]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset]!) >>> 0;

/** Puts the low 16 bits of `value` at `offset`, big-endian. @example setU16(packet, 2, 0x0102) */
export const setU16 = (bytes: Uint8Array, offset: number, value: number): void => {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
};

/** Puts the low 32 bits of `value` at `offset`, big-endian. @example setU32(packet, 4, 0xff000001) */
export const setU32 = (bytes: Uint8Array, offset: number, value: number): void => {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
};

/** Puts the low 64 bits of `value` at `offset`, big-endian. @example setU64(packet, 4, 1n) */
export const setU64 = (bytes: Uint8Array, offset: number, value: bigint): void => {
  setU32(bytes, offset, Number((value >> 32n) & 0xffff_ffffn));
  setU32(bytes, offset + 4, Number(value & 0xffff_ffffn));
};

/**
 * The octets from `start` up to (not with) `end`, copied into a Uint8Array of their own. `slice` would do for a Uint8Array, but not for the
 * Buffer of Node, which is one: its `slice` is a view. @example copyOf(Uint8Array.of(1, 2, 3), 1) // Uint8Array.of(2, 3)
 */
export const copyOf = (bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array<ArrayBuffer> =>
  new Uint8Array(bytes.subarray(start, end));

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Lower-case hex of `bytes`, or of its octets from `from` up to (not with) `to`. @example toHex(Uint8Array.of(1, 171)) // '01ab' */
export const toHex = (bytes: Uint8Array, from = 0, to = bytes.length): string => {
  let text = '';
  for (let i = from; i < to; i++) text += hexOf[bytes[i]!];
  return text;
};

/**
 * Octets of a hex text; white space, `:` and a leading `0x` are ignored. An odd number of digits or anything else than a digit
 * is a `RangeError`. @example fromHex('01 ab') // Uint8Array.of(1, 171)
 */
export const fromHex = (text: string): Uint8Array => {
  const digits = text.replace(/^\s*0x|[\s:]/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new RangeError(`not hex: ${JSON.stringify(text.slice(0, 80))}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
};

/** Whether two runs of octets are equal. @example equalBytes(Uint8Array.of(1), Uint8Array.of(1)) // true */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && equalAt(a, 0, b, 0, a.length);

/** Whether `length` octets of `a` from `atA` equal those of `b` from `atB`; false when either is too short. @example equalAt(a, 12, b, 0, 4) */
export const equalAt = (a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean => {
  for (let i = 0; i < length; i++) if (a[atA + i] === undefined || a[atA + i] !== b[atB + i]) return false;
  return true;
};

/** The runs of octets one after another, copied. @example concat(header, payload) */
export const concat = (...parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** `value` if it is an integer from 0 to `max`, else a `RangeError` that names the field. @example ranged('window', 70_000, 0xffff) // throws */
export const ranged = (field: string, value: number, max: number): number => {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new RangeError(`${field} must be an integer from 0 to ${max}, not ${value}`);
  return value;
};

/**
 * Writes big-endian fields one after another into a buffer that grows. Every field is named, so that a value that does not fit
 * becomes a `RangeError` that says which one it was.
 *
 * @example
 * const w = new ByteWriter();
 * w.u8('kind', 30);
 * w.u16('window', 0xffff);
 * w.finish(); // Uint8Array.of(30, 255, 255)
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** `capacity`: octets to begin with; it doubles as needed. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(Math.max(8, capacity));
  }

  /** Octets written so far. */
  get length(): number {
    return this.#length;
  }

  #take(octets: number): number {
    const at = this.#length;
    this.#length += octets;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }

  u8(field: string, value: number): this {
    const octet = ranged(field, value, 0xff);
    this.#bytes[this.#take(1)] = octet;
    return this;
  }

  u16(field: string, value: number): this {
    ranged(field, value, 0xffff);
    const at = this.#take(2);
    setU16(this.#bytes, at, value);
    return this;
  }

  u32(field: string, value: number): this {
    ranged(field, value, 0xffff_ffff);
    const at = this.#take(4);
    setU32(this.#bytes, at, value);
    return this;
  }

  u64(field: string, value: bigint): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`${field} must be from 0 to 2^64 - 1, not ${value}`);
    const at = this.#take(8);
    setU64(this.#bytes, at, value);
    return this;
  }

  /** Octets as they are; with `length`, exactly so many are demanded. */
  bytes(field: string, value: Uint8Array, length = value.length): this {
    if (value.length !== length) throw new RangeError(`${field} must be ${length} octets, not ${value.length}`);
    const at = this.#take(length);
    this.#bytes.set(value, at);
    return this;
  }

  /** What was written, in an array of exactly that length. */
  finish(): Uint8Array {
    return copyOf(this.#bytes, 0, this.#length);
  }
}
