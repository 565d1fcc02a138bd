/** What the rows of the connection machine are about: its states, context and events. RFC 8684 sections 3.1, 3.3.3, 3.5, 3.7 and appendix D. */
import type { On, Table } from '../../machine.ts';

/**
 * The initiator goes IDLE, CAPABLE_SENT (SYN), CAPABLE_ACCEPTED (the SYN/ACK has come), KEYS_SENT (third packet); the listener IDLE,
 * CAPABLE_RECEIVED, CAPABLE_ANSWERED, KEYS_RECEIVED. Both reach M_ESTAB with the first DSS from the other host, or with the data of an
 * MP_CAPABLE, which counts as one (section 3.1). The states M_* are those of appendix D, FASTCLOSE_WAIT that of section 3.5. FALLBACK
 * is regular TCP: nothing leads out of it (section 3.7).
 */
export type ConnectionState =
  | 'IDLE'
  | 'CAPABLE_SENT'
  | 'CAPABLE_ACCEPTED'
  | 'KEYS_SENT'
  | 'CAPABLE_RECEIVED'
  | 'CAPABLE_ANSWERED'
  | 'KEYS_RECEIVED'
  | 'M_ESTAB'
  | 'M_FIN_WAIT_1'
  | 'M_FIN_WAIT_2'
  | 'M_CLOSING'
  | 'M_CLOSE_WAIT'
  | 'M_LAST_ACK'
  | 'M_TIME_WAIT'
  | 'M_CLOSED'
  | 'FASTCLOSE_WAIT'
  | 'FALLBACK';

/** What made the host fall back to regular TCP. */
export type FallbackCause =
  | 'none'
  | 'plainSyn'
  | 'plainSynAck'
  | 'plainAck'
  | 'keysDiffer'
  | 'noDataAck'
  | 'mpFail'
  | 'sentInfiniteMapping'
  | 'receivedInfiniteMapping';

/** What ended the connection at this host. */
export type Ending = 'none' | 'dataFin' | 'fastcloseSent' | 'fastcloseReceived' | 'subflows' | 'timeout';

/** One host of one connection. Its owner may start it in another state than IDLE: a capture that begins in the middle starts in M_ESTAB. */
export interface ConnectionContext {
  state: ConnectionState;
  /** Of MPTCP. In version 0 (RFC 6824) the SYN tells the initiator's key, and first data carries a DSS. */
  version: 0 | 1;
  cause: FallbackCause;
  ending: Ending;
  /** Whether a DSS of the other host has come: section 3.1 wants one before there are more subflows. */
  dssReceived: boolean;
  /** Whether this host has sent an MP_FAIL on an ACK: the MP_FAIL that answers it needs no answer. */
  mpFailSent: boolean;
  fastcloseRetransmissions: number;
}

/**
 * A packet becomes events in this order: handshake, MP_FAIL and MP_FASTCLOSE, `sendDss`/`receiveDss`, Data ACK, data, DATA_FIN.
 * A DSS with an infinite mapping is `sendInfiniteMapping`/`receiveInfiniteMapping` alone. Nobody has to feed what changes nothing: the
 * second DSS, retransmitted data.
 */
