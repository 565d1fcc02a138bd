/**
 * Before each test file: properties draw the same values every time, so that a run says what the one before it said. `POLYPATH_SEED=7 npm test` draws others; what fails there is
 * a defect like any other.
 */
import * as fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['POLYPATH_SEED'] ?? 0) });
