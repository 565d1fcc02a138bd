/** The sequence spaces of RFC 8684 section 3.3.1, each held against a model that remembers every octet: seen ranges, mappings, numbers that wrap. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CONFLICTING, MappingTable, NEW, REPEATED } from '../../state-machines/mptcp/mappings.ts';
import { SeenRanges } from '../../state-machines/mptcp/ranges.ts';
import { absoluteDsn, relativeDsn, unwrap32, widenDsn } from '../../state-machines/mptcp/sequence.ts';

const TWO64 = 2n ** 64n;

describe('SeenRanges', () => {
  const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 12 })), { maxLength: 25 });
  test('answers as a set of octets does, whatever the order of what comes', () => {
    fc.assert(
      fc.property(ranges, (added) => {
        const seen = new SeenRanges(1);
        const octets = new Set<number>([0]);
        for (const [start, length] of added) {
          for (let i = start; i < start + length; i += 1) octets.add(i);
          let next = 1;
          while (octets.has(next)) next += 1;
          expect(seen.add(start, start + length)).toBe(next);
          expect(seen.next).toBe(next);
          expect(seen.end).toBe(Math.max(...octets) + 1);
          expect(seen.hasHole).toBe(Math.max(...octets) >= next);
        }
        const starts = Array.from({ length: 75 }, (_, i) => i + 1);
        const answers = starts.map((start) => {
          const spans = [1, 2, 7].map((length) => [seen.covers(start, start + length), seen.touches(start, start + length)]);
          return [seen.firstMissing(start), seen.nextSeen(start), spans];
        });
        const expected = starts.map((start) => {
          let missing = start;
          while (octets.has(missing)) missing += 1;
          let present = start;
          while (present <= 80 && !octets.has(present)) present += 1;
          const spans = [1, 2, 7].map((length) => {
            const span = Array.from({ length }, (_, i) => octets.has(start + i));
            return [span.every(Boolean), span.some(Boolean)];
          });
          return [missing, present > 80 ? Infinity : present, spans];
        });
        expect(answers).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  test('keeps 4,096 ranges beyond a hole and says that it forgot the rest; what touches one of them still counts', () => {
    const seen = new SeenRanges(1);
    for (let i = 1; i <= 4096; i += 1) seen.add(i * 10, i * 10 + 5);
    expect(seen.forgotten).toBe(false);
    seen.add(50_000, 50_005);
    expect(seen.forgotten).toBe(true);
    expect(seen.touches(50_000, 50_005)).toBe(false);
    seen.add(40_965, 40_970);
    expect(seen.covers(40_960, 40_970)).toBe(true);
    expect(seen.add(1, 41_000)).toBe(41_000);
    expect(seen.hasHole).toBe(false);
    expect(seen.add(41_000, 41_001)).toBe(41_001);
  });
});

describe('MappingTable', () => {
  const declare = (table: MappingTable, ssn: number, dsn: number, length: number, acknowledged = 0): number =>
    table.add(ssn, dsn, length, false, -1, ssn, 1, acknowledged);

  /** The data sequence number of each of these subflow octets. */
  const bindings = (table: MappingTable, octets: readonly number[]): (number | undefined)[] =>
    octets.map((ssn) => {
      const mapping = table.find(ssn);
      return mapping === undefined ? undefined : mapping.dsn + (ssn - mapping.ssn);
    });

  /** Cuts of one binding of the subflow to the data: blocks of octets at a distance of their own, and mappings inside them. */
  const consistent = fc
    .record({
      blocks: fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 5 }),
      cuts: fc.array(fc.tuple(fc.nat(4), fc.nat(29), fc.integer({ min: 1, max: 30 })), { maxLength: 20 }),
    })
    .map(({ blocks, cuts }) => {
      const starts: { ssn: number; dsn: number; length: number }[] = [];
      let ssn = 1;
      blocks.forEach(([length, gap], i) => {
        starts.push({ ssn, dsn: 1000 * ((i * 3) % 5) + 1, length });
        ssn += length + gap;
      });
      return cuts.map(([block, offset, length]) => {
        const { ssn: from, dsn, length: all } = starts[block % starts.length]!;
        const skip = offset % all;
        return [from + skip, dsn + skip, Math.min(length, all - skip)] as const;
      });
    });

  test('mappings that agree are found octet by octet, in whatever order and pieces they are declared (section 3.3.1)', () => {
    fc.assert(
      fc.property(consistent, (mappings) => {
        const table = new MappingTable();
        const octets = new Map<number, number>();
        for (const [ssn, dsn, length] of mappings) {
          const whole = Array.from({ length }, (_, i) => octets.has(ssn + i)).every(Boolean);
          for (let i = 0; i < length; i += 1) octets.set(ssn + i, dsn + i);
          const status = declare(table, ssn, dsn, length);
          expect(status).not.toBe(CONFLICTING);
          if (!whole && status === REPEATED) expect(table.last!.ssn).toBe(ssn); // grown
          expect(table.last!.ssn <= ssn && table.last!.ssn + table.last!.length >= ssn + length).toBe(true);
        }
        const all = Array.from({ length: 160 }, (_, i) => 160 - i);
        expect(bindings(table, all)).toEqual(all.map((ssn) => octets.get(ssn)));
        const gaps = all.filter((ssn) => !octets.has(ssn));
        const nextOf = (ssn: number): number => all.findLast((each) => each > ssn && octets.has(each)) ?? Infinity;
        expect(gaps.map((ssn) => table.nextStart(ssn))).toEqual(gaps.map(nextOf));
      }),
      { numRuns: 200 },
    );
  });

  test('an octet mapped to two data sequence numbers is a conflict, and nothing else is (section 3.3.1)', () => {
    const any = fc.array(
      fc.record({ ssn: fc.integer({ min: 1, max: 40 }), shift: fc.constantFrom(0, 0, 100), length: fc.integer({ min: 1, max: 20 }) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(any, (mappings) => {
        const table = new MappingTable();
        const all = Array.from({ length: 70 }, (_, i) => i);
        for (const { ssn, shift, length } of mappings) {
          const bound = bindings(table, all);
          const own = all.slice(ssn, ssn + length);
          const conflict = own.some((octet) => bound[octet] !== undefined && bound[octet] !== octet + shift);
          const status = declare(table, ssn, ssn + shift, length);
          const now = bindings(table, all);
          expect(status === CONFLICTING).toBe(conflict);
          if (conflict) expect(table.last!.dsn - table.last!.ssn).not.toBe(shift);
          else expect(own.map((octet) => now[octet])).toEqual(own.map((octet) => octet + shift));
          expect(now.slice(0, ssn)).toEqual(bound.slice(0, ssn));
          // Starts and ends are in one order, and only what agrees overlaps.
          for (let i = 1; i < table.count; i += 1) {
            const [low, high] = [table.at(i - 1)!, table.at(i)!];
            expect(low.ssn < high.ssn && low.ssn + low.length <= high.ssn + high.length).toBe(true);
            expect(low.dsn - low.ssn === high.dsn - high.ssn || low.ssn + low.length <= high.ssn).toBe(true);
          }
        }
      }),
      { numRuns: 250 },
    );
  });

  test('a mapping declared longer than before grows, unless it runs into another one', () => {
    const table = new MappingTable();
    expect(declare(table, 1, 1, 100)).toBe(NEW);
    expect(declare(table, 201, 901, 100)).toBe(NEW);
    expect(declare(table, 1, 1, 150)).toBe(REPEATED);
    expect(table.find(150)?.dsn).toBe(1);
    expect(declare(table, 1, 1, 250)).toBe(CONFLICTING);
    expect(table.last?.dsn).toBe(901);
    expect(table.find(200)?.dsn).toBe(1);
    expect(table.find(201)?.dsn).toBe(901);
  });

  test('an infinite mapping covers what comes until another mapping (section 3.3.1)', () => {
    const table = new MappingTable();
    declare(table, 1, 1, 100);
    expect(declare(table, 101, 101, Infinity)).toBe(NEW);
    expect(table.find(2 ** 40)?.ssn).toBe(101);
    expect(declare(table, 500, 500, 100)).toBe(REPEATED);
    expect(declare(table, 500, 501, 100)).toBe(CONFLICTING);
    expect(table.find(499)?.ssn).toBe(101);
    expect(table.nextStart(2 ** 40)).toBe(Infinity);
  });

  test('acknowledged mappings give way before the table grows, and what is older than all is known to its own segment only', () => {
    const table = new MappingTable();
    for (let i = 0; i < 1000; i += 1) declare(table, 1001 + i * 10, 1001 + i * 10, 10, 1001 + i * 10 - 40);
    expect(table.count).toBeLessThanOrEqual(8);
    const { forgottenBelow } = table;
    expect(forgottenBelow).toBe(table.at(0)!.ssn);
    expect(table.find(1001)).toBeUndefined();
    expect(declare(table, 1, 1, 10, 10_950)).toBe(NEW);
    expect(table.find(5)?.dsn).toBe(1);
    expect(table.count).toBeLessThanOrEqual(8);
    for (let i = 1; i < table.count; i += 1) expect(table.at(i)!.ssn).toBeGreaterThan(table.at(i - 1)!.ssn);
    declare(table, 11_001, 11_001, 10, 10_950);
    expect(table.find(5)).toBeUndefined();
    expect(table.find(11_005)?.dsn).toBe(11_001);
    expect(table.forgottenBelow).toBeGreaterThanOrEqual(forgottenBelow);
  });

  test('never holds more than 8,192 mappings', () => {
    const table = new MappingTable();
    for (let i = 0; i < 9000; i += 1) declare(table, 1 + i * 10, 1 + i * 10, 10);
    expect(table.count).toBe(8192);
    expect(table.forgottenBelow).toBe(1 + (9000 - 8192) * 10);
    expect(table.find(table.forgottenBelow - 1)).toBeUndefined();
    expect(table.find(table.forgottenBelow)?.dsn).toBe(table.forgottenBelow);
    expect(declare(table, 5, 5, 3)).toBe(NEW);
    expect(table.count).toBe(8192);
    expect(table.find(90_000)?.dsn).toBe(89_991);
  });
});

describe('numbers that wrap', () => {
  const u64 = fc.bigInt({ min: 0n, max: TWO64 - 1n });
  const near = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });

  test('a 32-bit number is widened to the one nearest to what is expected (section 3.3.1)', () => {
    fc.assert(
      fc.property(near, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (expected, off) => {
        const value = expected + off;
        expect(unwrap32(((value % 2 ** 32) + 2 ** 32) % 2 ** 32, expected)).toBe(value);
      }),
    );
  });

  test('8-octet and 4-octet numbers come out alike, relative to any IDSN and back', () => {
    fc.assert(
      fc.property(u64, near, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (idsn, relative, off) => {
        const wire = (((idsn + BigInt(relative)) % TWO64) + TWO64) % TWO64;
        const [high, low] = [Number(wire >> 32n), Number(wire & 0xffff_ffffn)];
        const [baseHigh, baseLow] = [Number(idsn >> 32n), Number(idsn & 0xffff_ffffn)];
        expect(relativeDsn(high, low, baseHigh, baseLow)).toBe(relative);
        expect(widenDsn(low, baseLow, relative - off)).toBe(relative);
        expect(absoluteDsn(relative, baseHigh, baseLow)).toBe(wire);
      }),
    );
  });
});
