/**
 * Which subflow gets the next data, as a function of what is known of each (RFC 8684 section 3.3.8 leaves it to local policy; the
 * policies are those of the thesis, sections on scheduling and figure 4.8).
 */

/** A subflow that could send now: it is established, and its congestion window has room. */
export interface SchedulerPath {
  /** The subflow's number. */
  readonly subflow: number;
  /** Smoothed round-trip time in ms; the time distance. */
  readonly rtt: number;
  /** Octets of its congestion window, how many of them are in flight, and of its largest segment. */
  readonly congestionWindow: number;
  readonly inFlight: number;
  readonly mss: number;
  /** Whether either host has asked to use it only when no other is up (sections 3.2 and 3.3.8). */
  readonly backup: boolean;
  /** Whether its retransmission timer has run out, and nothing has been acknowledged since: it is not up, as far as is known. */
  readonly stalled: boolean;
  /** Whether its congestion window has room for a segment. */
  readonly hasRoom: boolean;
}

/** `skip`: how many octets of data that has not been sent are left for faster subflows, before what this one takes. */
export interface Choice {
  readonly subflow: number;
  readonly skip: number;
}

/** A policy. `paths` are all subflows that are up, in the order of their numbers; undefined: nothing is to be sent now. */
export interface Scheduler {
  readonly name: string;
  readonly choose: (paths: readonly SchedulerPath[], unsent: number) => Choice | undefined;
}

/** The nearest of some paths that have room. */
const nearest = (paths: readonly SchedulerPath[]): SchedulerPath | undefined => {
  let best: SchedulerPath | undefined;
  for (const path of paths) if (path.hasRoom && (best === undefined || path.rtt < best.rtt)) best = path;
  return best;
};

/** Of these, those that are to be used: backups only when nothing else is up (section 3.3.8). */
const usable = (paths: readonly SchedulerPath[]): readonly SchedulerPath[] => {
  let backups = 0;
  let working = 0;
  for (const { backup, stalled } of paths) {
    if (backup) backups += 1;
    else if (!stalled) working += 1;
  }
  return backups === 0 || working === 0 ? paths : paths.filter(({ backup }) => !backup);
};

const choose = (path: SchedulerPath | undefined): Choice | undefined =>
  path === undefined ? undefined : { subflow: path.subflow, skip: 0 };

/** The lowest time-distance first: of the subflows with room the one with the shortest round trip. */
export const lowestRtt: Scheduler = { name: 'lowest-rtt', choose: (paths) => choose(nearest(usable(paths))) };

/** In turn, whatever their round trips: the first with room that has the least in flight for its window. */
export const evenly: Scheduler = {
  name: 'evenly',
  choose: (paths) => {
    let best: SchedulerPath | undefined;
    for (const path of usable(paths))
      if (path.hasRoom && (best === undefined || path.inFlight / path.congestionWindow < best.inFlight / best.congestionWindow))
        best = path;
    return choose(best);
  },
};

/** Overflow: a path is used only when all before it, in the order given, have no room. Subflows that are not named come last, by their numbers. */
export const overflow = (order: readonly number[]): Scheduler => {
  const rank = ({ subflow }: SchedulerPath): number => (order.includes(subflow) ? order.indexOf(subflow) : order.length + subflow);
  return {
    name: 'overflow',
    choose: (paths) => {
      let best: SchedulerPath | undefined;
      for (const path of usable(paths)) if (path.hasRoom && (best === undefined || rank(path) < rank(best))) best = path;
      return choose(best);
    },
  };
};

/**
 * The thesis's proposal (figure 4.8): a slow path gets the data that it can deliver in time. Until what a path takes has arrived, half a
 * round trip of its own, faster ones will have delivered what they send until half a round trip of theirs before; that much is left to
 * them, and what lies beyond goes on the slow path. Where nothing lies beyond, the fast ones will be done sooner, and the slow one waits.
 */
export const inTime: Scheduler = {
  name: 'in-time',
  choose: (paths, unsent) => {
    const candidates = usable(paths);
    const slow = nearest(candidates);
    if (slow === undefined) return undefined;
    let skip = 0;
    // A window for each round trip.
    for (const { rtt, congestionWindow } of candidates)
      if (rtt < slow.rtt) skip += (congestionWindow * (slow.rtt - rtt)) / (2 * Math.max(rtt, 1));
    skip = Math.floor(skip);
    return skip >= unsent && skip > 0 ? undefined : { subflow: slow.subflow, skip };
  },
};
