/** Captures side by side: each worker thread has one capture at a time, and the reports come back in the order of the inputs. */

import { Worker } from 'node:worker_threads';
import type { CheckOptions } from '../checker.ts';
import type { CaptureInput } from '../input.ts';
import type { CaptureReport } from '../report/report.ts';
import { checkCapture, unreadable, type CreateChecker } from './capture.ts';

/** A capture to check. */
export interface ToWorker {
  readonly input: CaptureInput;
}

/** Octets read of the capture so far, or its report. */
export type FromWorker = { readonly octets: number } | { readonly report: CaptureReport };

/** What a run is made of. */
export interface Run {
  readonly inputs: readonly CaptureInput[];
  readonly options: CheckOptions;
  /** How many captures at a time; 1 needs no thread. */
  readonly jobs: number;
  readonly createChecker: CreateChecker;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Told the octets read of all inputs together. */
  readonly onProgress: (octets: number) => void;
}

const startWorker = (options: CheckOptions): Worker => {
  const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: options });
  // A second error of a dying worker must not become an uncaught one.
  return worker.on('error', () => undefined);
};

/** One capture on one worker. A worker that dies (out of memory, say) takes its own capture with it and no other. */
const onWorker = (
  worker: Worker,
  input: CaptureInput,
  onProgress: (octets: number) => void,
): Promise<{ report: CaptureReport; dead: boolean }> =>
  new Promise((resolve) => {
    const finish = (report: CaptureReport, dead: boolean): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      resolve({ report, dead });
    };
    const onMessage = (message: FromWorker): void => {
      if ('report' in message) finish(message.report, false);
      else onProgress(message.octets);
    };
    const onError = (error: Error): void => finish(unreadable(input.file, `internal error: ${error.message}`), true);
    const onExit = (): void => finish(unreadable(input.file, 'internal error: the worker thread ended'), true);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage({ input } satisfies ToWorker);
  });

/**
 * Checks all inputs, at most `jobs` at a time; the n-th report is the n-th input's.
 * @example await checkCaptures({ inputs, options: {}, jobs: 4, createChecker, stdin: process.stdin, onProgress: () => {} })
 */
export const checkCaptures = async (run: Run): Promise<CaptureReport[]> => {
  const { inputs, options, createChecker, stdin } = run;
  const reports: CaptureReport[] = [];
  const read: number[] = inputs.map(() => 0);
  let total = 0;
  const progressOf =
    (index: number) =>
    (octets: number): void => {
      total += octets - read[index]!;
      read[index] = octets;
      run.onProgress(total);
    };
  const inline = async (index: number): Promise<void> => {
    reports[index] = await checkCapture(inputs[index]!, options, createChecker, stdin, progressOf(index));
  };
  const isLocal = ({ file, error }: CaptureInput): boolean => run.jobs <= 1 || file === '-' || error !== undefined;
  const local = [...inputs.keys()].filter((index) => isLocal(inputs[index]!));
  const remote = [...inputs.keys()].filter((index) => !isLocal(inputs[index]!));
  const lane = async (): Promise<void> => {
    let worker: Worker | undefined;
    for (let index = remote.shift(); index !== undefined; index = remote.shift()) {
      worker ??= startWorker(options);
      const { report, dead } = await onWorker(worker, inputs[index]!, progressOf(index));
      reports[index] = report;
      if (dead) worker = undefined;
    }
    await worker?.terminate();
  };
  const lanes = Array.from({ length: Math.min(run.jobs, remote.length) }, lane);
  for (const index of local) await inline(index);
  await Promise.all(lanes);
  return reports;
};
