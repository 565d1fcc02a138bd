/** Path managers: what each offers, announces and does to packets (RFC 8684 section 3.4, RFC 6182 section 4), and cascades of them (the thesis's tables 4.1 to 4.5). */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseAddress } from '../../codecs/packet/index.ts';
import {
  builtIn,
  cascade,
  carries,
  colouring,
  nextHopSelection,
  shim6Paths,
  tablesOf,
  type BuiltInSettings,
  type LocatorPairRequest,
  type PathEvent,
  type PathManager,
  type PathRequest,
} from '../../state-machines/mptcp/path-manager/index.ts';

const at = (text: string): Uint8Array => parseAddress(text)!;
const [a0, a1, a2, b0, b1] = ['2001:db8:a0::1', '2001:db8:a1::1', '2001:db8:a2::1', '2001:db8:b0::1', '2001:db8:b1::1'].map(at) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [four, otherFour] = [at('192.0.2.1'), at('198.51.100.1')];
const [router, otherRouter] = [at('fe80::1'), at('fe80::2')];

const opened = (endpoint: number, initiator = true, more: { joinsToFirst?: boolean } = {}): PathRequest => ({
  type: 'opened',
  endpoint,
  local: { address: a0, port: 40_000 },
  remote: { address: b0, port: 80 },
  initiator,
  ...more,
});
const ask = (manager: PathManager, ...requests: readonly PathRequest[]): readonly PathEvent[] =>
  requests.flatMap((request) => manager.handle(request));
const local = (id: number, address: Uint8Array): PathRequest => ({ type: 'localAddress', id, address });
const peer = (id: number, address: Uint8Array, port?: number): PathRequest => ({
  type: 'peerAddress',
  endpoint: 7,
  id,
  address,
  ...(port !== undefined && { port }),
});
/** Events in short: `up 1: 1>0:80`, `down 1`, `announce 2`. */
const short = (events: readonly PathEvent[]): readonly string[] =>
  events.map((event) => {
    switch (event.type) {
      case 'pathUp':
        return `up ${event.path}${event.local === undefined ? '' : `: ${event.local.id}>${event.remote?.id}:${event.remote?.port}`}`;
      case 'pathDown':
        return `down ${event.path}`;
      case 'pathChanged':
        return `changed ${event.path}`;
      case 'announce':
        return `announce ${event.id}`;
      case 'withdraw':
        return `withdraw ${event.ids.join(',')}`;
    }
  });

