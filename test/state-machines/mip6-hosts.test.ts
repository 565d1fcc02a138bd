/** A home agent and a mobile node as hosts: what each owes for what comes, packet by packet. RFC 6275 sections 9.2, 10 and 11. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { equalBytes } from '../../codecs/bytes.ts';
import * as mip6 from '../../codecs/mip6/index.ts';
import type { BA, BU, MobileIcmpMessage, MobilityMessage, MobilityOption } from '../../codecs/mip6/index.ts';
import { encodeIpv6, fillIcmpv6Checksum, formatAddress, parseAddress } from '../../codecs/packet/index.ts';
import {
  CorrespondentHost,
  encapsulate,
  HomeAgent,
  homeAgentsAnycast,
  HomeAgentsList,
  icmpOctets,
  linkLocalOf,
  MobileNode,
  mobilityOctets,
  neighborAdvertisement,
  payloadOctets,
  readArrival,
  REPLY_ADDRESSES,
  solicitedNode,
} from '../../state-machines/mip6/index.ts';
import type {
  Addressed,
  Arrival,
  HomeAgentOutput,
  HomeAgentSettings,
  HomePrefix,
  MobileNodeOutput,
  MobileNodeSettings,
} from '../../state-machines/mip6/index.ts';
import { anyMobileIcmp, anyMobilityMessage } from '../arbitraries/index.ts';

const ip = (text: string): Uint8Array => parseAddress(text)!;
const text = (address: Uint8Array): string => formatAddress(address, 0, 6);
const HOME = ip('2001:db8:1::100');
const HA = ip('2001:db8:1::1');
const CN = ip('2001:db8:4::2');
const CARE_OF = [ip('2001:db8:2::a'), ip('2001:db8:3::a')] as const;
const DATA = { protocol: 59, payload: new Uint8Array(8) };
const forever: HomePrefix = { prefix: ip('2001:db8:1::'), length: 64, validUntil: Infinity, preferredUntil: Infinity };

const counting = (): ((length: number) => Uint8Array) => {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => (next = (next * 167 + 13) % 65_537) & 0xff);
};
const sent = (outputs: readonly (HomeAgentOutput | MobileNodeOutput | { readonly type: string })[]): readonly Arrival[] =>
  outputs.flatMap((output) => ('packet' in output ? [readArrival(output.packet)!] : []));
const messages = (outputs: Parameters<typeof sent>[0]): readonly MobilityMessage[] =>
  sent(outputs).flatMap(({ content }) => (content.kind === 'mobility' ? [content.message] : []));
const types = (outputs: readonly { readonly type: string }[]): readonly string[] => outputs.map(({ type }) => type);

/** A home agent, and what a mobile node sends it. */
class Setting {
  readonly agent: HomeAgent;
  now = 0;
  constructor(settings: Partial<HomeAgentSettings> = {}) {
    this.agent = new HomeAgent({
      address: HA,
      linkLocalAddress: ip('fe80::1'),
      linkLayerAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
      prefixes: [forever],
      random: counting(),
      authentic: () => true,
      ...settings,
    });
  }
  update(change: Partial<BU> = {}, addresses: Partial<Addressed> = {}): readonly HomeAgentOutput[] {
    const source = addresses.source ?? CARE_OF[0];
    const options = mip6.padded(12, [{ kind: 'AlternateCareOfAddress', alternateCareOfAddress: source }]);
    const message: BU = {
      ...mip6.plainBindingUpdate,
      acknowledge: true,
      homeRegistration: true,
      sequence: 1,
      lifetime: 60,
      options,
      ...change,
    };
    const packet = { source, destination: HA, ...(!equalBytes(source, HOME) && { homeAddress: HOME }), ...addresses, message };
    return this.agent.receive(mobilityOctets(packet), this.now);
  }
  /** Registered, uniqueness and all. */
  registered(change: Partial<BU> = {}): this {
    this.update(change);
    this.agent.checked(HOME, true, this.now);
    return this;
  }
}
const acknowledged = (outputs: readonly HomeAgentOutput[]): BA => {
  const [message] = messages(outputs);
  if (message?.kind !== 'BA') throw new Error(`no Binding Acknowledgement: ${types(outputs).join()}`);
  return message;
};

