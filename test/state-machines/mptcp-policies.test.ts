/** Policies for subflows as data, and the keeper that joins them with a path manager and an endpoint: pairs of hosts in virtual time (RFC 8684 sections 3.2 and 3.4). */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseAddress } from '../../codecs/packet/index.ts';
import {
  builtIn,
  cascade,
  colouring,
  decide,
  everyPath,
  holds,
  longFlows,
  nextDecision,
  nextHopSelection,
  shim6Paths,
  PathKeeper,
  type Condition,
  type KeeperSettings,
  type KeptEndpoint,
  type Notice,
  type OpenSubflow,
  type PathPolicy,
  type PathRequest,
  type Situation,
  type SubflowView,
} from '../../state-machines/mptcp/index.ts';
import { A, B, KeptPair, type KeptOptions } from './mptcp/kept-pair.ts';

const young: Situation = {
  now: 1000,
  openedAt: 900,
  largestWrite: 0,
  octets: 0,
  slowStartOver: false,
  localPort: 40_000,
  remotePort: 443,
  subflows: 1,
};

describe('a condition', () => {
  test.each<[string, Condition, Partial<Situation>, Partial<Situation>]>([
    ['of a write', { if: 'write', octets: 5000 }, { largestWrite: 5000 }, { largestWrite: 4999, octets: 9000 }],
    ['of octets', { if: 'octets', octets: 5000 }, { octets: 5000 }, { octets: 4999 }],
    ['of age', { if: 'age', ms: 100 }, {}, { now: 999 }],
    [
      'of two round trips after the first data',
      { if: 'roundTrips', count: 2 },
      { firstDataAt: 920, roundTrip: 40 },
      { firstDataAt: 920, roundTrip: 41 },
    ],
    [
      'of round trips before any data',
      { if: 'not', of: { if: 'roundTrips', count: 0 } },
      { roundTrip: 40 },
      { roundTrip: 40, firstDataAt: 990 },
    ],
    ['of the end of slow start', { if: 'slowStartOver' }, { slowStartOver: true }, {}],
    [
      'of the network as limit',
      { if: 'limitedBy', what: 'network' },
      { limitation: { by: 'network', since: 1000 } },
      { limitation: { by: 'application', since: 0 } },
    ],
    [
      'of the application as limit for a time',
      { if: 'limitedBy', what: 'application', ms: 50 },
      { limitation: { by: 'application', since: 950 } },
      { limitation: { by: 'application', since: 951 } },
    ],
    ['of a port of the peer', { if: 'port', from: 443 }, {}, { remotePort: 444 }],
    ['of a range of ports, also the own', { if: 'port', from: 39_000, to: 40_000 }, {}, { localPort: 40_001 }],
    ['of a medium', { if: 'medium', medium: 'cellular' }, { medium: 'cellular' }, {}],
    ['of subflows', { if: 'subflows', count: 2 }, { subflows: 2 }, {}],
    [
      'of all',
      { if: 'all', of: [{ if: 'slowStartOver' }, { if: 'subflows', count: 2 }] },
      { slowStartOver: true, subflows: 3 },
      { subflows: 3 },
    ],
    ['of any', { if: 'any', of: [{ if: 'slowStartOver' }, { if: 'subflows', count: 2 }] }, { slowStartOver: true }, {}],
  ])('%s', (_, condition, so, notSo) => {
    expect(holds(condition, { ...young, ...so })).toBe(true);
    expect(holds(condition, { ...young, ...notSo })).toBe(false);
    expect(holds({ if: 'not', of: condition }, { ...young, ...so })).toBe(false);
  });

  const conditions = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      fc.record({ if: fc.constant('age' as const), ms: fc.nat(500) }),
      fc.record({ if: fc.constant('roundTrips' as const), count: fc.nat(5) }),
      fc.record({
        if: fc.constant('limitedBy' as const),
        what: fc.constantFrom('network' as const, 'application' as const),
        ms: fc.nat(500),
      }),
      fc.record({ if: fc.constant('octets' as const), octets: fc.nat(10) }),
      fc.record({ if: fc.constantFrom('all' as const, 'any' as const), of: fc.array(tie('condition'), { maxLength: 3 }) }),
      fc.record({ if: fc.constant('not' as const), of: tie('condition') }),
    ),
  })).condition;

  test('that depends on time changes at no other time than it is foretold', () => {
    const situations = fc.record({
      limitation: fc.record({
        by: fc.constantFrom('network' as const, 'application' as const),
        since: fc.integer({ min: 900, max: 1000 }),
      }),
      firstDataAt: fc.integer({ min: 900, max: 1000 }),
      roundTrip: fc.integer({ min: 1, max: 100 }),
      octets: fc.nat(10),
    });
    fc.assert(
      fc.property(conditions, situations, fc.integer({ min: 1, max: 800 }), (when, more, later) => {
        const before = { ...young, ...more };
        const rules = [{ do: 'open', when }] as const;
        const due = nextDecision(rules, before);
        const after = { ...before, now: before.now + later };
        if (after.now < due) expect(decide(rules, after)).toBe(decide(rules, before));
        expect(due).toBeGreaterThan(before.now);
      }),
      { numRuns: 500 },
    );
  });
});

