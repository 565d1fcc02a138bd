/**
 * The data of one direction on its way out (RFC 8684 sections 3.3.5 and 3.3.6): one queue from which all subflows pull, what is sent and
 * not acknowledged, and the queue of what is to be sent on another subflow. Data sequence numbers are relative: 1 is the first octet.
 */
import { concat } from '../../../codecs/bytes.ts';

/** Octets that were sent together: what can be sent again on another subflow. */
export interface DataSegment {
  readonly dsn: number;
  readonly payload: Uint8Array;
  /** Whether a DATA_FIN follows the payload; it takes one more number. */
  readonly dataFin: boolean;
  /** Subflows on which it has been sent. */
  carriers: readonly number[];
  /** On how many of them it is not acknowledged. */
  outstanding: number;
  /** Whether a Data ACK has acknowledged it. */
  acknowledged: boolean;
  /** Whether it waits to be sent on another subflow. */
  waits: boolean;
}

interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly octets: Uint8Array;
}

/** One past its last number. */
export const endOf = ({ dsn, payload, dataFin }: DataSegment): number => dsn + payload.length + (dataFin ? 1 : 0);

/** When the spent front of a queue is cut off. */
const SPENT = 256;

/**
 * The send buffer.
 *
 * @example
 * const buffer = new SendBuffer(65_536);
 * buffer.write(octets);
 * const segment = buffer.take(0, 1400, Infinity); // the first 1,400 octets, DSN 1 to 1,400
 */
