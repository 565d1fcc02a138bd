/** The mobility options, RFC 6275 section 6.2: one registry, and the one place that knows of types, lengths, padding and alignment. */
import { ByteWriter, concat } from '../bytes.ts';
import type { DecodeError } from '../decoded.ts';
import { alternateCareOfAddress, type AlternateCareOfAddress } from './alternate-care-of-address.ts';
import { bindingAuthorizationData, type BindingAuthorizationData } from './binding-authorization-data.ts';
import { bindingIdentifier, type BindingIdentifier } from './binding-identifier.ts';
import { bindingRefreshAdvice, type BindingRefreshAdvice } from './binding-refresh-advice.ts';
import { careOfTest, type CareOfTest } from './care-of-test.ts';
import { mobileNetworkPrefix, type MobileNetworkPrefix } from './mobile-network-prefix.ts';
import { nonceIndices, type NonceIndices } from './nonce-indices.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/** Pad1, section 6.2.2: one octet, without length and data. */
export interface Pad1 {
  readonly kind: 'Pad1';
}

/** PadN, section 6.2.3. */
export interface PadN {
  readonly kind: 'PadN';
  /** Zeros, as far as its sender follows the section. */
  readonly data: Uint8Array;
}

/** Options that RFCs assigned and that are carried as they are, by type (IANA's registry of mobility options). */
const assigned = {
  MobilityHeaderLinkLayerAddress: 7,
  MobileNodeIdentifier: 8,
  AuthenticationMobility: 9,
  ReplayProtection: 10,
  CgaParametersRequest: 11,
  CgaParameters: 12,
  Signature: 13,
  PermanentHomeKeygenToken: 14,
  CareOfTestInit: 15,
  DnsUpdate: 17,
  Experimental: 18,
  VendorSpecific: 19,
  ServiceSelection: 20,
  BindingAuthorizationDataForFmip6: 21,
  HomeNetworkPrefix: 22,
  HandoffIndicator: 23,
  AccessTechnologyType: 24,
  MobileNodeLinkLayerIdentifier: 25,
  LinkLocalAddress: 26,
  Timestamp: 27,
  RestartCounter: 28,
  Ipv4HomeAddress: 29,
  Ipv4AddressAcknowledgement: 30,
  NatDetection: 31,
  Ipv4CareOfAddress: 32,
  GreKey: 33,
  MobilityHeaderIpv6AddressPrefix: 34,
  Ipv4HomeAddressRequest: 36,
  Ipv4HomeAddressReply: 37,
  Ipv4DefaultRouterAddress: 38,
  Ipv4DhcpSupportMode: 39,
} as const;

/** The kind of an option that is carried as it is. RFC 4866's CGA Parameters, their request, the Signature, the Permanent Home Keygen Token and the Care-of Test Init are among them. */
export type AssignedKind = keyof typeof assigned;

/** An option that another RFC assigned. */
export interface AssignedOption {
  readonly kind: AssignedKind;
  readonly data: Uint8Array;
}

/** An option of a type that nobody here knows: to be skipped (section 6.2.1). */
export interface UnknownMobilityOption {
  readonly kind: 'Unknown';
  readonly type: number;
  readonly data: Uint8Array;
}

/** An option of a known type whose data is not what its section says: kept as it is, with the reason. */
export interface MalformedMobilityOption {
  readonly kind: 'Malformed';
  readonly type: number;
  readonly data: Uint8Array;
  /** `offset` counts from the option's type. */
  readonly error: DecodeError;
}

/**
 * The end of a message that is no option: one octet, or an option that is longer than what is left. The RFC does not say what becomes of such a message, and UMIP
 * takes what comes before: so it is kept as it is, with the reason.
 */
export interface OverlongMobilityOption {
  readonly kind: 'Overlong';
  /** From the option's type to the end of the message. */
  readonly octets: Uint8Array;
  /** `offset` counts from the option's type. */
  readonly error: DecodeError;
}

type Known =
  | BindingRefreshAdvice
  | AlternateCareOfAddress
  | NonceIndices
  | BindingAuthorizationData
  | MobileNetworkPrefix
  | CareOfTest
  | BindingIdentifier;

/** An option, told apart by `kind`. */
export type MobilityOption =
  | Pad1
  | PadN
  | Known
  | AssignedOption
  | UnknownMobilityOption
  | MalformedMobilityOption
  | OverlongMobilityOption;

/** Every option with fields, by its kind. */
const codecs: { readonly [K in Known['kind']]: MobilityOptionCodec<Extract<Known, { readonly kind: K }>> } = {
  BindingRefreshAdvice: bindingRefreshAdvice,
  AlternateCareOfAddress: alternateCareOfAddress,
  NonceIndices: nonceIndices,
  BindingAuthorizationData: bindingAuthorizationData,
  MobileNetworkPrefix: mobileNetworkPrefix,
  CareOfTest: careOfTest,
  BindingIdentifier: bindingIdentifier,
};

