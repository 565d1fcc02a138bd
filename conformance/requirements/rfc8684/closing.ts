/** RFC 8684 sections 3.5 and 3.6: the fast close of a connection and the reset of a subflow. */
import { capture, live, may, must, permission, recommended, rule, should, shouldNot, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';

export const closing: readonly Draft[] = [
  should('3.5-1', 2181, 'any host', 'Retransmit the MP_FASTCLOSE sent on an ACK when no RST has answered it within one RTO.', capture),
  should('3.5-2', 2184, 'any host', 'Limit the retransmissions of MP_FASTCLOSE.', capture),
  recommended('3.5-3', 2186, 'any host', 'Retransmit MP_FASTCLOSE three times at most.', capture),
  should(
    '3.5-4',
    2186,
    'any host',
    'When no RST has come in answer to MP_FASTCLOSE, send a RST with MP_FASTCLOSE as the state is released.',
    capture,
  ),

  rule('3.5-a', 2153, 'any host', 'Carry in MP_FASTCLOSE the key of its receiver, as declared in the MP_CAPABLE handshake.', capture),
  rule('3.5-b', 2129, 'any host', 'Send no data on the connection after MP_FASTCLOSE.', capture),
  rule('3.5-c', 2168, 'any host', 'Answer an ACK that carries MP_FASTCLOSE and the right key with a RST on the same subflow.', capture),
  rule(
    '3.5-d',
    2150,
    'any host',
    'Close all subflows with MP_FASTCLOSE: beside one on an ACK with a plain RST on each other subflow, otherwise with MP_FASTCLOSE on a RST on each.',
    capture,
  ),
  rule('3.5-e', 2141, 'any host', 'Give MP_FASTCLOSE length 12.', capture),
  should('3.5-f', 2141, 'any host', 'Send the reserved bits of MP_FASTCLOSE as 0.', capture),
  should('3.5-g', 2177, 'any host', "Answer an MP_FASTCLOSE that crosses one's own with a RST.", capture),
  rule(
    '3.5-h',
    2193,
    'any host',
    'On a RST with MP_FASTCLOSE and the right key, reset all other subflows of the connection.',
    live('Takes an endpoint that gives a connection up with MP_FASTCLOSE on a RST on one subflow, and watches the others.'),
  ),

  may('3.6-1', 2202, 'any host', 'Say with MP_TCPRST on a RST why a subflow is closed or refused.', permission),
  may('3.6-2', 2205, 'any host', 'Decide by the MP_TCPRST when, if ever, the subflow is tried again.', permission),
  may('3.6-3', 2219, 'any host', 'Conclude from the reason code how usable the path is.', permission),
  may('3.6-4', 2227, 'subflow opener', 'Try a path again after an error that is marked transient (T = 1).', permission),
  should(
    '3.6-5',
    2230,
    'subflow opener',
    'Let the reason code of a transient error bear on when the path is tried again.',
    unobservable('How a host weighs a reason is not on the wire, and any delay is allowed.'),
  ),
  shouldNot(
    '3.6-6',
    2233,
    'subflow opener',
    'After an error marked permanent (T = 0), open no subflow of this connection over the same path.',
    capture,
  ),
  must('3.6-7/1', 2237, 'any host', 'Send the flags U, V and W of MP_TCPRST as 0.', capture),
  must(
    '3.6-7/2',
    2237,
    'any host',
    'Handle an MP_TCPRST alike whatever its flags U, V and W are.',
    live('Takes an endpoint that sends MP_TCPRST with these flags set.'),
  ),

  rule('3.6-a', 2202, 'any host', 'Send MP_TCPRST on a RST only.', capture),
  rule('3.6-b', 2219, 'any host', 'Give MP_TCPRST length 4.', capture),
];
