/** A packet as the following of shim6 sees it: its shim6 header in octets that may be kept, decoded, and whether a receiver has to take it (RFC 5533 section 12.3). */
import { copyOf, toHex, u16 } from '../../../codecs/bytes.ts';
import type { Decoded } from '../../../codecs/decoded.ts';
import { endpointsOf } from '../../../codecs/mip6/index.ts';
import { formatAddress } from '../../../codecs/packet/index.ts';
import type { ExtensionHeader, Ipv6 } from '../../../codecs/packet/index.ts';
import { NO_NEXT_HEADER, checksumOf, decodeShim6, locateShim6, shim6Length } from '../../../codecs/shim6/index.ts';
import type { Shim6Message } from '../../../codecs/shim6/index.ts';
import type { Sighting } from '../../observe.ts';

/** An address as a key of maps: 32 hexadecimal digits. */
export type Address = string;

/** A message that is captured again within this time, in ms, is a copy that went another way, or the network's. */
export const COPIED = 500;

/** So long, in ms, hardly any packet is on its way: what takes longer finds no validator any more (section 14, VALIDATOR_MIN_LIFETIME). */
export const LONGEST = 30_000;

/** A packet with a shim6 header. */
export interface Seen {
  readonly frame: number;
  /** In ms. */
  readonly time: number;
  readonly packet: Ipv6;
  readonly source: Address;
  readonly destination: Address;
  /** Octets of the packet from its IPv6 header on. */
  readonly packetLength: number;
  /** The message by its own account, as far as it is there; a copy. */
  readonly bytes: Uint8Array;
  /** What follows a Payload Extension header. */
  readonly rest: Uint8Array;
  readonly misplaced: readonly ExtensionHeader[];
  readonly decoded: Decoded<Shim6Message>;
  /** 7 bits; -1 for a Payload Extension header, and where not even that is there. */
  readonly type: number;
  /** Why its receiver has to discard it, whatever it is: section 12.3 and the least length of its type. */
  readonly invalid: string | undefined;
}

/** An address in octets. */
export const octetsOf = (address: Address): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => parseInt(address.slice(2 * i, 2 * i + 2), 16));

/** @example textOf('20010db8000000000000000000000001') // '2001:db8::1' */
export const textOf = (address: Address): string => formatAddress(octetsOf(address), 0, 6);

/** A pair of addresses for people. @example pathText(source, destination) // '2001:db8::1 > 2001:db8::2' */
export const pathText = (source: Address, destination: Address): string => `${textOf(source)} > ${textOf(destination)}`;

/** A tag, a nonce or whatever has so many hexadecimal digits. @example hexOf(0x4ab5121d98df, 12) // '0x4ab5121d98df' */
export const hexOf = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** The checksum of a message as it was sent. */
export const sentChecksum = (bytes: Uint8Array): number => u16(bytes, 4);

/** The least length of each type, in octets (sections 5.4 to 5.14 and RFC 5534 section 5). */
export const LEAST: ReadonlyMap<number, number> = new Map([
  [1, 16],
  [2, 16],
  [3, 24],
  [4, 16],
  [5, 16],
  [6, 32],
  [64, 16],
  [65, 16],
  [66, 16],
  [67, 16],
  [68, 16],
]);

const MULTICAST = 'ff';
const UNSPECIFIED = '0'.repeat(32);
const isUnicast = (address: Address): boolean => !address.startsWith(MULTICAST) && address !== UNSPECIFIED;

const invalidity = (bytes: Uint8Array, length: number, type: number, source: Address, destination: Address): string | undefined => {
  if (bytes.length < length) return 'its length goes beyond the packet';
  if (length < (LEAST.get(type) ?? 8)) return `it has ${length} octets`;
  if (checksumOf(bytes) !== sentChecksum(bytes)) return 'its checksum is wrong';
  if (!isUnicast(source) || !isUnicast(destination)) return 'an address is multicast or unspecified';
  return undefined;
};

/** The addresses that shim6 sees: those of a Home Address option and a type 2 routing header, where Mobile IPv6 put them there. */
export const endsOf = (packet: Ipv6): { readonly source: Address; readonly destination: Address } => {
  const { source, destination } = packet.headers.length === 0 ? packet : endpointsOf(packet);
  return { source: toHex(source), destination: toHex(destination) };
};

const NOTHING = new Uint8Array(0);
const NOBODY = new Uint8Array(16);

/** A packet without a shim6 header, of which only this counts. */
export const bareOf = (packet: Pick<Seen, 'frame' | 'time' | 'source' | 'destination'>): Seen => ({
  ...packet,
  packet: {
    kind: 'IPV6',
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: 0,
    hopLimit: 0,
    source: NOBODY,
    destination: NOBODY,
    headers: [],
    protocol: NO_NEXT_HEADER,
    payload: NOTHING,
    trailer: NOTHING,
  },
  packetLength: 0,
  bytes: NOTHING,
  rest: NOTHING,
  misplaced: [],
  decoded: decodeShim6(NOTHING),
  type: -1,
  invalid: undefined,
});

/** The shim6 header of a packet; `'cut'` where the capture has not all of the message, undefined where there is none. */
export const seenOf = ({ frame, time, packet, whole }: Sighting, protocol?: number): Seen | 'cut' | undefined => {
  const found = locateShim6(packet, protocol);
  if (found === undefined) return undefined;
  const length = shim6Length(found.bytes) ?? 0;
  const isPayload = ((found.bytes[2] ?? 0) & 0x80) !== 0;
  // Payload may be cut: what is behind the header is not ours.
  if (found.bytes.length < 8 || (!whole && (!isPayload || length !== 8) && found.bytes.length < length)) return whole ? undefined : 'cut';
  const bytes = copyOf(found.bytes, 0, length);
  const { source, destination } = endsOf(packet);
  const type = isPayload ? -1 : bytes[2]!;
  return {
    frame,
    time,
    packet,
    source,
    destination,
    packetLength: packet.payload.byteOffset - packet.source.byteOffset + 8 + packet.payload.length,
    bytes,
    rest: found.bytes.subarray(length),
    misplaced: found.misplaced,
    decoded: decodeShim6(bytes),
    type,
    invalid: isPayload ? undefined : invalidity(bytes, length, type, source, destination),
  };
};
