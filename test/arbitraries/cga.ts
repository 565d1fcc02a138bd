/** fast-check generators of CGA Parameters and what is in them (RFC 3972 section 3, RFC 4581 section 2, RFC 5535 section 5), for our tests and yours. */
import * as fc from 'fast-check';
import {
  encodeExtendedModifier,
  encodePublicKey,
  type CgaParameters,
  type ExtensionField,
  type MultiPrefix,
  type RsaPublicKey,
  type SignedLocator,
} from '../../codecs/cga/index.ts';

const octets = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });

/** A modifier; often one close to where it wraps. */
export const anyModifier: fc.Arbitrary<Uint8Array> = fc.oneof(
  octets(16),
  fc.nat(255).map((last) => new Uint8Array(16).fill(255, 0, 15).fill(last, 15)),
  fc.constant(new Uint8Array(16)),
);

/** A 64-bit prefix. */
export const anyPrefix: fc.Arbitrary<Uint8Array> = octets(8);

/** A set of different prefixes. */
export const anyPrefixSet = (minLength = 1, maxLength = 6): fc.Arbitrary<readonly Uint8Array[]> =>
  fc.uniqueArray(anyPrefix, { minLength, maxLength, selector: (prefix) => prefix.join() });

/** An RSA key in form; nobody knows the private one. */
export const anyRsaPublicKey: fc.Arbitrary<RsaPublicKey> = fc.record({
  kind: fc.constant('RSA' as const),
  modulus: fc.tuple(fc.integer({ min: 0x80, max: 0xff }), octets(47, 255)).map(([first, rest]) => Uint8Array.of(first, ...rest)),
  publicExponent: fc.constantFrom(Uint8Array.of(3), Uint8Array.of(1, 0, 1)),
});

/** A SubjectPublicKeyInfo: of an RSA key, or of an Extended Modifier. */
export const anySubjectPublicKeyInfo: fc.Arbitrary<Uint8Array> = fc.oneof(
  anyRsaPublicKey.map(encodePublicKey),
  octets(48).map(encodeExtendedModifier),
);

/** The Multi-Prefix extension with any flags, also without a prefix. */
export const anyMultiPrefix: fc.Arbitrary<MultiPrefix> = fc.record({
  kind: fc.constant('MULTI_PREFIX' as const),
  pFlag: fc.boolean(),
  reserved: fc.oneof(fc.constant(0), fc.constant(0x80), fc.nat(0x7fff_ffff)),
  prefixes: fc.array(anyPrefix, { maxLength: 6 }),
});

const anyUnknownExtension: fc.Arbitrary<ExtensionField> = fc.record({
  kind: fc.constant('UNKNOWN' as const),
  extensionType: fc.integer({ min: 0x13, max: 0xffff }),
  extensionData: octets(0, 40),
});

/** Octets after the last extension field that are none. */
const anyMalformedExtension: fc.Arbitrary<ExtensionField> = octets(1, 3).map((octets) => ({ kind: 'MALFORMED' as const, octets }));

/** Extension fields in any order. */
export const anyExtensionFields: fc.Arbitrary<readonly ExtensionField[]> = fc
  .tuple(
    fc.array(fc.oneof(anyMultiPrefix, anyUnknownExtension), { maxLength: 4 }),
    fc.option(anyMalformedExtension, { freq: 5, nil: undefined }),
  )
  .map(([fields, last]) => (last === undefined ? fields : [...fields, last]));

/** CGA Parameters over their whole value space, collision counts that no address may have included. */
export const anyCgaParameters: fc.Arbitrary<CgaParameters> = fc.record({
  modifier: anyModifier,
  subnetPrefix: anyPrefix,
  collisionCount: fc.oneof(fc.nat(2), fc.nat(255)),
  publicKey: anySubjectPublicKeyInfo,
  extensionFields: anyExtensionFields,
});

/** A locator list with verification methods of every kind (RFC 5533 section 5.15.2). */
export const anySignedLocators: fc.Arbitrary<readonly SignedLocator[]> = fc.array(
  fc.record({ locator: octets(16), verificationMethod: fc.oneof(fc.constantFrom(1, 2), fc.nat(255)) }),
  { maxLength: 12 },
);
