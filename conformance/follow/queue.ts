/** Things in the order of their last use. A Set keeps that order, too, but takes longer and longer to find its first entry when others have left. */

/** What can stand in a queue: its neighbours, and whether it stands in one. Only `Queue` writes these. */
export interface Queued<T> {
  older: T | undefined;
  newer: T | undefined;
  queue: unknown;
}

/**
 * A queue that its members can leave from anywhere; every operation takes the same short time. A member stands in one queue at a time.
 *
 * @example
 * const attempts = new Queue<Flow>();
 * attempts.add(flow);
 * attempts.oldest; // flow
 * attempts.delete(flow); // true
 */
export class Queue<T extends Queued<T>> {
  oldest: T | undefined;
  newest: T | undefined;
  size = 0;

  has(member: T): boolean {
    return member.queue === this;
  }

  /** Puts a member last, wherever it stood. */
  add(member: T): void {
    if (member === this.newest) return;
    if (member.queue !== undefined) (member.queue as Queue<T>).delete(member);
    member.queue = this;
    member.older = this.newest;
    if (this.newest === undefined) this.oldest = member;
    else this.newest.newer = member;
    this.newest = member;
    this.size += 1;
  }

  /** Takes a member out; false where it was not in this queue. */
  delete(member: T): boolean {
    if (!this.has(member)) return false;
    if (member.older === undefined) this.oldest = member.newer;
    else member.older.newer = member.newer;
    if (member.newer === undefined) this.newest = member.older;
    else member.newer.older = member.older;
    member.older = undefined;
    member.newer = undefined;
    member.queue = undefined;
    this.size -= 1;
    return true;
  }

  /** The members, oldest first. The one at hand may leave. */
  *[Symbol.iterator](): Generator<T> {
    for (let member = this.oldest; member !== undefined;) {
      const { newer } = member;
      yield member;
      member = newer;
    }
  }
}
