/** The messages of a context as octets and packets: what goes into each (RFC 5533 sections 5.4 to 5.14 and 7 to 10), and where in a packet an error points to. */
import { equalBytes } from '../../codecs/bytes.ts';
import { encodeIpv6 } from '../../codecs/packet/index.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { encodeOptions, encodeShim6 } from '../../codecs/shim6/index.ts';
import type {
  ErrorMessage,
  I1,
  I2,
  I2bis,
  R1,
  R1bis,
  R2,
  Shim6ControlMessage,
  Shim6Option,
  UpdateRequest,
} from '../../codecs/shim6/index.ts';
import type { ContextRecord, Outstanding } from './contexts.ts';
import { locatorOptions, preferenceOptions, type LocalLocators } from './locators.ts';
import type { AddressPair } from './payload.ts';
import type { Secrets } from './validator.ts';

/** What an IPv6 link carries at least: no message of shim6 is longer, with its headers (section 5.1). */
export const MOST_OCTETS = 1280;
/** Of the IPv6 header and the fixed part of an Error message. */
const ERROR_HEADERS = 48;

/** @example reversed(packet) // where an answer goes */
export const reversed = ({ source, destination }: AddressPair): AddressPair => ({ source: destination, destination: source });

/** A message as a packet. */
export const packetOf = ({ source, destination }: AddressPair, message: Shim6ControlMessage, protocol: number): Ipv6Fields => ({
  protocol,
  source,
  destination,
  payload: encodeShim6(message),
});

/** Which context an I1, I2 or I2bis is about: what its addresses and its absence of an identifier do not say (sections 5.15.6 and 5.15.7). */
const identity = ({ localUlid, peerUlid, forkedInstanceIdentifier, exchange }: ContextRecord): readonly Shim6Option[] => [
  ...(equalBytes(exchange.source, localUlid) && equalBytes(exchange.destination, peerUlid)
    ? []
    : [{ kind: 'UlidPair', senderUlid: localUlid, receiverUlid: peerUlid } as const]),
  ...(forkedInstanceIdentifier === 0 ? [] : [{ kind: 'ForkedInstanceIdentifier', forkedInstanceIdentifier } as const]),
];

/** A Keepalive Timeout option where the Send Timeout is not the default (RFC 5534 section 5.3); in ms. */
export const timeoutOption = (sendTimeout: number | undefined): readonly Shim6Option[] =>
  sendTimeout === undefined ? [] : [{ kind: 'KeepaliveTimeout', keepaliveTimeout: Math.ceil(sendTimeout / 1000) }];

const own = ({ localTag, initiatorNonce }: ContextRecord) => ({ initiatorContextTag: localTag ?? 0, initiatorNonce: initiatorNonce ?? 0 });

export const i1Of = (context: ContextRecord): I1 => ({ kind: 'I1', ...own(context), options: identity(context) });

/** Section 7.10: made of the I1 and of what is known of no context in particular, so that nothing needs to be kept. */
export const r1Of = (
  { localUlid, peerUlid, forkedInstanceIdentifier }: ContextRecord,
  { initiatorContextTag, initiatorNonce }: I1,
  { source, destination }: AddressPair,
  secrets: Secrets,
  now: number,
): R1 => {
  const about = { kind: 'R1', initiatorContextTag, senderUlid: peerUlid, receiverUlid: localUlid, source, destination } as const;
  const { nonce, validator } = secrets.make({ ...about, forkedInstanceIdentifier }, now);
  return { kind: 'R1', initiatorNonce, responderNonce: nonce, options: [{ kind: 'ResponderValidator', validator }] };
};

/** Section 7.17: nor is anything kept here. */
export const r1bisOf = (packetContextTag: number, { source, destination }: AddressPair, secrets: Secrets, now: number): R1bis => {
  const { nonce, validator } = secrets.make({ kind: 'R1bis', packetContextTag, source, destination }, now);
  return { kind: 'R1bis', packetContextTag, responderNonce: nonce, options: [{ kind: 'ResponderValidator', validator }] };
};

export const i2Of = (context: ContextRecord, sendTimeout: number | undefined): I2 => ({
  kind: 'I2',
  ...own(context),
  responderNonce: context.responderNonce,
  options: establishing(context, sendTimeout),
});

export const i2bisOf = (context: ContextRecord, sendTimeout: number | undefined): I2bis => ({
  kind: 'I2bis',
  ...own(context),
  responderNonce: context.responderNonce,
  packetContextTag: context.packetTag,
  options: establishing(context, sendTimeout),
});

