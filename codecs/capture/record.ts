/** One record of a capture, as the readers hand it out and the writers take it. */

/**
 * One captured frame. A reader fills and hands out the same object for every record, and `bytes` is the reader's own
 * buffer: both are only valid during the call. Copy what you keep.
 */
export interface CaptureRecord {
  /** The buffer that holds the frame. */
  bytes: Uint8Array;
  /** Where the captured octets of the frame start in `bytes`. */
  start: number;
  /** One past the last captured octet in `bytes`. */
  end: number;
  /** Length of the frame on the wire in octets; larger than `end - start` when the capture was snapped. */
  originalLength: number;
  /** Time of capture: whole seconds since 1970-01-01 UTC. */
  seconds: number;
  /** Time of capture: units of 1/`resolution` second since `seconds`. */
  fraction: number;
  /** Units per second of `fraction`: 1e6, 1e9, or whatever the interface of a pcapng file declares. */
  resolution: number;
  /** LINKTYPE_ value of the frame. */
  linkType: number;
  /** Index of the interface in its section; 0 in a pcap file. */
  interfaceId: number;
}

/** Time of a record in ms since 1970-01-01 UTC. @example timeOf({ seconds: 1, fraction: 500_000, resolution: 1e6 }) // 1500 */
export const timeOf = (record: Pick<CaptureRecord, 'seconds' | 'fraction' | 'resolution'>): number =>
  record.seconds * 1000 + (record.fraction * 1000) / record.resolution;
