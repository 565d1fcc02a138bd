/** How checks see the history that following a capture unfolds: one event at a time, each with the checks that watch it. */
import type { AddAddr, MpCapable, MpFail, MpFastclose, MpJoin, MpPrio, MpTcprst, RemoveAddr } from '../../../codecs/mptcp/index.ts';
import type { DecodeError } from '../../../codecs/decoded.ts';
import type { Mapping } from '../../../state-machines/mptcp/mappings.ts';
import { PASS, bitOf, inconclusive, slotOf } from '../evidence.ts';
import type { Finding, Judgement } from '../evidence.ts';
import { SKEW, other } from './model.ts';
import type { AddAddrHmac, Connection, Here, Index, Suspicion } from './model.ts';

/** Which segment of a handshake carries an option; `data` is an ACK with payload. */
export type Carrier = 'SYN' | 'SYN/ACK' | 'ACK' | 'data' | 'RST';

/** What happens in a connection, as checks see it, and what each event brings along. */
export interface History {
  /** An MP_CAPABLE; `third` when it is on the third packet of the handshake. */
  capable: { readonly option: MpCapable; readonly carrier: Carrier; readonly third: boolean };
  /** The handshake has been decided: MPTCP was agreed, or refused. */
  handshake: { readonly third: 'MP_CAPABLE' | 'none' | 'data'; readonly thirdOption: MpCapable | undefined };
  /** An MP_JOIN of any form. */
  joinOption: { readonly option: MpJoin; readonly carrier: Carrier };
  /** The MP_JOIN on the SYN/ACK, or on the third ACK, with its HMAC judged where the keys are known. */
  joinHmac: { readonly by: 'opener' | 'acceptor'; readonly valid: boolean | undefined; readonly expected: string; readonly seen: string };
  /** An MP_JOIN SYN whose connection is known, or is known not to be. */
  joinSyn: { readonly token: number };
  /** How an MP_JOIN SYN was answered. */
  joinAnswer: { readonly answer: 'SYN/ACK' | 'SYN/ACK without MP_JOIN' | 'RST' };
  /** The third packet of a join comes without MP_JOIN. */
  joinThird: undefined;
  /** A DSS, whatever it carries. */
  dss: undefined;
  /** A Data ACK, relative to the peer's numbers, and the one before it on this subflow (-1 for none). */
  dataAck: { readonly previous: number; readonly newer: boolean };
  /** A mapping; `status` says how it stands to those before. */
  mapping: { readonly mapping: Mapping; readonly status: number; readonly wireSsn: number; readonly ssn: number; readonly length: number };
  /** A DATA_FIN. */
  dataFin: { readonly at: number; readonly alone: boolean };
  /** A segment with payload, after its octets went to their mappings. */
  payload: { readonly mapped: number; readonly unmapped: number };
  /** Octets that had arrived before arrived again. */
  again: { readonly same: boolean; readonly dsn: number };
  /** A mapping whose octets are complete: whether its checksum is right. */
  checksum: { readonly mapping: Mapping; readonly valid: boolean; readonly expected: number };
  /** An ADD_ADDR, with its HMAC judged where the keys are known; `expected` in hexadecimal digits. */
  addAddr: { readonly option: AddAddr; readonly hmac: AddAddrHmac; readonly expected: string };
  removeAddr: { readonly option: RemoveAddr };
  prio: { readonly option: MpPrio };
  fail: { readonly option: MpFail };
  fastclose: { readonly option: MpFastclose };
  tcprst: { readonly option: MpTcprst };
  /** An MPTCP option that could not be decoded, by its subtype. */
  malformed: { readonly subtype: number; readonly length: number; readonly error: DecodeError; readonly carrier: Carrier };
  /** Any segment of a followed connection. */
  segment: undefined;
  /** A FIN or a RST, new. */
  fin: undefined;
  rst: { readonly reason: MpTcprst | undefined };
  /** A connection is over, or the capture is: what stands open is settled. `ended` when its end was seen. */
  end: { readonly ended: boolean };
}

/** Whom a check is about, seen from the segment at hand. */
export type About = 'sender' | 'peer' | 'initiator' | 'listener' | 'opener' | 'acceptor';

