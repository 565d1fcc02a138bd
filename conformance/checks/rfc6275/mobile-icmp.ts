/** What the checks of sections 6.5 to 6.8 share: the code, the checksum and the reserved bits of Mobile IPv6's ICMPv6 messages. */
import { endpointsOf } from '../../../codecs/mip6/index.ts';
import { icmpv6Checksum } from '../../../codecs/packet/index.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { zero } from './formats.ts';

type Event = 'HaadRequest' | 'HaadReply' | 'MobilePrefixSolicitation' | 'MobilePrefixAdvertisement';

const NAMES: Readonly<Record<Event, string>> = {
  HaadRequest: 'Home Agent Address Discovery Request',
  HaadReply: 'Home Agent Address Discovery Reply',
  MobilePrefixSolicitation: 'Mobile Prefix Solicitation',
  MobilePrefixAdvertisement: 'Mobile Prefix Advertisement',
};

/** The code is 0. */
export const codeOf = (requirement: string, event: Event): AnyCheck =>
  check(requirement, event, 'sender', (_, { message: { code } }) =>
    code === 0 ? PASS : broken('code 0', `code ${code}`, `A ${NAMES[event]} has a code.`),
  );

/** The checksum is that of ICMPv6, over the addresses that the upper layer sees. */
export const checksumOf = (requirement: string, event: Event): AnyCheck =>
  check(requirement, event, 'sender', ({ sight: { packet } }, { message, octets }) => {
    const { source, destination } = endpointsOf(packet);
    const expected = icmpv6Checksum(source, destination, octets);
    return message.checksum === expected
      ? PASS
      : broken(`0x${expected.toString(16)}`, `0x${message.checksum.toString(16)}`, `The checksum of a ${NAMES[event]} is wrong.`);
  });

/** The reserved bits are 0. */
export const reservedOf = (requirement: string, event: Event): AnyCheck =>
  check(requirement, event, 'sender', (_, { message }) => zero(message.reserved, `The Reserved field of a ${NAMES[event]}`));
