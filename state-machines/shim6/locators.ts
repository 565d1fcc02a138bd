/** Locator sets of both ends, RFC 5533 sections 5.15.2 to 5.15.5 and 7.2: how this end tells its own, and whether the peer's are its own. */
import { copyOf, equalBytes } from '../../codecs/bytes.ts';
import {
  decodeCgaParameters,
  decodePublicKey,
  locatorsSigned,
  rsaBits,
  signLocators,
  VERIFICATION_METHOD,
  verifyCga,
  verifyHba,
} from '../../codecs/cga/index.ts';
import type { SignatureProvider, VerifyOptions } from '../../codecs/cga/index.ts';
import type {
  CgaParameterDataStructure,
  CgaSignature,
  LocatorList,
  LocatorPreference,
  LocatorPreferences,
  Shim6Option,
} from '../../codecs/shim6/index.ts';

/** One of this end's locators. */
export interface LocalLocator {
  /** 16 octets. */
  readonly locator: Uint8Array;
  /** `VERIFICATION_METHOD.hba` or `.cga`; what has neither can only be a ULID by itself. */
  readonly verificationMethod?: number;
  /** Its CGA Parameters, which go along where it is the ULID: what all others are verified by. */
  readonly parameters?: Uint8Array;
  /** What is told of it in a Locator Preferences option. */
  readonly preference?: LocatorPreference;
}

/** All of this end's locators, as they are told at one time. Made anew, with another generation, whenever they change. */
export interface LocalLocators {
  /** 32 bits, drawn anew for each list (section 10.1). */
  readonly generation: number;
  readonly locators: readonly LocalLocator[];
  /** Of those whose method is CGA, made ahead, so that no message waits for it. */
  readonly signature?: Uint8Array;
  /** ULIDs that are no locators any more, with their parameters: without those nobody who has lost the context could verify the others. */
  readonly former?: readonly LocalLocator[];
}

/**
 * A locator set with its signature, where one of the locators needs it: made once, for all contexts. `privateKey` is a DER-encoded PKCS #8 RSA key, that of the
 * CGA Parameters. @example host.setLocators(await announceLocators(generation, locators, privateKey), now)
 */
export const announceLocators = async (
  generation: number,
  locators: readonly LocalLocator[],
  privateKey: Uint8Array,
  provider?: SignatureProvider,
): Promise<LocalLocators> => {
  const signed = locators.map(({ locator, verificationMethod = 0 }) => ({ locator, verificationMethod }));
  return signed.some(({ verificationMethod }) => verificationMethod === VERIFICATION_METHOD.cga)
    ? { generation, locators, signature: await signLocators(privateKey, generation, signed, provider) }
    : { generation, locators };
};

/** Whether a set can be told: what has no method can only be a ULID by itself, which needs no list. */
const isList = ({ locators }: LocalLocators): boolean => locators.every(({ verificationMethod }) => verificationMethod !== undefined);

const has = (list: readonly LocalLocator[], locator: Uint8Array): boolean => list.some((each) => equalBytes(each.locator, locator));

/**
 * A new set, with what was in the one before, is no locator any more, and is still the ULID of a context: `ulids` are those of all contexts.
 * @example withFormer(shorter, { generation: 1, locators: [first, second] }, [first.locator]).former // [first]
 */
export const withFormer = (local: LocalLocators, before: LocalLocators, ulids: readonly Uint8Array[]): LocalLocators => {
  const { former = [] } = local;
  const gone = [...before.locators, ...(before.former ?? [])].filter(
    ({ locator, parameters }) => parameters !== undefined && !has([...local.locators, ...former], locator),
  );
  const kept = gone.filter(({ locator }) => ulids.some((ulid) => equalBytes(ulid, locator)));
  return kept.length === 0 ? local : { ...local, former: [...former, ...kept] };
};

/** The options that tell a set to the peer of a context with this ULID; none for a locator without a method. */
export const locatorOptions = (local: LocalLocators, ulid: Uint8Array): readonly Shim6Option[] => {
  if (!isList(local)) return [];
  const { generation, locators, signature, former = [] } = local;
  const list = locators.map(({ locator, verificationMethod = 0 }) => ({ locator, verificationMethod }));
  const parameters = [...locators, ...former].find(({ locator }) => equalBytes(locator, ulid))?.parameters;
  return [
    { kind: 'LocatorList', locatorListGeneration: generation, locators: list },
    ...(parameters === undefined ? [] : [{ kind: 'CgaParameterDataStructure', cgaParameters: parameters } as const]),
    ...(signature === undefined ? [] : [{ kind: 'CgaSignature', signature } as const]),
  ];
};

/** The option that tells what is preferred; none where nothing is said of any locator. */
export const preferenceOptions = ({ generation, locators }: LocalLocators): readonly Shim6Option[] =>
  locators.some(({ preference }) => preference !== undefined)
    ? [
        {
          kind: 'LocatorPreferences',
          locatorListGeneration: generation,
          elementLength: 3,
          elements: locators.map(({ preference }) => preference ?? { flags: 0 }),
        },
      ]
    : [];

/** What is known of the peer's locators. */
export interface PeerLocators {
  /** Of the last list that was verified; undefined where there was none. */
  readonly generation: number | undefined;
  /** Verified, in the order of the list. */
  readonly locators: readonly Uint8Array[];
  /** The CGA Parameters of its ULID. */
  readonly parameters?: Uint8Array;
  /** What it says of them, in the same order. */
  readonly preferences?: readonly LocatorPreference[];
}

