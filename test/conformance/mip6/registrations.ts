/** Mutants of UMIP's captures for RFC 6275 sections 9.5, 9.6 and 11.7, 11.8: Binding Updates, their acknowledgements, sequence numbers, lifetimes, pace. */
import { padded, fixedOctets } from '../../../codecs/mip6/index.ts';
import { SECOND, again, at, nth, raised, routingHeader, toCareOf } from './behaviour.ts';
import type { BehaviourMutant } from './behaviour.ts';
import { ALTERNATE, NONCES, STRANGER, ofCorrespondent, ofHome, real, toCorrespondent, toHome, withHeaders } from './mutant.ts';
import { all, messagesOf, onCarrier, onMessage, onOctets, without } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import type { BA, BU } from '../../../codecs/mip6/index.ts';

const options = (message: BU | BA, change: (options: ReturnType<typeof real>) => ReturnType<typeof real>): BU | BA => ({
  ...message,
  options: padded(fixedOctets(message.kind), change(real(message.options))),
});
const less =
  (kind: string) =>
  (message: BU | BA): BU | BA =>
    options(message, (list) => list.filter((option) => option.kind !== kind));
const isDeletion = ({ homeRegistration, lifetime }: BU): boolean => !homeRegistration && lifetime === 0;
const is135 = ({ status }: BA): boolean => status === 135;
/** The Binding Acknowledgement of status 135. */
const LATE = 5;
const last = (kind: 'BU' | 'BA'): Mutation =>
  onMessage(kind, (m) => ({ ...m, sequence: 18_603 }), { nth: kind === 'BU' ? 10 : 10, sealed: true });

