/**
 * A mobile node, RFC 6275 section 11: its home registration, what it asks of its home network, its registration with each correspondent, and which way data takes.
 * For other mobile nodes it is a correspondent node itself (section 8.5). Pure: it is told what happens and when (ms), and gives back what is to be done; chance
 * comes from the caller, and so does IPsec.
 */
import { copyOf, equalBytes, toHex } from '../../codecs/bytes.ts';
import type { MobileIcmpMessage, MobilePrefixAdvertisement } from '../../codecs/mip6/index.ts';
import { homeAgentsAnycast, isLinkLocal } from './address.ts';
import { CorrespondentNode } from './correspondent.ts';
import { MAX_BINDACK_TIMEOUT } from './correspondent-registration.ts';
import type { CorrespondentRegistrationState } from './correspondent-registration.ts';
import { HomeRegistrar } from './home-registrar.ts';
import type { HomeRegistrarOutput } from './home-registrar.ts';
import { MobilePeer } from './mobile-peer.ts';
import type { MobileRegistrationState } from './mobile-registration.ts';
import {
  encapsulate,
  icmpOctets,
  mobilityOctets,
  neighborAdvertisement,
  parameterProblem,
  payloadOctets,
  readArrival,
  unknownMobilityHeader,
  upperAddresses,
} from './packets.ts';
import type { Addressed, Arrival, MobilityPacket, Payload } from './packets.ts';
import { DHAAD_RETRIES, INITIAL_DHAAD_TIMEOUT, INITIAL_SOLICIT_TIMER, Solicitation } from './solicitation.ts';
import type { SolicitationOutput } from './solicitation.ts';

/** What a correspondent by return routability grants at most, in units of 4 s (MAX_RR_BINDING_LIFETIME). */
const CORRESPONDENT_LIFETIME = 420 / 4;
const UNIT = 4000;
/** Correspondents that are remembered at most. */
const CORRESPONDENTS = 1024;
/** How long one that does not take part is left alone, in ms (section 11.3.5 names no time). */
const BARRED = 600_000;

/** What it is set up with. Addresses of 16 octets. */
export interface MobileNodeSettings {
  readonly homeAddress: Uint8Array;
  /** The most preferred first; where none is given they are discovered (section 11.4.1). */
  readonly homeAgents: readonly Uint8Array[];
  /** Of the home registration, in units of 4 s. */
  readonly lifetime: number;
  /** Of a correspondent registration, in units of 4 s; 105 when left out, the most by return routability. */
  readonly correspondentLifetime?: number;
  /** 6 octets. */
  readonly linkLayerAddress: Uint8Array;
  /** So many octets that nobody can guess. */
  readonly random: (octets: number) => Uint8Array;
  /** Whether the security association with the home agent lets a packet pass: a Binding Acknowledgement, or a Mobile Prefix Advertisement (section 5.1). */
  readonly authentic: (packet: Addressed) => boolean;
  /** Whether the direct path to a correspondent is wanted; to everyone when left out. */
  readonly optimizes?: (correspondent: Uint8Array) => boolean;
  /** L. */
  readonly linkLocalCompatibility?: boolean;
}

/** The way of a packet: as it is, through the tunnel to or from the home agent, or with a Home Address option, a type 2 routing header or both. */
export type Route = 'plain' | 'tunnel' | 'direct';

/**
 * What comes of an event. `registered`: the home agent serves this care-of address, anew or still; `removed`: it does no longer, as far as is known; `home`: the
 * deregistration is over; `refused`: no home agent serves the home address; `noHomeAgent`: none was discovered; `advertise`: a Neighbor Advertisement for the home
 * link (section 11.5.5).
 */
export type MobileNodeOutput =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | ({ readonly type: 'deliver'; readonly route: Route } & Payload)
  | { readonly type: 'registered'; readonly careOfAddress: Uint8Array; readonly homeAgent: Uint8Array }
  | { readonly type: 'refused'; readonly status: number }
  | { readonly type: 'removed' | 'home' | 'noHomeAgent' }
  | { readonly type: 'prefixes'; readonly advertisement: MobilePrefixAdvertisement }
  | { readonly type: 'advertise'; readonly advertisement: Uint8Array };

interface Peer {
  readonly peer: MobilePeer;
  readonly since: number;
  /** Not before that time are the tests begun anew. */
  holdUntil: number;
}

