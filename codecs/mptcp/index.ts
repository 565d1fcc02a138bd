/** The codecs of Multipath TCP, RFC 8684 (v1) and RFC 6824 (v0): `polypath/codecs/mptcp`. */
export * from './add-addr.ts';
export * from './dss.ts';
export * from './dss-checksum.ts';
export * from './hmac.ts';
export * from './key.ts';
export * from './mp-capable.ts';
export * from './mp-experimental.ts';
export * from './mp-fail.ts';
export * from './mp-fastclose.ts';
export * from './mp-join.ts';
export * from './mp-prio.ts';
export * from './mp-tcprst.ts';
export * from './option.ts';
export { LONGEST_OPTION, MPTCP_KIND, type MptcpVersion, type OptionCodec } from './option-codec.ts';
export * from './remove-addr.ts';
export type { UnknownOption } from './unknown.ts';
