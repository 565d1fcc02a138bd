/**
 * What pure code must not use, whatever the types of the language allow. A Buffer of Node is a Uint8Array whose `slice` is a view: who changes
 * that changes the octets of the caller. `copyOf` of codecs/bytes.ts copies either.
 */
interface Uint8Array {
  slice(start?: number, end?: number): { readonly use: 'copyOf' };
}
