/** Sections 5.4 to 5.9 and 7: what the messages of an exchange repeat of each other, and what they have to bring. */
import { equalBytes, toHex } from '../../../codecs/bytes.ts';
import { VERIFICATION_METHOD } from '../../../codecs/cga/index.ts';
import { I1_TIMEOUT } from '../../../state-machines/shim6/index.ts';
import { PASS, broken, inconclusive, warned } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck, Answer, History } from '../../follow/shim6/judge.ts';
import { optionOf } from '../../follow/shim6/locators.ts';
import type { WithOptions } from '../../follow/shim6/messages.ts';
import { hexOf, pathText } from '../../follow/shim6/sight.ts';

const MISSED = 'the message that it answers was not captured';

/** An answer repeats a number of what it answers. `sent` and `asked` give the two numbers. */
const repeats = <M, To>(
  { message, to, only }: Answer<M, To>,
  sent: (message: M) => number,
  asked: (message: To) => number,
  digits: number,
  what: string,
): Judgement => {
  if (to !== undefined && asked(to.message) === sent(message)) return PASS;
  const other = to ?? only;
  return other === undefined
    ? inconclusive(MISSED)
    : broken(hexOf(asked(other.message), digits), hexOf(sent(message), digits), `${what} is not that of the message that it answers.`, [
        other.frame,
      ]);
};

const validatorOf = (message: WithOptions): Uint8Array | undefined => optionOf(message.options, 'ResponderValidator')?.validator;

/** Whether both have a validator, and the same one. */
const hasSameValidator = (x: WithOptions, y: WithOptions): boolean => {
  const [one, two] = [validatorOf(x), validatorOf(y)];
  return one !== undefined && two !== undefined && equalBytes(one, two);
};

/** The validator is there, and a copy of that in what it answers. `isSure`: that it answers this one does not rest on a nonce alone. */
const copiesValidator = ({ message, to }: Answer<WithOptions, WithOptions>, isSure: boolean): Judgement => {
  const validator = validatorOf(message);
  const asked = to && validatorOf(to.message);
  if (validator === undefined) return undefined;
  if (to === undefined || asked === undefined) return inconclusive(MISSED);
  if (equalBytes(validator, asked)) return PASS;
  return !isSure
    ? inconclusive(MISSED)
    : broken(`0x${toHex(asked)}`, `0x${toHex(validator)}`, 'The Responder Validator is not a copy of the one that was received.', [
        to.frame,
      ]);
};

/** A message of this kind has a Responder Validator. */
const hasValidator = (requirement: string, kind: 'R1' | 'I2' | 'R1bis'): AnyCheck =>
  check(requirement, 'message', 'sender', (_, message) => {
    if (message.kind !== kind) return undefined;
    return validatorOf(message) === undefined
      ? broken('a Responder Validator option', 'none', `There is no Responder Validator in an ${kind}.`)
      : PASS;
  });

/** The ULID pair is in the message where its addresses are not the ULIDs. */
const hasUlids = (requirement: string, ...kinds: readonly WithOptions['kind'][]): AnyCheck =>
  check(requirement, 'ulids', 'sender', ({ seen, context, host }, { message, needed, given, right }) => {
    if (!kinds.includes(message.kind)) return undefined;
    const ulids = pathText(context.ends[host].ulid!, context.ends[host === 0 ? 1 : 0].ulid!);
    if (given && !right)
      return broken(ulids, 'another pair', `The ULID Pair of an ${message.kind} is not that of the context that it is about.`);
    if (given) return needed ? PASS : undefined;
    return needed
      ? broken(
          `a ULID Pair option (${ulids})`,
          `none, from ${pathText(seen.source, seen.destination)}`,
          `An ${message.kind} whose addresses are not the ULIDs does not say them.`,
        )
      : PASS;
  });

/** What verifies a locator list comes with it, in these messages. */
const proves = (requirement: string, kinds: readonly WithOptions['kind'][], parts: 'all' | 'parameters' | 'signature'): AnyCheck =>
  check(requirement, 'list', 'sender', (_, { announced, message, hasParameters }): Judgement => {
    if (!kinds.includes(message.kind)) return undefined;
    const needsSignature = announced.list.locators.some(({ verificationMethod: method }) => method === VERIFICATION_METHOD.cga);
    const hasSignature = optionOf(message.options, 'CgaSignature') !== undefined;
    if (parts !== 'signature' && !hasParameters)
      return broken('a CGA Parameter Data Structure', 'none', `The locator list of an ${message.kind} comes without what verifies it.`);
    if (parts === 'parameters') return PASS;
    if (!needsSignature) return parts === 'all' ? PASS : undefined;
    return hasSignature
      ? PASS
      : broken('a CGA Signature', 'none', `The locator list of an ${message.kind} has locators with method CGA and no signature.`);
  });

