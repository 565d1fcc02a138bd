/** Protocol messages of a capture, one after another in file order: what `polypath decode` prints. Nothing is kept but which flows speak version 0. */

import { toHex, u16 } from '../codecs/bytes.ts';
import { createCaptureReader, LINKTYPE_RAW, type CaptureError, type CaptureRecord } from '../codecs/capture/index.ts';
import type { DecodeError } from '../codecs/decoded.ts';
import { decodeMptcpOption, deriveKey, MPTCP_KIND, type MptcpOption, type MptcpVersion } from '../codecs/mptcp/index.ts';
import {
  createReassembler,
  DAMAGED_OPTION,
  formatAddress,
  FRAGMENT,
  locateSegment,
  newSegment,
  nextOption,
  OPTION_NOP,
  TCP,
  type Segment,
} from '../codecs/packet/index.ts';

/** One protocol message, as `decode --json` prints it. Octets are hex, addresses text, 64-bit numbers decimal strings. */
export interface MessageLine {
  /** Counted from 1. */
  readonly frame: number;
  /** RFC 3339, in UTC, with the capture's digits. */
  readonly time: string;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: 'mptcp';
  /** The RFC's name of the option, or `malformed`. */
  readonly kind: string;
  /** In octets, as the option itself says. */
  readonly length: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly error?: DecodeError;
}

/** Takes a capture's octets and hands out its messages. */
export interface MessageDecoder {
  /** The next octets of the capture. */
  push(chunk: Uint8Array): void;
  /** The capture ends here. */
  finish(): void;
  /** What the capture is damaged by, as far as it was read. */
  readonly error: CaptureError | undefined;
}

/** So many flows, and tokens, of version 0 are remembered; the oldest give way. */
const MOST_REMEMBERED = 65_536;

/** A set of bounded size: the oldest member makes room. */
class RecentSet<T> {
  readonly #members = new Set<T>();

  add(member: T): void {
    this.#members.delete(member);
    this.#members.add(member);
    if (this.#members.size > MOST_REMEMBERED) this.#members.delete(this.#members.values().next().value as T);
  }

  delete(member: T): void {
    this.#members.delete(member);
  }

  has(member: T): boolean {
    return this.#members.size > 0 && this.#members.has(member);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
}

/** Time of a record as text: microseconds, or nanoseconds where the capture has them. @example timeText({ seconds: 0, fraction: 5, resolution: 1e6 }) // '1970-01-01T00:00:00.000005Z' */
export const timeText = ({ seconds, fraction, resolution }: Pick<CaptureRecord, 'seconds' | 'fraction' | 'resolution'>): string => {
  const digits = resolution > 1e6 ? 9 : 6;
  const units = Math.floor(fraction * (10 ** digits / resolution));
  const date = new Date((seconds + Math.floor(units / 10 ** digits)) * 1000);
  const rest = String(units % 10 ** digits).padStart(digits, '0');
  // A damaged capture can claim times that no calendar has.
  return Number.isNaN(date.getTime()) ? `${seconds}.${rest}` : `${date.toISOString().slice(0, -5)}.${rest}Z`;
};

const isAddress = (name: string, value: Uint8Array): boolean => name === 'address' && (value.length === 4 || value.length === 16);

const plain = (name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return isAddress(name, value) ? formatAddress(value, 0, value.length === 4 ? 4 : 6) : toHex(value);
  return value;
};

/** The fields of an option as JSON can hold them. @example fieldsOf({ kind: 'MP_FASTCLOSE', receiverKey: 1n, reserved: 0 }) // { receiverKey: '1', reserved: 0 } */
export const fieldsOf = (option: MptcpOption): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(option)
      .filter(([name]) => name !== 'kind')
      .map(([name, value]) => [name, plain(name, value)]),
  );

/** Both directions of a flow have one key. */
const flowKey = ({ bytes, ipVersion, source, destination, tcp }: Segment): string => {
  const length = ipVersion === 4 ? 4 : 16;
  const from = toHex(bytes, source, source + length) + toHex(bytes, tcp, tcp + 2);
  const to = toHex(bytes, destination, destination + length) + toHex(bytes, tcp + 2, tcp + 4);
  return from < to ? from + to : to + from;
};

/** Which version a flow speaks: MP_CAPABLE says it, and the token of an MP_JOIN leads to a connection whose MP_CAPABLE said it. */
class Versions {
  readonly #flows = new RecentSet<string>();
  readonly #tokens = new RecentSet<number>();

