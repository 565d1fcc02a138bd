/** The cells of the MPTCP machines, each held against what its section says; and the sequence numbers beside them. RFC 8684. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { catalogues } from '../../conformance/requirements/index.ts';
import { machines } from '../../state-machines/index.ts';
import { listCells, requirementsOf } from '../../state-machines/listing.ts';
import { connectionMachine, newConnectionContext, newSubflowContext, subflowMachine } from '../../state-machines/mptcp/index.ts';
import { absoluteDsn, relativeDsn, unwrap32, widenDsn } from '../../state-machines/mptcp/sequence.ts';
import { disagreement } from './expectations.ts';
import { connectionExpectations } from './mptcp/connection-expectations.ts';
import { subflowExpectations } from './mptcp/subflow-expectations.ts';
import { tryMutants } from './mutants.ts';

const subjects = [
  { machine: connectionMachine, fresh: newConnectionContext, expectations: connectionExpectations },
  { machine: subflowMachine, fresh: newSubflowContext, expectations: subflowExpectations },
] as const;

describe.each(subjects)('every cell of $machine.name', ({ machine, fresh, expectations }) => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    expect(expectations.map((expectation) => disagreement(machine, fresh, expectation, reached)).filter(Boolean)).toEqual([]);
    const missed = listCells(machine).filter(({ outcome }) => !reached.has(outcome.id));
    expect(missed.map(({ outcome }) => outcome.id)).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(machine, fresh, expectations).survivors).toEqual([]);
  });
});

test('the machines name only requirements that their RFC has: those of its catalogue, or of the index of its sentences', () => {
  const folder = new URL('../../vectors/requirements/', import.meta.url);
  const sentences = readdirSync(folder).flatMap((file) => readFileSync(new URL(file, folder), 'utf8').match(/^RFC\S+/gm) ?? []);
  const known = new Set([...catalogues.flatMap(({ requirements }) => requirements.map(({ id }) => id)), ...sentences]);
  expect(machines.flatMap(requirementsOf).filter((id) => !known.has(id))).toEqual([]);
});

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
/** Far enough inside the safe integers that 32 bits more or less stay exact. */
const position = fc.integer({ min: -(2 ** 53) + 2 ** 33, max: 2 ** 53 - 2 ** 33 });
const high = (value: bigint): number => Number(value >> 32n);
const low = (value: bigint): number => Number(value & 0xffff_ffffn);

describe('sequence numbers as plain numbers (section 3.3.1)', () => {
  test('unwrap32 finds the nearest number with these low 32 bits', () => {
    fc.assert(
      fc.property(uint32, position, (value, near) => {
        const found = unwrap32(value, near);
        expect(BigInt.asUintN(32, BigInt(found))).toBe(BigInt(value));
        expect(found - near).toBeGreaterThanOrEqual(-(2 ** 31));
        expect(found - near).toBeLessThan(2 ** 31);
      }),
    );
  });

  test('relativeDsn is the signed distance of 64-bit numbers, across their wrap, and absoluteDsn undoes it', () => {
    const distance = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -(2 ** 33), max: 2 ** 33 }));
    fc.assert(
      fc.property(uint64, distance, (base, relative) => {
        const value = BigInt.asUintN(64, base + BigInt(relative));
        expect(relativeDsn(high(value), low(value), high(base), low(base))).toBe(relative);
        expect(absoluteDsn(relative, high(base), low(base))).toBe(value);
      }),
    );
  });

  test('what lies further off than 2^53 is not taken for something near', () => {
    fc.assert(
      fc.property(uint64, uint64, (value, base) => {
        const exact = BigInt.asIntN(64, value - base);
        const found = relativeDsn(high(value), low(value), high(base), low(base));
        expect(Number.isSafeInteger(found)).toBe(exact <= BigInt(Number.MAX_SAFE_INTEGER) && exact >= BigInt(Number.MIN_SAFE_INTEGER));
      }),
    );
  });

  test('widenDsn gives a 4-octet number the high half that brings it nearest', () => {
    fc.assert(
      fc.property(uint64, position, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (base, near, off) => {
        const value = BigInt.asUintN(64, base + BigInt(near) + BigInt(off));
        expect(widenDsn(low(value), low(base), near)).toBe(near + off);
      }),
    );
  });

  test.each([
    [unwrap32(5, 0xffff_fff0), 0x1_0000_0005],
    [unwrap32(0xffff_ffff, 0), -1],
    [relativeDsn(0, 7, 0xffff_ffff, 0xffff_ffff), 8],
    [relativeDsn(0xffff_ffff, 0xffff_ffff, 0, 0), -1],
    [widenDsn(3, 0xffff_ffff, 0), 4],
  ])('wraps: %d is %d', (actual, expected) => expect(actual).toBe(expected));

  test('absoluteDsn wraps at 64 bits', () => expect(absoluteDsn(8, 0xffff_ffff, 0xffff_ffff)).toBe(7n));
});
