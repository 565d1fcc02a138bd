/** The fast-check generators, scripted conversations and networks that users can import as `polypath/arbitraries`; fast-check is an optional peer dependency. */
export * from './cga.ts';
export * from './conversation.ts';
export * from './mip6.ts';
export * from './mptcp.ts';
export * from './network.ts';
export * from './packet.ts';
export * from './shim6.ts';
export * from './shim6-hosts.ts';
export * from './traffic.ts';
