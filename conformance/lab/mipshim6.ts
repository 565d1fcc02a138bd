/**
 * Experiments after the thesis's section 2.8: what Mobile IPv6, shim6 and MipShim6 can do (figure 2.22), each plus and minus measured; and how long a MipShim6 host
 * needs when its home agent fails, against REAP's Send Timeout (figure 2.26).
 *
 * Every path takes 20 ms, Duplicate Address Detection at a home agent 1 s. A movement is a break before make: the old address is gone before the new one is there.
 *
 * Each home link has one home agent. Mobile IPv6 has one home link for a home address: were there another home agent on it, the mobile node would ask that one when
 * its Binding Updates have gone unanswered up to MAX_BINDACK_TIMEOUT, after more than a minute (RFC 6275 section 11.7.1). MipShim6 has another home address.
 */
import { equalBytes } from '../../codecs/bytes.ts';
import { MOBILITY_PROTOCOLS, MobilityLab, newLabKey } from './mobility-lab.ts';
import type { LabKey, MobilityLabSettings, MobilityProtocol } from './mobility-lab.ts';
import type { LabCapture } from './network.ts';

/** A cell of the table. Times in ms. */
export interface FeatureCell {
  readonly protocol: MobilityProtocol;
  readonly plus: boolean;
  /** What was measured: a time until data flowed again, or a round trip; Infinity where none did. */
  readonly time: number;
  /** Messages at the mobile host, sent and received, that are no data: from the event until data flowed again, or within `PATIENCE`. */
  readonly messages: number;
}

/** A row of the table. */
export interface Feature {
  readonly name: string;
  /** What is done, and what a plus says. */
  readonly means: string;
  readonly cells: readonly FeatureCell[];
}

/** Within which data has to flow again for a plus, in ms. An application, or whoever waits before it, gives up after that. */
export const PATIENCE = 60_000;
/** When the event of each scenario happens: everything before has settled. */
const EVENT = 30_000;
/** How often it is looked whether data flows again, in ms. */
const STEP = 1000;
/** A round trip without a detour: twice 20 ms. By the tunnel it is twice that. */
const DIRECT = 40;

interface Scenario {
  readonly name: string;
  readonly means: string;
  readonly settings?: Partial<MobilityLabSettings>;
  /** Where the mobile hosts are before the event: links, the preferred first. */
  readonly before: readonly (readonly number[])[];
  /** `capture` is of the mobile host, from before. */
  readonly event: (lab: MobilityLab, capture: LabCapture) => void;
  /** Whether both ends have spoken before the event; true when left out. */
  readonly isBegun?: boolean;
  /** The time that is measured; until data flows again when left out. */
  readonly measure?: (lab: MobilityLab) => number;
  /** What the time must not exceed; PATIENCE when left out. */
  readonly most?: number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'mobility',
    means: 'one host moves to another link; its communication goes on',
    before: [[1]],
    event: (lab) => lab.attach(0, [2]),
  },
  {
    name: 'double jump',
    means: 'both hosts move at the same time; their communication goes on',
    settings: { mobiles: 2 },
    before: [[1], [1]],
    event: (lab) => {
      lab.attach(0, [2]);
      lab.attach(1, [2]);
    },
  },
  {
    name: 'multihoming',
    means: 'on two links, the one in use carries nothing any more, and nobody says so; communication goes on over the other',
    before: [[1, 2]],
    event: (lab, capture) => {
      const broken = lab.careOfAddress(0, lab.linkInUse(capture) ?? 1);
      lab.lay((source, destination) => ({ delay: 20, loss: equalBytes(source, broken) || equalBytes(destination, broken) ? 1 : 0 }));
    },
  },
  {
    name: 'home agent failure',
    means: 'the home agent of the home address fails for good, then the host moves; its communication goes on by another home address',
    settings: { homes: 2 },
    before: [[1]],
    event: (lab) => {
      lab.failHomeAgent(0, 0);
      lab.attach(0, [2]);
    },
  },
  {
    name: 'direct path',
    means: 'away from home, data takes no detour: a round trip of 40 ms, where by the tunnel it has 80 ms',
    before: [[1]],
    event: () => undefined,
    measure: ({ stream }) => stream.roundTrip,
    most: DIRECT,
  },
  {
    name: 'location',
    means: 'whoever knows nothing but the home address reaches the host, wherever it is',
    before: [[1]],
    isBegun: false,
    event: (lab) => {
      const stream = lab.beginFromPeer();
      MEASURED.set(lab, () => stream.recoveryAfter(EVENT));
    },
    measure: (lab) => MEASURED.get(lab)?.() ?? Infinity,
  },
  {
    name: 'peer unchanged',
    means: 'the peer knows neither protocol; one host moves, and its communication goes on',
    settings: { isPeerPlain: true },
    before: [[1]],
    event: (lab) => lab.attach(0, [2]),
  },
  {
    name: 'no infrastructure',
    means: 'there is no home agent; one host moves, and its communication goes on',
    settings: { hasHomeAgents: false },
    before: [[1]],
    event: (lab) => lab.attach(0, [2]),
  },
];

