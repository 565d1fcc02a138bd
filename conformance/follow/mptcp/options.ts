/** The TCP options that following needs, found in one pass without an allocation: RFC 9293 section 3.1, RFC 7323, RFC 8684 section 3. */
import { u16, u32 } from '../../../codecs/bytes.ts';
import type { Segment } from '../../../codecs/packet/segment.ts';

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const TIMESTAMPS = 8;
const MPTCP = 30;
const FAST_OPEN = 34;

/** How the options of most segments begin: NOP, NOP, Timestamps (RFC 7323 appendix A). */
const USUAL = 0x0101_080a;

/** Subtypes of MPTCP options (RFC 8684 section 8). */
export const MP_CAPABLE = 0;
export const MP_JOIN = 1;
export const DSS = 2;

/** Subtype of the MPTCP option at `at`; -1 where it is too short to have one. */
export const subtypeAt = (segment: Segment, at: number): number =>
  at + 2 < segment.optionsEnd && segment.bytes[at + 1]! >= 3 ? segment.bytes[at + 2]! >> 4 : -1;

/** Offsets and values of the options of the segment at hand; refilled for each. */
export interface OptionView {
  /** How many MPTCP options there are, and the offset of each one's Kind. */
  count: number;
  readonly offsets: Int32Array;
  /** How many of them are no DSS, and whether one of these is an MP_CAPABLE: of a transfer most segments have none. */
  signals: number;
  capable: boolean;
  /** -1 where absent. */
  mss: number;
  shift: number;
  /** 0 where absent. */
  timestamp: number;
  /** The Timestamp Echo Reply. */
  echo: number;
  fastOpen: boolean;
  /** The options end in the middle of one, or the snap length cut them. */
  cut: boolean;
}

export const newOptionView = (): OptionView => ({
  count: 0,
  offsets: new Int32Array(16),
  signals: 0,
  capable: false,
  mss: -1,
  shift: -1,
  timestamp: 0,
  echo: 0,
  fastOpen: false,
  cut: false,
});

const keep = (segment: Segment, at: number, into: OptionView): void => {
  if (into.count >= into.offsets.length) return;
  into.offsets[into.count] = at;
  into.count += 1;
  const subtype = subtypeAt(segment, at);
  if (subtype === DSS) return;
  into.signals += 1;
  if (subtype === MP_CAPABLE) into.capable = true;
};

/** NOPs in a row that align what follows to a word (RFC 9293 section 3.1). */
const PADDING = 3;

/** Whether an option of a segment was overwritten with NOPs: so does a middlebox that removes it and leaves the length (RFC 8684 section 6). */
export const isBlanked = ({ bytes, options, optionsEnd }: Segment): boolean => {
  let run = 0;
  for (let at = options; at < optionsEnd && bytes[at] !== END && run <= PADDING;) {
    run = bytes[at] === NOP ? run + 1 : 0;
    at += run > 0 || at + 1 >= optionsEnd ? 1 : Math.max(2, bytes[at + 1]!);
  }
  return run > PADDING;
};

/** Walks the options of a segment and fills `into`. A length below 2 or beyond the header ends the walk (`cut`). */
export const readOptions = (segment: Segment, into: OptionView): void => {
  const { bytes, optionsEnd } = segment;
  into.count = 0;
  into.signals = 0;
  into.capable = false;
  into.mss = -1;
  into.shift = -1;
  into.timestamp = 0;
  into.echo = 0;
  into.fastOpen = false;
  into.cut = !segment.headerComplete;
  let at = segment.options;
  if (u32(bytes, at) === USUAL && at + 12 <= optionsEnd) {
    into.timestamp = u32(bytes, at + 4);
    into.echo = u32(bytes, at + 8);
    at += 12;
  }
  while (at < optionsEnd) {
    const kind = bytes[at]!;
    if (kind === END) return;
    if (kind === NOP) {
      at += 1;
      continue;
    }
    const length = at + 1 < optionsEnd ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > optionsEnd) {
      // An MPTCP option that a complete header cuts short is its sender's fault: it is kept, to fail in the decoder.
      if (kind === MPTCP && segment.headerComplete) keep(segment, at, into);
      into.cut = true;
      return;
    }
    if (kind === MPTCP) {
      keep(segment, at, into);
    } else if (kind === TIMESTAMPS) {
      if (length === 10) {
        into.timestamp = u32(bytes, at + 2);
        into.echo = u32(bytes, at + 6);
      }
    } else if (kind === MSS) {
      if (length === 4) into.mss = u16(bytes, at + 2);
    } else if (kind === WINDOW_SCALE) {
      if (length === 3) into.shift = Math.min(14, bytes[at + 2]!);
    } else if (kind === FAST_OPEN) {
      into.fastOpen = true;
    }
    at += length;
  }
};
