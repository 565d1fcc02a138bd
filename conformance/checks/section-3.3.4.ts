/** Section 3.3.4. */
import type { Check } from '../follow/judge.ts';

export const section334: readonly Check[] = [];
