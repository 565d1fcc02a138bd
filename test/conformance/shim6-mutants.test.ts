/**
 * Mutants of shim6 and REAP: for every MUST and rule that a capture decides there is a capture with one change that breaks it, and it is found, at the packet
 * and laid on the host. Clean runs give no fail, and incomplete captures of anything give none that the whole does not give.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fromHex } from '../../codecs/bytes.ts';
import { encodeIpv6 } from '../../codecs/packet/index.ts';
import { MobilityLab } from '../../conformance/lab/index.ts';
import type { LabCapture } from '../../conformance/lab/index.ts';
import { PROTOCOL_IPV6 } from '../../conformance/observe.ts';
import { conversationsOf } from '../../conformance/report/report.ts';
import type { CaptureReport } from '../../conformance/report/report.ts';
import { catalogues } from '../../conformance/requirements/index.ts';
import { cgaVectors } from '../codecs/cga-vectors.ts';
import { anyStorm, play, type Storm } from '../state-machines/shim6-storms.ts';
import { check } from './following.ts';
import { randomOf } from './mutations.ts';
import { captureOf, messageOf, packetsOf } from './shim6/edit.ts';
import type { Taken } from './shim6/edit.ts';
import { mutated } from './shim6/changes.ts';
import { mutants } from './shim6/mutants.ts';
import { runs } from './shim6/runs.ts';

const folder = new URL('../../vectors/captures/linshim6/', import.meta.url);
const recorded = readdirSync(folder).filter((file) => file.endsWith('.pcap'));
const captures = new Map<string, readonly Taken[]>();

beforeAll(async () => {
  for (const file of recorded) captures.set(file.slice(0, -5), packetsOf(Uint8Array.from(readFileSync(new URL(file, folder)))));
  for (const [name, run] of Object.entries(runs)) captures.set(name, packetsOf((await run()).capture.pcap()));
});

const failsOf = ({ verdicts }: CaptureReport): readonly string[] =>
  verdicts
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ requirement, host, frames }) => `${requirement} ${host} ${frames.slice(0, 4).join(',')}`);
const kindsOf = ({ verdicts }: CaptureReport): readonly string[] =>
  verdicts.filter(({ verdict }) => verdict === 'fail').map(({ requirement, host }) => `${requirement} ${host}`);

/** What is a warning and never a fail, with the reason; each of them has its mutant, too. */
const warned: Readonly<Record<string, string>> = {
  'RFC5533-5.3-e': 'A later specification may have assigned the type.',
  'RFC5533-5.10-e': 'Nothing forbids an update of nothing.',
  'RFC5533-5.15-a': 'The format has the bit 0, the text leaves it to the sender.',
  'RFC5533-5.15-b': 'A later specification may have assigned the type.',
  'RFC5533-7.6-1': 'RFC 5533 demands the list and calls it optional.',
  'RFC5533-14-b': 'What makes the host send an I2 at once may have been missed (section 12.2).',
  'RFC5533-14-c': 'The same of an I2bis.',
  'RFC5534-4.3-b': 'The update that told the address may have been missed.',
};

describe('a mutant is found', () => {
  test.each(mutants.map((mutant) => [`${mutant.ids.join(', ')}: ${mutant.from}, ${mutant.kind} ${mutant.nth ?? 1}`, mutant] as const))(
    '%s',
    (_, mutant) => {
      const { packets, at } = mutated(mutant, captures.get(mutant.from)!);
      const report = check(captureOf(packets));
      const { shown = 0 } = mutant;
      const frame =
        typeof shown === 'string'
          ? 1 + packets.findIndex((packet, i) => i > at && messageOf(packet)?.kind === shown)
          : shown < 0
            ? packets.length
            : at + 1 + shown;
      const found = mutant.ids.map((id) =>
        report.verdicts.find(
          ({ requirement, host, verdict }) => requirement === id && host === mutant.host && verdict === (id in warned ? 'warn' : 'fail'),
        ),
      );
      expect(
        mutant.ids
          .filter((__, i) => found[i]?.frames.includes(frame) !== true)
          .map((id) => `${id} ${mutant.host} ${frame}; ${failsOf(report).join('; ')}`),
      ).toEqual([]);
    },
  );
});

