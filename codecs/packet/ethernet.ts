/** Ethernet II frames with any number of VLAN tags (IEEE 802.3 and 802.1Q; RFC 894, RFC 2464 for IP over them). */
import { ByteWriter, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { isVlan } from './link.ts';

/** One VLAN tag: its TPID (0x8100, 0x88a8, 0x9100) and its 16 bits of priority, drop eligibility and VLAN identifier. */
export interface VlanTag {
  readonly tpid: number;
  readonly tci: number;
}

/**
 * A frame without its frame check sequence.
 *
 *   | Destination 6 | Source 6 | ( TPID 2 | TCI 2 )* | EtherType 2 | payload and padding |
 */
export interface Ethernet {
  readonly kind: 'ETHERNET';
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** From the outside in. */
  readonly tags: readonly VlanTag[];
  readonly etherType: number;
  /** All that follows: padding to the least frame size is part of it. */
  readonly payload: Uint8Array;
}

/** Decodes a frame; `truncated` where it ends before its EtherType. @example decodeEthernet(frame) */
export const decodeEthernet = (bytes: Uint8Array): Decoded<Ethernet> => {
  const cut = () => undecodable('truncated', bytes.length, 'the frame ends before its EtherType', 'RFC 894');
  if (bytes.length < 14) return cut();
  const tags: VlanTag[] = [];
  let at = 12;
  while (isVlan(u16(bytes, at))) {
    if (at + 6 > bytes.length) return cut();
    tags.push({ tpid: u16(bytes, at), tci: u16(bytes, at + 2) });
    at += 4;
  }
  return decoded({
    kind: 'ETHERNET',
    destination: bytes.subarray(0, 6),
    source: bytes.subarray(6, 12),
    tags,
    etherType: u16(bytes, at),
    payload: bytes.subarray(at + 2),
  });
};

/** The octets of a frame. @example encodeEthernet({ kind: 'ETHERNET', destination, source, tags: [], etherType: 0x0800, payload: packet }) */
export const encodeEthernet = (frame: Ethernet): Uint8Array => {
  const w = new ByteWriter(14 + 4 * frame.tags.length + frame.payload.length);
  w.bytes('destination', frame.destination, 6);
  w.bytes('source', frame.source, 6);
  for (const { tpid, tci } of frame.tags) {
    if (!isVlan(tpid)) throw new RangeError(`tpid must be 0x8100, 0x88a8 or 0x9100, not ${tpid}`);
    w.u16('tpid', tpid).u16('tci', tci);
  }
  if (isVlan(frame.etherType)) throw new RangeError(`etherType ${frame.etherType} is a VLAN tag's: it belongs to tags`);
  w.u16('etherType', frame.etherType);
  w.bytes('payload', frame.payload);
  return w.finish();
};
