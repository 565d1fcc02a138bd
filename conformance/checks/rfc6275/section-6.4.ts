/** Section 6.4, Type 2 Routing Header: its format and its place. */
import { decodeRoutingHeader2, routingHeaders2Of } from '../../../codecs/mip6/index.ts';
import { PASS, broken, gravest } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { addressOf, isRoutable } from '../../follow/mip6/sight.ts';
import { zero } from './formats.ts';

/** Every type 2 routing header of a packet to its mobile node. */
const eachRouting = (requirement: string, judge: (routing: ReturnType<typeof routingHeaders2Of>[number]) => Judgement): AnyCheck =>
  check(requirement, 'addressed', 'sender', ({ isFromMobile }, { packet }) =>
    isFromMobile ? undefined : gravest(routingHeaders2Of(packet).map(judge)),
  );

export const section64: readonly AnyCheck[] = [
  eachRouting('RFC6275-6.4-2', (routing) => {
    const read = decodeRoutingHeader2(routing);
    if (!read.ok) return undefined;
    const home = addressOf(read.value.homeAddress);
    return isRoutable(home)
      ? PASS
      : broken('a routable unicast address', home, `A type 2 routing header holds ${home}, which is no routable unicast address.`);
  }),
  eachRouting('RFC6275-6.4.1-1/1', (routing) => {
    const read = decodeRoutingHeader2(routing);
    return read.ok ? zero(read.value.reserved, 'The Reserved field of a type 2 routing header') : undefined;
  }),
  eachRouting('RFC6275-6.4.1-2', ({ data }) =>
    data.length === 20
      ? PASS
      : broken(
          'Hdr Ext Len 2',
          `Hdr Ext Len ${(4 + data.length) / 8 - 1}`,
          'A type 2 routing header has room for anything but one address.',
        ),
  ),
  eachRouting('RFC6275-6.4.1-3', ({ segmentsLeft }) =>
    segmentsLeft === 1
      ? PASS
      : broken('Segments Left 1', `Segments Left ${segmentsLeft}`, 'A type 2 routing header was not sent with one segment left.'),
  ),
  check('RFC6275-6.4.1-a', 'addressed', 'sender', ({ isFromMobile }, { packet: { headers } }) => {
    const routing = headers.filter((header) => header.kind === 'ROUTING');
    if (isFromMobile || routing.length < 2 || routing.every(({ type }) => type === 2)) return undefined;
    return routing.at(-1)?.type === 2
      ? PASS
      : broken('the type 2 routing header last', `one of type ${routing.at(-1)?.type}`, 'Another routing header follows that of type 2.');
  }),
];
