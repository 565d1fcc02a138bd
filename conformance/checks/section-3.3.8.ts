/** Section 3.3.8. */
import type { Check } from '../follow/judge.ts';

export const section338: readonly Check[] = [];
