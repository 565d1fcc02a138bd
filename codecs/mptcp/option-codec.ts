/**
 * What every MPTCP option's codec looks like (RFC 8684 section 3, Figure 3), and the pieces they share. The contract: `decode` is
 * only called by `decodeMptcpOption`, which has checked that the Length is one of `lengths` and that so many octets are there.
 */
import { ByteWriter, ranged } from '../bytes.ts';
import type { Decoded } from '../decoded.ts';

/** The TCP option Kind of Multipath TCP, RFC 8684 section 7.1. */
export const MPTCP_KIND = 30;

/** The TCP header has room for this many octets of options (RFC 9293 section 3.1), so no option is longer. */
export const LONGEST_OPTION = 40;

/** The versions of the protocol: 0 is RFC 6824, 1 is RFC 8684. */
export type MptcpVersion = 0 | 1;

/** One option: where it is described, how long it may be, and its two directions. */
export interface OptionCodec<T extends { readonly kind: string }> {
  /** The RFC's symbol, RFC 8684 section 7.2. */
  readonly kind: T['kind'];
  /** The 4-bit Subtype. */
  readonly subtype: number;
  /** Every legal value of Length, in octets and ascending, by version; none where the version does not know the option. */
  readonly lengths: Readonly<Record<MptcpVersion, readonly number[]>>;
  /** Where each version describes it. */
  readonly sections: Readonly<Record<MptcpVersion, string>>;
  /** The option whose Kind is at `offset` and whose Length is `length`, read in the form of `version`. */
  decode(bytes: Uint8Array, offset: number, length: number, version: MptcpVersion): Decoded<T>;
  /** The option's octets; a `RangeError` names the field that cannot be represented. */
  encode(option: T): Uint8Array;
}

/** A writer that holds Kind, Length, and the Subtype with the 4 bits beside it: what every option begins with (Figure 3). */
export const beginOption = (subtype: number, length: number, firstBits: number): ByteWriter =>
  new ByteWriter(length)
    .u8('kind', MPTCP_KIND)
    .u8('length', length)
    .u8('subtype', (ranged('subtype', subtype, 0xf) << 4) | firstBits);

/** Kind to the 12 bits beside the Subtype of the options that reserve all of them. */
export const beginReserved = (subtype: number, length: number, reserved: number): ByteWriter =>
  beginOption(subtype, length, ranged('reserved', reserved, 0xfff) >>> 8).u8('reserved', reserved & 0xff);

/** Every whole number from `first` to `last`. */
export const lengthsFrom = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
