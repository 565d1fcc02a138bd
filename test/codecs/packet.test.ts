/** TCP segments located in frames and put together from fragments, held against tshark; RFC 791, 8200, 9293, 5722. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { concat, fromHex, toHex } from '../../codecs/bytes.ts';
import { LINKTYPE_EN10MB, LINKTYPE_IPV4, LINKTYPE_IPV6, LINKTYPE_NULL, LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import * as packet from '../../codecs/packet/index.ts';
import { FRAGMENT, locateSegment, MALFORMED, newSegment, NOT_TCP, TCP } from '../../codecs/packet/index.ts';
import type { Segment } from '../../codecs/packet/index.ts';
import { anyTcpPacket } from '../arbitraries/packet.ts';
import { captures, eachRecord } from './packet-tools.ts';

const locateRaw = (bytes: Uint8Array, into: Segment, originalLength = bytes.length) =>
  locateSegment(bytes, 0, bytes.length, originalLength, LINKTYPE_RAW, into);

/** What a segment says, without the offsets that depend on where it was found. */
const fieldsOf = (s: Segment) => {
  const length = s.ipVersion === 4 ? 4 : 16;
  return {
    source: toHex(s.bytes, s.source, s.source + length),
    destination: toHex(s.bytes, s.destination, s.destination + length),
    identification: s.identification,
    header: toHex(s.bytes, s.tcp, s.optionsEnd),
    payload: toHex(s.bytes, s.payload, s.payloadEnd),
    payloadLength: s.payloadLength,
    headerComplete: s.headerComplete,
  };
};

interface Recorded {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly (number | string | null)[])[];
}

const kindsOf = (s: Segment): string => {
  const kinds: number[] = [];
  const { bytes, optionsEnd } = s;
  const next = (at: number) => packet.nextOption(bytes, at, optionsEnd);
  for (let at = next(s.options); at >= 0; at = next(at + bytes[at + 1]!)) kinds.push(bytes[at]!);
  return kinds.join(',');
};

const segmentsOf = (path: string): string[] => {
  const s = newSegment();
  const found: string[] = [];
  eachRecord(path, (r) => {
    if (locateSegment(r.bytes, r.start, r.end, r.originalLength, r.linkType, s) === TCP) found.push(JSON.stringify(fieldsOf(s)));
  });
  return found.sort();
};

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.with(at, value);

const framed = (payload: Uint8Array) =>
  packet.encodeEthernet({
    kind: 'ETHERNET',
    destination: new Uint8Array(6),
    source: new Uint8Array(6),
    tags: [],
    etherType: 0x0800,
    payload,
  });

