/** Changes of UMIP's captures that break nothing: what RFC 6275 allows, and what later RFCs assigned. */
import { concat } from '../../../codecs/bytes.ts';
import { encodeHomeAddress, fixedOctets, padded } from '../../../codecs/mip6/index.ts';
import type { BA, BU, MobilityMessage, MobilityOption } from '../../../codecs/mip6/index.ts';
import { encodeIpv6 } from '../../../codecs/packet/index.ts';
import type { ExtensionHeader } from '../../../codecs/packet/index.ts';
import {
  CORRESPONDENT,
  HOME,
  addressOf,
  advertised,
  bytes,
  ofHome,
  real,
  toCorrespondent,
  toHome,
  unknown,
  withHeaders,
} from './mutant.ts';
import { delayed } from './behaviour.ts';
import { LINK, all, insert, messagesOf, onCarrier, onIcmp, onMessage } from './mutation.ts';
import type { Mutation } from './mutation.ts';

/** A change that breaks nothing. */
export interface Innocent {
  readonly does: string;
  readonly from: string;
  readonly change: Mutation;
}

const NETWORK_PREFIX: MobilityOption = {
  kind: 'MobileNetworkPrefix',
  reserved: 0,
  prefixLength: 64,
  mobileNetworkPrefix: addressOf('2001:db8:5::'),
};
const BINDING: MobilityOption = { kind: 'BindingIdentifier', bindingId: 1, status: 0, simultaneousHomeAndForeign: false, priority: 0 };

/** The options in front of those that are there, padded anew; Binding Authorization Data stays last. */
const and = (
  message: Exclude<MobilityMessage, { readonly kind: 'Unknown' }>,
  ...options: readonly MobilityOption[]
): readonly MobilityOption[] => padded(fixedOctets(message.kind), [...options, ...real(message.options)]);

const everyHomeUpdate = (change: (bu: BU) => BU): Mutation =>
  onMessage('BU', change, { nth: 'all', where: ({ homeRegistration }) => homeRegistration });
const everyHomeAnswer = (change: (ba: BA) => BA): Mutation => onMessage('BA', change, { nth: 'all', where: ofHome });
const AUTHENTICATION: ExtensionHeader = { kind: 'AUTHENTICATION', reserved: 0, spi: 256, sequenceNumber: 1, icv: bytes(12) };

