/** A shim6 context: every cell against its section. RFC 5533. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { seeded } from '../../conformance/lab/index.ts';
import { listCells } from '../../state-machines/listing.ts';
import { I1_TIMEOUT, MAX_UPDATE_TIMEOUT, newShim6Context, retransmissionTime, shim6Machine } from '../../state-machines/shim6/index.ts';
import { disagreement } from './expectations.ts';
import { tryMutants } from './mutants.ts';
import { shim6Expectations } from './shim6-expectations.ts';

describe('every cell of a shim6 context', () => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    expect(shim6Expectations.map((each) => disagreement(shim6Machine, newShim6Context, each, reached)).filter(Boolean)).toEqual([]);
    const missed = listCells(shim6Machine).filter(({ outcome }) => !reached.has(outcome.id));
    expect(missed.map(({ outcome }) => outcome.id)).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(shim6Machine, newShim6Context, shim6Expectations).survivors).toEqual([]);
  });
});

describe('retransmissions (sections 7.8 and 14)', () => {
  test('wait twice as long each time, drawn from half to one and a half of that; an update at most MAX_UPDATE_TIMEOUT', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(), (retries, seed) => {
        const drawn = retransmissionTime(I1_TIMEOUT, retries, seeded(seed));
        expect(drawn).toBeGreaterThanOrEqual(0.5 * I1_TIMEOUT * 2 ** Math.min(retries, 32));
        expect(drawn).toBeLessThanOrEqual(1.5 * I1_TIMEOUT * 2 ** Math.min(retries, 32));
        expect(retransmissionTime(I1_TIMEOUT, retries, seeded(seed), MAX_UPDATE_TIMEOUT)).toBeLessThanOrEqual(1.5 * MAX_UPDATE_TIMEOUT);
      }),
    );
    expect([0, 1, 2, 3, 4].map((retries) => retransmissionTime(I1_TIMEOUT, retries, () => 0.5))).toEqual([
      4000, 8000, 16_000, 32_000, 64_000,
    ]);
  });
});