describe('locating segments', () => {
  test.each([
    'mptcp/hs_small_v4.pcap',
    'mptcp/hs_small_v6.pcap',
    'mptcp/subflows2.pcap',
    'mptcp/snap96__add_addr_v4.pcap',
    'mptcp/add_addr_v6.pcap',
    'crafted/links.pcapng',
  ])('%s: every frame, every field as tshark has it', (path) => {
    const name = path.replace(/^.*\/|\.\w+$/g, '');
    const recorded = JSON.parse(readFileSync(new URL(`tshark/${name}.json`, captures), 'utf8')) as Recorded;
    const reassembler = packet.createReassembler();
    const s = newSegment();
    let frame = 0;
    eachRecord(path, (r) => {
      const row = Object.fromEntries(recorded.fields.map((field, column) => [field, recorded.rows[frame]![column]]));
      frame++;
      let located = locateSegment(r.bytes, r.start, r.end, r.originalLength, r.linkType, s);
      if (located === FRAGMENT) {
        const whole = reassembler.add(r.bytes, r.start, r.end, r.linkType);
        if (whole !== undefined) located = locateRaw(whole, s);
      }
      expect({
        'frame.number': frame,
        'frame.len': r.originalLength,
        'frame.cap_len': r.end - r.start,
        'frame.time_epoch': `${r.seconds}.${String(r.fraction * (1e9 / r.resolution)).padStart(9, '0')}`,
      }).toEqual({
        'frame.number': row['frame.number'],
        'frame.len': row['frame.len'],
        'frame.cap_len': row['frame.cap_len'],
        'frame.time_epoch': row['frame.time_epoch'],
      });
      // tshark does not know that AF_INET6 is 10 on Linux.
      if (r.linkType === LINKTYPE_NULL && r.bytes[r.start] === 10) return expect(located).toBe(TCP);
      if (row['tcp.srcport'] === null) return expect(located).not.toBe(TCP);
      expect(located).toBe(TCP);
      const version = s.ipVersion === 4 ? 'ip' : 'ipv6';
      const checksum = packet.tcpChecksum(s);
      expect({
        [`${version}.src`]: packet.formatAddress(s.bytes, s.ipVersion === 4 ? s.source : s.ip + 8, s.ipVersion),
        [`${version}.dst`]: packet.formatAddress(s.bytes, s.ipVersion === 4 ? s.destination : s.ip + 24, s.ipVersion),
        'ip.id': s.identification === -1 ? null : s.identification,
        'tcp.srcport': s.sourcePort,
        'tcp.dstport': s.destinationPort,
        'tcp.seq_raw': s.sequence,
        'tcp.ack_raw': s.acknowledgment,
        'tcp.flags': s.flags,
        'tcp.window_size_value': s.window,
        'tcp.checksum': s.checksum,
        'tcp.urgent_pointer': s.urgentPointer,
        'tcp.hdr_len': (s.bytes[s.tcp + 12]! >> 4) * 4,
        'tcp.len': s.payloadLength,
        // 0 bad, 1 good, 2 unverified: the capture does not hold all of it.
        'tcp.checksum.status': checksum === undefined ? 2 : checksum === s.checksum ? 1 : 0,
        kinds: kindsOf(s),
      }).toEqual({
        ...Object.fromEntries(Object.entries(row).filter(([field, value]) => value !== null && !/^frame|option_kind/.test(field))),
        'ip.id': row['ip.id'],
        kinds: (String(row['tcp.option_kind'] ?? '').match(/\d+/g) ?? []).filter((kind) => Number(kind) > 1).join(','),
      });
      return expect(s.payloadEnd - s.payload).toBeLessThanOrEqual(s.payloadLength);
    });
    expect(frame).toBe(recorded.rows.length);
  });

  test.each([
    ['ns_bigendian__hs_small_v4.pcap', 'hs_small_v4', 15],
    ['ns_bigendian__hs_small_v6.pcap', 'hs_small_v6', 14],
    ['rawip__hs_small_v6.pcap', 'hs_small_v6', 14],
    ['pcapng_multi_if__hs_small_v4.pcapng', 'hs_small_v4', 15],
    ['pcapng_multi_if__add_addr_v6.pcapng', 'add_addr_v6', 67],
    ['vlan__add_addr_v6.pcap', 'add_addr_v6', 67],
  ])('%s holds the same segments as its source', (path, source, count) => {
    const found = segmentsOf(`formats/${path}`);
    expect(found).toHaveLength(count);
    expect(found).toEqual(segmentsOf(`mptcp/${source}.pcap`));
  });

  const addresses = { source: Uint8Array.of(10, 0, 0, 1), destination: Uint8Array.of(10, 0, 0, 2) };
  const addresses6 = { source: new Uint8Array(16).fill(1), destination: new Uint8Array(16).fill(2) };
  const segment = packet.encodeTcp({
    sourcePort: 1,
    destinationPort: 2,
    sequence: 0xffff_fff0,
    flags: packet.SYN,
    payload: fromHex('aabbcc'),
  });
  const ipv4 = packet.encodeIpv4({ ...addresses, protocol: 6, payload: segment });
  const ipv6 = (headers: readonly packet.ExtensionHeader[], payload = segment): Uint8Array =>
    packet.encodeIpv6({ ...addresses6, protocol: 6, headers, payload });

  test.each<[string, Uint8Array, number]>([
    ['RFC 791: another protocol', changed(ipv4, 9, 17), NOT_TCP],
    ['RFC 791: a header length below 5', changed(ipv4, 0, 0x44), MALFORMED],
    ['RFC 791: a total length below the header’s', changed(changed(ipv4, 2, 0), 3, 19), MALFORMED],
    ['RFC 791: a first fragment', changed(ipv4, 6, 0x20), FRAGMENT],
    ['RFC 791: a later fragment', changed(ipv4, 7, 1), FRAGMENT],
    ['RFC 791: a fragment of another protocol', changed(changed(ipv4, 7, 1), 9, 17), NOT_TCP],
    ['RFC 9293 section 3.1: a data offset below 5', changed(ipv4, 32, 0x40), MALFORMED],
    ['RFC 9293 section 3.1: a data offset beyond the packet', changed(ipv4, 32, 0xf0), MALFORMED],
    ['a total length that leaves less than a TCP header', changed(ipv4, 3, 39), MALFORMED],
    ['a packet cut within the fixed TCP header', ipv4.subarray(0, 39), MALFORMED],
    ['a packet cut within the IP header', ipv4.subarray(0, 19), MALFORMED],
    ['nothing at all', new Uint8Array(0), MALFORMED],
    ['a version that is neither 4 nor 6', changed(ipv4, 0, 0x55), NOT_TCP],
    ['RFC 8200: another protocol', changed(ipv6([]), 6, 58), NOT_TCP],
    ['RFC 8200: no next header', changed(ipv6([]), 6, 59), NOT_TCP],
    ['RFC 8200 section 4: a header that runs past the packet', changed(changed(ipv6([]), 6, 60), 41, 9), MALFORMED],
    ['RFC 8200 section 4.5: a fragment', changed(ipv6([{ kind: 'FRAGMENT', reserved: 0, offset: 0, reserved2: 0, more: true, identification: 9 }]), 0, 0x60), FRAGMENT], // prettier-ignore
    ['a chain of more headers than any real one', ipv6(Array.from({ length: 20 }, () => ({ kind: 'DESTINATION_OPTIONS', options: [] }) as const)), MALFORMED], // prettier-ignore
  ])('%s', (_, bytes, located) => {
    expect(locateRaw(bytes, newSegment())).toBe(located);
  });

  test('link types that name a version hold packets to it', () => {
    const s = newSegment();
    const locate = (bytes: Uint8Array, linkType: number) => locateSegment(bytes, 0, bytes.length, bytes.length, linkType, s);
    expect([locate(ipv4, LINKTYPE_IPV4), locate(ipv4, LINKTYPE_IPV6), locate(ipv6([]), LINKTYPE_IPV6), locate(ipv4, 999)]).toEqual([
      TCP,
      MALFORMED,
      TCP,
      NOT_TCP,
    ]);
  });

  test('Ethernet padding is not payload; a total length of 0 means the rest of the frame', () => {
    const s = newSegment();
    const padded = framed(concat(ipv4, new Uint8Array(40)));
    expect(locateSegment(padded, 0, padded.length, padded.length, LINKTYPE_EN10MB, s)).toBe(TCP);
    expect([s.payloadLength, s.payloadEnd - s.payload]).toEqual([3, 3]);
    const offloaded = framed(changed(changed(ipv4, 2, 0), 3, 0));
    expect(locateSegment(offloaded, 0, offloaded.length, 70_000, LINKTYPE_EN10MB, s)).toBe(TCP);
    expect([s.payloadLength, s.payloadEnd - s.payload]).toEqual([70_000 - 54, 3]);
  });

  test('RFC 8200 section 8.1: with segments left, the destination is the last one of the routing header', () => {
    const s = newSegment();
    const last = new Uint8Array(16).fill(9);
    const data = concat(new Uint8Array(4), new Uint8Array(16), last);
    for (const [type, segmentsLeft, wanted] of [
      [0, 1, last],
      [0, 0, addresses6.destination],
      [4, 1, new Uint8Array(16)],
      [3, 1, addresses6.destination],
    ] as const) {
      const bytes = ipv6([{ kind: 'ROUTING', type, segmentsLeft, data }]);
      expect(locateRaw(bytes, s)).toBe(TCP);
      expect(bytes.subarray(s.destination, s.destination + 16)).toEqual(wanted);
    }
  });

  test('RFC 6275 section 6.3: with a Home Address option, the source is the home address', () => {
    const s = newSegment();
    const data = new Uint8Array(16).fill(7);
    const bytes = ipv6([
      {
        kind: 'DESTINATION_OPTIONS',
        options: [
          { type: 1, data: new Uint8Array(2) },
          { type: 201, data },
        ],
      },
    ]);
    expect(locateRaw(bytes, s)).toBe(TCP);
    expect(bytes.subarray(s.source, s.source + 16)).toEqual(data);
  });

  test('a segment anywhere in a buffer, at any snap length, keeps within the captured octets', () => {
    fc.assert(
      fc.property(anyTcpPacket, fc.nat(20), fc.nat(150), ({ packet: bytes, tcp, ipVersion }, before, kept) => {
        const buffer = concat(new Uint8Array(before).fill(0x99), bytes, new Uint8Array(7).fill(0x77));
        const end = before + Math.min(kept, bytes.length);
        const s = newSegment();
        const located = locateSegment(buffer, before, end, bytes.length, LINKTYPE_RAW, s);
        const header = ipVersion === 4 ? 20 : 40;
        expect(located).toBe(end - before < header + 20 ? MALFORMED : TCP);
        if (located !== TCP) return;
        const options = packet.encodeTcpOptions(tcp.options).length;
        expect(s).toMatchObject({
          ip: before,
          tcp: before + header,
          sourcePort: tcp.sourcePort,
          destinationPort: tcp.destinationPort,
          sequence: tcp.sequence,
          acknowledgment: tcp.acknowledgment,
          flags: tcp.flags,
          window: tcp.window,
          urgentPointer: tcp.urgentPointer,
          payloadLength: tcp.payload.length,
          optionsEnd: Math.min(end, before + header + 20 + options),
          headerComplete: end >= before + header + 20 + options,
          payloadEnd: end,
        });
        expect(s.payload).toBe(s.optionsEnd);
        const whole = end - before === bytes.length;
        expect(packet.tcpChecksum(s)).toBe(whole ? s.checksum : undefined);
      }),
    );
  });

  test('arbitrary octets on any link type never throw and never point outside the frame', () => {
    const linkTypes = fc.constantFrom(0, 1, 9, 12, 14, 101, 108, 113, 228, 229, 276, 77);
    const starts = fc.constantFrom(
      '',
      '45000028',
      '6000000000',
      '00000000000000000000000008004500',
      '00000002',
      'ff030021',
      '86dd000000000000',
    );
    const reassembler = packet.createReassembler();
    const s = newSegment();
    fc.assert(
      fc.property(linkTypes, starts, fc.uint8Array({ maxLength: 120 }), fc.nat(200), (linkType, start, rest, originalLength) => {
        const bytes = concat(fromHex(start), rest);
        const located = locateSegment(bytes, 0, bytes.length, originalLength, linkType, s);
        reassembler.add(bytes, 0, bytes.length, linkType);
        expect([NOT_TCP, TCP, FRAGMENT, MALFORMED]).toContain(located);
        if (located !== TCP) return;
        const order = [0, s.ip, s.tcp, s.options, s.optionsEnd, s.payload, s.payloadEnd, bytes.length];
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
      { numRuns: 3000 },
    );
  });
});

const addAll = (r: packet.Reassembler, fragments: readonly Uint8Array[]) => fragments.map((f) => r.add(f, 0, f.length, LINKTYPE_RAW));

describe('reassembly', () => {
  const ports = { sourcePort: 7, destinationPort: 8, sequence: 9, flags: packet.ACK };
  const payload = new Uint8Array(1000).map((_, i) => i * 7);
  const four = { protocol: 6, source: Uint8Array.of(1, 2, 3, 4), destination: Uint8Array.of(5, 6, 7, 8), identification: 77 };
  const six = { protocol: 6, source: new Uint8Array(16).fill(1), destination: new Uint8Array(16).fill(2) };
  const segment = packet.encodeTcp({ ...ports, payload });
  const hop: packet.ExtensionHeader = {
    kind: 'HOP_BY_HOP',
    options: [
      { type: 5, data: Uint8Array.of(0, 0) },
      { type: 1, data: new Uint8Array(0) },
    ],
  };

  const fragment4 = (from: number, to: number, total = segment.length, data = segment): Uint8Array =>
    packet.encodeIpv4({
      ...four,
      dontFragment: false,
      fragmentOffset: from / 8,
      moreFragments: to < total,
      payload: data.subarray(from, to),
    });
  const fragment6 = (from: number, to: number, total = segment.length, data = segment): Uint8Array =>
    packet.encodeIpv6({
      ...six,
      headers: [hop, { kind: 'FRAGMENT', reserved: 0, offset: from / 8, reserved2: 0, more: to < total, identification: 5 }],
      payload: data.subarray(from, to),
    });
  const whole = (version: 4 | 6): Uint8Array =>
    version === 4 ? packet.encodeIpv4({ ...four, payload: segment }) : packet.encodeIpv6({ ...six, headers: [hop], payload: segment });
  const cuts = [0, 8, 408, 416, 800, segment.length];
  const pieces = (version: 4 | 6): Uint8Array[] =>
    cuts.slice(1).map((to, i) => (version === 4 ? fragment4(cuts[i]!, to) : fragment6(cuts[i]!, to)));

  test.each([4, 6] as const)(
    'IPv%d: fragments in any order, some twice, give the packet once it is whole (RFC 791, RFC 8200 section 4.5)',
    (version) => {
      const parts = pieces(version);
      const orders = fc
        .shuffledSubarray(parts, { minLength: parts.length })
        .chain((order) => fc.constant(order.slice(0, -1)).map((most) => [...most, ...most.slice(0, 2), order.at(-1)!]));
      fc.assert(
        fc.property(orders, (order) => {
          const results = addAll(packet.createReassembler(), order);
          expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
          expect(toHex(results.at(-1)!)).toBe(toHex(whole(version)));
        }),
        { numRuns: 50 },
      );
      const s = newSegment();
      expect(locateRaw(addAll(packet.createReassembler(), parts).at(-1)!, s)).toBe(TCP);
      expect([s.sourcePort, s.payloadLength]).toEqual([7, 1000]);
    },
  );

  test.each([4, 6] as const)(
    'IPv%d: overlapping fragments discard the packet, and what comes of it later (RFC 5722 section 3)',
    (version) => {
      const make = version === 4 ? fragment4 : fragment6;
      const other = segment.map((octet) => octet ^ 1);
      for (const bad of [make(0, 400), make(0, 8, segment.length, other), make(792, segment.length), make(792, 800)]) {
        const parts = pieces(version);
        const r = packet.createReassembler();
        const results = addAll(r, [...parts.slice(0, 1), parts[4]!, bad, ...parts.slice(1)]);
        expect(results.every((result) => result === undefined)).toBe(true);
        expect(r.dropped).toBe(1);
      }
    },
  );

  test('impossible ones are given up: odd lengths, beyond 65,535, two different ends', () => {
    const r = packet.createReassembler();
    expect(addAll(r, [fragment4(0, 12), fragment4(16, segment.length)])).toEqual([undefined, undefined]);
    const far = new Uint8Array(1000);
    const end = packet.encodeIpv6({ ...six, headers: [{ kind: 'FRAGMENT', reserved: 0, offset: 0x1fff, reserved2: 0, more: false, identification: 1 }], payload: far }); // prettier-ignore
    expect(addAll(r, [end])).toEqual([undefined]);
    expect(r.dropped).toBe(2);
  });

  test('what is no fragment, or not wholly captured, is left alone', () => {
    const r = packet.createReassembler();
    expect(
      addAll(r, [whole(4), whole(6), fragment4(0, 400).subarray(0, 300), new Uint8Array(3), fragment6(0, 400).subarray(0, 50)]),
    ).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(r.dropped).toBe(0);
  });

  const first = (identification: number, octetsOf = 8) =>
    packet.encodeIpv4({ ...four, identification, moreFragments: true, payload: new Uint8Array(octetsOf) });
  const last = (identification: number, offset = 1) =>
    packet.encodeIpv4({ ...four, identification, fragmentOffset: offset, payload: new Uint8Array(20) });

  test('at most 1,024 incomplete packets and 16 MiB are kept, the oldest dropped first', () => {
    const r = packet.createReassembler();
    addAll(
      r,
      Array.from({ length: 1030 }, (_, id) => first(id)),
    );
    expect(r.dropped).toBe(6);
    expect(addAll(r, [last(5), last(1029)]).map((result) => result?.length)).toEqual([undefined, 48]);
    const big = packet.createReassembler();
    addAll(
      big,
      Array.from({ length: 600 }, (_, id) => first(id, 60_000)),
    );
    expect(big.dropped).toBeGreaterThan(300);
    expect(big.dropped).toBeLessThan(330);
  });
});
