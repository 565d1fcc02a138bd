/** Which pairs of locators REAP may explore for a context, and what becomes of them when the locators of either end change (RFC 5533 sections 7.2 and 10.4). */
import { equalBytes } from '../../codecs/bytes.ts';
import { BROKEN } from '../../codecs/shim6/index.ts';
import { ReapEndpoint } from '../reap/index.ts';
import type { ReapSettings } from '../reap/index.ts';
import type { ContextRecord } from './contexts.ts';
import type { LocalLocators } from './locators.ts';
import type { AddressPair } from './payload.ts';
import type { Shim6Settings } from './settings.ts';

const placeOf = (list: readonly Uint8Array[], address: Uint8Array): number => list.findIndex((each) => equalBytes(each, address));
const includes = (list: readonly Uint8Array[], address: Uint8Array): boolean => placeOf(list, address) >= 0;

/** The list with an address that it may lack. */
const withAddress = (list: readonly Uint8Array[], address: Uint8Array): readonly Uint8Array[] =>
  includes(list, address) ? list : [...list, address];

/** The locators that may be a source: those of the set as it is that the peer knows (section 7.2). Where that is none, those that there are. */
const sourcesOf = ({ told }: ContextRecord, local: LocalLocators): readonly Uint8Array[] => {
  const all = local.locators.map(({ locator }) => locator);
  const known = all.filter((each) => told.locators.some(({ locator }) => equalBytes(locator, each)));
  return known.length > 0 ? known : all;
};

const isBroken = ({ peer: { locators, preferences = [] } }: ContextRecord, address: Uint8Array): boolean =>
  ((preferences[placeOf(locators, address)]?.flags ?? 0) & BROKEN) !== 0;

/** The locators that may be a destination: verified, and not said to be broken, where there are others. */
const destinationsOf = (context: ContextRecord): readonly Uint8Array[] => {
  const { locators } = context.peer;
  const working = locators.filter((each) => !isBroken(context, each));
  return working.length > 0 ? working : locators;
};

/**
 * An address that payload may go to (section 7.2): this one where it is the ULID or in Ls(peer), the ULID where that is in the set, or else the first locator. The
 * address that an exchange has used can have left the set that it tells.
 */
export const verifiedDestination = ({ peerUlid, peer: { locators } }: ContextRecord, address: Uint8Array): Uint8Array => {
  if (equalBytes(address, peerUlid) || includes(locators, address)) return address;
  return includes(locators, peerUlid) ? peerUlid : locators[0]!;
};

/** REAP for a context, on its pair. */
export const newReap = (
  context: ContextRecord,
  local: LocalLocators,
  { sendTimeout, exploration }: Shim6Settings,
  random: () => number,
): ReapEndpoint => {
  const { pair, peerTag = 0, localTag = 0, keepaliveTimeout } = context;
  const localLocators = withAddress(sourcesOf(context, local), pair.source);
  const peerLocators = withAddress(destinationsOf(context), pair.destination);
  return new ReapEndpoint({
    localLocators,
    peerLocators,
    pair: { local: placeOf(localLocators, pair.source), peer: placeOf(peerLocators, pair.destination) },
    peerTag,
    localTag,
    random,
    ...(sendTimeout !== undefined && { sendTimeout }),
    ...(keepaliveTimeout !== undefined && { keepaliveTimeout }),
    ...(exploration !== undefined && { exploration }),
  });
};

/**
 * What REAP is to go on with, and whether its pair is to be doubted: one of the addresses is gone, or said to be broken. A locator of the peer that is broken stays in
 * use until another has been found (section 10.4). One that is gone does not: the ULID takes its place, which needs no verification, or else the first that there is.
 */
export const movedLocators = (
  context: ContextRecord,
  local: LocalLocators,
  { source, destination }: AddressPair,
): Pick<ReapSettings, 'localLocators' | 'peerLocators' | 'peerTag' | 'pair' | 'keepaliveTimeout'> & { readonly isDoubtful: boolean } => {
  const isThere = includes(context.peer.locators, destination);
  const localLocators = sourcesOf(context, local);
  const peerLocators = isThere ? withAddress(destinationsOf(context), destination) : destinationsOf(context);
  const { peerTag = 0, keepaliveTimeout } = context;
  return {
    localLocators,
    peerLocators,
    pair: {
      local: Math.max(0, placeOf(localLocators, source)),
      peer: Math.max(0, placeOf(peerLocators, isThere ? destination : context.peerUlid)),
    },
    peerTag,
    ...(keepaliveTimeout !== undefined && { keepaliveTimeout }),
    isDoubtful: !isThere || isBroken(context, destination) || !includes(localLocators, source),
  };
};
