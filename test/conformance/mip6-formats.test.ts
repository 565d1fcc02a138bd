/** RFC 6275 sections 4 to 8 decided from captures: what UMIP's recordings keep to. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  PROTOCOL_MOBILITY,
  encodeMobility,
  fillMobilityChecksum,
  padded,
  plainBindingAcknowledgement,
  plainBindingUpdate,
} from '../../codecs/mip6/index.ts';
import type { MobilityMessage } from '../../codecs/mip6/index.ts';
import { encodeIpv6, parseAddress } from '../../codecs/packet/index.ts';
import { mip6Checks } from '../../conformance/checks/index.ts';
import { Mip6Lab } from '../../conformance/lab/index.ts';
import type { Mip6LabSettings } from '../../conformance/lab/index.ts';
import { catalogues } from '../../conformance/requirements/index.ts';
import type { Packet } from '../arbitraries/network.ts';
import { check, fails } from './following.ts';
import { formatMutants } from './mip6/formats.ts';
import { innocents } from './mip6/innocents.ts';
import type { Mutant } from './mip6/mutant.ts';
import { framesIn, framesOf, mutate } from './mip6/mutation.ts';

const folder = new URL('../../vectors/captures/umip/', import.meta.url);
const capture = (name: string): Uint8Array => readFileSync(new URL(name, folder));

/** The sections that this file is about: all but the procedures of 5.2 and 9 to 11. */
const SECTIONS = /^RFC6275-(?:[4678]|5\.[145])/;

/** What `d-refusals` sends on purpose, made by a script: a message that is too short, options that do not fit, octets behind the message. */
const crafted = (
  frames: Readonly<Record<'behind' | 'short' | 'padded' | 'bare' | 'overlong' | 'pads' | 'proto', string>>,
): readonly string[] => [
  `warn RFC6275-6.1.1-1 a ${frames.proto}`,
  `fail RFC6275-6.1.1-2 a ${frames.behind}`,
  `fail RFC6275-6.1.1-b a ${frames.short}`,
  `warn RFC6275-6.1.4-a a ${frames.padded}`,
  `fail RFC6275-6.1.7-b a ${frames.bare}`,
  `fail RFC6275-6.2.1-a a ${frames.overlong}`,
  `warn RFC6275-6.2.2-a a ${frames.pads}`,
];
/** The correspondent was restarted in the middle of a binding. */
const restarted = (frames: string): readonly string[] => ['6.1.7-13', '6.1.8-3'].map((ref) => `warn RFC6275-${ref} b ${frames}`);

