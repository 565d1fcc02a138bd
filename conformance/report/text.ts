/** The report for people: what failed first, each finding with what was expected and seen, and the summary as the last line. */

import colours from 'picocolors';
import { printable } from './escape.ts';
import type { CaptureReport, CheckReport, Conversation, Outcome, Verdict } from './report.ts';
import { counted, framesText, subjectText, summaryText, type Writer, type WriterContext } from './writer.ts';

/** So many findings of one requirement, and conversations of one capture, are printed; the JSON report has them all. */
const MOST_FINDINGS = 20;
const MOST_CONVERSATIONS = 50;
const WIDTH = 100;

type Paint = (text: string) => string;
interface Finding {
  readonly file: string;
  readonly verdict: Verdict;
}

/** The verdicts of one outcome, by requirement in the order of their first appearance. */
const byRequirement = (report: CheckReport, outcome: Outcome): ReadonlyMap<string, Finding[]> => {
  const groups = new Map<string, Finding[]>();
  for (const { file, verdicts } of report.captures) {
    for (const verdict of verdicts) {
      if (verdict.verdict !== outcome) continue;
      const group = groups.get(verdict.requirement);
      if (group === undefined) groups.set(verdict.requirement, [{ file, verdict }]);
      else group.push({ file, verdict });
    }
  }
  return groups;
};

const findingText = ({ file, verdict }: Finding): string => {
  const frames = framesText(verdict);
  const lines = [
    `    ${printable(file)} ${printable(subjectText(verdict))}${frames && `, ${frames}`}`,
    ...(verdict.expected === null ? [] : [`      expected  ${printable(verdict.expected)}`]),
    ...(verdict.seen === null ? [] : [`      seen      ${printable(verdict.seen)}`]),
    `      ${printable(verdict.message)}`,
  ];
  return `${lines.join('\n')}\n`;
};

const findingsText = (report: CheckReport, outcome: 'fail' | 'warn', paint: Paint, context: WriterContext): string => {
  let text = '';
  for (const [requirement, findings] of byRequirement(report, outcome)) {
    const { level, section, role } = findings[0]!.verdict;
    const statement = context.statementOf(requirement);
    text += `${paint(outcome.toUpperCase())}  ${printable(`${requirement}  ${level}  section ${section}  ${role}`)}\n`;
    if (statement !== undefined) text += `  ${printable(statement)}\n`;
    text += findings.slice(0, MOST_FINDINGS).map(findingText).join('');
    if (findings.length > MOST_FINDINGS) text += `    and ${findings.length - MOST_FINDINGS} more (--format json has them all)\n`;
    text += '\n';
  }
  return text;
};

const inconclusiveText = (report: CheckReport, paint: Paint): string => {
  const groups = [...byRequirement(report, 'inconclusive')];
  if (groups.length === 0) return '';
  const lines = groups.map(([requirement, findings]) => {
    const times = findings.length === 1 ? '' : ` (${findings.length} times)`;
    return `  ${printable(requirement)}${times}: ${printable(findings[0]!.verdict.message)}\n`;
  });
  return `${paint('INCONCLUSIVE')}  ${counted(groups.length, 'requirement')}\n${lines.join('')}\n`;
};

/** Words joined by spaces, broken into lines of at most `WIDTH` columns. */
const wrapped = (words: readonly string[], indent: string): string => {
  let text = '';
  let line = indent;
  for (const word of words) {
    if (line.length > indent.length && line.length + word.length > WIDTH) {
      text += `${line.trimEnd()}\n`;
      line = indent;
    }
    line += `${word} `;
  }
  return `${text}${line.trimEnd()}\n`;
};

const passText = (report: CheckReport, paint: Paint): string => {
  const ids = [...byRequirement(report, 'pass').keys()];
  return ids.length === 0 ? '' : `${paint('PASS')}  ${counted(ids.length, 'requirement')}\n${wrapped(ids.map(printable), '  ')}\n`;
};

