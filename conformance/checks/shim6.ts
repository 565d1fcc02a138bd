/** All checks of shim6, REAP, CGA and HBA: those of RFC 5533, RFC 5534, RFC 3972, RFC 4581 and RFC 5535. */
import type { AnyCheck } from '../follow/shim6/judge.ts';
import { cgaParameters } from './cga/parameters.ts';
import { exchange } from './rfc5533/exchange.ts';
import { section5 } from './rfc5533/section-5.ts';
import { section515 } from './rfc5533/section-5.15.ts';
import { section10 } from './rfc5533/section-10.ts';
import { section14 } from './rfc5533/section-14.ts';
import { reap } from './rfc5534/reap.ts';

export const shim6Checks: readonly AnyCheck[] = [
  ...section5,
  ...section515,
  ...exchange,
  ...section10,
  ...section14,
  ...reap,
  ...cgaParameters,
];
