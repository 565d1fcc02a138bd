/** Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng section 4), one function per block: put them one after another. */
import { ranged } from '../bytes.ts';
import { DEFAULT_SNAP_LENGTH } from './container.ts';
import type { ByteOrder } from './container.ts';
import {
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  OPTION_TSOFFSET,
  OPTION_TSRESOL,
  PACKET_BLOCK,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from './pcapng.ts';
import type { CaptureRecord } from './record.ts';

/** A block around a body that `fill` writes; the body is padded to 32 bits, as every block must be. */
const block = (type: number, bodyLength: number, order: ByteOrder, fill: (body: DataView, little: boolean) => void): Uint8Array => {
  const little = order === 'little';
  const length = 12 + ((bodyLength + 3) & ~3);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, type, little);
  view.setUint32(4, length, little);
  view.setUint32(length - 4, length, little);
  fill(new DataView(view.buffer, 8, length - 12), little);
  return new Uint8Array(view.buffer);
};

/** The captured octets of a record, into the body of a block. */
const putFrame = (body: DataView, at: number, record: Pick<CaptureRecord, 'bytes' | 'start' | 'end'>): void => {
  new Uint8Array(body.buffer, body.byteOffset + at).set(record.bytes.subarray(record.start, record.end));
};

/**
 * A Section Header Block: opens a file, and may open another section, in another byte order, anywhere in it. `sectionLength`, in
 * octets, is "not given" (-1) when absent. @example sectionHeader({ order: 'big' })
 */
export const sectionHeader = (options: { readonly order?: ByteOrder; readonly sectionLength?: bigint } = {}): Uint8Array =>
  block(SECTION_HEADER, 16, options.order ?? 'little', (body, little) => {
    body.setUint32(0, BYTE_ORDER_MAGIC, little);
    body.setUint16(4, 1, little);
    body.setBigInt64(8, options.sectionLength ?? -1n, little);
  });

/** What an Interface Description Block says. */
export interface InterfaceDescription {
  /** LINKTYPE_ value, 16 bits. */
  readonly linkType: number;
  /** Octets kept of a frame at most; 262,144 when absent, 0 for no limit. */
  readonly snapLength?: number;
  /** The octet of if_tsresol: an exponent of 10, or of 2 with the most significant bit set; microseconds when absent. */
  readonly tsresol?: number;
  /** if_tsoffset: seconds to be added to every timestamp. */
  readonly tsoffset?: bigint;
}

/** An Interface Description Block: interfaces of a section are numbered from 0 in their order. @example interfaceDescription({ linkType: 1, tsresol: 9 }) */
export const interfaceDescription = (description: InterfaceDescription, order: ByteOrder = 'little'): Uint8Array => {
  const { tsresol, tsoffset } = description;
  const options = (tsresol === undefined ? 0 : 8) + (tsoffset === undefined ? 0 : 12);
  return block(INTERFACE_DESCRIPTION, 8 + options + (options > 0 ? 4 : 0), order, (body, little) => {
    body.setUint16(0, ranged('linkType', description.linkType, 0xffff), little);
    body.setUint32(4, ranged('snapLength', description.snapLength ?? DEFAULT_SNAP_LENGTH, 0xffff_ffff), little);
    let at = 8;
    if (tsresol !== undefined) {
      body.setUint16(at, OPTION_TSRESOL, little);
      body.setUint16(at + 2, 1, little);
      body.setUint8(at + 4, ranged('tsresol', tsresol, 0xff));
      at += 8;
    }
    if (tsoffset !== undefined) {
      body.setUint16(at, OPTION_TSOFFSET, little);
      body.setUint16(at + 2, 8, little);
      body.setBigInt64(at + 4, tsoffset, little);
    }
  });
};

/** The timestamp of a record in units of its resolution, high half and low half. */
const putTime = (body: DataView, at: number, record: Pick<CaptureRecord, 'seconds' | 'fraction' | 'resolution'>, little: boolean): void => {
  const units = BigInt(record.seconds) * BigInt(record.resolution) + BigInt(record.fraction);
  if (units < 0n || units > 0xffff_ffff_ffff_ffffn) throw new RangeError(`seconds must fit 64 bits of units, not ${record.seconds}`);
  body.setUint32(at, Number(units >> 32n), little);
  body.setUint32(at + 4, Number(units & 0xffff_ffffn), little);
};

/**
 * An Enhanced Packet Block. `resolution` must be the interface's and `seconds` without its if_tsoffset.
 * @example enhancedPacket({ bytes: frame, start: 0, end: 60, originalLength: 60, seconds: 1, fraction: 0, resolution: 1e6, interfaceId: 0 })
 */
export const enhancedPacket = (record: Omit<CaptureRecord, 'linkType'>, order: ByteOrder = 'little'): Uint8Array =>
  block(ENHANCED_PACKET, 20 + record.end - record.start, order, (body, little) => {
    body.setUint32(0, ranged('interfaceId', record.interfaceId, 0xffff_ffff), little);
    putTime(body, 4, record, little);
    body.setUint32(12, record.end - record.start, little);
    body.setUint32(16, ranged('originalLength', record.originalLength, 0xffff_ffff), little);
    putFrame(body, 20, record);
  });

/**
 * A Simple Packet Block: belongs to interface 0, has no time, and must hold as much of the frame as that interface's snap length lets.
 * @example simplePacket({ bytes: frame, start: 0, end: 60, originalLength: 60 })
 */
export const simplePacket = (
  record: Pick<CaptureRecord, 'bytes' | 'start' | 'end' | 'originalLength'>,
  order: ByteOrder = 'little',
): Uint8Array =>
  block(SIMPLE_PACKET, 4 + record.end - record.start, order, (body, little) => {
    body.setUint32(0, ranged('originalLength', record.originalLength, 0xffff_ffff), little);
    putFrame(body, 4, record);
  });

/** The obsolete Packet Block, with no drops counted (0xffff); old files hold it. @example obsoletePacket(record, 'big') */
export const obsoletePacket = (record: Omit<CaptureRecord, 'linkType'>, order: ByteOrder = 'little'): Uint8Array =>
  block(PACKET_BLOCK, 20 + record.end - record.start, order, (body, little) => {
    body.setUint16(0, ranged('interfaceId', record.interfaceId, 0xffff), little);
    body.setUint16(2, 0xffff, little);
    putTime(body, 4, record, little);
    body.setUint32(12, record.end - record.start, little);
    body.setUint32(16, ranged('originalLength', record.originalLength, 0xffff_ffff), little);
    putFrame(body, 20, record);
  });
