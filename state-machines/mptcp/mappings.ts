/**
 * The Data Sequence Mappings of one direction of one subflow (RFC 8684 section 3.3.1): which subflow octets carry which octets of the
 * data sequence space. Plain numbers, counted from the start: SSN 1 is the first octet of the subflow, DSN 1 the first of the data.
 */

/** One mapping. The table reuses these objects: do not keep one across an `add`. */
export interface Mapping {
  /** Relative subflow sequence number of its first octet. */
  ssn: number;
  /** Relative data sequence number of its first octet. */
  dsn: number;
  /** Octets of the subflow that it maps, without a DATA_FIN; `Infinity` for an infinite mapping (Data-Level Length 0). */
  length: number;
  /** Whether it ends in a DATA_FIN, which takes one more data sequence number. */
  dataFin: boolean;
  /** The DSS checksum it declared; -1 without one. */
  checksum: number;
  /** The Subflow Sequence Number as it was on the wire: the checksum's pseudo-header has that one. */
  wireSsn: number;
  /** Frame that declared it first. */
  frame: number;
  /** How many of its octets have been summed for the checksum, from the first on. */
  summed: number;
  /** The sum of those octets so far (RFC 1071, not folded). */
  sum: number;
  /** Sums of octets that came ahead of others. */
  ahead: { readonly from: number; readonly to: number; readonly sum: number }[] | undefined;
  /** Whether octets came in an order in which they could not be summed, or were cut by the snap length. */
  unsummable: boolean;
  /** Whether its checksum has been judged. */
  judged: boolean;
}

/** How `add` found a mapping to stand to those already there. */
export const NEW = 0;
/** The same mapping once more, or one that agrees with what is there. */
export const REPEATED = 1;
/** It maps octets that were mapped elsewhere: section 3.3.1 forbids that. */
export const CONFLICTING = 2;

const LIMIT = 8192;

const blank = (): Mapping => ({
  ssn: 0,
  dsn: 0,
  length: 0,
  dataFin: false,
  checksum: -1,
  wireSsn: 0,
  frame: 0,
  summed: 0,
  sum: 0,
  ahead: undefined,
  unsummable: false,
  judged: false,
});

/**
 * The mappings of one direction of a subflow, in order of their subflow sequence numbers. Holds what is in flight and, as far as room
 * allows (8,192 mappings), what was: the oldest acknowledged ones give way first.
 *
 * @example
 * const mappings = new MappingTable();
 * mappings.add(1, 1, 100, false, -1, 1, 7, 0); // NEW: SSN 1..100 carry DSN 1..100, declared in frame 7
 * mappings.find(50)?.dsn; // 1
 */
export class MappingTable {
  #items: Mapping[] = [];
  #head = 0;
  #count = 0;
  /** Mappings below this subflow sequence number have been forgotten. */
  forgottenBelow = 0;
  /** The mapping that `add` last added, met again, or collided with. */
  last: Mapping | undefined;

  get count(): number {
    return this.#count;
  }

  /** For how many there is room before the table grows. */
  get capacity(): number {
    return this.#items.length;
  }

  /** The i-th mapping in order of subflow sequence numbers. */
  at(index: number): Mapping | undefined {
    return index < 0 || index >= this.#count ? undefined : this.#items[(this.#head + index) & (this.#items.length - 1)];
  }

