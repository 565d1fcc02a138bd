/** Numbers that look random and come again: what drives a network in virtual time. */

/**
 * A source of numbers from 0 to below 1; the same seed gives the same ones. Every part of an experiment has a source of its own, so that one more number here
 * changes nothing there. (mulberry32: 32 bits of state, good enough for delays and losses, for no key.)
 * @example const random = seeded(7); random() // 0.0117...
 */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