export type ConnectionEvent =
  | { readonly type: 'sendCapableSyn' }
  | { readonly type: 'receiveCapableSyn' }
  | { readonly type: 'sendCapableSynAck' }
  | { readonly type: 'receiveCapableSynAck' }
  | { readonly type: 'sendPlainSynAck' }
  | { readonly type: 'receivePlainSynAck' }
  | { readonly type: 'sendCapableAck' }
  /** `keys`: whether key B is the one that the SYN/ACK told. `data`: whether it has data parameters. */
  | { readonly type: 'receiveCapableAck'; readonly keys: 'agree' | 'differ' | 'unknown'; readonly data: boolean }
  /** A packet after the SYNs without any MPTCP option. */
  | { readonly type: 'sendPlainAck' }
  | { readonly type: 'receivePlainAck' }
  /** `mapping`: whether it maps data, finitely. */
  | { readonly type: 'sendDss'; readonly mapping: boolean }
  | { readonly type: 'receiveDss' }
  /** New data, never sent before; `by` is the option that maps it. */
  | { readonly type: 'sendData'; readonly by: 'MP_CAPABLE' | 'DSS' }
  | { readonly type: 'sendDataFin' }
  /** Once all data before it has come. */
  | { readonly type: 'receiveDataFin' }
  | { readonly type: 'sendDataAckOfDataFin' }
  | { readonly type: 'receiveDataAckOfDataFin' }
  | { readonly type: 'sendJoinSyn' }
  | { readonly type: 'receiveJoinSyn' }
  | { readonly type: 'subflowEstablished' }
  | { readonly type: 'allSubflowsClosed' }
  | { readonly type: 'timeWait' }
  /** `rst`: it is on a RST and closes its subflow only. */
  | { readonly type: 'sendMpFail'; readonly rst: boolean }
  | { readonly type: 'receiveMpFail'; readonly rst: boolean }
  | { readonly type: 'sendInfiniteMapping' }
  | { readonly type: 'receiveInfiniteMapping' }
  /**
   * Before any Data ACK has come, data is acknowledged without one. `only`: on the first subflow, and no other was ever added; `first`:
   * on the first of several; `additional`: on another.
   */
  | { readonly type: 'receiveAckWithoutDataAck'; readonly subflow: 'only' | 'first' | 'additional' }
  | { readonly type: 'sendFastclose' }
  | { readonly type: 'sendFastcloseRst' }
  /** `key`: whether it carries this host's own key. */
  | { readonly type: 'receiveFastclose'; readonly key: 'valid' | 'wrong' | 'unknown' }
  | { readonly type: 'receiveFastcloseRst'; readonly key: 'valid' | 'wrong' | 'unknown' }
  | { readonly type: 'sendRst' }
  /** On the last subflow that was left. */
  | { readonly type: 'receiveRst' }
  | { readonly type: 'fastcloseRetransmit' };

export type ConnectionTimer = 'timeWait' | 'fastcloseRetransmit';

/**
 * For the owner: send the third packet again; acknowledge the DATA_FIN; close all subflows with FINs; reset them all; reset all but the one of the MP_FASTCLOSE; free
 * the connection ("delete MPTCP PCB").
 */
export type ConnectionEffect =
  | 'repeatCapableAck'
  | 'sendDataAck'
  | 'closeSubflows'
  | 'resetSubflows'
  | 'resetOtherSubflows'
  | 'deleteConnection';

export type ConnectionTable = Table<ConnectionContext, ConnectionEvent, ConnectionState, ConnectionTimer, ConnectionEffect>;
export type ConnectionWriter<E> = On<ConnectionContext, E, ConnectionEvent['type'], ConnectionState, ConnectionTimer, ConnectionEffect>;

/** The initiator's states before it has sent the keys. */
export const INITIATING = ['CAPABLE_SENT', 'CAPABLE_ACCEPTED'] as const;
/** The listener's states before it has got the keys. */
export const LISTENING = ['CAPABLE_RECEIVED', 'CAPABLE_ANSWERED'] as const;
/** Before the keys have been sent or got. */
export const OPENING = ['IDLE', ...INITIATING, ...LISTENING] as const;
/** Both keys are known, no DSS has come. */
export const KEYED = ['KEYS_SENT', 'KEYS_RECEIVED'] as const;
/** This host has sent its DATA_FIN, and the connection is not over. */
export const FINISHED = ['M_FIN_WAIT_1', 'M_FIN_WAIT_2', 'M_CLOSING', 'M_LAST_ACK'] as const;
/** The connection lives: MPTCP signals mean something. */
export const ALIVE = [...KEYED, 'M_ESTAB', 'M_CLOSE_WAIT', ...FINISHED] as const;
/** It is over. */
export const OVER = ['M_TIME_WAIT', 'M_CLOSED'] as const;