  /** Index of the last mapping that starts at or below `ssn`; -1 where there is none. */
  #floor(ssn: number): number {
    let low = 0;
    let high = this.#count - 1;
    if (high >= 0 && this.at(high)!.ssn <= ssn) return high; // the usual case: data moves on
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.at(middle)!.ssn <= ssn) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /** The mapping that covers subflow octet `ssn`, if one is known. */
  find(ssn: number): Mapping | undefined {
    const last = this.last;
    if (last !== undefined && ssn >= last.ssn && ssn < last.ssn + last.length) return last;
    const found = this.at(this.#floor(ssn));
    return found !== undefined && ssn < found.ssn + found.length ? found : undefined;
  }

  /** The next subflow octet after `ssn` at which a mapping starts; `Infinity` where there is none. */
  nextStart(ssn: number): number {
    return this.at(this.#floor(ssn) + 1)?.ssn ?? Infinity;
  }

  /**
   * Declares a mapping and says whether it is NEW, REPEATED or CONFLICTING; `last` is then that mapping, or the one it collides with. Of two
   * that collide the one that starts first ends where the other starts; of two that start alike the older one stays.
   * `acknowledged` is the subflow octet up to which the peer has acknowledged: mappings below it may be forgotten.
   */
  add(
    ssn: number,
    dsn: number,
    length: number,
    dataFin: boolean,
    checksum: number,
    wireSsn: number,
    frame: number,
    acknowledged: number,
  ): number {
    let index = this.#floor(ssn);
    let status = NEW;
    let end = ssn + length;
    const before = this.at(index);
    const grows = before !== undefined && before.ssn === ssn && before.dsn === dsn;
    if (before !== undefined && ssn < before.ssn + before.length) {
      this.last = before;
      const agrees = before.dsn - before.ssn === dsn - ssn;
      if (agrees && end <= before.ssn + before.length) return REPEATED;
      if (!agrees) {
        if (before.ssn === ssn) return CONFLICTING; // a mapping is fixed once it is declared
        // What ran into another mapping's octets ends where that begins.
        for (let i = index; i >= 0 && this.at(i)!.ssn + this.at(i)!.length > ssn; i -= 1) this.at(i)!.length = ssn - this.at(i)!.ssn;
        status = CONFLICTING;
      }
    }
    let covered = 0;
    for (let after = this.at(index + 1); after !== undefined && after.ssn < end; after = this.at(index + 1 + covered)) {
      if (after.dsn - after.ssn !== dsn - ssn) {
        this.last = after;
        status = CONFLICTING;
        end = after.ssn;
      } else if (after.ssn + after.length > end) {
        break;
      } else {
        covered += 1;
      }
    }
    // The octets of a mapping inside a longer one that agrees are found there: ends are in the same order as starts.
    if (covered > 0) this.#remove(index + 1, covered);
    const collided = status === CONFLICTING ? this.last : undefined;
    if (grows) {
      // The same binding, declared longer: what it maps grows.
      before.length = Math.max(before.length, end - ssn);
      before.dataFin = dataFin;
      before.checksum = checksum;
      before.judged = false;
      this.last = collided ?? before;
      return status === NEW ? REPEATED : status;
    }
    const full = this.#count === this.#items.length;
    let fresh: Mapping;
    if (full && index < 0 && this.#mayForget(acknowledged)) {
      // Older than all that are kept: known for the segment that declares it, and forgotten after.
      fresh = blank();
      this.forgottenBelow = Math.max(this.forgottenBelow, end);
    } else {
      if (full && this.#makeRoom(acknowledged)) index -= 1;
      fresh = this.#insert(index + 1);
    }
    fresh.ssn = ssn;
    fresh.dsn = dsn;
    fresh.length = end - ssn;
    fresh.dataFin = dataFin;
    fresh.checksum = checksum;
    fresh.wireSsn = wireSsn;
    fresh.frame = frame;
    fresh.summed = 0;
    fresh.sum = 0;
    fresh.ahead = undefined;
    fresh.unsummable = false;
    fresh.judged = false;
    this.last = collided ?? fresh;
    return status;
  }

  /** Takes the free slot behind the last mapping to where a new one belongs. */
  #insert(index: number): Mapping {
    const mask = this.#items.length - 1;
    const fresh = this.#items[(this.#head + this.#count) & mask]!;
    for (let i = this.#count; i > index; i -= 1) this.#items[(this.#head + i) & mask] = this.#items[(this.#head + i - 1) & mask]!;
    this.#items[(this.#head + index) & mask] = fresh;
    this.#count += 1;
    return fresh;
  }

  /** Takes mappings out; their slots become free ones behind the last. */
  #remove(index: number, count: number): void {
    const mask = this.#items.length - 1;
    for (let i = index + count; i < this.#count; i += 1) {
      const to = (this.#head + i - count) & mask;
      const from = (this.#head + i) & mask;
      [this.#items[to], this.#items[from]] = [this.#items[from]!, this.#items[to]!];
    }
    this.#count -= count;
  }

  /** Whether the oldest mapping gives way before the table grows. */
  #mayForget(acknowledged: number): boolean {
    const oldest = this.at(0);
    return oldest !== undefined && this.#count >= 8 && (oldest.ssn + oldest.length <= acknowledged || this.#count >= LIMIT);
  }

  /** Makes room for one more; true where the oldest mapping gave way, false where the table grew. */
  #makeRoom(acknowledged: number): boolean {
    if (this.#mayForget(acknowledged)) {
      const oldest = this.at(0)!;
      this.forgottenBelow = Math.max(this.forgottenBelow, oldest.ssn + oldest.length);
      this.#head = (this.#head + 1) & (this.#items.length - 1);
      this.#count -= 1;
      return true;
    }
    const grown: Mapping[] = [];
    for (let i = 0; i < this.#count; i += 1) grown.push(this.at(i)!);
    const size = Math.max(2, this.#items.length * 2);
    while (grown.length < size) grown.push(blank());
    this.#items = grown;
    this.#head = 0;
    return false;
  }
}
