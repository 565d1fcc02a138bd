/**
 * REAP on one host for one context, RFC 5534 section 6: whether the pairs in use work, and which state of the exploration the host is in. The text of that
 * section binds; its tables are informational, and leave out the Keepalive Interval, the pace of the probes and what comes from outside.
 *
 * The actions of a cell are in their order: a Probe is sent before the timer for the next one starts. `start` starts a timer that does not run and leaves one that does; `restart` starts it anew. Send and keepalive exclude each other (section 4.1). What is
 * sent comes back as an event: an endpoint asks before it sends, a follower says what it saw.
 *
 * A host that hears of its peer while it explores begins its probes anew, with the initial ones: section 4.2 has it start the process from the first Probe that
 * comes. What it found out before was said to nobody, and a back-off of minutes would otherwise stand before the first Probe with a report.
 *
 * Payload is every packet of the context but Keepalives and Probes (section 4.1), and is so in both directions: if a Keepalive counted as payload that was
 * sent, as section 6.2 can be read, keepalives would answer each other for ever.
 */
import { each, emit, forbid, goto, machine, restart, start, stop } from '../machine.ts';
import type { Goto, On, Table } from '../machine.ts';

export type ReapState = 'Operational' | 'Exploring' | 'InboundOk';

export interface ReapContext {
  state: ReapState;
}

/** `reported`: the Probe says which of our probes have arrived. */
export type ReapEvent =
  | { readonly type: 'receivePayload' }
  | { readonly type: 'sendPayload' }
  | { readonly type: 'receiveKeepalive' }
  | { readonly type: 'sendKeepalive' }
  | { readonly type: 'receiveProbe'; readonly state: ReapState; readonly reported: boolean }
  | { readonly type: 'sendProbe'; readonly state: ReapState }
  | { readonly type: 'sendTimeout' }
  | { readonly type: 'keepaliveTimeout' }
  | { readonly type: 'keepaliveInterval' }
  | { readonly type: 'probeTimeout' }
  | { readonly type: 'suspect' };

export type ReapTimer = 'send' | 'keepalive' | 'keepaliveInterval' | 'probe';

/** Send a Keepalive, or a Probe that says the state that the host is in now; use the pair that the peer has reported as arriving. */
export type ReapEffect = 'keepalive' | 'probe' | 'takeReportedPair';

type Writer<E> = On<ReapContext, E, ReapEvent['type'], ReapState, ReapTimer, ReapEffect>;

const EXPLORING_STATES = ['Exploring', 'InboundOk'] as const;

/**
 * A Probe by its State and whether it reports any of ours. InboundOk: the peer hears us, this host is content and says so (section 6.8). Operational: the peer is
 * content, too, and nothing more is explored (6.9). Section 6.8 takes the new pair from the reports; 6.9 does not say it, but that Probe is all that the second
 * host ever gets to know of its own direction (appendix A), so the pair is taken there as well.
 */
const probeCell = <E extends { readonly state: ReapState; readonly reported: boolean }>(
  on: Writer<E>,
  exploring: ReturnType<Writer<E>>,
  ...going: readonly Goto<'Operational'>[]
) => {
  const contentWithProbe = [restart('send'), stop('keepalive'), stop('keepaliveInterval'), stop('probe'), ...going, emit('probe')] as const;
  const content = [stop('send'), start('keepalive'), start('keepaliveInterval'), stop('probe'), ...going] as const;
  return on.choose(
    (_, { state, reported }) => {
      if (state === 'Exploring') return 'exploring';
      if (state === 'InboundOk') return reported ? 'inboundOk' : 'inboundOkUnreported';
      return reported ? 'operational' : 'operationalUnreported';
    },
    {
      exploring,
      inboundOk: on('6.8', emit('takeReportedPair'), ...contentWithProbe),
      inboundOkUnreported: on('6.8', ...contentWithProbe),
      operational: on('6.9', emit('takeReportedPair'), ...content),
      operationalUnreported: on('6.9', ...content),
    },
  );
};

/** What a Probe says must be the state that its sender is in once it is sent. */
const probeSent = <E extends { readonly state: ReapState }>(on: Writer<E>) =>
  on.choose(({ state }, event) => (event.state === state ? 'matching' : 'other'), {
    matching: on('6.1'),
    other: on('6.1', forbid('RFC5534-6.1-1')),
  });

