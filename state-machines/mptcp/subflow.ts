/**
 * One end of a subflow, RFC 8684 section 3.2: how MP_JOIN opens it, how a failed handshake refuses it, how FIN and RST close it.
 * Each end has a run of its own; the first subflow of a connection enters by `openInitial` once the MP_CAPABLE handshake is over.
 *
 * A segment becomes events in this order: handshake options, then `sendAck`/`receiveAck` if it acknowledges and carries no MP_JOIN,
 * then payload, then FIN; a RST is one event. TCP's own validity checks come before all of them (section 3).
 */
import { each, emit, forbid, goto, machine, owe, permit, restart, set, start, stop, waive } from '../machine.ts';
import type { On, Table } from '../machine.ts';

/** REFUSED: this end has found the handshake, or the path, unusable and owes a RST. FINS_EXCHANGED: both ends have sent a FIN. */
export type SubflowState =
  | 'CLOSED'
  | 'SYN_SENT'
  | 'SYN_RECEIVED'
  | 'PRE_ESTABLISHED'
  | 'ESTABLISHED'
  | 'FIN_SENT'
  | 'FIN_RECEIVED'
  | 'FINS_EXCHANGED'
  | 'REFUSED'
  | 'RESET';

/** Why this end owes a RST. */
export type Refusal = 'none' | 'unknownToken' | 'wrongHmacInSynAck' | 'noJoinInSynAck' | 'noProofInAck' | 'optionsLost';

/** One end of one subflow. */
export interface SubflowContext {
  state: SubflowState;
  role: 'none' | 'initial' | 'opener' | 'acceptor';
  refusal: Refusal;
}

/** `undecided`: the keys, hence token and HMAC, are not known (yet). The machine then goes on, and nobody owes anything. */
export type SubflowEvent =
  | { readonly type: 'openInitial' }
  | { readonly type: 'sendJoinSyn' }
  | { readonly type: 'receiveJoinSyn'; readonly token: 'known' | 'unknown' | 'undecided' }
  | { readonly type: 'sendJoinSynAck' }
  | { readonly type: 'receiveJoinSynAck'; readonly hmac: 'valid' | 'wrong' | 'undecided' }
  | { readonly type: 'sendPlainSynAck' }
  | { readonly type: 'receivePlainSynAck' }
  | { readonly type: 'sendJoinAck' }
  | { readonly type: 'receiveJoinAck'; readonly hmac: 'valid' | 'wrong' | 'undecided' }
  | { readonly type: 'sendAck' }
  | { readonly type: 'receiveAck' }
  | { readonly type: 'receiveAckWithoutDataAck' }
  | { readonly type: 'sendData' }
  | { readonly type: 'receiveData' }
  | { readonly type: 'sendFin' }
  | { readonly type: 'receiveFin' }
  | { readonly type: 'sendRst' }
  | { readonly type: 'receiveRst' }
  | { readonly type: 'joinAckRetransmit' };

export type SubflowTimer = 'joinAckRetransmit';
/** `established`: data may flow. `closed`: FINs exchanged or reset; the connection may want to know that it was the last. */
export type SubflowEffect = 'established' | 'closed';

type Writer<E> = On<SubflowContext, E, SubflowEvent['type'], SubflowState, SubflowTimer, SubflowEffect>;

/** Where nothing is, or nothing is left: a SYN may open the subflow (anew). */
const FREE = ['CLOSED', 'FINS_EXCHANGED', 'RESET'] as const;
/** Both ends have the handshake behind them. */
const OPEN = ['ESTABLISHED', 'FIN_SENT', 'FIN_RECEIVED'] as const;

/** What an end does that owes a RST and goes on instead: each refusal has its own requirement. */
const insteadOfRst = <E>(on: Writer<E>) =>
  on.choose(({ refusal }) => refusal, {
    none: on('3.6'),
    unknownToken: on('3.2', forbid('RFC8684-3.2-6')),
    wrongHmacInSynAck: on('3.2', forbid('RFC8684-3.2-7')),
    noJoinInSynAck: on('3.2', forbid('RFC8684-3.2-10')),
    noProofInAck: on('3.2', forbid('RFC8684-3.2-9')),
    optionsLost: on('3.7', forbid('RFC8684-3.7-3/1')),
  });

