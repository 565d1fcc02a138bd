/** RSASSA-PKCS1-v1_5 with SHA-1 by node-forge: works everywhere, and is slower than what a platform brings along (RFC 8017 section 8.2). */
import type { SignatureProvider } from './signature.ts';

/** node-forge works on strings whose characters are octets. */
const toBinary = (octets: Uint8Array): string => {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
};

const fromBinary = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Loaded when the first signature is wanted: CGAs themselves do not need it. */
const load = async () => (await import('node-forge')).default;

/** The portable provider, in use where no other is given. @example await forgeSignatures.sign(privateKey, message) */
export const forgeSignatures: SignatureProvider = {
  name: 'node-forge',
  async sign(privateKey, message) {
    const forge = await load();
    const key = ((): ReturnType<typeof forge.pki.privateKeyFromAsn1> => {
      try {
        return forge.pki.privateKeyFromAsn1(forge.asn1.fromDer(toBinary(privateKey)));
      } catch (error) {
        throw new RangeError('privateKey must be a DER-encoded PKCS #8 RSA key', { cause: error });
      }
    })();
    return fromBinary(key.sign(forge.md.sha1.create().update(toBinary(message))));
  },
  async verify(publicKey, message, signature) {
    const forge = await load();
    try {
      const key = forge.pki.publicKeyFromAsn1(forge.asn1.fromDer(toBinary(publicKey)));
      return key.verify(forge.md.sha1.create().update(toBinary(message)).digest().getBytes(), toBinary(signature));
    } catch {
      // It throws for padding or a length that cannot be.
      return false;
    }
  },
};
