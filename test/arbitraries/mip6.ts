/** fast-check generators of Mobile IPv6's messages and options over their whole value space (RFC 6275 sections 6 and 7). */
import { unlessZero } from '../../codecs/decoded.ts';
import * as fc from 'fast-check';
import { padded, fixedOctets, plainBindingAcknowledgement, plainBindingUpdate } from '../../codecs/mip6/index.ts';
import type { AssignedKind, MobileIcmpMessage, MobilityMessage, MobilityOption, NeighborOption } from '../../codecs/mip6/index.ts';

const bits = (count: number): fc.Arbitrary<number> => fc.nat(2 ** count - 1);
const u8 = bits(8);
const u16 = bits(16);
const u32 = fc.oneof(bits(32), fc.constantFrom(0, 0xffff_ffff));
const u64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 2n ** 64n - 1n));
const octets = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });
const address = octets(16);
const rarely = <K extends string>(name: K, value: fc.Arbitrary<number>): fc.Arbitrary<{ readonly [N in K]?: number }> =>
  fc.option(value, { nil: 0 }).map((each) => unlessZero(name, each));
/** The flags that a message without any of them has, each drawn. */
const flagsOf = (plain: object): fc.Arbitrary<object> =>
  fc.record(
    Object.fromEntries(
      Object.entries(plain)
        .filter(([, value]) => typeof value === 'boolean')
        .map(([name]) => [name, fc.boolean()]),
    ),
  );

/** Kinds of options that are carried as they are. */
const ASSIGNED: readonly AssignedKind[] = [
  'MobileNodeIdentifier',
  'CgaParametersRequest',
  'CgaParameters',
  'Signature',
  'PermanentHomeKeygenToken',
  'CareOfTestInit',
  'HomeNetworkPrefix',
  'Timestamp',
];

/** Any option but padding. */
export const anyMobilityOption: fc.Arbitrary<MobilityOption> = fc.oneof(
  u16.map((refreshInterval): MobilityOption => ({ kind: 'BindingRefreshAdvice', refreshInterval })),
  address.map((alternateCareOfAddress): MobilityOption => ({ kind: 'AlternateCareOfAddress', alternateCareOfAddress })),
  fc.record({ homeNonceIndex: u16, careOfNonceIndex: u16 }).map((indices): MobilityOption => ({ kind: 'NonceIndices', ...indices })),
  octets(0, 20).map((authenticator): MobilityOption => ({ kind: 'BindingAuthorizationData', authenticator })),
  fc
    .record({ reserved: u8, prefixLength: u8, mobileNetworkPrefix: address })
    .map((prefix): MobilityOption => ({ kind: 'MobileNetworkPrefix', ...prefix })),
  u64.map((careOfKeygenToken): MobilityOption => ({ kind: 'CareOfTest', careOfKeygenToken })),
  fc
    .tuple(
      fc.record({ bindingId: u16, status: u8, simultaneousHomeAndForeign: fc.boolean(), priority: bits(7) }),
      fc.option(fc.oneof(octets(4), address)),
    )
    .map(([identifier, careOfAddress]): MobilityOption => ({
      kind: 'BindingIdentifier',
      ...identifier,
      ...(careOfAddress && { careOfAddress }),
    })),
  fc.record({ kind: fc.constantFrom(...ASSIGNED), data: octets(0, 30) }),
  fc.record({ kind: fc.constant('Unknown' as const), type: fc.integer({ min: 100, max: 255 }), data: octets(0, 20) }),
);

/** Options with their padding, or with padding of any kind anywhere. */
const anyOptions = (fixed: number): fc.Arbitrary<readonly MobilityOption[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: anyMobilityOption },
        fc.constant<MobilityOption>({ kind: 'Pad1' }),
        octets(0, 9).map((data): MobilityOption => ({ kind: 'PadN', data })),
      ),
      { maxLength: 4 },
    )
    .map((options) => padded(fixed, options));

const head = fc
  .tuple(fc.option(u8, { nil: 59 }), rarely('reserved', u8), u16)
  .map(([payloadProto, reserved, checksum]) => ({ ...(payloadProto !== 59 && { payloadProto }), ...reserved, checksum }));

const message = (kind: Exclude<MobilityMessage['kind'], 'Unknown'>, body: fc.Arbitrary<object>): fc.Arbitrary<MobilityMessage> =>
  fc
    .tuple(head, body, anyOptions(fixedOctets(kind)))
    .map(([common, fields, options]) => ({ kind, ...common, ...fields, options }) as unknown as MobilityMessage);
const both = (a: fc.Arbitrary<object>, b: fc.Arbitrary<object>): fc.Arbitrary<object> => fc.tuple(a, b).map(([x, y]) => ({ ...x, ...y }));

