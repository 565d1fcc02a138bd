/**
 * One end of a TCP connection, RFC 9293 sections 3.3.2 and 3.10 (figure 5), with the checks of RFC 5961, which that RFC has taken in:
 * what a subflow of Multipath TCP needs of TCP, simultaneous open included; no urgent data.
 *
 * A segment becomes events once it has passed section 3.10.7.4's checks of its numbers (validity.ts), in its order: RST, SYN,
 * acknowledgment (of the SYN, of the FIN), payload, FIN.
 */
import { each, emit, goto, machine, restart, set, start, stop } from '../machine.ts';
import type { On, Table } from '../machine.ts';

/** The states of section 3.3.2. */
export type TcpState =
  | 'CLOSED'
  | 'LISTEN'
  | 'SYN_SENT'
  | 'SYN_RECEIVED'
  | 'ESTABLISHED'
  | 'FIN_WAIT_1'
  | 'FIN_WAIT_2'
  | 'CLOSE_WAIT'
  | 'CLOSING'
  | 'LAST_ACK'
  | 'TIME_WAIT';

/** One end. */
export interface TcpContext {
  state: TcpState;
  /** Whether it was opened by a passive OPEN: a RST in SYN_RECEIVED leads back to LISTEN then. */
  passive: boolean;
}

export type TcpEvent =
  | { readonly type: 'passiveOpen' }
  | { readonly type: 'sendSyn' }
  /** `again`: the peer's SYN once more, with the same sequence number. */
  | { readonly type: 'receiveSyn'; readonly again: boolean }
  | { readonly type: 'sendSynAck' }
  /** `acknowledges`: whether it acknowledges this end's SYN. */
  | { readonly type: 'receiveSynAck'; readonly acknowledges: boolean }
  | { readonly type: 'receiveAckOfSyn' }
  | { readonly type: 'sendData' }
  | { readonly type: 'receiveData' }
  | { readonly type: 'sendFin' }
  | { readonly type: 'receiveFin' }
  | { readonly type: 'receiveAckOfFin' }
  | { readonly type: 'sendRst' }
  /** `exact`: its sequence number is the one that is expected; in SYN_SENT, it acknowledges the SYN (RFC 5961 section 3.2). */
  | { readonly type: 'receiveRst'; readonly exact: boolean }
  | { readonly type: 'timeWait' }
  | { readonly type: 'userTimeout' };

export type TcpTimer = 'timeWait';
/** For the owner: acknowledge; send a challenge ACK (RFC 5961 section 3.2); repeat the SYN/ACK; answer with a RST; free the connection. */
export type TcpEffect = 'sendAck' | 'challengeAck' | 'repeatSynAck' | 'answerRst' | 'deleteConnection';

type Writer<E> = On<TcpContext, E, TcpEvent['type'], TcpState, TcpTimer, TcpEffect>;

/** The peer's FIN has not come. */
const RECEIVING = ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2'] as const;
/** The peer's FIN has come. */
const FINISHED = ['CLOSE_WAIT', 'CLOSING', 'LAST_ACK', 'TIME_WAIT'] as const;
/** Both initial sequence numbers are known and acknowledged. */
const SYNCHRONIZED = [...RECEIVING, ...FINISHED] as const;

const gone = <E>(on: Writer<E>, section: string) => on(section, emit('deleteConnection'), goto('CLOSED'));

