/** A shim6 host: ICMP errors, Error messages, limits, payload, and when a context is wanted. RFC 5533 sections 5, 8, 11, 12 and 13. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { concat, u32 } from '../../codecs/bytes.ts';
import { decodeIcmpv6, decodeIpv6, encodeIpv6, icmpv6Checksum, parseAddress, type Ipv6Fields } from '../../codecs/packet/index.ts';
import { PROTOCOL_SHIM6, type ErrorMessage, type Shim6Message, type Shim6Option } from '../../codecs/shim6/index.ts';
import {
  decideFlow,
  defaultDeferral,
  Flows,
  isEui64,
  Shim6Host,
  withLocators,
  withUlids,
  type DeferralPolicy,
  type LocalLocator,
  type LocalLocators,
  type PortRule,
} from '../../state-machines/shim6/index.ts';
import { Shim6LabHost } from '../../conformance/lab/index.ts';
import { anyIpv6 } from '../arbitraries/packet.ts';
import { hbaLocators, NAMES, octetsFrom, packetTo, Shim6Pair, verifySignature } from './shim6-network.ts';
import type { Name, PairOptions, Sent } from './shim6-network.ts';

const hba = {} as Record<Name, readonly LocalLocator[]>;
beforeAll(async () => {
  for (const name of NAMES) hba[name] = await hbaLocators(name, 4);
});
const ip = (text: string): Uint8Array => parseAddress(text)!;
const set = (name: Name, count: number, generation = 1): LocalLocators => ({ generation, locators: hba[name].slice(0, count) });
const pairOf = (count: number, options: Partial<PairOptions> = {}): Shim6Pair =>
  new Shim6Pair({ A: set('A', count), B: set('B', count), seed: 1, ...options });
const established = (count: number, options: Partial<PairOptions> = {}): Shim6Pair => {
  const pair = pairOf(count, options);
  pair.establish('A');
  pair.run(1000);
  return pair;
};
const since = (pair: Shim6Pair, at: number): readonly string[] => pair.sent.slice(at).map(({ by, kind }) => `${by} ${kind}`);

/** An ICMPv6 error from a router, about octets that were sent. */
const icmpError = (to: Uint8Array, type: number, code: number, word: number, about: Uint8Array): Uint8Array => {
  const source = parseAddress('2001:db8:ff::1')!;
  const body = concat(Uint8Array.of(type, code, 0, 0, word >>> 24, word >>> 16, word >>> 8, word), about);
  const checksum = icmpv6Checksum(source, to, body);
  body.set([checksum >>> 8, checksum & 0xff], 2);
  return encodeIpv6({ protocol: 58, source, destination: to, payload: body });
};

