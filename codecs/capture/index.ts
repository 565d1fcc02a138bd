/** Captures: pcap and pcapng, read from chunks of any size and written record by record. */
export type { ByteOrder } from './container.ts';
export * from './link-type.ts';
export { pcapHeader, pcapRecord } from './pcap.ts';
export type { PcapHeader } from './pcap.ts';
export * from './pcapng-write.ts';
export { createCaptureReader, recogniseCapture } from './reader.ts';
export type { CaptureError, CaptureReader } from './reader.ts';
export * from './record.ts';
