/** The contexts of shim6 hosts: updates, locators by CGA, I2s and R1bis that are not what they say, forked contexts, tags that come again. RFC 5533 sections 7 and 10. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { equalBytes, u32 } from '../../codecs/bytes.ts';
import { VERIFICATION_METHOD } from '../../codecs/cga/index.ts';
import { parseAddress, type Ipv6Fields } from '../../codecs/packet/index.ts';
import { BROKEN, decodeShim6, encodeShim6, PROTOCOL_SHIM6, type Shim6Message, type Shim6Option } from '../../codecs/shim6/index.ts';
import { locatorOptions, type LocalLocator, type LocalLocators } from '../../state-machines/shim6/index.ts';
import { Network, Shim6LabHost } from '../../conformance/lab/index.ts';
import {
  announce,
  cgaLocators,
  hbaLocators,
  NAMES,
  octetsFrom,
  packetTo,
  Shim6Pair,
  shortLocators,
  verifySignature,
} from './shim6-network.ts';
import type { Name, PairOptions, Sent } from './shim6-network.ts';

const hba = {} as Record<Name, readonly LocalLocator[]>;
const cga = {} as Record<Name, readonly LocalLocator[]>;
beforeAll(async () => {
  for (const name of NAMES) {
    hba[name] = await hbaLocators(name, 4);
    cga[name] = await cgaLocators(name, 4);
  }
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

describe('updates (section 10)', () => {
  test('a new list is told, acknowledged, and in use; retransmitted with one nonce until it is (sections 10.1 and 10.2)', () => {
    const pair = established(3);
    pair.works = (by) => by === 'B' || pair.now > 300_000;
    pair.setLocators('A', set('A', 2, 50));
    pair.talk('B', 10_000, 1000, 500_000);
    pair.run(300_000);
    const requests = pair.sent.filter(({ kind }) => kind === 'UpdateRequest');
    expect(new Set(requests.map(({ message }) => message?.kind === 'UpdateRequest' && message.requestNonce)).size).toBe(1);
    requests.slice(1).forEach(({ at }, i) => {
      const nominal = Math.min(4000 * 2 ** i, 120_000);
      expect(at - requests[i]!.at).toBeGreaterThanOrEqual(0.5 * nominal);
      expect(at - requests[i]!.at).toBeLessThanOrEqual(1.5 * nominal);
    });
    pair.run(500_000);
    expect(pair.view('B')?.peerLocators).toEqual(pair.hosts.A.shim6.locators);
    expect(pair.view('A')?.toldLocators).toEqual(pair.hosts.A.shim6.locators);
  });

  test('what changes while an update is outstanding follows it, so that there is one at a time (section 10.3)', () => {
    const pair = established(4);
    const at = pair.sent.length;
    pair.setLocators('A', set('A', 3, 50));
    pair.setLocators('A', set('A', 2, 51));
    pair.setLocators('A', set('A', 4, 52));
    // The same addresses as in the set before all this, which is what the peer knows; it will be told of two others before this one.
    expect(pair.view('A')).toMatchObject({ toldLocators: pair.hosts.A.shim6.locators, isTold: false });
    pair.run(5000);
    expect(pair.view('A')?.isTold).toBe(true);
    expect(since(pair, at)).toEqual(['A UpdateRequest', 'B UpdateAck', 'A UpdateRequest', 'B UpdateAck']);
    expect(pair.view('B')?.peerLocators).toEqual(pair.hosts.A.shim6.locators);
    expect(pair.view('A')?.toldLocators).toHaveLength(4);
  });

  test('a locator that is BROKEN is left for one that works; preferences go without the list (sections 5.15.3 and 10.4)', () => {
    const pair = established(2);
    const { locators } = set('B', 2);
    const at = pair.sent.length;
    pair.setLocators('B', {
      generation: 1,
      locators: [{ ...locators[0]!, preference: { flags: BROKEN, priority: 1, weight: 1 } }, locators[1]!],
    });
    for (const name of NAMES) pair.talk(name, 1000, 1000, 10_000);
    pair.run(10_000);
    const { message } = pair.sent[at]!;
    if (message?.kind !== 'UpdateRequest') throw new Error('no Update Request');
    expect(message.options?.map(({ kind }) => kind)).toEqual(['LocatorPreferences']);
    expect(pair.view('A')?.path.destination).toEqual(pair.addresses.B[1]);
  });

  test.each([
    ['about another list', 9, 2, 3],
    ['of another number', 1, 3, 4],
  ] as const)('preferences %s are met by an Error, and nothing is taken', (_, generation, elements, code) => {
    const pair = established(2);
    const option = {
      kind: 'LocatorPreferences',
      locatorListGeneration: generation,
      elementLength: 1,
      elements: Array.from({ length: elements }, () => ({ flags: BROKEN })),
    } as const;
    const tag = pair.view('A')!.localTag!;
    pair.inject(
      'A',
      packetTo(pair.addresses.B[0]!, pair.addresses.A[0]!, {
        kind: 'UpdateRequest',
        receiverContextTag: tag,
        requestNonce: 5,
        options: [option],
      }),
    );
    const { message } = pair.sent.at(-1)!;
    if (message?.kind !== 'Error') throw new Error('no Error');
    expect(message.errorCode).toBe(code);
    const pointed = message.packetInError.subarray(message.pointer);
    expect(code === 3 ? u32(pointed, 0) : (pointed[0]! << 8) | pointed[1]!).toBe(code === 3 ? generation : 5 + elements);
    expect(pair.view('A')?.path.destination).toEqual(pair.addresses.B[0]);
  });

  test('from an address that the peer has not been told of: R1bis, I2bis, R2, and it goes on there (sections 10.4 and 7.18)', () => {
    const pair = new Shim6Pair({ A: set('A', 4), B: set('B', 1), seed: 2 });
    pair.hosts.A.crash({ local: set('A', 1), random: octetsFrom(3), verifySignature });
    pair.establish('A');
    pair.run(1000);
    const at = pair.sent.length;
    // The only locator that the peer knows is gone.
    pair.setLocators('A', { generation: 40, locators: [hba.A[2]!] });
    for (const name of NAMES) pair.talk(name, 1000, 1000, 30_000);
    pair.run(30_000);
    const kinds = since(pair, at).filter((kind) => !/ayload|Probe/.test(kind));
    expect([...new Set(kinds)].slice(0, 4)).toEqual(['A UpdateRequest', 'B R1bis', 'A I2bis', 'B R2']);
    expect(pair.view('B')?.path.destination).toEqual(hba.A[2]!.locator);
    expect([pair.view('A')?.state, pair.view('B')?.reachability]).toEqual(['ESTABLISHED', 'Operational']);
    const { received } = pair.hosts.A;
    expect(received).toBeGreaterThan(20);
  });

  test('one that comes late, or twice, is acknowledged and takes nothing back', () => {
    const pair = established(4);
    for (const [count, generation] of [
      [3, 50],
      [2, 51],
    ] as const) {
      pair.setLocators('A', set('A', count, generation));
      pair.run(pair.now + 1000);
    }
    const [first] = pair.sent.filter(({ kind }) => kind === 'UpdateRequest');
    pair.inject('B', first!.octets);
    expect(pair.sent.at(-1)).toMatchObject({ by: 'B', kind: 'UpdateAck' });
    expect(pair.view('B')?.peerLocators).toHaveLength(2);
  });

  test('and so are preferences that come late', () => {
    const pair = established(2);
    const [first, second] = hba.B.slice(0, 2) as [LocalLocator, LocalLocator];
    const say = (flags: number, generation: number): void => {
      pair.setLocators('B', { generation, locators: [{ ...first, preference: { flags, priority: 1, weight: 1 } }, second] });
      pair.run(pair.now + 1000);
    };
    say(0, 1);
    say(BROKEN, 1);
    const broken = pair.sent.findLast(({ kind }) => kind === 'UpdateRequest')!;
    say(0, 1);
    const quiet = (): void => {
      const at = pair.sent.length;
      pair.inject('A', broken.octets);
      expect(since(pair, at)).toEqual(['A UpdateAck']);
      expect(pair.view('A')?.reachability).toBe('Operational');
    };
    pair.run(60_000);
    // Back where it is said to be broken.
    pair.suspect('A');
    pair.run(70_000);
    quiet();
    // About a list that is no more.
    say(0, 9);
    quiet();
  });

  test('an I2 that is older than an update is answered and takes nothing back (section 7.13)', () => {
    const pair = established(3);
    const i2 = pair.sent.find(({ kind }) => kind === 'I2')!;
    pair.setLocators('A', set('A', 2, 50));
    pair.run(5000);
    pair.inject('B', i2.octets);
    expect(pair.sent.at(-1)).toMatchObject({ by: 'B', kind: 'R2' });
    expect(pair.view('B')?.peerLocators).toHaveLength(2);
  });

  test('a locator is no source before the peer has acknowledged it (section 7.2)', () => {
    const pair = new Shim6Pair({ A: set('A', 3), B: set('B', 2), seed: 2 });
    pair.hosts.A.crash({ local: set('A', 1), random: octetsFrom(3), verifySignature });
    pair.establish('A');
    pair.run(1000);
    pair.works = (by) => by === 'A' || pair.now > 60_000;
    pair.talk('A', 1000, 1000, 90_000);
    pair.setLocators('A', set('A', 3, 50));
    pair.run(60_000);
    const sources = (list: readonly Sent[]): ReadonlySet<number> => new Set(list.filter(({ by }) => by === 'A').map(({ from }) => from));
    expect(pair.sent.filter(({ kind }) => kind === 'Probe').length).toBeGreaterThan(4);
    expect(sources(pair.sent)).toEqual(new Set([0]));
    pair.run(130_000);
    expect(pair.view('A')?.toldLocators).toHaveLength(3);
    pair.works = (by, from) => by === 'B' || from > 0;
    pair.talk('A', 1000, pair.now, pair.now + 60_000);
    pair.run(pair.now + 60_000);
    expect(pair.pairOf('A')[0]).toBeGreaterThan(0);
  });

  test('a locator that is gone is a destination no more', () => {
    const pair = established(2);
    pair.works = (_, from, to) => from + to > 0;
    for (const name of NAMES) pair.talk(name, 1000, 1000, 120_000);
    pair.run(60_000);
    const gone = pair.view('A')!.path.destination;
    const left = hba.B.slice(0, 2).filter(({ locator }) => !equalBytes(locator, gone));
    pair.works = () => true;
    const before = pair.sent.length;
    pair.setLocators('B', { generation: 60, locators: left });
    pair.run(61_000);
    // What takes its place is explored (section 10.4).
    expect(since(pair, before)).toContain('A Probe');
    const at = pair.sent.length;
    pair.run(120_000);
    expect(pair.sent.slice(at).filter(({ by, packet }) => by === 'A' && equalBytes(packet.destination, gone))).toEqual([]);
    expect(pair.view('A')?.reachability).toBe('Operational');
  });
});

describe('locators by CGA (sections 5.15.5, 7.2 and 16)', () => {
  const told = async (change: (local: LocalLocators) => LocalLocators): Promise<LocalLocators> =>
    change(await announce('A', 2, cga.A.slice(0, 2)));

  test.each([
    ['as they are', (local: LocalLocators) => local, 'ESTABLISHED'],
    ['with a signature of another generation', (local: LocalLocators) => ({ ...local, generation: 3 }), 'I2-SENT'],
    ['with one that is not signed', (local: LocalLocators) => ({ ...local, locators: [...local.locators, cga.A[3]!] }), 'I2-SENT'],
    ['without a signature', ({ generation, locators }: LocalLocators) => ({ generation, locators }), 'I2-SENT'],
    [
      'that say HBA without a prefix set',
      (local: LocalLocators) => ({
        ...local,
        locators: local.locators.map((each) => ({ ...each, verificationMethod: VERIFICATION_METHOD.hba })),
      }),
      'I2-SENT',
    ],
    [
      'of a method that nobody knows',
      (local: LocalLocators) => ({ ...local, locators: local.locators.map((each) => ({ ...each, verificationMethod: 77 })) }),
      'I2-SENT',
    ],
  ] as const)('%s: %#', async (_, change, state) => {
    const pair = new Shim6Pair({ A: await told(change), B: await announce('B', 2, cga.B.slice(0, 2)), seed: 1 });
    pair.establish('A');
    pair.run(1000);
    expect(pair.view('A')?.state).toBe(state);
    expect(pair.sent.some(({ message }) => message?.kind === 'Error' && message.errorCode === 2)).toBe(state !== 'ESTABLISHED');
    expect(pair.hosts.B.shim6.size).toBe(state === 'ESTABLISHED' ? 1 : 0);
  });

  test('under an RSA key that is too short: an Error (section 16)', async () => {
    const local = await shortLocators();
    const pair = new Shim6Pair({ A: local, B: set('B', 2), seed: 1 });
    pair.establish('A');
    pair.run(1000);
    expect([pair.view('A')?.state, pair.sent.some(({ kind }) => kind === 'Error')]).toEqual(['I2-SENT', true]);
  });

  test('CGA Parameters of another address: silence (section 7.13)', async () => {
    const local = await told((each) => ({
      ...each,
      locators: each.locators.map((one) => ({ ...one, parameters: cga.B[0]!.parameters! })),
    }));
    const pair = new Shim6Pair({ A: local, B: await announce('B', 2, cga.B.slice(0, 2)), seed: 1 });
    pair.establish('A');
    pair.run(300);
    expect(pair.story).toEqual(['A I1', 'B R1', 'A I2']);
  });
});

describe('an I2 (section 7.13) and an R1bis (section 7.18)', () => {
  /** What a stranger gets from B who goes through I1 and R1, and then says this in the I2: its source, and its options beside the validator. */
  const claim = (source: Uint8Array, asked: readonly Shim6Option[], said: readonly Shim6Option[]): Shim6Pair => {
    const pair = pairOf(3);
    const { shim6 } = pair.hosts.B;
    const own = pair.addresses.B[0]!;
    const packet = (message: Shim6Message): Ipv6Fields => ({
      protocol: PROTOCOL_SHIM6,
      source,
      destination: own,
      payload: encodeShim6(message),
    });
    const [answer] = shim6.receive(packet({ kind: 'I1', initiatorContextTag: 5, initiatorNonce: 6, options: asked }), 0);
    const r1 = answer?.type === 'send' ? decodeShim6(answer.packet.payload) : undefined;
    if (r1?.ok !== true || r1.value.kind !== 'R1') throw new Error('no R1');
    const { responderNonce, options = [] } = r1.value;
    shim6.receive(packet({ kind: 'I2', initiatorContextTag: 5, initiatorNonce: 6, responderNonce, options: [...options, ...said] }), 1);
    return pair;
  };
  const ulids = (sender: Uint8Array): Shim6Option => ({ kind: 'UlidPair', senderUlid: sender, receiverUlid: hba.B[0]!.locator });

  test('is good from an address of its list alone', () => {
    const [a1, , , a4] = hba.A.map(({ locator }) => locator) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const list = locatorOptions(set('A', 3), a1);
    const whole = locatorOptions(set('A', 4), a1);
    expect(claim(a4, [ulids(a1)], [ulids(a1), ...list]).hosts.B.shim6.size).toBe(0);
    expect(claim(a4, [ulids(a1)], [ulids(a1), ...whole]).hosts.B.shim6.size).toBe(1);
    expect(claim(a1, [], list).hosts.B.shim6.size).toBe(1);
  });

  test('is good for the ULIDs and the instance of its I1 alone', () => {
    const [a1, a2] = hba.A.map(({ locator }) => locator) as [Uint8Array, Uint8Array];
    const list = locatorOptions(set('A', 3), a2);
    expect(claim(a1, [], [ulids(a2), ...list]).hosts.B.shim6.size).toBe(0);
    expect(claim(a1, [ulids(a2)], [ulids(a2), ...list]).hosts.B.shim6.size).toBe(1);
    const fork: Shim6Option = { kind: 'ForkedInstanceIdentifier', forkedInstanceIdentifier: 3 };
    expect(claim(a1, [], [fork, ...list]).hosts.B.shim6.size).toBe(0);
    expect(claim(a1, [fork], [fork, ...locatorOptions(set('A', 3), a1)]).hosts.B.shim6.size).toBe(1);
  });

  test.each([
    ['from an address that is none of the peer', () => [ip('2001:db8:77::1'), hba.A[0]!.locator]],
    ['to one that is none of this end', () => [hba.B[0]!.locator, ip('2001:db8:77::1')]],
  ] as const)('an R1bis %s is passed over', (_, addresses) => {
    const pair = established(2);
    const [source, destination] = addresses() as [Uint8Array, Uint8Array];
    const options = [{ kind: 'ResponderValidator', validator: new Uint8Array(20) }] as const;
    const message = { kind: 'R1bis', packetContextTag: pair.view('A')!.peerTag!, responderNonce: 1, options } as const;
    pair.inject('A', packetTo(source, destination, message));
    expect(pair.view('A')?.state).toBe('ESTABLISHED');
    pair.inject('A', packetTo(pair.addresses.B[1]!, pair.addresses.A[1]!, message));
    expect(pair.view('A')?.state).toBe('I2BIS-SENT');
  });
});

