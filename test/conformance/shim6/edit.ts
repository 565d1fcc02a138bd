/** Changes captures of shim6 packet by packet: one message said otherwise, one packet sent again, later or never, with checksums and lengths set right. */
import { concat, setU16 } from '../../../codecs/bytes.ts';
import { LINKTYPE_EN10MB, LINKTYPE_RAW, createCaptureReader, pcapHeader, pcapRecord, timeOf } from '../../../codecs/capture/index.ts';
import { decodeIpv6, encodeIpv6 } from '../../../codecs/packet/index.ts';
import type { Ipv6Fields } from '../../../codecs/packet/index.ts';
import { PROTOCOL_SHIM6, checksumOf, decodeShim6, encodeShim6 } from '../../../codecs/shim6/index.ts';
import type { Shim6Message } from '../../../codecs/shim6/index.ts';

/** An IPv6 packet of a capture, and when it was captured, in ms. */
export interface Taken {
  readonly bytes: Uint8Array;
  readonly time: number;
}

const ETHERNET = 14;

/** The IPv6 packets of a capture (Ethernet or raw IP). */
export const packetsOf = (pcap: Uint8Array): Taken[] => {
  const packets: Taken[] = [];
  const reader = createCaptureReader((record) => {
    const skip = record.linkType === LINKTYPE_EN10MB ? ETHERNET : 0;
    packets.push({ bytes: record.bytes.slice(record.start + skip, record.end), time: timeOf(record) });
  });
  reader.push(pcap);
  reader.finish();
  return packets;
};

/** A capture of packets, raw IP; `snapLength` cuts them. */
export const captureOf = (packets: readonly Taken[], snapLength = 65_535): Uint8Array =>
  concat(
    pcapHeader({ linkType: LINKTYPE_RAW }),
    ...packets.map(({ bytes, time }) => {
      const microseconds = Math.round(time * 1000);
      const [seconds, fraction] = [Math.floor(microseconds / 1e6), microseconds % 1e6];
      return pcapRecord({ bytes, start: 0, end: Math.min(bytes.length, snapLength), originalLength: bytes.length, seconds, fraction });
    }),
  );

/** The shim6 message of a packet; undefined where it has none. */
export const messageOf = ({ bytes }: Taken): Shim6Message | undefined => {
  const packet = decodeIpv6(bytes);
  if (!packet.ok || packet.value.protocol !== PROTOCOL_SHIM6) return undefined;
  const message = decodeShim6(packet.value.payload);
  return message.ok ? message.value : undefined;
};

/** What a packet with a message becomes. */
export type Edit = (packet: Taken) => Taken;

const rebuilt = (packet: Taken, change: (fields: Ipv6Fields) => Ipv6Fields): Taken => {
  const read = decodeIpv6(packet.bytes);
  if (!read.ok) throw new RangeError(read.error.message);
  const { trafficClass, flowLabel, hopLimit, source, destination, headers, protocol, payload } = read.value;
  return { ...packet, bytes: encodeIpv6(change({ trafficClass, flowLabel, hopLimit, source, destination, headers, protocol, payload })) };
};

/** A message whose checksum is still to be computed. */
const unsummed = (message: Shim6Message): Shim6Message => {
  if (message.kind === 'PayloadExtension') return message;
  const { checksum: _, ...rest } = message;
  return rest;
};

/** The message says something else; its checksum is right unless it names one. */
export const saying =
  <K extends Shim6Message['kind']>(kind: K, change: (message: Extract<Shim6Message, { readonly kind: K }>) => Shim6Message): Edit =>
  (packet) =>
    rebuilt(packet, (fields) => {
      const read = decodeShim6(fields.payload);
      if (!read.ok || read.value.kind !== kind) throw new RangeError(`there is no ${kind}`);
      // `kind` is that of the message, which the compiler does not follow for a kind that is a parameter.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const changed = change(unsummed(read.value) as Extract<Shim6Message, { readonly kind: K }>);
      const length = read.value.kind === 'PayloadExtension' ? 8 : fields.payload.length;
      return { ...fields, payload: concat(encodeShim6(changed), fields.payload.subarray(length)) };
    });

/** The octets of the message are others; `sum` sets the checksum right. */
export const withOctets =
  (change: (octets: Uint8Array) => Uint8Array, sum = true): Edit =>
  (packet) =>
    rebuilt(packet, (fields) => {
      const payload = change(fields.payload.slice());
      if (sum) setU16(payload, 4, checksumOf(payload));
      return { ...fields, payload };
    });

/** The IPv6 packet is another one around the same message. */
export const within =
  (change: (fields: Ipv6Fields) => Ipv6Fields): Edit =>
  (packet) =>
    rebuilt(packet, change);

/** The packet is captured so many ms later. */
export const later =
  (by: number): Edit =>
  (packet) => ({ ...packet, time: packet.time + by });
