/** The out-of-order queue: its four forms hold and give back the same, whatever comes (RFC 8684 section 3.3.5), and differ in what it costs (the thesis's table 5.1). */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { newReorderQueue, REORDER_FORMS, type ReorderForm } from '../../state-machines/mptcp/reorder/index.ts';
import { arrivals, receive, SEGMENT } from '../bench/reorder.ts';

type Act =
  | { readonly do: 'insert'; readonly dsn: number; readonly length: number; readonly subflow: number }
  | { readonly do: 'take' | 'skip' };

const acts = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('insert' as const),
        dsn: fc.integer({ min: 1, max: 90 }),
        length: fc.integer({ min: 0, max: 14 }),
        subflow: fc.integer({ min: 0, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'skip' as const) }) },
  ),
  { maxLength: 80 },
);

/** Octets that tell which arrival brought them. */
const octets = (length: number, nth: number): Uint8Array => new Uint8Array(length).fill(nth + 1);

/** What a queue answers to the acts, and what is left in the end, piece by piece. */
const answers = (form: ReorderForm, given: readonly Act[], limit?: number): readonly unknown[] => {
  const queue = newReorderQueue(form, limit === undefined ? {} : { limit });
  let next = 1;
  const drain = (): readonly number[][] => {
    const pieces: number[][] = [];
    for (let piece = queue.take(next); piece !== undefined; piece = queue.take(next)) {
      pieces.push([...piece]);
      next += piece.length;
    }
    return pieces;
  };
  const said: unknown[] = given.map((act, nth) => {
    if (act.do === 'insert')
      return [queue.insert(act.dsn, octets(act.length, nth), act.subflow), queue.octets, queue.pieces, queue.start, queue.end];
    // What is missing is given up.
    if (act.do === 'skip' && queue.octets > 0) next = Math.max(next, queue.start);
    return drain();
  });
  while (queue.octets > 0) {
    next = queue.start;
    said.push([next, drain()]);
  }
  return said;
};

