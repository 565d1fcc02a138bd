/** Mobile IPv6, RFC 6275: what a correspondent node and a home agent hold of a home address, and the correspondent node itself: `polypath/state-machines/mip6`. */
export * from './binding.ts';
export * from './correspondent.ts';
export * from './correspondent-registration.ts';
export * from './home-registration.ts';
export * from './mobile-peer.ts';
export * from './mobile-registration.ts';
export * from './nonces.ts';
