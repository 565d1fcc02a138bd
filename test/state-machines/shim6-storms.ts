/** Storms: what hosts and the network do to two shim6 hosts, at random, and the run that it makes. RFC 5533, RFC 5534. */
import * as fc from 'fast-check';
import type { LocalLocators } from '../../state-machines/shim6/index.ts';
import type { LocalLocator } from '../../state-machines/shim6/index.ts';
import { anyCuts, isCut } from '../arbitraries/shim6-hosts.ts';
import { announce, cgaLocators, hbaLocators, NAMES, Shim6Pair } from './shim6-network.ts';
import type { Name } from './shim6-network.ts';

/** Four HBA locators of each host. */
export const hba: Readonly<Record<Name, readonly LocalLocator[]>> = { A: await hbaLocators('A', 4), B: await hbaLocators('B', 4) };

/** Four CGA locators of each host, and all sets of them that have the first, by the bits of their indices: signed, and with these bits for their generation. */
export const cga: Readonly<Record<Name, readonly LocalLocator[]>> = { A: await cgaLocators('A', 4), B: await cgaLocators('B', 4) };
const some = (locators: readonly LocalLocator[], bits: number): readonly LocalLocator[] =>
  locators.filter((_, i) => (bits & (1 << i)) !== 0);
const signed = new Map<string, LocalLocators>();
for (const name of NAMES)
  for (let bits = 1; bits < 16; bits += 2) signed.set(`${name} ${bits}`, await announce(name, bits, some(cga[name], bits)));

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

/** A storm of 120 s at most. */
export const anyStorm = fc.record({
  count: fc.integer({ min: 2, max: 4 }),
  /** How the locators of each host are verified. */
  methods: fc.record({ A: fc.constantFrom('hba' as const, 'cga' as const), B: fc.constantFrom('hba' as const, 'cga' as const) }),
  seed: fc.nat(1_000_000),
  loss: fc.constantFrom(0, 0.1, 0.4),
  doubling: fc.constantFrom(0, 0.3),
  spread: fc.constantFrom(0, 300, 3000, 20_000),
  acts: fc.array(anyAct, { minLength: 3, maxLength: 25 }),
  cuts: anyCuts(4, 100_000),
});
export type Storm = typeof anyStorm extends fc.Arbitrary<infer S> ? S : never;

/** From then on, in ms, the network does nothing to anybody. */
export const HEALED = 150_000;

/** The run of a storm, until it has passed; `watch` is called before it begins. */
export const play = (
  { count, methods, seed, loss, doubling, spread, acts, cuts }: Storm,
  watch: (pair: Shim6Pair) => void = () => {},
): Shim6Pair => {
  const set = (name: Name, which: number, generation: number): LocalLocators => {
    const bits = (which | 1) & (2 ** count - 1);
    return methods[name] === 'cga' ? signed.get(`${name} ${bits}`)! : { generation, locators: some(hba[name], bits) };
  };
  const pair = new Shim6Pair({ A: set('A', 15, 1), B: set('B', 15, 1), seed, loss, doubling, spread });
  pair.works = (by, from, to) => pair.now >= HEALED || !isCut(cuts, by, from, to, pair.now);
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
