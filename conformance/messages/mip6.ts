/** What a packet has of Mobile IPv6: headers, messages of the Mobility Header, ICMPv6 messages (RFC 6275 section 6). */
import {
  decodeHomeAddress,
  decodeMobileIcmp,
  decodeMobility,
  decodeRoutingHeader2,
  homeAddressesOf,
  isMobileIcmp,
  mobilityLength,
  PROTOCOL_MOBILITY,
  routingHeaders2Of,
  type MobileIcmpMessage,
} from '../../codecs/mip6/index.ts';
import type { Decoded } from '../../codecs/decoded.ts';
import { PROTOCOL_ICMPV6 } from '../../codecs/packet/index.ts';
import type { Ipv6 } from '../../codecs/packet/index.ts';
import { fieldsOf } from './message.ts';
import type { Message } from './message.ts';

const messageOf = (read: Decoded<{ readonly kind: string }>, length: number): Message =>
  read.ok
    ? { protocol: 'mip6', kind: read.value.kind, length, fields: fieldsOf(read.value) }
    : { protocol: 'mip6', kind: 'malformed', length, error: read.error };

/** A router advertisement that says something of home agents or movement; others are no matter of Mobile IPv6. */
export const concernsMobility = (message: MobileIcmpMessage): boolean =>
  message.kind !== 'RouterAdvertisement' ||
  message.homeAgent ||
  message.options.some(
    (option) =>
      option.kind === 'AdvertisementInterval' ||
      option.kind === 'HomeAgentInformation' ||
      (option.kind === 'PrefixInformation' && option.routerAddress),
  );

const icmpMessages = (payload: Uint8Array): readonly Message[] => {
  if (!isMobileIcmp(payload[0] ?? 0)) return [];
  const read = decodeMobileIcmp(payload);
  return read.ok && !concernsMobility(read.value) ? [] : [messageOf(read, payload.length)];
};

/**
 * The Home Address options, type 2 routing headers, and the message of a packet, in their order.
 * @example mip6Messages(packet).map(({ kind }) => kind) // ['HomeAddress', 'BU']
 */
export const mip6Messages = (packet: Ipv6): readonly Message[] => {
  const { payload, protocol } = packet;
  const headers = packet.headers.flatMap((header): Message[] => {
    const one = { headers: [header] };
    return [
      ...homeAddressesOf(one).map((option) => messageOf(decodeHomeAddress(option), 2 + option.data.length)),
      ...routingHeaders2Of(one).map((routing) => messageOf(decodeRoutingHeader2(routing), 4 + routing.data.length)),
    ];
  });
  if (protocol === PROTOCOL_MOBILITY)
    return [...headers, messageOf(decodeMobility(payload), Math.min(mobilityLength(payload) ?? 0, payload.length))];
  return protocol === PROTOCOL_ICMPV6 ? [...headers, ...icmpMessages(payload)] : headers;
};
