/**
 * What a correspondent node holds of one home address, RFC 6275 section 9: no binding, a binding, one that it has asked to be refreshed, or the memory of one
 * that is gone. Home Test Init and Care-of Test Init are not here: answering them keeps no state (section 5.2.5); the host that does is `correspondent.ts`.
 *
 * Remembered is our answer to two sections that pull apart. Section 9.5.1 has any sequence number accepted where there is no entry; sections 5.2.8 and 9.5.3
 * want it kept, or the combination of nonces, addresses and number refused, as long as the nonces live. So the number of what was dropped is kept for as long
 * as a nonce lives, and binds those Binding Updates alone that can be old: whose nonces were both given out before. They get status 135, with which a mobile
 * node that was only unlucky goes on at once. A mobile node that has begun to count anew makes the nonces of before useless for its home address. With a greater number those
 * nonces do not bind again either, as section 9.5.3 has it: status 138; what is given out from then on are others, so that the next test is enough. The same holds after a deletion for which there was no binding: the update that it deletes may still be on its way.
 *
 * A deletion that is accepted is acknowledged with status 0, as section 10.3.2 has it for home agents and every implementation does it, although section
 * 9.5.4, read by the letter, keeps the statuses below 128 for what creates or updates an entry.
 */
import { each, emit, forbid, goto, machine, owe, permit, restart, stop } from '../machine.ts';
import type { Action, On, Table } from '../machine.ts';

/** Refreshing: a Binding Refresh Request is out and has not been answered. Remembered: no binding; the sequence number of the last one still counts. */
export type BindingState = 'Unbound' | 'Bound' | 'Refreshing' | 'Remembered';

export interface BindingContext {
  state: BindingState;
}

/**
 * What section 9.5.1 makes of a Binding Update. `discarded`: not authorised, or otherwise wrong, and met with silence; `sequence`: not greater than the last
 * one; `typeChange`: H differs from the entry's; `nonces`: one or both are no longer known; `resources`: no room (9.5.2); `homeRegistration`: H is set, and this
 * is no home agent.
 */
export type BindingUpdateVerdict = 'accepted' | 'discarded' | 'sequence' | 'typeChange' | 'nonces' | 'resources' | 'homeRegistration';

export type BindingEvent =
  | {
      readonly type: 'receiveBindingUpdate';
      readonly verdict: BindingUpdateVerdict;
      /** Lifetime 0, or the home address as care-of address. */
      readonly asks: 'cache' | 'delete';
      /** The A bit. */
      readonly acknowledge: boolean;
    }
  | {
      readonly type: 'sendBindingAcknowledgement';
      readonly status: 'expiredNonces' | 'homeRegistration' | 'other';
      readonly authorized: boolean;
    }
  | { readonly type: 'receiveHomeAddressOption'; readonly source: 'careOfAddress' | 'other' }
  | { readonly type: 'sendBindingError' }
  | { readonly type: 'sendData'; readonly route: 'routingHeader' | 'homeAddress' }
  | { readonly type: 'sendBindingRefreshRequest' }
  | { readonly type: 'receiveUnreachable' }
  | { readonly type: 'lifetimeExpired' }
  | { readonly type: 'refreshDue'; readonly inUse: boolean }
  | { readonly type: 'refreshUnanswered'; readonly again: boolean }
  | { readonly type: 'nonceLifetimeExpired' };

export type BindingTimer = 'lifetime' | 'refresh' | 'memory';

/** Write the entry or take it out, keep its number or forget it, send the message of that name. */
export type BindingEffect = 'cache' | 'delete' | 'remember' | 'forget' | 'acknowledge' | 'bindingError' | 'refreshRequest';

type Actions = readonly Action<BindingContext, BindingEvent['type'], BindingState, BindingTimer, BindingEffect>[];
type Writer<E> = On<BindingContext, E, BindingEvent['type'], BindingState, BindingTimer, BindingEffect>;

const WITHOUT = ['Unbound', 'Remembered'] as const;
const WITH = ['Bound', 'Refreshing'] as const;

