/**
 * CGA signatures (RFC 3972 section 6) over a shim6 locator list (RFC 5533 section 5.15.5): RSASSA-PKCS1-v1_5 with SHA-1, made and
 * checked by a provider that can be exchanged.
 */
import { ByteWriter, concat, fromHex } from '../bytes.ts';
import { forgeSignatures } from './forge.ts';
import { decodeCgaParameters } from './parameters.ts';
import { decodePublicKey } from './public-key.ts';
import { refusal, verifyCga, type CgaVerification, type VerifyOptions } from './verification.ts';

/** Whoever computes RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8017 section 8.2). */
export interface SignatureProvider {
  /** For people, such as `node-forge`. */
  readonly name: string;
  /** The signature of `message`; `privateKey` is a DER-encoded PKCS #8 RSA key. A key that cannot sign is a `RangeError`, or a rejection. */
  readonly sign: (privateKey: Uint8Array, message: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** Whether the signature is right; `publicKey` is a DER-encoded SubjectPublicKeyInfo of an RSA key. False for whatever is malformed. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;
}

/** The CGA Message Type tag of shim6, 16 octets (RFC 5533 section 5.15.5). */
export const SHIM6_TYPE_TAG = fromHex('4a3056624858574b3655416f506a6d48');

/** How a locator is verified (RFC 5533 section 5.15.2, table 4; section 17 there has the two the other way round). */
export const VERIFICATION_METHOD = { hba: 1, cga: 2 } as const;

/** A locator of a Locator List option, and the octet that says how it is verified. */
export interface SignedLocator {
  /** 16 octets. */
  readonly locator: Uint8Array;
  /** 8 bits, such as `VERIFICATION_METHOD.cga`. */
  readonly verificationMethod: number;
}

/**
 * What a CGA signature covers: the type tag, then the message (RFC 3972 section 6).
 * @example signedMessage(SHIM6_TYPE_TAG, message)
 */
export const signedMessage = (typeTag: Uint8Array, message: Uint8Array): Uint8Array => {
  if (typeTag.length !== 16) throw new RangeError(`typeTag must be 16 octets, not ${typeTag.length}`);
  return concat(typeTag, message);
};

/**
 * What the signature of a shim6 message covers: the type tag, the Locator List Generation (32 bits), and the locators whose method is
 * CGA, in the order of the list; the others are left out (RFC 5533 section 5.15.5). A `RangeError` names what cannot be represented.
 * @example locatorsSigned(2, [{ locator, verificationMethod: 2 }]).length // 36
 */
export const locatorsSigned = (generation: number, locators: readonly SignedLocator[]): Uint8Array => {
  const writer = new ByteWriter(4 + 16 * locators.length).u32('generation', generation);
  for (const { locator, verificationMethod } of locators)
    if (verificationMethod === VERIFICATION_METHOD.cga) writer.bytes('locator', locator, 16);
  return signedMessage(SHIM6_TYPE_TAG, writer.finish());
};

/**
 * The CGA Signature of a locator list, without padding. `privateKey`: DER-encoded PKCS #8, RSA. The public key that belongs to it must be
 * the one in the sender's CGA Parameters. @example await signLocators(privateKey, 2, locators)
 */
export const signLocators = async (
  privateKey: Uint8Array,
  generation: number,
  locators: readonly SignedLocator[],
  provider: SignatureProvider = forgeSignatures,
): Promise<Uint8Array> => provider.sign(privateKey, locatorsSigned(generation, locators));

const wrong = (message: string): CgaVerification => refusal('signature', 'RFC 3972 section 6', message);

/** What `verifyLocators` takes. */
export interface LocatorSignature {
  /** The sender's CGA, 16 octets. */
  readonly address: Uint8Array;
  /** Its CGA Parameters. */
  readonly parameters: Uint8Array;
  /** The Locator List Generation. */
  readonly generation: number;
  readonly locators: readonly SignedLocator[];
  /** As in the CGA Signature option, without its padding. */
  readonly signature: Uint8Array;
}

/**
 * Whether a locator list was signed by the owner of a CGA: the CGA must verify (a refusal names its step) and then the signature, with
 * the key of its parameters (RFC 3972 section 6). @example await verifyLocators({ address, parameters, generation: 2, locators, signature })
 */
export const verifyLocators = async (
  { address, parameters, generation, locators, signature }: LocatorSignature,
  provider: SignatureProvider = forgeSignatures,
  options: VerifyOptions = {},
): Promise<CgaVerification> => {
  const cga = verifyCga(address, parameters, options);
  if (!cga.valid) return cga;
  const read = decodeCgaParameters(parameters);
  const key = read.ok ? decodePublicKey(read.value.publicKey) : read;
  if (!read.ok || !key.ok || key.value.kind !== 'RSA') return wrong('only an RSA key can have made a CGA signature');
  const right = await provider.verify(read.value.publicKey, locatorsSigned(generation, locators), signature);
  return right ? cga : wrong('the signature is not that of the key in the CGA Parameters over this locator list');
};
