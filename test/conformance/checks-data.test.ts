/** The checks of RFC 8684 sections 3.3 to 3.3.6 and 3.7, each with a conversation that keeps its rule and one that breaks it, in both versions. */
import { fallbackCases, fallbackInnocents } from './scripts/fallback.ts';
import { holdCases, holdInnocents } from './scripts/held.ts';
import { transferCases, transferInnocents } from './scripts/transfer.ts';

holdCases([...transferCases, ...fallbackCases]);
holdInnocents([...transferInnocents, ...fallbackInnocents]);