  of(segment: Segment): MptcpVersion | undefined {
    return !this.#flows.isEmpty && this.#flows.has(flowKey(segment)) ? 0 : undefined;
  }

  learn(segment: Segment, option: MptcpOption): void {
    if (option.kind === 'MP_CAPABLE') {
      if (option.version === 0) {
        this.#flows.add(flowKey(segment));
        if (option.senderKey !== undefined) this.#tokens.add(deriveKey(option.senderKey, 0).token);
      } else if (!this.#flows.isEmpty) {
        // The ports were used again, or the peers settled on another version.
        this.#flows.delete(flowKey(segment));
      }
    } else if (option.kind === 'MP_JOIN' && option.segment === 'SYN' && this.#tokens.has(option.receiverToken)) {
      this.#flows.add(flowKey(segment));
    }
  }
}

/**
 * Decodes a capture: every MPTCP option of every TCP segment, also of fragmented packets, in file order. An option whose version is unknown is
 * read as the newest. `frame`, `time` and the rest are in each line; nothing that `onMessage` gets is used again.
 *
 * @example
 * const decoder = createMessageDecoder((line) => console.log(JSON.stringify(line)));
 * decoder.push(readFileSync('join.pcap'));
 * decoder.finish();
 */
export const createMessageDecoder = (onMessage: (line: MessageLine) => void): MessageDecoder => {
  const segment = newSegment();
  const versions = new Versions();

  const decodeOption = (record: CaptureRecord, frame: number, at: number): void => {
    const { bytes, optionsEnd } = segment;
    const result = decodeMptcpOption(bytes, at, optionsEnd, versions.of(segment));
    const family = segment.ipVersion === 4 ? 4 : 6;
    const common = {
      frame,
      time: timeText(record),
      src: formatAddress(bytes, segment.source, family),
      dst: formatAddress(bytes, segment.destination, family),
      srcPort: u16(bytes, segment.tcp),
      dstPort: u16(bytes, segment.tcp + 2),
      protocol: 'mptcp',
      length: at + 1 < optionsEnd ? bytes[at + 1]! : 1,
    } as const;
    const { length, ...rest } = common;
    if (result.ok) {
      versions.learn(segment, result.value);
      onMessage({ ...rest, kind: result.value.kind, length, fields: fieldsOf(result.value) });
    } else {
      onMessage({ ...rest, kind: 'malformed', length, error: result.error });
    }
  };

  const decodeSegment = (record: CaptureRecord, frame: number): void => {
    const { bytes, options, optionsEnd } = segment;
    let from = options;
    let at = nextOption(bytes, from, optionsEnd);
    for (; at >= 0; at = nextOption(bytes, from, optionsEnd)) {
      if (bytes[at] === MPTCP_KIND) decodeOption(record, frame, at);
      from = at + bytes[at + 1]!;
    }
    if (at !== DAMAGED_OPTION) return;
    while (bytes[from] === OPTION_NOP) from++;
    if (bytes[from] === MPTCP_KIND) decodeOption(record, frame, from);
  };

  const reassembler = createReassembler();
  const reader = createCaptureReader((record) => {
    const { bytes, start, end, originalLength, linkType } = record;
    let located = locateSegment(bytes, start, end, originalLength, linkType, segment);
    if (located === FRAGMENT) {
      const packet = reassembler.add(bytes, start, end, linkType);
      if (packet === undefined) return;
      located = locateSegment(packet, 0, packet.length, packet.length, LINKTYPE_RAW, segment);
    }
    if (located === TCP) decodeSegment(record, reader.frames);
  });
  return reader;
};