/** A check: the requirement it decides, the event it watches, whom it is about, and how it judges. */
export interface Check<E extends keyof History = keyof History> {
  readonly requirement: string;
  readonly slot: number;
  readonly event: E;
  readonly about: About;
  /** What it does on a segment of a steady transfer (see `Here.steady`): it judges, has nothing to say, or passes for certain. */
  readonly steady: 'judges' | 'silent' | 'passes';
  /** Its bit in `Here.passed`, where most segments of a transfer meet the requirement; 0 for others. */
  readonly bit: number;
  /** A method, so that checks of all events fit in one list. */
  run(here: Here, what: History[E]): Judgement;
}

/** A check of any event. */
export type AnyCheck = { [E in keyof History]: Check<E> }[keyof History];

/** Of an option that a RST lacks, where one of its options was overwritten (`End.rstBlanked`). */
export const RST_BLANKED: Finding = inconclusive('an option of the RST was overwritten with NOPs on its way, which may have been this one');

/**
 * Declares a check.
 *
 * @example
 * check('RFC8684-3.3-1', 'dss', 'sender', ({ dss }) => (dss.reserved === 0 ? PASS : broken('0', `${dss.reserved}`, 'reserved bits are set')));
 */
export const check = <E extends keyof History>(
  requirement: string,
  event: E,
  about: About,
  run: (here: Here, what: History[E]) => Judgement,
): Check<E> => declare(requirement, event, about, 'judges', run);

/**
 * Declares a check that says nothing of a steady transfer (see `Here.steady`), so that the many packets of one need not ask it. What makes
 * it speak must be among what `isSteady` rules out.
 */
export const rarely: typeof check = (requirement, event, about, run) => declare(requirement, event, about, 'silent', run);

/** Declares a check that the sender of a segment of a steady transfer passes for certain: what could break it must be among what `isSteady` rules out. */
export const surely = <E extends keyof History>(requirement: string, event: E, run: Check<E>['run']): Check<E> =>
  declare(requirement, event, 'sender', 'passes', run);

/** Events that come once with most segments of a transfer. */
const often: readonly (keyof History)[] = ['dss', 'dataAck', 'mapping', 'payload'];

const declare = <E extends keyof History>(
  requirement: string,
  event: E,
  about: About,
  steady: Check['steady'],
  run: Check<E>['run'],
): Check<E> => {
  const bit = steady !== 'silent' && about === 'sender' && often.includes(event) ? bitOf(requirement) : 0;
  return { requirement, slot: slotOf(requirement), event, about, steady, bit, run };
};

/** The checks that watch an event: all of them, those that judge a steady transfer too, and the bits of what it passes for certain. */
export interface Watchers<E extends keyof History> {
  readonly all: readonly Check<E>[];
  readonly steady: readonly Check<E>[];
  readonly sure: number;
}

/** The checks that watch each event. */
export type Watch = { readonly [E in keyof History]: Watchers<E> };

/** What watches each event, of these checks. Written out, for an object whose fields are added by computed names is slow to read. */
export const watchOf = (wanted: readonly AnyCheck[]): Watch => {
  const on = <E extends keyof History>(event: E): Watchers<E> => {
    const all = wanted.filter((each): each is AnyCheck & Check<E> => each.event === event);
    const sure = all.filter(({ steady }) => steady === 'passes').reduce((bits, { bit }) => bits | bit, 0);
    return { all, steady: all.filter(({ steady }) => steady === 'judges'), sure };
  };
  return {
    capable: on('capable'),
    handshake: on('handshake'),
    joinOption: on('joinOption'),
    joinHmac: on('joinHmac'),
    joinSyn: on('joinSyn'),
    joinAnswer: on('joinAnswer'),
    joinThird: on('joinThird'),
    dss: on('dss'),
    dataAck: on('dataAck'),
    mapping: on('mapping'),
    dataFin: on('dataFin'),
    payload: on('payload'),
    again: on('again'),
    checksum: on('checksum'),
    addAddr: on('addAddr'),
    removeAddr: on('removeAddr'),
    prio: on('prio'),
    fail: on('fail'),
    fastclose: on('fastclose'),
    tcprst: on('tcprst'),
    malformed: on('malformed'),
    segment: on('segment'),
    fin: on('fin'),
    rst: on('rst'),
    end: on('end'),
  };
};

