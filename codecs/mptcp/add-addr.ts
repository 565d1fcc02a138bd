/** ADD_ADDR, RFC 8684 section 3.4.1 (v1) and RFC 6824 section 3.4.1 (v0): announces an address; two forms, told apart by the version. */
import { ranged, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import { beginOption, type OptionCodec } from './option-codec.ts';

/**
 * ADD_ADDR of v1.
 *
 *     +---------------+---------------+-------+-------+---------------+
 *     |     Kind      |     Length    |Subtype|(rsv)|E|  Address ID   |
 *     +---------------+---------------+-------+-------+---------------+
 *     |           Address (IPv4: 4 octets / IPv6: 16 octets)          |
 *     +-------------------------------+-------------------------------+
 *     |   Port (2 octets, optional)   |                               |
 *     +-------------------------------+                               |
 *     |                Truncated HMAC (8 octets, if E=0)              |
 *     |                               +-------------------------------+
 *     +-------------------------------+
 *
 * The Length alone tells what is there: 8, 10 (IPv4), 20, 22 (IPv6) without and 16, 18, 28, 30 with an HMAC. An E that contradicts
 * it is kept: judging it is a check's business.
 */
export interface AddAddrV1 {
  readonly kind: 'ADD_ADDR';
  readonly version: 1;
  /** E. */
  readonly echo: boolean;
  readonly addressId: number;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port?: number;
  /** 8 octets. */
  readonly truncatedHmac?: Uint8Array;
  /** 3 bits. */
  readonly reserved: number;
}

/**
 * ADD_ADDR of v0: no HMAC, and the IP version where v1 has its flags.
 *
 *     |     Kind      |     Length    |Subtype| IPVer |  Address ID   |
 *     |          Address (IPv4 - 4 octets / IPv6 - 16 octets)         |
 *     |   Port (2 octets, optional)   |
 */
export interface AddAddrV0 {
  readonly kind: 'ADD_ADDR';
  readonly version: 0;
  readonly ipVersion: 4 | 6;
  readonly addressId: number;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port?: number;
}

/** ADD_ADDR in the form of either version. */
export type AddAddr = AddAddrV0 | AddAddrV1;

export const addAddr: OptionCodec<AddAddr> = {
  kind: 'ADD_ADDR',
  subtype: 0x3,
  lengths: { 0: [8, 10, 20, 22], 1: [8, 10, 16, 18, 20, 22, 28, 30] },
  sections: { 0: 'RFC 6824 section 3.4.1', 1: 'RFC 8684 section 3.4.1' },
  decode: (bytes, offset, length, version) => {
    const firstBits = bytes[offset + 2]! & 0x0f;
    const ipVersion = length < 20 ? 4 : 6;
    const portAt = offset + (ipVersion === 4 ? 8 : 20);
    const hmacOctets = length === 16 || length === 18 || length >= 28 ? 8 : 0;
    const hmacAt = offset + length - hmacOctets;
    const common = {
      kind: 'ADD_ADDR',
      addressId: bytes[offset + 3]!,
      address: bytes.subarray(offset + 4, portAt),
      ...(hmacAt > portAt && { port: u16(bytes, portAt) }),
    } as const;
    if (version === 1) {
      const truncatedHmac = bytes.subarray(hmacAt, hmacAt + 8);
      return decoded({
        ...common,
        version,
        echo: (firstBits & 1) !== 0,
        ...(hmacOctets > 0 && { truncatedHmac }),
        reserved: firstBits >>> 1,
      });
    }
    return firstBits === ipVersion
      ? decoded({ ...common, version, ipVersion })
      : undecodable('bad-ip-version', 2, `ADD_ADDR of length ${length} has IPVer ${ipVersion}, not ${firstBits}`, addAddr.sections[0]);
  },
  encode: (x) => {
    const { address, port } = x;
    if (address.length !== 4 && address.length !== 16) throw new RangeError(`address must be 4 or 16 octets, not ${address.length}`);
    if (x.version === 0 && (x.ipVersion === 4) !== (address.length === 4))
      throw new RangeError(`ipVersion ${x.ipVersion} contradicts an address of ${address.length} octets`);
    const truncatedHmac = x.version === 1 ? x.truncatedHmac : undefined;
    const length = 4 + address.length + (port === undefined ? 0 : 2) + (truncatedHmac === undefined ? 0 : 8);
    const firstBits = x.version === 0 ? x.ipVersion : (ranged('reserved', x.reserved, 7) << 1) | (x.echo ? 1 : 0);
    const w = beginOption(0x3, length, firstBits).u8('addressId', x.addressId).bytes('address', address);
    if (port !== undefined) w.u16('port', port);
    if (truncatedHmac !== undefined) w.bytes('truncatedHmac', truncatedHmac, 8);
    return w.finish();
  },
};
