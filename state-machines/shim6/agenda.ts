/** What is due when: a heap in which each thing stands once and knows its place, so that a hundred thousand contexts cost a timer no more than a thousand do. Times in ms. */

/** What can stand in an agenda; both fields are the agenda's to write. */
export interface Due {
  /** When it is due. */
  due: number;
  /** Where it stands; -1 where it does not. */
  place: number;
}

/** @example agenda.set(context, now + 4000); agenda.take(now + 4000) // the context */
export class Agenda<T extends Due> {
  readonly #heap: T[] = [];

  /** When the next thing is due; undefined where nothing is. */
  get next(): number | undefined {
    return this.#heap[0]?.due;
  }

  /** Something is due at `due` in place of whenever it was; undefined takes it out. */
  set(thing: T, due: number | undefined): void {
    if (due === undefined) return this.#remove(thing);
    thing.due = due;
    if (thing.place < 0) thing.place = this.#heap.push(thing) - 1;
    this.#settle(thing);
  }

  /** Takes out the first thing that is due at `now`; undefined where there is none. */
  take(now: number): T | undefined {
    const [first] = this.#heap;
    if (first === undefined || first.due > now) return undefined;
    this.#remove(first);
    return first;
  }

  #remove(thing: T): void {
    if (thing.place < 0) return;
    const { place } = thing;
    thing.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === thing) return;
    this.#put(last, place);
    this.#settle(last);
  }

  #put(thing: T, place: number): void {
    this.#heap[place] = thing;
    thing.place = place;
  }

  /** Up as long as it is due before its parent, down as long as a child is due before it. */
  #settle(thing: T): void {
    const heap = this.#heap;
    let { place } = thing;
    for (; place > 0; place = (place - 1) >> 1) {
      const parent = heap[(place - 1) >> 1]!;
      if (parent.due <= thing.due) break;
      this.#put(parent, place);
    }
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const least = right !== undefined && right.due < left!.due ? right : left;
      if (least === undefined || least.due >= thing.due) break;
      const { place: below } = least;
      this.#put(least, place);
      place = below;
    }
    this.#put(thing, place);
  }
}
