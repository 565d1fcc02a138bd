/**
 * Coupled congestion control, "Linked Increases" (RFC 6356): the windows of a connection grow together, so that it takes of a shared bottleneck what one TCP flow on
 * its best path would. Everything but the growth in congestion avoidance is RFC 5681's. Numbers are doubles: what section 4.1 says for integer arithmetic
 * (alpha_scale) is not needed.
 */
import type { CongestionControl } from './control.ts';
import { newRenoIncrease } from './newreno.ts';
import { CongestionWindow } from './window.ts';

/**
 * A window as it counts for the others (section 3): `ssthresh` while fast recovery inflates it, and no more than is in flight, for a subflow that has little to send.
 */
export const countedWindow = ({ phase, cwnd, ssthresh, flight }: CongestionWindow): number =>
  Math.min(phase === 'fast-recovery' ? ssthresh : cwnd, flight);

/** cwnd_total of section 3. */
export const totalWindow = (windows: Iterable<CongestionWindow>): number => {
  let total = 0;
  for (const window of windows) total += countedWindow(window);
  return total;
};

/**
 * alpha, formula (2) of section 3: cwnd_total * MAX(cwnd_i / rtt_i^2) / SUM(cwnd_i / rtt_i)^2. Subflows without a round-trip time have had no ACK, and do not count;
 * 1 where none has one.
 */
export const alphaOf = (windows: Iterable<CongestionWindow>): number => {
  let total = 0;
  let best = 0;
  let rates = 0;
  for (const window of windows) {
    const { srtt } = window;
    const counted = countedWindow(window);
    total += counted;
    if (srtt === undefined || srtt <= 0) continue;
    best = Math.max(best, counted / (srtt * srtt));
    rates += counted / srtt;
  }
  return rates === 0 ? 1 : (total * best) / (rates * rates);
};

/**
 * A connection whose windows are coupled. alpha is computed anew when a window has changed by a segment, or something was lost (section 4.1).
 *
 * @example
 * const control = coupled();
 * const [first, second] = [control.open({ mss: 1460 }), control.open({ mss: 1460 })];
 */
export const coupled = (): CongestionControl => {
  const windows = new Set<CongestionWindow>();
  let alpha: number | undefined;
  const changed = (): void => {
    alpha = undefined;
  };
  /** Formula (1) of section 3: never more than TCP would grow by. */
  const increase = (window: CongestionWindow, octets: number): number => {
    alpha ??= alphaOf(windows);
    return Math.min((alpha * octets * window.mss) / totalWindow(windows), newRenoIncrease(window, octets));
  };
  return {
    name: 'coupled',
    open: (settings) => {
      const window = new CongestionWindow(settings, increase, changed, () => {
        windows.delete(window);
        changed();
      });
      windows.add(window);
      changed();
      return window;
    },
  };
};
