/** What following rests on, held against naive models: a stream in data sequence order (RFC 8684 section 3.3.1), the options of a segment. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import { TCP, locateSegment, newSegment } from '../../codecs/packet/index.ts';
import { newOptionView, readOptions } from '../../conformance/follow/mptcp/options.ts';
import { anyTcpPacket } from '../arbitraries/packet.ts';
import { DIFFERENT, DataStream, FRESH, SAME, newStreamPool } from '../../conformance/follow/mptcp/stream.ts';

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
/** Octets that repeat after no power of two. */
const source = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 131 + (i >> 8) * 7 + (i >> 16)) & 0xff);
const MAX = 100;

interface Piece {
  readonly at: number;
  readonly length: number;
  readonly other: boolean;
  readonly cut: boolean;
}
const piece = (other: fc.Arbitrary<boolean>, cut: fc.Arbitrary<boolean>): fc.Arbitrary<Piece> =>
  fc.record({ at: fc.nat(MAX - 1), length: fc.integer({ min: 1, max: 30 }), other, cut });
const never = fc.constant(false);
const seldom = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);
const pieces = (other: fc.Arbitrary<boolean>, cut: fc.Arbitrary<boolean>): fc.Arbitrary<{ list: Piece[]; unit: number }> =>
  fc.record({ list: fc.array(piece(other, cut), { maxLength: 40 }), unit: fc.constantFrom(1, 41, 1500, 9973) });

/** What is known of each octet: absent, without content, or its content. */
const play = ({ list, unit }: { readonly list: readonly Piece[]; readonly unit: number }, whole: boolean, usedByOthers = 0) => {
  const pool = newStreamPool(true);
  pool.used = usedByOthers;
  const stream = new DataStream(pool, 1);
  const size = (MAX + 30) * unit;
  const octets = new Uint8Array(size);
  const state = new Uint8Array(size);
  const verdicts: { verdict: number; expected: number }[] = [];
  const all = whole ? [...list, { at: 0, length: MAX, other: false, cut: false }] : list;
  for (const { at, length, other, cut } of all) {
    const [from, to] = [at * unit, Math.min(size, (at + length) * unit)];
    const bytes = source.slice(from, to);
    if (other) bytes.forEach((octet, i) => (bytes[i] = octet ^ 0xff));
    const held = cut ? Math.floor(bytes.length / 2) : bytes.length;
    let expected = FRESH;
    for (let i = 0; i < bytes.length; i += 1) {
      if (state[from + i] === 2 && i < held && expected !== DIFFERENT) expected = octets[from + i] === bytes[i] ? SAME : DIFFERENT;
      if (state[from + i] === 0) {
        octets[from + i] = bytes[i]!;
        state[from + i] = i < held ? 2 : 1;
      }
    }
    verdicts.push({ verdict: stream.add(from + 1, bytes, 0, held, bytes.length), expected });
  }
  const missing = state.indexOf(0);
  return { stream, pool, octets, state, verdicts, next: missing < 0 ? size : missing, end: state.findLastIndex((each) => each > 0) + 1 };
};

