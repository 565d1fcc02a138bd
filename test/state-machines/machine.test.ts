/** What a machine is: a table that does not compile with a cell missing, stepped in place, listed and drawn from itself. */
import { describe, expect, test } from '@jest/globals';
import { machines } from '../../state-machines/index.ts';
import { describeOutcome, listCells, requirementsOf, toJson, toMermaid, toTable } from '../../state-machines/listing.ts';
import {
  allowed,
  count,
  each,
  emit,
  forbid,
  goto,
  look,
  machine,
  owe,
  permit,
  restart,
  set,
  start,
  step,
  stop,
  waive,
} from '../../state-machines/machine.ts';
import type { Table } from '../../state-machines/machine.ts';

type State = 'SHUT' | 'OPEN' | 'BROKEN';
type Event = { readonly type: 'push'; readonly force: number } | { readonly type: 'sendHello' } | { readonly type: 'slam' };
interface Door {
  state: State;
  pushes: number;
  painted: 'red' | 'green';
}
type Doors = Table<Door, Event, State, 'autoClose', 'creak' | { readonly bang: number }>;

const table: Doors = {
  push: (on) => ({
    SHUT: on.choose(({ pushes }, { force }) => (force > 9 ? 'hard' : pushes > 0 ? 'again' : 'gently'), {
      gently: on('1', count('pushes')),
      again: on('1', count('pushes'), start('autoClose'), emit('creak'), goto('OPEN')),
      hard: on('2', emit({ bang: 3 }), waive(), goto('BROKEN')),
    }),
    ...each(['OPEN', 'BROKEN'], on('1')),
  }),
  sendHello: (on) => ({
    SHUT: on('3', forbid('RFC0000-3-1')),
    OPEN: on('3', permit('RFC0000-3-1'), restart('autoClose')),
    BROKEN: on.impossible('nobody is there', '3'),
  }),
  slam: (on) => ({
    SHUT: on('2'),
    OPEN: on('2', stop('autoClose'), set('painted', 'green'), owe('sendHello', 'RFC0000-3-2'), goto('SHUT')),
    BROKEN: on.impossible('there is no door', '2'),
  }),
};
const door = machine<Door, Event, State, 'autoClose', 'creak' | { readonly bang: number }>({
  name: 'door',
  rfc: 0,
  section: '1',
  summary: 'A door.',
  initial: 'SHUT',
  states: ['SHUT', 'OPEN', 'BROKEN'],
  words: { push: 'is pushed', sendHello: 'greets', slam: 'is slammed' },
  table,
});
const shut = (): Door => ({ state: 'SHUT', pushes: 0, painted: 'red' });

describe('a table', () => {
  test('does not compile with what its types do not know', () => {
    const wrong: Doors = {
      ...table,
      // @ts-expect-error: BROKEN is missing
      slam: (on) => ({ SHUT: on('2'), OPEN: on('2') }),
    };
    const alsoWrong: Doors = {
      ...table,
      push: (on) => ({
        // @ts-expect-error: there is no such state
        SHUT: on('1', goto('AJAR')),
        // @ts-expect-error: no such timer
        OPEN: on('1', start('autoOpen')),
        // @ts-expect-error: the guard names an outcome that is not listed
        BROKEN: on.choose((_, { force }) => (force > 1 ? 'hard' : 'gently'), { hard: on('1') }),
      }),
      sendHello: (on) => ({
        // @ts-expect-error: a listed outcome that the guard cannot name
        SHUT: on.choose(() => 'only' as const, { only: on('3'), other: on('3') }),
        // @ts-expect-error: what is owed is an event of the table
        OPEN: on('3', owe('sendFlowers', 'RFC0000-3-2')),
        // @ts-expect-error: a field is set to what it can hold
        BROKEN: on('3', set('painted', 'blue')),
      }),
      slam: (on) => ({
        // @ts-expect-error: the state is for goto alone
        SHUT: on('2', set('state', 'OPEN')),
        // @ts-expect-error: only numbers are counted
        OPEN: on('2', count('painted')),
        // @ts-expect-error: no such effect
        BROKEN: on('2', emit('squeak')),
      }),
    };
    expect([wrong, alsoWrong]).toHaveLength(2);
  });

  test('tells a guard which event it judges', () => {
    const context = shut();
    expect(step(door, context, { type: 'push', force: 10 }).id).toBe('push/SHUT/hard');
    expect(context.state).toBe('BROKEN');
  });
});

