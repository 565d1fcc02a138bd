/** MPTCP options as they stand in captures, for the tests of their codecs. */
import { readdirSync, readFileSync } from 'node:fs';
import { toHex } from '../../codecs/bytes.ts';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import { decodeMptcpOption, type MptcpOption, type MptcpVersion } from '../../codecs/mptcp/index.ts';
import { locateSegment, newSegment, nextOption, OPTION_MPTCP, TCP } from '../../codecs/packet/index.ts';

/** Where the captures of Multipath TCP are. */
export const capturesAt = new URL('../../vectors/captures/mptcp/', import.meta.url);

/** Their names. */
export const captureNames = readdirSync(capturesAt)
  .filter((name) => name.endsWith('.pcap'))
  .sort();

/** The version that a capture's connections speak: only what we crafted speaks 0, and is called so. */
export const versionIn = (name: string): MptcpVersion => (/(^v|-v)0/.test(name) ? 0 : 1);

/** The option that these octets are; an exception when they are none. */
export const decodeWell = (octets: Uint8Array, version: MptcpVersion | undefined): MptcpOption => {
  const result = decodeMptcpOption(octets, 0, octets.length, version);
  if (!result.ok) throw new Error(`${toHex(octets)}: ${result.error.message}`);
  return result.value;
};

/** An option and the segment that carried it. */
export interface Carried {
  readonly frame: number;
  /** Offset of the Kind in the frame. */
  readonly at: number;
  readonly octets: Uint8Array;
  readonly flow: string;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** Every MPTCP option of a capture, in order. */
export const optionsIn = (capture: URL): readonly Carried[] => {
  const found: Carried[] = [];
  const segment = newSegment();
  const reader = createCaptureReader((r) => {
    if (locateSegment(r.bytes, r.start, r.end, r.originalLength, r.linkType, segment) !== TCP) return;
    const { bytes, flags, sequence } = segment;
    const ends = [segment.source, segment.destination].map((address) =>
      toHex(bytes, address, address + (segment.ipVersion === 4 ? 4 : 16)),
    );
    const flow = `${ends[0]}.${segment.sourcePort} ${ends[1]}.${segment.destinationPort}`;
    const payload = bytes.slice(segment.payload, segment.payloadEnd);
    const carried = { frame: reader.frames, flow, flags, sequence, payload };
    let at = nextOption(bytes, segment.options, segment.optionsEnd);
    for (; at >= 0; at = nextOption(bytes, at + bytes[at + 1]!, segment.optionsEnd))
      if (bytes[at] === OPTION_MPTCP) found.push({ ...carried, at: at - r.start, octets: bytes.slice(at, at + bytes[at + 1]!) });
  });
  reader.push(readFileSync(capture));
  reader.finish();
  return found;
};
