/** Section 3.2. */
import type { Check } from '../follow/judge.ts';

export const section32: readonly Check[] = [];
