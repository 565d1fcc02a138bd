/** All cases of `polypath live mptcp`, in the order of the RFC's sections. */
import type { LiveCase } from '../case.ts';
import { section31 } from './section-3.1.ts';
import { section32 } from './section-3.2.ts';

export const cases: readonly LiveCase[] = [...section31, ...section32];

/** Ids of the cases that decide a requirement. @example casesFor('RFC8684-3.2-6') // ['3.2/unknown-token', ...] */
export const casesFor = (requirement: string): readonly string[] =>
  cases.filter(({ requirements }) => requirements.includes(requirement)).map(({ id }) => id);
