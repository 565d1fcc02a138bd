/**
 * A home agent, RFC 6275 section 10: for each home address the table of `home-registration.ts` and that of `prefix-delivery.ts`, the tunnel both ways, home agent
 * address discovery, and for everybody else a correspondent node. Pure: it is told what comes and when (ms), and gives back what is to be done; chance comes from
 * the caller, Duplicate Address Detection is the caller's, and so is IPsec.
 */
import { equalBytes, toHex } from '../../codecs/bytes.ts';
import { BINDING_STATUS } from '../../codecs/mip6/index.ts';
import type { MobileIcmpMessage } from '../../codecs/mip6/index.ts';
import { step } from '../machine.ts';
import { homeAgentsAnycast, isLinkLocal, isUnicast, linkLocalOf } from './address.ts';
import { careOfAddressOf, CorrespondentNode } from './correspondent.ts';
import { discoveryReply, homeAgentAdvertisement, mobilePrefixAdvertisement } from './home-advertisements.ts';
import type { HomeAgentOutput, HomeAgentSettings, HomeRegistration } from './home-agent-settings.ts';
import { HomeAgentsList } from './home-agents-list.ts';
import { granted, prefixOf } from './home-prefix.ts';
import type { HomePrefix } from './home-prefix.ts';
import { homeRegistrationMachine, newHomeRegistrationContext } from './home-registration.ts';
import type {
  HomeRegistrationContext,
  HomeRegistrationEffect,
  HomeRegistrationEvent,
  HomeRegistrationState,
  HomeRegistrationTimer,
} from './home-registration.ts';
import { homeAcknowledgement, homeAddressOf, judgeHomeUpdate, whatIsAsked } from './home-update.ts';
import type { HomeUpdate, JudgedHomeUpdate } from './home-update.ts';
import {
  addressUnreachable,
  duplicateAddressProbe,
  encapsulate,
  forwarded,
  icmpOctets,
  mobilityOctets,
  neighborAdvertisement,
  neighborSolicited,
  parameterProblem,
  payloadOctets,
  readArrival,
  upperAddresses,
} from './packets.ts';
import type { Arrival, MobilityPacket, Payload } from './packets.ts';
import { advertisementDelay, PrefixDelivery } from './prefix-delivery.ts';
import type { PrefixDeliveryEffect } from './prefix-delivery.ts';

/** MAX_DELETE_BCE_TIMEOUT of section 12, in ms. */
export const MAX_DELETE_BCE_TIMEOUT = 10_000;

const UNIT = 4000;

interface Entry {
  readonly homeAddress: Uint8Array;
  readonly context: HomeRegistrationContext;
  readonly timers: Map<HomeRegistrationTimer, number>;
  readonly delivery: PrefixDelivery;
  /** The newest Binding Update that was accepted, or waits for Duplicate Address Detection. */
  request: HomeUpdate;
  /** In units of 4 s. */
  lifetime: number;
  status: number;
  expires: number;
  /** Of the registration: L. */
  linkLocal: boolean;
}

/**
 * One home agent.
 *
 * @example
 * const agent = new HomeAgent({ address, linkLocalAddress, linkLayerAddress, prefixes, random, authentic: () => true });
 * agent.receive(octets, now); // a Binding Update: [ { type: 'check', ... } ]
 * agent.checked(homeAddress, true, now + 1000); // [ { type: 'intercept', ... }, { type: 'send', packet: the Binding Acknowledgement } ]
 */
export class HomeAgent {
  readonly #settings: HomeAgentSettings;
  readonly #entries = new Map<string, Entry>();
  readonly #others = new HomeAgentsList();
  readonly #correspondent: CorrespondentNode;
  #prefixes: readonly HomePrefix[];

  constructor(settings: HomeAgentSettings) {
    this.#settings = settings;
    this.#prefixes = settings.prefixes;
    const isHomeRegistration = (homeAddress: Uint8Array): boolean => this.stateOf(homeAddress) === 'Registered';
    this.#correspondent = new CorrespondentNode({ address: settings.address, random: settings.random, isHomeRegistration });
  }

