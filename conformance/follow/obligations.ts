/** What it means to go on without paying what is owed, and how a machine's verdicts read. */
import { requirement } from '../requirements/index.ts';
import { broken, inconclusive } from './evidence.ts';
import type { Judgement } from './evidence.ts';
import type { Here, Owed } from './model.ts';

const ACK = 16;
const SYN = 2;
const RST = 4;

const paidBy: Readonly<Record<string, string>> = {
  sendRst: 'a RST on the subflow',
  sendAck: 'an ACK',
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
  if ((flags & 1) !== 0) return 'a FIN';
  return payloadLength > 0 ? `an ACK with ${payloadLength} octets of data` : 'an ACK';
};

/**
 * By the letter a DSS must have come before a join, and before first data without MP_CAPABLE (section 3.1, l.834 to l.884). An ADD_ADDR
 * proves as much: its HMAC shows that the peer has both keys, and it came on a packet that is no SYN. Linux takes it for a DSS; we
 * warn and do not fail.
 */
const afterAddAddr = (here: Here, statement: string): Judgement => {
  const announced = here.receiver.addresses.find((each) => each.by === 'ADD_ADDR');
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

export const obligation = {
  /** A machine forbids what was sent. */
  forbidden: (id: string, here: Here, event: string): Judgement =>
    LEFT_TO_CHECKS.includes(id)
      ? undefined
      : ((id === 'RFC8684-3.1-10' || id === 'RFC8684-3.1-e') && afterAddAddr(here, statementOf(id))) ||
        broken(statementOf(id), `${describe(here)} (${event})`, `${statementOf(id)} Seen: ${describe(here)}.`),

  /** Whether this segment shows that its sender goes on without paying; undefined while it does not. */
  wentOn: (owed: Owed, here: Here): Judgement => {
    const { segment, flow } = here;
    const { flags } = segment;
    if (owed.flow !== undefined && owed.flow !== flow) return undefined;
    const owes = paidBy[owed.by] ?? owed.by;
    if (owed.by === 'sendRst' && owed.flow !== undefined) {
      if ((flags & (RST | SYN)) !== 0 || (owed.receipt >= 0 && here.acked < owed.receipt && here.connection.capturedAt !== here.host)) return undefined;
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