/**
 * One mobile node with one home address.
 *
 * @example
 * const node = new MobileNode({ homeAddress, homeAgents: [homeAgent], lifetime: 100, linkLayerAddress, random, authentic: () => true });
 * node.attach(careOfAddress, now); // [ { type: 'send', packet: the Binding Update } ]
 * node.send({ destination, protocol, payload }, now); // [ { type: 'send', packet: by the way that is open now } ]
 */
export class MobileNode {
  readonly #settings: MobileNodeSettings;
  readonly #registrar: HomeRegistrar;
  readonly #discovery: Solicitation;
  readonly #prefixes: Solicitation;
  readonly #correspondent: CorrespondentNode;
  readonly #peers = new Map<string, Peer>();
  /** The primary one first; empty at home. */
  #careOfAddresses: readonly Uint8Array[] = [];
  /** The care-of address that the correspondents were told of last. */
  #announced: Uint8Array | undefined;

  constructor(settings: MobileNodeSettings) {
    const { homeAddress, random, authentic } = settings;
    this.#settings = settings;
    this.#registrar = new HomeRegistrar({ ...settings, authentic });
    this.#discovery = new Solicitation({ initial: INITIAL_DHAAD_TIMEOUT, retries: DHAAD_RETRIES, random });
    this.#prefixes = new Solicitation({ initial: INITIAL_SOLICIT_TIMER, random });
    this.#correspondent = new CorrespondentNode({ address: homeAddress, random });
  }

  /** Of the home registration. */
  get state(): MobileRegistrationState {
    return this.#registrar.state;
  }

  /** The care-of address that the home agent has acknowledged. */
  get registered(): Uint8Array | undefined {
    return this.#registrar.registered;
  }

  /** The home agent that serves, or is asked to. */
  get homeAgent(): Uint8Array | undefined {
    return this.#registrar.homeAgent;
  }

  /** The care-of addresses in use, the primary one first; none at home. */
  get careOfAddresses(): readonly Uint8Array[] {
    return this.#careOfAddresses;
  }

