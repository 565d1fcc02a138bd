/** `polypath live`: what is missing is said in one line; where nothing is, the cases run against this kernel, and `check` agrees with each of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { liveMptcp } from '../../conformance/cli/live.ts';
import type { Io } from '../../conformance/cli/io.ts';
import { disagreements } from '../../conformance/live/agreement.ts';
import { cases } from '../../conformance/live/cases/index.ts';
import { pattern } from '../../conformance/live/bench.ts';
import type { LiveFinding } from '../../conformance/live/case.ts';
import { Connection, Subflow } from '../../conformance/live/peer.ts';
import { liveReport, reported, textOfCase, textOfSummary, type LiveReport } from '../../conformance/live/report.ts';
import { ACK, describe as describeSegment, packetOf, PSH, segmentOf, spoilt, SYN, type Segment } from '../../conformance/live/segment.ts';
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

/** What was found on the kernel that `vectors/live` names; a capture where something was found against it. */
interface Known {
  readonly kernel: string;
  readonly summary: LiveReport['summary'];
  readonly cases: readonly (Pick<LiveResult, 'id' | 'title' | 'requirements' | 'verdict' | 'findings'> & {
    readonly capture: string | null;
  })[];
}
const vectors = new URL('../../vectors/live/', import.meta.url);
const known = JSON.parse(readFileSync(new URL('linux-6.18.json', vectors), 'utf8')) as Known;
const argued = readFileSync(new URL('README.md', vectors), 'utf8');

/** A known result with its capture, as if it had just come about. */
const again = (id: string, changed: Partial<LiveResult> = {}): LiveResult => {
  const found = known.cases.find((each) => each.id === id);
  const declared = cases.find((each) => each.id === id);
  if (found === undefined || declared === undefined || found.capture === null) throw new Error(`${id} has no capture`);
  const capture = new Uint8Array(readFileSync(new URL(found.capture, vectors)));
  const { beyondCapture, conforms } = declared;
  return { ...found, message: '', beyondCapture, conforms, ms: 1, capture, ...changed };
};

describe('what is known of Linux', () => {
  const against = known.cases.filter(({ findings }) => findings.some(({ verdict }) => verdict !== 'pass'));

  test('is what the cases decide, without an open question', () => {
    expect(known.cases.map(({ id, requirements }) => ({ id, requirements }))).toEqual(
      cases.map(({ id, requirements }) => ({ id, requirements })),
    );
    expect(known.summary.inconclusive).toBe(0);
    expect(known.cases.length).toBeGreaterThanOrEqual(60);
    expect(known.summary.requirements).toBeGreaterThanOrEqual(40);
  });

  test.each(against.map(({ id }) => id))('%s is argued, and check says the same of its capture', (id) => {
    expect(argued).toContain(`\`${id}\``);
    for (const { requirement: each, verdict } of again(id).findings) if (verdict !== 'pass') expect(argued).toContain(each);
    expect(disagreements(again(id))).toEqual([]);
  });
});

describe('live and check disagree', () => {
  const id = '3.3/checksum-unasked';
  const finding = (ref: string, verdict: LiveFinding['verdict']): LiveFinding => ({
    requirement: `RFC8684-${ref}`,
    verdict,
    expected: 'x',
    seen: 'y',
  });

  test('when the case passes the kernel and check does not', () => {
    expect(disagreements(again(id, { findings: [finding('3.3-2', 'pass')] }))).toEqual(['check fails RFC8684-3.3-2, the case says pass']);
    expect(disagreements(again(id, { findings: [] }))).toEqual(['check fails RFC8684-3.3-2, the case says nothing']);
  });

  test('when the case fails the kernel and check passes it, unless the capture cannot tell', () => {
    const findings = [finding('3.3-2', 'fail'), finding('3.1-2', 'fail')];
    expect(disagreements(again(id, { findings }))).toEqual(['the case says fail for RFC8684-3.1-2, check says pass']);
    expect(disagreements(again(id, { findings, beyondCapture: { 'RFC8684-3.1-2': 'because' } }))).toEqual([]);
  });

  test('when our side was to keep the rules and did not', () => {
    expect(disagreements(again(id, { conforms: true }))).toEqual([expect.stringMatching(/^check fails RFC8684-3\.3-c on our side: /)]);
  });

  test('when the capture is no capture', () => {
    expect(disagreements(again(id, { findings: [], capture: Uint8Array.of(1, 2, 3) }))).toEqual([
      expect.stringMatching(/^check cannot read the capture/),
    ]);
  });
});

