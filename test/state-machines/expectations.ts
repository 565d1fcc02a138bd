/**
 * Cells told a second time, as text: what the section says an event does in a state, written from the RFC and not from the table, and
 * what compares the two. One line is
 *
 *     receiveMpFail rst=false with mpFailSent=true | KEYS_SENT M_ESTAB | 3.7 | goto FALLBACK, cause=mpFail
 *
 * that is the event with its fields, what the context holds before, the states, the section, and all that happens: `-` is nothing,
 * `never` that the event cannot occur.
 */
import { describeAction } from '../../state-machines/listing.ts';
import { step } from '../../state-machines/machine.ts';
import type { AnyAction, AnyMachine, AnyOutcome } from '../../state-machines/machine.ts';

/** One line for one state. */
export interface Expectation {
  readonly line: string;
  readonly event: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly state: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly section: string;
  readonly never: boolean;
  /** All actions but `goto` and `set`, in the words of `describeAction`, sorted. */
  readonly actions: readonly string[];
  /** The context afterwards, as far as it differs. */
  readonly changes: Readonly<Record<string, unknown>>;
}

const value = (text: string): unknown => (text === 'true' || text === 'false' ? text === 'true' : /^\d+$/.test(text) ? Number(text) : text);

const fields = (text: string): Record<string, unknown> =>
  Object.fromEntries(
    text
      .split(' ')
      .filter((part) => part.includes('='))
      .map((part) => {
        const [name = '', text = ''] = part.split('=');
        return [name, value(text)];
      }),
  );

/** `owe sendRst 3.2-6` in the words of `describeAction`. */
const inFull = (action: string, rfc: number): string => action.replace(/^(owe \w+|permit|forbid) (\S+)$/, `$1 (RFC${rfc}-$2)`);

/** Reads the lines; `groups` are names for several states, requirements are of `rfc`. Empty lines and lines that start with `#` are for the reader. */
export const readExpectations = (text: string, groups: Readonly<Record<string, string>>, rfc = 8684): readonly Expectation[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [head = '', states = '', section = '', results = ''] = line.split('|').map((part) => part.trim());
      const [event = '', given = ''] = head.split(' with ');
      const does = results === '-' || results === 'never' ? [] : results.split(', ');
      const changes = fields(does.join(' '));
      const going = does.find((one) => one.startsWith('goto '));
      if (going !== undefined) changes['state'] = going.slice('goto '.length);
      return states
        .split(' ')
        .flatMap((state) => (groups[state] ?? state).split(' '))
        .map((state) => ({
          line: `${state}: ${line}`,
          event: { ...fields(event), type: event.split(' ')[0]! },
          state,
          given: fields(given),
          section,
          never: results === 'never',
          actions: does
            .filter((one) => !one.startsWith('goto ') && !one.includes('='))
            .map((one) => inFull(one, rfc))
            .toSorted(),
          changes,
        }));
    });

/** Steps a machine that is known only as `AnyMachine`, with an event that was read from text: what a test, and nobody else, may do. */
type AnyStep = (machine: AnyMachine, context: Record<string, unknown>, event: { readonly type: string }) => AnyOutcome;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const anyStep = step as unknown as AnyStep;

const observed = (actions: readonly AnyAction[]): readonly string[] =>
  actions
    .filter(({ do: kind }) => kind !== 'goto' && kind !== 'set' && kind !== 'count')
    .map(describeAction)
    .toSorted();

/** Why the machine does not do what the line says; undefined when it does. `seen` gets the outcome's id. */
export const disagreement = (
  machine: AnyMachine,
  fresh: () => object,
  { line, event, state, given, section, never, actions, changes }: Expectation,
  seen: Set<string> = new Set(),
): string | undefined => {
  const before = { ...fresh(), ...given, state };
  const context: Record<string, unknown> = { ...before };
  const outcome = anyStep(machine, context, event);
  seen.add(outcome.id);
  const expected = JSON.stringify([section, never, actions, { ...before, ...changes }]);
  const actual = JSON.stringify([outcome.section, outcome.impossible !== null, observed(outcome.actions), context]);
  return expected === actual ? undefined : `${line}\n  expected ${expected}\n  seen     ${actual}`;
};
