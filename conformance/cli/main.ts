#!/usr/bin/env node
/** The `polypath` command. */

import { setFlagsFromString } from 'node:v8';
import { createChecker } from '../jobs/late-checker.ts';
import { catalogues } from '../requirements/index.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';

// What is followed at a time is bounded, but by itself V8 lets several times as much garbage gather before it looks for it.
setFlagsFromString('--heap-growing-percent=50');
setFlagsFromString('--max-semi-space-size=8');
setFlagsFromString('--semi-space-growth-factor=1');
// On two cores the compiler takes turns with what it compiles: with less inlined into each function it is done sooner, and the code is as fast.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=400');

// What few commands need is loaded by them.
const dependencies = {
  createChecker,
  catalogues,
  checksFor: async () => (await import('../checks/index.ts')).checksFor,
  casesFor: async () => (await import('../live/cases/index.ts')).casesFor,
  machines: async () => (await import('../../state-machines/index.ts')).machines,
};
process.exitCode = await run(process.argv.slice(2), dependencies, processIo(process));
// Once all is written there is nothing to wait for: to take the heap down object by object takes longer than to check a small capture.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
