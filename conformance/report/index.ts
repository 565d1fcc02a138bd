/** The report formats of `check`, by the name that `--format` takes. */

import { writeHtml } from './html.ts';
import { writeJson } from './json.ts';
import { writeJunit } from './junit.ts';
import { writeMarkdown } from './markdown.ts';
import { writeTap } from './tap.ts';
import { writeText } from './text.ts';
import type { Writer } from './writer.ts';

export * from './report.ts';
export { summarise } from './summary.ts';
export type { Writer, WriterContext } from './writer.ts';

/** One writer per format. @example writers.tap(report, { statementOf, strict: false, colour: false }) */
export const writers = {
  text: writeText,
  json: writeJson,
  junit: writeJunit,
  tap: writeTap,
  markdown: writeMarkdown,
  html: writeHtml,
} as const satisfies Record<string, Writer>;

/** The name of a report format. */
export type Format = keyof typeof writers;
