/** Hosts of the lab that run Mobile IPv6: what the nodes of `polypath/state-machines/mip6` say is to be done, done. Each answers ICMPv6 echo requests. */
import { u16 } from '../../codecs/bytes.ts';
import { decodeIcmpv6, encodeIcmpv6, fillIcmpv6Checksum, PROTOCOL_ICMPV6 } from '../../codecs/packet/index.ts';
import type { Payload, Route } from '../../state-machines/mip6/index.ts';
import type { LabHost } from './network.ts';

const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;

/** A packet that reached the upper layer of a host. */
export interface Delivered extends Payload {
  readonly at: number;
  readonly route: Route;
}

/** An ICMPv6 echo message between these addresses, which are those that the upper layer sees; `identifier` and `sequence` have 16 bits. */
export const echo = (
  kind: 'request' | 'reply',
  source: Uint8Array,
  destination: Uint8Array,
  identifier: number,
  sequence: number,
): Omit<Payload, 'source'> => {
  const body = Uint8Array.of(identifier >> 8, identifier & 0xff, sequence >> 8, sequence & 0xff, 0x70, 0x6f, 0x6c, 0x79);
  const type = kind === 'request' ? ECHO_REQUEST : ECHO_REPLY;
  const payload = fillIcmpv6Checksum(source, destination, encodeIcmpv6({ kind: 'ICMPV6', type, code: 0, checksum: 0, body }));
  return { destination, protocol: PROTOCOL_ICMPV6, payload };
};

/** The identifier and the sequence number of an echo message; undefined where a payload is none of this kind. */
export const echoed = (
  kind: 'request' | 'reply',
  { protocol, payload }: Pick<Payload, 'protocol' | 'payload'>,
): readonly [number, number] | undefined => {
  const read = protocol === PROTOCOL_ICMPV6 ? decodeIcmpv6(payload) : undefined;
  if (read?.ok !== true || read.value.type !== (kind === 'request' ? ECHO_REQUEST : ECHO_REPLY) || read.value.body.length < 4)
    return undefined;
  return [u16(read.value.body, 0), u16(read.value.body, 2)];
};

/** What a host of the lab drives. */
interface Node<O> {
  readonly nextTimer: number | undefined;
  receive(packet: Uint8Array, now: number): readonly O[];
  tick(now: number): readonly O[];
  send(payload: Omit<Payload, 'source'>, now: number): readonly O[];
}

type Output =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | ({ readonly type: 'deliver'; readonly route?: Route } & Payload)
  | { readonly type: string };

const isSending = (output: Output): output is Extract<Output, { readonly packet: Uint8Array }> =>
  output.type === 'send' && 'packet' in output;
const isDelivery = (output: Output): output is Extract<Output, { readonly protocol: number }> =>
  output.type === 'deliver' && 'protocol' in output;

/**
 * A host: sends what its node says, answers echo requests that reach its upper layer, and tells `act` of everything else; what `act` gives back is sent as well.
 * @example new Mip6Host(new CorrespondentHost({ address, random }), () => [])
 */
export class Mip6Host<O extends Output> implements LabHost {
  readonly node: Node<O>;
  /** What reached the upper layer, in order. */
  readonly delivered: Delivered[] = [];
  /** Whether it runs; one that does not takes nothing and gives nothing. */
  isUp = true;
  readonly #act: (output: O, now: number) => readonly Uint8Array[];

  constructor(node: Node<O>, act: (output: O, now: number) => readonly Uint8Array[]) {
    this.node = node;
    this.#act = act;
  }

  get nextTimer(): number | undefined {
    return this.isUp ? this.node.nextTimer : undefined;
  }

  receive(packet: Uint8Array, now: number): readonly Uint8Array[] {
    return this.isUp ? this.carryOut(this.node.receive(packet, now), now) : [];
  }

  tick(now: number): readonly Uint8Array[] {
    return this.isUp ? this.carryOut(this.node.tick(now), now) : [];
  }

  /** What is to be sent for what its node says. */
  carryOut(outputs: readonly O[], now: number): readonly Uint8Array[] {
    return outputs.flatMap((output): readonly Uint8Array[] => {
      if (isSending(output)) return [output.packet];
      if (!isDelivery(output)) return this.#act(output, now);
      const { source, destination, protocol, payload, route = 'plain' } = output;
      this.delivered.push({ at: now, route, source, destination, protocol, payload });
      const asked = echoed('request', output);
      return asked === undefined ? [] : this.carryOut(this.node.send(echo('reply', destination, source, ...asked), now), now);
    });
  }
}
