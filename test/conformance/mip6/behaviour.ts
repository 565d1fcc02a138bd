/** What the tables of mutants of RFC 6275 sections 5.2 and 9 to 11 are made of: packets put in, frames moved in time, and the hosts of UMIP's recordings. */
import { homeAddressHeader, encodeRoutingHeader2, fillMobilityChecksum } from '../../../codecs/mip6/index.ts';
import { PROTOCOL_ICMPV6, encodeIpv6 } from '../../../codecs/packet/index.ts';
import type { ExtensionHeader, Ipv6, Ipv6Fields } from '../../../codecs/packet/index.ts';
import { echo } from '../../../conformance/lab/index.ts';
import type { Packet } from '../../arbitraries/network.ts';
import { CORRESPONDENT, HOME, addressOf, bytes } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { messagesOf, packetsOf, rewrapped, withIcmp } from './mutation.ts';
import type { Found, Mutation } from './mutation.ts';

/** A mutant that is checked as captured at a host. */
export interface BehaviourMutant extends Mutant {
  readonly at?: string;
}

export const AGENT = addressOf('2001:db8:1::1');
/** Where the mobile node of `a-basic` is first, and then. */
export const FIRST = addressOf('2001:db8:2:0:608f:a8ff:fe7c:2342');
export const SECOND = addressOf('2001:db8:3:0:608f:a8ff:fe7c:2342');
export const ROUTER = addressOf('fe80::70df:83ff:fe00:1e94');

export const routingHeader = (home = HOME): ExtensionHeader =>
  encodeRoutingHeader2({ kind: 'RoutingHeader2', segmentsLeft: 1, reserved: 0, homeAddress: home });

/** An echo message between these ends, as the upper layer sees them, with these headers and addresses around it. */
export const echoed = (
  kind: 'request' | 'reply',
  ends: { readonly from: Uint8Array; readonly to: Uint8Array },
  carrier: { readonly source: Uint8Array; readonly destination: Uint8Array; readonly headers: readonly ExtensionHeader[] },
  sequence = 4000,
): Ipv6Fields => ({ ...echo(kind, ends.from, ends.to, 77, sequence), ...carrier });

/** From the correspondent by way of a care-of address, and from the mobile node with a Home Address option. */
export const toCareOf = (careOf: Uint8Array, sequence?: number): Ipv6Fields =>
  echoed('reply', { from: CORRESPONDENT, to: HOME }, { source: CORRESPONDENT, destination: careOf, headers: [routingHeader()] }, sequence);
export const fromCareOf = (careOf: Uint8Array, sequence?: number, to = CORRESPONDENT): Ipv6Fields =>
  echoed('request', { from: HOME, to }, { source: careOf, destination: to, headers: [homeAddressHeader(HOME)] }, sequence);

/** A packet in a tunnel. */
export const tunneled = (source: Uint8Array, destination: Uint8Array, inner: Ipv6Fields): Ipv6Fields => ({
  source,
  destination,
  protocol: 41,
  payload: encodeIpv6(inner),
});

/** An ICMPv6 message of this type and body. */
export const icmp = (
  source: Uint8Array,
  destination: Uint8Array,
  type: number,
  body: Uint8Array,
  headers: readonly ExtensionHeader[] = [],
): Ipv6Fields =>
  withIcmp({ source, destination, headers, protocol: PROTOCOL_ICMPV6, payload: bytes(0) }, Uint8Array.of(type, 0, 0, 0, ...body));

/** A frame of its own for a packet, behind the link header of another. */
export const framed = (like: Packet, packet: Ipv6Fields, time: number): Packet => {
  const octets = encodeIpv6(packet);
  const whole = new Uint8Array(14 + octets.length);
  whole.set(like.bytes.subarray(0, 12));
  whole.set([0x86, 0xdd], 12);
  whole.set(octets, 14);
  return { bytes: whole, time };
};

