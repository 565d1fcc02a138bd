/**
 * A mobile node's registration with one correspondent for one home address, RFC 6275 sections 11.6 and 11.7: tests, then a Binding Update, refreshed and moved as
 * long as it is wanted, taken back when the mobile node is home.
 *
 * Every registration runs both tests anew: section 11.6.1 lets a mobile node use recent tokens again, but does not ask it to. A deletion needs the home test
 * alone (section 5.2.6). Which route data takes meanwhile is not decided here: section 11.3.1 looks at the list entry and the care-of address that it has.
 */
import { each, emit, forbid, goto, machine, permit, restart, set, stop } from '../machine.ts';
import type { Action, Table } from '../machine.ts';

/** Tunneled: by way of the home agent. Barred: the correspondent cannot, or will not. */
export type CorrespondentRegistrationState = 'Tunneled' | 'Testing' | 'Updating' | 'Optimized' | 'Barred';

export interface CorrespondentRegistrationContext {
  state: CorrespondentRegistrationState;
  /** What the tests and the Binding Update are for. */
  wanted: 'binding' | 'deletion';
  /** The tokens that have come since the tests began. */
  homeToken: boolean;
  careOfToken: boolean;
}

/**
 * `BindingAcknowledgement`: `accepted`; `sequence`, 135, authentic; `nonces`, 136 to 138; `refused`, any other; `ignored`, whatever section 11.7.3 has ignored.
 * A test is `valid` when its cookie is that of the last question and section 11.6.2's other tests hold.
 */
export type CorrespondentRegistrationEvent =
  | { readonly type: 'register' }
  | { readonly type: 'move' }
  | { readonly type: 'returnHome' }
  | { readonly type: 'receiveHomeTest'; readonly valid: boolean }
  | { readonly type: 'receiveCareOfTest'; readonly valid: boolean }
  | { readonly type: 'sendBindingUpdate'; readonly sequence: 'greater' | 'used' }
  | { readonly type: 'receiveBindingAcknowledgement'; readonly verdict: 'accepted' | 'sequence' | 'nonces' | 'refused' | 'ignored' }
  | { readonly type: 'receiveBindingRefreshRequest' }
  | { readonly type: 'receiveBindingError'; readonly progress: boolean }
  | { readonly type: 'receiveParameterProblem' }
  | { readonly type: 'retransmit'; readonly again: boolean }
  | { readonly type: 'refreshDue' }
  | { readonly type: 'lifetimeExpired' };

/** `retransmit` doubles from INITIAL_BINDACK_TIMEOUT to MAX_BINDACK_TIMEOUT (`bindingUpdateTimeout`). */
export type CorrespondentRegistrationTimer = 'retransmit' | 'refresh' | 'lifetime';

/** Ask anew, with new cookies, for the tokens that are wanted and have not come; send a Binding Update with the next number; write or strike the list entry. */
export type CorrespondentRegistrationEffect = 'test' | 'update' | 'adoptSequence' | 'registered' | 'removed';

type Actions = readonly Action<
  CorrespondentRegistrationContext,
  CorrespondentRegistrationEvent['type'],
  CorrespondentRegistrationState,
  CorrespondentRegistrationTimer,
  CorrespondentRegistrationEffect
>[];

const BUSY = ['Testing', 'Updating'] as const;

/** Both tests from the start, whatever is known. */
const begin = (wanted: 'binding' | 'deletion') =>
  [
    set('wanted', wanted),
    set('homeToken', false),
    set('careOfToken', false),
    emit('test'),
    restart('retransmit'),
  ] as const satisfies Actions;
const UPDATE = [emit('update'), restart('retransmit'), goto('Updating')] as const satisfies Actions;
const REMOVE = [emit('removed'), stop('refresh'), stop('lifetime')] as const satisfies Actions;

const table: Table<
  CorrespondentRegistrationContext,
  CorrespondentRegistrationEvent,
  CorrespondentRegistrationState,
  CorrespondentRegistrationTimer,
  CorrespondentRegistrationEffect
