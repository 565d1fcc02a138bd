/**
 * The out-of-order queue of a receiver's data sequence space (RFC 8684 section 3.3.5): what came ahead of a hole waits here. Four forms of it, after the thesis's
 * table 5.1, hold and give back the same and differ in what it costs them to find a segment's place; this file has what they share.
 */

/** Octets as they came, behind those before them. */
interface Piece {
  readonly payload: Uint8Array;
  following: Piece | undefined;
}

/** A node of the queue: octets of the data sequence space without a hole among them, from `start` to before `end`. */
export interface Run {
  start: number;
  end: number;
  first: Piece;
  last: Piece;
  before: Run | undefined;
  after: Run | undefined;
  /** For a run that is no more: the one that has its octets now; undefined where they were taken. */
  heir: Run | undefined;
  /** Whether it is in the queue. */
  held: boolean;
}

/** What finding places has cost. */
export interface ReorderCost {
  /** Segments whose place was looked for. */
  insertions: number;
  /** Nodes looked at for it. */
  visited: number;
  /** Segments whose place their subflow's shortcut had. */
  hits: number;
}

/** How a form finds where a segment belongs. It counts what it looks at. */
export interface Finder {
  /** The last run that starts at or below `dsn`; undefined where all start above, or there is none. */
  find(dsn: number, subflow: number, head: Run | undefined, tail: Run | undefined, cost: ReorderCost): Run | undefined;
  /** A run is new in the queue. */
  added?(run: Run): void;
  /** A run is out of the queue; all of it was taken, or `run.heir` has its octets. */
  removed?(run: Run): void;
  /** The octets of the segment that `subflow` brought last are in `run`. */
  placed?(run: Run, subflow: number): void;
  forget?(subflow: number): void;
}

/** How a queue is set up. */
export interface ReorderSettings {
  /** Pieces that are held at most; what comes beyond is not taken, and so not to be acknowledged. 65,536 when left out. */
  readonly limit?: number;
}

const LIMIT = 65_536;

/**
 * The queue. Data sequence numbers are plain numbers, counted from the start of the connection; they may have any value up to 2^53.
 *
 * @example
 * const queue = newReorderQueue('shortcut-runs');
 * queue.insert(101, second, 1); // 50: octets 101 to 150 wait
 * queue.take(101); // second, once octets up to 100 have been delivered
 */
export class ReorderQueue {
  readonly cost: ReorderCost = { insertions: 0, visited: 0, hits: 0 };
  /** Octets that wait. */
  octets = 0;
  /** Pieces in which they came. */
  pieces = 0;
  /** Nodes that hold them: as many as pieces, or where they are aggregated as stretches without a hole. */
  nodes = 0;
  readonly #finder: Finder;
  readonly #aggregates: boolean;
  readonly #limit: number;
  #head: Run | undefined;
  #tail: Run | undefined;

  constructor(finder: Finder, aggregates: boolean, { limit = LIMIT }: ReorderSettings = {}) {
    this.#finder = finder;
    this.#aggregates = aggregates;
    this.#limit = limit;
  }

  /** The first octet that waits; Infinity where none does. */
  get start(): number {
    return this.#head?.start ?? Infinity;
  }

  /** One past the last octet that waits; -Infinity where none does. */
  get end(): number {
    return this.#tail?.end ?? -Infinity;
  }

  /**
   * Takes what `subflow` brought for the octets from `dsn` on, and gives how many of them were not there yet: of octets that come twice the first stay. Keeps the
   * `payload` that it is given, not a copy.
   */
  insert(dsn: number, payload: Uint8Array, subflow: number): number {
    const end = dsn + payload.length;
    if (payload.length === 0) return 0;
    this.cost.insertions += 1;
    let run = this.#finder.find(dsn, subflow, this.#head, this.#tail, this.cost);
    let from = dsn;
    let taken = 0;
    // From hole to hole: mostly there is one, and it takes all.
    while (from < end) {
      if (run !== undefined && run.end > from) from = run.end;
      const next: Run | undefined = run === undefined ? this.#head : run.after;
      const to = next === undefined ? end : Math.min(end, next.start);
      if (from < to) {
        if (this.pieces >= this.#limit) break;
        const octets = to - from === payload.length ? payload : payload.subarray(from - dsn, to - dsn);
        run = this.#put(from, to, octets, run, next);
        taken += to - from;
        from = to;
      }
      if (from >= end) break;
      if (run === undefined || run.end <= from) {
        this.cost.visited += 1;
        run = next;
      }
    }
    this.octets += taken;
    if (run !== undefined) this.#finder.placed?.(run, subflow);
    return taken;
  }

  /** Takes out the octets that continue the stream at `next`, as they came, without what lies below it; undefined where they are missing. */
  take(next: number): Uint8Array | undefined {
    for (let head = this.#head; head !== undefined && head.start <= next; head = this.#head) {
      const { payload, following } = head.first;
      const skipped = next - head.start;
      head.start += payload.length;
      this.octets -= payload.length;
      this.pieces -= 1;
      if (following === undefined) this.#remove(head, undefined);
      else head.first = following;
      if (skipped < payload.length) return skipped === 0 ? payload : payload.subarray(skipped);
    }
    return undefined;
  }

  /** A subflow is gone. */
  forget(subflow: number): void {
    this.#finder.forget?.(subflow);
  }

  /** Puts octets that fill a hole, or a part of it, behind `before` and ahead of `after`; gives the run that has them. */
  #put(start: number, end: number, payload: Uint8Array, before: Run | undefined, after: Run | undefined): Run {
    const piece: Piece = { payload, following: undefined };
    this.pieces += 1;
    if (this.#aggregates && before !== undefined && before.end === start) {
      before.last.following = piece;
      before.last = piece;
      before.end = end;
      if (after !== undefined && after.start === end) this.#join(before, after);
      return before;
    }
    const run: Run = { start, end, first: piece, last: piece, before, after, heir: undefined, held: true };
    if (before === undefined) this.#head = run;
    else before.after = run;
    if (after === undefined) this.#tail = run;
    else after.before = run;
    this.nodes += 1;
    this.#finder.added?.(run);
    if (this.#aggregates && after !== undefined && after.start === end) this.#join(run, after);
    return run;
  }

  /** Two runs touch: the first takes the octets of the second. */
  #join(run: Run, after: Run): void {
    run.last.following = after.first;
    run.last = after.last;
    run.end = after.end;
    this.#remove(after, run);
  }

  #remove(run: Run, heir: Run | undefined): void {
    const { before, after } = run;
    if (before === undefined) this.#head = after;
    else before.after = after;
    if (after === undefined) this.#tail = before;
    else after.before = before;
    run.held = false;
    run.heir = heir;
    this.nodes -= 1;
    this.#finder.removed?.(run);
  }
}
