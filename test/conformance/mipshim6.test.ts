/** MipShim6 in virtual time: movement, double jump, a home agent that fails, and what it can do beside Mobile IPv6 and shim6, after the thesis's section 2.8. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { equalBytes, fromHex } from '../../codecs/bytes.ts';
import { decodeShim6, PROTOCOL_SHIM6 } from '../../codecs/shim6/index.ts';
import { featureTable, homeAgentFailure, MobilityLab } from '../../conformance/lab/index.ts';
import type { LabCapture, MobilityLabSettings } from '../../conformance/lab/index.ts';
import { readArrival } from '../../state-machines/mip6/index.ts';
import { check, fails } from './following.ts';

const keys = JSON.parse(readFileSync(new URL('../../vectors/cga/keys.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly { readonly publicKey: string; readonly privateKey: string }[];
};
const [first] = keys.vectors;
/** RSA-1024. */
const key = { publicKey: fromHex(first!.publicKey), privateKey: fromHex(first!.privateKey) };

const begun = async (settings: Partial<MobilityLabSettings> = {}): Promise<MobilityLab> => {
  const lab = await MobilityLab.create({ protocol: 'MipShim6', key, ...settings });
  lab.begin();
  lab.run(3000);
  lab.attach(0, [1]);
  if (settings.mobiles === 2) lab.attach(1, [1]);
  lab.run(20_000);
  return lab;
};

/** A message in words, with where it is from and to: `home`, `care-of`, `peer`. Data is left out. */
const inWords = (lab: MobilityLab, octets: Uint8Array, tunneled = ''): readonly string[] => {
  const arrival = readArrival(octets);
  if (arrival === undefined) return ['dropped'];
  const { content, source, destination } = arrival;
  if (content.kind === 'tunneled') return inWords(lab, content.octets, 'tunnel ');
  if (content.kind === 'mobility') return [content.message.kind];
  const read = content.kind === 'payload' && content.protocol === PROTOCOL_SHIM6 ? decodeShim6(content.payload) : undefined;
  if (read?.ok !== true || read.value.kind === 'PayloadExtension') return [];
  const name = (address: Uint8Array): string => {
    if (equalBytes(address, lab.peerAddress)) return 'peer';
    return equalBytes(address, lab.homeAddress(0)) ? 'home' : 'care-of';
  };
  const state = read.value.kind === 'Probe' ? ` ${['Operational', 'Exploring', 'InboundOk'][read.value.state]}` : '';
  return [`${tunneled}${read.value.kind}${state} ${name(source)} > ${name(destination)}`];
};
const wordsOf = (lab: MobilityLab, { packets }: LabCapture, from: number): readonly string[] =>
  packets.filter(({ time }) => time >= from).flatMap(({ packet }) => inWords(lab, packet));

