/** RFC 6275 sections 4, 5.1, 5.4 and 5.5: addresses, and what IPsec protects between a mobile node and its home agent. Section 5.2 comes between. */
import { capture, may, must, permission, sameAs, should, shouldNot, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';
import { ability, configured, hiddenByIpsec, ownHost } from './reasons.ts';

export const basics: readonly Draft[] = [
  must('4.6-1/1', 1081, 'mobile node', 'Use as a home address only one that is unicast and routable.', sameAs('RFC6275-6.3-2')),
  must('4.6-1/2', 1081, 'mobile node', 'Use as a care-of address only one that is unicast and routable.', sameAs('RFC6275-6.1.7-9')),
  shouldNot(
    '4.6-2',
    1094,
    'mobile node',
    'Take no unique-local address for a home or care-of address while there is another choice.',
    unobservable('Whether there was another address to choose is not on the wire.'),
  ),

  must(
    '5.1-1',
    1129,
    'any node',
    'Protect Binding Updates to the home agent, and their acknowledgements, with an IPsec security association.',
    capture,
  ),
  must('5.1-2/1', 1131, 'any node', 'Support ESP in transport mode between mobile node and home agent.', ability),
  should('5.1-2/2', 1131, 'any node', 'Use ESP in transport mode for the messages of a home registration.', sameAs('RFC6275-5.1-1')),
  must('5.1-2/3', 1131, 'any node', 'Authenticate the messages of a home registration with an algorithm other than NULL.', hiddenByIpsec),
  must(
    '5.1-3',
    1143,
    'home agent',
    'Check that the home address of a Binding Update was used with the security association that belongs to it.',
    ownHost('%s: silence (sections 5.1 and 9.5.1)'),
  ),
  must('5.1-4', 1155, 'any node', 'Let security associations be configured by hand.', configured),
  must('5.1-5/1', 1156, 'any node', 'Use shared secrets that are random and differ from mobile node to mobile node.', hiddenByIpsec),
  must(
    '5.1-5/2',
    1156,
    'any node',
    'Hand shared secrets to mobile nodes outside the network.',
    unobservable('How a secret reached the mobile node is not on the wire.'),
  ),
  may('5.1-6', 1158, 'any node', 'Support key management with IKEv2.', permission),
];

/** Sections 5.4 and 5.5. */
export const protection: readonly Draft[] = [
  should('5.4-1', 1808, 'any node', 'Protect Mobile Prefix Solicitations and Advertisements with an IPsec security association.', capture),
  must('5.4-2/1', 1810, 'any node', 'Support ESP in transport mode for prefix discovery.', ability),
  should(
    '5.4-2/2',
    1810,
    'any node',
    'Use ESP with authentication for Mobile Prefix Solicitations and Advertisements.',
    sameAs('RFC6275-5.4-1'),
  ),

  may('5.5-1', 1859, 'any node', 'Support ESP for all traffic that goes through the home agent.', permission),
  must(
    '5.5-2',
    1860,
    'any node',
    'Support the protection of payload where group membership or stateful address configuration goes through the tunnel.',
    ability,
  ),
];
