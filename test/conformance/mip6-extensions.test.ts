/** Mobile IPv6 with mobile routers (RFC 3963) and several care-of addresses (RFC 5648): no false alarm, every binding followed, and what is wrong still found. */
import { describe, expect, test } from '@jest/globals';
import {
  PROTOCOL_MOBILITY,
  encodeMobileIcmp,
  encodeMobility,
  fillMobilityChecksum,
  fixedOctets,
  homeAddressHeader,
  padded,
  plainBindingAcknowledgement,
  plainBindingUpdate,
} from '../../codecs/mip6/index.ts';
import type { BA, BU, MobilityMessage, MobilityOption } from '../../codecs/mip6/index.ts';
import { encodeIpv6, fillIcmpv6Checksum } from '../../codecs/packet/index.ts';
import type { ExtensionHeader, Ipv6Fields } from '../../codecs/packet/index.ts';
import { conversationsOf } from '../../conformance/report/report.ts';
import type { CaptureReport } from '../../conformance/report/report.ts';
import type { Packet } from '../arbitraries/network.ts';
import { check, fails } from './following.ts';
import { AGENT, echoed, icmp, routingHeader, tunneled } from './mip6/behaviour.ts';
import { CORRESPONDENT, HOME, STRANGER, addressOf } from './mip6/mutant.ts';

const ONE = addressOf('2001:db8:2::a');
const TWO = addressOf('2001:db8:3::b');

type Sent = readonly [time: number, packet: Ipv6Fields];

const reported = (packets: readonly Sent[]): CaptureReport =>
  check(
    packets.map(([time, packet]): Packet => ({ time, bytes: encodeIpv6(packet) })),
    { rfcs: [6275] },
  );

const carried = (
  [source, destination]: readonly [Uint8Array, Uint8Array],
  headers: readonly ExtensionHeader[],
  message: MobilityMessage,
): Ipv6Fields => {
  const packet = { source, destination, headers };
  return { ...packet, protocol: PROTOCOL_MOBILITY, payload: fillMobilityChecksum(encodeMobility(message), packet) };
};

const update = (from: Uint8Array, message: Partial<BU>, home = HOME): Ipv6Fields =>
  carried([from, AGENT], from === home ? [] : [homeAddressHeader(home)], {
    ...plainBindingUpdate,
    acknowledge: true,
    homeRegistration: true,
    lifetime: 30,
    ...message,
    options: padded(fixedOctets('BU'), message.options ?? []),
  });
const answer = (to: Uint8Array, message: Partial<BA>, home = HOME): Ipv6Fields =>
  carried([AGENT, to], to === home ? [] : [routingHeader(home)], {
    ...plainBindingAcknowledgement,
    lifetime: 30,
    ...message,
    options: padded(fixedOctets('BA'), message.options ?? []),
  });
const alternate = (alternateCareOfAddress: Uint8Array): MobilityOption => ({ kind: 'AlternateCareOfAddress', alternateCareOfAddress });

/** From or to whom the tunnel leads, of an echo between two ends; it is captured on both sides of the home agent. */
const outward = (careOf: Uint8Array, from: Uint8Array, sequence: number): Ipv6Fields =>
  tunneled(
    careOf,
    AGENT,
    echoed('request', { from, to: CORRESPONDENT }, { source: from, destination: CORRESPONDENT, headers: [] }, sequence),
  );
const inward = (careOf: Uint8Array, to: Uint8Array, sequence: number): Ipv6Fields =>
  tunneled(AGENT, careOf, echoed('reply', { from: CORRESPONDENT, to }, { source: CORRESPONDENT, destination: to, headers: [] }, sequence));

