/**
 * Machines with one cell changed. Each must be noticed by the expectations: a mutant that nobody notices is a cell that is visited but not
 * asserted.
 */
import type { AnyAction, AnyCell, AnyMachine, AnyOutcome } from '../../state-machines/machine.ts';
import { disagreement } from './expectations.ts';
import type { Expectation } from './expectations.ts';

/** A machine with one change, in words. */
export interface Mutant {
  /** The id of the outcome that was changed. */
  readonly outcome: string;
  readonly change: string;
  readonly machine: AnyMachine;
}

/** What an action can wrongly be. */
const wrongActions = (action: AnyAction, states: readonly string[]): readonly AnyAction[] => {
  switch (action.do) {
    case 'goto':
      return states.filter((state) => state !== action.state).map((state) => ({ do: 'goto', state }));
    case 'start':
    case 'stop':
    case 'restart':
      return [{ ...action, do: action.do === 'stop' ? 'start' : 'stop' }];
    case 'emit':
      return [{ do: 'emit', effect: 'somethingElse' }];
    case 'set':
      return [{ ...action, value: 'somethingElse' }];
    case 'owe':
      return [
        { ...action, by: 'sendNothing' },
        { ...action, requirement: 'RFC8684-0-0' },
      ];
    case 'permit':
    case 'forbid':
      return [
        { ...action, do: action.do === 'permit' ? 'forbid' : 'permit' },
        { ...action, requirement: 'RFC8684-0-0' },
      ];
    default:
      return [];
  }
};

/** What an outcome can wrongly be: another section, an action too few, a wrong one, another state, an event that cannot occur or can. */
const wrongOutcomes = (outcome: AnyOutcome, state: string, states: readonly string[]): readonly (readonly [string, AnyOutcome])[] => {
  const { actions, impossible } = outcome;
  const moves = actions.some((action) => action.do === 'goto');
  const elsewhere = states.find((other) => other !== state) ?? state;
  return [
    ['another section', { ...outcome, section: '0' }],
    [impossible === null ? 'cannot occur' : 'can occur', { ...outcome, impossible: impossible === null ? 'mutant' : null }],
    ...(moves ? [] : [['leaves the state', { ...outcome, actions: [...actions, { do: 'goto', state: elsewhere }] }] as const]),
    ...actions.flatMap((action, at) => [
      [`without ${action.do}`, { ...outcome, actions: actions.toSpliced(at, 1) }] as const,
      ...wrongActions(action, states).map((wrong) => [`another ${action.do}`, { ...outcome, actions: actions.with(at, wrong) }] as const),
    ]),
  ];
};

/** What a cell can wrongly be: one of its outcomes is wrong, or its guard picks another one. */
const wrongCells = (cell: AnyCell, state: string, states: readonly string[]): readonly (readonly [string, string, AnyCell])[] => {
  if (!('guard' in cell)) return wrongOutcomes(cell, state, states).map(([change, wrong]) => [cell.id, change, wrong]);
  const { guard, outcomes } = cell;
  return Object.entries(outcomes).flatMap(([name, outcome]) => [
    ...wrongOutcomes(outcome, state, states).map(
      ([change, wrong]) => [outcome.id, change, { guard, outcomes: { ...outcomes, [name]: wrong } }] as const,
    ),
    ...Object.keys(outcomes)
      .filter((other) => JSON.stringify({ ...outcomes[other], id: '' }) !== JSON.stringify({ ...outcome, id: '' }))
      .map((other) => [outcome.id, `the guard picks ${other}`, { guard, outcomes: { ...outcomes, [name]: outcomes[other]! } }] as const),
  ]);
};

/** Every mutant of a machine. */
export const mutantsOf = function* (machine: AnyMachine): Generator<Mutant> {
  for (const [event, row] of Object.entries(machine.cells))
    for (const [state, cell] of Object.entries(row))
      for (const [outcome, change, wrong] of wrongCells(cell, state, machine.states))
        yield { outcome, change, machine: { ...machine, cells: { ...machine.cells, [event]: { ...row, [state]: wrong } } } };
};

/** How many cells, outcomes and mutants there are, and which mutants no expectation notices. */
export const tryMutants = (
  machine: AnyMachine,
  fresh: () => object,
  expectations: readonly Expectation[],
): { readonly cells: number; readonly outcomes: number; readonly mutants: number; readonly survivors: readonly string[] } => {
  const byCell = new Map<string, Expectation[]>();
  for (const expectation of expectations) {
    const cell = `${expectation.event.type}/${expectation.state}`;
    byCell.set(cell, [...(byCell.get(cell) ?? []), expectation]);
  }
  const cells = new Set<string>();
  const outcomes = new Set<string>();
  const survivors: string[] = [];
  let mutants = 0;
  for (const { outcome, change, machine: mutant } of mutantsOf(machine)) {
    outcomes.add(outcome);
    mutants += 1;
    const cell = outcome.split('/').slice(0, 2).join('/');
    cells.add(cell);
    const asked = byCell.get(cell) ?? [];
    if (!asked.some((expectation) => disagreement(mutant, fresh, expectation) !== undefined)) survivors.push(`${outcome}: ${change}`);
  }
  return { cells: cells.size, outcomes: outcomes.size, mutants, survivors };
};
