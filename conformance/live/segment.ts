/** Segments as the scripts of `live` send and see them: a TCP header with its MPTCP options as values, or as octets where they are to be wrong. */
import { concat } from '../../codecs/bytes.ts';
import { LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import { decodeMptcpOption, encodeMptcpOption, MPTCP_KIND, type MptcpOption } from '../../codecs/mptcp/index.ts';
import { ACK, FIN, PSH, RST, SYN, URG, TCP, encodeIpv4, encodeIpv6, encodeTcp, fillTcpChecksum } from '../../codecs/packet/index.ts';
import { formatEndpoint, locateSegment, newSegment, nextOption, PROTOCOL_TCP, type TcpOption } from '../../codecs/packet/index.ts';

/** An address and a port. */
export interface Socket {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** A segment that the kernel sent. */
export interface Seen {
  /** In the case's capture, from 1. */
  readonly frame: number;
  readonly path: number;
  readonly source: Socket;
  readonly destination: Socket;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** As it travels, not scaled. */
  readonly window: number;
  /** Its MPTCP options that can be decoded. */
  readonly options: readonly MptcpOption[];
  readonly payload: Uint8Array;
}

/** What a segment of ours is made of. */
export interface Segment {
  readonly source: Socket;
  readonly destination: Socket;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly tcpOptions: readonly TcpOption[];
  /** Octets (Kind, Length, ...) are sent as they are. */
  readonly options: readonly (MptcpOption | Uint8Array)[];
  readonly payload: Uint8Array;
  readonly urgentPointer?: number;
}

const asTcpOption = (option: MptcpOption | Uint8Array): TcpOption => {
  const octets = option instanceof Uint8Array ? option : encodeMptcpOption(option);
  return { kind: 'OTHER', number: octets[0]!, data: octets.subarray(2) };
};

/** The IP packet of a segment. */
export const packetOf = ({ source, destination, tcpOptions, options, ...rest }: Segment): Uint8Array => {
  const tcp = encodeTcp({
    ...rest,
    sourcePort: source.port,
    destinationPort: destination.port,
    options: [...tcpOptions, ...options.map(asTcpOption)],
  });
  const ip = { protocol: PROTOCOL_TCP, source: source.address, destination: destination.address, payload: tcp };
  return fillTcpChecksum(source.address.length === 4 ? encodeIpv4({ ...ip, dontFragment: true }) : encodeIpv6(ip));
};

const located = newSegment();

/** The segment in an IP packet; undefined where it holds none. */
export const segmentOf = (packet: Uint8Array, path: number, frame: number): Seen | undefined => {
  if (locateSegment(packet, 0, packet.length, packet.length, LINKTYPE_RAW, located) !== TCP) return undefined;
  const s = located;
  const size = s.ipVersion === 4 ? 4 : 16;
  const options: MptcpOption[] = [];
  for (let at = nextOption(packet, s.options, s.optionsEnd); at >= 0; at = nextOption(packet, at + packet[at + 1]!, s.optionsEnd)) {
    if (packet[at] !== MPTCP_KIND) continue;
    const option = decodeMptcpOption(packet, at, s.optionsEnd, 1);
    if (option.ok) options.push(option.value);
  }
  return {
    frame,
    path,
    source: { address: packet.subarray(s.source, s.source + size), port: s.sourcePort },
    destination: { address: packet.subarray(s.destination, s.destination + size), port: s.destinationPort },
    sequence: s.sequence,
    acknowledgment: s.acknowledgment,
    flags: s.flags,
    window: s.window,
    options,
    payload: packet.subarray(s.payload, s.payloadEnd),
  };
};

/** A socket as text. @example textOf({ address, port: 80 }) // '[2001:db8::1]:80' */
export const textOf = ({ address, port }: Socket): string => formatEndpoint(address, 0, address.length === 4 ? 4 : 6, port);

/** The option of a kind on a segment. @example optionOf(seen, 'DSS')?.dataAck */
export const optionOf = <K extends MptcpOption['kind']>(
  seen: Seen | undefined,
  kind: K,
): Extract<MptcpOption, { readonly kind: K }> | undefined =>
  seen?.options.find((option): option is Extract<MptcpOption, { readonly kind: K }> => option.kind === kind);

const flagNames = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [ACK, 'ACK'],
  [URG, 'URG'],
] as const;

const optionText = (option: MptcpOption): string => {
  if (option.kind === 'DSS') {
    const parts = [
      option.dataAck === undefined ? '' : ` ack ${option.dataAck}`,
      option.dataSequenceNumber === undefined ? '' : ` map ${option.dataSequenceNumber}+${option.dataLevelLength}`,
      option.dataFin ? ' DATA_FIN' : '',
    ];
    return `DSS${parts.join('')}`;
  }
  return option.kind === 'MP_TCPRST' ? `MP_TCPRST reason ${option.reason}` : option.kind;
};

/** What a segment is, for people. @example describe(seen) // 'RST with MP_TCPRST reason 1 (frame 5)' */
export const describe = (seen: Seen | undefined): string => {
  if (seen === undefined) return 'nothing';
  const flags = flagNames.filter(([bit]) => (seen.flags & bit) !== 0).map(([, name]) => name);
  const octets = seen.payload.length > 0 ? ` of ${seen.payload.length} octets` : '';
  const options = seen.options.length > 0 ? ` with ${seen.options.map(optionText).join(', ')}` : '';
  return `${flags.join('/') || 'segment'}${octets}${options} (frame ${seen.frame})`;
};

/** Whether all of `flags` are set. */
export const has = (seen: Seen, flags: number): boolean => (seen.flags & flags) === flags;
export const hasData = ({ payload }: Seen): boolean => payload.length > 0;
export const isRst = (seen: Seen): boolean => has(seen, RST);
export const isSynAck = (seen: Seen): boolean => has(seen, SYN | ACK);

/** The octets of an option with one of them changed, or cut or drawn out to another Length. */
export const spoilt = (
  option: MptcpOption,
  change: { readonly at?: number; readonly to?: number; readonly length?: number },
): Uint8Array => {
  const octets = encodeMptcpOption(option);
  const { at, to = 0, length = octets.length } = change;
  const out = concat(octets, new Uint8Array(40)).slice(0, length);
  out[1] = length;
  if (at !== undefined) out[at] = to;
  return out;
};

export { ACK, FIN, PSH, RST, SYN, URG };
