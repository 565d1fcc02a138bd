/**
 * The Hash2 search: the lowest modifier, counted from a given one, whose Hash2 begins with 16 * Sec zero bits (RFC 3972 section 4
 * steps 2 and 3, RFC 5535 section 6 steps 3 and 4). A kernel tests a run of modifiers; the driver hands runs to one kernel or to many
 * workers and gives the same answer whichever they are.
 */
import { u32, setU32 } from '../bytes.ts';
import { cgaSec } from './sec.ts';

/** The octets of a modifier (RFC 3972 section 3). */
export const MODIFIER_OCTETS = 16;

/** What a kernel found in a run of modifiers. */
export interface Hash2Result {
  /** How many modifiers were tested: up to and with the one found, or the whole run. */
  readonly tested: number;
  /** The lowest fitting modifier of the run (16 octets, the caller's to keep), if there is one. */
  readonly found: Uint8Array | undefined;
}

/**
 * Tests the `count` modifiers from `from` on, upwards, wrapping from 2^128 - 1 to 0, and stops at the first that fits.
 *
 * - `template`: the input of Hash2 (RFC 3972 section 3): 16 octets for the modifier, whose value here does not matter, 9 zero octets,
 *   the public key, the extension fields. At least 25 octets.
 * - `sec`: 1 to 7; the leftmost 16 * Sec bits of the hash must be zero.
 * - `from`: 16 octets. `count`: 1 to 2^31 - 1.
 *
 * Neither `template` nor `from` is changed or kept. Every kernel gives the same result for the same arguments, bit for bit.
 */
export type Hash2Run<Result> = (template: Uint8Array, sec: number, from: Uint8Array, count: number) => Result;

/** A hash implementation that searches in the calling thread. */
export interface Hash2Kernel {
  /** For people, such as `portable`. */
  readonly name: string;
  /** How many modifiers to test in one call: some 5 to 50 ms of work, so that progress and cancellation are prompt. */
  readonly chunk: number;
  readonly search: Hash2Run<Hash2Result>;
}

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
  /** Searches in this thread when there are no `workers`; `portableKernel` when left out. */
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

/** `modifier` + `add` modulo 2^128, as a new array; `add` is an integer from 0 to 2^53 - 1. @example addToModifier(modifier, 1) */
export const addToModifier = (modifier: Uint8Array, add: number): Uint8Array => {
  const sum = modifier.slice();
  let carry = add;
  for (let at = MODIFIER_OCTETS - 4; at >= 0 && carry > 0; at -= 4) {
    const word = u32(sum, at) + (carry % 2 ** 32);
    setU32(sum, at, word % 2 ** 32);
    carry = Math.floor(carry / 2 ** 32) + Math.floor(word / 2 ** 32);
  }
  return sum;
};

/** Whether the leftmost `bits` bits of a digest, a multiple of 16, are zero (RFC 3972 section 4 step 3). @example startsWithZeroBits(hash2, 16 * sec) */
export const startsWithZeroBits = (digest: Uint8Array, bits: number): boolean => {
  for (let i = 0; i < bits / 8; i++) if (digest[i] !== 0) return false;
  return true;
};

/**
 * The kernel for every place: the hash of the registry (`cgaSec`), one modifier after another.
 * @example portableKernel.search(template, 1, modifier, 65_536).found
 */
export const portableKernel: Hash2Kernel = {
  name: 'portable',
  chunk: 16_384,
  search(template, sec, from, count) {
    const { hash, hash2Bits } = cgaSec(sec);
    const input = template.slice();
    input.set(from);
    for (let tested = 1; tested <= count; tested++) {
      if (startsWithZeroBits(hash.digest(input), hash2Bits)) return { tested, found: input.slice(0, MODIFIER_OCTETS) };
      // Plus one, in place: the next octet to the left counts when this one wrapped to 0.
      for (let at = MODIFIER_OCTETS - 1; at >= 0; at--) {
        input[at]! += 1;
        if (input[at] !== 0) break;
      }
    }
    return { tested: count, found: undefined };
  },
};

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
    const workers = options.workers ?? [asWorker(options.kernel ?? portableKernel)];
    if (workers.length === 0) throw new RangeError('workers must hold at least one');
    const { signal, onProgress } = options;
    if (hash2Bits === 0) return resolve({ modifier: from.slice(), distance: 0 });
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
