/** The JSON report: the one that other programs read. */

import type { Writer } from './writer.ts';

/** Writes the report as it is, indented by two spaces. */
export const writeJson: Writer = (report) => `${JSON.stringify(report, undefined, 2)}\n`;
