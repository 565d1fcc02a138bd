/** Endpoints in pairs over good paths: both roles, both versions, joins, signals, closing; and what `check` says of their captures. RFC 8684. */
import { describe, expect, test } from '@jest/globals';
import { EndpointPair, failsOf, sha256, WHOLE } from './mptcp/endpoint-pair.ts';
import type { PairOptions } from './mptcp/endpoint-pair.ts';

/** The streams as `check` has put them together from the capture. */
const whole = (octets: Uint8Array) => ({ bytes: octets.length, sha256: sha256(octets), complete: true });

/** Runs a pair to its end; all has arrived, both are closed, and `check` finds in either capture the same streams and nothing wrong. */
const runWhole = (options: PairOptions, until = 60_000): EndpointPair => {
  const pair = new EndpointPair(options).run(until);
  expect(pair.outcome).toEqual(WHOLE);
  for (const at of ['a', 'b'] as const) {
    const report = pair.report(at);
    expect(failsOf(report)).toEqual([]);
    for (const { streams } of pair.conversations(at)) expect(streams).toEqual({ a: whole(pair.says.a), b: whole(pair.says.b) });
  }
  return pair;
};

describe('pairs over paths that lose nothing: both streams arrive, DATA_FINs close, and check agrees (sections 3.1 to 3.3)', () => {
  test.each<readonly [string, PairOptions, number]>([
    ['data from the initiator', { says: [100_000, 0] }, 1],
    ['data from the listener', { says: [0, 100_000] }, 1],
    ['data both ways', { says: [50_000, 60_000] }, 1],
    ['nothing but DATA_FINs', { says: [0, 0] }, 1],
    ['a single octet', { says: [1, 1] }, 1],
    ['no checksums', { says: [50_000, 50_000], a: { checksum: false }, b: { checksum: false } }, 1],
    ['checksums that only one of them asks for', { says: [50_000, 50_000], a: { checksum: false } }, 1],
    ['64-bit numbers', { says: [50_000, 50_000], a: { dsnOctets: 8 }, b: { dsnOctets: 8 } }, 1],
    ['64-bit numbers from one of them', { says: [50_000, 50_000], b: { dsnOctets: 8 } }, 1],
    ['no timestamps', { says: [50_000, 50_000], a: { timestamps: false } }, 1],
    ['no delayed acknowledgments', { says: [50_000, 50_000], b: { delayedAck: 0 } }, 1],
    ['a small segment size', { says: [20_000, 20_000], a: { mss: 200 } }, 1],
    ['version 0', { says: [50_000, 50_000], a: { version: 0 } }, 1],
    ['IPv6', { says: [50_000, 50_000], paths: [{ delay: 10, v6: true }] }, 1],
    ['two subflows', { says: [400_000, 300_000], paths: [{ delay: 10 }, { delay: 15 }] }, 2],
    ['two subflows in version 0', { says: [400_000, 300_000], paths: [{ delay: 10 }, { delay: 15 }], a: { version: 0 } }, 2],
    ['IPv4 and IPv6 together', { says: [400_000, 300_000], paths: [{ delay: 10 }, { delay: 15, v6: true }] }, 2],
    ['four subflows', { says: [900_000, 300_000], paths: [{ delay: 10 }, { delay: 15 }, { delay: 5, v6: true }, { delay: 40 }] }, 4],
    ['a backup that is not needed', { says: [400_000, 0], paths: [{ delay: 10 }, { delay: 15, backup: true }] }, 2],
  ])('%s', (_, options, subflows) => {
    const pair = runWhole(options);
    expect(pair.conversations()[0]?.subflows.map(({ state }) => state)).toEqual(Array.from({ length: subflows }, () => 'closed'));
    expect([pair.a.endpoint.ending, pair.b.endpoint.ending]).toEqual(['dataFin', 'dataFin']);
  });
});
