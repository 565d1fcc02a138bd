/** Following shim6 and REAP: LinShim6's captures with every departure from the RFCs named, and what their conversations look like in a report. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { conversationsOf } from '../../conformance/report/report.ts';
import type { CaptureReport, Verdict } from '../../conformance/report/report.ts';
import { shim6Checks } from '../../conformance/checks/index.ts';
import { catalogues, requirement } from '../../conformance/requirements/index.ts';
import { encodeIpv6 } from '../../codecs/packet/index.ts';
import { PROTOCOL_SHIM6, encodeShim6 } from '../../codecs/shim6/index.ts';
import type { Shim6Message } from '../../codecs/shim6/index.ts';
import { check } from './following.ts';
import { captureOf } from './shim6/edit.ts';
import { partial } from './shim6/parts.ts';

const folder = new URL('../../vectors/captures/linshim6/', import.meta.url);
const capture = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(`${name}.pcap`, folder)));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.pcap'))
  .map((file) => file.slice(0, -5));
const RFCS: readonly number[] = [3972, 4581, 4982, 5533, 5534, 5535];

const said = ({ verdicts }: CaptureReport, ...kinds: readonly Verdict['verdict'][]): readonly string[] =>
  verdicts.filter(({ verdict }) => kinds.includes(verdict)).map(({ requirement: id, host, frames }) => `${id} ${host} ${frames.join(',')}`);

/** What LinShim6 does against the RFCs, argued in vectors/captures/linshim6/README.md. */
const departures: Readonly<Record<string, { readonly fail?: readonly string[]; readonly warn?: readonly string[] }>> = {
  handshake_hba: { fail: ['RFC5535-6-1 a 3', 'RFC5535-6-1 b 4', 'RFC5535-6-3 a 3', 'RFC5535-6-3 b 4'] },
  handshake_hbacga: { fail: ['RFC5535-5-1/1 a 3', 'RFC5535-5-1/1 b 4', 'RFC5535-5-a a 3', 'RFC5535-5-a b 4'] },
  handshake_single_locator: { warn: ['RFC5533-7.6-1 a 3', 'RFC5533-7.6-1 b 4'] },
  update_cga: { warn: ['RFC5534-5.3-3 a 11'] },
};

/** What the recording leaves open: no payload is on the wire. */
const open: Readonly<Record<string, readonly string[]>> = {
  keepalive: ['RFC5534-4.1-2 a 7,9', 'RFC5534-4.1-2 b 8,10'],
  reap_total_outage: ['RFC5534-6.8-b b 23'],
  reap_ulid_pair_fails: ['RFC5534-6.8-b a 7'],
};

describe.each(names)("LinShim6's %s", (name) => {
  const report = check(capture(name));

  test('breaks exactly what is argued beside it', () => {
    expect(said(report, 'fail')).toEqual(departures[name]?.fail ?? []);
    expect(said(report, 'warn')).toEqual(departures[name]?.warn ?? []);
  });

  test('leaves open only what payload would decide, and hides nothing else', () => {
    expect(said(report, 'inconclusive')).toEqual(open[name] ?? []);
  });

  test('is one conversation, whose frames are all on its paths', () => {
    const [conversation, ...others] = conversationsOf(report, 'shim6');
    expect(others).toEqual([]);
    expect(conversation!.paths.reduce((sum, { frames }) => sum + frames, 0)).toBe(report.frames);
  });
});

test('together they show that more than 90 requirements are met', () => {
  const met = names.flatMap((name) =>
    check(capture(name))
      .verdicts.filter(({ verdict }) => verdict === 'pass')
      .map(({ requirement: id }) => id),
  );
  expect(new Set(met).size).toBeGreaterThan(90);
});

test('a report has both hosts with role, ULIDs, tags, locators and state, and the pairs over time (update_cga)', () => {
  const [conversation] = conversationsOf(check(capture('update_cga')), 'shim6');
  expect(conversation).toEqual({
    id: 'shim6-1',
    protocol: 'shim6',
    hosts: {
      a: {
        role: 'initiator',
        ulids: ['2001:db8:a1:0:2c15:a3f8:9e89:2a7c'],
        contextTags: ['7965516e820a'],
        locators: [
          { address: '2001:db8:a1:0:2c15:a3f8:9e89:2a7c', method: 'CGA' },
          { address: '2001:db8:a4:0:2c66:dc9e:3a59:3a1d', method: 'CGA' },
        ],
        state: 'ESTABLISHED',
      },
      b: {
        role: 'responder',
        ulids: ['2001:db8:b1:0:3c53:1177:8ffa:203f'],
        contextTags: ['51ad67f53708'],
        locators: [
          { address: '2001:db8:b1:0:3c53:1177:8ffa:203f', method: 'CGA' },
          { address: '2001:db8:b2:0:20ec:552b:999c:b907', method: 'CGA' },
        ],
        state: 'ESTABLISHED',
      },
    },
    paths: [
      {
        from: 'a',
        source: '2001:db8:a1:0:2c15:a3f8:9e89:2a7c',
        destination: '2001:db8:b1:0:3c53:1177:8ffa:203f',
        frames: 6,
        firstFrame: 1,
        lastFrame: 11,
        payload: 0,
      },
      {
        from: 'b',
        source: '2001:db8:b1:0:3c53:1177:8ffa:203f',
        destination: '2001:db8:a1:0:2c15:a3f8:9e89:2a7c',
        frames: 6,
        firstFrame: 2,
        lastFrame: 12,
        payload: 0,
      },
    ],
  });
});

