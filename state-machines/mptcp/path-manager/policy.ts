/**
 * Policies: when a further subflow is worth opening, and when one is to be dropped, as data. A connection that says a few octets is done before a second handshake pays;
 * one that lasts, or that its first path holds back, gains by it. One pure function reads them. Octets and ms.
 */

/** What must be so. */
export type Condition =
  /** The application has written at least so much at once. */
  | { readonly if: 'write'; readonly octets: number }
  /** It has written at least so much since the connection began. */
  | { readonly if: 'octets'; readonly octets: number }
  /** The connection is at least so old. */
  | { readonly if: 'age'; readonly ms: number }
  /** So many round trips have passed since the first data: two are enough for the peer's window and its first answer to be seen. */
  | { readonly if: 'roundTrips'; readonly count: number }
  /** A subflow has left slow start: it has found what its path bears. */
  | { readonly if: 'slowStartOver' }
  /** The network holds the connection back (there is more to send than the windows let), or the application does (it has nothing to send), for at least so long. */
  | { readonly if: 'limitedBy'; readonly what: Limitation; readonly ms?: number }
  /** The peer's or the own port of the first subflow lies in this range. */
  | { readonly if: 'port'; readonly from: number; readonly to?: number }
  /** The path goes over this medium. */
  | { readonly if: 'medium'; readonly medium: string }
  /** At least so many subflows are open. */
  | { readonly if: 'subflows'; readonly count: number }
  | { readonly if: 'all'; readonly of: readonly Condition[] }
  | { readonly if: 'any'; readonly of: readonly Condition[] }
  | { readonly if: 'not'; readonly of: Condition };

export type Limitation = 'network' | 'application';

/** A rule: what is done where its condition holds; without one it always does. */
export interface Rule<D extends string> {
  readonly do: D;
  readonly when?: Condition;
}

/** When subflows are opened and dropped. The first rule whose condition holds decides; where none does, nothing happens. */
export interface PathPolicy {
  /** For a path without a subflow: open one, open one as a backup, or leave it for good. */
  readonly open: readonly Rule<'open' | 'backup' | 'never'>[];
  /** For a path with one: close it, or keep it. */
  readonly drop: readonly Rule<'drop' | 'keep'>[];
}

/** What is known of a connection, and of the path in question. Times are on one clock. */
export interface Situation {
  readonly now: number;
  readonly openedAt: number;
  /** When data was first sent or received. */
  readonly firstDataAt?: number;
  /** Smoothed round-trip time of its first subflow. */
  readonly roundTrip?: number;
  readonly largestWrite: number;
  readonly octets: number;
  readonly slowStartOver: boolean;
  /** By what it is held back, and since when. */
  readonly limitation?: { readonly by: Limitation; readonly since: number };
  readonly localPort: number;
  readonly remotePort: number;
  readonly medium?: string;
  readonly subflows: number;
}

/** When a condition of time comes true; Infinity where that cannot be told yet. */
const dueAt = (condition: Condition, { openedAt, firstDataAt, roundTrip, limitation }: Situation): number => {
  if (condition.if === 'age') return openedAt + condition.ms;
  if (condition.if === 'roundTrips')
    return firstDataAt === undefined || roundTrip === undefined ? Infinity : firstDataAt + condition.count * roundTrip;
  if (condition.if === 'limitedBy') return limitation?.by === condition.what ? limitation.since + (condition.ms ?? 0) : Infinity;
  return Infinity;
};

/** Whether a condition holds. @example holds({ if: 'write', octets: 100_000 }, situation) */
export const holds = (condition: Condition, situation: Situation): boolean => {
  switch (condition.if) {
    case 'write':
      return situation.largestWrite >= condition.octets;
    case 'octets':
      return situation.octets >= condition.octets;
    case 'slowStartOver':
      return situation.slowStartOver;
    case 'age':
    case 'roundTrips':
    case 'limitedBy':
      return dueAt(condition, situation) <= situation.now;
    case 'port': {
      const { from, to = from } = condition;
      return [situation.localPort, situation.remotePort].some((port) => port >= from && port <= to);
    }
    case 'medium':
      return situation.medium === condition.medium;
    case 'subflows':
      return situation.subflows >= condition.count;
    case 'all':
      return condition.of.every((each) => holds(each, situation));
    case 'any':
      return condition.of.some((each) => holds(each, situation));
    case 'not':
      return !holds(condition.of, situation);
  }
};

/** What the rules decide: what the first one says whose condition holds; undefined where none does. @example decide(policy.open, situation) // 'open' */
export const decide = <D extends string>(rules: readonly Rule<D>[], situation: Situation): D | undefined =>
  rules.find(({ when }) => when === undefined || holds(when, situation))?.do;

/** The conditions that a condition is made of. */
const parts = (condition: Condition): readonly Condition[] => {
  if (condition.if === 'all' || condition.if === 'any') return condition.of.flatMap(parts);
  return condition.if === 'not' ? parts(condition.of) : [condition];
};

/** When rules may decide otherwise though nothing else happens; Infinity where they will not. */
export const nextDecision = (rules: readonly Rule<string>[], situation: Situation): number =>
  Math.min(
    ...rules
      .flatMap(({ when }) => (when === undefined ? [] : parts(when)))
      .map((condition) => dueAt(condition, situation))
      .filter((time) => time > situation.now),
  );

/** A subflow on every path at once, and none is dropped. */
export const everyPath: PathPolicy = { open: [{ do: 'open' }], drop: [] };

/** Only connections that turn out to be long: a large write, much data, some age, or a first path that has become full. */
export const longFlows: PathPolicy = {
  open: [
    {
      do: 'open',
      when: {
        if: 'all',
        of: [
          { if: 'roundTrips', count: 2 },
          {
            if: 'any',
            of: [
              { if: 'write', octets: 100_000 },
              { if: 'octets', octets: 1_000_000 },
              { if: 'age', ms: 10_000 },
              { if: 'slowStartOver' },
              { if: 'limitedBy', what: 'network', ms: 500 },
            ],
          },
        ],
      },
    },
  ],
  drop: [{ do: 'drop', when: { if: 'limitedBy', what: 'application', ms: 60_000 } }],
};