describe('a mobile router (RFC 3963)', () => {
  const PREFIX = addressOf('2001:db8:5::');
  /** Its home address may be of its own network, and a node behind it. */
  const ROUTER = addressOf('2001:db8:5::1');
  const NODE = addressOf('2001:db8:5::10');
  const prefix: MobilityOption = { kind: 'MobileNetworkPrefix', reserved: 0, prefixLength: 64, mobileNetworkPrefix: PREFIX };
  const advertised = icmp(addressOf('fe80::1'), addressOf('ff02::1'), 134, new Uint8Array(0));
  const routerAdvertisement: Ipv6Fields = {
    ...advertised,
    payload: fillIcmpv6Checksum(
      advertised.source,
      advertised.destination,
      encodeMobileIcmp({
        kind: 'RouterAdvertisement',
        code: 0,
        checksum: 0,
        curHopLimit: 64,
        managedAddressConfiguration: false,
        preference: 0,
        otherConfiguration: false,
        homeAgent: true,
        reserved: 0,
        routerLifetime: 1800,
        reachableTime: 0,
        retransTimer: 0,
        options: [
          { kind: 'Other', type: 1, data: Uint8Array.of(2, 0, 0, 0, 0, 1) },
          {
            kind: 'PrefixInformation',
            prefixLength: 64,
            onLink: true,
            autonomous: true,
            routerAddress: true,
            reserved1: 0,
            validLifetime: 86_400,
            preferredLifetime: 14_400,
            reserved2: 0,
            prefixAddress: AGENT,
          },
        ],
      }),
    ),
  };
  /** What a routing protocol says, from the own link to the own link, through the tunnel (section 8). */
  const hello = (source: string): Ipv6Fields => ({
    protocol: 89,
    source: addressOf(source),
    destination: addressOf('ff02::5'),
    payload: new Uint8Array(36),
  });

  test.each([
    ['explicit', [prefix]],
    ['implicit', []],
  ] as const)(
    'in %s mode, with a home address of its own network: registered, moved, refreshed and taken back, its network talks through the tunnel',
    (_, options) => {
      const registered = (time: number, careOf: Uint8Array, sequence: number): readonly Sent[] => [
        [time, update(careOf, { sequence, mobileRouter: true, options: [alternate(careOf), ...options] }, ROUTER)],
        [time + 20, answer(careOf, { sequence, mobileRouter: true }, ROUTER)],
        [time + 500, outward(careOf, NODE, sequence)],
        [time + 510, inward(careOf, NODE, sequence)],
        [time + 700, tunneled(careOf, AGENT, hello('fe80::5'))],
        [time + 800, tunneled(AGENT, careOf, hello('fe80::1'))],
        // Its network's listeners, which nobody asked for.
        [time + 900, tunneled(careOf, AGENT, icmp(ROUTER, addressOf('ff02::16'), 143, new Uint8Array(4)))],
      ];
      const report = reported([
        [0, routerAdvertisement],
        ...registered(5000, ONE, 100),
        ...registered(40_000, TWO, 101),
        ...registered(100_000, TWO, 102),
        [130_000, update(ROUTER, { sequence: 103, lifetime: 0, options: [alternate(ROUTER)] }, ROUTER)],
        [130_020, answer(ROUTER, { sequence: 103, lifetime: 0 }, ROUTER)],
      ]);
      expect(fails(report)).toEqual([]);
      expect(conversationsOf(report, 'mip6').map(({ homeAddress, bindings }) => [homeAddress, bindings.length])).toEqual([
        ['2001:db8:5::1', 3],
      ]);
    },
  );

  test('that is refused, for each reason (section 4.2)', () => {
    const packets = [140, 141, 142, 143].flatMap((status, i): readonly Sent[] => [
      [10_000 * i, update(ONE, { sequence: i, mobileRouter: true, options: [alternate(ONE), prefix] })],
      [10_000 * i + 20, answer(ONE, { sequence: i, status, lifetime: 0 })],
    ]);
    expect(fails(reported(packets))).toEqual([]);
  });

  test('a host with a home address of another link is still refused one', () => {
    const report = reported([
      [0, routerAdvertisement],
      [5000, update(ONE, { sequence: 1, options: [alternate(ONE)] }, ROUTER)],
      [5020, answer(ONE, { sequence: 1 }, ROUTER)],
    ]);
    expect(report.verdicts.filter(({ verdict }) => verdict === 'fail').map(({ requirement }) => requirement)).toEqual(
      expect.arrayContaining(['RFC6275-6.1.7-1', 'RFC6275-10.3.1-6/1']),
    );
  });
});

