/** All mutants of RFC 6275 sections 4 to 8. */
import { discovery } from './discovery.ts';
import { headers } from './headers.ts';
import { messages } from './messages.ts';
import type { Mutant } from './mutant.ts';
import { options } from './options.ts';
import { routers } from './routers.ts';

export const formatMutants: readonly Mutant[] = [...messages, ...options, ...headers, ...discovery, ...routers];