describe('the built-in path manager', () => {
  const at7 = (initiator: boolean, settings: BuiltInSettings = {}, ...requests: readonly PathRequest[]): readonly string[] =>
    short(ask(builtIn(settings), local(1, a1), opened(7, initiator), ...requests));

  test('of the initiator opens a subflow from each further address, and announces none (RFC 8684 section 3.2)', () => {
    expect(at7(true)).toEqual(['up 1: 1>0:80']);
    expect(at7(true, {}, local(2, a2))).toEqual(['up 1: 1>0:80', 'up 2: 2>0:80']);
  });

  test('of the listener announces its further addresses, and opens none (RFC 8684 section 3.4.1)', () => {
    expect(at7(false, {}, peer(3, b1))).toEqual(['announce 1']);
    expect(at7(false, {}, local(2, a2))).toEqual(['announce 1', 'announce 2']);
  });

  test.each<[string, boolean, BuiltInSettings, readonly string[]]>([
    ['the listener opens where it is to', false, { opens: 'listener' }, ['up 1: 1>0:80']],
    ['the initiator announces then', true, { opens: 'listener' }, ['announce 1']],
    ['both open', false, { opens: 'both' }, ['up 1: 1>0:80']],
    ['both announce', true, { announces: 'both' }, ['announce 1', 'up 1: 1>0:80']],
    ['nobody announces', false, { announces: 'nobody' }, []],
  ])('as it is set: %s', (_, initiator, settings, events) => {
    expect(at7(initiator, settings)).toEqual(events);
  });

  test('meets an address that the peer announces with each of its own, on the port in use where none is told (RFC 8684 section 3.4.1)', () => {
    expect(at7(true, {}, peer(3, b1))).toEqual(['up 1: 1>0:80', 'up 2: 0>3:80', 'up 3: 1>3:80']);
    expect(at7(true, {}, peer(3, b1, 8080))).toEqual(['up 1: 1>0:80', 'up 2: 0>3:8080', 'up 3: 1>3:8080']);
    expect(at7(true, {}, peer(3, b0, 8080))).toEqual(['up 1: 1>0:80', 'up 2: 0>3:8080', 'up 3: 1>3:8080']);
  });

  test('opens no second subflow for an address that is announced again, and one more for another port (RFC 8684 section 3.4.1)', () => {
    const manager = builtIn();
    ask(manager, opened(7), peer(3, b1));
    expect(short(ask(manager, peer(3, b1)))).toEqual([]);
    expect(short(ask(manager, peer(3, b1, 81)))).toEqual(['up 2: 0>3:81']);
  });

  test('ignores another address under an Address ID that is taken, until it is withdrawn (RFC 8684 section 3.4.1)', () => {
    const manager = builtIn();
    ask(manager, opened(7), peer(3, b1));
    expect(short(ask(manager, peer(3, a2)))).toEqual([]);
    expect(short(ask(manager, { type: 'peerAddressesGone', endpoint: 7, ids: [3, 9] }, peer(3, a2)))).toEqual(['down 1', 'up 2: 0>3:80']);
  });

  test('knows its first address by ID 0, whatever the host calls it, and does not announce it', () => {
    const opener = builtIn();
    expect(short(ask(opener, local(5, a0), opened(7), peer(3, b1)))).toEqual(['up 1: 0>3:80']);
    const listener = builtIn();
    expect(short(ask(listener, local(5, a0), opened(7, false)))).toEqual([]);
  });

  test('tries the first address of the peer from others still, when one of its own could not reach it', () => {
    const manager = builtIn();
    expect(short(ask(manager, opened(7), local(1, a1), { type: 'failed', endpoint: 7, path: 1 }, local(2, a2)))).toEqual([
      'up 1: 1>0:80',
      'up 2: 2>0:80',
    ]);
  });

  test('opens nothing to the first address where the peer has said so (flag C, RFC 8684 section 3.1)', () => {
    const manager = builtIn();
    expect(short(ask(manager, local(1, a1), opened(7, true, { joinsToFirst: false })))).toEqual([]);
    expect(short(ask(manager, peer(3, b1)))).toEqual(['up 1: 0>3:80', 'up 2: 1>3:80']);
  });

  test('does not mix address families', () => {
    expect(at7(true, {}, local(4, four))).toEqual(['up 1: 1>0:80']);
    expect(at7(true, {}, local(4, four), peer(3, otherFour))).toEqual(['up 1: 1>0:80', 'up 2: 4>3:80']);
  });

  test('does not try again an address and port that could not be reached, until it is announced again (RFC 8684 section 3.4.1)', () => {
    const manager = builtIn();
    ask(manager, opened(7), peer(3, b1), { type: 'failed', endpoint: 7, path: 1 });
    expect(short(ask(manager, local(1, a1)))).toEqual(['up 2: 1>0:80']);
    expect(short(ask(manager, peer(3, b1)))).toEqual(['up 3: 0>3:80', 'up 4: 1>3:80']);
  });

  test('withdraws an address that is gone, with all its paths; the first one as ID 0 (RFC 8684 section 3.4.2)', () => {
    const manager = builtIn();
    ask(manager, local(1, a1), local(5, a0), opened(7), opened(8), peer(3, b1));
    expect(short(ask(manager, { type: 'localAddressGone', id: 1 }))).toEqual(['withdraw 1', 'down 1', 'down 3', 'withdraw 1', 'down 1']);
    expect(short(ask(manager, { type: 'localAddressGone', id: 5 }))).toEqual(['withdraw 0', 'down 0', 'down 2', 'withdraw 0', 'down 0']);
    expect(short(ask(manager, { type: 'localAddressGone', id: 5 }))).toEqual([]);
  });

  test('withdraws nothing that the peer cannot know', () => {
    const manager = builtIn({ announces: 'nobody' });
    ask(manager, opened(7), local(4, four));
    expect(short(ask(manager, { type: 'localAddressGone', id: 4 }))).toEqual([]);
  });

  test('has a row for each path: its connection, its index, its addresses (the thesis’s table 4.1)', () => {
    const manager = builtIn();
    ask(manager, local(1, a1), opened(7), opened(9, false));
    expect(manager.table).toEqual([
      { endpoint: 7, path: 0, action: { do: 'addresses', source: a0, destination: b0 } },
      { endpoint: 7, path: 1, action: { do: 'addresses', source: a1, destination: b0 } },
      { endpoint: 9, path: 0, action: { do: 'addresses', source: a0, destination: b0 } },
    ]);
    expect(manager.apply({ endpoint: 7, path: 1, source: a0, destination: b0 })).toMatchObject({ source: a1, destination: b0 });
    ask(manager, { type: 'closed', endpoint: 7 });
    expect(manager.apply({ endpoint: 7, path: 1, source: a0, destination: b0 })).toBeUndefined();
    expect(manager.table).toHaveLength(1);
  });

  test('stays within its limit, and keeps no more of a peer than 256 addresses', () => {
    const manager = builtIn({ limit: 3 });
    ask(manager, local(1, a1), opened(7));
    const announced = Array.from({ length: 1000 }, (_, i) => peer(i % 256, b1, 1 + i));
    expect(short(ask(manager, ...announced))).toEqual(['up 2: 0>0:1']);
  });

  test('lets pass what does not concern it', () => {
    const manager = builtIn();
    ask(manager, opened(7));
    expect(ask(manager, opened(7), { type: 'nextHop', nextHop: router }, { type: 'failed', endpoint: 7, path: 5 })).toEqual([]);
    expect(ask(manager, { ...peer(3, b1), endpoint: 8 } as PathRequest, { type: 'peerAddressesGone', endpoint: 8, ids: [3] })).toEqual([]);
    expect(ask(manager, local(1, a1), local(1, a2))).toHaveLength(1);
  });
});