describe('a stream', () => {
  test('has the hash of its contiguous octets, in whatever order, sizes and how often they come; null where octets are missing', () => {
    fc.assert(
      // Others may have taken so much memory that none is left for what is behind.
      fc.property(pieces(never, never), fc.boolean(), fc.constantFrom(0, 30 << 20), (given, whole, usedByOthers) => {
        const { stream, octets, next, end, verdicts, pool } = play(given, whole, usedByOthers);
        expect(stream.seen.next).toBe(next + 1);
        expect(stream.digest()).toBe(next === end ? sha256(octets.subarray(0, next)) : null);
        expect(pool.used).toBe(usedByOthers);
        expect(verdicts.filter(({ verdict }) => verdict === DIFFERENT)).toEqual([]);
        expect(verdicts.filter(({ verdict, expected }) => expected === FRESH && verdict !== FRESH)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  test('keeps the first octets that came, and says when others come in their place', () => {
    fc.assert(
      fc.property(pieces(seldom, never), (given) => {
        const { stream, octets, next, end, verdicts } = play({ ...given, unit: Math.min(given.unit, 1500) }, true);
        expect(verdicts.map(({ verdict }) => verdict)).toEqual(verdicts.map(({ expected }) => expected));
        expect(stream.digest()).toBe(next === end ? sha256(octets.subarray(0, next)) : null);
      }),
      { numRuns: 60 },
    );
  });

  test('counts what the snap length cut and has no hash then, unless the rest had come before', () => {
    fc.assert(
      fc.property(pieces(never, seldom), (given) => {
        const { stream, octets, state, next, end } = play({ ...given, unit: Math.min(given.unit, 41) }, true);
        expect(stream.seen.next).toBe(next + 1);
        expect(stream.digest()).toBe(next === end && !state.subarray(0, next).includes(1) ? sha256(octets.subarray(0, next)) : null);
      }),
      { numRuns: 60 },
    );
  });

  test('is hashed to the octet when a jump ahead fills its memory to the brim', () => {
    const stream = new DataStream(newStreamPool(true), 1);
    let at = 0;
    for (; at < 300_000; at += 1000) stream.add(at + 1, source, at, at + 1000, 1000);
    // Not yet hashed: less than a block. Needed: just a power of two.
    const far = at + (1 << 19);
    stream.add(far - 999, source, far - 1000, far, 1000);
    for (; at < far - 1000; at += 1000) stream.add(at + 1, source, at, Math.min(at + 1000, far - 1000), Math.min(1000, far - 1000 - at));
    expect(stream.seen.next).toBe(far + 1);
    expect(stream.digest()).toBe(sha256(source.subarray(0, far)));
  });

  test('goes on by its numbers alone where the memory for content is used up, and gives back what it had', () => {
    const pool = newStreamPool(true);
    const stream = new DataStream(pool, 1);
    stream.add(1, source, 0, 1000, 1000);
    const used = 64 << 20;
    pool.used += used - 4096;
    stream.add(500_001, source, 500_000, 501_000, 1000);
    expect(stream.contentLost).toBe(true);
    expect(pool.used).toBe(used - 4096);
    stream.add(1001, source, 1000, 500_000, 499_000);
    expect(stream.seen.next).toBe(501_001);
    expect(stream.digest()).toBeNull();
  });

  test('remembers as far back as data came ahead of a hole: what filled it may come again by the path that was expected to carry it', () => {
    const stream = new DataStream(newStreamPool(true), 1);
    stream.add(1, source, 0, 100_000, 100_000);
    for (let at = 200_000; at < 900_000; at += 10_000) stream.add(at + 1, source, at, at + 10_000, 10_000);
    stream.add(100_001, source, 100_000, 200_000, 100_000);
    expect(stream.seen.next).toBe(900_001);
    expect(stream.add(150_001, source, 150_000, 160_000, 10_000)).toBe(SAME);
    expect(stream.add(150_001, source, 150_001, 160_001, 10_000)).toBe(DIFFERENT);
    for (let at = 900_000; at < 1_000_000; at += 10_000) stream.add(at + 1, source, at, at + 10_000, 10_000);
    expect(stream.digest()).toBe(sha256(source.subarray(0, 1_000_000)));
  });

  test('takes no more than a small block while the memory of others leaves none for what is behind', () => {
    const usedByOthers = 30 << 20;
    const pool = newStreamPool(true);
    pool.used = usedByOthers;
    const stream = new DataStream(pool, 1);
    for (let at = 0; at < 300_000; at += 1000) stream.add(at + 1, source, at, at + 1000, 1000);
    expect(pool.used - usedByOthers).toBe(4096);
    expect(stream.add(1, source, 0, 1000, 1000)).toBe(FRESH);
    expect(stream.digest()).toBe(sha256(source.subarray(0, 300_000)));
  });

  test('begins anywhere: what lies below its first octet is left out', () => {
    const stream = new DataStream(newStreamPool(true), 1001);
    stream.add(1001, source, 1000, 1500, 500);
    expect(stream.add(901, source, 900, 1100, 200)).toBe(SAME);
    expect(stream.add(1401, source, 1400, 1600, 200)).toBe(SAME);
    expect(stream.digest()).toBe(sha256(source.subarray(1000, 1600)));
  });

  test('begins with what TCP Fast Open carried (RFC 8684 appendix B.2)', () => {
    const stream = new DataStream(newStreamPool(true), 1);
    stream.prefix = { octets: source.subarray(0, 50), length: 50 };
    stream.add(1, source, 50, 80, 30);
    expect(stream.digest()).toBe(sha256(source.subarray(0, 80)));
  });
});

describe('the options of a segment', () => {
  const locate = (packet: Uint8Array, end = packet.length) => {
    const segment = newSegment();
    return locateSegment(packet, 0, end, packet.length, LINKTYPE_RAW, segment) === TCP ? segment : undefined;
  };

  test('are those that the decoder finds: the last MSS, scale and timestamps, every MPTCP option', () => {
    const view = newOptionView();
    fc.assert(
      fc.property(anyTcpPacket, ({ packet, tcp: { options } }) => {
        const segment = locate(packet)!;
        readOptions(segment, view);
        const last = <K extends (typeof options)[number]['kind']>(kind: K) =>
          options.findLast((option): option is Extract<(typeof options)[number], { kind: K }> => option.kind === kind);
        const subtypes = options.flatMap((option) =>
          option.kind === 'OTHER' && option.number === 30 ? [(option.data[0] ?? 0xff) >> 4] : [],
        );
        expect({ ...view, offsets: [...view.offsets.subarray(0, view.count)].map((at) => packet[at]) }).toEqual({
          count: view.count,
          offsets: options.flatMap((option) => (option.kind === 'OTHER' && option.number === 30 ? [30] : [])),
          signals: subtypes.filter((subtype) => subtype !== 2).length,
          capable: subtypes.includes(0),
          mss: last('MSS')?.mss ?? -1,
          shift: Math.min(14, last('WINDOW_SCALE')?.shift ?? -1),
          timestamp: last('TIMESTAMPS')?.value ?? 0,
          echo: last('TIMESTAMPS')?.echoReply ?? 0,
          fastOpen: last('FAST_OPEN') !== undefined,
          cut: false,
        });
      }),
      { numRuns: 200 },
    );
  });

  test('are read from any octets, and never beyond the header or what the snap length left', () => {
    const view = newOptionView();
    const options = fc.uint8Array({ minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(options, fc.constantFrom(0, 1, 2, 3, 30), fc.integer({ min: 40, max: 80 }), (octets, common, end) => {
        // Kinds and lengths that mean something come often enough.
        const header = Uint8Array.from(octets, (octet) => (octet < 90 ? common : octet < 130 ? 4 : octet));
        const packet = new Uint8Array(80);
        packet.set([0x45, 0, 0, 80, 0, 0, 0, 0, 64, 6]);
        packet.set([0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 16], 20);
        packet.set(header, 40);
        const segment = locate(packet, end);
        if (segment === undefined) return;
        readOptions(segment, view);
        const offsets = [...view.offsets.subarray(0, view.count)];
        expect(offsets.every((at) => at >= 40 && at < Math.min(end, 80) && packet[at] === 30)).toBe(true);
        expect(offsets).toEqual([...new Set(offsets)].toSorted((x, y) => x - y));
        expect(view.cut || segment.headerComplete).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
