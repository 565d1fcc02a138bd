/** Signals between endpoints, and what they do with those that are wrong: addresses, priorities, resets, MP_FASTCLOSE, joins; TCP's own checks. RFC 8684 sections 3.2 to 3.6, RFC 5961. */
import { describe, expect, test } from '@jest/globals';
import { parseAddress, RST, SYN } from '../../codecs/packet/index.ts';
import { decodeSegment, encodeSegment, evenly, inTime, isMptcpOption, lowestRtt, overflow } from '../../state-machines/mptcp/index.ts';
import type { Endpoint, Notice, SchedulerPath, SegmentOption, TcpSegment } from '../../state-machines/mptcp/index.ts';
import { EndpointPair, failsOf, WHOLE } from './mptcp/endpoint-pair.ts';

const noFails = (pair: EndpointPair): void => {
  expect([failsOf(pair.report('a')), failsOf(pair.report('b'))]).toEqual([[], []]);
};
/** Does something once, when a notice of this type comes. */
const once = (type: Notice['type'], act: (endpoint: Endpoint, notice: Notice) => void) => {
  let done = false;
  return (endpoint: Endpoint, notice: Notice): void => {
    if (done || notice.type !== type) return;
    done = true;
    act(endpoint, notice);
  };
};
/** Changes the MPTCP options of segments. */
const changing =
  (change: (option: SegmentOption, segment: TcpSegment) => SegmentOption | undefined) =>
  (segment: TcpSegment): readonly TcpSegment[] => [
    { ...segment, options: segment.options.flatMap((option) => (isMptcpOption(option) ? (change(option, segment) ?? []) : [option])) },
  ];

describe('addresses (section 3.4)', () => {
  const second = { a: parseAddress('10.1.1.1')!, b: parseAddress('10.1.2.1')! };

  test.each([
    ['version 1', 1, undefined],
    ['version 0', 0, undefined],
    ['a port of its own', 1, 5001],
  ] as const)('an ADD_ADDR (%s) is echoed and leads to a subflow', (_, version, port) => {
    const pair = new EndpointPair({
      says: [200_000, 0],
      paths: [{ delay: 10 }, { delay: 10, joinAt: Infinity }],
      a: { version },
      application: {
        b: { onNotice: once('connected', (endpoint) => expect(endpoint.addAddress(1, second.b, port)).toBe(true)) },
        a: {
          onNotice: once('addressAdded', (endpoint, notice) => {
            if (notice.type !== 'addressAdded') return;
            endpoint.openSubflow({
              local: { address: second.a, port: 41_000 },
              remote: { address: notice.address, port: notice.port ?? 5001 },
              addressId: 1,
            });
          }),
        },
      },
    }).run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
    expect(pair.noticesOf('a', 'addressAdded')).toEqual([
      { type: 'addressAdded', id: 1, address: second.b, ...(port !== undefined && { port }) },
    ]);
    expect(pair.noticesOf('b', 'addressEchoed')).toEqual(version === 1 ? [{ type: 'addressEchoed', id: 1 }] : []);
    expect(pair.noticesOf('b', 'subflowEstablished')).toMatchObject([{ opener: false, addressId: 1, peerAddressId: 1 }]);
    noFails(pair);
  });

  test('an ADD_ADDR is repeated until its echo comes; one whose HMAC is wrong is ignored (section 3.4.1)', () => {
    const pair = new EndpointPair({
      says: [200_000, 0],
      application: {
        b: {
          onNotice: once('connected', (endpoint) => void endpoint.addAddress(1, second.b)),
          closes: false,
          rewrite: changing((option) =>
            option.kind === 'ADD_ADDR' && option.version === 1 && !option.echo ? { ...option, truncatedHmac: new Uint8Array(8) } : option,
          ),
        },
      },
    }).run(60_000);
    expect([pair.noticesOf('a', 'addressAdded'), pair.noticesOf('b', 'addressEchoed')]).toEqual([[], []]);
    const sent = pair.captures.b.packets.flatMap(({ packet }) => {
      const read = decodeSegment(packet, 1);
      return read.ok ? read.value.options.filter(({ kind }) => kind === 'ADD_ADDR') : [];
    });
    expect(sent).toHaveLength(4);
  });

  test('an ADD_ADDR that is due when no subflow is left wakes nobody', () => {
    const pair = new EndpointPair({
      application: { a: { onNotice: once('connected', (endpoint) => void endpoint.addAddress(1, second.a)), closes: false } },
    });
    pair.lab.at(25, () => {
      pair.a.endpoint.resetSubflow(0);
      pair.act('a');
    });
    pair.run(60_000);
    expect(pair.a.endpoint.nextTimer ?? Infinity).toBeGreaterThan(60_000);
  });

  test('a REMOVE_ADDR closes the subflows of its address, and their data goes on the others (section 3.4.2)', () => {
    const pair = new EndpointPair({
      says: [0, 400_000],
      paths: [{ delay: 10 }, { delay: 10 }],
      application: { a: { onNotice: once('subflowEstablished', (endpoint) => void endpoint.removeAddresses([1])) } },
    }).run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
    expect(pair.noticesOf('b', 'addressRemoved')).toEqual([{ type: 'addressRemoved', ids: [1] }]);
    expect(pair.noticesOf('b', 'subflowClosed')[0]).toMatchObject({ subflow: 1, how: 'rstSent' });
    noFails(pair);
  });

  test('flag C: no subflow is opened to the address and port that refuse them (section 3.1)', () => {
    let opened: unknown[] = [];
    const pair = new EndpointPair({
      says: [50_000, 0],
      b: { noSubflowsToSource: true },
      paths: [{ delay: 10 }, { delay: 10, joinAt: Infinity }],
      application: {
        b: { onNotice: once('connected', (endpoint) => void endpoint.addAddress(1, second.b)) },
        a: {
          onNotice: once('addressAdded', (endpoint) => {
            const local = { address: second.a, port: 41_000 };
            const first = endpoint.subflows[0]!.remote;
            opened = [first, { address: second.b, port: 5001 }].map((remote) => endpoint.openSubflow({ local, remote, addressId: 1 }));
          }),
        },
      },
    }).run(60_000);
    expect([opened, pair.outcome]).toEqual([[undefined, 1], WHOLE]);
    noFails(pair);
  });
});

