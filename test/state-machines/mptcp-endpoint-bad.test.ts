/** Endpoints in pairs over bad networks: what is delivered, that nothing waits for ever, windows, and closing. RFC 8684 section 3.3. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeSegment } from '../../state-machines/mptcp/index.ts';
import type { Dss } from '../../codecs/mptcp/index.ts';
import { EndpointPair, failsOf, WHOLE } from './mptcp/endpoint-pair.ts';
import type { PairOptions, PairPath } from './mptcp/endpoint-pair.ts';

const lossy = fc.record({
  delay: fc.integer({ min: 0, max: 200 }),
  jitter: fc.constantFrom(0, 0, 5, 40),
  loss: fc.constantFrom(0, 0.01, 0.05, 0.2),
  duplication: fc.constantFrom(0, 0.05),
});
const outage = fc.record({ from: fc.integer({ min: 0, max: 3000 }), lasts: fc.integer({ min: 50, max: 20_000 }) });
/** A path that loses, doubles and reorders, and is down now and then. */
const badPath: fc.Arbitrary<PairPath> = fc
  .record({
    path: lossy,
    outages: fc.array(outage, { maxLength: 2 }),
    v6: fc.boolean(),
    joinAt: fc.integer({ min: 0, max: 2000 }),
    backup: fc.constantFrom(false, false, true),
  })
  .map(({ path, outages, ...more }) => ({ ...path, ...more, outages: outages.map(({ from, lasts }) => ({ from, to: from + lasts })) }));
const seeds = fc.integer({ min: 1, max: 1e6 });
const amounts = fc.tuple(fc.integer({ min: 0, max: 80_000 }), fc.integer({ min: 0, max: 80_000 }));

/** What each host has told of its window, and sent beyond what it had been told: per direction, from a capture at the sender. */
const overruns = (pair: EndpointPair, sender: 'a' | 'b'): readonly string[] => {
  const found: string[] = [];
  let edge = -1;
  let first: bigint | undefined;
  const shift = 7;
  const own = pair[sender].endpoint.subflows[0]!.local.port;
  for (const { packet, time } of pair.captures[sender].packets) {
    const read = decodeSegment(packet, 1);
    if (!read.ok) continue;
    const { sourcePort, window, options, flags, payload } = read.value;
    const dss = options.find((option: { kind: string }): option is Dss => option.kind === 'DSS');
    // Ports tell the direction: a's are 40,000 and above.
    const outgoing = sourcePort >= 40_000 === own >= 40_000;
    if (!outgoing && dss?.dataAck !== undefined) {
      first ??= dss.dataAck;
      edge = Math.max(edge, Number((dss.dataAck - first) & 0xffff_ffffn) + window * 2 ** ((flags & 2) === 0 ? shift : 0));
    } else if (outgoing && dss?.dataSequenceNumber !== undefined && first !== undefined && payload.length > 0) {
      const end = (Number((dss.dataSequenceNumber - first) & 0xffff_ffffn) | 0) + payload.length;
      if (end > edge) found.push(`${time}: up to ${end} beyond ${edge}`);
    }
  }
  return found;
};

/** All is delivered, both are closed by DATA_FINs, nobody has sent more than the window allowed, and check finds nothing wrong in either capture. */
const expectWhole = (options: PairOptions, until = 900_000): EndpointPair => {
  const pair = new EndpointPair(options).run(until);
  expect([pair.outcome, pair.a.endpoint.state, pair.b.endpoint.state]).toEqual([WHOLE, 'M_CLOSED', 'M_CLOSED']);
  expect([overruns(pair, 'a'), overruns(pair, 'b')]).toEqual([[], []]);
  expect([failsOf(pair.report('a')), failsOf(pair.report('b'))]).toEqual([[], []]);
  return pair;
};

