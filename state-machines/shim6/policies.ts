/**
 * When a host begins a context, which RFC 5533 section 4 leaves to it: the policies of the thesis, as data and functions beside the machine. A flow gets a context once it
 * is worth one, so that short ones cost nothing; ports have their own rules; and a peer whose address can be neither a CGA nor an HBA is not asked. (The other two
 * policies are settings of the host: contexts that nobody uses go after `idleTime`, and signatures are made ahead, `announceLocators`.)
 */
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { PROTOCOL_TCP } from '../../codecs/packet/index.ts';
import { toHex, u16 } from '../../codecs/bytes.ts';

const PROTOCOL_UDP = 17;

/** What holds for a port, on either end. */
export interface PortRule {
  readonly port: number;
  /** Of any protocol with ports when left out. */
  readonly protocol?: number;
  readonly context: 'always' | 'never';
}

/** When a flow gets a context. */
export interface DeferralPolicy {
  /** After so many octets in both directions, headers included. */
  readonly octets: number;
  /** Or after so long, in ms. */
  readonly time: number;
  /** The first that fits decides, before anything else. */
  readonly ports: readonly PortRule[];
  /** Whether a peer with an EUI-64 interface identifier is asked all the same. */
  readonly askEui64?: boolean;
}

/** The thesis's: 2 KB or 60 s. */
export const defaultDeferral: DeferralPolicy = { octets: 2048, time: 60_000, ports: [] };

/** One flow, from this end; ports are 0 where the protocol has none. */
export interface Flow {
  readonly localUlid: Uint8Array;
  readonly peerUlid: Uint8Array;
  readonly protocol: number;
  readonly localPort: number;
  readonly peerPort: number;
  /** When its first packet went or came, and the octets since; in ms. */
  readonly began: number;
  readonly octets: number;
}

/**
 * Whether the interface identifier of an address (16 octets) was made of a MAC address (RFC 4291 appendix A), by the `ff:fe` in its middle: such an address is neither
 * a CGA nor an HBA but by a chance of 1 to 65,536. @example isEui64(parseAddress('2001:db8::211:22ff:fe33:4455')!) // true
 */
export const isEui64 = (address: Uint8Array): boolean => address[11] === 0xff && address[12] === 0xfe;

/**
 * What becomes of a flow at `now`: `establish` a context, `wait`, or `never` ask for one.
 * @example decideFlow(defaultDeferral, { ...flow, octets: 3000 }, now) // 'establish'
 */
export const decideFlow = (policy: DeferralPolicy, flow: Flow, now: number): 'establish' | 'wait' | 'never' => {
  const rule = policy.ports.find(
    ({ port, protocol }) => (port === flow.localPort || port === flow.peerPort) && (protocol ?? flow.protocol) === flow.protocol,
  );
  if (rule !== undefined) return rule.context === 'always' ? 'establish' : 'never';
  if (policy.askEui64 !== true && isEui64(flow.peerUlid)) return 'never';
  return flow.octets >= policy.octets || now - flow.began >= policy.time ? 'establish' : 'wait';
};

/** The flow that a packet begins, whichever way it goes. @example flowOf(packet, 'out', now).localPort */
export const flowOf = (packet: Ipv6Fields, direction: 'in' | 'out', now: number): Flow => {
  const { source, destination, protocol, payload } = packet;
  const hasPorts = (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) && payload.length >= 4;
  const [from, to] = hasPorts ? [u16(payload, 0), u16(payload, 2)] : [0, 0];
  const ends =
    direction === 'out'
      ? { localUlid: source, peerUlid: destination, localPort: from, peerPort: to }
      : { localUlid: destination, peerUlid: source, localPort: to, peerPort: from };
  return { ...ends, protocol, began: now, octets: 0 };
};

const IPV6_OCTETS = 40;

/**
 * The flows that have no context yet, so many at most: the one that was heard of least lately goes first.
 * @example if (flows.count(packet, 'out', now) === 'establish') host.establish(packet.source, packet.destination, now)
 */
export class Flows {
  readonly #policy: DeferralPolicy;
  readonly #capacity: number;
  readonly #flows = new Map<string, Flow>();

  constructor(policy: DeferralPolicy = defaultDeferral, capacity = 10_000) {
    this.#policy = policy;
    this.#capacity = capacity;
  }

  /** How many are counted. */
  get size(): number {
    return this.#flows.size;
  }

  /** Counts a packet between ULIDs, and says what becomes of its flow. One that gets a context is counted no more. */
  count(packet: Ipv6Fields, direction: 'in' | 'out', now: number): 'establish' | 'wait' | 'never' {
    const fresh = flowOf(packet, direction, now);
    const key = `${toHex(fresh.localUlid)}${toHex(fresh.peerUlid)} ${fresh.protocol} ${fresh.localPort} ${fresh.peerPort}`;
    const known = this.#flows.get(key) ?? fresh;
    const flow = { ...known, octets: known.octets + IPV6_OCTETS + packet.payload.length };
    this.#flows.delete(key);
    const decision = decideFlow(this.#policy, flow, now);
    if (decision === 'wait') {
      this.#flows.set(key, flow);
      const [oldest] = this.#flows.keys();
      if (this.#flows.size > this.#capacity && oldest !== undefined) this.#flows.delete(oldest);
    }
    return decision;
  }
}