test('of rules the first decides whose condition holds', () => {
  const policy: PathPolicy = {
    open: [{ do: 'never', when: { if: 'port', from: 22 } }, { do: 'backup', when: { if: 'medium', medium: 'cellular' } }, { do: 'open' }],
    drop: [],
  };
  expect(decide(policy.open, young)).toBe('open');
  expect(decide(policy.open, { ...young, medium: 'cellular' })).toBe('backup');
  expect(decide(policy.open, { ...young, medium: 'cellular', remotePort: 22 })).toBe('never');
  expect(decide(policy.drop, young)).toBeUndefined();
  expect([nextDecision(policy.open, young), nextDecision([], young)]).toEqual([Infinity, Infinity]);
});

const at = (text: string): Uint8Array => parseAddress(text)!;
const local = (id: number, address: string, medium?: string): PathRequest => ({
  type: 'localAddress',
  id,
  address: at(address),
  ...(medium !== undefined && { medium }),
});
/** The whole is heard, and what a sent and got breaks no requirement. */
const expectWhole = (pair: KeptPair): void => {
  expect([pair.b.heard, pair.b.isGarbled]).toEqual([pair.says, false]);
  expect(pair.fails).toEqual([]);
};
const pairOf = (policy: PathPolicy, more: Partial<KeptOptions> = {}): KeptPair =>
  new KeptPair({ a: { manager: builtIn(), policy }, b: { manager: builtIn() }, ...more });

/** An endpoint that does as it is told, and notes it. */
class Told implements KeptEndpoint {
  readonly tokens = { local: 7, remote: 8 };
  readonly did: string[] = [];
  subflows: readonly SubflowView[] = [this.view(0)];
  buffers = { unsent: 1, held: 0, unread: 0, sendLimit: 0, receiveLimit: 0 };
  /** Whether the connection lets it open subflows and signal. */
  able = true;

  view(number: number, more: Partial<SubflowView> = {}): SubflowView {
    const [localAddress, remoteAddress] = [at(A[0]), at(B[0])];
    return {
      number,
      local: { address: localAddress, port: 40_000 },
      remote: { address: remoteAddress, port: 80 },
      opener: true,
      state: 'ESTABLISHED',
      tcp: 'ESTABLISHED',
      backup: false,
      addressId: 0,
      peerAddressId: 0,
      rtt: 20,
      congestionWindow: 10_000,
      slowStartThreshold: Infinity,
      inFlight: 0,
      ...more,
    };
  }
  openSubflow({ addressId }: OpenSubflow): number | undefined {
    this.did.push(`open ${addressId}`);
    if (!this.able) return undefined;
    this.subflows = [...this.subflows, this.view(this.subflows.length)];
    return this.subflows.length - 1;
  }
  closeSubflow(number: number): boolean {
    this.did.push(`close ${number}`);
    return true;
  }
  resetSubflow(number: number): boolean {
    this.did.push(`reset ${number}`);
    return true;
  }
  addAddress(id: number): boolean {
    this.did.push(`add ${id}`);
    return this.able;
  }
  removeAddresses(ids: readonly number[]): boolean {
    this.did.push(`remove ${ids.join(',')}`);
    return this.able;
  }
  pathChanged(number: number): void {
    this.did.push(`changed ${number}`);
  }
  /** What it did since it was asked last. */
  get lately(): readonly string[] {
    return this.did.splice(0);
  }
}

