/** Section 3.3.1. */
import type { Check } from '../follow/judge.ts';

export const section331: readonly Check[] = [];
