/** What it means to go on without paying what is owed, and how a machine's verdicts read. */
import { ACK, FIN, RST, SYN } from '../../../codecs/packet/index.ts';
import { requirement } from '../../requirements/index.ts';
import { broken, inconclusive } from '../evidence.ts';
import type { Judgement } from '../evidence.ts';
import { ROUND_TRIP, other } from './model.ts';
import type { Here, Owed } from './model.ts';

const paidBy: Readonly<Record<string, string>> = {
  sendRst: 'a RST on the subflow',
  sendAck: 'an ACK',
  sendPlainAck: 'segments without MPTCP options',
  sendJoinSynAck: 'a SYN/ACK with MP_JOIN',
  sendJoinAck: 'an ACK with MP_JOIN',
  sendMpFail: 'an MP_FAIL',
  sendInfiniteMapping: 'an infinite mapping',
  sendCapableAck: 'an ACK with MP_CAPABLE',
  sendDataAckOfDataFin: 'a Data ACK of the DATA_FIN',
};

const statementOf = (id: string): string => requirement(id)?.statement ?? id;

/** A segment's kind in words. @example describe(here) // 'an ACK with 100 octets of data' */
export const describe = (here: Here): string => {
  const { flags, payloadLength } = here.segment;
  if ((flags & RST) !== 0) return 'a RST';
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? 'a SYN/ACK' : 'a SYN';
  if ((flags & FIN) !== 0) return 'a FIN';
  return payloadLength > 0 ? `an ACK with ${payloadLength} octets of data` : 'an ACK';
};

/**
 * By the letter a DSS must have come before a join, and before first data without MP_CAPABLE (section 3.1, l.834 to l.884). An ADD_ADDR
 * proves as much: its HMAC shows that the peer has both keys, and it came on a packet that is no SYN. Linux takes it for a DSS; we
 * warn and do not fail.
 */
const afterAddAddr = (here: Here, statement: string): Judgement => {
  const announced = here.receiver.addresses.find((each) => each.by === 'ADD_ADDR' && each.frame < here.frame);
  return announced === undefined
    ? undefined
    : {
        kind: 'warn',
        expected: 'a DSS of the peer before',
        seen: `only an ADD_ADDR (frame ${announced.frame})`,
        message: `${statement} An ADD_ADDR had come, which proves the same but is not what the sentence asks for.`,
        frames: [announced.frame],
      };
};

/** What a check judges as well, with more than a machine sees: which subflow, what may have been overtaken, whether it can have arrived. */
const LEFT_TO_CHECKS: readonly string[] = ['RFC8684-3.5-b', 'RFC8684-3.5-c', 'RFC8684-3.5-g', 'RFC8684-3.5-3'];

/**
 * No DSS of the peer is in the capture before a join. A pure ACK that carried one leaves no gap where it was missed: only before the
 * third packet it is certain that there was none.
 */
const joinBeforeDss = (here: Here, statement: string): Judgement => {
  const { connection, flow } = here;
  const { initial } = connection;
  // The machine may lack parts of the handshake; the DSS it waits for was seen all the same.
  if (connection.flows.some((each) => each.endOf(other(flow.host0)).dssFrame > 0 && each.endOf(other(flow.host0)).dssFrame < here.frame))
    return undefined;
  const finding = broken(statement, `${describe(here)} before any DSS`, `${statement} None is in the capture before this SYN.`);
  if (initial !== undefined && initial.ends[0].segments === 0 && initial.ends[1].segments <= 1) return finding;
  if (connection.captureLost(other(flow.host0))) return inconclusive('a DSS may have come that was not captured');
  return { ...finding, kind: 'warn' };
};

/** First data with a DSS instead of MP_CAPABLE: certain where nothing that came before it can be missing from the capture. */
const dataBeforeDss = (here: Here, statement: string, event: string): Judgement => {
  const { connection, host, ssn, sent } = here;
  if (ssn !== 1 || here.echoesUnseen || connection.captureLost(other(host)))
    return inconclusive('a DSS of the listener, or earlier data, may have come that was not captured');
  const finding = broken(statement, `${describe(here)} (${event})`, `${statement} Seen: ${describe(here)}.`);
  // What was sent since the third packet answers something: that may have had a DSS.
  return sent.segments <= 2 ? finding : { ...finding, kind: 'warn' };
};

/** What is owed by a host that must become regular TCP: the next new data shows whether it does (section 3.7). */
const FALLING_BACK: readonly string[] = ['RFC8684-3.7-4', 'RFC8684-3.7-9', 'RFC8684-3.7-h', 'RFC8684-3.7-i'];

export const obligation = {
  /** A machine forbids what was sent. */
  forbidden: (id: string, here: Here, event: string): Judgement => {
    if (LEFT_TO_CHECKS.includes(id)) return undefined;
    const statement = statementOf(id);
    if (id === 'RFC8684-3.1-10') return afterAddAddr(here, statement) ?? joinBeforeDss(here, statement);
    if (id === 'RFC8684-3.1-e') return afterAddAddr(here, statement) ?? dataBeforeDss(here, statement, event);
    return broken(statement, `${describe(here)} (${event})`, `${statement} Seen: ${describe(here)}.`);
  },

  /** Whether this segment shows that its sender goes on without paying; undefined while it does not. */
  wentOn: (owed: Owed, here: Here): Judgement => {
    const { segment, flow } = here;
    const { flags } = segment;
    if (owed.flow !== undefined && owed.flow !== flow) return undefined;
    const owes = paidBy[owed.by] ?? owed.by;
    // It has been told to fall back, and goes on as before.
    if (FALLING_BACK.includes(owed.requirement))
      return (owed.at === flow || here.time - owed.time > ROUND_TRIP) &&
        here.mapsData &&
        here.sender.infiniteFrame === 0 &&
        segment.payloadLength > 0 &&
        !here.retransmission
        ? broken(
            owes,
            `${describe(here)}, and a mapping of it`,
            `${statementOf(owed.requirement)} Instead the host goes on with mappings.`,
            [owed.frame],
          )
        : undefined;
    if (owed.by === 'sendRst' && owed.flow !== undefined) {
      if ((flags & (RST | SYN)) !== 0 || (owed.receipt >= 0 && here.acked < owed.receipt && here.connection.capturedAt !== here.host))
        return undefined;
      // An ACK, or data, where the subflow had to be closed: it is being used.
      return broken(owes, describe(here), `${statementOf(owed.requirement)} Instead the host goes on with ${describe(here)}.`, [
        owed.frame,
        here.frame,
      ]);
    }
    return undefined;
  },

  /** What was still owed when the connection, or the capture, ended. */
  left: (owed: Owed): Judgement =>
    LEFT_TO_CHECKS.includes(owed.requirement)
      ? undefined
      : inconclusive(`the capture ends before ${paidBy[owed.by] ?? owed.by} could be expected`),
};
