/**
 * The report as JUnit XML: a suite per capture, a test case per verdict. `inconclusive` is a skipped case; a `warn` passes and says so
 * in its output unless warnings count as failures; a capture that could not be read is an error.
 */

import { xml } from './escape.ts';
import type { CaptureReport, Verdict } from './report.ts';
import { framesText, isFailure, subjectText, type Writer, type WriterContext } from './writer.ts';

const details = (verdict: Verdict, statement: string | undefined): string =>
  [
    statement,
    framesText(verdict),
    verdict.expected === null ? '' : `expected: ${verdict.expected}`,
    verdict.seen === null ? '' : `seen: ${verdict.seen}`,
    verdict.message,
  ]
    .filter(Boolean)
    .map((line) => xml(line as string))
    .join('\n');

const testCase = (verdict: Verdict, context: WriterContext): string => {
  const text = details(verdict, context.statementOf(verdict.requirement));
  const open = `<testcase classname="${xml(verdict.requirement)}" name="${xml(`${verdict.requirement} ${subjectText(verdict)}`)}"`;
  if (isFailure(verdict, context.strict)) {
    return `${open}><failure type="${xml(verdict.level)}" message="${xml(verdict.message)}">${text}</failure></testcase>`;
  }
  if (verdict.verdict === 'inconclusive') return `${open}><skipped message="${xml(verdict.message)}"/></testcase>`;
  if (verdict.verdict === 'warn') return `${open}><system-out>warn: ${text}</system-out></testcase>`;
  return `${open}/>`;
};

const suite = (
  capture: CaptureReport,
  context: WriterContext,
): { xml: string; tests: number; failures: number; skipped: number; errors: number } => {
  const cases = capture.verdicts.map((verdict) => testCase(verdict, context));
  const failures = capture.verdicts.filter((verdict) => isFailure(verdict, context.strict)).length;
  const skipped = capture.verdicts.filter(({ verdict }) => verdict === 'inconclusive').length;
  const errors = capture.error === undefined ? 0 : 1;
  if (capture.error !== undefined) {
    cases.push(`<testcase classname="capture" name="the capture can be read"><error message="${xml(capture.error)}"/></testcase>`);
  }
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
  const body = cases.map((line) => `    ${line}\n`).join('');
  return {
    xml: `  <testsuite name="${xml(capture.file)}" ${counts}>\n${body}  </testsuite>\n`,
    tests: cases.length,
    failures,
    skipped,
    errors,
  };
};

/** Writes the report as JUnit XML. */
export const writeJunit: Writer = (report, context) => {
  const suites = report.captures.map((capture) => suite(capture, context));
  const sum = (key: 'tests' | 'failures' | 'errors' | 'skipped'): number => suites.reduce((total, one) => total + one[key], 0);
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites name="polypath" tests="${sum('tests')}" failures="${sum('failures')}" errors="${sum('errors')}" skipped="${sum('skipped')}">\n` +
    `${suites.map((one) => one.xml).join('')}</testsuites>\n`
  );
};
