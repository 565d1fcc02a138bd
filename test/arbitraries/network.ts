/**
 * What networks and captures do to packets, valid TCP and MPTCP staying valid: other addresses (NAT), other sequence numbers, fragments, VLANs,
 * segments merged or split (RFC 8684 appendix A names such middleboxes), and the capture file that comes of it.
 */
import { concat } from '../../codecs/bytes.ts';
import { LINKTYPE_RAW, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import { RST, decodeIpv4, decodeIpv6, decodeTcp, encodeIpv4, encodeIpv6, encodeTcp, parseAddress } from '../../codecs/packet/index.ts';
import { fillTcpChecksum } from '../../codecs/packet/index.ts';
import type { Tcp } from '../../codecs/packet/index.ts';

/** A packet as it was captured: from its IP header on (or with the link header of the capture), and when, in ms from the first. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly time: number;
}

/** A capture of these packets as a pcap file, whose times start at 1,700,000,000 s. @example pcapOf(talk.packets.slice(5)) */
export const pcapOf = (packets: readonly Packet[], linkType: number = LINKTYPE_RAW): Uint8Array =>
  concat(
    pcapHeader({ linkType }),
    ...packets.map(({ bytes, time }) => {
      const microseconds = Math.round(time * 1000);
      const [seconds, fraction] = [1_700_000_000 + Math.floor(microseconds / 1e6), microseconds % 1e6];
      return pcapRecord({ bytes, start: 0, end: bytes.length, originalLength: bytes.length, seconds, fraction });
    }),
  );

/** An IP packet with a TCP segment, opened. */
export interface Opened {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly identification: number;
  readonly tcp: Tcp;
}

/** Opens a packet without link header or extension headers. Throws a RangeError where it is not IP with TCP. */
export const openPacket = ({ bytes }: Packet): Opened => {
  const v4 = bytes[0]! >> 4 === 4;
  const ip = v4 ? decodeIpv4(bytes) : decodeIpv6(bytes);
  if (!ip.ok) throw new RangeError(ip.error.message);
  const tcp = decodeTcp(ip.value.payload);
  if (!tcp.ok) throw new RangeError(tcp.error.message);
  const { source, destination } = ip.value;
  return { source, destination, identification: 'identification' in ip.value ? ip.value.identification : 0, tcp: tcp.value };
};

/** The packet of an opened one; addresses of the other family make it one of that family. */
export const closePacket = ({ source, destination, identification, tcp }: Opened, time: number): Packet => {
  const payload = encodeTcp(tcp);
  const packet =
    source.length === 4
      ? encodeIpv4({ protocol: 6, source, destination, payload, identification })
      : encodeIpv6({ protocol: 6, source, destination, payload });
  return { bytes: fillTcpChecksum(packet), time };
};

/** Changes a packet's segment or addresses. @example rewrite(packet, (opened) => ({ ...opened, source })) */
export const rewrite = (packet: Packet, change: (opened: Opened) => Opened): Packet => closePacket(change(openPacket(packet)), packet.time);

const octetsOf = (address: string): Uint8Array => {
  const octets = parseAddress(address);
  if (octets === undefined) throw new RangeError(`${address} is no address`);
  return octets;
};
const same = (x: Uint8Array, y: Uint8Array): boolean => x.length === y.length && x.every((octet, i) => octet === y[i]);

/** A NAT: what has the inner address and port on one side gets the outer ones. @example translate(packet, ['10.0.1.1', 40_000], ['192.0.2.1', 61_000]) */
export const translate = (packet: Packet, inner: readonly [string, number], outer: readonly [string, number]): Packet => {
  const [from, to] = [octetsOf(inner[0]), octetsOf(outer[0])];
  return rewrite(packet, ({ source, destination, identification, tcp }) => {
    const isSource = same(source, from) && tcp.sourcePort === inner[1];
    const isDestination = same(destination, from) && tcp.destinationPort === inner[1];
    return {
      source: isSource ? to : source,
      destination: isDestination ? to : destination,
      identification,
      tcp: { ...tcp, ...(isSource && { sourcePort: outer[1] }), ...(isDestination && { destinationPort: outer[1] }) },
    };
  });
};

/** A firewall that moves the sequence numbers of one end, named by its address, as RFC 8684 section 3.3.1 expects (l.1441). */
export const shiftSequence = (packet: Packet, address: string, by: number): Packet => {
  const end = octetsOf(address);
  return rewrite(packet, (opened) => {
    const { tcp } = opened;
    if (same(opened.source, end)) return { ...opened, tcp: { ...tcp, sequence: (tcp.sequence + by) >>> 0 } };
    return { ...opened, tcp: { ...tcp, ...((tcp.flags & RST) === 0 && { acknowledgment: (tcp.acknowledgment + by) >>> 0 }) } };
  });
};

/** A segment cut into pieces of at most `size` octets, each with all of its options, as segmentation offload does it. */
export const split = (packet: Packet, size: number): readonly Packet[] => {
  const opened = openPacket(packet);
  const { tcp } = opened;
  const pieces: Packet[] = [];
  for (let at = 0; at === 0 || at < tcp.payload.length; at += size) {
    const payload = tcp.payload.subarray(at, at + size);
    const sequence = (tcp.sequence + at) >>> 0;
    pieces.push(
      closePacket({ ...opened, identification: opened.identification + pieces.length, tcp: { ...tcp, sequence, payload } }, packet.time),
    );
  }
  return pieces;
};

/** Two segments that follow each other as one with the options of the first, as receive offload does it. */
export const merge = (first: Packet, second: Packet): Packet =>
  rewrite(first, (opened) => ({ ...opened, tcp: { ...opened.tcp, payload: concat(opened.tcp.payload, openPacket(second).tcp.payload) } }));
