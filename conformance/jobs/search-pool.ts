/** Worker threads for the Hash2 search of `codecs/cga`: each has a kernel of its own. */
import { Worker } from 'node:worker_threads';
import type { Hash2Result, Hash2Worker } from '../../codecs/cga/index.ts';

/** A run for a thread: what `Hash2Run` takes. */
export interface RunMessage {
  readonly template: Uint8Array;
  readonly sec: number;
  readonly from: Uint8Array;
  readonly count: number;
}

/** Threads that search, as `SearchOptions.workers` takes them. */
export interface SearchPool {
  readonly workers: readonly Hash2Worker[];
  /** Ends the threads, whatever they are doing; searches that still wait for them are rejected. */
  close(): Promise<void>;
}

/** Modifiers in one run: some 20 to 200 ms of work, next to which the two messages are nothing. */
const CHUNK = 1 << 20;

const asSearcher = (worker: Worker): Hash2Worker => ({
  chunk: CHUNK,
  search: (template, sec, from, count) =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        act();
      };
      const onMessage = (result: Hash2Result): void => settle(() => resolve(result));
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (): void => settle(() => reject(new Error('a search thread ended')));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage({ template, sec, from, count } satisfies RunMessage);
    }),
});

/**
 * Starts threads for a search; the result of a search does not depend on how many there are.
 *
 * @example
 * const pool = newSearchPool(availableParallelism());
 * try {
 *   await generateCga({ sec: 2, prefixes, publicKey, random, workers: pool.workers });
 * } finally {
 *   await pool.close();
 * }
 */
export const newSearchPool = (threads: number): SearchPool => {
  const running = Array.from({ length: threads }, () => new Worker(new URL('search-worker.js', import.meta.url)));
  return {
    workers: running.map(asSearcher),
    close: async () => {
      await Promise.all(running.map((worker) => worker.terminate()));
    },
  };
};
