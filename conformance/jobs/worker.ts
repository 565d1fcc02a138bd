/** A worker thread of `check --jobs`: checks the captures it is sent, one at a time, and answers with the report of each. */

import { parentPort, workerData } from 'node:worker_threads';
import type { CheckOptions } from '../checker.ts';
import type { CaptureInput } from '../input.ts';
import { checkCapture } from './capture.ts';
import { createChecker } from './late-checker.ts';
import type { FromWorker, ToWorker } from './pool.ts';

const options = workerData as CheckOptions;
const port = parentPort!;
const answer = (message: FromWorker): void => port.postMessage(message);

/** Standard input belongs to the main thread, which keeps it for itself. */
const nothing: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) };

const check = async (input: CaptureInput): Promise<void> => {
  const report = await checkCapture(input, options, createChecker, nothing, (octets) => answer({ octets }));
  answer({ report });
};

port.on('message', ({ input }: ToWorker) => void check(input));