describe('a home agent and Binding Updates (section 10.3)', () => {
  test('checks for uniqueness first; then defends the address, and acknowledges through a routing header', () => {
    const begun = new Setting();
    const checking = begun.update();
    expect(checking).toMatchObject([{ type: 'check', homeAddress: HOME, addresses: [HOME] }]);
    expect(begun.agent.stateOf(HOME)).toBe('Checking');
    const done = begun.agent.checked(HOME, true, 1000);
    expect(types(done)).toEqual(['intercept', 'send']);
    expect(sent(done)[0]).toMatchObject({ source: HA, destination: CARE_OF[0], routingHeader: HOME });
    expect(acknowledged(done)).toMatchObject({ status: 0, sequence: 1, lifetime: 60, keyManagementMobilityCapability: false });
    expect(begun.agent.registrations).toEqual([{ homeAddress: HOME, careOfAddress: CARE_OF[0], sequence: 1, expires: 240_000 }]);
  });

  test('acknowledges at once where there is a binding, whether A is set or not', () => {
    const setting = new Setting().registered();
    expect(acknowledged(setting.update({ sequence: 2, acknowledge: false }, { source: CARE_OF[1] }))).toMatchObject({
      status: 0,
      sequence: 2,
    });
    expect(setting.agent.registrations[0]!.careOfAddress).toEqual(CARE_OF[1]);
  });

  test('with L the link-local address is checked, defended, and what comes for it answered as unreachable (sections 10.3.1, 10.4.1 and 10.4.2)', () => {
    const setting = new Setting();
    const linkLocal = linkLocalOf(HOME);
    expect(setting.update({ linkLocalAddressCompatibility: true })).toMatchObject([{ addresses: [HOME, linkLocal] }]);
    const done = setting.agent.checked(HOME, true, 0);
    expect(done.filter(({ type }) => type === 'intercept')).toMatchObject([{ address: HOME }, { address: linkLocal }]);
    const neighbor = ip('fe80::77');
    const [error] = sent(setting.agent.receive(payloadOctets({ source: neighbor, destination: linkLocal }, DATA), 0));
    expect(error).toMatchObject({ destination: neighbor, content: { kind: 'error', type: 1, code: 3 } });
    expect(setting.agent.receive(payloadOctets({ source: ip('ff02::5'), destination: linkLocal }, DATA), 0)).toEqual([]);
  });

  test('a Binding Update that comes while the address is checked is the one that counts; the same one again begins nothing', () => {
    const setting = new Setting();
    setting.update();
    expect([setting.update(), setting.update({ sequence: 2 }, { source: CARE_OF[1] })]).toEqual([[], []]);
    expect(acknowledged(setting.update({ sequence: 1 }))).toMatchObject({ status: 135, sequence: 2 });
    const done = setting.agent.checked(HOME, true, 0);
    expect([acknowledged(done).sequence, sent(done)[0]!.destination]).toEqual([2, CARE_OF[1]]);
    expect(setting.agent.checked(HOME, true, 0)).toEqual([]);
  });

  test.each<[string, Partial<HomeAgentSettings>, Partial<BU>, number]>([
    ['the home address is of no prefix of the link', { prefixes: [] }, {}, 132],
    ['the prefix is no longer valid', { prefixes: [{ ...forever, validUntil: 0 }] }, {}, 132],
    ['it does not serve the mobile node', { serves: () => false }, {}, 129],
    ['it has no room', { capacity: 0 }, {}, 130],
    ['a deletion of nothing', {}, { lifetime: 0 }, 133],
  ])('%s: the status says so, and nothing is kept (sections 10.3.1 and 10.3.2)', (_, settings, change, status) => {
    const setting = new Setting(settings);
    expect(acknowledged(setting.update(change))).toMatchObject({ status, sequence: 1, lifetime: 0 });
    expect([setting.agent.stateOf(HOME), setting.agent.nextTimer]).toEqual(['Unregistered', undefined]);
  });

  test('an address in use: 134, and nothing is kept', () => {
    const setting = new Setting();
    setting.update();
    expect(acknowledged(setting.agent.checked(HOME, false, 1000))).toMatchObject({ status: 134, lifetime: 0 });
    expect(setting.agent.stateOf(HOME)).toBe('Unregistered');
  });

  test.each<[string, Partial<HomeAgentSettings>, Partial<BU>, Partial<Addressed>]>([
    ['no security association', { authentic: () => false }, {}, {}],
    ['nonce indices', {}, { options: mip6.padded(12, [{ kind: 'NonceIndices', homeNonceIndex: 1, careOfNonceIndex: 1 }]) }, {}],
    ['a link-local care-of address', {}, {}, { source: ip('fe80::9') }],
    ['a multicast home address', {}, {}, { homeAddress: ip('ff0e::1') }],
    ['another home agent', {}, {}, { destination: ip('2001:db8:1::2') }],
  ])('%s: silence (sections 5.1 and 9.5.1)', (_, settings, change, addresses) => {
    const setting = new Setting(settings);
    expect([setting.update(change, addresses), setting.agent.stateOf(HOME)]).toEqual([[], 'Unregistered']);
  });

  test('a registration without a Home Address option is dropped, a deletion from home needs none (sections 10.3.1 and 10.3.2)', () => {
    const setting = new Setting();
    const options = mip6.padded(12, [{ kind: 'AlternateCareOfAddress', alternateCareOfAddress: CARE_OF[0] }]);
    expect(setting.update({ options }, { source: HOME })).toEqual([]);
    setting.registered();
    const done = setting.update({ sequence: 2, lifetime: 0 }, { source: HOME });
    expect(types(done)).toEqual(['release', 'send']);
    const [answer] = sent(done);
    expect([answer!.destination, answer!.routingHeader]).toEqual([HOME, undefined]);
    expect(acknowledged(done)).toMatchObject({ status: 0, lifetime: 0, sequence: 2 });
  });

  test('a Binding Update that was overtaken by the deletion gets 135 for 10 s; then everything is forgotten (section 10.3.2, MAX_DELETE_BCE_TIMEOUT)', () => {
    const setting = new Setting().registered();
    setting.update({ sequence: 3, lifetime: 0 }, { source: HOME });
    expect(acknowledged(setting.update({ sequence: 2 }))).toMatchObject({ status: 135, sequence: 3 });
    // The acknowledgement was lost: the deletion comes again.
    expect(acknowledged(setting.update({ sequence: 4, lifetime: 0 }, { source: HOME }))).toMatchObject({ status: 0 });
    expect([setting.agent.nextTimer, setting.agent.registrations]).toEqual([10_000, []]);
    setting.agent.tick(10_000);
    expect([setting.agent.stateOf(HOME), setting.agent.nextTimer]).toEqual(['Unregistered', undefined]);
  });

  test('a home registration is not changed without H: 139 where the tokens are right, silence where they are not (section 9.5.1)', () => {
    const setting = new Setting().registered();
    const { agent } = setting;
    const ask = (source: Uint8Array, message: MobilityMessage): MobilityMessage =>
      messages(agent.receive(mobilityOctets({ source, destination: HA, message }), 0))[0]!;
    const hot = ask(HOME, { kind: 'HoTI', homeInitCookie: 1n, options: [] });
    const cot = ask(CARE_OF[1], { kind: 'CoTI', careOfInitCookie: 1n, options: [] });
    if (hot.kind !== 'HoT' || cot.kind !== 'CoT') throw new Error('no tests');
    const tokens = [hot.homeKeygenToken, cot.careOfKeygenToken].map((token) =>
      Uint8Array.from({ length: 8 }, (_, i) => Number((token >> BigInt(56 - 8 * i)) & 0xffn)),
    );
    const kbm = mip6.bindingManagementKey(tokens[0]!, tokens[1]);
    const indices: MobilityOption = { kind: 'NonceIndices', homeNonceIndex: hot.homeNonceIndex, careOfNonceIndex: cot.careOfNonceIndex };
    const options = mip6.padded(12, [indices, { kind: 'BindingAuthorizationData', authenticator: new Uint8Array(12) }]);
    const head: BU = { ...mip6.plainBindingUpdate, acknowledge: true, sequence: 9, lifetime: 10 };
    const message = mip6.encodeMobility({ ...head, options });
    const authenticator = mip6.authenticatorOf(kbm, {
      careOfAddress: CARE_OF[1],
      correspondent: HA,
      message,
      authenticatorAt: message.length - 12,
    });
    const right = { ...head, options: [...options.slice(0, -1), { kind: 'BindingAuthorizationData', authenticator } as const] };
    const packet = { source: CARE_OF[1], destination: HA, homeAddress: HOME };
    expect(messages(agent.receive(mobilityOctets({ ...packet, message: right }), 0))).toMatchObject([{ kind: 'BA', status: 139 }]);
    expect(agent.receive(mobilityOctets({ ...packet, message: { ...head, options } }), 0)).toEqual([]);
    expect(agent.registrations[0]!.careOfAddress).toEqual(CARE_OF[0]);
  });

  test.each<[string, Partial<HomePrefix>, number, Partial<BA>]>([
    ['valid and preferred for long', {}, 60, { status: 0, lifetime: 60 }],
    ['deprecated', { preferredUntil: 0 }, 60, { status: 1, lifetime: 60 }],
    ['deprecated within the lifetime', { preferredUntil: 200_000 }, 60, { status: 1, lifetime: 60 }],
    ['deprecated at its end', { preferredUntil: 240_000 }, 60, { status: 0, lifetime: 60 }],
    ['invalid at its end', { validUntil: 240_000 }, 60, { status: 1, lifetime: 60 }],
    ['invalid before its end', { validUntil: 101_999 }, 60, { status: 1, lifetime: 25 }],
  ])('the prefix is %s: lifetime and status (section 10.3.1)', (_, prefix, lifetime, expected) => {
    const setting = new Setting({ prefixes: [{ ...forever, ...prefix }] });
    setting.update({ lifetime });
    expect(acknowledged(setting.agent.checked(HOME, true, 0))).toMatchObject(expected);
  });

  test('a shorter lifetime by policy, a refresh that is advised, and the end of it (sections 10.3.1 and 9.6)', () => {
    const setting = new Setting({ longest: 30, refreshAdvice: 20 });
    setting.update();
    const ba = acknowledged(setting.agent.checked(HOME, true, 0));
    expect(ba).toMatchObject({ lifetime: 30 });
    expect(ba.options).toContainEqual({ kind: 'BindingRefreshAdvice', refreshInterval: 20 });
    expect(acknowledged(setting.update({ sequence: 2, lifetime: 20 })).options!.some(({ kind }) => kind === 'BindingRefreshAdvice')).toBe(
      false,
    );
    expect(setting.agent.tick(79_999)).toEqual([]);
    expect(types(setting.agent.tick(80_000))).toEqual(['release']);
    expect(setting.agent.registrations).toEqual([]);
  });
});

