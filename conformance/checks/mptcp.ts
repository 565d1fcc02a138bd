/** All checks of Multipath TCP, one file per section of RFC 8684; a v0 connection is judged by the same checks. */
import type { AnyCheck } from '../follow/mptcp/judge.ts';
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

export const mptcpChecks: readonly AnyCheck[] = [
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
