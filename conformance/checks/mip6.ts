/** All checks of Mobile IPv6, one file per section of RFC 6275. */
import type { AnyCheck } from '../follow/mip6/judge.ts';
import { section103 } from './rfc6275/section-10.3.ts';
import { section104 } from './rfc6275/section-10.4.ts';
import { section105 } from './rfc6275/section-10.5.ts';
import { section113 } from './rfc6275/section-11.3.ts';
import { section114 } from './rfc6275/section-11.4.ts';
import { section117 } from './rfc6275/section-11.7.ts';
import { section52 } from './rfc6275/section-5.2.ts';
import { section5 } from './rfc6275/section-5.ts';
import { section61 } from './rfc6275/section-6.1.ts';
import { section62 } from './rfc6275/section-6.2.ts';
import { section63 } from './rfc6275/section-6.3.ts';
import { section64 } from './rfc6275/section-6.4.ts';
import { section65 } from './rfc6275/section-6.5.ts';
import { section66 } from './rfc6275/section-6.6.ts';
import { section67 } from './rfc6275/section-6.7.ts';
import { section68 } from './rfc6275/section-6.8.ts';
import { section7 } from './rfc6275/section-7.ts';
import { section8 } from './rfc6275/section-8.ts';
import { section92 } from './rfc6275/section-9.2.ts';
import { section95 } from './rfc6275/section-9.5.ts';

export const mip6Checks: readonly AnyCheck[] = [
  ...section5,
  ...section52,
  ...section61,
  ...section62,
  ...section63,
  ...section64,
  ...section65,
  ...section66,
  ...section67,
  ...section68,
  ...section7,
  ...section8,
  ...section92,
  ...section95,
  ...section103,
  ...section104,
  ...section105,
  ...section113,
  ...section114,
  ...section117,
];
