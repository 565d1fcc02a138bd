/** The report as one HTML file that needs nothing else: the counts, then per capture its conversations, what is not a pass, and the passes. No script runs in it. */

import { xml } from './escape.ts';
import type { CaptureReport, Outcome, Verdict } from './report.ts';
import { factsOf } from './text.ts';
import { counted, framesText, subjectText, summaryText, type Writer, type WriterContext } from './writer.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --fail: #c62828; --warn: #b26a00; --inconclusive: #00708a; --pass: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --fail: #ff7b72; --warn: #e3b341; --inconclusive: #56c8e0; --pass: #7ee787; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; }
code { font: 0.92em ui-monospace, monospace; overflow-wrap: anywhere; }
dl { margin: 0.3rem 0 0; display: grid; grid-template-columns: max-content 1fr; gap: 0 0.8rem; }
dd { margin: 0; }
.fail { color: var(--fail); } .warn { color: var(--warn); } .inconclusive { color: var(--inconclusive); } .pass { color: var(--pass); }
td.fail, td.warn, td.inconclusive { font-weight: 600; white-space: nowrap; }
.statement { opacity: 0.75; }
`;

const SERIOUS_FIRST: readonly Outcome[] = ['fail', 'warn', 'inconclusive'];

const element = (name: string, content: string, className = ''): string =>
  `<${name}${className && ` class="${className}"`}>${content}</${name}>`;

const row = (cells: readonly string[]): string => `${element('tr', cells.join(''))}\n`;

const table = (heads: readonly string[], rows: readonly string[]): string =>
  rows.length === 0
    ? ''
    : `<table>\n${element('thead', element('tr', heads.map((head) => element('th', head)).join('')))}\n${element('tbody', `\n${rows.join('')}`)}\n</table>\n`;

/** What was expected and what was seen, under the message. */
const evidence = ({ expected, seen }: Verdict): string => {
  const pairs = [
    ['expected', expected],
    ['seen', seen],
  ] as const;
  const shown = pairs.map(([term, text]) => (text === null ? '' : element('dt', term) + element('dd', element('code', xml(text)))));
  return shown.join('') && element('dl', shown.join(''));
};

const findingRow = (verdict: Verdict, context: WriterContext): string => {
  const statement = context.statementOf(verdict.requirement);
  return row([
    element('td', verdict.verdict, verdict.verdict),
    element('td', `${element('code', xml(verdict.requirement))}<br/>${xml(`${verdict.level}, ${verdict.role}`)}`),
    element('td', xml(subjectText(verdict))),
    element('td', xml(framesText(verdict))),
    element('td', xml(verdict.message) + evidence(verdict) + (statement === undefined ? '' : element('div', xml(statement), 'statement'))),
  ]);
};

const captureSection = (capture: CaptureReport, context: WriterContext): string => {
  const findings = SERIOUS_FIRST.flatMap((outcome) => capture.verdicts.filter(({ verdict }) => verdict === outcome));
  const passes = capture.verdicts.filter(({ verdict }) => verdict === 'pass');
  const facts = [capture.format ?? 'no capture', ...capture.linkTypes, counted(capture.frames, 'frame')];
  const passRows = passes.map((verdict) =>
    row([
      element('td', element('code', xml(verdict.requirement))),
      element('td', xml(subjectText(verdict))),
      element('td', xml(framesText(verdict))),
      element('td', xml(context.statementOf(verdict.requirement) ?? verdict.message)),
    ]),
  );
  return [
    element('h2', xml(capture.file)),
    element('p', xml(facts.join(', '))),
    capture.error === undefined ? '' : element('p', xml(`Not read to the end: ${capture.error}`), 'fail'),
    ...(capture.notes ?? []).map((note) => element('p', xml(note), 'warn')),
    table(
      ['Conversation', 'What it was'],
      capture.conversations.map((each) =>
        row([element('td', element('code', xml(each.id))), element('td', xml(factsOf(each).filter(Boolean).join(', ')))]),
      ),
    ),
    table(
      ['Verdict', 'Requirement', 'About', 'Frames', 'What'],
      findings.map((verdict) => findingRow(verdict, context)),
    ),
    passRows.length === 0
      ? ''
      : element(
          'details',
          element('summary', `${passRows.length} passed`, 'pass') + table(['Requirement', 'About', 'Frames', 'What it asks'], passRows),
        ),
  ]
    .filter((part) => part !== '')
    .join('\n');
};

/** Writes the report as HTML, well-formed as XML is, too. */
export const writeHtml: Writer = (report, context) => {
  const { summary, captures } = report;
  const outcomes: readonly Outcome[] = ['fail', 'warn', 'pass', 'inconclusive'];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>polypath: ${summary.fail} fail, ${summary.warn} warn</title>
<style>${STYLE}</style>
</head>
<body>
<h1>polypath ${xml(report.polypath)}</h1>
<p>${xml(summaryText(captures, summary))}</p>
<p>${outcomes.map((outcome) => element('strong', `${summary[outcome]} ${outcome}`, outcome)).join(' · ')}</p>
${captures.map((capture) => captureSection(capture, context)).join('\n')}
</body>
</html>
`;
};