const table: Table<ReapContext, ReapEvent, ReapState, ReapTimer, ReapEffect> = {
  receivePayload: (on) => ({
    // The interval is not started anew: a peer that sends without a pause would never hear from us (section 4.1, item 5).
    Operational: on('6.1', stop('send'), start('keepalive'), start('keepaliveInterval')),
    Exploring: on('6.1', goto('InboundOk'), emit('probe'), restart('probe'), start('send')),
    InboundOk: on('6.1', stop('send')),
  }),

  sendPayload: (on) => ({
    Operational: on('6.2', stop('keepalive'), stop('keepaliveInterval'), start('send')),
    Exploring: on('6.2'),
    InboundOk: on('6.2', start('send')),
  }),

  receiveKeepalive: (on) => ({
    Operational: on('6.6', stop('send')),
    Exploring: on('6.6', goto('InboundOk'), emit('probe'), restart('probe'), start('send')),
    InboundOk: on('6.6', stop('send')),
  }),

  sendKeepalive: (on) => ({
    Operational: on('6.1'),
    ...each(EXPLORING_STATES, on.impossible('the Keepalive Timer runs in Operational only', '6')),
  }),

  receiveProbe: (on) => ({
    Operational: probeCell(
      on,
      on('6.7', stop('keepalive'), stop('keepaliveInterval'), restart('send'), goto('InboundOk'), emit('probe'), start('probe')),
    ),
    Exploring: probeCell(on, on('6.7', restart('send'), goto('InboundOk'), emit('probe'), restart('probe')), goto('Operational')),
    InboundOk: probeCell(on, on('6.7', restart('send'), emit('probe')), goto('Operational')),
  }),

  sendProbe: (on) => ({ Operational: probeSent(on), Exploring: probeSent(on), InboundOk: probeSent(on) }),

  sendTimeout: (on) => ({
    Operational: on('6.4', goto('Exploring'), emit('probe'), start('probe')),
    Exploring: on.impossible('no Send Timer runs in Exploring', '6'),
    InboundOk: on('6.4', goto('Exploring'), emit('probe')),
  }),

  keepaliveTimeout: (on) => ({
    Operational: on('6.3', stop('keepaliveInterval'), emit('keepalive')),
    ...each(EXPLORING_STATES, on.impossible('the Keepalive Timer runs in Operational only', '6')),
  }),

  keepaliveInterval: (on) => ({
    Operational: on('4.1', restart('keepaliveInterval'), emit('keepalive')),
    ...each(EXPLORING_STATES, on.impossible('the Keepalive Timer runs in Operational only', '6')),
  }),

  probeTimeout: (on) => ({
    Operational: on.impossible('probes are sent again while the host explores', '6.5'),
    Exploring: on('6.5', emit('probe'), restart('probe')),
    InboundOk: on('6.5', emit('probe'), restart('probe'), start('send')),
  }),

  // An ICMP error, a locator that is gone or marked broken, an application or congestion that wants another path: section 3.3 lets any of them begin it.
  suspect: (on) => ({
    Operational: on('3.3', stop('send'), stop('keepalive'), stop('keepaliveInterval'), goto('Exploring'), emit('probe'), start('probe')),
    ...each(EXPLORING_STATES, on('3.3')),
  }),
};

export const reapMachine = machine<ReapContext, ReapEvent, ReapState, ReapTimer, ReapEffect>({
  name: 'reap',
  rfc: 5534,
  section: '6',
  summary: 'Finds out whether the address pairs of a shim6 context work, and others that do.',
  initial: 'Operational',
  states: ['Operational', 'Exploring', 'InboundOk'],
  words: {
    receivePayload: 'a payload packet comes, or a shim6 message but Keepalive and Probe',
    sendPayload: 'a payload packet is sent, or a shim6 message but Keepalive and Probe',
    receiveKeepalive: 'a Keepalive comes',
    sendKeepalive: 'a Keepalive is sent',
    receiveProbe: 'a Probe comes',
    sendProbe: 'a Probe is sent',
    sendTimeout: 'nothing has come for Send Timeout after a payload packet was sent',
    keepaliveTimeout: 'nothing was sent for Keepalive Timeout after a payload packet came',
    keepaliveInterval: 'it is time for the next Keepalive',
    probeTimeout: 'it is time for the next Probe',
    suspect: 'something outside says that the pair in use may not work',
  },
  table,
});

/** A context whose pairs are taken to work. @example step(reapMachine, newReapContext(), { type: 'sendPayload' }) */
export const newReapContext = (): ReapContext => ({ state: 'Operational' });
