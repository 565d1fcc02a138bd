/** RFC 8684 section 3.1: the MP_CAPABLE handshake and where it turns into regular TCP. */
import { each, emit, forbid, goto, owe, permit, set, waive } from '../../machine.ts';
import { FINISHED, INITIATING, KEYED, LISTENING, OVER } from './events.ts';
import type { ConnectionTable, ConnectionWriter } from './events.ts';

const ESTABLISHED = ['M_ESTAB', 'M_CLOSE_WAIT', ...FINISHED, ...OVER, 'FASTCLOSE_WAIT'] as const;

/** The third packet has no MP_CAPABLE, at its sender or its receiver: regular TCP. */
const withoutMpCapable = <E>(on: ConnectionWriter<E>) =>
  on('3.1', waive(), set('cause', 'plainAck'), owe('sendPlainAck', 'RFC8684-3.1-28'), goto('FALLBACK'));

/** The third packet shows keys that do not agree: the handshake is compromised. */
const keysDiffer = <E>(on: ConnectionWriter<E>) =>
  on('3.1', set('cause', 'keysDiffer'), owe('sendPlainAck', 'RFC8684-3.1-9'), goto('FALLBACK'));

/** "As if a DSS option has been received." */
const firstData = <E>(on: ConnectionWriter<E>) => on('3.1', set('dssReceived', true), goto('M_ESTAB'));

/** What an MP_CAPABLE with both keys tells a listener. Keys that are not known to differ are taken as told. */
const told = ({ keys, data }: { readonly keys: 'agree' | 'differ' | 'unknown'; readonly data: boolean }) =>
  keys === 'differ' ? 'keysDiffer' : data ? 'withData' : 'keysOnly';

