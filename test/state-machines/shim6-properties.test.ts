/** What always holds of pairs of shim6 hosts, whatever the network does to their packets and they to each other. RFC 5533, RFC 5534. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { equalBytes } from '../../codecs/bytes.ts';
import { verifyHba } from '../../codecs/cga/index.ts';
import type { LocalLocator, LocalLocators } from '../../state-machines/shim6/index.ts';
import { hbaLocators, NAMES, other, Shim6Pair } from './shim6-network.ts';
import type { Name } from './shim6-network.ts';

const hba = {} as Record<Name, readonly LocalLocator[]>;
beforeAll(async () => {
  for (const name of NAMES) hba[name] = await hbaLocators(name, 4);
});

/** What may happen to a host. */
const anyAct = fc.record({
  at: fc.nat(120_000),
  by: fc.constantFrom(...NAMES),
  act: fc.oneof(
    { weight: 6, arbitrary: fc.constant('payload' as const) },
    { weight: 3, arbitrary: fc.constantFrom('establish' as const, 'suspect' as const, 'locators' as const) },
    { weight: 1, arbitrary: fc.constantFrom('crash' as const, 'tearDown' as const) },
  ),
  which: fc.integer({ min: 1, max: 15 }),
});

const anyStorm = fc.record({
  count: fc.integer({ min: 2, max: 4 }),
  seed: fc.nat(1_000_000),
  loss: fc.constantFrom(0, 0.1, 0.4),
  doubling: fc.constantFrom(0, 0.3),
  spread: fc.constantFrom(0, 300, 3000, 20_000),
  acts: fc.array(anyAct, { minLength: 3, maxLength: 25 }),
  /** Directions of pairs that are cut, and from when to when. */
  cuts: fc.array(
    fc.record({ by: fc.constantFrom(...NAMES), from: fc.nat(3), to: fc.nat(3), start: fc.nat(100_000), length: fc.nat(60_000) }),
    {
      maxLength: 12,
    },
  ),
});
type Storm = typeof anyStorm extends fc.Arbitrary<infer S> ? S : never;

const HEALED = 150_000;

const play = ({ count, seed, loss, doubling, spread, acts, cuts }: Storm, watch: (pair: Shim6Pair) => void = () => {}): Shim6Pair => {
  const set = (name: Name, which: number, generation: number): LocalLocators => {
    const locators = hba[name].slice(0, count).filter((_, i) => i === 0 || (which & (1 << i)) !== 0);
    return { generation, locators };
  };
  const pair = new Shim6Pair({ A: set('A', 15, 1), B: set('B', 15, 1), seed, loss, doubling, spread });
  pair.works = (by, from, to) =>
    !cuts.some(
      (cut) =>
        cut.by === by && cut.from === from && cut.to === to && pair.now >= cut.start && pair.now < Math.min(cut.start + cut.length, HEALED),
    );
  watch(pair);
  const current = { A: set('A', 15, 1), B: set('B', 15, 1) };
  acts.forEach(({ at, by, act, which }, i) => {
    pair.at(at, () => {
      if (act === 'locators') {
        current[by] = set(by, which, 100 + i);
        pair.setLocators(by, current[by]);
      } else if (act === 'crash') pair.crash(by, current[by]);
      else pair[act](by);
    });
  });
  pair.run(HEALED);
  pair.heal();
  return pair;
};

/** Traffic both ways, hosts that want a context, and a doubt that makes both look at the paths: what names a tag (section 7.5). */
const heal = (pair: Shim6Pair, until: number): void => {
  for (let time = HEALED; time < until; time += 5000) {
    for (const name of NAMES) {
      pair.at(time, () => pair.establish(name));
      pair.at(time + 500, () => pair.payload(name));
      if ((time - HEALED) % 100_000 === 50_000) pair.at(time + 700, () => pair.suspect(name));
    }
  }
  pair.run(until);
};

describe('two hosts over a network that loses, doubles, reorders, delays and cuts single directions of single pairs', () => {
  test('hold the same context once it heals and traffic flows (sections 7.4, 7.5 and 10)', () => {
    fc.assert(
      fc.property(anyStorm, (storm) => {
        const pair = play(storm);
        heal(pair, HEALED + 500_000);
        for (const name of NAMES) {
          const [own, peer] = [pair.view(name), pair.view(other(name))];
          expect(own?.state).toBe('ESTABLISHED');
          expect(own?.peerTag).toBe(peer?.localTag);
          expect(own?.reachability).toBe('Operational');
          expect(own?.peerLocators).toEqual(pair.hosts[other(name)].shim6.locators);
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('payload and probes go to locators that are verified, and to no others (section 7.2)', () => {
    fc.assert(
      fc.property(anyStorm, (storm) => {
        const pair = play(storm);
        for (const { by, packet, kind } of pair.sent) {
          if (kind !== 'payload' && kind !== 'PayloadExtension') continue;
          const [, ulid] = pair.ulids(by);
          const isVerified = hba[other(by)].some(
            ({ locator, parameters }) => equalBytes(locator, packet.destination) && verifyHba(locator, parameters!).valid,
          );
          expect(isVerified || equalBytes(packet.destination, ulid)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});