/** What an accepted Binding Update does, where there is no entry yet and where there is one. */
const UPDATE = [emit('cache'), restart('lifetime'), restart('refresh')] as const;
const CREATE = [...UPDATE, stop('memory'), goto('Bound')] as const;

/** A Binding Acknowledgement is due. */
const answer = (requirement: string) => [owe('sendBindingAcknowledgement', requirement), emit('acknowledge')] as const;

/** One cell for each state: only what an accepted Binding Update does differs. */
const updateCell = (on: Writer<Extract<BindingEvent, { type: 'receiveBindingUpdate' }>>, caching: Actions, deletion: Actions) => {
  return on.choose(
    (_, { verdict, asks, acknowledge }) => {
      if (verdict !== 'accepted') return verdict;
      if (asks === 'cache') return acknowledge ? 'cacheAcknowledged' : 'cache';
      return acknowledge ? 'deleteAcknowledged' : 'delete';
    },
    {
      // Silence: RFC6275-9.5.1-16, and no Binding Acknowledgement by RFC6275-9.5.4-1.
      discarded: on('9.5.1'),
      // These three are answered whether or not it was asked for (section 9.5.4).
      sequence: on('9.5.1', ...answer('RFC6275-9.5.1-12')),
      typeChange: on('9.5.1', ...answer('RFC6275-9.5.1-13')),
      nonces: on('9.5.1', ...answer('RFC6275-9.5.1-15')),
      resources: on('9.5.2', ...answer('RFC6275-9.5.4-3')),
      homeRegistration: on('10.3.1', ...answer('RFC6275-10.3.1-5')),
      cacheAcknowledged: on('9.5.2', ...caching, ...answer('RFC6275-9.5.4-2')),
      cache: on('9.5.2', ...caching),
      deleteAcknowledged: on('9.5.3', ...deletion, ...answer('RFC6275-9.5.4-2')),
      delete: on('9.5.3', ...deletion),
    },
  );
};

/** A binding goes: its timers with it, its number stays. */
const DROP = [emit('delete'), emit('remember'), stop('lifetime'), stop('refresh'), restart('memory'), goto('Remembered')] as const;

