/**
 * One host of a Multipath TCP connection, RFC 8684: from MP_CAPABLE (section 3.1) to both DATA_FINs (3.3.3 and appendix D), MP_FASTCLOSE
 * (3.5) or regular TCP (3.7). The rows stand in connection/, one file for each of these.
 */
import { machine } from '../machine.ts';
import { closing } from './connection/closing.ts';
import { data } from './connection/data.ts';
import { INITIATING, LISTENING, OVER } from './connection/events.ts';
import type {
  ConnectionContext,
  ConnectionEffect,
  ConnectionEvent,
  ConnectionState,
  ConnectionTable,
  ConnectionTimer,
} from './connection/events.ts';
import { fallback } from './connection/fallback.ts';
import { fastclose } from './connection/fastclose.ts';
import { handshake } from './connection/handshake.ts';

export type * from './connection/events.ts';

const table: ConnectionTable = { ...handshake, ...data, ...closing, ...fallback, ...fastclose };

/**
 * One host of a connection; `D` as a section is appendix D.
 * `step(connectionMachine, host, { type: 'receivePlainSynAck' })` leaves `host`, in CAPABLE_SENT before, in FALLBACK.
 */
export const connectionMachine = machine<ConnectionContext, ConnectionEvent, ConnectionState, ConnectionTimer, ConnectionEffect>({
  name: 'mptcp-connection',
  rfc: 8684,
  section: '3.1, 3.3.3, 3.5, 3.7 and appendix D',
  summary: 'One host of a connection: opened by MP_CAPABLE, closed by DATA_FINs or MP_FASTCLOSE, or turned into regular TCP.',
  initial: 'IDLE',
  states: [
    'IDLE',
    ...INITIATING,
    'KEYS_SENT',
    ...LISTENING,
    'KEYS_RECEIVED',
    'M_ESTAB',
    'M_FIN_WAIT_1',
    'M_FIN_WAIT_2',
    'M_CLOSING',
    'M_CLOSE_WAIT',
    'M_LAST_ACK',
    ...OVER,
    'FASTCLOSE_WAIT',
    'FALLBACK',
  ],
  words: {
    sendCapableSyn: 'sends a SYN with MP_CAPABLE',
    receiveCapableSyn: 'receives a SYN with MP_CAPABLE',
    sendCapableSynAck: 'sends a SYN/ACK with MP_CAPABLE',
    receiveCapableSynAck: 'receives a SYN/ACK with MP_CAPABLE',
    sendPlainSynAck: 'sends a SYN/ACK without MP_CAPABLE',
    receivePlainSynAck: 'receives a SYN/ACK without MP_CAPABLE',
    sendCapableAck: 'sends an ACK with MP_CAPABLE, with or without data',
    receiveCapableAck: 'receives an ACK with MP_CAPABLE',
    sendPlainAck: 'sends a packet without any MPTCP option',
    receivePlainAck: 'receives a packet without any MPTCP option',
    sendDss: 'sends a DSS',
    receiveDss: 'receives a DSS',
    sendData: 'sends new data with a mapping',
    sendJoinSyn: 'sends a SYN with MP_JOIN',
    receiveJoinSyn: 'receives a SYN with MP_JOIN',
    subflowEstablished: 'a further subflow is established',
    sendDataFin: 'sends a DATA_FIN',
    receiveDataFin: 'receives a DATA_FIN, and all data before it',
    sendDataAckOfDataFin: 'acknowledges the other host’s DATA_FIN with a Data ACK',
    receiveDataAckOfDataFin: 'receives a Data ACK of its own DATA_FIN',
    allSubflowsClosed: 'its last subflow is closed',
    receiveRst: 'receives a RST on its last subflow',
    sendRst: 'sends a RST on a subflow',
    timeWait: 'has waited long enough for old packets, or for a new subflow',
    sendMpFail: 'sends an MP_FAIL',
    receiveMpFail: 'receives an MP_FAIL',
    sendInfiniteMapping: 'sends an infinite mapping',
    receiveInfiniteMapping: 'receives an infinite mapping',
    receiveAckWithoutDataAck: 'before any Data ACK has come, data is acknowledged without one',
    sendFastclose: 'sends an MP_FASTCLOSE on an ACK',
    sendFastcloseRst: 'sends an MP_FASTCLOSE on a RST',
    receiveFastclose: 'receives an MP_FASTCLOSE on an ACK',
    receiveFastcloseRst: 'receives an MP_FASTCLOSE on a RST',
    fastcloseRetransmit: 'its MP_FASTCLOSE has gone unanswered for one retransmission timeout',
  },
  table,
});

/** A host before anything has happened. The version is told by the MP_CAPABLE of the SYN/ACK. */
export const newConnectionContext = (version: 0 | 1 = 1): ConnectionContext => ({
  state: 'IDLE',
  version,
  cause: 'none',
  ending: 'none',
  dssReceived: false,
  mpFailSent: false,
  fastcloseRetransmissions: 0,
});
