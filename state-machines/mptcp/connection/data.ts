/** RFC 8684 sections 3.1 to 3.3: the first DSS, data and its end, further subflows. */
import { each, forbid, goto, permit, set, stop } from '../../machine.ts';
import { ALIVE, FINISHED, INITIATING, KEYED, OPENING, OVER } from './events.ts';
import type { ConnectionTable } from './events.ts';

export const data = {
  sendDss: (on) => ({
    ...each(OPENING, on.impossible('the keys have not been exchanged', '3.1')),
    ...each([...ALIVE, ...OVER], on('3.3')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on.choose(
      ({ cause }, { mapping }) =>
        cause === 'plainSyn' || cause === 'plainSynAck' || cause === 'plainAck' || cause === 'keysDiffer'
          ? cause
          : mapping
            ? 'mapping'
            : cause === 'noDataAck' || cause === 'receivedInfiniteMapping'
              ? cause
              : 'dataAck',
      {
        plainSyn: on.impossible('MP_CAPABLE was not exchanged', '3.1'),
        plainSynAck: on('3.1', forbid('RFC8684-3.1-26')),
        plainAck: on('3.1', forbid('RFC8684-3.1-28')),
        keysDiffer: on('3.1', forbid('RFC8684-3.1-9')),
        mapping: on('3.7', forbid('RFC8684-3.7-15')),
        noDataAck: on('3.7', forbid('RFC8684-3.7-h')),
        receivedInfiniteMapping: on('3.7', forbid('RFC8684-3.7-14')),
        // One direction has its infinite mapping; until the other has, its data may still be acknowledged.
        dataAck: on('3.7'),
      },
    ),
  }),

  receiveDss: (on) => ({
    ...each(KEYED, on('3.1', set('dssReceived', true), goto('M_ESTAB'))),
    M_FIN_WAIT_1: on('3.1', set('dssReceived', true)),
    // Here the third packet was lost. In version 1 the initiator's key is with it; the initiator will repeat it.
    CAPABLE_ANSWERED: on.choose(({ version }) => (version === 0 ? 'keyKnown' : 'keyUnknown'), {
      keyKnown: on('3.1', set('dssReceived', true), goto('M_ESTAB')),
      keyUnknown: on('3.1'),
    }),
    ...each(['IDLE', ...INITIATING, 'CAPABLE_RECEIVED'], on('3.1')),
    ...each(['M_ESTAB', 'M_CLOSE_WAIT', 'M_FIN_WAIT_2', 'M_CLOSING', 'M_LAST_ACK', ...OVER], on('3.3')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on('3.7'),
  }),

  sendData: (on) => ({
    ...each(OPENING, on.impossible('the keys have not been exchanged', '3.1')),
    KEYS_SENT: on.choose(({ version }, { by }) => (version === 0 ? 'version0' : by), {
      version0: on('3.1'),
      MP_CAPABLE: on('3.1', permit('RFC8684-3.1-e')),
      DSS: on('3.1', forbid('RFC8684-3.1-e')),
    }),
    ...each(['KEYS_RECEIVED', 'M_ESTAB', 'M_CLOSE_WAIT'], on('3.3')),
    ...each([...FINISHED, 'M_TIME_WAIT'], on('3.3.3', forbid('RFC8684-3.3.3-b'))),
    M_CLOSED: on.choose(({ ending }) => (ending === 'dataFin' || ending === 'fastcloseSent' ? ending : 'other'), {
      dataFin: on('3.3.3', forbid('RFC8684-3.3.3-b')),
      fastcloseSent: on('3.5', forbid('RFC8684-3.5-b')),
      other: on.impossible('the connection is closed', '3.3.3'),
    }),
    FASTCLOSE_WAIT: on('3.5', forbid('RFC8684-3.5-b')),
    FALLBACK: on.impossible('without a DSS, for which see sendDss, data is not mapped', '3.7'),
  }),

  sendJoinSyn: (on) => ({
    ...each([...OPENING, ...KEYED], on('3.1', forbid('RFC8684-3.1-10'))),
    ...each(['M_ESTAB', 'M_CLOSE_WAIT', 'M_FIN_WAIT_2', 'M_CLOSING', 'M_LAST_ACK'], on('3.1', permit('RFC8684-3.1-10'))),
    // A host that closes at once may come here without any DSS.
    M_FIN_WAIT_1: on.choose(({ dssReceived }) => (dssReceived ? 'afterDss' : 'beforeDss'), {
      afterDss: on('3.1', permit('RFC8684-3.1-10')),
      beforeDss: on('3.1', forbid('RFC8684-3.1-10')),
    }),
    ...each(OVER, on.impossible('the connection is over', '3.3.3')),
    FASTCLOSE_WAIT: on.impossible('all subflows are being torn down', '3.5'),
    FALLBACK: on.choose(({ cause }) => (cause === 'plainSyn' || cause === 'plainSynAck' ? 'neverMptcp' : 'fellBack'), {
      neverMptcp: on.impossible('there is no token: MP_CAPABLE was not exchanged', '3.1'),
      fellBack: on('3.7', forbid('RFC8684-3.7-15')),
    }),
  }),

  receiveJoinSyn: (on) => ({
    // Its token is judged by the subflow.
    ...each([...OPENING, ...ALIVE, ...OVER, 'FASTCLOSE_WAIT', 'FALLBACK'], on('3.2')),
  }),

  subflowEstablished: (on) => ({
    // "Break-before-make": a new subflow has come in time.
    ...each(ALIVE, on('3.3.3', stop('timeWait'))),
    ...each(OPENING, on.impossible('no further subflow without keys', '3.2')),
    ...each(OVER, on('3.3.3')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on('3.7'),
  }),
} satisfies Partial<ConnectionTable>;
