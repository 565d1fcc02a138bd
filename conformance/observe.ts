/** From the records of a capture to what the protocols look at: TCP segments by offsets, and IPv6 packets, out of their fragments and tunnels. */
import { copyOf } from '../codecs/bytes.ts';
import { LINKTYPE_RAW, timeOf } from '../codecs/capture/index.ts';
import type { CaptureRecord } from '../codecs/capture/index.ts';
import type { DecodeError } from '../codecs/decoded.ts';
import { HOME_ADDRESS_OPTION } from '../codecs/mip6/home-address.ts';
import { PROTOCOL_SHIM6 } from '../codecs/shim6/placement.ts';
import { locateIp } from '../codecs/packet/link.ts';
import {
  FRAGMENT,
  NOT_TCP,
  PROTOCOL_AUTHENTICATION,
  PROTOCOL_DESTINATION,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMPV6,
  PROTOCOL_MOBILITY,
  PROTOCOL_ROUTING,
  TCP,
  createReassembler,
  decodeIpv6,
  locateSegment,
  newSegment,
} from '../codecs/packet/index.ts';
import type { Ipv6, Segment } from '../codecs/packet/index.ts';

/** The protocol number of IPv6 in IPv6 (RFC 2473). */
export const PROTOCOL_IPV6 = 41;

/** An IPv6 packet of the capture. Its octets are the reader's: what is kept of them is to be copied. */
export interface Sighting {
  /** Number of the record, counted from 1. */
  readonly frame: number;
  /** In ms since 1970. */
  readonly time: number;
  /** The packet; where it came through a tunnel, the innermost one. */
  readonly packet: Ipv6;
  /** The packets that it came in (RFC 2473), the outermost first. */
  readonly outer: readonly Ipv6[];
  /** Whether the capture holds every octet of it. */
  readonly whole: boolean;
  /** Frame of the same packet, but for its Hop Limit, captured less than 500 ms before; 0 for none. */
  readonly twin: number;
  /** Option Length of a Home Address option that leads out of its header, where there is one: in `packet` it ends with the header. */
  readonly overlongHomeAddress?: number;
}

/** Who looks at what a capture holds. */
export interface Sights {
  /** Whether packets that carry nothing but an upper layer's payload are looked at as well. Asked for every packet. */
  readonly wantsPayload: boolean;
  /** A TCP segment over IPv4 or IPv6, valid until the next one. */
  segment(segment: Segment, record: CaptureRecord, frame: number): void;
  /** An IPv6 packet with a header or a payload that may matter. A TCP segment with extension headers is handed over both ways, first as a packet. */
  packet(sighting: Sighting, record: CaptureRecord): void;
}

/** First headers of packets that are always looked at. */
const carriers = new Set([
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_IPV6,
  PROTOCOL_ROUTING,
  PROTOCOL_FRAGMENT,
  PROTOCOL_AUTHENTICATION,
  PROTOCOL_ICMPV6,
  PROTOCOL_DESTINATION,
  PROTOCOL_MOBILITY,
  PROTOCOL_SHIM6,
]);

/** Tunnels within tunnels that are followed (RFC 2473 section 4.1.1 limits them to a few, too). */
const DEEPEST = 4;
/** What was captured twice comes again within this time, in ms, and is found among so many packets. */
const TWICE = 500;
const RECENT = 4096;

/**
 * Takes the records of one capture and shows them to `sights`.
 *
 * @example
 * const observer = new Observer(sights);
 * const reader = createCaptureReader(observer.observe);
 */
export class Observer {
  /** Records so far. */
  frames = 0;
  /** Of those, cut by the snap length. */
  snapped = 0;
  /** Packets other than TCP segments that were captured more than once. */
  duplicates = 0;
  readonly #sights: Sights;
  readonly #carriers: ReadonlySet<number>;
  readonly #segment = newSegment();
  readonly #reassembler = createReassembler();
  /** The packets of the last moments, by a hash of their octets. */
  readonly #recent = new Map<number, { readonly frame: number; readonly time: number }>();

  /** `shim6Protocol` is one more protocol number that stands for shim6: LinShim6 was shipped with 61. */
  constructor(sights: Sights, shim6Protocol = PROTOCOL_SHIM6) {
    this.#sights = sights;
    this.#carriers = new Set([...carriers, shim6Protocol]);
  }

  /** What was dropped to stay within bounds, one sentence each. */
  get notes(): readonly string[] {
    const { dropped } = this.#reassembler;
    return dropped === 0 ? [] : [`${dropped} fragmented packets were given up: they overlapped, or too many were incomplete`];
  }

