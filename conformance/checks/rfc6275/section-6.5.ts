/** Section 6.5, Home Agent Address Discovery Request. */
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, ifComplete } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { checksumOf, codeOf, reservedOf } from './mobile-icmp.ts';

/** The interface identifier of the Mobile IPv6 Home-Agents anycast address: identifier 126 below all ones (RFC 2526), for 64-bit prefixes with the universal bit clear. */
const isHomeAgents = (address: Uint8Array): boolean =>
  address[15] === 0xfe && (address[8] === 0xfd || address[8] === 0xff) && address.subarray(9, 15).every((octet) => octet === 0xff);

export const section65: readonly AnyCheck[] = [
  reservedOf('RFC6275-6.5-1/1', 'HaadRequest'),
  check('RFC6275-6.5-2', 'HaadReply', 'sender', ({ sight }, { message, question, near }): Judgement => {
    if (question !== undefined) return PASS;
    if (near === undefined || near.identifier !== message.identifier) return undefined;
    return ifComplete(
      broken(near.source, sight.destination, 'The Home Agent Address Discovery Reply does not go to the source of the request.', [
        near.frame,
      ]),
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
