/** The out-of-order queue in four forms with one interface, after the thesis's table 5.1. */
import { listFinder } from './list.ts';
import { ReorderQueue } from './queue.ts';
import type { ReorderSettings } from './queue.ts';
import { shortcutFinder } from './shortcuts.ts';
import { treeFinder } from './tree.ts';

export type { ReorderCost, ReorderQueue, ReorderSettings } from './queue.ts';

/**
 * The forms, in the order of the thesis's table: a list of segments; a tree of stretches, in which segments that touch are one node; a list of segments with a
 * shortcut for each subflow; a list of stretches with shortcuts.
 */
export const REORDER_FORMS = ['list', 'tree', 'shortcuts', 'shortcut-runs'] as const;
export type ReorderForm = (typeof REORDER_FORMS)[number];

/** A queue of a form. @example newReorderQueue('shortcut-runs', { limit: 10_000 }) */
export const newReorderQueue = (form: ReorderForm, settings?: ReorderSettings): ReorderQueue => {
  switch (form) {
    case 'list':
      return new ReorderQueue(listFinder(), false, settings);
    case 'tree':
      return new ReorderQueue(treeFinder(), true, settings);
    case 'shortcuts':
      return new ReorderQueue(shortcutFinder(), false, settings);
    case 'shortcut-runs':
      return new ReorderQueue(shortcutFinder(), true, settings);
  }
};