const pairRequest = (type: 'locatorPair' | 'locatorPairGone', source: Uint8Array, destination: Uint8Array): PathRequest => ({
  type,
  local: a0,
  remote: b0,
  source,
  destination,
});

describe.each<{ name: string; make: () => PathManager; way: PathRequest; other: PathRequest; gone: PathRequest; done: object }>([
  {
    name: 'next-hop selection',
    make: nextHopSelection,
    way: { type: 'nextHop', nextHop: router, medium: 'wifi' },
    other: { type: 'nextHop', nextHop: otherRouter },
    gone: { type: 'nextHopGone', nextHop: router },
    done: { nextHop: router },
  },
  {
    name: 'colouring by DSCP',
    make: () => colouring({ field: 'dscp' }),
    way: { type: 'colour', colour: 10, medium: 'wifi' },
    other: { type: 'colour', colour: 63 },
    gone: { type: 'colourGone', colour: 10 },
    done: { trafficClass: 0b00101001 },
  },
  {
    name: 'colouring by flow label',
    make: () => colouring({ field: 'flowLabel' }),
    way: { type: 'colour', colour: 0xfffff, medium: 'wifi' },
    other: { type: 'colour', colour: 1 },
    gone: { type: 'colourGone', colour: 0xfffff },
    done: { flowLabel: 0xfffff },
  },
  {
    name: 'shim6',
    make: shim6Paths,
    way: pairRequest('locatorPair', a1, b1),
    other: pairRequest('locatorPair', a2, b1),
    gone: pairRequest('locatorPairGone', a1, b1),
    done: { locators: { source: a1, destination: b1 } },
  },
])('the path manager of $name', ({ make, way, other, gone, done }) => {
  const packet = { endpoint: 7, path: 1, source: a0, destination: b0, trafficClass: 0b01 };

  test('offers each way to each connection, before and after it began; the addresses stay', () => {
    const manager = make();
    expect(short(ask(manager, way, opened(7), other))).toEqual(['up 1', 'up 2']);
    expect(short(ask(manager, opened(8)))).toEqual(['up 1', 'up 2']);
    expect(short(ask(manager, way, opened(8)))).toEqual([]);
    expect(manager.apply(packet)).toMatchObject({ source: a0, destination: b0, ...done });
    expect(manager.apply({ ...packet, path: 0 })).toEqual({ ...packet, path: 0 });
  });

  test('takes its paths back when the way is gone', () => {
    const manager = make();
    ask(manager, way, other, opened(7), opened(8));
    expect(short(ask(manager, gone, gone))).toEqual(['down 1', 'down 1']);
    expect(manager.apply(packet)).toBeUndefined();
    expect(short(ask(manager, way))).toEqual(['up 3', 'up 3']);
    ask(manager, { type: 'failed', endpoint: 7, path: 3 }, { type: 'closed', endpoint: 8 });
    expect(manager.table.map(({ endpoint, path }) => [endpoint, path])).toEqual([
      [7, 0],
      [7, 2],
    ]);
  });

  test('leaves the opening to the initiator, unless it is set otherwise', () => {
    expect(short(ask(make(), way, opened(7, false)))).toEqual([]);
  });

  test('lets pass what does not concern it', () => {
    expect(ask(make(), opened(7), opened(7), local(1, a1), peer(1, b1), { type: 'closed', endpoint: 9 })).toEqual([]);
  });
});

