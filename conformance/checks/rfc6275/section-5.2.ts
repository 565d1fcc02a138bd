/** RFC 6275 section 5.2: return routability, from the tests to the authenticator of what they authorise. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, ifComplete, unlessAccepted } from '../../follow/mip6/judge.ts';
import type { AnyCheck, Here } from '../../follow/mip6/judge.ts';
import type { Update } from '../../follow/mip6/node.ts';
import type { Testing, Token } from '../../follow/mip6/testing.ts';
import { SLACK, optionOf, secondsOf } from './terms.ts';

/** Section 12, in seconds. */
const MAX_RR_BINDING_LIFETIME = 420;
const MAX_NONCE_LIFETIME = 240;
const MAX_TOKEN_LIFETIME = 210;

const cookieOf = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

/** An answer that takes longer than a mobile node waits before it asks again, in ms, may be one to what it asked before. */
const LATE = 1000;

/** A test that a mobile node began at home may be answered for so long after it has left, in ms. */
const ROUND_TRIP = 10_000;

/** Whether a mobile node was at home lately, by what it told a home agent: what it sent from there went past it. */
const wasHome = ({ node, sight }: Here): boolean =>
  [...(node?.peers.values() ?? [])].some(({ updates }) =>
    updates.some(({ message, deletes, time }) => message.homeRegistration && deletes && sight.time - time <= ROUND_TRIP),
  );

/** An answer to a test repeats the cookie of what asked for it. */
const cookie = (name: string, value: bigint, { init, frame, time }: Token, { inits }: Testing): Judgement => {
  if (init !== undefined) return PASS;
  const asked = inits.at(-1);
  return asked === undefined || asked.answered || time - asked.time > LATE
    ? inconclusive(`The ${name} Init that this ${name} answers was not captured.`)
    : ifComplete(
        broken(cookieOf(asked.cookie), cookieOf(value), `A ${name} does not return the cookie of the ${name} Init before it.`, [
          asked.frame,
          frame,
        ]),
      );
};

/** The tokens of a Binding Update, judged by whether those that its nonce indices name are those that it was made with. */
const tested = (update: Update): Judgement => {
  const { authorization, frame, message } = update;
  if (authorization.state === 'absent') return undefined;
  if (!('keys' in authorization)) return inconclusive('The keygen tokens that authorise this Binding Update were not captured.');
  const { home, careOf } = authorization.keys;
  const frames = [home.frame, careOf?.frame ?? 0, frame];
  const indices = optionOf(message, 'NonceIndices');
  if (authorization.state === 'right') {
    if (indices === undefined) return undefined;
    if (indices.homeNonceIndex === home.nonceIndex && (careOf === undefined || indices.careOfNonceIndex === careOf.nonceIndex)) return PASS;
    return broken(
      `nonce indices ${home.nonceIndex}, ${careOf?.nonceIndex ?? 0}`,
      `${indices.homeNonceIndex}, ${indices.careOfNonceIndex}`,
      'The nonce indices of a Binding Update are not those that its keygen tokens came with.',
      frames,
    );
  }
  const finding = broken(
    'First (96, HMAC_SHA1 (Kbm, care-of address | correspondent | MH Data)), with Kbm of the tokens that the nonce indices name',
    'another value',
    'The authenticator of a Binding Update does not verify with the keygen tokens that came back from the tests of its addresses.',
    frames,
  );
  return unlessAccepted(finding, update);
};

/** Whether a Test Init goes to where a correspondent that is mobile itself is, instead of to its home address. */
const toHome = ({ sight, movedTo }: Here): Judgement => {
  const mobile = movedTo(sight.to);
  if (mobile === undefined) return PASS;
  return broken(mobile.home, sight.to, 'A Test Init goes to the care-of address of a correspondent that is mobile itself.');
};

