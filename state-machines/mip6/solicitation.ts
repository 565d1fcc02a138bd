/**
 * What a mobile node asks its home network away from home, and asks again until it is answered: home agent address discovery (RFC 6275 section 11.4.1) and mobile
 * prefix solicitation (sections 11.4.2, 11.4.3 and 11.8). One table for both; what differs are the constants of section 12.
 */
import { u16 } from '../../codecs/bytes.ts';
import { emit, goto, machine, restart, step, stop } from '../machine.ts';
import type { Table } from '../machine.ts';
import { MAX_BINDACK_TIMEOUT } from './correspondent-registration.ts';

/** Asking: a question is out. */
export type SolicitationState = 'Idle' | 'Asking';

export interface SolicitationContext {
  state: SolicitationState;
}

/** An answer is `matching` when its identifier is that of the question that is out, and it comes from where it must (section 11.4.3). */
export type SolicitationEvent =
  | { readonly type: 'ask' }
  | { readonly type: 'receiveAnswer'; readonly matching: boolean }
  | { readonly type: 'retransmit'; readonly again: boolean }
  | { readonly type: 'abandon' };
export type SolicitationTimer = 'retransmit';
/** `new`: a new random identifier; `send`: the question; `accept`: what the answer says holds; `unsolicited`: it does not, and the question should be asked. */
export type SolicitationEffect = 'new' | 'send' | 'accept' | 'unsolicited' | 'failed';

const table: Table<SolicitationContext, SolicitationEvent, SolicitationState, SolicitationTimer, SolicitationEffect> = {
  ask: (on) => ({
    Idle: on('11.4.2', emit('new'), emit('send'), restart('retransmit'), goto('Asking')),
    Asking: on('11.8'),
  }),

  receiveAnswer: (on) => ({
    // What nobody asked for is discarded, and should be asked for (section 11.4.3).
    Idle: on('11.4.3', emit('unsolicited')),
    Asking: on.choose((_, { matching }) => (matching ? 'matching' : 'foreign'), {
      matching: on('11.4.3', emit('accept'), stop('retransmit'), goto('Idle')),
      foreign: on('11.4.3'),
    }),
  }),

  retransmit: (on) => ({
    Asking: on.choose((_, { again }) => (again ? 'again' : 'enough'), {
      again: on('11.8', emit('send'), restart('retransmit')),
      enough: on('11.4.1', emit('failed'), goto('Idle')),
    }),
    Idle: on.impossible('nothing waits for an answer', '11.8'),
  }),

  // Home, or about to ask somebody else.
  abandon: (on) => ({
    Asking: on('11.8', stop('retransmit'), goto('Idle')),
    Idle: on('11.8'),
  }),
};

/** `step(solicitationMachine, context, { type: 'ask' })` leaves it Asking. */
export const solicitationMachine = machine<
  SolicitationContext,
  SolicitationEvent,
  SolicitationState,
  SolicitationTimer,
  SolicitationEffect
>({
  name: 'mip6-solicitation',
  rfc: 6275,
  section: '11.4',
  summary: 'What a mobile node asks of its home network until it is answered: its home agents, or its prefixes.',
  initial: 'Idle',
  states: ['Idle', 'Asking'],
  words: {
    ask: 'the mobile node wants to know',
    receiveAnswer: 'receives an answer',
    retransmit: 'no answer has come in time',
    abandon: 'the mobile node does not want to know any more',
  },
  table,
});

/** Nothing is asked. @example step(solicitationMachine, newSolicitationContext(), { type: 'ask' }) */
export const newSolicitationContext = (): SolicitationContext => ({ state: 'Idle' });

/** Of section 12, in ms, and how often. */
export const INITIAL_DHAAD_TIMEOUT = 3000;
export const DHAAD_RETRIES = 4;
export const INITIAL_SOLICIT_TIMER = 3000;

/** How one question is repeated: the interval doubles, up to MAX_BINDACK_TIMEOUT where it is repeated for ever (section 11.8). */
export interface SolicitationSettings {
  /** In ms. */
  readonly initial: number;
  /** Retransmissions; for ever when left out. */
  readonly retries?: number;
  readonly random: (octets: number) => Uint8Array;
}

/** What is to be done. `send`: the question, with this identifier. */
export type SolicitationOutput =
  | { readonly type: 'send'; readonly identifier: number }
  | { readonly type: 'accept' | 'unsolicited' | 'failed' };

/**
 * One question. @example new Solicitation({ initial: INITIAL_DHAAD_TIMEOUT, retries: DHAAD_RETRIES, random }).ask(now) // [ { type: 'send', identifier: 4711 } ]
 */
export class Solicitation {
  readonly #settings: SolicitationSettings;
  readonly #context = newSolicitationContext();
  #identifier = 0;
  #sent = 0;
  #due: number | undefined;

  constructor(settings: SolicitationSettings) {
    this.#settings = settings;
  }

  get nextTimer(): number | undefined {
    return this.#due;
  }

  ask(now: number): readonly SolicitationOutput[] {
    return this.#feed({ type: 'ask' }, now);
  }

  /** An answer came; `authentic` where it came from whom it must. */
  answered(identifier: number, authentic: boolean, now: number): readonly SolicitationOutput[] {
    if (!authentic) return [];
    return this.#feed({ type: 'receiveAnswer', matching: identifier === this.#identifier }, now);
  }

  abandon(now: number): void {
    this.#feed({ type: 'abandon' }, now);
  }

  tick(now: number): readonly SolicitationOutput[] {
    if (this.#due === undefined || this.#due > now) return [];
    this.#due = undefined;
    return this.#feed({ type: 'retransmit', again: this.#sent <= (this.#settings.retries ?? Infinity) }, now);
  }

  #feed(event: SolicitationEvent, now: number): readonly SolicitationOutput[] {
    const { initial, retries, random } = this.#settings;
    const outputs: SolicitationOutput[] = [];
    for (const action of step(solicitationMachine, this.#context, event).actions) {
      if (action.do === 'stop') this.#due = undefined;
      else if (action.do === 'restart') {
        const interval = initial * 2 ** (this.#sent - 1);
        this.#due = now + (retries === undefined ? Math.min(interval, MAX_BINDACK_TIMEOUT) : interval);
      } else if (action.do === 'emit') {
        if (action.effect === 'new') [this.#identifier, this.#sent] = [u16(random(2), 0), 0];
        else if (action.effect === 'send') {
          this.#sent += 1;
          outputs.push({ type: 'send', identifier: this.#identifier });
        } else outputs.push({ type: action.effect });
      }
    }
    return outputs;
  }
}