export const handshake = {
  sendCapableSyn: (on) => ({
    IDLE: on('3.1', goto('CAPABLE_SENT')),
    CAPABLE_SENT: on('3.1'),
    ...each(['CAPABLE_ACCEPTED', ...LISTENING, ...KEYED, ...ESTABLISHED, 'FALLBACK'], on.impossible('a SYN comes first', '3.1')),
  }),

  receiveCapableSyn: (on) => ({
    IDLE: on('3.1', goto('CAPABLE_RECEIVED')),
    ...each(LISTENING, on('3.1')),
    ...each([...INITIATING, ...KEYED, ...ESTABLISHED], on('3')),
    FALLBACK: on('3.7'),
  }),

  sendCapableSynAck: (on) => ({
    IDLE: on('3.1', forbid('RFC8684-3.1-27')),
    CAPABLE_RECEIVED: on('3.1', goto('CAPABLE_ANSWERED')),
    CAPABLE_ANSWERED: on('3.1'),
    KEYS_RECEIVED: on('3.1'),
    ...each([...INITIATING, 'KEYS_SENT'], on.impossible('the SYN/ACK is the listener’s', '3.1')),
    ...each(ESTABLISHED, on.impossible('the third packet has come', '3.1')),
    // SYNs with and without MP_CAPABLE may be reordered, and each is answered in kind; the third packet decides.
    FALLBACK: on.choose(({ cause }) => (cause === 'plainSyn' ? 'plainSyn' : 'other'), {
      plainSyn: on('3.1', forbid('RFC8684-3.1-27')),
      other: on('3.1'),
    }),
  }),

  receiveCapableSynAck: (on) => ({
    CAPABLE_SENT: on('3.1', owe('sendCapableAck', 'RFC8684-3.1-8'), goto('CAPABLE_ACCEPTED')),
    CAPABLE_ACCEPTED: on('3.1'),
    // The listener repeats it: the third packet, and with it this host's key, has not arrived, also if this host has closed since.
    KEYS_SENT: on('3.1', emit('repeatCapableAck')),
    M_FIN_WAIT_1: on.choose(({ dssReceived }) => (dssReceived ? 'afterDss' : 'beforeDss'), {
      afterDss: on('3'),
      beforeDss: on('3.1', emit('repeatCapableAck')),
    }),
    ...each(
      [
        'IDLE',
        ...LISTENING,
        'KEYS_RECEIVED',
        'M_ESTAB',
        'M_CLOSE_WAIT',
        'M_FIN_WAIT_2',
        'M_CLOSING',
        'M_LAST_ACK',
        ...OVER,
        'FASTCLOSE_WAIT',
      ],
      on('3'),
    ),
    FALLBACK: on('3.7'),
  }),

  sendPlainSynAck: (on) => ({
    IDLE: on('3.1', permit('RFC8684-3.1-27'), set('cause', 'plainSyn'), goto('FALLBACK')),
    CAPABLE_RECEIVED: on('3.1', set('cause', 'plainSynAck'), owe('sendPlainAck', 'RFC8684-3.1-26'), goto('FALLBACK')),
    // After a SYN/ACK with MP_CAPABLE: "the final state is inferred from [...] the third packet".
    CAPABLE_ANSWERED: on('3.1'),
    FALLBACK: on('3.1'),
    ...each([...INITIATING, 'KEYS_SENT'], on.impossible('the SYN/ACK is the listener’s', '3.1')),
    ...each(['KEYS_RECEIVED', ...ESTABLISHED], on.impossible('the third packet has come', '3.1')),
  }),

  receivePlainSynAck: (on) => ({
    CAPABLE_SENT: on('3.1', set('cause', 'plainSynAck'), owe('sendPlainAck', 'RFC8684-3.1-26'), goto('FALLBACK')),
    CAPABLE_ACCEPTED: on('3.1'),
    ...each(['IDLE', ...LISTENING, ...KEYED, ...ESTABLISHED], on('3')),
    FALLBACK: on('3.7'),
  }),

  sendCapableAck: (on) => ({
    // It echoes the listener's key, so a SYN/ACK has come.
    ...each(INITIATING, on('3.1', goto('KEYS_SENT'))),
    // Repeated until it is known to have come, and with the first data.
    KEYS_SENT: on('3.1'),
    ...each(ESTABLISHED, on('3.1')),
    ...each(['IDLE', ...LISTENING, 'KEYS_RECEIVED'], on.impossible('the third packet is the initiator’s', '3.1')),
    FALLBACK: on.choose(({ cause }) => (cause === 'plainSynAck' || cause === 'keysDiffer' ? cause : 'other'), {
      plainSynAck: on('3.1', forbid('RFC8684-3.1-26')),
      keysDiffer: on('3.1', forbid('RFC8684-3.1-9')),
      // Trying more than once before deciding for regular TCP is allowed, and so is retransmitting the octets as they were.
      other: on('3.1'),
    }),
  }),

  receiveCapableAck: (on) => ({
    // IDLE: a listener that keeps no state until the third packet knows its key when it is echoed.
    ...each(
      ['IDLE', ...LISTENING],
      on.choose((_, event) => told(event), {
        keysDiffer: keysDiffer(on),
        withData: firstData(on),
        keysOnly: on('3.1', goto('KEYS_RECEIVED')),
      }),
    ),
    KEYS_RECEIVED: on.choose((_, event) => told(event), { keysDiffer: keysDiffer(on), withData: firstData(on), keysOnly: on('3.1') }),
    M_FIN_WAIT_1: on.choose((_, { data }) => (data ? 'withData' : 'keysOnly'), {
      withData: on('3.1', set('dssReceived', true)),
      keysOnly: on('3.1'),
    }),
    ...each(
      [...INITIATING, 'KEYS_SENT', 'M_ESTAB', 'M_CLOSE_WAIT', 'M_FIN_WAIT_2', 'M_CLOSING', 'M_LAST_ACK', ...OVER, 'FASTCLOSE_WAIT'],
      on('3.1'),
    ),
    FALLBACK: on('3.7'),
  }),

  sendPlainAck: (on) => ({
    CAPABLE_ACCEPTED: withoutMpCapable(on),
    ...each(['IDLE', 'CAPABLE_SENT', ...LISTENING], on.impossible('it comes after the SYNs', '3.1')),
    ...each(KEYED, on('3.1')),
    ...each(ESTABLISHED, on('3.3.2')),
    FALLBACK: on('3.7'),
  }),

  receivePlainAck: (on) => ({
    CAPABLE_ANSWERED: withoutMpCapable(on),
    ...each(['IDLE', ...INITIATING, 'CAPABLE_RECEIVED', ...KEYED], on('3.1')),
    ...each(ESTABLISHED, on('3.3.2')),
    FALLBACK: on('3.7'),
  }),
} satisfies Partial<ConnectionTable>;
