/** The checks of RFC 8684 sections 3, 3.1 and 3.2, each with a conversation that keeps its rule and one that breaks it, in both versions. */
import { holdCases, holdInnocents } from './scripts/held.ts';
import { initiationCases } from './scripts/initiation.ts';
import { initiationInnocents } from './scripts/innocents.ts';
import { joiningCases, joiningInnocents } from './scripts/joining.ts';

holdCases([...initiationCases, ...joiningCases]);
holdInnocents([...initiationInnocents, ...joiningInnocents]);
