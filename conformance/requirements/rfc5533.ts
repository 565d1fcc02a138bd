/** RFC 5533, Shim6: Level 3 Multihoming Shim Protocol for IPv6: every sentence with a keyword, and the rules without one. */
import { catalogue } from './define.ts';
import type { Catalogue } from './requirement.ts';
import { establishing } from './rfc5533/establishing.ts';
import { messages } from './rfc5533/messages.ts';
import { options } from './rfc5533/options.ts';
import { using } from './rfc5533/using.ts';

/** The requirements of RFC 5533 in the order of its sections; in each, its sentences first, then its rules. */
export const rfc5533: Catalogue = catalogue(5533, 'Shim6: Level 3 Multihoming Shim Protocol for IPv6', [
  ...messages,
  ...options,
  ...establishing,
  ...using,
]);
