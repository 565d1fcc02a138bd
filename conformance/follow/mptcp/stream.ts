/**
 * One direction of a connection put back together in data sequence order (RFC 8684 section 3.3.1): what arrived, whether octets that
 * arrive twice are the same octets, and their SHA-256. The octets lie in a ring that also holds what is ahead of a hole.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { SeenRanges } from '../../../state-machines/mptcp/ranges.ts';

/** Octets that all rings of a check may take together. */
const BUDGET = 64 << 20;
/** Beyond this, rings grow for octets ahead of a hole only, not to remember more of what is behind. */
const HISTORY_BUDGET = 24 << 20;
const RING_MIN = 4 << 10;
const RING_HISTORY = 256 << 10;
const RING_MAX = 32 << 20;
const HASH_BLOCK = 64 << 10;

/** The memory that the streams of one check share. */
export interface StreamPool {
  used: number;
  /** Whether stream hashes are wanted. */
  readonly hashes: boolean;
}

export const newStreamPool = (hashes: boolean): StreamPool => ({ used: 0, hashes });

/** What `add` says of octets that had arrived before. */
export const FRESH = 0;
export const SAME = 1;
export const DIFFERENT = 2;

/**
 * The octets of one application's stream. Data sequence numbers are relative: 1 is the first octet.
 *
 * @example
 * const stream = new DataStream(newStreamPool(true), 1);
 * stream.add(1, bytes, 0, 100, 100); // FRESH
 * stream.seen.next; // 101
 */
export class DataStream {
  /** Which octets have been seen, with or without their content. */
  readonly seen: SeenRanges;
  /** Whether content was lost for good: cut by the snap length, or more of it ahead of a hole than fits. */
  contentLost = false;
  /** First octet of the stream. */
  readonly first: number;
  #ring: Uint8Array | undefined;
  /** Octets below this are no longer in the ring. */
  #low: number;
  /** Octets below this have gone into the hash. */
  #hashed: number;
  #hash: Hash | undefined;
  /** Octets of the application before the data sequence space: to be set before the first `add`. */
  prefix: { readonly octets: Uint8Array; readonly length: number } | undefined;
  readonly #pool: StreamPool;

  constructor(pool: StreamPool, first: number) {
    this.#pool = pool;
    this.first = first;
    this.#low = first;
    this.#hashed = first;
    this.seen = new SeenRanges(first);
  }

