/** What a Multipath TCP connection takes of a bottleneck beside one TCP flow (RFC 6356, the thesis's figures 5.8 and 5.9), shortened; and the senders that it is measured with. */
import { describe, expect, test } from '@jest/globals';
import { BulkReceiver, BulkSender, share, sharing, type Transmission } from '../../conformance/lab/index.ts';
import { newReno } from '../../state-machines/mptcp/congestion/index.ts';

const MSS = 1448;

/** A sender whose transmissions are noted. */
const sending = () => {
  const sent: Transmission[] = [];
  const window = newReno().open({ mss: MSS, inflate: false });
  const sender = new BulkSender(window, (transmission) => sent.push(transmission));
  return { sender, window, sent };
};
const segments = (sent: readonly Transmission[]): readonly number[] => sent.map(({ segment }) => segment);

describe('a bulk sender', () => {
  test('fills its window, and sends on as ACKs come', () => {
    const { sender, sent } = sending();
    sender.send(0);
    expect(segments(sent)).toEqual([0, 1, 2]);
    expect(sender.timer).toBe(1000);
    sender.acknowledged([sent[0]!, sent[1]!], 30);
    // Slow start: a segment more for the ACK, two for what it acknowledges.
    expect(segments(sent)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([sender.delivered, sender.timer]).toEqual([2, 230]);
  });

  test('sends again what three later transmissions overtook, once, and halves its window', () => {
    const { sender, window, sent } = sending();
    window.cwnd = 10 * MSS;
    sender.send(0);
    for (const later of sent.slice(1, 3)) sender.acknowledged([later], 30);
    expect(sender.retransmissions).toBe(0);
    sender.acknowledged([sent[3]!], 30);
    // 12 were out when the loss was found, 9 of which are in the network: no more is sent until it is 6.
    expect([window.phase, window.cwnd / MSS]).toEqual(['fast-recovery', 6]);
    for (const later of sent.slice(4, 8)) sender.acknowledged([later], 31);
    expect(segments(sent).filter((segment) => segment === 0)).toHaveLength(2);
    expect(sender.retransmissions).toBe(1);
    const again = sent.find(({ segment, number }) => segment === 0 && number > 0)!;
    sender.acknowledged([again], 60);
    expect(sender.delivered).toBe(8);
  });

  test('finds by the same rule that a retransmission is lost', () => {
    const { sender, window, sent } = sending();
    window.cwnd = 10 * MSS;
    sender.send(0);
    for (let i = 1; i < sent.length && i < 30; i += 1) if (sent[i]!.segment !== 0) sender.acknowledged([sent[i]!], 30 + i);
    expect(segments(sent).filter((segment) => segment === 0).length).toBeGreaterThan(2);
  });

  test('after a timeout sends all again that has not arrived, from one segment on, and waits twice as long (RFC 6298 section 5)', () => {
    const { sender, window, sent } = sending();
    sender.send(0);
    sender.timeout(1000);
    expect([window.cwnd, sender.timeouts, sender.timer]).toEqual([MSS, 1, 3000]);
    expect(segments(sent)).toEqual([0, 1, 2, 0]);
    sender.acknowledged([sent[3]!], 1030);
    expect(segments(sent)).toEqual([0, 1, 2, 0, 1, 2]);
    // A duplicate is counted once.
    sender.acknowledged([sent[0]!], 1031);
    sender.acknowledged([], 1032);
    expect(sender.delivered).toBe(1);
  });
});

describe('a bulk receiver', () => {
  const transmission = (segment: number): Transmission => ({ segment, number: segment });

  test('acknowledges every second segment, or one after 40 ms (RFC 5681 section 4.2)', () => {
    const receiver = new BulkReceiver(2);
    expect(receiver.arrived(transmission(0), 5)).toEqual([]);
    expect(receiver.timer).toBe(45);
    expect(receiver.arrived(transmission(1), 6)).toHaveLength(2);
    expect(receiver.timer).toBe(Infinity);
    receiver.arrived(transmission(2), 7);
    expect([receiver.timeout(), receiver.timer]).toEqual([[transmission(2)], Infinity]);
    expect(new BulkReceiver(1).arrived(transmission(0), 5)).toHaveLength(1);
  });

  test('acknowledges at once what is not in order, and what fills a hole (RFC 5681 section 4.2)', () => {
    const receiver = new BulkReceiver(2);
    receiver.arrived(transmission(0), 5);
    expect(receiver.arrived(transmission(2), 6)).toEqual([transmission(0), transmission(2)]);
    expect(receiver.arrived(transmission(1), 7)).toHaveLength(1);
    expect(receiver.arrived(transmission(1), 8)).toHaveLength(1);
    expect(receiver.arrived(transmission(3), 9)).toEqual([]);
  });
});

describe('on one shared bottleneck of 100 Mbit/s, 20 ms and a queue of one bandwidth-delay product, beside one TCP flow', () => {
  // The figures of 120 s after 30 s, mean of 10 seeds, are what `polypath lab coupled` prints; these are of one or two of its seeds, 20 s after 10 s, and come again exactly.
  const shortened = { warmUp: 10_000, duration: 20_000 };

  test.each([
    [1, 0.506],
    [2, 0.548],
    [3, 0.529],
  ])('a coupled connection of %i subflow(s) takes 40 %% to 60 %% of the link: %d', (subflows, part) => {
    const { mptcp, tcp } = sharing('coupled', subflows, 2, 1, shortened);
    expect(mptcp).toBeGreaterThanOrEqual(0.4);
    expect(mptcp).toBeLessThanOrEqual(0.6);
    expect(mptcp).toBeCloseTo(part, 3);
    // The queue is long enough that the link never idles.
    expect(mptcp + tcp).toBeGreaterThan(0.99);
  });

  test.each([
    [2, 2 / 3, 0.654],
    [3, 3 / 4, 0.757],
  ])('one of %i subflow(s) with NewReno on each takes a share for each, about %d: %d', (subflows, about, part) => {
    const { mptcp, thesis } = sharing('newreno', subflows, 1, 2, shortened);
    expect(thesis).toBe(about);
    expect(Math.abs(mptcp - about)).toBeLessThan(0.05);
    expect(mptcp).toBeCloseTo(part, 3);
  });

  test('a run comes again from its seed, and another seed gives another', () => {
    const short = { warmUp: 500, duration: 1500 };
    expect(share('coupled', 2, 7, short)).toEqual(share('coupled', 2, 7, short));
    expect(share('coupled', 2, 7, short)).not.toEqual(share('coupled', 2, 8, short));
  });

  test('receivers that acknowledge each segment clock the senders so exactly that mostly who grows fast loses: the coupled connection takes more', () => {
    const { mptcp } = sharing('coupled', 3, 1, 2, { ...shortened, ackEvery: 1 });
    expect(mptcp).toBeCloseTo(0.642, 3);
  });
});