export const registrations: readonly BehaviourMutant[] = [
  {
    id: '9.5.1-3',
    does: 'a correspondent that lost its binding answers 135',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 135 }), { nth: 4, sealed: true }),
  },
  {
    id: '9.5.1-4',
    does: 'a greater number is refused',
    from: 'd-refusals-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, sequence: 32_490 }), { where: is135 }),
  },
  {
    id: '9.5.1-4',
    does: 'a greater number is refused, a moment after another one was accepted',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, sequence: 32_490 }), { where: is135 }),
  },
  {
    id: '9.5.1-5',
    does: 'a Binding Update without Nonce Indices is accepted',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BU', less('NonceIndices'), { where: toCorrespondent }),
  },
  {
    id: '9.5.1-7',
    does: 'a Binding Update with a wrong authenticator is accepted',
    from: 'a-basic-mn',
    host: 'b',
    change: onOctets('BU', (octets) => octets.fill(7, octets.length - 3), { where: (m) => m.kind === 'BU' && toCorrespondent(m) }),
  },
  {
    id: '9.5.1-7',
    does: 'a Binding Update without an authenticator is accepted',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BU', less('BindingAuthorizationData'), { where: toCorrespondent }),
  },
  {
    id: '9.5.1-11',
    does: 'a home registration with Nonce Indices',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => options(m, (list) => [...list, NONCES]), { where: toHome }),
  },
  {
    id: '9.5.1-12/1',
    does: 'a lower number is accepted',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 0, sequence: 55_069, lifetime: 10 }), { nth: LATE, sealed: true }),
  },
  {
    id: '9.5.1-12/2',
    does: 'status 135 tells another number',
    from: 'd-refusals-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, sequence: m.sequence + 9 }), { where: is135 }),
  },
  {
    id: '9.5.1-13',
    does: 'a correspondent registration becomes a home registration',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BU', (m) => ({ ...m, homeRegistration: true, options: padded(12, [ALTERNATE]) }), {
      where: toCorrespondent,
      nth: 1,
    }),
  },
  {
    id: '9.5.1-16',
    does: 'a Binding Update without Nonce Indices is answered',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BU', less('NonceIndices'), { where: toCorrespondent }),
  },
  {
    id: '9.5.1-16',
    does: 'a Binding Update without authorisation is refused aloud',
    from: 'a-basic-mn',
    host: 'b',
    change: all(
      onMessage('BU', less('BindingAuthorizationData'), { where: toCorrespondent }),
      onMessage('BA', (m) => ({ ...m, status: 128 }), { where: ofCorrespondent }),
    ),
  },
  {
    id: '9.5.1-17/1',
    does: 'a deletion without a nonce index',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', less('NonceIndices'), { where: isDeletion }),
  },
  {
    id: '9.5.2-2',
    does: 'a correspondent grants more than was asked for',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, lifetime: m.lifetime + 1 }), { where: ofCorrespondent, sealed: true }),
  },
  {
    id: '9.5.2-2',
    does: 'a home agent grants more than was asked for',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, lifetime: m.lifetime + 1 }), { where: ofHome }),
  },
  { id: '9.5.3-1', does: 'a binding is used after its deletion', from: 'a-basic-mn', host: 'b', change: at([136_000, toCareOf(SECOND)]) },
  {
    id: '9.5.3-3',
    does: 'the nonces of a deleted binding are accepted again',
    from: 'a-basic-mn',
    host: 'b',
    change: all(again('BU', 7, [20_000]), again('BA', 7, [20_010]), last('BU'), last('BA')),
  },
  {
    id: '9.5.4-2',
    does: 'a Binding Update is not acknowledged, and sent again',
    from: 'a-basic-cn',
    host: 'b',
    at: '2001:db8:4::2',
    change: all(
      without((frames) => [nth(frames, 'BA', 1).index]),
      again(
        'BU',
        1,
        [1000],
        raised(() => 0),
      ),
    ),
  },
  {
    id: '9.5.4-5',
    does: 'a binding is used whose registration was refused',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 130, lifetime: 0 }), { where: ofCorrespondent, nth: 1, sealed: true }),
  },
  {
    id: '9.5.4-7',
    does: 'status 136 with an authenticator',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 136, lifetime: 0 }), { where: ofCorrespondent, sealed: true }),
  },
  {
    id: '9.5.4-8/1',
    does: 'an acknowledgement of a correspondent without an authenticator',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', less('BindingAuthorizationData'), { where: ofCorrespondent }),
  },
  {
    id: '9.5.4-10',
    does: 'an acknowledgement goes elsewhere',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier('BA', (packet) => ({ ...packet, destination: STRANGER })),
  },
  {
    id: '9.5.4-11',
    does: 'an acknowledgement at home has a routing header',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier(
      'BA',
      withHeaders(() => [routingHeader()]),
      { where: (_, { headers }) => headers.length === 0 },
    ),
  },
  {
    id: '9.5.4-12',
    does: 'an acknowledgement away from home has no routing header',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier(
      'BA',
      withHeaders(() => []),
    ),
  },
  {
    id: '9.5.4-12',
    does: 'the routing header of an acknowledgement holds another home address',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier(
      'BA',
      withHeaders(() => [routingHeader(STRANGER)]),
    ),
  },
  {
    id: '9.5.5-3',
    does: 'a Binding Refresh Request after the Binding Update',
    from: 'a-basic-mn',
    host: 'b',
    change: again('BRR', 0, [13_500]),
  },
  {
    id: '9.5.5-a',
    does: 'a Binding Refresh Request to the care-of address',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier('BRR', (packet) => ({ ...packet, destination: SECOND })),
  },
  {
    id: '9.6-1',
    does: 'a binding is used after its lifetime',
    from: 'a-basic-mn',
    host: 'b',
    change: all(
      without((frames) => messagesOf(frames, 'BE').map(({ index }) => index)),
      at([95_000, toCareOf(SECOND)]),
    ),
  },

  {
    id: '11.4.2-5',
    does: 'a correspondent is asked for longer than the home registration',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => ({ ...m, lifetime: 100 }), { where: toCorrespondent, sealed: true }),
  },
  {
    id: '11.7.1-3',
    does: 'a home registration that asks for no acknowledgement',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => ({ ...m, acknowledge: false }), { where: toHome }),
  },
  {
    id: '11.7.1-4',
    does: 'a home registration without a Home Address option',
    from: 'a-basic-mn',
    host: 'a',
    change: onCarrier(
      'BU',
      withHeaders(() => []),
      { where: (m) => m.kind === 'BU' && toHome(m) },
    ),
  },
  {
    id: '11.7.1-6',
    does: 'a home registration without Alternate Care-of Address',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', less('AlternateCareOfAddress'), { where: toHome }),
  },
  {
    id: '11.7.1-22',
    does: 'a home address that is taken is registered again',
    from: 'd-refusals-mn',
    host: 'a',
    change: again(
      'BU',
      10,
      [6000],
      raised(() => 1),
    ),
  },
  {
    id: '11.7.2-8',
    does: 'an address is registered that is not in use',
    from: 'a-basic-mn',
    host: 'a',
    verdict: 'warn',
    change: onMessage('BU', (m) => ({ ...m, options: padded(12, [ALTERNATE]) }), { where: toHome }),
  },
  {
    id: '11.7.2-14',
    does: 'a deletion for another care-of address',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => options(m, (list) => [ALTERNATE, ...list]), { where: isDeletion }),
  },
  {
    id: '11.7.2-17',
    does: 'a Binding Update without a Home Address option',
    from: 'a-basic-mn',
    host: 'a',
    change: onCarrier(
      'BU',
      withHeaders(() => []),
      { where: (m) => m.kind === 'BU' && toCorrespondent(m) },
    ),
  },
  {
    id: '11.7.2-18',
    does: 'a Sequence Number is used twice',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => ({ ...m, sequence: m.sequence - 1 }), { where: toCorrespondent, nth: 1, sealed: true }),
  },
  {
    id: '11.7.2-18',
    does: 'a Sequence Number goes back',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => ({ ...m, sequence: m.sequence - 3 }), { where: toHome, nth: 1 }),
  },
  {
    id: '11.7.3-9',
    does: 'status 135 is not taken up',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => ({ ...m, sequence: 55_070 }), { nth: 6, sealed: true }),
  },
  {
    id: '11.8-4',
    does: 'a Binding Update is sent again after 300 ms',
    from: 'a-basic-mn',
    host: 'a',
    change: again(
      'BU',
      0,
      [300],
      raised(() => 1),
    ),
  },
  {
    id: '11.8-4',
    does: 'a Binding Update is sent again after 300 ms, as the home agent sees it, to which the mobile node reacts at once',
    from: 'a-basic-ha-core',
    host: 'a',
    change: again(
      'BU',
      0,
      [300],
      raised(() => 1),
    ),
  },
  {
    id: '11.8-4',
    does: 'a Binding Update is sent again after 300 ms, as the correspondent sees it',
    from: 'a-basic-cn',
    host: 'a',
    change: all(
      without((frames) => [nth(frames, 'BA').index]),
      again(
        'BU',
        0,
        [300],
        raised(() => 1),
      ),
    ),
  },
  {
    id: '11.8-4',
    does: 'retransmissions do not wait longer each time, whatever the way to the home agent: no packet takes 5 s',
    from: 'b-dhaad-ha-core',
    host: 'a',
    change: all(
      without((frames) => [nth(frames, 'BA').index]),
      again(
        'BU',
        0,
        [1500, 3000, 4500, 6000],
        raised((count) => count + 1),
      ),
    ),
  },
  {
    id: '11.8-4',
    does: 'retransmissions do not wait longer each time',
    from: 'a-basic-mn',
    host: 'a',
    change: all(
      without((frames) => [nth(frames, 'BA').index]),
      again(
        'BU',
        0,
        [1600, 3200, 4800],
        raised((count) => count + 1),
      ),
    ),
  },
  {
    id: '11.8-7',
    does: 'four Binding Updates within a second',
    from: 'a-basic-mn',
    host: 'a',
    change: again(
      'BU',
      1,
      [200, 400, 600],
      raised((count) => count + 1),
    ),
  },
  { id: '11.8-8', does: 'a retransmission with the same Sequence Number', from: 'a-basic-mn', host: 'a', change: again('BU', 0, [1020]) },
];
