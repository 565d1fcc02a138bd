/** RSASSA-PKCS1-v1_5 with SHA-1 by a WebCrypto implementation that the caller hands over (W3C Web Cryptography API section 20). */
import { copyOf } from '../bytes.ts';
import type { SignatureProvider } from './signature.ts';

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' } as const;

/** What is used of a `SubtleCrypto`. */
export interface Subtle<Key> {
  importKey(
    format: 'pkcs8' | 'spki',
    key: Uint8Array<ArrayBuffer>,
    algorithm: typeof ALGORITHM,
    extractable: false,
    usages: ('sign' | 'verify')[],
  ): Promise<Key>;
  sign(algorithm: typeof ALGORITHM, key: Key, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  verify(algorithm: typeof ALGORITHM, key: Key, signature: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/**
 * The provider over a `SubtleCrypto`, in browsers and in Node. Implementations may refuse keys that CGAs allow (384 or 512 bits): signing
 * is then rejected, and such a signature counts as wrong. @example webCryptoSignatures(crypto.subtle)
 */
export const webCryptoSignatures = <Key>(subtle: Subtle<Key>): SignatureProvider => ({
  name: 'WebCrypto',
  async sign(privateKey, message) {
    const key = await subtle.importKey('pkcs8', copyOf(privateKey), ALGORITHM, false, ['sign']);
    return new Uint8Array(await subtle.sign(ALGORITHM, key, copyOf(message)));
  },
  async verify(publicKey, message, signature) {
    try {
      const key = await subtle.importKey('spki', copyOf(publicKey), ALGORITHM, false, ['verify']);
      return await subtle.verify(ALGORITHM, key, copyOf(signature), copyOf(message));
    } catch {
      return false;
    }
  },
});
