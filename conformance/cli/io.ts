/** What the commands read and write through, so that tests can run them without a process. */

import type { Readable, Writable } from 'node:stream';

/** Standard output or standard error. */
export interface Output {
  write(text: string): void;
  /** Resolves when what was written has been taken. */
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where that is unknown. */
  readonly columns: number;
  /** Nobody reads any more (EPIPE): there is no use in going on. */
  readonly closed: boolean;
}

/** The three standard streams and the environment. */
export interface Io {
  readonly out: Output;
  readonly err: Output;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. Once it has been asked for, Ctrl-C does not end the process by itself any more, but for a second one. */
  interruption(): AbortSignal;
}

/** Arguments or a file beside the captures that cannot be used: one line on standard error, exit code 2. */
export class UsageError extends Error {}

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const output = (stream: Stream): Output => {
  // Standard streams forget that they failed as soon as they have said so; and without a listener EPIPE would be an uncaught exception.
  let failed = false;
  stream.on('error', () => {
    failed = true;
  });
  const closed = (): boolean => failed || stream.errored !== null || stream.destroyed;
  return {
    write(text) {
      if (!closed()) stream.write(text);
    },
    drained: () =>
      new Promise((resolve) => {
        if (closed() || !stream.writableNeedDrain) resolve();
        else {
          const done = (): void => {
            stream.off('drain', done).off('close', done).off('error', done);
            resolve();
          };
          stream.on('drain', done).on('close', done).on('error', done);
        }
      }),
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
    get closed() {
      return closed();
    },
  };
};

/** The streams of this process. @example processIo(process) */
export const processIo = (streams: {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly stdin: Readable;
  readonly env: Io['env'];
  readonly once: (signal: 'SIGINT', act: () => void) => unknown;
}): Io => ({
  out: output(streams.stdout),
  err: output(streams.stderr),
  // Node opens standard input when it is asked for: that costs more than to check a small capture.
  stdin: { [Symbol.asyncIterator]: () => streams.stdin[Symbol.asyncIterator]() },
  env: streams.env,
  interruption: () => {
    const controller = new AbortController();
    streams.once('SIGINT', () => controller.abort());
    return controller.signal;
  },
});

/** Whether colour may be written: only to a terminal, and not where NO_COLOR (no-color.org) is set. @example wantsColour(io.out, io.env) */
export const wantsColour = (to: Output, env: Io['env']): boolean => to.isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