const establishing = (context: ContextRecord, sendTimeout: number | undefined): readonly Shim6Option[] => [
  { kind: 'ResponderValidator', validator: context.validator },
  ...identity(context),
  ...locatorOptions(context.told, context.localUlid),
  ...timeoutOption(sendTimeout),
];

export const r2Of = (context: ContextRecord, initiatorNonce: number, sendTimeout: number | undefined): R2 => ({
  kind: 'R2',
  responderContextTag: context.localTag ?? 0,
  initiatorNonce,
  options: [...locatorOptions(context.told, context.localUlid), ...timeoutOption(sendTimeout)],
});

/** A list that the peer has already is not told again: the preferences refer to it by its generation (section 10.1). */
export const updateRequestOf = (context: ContextRecord, { nonce, local }: Outstanding, sendTimeout: number | undefined): UpdateRequest => ({
  kind: 'UpdateRequest',
  receiverContextTag: context.peerTag ?? 0,
  requestNonce: nonce,
  options: [
    ...(local.generation === context.told.generation ? [] : locatorOptions(local, context.localUlid)),
    ...preferenceOptions(local),
    ...timeoutOption(sendTimeout),
  ],
});

/** Of the IPv6 header; of an I2bis without options; of a Responder Validator, a ULID Pair and a Forked Instance Identifier. */
const LONGEST_BESIDE_LOCATORS = 40 + 32 + 24 + 40 + 8;

/** A `RangeError` where a set does not fit into the longest message that tells it (section 5.1): there are too many locators, or too long a key. */
export const assertFits = (local: LocalLocators, sendTimeout: number | undefined): void => {
  for (const { locator } of local.locators) {
    const options = [...locatorOptions(local, locator), ...preferenceOptions(local), ...timeoutOption(sendTimeout)];
    const octets = LONGEST_BESIDE_LOCATORS + encodeOptions(options).length;
    if (octets > MOST_OCTETS) throw new RangeError(`locators must fit into messages of ${MOST_OCTETS} octets, not ${octets}`);
  }
};

/**
 * An Error about a packet. The packet in error begins with its IPv6 header, since section 12.4 looks for its addresses, and so the pointer counts from there:
 * `offset` from the start of shim6's header. As much of it goes along as fits (section 5.14), cut to a multiple of 8 octets.
 */
export const errorOf = (errorCode: number, packet: Ipv6Fields, offset: number): ErrorMessage => {
  const octets = encodeIpv6({ ...packet, trailer: new Uint8Array(0) });
  const packetInError = octets.subarray(0, Math.min(octets.length, MOST_OCTETS - ERROR_HEADERS) & ~7);
  return { kind: 'Error', errorCode, pointer: octets.length - packet.payload.length + offset, packetInError };
};

/** Where an option of a message begins, from the start of shim6's header. @example optionOffset(packet.payload, message.options, option) */
export const optionOffset = (payload: Uint8Array, options: readonly Shim6Option[], option: Shim6Option): number => {
  const end = (payload[1]! + 1) * 8;
  return end - encodeOptions(options.slice(options.indexOf(option))).length;
};

/** In a header its Type; in an option its Length, its contents, and in a Locator List the first verification method. */
export const AT = { type: 2, length: 2, contents: 4, method: 9 } as const;

const LOCATORS = ['LocatorList', 'LocatorPreferences', 'CgaParameterDataStructure', 'CgaSignature', 'KeepaliveTimeout'] as const;
const EXCHANGE = ['ResponderValidator', 'UlidPair', 'ForkedInstanceIdentifier', ...LOCATORS] as const;

/** Options that each message may carry: sections 5.4 to 5.11, RFC 5534 section 5.3. */
const OPTIONS: { readonly [K in Shim6ControlMessage['kind']]?: readonly Shim6Option['kind'][] } = {
  I1: ['UlidPair', 'ForkedInstanceIdentifier'],
  R1: ['ResponderValidator'],
  I2: EXCHANGE,
  R2: LOCATORS,
  R1bis: ['ResponderValidator'],
  I2bis: EXCHANGE,
  UpdateRequest: LOCATORS,
};

/** Whether an option belongs into a message; one that does not is met as one that is unknown (section 5.15). @example isExpected('R1', 'LocatorList') // false */
export const isExpected = (message: Shim6ControlMessage['kind'], option: Shim6Option['kind']): boolean =>
  OPTIONS[message]?.includes(option) ?? false;
