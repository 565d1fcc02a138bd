/**
 * What is odd about CGA Parameters that decode: it is kept, hashed and verified as it is written, and told to whoever asks
 * (RFC 3972 section 3, RFC 4581 section 2, RFC 5535 sections 5 and 6).
 */
import type { DecodeError } from '../decoded.ts';
import { encodeExtensionFields, type ExtensionField } from './extension.ts';
import { MULTI_PREFIX_TYPE, type MultiPrefix } from './multi-prefix.ts';
import { AT, multiPrefixOf, type CgaParameters } from './parameters.ts';
import { decodePublicKey, EXTENDED_MODIFIER_OCTETS, RSA_ENCRYPTION_OID, rsaBits, type PublicKey } from './public-key.ts';

/** Something odd: what (`code`), where (`offset`, from the first octet of the CGA Parameters), why, and which section says so. */
export type CgaRemark = DecodeError;

/** Where LinShim6 puts the P flag: the highest bit of the last octet of the word in place of the first. */
const MISPLACED_P_FLAG = 0x80;

const EXTENDED_MODIFIER_BITS = 8 * EXTENDED_MODIFIER_OCTETS;

const onKey = (code: string, message: string, section: string): CgaRemark => ({ code, offset: AT.publicKey, message, section });

const onPublicKey = (parameters: CgaParameters, key: PublicKey | undefined, isHba: boolean): readonly CgaRemark[] => {
  const section = isHba ? 'RFC 5535 section 6' : 'RFC 3972 section 3';
  if (key === undefined) return [onKey('not-spki', 'the public key is no DER-encoded SubjectPublicKeyInfo', section)];
  if (key.kind === 'opaque' && key.algorithm === RSA_ENCRYPTION_OID)
    return [onKey('not-rsa-public-key', 'the algorithm is rsaEncryption, but what follows is no RSAPublicKey in DER', section)];
  // Without the P flag it may be an Extended Modifier, which is shorter where it begins with zero bits.
  if (key.kind === 'RSA' && rsaBits(key) < EXTENDED_MODIFIER_BITS && multiPrefixOf(parameters)?.pFlag !== false)
    return [onKey('short-key', `an RSA key should have at least 384 bits, not ${rsaBits(key)}`, 'RFC 3972 section 3')];
  return [];
};

const onFlags = ({ pFlag, reserved }: MultiPrefix, key: PublicKey | undefined): readonly (readonly [code: string, message: string])[] => {
  if (!pFlag && reserved === MISPLACED_P_FLAG)
    return [['p-flag-misplaced', 'the P flag is in the last octet of its word, where LinShim6 writes it, and not in the first bit']];
  const found: (readonly [string, string])[] = [];
  if (reserved !== 0) found.push(['reserved', `the reserved bits are 0x${reserved.toString(16)}, not 0`]);
  const isKey = key?.kind === 'EC' || (key?.kind === 'RSA' && rsaBits(key) > EXTENDED_MODIFIER_BITS);
  if (!pFlag && isKey) found.push(['p-flag-unset', `the P flag is 0 though the Public Key field holds an ${key.kind} key`]);
  return found;
};

const onField = (field: ExtensionField, key: PublicKey | undefined, isFirst: boolean): readonly Omit<CgaRemark, 'offset'>[] => {
  if (field.kind === 'MALFORMED')
    return [{ code: 'bad-extension', message: 'the last octets are no extension field', section: 'RFC 4581 section 2' }];
  if (field.kind === 'UNKNOWN') {
    if (field.extensionType !== MULTI_PREFIX_TYPE) return [];
    const message = `a Multi-Prefix extension has 4 octets and 8 for each prefix, not ${field.extensionData.length}`;
    return [{ code: 'bad-multi-prefix', message, section: 'RFC 5535 section 5' }];
  }
  const remarks = onFlags(field, key).map(([code, message]) => ({ code, message, section: 'RFC 5535 section 5' }));
  if (isFirst) return remarks;
  return [
    ...remarks,
    {
      code: 'repeated-multi-prefix',
      message: 'this is not the first Multi-Prefix extension: it does not count',
      section: 'RFC 5535 section 5',
    },
  ];
};

/**
 * Everything odd about these CGA Parameters, in the order of their octets; none for what `generateCga` and `generateHba` make. Codes:
 * `not-spki`, `not-rsa-public-key` (LinShim6 writes Extended Modifiers so), `short-key`, `p-flag-misplaced` (LinShim6, too),
 * `p-flag-unset`, `reserved`, `repeated-multi-prefix`, `bad-multi-prefix`, `bad-extension`.
 *
 * @example remarksOn(parameters).map(({ message }) => message)
 */
export const remarksOn = (parameters: CgaParameters): readonly CgaRemark[] => {
  const key = decodePublicKey(parameters.publicKey);
  const publicKey = key.ok ? key.value : undefined;
  const first = parameters.extensionFields.findIndex(({ kind }) => kind === 'MULTI_PREFIX');
  const remarks = [...onPublicKey(parameters, publicKey, first >= 0)];
  let offset = AT.publicKey + parameters.publicKey.length;
  for (const [i, field] of parameters.extensionFields.entries()) {
    for (const remark of onField(field, publicKey, i === first)) remarks.push({ ...remark, offset });
    offset += encodeExtensionFields([field]).length;
  }
  return remarks;
};
