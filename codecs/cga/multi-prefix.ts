/** The Multi-Prefix extension of the CGA Parameters, which makes an address an HBA (RFC 5535 section 5). */
import { type ByteWriter, ranged, u32 } from '../bytes.ts';

/**
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |         Extension Type        |   Extension Data Length       |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |P|                         Reserved                            |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     +                           Prefix[1]                           +
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     .                               .                               .
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     +                           Prefix[n]                           +
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export interface MultiPrefix {
  readonly kind: 'MULTI_PREFIX';
  /** Whether the Public Key field holds a key rather than an Extended Modifier. */
  readonly pFlag: boolean;
  /** 31 bits that should be zero; LinShim6 sets 0x80 where it means the P flag. */
  readonly reserved: number;
  /** Prefix[1...n], 8 octets each. */
  readonly prefixes: readonly Uint8Array[];
}

/** The Extension Type of the Multi-Prefix extension (RFC 5535 section 10). */
export const MULTI_PREFIX_TYPE = 0x0012;

/** The octets of a prefix. */
export const PREFIX_OCTETS = 8;

const P_FLAG = 0x8000_0000;

/** The extension whose data these are; undefined when their length is not 4 octets and n prefixes. */
export const decodeMultiPrefix = (data: Uint8Array): MultiPrefix | undefined => {
  if (data.length < 4 || data.length % PREFIX_OCTETS !== 4) return undefined;
  const first = u32(data, 0);
  const prefixes: Uint8Array[] = [];
  for (let at = 4; at < data.length; at += PREFIX_OCTETS) prefixes.push(data.subarray(at, at + PREFIX_OCTETS));
  return { kind: 'MULTI_PREFIX', pFlag: first >= P_FLAG, reserved: first % P_FLAG, prefixes };
};

/** Writes the whole extension field; a `RangeError` for more than 8191 prefixes or one of another length than 8 octets. */
export const writeMultiPrefix = (writer: ByteWriter, { pFlag, reserved, prefixes }: MultiPrefix): void => {
  writer
    .u16('extensionType', MULTI_PREFIX_TYPE)
    .u16('extensionDataLength', 4 + PREFIX_OCTETS * prefixes.length)
    .u32('pFlag and reserved', (pFlag ? P_FLAG : 0) + ranged('reserved', reserved, P_FLAG - 1));
  for (const prefix of prefixes) writer.bytes('prefix', prefix, PREFIX_OCTETS);
};