  /** All home registrations. */
  get registrations(): readonly HomeRegistration[] {
    return [...this.#entries.values()]
      .filter(({ context: { state } }) => state === 'Registered')
      .map((entry) => ({
        homeAddress: entry.homeAddress,
        careOfAddress: careOfAddressOf(entry.request.packet, entry.request.update),
        sequence: entry.request.update.sequence,
        expires: entry.expires,
      }));
  }

  /** What it holds of a home address. */
  stateOf(homeAddress: Uint8Array): HomeRegistrationState {
    return this.#entries.get(toHex(homeAddress))?.context.state ?? 'Unregistered';
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    let next = this.#correspondent.nextTimer ?? Infinity;
    for (const { timers, delivery } of this.#entries.values()) next = Math.min(next, ...timers.values(), delivery.nextTimer ?? Infinity);
    return next === Infinity ? undefined : next;
  }

  /** A packet came: for the home agent itself, or one that it intercepts on the home link. */
  receive(octets: Uint8Array, now: number): readonly HomeAgentOutput[] {
    const arrival = readArrival(octets);
    if (arrival === undefined) return [];
    const { destination, content } = arrival;
    const target = content.kind === 'payload' ? neighborSolicited(content) : undefined;
    if (target !== undefined) return this.#solicited(target, arrival.source, now);
    const entry = this.#defending(destination);
    if (entry !== undefined) return this.#intercepted(entry, octets, arrival, now);
    // Of what is for another address only router advertisements and discoveries are of interest.
    if (!equalBytes(destination, this.#settings.address) && content.kind !== 'icmp') return [];
    switch (content.kind) {
      case 'mobility':
        return this.#mobility({ ...arrival, message: content.message }, now);
      case 'refused':
        return sending(parameterProblem(this.#settings.address, arrival.source, content.pointer, octets));
      case 'icmp':
        return this.#icmp(arrival, content.message, now);
      case 'tunneled':
        return this.#reverseTunneled(arrival.source, content.octets, now);
      case 'payload':
        return this.#payload(arrival, content, now);
      default:
        return [];
    }
  }

  /** Duplicate Address Detection has ended (section 10.3.1). */
  checked(homeAddress: Uint8Array, isUnique: boolean, now: number): readonly HomeAgentOutput[] {
    const entry = this.#entries.get(toHex(homeAddress));
    if (entry === undefined || entry.context.state !== 'Checking') return [];
    if (!isUnique) entry.status = BINDING_STATUS.duplicateAddressDetectionFailed;
    const answer: JudgedHomeUpdate = { verdict: 'accepted', status: entry.status };
    return this.#feed(entry, { type: 'duplicateAddressDetection', address: isUnique ? 'unique' : 'duplicate' }, now, entry.request, answer);
  }

  /** The prefixes of the home link are these now (sections 10.3.1 and 10.6.2). */
  renumber(prefixes: readonly HomePrefix[], now: number): readonly HomeAgentOutput[] {
    this.#prefixes = prefixes;
    return [...this.#entries.values()].flatMap((entry) => {
      const prefix = prefixOf(entry.homeAddress, prefixes, now);
      if (prefix === undefined) return this.#feed(entry, { type: 'prefixExpired' }, now);
      if (entry.context.state === 'Registered') {
        const { validUntil, preferredUntil } = prefix;
        entry.delivery.changed(advertisementDelay(this.#fraction(), Math.max(0, preferredUntil - now)), now);
        // No longer than the prefix is valid (section 10.6.4).
        entry.expires = Math.min(entry.expires, validUntil);
        entry.timers.set('lifetime', entry.expires);
      }
      return [];
    });
  }

  /** The advertisement that says that this router is a home agent, to all nodes on the home link (sections 7.1 to 7.4). `lifetime` in seconds. */
  routerAdvertisement(lifetime: number, to: Uint8Array, now: number): Uint8Array {
    const { linkLocalAddress, address, preference = 0 } = this.#settings;
    const message = homeAgentAdvertisement(address, preference, this.#prefixes, lifetime, now);
    return icmpOctets({ source: linkLocalAddress, destination: to }, message, 255);
  }

  /** The home agent itself sends; to a mobile node that it serves through a routing header (section 10.4.2). */
  send({ destination, protocol, payload }: Omit<Payload, 'source'>): readonly HomeAgentOutput[] {
    const { address } = this.#settings;
    const careOf =
      this.registrations.find((each) => equalBytes(each.homeAddress, destination))?.careOfAddress ??
      this.#correspondent.routeTo(destination);
    const addresses =
      careOf === undefined ? { source: address, destination } : { source: address, destination: careOf, routingHeader: destination };
    return sending([payloadOctets(addresses, { protocol, payload })]);
  }

  /** Timers that are due. */
  tick(now: number): readonly HomeAgentOutput[] {
    const outputs: HomeAgentOutput[] = sendingAll(this.#correspondent.tick(now));
    for (const entry of this.#entries.values()) {
      for (const timer of [...entry.timers].filter(([, at]) => at <= now).map(([name]) => name)) {
        entry.timers.delete(timer);
        outputs.push(...this.#feed(entry, { type: timer === 'lifetime' ? 'lifetimeExpired' : 'deletionTimeout' }, now));
      }
      outputs.push(...entry.delivery.tick(now).flatMap((effect) => this.#advertisePrefixes(entry, effect, now)));
    }
    return outputs;
  }

  /** The registration that defends an address: the home address, or with L its link-local one. */
  #defending(address: Uint8Array): Entry | undefined {
    const own = this.#entries.get(toHex(address));
    if (own !== undefined || !isLinkLocal(address)) return own;
    return [...this.#entries.values()].find((entry) => entry.linkLocal && equalBytes(linkLocalOf(entry.homeAddress), address));
  }

  /** Section 10.4.2. */
  #intercepted(entry: Entry, octets: Uint8Array, { source, destination }: Arrival, now: number): readonly HomeAgentOutput[] {
    // A packet to a home address that is not registered is nobody's here: the mobile node is on the link itself, or nowhere.
    const address = isLinkLocal(destination) ? 'linkLocal' : 'homeAddress';
    return this.#feed(entry, { type: 'interceptPacket', destination: address }, now, undefined, undefined, { octets, source });
  }

  /** Section 10.4.5. */
  #reverseTunneled(outer: Uint8Array, octets: Uint8Array, now: number): readonly HomeAgentOutput[] {
    const inner = readArrival(octets);
    const entry = inner === undefined ? undefined : this.#entries.get(toHex(inner.source));
    if (inner === undefined || entry === undefined) return [];
    const source = equalBytes(careOfAddressOf(entry.request.packet, entry.request.update), outer) ? 'careOfAddress' : 'other';
    const isForwarded = this.#feed(entry, { type: 'receiveTunneled', source }, now, undefined, undefined, { octets, source: inner.source });
    // For itself, or for another mobile node that it serves: it need not leave.
    const isOwn = equalBytes(inner.destination, this.#settings.address) || this.#defending(inner.destination) !== undefined;
    return isForwarded.length > 0 && isOwn ? this.receive(octets, now) : isForwarded;
  }

  #payload(arrival: Arrival, { protocol, payload }: Pick<Payload, 'protocol' | 'payload'>, now: number): readonly HomeAgentOutput[] {
    const { source, homeAddress } = arrival;
    if (homeAddress !== undefined) {
      const registration = this.registrations.find((each) => equalBytes(each.homeAddress, homeAddress));
      if (registration === undefined || !equalBytes(registration.careOfAddress, source)) {
        const { deliver, packets } = this.#correspondent.receiveFrom(source, homeAddress, now);
        if (!deliver) return sendingAll(packets);
      }
    }
    return [{ type: 'deliver', ...upperAddresses(arrival), protocol, payload }];
  }

  /** Somebody on the home link asks who has an address (section 10.4.1). */
  #solicited(target: Uint8Array, source: Uint8Array, now: number): readonly HomeAgentOutput[] {
    const entry = this.#defending(target);
    if (entry === undefined) return [];
    return this.#feed(entry, { type: 'receiveNeighborSolicitation' }, now, undefined, undefined, { octets: target, source });
  }

  #mobility(packet: MobilityPacket, now: number): readonly HomeAgentOutput[] {
    const { message } = packet;
    return message.kind === 'BU' && message.homeRegistration
      ? this.#update({ packet, update: message }, now)
      : sendingAll(this.#correspondent.receive(packet, now));
  }

  /** Sections 9.5.1, 10.3.1 and 10.3.2. */
  #update(request: HomeUpdate, now: number): readonly HomeAgentOutput[] {
    const { update } = request;
    const homeAddress = homeAddressOf(request);
    const key = toHex(homeAddress);
    const known = this.#entries.get(key);
    const asks = whatIsAsked(request);
    const judged = this.#judge(request, known, now);
    const entry = known ?? newEntry(homeAddress, request);
    if (judged.verdict === 'accepted') {
      if (asks === 'cache' && entry.context.state !== 'Registered') this.#entries.set(key, entry);
      Object.assign(entry, { request, lifetime: 0, status: 0 });
      const prefix = prefixOf(homeAddress, this.#prefixes, now);
      if (asks === 'cache' && prefix !== undefined) {
        const { lifetime, status } = granted(update.lifetime, this.#settings.longest ?? 0xffff, prefix, now);
        Object.assign(entry, { lifetime, status, expires: now + lifetime * UNIT });
        if (entry.context.state !== 'Registered') entry.linkLocal = update.linkLocalAddressCompatibility;
      }
    }
    const answer = judged.verdict === 'accepted' ? { ...judged, status: entry.status } : judged;
    return this.#feed(entry, { type: 'receiveBindingUpdate', verdict: judged.verdict, asks }, now, request, answer);
  }

  #judge(request: HomeUpdate, known: Entry | undefined, now: number): JudgedHomeUpdate {
    const { authentic, serves, capacity = 1024 } = this.#settings;
    const homeAddress = homeAddressOf(request);
    const other = this.#correspondent.stateOf(homeAddress);
    return judgeHomeUpdate(request, {
      state: known?.context.state ?? 'Unregistered',
      sequence: known?.request.update.sequence,
      authentic: authentic(request.packet),
      isCorrespondent: other === 'Bound' || other === 'Refreshing',
      isOnLink: prefixOf(homeAddress, this.#prefixes, now) !== undefined,
      isServed: serves?.(homeAddress) !== false,
      hasRoom: known !== undefined || this.#entries.size < capacity,
    });
  }

  #acknowledgement(request: HomeUpdate, entry: Entry, { verdict, status }: JudgedHomeUpdate): Uint8Array {
    const { address, refreshAdvice = 0 } = this.#settings;
    step(homeRegistrationMachine, entry.context, { type: 'sendBindingAcknowledgement', status: status < 128 ? 'success' : 'rejection' });
    const lifetime = verdict === 'accepted' && status < 128 ? entry.lifetime : 0;
    const sequence = verdict === 'sequence' ? entry.request.update.sequence : request.update.sequence;
    return mobilityOctets(homeAcknowledgement(request, { homeAgent: address, status, sequence, lifetime, refreshAdvice }));
  }

  #icmp(arrival: Arrival, message: MobileIcmpMessage, now: number): readonly HomeAgentOutput[] {
    const { address, preference = 0, random } = this.#settings;
    const { source, destination, homeAddress } = arrival;
    if (message.kind === 'RouterAdvertisement') {
      if (isLinkLocal(source)) this.#others.receive(source, message, now);
      return [];
    }
    if (message.kind === 'HaadRequest') {
      const isMine =
        equalBytes(destination, address) || this.#prefixes.some(({ prefix }) => equalBytes(destination, homeAgentsAnycast(prefix)));
      if (!isMine || !isUnicast(source)) return [];
      const addresses = this.#others.addresses({ preference, addresses: [address] }, random, now);
      const reply = discoveryReply(message.identifier, addresses);
      return sending([icmpOctets({ source: address, destination: source }, reply)]);
    }
    if (message.kind !== 'MobilePrefixSolicitation' || homeAddress === undefined || !this.#settings.authentic(arrival)) return [];
    const entry = this.#entries.get(toHex(homeAddress));
    // Without a registration there is nobody to tell; with one from elsewhere the question is not the mobile node's.
    if (entry === undefined || entry.context.state !== 'Registered') return [];
    return entry.delivery
      .solicited(now)
      .flatMap((effect) => this.#advertisePrefixes(entry, effect, now, { to: source, identifier: message.identifier }));
  }

  /** Section 10.6.3: to who has asked, or to where the home address is. */
  #advertisePrefixes(
    entry: Entry,
    effect: PrefixDeliveryEffect,
    now: number,
    asked?: { readonly to: Uint8Array; readonly identifier: number },
  ): readonly HomeAgentOutput[] {
    const { packet, update } = entry.request;
    const destination = effect === 'answer' && asked !== undefined ? asked.to : careOfAddressOf(packet, update);
    const message = mobilePrefixAdvertisement(asked?.identifier ?? 0, this.#prefixes, now);
    return sending([icmpOctets({ source: this.#settings.address, destination, routingHeader: entry.homeAddress }, message)]);
  }

  #fraction(): number {
    const [high = 0, low = 0] = this.#settings.random(2);
    return (high * 256 + low) / 0x1_0000;
  }

  #feed(
    entry: Entry,
    event: HomeRegistrationEvent,
    now: number,
    request?: HomeUpdate,
    answer?: JudgedHomeUpdate,
    about?: { readonly octets: Uint8Array; readonly source: Uint8Array },
  ): readonly HomeAgentOutput[] {
    const before = entry.context.state;
    const outputs: HomeAgentOutput[] = [];
    const { actions } = step(homeRegistrationMachine, entry.context, event);
    for (const action of actions) {
      if (action.do === 'stop') entry.timers.delete(action.timer);
      else if (action.do === 'start' || action.do === 'restart')
        entry.timers.set(action.timer, action.timer === 'lifetime' ? entry.expires : now + MAX_DELETE_BCE_TIMEOUT);
      else if (action.do === 'emit' && action.effect === 'acknowledge') {
        if (request !== undefined && answer !== undefined) outputs.push(...sending([this.#acknowledgement(request, entry, answer)]));
      } else if (action.do === 'emit') outputs.push(...this.#effect(entry, action.effect, event.type, before, about));
    }
    const { state } = entry.context;
    if (before === 'Registered' && state !== 'Registered') entry.delivery.ended(now);
    if (state === 'Unregistered') this.#entries.delete(toHex(entry.homeAddress));
    return outputs;
  }

  #effect(
    entry: Entry,
    effect: HomeRegistrationEffect,
    event: HomeRegistrationEvent['type'],
    before: HomeRegistrationState,
    about: { readonly octets: Uint8Array; readonly source: Uint8Array } | undefined,
  ): readonly HomeAgentOutput[] {
    const { address, linkLocalAddress, linkLayerAddress } = this.#settings;
    const { homeAddress, request } = entry;
    const addresses = entry.linkLocal ? [homeAddress, linkLocalOf(homeAddress)] : [homeAddress];
    switch (effect) {
      case 'check':
        // It runs already where a Binding Update came before this one.
        return before === 'Checking' ? [] : [{ type: 'check', homeAddress, addresses, probes: addresses.map(duplicateAddressProbe) }];
      case 'advertise':
        if (event === 'receiveNeighborSolicitation' && about !== undefined) {
          // Who does Duplicate Address Detection is told through all nodes (RFC 4861 section 7.2.4).
          const to = isUnicast(about.source) ? about.source : undefined;
          return sending([neighborAdvertisement(address, about.octets, linkLayerAddress, to)]);
        }
        return addresses.map((each) => ({
          type: 'intercept' as const,
          address: each,
          advertisement: neighborAdvertisement(isLinkLocal(each) ? linkLocalAddress : address, each, linkLayerAddress),
        }));
      case 'delete':
        return addresses.map((each) => ({ type: 'release' as const, address: each }));
      case 'tunnel':
        return about === undefined ? [] : sending([encapsulate(address, careOfAddressOf(request.packet, request.update), about.octets)]);
      case 'forward': {
        const packet = about === undefined ? undefined : forwarded(about.octets);
        return packet === undefined ? [] : sending([packet]);
      }
      case 'unreachable':
        return about === undefined ? [] : sending(addressUnreachable(address, about.source, about.octets));
      default:
        return []; // the entry was written where the Binding Update was read
    }
  }
}

const newEntry = (homeAddress: Uint8Array, request: HomeUpdate): Entry => ({
  homeAddress,
  context: newHomeRegistrationContext(),
  timers: new Map(),
  delivery: new PrefixDelivery(),
  request,
  lifetime: 0,
  status: 0,
  expires: 0,
  linkLocal: false,
});

const sending = (packets: readonly Uint8Array[]): HomeAgentOutput[] => packets.map((packet) => ({ type: 'send', packet }));
const sendingAll = (packets: readonly MobilityPacket[]): HomeAgentOutput[] => sending(packets.map(mobilityOctets));
