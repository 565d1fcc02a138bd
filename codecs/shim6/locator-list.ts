/** Locator List, RFC 5533 section 5.15.2: all locators of the sender, each with the way to verify it. */
import { ByteWriter, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import { OPTION_HEADER, type OptionCodec, type OptionHead } from './option-codec.ts';

/** A locator of the list. */
export interface Locator {
  /** 16 octets. */
  readonly locator: Uint8Array;
  /** 8 bits: 1 is HBA, 2 is CGA (table 4; section 17 has them the other way round, and nobody follows it). */
  readonly verificationMethod: number;
}

/**
 * Locator List.
 *
 *    |           Type = 2          |0|            Length             |
 *    |                     Locator List Generation                   |
 *    |  Num Locators |            N Octets of Verification Method    |
 *    ~                                               |    Padding    |
 *    ~                     Locators 1 through N                      ~
 *
 * The padding makes the locators begin at a multiple of 8 octets; Length counts it.
 */
export interface LocatorList extends OptionHead {
  readonly kind: 'LocatorList';
  /** 32 bits. */
  readonly locatorListGeneration: number;
  /** At most 255, in the order to which Locator Preferences refer. */
  readonly locators: readonly Locator[];
  /** The octets before the locators, where they are not zeros. */
  readonly innerPadding?: Uint8Array;
}

const SECTION = 'RFC 5533 section 5.15.2';
const FIXED = 5;
const ADDRESS = 16;

/** Octets of padding before `count` locators. */
const innerPaddingOf = (count: number): number => (8 - ((OPTION_HEADER + FIXED + count) % 8)) % 8;

export const locatorList: OptionCodec<LocatorList> = {
  kind: 'LocatorList',
  type: 2,
  section: SECTION,
  decode: (contents) => {
    if (contents.length < FIXED)
      return undecodable('bad-length', 2, `a locator list has at least 5 octets of contents, not ${contents.length}`, SECTION);
    const count = contents[4]!;
    const padding = innerPaddingOf(count);
    const start = FIXED + count + padding;
    const length = start + ADDRESS * count;
    if (contents.length !== length)
      return undecodable('bad-length', 2, `${count} locators take ${length} octets of contents, not ${contents.length}`, SECTION);
    const inner = contents.subarray(FIXED + count, start);
    return decoded({
      kind: 'LocatorList',
      locatorListGeneration: u32(contents, 0),
      locators: Array.from({ length: count }, (_, i) => ({
        locator: contents.subarray(start + i * ADDRESS, start + (i + 1) * ADDRESS),
        verificationMethod: contents[FIXED + i]!,
      })),
      ...(inner.some((octet) => octet !== 0) && { innerPadding: inner }),
    });
  },
  encode: ({ locatorListGeneration, locators, innerPadding }) => {
    const w = new ByteWriter().u32('locatorListGeneration', locatorListGeneration).u8('locators', locators.length);
    for (const { verificationMethod } of locators) w.u8('verificationMethod', verificationMethod);
    const padding = innerPaddingOf(locators.length);
    w.bytes('innerPadding', innerPadding ?? new Uint8Array(padding), padding);
    for (const { locator } of locators) w.bytes('locator', locator, ADDRESS);
    return w.finish();
  },
};