const CONNECTED: Notice = { type: 'connected', mptcp: true, version: 1 };
const established = (subflow: number): Notice => ({
  type: 'subflowEstablished',
  subflow,
  opener: true,
  local: { address: at(A[1]), port: 1 },
  remote: { address: at(B[0]), port: 80 },
  addressId: 1,
  peerAddressId: 0,
  backup: false,
});

describe('a keeper', () => {
  const told = (settings: Partial<KeeperSettings> = {}) => {
    const endpoint = new Told();
    const keeper = new PathKeeper({ manager: builtIn(), port: () => 41_000, ...settings });
    keeper.notice(endpoint, CONNECTED, 0);
    return { endpoint, keeper };
  };

  test('opens a subflow anew where one was lost, once the path has rested', () => {
    const { endpoint, keeper } = told({ rest: 3000 });
    keeper.request(local(1, A[1]), 100);
    keeper.notice(endpoint, established(1), 150);
    keeper.notice(endpoint, { type: 'subflowClosed', subflow: 1, how: 'timeout' }, 1000);
    expect(endpoint.lately).toEqual(['open 1']);
    expect(keeper.nextTimer(1000)).toBe(4000);
    keeper.tick(3999);
    expect(endpoint.lately).toEqual([]);
    keeper.tick(4000);
    expect(endpoint.lately).toEqual(['open 1']);
    expect(keeper.nextTimer(4000)).toBeUndefined();
  });

  test('gives up a path whose subflow never came to be', () => {
    const { endpoint, keeper } = told();
    keeper.request(local(1, A[1]), 100);
    keeper.notice(endpoint, { type: 'subflowClosed', subflow: 1, how: 'rstReceived' }, 200);
    keeper.tick(1e6);
    expect(endpoint.lately).toEqual(['open 1']);
  });

  test('tries later what the connection cannot yet, and not for ever', () => {
    const { endpoint, keeper } = told();
    endpoint.able = false;
    keeper.request(local(1, A[1]), 0);
    const times: number[] = [];
    for (let now = keeper.nextTimer(0); now !== undefined && times.length < 50; now = keeper.nextTimer(now)) {
      times.push(now);
      keeper.tick(now);
    }
    expect(times.slice(0, 4)).toEqual([20, 60, 140, 300]);
    expect(endpoint.lately).toHaveLength(14);
    endpoint.able = true;
    keeper.tick(1e6);
    expect(endpoint.lately).toEqual([]);
  });

  test('says again what could not be said to the peer yet', () => {
    const { endpoint, keeper } = told({ manager: builtIn({ opens: 'listener' }) });
    endpoint.able = false;
    keeper.request(local(1, A[1]), 0);
    expect([endpoint.lately, keeper.nextTimer(5)]).toEqual([['add 1'], 15]);
    endpoint.able = true;
    keeper.tick(15);
    keeper.tick(16);
    expect([endpoint.lately, keeper.nextTimer(16)]).toEqual([['add 1'], undefined]);
    endpoint.able = false;
    keeper.request({ type: 'localAddressGone', id: 1 }, 20);
    expect([new Set(endpoint.lately), keeper.nextTimer(20)]).toEqual([new Set(['remove 1']), 30]);
    endpoint.able = true;
    keeper.tick(30);
    keeper.tick(40);
    expect([endpoint.lately, keeper.nextTimer(40)]).toEqual([['remove 1'], undefined]);
    // What is gone again before the peer heard of it is not announced any more.
    endpoint.able = false;
    keeper.request(local(1, A[1]), 50);
    keeper.request({ type: 'localAddressGone', id: 1 }, 51);
    expect(endpoint.lately).toContain('add 1');
    endpoint.able = true;
    keeper.tick(60);
    expect(endpoint.lately).toEqual(['remove 1']);
  });

  test('resets the subflows of a path that is gone here, and leaves to the endpoint those that the peer withdraws (RFC 8684 section 3.4.2)', () => {
    const { endpoint, keeper } = told();
    keeper.request(local(1, A[1]), 0);
    keeper.notice(endpoint, { type: 'addressAdded', id: 3, address: at(B[1]) }, 10);
    expect(endpoint.lately).toEqual(['open 1', 'open 0', 'open 1']);
    keeper.notice(endpoint, { type: 'addressRemoved', ids: [3] }, 20);
    expect(endpoint.lately).toEqual([]);
    keeper.request({ type: 'localAddressGone', id: 1 }, 30);
    expect(endpoint.lately).toEqual(['remove 1', 'reset 1']);
  });

  test('leaves a path alone that carries other addresses', () => {
    const { endpoint, keeper } = told({ manager: shim6Paths() });
    const other = { local: at(A[1]), remote: at(B[0]), source: at(A[2]), destination: at(B[1]) };
    keeper.request({ type: 'locatorPair', ...other }, 0);
    expect(endpoint.lately).toEqual([]);
    keeper.request({ type: 'locatorPair', ...other, local: at(A[0]) }, 0);
    keeper.request({ type: 'locatorPairChanged', ...other, local: at(A[0]), source: at(A[1]), before: other }, 5);
    expect(endpoint.lately).toEqual(['open 0', 'changed 1']);
    expect(keeper.route(endpoint, 1, { source: at(A[0]), destination: at(B[0]) })?.locators?.source).toEqual(at(A[1]));
    expect(keeper.route(endpoint, 2, { source: at(A[0]), destination: at(B[0]) })).toMatchObject({ path: 0, source: at(A[0]) });
  });

  test.each<[string, Partial<SubflowView>, number, readonly string[]]>([
    ['its window is full and there is more to send', { inFlight: 9500 }, 1, ['open 1']],
    ['its window has room: the peer or the scheduler holds it back', { inFlight: 5000 }, 1, []],
    ['there is nothing to send', { inFlight: 9500 }, 0, []],
  ])('takes the network for the limit where %s', (_, view, unsent, did) => {
    const { endpoint, keeper } = told({ policy: { open: [{ do: 'open', when: { if: 'limitedBy', what: 'network' } }], drop: [] } });
    endpoint.subflows = [endpoint.view(0, view)];
    endpoint.buffers = { ...endpoint.buffers, unsent };
    keeper.request(local(1, A[1]), 0);
    expect(endpoint.lately).toEqual(did);
  });

  test.each<Notice>([
    { type: 'fallback', cause: 'none' },
    { type: 'closed', ending: 'dataFin' },
  ])('opens nothing for a connection after $type', (notice) => {
    const { endpoint, keeper } = told();
    keeper.notice(endpoint, notice, 10);
    keeper.request(local(1, A[1]), 20);
    keeper.written(endpoint, 100, 30);
    expect(endpoint.lately).toEqual([]);
    expect(keeper.nextTimer(30)).toBeUndefined();
  });

  test('knows nothing of a connection that is regular TCP', () => {
    const endpoint = new Told();
    const keeper = new PathKeeper({ manager: builtIn(), port: () => 1 });
    keeper.notice(endpoint, { ...CONNECTED, mptcp: false }, 0);
    keeper.request(local(1, A[1]), 1);
    expect(endpoint.lately).toEqual([]);
  });

  test('does not open what it would drop', () => {
    const { endpoint, keeper } = told({ policy: { open: [{ do: 'open' }], drop: [{ do: 'drop', when: { if: 'octets', octets: 100 } }] } });
    keeper.written(endpoint, 100, 0);
    keeper.request(local(1, A[1]), 0);
    expect(endpoint.lately).toEqual([]);
  });
});

