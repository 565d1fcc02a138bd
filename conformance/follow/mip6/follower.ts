/** Follows Mobile IPv6 through the packets of a capture: one conversation per home address, with the home agent and every correspondent in it. */
import { copyOf, u32 } from '../../../codecs/bytes.ts';
import {
  decodeMobileIcmp,
  decodeMobility,
  homeAddressesOf,
  isMobileIcmp,
  PROTOCOL_MOBILITY,
  routingHeaders2Of,
} from '../../../codecs/mip6/index.ts';
import type { MobileIcmpMessage } from '../../../codecs/mip6/index.ts';
import { PROTOCOL_ICMPV6, decodeIcmpv6, decodeIpv6, parseAddress } from '../../../codecs/packet/index.ts';
import type { Icmpv6, Ipv6 } from '../../../codecs/packet/index.ts';
import { toHex } from '../../../codecs/bytes.ts';
import { concernsMobility } from '../../messages/mip6.ts';
import type { Sighting } from '../../observe.ts';
import type { FollowOptions, NewPacketFollower, PacketFollower } from '../follower.ts';
import type { AnyCheck, Mobility } from './judge.ts';
import { faultOf, takeAcknowledgement, takeError, takeRefreshRequest, takeSign, takeUnbound, takeUpdate, takeUse } from './registering.ts';
import { NEIGHBOR_ADVERTISEMENT, NEIGHBOR_SOLICITATION, takeNeighbor } from './neighbor.ts';
import { shares } from './network.ts';
import type { MobileNode } from './node.ts';
import { addressOf, sightOf } from './sight.ts';
import type { Sight } from './sight.ts';
import { World } from './world.ts';

/** Neighbor Discovery, multicast listeners, and Mobile IPv6's own: no payload of an upper layer. */
const CONTROL = [130, 131, 132, 133, 134, 135, 136, 137, 143, 144, 145, 146, 147];
const MEMBERSHIP_QUERY = 130;
const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const PARAMETER_PROBLEM = 4;
const UNRECOGNIZED_NEXT_HEADER = 1;
/** ICMPv6 errors have types below this one, and quote the packet after 4 octets. */
const INFORMATIONAL = 128;

/** A message that went through a tunnel is captured on both sides of it within this time, in ms; so many are remembered. */
const COPIED = 500;
/** On the other side of a tunnel it may have waited for a neighbour's address, as RFC 4861 has it ask for 3 s, and longer. */
const HELD_UP = 5000;
const COPIES = 1024;

/** An answer that takes longer than this was delayed on its way, in ms. */
const LATE = 500;

class Mip6Follower implements PacketFollower {
  readonly #world: World;
  /** When messages were captured, by their addresses and octets. */
  readonly #recent = new Map<string, Pick<Sight, 'frame' | 'time' | 'tunnel'>>();

  constructor(checks: readonly AnyCheck[], options: FollowOptions) {
    this.#world = new World(checks, options);
  }

  get wantsPayload(): boolean {
    return this.#world.hasNodes;
  }

  get notes(): readonly string[] {
    return this.#world.notes;
  }

  follow(sighting: Sighting): void {
    const world = this.#world;
    world.network.at(sighting.time);
    if (sighting.twin !== 0) return;
    const sight = sightOf(sighting);
    if (sight.tunnel === undefined) world.network.from(sight.time, sight.source, sight.from);
    const { source, destination } = sight.tunnel ?? sight;
    world.network.sent(source, destination, sight.time);
    this.#addressed(sight);
    this.#carried(sight);
    const { protocol, payload } = sight.packet;
    if (protocol === PROTOCOL_MOBILITY) this.#mobility(sight, payload);
    else if (protocol !== PROTOCOL_ICMPV6) this.#data(sight);
    else if (sight.whole) this.#icmp(sight, copyOf(payload));
  }

  finish(): void {
    this.#world.finish();
  }

