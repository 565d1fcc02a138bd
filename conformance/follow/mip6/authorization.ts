/** Whether the authenticator of a Binding Update or Acknowledgement is right (RFC 6275 section 6.2.7), as far as the capture shows the tokens that it is made from. */
import { setU64 } from '../../../codecs/bytes.ts';
import { authenticatorAt, bindingManagementKey, verifyAuthenticator } from '../../../codecs/mip6/index.ts';
import type { Token } from './testing.ts';

/** The tokens that a message was authorised with; a deletion needs the home keygen token alone. */
export interface Keys {
  readonly home: Token;
  readonly careOf: Token | undefined;
}

/**
 * `absent`: there is no authenticator where one can be. `right`: it verifies, with these tokens. `wrong`: the tokens that its nonce indices name were captured,
 * and it does not verify with them. `unknown`: they were not captured.
 */
export type Authorization = { readonly state: 'absent' | 'unknown' } | { readonly state: 'right' | 'wrong'; readonly keys: Keys };

const octetsOf = ({ value }: Token): Uint8Array => {
  const octets = new Uint8Array(8);
  setU64(octets, 0, value);
  return octets;
};

/** What an authenticator covers besides the tokens. */
export interface Signed {
  /** 16 octets each. */
  readonly careOfAddress: Uint8Array;
  readonly correspondent: Uint8Array;
  readonly message: Uint8Array;
}

/** Whether the authenticator at the end of a message verifies with these tokens. */
export const verifies = ({ home, careOf }: Keys, signed: Signed): boolean => {
  const at = authenticatorAt(signed.message);
  const kbm = bindingManagementKey(octetsOf(home), careOf && octetsOf(careOf));
  return at !== undefined && verifyAuthenticator(kbm, { ...signed, authenticatorAt: at });
};

/** How many tokens of each kind are tried, the newest first. */
const TRIED = 4;
const newest = (tokens: readonly Token[]): Token[] => tokens.slice(-TRIED).toReversed();

/**
 * Judges the authenticator of a Binding Update. `home` and `careOf` are the tokens captured for its addresses, the oldest first, of whatever index; `named` tells
 * which of them its nonce indices name. A deletion is to be made with the home keygen token alone: that is tried first, both tokens after it.
 */
export const authorizationOf = (
  signed: Signed,
  home: readonly Token[],
  careOf: readonly Token[],
  named: { readonly home: number; readonly careOf: number } | undefined,
  deletes: boolean,
): Authorization => {
  if (authenticatorAt(signed.message) === undefined) return { state: 'absent' };
  const alone = newest(home).map((one): Keys => ({ home: one, careOf: undefined }));
  const both = newest(home).flatMap((one) => newest(careOf).map((other): Keys => ({ home: one, careOf: other })));
  const isNamed = (keys: Keys): boolean =>
    keys.home.nonceIndex === named?.home && (keys.careOf === undefined || keys.careOf.nonceIndex === named.careOf);
  const due = deletes ? alone : both;
  const inOrder = [...due.filter(isNamed), ...due.filter((keys) => !isNamed(keys)), ...(deletes ? both : alone)];
  const right = inOrder.find((keys) => verifies(keys, signed));
  if (right !== undefined) return { state: 'right', keys: right };
  const first = due.find(isNamed);
  return first === undefined ? { state: 'unknown' } : { state: 'wrong', keys: first };
};