  /** Its registration with a correspondent, and the care-of address that this one has acknowledged. */
  registrationWith(correspondent: Uint8Array): {
    readonly state: CorrespondentRegistrationState;
    readonly registered: Uint8Array | undefined;
  } {
    const peer = this.#peers.get(toHex(correspondent))?.peer;
    return { state: peer?.state ?? 'Tunneled', registered: peer?.registered };
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    const parts = [this.#registrar, this.#discovery, this.#prefixes, this.#correspondent];
    let next = Math.min(...parts.map(({ nextTimer }) => nextTimer ?? Infinity));
    for (const { peer } of this.#peers.values()) next = Math.min(next, peer.nextTimer ?? Infinity);
    return next === Infinity ? undefined : next;
  }

  /** It is on a foreign link: its primary care-of address, and others at which it can be reached as well (section 11.5.4). */
  attach(primary: Uint8Array, now: number, others: readonly Uint8Array[] = []): readonly MobileNodeOutput[] {
    this.#careOfAddresses = [primary, ...others];
    return this.#registrar.homeAgent === undefined
      ? this.#discover(this.#discovery.ask(now), now)
      : this.#registration(this.#registrar.attach(primary, now), now);
  }

  /** It is on its home link (section 11.5.5). */
  returnHome(now: number): readonly MobileNodeOutput[] {
    this.#careOfAddresses = [];
    this.#announced = undefined;
    this.#discovery.abandon(now);
    this.#prefixes.abandon(now);
    const outputs = this.#registration(this.#registrar.returnHome(now), now);
    return this.#registrar.state === 'Home' ? [...outputs, ...this.#atHome(now)] : outputs;
  }

  /** Data of the upper layer, from the home address: by the way that is open now (section 11.3.1). */
  send({ destination, protocol, payload }: Omit<Payload, 'source'>, now: number): readonly MobileNodeOutput[] {
    const { homeAddress } = this.#settings;
    const careOf = this.#correspondent.routeTo(destination);
    const to: Omit<Addressed, 'source'> = careOf === undefined ? { destination } : { destination: careOf, routingHeader: destination };
    const tests = this.#optimize(destination, now);
    const direct = this.#directTo(destination);
    if (direct !== undefined) return [...tests, ...sending([payloadOctets({ source: direct, homeAddress, ...to }, { protocol, payload })])];
    return [...this.#homeward(payloadOctets({ source: homeAddress, ...to }, { protocol, payload })), ...tests];
  }

  /** A packet from the home address that is to go as if nobody took part: as it is at home, through the tunnel elsewhere (section 11.3.1). */
  relay(packet: Uint8Array): readonly MobileNodeOutput[] {
    return this.#homeward(packet);
  }

  /** A packet came at one of its addresses. */
  receive(octets: Uint8Array, now: number): readonly MobileNodeOutput[] {
    const arrival = readArrival(octets);
    if (arrival === undefined) return [];
    const { source, content } = arrival;
    if (content.kind !== 'tunneled') return this.#arrived(arrival, octets, false, now);
    const homeAgent = this.#registrar.homeAgent;
    const inner = readArrival(content.octets);
    if (homeAgent === undefined || !equalBytes(source, homeAgent) || !this.#isCareOf(arrival.destination)) return [];
    return inner === undefined || inner.content.kind === 'tunneled' ? [] : this.#arrived(inner, content.octets, true, now);
  }

  /** Timers that are due. */
  tick(now: number): readonly MobileNodeOutput[] {
    return [
      ...this.#registration(this.#registrar.tick(now), now),
      ...this.#discover(this.#discovery.tick(now), now),
      ...this.#solicit(this.#prefixes.tick(now), undefined, now),
      ...[...this.#peers.values()].flatMap((each) => this.#peerTick(each, now)),
      ...this.#transmit(this.#correspondent.tick(now)),
    ];
  }

  /** Upper layers see that a home address is in use by nobody any more, or want the tunnel: asks for the prefixes of the home link (section 11.4.2). */
  solicitPrefixes(now: number): readonly MobileNodeOutput[] {
    return this.#solicit(this.#prefixes.ask(now), undefined, now);
  }

  #isCareOf(address: Uint8Array): boolean {
    return this.#careOfAddresses.some((each) => equalBytes(each, address));
  }

  /** Whether the tunnel takes what it is given: the home agent has acknowledged the primary care-of address (section 10.4.5). */
  get #isServed(): boolean {
    const [primary] = this.#careOfAddresses;
    const { registered } = this.#registrar;
    return primary === undefined || (registered !== undefined && equalBytes(registered, primary));
  }

  get #isHome(): boolean {
    return this.#careOfAddresses.length === 0;
  }

  /** The care-of address from which data goes straight to a correspondent (section 11.3.1's conditions). */
  #directTo(correspondent: Uint8Array): Uint8Array | undefined {
    const registered = this.#peers.get(toHex(correspondent))?.peer.registered;
    return registered !== undefined && this.#isCareOf(registered) && !isLinkLocal(correspondent) ? registered : undefined;
  }

  /** A packet whose source is the home address: as it is at home, through the tunnel elsewhere. */
  #homeward(packet: Uint8Array): readonly MobileNodeOutput[] {
    const [primary] = this.#careOfAddresses;
    const homeAgent = this.#registrar.homeAgent;
    if (primary === undefined) return sending([packet]);
    return homeAgent === undefined ? [] : sending([encapsulate(primary, homeAgent, packet)]);
  }