/** What a conversation was: in the order of the fields of a line; an empty text where there is nothing to say. @example factsOf(conversation).filter(Boolean).join(', ') */
export const factsOf = (conversation: Conversation): readonly string[] => {
  switch (conversation.protocol) {
    case 'mptcp': {
      const [first] = conversation.subflows;
      const { a, b } = conversation.streams;
      return [
        `mptcp${conversation.version === null ? '' : ` v${conversation.version}`}`,
        conversation.outcome,
        first === undefined ? '' : `${first.a} > ${first.b}`,
        `${counted(conversation.subflows.length, 'subflow')}, a sent ${a.bytes} octets, b sent ${b.bytes}`,
      ];
    }
    case 'shim6': {
      const { a, b } = conversation.hosts;
      const ulid = ({ ulids }: typeof a): string => ulids.at(-1) ?? 'unknown';
      return [
        'shim6',
        `${a.state ?? 'unknown'} / ${b.state ?? 'unknown'}`,
        `${ulid(a)} > ${ulid(b)}`,
        `${counted(conversation.paths.length, 'path')}, a has ${counted(a.locators.length, 'locator')}, b has ${b.locators.length}`,
      ];
    }
    case 'mip6':
      return [
        'mip6',
        conversation.homeAddress,
        `home agent ${conversation.homeAgent ?? 'unknown'}`,
        `${counted(conversation.careOfAddresses.length, 'movement')}, ${counted(conversation.bindings.length, 'binding')}`,
      ];
  }
};

const conversationText = (conversation: Conversation, verdicts: readonly Verdict[]): string => {
  const count = (outcome: Outcome): number => verdicts.filter(({ verdict }) => verdict === outcome).length;
  const outcomes: readonly Outcome[] = ['fail', 'warn', 'pass', 'inconclusive'];
  const counts = outcomes.filter((outcome) => count(outcome) > 0).map((outcome) => `${count(outcome)} ${outcome}`);
  const facts = factsOf(conversation).filter(Boolean).map(printable).join('  ');
  return `  ${printable(conversation.id)}  ${facts}:  ${counts.join(', ') || 'no verdicts'}\n`;
};

const captureText = (capture: CaptureReport, paint: Paint): string => {
  const facts = [
    capture.format,
    capture.linkTypes.join(' '),
    counted(capture.frames, 'frame'),
    capture.snapped > 0 ? `${capture.snapped} snapped` : '',
    capture.duplicates > 0 ? `${capture.duplicates} captured twice` : '',
    capture.unanswered > 0 ? counted(capture.unanswered, 'unanswered attempt') : '',
  ].filter(Boolean);
  const of = new Map<string, Verdict[]>();
  for (const verdict of capture.verdicts) {
    if (verdict.conversation === null) continue;
    const list = of.get(verdict.conversation);
    if (list === undefined) of.set(verdict.conversation, [verdict]);
    else list.push(verdict);
  }
  let text = `${paint(printable(capture.file))}: ${printable(facts.join(', '))}\n`;
  if (capture.error !== undefined) text += `  not read to the end: ${printable(capture.error)}\n`;
  for (const note of capture.notes ?? []) text += `  ${printable(note)}\n`;
  for (const conversation of capture.conversations.slice(0, MOST_CONVERSATIONS))
    text += conversationText(conversation, of.get(conversation.id) ?? []);
  const more = capture.conversations.length - MOST_CONVERSATIONS;
  return more > 0 ? `${text}  and ${more} more (--format json has them all)\n` : text;
};

/** Writes the report for people. */
export const writeText: Writer = (report, context) => {
  const { red, yellow, cyan, green, bold } = colours.createColors(context.colour);
  const { summary } = report;
  const verdictPaint = summary.fail > 0 ? red : context.strict && summary.warn > 0 ? yellow : green;
  return (
    findingsText(report, 'fail', (text) => bold(red(text)), context) +
    findingsText(report, 'warn', (text) => bold(yellow(text)), context) +
    inconclusiveText(report, (text) => bold(cyan(text))) +
    passText(report, (text) => bold(green(text))) +
    report.captures.map((capture) => captureText(capture, bold)).join('') +
    `\n${verdictPaint(summaryText(report.captures, summary))}\n`
  );
};