/** Whoever knows whether an RSASSA-PKCS1-v1_5 signature with SHA-1 is right; `publicKey` is a SubjectPublicKeyInfo. False for whatever is malformed. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** How locators are verified. */
export interface Verification extends VerifyOptions {
  /** No CGA locator verifies where it is left out. */
  readonly verifySignature?: VerifySignature | undefined;
  /** Locators of a peer at most (section 5.1 lets an implementation limit them). */
  readonly maxLocators: number;
}

/**
 * What a message's options say of the peer's locators. `discarded`: its CGA Parameters are not the ULID's. `unverified`: the locator with that index does not
 * verify (section 7.2).
 */
export type PeerVerdict =
  | { readonly verdict: 'valid'; readonly peer: PeerLocators }
  | { readonly verdict: 'discarded' }
  | { readonly verdict: 'unverified'; readonly list: LocatorList; readonly index: number };

/** RSA keys of CGAs are at least this long (section 16). */
const LEAST_RSA_BITS = 1024;

const find = <K extends Shim6Option['kind']>(options: readonly Shim6Option[], kind: K) =>
  options.find((option): option is Extract<Shim6Option, { readonly kind: K }> => option.kind === kind);

/** The option of a kind among those of a message. @example optionOf(message, 'UlidPair')?.senderUlid */
export const optionOf = <K extends Shim6Option['kind']>(message: { readonly options?: readonly Shim6Option[] }, kind: K) =>
  find(message.options ?? [], kind);

const isSigned = (
  ulid: Uint8Array,
  parameters: Uint8Array,
  list: LocatorList,
  signature: CgaSignature | undefined,
  verification: Verification,
): boolean => {
  if (signature === undefined || verification.verifySignature === undefined || !verifyCga(ulid, parameters, verification).valid)
    return false;
  const read = decodeCgaParameters(parameters);
  const key = read.ok ? decodePublicKey(read.value.publicKey) : read;
  if (!read.ok || !key.ok || key.value.kind !== 'RSA' || rsaBits(key.value) < LEAST_RSA_BITS) return false;
  const signed = locatorsSigned(list.locatorListGeneration, list.locators);
  return verification.verifySignature(read.value.publicKey, signed, signature.signature);
};

const isSameList = (list: LocatorList, { generation, locators }: PeerLocators): boolean =>
  list.locatorListGeneration === generation &&
  list.locators.length === locators.length &&
  list.locators.every(({ locator }, i) => equalBytes(locator, locators[i]!));

/**
 * Verifies what a message tells of the locators of a peer. A list that is the one that is known is not verified again, and one that is left out leaves what is
 * known; where nothing is, the ULID is the only locator, and needs no verification (section 7.2). In a list it does: its method may not be one that is unknown.
 * @example verifyPeer(peerUlid, message.options, undefined, { verifySignature, maxLocators: 32 })
 */
export const verifyPeer = (
  ulid: Uint8Array,
  options: readonly Shim6Option[],
  known: PeerLocators | undefined,
  verification: Verification,
): PeerVerdict => {
  const pds: CgaParameterDataStructure | undefined = find(options, 'CgaParameterDataStructure');
  const parameters = pds?.cgaParameters ?? known?.parameters;
  if (
    pds !== undefined &&
    !(known?.parameters !== undefined && equalBytes(pds.cgaParameters, known.parameters)) &&
    !verifyCga(ulid, pds.cgaParameters, verification).valid &&
    !verifyHba(ulid, pds.cgaParameters, verification).valid
  )
    return { verdict: 'discarded' };
  const list = find(options, 'LocatorList');
  if (list === undefined) {
    const peer = known ?? { generation: undefined, locators: [ulid] };
    return { verdict: 'valid', peer: parameters === undefined ? peer : { ...peer, parameters } };
  }
  if (known !== undefined && isSameList(list, known)) return { verdict: 'valid', peer: known };
  if (list.locators.length === 0) return { verdict: 'unverified', list, index: 0 };
  let signed: boolean | undefined;
  const isVerified = (locator: Uint8Array, method: number, index: number): boolean => {
    if (index >= verification.maxLocators) return false;
    if (parameters === undefined) return false;
    if (method === VERIFICATION_METHOD.hba) return verifyHba(locator, parameters, verification).valid;
    if (method !== VERIFICATION_METHOD.cga) return false;
    signed ??= isSigned(ulid, parameters, list, find(options, 'CgaSignature'), verification);
    return signed;
  };
  const index = list.locators.findIndex(({ locator, verificationMethod }, i) => !isVerified(locator, verificationMethod, i));
  if (index >= 0) return { verdict: 'unverified', list, index };
  const locators = list.locators.map(({ locator }) => copyOf(locator));
  const peer = { generation: list.locatorListGeneration, locators };
  return { verdict: 'valid', peer: parameters === undefined ? peer : { ...peer, parameters: copyOf(parameters) } };
};

/** What a Locator Preferences option says, held against the list that it is about (section 10.4). */
export const preferencesOf = (
  { generation, locators }: PeerLocators,
  preferences: LocatorPreferences | undefined,
): 'valid' | 'generation' | 'elements' => {
  if (preferences === undefined) return 'valid';
  // Before any list there is no generation: what is said is about the ULID then, and there is nothing to compare.
  if (preferences.locatorListGeneration !== generation && generation !== undefined) return 'generation';
  return preferences.elements.length === locators.length ? 'valid' : 'elements';
};
