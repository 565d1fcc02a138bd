/**
 * A ULID-pair context at one host, RFC 5533 sections 6 to 12: how it is established, recovered, updated and given up. The text of those sections binds; the
 * tables of appendix B do not, and differ: a peer that answers an I1 with ICMP's "unrecognized next header" is NO-SUPPORT (sections 6.2 and 7.8), not E-FAILED,
 * and an I2bis is sent again I2bis_RETRIES_MAX times.
 *
 * A message goes to the context that section 12.4 finds for it; what finds none meets IDLE, and so, by its own state information (section 6.2), does what would
 * find one in E-FAILED or NO-SUPPORT: neither has a tag, a nonce or a locator of the peer. What is sent makes the transition where the text has it so ("when the
 * I2 message has been sent, the STATE is set to I2-SENT"): a follower sees what was sent, and not what brought it about.
 *
 * Where the text leaves something open or says what cannot be done:
 * - Section 10.5 has an Update Acknowledgement in I2-SENT and I2BIS-SENT answered with an "R2". It means the I2 or I2bis that section 10.4 has: who waits for an
 *   R2 has none to send.
 * - In I2-SENT neither CT(peer) nor Ls(peer) is known (section 6.2), so that an Update Request can be neither checked nor acknowledged. It brings about the I2,
 *   as section 10.4 says; the peer sends it again. Payload can be delivered, since the tag that it carries is this end's.
 * - A fall-back from I2-SENT is a retransmission of the I1 (section 7.12), and counts as one: where R1s come and R2s never do, it ends in E-FAILED.
 * - Whatever in a locator list does not verify, method or hash or signature, is met as section 7.2 meets a method that does not fit: the message is ignored
 *   whole, and an Error with code 2 goes out.
 */
import { each, emit, forbid, goto, machine, owe, permit, restart, set, stop, count } from '../machine.ts';
import type { Action, On, Table } from '../machine.ts';
import { I1_RETRIES_MAX, I2BIS_RETRIES_MAX, I2_RETRIES_MAX } from './constants.ts';
import type { LocatorVerdict, Shim6Context, Shim6Effect, Shim6Event, Shim6State, Shim6Timer } from './events.ts';

export type * from './events.ts';

type Actions = readonly Action<Shim6Context, Shim6Event['type'], Shim6State, Shim6Timer, Shim6Effect>[];
type Writer<E> = On<Shim6Context, E, Shim6Event['type'], Shim6State, Shim6Timer, Shim6Effect>;

/** No context, or the memory of one that could not be. */
const WITHOUT = ['IDLE', 'E-FAILED', 'NO-SUPPORT'] as const;
const FAILED = ['E-FAILED', 'NO-SUPPORT'] as const;
/** What is being established, and waits for an answer. */
const WAITING = ['I1-SENT', 'I2-SENT', 'I2BIS-SENT'] as const;
/** CT(peer) and Ls(peer) are known (section 6.2). */
const KNOWING = ['ESTABLISHED', 'I2BIS-SENT'] as const;
const NOT_KNOWING = ['IDLE', 'E-FAILED', 'NO-SUPPORT', 'I1-SENT', 'I2-SENT'] as const;
const ALL = [...WITHOUT, ...WAITING, 'ESTABLISHED'] as const;

const NO_TAG = 'CT(peer) is not known';

/** The context is there. */
const ESTABLISH: Actions = [stop('retransmission'), stop('holddown'), restart('idle'), goto('ESTABLISHED')];

/** An I2 or I2bis: `wanted` is what to do with one that is valid, beside the R2. */
const establishing = <E extends { readonly verdict: LocatorVerdict }>(on: Writer<E>, section: string, wanted: Actions) =>
  on.choose((_, { verdict }) => verdict, {
    valid: on(section, ...wanted),
    discarded: on(section),
    unverified: on('7.2', owe('sendError', 'RFC5533-7.2-5'), emit('errorVerification')),
  });

/** What an I2 or I2bis that is valid does in each state; `first` and `again` say by which sentence the R2 is owed. */
const establishingRow = <E extends { readonly verdict: LocatorVerdict }>(on: Writer<E>, section: string, first: string, again: string) => ({
  ...each(WITHOUT, establishing(on, section, [emit('allocate'), emit('learn'), ...ESTABLISH, emit('r2')])),
  'I1-SENT': establishing(on, section, [emit('learn'), ...ESTABLISH, owe('sendR2', first), emit('r2')]),
  ...each(['I2-SENT', 'I2BIS-SENT', 'ESTABLISHED'], establishing(on, section, [emit('learn'), owe('sendR2', again), emit('r2')])),
});

