/** Section 3.2, Starting a New Subflow: MP_JOIN, its token, its HMACs, and the RSTs that refuse it. What a host owes is with the subflow machine. */
import { MP_JOIN } from '../../follow/mptcp/options.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check } from '../../follow/mptcp/judge.ts';
import type { AnyCheck } from '../../follow/mptcp/judge.ts';
import { MPTCP_SPECIFIC_ERROR, saysWhy } from './section-3.6.ts';

/** Longer than any first retransmission timeout (RFC 6298 section 2.1: 1 s), in ms. */
const PATIENCE = 4000;

export const section32: readonly AnyCheck[] = [
  check('RFC8684-3.2-2', 'joinOption', 'sender', (_, { option }) => {
    if (option.segment === 'ACK') return undefined;
    return option.reserved === 0
      ? PASS
      : broken(
          'reserved bits 0',
          `0b${option.reserved.toString(2).padStart(3, '0')}`,
          `Reserved bits are set in the MP_JOIN of a ${option.segment}.`,
        );
  }),
  check('RFC8684-3.2-5', 'joinOption', 'sender', (_, { option }) => {
    if (option.segment !== 'ACK') return undefined;
    return option.reserved === 0
      ? PASS
      : broken(
          'reserved bits 0',
          `0x${option.reserved.toString(16)}`,
          "Reserved bits are set in the MP_JOIN of the initiator's first ACK.",
        );
  }),
  check('RFC8684-3.2-3', 'joinAnswer', 'acceptor', ({ flow }, { answer }) =>
    answer === 'SYN/ACK without MP_JOIN' && flow.join?.tokenKnown === true
      ? inconclusive('the SYN/ACK has no MP_JOIN: the acceptor may have left it out, or a middlebox may have removed it from either packet')
      : undefined,
  ),
  check('RFC8684-3.2-4/2', 'joinOption', 'opener', ({ flow }, { option }) =>
    option.segment === 'ACK' && flow.join !== undefined && flow.join.acks >= 1 && flow.join.establishedFrame === 0 ? PASS : undefined,
  ),
  check('RFC8684-3.2-4/2', 'end', 'opener', ({ connection, host, time }) => {
    for (const { join, host0, closed, ends } of connection.flows) {
      if (join === undefined || host0 !== host || join.ackFrame === 0 || join.establishedFrame > 0 || join.acks > 1 || closed) continue;
      if (time - join.ackTime < PATIENCE) return inconclusive('the capture ends before a retransmission of the ACK with MP_JOIN was due');
      // That it was acknowledged may have been missed; an acceptor that repeats its SYN/ACK has not got it.
      if (ends[1].segments <= 1) return inconclusive('no acknowledgement of the ACK with MP_JOIN was captured');
      return broken(
        'the ACK with MP_JOIN again',
        `nothing for ${Math.round(time - join.ackTime)} ms`,
        'The ACK with MP_JOIN was never acknowledged, and not retransmitted.',
        [join.ackFrame],
      );
    }
    return undefined;
  }),
  check('RFC8684-3.2-6', 'joinAnswer', 'acceptor', (_, { answer }) => (answer === 'RST' ? PASS : undefined)),
  check('RFC8684-3.2-8', 'rst', 'sender', (here, { reason }) => {
    const refusal = here.flow.machines[here.side]?.refusal ?? 'none';
    if (refusal !== 'wrongHmacInSynAck' && refusal !== 'noJoinInSynAck' && refusal !== 'noProofInAck') return undefined;
    return saysWhy(here, reason, MPTCP_SPECIFIC_ERROR, 'The RST that ends a failed join does not say "MPTCP-specific error".');
  }),
  check('RFC8684-3.2-12', 'joinHmac', 'acceptor', (_, { by, valid }) => (by === 'acceptor' && valid === true ? PASS : undefined)),
  check('RFC8684-3.2-a', 'joinHmac', 'acceptor', ({ flow }, { by, valid, expected, seen }) => {
    if (by !== 'acceptor') return undefined;
    if (valid === undefined) return inconclusive('the keys of the connection were not captured');
    return valid
      ? PASS
      : broken(
          `0x${expected} (leftmost 64 bits of HMAC(Key-B+Key-A, R-B+R-A))`,
          `0x${seen}`,
          'The HMAC in the MP_JOIN of the SYN/ACK is wrong.',
          [flow.join!.synFrame],
        );
  }),
  check('RFC8684-3.2-b', 'joinHmac', 'opener', ({ flow }, { by, valid, expected, seen }) => {
    if (by !== 'opener') return undefined;
    if (valid === undefined) return inconclusive('the keys of the connection, or the random number of the SYN/ACK, were not captured');
    return valid
      ? PASS
      : broken(
          `0x${expected} (leftmost 160 bits of HMAC(Key-A+Key-B, R-A+R-B))`,
          `0x${seen}`,
          'The HMAC in the MP_JOIN of the third ACK is wrong.',
          [flow.join!.synAckFrame],
        );
  }),
  check('RFC8684-3.2-e', 'joinOption', 'sender', (_, { option, carrier }) => {
    const fitting = carrier === 'SYN' || carrier === 'SYN/ACK' ? carrier : 'ACK';
    const length = { SYN: 12, 'SYN/ACK': 16, ACK: 24 } as const;
    return option.segment === fitting
      ? PASS
      : broken(
          `Length ${length[fitting]}`,
          `Length ${length[option.segment]}`,
          `An MP_JOIN in the form for a ${option.segment} travels on a ${carrier}.`,
        );
  }),
  check('RFC8684-3.2-e', 'malformed', 'sender', (_, { subtype, length, error }) =>
    subtype === MP_JOIN ? broken('Length 12, 16 or 24', `Length ${length}`, error.message) : undefined,
  ),
  check('RFC8684-3.2-f', 'joinSyn', 'opener', ({ flow }) =>
    flow.join?.tokenKnown === false
      ? broken(
          "the receiver's token",
          `0x${flow.join.token.toString(16).padStart(8, '0')}`,
          'The MP_JOIN carries a token of no connection, though its HMAC belongs to one.',
        )
      : flow.join?.tokenKnown === true
        ? PASS
        : undefined,
  ),
  check('RFC8684-3.2-g', 'rst', 'acceptor', ({ flow, frame, side }, { reason }) => {
    if (flow.join === undefined || flow.join.refusedFrame !== frame || side !== 1) return undefined;
    if (reason !== undefined) return PASS;
    // A host without a listener, or without MPTCP, answers like this too when the option was removed on the way.
    return {
      kind: 'warn',
      expected: 'an MP_TCPRST on the RST',
      seen: 'none',
      message: 'The RST that refuses an MP_JOIN gives no reason.',
      frames: [flow.join.synFrame],
    };
  }),
  check('RFC8684-3.2-h', 'joinThird', 'opener', () =>
    inconclusive('the third packet has no MP_JOIN: the opener may have left it out, or a middlebox may have removed it'),
  ),
];