describe('subflows that are not to be used, or not any more (sections 3.3.8, 3.6)', () => {
  /** Octets of payload that a host sent from each of its addresses after a time. */
  const payloads = (pair: EndpointPair, name: 'a' | 'b', from: number) => {
    const octets = [0, 0];
    for (const { packet, time } of pair.captures[name].packets) {
      const read = decodeSegment(packet, 1);
      if (time >= from && read.ok && read.value.source[2] === (name === 'a' ? 1 : 2))
        octets[read.value.source[1]!]! += read.value.payload.length;
    }
    return octets;
  };

  test('MP_PRIO makes a subflow a backup: from then on data goes on the other', () => {
    const pair = new EndpointPair({
      says: [0, 600_000],
      paths: [{ delay: 10 }, { delay: 10 }],
      application: { a: { onNotice: once('subflowEstablished', (endpoint) => endpoint.setBackup(1, true)) } },
    }).run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
    expect(pair.noticesOf('b', 'priority')).toEqual([{ type: 'priority', subflow: 1, backup: true }]);
    expect(payloads(pair, 'b', 100)).toEqual([expect.any(Number), 0]);
    noFails(pair);
  });

  test('a backup carries nothing while another subflow is up, and everything when that dies (section 3.3.8)', () => {
    const pair = new EndpointPair({
      says: [600_000, 0],
      paths: [
        { delay: 10, rate: 500_000, outages: [{ from: 600 }] },
        { delay: 10, backup: true },
      ],
    }).run(600_000);
    const before = pair.captures.a.packets.filter(({ time, packet }) => time < 600 && packet[13] === 1 && packet.length > 200);
    expect([pair.outcome.a.all, before.length]).toEqual([true, 0]);
    noFails(pair);
  });

  test('a RST closes one subflow with its reason; what it carried goes on the other (sections 3.3.6 and 3.6)', () => {
    const pair = new EndpointPair({
      says: [300_000, 300_000],
      paths: [{ delay: 10 }, { delay: 20 }],
      application: { b: { onNotice: once('subflowEstablished', (endpoint) => void endpoint.resetSubflow(1, 2)) } },
    }).run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
    expect(pair.noticesOf('a', 'subflowClosed')[0]).toEqual({ type: 'subflowClosed', subflow: 1, how: 'rstReceived', reason: 2 });
    noFails(pair);
  });

  test('after the last subflow another one takes its place: break before make (section 3.3.3)', () => {
    const pair = new EndpointPair({
      says: [300_000, 0],
      paths: [{ delay: 10 }, { delay: 10, joinAt: 2000 }],
    });
    pair.lab.at(100, () => {
      pair.b.endpoint.resetSubflow(0);
      pair.act('b');
    });
    pair.run(60_000);
    expect(pair.noticesOf('a', 'subflowClosed')[0]).toMatchObject({ subflow: 0, how: 'rstReceived' });
    expect(pair.outcome.a).toEqual({ prefix: true, all: true, closed: true });
    expect(pair.a.endpoint.ending).toBe('dataFin');
    noFails(pair);
  });
});

