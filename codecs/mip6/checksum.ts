/** The checksum of the Mobility Header, RFC 6275 section 6.1.1: over a pseudo-header with the addresses that the upper layer sees. */
import { setU16 } from '../bytes.ts';
import { fold, pseudoHeaderSum, sum16 } from '../checksum.ts';
import { concat } from '../bytes.ts';
import type { Ipv6 } from '../packet/ipv6.ts';
import { PROTOCOL_MOBILITY } from '../packet/locate.ts';
import { endpointsOf } from './home-address.ts';
import { mobilityLength } from './message.ts';

/**
 * The checksum that the Mobility Header of a packet should have. With a Home Address option the pseudo-header has the home address as source, with a type 2
 * routing header the home address there as destination (section 6.1.1). Undefined where the packet does not hold the whole message.
 * @example mobilityChecksum(packet) === u16(packet.payload, 4)
 */
export const mobilityChecksum = (packet: Pick<Ipv6, 'headers' | 'source' | 'destination' | 'payload'>): number | undefined => {
  const { payload } = packet;
  const length = mobilityLength(payload);
  if (length === undefined || payload.length < length) return undefined;
  const { source, destination } = endpointsOf(packet);
  const pseudo = pseudoHeaderSum(concat(source, destination), 0, 16, 16, length, PROTOCOL_MOBILITY);
  return ~fold(pseudo + sum16(payload, 0, 4) + sum16(payload, 6, length)) & 0xffff;
};

/** The octets of an encoded message with the checksum that they have in this packet; `message` is changed. */
export const fillMobilityChecksum = (message: Uint8Array, packet: Pick<Ipv6, 'headers' | 'source' | 'destination'>): Uint8Array => {
  const checksum = mobilityChecksum({ ...packet, payload: message });
  if (checksum === undefined) throw new RangeError('message must be a whole mobility header');
  setU16(message, 4, checksum);
  return message;
};
