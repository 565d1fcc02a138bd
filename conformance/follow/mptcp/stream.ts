/**
 * One direction of a connection put back together in data sequence order (RFC 8684 section 3.3.1): what arrived, whether octets that
 * arrive twice are the same octets, and their SHA-256. The octets lie in blocks, which all streams of a check take from one pool: memory
 * that was touched once is cheap to use again.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { SeenRanges } from '../../../state-machines/mptcp/ranges.ts';

/** Octets of a block. The first one of a stream grows up to it: most streams are small. */
const BLOCK = 64 << 10;
const BLOCK_MIN = 4 << 10;
/** Octets that all blocks of a check may take together. */
const BUDGET = 64 << 20;
/** Beyond this, nothing is remembered that is behind, and every block is a first one. */
const HISTORY_BUDGET = 24 << 20;
/** Octets that are remembered behind; where more came ahead of a hole lately, that many: so far back may a copy lie that is still under way. */
const HISTORY = 256 << 10;
/** How fast what came ahead is forgotten: by this part for each block that is let go. */
const FADING = 1 / 64;
/** Octets ahead of a hole. */
const AHEAD = 32 << 20;

/** The memory that the streams of one check share. */
export interface StreamPool {
  /** Octets of the blocks that streams hold. */
  used: number;
  /** Blocks that were given back. */
  readonly free: Uint8Array[];
  /** Whether stream hashes are wanted. */
  readonly hashes: boolean;
}