const instanceOf = (message: WithOptions): number => optionOf(message.options, 'ForkedInstanceIdentifier')?.forkedInstanceIdentifier ?? 0;

/** What a message of the peer makes whoever takes it answer for. */
const takes = (requirement: string, kind: WithOptions['kind']): AnyCheck =>
  check(requirement, 'accepted', 'sender', (_, { sent, kind: accepted }) => {
    if (kind !== accepted) return undefined;
    return sent.invalid === undefined
      ? PASS
      : broken('silence', 'it was processed', `An ${kind} was processed that is to be discarded: ${sent.invalid}.`, [sent.frame]);
  });

const takesParameters = (requirement: string, ...kinds: readonly WithOptions['kind'][]): AnyCheck =>
  check(requirement, 'accepted', 'sender', (_, { sent, kind }) => {
    const verdict = sent.parameters?.forUlid;
    if (!kinds.includes(kind) || verdict === undefined) return undefined;
    return verdict.valid
      ? PASS
      : broken('silence', 'it was processed', `The CGA Parameters are not those of the peer's ULID: ${verdict.message}.`, [sent.frame]);
  });

const verifies = (requirement: string, ...kinds: readonly WithOptions['kind'][]): AnyCheck =>
  check(requirement, 'accepted', 'sender', (_, { sent, kind }) => {
    const verified = sent.announced?.verified;
    if (!kinds.includes(kind) || verified === undefined) return undefined;
    return verified
      ? PASS
      : broken('no acknowledgement', `the ${kind} was processed`, 'A locator list that does not verify was acknowledged.', [sent.frame]);
  });

/** An I2 upon a second R1 comes sooner than a fall-back to the I1 can bring one about, in ms (section 14: half of I2_TIMEOUT). */
const SOONEST_FALL_BACK = 2000;

/** The longest wait before an I1 is sent again of which so many were captured: one and a half of the time backed off to (section 14). */
const longestWait = (copies: number): number => 1.5 * I1_TIMEOUT * 2 ** (copies - 1);

const anew = ({ message, before, to }: History['i2'], time: number): Judgement => {
  if (before === undefined || to === undefined || to.message.responderNonce !== message.responderNonce) return PASS;
  return time - before.time < SOONEST_FALL_BACK
    ? broken('silence: an I2 has been sent', 'another I2', 'A second R1 was answered with an I2, too.', [before.frame, to.frame])
    : PASS;
};

