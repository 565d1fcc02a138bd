/** Where the parts of a TCP segment lie in a captured frame: the flat view that the hot path reads instead of objects. */

/**
 * A TCP segment located in a buffer: numbers and offsets only, filled in place by `locateSegment`, so that a packet costs no
 * allocation. Everything is relative to `bytes`.
 */
export interface Segment {
  bytes: Uint8Array;
  /** 4 or 6. */
  ipVersion: number;
  /** Offset of the IP header. */
  ip: number;
  /** Offset of the source address as TCP sees it: 4 or 16 octets by `ipVersion`. With a Home Address option it is that (RFC 6275 section 6.3). */
  source: number;
  /** Offset of the destination address as TCP sees it: with segments left, the last one of the routing header (RFC 8200 section 8.1). */
  destination: number;
  /** IPv4 Identification; -1 for IPv6. */
  identification: number;
  /** Offset of the TCP header. */
  tcp: number;
  sourcePort: number;
  destinationPort: number;
  /** Sequence Number, unsigned 32 bits. */
  sequence: number;
  /** Acknowledgment Number, unsigned 32 bits; only meaningful with ACK set. */
  acknowledgment: number;
  /** The flags of RFC 9293 section 3.1: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  flags: number;
  /** The Window field, not scaled. */
  window: number;
  checksum: number;
  urgentPointer: number;
  /** Offset of the TCP options. */
  options: number;
  /** One past the last *captured* octet of the TCP options. */
  optionsEnd: number;
  /** Whether the capture holds every octet of the TCP header. */
  headerComplete: boolean;
  /** Offset of the payload. */
  payload: number;
  /** One past the last captured octet of the payload. */
  payloadEnd: number;
  /** Length of the payload on the wire in octets, as the IP header tells it; larger than `payloadEnd - payload` when snapped. */
  payloadLength: number;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;
export const ECE = 64;
export const CWR = 128;

/** An empty view for `locateSegment` to fill: make one, use it for every packet. @example const segment = newSegment(); */
export const newSegment = (): Segment => ({
  bytes: new Uint8Array(0),
  ipVersion: 0,
  ip: 0,
  source: 0,
  destination: 0,
  identification: -1,
  tcp: 0,
  sourcePort: 0,
  destinationPort: 0,
  // Above 2^31, so that the engine keeps these two as doubles from the first packet on.
  sequence: 0xffff_ffff,
  acknowledgment: 0xffff_ffff,
  flags: 0,
  window: 0,
  checksum: 0,
  urgentPointer: 0,
  options: 0,
  optionsEnd: 0,
  headerComplete: false,
  payload: 0,
  payloadEnd: 0,
  payloadLength: 0,
});
