/** Packets: from the link layer to TCP, located by offsets (`locateSegment`) or decoded into typed headers. */
export * from './locate.ts';
export * from './segment.ts';