export const newStreamPool = (hashes: boolean): StreamPool => ({ used: 0, free: [], hashes });

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
  /** Whether there is no content any more: the snap length cut some, more came ahead of a hole than fits, or the stream was released. */
  contentLost = false;
  /** First octet of the stream. */
  readonly first: number;
  /** Blocks from octet `#low` on, undefined where nothing came yet. They are counted from `#origin`. */
  readonly #blocks: (Uint8Array | undefined)[] = [];
  #low: number;
  #origin: number;
  /** Octets below this have gone into the hash. */
  #hashed: number;
  #hash: Hash | undefined;
  /** The most octets that came ahead of the first missing one, fading. */
  #ahead = 0;
  /** Octets of the application before the data sequence space: to be set before the first `add`. */
  prefix: { readonly octets: Uint8Array; readonly length: number } | undefined;
  readonly #pool: StreamPool;

  constructor(pool: StreamPool, first: number) {
    this.#pool = pool;
    this.first = first;
    this.#low = first;
    this.#origin = first;
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
    if (!inOrder && this.seen.touches(dsn, end)) verdict = this.#compare(dsn, bytes, from, held);
    if (end <= next) return verdict;
    const skip = Math.max(0, next - dsn);
    const cut = held < length && !this.seen.covers(dsn + held, end);
    if (cut || !this.#store(dsn + skip, bytes, from + skip, from + held)) this.release();
    this.seen.add(dsn, end);
    this.#letGo();
    return verdict;
  }

  /** Gives the memory back; what comes later is followed by its numbers alone. */
  release(): void {
    this.contentLost = true;
    for (const block of this.#blocks) this.#giveBack(block);
    this.#blocks.length = 0;
  }

  #giveBack(block: Uint8Array | undefined): void {
    if (block === undefined) return;
    this.#pool.used -= block.length;
    if (block.length === BLOCK) this.#pool.free.push(block);
  }

  /** Hashes what came, and lets go of what is too far behind. */
  #letGo(): void {
    if (this.contentLost) return;
    const { next } = this.seen;
    if (next - this.#hashed >= BLOCK) this.#digestUpTo(next - this.#within(next));
    this.#letGoBelow(next - Math.max(HISTORY, this.#ahead));
  }

  /** Lets go of the blocks that end at an octet or before it. */
  #letGoBelow(octet: number): void {
    while (this.#low + BLOCK <= octet) {
      this.#giveBack(this.#blocks.shift());
      this.#low += BLOCK;
      this.#ahead -= this.#ahead * FADING;
    }
  }

  /** Lets go of all that is behind. Where nothing lies ahead, the block at hand is filled again from its start. */
  #forget(): void {
    const { next } = this.seen;
    this.#digestUpTo(next);
    this.#letGoBelow(next);
    if (this.seen.hasHole) return;
    this.#low = next;
    this.#origin = next;
  }

  /** Keeps octets that are not before the first missing one; false where there is no room. */
  #store(dsn: number, bytes: Uint8Array, from: number, to: number): boolean {
    const end = dsn + (to - from);
    const ahead = end - this.seen.next;
    if (ahead > AHEAD) return false;
    if (ahead > this.#ahead) this.#ahead = ahead;
    if (this.#pool.used + BLOCK > HISTORY_BUDGET && !this.#holds(end)) this.#forget();
    if (!this.seen.hasHole) return this.#write(dsn, bytes, from, to);
    // The first data received is the data delivered (section 3.3.1): what is there stays.
    for (let at = this.seen.firstMissing(dsn); at < end; at = this.seen.firstMissing(at)) {
      const stop = Math.min(end, this.seen.nextSeen(at));
      if (!this.#write(at, bytes, from + (at - dsn), from + (stop - dsn))) return false;
      at = stop;
    }
    return true;
  }

  #write(dsn: number, bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = from; at < to;) {
      const octet = dsn + (at - from);
      const within = this.#within(octet);
      const length = Math.min(to - at, BLOCK - within);
      const block = this.#blockFor(octet, within + length);
      if (block === undefined) return false;
      block.set(bytes.subarray(at, at + length), within);
      at += length;
    }
    return true;
  }

  /** Where in its block an octet lies: `&` takes a number modulo 2^32 first, so this holds for any data sequence number. */
  #within(octet: number): number {
    return (octet - this.#origin) & (BLOCK - 1);
  }

  /** Which of the blocks an octet lies in. */
  #index(octet: number): number {
    return Math.floor((octet - this.#low) / BLOCK);
  }

  /** Whether there is memory for the octet before `end`. */
  #holds(end: number): boolean {
    return this.#within(end - 1) < (this.#blocks[this.#index(end - 1)]?.length ?? 0);
  }

  /** The block of an octet, of `size` octets at least; undefined where there is no memory for it. */
  #blockFor(octet: number, size: number): Uint8Array | undefined {
    const there = this.#blocks[this.#index(octet)];
    if (there !== undefined && size <= there.length) return there;
    const pool = this.#pool;
    const wanted = octet - this.#origin < BLOCK ? powerOfTwo(size) : BLOCK;
    if (pool.used + wanted > BUDGET) return undefined;
    pool.used += wanted;
    const block = (wanted === BLOCK ? pool.free.pop() : undefined) ?? new Uint8Array(wanted);
    if (there !== undefined) block.set(there);
    this.#giveBack(there);
    const index = this.#index(octet);
    while (this.#blocks.length < index) this.#blocks.push(undefined);
    this.#blocks[index] = block;
    return block;
  }

  #compare(dsn: number, bytes: Uint8Array, from: number, held: number): number {
    const end = dsn + held;
    let compared = false;
    let at = Math.max(dsn, this.#low);
    while (at < end) {
      const seenUpTo = Math.min(end, this.seen.firstMissing(at));
      while (at < seenUpTo) {
        const within = this.#within(at);
        const length = Math.min(seenUpTo - at, BLOCK - within);
        const offset = from + (at - dsn);
        const kept = this.#blocks[this.#index(at)]!.subarray(within, within + length);
        if (Buffer.compare(kept, bytes.subarray(offset, offset + length)) !== 0) return DIFFERENT;
        compared = true;
        at += length;
      }
      at = Math.max(at, this.seen.nextSeen(at));
    }
    return compared ? SAME : FRESH;
  }

  #digestUpTo(end: number): void {
    if (!this.#pool.hashes || end <= this.#hashed) return;
    const hash = (this.#hash ??= this.#newHash());
    let at = this.#hashed;
    while (at < end) {
      const within = this.#within(at);
      const length = Math.min(end - at, BLOCK - within);
      const block = this.#blocks[this.#index(at)]!;
      hash.update(length === BLOCK ? block : block.subarray(within, within + length));
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
    const whole = !this.contentLost && !this.seen.hasHole && (this.prefix === undefined || this.prefix.octets.length >= this.prefix.length);
    let hash: string | null = null;
    if (this.#pool.hashes && whole) {
      this.#digestUpTo(this.seen.next);
      hash = (this.#hash ?? this.#newHash()).digest('hex');
    }
    this.release();
    return hash;
  }
}

const powerOfTwo = (n: number): number => {
  let size = BLOCK_MIN;
  while (size < n) size *= 2;
  return size;
};
