/**
 * The Hash2 search: the lowest modifier, counted from a given one, whose Hash2 begins with 16 * Sec zero bits (RFC 3972 section 4
 * steps 2 and 3, RFC 5535 section 6 steps 3 and 4). A kernel tests a run of modifiers; the driver hands runs to one kernel or to many
 * workers and gives the same answer whichever they are.
 */
import { copyOf } from '../bytes.ts';
import { addToModifier, MODIFIER_OCTETS, portableKernel, type Hash2Kernel, type Hash2Result, type Hash2Run } from './kernel.ts';
import { cgaSec } from './sec.ts';
import { newSimdKernel } from './simd-kernel.ts';

let fastest: Hash2Kernel | undefined;

/** The fastest kernel that this place has: the one with vectors where there are any, else the portable one. Compiled on first use. */
export const fastestKernel = (): Hash2Kernel => (fastest ??= newSimdKernel(portableKernel) ?? portableKernel);

/** Something that searches elsewhere, such as a worker thread with a kernel of its own. It is asked for one run at a time. */
export interface Hash2Worker {
  /** As in `Hash2Kernel`; workers of one search may differ in it. */
  readonly chunk: number;
  readonly search: Hash2Run<Promise<Hash2Result>>;
}

/** What an `AbortSignal` is to a search; a plain object does as well. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

/** How to search, and who is told. */
export interface SearchOptions {
  /** Searches in this thread when there are no `workers`; `fastestKernel()` when left out. */
  readonly kernel?: Hash2Kernel;
  /** Search side by side; at least one. */
  readonly workers?: readonly Hash2Worker[];
  /** Looked at before and after each run: once aborted, the search is rejected with its reason. */
  readonly signal?: Cancellation;
  /** Called after each run with the number of modifiers tested so far, those beyond the result included. */
  readonly onProgress?: (tested: number) => void;
}

/** What a search gives. */
export interface FoundModifier {
  /** 16 octets. */
  readonly modifier: Uint8Array;
  /** How many modifiers lie before it, counted from the start. It does not depend on how the search was done. */
  readonly distance: number;
}

/** Lets other tasks run, so that somebody can abort; not a matter of time. */
const otherTasks = (): Promise<void> => {
  const { setTimeout } = globalThis as unknown as { readonly setTimeout: (then: () => void, ms: number) => void };
  return new Promise((resolve) => setTimeout(resolve, 0));
};

const asWorker = (kernel: Hash2Kernel): Hash2Worker => {
  let calls = 0;
  return {
    chunk: kernel.chunk,
    async search(...run) {
      if (calls++ > 0) await otherTasks();
      return kernel.search(...run);
    },
  };
};

/**
 * The lowest modifier from `from` on (16 octets, wrapping at 2^128) whose Hash2 begins with 16 * Sec zero bits; `template` as in
 * `Hash2Run`. With `sec` 0 that is `from`. The result is the same for every kernel and any number of workers. It takes 2^(16 * Sec)
 * tests on average; rejected when aborted, with whatever a worker throws, and with a `RangeError` for a `sec` beyond 7, a template
 * that is too short or a `from` of another length.
 *
 * @example const { modifier } = await searchModifier(hash2Input(parameters), 1, parameters.modifier, { signal });
 */
export const searchModifier = (template: Uint8Array, sec: number, from: Uint8Array, options: SearchOptions = {}): Promise<FoundModifier> =>
  new Promise((resolve, reject) => {
    const { hash2Bits } = cgaSec(sec);
    if (template.length < 25) throw new RangeError(`the template must be at least 25 octets, not ${template.length}`);
    if (from.length !== MODIFIER_OCTETS) throw new RangeError(`modifier must be ${MODIFIER_OCTETS} octets, not ${from.length}`);
    const workers = options.workers ?? [asWorker(options.kernel ?? fastestKernel())];
    if (workers.length === 0) throw new RangeError('workers must hold at least one');
    const { signal, onProgress } = options;
    if (hash2Bits === 0) return resolve({ modifier: copyOf(from), distance: 0 });
    // Runs that are being searched, by the distance of their first modifier, and where the search as a whole is.
    const running = new Set<number>();
    const state: { next: number; tested: number; best: FoundModifier | undefined; settled: boolean } = {
      next: 0,
      tested: 0,
      best: undefined,
      settled: false,
    };

    const stopWhenAborted = (): void => {
      if (signal?.aborted) throw signal.reason ?? new Error('the search was aborted');
    };
    const offer = (modifier: Uint8Array, distance: number): void => {
      if (state.best === undefined || distance < state.best.distance) state.best = { modifier, distance };
    };
    // A result counts once every run below it is done; runs above it may go on without us.
    const settle = (): void => {
      const { best } = state;
      if (best === undefined || [...running].some((start) => start < best.distance)) return;
      state.settled = true;
      resolve(best);
    };
    const lane = async (worker: Hash2Worker): Promise<void> => {
      while (!state.settled && state.best === undefined) {
        stopWhenAborted();
        const start = state.next;
        state.next += worker.chunk;
        running.add(start);
        const { tested, found } = await worker.search(template, sec, addToModifier(from, start), worker.chunk);
        running.delete(start);
        if (state.settled) return;
        stopWhenAborted();
        state.tested += tested;
        if (found !== undefined) offer(found, start + tested - 1);
        onProgress?.(state.tested);
        settle();
      }
    };
    for (const worker of workers)
      lane(worker).catch((error: unknown) => {
        state.settled = true;
        reject(error);
      });
  });
