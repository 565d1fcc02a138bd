/**
 * A MipShim6 host: shim6 (RFC 5533) and REAP (RFC 5534) between ULIDs that are home addresses, and a mobile node (RFC 6275) under each of them. Packets between
 * locators leave from the care-of address as they are, packets from a home address by the tunnel of its home agent. Mobile IPv6's own route optimisation is off:
 * what it does, shim6's rewriting does. With several home addresses there are several home agents, and REAP finds out when one has failed. Pure: it is told what
 * happens and when (ms), and gives back what is to be done; chance, IPsec and signatures come from the caller.
 */
import { equalBytes, toHex } from '../../codecs/bytes.ts';
import { VERIFICATION_METHOD } from '../../codecs/cga/index.ts';
import { decodeIpv6, encodeIpv6 } from '../../codecs/packet/index.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { decodeShim6, PROTOCOL_SHIM6, TRANSIENT } from '../../codecs/shim6/index.ts';
import { step } from '../machine.ts';
import { MobileNode, readArrival } from '../mip6/index.ts';
import type { MobileNodeOutput, MobileNodeSettings } from '../mip6/index.ts';
import { defaultExploration } from '../reap/index.ts';
import { Shim6Host } from '../shim6/index.ts';
import type { ContextIdentity, ContextView, LocalLocator, LocalLocators, Shim6Output, Shim6Settings } from '../shim6/index.ts';
import { movementMachine, newMovementContext } from './movement.ts';
import type { MovementContext, MovementEvent, MovementState } from './movement.ts';

/** A home address: a CGA, its parameters, and the home agents that serve it. */
export interface MipShim6Home {
  /** 16 octets. */
  readonly homeAddress: Uint8Array;
  readonly parameters: Uint8Array;
  readonly homeAgents: readonly Uint8Array[];
}

/** What it is set up with. Times in ms. */
export interface MipShim6Settings {
  /** At least one; the first is preferred as ULID. All under one key. */
  readonly homes: readonly MipShim6Home[];
  /** A set of locators, signed where one of them needs it, with a generation of its own: `announceLocators`, whose signature was not waited for. */
  readonly announce: (locators: readonly LocalLocator[]) => LocalLocators;
  /** Of the home registrations, in units of 4 s. */
  readonly lifetime: number;
  readonly linkLayerAddress: Uint8Array;
  readonly random: (octets: number) => Uint8Array;
  readonly authentic: MobileNodeSettings['authentic'];
  readonly shim6: Omit<Shim6Settings, 'local' | 'random' | 'sendTimeout'>;
  /**
   * How long a movement takes at most while nothing is lost: until the peer has answered the Update Request. 3 s when left out: Duplicate Address Detection at the
   * home agent, and a few round trips. REAP's Send Timeout must be longer, or it explores what a movement is about to repair.
   */
  readonly movementTime?: number;
  /** REAP's Send Timeout; 15 s when left out. */
  readonly sendTimeout?: number;
  /** Whether peers are told of care-of addresses, and data leaves the tunnel; true when left out. Who keeps his place to himself has only home addresses as locators. */
  readonly isDirect?: boolean;
}

/**
 * What comes of an event: packets to the network and, between ULIDs, to the upper layer; what shim6 has to say of its contexts; what the mobile node of a home
 * address has to say (`home` counts from 0).
 */
export type MipShim6Output =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | { readonly type: 'deliver'; readonly packet: Ipv6Fields }
  | Exclude<Shim6Output, { readonly type: 'send' | 'deliver' }>
  | { readonly type: 'mobility'; readonly home: number; readonly output: Exclude<MobileNodeOutput, { readonly type: 'send' | 'deliver' }> };

const MOVEMENT_TIME = 3000;
const SEND_TIMEOUT = 15_000;
/** Another home agent's acknowledgement serves when the first one's has not come for that long: as long as a Binding Update waits for its first repetition. */
const GRACE = 1500;

interface Movement {
  readonly context: MovementContext;
  readonly localUlid: Uint8Array;
  readonly peerUlid: Uint8Array;
  /** Request Nonce of the last Update Request; undefined before the first. */
  nonce: number | undefined;
  /** The pair that REAP was content with when it was looked at last, and whether it was preferred then; undefined while it explores. */
  pair: string | undefined;
  /** When the preferred pairs are to be tested again, and how long that was put off last. */
  due: number | undefined;
  delay: number;
}

/** Until the preferred pairs are tested again, in ms: twice as long each time. */
const FIRST_DELAY = 10_000;
const LONGEST_DELAY = 320_000;

const keyOf = ({ localUlid, peerUlid }: Pick<ContextIdentity, 'localUlid' | 'peerUlid'>): string => toHex(localUlid) + toHex(peerUlid);

