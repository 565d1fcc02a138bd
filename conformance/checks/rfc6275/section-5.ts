/** Sections 5.1 and 5.4: what IPsec protects between a mobile node and its home agent. What ESP hides is not seen at all, so these look at what travels in the clear. */
import { PASS } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import type { Sight } from '../../follow/mip6/sight.ts';
import { isAuthenticated } from './formats.ts';

/** Without a security association nothing of the protocol is broken yet: a warning that says what is missing. */
const protection = (sight: Sight, what: string): Judgement =>
  isAuthenticated(sight)
    ? PASS
    : {
        kind: 'warn',
        expected: 'ESP or AH',
        seen: 'neither',
        message: `${what} is sent without IPsec: whoever can forge the sender's address can forge it.`,
      };

export const section5: readonly AnyCheck[] = [
  check('RFC6275-5.1-1', 'BU', 'sender', ({ sight }, { message }) =>
    message.homeRegistration ? protection(sight, 'A Binding Update to the home agent') : undefined,
  ),
  check('RFC6275-5.1-1', 'BA', 'sender', ({ sight }, { update }) =>
    update?.message.homeRegistration === true ? protection(sight, 'The acknowledgement of a home registration') : undefined,
  ),
  ...['RFC6275-5.4-1', 'RFC6275-6.7-2/2'].map((requirement) =>
    check(requirement, 'MobilePrefixSolicitation', 'sender', ({ sight }) => protection(sight, 'A Mobile Prefix Solicitation')),
  ),
  ...['RFC6275-5.4-1', 'RFC6275-6.8-3/2'].map((requirement) =>
    check(requirement, 'MobilePrefixAdvertisement', 'sender', ({ sight }) => protection(sight, 'A Mobile Prefix Advertisement')),
  ),
];
