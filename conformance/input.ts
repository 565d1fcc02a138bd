/**
 * Where capture octets come from in Node: files, folders and standard input, unpacked when they are gzip (RFC 1952, known by content).
 * One buffer serves a whole file, so memory does not grow with it.
 */

import { closeSync, openSync, read, readdirSync, readSync, statSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { basename, join, posix, sep } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { createGunzip, type Gunzip } from 'node:zlib';
import { concat } from '../codecs/bytes.ts';
import { recogniseCapture } from '../codecs/capture/index.ts';

/** Octets read from a file at a time. */
const CHUNK = 1 << 20;
/** Octets of a gzip stream given to zlib at a time. */
const GZIP_CHUNK = 1 << 16;
/** So much of a damaged gzip stream can be unpacked a second time, up to the damaged octet itself. */
const GZIP_HELD = 1 << 22;
/** Octets by which a capture is recognised. */
const MAGIC = 4;

/** One capture to read. */
export interface CaptureInput {
  /** The path as it is printed and opened; `-` for standard input. */
  readonly file: string;
  /** What names it from run to run: the path below the folder that was given, or the file's name. */
  readonly key: string;
  /** Why it cannot be read, known before anybody tried. */
  readonly error?: string;
}

/** Takes octets in order. A chunk is only valid during the call, or until the promise that the call returns is settled. */
export type Sink = (chunk: Uint8Array) => void | Promise<void>;

/** How reading ended. */
export interface InputEnd {
  /** Octets taken from the file or standard input, before unpacking. */
  readonly octets: number;
  /** What stopped it before its end, and at which offset. */
  readonly error?: string;
}

/** Octets in order, null at the end. A chunk is valid until the next call. */
type Source = () => Uint8Array | null | Promise<Uint8Array | null>;

/** An error of the operating system in its own words. */
const reason = (error: unknown): string => {
  const { errno, code, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  return known === undefined ? (code ?? message) : known[1];
};

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};

/** Reads a file; while one buffer is looked at the next one is filled. `settled` comes when no read is under way any more. */
const fileSource = (descriptor: number): { readonly source: Source; readonly settled: () => Promise<unknown> } => {
  const buffers = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)] as const;
  const fill = (buffer: Uint8Array): Promise<number> =>
    new Promise((resolve, reject) => {
      read(descriptor, buffer, 0, CHUNK, null, (error, length) => (error === null ? resolve(length) : reject(error)));
    });
  let turn: 0 | 1 = 0;
  let filling = fill(buffers[turn]);
  const source = async (): Promise<Uint8Array | null> => {
    const length = await filling;
    if (length === 0) return null;
    const full = buffers[turn];
    turn = turn === 0 ? 1 : 0;
    filling = fill(buffers[turn]);
    return full.subarray(0, length);
  };
  return { source, settled: () => Promise.allSettled([filling]) };
};

const streamSource = (stream: AsyncIterable<Uint8Array>): Source => {
  const iterator = stream[Symbol.asyncIterator]();
  return async () => {
    const { done, value } = await iterator.next();
    return done === true ? null : value;
  };
};

/** Pieces of at most `GZIP_CHUNK` octets of a source whose first chunk was already taken. */
async function* pieces(head: Uint8Array, source: Source): AsyncGenerator<Uint8Array> {
  for (let chunk: Uint8Array | null = head; chunk !== null; chunk = await source()) {
    for (let at = 0; at < chunk.length; at += GZIP_CHUNK) yield chunk.subarray(at, at + GZIP_CHUNK);
  }
}

