/** `polypath lab`: experiments with hosts and paths in virtual time. */
import { sharing, type ControlName, type SharingResult } from '../lab/coupled.ts';
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

/** What `lab coupled` was asked for. */
export interface CoupledArguments {
  readonly runs: number;
  readonly seed: number;
  /** Seconds that are counted. */
  readonly duration: number;
  readonly ackEvery: number;
  readonly format: 'text' | 'json';
}

const CONTROLS: readonly ControlName[] = ['coupled', 'newreno'];
const CONTROL_TITLES: Readonly<Record<ControlName, string>> = {
  coupled: 'Coupled congestion control (RFC 6356)',
  newreno: 'NewReno on each subflow (RFC 5681, RFC 6582)',
};

const sharesOf = ({ subflows, mptcp, tcp, least, most, retransmissions, timeouts, thesis }: SharingResult): string =>
  [
    `  ${subflows} subflow${subflows === 1 ? ' ' : 's'}`,
    `${percent(mptcp)} of the link (${percent(least)} to ${percent(most)}), TCP ${percent(tcp)}`,
    `the thesis has about ${(100 * thesis).toFixed(0)} %`,
    `${retransmissions.toFixed(0)} retransmissions, ${timeouts.toFixed(1)} timeouts a run`,
  ].join('; ');

/** Runs `lab coupled`; the exit code is 0. @example await coupledSharing({ runs: 10, seed: 1, duration: 120, ackEvery: 2, format: 'text' }, io) */
export const coupledSharing = async ({ runs, seed, duration, ackEvery, format }: CoupledArguments, io: Io): Promise<number> => {
  const results: SharingResult[] = [];
  if (format === 'text')
    io.out.write(
      `A Multipath TCP connection beside one TCP flow on 100 Mbit/s, 20 ms, drop-tail: ${duration} s after 30 s, mean of ${runs}, an ACK for every ${ackEvery === 1 ? '' : `${ackEvery} `}segment${ackEvery === 1 ? '' : 's'}\n`,
    );
  for (const control of CONTROLS) {
    if (format === 'text') io.out.write(`${CONTROL_TITLES[control]}\n`);
    for (const subflows of [1, 2, 3]) {
      const result = sharing(control, subflows, runs, seed, { duration: duration * 1000, ackEvery });
      results.push(result);
      if (format === 'text') io.out.write(`${sharesOf(result)}\n`);
      await io.out.drained();
    }
  }
  if (format === 'json')
    io.out.write(`${JSON.stringify({ schema: 1, experiment: 'coupled', seed, duration, ackEvery, results }, undefined, 2)}\n`);
  await io.out.drained();
  return 0;
};
