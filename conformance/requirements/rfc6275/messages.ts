/** RFC 6275 section 6.1: the Mobility Header and the format of its messages. */
import { capture, live, may, must, mustNot, permission, rule, sameAs, should, shouldNot, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';
import { hiddenByIpsec, ignoredByOwn } from './reasons.ts';

export const messages: readonly Draft[] = [
  mustNot('6.1-1', 1874, 'any node', 'Send no mobility message but a Binding Acknowledgement with a type 2 routing header.', capture),
  mustNot('6.1-2', 1876, 'any node', 'Send no mobility message but a Binding Update with a Home Address option.', capture),
  mustNot(
    '6.1-3',
    1878,
    'any node',
    'Route mobility messages without regard to Binding Cache and Binding Update List.',
    sameAs('RFC6275-6.1-1'),
  ),

  should('6.1.1-1', 1920, 'any node', 'Set Payload Proto to 59, no next header.', capture),
  must('6.1.1-2', 1928, 'any node', 'Make the Mobility Header a whole multiple of 8 octets, all of them in the packet.', capture),
  must('6.1.1-3/1', 1939, 'any node', 'Send the Reserved field of the Mobility Header as 0.', capture),
  must('6.1.1-3/2', 1939, 'any node', 'Handle a message alike whatever the Reserved field of its Mobility Header holds.', ignoredByOwn),
  must(
    '6.1.1-4',
    1975,
    'any node',
    'Put the length of the whole Mobility Header into the pseudo-header of its checksum.',
    sameAs('RFC6275-6.1.1-a'),
  ),
  must(
    '6.1.1-5',
    1986,
    'any node',
    'Put mobility options after the fixed part of a message.',
    unobservable('What follows the fixed part is read as options, whatever it was meant to be.'),
  ),
  must('6.1.1-6', 1999, 'any node', 'Begin the Mobility Header on a multiple of 8 octets from the start of the packet.', capture),
  rule(
    '6.1.1-a',
    1945,
    'any node',
    'Compute the checksum over the pseudo-header of the home addresses, where the packet carries them, and the whole Mobility Header.',
    capture,
  ),
  rule('6.1.1-b', 1991, 'any node', 'Make a message at least as long as the fixed part of its type.', capture),

  must('6.1.2-1/1', 2035, 'correspondent node', 'Send the Reserved field of a Binding Refresh Request as 0.', capture),
  must('6.1.2-1/2', 2035, 'mobile node', 'Handle a Binding Refresh Request alike whatever its Reserved field holds.', ignoredByOwn),
  must('6.1.2-2', 2044, 'mobile node', 'Skip unknown options of a Binding Refresh Request.', ignoredByOwn),
  may('6.1.2-3', 2048, 'correspondent node', 'Add information to a Binding Refresh Request.', permission),
  should('6.1.2-a', 2055, 'correspondent node', 'Set Header Len of a Binding Refresh Request without options to 0.', capture),

  must('6.1.3-1/1', 2095, 'mobile node', 'Send the Reserved field of a Home Test Init as 0.', capture),
  must('6.1.3-1/2', 2095, 'correspondent node', 'Handle a Home Test Init alike whatever its Reserved field holds.', ignoredByOwn),
  must('6.1.3-2', 2107, 'correspondent node', 'Skip unknown options of a Home Test Init.', capture),
  should('6.1.3-3', 2116, 'mobile node', 'Protect the tunnel of a Home Test Init with ESP in tunnel mode.', capture),
  may('6.1.3-4', 2118, 'mobile node', 'Use protected tunnels for other traffic as well.', permission),
  should('6.1.3-a', 2112, 'mobile node', 'Set Header Len of a Home Test Init without options to 1.', capture),

  must('6.1.4-1/1', 2155, 'mobile node', 'Send the Reserved field of a Care-of Test Init as 0.', capture),
  must('6.1.4-1/2', 2155, 'correspondent node', 'Handle a Care-of Test Init alike whatever its Reserved field holds.', ignoredByOwn),
  must('6.1.4-2', 2168, 'correspondent node', 'Skip unknown options of a Care-of Test Init.', capture),
  should('6.1.4-a', 2173, 'mobile node', 'Set Header Len of a Care-of Test Init without options to 1.', capture),

  must('6.1.5-1', 2227, 'mobile node', 'Skip unknown options of a Home Test.', ignoredByOwn),
  should('6.1.5-a', 2232, 'correspondent node', 'Set Header Len of a Home Test without options to 2.', capture),

  must('6.1.6-1', 2303, 'mobile node', 'Skip unknown options of a Care-of Test.', ignoredByOwn),
  should('6.1.6-a', 2307, 'correspondent node', 'Set Header Len of a Care-of Test without options to 2.', capture),

  must(
    '6.1.7-1',
    2342,
    'mobile node',
    'Send a home registration to a router whose subnet prefix is that of the home address.',
    unobservable(
      'Which routers share the prefix of a home address is not on the wire; a home agent says by status 132 that it does not (10.3.1-6).',
    ),
  ),
  must('6.1.7-2', 2364, 'mobile node', 'Clear K in a Binding Update where IPsec is configured by hand.', hiddenByIpsec),
  must('6.1.7-3', 2368, 'mobile node', 'Clear K in every Binding Update that is no home registration.', capture),
  must(
    '6.1.7-4',
    2369,
    'correspondent node',
    'Handle a Binding Update alike whether K is set or not, as a correspondent.',
    live('Takes a mobile node that sets K in a Binding Update to a correspondent.'),
  ),
  must('6.1.7-5/1', 2374, 'mobile node', 'Send the unassigned bits of a Binding Update as 0.', capture),
  must('6.1.7-5/2', 2374, 'any node', 'Handle a Binding Update alike whatever its unassigned bits are.', ignoredByOwn),
  must(
    '6.1.7-6',
    2385,
    'any node',
    'Hold a binding for expired once the Lifetime of its Binding Update has passed.',
    sameAs('RFC6275-9.6-1'),
  ),
  must('6.1.7-7', 2386, 'any node', 'Delete the binding for which a Lifetime of zero is sent.', sameAs('RFC6275-9.5.3-1')),
  must('6.1.7-8', 2395, 'any node', 'Skip unknown options of a Binding Update.', capture),
  must('6.1.7-9', 2420, 'mobile node', 'Register a care-of address only if it is unicast and routable.', capture),
  must(
    '6.1.7-10',
    2421,
    'mobile node',
    'Send a Binding Update from an address that belongs to the link it is sent on.',
    unobservable('Which addresses are topologically correct on a link is not on the wire.'),
  ),
  must(
    '6.1.7-11',
    2422,
    'any node',
    'Discard a Binding Update for a care-of address that is no routable unicast address without an answer.',
    capture,
  ),
  must('6.1.7-12', 2425, 'mobile node', 'Ask for the deletion of a binding with a Lifetime of 0.', capture),
  shouldNot('6.1.7-13', 2430, 'correspondent node', 'Keep a binding for its lifetime while the mobile node is still talked to.', capture),
  should('6.1.7-a', 2415, 'mobile node', 'Pad a Binding Update without options by 4 octets, to Header Len 1.', capture),
  rule('6.1.7-b', 2401, 'mobile node', 'Carry Binding Authorization Data in every Binding Update to a correspondent.', capture),

  must('6.1.8-1', 2535, 'correspondent node', 'Clear K in a Binding Acknowledgement, as a correspondent.', capture),
  must('6.1.8-2/1', 2539, 'any node', 'Send the unassigned bits of a Binding Acknowledgement as 0.', capture),
  must('6.1.8-2/2', 2539, 'mobile node', 'Handle a Binding Acknowledgement alike whatever its unassigned bits are.', ignoredByOwn),
  should('6.1.8-3', 2551, 'any node', 'Keep a binding for the lifetime that was granted.', sameAs('RFC6275-6.1.7-13')),
  must('6.1.8-4', 2563, 'mobile node', 'Skip unknown options of a Binding Acknowledgement.', ignoredByOwn),
  may('6.1.8-5', 2567, 'any node', 'Add information to a Binding Acknowledgement.', permission),
  should('6.1.8-a', 2589, 'any node', 'Pad a Binding Acknowledgement without options by 4 octets, to Header Len 1.', capture),

  must('6.1.9-1/1', 2641, 'any node', 'Send the Reserved field of a Binding Error as 0.', capture),
  must(
    '6.1.9-1/2',
    2641,
    'mobile node',
    'Handle a Binding Error alike whatever its Reserved field holds.',
    live('Takes an endpoint that sets the Reserved field of a Binding Error.'),
  ),
  must(
    '6.1.9-2',
    2656,
    'mobile node',
    'Skip unknown options of a Binding Error.',
    live('Takes an endpoint that adds an unknown option to a Binding Error.'),
  ),
  may('6.1.9-3', 2658, 'any node', 'Add information to a Binding Error.', permission),
  should('6.1.9-a', 2666, 'any node', 'Set Header Len of a Binding Error without options to 2.', capture),
  rule('6.1.9-b', 2623, 'any node', 'Give a Binding Error the status 1 or 2.', capture),
];
