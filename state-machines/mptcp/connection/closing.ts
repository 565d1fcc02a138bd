/** RFC 8684 section 3.3.3 and the figure of appendix D: how DATA_FINs close the connection, and what happens when its subflows are gone. */
import { each, emit, goto, permit, set, start, stop } from '../../machine.ts';
import { ALIVE, FINISHED, KEYED, OPENING, OVER } from './events.ts';
import type { ConnectionTable, ConnectionWriter } from './events.ts';

/** The last subflow is gone from a live connection: it lives on for a while, so that another subflow may take its place. */
const waitForSubflow = <E>(on: ConnectionWriter<E>, section: string) => on(section, start('timeWait'));

/** "All subflows in CLOSED: delete MPTCP PCB." */
const closeAfterTimeWait = <E>(on: ConnectionWriter<E>) => on('D', stop('timeWait'), emit('deleteConnection'), goto('M_CLOSED'));

/** The only subflow is gone before the keys were exchanged. */
const giveUp = <E>(on: ConnectionWriter<E>) => on('3.1', set('ending', 'subflows'), emit('deleteConnection'), goto('M_CLOSED'));

/** No subflow is left that an MP_FASTCLOSE could be answered on. */
const endFastclose = <E>(on: ConnectionWriter<E>) => on('3.5', stop('fastcloseRetransmit'), emit('deleteConnection'), goto('M_CLOSED'));

export const closing = {
  sendDataFin: (on) => ({
    ...each([...KEYED, 'M_ESTAB'], on('D', goto('M_FIN_WAIT_1'))),
    M_CLOSE_WAIT: on('D', goto('M_LAST_ACK')),
    // Sent again, perhaps on another subflow.
    ...each([...FINISHED, ...OVER], on('3.3.3')),
    ...each(OPENING, on.impossible('the keys have not been exchanged', '3.1')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on.impossible('without a DSS, for which see sendDss, there is no DATA_FIN', '3.7'),
  }),

  receiveDataFin: (on) => ({
    ...each([...KEYED, 'M_ESTAB'], on('D', set('dssReceived', true), emit('sendDataAck'), goto('M_CLOSE_WAIT'))),
    M_FIN_WAIT_1: on('D', set('dssReceived', true), emit('sendDataAck'), goto('M_CLOSING')),
    M_FIN_WAIT_2: on('D', set('ending', 'dataFin'), emit('sendDataAck'), start('timeWait'), goto('M_TIME_WAIT')),
    // The DATA_ACK was lost.
    ...each(['M_CLOSE_WAIT', 'M_CLOSING', 'M_LAST_ACK', 'M_TIME_WAIT'], on('3.3.3', emit('sendDataAck'))),
    M_CLOSED: on('3.3.3'),
    ...each(OPENING, on('3.1')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on('3.7'),
  }),

  sendDataAckOfDataFin: (on) => ({
    ...each(['M_CLOSE_WAIT', 'M_CLOSING', 'M_LAST_ACK', ...OVER], on('D')),
    ...each([...OPENING, ...KEYED, 'M_ESTAB', 'M_FIN_WAIT_1', 'M_FIN_WAIT_2'], on.impossible('no DATA_FIN has come in order', '3.3.3')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on('3.7'),
  }),

  receiveDataAckOfDataFin: (on) => ({
    M_FIN_WAIT_1: on('D', set('dssReceived', true), permit('RFC8684-3.3.3-b'), emit('closeSubflows'), goto('M_FIN_WAIT_2')),
    M_CLOSING: on('D', permit('RFC8684-3.3.3-b'), set('ending', 'dataFin'), emit('closeSubflows'), start('timeWait'), goto('M_TIME_WAIT')),
    M_LAST_ACK: on(
      'D',
      permit('RFC8684-3.3.3-b'),
      set('ending', 'dataFin'),
      emit('closeSubflows'),
      emit('deleteConnection'),
      goto('M_CLOSED'),
    ),
    ...each(['M_FIN_WAIT_2', ...OVER], on('3.3.3')),
    // It acknowledges what was not sent.
    ...each([...KEYED, 'M_ESTAB', 'M_CLOSE_WAIT'], on('3.3.2')),
    ...each(OPENING, on('3.1')),
    FASTCLOSE_WAIT: on('3.5'),
    FALLBACK: on('3.7'),
  }),

  allSubflowsClosed: (on) => ({
    ...each(OPENING, giveUp(on)),
    ...each(ALIVE, waitForSubflow(on, '3.3.3')),
    M_TIME_WAIT: closeAfterTimeWait(on),
    M_CLOSED: on('D'),
    FASTCLOSE_WAIT: endFastclose(on),
    FALLBACK: on('3.7', emit('deleteConnection')),
  }),

  receiveRst: (on) => ({
    ...each(OPENING, giveUp(on)),
    // A RST "will only close the applicable subflow"; the connection stays alive.
    ...each(ALIVE, waitForSubflow(on, '3.5')),
    M_TIME_WAIT: closeAfterTimeWait(on),
    M_CLOSED: on('D'),
    FASTCLOSE_WAIT: endFastclose(on),
    FALLBACK: on('3.7', emit('deleteConnection')),
  }),

  sendRst: (on) => ({
    ...each([...OPENING, ...ALIVE, ...OVER, 'FASTCLOSE_WAIT', 'FALLBACK'], on('3.6')),
  }),

  timeWait: (on) => ({
    ...each(ALIVE, on('3.3.3', set('ending', 'timeout'), emit('deleteConnection'), goto('M_CLOSED'))),
    M_TIME_WAIT: on('3.3.3', emit('deleteConnection'), goto('M_CLOSED')),
    ...each([...OPENING, 'M_CLOSED', 'FASTCLOSE_WAIT', 'FALLBACK'], on.impossible('the timer does not run', '3.3.3')),
  }),
} satisfies Partial<ConnectionTable>;
