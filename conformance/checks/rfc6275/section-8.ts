/** Section 8: of what each type of node needs, what other sections do not say. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { routerAddressesOf } from '../../follow/mip6/network.ts';

export const section8: readonly AnyCheck[] = [
  check('RFC6275-8.3-5', 'RouterAdvertisement', 'sender', (_, { message }) => {
    if (message.homeAgent) return undefined;
    return routerAddressesOf(message.options).length > 0
      ? PASS
      : broken('a Prefix Information option with R', 'none', 'A router that helps mobile nodes along does not tell its global address.');
  }),
  check('RFC6275-8.4-11/2', 'MobilePrefixAdvertisement', 'sender', (_, { question }) => (question === undefined ? undefined : PASS)),
  check('RFC6275-8.4-11/2', 'MobilePrefixSolicitation', 'peer', (_, { question }) =>
    question.attempt === 0
      ? undefined
      : inconclusive('a Mobile Prefix Solicitation is repeated without an answer: whether it arrived is not shown'),
  ),
];
