/** `polypath machine`: the state machines, printed from their tables. */

import { toJson, toMermaid, toTable } from '../../state-machines/listing.ts';
import type { AnyMachine } from '../../state-machines/machine.ts';
import { UsageError, type Io } from './io.ts';

/** How a machine can be printed: as a Markdown table, as a Mermaid diagram, as JSON. */
export const machineFormats = ['table', 'mermaid', 'json'] as const;
export type MachineFormat = (typeof machineFormats)[number];

/** What the command line asked for; no name means all of them. */
export interface MachineArguments {
  readonly name?: string;
  readonly format: MachineFormat;
}

/**
 * Runs the command; the exit code is 0. With a name JSON is that machine's object, without one the list of all. A name that no machine has is
 * a `UsageError`. @example await machine({ name: 'mptcp-subflow', format: 'mermaid' }, machines, io)
 */
export const machine = async ({ name, format }: MachineArguments, machines: readonly AnyMachine[], io: Io): Promise<number> => {
  const chosen = name === undefined ? machines : machines.filter((one) => one.name === name);
  if (chosen.length === 0) throw new UsageError(`no machine '${name}'; there are ${machines.map((one) => one.name).join(', ')}`);
  if (format === 'json') {
    const printed = chosen.map(toJson);
    io.out.write(`${JSON.stringify(name === undefined ? printed : printed[0], undefined, 2)}\n`);
  } else {
    io.out.write(chosen.map(format === 'mermaid' ? toMermaid : toTable).join('\n'));
  }
  await io.out.drained();
  return 0;
};
