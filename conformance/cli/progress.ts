/** The progress bar on standard error: only on a terminal, and only where there is something to wait for. */

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
