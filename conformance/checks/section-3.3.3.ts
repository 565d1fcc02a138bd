/** Section 3.3.3. */
import type { Check } from '../follow/judge.ts';

export const section333: readonly Check[] = [];
