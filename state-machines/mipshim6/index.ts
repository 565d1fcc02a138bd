/** MipShim6: shim6 over Mobile IPv6, a machine for a context whose host moves and a host: `polypath/state-machines/mipshim6`. */
export * from './host.ts';
export * from './movement.ts';
