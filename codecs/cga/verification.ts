/**
 * Verification of a CGA (RFC 3972 section 5) and of an address against an HBA set (RFC 5535 section 7.2). A refusal names the step
 * that failed; no step after it is taken.
 */
import { copyOf, equalAt } from '../bytes.ts';
import { AT, decodeCgaParameters, endOfPublicKey, hash2Input, multiPrefixOf } from './parameters.ts';
import { startsWithZeroBits } from './kernel.ts';
import { CGA_SEC, type CgaSec } from './sec.ts';

/**
 * What can fail: `format` (the address has not 16 octets, or the CGA Parameters no whole public key), `prefix-set` (RFC 5535 section
 * 7.2 step 1), `collision-count`, `subnet-prefix`, `hash1`, `hash2` (RFC 3972 section 5 steps 1, 2, 4 and 7), `sec` (an HBA whose Sec
 * is beyond 2, RFC 5535 section 7), `signature` (RFC 3972 section 6).
 */
export type CgaStep = 'format' | 'prefix-set' | 'collision-count' | 'subnet-prefix' | 'hash1' | 'sec' | 'hash2' | 'signature';

/** A verification that failed: where, by which section, and a sentence for people. */
export interface CgaRefusal {
  readonly valid: false;
  readonly step: CgaStep;
  readonly section: string;
  readonly message: string;
}

/** The outcome of a verification. `sec` says what the address's Sec bits stand for, and whether RFC 4982 registered them. */
export type CgaVerification = { readonly valid: true; readonly sec: CgaSec } | CgaRefusal;

/** How to verify. */
export interface VerifyOptions {
  /** Used in place of the registry's SHA-1 where something faster is at hand: the digest of the octets, at least 14 octets of it. */
  readonly digest?: (octets: Uint8Array) => Uint8Array;
}

export const refusal = (step: CgaStep, section: string, message: string): CgaRefusal => ({ valid: false, step, section, message });

const bad = (message: string): CgaRefusal => refusal('format', 'RFC 3972 section 3', message);

const outside = (message: string): CgaRefusal => refusal('prefix-set', 'RFC 5535 section 7.2 step 1', message);

/** An address is 16 octets: 8 of subnet prefix, 8 of interface identifier. */
const INTERFACE_IDENTIFIER = 8;

/** The bits of the interface identifier's first octet that Hash1 decides: not Sec, u and g (RFC 3972 section 2, Mask1). */
const MASK1 = 0x1c;

/** The steps that CGAs and HBAs share, on parameters whose form is known to be right. */
const verifySteps = (address: Uint8Array, octets: Uint8Array, isHba: boolean, { digest }: VerifyOptions): CgaVerification => {
  const cited = (step: number): string => (isHba ? `RFC 5535 section 7.2 step 2.${step}` : `RFC 3972 section 5 step ${step}`);

  const collisionCount = octets[AT.collisionCount]!;
  if (collisionCount > 2) return refusal('collision-count', cited(1), `the collision count is ${collisionCount}, not 0, 1 or 2`);

  if (!equalAt(address, 0, octets, AT.subnetPrefix, INTERFACE_IDENTIFIER))
    return refusal('subnet-prefix', cited(2), 'the subnet prefix of the CGA Parameters is not that of the address');

  const sec = CGA_SEC[address[INTERFACE_IDENTIFIER]! >>> 5]!;
  const hash = digest ?? sec.hash.digest;
  const hash1 = hash(octets);
  if (((hash1[0]! ^ address[INTERFACE_IDENTIFIER]!) & MASK1) !== 0 || !equalAt(hash1, 1, address, INTERFACE_IDENTIFIER + 1, 7))
    return refusal('hash1', cited(4), 'Hash1 of the CGA Parameters is not the interface identifier of the address');

  if (isHba && !sec.registered) return refusal('sec', 'RFC 5535 section 7', `HBAs are defined for Sec 0, 1 and 2, not ${sec.value}`);

  if (sec.hash2Bits > 0 && !startsWithZeroBits(hash(hash2Input(octets)), sec.hash2Bits))
    return refusal('hash2', cited(7), `Hash2 does not begin with ${sec.hash2Bits} zero bits, which Sec ${sec.value} demands`);
  return { valid: true, sec };
};

/**
 * Whether `address` (16 octets) is the CGA of these CGA Parameters, for Sec 0 to 7. The Sec, u and g bits do not count in the comparison
 * with Hash1, so that lowering Sec still verifies (RFC 3972 section 7.1). Extension fields are hashed and otherwise ignored. Never throws.
 *
 * @example verifyCga(parseAddress('fe80::3c4a:5bf6:ffb4:ca6c')!, parameters) // { valid: true, sec: { value: 1, registered: true, ... } }
 */
export const verifyCga = (address: Uint8Array, parameters: Uint8Array, options: VerifyOptions = {}): CgaVerification => {
  if (address.length !== 16) return bad(`an IPv6 address has 16 octets, not ${address.length}`);
  if (endOfPublicKey(parameters) === undefined) return bad('the CGA Parameters hold no whole public key');
  return verifySteps(address, parameters, false, options);
};

/**
 * Whether `address` belongs to the HBA set of these CGA Parameters, which may be those of any address of the set: its prefix must be in
 * the (first) Multi-Prefix extension, and with that prefix in the Subnet Prefix field it must verify. Sec 3 and more are refused: no
 * procedure is registered for them. Never throws. RFC 5535 section 7.2.
 *
 * @example verifyHba(secondAddress, parametersOfTheFirst) // { valid: true, ... }
 */
export const verifyHba = (address: Uint8Array, parameters: Uint8Array, options: VerifyOptions = {}): CgaVerification => {
  if (address.length !== 16) return bad(`an IPv6 address has 16 octets, not ${address.length}`);
  const read = decodeCgaParameters(parameters);
  if (!read.ok) return bad(read.error.message);
  const set = multiPrefixOf(read.value);
  if (set === undefined) return outside('the CGA Parameters hold no Multi-Prefix extension whose length can be');
  if (!set.prefixes.some((prefix) => equalAt(prefix, 0, address, 0, INTERFACE_IDENTIFIER)))
    return outside('the prefix of the address is not in the prefix set of the Multi-Prefix extension');
  const replaced = copyOf(parameters);
  replaced.set(address.subarray(0, INTERFACE_IDENTIFIER), AT.subnetPrefix);
  return verifySteps(address, replaced, true, options);
};
