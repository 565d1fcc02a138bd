/** A host of the lab that runs REAP for one context whose handshake is over: payload, Keepalives and Probes as IPv6 packets (RFC 5533 section 4.5, RFC 5534). */
import { concat, equalBytes } from '../../codecs/bytes.ts';
import { decodeIpv6, encodeIpv6 } from '../../codecs/packet/index.ts';
import { decodeShim6, encodeShim6, locateShim6, NO_NEXT_HEADER, PROTOCOL_SHIM6 } from '../../codecs/shim6/index.ts';
import { ReapEndpoint } from '../../state-machines/reap/index.ts';
import type { ReapOutput, ReapSettings } from '../../state-machines/reap/index.ts';
import type { LabHost } from './network.ts';

/** A host; its first locators are the ULIDs. */
export class ReapHost implements LabHost {
  readonly reap: ReapEndpoint;
  /** Payload packets that came. */
  received = 0;
  /** When the transport was told that its packets take another path. */
  readonly pathChanges: number[] = [];
  readonly #settings: ReapSettings;

  constructor(settings: ReapSettings) {
    this.#settings = settings;
    this.reap = new ReapEndpoint(settings);
  }

  get nextTimer(): number | undefined {
    return this.reap.nextTimer;
  }

  /** A payload packet of 8 octets on the pair in use: as it is between the ULIDs, behind a Payload Extension header elsewhere. */
  payload(now: number): readonly Uint8Array[] {
    const { source, destination } = this.reap.path;
    const octets = new Uint8Array(8);
    const isPlain = equalBytes(source, this.#settings.localLocators[0]!) && equalBytes(destination, this.#settings.peerLocators[0]!);
    const extension = encodeShim6({ kind: 'PayloadExtension', nextHeader: NO_NEXT_HEADER, receiverContextTag: this.#settings.peerTag });
    const packet = isPlain
      ? encodeIpv6({ protocol: NO_NEXT_HEADER, source, destination, payload: octets })
      : encodeIpv6({ protocol: PROTOCOL_SHIM6, source, destination, payload: concat(extension, octets) });
    return [packet, ...this.#packets(this.reap.payloadSent(now), now)];
  }

  receive(packet: Uint8Array, now: number): readonly Uint8Array[] {
    const read = decodeIpv6(packet);
    if (!read.ok) return [];
    const placed = locateShim6(read.value);
    const message = placed === undefined ? undefined : decodeShim6(placed.bytes);
    if (message?.ok === false) return [];
    const { source, destination } = read.value;
    if (message?.value.kind === 'Probe' || message?.value.kind === 'Keepalive')
      return this.#packets(this.reap.receive(message.value, source, destination, now), now);
    if (message?.value.kind === 'PayloadExtension' && message.value.receiverContextTag !== this.#settings.localTag) return [];
    this.received += 1;
    return this.#packets(this.reap.payloadReceived(now), now);
  }

  tick(now: number): readonly Uint8Array[] {
    return this.#packets(this.reap.tick(now), now);
  }

  /** Something outside says that the pair in use may not work. */
  suspect(now: number): readonly Uint8Array[] {
    return this.#packets(this.reap.suspect(now), now);
  }

  #packets(outputs: readonly ReapOutput[], now: number): readonly Uint8Array[] {
    return outputs.flatMap((output) => {
      if (output.type === 'pathChanged') {
        this.pathChanges.push(now);
        return [];
      }
      const { source, destination, message } = output.packet;
      return [encodeIpv6({ protocol: PROTOCOL_SHIM6, source, destination, payload: encodeShim6(message) })];
    });
  }
}
