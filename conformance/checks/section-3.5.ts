/** Section 3.5. */
import type { Check } from '../follow/judge.ts';

export const section35: readonly Check[] = [];
