/** pcap and pcapng, read and written: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { concat, setU32, toHex } from '../../codecs/bytes.ts';
import * as capture from '../../codecs/capture/index.ts';
import type { ByteOrder, CaptureReader, CaptureRecord } from '../../codecs/capture/index.ts';
import { anyRecord } from '../arbitraries/packet.ts';

const vector = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../../vectors/captures/${path}`, import.meta.url)));

/** A record in a form that can be kept and compared. */
const kept = (r: CaptureRecord) => ({
  frame: toHex(r.bytes, r.start, r.end),
  originalLength: r.originalLength,
  seconds: r.seconds,
  fraction: r.fraction,
  resolution: r.resolution,
  linkType: r.linkType,
  interfaceId: r.interfaceId,
});

/** Reads a file whose chunks have the given sizes, again and again. */
const read = (file: Uint8Array, sizes: readonly number[] = [file.length + 1]) => {
  const records: ReturnType<typeof kept>[] = [];
  const reader = capture.createCaptureReader((record) => records.push(kept(record)));
  for (let at = 0, turn = 0; at < file.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length]!);
    // A chunk of its own memory, overwritten afterwards: nothing may depend on it after the call.
    const chunk = file.slice(at, at + size);
    reader.push(chunk);
    chunk.fill(0xdb);
    at += size;
  }
  reader.finish();
  return { reader, records };
};

const frame = (octets: number, value = 0x5a): CaptureRecord => ({
  bytes: new Uint8Array(octets).fill(value),
  start: 0,
  end: octets,
  originalLength: octets,
  seconds: 1_700_000_000,
  fraction: 123_456,
  resolution: 1e6,
  linkType: 1,
  interfaceId: 0,
});

const small = [
  'mptcp/hs_small_v4.pcap',
  'mptcp/hs_small_v6.pcap',
  'mptcp/snap96__add_addr_v4.pcap',
  'formats/ns_bigendian__hs_small_v4.pcap',
  'formats/rawip__hs_small_v6.pcap',
  'formats/pcapng_multi_if__hs_small_v4.pcapng',
  'crafted/links.pcapng',
];

describe('recognition by content', () => {
  test.each([
    ['a1b2c3d4', 'pcap'],
    ['d4c3b2a1', 'pcap'],
    ['a1b23c4d', 'pcap'],
    ['4d3cb2a1', 'pcap'],
    ['0a0d0d0a', 'pcapng'],
    ['1f8b', 'gzip'],
    ['1f8b0800', 'gzip'],
    ['0a0d0d', undefined],
    ['00000000', undefined],
    ['', undefined],
  ])('%s is %s', (octets, format) => {
    expect(capture.recogniseCapture(Uint8Array.from(Buffer.from(octets, 'hex')))).toBe(format);
  });

  test('an empty file, a text and a gzip file are errors at octet 0', () => {
    for (const file of [new Uint8Array(0), new TextEncoder().encode('polypath\n'), Uint8Array.of(0x1f, 0x8b, 8, 0, 0)]) {
      const { reader } = read(file, [1]);
      expect(reader).toMatchObject({ format: null, frames: 0, linkTypes: [], error: { offset: 0 } });
    }
  });

  test('link types have their names', () => {
    expect([0, 1, 9, 12, 101, 108, 113, 228, 229, 276, 999].map(capture.linkTypeName)).toEqual([
      'NULL',
      'EN10MB',
      'PPP',
      'RAW',
      'RAW',
      'LOOP',
      'LINUX_SLL',
      'IPV4',
      'IPV6',
      'LINUX_SLL2',
      'LINKTYPE_999',
    ]);
  });
});

