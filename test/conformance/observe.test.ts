/** What of a capture the protocols get to see: TCP segments, and IPv6 packets out of their extension headers, fragments and tunnels. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CaptureRecord } from '../../codecs/capture/index.ts';
import { LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import { encodeIpv6, encodeTcp, formatAddress, parseAddress } from '../../codecs/packet/index.ts';
import type { ExtensionHeader, Ipv6Fields } from '../../codecs/packet/index.ts';
import { PROTOCOL_SHIM6 } from '../../codecs/shim6/index.ts';
import { PROTOCOL_MOBILITY } from '../../codecs/mip6/index.ts';
import { Observer, PROTOCOL_IPV6 } from '../../conformance/observe.ts';
import type { Sighting } from '../../conformance/observe.ts';

const source = parseAddress('2001:db8:a::1')!;
const destination = parseAddress('2001:db8:b::1')!;
const message = new Uint8Array(24).fill(7);
const packet = (fields: Partial<Ipv6Fields> = {}): Uint8Array =>
  encodeIpv6({ protocol: PROTOCOL_SHIM6, source, destination, payload: message, ...fields });
const segment = encodeTcp({ sourcePort: 1, destinationPort: 2, sequence: 3, flags: 2, payload: message });
const destinationOptions: ExtensionHeader = {
  kind: 'DESTINATION_OPTIONS',
  options: [
    { type: 201, data: source },
    { type: 1, data: new Uint8Array(2) },
  ],
};

const record = (bytes: Uint8Array, ms = 0, originalLength = bytes.length): CaptureRecord => ({
  bytes,
  start: 0,
  end: bytes.length,
  originalLength,
  linkType: LINKTYPE_RAW,
  seconds: 0,
  fraction: ms,
  resolution: 1000,
  interfaceId: 0,
});

/** What is seen of some records. */
const see = (records: readonly CaptureRecord[], { wantsPayload = false, shim6Protocol = PROTOCOL_SHIM6 } = {}) => {
  const packets: Sighting[] = [];
  const segments: number[] = [];
  const sights = {
    wantsPayload,
    packet: (sighting: Sighting): void => void packets.push(sighting),
    segment: (_: unknown, __: unknown, frame: number): void => void segments.push(frame),
  };
  const observer = new Observer(sights, shim6Protocol);
  for (const each of records) observer.observe(each);
  return { packets, segments, observer };
};
const fragmented = (protocol: number, payload: Uint8Array): readonly Uint8Array[] => {
  const half = (payload.length >> 4) << 3;
  const piece = (offset: number, more: boolean, part: Uint8Array): Uint8Array =>
    packet({
      protocol,
      payload: part,
      headers: [{ kind: 'FRAGMENT', reserved: 0, offset: offset / 8, reserved2: 0, more, identification: 5 }],
    });
  return [piece(0, true, payload.subarray(0, half)), piece(half, false, payload.subarray(half))];
};

