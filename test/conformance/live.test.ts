/** `polypath live`: what is missing is said in one line; where nothing is, the cases run against this kernel, and `check` agrees with each of them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { liveMptcp } from '../../conformance/cli/live.ts';
import type { Io } from '../../conformance/cli/io.ts';
import { disagreements } from '../../conformance/live/agreement.ts';
import { cases } from '../../conformance/live/cases/index.ts';
import { readiness, type Surroundings } from '../../conformance/live/missing.ts';
import { runCases, type LiveResult } from '../../conformance/live/run.ts';
import { requirement } from '../../conformance/requirements/index.ts';
import { demanded } from '../tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'polypath-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Collects what is written. */
const io = (): Io & { readonly text: () => string } => {
  let written = '';
  const out = {
    write: (text: string) => void (written += text),
    drained: async () => undefined,
    isTerminal: false,
    columns: 80,
    closed: false,
  };
  return {
    out,
    err: out,
    stdin: (async function* none() {})(),
    env: {},
    interruption: () => new AbortController().signal,
    text: () => written,
  };
};

describe('what has to be there', () => {
  const complete: Surroundings = {
    platform: 'linux',
    uid: 0,
    exists: () => true,
    runs: () => true,
    load: async () => undefined,
    probe: async () => undefined,
  };
  test.each([
    ['another system', { platform: 'darwin' }, /needs Linux, and this is darwin/],
    ['a kernel without Multipath TCP', { exists: (file: string) => !file.includes('mptcp') }, /needs a kernel with Multipath TCP/],
    ['a user who is not root', { uid: 1000 }, /needs root/],
    ['no TUN device', { exists: (file: string) => !file.includes('tun') }, /needs \/dev\/net\/tun/],
    ['no iproute2', { runs: () => false }, /iproute2/],
    ['no koffi', {}, /optional package koffi/],
  ])('%s is said in one line', async (_, changed, line) => {
    const found = await readiness({ ...complete, ...changed });
    expect('missing' in found && found.missing).toMatch(line);
    await expect(liveMptcp({ only: [], format: 'text' }, io(), async () => found)).rejects.toThrow(line);
  });

  test('a case that does not exist is said before anything else', async () => {
    await expect(liveMptcp({ only: ['9.9/*'], format: 'text' }, io())).rejects.toThrow('no case matches 9.9/*');
  });
});

describe('the cases', () => {
  test('have ids of their own, which begin with the section, and name requirements that exist', () => {
    const ids = cases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[\d.]+\/[a-z0-9-]+$/.test(id))).toEqual([]);
    for (const { requirements, beyondCapture } of cases) {
      expect(requirements.length).toBeGreaterThan(0);
      expect([...requirements, ...Object.keys(beyondCapture)].filter((id) => requirement(id) === undefined)).toEqual([]);
    }
  });
});

const ready = await readiness();
demanded('missing' in ready ? ready.missing : undefined);
const withKernel = 'missing' in ready ? describe.skip : describe;

withKernel(`on this kernel${'missing' in ready ? ` (${ready.missing})` : ''}`, () => {
  const results = new Map<string, LiveResult>();

  beforeAll(async () => {
    if ('missing' in ready) return;
    for await (const result of runCases(ready.libc, cases)) results.set(result.id, result);
  }, 60_000);

  test.each(cases.map(({ id }) => id))('%s is decided, and check on its capture says the same', (id) => {
    const result = results.get(id);
    if (result === undefined) throw new Error('the case has not run');
    expect({ verdict: result.verdict, message: result.message }).not.toMatchObject({ verdict: 'inconclusive' });
    expect(disagreements(result)).toEqual([]);
  });

  test('the command leaves a capture for each case, and no namespace, device or process', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const out = io();
    expect(await liveMptcp({ only: ['3.2/unknown-token'], output: folder, format: 'json' }, out)).toBe(0);
    const report = JSON.parse(out.text());
    expect(report).toMatchObject({
      schema: 1,
      kernel: expect.stringMatching(/^\d/),
      summary: { pass: 1, fail: 0, inconclusive: 0, requirements: 3 },
    });
    expect(report.cases[0]).toMatchObject({ id: '3.2/unknown-token', verdict: 'pass', capture: join(folder, '3.2-unknown-token.pcap') });
    expect(readdirSync(folder)).toEqual(['3.2-unknown-token.pcap']);
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});
