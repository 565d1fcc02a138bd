/** Section 3.1. */
import type { Check } from '../follow/judge.ts';

export const section31: readonly Check[] = [];
