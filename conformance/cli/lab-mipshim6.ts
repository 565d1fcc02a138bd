/** `polypath lab mipshim6`: what Mobile IPv6, shim6 and MipShim6 can do, and how long a failed home agent takes. */
import { featureTable, homeAgentFailure, MOBILITY_PROTOCOLS, PATIENCE } from '../lab/index.ts';
import type { Feature, FeatureCell, RecoveryResult } from '../lab/index.ts';
import type { Io } from './io.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** What `lab mipshim6` was asked for. */
export interface MipShim6Arguments {
  readonly seed: number;
  readonly format: 'text' | 'json';
}

/** In s: from above the movement time of the experiment to the default of RFC 5534. */
const SEND_TIMEOUTS = [2, 4, 6, 8, 10, 12, 15];
const COLUMN = 24;

const cellText = ({ plus, time, messages }: FeatureCell): string =>
  `${plus ? '+' : '-'} ${time === Infinity ? 'never' : `${Math.round(time)} ms`}, ${messages} messages`;

const featuresText = (features: readonly Feature[]): string =>
  [
    `${'after figure 2.22'.padEnd(COLUMN)}${MOBILITY_PROTOCOLS.map((each) => each.padEnd(COLUMN)).join('')}`.trimEnd(),
    ...features.map(({ name, cells }) => `${name.padEnd(COLUMN)}${cells.map((each) => cellText(each).padEnd(COLUMN)).join('')}`.trimEnd()),
    '',
    ...features.map(({ name, means }) => `${name}: ${means}`),
    `A plus: within ${seconds(PATIENCE)}, or without a detour. Messages: signalling at the moving host until then.`,
    '',
  ].join('\n');

const recoveryText = ({ points, slope, intercept }: RecoveryResult): string =>
  [
    'After figure 2.26: the home agent fails, data goes on by another home address',
    `  ${'Send Timeout'.padStart(12)} ${'told'.padStart(10)} ${'not told'.padStart(10)}`,
    ...points.map(
      ({ sendTimeout, told, untold }) =>
        `  ${seconds(sendTimeout).padStart(12)} ${seconds(told).padStart(10)} ${seconds(untold).padStart(10)}`,
    ),
    `  where the transport is told of the path: slope ${slope.toFixed(2)}, ${Math.round(intercept)} ms for the exploration`,
    '',
  ].join('\n');

/** What never came is null: JSON has no infinity. */
const finite = (_: string, value: unknown): unknown => (value === Infinity ? null : value);

/** Runs `lab mipshim6`; the exit code is 0. @example await mipShim6({ seed: 1, format: 'text' }, io) */
export const mipShim6 = async ({ seed, format }: MipShim6Arguments, io: Io): Promise<number> => {
  const features = await featureTable(seed);
  const failure = await homeAgentFailure(
    SEND_TIMEOUTS.map((each) => each * 1000),
    seed,
  );
  io.out.write(
    format === 'json'
      ? `${JSON.stringify({ schema: 1, experiment: 'mipshim6', seed, features, homeAgentFailure: failure }, finite, 2)}\n`
      : `${featuresText(features)}\n${recoveryText(failure)}`,
  );
  await io.out.drained();
  return 0;
};