/** A message that names a context by its tag, of which nothing is known here: RFC 5533 section 7.17. */
const LOST: Actions = [emit('r1bis')];

/** An Update Request where there is a context: `before` is what is sent first. */
const updating = (on: Writer<Extract<Shim6Event, { type: 'receiveUpdateRequest' }>>, ...before: Actions) =>
  on.choose((_, { addresses, verdict }) => (addresses === 'stale' ? 'stale' : verdict), {
    stale: on('10.4', owe('sendR1bis', 'RFC5533-10.4-3'), emit('r1bis')),
    valid: on('10.4', ...before, emit('record'), emit('updateAck')),
    discarded: on('10.4'),
    unverified: on('7.2', ...before, owe('sendError', 'RFC5533-7.2-5'), emit('errorVerification')),
    generation: on('10.4', ...before, emit('errorGeneration')),
    elements: on('10.4', ...before, emit('errorElements')),
  });

const acknowledged = (on: Writer<Extract<Shim6Event, { type: 'receiveUpdateAck' }>>, ...before: Actions) =>
  on.choose((_, { addresses, nonce }) => (addresses === 'stale' ? 'stale' : nonce), {
    stale: on('10.5', owe('sendR1bis', 'RFC5533-10.5-3'), emit('r1bis')),
    matching: on('10.5', ...before, stop('update'), emit('updated')),
    other: on('10.5', ...before),
  });

const reaping = (on: Writer<Extract<Shim6Event, { type: 'receiveReap' }>>, ...before: Actions) =>
  on.choose((_, { addresses }) => addresses, {
    known: on('12.2', ...before, emit('reap')),
    stale: on('12.4', emit('r1bis')),
  });

