/** Generation of CGAs (RFC 3972 section 4) and of HBA sets (RFC 5535 section 6). */
import { concat, copyOf } from '../bytes.ts';
import type { ExtensionField } from './extension.ts';
import { AT, encodeCgaParameters, hash2Input, type CgaParameters } from './parameters.ts';
import { encodeExtendedModifier, EXTENDED_MODIFIER_OCTETS } from './public-key.ts';
import { MODIFIER_OCTETS } from './kernel.ts';
import { searchModifier, type SearchOptions } from './search.ts';
import { cgaSec, type CgaSec } from './sec.ts';

/** What CGAs and HBA sets have in common. */
export interface GenerationOptions extends SearchOptions {
  /** 0 to 7 for a CGA, 0 to 2 for an HBA set. */
  readonly sec: number;
  /** At least one, 8 octets each; an address for each, all with the same modifier. */
  readonly prefixes: readonly Uint8Array[];
  /** Where the search starts, 16 octets; drawn from `random` when left out. */
  readonly modifier?: Uint8Array;
  /** Gives that many random octets, such as `(n) => crypto.getRandomValues(new Uint8Array(n))`: nothing in here draws lots itself. */
  readonly random?: (octets: number) => Uint8Array;
  /** Where to start counting collisions: 0, 1 or 2; 0 when left out. */
  readonly collisionCount?: number;
  /** Duplicate address detection (RFC 3972 section 4 step 8): whether somebody else has this address. Nobody, when left out. */
  readonly isDuplicate?: (address: Uint8Array) => boolean | Promise<boolean>;
}

/** What `generateCga` takes. */
export interface CgaRequest extends GenerationOptions {
  /** A DER-encoded SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** None when left out. */
  readonly extensionFields?: readonly ExtensionField[];
}

/** What `generateHba` takes. */
export interface HbaRequest extends GenerationOptions {
  /** For a CGA-compatible set: a DER-encoded SubjectPublicKeyInfo. */
  readonly publicKey?: Uint8Array;
  /** For a set without a key: 48 octets; drawn from `random` when left out. */
  readonly extendedModifier?: Uint8Array;
}

/** An address and what proves it. */
export interface GeneratedAddress {
  /** 16 octets. */
  readonly address: Uint8Array;
  readonly parameters: CgaParameters;
  /** The parameters encoded. */
  readonly octets: Uint8Array;
}

/** What a generation gives. */
export interface Generated {
  readonly sec: CgaSec;
  /** The modifier that fitted. */
  readonly modifier: Uint8Array;
  /** How far it lies from where the search started. */
  readonly distance: number;
  /** One for each prefix, in their order. */
  readonly addresses: readonly GeneratedAddress[];
}

/**
 * The address that encoded CGA Parameters have for a Sec value (RFC 3972 section 4 steps 5 to 7), whether or not their modifier fits it.
 * @example cgaAddress(encodeCgaParameters(parameters), 1)
 */
export const cgaAddress = (octets: Uint8Array, sec: number): Uint8Array => {
  const { hash } = cgaSec(sec);
  const interfaceIdentifier = copyOf(hash.digest(octets), 0, 8);
  // Sec in bits 0 to 2, u and g in bits 6 and 7.
  interfaceIdentifier[0] = (sec << 5) | (interfaceIdentifier[0]! & 0x1c);
  return concat(octets.subarray(AT.subnetPrefix, AT.collisionCount), interfaceIdentifier);
};

const drawn = (field: string, length: number, { random }: GenerationOptions): Uint8Array => {
  if (random === undefined) throw new RangeError(`${field} must be given where there is no random`);
  return random(length);
};

const addressesFor = (parameters: CgaParameters, sec: number, prefixes: readonly Uint8Array[]): readonly GeneratedAddress[] =>
  prefixes.map((subnetPrefix) => {
    const own = { ...parameters, subnetPrefix };
    const octets = encodeCgaParameters(own);
    return { address: cgaAddress(octets, sec), parameters: own, octets };
  });

/** The addresses of a set share a collision count: one that collides gives all of them a new one (RFC 5535 section 6 step 6.4). */
const withoutDuplicates = async (
  parameters: CgaParameters,
  prefixes: readonly Uint8Array[],
  { sec, isDuplicate, collisionCount = 0 }: GenerationOptions,
): Promise<readonly GeneratedAddress[]> => {
  if (!Number.isInteger(collisionCount) || collisionCount < 0 || collisionCount > 2)
    throw new RangeError(`collisionCount must be 0, 1 or 2, not ${collisionCount}`);
  for (let count = collisionCount; count <= 2; count++) {
    const addresses = addressesFor({ ...parameters, collisionCount: count }, sec, prefixes);
    const duplicates = await Promise.all(addresses.map(async ({ address }) => isDuplicate?.(address) ?? false));
    if (!duplicates.includes(true)) return addresses;
  }
  throw new Error('the third address collided, too: RFC 3972 section 4 step 8 says to stop');
};

const search = async (publicKey: Uint8Array, extensionFields: readonly ExtensionField[], options: GenerationOptions) => {
  const { prefixes, sec } = options;
  const [first] = prefixes;
  if (first === undefined) throw new RangeError('prefixes must hold at least one');
  const start = options.modifier ?? drawn('modifier', MODIFIER_OCTETS, options);
  const parameters = { modifier: start, subnetPrefix: first, collisionCount: 0, publicKey, extensionFields };
  const found = await searchModifier(hash2Input(encodeCgaParameters(parameters)), sec, start, options);
  return { ...found, sec: cgaSec(sec), parameters: { ...parameters, modifier: found.modifier } };
};

/**
 * A CGA for each prefix, all with one modifier: the search, which takes 2^(16 * Sec) hashes on average, is done once (RFC 3972
 * section 4; Sec 3 and more are not registered by RFC 4982, which the result's `sec` says). The same modifier, key and extension
 * fields give the same CGAs. Rejected with a `RangeError` that names what cannot be, with the signal's reason when aborted, and with an
 * `Error` after the third collision.
 *
 * @example const { addresses } = await generateCga({ sec: 1, prefixes: [prefix], publicKey, random });
 */
export const generateCga = async (request: CgaRequest): Promise<Generated> => {
  const { parameters, ...found } = await search(request.publicKey, request.extensionFields ?? [], request);
  const addresses: GeneratedAddress[] = [];
  for (const prefix of request.prefixes) addresses.push(...(await withoutDuplicates(parameters, [prefix], request)));
  return { ...found, addresses };
};

/**
 * An HBA set: an address for each prefix, bound to all of them by the Multi-Prefix extension; CGA-compatible when there is a public key.
 * Rejected as `generateCga` is, and for Sec 3 and more (RFC 5535 section 6).
 *
 * @example const { addresses } = await generateHba({ sec: 0, prefixes: [p1, p2], random });
 */
export const generateHba = async (request: HbaRequest): Promise<Generated> => {
  if (!cgaSec(request.sec).registered) throw new RangeError(`sec must be 0, 1 or 2 for an HBA set, not ${request.sec}`);
  const pFlag = request.publicKey !== undefined;
  const publicKey =
    request.publicKey ?? encodeExtendedModifier(request.extendedModifier ?? drawn('extendedModifier', EXTENDED_MODIFIER_OCTETS, request));
  const set = { kind: 'MULTI_PREFIX', pFlag, reserved: 0, prefixes: request.prefixes } as const;
  const { parameters, ...found } = await search(publicKey, [set], request);
  return { ...found, addresses: await withoutDuplicates(parameters, request.prefixes, request) };
};