export const hostAbout = (about: About, here: Here): Index => {
  switch (about) {
    case 'sender':
      return here.host;
    case 'peer':
      return other(here.host);
    case 'initiator':
      return 0;
    case 'listener':
      return 1;
    case 'opener':
      return here.flow.host0;
    case 'acceptor':
      return other(here.flow.host0);
  }
};

/** Lets every check that watches an event judge it, and keeps what they say. */
export const judge = <E extends keyof History>(watchers: Watchers<E>, here: Here, what: History[E]): void => {
  const { steady } = here;
  if (steady) here.passed |= watchers.sure;
  const checks = steady ? watchers.steady : watchers.all;
  for (let i = 0; i < checks.length; i += 1) {
    const each = checks[i]!;
    const judgement = each.run(here, what);
    if (judgement === undefined) continue;
    const { ledger } = here.connection;
    if (judgement !== PASS) ledger.note(each.slot, judgement.host ?? hostAbout(each.about, here), judgement, here.frame);
    else if (steady && each.bit !== 0) here.passed |= each.bit;
    else ledger.pass(each.slot, hostAbout(each.about, here), here.frame);
  }
};

/** Keeps a judgement that no check made: what a state machine permits or forbids, what is owed. */
export const conclude = (connection: Connection, requirement: string, host: Index, frame: number, judgement: Judgement): void => {
  if (judgement === undefined) return;
  if (judgement === PASS) connection.ledger.pass(slotOf(requirement), host, frame);
  else connection.ledger.note(slotOf(requirement), host, judgement, frame);
};

const SUSPICIONS = 256;

/** Keeps a finding until the connection ends: see `Suspicion` for what makes it hold. */
export const suspect = (here: Here, requirement: string, host: Index, restsOn: Suspicion['restsOn'], finding: Finding): void => {
  const { suspicions } = here.connection;
  // A join may be followed late: see `resolve`.
  const time = here.frame === here.flow.synFrame ? (here.flow.join?.synTime ?? here.time) : here.time;
  if (suspicions.length < SUSPICIONS) suspicions.push({ requirement, host, restsOn, frame: here.frame, time, finding });
};

/** Whether a host falls back after a frame, or does not know that it is to: it still asks for it with its own MP_FAIL. */
const fallsBackLater = ({ hosts, flows }: Connection, host: Index, frame: number): boolean => {
  const { infiniteFrame, mpFailFrame, lastMpFailFrame, fellBack } = hosts[host];
  const shown = fellBack?.frame ?? Infinity;
  if (mpFailFrame > 0 && mpFailFrame < shown && lastMpFailFrame > shown) return true;
  return infiniteFrame > frame || flows.some((flow) => flow.endOf(host).isBare);
};

/** Whether the first DSS of a host, or an ADD_ADDR, which proves as much, was captured so soon after a time that it may have been before. */
const mayHaveSentDss = ({ flows, hosts }: Connection, host: Index, time: number): boolean =>
  flows.some((flow) => flow.endOf(host).dssFrame > 0 && flow.endOf(host).dssTime - time < SKEW) ||
  hosts[host].addresses.some(({ announced }) => announced !== undefined && announced.time - time < SKEW);

const resolved = (connection: Connection, { host, restsOn, frame, time, finding }: Suspicion): Finding => {
  if (restsOn === 'noFallback')
    return fallsBackLater(connection, host, frame)
      ? inconclusive('the packet that calls for a fallback may have been lost: the host falls back later, or still asks for it')
      : finding;
  const missing = inconclusive('what would show it may have travelled on a subflow outside the capture');
  if (restsOn !== 'noDss') return connection.isWhole(restsOn) && connection.isWhole(other(restsOn)) ? finding : missing;
  // Where even the third packet was not captured, a DSS may have been missed as well.
  if (!connection.isWhole(0) || !connection.isWhole(1) || connection.thirdFrame === 0) return missing;
  return mayHaveSentDss(connection, other(host), time)
    ? { ...finding, kind: 'warn', message: `${finding.message} One follows at once: the capture may have them out of order.` }
    : finding;
};

/** At the end of a connection: what was suspected holds, or cannot be decided. */
export const closeSuspicions = (connection: Connection): void => {
  for (const each of connection.suspicions) conclude(connection, each.requirement, each.host, each.frame, resolved(connection, each));
  connection.suspicions.length = 0;
};
