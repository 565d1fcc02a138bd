/** What a writer of a report format is, and the words that all of them say alike. */

import type { CaptureReport, CheckReport, Summary, Verdict } from './report.ts';

/** What a writer may need beside the report. */
export interface WriterContext {
  /** The statement of a requirement in our own words; undefined for an id that no catalogue has. */
  readonly statementOf: (requirement: string) => string | undefined;
  /** Whether a `warn` counts as a failure. */
  readonly strict: boolean;
  /** Whether escape sequences may colour the text. */
  readonly colour: boolean;
}

/** Turns a report into the text of a format, which ends in a line feed. It never throws, whatever strings the report holds. */
export type Writer = (report: CheckReport, context: WriterContext) => string;

/** Whether a verdict counts as a failure. */
export const isFailure = (verdict: Verdict, strict: boolean): boolean =>
  verdict.verdict === 'fail' || (strict && verdict.verdict === 'warn');

/** Frames in a few words. @example framesText({ frames: [1, 2], count: 9 }) // 'frames 1, 2 of 9' */
export const framesText = (verdict: Pick<Verdict, 'frames' | 'count'>, most = 8): string => {
  if (verdict.frames.length === 0) return '';
  const shown = verdict.frames.slice(0, most).join(', ');
  const rest = verdict.frames.length > most ? ', …' : '';
  return `${verdict.frames.length === 1 ? 'frame' : 'frames'} ${shown}${rest}${verdict.count > 1 ? ` (${verdict.count} times)` : ''}`;
};

/** Whom a verdict is about. @example subjectText(verdict) // 'mptcp-1 host b' */
export const subjectText = (verdict: Verdict): string =>
  [verdict.conversation ?? verdict.flow ?? 'no conversation', verdict.host === null ? '' : `host ${verdict.host}`]
    .filter(Boolean)
    .join(' ');

/** A number and its noun. @example counted(2, 'frame') // '2 frames' */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** The summary as one line. */
export const summaryText = (captures: readonly CaptureReport[], summary: Summary): string => {
  const conversations = captures.reduce((sum, capture) => sum + capture.conversations.length, 0);
  const unread = captures.filter((capture) => capture.error !== undefined).length;
  return (
    `${counted(captures.length, 'capture')}${unread > 0 ? ` (${unread} not read to the end)` : ''}, ${counted(conversations, 'conversation')}: ` +
    `${summary.fail} fail, ${summary.warn} warn, ${summary.pass} pass, ${summary.inconclusive} inconclusive, ${summary.notExercised} not exercised`
  );
};
