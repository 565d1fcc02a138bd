/** Following what networks and captures do to packets (RFC 8684 sections 3.1 to 3.3): the report says what the hosts had. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeEthernet, encodeIpv4, parseAddress } from '../../codecs/packet/index.ts';
import { LINKTYPE_RAW, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import { concat } from '../../codecs/bytes.ts';
import { Talk } from '../arbitraries/conversation.ts';
import type { HostName } from '../arbitraries/conversation.ts';
import { merge, openPacket, pcapOf, rewrite, shiftSequence, split, translate } from '../arbitraries/network.ts';
import type { Packet } from '../arbitraries/network.ts';
import { captured, conversed, fate } from '../arbitraries/traffic.ts';
import type { MptcpConversation } from '../../conformance/report/report.ts';
import {
  busy,
  check,
  expectWhole,
  fails,
  hex,
  hosts,
  hostsOf,
  octets,
  sha256,
  single,
  streamsOf,
  whole,
  connections,
} from './following.ts';

const isFrom =
  (address: string) =>
  (packet: Packet): boolean =>
    openPacket(packet).source.join() === parseAddress(address)!.join();

describe('a capture of everything', () => {
  test.each([
    ['version 1', {}],
    ['version 0', { version: 0 as const }],
    ['DSS checksums', { checksum: true }],
    ['IPv6', { addresses: ['2001:db8:a::1', '2001:db8:b::1'] as const }],
  ])('%s: hosts, subflows and both streams', (_, setup) => {
    const talk = busy(setup);
    expectWhole(single(talk.pcap()), talk, ['initial closed', 'join closed']);
  });

  test('subflows over both address families are one connection (section 3.2)', () => {
    const talk = new Talk();
    const first = talk.established();
    const six = talk.join({ addresses: ['2001:db8:a::1', '2001:db8:b::1'], ids: [2, 2] });
    const back = talk.join({ opener: 'b', addresses: ['2001:db8:a::1', '2001:db8:b::2'], ports: [40_001, 50_000], ids: [3, 2] });
    for (const path of [six, back, first]) {
      path.data('a', 70);
      path.ack('b');
      path.data('b', 80);
      path.ack('a');
    }
    talk.close();
    const conversation = single(talk.pcap());
    expectWhole(conversation, talk, ['initial closed', 'join closed', 'join closed']);
    expect(conversation.subflows.map(({ a, b }) => `${a} ${b}`)).toEqual([
      '10.0.1.1:40000 10.0.9.1:5001',
      '[2001:db8:a::1]:40000 [2001:db8:b::1]:5001',
      '[2001:db8:a::1]:40001 [2001:db8:b::2]:50000',
    ]);
    expect(conversation.subflows.reduce((sum, { frames }) => sum + frames, 0)).toBe(talk.frame);
  });
});

describe('keys that come later than the join (section 3.2)', () => {
  test.each([1, 2, 3])('the third ACK of the first subflow is captured after %i packets of the join', (late) => {
    const talk = busy();
    // Frames 1 to 3 and 8 to 11 are the two handshakes, frame 5 is the first DSS of host b.
    const p = talk.packets;
    const order = [p[0]!, p[1]!, p[4]!, ...p.slice(7, 7 + late), p[2]!, p[3]!, p[5]!, p[6]!, ...p.slice(7 + late)];
    const conversation = single(order);
    expectWhole(conversation, talk, ['initial closed', 'join closed']);
  });

  test('only an MP_CAPABLE with data tells the keys', () => {
    const talk = busy();
    const p = talk.packets;
    const conversation = single([p[0]!, p[1]!, p[4]!, p[7]!, p[8]!, p[9]!, p[3]!, ...p.slice(5, 7), ...p.slice(10)]);
    expectWhole(conversation, talk, ['initial closed', 'join closed']);
  });

  test('an MP_JOIN opened by the listener waits for the initiator’s key', () => {
    const talk = new Talk();
    const first = talk.established();
    const back = talk.join({ opener: 'b', addresses: ['10.0.2.1', '10.0.9.1'], ports: [40_001, 50_000], ids: [0, 1] });
    back.data('b', 30);
    back.ack('a');
    first.data('a', 10);
    first.ack('b');
    talk.close();
    const p = talk.packets;
    expectWhole(single([p[0]!, p[1]!, p[7]!, p[8]!, p[9]!, ...p.slice(2, 7), ...p.slice(10)]), talk, ['initial closed', 'join closed']);
  });
});

describe('frames more or less than once', () => {
  test.each([
    ['IPv4', {}],
    ['IPv6', { addresses: ['2001:db8:a::1', '2001:db8:b::1'] as const }],
  ])('captured on two interfaces, %s: counted as duplicates', (_, setup) => {
    const talk = busy(setup);
    const twice = talk.packets.flatMap((packet) => [packet, { ...packet, time: packet.time + 0.2 }]);
    const report = check(twice);
    expect(fails(report)).toEqual([]);
    expectWhole(connections(report)[0]!, talk, ['initial closed', 'join closed']);
    expect(connections(report)[0]!.subflows.reduce((sum, { frames }) => sum + frames, 0)).toBe(twice.length);
    if (!('addresses' in setup)) expect(report.duplicates).toBeGreaterThan(talk.frame - 10);
  });

  test('retransmitted and reordered data, SYNs, SYN/ACKs and third ACKs', () => {
    const talk = busy();
    const p = talk.packets;
    const again = (i: number, ms: number): Packet =>
      rewrite({ ...p[i]!, time: p[i]!.time + ms }, (o) => ({ ...o, identification: 900 + i }));
    const order = [p[0]!, again(0, 1000), p[1]!, again(1, 1100), p[2]!, again(2, 1200), p[3]!, again(3, 1300), ...p.slice(4)];
    expectWhole(single(order), talk, ['initial closed', 'join closed']);
    const swapped = [...p];
    for (let i = 11; i + 4 < swapped.length - 12; i += 4) [swapped[i], swapped[i + 1]] = [swapped[i + 1]!, swapped[i]!];
    expectWhole(single(swapped), talk, ['initial closed', 'join closed']);
  });

  test('a SYN or a SYN/ACK of the first subflow missing; the third packet tells (section 3.1)', () => {
    const talk = busy();
    for (const missing of [0, 2]) {
      expectWhole(single(talk.packets.toSpliced(missing, 1)), talk, ['initial closed', 'join closed']);
    }
    expectWhole(single(talk.packets.toSpliced(1, 1)), talk, ['initial closed', 'join closed']);
  });

  test.each([
    ['SYN', 7],
    ['SYN/ACK', 8],
    ['ACK', 9],
    ['last ACK', 10],
  ])('the %s of a join missing', (_, index) => {
    const talk = busy();
    expectWhole(single(talk.packets.toSpliced(index, 1)), talk, ['initial closed', 'join closed']);
  });

  test('one direction missing: what one host sent is known, of the other only what was acknowledged', () => {
    const talk = busy();
    for (const [host, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const addresses = host === 'a' ? ['10.0.1.1', '10.0.2.1'] : ['10.0.9.1'];
      const conversation = single(talk.packets.filter((packet) => addresses.some((address) => isFrom(address)(packet))));
      expect(conversation.streams[host]).toEqual(whole(talk.stream(host)));
      expect(conversation.streams[other].complete).toBe(false);
      expect(conversation.subflows).toHaveLength(2);
    }
  });

  test('a hole that never closes: the octets before it, no hash, not complete', () => {
    const talk = new Talk();
    const first = talk.established();
    first.data('a', 100, { hidden: true });
    first.data('a', 100);
    first.ack('b');
    talk.close();
    const { streams, outcome } = single(talk.pcap());
    expect(outcome).toBe('data-fin');
    expect(streams.a).toEqual({ bytes: 100, sha256: null, complete: false });
    expect(streams.b).toEqual(whole(talk.stream('b')));
  });
});

describe('a capture that starts in the middle', () => {
  test.each([2, 3, 4, 7, 9, 11, 14, 20])('after %i packets: one connection by its data sequence numbers', (from) => {
    const talk = busy({}, 6);
    const conversation = single(talk.packets.slice(from));
    expect(conversation.outcome).toBe('data-fin');
    expect(conversation.subflows).toHaveLength(2);
    expect(conversation.streams.a.bytes).toBeGreaterThan(0);
    // Nothing tells who opened it: host a is the sender of the first frame.
    const turned = conversation.subflows[0]!.a.startsWith('10.0.9.1');
    const { a, b } = conversation.hosts;
    // The first data has MP_CAPABLE with both keys (section 3.1).
    expect([a.role, b.role, b.token, conversation.version]).toEqual(
      from <= 3 ? ['initiator', 'listener', hex(talk.tokens.b), 1] : [null, null, null, null],
    );
    for (const host of ['a', 'b'] as const) {
      const all = talk.stream(turned === (host === 'a') ? 'b' : 'a');
      const { bytes, sha256: hash } = conversation.streams[host];
      expect(hash).toBe(sha256(all.subarray(all.length - bytes)));
    }
  });
});

/** As `shiftSequence`, for a packet that the address sent or received. */
const shiftSequenceOf = (packet: Packet, address: string, by: number): Packet => {
  const { source, destination } = openPacket(packet);
  return [source, destination].some((each) => each.join('.') === address) ? shiftSequence(packet, address, by) : packet;
};

