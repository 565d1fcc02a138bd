/** What a check is, of any protocol whose packets are few: the requirement it decides, the event it watches, whom it is about, how it judges. */
import { PASS, slotOf } from './evidence.ts';
import type { Finding, Judgement, Ledger } from './evidence.ts';

/**
 * A check over the history `H` of a protocol (each event with what it brings along), told where it stands by `Here`, about one of `About`.
 * Multipath TCP has its own, richer form, since a transfer is judged packet by packet: `mptcp/judge.ts`.
 */
export interface Check<H, Here, About extends string, E extends keyof H = keyof H> {
  readonly requirement: string;
  readonly slot: number;
  readonly event: E;
  readonly about: About;
  /** A method, so that checks of all events fit in one list. */
  run(here: Here, what: H[E]): Judgement;
}

/** A check of any event. */
export type AnyCheckOf<H, Here, About extends string> = { [E in keyof H]: Check<H, Here, About, E> }[keyof H];

/**
 * The function that declares the checks of one protocol.
 *
 * @example
 * export const check = checksOver<History, Here, About>();
 * check('RFC5533-5.4-a', 'i1', 'sender', (_, { message }) => (message.reserved === 0 ? PASS : broken('0', `${message.reserved}`, 'Reserved bits are set in an I1.')));
 */
export const checksOver =
  <H, Here, About extends string>() =>
  <E extends keyof H>(requirement: string, event: E, about: About, run: Check<H, Here, About, E>['run']): Check<H, Here, About, E> => ({
    requirement,
    slot: slotOf(requirement),
    event,
    about,
    run,
  });

/** The checks of one protocol, by the event that they watch. */
export class Checks<H, Here, About extends string> {
  readonly #watching = new Map<keyof H, AnyCheckOf<H, Here, About>[]>();

  constructor(checks: readonly AnyCheckOf<H, Here, About>[]) {
    for (const check of checks) this.#watching.set(check.event, [...(this.#watching.get(check.event) ?? []), check]);
  }

  /**
   * Lets every check of `event` judge it and keeps what they say in `ledger`, at `frame`; `hostOf` says which host each is about.
   * A finding that `holds` takes is not kept: it is to be decided later.
   */
  judge<E extends keyof H>(
    event: E,
    here: Here,
    what: H[E],
    ledger: Ledger,
    frame: number,
    hostOf: (about: About) => 0 | 1,
    holds?: (finding: Finding, slot: number, host: 0 | 1) => boolean,
  ): void {
    for (const check of this.#watching.get(event) ?? []) {
      const host = hostOf(check.about);
      const judgement = check.run(here, what);
      if (typeof judgement === 'object' && holds?.(judgement, check.slot, host) === true) continue;
      keep(ledger, check.slot, host, frame, judgement);
    }
  }
}

/** Keeps a judgement in a ledger; for one that no check made, `slot` is `slotOf(requirement)`. */
export const keep = (ledger: Ledger, slot: number, host: 0 | 1, frame: number, judgement: Judgement): void => {
  if (judgement === undefined) return;
  if (judgement === PASS) ledger.pass(slot, host, frame);
  else ledger.note(slot, judgement.host ?? host, judgement, frame);
};
