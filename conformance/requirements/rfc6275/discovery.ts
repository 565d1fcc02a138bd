/** RFC 6275 sections 6.5 to 6.8: home agent address discovery and mobile prefix messages. */
import { capture, must, mustNot, rule, sameAs, should, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';
import { ability, ignoredByOwn } from './reasons.ts';

export const discovery: readonly Draft[] = [
  must('6.5-1/1', 3219, 'mobile node', 'Send the Reserved field of a Home Agent Address Discovery Request as 0.', capture),
  must(
    '6.5-1/2',
    3219,
    'home agent',
    'Handle a Home Agent Address Discovery Request alike whatever its Reserved field holds.',
    ignoredByOwn,
  ),
  must('6.5-2', 3228, 'home agent', 'Send the Home Agent Address Discovery Reply to the source of the request.', capture),
  rule('6.5-a', 3205, 'mobile node', 'Give a Home Agent Address Discovery Request the code 0.', capture),
  rule('6.5-b', 3209, 'mobile node', 'Give a Home Agent Address Discovery Request the checksum of ICMPv6.', capture),
  rule(
    '6.5-c',
    3179,
    'mobile node',
    'Send a Home Agent Address Discovery Request to the Home-Agents anycast address of the home subnet.',
    capture,
  ),

  must('6.6-1/1', 3290, 'home agent', 'Send the reserved bits of a Home Agent Address Discovery Reply as 0.', capture),
  must(
    '6.6-1/2',
    3290,
    'mobile node',
    'Handle a Home Agent Address Discovery Reply alike whatever its Reserved field holds.',
    ignoredByOwn,
  ),
  rule('6.6-a', 3277, 'home agent', 'Give a Home Agent Address Discovery Reply the code 0.', capture),
  rule('6.6-b', 3281, 'home agent', 'Give a Home Agent Address Discovery Reply the checksum of ICMPv6.', capture),
  rule('6.6-c', 3285, 'home agent', 'Copy the identifier of the request into the Home Agent Address Discovery Reply.', capture),
  rule('6.6-d', 3297, 'home agent', 'Fill a Home Agent Address Discovery Reply to its end with whole addresses.', capture),

  must('6.7-1', 3348, 'mobile node', 'Carry the home address of a Mobile Prefix Solicitation in a Home Address option.', capture),
  must('6.7-2/1', 3352, 'mobile node', 'Support IPsec for Mobile Prefix Solicitations.', ability),
  should('6.7-2/2', 3352, 'mobile node', 'Use IPsec for a Mobile Prefix Solicitation.', capture),
  must('6.7-3/1', 3386, 'mobile node', 'Send the Reserved field of a Mobile Prefix Solicitation as 0.', capture),
  must('6.7-3/2', 3386, 'home agent', 'Handle a Mobile Prefix Solicitation alike whatever its Reserved field holds.', ignoredByOwn),
  must('6.7-4', 3389, 'mobile node', 'Format the options of a Mobile Prefix Solicitation as Neighbor Discovery does.', capture),
  must('6.7-5', 3393, 'home agent', 'Skip unknown options of a Mobile Prefix Solicitation.', ignoredByOwn),
  rule('6.7-a', 3373, 'mobile node', 'Give a Mobile Prefix Solicitation the code 0.', capture),
  rule('6.7-b', 3377, 'mobile node', 'Give a Mobile Prefix Solicitation the checksum of ICMPv6.', capture),
  rule('6.7-c', 3333, 'mobile node', 'Send a Mobile Prefix Solicitation from the care-of address.', capture),

  should(
    '6.8-1',
    3434,
    'home agent',
    'Send an unsolicited Mobile Prefix Advertisement to the care-of address of the mobile node.',
    capture,
  ),
  must('6.8-2', 3440, 'home agent', 'Send a Mobile Prefix Advertisement with a type 2 routing header.', capture),
  must('6.8-3/1', 3444, 'home agent', 'Support IPsec for Mobile Prefix Advertisements.', ability),
  should('6.8-3/2', 3444, 'home agent', 'Use IPsec for a Mobile Prefix Advertisement.', capture),
  must('6.8-4/1', 3501, 'home agent', 'Send the Reserved field of a Mobile Prefix Advertisement as 0.', capture),
  must('6.8-4/2', 3501, 'mobile node', 'Handle a Mobile Prefix Advertisement alike whatever its Reserved field holds.', ignoredByOwn),
  must('6.8-5', 3504, 'home agent', 'Format the options of a Mobile Prefix Advertisement as Neighbor Discovery does.', capture),
  must('6.8-6', 3508, 'mobile node', 'Skip unknown options of a Mobile Prefix Advertisement.', ignoredByOwn),
  must(
    '6.8-7',
    3520,
    'home agent',
    'Send home network prefixes in the Prefix Information option that has the Router Address bit.',
    sameAs('RFC6275-6.8-a'),
  ),
  must(
    '6.8-8',
    3524,
    'home agent',
    'Copy the Identifier of the solicitation into the Mobile Prefix Advertisement that answers it.',
    capture,
  ),
  mustNot('6.8-9', 3535, 'home agent', 'Send a mobile node no more than one Mobile Prefix Advertisement a second.', capture),
  must(
    '6.8-10',
    3538,
    'home agent',
    'Clear M and O in a Mobile Prefix Advertisement where mobile nodes are not served by DHCPv6.',
    unobservable('Whether a home agent supports DHCPv6 is not on the wire.'),
  ),
  rule('6.8-a', 3513, 'home agent', 'Carry at least one Prefix Information option in a Mobile Prefix Advertisement.', capture),
  rule('6.8-b', 3455, 'home agent', 'Give a Mobile Prefix Advertisement the code 0.', capture),
  rule('6.8-c', 3459, 'home agent', 'Give a Mobile Prefix Advertisement the checksum of ICMPv6.', capture),
];
