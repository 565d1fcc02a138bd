/**
 * An experiment after the thesis's figure 2.16: how long two hosts explore until both use pairs that work (RFC 5534). Three locators each, so nine one-way paths in
 * each direction, and a packet a second both ways; the paths break at 30 s.
 */
import { Network } from './network.ts';
import { seeded } from './random.ts';
import { ReapHost } from './reap-host.ts';

/** What breaks: the pair in use in both directions, or all ways but one in each direction. */
export type Damage = 'current-pair' | 'all-but-one';

const LOCATORS = 3;
const BREAKS = 30_000;
const LONGEST = 400_000;
const STEP = 10;
const DELAY = 20;

const locator = (host: number, i: number): Uint8Array => Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, host, i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** The ways that break, as numbers `direction * 9 + from * 3 + to`; way 0 of each direction is the one in use. */
const brokenWays = (damage: Damage, random: () => number): ReadonlySet<number> => {
  const ways = LOCATORS * LOCATORS;
  const broken = new Set<number>();
  for (const direction of [0, 1]) {
    const kept = 1 + Math.floor(random() * (ways - 1));
    for (let way = 0; way < ways; way += 1) {
      if (damage === 'current-pair' ? way === 0 : way !== kept) broken.add(direction * ways + way);
    }
  }
  return broken;
};

/**
 * The time in ms from the first Probe until both hosts are Operational on pairs that work; Infinity where that takes longer than six minutes.
 * @example explorationTime('current-pair', 1) // 60
 */
export const explorationTime = (damage: Damage, seed: number): number => {
  const lab = new Network(seed);
  const broken = brokenWays(damage, seeded(seed + 1_000_003));
  const addresses = [0, 1].map((host) => Array.from({ length: LOCATORS }, (_, i) => locator(host, i)));
  let begun: number | undefined;
  const hosts = [0, 1].map((own) => {
    const [localLocators, peerLocators] = [addresses[own]!, addresses[1 - own]!];
    return new ReapHost({ localLocators, peerLocators, localTag: 1 + own, peerTag: 2 - own, random: seeded(seed * 2 + own + 1) });
  });
  const works = (own: number, from: number, to: number): boolean =>
    lab.now < BREAKS || !broken.has(own * LOCATORS * LOCATORS + from * LOCATORS + to);
  for (const [own, host] of hosts.entries()) {
    lab.attach(`${own}`, host, addresses[own]!);
    for (const [from, source] of addresses[own]!.entries()) {
      for (const [to, destination] of addresses[1 - own]!.entries()) {
        lab.lay(source, destination, { delay: DELAY, middleboxes: [(packet) => (works(own, from, to) ? [packet] : [])] });
      }
    }
    for (let time = 400 * own; time < BREAKS + LONGEST; time += 1000) lab.at(time, () => lab.send(`${own}`, ...host.payload(lab.now)));
  }
  const isSettled = (): boolean =>
    hosts.every(({ reap }, own) => {
      const { source, destination } = reap.path;
      return reap.state === 'Operational' && works(own, addresses[own]!.indexOf(source), addresses[1 - own]!.indexOf(destination));
    });
  lab.run(BREAKS);
  for (let now = BREAKS; now < BREAKS + LONGEST; now += STEP) {
    lab.run(now);
    if (hosts.some(({ reap }) => reap.state !== 'Operational')) begun ??= now;
    if (begun !== undefined && isSettled()) return now - begun;
  }
  return Infinity;
};

/** What a number of runs came to. */
export interface ExplorationResult {
  readonly damage: Damage;
  readonly runs: number;
  /** The longest, in ms. */
  readonly longest: number;
  /** Parts of all runs, from 0 to 1, and the time in ms within which they were over. */
  readonly quantiles: readonly { readonly part: number; readonly within: number }[];
  /** What the thesis says: such a part of its runs took less than so many ms; here it was `here`. */
  readonly thesis: readonly { readonly part: number; readonly under: number; readonly here: number }[];
}

/** The thesis's figures: of explorations after the pair in use broke, and after all but one broke. */
const THESIS: Readonly<Record<Damage, readonly (readonly [part: number, under: number])[]>> = {
  'current-pair': [[1, 600]],
  'all-but-one': [
    [0.5, 7000],
    [0.8, 17_000],
    [0.95, 31_000],
  ],
};

/** Runs the experiment with seeds from `seed` on. @example explore('all-but-one', 200, 1).quantiles */
export const explore = (damage: Damage, runs: number, seed: number): ExplorationResult => {
  const times = Array.from({ length: runs }, (_, i) => explorationTime(damage, seed + i)).toSorted((x, y) => x - y);
  return {
    damage,
    runs,
    longest: times.at(-1) ?? 0,
    quantiles: [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1].map((part) => ({ part, within: times[Math.ceil(part * runs) - 1]! })),
    thesis: THESIS[damage].map(([part, under]) => ({ part, under, here: times.filter((time) => time < under).length / runs })),
  };
};