  /** Mobile nodes are known by the headers that name them. */
  #addressed(sight: Sight): void {
    const world = this.#world;
    const { packet, frame } = sight;
    if (sight.hasHomeAddress) {
      const node = world.node(sight.from, frame);
      node.isNamed = true;
      world.seenAt(sight.source, node);
      world.offend(sight);
      world.judge('addressed', sight, node, { packet }, true);
    }
    if (sight.hasRouting) {
      // A home address that is new, where another mobile node is known to be, is rather a wrong one.
      const node = world.known(sight.to) ?? world.knownAt(sight.destination) ?? world.node(sight.to, frame);
      node.isNamed = true;
      if (node.home === sight.to) world.seenAt(sight.destination, node);
      world.judge('addressed', sight, node, { packet }, false);
    }
  }

  /** Tunnels end where a mobile node is. */
  #carried(sight: Sight): void {
    const { tunnel } = sight;
    if (tunnel === undefined) return;
    const world = this.#world;
    const read = sight.packet.protocol === PROTOCOL_MOBILITY ? decodeMobility(sight.packet.payload) : undefined;
    const kind = read?.ok === true ? read.value.kind : undefined;
    const from = world.known(sight.from) ?? world.knownAt(tunnel.source);
    const to = world.known(sight.to) ?? world.knownAt(tunnel.destination);
    if (from !== undefined && from === world.knownAt(tunnel.source)) world.judge('carried', sight, from, { tunnel, kind }, true);
    if (to !== undefined && (to === world.knownAt(tunnel.destination) || tunnel.source === to.homeAgent))
      world.judge('carried', sight, to, { tunnel, kind }, false);
    const { protocol, payload } = sight.packet;
    if (to !== undefined) to.queried ||= protocol === PROTOCOL_ICMPV6 && payload[0] === MEMBERSHIP_QUERY;
  }

  /** Whether the same message was captured just before, on the other side of a tunnel. */
  #isCopy(sight: Sight, octets: Uint8Array, node: MobileNode | undefined): boolean {
    const { from, to, time, frame, tunnel } = sight;
    const key = `${from} ${to} ${toHex(octets)}`;
    const before = this.#recent.get(key);
    this.#recent.delete(key);
    this.#recent.set(key, { frame, time, tunnel });
    for (const [oldest, seen] of this.#recent) {
      if (this.#recent.size <= COPIES && Math.abs(time - seen.time) < HELD_UP) break;
      this.#recent.delete(oldest);
    }
    const isOtherSide = before?.tunnel?.destination !== tunnel?.destination;
    const isCopy = before !== undefined && Math.abs(time - before.time) < (isOtherSide ? HELD_UP : COPIED);
    const isReverse = before?.tunnel !== undefined && before.tunnel.destination === node?.homeAgent;
    if (isCopy && isReverse && tunnel === undefined && node?.home === from)
      this.#world.judge('forwarded', sight, node, { tunnel: before.tunnel, frame: before.frame }, false);
    return isCopy;
  }

  #mobility(sight: Sight, payload: Uint8Array): void {
    const world = this.#world;
    if (!sight.whole) {
      world.network.cut();
      return;
    }
    const octets = copyOf(payload);
    const read = decodeMobility(octets);
    const node = nodeOf(world, sight);
    const isCopy = this.#isCopy(sight, octets, node);
    if (!read.ok) {
      world.judge('malformed', sight, node, { octets, error: read.error });
      return;
    }
    const seen = { message: read.value, octets: octets.subarray(0, (octets[1]! + 1) * 8) };
    if (!isCopy) take(world, sight, node, seen);
  }

  #icmp(sight: Sight, octets: Uint8Array): void {
    const world = this.#world;
    const read = decodeIcmpv6(octets);
    if (!read.ok) return;
    const message = read.value;
    if (isMobileIcmp(message.type)) {
      const mobile = decodeMobileIcmp(octets);
      if (!mobile.ok) world.judge('malformedIcmp', sight, nodeOf(world, sight), { type: message.type, octets, error: mobile.error });
      else if (concernsMobility(mobile.value)) takeIcmp(world, sight, mobile.value, octets);
      return;
    }
    if (message.type === NEIGHBOR_SOLICITATION || message.type === NEIGHBOR_ADVERTISEMENT) {
      takeNeighbor(world, sight, message, octets);
    } else if (message.type < INFORMATIONAL) {
      this.#problem(sight, message);
    }
    if (message.type === ECHO_REQUEST || message.type === ECHO_REPLY) world.network.echo(sight, message.type, message.body);
    if (!CONTROL.includes(message.type)) this.#data(sight);
  }

  /** An ICMPv6 error: what it quotes was captured before, where the capture misses nothing. */
  #problem(sight: Sight, message: Icmpv6): void {
    const read = decodeIpv6(message.body.subarray(4));
    if (!read.ok) return;
    const about = read.value;
    if (about.protocol === PROTOCOL_MOBILITY) {
      const quoted = toHex(about.payload);
      const isSeen = [...this.#recent.keys()].some((key) => key.slice(key.lastIndexOf(' ') + 1).startsWith(quoted));
      this.#world.network.answered(sight.time, isSeen);
    } else if (homeAddressesOf(about).length === 0 && routingHeaders2Of(about).length === 0) {
      return;
    }
    takeProblem(this.#world, sight, message, about);
  }

  /** A payload, and the way it takes. */
  #data(sight: Sight): void {
    const world = this.#world;
    const route = (isRouted: boolean): 'tunnel' | 'direct' | 'home' => {
      if (isRouted) return 'direct';
      return sight.tunnel === undefined ? 'home' : 'tunnel';
    };
    const sender = world.known(sight.from);
    if (sender !== undefined) {
      const peer = sender.peers.get(sight.to);
      takeSign(world, sight, sender);
      if (sight.hasHomeAddress) {
        // Nobody sends so before a Binding Update.
        const bound = sender.peer(sight.to);
        if (bound.updates.length === 0 && !bound.sendsDirectly) world.network.missing(sight.time);
        takeUnbound(world, sight, bound);
      } else if (peer?.binding !== undefined && sender.careOf !== undefined && sight.time - peer.binding.time > LATE)
        peer.avoided = sight.time;
      world.judge('data', sight, sender, { route: route(sight.hasHomeAddress), peer, correspondent: sight.to }, true);
    }
    const receiver = world.known(sight.to);
    if (receiver !== undefined) {
      const peer = receiver.peers.get(sight.from);
      if (peer !== undefined && sight.hasRouting) takeUse(world, sight, receiver, peer, sight.destination);
      const agent = receiver.atHomeAgent;
      if (agent !== undefined && sight.tunnel?.source === agent.address) takeUse(world, sight, receiver, agent, sight.tunnel.destination);
      world.judge('data', sight, receiver, { route: route(sight.hasRouting), peer, correspondent: sight.from }, false);
    }
  }
}

