/** RFC 6275 section 11.4: how a mobile node finds home agents and the prefixes of its home link. */
import { capture, live, may, must, mustNot, permission, sameAs, should, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';
import { ability, heading, ownHost, ownLab, seenInside } from './reasons.ts';

export const discovering: readonly Draft[] = [
  may('11.4.1-1', 6684, 'mobile node', 'Discover home agents when none is known.', permission),
  may('11.4.1-2', 6693, 'mobile node', 'Register with any home agent of the reply.', permission),
  may('11.4.1-3', 6696, 'mobile node', 'Try the home agents of the reply in turn.', permission),
  must('11.4.1-4', 6700, 'mobile node', 'Wait at least InitialBindackTimeoutFirstReg before the next home agent is tried.', capture),
  should('11.4.1-5', 6703, 'mobile node', 'Try home agents in the order of the reply.', capture),
  should(
    '11.4.1-6',
    6706,
    'mobile node',
    'Store the list of home agents for later use.',
    ownLab(
      'its home agent fails: Binding Updates at 1.5 s, doubled up to 32 s, then the next home agent serves it, and the binding is that of where it is (sections 11.7.1 and 11.8)',
    ),
  ),
  may('11.4.1-7', 6709, 'mobile node', 'Store the list of home agents where it survives a restart.', permission),
  must('11.4.1-8', 6713, 'mobile node', 'Try a new registration first with the home agent that one is registered with.', capture),
  should(
    '11.4.1-9',
    6716,
    'mobile node',
    'Try another home agent when a registration fails.',
    ownLab(
      'its home agent fails: Binding Updates at 1.5 s, doubled up to 32 s, then the next home agent serves it, and the binding is that of where it is (sections 11.7.1 and 11.8)',
    ),
  ),
  may('11.4.1-10', 6727, 'mobile node', 'Discover home agents when no other is known.', permission),
  may('11.4.1-11', 6731, 'mobile node', 'Send a Home Agent Address Discovery Request again when nothing answers it.', permission),
  may('11.4.1-12', 6736, 'mobile node', 'Repeat a Home Agent Address Discovery Request DHAAD_RETRIES times.', permission),
  must(
    '11.4.1-13',
    6737,
    'mobile node',
    'Wait twice as long before each retransmission of a Home Agent Address Discovery Request.',
    capture,
  ),

  should(
    '11.4.2-1',
    6742,
    'mobile node',
    'Solicit prefixes before a home address becomes invalid.',
    live('Takes a home prefix that is about to become invalid.'),
  ),
  must(
    '11.4.2-2',
    6749,
    'mobile node',
    "Carry one's home address in a Home Address option when prefixes are solicited.",
    sameAs('RFC6275-6.7-1'),
  ),
  must('11.4.2-3/1', 6750, 'mobile node', 'Support IPsec when prefixes are solicited.', ability),
  should('11.4.2-3/2', 6750, 'mobile node', 'Use IPsec when prefixes are solicited.', sameAs('RFC6275-6.7-2/2')),
  must(
    '11.4.2-4',
    6751,
    'mobile node',
    'Choose the Identifier of a Mobile Prefix Solicitation at random.',
    unobservable('Chance is not seen in a single number.'),
  ),
  must('11.4.2-5', 6754, 'mobile node', 'Bind with other nodes for no longer than the home registration has left.', capture),
  should('11.4.2-6', 6757, 'mobile node', 'Bind for no longer than the home prefix is valid.', capture),
  must(
    '11.4.2-7',
    6761,
    'mobile node',
    'Tell correspondents when the lifetime of the home prefix becomes shorter than their bindings.',
    live('Takes a home prefix whose lifetime is cut short.'),
  ),

  must('11.4.3-1', 6792, 'mobile node', 'Validate a Mobile Prefix Advertisement by the test that follows.', heading),
  should('11.4.3-2', 6798, 'mobile node', 'Expect a Mobile Prefix Advertisement from the home agent whose address is stored.', seenInside),
  mustNot('11.4.3-3', 6800, 'mobile node', 'Accept no Mobile Prefix Advertisement before a home agent is known.', seenInside),
  must('11.4.3-4', 6804, 'home agent', 'Expect a type 2 routing header in a Mobile Prefix Advertisement.', sameAs('RFC6275-6.8-2')),
  must(
    '11.4.3-5',
    6813,
    'mobile node',
    'Discard a Mobile Prefix Advertisement whose Identifier is not that of a solicitation.',
    ownHost('status 1: asks for the prefixes, and does not register again before it has them (sections 11.4.2, 11.4.3 and 11.7.1)'),
  ),
  should('11.4.3-6', 6814, 'mobile node', 'Solicit prefixes after an unsolicited Mobile Prefix Advertisement.', capture),
  must(
    '11.4.3-7',
    6817,
    'mobile node',
    'Discard any Mobile Prefix Advertisement that does not meet these tests.',
    ownHost('status 1: asks for the prefixes, and does not register again before it has them (sections 11.4.2, 11.4.3 and 11.7.1)'),
  ),
  must(
    '11.4.3-8',
    6820,
    'mobile node',
    'Process an accepted Mobile Prefix Advertisement as a router advertisement of the home link.',
    seenInside,
  ),
];
