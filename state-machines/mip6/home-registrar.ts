/**
 * A mobile node's side of its home registration, RFC 6275 sections 11.5.5, 11.7.1, 11.7.3 and 11.8: the table of `mobile-registration.ts` with its sequence numbers,
 * its timers and the home agents that are known. Pure: time is a number of ms, chance comes from the caller.
 */
import { equalBytes, toHex, u16 } from '../../codecs/bytes.ts';
import { BINDING_ERROR, BINDING_STATUS, fixedOctets, padded, plainBindingUpdate } from '../../codecs/mip6/index.ts';
import type { BA } from '../../codecs/mip6/index.ts';
import { step } from '../machine.ts';
import { INITIAL_BINDACK_TIMEOUT, MAX_BINDACK_TIMEOUT } from './correspondent-registration.ts';
import { MAX_UPDATE_RATE } from './mobile-peer.ts';
import { mobileRegistrationMachine, newMobileRegistrationContext } from './mobile-registration.ts';
import type {
  MobileRegistrationEffect,
  MobileRegistrationEvent,
  MobileRegistrationState,
  MobileRegistrationTimer,
} from './mobile-registration.ts';
import type { MobilityPacket } from './packets.ts';
import { RateLimit } from './rate.ts';
import { isGreater } from './sequence.ts';

/** InitialBindackTimeoutFirstReg of section 13, in ms: time for Duplicate Address Detection. */
export const INITIAL_BINDACK_TIMEOUT_FIRST_REGISTRATION = 1500;

const UNIT = 4000;

/** What it is set up with. Addresses of 16 octets. */
export interface HomeRegistrarSettings {
  readonly homeAddress: Uint8Array;
  /** The most preferred first; may be empty until they are discovered. */
  readonly homeAgents: readonly Uint8Array[];
  /** What to ask for, in units of 4 s, from 1 to 65535. */
  readonly lifetime: number;
  /** So many octets: the first sequence number. */
  readonly random: (octets: number) => Uint8Array;
  /** Whether the security association with the home agent lets a message pass (section 5.1). */
  readonly authentic: (packet: MobilityPacket) => boolean;
  /** L: the link-local address has the same interface identifier; false when left out. */
  readonly linkLocalCompatibility?: boolean;
  /** InitialBindackTimeoutFirstReg in ms; that of section 13 when left out. */
  readonly firstTimeout?: number;
}

/**
 * What comes of an event. `registered`: the home agent serves this care-of address; `removed`: it does no longer, as far as is known; `home`: a deregistration is
 * over; `refused`: nobody serves the home address, `status` says why; `solicitPrefixes`: status 1; `exhausted`: the home agents that are known do not answer.
 */
export type HomeRegistrarOutput =
  | { readonly type: 'send'; readonly packet: MobilityPacket }
  | { readonly type: 'registered'; readonly careOfAddress: Uint8Array; readonly homeAgent: Uint8Array }
  | { readonly type: 'refused'; readonly status: number }
  | { readonly type: 'removed' | 'home' | 'solicitPrefixes' | 'exhausted' };

interface Outstanding {
  readonly sequence: number;
  readonly careOfAddress: Uint8Array;
  readonly lifetime: number;
  readonly at: number;
}

/**
 * One home address.
 *
 * @example
 * const registrar = new HomeRegistrar({ homeAddress, homeAgents: [homeAgent], lifetime: 100, random, authentic: () => true });
 * registrar.attach(careOfAddress, now); // [ { type: 'send', packet: the Binding Update } ]
 */
export class HomeRegistrar {
  readonly #settings: HomeRegistrarSettings;
  readonly #context = newMobileRegistrationContext();
  readonly #timers = new Map<MobileRegistrationTimer, number>();
  /** The last number that went to each home agent. */
  readonly #sequences = new Map<string, number>();
  readonly #rates = new Map<string, RateLimit>();
  #homeAgents: readonly Uint8Array[];
  /** Which of them is asked, and how many of this attempt have not served. */
  #current = 0;
  #failed = 0;
  #careOfAddress: Uint8Array;
  #registered: Uint8Array | undefined;
  #outstanding: Outstanding | undefined;
  /** How long to wait for the next answer. */
  #timeout = 0;
  #expires = 0;
  #refresh = 0;
  /** Status 1 was received, and the prefixes are not known yet. */
  #awaitsPrefixes = false;
  #status = 0;

  constructor(settings: HomeRegistrarSettings) {
    this.#settings = settings;
    this.#homeAgents = settings.homeAgents;
    this.#careOfAddress = settings.homeAddress;
  }

  get state(): MobileRegistrationState {
    return this.#context.state;
  }

  /** The home agent that serves, or is asked to; undefined where none is known. */
  get homeAgent(): Uint8Array | undefined {
    return this.#homeAgents[this.#current];
  }

  /** The care-of address that the home agent has acknowledged. */
  get registered(): Uint8Array | undefined {
    return this.#registered;
  }

  /** When the registration ends; only what `registered` has. */
  get expires(): number {
    return this.#expires;
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...this.#timers.values());
  }

