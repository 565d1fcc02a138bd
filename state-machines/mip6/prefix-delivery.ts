/**
 * When a home agent tells one mobile node of the prefixes of the home link, RFC 6275 section 10.6.2: at once when asked; some time after they have changed, and
 * then again until the mobile node has asked for them.
 */
import { emit, goto, machine, restart, step, stop } from '../machine.ts';
import type { Table } from '../machine.ts';

/** Scheduled: an advertisement waits for its time. Unacknowledged: it was sent, and no Mobile Prefix Solicitation has come since. */
export type PrefixDeliveryState = 'Idle' | 'Scheduled' | 'Unacknowledged';

export interface PrefixDeliveryContext {
  state: PrefixDeliveryState;
}

export type PrefixDeliveryEvent =
  | { readonly type: 'prefixesChanged' }
  | { readonly type: 'receiveSolicitation' }
  | { readonly type: 'sendingDue' }
  | { readonly type: 'retransmit'; readonly again: boolean }
  | { readonly type: 'registrationEnded' };
export type PrefixDeliveryTimer = 'schedule' | 'retransmit';
/** `answer`: the advertisement for whoever has asked; `advertise`: one that nobody has asked for. */
export type PrefixDeliveryEffect = 'answer' | 'advertise';

const table: Table<PrefixDeliveryContext, PrefixDeliveryEvent, PrefixDeliveryState, PrefixDeliveryTimer, PrefixDeliveryEffect> = {
  prefixesChanged: (on) => ({
    Idle: on('10.6.2', restart('schedule'), goto('Scheduled')),
    // The list is sent in its entirety: what is sent at its time has the newest.
    Scheduled: on('10.6.2'),
    Unacknowledged: on('10.6.2', stop('retransmit'), restart('schedule'), goto('Scheduled')),
  }),

  receiveSolicitation: (on) => ({
    Idle: on('10.6.2', emit('answer')),
    Scheduled: on('10.6.2', emit('answer'), stop('schedule'), goto('Idle')),
    Unacknowledged: on('10.6.2', emit('answer'), stop('retransmit'), goto('Idle')),
  }),

  sendingDue: (on) => ({
    Scheduled: on('10.6.2', emit('advertise'), restart('retransmit'), goto('Unacknowledged')),
    Idle: on.impossible('nothing is scheduled', '10.6.2'),
    Unacknowledged: on.impossible('nothing is scheduled', '10.6.2'),
  }),

  retransmit: (on) => ({
    Unacknowledged: on.choose((_, { again }) => (again ? 'again' : 'enough'), {
      again: on('10.6.2', emit('advertise'), restart('retransmit')),
      enough: on('10.6.2', goto('Idle')),
    }),
    Idle: on.impossible('nothing was sent', '10.6.2'),
    Scheduled: on.impossible('nothing was sent', '10.6.2'),
  }),

  registrationEnded: (on) => ({
    Idle: on('10.6.2'),
    Scheduled: on('10.6.2', stop('schedule'), goto('Idle')),
    Unacknowledged: on('10.6.2', stop('retransmit'), goto('Idle')),
  }),
};

/** `step(prefixDeliveryMachine, context, { type: 'prefixesChanged' })` leaves it Scheduled. */
export const prefixDeliveryMachine = machine<
  PrefixDeliveryContext,
  PrefixDeliveryEvent,
  PrefixDeliveryState,
  PrefixDeliveryTimer,
  PrefixDeliveryEffect
>({
  name: 'mip6-prefix-delivery',
  rfc: 6275,
  section: '10.6.2',
  summary: 'When a home agent tells one mobile node of the prefixes of the home link.',
  initial: 'Idle',
  states: ['Idle', 'Scheduled', 'Unacknowledged'],
  words: {
    prefixesChanged: 'a prefix of the home link was added or has changed',
    receiveSolicitation: 'receives a Mobile Prefix Solicitation',
    sendingDue: 'the time of a scheduled advertisement has come',
    retransmit: 'no solicitation has acknowledged the advertisement in time',
    registrationEnded: 'the home registration has ended',
  },
  table,
});

/** Nothing is to be delivered. @example step(prefixDeliveryMachine, newPrefixDeliveryContext(), { type: 'prefixesChanged' }) */
export const newPrefixDeliveryContext = (): PrefixDeliveryContext => ({ state: 'Idle' });

/** Of section 12, in ms, and how often. */
export const PREFIX_ADV_TIMEOUT = 3000;
export const PREFIX_ADV_RETRIES = 3;
/** Defaults of section 13, in ms. */
export const MAX_MOB_PFX_ADV_INTERVAL = 86_400_000;
export const MIN_MOB_PFX_ADV_INTERVAL = 600_000;

/** RAND_ADV_DELAY in ms, of a number from 0 to below 1; lifetimes in ms (section 10.6.2). @example advertisementDelay(0, Infinity) // 600000 */
export const advertisementDelay = (random: number, preferredLifetime: number): number => {
  const longest = Math.min(MAX_MOB_PFX_ADV_INTERVAL, preferredLifetime);
  return MIN_MOB_PFX_ADV_INTERVAL + Math.floor(random * Math.abs(longest - MIN_MOB_PFX_ADV_INTERVAL));
};

/** One mobile node. Gives what is to be sent: an answer to who has asked, or an advertisement of its own accord. */
export class PrefixDelivery {
  readonly #context = newPrefixDeliveryContext();
  readonly #timers = new Map<PrefixDeliveryTimer, number>();
  #sent = 0;

  get nextTimer(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...this.#timers.values());
  }

  /** `delay` in ms: `advertisementDelay`. */
  changed(delay: number, now: number): void {
    this.#feed({ type: 'prefixesChanged' }, now, delay);
  }

  solicited(now: number): readonly PrefixDeliveryEffect[] {
    return this.#feed({ type: 'receiveSolicitation' }, now);
  }

  ended(now: number): void {
    this.#feed({ type: 'registrationEnded' }, now);
  }

  tick(now: number): readonly PrefixDeliveryEffect[] {
    return [...this.#timers]
      .filter(([, at]) => at <= now)
      .flatMap(([timer]) => {
        this.#timers.delete(timer);
        return this.#feed(
          timer === 'schedule' ? { type: 'sendingDue' } : { type: 'retransmit', again: this.#sent <= PREFIX_ADV_RETRIES },
          now,
        );
      });
  }

  #feed(event: PrefixDeliveryEvent, now: number, delay = 0): readonly PrefixDeliveryEffect[] {
    if (event.type === 'sendingDue') this.#sent = 0;
    const effects: PrefixDeliveryEffect[] = [];
    for (const action of step(prefixDeliveryMachine, this.#context, event).actions) {
      if (action.do === 'stop') this.#timers.delete(action.timer);
      else if (action.do === 'restart') {
        this.#timers.set(action.timer, now + (action.timer === 'schedule' ? delay : PREFIX_ADV_TIMEOUT * 2 ** (this.#sent - 1)));
      } else if (action.do === 'emit') {
        if (action.effect === 'advertise') this.#sent += 1;
        effects.push(action.effect);
      }
    }
    return effects;
  }
}
