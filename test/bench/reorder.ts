/**
 * The part `reorder` of `npm run bench`: what the four forms of the out-of-order queue cost, on segments as they come from 2 and 8 subflows (the thesis's table 5.1 and
 * figure 5.6).
 */
import { seeded } from '../../conformance/lab/random.ts';
import { newReorderQueue, REORDER_FORMS, type ReorderForm, type ReorderQueue } from '../../state-machines/mptcp/reorder/index.ts';

/** A segment of the data sequence space, as it came. */
export interface Arriving {
  readonly dsn: number;
  readonly subflow: number;
}

/** Octets of each segment. */
export const SEGMENT = 1460;

/** How a subflow is fed: with the whole free space of its window once a round trip's ACKs are in, or with two segments for each delayed ACK. */
export type Feeding = 'window' | 'ack-clock';

/**
 * `count` segments in the order in which they come. Subflows have round-trip times from 10 to 100 ms and windows from 10 segments on, which grow by a segment in a
 * round trip and are halved now and then; each takes from the one send queue what its window has free, and paces it over its round trip.
 */
export const arrivals = (subflows: number, count: number, seed: number, feeding: Feeding = 'window'): readonly Arriving[] => {
  const random = seeded(seed);
  const flows = Array.from({ length: subflows }, () => {
    const rtt = 10 + 90 * random();
    return { rtt, window: 10 + Math.floor(30 * random()), at: rtt * random(), sent: 0 };
  });
  const all: { readonly dsn: number; readonly subflow: number; readonly at: number }[] = [];
  while (all.length < count) {
    const next = flows.reduce((first, flow) => (flow.at < first.at ? flow : first));
    const spacing = next.rtt / next.window;
    const batch = feeding === 'window' ? next.window : 2;
    for (let i = 0; i < batch; i += 1) {
      const at = next.at + next.rtt / 2 + i * spacing + 0.2 * spacing * random();
      all.push({ dsn: 1 + all.length * SEGMENT, subflow: flows.indexOf(next), at });
    }
    next.at += batch * spacing;
    next.sent += batch;
    if (next.sent < next.window) continue;
    next.sent = 0;
    next.window = random() < 0.05 ? Math.max(4, next.window >> 1) : next.window + 1;
  }
  return all.toSorted((x, y) => x.at - y.at);
};

/** What a form made of them. */
export interface ReorderResult {
  readonly queue: ReorderQueue;
  /** Segments that came ahead of a hole. */
  readonly outOfOrder: number;
}

/** Receives the segments: what is in order is delivered, the rest waits in a queue of the form. */
export const receive = (form: ReorderForm, segments: readonly Arriving[], payload: Uint8Array = new Uint8Array(SEGMENT)): ReorderResult => {
  const queue = newReorderQueue(form);
  let next = 1;
  let outOfOrder = 0;
  for (const { dsn, subflow } of segments) {
    if (dsn !== next) {
      queue.insert(dsn, payload, subflow);
      outOfOrder += 1;
      continue;
    }
    next += payload.length;
    for (let piece = queue.take(next); piece !== undefined; piece = queue.take(next)) next += piece.length;
  }
  return { queue, outOfOrder };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const SEGMENTS = 200_000;
const ROUNDS = 7;
const FED: Readonly<Record<Feeding, string>> = {
  window: "fed with their windows' free space",
  'ack-clock': 'fed with two segments for each ACK',
};

/** Measures and prints. */
export const benchReorder = (): void => {
  console.log(
    `Out-of-order queue, ${SEGMENTS} segments, median of ${ROUNDS}; the thesis's order (figure 5.6), the dearest first: ${REORDER_FORMS.join(', ')}`,
  );
  for (const feeding of ['window', 'ack-clock'] as const) {
    for (const subflows of [2, 8]) {
      const segments = arrivals(subflows, SEGMENTS, 1, feeding);
      const times = new Map<ReorderForm, number[]>(REORDER_FORMS.map((form) => [form, []]));
      for (let n = 0; n < ROUNDS; n += 1) {
        for (const form of REORDER_FORMS) {
          const start = process.hrtime.bigint();
          receive(form, segments);
          times.get(form)!.push(Number(process.hrtime.bigint() - start));
        }
      }
      console.log(`  ${subflows} subflows, ${FED[feeding]}`);
      const ranked = REORDER_FORMS.toSorted((x, y) => median(times.get(y)!) - median(times.get(x)!));
      for (const form of REORDER_FORMS) {
        const { queue, outOfOrder } = receive(form, segments);
        const { visited, hits, insertions } = queue.cost;
        const facts = [
          `${form.padEnd(14)} ${(visited / insertions).toFixed(2).padStart(7)} nodes`,
          `${(median(times.get(form)!) / SEGMENTS).toFixed(0).padStart(5)} ns a segment`,
          form.startsWith('shortcut') ? `${((100 * hits) / outOfOrder).toFixed(1)} % hits` : '',
        ];
        console.log(`    ${facts.join('   ').trimEnd()}`);
      }
      console.log(`    by time, the dearest first: ${ranked.join(', ')}`);
    }
  }
};
