/** The network in virtual time: what its paths do to packets, that a run comes again from its seed, and that its captures are read like any other. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import { encodeIpv6, parseAddress } from '../../codecs/packet/index.ts';
import { createMessageDecoder } from '../../conformance/decode.ts';
import { Network, routed, router, seeded } from '../../conformance/lab/index.ts';
import type { LabHost, PathOptions } from '../../conformance/lab/index.ts';
import { Timeline } from '../../conformance/lab/timeline.ts';
import { ReapNetwork } from '../state-machines/reap-network.ts';

const [a, b, nobody] = ['2001:db8:a::1', '2001:db8:b::1', '2001:db8:c::1'].map((text) => parseAddress(text)!) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const packet = (n: number, length = 60, destination = b, source = a): Uint8Array =>
  encodeIpv6({ protocol: 59, source, destination, payload: Uint8Array.of(n >> 8, n & 0xff, ...new Uint8Array(length - 42)) });

/** A host that notes what comes, and sends nothing. */
class Sink implements LabHost {
  readonly came: { readonly n: number; readonly at: number }[] = [];
  readonly nextTimer = undefined;
  receive(octets: Uint8Array, at: number): readonly Uint8Array[] {
    this.came.push({ n: (octets[40]! << 8) | octets[41]!, at });
    return [];
  }
  tick(): readonly Uint8Array[] {
    return [];
  }
}

/** Sends `count` packets of 60 octets, one every `every` ms, over a path, and says what came when. */
const carry = (options: PathOptions, count: number, every: number, seed = 1) => {
  const lab = new Network(seed);
  const sink = new Sink();
  lab.attach('a', new Sink(), [a]);
  lab.attach('b', sink, [b]);
  const path = lab.lay(a, b, options);
  const capture = lab.capture({ host: 'b' });
  for (let n = 0; n < count; n += 1) lab.at(n * every, () => lab.send('a', packet(n)));
  lab.run(10_000_000);
  return { came: sink.came, path, lab, capture };
};

