/** Which octets of a sequence space have been seen: disjoint ranges in order, bounded. */

const LIMIT = 4096;

/**
 * Ranges of octets seen above a contiguous start. `next` is the first octet not seen yet; what lies beyond a hole is kept as at most
 * 4,096 ranges, and what exceeds that is forgotten (`forgotten`).
 *
 * @example
 * const seen = new SeenRanges(1);
 * seen.add(1, 11); // 11: octets 1 to 10
 * seen.add(21, 31); // 11: a hole from 11 to 20
 * seen.add(11, 21); // 31
 */
export class SeenRanges {
  /** The first octet that is missing. */
  next: number;
  /** Whether ranges were dropped because there were too many. */
  forgotten = false;
  #starts: number[] = [];
  #ends: number[] = [];

  constructor(first: number) {
    this.next = first;
  }

  /** Whether there are octets beyond a hole. */
  get hasHole(): boolean {
    return this.#starts.length > 0;
  }

  /** One past the highest octet seen. */
  get end(): number {
    return this.#ends.at(-1) ?? this.next;
  }

  /** How many ranges lie beyond a hole. */
  get count(): number {
    return this.#starts.length;
  }

  /** Index of the first range that ends above `octet`; `count` where there is none. */
  #above(octet: number): number {
    const ends = this.#ends;
    let low = 0;
    let high = ends.length;
    // What comes out of order mostly lies at the far end.
    if (high > 0 && ends[high - 1]! <= octet) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > octet) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Whether all octets from `start` to before `end` have been seen. */
  covers(start: number, end: number): boolean {
    return end <= start || this.firstMissing(start) >= end;
  }

  /** Whether any octet from `start` to before `end` has been seen. */
  touches(start: number, end: number): boolean {
    if (start < this.next) return true;
    const i = this.#above(start);
    return i < this.#starts.length && this.#starts[i]! < end;
  }

  /** Adds the octets from `start` to before `end`; gives the new `next`. */
  add(start: number, end: number): number {
    if (end <= this.next || end <= start) return this.next;
    const starts = this.#starts;
    const ends = this.#ends;
    if (start <= this.next && starts.length === 0) {
      this.next = end;
      return end;
    }
    if (start <= this.next) {
      this.next = end;
      let eaten = 0;
      while (eaten < starts.length && starts[eaten]! <= this.next) {
        if (ends[eaten]! > this.next) this.next = ends[eaten]!;
        eaten += 1;
      }
      if (eaten > 0) {
        starts.splice(0, eaten);
        ends.splice(0, eaten);
      }
      return this.next;
    }
    let i = this.#above(start);
    if (i < starts.length && starts[i]! <= start) i += 1;
    // i is where the range belongs; it may touch the one before and any after.
    if (i > 0 && ends[i - 1]! >= start) {
      i -= 1;
      if (ends[i]! < end) ends[i] = end;
    } else {
      if (starts.length >= LIMIT) {
        this.forgotten = true;
        return this.next;
      }
      starts.splice(i, 0, start);
      ends.splice(i, 0, end);
    }
    let merged = i + 1;
    while (merged < starts.length && starts[merged]! <= ends[i]!) {
      if (ends[merged]! > ends[i]!) ends[i] = ends[merged]!;
      merged += 1;
    }
    if (merged > i + 1) {
      starts.splice(i + 1, merged - i - 1);
      ends.splice(i + 1, merged - i - 1);
    }
    return this.next;
  }

  /** The first octet at or above `start` that has not been seen. */
  firstMissing(start: number): number {
    if (start < this.next) return this.next;
    const i = this.#above(start);
    return i < this.#starts.length && this.#starts[i]! <= start ? this.#ends[i]! : start;
  }

  /** The first octet at or above `start` that has been seen; `Infinity` where there is none. */
  nextSeen(start: number): number {
    if (start < this.next) return start;
    const i = this.#above(start);
    return i < this.#starts.length ? Math.max(start, this.#starts[i]!) : Infinity;
  }
}