const table: Table<SubflowContext, SubflowEvent, SubflowState, SubflowTimer, SubflowEffect> = {
  openInitial: (on) => ({
    CLOSED: on('3.1', set('role', 'initial'), emit('established'), goto('ESTABLISHED')),
    ...each(
      ['SYN_SENT', 'SYN_RECEIVED', 'PRE_ESTABLISHED', ...OPEN, 'FINS_EXCHANGED', 'REFUSED', 'RESET'],
      on.impossible('MP_CAPABLE opens the first subflow, once', '3.1'),
    ),
  }),

  sendJoinSyn: (on) => ({
    ...each(FREE, on('3.2', set('role', 'opener'), set('refusal', 'none'), goto('SYN_SENT'))),
    SYN_SENT: on('3.2'),
    ...each(['SYN_RECEIVED', 'PRE_ESTABLISHED', ...OPEN, 'REFUSED'], on.impossible('a SYN comes first', '3.2')),
  }),

  receiveJoinSyn: (on) => ({
    ...each(
      FREE,
      on.choose((_, { token }) => token, {
        known: on('3.2', set('role', 'acceptor'), set('refusal', 'none'), owe('sendJoinSynAck', 'RFC8684-3.2-3'), goto('SYN_RECEIVED')),
        unknown: on('3.2', set('role', 'acceptor'), set('refusal', 'unknownToken'), owe('sendRst', 'RFC8684-3.2-6'), goto('REFUSED')),
        undecided: on('3.2', set('role', 'acceptor'), set('refusal', 'none'), goto('SYN_RECEIVED')),
      }),
    ),
    SYN_RECEIVED: on('3.2'),
    ...each(['SYN_SENT', 'PRE_ESTABLISHED', ...OPEN], on('3')),
    REFUSED: on.choose(({ refusal }, { token }) => (refusal === 'unknownToken' && token === 'unknown' ? 'again' : 'ignored'), {
      again: on('3.2', owe('sendRst', 'RFC8684-3.2-6')),
      ignored: on('3.2'),
    }),
  }),

  sendJoinSynAck: (on) => ({
    SYN_RECEIVED: on('3.2'),
    REFUSED: insteadOfRst(on),
    ...each(FREE, on.impossible('no SYN with MP_JOIN has come', '3.2')),
    ...each(['SYN_SENT', 'PRE_ESTABLISHED', ...OPEN], on.impossible('the acceptor alone sends it, until the third packet comes', '3.2')),
  }),

  receiveJoinSynAck: (on) => ({
    SYN_SENT: on.choose((_, { hmac }) => hmac, {
      valid: on('3.2', owe('sendJoinAck', 'RFC8684-3.2-h')),
      wrong: on('3.2', set('refusal', 'wrongHmacInSynAck'), owe('sendRst', 'RFC8684-3.2-7'), goto('REFUSED')),
      undecided: on('3.2'),
    }),
    // The acceptor repeats its SYN/ACK: it has not got the MP_JOIN ACK.
    PRE_ESTABLISHED: on.choose((_, { hmac }) => (hmac === 'valid' ? 'again' : 'ignored'), {
      again: on('3.2', owe('sendJoinAck', 'RFC8684-3.2-4/2')),
      ignored: on('3'),
    }),
    ...each([...FREE, 'SYN_RECEIVED', ...OPEN, 'REFUSED'], on('3')),
  }),

  sendPlainSynAck: (on) => ({
    SYN_RECEIVED: on('3.2'),
    REFUSED: insteadOfRst(on),
    ...each(FREE, on.impossible('no SYN with MP_JOIN has come', '3.2')),
    ...each(['SYN_SENT', 'PRE_ESTABLISHED', ...OPEN], on.impossible('the acceptor alone sends it, until the third packet comes', '3.2')),
  }),

  receivePlainSynAck: (on) => ({
    SYN_SENT: on('3.2', set('refusal', 'noJoinInSynAck'), owe('sendRst', 'RFC8684-3.2-10'), goto('REFUSED')),
    ...each([...FREE, 'SYN_RECEIVED', 'PRE_ESTABLISHED', ...OPEN, 'REFUSED'], on('3')),
  }),

  sendJoinAck: (on) => ({
    SYN_SENT: on('3.2', start('joinAckRetransmit'), goto('PRE_ESTABLISHED')),
    PRE_ESTABLISHED: on('3.2', restart('joinAckRetransmit')),
    // A retransmission that has crossed the acceptor's ACK.
    ...each(OPEN, on('3.2')),
    REFUSED: insteadOfRst(on),
    ...each([...FREE, 'SYN_RECEIVED'], on.impossible('no SYN/ACK has come to be answered', '3.2')),
  }),

  receiveJoinAck: (on) => ({
    SYN_RECEIVED: on.choose((_, { hmac }) => hmac, {
      valid: on('3.2', owe('sendAck', 'RFC8684-3.2-4/1'), emit('established'), goto('ESTABLISHED')),
      wrong: on('3.2', set('refusal', 'noProofInAck'), owe('sendRst', 'RFC8684-3.2-9'), goto('REFUSED')),
      undecided: on('3.2', emit('established'), goto('ESTABLISHED')),
    }),
    // The opener repeats it: it has not got the ACK.
    ...each(
      OPEN,
      on.choose(({ role }, { hmac }) => (role === 'acceptor' && hmac === 'valid' ? 'again' : 'ignored'), {
        again: on('3.2', owe('sendAck', 'RFC8684-3.2-4/1')),
        ignored: on('3'),
      }),
    ),
    ...each([...FREE, 'SYN_SENT', 'PRE_ESTABLISHED', 'REFUSED'], on('3')),
  }),

  sendAck: (on) => ({
    ...each(['SYN_SENT', 'PRE_ESTABLISHED', 'REFUSED'], on('3.2')),
    // The opener would take it for the answer to its third packet.
    SYN_RECEIVED: on.impossible('the third packet has not come', '3.2'),
    ...each([...OPEN, 'FINS_EXCHANGED'], on('3.3.3')),
    ...each(['CLOSED', 'RESET'], on.impossible('a subflow that is not there acknowledges nothing', '3.6')),
  }),

  receiveAck: (on) => ({
    // The third packet has come without MP_JOIN.
    SYN_RECEIVED: on('3.2', set('refusal', 'noProofInAck'), owe('sendRst', 'RFC8684-3.2-9'), goto('REFUSED')),
    PRE_ESTABLISHED: on('3.2', stop('joinAckRetransmit'), waive(), emit('established'), goto('ESTABLISHED')),
    SYN_SENT: on('3'),
    ...each([...OPEN, 'FINS_EXCHANGED'], on('3.3.3')),
    ...each(['CLOSED', 'REFUSED', 'RESET'], on('3')),
  }),

  receiveAckWithoutDataAck: (on) => ({
    ...each(
      OPEN,
      on.choose(({ role }) => (role === 'initial' ? 'initial' : 'joined'), {
        // The connection decides: section 3.7's third rule.
        initial: on('3.7'),
        joined: on('3.7', set('refusal', 'optionsLost'), owe('sendRst', 'RFC8684-3.7-3/1'), goto('REFUSED')),
      }),
    ),
    ...each([...FREE, 'SYN_SENT', 'SYN_RECEIVED', 'PRE_ESTABLISHED', 'REFUSED'], on('3.7')),
  }),

  sendData: (on) => ({
    PRE_ESTABLISHED: on('3.2', forbid('RFC8684-3.2-c')),
    ...each(
      ['ESTABLISHED', 'FIN_RECEIVED'],
      on.choose(({ role }) => (role === 'opener' ? 'opener' : 'other'), {
        opener: on('3.2', permit('RFC8684-3.2-c')),
        other: on('3.3'),
      }),
    ),
    REFUSED: insteadOfRst(on),
    ...each(['SYN_SENT', 'SYN_RECEIVED'], on.impossible('the handshake is not over', '3.2')),
    ...each(['FIN_SENT', 'FINS_EXCHANGED'], on.impossible('new data does not follow a FIN', '3.3.3')),
    ...each(['CLOSED', 'RESET'], on.impossible('there is no subflow', '3.6')),
  }),

  receiveData: (on) => ({
    // Whatever the acceptor sends acknowledges the third packet.
    PRE_ESTABLISHED: on('3.2', stop('joinAckRetransmit'), waive(), emit('established'), goto('ESTABLISHED')),
    ...each(OPEN, on('3.3')),
    ...each([...FREE, 'SYN_SENT', 'SYN_RECEIVED', 'REFUSED'], on('3')),
  }),

  sendFin: (on) => ({
    ESTABLISHED: on('3.3.3', goto('FIN_SENT')),
    FIN_RECEIVED: on('3.3.3', emit('closed'), goto('FINS_EXCHANGED')),
    SYN_RECEIVED: on('3.3.3', goto('FIN_SENT')),
    PRE_ESTABLISHED: on('3.3.3', stop('joinAckRetransmit'), goto('FIN_SENT')),
    ...each(['FIN_SENT', 'FINS_EXCHANGED'], on('3.3.3')),
    REFUSED: insteadOfRst(on),
    ...each(['CLOSED', 'SYN_SENT', 'RESET'], on.impossible('there is nothing to close yet, or any more', '3.3.3')),
  }),

  receiveFin: (on) => ({
    ESTABLISHED: on('3.3.3', goto('FIN_RECEIVED')),
    FIN_SENT: on('3.3.3', emit('closed'), goto('FINS_EXCHANGED')),
    PRE_ESTABLISHED: on('3.3.3', stop('joinAckRetransmit'), waive(), emit('established'), goto('FIN_RECEIVED')),
    ...each(['FIN_RECEIVED', 'FINS_EXCHANGED'], on('3.3.3')),
    ...each(['CLOSED', 'SYN_SENT', 'SYN_RECEIVED', 'REFUSED', 'RESET'], on('3')),
  }),

  sendRst: (on) => ({
    ...each(['CLOSED', 'SYN_SENT', 'SYN_RECEIVED', ...OPEN, 'REFUSED'], on('3.6', waive(), emit('closed'), goto('RESET'))),
    PRE_ESTABLISHED: on('3.6', stop('joinAckRetransmit'), waive(), emit('closed'), goto('RESET')),
    ...each(['FINS_EXCHANGED', 'RESET'], on('3.6')),
  }),

  receiveRst: (on) => ({
    ...each(['CLOSED', 'SYN_SENT', 'SYN_RECEIVED', ...OPEN, 'REFUSED'], on('3.6', waive(), emit('closed'), goto('RESET'))),
    PRE_ESTABLISHED: on('3.6', stop('joinAckRetransmit'), waive(), emit('closed'), goto('RESET')),
    ...each(['FINS_EXCHANGED', 'RESET'], on('3.6')),
  }),

  joinAckRetransmit: (on) => ({
    PRE_ESTABLISHED: on('3.2', owe('sendJoinAck', 'RFC8684-3.2-4/2'), restart('joinAckRetransmit')),
    ...each([...FREE, 'SYN_SENT', 'SYN_RECEIVED', ...OPEN, 'REFUSED'], on.impossible('the timer runs in PRE_ESTABLISHED alone', '3.2')),
  }),
};