test.each([
  { name: 'i1_retransmit', states: ['I1-SENT', null] },
  { name: 'handshake_cga', states: ['ESTABLISHED', 'ESTABLISHED'] },
  { name: 'reap_total_outage', states: ['ESTABLISHED', 'ESTABLISHED'] },
])('the hosts of $name end in $states', ({ name, states }) => {
  const [conversation] = conversationsOf(check(capture(name)), 'shim6');
  expect([conversation!.hosts.a.state, conversation!.hosts.b.state]).toEqual(states);
});

test('LinShim6 as it was shipped, with protocol number 61, is followed when asked, and not otherwise', () => {
  const octets = capture('handshake_cga').slice();
  // The Next Header of each IPv6 header, behind 24 octets of the file, 16 of each record and 14 of Ethernet.
  for (let at = 24; at < octets.length; at += 16 + (octets[at + 8]! | (octets[at + 9]! << 8))) octets[at + 16 + 14 + 6] = 61;
  expect(conversationsOf(check(octets), 'shim6')).toEqual([]);
  const [conversation] = conversationsOf(check(octets, { shim6Protocol: 61 }), 'shim6');
  expect(conversation!.hosts.b.state).toBe('ESTABLISHED');
});

/** One message from each of many hosts to one. */
const flood = (count: number, messageOf: (n: number) => Shim6Message): CaptureReport => {
  const addressOf = (n: number): Uint8Array => Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, n >>> 24, n >>> 16, n >>> 8, n);
  const packets = Array.from({ length: count }, (_, n) => {
    const payload = encodeShim6(messageOf(n));
    return { bytes: encodeIpv6({ protocol: PROTOCOL_SHIM6, source: addressOf(n + 2), destination: addressOf(1), payload }), time: n };
  });
  return check(captureOf(packets));
};

describe('a flood is kept within bounds, and what is given up is said', () => {
  test('5,000 I1s that nobody answers', () => {
    const { notes, conversations } = flood(5000, (n) => ({ kind: 'I1', initiatorContextTag: n, initiatorNonce: n }));
    expect(notes?.[0]).toBe('904 shim6 contexts were given up before the end: there are too many');
    expect(conversations.length).toBeLessThan(5000);
  });

  test('1,300 locator lists of 60 addresses', () => {
    const locators = (n: number) =>
      Array.from({ length: 60 }, (_, i) => ({
        locator: Uint8Array.of(0x20, 2, ...new Uint8Array(10), n >> 8, n, i, 1),
        verificationMethod: 1,
      }));
    const { notes } = flood(1300, (n) => ({
      kind: 'I2',
      initiatorContextTag: n,
      initiatorNonce: n,
      responderNonce: n,
      options: [{ kind: 'LocatorList', locatorListGeneration: 1, locators: locators(n) }],
    }));
    expect(notes?.[0]).toMatch(/^\d+ shim6 contexts were given up before the end/);
  });
});

describe('what a capture lacks is laid on nobody:', () => {
  test.each(partial)('%s: %s', (_, __, packets, snapLength) => {
    expect(said(check(captureOf(packets, snapLength)), 'fail')).toEqual([]);
  });
});

describe('the checks', () => {
  const checked = new Set(shim6Checks.map((each) => each.requirement));
  const listed = catalogues.filter(({ rfc }) => RFCS.includes(rfc)).flatMap(({ requirements }) => requirements);

  test('decide all that a capture is said to decide, and nothing that no catalogue lists', () => {
    const due = listed.filter(({ disposition, sameAs }) => disposition === 'capture' && sameAs === undefined);
    expect(due.filter(({ id }) => !checked.has(id)).map(({ id }) => id)).toEqual([]);
    expect([...checked].filter((id) => requirement(id) === undefined)).toEqual([]);
  });

  test.each([
    { rfc: 5533, least: 60 },
    { rfc: 5534, least: 25 },
  ])('decide at least $least ids and rules of RFC $rfc', ({ rfc, least }) => {
    expect([...checked].filter((id) => id.startsWith(`RFC${rfc}-`)).length).toBeGreaterThanOrEqual(least);
  });
});
