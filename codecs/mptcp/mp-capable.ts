/** MP_CAPABLE, RFC 8684 section 3.1 (v1) and RFC 6824 section 3.1 (v0): opens a connection and carries the keys. */
import { ranged, u16, u64 } from '../bytes.ts';
import { decoded } from '../decoded.ts';
import { beginOption, type OptionCodec } from './option-codec.ts';

/**
 * MP_CAPABLE.
 *
 *     +---------------+---------------+-------+-------+---------------+
 *     |     Kind      |    Length     |Subtype|Version|A|B|C|D|E|F|G|H|
 *     +---------------+---------------+-------+-------+---------------+
 *     |                   Option Sender's Key (64 bits)               |
 *     |                      (if option Length > 4)                   |
 *     +---------------------------------------------------------------+
 *     |                  Option Receiver's Key (64 bits)              |
 *     |                      (if option Length > 12)                  |
 *     +-------------------------------+-------------------------------+
 *     |  Data-Level Length (16 bits)  |  Checksum (16 bits, optional) |
 *     +-------------------------------+-------------------------------+
 *
 * v0 has lengths 12 and 20 only. A version above 1 is read in the form of v1.
 */
export interface MpCapable {
  readonly kind: 'MP_CAPABLE';
  /** 4 bits: 0 is RFC 6824, 1 is RFC 8684. */
  readonly version: number;
  /** A: "Checksum required". */
  readonly checksumRequired: boolean;
  /** B: an extensibility flag, 0 today. */
  readonly extensibility: boolean;
  /** C: no additional subflows to the source address and port; in v0 one more bit for a crypto algorithm. */
  readonly noSubflowsToSource: boolean;
  /** D to H, 5 bits: the crypto algorithms offered or chosen. H (1) is HMAC-SHA256, in v0 HMAC-SHA1. */
  readonly cryptoAlgorithms: number;
  readonly senderKey?: bigint;
  readonly receiverKey?: bigint;
  readonly dataLevelLength?: number;
  readonly checksum?: number;
}

/** Flag H of MP_CAPABLE as it stands in `cryptoAlgorithms`: HMAC-SHA256 (v1), HMAC-SHA1 (v0). */
export const CRYPTO_H = 1;

const lengths = { 0: [12, 20], 1: [4, 12, 20, 22, 24] } as const satisfies OptionCodec<MpCapable>['lengths'];

/** The form an MP_CAPABLE with this Version has: v0 for 0, v1 for all others. @example mpCapableForm(1) // 1 */
export const mpCapableForm = (version: number): 0 | 1 => (version === 0 ? 0 : 1);

/**
 * Whether the MP_CAPABLE at `offset` may have a length that today's RFCs do not list: flag B "may alter" it (RFC 8684 section 3.1),
 * and so may a version above 1. @example mpCapableMayDiffer(Uint8Array.of(30, 6, 0x02, 0x01, 0, 0), 0) // true: version 2
 */
export const mpCapableMayDiffer = (bytes: Uint8Array, offset: number): boolean =>
  (bytes[offset + 2]! & 0x0f) > 1 || (bytes[offset + 3]! & 0x40) !== 0;

export const mpCapable: OptionCodec<MpCapable> = {
  kind: 'MP_CAPABLE',
  subtype: 0x0,
  lengths,
  sections: { 0: 'RFC 6824 section 3.1', 1: 'RFC 8684 section 3.1' },
  decode: (bytes, offset, length) => {
    const flags = bytes[offset + 3]!;
    return decoded({
      kind: 'MP_CAPABLE',
      version: bytes[offset + 2]! & 0x0f,
      checksumRequired: (flags & 0x80) !== 0,
      extensibility: (flags & 0x40) !== 0,
      noSubflowsToSource: (flags & 0x20) !== 0,
      cryptoAlgorithms: flags & 0x1f,
      ...(length >= 12 && { senderKey: u64(bytes, offset + 4) }),
      ...(length >= 20 && { receiverKey: u64(bytes, offset + 12) }),
      ...(length >= 22 && { dataLevelLength: u16(bytes, offset + 20) }),
      ...(length >= 24 && { checksum: u16(bytes, offset + 22) }),
    });
  },
  encode: (x) => {
    const { senderKey, receiverKey, dataLevelLength, checksum } = x;
    if (receiverKey !== undefined && senderKey === undefined) throw new RangeError('receiverKey needs a senderKey before it');
    if (dataLevelLength !== undefined && receiverKey === undefined) throw new RangeError('dataLevelLength needs a receiverKey before it');
    if (checksum !== undefined && dataLevelLength === undefined) throw new RangeError('checksum needs a dataLevelLength before it');
    const length =
      checksum !== undefined ? 24 : dataLevelLength !== undefined ? 22 : receiverKey !== undefined ? 20 : senderKey !== undefined ? 12 : 4;
    const legal: readonly number[] = lengths[mpCapableForm(ranged('version', x.version, 0xf))];
    if (!legal.includes(length)) throw new RangeError(`version ${x.version} has length ${legal.join(' or ')}, not ${length}`);
    const w = beginOption(0x0, length, x.version).u8(
      'cryptoAlgorithms',
      (x.checksumRequired ? 0x80 : 0) |
        (x.extensibility ? 0x40 : 0) |
        (x.noSubflowsToSource ? 0x20 : 0) |
        ranged('cryptoAlgorithms', x.cryptoAlgorithms, 0x1f),
    );
    if (senderKey !== undefined) w.u64('senderKey', senderKey);
    if (receiverKey !== undefined) w.u64('receiverKey', receiverKey);
    if (dataLevelLength !== undefined) w.u16('dataLevelLength', dataLevelLength);
    if (checksum !== undefined) w.u16('checksum', checksum);
    return w.finish();
  },
};
