/** RSASSA-PKCS1-v1_5 with SHA-1, random octets and SHA-1 itself by node:crypto, for `codecs/cga` (RFC 8017 section 8.2, RFC 3972). */
import { createPrivateKey, createPublicKey, hash, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import type { SignatureProvider } from '../../codecs/cga/index.ts';

/**
 * The provider to use in Node: many times faster than node-forge. OpenSSL takes RSA keys of 512 bits and more; below, `sign` throws and
 * `verify` says no. @example await signLocators(privateKey, 2, locators, nodeSignatures)
 */
export const nodeSignatures: SignatureProvider = {
  name: 'node:crypto',
  sign(privateKey, message) {
    const key = rsaKey(() => createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' }));
    if (key === undefined) throw new RangeError('privateKey must be a DER-encoded PKCS #8 RSA key');
    return new Uint8Array(sign('sha1', message, key));
  },
  verify(publicKey, message, signature) {
    const key = rsaKey(() => createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }));
    return key !== undefined && verify('sha1', message, key, signature);
  },
};

const rsaKey = (read: () => KeyObject): KeyObject | undefined => {
  try {
    const key = read();
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
};

/** Random octets, as `generateCga` and `generateHba` take them. @example generateCga({ sec: 0, prefixes, publicKey, random }) */
export const random = (octets: number): Uint8Array => new Uint8Array(randomBytes(octets));

/** SHA-1, as `VerifyOptions.digest` takes it. @example verifyCga(address, parameters, { digest }) */
export const digest = (octets: Uint8Array): Uint8Array => hash('sha1', octets, 'buffer');
