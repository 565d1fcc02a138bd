/**
 * Mutants of Mobile IPv6 captures: the n-th message of a kind changed, checksums set right again, tunnels and link headers as they were. What a change is
 * not about stays valid: `sealed` makes the authenticator of a changed message right again with the tokens that the capture shows.
 */
import { readFileSync } from 'node:fs';
import { concat, equalBytes, setU64 } from '../../../codecs/bytes.ts';
import { LINKTYPE_EN10MB, LINKTYPE_RAW, createCaptureReader, timeOf } from '../../../codecs/capture/index.ts';
import {
  PROTOCOL_MOBILITY,
  authenticatorAt,
  authenticatorOf,
  bindingManagementKey,
  decodeMobileIcmp,
  decodeMobility,
  encodeMobileIcmp,
  encodeMobility,
  endpointsOf,
  fillMobilityChecksum,
  isMobileIcmp,
} from '../../../codecs/mip6/index.ts';
import type { MobileIcmpMessage, MobilityMessage } from '../../../codecs/mip6/index.ts';
import { PROTOCOL_ICMPV6, decodeIpv6, encodeIpv6, fillIcmpv6Checksum } from '../../../codecs/packet/index.ts';
import type { Ipv6, Ipv6Fields } from '../../../codecs/packet/index.ts';
import { pcapOf } from '../../arbitraries/network.ts';
import type { Packet } from '../../arbitraries/network.ts';

/** Octets of an Ethernet header, and one for IPv6. */
export const LINK = 14;
const ETHERNET = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd);
const PROTOCOL_IPV6 = 41;

/** A change of a capture. Nothing changes where the capture holds nothing of the kind: `mutate` then throws. */
export type Mutation = (frames: readonly Packet[]) => readonly Packet[];

/** The frames of a capture, times in ms from the first; those without a link header, as the lab has them, get one. */
export const framesIn = (file: Uint8Array): readonly Packet[] => {
  const frames: Packet[] = [];
  let start: number | undefined;
  const reader = createCaptureReader((record) => {
    start ??= timeOf(record);
    const octets = record.bytes.slice(record.start, record.end);
    frames.push({ bytes: record.linkType === LINKTYPE_RAW ? concat(ETHERNET, octets) : octets, time: timeOf(record) - start });
  });
  // A Buffer's slices share its octets, an array's do not.
  reader.push(new Uint8Array(file));
  reader.finish();
  return frames;
};

const read = new Map<string, readonly Packet[]>();

/** The frames of one of UMIP's captures, read once. @example framesOf('a-basic-mn') */
export const framesOf = (name: string): readonly Packet[] => {
  const frames =
    read.get(name) ?? framesIn(new Uint8Array(readFileSync(new URL(`../../../vectors/captures/umip/${name}.pcap`, import.meta.url))));
  read.set(name, frames);
  return frames;
};

/** The frames with a change, as a file. Throws where the change changes nothing. @example mutate(framesOf('a-basic-mn'), onMessage('BU', (bu) => ({ ...bu, reserved: 1 }))) */
export const mutate = (frames: readonly Packet[], mutation: Mutation): Uint8Array => {
  const changed = mutation(frames);
  if (changed === frames) throw new RangeError('nothing of the kind is in the capture');
  return pcapOf(changed, LINKTYPE_EN10MB);
};

/** The packets of a frame, the outermost first; none where it is not IPv6. */
export const packetsOf = ({ bytes }: Packet): readonly Ipv6[] => {
  const packets: Ipv6[] = [];
  let rest: Uint8Array | undefined = bytes[12] === 0x86 && bytes[13] === 0xdd ? bytes.subarray(LINK) : undefined;
  while (rest !== undefined) {
    const decoded = decodeIpv6(rest);
    if (!decoded.ok) break;
    packets.push(decoded.value);
    rest = decoded.value.protocol === PROTOCOL_IPV6 ? decoded.value.payload : undefined;
  }
  return packets;
};

/** The packet without the fields that follow from the others. */
const fieldsOf = (packet: Ipv6Fields): Ipv6Fields => {
  const { payloadLength: _, ...fields } = packet;
  return fields;
};

/** The frame with another innermost packet, and another time where one is given. */
export const rewrapped = (frame: Packet, inner: Ipv6Fields, time = frame.time): Packet => {
  const outer = packetsOf(frame).slice(0, -1);
  const octets = outer.reduceRight((payload, packet) => encodeIpv6(fieldsOf({ ...packet, payload })), encodeIpv6(fieldsOf(inner)));
  const bytes = new Uint8Array(LINK + octets.length);
  bytes.set(frame.bytes.subarray(0, LINK));
  bytes.set(octets, LINK);
  return { bytes, time };
};

/** A message of the Mobility Header in a frame. */
export interface Found {
  readonly index: number;
  readonly packet: Ipv6;
  readonly message: MobilityMessage;
}

