/**
 * What a machine is: a table whose rows are events and whose columns are states, as the RFCs draw them. How it is stepped stands here;
 * how it is listed and drawn stands in listing.ts.
 *
 * Two rules. First: a table is data. A cell names the section that says so and lists its actions; where a decision is needed, a small
 * pure function picks one of the outcomes that stand beside it. "Nothing happens" is written down too: `on('3.2')`. Second: what a
 * host *sends* is an event like what it receives. An endpoint asks the table before it sends (`look`), a follower of a capture feeds
 * the table with what it sees (`step`): one table serves both.
 *
 * Conformance is in the cells as well: what a host comes to owe (`owe`), what it may do (`permit`) and what it must not (`forbid`), each
 * with the requirement that says so.
 */

/** Go to another state. */
export interface Goto<S> {
  readonly do: 'goto';
  readonly state: S;
}
/** Start, stop or restart a timer. The owner keeps the clock; when the timer fires, it feeds the machine the event of that name. */
export interface Timing<T> {
  readonly do: 'start' | 'stop' | 'restart';
  readonly timer: T;
}
/** Something for the owner to do: close the subflows, report a new state. */
export interface Emit<F> {
  readonly do: 'emit';
  readonly effect: F;
}
/** Remember a constant in the context. */
export interface Assign<K, V> {
  readonly do: 'set';
  readonly field: K;
  readonly value: V;
}
/** Add one to a number of the context. */
export interface Count<K> {
  readonly do: 'count';
  readonly field: K;
}
/**
 * From now on the host owes one of the sending events `by`: the next event of such a type pays it, unless that same event makes the
 * host owe it anew. An endpoint sends it, a follower waits for it.
 */
export interface Owe<E> {
  readonly do: 'owe';
  readonly by: E;
  readonly requirement: string;
}
/** The host has just done what the requirement asks, where it could have done otherwise. */
export interface Permit {
  readonly do: 'permit';
  readonly requirement: string;
}
/** The host must not do what it has just done (an endpoint: is about to do). */
export interface Forbid {
  readonly do: 'forbid';
  readonly requirement: string;
}
/** Whatever is still owed here is owed no more: whom it was for is gone. */
export interface Waive {
  readonly do: 'waive';
}

/** Names of the fields of `C` that an action may set. */
type Field<C> = Exclude<keyof C, 'state'>;
/** Names of the fields of `C` that hold a number. */
type Counter<C> = { [K in Field<C>]: C[K] extends number ? (number extends C[K] ? K : never) : never }[Field<C>];

/** What a cell does: data, never code. `K` are the event types. */
export type Action<C, K, S, T, F> =
  | Goto<S>
  | Timing<T>
  | Emit<F>
  | { [N in Field<C>]: Assign<N, C[N]> }[Field<C>]
  | Count<Counter<C>>
  | Owe<K>
  | Permit
  | Forbid
  | Waive;

/** Any action, for who prints or counts them. */
export type AnyAction =
  | Goto<string>
  | Timing<string>
  | Emit<unknown>
  | Assign<PropertyKey, unknown>
  | Count<PropertyKey>
  | Owe<string>
  | Permit
  | Forbid
  | Waive;

/** `goto('ESTABLISHED')` */
export const goto = <const S extends string>(state: S): Goto<S> => ({ do: 'goto', state });
/** `start('timeWait')` */
export const start = <const T extends string>(timer: T): Timing<T> => ({ do: 'start', timer });
/** `stop('timeWait')` */
export const stop = <const T extends string>(timer: T): Timing<T> => ({ do: 'stop', timer });
/** `restart('timeWait')` */
export const restart = <const T extends string>(timer: T): Timing<T> => ({ do: 'restart', timer });
/** `emit('closeSubflows')` */
export const emit = <const F>(effect: F): Emit<F> => ({ do: 'emit', effect });
/** `set('cause', 'plainSynAck')` */
export const set = <const K extends string, const V>(field: K, value: V): Assign<K, V> => ({ do: 'set', field, value });
/** `count('retransmissions')` */
export const count = <const K extends string>(field: K): Count<K> => ({ do: 'count', field });
/** `owe('sendRst', 'RFC8684-3.2-6')` */
export const owe = <const E extends string>(by: E, requirement: string): Owe<E> => ({ do: 'owe', by, requirement });
/** `permit('RFC8684-3.2-c')` */
export const permit = (requirement: string): Permit => ({ do: 'permit', requirement });
/** `forbid('RFC8684-3.2-c')` */
export const forbid = (requirement: string): Forbid => ({ do: 'forbid', requirement });
/** `waive()` */
export const waive = (): Waive => ({ do: 'waive' });