export const exchange: readonly AnyCheck[] = [
  hasUlids('RFC5533-5.4-3', 'I1'),
  hasUlids('RFC5533-5.6-5', 'I2'),
  hasUlids('RFC5533-5.9-4', 'I2bis'),
  hasUlids('RFC5533-5.15.6-2', 'I1', 'I2', 'I2bis'),

  hasValidator('RFC5533-5.5-3', 'R1'),
  check('RFC5533-5.5-d', 'r1', 'sender', (_, what) =>
    repeats(
      what,
      (r1) => r1.initiatorNonce,
      (i1) => i1.initiatorNonce,
      8,
      'The Initiator Nonce of the R1',
    ),
  ),

  hasValidator('RFC5533-5.6-4/1', 'I2'),
  check('RFC5533-5.6-4/2', 'i2', 'sender', (_, what) =>
    copiesValidator(what, what.to?.message.initiatorNonce === what.message.initiatorNonce),
  ),
  check('RFC5533-5.6-e', 'i2', 'sender', (_, what) =>
    repeats(
      what,
      (i2) => i2.responderNonce,
      (r1) => r1.responderNonce,
      8,
      'The Responder Nonce of the I2',
    ),
  ),
  proves('RFC5533-5.6-7', ['I2'], 'all'),
  proves('RFC5533-5.6-8', ['I2'], 'parameters'),
  proves('RFC5533-5.6-9', ['I2'], 'signature'),
  proves('RFC5533-5.7-3', ['R2'], 'all'),
  proves('RFC5533-5.9-5', ['I2bis'], 'all'),

  check('RFC5533-5.7-d', 'r2', 'sender', (_, what) =>
    repeats(
      what,
      (r2) => r2.initiatorNonce,
      (asked) => asked.initiatorNonce,
      8,
      'The Initiator Nonce of the R2',
    ),
  ),

  hasValidator('RFC5533-7.17-a', 'R1bis'),
  check('RFC5533-5.8-d', 'i2bis', 'peer', (_, { message, to, isTriggerKnown }): Judgement => {
    if (to === undefined || !hasSameValidator(message, to.message)) return undefined;
    if (to.message.packetContextTag === message.packetContextTag) return PASS;
    return isTriggerKnown
      ? broken(
          hexOf(message.packetContextTag, 12),
          hexOf(to.message.packetContextTag, 12),
          'The Packet Context Tag of the R1bis is not that of the packet that it answers.',
          [to.frame],
        )
      : inconclusive('the packet that the R1bis answers was not captured');
  }),
  check('RFC5533-5.9-f', 'i2bis', 'sender', (_, { message, to, isTriggerKnown }): Judgement => {
    if (to === undefined || !hasSameValidator(message, to.message)) return inconclusive(MISSED);
    if (to.message.packetContextTag === message.packetContextTag) return PASS;
    return isTriggerKnown
      ? undefined
      : broken(
          hexOf(to.message.packetContextTag, 12),
          hexOf(message.packetContextTag, 12),
          'The Packet Context Tag is not that of the R1bis.',
          [to.frame],
        );
  }),
  check('RFC5533-5.9-e', 'i2bis', 'sender', (_, what) =>
    repeats(
      what,
      (i2bis) => i2bis.responderNonce,
      (r1bis) => r1bis.responderNonce,
      8,
      'The Responder Nonce of the I2bis',
    ),
  ),
  check('RFC5533-5.9-g', 'i2bis', 'sender', ({ seen }, what) =>
    copiesValidator(
      what,
      what.to?.source === seen.destination &&
        what.to.destination === seen.source &&
        what.to.message.packetContextTag === what.message.packetContextTag,
    ),
  ),

  check('RFC5533-5.4-d', 'i1', 'sender', (_, { message, sameNonce }) => {
    if (sameNonce === undefined) return undefined;
    const { initiatorContextTag: tag } = sameNonce.message;
    return message.initiatorContextTag === tag
      ? PASS
      : broken(hexOf(tag, 12), hexOf(message.initiatorContextTag, 12), 'An I1 is sent again with another context tag.', [sameNonce.frame]);
  }),
  check('RFC5533-7.8-b', 'i1', 'sender', ({ seen }, { message, sameTag, isAlone }) => {
    if (sameTag === undefined || !isAlone) return undefined;
    const { initiatorNonce: nonce } = sameTag.message;
    if (message.initiatorNonce === nonce) return PASS;
    // Later than its timer, or on another pair, a recovery begins anew of which the rest was missed (section 7.19).
    const isTimely = seen.time - sameTag.lastTime <= longestWait(sameTag.copies);
    return !isTimely || sameTag.source !== seen.source || sameTag.destination !== seen.destination
      ? undefined
      : broken(hexOf(nonce, 8), hexOf(message.initiatorNonce, 8), 'An I1 that nobody has answered is sent again with another nonce.', [
          sameTag.frame,
        ]);
  }),
  check('RFC5533-5.6-f', 'i2', 'sender', (_, { message, sameNonce }) => {
    if (sameNonce === undefined) return undefined;
    const { initiatorContextTag: tag } = sameNonce.message;
    return message.initiatorContextTag === tag
      ? PASS
      : broken(hexOf(tag, 12), hexOf(message.initiatorContextTag, 12), 'The context tag of the I2 is not that of the I1.', [
          sameNonce.frame,
        ]);
  }),
  check('RFC5533-7.7-3', 'i1', 'sender', (_, { message, sameNonce: first }) => {
    if (first === undefined || instanceOf(first.message) === 0) return undefined;
    return instanceOf(message) === instanceOf(first.message)
      ? PASS
      : broken(`instance ${instanceOf(first.message)}`, `${instanceOf(message)}`, 'The I1 of a forked context does not say of which.', [
          first.frame,
        ]);
  }),
  check('RFC5533-7.11-4', 'i2', 'sender', (_, { message, i1 }) => {
    if (i1 === undefined || optionOf(i1.message.options, 'UlidPair') === undefined) return undefined;
    return optionOf(message.options, 'UlidPair') === undefined
      ? broken('a ULID Pair option', 'none', 'The I1 had a ULID Pair option, and the I2 has not.', [i1.frame])
      : PASS;
  }),
  check('RFC5533-7.11-5', 'i2', 'sender', (_, { message, i1 }) => {
    if (i1 === undefined || instanceOf(i1.message) === 0) return undefined;
    return instanceOf(message) === instanceOf(i1.message)
      ? PASS
      : broken(`instance ${instanceOf(i1.message)}`, `${instanceOf(message)}`, 'The I2 of a forked context does not say of which.', [
          i1.frame,
        ]);
  }),
  check('RFC5533-7.11-2', 'i2', 'sender', ({ seen }, what) => anew(what, seen.time)),
  check('RFC5533-7.18-a', 'i2bis', 'sender', ({ seen }, { message, to }) => {
    if (to === undefined || !hasSameValidator(message, to.message)) return undefined;
    return to.source === seen.destination && to.destination === seen.source
      ? PASS
      : broken(
          pathText(to.destination, to.source),
          pathText(seen.source, seen.destination),
          'The I2bis does not take the locator pair of the R1bis.',
          [to.frame],
        );
  }),
  check('RFC5533-7.18-3', 'i2bis', 'sender', ({ context }, { message }) => {
    const { forkedInstanceIdentifier: instance } = context;
    if (instance === 0) return undefined;
    return instanceOf(message) === instance
      ? PASS
      : broken(`instance ${instance}`, `${instanceOf(message)}`, 'The I2bis of a forked context does not say of which.');
  }),
  check('RFC5533-7.20-4', 'r2', 'sender', ({ context, host }, { message, to }) => {
    if (to?.message.kind !== 'I2bis') return undefined;
    // An R1bis is also the answer to an address that the host has not been told: then it has its context, and the tag stays (section 10.4).
    const { ulid, lists } = context.ends[host === 0 ? 1 : 0];
    const told = lists.list.filter(({ frame }) => frame < to.frame);
    const isTold = to.source === ulid || (told.length > 0 && told.every(({ addresses }) => addresses.includes(to.source)));
    if (!isTold) return undefined;
    return to.message.packetContextTag === message.responderContextTag
      ? broken('another context tag', hexOf(message.responderContextTag, 12), 'The context that was lost comes back with the same tag.', [
          to.frame,
        ])
      : PASS;
  }),

  check('RFC5533-7.6-1', 'list', 'sender', (_, { message }) =>
    message.kind === 'I2' || message.kind === 'R2' || message.kind === 'I2bis' ? PASS : undefined,
  ),
  // Sections 5.6, 5.7 and 7.11 leave the list to the sender, section 7.6 demands it: where both cannot be met it is no fail.
  check('RFC5533-7.6-1', 'noList', 'sender', (_, { message }) =>
    warned(
      'a Locator List option',
      'none',
      `An ${message.kind} without a locator list gives the peer only the ULID to find out whether a context tag is confused (sections 5.6 and 5.7 call the list optional).`,
    ),
  ),

  takes('RFC5533-7.9-1', 'I1'),
  takes('RFC5533-7.11-1', 'R1'),
  takes('RFC5533-7.13-1', 'I2'),
  takes('RFC5533-7.16-1', 'R2'),
  takes('RFC5533-7.18-1', 'R1bis'),
  takes('RFC5533-7.20-1', 'I2bis'),
  takes('RFC5533-10.4-1', 'UpdateRequest'),
  check('RFC5533-12.3-a', 'accepted', 'sender', (_, { sent, kind }) =>
    sent.invalid === undefined
      ? PASS
      : broken('silence', 'it was processed', `An ${kind} was processed although ${sent.invalid}.`, [sent.frame]),
  ),
  takesParameters('RFC5533-7.13-3', 'I2'),
  takesParameters('RFC5533-7.16-2', 'R2'),
  takesParameters('RFC5533-7.20-3', 'I2bis'),
  takesParameters('RFC5533-10.4-4', 'UpdateRequest'),
  verifies('RFC5533-7.2-1', 'I2', 'I2bis', 'UpdateRequest'),
  verifies('RFC5533-7.13-4', 'I2'),
  verifies('RFC5533-7.16-3', 'R2'),
  verifies('RFC5533-7.20-5', 'I2bis'),
  check('RFC5533-7.2-4', 'accepted', 'sender', (_, { sent, kind }) => {
    if (sent.announced === undefined) return undefined;
    const isOdd = sent.announced.list.locators.some(
      ({ verificationMethod: method }) => method !== VERIFICATION_METHOD.hba && method !== VERIFICATION_METHOD.cga,
    );
    return sent.announced.inconsistent || isOdd
      ? broken(
          'silence',
          `the ${kind} was processed`,
          'A verification method does not fit the CGA Parameters, or is none: the message is to be ignored.',
          [sent.frame],
        )
      : PASS;
  }),
  check('RFC5533-7.2-5', 'accepted', 'sender', ({ context, host }, { sent }) =>
    sent.announced?.inconsistent === true && !context.errorsOfCode2.has(host)
      ? broken('an Error message with code 2', 'none', 'A verification method does not fit the CGA Parameters, and the peer is not told.', [
          sent.frame,
        ])
      : undefined,
  ),
  check('RFC5533-7.2-5', 'error', 'sender', (_, { message, unverified }) =>
    message.errorCode === 2 && unverified !== undefined ? PASS : undefined,
  ),
  check('RFC5533-12.3-1', 'accepted', 'sender', ({ context, host }, { sent }) =>
    sent.critical && !context.errorsOfCode1.has(host)
      ? broken(
          'an Error message with code 1',
          'none',
          'An option that no RFC defines is critical, and its sender is not told that it is unknown.',
          [sent.frame],
        )
      : undefined,
  ),
  check('RFC5533-12.3-1', 'error', 'sender', (_, { message, critical }) =>
    message.errorCode === 1 && critical !== undefined ? PASS : undefined,
  ),
];