describe('hosts whose subflows are kept', () => {
  test('open a subflow from each address of the initiator, and say it all over them', () => {
    const pair = pairOf(everyPath).request('a', 0, local(1, A[1]), local(2, A[2])).run(10_000);
    expect(pair.subflows).toEqual(['1>0', '2>0']);
    expectWhole(pair);
    expect(pair.a.endpoint.isClosed).toBe(true);
  });

  test('open one to each address that the listener announces (RFC 8684 section 3.4.1)', () => {
    const pair = pairOf(everyPath).request('b', 0, local(1, B[1])).request('a', 0, local(1, A[1])).run(10_000);
    expect(pair.subflows.toSorted()).toEqual(['0>1', '1>0', '1>1']);
    expectWhole(pair);
  });

  test('withdraw an address that is gone, and go on over the others (RFC 8684 section 3.4.2)', () => {
    const pair = pairOf(everyPath, { says: 1_000_000, path: () => ({ delay: 10, rate: 1_250_000 }) })
      .request('a', 0, local(1, A[1]))
      .request('a', 300, { type: 'localAddressGone', id: 1 });
    pair.run(10_000);
    expect(pair.subflows).toEqual(['1>0']);
    expect(pair.b.notices.map(({ notice }) => notice)).toContainEqual({ type: 'addressRemoved', ids: [1] });
    expect(pair.a.notices.find(({ notice }) => notice.type === 'subflowClosed')?.at).toBeLessThan(350);
    expectWhole(pair);
  });

  test('do not try again to reach an address that cannot be reached (RFC 8684 section 3.4.1)', () => {
    const dead = (_: string, to: string) => ({ delay: 10, rate: 1_250_000, queue: 50_000, ...(to === B[1] && { loss: 1 }) });
    const pair = pairOf(everyPath, { path: dead, says: 100_000, closes: false }).request('b', 0, local(1, B[1])).run(200_000);
    const tried = pair.a.endpoint.subflows.filter(({ remote }) => remote.address.join() === at(B[1]).join());
    expect(tried).toHaveLength(1);
    expect(pair.subflows).toEqual([]);
    expectWhole(pair);
  });

  test('open a backup over a medium that is dear, and leave one alone that the policy never takes', () => {
    const policy: PathPolicy = {
      open: [
        { do: 'never', when: { if: 'medium', medium: 'satellite' } },
        { do: 'backup', when: { if: 'medium', medium: 'cellular' } },
        { do: 'open' },
      ],
      drop: [],
    };
    const pair = pairOf(policy)
      .request('a', 0, local(1, A[1], 'cellular'), local(2, A[2], 'satellite'))
      .run(10_000);
    expect(pair.subflows).toEqual(['1>0 backup']);
    expectWhole(pair);
  });

  test('leave a short connection with one subflow, and give a long one more', () => {
    const open = (says: number): readonly string[] => {
      const pair = pairOf(longFlows, { says }).request('a', 0, local(1, A[1])).run(20_000);
      expectWhole(pair);
      return pair.subflows;
    };
    expect(open(5000)).toEqual([]);
    expect(open(1_200_000)).toEqual(['1>0']);
  });

  test.each<[string, Condition, number, number]>([
    ['an age', { if: 'age', ms: 300 }, 340, 420],
    ['two round trips after the first data', { if: 'roundTrips', count: 2 }, 60, 200],
    ['the end of slow start', { if: 'slowStartOver' }, 80, 400],
    ['a time with the network as limit', { if: 'limitedBy', what: 'network', ms: 200 }, 220, 600],
  ])('open one after %s', (_, when, earliest, latest) => {
    const pair = pairOf({ open: [{ do: 'open', when }], drop: [] }, { says: 600_000 })
      .request('a', 0, local(1, A[1]))
      .run(20_000);
    const established = pair.a.notices.find(({ notice }) => notice.type === 'subflowEstablished')?.at;
    expect(established).toBeGreaterThanOrEqual(earliest);
    expect(established).toBeLessThanOrEqual(latest);
    expectWhole(pair);
  });

  test('drop a subflow when the application has had nothing to say for a time, and open none until it has', () => {
    const policy: PathPolicy = { open: [{ do: 'open' }], drop: [{ do: 'drop', when: { if: 'limitedBy', what: 'application', ms: 1000 } }] };
    const pair = pairOf(policy, { says: 100_000, closes: false }).request('a', 0, local(1, A[1])).run(4000);
    const closed = pair.a.notices.find(({ notice }) => notice.type === 'subflowClosed');
    expect(closed?.notice).toMatchObject({ how: 'fin' });
    expect(closed?.at).toBeGreaterThan(1000);
    pair.run(20_000);
    expect(pair.subflows).toEqual(['1>0']);
    pair.say(20_000, 500_000, true).run(60_000);
    expect(pair.subflows).toEqual(['1>0', '1>0']);
    expect(pair.b.heard).toBe(600_000);
    expect(pair.fails).toEqual([]);
  });

  test('tell packets of subflows between the same addresses apart by their colour, and lose one way without the other', () => {
    const manager = () => colouring({ field: 'dscp' });
    // The remote manager sends what is not coloured onto a way that breaks.
    const path = () => ({
      delay: 10,
      rate: 1_250_000,
      queue: 50_000,
      middleboxes: [
        (packet: Uint8Array, now: number) =>
          (packet[0]! & 0xf) === 0 && (packet[1]! & 0xf0) === 0 && now > 300 && now < 9000 ? [] : [packet],
      ],
    });
    const pair = new KeptPair({ a: { manager: manager() }, b: { manager: manager() }, path, says: 500_000 }).request('a', 0, {
      type: 'colour',
      colour: 10,
    });
    // The peer answers on the way that it is asked on.
    pair.b.keeper.route = (endpoint, subflow, packet) => ({
      ...packet,
      endpoint: endpoint.tokens.local ?? 0,
      path: 0,
      trafficClass: subflow === 1 ? 40 : 0,
    });
    pair.run(9000);
    expect(pair.subflows).toEqual(['0>0']);
    expect(pair.b.heard).toBe(500_000);
    expect(pair.b.heardAt).toBeLessThan(5000);
    pair.run(60_000);
    expectWhole(pair);
  });

  test('send each subflow through its own router', () => {
    const routers = ['fe80::1', 'fe80::2'].map(at);
    const pair = new KeptPair({ a: { manager: nextHopSelection() } });
    pair.request('a', 0, ...routers.map((nextHop): PathRequest => ({ type: 'nextHop', nextHop }))).run(10_000);
    expect(pair.subflows).toEqual(['0>0', '0>0']);
    expect([...pair.a.hops]).toEqual([
      [1, 'fe800000000000000000000000000001'],
      [2, 'fe800000000000000000000000000002'],
    ]);
    expectWhole(pair);
  });

  test('in a cascade have a subflow for each address and colour', () => {
    const pair = new KeptPair({ a: { manager: cascade(builtIn(), colouring({ field: 'flowLabel' })) } });
    pair.request('a', 0, local(1, A[1]), { type: 'colour', colour: 7 }).run(10_000);
    expect(pair.subflows.toSorted()).toEqual(['0>0', '1>0', '1>0']);
    expectWhole(pair);
  });

  test('go on as soon as shim6 moves a path to other locators, instead of when the backed-off timer runs out (RFC 5534 section 4.2)', () => {
    const recovered = (moves: boolean): number => {
      // The ways between the second locators break at 300 ms; those between the third ones, to which REAP moves the path at 8 s, hold.
      const path = (from: string, to: string) => ({
        delay: 10,
        rate: 1_250_000,
        queue: 50_000,
        ...([from, to].every((each) => each !== A[2]) && { outages: [{ from: 300, to: moves ? 1e9 : 8000 }] }),
      });
      const pair = new KeptPair({ a: { manager: shim6Paths() }, b: { manager: shim6Paths() }, path, says: 1_500_000 });
      const pairOfLocators = { local: at(A[0]), remote: at(B[0]), source: at(A[1]), destination: at(B[1]) };
      pair.request('a', 0, { type: 'locatorPair', ...pairOfLocators });
      for (const i of [1, 2]) {
        pair.b.ulids.push({ locators: [at(A[i]!), at(B[1])], ulids: [at(A[0]), at(B[0])] });
        pair.a.ulids.push({ locators: [at(B[1]), at(A[i]!)], ulids: [at(B[0]), at(A[0])] });
      }
      let moved = false;
      pair.b.keeper.route = (endpoint, subflow, packet) => ({
        ...packet,
        endpoint: endpoint.tokens.local ?? 0,
        path: 0,
        ...(subflow === 1 && { locators: { source: at(B[1]), destination: at(moved ? A[2] : A[1]) } }),
      });
      if (moves) {
        pair.request('a', 8000, { type: 'locatorPairChanged', ...pairOfLocators, source: at(A[2]), before: pairOfLocators });
        pair.lab.at(8000, () => (moved = true));
      }
      pair.run(8000);
      const before = pair.b.heard;
      for (let now = 8000; now < 20_000; now += 10) if (pair.run(now).b.heard > before) return now - 8000;
      return Infinity;
    };
    expect(recovered(true)).toBeLessThanOrEqual(40);
    expect(recovered(false)).toBeGreaterThan(200);
  });
});