  /** Home agents that were discovered. One that serves stays the first to be asked (section 11.4.1). */
  learn(homeAgents: readonly Uint8Array[]): void {
    const serving = this.homeAgent;
    const others = homeAgents.filter((each) => serving === undefined || !equalBytes(each, serving));
    this.#homeAgents = this.#registered === undefined || serving === undefined ? homeAgents : [serving, ...others];
    [this.#current, this.#failed] = [0, 0];
  }

  /** The mobile node has another primary care-of address. What is registered with this one already, or is being registered, stays as it is. */
  attach(careOfAddress: Uint8Array, now: number): readonly HomeRegistrarOutput[] {
    const { state } = this.#context;
    const isUnderWay = state === 'Registered' || (state === 'Registering' && this.homeAgent !== undefined);
    if (isUnderWay && equalBytes(careOfAddress, this.#careOfAddress)) return [];
    this.#careOfAddress = careOfAddress;
    return this.#feed({ type: 'attach' }, now);
  }

  /** The mobile node is on its home link. */
  returnHome(now: number): readonly HomeRegistrarOutput[] {
    this.#careOfAddress = this.#settings.homeAddress;
    const outputs = this.#feed({ type: 'returnHome' }, now);
    if (this.#context.state !== 'Deregistering' || this.#registered === undefined) return outputs;
    // Whether the home agent serves any more is not known from now on.
    this.#registered = undefined;
    return [{ type: 'removed' }, ...outputs];
  }

  /** The prefixes of the home link are known again: what status 1 held back may be sent. */
  prefixesKnown(now: number): readonly HomeRegistrarOutput[] {
    const isDue = this.#awaitsPrefixes && this.#context.state === 'Registered' && this.#refresh <= now;
    this.#awaitsPrefixes = false;
    return isDue ? this.#feed({ type: 'refreshDue' }, now) : [];
  }

  /** A message came from the home agent. */
  receive(packet: MobilityPacket, now: number): readonly HomeRegistrarOutput[] {
    const { source, message } = packet;
    const homeAgent = this.homeAgent;
    if (homeAgent === undefined || !equalBytes(source, homeAgent)) return [];
    if (message.kind === 'BA') return this.#acknowledged(packet, message, now);
    if (message.kind === 'BE' && message.status === BINDING_ERROR.unknownBinding) return this.#feed({ type: 'receiveBindingError' }, now);
    return [];
  }

  /** Timers that are due. */
  tick(now: number): readonly HomeRegistrarOutput[] {
    const due = [...this.#timers].filter(([, at]) => at <= now).toSorted(([, a], [, b]) => a - b);
    return due.flatMap(([timer, at]) => {
      if (this.#timers.get(timer) !== at) return []; // an earlier one of them stopped it
      this.#timers.delete(timer);
      if (timer === 'refresh') return this.#awaitsPrefixes ? [] : this.#feed({ type: 'refreshDue' }, now);
      if (timer === 'lifetime') return this.#feed({ type: 'lifetimeExpired' }, now);
      return this.#unanswered(now);
    });
  }

  /** Section 11.7.1: at MAX_BINDACK_TIMEOUT the next home agent is asked, where one is known. */
  #unanswered(now: number): readonly HomeRegistrarOutput[] {
    const isLongest = this.#timeout >= MAX_BINDACK_TIMEOUT;
    this.#timeout = Math.min(2 * this.#timeout, MAX_BINDACK_TIMEOUT);
    const isNext = isLongest && this.#homeAgents.length > 1 && this.#context.state === 'Registering';
    const outputs = this.#feed({ type: 'retransmit', to: isNext ? 'nextHomeAgent' : 'same' }, now);
    return isLongest && !isNext ? [...outputs, { type: 'exhausted' }] : outputs;
  }

  /** Section 11.7.3. */
  #acknowledged(packet: MobilityPacket, message: BA, now: number): readonly HomeRegistrarOutput[] {
    const outstanding = this.#outstanding;
    const { status, sequence } = message;
    const isOutOfWindow = status === BINDING_STATUS.sequenceNumberOutOfWindow;
    // A 135 with a number that is less than ours answers what was sent before, or a copy of it: what is out now will be taken.
    const isMatching =
      outstanding !== undefined && (isOutOfWindow ? !isGreater(outstanding.sequence, sequence) : sequence === outstanding.sequence);
    if (!isMatching || !this.#settings.authentic(packet)) {
      return this.#feed({ type: 'receiveBindingAcknowledgement', verdict: 'ignored' }, now);
    }
    if (isOutOfWindow) this.#sequences.set(toHex(packet.source), sequence);
    this.#status = status;
    if (status < 128) this.#accepted(message, outstanding, now);
    return this.#feed({ type: 'receiveBindingAcknowledgement', verdict: this.#verdictOf(status) }, now);
  }

  #verdictOf(status: number): Extract<MobileRegistrationEvent, { readonly type: 'receiveBindingAcknowledgement' }>['verdict'] {
    if (status === BINDING_STATUS.acceptedButPrefixDiscoveryNecessary) return 'prefixDiscovery';
    if (status < 128) return 'accepted';
    if (status === BINDING_STATUS.sequenceNumberOutOfWindow) return 'sequence';
    // An address that another node uses must not be tried anywhere (section 11.7.1).
    if (status === BINDING_STATUS.duplicateAddressDetectionFailed) return 'refused';
    return this.#failed + 1 < this.#homeAgents.length ? 'refusedHere' : 'refused';
  }

  /** The lifetime counts from when the Binding Update was sent; the home agent may suggest an earlier refresh. */
  #accepted({ lifetime, options = [] }: BA, { at, lifetime: asked }: Outstanding, now: number): void {
    this.#expires = at + Math.min(lifetime, asked) * UNIT;
    const advice = options.find((option) => option.kind === 'BindingRefreshAdvice');
    const interval = advice?.kind === 'BindingRefreshAdvice' ? advice.refreshInterval * UNIT : Infinity;
    this.#refresh = Math.max(now, Math.min(now + (this.#expires - now) * 0.75, at + interval));
  }

  #feed(event: MobileRegistrationEvent, now: number): readonly HomeRegistrarOutput[] {
    const before = this.#context.state;
    const { actions } = step(mobileRegistrationMachine, this.#context, event);
    // A new exchange: the waiting begins anew.
    if (before !== this.#context.state || event.type === 'attach') this.#begin();
    const outputs: HomeRegistrarOutput[] = [];
    for (const action of actions) {
      if (action.do === 'stop') this.#timers.delete(action.timer);
      else if (action.do === 'restart') this.#timers.set(action.timer, this.#timeOf(action.timer, now));
      else if (action.do === 'emit') outputs.push(...this.#effect(action.effect, now));
    }
    const { state } = this.#context;
    if (before === 'Deregistering' && state === 'Home') outputs.push({ type: 'home' });
    if (before !== 'Refused' && state === 'Refused') outputs.push({ type: 'refused', status: this.#status });
    return outputs;
  }

  /** Section 11.8: the longer first time only where the home agent has no binding yet. */
  #begin(): void {
    const { firstTimeout = INITIAL_BINDACK_TIMEOUT_FIRST_REGISTRATION } = this.#settings;
    this.#timeout = this.#registered === undefined ? firstTimeout : INITIAL_BINDACK_TIMEOUT;
  }

  #timeOf(timer: MobileRegistrationTimer, now: number): number {
    if (timer === 'retransmit') return now + this.#timeout;
    return timer === 'lifetime' ? this.#expires : this.#refresh;
  }

  #effect(effect: MobileRegistrationEffect, now: number): readonly HomeRegistrarOutput[] {
    switch (effect) {
      case 'update':
        return this.#update(now);
      case 'registered': {
        const { careOfAddress } = this.#outstanding!;
        [this.#registered, this.#outstanding, this.#failed] = [careOfAddress, undefined, 0];
        this.#awaitsPrefixes = this.#status === BINDING_STATUS.acceptedButPrefixDiscoveryNecessary;
        return [{ type: 'registered', careOfAddress, homeAgent: this.homeAgent! }];
      }
      case 'removed': {
        const wasRegistered = this.#registered !== undefined;
        this.#registered = undefined;
        if (this.#context.state !== 'Registering') this.#outstanding = undefined;
        return wasRegistered ? [{ type: 'removed' }] : [];
      }
      case 'nextHomeAgent':
        this.#current = (this.#current + 1) % this.#homeAgents.length;
        this.#failed += 1;
        this.#begin();
        return [];
      case 'solicitPrefixes':
        return [{ type: 'solicitPrefixes' }];
      default:
        return []; // the number was adopted where the acknowledgement was read
    }
  }

  /** Sections 11.7.1 and 11.5.5. Too many in a second are left to the next retransmission (section 11.8). */
  #update(now: number): readonly HomeRegistrarOutput[] {
    const { homeAddress, random, linkLocalCompatibility = false } = this.#settings;
    const homeAgent = this.homeAgent;
    if (homeAgent === undefined) return [];
    const key = toHex(homeAgent);
    const rate = this.#rates.get(key) ?? new RateLimit(MAX_UPDATE_RATE);
    this.#rates.set(key, rate);
    if (!rate.allows('BU', now)) return [];
    const careOfAddress = this.#careOfAddress;
    const isDeletion = this.#context.state === 'Deregistering';
    const sequence = ((this.#sequences.get(key) ?? u16(random(2), 0)) + 1) % 0x1_0000;
    this.#sequences.set(key, sequence);
    const lifetime = isDeletion ? 0 : this.#settings.lifetime;
    this.#outstanding = { sequence, careOfAddress, lifetime, at: now };
    const message = {
      ...plainBindingUpdate,
      acknowledge: true,
      homeRegistration: true,
      linkLocalAddressCompatibility: linkLocalCompatibility,
      sequence,
      lifetime,
      options: padded(fixedOctets('BU'), [{ kind: 'AlternateCareOfAddress', alternateCareOfAddress: careOfAddress }]),
    };
    // At home the home address is the source already.
    const away = equalBytes(careOfAddress, homeAddress) ? {} : { homeAddress };
    return [{ type: 'send', packet: { source: careOfAddress, destination: homeAgent, ...away, message } }];
  }
}
