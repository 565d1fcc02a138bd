/**
 * Sequence numbers as plain numbers, counted from the start of a subflow (TCP) or of a data stream (RFC 8684 section 3.3.1): what wraps
 * at 32 or 64 bits on the wire does not wrap here. Nothing is allocated; the 64-bit numbers come as two halves of 32 bits.
 */

/**
 * The number nearest to `near` whose low 32 bits are those of `value`: a relative sequence number that has wrapped.
 * `near` is any safe integer; of two equally near ones the lower. `unwrap32(5, 0xffff_fff0)` is `0x1_0000_0005`.
 */
export const unwrap32 = (value: number, near: number): number => near + ((value - near) | 0);

/**
 * How far the 64-bit number (`high`, `low`) lies after (`baseHigh`, `baseLow`); negative if before. Each half is unsigned.
 * Exact within 2^53 either way; what is further off comes out further off, which `Number.isSafeInteger` tells.
 * `relativeDsn(0, 7, 0xffff_ffff, 0xffff_ffff)` is 8.
 */
export const relativeDsn = (high: number, low: number, baseHigh: number, baseLow: number): number =>
  ((high - baseHigh) | 0) * 0x1_0000_0000 + (low - baseLow);

/**
 * A Data ACK or data sequence number of 4 octets (section 3.3.1) as a number relative to a base whose low half is `baseLow`, the one
 * nearest to `near`. `widenDsn(3, 0xffff_ffff, 0)` is 4.
 */
export const widenDsn = (low: number, baseLow: number, near: number): number => unwrap32(low - baseLow, near);

/**
 * Back to the wire: the 64-bit number that lies `relative` after (`baseHigh`, `baseLow`), for reports and options; its low 32 bits are
 * the short form. `absoluteDsn(8, 0xffff_ffff, 0xffff_ffff)` is `7n`.
 */
export const absoluteDsn = (relative: number, baseHigh: number, baseLow: number): bigint =>
  BigInt.asUintN(64, (BigInt(baseHigh) << 32n) + BigInt(baseLow) + BigInt(relative));
