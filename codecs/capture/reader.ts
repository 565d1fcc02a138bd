/** Reads a capture from chunks of any size: the container is recognised by its first octets, records are handed out in place. */
import { u32 } from '../bytes.ts';
import type { Parser, Sink } from './container.ts';
import { pcapMagic, pcapParser } from './pcap.ts';
import { pcapngParser, SECTION_HEADER } from './pcapng.ts';
import type { CaptureRecord } from './record.ts';

/** Damage: where, in octets from the start of the file, and what. */
export interface CaptureError {
  readonly offset: number;
  readonly message: string;
}

/** A reader of one capture. What was handed out before damage stays valid; after it, or after `finish`, `push` does nothing. */
export interface CaptureReader {
  /** Takes the next octets of the file, of any number. Only valid during the call: a record that is cut is copied, nothing else. */
  push(chunk: Uint8Array): void;
  /** Says that the file ends here: a record that is cut becomes an error at its offset. */
  finish(): void;
  /** Known after the first 4 octets. */
  readonly format: 'pcap' | 'pcapng' | null;
  /** LINKTYPE_ values, each once, in order of appearance. */
  readonly linkTypes: readonly number[];
  /** Records handed out so far: during the call, the number of the frame, from 1. */
  readonly frames: number;
  readonly error: CaptureError | undefined;
}

/**
 * What the first octets of a file (4 are enough) say it is; undefined for anything else. gzip is only recognised: whoever supplies
 * the octets unpacks them. @example recogniseCapture(Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a)) // 'pcapng'
 */
export const recogniseCapture = (firstOctets: Uint8Array): 'pcap' | 'pcapng' | 'gzip' | undefined => {
  if (firstOctets[0] === 0x1f && firstOctets[1] === 0x8b) return 'gzip';
  if (firstOctets.length < 4) return undefined;
  if (u32(firstOctets, 0) === SECTION_HEADER) return 'pcapng';
  return pcapMagic(firstOctets) === undefined ? undefined : 'pcap';
};

/** Recognises the container, then hands over to its parser. */
const recognising = (sink: Sink, chosen: (format: 'pcap' | 'pcapng') => void): Parser => {
  let inner: Parser | undefined;
  const parser: Parser = {
    need: 4,
    parse(bytes, from, to) {
      if (inner === undefined) {
        if (to - from < 4) return from;
        const format = recogniseCapture(bytes.subarray(from, to));
        if (format === 'pcap') inner = pcapParser(sink);
        else if (format === 'pcapng') inner = pcapngParser(sink);
        else {
          sink.fail(from, format === 'gzip' ? 'still gzip-compressed' : 'neither pcap nor pcapng');
          return to;
        }
        chosen(format);
      }
      const at = inner.parse(bytes, from, to);
      parser.need = inner.need;
      return at;
    },
  };
  return parser;
};

/**
 * A reader that calls `onRecord` for every record, in file order, with one reused object: copy what you keep.
 *
 * @example
 * const reader = createCaptureReader((record) => count(record.end - record.start));
 * for await (const chunk of stream) reader.push(chunk);
 * reader.finish();
 * if (reader.error) console.error(reader.error.offset, reader.error.message);
 */
export const createCaptureReader = (onRecord: (record: CaptureRecord) => void): CaptureReader => {
  const record: CaptureRecord = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    originalLength: 0,
    seconds: 0,
    fraction: 0,
    resolution: 1e6,
    linkType: 0,
    interfaceId: 0,
  };
  let format: 'pcap' | 'pcapng' | null = null;
  const linkTypes = new Set<number>();
  let frames = 0;
  let error: CaptureError | undefined;
  let finished = false;
  /** File offset of index 0 of the buffer being parsed. */
  let base = 0;
  /** The record that is cut at the end of the last chunk. */
  let carry = new Uint8Array(4096);
  let carried = 0;

  const parser = recognising(
    {
      record,
      emit() {
        frames++;
        onRecord(record);
      },
      linkType(linkType) {
        linkTypes.add(linkType);
      },
      fail(at, message) {
        error = { offset: base + at, message };
      },
    },
    (chosen) => {
      format = chosen;
    },
  );

  /** Grows with the octets that arrive, not with what a length field promises. */
  const keep = (chunk: Uint8Array, from: number, to: number): void => {
    const length = carried + to - from;
    if (length > carry.length) {
      const larger = new Uint8Array(Math.max(length, 2 * carry.length));
      larger.set(carry.subarray(0, carried));
      carry = larger;
    }
    carry.set(chunk.subarray(from, to), carried);
    carried = length;
  };

  return {
    push(chunk) {
      if (error !== undefined || finished) return;
      let at = 0;
      while (carried > 0) {
        const taken = Math.min(parser.need - carried, chunk.length - at);
        keep(chunk, at, at + taken);
        at += taken;
        if (carried < parser.need) return;
        const used = parser.parse(carry, 0, carried);
        if (error !== undefined) return;
        carry.copyWithin(0, used, carried);
        carried -= used;
        base += used;
      }
      // From here on `base` counts from index 0 of the chunk, part of which the carry may have taken.
      base -= at;
      const used = parser.parse(chunk, at, chunk.length);
      if (error !== undefined) return;
      base += used;
      keep(chunk, used, chunk.length);
    },
    finish() {
      if (finished) return;
      finished = true;
      if (error !== undefined) return;
      if (carried > 0) error = { offset: base, message: `the file ends inside a record: ${carried} of at least ${parser.need} octets` };
      else if (format === null) error = { offset: 0, message: 'the file is empty' };
    },
    get format() {
      return format;
    },
    get linkTypes() {
      return [...linkTypes];
    },
    get frames() {
      return frames;
    },
    get error() {
      return error;
    },
  };
};