export class SendBuffer {
  /** Octets that it holds at most. */
  limit: number;
  /** Octets that it holds: not acknowledged by a Data ACK, or not on all subflows that had them (section 3.3.2). */
  held = 0;
  /** One past the last octet written. */
  end = 1;
  /** The highest Data ACK. */
  acknowledged = 1;
  /** Whether nothing more will be written. */
  closed = false;
  /** Whether the DATA_FIN has been sent. */
  finSent = false;
  /** Written and never sent, in order: one range, and more where a scheduler has left data to a faster subflow. */
  readonly #unsent: { from: number; to: number }[] = [];
  #chunks: Chunk[] = [];
  #sent: DataSegment[] = [];
  #head = 0;
  readonly #reinjections: DataSegment[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Octets that were never sent. */
  get unsent(): number {
    let octets = 0;
    for (const { from, to } of this.#unsent) octets += to - from;
    return octets;
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** The first octet that was never sent; `end` where all were. */
  get firstUnsent(): number {
    return this.#unsent[0]?.from ?? this.end;
  }

  /** Whether anything waits to be sent on another subflow. */
  get hasReinjections(): boolean {
    return this.#reinjections.length > 0;
  }

  /** The number of the DATA_FIN. */
  get fin(): number {
    return this.end;
  }

  /** The oldest segment that no Data ACK has acknowledged. */
  get oldest(): DataSegment | undefined {
    return this.#sent[this.#head];
  }

  /** Takes what there is room for, and says how many octets that is. The octets are kept, not copied. */
  write(octets: Uint8Array): number {
    const length = this.closed ? 0 : Math.max(0, Math.min(octets.length, this.limit - this.held));
    if (length === 0) return 0;
    const from = this.end;
    this.end += length;
    this.held += length;
    this.#chunks.push({ from, to: this.end, octets: length === octets.length ? octets : octets.subarray(0, length) });
    const last = this.#unsent.at(-1);
    if (last !== undefined && last.to === from) last.to = this.end;
    else this.#unsent.push({ from, to: this.end });
    return length;
  }

  /**
   * Takes at most `most` octets that were never sent, all below the number `edge`; `skip` of the unsent octets are left for others. They
   * follow each other without a gap. The DATA_FIN goes with the last of them, if it `mayFinish`. Undefined where there are none.
   */
  take(skip: number, most: number, edge: number, mayFinish = true): DataSegment | undefined {
    let left = skip;
    for (let i = 0; i < this.#unsent.length; i += 1) {
      const range = this.#unsent[i]!;
      if (left >= range.to - range.from) {
        left -= range.to - range.from;
        continue;
      }
      const from = range.from + left;
      const to = Math.min(range.to, from + most, edge);
      return to <= from ? undefined : this.#cut(i, from, to, mayFinish && to < edge);
    }
    return undefined;
  }

  #cut(index: number, from: number, to: number, mayFinish: boolean): DataSegment {
    const range = this.#unsent[index]!;
    if (from > range.from && to < range.to) this.#unsent.splice(index, 1, { from: range.from, to: from }, { from: to, to: range.to });
    else if (from > range.from) range.to = from;
    else if (to < range.to) range.from = to;
    else this.#unsent.splice(index, 1);
    const payload = this.#octets(from, to);
    const dataFin = mayFinish && this.closed && to === this.end && !this.hasUnsent;
    if (dataFin) this.finSent = true;
    const segment: DataSegment = { dsn: from, payload, dataFin, carriers: [], outstanding: 0, acknowledged: false, waits: false };
    // Mostly it is the last one.
    let at = this.#sent.length;
    while (at > this.#head && this.#sent[at - 1]!.dsn > from) at -= 1;
    if (at === this.#sent.length) this.#sent.push(segment);
    else this.#sent.splice(at, 0, segment);
    return segment;
  }

  #octets(from: number, to: number): Uint8Array {
    const chunks = this.#chunks;
    let i = 0;
    while (chunks[i]!.to <= from) i += 1;
    const first = chunks[i]!;
    let octets: Uint8Array;
    if (to <= first.to) octets = first.octets.subarray(from - first.from, to - first.from);
    else {
      const parts = [first.octets.subarray(from - first.from)];
      for (let next = chunks[(i += 1)]; next !== undefined && next.from < to; next = chunks[(i += 1)])
        parts.push(next.octets.subarray(0, Math.min(next.to, to) - next.from));
      octets = concat(...parts);
    }
    // What was sent lives on in its segments.
    const { firstUnsent } = this;
    let spent = 0;
    while (spent < chunks.length && chunks[spent]!.to <= firstUnsent) spent += 1;
    if (spent > 0) this.#chunks = chunks.slice(spent);
    return octets;
  }

  /** It has been sent on a subflow. */
  carried(segment: DataSegment, subflow: number): void {
    if (!segment.carriers.includes(subflow)) segment.carriers = [...segment.carriers, subflow];
    segment.outstanding += 1;
  }

  /** A subflow has seen it acknowledged, or is no more. */
  settled(segment: DataSegment): void {
    segment.outstanding -= 1;
    if (segment.outstanding === 0 && segment.acknowledged) this.held -= segment.payload.length;
  }

  /** A Data ACK: everything below `dataAck` has arrived. Gives whether it tells anything new. */
  acknowledge(dataAck: number): boolean {
    if (dataAck <= this.acknowledged) return false;
    this.acknowledged = dataAck;
    for (let oldest = this.oldest; oldest !== undefined && endOf(oldest) <= dataAck; oldest = this.oldest) {
      oldest.acknowledged = true;
      if (oldest.outstanding === 0) this.held -= oldest.payload.length;
      this.#head += 1;
    }
    if (this.#head >= SPENT && this.#head * 2 >= this.#sent.length) {
      this.#sent = this.#sent.slice(this.#head);
      this.#head = 0;
    }
    return true;
  }

  /** It is to be sent on a subflow that never had it. */
  reinject(segment: DataSegment): void {
    if (segment.acknowledged || segment.waits) return;
    segment.waits = true;
    let at = this.#reinjections.length;
    while (at > 0 && this.#reinjections[at - 1]!.dsn > segment.dsn) at -= 1;
    this.#reinjections.splice(at, 0, segment);
  }

  /** The first that waits and that this subflow never had, if there is one; it no longer waits. */
  takeReinjection(subflow: number): DataSegment | undefined {
    const queue = this.#reinjections;
    let kept = 0;
    let found: DataSegment | undefined;
    for (const segment of queue) {
      if (segment.acknowledged) segment.waits = false;
      else if (found === undefined && !segment.carriers.includes(subflow)) found = segment;
      else queue[kept++] = segment;
    }
    queue.length = kept;
    if (found !== undefined) found.waits = false;
    return found;
  }

  /** Everything sent and not acknowledged may be sent anew on any subflow: nobody has it any more. */
  *unacknowledged(): Generator<DataSegment> {
    for (let i = this.#head; i < this.#sent.length; i += 1) yield this.#sent[i]!;
  }
}
