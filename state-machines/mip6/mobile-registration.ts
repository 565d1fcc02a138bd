/**
 * A mobile node's registration of one home address with its home agent, RFC 6275 sections 11.5.5, 11.7.1 and 11.7.3: for each new place a Binding Update that is
 * sent until it is acknowledged, refreshed in time, taken back at home.
 */
import { each, emit, goto, machine, restart, stop } from '../machine.ts';
import type { Action, Table } from '../machine.ts';

/** Refused: the home agent will not serve this home address. */
export type MobileRegistrationState = 'Home' | 'Registering' | 'Registered' | 'Deregistering' | 'Refused';

export interface MobileRegistrationContext {
  state: MobileRegistrationState;
}

/**
 * `prefixDiscovery`, status 1; `sequence`, 135, authentic; `refused`, any other from 128 on; `refusedHere`, the same where another home agent is known that has not
 * been asked, and the home address is not in use by somebody else (134); `ignored`, whatever section 11.7.3 has ignored.
 */
export type MobileRegistrationEvent =
  | { readonly type: 'attach' }
  | { readonly type: 'returnHome' }
  | {
      readonly type: 'receiveBindingAcknowledgement';
      readonly verdict: 'accepted' | 'prefixDiscovery' | 'sequence' | 'refused' | 'refusedHere' | 'ignored';
    }
  | { readonly type: 'receiveBindingError' }
  | { readonly type: 'retransmit'; readonly to: 'same' | 'nextHomeAgent' }
  | { readonly type: 'refreshDue' }
  | { readonly type: 'lifetimeExpired' };

export type MobileRegistrationTimer = 'retransmit' | 'refresh' | 'lifetime';
/** `update`: a Binding Update with the next number, Lifetime 0 where the state is Deregistering. `nextHomeAgent`: take the next of those that were discovered. */
export type MobileRegistrationEffect = 'update' | 'adoptSequence' | 'registered' | 'removed' | 'solicitPrefixes' | 'nextHomeAgent';

type Actions = readonly Action<
  MobileRegistrationContext,
  MobileRegistrationEvent['type'],
  MobileRegistrationState,
  MobileRegistrationTimer,
  MobileRegistrationEffect
>[];

const UPDATE = [emit('update'), restart('retransmit')] as const satisfies Actions;
const REMOVE = [emit('removed'), stop('retransmit'), stop('refresh'), stop('lifetime')] as const satisfies Actions;
const ACCEPTED = [
  emit('registered'),
  stop('retransmit'),
  restart('lifetime'),
  restart('refresh'),
  goto('Registered'),
] as const satisfies Actions;

const table: Table<
  MobileRegistrationContext,
  MobileRegistrationEvent,
  MobileRegistrationState,
  MobileRegistrationTimer,
  MobileRegistrationEffect
> = {
  attach: (on) => ({
    Registering: on('11.7.1', ...UPDATE),
    ...each(['Home', 'Registered', 'Deregistering'], on('11.7.1', ...UPDATE, goto('Registering'))),
    Refused: on('11.7.3'),
  }),

  returnHome: (on) => ({
    // A Binding Update may have arrived although no acknowledgement has.
    ...each(['Registering', 'Registered'], on('11.5.5', goto('Deregistering'), ...UPDATE)),
    ...each(['Home', 'Deregistering'], on('11.5.5')),
    Refused: on('11.5.5', goto('Home')),
  }),

  receiveBindingAcknowledgement: (on) => ({
    Registering: on.choose((_, { verdict }) => verdict, {
      accepted: on('11.7.3', ...ACCEPTED),
      prefixDiscovery: on('11.7.3', ...ACCEPTED, emit('solicitPrefixes')),
      sequence: on('11.7.3', emit('adoptSequence'), ...UPDATE),
      refused: on('11.7.3', ...REMOVE, goto('Refused')),
      refusedHere: on('11.4.1', emit('removed'), stop('refresh'), stop('lifetime'), emit('nextHomeAgent'), ...UPDATE),
      ignored: on('11.7.3'),
    }),
    Deregistering: on.choose(
      (_, { verdict }) => {
        return verdict === 'sequence' || verdict === 'ignored' ? verdict : 'done';
      },
      {
        // Status 133 too: there is nothing to take back.
        done: on('11.7.3', ...REMOVE, goto('Home')),
        sequence: on('11.7.3', emit('adoptSequence'), ...UPDATE),
        ignored: on('11.7.3'),
      },
    ),
    ...each(['Home', 'Registered', 'Refused'], on('11.7.3')),
  }),

  receiveBindingError: (on) => ({
    Registered: on('11.3.6', ...UPDATE, goto('Registering')),
    ...each(['Home', 'Registering', 'Deregistering', 'Refused'], on('11.3.6')),
  }),

  // The owner doubles the time up to MAX_BINDACK_TIMEOUT; then another home agent is tried where there is one.
  retransmit: (on) => ({
    Registering: on.choose((_, { to }) => to, {
      same: on('11.8', ...UPDATE),
      nextHomeAgent: on('11.7.1', emit('removed'), stop('refresh'), stop('lifetime'), emit('nextHomeAgent'), ...UPDATE),
    }),
    Deregistering: on('11.8', ...UPDATE),
    ...each(['Home', 'Registered', 'Refused'], on.impossible('nothing waits for an answer', '11.8')),
  }),

  refreshDue: (on) => ({
    Registered: on('11.7.3', ...UPDATE, goto('Registering')),
    ...each(['Registering', 'Deregistering'], on('11.7.3')),
    ...each(['Home', 'Refused'], on.impossible('nothing is registered', '11.7.3')),
  }),

  lifetimeExpired: (on) => ({
    Registered: on('11.7.3', emit('removed'), stop('refresh'), ...UPDATE, goto('Registering')),
    Registering: on('11.7.3', emit('removed'), stop('refresh')),
    Deregistering: on('11.7.3', ...REMOVE, goto('Home')),
    ...each(['Home', 'Refused'], on.impossible('nothing is registered', '11.7.3')),
  }),
};

/** `step(mobileRegistrationMachine, entry, { type: 'attach' })` leaves `entry` Registering. */
export const mobileRegistrationMachine = machine<
  MobileRegistrationContext,
  MobileRegistrationEvent,
  MobileRegistrationState,
  MobileRegistrationTimer,
  MobileRegistrationEffect
>({
  name: 'mip6-mobile-registration',
  rfc: 6275,
  section: '11.7.1',
  summary: "A mobile node's registration of one home address with its home agent.",
  initial: 'Home',
  states: ['Home', 'Registering', 'Registered', 'Deregistering', 'Refused'],
  words: {
    attach: 'the mobile node has another care-of address',
    returnHome: 'the mobile node is home again',
    receiveBindingAcknowledgement: 'receives a Binding Acknowledgement',
    receiveBindingError: 'receives a Binding Error of status 1 from the home agent',
    retransmit: 'no answer has come in time',
    refreshDue: 'the lifetime will soon have passed',
    lifetimeExpired: "the registration's lifetime has passed",
  },
  table,
});

/** A mobile node at home. @example step(mobileRegistrationMachine, newMobileRegistrationContext(), { type: 'attach' }) */
export const newMobileRegistrationContext = (): MobileRegistrationContext => ({ state: 'Home' });
