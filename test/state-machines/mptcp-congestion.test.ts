/** Congestion control of subflows: NewReno (RFC 5681, RFC 6582) and coupled (RFC 6356), on plain numbers. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  alphaOf,
  countedWindow,
  coupled,
  newReno,
  totalWindow,
  type CongestionControl,
  type CongestionWindow,
  type WindowSettings,
} from '../../state-machines/mptcp/congestion/index.ts';

const MSS = 1000;
const controls: readonly (() => CongestionControl)[] = [newReno, coupled];

/** A window with the sequence numbers that its sender would keep. */
class Sender {
  readonly window: CongestionWindow;
  /** One past the highest octet that is acknowledged, and that was sent. */
  una = 1;
  next = 1;

  constructor(control: CongestionControl = newReno(), settings: Partial<WindowSettings> = {}) {
    this.window = control.open({ mss: MSS, ...settings });
  }

  get flight(): number {
    return this.next - this.una;
  }

  /** Sends until `octets` are in flight; the whole window when left out. */
  fill(octets: number = Math.floor(this.window.cwnd)): this {
    this.next = Math.max(this.next, this.una + octets);
    return this;
  }

  /** An ACK of `octets` more. */
  ack(octets: number = MSS): string {
    const { flight } = this;
    this.una += octets;
    return this.window.acknowledged(this.una, octets, flight);
  }

  duplicates(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.window.duplicate(this.next, this.flight));
  }

  /** In congestion avoidance with this window, all of it in flight. */
  avoiding(cwnd: number, srtt = 100): this {
    this.window.roundTrip(srtt);
    this.window.ssthresh = 2 * MSS;
    this.window.cwnd = cwnd;
    return this.fill(cwnd);
  }
}