// One assertion, so that a codec can be found by a kind or type that is only known when it runs.
const byKind = codecs as unknown as Readonly<Record<string, MobilityOptionCodec<Known> | undefined>>;
const byType = new Map(Object.values(codecs as unknown as Record<string, MobilityOptionCodec<Known>>).map((codec) => [codec.type, codec]));
const assignedByType = new Map(Object.entries(assigned).map(([kind, type]) => [type as number, kind as AssignedKind]));

const SECTION = 'RFC 6275 section 6.2.1';
const PAD1 = 0;
const PADN = 1;

/** The type of an option. @example mobilityOptionType({ kind: 'Pad1' }) // 0 */
export const mobilityOptionType = (option: MobilityOption): number => {
  switch (option.kind) {
    case 'Pad1':
      return PAD1;
    case 'PadN':
      return PADN;
    case 'Unknown':
    case 'Malformed':
      return option.type;
    case 'Overlong':
      return option.octets[0]!;
    default:
      return byKind[option.kind]?.type ?? assigned[option.kind as AssignedKind];
  }
};

const optionOf = (type: number, data: Uint8Array): MobilityOption => {
  if (type === PADN) return { kind: 'PadN', data };
  const codec = byType.get(type);
  if (codec !== undefined) {
    const read = codec.decode(data);
    return read.ok ? read.value : { kind: 'Malformed', type, data, error: read.error };
  }
  const kind = assignedByType.get(type);
  return kind === undefined ? { kind: 'Unknown', type, data } : { kind, data };
};

const overlong = (octets: Uint8Array): OverlongMobilityOption => {
  const message =
    octets.length < 2
      ? 'an option has a type and a length'
      : `an option of ${octets[1]} octets does not fit into the ${octets.length - 2} that are left`;
  return { kind: 'Overlong', octets, error: { code: 'bad-length', offset: 1, message, section: SECTION } };
};

/**
 * The options between `from` and `to` of a message, in order, padding among them. Nothing is refused: data that does not fit its type makes a `Malformed` option,
 * and an option that does not fit into the message an `Overlong` one, the last. @example decodeMobilityOptions(message, 12, message.length)
 */
export const decodeMobilityOptions = (bytes: Uint8Array, from: number, to: number): readonly MobilityOption[] => {
  const options: MobilityOption[] = [];
  let at = from;
  while (at < to) {
    const type = bytes[at]!;
    const end = type === PAD1 ? at + 1 : at + 2 + (bytes[at + 1] ?? 0);
    if (type === PAD1) options.push({ kind: 'Pad1' });
    else if (at + 2 > to || end > to) return [...options, overlong(bytes.subarray(at, to))];
    else options.push(optionOf(type, bytes.subarray(at + 2, end)));
    at = end;
  }
  return options;
};

const dataOf = (option: Exclude<MobilityOption, Pad1 | OverlongMobilityOption>): Uint8Array =>
  'data' in option ? option.data : byKind[option.kind]!.encode(option);

/** The octets of options, as they are: no padding is added. A value that cannot be represented is a `RangeError` that names the field. */
export const encodeMobilityOptions = (options: readonly MobilityOption[]): Uint8Array =>
  concat(
    ...options.map((option) => {
      if (option.kind === 'Pad1') return Uint8Array.of(PAD1);
      if (option.kind === 'Overlong') return option.octets;
      const data = dataOf(option);
      return new ByteWriter(2 + data.length).u8('type', mobilityOptionType(option)).u8('length', data.length).bytes('data', data).finish();
    }),
  );

const padding = (octets: number): readonly MobilityOption[] => {
  if (octets === 0) return [];
  return octets === 1 ? [{ kind: 'Pad1' }] : [{ kind: 'PadN', data: new Uint8Array(octets - 2) }];
};

/**
 * The options with the padding that their alignment asks for (section 6.2.1), and at the end what makes the message a multiple of 8 octets. `fixed` is where
 * they begin in the message. Binding Authorization Data must come last (section 6.2.7), and is not moved.
 * @example { ...plainBindingUpdate, options: padded(12, [{ kind: 'NonceIndices', homeNonceIndex: 1, careOfNonceIndex: 2 }, authorization]) }
 */
export const padded = (fixed: number, options: readonly MobilityOption[]): readonly MobilityOption[] => {
  const all: MobilityOption[] = [];
  let at = fixed;
  const push = (...more: readonly MobilityOption[]): void => {
    all.push(...more);
    at += encodeMobilityOptions(more).length;
  };
  for (const option of options) {
    const { every, offset } = byKind[option.kind]?.alignment ?? { every: 1, offset: 0 };
    push(...padding((offset - (at % every) + every) % every));
    push(option);
  }
  push(...padding((8 - (at % 8)) % 8));
  return all;
};
