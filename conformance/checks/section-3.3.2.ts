/** Section 3.3.2. */
import type { Check } from '../follow/judge.ts';

export const section332: readonly Check[] = [];
