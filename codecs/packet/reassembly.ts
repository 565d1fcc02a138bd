/** Puts fragmented IP packets together again: RFC 791 section 3.2, RFC 8200 section 4.5, RFC 5722 for overlaps. Bounded in number and octets. */
import { copyOf, equalAt, setU16, toHex, u16, u32 } from '../bytes.ts';
import { sum16 } from '../checksum.ts';
import { locateIp } from './link.ts';
import { PROTOCOL_DESTINATION, PROTOCOL_FRAGMENT, PROTOCOL_HOP_BY_HOP, PROTOCOL_ROUTING } from './locate.ts';

/** Incomplete packets kept at most, and octets of them; the oldest are dropped first. */
const MAX_PACKETS = 1024;
const MAX_OCTETS = 16 * 1024 * 1024;
/** What a fragment costs beside its octets. */
const OVERHEAD = 128;

/** Where a fragment belongs. Offsets count from the start of `bytes` when they name a place in it, else from the fragmentable part. */
interface Fragment {
  readonly key: string;
  readonly ipVersion: 4 | 6;
  /** Octets of the header that the whole packet begins with. */
  readonly ip: number;
  readonly headerEnd: number;
  /** Offset, from `ip`, of the octet that names what follows the header, and its value. */
  readonly nextHeaderAt: number;
  readonly nextHeader: number;
  readonly data: number;
  readonly dataEnd: number;
  /** Of `data` in the fragmentable part. */
  readonly offset: number;
  readonly more: boolean;
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly data: Uint8Array;
}

interface Incomplete {
  /** In order, without overlap. */
  readonly pieces: Piece[];
  /** Of the fragment at offset 0. */
  header: Uint8Array | undefined;
  /** Of the fragmentable part; known from the last fragment. */
  length: number | undefined;
  received: number;
  cost: number;
  /** An overlap was seen: whatever else comes is discarded (RFC 5722 section 3). */
  discarded: boolean;
}

/** Reassembles IP packets. */
export interface Reassembler {
  /**
   * Takes the frame at `start` to `end` of `bytes`. When it completes a packet, gives the whole IP packet, to be located with
   * LINKTYPE_RAW; else undefined, also for what is no fragment, or one that the capture does not hold whole. Nothing of `bytes` is kept.
   */
  add(bytes: Uint8Array, start: number, end: number, linkType: number): Uint8Array | undefined;
  /** Packets given up: overlapping fragments, impossible lengths, or pushed out by newer ones. */
  readonly dropped: number;
}

const ipv4Fragment = (bytes: Uint8Array, ip: number, end: number): Fragment | undefined => {
  if (ip + 20 > end) return undefined;
  const headerEnd = ip + (bytes[ip]! & 0xf) * 4;
  const dataEnd = ip + u16(bytes, ip + 2);
  const flags = u16(bytes, ip + 6);
  if (headerEnd < ip + 20 || dataEnd <= headerEnd || dataEnd > end || (flags & 0x3fff) === 0) return undefined;
  return {
    key: `4${toHex(bytes, ip + 12, ip + 20)}${toHex(bytes, ip + 4, ip + 6)}${bytes[ip + 9]}`,
    ipVersion: 4,
    ip,
    headerEnd,
    nextHeaderAt: 9,
    nextHeader: bytes[ip + 9]!,
    data: headerEnd,
    dataEnd,
    offset: (flags & 0x1fff) * 8,
    more: (flags & 0x2000) !== 0,
  };
};

const ipv6Fragment = (bytes: Uint8Array, ip: number, end: number): Fragment | undefined => {
  if (ip + 40 > end) return undefined;
  const dataEnd = ip + 40 + u16(bytes, ip + 4);
  if (dataEnd > end) return undefined;
  let nextHeaderAt = ip + 6;
  let at = ip + 40;
  while (at + 8 <= dataEnd) {
    const header = bytes[nextHeaderAt]!;
    if (header === PROTOCOL_FRAGMENT) {
      const flags = u16(bytes, at + 2);
      if ((flags & 0xfff9) === 0 || at + 8 === dataEnd) return undefined;
      return {
        key: `6${toHex(bytes, ip + 8, ip + 40)}${u32(bytes, at + 4)}`,
        ipVersion: 6,
        ip,
        headerEnd: at,
        nextHeaderAt: nextHeaderAt - ip,
        nextHeader: bytes[at]!,
        data: at + 8,
        dataEnd,
        offset: flags & 0xfff8,
        more: (flags & 1) === 1,
      };
    }
    if (header !== PROTOCOL_HOP_BY_HOP && header !== PROTOCOL_ROUTING && header !== PROTOCOL_DESTINATION) return undefined;
    nextHeaderAt = at;
    at += (bytes[at + 1]! + 1) * 8;
  }
  return undefined;
};

