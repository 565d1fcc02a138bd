/**
 * The HMACs of MP_JOIN (RFC 8684 section 3.2, RFC 6824 section 3.2) and ADD_ADDR (RFC 8684 section 3.4.1). The key is always the key
 * of the option's sender followed by its receiver's; of a join, "A" is who opened that subflow, not the connection.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ByteWriter } from '../bytes.ts';
import type { MptcpVersion } from './option-codec.ts';

const keysOf = (senderKey: bigint, receiverKey: bigint): Uint8Array =>
  new ByteWriter(16).u64('senderKey', senderKey).u64('receiverKey', receiverKey).finish();

/**
 * The whole HMAC of an MP_JOIN: 20 octets of HMAC-SHA1 for version 0, 32 of HMAC-SHA256 for version 1, over the sender's random
 * number followed by the receiver's. @example joinHmac(1, keyB, keyA, nonceB, nonceA) // what host B's SYN/ACK is cut from
 */
export const joinHmac = (
  version: MptcpVersion,
  senderKey: bigint,
  receiverKey: bigint,
  senderNonce: number,
  receiverNonce: number,
): Uint8Array => {
  const message = new ByteWriter(8).u32('senderNonce', senderNonce).u32('receiverNonce', receiverNonce).finish();
  return hmac(version === 0 ? sha1 : sha256, keysOf(senderKey, receiverKey), message);
};

/** The leftmost 64 bits: what an MP_JOIN on a SYN/ACK carries. Its sender is host B. @example joinSynAckHmac(1, keyB, keyA, nonceB, nonceA).length // 8 */
export const joinSynAckHmac = (...of: Parameters<typeof joinHmac>): Uint8Array => joinHmac(...of).subarray(0, 8);

/** The leftmost 160 bits: what an MP_JOIN on the third ACK carries. Its sender is host A. @example joinAckHmac(1, keyA, keyB, nonceA, nonceB).length // 20 */
export const joinAckHmac = (...of: Parameters<typeof joinHmac>): Uint8Array => joinHmac(...of).subarray(0, 20);

const addAddrFullHmac = (
  senderKey: bigint,
  receiverKey: bigint,
  addressId: number,
  address: Uint8Array,
  port: number | undefined,
): Uint8Array => {
  const message = new ByteWriter(19)
    .u8('addressId', addressId)
    .bytes('address', address)
    .u16('port', port ?? 0)
    .finish();
  return hmac(sha256, keysOf(senderKey, receiverKey), message);
};

/**
 * What an ADD_ADDR of version 1 carries: the rightmost 64 bits of HMAC-SHA256 over Address ID, address (4 or 16 octets) and port,
 * with two octets of zero where the option has no port. @example addAddrHmac(keyB, keyA, 1, Uint8Array.of(10, 1, 1, 2), undefined).length // 8
 */
export const addAddrHmac = (...of: Parameters<typeof addAddrFullHmac>): Uint8Array => addAddrFullHmac(...of).subarray(24);

/** The leftmost 64 bits instead: the mistake of Linux before 2020, so that a check can name it. @example addAddrHmacLeftmost(keyB, keyA, 1, address, 5001) */
export const addAddrHmacLeftmost = (...of: Parameters<typeof addAddrFullHmac>): Uint8Array => addAddrFullHmac(...of).subarray(0, 8);
