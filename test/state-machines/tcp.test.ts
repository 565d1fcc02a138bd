/** TCP as far as a subflow needs it: every cell of its table, the checks of a segment's numbers, and the retransmission timer. RFC 9293, 5961, 6298, 7323. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { listCells } from '../../state-machines/listing.ts';
import {
  isAcceptable,
  isStale,
  judgeAck,
  judgeRst,
  newTcpContext,
  RttEstimator,
  SendSide,
  tcpMachine,
} from '../../state-machines/tcp/index.ts';
import { newReno } from '../../state-machines/mptcp/index.ts';
import { disagreement } from './expectations.ts';
import { tryMutants } from './mutants.ts';
import { tcpExpectations } from './tcp-expectations.ts';

describe('every cell of tcp (RFC 9293 section 3.10)', () => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    expect(tcpExpectations.map((expectation) => disagreement(tcpMachine, newTcpContext, expectation, reached)).filter(Boolean)).toEqual([]);
    expect(
      listCells(tcpMachine)
        .map(({ outcome }) => outcome.id)
        .filter((id) => !reached.has(id)),
    ).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(tcpMachine, newTcpContext, tcpExpectations).survivors).toEqual([]);
  });
});

describe('the numbers of a segment', () => {
  // RFC 9293 table 6: length and window zero or not.
  test.each([
    [100, 0, 100, 0, true],
    [101, 0, 100, 0, false],
    [100, 0, 100, 50, true],
    [149, 0, 100, 50, true],
    [150, 0, 100, 50, false],
    [99, 0, 100, 50, false],
    [100, 1, 100, 0, false],
    [90, 11, 100, 50, true],
    [90, 10, 100, 50, false],
    [149, 10, 100, 50, true],
    [150, 10, 100, 50, false],
    [90, 100, 100, 50, false],
  ])(
    'sequence %d of length %d at RCV.NXT %d with window %d is acceptable: %s (RFC 9293 section 3.10.7.4)',
    (sequence, length, next, window, is) => {
      expect(isAcceptable(sequence, length, next, window)).toBe(is);
    },
  );

  test.each([
    [100, 'exact'],
    [101, 'inWindow'],
    [149, 'inWindow'],
    [150, 'outside'],
    [99, 'outside'],
  ] as const)('a RST with number %d at 100 with a window of 50 is %s (RFC 5961 section 3.2)', (sequence, verdict) => {
    expect(judgeRst(sequence, 100, 50)).toBe(verdict);
  });

  test.each([
    [200, 'new'],
    [101, 'new'],
    [100, 'duplicate'],
    [50, 'duplicate'],
    [49, 'old'],
    [201, 'ahead'],
  ] as const)('an ACK of %d with 100 to 199 outstanding and a largest window of 50 is %s (RFC 5961 section 5.2)', (ack, verdict) => {
    expect(judgeAck(ack, 100, 200, 50)).toBe(verdict);
  });

  test('a timestamp is stale when it lies behind, modulo 2^32 (RFC 7323 section 5.3)', () => {
    const stamp = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(stamp, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (recent, distance) => {
        expect(isStale((recent + distance) >>> 0, recent)).toBe(false);
        expect(isStale((recent - distance) >>> 0, recent)).toBe(true);
        expect(isStale(recent, recent)).toBe(false);
      }),
    );
  });
});

describe('the retransmission timer (RFC 6298)', () => {
  test('starts at its first value, follows the round trips, and never falls below its least (section 2)', () => {
    const rtt = new RttEstimator(1000, 200);
    expect(rtt.rto).toBe(1000);
    rtt.sample(100);
    expect([rtt.smoothed, rtt.rto]).toEqual([100, 300]);
    rtt.sample(100);
    expect([rtt.smoothed, rtt.rto]).toEqual([100, 250]);
    for (let i = 0; i < 50; i += 1) rtt.sample(100);
    expect(rtt.rto).toBe(200);
  });

  test('doubles with each timeout up to a minute, and a measurement ends that (section 5)', () => {
    const rtt = new RttEstimator(1000, 200);
    rtt.backOff();
    expect(rtt.rto).toBe(2000);
    for (let i = 0; i < 10; i += 1) rtt.backOff();
    expect(rtt.rto).toBe(60_000);
    rtt.sample(100);
    expect(rtt.rto).toBe(300);
  });

  test('whatever is measured, SRTT stays within what was measured, and RTO at or above it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), { minLength: 1, maxLength: 40 }), (samples) => {
        const rtt = new RttEstimator(1000, 0);
        for (const sample of samples) rtt.sample(sample);
        expect(rtt.smoothed).toBeGreaterThanOrEqual(Math.min(...samples) - 1e-6);
        expect(rtt.smoothed).toBeLessThanOrEqual(Math.max(...samples) + 1e-6);
        expect(rtt.rto).toBeGreaterThanOrEqual(Math.min(rtt.smoothed, 60_000));
      }),
    );
  });
});

describe('what is sent and not acknowledged (RFC 5681, RFC 6298)', () => {
  const side = (settled: number[] = []) => {
    const send = new SendSide<number>(new RttEstimator(1000, 200), (content) => void settled.push(content));
    send.congestion = newReno().open({ mss: 100 });
    return send;
  };

  test('the timer runs while anything is outstanding, starts anew with each advance, and stops with the last (section 5.1 to 5.3)', () => {
    const send = side();
    expect(send.deadline).toBeUndefined();
    send.push(100, 1, 0);
    send.push(100, 2, 50);
    expect(send.deadline).toBe(1000);
    send.acknowledge(100, 100, undefined);
    expect(send.deadline).toBe(400);
    send.acknowledge(200, 150, undefined);
    expect([send.deadline, send.isIdle, send.inFlight]).toEqual([undefined, true, 0]);
  });

  test('a round trip is measured on what was sent once only, or by a timestamp (section 3)', () => {
    const send = side();
    const first = send.push(100, 1, 0);
    send.expire(1000);
    send.retransmitted(first, 1000);
    send.acknowledge(100, 1050, undefined);
    expect(send.rtt.smoothed).toBe(-1);
    const second = send.push(100, 2, 2000);
    send.expire(4000);
    send.retransmitted(second, 4000);
    send.acknowledge(200, 4050, 50);
    expect(send.rtt.smoothed).toBe(50);
  });

  test('what waited behind something lost tells no round trip either (section 3)', () => {
    const send = side();
    const lost = send.push(100, 1, 0);
    send.push(100, 2, 0);
    send.expire(1000);
    send.retransmitted(lost, 1000);
    send.acknowledge(200, 1050, undefined);
    expect(send.rtt.smoothed).toBe(-1);
  });

  test('three duplicates send the first segment again, once; what was lost later comes with each partial acknowledgment (RFC 6582)', () => {
    const send = side();
    send.congestion!.acknowledged(0, 0, 0);
    const segments = [1, 2, 3, 4, 5, 6].map((content) => send.push(100, content, 0));
    expect(send.nextLost()).toBeUndefined();
    send.acknowledge(100, 10, undefined);
    for (let i = 0; i < 2; i += 1) send.duplicate();
    expect(send.nextLost()).toBeUndefined();
    send.duplicate();
    expect(send.nextLost()).toBe(segments[1]);
    send.retransmitted(segments[1]!, 20);
    expect(send.nextLost()).toBeUndefined();
    send.acknowledge(300, 30, undefined);
    expect(send.nextLost()).toBe(segments[3]);
  });

  test('after a timeout all that is outstanding comes again as the window opens, in order, and counts as in flight once sent', () => {
    const settled: number[] = [];
    const send = side(settled);
    const segments = [1, 2, 3].map((content) => send.push(100, content, 0));
    send.expire(1000);
    expect([send.inFlight, send.nextLost()]).toEqual([0, segments[0]]);
    send.retransmitted(segments[0]!, 1000);
    expect([send.inFlight, send.nextLost()]).toEqual([100, undefined]); // a window of one segment
    send.acknowledge(100, 1050, undefined);
    expect(send.nextLost()).toBe(segments[1]);
    send.drop();
    expect([settled, send.deadline, send.isIdle]).toEqual([[1, 2, 3], undefined, true]);
  });

  test('where its path is another one, round trips are measured anew, the window begins again, and what is outstanding comes at once (RFC 5534 section 4.2)', () => {
    const send = side();
    const window = newReno().open({ mss: 100 });
    send.congestion = window;
    send.pathChanged(0);
    expect([send.deadline, send.nextLost()]).toEqual([undefined, undefined]);
    send.push(100, 1, 0);
    send.acknowledge(100, 30, undefined);
    window.cwnd = 9000;
    const first = send.push(100, 2, 50);
    send.push(100, 3, 50);
    send.expire(250);
    send.retransmitted(first, 250);
    window.cwnd = 9000;
    send.pathChanged(300);
    expect([send.rtt.smoothed, send.rtt.rto, send.retransmissions, send.deadline]).toEqual([-1, 1000, 0, 1300]);
    expect([window.cwnd, send.nextLost()]).toEqual([400, first]);
  });
});