  /** Looks at one record. */
  readonly observe = (record: CaptureRecord): void => {
    this.frames += 1;
    const { bytes, start, end, originalLength, linkType } = record;
    if (end - start < originalLength) this.snapped += 1;
    const segment = this.#segment;
    const located = locateSegment(bytes, start, end, originalLength, linkType, segment);
    if (located === TCP) {
      if (segment.ipVersion === 6 && (this.#sights.wantsPayload || segment.tcp - segment.ip !== 40)) {
        this.#packet(bytes, segment.ip, end, record);
      }
      this.#sights.segment(segment, record, this.frames);
    } else if (located === FRAGMENT) {
      this.#fragment(record);
    } else if (located === NOT_TCP) {
      const ip = locateIp(bytes, start, end, linkType);
      if (ip >= 0 && ip + 40 <= end && bytes[ip]! >> 4 === 6 && (this.#sights.wantsPayload || this.#carriers.has(bytes[ip + 6]!))) {
        this.#packet(bytes, ip, end, record);
      }
    }
  };

  #fragment(record: CaptureRecord): void {
    const packet = this.#reassembler.add(record.bytes, record.start, record.end, record.linkType);
    if (packet === undefined) return;
    const segment = this.#segment;
    const isTcp = locateSegment(packet, 0, packet.length, packet.length, LINKTYPE_RAW, segment) === TCP;
    if (packet[0]! >> 4 === 6 && (!isTcp || this.#sights.wantsPayload || segment.tcp !== 40))
      this.#packet(packet, 0, packet.length, record);
    if (isTcp) this.#sights.segment(segment, record, this.frames);
  }

  #packet(bytes: Uint8Array, start: number, end: number, record: CaptureRecord): void {
    const octets = bytes.subarray(start, end);
    let read = decodeIpv6(octets);
    let overlongHomeAddress: number | undefined;
    if (!read.ok) {
      const cut = withHomeAddressCut(octets, read.error);
      if (cut === undefined) return;
      overlongHomeAddress = cut.length;
      read = decodeIpv6(cut.octets);
      if (!read.ok) return;
    }
    let packet = read.value;
    const last = packet.headers.at(-1);
    if (last?.kind === 'FRAGMENT' && (last.offset !== 0 || last.more)) {
      this.#fragment(record);
      return;
    }
    const time = timeOf(record);
    const twin = this.#twinOf(bytes, start, end - packet.trailer.length, time);
    const outer: Ipv6[] = [];
    let whole = isWhole(packet);
    while (packet.protocol === PROTOCOL_IPV6 && outer.length < DEEPEST) {
      const inner = decodeIpv6(packet.payload);
      if (!inner.ok) break;
      outer.push(packet);
      packet = inner.value;
      whole &&= isWhole(packet);
    }
    this.#sights.packet(
      { frame: this.frames, time, packet, outer, whole, twin, ...(overlongHomeAddress !== undefined && { overlongHomeAddress }) },
      record,
    );
  }

  #twinOf(bytes: Uint8Array, start: number, end: number, time: number): number {
    const recent = this.#recent;
    const key = hashOf(bytes, start, end);
    const before = recent.get(key);
    const isTwin = before !== undefined && Math.abs(time - before.time) < TWICE;
    if (isTwin) this.duplicates += 1;
    recent.delete(key);
    recent.set(key, isTwin ? before : { frame: this.frames, time });
    for (const [oldest, seen] of recent) {
      if (recent.size <= RECENT && Math.abs(time - seen.time) < TWICE) break;
      recent.delete(oldest);
    }
    return isTwin ? before.frame : 0;
  }
}

/**
 * A packet that does not decode because a Home Address option leads out of its header, with the option made to end where the header does, and the Option Length
 * that it had. Undefined where it is something else that does not decode.
 */
const withHomeAddressCut = (
  octets: Uint8Array,
  { code, offset }: DecodeError,
): { readonly octets: Uint8Array; readonly length: number } | undefined => {
  if (code !== 'bad-length' || octets[offset] !== HOME_ADDRESS_OPTION) return undefined;
  let protocol = octets[6];
  let at = 40;
  while (at < offset) {
    const size = protocol === PROTOCOL_AUTHENTICATION ? (octets[at + 1]! + 2) * 4 : (octets[at + 1]! + 1) * 8;
    const end = at + (protocol === PROTOCOL_FRAGMENT ? 8 : size);
    if (offset + 1 < end) {
      const cut = copyOf(octets);
      cut[offset + 1] = end - offset - 2;
      return { octets: cut, length: octets[offset + 1]! };
    }
    protocol = octets[at];
    at = end;
  }
  return undefined;
};

/** 53 bits of the octets of an IPv6 packet, its Hop Limit left out: enough to tell the packets of half a second apart. */
const hashOf = (bytes: Uint8Array, start: number, end: number): number => {
  let high = end - start;
  let low = high ^ 0x5bd1_e995;
  for (let i = start; i < end; i += 1) {
    const octet = i === start + 7 ? 0 : bytes[i]!;
    high = Math.imul(high ^ octet, 0x0100_0193);
    low = Math.imul(low + octet, 0x85eb_ca6b) ^ (low >>> 13);
  }
  return (high >>> 0) * 2 ** 21 + ((low >>> 0) & 0x1f_ffff);
};

/** Whether the packet is as long as its header says. A length of 0 is that of a segment its sender's interface was to cut. */
const isWhole = ({ payloadLength, payload, destination }: Ipv6): boolean =>
  payloadLength === 0 || payload.byteOffset + payload.length - (destination.byteOffset + destination.length) >= payloadLength;
