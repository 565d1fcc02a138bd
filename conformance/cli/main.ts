#!/usr/bin/env node
/** The `polypath` command. */

import { setFlagsFromString } from 'node:v8';
import { machines } from '../../state-machines/index.ts';
import { createChecker } from '../check.ts';
import { checksFor } from '../checks/index.ts';
import { catalogues } from '../requirements/index.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';

// What is followed at a time is bounded, but by itself V8 lets several times as much garbage gather before it looks for it.
setFlagsFromString('--heap-growing-percent=50');
setFlagsFromString('--max-semi-space-size=8');
setFlagsFromString('--semi-space-growth-factor=1');

// The cases are many, and most commands need none.
const casesFor = async (): Promise<(requirement: string) => readonly string[]> => (await import('../live/cases/index.ts')).casesFor;
const dependencies = { createChecker, catalogues, checksFor, casesFor, machines };
process.exitCode = await run(process.argv.slice(2), dependencies, processIo(process));
