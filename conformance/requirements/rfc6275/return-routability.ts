/** RFC 6275 section 5.2: return routability, its keys, nonces and tokens. */
import { capture, machine, may, must, mustNot, permission, rule, sameAs, should, shouldNot, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';
import { ownMachine } from './reasons.ts';

export const returnRoutability: readonly Draft[] = [
  must(
    '5.2.1-1',
    1215,
    'correspondent node',
    'Use a random node key Kcn of 20 octets.',
    unobservable('The node key never leaves the correspondent node, and the tokens made with it do not tell it.'),
  ),
  mustNot(
    '5.2.1-2',
    1218,
    'correspondent node',
    'Share the node key with nobody.',
    unobservable('The node key never leaves the correspondent node, and where else it is known is not on the wire.'),
  ),
  may('5.2.1-3', 1220, 'correspondent node', 'Make a fresh node key at any time.', permission),

  must('5.2.2-1', 1263, 'correspondent node', 'Discard nonces whose lifetime is over.', sameAs('RFC6275-5.2.7-1')),

  may(
    '5.2.5-1',
    1534,
    'correspondent node',
    'Use the same nonce index in the Home Test and the Care-of Test, or different ones.',
    permission,
  ),
  rule(
    '5.2.5-a',
    1389,
    'mobile node',
    'Send the Home Test Init from the home address, through the tunnel to the home agent when away from home.',
    capture,
  ),
  rule(
    '5.2.5-b',
    1423,
    'mobile node',
    'Send the Care-of Test Init from the care-of address straight to the correspondent, outside the tunnel.',
    capture,
  ),
  rule('5.2.5-c', 1484, 'correspondent node', 'Return the home init cookie in the Home Test.', capture),
  rule('5.2.5-d', 1529, 'correspondent node', 'Return the care-of init cookie in the Care-of Test.', capture),
  rule(
    '5.2.5-e',
    1450,
    'correspondent node',
    'Make a keygen token of the first 64 bits of HMAC_SHA1 over address, nonce and an octet that tells home from care-of.',
    machine(
      'The node key is not on the wire; our own correspondent makes its tokens so.',
      'test/codecs/mip6.test.ts: a keygen token is the first 64 bits of HMAC_SHA1 (Kcn, address | nonce | 0 or 1)',
    ),
  ),

  mustNot(
    '5.2.6-1',
    1653,
    'correspondent node',
    'Grant a binding that return routability authorised no more than MAX_RR_BINDING_LIFETIME, 420 s.',
    capture,
  ),
  rule(
    '5.2.6-a',
    1644,
    'any node',
    'Give the Binding Acknowledgement of a correspondent the Sequence Number of the Binding Update that it is for.',
    capture,
  ),
  may('5.2.6-2', 1659, 'mobile node', 'Name a care-of address other than the source in an Alternate Care-of Address option.', permission),
  must(
    '5.2.6-3',
    1661,
    'mobile node',
    'Test the address that the Alternate Care-of Address option registers with a correspondent, not the source of the packet.',
    capture,
  ),
  must(
    '5.2.6-4',
    1665,
    'mobile node',
    'Take nonce indices and authenticator of a Binding Update from the tests of the addresses that it registers.',
    capture,
  ),

  mustNot('5.2.7-1', 1687, 'correspondent node', 'Accept no nonce that was first used more than MAX_NONCE_LIFETIME, 240 s, ago.', capture),
  should(
    '5.2.7-2',
    1711,
    'correspondent node',
    'Change the node key together with a nonce.',
    unobservable(
      'When a node key changes is not on the wire: two tokens of one nonce and address that differ may as well stand for a restart.',
    ),
  ),
  may('5.2.7-3', 1716, 'mobile node', 'Use tokens beyond one run of the procedure, for MAX_TOKEN_LIFETIME.', permission),
  shouldNot('5.2.7-4', 1719, 'mobile node', 'Use no token that is older than MAX_TOKEN_LIFETIME, 210 s.', capture),
  may('5.2.7-5', 1720, 'mobile node', 'Keep a recent home keygen token after a move, and test the new care-of address alone.', permission),
  may('5.2.7-6', 1729, 'mobile node', 'Use one care-of keygen token for several home addresses.', permission),

  may('5.2.8-1', 1751, 'correspondent node', 'Invalidate the nonces of a deleted binding, where memory is short.', permission),

  must(
    '5.2.9-1',
    1766,
    'mobile node',
    'Send Home and Care-of Test Init to the home address of a correspondent that is mobile itself, never to its care-of address.',
    capture,
  ),
  must(
    '5.2.9-2',
    1770,
    'mobile node',
    'Send by way of the home agent once MAX_RO_FAILURE attempts at return routability went unanswered.',
    ownMachine('where nobody answers: both tests at 0, 1, 3 and 7 s, then data is left to the home agent (sections 5.2.9 and 11.8)'),
  ),
  should(
    '5.2.9-3',
    1775,
    'mobile node',
    'Wait ever longer between retransmissions of Home and Care-of Test Init.',
    sameAs('RFC6275-11.8-4'),
  ),
  may('5.2.9-4', 1783, 'mobile node', 'Go back to the tunnel while return routability is started again.', permission),
];
