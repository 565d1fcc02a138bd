/** Endpoints in pairs with middleboxes between them that drop options or change payload: how they fall back, and what is delivered then. RFC 8684 sections 3.1, 3.2 and 3.7. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { OPTION_MPTCP, SYN } from '../../codecs/packet/index.ts';
import type { Middlebox } from '../../conformance/lab/index.ts';
import { rewrite } from '../arbitraries/network.ts';
import type { Opened } from '../arbitraries/network.ts';
import { EndpointPair, failsOf, WHOLE } from './mptcp/endpoint-pair.ts';
import type { PairOptions } from './mptcp/endpoint-pair.ts';

/** Changes packets that `when` is true of. */
const box =
  (when: (opened: Opened, now: number) => boolean, change: (opened: Opened) => Opened): Middlebox =>
  (bytes, now) => [rewrite({ bytes, time: 0 }, (opened) => (when(opened, now) ? change(opened) : opened)).bytes];

const SUBTYPES = { MP_CAPABLE: 0, MP_JOIN: 1, DSS: 2, ADD_ADDR: 3 } as const;
/** Drops MPTCP options, all of them or those of a subtype. */
const strip = (when: (opened: Opened, now: number) => boolean, subtype?: keyof typeof SUBTYPES): Middlebox =>
  box(when, (opened) => ({
    ...opened,
    tcp: {
      ...opened.tcp,
      options: opened.tcp.options.filter(
        (option) =>
          option.kind !== 'OTHER' ||
          option.number !== OPTION_MPTCP ||
          (subtype !== undefined && option.data[0]! >> 4 !== SUBTYPES[subtype]),
      ),
    },
  }));
const isSyn = ({ tcp }: Opened): boolean => (tcp.flags & SYN) !== 0;
const always = (): boolean => true;
/** Changes an octet of the payload of packets with data. */
const damage = (when: (opened: Opened, now: number) => boolean): Middlebox =>
  box(
    (opened, now) => opened.tcp.payload.length > 0 && when(opened, now),
    (opened) => ({ ...opened, tcp: { ...opened.tcp, payload: opened.tcp.payload.map((octet, i) => (i === 0 ? octet ^ 0xff : octet)) } }),
  );

const noFails = (pair: EndpointPair): void => {
  expect([failsOf(pair.report('a')), failsOf(pair.report('b'))]).toEqual([[], []]);
};
const causes = (pair: EndpointPair) =>
  (['a', 'b'] as const).map((name) => pair.noticesOf(name, 'fallback').map((notice) => 'cause' in notice && notice.cause));

describe('the first subflow without MPTCP options: regular TCP carries everything, both ways (sections 3.1 and 3.7)', () => {
  test.each<readonly [string, PairOptions, readonly [string, string]]>([
    ['no MP_CAPABLE on the SYN', { paths: [{ delay: 10, forward: { middleboxes: [strip(isSyn)] } }] }, ['plainSynAck', 'plainSyn']],
    ['no MP_CAPABLE on the SYN/ACK', { paths: [{ delay: 10, backward: { middleboxes: [strip(isSyn)] } }] }, ['plainSynAck', 'plainAck']],
    ['no options at all', { paths: [{ delay: 10, middleboxes: [strip(always)] }] }, ['plainSynAck', 'plainSyn']],
    [
      'none after the SYNs',
      { paths: [{ delay: 10, middleboxes: [strip((opened) => !isSyn(opened))] }] },
      ['sentInfiniteMapping', 'plainAck'],
    ],
    [
      'none from the listener after its SYN/ACK',
      { paths: [{ delay: 10, backward: { middleboxes: [strip((opened) => !isSyn(opened))] } }] },
      ['sentInfiniteMapping', 'receivedInfiniteMapping'],
    ],
    [
      'none from the listener after its SYN/ACK, which has nothing to say',
      {
        says: [30_000, 0],
        paths: [{ delay: 10, backward: { middleboxes: [strip((opened) => !isSyn(opened))] } }],
        application: { b: { closes: false, onNotice: (endpoint, { type }) => void (type === 'peerClosed' && endpoint.close()) } },
      },
      ['noDataAck', 'receivedInfiniteMapping'],
    ],
    ['an initiator of regular TCP', { a: { version: null } }, ['', 'plainSyn']],
    ['a listener of regular TCP', { b: { version: null } }, ['plainSynAck', 'plainSyn']],
  ])('%s', (_, options, expected) => {
    const pair = new EndpointPair({ says: [30_000, 40_000], ...options }).run(60_000);
    expect([pair.outcome, pair.a.endpoint.state, pair.b.endpoint.state]).toEqual([WHOLE, 'FALLBACK', 'FALLBACK']);
    expect(causes(pair)).toEqual(expected.map((cause) => (cause === '' ? [] : [cause])));
    noFails(pair);
  });
});