test('the Send Timeout of one end is the Keepalive Timeout of the other (RFC 5534 sections 4.1 and 5.3)', () => {
  const pair = pairOf(2, { settings: { sendTimeout: 6000 } });
  pair.establish('A');
  pair.talk('A', 500, 1000, 31_000);
  pair.run(31_000);
  const keepalives = pair.sent.filter(({ kind }) => kind === 'Keepalive');
  expect(new Set(keepalives.map(({ by }) => by))).toEqual(new Set(['B']));
  // A third of 6 s.
  expect(keepalives.length).toBeGreaterThanOrEqual(14);
  expect(keepalives[1]!.at - keepalives[0]!.at).toBe(2000);
  pair.works = (by) => by === 'A';
  pair.talk('A', 500, 31_500, 60_000);
  pair.run(60_000);
  const probe = pair.sent.find(({ by, kind }) => by === 'A' && kind === 'Probe')!;
  expect(probe.at).toBeLessThanOrEqual(31_000 + 6000 + 2500);
});

test('a tag that a third host was given meanwhile: the Probe that nothing comes of ends it (appendix C.3)', async () => {
  // B has two tags to give: the second context that it makes after a crash has that of A's with a chance of one half.
  const sites = { a: hba.A.slice(0, 2), b: hba.B.slice(0, 2), c: hba.A.slice(2, 4) } as const;
  let reused = 0;
  for (let seed = 1; seed <= 12; seed += 1) {
    const lab = new Network(seed);
    const host = (locators: readonly LocalLocator[], n: number, tagBits: number): Shim6LabHost =>
      new Shim6LabHost({ local: { generation: 1, locators }, random: octetsFrom(seed * 5 + n), verifySignature, tagBits });
    const hosts = { a: host(sites.a, 1, 47), b: host(sites.b, 2, 2), c: host(sites.c, 3, 47) };
    for (const name of ['a', 'b', 'c'] as const) {
      const own = sites[name].map(({ locator }) => locator);
      lab.attach(name, hosts[name], own);
      for (const to of [...sites.a, ...sites.b, ...sites.c])
        for (const from of own) {
          // Of A only the second pair works, so that its payload carries the tag.
          const isCut = (): boolean =>
            lab.now > 2000 && [from, to.locator].every((each) => [sites.a[0], sites.b[0]].some((one) => one?.locator === each));
          lab.lay(from, to.locator, { delay: 10, middleboxes: [(packet) => (isCut() ? [] : [packet])] });
        }
    }
    const [a1, b1, c1] = [sites.a[0]!.locator, sites.b[0]!.locator, sites.c[0]!.locator];
    const begin = (name: 'a' | 'c', ulid: Uint8Array): void =>
      lab.send(name, ...hosts[name].packets(hosts[name].shim6.establish(ulid, b1, lab.now), lab.now));
    begin('a', a1);
    for (let time = 1000; time < 200_000; time += 1000) {
      lab.at(time, () => lab.send('a', ...hosts.a.payload(a1, b1, time)));
      if (time > 120_000 || time < 50_000) lab.at(time + 300, () => lab.send('b', ...hosts.b.payload(b1, a1, time + 300)));
    }
    lab.at(50_500, () => {
      hosts.b.crash({ local: { generation: 1, locators: sites.b }, random: octetsFrom(seed * 5 + 4), verifySignature, tagBits: 2 });
      begin('c', c1);
    });
    lab.run(50_700);
    const tags = [hosts.a.shim6.context(a1, b1)?.peerTag, hosts.c.shim6.context(c1, b1)?.peerTag];
    if (tags[0] === tags[1]) reused += 1;
    lab.run(200_000);
    const [own, peer] = [hosts.a.shim6.context(a1, b1), hosts.b.shim6.context(b1, a1)];
    expect([own?.state, own?.peerTag, peer?.peerTag]).toEqual(['ESTABLISHED', peer?.localTag, own?.localTag]);
    expect(hosts.c.shim6.context(c1, b1)?.peerTag).not.toBe(own?.peerTag);
  }
  expect(reused).toBeGreaterThan(0);
});

describe('forked contexts (sections 7.7 and 5.15.7)', () => {
  test('have tags and paths of their own beside the default one', () => {
    const pair = established(2);
    pair.establish('A', 0, 0, 7);
    pair.run(2000);
    const [own, peer] = [pair.view('A', 0, 0, 7), pair.view('B', 0, 0, 7)];
    expect([own?.state, own?.peerTag]).toEqual(['ESTABLISHED', peer?.localTag]);
    expect(own?.localTag).not.toBe(pair.view('A')?.localTag);
    const forked = pair.sent.filter(({ message }) => message?.kind === 'I1' || message?.kind === 'I2').slice(2);
    for (const { message } of forked)
      expect(
        message?.kind !== 'PayloadExtension' &&
          message?.kind !== 'Error' &&
          message?.kind !== 'Unknown' &&
          message?.options?.some((each) => each.kind === 'ForkedInstanceIdentifier'),
      ).toBe(true);
    pair.payload('A', 0, 0, 7);
    pair.run(3000);
    expect(pair.hosts.B.received).toBe(1);
  });
});
