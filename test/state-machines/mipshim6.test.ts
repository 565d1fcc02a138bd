/** MipShim6's machine, cell by cell, and what its host refuses to be set up with. */
import { describe, expect, test } from '@jest/globals';
import { parseAddress } from '../../codecs/packet/index.ts';
import { listCells } from '../../state-machines/listing.ts';
import { MipShim6Host, movementMachine, newMovementContext } from '../../state-machines/mipshim6/index.ts';
import type { MipShim6Settings } from '../../state-machines/mipshim6/index.ts';
import { disagreement } from './expectations.ts';
import { movementExpectations } from './mipshim6-expectations.ts';
import { tryMutants } from './mutants.ts';

describe('every cell of mipshim6-movement', () => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    const disagreements = movementExpectations.map((each) => disagreement(movementMachine, newMovementContext, each, reached));
    expect(disagreements.filter(Boolean)).toEqual([]);
    expect(listCells(movementMachine).filter(({ outcome }) => !reached.has(outcome.id))).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(movementMachine, newMovementContext, movementExpectations).survivors).toEqual([]);
  });
});

test('a Send Timeout must be above the movement time, so that REAP does not explore what a movement is about to repair', () => {
  const settings = (sendTimeout: number, movementTime?: number): MipShim6Settings => ({
    homes: [{ homeAddress: parseAddress('2001:db8::1')!, parameters: new Uint8Array(25), homeAgents: [parseAddress('2001:db8::2')!] }],
    announce: (locators) => ({ generation: 1, locators }),
    lifetime: 60,
    linkLayerAddress: new Uint8Array(6),
    random: (octets) => new Uint8Array(octets),
    authentic: () => true,
    shim6: {},
    sendTimeout,
    ...(movementTime !== undefined && { movementTime }),
  });
  expect(() => new MipShim6Host(settings(3000))).toThrow('sendTimeout must be above movementTime, 3000 ms, not 3000 ms');
  expect(() => new MipShim6Host(settings(3000, 5000))).toThrow('sendTimeout must be above movementTime, 5000 ms');
  expect(() => new MipShim6Host({ ...settings(15_000), homes: [] })).toThrow('homes must not be empty');
  expect(new MipShim6Host(settings(3001)).nextTimer).toBeUndefined();
});