const table: Table<Shim6Context, Shim6Event, Shim6State, Shim6Timer, Shim6Effect> = {
  receiveI1: (on) => ({
    ...each(WITHOUT, on('7.9', emit('r1'))),
    ...each(WAITING, on('7.9', emit('r2'))),
    ESTABLISHED: on.choose((_, { tag, addresses }) => (tag === 'matching' && addresses === 'known' ? 'again' : 'anew'), {
      again: on('7.9', emit('r2')),
      anew: on('7.9', emit('r1')),
    }),
  }),

  receiveR1: (on) => ({
    'I1-SENT': on('7.11', emit('i2')),
    // Silence by RFC5533-7.11-2, and in the others because no context matches the nonce.
    ...each(['I2-SENT', 'I2BIS-SENT', 'ESTABLISHED', ...WITHOUT], on('7.11')),
  }),

  receiveI2: (on) => establishingRow(on, '7.13', 'RFC5533-7.13-5', 'RFC5533-7.13-7'),

  receiveR2: (on) => ({
    ...each(
      WAITING,
      on.choose((_, { verdict }) => verdict, {
        valid: on('7.16', emit('learn'), ...ESTABLISH, emit('announce')),
        discarded: on('7.16'),
        unverified: on('7.2', owe('sendError', 'RFC5533-7.2-5'), emit('errorVerification')),
      }),
    ),
    ...each(['ESTABLISHED', ...WITHOUT], on('7.16')),
  }),

  receiveR1bis: (on) => ({
    ESTABLISHED: on('7.18', emit('i2bis')),
    ...each([...WAITING, ...WITHOUT], on('7.18')),
  }),

  receiveI2bis: (on) => establishingRow(on, '7.20', 'RFC5533-7.20-6', 'RFC5533-7.20-8'),

  receiveUpdateRequest: (on) => ({
    ...each(WITHOUT, on('7.17', ...LOST)),
    'I1-SENT': on('10.4'),
    'I2-SENT': on('10.4', emit('i2')),
    'I2BIS-SENT': updating(on, emit('i2bis')),
    ESTABLISHED: updating(on),
  }),

  receiveUpdateAck: (on) => ({
    ...each(WITHOUT, on('7.17', ...LOST)),
    'I1-SENT': on('10.5'),
    'I2-SENT': on('10.5', emit('i2')),
    'I2BIS-SENT': acknowledged(on, emit('i2bis')),
    ESTABLISHED: acknowledged(on),
  }),

  // A Keepalive or a Probe. Which state does what with them only appendix B says; it treats them as section 12.2 does payload.
  receiveReap: (on) => ({
    ...each(WITHOUT, on('7.17', ...LOST)),
    'I1-SENT': on('12.2'),
    'I2-SENT': on('12.2', emit('i2')),
    'I2BIS-SENT': reaping(on, emit('i2bis')),
    ESTABLISHED: reaping(on),
  }),

  receivePayloadExtension: (on) => ({
    ...each(WITHOUT, on('12.2', owe('sendR1bis', 'RFC5533-12.2-1'), emit('r1bis'))),
    'I1-SENT': on('12.2'),
    'I2-SENT': on('12.2', emit('i2'), emit('deliver')),
    'I2BIS-SENT': on('12.2', emit('i2bis'), emit('deliver')),
    ESTABLISHED: on('12.2', emit('deliver')),
  }),

  // Between the ULIDs, without a header of shim6.
  receivePayload: (on) => each(ALL, on('12.1', emit('deliver'))),

  receiveError: (on) => each(ALL, on('5.14', emit('report'))),

  receiveUnknownType: (on) => each(ALL, on('12.3', emit('errorUnknownType'))),

  // A SHOULD in section 5.15, a MUST here. The rest of the message is not processed (RFC5533-5.15-6).
  receiveUnknownCriticalOption: (on) => each(ALL, on('12.3', owe('sendError', 'RFC5533-12.3-1'), emit('errorCriticalOption'))),

  receiveIcmp: (on) => ({
    'I1-SENT': on.choose((_, { error, of }) => (of === 'payload' ? 'payload' : error === 'nextHeader' ? 'noSupport' : 'other'), {
      noSupport: on('7.8', stop('retransmission'), emit('discard'), restart('holddown'), goto('NO-SUPPORT')),
      other: on('7.8'),
      payload: on('8', emit('deliverIcmp')),
    }),
    ...each(
      KNOWING,
      on.choose((_, { error, of }) => (error !== 'other' ? 'acts' : of), {
        acts: on('8', emit('suspect')),
        control: on('8'),
        payload: on('8', emit('deliverIcmp')),
      }),
    ),
    ...each(
      ['I2-SENT', ...WITHOUT],
      on.choose((_, { of }) => of, {
        control: on('8'),
        payload: on('8', emit('deliverIcmp')),
      }),
    ),
  }),

  sendI1: (on) => ({
    // What failed is remembered by who would begin it (`establish`); an I1 begins an exchange wherever it is sent.
    ...each(WITHOUT, on('7.7', set('i1Retries', 0), stop('holddown'), restart('retransmission'), goto('I1-SENT'))),
    'I1-SENT': on('7.8'),
    'I2-SENT': on('7.12', permit('RFC5533-7.12-2'), count('i1Retries'), restart('retransmission'), goto('I1-SENT')),
    'I2BIS-SENT': on('7.19', permit('RFC5533-7.19-2'), emit('forgetPeer'), set('i1Retries', 0), restart('retransmission'), goto('I1-SENT')),
    // The context was lost (section 7.5), or its tag is another's now (section 7.15).
    ESTABLISHED: on(
      '7.7',
      emit('forgetPeer'),
      set('i1Retries', 0),
      stop('update'),
      stop('idle'),
      restart('retransmission'),
      goto('I1-SENT'),
    ),
  }),

  sendR1: (on) => ({
    ...each([...WITHOUT, 'ESTABLISHED'], on('7.10')),
    ...each(WAITING, on.impossible('an I1 is answered with an R2 here', '7.9')),
  }),

  sendI2: (on) => ({
    'I1-SENT': on('7.11', set('retries', 0), restart('retransmission'), goto('I2-SENT')),
    'I2-SENT': on('7.12', permit('RFC5533-7.12-1')),
    ...each(WITHOUT, on.impossible('no R1 has come', '7.11')),
    ...each(['I2BIS-SENT', 'ESTABLISHED'], on.impossible('the exchange is over', '7.11')),
  }),

  sendR2: (on) => ({
    ...each([...WAITING, 'ESTABLISHED'], on('7.14')),
    ...each(WITHOUT, on.impossible('there is no Context Tag of this end', '7.14')),
  }),

  // What it answers is about no context, or about one whose tag is another's now: sections 7.17, 10.4 and 12.4.
  sendR1bis: (on) => each(ALL, on('7.17')),

  sendI2bis: (on) => ({
    ESTABLISHED: on('7.18', set('retries', 0), stop('update'), stop('idle'), restart('retransmission'), goto('I2BIS-SENT')),
    'I2BIS-SENT': on('7.19', permit('RFC5533-7.19-1')),
    ...each(NOT_KNOWING, on.impossible('no R1bis is delivered here', '7.18')),
  }),

  sendUpdateRequest: (on) => ({
    ...each(KNOWING, on('10.1')),
    ...each(NOT_KNOWING, on.impossible(NO_TAG, '10.1')),
  }),

  sendUpdateAck: (on) => ({
    ...each(KNOWING, on('10.4')),
    ...each(NOT_KNOWING, on.impossible(NO_TAG, '10.4')),
  }),

  sendReap: (on) => ({
    ...each(KNOWING, on('11')),
    ...each(NOT_KNOWING, on.impossible(NO_TAG, '11')),
  }),

  sendError: (on) => each(ALL, on('5.14')),

  sendPayload: (on) => ({
    ...each(
      KNOWING,
      on.choose((_, { route }) => route, {
        ulids: on('11'),
        verified: on('11.1'),
        unverified: on('7.2', forbid('RFC5533-7.2-2')),
      }),
    ),
    ...each(
      NOT_KNOWING,
      on.choose((_, { route }) => (route === 'ulids' ? 'ulids' : 'locators'), {
        ulids: on('11'),
        locators: on.impossible(NO_TAG, '11'),
      }),
    ),
  }),

  // The upper layer or a heuristic wants a context.
  establish: (on) => ({
    IDLE: on('7.7', emit('allocate'), emit('i1')),
    ...each([...WAITING, 'ESTABLISHED'], on('7.7')),
    ...each(FAILED, on('7.8')),
  }),

  // Of this end, or what it prefers. Where the exchange is not over, its end announces them; where an update is outstanding, its acknowledgement does (core.ts).
  locatorsChanged: (on) => ({
    ESTABLISHED: on.choose((_, { outstanding }) => (outstanding ? 'later' : 'now'), {
      now: on('10.1', emit('updateRequest'), restart('update')),
      later: on('10.3'),
    }),
    ...each([...WITHOUT, ...WAITING], on('10.1')),
  }),

  // Another context of the same peer has come to have this one's CT(peer).
  confusion: (on) => ({
    ...each(
      KNOWING,
      on.choose((_, { inUse }) => (inUse ? 'inUse' : 'unused'), {
        inUse: on('7.15', emit('i1')),
        unused: on('7.15', emit('discard'), stop('retransmission'), stop('update'), stop('idle'), goto('IDLE')),
      }),
    ),
    ...each(NOT_KNOWING, on.impossible('only what is ESTABLISHED or I2BIS-SENT is looked at', '7.15')),
  }),

  // Whoever owns the context knows that nobody uses it.
  tearDown: (on) => ({
    ...each([...WAITING, 'ESTABLISHED'], on('9', emit('discard'), stop('retransmission'), stop('update'), stop('idle'), goto('IDLE'))),
    // What failed is remembered until its time is over (section 7.8).
    ...each(WITHOUT, on('9')),
  }),

  retransmissionTimeout: (on) => ({
    'I1-SENT': on.choose(({ i1Retries }) => (i1Retries < I1_RETRIES_MAX ? 'again' : 'exhausted'), {
      again: on('7.8', count('i1Retries'), emit('i1'), restart('retransmission')),
      exhausted: on('7.8', emit('discard'), restart('holddown'), goto('E-FAILED')),
    }),
    'I2-SENT': on.choose(
      ({ retries, i1Retries }) => (retries < I2_RETRIES_MAX ? 'again' : i1Retries < I1_RETRIES_MAX ? 'fallBack' : 'exhausted'),
      {
        again: on('7.12', count('retries'), emit('i2'), restart('retransmission')),
        fallBack: on('7.12', emit('i1')),
        exhausted: on('7.8', emit('discard'), restart('holddown'), goto('E-FAILED')),
      },
    ),
    'I2BIS-SENT': on.choose(({ retries }) => (retries < I2BIS_RETRIES_MAX ? 'again' : 'fallBack'), {
      again: on('7.19', count('retries'), emit('i2bis'), restart('retransmission')),
      fallBack: on('7.19', emit('i1')),
    }),
    ...each(['ESTABLISHED', ...WITHOUT], on.impossible('no answer is waited for', '7.8')),
  }),

  updateTimeout: (on) => ({
    ESTABLISHED: on('10.2', emit('updateRequest'), restart('update')),
    ...each([...WAITING, ...WITHOUT], on.impossible('no Update Request is outstanding', '10.2')),
  }),

  // NO_R1_HOLDDOWN_TIME in E-FAILED, ICMP_HOLDDOWN_TIME in NO-SUPPORT.
  holddownTimeout: (on) => ({
    ...each(FAILED, on('7.8', emit('discard'), goto('IDLE'))),
    ...each(['IDLE', ...WAITING, 'ESTABLISHED'], on.impossible('nothing has failed', '7.8')),
  }),

  idleTimeout: (on) => ({
    ESTABLISHED: on.choose((_, { used }) => (used ? 'used' : 'quiescent'), {
      used: on('9', restart('idle')),
      quiescent: on('9', emit('discard'), stop('update'), goto('IDLE')),
    }),
    ...each([...WAITING, ...WITHOUT], on.impossible('an established context alone can be quiescent', '9')),
  }),
};