> = {
  register: (on) => ({
    Tunneled: on('11.7.2', ...begin('binding'), goto('Testing')),
    ...each([...BUSY, 'Optimized'], on('11.7.2')),
    Barred: on('11.7.3'),
  }),

  // Another care-of address: what was learned for the old one is of no use (section 5.2.5).
  move: (on) => ({
    Optimized: on('11.7.2', ...begin('binding'), goto('Testing')),
    Testing: on('11.7.2', ...begin('binding')),
    Updating: on('11.7.2', ...begin('binding'), goto('Testing')),
    ...each(['Tunneled', 'Barred'], on('11.7.2')),
  }),

  returnHome: (on) => ({
    Optimized: on('11.7.2', ...begin('deletion'), goto('Testing')),
    // A Binding Update may have arrived although no acknowledgement has.
    Testing: on('11.7.2', ...begin('deletion')),
    Updating: on('11.7.2', ...begin('deletion'), goto('Testing')),
    ...each(['Tunneled', 'Barred'], on('11.7.2')),
  }),

  receiveHomeTest: (on) => ({
    Testing: on.choose(
      ({ wanted, careOfToken }, { valid }) => {
        if (!valid) return 'invalid';
        return wanted === 'deletion' || careOfToken ? 'complete' : 'first';
      },
      {
        invalid: on('11.6.2'),
        first: on('11.6.2', set('homeToken', true)),
        complete: on('11.6.2', set('homeToken', true), ...UPDATE),
      },
    ),
    ...each(['Tunneled', 'Updating', 'Optimized', 'Barred'], on('11.6.2')),
  }),

  receiveCareOfTest: (on) => ({
    Testing: on.choose(
      ({ wanted, homeToken }, { valid }) => {
        if (!valid || wanted === 'deletion') return 'ignored';
        return homeToken ? 'complete' : 'first';
      },
      {
        ignored: on('11.6.2'),
        first: on('11.6.2', set('careOfToken', true)),
        complete: on('11.6.2', set('careOfToken', true), ...UPDATE),
      },
    ),
    ...each(['Tunneled', 'Updating', 'Optimized', 'Barred'], on('11.6.2')),
  }),

  sendBindingUpdate: (on) => ({
    Updating: on.choose((_, { sequence }) => sequence, {
      greater: on('11.7.2', permit('RFC6275-11.7.2-18')),
      used: on('11.7.2', forbid('RFC6275-11.7.2-18')),
    }),
    ...each(['Tunneled', 'Testing', 'Optimized', 'Barred'], on.impossible('the tests come first', '11.6.2')),
  }),

  receiveBindingAcknowledgement: (on) => ({
    Updating: on.choose(
      ({ wanted }, { verdict }) => {
        if (verdict === 'accepted' || verdict === 'refused') return wanted === 'binding' ? verdict : 'deleted';
        return verdict;
      },
      {
        accepted: on('11.7.3', emit('registered'), stop('retransmit'), restart('lifetime'), restart('refresh'), goto('Optimized')),
        deleted: on('11.7.3', ...REMOVE, stop('retransmit'), goto('Tunneled')),
        refused: on('11.7.3', ...REMOVE, stop('retransmit'), goto('Barred')),
        // The next one has a number that is greater than theirs, and the same tokens.
        sequence: on('11.7.3', emit('adoptSequence'), emit('update'), restart('retransmit')),
        nonces: on('11.7.3', set('homeToken', false), set('careOfToken', false), emit('test'), restart('retransmit'), goto('Testing')),
        ignored: on('11.7.3'),
      },
    ),
    ...each(['Tunneled', 'Testing', 'Optimized', 'Barred'], on('11.7.3')),
  }),

  receiveBindingRefreshRequest: (on) => ({
    Optimized: on('11.7.4', ...begin('binding'), goto('Testing')),
    ...each(['Tunneled', ...BUSY, 'Barred'], on('11.7.4')),
  }),

  // Status 1. Without an entry it is ignored (RFC6275-11.3.6-1); with upper-layer progress it may be.
  receiveBindingError: (on) => ({
    Optimized: on.choose((_, { progress }) => (progress ? 'progress' : 'none'), {
      progress: on('11.3.6', permit('RFC6275-11.3.6-3')),
      none: on('11.3.6', ...REMOVE, ...begin('binding'), goto('Testing')),
    }),
    ...each(
      BUSY,
      on.choose((_, { progress }) => (progress ? 'progress' : 'none'), {
        progress: on('11.3.6', permit('RFC6275-11.3.6-3')),
        none: on('11.3.6', ...REMOVE),
      }),
    ),
    ...each(['Tunneled', 'Barred'], on('11.3.6')),
  }),

  // ICMP Parameter Problem, Code 1, for a Mobility Header: the correspondent does not know it.
  receiveParameterProblem: (on) => ({
    ...each(BUSY, on('11.6.2', ...REMOVE, stop('retransmit'), goto('Barred'))),
    Optimized: on('11.6.2', ...REMOVE, goto('Barred')),
    ...each(['Tunneled', 'Barred'], on('11.6.2')),
  }),

  // No more than MAX_RO_FAILURE times; then data goes by way of the home agent.
  retransmit: (on) => ({
    Testing: on.choose((_, { again }) => (again ? 'again' : 'enough'), {
      again: on('11.8', emit('test'), restart('retransmit')),
      enough: on('5.2.9', ...REMOVE, goto('Tunneled')),
    }),
    Updating: on.choose((_, { again }) => (again ? 'again' : 'enough'), {
      again: on('11.8', emit('update'), restart('retransmit')),
      enough: on('5.2.9', ...REMOVE, goto('Tunneled')),
    }),
    ...each(['Tunneled', 'Optimized', 'Barred'], on.impossible('nothing waits for an answer', '11.8')),
  }),

  refreshDue: (on) => ({
    Optimized: on('11.7.3', ...begin('binding'), goto('Testing')),
    // What it would begin has begun.
    ...each(BUSY, on('11.7.3')),
    ...each(['Tunneled', 'Barred'], on.impossible('nothing is registered', '11.7.3')),
  }),

  lifetimeExpired: (on) => ({
    Optimized: on('11.7.3', ...REMOVE, goto('Tunneled')),
    ...each(BUSY, on('11.7.3', ...REMOVE)),
    ...each(['Tunneled', 'Barred'], on.impossible('nothing is registered', '11.7.3')),
  }),
};