describe('pcap', () => {
  test.each(small)('%s reads the same in chunks of any size', (path) => {
    const file = vector(path);
    const whole = read(file);
    expect(whole.reader.error).toBeUndefined();
    for (const sizes of [[1], [7], [16, 1], [24, 333], [4096]]) {
      const split = read(file, sizes);
      expect(split.records).toEqual(whole.records);
      expect(split.reader.frames).toBe(whole.reader.frames);
      expect(split.reader.linkTypes).toEqual(whole.reader.linkTypes);
    }
  });

  test('what is written is read back, in both byte orders and resolutions, over any chunks', () => {
    const cases = fc.record({
      records: fc.array(anyRecord, { maxLength: 8 }),
      order: fc.constantFrom<ByteOrder>('big', 'little'),
      resolution: fc.constantFrom(1e6 as const, 1e9 as const),
      sizes: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(cases, ({ records, order, resolution, sizes }) => {
        const file = concat(
          capture.pcapHeader({ linkType: 1, order, resolution }),
          ...records.map((record) => capture.pcapRecord(record, order)),
        );
        const got = read(file, sizes);
        expect(got.reader).toMatchObject({ format: 'pcap', frames: records.length, linkTypes: [1], error: undefined });
        expect(got.records).toEqual(records.map((record) => kept({ ...record, resolution })));
      }),
    );
  });

  test('the frame check sequence bits beside the link type are not part of it', () => {
    const file = capture.pcapHeader({ linkType: 1, order: 'big' });
    setU32(file, 20, 0x5400_0001);
    expect(read(file).reader.linkTypes).toEqual([1]);
  });

  test('a file cut anywhere gives the records before the cut, and the offset of the one that is cut', () => {
    const file = vector('formats/ns_bigendian__hs_small_v4.pcap');
    const whole = read(file).records;
    const starts = [0];
    for (let at = 24; at < file.length; at += 16 + whole[starts.length - 2]!.frame.length / 2) starts.push(at);
    for (let cut = 1; cut < file.length; cut++) {
      const { reader, records } = read(file.subarray(0, cut), [97]);
      const before = starts.filter((start) => start < cut);
      const atBoundary = starts.includes(cut);
      expect(records).toEqual(whole.slice(0, Math.max(0, before.length - (atBoundary ? 1 : 2))));
      expect(reader.error?.offset).toBe(atBoundary ? undefined : before.at(-1));
    }
  });

  test('a record longer than any snap length allows is an error at its length field, and nothing after it is read', () => {
    const good = capture.pcapRecord(frame(60));
    const bad = capture.pcapRecord(frame(60));
    new DataView(bad.buffer).setUint32(8, 0x0100_0000, true);
    const file = concat(capture.pcapHeader({ linkType: 1 }), good, bad, good);
    for (const sizes of [[1], [file.length]]) {
      const { reader, records } = read(file, sizes);
      expect(records).toHaveLength(1);
      expect(reader.error).toEqual({ offset: 24 + 76 + 8, message: expect.stringContaining('16777216') });
    }
  });

  test('segments larger than 65,535 octets are records like any other', () => {
    const file = concat(capture.pcapHeader({ linkType: 1 }), capture.pcapRecord(frame(262_144)), capture.pcapRecord(frame(1)));
    expect(read(file, [1000]).records.map((record) => record.frame.length / 2)).toEqual([262_144, 1]);
  });

  test('another version than 2.x is an error', () => {
    const file = capture.pcapHeader({ linkType: 1, order: 'big' });
    file[5] = 3;
    expect(read(file).reader.error).toEqual({ offset: 4, message: 'pcap version 3.4 is not 2.x' });
  });

  test('what a header or a record cannot hold is a RangeError that names the field', () => {
    expect(() => capture.pcapHeader({ linkType: 0x1_0000 })).toThrow(/linkType/);
    expect(() => capture.pcapRecord({ ...frame(1), seconds: -1 })).toThrow(/seconds/);
    expect(() => capture.pcapRecord({ ...frame(1), originalLength: 2 ** 32 })).toThrow(/originalLength/);
  });
});

const section = (order: ByteOrder, linkTypes: readonly number[], records: readonly CaptureRecord[]): Uint8Array =>
  concat(
    capture.sectionHeader({ order }),
    ...linkTypes.map((linkType) => capture.interfaceDescription({ linkType, snapLength: 0 }, order)),
    ...records.map((record, index) => (index % 2 === 0 ? capture.enhancedPacket(record, order) : capture.obsoletePacket(record, order))),
  );

const head = () => concat(capture.sectionHeader(), capture.interfaceDescription({ linkType: 1 }));

describe('pcapng', () => {
  test('sections in either byte order, each with its own interfaces, over any chunks', () => {
    const records = fc.array(anyRecord, { maxLength: 5 });
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(records, records, sizes, (first, second, chunks) => {
        const b = second.map((record, index) => ({ ...record, interfaceId: index % 2, linkType: index % 2 === 0 ? 276 : 101 }));
        const { reader, records: got } = read(concat(section('big', [1], first), section('little', [276, 101, 1], b)), chunks);
        expect(reader).toMatchObject({ format: 'pcapng', linkTypes: [1, 276, 101], error: undefined });
        expect(got).toEqual([...first, ...b].map(kept));
      }),
    );
  });

  test('if_tsresol, of 10 or of 2, and if_tsoffset are exact for all 64 bits of a timestamp', () => {
    const units = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const tsresols = fc.oneof(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0x80, max: 0x80 + 53 }), fc.constantFrom(3, 6, 9, 10, 11));
    fc.assert(
      fc.property(units, tsresols, fc.bigInt({ min: -1000n, max: 1000n }), (any, tsresol, tsoffset) => {
        const resolution = (tsresol & 0x80) === 0 ? 10n ** BigInt(tsresol) : 2n ** BigInt(tsresol & 0x7f);
        // Whole seconds that a number holds exactly: some 10^8 years.
        const stamp = any % (resolution << 52n);
        const block = capture.enhancedPacket({ ...frame(4), resolution: 1 });
        const view = new DataView(block.buffer);
        view.setUint32(12, Number(stamp >> 32n), true);
        view.setUint32(16, Number(stamp & 0xffff_ffffn), true);
        const file = concat(capture.sectionHeader(), capture.interfaceDescription({ linkType: 1, tsresol, tsoffset }), block);
        expect(read(file).records[0]).toMatchObject({
          seconds: Number(stamp / resolution + tsoffset),
          fraction: Number(stamp % resolution),
          resolution: Number(resolution),
        });
      }),
    );
  });

  test('a Simple Packet Block belongs to interface 0, has no time, and is cut at its snap length', () => {
    const cut = { ...frame(60), originalLength: 1500 };
    const file = concat(
      capture.sectionHeader({ sectionLength: 1234n }),
      capture.interfaceDescription({ linkType: 1, snapLength: 60 }),
      capture.simplePacket(cut),
      capture.simplePacket(frame(33)),
    );
    expect(read(file, [5]).records).toMatchObject([
      { originalLength: 1500, frame: '5a'.repeat(60), seconds: 0, linkType: 1 },
      { originalLength: 33, frame: '5a'.repeat(33) },
    ]);
  });

  test('blocks of unknown types are skipped', () => {
    const unknown = capture.sectionHeader();
    new DataView(unknown.buffer).setUint32(0, 0x0bad, true);
    const file = concat(
      capture.sectionHeader(),
      unknown,
      capture.interfaceDescription({ linkType: 1 }),
      unknown,
      capture.enhancedPacket(frame(3)),
    );
    expect(read(file)).toMatchObject({ reader: { error: undefined }, records: [{ frame: '5a5a5a' }] });
  });

  const damaged = (change: (view: DataView) => void): Uint8Array => {
    const block = capture.enhancedPacket(frame(60));
    change(new DataView(block.buffer));
    return concat(head(), capture.enhancedPacket(frame(9)), block, capture.enhancedPacket(frame(9)));
  };
  const at = head().length + capture.enhancedPacket(frame(9)).length;
  test.each<[string, number, (view: DataView) => void]>([
    ['a trailing length that differs', at + 88, (v) => v.setUint32(88, 96, true)],
    ['a length that is no multiple of 4', at + 4, (v) => v.setUint32(4, 91, true)],
    ['a length below 12', at + 4, (v) => v.setUint32(4, 8, true)],
    ['a length beyond all bounds', at + 4, (v) => v.setUint32(4, 0xffff_fffc, true)],
    ['captured octets beyond the block', at, (v) => v.setUint32(20, 61, true)],
    ['an interface that is not described', at, (v) => v.setUint32(8, 1, true)],
    ['a section without byte-order magic', at + 8, (v) => v.setUint32(0, 0x0a0d0d0a, true)],
  ])('%s is an error at its octet; what came before stays', (_, offset, change) => {
    for (const sizes of [[1], [10_000]]) {
      const { reader, records } = read(damaged(change), sizes);
      expect(records).toHaveLength(1);
      expect(reader.error).toEqual({ offset, message: expect.any(String) });
    }
  });

  test('a second major version is an error', () => {
    const file = capture.sectionHeader({ order: 'big' });
    file[13] = 2;
    expect(read(file).reader.error).toEqual({ offset: 12, message: 'pcapng version 2.0 is not 1.x' });
  });

  test('what a block cannot hold is a RangeError that names the field', () => {
    expect(() => capture.interfaceDescription({ linkType: -1 })).toThrow(/linkType/);
    expect(() => capture.enhancedPacket({ ...frame(1), interfaceId: 0.5 })).toThrow(/interfaceId/);
    expect(() => capture.enhancedPacket({ ...frame(1), seconds: 2 ** 53, resolution: 1e9 })).toThrow(/seconds/);
  });
});