/** The messages of a kind that a capture holds, in order. */
export const messagesOf = (frames: readonly Packet[], kind?: MobilityMessage['kind']): readonly Found[] =>
  frames.flatMap((frame, index) => {
    const packet = packetsOf(frame).at(-1);
    if (packet?.protocol !== PROTOCOL_MOBILITY) return [];
    const decoded = decodeMobility(packet.payload);
    return decoded.ok && (kind === undefined || decoded.value.kind === kind) ? [{ index, packet, message: decoded.value }] : [];
  });

/** Which of several: the n-th, or all of them; and a condition on message and packet. */
export interface Which<M> {
  readonly nth?: number | 'all';
  readonly where?: (message: M, packet: Ipv6) => boolean;
}

const chosen = <T extends { readonly message: M; readonly packet: Ipv6 }, M>(
  list: readonly T[],
  { nth = 0, where }: Which<M>,
): readonly T[] => {
  const fitting = list.filter(({ message, packet }) => where?.(message, packet) ?? true);
  return nth === 'all' ? fitting : fitting.slice(nth, nth + 1);
};

const withFrames = (frames: readonly Packet[], changed: ReadonlyMap<number, Packet>): readonly Packet[] =>
  changed.size === 0 ? frames : frames.map((frame, index) => changed.get(index) ?? frame);

const octetsOf = (value: bigint): Uint8Array => {
  const octets = new Uint8Array(8);
  setU64(octets, 0, value);
  return octets;
};

/** Makes the authenticator of a message right, with the last tokens before it that its nonce indices, or those of its Binding Update, name. */
const seal = (frames: readonly Packet[], { index, packet, message }: Found, octets: Uint8Array): Uint8Array => {
  const at = authenticatorAt(octets);
  if (at === undefined) return octets;
  const before = messagesOf(frames.slice(0, index));
  const ends = endpointsOf(packet);
  const update =
    message.kind === 'BU'
      ? { packet, message }
      : before.findLast((each) => each.message.kind === 'BU' && equalBytes(endpointsOf(each.packet).source, ends.destination));
  if (update?.message.kind !== 'BU') return octets;
  const home = endpointsOf(update.packet).source;
  const correspondent = endpointsOf(update.packet).destination;
  const nonces = update.message.options?.find((option) => option.kind === 'NonceIndices');
  const alternate = update.message.options?.find((option) => option.kind === 'AlternateCareOfAddress');
  const careOfAddress = alternate?.alternateCareOfAddress ?? update.packet.source;
  const hot = before.findLast(
    (each) =>
      each.message.kind === 'HoT' &&
      equalBytes(endpointsOf(each.packet).destination, home) &&
      each.message.homeNonceIndex === nonces?.homeNonceIndex,
  );
  const cot = before.findLast(
    (each) =>
      each.message.kind === 'CoT' &&
      equalBytes(each.packet.destination, careOfAddress) &&
      each.message.careOfNonceIndex === nonces?.careOfNonceIndex,
  );
  const isDeletion = update.message.lifetime === 0;
  if (hot?.message.kind !== 'HoT' || (!isDeletion && cot?.message.kind !== 'CoT')) return octets;
  const careOfToken = cot?.message.kind === 'CoT' && !isDeletion ? octetsOf(cot.message.careOfKeygenToken) : undefined;
  const kbm = bindingManagementKey(octetsOf(hot.message.homeKeygenToken), careOfToken);
  const sealed = octets.slice();
  sealed.set(authenticatorOf(kbm, { careOfAddress, correspondent, message: sealed, authenticatorAt: at }), at);
  return sealed;
};

/** Changes messages of a kind; `sealed` says that their authenticators are to be right all the same. @example onMessage('BU', (bu) => ({ ...bu, reserved: 1 })) */
export const onMessage =
  <K extends MobilityMessage['kind']>(
    kind: K,
    change: (message: Extract<MobilityMessage, { readonly kind: K }>, packet: Ipv6) => MobilityMessage,
    which: Which<Extract<MobilityMessage, { readonly kind: K }>> & { readonly sealed?: boolean } = {},
  ): Mutation =>
  (frames) => {
    type M = Extract<MobilityMessage, { readonly kind: K }>;
    const found = messagesOf(frames, kind) as readonly (Found & { readonly message: M })[];
    const changed = new Map<number, Packet>();
    for (const each of chosen(found, which)) {
      const octets = encodeMobility(change(each.message, each.packet));
      const sealed = which.sealed === true ? seal(frames, each, octets) : octets;
      changed.set(
        each.index,
        rewrapped(frames[each.index]!, { ...each.packet, payload: fillMobilityChecksum(sealed.slice(), each.packet) }),
      );
    }
    return withFrames(frames, changed);
  };

