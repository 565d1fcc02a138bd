/** Probe, RFC 5534 section 5.2: tries an address pair, and tells which probes were sent and which have arrived. */
import { unlessZero } from '../decoded.ts';
import { ranged, u32, type ByteWriter } from '../bytes.ts';
import { readReservedBit, readTag, writeTag, type ControlMessage, type MessageCodec } from '../shim6/message-codec.ts';

/** Values of State. */
export const OPERATIONAL = 0;
export const EXPLORING = 1;
export const INBOUND_OK = 2;

/** A probe as a Probe message reports it. */
export interface ProbeReport {
  /** 16 octets each: the addresses it was sent with. */
  readonly sourceAddress: Uint8Array;
  readonly destinationAddress: Uint8Array;
  /** 32 bits each. */
  readonly nonce: number;
  readonly data: number;
}

/**
 * Probe.
 *
 *   |  Next Header  |  Hdr Ext Len  |0|  Type = 67  |   Reserved  |0|
 *   |            Checksum           |R|                             |
 *   |                    Receiver Context Tag                       |
 *   | Precvd| Psent |Sta|                 Reserved2                 |
 *   ~   Psent times: source 16, destination 16, nonce 4, data 4     ~
 *   ~   Precvd times the same                                       ~
 *   ~                         Options                               ~
 */
export interface Probe extends ControlMessage {
  readonly kind: 'Probe';
  /** R, 1 bit; 0 when left out. */
  readonly reserved?: number;
  /** 47 bits, allocated by the receiver. */
  readonly receiverContextTag: number;
  /** Sta, 2 bits: `OPERATIONAL`, `EXPLORING`, `INBOUND_OK`; 3 is not defined. */
  readonly state: number;
  /** 22 bits; 0 when left out. */
  readonly reserved2?: number;
  /** At most 15, this very probe first. */
  readonly sent: readonly ProbeReport[];
  /** At most 15. */
  readonly received: readonly ProbeReport[];
}

const FIXED = 16;
const REPORT = 40;

const counts = (bytes: Uint8Array): readonly [received: number, sent: number] => [bytes[12]! >>> 4, bytes[12]! & 0xf];

const readReports = (bytes: Uint8Array, from: number, count: number): readonly ProbeReport[] =>
  Array.from({ length: count }, (_, i) => {
    const at = from + i * REPORT;
    return {
      sourceAddress: bytes.subarray(at, at + 16),
      destinationAddress: bytes.subarray(at + 16, at + 32),
      nonce: u32(bytes, at + 32),
      data: u32(bytes, at + 36),
    };
  });

const writeReports = (w: ByteWriter, reports: readonly ProbeReport[]): void => {
  for (const { sourceAddress, destinationAddress, nonce, data } of reports)
    w.bytes('sourceAddress', sourceAddress, 16).bytes('destinationAddress', destinationAddress, 16).u32('nonce', nonce).u32('data', data);
};

export const probe: MessageCodec<Probe> = {
  type: 67,
  section: 'RFC 5534 section 5.2',
  fixed: FIXED,
  length: (bytes) => {
    const [received, sent] = counts(bytes);
    return FIXED + REPORT * (received + sent);
  },
  decode: (bytes) => {
    const [received, sent] = counts(bytes);
    return {
      kind: 'Probe',
      ...readReservedBit(bytes),
      receiverContextTag: readTag(bytes),
      state: bytes[13]! >>> 6,
      ...unlessZero('reserved2', u32(bytes, 12) & 0x3f_ffff),
      sent: readReports(bytes, FIXED, sent),
      received: readReports(bytes, FIXED + REPORT * sent, received),
    };
  },
  encode: (w, { reserved, receiverContextTag, state, reserved2, sent, received }) => {
    writeTag(w, 'receiverContextTag', receiverContextTag, reserved);
    w.u8('received', (ranged('received', received.length, 15) << 4) | ranged('sent', sent.length, 15));
    const rest = ranged('reserved2', reserved2 ?? 0, 0x3f_ffff);
    w.u8('state', (ranged('state', state, 3) << 6) | (rest >>> 16)).u16('reserved2', rest & 0xffff);
    writeReports(w, sent);
    writeReports(w, received);
  },
};