  #transmit(packets: readonly MobilityPacket[]): readonly MobileNodeOutput[] {
    return packets.flatMap((packet) => {
      const octets = mobilityOctets(packet);
      if (equalBytes(packet.source, this.#settings.homeAddress)) return this.#isServed ? this.#homeward(octets) : [];
      // Until its home agent knows of the movement a correspondent is tested for where the node was: that address is gone (section 11.7.2).
      return this.#isCareOf(packet.source) ? sending([octets]) : [];
    });
  }

  /** A packet is for this node: `tunneled` where it came through the home agent. */
  #arrived(arrival: Arrival, octets: Uint8Array, tunneled: boolean, now: number): readonly MobileNodeOutput[] {
    const { homeAddress } = this.#settings;
    const { source, destination, routingHeader, content } = arrival;
    // The last hop of a routing header is within this node (section 11.3.3); the home address itself is reached through the tunnel or at home.
    const isHomeAddress = equalBytes(destination, homeAddress);
    if (routingHeader !== undefined && (!equalBytes(routingHeader, homeAddress) || !this.#isCareOf(destination))) return [];
    if (isHomeAddress ? !tunneled && !this.#isHome : !this.#isCareOf(destination)) return [];
    switch (content.kind) {
      case 'mobility':
        return this.#mobility({ ...arrival, message: content.message }, tunneled, now);
      case 'refused':
        return this.#homeward(parameterProblem(homeAddress, source, content.pointer, octets)[0] ?? new Uint8Array(0));
      case 'icmp':
        return this.#icmp(arrival, content.message, now);
      case 'error': {
        const correspondent = unknownMobilityHeader(content);
        const peer = correspondent === undefined ? undefined : this.#peers.get(toHex(correspondent));
        return peer === undefined ? [] : this.#transmit(peer.peer.parameterProblem(now));
      }
      case 'payload':
        return this.#payload(arrival, content, tunneled, now);
      default:
        return [];
    }
  }

  #payload(
    arrival: Arrival,
    { protocol, payload }: Pick<Payload, 'protocol' | 'payload'>,
    tunneled: boolean,
    now: number,
  ): readonly MobileNodeOutput[] {
    if (arrival.homeAddress !== undefined) {
      const { deliver, packets } = this.#correspondent.receiveFrom(arrival.source, arrival.homeAddress, now);
      if (!deliver) return this.#transmit(packets);
    }
    const upper = upperAddresses(arrival);
    const isDirect = arrival.routingHeader !== undefined || arrival.homeAddress !== undefined;
    const route = isDirect ? 'direct' : 'plain';
    const delivered: MobileNodeOutput = { type: 'deliver', route: tunneled ? 'tunnel' : route, ...upper, protocol, payload };
    // What came by way of the home agent could come directly (section 11.7.2).
    return tunneled ? [delivered, ...this.#optimize(upper.source, now)] : [delivered];
  }

  #mobility(packet: MobilityPacket, tunneled: boolean, now: number): readonly MobileNodeOutput[] {
    const { source, destination, routingHeader, message } = packet;
    const homeAgent = this.#registrar.homeAgent;
    const peer = this.#peers.get(toHex(source))?.peer;
    const toPeer = (): readonly MobileNodeOutput[] => (peer === undefined ? [] : this.#transmit(peer.receive(packet, now)));
    switch (message.kind) {
      case 'BA':
      case 'BE':
        if (homeAgent !== undefined && equalBytes(source, homeAgent)) return this.#registration(this.#registrar.receive(packet, now), now);
        return toPeer();
      // Section 11.6.2: a Home Test comes through the tunnel, a Care-of Test at the care-of address.
      case 'HoT':
        return equalBytes(destination, this.#settings.homeAddress) && routingHeader === undefined ? toPeer() : [];
      case 'CoT':
        return !tunneled && routingHeader === undefined ? toPeer() : [];
      case 'BRR':
        return toPeer();
      default:
        return this.#transmit(this.#correspondent.receive(packet, now));
    }
  }

  #icmp({ source, routingHeader, ...arrival }: Arrival, message: MobileIcmpMessage, now: number): readonly MobileNodeOutput[] {
    const homeAgent = this.#registrar.homeAgent;
    if (message.kind === 'HaadReply') {
      const outputs = this.#discovery.answered(message.identifier, message.homeAgentAddresses.length > 0, now);
      if (outputs.some(({ type }) => type === 'accept')) this.#registrar.learn(message.homeAgentAddresses.map((each) => copyOf(each)));
      return this.#discover(outputs, now);
    }
    if (message.kind !== 'MobilePrefixAdvertisement' || homeAgent === undefined) return [];
    const isOurs = equalBytes(source, homeAgent) && routingHeader !== undefined && this.#settings.authentic({ source, ...arrival });
    return this.#solicit(this.#prefixes.answered(message.identifier, isOurs, now), message, now);
  }

  /** Home agent address discovery (section 11.4.1). */
  #discover(outputs: readonly SolicitationOutput[], now: number): readonly MobileNodeOutput[] {
    const [primary] = this.#careOfAddresses;
    if (primary === undefined) return [];
    return outputs.flatMap((output): readonly MobileNodeOutput[] => {
      switch (output.type) {
        case 'send': {
          const message: MobileIcmpMessage = {
            kind: 'HaadRequest',
            code: 0,
            checksum: 0,
            identifier: output.identifier,
            mobileRouterSupport: false,
            reserved: 0,
          };
          return sending([icmpOctets({ source: primary, destination: homeAgentsAnycast(this.#settings.homeAddress) }, message)]);
        }
        case 'accept':
          return this.#registration(this.#registrar.attach(primary, now), now);
        case 'failed':
          return [{ type: 'noHomeAgent' }];
        default:
          return []; // a reply that nobody waits for
      }
    });
  }

  /** Mobile prefix solicitation (sections 11.4.2 and 11.4.3). */
  #solicit(
    outputs: readonly SolicitationOutput[],
    advertisement: MobilePrefixAdvertisement | undefined,
    now: number,
  ): readonly MobileNodeOutput[] {
    const [source] = this.#careOfAddresses;
    const { homeAddress } = this.#settings;
    const destination = this.#registrar.homeAgent;
    if (source === undefined || destination === undefined) return [];
    return outputs.flatMap((output): readonly MobileNodeOutput[] => {
      if (output.type === 'send') {
        const { identifier } = output;
        const message: MobileIcmpMessage = { kind: 'MobilePrefixSolicitation', code: 0, checksum: 0, identifier, reserved: 0 };
        return sending([icmpOctets({ source, destination, homeAddress }, message)]);
      }
      if (output.type === 'unsolicited') return this.solicitPrefixes(now);
      if (output.type !== 'accept' || advertisement === undefined) return [];
      return [{ type: 'prefixes', advertisement }, ...this.#registration(this.#registrar.prefixesKnown(now), now)];
    });
  }

  #registration(outputs: readonly HomeRegistrarOutput[], now: number): readonly MobileNodeOutput[] {
    return outputs.flatMap((output): readonly MobileNodeOutput[] => {
      switch (output.type) {
        case 'send':
          return sending([mobilityOctets(output.packet)]);
        case 'registered':
          return [output, ...this.#announce(output.careOfAddress, now)];
        case 'home':
          return [{ type: 'home' }, ...this.#atHome(now)];
        case 'solicitPrefixes':
          return this.solicitPrefixes(now);
        case 'exhausted':
          return this.#discover(this.#discovery.ask(now), now);
        case 'refused':
          return [output];
        case 'removed':
          return [{ type: 'removed' }];
      }
    });
  }

  /** The home agent knows: now the correspondents (section 11.7.2). */
  #announce(careOfAddress: Uint8Array, now: number): readonly MobileNodeOutput[] {
    const before = this.#announced;
    this.#announced = careOfAddress;
    if (before !== undefined && equalBytes(before, careOfAddress)) return [];
    return [...this.#peers.values()].flatMap((each) => {
      each.holdUntil = now;
      return this.#transmit(each.peer.move(careOfAddress, now));
    });
  }

  /** Section 11.5.5: the home link learns whose address it is, and the correspondents that they need no binding. */
  #atHome(now: number): readonly MobileNodeOutput[] {
    const { homeAddress, linkLayerAddress } = this.#settings;
    const advertisement = neighborAdvertisement(homeAddress, homeAddress, linkLayerAddress);
    return [{ type: 'advertise', advertisement }, ...[...this.#peers.values()].flatMap(({ peer }) => this.#transmit(peer.returnHome(now)))];
  }

  /** Whoever has not answered at all is not asked faster than a back-off would ask him (section 11.8), however much data there is. */
  #peerTick(each: Peer, now: number): readonly MobileNodeOutput[] {
    const before = each.peer.state;
    const outputs = this.#transmit(each.peer.tick(now));
    if ((before === 'Testing' || before === 'Updating') && each.peer.state === 'Tunneled') each.holdUntil = now + MAX_BINDACK_TIMEOUT;
    return outputs;
  }

  /** Begins a correspondent registration where one is wanted, and there is none (section 11.7.2). */
  #optimize(correspondent: Uint8Array, now: number): readonly MobileNodeOutput[] {
    const [primary] = this.#careOfAddresses;
    if (primary === undefined || !this.#isServed) return [];
    if (this.#settings.optimizes?.(correspondent) === false || isLinkLocal(correspondent) || correspondent[0] === 0xff) return [];
    const each = this.#peerOf(correspondent, now);
    return each === undefined || now < each.holdUntil ? [] : this.#transmit(each.peer.register(primary, now));
  }

  #peerOf(correspondent: Uint8Array, now: number): Peer | undefined {
    const key = toHex(correspondent);
    const known = this.#peers.get(key);
    const isOver = known?.peer.state === 'Barred' && now - known.since > BARRED;
    if (known !== undefined && !isOver) return known;
    if (this.#peers.size >= CORRESPONDENTS && known === undefined) return undefined;
    const { homeAddress, random, correspondentLifetime = CORRESPONDENT_LIFETIME } = this.#settings;
    const remaining = (at: number): number => Math.floor((this.#registrar.expires - at) / UNIT);
    const peer = new MobilePeer({ homeAddress, correspondent: copyOf(correspondent), random, lifetime: correspondentLifetime, remaining });
    const each: Peer = { peer, since: now, holdUntil: now };
    this.#peers.set(key, each);
    return each;
  }
}

const sending = (packets: readonly Uint8Array[]): MobileNodeOutput[] =>
  packets.filter(({ length }) => length > 0).map((packet) => ({ type: 'send', packet }));