describe("a home agent and a mobile node's packets (section 10.4)", () => {
  const from = (source: Uint8Array, destination = CN): Uint8Array => payloadOctets({ source, destination }, DATA);

  test('what comes for the home address is tunneled to the care-of address; without a registration it is not', () => {
    const packet = payloadOctets({ source: CN, destination: HOME }, DATA);
    expect(new Setting().agent.receive(packet, 0)).toEqual([]);
    const [outer] = sent(new Setting().registered().agent.receive(packet, 0));
    expect(outer).toMatchObject({ source: HA, destination: CARE_OF[0], content: { kind: 'tunneled', octets: packet } });
  });

  test('what comes through the tunnel is forwarded one hop on, if its outer source is the care-of address (section 10.4.5)', () => {
    const { agent } = new Setting().registered();
    const [forwarded] = agent.receive(encapsulate(CARE_OF[0], HA, from(HOME)), 0);
    const packet = from(HOME);
    packet[7]! -= 1;
    expect(forwarded).toEqual({ type: 'send', packet });
    expect(agent.receive(encapsulate(CARE_OF[1], HA, from(HOME)), 0)).toEqual([]);
    expect(agent.receive(encapsulate(CARE_OF[0], HA, from(ip('2001:db8:1::101'))), 0)).toEqual([]);
  });

  test('the home agent itself is reached through the tunnel and with a Home Address option, and sends by a routing header (section 10.4.2)', () => {
    const { agent } = new Setting().registered();
    expect(agent.receive(encapsulate(CARE_OF[0], HA, from(HOME, HA)), 0)).toMatchObject([
      { type: 'deliver', source: HOME, destination: HA },
    ]);
    const optimized = payloadOctets({ source: CARE_OF[0], destination: HA, homeAddress: HOME }, DATA);
    expect(agent.receive(optimized, 0)).toMatchObject([{ type: 'deliver', source: HOME }]);
    expect(messages(agent.receive(payloadOctets({ source: CARE_OF[1], destination: HA, homeAddress: HOME }, DATA), 0))).toMatchObject([
      { kind: 'BE', status: 1 },
    ]);
    expect(sent(agent.send({ destination: HOME, ...DATA }))[0]).toMatchObject({ destination: CARE_OF[0], routingHeader: HOME });
    expect(sent(agent.send({ destination: CN, ...DATA }))[0]).toMatchObject({ destination: CN });
  });

  test('who asks on the link for the home address is told the home agent, as long as it serves (section 10.4.1)', () => {
    const solicitation = (source: Uint8Array, destination: Uint8Array): Uint8Array => {
      const payload = new Uint8Array(24);
      payload[0] = 135;
      payload.set(HOME, 8);
      return encodeIpv6({ protocol: 58, source, destination, payload: fillIcmpv6Checksum(source, destination, payload), hopLimit: 255 });
    };
    const setting = new Setting();
    const neighbor = ip('2001:db8:1::77');
    const group = solicitedNode(HOME);
    expect(setting.agent.receive(solicitation(neighbor, group), 0)).toEqual([]);
    setting.registered();
    const link = Uint8Array.of(2, 0, 0, 0, 0, 1);
    for (const destination of [group, HOME])
      expect(setting.agent.receive(solicitation(neighbor, destination), 0)).toEqual([
        { type: 'send', packet: neighborAdvertisement(HA, HOME, link, neighbor) },
      ]);
    // Duplicate Address Detection of somebody else: all nodes are told.
    const unspecified = new Uint8Array(16);
    expect(setting.agent.receive(solicitation(unspecified, group), 0)).toEqual([
      { type: 'send', packet: neighborAdvertisement(HA, HOME, link) },
    ]);
    setting.update({ sequence: 2, lifetime: 0 }, { source: HOME });
    expect(setting.agent.receive(solicitation(neighbor, group), 0)).toEqual([]);
  });
});

