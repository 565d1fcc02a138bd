/**
 * Reads the pcapng container (draft-ietf-opsawg-pcapng): sections in either byte order, each with its interfaces; packets in
 * Enhanced, Simple and the obsolete Packet Blocks. Every other block is skipped.
 */
import { u32 } from '../bytes.ts';
import { MAX_BLOCK, read16, read32 } from './container.ts';
import type { Parser, Sink } from './container.ts';

export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET = 3;
export const ENHANCED_PACKET = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const OPTION_TSRESOL = 9;
export const OPTION_TSOFFSET = 14;

/** More interfaces in a section than any real capture has. */
const MAX_INTERFACES = 65_536;
/** Up to this many units a second, seconds and fraction are found exactly in doubles. */
const EXACT_RESOLUTION = 2 ** 36;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Units a second; above `EXACT_RESOLUTION` also as an integer that is exact. */
  readonly resolution: number;
  readonly exact: bigint | undefined;
  /** Seconds to add. */
  readonly offset: number;
}

/** if_tsresol: an exponent of 10, or of 2 when the most significant bit is set. */
const unitsPerSecond = (tsresol: number): bigint => ((tsresol & 0x80) === 0 ? 10n : 2n) ** BigInt(tsresol & 0x7f);

const readInterface = (bytes: Uint8Array, at: number, end: number, little: boolean): Interface => {
  let units = 1_000_000n;
  let offset = 0;
  let option = at + 8;
  while (option + 4 <= end) {
    const code = read16(bytes, option, little);
    const length = read16(bytes, option + 2, little);
    const value = option + 4;
    if (code === 0 || value + length > end) break;
    if (code === OPTION_TSRESOL && length === 1) units = unitsPerSecond(bytes[value]!);
    if (code === OPTION_TSOFFSET && length === 8) {
      const high = read32(bytes, little ? value + 4 : value, little) | 0;
      offset = high * 2 ** 32 + read32(bytes, little ? value : value + 4, little);
    }
    option = value + ((length + 3) & ~3);
  }
  const resolution = Number(units);
  return {
    linkType: read16(bytes, at, little),
    snapLength: read32(bytes, at + 4, little),
    resolution,
    exact: resolution > EXACT_RESOLUTION ? units : undefined,
    offset,
  };
};

/** A parser for one pcapng file. */
export const pcapngParser = (sink: Sink): Parser => {
  let little = false;
  let interfaces: Interface[] = [];

  /** Splits a 64-bit count of units into whole seconds and a fraction, without rounding. */
  const time = (at: Interface, high: number, low: number): void => {
    const { record } = sink;
    if (at.exact !== undefined) {
      const units = (BigInt(high) << 32n) | BigInt(low);
      record.seconds = Number(units / at.exact) + at.offset;
      record.fraction = Number(units % at.exact);
      return;
    }
    // Long division in digits of 32, 16 and 16 bits: no step exceeds 2^52.
    const units = at.resolution;
    const first = Math.floor(high / units);
    const middle = (high - first * units) * 0x1_0000 + (low >>> 16);
    const second = Math.floor(middle / units);
    const last = (middle - second * units) * 0x1_0000 + (low & 0xffff);
    const third = Math.floor(last / units);
    record.seconds = (first * 0x1_0000 + second) * 0x1_0000 + third + at.offset;
    record.fraction = last - third * units;
  };

  const packet = (bytes: Uint8Array, block: number, id: number, start: number, captured: number, limit: number): Interface | undefined => {
    const at = interfaces[id];
    if (at === undefined) {
      sink.fail(block, `a packet names interface ${id}, but its section describes ${interfaces.length}`);
      return undefined;
    }
    if (start + captured > limit) {
      sink.fail(block, `a packet claims ${captured} captured octets, more than its block holds`);
      return undefined;
    }
    const { record } = sink;
    record.bytes = bytes;
    record.start = start;
    record.end = start + captured;
    record.interfaceId = id;
    record.linkType = at.linkType;
    record.resolution = at.resolution;
    return at;
  };

  /** The block at `at`, whole, whose body ends before `end`. False where it is damaged. */
  const take = (bytes: Uint8Array, at: number, type: number, end: number): boolean => {
    const short = (needed: number, name: string): boolean => {
      if (end - at - 8 >= needed) return false;
      sink.fail(at + 4, `${name} of ${end - at + 4} octets is too short`);
      return true;
    };
    const { record } = sink;
    switch (type) {
      case SECTION_HEADER: {
        if (short(16, 'a Section Header Block')) return false;
        const major = read16(bytes, at + 12, little);
        if (major !== 1) {
          sink.fail(at + 12, `pcapng version ${major}.${read16(bytes, at + 14, little)} is not 1.x`);
          return false;
        }
        interfaces = [];
        return true;
      }
      case INTERFACE_DESCRIPTION: {
        if (short(8, 'an Interface Description Block')) return false;
        if (interfaces.length === MAX_INTERFACES) {
          sink.fail(at, `a section describes more than ${MAX_INTERFACES} interfaces`);
          return false;
        }
        const described = readInterface(bytes, at + 8, end, little);
        interfaces.push(described);
        sink.linkType(described.linkType);
        return true;
      }
      case ENHANCED_PACKET:
      case PACKET_BLOCK: {
        if (short(20, 'a packet block')) return false;
        const id = type === ENHANCED_PACKET ? read32(bytes, at + 8, little) : read16(bytes, at + 8, little);
        const found = packet(bytes, at, id, at + 28, read32(bytes, at + 20, little), end);
        if (found === undefined) return false;
        time(found, read32(bytes, at + 12, little), read32(bytes, at + 16, little));
        record.originalLength = read32(bytes, at + 24, little);
        sink.emit();
        return true;
      }
      case SIMPLE_PACKET: {
        if (short(4, 'a Simple Packet Block')) return false;
        const original = read32(bytes, at + 8, little);
        const snapLength = interfaces[0]?.snapLength ?? 0;
        // Only the original length is stored: what is captured is that, cut at the interface's snap length.
        const captured = snapLength > 0 ? Math.min(original, snapLength) : original;
        if (packet(bytes, at, 0, at + 12, captured, end) === undefined) return false;
        record.seconds = 0;
        record.fraction = 0;
        record.originalLength = original;
        sink.emit();
        return true;
      }
      default:
        return true;
    }
  };

  const parser: Parser = {
    need: 12,
    parse(bytes, from, to) {
      let at = from;
      while (to - at >= 12) {
        const type = read32(bytes, at, little);
        if (type === SECTION_HEADER) {
          const magic = u32(bytes, at + 8);
          little = magic !== BYTE_ORDER_MAGIC;
          if (little && read32(bytes, at + 8, true) !== BYTE_ORDER_MAGIC) {
            sink.fail(at + 8, 'a Section Header Block without the byte-order magic');
            return to;
          }
        }
        const length = read32(bytes, at + 4, little);
        if (length < 12 || length > MAX_BLOCK || length % 4 !== 0) {
          sink.fail(at + 4, `a block claims a length of ${length} octets`);
          return to;
        }
        if (at + length > to) {
          parser.need = length;
          return at;
        }
        const end = at + length - 4;
        const trailing = read32(bytes, end, little);
        if (trailing !== length) {
          sink.fail(end, `a block of ${length} octets ends with the length ${trailing}`);
          return to;
        }
        if (!take(bytes, at, type, end)) return to;
        at += length;
      }
      parser.need = 12;
      return at;
    },
  };
  return parser;
};