/** The mobile node that a message between these addresses belongs to, if it is known. */
const nodeOf = (world: World, { from, to, source, destination }: Sight): MobileNode | undefined =>
  world.known(from) ?? world.known(to) ?? world.knownAt(source) ?? world.knownAt(destination);

/** Takes a message of the Mobility Header. */
const take = (world: World, sight: Sight, node: MobileNode | undefined, { message, octets }: Mobility): void => {
  const { frame, time, from, to, source, tunnel } = sight;
  // What a proxy registers for nodes that know nothing of it follows rules of its own (RFC 5213): only its format is judged.
  if ((message.kind === 'BU' || message.kind === 'BA') && message.proxyRegistration)
    return world.judge('mobility', sight, node, { message, octets });
  switch (message.kind) {
    case 'BU':
      return takeUpdate(world, sight, { message, octets });
    case 'BA':
      return takeAcknowledgement(world, sight, { message, octets });
    case 'BRR':
      return takeRefreshRequest(world, sight, { message, octets });
    case 'BE':
      return takeError(world, sight, { message, octets });
    case 'HoTI': {
      const mobile = world.known(from) ?? world.knownAt(from) ?? world.node(from, frame);
      if (tunnel !== undefined && mobile.home === from) world.seenAt(tunnel.source, mobile);
      const testing = world.tests.of('home', from, to);
      const init = testing.ask({
        frame,
        time,
        message,
        cookie: message.homeInitCookie,
        fault: faultOf(sight, message),
        way: `${tunnel?.source ?? mobile.careOf ?? from} ${mobile.moves}`,
      });
      world.network.asked(init.interval);
      world.tests.asked('home', from, to, message.homeInitCookie, frame);
      world.judge('mobility', sight, mobile, { message, octets }, true);
      return world.judge('HoTI', sight, mobile, { message, octets, init, testing }, true);
    }
    case 'HoT': {
      const testing = world.tests.of('home', to, from);
      const token = testing.answer(frame, time, message.homeInitCookie, message.homeNonceIndex, message.homeKeygenToken);
      const elsewhere = token.init === undefined ? world.tests.elsewhere('home', to, from, message.homeInitCookie) : undefined;
      const asker = elsewhere && world.known(elsewhere.from);
      const mobile = world.known(to) ?? world.knownAt(to) ?? asker ?? world.node(to, frame);
      world.network.answered(time, token.init !== undefined);
      world.judge('mobility', sight, mobile, { message, octets }, false);
      return world.judge('HoT', sight, mobile, { message, octets, token, testing, elsewhere }, false);
    }
    case 'CoTI': {
      const mobile = world.knownAt(from) ?? world.known(from);
      const testing = world.tests.of('care-of', source, to);
      const init = testing.ask({
        frame,
        time,
        message,
        cookie: message.careOfInitCookie,
        fault: faultOf(sight, message),
        way: `${source} ${mobile?.moves ?? 0}`,
      });
      world.network.asked(init.interval);
      world.tests.asked('care-of', source, to, message.careOfInitCookie, frame);
      world.judge('mobility', sight, mobile, { message, octets }, true);
      return world.judge('CoTI', sight, mobile, { message, octets, init, testing }, true);
    }
    case 'CoT': {
      const testing = world.tests.of('care-of', to, from);
      const token = testing.answer(frame, time, message.careOfInitCookie, message.careOfNonceIndex, message.careOfKeygenToken);
      const elsewhere = token.init === undefined ? world.tests.elsewhere('care-of', to, from, message.careOfInitCookie) : undefined;
      const asker = elsewhere && world.knownAt(elsewhere.from);
      const mobile = world.knownAt(to) ?? world.known(to) ?? asker;
      world.network.answered(time, token.init !== undefined);
      world.judge('mobility', sight, mobile, { message, octets }, false);
      return world.judge('CoT', sight, mobile, { message, octets, token, testing, elsewhere }, false);
    }
    case 'Unknown':
      world.offend(sight, message.type);
      world.judge('mobility', sight, node, { message, octets });
      return world.judge('Unknown', sight, node, { message, octets });
  }
};

