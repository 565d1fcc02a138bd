/** TCP options, RFC 9293 section 3.1: walked by offsets on the hot path, or decoded into a list that loses nothing. */
import { ByteWriter, u16, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

export const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_MSS = 2;
export const OPTION_WINDOW_SCALE = 3;
export const OPTION_SACK_PERMITTED = 4;
export const OPTION_SACK = 5;
export const OPTION_TIMESTAMPS = 8;
export const OPTION_MPTCP = 30;
export const OPTION_FAST_OPEN = 34;

/** Results of `nextOption` that are no offset. */
export const NO_MORE_OPTIONS = -1;
export const DAMAGED_OPTION = -2;

/**
 * Offset of the next option at or after `at` that has a length: its Kind is at the offset, its Length (2 or more, its Kind and
 * Length included) at the next octet, and all of it lies before `end`. No-Operations are stepped over. `NO_MORE_OPTIONS` at an End
 * of Option List or at `end`; `DAMAGED_OPTION` where a length is below 2 or passes `end`, which is what a snap length does, too.
 *
 * @example
 * for (let at = nextOption(b, s.options, s.optionsEnd); at >= 0; at = nextOption(b, at + b[at + 1]!, s.optionsEnd))
 *   if (b[at] === OPTION_MPTCP) use(at, b[at + 1]!);
 */
export const nextOption = (bytes: Uint8Array, at: number, end: number): number => {
  let option = at;
  while (option < end && bytes[option] === OPTION_NOP) option++;
  if (option >= end || bytes[option] === OPTION_END) return NO_MORE_OPTIONS;
  if (option + 1 >= end) return DAMAGED_OPTION;
  const length = bytes[option + 1]!;
  return length < 2 || option + length > end ? DAMAGED_OPTION : option;
};

/** One option. A known kind with a length that is not its own is kept as `OTHER`. */
export type TcpOption =
  /** RFC 9293 section 3.1. Whatever follows it up to the Data Offset is kept: it should be zero. */
  | { readonly kind: 'END'; readonly padding: Uint8Array }
  | { readonly kind: 'NOP' }
  /** RFC 9293 section 3.2. */
  | { readonly kind: 'MSS'; readonly mss: number }
  /** RFC 7323 section 2.2. */
  | { readonly kind: 'WINDOW_SCALE'; readonly shift: number }
  /** RFC 2018 section 2. */
  | { readonly kind: 'SACK_PERMITTED' }
  /** RFC 2018 section 3: edges of blocks, left inclusive, right exclusive. */
  | { readonly kind: 'SACK'; readonly blocks: readonly { readonly left: number; readonly right: number }[] }
  /** RFC 7323 section 3.2. */
  | { readonly kind: 'TIMESTAMPS'; readonly value: number; readonly echoReply: number }
  /** RFC 7413 section 4.1.1: empty when a cookie is asked for. */
  | { readonly kind: 'FAST_OPEN'; readonly cookie: Uint8Array }
  /** Any other: `number` is its Kind, `data` what follows its Length. */
  | { readonly kind: 'OTHER'; readonly number: number; readonly data: Uint8Array };

const decodeOne = (bytes: Uint8Array, at: number, length: number): TcpOption => {
  const number = bytes[at]!;
  if (number === OPTION_MSS && length === 4) return { kind: 'MSS', mss: u16(bytes, at + 2) };
  if (number === OPTION_WINDOW_SCALE && length === 3) return { kind: 'WINDOW_SCALE', shift: bytes[at + 2]! };
  if (number === OPTION_SACK_PERMITTED && length === 2) return { kind: 'SACK_PERMITTED' };
  if (number === OPTION_TIMESTAMPS && length === 10)
    return { kind: 'TIMESTAMPS', value: u32(bytes, at + 2), echoReply: u32(bytes, at + 6) };
  if (number === OPTION_FAST_OPEN) return { kind: 'FAST_OPEN', cookie: bytes.subarray(at + 2, at + length) };
  if (number === OPTION_SACK && length % 8 === 2) {
    const blocks = [];
    for (let edge = at + 2; edge < at + length; edge += 8) blocks.push({ left: u32(bytes, edge), right: u32(bytes, edge + 4) });
    return { kind: 'SACK', blocks };
  }
  return { kind: 'OTHER', number, data: bytes.subarray(at + 2, at + length) };
};

/**
 * The options from octet `from` up to `to` (the end of the TCP header), in order. An option whose length is below 2 or passes `to`
 * is an error. @example decodeTcpOptions(segment.bytes, segment.options, segment.optionsEnd)
 */
export const decodeTcpOptions = (bytes: Uint8Array, from = 0, to = bytes.length): Decoded<readonly TcpOption[]> => {
  const options: TcpOption[] = [];
  let at = from;
  while (at < to) {
    if (bytes[at] === OPTION_END) {
      options.push({ kind: 'END', padding: bytes.subarray(at + 1, to) });
      break;
    }
    if (bytes[at] === OPTION_NOP) {
      options.push({ kind: 'NOP' });
      at++;
      continue;
    }
    if (nextOption(bytes, at, to) < 0) {
      const length = at + 1 < to ? `has length ${bytes[at + 1]}, but ${to - at} octets are left` : 'has no length';
      return undecodable('bad-length', at - from, `TCP option of kind ${bytes[at]} ${length}`, 'RFC 9293 section 3.1');
    }
    const length = bytes[at + 1]!;
    options.push(decodeOne(bytes, at, length));
    at += length;
  }
  return decoded(options);
};

/** The octets of a list of options, as they come; nothing is added. @example encodeTcpOptions([{ kind: 'MSS', mss: 1460 }]) */
export const encodeTcpOptions = (options: readonly TcpOption[]): Uint8Array => {
  const w = new ByteWriter(40);
  const head = (number: number, length: number): ByteWriter => w.u8('kind', number).u8('length', length);
  for (const option of options) {
    switch (option.kind) {
      case 'END':
        w.u8('kind', OPTION_END).bytes('padding', option.padding);
        break;
      case 'NOP':
        w.u8('kind', OPTION_NOP);
        break;
      case 'MSS':
        head(OPTION_MSS, 4).u16('mss', option.mss);
        break;
      case 'WINDOW_SCALE':
        head(OPTION_WINDOW_SCALE, 3).u8('shift', option.shift);
        break;
      case 'SACK_PERMITTED':
        head(OPTION_SACK_PERMITTED, 2);
        break;
      case 'SACK':
        head(OPTION_SACK, 2 + 8 * option.blocks.length);
        for (const { left, right } of option.blocks) w.u32('left', left).u32('right', right);
        break;
      case 'TIMESTAMPS':
        head(OPTION_TIMESTAMPS, 10).u32('value', option.value).u32('echoReply', option.echoReply);
        break;
      case 'FAST_OPEN':
        head(OPTION_FAST_OPEN, 2 + option.cookie.length).bytes('cookie', option.cookie);
        break;
      case 'OTHER':
        head(option.number, 2 + option.data.length).bytes('data', option.data);
        break;
    }
  }
  return w.finish();
};