describe.each(controls.map((make) => ({ name: make().name, make })))('a subflow under $name', ({ make }) => {
  test.each([
    [536, 4 * 536],
    [1095, 4 * 1095],
    [1096, 3 * 1096],
    [1460, 3 * 1460],
    [2190, 3 * 2190],
    [2191, 2 * 2191],
  ])('begins with the initial window of RFC 5681 section 3.1: with segments of %i octets %i', (mss, octets) => {
    expect(make().open({ mss }).cwnd).toBe(octets);
  });

  test('in slow start grows by what is acknowledged, a segment for each ACK at most (RFC 5681 section 3.1)', () => {
    const sender = new Sender(make()).fill();
    expect([sender.window.phase, sender.window.cwnd]).toEqual(['slow-start', 4 * MSS]);
    sender.ack(400);
    expect(sender.window.cwnd).toBe(4400);
    sender.ack(2 * MSS);
    expect(sender.window.cwnd).toBe(5400);
  });

  test('in congestion avoidance grows by about a segment in a round trip (RFC 5681 section 3.1)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    expect(sender.window.phase).toBe('congestion-avoidance');
    for (let i = 0; i < 20; i += 1) {
      sender.ack();
      sender.fill();
    }
    expect(sender.window.cwnd).toBeGreaterThan(20.9 * MSS);
    expect(sender.window.cwnd).toBeLessThanOrEqual(21 * MSS);
  });

  test('grows by a segment at most for one ACK of much (RFC 5681 section 3.1)', () => {
    const sender = new Sender(make()).avoiding(4 * MSS).fill(40 * MSS);
    sender.ack(40 * MSS);
    expect(sender.window.cwnd).toBeLessThanOrEqual(5 * MSS);
  });

  test('does not grow while less than half of it is used', () => {
    const sender = new Sender(make()).fill(1999);
    sender.ack(1999);
    expect(sender.window.cwnd).toBe(4 * MSS);
    sender.fill(2 * MSS).ack(MSS);
    expect(sender.window.cwnd).toBe(5 * MSS);
  });

  test('retransmits at the third duplicate ACK, with half of what was in flight as ssthresh, and three segments more as window (RFC 5681 section 3.2)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    expect(sender.duplicates(2)).toEqual(['none', 'none']);
    expect(sender.window.phase).toBe('congestion-avoidance');
    expect(sender.duplicates(1)).toEqual(['retransmit']);
    expect([sender.window.phase, sender.window.ssthresh, sender.window.cwnd]).toEqual(['fast-recovery', 10 * MSS, 13 * MSS]);
    expect(sender.duplicates(4)).toEqual(['none', 'none', 'none', 'none']);
    expect(sender.window.cwnd).toBe(17 * MSS);
  });

  test('never halves to less than two segments (RFC 5681 section 3.1)', () => {
    const sender = new Sender(make()).fill(3 * MSS);
    sender.duplicates(3);
    expect(sender.window.ssthresh).toBe(2 * MSS);
  });

  test('on a partial acknowledgement retransmits and deflates the window, all but a segment (RFC 6582 section 3.2, step 3)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    sender.duplicates(10);
    const before = sender.window.cwnd;
    expect(sender.ack(5 * MSS)).toBe('retransmit');
    expect([sender.window.phase, sender.window.cwnd]).toEqual(['fast-recovery', before - 4 * MSS]);
    expect(sender.ack(300)).toBe('retransmit');
    expect(sender.window.cwnd).toBe(before - 4 * MSS - 300);
  });

  test('ends fast recovery when all is acknowledged that had been sent when it began (RFC 6582 section 3.2, step 3)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    const { next } = sender;
    sender.duplicates(19);
    sender.next += 8 * MSS;
    expect(sender.ack(next - sender.una)).toBe('none');
    // min(ssthresh, max(FlightSize, SMSS) + SMSS)
    expect([sender.window.phase, sender.window.cwnd]).toEqual(['slow-start', 9 * MSS]);
  });

  test('does not enter fast retransmit for duplicates of what was sent before the last recovery (RFC 6582 section 3.2, step 2)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    sender.duplicates(3);
    sender.ack(sender.flight);
    const { ssthresh } = sender.window;
    expect(sender.fill().duplicates(5)).toEqual(['none', 'none', 'none', 'none', 'none']);
    sender.ack();
    expect(sender.duplicates(3)).toEqual(['none', 'none', 'retransmit']);
    expect(sender.window.ssthresh).not.toBe(ssthresh);
  });

  test('after a timeout has a window of one segment, and half of what was in flight as ssthresh, once for the same octets (RFC 5681 section 3.1)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    sender.window.timedOut(sender.next, sender.flight);
    expect([sender.window.cwnd, sender.window.ssthresh, sender.window.phase]).toEqual([MSS, 10 * MSS, 'slow-start']);
    sender.window.timedOut(sender.next, MSS);
    expect([sender.window.cwnd, sender.window.ssthresh]).toEqual([MSS, 10 * MSS]);
    // Duplicates of what was sent before it change nothing (RFC 6582 section 3.2, step 4).
    expect(sender.duplicates(4)).toEqual(['none', 'none', 'none', 'none']);
    sender.ack(MSS);
    sender.window.timedOut(sender.next, 6 * MSS);
    expect(sender.window.ssthresh).toBe(3 * MSS);
  });

  test('a timeout ends fast recovery (RFC 6582 section 3.2, step 4)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    sender.duplicates(5);
    sender.window.timedOut(sender.next, sender.flight);
    expect([sender.window.phase, sender.window.cwnd]).toEqual(['slow-start', MSS]);
  });

  test('after a time without sending begins with the initial window at most (RFC 5681 section 4.1)', () => {
    const sender = new Sender(make()).avoiding(20 * MSS);
    sender.window.idle();
    expect(sender.window.cwnd).toBe(4 * MSS);
    const small = new Sender(make()).avoiding(3 * MSS);
    small.window.idle();
    expect(small.window.cwnd).toBe(3 * MSS);
    small.avoiding(20 * MSS).duplicates(3);
    small.window.idle();
    expect([small.window.phase, small.window.cwnd]).toEqual(['fast-recovery', 13 * MSS]);
  });

  test('with a sender that counts by SACKs the window is ssthresh during fast recovery, neither inflated nor deflated (RFC 6675 section 5)', () => {
    const sender = new Sender(make(), { inflate: false }).avoiding(20 * MSS);
    expect(sender.window.lost(sender.next, sender.flight)).toBe('retransmit');
    expect(sender.window.lost(sender.next, sender.flight)).toBe('none');
    expect(sender.window.cwnd).toBe(10 * MSS);
    sender.duplicates(3);
    sender.ack(4 * MSS);
    expect([sender.window.cwnd, sender.window.phase]).toEqual([10 * MSS, 'fast-recovery']);
    // What was sent before a timeout is no news after it.
    sender.window.timedOut(sender.next, sender.flight);
    expect(sender.window.lost(sender.next, sender.flight)).toBe('none');
    sender.ack(sender.flight);
    expect(sender.fill().window.lost(sender.next, sender.flight)).toBe('retransmit');
  });

  test('stays between a segment and what was ever in flight, whatever happens', () => {
    const happenings = fc.array(fc.constantFrom('ack', 'bigAck', 'duplicate', 'timeout', 'fill', 'idle', 'all'), { maxLength: 120 });
    fc.assert(
      fc.property(happenings, (given) => {
        const sender = new Sender(make());
        sender.window.roundTrip(50);
        let most = sender.window.cwnd;
        for (const each of given) {
          if (each === 'fill') sender.fill();
          else if (each === 'ack' && sender.flight >= MSS) sender.ack();
          else if (each === 'bigAck' && sender.flight >= 3 * MSS) sender.ack(3 * MSS);
          else if (each === 'all' && sender.flight > 0) sender.ack(sender.flight);
          else if (each === 'duplicate' && sender.flight > 0) sender.duplicates(1);
          else if (each === 'timeout' && sender.flight > 0) sender.window.timedOut(sender.next, sender.flight);
          else if (each === 'idle') sender.window.idle();
          most += MSS;
          expect(sender.window.cwnd).toBeGreaterThanOrEqual(MSS);
          expect(sender.window.cwnd).toBeLessThanOrEqual(most + 3 * MSS);
          expect(sender.window.ssthresh).toBeGreaterThanOrEqual(2 * MSS);
        }
      }),
    );
  });
});

