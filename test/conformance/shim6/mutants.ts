/** All mutants of shim6 and REAP: captures of LinShim6 and of our own hosts with one change each that breaks a requirement. */
import type { Mutant } from './changes.ts';
import { exchangeMutants } from './mutants-exchange.ts';
import { formMutants } from './mutants-forms.ts';
import { reapMutants } from './mutants-reap.ts';

export const mutants: readonly Mutant[] = [...formMutants, ...exchangeMutants, ...reapMutants];
