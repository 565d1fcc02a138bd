/** Section 3.6. */
import type { Check } from '../follow/judge.ts';

export const section36: readonly Check[] = [];