describe('ways', () => {
  test('say which packets they carry', () => {
    const limits = ask(nextHopSelection({ opens: 'listener' }), { type: 'nextHop', nextHop: at('192.0.2.254') }, opened(7, false));
    expect(limits).toEqual([{ type: 'pathUp', endpoint: 7, path: 1, only: { octets: 4 } }]);
    expect(ask(shim6Paths({ opens: 'both' }), pairRequest('locatorPair', a1, b1), opened(7, false))).toEqual([
      { type: 'pathUp', endpoint: 7, path: 1, only: { local: a0, remote: b0 } },
    ]);
    expect([carries(undefined, a0, b0), carries({ octets: 4 }, a0, b0), carries({ octets: 16 }, a0, b0)]).toEqual([true, false, true]);
    expect([carries({ local: a0, remote: b0 }, a0, b0), carries({ local: a0, remote: b0 }, a0, b1)]).toEqual([true, false]);
  });

  test('that a field cannot hold are none', () => {
    const manager = colouring({ field: 'dscp' });
    expect(ask(manager, opened(7), ...[0, 64, -1, 1.5, NaN].map((colour): PathRequest => ({ type: 'colour', colour })))).toEqual([]);
  });

  test('are bounded', () => {
    const manager = colouring({ field: 'flowLabel' });
    const events = ask(manager, opened(7), ...Array.from({ length: 1000 }, (_, i): PathRequest => ({ type: 'colour', colour: i + 1 })));
    expect(events).toHaveLength(255);
  });

  test('of shim6 keep their path when REAP moves them to other locators (RFC 5534 section 4.2)', () => {
    const manager = shim6Paths();
    ask(manager, opened(7), pairRequest('locatorPair', a1, b1));
    const moved: LocatorPairRequest = {
      type: 'locatorPairChanged',
      local: a0,
      remote: b0,
      source: a2,
      destination: b1,
      before: { source: a1, destination: b1 },
    };
    expect(short(ask(manager, moved))).toEqual(['changed 1']);
    expect(manager.apply({ endpoint: 7, path: 1, source: a0, destination: b0 })?.locators).toEqual({ source: a2, destination: b1 });
    expect(short(ask(manager, moved))).toEqual([]);
    // Where the other pair has a path already, there is no second one for it.
    expect(short(ask(manager, pairRequest('locatorPair', a1, b1), moved))).toEqual(['up 2', 'down 2']);
    expect(short(ask(manager, { ...moved, before: { source: a2, destination: b1 } }))).toEqual([]);
    // What moves without having been there is new.
    expect(short(ask(manager, { ...moved, source: b1, before: { source: b0, destination: b1 } }))).toEqual(['up 3']);
  });
});