/** A zlib stream that hands its output to a sink as it comes and settles each write when all of its output was taken. */
class Unpacker {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: GZIP_CHUNK });
  /** Octets that came out. */
  unpacked = 0;
  #failure: Error | undefined;
  #sinkFailure: unknown;
  #over = false;
  #settle: () => void = () => undefined;
  #waiting: Promise<void> = Promise.resolve();

  /** `skip`: so many octets of output were already delivered and are left out. */
  constructor(sink: Sink, skip = 0) {
    const over = (): void => {
      this.#over = true;
      this.#settle();
    };
    const fail = (error: unknown): void => {
      this.#sinkFailure = error;
      this.#gunzip.destroy();
    };
    this.#gunzip.on('data', (chunk: Uint8Array) => {
      const from = Math.min(chunk.length, Math.max(0, skip - this.unpacked));
      this.unpacked += chunk.length;
      if (from === chunk.length) return;
      try {
        const taken = sink(chunk.subarray(from));
        if (taken === undefined) return;
        this.#gunzip.pause();
        this.#waiting = taken.then(() => void this.#gunzip.resume(), fail);
      } catch (error) {
        fail(error);
      }
    });
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
    });
    // zlib answers no write that meets damage, nor one that holds octets after the end of the stream; these two always come.
    this.#gunzip.on('close', over);
    this.#gunzip.on('end', over);
  }

  /** Gives zlib `piece`, or the end when there is none; false once the stream is known to be damaged. Zeros after its end are left out. */
  async write(piece?: Uint8Array): Promise<boolean> {
    if (!this.#over) {
      await new Promise<void>((resolve) => {
        this.#settle = resolve;
        if (piece === undefined) this.#gunzip.end();
        else this.#gunzip.write(piece, () => resolve());
      });
    }
    // A sink that asked for time left output waiting.
    while (!this.#gunzip.destroyed && (this.#gunzip.isPaused() || this.#gunzip.readableLength > 0)) {
      await this.#waiting;
      await setImmediate();
    }
    if (this.#sinkFailure !== undefined) throw this.#sinkFailure;
    return this.#failure === undefined;
  }

  /** zlib's words for the damage. */
  get failure(): string {
    return this.#failure?.message ?? '';
  }

  close(): void {
    this.#gunzip.destroy();
  }
}

/**
 * Unpacks a gzip stream into `sink`. zlib drops the output of the call in which it meets damage; the held octets are then unpacked again, in
 * ever smaller pieces, so that everything before the damage arrives.
 */
const unpack = async (input: AsyncIterable<Uint8Array>, sink: Sink): Promise<string | undefined> => {
  const held: Uint8Array[] = [];
  let octets = 0;
  const unpacker = new Unpacker(sink);
  try {
    for await (const piece of input) {
      if (octets + piece.length <= GZIP_HELD) held.push(Uint8Array.from(piece));
      else held.length = 0;
      octets += piece.length;
      if (await unpacker.write(piece)) continue;
      const left = held.length === 0 ? piece.length : await unpackAgain(held, sink, unpacker.unpacked);
      return `damaged gzip stream (${unpacker.failure}) at offset ${octets - left}`;
    }
    // With the end comes no more output: every write above was settled after its own.
    return (await unpacker.write()) ? undefined : `the gzip stream ends too early at offset ${octets}`;
  } finally {
    unpacker.close();
  }
};

/** Unpacks up to the damage in the last of `pieces`, leaving out what was `unpacked` already; gives how many octets lie from the damage on. */
const unpackAgain = async (pieces: readonly Uint8Array[], sink: Sink, unpacked: number): Promise<number> => {
  let good = pieces.slice(0, -1);
  let damaged = pieces.at(-1)!;
  let left = damaged.length;
  for (const size of [256, 1]) {
    const unpacker = new Unpacker(sink, unpacked);
    try {
      for (const piece of good) await unpacker.write(piece);
      let at = 0;
      while (at < damaged.length && (await unpacker.write(damaged.subarray(at, at + size)))) at += size;
      good = [...good, damaged.subarray(0, at)];
      damaged = damaged.subarray(at, at + size);
      left -= at;
      unpacked = unpacker.unpacked;
    } finally {
      unpacker.close();
    }
  }
  return left;
};

/** The first octets of a source: at least two of them, unless there are no more. */
const firstChunk = async (source: Source): Promise<Uint8Array | null> => {
  const first = await source();
  if (first === null || first.length >= 2) return first;
  const kept = Uint8Array.from(first);
  const second = await firstChunk(source);
  return second === null ? kept : concat(kept, second);
};

/**
 * Feeds the octets of `file` (`-`: of `stdin`) to `sink`, unpacked when they are gzip. Never rejects for what the input is: what stops it is
 * in `error`, with the offset, and everything before was pushed. Errors that `sink` throws go through. `onProgress` is told the octets read.
 *
 * @example
 * const checker = createChecker({});
 * const { error } = await supply('join.pcapng.gz', (chunk) => checker.push(chunk), process.stdin);
 */
