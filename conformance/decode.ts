/** Protocol messages of a capture, one after another in file order: what `polypath decode` prints. */
import { createCaptureReader, type CaptureError, type CaptureRecord } from '../codecs/capture/index.ts';
import { formatAddress } from '../codecs/packet/index.ts';
import type { Ipv6 } from '../codecs/packet/index.ts';
import type { Message } from './messages/message.ts';
import { mip6Messages } from './messages/mip6.ts';
import { mptcpMessages } from './messages/mptcp.ts';
import { shim6Messages } from './messages/shim6.ts';
import { Observer } from './observe.ts';

/** One protocol message, as `decode --json` prints it. Octets are hex, addresses text, 64-bit numbers decimal strings. */
export interface MessageLine extends Message {
  /** Counted from 1. */
  readonly frame: number;
  /** RFC 3339, in UTC, with the capture's digits. */
  readonly time: string;
  /** As the IP header has them; of what came through a tunnel, those of the packet that it is in. */
  readonly src: string;
  readonly dst: string;
  /** Only with TCP. */
  readonly srcPort?: number;
  readonly dstPort?: number;
}

/** Takes a capture's octets and hands out its messages. */
export interface MessageDecoder {
  /** The next octets of the capture. */
  push(chunk: Uint8Array): void;
  /** The capture ends here. */
  finish(): void;
  /** What the capture is damaged by, as far as it was read. */
  readonly error: CaptureError | undefined;
}

/** What finds the messages of a protocol in an IPv6 packet, in order. */
type PacketMessages = (packet: Ipv6) => readonly Message[];

/** How to decode. */
export interface DecodeOptions {
  /** The protocol number that stands for shim6; 140 when left out. LinShim6 was shipped with 61. */
  readonly shim6Protocol?: number;
}

/** Time of a record as text: microseconds, or nanoseconds where the capture has them. @example timeText({ seconds: 0, fraction: 5, resolution: 1e6 }) // '1970-01-01T00:00:00.000005Z' */
export const timeText = ({ seconds, fraction, resolution }: Pick<CaptureRecord, 'seconds' | 'fraction' | 'resolution'>): string => {
  const digits = resolution > 1e6 ? 9 : 6;
  const units = Math.floor(fraction * (10 ** digits / resolution));
  const date = new Date((seconds + Math.floor(units / 10 ** digits)) * 1000);
  const rest = String(units % 10 ** digits).padStart(digits, '0');
  // A damaged capture can claim times that no calendar has.
  return Number.isNaN(date.getTime()) ? `${seconds}.${rest}` : `${date.toISOString().slice(0, -5)}.${rest}Z`;
};

/**
 * Decodes a capture: every message of our protocols in file order, also out of fragments and tunnels. An MPTCP option whose version is unknown
 * is read as the newest. `frame`, `time` and the rest are in each line; nothing that `onMessage` gets is used again.
 *
 * @example
 * const decoder = createMessageDecoder((line) => console.log(JSON.stringify(line)));
 * decoder.push(readFileSync('join.pcap'));
 * decoder.finish();
 */
export const createMessageDecoder = (onMessage: (line: MessageLine) => void, { shim6Protocol }: DecodeOptions = {}): MessageDecoder => {
  const optionsOf = mptcpMessages();
  // Every protocol but Multipath TCP, which is found by its segments.
  const packetMessages: readonly PacketMessages[] = [mip6Messages, shim6Messages(shim6Protocol)];
  const observer = new Observer(
    {
      wantsPayload: false,
      segment: (segment, record, frame) => {
        const messages = optionsOf(segment);
        if (messages.length === 0) return;
        const { bytes, source, destination, sourcePort: srcPort, destinationPort: dstPort } = segment;
        const family = segment.ipVersion === 4 ? 4 : 6;
        const src = formatAddress(bytes, source, family);
        const dst = formatAddress(bytes, destination, family);
        const time = timeText(record);
        for (const message of messages) onMessage({ frame, time, src, dst, srcPort, dstPort, ...message });
      },
      packet: ({ frame, packet, outer }, record) => {
        // What a tunnel carries comes after the tunnel's own headers, each with its addresses.
        for (const each of [...outer, packet]) {
          const src = formatAddress(each.source, 0, 6);
          const dst = formatAddress(each.destination, 0, 6);
          for (const messagesOf of packetMessages) {
            for (const message of messagesOf(each)) onMessage({ frame, time: timeText(record), src, dst, ...message });
          }
        }
      },
    },
    shim6Protocol,
  );
  return createCaptureReader(observer.observe);
};
