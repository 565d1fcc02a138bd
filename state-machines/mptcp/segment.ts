/**
 * A TCP segment as an endpoint sends and takes it (RFC 9293 section 3.1): addresses, header, and options in their order with those of
 * MPTCP opened (RFC 8684 section 3). To and from an IP packet.
 */
import { concat } from '../../codecs/bytes.ts';
import { decoded, undecodable } from '../../codecs/decoded.ts';
import type { Decoded } from '../../codecs/decoded.ts';
import { decodeMptcpOption, encodeMptcpOption, MPTCP_KIND } from '../../codecs/mptcp/index.ts';
import type { MptcpOption, MptcpVersion } from '../../codecs/mptcp/index.ts';
import {
  decodeIpv4,
  decodeIpv6,
  decodeTcp,
  encodeIpv4,
  encodeIpv6,
  encodeTcp,
  encodeTcpOptions,
  fillTcpChecksum,
} from '../../codecs/packet/index.ts';
import type { TcpOption } from '../../codecs/packet/index.ts';

/** An option of TCP's own or one of MPTCP's; one of MPTCP that cannot be read is `OTHER` with `number` 30. */
export type SegmentOption = TcpOption | MptcpOption;

/** A segment with its addresses: 4 octets each, or 16. */
export interface TcpSegment {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Unsigned 32 bits, as is `acknowledgment`, which is 0 without ACK. */
  readonly sequence: number;
  readonly acknowledgment: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  readonly flags: number;
  /** As in the header: not scaled. */
  readonly window: number;
  readonly options: readonly SegmentOption[];
  readonly payload: Uint8Array;
}

const TCP_PROTOCOL = 6;
/** Kinds of `TcpOption`; all others are MPTCP's. */
const PLAIN = new Set<SegmentOption['kind']>([
  'END',
  'NOP',
  'MSS',
  'WINDOW_SCALE',
  'SACK_PERMITTED',
  'SACK',
  'TIMESTAMPS',
  'FAST_OPEN',
  'OTHER',
]);

/** Whether an option is one of MPTCP's. @example isMptcpOption({ kind: 'NOP' }) // false */
export const isMptcpOption = (option: SegmentOption): option is MptcpOption => !PLAIN.has(option.kind);

/** The octets of options, not padded. @example encodeOptions([{ kind: 'MP_PRIO', backup: true, reserved: 0 }]).length // 3 */
export const encodeOptions = (options: readonly SegmentOption[]): Uint8Array =>
  concat(...options.map((option) => (isMptcpOption(option) ? encodeMptcpOption(option) : encodeTcpOptions([option]))));

/** The option as `encodeTcp` takes it: its octets after Kind and Length. */
const asTcpOption = (option: SegmentOption): TcpOption =>
  isMptcpOption(option) ? { kind: 'OTHER', number: MPTCP_KIND, data: encodeMptcpOption(option).subarray(2) } : option;

/**
 * The IP packet of a segment, with all checksums; options are padded to 32 bits. A `RangeError` names what cannot be represented, also
 * options of more than 40 octets. @example encodeSegment(segment) // Uint8Array of 40 octets and more
 */
export const encodeSegment = (segment: TcpSegment, identification = 0): Uint8Array => {
  const { source, destination } = segment;
  const payload = encodeTcp({ ...segment, options: segment.options.map(asTcpOption) });
  return fillTcpChecksum(
    source.length === 4
      ? encodeIpv4({ protocol: TCP_PROTOCOL, source, destination, payload, identification, dontFragment: true })
      : encodeIpv6({ protocol: TCP_PROTOCOL, source, destination, payload }),
  );
};

/** Opens the MPTCP option among TCP's. */
const opened = (option: TcpOption, version: MptcpVersion | undefined): SegmentOption => {
  if (option.kind !== 'OTHER' || option.number !== MPTCP_KIND) return option;
  const bytes = concat(Uint8Array.of(MPTCP_KIND, 2 + option.data.length), option.data);
  const read = decodeMptcpOption(bytes, 0, bytes.length, version);
  return read.ok ? read.value : option;
};

/**
 * The segment in an IP packet. `version` is the connection's version of MPTCP, where it is known; padding and No-Operations are left
 * out. Never throws: what holds no TCP segment is an error. @example decodeSegment(packet, endpoint.version)
 */
export const decodeSegment = (packet: Uint8Array, version?: MptcpVersion): Decoded<TcpSegment> => {
  const ip = packet.length > 0 && packet[0]! >> 4 === 6 ? decodeIpv6(packet) : decodeIpv4(packet);
  if (!ip.ok) return ip;
  const { source, destination, protocol, payload } = ip.value;
  if (protocol !== TCP_PROTOCOL) return undecodable('not-tcp', 0, `protocol ${protocol} is not TCP`, 'RFC 9293 section 3.1');
  const tcp = decodeTcp(payload);
  if (!tcp.ok) return tcp;
  const { sourcePort, destinationPort, sequence, acknowledgment, flags, window } = tcp.value;
  const options = tcp.value.options.filter(({ kind }) => kind !== 'NOP' && kind !== 'END').map((option) => opened(option, version));
  return decoded({
    source,
    destination,
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    flags,
    window,
    options,
    payload: tcp.value.payload,
  });
};
