/** The fast-check generators that users can import as `polypath/arbitraries`; fast-check is an optional peer dependency. */
export * from './cga.ts';
export * from './mptcp.ts';
export * from './packet.ts';