/** `step(shim6Machine, context, { type: 'receiveI2', verdict: 'valid' })` leaves `context` ESTABLISHED. */
export const shim6Machine = machine<Shim6Context, Shim6Event, Shim6State, Shim6Timer, Shim6Effect>({
  name: 'shim6-context',
  rfc: 5533,
  section: '7',
  summary: 'A ULID-pair context at one host: established, recovered, updated, given up.',
  initial: 'IDLE',
  states: ['IDLE', 'I1-SENT', 'I2-SENT', 'I2BIS-SENT', 'ESTABLISHED', 'E-FAILED', 'NO-SUPPORT'],
  words: {
    receiveI1: 'receives an I1',
    receiveR1: 'receives an R1',
    receiveI2: 'receives an I2',
    receiveR2: 'receives an R2',
    receiveR1bis: 'receives an R1bis',
    receiveI2bis: 'receives an I2bis',
    receiveUpdateRequest: 'receives an Update Request',
    receiveUpdateAck: 'receives an Update Acknowledgement',
    receiveReap: 'receives a Keepalive or a Probe',
    receivePayloadExtension: 'receives payload behind a Payload Extension header',
    receivePayload: 'receives payload between the ULIDs, without a header of shim6',
    receiveError: 'receives an Error message',
    receiveUnknownType: 'receives a message of an unknown type',
    receiveUnknownCriticalOption: 'receives a message with an unknown option that is critical',
    receiveIcmp: 'receives an ICMP error for a packet of the context',
    sendI1: 'sends an I1',
    sendR1: 'sends an R1',
    sendI2: 'sends an I2',
    sendR2: 'sends an R2',
    sendR1bis: 'sends an R1bis',
    sendI2bis: 'sends an I2bis',
    sendUpdateRequest: 'sends an Update Request',
    sendUpdateAck: 'sends an Update Acknowledgement',
    sendReap: 'sends a Keepalive or a Probe',
    sendError: 'sends an Error message',
    sendPayload: 'sends payload',
    establish: 'a context is wanted',
    locatorsChanged: 'the locators of this end change, or what it prefers',
    confusion: "the peer has given the context's tag to another",
    tearDown: 'nobody uses the context any more',
    retransmissionTimeout: 'no answer to the I1, I2 or I2bis has come in time',
    updateTimeout: 'no Update Acknowledgement has come in time',
    holddownTimeout: 'what failed may be tried again',
    idleTimeout: 'it is time to see whether the context is still used',
  },
  table,
});

/** A ULID pair of which nothing is known. @example step(shim6Machine, newShim6Context(), { type: 'establish' }) */
export const newShim6Context = (): Shim6Context => ({ state: 'IDLE', i1Retries: 0, retries: 0 });

/** Whether CT(peer) and Ls(peer) are known, so that payload can take them (section 11). */
export const isKnowing = (state: Shim6State): boolean => state === 'ESTABLISHED' || state === 'I2BIS-SENT';
