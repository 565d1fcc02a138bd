/** Mobile IPv6, RFC 6275: what a correspondent node holds of a home address, its nonces, and the node itself: `polypath/state-machines/mip6`. */
export * from './binding.ts';
export * from './correspondent.ts';
export * from './nonces.ts';
