/** What a capture may lack or repeat lays nothing on the hosts: recordings of healthy connections, with packets taken out in every way captures lose them. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concat } from '../../codecs/bytes.ts';
import { createCaptureReader, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import type { CaptureRecord } from '../../codecs/capture/index.ts';
import { ACK, SYN, TCP, locateSegment, newSegment } from '../../codecs/packet/index.ts';
import { createChecker } from '../../conformance/check.ts';

const recordings = new URL('../../vectors/captures/mptcp/', import.meta.url);

/** A frame and what a capture may lose it by: its subflow, its direction, its place in the handshake. */
interface Frame {
  readonly record: CaptureRecord;
  /** Both endpoints in one order; undefined for what is no TCP. */
  readonly path: string | undefined;
  /** Whether the one that is first in that order sent it. */
  readonly forth: boolean;
  readonly payload: boolean;
  readonly handshake: 'SYN' | 'SYN/ACK' | 'third' | undefined;
}

const framesOf = (octets: Uint8Array): readonly Frame[] => {
  const frames: Frame[] = [];
  const segment = newSegment();
  const answered = new Set<string>();
  const reader = createCaptureReader((given) => {
    const record = { ...given, bytes: given.bytes.slice(given.start, given.end), start: 0, end: given.end - given.start };
    const located = locateSegment(record.bytes, 0, record.end, record.originalLength, record.linkType, segment);
    if (located !== TCP) {
      frames.push({ record, path: undefined, forth: true, payload: false, handshake: undefined });
      return;
    }
    const length = segment.ipVersion === 4 ? 4 : 16;
    const from = `${record.bytes.subarray(segment.source, segment.source + length).join('.')}:${segment.sourcePort}`;
    const to = `${record.bytes.subarray(segment.destination, segment.destination + length).join('.')}:${segment.destinationPort}`;
    const path = from < to ? `${from} ${to}` : `${to} ${from}`;
    const syn = (segment.flags & SYN) !== 0;
    const third = !syn && answered.delete(`${to} ${from}`);
    if (syn && (segment.flags & ACK) !== 0) answered.add(`${from} ${to}`);
    const handshake = third ? 'third' : !syn ? undefined : (segment.flags & ACK) !== 0 ? 'SYN/ACK' : 'SYN';
    frames.push({ record, path, forth: from < to, payload: segment.payloadLength > 0, handshake });
  });
  reader.push(octets);
  reader.finish();
  return frames;
};

const failsOf = (frames: readonly Frame[], snapLength = Infinity): readonly string[] => {
  const [first] = frames;
  if (first === undefined) return [];
  const { linkType, resolution } = first.record;
  const checker = createChecker();
  checker.push(
    concat(
      pcapHeader({ linkType, resolution: resolution === 1e9 ? 1e9 : 1e6 }),
      ...frames.map(({ record }) => pcapRecord({ ...record, end: Math.min(record.end, snapLength) })),
    ),
  );
  return checker
    .finish('incomplete')
    .verdicts.filter(({ verdict }) => verdict === 'fail')
    .map(({ requirement, host, frames: seen }) => `${requirement} ${host} ${seen.slice(0, 4).join(' ')}`);
};

/** Numbers from 0 to before 1, evenly spread: a loss of one in a hundred is to be one. */
const randomFrom = (seed: number): (() => number) => {
  let state = (seed ^ 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

const microseconds = ({ seconds, fraction, resolution }: CaptureRecord): number =>
  seconds * 1e6 + Math.floor((fraction * 1e6) / resolution);

/** Frames at other times, in microseconds: those of two interfaces whose clocks differ. */
const inOrderOf = (frames: readonly Frame[], timeOf: (frame: Frame) => number): readonly Frame[] =>
  frames
    .map((frame) => ({ frame, time: timeOf(frame) }))
    .sort((one, two) => one.time - two.time)
    .map(({ frame, time }) => ({
      ...frame,
      record: { ...frame.record, seconds: Math.floor(time / 1e6), fraction: time % 1e6, resolution: 1e6 },
    }));

/** One of the paths of a capture. */
const onePathOf = (frames: readonly Frame[], random: () => number): Frame['path'] => {
  const paths = [...new Set(frames.map(({ path }) => path))];
  return paths[Math.floor(random() * paths.length)]!;
};

/** Up to a millisecond, early or late. */
const skewOf = (random: () => number): number => Math.floor((2 * random() - 1) * 1000);

/** How a capture comes to lack packets, or to have them out of order. `random` gives numbers from 0 to before 1. */
const ways: Readonly<Record<string, (frames: readonly Frame[], random: () => number) => readonly Frame[]>> = {
  'one packet in a hundred is missed': (frames, random) => frames.filter(() => random() > 0.01),
  'one packet in ten is missed': (frames, random) => frames.filter(() => random() > 0.1),
  'one pure ACK in ten is missed': (frames, random) =>
    frames.filter(({ payload, handshake }) => payload || handshake !== undefined || random() > 0.1),
  'a single packet is missed, early': (frames, random) => {
    const missed = Math.floor(random() * Math.min(25, frames.length));
    return frames.filter((_, index) => index !== missed);
  },
  'it begins in the middle': (frames, random) => frames.slice(Math.floor(random() * frames.length)),
  'it ends in the middle': (frames, random) => frames.slice(0, Math.floor(random() * frames.length)),
  'one subflow is not captured': (frames, random) => {
    const missed = onePathOf(frames, random);
    return frames.filter(({ path }) => path !== missed);
  },
  'one direction of a subflow is not captured': (frames, random) => {
    const missed = onePathOf(frames, random);
    const direction = random() < 0.5;
    return frames.filter(({ path, forth }) => path !== missed || forth !== direction);
  },
  'one part of each handshake is missed': (frames, random) => {
    const missed = (['SYN', 'SYN/ACK', 'third'] as const)[Math.floor(random() * 3)]!;
    return frames.filter(({ handshake }) => handshake !== missed);
  },
  'every packet is seen twice': (frames) => frames.flatMap((frame) => [frame, frame]),
  'one subflow is captured up to a millisecond early or late': (frames, random) => {
    const moved = onePathOf(frames, random);
    const by = skewOf(random);
    return inOrderOf(frames, ({ record, path }) => microseconds(record) + (path === moved ? by : 0));
  },
  'one direction of a subflow is captured up to a millisecond early or late': (frames, random) => {
    const moved = onePathOf(frames, random);
    const direction = random() < 0.5;
    const by = skewOf(random);
    return inOrderOf(frames, ({ record, path, forth }) => microseconds(record) + (path === moved && forth === direction ? by : 0));
  },
};

/** A host was made to break a rule here, and here the same endpoints speak twice. */
const NOT_HEALTHY = ['join_wrong_hmac.pcap', 'v0_crafted.pcap'];
const healthy = readdirSync(recordings).filter((file) => file.endsWith('.pcap') && !NOT_HEALTHY.includes(file));

describe.each(healthy)('%s gives no fail where', (file) => {
  const frames = framesOf(readFileSync(new URL(file, recordings)));
  const runs = frames.length > 100 ? 1 : 3;

  test.each(Object.entries(ways))('%s', (_, way) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(failsOf(way(frames, randomFrom(seed)))).toEqual([]);
      }),
      { numRuns: runs, seed: 8684 },
    );
  });

  // 92 octets of a Linux cooked capture, and 86 of Ethernet, have the first TCP options of a SYN/ACK and not MP_JOIN.
  test.each([68, 86, 92, 96, 110, 128])('packets are cut after %i octets', (snapLength) => {
    expect(failsOf(frames, snapLength)).toEqual([]);
  });
});