export const innocents: readonly Innocent[] = [
  {
    does: 'a Binding Update is sent again, and only its acknowledgement is captured',
    from: 'a-basic-mn',
    change: all(
      onMessage('BA', (ba) => ({ ...ba, sequence: ba.sequence + 1 }), { where: (ba) => !ofHome(ba) }),
      delayed('BA', 1, 1200),
    ),
  },
  {
    does: 'a Home Test that comes late answers a Home Test Init that was not captured',
    from: 'a-basic-mn',
    change: all(
      onMessage('HoT', (hot) => ({ ...hot, homeInitCookie: hot.homeInitCookie ^ 1n })),
      delayed('HoT', 0, 2000),
    ),
  },
  {
    does: 'the mobile node is a mobile router (RFC 3963)',
    from: 'a-basic-mn',
    change: all(
      everyHomeUpdate((bu) => ({ ...bu, mobileRouter: true, options: bu.lifetime === 0 ? bu.options! : and(bu, NETWORK_PREFIX) })),
      everyHomeAnswer((ba) => ({ ...ba, mobileRouter: true })),
    ),
  },
  {
    does: 'nodes behind a mobile router talk through its tunnel (RFC 3963)',
    from: 'a-basic-mn',
    change: insert((frames) =>
      messagesOf(frames, 'BA')
        .filter(({ message }) => message.kind === 'BA' && ofHome(message) && message.lifetime > 0)
        .flatMap(({ index, packet: { source, destination } }) => {
          const { bytes: octets, time } = frames[index]!;
          const link = octets.subarray(0, LINK);
          const [inside, outside] = [addressOf('2001:db8:5::10'), CORRESPONDENT];
          const datagram = Uint8Array.of(0x13, 0x88, 0x13, 0x89, 0, 8, 0, 0);
          const tunneled = (outer: readonly [Uint8Array, Uint8Array], inner: readonly [Uint8Array, Uint8Array]): Uint8Array => {
            const payload = encodeIpv6({ protocol: 17, source: inner[0], destination: inner[1], payload: datagram });
            return concat(link, encodeIpv6({ protocol: 41, source: outer[0], destination: outer[1], payload }));
          };
          return [
            { behind: index, packet: { bytes: tunneled([destination, source], [inside, outside]), time: time + 100 } },
            { behind: index, packet: { bytes: tunneled([source, destination], [outside, inside]), time: time + 120 } },
          ];
        }),
    ),
  },
  {
    does: 'home agents serve mobile routers (RFC 3963)',
    from: 'b-dhaad-mn',
    change: all(
      onIcmp('HaadRequest', { message: (m) => ({ ...m, mobileRouterSupport: true }) }),
      onIcmp('HaadReply', { message: (m) => ({ ...m, mobileRouterSupport: true }) }),
    ),
  },
  {
    does: 'home agents advertise that they serve mobile routers (RFC 3963)',
    from: 'b-dhaad-ha-home',
    change: advertised(({ options }) => ({
      options: options.map((option) => (option.kind === 'HomeAgentInformation' ? { ...option, mobileRouterSupport: true } : option)),
    })),
  },
  {
    does: 'several care-of addresses are registered (RFC 5648)',
    from: 'a-basic-mn',
    change: all(
      everyHomeUpdate((bu) => ({ ...bu, options: and(bu, BINDING) })),
      everyHomeAnswer((ba) => ({ ...ba, options: and(ba, BINDING) })),
    ),
  },
  {
    does: 'the mobile node is named (RFC 4283)',
    from: 'a-basic-mn',
    change: everyHomeUpdate((bu) => ({ ...bu, options: and(bu, { kind: 'MobileNodeIdentifier', data: Uint8Array.of(1, 97, 64, 98) }) })),
  },
  {
    does: 'CGA parameters are asked for (RFC 4866)',
    from: 'a-basic-mn',
    change: onMessage('BU', (bu) => ({ ...bu, options: and(bu, { kind: 'CgaParametersRequest', data: bytes(0) }) }), {
      where: toCorrespondent,
      sealed: true,
    }),
  },
  {
    does: 'unknown options are in messages that are answered',
    from: 'a-basic-mn',
    change: all(
      onMessage('HoTI', (hoti) => ({ ...hoti, options: and(hoti, unknown(200, 3)) }), { nth: 'all' }),
      onMessage('CoTI', (coti) => ({ ...coti, options: and(coti, unknown(201, 0)) }), { nth: 'all' }),
      onMessage('BU', (bu) => ({ ...bu, options: and(bu, unknown(202, 5)) }), { where: toCorrespondent, sealed: true }),
    ),
  },
  {
    does: 'a Binding Update to a correspondent names its care-of address in an option',
    from: 'a-basic-mn',
    change: onMessage(
      'BU',
      (bu, { source }) => ({ ...bu, options: and(bu, { kind: 'AlternateCareOfAddress', alternateCareOfAddress: source }) }),
      {
        nth: 'all',
        where: toCorrespondent,
        sealed: true,
      },
    ),
  },
  {
    does: 'key management moves along: K in a home registration and its acknowledgement',
    from: 'a-basic-mn',
    change: all(
      everyHomeUpdate((bu) => ({ ...bu, keyManagementMobilityCapability: true })),
      everyHomeAnswer((ba) => ({ ...ba, keyManagementMobilityCapability: true })),
    ),
  },
  {
    does: 'an AH protects home registrations',
    from: 'a-basic-mn',
    change: onCarrier(
      'BU',
      withHeaders((headers) => [...headers, AUTHENTICATION]),
      { nth: 'all', where: (message) => message.kind === 'BU' && toHome(message) },
    ),
  },
  {
    does: 'the Home Address option is not alone in its header',
    from: 'a-basic-mn',
    change: onCarrier(
      'BU',
      withHeaders(() => [
        {
          kind: 'DESTINATION_OPTIONS',
          options: [
            { type: 0x1e, data: bytes(2) },
            encodeHomeAddress({ kind: 'HomeAddress', homeAddress: HOME }),
            { type: 0x1e, data: bytes(4) },
          ],
        },
      ]),
      { where: (message) => message.kind === 'BU' && toHome(message) },
    ),
  },
  {
    does: 'a refresh is advised before the lifetime ends',
    from: 'a-basic-mn',
    change: onMessage('BA', (ba) => ({ ...ba, options: and(ba, { kind: 'BindingRefreshAdvice', refreshInterval: ba.lifetime - 1 }) }), {
      where: (ba) => ofHome(ba) && ba.lifetime > 1,
    }),
  },
  {
    does: 'a Binding Update to a correspondent is padded with one Pad1 and one PadN',
    from: 'a-basic-mn',
    change: onMessage(
      'BU',
      (bu) => ({
        ...bu,
        options: [...real(bu.options).slice(0, 1), { kind: 'Pad1' }, { kind: 'PadN', data: bytes(5) }, ...real(bu.options).slice(1)],
      }),
      { where: toCorrespondent, sealed: true },
    ),
  },
  {
    does: 'advertisements have more options, and prefixes without R beside those with it',
    from: 'b-dhaad-ha-home',
    change: advertised(({ options }) => ({
      options: [
        ...options,
        { kind: 'Other', type: 5, data: bytes(6) },
        {
          kind: 'PrefixInformation',
          prefixLength: 64,
          onLink: true,
          autonomous: true,
          routerAddress: false,
          reserved1: 0,
          validLifetime: 86_400,
          preferredLifetime: 14_400,
          reserved2: 0,
          prefixAddress: addressOf('2001:db8:6::'),
        },
      ],
    })),
  },
  {
    does: 'a Mobile Prefix Advertisement speaks of DHCPv6 and has an option that nobody knows',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', {
      message: (m) => ({ ...m, otherConfiguration: true, options: [...m.options, { kind: 'Other', type: 200, data: bytes(14) }] }),
    }),
  },
  {
    does: 'a Mobile Prefix Solicitation has an option that nobody knows',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { message: (m) => ({ ...m, rest: Uint8Array.of(200, 1, 0, 0, 0, 0, 0, 0) }) }),
  },
];
