/** RFC 8684, TCP Extensions for Multipath Operation with Multiple Addresses (version 1): every sentence with a keyword, and the rules without one. */
import { catalogue } from './define.ts';
import { addresses } from './rfc8684/addresses.ts';
import { closing } from './rfc8684/closing.ts';
import { fallback } from './rfc8684/fallback.ts';
import { initiation } from './rfc8684/initiation.ts';
import { joining } from './rfc8684/joining.ts';
import { mapping } from './rfc8684/mapping.ts';
import { transfer } from './rfc8684/transfer.ts';
import type { Catalogue } from './requirement.ts';

/** The requirements of RFC 8684 in the order of its sections; in each, its sentences first, then its rules. */
export const rfc8684: Catalogue = catalogue(8684, 'TCP Extensions for Multipath Operation with Multiple Addresses', [
  ...initiation,
  ...joining,
  ...mapping,
  ...transfer,
  ...addresses,
  ...closing,
  ...fallback,
]);
