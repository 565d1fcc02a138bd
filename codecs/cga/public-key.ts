/**
 * The public key of the CGA Parameters: a DER-encoded SubjectPublicKeyInfo (RFC 3972 section 3; RFC 3279 section 2.3.1 for RSA,
 * RFC 5480 for elliptic curves), and the Extended Modifier that stands in its place where there is no key (RFC 5535 section 6).
 */
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { copyOf, equalBytes, fromHex } from '../bytes.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { contentsOf, der, derInteger, oidText, readAll, readSequence, TAG, withoutLeadingZeros } from './der.ts';

/** The named curves that are understood (RFC 5480 section 2.1.1.1). */
export type CurveName = 'P-256' | 'P-384' | 'P-521';

/** rsaEncryption with an RSAPublicKey (RFC 3279 section 2.3.1). */
export interface RsaPublicKey {
  readonly kind: 'RSA';
  /** Unsigned, network byte order, no zero octets before it. */
  readonly modulus: Uint8Array;
  /** As the modulus: 65537 is 01 00 01. */
  readonly publicExponent: Uint8Array;
}

/** id-ecPublicKey on a named curve (RFC 5480 section 2). */
export interface EcPublicKey {
  readonly kind: 'EC';
  readonly curve: CurveName;
  /** The point, compressed or not, as written (RFC 5480 section 2.2). It lies on the curve. */
  readonly point: Uint8Array;
}

/** Any other algorithm, or one of the above in a form that it does not allow. */
export interface OpaquePublicKey {
  readonly kind: 'opaque';
  /** The algorithm's OBJECT IDENTIFIER in dotted decimal. */
  readonly algorithm: string;
  /** The contents of subjectPublicKey, without the count of unused bits. */
  readonly subjectPublicKey: Uint8Array;
  /** The whole SubjectPublicKeyInfo. */
  readonly octets: Uint8Array;
}

/** A SubjectPublicKeyInfo, told apart by `kind`. */
export type PublicKey = RsaPublicKey | EcPublicKey | OpaquePublicKey;

const SECTION = 'RFC 3972 section 3';

/** The contents of the OBJECT IDENTIFIER rsaEncryption. */
export const RSA_ENCRYPTION = fromHex('2a864886f70d010101');
/** The contents of the OBJECT IDENTIFIER id-ecPublicKey. */
export const EC_PUBLIC_KEY = fromHex('2a8648ce3d0201');

/** The OBJECT IDENTIFIER of rsaEncryption, as `OpaquePublicKey` writes it. */
export const RSA_ENCRYPTION_OID = oidText(RSA_ENCRYPTION);

/** What stands for each curve: its OBJECT IDENTIFIER's contents and its arithmetic. */
export const curves = [
  { name: 'P-256', oid: fromHex('2a8648ce3d030107'), ecdsa: p256 },
  { name: 'P-384', oid: fromHex('2b81040022'), ecdsa: p384 },
  { name: 'P-521', oid: fromHex('2b81040023'), ecdsa: p521 },
] as const;

const spki = (algorithm: Uint8Array, parameters: Uint8Array, subjectPublicKey: Uint8Array): Uint8Array =>
  der(
    TAG.sequence,
    der(TAG.sequence, der(TAG.objectIdentifier, algorithm), parameters),
    // No unused bits.
    der(TAG.bitString, Uint8Array.of(0), subjectPublicKey),
  );

const isOnCurve = (curve: CurveName, point: Uint8Array): boolean => {
  try {
    curves.find(({ name }) => name === curve)!.ecdsa.Point.fromBytes(point);
    return true;
  } catch {
    return false;
  }
};

/**
 * The SubjectPublicKeyInfo of a key. A `RangeError` for an RSA key without modulus or exponent, and for a point that is not on its
 * curve. @example encodePublicKey({ kind: 'RSA', modulus, publicExponent: Uint8Array.of(1, 0, 1) })
 */
