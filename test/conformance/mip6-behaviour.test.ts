/** RFC 6275 sections 5.2 and 9 to 11 decided from captures: mutants of UMIP that break each, captures that miss packets, and runs of our own nodes. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concat } from '../../codecs/bytes.ts';
import { LINKTYPE_EN10MB, LINKTYPE_RAW, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import {
  PROTOCOL_MOBILITY,
  encodeMobility,
  fillMobilityChecksum,
  homeAddressHeader,
  padded,
  plainBindingUpdate,
} from '../../codecs/mip6/index.ts';
import type { MobilityMessage } from '../../codecs/mip6/index.ts';
import { encodeIpv6 } from '../../codecs/packet/index.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { Mip6Lab } from '../../conformance/lab/index.ts';
import type { Mip6LabSettings } from '../../conformance/lab/index.ts';
import { catalogues } from '../../conformance/requirements/index.ts';
import type { Packet } from '../arbitraries/network.ts';
import { check, fails } from './following.ts';
import { agents } from './mip6/agents.ts';
import type { BehaviourMutant } from './mip6/behaviour.ts';
import { framesOf, mutate } from './mip6/mutation.ts';
import { ALTERNATE, CORRESPONDENT } from './mip6/mutant.ts';
import { registrations } from './mip6/registrations.ts';
import { routability } from './mip6/routability.ts';

const mutants: readonly BehaviourMutant[] = [...routability, ...registrations, ...agents];

describe('mutants of UMIP', () => {
  test.each(mutants)('$id: $does', ({ id, from, change, host, at, verdict = 'fail' }) => {
    const { verdicts } = check(mutate(framesOf(from), change), { rfcs: [6275], ...(at !== undefined && { at: [at] }) });
    const found = verdicts.filter((each) => each.requirement === `RFC6275-${id}` && each.host === host);
    expect(found.map((each) => each.verdict)).toContain(verdict);
    for (const each of found.filter((one) => one.verdict === verdict)) expect(each.frames.length).toBeGreaterThan(0);
  });

  test('break each MUST and RULE of these sections that a capture decides', () => {
    const mine = /^RFC6275-(?:5\.2|9|10|11)\./;
    const roots = catalogues
      .flatMap(({ requirements }) => requirements)
      .filter(
        ({ id, level, disposition, sameAs }) =>
          mine.test(id) && disposition === 'capture' && sameAs === undefined && !level.startsWith('SHOULD'),
      );
    expect(roots.length).toBeGreaterThan(90);
    const broken = new Set(mutants.map(({ id }) => `RFC6275-${id}`));
    expect(roots.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });
});

/** The recordings, what each gives as a whole, and the frames of each. */
const recordings = readdirSync(new URL('../../vectors/captures/umip/', import.meta.url))
  .filter((name) => name.endsWith('.pcap'))
  .map((name) => {
    const frames = framesOf(name.slice(0, -'.pcap'.length));
    return { name, frames, whole: new Set(brokenIn(frames)) };
  });

/** The requirements that a capture of these frames says are broken. */
function brokenIn(frames: readonly Packet[], snapLength = Infinity): readonly string[] {
  const records = frames.map(({ bytes, time }) => {
    const [seconds, fraction] = [Math.floor(time / 1000), Math.round((time % 1000) * 1000)];
    return pcapRecord({ bytes, start: 0, end: Math.min(bytes.length, snapLength), originalLength: bytes.length, seconds, fraction });
  });
  const capture = concat(pcapHeader({ linkType: LINKTYPE_EN10MB }), ...records);
  return check(capture, { rfcs: [6275] }).verdicts.flatMap(({ requirement, verdict }) => (verdict === 'fail' ? [requirement] : []));
}