/**
 * One end of a subflow.
 * `step(subflowMachine, end, { type: 'receiveJoinSyn', token: 'unknown' })` leaves `end` in REFUSED, owing a RST.
 */
export const subflowMachine = machine<SubflowContext, SubflowEvent, SubflowState, SubflowTimer, SubflowEffect>({
  name: 'mptcp-subflow',
  rfc: 8684,
  section: '3.2',
  summary: 'One end of a subflow: opened by MP_JOIN (the first one by MP_CAPABLE), closed by FIN or RST.',
  initial: 'CLOSED',
  states: ['CLOSED', 'SYN_SENT', 'SYN_RECEIVED', 'PRE_ESTABLISHED', ...OPEN, 'FINS_EXCHANGED', 'REFUSED', 'RESET'],
  words: {
    openInitial: 'the MP_CAPABLE handshake is over: this is the first subflow',
    sendJoinSyn: 'sends a SYN with MP_JOIN',
    receiveJoinSyn: 'receives a SYN with MP_JOIN',
    sendJoinSynAck: 'sends a SYN/ACK with MP_JOIN',
    receiveJoinSynAck: 'receives a SYN/ACK with MP_JOIN',
    sendPlainSynAck: 'sends a SYN/ACK without MP_JOIN',
    receivePlainSynAck: 'receives a SYN/ACK without MP_JOIN',
    sendJoinAck: 'sends an ACK with MP_JOIN',
    receiveJoinAck: 'receives an ACK with MP_JOIN',
    sendAck: 'sends an ACK without MP_JOIN',
    receiveAck: 'receives an ACK without MP_JOIN',
    receiveAckWithoutDataAck: 'before any Data ACK has come, data is acknowledged without one',
    sendData: 'sends data for the first time',
    receiveData: 'receives data',
    sendFin: 'sends a FIN',
    receiveFin: 'receives a FIN',
    sendRst: 'sends a RST',
    receiveRst: 'receives a RST',
    joinAckRetransmit: 'the ACK with MP_JOIN has gone unacknowledged for one retransmission timeout',
  },
  table,
});

/** A subflow's end before anything has happened. */
export const newSubflowContext = (): SubflowContext => ({ state: 'CLOSED', role: 'none', refusal: 'none' });
