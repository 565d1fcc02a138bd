/** RFC 3972, 4581, 4982 and 5535 as far as CGA Parameters on the wire and the addresses they belong to tell. */
import { equalBytes, toHex } from '../../../codecs/bytes.ts';
import { EXTENDED_MODIFIER_OCTETS, MULTI_PREFIX_TYPE, multiPrefixOf, rsaBits } from '../../../codecs/cga/index.ts';
import type { CgaParameters, CgaStep } from '../../../codecs/cga/index.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/shim6/judge.ts';
import type { AnyCheck, History } from '../../follow/shim6/judge.ts';
import { octetsOf, textOf } from '../../follow/shim6/sight.ts';

type Given = History['parameters'];

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
/** Where LinShim6 sets its P flag: the highest bit of the last octet. */
const MISPLACED_P = 0x80;

/** Whether the Public Key field stands for a key: signatures are made with it, or the P flag says so, in its place or in LinShim6's. */
const holdsKey = (fields: CgaParameters, isSigned: boolean): boolean => {
  const set = multiPrefixOf(fields);
  return set === undefined || set.pFlag || isSigned || set.reserved === MISPLACED_P;
};

const of = (requirement: string, run: (given: Given, fields: CgaParameters) => Judgement): AnyCheck =>
  check(requirement, 'parameters', 'sender', (_, given) =>
    given.parameters.fields === undefined ? undefined : run(given, given.parameters.fields),
  );

/** Fails where verification of the ULID stopped at one of these steps. */
const verifiesUlid = (requirement: string, ...steps: readonly CgaStep[]): AnyCheck =>
  check(requirement, 'parameters', 'sender', ({ context, host }, { parameters: { forUlid } }) => {
    const { ulid } = context.ends[host];
    if (forUlid === undefined || ulid === undefined) return undefined;
    if (forUlid.valid) return PASS;
    return steps.includes(forUlid.step)
      ? broken(
          `CGA Parameters of ${textOf(ulid)}`,
          `step ${forUlid.step} fails`,
          `The CGA Parameters do not verify for the ULID: ${forUlid.message}.`,
        )
      : undefined;
  });

/** The u and g bits, which verification leaves out. */
const hasBitsZero = (address: Uint8Array): Judgement =>
  (address[8]! & 3) === 0
    ? PASS
    : broken('u 0, g 0', textOf(toHex(address)), 'The u or g bit of an address is set that was generated from CGA Parameters.');

const ALL: readonly CgaStep[] = ['format', 'prefix-set', 'collision-count', 'subnet-prefix', 'hash1', 'sec', 'hash2'];

/** How an HBA's random nonce is written. */
const nonceForm = (requirement: string, says: (given: Given, fields: CgaParameters) => Judgement): AnyCheck =>
  of(requirement, (given, fields) => (holdsKey(fields, given.isSigned) ? undefined : says(given, fields)));