/** What a scenario measures that its event has set up. */
const MEASURED = new WeakMap<MobilityLab, () => number>();

const measured = async (
  { settings, before, event, measure, most = PATIENCE, isBegun = true }: Scenario,
  protocol: MobilityProtocol,
  seed: number,
  key: LabKey,
): Promise<FeatureCell> => {
  const lab = await MobilityLab.create({ seed, protocol, key, ...settings });
  const capture = lab.network.capture({ host: 'm1' });
  if (isBegun) lab.begin();
  lab.run(3000);
  for (const [mobile, links] of before.entries()) lab.attach(mobile, links);
  lab.run(EVENT);
  event(lab, capture);
  const timeOf = measure ?? (({ stream }: MobilityLab) => stream.recoveryAfter(EVENT));
  for (let now = EVENT + STEP; now <= EVENT + PATIENCE && timeOf(lab) === Infinity; now += STEP) lab.run(now);
  const time = timeOf(lab);
  const until = EVENT + Math.min(time, PATIENCE);
  return { protocol, plus: time <= most, time, messages: MobilityLab.signalling(capture, EVENT, until) };
};

/** The table of figure 2.22: what each protocol can do. @example (await featureTable(1))[0].cells[2].plus // true */
export const featureTable = async (seed: number): Promise<readonly Feature[]> => {
  const features: Feature[] = [];
  const key = newLabKey();
  for (const scenario of SCENARIOS) {
    const cells: FeatureCell[] = [];
    for (const protocol of MOBILITY_PROTOCOLS) cells.push(await measured(scenario, protocol, seed, key));
    features.push({ name: scenario.name, means: scenario.means, cells });
  }
  return features;
};

/** One point of figure 2.26. In ms. */
export interface RecoveryPoint {
  readonly sendTimeout: number;
  /** Until data was acknowledged again, where the transport is told of the path update, and where it is not. */
  readonly told: number;
  readonly untold: number;
}

const FAILS = 20_000;

/**
 * A host away from home that keeps its place to itself: all data goes through its home agent, which fails. REAP finds out when the Send Timeout has passed, and the
 * other home address takes over.
 */
const recovery = async (sendTimeout: number, isInformed: boolean, seed: number, key: LabKey): Promise<number> => {
  const lab = await MobilityLab.create({
    seed,
    key,
    protocol: 'MipShim6',
    homes: 2,
    isDirect: false,
    sendTimeout,
    movementTime: 1000,
    isInformed,
    pace: 'acknowledged',
  });
  lab.begin();
  lab.run(3000);
  lab.attach(0, [1]);
  lab.run(FAILS);
  lab.failHomeAgent(0, 0);
  for (let now = FAILS + STEP; now <= FAILS + sendTimeout + PATIENCE && lab.stream.recoveryAfter(FAILS) === Infinity; now += STEP)
    lab.run(now);
  return lab.stream.recoveryAfter(FAILS);
};

/** The points of figure 2.26, and the slope of the line through those whose transport is told (least squares). */
export interface RecoveryResult {
  readonly points: readonly RecoveryPoint[];
  readonly slope: number;
  /** What is left at a Send Timeout of 0, in ms: the exploration. */
  readonly intercept: number;
}

/** Runs the experiment for each Send Timeout, in ms. @example (await homeAgentFailure([5000, 10_000], 1)).slope // 1 */
export const homeAgentFailure = async (sendTimeouts: readonly number[], seed: number): Promise<RecoveryResult> => {
  const points: RecoveryPoint[] = [];
  const key = newLabKey();
  for (const sendTimeout of sendTimeouts) {
    const [told, untold] = [await recovery(sendTimeout, true, seed, key), await recovery(sendTimeout, false, seed, key)];
    points.push({ sendTimeout, told, untold });
  }
  const mean = (of: (point: RecoveryPoint) => number): number => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.sendTimeout), mean((point) => point.told)];
  const slope =
    mean((point) => (point.sendTimeout - x) * (point.told - y)) / mean((point) => (point.sendTimeout - x) * (point.sendTimeout - x));
  return { points, slope, intercept: y - slope * x };
};