/** Puts a piece into its place. False when it overlaps one that is not the very same. */
const insert = (incomplete: Incomplete, fragment: Fragment, bytes: Uint8Array): boolean => {
  const { pieces } = incomplete;
  const from = fragment.offset;
  const to = from + fragment.dataEnd - fragment.data;
  let place = pieces.length;
  while (place > 0 && pieces[place - 1]!.to > from) place--;
  const next = pieces[place];
  if (next !== undefined && next.from < to) {
    // RFC 8200 section 4.5: exact duplicates, which a network may make and a capture on two interfaces does, may be ignored.
    return next.from === from && next.to === to && equalAt(bytes, fragment.data, next.data, 0, to - from);
  }
  const data = copyOf(bytes, fragment.data, fragment.dataEnd);
  pieces.splice(place, 0, { from, to, data });
  incomplete.received += data.length;
  return true;
};

const assemble = (incomplete: Incomplete, header: Uint8Array, length: number, ipVersion: 4 | 6): Uint8Array | undefined => {
  const total = header.length + length;
  // The length fields of both versions have 16 bits; IPv6 does not count its fixed header.
  if (total - (ipVersion === 6 ? 40 : 0) > 0xffff) return undefined;
  const packet = new Uint8Array(total);
  packet.set(header);
  for (const piece of incomplete.pieces) packet.set(piece.data, header.length + piece.from);
  if (ipVersion === 6) {
    setU16(packet, 4, total - 40);
    return packet;
  }
  setU16(packet, 2, total);
  // Don't Fragment and the reserved bit stay as they were.
  setU16(packet, 6, u16(packet, 6) & 0xc000);
  setU16(packet, 10, 0);
  setU16(packet, 10, 0xffff - sum16(packet, 0, header.length));
  return packet;
};

/**
 * A reassembler that keeps at most 1,024 incomplete packets and 16 MiB of them.
 *
 * @example
 * const reassembler = createReassembler();
 * if (located === FRAGMENT) {
 *   const packet = reassembler.add(r.bytes, r.start, r.end, r.linkType);
 *   if (packet) locateSegment(packet, 0, packet.length, packet.length, LINKTYPE_RAW, segment);
 * }
 */
export const createReassembler = (): Reassembler => {
  const incompletes = new Map<string, Incomplete>();
  let octets = 0;
  let dropped = 0;

  const forget = (key: string, incomplete: Incomplete): void => {
    incompletes.delete(key);
    octets -= incomplete.cost;
  };

  const incompleteOf = (key: string): Incomplete => {
    const known = incompletes.get(key);
    if (known !== undefined) return known;
    const incomplete: Incomplete = { pieces: [], header: undefined, length: undefined, received: 0, cost: OVERHEAD, discarded: false };
    incompletes.set(key, incomplete);
    octets += incomplete.cost;
    return incomplete;
  };

  /** Frees what was collected; the entry stays as a mark, so that the rest is discarded, too. */
  const discard = (incomplete: Incomplete): undefined => {
    incomplete.discarded = true;
    incomplete.pieces.length = 0;
    incomplete.header = undefined;
    octets -= incomplete.cost - OVERHEAD;
    incomplete.cost = OVERHEAD;
    dropped++;
    return undefined;
  };

  const makeRoom = (): void => {
    for (const [key, incomplete] of incompletes) {
      if (incompletes.size <= MAX_PACKETS && octets <= MAX_OCTETS) return;
      forget(key, incomplete);
      if (!incomplete.discarded) dropped++;
    }
  };

  return {
    add(bytes, start, end, linkType) {
      const ip = locateIp(bytes, start, end, linkType);
      if (ip < 0) return undefined;
      const fragment = bytes[ip]! >> 4 === 4 ? ipv4Fragment(bytes, ip, end) : ipv6Fragment(bytes, ip, end);
      if (fragment === undefined) return undefined;
      const incomplete = incompleteOf(fragment.key);
      if (incomplete.discarded) return undefined;
      const length = fragment.dataEnd - fragment.data;
      const to = fragment.offset + length;
      const beyond = incomplete.length !== undefined && to > incomplete.length;
      const lastMoved = !fragment.more && incomplete.length !== undefined && incomplete.length !== to;
      const short = !fragment.more && incomplete.pieces.length > 0 && incomplete.pieces.at(-1)!.to > to;
      if (to > 0xffff || (fragment.more && length % 8 !== 0) || beyond || lastMoved || short || !insert(incomplete, fragment, bytes)) {
        return discard(incomplete);
      }
      if (!fragment.more) incomplete.length = to;
      if (fragment.offset === 0 && incomplete.header === undefined) {
        incomplete.header = copyOf(bytes, fragment.ip, fragment.headerEnd);
        incomplete.header[fragment.nextHeaderAt] = fragment.nextHeader;
      }
      const cost = OVERHEAD + incomplete.received + incomplete.pieces.length * OVERHEAD;
      octets += cost - incomplete.cost;
      incomplete.cost = cost;
      if (incomplete.header !== undefined && incomplete.received === incomplete.length) {
        forget(fragment.key, incomplete);
        const packet = assemble(incomplete, incomplete.header, incomplete.length, fragment.ipVersion);
        if (packet === undefined) dropped++;
        return packet;
      }
      makeRoom();
      return undefined;
    },
    get dropped() {
      return dropped;
    },
  };
};
