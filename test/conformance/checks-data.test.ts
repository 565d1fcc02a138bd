/** The checks of RFC 8684 sections 3.3 to 3.3.6 and 3.7, each with a conversation that keeps its rule and one that breaks it, in both versions. */
import { fallbackCases, fallbackInnocents } from './scripts/fallback.ts';
import { holdCases, holdInnocents } from './scripts/held.ts';
import { transferInnocents } from './scripts/innocents.ts';
import { mappingCases } from './scripts/mapping.ts';
import { transferCases } from './scripts/transfer.ts';

holdCases([...mappingCases, ...transferCases, ...fallbackCases]);
holdInnocents([...transferInnocents, ...fallbackInnocents]);