export const supply = async (
  file: string,
  sink: Sink,
  stdin: AsyncIterable<Uint8Array>,
  onProgress: (octets: number) => void = () => undefined,
): Promise<InputEnd> => {
  let octets = 0;
  let failure: string | undefined;
  let descriptor: number | undefined;
  try {
    if (file !== '-') descriptor = openSync(file, 'r');
  } catch (error) {
    return { octets, error: `cannot be opened: ${reason(error)} (offset 0)` };
  }
  const input = descriptor === undefined ? undefined : fileSource(descriptor);
  const raw = input?.source ?? streamSource(stdin);
  const source: Source = async () => {
    try {
      const chunk = await raw();
      if (chunk !== null) onProgress((octets += chunk.length));
      return chunk;
    } catch (error) {
      failure = `cannot be read: ${reason(error)} at offset ${octets}`;
      return null;
    }
  };
  try {
    const head = await firstChunk(source);
    if (head !== null && recogniseCapture(head) === 'gzip') {
      const damage = await unpack(pieces(head, source), sink);
      failure ??= damage;
    } else {
      for (let chunk = head; chunk !== null; chunk = await source()) {
        const taken = sink(chunk);
        if (taken !== undefined) await taken;
      }
    }
  } finally {
    // A descriptor that is closed while it is read from may by then be another file's.
    await input?.settled();
    if (descriptor !== undefined) closeSync(descriptor);
  }
  return failure === undefined ? { octets } : { octets, error: failure };
};

/** Whether a file is a capture by its first octets, unpacked if need be. One that cannot be read is: reading it will say why. */
const isCapture = async (file: string): Promise<boolean> => {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const head = new Uint8Array(4096);
    const length = readSync(descriptor, head, 0, head.length, 0);
    const found = recogniseCapture(head.subarray(0, length));
    if (found !== 'gzip') return found !== undefined;
    const unpacked: number[] = [];
    const unpacker = new Unpacker((chunk) => void unpacked.push(...chunk.subarray(0, MAGIC)));
    await unpacker.write(head.subarray(0, length));
    unpacker.close();
    const inside = recogniseCapture(Uint8Array.from(unpacked));
    return inside === 'pcap' || inside === 'pcapng';
  } catch {
    return true;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};

/** Every file below a folder, in the order of their names. A link to a folder is not followed: it may lead back. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      const isFile = entry.isFile() || (entry.isSymbolicLink() && statOf(path)?.isFile() === true);
      return isFile ? [path] : [];
    });

const inputsOf = async (path: string): Promise<CaptureInput[]> => {
  if (path === '-' || statOf(path)?.isDirectory() !== true) return [{ file: path, key: basename(path) }];
  const inputs: CaptureInput[] = [];
  try {
    for (const file of filesBelow(path)) {
      if (await isCapture(file)) inputs.push({ file, key: file.slice(join(path, sep).length).replaceAll(sep, posix.sep) });
    }
  } catch (error) {
    return [...inputs, { file: path, key: basename(path), error: `the folder cannot be read: ${reason(error)} (offset 0)` }];
  }
  return inputs.length > 0 ? inputs : [{ file: path, key: basename(path), error: 'the folder holds no capture (offset 0)' }];
};

/**
 * The captures that the paths of a command line name, in order. A folder is every capture in it and below it, sorted by name and recognised
 * by content; what is no capture is left out there. A file that is named itself is kept whatever it is. Where two captures would have the
 * same `key`, their paths are their keys.
 *
 * @example await listCaptures(['captures', '-']) // [{ file: 'captures/a.pcap', key: 'a.pcap' }, { file: '-', key: '-' }]
 */
export const listCaptures = async (paths: readonly string[]): Promise<CaptureInput[]> => {
  const inputs: CaptureInput[] = [];
  for (const path of paths) inputs.push(...(await inputsOf(path)));
  const uses = new Map<string, number>();
  for (const { key } of inputs) uses.set(key, (uses.get(key) ?? 0) + 1);
  return inputs.map((input) => (uses.get(input.key) === 1 ? input : { ...input, key: input.file.replaceAll(sep, posix.sep) }));
};

/** Size of an input in octets; 0 where that is unknown. @example sizeOf('join.pcap') // 4096 */
export const sizeOf = (file: string): number => (file === '-' ? 0 : (statOf(file)?.size ?? 0));
