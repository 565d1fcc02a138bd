/** Section 3.9. */
import type { Check } from '../follow/judge.ts';

export const section39: readonly Check[] = [];