  /**
   * Adds `length` octets at `dsn`, of which the capture holds those from `from` to before `to`. Says whether octets that had arrived
   * before were the SAME, were DIFFERENT, or whether there were none to compare (FRESH).
   */
  add(dsn: number, bytes: Uint8Array, from: number, to: number, length: number): number {
    const end = dsn + length;
    if (this.contentLost) {
      // Nothing is left to be compared, stored or hashed.
      if (end > this.seen.next) this.seen.add(dsn, end);
      return FRESH;
    }
    const held = Math.min(to - from, length);
    let verdict = FRESH;
    const next = this.seen.next;
    const inOrder = dsn === next && !this.seen.hasHole;
    if (!inOrder && this.#ring !== undefined && this.seen.touches(dsn, end)) verdict = this.#compare(dsn, bytes, from, held);
    if (end <= next) return verdict;
    if (held < length && !this.seen.covers(dsn + held, end)) {
      this.#loseContent();
    } else if (dsn + held > next) {
      const skip = Math.max(0, next - dsn);
      if (this.#reserve(end)) this.#store(dsn + skip, bytes, from + skip, from + held);
      else this.#loseContent();
    }
    this.seen.add(dsn, end);
    if (this.#pool.hashes && this.seen.next - this.#hashed >= HASH_BLOCK) this.#digestUpTo(this.seen.next);
    return verdict;
  }

  #loseContent(): void {
    this.contentLost = true;
    this.release();
  }

  /** Gives the ring's memory back; what comes later is followed by its numbers alone. */
  release(): void {
    if (this.#ring !== undefined) this.#pool.used -= this.#ring.length;
    this.#ring = undefined;
  }

  /** Whether the ring can hold octets up to `end`, after growing or letting go of what is behind. */
  #reserve(end: number): boolean {
    const ring = this.#ring;
    const size = ring?.length ?? 0;
    if (ring !== undefined && end - this.#low <= size) return true;
    const behind = this.seen.next;
    const needed = end - behind;
    const wanted = Math.min(RING_HISTORY, Math.max(RING_MIN, end - this.#low));
    let target = size;
    if (size < wanted && this.#pool.used + wanted <= HISTORY_BUDGET) target = powerOfTwo(wanted);
    if (target < needed) {
      if (needed > RING_MAX) return false;
      target = powerOfTwo(needed);
    }
    if (target > size) {
      if (this.#pool.used - size + target > BUDGET) return false;
      if (end - target > this.#hashed && this.#pool.hashes) this.#digestUpTo(behind); // it is not copied
      const grown = new Uint8Array(target);
      if (ring !== undefined) {
        const from = Math.max(this.#low, end - target);
        copyRing(ring, grown, from, Math.min(this.seen.end, this.#low + size));
      }
      this.#pool.used += target - size;
      this.#ring = grown;
    }
    const low = end - this.#ring!.length;
    if (low > this.#low) {
      if (low > this.#hashed && this.#pool.hashes) this.#digestUpTo(behind);
      this.#low = low;
    }
    return true;
  }

  #store(dsn: number, bytes: Uint8Array, from: number, to: number): void {
    const ring = this.#ring!;
    const mask = ring.length - 1;
    if (!this.seen.hasHole) {
      this.#write(ring, mask, dsn, bytes, from, to);
      return;
    }
    // The first data received is the data delivered (section 3.3.1): what is there stays.
    const end = dsn + (to - from);
    for (let at = this.seen.firstMissing(dsn); at < end; at = this.seen.firstMissing(at)) {
      const stop = Math.min(end, this.seen.nextSeen(at));
      this.#write(ring, mask, at, bytes, from + (at - dsn), from + (stop - dsn));
      at = stop;
    }
  }

  #write(ring: Uint8Array, mask: number, dsn: number, bytes: Uint8Array, from: number, to: number): void {
    const at = slot(dsn, mask);
    const room = ring.length - at;
    if (to - from <= room) {
      ring.set(bytes.subarray(from, to), at);
      return;
    }
    ring.set(bytes.subarray(from, from + room), at);
    ring.set(bytes.subarray(from + room, to), 0);
  }

  #compare(dsn: number, bytes: Uint8Array, from: number, held: number): number {
    const ring = this.#ring!;
    const mask = ring.length - 1;
    const end = dsn + held;
    let compared = false;
    let at = Math.max(dsn, this.#low);
    while (at < end) {
      const seenUpTo = Math.min(end, this.seen.firstMissing(at));
      while (at < seenUpTo) {
        const start = slot(at, mask);
        const length = Math.min(seenUpTo - at, ring.length - start);
        const offset = from + (at - dsn);
        if (Buffer.compare(ring.subarray(start, start + length), bytes.subarray(offset, offset + length)) !== 0) return DIFFERENT;
        compared = true;
        at += length;
      }
      at = Math.max(at, this.seen.nextSeen(at));
    }
    return compared ? SAME : FRESH;
  }

  #digestUpTo(end: number): void {
    const ring = this.#ring;
    if (ring === undefined || end <= this.#hashed) return;
    const hash = (this.#hash ??= this.#newHash());
    const mask = ring.length - 1;
    let at = this.#hashed;
    while (at < end) {
      const start = slot(at, mask);
      const length = Math.min(end - at, ring.length - start);
      hash.update(ring.subarray(start, start + length));
      at += length;
    }
    this.#hashed = end;
  }

  /** What TCP Fast Open carried in the SYN comes before the data sequence space (RFC 8684 appendix B.2). */
  #newHash(): Hash {
    const hash = createHash('sha256');
    if (this.prefix !== undefined) hash.update(this.prefix.octets);
    return hash;
  }

  /** SHA-256 of the contiguous octets in lower-case hex; null where some of them are missing or hashes were not asked for. Ends the stream. */
  digest(): string | null {
    if (
      !this.#pool.hashes ||
      this.contentLost ||
      this.seen.hasHole ||
      (this.prefix !== undefined && this.prefix.octets.length < this.prefix.length)
    ) {
      this.release();
      return null;
    }
    this.#digestUpTo(this.seen.next);
    const hash = (this.#hash ?? this.#newHash()).digest('hex');
    this.release();
    return hash;
  }
}

/** Where an octet lies: `&` takes a number modulo 2^32 first, so this holds for any data sequence number. */
const slot = (dsn: number, mask: number): number => dsn & mask;

const powerOfTwo = (n: number): number => {
  let size = RING_MIN;
  while (size < n) size *= 2;
  return size;
};

const copyRing = (from: Uint8Array, to: Uint8Array, start: number, end: number): void => {
  const fromMask = from.length - 1;
  const toMask = to.length - 1;
  let at = start;
  while (at < end) {
    const source = slot(at, fromMask);
    const target = slot(at, toMask);
    const length = Math.min(end - at, from.length - source, to.length - target);
    to.set(from.subarray(source, source + length), target);
    at += length;
  }
};