describe('an IPv6 packet is seen', () => {
  test('with its frame, its time and its payload where it carries one of our protocols', () => {
    const { packets, segments } = see([record(packet(), 250)]);
    expect(packets).toMatchObject([
      { frame: 1, time: 250, outer: [], whole: true, twin: 0, packet: { protocol: PROTOCOL_SHIM6, payload: message } },
    ]);
    expect(segments).toEqual([]);
  });

  test('with protocol 61 only when that is asked for as shim6', () => {
    expect(see([record(packet({ protocol: 61 }))]).packets).toEqual([]);
    expect(see([record(packet({ protocol: 61 }))], { shim6Protocol: 61 }).packets).toHaveLength(1);
  });

  test('with payload of an upper layer only when that is wanted', () => {
    const tcp = packet({ protocol: 6, payload: segment });
    const udp = packet({ protocol: 17 });
    expect(see([record(tcp), record(udp)])).toMatchObject({ packets: [], segments: [1] });
    expect(see([record(tcp), record(udp)], { wantsPayload: true })).toMatchObject({ packets: [{ frame: 1 }, { frame: 2 }], segments: [1] });
  });

  test('as a packet and as a segment where TCP has extension headers (RFC 6275 section 6.3)', () => {
    const { packets, segments } = see([record(packet({ protocol: 6, payload: segment, headers: [destinationOptions] }))]);
    expect(packets).toMatchObject([{ packet: { protocol: 6, headers: [destinationOptions] } }]);
    expect(segments).toEqual([1]);
  });

  test.each([
    { what: 'a mobility header', protocol: PROTOCOL_MOBILITY, payload: message, segments: [] },
    { what: 'a TCP segment', protocol: 6, payload: segment, segments: [2] },
  ])('out of its fragments (RFC 8200 section 4.5): $what', ({ protocol, payload, segments }) => {
    const seen = see(
      fragmented(protocol, payload).map((each) => record(each)),
      { wantsPayload: true },
    );
    expect(seen.packets).toMatchObject([{ frame: 2, packet: { protocol, payload } }]);
    expect(seen.segments).toEqual(segments);
  });

  test('out of its tunnels, the outermost packet first (RFC 2473 section 3.1), and not deeper than four', () => {
    const wrap = (inner: Uint8Array, depth: number): Uint8Array =>
      depth === 0 ? inner : wrap(packet({ protocol: PROTOCOL_IPV6, payload: inner, hopLimit: depth }), depth - 1);
    const { packets } = see([record(wrap(packet(), 2)), record(wrap(packet(), 6))]);
    expect(packets[0]!.outer.map(({ hopLimit }) => hopLimit)).toEqual([1, 2]);
    expect(packets[0]!.packet).toMatchObject({ protocol: PROTOCOL_SHIM6, payload: message });
    expect(packets[1]!.packet.protocol).toBe(PROTOCOL_IPV6);
    expect(packets[1]!.outer).toHaveLength(4);
  });

  test('as cut where the capture lacks octets of it', () => {
    const whole = packet({ headers: [destinationOptions] });
    expect(see([record(whole.subarray(0, -1), 0, whole.length)])).toMatchObject({ packets: [{ whole: false }], observer: { snapped: 1 } });
    expect(see([record(whole)])).toMatchObject({ packets: [{ whole: true }], observer: { snapped: 0 } });
  });
});

describe('a Home Address option that leads out of its header', () => {
  const options = [
    { type: 1, data: new Uint8Array(2) },
    { type: 201, data: source },
  ];
  const overlong = (length: number): Uint8Array => packet({ headers: [{ kind: 'DESTINATION_OPTIONS', options }] }).with(47, length);

  test.each([17, 18, 255])('is cut at its end, and its length of %i is told', (length) => {
    const { packets } = see([record(overlong(length))]);
    expect(packets).toMatchObject([{ overlongHomeAddress: length, packet: { headers: [{ options }], payload: message } }]);
  });

  test('of the right length, or another option that does, is not cut', () => {
    expect(see([record(overlong(16))]).packets[0]).not.toHaveProperty('overlongHomeAddress');
    expect(see([record(overlong(18).with(46, 5))]).packets).toEqual([]);
  });
});

describe('a packet captured twice', () => {
  test('names the frame of the first, also behind a router, within half a second', () => {
    const times = [0, 100, 450, 1000];
    const { packets, observer } = see(times.map((ms, i) => record(packet({ hopLimit: 64 - i }), ms)));
    expect(packets.map(({ twin }) => twin)).toEqual([0, 1, 1, 0]);
    expect(observer.duplicates).toBe(2);
  });

  test('is another one where any other octet differs', () => {
    const other = packet();
    other[other.length - 1]! ^= 1;
    expect(see([record(packet()), record(other)]).packets.map(({ twin }) => twin)).toEqual([0, 0]);
  });
});

test('whatever octets a capture holds, they are looked at without an exception', () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.uint8Array({ maxLength: 80 }).map((payload) => packet({ protocol: PROTOCOL_IPV6, payload })),
  );
  fc.assert(
    fc.property(fc.array(octets, { maxLength: 8 }), (all) => {
      for (const { packet: seen } of see(
        all.map((each) => record(each)),
        { wantsPayload: true },
      ).packets) {
        expect(formatAddress(seen.source, 0, 6)).not.toBe('');
      }
    }),
    { numRuns: 500 },
  );
});
