/**
 * The data of one direction as it arrives (RFC 8684 section 3.3.4): in order for the application, ahead of a hole, and the one receive
 * window of the connection, whose left edge is the Data ACK. Data sequence numbers are relative: 1 is the first octet.
 */
import { newReorderQueue } from '../reorder/index.ts';
import type { ReorderForm, ReorderQueue } from '../reorder/index.ts';

/**
 * The receive buffer.
 *
 * @example
 * const buffer = new ReceiveBuffer(65_536);
 * buffer.insert(1, octets, 0); // in order: buffer.next has moved on
 * buffer.read(Infinity); // [octets]
 */
export class ReceiveBuffer {
  /** Octets that it holds at most for the application. */
  limit: number;
  /** The Data ACK: the next number that is expected, the DATA_FIN's included once it has come. */
  next = 1;
  /** Octets in order that have not been read. */
  unread = 0;
  /** The DATA_FIN's number, once it is known. */
  fin: number | undefined;
  /** The right edge of the window as it was last told; it never shrinks. */
  edge = 1;
  readonly queue: ReorderQueue;
  #ready: Uint8Array[] = [];

  constructor(limit: number, form: ReorderForm = 'shortcut-runs') {
    this.limit = limit;
    this.queue = newReorderQueue(form);
    this.edge = 1;
  }

  /** The highest octet that there is room for, and one more. */
  get allowed(): number {
    return Math.max(this.edge, this.next + Math.max(0, this.limit - this.unread));
  }

  /** The right edge that is to be told: it moves on by half the buffer or a whole segment at least (RFC 9293 section 3.8.6.2.2). */
  advertise(segment: number): number {
    const { allowed } = this;
    return allowed - this.edge >= Math.min(this.limit / 2, segment) ? allowed : Math.max(this.edge, this.next);
  }

  /** Octets of the data sequence space that came on a subflow, which the caller has found to be in the window; gives how many were new. */
  insert(dsn: number, payload: Uint8Array, subflow: number): number {
    const from = Math.max(dsn, this.next);
    const to = Math.min(dsn + payload.length, this.fin ?? Infinity);
    if (to <= from) return 0;
    const octets = to - from === payload.length ? payload : payload.subarray(from - dsn, to - dsn);
    if (from > this.next) return this.queue.insert(from, octets, subflow);
    const before = this.next;
    this.#append(octets);
    if (this.queue.octets > 0)
      for (let more = this.queue.take(this.next); more !== undefined; more = this.queue.take(this.next)) this.#append(more);
    return this.next - before;
  }

  /** The DATA_FIN has this number. */
  finish(fin: number): void {
    this.fin ??= fin;
  }

  /** Whether all data has come, and the DATA_FIN with it; from then on the Data ACK acknowledges it. */
  takeFin(): boolean {
    if (this.fin === undefined || this.next !== this.fin) return false;
    this.next += 1;
    return true;
  }

  /** Takes at most `most` octets in order. */
  read(most: number): Uint8Array[] {
    if (this.unread <= most) {
      const all = this.#ready;
      this.#ready = [];
      this.unread = 0;
      return all;
    }
    const taken: Uint8Array[] = [];
    let left = most;
    let whole = 0;
    for (; left > 0 && this.#ready[whole]!.length <= left; whole += 1) {
      taken.push(this.#ready[whole]!);
      left -= this.#ready[whole]!.length;
    }
    this.#ready.splice(0, whole);
    if (left > 0) {
      const first = this.#ready[0]!;
      taken.push(first.subarray(0, left));
      this.#ready[0] = first.subarray(left);
    }
    this.unread -= most;
    return taken;
  }

  #append(octets: Uint8Array): void {
    this.#ready.push(octets);
    this.unread += octets.length;
    this.next += octets.length;
  }
}
