/** RFC 6275 sections 11.1 to 11.3: a mobile node's list, its packets, and the errors it gets. */
import { capture, live, may, must, mustNot, permission, sameAs, should, shouldNot, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';
import { heading, hiddenByIpsec, keptInside, ownHost, ownMachine, seenInside } from './reasons.ts';

export const mobileNode: readonly Draft[] = [
  must(
    '11.1-1',
    6011,
    'mobile node',
    'Keep a list of the Binding Updates that were sent.',
    ownMachine(
      'on a good path: tests in parallel, one Binding Update, one Binding Acknowledgement; refreshed before it ends; taken back at home',
    ),
  ),
  may('11.1-2', 6022, 'mobile node', 'Implement the Binding Update List in any manner that looks the same from outside.', permission),
  must('11.1-3', 6041, 'mobile node', 'Delete an entry of the Binding Update List once its lifetime has passed.', keptInside),
  must('11.1-4', 6056, 'mobile node', 'Compare Sequence Numbers of the Binding Update List modulo 2**16.', sameAs('RFC6275-11.7.2-18')),

  must('11.2-1', 6116, 'mobile node', 'Observe the rules for Mobility Headers as a mobile node.', heading),

  may('11.3.1-1', 6124, 'mobile node', 'Choose among home and care-of addresses for the source of a packet.', permission),
  must(
    '11.3.1-2',
    6130,
    'mobile node',
    'Keep the home address for transport connections that began at home.',
    live('Takes a transport connection that is open while the mobile node moves.'),
  ),
  should(
    '11.3.1-3',
    6133,
    'mobile node',
    'Use the home address for connections that may outlast a movement.',
    unobservable('Which connections will outlast a movement is not on the wire.'),
  ),
  should('11.3.1-4', 6136, 'mobile node', 'Send straight to a correspondent that has a binding.', capture),
  must('11.3.1-5', 6138, 'mobile node', 'Send through the reverse tunnel to a correspondent that has no binding.', capture),
  may('11.3.1-6', 6141, 'mobile node', 'Use a care-of address as the source, without a Home Address option.', permission),
  mustNot('11.3.1-7', 6173, 'mobile node', 'Use no Home Address option towards link-local peers.', capture),
  mustNot('11.3.1-8', 6177, 'mobile node', 'Use no Home Address option in Neighbor Discovery.', capture),
  should(
    '11.3.1-9',
    6204,
    'mobile node',
    'Look for an entry of the Binding Update List that fits the destination.',
    sameAs('RFC6275-11.3.1-4'),
  ),
  must(
    '11.3.1-10',
    6235,
    'mobile node',
    'Send with a Home Address option from the care-of address that is registered with the correspondent.',
    capture,
  ),
  must(
    '11.3.1-11',
    6257,
    'mobile node',
    'Send with a Home Address option only from an address of the interface that is used.',
    unobservable('Which addresses an interface has is not on the wire.'),
  ),

  must('11.3.2-1', 6306, 'mobile node', 'Process IPsec with the effect that the sections describe.', hiddenByIpsec),
  must(
    '11.3.2-2',
    6354,
    'mobile node',
    'Insert the Home Address option behind the routing header and before AH or ESP.',
    sameAs('RFC6275-6.3-5'),
  ),
  must(
    '11.3.2-3',
    6367,
    'mobile node',
    'Compute AH as if home address and care-of address were exchanged in the packet that is sent.',
    hiddenByIpsec,
  ),
  must(
    '11.3.2-4',
    6402,
    'mobile node',
    'Use the care-of address for key management when away from home.',
    unobservable('Key management is no protocol that is followed here.'),
  ),

  must(
    '11.3.3-1',
    6430,
    'mobile node',
    'Check that a tunneled packet comes from the home agent.',
    ownHost(
      'what is tunneled is taken from the home agent alone, and at a care-of address; it begins a correspondent registration (sections 11.3.3 and 11.7.2)',
    ),
  ),
  must(
    '11.3.3-2',
    6435,
    'mobile node',
    'Process the inner packet of the tunnel as if it had come to the home address.',
    ownHost(
      'what is tunneled is taken from the home agent alone, and at a care-of address; it begins a correspondent registration (sections 11.3.3 and 11.7.2)',
    ),
  ),
  must(
    '11.3.3-3',
    6460,
    'mobile node',
    'Discard a packet whose type 2 routing header fails a check without a word.',
    ownHost('a Binding Acknowledgement with %s changes nothing (sections 11.3.3 and 11.7.3)'),
  ),

  may('11.3.4-1', 6512, 'mobile node', 'Join a group by way of a multicast router of the foreign link.', permission),
  mustNot('11.3.4-2', 6514, 'mobile node', 'Send MLD packets on a foreign link without a Home Address option.', capture),
  may('11.3.4-3', 6518, 'mobile node', 'Join a group through the tunnel to the home agent.', permission),
  mustNot(
    '11.3.4-4',
    6522,
    'mobile node',
    'Tunnel no group membership message before a binding exists and the home agent has sent one.',
    capture,
  ),
  should('11.3.4-5', 6526, 'mobile node', 'Assume that the home agent keeps supporting groups while the binding lasts.', seenInside),
  mustNot(
    '11.3.4-6',
    6540,
    'mobile node',
    'Send multicast packets on the foreign link without a Home Address option.',
    sameAs('RFC6275-11.3.4-2'),
  ),
  must('11.3.4-7', 6561, 'mobile node', 'Use the home address as the source of a multicast packet that is tunneled.', capture),

  shouldNot(
    '11.3.5-1',
    6597,
    'mobile node',
    'Send no more Binding Updates to a node that answered with Parameter Problem, code 1.',
    capture,
  ),
  should(
    '11.3.5-2',
    6600,
    'mobile node',
    'Remove the record of such a node after a while.',
    ownHost('a correspondent that does not know the Mobility Header is not asked again for ten minutes (sections 11.3.5 and 11.6.2)'),
  ),
  mustNot('11.3.5-3', 6604, 'mobile node', 'Create no entry of the Binding Update List because of an ICMP error.', keptInside),
  must(
    '11.3.5-4',
    6615,
    'correspondent node',
    'Process packets with a Home Address option once one took part in return routability.',
    sameAs('RFC6275-9.3.1-4'),
  ),
  should('11.3.5-5', 6619, 'mobile node', 'Log and discard a Parameter Problem of code 2 about the Home Address option.', seenInside),

  must(
    '11.3.6-1',
    6628,
    'mobile node',
    'Ignore a Binding Error from a node that is not in the Binding Update List.',
    ownHost('a Binding Error from the home agent is answered with a Binding Update; one from a stranger is ignored (section 11.3.6)'),
  ),
  should(
    '11.3.6-2',
    6637,
    'mobile node',
    'Register again with a home agent that sent a Binding Error of status 1.',
    ownHost('a Binding Error from the home agent is answered with a Binding Update; one from a stranger is ignored (section 11.3.6)'),
  ),
  may('11.3.6-3', 6641, 'mobile node', 'Ignore a Binding Error while upper layers make progress.', permission),
  must(
    '11.3.6-4',
    6647,
    'mobile node',
    'Go back to the home agent after a Binding Error of status 1.',
    live('Takes a correspondent that loses its binding; a mobile node whose upper layers make progress may go on.'),
  ),
  may('11.3.6-5', 6649, 'mobile node', 'Start return routability after a Binding Error.', permission),
  should(
    '11.3.6-6',
    6655,
    'mobile node',
    'Ignore a Binding Error of status 2 when nothing is expected of the correspondent.',
    ownHost(
      'status 2 from a correspondent that was asked something ends the attempt; from one that was not it is ignored (section 11.3.6)',
    ),
  ),
  should(
    '11.3.6-7',
    6659,
    'mobile node',
    'Cease to use extensions after a Binding Error of status 2.',
    ownHost(
      'status 2 from a correspondent that was asked something ends the attempt; from one that was not it is ignored (section 11.3.6)',
    ),
  ),
];
