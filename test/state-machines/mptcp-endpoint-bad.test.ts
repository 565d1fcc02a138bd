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
      { numRuns: 40 },
    );
  });

  test('a receive buffer of a few segments, read slowly, is filled and never overrun, whatever is lost (section 3.3.4)', () => {
    fc.assert(
      fc.property(seeds, fc.array(badPath, { minLength: 2, maxLength: 3 }), fc.integer({ min: 3000, max: 20_000 }), (seed, paths, size) => {
        const small = { receiveBuffer: size, maxReceiveBuffer: size, capableSyns: 20 };
        expectWhole({ seed, paths, says: [40_000, 10_000], a: small, b: small, application: { a: { readRate: 20 }, b: { readRate: 20 } } });
      }),
      { numRuns: 25 },
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
      { numRuns: 20 },
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
          const pair = new EndpointPair({ seed, paths: dead, says, a: give, b: give }).run(900_000);
          expect([pair.outcome.a.prefix, pair.outcome.b.prefix]).toEqual([true, true]);
          expect([failsOf(pair.report('a')), failsOf(pair.report('b'))]).toEqual([[], []]);
          // And nothing is left: whoever has sent something has given up by now.
          expect([pair.a.endpoint.isClosed, pair.b.endpoint.isClosed || pair.b.endpoint.subflows.length === 0]).toEqual([true, true]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
