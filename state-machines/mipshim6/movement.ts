/**
 * What becomes of one ULID-pair context while its host moves, MipShim6: shim6 (RFC 5533) over Mobile IPv6 (RFC 6275), as the thesis that this project starts from
 * composes them in its section 2.8. The home address is the ULID; care-of addresses are locators, preferred to it.
 *
 * What the composition has to put in order, and what neither RFC does:
 * - The peer is told of a movement when the home agent has acknowledged it, and not before: the Update Request leaves from the home address, by the tunnel. From
 *   the new care-of address it would have a source that is not in the peer's set, and be answered with an R1bis (RFC 5533 section 10.4).
 * - A care-of address is used as a source when the peer has acknowledged it (section 7.2); then REAP tests the pairs, the preferred ones first, and data leaves
 *   the tunnel. Where no care-of address works, the home address does.
 * - REAP is content with any pair that works, and may have ended on one that takes a detour because a Probe on a better one was lost. So the better ones are tested
 *   again, later and later.
 *
 * Sections are those of RFC 5533.
 */
import { count, each, emit, goto, machine, restart, set, start, stop } from '../machine.ts';
import type { Table } from '../machine.ts';

/**
 * Binding: the home agent has not acknowledged the movement. Updating: the peer has not acknowledged the new set of locators. Preferring: REAP tests the pairs with
 * the care-of addresses.
 */
export type MovementState = 'Settled' | 'Binding' | 'Updating' | 'Preferring';

export interface MovementContext {
  state: MovementState;
  /** Explorations that ended on another pair than one that is preferred. */
  tries: number;
}

/** Explorations for one movement: then the pair that they end on is the one to use. */
export const TRIES = 3;

export type MovementEvent =
  /** The host is on another link, its home one among them; the Binding Updates have left. */
  | { readonly type: 'move' }
  | { readonly type: 'receiveBindingAcknowledgement' }
  /** The context has come to be; `away`: the host has a care-of address. */
  | { readonly type: 'established'; readonly away: boolean }
  /** What is sent for the first time, or again. */
  | { readonly type: 'sendUpdateRequest'; readonly again: boolean }
  | { readonly type: 'receiveUpdateAck'; readonly away: boolean }
  /** REAP is Operational again: on a pair of a care-of address of now (of any at home) and the first of the peer's locators, or on another. */
  | { readonly type: 'explored'; readonly pair: 'preferred' | 'other' }
  | { readonly type: 'preferDue' }
  | { readonly type: 'closed' };

/** Until the preferred pairs are tested again: longer each time, which is the owner's to keep. */
export type MovementTimer = 'prefer';

/** `announce`: the peer is to be told of the set of locators; `explore`: REAP is to look for another pair, the preferred ones first. */
export type MovementEffect = 'announce' | 'explore';

const MOVING = ['Binding', 'Updating', 'Preferring'] as const;

const table: Table<MovementContext, MovementEvent, MovementState, MovementTimer, MovementEffect> = {
  // An update that is out is left to itself: what is newer waits for its acknowledgement (section 10.3).
  move: (on) => ({
    Settled: on('10.1', set('tries', 0), stop('prefer'), goto('Binding')),
    ...each(['Updating', 'Preferring'], on('10.1', set('tries', 0), goto('Binding'))),
    Binding: on('10.1', set('tries', 0)),
  }),

  receiveBindingAcknowledgement: (on) => ({
    Binding: on('10.1', emit('announce'), goto('Updating')),
    // A refresh, or another home agent than the first.
    ...each(['Settled', 'Updating', 'Preferring'], on('10.1')),
  }),

  established: (on) => ({
    // The exchange took the ULIDs, by the tunnel, and told all locators.
    Settled: on.choose((_, { away }) => (away ? 'away' : 'home'), {
      away: on('7.2', set('tries', 0), stop('prefer'), emit('explore'), goto('Preferring')),
      home: on('7.2'),
    }),
    // The set that was told is older than the movement.
    ...each(MOVING, on('10.3')),
  }),

  sendUpdateRequest: (on) => ({
    Binding: on.choose((_, { again }) => (again ? 'again' : 'first'), {
      again: on('10.2'),
      first: on.impossible('the home agent comes first: until it knows the care-of address nothing leaves the tunnel', '10.4'),
    }),
    ...each(['Settled', 'Updating', 'Preferring'], on('10.1')),
  }),

  receiveUpdateAck: (on) => ({
    Updating: on.choose((_, { away }) => (away ? 'away' : 'home'), {
      away: on('7.2', emit('explore'), goto('Preferring')),
      home: on('10.5', goto('Settled')),
    }),
    ...each(['Settled', 'Binding', 'Preferring'], on('10.5')),
  }),

  explored: (on) => ({
    Preferring: on.choose(
      ({ tries }, { pair }) => {
        if (pair === 'preferred') return 'preferred';
        return tries + 1 < TRIES ? 'again' : 'enough';
      },
      {
        preferred: on('7.2', goto('Settled')),
        again: on('7.2', count('tries'), emit('explore')),
        // There is no better pair now.
        enough: on('7.2', restart('prefer'), goto('Settled')),
      },
    ),
    // REAP had its own reasons to explore, or the peer has moved.
    Settled: on.choose((_, { pair }) => pair, {
      preferred: on('7.2', stop('prefer')),
      // Late Probes may change the pair several times: that puts off nothing.
      other: on('7.2', start('prefer')),
    }),
    ...each(['Binding', 'Updating'], on('7.2')),
  }),

  preferDue: (on) => ({
    Settled: on('7.2', set('tries', 0), emit('explore'), goto('Preferring')),
    ...each(MOVING, on.impossible('it waits in Settled only', '7.2')),
  }),

  closed: (on) => ({
    Settled: on('9', stop('prefer')),
    ...each(MOVING, on('9', goto('Settled'))),
  }),
};

/** `step(movementMachine, context, { type: 'move' })` leaves it Binding. */
export const movementMachine = machine<MovementContext, MovementEvent, MovementState, MovementTimer, MovementEffect>({
  name: 'mipshim6-movement',
  rfc: 5533,
  section: '10',
  summary: 'A shim6 context whose host moves by Mobile IPv6: the home agent first, then the peer, then the path that is preferred.',
  initial: 'Settled',
  states: ['Settled', 'Binding', 'Updating', 'Preferring'],
  words: {
    move: 'the host is on another link, and its home agents are being told',
    receiveBindingAcknowledgement: 'a home agent has acknowledged where the host is',
    established: 'the context has been established',
    sendUpdateRequest: 'sends an Update Request',
    receiveUpdateAck: "the peer has acknowledged the host's locators",
    explored: 'REAP has found a pair that works',
    preferDue: 'it is time to test the preferred pairs again',
    closed: 'the context is gone',
  },
  table,
});

/** A context whose host stays where it is. @example step(movementMachine, newMovementContext(), { type: 'move' }) */
export const newMovementContext = (): MovementContext => ({ state: 'Settled', tries: 0 });
