/** Octets, checksums, and every header from the link layer to TCP as a typed message, with addresses as text; RFC 1071, 791, 8200, 9293, 5952. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as octets from '../../codecs/bytes.ts';
import { concat, fromHex, toHex } from '../../codecs/bytes.ts';
import { LINKTYPE_IPV4, LINKTYPE_IPV6, LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import { fold, pseudoHeaderSum, sum16, swap16 } from '../../codecs/checksum.ts';
import type { Decoded } from '../../codecs/decoded.ts';
import * as packet from '../../codecs/packet/index.ts';
import { locateSegment, newSegment } from '../../codecs/packet/index.ts';
import * as any from '../arbitraries/packet.ts';
import { eachRecord, expectExact, valueOf } from './packet-tools.ts';

describe('octets', () => {
  test('hex goes there and back', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => octets.equalBytes(fromHex(toHex(bytes)), bytes)));
    expect(fromHex('0x01:AB cd')).toEqual(Uint8Array.of(1, 0xab, 0xcd));
    expect(() => fromHex('123')).toThrow(RangeError);
    expect(() => fromHex('0g')).toThrow(RangeError);
  });

  test('what is written big-endian is read back; a value that does not fit is a RangeError naming the field', () => {
    const w = new octets.ByteWriter(1).u8('a', 255).u16('b', 0x1234).u32('c', 0xfedc_ba98).u64('d', 0x8000_0000_0000_0001n);
    const bytes = w.bytes('e', Uint8Array.of(1, 2, 3)).finish();
    expect([bytes[0], octets.u16(bytes, 1), octets.u32(bytes, 3), octets.u64(bytes, 7), octets.u24(bytes, 15)]).toEqual([
      255,
      0x1234,
      0xfedc_ba98,
      0x8000_0000_0000_0001n,
      0x010203,
    ]);
    octets.setU64(bytes, 0, 2n ** 64n - 2n);
    expect([octets.u64(bytes, 0), octets.u32le(bytes, 4), octets.u16le(bytes, 6)]).toEqual([2n ** 64n - 2n, 0xfeff_ffff, 0xfeff]);
    expect(() => w.u8('timeToLive', 256)).toThrow(/timeToLive/);
    expect(() => w.u16('window', -1)).toThrow(/window/);
    expect(() => w.u32('sequence', 0.5)).toThrow(/sequence/);
    expect(() => w.u64('key', 2n ** 64n)).toThrow(/key/);
    expect(() => w.bytes('address', new Uint8Array(3), 4)).toThrow(/address/);
  });
});

const naive = (bytes: Uint8Array, from: number, to: number): number => {
  let sum = 0;
  for (let i = from; i < to; i += 2) sum += bytes[i]! * 256 + (i + 1 < to ? bytes[i + 1]! : 0);
  while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
  return sum;
};

describe('the Internet checksum', () => {
  test('RFC 1071 section 3: the example, whole, in parts, and byte-swapped', () => {
    const bytes = fromHex('0001 f203 f4f5 f6f7');
    expect(sum16(bytes)).toBe(0xddf2);
    expect(fold(sum16(bytes, 0, 2) + sum16(bytes, 2))).toBe(0xddf2);
    expect(fold(sum16(bytes, 0, 3) + swap16(sum16(bytes, 3)))).toBe(0xddf2);
  });

  test('the fast sum equals the plain one at every alignment and length, short or long', () => {
    const noise = new Uint8Array(300_000).map((_, i) => Math.imul(i + 1, 0x9e37_79b1) >>> 21);
    const ranges = fc.tuple(fc.nat(9), fc.nat(1000), fc.oneof(fc.nat(64), fc.nat(3000), fc.integer({ min: 131_000, max: 280_000 })));
    fc.assert(
      fc.property(ranges, ([shift, from, length]) => {
        const view = noise.subarray(shift);
        return sum16(view, from, from + length) === naive(view, from, from + length);
      }),
      { numRuns: 500 },
    );
    for (const fill of [0, 0xff]) {
      const same = new Uint8Array(250_001).fill(fill);
      expect(sum16(same)).toBe(naive(same, 0, same.length));
    }
    const large = new Uint8Array((9 << 20) + 3).fill(0xa5);
    expect(sum16(large, 1)).toBe(naive(large, 1, large.length));
  });

  test('the sum is that of the octets as they are now, whatever array was summed before', () => {
    const arrays = [1, 2, 3].map((i) => new Uint8Array(1000).subarray(i).fill(i));
    const turns = fc.array(fc.record({ which: fc.nat(2), at: fc.nat(990), octet: fc.nat(255) }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(turns, (list) =>
        list.every(({ which, at, octet }) => {
          const bytes = arrays[which]!;
          bytes[at] = octet;
          return sum16(bytes) === naive(bytes, 0, bytes.length);
        }),
      ),
    );
  });

  test('fold keeps a sum of any size in one’s complement', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (sum) => {
        expect(fold(sum) % 0xffff).toBe(sum % 0xffff);
        expect(fold(sum) === 0).toBe(sum === 0);
      }),
    );
  });

  test('RFC 8200 section 8.1: the pseudo-header takes 32 bits of length', () => {
    expect(pseudoHeaderSum(new Uint8Array(32), 0, 16, 16, 0x1_2345, 6)).toBe(0x234c);
  });
});

const roundTrip = <T>(arbitrary: fc.Arbitrary<T>, decode: (b: Uint8Array) => Decoded<T>, encode: (m: T) => Uint8Array) => {
  fc.assert(
    fc.property(arbitrary, (message) => {
      const bytes = encode(message);
      const again = valueOf(decode(bytes));
      expect(again).toEqual(message);
      expect(toHex(encode(again))).toBe(toHex(bytes));
    }),
    { numRuns: 300 },
  );
};

describe('typed headers', () => {
  test.each([
    ['mptcp/hs_small_v4.pcap', 15],
    ['mptcp/hs_small_v6.pcap', 14],
    ['formats/vlan__add_addr_v6.pcap', 67],
    ['formats/rawip__hs_small_v6.pcap', 14],
    ['crafted/links.pcapng', 32],
  ])('%s: each layer of each frame encodes back to the very same octets', (path, tcpFrames) => {
    let deep = 0;
    eachRecord(path, (r) => {
      const raw = r.linkType === LINKTYPE_RAW || r.linkType === 12 || r.linkType === LINKTYPE_IPV4 || r.linkType === LINKTYPE_IPV6;
      if (expectExact(r.linkType, r.bytes.slice(r.start, r.end)) === (raw ? 2 : 3)) deep++;
    });
    expect(deep).toBeGreaterThanOrEqual(tcpFrames);
  });

  test('Ethernet with VLAN tags (IEEE 802.1Q): there and back', () =>
    roundTrip(any.anyEthernet, packet.decodeEthernet, packet.encodeEthernet));
  test('LINUX_SLL: there and back', () => roundTrip(any.anySll, packet.decodeSll, packet.encodeSll));
  test('LINUX_SLL2: there and back', () => roundTrip(any.anySll2, packet.decodeSll2, packet.encodeSll2));
  test('PPP (RFC 1661, 1662): there and back', () => roundTrip(any.anyPpp, packet.decodePpp, packet.encodePpp));
  test('NULL and LOOP: there and back', () => roundTrip(any.anyLoopback, packet.decodeLoopback, packet.encodeLoopback));
  test('IPv4 (RFC 791) with options: there and back', () => roundTrip(any.anyIpv4, packet.decodeIpv4, packet.encodeIpv4));
  test('IPv6 (RFC 8200) with extension headers: there and back', () => roundTrip(any.anyIpv6, packet.decodeIpv6, packet.encodeIpv6));
  test('TCP (RFC 9293) with options: there and back', () => roundTrip(any.anyTcp, packet.decodeTcp, packet.encodeTcp));
  test('TCP options: there and back', () =>
    roundTrip(any.anyTcpOptions, (bytes) => packet.decodeTcpOptions(bytes), packet.encodeTcpOptions));

  test('whatever octets come in, a decoder answers, and what it accepts encodes back to them', () => {
    const starts = fc.constantFrom('', '46000030', '4f0000400000000040060000', '600000000020002c', '6000000000002c40', '0021', 'ff0321');
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 140 }), fc.constantFrom(0, 1, 9, 101, 113, 276), (start, rest, linkType) => {
        const bytes = concat(fromHex(start), rest);
        expectExact(linkType, bytes);
        for (const [decode, encode] of [
          [packet.decodeTcp, packet.encodeTcp],
          [packet.decodeTcpOptions, packet.encodeTcpOptions],
        ] as const) {
          const result = (decode as (b: Uint8Array) => Decoded<never>)(bytes);
          if (result.ok) expect(toHex(encode(result.value))).toBe(toHex(bytes));
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('mutated frames of real captures: located or not, decoded or not, but nothing throws and what decodes encodes back', () => {
    const frames: { bytes: Uint8Array; linkType: number }[] = [];
    for (const path of ['crafted/links.pcapng', 'mptcp/hs_small_v4.pcap', 'formats/vlan__add_addr_v6.pcap']) {
      eachRecord(path, (r) => frames.push({ bytes: r.bytes.slice(r.start, Math.min(r.end, r.start + 200)), linkType: r.linkType }));
    }
    const s = newSegment();
    fc.assert(
      fc.property(
        fc.nat(frames.length - 1),
        fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 4 }),
        fc.nat(200),
        (which, changes, cut) => {
          const { linkType, bytes } = frames[which]!;
          const frame = bytes.slice(0, 200 - cut);
          for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
          locateSegment(frame, 0, frame.length, frame.length, linkType, s);
          expectExact(linkType, frame);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('RFC 791 section 3.1: lengths, checksum and padding are computed where they are not given', () => {
    const bytes = packet.encodeIpv4({
      protocol: 6,
      source: Uint8Array.of(192, 0, 2, 1),
      destination: Uint8Array.of(192, 0, 2, 2),
      options: [{ type: 7, data: Uint8Array.of(4) }],
      payload: new Uint8Array(5),
    });
    expect(sum16(bytes, 0, 24)).toBe(0xffff);
    expect(valueOf(packet.decodeIpv4(bytes))).toMatchObject({ totalLength: 29, timeToLive: 64, options: [{ type: 7 }, { type: 0 }] });
  });

  test('what a header cannot hold is a RangeError that names the field', () => {
    const ip = { protocol: 6, source: new Uint8Array(4), destination: new Uint8Array(4), payload: new Uint8Array(0) };
    expect(() => packet.encodeIpv4({ ...ip, fragmentOffset: 0x2000 })).toThrow(/fragmentOffset/);
    expect(() => packet.encodeIpv4({ ...ip, source: new Uint8Array(3) })).toThrow(/source/);
    expect(() => packet.encodeIpv4({ ...ip, options: [{ type: 7, data: new Uint8Array(40) }] })).toThrow(/40 octets/);
    const six = { ...ip, source: new Uint8Array(16), destination: new Uint8Array(16) };
    expect(() => packet.encodeIpv6({ ...six, flowLabel: 2 ** 20 })).toThrow(/flowLabel/);
    expect(() => packet.encodeIpv6({ ...six, headers: [{ kind: 'ROUTING', type: 2, segmentsLeft: 1, data: new Uint8Array(5) }] })).toThrow(
      /data/,
    );
    const tcp = { sourcePort: 1, destinationPort: 2, sequence: 0, flags: 0 };
    expect(() => packet.encodeTcp({ ...tcp, options: Array.from({ length: 11 }, () => ({ kind: 'MSS', mss: 1 }) as const) })).toThrow(
      /40 octets/,
    );
    expect(() => packet.encodeTcp({ ...tcp, reserved: 16 })).toThrow(/reserved/);
    expect(() =>
      packet.encodePpp({ kind: 'PPP', addressAndControl: false, protocol: 0x20, protocolLength: 1, payload: ip.payload }),
    ).toThrow(/even/);
    expect(() => packet.fillTcpChecksum(packet.encodeIpv4(ip))).toThrow(/TCP/);
  });
});

const walk = (bytes: Uint8Array, to = bytes.length): number[] => {
  const visited: number[] = [];
  let at = packet.nextOption(bytes, 0, to);
  for (; at >= 0; at = packet.nextOption(bytes, at + bytes[at + 1]!, to)) visited.push(at);
  return [...visited, at];
};

describe('TCP options by offsets', () => {
  test.each<[string, string, readonly number[]]>([
    ['RFC 9293 section 3.1: No-Operations are stepped over', '0101 080a0102030405060708 01 0402', [2, 13, -1]],
    ['RFC 9293 section 3.1: nothing counts after End of Option List', '020405b4 00 1e03ff', [0, -1]],
    ['a length of 0', '0402 0300', [0, -2]],
    ['a length of 1', '0301', [-2]],
    ['a kind without a length', '0402 1e', [0, -2]],
    ['a length that passes the end', '0402 1e0c00', [0, -2]],
    ['no options', '', [-1]],
  ])('%s', (_, hex, visited) => {
    expect(walk(fromHex(hex))).toEqual(visited);
  });

  test('visits what the decoder lists, and stops where the decoder does, also within a snap length', () => {
    fc.assert(
      fc.property(fc.oneof(any.anyTcpOptions.map(packet.encodeTcpOptions), fc.uint8Array({ maxLength: 40 })), fc.nat(40), (bytes, cut) => {
        const part = bytes.subarray(0, cut);
        const visited = walk(part);
        const end = visited.pop();
        const result = packet.decodeTcpOptions(part);
        expect(result.ok).toBe(end === packet.NO_MORE_OPTIONS);
        if (result.ok) expect(visited).toHaveLength(result.value.filter(({ kind }) => kind !== 'NOP' && kind !== 'END').length);
      }),
    );
  });
});

const text = (address: string): string => {
  const bytes = packet.parseAddress(address);
  if (bytes === undefined) throw new Error(`${address} is no address`);
  return packet.formatAddress(bytes, 0, bytes.length === 4 ? 4 : 6);
};

describe('addresses as text', () => {
  test.each([
    ['4.1: leading zeros', '2001:0db8::0001', '2001:db8::1'],
    ['4.2.1: shortened as much as possible', '2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['4.2.1: not only in part', '2001:db8::0:1', '2001:db8::1'],
    ['4.2.2: not for one field', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['4.2.2: not for one field, read', '2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['4.2.3: the longest run', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['4.2.3: the first of equal runs', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['4.3: lower case', '2001:DB8::AbCd', '2001:db8::abcd'],
    ['5: IPv4-mapped', '::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['5: mixed notation elsewhere is not kept', '64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['all zeros', '0:0:0:0:0:0:0:0', '::'],
    ['loopback', '::1', '::1'],
    ['a run at the end', '2001:db8:0:0:0:0:0:0', '2001:db8::'],
    ['IPv4', '192.0.2.255', '192.0.2.255'],
  ])('RFC 5952 section %s', (_, given, wanted) => {
    expect(text(given)).toBe(wanted);
  });

  test.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '::1%eth0',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.4.5',
    '::1.2.3',
    '1.2.3.4::',
    ' ::1',
    '0x7f.1',
    '1',
  ])('%p is no address', (given) => {
    // prettier-ignore
    expect(packet.parseAddress(given)).toBeUndefined();
  });

  test('every address goes there and back, as do addresses with a port', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ minLength: 4, maxLength: 4 }),
          fc
            .array(fc.constantFrom(0, 0, 0, 1, 0xffff), { minLength: 8, maxLength: 8 })
            .map((fields) => Uint8Array.from(fields.flatMap((f) => [f >>> 8, f & 255]))),
        ),
        (bytes) => {
          // prettier-ignore
          expect(packet.parseAddress(packet.formatAddress(bytes, 0, bytes.length === 4 ? 4 : 6))).toEqual(bytes);
        },
      ),
    );
    expect(packet.formatEndpoint(Uint8Array.of(10, 0, 1, 1), 0, 4, 80)).toBe('10.0.1.1:80');
    expect(packet.formatEndpoint(packet.parseAddress('2001:db8::1')!, 0, 6, 80)).toBe('[2001:db8::1]:80');
  });
});