describe('MP_FASTCLOSE (section 3.5)', () => {
  test.each([
    ['on an ACK, answered by a RST', 'ack', 0],
    ['on an ACK that is lost at first, and repeated', 'ack', 1],
    ['on RSTs', 'rst', 0],
  ] as const)('%s: the connection is over at once on both sides', (_, how, lost) => {
    let drop = lost;
    const pair = new EndpointPair({
      says: [900_000, 900_000],
      paths: [{ delay: 10 }, { delay: 10 }],
      application: {
        a: {
          onNotice: once('subflowEstablished', (endpoint) => endpoint.abort(how)),
          rewrite: (segment) => (segment.options.some(({ kind }) => kind === 'MP_FASTCLOSE') && drop-- > 0 ? [] : [segment]),
        },
      },
    }).run(60_000);
    expect([pair.a.endpoint.ending, pair.b.endpoint.ending]).toEqual(['fastcloseSent', 'fastcloseReceived']);
    expect([pair.outcome.a, pair.outcome.b]).toMatchObject([
      { prefix: true, closed: true },
      { prefix: true, closed: true },
    ]);
    noFails(pair);
  });

  test('on RSTs, also on that of a join whose third packet is not acknowledged yet', () => {
    const pair = new EndpointPair({ says: [900_000, 900_000], paths: [{ delay: 10 }, { delay: 25 }] });
    let states: readonly string[] = [];
    pair.lab.at(110, () => {
      states = pair.a.endpoint.subflows.map(({ state }) => state);
      pair.a.endpoint.abort('rst');
      pair.act('a');
    });
    pair.run(60_000);
    expect(states).toEqual(['ESTABLISHED', 'PRE_ESTABLISHED']);
    expect([pair.a.endpoint.ending, pair.b.endpoint.ending]).toEqual(['fastcloseSent', 'fastcloseReceived']);
    noFails(pair);
  });

  test('one with another key is ignored', () => {
    const pair = new EndpointPair({
      says: [50_000, 50_000],
      application: {
        b: {
          rewrite: (segment) =>
            segment.options.some(({ kind }) => kind === 'DSS')
              ? [segment, { ...segment, payload: new Uint8Array(0), options: [{ kind: 'MP_FASTCLOSE', receiverKey: 5n, reserved: 0 }] }]
              : [segment],
        },
      },
    }).run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
  });
});

describe('joins that are not what they should be are answered by a RST (section 3.2)', () => {
  test.each<readonly [string, 'a' | 'b', (option: SegmentOption) => SegmentOption | undefined, SubflowClosed]>([
    [
      'an unknown token',
      'a',
      (option) => (isJoin(option, 'SYN') ? { ...option, receiverToken: 1 } : option),
      { how: 'rstReceived', reason: 1 },
    ],
    [
      'a wrong HMAC in the SYN/ACK',
      'b',
      (option) => (isJoin(option, 'SYN/ACK') ? { ...option, senderTruncatedHmac: new Uint8Array(8) } : option),
      { how: 'rstSent', reason: 1 },
    ],
    [
      'a wrong HMAC in the third packet',
      'a',
      (option) => (isJoin(option, 'ACK') ? { ...option, senderTruncatedHmac: new Uint8Array(20) } : option),
      { how: 'rstReceived', reason: 1 },
    ],
    ['no MP_JOIN in the SYN/ACK', 'b', (option) => (isJoin(option, 'SYN/ACK') ? undefined : option), { how: 'rstSent', reason: 1 }],
    ['no MP_JOIN in the third packet', 'a', (option) => (isJoin(option, 'ACK') ? undefined : option), { how: 'rstReceived', reason: 1 }],
  ])('%s', (_, by, change, closed) => {
    const pair = new EndpointPair({
      says: [60_000, 60_000],
      paths: [{ delay: 10 }, { delay: 10 }],
      application: { [by]: { rewrite: changing(change) } },
    }).run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
    expect(pair.noticesOf('a', 'subflowClosed')[0]).toEqual({ type: 'subflowClosed', subflow: 1, ...closed });
    expect([...pair.noticesOf('a', 'subflowEstablished'), ...pair.noticesOf('b', 'subflowEstablished')]).toEqual([]);
  });
});

