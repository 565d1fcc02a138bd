/** The report formats: one report in, and whatever its strings hold, a well-formed text out. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  summarise,
  writers,
  type CaptureReport,
  type CheckReport,
  type Verdict,
  type WriterContext,
} from '../../conformance/report/index.ts';

const context: WriterContext = { statementOf: () => undefined, strict: false, colour: false };

const verdict = (given: Partial<Verdict> = {}): Verdict => ({
  requirement: 'RFC8684-3.2-a',
  section: '3.2',
  level: 'RULE',
  verdict: 'pass',
  conversation: 'mptcp-1',
  host: 'b',
  role: 'subflow acceptor',
  frames: [12],
  count: 1,
  expected: null,
  seen: null,
  message: 'The HMAC is right.',
  ...given,
});

const fail = verdict({ verdict: 'fail', expected: 'the leftmost 64 bits', seen: '0x00', message: 'The HMAC is wrong.' });
const warn = verdict({ requirement: 'RFC8684-3.1-1', level: 'SHOULD', verdict: 'warn', message: 'An old version is offered.' });
const open = verdict({
  requirement: 'RFC8684-3.3-1',
  level: 'MUST',
  verdict: 'inconclusive',
  message: 'The answer was not captured.',
  frames: [],
});

const capture = (given: Partial<CaptureReport> = {}): CaptureReport => ({
  file: 'join.pcap',
  format: 'pcap',
  linkTypes: ['EN10MB'],
  frames: 120,
  snapped: 0,
  duplicates: 0,
  unanswered: 0,
  conversations: [
    {
      id: 'mptcp-1',
      protocol: 'mptcp',
      version: 1,
      outcome: 'data-fin',
      hosts: {
        a: { role: 'initiator', token: '93f1c0aa', idsn: '1', addresses: [] },
        b: { role: 'listener', token: null, idsn: null, addresses: [] },
      },
      subflows: [{ index: 0, kind: 'initial', a: '10.0.1.1:40000', b: '10.0.2.1:5001', backup: false, frames: 80, state: 'closed' }],
      streams: { a: { bytes: 4096, sha256: null, complete: true }, b: { bytes: 0, sha256: null, complete: true } },
    },
  ],
  verdicts: [verdict(), warn, open, fail],
  ...given,
});

const report = (...captures: CaptureReport[]): CheckReport => ({
  schema: 1,
  polypath: '0.1.0',
  captures,
  summary: summarise(captures, []),
});

/** The tags of an XML text, which must be well-formed: every tag closed in order, no stray markup, every reference known. */
const xmlTags = (text: string): string[] => {
  const tags: string[] = [];
  const stack: string[] = [];
  const token =
    /<\?xml [^<>]*\?>|<!DOCTYPE html>|<(\/?)([a-z][a-z\d-]*)((?: [a-z-]+="[^"<>&]*(?:&(?:amp|lt|gt|quot|#39);[^"<>&]*)*")*)(\/?)>|[^<>&]+|&(?:amp|lt|gt|quot|#39);/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new Error(`not XML at ${at}: ${JSON.stringify(text.slice(at, at + 80))}`);
    const [, closing, name, , empty] = match;
    if (name === undefined) continue;
    if (closing === '/') expect(stack.pop()).toBe(name);
    else {
      tags.push(name);
      if (empty !== '/') stack.push(name);
    }
  }
  expect(stack).toEqual([]);
  return tags;
};

const yamlScalar = /^ {2}(?:---|\.\.\.|[a-z]+: (?:"(?:[^"\\\u0000-\u001f]|\\.)*"|\d+|[a-z]+|\[[\d, ]*\]))$/;
const tapLine = /^(?:TAP version 14|1\.\.\d+|(?:not )?ok \d+ - (?:[^#\\]|\\[#\\])*(?: # (?:SKIP|TODO) (?:[^#\\]|\\[#\\])*)?)$/;

describe('text', () => {
  test('starts with what failed, ends with a one-line summary', () => {
    const text = writers.text(report(capture()), { ...context, statementOf: () => 'Carry the leftmost 64 bits.' });
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toBe('FAIL  RFC8684-3.2-a  RULE  section 3.2  subflow acceptor');
    expect(lines[1]).toBe('  Carry the leftmost 64 bits.');
    expect(lines[2]).toBe('    join.pcap mptcp-1 host b, frame 12');
    expect(lines[3]).toBe('      expected  the leftmost 64 bits');
    expect(lines[4]).toBe('      seen      0x00');
    expect(lines[5]).toBe('      The HMAC is wrong.');
    expect(lines.at(-1)).toBe('1 capture, 1 conversation: 1 fail, 1 warn, 1 pass, 1 inconclusive, 0 not exercised');
    const order = ['FAIL  ', 'WARN  ', 'INCONCLUSIVE  ', 'PASS  ', 'join.pcap: pcap'].map((mark) => text.indexOf(mark));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test('many findings of one requirement are cut, and it says so', () => {
    const many = Array.from({ length: 25 }, (_, i) => ({ ...fail, conversation: `mptcp-${i}` }));
    const text = writers.text(report(capture({ verdicts: many })), context);
    expect(text.match(/expected {2}/g)).toHaveLength(20);
    expect(text).toContain('and 5 more (--format json has them all)');
  });

  test('colour only when asked for', () => {
    expect(writers.text(report(capture()), context)).not.toContain('\u001b');
    expect(writers.text(report(capture()), { ...context, colour: true })).toContain('\u001b[31mFAIL');
  });

  test('a verdict about a packet of no conversation names its flow', () => {
    const lone = { ...fail, conversation: null, flow: '10.0.1.1:1 > 10.0.2.1:2', host: null };
    expect(writers.text(report(capture({ verdicts: [lone] })), context)).toContain('join.pcap 10.0.1.1:1 > 10.0.2.1:2, frame 12');
  });
});

describe('html', () => {
  test('one file without a script: what failed comes first, the passes are folded away, evidence stands beside each finding', () => {
    const text = writers.html(report(capture()), { ...context, statementOf: () => 'Carry the leftmost 64 bits.' });
    const tags = xmlTags(text);
    expect(tags).not.toContain('script');
    expect(tags.filter((tag) => tag === 'h2' || tag === 'details')).toEqual(['h2', 'details']);
    const order = [
      '1 fail',
      'join.pcap',
      'mptcp-1',
      'The HMAC is wrong.',
      'the leftmost 64 bits',
      '0x00',
      'An old version',
      '1 passed',
    ].map((mark) => text.indexOf(mark));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test('a capture that was not read to the end says so', () => {
    expect(writers.html(report(capture({ verdicts: [], error: 'cut at offset 7' })), context)).toContain(
      'Not read to the end: cut at offset 7',
    );
  });
});

describe('junit', () => {
  test('a suite per capture, a case per verdict; inconclusive is skipped, a warn passes unless strict', () => {
    const lenient = writers.junit(report(capture()), context);
    expect(lenient).toContain('<testsuite name="join.pcap" tests="4" failures="1" errors="0" skipped="1">');
    expect(xmlTags(lenient).filter((tag) => tag !== 'testcase')).toEqual(['testsuites', 'testsuite', 'system-out', 'skipped', 'failure']);
    expect(writers.junit(report(capture()), { ...context, strict: true })).toContain('tests="4" failures="2"');
  });

  test('a capture that could not be read is an error', () => {
    expect(xmlTags(writers.junit(report(capture({ verdicts: [], error: 'cut at offset 7' })), context))).toContain('error');
  });
});

describe('tap', () => {
  test('version 14: a point per verdict; inconclusive skipped, a warn a TODO unless strict', () => {
    const lines = writers.tap(report(capture()), context).split('\n');
    expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..4']);
    expect(lines.filter((line) => /^(not )?ok/.test(line))).toEqual([
      'ok 1 - RFC8684-3.2-a join.pcap mptcp-1 host b',
      'not ok 2 - RFC8684-3.1-1 join.pcap mptcp-1 host b # TODO SHOULD only warns',
      'ok 3 - RFC8684-3.3-1 join.pcap mptcp-1 host b # SKIP The answer was not captured.',
      'not ok 4 - RFC8684-3.2-a join.pcap mptcp-1 host b',
    ]);
    expect(writers.tap(report(capture()), { ...context, strict: true })).toContain('not ok 2 - RFC8684-3.1-1 join.pcap mptcp-1 host b\n');
  });
});

describe('markdown', () => {
  test('the counts, then what is not a pass, then the passes', () => {
    const text = writers.markdown(report(capture()), context);
    expect(text).toContain('| 1 | 1 | 1 | 1 | 0 |\n');
    expect(text).toContain(
      String.raw`| RFC8684-3.2-a | **fail** (RULE) | mptcp-1 host b | frame 12 | The HMAC is wrong.<br>Expected: the leftmost 64 bits<br>Seen: 0x00 |`,
    );
    expect(text).toContain('Passed: RFC8684-3.2-a');
  });
});

test('json is the report itself', () => {
  expect(JSON.parse(writers.json(report(capture()), context))).toEqual(report(capture()));
});

test('the summary counts over all captures, and once what no capture exercised', () => {
  const requirement = { section: '3', level: 'MUST', role: 'any host', statement: '', line: 1 } as const;
  const asked = [
    { ...requirement, id: 'RFC8684-3.2-a', disposition: 'capture' },
    { ...requirement, id: 'RFC8684-3.2-z', disposition: 'capture' },
    { ...requirement, id: 'RFC8684-3.2-y', disposition: 'live' },
  ] as const;
  const captures = [capture(), capture({ verdicts: [fail] })];
  expect(summarise(captures, asked)).toEqual({ pass: 1, warn: 1, fail: 2, inconclusive: 1, notExercised: 1 });
});

test('hostile strings break no format', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
    fc.constantFrom(
      ']]>',
      '</failure>',
      '&',
      '"\'',
      '\n  ...\nok 1',
      '#',
      '\\',
      '|',
      '| x |\n|',
      '\u001b[2J',
      '\u0085',
      '\u2028',
      '`<b>`',
      '\u202e',
    ),
  );
  const text = fc.array(hostile, { maxLength: 4 }).map((parts) => parts.join(''));
  const verdicts = fc.record({
    requirement: text,
    section: text,
    level: text,
    verdict: fc.constantFrom('pass', 'fail', 'warn', 'inconclusive'),
    conversation: fc.option(text),
    flow: text,
    host: fc.constantFrom('a', 'b', null),
    role: text,
    frames: fc.array(fc.nat(), { maxLength: 12 }),
    count: fc.nat(),
    expected: fc.option(text),
    seen: fc.option(text),
    message: text,
  });
  const captures = fc.record({
    file: text,
    error: text,
    notes: fc.array(text, { maxLength: 2 }),
    verdicts: fc.array(verdicts, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(captures, text, fc.boolean(), (given, statement, strict) => {
      const whole = report(capture(given));
      const hostileContext: WriterContext = { statementOf: () => statement, strict, colour: false };
      const write = (format: keyof typeof writers): string => {
        const written = writers[format](whole, hostileContext);
        expect(written.endsWith('\n')).toBe(true);
        expect(Buffer.from(written, 'utf8').toString('utf8')).toBe(written);
        return written;
      };
      xmlTags(write('junit'));
      xmlTags(write('html'));
      for (const line of write('tap').trimEnd().split('\n')) expect(line).toMatch(line.startsWith('  ') ? yamlScalar : tapLine);
      for (const format of ['text', 'markdown', 'tap', 'junit', 'html'] as const) {
        expect(write(format)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      }
      for (const line of write('markdown')
        .split('\n')
        .filter((one) => one.startsWith('|'))) {
        expect([6, 7]).toContain(line.replaceAll(/\\./g, '').split('|').length - 1);
      }
      expect(JSON.parse(write('json'))).toEqual(JSON.parse(JSON.stringify(whole)));
    }),
    { numRuns: 100 },
  );
});