/** One possible outcome of an event in a state: the section that says so, and what it does. */
export interface Outcome<C, K, S, T, F> {
  /** Unique in its machine: `receiveJoinSyn/CLOSED`, `receiveJoinSyn/CLOSED/known` where a guard picks. Empty until the machine is made. */
  readonly id: string;
  /** Of the machine's RFC: `3.2`. */
  readonly section: string;
  readonly actions: readonly Action<C, K, S, T, F>[];
  /** Why this event cannot occur in this state; null where it can. An endpoint does not send it; a follower that sees it has lost the thread. */
  readonly impossible: string | null;
}

/** Several outcomes and who picks one of them: a pure function that changes nothing. */
export interface Choice<C, E, K, S, T, F> {
  readonly guard: (context: Readonly<C>, event: E) => string;
  readonly outcomes: Readonly<Record<string, Outcome<C, K, S, T, F>>>;
}

export type Cell<C, E, K, S, T, F> = Outcome<C, K, S, T, F> | Choice<C, E, K, S, T, F>;

/** What a row is written with. */
export interface On<C, E, K, S, T, F> {
  /** A cell: `on('3.2', goto('RESET'))`; `on('3.2')` says that nothing happens. */
  (section: string, ...actions: Action<C, K, S, T, F>[]): Outcome<C, K, S, T, F>;
  /**
   * A cell with several outcomes: `on.choose((_, event) => event.token, { known: on('3.2', ...), unknown: on('3.2', ...) })`.
   * An outcome that the guard names and the list lacks, or the other way round, does not compile.
   */
  choose<N extends string>(
    guard: (context: Readonly<C>, event: E) => N,
    outcomes: { readonly [P in NoInfer<N>]: Outcome<C, K, S, T, F> },
  ): Choice<C, E, K, S, T, F>;
  /** An event that cannot occur in this state: `on.impossible('the timer does not run', '3.2')`. */
  impossible(why: string, section: string): Outcome<C, K, S, T, F>;
}

/** The event of type `K`. */
type EventOf<E, K> = Extract<E, { readonly type: K }>;

/** A row: one event, a cell for each state. A function, so that the compiler knows the event inside a guard. */
export type Row<C, E extends { readonly type: string }, S extends string, T extends string, F, K extends E['type']> = (
  on: On<C, EventOf<E, K>, E['type'], S, T, F>,
) => { readonly [P in S]: Cell<C, EventOf<E, K>, E['type'], S, T, F> };

/** The table as it is written. A missing row or cell does not compile. */
export type Table<C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F> = {
  readonly [K in E['type']]: Row<C, E, S, T, F, K>;
};

/** A machine ready to step. It holds no run: that is the context. */
export interface Machine<C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F> {
  /** `mptcp-connection` */
  readonly name: string;
  readonly rfc: number;
  /** Where the RFC describes it. */
  readonly section: string;
  /** One sentence. */
  readonly summary: string;
  readonly initial: S;
  readonly states: readonly S[];
  /** Each event in words. */
  readonly words: { readonly [K in E['type']]: string };
  readonly cells: { readonly [K in E['type']]: { readonly [P in S]: Cell<C, EventOf<E, K>, E['type'], S, T, F> } };
}

/** Any machine, for who lists or draws them. `never` as a guard's arguments: whoever has only this cannot call one. */
export interface AnyMachine {
  readonly name: string;
  readonly rfc: number;
  readonly section: string;
  readonly summary: string;
  readonly initial: string;
  readonly states: readonly string[];
  readonly words: Readonly<Record<string, string>>;
  readonly cells: Readonly<Record<string, Readonly<Record<string, AnyCell>>>>;
}
/** Any outcome. */
export interface AnyOutcome {
  readonly id: string;
  readonly section: string;
  readonly actions: readonly AnyAction[];
  readonly impossible: string | null;
}
/** Any cell. */
export type AnyCell =
  | AnyOutcome
  | { readonly guard: (context: never, event: never) => string; readonly outcomes: Readonly<Record<string, AnyOutcome>> };

/**
 * The same cell for several states: `...each(['M_FIN_WAIT_1', 'M_CLOSING'], on('3.3.3', forbid('RFC8684-3.3.3-b')))`.
 * In the machine each state has an outcome of its own, so that coverage tells them apart.
 */
export function each<const P extends string, V>(states: readonly P[], cell: V): { readonly [N in P]: V };
export function each<V>(states: readonly string[], cell: V): Readonly<Record<string, V>> {
  return Object.fromEntries(states.map((state) => [state, cell]));
}