/** Reads without keeping: what a reader itself does. */
const skim = (file: Uint8Array, size: number): CaptureReader => {
  let octets = 0;
  const reader = capture.createCaptureReader((record) => {
    octets += record.end - record.start;
    if (record.start < 0 || record.end < record.start || record.end > record.bytes.length) throw new Error('a record outside its buffer');
  });
  for (let at = 0; at < file.length; at += size) reader.push(file.subarray(at, at + size));
  reader.finish();
  if (octets > file.length) throw new Error('more octets handed out than there are');
  return reader;
};

describe('hostile files', () => {
  test('arbitrary octets behind any magic never throw', () => {
    const magics = fc.constantFrom(
      'a1b2c3d400020004',
      'd4c3b2a102000400',
      '0a0d0d0a0000001c1a2b3c4d',
      '0a0d0d0a1c0000004d3c2b1a01000000',
      '',
    );
    fc.assert(
      fc.property(magics, fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 80 }), (magic, rest, size) => {
        skim(concat(Uint8Array.from(Buffer.from(magic, 'hex')), rest), size);
      }),
      { numRuns: 2000 },
    );
  });

  test('mutated captures never throw, and a second reading in other chunks says the same', () => {
    const sources = small.map(vector);
    const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)));
    fc.assert(
      fc.property(
        fc.nat(sources.length - 1),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5000 }),
        (which, changes, size) => {
          const file = sources[which]!.slice();
          // Half of the changes go into the first octets, where the headers are.
          for (const [place, value] of changes) file[place % (place % 2 === 0 ? file.length : Math.min(200, file.length))] = value;
          const a = skim(file, file.length);
          const b = skim(file, size);
          expect([b.frames, b.error, b.linkTypes]).toEqual([a.frames, a.error, a.linkTypes]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('a length field alone takes no memory: buffers grow with what arrives', () => {
    const block = capture.enhancedPacket(frame(60));
    new DataView(block.buffer).setUint32(4, 60 * 1024 * 1024, true);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 20 }, () => {
      const reader = capture.createCaptureReader(() => undefined);
      reader.push(concat(capture.sectionHeader(), block));
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    expect(readers.map((reader) => reader.error)).toEqual(readers.map(() => undefined));
  });

  test('after an error, and after finish, push does nothing', () => {
    const file = vector('mptcp/hs_small_v4.pcap');
    const reader = capture.createCaptureReader(() => undefined);
    reader.push(file);
    reader.finish();
    reader.push(file);
    reader.finish();
    expect(reader).toMatchObject({ frames: 21, error: undefined });
  });
});