export const encodePublicKey = (key: PublicKey): Uint8Array => {
  if (key.kind === 'opaque') return copyOf(key.octets);
  if (key.kind === 'RSA') {
    const { modulus, publicExponent } = key;
    if (modulus.length === 0 || publicExponent.length === 0) throw new RangeError('modulus and publicExponent must not be empty');
    const rsaPublicKey = der(TAG.sequence, derInteger(modulus), derInteger(publicExponent));
    return spki(RSA_ENCRYPTION, Uint8Array.of(0x05, 0x00), rsaPublicKey);
  }
  const curve = curves.find(({ name }) => name === key.curve);
  if (curve === undefined) throw new RangeError(`curve must be P-256, P-384 or P-521, not ${key.curve}`);
  if (!isOnCurve(curve.name, key.point)) throw new RangeError(`point must lie on ${key.curve}`);
  return spki(EC_PUBLIC_KEY, der(TAG.objectIdentifier, curve.oid), key.point);
};

const readRsa = (subjectPublicKey: Uint8Array): RsaPublicKey | undefined => {
  const integers = readSequence(subjectPublicKey);
  if (integers?.length !== 2 || !integers.every(({ tag, start, end }) => tag === TAG.integer && end > start)) return undefined;
  const [modulus, publicExponent] = integers.map(({ start, end }) => withoutLeadingZeros(subjectPublicKey.subarray(start, end)));
  return { kind: 'RSA', modulus: modulus!, publicExponent: publicExponent! };
};

const readEc = (parameters: Uint8Array, point: Uint8Array): EcPublicKey | undefined => {
  const curve = curves.find(({ oid }) => equalBytes(der(TAG.objectIdentifier, oid), parameters));
  return curve && isOnCurve(curve.name, point) ? { kind: 'EC', curve: curve.name, point } : undefined;
};

/**
 * What a SubjectPublicKeyInfo holds. A key in a form that its algorithm does not allow is `opaque`, as is one of another algorithm,
 * so that `encodePublicKey` always gives the same octets back. Errors: `not-spki`. Views, no copies.
 *
 * @example decodePublicKey(parameters.publicKey) // { ok: true, value: { kind: 'RSA', ... } }
 */
export const decodePublicKey = (octets: Uint8Array): Decoded<PublicKey> => {
  const outer = readSequence(octets);
  const [identifier, bits] = outer ?? [];
  const inner = identifier?.tag === TAG.sequence ? readAll(octets, identifier.start, identifier.end) : undefined;
  const [algorithm] = inner ?? [];
  if (outer?.length !== 2 || bits?.tag !== TAG.bitString || bits.start === bits.end || algorithm?.tag !== TAG.objectIdentifier)
    return undecodable('not-spki', 0, 'the public key is no DER-encoded SubjectPublicKeyInfo', SECTION);
  const oid = contentsOf(octets, algorithm, TAG.objectIdentifier);
  const subjectPublicKey = octets.subarray(bits.start + 1, bits.end);
  const parameters = octets.subarray(algorithm.end, identifier!.end);
  const key = equalBytes(RSA_ENCRYPTION, oid)
    ? readRsa(subjectPublicKey)
    : equalBytes(EC_PUBLIC_KEY, oid)
      ? readEc(parameters, subjectPublicKey)
      : undefined;
  return decoded(
    key !== undefined && equalBytes(encodePublicKey(key), octets)
      ? key
      : { kind: 'opaque', algorithm: oidText(oid), subjectPublicKey, octets },
  );
};

/** How many bits an RSA modulus has. @example rsaBits(key) // 1024 */
export const rsaBits = ({ modulus }: RsaPublicKey): number =>
  modulus.length === 0 ? 0 : 8 * modulus.length - Math.clz32(modulus[0]!) + 24;

/** The octets of an Extended Modifier: 384 bits (RFC 5535 section 6). */
export const EXTENDED_MODIFIER_OCTETS = 48;

/**
 * An Extended Modifier (48 octets) in the form of a public key (RFC 5535 section 6 step 2): rsaEncryption, and an RSAPublicKey whose
 * modulus it is. The RFC leaves the exponent open: it is 65537 here. A `RangeError` for another length.
 * @example encodeExtendedModifier(random(48))
 */
export const encodeExtendedModifier = (extendedModifier: Uint8Array): Uint8Array => {
  if (extendedModifier.length !== EXTENDED_MODIFIER_OCTETS)
    throw new RangeError(`extendedModifier must be ${EXTENDED_MODIFIER_OCTETS} octets, not ${extendedModifier.length}`);
  return encodePublicKey({ kind: 'RSA', modulus: extendedModifier, publicExponent: Uint8Array.of(1, 0, 1) });
};
