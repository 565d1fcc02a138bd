/** Token and IDSN of a key, RFC 8684 section 3.1 (SHA-256) and RFC 6824 section 3.1 (SHA-1). */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { setU64, u32, u64 } from '../bytes.ts';
import type { MptcpVersion } from './option-codec.ts';

/** What a host's key stands for. */
export interface DerivedKey {
  /** The most significant 32 bits of the hash: how the host names the connection. */
  readonly token: number;
  /** The least significant 64 bits of the hash: the initial data sequence number. */
  readonly idsn: bigint;
}

/**
 * Hashes a 64-bit key in network byte order, with SHA-256 for version 1 and SHA-1 for version 0, and takes the token and the IDSN
 * from the two ends of the digest. @example deriveKey(1n, 1).token // 0xcd266215
 */
export const deriveKey = (key: bigint, version: MptcpVersion): DerivedKey => {
  const octets = new Uint8Array(8);
  setU64(octets, 0, key);
  const digest = version === 0 ? sha1(octets) : sha256(octets);
  return { token: u32(digest, 0), idsn: u64(digest, digest.length - 8) };
};
