/** The part of node-forge that forge.ts uses. Its published types bring in those of Node, which nothing in here may use. */
declare module 'node-forge' {
  interface Digest {
    update(binary: string): Digest;
    digest(): { getBytes(): string };
  }
  const forge: {
    readonly asn1: { fromDer(binary: string): object };
    readonly md: { readonly sha1: { create(): Digest } };
    readonly pki: {
      privateKeyFromAsn1(asn1: object): { sign(digest: Digest): string };
      publicKeyFromAsn1(asn1: object): { verify(digest: string, signature: string): boolean };
    };
  };
  export default forge;
}