describe('a further subflow without MPTCP options: it is reset, and the connection goes on (sections 3.2 and 3.7)', () => {
  test.each<readonly [string, Middlebox[], Middlebox[]]>([
    ['no MP_JOIN on the SYN', [strip(isSyn)], []],
    ['no MP_JOIN on the SYN/ACK', [], [strip(isSyn)]],
    ['no MP_JOIN on the third packet', [strip((opened) => !isSyn(opened), 'MP_JOIN')], []],
    ['no DSS from the acceptor', [], [strip((opened) => !isSyn(opened), 'DSS')]],
    ['none after the SYNs', [strip((opened) => !isSyn(opened))], [strip((opened) => !isSyn(opened))]],
  ])('%s', (_, forward, backward) => {
    const pair = new EndpointPair({
      says: [60_000, 60_000],
      paths: [{ delay: 10 }, { delay: 10, forward: { middleboxes: forward }, backward: { middleboxes: backward } }],
    }).run(120_000);
    expect([pair.outcome, pair.a.endpoint.ending, pair.b.endpoint.ending]).toEqual([WHOLE, 'dataFin', 'dataFin']);
    noFails(pair);
  });
});

describe('payload that is changed under way (section 3.7)', () => {
  test('with checksums and another subflow, the damaged one is reset with MP_FAIL, and nothing wrong is delivered', () => {
    const pair = new EndpointPair({
      says: [200_000, 100_000],
      paths: [{ delay: 10 }, { delay: 10, forward: { middleboxes: [damage((_, now) => now > 80)] } }],
    }).run(120_000);
    expect([pair.outcome, pair.a.endpoint.ending]).toEqual([WHOLE, 'dataFin']);
    expect(pair.noticesOf('a', 'subflowClosed')).toContainEqual({ type: 'subflowClosed', subflow: 1, how: 'rstReceived', reason: 6 });
    noFails(pair);
  });

  test.each([
    ['forward', [100_000, 0]],
    ['backward', [0, 100_000]],
    ['forward', [100_000, 100_000]],
  ] as const)('with checksums on the only subflow (%s, %j), MP_FAIL and an infinite mapping make it regular TCP', (way, says) => {
    const pair = new EndpointPair({
      says,
      paths: [{ delay: 10, [way]: { middleboxes: [damage((_, now) => now > 60 && now < 100)] } }],
    }).run(60_000);
    expect([pair.a.endpoint.state, pair.b.endpoint.state]).toEqual(['FALLBACK', 'FALLBACK']);
    expect([pair.outcome.a.closed, pair.outcome.b.closed]).toEqual([true, true]);
    // All octets come; those that were changed stay changed, for regular TCP does not see it.
    expect([pair.b.all.length, pair.a.all.length]).toEqual(says);
    noFails(pair);
  });

  test('both hosts fail at once on the last subflow, where data of another one comes again: that is not contiguous, and a RST answers', () => {
    const damaged = { middleboxes: [damage((_, now) => now >= 248 && now < 431)] };
    const pair = new EndpointPair({
      seed: 541_373,
      says: [60_000, 60_000],
      paths: [
        { delay: 37, middleboxes: [damage((_, now) => now >= 394 && now < 664)] },
        { delay: 44, ...damaged },
      ],
    }).run(120_000);
    expect([pair.outcome.a.closed, pair.outcome.b.closed]).toEqual([true, true]);
    noFails(pair);
  });

  const oneWay = fc.constantFrom(['forward'] as const, ['backward'] as const);
  test.each([
    { name: 'one direction damaged, after the start', from: 150, ways: oneWay },
    // Both hosts may send MP_FAIL at once here.
    { name: 'both directions damaged, from the first packet on', from: 0, ways: fc.constant(['forward', 'backward'] as const) },
  ])(
    'until an infinite mapping, what is delivered is a prefix of what was sent, on whatever subflow: $name',
    ({ from: earliest, ways }) => {
      const when = fc.record({ path: fc.nat(2), from: fc.integer({ min: earliest, max: 500 }), lasts: fc.integer({ min: 1, max: 300 }) });
      const damages = fc.array(when, { minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e6 }), damages, ways, fc.integer({ min: 2, max: 3 }), (seed, damages, ways, count) => {
          const boxes = (path: number) =>
            damages
              .filter((each) => each.path % count === path)
              .map(({ from, lasts }) => damage((_, now) => now >= from && now < from + lasts));
          const damaged = (path: number) => Object.fromEntries(ways.map((way) => [way, { middleboxes: boxes(path) }]));
          const pair = new EndpointPair({
            seed,
            says: [60_000, 60_000],
            paths: Array.from({ length: count }, (_, i) => ({ delay: 10 + 7 * i, loss: 0.02, ...damaged(i) })),
          }).run(900_000);
          const fell = pair.a.endpoint.state === 'FALLBACK' || pair.b.endpoint.state === 'FALLBACK';
          if (!fell) expect([pair.outcome.a.prefix, pair.outcome.b.prefix]).toEqual([true, true]);
          // Nobody waits for ever.
          expect([pair.outcome.a.closed, pair.outcome.b.closed]).toEqual([true, true]);
          noFails(pair);
        }),
        { numRuns: 15 },
      );
    },
  );
});
