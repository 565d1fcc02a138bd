/** RFC 6275 sections 13, 15 and appendix B: configuration, key management, and what changed since RFC 3775. */
import { must, mustNot, sameAs, should } from '../define.ts';
import type { Draft } from '../define.ts';
import { configured, hiddenByIpsec } from './reasons.ts';

export const variables: readonly Draft[] = [
  must(
    '13-1',
    7959,
    'any node',
    'Let home agents set MaxMobPfxAdvInterval, MinDelayBetweenRAs and MinMobPfxAdvInterval, and mobile nodes InitialBindackTimeoutFirstReg.',
    configured,
  ),
  should('13-2', 7971, 'router', 'Set MinDelayBetweenRAs to MinRtrAdvInterval where that is below 3 s.', configured),

  should('15.3-1', 8481, 'any node', 'Use IKEv2 where frequent movement makes replays possible.', hiddenByIpsec),
  should('15.3-2', 8490, 'any node', 'Use IKEv2 where home agents may lose their state.', hiddenByIpsec),

  should(
    'B-1',
    9344,
    'mobile node',
    'Store the list of home agents in case the current one becomes unavailable.',
    sameAs('RFC6275-11.4.1-6'),
  ),
  must(
    'B-2',
    9361,
    'mobile node',
    'Tell the home agent by a Binding Update, back at home, to intercept no longer.',
    sameAs('RFC6275-11.5.5-1'),
  ),
  mustNot(
    'B-3',
    9364,
    'mobile node',
    'Use the home address on the home link only after the deletion was sent.',
    sameAs('RFC6275-11.5.5-2'),
  ),
  should('B-4', 9401, 'mobile node', 'Send a Binding Update to a home agent that sent a Binding Error.', sameAs('RFC6275-11.3.6-2')),
];