describe('UMIP', () => {
  // vectors/captures/UMIP.md argues each.
  test.each<readonly [string, readonly string[]]>([
    ['a-basic-cn', restarted('306 359')],
    ['a-basic-ha-core', []],
    ['a-basic-ha-home', []],
    ['a-basic-mn', restarted('396 462')],
    ['b-dhaad-ha-core', []],
    ['b-dhaad-ha-home', []],
    ['b-dhaad-mn', []],
    ['d-refusals-cn', crafted({ proto: '50', behind: '62 63', short: '52', padded: '56 58', bare: '62', overlong: '60 62', pads: '58' })],
    [
      'd-refusals-ha-core',
      crafted({ proto: '95', behind: '107 108', short: '97', padded: '101 103', bare: '107', overlong: '105 107', pads: '103' }),
    ],
    [
      'd-refusals-mn',
      crafted({
        proto: '238 264',
        behind: '253 254 280 281',
        short: '241 266',
        padded: '246 248 273 275',
        bare: '253 280',
        overlong: '250 253 278 280',
        pads: '248 275',
      }),
    ],
    ['e-mn-mn-ha-core', []],
    ['e-mn-mn-mn', []],
    ['e-mn-mn-mn2', []],
  ])('keeps to the formats in %s, but for what is meant to break them', (name, expected) => {
    const verdicts = check(capture(`${name}.pcap`), { rfcs: [6275] }).verdicts.filter(({ requirement }) => SECTIONS.test(requirement));
    const against = verdicts.filter(({ verdict, message }) => verdict === 'fail' || (verdict === 'warn' && !/ESP|IPsec/.test(message)));
    expect(against.map(({ verdict, requirement, host, frames }) => `${verdict} ${requirement} ${host} ${frames.join(' ')}`)).toEqual(
      expected,
    );
    // What is exercised is a pass, not undecided.
    expect(verdicts.filter(({ verdict }) => verdict === 'inconclusive')).toEqual([]);
    expect(verdicts.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(20);
  });

  test('without IPsec is warned of, no more (section 5.1)', () => {
    const { verdicts } = check(capture('a-basic-mn.pcap'), { rfcs: [6275] });
    expect(verdicts.filter(({ requirement }) => requirement === 'RFC6275-5.1-1').map(({ verdict, host }) => `${host} ${verdict}`)).toEqual([
      'a warn',
      'b warn',
    ]);
  });
});

/** Whether `host` breaks the requirement of a mutant in a capture, with frames that show it. */
const isFound = (file: Uint8Array, { id, host, verdict = 'fail' }: Mutant): boolean =>
  check(file, { rfcs: [6275] }).verdicts.some(
    (each) => each.requirement === `RFC6275-${id}` && each.host === host && each.verdict === verdict && each.frames.length > 0,
  );

describe('mutants of UMIP', () => {
  test.each(formatMutants)('$id: $does', (mutant) => {
    expect(isFound(mutate(framesOf(mutant.from), mutant.change), mutant)).toBe(true);
  });
});

describe('what breaks nothing', () => {
  test.each(innocents)('$does', ({ from, change }) => {
    const before = fails(check(capture(`${from}.pcap`), { rfcs: [6275] }));
    expect(fails(check(mutate(framesOf(from), change), { rfcs: [6275] }))).toEqual(before);
  });
});

test('a proxy that registers for mobile nodes breaks nothing: it follows RFC 5213', () => {
  const [gateway, anchor] = ['2001:db8:77::1', '2001:db8:1::1'].map((each) => parseAddress(each)!) as [Uint8Array, Uint8Array];
  const options = padded(12, [
    { kind: 'MobileNodeIdentifier', data: Uint8Array.of(1, 97, 64, 98) },
    { kind: 'HomeNetworkPrefix', data: new Uint8Array(18) },
  ]);
  const flags = { proxyRegistration: true, lifetime: 30, options };
  const sent = (source: Uint8Array, destination: Uint8Array, time: number, message: MobilityMessage): Packet => {
    const packet = { protocol: PROTOCOL_MOBILITY, source, destination, headers: [] };
    return { bytes: encodeIpv6({ ...packet, payload: fillMobilityChecksum(encodeMobility(message), packet) }), time };
  };
  const packets = [1, 2, 3].flatMap((sequence) => [
    sent(gateway, anchor, 60_000 * sequence, { ...plainBindingUpdate, acknowledge: true, homeRegistration: true, sequence, ...flags }),
    sent(anchor, gateway, 60_000 * sequence + 20, { ...plainBindingAcknowledgement, sequence, ...flags }),
  ]);
  const report = check(packets, { rfcs: [6275] });
  expect(fails(report)).toEqual([]);
  expect(report.verdicts.map(({ requirement }) => requirement)).toContain('RFC6275-6.1.1-a');
});

/** A mobile node of ours leaves home, finds its home agents, talks to a correspondent directly, moves on and comes back, seen from `host`. */
const journey = (host: string, settings: Mip6LabSettings = {}): Uint8Array => {
  const lab = new Mip6Lab({ discovers: true, ...settings });
  const capture = lab.network.capture({ host });
  const until = (time: number, act: () => unknown): void => {
    lab.run(time);
    act();
  };
  until(0, () => lab.ping(0));
  until(1000, () => lab.moveTo(1));
  for (const time of [5000, 7000]) until(time, () => lab.ping(0));
  until(9000, () => lab.moveTo(2));
  until(11_000, () => lab.pingFrom(0));
  until(60_000, () => lab.ping(0));
  until(61_000, () => lab.moveTo(0));
  lab.run(70_000);
  return capture.pcap();
};

describe('our own machines', () => {
  /** That run has no refresh request, no error, no prefix message, no router advertisement, no packet between two mobile nodes. */
  const lacking = (mutant: Mutant): boolean =>
    /^(?:5\.4|6\.1\.2|6\.1\.9|6\.1\.7-13?$|6\.[78]|7|8)/.test(mutant.id) || mutant.from.startsWith('e-');
  const run = framesIn(journey('mn'));

  test.each(formatMutants.filter((mutant) => !lacking(mutant)))('$id: $does', (mutant) => {
    expect(isFound(mutate(run, mutant.change), mutant)).toBe(true);
  });

  test.each([
    { seed: 1, loss: 0, homeAgents: 1 },
    { seed: 2, loss: 0, homeAgents: 2 },
    { seed: 3, loss: 0.1, homeAgents: 2 },
    { seed: 4, loss: 0.2, homeAgents: 1 },
  ])('break nothing, seed $seed, loss $loss, $homeAgents home agents', ({ seed, loss, homeAgents }) => {
    for (const host of ['mn', 'ha1', 'cn1']) {
      const report = check(journey(host, { seed, homeAgents, path: () => ({ delay: 20, loss }) }), { rfcs: [6275] });
      expect(fails(report).filter((each) => SECTIONS.test(each))).toEqual([]);
      expect(report.verdicts.length).toBeGreaterThan(0);
    }
  });
});

describe('the checks of sections 4 to 8', () => {
  test('break for a mutant of each MUST and RULE', () => {
    const roots = catalogues
      .flatMap(({ requirements }) => requirements)
      .filter(
        ({ id, level, disposition, sameAs }) =>
          SECTIONS.test(id) && disposition === 'capture' && sameAs === undefined && !level.startsWith('SHOULD'),
      );
    expect(roots.length).toBeGreaterThan(60);
    const broken = new Set(formatMutants.map(({ id }) => `RFC6275-${id}`));
    expect(roots.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });

  test('decide every requirement of these sections that the catalogue says a capture decides, and nothing else', () => {
    const listed = catalogues.flatMap(({ requirements }) => requirements);
    const roots = listed.filter(({ id, disposition, sameAs }) => SECTIONS.test(id) && disposition === 'capture' && sameAs === undefined);
    const decided = new Set(mip6Checks.map(({ requirement }) => requirement).filter((id) => SECTIONS.test(id)));
    expect([...decided].filter((id) => !roots.some((root) => root.id === id))).toEqual([]);
    expect(roots.filter(({ id }) => !decided.has(id)).map(({ id }) => id)).toEqual([]);
  });
});
