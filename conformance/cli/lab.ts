/** `polypath lab`: experiments with hosts and paths in virtual time. */
import { explore, type Damage, type ExplorationResult } from '../lab/reap-exploration.ts';
import type { Io } from './io.ts';

/** What `lab reap-exploration` was asked for. */
export interface ReapExplorationArguments {
  readonly runs: number;
  readonly seed: number;
  readonly format: 'text' | 'json';
}

const DAMAGES: readonly Damage[] = ['current-pair', 'all-but-one'];
const TITLES: Readonly<Record<Damage, string>> = {
  'current-pair': 'The pair in use breaks in both directions',
  'all-but-one': '16 of 18 one-way paths break, the ones in use among them',
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const percent = (part: number): string => `${(100 * part).toFixed(part < 1 ? 1 : 0)} %`;

const textOf = ({ damage, runs, longest, quantiles, thesis }: ExplorationResult): string =>
  [
    `${TITLES[damage]}: ${runs} explorations, the longest ${seconds(longest)}`,
    ...quantiles.map(({ part, within }) => `  ${percent(part).padStart(7)} within ${seconds(within).padStart(8)}`),
    ...thesis.map(({ part, under, here }) => `  under ${seconds(under)}: ${percent(here)}; the thesis has ${percent(part)}`),
    '',
  ].join('\n');

/** Runs `lab reap-exploration`; the exit code is 0. @example await reapExploration({ runs: 200, seed: 1, format: 'text' }, io) */
export const reapExploration = async ({ runs, seed, format }: ReapExplorationArguments, io: Io): Promise<number> => {
  const results = DAMAGES.map((damage) => explore(damage, runs, seed));
  io.out.write(
    format === 'json'
      ? `${JSON.stringify({ schema: 1, experiment: 'reap-exploration', seed, results }, undefined, 2)}\n`
      : results.map(textOf).join(''),
  );
  await io.out.drained();
  return 0;
};