describe('ICMP errors (section 8)', () => {
  const afterSwitch = (): { readonly pair: Shim6Pair; readonly payload: Sent } => {
    const pair = established(2);
    pair.works = (_, from, to) => from + to > 0;
    for (const name of NAMES) pair.talk(name, 1000, 1000, 60_000);
    pair.run(60_000);
    const payload = pair.sent.findLast(({ by, kind }) => by === 'A' && kind === 'PayloadExtension')!;
    return { pair, payload };
  };

  test('unrecognized next header for the I1: the peer does not speak shim6, for ICMP_HOLDDOWN_TIME (section 7.8)', () => {
    const pair = pairOf(2);
    pair.works = () => false;
    pair.establish('A');
    const [i1] = pair.sent;
    pair.inject('A', icmpError(pair.addresses.A[0]!, 4, 1, 6, i1!.octets));
    expect(pair.view('A')?.state).toBe('NO-SUPPORT');
    expect(pair.hosts.A.notices.at(-1)).toMatchObject({ type: 'closed', reason: 'noSupport' });
    for (let time = 0; time < 700_000; time += 10_000) pair.at(time, () => pair.establish('A'));
    pair.run(700_000);
    expect(pair.sent[1]!.at).toBeGreaterThanOrEqual(600_000);
    expect(pair.sent[1]!.at).toBeLessThanOrEqual(610_000);
  });

  test.each([
    ['another nonce', (octets: Uint8Array) => octets.with(55, octets[55]! ^ 1), 4, 1, 6],
    ['another tag', (octets: Uint8Array) => octets.with(51, octets[51]! ^ 1), 4, 1, 6],
    ['another error', (octets: Uint8Array) => octets, 1, 3, 0],
    ['a field that is none of shim6', (octets: Uint8Array) => octets, 4, 0, 7],
  ] as const)('with %s it changes nothing', (_, change, type, code, word) => {
    const pair = pairOf(2);
    pair.establish('A');
    pair.inject('A', icmpError(pair.addresses.A[0]!, type, code, word, change(pair.sent[0]!.octets)));
    expect(pair.view('A')?.state).toBe('I1-SENT');
  });

  test('Packet Too Big for what left with locators comes to the upper layer as one for what it sent, 8 octets smaller', () => {
    const { pair, payload } = afterSwitch();
    const before = pair.hosts.A.received;
    pair.inject('A', icmpError(payload.packet.source, 2, 0, 1400, payload.octets));
    expect(pair.hosts.A.received).toBe(before + 1);
    const delivered = pair.hosts.A.delivered.at(-1)!;
    expect(icmpv6Checksum(delivered.source, delivered.destination, delivered.payload)).toBe(
      (delivered.payload[2]! << 8) | delivered.payload[3]!,
    );
    const icmp = decodeIcmpv6(delivered.payload);
    if (!icmp.ok) throw new Error(icmp.error.message);
    expect(u32(icmp.value.body, 0)).toBe(1392);
    const sent = decodeIpv6(icmp.value.body.subarray(4));
    if (!sent.ok) throw new Error(sent.error.message);
    const [localUlid, peerUlid] = pair.ulids('A');
    expect(sent.value).toMatchObject({ source: localUlid, destination: peerUlid, protocol: 59, payloadLength: 8 });
  });

  test.each([
    ['no route', 1, 0, 0, true],
    ['port unreachable', 1, 4, 0, false],
    ['a code that came after RFC 5533', 1, 7, 0, false],
    ['time exceeded', 3, 0, 0, true],
    ['a parameter of shim6', 4, 0, 40, true],
    ['an unrecognized next header that is shim6', 4, 1, 6, true],
    ['a parameter behind shim6', 4, 2, 39, false],
  ] as const)('%s is acted on or given to the upper layer, not both', (_, type, code, word, acts) => {
    const { pair, payload } = afterSwitch();
    const before = pair.hosts.A.received;
    const at = pair.sent.length;
    pair.inject('A', icmpError(payload.packet.source, type, code, word, payload.octets));
    expect(pair.view('A')?.reachability).toBe(acts ? 'Exploring' : 'Operational');
    expect(since(pair, at)).toEqual(acts ? ['A Probe'] : []);
    expect(pair.hosts.A.received).toBe(before + (acts ? 0 : 1));
  });

  test('there is an option to deliver what is acted on, too; and with one pair only, nothing can be done', () => {
    const both = established(2, { settings: { deliverAllIcmp: true } });
    both.payload('A');
    both.inject('A', icmpError(both.addresses.A[0]!, 1, 0, 0, both.sent.at(-1)!.octets));
    expect([both.view('A')?.reachability, both.hosts.A.received]).toEqual(['Exploring', 1]);
    const single = established(1);
    single.payload('A');
    single.inject('A', icmpError(single.addresses.A[0]!, 1, 0, 0, single.sent.at(-1)!.octets));
    expect([single.view('A')?.reachability, single.hosts.A.received]).toEqual(['Operational', 1]);
  });

  test('what is about nothing of shim6 is delivered as it came', () => {
    const pair = pairOf(2);
    pair.payload('A');
    const error = icmpError(pair.addresses.A[0]!, 1, 0, 0, pair.sent[0]!.octets);
    pair.inject('A', error);
    expect(encodeIpv6(pair.hosts.A.delivered[0]!)).toEqual(error);
  });
});