describe('a movement', () => {
  test('the home agent first, then an Update Request from the home address by the tunnel; the peer tests the new pair; then data leaves the tunnel (figure 2.25)', async () => {
    const lab = await begun();
    const capture = lab.network.capture({ host: 'm1' });
    lab.attach(0, [2]);
    lab.run(22_000);
    expect(wordsOf(lab, capture, 20_000)).toEqual([
      'BU',
      'BA',
      // REAP has lost its pair with the old care-of address: the home address is tried at once, by the tunnel, and data goes there meanwhile.
      'tunnel Probe Exploring home > peer',
      'tunnel UpdateRequest home > peer',
      'tunnel Probe InboundOk peer > home',
      'tunnel Probe Operational home > peer',
      'tunnel UpdateAck peer > home',
      // The preferred pair is tested, both ways, before either end sends data to it.
      'Probe Exploring care-of > peer',
      'Probe InboundOk peer > care-of',
      'Probe Operational care-of > peer',
    ]);
    expect(lab.stream.recoveryAfter(20_000)).toBeLessThan(200);
    expect([lab.stream.roundTrip, lab.linkInUse(capture)]).toEqual([40, 2]);
  });

  test('the peer sends no data to the new care-of address before its Probe to it has been answered (RFC 5533 section 7.2)', async () => {
    const lab = await begun();
    const capture = lab.network.capture({ host: 'peer' });
    lab.attach(0, [2]);
    lab.run(22_000);
    const careOf = lab.careOfAddress(0, 2);
    const toCareOf = capture.packets.findIndex(
      ({ packet }) => equalBytes(packet.subarray(24, 40), careOf) && inWords(lab, packet).length === 0,
    );
    const words = capture.packets.slice(0, toCareOf).flatMap(({ packet }) => inWords(lab, packet));
    expect(words).toContain('Probe InboundOk peer > care-of');
    expect(words.at(-1)).toBe('Probe Operational care-of > peer');
  });

  test('the home agent does not answer: the peer is told nothing, and data waits; with another home agent it goes on', async () => {
    const lab = await begun();
    lab.failHomeAgent(0, 0);
    const capture = lab.network.capture({ host: 'm1' });
    lab.attach(0, [2]);
    lab.run(50_000);
    expect(wordsOf(lab, capture, 20_000).filter((each) => each.includes('UpdateRequest'))).toEqual([]);
    expect(lab.stream.recoveryAfter(20_000)).toBe(Infinity);
    const other = await begun({ homes: 2 });
    other.failHomeAgent(0, 0);
    other.attach(0, [2]);
    other.run(50_000);
    expect(other.stream.recoveryAfter(20_000)).toBeLessThan(5000);
    expect(other.stream.roundTrip).toBe(40);
  });

  test('home again: Binding Updates with lifetime 0, an Update Request from the home link, and data as it is', async () => {
    const lab = await begun();
    const capture = lab.network.capture({ host: 'm1' });
    lab.attach(0, []);
    lab.run(24_000);
    expect(wordsOf(lab, capture, 20_000).slice(0, 4)).toEqual(['BU', 'BA', 'Probe Exploring home > peer', 'UpdateRequest home > peer']);
    expect([lab.stream.roundTrip, lab.linkInUse(capture)]).toEqual([40, undefined]);
    expect(lab.stream.recoveryAfter(20_000)).toBeLessThan(200);
  });

  test('another care-of address, and the primary one stays: there is nothing to tell the home agents, and the peer is told at once', async () => {
    const lab = await begun();
    const capture = lab.network.capture({ host: 'm1' });
    lab.attach(0, [1, 2]);
    lab.run(20_200);
    const words = wordsOf(lab, capture, 20_000);
    expect(words).not.toContain('BU');
    expect(words.filter((each) => each.includes('Update')).map((each) => each.split(' ')[each.startsWith('tunnel') ? 1 : 0])).toEqual([
      'UpdateRequest',
      'UpdateAck',
    ]);
    lab.run(40_000);
    expect(lab.stream.roundTrip).toBe(40);
  });

  test('a host that keeps its place to itself tells nobody of its care-of addresses: no Update Request, all data by the tunnel', async () => {
    const lab = await begun({ isDirect: false });
    const capture = lab.network.capture({ host: 'm1' });
    lab.attach(0, [2]);
    lab.run(24_000);
    expect(wordsOf(lab, capture, 20_000)).toEqual(['BU', 'BA']);
    expect([lab.stream.roundTrip, lab.linkInUse(capture)]).toEqual([80, undefined]);
  });
});

