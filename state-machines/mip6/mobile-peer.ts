/**
 * A mobile node as one correspondent sees it, RFC 6275 sections 11.6 to 11.8: the table of `correspondent-registration.ts` with its cookies, tokens, sequence
 * numbers and timers. Pure: time is a number of ms, chance comes from the caller. What has the home address as its source and no Home Address option travels by
 * way of the home agent while the mobile node is away; the caller sees to the tunnel.
 */
import { equalBytes, setU64, u16, u64 } from '../../codecs/bytes.ts';
import {
  authenticatorAt,
  authenticatorOf,
  AUTHENTICATOR_OCTETS,
  BINDING_ERROR,
  BINDING_STATUS,
  bindingManagementKey,
  encodeMobility,
  fixedOctets,
  padded,
  plainBindingUpdate,
  verifyAuthenticator,
} from '../../codecs/mip6/index.ts';
import type { BA, MobilityMessage, NonceIndices } from '../../codecs/mip6/index.ts';
import { step } from '../machine.ts';
import {
  bindingUpdateTimeout,
  correspondentRegistrationMachine,
  newCorrespondentRegistrationContext,
} from './correspondent-registration.ts';
import type {
  CorrespondentRegistrationEffect,
  CorrespondentRegistrationEvent,
  CorrespondentRegistrationState,
  CorrespondentRegistrationTimer,
} from './correspondent-registration.ts';
import type { MobilityPacket } from './packets.ts';
import { RateLimit } from './rate.ts';
import { isGreater } from './sequence.ts';

/** Of section 12: retries before data is left to the home agent, and messages of one kind to one correspondent within a second. */
export const MAX_RO_FAILURE = 3;
export const MAX_UPDATE_RATE = 3;

const UNIT = 4000;

/** What it is set up with. Addresses of 16 octets. */
export interface MobilePeerSettings {
  readonly homeAddress: Uint8Array;
  readonly correspondent: Uint8Array;
  /** So many octets that nobody can guess: cookies. */
  readonly random: (octets: number) => Uint8Array;
  /** What to ask for, in units of 4 s, from 1 to 65535. */
  readonly lifetime: number;
  /** What is left of the home registration at a time, in the same units: no more is asked for (section 11.7.2). No limit when left out. */
  readonly remaining?: (now: number) => number;
}

interface Token {
  readonly index: number;
  readonly token: Uint8Array;
}
/** The Binding Update that waits for its acknowledgement. */
interface Outstanding {
  readonly sequence: number;
  readonly careOfAddress: Uint8Array;
  readonly kbm: Uint8Array;
  readonly at: number;
}

/**
 * One mobile node and one correspondent.
 *
 * @example
 * const peer = new MobilePeer({ homeAddress, correspondent, random, lifetime: 100 });
 * peer.register(careOfAddress, now); // [ Home Test Init, Care-of Test Init ]
 */
export class MobilePeer {
  readonly #settings: MobilePeerSettings;
  readonly #context = newCorrespondentRegistrationContext();
  readonly #timers = new Map<CorrespondentRegistrationTimer, number>();
  readonly #rate = new RateLimit(MAX_UPDATE_RATE);
  #careOfAddress: Uint8Array;
  #registered: Uint8Array | undefined;
  #cookies = { home: 0n, careOf: 0n };
  #home: Token | undefined;
  #careOf: Token | undefined;
  #outstanding: Outstanding | undefined;
  #sequence: number;
  #attempts = 0;
  #expires = 0;

  constructor(settings: MobilePeerSettings) {
    this.#settings = settings;
    this.#careOfAddress = settings.homeAddress;
    this.#sequence = u16(settings.random(2), 0);
  }

  get state(): CorrespondentRegistrationState {
    return this.#context.state;
  }

  /** The care-of address that the correspondent has acknowledged; data from it may carry a Home Address option (section 11.3.1). */
  get registered(): Uint8Array | undefined {
    return this.#registered;
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...this.#timers.values());
  }

  /** The direct path is wanted, from this care-of address. */
  register(careOfAddress: Uint8Array, now: number): readonly MobilityPacket[] {
    this.#careOfAddress = careOfAddress;
    return this.#feed({ type: 'register' }, now);
  }

  /** The mobile node is elsewhere, and its home agent has acknowledged that (section 11.7.2). */
  move(careOfAddress: Uint8Array, now: number): readonly MobilityPacket[] {
    this.#careOfAddress = careOfAddress;
    return this.#feed({ type: 'move' }, now);
  }

  /** The mobile node is home. */
  returnHome(now: number): readonly MobilityPacket[] {
    this.#careOfAddress = this.#settings.homeAddress;
    return this.#feed({ type: 'returnHome' }, now);
  }

