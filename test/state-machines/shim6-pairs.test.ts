/** Pairs of shim6 hosts over a network that loses, doubles, reorders, delays and cuts. RFC 5533, RFC 5534. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { equalBytes } from '../../codecs/bytes.ts';
import { defaultExploration } from '../../state-machines/reap/index.ts';
import type { LocalLocator, LocalLocators } from '../../state-machines/shim6/index.ts';
import { announce, cgaLocators, hbaLocators, NAMES, other, Shim6Pair } from './shim6-network.ts';
import type { Name, PairOptions } from './shim6-network.ts';

const hba = {} as Record<Name, readonly LocalLocator[]>;
const cga = {} as Record<Name, LocalLocators>;
beforeAll(async () => {
  for (const name of NAMES) {
    hba[name] = await hbaLocators(name, 4);
    cga[name] = await announce(name, 2, await cgaLocators(name, 2));
  }
});
const set = (name: Name, count: number, generation = 1): LocalLocators => ({ generation, locators: hba[name].slice(0, count) });
const pairOf = (count: number, options: Partial<PairOptions> = {}): Shim6Pair =>
  new Shim6Pair({ A: set('A', count), B: set('B', count), seed: 1, ...options });

const same = (pair: Shim6Pair): void => {
  for (const name of NAMES) {
    const [own, peer] = [pair.view(name), pair.view(other(name))];
    expect(own?.state).toBe('ESTABLISHED');
    expect(own?.peerTag).toBe(peer?.localTag);
    expect(own?.peerLocators).toEqual(peer?.toldLocators);
  }
};

describe('establishment', () => {
  test('takes I1, R1, I2, R2 (section 7.3)', () => {
    const pair = pairOf(3);
    pair.establish('A');
    pair.run(1000);
    expect(pair.story).toEqual(['A I1', 'B R1', 'A I2', 'B R2']);
    same(pair);
  });

  test('of two hosts with two CGA locators each and RSA-1024 keys takes 1,032 octets with the IPv6 headers', () => {
    const pair = new Shim6Pair({ ...cga, seed: 1 });
    pair.establish('A');
    pair.run(1000);
    expect(pair.story).toEqual(['A I1', 'B R1', 'A I2', 'B R2']);
    same(pair);
    expect(pair.sent.reduce((sum, { octets }) => sum + octets.length, 0)).toBe(1032);
  });
});

describe('establishment, otherwise', () => {
  test('crossing I1s are each answered with an R2 (section 7.4, figure 4)', () => {
    const pair = pairOf(2);
    pair.establish('A');
    pair.establish('B');
    pair.run(1000);
    expect(pair.story.toSorted()).toEqual(['A I1', 'A R2', 'B I1', 'B R2']);
    same(pair);
  });

  test('an I2 that crosses an I1 makes one context (section 7.4, figure 5)', () => {
    const pair = pairOf(2);
    pair.establish('A');
    pair.at(45, () => pair.establish('B'));
    pair.run(1000);
    expect(pair.story).toEqual(['A I1', 'B R1', 'A I2', 'B I1', 'B R2', 'A R2']);
    same(pair);
  });

  test('an I1 is sent again 4 times, then not for NO_R1_HOLDDOWN_TIME (section 7.8)', () => {
    const pair = pairOf(2);
    pair.works = () => false;
    pair.establish('A');
    for (let time = 0; time < 500_000; time += 1000) pair.at(time, () => pair.establish('A'));
    pair.run(1_000_000);
    const times = pair.sent.map(({ at }) => at);
    times.slice(1, 5).forEach((at, i) => {
      const nominal = 4000 * 2 ** i;
      expect(at - times[i]!).toBeGreaterThanOrEqual(0.5 * nominal);
      expect(at - times[i]!).toBeLessThanOrEqual(1.5 * nominal);
    });
    // The fifth waits for its answer, too; then nothing for a minute.
    expect(times[5]! - times[4]!).toBeGreaterThanOrEqual(0.5 * 64_000 + 60_000);
    expect(pair.hosts.A.notices[0]).toMatchObject({ type: 'closed', reason: 'noAnswer' });
  });

  test('where R1s come and R2s never do, the exchange ends, too (sections 7.8 and 7.12)', () => {
    const pair = pairOf(2);
    pair.works = (by) => by === 'A' || pair.sent.at(-1)?.kind === 'R1' || pair.sent.length < 2;
    // Only R1s pass from B to A.
    pair.works = (by) => by === 'A' || !pair.story.includes('A I2');
    pair.establish('A');
    pair.run(1_000_000);
    const kinds = pair.sent.filter(({ by }) => by === 'A').map(({ kind }) => kind);
    expect(kinds.slice(0, 5)).toEqual(['I1', 'I2', 'I2', 'I2', 'I1']);
    expect(kinds.filter((kind) => kind === 'I1')).toHaveLength(5);
    expect(pair.view('A')).toBeUndefined();
  });
});

describe('payload', () => {
  test('goes as it is between the ULIDs, and behind a Payload Extension header elsewhere; the upper layers see ULIDs alone (sections 11 and 12)', () => {
    const pair = pairOf(2);
    pair.establish('A');
    pair.run(1000);
    for (const by of NAMES) pair.talk(by, 1000, 1000, 60_000);
    pair.works = (_, from, to) => pair.now < 20_000 || from + to > 0;
    pair.run(61_000);
    for (const name of NAMES) {
      const [localUlid, peerUlid] = pair.ulids(name);
      expect(
        pair.hosts[name].delivered.every(({ source, destination }) => equalBytes(source, peerUlid) && equalBytes(destination, localUlid)),
      ).toBe(true);
      expect(pair.hosts[name].delivered.every(({ protocol, payload }) => protocol === 59 && payload.length === 8)).toBe(true);
      expect(pair.pairOf(name)).not.toEqual([0, 0]);
      // The transport is told (section 15.1).
      expect(pair.hosts[name].notices.map(({ type }) => type)).toContain('pathChanged');
    }
    expect(new Set(pair.sent.filter(({ at }) => at > 40_000).map(({ kind }) => kind))).toEqual(new Set(['PayloadExtension']));
    same(pair);
  });

  test('without a context is not touched (section 11)', () => {
    const pair = pairOf(2);
    pair.payload('A');
    pair.run(1000);
    expect([pair.story, pair.hosts.B.received, pair.hosts.B.shim6.size]).toEqual([['A payload'], 1, 0]);
  });
});

test("the thesis's figure 2.4: the way from B1 to A1 fails, and the ends go on with different pairs, of which one is still that of the ULIDs", () => {
  const pair = pairOf(2, { settings: { exploration: { ...defaultExploration, order: 'current-first' } } });
  pair.establish('A');
  pair.works = (by, from, to) => pair.now < 10_000 || by === 'A' || from + to > 0;
  pair.talk('A', 1000, 1000, 60_000);
  pair.talk('B', 1000, 1500, 60_000);
  pair.run(60_000);
  expect(pair.pairOf('A')).toEqual([0, 0]);
  expect(pair.pairOf('B')).not.toEqual([0, 0]);
  const late = pair.sent.filter(({ at }) => at > 40_000).map(({ by, kind }) => `${by} ${kind}`);
  expect(new Set(late)).toEqual(new Set(['A payload', 'B PayloadExtension']));
  same(pair);
});

describe('recovery (section 7.5)', () => {
  const switched = (): Shim6Pair => {
    const pair = pairOf(2);
    pair.establish('A');
    for (const by of NAMES) pair.talk(by, 1000, 1000, 200_000);
    pair.works = (_, from, to) => pair.now < 5000 || from + to > 0;
    pair.run(60_000);
    return pair;
  };

  test('a host that lost its state answers a packet of an unknown tag with an R1bis, and has it again after I2bis and R2 (figure 6)', () => {
    const pair = switched();
    pair.crash('B');
    const from = pair.sent.length;
    pair.run(62_000);
    const kinds = pair.sent.slice(from).map(({ by, kind }) => `${by} ${kind}`);
    expect(kinds.filter((kind) => !kind.includes('ayload')).slice(0, 3)).toEqual(['B R1bis', 'A I2bis', 'B R2']);
    pair.run(150_000);
    same(pair);
    expect(pair.pairOf('B')).not.toEqual([0, 0]);
  });

  test('where the ULID of the other is no locator any more, its CGA Parameters go along with the list all the same (section 5.9)', () => {
    const pair = pairOf(3);
    pair.establish('A');
    pair.run(1000);
    pair.setLocators('A', { generation: 2, locators: hba.A.slice(1, 3) });
    pair.run(2000);
    pair.setLocators('A', { generation: 3, locators: hba.A.slice(2, 3) });
    pair.run(3000);
    pair.crash('B');
    pair.payload('A');
    pair.run(6000);
    const told = pair.sent.find(({ kind }) => kind === 'I2bis')?.message;
    expect(told).toMatchObject({
      options: expect.arrayContaining([{ kind: 'CgaParameterDataStructure', cgaParameters: hba.A[0]!.parameters }]),
    });
    expect(pair.view('B')?.peerLocators).toEqual([hba.A[2]!.locator]);
    same(pair);
  });

  test('one that lost it and sends an I1 gets an R1, and the context is made anew (figure 7)', () => {
    const pair = pairOf(2);
    pair.establish('A');
    pair.run(1000);
    const before = pair.view('A');
    pair.crash('B');
    pair.establish('B');
    pair.run(2000);
    expect(pair.story.slice(4)).toEqual(['B I1', 'A R1', 'B I2', 'A R2']);
    same(pair);
    expect(pair.view('A')?.localTag).toBe(before?.localTag);
    expect(pair.view('A')?.peerTag).not.toBe(before?.peerTag);
  });

  test('an I2bis that is never answered falls back to the I1 (section 7.19)', () => {
    const pair = switched();
    pair.crash('B');
    // From B nothing but R1bis passes.
    pair.works = (by) => by === 'A' || !pair.story.includes('A I2bis');
    const from = pair.sent.length;
    pair.run(100_000);
    const kinds = pair.sent
      .slice(from)
      .filter(({ by, kind }) => by === 'A' && kind.startsWith('I'))
      .map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['I2bis', 'I1']));
    expect(kinds.lastIndexOf('I2bis')).toBeLessThan(kinds.indexOf('I1'));
  });

  test('a context that carries nothing for 5 minutes is given up; traffic keeps it (section 9)', () => {
    const pair = pairOf(2);
    pair.establish('A');
    pair.talk('A', 60_000, 1000, 1_000_000);
    pair.run(1_000_000);
    expect(NAMES.map((name) => pair.view(name)?.state)).toEqual(['ESTABLISHED', 'ESTABLISHED']);
    pair.run(1_400_000);
    expect(NAMES.map((name) => pair.hosts[name].shim6.size)).toEqual([0, 0]);
    expect(pair.hosts.A.nextTimer).toBeUndefined();
  });
});
