/** Cryptographically generated and hash-based addresses, RFC 3972, 4581, 4982 and 5535, and RFC 5533's CGA signature: `polypath/codecs/cga`. */
export * from './extension.ts';
export * from './forge.ts';
export * from './generation.ts';
export * from './kernel.ts';
export * from './key-pair.ts';
export { MULTI_PREFIX_TYPE, PREFIX_OCTETS, type MultiPrefix } from './multi-prefix.ts';
export { decodeCgaParameters, encodeCgaParameters, hash2Input, multiPrefixOf, type CgaParameters } from './parameters.ts';
export {
  decodePublicKey,
  encodeExtendedModifier,
  encodePublicKey,
  EXTENDED_MODIFIER_OCTETS,
  rsaBits,
  type CurveName,
  type EcPublicKey,
  type OpaquePublicKey,
  type PublicKey,
  type RsaPublicKey,
} from './public-key.ts';
export * from './remarks.ts';
export * from './search.ts';
export * from './sec.ts';
export * from './signature.ts';
export { newSimdKernel } from './simd-kernel.ts';
export { verifyCga, verifyHba, type CgaRefusal, type CgaStep, type CgaVerification, type VerifyOptions } from './verification.ts';
export * from './web-crypto.ts';
