/** Locator Preferences, RFC 5533 section 5.15.3: which locators work, and which are preferred. */
import { ByteWriter, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { OptionCodec, OptionHead } from './option-codec.ts';

/** Flags of an element. */
export const BROKEN = 0x01;
export const TRANSIENT = 0x02;

/** What is said of the locator at the same place in the Locator List. */
export interface LocatorPreference {
  /** 8 bits: `BROKEN`, `TRANSIENT`. */
  readonly flags: number;
  /** 8 bits, as in DNS SRV records; with an Element Len of 2 and more. */
  readonly priority?: number;
  /** 8 bits, as in DNS SRV records; with an Element Len of 3 and more. */
  readonly weight?: number;
  /** What an Element Len beyond 3 adds: the RFC leaves it open. */
  readonly rest?: Uint8Array;
}

/**
 * Locator Preferences.
 *
 *    |           Type = 3          |0|            Length             |
 *    |                     Locator List Generation                   |
 *    |  Element Len  |  Element[1]   |  Element[2]   |  Element[3]   |
 *    ~                              ...              |    Padding    |
 */
export interface LocatorPreferences extends OptionHead {
  readonly kind: 'LocatorPreferences';
  /** 32 bits: of the Locator List that the elements are about. */
  readonly locatorListGeneration: number;
  /** 1 to 255 octets. */
  readonly elementLength: number;
  readonly elements: readonly LocatorPreference[];
}

const SECTION = 'RFC 5533 section 5.15.3';
const FIXED = 5;

export const locatorPreferences: OptionCodec<LocatorPreferences> = {
  kind: 'LocatorPreferences',
  type: 3,
  section: SECTION,
  decode: (contents) => {
    const length = contents[4] ?? 0;
    if (contents.length < FIXED)
      return undecodable('bad-length', 2, `locator preferences have at least 5 octets of contents, not ${contents.length}`, SECTION);
    if (length === 0) return undecodable('bad-element-length', 8, 'an element has at least 1 octet', SECTION);
    if ((contents.length - FIXED) % length !== 0)
      return undecodable('bad-length', 2, `${contents.length - FIXED} octets are no whole elements of ${length}`, SECTION);
    return decoded({
      kind: 'LocatorPreferences',
      locatorListGeneration: u32(contents, 0),
      elementLength: length,
      elements: Array.from({ length: (contents.length - FIXED) / length }, (_, i) => {
        const at = FIXED + i * length;
        return {
          flags: contents[at]!,
          ...(length > 1 && { priority: contents[at + 1]! }),
          ...(length > 2 && { weight: contents[at + 2]! }),
          ...(length > 3 && { rest: contents.subarray(at + 3, at + length) }),
        };
      }),
    });
  },
  encode: ({ locatorListGeneration, elementLength, elements }) => {
    const w = new ByteWriter().u32('locatorListGeneration', locatorListGeneration).u8('elementLength', elementLength);
    if (elementLength === 0) throw new RangeError('elementLength must be from 1 to 255, not 0');
    for (const { flags, priority, weight, rest } of elements) {
      w.u8('flags', flags);
      if (elementLength > 1) w.u8('priority', priority ?? 0);
      if (elementLength > 2) w.u8('weight', weight ?? 0);
      if (elementLength > 3) w.bytes('rest', rest ?? new Uint8Array(elementLength - 3), elementLength - 3);
    }
    return w.finish();
  },
};
