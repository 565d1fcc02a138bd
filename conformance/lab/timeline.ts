/** What is to happen, in the order of its time: a heap, so that a million events cost a million times their logarithm. */

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** Acts by their time in ms; those of one time in the order in which they were added. */
export class Timeline {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** How many acts are waiting. */
  get size(): number {
    return this.#heap.length;
  }

  /** The time of the next act; Infinity where there is none. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  add(at: number, act: () => void): void {
    const heap = this.#heap;
    heap.push({ at, order: (this.#order += 1), act });
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  /** Takes the next act out; undefined where there is none. */
  take(): (() => void) | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.act;
    heap[0] = last;
    for (let i = 0; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
      if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
      if (least === i) break;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
    return first.act;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
