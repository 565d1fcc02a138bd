/** Section 5.15: options, their padding and the Critical bit, and what each option holds. */
import { toHex } from '../../../codecs/bytes.ts';
import { VERIFICATION_METHOD, multiPrefixOf } from '../../../codecs/cga/index.ts';
import { typeOf } from '../../../codecs/shim6/index.ts';
import type { Shim6Option } from '../../../codecs/shim6/index.ts';
import { PASS, broken, inconclusive, warned } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck } from '../../follow/shim6/judge.ts';
import { optionOf } from '../../follow/shim6/locators.ts';

/** An option of this type; its contents may be of the wrong form. */
const isOfType = (option: Shim6Option, type: number): boolean => option.kind !== 'Unknown' && typeOf(option) === type;

/** An option whose contents have one form: whether they have it. */
const form = (requirement: string, type: number, expected: string): AnyCheck =>
  check(requirement, 'option', 'sender', (_, { option }) => {
    if (!isOfType(option, type)) return undefined;
    return option.kind === 'Malformed' ? broken(expected, `${option.contents.length} octets`, option.error.message) : PASS;
  });

/** Option types from here on are for experiments (section 17). */
const FIRST_EXPERIMENTAL = 16_384;

const isDefined = (method: number): boolean => method === VERIFICATION_METHOD.hba || method === VERIFICATION_METHOD.cga;
const isExperimental = (method: number): boolean => method >= 201 && method <= 254;

export const section515: readonly AnyCheck[] = [
  check('RFC5533-5.15-1', 'header', 'sender', ({ seen: { decoded, bytes, type } }) => {
    if (type < 0 || bytes.length < (bytes[1]! + 1) * 8) return undefined;
    if (decoded.ok)
      return decoded.value.kind !== 'PayloadExtension' && 'options' in decoded.value && (decoded.value.options ?? []).length > 0
        ? PASS
        : undefined;
    const { section, message } = decoded.error;
    return section === 'RFC 5533 section 5.15'
      ? broken(
          'options of multiples of 8 octets that end with the message',
          `an error at octet ${decoded.error.offset}`,
          `The options do not fit into the message: ${message}.`,
        )
      : undefined;
  }),
  // The length of a key or signature tells whether zeros at its end are padding.
  check('RFC5533-5.15-2', 'parameters', 'sender', (_, { parameters }): Judgement => {
    if (parameters.countsPadding)
      return broken(
        'the Length of the contents alone',
        `${parameters.octets.length}`,
        'The CGA Parameters verify without the zeros at their end: Length counts the padding.',
      );
    return parameters.forUlid?.valid === true ? PASS : undefined;
  }),
  check('RFC5533-5.15-2', 'list', 'sender', (_, { announced }): Judgement => {
    if (announced.signature === 'padded')
      return broken(
        'the Length of the contents alone',
        'padding in the contents',
        'The signature is right without the zeros at its end: Length counts the padding.',
      );
    return announced.signature === 'right' ? PASS : undefined;
  }),
  check('RFC5533-5.15-3', 'option', 'sender', (_, { option }) => {
    const inner = option.kind === 'LocatorList' ? option.innerPadding : undefined;
    const padding = option.padding ?? inner;
    return padding === undefined ? PASS : broken('zeros', `0x${toHex(padding)}`, 'The padding of an option is not zero.');
  }),
  check('RFC5533-5.15-a', 'option', 'sender', (_, { option }) => {
    if (option.kind === 'Unknown') return undefined;
    return option.critical === true
      ? warned('C 0', '1', `The Critical bit is set in option ${typeOf(option)}, whose format has it 0.`)
      : PASS;
  }),
  check('RFC5533-5.15-b', 'option', 'sender', (_, { option }) => {
    if (option.kind !== 'Unknown' || option.type >= FIRST_EXPERIMENTAL) return option.kind === 'Unknown' ? undefined : PASS;
    return warned('an option of table 3', `type ${option.type}`, 'This option type is reserved or not assigned.');
  }),
  check('RFC5533-5.15-6', 'accepted', 'sender', (_, { sent, kind }) =>
    sent.critical
      ? {
          ...broken(
            'no more than an Error message',
            `the ${kind} was processed`,
            'A message with a critical option that no RFC defines was processed.',
          ),
          frames: [sent.frame],
        }
      : undefined,
  ),
  check('RFC5533-5.15-6', 'error', 'sender', (_, { message, critical }) =>
    message.errorCode === 1 && critical?.answered === false ? PASS : undefined,
  ),

  form('RFC5533-5.15.2-a', 2, '5 octets, then a method and 16 octets for each locator, aligned to 8'),
  check('RFC5533-5.15.2-b', 'list', 'sender', (_, { announced: { list } }) => {
    const odd = list.locators.find(({ verificationMethod: method }) => !isDefined(method) && !isExperimental(method));
    return odd === undefined
      ? PASS
      : broken('1 (HBA) or 2 (CGA)', `${odd.verificationMethod}`, 'A verification method is reserved or not assigned.');
  }),
  form('RFC5533-5.15.3-a', 3, 'whole elements of at least 1 octet'),
  check('RFC5533-5.15.3-b', 'message', 'sender', (_, message) => {
    if (!('options' in message)) return undefined;
    const list = optionOf(message.options, 'LocatorList');
    const preferences = optionOf(message.options, 'LocatorPreferences');
    if (list === undefined || preferences === undefined) return undefined;
    return preferences.elements.length === list.locators.length
      ? PASS
      : broken(
          `${list.locators.length} elements`,
          `${preferences.elements.length}`,
          'There is not one element for each locator of the list.',
        );
  }),
  check('RFC5533-5.15.4-a', 'list', 'sender', (_, { announced }) => {
    const byHba = announced.list.locators.some(({ verificationMethod }) => verificationMethod === VERIFICATION_METHOD.hba);
    if (!byHba || announced.parameters?.fields === undefined) return undefined;
    return multiPrefixOf(announced.parameters.fields) === undefined
      ? broken(
          'a Multi-Prefix extension',
          'none',
          'A locator is to be verified by HBA, but the CGA Parameters have no Multi-Prefix extension.',
        )
      : PASS;
  }),
  check('RFC5533-5.15.5-1', 'list', 'sender', (_, { announced: { signature } }) =>
    signature === 'order'
      ? broken('the order of the list', 'another one', 'The signature is over the same locators in another order than that of the list.')
      : signature === 'right'
        ? PASS
        : undefined,
  ),
  check('RFC5533-5.15.5-a', 'list', 'sender', (_, { announced: { signature } }): Judgement => {
    if (signature === 'right') return PASS;
    if (signature === 'wrong')
      return broken(
        'a signature over type tag, generation and CGA locators',
        'one that does not verify',
        "The CGA Signature does not verify with the sender's key.",
      );
    return signature === 'unknown' ? inconclusive("the sender's CGA Parameters were not captured") : undefined;
  }),
  form('RFC5533-5.15.6-b', 6, 'Length 36'),
  check('RFC5533-5.15.6-a', 'option', 'sender', (_, { option }) => {
    if (option.kind !== 'UlidPair') return undefined;
    return option.reserved2 === undefined
      ? PASS
      : broken('Reserved2 0', `0x${option.reserved2.toString(16)}`, 'Reserved bits are set in a ULID Pair.');
  }),
  form('RFC5533-5.15.7-a', 7, 'Length 4'),
];
