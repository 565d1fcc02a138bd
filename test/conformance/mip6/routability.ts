/** Mutants of UMIP's captures for RFC 6275 sections 5.2 and 9.2 to 9.4: return routability, what is to be discarded, Home Address options and Binding Errors. */
import { setU64 } from '../../../codecs/bytes.ts';
import {
  authenticatorAt,
  authenticatorOf,
  bindingManagementKey,
  encodeMobility,
  fillMobilityChecksum,
  fixedOctets,
  homeAddressHeader,
  padded,
} from '../../../codecs/mip6/index.ts';
import {
  AGENT,
  FIRST,
  SECOND,
  at,
  again,
  delayed,
  fromCareOf,
  icmp,
  nth,
  onPacket,
  raised,
  routingHeader,
  toCareOf,
  tunneled,
} from './behaviour.ts';
import type { BehaviourMutant } from './behaviour.ts';
import {
  CORRESPONDENT,
  HOME,
  STRANGER,
  ALTERNATE,
  addressOf,
  bytes,
  ofCorrespondent,
  real,
  toCorrespondent,
  withHeaders,
} from './mutant.ts';
import { all, onCarrier, onMessage, onOctets, rewrapped, without, messagesOf } from './mutation.ts';
import type { Mutation } from './mutation.ts';

const octetsOf = (value: bigint): Uint8Array => {
  const octets = new Uint8Array(8);
  setU64(octets, 0, value);
  return octets;
};

/** The first Binding Update to the correspondent registers another address with the token of its source. */
const untested: Mutation = (frames) => {
  const bu = nth(frames, 'BU', 1);
  const hot = nth(frames, 'HoT');
  const cot = nth(frames, 'CoT');
  if (bu.message.kind !== 'BU' || hot.message.kind !== 'HoT' || cot.message.kind !== 'CoT') return frames;
  const options = padded(fixedOctets('BU'), [ALTERNATE, ...real(bu.message.options)]);
  const octets = encodeMobility({ ...bu.message, options });
  const kbm = bindingManagementKey(octetsOf(hot.message.homeKeygenToken), octetsOf(cot.message.careOfKeygenToken));
  const place = authenticatorAt(octets)!;
  octets.set(
    authenticatorOf(kbm, { careOfAddress: STRANGER, correspondent: CORRESPONDENT, message: octets, authenticatorAt: place }),
    place,
  );
  return frames.with(bu.index, rewrapped(frames[bu.index]!, { ...bu.packet, payload: fillMobilityChecksum(octets, bu.packet) }));
};

const flipped = (octets: Uint8Array): Uint8Array => {
  octets[octets.length - 1]! ^= 1;
  return octets;
};

/** Echo replies by way of the care-of address, well after the binding was made. */
const onReply = (change: Parameters<typeof onPacket>[1]): Mutation =>
  onPacket(
    ({ headers, protocol, payload }, { time }) =>
      time > 28_000 && headers.some(({ kind }) => kind === 'ROUTING') && protocol === 58 && payload[0] === 129,
    change,
  );
const onRequest = (change: Parameters<typeof onPacket>[1]): Mutation =>
  onPacket(
    ({ headers, protocol, payload }, { time }) =>
      time > 28_000 && headers.some(({ kind }) => kind === 'DESTINATION_OPTIONS') && protocol === 58 && payload[0] === 128,
    change,
  );