/**
 * One host.
 *
 * @example
 * const host = new MipShim6Host({ homes: [{ homeAddress, parameters, homeAgents }], announce, lifetime: 60, linkLayerAddress, random, authentic, shim6: { verifySignature } });
 * host.establish(homeAddress, peer, now);
 * host.attach([careOfAddress], now); // Binding Updates; when they are acknowledged, an Update Request from the home address, by the tunnel
 */
export class MipShim6Host {
  readonly #settings: MipShim6Settings;
  readonly #nodes: readonly MobileNode[];
  readonly #shim6: Shim6Host;
  readonly #movements = new Map<string, Movement>();
  #careOfAddresses: readonly Uint8Array[] = [];
  #local: LocalLocators;
  /** Home agents whose acknowledgement the announcement waits for; empty where it waits for none. */
  #awaited = new Set<number>();
  #grace: number | undefined;

  /** A `RangeError` where the Send Timeout is not above the movement time, or no home is given. */
  constructor(settings: MipShim6Settings) {
    const { homes, announce, lifetime, linkLayerAddress, random, authentic, shim6, movementTime = MOVEMENT_TIME } = settings;
    const { sendTimeout = SEND_TIMEOUT } = settings;
    if (homes.length === 0) throw new RangeError('homes must not be empty');
    if (sendTimeout <= movementTime)
      throw new RangeError(`sendTimeout must be above movementTime, ${movementTime} ms, not ${sendTimeout} ms`);
    this.#settings = settings;
    this.#nodes = homes.map(
      ({ homeAddress, homeAgents }) =>
        new MobileNode({ homeAddress, homeAgents, lifetime, linkLayerAddress, random, authentic, optimizes: () => false }),
    );
    this.#local = announce(this.#locators());
    const exploration = shim6.exploration ?? { ...defaultExploration, order: 'preferred' };
    this.#shim6 = new Shim6Host({ ...shim6, exploration, random, sendTimeout, local: this.#local });
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    let next = Math.min(this.#grace ?? Infinity, ...[this.#shim6, ...this.#nodes].map(({ nextTimer }) => nextTimer ?? Infinity));
    for (const { due = Infinity } of this.#movements.values()) next = Math.min(next, due);
    return next === Infinity ? undefined : next;
  }

  /** The care-of addresses in use, the primary one first; none at home. */
  get careOfAddresses(): readonly Uint8Array[] {
    return this.#careOfAddresses;
  }

  /** The mobile node of a home address, counted from 0, as far as others may look at it. */
  mobileNode(home: number): Pick<MobileNode, 'state' | 'registered' | 'homeAgent'> {
    return this.#nodes[home]!;
  }

  /** The context of a ULID pair; undefined where there is none. */
  context(localUlid: Uint8Array, peerUlid: Uint8Array): ContextView | undefined {
    return this.#shim6.context(localUlid, peerUlid);
  }

  /** What becomes of a context while the host moves. */
  movement(localUlid: Uint8Array, peerUlid: Uint8Array): MovementState {
    return this.#movements.get(keyOf({ localUlid, peerUlid }))?.context.state ?? 'Settled';
  }

  /** The host is on one or more foreign links. */
  attach(careOfAddresses: readonly [primary: Uint8Array, ...others: Uint8Array[]], now: number): readonly MipShim6Output[] {
    this.#careOfAddresses = careOfAddresses;
    const [primary, ...others] = careOfAddresses;
    return this.#move(now, (node) => node.attach(primary, now, others));
  }

  /** The host is on its home link. */
  returnHome(now: number): readonly MipShim6Output[] {
    this.#careOfAddresses = [];
    return this.#move(now, (node) => node.returnHome(now));
  }

  /** A context is wanted between a home address and a peer. */
  establish(localUlid: Uint8Array, peerUlid: Uint8Array, now: number): readonly MipShim6Output[] {
    return this.#shimSays(this.#shim6.establish(localUlid, peerUlid, now), now);
  }

  /** A packet of the upper layer, between ULIDs. */
  send(packet: Ipv6Fields, now: number): readonly MipShim6Output[] {
    return this.#shimSays(this.#shim6.send(packet, now), now);
  }

  /** A packet came at one of its addresses. */
  receive(octets: Uint8Array, now: number): readonly MipShim6Output[] {
    const arrival = readArrival(octets);
    if (arrival === undefined) return [];
    const { content, destination, homeAddress, routingHeader } = arrival;
    const isPlain = homeAddress === undefined && routingHeader === undefined;
    // What comes for a care-of address itself is shim6's; all else is for the mobile node that it belongs to.
    if (isPlain && (content.kind === 'payload' || content.kind === 'error') && this.#isCareOf(destination)) {
      const read = decodeIpv6(octets);
      return read.ok ? this.#shimSays(this.#shim6.receive(read.value, now), now) : [];
    }
    return this.#nodes.flatMap((node, home) => this.#nodeSays(home, node.receive(octets, now), now));
  }

  /** Timers that are due. */
  tick(now: number): readonly MipShim6Output[] {
    const outputs = this.#nodes.flatMap((node, home) => this.#nodeSays(home, node.tick(now), now));
    if ((this.#grace ?? Infinity) <= now) outputs.push(...this.#announce(now));
    for (const movement of [...this.#movements.values()].filter(({ due = Infinity }) => due <= now)) {
      movement.due = undefined;
      outputs.push(...this.#feed(movement, { type: 'preferDue' }, now));
    }
    return [...outputs, ...this.#shimSays(this.#shim6.tick(now), now)];
  }

  get #isDirect(): boolean {
    return this.#settings.isDirect ?? true;
  }

  /** Whether there are locators that are preferred to the home addresses. */
  get #isAway(): boolean {
    return this.#isDirect && this.#careOfAddresses.length > 0;
  }

  #isCareOf(address: Uint8Array): boolean {
    return this.#careOfAddresses.some((each) => equalBytes(each, address));
  }

  /** Care-of addresses first: they are preferred to the home addresses, and do not last. */
  #locators(): readonly LocalLocator[] {
    const verificationMethod = VERIFICATION_METHOD.cga;
    const told = this.#isDirect ? this.#careOfAddresses : [];
    const isAway = told.length > 0;
    return [
      ...told.map((locator) => ({
        locator,
        verificationMethod,
        preference: { flags: TRANSIENT, priority: 1, weight: 1 },
      })),
      ...this.#settings.homes.map(({ homeAddress, parameters }) => ({
        locator: homeAddress,
        verificationMethod,
        parameters,
        ...(isAway && { preference: { flags: 0, priority: 2, weight: 1 } }),
      })),
    ];
  }

  #move(now: number, tell: (node: MobileNode) => readonly MobileNodeOutput[]): readonly MipShim6Output[] {
    this.#grace = undefined;
    this.#awaited = new Set(this.#nodes.keys());
    if (this.#isDirect) for (const movement of this.#movements.values()) this.#feed(movement, { type: 'move' }, now);
    const outputs = this.#nodes.flatMap((node, home) => this.#nodeSays(home, tell(node), now));
    // A home agent that knows the place already, since only another care-of address has come or gone, is told nothing, and so acknowledges nothing.
    for (const [home, node] of this.#nodes.entries()) if (this.#isKnownTo(node)) outputs.push(...this.#acknowledged(home, now));
    return outputs;
  }

  /** Whether the home agent has acknowledged where the host is, and is not being told of anything newer. */
  #isKnownTo({ state, registered }: MobileNode): boolean {
    const [primary] = this.#careOfAddresses;
    return primary === undefined ? state === 'Home' : state === 'Registered' && registered !== undefined && equalBytes(registered, primary);
  }

  #nodeSays(home: number, outputs: readonly MobileNodeOutput[], now: number): MipShim6Output[] {
    return outputs.flatMap((output): readonly MipShim6Output[] => {
      if (output.type === 'send') return [output];
      if (output.type === 'deliver') {
        const { source, destination, protocol, payload } = output;
        return this.#shimSays(this.#shim6.receive({ source, destination, protocol, payload }, now), now);
      }
      const said: MipShim6Output = { type: 'mobility', home, output };
      const [primary] = this.#careOfAddresses;
      const isKnown =
        output.type === 'registered'
          ? primary !== undefined && equalBytes(output.careOfAddress, primary)
          : output.type === 'home' && primary === undefined;
      return isKnown ? [said, ...this.#acknowledged(home, now)] : [said];
    });
  }

  /** A home agent knows where the host is. The announcement leaves through the tunnel of the first; another one's acknowledgement serves if that is silent. */
  #acknowledged(home: number, now: number): readonly MipShim6Output[] {
    if (!this.#awaited.delete(home)) return [];
    if (this.#awaited.has(0)) {
      this.#grace ??= now + GRACE;
      return [];
    }
    return home === 0 || this.#grace !== undefined ? this.#announce(now) : [];
  }

  #announce(now: number): readonly MipShim6Output[] {
    this.#grace = undefined;
    this.#awaited.delete(0);
    if (!this.#isDirect) return [];
    for (const { context } of this.#movements.values()) step(movementMachine, context, { type: 'receiveBindingAcknowledgement' });
    this.#local = this.#settings.announce(this.#locators());
    return this.#shimSays(this.#shim6.setLocators(this.#local, now), now);
  }

  #shimSays(outputs: readonly Shim6Output[], now: number): readonly MipShim6Output[] {
    const said = outputs.flatMap((output): readonly MipShim6Output[] => {
      switch (output.type) {
        case 'send':
          return this.#transmit(output.packet);
        case 'established': {
          const { localUlid, peerUlid } = output;
          const movement = this.#movements.get(keyOf(output)) ?? newMovement(localUlid, peerUlid);
          this.#movements.set(keyOf(output), movement);
          return [output, ...this.#feed(movement, { type: 'established', away: this.#isAway }, now)];
        }
        case 'closed': {
          const movement = this.#movements.get(keyOf(output));
          this.#movements.delete(keyOf(output));
          return movement === undefined ? [output] : [output, ...this.#feed(movement, { type: 'closed' }, now)];
        }
        default:
          return [output];
      }
    });
    return [...said, ...this.#follow(now)];
  }

  /** From a care-of address as it is; from a home address by the way of its mobile node. What has an address that is gone goes nowhere. */
  #transmit(packet: Ipv6Fields): readonly MipShim6Output[] {
    this.#noteUpdate(packet);
    const octets = encodeIpv6(packet);
    if (this.#isCareOf(packet.source)) return [{ type: 'send', packet: octets }];
    const home = this.#settings.homes.findIndex(({ homeAddress }) => equalBytes(homeAddress, packet.source));
    return home < 0 ? [] : this.#nodes[home]!.relay(octets).flatMap((output) => (output.type === 'send' ? [output] : []));
  }

  /** From a care-of address, where there is one, to what the peer prefers. */
  #isPreferred({ path: { source, destination }, peerLocators }: ContextView): boolean {
    const [first = destination] = peerLocators;
    return (!this.#isAway || this.#isCareOf(source)) && equalBytes(destination, first);
  }

  /** What is sent is an event, too. */
  #noteUpdate({ protocol, payload }: Ipv6Fields): void {
    if (protocol !== (this.#settings.shim6.protocol ?? PROTOCOL_SHIM6)) return;
    const read = decodeShim6(payload);
    if (!read.ok || read.value.kind !== 'UpdateRequest') return;
    const { requestNonce, receiverContextTag } = read.value;
    for (const movement of this.#movements.values()) {
      if (this.#shim6.context(movement.localUlid, movement.peerUlid)?.peerTag !== receiverContextTag) continue;
      step(movementMachine, movement.context, { type: 'sendUpdateRequest', again: movement.nonce === requestNonce });
      movement.nonce = requestNonce;
    }
  }

  #feed(movement: Movement, event: MovementEvent, now: number): readonly MipShim6Output[] {
    const { context, localUlid, peerUlid } = movement;
    const outputs: MipShim6Output[] = [];
    // What was put off again and again was so for the place where the host, or its peer, was.
    if (event.type === 'move' || (event.type === 'explored' && event.pair === 'preferred')) movement.delay = FIRST_DELAY;
    for (const action of step(movementMachine, context, event).actions) {
      if (action.do === 'stop') movement.due = undefined;
      else if (action.do === 'restart' || (action.do === 'start' && movement.due === undefined)) {
        movement.due = now + movement.delay;
        movement.delay = Math.min(2 * movement.delay, LONGEST_DELAY);
      } else if (action.do === 'emit' && action.effect === 'explore')
        outputs.push(...this.#shimSays(this.#shim6.suspect(localUlid, peerUlid, now), now));
    }
    return outputs;
  }

  /** What has come of the contexts meanwhile: an update that was acknowledged, an exploration that has ended. */
  #follow(now: number): readonly MipShim6Output[] {
    return [...this.#movements.values()].flatMap((movement): readonly MipShim6Output[] => {
      const { state } = movement.context;
      const view = this.#shim6.context(movement.localUlid, movement.peerUlid);
      if (view?.state !== 'ESTABLISHED') return [];
      if (state === 'Updating' && view.isTold) {
        // A pair that REAP has ended on while the host was moving has not been looked at.
        movement.pair = undefined;
        const outputs = this.#feed(movement, { type: 'receiveUpdateAck', away: this.#isAway }, now);
        return [...outputs, ...this.#follow(now)];
      }
      // A Probe that was late may change the pair of a host that is content already.
      // And a peer that moves may prefer another one, while the one in use still works.
      const kind = this.#isPreferred(view) ? 'preferred' : 'other';
      const pair = view.reachability === 'Operational' ? toHex(view.path.source) + toHex(view.path.destination) + kind : undefined;
      const isSame = pair === movement.pair;
      movement.pair = pair;
      if (pair === undefined || (isSame && state !== 'Preferring')) return [];
      return this.#feed(movement, { type: 'explored', pair: kind }, now);
    });
  }
}

const newMovement = (localUlid: Uint8Array, peerUlid: Uint8Array): Movement => ({
  context: newMovementContext(),
  localUlid,
  peerUlid,
  nonce: undefined,
  pair: undefined,
  due: undefined,
  delay: FIRST_DELAY,
});