describe('a path', () => {
  test('between two links takes one of the Hop Limit, and carries nothing that has none left (RFC 8200 section 3)', () => {
    const sent = packet(1);
    const options = routed(a, b, { delay: 5, middleboxes: [(octets) => [octets, octets]] });
    const { capture } = carry(options, 1, 0);
    expect(capture.packets.map((each) => each.packet[7])).toEqual([63, 63]);
    expect(sent[7]).toBe(64);
    expect(routed(a, a.with(15, 2), options)).toBe(options);
    expect(router(sent.with(7, 1), 0)).toEqual([]);
    expect(router(new Uint8Array(3), 0)).toEqual([]);
  });

  test('delays every packet', () => {
    expect(carry({ delay: 25 }, 3, 10).came).toEqual([
      { n: 0, at: 25 },
      { n: 1, at: 35 },
      { n: 2, at: 45 },
    ]);
  });

  test('sends one packet after the other at its rate, and drops what the queue does not hold', () => {
    // 60 octets at 6,000 octets a second are 10 ms; 180 octets wait at most.
    const { came, path } = carry({ delay: 5, rate: 6000, queue: 180 }, 5, 0);
    expect(came.map(({ at }) => at)).toEqual([15, 25, 35]);
    expect(path.dropped).toEqual({ lost: 0, outage: 0, queue: 2, middlebox: 0 });
    expect(carry({ delay: 5, rate: 6000, queue: 180 }, 5, 10).came).toHaveLength(5);
  });

  test('carries nothing during an outage', () => {
    const { came, path } = carry({ outages: [{ from: 20, to: 40 }, { from: 70 }] }, 10, 10);
    expect(came.map(({ n }) => n)).toEqual([0, 1, 4, 5, 6]);
    expect(path.dropped.outage).toBe(5);
  });

  test('loses, doubles and reorders as many as it says', () => {
    const lossy = carry({ loss: 0.3 }, 4000, 1);
    expect(lossy.came.length / 4000).toBeCloseTo(0.7, 1);
    expect(lossy.path.dropped.lost + lossy.path.carried).toBe(4000);
    expect(carry({ duplication: 0.25 }, 4000, 1).came.length / 4000).toBeCloseTo(1.25, 1);
    const order = carry({ jitter: 50 }, 200, 1).came.map(({ n }) => n);
    expect(order).not.toEqual(order.toSorted((x, y) => x - y));
    expect(order.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test('has middleboxes, which change packets, swallow them, or make more of them', () => {
    const odd = (octets: Uint8Array): readonly Uint8Array[] => (octets[41]! % 2 === 1 ? [] : [octets, packet(octets[41]! + 100)]);
    const { came, path } = carry({ middleboxes: [odd] }, 4, 10);
    expect(came.map(({ n }) => n)).toEqual([0, 100, 2, 102]);
    expect(path.dropped.middlebox).toBe(2);
  });
});

describe('a network', () => {
  test('wakes a host when its timer is due, also where the timer moves', () => {
    const ticks: number[] = [];
    const host = new (class extends Sink {
      due: number | undefined = 30;
      override readonly nextTimer = undefined;
    })();
    const timed: LabHost = {
      get nextTimer() {
        return host.due;
      },
      receive: () => {
        host.due = 70;
        return [];
      },
      tick: (now) => {
        ticks.push(now);
        host.due = now < 100 ? now + 25 : undefined;
        return [];
      },
    };
    const lab = new Network(1);
    lab.attach('a', new Sink(), [a]);
    lab.attach('b', timed, [b]);
    lab.lay(a, b, {});
    lab.at(40, () => lab.send('a', packet(1)));
    lab.run(1000);
    expect(ticks).toEqual([30, 70, 95, 120]);
    expect(lab.now).toBe(1000);
  });

  test('counts what has no path and what nobody receives, and names what cannot be', () => {
    const lab = new Network(1);
    lab.attach('a', new Sink(), [a]);
    lab.lay(a, nobody);
    lab.send('a', packet(1), packet(2, 60, nobody), new Uint8Array(3));
    lab.run(1);
    expect(lab.stray).toBe(3);
    expect(() => lab.attach('a', new Sink(), [b])).toThrow(RangeError);
    expect(() => lab.attach('b', new Sink(), [a])).toThrow(/address/);
    expect(() => lab.capture({ host: 'c' })).toThrow(/no host c/);
    expect(() => lab.capture({ path: [b, a], end: 'in' })).toThrow(/no such path/);
  });

  test('comes again from its seed, octet by octet, and differs under another', () => {
    const run = (seed: number): Uint8Array => {
      const network = new ReapNetwork({ locators: 2, seed, loss: 0.2, spread: 100, doubling: 0.1 });
      network.works = (_, from, to) => network.now < 20_000 || from + to > 0;
      for (const by of ['A', 'B'] as const) network.talk(by, 500, 0, 60_000);
      network.run(60_000);
      return network.capture.pcap();
    };
    const seeds = fc.nat(1000);
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(run(seed)).toEqual(run(seed));
        expect(run(seed)).not.toEqual(run(seed + 1));
      }),
      { numRuns: 5 },
    );
  });

  test('is captured at a host, and before and after a path', () => {
    const lab = new Network(1);
    lab.attach('a', new Sink(), [a]);
    lab.attach('b', new Sink(), [b]);
    lab.lay(a, b, { delay: 10, outages: [{ from: 5 }] });
    const taps = [{ host: 'a' }, { path: [a, b], end: 'in' }, { path: [a, b], end: 'out' }, { host: 'b' }] as const;
    const captures = taps.map((tap) => lab.capture(tap));
    for (const time of [0, 6]) lab.at(time, () => lab.send('a', packet(time)));
    lab.run(100);
    expect(captures.map(({ packets }) => packets.map(({ time }) => time))).toEqual([[0, 6], [0, 6], [10], [10]]);
    const times: number[] = [];
    const reader = createCaptureReader(({ seconds, fraction }) => void times.push(seconds - 1_700_000_000 + fraction / 1e6));
    reader.push(captures[0]!.pcap());
    reader.finish();
    expect([reader.error, times]).toEqual([undefined, [0, 0.006]]);
  });

  test('gives captures that decode reads like any other', () => {
    const network = new ReapNetwork({ locators: 2, seed: 3 });
    network.works = (_, from, to) => network.now < 10_000 || (from === 1 && to === 1);
    for (const by of ['A', 'B'] as const) network.talk(by, 1000, 0, 60_000);
    network.run(60_000);
    const kinds = new Set<string>();
    const decoder = createMessageDecoder(({ protocol, kind }) => void kinds.add(`${protocol} ${kind}`));
    decoder.push(network.capture.pcap());
    decoder.finish();
    expect(kinds).toEqual(new Set(['reap Probe', 'shim6 PayloadExtension']));
  });
});

test('a timeline gives acts by their time, and those of one time in their order', () => {
  const acts = fc.array(fc.nat(50), { maxLength: 200 });
  fc.assert(
    fc.property(acts, (times) => {
      const timeline = new Timeline();
      const done: [number, number][] = [];
      times.forEach((time, i) => timeline.add(time, () => void done.push([time, i])));
      while (timeline.size > 0) timeline.take()!();
      expect(done).toEqual(times.map((time, i): [number, number] => [time, i]).toSorted(([x, i], [y, j]) => x - y || i - j));
      expect([timeline.next, timeline.take()]).toEqual([Infinity, undefined]);
    }),
  );
});

test('seeded numbers are from 0 to below 1, spread evenly, and the same for a seed', () => {
  const [one, two] = [seeded(5), seeded(5)];
  const numbers = Array.from({ length: 10_000 }, () => one());
  expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
  expect(numbers.reduce((sum, n) => sum + n, 0) / numbers.length).toBeCloseTo(0.5, 1);
  expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => two()));
});
