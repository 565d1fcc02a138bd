/** Section 3.4.2. */
import type { Check } from '../follow/judge.ts';

export const section342: readonly Check[] = [];
