/** Sections 7.2, 10 and 11: updates, what they bring and in which order; payload, and which locators it goes to. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { VERIFICATION_METHOD } from '../../../codecs/cga/index.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck } from '../../follow/shim6/judge.ts';
import { optionOf } from '../../follow/shim6/locators.ts';
import { hexOf, pathText } from '../../follow/shim6/sight.ts';

/** Where the options of an Update Request begin. */
const OPTIONS = 16;

export const section10: readonly AnyCheck[] = [
  check('RFC5533-7.2-2', 'toLocator', 'sender', (_, { announced }): Judgement => {
    if (announced?.verified === undefined) return inconclusive("the peer's locator list was not captured with all that verifies it");
    return announced.verified
      ? PASS
      : broken('a locator that is verified', 'one that is not', 'A packet goes to a locator of a list that does not verify.', [
          announced.frame,
        ]);
  }),
  check('RFC5533-7.2-3', 'pairChange', 'sender', (_, { isReported, toUlid }): Judgement => {
    if (toUlid) return undefined;
    return isReported ? PASS : inconclusive('the probe that shows the peer to be there was not captured');
  }),
  check('RFC5533-7.2-3', 'strayPayload', 'sender', (_, { before, stray, back, isReported, toUlid }) =>
    isReported || toUlid
      ? undefined
      : broken(
          'a locator at which a probe has arrived',
          pathText(stray.source, stray.destination),
          'Payload went to a locator that no probe has found the peer at.',
          [before.frame, back.frame],
        ),
  ),

  check('RFC5533-10.1-a', 'list', 'sender', (_, { announced, message }) => {
    if (message.kind !== 'UpdateRequest') return undefined;
    const needed = announced.list.locators.some(({ verificationMethod: method }) => method === VERIFICATION_METHOD.cga);
    if (!needed) return undefined;
    return optionOf(message.options, 'CgaSignature') === undefined
      ? broken('a CGA Signature', 'none', 'The locator list of an Update Request has locators with method CGA and no signature.')
      : PASS;
  }),
  check('RFC5533-10.1-c', 'message', 'sender', (_, message) => {
    if (!('options' in message)) return undefined;
    const list = optionOf(message.options, 'LocatorList');
    const preferences = optionOf(message.options, 'LocatorPreferences');
    if (list === undefined || preferences === undefined) return undefined;
    return preferences.locatorListGeneration === list.locatorListGeneration
      ? PASS
      : broken(
          `generation ${list.locatorListGeneration}`,
          `${preferences.locatorListGeneration}`,
          'The preferences are about another generation of the locator list than the one beside them.',
        );
  }),
  check('RFC5533-10.3-a', 'updateRequest', 'sender', (_, { newer }) =>
    newer === undefined
      ? PASS
      : broken('the newest update alone', 'an older one again', 'An Update Request was sent again after a newer one had taken its place.', [
          newer.frame,
        ]),
  ),
  check('RFC5533-10.3-b', 'updateRequest', 'sender', ({ seen }, { before }) => {
    if (before === undefined) return undefined;
    return equalBytes(before.octets.subarray(OPTIONS), seen.bytes.subarray(OPTIONS))
      ? PASS
      : broken('another Request Nonce', 'the same one', 'An Update Request says something new under the nonce of an older one.', [
          before.frame,
        ]);
  }),
  check('RFC5533-5.11-e', 'updateAck', 'sender', (_, { message, to, only }): Judgement => {
    if (to !== undefined) return PASS;
    return only === undefined
      ? inconclusive('the Update Request was not captured')
      : broken(
          hexOf(only.message.requestNonce, 8),
          hexOf(message.requestNonce, 8),
          'The Request Nonce is not that of the Update Request.',
          [only.frame],
        );
  }),

  check('RFC5533-11.1-1', 'payloadExtension', 'sender', (_, { checksum }): Judgement => {
    if (checksum === 'ulids') return PASS;
    return checksum === 'locators'
      ? broken('a checksum over the ULIDs', 'one over the locators', 'The checksum of the upper layer was computed anew over the locators.')
      : undefined;
  }),
];
