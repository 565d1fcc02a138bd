/**
 * The checker of the command line. Most captures hold Multipath TCP and nothing else, and to read the code of the other protocols takes as long
 * as to check 50,000 packets: it is loaded when the first packet that may be theirs has come.
 */
import { createRequire } from 'node:module';
import { newChecker } from '../checker.ts';
import type { CreateChecker } from './capture.ts';

/** A packet cannot wait for a promise; `require` takes ES modules from Node 20.19 on. */
const load = (): typeof import('../packet-followers.ts') =>
  createRequire(import.meta.url)('./packet-followers.js') as typeof import('../packet-followers.ts');

/** As `createChecker` of conformance/check.ts. */
export const createChecker: CreateChecker = (options) => newChecker(options, () => load().packetFollowers);