describe('paths that lose, double, reorder, delay, die and come back (sections 3.3.4 to 3.3.6)', () => {
  test('all that was sent is delivered once paths heal, and both close; nobody sends beyond the window; check finds nothing wrong', () => {
    fc.assert(
      fc.property(seeds, fc.array(badPath, { minLength: 2, maxLength: 4 }), amounts, fc.boolean(), (seed, paths, says, checksum) => {
        expectWhole({ seed, paths, says, a: { checksum, capableSyns: 20 }, b: { checksum } });
      }),
      { numRuns: 15 },
    );
  });

  /** An opener whose ACK of the third packet is lost, until it gives up after both DATA_FINs: no subflow to it, and one to who captured at the acceptor. */
  const unheard: [number, PairPath[], number] = [
    3,
    [
      { delay: 84, jitter: 5, joinAt: 0, outages: [] },
      { delay: 3, joinAt: 1540, outages: [{ from: 1549, to: 4980 }] },
      { delay: 65, joinAt: 0, backup: true, outages: [] },
    ],
    3000,
  ];

  test('a receive buffer of a few segments, read slowly, is filled and never overrun, whatever is lost (section 3.3.4)', () => {
    fc.assert(
      fc.property(seeds, fc.array(badPath, { minLength: 2, maxLength: 3 }), fc.integer({ min: 3000, max: 20_000 }), (seed, paths, size) => {
        const small = { receiveBuffer: size, maxReceiveBuffer: size, capableSyns: 20 };
        expectWhole({ seed, paths, says: [40_000, 10_000], a: small, b: small, application: { a: { readRate: 20 }, b: { readRate: 20 } } });
      }),
      { numRuns: 15, examples: [unheard] },
    );
  });

  test('a subflow is closed while another is up and data is outstanding: it goes on there (section 3.3.3)', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expectWhole({
          seed,
          paths: [{ delay: 5, loss: 0.2 }, { delay: 100 }],
          says: [60_000, 60_000],
          a: { capableSyns: 20 },
          application: {
            b: {
              onNotice: (endpoint, { type }) => {
                if (type === 'subflowEstablished') endpoint.closeSubflow(0);
              },
            },
          },
        });
      }),
      { numRuns: 10 },
    );
  });

  test('while no path is up for good what has come is a prefix of what was sent (section 3.3.6)', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.array(badPath, { minLength: 2, maxLength: 4 }),
        amounts,
        fc.integer({ min: 10, max: 4000 }),
        (seed, paths, says, dies) => {
          const dead = paths.map((path) => ({ ...path, outages: [{ from: dies }] }));
          const give = { maxRetransmissions: 6 };
          const pair = new EndpointPair({ seed, paths: dead, says, a: give, b: give }).run(1_800_000);
          expect([pair.outcome.a.prefix, pair.outcome.b.prefix]).toEqual([true, true]);
          expect([failsOf(pair.report('a')), failsOf(pair.report('b'))]).toEqual([[], []]);
          // And nothing is left: whoever has sent something has given up by now.
          expect([pair.a.endpoint.isClosed, pair.b.endpoint.isClosed || pair.b.endpoint.subflows.length === 0]).toEqual([true, true]);
        },
      ),
      {
        numRuns: 15,
        // A join whose third packet is lost, on a connection that closes.
        examples: [
          [
            606_938,
            [
              { delay: 162, loss: 0.2, duplication: 0.05, joinAt: 465 },
              { delay: 191, jitter: 40, loss: 0.01, duplication: 0.05, joinAt: 1823 },
              { delay: 145, loss: 0.2, joinAt: 1099 },
            ],
            [9854, 14],
            3990,
          ],
        ],
      },
    );
  });
});