describe('step', () => {
  test('updates the context in place and returns the outcome that was taken', () => {
    const context = shut();
    expect(step(door, context, { type: 'push', force: 1 }).actions).toEqual([{ do: 'count', field: 'pushes' }]);
    expect(context).toEqual({ state: 'SHUT', pushes: 1, painted: 'red' });
    expect(step(door, context, { type: 'push', force: 1 }).id).toBe('push/SHUT/again');
    expect(context).toEqual({ state: 'OPEN', pushes: 2, painted: 'red' });
    expect(step(door, context, { type: 'slam' }).actions).toContainEqual({ do: 'owe', by: 'sendHello', requirement: 'RFC0000-3-2' });
    expect(context).toEqual({ state: 'SHUT', pushes: 2, painted: 'green' });
  });

  test('returns the table’s own outcome each time, never a new one', () => {
    expect(step(door, shut(), { type: 'slam' })).toBe(step(door, shut(), { type: 'slam' }));
  });

  test('gives each state an outcome of its own, though the table wrote one for both', () => {
    const { OPEN, BROKEN } = door.cells.push;
    expect([OPEN, BROKEN]).toMatchObject([{ id: 'push/OPEN' }, { id: 'push/BROKEN' }]);
  });

  test('does nothing for an event that cannot occur', () => {
    const context: Door = { ...shut(), state: 'BROKEN' };
    expect(step(door, context, { type: 'slam' })).toMatchObject({ actions: [], impossible: 'there is no door' });
    expect(context.state).toBe('BROKEN');
  });
});

describe('look', () => {
  test('tells what would happen and leaves the context alone', () => {
    const context = { ...shut(), pushes: 1 };
    expect(look(door, context, { type: 'push', force: 1 }).id).toBe('push/SHUT/again');
    expect(context).toEqual({ ...shut(), pushes: 1 });
  });

  test.each([
    ['SHUT', false],
    ['OPEN', true],
    ['BROKEN', false],
  ] as const)('in %s an endpoint may greet: %s', (state, may) => {
    expect(allowed(look(door, { ...shut(), state }, { type: 'sendHello' }))).toBe(may);
  });
});

describe('a machine in words and pictures', () => {
  test('lists every outcome of every cell once', () => {
    expect(listCells(door).map(({ outcome }) => outcome.id)).toEqual([
      'push/SHUT/gently',
      'push/SHUT/again',
      'push/SHUT/hard',
      'push/OPEN',
      'push/BROKEN',
      'sendHello/SHUT',
      'sendHello/OPEN',
      'sendHello/BROKEN',
      'slam/SHUT',
      'slam/OPEN',
      'slam/BROKEN',
    ]);
  });

  test('names the requirements it judges', () => expect(requirementsOf(door)).toEqual(['RFC0000-3-1', 'RFC0000-3-2']));

  test('is drawn as a Mermaid state diagram', () => {
    expect(toMermaid(door)).toBe(`stateDiagram-v2
    %% door: RFC 0 section 1
    [*] --> SHUT
    SHUT --> OPEN: push [again]
    SHUT --> BROKEN: push [hard]
    OPEN --> SHUT: slam
`);
  });

  test('is written as a table, states that do the same on one line', () => {
    expect(toTable(door).split('\n')).toEqual([
      '# door',
      '',
      'A door. RFC 0 section 1; starts in SHUT.',
      '',
      '- push: is pushed',
      '- sendHello: greets',
      '- slam: is slammed',
      '',
      '| Event | State | If | Does | Section |',
      '| --- | --- | --- | --- | --- |',
      '| push | SHUT | gently | count pushes | 1 |',
      '| push | SHUT | again | count pushes, start autoClose, emit creak, goto OPEN | 1 |',
      '| push | SHUT | hard | emit {"bang":3}, waive, goto BROKEN | 2 |',
      '| push | OPEN BROKEN |  | nothing | 1 |',
      '| sendHello | SHUT |  | forbid (RFC0000-3-1) | 3 |',
      '| sendHello | OPEN |  | permit (RFC0000-3-1), restart autoClose | 3 |',
      '| sendHello | BROKEN |  | cannot occur: nobody is there | 3 |',
      '| slam | SHUT |  | nothing | 2 |',
      '| slam | OPEN |  | stop autoClose, set painted green, owe sendHello (RFC0000-3-2), goto SHUT | 2 |',
      '| slam | BROKEN |  | cannot occur: there is no door | 2 |',
      '',
    ]);
  });

  test.each(machines.map((one) => [one.name, one] as const))('%s survives JSON, cell by cell', (_, one) => {
    const json = toJson(one);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json.cells).toHaveLength(listCells(one).length);
    expect(Object.keys(one.cells)).toHaveLength(json.events.length);
    for (const row of Object.values(one.cells)) expect(Object.keys(row)).toEqual(json.states);
  });

  test.each(machines.map((one) => [one.name, one] as const))('%s has every state on a path from its first', (_, one) => {
    const reached = new Set([one.initial]);
    for (const state of reached)
      for (const cell of listCells(one))
        if (cell.state === state) for (const action of cell.outcome.actions) if (action.do === 'goto') reached.add(action.state);
    expect([...reached].toSorted()).toEqual([...one.states].toSorted());
  });

  test.each(machines.map((one) => [one.name, one] as const))(
    '%s says of every outcome what it does and where the RFC says so',
    (_, one) => {
      for (const { outcome } of listCells(one)) {
        expect(outcome.section).toMatch(/^(\d+(\.\d+)*|[A-Z])$/);
        expect(describeOutcome(outcome)).not.toBe('');
      }
    },
  );
});