/** Changes the octets of messages of a kind; the checksum of what comes of it is set right where it is a message. */
export const onOctets =
  (
    kind: MobilityMessage['kind'],
    change: (octets: Uint8Array) => Uint8Array,
    which: Which<MobilityMessage> & { readonly checksum?: 'kept' } = {},
  ): Mutation =>
  (frames) => {
    const changed = new Map<number, Packet>();
    for (const { index, packet } of chosen(messagesOf(frames, kind), which)) {
      const octets = change(packet.payload.slice());
      const length = (octets[1]! + 1) * 8;
      if (which.checksum !== 'kept' && octets.length >= length) octets.set(fillMobilityChecksum(octets.slice(0, length), packet));
      changed.set(index, rewrapped(frames[index]!, { ...packet, payload: octets }));
    }
    return withFrames(frames, changed);
  };

/** Changes the packet that carries messages of a kind, its headers or addresses; the checksum is set right for it. */
export const onCarrier =
  (kind: MobilityMessage['kind'], change: (packet: Ipv6) => Ipv6Fields, which: Which<MobilityMessage> = {}): Mutation =>
  (frames) => {
    const changed = new Map<number, Packet>();
    for (const { index, packet } of chosen(messagesOf(frames, kind), which)) {
      const carrier = change(packet);
      const payload = fillMobilityChecksum(carrier.payload.slice(), { headers: [], ...carrier });
      changed.set(index, rewrapped(frames[index]!, { ...carrier, payload }));
    }
    return withFrames(frames, changed);
  };

/** An ICMPv6 message of Mobile IPv6 in a frame. */
interface FoundIcmp {
  readonly index: number;
  readonly packet: Ipv6;
  readonly message: MobileIcmpMessage;
}

export const icmpOf = (frames: readonly Packet[], kind: MobileIcmpMessage['kind']): readonly FoundIcmp[] =>
  frames.flatMap((frame, index) => {
    const packet = packetsOf(frame).at(-1);
    if (packet?.protocol !== PROTOCOL_ICMPV6 || !isMobileIcmp(packet.payload[0] ?? 0)) return [];
    const decoded = decodeMobileIcmp(packet.payload);
    return decoded.ok && decoded.value.kind === kind ? [{ index, packet, message: decoded.value }] : [];
  });

/** A packet with the octets of an ICMPv6 message, whose checksum is set right. */
export const withIcmp = (packet: Ipv6Fields, octets: Uint8Array): Ipv6Fields => {
  const { source, destination } = endpointsOf({ headers: [], ...packet });
  return { ...packet, payload: fillIcmpv6Checksum(source, destination, octets.slice()) };
};

/**
 * Changes ICMPv6 messages of a kind: the message, or its octets with `octets`, or the packet with `carrier`. The checksum is set right, unless `checksum` is `kept`.
 * @example onIcmp('HaadRequest', { message: (request) => ({ ...request, code: 1 }) })
 */
export const onIcmp =
  <K extends MobileIcmpMessage['kind']>(
    kind: K,
    change: {
      readonly message?: (message: Extract<MobileIcmpMessage, { readonly kind: K }>) => MobileIcmpMessage;
      readonly octets?: (octets: Uint8Array) => Uint8Array;
      readonly carrier?: (packet: Ipv6) => Ipv6Fields;
      readonly checksum?: 'kept';
    },
    which: Which<Extract<MobileIcmpMessage, { readonly kind: K }>> = {},
  ): Mutation =>
  (frames) => {
    type M = Extract<MobileIcmpMessage, { readonly kind: K }>;
    const found = icmpOf(frames, kind) as readonly (FoundIcmp & { readonly message: M })[];
    const changed = new Map<number, Packet>();
    for (const { index, packet, message } of chosen(found, which)) {
      const carrier = change.carrier?.(packet) ?? packet;
      const octets = change.message === undefined ? packet.payload.slice() : encodeMobileIcmp(change.message(message));
      const payload = change.octets?.(octets) ?? octets;
      changed.set(index, rewrapped(frames[index]!, change.checksum === 'kept' ? { ...carrier, payload } : withIcmp(carrier, payload)));
    }
    return withFrames(frames, changed);
  };

/** Several changes, one after the other. */
export const all =
  (...mutations: readonly Mutation[]): Mutation =>
  (frames) =>
    mutations.reduce((changed, mutation) => mutation(changed), frames);

/** Puts packets in: `make` says which, behind which frame. */
export const insert =
  (make: (frames: readonly Packet[]) => readonly { readonly behind: number; readonly packet: Packet }[]): Mutation =>
  (frames) => {
    const more = make(frames);
    return more.length === 0
      ? frames
      : frames.flatMap((frame, index) => [frame, ...more.filter(({ behind }) => behind === index).map(({ packet }) => packet)]);
  };

/** Leaves frames out. @example without((frames) => messagesOf(frames, 'BA').map(({ index }) => index)) */
export const without =
  (which: (frames: readonly Packet[]) => readonly number[]): Mutation =>
  (frames) => {
    const out = which(frames);
    return out.length === 0 ? frames : frames.filter((_, index) => !out.includes(index));
  };