export const cgaParameters: readonly AnyCheck[] = [
  of('RFC3972-3-1', (_, { collisionCount }) =>
    collisionCount <= 2 ? PASS : broken('0, 1 or 2', `${collisionCount}`, 'The collision count is beyond 2.'),
  ),
  check('RFC3972-3-2', 'parameters', 'sender', (_, { parameters: { fields, key }, isSigned }) => {
    if (fields !== undefined && !holdsKey(fields, isSigned)) return undefined;
    return key === undefined
      ? broken('a DER-encoded SubjectPublicKeyInfo', 'something else', 'The public key in the CGA Parameters cannot be read.')
      : PASS;
  }),
  of('RFC3972-3-4', ({ parameters: { key }, isSigned }, fields) => {
    if (key === undefined || !holdsKey(fields, isSigned)) return undefined;
    if (key.kind === 'RSA') return PASS;
    return key.kind === 'opaque' && key.algorithm === RSA_ENCRYPTION
      ? broken('an RSAPublicKey', 'something else', 'The algorithm is rsaEncryption, and what follows is no RSAPublicKey.')
      : undefined;
  }),
  of('RFC3972-3-5', ({ parameters: { key }, isSigned }, fields) => {
    if (key?.kind !== 'RSA' || !holdsKey(fields, isSigned)) return undefined;
    return rsaBits(key) >= 384 ? PASS : broken('384 bits or more', `${rsaBits(key)}`, 'The RSA key is short.');
  }),
  of('RFC5533-16-1', ({ parameters: { key }, isSigned }, fields) => {
    if (key?.kind !== 'RSA' || !holdsKey(fields, isSigned)) return undefined;
    return rsaBits(key) >= 1024 ? PASS : broken('1024 bits or more', `${rsaBits(key)}`, 'The RSA key of a CGA is too short for shim6.');
  }),
  verifiesUlid('RFC3972-3-7', 'hash1', 'hash2'),
  verifiesUlid('RFC3972-4-8', ...ALL),
  check('RFC3972-4-a', 'parameters', 'sender', ({ context, host }, { parameters: { forUlid } }) => {
    const { ulid } = context.ends[host];
    return forUlid?.valid === true && ulid !== undefined ? hasBitsZero(octetsOf(ulid)) : undefined;
  }),
  check('RFC3972-4-a', 'list', 'sender', (_, { announced: { list, outside } }) => {
    const odd = list.locators.find(
      ({ locator, verificationMethod: method }) =>
        method === 1 && !outside.some((each) => each.locator === locator) && hasBitsZero(locator) !== PASS,
    );
    return odd === undefined ? undefined : hasBitsZero(odd.locator);
  }),

  of('RFC4581-2-1', (_, { extensionFields }) => {
    if (extensionFields.length === 0) return undefined;
    return extensionFields.some(({ kind }) => kind === 'MALFORMED')
      ? broken('type, length and data', 'octets that are none', 'What follows the public key is no sequence of extension fields.')
      : PASS;
  }),

  of('RFC5535-5-1/1', (_, fields) => {
    const set = multiPrefixOf(fields);
    if (set === undefined) return undefined;
    return set.reserved === 0
      ? PASS
      : broken(
          '31 zero bits',
          `0x${set.reserved.toString(16).padStart(8, '0')}`,
          set.reserved === MISPLACED_P
            ? 'A reserved bit is set where the P flag would be with its octets the other way round.'
            : 'Reserved bits are set in the Multi-Prefix extension.',
        );
  }),
  of('RFC5535-5-a', ({ parameters: { key }, isSigned }, fields) => {
    const set = multiPrefixOf(fields);
    if (set === undefined) return undefined;
    const isLong = key?.kind === 'EC' || (key?.kind === 'RSA' && rsaBits(key) > 8 * EXTENDED_MODIFIER_OCTETS);
    if (set.pFlag) {
      const isNone = key === undefined || (key.kind === 'opaque' && key.algorithm === RSA_ENCRYPTION);
      return isNone ? broken('P 0', '1', 'The P flag says that there is a public key, and what is there is none.') : PASS;
    }
    return isLong || isSigned ? broken('P 1', '0', 'The Public Key field holds a key, and the P flag is not set.') : PASS;
  }),
  of('RFC5535-5-b', (_, { extensionFields }) => {
    const first = extensionFields.find(
      (field) => field.kind === 'MULTI_PREFIX' || (field.kind === 'UNKNOWN' && field.extensionType === MULTI_PREFIX_TYPE),
    );
    if (first === undefined) return undefined;
    return first.kind === 'MULTI_PREFIX'
      ? PASS
      : broken(
          '4 octets, and 8 for each prefix',
          first.kind === 'UNKNOWN' ? `${first.extensionData.length}` : '?',
          'The length of the Multi-Prefix extension does not fit whole prefixes.',
        );
  }),
  nonceForm('RFC5535-6-2', ({ parameters: { key } }) =>
    key === undefined ? broken('a SubjectPublicKeyInfo', 'something else', 'The Extended Modifier is not written as a public key.') : PASS,
  ),
  nonceForm('RFC5535-6-3', ({ parameters: { key } }) => {
    if (key === undefined) return undefined;
    return key.kind === 'RSA'
      ? PASS
      : broken(
          'rsaEncryption with an RSAPublicKey',
          key.kind === 'opaque' && key.algorithm === RSA_ENCRYPTION
            ? `rsaEncryption with ${key.subjectPublicKey.length} octets that are none`
            : 'another key',
          'The Extended Modifier is not formatted as an RSAPublicKey.',
        );
  }),
  nonceForm('RFC5535-6-a', ({ parameters: { key } }) => {
    if (key === undefined || key.kind === 'EC') return undefined;
    // Written as a number, or as it is; a number may begin with zero bits.
    const octets = key.kind === 'RSA' ? key.modulus.length : key.subjectPublicKey.length;
    const isRight = key.kind === 'RSA' ? octets <= EXTENDED_MODIFIER_OCTETS : octets === EXTENDED_MODIFIER_OCTETS;
    return isRight
      ? PASS
      : broken(`${8 * EXTENDED_MODIFIER_OCTETS} bits`, `${8 * octets}`, 'The Extended Modifier is of another length than 384 bits.');
  }),
  of('RFC5535-6-b', (_, fields) => {
    const set = multiPrefixOf(fields);
    if (set === undefined) return undefined;
    return set.prefixes.some((prefix) => equalBytes(prefix, fields.subnetPrefix))
      ? PASS
      : broken(
          'a prefix of the set',
          `0x${toHex(fields.subnetPrefix)}`,
          'The subnet prefix of the CGA Parameters is not one of the Multi-Prefix extension.',
        );
  }),
  check('RFC5535-7.2-a', 'list', 'sender', (_, { announced }): Judgement => {
    const { outside, parameters, list } = announced;
    if (
      parameters?.fields === undefined ||
      multiPrefixOf(parameters.fields) === undefined ||
      !list.locators.some(({ verificationMethod }) => verificationMethod === 1)
    )
      return undefined;
    const [first] = outside;
    return first === undefined
      ? PASS
      : broken(
          'locators of the HBA set',
          textOf(toHex(first.locator)),
          `A locator that is to be verified by HBA does not belong to the set: ${first.message}.`,
        );
  }),
];
