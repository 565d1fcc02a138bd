/** RFC 6356, Coupled Congestion Control for Multipath Transport Protocols. A congestion window is never on the wire: our own machine is held to all of it. */
import { catalogue, machine, may, must, permission, rule, should } from './define.ts';
import type { Decision, Draft } from './define.ts';
import type { Catalogue } from './requirement.ts';

const ours = (...names: readonly string[]): Decision =>
  machine(
    'Windows are not on the wire: what is in flight is bounded by them, and by much else.',
    ...names.map((name) => `test/state-machines/mptcp-congestion.test.ts: ${name}`),
  );

const drafts: readonly Draft[] = [
  rule(
    '3-a',
    239,
    'data sender',
    'Couple the growth of windows in congestion avoidance only; slow start, fast retransmit, fast recovery and the decrease are those of RFC 5681.',
    ours('slow start, fast retransmit and the decrease are those of NewReno (RFC 6356 section 3)'),
  ),
  must(
    '3-1',
    256,
    'data sender',
    "For each ACK grow a subflow's window by the lesser of alpha * bytes_acked * MSS_i / cwnd_total and bytes_acked * MSS_i / cwnd_i.",
    ours(
      'grow for each ACK by min(alpha * bytes_acked * MSS_i / cwnd_total, bytes_acked * MSS_i / cwnd_i), and alpha is formula (2) (RFC 6356 section 3)',
      'never grow faster than NewReno would on the same subflow (RFC 6356 section 3)',
    ),
  ),
  must(
    '3-2',
    296,
    'data sender',
    'Grow the window by one octet where the formula gives less.',
    ours('grow by one octet at least (RFC 6356 section 3)'),
  ),
  should(
    '3-3',
    301,
    'data sender',
    'Without counting the octets that an ACK newly acknowledges, take MSS_i for them.',
    machine(
      'Our machine is told the octets of each ACK and counts them: the case that the sentence provides for does not arise.',
      'test/state-machines/mptcp-congestion.test.ts: in slow start grows by what is acknowledged, a segment for each ACK at most (RFC 5681 section 3.1)',
      'test/state-machines/mptcp-congestion.test.ts: grow for each ACK by min(alpha * bytes_acked * MSS_i / cwnd_total, bytes_acked * MSS_i / cwnd_i), and alpha is formula (2) (RFC 6356 section 3)',
    ),
  ),
  rule(
    '3-b',
    307,
    'data sender',
    'Count a subflow in fast retransmit with its slow start threshold, not with its inflated window, in cwnd_total.',
    ours('cwnd_total has ssthresh, not the inflated window, of a subflow in fast retransmit (RFC 6356 section 3)'),
  ),
  should(
    '3-c',
    309,
    'data sender',
    'Count no more of a subflow in cwnd_total than it has in flight, for connections that have little to send.',
    ours('cwnd_total has no more than what is in flight, for a subflow that has little to send (RFC 6356 section 3)'),
  ),
  rule(
    '3-d',
    321,
    'data sender',
    'Compute alpha as cwnd_total * MAX(cwnd_i / rtt_i^2) / SUM(cwnd_i / rtt_i)^2.',
    ours(
      'grow for each ACK by min(alpha * bytes_acked * MSS_i / cwnd_total, bytes_acked * MSS_i / cwnd_i), and alpha is formula (2) (RFC 6356 section 3)',
      'n alike together grow as fast as one TCP flow with the window of one of them: alpha / n each (RFC 6356 section 3)',
    ),
  ),
  may('4.1-1', 387, 'data sender', 'Keep cwnd_total as a variable of the connection instead of summing up for each ACK.', permission),
];

/** The requirements of RFC 6356. */
export const rfc6356: Catalogue = catalogue(6356, 'Coupled Congestion Control for Multipath Transport Protocols', drafts);
