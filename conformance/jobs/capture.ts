/** One capture through the checker, whatever it is: what could be read of it is reported, and what stopped the reading is said. */

import type { Checker, CheckOptions } from '../checker.ts';
import { supply, type CaptureInput } from '../input.ts';
import type { CaptureReport } from '../report/report.ts';

/** What checks captures: `createChecker` of conformance/check.ts. */
export type CreateChecker = (options: CheckOptions) => Checker;

/** The report of a capture of which nothing could be read. @example unreadable('gone.pcap', 'cannot be opened: ... (offset 0)') */
export const unreadable = (file: string, error: string): CaptureReport => ({
  file,
  format: null,
  linkTypes: [],
  frames: 0,
  snapped: 0,
  duplicates: 0,
  unanswered: 0,
  conversations: [],
  verdicts: [],
  error,
});

/**
 * Checks one capture. Never rejects: an input that cannot be read, and even a fault of the checker itself, is the report's `error`, so that
 * it stops no other capture. `onProgress` is told the octets read so far.
 *
 * @example await checkCapture({ file: 'join.pcap', key: 'join.pcap' }, {}, createChecker, process.stdin)
 */
export const checkCapture = async (
  input: CaptureInput,
  options: CheckOptions,
  createChecker: CreateChecker,
  stdin: AsyncIterable<Uint8Array>,
  onProgress?: (octets: number) => void,
): Promise<CaptureReport> => {
  if (input.error !== undefined) return unreadable(input.file, input.error);
  try {
    const checker = createChecker(options);
    const end = await supply(input.file, (chunk) => checker.push(chunk), stdin, onProgress);
    const report = checker.finish(input.file);
    // What stopped the input is the cause of what the checker then misses.
    return end.error === undefined ? report : { ...report, error: end.error };
  } catch (error) {
    return unreadable(input.file, `internal error: ${(error as Error).message}`);
  }
};
