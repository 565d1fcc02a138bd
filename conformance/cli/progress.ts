/** The progress bars on standard error: only on a terminal, and only where there is something to wait for. */
import { performance } from 'node:perf_hooks';

import type { Output } from './io.ts';

/** Inputs of fewer octets are read before anybody looks. */
const WORTH_A_BAR = 32 << 20;
const CELLS = 30;

/** A bar that is redrawn when the number it shows changes. */
export interface Progress {
  update(octets: number): void;
  /** Takes the bar away again. */
  clear(): void;
}

const megabytes = (octets: number): string => (octets / 1e6).toFixed(0);

/** A bar for `total` octets on `err`. @example progressBar(400_000_000, io.err).update(1_000_000) */
export const progressBar = (total: number, err: Output): Progress => {
  if (!err.isTerminal || total <= WORTH_A_BAR) return { update: () => undefined, clear: () => undefined };
  let shown = -1;
  return {
    update(octets) {
      const percent = Math.min(100, Math.floor((octets * 100) / total));
      if (percent === shown) return;
      shown = percent;
      const full = Math.round((percent * CELLS) / 100);
      const text = `[${'#'.repeat(full)}${' '.repeat(CELLS - full)}] ${percent} %  ${megabytes(octets)} of ${megabytes(total)} MB`;
      err.write(`\r${text.slice(0, Math.max(0, err.columns - 1))}`);
    },
    clear() {
      if (shown !== -1) err.write('\r\u001b[2K');
      shown = -1;
    },
  };
};

const UNITS = [
  ['year', 31_557_600],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** A time in its largest fitting unit. @example durationText(200) // '3.3 minutes' */
export const durationText = (seconds: number): string => {
  const [unit, length] = UNITS.find((each) => seconds >= each[1]) ?? (['second', 1] as const);
  const count = seconds / length;
  return `${count >= 1e6 ? count.toExponential(1) : count.toFixed(count < 10 ? 1 : 0)} ${unit}s`;
};

/** A search is redrawn so often, in ms. */
const REDRAWN = 100;

/**
 * What a search for one of `expected` has done. It is memoryless: however long it has run, the time that it still takes on average is the same, and
 * that is what is shown, with the part of all such searches that would have ended by now.
 * @example searchBar(65_536, io.err).update(20_000)
 */
export const searchBar = (expected: number, err: Output): Progress => {
  if (!err.isTerminal) return { update: () => undefined, clear: () => undefined };
  const start = performance.now();
  let drawn = start;
  let isDrawn = false;
  return {
    update(tested) {
      const now = performance.now();
      if (now - drawn < REDRAWN) return;
      drawn = now;
      isDrawn = true;
      const rate = (tested * 1000) / (now - start);
      const ended = 1 - Math.exp(-tested / expected);
      const full = Math.round(ended * CELLS);
      const text =
        `[${'#'.repeat(full)}${' '.repeat(CELLS - full)}] ${(tested / 1e6).toFixed(1)} million tested, ${(rate / 1e6).toFixed(1)} million/s; ` +
        `${durationText(expected / rate)} more on average, as ever; ${(100 * ended).toFixed(0)} % end by now`;
      err.write(`\r${text.slice(0, Math.max(0, err.columns - 1))}\u001b[K`);
    },
    clear() {
      if (isDrawn) err.write('\r\u001b[2K');
      isDrawn = false;
    },
  };
};
