/** Captures with something broken: octets flipped, lengths that lie, records cut, doubled, swapped and mixed. Reproducible from a number. */
import { concat } from '../../codecs/bytes.ts';

/** Numbers from 0 to before `below`. */
export type Random = (below: number) => number;

/** @example const random = randomOf(1); random(6) // the same at every run */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
};

/** A pcap file's header and records, or a pcapng file's blocks; the whole file where it is neither. */
export const partsOf = (file: Uint8Array): Uint8Array[] => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  const parts: Uint8Array[] = [];
  const isPcapng = magic === 0x0a0d0d0a;
  const little = isPcapng ? view.getUint32(8, true) === 0x1a2b3c4d : magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  let at = 0;
  while (at + 24 <= file.length) {
    const length = isPcapng ? view.getUint32(at + 4, little) : at === 0 ? 24 : 16 + view.getUint32(at + 8, little);
    if (length < 12 || at + length > file.length) break;
    parts.push(file.slice(at, at + length));
    at += length;
  }
  if (at < file.length) parts.push(file.slice(at));
  return parts;
};

const VALUES = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xfe, 0xff];

/** Octets that lengths are read from: those of the container, of IP, of TCP and of its options are as likely as all others together. */
const spot = (part: Uint8Array, random: Random): number => (random(2) === 0 ? random(Math.min(part.length, 110)) : random(part.length));

const changes: readonly ((parts: Uint8Array[], random: Random, other: readonly Uint8Array[]) => void)[] = [
  // Octets of one part.
  (parts, random) => {
    const part = parts[random(parts.length)]!;
    for (let n = 1 + random(8); n > 0; n -= 1) part[spot(part, random)]! ^= 1 << random(8);
  },
  (parts, random) => {
    const part = parts[random(parts.length)]!;
    part[spot(part, random)] = VALUES[random(VALUES.length)]!;
  },
  // An MPTCP option (Kind 30), wherever one seems to be.
  (parts, random) => {
    const part = parts[random(parts.length)]!;
    const at = part.indexOf(30, Math.min(part.length - 1, 40));
    if (at >= 0 && at + 2 < part.length)
      part[at + 1 + random(Math.min(24, part.length - at - 1))] = random(3) === 0 ? VALUES[random(VALUES.length)]! : random(256);
  },
  // Parts left out, doubled, swapped, taken from elsewhere.
  (parts, random) => void parts.splice(random(parts.length), 1 + random(3)),
  (parts, random) => void parts.splice(random(parts.length), 0, parts[random(parts.length)]!.slice()),
  (parts, random) => {
    const [i, j] = [random(parts.length), random(parts.length)];
    [parts[i], parts[j]] = [parts[j]!, parts[i]!];
  },
  (parts, random, other) =>
    void parts.splice(random(parts.length + 1), 0, ...other.slice(1, 2 + random(other.length)).map((each) => each.slice())),
  // A part cut, or with octets in it that do not belong there.
  (parts, random) => {
    const i = random(parts.length);
    parts[i] = parts[i]!.slice(0, random(parts[i]!.length));
  },
  (parts, random) => {
    const i = random(parts.length);
    const at = random(parts[i]!.length + 1);
    parts[i] = concat(
      parts[i]!.subarray(0, at),
      Uint8Array.from({ length: 1 + random(8) }, () => random(256)),
      parts[i]!.subarray(at),
    );
  },
  // The file cut.
  (parts, random) => void parts.splice(1 + random(parts.length)),
];

/** A file with one to five changes; `other` lends parts. @example mutate(file, file, randomOf(7)) */
export const mutate = (file: Uint8Array, other: Uint8Array, random: Random): Uint8Array => {
  const parts = partsOf(file);
  for (let n = 1 + random(5); n > 0 && parts.length > 0; n -= 1) {
    changes[random(changes.length)]!(parts, random, partsOf(other));
    if (parts.some((part) => part.length === 0)) parts.splice(0, parts.length, ...parts.filter((part) => part.length > 0));
  }
  return concat(...parts);
};

/** A file in which 20 octets of MPTCP options are others, mostly those with lengths and flags. @example mutateOptions(file, randomOf(7)) */
export const mutateOptions = (file: Uint8Array, random: Random): Uint8Array => {
  const parts = partsOf(file);
  for (let n = 0; n < 20; n += 1) {
    const part = parts[random(parts.length)]!;
    const at = part.indexOf(30, Math.min(part.length - 1, 40));
    const offset = at + 1 + random(random(3) === 0 ? 24 : 3);
    if (at >= 0 && offset < part.length) part[offset]! ^= 1 << random(8);
  }
  return concat(...parts);
};
