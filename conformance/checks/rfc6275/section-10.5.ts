/** RFC 6275 sections 10.5 and 10.6: home agents that are discovered, and prefixes that are told to a mobile node. */
import { PASS, broken } from '../../follow/evidence.ts';
import { check, ifComplete } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { addressOf, isRoutable } from '../../follow/mip6/sight.ts';
import { SLACK } from './terms.ts';

/** Section 12, in ms and times. */
const PREFIX_ADV_TIMEOUT = 3000;
const PREFIX_ADV_RETRIES = 3;
/** RFC 8200 section 5. */
const MINIMUM_MTU = 1280;
/** The Home Agents anycast address of a prefix (RFC 2526): its interface identifier ends so. */
const ANYCAST = /:f[cd]ff:ffff:ffff:fffe$/;

export const section105: readonly AnyCheck[] = [
  check('RFC6275-10.5.1-4', 'HaadReply', 'sender', ({ sight }) =>
    isRoutable(sight.source) && !ANYCAST.test(sight.source)
      ? PASS
      : broken(
          'a global unicast address of the home agent',
          sight.source,
          'A Home Agent Address Discovery Reply comes from another kind of address.',
        ),
  ),
  check('RFC6275-10.5.1-6', 'HaadReply', 'sender', ({ network }, { message }) => {
    const preferences = message.homeAgentAddresses.map((each) => network.preferenceOf(addressOf(each)));
    const known = preferences.filter((each) => each !== undefined);
    if (known.length < 2) return undefined;
    const isSorted = known.every((each, index) => index === 0 || each <= known[index - 1]!);
    return isSorted
      ? PASS
      : broken(
          'decreasing preference',
          known.join(', '),
          'A Home Agent Address Discovery Reply does not list home agents by their preference.',
        );
  }),
  check('RFC6275-10.5.1-9', 'HaadReply', 'sender', ({ sight }) => {
    const octets = sight.packet.payloadLength + 40;
    return octets <= MINIMUM_MTU
      ? PASS
      : broken(`at most ${MINIMUM_MTU} octets`, `${octets}`, 'A Home Agent Address Discovery Reply is larger than the minimum MTU.');
  }),
  check('RFC6275-10.6.2-1', 'MobilePrefixAdvertisement', 'peer', (_, { question }) => (question === undefined ? undefined : PASS)),
  check('RFC6275-10.6.2-1', 'MobilePrefixSolicitation', 'peer', ({ sight, node, isAt }, { question }) => {
    if (question.attempt === 0 || !isAt(sight.to) || node?.atHomeAgent?.binding === undefined) return undefined;
    return broken('a Mobile Prefix Advertisement', 'none', 'A Mobile Prefix Solicitation that arrived is not answered: it is sent again.');
  }),
  check('RFC6275-10.6.2-6', 'MobilePrefixAdvertisement', 'peer', (_, { question, unsolicited }) => {
    if (question !== undefined || unsolicited === undefined || unsolicited.attempt === 0) return undefined;
    const { attempt, interval = 0, intervalBefore } = unsolicited;
    const due = intervalBefore === undefined ? PREFIX_ADV_TIMEOUT : 2 * intervalBefore;
    if (attempt <= PREFIX_ADV_RETRIES && interval >= 0.9 * due) return PASS;
    return ifComplete(
      attempt > PREFIX_ADV_RETRIES
        ? broken(
            `at most ${PREFIX_ADV_RETRIES} retransmissions`,
            `${attempt}`,
            'An unsolicited Mobile Prefix Advertisement is repeated too often.',
          )
        : broken(`${due} ms`, `${Math.round(interval)} ms`, 'An unsolicited Mobile Prefix Advertisement is repeated too soon.'),
    );
  }),
  check('RFC6275-10.6.2-7', 'MobilePrefixAdvertisement', 'peer', ({ sight, node }, { question, unsolicited }) => {
    const binding = node?.atHomeAgent?.binding;
    if (question !== undefined || (unsolicited?.attempt ?? 0) === 0 || binding === undefined) return undefined;
    if (sight.time < binding.time + binding.lifetime + SLACK) return PASS;
    return ifComplete(
      broken(
        'none',
        'a Mobile Prefix Advertisement',
        'A Mobile Prefix Advertisement is repeated after the binding of the mobile node expired.',
        [binding.frame],
      ),
    );
  }),
  check('RFC6275-10.6.3-2', 'MobilePrefixAdvertisement', 'peer', ({ sight, node }) => {
    const agent = node?.atHomeAgent;
    if (agent?.binding === undefined) return undefined;
    if (sight.from === agent.address) return PASS;
    return ifComplete(
      broken(
        agent.address,
        sight.from,
        'A Mobile Prefix Advertisement does not come from the address to which the mobile node registered.',
        [agent.binding.frame],
      ),
    );
  }),
  check('RFC6275-10.6.3-3', 'MobilePrefixAdvertisement', 'peer', ({ sight }, { question }) => {
    if (question === undefined) return undefined;
    if (sight.destination === question.source) return PASS;
    return broken(question.source, sight.destination, 'A Mobile Prefix Advertisement does not go to the source of the solicitation.', [
      question.frame,
    ]);
  }),
];
