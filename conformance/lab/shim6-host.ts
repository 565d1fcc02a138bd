/** A host of the lab that speaks shim6 and REAP (RFC 5533, RFC 5534), with payload of its upper layer between ULIDs: IPv6 packets in, IPv6 packets out. */
import { ByteWriter, u32 } from '../../codecs/bytes.ts';
import { decodeIpv6, encodeIpv6 } from '../../codecs/packet/index.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { NO_NEXT_HEADER } from '../../codecs/shim6/index.ts';
import { Flows, Shim6Host } from '../../state-machines/shim6/index.ts';
import type { DeferralPolicy, Shim6Output, Shim6Settings } from '../../state-machines/shim6/index.ts';
import type { LabHost } from './network.ts';

/** A notice of the host, and when it came. */
export type Shim6Notice = Exclude<Shim6Output, { readonly type: 'send' } | { readonly type: 'deliver' }> & { readonly time: number };

/** A host; what its upper layer gets is kept, the newest of it. */
export class Shim6LabHost implements LabHost {
  #shim6: Shim6Host;
  readonly notices: Shim6Notice[] = [];
  /** Packets of the upper layer that came, between ULIDs. */
  readonly delivered: Ipv6Fields[] = [];
  received = 0;
  readonly #flows: Flows | undefined;
  #sent = 0;

  /** With a policy, flows that are worth it get a context by themselves; without one, whoever wants a context says so. */
  constructor(settings: Shim6Settings, policy?: DeferralPolicy) {
    this.#shim6 = new Shim6Host(settings);
    this.#flows = policy === undefined ? undefined : new Flows(policy);
  }

  get shim6(): Shim6Host {
    return this.#shim6;
  }

  /** Loses all that the host knows, as a crash does (RFC 5533 section 7.5). */
  crash(settings: Shim6Settings): void {
    this.#shim6 = new Shim6Host(settings);
  }

  get nextTimer(): number | undefined {
    return this.shim6.nextTimer;
  }

  /** A packet of the upper layer, 8 octets that count its packets, between two ULIDs. */
  payload(localUlid: Uint8Array, peerUlid: Uint8Array, now: number, forkedInstanceIdentifier = 0): readonly Uint8Array[] {
    this.#sent += 1;
    const payload = new ByteWriter(8).u32('high', 0).u32('number', this.#sent).finish();
    const packet = { protocol: NO_NEXT_HEADER, source: localUlid, destination: peerUlid, payload };
    const sent = this.packets(this.shim6.send(packet, now, forkedInstanceIdentifier), now);
    return [...sent, ...this.#counted(packet, 'out', now)];
  }

  #counted(packet: Ipv6Fields, direction: 'in' | 'out', now: number): readonly Uint8Array[] {
    const [own, peer] = direction === 'out' ? [packet.source, packet.destination] : [packet.destination, packet.source];
    if (this.#flows === undefined || this.shim6.context(own, peer) !== undefined) return [];
    return this.#flows.count(packet, direction, now) === 'establish' ? this.packets(this.shim6.establish(own, peer, now), now) : [];
  }

  receive(packet: Uint8Array, now: number): readonly Uint8Array[] {
    const read = decodeIpv6(packet);
    if (!read.ok) return [];
    const outputs = this.shim6.receive(read.value, now);
    const counted = outputs.flatMap((output) => (output.type === 'deliver' ? this.#counted(output.packet, 'in', now) : []));
    return [...this.packets(outputs, now), ...counted];
  }

  tick(now: number): readonly Uint8Array[] {
    return this.packets(this.shim6.tick(now), now);
  }

  /** The packets to the network of what the shim6 host gave back; the rest is kept here. @example lab.send('a', ...a.packets(a.shim6.establish(x, y, now), now)) */
  packets(outputs: readonly Shim6Output[], now: number): readonly Uint8Array[] {
    return outputs.flatMap((output) => {
      if (output.type === 'send') return [encodeIpv6(output.packet)];
      if (output.type === 'deliver') {
        this.received += 1;
        this.delivered.push(output.packet);
        if (this.delivered.length > KEPT) this.delivered.shift();
      } else {
        this.notices.push({ ...output, time: now });
        if (this.notices.length > KEPT) this.notices.shift();
      }
      return [];
    });
  }
}

const KEPT = 1000;

/** The number of a packet that `payload` made. @example payloadNumber(host.delivered[0]!) // 1 */
export const payloadNumber = ({ payload }: Ipv6Fields): number => u32(payload, 4);
