/** The pcap container (draft-ietf-opsawg-pcap): a file header of 24 octets, then records of 16 octets and the frame. Both byte orders, micro- and nanoseconds. */
import { ranged, u32 } from '../bytes.ts';
import { DEFAULT_SNAP_LENGTH, MAX_BLOCK, read16, read32 } from './container.ts';
import type { ByteOrder, Parser, Sink } from './container.ts';
import type { CaptureRecord } from './record.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Some writers count a link-layer pseudo-header beyond the snap length; so much more is let pass, in octets. */
const TOLERANCE = 65_536;

/** Byte order and resolution that a magic number stands for, or undefined. @example pcapMagic(Uint8Array.of(0xa1, 0xb2, 0xc3, 0xd4)) */
export const pcapMagic = (bytes: Uint8Array, at = 0): { readonly little: boolean; readonly resolution: number } | undefined => {
  for (const little of [false, true]) {
    const magic = read32(bytes, at, little);
    if (magic === MICROSECONDS) return { little, resolution: 1e6 };
    if (magic === NANOSECONDS) return { little, resolution: 1e9 };
  }
  return undefined;
};

/** A parser for one pcap file. */
export const pcapParser = (sink: Sink): Parser => {
  let little = false;
  let limit = 0;

  const header = (bytes: Uint8Array, at: number): boolean => {
    const magic = pcapMagic(bytes, at);
    if (magic === undefined) {
      sink.fail(at, `not a pcap file: magic number 0x${u32(bytes, at).toString(16).padStart(8, '0')}`);
      return false;
    }
    little = magic.little;
    const major = read16(bytes, at + 4, little);
    if (major !== 2) {
      sink.fail(at + 4, `pcap version ${major}.${read16(bytes, at + 6, little)} is not 2.x`);
      return false;
    }
    limit = Math.min(MAX_BLOCK, Math.max(read32(bytes, at + 16, little), DEFAULT_SNAP_LENGTH) + TOLERANCE);
    sink.record.resolution = magic.resolution;
    sink.record.interfaceId = 0;
    // The upper half holds the length of the frame check sequence and reserved bits.
    sink.record.linkType = read32(bytes, at + 20, little) & 0xffff;
    sink.linkType(sink.record.linkType);
    return true;
  };

  const parser: Parser = {
    need: FILE_HEADER,
    parse(bytes, from, to) {
      let at = from;
      if (limit === 0) {
        if (to - at < FILE_HEADER) return at;
        if (!header(bytes, at)) return to;
        at += FILE_HEADER;
      }
      const { record } = sink;
      record.bytes = bytes;
      while (to - at >= RECORD_HEADER) {
        const captured = read32(bytes, at + 8, little);
        if (captured > limit) {
          sink.fail(at + 8, `a record claims ${captured} captured octets, more than the ${limit} that the file's snap length allows`);
          return to;
        }
        const start = at + RECORD_HEADER;
        const end = start + captured;
        if (end > to) {
          parser.need = end - at;
          return at;
        }
        record.seconds = read32(bytes, at, little);
        record.fraction = read32(bytes, at + 4, little);
        record.originalLength = read32(bytes, at + 12, little);
        record.start = start;
        record.end = end;
        sink.emit();
        at = end;
      }
      parser.need = RECORD_HEADER;
      return at;
    },
  };
  return parser;
};

/** What a pcap file header says. */
export interface PcapHeader {
  /** LINKTYPE_ value, 16 bits. */
  readonly linkType: number;
  /** Octets kept of a frame at most; 262,144 when absent. */
  readonly snapLength?: number;
  /** 1e6 (when absent) or 1e9. */
  readonly resolution?: 1e6 | 1e9;
  /** `little` when absent. */
  readonly order?: ByteOrder;
}

/** The 24 octets that open a pcap file; a field that does not fit is a `RangeError`. @example pcapHeader({ linkType: LINKTYPE_RAW }) */
export const pcapHeader = (header: PcapHeader): Uint8Array => {
  const little = header.order !== 'big';
  const view = new DataView(new ArrayBuffer(FILE_HEADER));
  view.setUint32(0, header.resolution === 1e9 ? NANOSECONDS : MICROSECONDS, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, ranged('snapLength', header.snapLength ?? DEFAULT_SNAP_LENGTH, 0xffff_ffff), little);
  view.setUint32(20, ranged('linkType', header.linkType, 0xffff), little);
  return new Uint8Array(view.buffer);
};

/**
 * One record of a pcap file: 16 octets and the captured ones. `fraction` is in the unit that the file header declares.
 * @example pcapRecord({ bytes: frame, start: 0, end: frame.length, originalLength: frame.length, seconds: 1, fraction: 500_000 })
 */
export const pcapRecord = (
  record: Pick<CaptureRecord, 'bytes' | 'start' | 'end' | 'originalLength' | 'seconds' | 'fraction'>,
  order: ByteOrder = 'little',
): Uint8Array => {
  const little = order === 'little';
  const captured = record.bytes.subarray(record.start, record.end);
  const out = new Uint8Array(RECORD_HEADER + captured.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, ranged('seconds', record.seconds, 0xffff_ffff), little);
  view.setUint32(4, ranged('fraction', record.fraction, 0xffff_ffff), little);
  view.setUint32(8, captured.length, little);
  view.setUint32(12, ranged('originalLength', record.originalLength, 0xffff_ffff), little);
  out.set(captured, RECORD_HEADER);
  return out;
};
