/** Finds the IP header behind a link-layer header by offsets alone: the first step of the hot path. The typed headers are in their own files. */
import { u16, u32, u32le } from '../bytes.ts';
import {
  LINKTYPE_EN10MB,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NULL,
  LINKTYPE_PPP,
  LINKTYPE_RAW,
  LINKTYPE_RAW_12,
  LINKTYPE_RAW_14,
} from '../capture/link-type.ts';

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

/** Results of `locateIp` that are no offset. */
export const NOT_IP = -1;
export const CUT = -2;

/** A VLAN tag's TPID: 802.1Q, 802.1ad (QinQ) and the value that came before it. @example isVlan(0x8100) // true */
export const isVlan = (etherType: number): boolean => etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100;

/** An address family of LINKTYPE_NULL: AF_INET6 is 10 on Linux, 24, 28 and 30 on the BSDs and macOS. @example isFamily6(30) // true */
export const isFamily6 = (family: number): boolean => family === 10 || family === 24 || family === 28 || family === 30;

const versioned = (bytes: Uint8Array, offset: number, end: number, version: number): number => {
  if (offset >= end) return CUT;
  const found = bytes[offset]! >> 4;
  return version === 0 ? (found === 4 || found === 6 ? offset : NOT_IP) : found === version ? offset : CUT;
};

const afterEtherType = (bytes: Uint8Array, type: number, payload: number, end: number): number => {
  let etherType = type;
  let at = payload;
  while (isVlan(etherType)) {
    if (at + 4 > end) return CUT;
    etherType = u16(bytes, at + 2);
    at += 4;
  }
  if (etherType === ETHERTYPE_IPV4) return versioned(bytes, at, end, 4);
  if (etherType === ETHERTYPE_IPV6) return versioned(bytes, at, end, 6);
  return NOT_IP;
};

const afterPpp = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start;
  // RFC 1662 section 3.1: Address and Control may be compressed away; RFC 1661 section 6.5: so may the Protocol's first octet.
  if (at + 2 <= end && bytes[at] === 0xff && bytes[at + 1] === 0x03) at += 2;
  if (at >= end) return CUT;
  if (bytes[at] === 0) at++;
  if (at >= end) return CUT;
  if (bytes[at] === 0x21) return versioned(bytes, at + 1, end, 4);
  if (bytes[at] === 0x57) return versioned(bytes, at + 1, end, 6);
  return NOT_IP;
};

const afterFamily = (bytes: Uint8Array, start: number, end: number): number => {
  if (start + 4 > end) return CUT;
  // The order is that of the host that captured, which the file does not tell: families are small, so the small reading is meant.
  const family = Math.min(u32(bytes, start), u32le(bytes, start));
  if (family === 2) return versioned(bytes, start + 4, end, 4);
  return isFamily6(family) ? versioned(bytes, start + 4, end, 6) : NOT_IP;
};

/**
 * Offset of the IP header in the frame at `start` to `end` of `bytes`; `NOT_IP` where the frame carries something else or the link
 * type is unknown; `CUT` where the frame ends too early or the version nibble contradicts the link layer. At least one octet is at
 * the offset. @example locateIp(frame, 0, frame.length, LINKTYPE_EN10MB) // 14
 */
export const locateIp = (bytes: Uint8Array, start: number, end: number, linkType: number): number => {
  switch (linkType) {
    case LINKTYPE_EN10MB:
      return start + 14 > end ? CUT : afterEtherType(bytes, u16(bytes, start + 12), start + 14, end);
    case LINKTYPE_LINUX_SLL2:
      return start + 20 > end ? CUT : afterEtherType(bytes, u16(bytes, start), start + 20, end);
    case LINKTYPE_LINUX_SLL:
      return start + 16 > end ? CUT : afterEtherType(bytes, u16(bytes, start + 14), start + 16, end);
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
      return versioned(bytes, start, end, 0);
    case LINKTYPE_IPV4:
      return versioned(bytes, start, end, 4);
    case LINKTYPE_IPV6:
      return versioned(bytes, start, end, 6);
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      return afterFamily(bytes, start, end);
    case LINKTYPE_PPP:
      return afterPpp(bytes, start, end);
    default:
      return NOT_IP;
  }
};