describe('home agents and prefixes of a link (sections 10.5 and 10.6)', () => {
  const advertisement = (change: Partial<mip6.RouterAdvertisement> = {}): mip6.RouterAdvertisement => ({
    kind: 'RouterAdvertisement',
    code: 0,
    checksum: 0,
    curHopLimit: 64,
    managedAddressConfiguration: false,
    otherConfiguration: false,
    homeAgent: true,
    preference: 0,
    reserved: 0,
    routerLifetime: 1800,
    reachableTime: 0,
    retransTimer: 0,
    options: [],
    ...change,
  });
  const information = (homeAgentPreference: number, homeAgentLifetime: number): mip6.HomeAgentInformation => ({
    kind: 'HomeAgentInformation',
    mobileRouterSupport: false,
    reserved: 0,
    homeAgentPreference,
    homeAgentLifetime,
  });
  const reachable = (address: Uint8Array, routerAddress = true): mip6.PrefixInformation => ({
    kind: 'PrefixInformation',
    prefixLength: 64,
    onLink: true,
    autonomous: true,
    routerAddress,
    reserved1: 0,
    validLifetime: 1,
    preferredLifetime: 1,
    reserved2: 0,
    prefixAddress: address,
  });
  const OTHER = ip('fe80::2');
  const summary = (list: HomeAgentsList, now: number): unknown =>
    list.at(now).map(({ preference, expires, addresses }) => [preference, expires, addresses.map(text)]);

  test('a home agent is listed with its preference, its lifetime and the addresses whose R is set; struck without H, at lifetime 0, and when it has passed (section 10.5.1)', () => {
    const list = new HomeAgentsList();
    list.receive(OTHER, advertisement({ options: [reachable(ip('2001:db8:1::2')), reachable(ip('2001:db8:1::'), false)] }), 0);
    expect(summary(list, 0)).toEqual([[0, 1_800_000, ['2001:db8:1::2']]]);
    list.receive(
      OTHER,
      advertisement({ options: [information(9, 100), reachable(ip('2001:db8:1::2')), reachable(ip('2001:db8:9::2'))] }),
      0,
    );
    expect(summary(list, 99_999)).toEqual([[9, 100_000, ['2001:db8:1::2', '2001:db8:9::2']]]);
    expect(summary(list, 100_000)).toEqual([]);
    for (const gone of [
      advertisement({ homeAgent: false }),
      advertisement({ options: [information(9, 0)] }),
      advertisement({ routerLifetime: 0 }),
    ]) {
      list.receive(OTHER, advertisement(), 0);
      expect(list.at(0)).toHaveLength(1);
      list.receive(OTHER, gone, 0);
      expect(list.at(0)).toEqual([]);
    }
  });

  const request = (destination: Uint8Array): Uint8Array =>
    icmpOctets(
      { source: CARE_OF[0], destination },
      { kind: 'HaadRequest', code: 0, checksum: 0, identifier: 4711, mobileRouterSupport: false, reserved: 0 },
    );
  const icmp = (outputs: readonly { readonly type: string }[]): MobileIcmpMessage => {
    const content = sent(outputs)[0]?.content;
    if (content?.kind !== 'icmp') throw new Error(`no ICMP message: ${types(outputs).join()}`);
    return content.message;
  };

  test('a discovery is answered from a global address with all home agents, the most preferred first, equals in any order, no more than fit (section 10.5.1)', () => {
    const { agent } = new Setting({ preference: 5 });
    const tell = (i: number, preference: number): unknown =>
      agent.receive(
        icmpOctets(
          { source: ip(`fe80::${i}`), destination: ip('ff02::1') },
          advertisement({ options: [information(preference, 1800), reachable(ip(`2001:db8:1::${i}`))] }),
          255,
        ),
        0,
      );
    for (const [i, preference] of [
      [2, 9],
      [3, 5],
      [4, 1],
    ] as const)
      tell(i, preference);
    const orders = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      const outputs = agent.receive(request(homeAgentsAnycast(HOME)), 0);
      expect(sent(outputs)[0]).toMatchObject({ source: HA, destination: CARE_OF[0] });
      const reply = icmp(outputs);
      if (reply.kind !== 'HaadReply') throw new Error(reply.kind);
      expect(reply.identifier).toBe(4711);
      orders.add(reply.homeAgentAddresses.map((each) => text(each).slice('2001:db8:1::'.length)).join());
    }
    expect([...orders].toSorted()).toEqual(['2,1,3,4', '2,3,1,4']);
    for (let i = 5; i < 60; i += 1)
      agent.receive(
        icmpOctets(
          { source: ip(`fe80::${i}`), destination: ip('ff02::1') },
          advertisement({ options: [reachable(ip(`2001:db8:1::${i}`)), reachable(ip(`2001:db8:9::${i}`))] }),
          255,
        ),
        0,
      );
    const [packet] = agent.receive(request(HA), 0).flatMap((output) => ('packet' in output ? [output.packet] : []));
    expect(REPLY_ADDRESSES).toBe(77);
    expect(packet!.length).toBe(40 + 8 + 16 * 77);
    expect(agent.receive(request(homeAgentsAnycast(ip('2001:db8:7::'))), 0)).toEqual([]);
  });

  const solicitation = (identifier: number, addresses: Partial<Addressed> = {}): Uint8Array =>
    icmpOctets(
      { source: CARE_OF[0], destination: HA, homeAddress: HOME, ...addresses },
      { kind: 'MobilePrefixSolicitation', code: 0, checksum: 0, identifier, reserved: 0 },
    );

  test('prefixes are told at once to who asks, through a routing header to where it asked from (sections 10.6.2 and 10.6.3)', () => {
    const { agent } = new Setting().registered();
    const outputs = agent.receive(solicitation(99), 0);
    expect(sent(outputs)[0]).toMatchObject({ source: HA, destination: CARE_OF[0], routingHeader: HOME });
    expect(icmp(outputs)).toMatchObject({
      kind: 'MobilePrefixAdvertisement',
      identifier: 99,
      options: [{ kind: 'PrefixInformation', prefixAddress: ip('2001:db8:1::') }],
    });
    expect(new Setting().agent.receive(solicitation(99), 0)).toEqual([]);
  });

  test('prefixes that have changed are told unasked, some time later, and again after 3, 6 and 12 s; not once the mobile node has asked (section 10.6.2)', () => {
    const run = (asksAfter: number): readonly number[] => {
      const { agent } = new Setting().registered({ lifetime: 0xffff });
      agent.renumber([forever, { ...forever, prefix: ip('2001:db8:8::') }], 0);
      const times: number[] = [];
      for (let at = agent.nextTimer; at !== undefined && times.length < 9; at = agent.nextTimer) {
        const outputs = agent.tick(at);
        if (outputs.length === 0 || types(outputs).includes('release')) continue;
        expect(icmp(outputs)).toMatchObject({ kind: 'MobilePrefixAdvertisement', options: [{}, {}] });
        times.push(at);
        if (times.length === asksAfter) agent.receive(solicitation(1), at + 1);
      }
      return times.map((at) => at - times[0]!).concat(times[0]! >= 600_000 && times[0]! <= 86_400_000 ? [] : [-1]);
    };
    expect(run(0)).toEqual([0, 3000, 9000, 21_000]);
    expect(run(2)).toEqual([0, 3000]);
  });

  test('a registration ends with its prefix (sections 10.3.1 and 10.6.4)', () => {
    const { agent } = new Setting().registered();
    expect(types(agent.renumber([], 0))).toEqual(['release']);
    expect(agent.registrations).toEqual([]);
    const other = new Setting().registered().agent;
    other.renumber([{ ...forever, validUntil: 50_000 }], 0);
    expect(other.registrations[0]!.expires).toBe(50_000);
    expect(types(other.tick(50_000))).toEqual(['release']);
  });
});

