/** Packets: from the link layer to TCP, located by offsets (`locateSegment`) or decoded into typed headers. */
export { tcpChecksum } from '../checksum.ts';
export * from './address.ts';
export * from './ethernet.ts';
export * from './icmpv6.ts';
export * from './ipv4.ts';
export * from './ipv6.ts';
export * from './locate.ts';
export * from './loopback.ts';
export * from './ppp.ts';
export * from './reassembly.ts';
export * from './segment.ts';
export * from './sll.ts';
export * from './sll2.ts';
export * from './tcp-options.ts';
export * from './tcp.ts';
