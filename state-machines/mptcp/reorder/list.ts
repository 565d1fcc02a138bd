/** The plain list: a segment's place is looked for from the far end, where most belong that come ahead (the thesis's table 5.1, first form). */
import type { Finder, ReorderCost, Run } from './queue.ts';

/** From `tail` towards the front, up to the first run that starts at or below `dsn`. */
export const walkBack = (dsn: number, tail: Run | undefined, cost: ReorderCost): Run | undefined => {
  let run = tail;
  while (run !== undefined) {
    cost.visited += 1;
    if (run.start <= dsn) return run;
    run = run.before;
  }
  return undefined;
};

/** Finds by walking. */
export const listFinder = (): Finder => ({ find: (dsn, _, __, tail, cost) => walkBack(dsn, tail, cost) });
