/** LINKTYPE_NULL and LINKTYPE_LOOP: BSD loopback, 4 octets of address family in front of the packet, in the capturing host's or in network order. */
import { ByteWriter, u32, u32le } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 *   | Address family 4 | payload |
 */
export interface Loopback {
  readonly kind: 'LOOPBACK';
  /** Which order the family is in; `big` for LINKTYPE_LOOP. */
  readonly order: 'big' | 'little';
  /** AF_INET is 2; AF_INET6 is 10, 24, 28 or 30. */
  readonly family: number;
  readonly payload: Uint8Array;
}

/** Decodes a frame, taking the order in which the family is the smaller number; `truncated` below 4 octets. @example decodeLoopback(frame) */
export const decodeLoopback = (bytes: Uint8Array): Decoded<Loopback> => {
  if (bytes.length < 4) return undecodable('truncated', bytes.length, 'the address family is 4 octets', 'LINKTYPE_NULL');
  const order = u32(bytes, 0) <= u32le(bytes, 0) ? 'big' : 'little';
  const family = order === 'big' ? u32(bytes, 0) : u32le(bytes, 0);
  return decoded({ kind: 'LOOPBACK', order, family, payload: bytes.subarray(4) });
};

/** The octets of a frame. @example encodeLoopback({ kind: 'LOOPBACK', order: 'big', family: 2, payload }) */
export const encodeLoopback = (frame: Loopback): Uint8Array => {
  const out = new ByteWriter(4 + frame.payload.length).u32('family', frame.family).bytes('payload', frame.payload).finish();
  if (frame.order === 'little') out.subarray(0, 4).reverse();
  return out;
};