/** `step(correspondentRegistrationMachine, entry, { type: 'register' })` leaves `entry` Testing. */
export const correspondentRegistrationMachine = machine<
  CorrespondentRegistrationContext,
  CorrespondentRegistrationEvent,
  CorrespondentRegistrationState,
  CorrespondentRegistrationTimer,
  CorrespondentRegistrationEffect
>({
  name: 'mip6-correspondent-registration',
  rfc: 6275,
  section: '11.7.2',
  summary: "A mobile node's registration with one correspondent: return routability, Binding Update, refresh, deletion.",
  initial: 'Tunneled',
  states: ['Tunneled', 'Testing', 'Updating', 'Optimized', 'Barred'],
  words: {
    register: 'the direct path to the correspondent is wanted',
    move: 'the mobile node has another care-of address, and its home agent knows',
    returnHome: 'the mobile node is home again',
    receiveHomeTest: 'receives a Home Test',
    receiveCareOfTest: 'receives a Care-of Test',
    sendBindingUpdate: 'sends a Binding Update',
    receiveBindingAcknowledgement: 'receives a Binding Acknowledgement',
    receiveBindingRefreshRequest: 'receives a Binding Refresh Request',
    receiveBindingError: 'receives a Binding Error of status 1',
    receiveParameterProblem: 'an ICMP error says that the correspondent does not know the Mobility Header',
    retransmit: 'no answer has come in time',
    refreshDue: 'the lifetime will soon have passed',
    lifetimeExpired: "the registration's lifetime has passed",
  },
  table,
});

/** Of section 12, in ms. */
export const INITIAL_BINDACK_TIMEOUT = 1000;
export const MAX_BINDACK_TIMEOUT = 32_000;

/** How long to wait for an answer to what has been sent `sent` times, in ms: doubled each time, up to MAX_BINDACK_TIMEOUT (section 11.8). @example bindingUpdateTimeout(2) // 2000 */
export const bindingUpdateTimeout = (sent: number): number => Math.min(INITIAL_BINDACK_TIMEOUT * 2 ** (sent - 1), MAX_BINDACK_TIMEOUT);

/** No registration, none wanted. @example step(correspondentRegistrationMachine, newCorrespondentRegistrationContext(), { type: 'register' }) */
export const newCorrespondentRegistrationContext = (): CorrespondentRegistrationContext => ({
  state: 'Tunneled',
  wanted: 'binding',
  homeToken: false,
  careOfToken: false,
});