describe('what networks and captures do to packets', () => {
  /** As an Ethernet frame, with these VLAN tags. */
  const onEthernet = ({ bytes, time }: Packet, vlans: readonly number[]): Packet => ({
    time,
    bytes: encodeEthernet({
      kind: 'ETHERNET',
      destination: octets(6),
      source: octets(6, 2),
      tags: vlans.map((tci) => ({ tpid: 0x8100, tci })),
      etherType: 0x0800,
      payload: bytes,
    }),
  });

  test.each([[[]], [[7]], [[7, 9]]])('VLAN tags %j', (vlans) => {
    const talk = busy();
    const frames = talk.packets.map((packet) => onEthernet(packet, vlans));
    expectWhole(single(pcapOf(frames, 1)), talk, ['initial closed', 'join closed']);
  });

  test('IP fragments, the last one first', () => {
    const talk = busy();
    const order = talk.packets.flatMap((packet) => {
      const { source, destination, identification, tcp } = openPacket(packet);
      if (tcp.payload.length === 0) return [packet];
      const payload = packet.bytes.subarray(20);
      const piece = (from: number, to: number): Packet => ({
        time: packet.time,
        bytes: encodeIpv4({
          protocol: 6,
          source,
          destination,
          identification,
          payload: payload.subarray(from, to),
          fragmentOffset: from / 8,
          moreFragments: to < payload.length,
        }),
      });
      return [piece(64, payload.length), piece(0, 64)];
    });
    expectWhole(single(order), talk, ['initial closed', 'join closed']);
  });

  test('segments cut with all their options, or merged (section 3.3.1: a mapping covers more than its segment)', () => {
    const talk = new Talk({ checksum: true });
    const first = talk.established();
    for (let i = 0; i < 4; i += 1) {
      first.data('a', octets(4001, i));
      first.ack('b');
      first.data('b', octets(3000, i + 9));
      first.ack('a');
    }
    talk.close();
    expectWhole(single(talk.pcap()), talk, ['initial closed']);
    const cut = talk.packets.flatMap((packet, i) => (i < 7 ? [packet] : split(packet, 1001)));
    expectWhole(single(cut), talk, ['initial closed']);
    // Pieces of one mapping, merged again otherwise than they were cut.
    const merged = talk.packets.flatMap((packet, i) => {
      if (i < 7 || openPacket(packet).tcp.payload.length < 3000) return [packet];
      const pieces = split(packet, 500);
      return [merge(pieces[0]!, pieces[1]!), pieces[2]!, ...pieces.slice(3)];
    });
    expectWhole(single(merged), talk, ['initial closed']);
  });

  test('a mapping that only the first of its segments carries, and one that comes after its octets', () => {
    const talk = new Talk();
    const first = talk.established();
    first.data('a', octets(1200));
    first.ack('b');
    first.data('a', octets(1200, 3));
    first.ack('b');
    talk.close();
    const only = (which: number) =>
      talk.packets.flatMap((packet, i) => {
        if (i !== 7 && i !== 9) return [packet];
        return split(packet, 400).map((piece, k) =>
          k === which ? piece : rewrite(piece, (opened) => ({ ...opened, tcp: { ...opened.tcp, options: [] } })),
        );
      });
    expectWhole(single(only(0)), talk, ['initial closed']);
    expectWhole(single(only(1)), talk, ['initial closed']);
    expectWhole(single(only(2)), talk, ['initial closed']);
  });

  test('the same subflow on both sides of a NAT is one, and its packets are duplicates', () => {
    const talk = busy();
    const p = talk.packets.flatMap((packet) => [
      packet,
      translate(
        translate({ ...packet, time: packet.time + 0.1 }, ['10.0.1.1', 40_000], ['192.0.2.1', 61_000]),
        ['10.0.2.1', 40_000],
        ['192.0.2.1', 61_001],
      ),
    ]);
    const report = check(p);
    expect(fails(report)).toEqual([]);
    expect(connections(report)).toHaveLength(1);
    expectWhole(connections(report)[0]!, talk, ['initial closed', 'join closed']);
    expect(report.duplicates).toBe(talk.frame);
  });

  test('a join through a NAT belongs to its connection (section 3.2)', () => {
    const talk = busy();
    const order = talk.packets.map((packet) => translate(packet, ['10.0.2.1', 40_000], ['192.0.2.1', 61_001]));
    const conversation = single(order);
    expectWhole(conversation, talk, ['initial closed', 'join closed']);
    expect(conversation.subflows[1]!.a).toBe('192.0.2.1:61001');
  });

  test('sequence numbers that a firewall moved, seen on its either side', () => {
    const talk = busy({ checksum: true });
    const moved = talk.packets.map((packet) => shiftSequence(packet, '10.0.9.1', 0x1234_5678));
    expectWhole(single(moved), talk, ['initial closed', 'join closed']);
  });

  test.each([
    ['the listener’s', 0, 0x9234_5678],
    ['the listener’s, by less', 0, 0x1234_5678],
    ['the initiator’s', 0x9234_5678, 0],
    ['the initiator’s, by less', 0x1234_5678, 0],
    ['both', 0x1234_5678, 0xa234_5678],
  ])('sequence numbers that a firewall moved, seen on both sides of it: %s', (_, ofA, ofB) => {
    const talk = busy({ checksum: true });
    const both = talk.packets.flatMap((packet) => {
      const later = { ...packet, time: packet.time + 0.1 };
      return [
        packet,
        ['10.0.1.1', '10.0.2.1'].reduce((moved, address) => shiftSequenceOf(moved, address, ofA), shiftSequence(later, '10.0.9.1', ofB)),
      ];
    });
    expectWhole(single(both), talk, ['initial closed', 'join closed']);
  });

  test('--at names the host at which the capture was taken', () => {
    const talk = busy();
    expectWhole(single(talk.pcap(), { at: ['10.0.1.1'] }), talk, ['initial closed', 'join closed']);
    expectWhole(single(talk.pcap(), { at: ['10.0.9.1', '2001:db8::1'] }), talk, ['initial closed', 'join closed']);
  });

  test('the snap length keeps headers only: streams are counted, and have no hash', () => {
    const talk = busy();
    const snapped = concat(
      pcapHeader({ linkType: LINKTYPE_RAW }),
      ...talk.packets.map(({ bytes }, i) =>
        pcapRecord({
          bytes,
          start: 0,
          end: Math.min(bytes.length, 80),
          originalLength: bytes.length,
          seconds: 1_700_000_000,
          fraction: i * 1000,
        }),
      ),
    );
    const { streams, outcome } = single(snapped);
    expect(outcome).toBe('data-fin');
    expect(streams).toEqual({
      a: { bytes: talk.stream('a').length, sha256: null, complete: true },
      b: { bytes: talk.stream('b').length, sha256: null, complete: true },
    });
  });
});