describe('control messages that are not in order (sections 5.15 and 12.3)', () => {
  const i1 = (options: readonly Shim6Option[] = [], more: object = {}): Shim6Message => ({
    kind: 'I1',
    initiatorContextTag: 1,
    initiatorNonce: 2,
    options,
    ...more,
  });
  const answers = (message: Shim6Message, source = 0): readonly Sent[] => {
    const pair = pairOf(2);
    pair.inject('A', packetTo(pair.addresses.B[source]!, pair.addresses.A[0]!, message));
    return pair.sent;
  };
  const errorIn = ([answer]: readonly Sent[]): ErrorMessage => {
    if (answer?.message?.kind !== 'Error') throw new Error('no Error');
    return answer.message;
  };
  /** What the pointer points to. */
  const pointed = ({ packetInError, pointer }: ErrorMessage, length: number): Uint8Array => packetInError.slice(pointer, pointer + length);

  test('an unknown type is met by an Error of code 0 that points to it', () => {
    const error = errorIn(answers({ kind: 'Unknown', type: 99, contents: new Uint8Array(10) }));
    expect([error.errorCode, pointed(error, 1)]).toEqual([0, Uint8Array.of(99)]);
  });

  test('a critical option that is unknown, or that the message has no place for, by one of code 1 that points to its type', () => {
    const padding: Shim6Option = { kind: 'ForkedInstanceIdentifier', forkedInstanceIdentifier: 3 };
    const unknown = errorIn(answers(i1([padding, { kind: 'Unknown', type: 300, contents: new Uint8Array(4), critical: true }])));
    expect([unknown.errorCode, pointed(unknown, 2)]).toEqual([1, Uint8Array.of(2, 0x59)]);
    const misplaced = errorIn(answers(i1([{ kind: 'CgaSignature', signature: new Uint8Array(4), critical: true }])));
    expect([misplaced.errorCode, pointed(misplaced, 2)]).toEqual([1, Uint8Array.of(0, 11)]);
  });

  test('one that is not critical is passed over', () => {
    expect(answers(i1([{ kind: 'Unknown', type: 300, contents: new Uint8Array(4) }])).map(({ kind }) => kind)).toEqual(['R1']);
  });

  test('a wrong checksum, a malformed option, a multicast source, a length beyond the packet: silence', () => {
    expect(answers(i1([], { checksum: 1 }))).toEqual([]);
    const malformed = {
      kind: 'Malformed',
      type: 6,
      contents: new Uint8Array(4),
      error: { code: '', offset: 0, message: '', section: '' },
    } as const;
    expect(answers(i1([malformed]))).toEqual([]);
    const pair = pairOf(2);
    for (const source of [parseAddress('ff02::1')!, parseAddress('::')!]) pair.inject('A', packetTo(source, pair.addresses.A[0]!, i1()));
    pair.inject('A', packetTo(pair.addresses.B[0]!, pair.addresses.A[0]!, i1()).subarray(0, 48));
    // Nor is this host's ULID among those that it is asked for.
    const elsewhere = { kind: 'UlidPair', senderUlid: pair.addresses.B[0]!, receiverUlid: parseAddress('2001:db8::9')! } as const;
    pair.inject('A', packetTo(pair.addresses.B[0]!, pair.addresses.A[0]!, i1([elsewhere])));
    expect(pair.capture.packets).toHaveLength(0);
  });

  test('no more than 10 Errors a second go out, and none answers an Error', () => {
    const pair = pairOf(2);
    for (let n = 0; n < 100; n += 1)
      pair.inject('A', packetTo(pair.addresses.B[0]!, pair.addresses.A[0]!, { kind: 'Unknown', type: 99, contents: new Uint8Array(10) }));
    expect(pair.sent).toHaveLength(10);
    pair.run(5000);
    expect(pair.sent).toHaveLength(10);
  });

  test('an Error about what a context sent is reported; another is not (section 12.4)', () => {
    const pair = established(2);
    pair.setLocators('A', set('A', 1, 7));
    const request = pair.sent.at(-1)!;
    const error = (packetInError: Uint8Array): Shim6Message => ({ kind: 'Error', errorCode: 2, pointer: 65, packetInError });
    pair.inject('A', packetTo(pair.addresses.B[0]!, pair.addresses.A[0]!, error(request.octets)));
    expect(pair.hosts.A.notices.at(-1)).toMatchObject({ type: 'errorReported', errorCode: 2, pointer: 65 });
    const { length } = pair.hosts.A.notices;
    pair.inject('A', packetTo(pair.addresses.B[0]!, pair.addresses.A[0]!, error(request.octets.with(51, request.octets[51]! ^ 1))));
    expect(pair.hosts.A.notices).toHaveLength(length);
  });
});