/** Captures are incomplete in these ways: packets are missing, the beginning or the end, a direction; packets are cut, doubled, or change places. */
const incomplete = fc.oneof(
  fc.record({
    way: fc.constant('thinned' as const),
    rate: fc.constantFrom(0.02, 0.1, 0.3, 0.5),
    seed: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  fc.record({
    way: fc.constantFrom('from' as const, 'until' as const, 'without sender' as const, 'only sender' as const, 'snapped' as const),
    place: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    way: fc.constantFrom('doubled' as const, 'swapped' as const),
    places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
  }),
);

const senderOf = ({ bytes }: Packet): string => bytes.subarray(6, 12).join();

type Incomplete = typeof incomplete extends fc.Arbitrary<infer T> ? T : never;

/** What is left of a capture, and the snap length where there is one. */
const leftOf = (frames: readonly Packet[], how: Incomplete): readonly [readonly Packet[], number?] => {
  switch (how.way) {
    case 'thinned': {
      const draws = how.seed[Symbol.iterator]();
      return [frames.filter(() => draws.next().value! > how.rate)];
    }
    case 'from':
      return [frames.slice(Math.floor(how.place * frames.length))];
    case 'until':
      return [frames.slice(0, Math.floor(how.place * frames.length))];
    case 'snapped':
      return [frames, 54 + Math.floor(how.place * 150)];
    case 'without sender':
    case 'only sender': {
      const senders = [...new Set(frames.map(senderOf))];
      const sender = senders[Math.floor(how.place * (senders.length - 1))];
      return [frames.filter((frame) => (senderOf(frame) === sender) === (how.way === 'only sender'))];
    }
    case 'doubled':
    case 'swapped': {
      let changed = frames;
      for (const place of how.places) {
        const index = Math.floor(place * (changed.length - 2));
        const [one, other] = [changed[index]!, changed[index + 1]!];
        changed =
          how.way === 'doubled'
            ? changed.toSpliced(index, 0, one)
            : changed.toSpliced(index, 2, { ...other, time: one.time }, { ...one, time: other.time });
      }
      return [changed];
    }
  }
};

describe('captures that miss packets', () => {
  test('break nothing that the whole does not break', () => {
    fc.assert(
      fc.property(fc.constantFrom(...recordings), incomplete, ({ name, frames, whole }, how) => {
        const [left, snapLength] = leftOf(frames, how);
        const more = brokenIn(left, snapLength).filter((id) => !whole.has(id));
        expect(more.map((id) => `${name} ${how.way}: ${id}`)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('captures with a hole', () => {
  // Each broke something once: what is missing is found by the numbers that count on, or by what both ends do afterwards.
  test.each<[string, string, number, number]>([
    ['the registration of the new care-of address, as the home agent sees it (10.4.2-1, 10.4.5-3)', 'a-basic-ha-core', 21, 5],
    ['that, as the correspondent sees it (9.3.2-a)', 'a-basic-cn', 81, 5],
    ['that, as the mobile node sees it (11.3.1-10)', 'a-basic-mn', 145, 15],
    ['the acknowledgement of a home registration (11.4.2-5)', 'a-basic-mn', 125, 1],
    ['how the binding comes back (9.3.1-4)', 'a-basic-cn', 363, 5],
    ['the same, but for the Home Test Init (9.3.1-4)', 'a-basic-mn', 465, 5],
    ['the Binding Error of a correspondent that was restarted (9.5.1-12/1)', 'a-basic-cn', 358, 1],
    ['a late Binding Update and its acknowledgement (9.5.1-3)', 'a-basic-cn', 291, 5],
    ['a refreshed binding (9.6-1)', 'a-basic-mn', 297, 100],
    ['a Home Test with the same nonce index (5.2.6-4)', 'a-basic-cn', 264, 100],
    ['the same, as the home agent sees it (5.2.6-4)', 'a-basic-ha-core', 60, 15],
  ])('break nothing that the whole does not break: without %s', (_, name, start, length) => {
    const { frames, whole } = recordings.find((each) => each.name === `${name}.pcap`)!;
    expect(brokenIn(frames.toSpliced(start, length)).filter((id) => !whole.has(id))).toEqual([]);
  });
});

describe('runs of our own nodes', () => {
  const settings: readonly Mip6LabSettings[] = [
    {},
    { homeAgents: 2, correspondents: 2 },
    { discovers: true, homeAgents: 2 },
    { isTaken: true },
    { seed: 3, path: () => ({ delay: 20, loss: 0.1 }) },
    { seed: 4, path: () => ({ delay: 20, jitter: 30 }) },
    { seed: 5, path: () => ({ delay: 300 }) },
  ];

  const journey = (lab: Mip6Lab): void => {
    lab.ping(0);
    lab.run(1000);
    for (const [link, until] of [
      [1, 60_000],
      [2, 130_000],
      [0, 150_000],
    ] as const) {
      lab.moveTo(link);
      for (let now = lab.network.now + 4000; now < until; now += 5000) {
        lab.run(now);
        lab.ping(0);
        lab.pingFrom(0);
      }
    }
    lab.run(160_000);
  };

  test.each(settings.map((each, index) => [index, each] as const))('break nothing: a journey out and home, %i', (_, each) => {
    const lab = new Mip6Lab(each);
    const captures = ['mn', 'ha1', 'cn1'].map((host) => lab.network.capture({ host }));
    journey(lab);
    for (const capture of captures) expect(fails(check(capture.pcap(), { rfcs: [6275] }))).toEqual([]);
  });
});

describe('floods', () => {
  /** The n-th of many addresses. */
  const address = (n: number): Uint8Array =>
    Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 7, 7, 0, 0, 0, 0, 0, 0, 0, n >> 16, (n >> 8) & 0xff, n & 0xff);
  const flooded = (make: (n: number) => Uint8Array) =>
    check(
      concat(
        pcapHeader({ linkType: LINKTYPE_RAW }),
        ...Array.from({ length: 1500 }, (_, n) => {
          const bytes = make(n);
          return pcapRecord({ bytes, start: 0, end: bytes.length, originalLength: bytes.length, seconds: n, fraction: 0 });
        }),
      ),
      { rfcs: [6275] },
    );
  const carried = (packet: Pick<Ipv6Fields, 'source' | 'destination' | 'headers'>, message: MobilityMessage): Uint8Array =>
    encodeIpv6({
      ...packet,
      protocol: PROTOCOL_MOBILITY,
      payload: fillMobilityChecksum(encodeMobility(message), { headers: [], ...packet }),
    });

  test('of Binding Updates for ever other home addresses: so many are followed at a time, and the report says so', () => {
    const report = flooded((n) =>
      carried(
        { source: address(n), destination: CORRESPONDENT, headers: [homeAddressHeader(address(0x10000 + n))] },
        { ...plainBindingUpdate, homeRegistration: true, acknowledge: true, lifetime: 9, options: padded(12, [ALTERNATE]) },
      ),
    );
    expect(report.conversations).toHaveLength(1000);
    expect(report.notes).toContain('500 mobile nodes were given up before the end: there are too many');
    expect(fails(report)).toEqual([]);
  });

  test('of Home Tests that nobody asked for', () => {
    const report = flooded((n) =>
      carried(
        { source: CORRESPONDENT, destination: address(n) },
        { kind: 'HoT', homeNonceIndex: 1, homeInitCookie: BigInt(n), homeKeygenToken: 1n, options: [] },
      ),
    );
    expect(report.notes).toContain('476 return routability tests were forgotten: there are too many');
    expect(fails(report)).toEqual([]);
  });
});
