/**
 * Shortcuts: of each subflow it is remembered where its last segment went. A scheduler gives a subflow stretches of the data that follow each other, so its next
 * segment mostly belongs right behind (the thesis's table 5.1, third and fourth form). Where a shortcut does not help the list is walked.
 */
import { walkBack } from './list.ts';
import type { Finder, ReorderCost, Run } from './queue.ts';

/** Subflows from 0 to below this have shortcuts; to find a place for others the list is walked. */
const SUBFLOWS = 256;

class Shortcuts implements Finder {
  readonly #last: (Run | undefined)[] = Array.from({ length: SUBFLOWS });

  find(dsn: number, subflow: number, head: Run | undefined, tail: Run | undefined, cost: ReorderCost): Run | undefined {
    let run = this.#last[subflow];
    if (run === undefined) return walkBack(dsn, tail, cost);
    while (!run.held && run.heir !== undefined) {
      cost.visited += 1;
      run = run.heir;
    }
    // What has been taken since lies below all that waits: then the place is the front.
    const place = run.held ? run : undefined;
    const next = place === undefined ? head : place.after;
    cost.visited += (place === undefined ? 0 : 1) + (next === undefined ? 0 : 1);
    if ((place === undefined || place.start <= dsn) && (next === undefined || next.start > dsn)) {
      cost.hits += 1;
      return place;
    }
    return walkBack(dsn, tail, cost);
  }

  placed(run: Run, subflow: number): void {
    if (subflow >= 0 && subflow < SUBFLOWS) this.#last[subflow] = run;
  }

  forget(subflow: number): void {
    if (subflow >= 0 && subflow < SUBFLOWS) this.#last[subflow] = undefined;
  }
}

/** Finds by the subflow's shortcut, and by walking where it does not fit. */
export const shortcutFinder = (): Finder => new Shortcuts();