describe('one receive window for the connection (section 3.3.4; the thesis, figure 4.5)', () => {
  /** The first path dies with data on it while the second goes on; the receiver has room for 20,000 octets. */
  const run = (rule: { readonly receiveBuffer?: number; readonly maxReceiveBuffer?: number; readonly separateWindows?: number }) =>
    new EndpointPair({
      says: [200_000, 0],
      paths: [{ delay: 30, outages: [{ from: 200 }] }, { delay: 20 }],
      a: rule,
      b: rule,
    }).run(200_000);

  test('with a window for each subflow the second is full of what came ahead, and what is missing has no room: a deadlock', () => {
    const pair = run({ separateWindows: 20_000 });
    expect(pair.outcome.a).toEqual({ prefix: true, all: false, closed: false });
    // Its second subflow may still send (the peer, which has nothing to say, has closed its direction), and has had all of it acknowledged.
    expect(pair.a.endpoint.subflows[1]).toMatchObject({ tcp: 'CLOSE_WAIT', inFlight: 0 });
    expect(pair.a.endpoint.buffers.unsent).toBeGreaterThan(0);
  });

  test('with one window, whose left edge is the Data ACK, what is missing always has room, and all arrives', () => {
    const pair = run({ receiveBuffer: 20_000, maxReceiveBuffer: 20_000 });
    expect(pair.outcome.a).toMatchObject({ prefix: true, all: true });
    expect(pair.b.endpoint.ending).toBe('dataFin');
  });
});

describe('a window that closes (section 3.3.4, RFC 9293 section 3.8.6)', () => {
  test('is probed, and opens on all subflows once the application reads again', () => {
    let reads = false;
    const pair = new EndpointPair({
      says: [120_000, 0],
      paths: [{ delay: 10 }, { delay: 15 }],
      b: { receiveBuffer: 30_000, maxReceiveBuffer: 30_000 },
      application: { b: { readRate: () => (reads ? Infinity : 0) } },
    }).run(30_000);
    expect([pair.b.heardOctets, pair.b.endpoint.buffers.unread]).toEqual([0, expect.any(Number)]);
    expect(pair.b.endpoint.buffers.unread).toBeGreaterThan(28_000);
    const probes = pair.captures.a.packets.filter(({ time }) => time > 5000);
    expect(probes.length).toBeGreaterThan(4);
    reads = true;
    pair.act('b');
    const updates = pair.captures.b.packets.filter(({ time }) => time === 30_000).map(({ packet }) => packet[13]);
    // From both of b's addresses, 10.0.2.1 and 10.1.2.1.
    expect(updates).toEqual([0, 1]);
    pair.run(120_000);
    expect(pair.outcome).toEqual(WHOLE);
    expect([overruns(pair, 'a'), failsOf(pair.report('a')), failsOf(pair.report('b'))]).toEqual([[], [], []]);
  });

  test.each([
    ['MPTCP', {}],
    ['regular TCP from the start', { version: null }],
  ])('%s: opens although the update that says so is lost', (_, peer) => {
    let reads = false;
    const pair = new EndpointPair({
      says: [120_000, 0],
      paths: [{ delay: 10, outages: [{ from: 29_990, to: 30_100 }] }],
      b: { receiveBuffer: 30_000, maxReceiveBuffer: 30_000, ...peer },
      application: { b: { readRate: () => (reads ? Infinity : 0) } },
    }).run(30_000);
    reads = true;
    pair.act('b');
    pair.run(200_000);
    expect(pair.outcome).toEqual(WHOLE);
  });

  test('both buffers are tuned to twice the sum of the bandwidths times the longest round trip, and no further than they may (section 3.3.4)', () => {
    const pair = new EndpointPair({
      says: [3_000_000, 0],
      paths: [
        { delay: 40, rate: 1_000_000, queue: 100_000 },
        { delay: 10, rate: 500_000, queue: 50_000 },
      ],
      a: { sendBuffer: 20_000, receiveBuffer: 20_000, checksum: false },
      b: { sendBuffer: 20_000, receiveBuffer: 20_000, maxReceiveBuffer: 900_000, checksum: false },
    });
    pair.run(60_000);
    expect(pair.outcome).toEqual(WHOLE);
    // 1.5 MB/s, and a round trip of 80 ms with empty queues, 180 ms with full ones.
    const { receiveLimit } = pair.b.endpoint.buffers;
    expect(receiveLimit).toBeGreaterThan(2 * 1500 * 80 * 0.8);
    expect(receiveLimit).toBeLessThanOrEqual(900_000);
    expect(pair.a.endpoint.buffers.sendLimit).toBeGreaterThan(2 * 1500 * 80 * 0.8);
  });
});
