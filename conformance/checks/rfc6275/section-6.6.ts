/** Section 6.6, Home Agent Address Discovery Reply. */
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, unless } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { checksumOf, codeOf, reservedOf } from './mobile-icmp.ts';

export const section66: readonly AnyCheck[] = [
  reservedOf('RFC6275-6.6-1/1', 'HaadReply'),
  codeOf('RFC6275-6.6-a', 'HaadReply'),
  checksumOf('RFC6275-6.6-b', 'HaadReply'),
  check('RFC6275-6.6-c', 'HaadReply', 'sender', ({ sight }, { message, question, near }): Judgement => {
    if (question !== undefined) return PASS;
    if (near === undefined || near.source !== sight.destination) return undefined;
    return unless(
      broken(
        `identifier ${near.identifier}`,
        `identifier ${message.identifier}`,
        'The identifier of the Home Agent Address Discovery Reply is not that of the request.',
        [near.frame],
      ),
      () => near.isAnswered,
      'But the other question was answered, too: one with this identifier may be missing from the capture.',
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