describe('the report', () => {
  const failed = reported(again('3.3/checksum-unasked', { message: 'it failed' }), 'a.pcap', ['check says no']);
  const warned = reported(again('3.4.2/address-gone', { message: 'it is a warn' }), 'b.pcap', []);
  const open = reported(
    { ...again('3.4.2/address-gone', { findings: [] }), verdict: 'inconclusive', message: 'the SYN has\nnot come' },
    'c.pcap',
    [],
  );

  test('counts verdicts of cases, warns and different requirements', () => {
    expect(liveReport('6.18', [failed, warned, open]).summary).toEqual({ pass: 1, fail: 1, inconclusive: 1, warn: 1, requirements: 2 });
  });

  test('in text says of each case what speaks against the kernel', () => {
    expect(textOfCase(failed)).toMatch(
      /^fail +3\.3\/checksum-unasked .*\n +RFC8684-3\.3-2 fail: expected a RST, seen .*\n +check says no\n$/,
    );
    expect(textOfCase(warned)).toMatch(/^pass +3\.4\.2\/address-gone .*\n +RFC8684-3\.4\.2-1 warn: .*\n$/);
    expect(textOfCase(open)).toMatch(/^inconclusive .*\n +the SYN has.*not come\n$/);
    expect(textOfSummary(liveReport('6.18', [failed, warned, open]), '/x')).toBe(
      'Linux 6.18: 1 passed, 1 failed, 1 inconclusive; 2 requirements decided; captures in /x\n',
    );
  });
});

describe('a scripted peer', () => {
  const start = 0xffff_ff00;
  const sockets = { local: { address: Uint8Array.of(10, 80, 0, 1), port: 1 }, remote: { address: Uint8Array.of(10, 80, 0, 2), port: 2 } };

  test('puts together what the kernel sends, in whatever pieces, order and repetition', () => {
    const piece = fc.tuple(fc.nat(99), fc.integer({ min: 1, max: 40 }), fc.constantFrom<4 | 8>(4, 8));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const connection = new Connection({ key: 1n });
        connection.learn(9_207_164n); // Its IDSN is 391 octets before a wrap of the low half.
        const subflow = connection.add(new Subflow({ path: 0, ...sockets, start: 7, transmit: () => 0 }));
        subflow.remoteStart = start;
        subflow.expected = start + 1;
        const stream = pattern(400);
        const first = BigInt.asUintN(64, connection.remoteIdsn + 1n);
        const covered = new Set<number>();
        // The whole stream in pieces of 40 octets comes last, so that nothing is missing in the end.
        const rest = Array.from({ length: 10 }, (_, at): [number, number, 4 | 8] => [40 * at, 40, 4]);
        for (const [from, length, octets] of [...pieces, ...rest]) {
          const payload = stream.subarray(from, Math.min(400, from + length));
          const dsn = first + BigInt(from);
          subflow.receive({
            frame: 1,
            path: 0,
            source: sockets.remote,
            destination: sockets.local,
            sequence: (start + 1 + from) >>> 0,
            acknowledgment: 0,
            flags: ACK,
            window: 0,
            options: [
              {
                kind: 'DSS',
                dataFin: false,
                dataAckOctets: 8,
                dataSequenceNumber: octets === 4 ? BigInt.asUintN(32, dsn) : dsn,
                dataSequenceNumberOctets: octets,
                subflowSequenceNumber: 1 + from,
                dataLevelLength: payload.length,
                reserved: 0,
              },
            ],
            payload,
          });
          for (let at = from; at < from + payload.length; at += 1) covered.add(at);
          let next = 0;
          while (covered.has(next)) next += 1;
          expect(connection.expectedData).toBe(first + BigInt(next));
        }
        expect(connection.received).toEqual(stream);
      }),
      { numRuns: 50 },
    );
  });

  test('sends what it is told, wrong lengths, too', () => {
    const sent: Segment[] = [];
    const subflow = new Subflow({ path: 0, ...sockets, start: 7, transmit: (segment) => sent.push(segment) });
    subflow.send({ flags: SYN });
    subflow.send({ payload: pattern(3), options: [spoilt({ kind: 'MP_PRIO', backup: true, reserved: 0 }, { length: 5 })] });
    subflow.send({ sequence: 99 });
    expect(sent.map(({ sequence }) => sequence)).toEqual([7, 8, 99]);
    expect(subflow.next).toBe(11);
    const seen = segmentOf(packetOf(sent[1]!), 2, 4);
    expect(seen).toMatchObject({ frame: 4, path: 2, sequence: 8, flags: ACK | PSH, options: [] });
    expect(describeSegment(seen)).toBe('ACK of 3 octets (frame 4)');
    expect(describeSegment(undefined)).toBe('nothing');
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