describe('a cascade', () => {
  test('offers a path for each pair of paths, and rewrites the index on the way down (the thesis’s tables 4.2 to 4.5)', () => {
    const manager = cascade(builtIn(), colouring({ field: 'dscp' }));
    expect(manager.name).toBe('built-in > colouring-dscp');
    expect(short(ask(manager, local(1, a1), opened(7), { type: 'colour', colour: 10 }))).toEqual(['up 1: 1>0:80', 'up 2', 'up 3: 1>0:80']);
    expect(tablesOf(manager)).toEqual([
      [
        { endpoint: 7, path: 0, action: { do: 'addresses', source: a0, destination: b0 }, below: 0 },
        { endpoint: 7, path: 1, action: { do: 'addresses', source: a1, destination: b0 }, below: 0 },
        { endpoint: 7, path: 2, action: { do: 'addresses', source: a0, destination: b0 }, below: 1 },
        { endpoint: 7, path: 3, action: { do: 'addresses', source: a1, destination: b0 }, below: 1 },
      ],
      [
        { endpoint: 7, path: 0, action: { do: 'asIs' } },
        { endpoint: 7, path: 1, action: { do: 'dscp', dscp: 10 } },
      ],
    ]);
    const packet = { endpoint: 7, source: a0, destination: b0, trafficClass: 0 };
    expect([0, 1, 2, 3, 4].map((path) => manager.apply({ ...packet, path }))).toEqual([
      { ...packet, path: 0 },
      { ...packet, path: 0, source: a1 },
      { ...packet, path: 1, trafficClass: 40 },
      { ...packet, path: 1, source: a1, trafficClass: 40 },
      undefined,
    ]);
    expect(short(ask(manager, { type: 'colourGone', colour: 10 }))).toEqual(['down 2', 'down 3']);
  });

  test('offers nothing on a path of one that is gone when the other has a new one, and says what a path is bound to', () => {
    const manager = cascade(builtIn(), colouring({ field: 'dscp' }));
    ask(manager, local(1, a1), opened(7), { type: 'localAddressGone', id: 1 });
    expect(short(ask(manager, { type: 'colour', colour: 10 }))).toEqual(['up 2']);
    const coloured = cascade(shim6Paths(), colouring({ field: 'dscp' }));
    const [bound] = ask(coloured, opened(7), pairRequest('locatorPair', a1, b1));
    expect(bound).toMatchObject({ type: 'pathUp', only: { local: a0, remote: b0 } });
  });

  test('gives a path of locators to the addresses that are its ULIDs only', () => {
    const manager = cascade(builtIn(), shim6Paths());
    expect(short(ask(manager, local(1, a1), opened(7), pairRequest('locatorPair', a2, b1)))).toEqual(['up 1: 1>0:80', 'up 2']);
    const moved = { local: a0, remote: b0, source: a1, destination: b1, before: { source: a2, destination: b1 } };
    expect(short(ask(manager, { type: 'locatorPairChanged', ...moved }))).toEqual(['changed 2']);
    expect(manager.apply({ endpoint: 7, path: 2, source: a0, destination: b0 })).toMatchObject({
      locators: { source: a1, destination: b1 },
    });
    expect(short(ask(manager, { type: 'localAddressGone', id: 1 }))).toEqual(['withdraw 1', 'down 1']);
  });

  test('has three depths, too; a path that failed is gone for itself alone', () => {
    const manager = cascade(builtIn(), shim6Paths(), nextHopSelection());
    const events = ask(manager, opened(7), pairRequest('locatorPair', a1, b1), { type: 'nextHop', nextHop: router, medium: 'satellite' });
    expect(short(events)).toEqual(['up 1', 'up 2', 'up 3']);
    expect(events.map((event) => (event.type === 'pathUp' ? event.medium : undefined))).toEqual([undefined, 'satellite', 'satellite']);
    const both = [1, 2, 3].map((path) => manager.apply({ endpoint: 7, path, source: a0, destination: b0 }));
    expect(both.map((packet) => [packet?.locators?.source, packet?.nextHop])).toEqual([
      [a1, undefined],
      [undefined, router],
      [a1, router],
    ]);
    ask(manager, { type: 'failed', endpoint: 7, path: 3 });
    expect(tablesOf(manager).map((table) => table.length)).toEqual([3, 4, 2]);
    expect(ask(manager, { type: 'closed', endpoint: 7 }, { type: 'nextHopGone', nextHop: router })).toEqual([]);
    expect(tablesOf(manager)).toEqual([[], [], []]);
  });

  test('of one is that one; the built-in path manager can only be the first', () => {
    const one = builtIn();
    expect(cascade(one)).toBe(one);
    expect(() => cascade(shim6Paths(), builtIn())).toThrow(RangeError);
    expect(() => cascade(shim6Paths(), cascade(builtIn(), nextHopSelection()))).toThrow(RangeError);
  });

  const requests = fc.oneof<fc.Arbitrary<PathRequest>[]>(
    fc.record({ type: fc.constant('localAddress' as const), id: fc.constantFrom(1, 2), address: fc.constantFrom(a1, a2) }),
    fc.record({ type: fc.constant('localAddressGone' as const), id: fc.constantFrom(1, 2) }),
    fc.record({
      type: fc.constant('peerAddress' as const),
      endpoint: fc.constantFrom(7, 8),
      id: fc.constantFrom(1, 2),
      address: fc.constantFrom(b0, b1),
    }),
    fc.record({ type: fc.constant('peerAddressesGone' as const), endpoint: fc.constantFrom(7, 8), ids: fc.constantFrom([1], [2], [1, 2]) }),
    fc.record({ type: fc.constantFrom('colour' as const, 'colourGone' as const), colour: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ type: fc.constantFrom('nextHop' as const, 'nextHopGone' as const), nextHop: fc.constantFrom(router, otherRouter) }),
    fc.record({
      type: fc.constantFrom('locatorPair' as const, 'locatorPairGone' as const),
      local: fc.constantFrom(a0, a1),
      remote: fc.constant(b0),
      source: fc.constantFrom(a1, a2),
      destination: fc.constantFrom(b0, b1),
    }),
    fc.constantFrom(opened(7), opened(8), opened(8, false), { type: 'closed' as const, endpoint: 8 }),
  );

  test('says of each path once that it is up, and once that it is down; what is up has a row at each depth, and nothing else has', () => {
    const makers: readonly (() => PathManager)[] = [
      builtIn,
      () => cascade(builtIn(), colouring({ field: 'dscp' })),
      () => cascade(builtIn(), shim6Paths(), nextHopSelection()),
      () => cascade(shim6Paths(), colouring({ field: 'flowLabel' }), nextHopSelection()),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...makers), fc.array(requests, { maxLength: 40 }), (make, given) => {
        const manager = make();
        const up = new Map<number, Set<number>>();
        const ever = new Set<string>();
        for (const request of given) {
          if (request.type === 'opened' && !up.has(request.endpoint)) up.set(request.endpoint, new Set([0]));
          const events = manager.handle(request);
          if (request.type === 'closed') {
            up.delete(request.endpoint);
            for (const name of ever) if (name.startsWith(`${request.endpoint}/`)) ever.delete(name);
          }
          for (const event of events) {
            if (event.type === 'announce' || event.type === 'withdraw') continue;
            const { endpoint, path } = event;
            expect(up.get(endpoint)?.has(path)).toBe(event.type !== 'pathUp');
            if (event.type === 'pathUp') {
              expect(ever.has(`${endpoint}/${path}`)).toBe(false);
              ever.add(`${endpoint}/${path}`);
              up.get(endpoint)?.add(path);
            } else if (event.type === 'pathDown') {
              up.get(endpoint)?.delete(path);
            }
          }
          for (const [endpoint, paths] of up) {
            expect(new Set(manager.table.filter((row) => row.endpoint === endpoint).map(({ path }) => path))).toEqual(paths);
            for (const path of paths) expect(manager.apply({ endpoint, path, source: a0, destination: b0 })).toBeDefined();
          }
          expect(manager.table.every(({ endpoint }) => up.has(endpoint))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