test('check finds nothing wrong with a journey, at either end: RFC 6275, RFC 5533, RFC 5534', async () => {
  const lab = await MobilityLab.create({ protocol: 'MipShim6', key, homes: 2 });
  const captures = ['m1', 'peer'].map((host) => lab.network.capture({ host }));
  lab.begin();
  for (const [i, links] of [[1], [2, 3], [3], []].entries()) {
    lab.run(3000 + 20_000 * i);
    lab.attach(0, links);
  }
  lab.run(100_000);
  for (const capture of captures) {
    const report = check(capture.pcap());
    expect(fails(report)).toEqual([]);
    expect(new Set(report.conversations.map(({ protocol }) => protocol)).has('shim6')).toBe(true);
    expect(report.verdicts.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(100);
  }
});

test('both hosts move at once: each finds the other through its home agent, and both end on the direct path (double jump)', async () => {
  const lab = await begun({ mobiles: 2 });
  const capture = lab.network.capture({ host: 'm1' });
  lab.attach(0, [2]);
  lab.attach(1, [3]);
  lab.run(30_000);
  const words = wordsOf(lab, capture, 20_000);
  // Sent by one tunnel and received by the other.
  expect(words).toContain('tunnel Probe Exploring home > peer');
  expect(lab.stream.recoveryAfter(20_000)).toBeLessThan(1000);
  expect([lab.stream.roundTrip, lab.linkInUse(capture)]).toEqual([40, 2]);
});

test('a home agent fails: where the transport is told of the path, it waits for the Send Timeout and a round trip; slope 1 (figure 2.26). Where it is not, for its own timer', async () => {
  const { points, slope, intercept } = await homeAgentFailure([2000, 5000, 9000, 14_000], 3);
  expect(slope).toBeCloseTo(1, 3);
  expect(intercept).toBeGreaterThan(0);
  expect(intercept).toBeLessThan(1000);
  for (const { told, untold, sendTimeout } of points) {
    expect(told).toBeGreaterThan(sendTimeout);
    expect(untold).toBeGreaterThanOrEqual(told);
  }
});

test('what each can do, measured (figure 2.22)', async () => {
  const table = await featureTable(2);
  expect(table.map(({ name, cells }) => [name, cells.map(({ plus }) => (plus ? '+' : '-')).join(' ')])).toEqual([
    // MIPv6, shim6, MipShim6
    ['mobility', '+ + +'],
    ['double jump', '+ - +'],
    ['multihoming', '- + +'],
    ['home agent failure', '- + +'],
    ['direct path', '+ + +'],
    ['location', '+ - +'],
    ['peer unchanged', '+ - +'],
    ['no infrastructure', '- + -'],
  ]);
  const cell = (name: string, column: number) => table.find((each) => each.name === name)!.cells[column]!;
  // By a home agent: less than a second; by REAP: the Send Timeout, and then less than a second.
  for (const protocol of [0, 2]) expect(cell('double jump', protocol).time).toBeLessThan(1000);
  for (const protocol of [1, 2]) {
    expect(cell('multihoming', protocol).time).toBeGreaterThan(15_000);
    expect(cell('multihoming', protocol).time).toBeLessThan(16_000);
  }
  for (const protocol of [0, 1, 2]) expect([cell('direct path', protocol).time, cell('direct path', protocol).messages]).toEqual([40, 0]);
});

describe('whatever the network does', () => {
  interface Act {
    readonly mobile: number;
    readonly links: readonly number[];
    readonly after: number;
  }
  const acts: fc.Arbitrary<readonly Act[]> = fc.array(
    fc.record({
      mobile: fc.nat(1),
      links: fc.constantFrom([], [1], [2], [3], [1, 2], [3, 2]),
      after: fc.integer({ min: 0, max: 20_000 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  /** When the network has healed, and 180 s later. */
  const journey = async (all: readonly Act[], seed: number): Promise<{ readonly lab: MobilityLab; readonly healed: number }> => {
    const lab = await begun({ mobiles: 2, homes: 2, seed, interval: 500 });
    lab.lay(() => ({ delay: 20, jitter: 300, loss: 0.2, duplication: 0.2 }));
    for (const { mobile, links, after } of all) {
      lab.attach(mobile, links);
      lab.run(lab.network.now + after);
    }
    lab.lay();
    const healed = lab.network.now;
    lab.run(healed + 180_000);
    return { lab, healed };
  };

  const overtaken: readonly Act[] = [
    { mobile: 1, links: [], after: 9901 },
    { mobile: 1, links: [2], after: 0 },
    { mobile: 1, links: [], after: 0 },
    { mobile: 0, links: [], after: 0 },
  ];

  test('two hosts that move as they like over a network that loses, doubles and reorders: once it heals and they stay, data flows, and takes no detour', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(), async (all, seed) => {
        const { lab, healed } = await journey(all, seed);
        const last = (): number => lab.stream.acknowledged.at(-1)!.at;
        // A Binding Update that is overtaken by the one that takes it back finds no entry at the home agent, which then takes any sequence
        // number (RFC 6275 section 9.5.1), and intercepts for the lifetime of that binding, 240 s: nobody can tell it better.
        if (last() <= healed + 179_000) lab.run(healed + 300_000);
        expect(last()).toBeGreaterThan(lab.network.now - 1000);
        expect(lab.stream.roundTrip).toBe(40);
      }),
      { numRuns: 20, examples: [[overtaken, 1_082_981_643]] },
    );
  });

  // What that property has found.
  test.each<[string, number, readonly Act[]]>([
    [
      'a host that is where it was: its home agents know, and acknowledge nothing',
      2_012_938_219,
      [
        { mobile: 0, links: [3, 2], after: 772 },
        { mobile: 0, links: [3, 2], after: 0 },
      ],
    ],
    [
      'and one that is at home, where it was',
      1_148_795_257,
      [
        { mobile: 1, links: [], after: 8506 },
        { mobile: 0, links: [3], after: 4615 },
        { mobile: 1, links: [], after: 5374 },
      ],
    ],
    [
      'REAP ends on a detour before the peer has acknowledged that the host is at home',
      1_796_253_778,
      [{ mobile: 1, links: [], after: 6605 }],
    ],
    [
      'home and back: the peer is taken to know the set that it knew before, and late Probes put off the test of the better pairs for minutes',
      2_129_816_203,
      [
        { mobile: 1, links: [2], after: 963 },
        { mobile: 0, links: [], after: 1928 },
        { mobile: 0, links: [1], after: 13_072 },
        { mobile: 1, links: [2], after: 585 },
      ],
    ],
    [
      'the peer has left its home, which still works as a destination',
      19,
      [
        { mobile: 0, links: [], after: 2584 },
        { mobile: 0, links: [3], after: 6919 },
      ],
    ],
  ])('no detour: %s', async (_, seed, all) => {
    const { lab } = await journey(all, seed);
    expect(lab.stream.roundTrip).toBe(40);
  });
});
