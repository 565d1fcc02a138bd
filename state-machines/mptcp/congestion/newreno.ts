/** NewReno on each subflow by itself: a connection takes as much of a bottleneck as it has subflows there (RFC 5681, RFC 6582). */
import type { CongestionControl } from './control.ts';
import { CongestionWindow } from './window.ts';

/** Congestion avoidance of RFC 5681 section 3.1: a segment more for each window that is acknowledged. */
export const newRenoIncrease = ({ mss, cwnd }: CongestionWindow, octets: number): number => (octets * mss) / cwnd;

/** A connection whose subflows know nothing of each other. @example const window = newReno().open({ mss: 1460 }); */
export const newReno = (): CongestionControl => ({
  name: 'newreno',
  open: (settings) =>
    new CongestionWindow(
      settings,
      newRenoIncrease,
      () => undefined,
      () => undefined,
    ),
});