/** Puts packets in at their times, in ms from the start of the capture. */
export const at =
  (...packets: readonly (readonly [time: number, packet: Ipv6Fields])[]): Mutation =>
  (frames) => {
    const like = frames.find((frame) => packetsOf(frame).length > 0)!;
    const more = packets.map(([time, packet]) => framed(like, packet, time));
    return [...frames, ...more].toSorted((one, other) => one.time - other.time);
  };

/** The n-th message of a kind that fits, and when it was captured. */
export const nth = (frames: readonly Packet[], kind: Found['message']['kind'], which = 0): Found & { readonly time: number } => {
  const found = messagesOf(frames, kind).at(which);
  if (found === undefined) throw new RangeError(`no ${kind} number ${which}`);
  return { ...found, time: frames[found.index]!.time };
};

/** Sends the n-th message of a kind once more, `later` ms after it, as `change` has it. */
export const again = (
  kind: Found['message']['kind'],
  which: number,
  later: readonly number[],
  change: (octets: Uint8Array, index: number) => Uint8Array = (octets) => octets,
): Mutation =>
  insertSorted((frames) => {
    const { index, packet, time } = nth(frames, kind, which);
    return later.map((by, count) => {
      const payload = fillMobilityChecksum(change(packet.payload.slice(), count), packet);
      return rewrapped(frames[index]!, { ...packet, payload }, time + by);
    });
  });

/** Puts frames in where their times have them. */
export const insertSorted =
  (make: (frames: readonly Packet[]) => readonly Packet[]): Mutation =>
  (frames) =>
    [...frames, ...make(frames)].toSorted((one, other) => one.time - other.time);

/** Raises the Sequence Number in the octets of a Binding Update or the one in a Binding Acknowledgement by so much. */
export const raised =
  (by: (count: number) => number, place = 6) =>
  (octets: Uint8Array, count: number): Uint8Array => {
    const sequence = ((octets[place]! << 8) | octets[place + 1]!) + by(count);
    octets.set([(sequence >> 8) & 0xff, sequence & 0xff], place);
    return octets;
  };

/** Everything from the n-th message of a kind on comes so much later, in ms. */
export const delayed =
  (kind: Found['message']['kind'], which: number, by: number): Mutation =>
  (frames) => {
    const { index } = nth(frames, kind, which);
    return frames.map((frame, place) => (place < index ? frame : { ...frame, time: frame.time + by }));
  };

/** Changes the first packet, tunnels left as they are, that fits. */
export const onPacket =
  (fits: (packet: Ipv6, frame: Packet) => boolean, change: (packet: Ipv6) => Ipv6Fields): Mutation =>
  (frames) => {
    const index = frames.findIndex((frame) => {
      const packet = packetsOf(frame).at(-1);
      return packet !== undefined && fits(packet, frame);
    });
    const packet = index < 0 ? undefined : packetsOf(frames[index]!).at(-1);
    return packet === undefined ? frames : frames.with(index, rewrapped(frames[index]!, change(packet)));
  };

/** Changes the outermost packet of the frames that carry the n-th message of a kind in a tunnel. */
export const onTunnel =
  (kind: Found['message']['kind'], which: number, change: (outer: Ipv6) => Ipv6Fields): Mutation =>
  (frames) => {
    const { index } = nth(frames, kind, which);
    const frame = frames[index]!;
    const [outer] = packetsOf(frame);
    return outer === undefined ? frames : frames.with(index, framed(frame, change(outer), frame.time));
  };

/** Changes a Neighbor Advertisement about the home address: its flags, or the octets of the message. */
export const onAdvertisement = (
  fits: (packet: Ipv6) => boolean,
  change: { readonly octets?: (octets: Uint8Array) => Uint8Array; readonly carrier?: Partial<Ipv6Fields> },
): Mutation =>
  onPacket(
    (packet) => packet.protocol === PROTOCOL_ICMPV6 && packet.payload[0] === 136 && fits(packet),
    (packet) => withIcmp({ ...packet, ...change.carrier }, change.octets?.(packet.payload.slice()) ?? packet.payload),
  );

/** Whether it is a multicast advertisement for the home address. */
export const isMulticast = ({ destination }: Ipv6): boolean => destination[0] === 0xff;
