/** The report as Markdown, for a pull request or a job summary: the counts, then per capture what is not a pass, then the passes by id. */

import { markdown } from './escape.ts';
import type { CaptureReport, Outcome, Verdict } from './report.ts';
import { counted, framesText, subjectText, type Writer, type WriterContext } from './writer.ts';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const finding = (verdict: Verdict, context: WriterContext): string =>
  row([
    markdown(verdict.requirement),
    `${verdict.verdict === 'fail' ? '**fail**' : verdict.verdict} (${markdown(verdict.level)})`,
    markdown(subjectText(verdict)),
    markdown(framesText(verdict)),
    [
      markdown(verdict.message),
      verdict.expected === null ? '' : `Expected: ${markdown(verdict.expected)}`,
      verdict.seen === null ? '' : `Seen: ${markdown(verdict.seen)}`,
      verdict.verdict === 'inconclusive' ? '' : `*${markdown(context.statementOf(verdict.requirement) ?? '')}*`,
    ]
      .filter((text) => text !== '' && text !== '**')
      .join('<br>'),
  ]);

const captureText = (capture: CaptureReport, context: WriterContext): string => {
  let text = `\n## ${markdown(capture.file)}\n\n`;
  if (capture.error !== undefined) text += `**Not read to the end:** ${markdown(capture.error)}\n\n`;
  text += `${counted(capture.frames, 'frame')}, ${counted(capture.conversations.length, 'conversation')}\n`;
  const order: readonly Outcome[] = ['fail', 'warn', 'inconclusive'];
  const findings = order.flatMap((outcome) => capture.verdicts.filter(({ verdict }) => verdict === outcome));
  if (findings.length > 0) {
    text += `\n${row(['Requirement', 'Verdict', 'About', 'Frames', 'What'])}${row(['---', '---', '---', '---', '---'])}`;
    text += findings.map((verdict) => finding(verdict, context)).join('');
  }
  const passed = new Set(capture.verdicts.filter(({ verdict }) => verdict === 'pass').map(({ requirement }) => requirement));
  if (passed.size > 0) text += `\nPassed: ${[...passed].map(markdown).join(', ')}\n`;
  return text;
};

/** Writes the report as Markdown. */
export const writeMarkdown: Writer = (report, context) => {
  const { summary } = report;
  return (
    `# polypath ${markdown(report.polypath)}\n\n` +
    row(['fail', 'warn', 'pass', 'inconclusive', 'not exercised']) +
    row(['---:', '---:', '---:', '---:', '---:']) +
    row([summary.fail, summary.warn, summary.pass, summary.inconclusive, summary.notExercised].map(String)) +
    report.captures.map((capture) => captureText(capture, context)).join('')
  );
};
