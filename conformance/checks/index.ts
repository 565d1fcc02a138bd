/** Every check, by the event it watches. One file per section of RFC 8684; a v0 connection is judged by the same checks. */
import type { AnyCheck as AnyMip6Check } from '../follow/mip6/judge.ts';
import type { AnyCheck } from '../follow/mptcp/judge.ts';
import { idsDecidedBy } from '../requirements/index.ts';
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
import { section3 } from './rfc8684/section-3.ts';
import { section31 } from './rfc8684/section-3.1.ts';
import { section32 } from './rfc8684/section-3.2.ts';
import { section33 } from './rfc8684/section-3.3.ts';
import { section331 } from './rfc8684/section-3.3.1.ts';
import { section332 } from './rfc8684/section-3.3.2.ts';
import { section333 } from './rfc8684/section-3.3.3.ts';
import { section334 } from './rfc8684/section-3.3.4.ts';
import { section338 } from './rfc8684/section-3.3.8.ts';
import { section341 } from './rfc8684/section-3.4.1.ts';
import { section342 } from './rfc8684/section-3.4.2.ts';
import { section35 } from './rfc8684/section-3.5.ts';
import { section36 } from './rfc8684/section-3.6.ts';
import { section37 } from './rfc8684/section-3.7.ts';
import { section39 } from './rfc8684/section-3.9.ts';
import { shim6Checks } from './shim6.ts';

export { shim6Checks };

/** All checks of Multipath TCP. */
export const checks: readonly AnyCheck[] = [
  ...section3,
  ...section31,
  ...section32,
  ...section33,
  ...section331,
  ...section332,
  ...section333,
  ...section334,
  ...section338,
  ...section341,
  ...section342,
  ...section35,
  ...section36,
  ...section37,
  ...section39,
];

/** All checks of Mobile IPv6. */
export const mip6Checks: readonly AnyMip6Check[] = [
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

/** The names of the checks that decide a requirement: the section's file and the event that it watches. */
export const checksFor = (id: string): readonly string[] =>
  [...checks, ...mip6Checks, ...shim6Checks]
    .filter((each) => idsDecidedBy(each.requirement, 1).includes(id) || idsDecidedBy(each.requirement, 0).includes(id))
    .map((each) => `${each.requirement} on ${each.event}`);
