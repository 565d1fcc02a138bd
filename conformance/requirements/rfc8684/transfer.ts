/** RFC 8684 sections 3.3.3 to 3.3.8: closing a connection, windows, retransmission and subflow policy. */
import { capture, live, may, must, mustNot, permission, rule, sameAs, should, shouldNot, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';

export const transfer: readonly Draft[] = [
  must(
    '3.3.3-1',
    1585,
    'data sender',
    "Signal a DATA_FIN on a segment without data by a mapping with SSN 0, Data-Level Length 1 and the DATA_FIN's own data sequence number.",
    capture,
  ),
  mustNot(
    '3.3.3-2',
    1597,
    'data sender',
    'Keep a functioning subflow open until all data is DATA_ACKed, or only the segment with the DATA_FIN is outstanding.',
    capture,
  ),
  must('3.3.3-3', 1602, 'any host', 'Close the remaining subflows with FINs once a DATA_FIN has been acknowledged.', capture),
  should('3.3.3-4', 1603, 'any host', 'Send a FIN on every subflow, also on one that has failed.', capture),
  may(
    '3.3.3-5',
    1607,
    'data sender',
    'Close a subflow that still has data queued, acknowledged elsewhere, with a RST and MP_TCPRST reason 4 (too much outstanding data).',
    permission,
  ),

  rule('3.3.3-a', 1575, 'data sender', 'Give the DATA_FIN the data sequence number after the last octet of data, and keep it.', capture),
  rule('3.3.3-b', 1320, 'data sender', 'Map nothing new beyond the DATA_FIN.', capture),
  rule('3.3.3-c', 1592, 'data receiver', 'Acknowledge a DATA_FIN only when all data before it has been received.', capture),
  rule('3.3.3-d', 1594, 'data sender', 'Combine DATA_FIN and FIN on a subflow only when no data is outstanding on another.', capture),

  mustNot('3.3.4-1', 1639, 'data receiver', 'Never move the right edge of the receive window (DATA_ACK + window) back.', capture),
  should(
    '3.3.4-2',
    1648,
    'data receiver',
    'Check that SSN - SUBFLOW_ACK <= DSN - DATA_ACK holds for a segment before accepting it on its subflow.',
    live('Takes an endpoint that sends a mapping which fails the test.'),
  ),

  should(
    '3.3.5-1',
    1698,
    'data sender',
    'Where subflows show different windows, reckon with the largest of the most recent ones.',
    unobservable('How the sender reckons is its own; that it stays within some window is judged by 3.3.5-a.'),
  ),
  must(
    '3.3.5-2',
    1704,
    'data sender',
    "Remember each subflow's own window, (ack_i, ack_i + rcv_wnd_i), and send on it only within that.",
    live('Takes an endpoint that advertises a smaller window on one subflow than on the others.'),
  ),
  must(
    '3.3.5-3',
    1720,
    'data sender',
    'Have a send buffer at least as large as the receive buffer.',
    unobservable('Buffer sizes are not on the wire.'),
  ),

  rule('3.3.5-a', 1710, 'data sender', 'Send only data sequence numbers from the DATA_ACK up to DATA_ACK + receive window.', capture),

  must('3.3.6-1', 1726, 'data sender', 'Retransmit data on its original subflow also when it is sent again on another.', capture),
  must(
    '3.3.6-2',
    1755,
    'data sender',
    'Keep data in the send buffer until it is acknowledged at the data level and on every subflow that carried it.',
    unobservable('The send buffer is not on the wire.'),
  ),
  may('3.3.6-3', 1762, 'data sender', "Declare a subflow failed earlier than TCP's own limits of retransmission would.", permission),
  may('3.3.6-4', 1767, 'data sender', 'Reset a subflow on which repeated retransmissions show that it performs badly.', permission),
  should(
    '3.3.6-5',
    1772,
    'data sender',
    'Put an MP_TCPRST with reason 5 (unacceptable performance) on a RST sent for bad performance.',
    unobservable('For which reason a host resets a subflow is known only from that very option.'),
  ),

  shouldNot(
    '3.3.8-1',
    1826,
    'data sender',
    'Send no data on a subflow for which the receiver has set B = 1 while one with B = 0 is usable.',
    capture,
  ),
  should('3.3.8-2', 1854, 'data sender', "Follow the receiver's backup flag, set in MP_JOIN or MP_PRIO.", sameAs('RFC8684-3.3.8-1')),

  rule('3.3.8-a', 1843, 'data receiver', 'Give MP_PRIO length 3.', capture),
  should('3.3.8-b', 1843, 'data receiver', 'Send the reserved bits of MP_PRIO as 0.', capture),
];