describe('several care-of addresses (RFC 5648)', () => {
  const identified = (bindingId: number, careOfAddress?: Uint8Array, more: { status?: number; isHome?: boolean } = {}): MobilityOption => ({
    kind: 'BindingIdentifier',
    bindingId,
    status: more.status ?? 0,
    simultaneousHomeAndForeign: more.isHome ?? false,
    priority: 0,
    ...(careOfAddress && { careOfAddress }),
  });
  const bindingsOf = (report: CaptureReport): readonly string[] =>
    conversationsOf(report, 'mip6').flatMap(({ bindings }) =>
      bindings.map(
        ({ careOfAddress, sequence, fromFrame, untilFrame }) => `${careOfAddress} #${sequence} ${fromFrame}-${untilFrame ?? ''}`,
      ),
    );
  const registered = (time: number, careOf: Uint8Array, sequence: number, bindingId: number): readonly Sent[] => [
    [time, update(careOf, { sequence, options: [identified(bindingId, careOf)] })],
    [time + 20, answer(careOf, { sequence, options: [identified(bindingId)] })],
  ];
  /** Data by both, out and in. */
  const used = (time: number, sequence: number, ...careOfs: readonly Uint8Array[]): readonly Sent[] =>
    careOfs.flatMap((careOf, i): readonly Sent[] => [
      [time + 100 * i, outward(careOf, HOME, sequence + i)],
      [time + 100 * i + 20, inward(careOf, HOME, sequence + i)],
    ]);
  const both: readonly Sent[] = [
    ...registered(0, ONE, 10, 1),
    ...registered(3000, TWO, 11, 2),
    ...used(10_000, 1, ONE, TWO),
    ...registered(60_000, ONE, 12, 1),
    ...registered(60_500, TWO, 13, 2),
    ...used(70_000, 3, ONE, TWO),
  ];

  test('registered one by one, refreshed, used at once; one is taken back, the other stays in use', () => {
    const report = reported([
      ...both,
      [80_000, update(TWO, { sequence: 14, lifetime: 0, options: [identified(1, ONE)] })],
      [80_020, answer(TWO, { sequence: 14, lifetime: 0, options: [identified(1)] })],
      ...used(90_000, 5, TWO),
    ]);
    expect(fails(report)).toEqual([]);
    expect(bindingsOf(report)).toEqual([
      '2001:db8:2::a #10 2-10',
      '2001:db8:3::b #11 4-12',
      '2001:db8:2::a #12 10-18',
      '2001:db8:3::b #13 12-',
    ]);
  });

  test('registered in bulk, one of them refused', () => {
    const options = [identified(1, ONE), identified(2, TWO), identified(3, STRANGER)];
    const report = reported([
      [0, update(ONE, { sequence: 10, options })],
      [20, answer(ONE, { sequence: 10, status: 4, options: [identified(3, STRANGER, { status: 128 })] })],
      ...used(10_000, 1, ONE, TWO),
    ]);
    expect(fails(report)).toEqual([]);
    expect(bindingsOf(report)).toEqual(['2001:db8:2::a #10 2-', '2001:db8:3::b #10 2-']);
  });

  test('the home address among them (section 5.6.3)', () => {
    const report = reported([
      ...both,
      [80_000, update(HOME, { sequence: 14, options: [identified(3, HOME, { isHome: true })] })],
      [80_020, answer(HOME, { sequence: 14, options: [identified(3)] })],
      ...used(90_000, 5, ONE, TWO),
    ]);
    expect(fails(report)).toEqual([]);
    expect(bindingsOf(report).at(-1)).toBe('2001:db8:1::100 #14 18-');
  });

  test('all replaced by one Binding Update without a number', () => {
    const report = reported([
      ...both,
      [80_000, update(ONE, { sequence: 14, options: [alternate(ONE)] })],
      [80_020, answer(ONE, { sequence: 14 })],
    ]);
    expect(fails(report)).toEqual([]);
    expect(bindingsOf(report).filter((each) => each.endsWith('-'))).toEqual(['2001:db8:2::a #14 18-']);
  });

  test.each([
    ['a tunnel to another care-of address than those', [[75_000, inward(STRANGER, HOME, 4)]] as readonly Sent[], '10.4.2-1'],
    [
      'a tunnel to one that was taken back',
      [
        [80_000, update(TWO, { sequence: 14, lifetime: 0, options: [identified(1, ONE)] })],
        [80_020, answer(TWO, { sequence: 14, lifetime: 0, options: [identified(1)] })],
        [90_000, inward(ONE, HOME, 4)],
      ] as readonly Sent[],
      '10.4.2-1',
    ],
    [
      'a number that goes back',
      [
        [80_000, update(TWO, { sequence: 12, options: [identified(2, TWO)] })],
        [80_020, answer(TWO, { sequence: 12, options: [identified(2)] })],
      ] as readonly Sent[],
      '11.7.2-18',
    ],
  ])('%s is still found', (_, more, id) => {
    expect(fails(reported([...both, ...more])).map((each) => each.split(' ')[0])).toContain(`RFC6275-${id}`);
  });
});
