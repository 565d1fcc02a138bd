/** A machine listed, drawn and told: all of it read from its table, nothing written twice. */
import type { AnyAction, AnyMachine, AnyOutcome } from './machine.ts';

/** One outcome of one cell. */
export interface ListedCell {
  readonly event: string;
  readonly state: string;
  /** Which outcome of the guard's; null where the cell has only one. */
  readonly choice: string | null;
  readonly outcome: AnyOutcome;
}

/** Every outcome of every cell, row by row. `listCells(subflowMachine).length` */
export const listCells = (machine: AnyMachine): readonly ListedCell[] =>
  Object.entries(machine.cells).flatMap(([event, row]) =>
    Object.entries(row).flatMap(([state, cell]): ListedCell[] =>
      'guard' in cell
        ? Object.entries(cell.outcomes).map(([choice, outcome]) => ({ event, state, choice, outcome }))
        : [{ event, state, choice: null, outcome: cell }],
    ),
  );

/** The ids of all requirements that a machine's cells name, each once, in the order of the table. */
export const requirementsOf = (machine: AnyMachine): readonly string[] => [
  ...new Set(
    listCells(machine).flatMap(({ outcome }) => outcome.actions.flatMap((action) => ('requirement' in action ? [action.requirement] : []))),
  ),
];

/** An effect or value in a few characters. */
const brief = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** An action as the RFCs write them, such as `goto RESET` or `owe sendRst (RFC8684-3.2-6)`. */
export const describeAction = (action: AnyAction): string => {
  switch (action.do) {
    case 'goto':
      return `goto ${action.state}`;
    case 'start':
    case 'stop':
    case 'restart':
      return `${action.do} ${action.timer}`;
    case 'emit':
      return `emit ${brief(action.effect)}`;
    case 'set':
      return `set ${String(action.field)} ${brief(action.value)}`;
    case 'count':
      return `count ${String(action.field)}`;
    case 'owe':
      return `owe ${action.by} (${action.requirement})`;
    case 'waive':
      return 'waive';
    default:
      return `${action.do} (${action.requirement})`;
  }
};

/** An outcome in one line: `goto RESET, waive`; `nothing`; `cannot occur: the timer does not run`. */
export const describeOutcome = ({ actions, impossible }: AnyOutcome): string =>
  impossible === null ? actions.map(describeAction).join(', ') || 'nothing' : `cannot occur: ${impossible}`;

/**
 * The changes of state as a Mermaid `stateDiagram-v2`; what stays in its state is in `toTable`. Events that lead from one state to the
 * same other one share an arrow.
 */
export const toMermaid = (machine: AnyMachine): string => {
  const arrows = new Map<string, string[]>();
  for (const { event, state, choice, outcome } of listCells(machine))
    for (const action of outcome.actions)
      if (action.do === 'goto' && action.state !== state) {
        const arrow = `${state} --> ${action.state}`;
        const label = choice === null ? event : `${event} [${choice}]`;
        arrows.set(arrow, [...(arrows.get(arrow) ?? []), label]);
      }
  return [
    'stateDiagram-v2',
    `    %% ${machine.name}: RFC ${machine.rfc} section ${machine.section}`,
    `    [*] --> ${machine.initial}`,
    ...[...arrows].map(([arrow, labels]) => `    ${arrow}: ${labels.join('<br/>')}`),
    '',
  ].join('\n');
};

/**
 * The whole table in Markdown: for each event the states, what decides, what is done and the section; states that do the same share a
 * line. Readable as plain text, too.
 */
export const toTable = (machine: AnyMachine): string => {
  const lines = new Map<string, { event: string; states: string[]; choice: string; does: string; section: string }>();
  for (const { event, state, choice, outcome } of listCells(machine)) {
    const does = describeOutcome(outcome);
    const key = [event, choice, does, outcome.section].join('|');
    const line = lines.get(key);
    if (line) line.states.push(state);
    else lines.set(key, { event, states: [state], choice: choice ?? '', does, section: outcome.section });
  }
  const rows = [...lines.values()].map(({ event, states, choice, does, section }) => [event, states.join(' '), choice, does, section]);
  return [
    `# ${machine.name}`,
    '',
    `${machine.summary} RFC ${machine.rfc} section ${machine.section}; starts in ${machine.initial}.`,
    '',
    ...Object.entries(machine.words).map(([event, words]) => `- ${event}: ${words}`),
    '',
    ...[['Event', 'State', 'If', 'Does', 'Section'], ['---', '---', '---', '---', '---'], ...rows].map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
};

/** A machine as JSON: what a program that is not ours needs to draw or compare it. */
export interface MachineJson {
  readonly name: string;
  readonly rfc: number;
  readonly section: string;
  readonly summary: string;
  readonly initial: string;
  readonly states: readonly string[];
  readonly events: readonly { readonly event: string; readonly words: string }[];
  readonly cells: readonly {
    readonly event: string;
    readonly state: string;
    readonly choice: string | null;
    readonly section: string;
    readonly impossible: string | null;
    readonly actions: readonly AnyAction[];
  }[];
}

/** `JSON.stringify(toJson(subflowMachine))` */
export const toJson = (machine: AnyMachine): MachineJson => ({
  name: machine.name,
  rfc: machine.rfc,
  section: machine.section,
  summary: machine.summary,
  initial: machine.initial,
  states: machine.states,
  events: Object.entries(machine.words).map(([event, words]) => ({ event, words })),
  cells: listCells(machine).map(({ event, state, choice, outcome }) => ({
    event,
    state,
    choice,
    section: outcome.section,
    impossible: outcome.impossible,
    actions: outcome.actions,
  })),
});
