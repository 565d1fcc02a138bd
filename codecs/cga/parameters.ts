/** The CGA Parameters data structure and the two hash values over it (RFC 3972 section 3, RFC 4581 section 2). */
import { ByteWriter, copyOf } from '../bytes.ts';
import { decoded, undecodable, type Decoded } from '../decoded.ts';
import { readDer, TAG } from './der.ts';
import { decodeExtensionFields, encodeExtensionFields, type ExtensionField } from './extension.ts';
import { PREFIX_OCTETS, type MultiPrefix } from './multi-prefix.ts';
import { MODIFIER_OCTETS } from './kernel.ts';

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     +                      Modifier (16 octets)                     +
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     +                    Subnet Prefix (8 octets)                   +
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |Collision Count|                                               |
 *     +-+-+-+-+-+-+-+-+                                               |
 *     ~                  Public Key (variable length)                 ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~           Extension Fields (optional, variable length)        ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export interface CgaParameters {
  /** 16 octets. */
  readonly modifier: Uint8Array;
  /** 8 octets. */
  readonly subnetPrefix: Uint8Array;
  /** 8 bits; more than 2 is decoded, and refused by verification. */
  readonly collisionCount: number;
  /** A DER-encoded SubjectPublicKeyInfo; `decodePublicKey` reads it. */
  readonly publicKey: Uint8Array;
  /** In the order they are written. */
  readonly extensionFields: readonly ExtensionField[];
}

/** Where the subnet prefix, the collision count and the public key begin. */
export const AT = { subnetPrefix: MODIFIER_OCTETS, collisionCount: MODIFIER_OCTETS + PREFIX_OCTETS, publicKey: 25 } as const;

const SECTION = 'RFC 3972 section 3';

/** One past the last octet of the public key at octet 25; its outermost length says so. Undefined when there is no whole key. */
export const endOfPublicKey = (octets: Uint8Array): number | undefined => {
  const key = readDer(octets, AT.publicKey);
  return key?.tag === TAG.sequence ? key.end : undefined;
};

/**
 * Decodes CGA Parameters. Only what has no public key to be found is refused; everything else is kept as it is, whatever it says, so
 * that `encodeCgaParameters` gives the same octets back. Never throws; views, no copies. Errors: `truncated` (fewer than 25 octets, or
 * the key goes on beyond the end), `bad-public-key` (no DER SEQUENCE).
 *
 * @example decodeCgaParameters(fromHex('...')) // { ok: true, value: { modifier, subnetPrefix, collisionCount: 0, ... } }
 */
export const decodeCgaParameters = (octets: Uint8Array): Decoded<CgaParameters> => {
  if (octets.length < AT.publicKey)
    return undecodable('truncated', octets.length, `CGA Parameters have at least 25 octets, not ${octets.length}`, SECTION);
  const end = endOfPublicKey(octets);
  if (end === undefined) {
    return octets.length > AT.publicKey && octets[AT.publicKey] !== TAG.sequence
      ? undecodable('bad-public-key', AT.publicKey, 'the public key does not begin as a DER SEQUENCE', SECTION)
      : undecodable('truncated', octets.length, `the octets end within the public key, after ${octets.length}`, SECTION);
  }
  return decoded({
    modifier: octets.subarray(0, AT.subnetPrefix),
    subnetPrefix: octets.subarray(AT.subnetPrefix, AT.collisionCount),
    collisionCount: octets[AT.collisionCount]!,
    publicKey: octets.subarray(AT.publicKey, end),
    extensionFields: decodeExtensionFields(octets, end),
  });
};

/**
 * The octets of CGA Parameters: what goes over the wire and into Hash1. A `RangeError` names the field that cannot be represented; a
 * public key must be one whole DER SEQUENCE, or nobody could tell where it ends.
 * @example encodeCgaParameters({ modifier, subnetPrefix, collisionCount: 0, publicKey, extensionFields: [] })
 */
export const encodeCgaParameters = (parameters: CgaParameters): Uint8Array => {
  const { publicKey } = parameters;
  const key = readDer(publicKey, 0);
  if (key?.tag !== TAG.sequence || key.end !== publicKey.length)
    throw new RangeError('publicKey must be a DER-encoded SubjectPublicKeyInfo and nothing else');
  return new ByteWriter(AT.publicKey + publicKey.length + 64)
    .bytes('modifier', parameters.modifier, MODIFIER_OCTETS)
    .bytes('subnetPrefix', parameters.subnetPrefix, PREFIX_OCTETS)
    .u8('collisionCount', parameters.collisionCount)
    .bytes('publicKey', publicKey)
    .bytes('extensionFields', encodeExtensionFields(parameters.extensionFields))
    .finish();
};

/**
 * What Hash2 is computed over: encoded parameters with subnet prefix and collision count zero (RFC 3972 section 3). A copy.
 * @example searchModifier(hash2Input(encodeCgaParameters(parameters)), 1, parameters.modifier)
 */
export const hash2Input = (octets: Uint8Array): Uint8Array => copyOf(octets).fill(0, AT.subnetPrefix, AT.publicKey);

/** The first Multi-Prefix extension, the one that counts; undefined when there is none. @example multiPrefixOf(parameters)?.prefixes */
export const multiPrefixOf = ({ extensionFields }: CgaParameters): MultiPrefix | undefined =>
  extensionFields.find((field): field is MultiPrefix => field.kind === 'MULTI_PREFIX');
