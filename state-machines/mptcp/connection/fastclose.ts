/** RFC 8684 section 3.5: MP_FASTCLOSE ends the whole connection at once, on an ACK (answered by a RST) or on a RST. */
import { count, each, emit, forbid, goto, owe, permit, restart, set, start, stop } from '../../machine.ts';
import { ALIVE, OPENING, OVER } from './events.ts';
import type { ConnectionContext, ConnectionTable, ConnectionWriter } from './events.ts';

/** "A RECOMMENDED number is 3." */
const RETRANSMISSIONS = 3;

const retriesLeft = ({ fastcloseRetransmissions }: Readonly<ConnectionContext>): boolean => fastcloseRetransmissions < RETRANSMISSIONS;

/** Regular TCP knows no MP_FASTCLOSE. */
const afterFallback = <E>(on: ConnectionWriter<E>) =>
  on.choose(
    ({ cause }) => (cause === 'keysDiffer' ? 'keysDiffer' : cause === 'plainSyn' || cause === 'plainSynAck' ? 'noKeys' : 'fellBack'),
    {
      keysDiffer: on('3.1', forbid('RFC8684-3.1-9')),
      noKeys: on.impossible('the keys have not been exchanged', '3.1'),
      fellBack: on('3.7', forbid('RFC8684-3.7-15')),
    },
  );

export const fastclose = {
  sendFastclose: (on) => ({
    ...each(
      [...ALIVE, 'M_TIME_WAIT'],
      on('3.5', set('ending', 'fastcloseSent'), emit('resetOtherSubflows'), start('fastcloseRetransmit'), goto('FASTCLOSE_WAIT')),
    ),
    FASTCLOSE_WAIT: on.choose((context) => (retriesLeft(context) ? 'again' : 'tooOften'), {
      again: on('3.5', count('fastcloseRetransmissions'), restart('fastcloseRetransmit')),
      tooOften: on('3.5', count('fastcloseRetransmissions'), forbid('RFC8684-3.5-3')),
    }),
    ...each(OPENING, on.impossible('the keys have not been exchanged', '3.1')),
    M_CLOSED: on.impossible('the connection is closed', '3.5'),
    FALLBACK: afterFallback(on),
  }),

  sendFastcloseRst: (on) => ({
    ...each(
      [...ALIVE, 'M_TIME_WAIT'],
      on('3.5', set('ending', 'fastcloseSent'), emit('resetSubflows'), emit('deleteConnection'), goto('M_CLOSED')),
    ),
    FASTCLOSE_WAIT: on('3.5', stop('fastcloseRetransmit'), emit('deleteConnection'), goto('M_CLOSED')),
    // There is one on each subflow.
    M_CLOSED: on('3.5'),
    ...each(OPENING, on.impossible('the keys have not been exchanged', '3.1')),
    FALLBACK: afterFallback(on),
  }),

  receiveFastclose: (on) => ({
    ...each(
      [...ALIVE, 'M_TIME_WAIT'],
      on.choose((_, { key }) => key, {
        valid: on(
          '3.5',
          set('ending', 'fastcloseReceived'),
          owe('sendRst', 'RFC8684-3.5-c'),
          emit('resetSubflows'),
          emit('deleteConnection'),
          goto('M_CLOSED'),
        ),
        wrong: on('3.5'),
        // The owner does not know the keys: it is taken as meant, but nobody is bound to answer it.
        unknown: on('3.5', set('ending', 'fastcloseReceived'), emit('resetSubflows'), emit('deleteConnection'), goto('M_CLOSED')),
      }),
    ),
    // Both hosts do it at the same time.
    FASTCLOSE_WAIT: on.choose((_, { key }) => key, {
      valid: on(
        '3.5',
        stop('fastcloseRetransmit'),
        owe('sendRst', 'RFC8684-3.5-g'),
        emit('resetSubflows'),
        emit('deleteConnection'),
        goto('M_CLOSED'),
      ),
      wrong: on('3.5'),
      unknown: on('3.5', stop('fastcloseRetransmit'), emit('resetSubflows'), emit('deleteConnection'), goto('M_CLOSED')),
    }),
    // The RST was lost.
    M_CLOSED: on.choose(({ ending }, { key }) => (ending === 'fastcloseReceived' && key === 'valid' ? 'again' : 'ignored'), {
      again: on('3.5', owe('sendRst', 'RFC8684-3.5-c')),
      ignored: on('3.5'),
    }),
    ...each(OPENING, on('3.5')),
    FALLBACK: on('3.7'),
  }),

  receiveFastcloseRst: (on) => ({
    ...each(
      [...ALIVE, 'M_TIME_WAIT'],
      on.choose((_, { key }) => (key === 'wrong' ? 'wrong' : 'accepted'), {
        wrong: on('3.5'),
        accepted: on('3.5', set('ending', 'fastcloseReceived'), emit('resetSubflows'), emit('deleteConnection'), goto('M_CLOSED')),
      }),
    ),
    // Whatever it carries, it is the RST that was waited for.
    FASTCLOSE_WAIT: on('3.5', stop('fastcloseRetransmit'), emit('deleteConnection'), goto('M_CLOSED')),
    // Whatever else, it is a RST on the only subflow.
    ...each(OPENING, on('3.1', set('ending', 'subflows'), emit('deleteConnection'), goto('M_CLOSED'))),
    FALLBACK: on('3.7', emit('deleteConnection')),
    M_CLOSED: on('3.5'),
  }),

  fastcloseRetransmit: (on) => ({
    FASTCLOSE_WAIT: on.choose((context) => (retriesLeft(context) ? 'again' : 'giveUp'), {
      again: on('3.5', owe('sendFastclose', 'RFC8684-3.5-1'), restart('fastcloseRetransmit')),
      giveUp: on('3.5', permit('RFC8684-3.5-2'), owe('sendFastcloseRst', 'RFC8684-3.5-4')),
    }),
    ...each([...OPENING, ...ALIVE, ...OVER, 'FALLBACK'], on.impossible('the timer does not run', '3.5')),
  }),
} satisfies Partial<ConnectionTable>;
