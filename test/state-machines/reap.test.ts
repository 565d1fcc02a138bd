/** REAP: every cell against its section, the order and pace of probes, the runs of RFC 5534's appendix A, and pairs of hosts over paths that break. RFC 5534. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { OPERATIONAL } from '../../codecs/reap/index.ts';
import { listCells } from '../../state-machines/listing.ts';
import {
  defaultExploration,
  newReapContext,
  pairsInOrder,
  probeInterval,
  ReapEndpoint,
  reapMachine,
  Turns,
} from '../../state-machines/reap/index.ts';
import type { ExplorationPolicy, Pair } from '../../state-machines/reap/index.ts';
import { disagreement } from './expectations.ts';
import { tryMutants } from './mutants.ts';
import { reapExpectations } from './reap-expectations.ts';
import { explore, seeded } from '../../conformance/lab/index.ts';
import { ReapNetwork } from './reap-network.ts';
import type { Name } from './reap-network.ts';

describe('every cell of reap', () => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    expect(reapExpectations.map((expectation) => disagreement(reapMachine, newReapContext, expectation, reached)).filter(Boolean)).toEqual(
      [],
    );
    const missed = listCells(reapMachine).filter(({ outcome }) => !reached.has(outcome.id));
    expect(missed.map(({ outcome }) => outcome.id)).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(reapMachine, newReapContext, reapExpectations).survivors).toEqual([]);
  });
});

describe('the order and pace of probes (sections 4.3 and 7)', () => {
  const policy = (changes: Partial<ExplorationPolicy> = {}): ExplorationPolicy => ({ ...defaultExploration, ...changes });

  test('4 initial probes 500 ms apart, then twice as long each time, up to 60 s', () => {
    const intervals = Array.from({ length: 12 }, (_, i) => probeInterval(policy(), i + 1, () => 0));
    expect(intervals).toEqual([500, 500, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('with jitter each is within its part of that, also after a thousand', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(), (sent, seed) => {
        const plain = probeInterval(policy(), sent, () => 0);
        const drawn = probeInterval(policy({ jitter: 0.2 }), sent, seeded(seed));
        expect(Math.abs(drawn - plain)).toBeLessThanOrEqual(0.2 * plain + 1e-6);
      }),
    );
  });

  test('every pair comes once, the one that failed last, or first; distinct-first begins with those that share no address with it, preferred with the first of both lists', () => {
    const sizes = fc.record({ locals: fc.integer({ min: 1, max: 4 }), peers: fc.integer({ min: 1, max: 4 }), seed: fc.nat() });
    fc.assert(
      fc.property(
        sizes,
        fc.nat(),
        fc.constantFrom('random' as const, 'distinct-first' as const, 'preferred' as const, 'current-first' as const),
        ({ locals, peers, seed }, which, order) => {
          const failed = { local: which % locals, peer: which % peers };
          const pairs = pairsInOrder(locals, peers, failed, order, seeded(seed));
          expect(new Set(pairs.map(({ local, peer }) => `${local} ${peer}`)).size).toBe(locals * peers);
          expect(pairs.at(order === 'current-first' ? 0 : -1)).toEqual(failed);
          const shared = pairs.map(({ local, peer }) => Number(local === failed.local) + Number(peer === failed.peer));
          if (order === 'distinct-first') expect(shared).toEqual(shared.toSorted((a, b) => a - b));
          const places = pairs.slice(0, -1).map(({ local, peer }) => local + peer);
          if (order === 'preferred') expect(places).toEqual(places.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  test('of p pairs each is tried within p questions, and has an answer within p answers that are not given at once; a reverse that had none is next', () => {
    const anyActs = (...acts: readonly string[]) => fc.array(fc.constantFrom(...acts), { minLength: 40, maxLength: 120 });
    const steps = fc.oneof(anyActs('ask', 'answer', 'reverse'), anyActs('ask', 'answer', 'reverse', 'again'));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.nat(15), steps, (locals, peers, which, acts) => {
        const pairs = pairsInOrder(locals, peers, { local: 0, peer: 0 }, 'preferred', () => 0);
        const turns = new Turns(pairs);
        const reverse = { ...pairs[which % pairs.length]! };
        const questionsSince = new Map(pairs.map((pair) => [pair, 0]));
        const answered: Pair[] = [];
        for (const act of acts) {
          const wasAnswered = answered.includes(pairs[which % pairs.length]!);
          const pair = act === 'ask' ? turns.ask() : act === 'answer' ? turns.answer() : turns.answer(reverse, act === 'again');
          if (act === 'ask') for (const [each, questions] of questionsSince) questionsSince.set(each, questions + 1);
          questionsSince.set(pair, 0);
          expect(Math.max(...questionsSince.values())).toBeLessThan(pairs.length);
          if (act === 'again' || (act === 'reverse' && !wasAnswered)) expect(pair).toEqual(reverse);
          if (act !== 'ask') answered.push(pair);
          const round = acts.includes('again') ? [] : answered.slice(-pairs.length);
          expect(new Set(round).size).toBe(round.length);
        }
      }),
    );
  });

  test('an exploration that hears nothing sends its probes at that pace, through all pairs in turn', () => {
    const network = new ReapNetwork({ locators: 2, seed: 5 });
    network.works = () => false;
    network.payload('A');
    network.run(60_000);
    const probes = network.sent.filter(({ kind }) => kind === 'Probe');
    expect(probes.map(({ at }) => at)).toEqual([15_000, 15_500, 16_000, 16_500, 17_500, 19_500, 23_500, 31_500, 47_500]);
    expect(new Set(probes.slice(0, 4).map(({ from, to }) => `${from} ${to}`)).size).toBe(4);
    expect([probes[3]!.from, probes[3]!.to]).toEqual([0, 0]);
  });

  test("the thesis's experiment sends the initial probes in a burst", () => {
    const network = new ReapNetwork({ locators: 2, seed: 5, exploration: policy({ initialProbeTimeout: 0 }) });
    network.works = () => false;
    network.payload('A');
    network.run(20_000);
    expect(network.sent.filter(({ kind }) => kind === 'Probe').map(({ at }) => at)).toEqual([
      15_000, 15_000, 15_000, 15_000, 15_500, 16_500, 18_500,
    ]);
  });
});

describe("appendix A's runs", () => {
  test('example 1: nobody sends, nothing is sent', () => {
    const network = new ReapNetwork({ locators: 2, seed: 1 });
    network.run(1_000_000);
    expect(network.sent).toEqual([]);
  });

  test('example 2: payload both ways needs no message', () => {
    const network = new ReapNetwork({ locators: 2, seed: 1 });
    network.talk('A', 1000, 0, 300_000);
    network.talk('B', 1000, 500, 300_000);
    network.run(300_000);
    expect(network.sent.filter(({ kind }) => kind !== 'payload')).toEqual([]);
  });

  test('example 3: payload one way is answered with Keepalives, and they are not answered (section 6.2)', () => {
    const network = new ReapNetwork({ locators: 2, seed: 1 });
    network.talk('A', 1000, 0, 120_000);
    network.run(120_000);
    const rest = network.sent.filter(({ kind }) => kind !== 'payload');
    expect(new Set(rest.map(({ by, kind }) => `${by} ${kind}`))).toEqual(new Set(['B Keepalive']));
    // Every third to half of the Keepalive Timeout, as long as payload comes.
    expect(rest.length).toBeGreaterThan(14);
    expect(rest.length).toBeLessThan(30);
    expect(network.hosts.A.reap.state).toBe('Operational');
    // When it stops, one last Keepalive comes, and then nothing.
    const { length } = network.sent;
    network.run(1_000_000);
    expect(network.sent.slice(length).length).toBeLessThanOrEqual(4);
  });

  test('example 4: A with one address, B with two; all that goes by B1 breaks', () => {
    const network = new ReapNetwork({ locators: 2, seed: 3 });
    // A has one address that works.
    network.works = (by, from, to) => (by === 'A' ? from === 0 : to === 0) && (network.now < 30_000 || (by === 'A' ? to : from) === 1);
    network.talk('A', 1000, 0, 90_000);
    network.talk('B', 1000, 300, 90_000);
    network.run(90_000);
    expect(network.settled).toBe(true);
    expect([network.pairOf('A'), network.pairOf('B')]).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const states = network.sent.filter(({ kind, arrives }) => kind === 'Probe' && arrives).map(({ state }) => state);
    expect(states).toEqual([1, 2, OPERATIONAL]);
    // Both transports are told (section 4.2), once.
    expect([network.hosts.A.pathChanges.length, network.hosts.B.pathChanges.length]).toEqual([1, 1]);
  });
});

describe("appendix A's example 5 and the thesis's figure 2.4", () => {
  /** One direction of the pair in use fails; whose packets still come through keeps its pair, and the other one leaves it. */
  const oneWay = (failing: Name, seed: number): ReapNetwork => {
    const network = new ReapNetwork({ locators: 2, seed, exploration: { ...defaultExploration, order: 'current-first' } });
    network.works = (by, from, to) => network.now < 20_000 || by !== failing || from + to > 0;
    network.talk('A', 1000, 0, 100_000);
    network.talk('B', 1000, 500, 100_000);
    network.run(100_000);
    return network;
  };

  test.each([
    ['example 5: from A1 to B1', 'A', 'B'],
    ['figure 2.4: from B1 to A1', 'B', 'A'],
  ] as const)('%s: both end on pairs that work, and on different ones', (_, failing, other) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const network = oneWay(failing, seed);
      expect(network.settled).toBe(true);
      expect(network.pairOf(other)).toEqual([0, 0]);
      expect(network.pairOf(failing)).not.toEqual([0, 0]);
      // Only the transport whose packets take another path is told.
      expect([network.hosts[other].pathChanges.length, network.hosts[failing].pathChanges.length]).toEqual([0, 1]);
    }
  });
});

