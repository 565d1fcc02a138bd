/** Whatever a capture holds, checking it stays within bounds and says what was left out: floods of every kind, scaled down. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { createChecker } from '../../conformance/check.ts';
import { Queue } from '../../conformance/follow/queue.ts';
import type { Queued } from '../../conformance/follow/queue.ts';
import { jsonPieces } from '../../conformance/report/json.ts';
import { conversationsOf } from '../../conformance/report/report.ts';
import type { CaptureReport } from '../../conformance/report/report.ts';
import { flood, floods } from '../bench/floods.ts';

const check = (kind: string, attempts: number): CaptureReport => {
  const checker = createChecker();
  for (const chunk of flood(kind, attempts)) checker.push(chunk);
  return checker.finish(kind);
};

const outcomes = ({ verdicts }: CaptureReport, outcome: string): number => verdicts.filter(({ verdict }) => verdict === outcome).length;

/** Everything that a report may not exceed. */
const expectBounded = (report: CaptureReport): void => {
  expect(report.error).toBeUndefined();
  expect(report.conversations.length).toBeLessThanOrEqual(10_000);
  expect(conversationsOf(report, 'mptcp').filter(({ outcome }) => outcome === 'refused').length).toBeLessThanOrEqual(1000);
  expect(report.verdicts.length).toBeLessThanOrEqual(51_000);
  expect(Math.max(0, ...conversationsOf(report, 'mptcp').map(({ subflows }) => subflows.length))).toBeLessThanOrEqual(512);
  for (const { verdict, frames, count } of report.verdicts) {
    if (frames.length > (verdict === 'pass' ? 8 : 1000) || frames.length > 2 * count + 2)
      throw new Error(`${frames.length} frames for ${count} times`);
  }
};

describe('floods that break no rule give no fail, and what is left out is said', () => {
  test('10,000 MP_CAPABLEs that nobody answers are counted, not kept', () => {
    const report = check('syn', 10_000);
    expect(report).toMatchObject({ frames: 10_000, unanswered: 10_000, conversations: [], verdicts: [] });
    expect(report.notes).toEqual(['only the last 8192 unanswered connection attempts were remembered at a time']);
  });

  test('an answer by a RST is an answer', () => {
    expect(check('syn-rst', 3000)).toMatchObject({ frames: 6000, unanswered: 0, conversations: [] });
  });

  test('of those that answer without MP_CAPABLE 1,000 are listed', () => {
    const report = check('refused', 1500);
    expectBounded(report);
    expect(report.conversations).toHaveLength(1000);
    expect(report.notes).toEqual(['500 more refused connections are not listed, only what speaks against them']);
    expect(outcomes(report, 'fail')).toBe(0);
  });

  test('connections that stay open: 3,072 are followed at a time at most, and fewer where they are heavy', () => {
    const report = check('open', 3300);
    expectBounded(report);
    expect(outcomes(report, 'fail')).toBe(0);
    expect(report.notes?.join()).toMatch(/only 3072 connections were followed at a time|took too much memory/);
    // Every connection is listed or counted.
    const unlisted = /of (\d+) connections only what speaks against them is listed/.exec(report.notes?.join() ?? '');
    expect(report.conversations.length + Number(unlisted?.[1] ?? 0)).toBe(3300);
  });

  test.each([
    ['closed', 300],
    ['join', 3000],
    ['join-rst', 2000],
    ['join-ack', 1500],
    ['known-join', 1500],
    ['known-join-ack', 1200],
    ['dss', 1500],
    ['gap', 6000],
    ['tiny', 6000],
    ['backwards', 3000],
    ['unmapped', 2000],
    ['fragments', 5000],
    ['pieces', 9000],
  ])('%s', (kind, attempts) => {
    const report = check(kind, attempts);
    expectBounded(report);
    expect(outcomes(report, 'fail')).toBe(0);
  });

  test('one connection with more subflows than are followed stays listed, with its verdicts', () => {
    const report = check('known-join-rst', 2000);
    expectBounded(report);
    expect(report.conversations).toHaveLength(1);
    expect(report.notes?.join()).toContain('only 512 subflows of a connection were followed');
  });
});

test('a long report is written in pieces that are the whole of it', () => {
  const report = {
    schema: 1,
    polypath: '0.0.0',
    captures: [check('open', 200), check('syn', 2)],
    summary: { pass: 0, warn: 0, fail: 0, inconclusive: 0, notExercised: 0 },
  } as const;
  const pieces = [...jsonPieces(report)];
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.join('')).toBe(`${JSON.stringify(report, undefined, 2)}\n`);
});

describe('floods of faults', () => {
  test.each([
    ['wrong', 4000],
    ['malformed', 3000],
    ['malformed-syn', 1500],
    ['addresses', 2500],
  ])('%s: the evidence is bounded, and a fail stays one', (kind, attempts) => {
    const report = check(kind, attempts);
    expectBounded(report);
    expect(outcomes(report, 'fail')).toBeGreaterThan(0);
  });
});

test('every kind of flood is tried here or spreads one that is over many connections', () => {
  const spread = ['plain', 'same-key', 'fastopen', 'known-joins', 'known-joins-ack', 'near', 'gaps', 'tinies', 'wrongs'];
  for (const kind of spread) expectBounded(check(kind, 200));
  expect(Object.keys(floods)).toHaveLength(spread.length + 4 + 13 + 1 + 4);
});

test('what a checker holds does not grow with the attempts', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const held = (): number => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  for (const [kind, attempts] of [
    ['syn', 20_000],
    ['fastopen', 20_000],
    ['gap', 10_000],
    ['fragments', 10_000],
  ] as const) {
    const checker = createChecker();
    let grown = 0;
    let before = 0;
    let chunks = 0;
    const total = [...flood(kind, attempts)].length;
    for (const chunk of flood(kind, attempts)) {
      checker.push(chunk);
      chunks += 1;
      if (chunks === Math.floor(total / 2)) before = held();
    }
    grown = held() - before;
    checker.finish(kind);
    expect(grown).toBeLessThan(6 << 20);
  }
});

class Member implements Queued<Member> {
  older: Member | undefined;
  newer: Member | undefined;
  queue: unknown;
}

describe('Queue', () => {
  test('keeps the order of last use, whoever leaves', () => {
    const [a, b, c] = [new Member(), new Member(), new Member()];
    const queue = new Queue<Member>();
    for (const each of [a, b, c, a]) queue.add(each);
    expect([...queue]).toEqual([b, c, a]);
    expect([queue.delete(c), queue.delete(c), queue.has(c), queue.size]).toEqual([true, false, false, 2]);
    expect([queue.oldest, queue.newest]).toEqual([b, a]);
  });

  test('takes a member out of the queue that it stood in', () => {
    const [one, two] = [new Queue<Member>(), new Queue<Member>()];
    const member = new Member();
    one.add(member);
    two.add(member);
    expect([one.size, two.size, one.oldest, two.delete(member), two.newest]).toEqual([0, 1, undefined, true, undefined]);
  });
});
