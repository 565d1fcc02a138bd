/** What one host's key stands for (RFC 8684 section 3.1), and its data sequence numbers to and from the wire. */
import { deriveKey } from '../../../codecs/mptcp/index.ts';
import type { MptcpVersion } from '../../../codecs/mptcp/index.ts';

/** A key with its token and its initial data sequence number. */
export class Identity {
  readonly key: bigint;
  readonly token: number;
  readonly idsn: bigint;
  /** The halves of the IDSN. */
  readonly high: number;
  readonly low: number;

  constructor(key: bigint, version: MptcpVersion) {
    const { token, idsn } = deriveKey(key, version);
    this.key = key;
    this.token = token;
    this.idsn = idsn;
    this.high = Number(idsn >> 32n);
    this.low = Number(idsn & 0xffff_ffffn);
  }

  /** The number `relative` after the IDSN as it travels in 4 or 8 octets. @example identity.wire(1, 4) */
  wire(relative: number, octets: 4 | 8): bigint {
    return octets === 4 ? BigInt((this.low + relative) % 0x1_0000_0000) : BigInt.asUintN(64, this.idsn + BigInt(relative));
  }

  /** Back from the wire: of 4 octets the one nearest to `near`; what is further off than 2^53 is not exact. */
  relative(value: bigint, octets: 4 | 8, near: number): number {
    if (octets === 8) return Number(BigInt.asIntN(64, value - this.idsn));
    return near + ((Number(value) - this.low - near) | 0);
  }
}