export const section52: readonly AnyCheck[] = [
  check('RFC6275-5.2.5-a', 'carried', 'mobile node', ({ sight, node, isFromMobile }, { kind }) =>
    kind === 'HoTI' && isFromMobile && node?.home === sight.from ? PASS : undefined,
  ),
  check('RFC6275-5.2.5-a', 'HoTI', 'mobile node', ({ sight, node }) => {
    if (node === undefined || sight.tunnel === undefined || sight.from !== sight.tunnel.source || sight.from !== node.careOf)
      return undefined;
    return broken(node.home, sight.from, 'A Home Test Init does not come from the home address.');
  }),
  check('RFC6275-5.2.5-b', 'CoTI', 'mobile node', ({ sight, node }) => {
    if (node === undefined) return undefined;
    if (sight.from === node.home && !node.isNamed) return undefined;
    if (sight.from === node.home) return broken('the care-of address', sight.from, 'A Care-of Test Init comes from the home address.');
    return sight.tunnel !== undefined && sight.tunnel.source === node.careOf
      ? broken(
          'straight to the correspondent',
          `in a tunnel to ${sight.tunnel.destination}`,
          'A Care-of Test Init goes through the tunnel.',
        )
      : PASS;
  }),
  check('RFC6275-5.2.5-c', 'HoT', 'peer', (here, { message, token, testing }) =>
    token.init === undefined && wasHome(here)
      ? inconclusive('The Home Test Init that this Home Test answers may have been sent at home.')
      : cookie('Home Test', message.homeInitCookie, token, testing),
  ),
  check('RFC6275-5.2.5-d', 'CoT', 'peer', (_, { message, token, testing }) =>
    cookie('Care-of Test', message.careOfInitCookie, token, testing),
  ),
  check('RFC6275-5.2.6-1', 'BA', 'peer', (_, { message, update }) => {
    if (update === undefined || update.message.homeRegistration || message.status >= 128 || update.deletes) return undefined;
    const seconds = secondsOf(message.lifetime);
    if (seconds <= MAX_RR_BINDING_LIFETIME) return PASS;
    return broken(
      `at most ${MAX_RR_BINDING_LIFETIME} s`,
      `${seconds} s`,
      'A binding by return routability is granted for longer than MAX_RR_BINDING_LIFETIME.',
      [update.frame],
    );
  }),
  check('RFC6275-5.2.6-3', 'BU', 'mobile node', (_, { update }) =>
    update.careOf === update.source || update.deletes ? undefined : tested(update),
  ),
  check('RFC6275-5.2.6-4', 'BU', 'mobile node', (_, { update }) => tested(update)),
  check('RFC6275-5.2.7-1', 'BA', 'peer', (_, { message, update }) => {
    if (update?.authorization.state !== 'right' || message.status >= 128) return undefined;
    const { home, careOf } = update.authorization.keys;
    const age = (update.time - Math.min(home.time, careOf?.time ?? home.time)) / 1000;
    if (age <= MAX_NONCE_LIFETIME + SLACK / 1000) return PASS;
    return broken(
      `at most ${MAX_NONCE_LIFETIME} s`,
      `${Math.round(age)} s`,
      'A correspondent accepts a nonce that is older than MAX_NONCE_LIFETIME.',
      [home.frame, careOf?.frame ?? 0, update.frame],
    );
  }),
  check('RFC6275-5.2.7-4', 'BU', 'mobile node', (_, { update }) => {
    if (update.authorization.state !== 'right') return undefined;
    const { home, careOf } = update.authorization.keys;
    const age = (update.time - Math.min(home.time, careOf?.time ?? home.time)) / 1000;
    if (age <= MAX_TOKEN_LIFETIME) return PASS;
    return broken(
      `at most ${MAX_TOKEN_LIFETIME} s`,
      `${Math.round(age)} s`,
      'A mobile node uses keygen tokens that are older than MAX_TOKEN_LIFETIME.',
      [home.frame, careOf?.frame ?? 0],
    );
  }),
  check('RFC6275-5.2.9-1', 'HoTI', 'mobile node', toHome),
  check('RFC6275-5.2.9-1', 'CoTI', 'mobile node', toHome),
];
