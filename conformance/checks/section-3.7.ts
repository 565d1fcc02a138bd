/** Section 3.7. */
import type { Check } from '../follow/judge.ts';

export const section37: readonly Check[] = [];