/** What `machine` is given: everything of the machine, with the table instead of its cells. */
export interface Definition<C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F> {
  readonly name: string;
  readonly rfc: number;
  readonly section: string;
  readonly summary: string;
  readonly initial: S;
  readonly states: readonly S[];
  readonly words: { readonly [K in E['type']]: string };
  readonly table: Table<C, E, S, T, F>;
}

/** Writes the cells of one row. */
const writer = <C, E, K, S, T, F>(): On<C, E, K, S, T, F> =>
  Object.assign(
    (section: string, ...actions: Action<C, K, S, T, F>[]): Outcome<C, K, S, T, F> => ({ id: '', section, actions, impossible: null }),
    {
      choose: <N extends string>(
        guard: (context: Readonly<C>, event: E) => N,
        outcomes: { readonly [P in NoInfer<N>]: Outcome<C, K, S, T, F> },
      ): Choice<C, E, K, S, T, F> => ({ guard, outcomes }),
      impossible: (why: string, section: string): Outcome<C, K, S, T, F> => ({ id: '', section, actions: [], impossible: why }),
    },
  );

/** Gives each outcome of a cell the name it has in its machine. */
const named = (cell: AnyCell, id: string): AnyCell =>
  'guard' in cell
    ? {
        guard: cell.guard,
        outcomes: Object.fromEntries(Object.entries(cell.outcomes).map(([name, outcome]) => [name, { ...outcome, id: `${id}/${name}` }])),
      }
    : { ...cell, id };

/**
 * The cells of a table. Two signatures: the first for the callers' types, the second for the loop, which treats all rows alike and so
 * cannot tell what one row may hold; `Table` has.
 */
function cellsOf<C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F>(
  table: Table<C, E, S, T, F>,
  states: readonly S[],
): Machine<C, E, S, T, F>['cells'];
function cellsOf(
  table: Readonly<Record<string, (on: On<any, any, any, any, any, any>) => Readonly<Record<string, AnyCell>>>>,
  states: readonly string[],
): AnyMachine['cells'] {
  return Object.fromEntries(
    Object.entries(table).map(([event, row]) => {
      const cells = row(writer());
      return [event, Object.fromEntries(states.map((state) => [state, named(cells[state]!, `${event}/${state}`)]))];
    }),
  );
}

/** Makes a machine of its table. */
export const machine = <C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F>({
  table,
  ...rest
}: Definition<C, E, S, T, F>): Machine<C, E, S, T, F> => ({ ...rest, cells: cellsOf(table, rest.states) });

/**
 * What `event` would do now, without doing it: how an endpoint asks before it sends. Allocates nothing.
 * `look(connectionMachine, context, { type: 'sendJoinSyn' })`
 */
export const look = <C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F>(
  { cells }: Machine<C, E, S, T, F>,
  context: C,
  event: E,
): Outcome<C, E['type'], S, T, F> => {
  const type: E['type'] = event.type;
  // The row of `event.type` takes this very event: `Table` says so for each type, but the compiler does not follow it for a union of them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const cell = cells[type][context.state] as Cell<C, E, E['type'], S, T, F>;
  return 'guard' in cell ? cell.outcomes[cell.guard(context, event)]! : cell;
};

/**
 * Steps: updates `context` in place and gives back what else is to be done: timers, effects, and what the host owes or has done wrong.
 * The outcome is the table's own and never changes; nothing is allocated. The new state is in `context.state`.
 * `step(subflowMachine, context, { type: 'receiveJoinSyn', token: 'unknown' }).actions`
 */
export const step = <C extends { state: S }, E extends { readonly type: string }, S extends string, T extends string, F>(
  machine: Machine<C, E, S, T, F>,
  context: C,
  event: E,
): Outcome<C, E['type'], S, T, F> => {
  const outcome = look(machine, context, event);
  for (const action of outcome.actions) apply(context, action);
  return outcome;
};

/** What an action changes in the context. `Action` has made sure that the field takes the value; hence the second signature. */
function apply<C extends { state: S }, S extends string>(context: C, action: Action<C, string, S, string, unknown>): void;
function apply(context: Record<PropertyKey, unknown>, action: AnyAction): void {
  if (action.do === 'goto') context['state'] = action.state;
  else if (action.do === 'set') context[action.field] = action.value;
  else if (action.do === 'count') context[action.field] = Number(context[action.field]) + 1;
}

/** Whether an endpoint may do what has this outcome: it can occur in this state and breaks no requirement. */
export const allowed = (outcome: AnyOutcome): boolean =>
  outcome.impossible === null && !outcome.actions.some((action) => action.do === 'forbid');
