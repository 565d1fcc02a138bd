/** Section 3.3. */
import type { Check } from '../follow/judge.ts';

export const section33: readonly Check[] = [];
