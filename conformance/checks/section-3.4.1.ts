/** Section 3.4.1. */
import type { Check } from '../follow/judge.ts';

export const section341: readonly Check[] = [];