describe('limits', () => {
  test('a host that is full begins and takes no context; one more is possible when one goes', () => {
    const pair = pairOf(2, { settings: { capacity: 1 } });
    pair.establish('A');
    pair.run(500);
    pair.establish('A', 1, 1);
    pair.establish('B', 1, 1);
    pair.run(1000);
    expect(NAMES.map((name) => pair.hosts[name].shim6.size)).toEqual([1, 1]);
    for (const name of NAMES) pair.tearDown(name);
    pair.establish('A', 1, 1);
    pair.run(2000);
    expect(pair.view('A', 1, 1)?.state).toBe('ESTABLISHED');
  });

  test('no message is longer than 1280 octets: a set that does not fit is refused (section 5.1)', async () => {
    const [first] = await hbaLocators('A', 1);
    const many = (count: number): LocalLocators => ({ generation: 1, locators: Array.from({ length: count }, () => first!) });
    const host = (local: LocalLocators): Shim6Host => new Shim6Host({ local, random: octetsFrom(1) });
    let most = 1;
    for (; most < 255; most += 1) {
      try {
        host(many(most + 1));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        break;
      }
    }
    expect(most).toBeGreaterThan(50);
    const full = host(many(most));
    const [sent] = full.establish(first!.locator, hba.B[0]!.locator, 0, 1);
    expect(sent?.type).toBe('send');
    expect(() => full.setLocators(many(most + 1), 0)).toThrow(/1280/);
  });

  test('a list longer than the limit does not verify', () => {
    const pair = pairOf(4, { settings: { maxLocators: 3 } });
    pair.establish('A');
    pair.run(500);
    expect([pair.view('A')?.state, pair.hosts.B.shim6.size]).toEqual(['I2-SENT', 0]);
  });
});

describe('the packet of the upper layer (sections 4.6, 11.1 and 12.2)', () => {
  test('is what it was once the other end has it, whatever headers it has, and none of its octets is computed anew', () => {
    fc.assert(
      fc.property(
        anyIpv6,
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat(2 ** 31),
        (packet, source, destination, tag) => {
          const sent = encodeIpv6(withLocators(packet, { source, destination }, tag, PROTOCOL_SHIM6));
          expect(sent.length).toBe(encodeIpv6(packet).length + 8);
          const read = decodeIpv6(sent);
          if (!read.ok) throw new Error(read.error.message);
          expect([read.value.protocol, read.value.source, read.value.destination]).toEqual([PROTOCOL_SHIM6, source, destination]);
          // Only headers of the routing sublayer come before shim6's.
          expect(read.value.headers.some(({ kind }) => kind === 'FRAGMENT' || kind === 'AUTHENTICATION')).toBe(false);
          expect(read.value.headers.at(-1)?.kind).not.toBe('DESTINATION_OPTIONS');
          expect(encodeIpv6(withUlids(read.value, packet))).toEqual(encodeIpv6(packet));
        },
      ),
    );
  });
});

test('shim6 stands after what is for routers, and before what is for the other end (section 4.6)', () => {
  const options = { kind: 'DESTINATION_OPTIONS', options: [] } as const;
  const routing = { kind: 'ROUTING', type: 2, segmentsLeft: 1, data: new Uint8Array(20) } as const;
  const hopByHop = { kind: 'HOP_BY_HOP', options: [] } as const;
  const fragment = { kind: 'FRAGMENT', reserved: 0, offset: 0, reserved2: 0, more: false, identification: 1 } as const;
  const ulids = { source: ip('2001:db8::1'), destination: ip('2001:db8::2') };
  const before = (headers: Ipv6Fields['headers']): readonly string[] =>
    (
      withLocators({ ...ulids, headers: headers ?? [], protocol: 17, payload: new Uint8Array(8) }, ulids, 1, PROTOCOL_SHIM6).headers ?? []
    ).map(({ kind }) => kind);
  expect(before([hopByHop, options, routing, options, fragment])).toEqual(['HOP_BY_HOP', 'DESTINATION_OPTIONS', 'ROUTING']);
  expect(before([hopByHop, options, fragment])).toEqual(['HOP_BY_HOP']);
  expect(before([options])).toEqual([]);
});

