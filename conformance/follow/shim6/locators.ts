/** What a message says of its sender's locators, verified as far as that goes: by HBA, by CGA and its signature (RFC 5533 section 7.2, RFC 3972, RFC 5535). */
import { toHex } from '../../../codecs/bytes.ts';
import { decodeCgaParameters, decodePublicKey, locatorsSigned, multiPrefixOf, verifyCga, verifyHba } from '../../../codecs/cga/index.ts';
import { VERIFICATION_METHOD as METHOD } from '../../../codecs/cga/index.ts';
import type { CgaParameters, CgaVerification, PublicKey, SignedLocator } from '../../../codecs/cga/index.ts';
import type { LocatorList, Shim6Option } from '../../../codecs/shim6/index.ts';
import { digest, nodeSignatures } from '../../providers/node-crypto.ts';
import type { Address } from './sight.ts';

/** CGA Parameters and what they prove of the ULID that they came for. */
export interface Parameters {
  readonly octets: Uint8Array;
  readonly frame: number;
  /** Undefined where no public key is to be found. */
  readonly fields: CgaParameters | undefined;
  readonly key: PublicKey | undefined;
  /** Whether they belong to the ULID, as CGA or as member of the HBA set; undefined where the ULID is not known. */
  readonly forUlid: CgaVerification | undefined;
  /** They belong to the ULID once the zeros at their end are taken for the padding that they are. */
  readonly countsPadding: boolean;
}

/** A signature over a locator list: `order`: it is that of the same locators in another order; `padded`: with the padding cut off it is right. */
export type SignatureState = 'absent' | 'unneeded' | 'right' | 'wrong' | 'order' | 'padded' | 'unknown';

/** A Locator List, with what proves it. */
export interface Announced {
  readonly list: LocatorList;
  readonly frame: number;
  readonly addresses: readonly Address[];
  /** Of this message, or exchanged before. */
  readonly parameters: Parameters | undefined;
  readonly signature: SignatureState;
  /** Locators with method HBA that do not belong to the set, with the reason. */
  readonly outside: readonly { readonly locator: Uint8Array; readonly message: string }[];
  /** The method is HBA, and the CGA Parameters have no Multi-Prefix extension. */
  readonly inconsistent: boolean;
  /** Whether all of it holds; undefined where the capture has not what it takes. */
  readonly verified: boolean | undefined;
}

const OPTIONS = { digest };

const forUlidOf = (ulid: Uint8Array, octets: Uint8Array, isSet: boolean): CgaVerification => {
  const cga = verifyCga(ulid, octets, OPTIONS);
  if (cga.valid || !isSet) return cga;
  const hba = verifyHba(ulid, octets, OPTIONS);
  return hba.valid || cga.step === 'subnet-prefix' ? hba : cga;
};

/** Octets without the zeros at their end, at most 7. */
const unpadded = (octets: Uint8Array): Uint8Array => {
  let end = octets.length;
  while (end > 0 && octets.length - end < 7 && octets[end - 1] === 0) end -= 1;
  return octets.subarray(0, end);
};

/** Reads and verifies CGA Parameters. @example parametersOf(option.cgaParameters, ulid, frame) */
export const parametersOf = (octets: Uint8Array, ulid: Uint8Array | undefined, frame: number): Parameters => {
  const read = decodeCgaParameters(octets);
  const fields = read.ok ? read.value : undefined;
  const key = fields && decodePublicKey(fields.publicKey);
  const isSet = fields !== undefined && multiPrefixOf(fields) !== undefined;
  const forUlid = ulid && forUlidOf(ulid, octets, isSet);
  const shorter = unpadded(octets);
  const countsPadding =
    ulid !== undefined && forUlid?.valid === false && shorter.length < octets.length && trimmedFits(ulid, octets, shorter.length);
  return { octets, frame, fields, key: key?.ok === true ? key.value : undefined, forUlid, countsPadding };
};

const trimmedFits = (ulid: Uint8Array, octets: Uint8Array, shortest: number): boolean => {
  for (let end = octets.length - 1; end >= shortest; end -= 1) {
    const cut = octets.subarray(0, end);
    if (verifyCga(ulid, cut, OPTIONS).valid || verifyHba(ulid, cut, OPTIONS).valid) return true;
  }
  return false;
};

/** node:crypto verifies at once; whatever is no signature is wrong. */
const signs = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  nodeSignatures.verify(key, message, signature) === true;

/** Orders of more locators than this are not tried. */
const PERMUTED = 4;

const ordersOf = (locators: readonly SignedLocator[]): readonly (readonly SignedLocator[])[] =>
  locators.length <= 1
    ? [locators]
    : locators.flatMap((first, i) => ordersOf([...locators.slice(0, i), ...locators.slice(i + 1)]).map((rest) => [first, ...rest]));

const signatureStateOf = (list: LocatorList, parameters: Parameters | undefined, signature: Uint8Array | undefined): SignatureState => {
  const signed = list.locators.filter(({ verificationMethod }) => verificationMethod === METHOD.cga);
  if (signature === undefined) return signed.length === 0 ? 'unneeded' : 'absent';
  const key = parameters?.fields?.publicKey;
  if (key === undefined) return 'unknown';
  const messageOf = (locators: readonly SignedLocator[]): Uint8Array => locatorsSigned(list.locatorListGeneration, locators);
  const message = messageOf(signed);
  if (signs(key, message, signature)) return 'right';
  const length = parameters?.key?.kind === 'RSA' ? parameters.key.modulus.length : signature.length;
  if (
    signature.length > length &&
    signature.subarray(length).every((octet) => octet === 0) &&
    signs(key, message, signature.subarray(0, length))
  )
    return 'padded';
  if (signed.length <= PERMUTED && ordersOf(signed).some((order) => signs(key, messageOf(order), signature))) return 'order';
  return 'wrong';
};

/** The option of a kind, the first one. @example optionOf(message.options, 'LocatorList') */
export const optionOf = <K extends Shim6Option['kind']>(
  options: readonly Shim6Option[] | undefined,
  kind: K,
): Extract<Shim6Option, { readonly kind: K }> | undefined =>
  options?.find((option): option is Extract<Shim6Option, { readonly kind: K }> => option.kind === kind);

/** Verifies the locator list of a message; `parameters` are those that are known of its sender. */
export const announcedOf = (
  list: LocatorList,
  options: readonly Shim6Option[],
  parameters: Parameters | undefined,
  frame: number,
): Announced => {
  const signature = signatureStateOf(list, parameters, optionOf(options, 'CgaSignature')?.signature);
  const byHba = list.locators.filter(({ verificationMethod }) => verificationMethod === METHOD.hba);
  const outside =
    parameters === undefined
      ? []
      : byHba.flatMap(({ locator }) => {
          const verdict = verifyHba(locator, parameters.octets, OPTIONS);
          return verdict.valid ? [] : [{ locator, message: verdict.message }];
        });
  const inconsistent = byHba.length > 0 && parameters?.fields !== undefined && multiPrefixOf(parameters.fields) === undefined;
  const isOdd = list.locators.some(({ verificationMethod: method }) => method !== METHOD.hba && method !== METHOD.cga);
  const isWrong =
    outside.length > 0 || parameters?.forUlid?.valid === false || signature === 'wrong' || signature === 'order' || signature === 'padded';
  const isOpen = parameters?.forUlid === undefined || signature === 'unknown' || signature === 'absent' || isOdd;
  return {
    list,
    frame,
    addresses: list.locators.map(({ locator }) => toHex(locator)),
    parameters,
    signature,
    outside,
    inconsistent,
    verified: isWrong ? false : isOpen ? undefined : true,
  };
};