/** Any message of the Mobility Header; the checksum is any number. */
export const anyMobilityMessage: fc.Arbitrary<MobilityMessage> = fc.oneof(
  message('BRR', rarely('reserved2', u16)),
  message('HoTI', both(rarely('reserved2', u16), fc.record({ homeInitCookie: u64 }))),
  message('CoTI', both(rarely('reserved2', u16), fc.record({ careOfInitCookie: u64 }))),
  message('HoT', fc.record({ homeNonceIndex: u16, homeInitCookie: u64, homeKeygenToken: u64 })),
  message('CoT', fc.record({ careOfNonceIndex: u16, careOfInitCookie: u64, careOfKeygenToken: u64 })),
  message('BU', both(flagsOf(plainBindingUpdate), fc.record({ sequence: u16, reserved2: bits(6), lifetime: u16 }))),
  message('BA', both(flagsOf(plainBindingAcknowledgement), fc.record({ status: u8, reserved2: bits(3), sequence: u16, lifetime: u16 }))),
  message('BE', both(rarely('reserved2', u8), fc.record({ status: u8, homeAddress: address }))),
  fc
    .tuple(head, fc.record({ type: fc.integer({ min: 8, max: 255 }), messageData: fc.nat(9).chain((n) => octets(8 * n + 2)) }))
    .map(([common, unknown]): MobilityMessage => ({ kind: 'Unknown', ...common, ...unknown })),
);

/** Any option of a router or mobile prefix advertisement. */
export const anyNeighborOption: fc.Arbitrary<NeighborOption> = fc.oneof(
  fc.record({
    kind: fc.constant('PrefixInformation' as const),
    prefixLength: u8,
    onLink: fc.boolean(),
    autonomous: fc.boolean(),
    routerAddress: fc.boolean(),
    reserved1: bits(5),
    validLifetime: u32,
    preferredLifetime: u32,
    reserved2: u32,
    prefixAddress: address,
  }),
  fc.record({ kind: fc.constant('AdvertisementInterval' as const), reserved: u16, advertisementInterval: u32 }),
  fc.record({
    kind: fc.constant('HomeAgentInformation' as const),
    mobileRouterSupport: fc.boolean(),
    reserved: bits(15),
    homeAgentPreference: u16,
    homeAgentLifetime: u16,
  }),
  fc.record({
    kind: fc.constant('Other' as const),
    type: fc.integer({ min: 9, max: 255 }),
    data: fc.integer({ min: 1, max: 4 }).chain((n) => octets(8 * n - 2)),
  }),
);

const icmp = { code: u8, checksum: u16 };
const rest = fc.option(octets(1, 15), { nil: undefined }).map((each) => (each === undefined ? {} : { rest: each }));

/** Any ICMPv6 message of Mobile IPv6. */
export const anyMobileIcmp: fc.Arbitrary<MobileIcmpMessage> = fc.oneof(
  fc
    .tuple(
      fc.record({
        kind: fc.constant('HaadRequest' as const),
        ...icmp,
        identifier: u16,
        mobileRouterSupport: fc.boolean(),
        reserved: bits(15),
      }),
      rest,
    )
    .map(([request, more]) => ({ ...request, ...more })),
  fc
    .tuple(
      fc.record({
        kind: fc.constant('HaadReply' as const),
        ...icmp,
        identifier: u16,
        mobileRouterSupport: fc.boolean(),
        reserved: bits(15),
        homeAgentAddresses: fc.array(address, { maxLength: 4 }),
      }),
      rest,
    )
    .map(([reply, more]) => ({ ...reply, ...more })),
  fc
    .tuple(fc.record({ kind: fc.constant('MobilePrefixSolicitation' as const), ...icmp, identifier: u16, reserved: u16 }), rest)
    .map(([solicitation, more]) => ({ ...solicitation, ...more })),
  fc.record({
    kind: fc.constant('MobilePrefixAdvertisement' as const),
    ...icmp,
    identifier: u16,
    managedAddressConfiguration: fc.boolean(),
    otherConfiguration: fc.boolean(),
    reserved: bits(14),
    options: fc.array(anyNeighborOption, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('RouterAdvertisement' as const),
    ...icmp,
    curHopLimit: u8,
    managedAddressConfiguration: fc.boolean(),
    otherConfiguration: fc.boolean(),
    homeAgent: fc.boolean(),
    preference: bits(2),
    reserved: bits(3),
    routerLifetime: u16,
    reachableTime: u32,
    retransTimer: u32,
    options: fc.array(anyNeighborOption, { maxLength: 3 }),
  }),
);
