/** RFC 5533 sections 8 to 16: ICMP errors, teardown, updates, payload, receiving, the constants, and keys. */
import { capture, live, must, mustNot, recommended, rule, should, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';

const local = unobservable('What goes on between the shim and the upper layer is not on the wire.');
const unused = unobservable('Whether an upper layer still uses a context is not on the wire.');
const stale = live(
  'Takes a peer that sends from an address that it has not announced: in a capture the update that announced it may be missing.',
);

export const using: readonly Draft[] = [
  must('8-1', 4109, 'any host', 'Hand every ICMP error to the upper layer that the shim does not act on itself.', local),
  should('8-2', 4111, 'any host', 'Have a setting by which every ICMP error goes to the upper layer.', local),

  recommended('9-1', 4253, 'any host', 'Keep a context that an upper layer might use.', unused),
  recommended('9-2', 4270, 'any host', 'Give up a context only when traffic on it has ended.', unused),

  rule('10.1-a', 4333, 'message sender', 'Sign the locator list of an Update Request where a locator is to be verified by CGA.', capture),
  rule(
    '10.1-b',
    4330,
    'message sender',
    'Have the CGA Parameters in an Update Request with a locator list where the peer has not got them before.',
    live('Takes an endpoint that knows what has arrived: in a capture the message that brought them may be missing.'),
  ),
  rule('10.1-c', 4321, 'message sender', 'Name in Locator Preferences the generation of the locator list that they are about.', capture),
  rule('10.3-a', 4357, 'message sender', 'Have one Update Request outstanding at most: send no older one again after a newer.', capture),
  rule('10.3-b', 4363, 'message sender', 'Give an Update Request with newer information a nonce of its own.', capture),

  must(
    '10.4-1',
    4397,
    'message receiver',
    'Discard an Update Request that is too short, or fails the checks of every control message.',
    capture,
  ),
  must('10.4-2', 4409, 'message receiver', "Look whether an Update Request comes between locators of the peer and of one's own.", stale),
  must(
    '10.4-3',
    4413,
    'message receiver',
    'Answer an Update Request between other addresses with an R1bis, and take nothing of it.',
    stale,
  ),
  must('10.4-4', 4417, 'message receiver', "Discard an Update Request whose CGA Parameters are not those of the peer's ULID.", capture),

  must(
    '10.5-1',
    4489,
    'message receiver',
    'Discard an Update Acknowledgement that is too short, or fails the checks of every control message.',
    live('Takes an endpoint: that no more requests come does not show that this acknowledgement was taken.'),
  ),
  must(
    '10.5-2',
    4502,
    'message receiver',
    "Look whether an Update Acknowledgement comes between locators of the peer and of one's own.",
    stale,
  ),
  must(
    '10.5-3',
    4506,
    'message receiver',
    'Answer an Update Acknowledgement between other addresses with an R1bis, and take nothing of it.',
    stale,
  ),

  mustNot('11.1-1', 4578, 'payload sender', 'Leave the checksum of the upper layer as it is when the addresses become locators.', capture),

  should(
    '12.2-1',
    4631,
    'payload receiver',
    'Answer a Payload Extension header without a context with an R1bis.',
    live('Takes an endpoint that knows the packet to have arrived.'),
  ),
  must('12.3-1', 4688, 'message receiver', 'Send an Error of code 1 for an option that is unknown and critical.', capture),
  rule(
    '12.3-a',
    4673,
    'message receiver',
    'Drop a control message whose checksum or length is wrong, or which has a multicast or unspecified address.',
    capture,
  ),

  rule('14-a', 4853, 'context initiator', 'Wait before an I1 is sent again for half to one and a half of 4 s, doubled each time.', capture),
  rule('14-b', 4853, 'context initiator', 'Wait before an I2 is sent again for half to one and a half of 4 s, doubled each time.', capture),
  rule(
    '14-c',
    3985,
    'context initiator',
    'Wait before an I2bis is sent again for half to one and a half of 4 s, doubled each time.',
    capture,
  ),
  rule(
    '14-d',
    4853,
    'message sender',
    'Wait before an Update Request is sent again for half to one and a half of 4 s, doubled up to 120 s.',
    capture,
  ),

  must('16-1', 5116, 'any host', 'Use RSA keys of 1024 bits or more for CGAs.', capture),
];
