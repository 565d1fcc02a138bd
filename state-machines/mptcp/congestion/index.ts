/** Congestion control: NewReno on each subflow (RFC 5681, RFC 6582), and coupled (RFC 6356). */
export type { CongestionControl } from './control.ts';
export { alphaOf, countedWindow, coupled, totalWindow } from './coupled.ts';
export { newReno } from './newreno.ts';
export { CongestionWindow } from './window.ts';
export type { CongestionAdvice, CongestionPhase, WindowSettings } from './window.ts';