test('no MUST and no rule that a capture decides is without a mutant', () => {
  const due = catalogues
    .filter(({ rfc }) => [3972, 4581, 4982, 5533, 5534, 5535].includes(rfc))
    .flatMap(({ requirements }) => requirements)
    .filter(({ disposition, level }) => disposition === 'capture' && (level.startsWith('MUST') || level === 'RULE'));
  const broken = new Set(mutants.flatMap(({ ids }) => ids));
  expect(due.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});

describe('a clean run with default policy gives no fail, and no warning', () => {
  test.each(Object.keys(runs))('%s', (name) => {
    const report = check(captureOf(captures.get(name)!));
    expect(failsOf(report)).toEqual([]);
    expect(report.verdicts.filter(({ verdict }) => verdict === 'warn').map(({ requirement }) => requirement)).toEqual([]);
  });

  test.each(['established', 'rehomed', 'crossing', 'recovered'])('and leaves nothing open that a complete capture shows: %s', (name) => {
    const { verdicts } = check(captureOf(captures.get(name)!));
    expect(
      verdicts.filter(({ verdict }) => verdict === 'inconclusive').map(({ requirement, message }) => `${requirement}: ${message}`),
    ).toEqual([]);
  });

  test('whatever is lost, doubled and overtaken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('lossy', 'outage', 'updated', 'recovered'),
        fc.integer({ min: 100, max: 1000 }),
        async (name, seed) => {
          const pair = await runs[name]!(seed);
          expect(failsOf(check(pair.capture.pcap()))).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each(['A', 'B'] as const)('captured at %s: storms of loss, doubling, delays up to 20 s, cuts, crashes and new locators', (at) => {
    fc.assert(
      fc.property(anyStorm, (storm) => {
        const taken: LabCapture[] = [];
        play(storm, (pair) => taken.push(pair.lab.capture({ host: at })));
        expect(taken.flatMap((capture) => failsOf(check(capture.pcap())))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('Mobile IPv6 beside shim6', () => {
  const { publicKey, privateKey = '' } = cgaVectors('keys')[0]!;
  const key = { publicKey: fromHex(publicKey), privateKey: fromHex(privateKey) };

  test.each(['MipShim6', 'shim6'] as const)('%s: two mobile hosts that move give no fail, at either of them', async (protocol) => {
    const lab = await MobilityLab.create({ protocol, key, mobiles: 2 });
    lab.begin();
    const taken = ['m1', 'm2'].map((host) => lab.network.capture({ host }));
    lab.run(3000);
    for (const [at, host, link] of [
      [20_000, 0, 1],
      [20_000, 1, 1],
      [40_000, 0, 2],
      [60_000, 1, 2],
      [60_000, 0, 1],
    ] as const) {
      lab.attach(host, [link]);
      lab.run(at);
    }
    lab.run(80_000);
    const reports = taken.map((capture) => check(capture.pcap()));
    expect(reports.map((report) => conversationsOf(report, 'shim6').length)).toEqual([1, 1]);
    expect(reports.flatMap(failsOf).filter((each) => !each.startsWith('RFC6275-'))).toEqual([]);
  });

  test('two mobile hosts that move as they like, over a network that loses, doubles and reorders, give none either', async () => {
    const links = fc.constantFrom<readonly number[]>([], [1], [2], [3], [1, 2], [3, 2]);
    const moves = fc.array(fc.tuple(fc.nat(1), links, fc.nat(20_000)), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(moves, fc.nat(1000), async (all, seed) => {
        const lab = await MobilityLab.create({ protocol: 'MipShim6', key, mobiles: 2, seed, interval: 500 });
        lab.begin();
        const taken = ['m1', 'm2'].map((host) => lab.network.capture({ host }));
        lab.run(3000);
        for (const host of [0, 1]) lab.attach(host, [1]);
        lab.run(20_000);
        lab.lay(() => ({ delay: 20, jitter: 300, loss: 0.2, duplication: 0.2 }));
        for (const [host, to, after] of all) {
          lab.attach(host, to);
          lab.run(lab.network.now + after);
        }
        const found = taken.flatMap((capture) => failsOf(check(capture.pcap())));
        expect(found.filter((each) => !each.startsWith('RFC6275-'))).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('a message that was captured in its tunnel and out of it is one', () => {
    const packets = captures.get('update_cga')!;
    const [home, agent] = [packets[0]!.bytes.slice(8, 24), packets[0]!.bytes.slice(24, 40)];
    const tunnel = ({ bytes, time }: Taken): Taken => ({
      bytes: encodeIpv6({ protocol: PROTOCOL_IPV6, source: home, destination: agent, payload: bytes }),
      time: time + 1,
    });
    const report = check(captureOf(packets.flatMap((packet) => [packet, tunnel(packet)])));
    expect(kindsOf(report)).toEqual(kindsOf(check(captureOf(packets))));
  });
});

/** How a capture comes to lack packets. */
const ways: Readonly<Record<string, (packets: readonly Taken[], random: (below: number) => number) => readonly Taken[]>> = {
  'one packet in ten is missed': (packets, random) => packets.filter(() => random(10) > 0),
  'half of the packets are missed': (packets, random) => packets.filter(() => random(2) > 0),
  'a single packet is missed': (packets, random) => {
    const missed = random(Math.min(packets.length, 30));
    return packets.filter((_, i) => i !== missed);
  },
  'it begins in the middle': (packets, random) => packets.slice(random(packets.length)),
  'it ends in the middle': (packets, random) => packets.slice(0, random(packets.length)),
  'one direction is missed': (packets, random) => {
    const side = random(2) === 0 ? 0x0a : 0x0b;
    return packets.filter(({ bytes }) => bytes[12] !== side && bytes[13]! >> 4 !== side);
  },
  'one path is missed': (packets, random) => {
    const pathOf = ({ bytes }: Taken): string => bytes.subarray(8, 40).join();
    const paths = [...new Set(packets.map(pathOf))];
    const missed = paths[random(paths.length)];
    return packets.filter((packet) => pathOf(packet) !== missed);
  },
  'packets change places within 1 ms': (packets, random) =>
    packets.map((packet) => ({ ...packet, time: packet.time + random(1000) / 1000 })).toSorted((x, y) => x.time - y.time),
  'what is captured at one time is captured the other way round': (packets) => packets.toReversed().toSorted((x, y) => x.time - y.time),
  'every packet is seen twice': (packets) => packets.flatMap((packet) => [packet, packet]),
};

describe('an incomplete capture gives no fail that the whole does not give: where', () => {
  const sources = [...recorded.map((file) => file.slice(0, -5)), ...Object.keys(runs)];

  test.each(Object.entries(ways))('%s', (_, way) => {
    fc.assert(
      fc.property(fc.constantFrom(...sources), fc.nat(), (name, seed) => {
        const packets = captures.get(name)!;
        const whole = new Set(kindsOf(check(captureOf(packets))).map((each) => each.slice(0, -2)));
        const found = check(captureOf(way(packets, randomOf(seed))));
        expect(
          failsOf(found)
            .filter((each) => !whole.has(each.split(' ')[0]!))
            .map((each) => `${name}: ${each}`),
        ).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  /** B changes its locators twice while its first Update Request is on its way; each acknowledgement is captured before what it acknowledges. */
  const updates: Storm = {
    count: 2,
    methods: { A: 'hba', B: 'hba' },
    seed: 0,
    loss: 0,
    doubling: 0,
    spread: 0,
    acts: [
      { at: 0, by: 'A', act: 'establish', which: 1 },
      { at: 61, by: 'B', act: 'locators', which: 1 },
      { at: 61, by: 'B', act: 'locators', which: 1 },
    ],
    cuts: [],
  };
  const otherWayRound = 'what is captured at one time is captured the other way round';

  test.each(['A', 'B'] as const)('a storm is captured at %s in any of these ways, and its packets are cut or not', (at) => {
    const way = fc.constantFrom(...Object.entries(ways));
    fc.assert(
      fc.property(anyStorm, way, fc.constantFrom(60, 100, 65_535), fc.nat(), (storm, [name, change], snapLength, seed) => {
        const taken: LabCapture[] = [];
        play(storm, (pair) => taken.push(pair.lab.capture({ host: at })));
        const found = taken.flatMap((capture) => failsOf(check(captureOf(change(packetsOf(capture.pcap()), randomOf(seed)), snapLength))));
        expect(found.map((each) => `${name}, ${snapLength}: ${each}`)).toEqual([]);
      }),
      { numRuns: 100, examples: [[updates, [otherWayRound, ways[otherWayRound]!], 65_535, 0]] },
    );
  });

  test.each([60, 72, 100, 150, 400])('packets are cut after %i octets', (snapLength) => {
    for (const name of sources) {
      const packets = captures.get(name)!;
      const whole = new Set(kindsOf(check(captureOf(packets))).map((each) => each.slice(0, -2)));
      const found = check(captureOf(packets, snapLength));
      expect(
        failsOf(found)
          .filter((each) => !whole.has(each.split(' ')[0]!))
          .map((each) => `${name}: ${each}`),
      ).toEqual([]);
    }
  });
});
