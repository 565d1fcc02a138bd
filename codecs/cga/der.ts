/** The little of DER (ITU-T X.690) that a SubjectPublicKeyInfo and private keys need: elements read by offset, elements written. */
import { concat } from '../bytes.ts';

/** The tags that occur in keys. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
} as const;

/** One element; all numbers are offsets into the octets it was read from. */
export interface DerElement {
  readonly tag: number;
  /** The first octet of the contents. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
  /** Whether the length is written in as few octets as DER demands (X.690 section 10.1). */
  readonly minimal: boolean;
}

/**
 * The element at `offset`, which must end at or before `end`; undefined when it does not, when its tag takes more than one octet, or
 * when its length is indefinite or takes more than 3 octets. @example readDer(Uint8Array.of(2, 1, 5), 0) // { tag: 2, start: 2, end: 3, ... }
 */
export const readDer = (octets: Uint8Array, offset: number, end = octets.length): DerElement | undefined => {
  if (offset + 2 > end) return undefined;
  const tag = octets[offset]!;
  const first = octets[offset + 1]!;
  const lengthOctets = first < 0x80 ? 0 : first - 0x80;
  if ((tag & 0x1f) === 0x1f || first === 0x80 || lengthOctets > 3 || offset + 2 + lengthOctets > end) return undefined;
  let length = lengthOctets === 0 ? first : 0;
  for (let i = 0; i < lengthOctets; i++) length = length * 256 + octets[offset + 2 + i]!;
  const start = offset + 2 + lengthOctets;
  if (start + length > end) return undefined;
  return { tag, start, end: start + length, minimal: lengthOctets === 0 || (length >= 0x80 && octets[offset + 2] !== 0) };
};

/** The elements that make up the contents of another, all of them; undefined when something in there is none. */
export const readAll = (octets: Uint8Array, start: number, end: number): readonly DerElement[] | undefined => {
  const elements: DerElement[] = [];
  for (let at = start; at < end;) {
    const element = readDer(octets, at, end);
    if (element === undefined) return undefined;
    elements.push(element);
    at = element.end;
  }
  return elements;
};

/** The elements within the one SEQUENCE that `octets` are; undefined when they are anything else. */
export const readSequence = (octets: Uint8Array): readonly DerElement[] | undefined => {
  const whole = readDer(octets, 0);
  return whole?.tag === TAG.sequence && whole.end === octets.length ? readAll(octets, whole.start, whole.end) : undefined;
};

/** The contents of an element, or no octets when there is no such element or its tag is another. */
export const contentsOf = (octets: Uint8Array, element: DerElement | undefined, tag: number): Uint8Array =>
  element?.tag === tag ? octets.subarray(element.start, element.end) : octets.subarray(0, 0);

/** An element with these contents. @example der(TAG.sequence, derInteger(modulus), derInteger(exponent)) */
export const der = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
  const inner = concat(...contents);
  const { length } = inner;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), inner);
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), inner);
  if (length < 0x1_0000) return concat(Uint8Array.of(tag, 0x82, length >>> 8, length), inner);
  return concat(Uint8Array.of(tag, 0x83, length >>> 16, length >>> 8, length), inner);
};

/** An unsigned integer without the zero octets before it (one octet remains). */
export const withoutLeadingZeros = (magnitude: Uint8Array): Uint8Array => {
  let from = 0;
  while (from < magnitude.length - 1 && magnitude[from] === 0) from++;
  return magnitude.subarray(from);
};

/** An INTEGER that is not negative, from its octets in network byte order. @example derInteger(Uint8Array.of(0x80)) // 02 02 00 80 */
export const derInteger = (magnitude: Uint8Array): Uint8Array => {
  const shortest = magnitude.length === 0 ? Uint8Array.of(0) : withoutLeadingZeros(magnitude);
  return der(TAG.integer, shortest[0]! >= 0x80 ? concat(Uint8Array.of(0), shortest) : shortest);
};

/** An OBJECT IDENTIFIER's contents in dotted decimal. @example oidText(fromHex('2a864886f70d010101')) // '1.2.840.113549.1.1.1' */
export const oidText = (contents: Uint8Array): string => {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of contents) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    // The first two arcs share one number (X.690 section 8.19.4).
    if (arcs.length === 0) arcs.push(arc < 80n ? arc / 40n : 2n, arc < 80n ? arc % 40n : arc - 80n);
    else arcs.push(arc);
    arc = 0n;
  }
  return arcs.join('.');
};