describe('mappings that are not what was agreed (sections 3.3 and 3.3.1)', () => {
  test.each([
    [
      'a checksum that was not agreed',
      false,
      (option: SegmentOption) => (option.kind === 'DSS' && option.dataSequenceNumber !== undefined ? { ...option, checksum: 7 } : option),
    ],
    ['no checksum where it was agreed', true, withoutChecksum],
  ] as const)('%s: the subflow is reset', (_, checksum, change) => {
    const pair = new EndpointPair({
      says: [0, 60_000],
      a: { checksum },
      b: { checksum },
      application: { b: { rewrite: changing(change) } },
    }).run(5000);
    expect(pair.noticesOf('a', 'subflowClosed')[0]).toEqual({ type: 'subflowClosed', subflow: 0, how: 'rstSent', reason: 1 });
    expect(pair.a.heardOctets).toBe(0);
  });
});

describe("TCP's own checks come first (section 3, RFC 5961)", () => {
  /** A connection in the middle of its life, and a way to forge a segment of b's. */
  const middle = () => {
    const pair = new EndpointPair({ says: [1000, 1000], application: { a: { closes: false }, b: { closes: false } } }).run(2000);
    const last = pair.captures.a.packets
      .map(({ packet }) => decodeSegment(packet, 1))
      .flatMap((read) => (read.ok && read.value.sourcePort === 5001 ? [read.value] : []))
      .at(-1)!;
    const forge = (changes: Partial<TcpSegment>): readonly TcpSegment[] => {
      pair.a.endpoint.receive({ ...last, payload: new Uint8Array(0), options: [], ...changes }, pair.lab.now);
      return pair.a.endpoint.poll(pair.lab.now).flatMap((output) => (output.type === 'send' ? [output.segment] : []));
    };
    return { pair, last, forge, next: last.sequence + last.payload.length };
  };

  test('a RST that is not exactly the next gets a challenge ACK, a SYN as well; neither ends anything (sections 3.2 and 4.2)', () => {
    const { pair, forge, next } = middle();
    expect(forge({ flags: RST, sequence: next + 10 })).toMatchObject([{ flags: 16 }]);
    expect(forge({ flags: SYN, sequence: next + 10 })).toMatchObject([{ flags: 16 }]);
    expect(forge({ flags: RST, sequence: next - 10 })).toEqual([]);
    expect(pair.a.endpoint.subflows[0]).toMatchObject({ state: 'ESTABLISHED', tcp: 'ESTABLISHED' });
    expect(forge({ flags: RST, sequence: next })).toEqual([]);
    expect(pair.a.endpoint.subflows[0]).toMatchObject({ state: 'RESET', tcp: 'CLOSED' });
  });

  test('challenge ACKs are limited: ten in a second (section 7)', () => {
    const { forge, next } = middle();
    const answers = Array.from({ length: 30 }, (_, i) => forge({ flags: RST, sequence: next + 10 + i }).length);
    expect(answers.reduce((sum, each) => sum + each, 0)).toBe(10);
  });

  test('an acknowledgment of what was not sent, or of long ago, is not heeded (section 5.2)', () => {
    const { pair, last, forge } = middle();
    for (const acknowledgment of [(last.acknowledgment + 5000) >>> 0, (last.acknowledgment - 0x4000_0000) >>> 0])
      expect(forge({ acknowledgment })).toMatchObject([{ flags: 16 }]);
    expect(pair.a.endpoint.subflows[0]).toMatchObject({ state: 'ESTABLISHED' });
  });

  test('a segment of no connection is answered by a RST (RFC 9293 section 3.10.7.1)', () => {
    const { last, forge } = middle();
    expect(forge({ destinationPort: 9 })).toMatchObject([{ flags: RST, sequence: last.acknowledgment, sourcePort: 9 }]);
    expect(forge({ destinationPort: 9, flags: RST })).toEqual([]);
  });
});