describe('when a context is wanted', () => {
  const peer = ip('2001:db8:b::5');
  const flow = (changes: object = {}) => ({
    localUlid: parseAddress('2001:db8:a::5')!,
    peerUlid: peer,
    protocol: 6,
    localPort: 40_000,
    peerPort: 443,
    began: 0,
    octets: 100,
    ...changes,
  });
  const rules: readonly PortRule[] = [
    { port: 22, context: 'always' },
    { port: 53, protocol: 17, context: 'never' },
  ];
  const policy: DeferralPolicy = { ...defaultDeferral, ports: rules };

  test.each([
    ['a short flow', {}, 1000, 'wait'],
    ['2 KB', { octets: 2048 }, 1000, 'establish'],
    ['60 s', {}, 60_000, 'establish'],
    ['a port that always gets one, on the far end', { peerPort: 22 }, 0, 'establish'],
    ['a port that always gets one, on this end', { localPort: 22 }, 0, 'establish'],
    ['a port that never gets one', { protocol: 17, peerPort: 53, octets: 9999 }, 99_000, 'never'],
    ['the same port of another protocol', { peerPort: 53, octets: 9999 }, 0, 'establish'],
    ['a peer with an EUI-64 identifier', { peerUlid: ip('2001:db8:b::211:22ff:fe33:4455'), octets: 9999 }, 99_000, 'never'],
    ['but a rule comes first', { peerUlid: ip('2001:db8:b::211:22ff:fe33:4455'), peerPort: 22 }, 0, 'establish'],
  ] as const)('%s', (_, changes, now, expected) => {
    expect(decideFlow(policy, flow(changes), now)).toBe(expected);
  });

  test('an EUI-64 identifier has ff:fe in its middle, and may be asked all the same', () => {
    expect([isEui64(ip('fe80::211:22ff:fe33:4455')), isEui64(ip('fe80::ff:fe00:0:1'))]).toEqual([true, false]);
    expect(decideFlow({ ...policy, askEui64: true }, flow({ peerUlid: ip('fe80::211:22ff:fe33:4455'), octets: 9999 }), 0)).toBe(
      'establish',
    );
  });

  test('flows are told apart by their ports, both directions of one are one, and no more are counted than may be', () => {
    const [localUlid, peerUlid] = [flow().localUlid, peer];
    const packet = (out: boolean, port: number): Ipv6Fields => ({
      protocol: 17,
      source: out ? localUlid : peerUlid,
      destination: out ? peerUlid : localUlid,
      payload: Uint8Array.of(...(out ? [port >> 8, port & 255, 1, 187] : [1, 187, port >> 8, port & 255]), ...new Uint8Array(956)),
    });
    const flows = new Flows(policy, 3);
    expect([flows.count(packet(true, 1000), 'out', 0), flows.count(packet(true, 1001), 'out', 0)]).toEqual(['wait', 'wait']);
    expect(flows.count(packet(false, 1000), 'in', 0)).toBe('wait');
    expect([flows.count(packet(true, 1000), 'out', 0), flows.size]).toEqual(['establish', 1]);
    for (let port = 0; port < 100; port += 1) flows.count(packet(true, port), 'out', 0);
    expect(flows.size).toBe(3);
  });

  test('two hosts that talk get a context by themselves after a minute', () => {
    const pair = pairOf(2);
    const host = new Shim6LabHost({ local: set('A', 2), random: octetsFrom(5), verifySignature }, defaultDeferral);
    const sent: Uint8Array[] = [];
    for (let now = 0; now <= 60_000; now += 20_000) sent.push(...host.payload(...pair.ulids('A'), now));
    expect(sent).toHaveLength(5);
    expect(host.shim6.context(...pair.ulids('A'))?.state).toBe('I1-SENT');
  });
});

test('a host that was just made waits for nothing', () => {
  const host = new Shim6Host({ local: set('A', 2), random: octetsFrom(1) });
  expect([host.nextTimer, host.size, host.tick(1e9)]).toEqual([undefined, 0, []]);
});
