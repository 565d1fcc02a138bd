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

export const obligation = {
  /** A machine forbids what was sent. */
  forbidden: (id: string, here: Here, event: string): Judgement =>
    broken(statementOf(id), `${describe(here)} (${event})`, `${statementOf(id)} Seen: ${describe(here)}.`),

  /** Whether this segment shows that its sender goes on without paying; undefined while it does not. */
  wentOn: (owed: Owed, here: Here): Judgement => {
    const { segment, flow } = here;
    const { flags } = segment;
    if (owed.flow !== undefined && owed.flow !== flow) return undefined;
    const owes = paidBy[owed.by] ?? owed.by;
    if (owed.by === 'sendRst' && owed.flow !== undefined) {
      if ((flags & (RST | SYN)) !== 0) return undefined;
      // An ACK, or data, where the subflow had to be closed: it is being used.
      return broken(owes, describe(here), `${statementOf(owed.requirement)} Instead the host goes on with ${describe(here)}.`, [
        owed.frame,
        here.frame,
      ]);
    }
    return undefined;
  },

  /** What was still owed when the connection, or the capture, ended. */
  left: (owed: Owed): Judgement => inconclusive(`the capture ends before ${paidBy[owed.by] ?? owed.by} could be expected`),
};
