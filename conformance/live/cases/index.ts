/** All cases of `polypath live mptcp`, in the order of the RFC's sections. */
import { requirement } from '../../requirements/index.ts';
import type { LiveCase } from '../case.ts';
import { section3 } from './section-3.ts';
import { section31 } from './section-3.1.ts';
import { section31Checksum } from './section-3.1-checksum.ts';
import { section32 } from './section-3.2.ts';
import { section331 } from './section-3.3.1.ts';
import { section332 } from './section-3.3.2.ts';
import { section333 } from './section-3.3.3.ts';
import { section338 } from './section-3.3.8.ts';
import { section341 } from './section-3.4.1.ts';
import { section342 } from './section-3.4.2.ts';
import { section35 } from './section-3.5.ts';
import { section37 } from './section-3.7.ts';
import { section39 } from './section-3.9.ts';
import { courses } from './courses.ts';
import { fallbacks } from './fallbacks.ts';
import { transfers } from './transfers.ts';

export const cases: readonly LiveCase[] = [
  ...section3,
  ...section31,
  ...section31Checksum,
  ...section32,
  ...section331,
  ...section332,
  ...section333,
  ...section338,
  ...section341,
  ...section342,
  ...section35,
  ...section37,
  ...section39,
  ...transfers,
  ...courses,
  ...fallbacks,
];

/** Ids of the cases that decide a requirement, or the one that it restates. @example casesFor('RFC8684-3.2-6') // ['3.2/unknown-token', ...] */
export const casesFor = (id: string): readonly string[] => {
  const same = requirement(id)?.sameAs;
  return cases.filter(({ requirements }) => requirements.some((each) => each === id || each === same)).map((each) => each.id);
};