describe("the thesis's figures", () => {
  test('2.4: only the way from B1 to A1 fails; both end on pairs that work, and on different ones where no pair works both ways', () => {
    const network = new ReapNetwork({ locators: 2, seed: 7 });
    const broken = (by: Name, from: number, to: number): boolean => by === 'B' && from === 0 && to === 0;
    network.works = (...path) => network.now < 20_000 || !broken(...path);
    for (const by of ['A', 'B'] as const) network.talk(by, 1000, 0, 100_000);
    network.run(100_000);
    expect(network.settled).toBe(true);
    expect(network.pairOf('B')).not.toEqual([0, 0]);
    const oneWay = new ReapNetwork({ locators: 2, seed: 7 });
    // From A only A1 to B1 works, to A only B2 to A2.
    oneWay.works = (by, from, to) => oneWay.now < 20_000 || (by === 'A' ? from === 0 && to === 0 : from === 1 && to === 1);
    for (const by of ['A', 'B'] as const) oneWay.talk(by, 1000, 0, 200_000);
    oneWay.run(200_000);
    expect(oneWay.settled).toBe(true);
    expect([oneWay.pairOf('A'), oneWay.pairOf('B')]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test('2.16: with only the pair in use broken, every exploration ends within 0.6 s', () => {
    expect(explore('current-pair', 200, 1).longest).toBeLessThanOrEqual(600);
  });

  test('2.16: with 16 of 18 ways broken, every exploration ends, and as many in time as in the thesis', () => {
    const { longest, quantiles, thesis } = explore('all-but-one', 200, 1);
    expect(longest).toBeLessThan(Infinity);
    expect(quantiles.map(({ within }) => within)).toEqual(quantiles.map(({ within }) => within).toSorted((x, y) => x - y));
    // 50 % under 7 s, 80 % under 17 s, 95 % under 31 s.
    for (const { part, here } of thesis) expect(here).toBeGreaterThanOrEqual(part);
  });
});

describe('what comes from outside', () => {
  test('a path that is suspected is explored at once (section 3.3)', () => {
    const network = new ReapNetwork({ locators: 2, seed: 9 });
    network.talk('A', 1000, 0, 60_000);
    network.talk('B', 1000, 0, 60_000);
    network.run(10_000);
    network.suspect('A');
    expect(network.sent.at(-1)).toMatchObject({ by: 'A', kind: 'Probe', state: 1, at: 10_000 });
    expect(network.hosts.A.reap.state).toBe('Exploring');
  });

  const locators = (last: number): readonly Uint8Array[] => [1, 2].map((n) => new Uint8Array(16).fill(n * 16 + last));
  const fresh = (): ReapEndpoint =>
    new ReapEndpoint({ localLocators: locators(1), peerLocators: locators(2), localTag: 5, peerTag: 6, random: seeded(1) });

  test('a message with another context tag, or a Probe without its own fields or in a fourth state, changes nothing (sections 5.1 and 5.2)', () => {
    const host = fresh();
    const report = { sourceAddress: locators(2)[0]!, destinationAddress: locators(1)[0]!, nonce: 1, data: 0 };
    const probe = { kind: 'Probe', receiverContextTag: 5, state: 1, sent: [report], received: [] } as const;
    for (const message of [
      { ...probe, receiverContextTag: 7 },
      { ...probe, sent: [] },
      { ...probe, state: 3 },
      { kind: 'Keepalive', receiverContextTag: 7 } as const,
    ]) {
      expect(host.receive(message, locators(2)[0]!, locators(1)[0]!, 0)).toEqual([]);
      expect([host.state, host.nextTimer]).toEqual(['Operational', undefined]);
    }
  });

  test('a report of a probe that was never sent moves nobody (section 5.2: the nonce)', () => {
    const host = fresh();
    const sent = { sourceAddress: locators(2)[1]!, destinationAddress: locators(1)[1]!, nonce: 1, data: 0 };
    const forged = { sourceAddress: locators(1)[1]!, destinationAddress: locators(2)[1]!, nonce: 99, data: 0 };
    host.receive({ kind: 'Probe', receiverContextTag: 5, state: 2, sent: [sent], received: [forged] }, locators(2)[1]!, locators(1)[1]!, 0);
    expect(host.path).toEqual({ source: locators(1)[0], destination: locators(2)[0] });
  });
});

describe('two hosts over a network that loses, doubles, delays and cuts', () => {
  /** The ways that stay: at least one in each direction. */
  const ways = fc.record({
    locators: fc.integer({ min: 2, max: 4 }),
    seed: fc.nat(1_000_000),
    loss: fc.constantFrom(0, 0.1, 0.3),
    doubling: fc.constantFrom(0, 0.2),
    spread: fc.constantFrom(0, 200, 900),
    kept: fc.tuple(fc.nat(), fc.nat()),
    order: fc.constantFrom('random' as const, 'distinct-first' as const, 'current-first' as const),
    jitter: fc.constantFrom(0, 0.2),
  });

  /**
   * A probe goes out every 60 s at most, and through all pairs in turn: so each pair of a host is tried within (pairs + 1) minutes of its exploration, and it
   * takes one such round for either direction, and a Send Timeout for whoever does not know yet. Loss can cost a round each time.
   */
  test('where one pair works in each direction and stays, both become Operational on pairs that work', () => {
    fc.assert(
      fc.property(ways, ({ locators, seed, loss, doubling, spread, kept, order, jitter }) => {
        const network = new ReapNetwork({ locators, seed, loss, doubling, spread, exploration: { ...defaultExploration, order, jitter } });
        const pairs = locators * locators;
        const stays = { A: kept[0] % pairs, B: kept[1] % pairs } as const;
        network.works = (by, from, to) => network.now < 40_000 || stays[by] === from * locators + to;
        const bound = 40_000 + 15_000 + 10 * (pairs + 1) * 60_000;
        for (const by of ['A', 'B'] as const) network.talk(by, 4000, by === 'A' ? 0 : 1000, bound);
        for (let until = 60_000; until <= bound && !network.settled; until += 10_000) network.run(until);
        expect(network.settled).toBe(true);
        // Payload goes through from here on.
        const before = [network.hosts.A.received, network.hosts.B.received] as const;
        network.run(network.now + 60_000);
        expect(network.hosts.A.received).toBeGreaterThan(before[0]);
        expect(network.hosts.B.received).toBeGreaterThan(before[1]);
      }),
      { numRuns: 60 },
    );
  });

  test('payload never leaves the pair in use before another one has been confirmed (section 6.9)', () => {
    fc.assert(
      fc.property(ways, ({ locators, seed, loss, doubling, spread }) => {
        const network = new ReapNetwork({ locators, seed, loss, doubling, spread });
        network.works = (by, from, to) => network.now < 30_000 || (by === 'A' ? from + to > 0 : true);
        for (const by of ['A', 'B'] as const) network.talk(by, 2000, 0, 120_000);
        network.run(120_000);
        const changes = { A: network.hosts.A.pathChanges, B: network.hosts.B.pathChanges };
        for (const { by, at, kind, from, to } of network.sent) {
          if (kind === 'payload' && !changes[by].some((change) => change <= at)) expect([from, to]).toEqual([0, 0]);
        }
      }),
      { numRuns: 40 },
    );
  });
});
