#!/usr/bin/env node
/** The `polypath` command. */

import { machines } from '../../state-machines/index.ts';
import { createChecker } from '../check.ts';
import { checksFor } from '../checks/index.ts';
import { catalogues } from '../requirements/index.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';

// The catalogues hold nothing of disposition `machine` yet, so there is no test to name.
const dependencies = { createChecker, catalogues, checksFor, testsFor: () => [], machines };
process.exitCode = await run(process.argv.slice(2), dependencies, processIo(process));