const table: Table<BindingContext, BindingEvent, BindingState, BindingTimer, BindingEffect> = {
  receiveBindingUpdate: (on) => ({
    Unbound: updateCell(on, CREATE, [emit('remember'), restart('memory'), goto('Remembered')]),
    Remembered: updateCell(on, CREATE, [emit('remember'), restart('memory')]),
    Bound: updateCell(on, UPDATE, DROP),
    Refreshing: updateCell(on, [...UPDATE, goto('Bound')], DROP),
  }),

  sendBindingAcknowledgement: (on) => ({
    ...each(
      [...WITHOUT, ...WITH],
      on.choose(
        (_, { status, authorized }) => {
          // What answers a Binding Update with H is IPsec's to protect (section 5.1): there are no nonces to make an authenticator with.
          if (status === 'homeRegistration') return 'homeRegistration';
          if (status === 'expiredNonces') return authorized ? 'authorizedByExpired' : 'expired';
          return authorized ? 'authorized' : 'unauthorized';
        },
        {
          homeRegistration: on('5.1'),
          expired: on('9.5.4', permit('RFC6275-9.5.4-7')),
          authorizedByExpired: on('9.5.4', forbid('RFC6275-9.5.4-7')),
          authorized: on('9.5.4', permit('RFC6275-9.5.4-8')),
          unauthorized: on('9.5.4', forbid('RFC6275-9.5.4-8')),
        },
      ),
    ),
  }),

  // Not of packets whose next header is ESP, AH or the Mobility Header: those are processed without a binding (RFC6275-9.3.1-2).
  receiveHomeAddressOption: (on) => ({
    ...each(WITHOUT, on('9.3.1', owe('sendBindingError', 'RFC6275-9.3.1-5'), emit('bindingError'))),
    ...each(
      WITH,
      on.choose((_, { source }) => source, {
        careOfAddress: on('9.3.1'),
        other: on('9.3.1', owe('sendBindingError', 'RFC6275-9.3.1-5'), emit('bindingError')),
      }),
    ),
  }),

  // In every state: what it answers may have come before the binding did.
  sendBindingError: (on) => ({ ...each([...WITHOUT, ...WITH], on('9.3.3')) }),

  sendData: (on) => ({
    ...each(
      WITHOUT,
      on.choose((_, { route }) => route, {
        homeAddress: on('9.3.2'),
        routingHeader: on.impossible('no care-of address is known', '9.3.2'),
      }),
    ),
    ...each(
      WITH,
      on.choose((_, { route }) => route, {
        routingHeader: on('9.3.2', permit('RFC6275-9.3.2-2')),
        homeAddress: on('9.3.2', forbid('RFC6275-9.3.2-2')),
      }),
    ),
  }),

  sendBindingRefreshRequest: (on) => ({
    ...each(WITH, on('9.5.5', permit('RFC6275-9.5.5-1'))),
    ...each(WITHOUT, on.impossible('there is no binding to refresh', '9.5.5')),
  }),

  // Persistent ICMP Destination Unreachable, for packets that went to the care-of address.
  receiveUnreachable: (on) => ({
    ...each(WITH, on('9.3.4', ...DROP)),
    ...each(WITHOUT, on('9.3.4')),
  }),

  lifetimeExpired: (on) => ({
    ...each(WITH, on('9.6', ...DROP)),
    ...each(WITHOUT, on.impossible('a binding alone has a lifetime', '9.6')),
  }),

  refreshDue: (on) => ({
    Bound: on.choose((_, { inUse }) => (inUse ? 'inUse' : 'idle'), {
      inUse: on('9.5.5', emit('refreshRequest'), restart('refresh'), goto('Refreshing')),
      idle: on('9.5.5'),
    }),
    Refreshing: on.impossible('the next one comes when this one goes unanswered', '9.5.5'),
    ...each(WITHOUT, on.impossible('there is no binding to refresh', '9.5.5')),
  }),

  refreshUnanswered: (on) => ({
    Refreshing: on.choose((_, { again }) => (again ? 'again' : 'enough'), {
      again: on('9.5.5', emit('refreshRequest'), restart('refresh')),
      enough: on('9.5.5', goto('Bound')),
    }),
    Bound: on.impossible('a Binding Update has answered it', '9.5.5'),
    ...each(WITHOUT, on.impossible('there is no binding to refresh', '9.5.5')),
  }),

  nonceLifetimeExpired: (on) => ({
    Remembered: on('5.2.8', emit('forget'), goto('Unbound')),
    Unbound: on.impossible('nothing is remembered', '5.2.8'),
    ...each(WITH, on.impossible('the binding itself holds the number', '5.2.8')),
  }),
};

/** `step(bindingMachine, entry, { type: 'receiveBindingUpdate', verdict: 'accepted', asks: 'cache', acknowledge: true })` leaves `entry` Bound, owing a Binding Acknowledgement. */
export const bindingMachine = machine<BindingContext, BindingEvent, BindingState, BindingTimer, BindingEffect>({
  name: 'mip6-binding',
  rfc: 6275,
  section: '9',
  summary: 'What a correspondent node holds of one home address: no binding, one, or the memory of one.',
  initial: 'Unbound',
  states: ['Unbound', 'Bound', 'Refreshing', 'Remembered'],
  words: {
    receiveBindingUpdate: 'receives a Binding Update',
    sendBindingAcknowledgement: 'sends a Binding Acknowledgement',
    receiveHomeAddressOption: 'receives a packet with a Home Address option',
    sendBindingError: 'sends a Binding Error',
    sendData: 'sends a packet to the home address',
    sendBindingRefreshRequest: 'sends a Binding Refresh Request',
    receiveUnreachable: 'the care-of address is unreachable, persistently',
    lifetimeExpired: "the binding's lifetime has passed",
    refreshDue: 'the lifetime will soon have passed',
    refreshUnanswered: 'a Binding Refresh Request has gone unanswered',
    nonceLifetimeExpired: 'all nonces of the binding that is gone are too old',
  },
  table,
});

/** A home address of which nothing is known. @example step(bindingMachine, newBindingContext(), { type: 'sendData', route: 'homeAddress' }) */
export const newBindingContext = (): BindingContext => ({ state: 'Unbound' });