/** What a test says of each subflow: its window and round-trip time, in ms. */
const subflows = fc.array(fc.record({ cwnd: fc.integer({ min: 2 * MSS, max: 1_000_000 }), srtt: fc.integer({ min: 1, max: 1000 }) }), {
  minLength: 1,
  maxLength: 5,
});

/** Subflows of one connection, all in congestion avoidance with their windows full. */
const connection = (control: CongestionControl, given: readonly { readonly cwnd: number; readonly srtt: number }[]): readonly Sender[] => {
  const senders = given.map(({ cwnd, srtt }) => new Sender(control).avoiding(cwnd, srtt));
  // Each has had an ACK, so that it is known what it has in flight.
  for (const [i, sender] of senders.entries()) {
    sender.ack();
    sender.window.cwnd = given[i]!.cwnd;
    sender.fill();
    sender.window.flight = sender.flight;
  }
  return senders;
};

describe('coupled windows', () => {
  test('grow for each ACK by min(alpha * bytes_acked * MSS_i / cwnd_total, bytes_acked * MSS_i / cwnd_i), and alpha is formula (2) (RFC 6356 section 3)', () => {
    fc.assert(
      fc.property(subflows, fc.nat(), fc.integer({ min: 1, max: 2 * MSS }), (given, at, octets) => {
        const senders = connection(coupled(), given);
        const which = at % senders.length;
        const { window } = senders[which]!;
        const total = given.reduce((sum, { cwnd }) => sum + cwnd, 0);
        const best = Math.max(...given.map(({ cwnd, srtt }) => cwnd / srtt ** 2));
        const alpha = (total * best) / given.reduce((sum, { cwnd, srtt }) => sum + cwnd / srtt, 0) ** 2;
        const windows = senders.map((each) => each.window);
        expect(alphaOf(windows)).toBeCloseTo(alpha, 6);
        expect(totalWindow(windows)).toBe(total);
        // Whatever was remembered of alpha is not: something has changed.
        senders[0]!.window.idle();
        windows[0]!.cwnd = given[0]!.cwnd;
        windows[0]!.flight = given[0]!.cwnd;
        const { cwnd } = given[which]!;
        senders[which]!.ack(octets);
        const increase = Math.min((alpha * octets * MSS) / total, (octets * MSS) / cwnd);
        expect(window.cwnd - cwnd).toBeCloseTo(Math.max(1, increase), 5);
      }),
    );
  });

  test('grow by one octet at least (RFC 6356 section 3)', () => {
    const senders = connection(
      coupled(),
      Array.from({ length: 4 }, () => ({ cwnd: 900_000, srtt: 100 })),
    );
    const { window } = senders[0]!;
    // alpha is 1/4: 1000 * 1000 / 4 / 3,600,000 is less than one.
    senders[0]!.ack(MSS);
    expect(window.cwnd).toBe(900_001);
  });

  test('never grow faster than NewReno would on the same subflow (RFC 6356 section 3)', () => {
    fc.assert(
      fc.property(subflows, fc.integer({ min: 1, max: MSS }), (given, octets) => {
        const grown = [coupled(), newReno()].map((control) => {
          const senders = connection(control, given);
          for (const sender of senders) sender.ack(octets);
          return senders.map(({ window }) => window.cwnd);
        });
        for (const [i, cwnd] of grown[0]!.entries()) expect(cwnd).toBeLessThanOrEqual(Math.max(grown[1]![i]!, given[i]!.cwnd + 1) + 1e-6);
      }),
    );
  });

  test('one subflow alone grows as NewReno does', () => {
    const [one, other] = [new Sender(coupled()).avoiding(20 * MSS), new Sender(newReno()).avoiding(20 * MSS)];
    for (let i = 0; i < 100; i += 1) {
      for (const sender of [one, other]) {
        sender.fill();
        sender.ack();
      }
      expect(one.window.cwnd).toBeCloseTo(other.window.cwnd, 6);
    }
  });

  test('n alike together grow as fast as one TCP flow with the window of one of them: alpha / n each (RFC 6356 section 3)', () => {
    for (const n of [2, 3, 8]) {
      const senders = connection(
        coupled(),
        Array.from({ length: n }, () => ({ cwnd: 50_000, srtt: 40 })),
      );
      expect(alphaOf(senders.map(({ window }) => window))).toBeCloseTo(1 / n, 9);
    }
  });

  test('cwnd_total has ssthresh, not the inflated window, of a subflow in fast retransmit (RFC 6356 section 3)', () => {
    const senders = connection(coupled(), [
      { cwnd: 40_000, srtt: 100 },
      { cwnd: 20_000, srtt: 100 },
    ]);
    senders[0]!.duplicates(30);
    const windows = senders.map(({ window }) => window);
    expect(windows[0]!.cwnd).toBeGreaterThan(40_000);
    expect(windows.map(countedWindow)).toEqual([20_000, 20_000]);
    expect(totalWindow(windows)).toBe(40_000);
  });

  test('cwnd_total has no more than what is in flight, for a subflow that has little to send (RFC 6356 section 3)', () => {
    const senders = connection(coupled(), [
      { cwnd: 40_000, srtt: 100 },
      { cwnd: 20_000, srtt: 100 },
    ]);
    senders[1]!.window.flight = 3000;
    expect(totalWindow(senders.map(({ window }) => window))).toBe(43_000);
  });

  test.each<[string, (senders: readonly Sender[]) => void]>([
    ['a window has grown by a segment', ([first]) => first!.ack()],
    ['something was lost', ([first]) => first!.duplicates(3)],
    ['a timer ran out', ([first]) => first!.window.timedOut(first!.next, first!.flight)],
    ['a subflow has been idle', ([first]) => first!.window.idle()],
    ['a subflow is gone', ([first]) => first!.window.close()],
  ])('alpha is computed anew when %s (RFC 6356 section 4.1)', (_, happens) => {
    const control = coupled();
    const senders = connection(control, [
      { cwnd: 39_999.9, srtt: 50 },
      { cwnd: 80_000, srtt: 100 },
    ]);
    const [first, second] = senders;
    const grown = (): number => {
      const before = second!.window.cwnd;
      second!.ack(MSS);
      second!.fill();
      return second!.window.cwnd - before;
    };
    grown();
    // Meanwhile the first window is another one, of which nothing has been told.
    first!.window.cwnd = 9999.9;
    first!.window.flight = 9999;
    happens(senders);
    const isGone = happens.toString().includes('close');
    const windows = senders.map(({ window }) => window).slice(isGone ? 1 : 0);
    const expected = Math.min((alphaOf(windows) * MSS * MSS) / totalWindow(windows), (MSS * MSS) / second!.window.cwnd);
    expect(grown()).toBeCloseTo(Math.max(1, expected), 1);
  });

  test('a round trip that takes no time is not reckoned with', () => {
    const [first] = connection(coupled(), [{ cwnd: 50_000, srtt: 40 }]);
    first!.window.roundTrip(0);
    expect(alphaOf([first!.window])).toBe(1);
  });

  test('slow start, fast retransmit and the decrease are those of NewReno (RFC 6356 section 3)', () => {
    const fates = [coupled(), newReno()].map((control) => {
      const sender = new Sender(control).fill();
      new Sender(control).avoiding(30 * MSS);
      const said: unknown[] = [];
      for (let i = 0; i < 10; i += 1) {
        said.push(sender.ack(), sender.window.cwnd);
        sender.fill();
      }
      said.push(sender.duplicates(6), sender.window.cwnd, sender.window.ssthresh, sender.ack(3 * MSS), sender.window.cwnd);
      said.push(sender.ack(sender.flight), sender.window.cwnd);
      sender.fill().window.timedOut(sender.next, sender.flight);
      return [...said, sender.window.cwnd, sender.window.ssthresh];
    });
    expect(fates[0]).toEqual(fates[1]);
  });

  test('a subflow that is gone counts no more, one that has had no ACK not yet', () => {
    const control = coupled();
    const [first, second] = connection(control, [
      { cwnd: 50_000, srtt: 40 },
      { cwnd: 50_000, srtt: 40 },
    ]);
    second!.window.close();
    first!.ack();
    expect(first!.window.cwnd).toBeCloseTo(50_000 + (MSS * MSS) / 50_000, 6);
    first!.window.idle();
    expect(countedWindow(first!.window)).toBe(0);
    const fresh = new Sender(control);
    expect(countedWindow(fresh.window)).toBe(0);
    expect(alphaOf([fresh.window])).toBe(1);
  });
});
