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