export const routability: readonly BehaviourMutant[] = [
  {
    id: '5.2.5-a',
    does: 'a Home Test Init comes from the care-of address',
    from: 'a-basic-mn',
    host: 'a',
    change: onCarrier('HoTI', (packet) => ({ ...packet, source: FIRST })),
  },
  {
    id: '5.2.5-b',
    does: 'a Care-of Test Init goes through the tunnel',
    from: 'a-basic-mn',
    host: 'a',
    change: (frames) => {
      const { index, packet, time } = nth(frames, 'CoTI');
      const { payloadLength: _, ...inner } = packet;
      return at([time, tunneled(FIRST, AGENT, inner)])(frames.toSpliced(index, 1));
    },
  },
  {
    id: '5.2.5-c',
    does: 'a Home Test returns another cookie',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('HoT', (m) => ({ ...m, homeInitCookie: m.homeInitCookie ^ 1n })),
  },
  {
    id: '5.2.5-d',
    does: 'a Care-of Test returns another cookie',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('CoT', (m) => ({ ...m, careOfInitCookie: m.careOfInitCookie ^ 1n })),
  },
  {
    id: '5.2.6-1',
    does: 'a correspondent grants 424 s',
    from: 'a-basic-mn',
    host: 'b',
    change: all(
      onMessage('BU', (m) => ({ ...m, lifetime: 106 }), { where: toCorrespondent, sealed: true }),
      onMessage('BA', (m) => ({ ...m, lifetime: 106 }), { where: ofCorrespondent, sealed: true }),
    ),
  },
  {
    id: '5.2.6-a',
    does: 'an acknowledgement has the next Sequence Number',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, sequence: m.sequence + 1 }), { where: ofCorrespondent, sealed: true }),
  },
  { id: '5.2.6-3', does: 'an address is registered that was not tested', from: 'a-basic-mn', host: 'a', change: untested },
  {
    id: '5.2.6-4',
    does: 'an authenticator is wrong',
    from: 'a-basic-mn',
    host: 'a',
    change: onOctets('BU', flipped, { where: (m) => m.kind === 'BU' && toCorrespondent(m) }),
  },
  {
    id: '5.2.6-4',
    does: 'the nonce indices are not those of the tokens',
    from: 'a-basic-mn',
    host: 'a',
    change: all(
      onMessage('HoT', (m) => ({ ...m, homeNonceIndex: 7 })),
      onMessage('CoT', (m) => ({ ...m, careOfNonceIndex: 7 })),
    ),
  },
  { id: '5.2.7-1', does: 'a nonce is accepted after 275 s', from: 'a-basic-mn', host: 'b', change: delayed('CoTI', 1, 250_000) },
  {
    id: '5.2.9-1',
    does: 'a Care-of Test Init goes to the care-of address of a correspondent that is mobile',
    from: 'e-mn-mn-mn',
    host: 'a',
    change: onCarrier('CoTI', (packet) => ({ ...packet, destination: addressOf('2001:db8:3:0:2c32:e9ff:fe30:7726') }), { nth: 3 }),
  },

  {
    id: '9.2-2',
    does: 'a Home Test Init with a wrong checksum is answered',
    from: 'a-basic-mn',
    host: 'b',
    change: onOctets('HoTI', (octets) => octets.fill(7, 4, 5), { checksum: 'kept' }),
  },
  {
    id: '9.2-2',
    does: 'a Binding Update with a wrong checksum is acknowledged',
    from: 'a-basic-mn',
    host: 'b',
    change: onOctets('BU', (octets) => octets.fill(7, 4, 5), { checksum: 'kept' }),
  },
  {
    id: '9.2-4',
    does: 'an unknown type is answered with status 1',
    from: 'd-refusals-mn',
    host: 'b',
    change: onMessage('BE', (m) => ({ ...m, status: 1 })),
  },
  {
    id: '9.2-4',
    does: 'a Home Address option without a binding is answered with status 2',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BE', (m) => ({ ...m, status: 2 }), { nth: 3 }),
  },
  {
    id: '9.2-6/1',
    does: 'a Home Test Init with a payload is answered',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('HoTI', (m) => ({ ...m, payloadProto: 58 })),
  },
  {
    id: '9.2-6/1',
    does: 'a Care-of Test Init with a payload is answered',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('CoTI', (m) => ({ ...m, payloadProto: 58 })),
  },
  {
    id: '9.3.1-4',
    does: 'a ping is answered although the binding is lost',
    from: 'a-basic-mn',
    host: 'b',
    change: at([91_000, fromCareOf(SECOND)], [91_010, toCareOf(SECOND)]),
  },
  {
    id: '9.3.1-5',
    does: 'no Binding Error for packets without a binding',
    from: 'a-basic-cn',
    host: 'b',
    at: '2001:db8:4::2',
    change: without((frames) =>
      messagesOf(frames, 'BE')
        .map(({ index }) => index)
        .slice(1),
    ),
  },
  {
    id: '9.3.2-3',
    does: 'a Neighbor Solicitation has a type 2 routing header',
    from: 'a-basic-mn',
    host: 'b',
    change: at([30_000, icmp(CORRESPONDENT, FIRST, 135, Uint8Array.of(0, 0, 0, 0, ...HOME), [routingHeader()])]),
  },
  {
    id: '9.3.2-a',
    does: 'a packet goes to another care-of address',
    from: 'a-basic-mn',
    host: 'b',
    change: onReply((packet) => ({ ...packet, destination: STRANGER })),
  },
  {
    id: '9.3.3-2',
    does: 'a Binding Error names another home address',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BE', (m) => ({ ...m, homeAddress: STRANGER })),
  },
  {
    id: '9.3.3-a',
    does: 'a Binding Error goes elsewhere',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier('BE', (packet) => ({ ...packet, destination: STRANGER })),
  },
  {
    id: '9.4.1-2',
    does: 'a Home Test Init with a Home Address option is answered',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier(
      'HoTI',
      withHeaders(() => [homeAddressHeader(HOME)]),
    ),
  },
  {
    id: '9.4.2-2',
    does: 'a Care-of Test Init with a Home Address option is answered',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier(
      'CoTI',
      withHeaders(() => [homeAddressHeader(HOME)]),
    ),
  },
  {
    id: '9.4.3-a',
    does: 'a Home Test goes to another address',
    from: 'a-basic-cn',
    host: 'b',
    change: onCarrier('HoT', (packet) => ({ ...packet, destination: STRANGER })),
  },
  {
    id: '9.4.4-a',
    does: 'a Care-of Test goes to another address',
    from: 'a-basic-mn',
    host: 'b',
    change: onCarrier('CoT', (packet) => ({ ...packet, destination: STRANGER })),
  },

  {
    id: '11.3.1-5',
    does: 'packets with a Home Address option after the deletion',
    from: 'a-basic-mn',
    host: 'a',
    change: at([136_000, fromCareOf(SECOND)]),
  },
  {
    id: '11.3.1-7',
    does: 'a Home Address option to a link-local address',
    from: 'a-basic-mn',
    host: 'a',
    change: at([30_000, fromCareOf(FIRST, 1, addressOf('fe80::1'))]),
  },
  {
    id: '11.3.1-8',
    does: 'a Neighbor Solicitation with a Home Address option',
    from: 'a-basic-mn',
    host: 'a',
    change: at([30_000, icmp(FIRST, CORRESPONDENT, 135, bytes(20), [homeAddressHeader(HOME)])]),
  },
  {
    id: '11.3.1-10',
    does: 'a packet from another address than the registered one',
    from: 'a-basic-mn',
    host: 'a',
    change: onRequest((packet) => ({ ...packet, source: STRANGER })),
  },
  {
    id: '11.3.1-10',
    does: 'a packet from another address than the registered one, as the correspondent sees it',
    from: 'a-basic-cn',
    host: 'a',
    change: onRequest((packet) => ({ ...packet, source: STRANGER })),
  },
  {
    id: '11.3.4-2',
    does: 'a listener report with a Home Address option',
    from: 'a-basic-mn',
    host: 'a',
    change: at([30_000, icmp(FIRST, addressOf('ff02::16'), 143, bytes(8), [homeAddressHeader(HOME)])]),
  },
  {
    id: '11.3.4-4',
    does: 'a listener report through the tunnel before a query',
    from: 'a-basic-mn',
    host: 'a',
    change: at([30_000, tunneled(FIRST, AGENT, icmp(HOME, addressOf('ff02::16'), 143, bytes(8)))]),
  },
  {
    id: '11.3.4-7',
    does: 'a multicast packet from the care-of address through the tunnel',
    from: 'a-basic-mn',
    host: 'a',
    change: at([30_000, tunneled(FIRST, AGENT, icmp(FIRST, addressOf('ff0e::7'), 128, bytes(8)))]),
  },
  {
    id: '11.8-9',
    does: 'a Care-of Test Init is sent again with the same cookie',
    from: 'd-refusals-mn',
    host: 'a',
    change: again('CoTI', 0, [1100]),
  },
  {
    id: '11.8-7',
    does: 'four Care-of Test Inits within a second',
    from: 'a-basic-mn',
    host: 'a',
    change: again(
      'CoTI',
      0,
      [550, 700, 850],
      raised((count) => count + 1, 14),
    ),
  },
];
