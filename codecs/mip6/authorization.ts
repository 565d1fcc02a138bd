/**
 * Return routability, RFC 6275 sections 5.2.5 and 6.2.7: keygen tokens, the binding management key, and the authenticator of the Binding Authorization Data
 * option. A correspondent has a secret node key Kcn (20 octets) and nonces; it gives a token for the home address by way of the home agent, one for the care-of
 * address directly, and keeps neither. Whoever has both can compute Kbm.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { concat, copyOf, equalBytes } from '../bytes.ts';

/** The octets of a keygen token, and those of an authenticator. */
export const KEYGEN_TOKEN_OCTETS = 8;
export const AUTHENTICATOR_OCTETS = 12;

/** The last octet of what a keygen token is made from (section 5.2.5). */
const HOME = 0;
const CARE_OF = 1;

const keygenToken = (kcn: Uint8Array, address: Uint8Array, nonce: Uint8Array, which: number): Uint8Array =>
  copyOf(hmac(sha1, kcn, concat(address, nonce, Uint8Array.of(which))), 0, KEYGEN_TOKEN_OCTETS);

/** First (64, HMAC_SHA1 (Kcn, (home address | nonce | 0))). @example homeKeygenToken(kcn, homeAddress, nonce).length // 8 */
export const homeKeygenToken = (kcn: Uint8Array, homeAddress: Uint8Array, nonce: Uint8Array): Uint8Array =>
  keygenToken(kcn, homeAddress, nonce, HOME);

/** First (64, HMAC_SHA1 (Kcn, (care-of address | nonce | 1))). @example careOfKeygenToken(kcn, careOfAddress, nonce).length // 8 */
export const careOfKeygenToken = (kcn: Uint8Array, careOfAddress: Uint8Array, nonce: Uint8Array): Uint8Array =>
  keygenToken(kcn, careOfAddress, nonce, CARE_OF);

/**
 * Kbm, 20 octets: SHA-1 of both tokens; of the home keygen token alone where a binding is deleted (section 5.2.5).
 * @example bindingManagementKey(homeToken, careOfToken)
 */
export const bindingManagementKey = (homeToken: Uint8Array, careOfToken?: Uint8Array): Uint8Array =>
  sha1(careOfToken === undefined ? homeToken : concat(homeToken, careOfToken));

/** What an authenticator is made for. */
export interface Authorized {
  /** The care-of address that is registered: that of the Alternate Care-of Address option, else the source of the packet; the home address on deregistration. */
  readonly careOfAddress: Uint8Array;
  /** The correspondent's address; its home address where it is mobile itself. */
  readonly correspondent: Uint8Array;
  /** The Mobility Header from its first octet on, with or without its authenticator. The checksum counts as 0. */
  readonly message: Uint8Array;
  /** Where the authenticator is in it, or is to come: after the type and length of the Binding Authorization Data option. */
  readonly authenticatorAt: number;
}

/**
 * First (96, HMAC_SHA1 (Kbm, care-of address | correspondent | MH Data)): 12 octets (section 6.2.7). What follows the authenticator, if anything does, is left out.
 * @example authenticatorOf(kbm, { careOfAddress, correspondent, message, authenticatorAt: message.length - 12 })
 */
export const authenticatorOf = (kbm: Uint8Array, { careOfAddress, correspondent, message, authenticatorAt }: Authorized): Uint8Array => {
  const data = copyOf(message, 0, authenticatorAt);
  data.fill(0, 4, 6);
  return copyOf(hmac(sha1, kbm, concat(careOfAddress, correspondent, data)), 0, AUTHENTICATOR_OCTETS);
};

/** Whether the authenticator in a message is right. @example verifyAuthenticator(kbm, { careOfAddress, correspondent, message, authenticatorAt }) */
export const verifyAuthenticator = (kbm: Uint8Array, authorized: Authorized): boolean => {
  const { message, authenticatorAt } = authorized;
  return equalBytes(authenticatorOf(kbm, authorized), message.subarray(authenticatorAt, authenticatorAt + AUTHENTICATOR_OCTETS));
};

/** Where the authenticator of a message begins: its last option is Binding Authorization Data of 12 octets (section 6.2.7); undefined where it is not. */
export const authenticatorAt = (message: Uint8Array): number | undefined => {
  const at = message.length - AUTHENTICATOR_OCTETS;
  return at >= 8 && message[at - 2] === 5 && message[at - 1] === AUTHENTICATOR_OCTETS ? at : undefined;
};
