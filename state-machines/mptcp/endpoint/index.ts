/** Multipath TCP endpoints (RFC 8684): `Endpoint`, its settings, its schedulers, and segments to and from packets. */
export { Endpoint } from './endpoint.ts';
export type { SubflowView } from './endpoint.ts';
export * from './scheduler.ts';
export type * from './settings.ts';
export { REASON } from './signals.ts';
export { decodeSegment, encodeOptions, encodeSegment, isMptcpOption } from '../segment.ts';
export type { SegmentOption, TcpSegment } from '../segment.ts';