describe('a mobile node (section 11)', () => {
  const CONFIRMED = { kind: 'BA', status: 0 } as const;
  /** A mobile node, and what its home agent sends it. */
  class Mobile {
    readonly node: MobileNode;
    now = 0;
    constructor(settings: Partial<MobileNodeSettings> = {}) {
      this.node = new MobileNode({
        homeAddress: HOME,
        homeAgents: [HA],
        lifetime: 60,
        linkLayerAddress: new Uint8Array(6),
        random: counting(),
        authentic: () => true,
        ...settings,
      });
    }
    attach(careOfAddress: Uint8Array, others: readonly Uint8Array[] = []): BU {
      const [message] = messages(this.node.attach(careOfAddress, this.now, others));
      if (message?.kind !== 'BU') throw new Error('no Binding Update');
      return message;
    }
    fromHomeAgent(message: MobilityMessage, addresses: Partial<Addressed> = {}): readonly MobileNodeOutput[] {
      const [careOf = HOME] = this.node.careOfAddresses;
      const to = equalBytes(careOf, HOME) ? { destination: HOME } : { destination: careOf, routingHeader: HOME };
      return this.node.receive(mobilityOctets({ source: HA, ...to, ...addresses, message }), this.now);
    }
    /** Answers the Binding Update. */
    confirm({ sequence, lifetime }: BU, change: Partial<BA> = {}): readonly MobileNodeOutput[] {
      const plain = { ...mip6.plainBindingAcknowledgement, sequence, lifetime, options: mip6.padded(12, []) };
      return this.fromHomeAgent({ ...plain, ...CONFIRMED, ...change });
    }
    registered(): this {
      this.confirm(this.attach(CARE_OF[0]));
      return this;
    }
  }

  test('a home registration has A, H, its care-of address in an option, and the home address in another (section 11.7.1)', () => {
    const [packet] = sent(new Mobile({ linkLocalCompatibility: true }).node.attach(CARE_OF[0], 0));
    expect(packet).toMatchObject({ source: CARE_OF[0], destination: HA, homeAddress: HOME });
    expect(packet!.content).toMatchObject({
      message: { kind: 'BU', acknowledge: true, homeRegistration: true, linkLocalAddressCompatibility: true, lifetime: 60 },
    });
    expect(new Mobile().attach(CARE_OF[0]).options).toContainEqual({ kind: 'AlternateCareOfAddress', alternateCareOfAddress: CARE_OF[0] });
  });

  test('unanswered: again after 1.5 s, doubled up to 32 s and then at that pace, each with the next number (section 11.8)', () => {
    const { node } = new Mobile();
    const sequences = messages(node.attach(CARE_OF[0], 0)).map((message) => (message.kind === 'BU' ? message.sequence : -1));
    const times: number[] = [];
    while (times.length < 8) {
      const at = node.nextTimer!;
      for (const message of messages(node.tick(at))) {
        times.push(at);
        if (message.kind === 'BU') sequences.push(message.sequence);
      }
    }
    expect(times).toEqual([1500, 4500, 10_500, 22_500, 46_500, 78_500, 110_500, 142_500]);
    expect(sequences.map((each) => each - sequences[0]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each<[string, Partial<BA>, Partial<Addressed>]>([
    ['another sequence number', { sequence: 9 }, {}],
    ['another source', {}, { source: CN }],
    ['the routing header of another home address', {}, { routingHeader: ip('2001:db8:1::101') }],
    ['another care-of address', {}, { destination: CARE_OF[1] }],
  ])('a Binding Acknowledgement with %s changes nothing (sections 11.3.3 and 11.7.3)', (_, change, addresses) => {
    const mobile = new Mobile();
    const { sequence, lifetime } = mobile.attach(CARE_OF[0]);
    const message = { ...mip6.plainBindingAcknowledgement, sequence, lifetime, options: mip6.padded(12, []), ...change };
    expect(mobile.fromHomeAgent(message, addresses)).toEqual([]);
    expect(mobile.node.state).toBe('Registering');
  });

  test('one that no security association vouches for changes nothing either, not even 135 (section 11.7.3)', () => {
    const mobile = new Mobile({ authentic: () => false });
    const update = mobile.attach(CARE_OF[0]);
    expect([mobile.confirm(update), mobile.confirm(update, { status: 135, sequence: 7 })]).toEqual([[], []]);
  });

  test('135: at once again with the number after the one it is told; refreshed after three quarters of the lifetime, or as advised (section 11.7.3)', () => {
    const mobile = new Mobile();
    const [again] = messages(mobile.confirm(mobile.attach(CARE_OF[0]), { status: 135, sequence: 4000 }));
    expect(again).toMatchObject({ kind: 'BU', sequence: 4001 });
    expect(types(mobile.confirm(again as BU))).toEqual(['registered']);
    expect(mobile.node.nextTimer).toBe(180_000);
    const [refresh] = messages(mobile.node.tick(180_000));
    mobile.now = 180_100;
    mobile.confirm(refresh as BU, { options: mip6.padded(12, [{ kind: 'BindingRefreshAdvice', refreshInterval: 10 }]) });
    expect(mobile.node.nextTimer).toBe(220_000);
  });

  test('status 1: asks for the prefixes, and does not register again before it has them (sections 11.4.2, 11.4.3 and 11.7.1)', () => {
    const mobile = new Mobile();
    const outputs = mobile.confirm(mobile.attach(CARE_OF[0]), { status: 1 });
    const [question] = sent(outputs);
    expect(question).toMatchObject({
      source: CARE_OF[0],
      destination: HA,
      homeAddress: HOME,
      content: { message: { kind: 'MobilePrefixSolicitation' } },
    });
    const identifier =
      question!.content.kind === 'icmp' && question!.content.message.kind === 'MobilePrefixSolicitation'
        ? question!.content.message.identifier
        : -1;
    // Asked again after 3, 6, 12, 24 and then 32 s, with the same identifier; the refresh at 180 s is held back.
    const times: number[] = [];
    while (mobile.node.nextTimer! < 200_000) {
      const at = mobile.node.nextTimer!;
      for (const { content } of sent(mobile.node.tick(at))) {
        expect(content).toMatchObject({ kind: 'icmp', message: { identifier } });
        times.push(at);
      }
    }
    expect(times).toEqual([3000, 9000, 21_000, 45_000, 77_000, 109_000, 141_000, 173_000]);
    mobile.now = 200_000;
    const answer = (id: number, addresses: Partial<Addressed> = {}): readonly MobileNodeOutput[] =>
      mobile.node.receive(
        icmpOctets(
          { source: HA, destination: CARE_OF[0], routingHeader: HOME, ...addresses },
          {
            kind: 'MobilePrefixAdvertisement',
            code: 0,
            checksum: 0,
            identifier: id,
            managedAddressConfiguration: false,
            otherConfiguration: false,
            reserved: 0,
            options: [],
          },
        ),
        mobile.now,
      );
    expect([answer(identifier ^ 1), answer(identifier, { source: CN })]).toEqual([[], []]);
    const known = answer(identifier);
    expect(types(known)).toEqual(['prefixes', 'send']);
    expect(messages(known)).toMatchObject([{ kind: 'BU', homeRegistration: true }]);
    // The same again: nobody has asked for it.
    expect(sent(answer(identifier))).toMatchObject([{ content: { message: { kind: 'MobilePrefixSolicitation' } } }]);
  });

  test('a Binding Error from the home agent is answered with a Binding Update; one from a stranger is ignored (section 11.3.6)', () => {
    const mobile = new Mobile().registered();
    const error: MobilityMessage = { kind: 'BE', status: 1, homeAddress: HOME, options: [] };
    expect(mobile.node.receive(mobilityOctets({ source: CN, destination: CARE_OF[0], message: error }), 0)).toEqual([]);
    expect(messages(mobile.node.receive(mobilityOctets({ source: HA, destination: CARE_OF[0], message: error }), 0))).toMatchObject([
      { kind: 'BU' },
    ]);
  });

  test('what is tunneled is taken from the home agent alone, and at a care-of address; it begins a correspondent registration (sections 11.3.3 and 11.7.2)', () => {
    const mobile = new Mobile().registered();
    const inner = payloadOctets({ source: CN, destination: HOME }, DATA);
    expect(mobile.node.receive(encapsulate(CN, CARE_OF[0], inner), 0)).toEqual([]);
    expect(mobile.node.receive(encapsulate(HA, CARE_OF[1], inner), 0)).toEqual([]);
    // The home address itself is not on the foreign link.
    expect(mobile.node.receive(inner, 0)).toEqual([]);
    expect(mobile.node.receive(encapsulate(HA, CARE_OF[0], encapsulate(HA, HOME, inner)), 0)).toEqual([]);
    const outputs = mobile.node.receive(encapsulate(HA, CARE_OF[0], inner), 0);
    expect(outputs[0]).toMatchObject({ type: 'deliver', route: 'tunnel', source: CN, destination: HOME });
    expect(outputs).toHaveLength(3);
    expect(mobile.node.registrationWith(CN).state).toBe('Testing');
  });

  test('a correspondent whose direct path is not wanted is not tested; a link-local or multicast one never is (sections 11.3.1 and 11.7.2)', () => {
    const mobile = new Mobile({ optimizes: () => false }).registered();
    expect(mobile.node.send({ destination: CN, ...DATA }, 0)).toHaveLength(1);
    const { node } = new Mobile().registered();
    for (const destination of [ip('fe80::5'), ip('ff0e::5')]) expect(node.send({ destination, ...DATA }, 0)).toHaveLength(1);
  });

  test('an old care-of address is still taken, while another is the primary one (section 11.5.4)', () => {
    const mobile = new Mobile().registered();
    mobile.confirm(mobile.attach(CARE_OF[1], [CARE_OF[0]]));
    const packet = (destination: Uint8Array): Uint8Array => payloadOctets({ source: CN, destination, routingHeader: HOME }, DATA);
    for (const careOf of CARE_OF) expect(types(mobile.node.receive(packet(careOf), 0))).toEqual(['deliver']);
    // The link of the old one is gone; the primary one stays as it is registered.
    expect(mobile.node.attach(CARE_OF[1], 0)).toEqual([]);
    expect(mobile.node.receive(packet(CARE_OF[0]), 0)).toEqual([]);
  });

  test('a correspondent that does not know the Mobility Header is not asked again for ten minutes (sections 11.3.5 and 11.6.2)', () => {
    const mobile = new Mobile().registered();
    const [, , test] = mobile.node.send({ destination: CN, ...DATA }, 0).flatMap((output) => ('packet' in output ? [output.packet] : []));
    const problem = (code: number): Uint8Array => {
      const body = new Uint8Array(8 + test!.length);
      body.set([4, code]);
      body.set(test!, 8);
      return encodeIpv6({ protocol: 58, source: CN, destination: CARE_OF[0], payload: fillIcmpv6Checksum(CN, CARE_OF[0], body) });
    };
    mobile.node.receive(problem(0), 0);
    expect(mobile.node.registrationWith(CN).state).toBe('Testing');
    mobile.node.receive(problem(1), 0);
    expect(mobile.node.registrationWith(CN).state).toBe('Barred');
    expect(mobile.node.send({ destination: CN, ...DATA }, 600_000)).toHaveLength(1);
    expect(mobile.node.send({ destination: CN, ...DATA }, 600_001)).toHaveLength(3);
  });

  test('until the home agent has acknowledged the next care-of address, nothing leaves with the one that is gone, and no test enters the tunnel (sections 10.4.5 and 11.7.2)', () => {
    const mobile = new Mobile().registered();
    mobile.node.send({ destination: CN, ...DATA }, 0);
    mobile.node.attach(CARE_OF[1], 500);
    const kinds: string[] = [];
    while (mobile.node.nextTimer! < 10_000) {
      for (const { source, content } of sent(mobile.node.tick(mobile.node.nextTimer!)))
        kinds.push(`${content.kind === 'mobility' ? content.message.kind : content.kind} ${text(source)}`);
    }
    expect(kinds).toEqual(Array.from({ length: 3 }, () => `BU ${text(CARE_OF[1])}`));
  });

  test('a 135 that answers an older copy is not gone by: no number is used twice (section 11.7.2)', () => {
    const mobile = new Mobile();
    const update = mobile.attach(CARE_OF[0]);
    const [again] = messages(mobile.node.tick(1500));
    if (again?.kind !== 'BU') throw new Error('no Binding Update');
    mobile.now = 1600;
    // The first one was taken, its acknowledgement was lost, and a copy of it was refused.
    expect(mobile.confirm(update, { status: 135 })).toEqual([]);
    expect(types(mobile.confirm(again))).toEqual(['registered']);
  });

  test('a correspondent that does not answer is asked at 0, 1, 3 and 7 s, and not again before another 32 s, however much data there is; after a movement at once (section 11.8)', () => {
    const mobile = new Mobile({ lifetime: 1000 }).registered();
    const times: number[] = [];
    const note = (outputs: readonly MobileNodeOutput[], now: number): void => {
      for (const { content } of sent(outputs)) if (content.kind === 'mobility' && content.message.kind === 'CoTI') times.push(now);
    };
    for (let now = 0; now <= 60_000; now += 500) {
      note(mobile.node.tick(now), now);
      note(mobile.node.send({ destination: CN, ...DATA }, now), now);
    }
    expect(times).toEqual([0, 1000, 3000, 7000, 47_000, 48_000, 50_000, 54_000]);
    mobile.now = 63_000;
    note(mobile.confirm(mobile.attach(CARE_OF[1])), 63_000);
    expect(times.at(-1)).toBe(63_000);
  });

  test('status 2 from a correspondent that was asked something ends the attempt; from one that was not it is ignored (section 11.3.6)', () => {
    const mobile = new Mobile().registered();
    const error = (): readonly MobileNodeOutput[] =>
      mobile.node.receive(
        mobilityOctets({
          source: CN,
          destination: CARE_OF[0],
          message: { kind: 'BE', status: 2, homeAddress: new Uint8Array(16), options: [] },
        }),
        0,
      );
    error();
    expect(mobile.node.registrationWith(CN).state).toBe('Tunneled');
    mobile.node.send({ destination: CN, ...DATA }, 0);
    error();
    expect(mobile.node.registrationWith(CN).state).toBe('Barred');
  });

  test('a Mobility Header with another Payload Proto, or too short, is answered with a Parameter Problem at the field (section 9.2)', () => {
    const host = new CorrespondentHost({ address: CN, random: counting() });
    const octets = mobilityOctets({
      source: HOME,
      destination: CN,
      message: { kind: 'HoTI', homeInitCookie: 1n, options: [], payloadProto: 58 },
    });
    expect(sent(host.receive(octets, 0))).toMatchObject([{ destination: HOME, content: { kind: 'error', type: 4, code: 0 } }]);
    const answer = host.receive(octets, 0)[0]!;
    expect('packet' in answer && answer.packet[40 + 7]).toBe(40);
    const short = mobilityOctets({ source: HOME, destination: CN, message: { kind: 'Unknown', type: 1, messageData: new Uint8Array(2) } });
    const refusal = host.receive(short, 0)[0]!;
    expect('packet' in refusal && refusal.packet[40 + 7]).toBe(41);
    // A wrong checksum is met with silence, whatever else is wrong.
    octets[44]! ^= 1;
    expect(host.receive(octets, 0)).toEqual([]);
  });
});

test('a correspondent drops a binding whose care-of address is unreachable for more than a moment, and no other (section 9.3.4)', () => {
  const host = new CorrespondentHost({ address: CN, random: counting() });
  const mobile = new MobileNode({
    homeAddress: HOME,
    homeAgents: [HA],
    lifetime: 60,
    linkLayerAddress: new Uint8Array(6),
    random: counting(),
    authentic: () => true,
  });
  const packets = (outputs: readonly { readonly type: string }[]): readonly Uint8Array[] =>
    outputs.flatMap((output) => ('packet' in output && output.packet instanceof Uint8Array ? [output.packet] : []));
  const [update] = messages(mobile.attach(CARE_OF[0], 0));
  const answer = {
    ...mip6.plainBindingAcknowledgement,
    sequence: update?.kind === 'BU' ? update.sequence : 0,
    lifetime: 60,
    options: mip6.padded(12, []),
  };
  mobile.receive(mobilityOctets({ source: HA, destination: CARE_OF[0], routingHeader: HOME, message: answer }), 0);
  // Tests and Binding Update, the tunnel left out.
  let way = packets(mobile.send({ destination: CN, ...DATA }, 0));
  for (let turn = 0; turn < 4; turn += 1) {
    const plain = way.map((packet) => {
      const content = readArrival(packet)?.content;
      return content?.kind === 'tunneled' ? content.octets : packet;
    });
    const back = plain.flatMap((packet) => packets(host.receive(packet, 0)));
    way = back.flatMap((packet) => {
      const isHome = equalBytes(packet.subarray(24, 40), HOME);
      return packets(mobile.receive(isHome ? encapsulate(HA, CARE_OF[0], packet) : packet, 0));
    });
  }
  expect(host.node.routeTo(HOME)).toEqual(CARE_OF[0]);
  const [data] = packets(host.send({ destination: HOME, ...DATA }));
  const error = (invoking: Uint8Array, now: number): void => {
    const body = new Uint8Array(8 + invoking.length);
    body[0] = 1;
    body.set(invoking, 8);
    const router = ip('2001:db8:2::1');
    host.receive(encodeIpv6({ protocol: 58, source: router, destination: CN, payload: fillIcmpv6Checksum(router, CN, body) }), now);
  };
  for (const now of [0, 100, 200, 300]) error(data!, now);
  for (const now of [4000, 5000, 6000, 7000]) error(payloadOctets({ source: CN, destination: CARE_OF[0] }, DATA), now);
  for (const now of [100_000, 103_000, 200_000, 300_000]) error(data!, now);
  // However fast they come: two seconds they must last.
  for (let now = 300_100; now < 302_000; now += 100) error(data!, now);
  expect(host.node.stateOf(HOME)).toBe('Bound');
  error(data!, 302_000);
  expect([host.node.stateOf(HOME), host.node.routeTo(HOME)]).toEqual(['Remembered', undefined]);
});

describe('whatever comes, in whatever order', () => {
  const address = fc.constantFrom(
    HOME,
    HA,
    CN,
    CARE_OF[0],
    CARE_OF[1],
    homeAgentsAnycast(HOME),
    linkLocalOf(HOME),
    ip('2001:db8:1::101'),
    ip('fe80::1'),
    ip('ff02::1'),
    ip('::'),
    ip('::1'),
  );
  const addresses: fc.Arbitrary<Addressed> = fc.record(
    { source: address, destination: address, homeAddress: address, routingHeader: address },
    { requiredKeys: ['source', 'destination'] },
  );
  /** Messages with right checksums, in tunnels as well, data, and octets that are nothing. */
  const packet: fc.Arbitrary<Uint8Array> = fc
    .tuple(
      fc.oneof(
        fc.tuple(addresses, anyMobilityMessage).map(([to, message]) => mobilityOctets({ ...to, message })),
        fc.tuple(addresses, anyMobileIcmp).map(([to, message]) => icmpOctets(to, message)),
        fc
          .tuple(addresses, fc.nat(255), fc.uint8Array({ maxLength: 80 }))
          .map(([to, protocol, payload]) => payloadOctets(to, { protocol, payload })),
        fc.uint8Array({ maxLength: 80 }),
      ),
      fc.option(fc.tuple(address, address)),
    )
    .map(([octets, tunnel]) => (tunnel === null ? octets : encapsulate(...tunnel, octets)));
  const act = fc.oneof(
    { weight: 8, arbitrary: packet.map((octets) => ({ octets, wait: 0 })) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }).map((wait) => ({ octets: undefined, wait })) },
  );

  test('no host throws, none waits for a time that has passed, and what each sends can be read', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { agent } = new Setting().registered();
        const node = new MobileNode({
          homeAddress: HOME,
          homeAgents: [HA],
          lifetime: 60,
          linkLayerAddress: new Uint8Array(6),
          random: counting(),
          authentic: () => true,
        });
        const hosts = [agent, node, new CorrespondentHost({ address: CN, random: counting() })];
        node.attach(CARE_OF[0], 0);
        let now = 0;
        const read = (outputs: readonly { readonly type: string }[]): void => {
          for (const output of outputs) {
            if ('packet' in output && output.packet instanceof Uint8Array) expect(readArrival(output.packet)).toBeDefined();
          }
        };
        for (const { octets, wait } of acts) {
          for (const host of hosts) {
            if (octets !== undefined) read(host.receive(octets.slice(), now));
            else
              for (
                let at = host.nextTimer, ticks = 0;
                at !== undefined && at <= now + wait && ticks < 100;
                at = host.nextTimer, ticks += 1
              ) {
                read(host.tick(Math.max(now, at)));
                expect(host.nextTimer ?? Infinity).toBeGreaterThan(at);
              }
          }
          now += wait;
        }
      }),
      { numRuns: 300 },
    );
  });
});
