/**
 * The Internet checksum: the one's complement sum of RFC 1071 and the pseudo-headers of IPv4 (RFC 9293 section 3.1) and IPv6
 * (RFC 8200 section 8.1). Sums add up in any order and grouping, so parts can be summed on their own and folded together.
 */
import type { Segment } from './packet/segment.ts';

/** Below this many octets, going by words costs more than it saves. */
const WORDS_FROM = 192;
/** Octets of an array that are looked at in one piece; an even number, and the sum of so many words is exact. */
const PIECE = 1 << 22;

/** The array that was summed last, from its octet `lead` on as 32-bit words: packets lie in one by the hundred. */
let bytesKept: Uint8Array = new Uint8Array(0);
let wordsKept: Uint32Array = new Uint32Array(0);
let lead = 0;

const keep = (bytes: Uint8Array): void => {
  lead = -bytes.byteOffset & 3;
  wordsKept = new Uint32Array(bytes.buffer, bytes.byteOffset + lead, (bytes.length - lead) >>> 2);
  bytesKept = bytes;
};

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Folds the carries of a sum below 2^53 into 16 bits, RFC 1071 section 4.1. @example fold(0x1_0001) // 2 */
export const fold = (sum: number): number => {
  let folded = sum;
  while (folded > 0xffff_ffff) folded -= Math.floor(folded / 0x1_0000_0000) * 0xffff_ffff;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
};

/**
 * Swaps the two octets of a folded sum: what a part that begins at an odd offset of the message adds to the whole
 * (RFC 1071 section 2 (B)). @example swap16(0x0102) // 0x0201
 */
export const swap16 = (sum: number): number => ((sum & 0xff) << 8) | (sum >>> 8);

const sumSmall = (bytes: Uint8Array, from: number, to: number): number => {
  let high = 0;
  let low = 0;
  let i = from;
  for (; i + 7 < to; i += 8) {
    high += bytes[i]! + bytes[i + 2]! + bytes[i + 4]! + bytes[i + 6]!;
    low += bytes[i + 1]! + bytes[i + 3]! + bytes[i + 5]! + bytes[i + 7]!;
  }
  for (; i + 1 < to; i += 2) {
    high += bytes[i]!;
    low += bytes[i + 1]!;
  }
  if (i < to) high += bytes[i]!;
  return fold(high * 256 + low);
};

/**
 * The folded one's complement sum (0 to 0xffff, not complemented) of the big-endian 16-bit words from octet `from` up to `to`;
 * an odd last octet is the high half of its word. Large ranges are summed as 32-bit words in the host's order, which
 * RFC 1071 section 2 (B) allows. @example sum16(Uint8Array.of(0x00, 0x01, 0xf2, 0x03)) // 0xf204
 */
export const sum16 = (bytes: Uint8Array, from = 0, to = bytes.length): number => {
  if (to - from < WORDS_FROM) return sumSmall(bytes, from, to);
  if (bytes.length > PIECE) return sumPieces(bytes, from, to);
  if (bytes !== bytesKept) keep(bytes);
  const words = wordsKept;
  const head = (lead - from) & 3;
  let i = (from + head - lead) >>> 2;
  const last = (to - lead) >>> 2;
  const aligned = lead + 4 * last;
  let sum = 0;
  for (; i + 3 < last; i += 4) sum += words[i]! + words[i + 1]! + (words[i + 2]! + words[i + 3]!);
  for (; i < last; i += 1) sum += words[i]!;
  const body = littleEndian ? swap16(fold(sum)) : fold(sum);
  const rest = fold(body + sumSmall(bytes, aligned, to));
  return fold(sumSmall(bytes, from, from + head) + ((head & 1) === 1 ? swap16(rest) : rest));
};

const sumPieces = (bytes: Uint8Array, from: number, to: number): number => {
  let sum = 0;
  for (let at = from; at < to; at += PIECE) sum += sum16(bytes.subarray(at, Math.min(to, at + PIECE)));
  return fold(sum);
};

/**
 * The sum of an upper-layer pseudo-header, RFC 9293 section 3.1 and RFC 8200 section 8.1: the addresses of `addressLength` octets
 * (4 or 16) at offsets `source` and `destination`, the upper layer's length in octets and its protocol number.
 * @example pseudoHeaderSum(packet, 12, 16, 4, 20, 6) // an IPv4 packet that starts at octet 0, 20 octets of TCP
 */
export const pseudoHeaderSum = (
  bytes: Uint8Array,
  source: number,
  destination: number,
  addressLength: 4 | 16,
  length: number,
  protocol: number,
): number =>
  fold(
    sumSmall(bytes, source, source + addressLength) +
      sumSmall(bytes, destination, destination + addressLength) +
      (length >>> 16) +
      (length & 0xffff) +
      protocol,
  );

/**
 * What the Checksum field of a located segment should hold, computed with the field itself taken as zero (RFC 9293 section 3.1);
 * undefined when the capture does not hold every octet. @example tcpChecksum(segment) === segment.checksum
 */
export const tcpChecksum = (segment: Segment): number | undefined => {
  const { bytes, tcp, payloadEnd } = segment;
  if (!segment.headerComplete || payloadEnd - segment.payload !== segment.payloadLength) return undefined;
  const addressLength = segment.ipVersion === 4 ? 4 : 16;
  const sum =
    pseudoHeaderSum(bytes, segment.source, segment.destination, addressLength, payloadEnd - tcp, 6) +
    sum16(bytes, tcp, payloadEnd) +
    // The field itself taken out again: adding the complement subtracts.
    (0xffff - segment.checksum);
  return 0xffff - fold(sum);
};
