/** The prefixes of a home link, as a home agent advertises them and judges Binding Updates by them: RFC 6275 sections 7.2, 10.3.1 and 10.6. */
import { BINDING_STATUS } from '../../codecs/mip6/index.ts';
import type { PrefixInformation } from '../../codecs/mip6/index.ts';
import { hasPrefix } from './address.ts';

const UNIT = 4000;
const FOR_EVER = 0xffff_ffff;

/** A prefix. Times in ms on the caller's clock; `Infinity` where it stays. */
export interface HomePrefix {
  /** 16 octets. */
  readonly prefix: Uint8Array;
  /** In bits. */
  readonly length: number;
  readonly validUntil: number;
  readonly preferredUntil: number;
}

/** The prefix that an address has and that is valid; undefined where it is not on the link. */
export const prefixOf = (address: Uint8Array, prefixes: readonly HomePrefix[], now: number): HomePrefix | undefined =>
  prefixes.find(({ prefix, length, validUntil }) => validUntil > now && hasPrefix(address, prefix, length));

const units = (until: number, now: number): number => Math.max(0, Math.floor((until - now) / UNIT));

/**
 * The lifetime that a home agent grants, in units of 4 s, and the status that goes with it: 1 where the prefix is deprecated, or will be within the lifetime, or is
 * invalid at its end (section 10.3.1). @example granted(100, Infinity, { ...prefix, validUntil: Infinity, preferredUntil: Infinity }, now) // { lifetime: 100, status: 0 }
 */
export const granted = (
  asked: number,
  longest: number,
  { validUntil, preferredUntil }: Pick<HomePrefix, 'validUntil' | 'preferredUntil'>,
  now: number,
): { readonly lifetime: number; readonly status: number } => {
  const valid = units(validUntil, now);
  const lifetime = Math.min(asked, longest, valid);
  const isShort = units(preferredUntil, now) < lifetime || valid <= lifetime;
  return { lifetime, status: isShort ? BINDING_STATUS.acceptedButPrefixDiscoveryNecessary : BINDING_STATUS.accepted };
};

const seconds = (until: number, now: number): number =>
  until === Infinity ? FOR_EVER : Math.max(0, Math.min(FOR_EVER - 1, Math.floor((until - now) / 1000)));

/** The option of an advertisement; with `address`, R is set, and it is in the place of the prefix (section 7.2). */
export const prefixInformation = (
  { prefix, length, validUntil, preferredUntil }: HomePrefix,
  now: number,
  address?: Uint8Array,
): PrefixInformation => ({
  kind: 'PrefixInformation',
  prefixLength: length,
  onLink: true,
  autonomous: true,
  routerAddress: address !== undefined,
  reserved1: 0,
  validLifetime: seconds(validUntil, now),
  preferredLifetime: seconds(Math.min(preferredUntil, validUntil), now),
  reserved2: 0,
  prefixAddress: address ?? prefix,
});
