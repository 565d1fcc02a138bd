/** RFC 8684 section 3.7: MP_FAIL, the infinite mapping, and data that is acknowledged without a Data ACK. */
import { each, forbid, goto, owe, set } from '../../machine.ts';
import { ALIVE, OPENING, OVER } from './events.ts';
import type { ConnectionTable, ConnectionWriter } from './events.ts';

/** Data may be under way from this host: its DATA_FIN is not acknowledged. */
const SENDING = ['KEYS_SENT', 'KEYS_RECEIVED', 'M_ESTAB', 'M_CLOSE_WAIT', 'M_FIN_WAIT_1', 'M_CLOSING', 'M_LAST_ACK'] as const;

/** The last signals of the fallback itself; only a host that was never to use MPTCP options must not send them. */
const lastSignal = <E>(on: ConnectionWriter<E>) =>
  on.choose(
    ({ cause }) =>
      cause === 'plainSyn' || cause === 'plainSynAck' || cause === 'plainAck' || cause === 'keysDiffer' ? cause : 'lastSignal',
    {
      plainSyn: on.impossible('MP_CAPABLE was not exchanged', '3.1'),
      plainSynAck: on('3.1', forbid('RFC8684-3.1-26')),
      plainAck: on('3.1', forbid('RFC8684-3.1-28')),
      keysDiffer: on('3.1', forbid('RFC8684-3.1-9')),
      lastSignal: on('3.7'),
    },
  );

export const fallback = {
  sendMpFail: (on) => ({
    ...each(
      ALIVE,
      on.choose((_, { rst }) => (rst ? 'onRst' : 'onAck'), {
        // It closes its subflow; its data comes again on others.
        onRst: on('3.7'),
        onAck: on('3.7', set('mpFailSent', true)),
      }),
    ),
    ...each(OPENING, on.impossible('no data has come', '3.7')),
    ...each(OVER, on('3.7')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: lastSignal(on),
  }),

  receiveMpFail: (on) => ({
    ...each(
      ALIVE,
      on.choose(({ mpFailSent }, { rst }) => (rst ? 'onRst' : mpFailSent ? 'answer' : 'first'), {
        onRst: on('3.7'),
        answer: on('3.7', set('cause', 'mpFail'), goto('FALLBACK')),
        first: on(
          '3.7',
          set('cause', 'mpFail'),
          owe('sendMpFail', 'RFC8684-3.7-9'),
          owe('sendInfiniteMapping', 'RFC8684-3.7-i'),
          goto('FALLBACK'),
        ),
      }),
    ),
    ...each(OPENING, on('3.1')),
    ...each([...OVER, 'FALLBACK'], on('3.7')),
    FASTCLOSE_WAIT: on('3.5'),
  }),

  sendInfiniteMapping: (on) => ({
    ...each(ALIVE, on('3.7', set('cause', 'sentInfiniteMapping'), goto('FALLBACK'))),
    ...each(OPENING, on.impossible('the keys have not been exchanged', '3.1')),
    ...each(OVER, on('3.7')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: lastSignal(on),
  }),

  receiveInfiniteMapping: (on) => ({
    ...each(ALIVE, on('3.7', set('cause', 'receivedInfiniteMapping'), owe('sendPlainAck', 'RFC8684-3.7-14'), goto('FALLBACK'))),
    ...each(OPENING, on('3.1')),
    ...each(OVER, on('3.7')),
    FASTCLOSE_WAIT: on('3.5'),
    // Now neither direction has Data ACKs any more.
    FALLBACK: on.choose(
      ({ cause }) => (cause === 'mpFail' || cause === 'noDataAck' || cause === 'sentInfiniteMapping' ? 'other' : 'ignored'),
      {
        other: on('3.7', set('cause', 'receivedInfiniteMapping'), owe('sendPlainAck', 'RFC8684-3.7-14')),
        ignored: on('3.7'),
      },
    ),
  }),

  receiveAckWithoutDataAck: (on) => ({
    ...each(
      SENDING,
      on.choose((_, { subflow }) => subflow, {
        only: on(
          '3.7',
          set('cause', 'noDataAck'),
          owe('sendInfiniteMapping', 'RFC8684-3.7-h'),
          owe('sendPlainAck', 'RFC8684-3.7-4'),
          goto('FALLBACK'),
        ),
        // The rule is for "before any additional subflows are added".
        first: on('3.7'),
        // The subflow is reset: see its machine.
        additional: on('3.7'),
      }),
    ),
    ...each(OPENING, on('3.1')),
    ...each(['M_FIN_WAIT_2', ...OVER, 'FALLBACK'], on('3.7')),
    FASTCLOSE_WAIT: on('3.5'),
  }),
} satisfies Partial<ConnectionTable>;
