/** fast-check generators for hosts that speak shim6: locator sets that verify, and networks that cut single directions of single pairs (RFC 5533, RFC 5534). */
import * as fc from 'fast-check';
import { cgaAddress, encodeCgaParameters, encodeExtendedModifier, VERIFICATION_METHOD } from '../../codecs/cga/index.ts';
import type { LocalLocators } from '../../state-machines/shim6/index.ts';
import { anyModifier, anyPrefixSet } from './cga.ts';

/** A set of HBAs of one host (RFC 5535), Sec 0, as a shim6 host tells it; any part of it verifies, too. `anyHbaSet(2, 4)` has 2 to 4 locators. */
export const anyHbaSet = (minLength = 1, maxLength = 4): fc.Arbitrary<LocalLocators> =>
  fc
    .record({
      prefixes: anyPrefixSet(minLength, maxLength),
      modifier: anyModifier,
      extendedModifier: fc.uint8Array({ minLength: 48, maxLength: 48 }),
      generation: fc.nat(0xffff_ffff),
    })
    .map(({ prefixes, modifier, extendedModifier, generation }) => ({
      generation,
      locators: prefixes.map((subnetPrefix) => {
        const set = { kind: 'MULTI_PREFIX', pFlag: false, reserved: 0, prefixes } as const;
        const publicKey = encodeExtendedModifier(extendedModifier);
        const parameters = encodeCgaParameters({ modifier, subnetPrefix, collisionCount: 0, publicKey, extensionFields: [set] });
        return { locator: cgaAddress(parameters, 0), verificationMethod: VERIFICATION_METHOD.hba, parameters };
      }),
    }));

/** A direction of a pair of locators that carries nothing for a while; times in ms. */
export interface Cut {
  /** Whose packets are lost. */
  readonly by: 'A' | 'B';
  /** From which of its locators to which of the other's. */
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** Cuts between two hosts with at most `locators` each, that begin before `until`. @example anyCuts(4, 100_000) */
export const anyCuts = (locators: number, until: number, maxLength = 12): fc.Arbitrary<readonly Cut[]> =>
  fc.array(
    fc
      .record({
        by: fc.constantFrom('A' as const, 'B' as const),
        from: fc.nat(locators - 1),
        to: fc.nat(locators - 1),
        start: fc.nat(until),
        length: fc.nat(until),
      })
      .map(({ length, ...cut }) => ({ ...cut, end: cut.start + length })),
    { maxLength },
  );

/** Whether a direction of a pair is cut at `now`. @example lab.lay(a1, b2, { middleboxes: [(packet, now) => (isCut(cuts, 'A', 0, 1, now) ? [] : [packet])] }) */
export const isCut = (cuts: readonly Cut[], by: 'A' | 'B', from: number, to: number, now: number): boolean =>
  cuts.some((cut) => cut.by === by && cut.from === from && cut.to === to && now >= cut.start && now < cut.end);