/** Takes an ICMPv6 message of Mobile IPv6. */
const takeIcmp = (world: World, sight: Sight, message: MobileIcmpMessage, octets: Uint8Array): void => {
  const { from, to, source, destination, time, frame } = sight;
  switch (message.kind) {
    case 'RouterAdvertisement':
      world.network.heard(source, time, message);
      return world.judge('RouterAdvertisement', sight, undefined, { message, octets });
    case 'HaadRequest': {
      const question = world.ask('haad', sight, message.identifier);
      return world.judge('HaadRequest', sight, world.knownAt(source), { message, octets, question }, true);
    }
    case 'HaadReply': {
      const question = world.answer('haad', destination, undefined, message.identifier);
      world.network.answered(time, question !== undefined);
      const near = question === undefined ? world.near('haad', destination, message.identifier, time) : undefined;
      world.discovered(destination, { frame, addresses: message.homeAgentAddresses.map(addressOf), tried: [] });
      return world.judge('HaadReply', sight, world.knownAt(destination), { message, octets, question, near }, false);
    }
    case 'MobilePrefixSolicitation': {
      const node = world.known(from) ?? world.knownAt(source);
      const question = world.ask('prefix', sight, message.identifier);
      const answersUnsolicited = node?.unsolicited !== undefined;
      if (node !== undefined) node.unsolicited = undefined;
      return world.judge('MobilePrefixSolicitation', sight, node, { message, octets, question, answersUnsolicited }, true);
    }
    case 'MobilePrefixAdvertisement': {
      const node = world.known(to) ?? world.knownAt(destination) ?? world.node(to, frame);
      const question = world.answer('prefix', to, from, message.identifier);
      const near = question === undefined ? world.near('prefix', to, message.identifier, time) : undefined;
      const before = node.advertised;
      node.advertised = { frame, time, isLate: question !== undefined && time - question.time > LATE };
      const home = parseAddress(node.home);
      const prefix = message.options.find(
        (option) => option.kind === 'PrefixInformation' && home !== undefined && shares(option.prefixAddress, home, option.prefixLength),
      );
      if (prefix?.kind === 'PrefixInformation')
        node.prefix = { validLifetime: prefix.validLifetime, preferredLifetime: prefix.preferredLifetime, time };
      const last = node.unsolicited?.identifier === message.identifier ? node.unsolicited : undefined;
      const interval = last && time - last.time;
      const unsolicited =
        question !== undefined
          ? undefined
          : { attempt: last === undefined ? 0 : last.attempt + 1, interval, intervalBefore: last?.interval };
      world.judge('MobilePrefixAdvertisement', sight, node, { message, octets, question, near, before, unsolicited }, false);
      if (unsolicited !== undefined) node.unsolicited = { ...unsolicited, time, identifier: message.identifier };
      return;
    }
  }
};

/** Takes an ICMPv6 error about a packet of Mobile IPv6. */
const takeProblem = (world: World, sight: Sight, message: Icmpv6, about: Ipv6): void => {
  const seen = sightOf({ frame: sight.frame, time: sight.time, packet: about, outer: [], whole: false, twin: 0 });
  const node = nodeOf(world, seen);
  world.judge('problem', sight, node, { message, pointer: u32(message.body, 0), about }, false);
  const isUnknown = message.type === PARAMETER_PROBLEM && message.code === UNRECOGNIZED_NEXT_HEADER;
  if (node !== undefined && isUnknown) node.peer(seen.to).unsupported = { frame: sight.frame, time: sight.time };
};

/** The follower of Mobile IPv6, with these checks. */
export const mip6Follower =
  (checks: readonly AnyCheck[]): NewPacketFollower =>
  (options) =>
    new Mip6Follower(checks, options);
