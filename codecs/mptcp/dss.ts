/** DSS, RFC 8684 section 3.3 and RFC 6824 section 3.3 (the same form): data sequence mappings, Data ACKs and the DATA_FIN. */
import { ranged, u16, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import { beginOption, type OptionCodec } from './option-codec.ts';

/**
 * DSS, the Data Sequence Signal.
 *
 *     +---------------+---------------+-------+----------------------+
 *     |     Kind      |    Length     |Subtype| (reserved) |F|m|M|a|A|
 *     +---------------+---------------+-------+----------------------+
 *     |           Data ACK (4 or 8 octets, depending on flags)       |
 *     +--------------------------------------------------------------+
 *     |   Data Sequence Number (4 or 8 octets, depending on flags)   |
 *     +--------------------------------------------------------------+
 *     |              Subflow Sequence Number (4 octets)              |
 *     +-------------------------------+------------------------------+
 *     |  Data-Level Length (2 octets) |      Checksum (2 octets)     |
 *     +-------------------------------+------------------------------+
 *
 * `dataAck` is there with flag A. `dataSequenceNumber`, `subflowSequenceNumber` and `dataLevelLength` are there with flag M, all
 * three, and then perhaps `checksum`, which only the Length tells.
 */
export interface Dss {
  readonly kind: 'DSS';
  /** F: DATA_FIN. */
  readonly dataFin: boolean;
  /** As it travels: the low 32 bits when `dataAckOctets` is 4. */
  readonly dataAck?: bigint;
  /** Flag a, as 8 or 4; ignored without a `dataAck`, but kept. */
  readonly dataAckOctets: 4 | 8;
  /** As it travels: the low 32 bits when `dataSequenceNumberOctets` is 4. */
  readonly dataSequenceNumber?: bigint;
  /** Flag m, as 8 or 4; ignored without a mapping, but kept. */
  readonly dataSequenceNumberOctets: 4 | 8;
  /** Relative to the SYN, which is 0. */
  readonly subflowSequenceNumber?: number;
  /** Octets, the DATA_FIN counted; 0 is an infinite mapping. */
  readonly dataLevelLength?: number;
  readonly checksum?: number;
  /** 7 bits. */
  readonly reserved: number;
}

/** The flags of a DSS as they stand in its fourth octet. */
export const DSS_F = 0x10;
export const DSS_m = 0x08;
export const DSS_M = 0x04;
export const DSS_a = 0x02;
export const DSS_A = 0x01;

/** A DSS as plain numbers, to be filled again and again by `readDss`. What is absent is 0 (or false). */
export interface DssFields {
  /** F, m, M, a, A: 5 bits. */
  flags: number;
  /** 7 bits. */
  reserved: number;
  dataFin: boolean;
  hasDataAck: boolean;
  /** 0 when there is none. */
  dataAckOctets: 0 | 4 | 8;
  /** The upper 32 bits; 0 when 4 octets travel. */
  dataAckHigh: number;
  dataAckLow: number;
  hasMapping: boolean;
  /** 0 when there is no mapping. */
  dsnOctets: 0 | 4 | 8;
  /** The upper 32 bits; 0 when 4 octets travel. */
  dsnHigh: number;
  dsnLow: number;
  subflowSequence: number;
  dataLevelLength: number;
  hasChecksum: boolean;
  checksum: number;
}

/** Fields to hand to `readDss`. @example const fields = newDssFields() */
export const newDssFields = (): DssFields => ({
  flags: 0,
  reserved: 0,
  dataFin: false,
  hasDataAck: false,
  dataAckOctets: 0,
  dataAckHigh: 0,
  dataAckLow: 0,
  hasMapping: false,
  dsnOctets: 0,
  dsnHigh: 0,
  dsnLow: 0,
  subflowSequence: 0,
  dataLevelLength: 0,
  hasChecksum: false,
  checksum: 0,
});

/** What `readDss` answers: all is well; the octets end before the option does; the Length contradicts the flags. */
export const DSS_READ = 0;
export const DSS_TRUNCATED = 1;
export const DSS_BAD_LENGTH = 2;
export type DssProblem = typeof DSS_READ | typeof DSS_TRUNCATED | typeof DSS_BAD_LENGTH;

/** The Length of a DSS with these flags, in octets, without a checksum. @example dssLength(DSS_A) // 8 */
export const dssLength = (flags: number): number =>
  4 + ((flags & DSS_A) === 0 ? 0 : (flags & DSS_a) === 0 ? 4 : 8) + ((flags & DSS_M) === 0 ? 0 : (flags & DSS_m) === 0 ? 10 : 14);

/**
 * Reads the DSS whose Kind is at `offset` into `into` and allocates nothing; `end` is one past the last captured octet of the
 * options. Kind and Subtype are taken for granted. On a problem `into` holds nothing of use.
 *
 * @example
 * const fields = newDssFields();
 * readDss(Uint8Array.of(30, 8, 0x20, 0x01, 0, 0, 0, 5), 0, 8, fields); // DSS_READ, fields.dataAckLow is 5
 */
export const readDss = (bytes: Uint8Array, offset: number, end: number, into: DssFields): DssProblem => {
  if (offset + 2 > end || offset + bytes[offset + 1]! > end) return DSS_TRUNCATED;
  const length = bytes[offset + 1]!;
  if (length < 4) return DSS_BAD_LENGTH;
  const flags = bytes[offset + 3]! & 0x1f;
  const hasDataAck = (flags & DSS_A) !== 0;
  const hasMapping = (flags & DSS_M) !== 0;
  const beyond = length - dssLength(flags);
  const hasChecksum = hasMapping && beyond === 2;
  if (beyond !== 0 && !hasChecksum) return DSS_BAD_LENGTH;

  into.flags = flags;
  into.reserved = ((bytes[offset + 2]! & 0x0f) << 3) | (bytes[offset + 3]! >>> 5);
  into.dataFin = (flags & DSS_F) !== 0;
  into.hasDataAck = hasDataAck;
  into.hasMapping = hasMapping;
  into.hasChecksum = hasChecksum;

  let at = offset + 4;
  into.dataAckOctets = hasDataAck ? ((flags & DSS_a) === 0 ? 4 : 8) : 0;
  into.dataAckHigh = into.dataAckOctets === 8 ? u32(bytes, at) : 0;
  into.dataAckLow = hasDataAck ? u32(bytes, at + into.dataAckOctets - 4) : 0;
  at += into.dataAckOctets;

  into.dsnOctets = hasMapping ? ((flags & DSS_m) === 0 ? 4 : 8) : 0;
  into.dsnHigh = into.dsnOctets === 8 ? u32(bytes, at) : 0;
  into.dsnLow = hasMapping ? u32(bytes, at + into.dsnOctets - 4) : 0;
  at += into.dsnOctets;

  into.subflowSequence = hasMapping ? u32(bytes, at) : 0;
  into.dataLevelLength = hasMapping ? u16(bytes, at + 4) : 0;
  into.checksum = hasChecksum ? u16(bytes, at + 6) : 0;
  return DSS_READ;
};

const bigintOf = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

const lengths = [4, 8, 12, 14, 16, 18, 20, 22, 24, 26, 28];

export const dss: OptionCodec<Dss> = {
  kind: 'DSS',
  subtype: 0x2,
  lengths: { 0: lengths, 1: lengths },
  sections: { 0: 'RFC 6824 section 3.3', 1: 'RFC 8684 section 3.3' },
  decode: (bytes, offset, length, version) => {
    const f = newDssFields();
    if (readDss(bytes, offset, offset + length, f) !== DSS_READ) {
      const flags = bytes[offset + 3]! & 0x1f;
      const legal = dssLength(flags);
      const expected = (flags & DSS_M) === 0 ? `${legal}` : `${legal} or ${legal + 2}`;
      const names = ['A', 'a', 'M', 'm', 'F'].filter((_, bit) => (flags & (1 << bit)) !== 0).join(', ') || 'none';
      return undecodable('bad-length', 1, `DSS with flags ${names} has length ${expected}, not ${length}`, dss.sections[version]);
    }
    return decoded({
      kind: 'DSS',
      dataFin: f.dataFin,
      ...(f.hasDataAck && { dataAck: bigintOf(f.dataAckHigh, f.dataAckLow) }),
      dataAckOctets: (f.flags & DSS_a) === 0 ? 4 : 8,
      ...(f.hasMapping && { dataSequenceNumber: bigintOf(f.dsnHigh, f.dsnLow) }),
      dataSequenceNumberOctets: (f.flags & DSS_m) === 0 ? 4 : 8,
      ...(f.hasMapping && { subflowSequenceNumber: f.subflowSequence, dataLevelLength: f.dataLevelLength }),
      ...(f.hasChecksum && { checksum: f.checksum }),
      reserved: f.reserved,
    });
  },
  encode: (x) => {
    const { dataAck, dataSequenceNumber, subflowSequenceNumber, dataLevelLength, checksum } = x;
    const flags =
      (x.dataFin ? DSS_F : 0) |
      (x.dataSequenceNumberOctets === 8 ? DSS_m : 0) |
      (dataSequenceNumber === undefined ? 0 : DSS_M) |
      (x.dataAckOctets === 8 ? DSS_a : 0) |
      (dataAck === undefined ? 0 : DSS_A);
    const reserved = ranged('reserved', x.reserved, 0x7f);
    const length = dssLength(flags) + (checksum === undefined ? 0 : 2);
    const w = beginOption(0x2, length, reserved >>> 3).u8('reserved', ((reserved & 0x07) << 5) | flags);
    const number = (field: string, value: bigint, octets: number) => (octets === 8 ? w.u64(field, value) : w.u32(field, Number(value)));
    if (dataAck !== undefined) number('dataAck', dataAck, x.dataAckOctets);
    if (dataSequenceNumber === undefined) {
      if (subflowSequenceNumber !== undefined) throw new RangeError('subflowSequenceNumber needs a dataSequenceNumber');
      if (dataLevelLength !== undefined) throw new RangeError('dataLevelLength needs a dataSequenceNumber');
      if (checksum !== undefined) throw new RangeError('checksum needs a dataSequenceNumber');
      return w.finish();
    }
    if (subflowSequenceNumber === undefined) throw new RangeError('subflowSequenceNumber is missing beside dataSequenceNumber');
    if (dataLevelLength === undefined) throw new RangeError('dataLevelLength is missing beside dataSequenceNumber');
    number('dataSequenceNumber', dataSequenceNumber, x.dataSequenceNumberOctets);
    w.u32('subflowSequenceNumber', subflowSequenceNumber).u16('dataLevelLength', dataLevelLength);
    if (checksum !== undefined) w.u16('checksum', checksum);
    return w.finish();
  },
};