describe('any conversation that goes by the rules', () => {
  test('gives no fail, both streams and how it ended, whatever the network repeats, doubles and reorders', () => {
    fc.assert(
      fc.property(conversed, fate, (given, what) => {
        const report = check(captured(given, what));
        expect(fails(report)).toEqual([]);
        expect(connections(report).map(({ outcome }) => outcome)).toEqual([given.ending]);
        const [conversation] = connections(report);
        const { talk, ending } = given;
        expect(hostsOf(conversation!)).toEqual(hosts(talk));
        expect(conversation!.subflows).toHaveLength(talk.paths.length);
        const complete = ending === 'data-fin';
        const { a, b } = streamsOf(talk);
        expect(conversation!.streams).toEqual({ a: { ...a, complete }, b: { ...b, complete } });
      }),
      { numRuns: 150 },
    );
  });

  /** Whether a stream of the report is a run of what the application sent. */
  const isPartOf = (talk: Talk, name: HostName, { bytes, sha256: hash }: MptcpConversation['streams']['a']): boolean => {
    const all = talk.stream(name);
    if (hash === null || bytes === 0) return true;
    let start = 0;
    for (const portion of talk.portions(name)) {
      if (sha256(all.subarray(start, start + bytes)) === hash) return true;
      start += portion.length;
    }
    return false;
  };

  describe.each([0, 1] as const)('version %i: no fail and no stream falsely complete', (version) => {
    const talk = new Talk({ version });
    const path = talk.established();
    path.ack('b');
    path.data('b', octets(70, 2));
    path.ack('a');
    path.data('a', octets(30, 3));
    talk.close();
    const early = Array.from({ length: 11 }, (_, i) => i);
    const all = talk.packets.map((_, i) => i);
    const wrong = (seen: readonly number[]): readonly unknown[] => {
      const report = check(seen.map((i, n) => ({ bytes: talk.packets[i]!.bytes, time: n * 1000 })));
      const lies = connections(report).flatMap(({ streams }) =>
        (['a', 'b'] as const).filter((name) => streams[name].complete && streams[name].bytes !== talk.stream(name).length),
      );
      return fails(report).length > 0 || lies.length > 0 ? [{ seen, fails: fails(report), lies }] : [];
    };

    test('whichever three of the first packets were missed', () => {
      const triples = early.flatMap((x) => early.slice(x).flatMap((y) => early.slice(y).map((z) => [x, y, z])));
      expect(triples.flatMap((missed) => wrong(all.filter((i) => !missed.includes(i))))).toEqual([]);
    });

    test('whichever of them was captured earlier or later than it was sent, or twice, and whichever other was missed', () => {
      const orders = early.flatMap((from) =>
        early.flatMap((to) => [all.toSpliced(from, 1).toSpliced(to, 0, from), all.toSpliced(to, 0, from)]),
      );
      expect(orders.flatMap((order) => early.flatMap((missed) => wrong(order.toSpliced(missed, 1))))).toEqual([]);
    });
  });

  test('gives no fail and no octet that was not sent, wherever the capture starts and ends and whatever packets it misses', () => {
    const gaps = fc.record({ from: fc.nat(40), to: fc.integer({ min: 5, max: 400 }), missed: fc.array(fc.nat(150), { maxLength: 6 }) });
    fc.assert(
      fc.property(conversed, fate, gaps, (given, what, { from, to, missed }) => {
        const report = check(captured(given, what).filter((_, i) => i >= from && i < to && !missed.includes(i)));
        expect(fails(report)).toEqual([]);
        for (const { subflows, streams } of connections(report)) {
          const turned = given.talk.paths.some(({ addresses, ports }) =>
            [addresses.b, `[${addresses.b}]`].some((address) => subflows[0]!.a === `${address}:${ports.b}`),
          );
          expect(isPartOf(given.talk, turned ? 'b' : 'a', streams.a)).toBe(true);
          expect(isPartOf(given.talk, turned ? 'a' : 'b', streams.b)).toBe(true);
          if (streams.a.complete) expect(streams.a.bytes).toBe(given.talk.stream('a').length);
          if (streams.b.complete) expect(streams.b.bytes).toBe(given.talk.stream('b').length);
        }
      }),
      { numRuns: 150 },
    );
  });
});
