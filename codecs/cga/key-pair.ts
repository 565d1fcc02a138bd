/**
 * Keys as files hold them, PEM (RFC 7468) or DER: public keys as SubjectPublicKeyInfo or RSAPublicKey, private ones as PKCS #8
 * (RFC 5958), RSAPrivateKey (RFC 8017 appendix A.1.2) or ECPrivateKey (RFC 5915). What comes out is what the rest of this folder takes.
 */
import { equalBytes } from '../bytes.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { contentsOf, der, readAll, readDer, readSequence, TAG, type DerElement } from './der.ts';
import { curves, decodePublicKey, EC_PUBLIC_KEY, encodePublicKey, RSA_ENCRYPTION } from './public-key.ts';

/** A key; `privateKey` is absent where only the public one is known. */
export interface KeyPair {
  /** A DER-encoded SubjectPublicKeyInfo, as CGA Parameters carry it. */
  readonly publicKey: Uint8Array;
  /** A DER-encoded PKCS #8 PrivateKeyInfo, as `SignatureProvider.sign` takes it. */
  readonly privateKey?: Uint8Array;
}

const SECTION = 'RFC 5958 section 2';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const fromBase64 = (text: string): Uint8Array | undefined => {
  const digits = text.replace(/\s|=+\s*$/g, '');
  const octets = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  for (let i = 0, at = 0; i < digits.length; i++) {
    const digit = BASE64.indexOf(digits[i]!);
    if (digit < 0) return undefined;
    bits = ((bits << 6) | digit) & 0xffffff;
    if (i % 4 !== 0) octets[at++] = bits >>> (6 - 2 * (i % 4));
  }
  return octets;
};

const privateKeyInfo = (version: number, algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array =>
  der(TAG.sequence, der(TAG.integer, Uint8Array.of(version)), der(TAG.sequence, ...algorithm), der(TAG.octetString, key));

const whole = (octets: Uint8Array, element: DerElement | undefined): Uint8Array =>
  element === undefined ? octets.subarray(0, 0) : contentsOf(octets, element, element.tag);

/** n and e, the second and third INTEGER of an RSAPrivateKey. */
const rsaPair = (key: Uint8Array, privateKey: Uint8Array): KeyPair | undefined => {
  const integers = readSequence(key);
  if (
    integers === undefined ||
    integers.length < 9 ||
    !integers.slice(0, 3).every(({ tag, start, end }) => tag === TAG.integer && end > start)
  )
    return undefined;
  const [, modulus, publicExponent] = integers.map((element) => whole(key, element));
  return { publicKey: encodePublicKey({ kind: 'RSA', modulus: modulus!, publicExponent: publicExponent! }), privateKey };
};

/** The octets of an ECPrivateKey's privateKey, and from them the point. */
const ecPair = (curveOid: Uint8Array, key: Uint8Array, privateKey: Uint8Array): KeyPair | undefined => {
  const curve = curves.find(({ oid }) => equalBytes(oid, curveOid));
  const secret = contentsOf(key, readSequence(key)?.[1], TAG.octetString);
  if (curve === undefined || !curve.ecdsa.utils.isValidSecretKey(secret)) return undefined;
  return { publicKey: encodePublicKey({ kind: 'EC', curve: curve.name, point: curve.ecdsa.getPublicKey(secret, false) }), privateKey };
};

const fromPrivateKeyInfo = (octets: Uint8Array, algorithm: DerElement, key: Uint8Array): KeyPair | undefined => {
  const [identifier, parameters] = readAll(octets, algorithm.start, algorithm.end) ?? [];
  const oid = contentsOf(octets, identifier, TAG.objectIdentifier);
  if (equalBytes(oid, RSA_ENCRYPTION)) return rsaPair(key, octets);
  return equalBytes(oid, EC_PUBLIC_KEY) ? ecPair(contentsOf(octets, parameters, TAG.objectIdentifier), key, octets) : undefined;
};

/** An ECPrivateKey names its curve itself, in [0]. */
const fromEcPrivateKey = (octets: Uint8Array, parameters: DerElement): KeyPair | undefined => {
  const oid = contentsOf(octets, readDer(octets, parameters.start, parameters.end), TAG.objectIdentifier);
  const algorithm = [der(TAG.objectIdentifier, EC_PUBLIC_KEY), der(TAG.objectIdentifier, oid)];
  return ecPair(oid, octets, privateKeyInfo(0, algorithm, octets));
};

const EC_PARAMETERS = 0xa0;

const fromDer = (octets: Uint8Array): KeyPair | undefined => {
  const elements = readSequence(octets) ?? [];
  const [first, second, third] = elements;
  if (first?.tag === TAG.sequence) return decodePublicKey(octets).ok ? { publicKey: octets } : undefined;
  if (first?.tag !== TAG.integer) return undefined;
  if (second?.tag === TAG.sequence) return fromPrivateKeyInfo(octets, second, contentsOf(octets, third, TAG.octetString));
  if (second?.tag === TAG.octetString && third?.tag === EC_PARAMETERS) return fromEcPrivateKey(octets, third);
  if (elements.length >= 9)
    return rsaPair(octets, privateKeyInfo(0, [der(TAG.objectIdentifier, RSA_ENCRYPTION), Uint8Array.of(0x05, 0x00)], octets));
  const [modulus, publicExponent] = [whole(octets, first), whole(octets, second)];
  if (elements.length !== 2 || second?.tag !== TAG.integer || modulus.length === 0 || publicExponent.length === 0) return undefined;
  return { publicKey: encodePublicKey({ kind: 'RSA', modulus, publicExponent }) };
};

/**
 * The key in a file's octets: PEM when there is a `-----BEGIN ... KEY-----`, else DER. Private keys are RSA, P-256, P-384 or P-521;
 * a public key may be any SubjectPublicKeyInfo. Never throws. Errors: `encrypted`, `bad-base64`, `not-a-key`.
 *
 * @example decodeKeyPair(readFileSync('host.pem')) // { ok: true, value: { publicKey, privateKey } }
 */
export const decodeKeyPair = (octets: Uint8Array): Decoded<KeyPair> => {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  const pem = /-----BEGIN ([A-Z ]*KEY)-----([^-]*)-----END \1-----/.exec(text);
  if (pem && (pem[1] === 'ENCRYPTED PRIVATE KEY' || pem[2]!.includes('ENCRYPTED')))
    return undecodable('encrypted', 0, 'the private key is encrypted', 'RFC 5958 section 3');
  const key = pem ? fromBase64(pem[2]!) : octets;
  if (key === undefined) return undecodable('bad-base64', pem!.index, 'what is between BEGIN and END is no base64', 'RFC 7468 section 3');
  const pair = fromDer(key);
  return pair === undefined
    ? undecodable('not-a-key', 0, 'neither a SubjectPublicKeyInfo nor an RSA, P-256, P-384 or P-521 key', SECTION)
    : decoded(pair);
};