const table: Table<TcpContext, TcpEvent, TcpState, TcpTimer, TcpEffect> = {
  passiveOpen: (on) => ({
    CLOSED: on('3.10.1', set('passive', true), goto('LISTEN')),
    LISTEN: on('3.10.1'),
    ...each(['SYN_SENT', 'SYN_RECEIVED', ...SYNCHRONIZED], on.impossible('the connection exists', '3.10.1')),
  }),

  sendSyn: (on) => ({
    ...each(['CLOSED', 'LISTEN'], on('3.10.1', set('passive', false), goto('SYN_SENT'))),
    SYN_SENT: on('3.10.8'),
    ...each(['SYN_RECEIVED', ...SYNCHRONIZED], on.impossible('the peer’s SYN has come', '3.10.1')),
  }),

  receiveSyn: (on) => ({
    CLOSED: on('3.10.7.1', emit('answerRst')),
    ...each(['LISTEN'], on('3.10.7.2', goto('SYN_RECEIVED'))),
    // Simultaneous open.
    SYN_SENT: on('3.10.7.3', goto('SYN_RECEIVED')),
    SYN_RECEIVED: on.choose(({ passive }, { again }) => (again ? 'again' : passive ? 'passive' : 'active'), {
      again: on('3.10.7.4', emit('repeatSynAck')),
      passive: on('3.10.7.4', goto('LISTEN')),
      active: on('3.10.7.4', emit('challengeAck')),
    }),
    ...each(SYNCHRONIZED, on('3.10.7.4', emit('challengeAck'))),
  }),

  sendSynAck: (on) => ({
    SYN_RECEIVED: on('3.10.7.2'),
    ...each(['CLOSED', 'LISTEN', 'SYN_SENT'], on.impossible('no SYN has come', '3.10.7.2')),
    ...each(SYNCHRONIZED, on.impossible('the SYN has been acknowledged', '3.10.7.4')),
  }),

  receiveSynAck: (on) => ({
    CLOSED: on('3.10.7.1', emit('answerRst')),
    LISTEN: on('3.10.7.2', emit('answerRst')),
    SYN_SENT: on.choose((_, { acknowledges }) => (acknowledges ? 'acceptable' : 'other'), {
      acceptable: on('3.10.7.3', emit('sendAck'), goto('ESTABLISHED')),
      other: on('3.10.7.3', emit('answerRst')),
    }),
    // Simultaneous open: its SYN has come before, its acknowledgment counts (receiveAckOfSyn).
    SYN_RECEIVED: on('3.10.7.4'),
    // The peer has not got the acknowledgment of its SYN.
    ...each(SYNCHRONIZED, on('3.10.7.4', emit('challengeAck'))),
  }),

  receiveAckOfSyn: (on) => ({
    CLOSED: on('3.10.7.1', emit('answerRst')),
    LISTEN: on('3.10.7.2', emit('answerRst')),
    // Without a SYN the segment is dropped.
    SYN_SENT: on('3.10.7.3'),
    SYN_RECEIVED: on('3.10.7.4', goto('ESTABLISHED')),
    ...each(SYNCHRONIZED, on('3.10.7.4')),
  }),

  sendData: (on) => ({
    ...each(['ESTABLISHED', 'CLOSE_WAIT'], on('3.10.2')),
    ...each(['CLOSED', 'LISTEN'], on.impossible('there is no peer', '3.10.2')),
    ...each(['SYN_SENT', 'SYN_RECEIVED'], on.impossible('it waits for ESTABLISHED', '3.10.2')),
    ...each(
      ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'LAST_ACK', 'TIME_WAIT'],
      on.impossible('the FIN has been sent: "connection closing"', '3.10.2'),
    ),
  }),

  receiveData: (on) => ({
    ...each(RECEIVING, on('3.10.7.4', emit('sendAck'))),
    // After its FIN the peer has nothing to say: the text is ignored.
    ...each(FINISHED, on('3.10.7.4')),
    CLOSED: on('3.10.7.1', emit('answerRst')),
    LISTEN: on('3.10.7.2'),
    SYN_SENT: on('3.10.7.3'),
    SYN_RECEIVED: on('3.10.7.4'),
  }),

  sendFin: (on) => ({
    ...each(['SYN_RECEIVED', 'ESTABLISHED'], on('3.10.4', goto('FIN_WAIT_1'))),
    CLOSE_WAIT: on('3.10.4', goto('LAST_ACK')),
    ...each(['FIN_WAIT_1', 'CLOSING', 'LAST_ACK'], on('3.10.8')),
    ...each(['FIN_WAIT_2', 'TIME_WAIT'], on.impossible('the FIN has been acknowledged', '3.10.4')),
    ...each(['CLOSED', 'LISTEN', 'SYN_SENT'], on.impossible('there is nothing to close yet, or any more', '3.10.4')),
  }),

  receiveFin: (on) => ({
    ...each(['SYN_RECEIVED', 'ESTABLISHED'], on('3.10.7.4', emit('sendAck'), goto('CLOSE_WAIT'))),
    FIN_WAIT_1: on('3.10.7.4', emit('sendAck'), goto('CLOSING')),
    FIN_WAIT_2: on('3.10.7.4', emit('sendAck'), start('timeWait'), goto('TIME_WAIT')),
    ...each(['CLOSE_WAIT', 'CLOSING', 'LAST_ACK'], on('3.10.7.4', emit('sendAck'))),
    TIME_WAIT: on('3.10.7.4', emit('sendAck'), restart('timeWait')),
    ...each(['CLOSED', 'LISTEN', 'SYN_SENT'], on('3.10.7.4')),
  }),

  receiveAckOfFin: (on) => ({
    FIN_WAIT_1: on('3.10.7.4', goto('FIN_WAIT_2')),
    CLOSING: on('3.10.7.4', start('timeWait'), goto('TIME_WAIT')),
    LAST_ACK: gone(on, '3.10.7.4'),
    ...each(['FIN_WAIT_2', 'TIME_WAIT'], on('3.10.7.4')),
    ...each(
      ['CLOSED', 'LISTEN', 'SYN_SENT', 'SYN_RECEIVED', 'ESTABLISHED', 'CLOSE_WAIT'],
      on.impossible('no FIN has been sent', '3.10.7.4'),
    ),
  }),

  sendRst: (on) => ({
    CLOSED: on('3.10.7.1'),
    ...each(['LISTEN', 'SYN_SENT', 'SYN_RECEIVED', ...RECEIVING, 'CLOSE_WAIT', 'CLOSING', 'LAST_ACK'], gone(on, '3.10.5')),
    TIME_WAIT: on('3.10.5', stop('timeWait'), emit('deleteConnection'), goto('CLOSED')),
  }),

  receiveRst: (on) => ({
    CLOSED: on('3.10.7.1'),
    LISTEN: on('3.10.7.2'),
    SYN_SENT: on.choose((_, { exact }) => (exact ? 'acceptable' : 'other'), {
      acceptable: gone(on, '3.10.7.3'),
      other: on('3.10.7.3'),
    }),
    SYN_RECEIVED: on.choose(({ passive }, { exact }) => (!exact ? 'inWindow' : passive ? 'passive' : 'active'), {
      passive: on('3.10.7.4', goto('LISTEN')),
      active: gone(on, '3.10.7.4'),
      inWindow: on('3.10.7.4', emit('challengeAck')),
    }),
    ...each(
      [...RECEIVING, 'CLOSE_WAIT', 'CLOSING', 'LAST_ACK'],
      on.choose((_, { exact }) => (exact ? 'exact' : 'inWindow'), {
        exact: gone(on, '3.10.7.4'),
        inWindow: on('3.10.7.4', emit('challengeAck')),
      }),
    ),
    TIME_WAIT: on.choose((_, { exact }) => (exact ? 'exact' : 'inWindow'), {
      exact: on('3.10.7.4', stop('timeWait'), emit('deleteConnection'), goto('CLOSED')),
      inWindow: on('3.10.7.4', emit('challengeAck')),
    }),
  }),

  timeWait: (on) => ({
    TIME_WAIT: gone(on, '3.10.8'),
    ...each(
      ['CLOSED', 'LISTEN', 'SYN_SENT', 'SYN_RECEIVED', ...RECEIVING, 'CLOSE_WAIT', 'CLOSING', 'LAST_ACK'],
      on.impossible('the timer runs in TIME_WAIT alone', '3.10.8'),
    ),
  }),

  userTimeout: (on) => ({
    ...each(['SYN_SENT', 'SYN_RECEIVED', ...RECEIVING, 'CLOSE_WAIT', 'CLOSING', 'LAST_ACK'], gone(on, '3.10.8')),
    ...each(['CLOSED', 'LISTEN', 'TIME_WAIT'], on.impossible('nothing is outstanding', '3.10.8')),
  }),
};

