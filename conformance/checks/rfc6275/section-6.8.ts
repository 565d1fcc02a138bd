/** Section 6.8, Mobile Prefix Advertisement. */
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, unless } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { checksumOf, codeOf, reservedOf } from './mobile-icmp.ts';

const MOBILE_PREFIX_ADVERTISEMENT = 147;
/** At most one Mobile Prefix Advertisement in this time, in ms; what a queue can shorten it by on the way. */
const SECOND = 1000;
const JITTER = 50;

export const section68: readonly AnyCheck[] = [
  check('RFC6275-6.8-1', 'MobilePrefixAdvertisement', 'sender', ({ sight, node }, { question, near }) => {
    if (question !== undefined || near !== undefined || node?.careOf === undefined) return undefined;
    return sight.destination === node.careOf
      ? PASS
      : broken(
          node.careOf,
          sight.destination,
          'An unsolicited Mobile Prefix Advertisement does not go to the care-of address of the mobile node.',
        );
  }),
  check('RFC6275-6.8-2', 'MobilePrefixAdvertisement', 'sender', ({ sight }) =>
    sight.hasRouting ? PASS : broken('a type 2 routing header', 'none', 'A Mobile Prefix Advertisement has no type 2 routing header.'),
  ),
  reservedOf('RFC6275-6.8-4/1', 'MobilePrefixAdvertisement'),
  check('RFC6275-6.8-5', 'MobilePrefixAdvertisement', 'sender', (_, { message }) => (message.options.length > 0 ? PASS : undefined)),
  check('RFC6275-6.8-5', 'malformedIcmp', 'sender', (_, { type, error }) =>
    type === MOBILE_PREFIX_ADVERTISEMENT
      ? broken('options of Neighbor Discovery', error.message, `A Mobile Prefix Advertisement cannot be read: ${error.message}.`)
      : undefined,
  ),
  check('RFC6275-6.8-8', 'MobilePrefixAdvertisement', 'sender', ({ sight }, { message, question, near }): Judgement => {
    if (question !== undefined) return PASS;
    if (near === undefined || near.source !== sight.destination) return undefined;
    return unless(
      broken(
        `Identifier ${near.identifier}`,
        `Identifier ${message.identifier}`,
        'The Identifier of the Mobile Prefix Advertisement is not that of the solicitation.',
        [near.frame],
      ),
      () => near.isAnswered,
      'But the other question was answered, too: one with this identifier may be missing from the capture.',
    );
  }),
  check('RFC6275-6.8-9', 'MobilePrefixAdvertisement', 'sender', ({ sight }, { before }) => {
    // One that was held up on its way may have the next one at its heels.
    if (before === undefined || before.isLate) return undefined;
    const since = sight.time - before.time;
    return since >= SECOND - JITTER
      ? PASS
      : broken(
          'one a second',
          `two within ${since.toFixed(0)} ms`,
          'Two Mobile Prefix Advertisements go to a mobile node within a second.',
          [before.frame],
        );
  }),
  check('RFC6275-6.8-a', 'MobilePrefixAdvertisement', 'sender', (_, { message }) =>
    message.options.some(({ kind }) => kind === 'PrefixInformation')
      ? PASS
      : broken('a Prefix Information option', 'none', 'A Mobile Prefix Advertisement advertises no prefix.'),
  ),
  codeOf('RFC6275-6.8-b', 'MobilePrefixAdvertisement'),
  checksumOf('RFC6275-6.8-c', 'MobilePrefixAdvertisement'),
];
