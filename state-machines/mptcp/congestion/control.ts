/** The congestion control of one connection: it opens a window for each subflow. */
import type { CongestionWindow, WindowSettings } from './window.ts';

/** What kinds of congestion control have in common. */
export interface CongestionControl {
  readonly name: 'newreno' | 'coupled';
  /** A subflow begins: its window, which its sender tells what happens. */
  open(settings: WindowSettings): CongestionWindow;
}