describe('schedulers as data', () => {
  const path = (subflow: number, rtt: number, more: Partial<SchedulerPath> = {}): SchedulerPath => ({
    subflow,
    rtt,
    congestionWindow: 14_600,
    inFlight: 0,
    mss: 1460,
    backup: false,
    stalled: false,
    hasRoom: true,
    ...more,
  });
  const full = { hasRoom: false, inFlight: 14_600 };

  test.each([
    ['the nearest with room', lowestRtt, [path(0, 30), path(1, 10), path(2, 20)], { subflow: 1, skip: 0 }],
    ['the next one, when that is full', lowestRtt, [path(0, 30), path(1, 10, full), path(2, 20)], { subflow: 2, skip: 0 }],
    ['none, when all are full', lowestRtt, [path(0, 30, full), path(1, 10, full)], undefined],
    ['no backup while another is up', lowestRtt, [path(0, 30, full), path(1, 10, { backup: true })], undefined],
    ['a backup when nothing else is', lowestRtt, [path(1, 10, { backup: true })], { subflow: 1, skip: 0 }],
    [
      'a backup when the others have gone silent',
      lowestRtt,
      [path(0, 30, { ...full, stalled: true }), path(1, 10, { backup: true })],
      { subflow: 1, skip: 0 },
    ],
    ['evenly: the least filled', evenly, [path(0, 1, { inFlight: 2000 }), path(1, 99, { inFlight: 1000 })], { subflow: 1, skip: 0 }],
    [
      'overflow: the first in order, whatever its round trip',
      overflow([2, 0]),
      [path(0, 1), path(1, 1), path(2, 99)],
      { subflow: 2, skip: 0 },
    ],
    ['overflow: the next when that is full', overflow([2, 0]), [path(0, 9), path(1, 1), path(2, 99, full)], { subflow: 0, skip: 0 }],
    ['in time: the near path takes what is next', inTime, [path(0, 10), path(1, 100)], { subflow: 0, skip: 0 }],
    // Half of 100 ms less half of 10 ms is 45 ms: 4.5 windows of the near path.
    [
      'in time: the far path leaves to the near one what that delivers before',
      inTime,
      [path(0, 10, full), path(1, 100)],
      { subflow: 1, skip: 65_700 },
    ],
  ] as const)('%s', (_, scheduler, paths, choice) => {
    expect(scheduler.choose(paths, 1e6)).toEqual(choice);
  });

  test('in time: where less is left than the near path will take in that time, the far one waits (the thesis, figure 4.8)', () => {
    expect(inTime.choose([path(0, 10, full), path(1, 100)], 65_700)).toBeUndefined();
  });

  test.each([lowestRtt, evenly, overflow([1, 0]), inTime])(
    '$name delivers everything over paths that differ much, and the receiver waits least with in-time',
    (scheduler) => {
      const pair = new EndpointPair({
        says: [400_000, 0],
        paths: [
          { delay: 5, rate: 1_000_000 },
          { delay: 100, rate: 1_000_000 },
        ],
        a: { scheduler },
      }).run(60_000);
      expect(pair.outcome).toEqual(WHOLE);
      noFails(pair);
    },
  );
});

test('segments survive their packets: whatever an endpoint sends is decoded as it was (RFC 9293 section 3.1)', () => {
  const pair = new EndpointPair({ says: [30_000, 30_000], paths: [{ delay: 10 }, { delay: 5, v6: true }] }).run(30_000);
  for (const { packet } of pair.captures.a.packets) {
    const read = decodeSegment(packet, 1);
    if (!read.ok) throw new Error(read.error.message);
    expect(decodeSegment(encodeSegment(read.value), 1)).toEqual(read);
  }
});

interface SubflowClosed {
  readonly how: string;
  readonly reason: number;
}
function isJoin<S extends 'SYN' | 'SYN/ACK' | 'ACK'>(
  option: SegmentOption,
  segment: S,
): option is Extract<SegmentOption, { kind: 'MP_JOIN'; segment: S }> {
  return option.kind === 'MP_JOIN' && option.segment === segment;
}
function withoutChecksum(option: SegmentOption): SegmentOption {
  if (option.kind !== 'DSS' || option.checksum === undefined) return option;
  const { checksum: _, ...rest } = option;
  return rest;
}
