/** A correspondent node with its packets, RFC 6275 section 9: data goes by way of the care-of address where there is a binding, and what comes with a Home Address option is let in by it. */
import { equalBytes, toHex } from '../../codecs/bytes.ts';
import { CorrespondentNode } from './correspondent.ts';
import type { CorrespondentSettings } from './correspondent.ts';
import { mobilityOctets, parameterProblem, payloadOctets, readArrival, unreachableCareOf, upperAddresses } from './packets.ts';
import type { Addressed, Content, MobilityPacket, Payload } from './packets.ts';

/** What authenticates itself is let in without a binding (section 9.3.1). */
const PROTOCOL_ESP = 50;
/**
 * What makes ICMP errors persistent (section 9.3.4 names nothing): so many of one care-of address, so long from the first to the last, none of them older than a
 * minute; in ms.
 */
const ERRORS = 3;
const LEAST = 2000;
const OLDEST = 60_000;
/** Care-of addresses of which errors are remembered. */
const REMEMBERED = 256;

/** What comes of an event. */
export type CorrespondentOutput =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | ({ readonly type: 'deliver'; readonly route: 'plain' | 'direct' } & Payload);

/**
 * One host. @example new CorrespondentHost({ address, random }).send({ destination: homeAddress, protocol, payload }) // [ { type: 'send', packet } ]
 */
export class CorrespondentHost {
  readonly node: CorrespondentNode;
  readonly #address: Uint8Array;
  /** When errors came, by care-of address. */
  readonly #errors = new Map<string, readonly number[]>();

  constructor(settings: CorrespondentSettings) {
    this.node = new CorrespondentNode(settings);
    this.#address = settings.address;
  }

  get nextTimer(): number | undefined {
    return this.node.nextTimer;
  }

  /** Data of the upper layer (section 9.3.2). */
  send({ destination, protocol, payload }: Omit<Payload, 'source'>): readonly CorrespondentOutput[] {
    const careOf = this.node.routeTo(destination);
    const to: Omit<Addressed, 'source'> = careOf === undefined ? { destination } : { destination: careOf, routingHeader: destination };
    return [{ type: 'send', packet: payloadOctets({ source: this.#address, ...to }, { protocol, payload }) }];
  }

  /** A packet came. */
  receive(octets: Uint8Array, now: number): readonly CorrespondentOutput[] {
    const arrival = readArrival(octets);
    // A routing header to somebody else is none of ours (section 8.2).
    if (arrival === undefined || arrival.routingHeader !== undefined || !equalBytes(arrival.destination, this.#address)) return [];
    const { source, homeAddress, content } = arrival;
    switch (content.kind) {
      case 'mobility':
        return sending(this.node.receive({ ...arrival, message: content.message }, now));
      case 'refused':
        return parameterProblem(this.#address, source, content.pointer, octets).map((packet) => ({ type: 'send', packet }));
      case 'payload': {
        const isLetIn = homeAddress === undefined || content.protocol === PROTOCOL_ESP;
        const { deliver, packets } = isLetIn ? { deliver: true, packets: [] } : this.node.receiveFrom(source, homeAddress, now);
        const { protocol, payload } = content;
        const route = homeAddress === undefined ? 'plain' : 'direct';
        return deliver ? [{ type: 'deliver', route, ...upperAddresses(arrival), protocol, payload }] : sending(packets);
      }
      case 'error':
        this.#unreachable(content, now);
        return [];
      default:
        return [];
    }
  }

  /** Section 9.3.4: errors that persist end the binding that the packets went by. */
  #unreachable(content: Extract<Content, { readonly kind: 'error' }>, now: number): void {
    const about = unreachableCareOf(content);
    if (about === undefined) return;
    const { homeAddress, careOfAddress } = about;
    const isBound = this.node.bindings.some(
      (each) => equalBytes(each.homeAddress, homeAddress) && equalBytes(each.careOfAddress, careOfAddress),
    );
    if (!isBound) return;
    const key = toHex(careOfAddress);
    const times = [...(this.#errors.get(key) ?? []).filter((at) => now - at < OLDEST), now];
    const [first = now, ...others] = times;
    this.#errors.delete(key);
    if (times.length >= ERRORS && now - first >= LEAST) this.node.unreachable(homeAddress, now);
    else if (this.#errors.size < REMEMBERED) this.#errors.set(key, [first, ...others.slice(-ERRORS)]);
  }

  /** Timers that are due. */
  tick(now: number): readonly CorrespondentOutput[] {
    return sending(this.node.tick(now));
  }
}

const sending = (packets: readonly MobilityPacket[]): readonly CorrespondentOutput[] =>
  packets.map((packet) => ({ type: 'send', packet: mobilityOctets(packet) }));
