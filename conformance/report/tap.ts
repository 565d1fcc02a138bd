/**
 * The report as TAP version 14: a test point per verdict. `inconclusive` is skipped; a `warn` is a failed TODO, which TAP does not count,
 * unless warnings count as failures; a capture that could not be read is a failed point.
 */

import { tap, yaml } from './escape.ts';
import type { Verdict } from './report.ts';
import { isFailure, subjectText, type Writer } from './writer.ts';

const diagnostics = (verdict: Verdict, statement: string | undefined): string =>
  [
    '  ---',
    `  verdict: ${verdict.verdict}`,
    `  level: ${yaml(verdict.level)}`,
    `  section: ${yaml(verdict.section)}`,
    ...(statement === undefined ? [] : [`  statement: ${yaml(statement)}`]),
    `  frames: [${verdict.frames.join(', ')}]`,
    `  count: ${verdict.count}`,
    ...(verdict.expected === null ? [] : [`  expected: ${yaml(verdict.expected)}`]),
    ...(verdict.seen === null ? [] : [`  seen: ${yaml(verdict.seen)}`]),
    `  message: ${yaml(verdict.message)}`,
    '  ...\n',
  ].join('\n');

/** Writes the report as TAP. */
export const writeTap: Writer = (report, context) => {
  const points: string[] = [];
  const point = (ok: boolean, description: string, directive: string, block: string): void => {
    points.push(`${ok ? 'ok' : 'not ok'} ${points.length + 1} - ${tap(description)}${directive && ` # ${directive}`}\n${block}`);
  };
  for (const capture of report.captures) {
    for (const verdict of capture.verdicts) {
      const description = `${verdict.requirement} ${capture.file} ${subjectText(verdict)}`;
      const block = (): string => diagnostics(verdict, context.statementOf(verdict.requirement));
      if (isFailure(verdict, context.strict)) point(false, description, '', block());
      else if (verdict.verdict === 'inconclusive') point(true, description, `SKIP ${tap(verdict.message)}`, '');
      else if (verdict.verdict === 'warn') point(false, description, `TODO ${tap(verdict.level)} only warns`, block());
      else point(true, description, '', '');
    }
    if (capture.error !== undefined) point(false, `${capture.file} can be read`, '', `  ---\n  message: ${yaml(capture.error)}\n  ...\n`);
  }
  return `TAP version 14\n1..${points.length}\n${points.join('')}`;
};
