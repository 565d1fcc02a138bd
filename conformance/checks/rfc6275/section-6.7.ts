/** Section 6.7, Mobile Prefix Solicitation. */
import { toHex } from '../../../codecs/bytes.ts';
import { decodeNeighborOptions } from '../../../codecs/mip6/neighbor-option.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { checksumOf, codeOf, reservedOf } from './mobile-icmp.ts';

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