/**
 * One end of a TCP connection.
 * `step(tcpMachine, end, { type: 'receiveFin' })` leaves `end`, in FIN_WAIT_2 before, in TIME_WAIT.
 */
export const tcpMachine = machine<TcpContext, TcpEvent, TcpState, TcpTimer, TcpEffect>({
  name: 'tcp',
  rfc: 9293,
  section: '3.3.2 and 3.10',
  summary: 'One end of a TCP connection, as far as a subflow of Multipath TCP needs it.',
  initial: 'CLOSED',
  states: ['CLOSED', 'LISTEN', 'SYN_SENT', 'SYN_RECEIVED', ...SYNCHRONIZED],
  words: {
    passiveOpen: 'is told to listen',
    sendSyn: 'sends a SYN',
    receiveSyn: 'receives a SYN',
    sendSynAck: 'sends a SYN/ACK',
    receiveSynAck: 'receives a SYN/ACK',
    receiveAckOfSyn: 'receives an ACK of its SYN',
    sendData: 'sends data',
    receiveData: 'receives data',
    sendFin: 'sends a FIN',
    receiveFin: 'receives a FIN, and all data before it',
    receiveAckOfFin: 'receives an ACK of its FIN',
    sendRst: 'sends a RST',
    receiveRst: 'receives a RST',
    timeWait: 'has waited for twice the maximum segment lifetime',
    userTimeout: 'has retransmitted too often without an answer',
  },
  table,
});

/** An end before anything has happened. */
export const newTcpContext = (): TcpContext => ({ state: 'CLOSED', passive: false });
