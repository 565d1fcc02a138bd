/** Sections 6.5 to 6.8: the ICMPv6 messages of home agent address discovery and of mobile prefixes. */
import { decodeNeighborOptions } from '../../../codecs/mip6/neighbor-option.ts';
import { endpointsOf } from '../../../codecs/mip6/index.ts';
import { icmpv6Checksum } from '../../../codecs/packet/index.ts';
import { toHex } from '../../../codecs/bytes.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, ifComplete } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { zero } from './section-6.1.ts';

const MOBILE_PREFIX_ADVERTISEMENT = 147;
/** At most one Mobile Prefix Advertisement in this time, in ms; what a queue can shorten it by on the way. */
const SECOND = 1000;
const JITTER = 50;

type Event = 'HaadRequest' | 'HaadReply' | 'MobilePrefixSolicitation' | 'MobilePrefixAdvertisement';

const NAMES: Readonly<Record<Event, string>> = {
  HaadRequest: 'Home Agent Address Discovery Request',
  HaadReply: 'Home Agent Address Discovery Reply',
  MobilePrefixSolicitation: 'Mobile Prefix Solicitation',
  MobilePrefixAdvertisement: 'Mobile Prefix Advertisement',
};

/** The code is 0. */
const codeOf = (requirement: string, event: Event): AnyCheck =>
  check(requirement, event, 'sender', (_, { message: { code } }) =>
    code === 0 ? PASS : broken('code 0', `code ${code}`, `A ${NAMES[event]} has a code.`),
  );

/** The checksum is that of ICMPv6, over the addresses that the upper layer sees. */
const checksumOf = (requirement: string, event: Event): AnyCheck =>
  check(requirement, event, 'sender', ({ sight: { packet } }, { message, octets }) => {
    const { source, destination } = endpointsOf(packet);
    const expected = icmpv6Checksum(source, destination, octets);
    return message.checksum === expected
      ? PASS
      : broken(`0x${expected.toString(16)}`, `0x${message.checksum.toString(16)}`, `The checksum of a ${NAMES[event]} is wrong.`);
  });

const reservedOf = (requirement: string, event: Event): AnyCheck =>
  check(requirement, event, 'sender', (_, { message }) => zero(message.reserved, `The Reserved field of a ${NAMES[event]}`));

/** The interface identifier of the Mobile IPv6 Home-Agents anycast address: identifier 126 below all ones (RFC 2526), for 64-bit prefixes with the universal bit clear. */
const isHomeAgents = (address: Uint8Array): boolean =>
  address[15] === 0xfe && (address[8] === 0xfd || address[8] === 0xff) && address.subarray(9, 15).every((octet) => octet === 0xff);

const frames = (question: { readonly frame: number }): readonly number[] => [question.frame];

export const section65: readonly AnyCheck[] = [
  reservedOf('RFC6275-6.5-1/1', 'HaadRequest'),
  check('RFC6275-6.5-2', 'HaadReply', 'sender', ({ sight }, { message, question, near }): Judgement => {
    if (question !== undefined) return PASS;
    if (near === undefined || near.identifier !== message.identifier) return undefined;
    return ifComplete(
      broken(
        near.source,
        sight.destination,
        'The Home Agent Address Discovery Reply does not go to the source of the request.',
        frames(near),
      ),
    );
  }),
  codeOf('RFC6275-6.5-a', 'HaadRequest'),
  checksumOf('RFC6275-6.5-b', 'HaadRequest'),
  check('RFC6275-6.5-c', 'HaadRequest', 'sender', ({ sight }) =>
    isHomeAgents(sight.packet.destination)
      ? PASS
      : broken(
          'the Home-Agents anycast address of the home subnet',
          sight.destination,
          'A Home Agent Address Discovery Request goes to an address that is no Home-Agents anycast address.',
        ),
  ),
];

export const section66: readonly AnyCheck[] = [
  reservedOf('RFC6275-6.6-1/1', 'HaadReply'),
  codeOf('RFC6275-6.6-a', 'HaadReply'),
  checksumOf('RFC6275-6.6-b', 'HaadReply'),
  check('RFC6275-6.6-c', 'HaadReply', 'sender', ({ sight }, { message, question, near }): Judgement => {
    if (question !== undefined) return PASS;
    if (near === undefined || near.source !== sight.destination) return undefined;
    return ifComplete(
      broken(
        `identifier ${near.identifier}`,
        `identifier ${message.identifier}`,
        'The identifier of the Home Agent Address Discovery Reply is not that of the request.',
        frames(near),
      ),
    );
  }),
  check('RFC6275-6.6-d', 'HaadReply', 'sender', (_, { message: { rest } }) =>
    rest === undefined
      ? PASS
      : broken(
          'addresses of 16 octets',
          `${rest.length} octets more`,
          'A Home Agent Address Discovery Reply does not end with an address.',
        ),
  ),
];

export const section67: readonly AnyCheck[] = [
  check('RFC6275-6.7-1', 'MobilePrefixSolicitation', 'sender', ({ sight }) =>
    sight.hasHomeAddress
      ? PASS
      : broken('a Home Address option', 'none', 'A Mobile Prefix Solicitation does not carry the home address in a Home Address option.'),
  ),
  reservedOf('RFC6275-6.7-3/1', 'MobilePrefixSolicitation'),
  check('RFC6275-6.7-4', 'MobilePrefixSolicitation', 'sender', (_, { message: { rest } }) => {
    if (rest === undefined) return undefined;
    const options = decodeNeighborOptions(rest, 0);
    return options.ok
      ? PASS
      : broken('options of Neighbor Discovery', toHex(rest), `Of the options of a Mobile Prefix Solicitation: ${options.error.message}.`);
  }),
  codeOf('RFC6275-6.7-a', 'MobilePrefixSolicitation'),
  checksumOf('RFC6275-6.7-b', 'MobilePrefixSolicitation'),
  check('RFC6275-6.7-c', 'MobilePrefixSolicitation', 'sender', ({ sight, node }) => {
    if (node === undefined) return undefined;
    return sight.source === node.home
      ? broken('the care-of address', sight.source, 'A Mobile Prefix Solicitation is sent from the home address.')
      : PASS;
  }),
];

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
    return ifComplete(
      broken(
        `Identifier ${near.identifier}`,
        `Identifier ${message.identifier}`,
        'The Identifier of the Mobile Prefix Advertisement is not that of the solicitation.',
        frames(near),
      ),
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