  /** The correspondent does not know the Mobility Header: ICMP Parameter Problem, Code 1. */
  parameterProblem(now: number): readonly MobilityPacket[] {
    return this.#feed({ type: 'receiveParameterProblem' }, now);
  }

  /** A message came from the correspondent. `progress`: upper layers see that their packets arrive (section 11.3.6). */
  receive({ source, message }: MobilityPacket, now: number, progress = false): readonly MobilityPacket[] {
    if (!equalBytes(source, this.#settings.correspondent)) return [];
    switch (message.kind) {
      case 'HoT': {
        const valid = this.#context.state === 'Testing' && this.#home === undefined && message.homeInitCookie === this.#cookies.home;
        if (valid) this.#home = { index: message.homeNonceIndex, token: octetsOf(message.homeKeygenToken) };
        return this.#feed({ type: 'receiveHomeTest', valid }, now);
      }
      case 'CoT': {
        const valid = this.#context.state === 'Testing' && this.#careOf === undefined && message.careOfInitCookie === this.#cookies.careOf;
        if (valid) this.#careOf = { index: message.careOfNonceIndex, token: octetsOf(message.careOfKeygenToken) };
        return this.#feed({ type: 'receiveCareOfTest', valid }, now);
      }
      case 'BA':
        return this.#acknowledged(message, now);
      case 'BRR':
        return this.#feed({ type: 'receiveBindingRefreshRequest' }, now);
      case 'BE':
        if (message.status === BINDING_ERROR.unknownBinding) return this.#feed({ type: 'receiveBindingError', progress }, now);
        // Status 2: whoever does not know what was sent does not take part; unless nothing was asked (section 11.3.6).
        return this.#timers.has('retransmit') ? this.#feed({ type: 'receiveParameterProblem' }, now) : [];
      default:
        return [];
    }
  }

  /** Timers that are due. */
  tick(now: number): readonly MobilityPacket[] {
    const due = [...this.#timers].filter(([, at]) => at <= now).toSorted(([, a], [, b]) => a - b);
    return due.flatMap(([timer, at]) => {
      if (this.#timers.get(timer) !== at) return []; // an earlier one of them stopped it
      this.#timers.delete(timer);
      if (timer === 'retransmit') return this.#feed({ type: 'retransmit', again: this.#attempts <= MAX_RO_FAILURE }, now);
      return this.#feed({ type: timer === 'refresh' ? 'refreshDue' : 'lifetimeExpired' }, now);
    });
  }

  /** Section 11.7.3. */
  #acknowledged(message: BA, now: number): readonly MobilityPacket[] {
    const outstanding = this.#outstanding;
    const { status } = message;
    const isExpired = status >= BINDING_STATUS.expiredHomeNonceIndex && status <= BINDING_STATUS.expiredNonces;
    const isOutOfWindow = status === BINDING_STATUS.sequenceNumberOutOfWindow;
    // A 135 with a number that is less than ours answers what was sent before, or a copy of it: what is out now will be taken.
    const isMatching =
      outstanding !== undefined &&
      (isOutOfWindow ? !isGreater(outstanding.sequence, message.sequence) : message.sequence === outstanding.sequence);
    if (!isMatching || (!isExpired && !this.#isAuthentic(message, outstanding))) {
      return this.#feed({ type: 'receiveBindingAcknowledgement', verdict: 'ignored' }, now);
    }
    if (isOutOfWindow) this.#sequence = message.sequence;
    // The lifetime counts from when the Binding Update was sent.
    if (status < 128) this.#expires = outstanding.at + message.lifetime * UNIT;
    const refusal = isOutOfWindow ? 'sequence' : 'refused';
    const verdict = isExpired ? 'nonces' : refusal;
    return this.#feed({ type: 'receiveBindingAcknowledgement', verdict: status < 128 ? 'accepted' : verdict }, now);
  }

  #isAuthentic(message: BA, { kbm, careOfAddress }: Outstanding): boolean {
    const octets = encodeMobility(message);
    const at = authenticatorAt(octets);
    const { correspondent } = this.#settings;
    return at !== undefined && verifyAuthenticator(kbm, { careOfAddress, correspondent, message: octets, authenticatorAt: at });
  }

  #feed(event: CorrespondentRegistrationEvent, now: number): readonly MobilityPacket[] {
    const before = this.#context.state;
    const { actions } = step(correspondentRegistrationMachine, this.#context, event);
    // Tokens that the table has dropped are gone, and a new exchange counts its attempts anew.
    if (!this.#context.homeToken) this.#home = undefined;
    if (!this.#context.careOfToken) this.#careOf = undefined;
    if (before !== this.#context.state || event.type === 'move' || event.type === 'returnHome') this.#attempts = 0;
    const packets: MobilityPacket[] = [];
    for (const action of actions) {
      if (action.do === 'stop') this.#timers.delete(action.timer);
      else if (action.do === 'restart') this.#timers.set(action.timer, this.#timeOf(action.timer, now));
      else if (action.do === 'emit') packets.push(...this.#effect(action.effect, now));
    }
    return packets;
  }

  #timeOf(timer: CorrespondentRegistrationTimer, now: number): number {
    if (timer === 'retransmit') return now + bindingUpdateTimeout(this.#attempts);
    return timer === 'lifetime' ? this.#expires : now + (this.#expires - now) * 0.75;
  }

  #effect(effect: CorrespondentRegistrationEffect, now: number): readonly MobilityPacket[] {
    switch (effect) {
      case 'test':
        return this.#test(now);
      case 'update':
        return this.#update(now);
      case 'registered':
        this.#registered = this.#outstanding?.careOfAddress;
        this.#outstanding = undefined;
        return [];
      case 'removed':
        this.#registered = undefined;
        return [];
      default:
        return []; // the number was adopted where the acknowledgement was read
    }
  }

  /** New cookies each time (section 11.8), for the tokens that are missing. */
  #test(now: number): readonly MobilityPacket[] {
    const { homeAddress, random } = this.#settings;
    this.#attempts += 1;
    this.#outstanding = undefined;
    const packets: MobilityPacket[] = [];
    if (this.#home === undefined) {
      this.#cookies.home = u64(random(8), 0);
      packets.push(...this.#send(homeAddress, { kind: 'HoTI', homeInitCookie: this.#cookies.home, options: [] }, now));
    }
    if (this.#careOf === undefined && this.#context.wanted === 'binding') {
      this.#cookies.careOf = u64(random(8), 0);
      packets.push(...this.#send(this.#careOfAddress, { kind: 'CoTI', careOfInitCookie: this.#cookies.careOf, options: [] }, now));
    }
    return packets;
  }

  #update(now: number): readonly MobilityPacket[] {
    const { homeAddress, correspondent, remaining } = this.#settings;
    const lifetime = Math.max(1, Math.min(this.#settings.lifetime, remaining?.(now) ?? Infinity));
    const isDeletion = this.#context.wanted === 'deletion';
    const careOfAddress = this.#careOfAddress;
    this.#attempts += 1;
    this.#sequence = (this.#sequence + 1) % 0x1_0000;
    const kbm = bindingManagementKey(this.#home!.token, isDeletion ? undefined : this.#careOf!.token);
    const indices: NonceIndices = {
      kind: 'NonceIndices',
      homeNonceIndex: this.#home!.index,
      careOfNonceIndex: isDeletion ? 0 : this.#careOf!.index,
    };
    const head = { ...plainBindingUpdate, acknowledge: true, sequence: this.#sequence, lifetime: isDeletion ? 0 : lifetime };
    const blank = { kind: 'BindingAuthorizationData', authenticator: new Uint8Array(AUTHENTICATOR_OCTETS) } as const;
    const options = padded(fixedOctets('BU'), [indices, blank]);
    const message = encodeMobility({ ...head, options });
    const at = message.length - AUTHENTICATOR_OCTETS;
    const authenticator = authenticatorOf(kbm, { careOfAddress, correspondent, message, authenticatorAt: at });
    this.#outstanding = { sequence: this.#sequence, careOfAddress, kbm, at: now };
    step(correspondentRegistrationMachine, this.#context, { type: 'sendBindingUpdate', sequence: 'greater' });
    const away = equalBytes(careOfAddress, homeAddress) ? {} : { homeAddress };
    return this.#send(careOfAddress, { ...head, options: [...options.slice(0, -1), { ...blank, authenticator }] }, now, away);
  }

  /** No more than MAX_UPDATE_RATE of a kind within a second (section 11.8): what is too much is left to the next retransmission. */
  #send(
    source: Uint8Array,
    message: MobilityMessage,
    now: number,
    more: Pick<MobilityPacket, 'homeAddress'> = {},
  ): readonly MobilityPacket[] {
    if (!this.#rate.allows(message.kind, now)) return [];
    return [{ source, destination: this.#settings.correspondent, ...more, message }];
  }
}

const octetsOf = (value: bigint): Uint8Array => {
  const octets = new Uint8Array(8);
  setU64(octets, 0, value);
  return octets;
};
