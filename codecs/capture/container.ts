/** What the two containers, pcap and pcapng, share: octets in either byte order and the bounds that no length field may exceed. */
import { u16, u16le, u32, u32le } from '../bytes.ts';
import type { CaptureRecord } from './record.ts';

/** Byte order of a file or of a pcapng section. */
export type ByteOrder = 'big' | 'little';

/** No record or block may be larger: what a reader carries over from one chunk to the next is bounded by it, in octets. */
export const MAX_BLOCK = 64 * 1024 * 1024;

/** The snap length of today's tools, and the least bound on a record whatever the file's header says, in octets. */
export const DEFAULT_SNAP_LENGTH = 262_144;

/** Where a parser puts what it finds. */
export interface Sink {
  /** The one object that every record is handed out in. */
  readonly record: CaptureRecord;
  /** Hands `record` out. */
  emit(): void;
  /** Notes a link type, once. */
  linkType(linkType: number): void;
  /** Notes damage at index `at` of the buffer being parsed; nothing is parsed after it. */
  fail(at: number, message: string): void;
}

/** A container's parser: takes whole records out of a buffer and says how many octets the next one needs. */
export interface Parser {
  /** Octets from the first one not taken that are needed to get further. */
  need: number;
  /** Takes what is whole in `bytes` from `from` to `to`; gives the index of the first octet not taken. */
  parse(bytes: Uint8Array, from: number, to: number): number;
}

export const read16 = (bytes: Uint8Array, at: number, little: boolean): number => (little ? u16le(bytes, at) : u16(bytes, at));
export const read32 = (bytes: Uint8Array, at: number, little: boolean): number => (little ? u32le(bytes, at) : u32(bytes, at));