describe('the four forms of the out-of-order queue', () => {
  test('give the same answers to whatever comes, also at their limit', () => {
    fc.assert(
      fc.property(acts, fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }), (given, limit) => {
        const [first, ...others] = REORDER_FORMS.map((form) => answers(form, given, limit));
        for (const other of others) expect(other).toEqual(first);
      }),
      { numRuns: 400 },
    );
  });

  test('hold every octet as it came first, and give the stream in order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REORDER_FORMS), acts, (form, given) => {
        const queue = newReorderQueue(form);
        const model = new Map<number, number>();
        let next = 1;
        for (const [nth, act] of given.entries()) {
          if (act.do === 'insert') {
            const before = model.size;
            for (let i = 0; i < act.length; i += 1) if (!model.has(act.dsn + i)) model.set(act.dsn + i, nth + 1);
            expect(queue.insert(act.dsn, octets(act.length, nth), act.subflow)).toBe(model.size - before);
          } else {
            if (act.do === 'skip' && model.size > 0) next = Math.max(next, Math.min(...model.keys()));
            for (let piece = queue.take(next); piece !== undefined; piece = queue.take(next)) {
              for (const octet of piece) {
                expect(octet).toBe(model.get(next));
                next += 1;
              }
            }
            expect(model.has(next)).toBe(false);
            for (const dsn of model.keys()) if (dsn < next) model.delete(dsn);
          }
          expect(queue.octets).toBe(model.size);
          expect(queue.end).toBe(Math.max(...model.keys()) + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('take nothing beyond their limit', () => {
    for (const form of REORDER_FORMS) {
      const queue = newReorderQueue(form, { limit: 3 });
      const taken = [11, 21, 31, 41].map((dsn) => queue.insert(dsn, octets(5, 1), 0));
      expect([form, taken, queue.pieces]).toEqual([form, [5, 5, 5, 0], 3]);
      // Room again, once something was taken out.
      expect(queue.take(11)).toHaveLength(5);
      expect(queue.insert(41, octets(5, 1), 0)).toBe(5);
    }
  });

  test('aggregate where their form says so: segments that touch are one node', () => {
    const nodes = REORDER_FORMS.map((form) => {
      const queue = newReorderQueue(form);
      for (const dsn of [11, 31, 21, 41, 61]) queue.insert(dsn, octets(10, 1), 0);
      return [form, queue.nodes, queue.pieces];
    });
    expect(nodes).toEqual([
      ['list', 5, 5],
      ['tree', 2, 5],
      ['shortcuts', 5, 5],
      ['shortcut-runs', 2, 5],
    ]);
  });
});

describe('what a place costs', () => {
  test('the list is walked from its far end, the tree descended, a shortcut followed', () => {
    const visited = REORDER_FORMS.map((form) => {
      const queue = newReorderQueue(form);
      // Subflow 0 brought the far half, subflow 1 now brings the near one: with holes between all of them.
      for (let i = 0; i < 64; i += 1) queue.insert(10_001 + 20 * i, octets(10, 1), 0);
      const before = queue.cost.visited;
      for (let i = 0; i < 64; i += 1) queue.insert(1001 + 20 * i, octets(10, 1), 1);
      return { form, visited: queue.cost.visited - before, hits: queue.cost.hits };
    });
    const [list, tree, shortcuts, runs] = visited;
    expect(list!.visited).toBe(64 * 64 + 63);
    expect(tree!.visited).toBeLessThan(64 * 9);
    // Each subflow's first segment has no shortcut yet. A hit looks at the shortcut and at what follows it.
    expect(shortcuts).toEqual({ form: 'shortcuts', visited: 64 + 63 * 2, hits: 63 + 63 });
    expect(runs).toEqual({ form: 'shortcut-runs', visited: 64 + 63 * 2, hits: 63 + 63 });
  });

  test.each([
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ])('three segments in the order %i, %i, %i are two nodes deep in the tree', (...order) => {
    const queue = newReorderQueue('tree');
    for (const n of order) queue.insert(20 * n, octets(10, n), 0);
    const depths = order.map((n) => {
      const before = queue.cost.visited;
      queue.insert(20 * n, octets(10, n), 0);
      return queue.cost.visited - before;
    });
    expect(Math.max(...depths)).toBe(2);
  });

  test('the tree stays shallow, whatever the order in which segments come', () => {
    const orders: readonly ((i: number) => number)[] = [
      (i) => i,
      (i) => 1023 - i,
      (i) => (i % 2 === 0 ? i : 1024 - i),
      (i) => (i % 2 === 0 ? 1022 - i : i),
      (i) => (i * 577) % 1024,
    ];
    for (const order of orders) {
      const queue = newReorderQueue('tree');
      for (let i = 0; i < 1024; i += 1) queue.insert(11 + 20 * order(i), octets(10, 1), 0);
      const before = queue.cost.visited;
      for (let i = 0; i < 1024; i += 1) expect(queue.insert(11 + 20 * i, octets(10, 1), 0)).toBe(0);
      // An AVL tree of n nodes is at most 1.44 log2(n + 2) high: 14 here. A duplicate looks at its node's end once more at most.
      expect((queue.cost.visited - before) / 1024).toBeLessThanOrEqual(15);
    }
  });

  test.each([2, 8])(
    'with %i subflows that are fed with the free space of their windows, shortcuts have at least 80 %% of the places',
    (subflows) => {
      const segments = arrivals(subflows, 20_000, 1);
      for (const form of ['shortcuts', 'shortcut-runs'] as const) {
        const { queue, outOfOrder } = receive(form, segments);
        expect(outOfOrder).toBeGreaterThan(5000);
        expect(queue.cost.hits / outOfOrder).toBeGreaterThanOrEqual(0.8);
      }
    },
  );

  test('with 8 subflows the forms cost in the order of the table, the list most', () => {
    const segments = arrivals(8, 20_000, 1);
    const visited = REORDER_FORMS.map((form) => receive(form, segments).queue.cost.visited);
    expect(visited).toEqual(visited.toSorted((x, y) => y - x));
    expect(visited[0]!).toBeGreaterThan(2 * visited[3]!);
  });

  test('a shortcut outlives what it pointed to: what was taken stands for the front, what was joined for its heir', () => {
    const queue = newReorderQueue('shortcut-runs');
    queue.insert(11, octets(10, 1), 0);
    queue.insert(31, octets(10, 1), 1);
    queue.insert(21, octets(10, 1), 0); // joins both
    queue.insert(41, octets(10, 1), 1); // its shortcut's run is the first one now
    expect([queue.cost.hits, queue.nodes]).toEqual([2, 1]);
    let next = 11;
    for (let piece = queue.take(next); piece !== undefined; piece = queue.take(next)) next += piece.length;
    expect(next).toBe(51);
    queue.insert(91, octets(10, 1), 2);
    queue.insert(61, octets(10, 1), 1);
    expect(queue.cost.hits).toBe(3);
    expect(queue.start).toBe(61);
    queue.forget(1);
    queue.insert(71, octets(10, 1), 1);
    expect(queue.cost.hits).toBe(3);
    // Ids that are no address IDs have no shortcuts, and are found all the same.
    for (const subflow of [-1, 256]) expect(queue.insert(181 + 10 * subflow, octets(2, 1), subflow)).toBeGreaterThan(0);
    expect(queue.cost.hits).toBe(3);
  });
});

test('segments come as the subflows are fed: each once, and mostly ahead of a hole with eight', () => {
  const segments = arrivals(8, 4000, 3);
  expect(new Set(segments.map(({ dsn }) => dsn)).size).toBe(segments.length);
  expect(segments.every(({ dsn }) => (dsn - 1) % SEGMENT === 0)).toBe(true);
  expect(receive('list', segments).outOfOrder / segments.length).toBeGreaterThan(0.5);
});
