/** RFC 5534, Failure Detection and Locator Pair Exploration Protocol for IPv6 Multihoming: every sentence with a keyword, and the rules without one. */
import { capture, catalogue, live, may, must, permission, recommended, rule, should, shouldNot, unobservable } from './define.ts';
import type { Catalogue } from './requirement.ts';

const inside = unobservable('What a host knows from elsewhere, and what it makes of it, is not on the wire.');
const random = unobservable('A few numbers do not show how they were drawn.');
const ignoring = live('Takes a peer that sets the bits, and an answer that shows that they made no difference.');
const isType = unobservable('What has another type is another message, or another option.');

/** The requirements of RFC 5534 in the order of its sections; in each, its sentences first, then its rules. */
export const rfc5534: Catalogue = catalogue(5534, 'Failure Detection and Locator Pair Exploration Protocol for IPv6 Multihoming', [
  must('3.1-1', 235, 'any host', 'Be able to use what Neighbor Discovery, address autoconfiguration and DHCP tell of addresses.', inside),
  must('3.2-1', 254, 'any host', 'Be able to use what Neighbor Unreachability Detection tells.', inside),
  may('3.2-2', 256, 'any host', 'Use what the link layer tells besides.', permission),
  must(
    '3.3-1',
    306,
    'any host',
    'Find address pairs that work by probes and by forced bidirectional communication.',
    live('Takes a path that breaks.'),
  ),

  should('4.1-1', 427, 'any host', 'Keep an eye on what is known of the local addresses.', inside),
  recommended('4.1-2', 478, 'payload receiver', 'Send keepalives at a third to a half of the Keepalive Timeout.', capture),
  should(
    '4.1-3',
    527,
    'payload receiver',
    'Go on with keepalives until payload comes or the Keepalive Timeout is over.',
    live('Takes an endpoint that knows which payload has arrived.'),
  ),
  should('4.1-4', 538, 'any host', 'Draw the actual timeouts at random about their values.', random),
  should('4.2-1', 580, 'any host', 'Tell the upper layer when the address pair changes.', inside),
  should('4.3-1', 650, 'any host', 'Try all address pairs until one works, and then all of them again.', capture),
  must('4.3-2', 652, 'any host', 'Probe one pair after the other, with a back-off that grows exponentially.', capture),
  rule('4.3-a', 690, 'any host', 'Let the time between probes grow to 60 s and no further.', capture),
  rule('4.3-b', 604, 'any host', 'Probe addresses that the peer has told.', capture),

  must('5.1-1', 735, 'message sender', 'Give a Keepalive the type 66.', isType),
  must('5.1-2/1', 740, 'message sender', 'Send Reserved1 of a Keepalive as zero.', capture),
  must('5.1-2/2', 740, 'message receiver', 'Take no notice of Reserved1 in a Keepalive.', ignoring),
  must('5.1-3/1', 744, 'message sender', 'Send the R bit of a Keepalive as zero.', capture),
  must('5.1-3/2', 744, 'message receiver', 'Take no notice of the R bit in a Keepalive.', ignoring),
  must('5.1-4/1', 752, 'message sender', 'Send Reserved2 of a Keepalive as zero.', capture),
  must('5.1-4/2', 752, 'message receiver', 'Take no notice of Reserved2 in a Keepalive.', ignoring),
  may('5.1-5', 755, 'message sender', 'Put options into a Keepalive.', permission),
  rule('5.1-a', 701, 'message sender', 'Give a Keepalive 16 octets or more.', capture),
  rule('5.1-b', 747, 'message sender', 'Put the context tag that the receiver has allocated into a Keepalive.', capture),

  must('5.2-1', 907, 'message sender', 'Give a Probe the type 67.', isType),
  must('5.2-2/1', 912, 'message sender', 'Send Reserved of a Probe as zero.', capture),
  must('5.2-2/2', 912, 'message receiver', 'Take no notice of Reserved in a Probe.', ignoring),
  must('5.2-3/1', 916, 'message sender', 'Send the R bit of a Probe as zero.', capture),
  must('5.2-3/2', 916, 'message receiver', 'Take no notice of the R bit in a Probe.', ignoring),
  must('5.2-4', 925, 'message sender', 'Report in a Probe this very Probe first.', capture),
  must('5.2-5', 936, 'message sender', 'Report in a Probe with State InboundOk at least one probe that has arrived.', capture),
  may('5.2-6', 938, 'message sender', 'Report more probes that have arrived, in whatever state.', permission),
  must('5.2-7/1', 972, 'message sender', 'Send Reserved2 of a Probe as zero.', capture),
  must('5.2-7/2', 972, 'message receiver', 'Take no notice of Reserved2 in a Probe.', ignoring),
  recommended('5.2-8', 987, 'message sender', 'Make the nonce of a probe hard to guess.', random),
  should('5.2-9', 990, 'message sender', 'Draw the nonce of a probe from a good random number generator.', random),
  rule('5.2-a', 923, 'message sender', 'Give a Probe as many reports as Psent and Precvd count.', capture),
  rule('5.2-b', 919, 'message sender', 'Put the context tag that the receiver has allocated into a Probe.', capture),
  rule('5.2-c', 976, 'message sender', 'Report in a Probe the addresses that it is sent with.', capture),
  rule('5.2-d', 927, 'message sender', 'Report earlier probes that were sent as they were sent: addresses, nonce and data.', capture),
  rule('5.2-e', 934, 'message sender', 'Report probes that have arrived as they arrived: addresses, nonce and data.', capture),
  rule('5.2-f', 946, 'message sender', 'Say in a Probe one of the three states.', capture),
  rule('5.2-g', 984, 'message sender', 'Give each probe a nonce that tells it from the others.', capture),

  must(
    '5.3-1',
    1005,
    'any host',
    'Tell the peer a Send Timeout that is not the default one.',
    live('Takes an endpoint that stops answering: what else started an exploration is not on the wire.'),
  ),
  may('5.3-2', 1016, 'message sender', 'Put the Keepalive Timeout option into I2, I2bis, R2 or Update Requests.', permission),
  should('5.3-3', 1017, 'message sender', 'Send the Keepalive Timeout once: not again where it has arrived and not changed.', capture),
  should(
    '5.3-4',
    1018,
    'message receiver',
    'Take over the Keepalive Timeout that the peer asks for.',
    live('Takes payload one way for longer than the timeout.'),
  ),
  must('5.3-5', 1031, 'message sender', 'Give the Keepalive Timeout option the type 10.', isType),
  must('5.3-6', 1035, 'message sender', 'Give the Keepalive Timeout option the length 4.', capture),
  must('5.3-7/1', 1040, 'message sender', 'Send Reserved of the Keepalive Timeout option as zero.', capture),
  must('5.3-7/2', 1040, 'message receiver', 'Take no notice of Reserved in the Keepalive Timeout option.', ignoring),

  must('6-1', 1050, 'any host', 'Behave, as seen from outside, as the state machine does.', capture),
  must('6.1-1', 1105, 'message sender', 'Say in a Probe the state that its sender is in once it is sent.', capture),
  should(
    '6.1-2',
    1127,
    'payload receiver',
    'Send keepalives at the Keepalive Interval while the Keepalive Timer runs.',
    live('Takes an endpoint that knows which payload has arrived, and so whether the timer runs.'),
  ),
  rule('6.4-a', 1190, 'message sender', 'Say Exploring only where nothing has arrived since the exploration began.', capture),
  rule('6.7-a', 1241, 'message receiver', 'Answer a Probe that says Exploring with one that says InboundOk.', capture),
  rule('6.8-a', 1255, 'message receiver', 'Answer a Probe that says InboundOk with one that says Operational.', capture),
  rule('6.8-b', 1258, 'payload sender', 'Take as the pair in use one of those on which a probe is reported to have arrived.', capture),
  rule('6.9-a', 1301, 'payload sender', 'Send payload to the addresses used before until a new pair has been confirmed.', capture),

  recommended('7-1', 1336, 'any host', 'Ask for no Send Timeout under 10 s.', capture),
  recommended('7-2', 1351, 'any host', 'Ask for no Send Timeout over 100 s.', capture),

  shouldNot('8-1', 1376, 'any host', 'Take no unprotected indication for a proof of a failure.', inside),
  may('8-2', 1419, 'message receiver', 'Ignore keepalives where IPsec protects what comes back.', permission),
  recommended('9-1', 1507, 'any host', 'Report failures, and changes of the pair, to whoever manages the host.', inside),
]);
