/**
 * A correspondent node, RFC 6275 section 9: it answers Home and Care-of Test Init without keeping anything, holds the table of `binding.ts` for each home address
 * that has shown itself authorised, and routes by it. Pure: it is told what comes and when (ms), and gives back what is to be sent; chance comes from the caller.
 */
import { equalBytes, toHex, u64 } from '../../codecs/bytes.ts';
import {
  authenticatorAt,
  authenticatorOf,
  AUTHENTICATOR_OCTETS,
  BINDING_ERROR,
  BINDING_STATUS,
  bindingManagementKey,
  careOfKeygenToken,
  encodeMobility,
  fixedOctets,
  homeKeygenToken,
  padded,
  plainBindingAcknowledgement,
  verifyAuthenticator,
} from '../../codecs/mip6/index.ts';
import type { BU, NonceIndices } from '../../codecs/mip6/index.ts';
import { step } from '../machine.ts';
import { isUnicast, isUnicastRoutable } from './address.ts';
import { bindingMachine, newBindingContext } from './binding.ts';
import type { BindingContext, BindingEffect, BindingEvent, BindingState, BindingTimer, BindingUpdateVerdict } from './binding.ts';
import { MAX_NONCE_LIFETIME, Nonces } from './nonces.ts';
import type { MobilityPacket } from './packets.ts';
import { RateLimit } from './rate.ts';
import { isGreater } from './sequence.ts';

/** MAX_RR_BINDING_LIFETIME of section 12: no binding by return routability outlives it (section 5.2.6). In units of 4 s, as a Binding Update has it. */
const LONGEST = 420 / 4;
const UNIT = 4000;
/** Binding Errors within a second: section 9.3.3 wants a limit like that of ICMPv6 errors and leaves the number to the node. */
const ERRORS_PER_SECOND = 10;
/** Binding Refresh Requests for one binding (section 9.5.5 names no number), the first when a quarter of the lifetime is left. */
const REFRESH_REQUESTS = 3;

/** A binding: where a home address is, and until when. */
export interface Binding {
  readonly homeAddress: Uint8Array;
  readonly careOfAddress: Uint8Array;
  readonly sequence: number;
  /** In ms, on the clock of the caller. */
  readonly expires: number;
}

/** What a node is set up with. */
export interface CorrespondentSettings {
  /** Its address; its home address where it is mobile itself. */
  readonly address: Uint8Array;
  /** So many octets that nobody can guess: whoever can guess them can bind. */
  readonly random: (octets: number) => Uint8Array;
  /** Whether a home address is registered here with a home agent's binding (section 9.5.1: status 139 without H); never when left out. */
  readonly isHomeRegistration?: (homeAddress: Uint8Array) => boolean;
  /** Home addresses that it holds something of at most; more are refused with status 130 (section 9.5.2). 1,024 when left out. */
  readonly capacity?: number;
}

interface Entry {
  readonly key: string;
  readonly homeAddress: Uint8Array;
  readonly context: BindingContext;
  readonly timers: Map<BindingTimer, number>;
  careOfAddress: Uint8Array;
  sequence: number;
  /** The newest nonce that had been given out when the binding went. */
  generation: number;
  /** Binding Updates made with this nonce and those before it alone are refused: what came after them has begun to count anew. */
  floor: number;
  /** The nonces up to this one have authorised a binding that is gone: they delete, but bind no more. */
  spent: number;
  lifetime: number;
  inUse: boolean;
  requests: number;
}

/** What was made of a Binding Update. */
interface Judged {
  readonly verdict: BindingUpdateVerdict;
  readonly status: number;
  /** Undefined where no authenticator can or must be made. */
  readonly kbm?: Uint8Array;
}

/**
 * One node.
 *
 * @example
 * const node = new CorrespondentNode({ address, random });
 * node.receive({ source: homeAddress, destination: address, message: homeTestInit }, now); // [ the Home Test ]
 * node.routeTo(homeAddress); // its care-of address, once a Binding Update has been authorised
 */
export class CorrespondentNode {
  readonly #settings: CorrespondentSettings;
  readonly #nonces: Nonces;
  readonly #entries = new Map<string, Entry>();
  readonly #errors = new RateLimit(ERRORS_PER_SECOND);

  constructor(settings: CorrespondentSettings) {
    this.#settings = settings;
    this.#nonces = new Nonces(settings.random);
  }

  /** All bindings. */
  get bindings(): readonly Binding[] {
    return [...this.#entries.values()].filter(isBound).map(({ homeAddress, careOfAddress, sequence, timers }) => ({
      homeAddress,
      careOfAddress,
      sequence,
      expires: timers.get('lifetime')!,
    }));
  }

  /** What it holds of a home address. */
  stateOf(homeAddress: Uint8Array): BindingState {
    return this.#entries.get(toHex(homeAddress))?.context.state ?? 'Unbound';
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    let next: number | undefined;
    for (const { timers } of this.#entries.values()) for (const at of timers.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  /** The care-of address by which a packet is to travel, in a type 2 routing header with the home address; undefined where it goes as it is (section 9.3.2). */
  routeTo(homeAddress: Uint8Array): Uint8Array | undefined {
    const entry = this.#entries.get(toHex(homeAddress));
    if (entry === undefined || !isBound(entry)) return undefined;
    entry.inUse = true;
    return entry.careOfAddress;
  }

  /** A mobility message came; its checksum is right. What is to be sent for it. */
  receive(packet: MobilityPacket, now: number): readonly MobilityPacket[] {
    const { source, homeAddress, message } = packet;
    const { address } = this.#settings;
    switch (message.kind) {
      case 'HoTI': {
        if (homeAddress !== undefined) return [];
        const { kcn, nonce, index } = this.#nonces.current(now);
        const { homeInitCookie } = message;
        const homeToken = u64(homeKeygenToken(kcn, source, nonce), 0);
        return [
          {
            source: address,
            destination: source,
            message: { kind: 'HoT', homeNonceIndex: index, homeInitCookie, homeKeygenToken: homeToken, options: [] },
          },
        ];
      }
      case 'CoTI': {
        if (homeAddress !== undefined) return [];
        const { kcn, nonce, index } = this.#nonces.current(now);
        const { careOfInitCookie } = message;
        const careOfToken = u64(careOfKeygenToken(kcn, source, nonce), 0);
        return [
          {
            source: address,
            destination: source,
            message: { kind: 'CoT', careOfNonceIndex: index, careOfInitCookie, careOfKeygenToken: careOfToken, options: [] },
          },
        ];
      }
      case 'BU':
        return this.#update(packet, message, now);
      case 'Unknown':
        return this.#error(BINDING_ERROR.unrecognizedMobilityHeaderType, packet, now);
      default:
        return [];
    }
  }

  /**
   * A packet with a Home Address option came that carries neither ESP, AH nor a Mobility Header: whether it is to be delivered, and what is to be sent if not
   * (section 9.3.1).
   */
  receiveFrom(
    source: Uint8Array,
    homeAddress: Uint8Array,
    now: number,
  ): { readonly deliver: boolean; readonly packets: readonly MobilityPacket[] } {
    if (!isUnicastRoutable(homeAddress)) return { deliver: false, packets: [] };
    const entry = this.#entries.get(toHex(homeAddress));
    const event: BindingEvent = {
      type: 'receiveHomeAddressOption',
      source: entry !== undefined && equalBytes(entry.careOfAddress, source) ? 'careOfAddress' : 'other',
    };
    const { actions } = step(bindingMachine, entry?.context ?? newBindingContext(), event);
    const isDropped = actions.some((action) => action.do === 'emit' && action.effect === 'bindingError');
    return { deliver: !isDropped, packets: isDropped ? this.#error(BINDING_ERROR.unknownBinding, { source, homeAddress }, now) : [] };
  }

  /** Packets to a care-of address come back as unreachable, persistently: the caller decides what is persistent (section 9.3.4). */
  unreachable(homeAddress: Uint8Array, now: number): void {
    const entry = this.#entries.get(toHex(homeAddress));
    if (entry !== undefined) this.#feed(entry, { type: 'receiveUnreachable' }, now);
  }

  /** Timers that are due. */
  tick(now: number): readonly MobilityPacket[] {
    const due = [...this.#entries.values()]
      .flatMap((entry) => [...entry.timers].map(([timer, at]) => ({ entry, timer, at })))
      .filter(({ at }) => at <= now)
      .toSorted((a, b) => a.at - b.at);
    return due.flatMap(({ entry, timer, at }) => {
      if (entry.timers.get(timer) !== at) return []; // an earlier one of them stopped it
      entry.timers.delete(timer);
      return this.#feed(entry, timerEvent(entry, timer), now);
    });
  }

  #update(packet: MobilityPacket, update: BU, now: number): readonly MobilityPacket[] {
    const homeAddress = packet.homeAddress ?? packet.source;
    const careOfAddress = careOfAddressOf(packet, update);
    const key = toHex(homeAddress);
    const known = this.#entries.get(key);
    const entry = known ?? newEntry(key, homeAddress, careOfAddress);
    const judged = this.#judge(packet, update, homeAddress, careOfAddress, known, now);
    const { verdict } = judged;
    if (verdict === 'accepted') {
      // A number that begins anew must not let in what was sent before it (section 5.2.8 lets a node give up nonces early).
      if (known !== undefined && !isGreater(update.sequence, known.sequence)) entry.floor = known.generation;
      Object.assign(entry, { careOfAddress, sequence: update.sequence, generation: this.#nonces.generation });
      entry.lifetime = Math.min(update.lifetime, LONGEST);
      this.#entries.set(key, entry);
    }
    const asks = update.lifetime === 0 ? 'delete' : 'cache';
    return this.#feed(entry, { type: 'receiveBindingUpdate', verdict, asks, acknowledge: update.acknowledge }, now, () => [
      this.#acknowledgement(packet, update, entry, judged),
    ]);
  }

  /** Section 9.5.1, what needs no authorisation first: nobody learns from us a sequence number that he could not have sent himself. */
  #judge(
    packet: MobilityPacket,
    update: BU,
    homeAddress: Uint8Array,
    careOfAddress: Uint8Array,
    known: Entry | undefined,
    now: number,
  ): Judged {
    const discarded: Judged = { verdict: 'discarded', status: 0 };
    // Only what can be answered is looked at: section 9.5.4 for the source, 9.5.1 for the home address, 6.1.7 for the care-of address.
    if (![packet.source, homeAddress, careOfAddress].every(isUnicastRoutable)) return discarded;
    const indices = update.options?.find((option): option is NonceIndices => option.kind === 'NonceIndices');
    if (update.homeRegistration) {
      if (indices !== undefined) return discarded;
      return known !== undefined && isBound(known)
        ? { verdict: 'typeChange', status: BINDING_STATUS.registrationTypeChangeDisallowed }
        : { verdict: 'homeRegistration', status: BINDING_STATUS.homeRegistrationNotSupported };
    }
    const octets = encodeMobility(update);
    const at = authenticatorAt(octets);
    if (indices === undefined || at === undefined || update.options?.at(-1)?.kind !== 'BindingAuthorizationData') return discarded;
    const isDeletion = update.lifetime === 0;
    const home = this.#nonces.find(indices.homeNonceIndex, now);
    const careOf = this.#nonces.find(indices.careOfNonceIndex, now);
    if (home === undefined || (careOf === undefined && !isDeletion)) {
      if (home !== undefined) return { verdict: 'nonces', status: BINDING_STATUS.expiredCareOfNonceIndex };
      const both = careOf === undefined && !isDeletion;
      return { verdict: 'nonces', status: both ? BINDING_STATUS.expiredNonces : BINDING_STATUS.expiredHomeNonceIndex };
    }
    const homeToken = homeKeygenToken(home.kcn, homeAddress, home.nonce);
    const careOfToken = isDeletion || careOf === undefined ? undefined : careOfKeygenToken(careOf.kcn, careOfAddress, careOf.nonce);
    const kbm = bindingManagementKey(homeToken, careOfToken);
    const { address } = this.#settings;
    if (!verifyAuthenticator(kbm, { careOfAddress, correspondent: address, message: octets, authenticatorAt: at })) return discarded;
    if (this.#settings.isHomeRegistration?.(homeAddress) === true)
      return { verdict: 'typeChange', status: BINDING_STATUS.registrationTypeChangeDisallowed, kbm };
    if (known !== undefined) {
      const newest = Math.max(home.generation, careOfToken === undefined ? 0 : careOf!.generation);
      if (newest <= known.floor)
        return { verdict: 'nonces', status: isDeletion ? BINDING_STATUS.expiredHomeNonceIndex : BINDING_STATUS.expiredNonces };
      // Of a binding that is gone the number binds only what can have been sent before it went (binding.ts).
      const counts = isBound(known) || newest <= known.generation;
      if (counts && !isGreater(update.sequence, known.sequence))
        return { verdict: 'sequence', status: BINDING_STATUS.sequenceNumberOutOfWindow, kbm };
      if (!isDeletion && newest <= known.spent) return { verdict: 'nonces', status: BINDING_STATUS.expiredNonces };
    } else if (this.#entries.size >= (this.#settings.capacity ?? 1024)) {
      return { verdict: 'resources', status: BINDING_STATUS.insufficientResources, kbm };
    }
    return { verdict: 'accepted', status: BINDING_STATUS.accepted, kbm };
  }

  /** Section 9.5.4: to where the Binding Update came from, through a routing header if that was not the home address. */
  #acknowledgement(packet: MobilityPacket, update: BU, entry: Entry, { verdict, status, kbm }: Judged): MobilityPacket {
    const { address } = this.#settings;
    const head = {
      ...plainBindingAcknowledgement,
      status,
      sequence: verdict === 'sequence' ? entry.sequence : update.sequence,
      lifetime: verdict === 'accepted' ? entry.lifetime : 0,
    };
    const blank = { kind: 'BindingAuthorizationData', authenticator: new Uint8Array(AUTHENTICATOR_OCTETS) } as const;
    let options = padded(fixedOctets('BA'), kbm === undefined ? [] : [blank]);
    if (kbm !== undefined) {
      const octets = encodeMobility({ ...head, options });
      const authorized = {
        careOfAddress: careOfAddressOf(packet, update),
        correspondent: address,
        message: octets,
        authenticatorAt: octets.length - AUTHENTICATOR_OCTETS,
      };
      const authenticator = authenticatorOf(kbm, authorized);
      options = [...options.slice(0, -1), { kind: 'BindingAuthorizationData', authenticator }];
    }
    step(bindingMachine, entry.context, {
      type: 'sendBindingAcknowledgement',
      status: update.homeRegistration ? 'homeRegistration' : verdict === 'nonces' ? 'expiredNonces' : 'other',
      authorized: kbm !== undefined,
    });
    return {
      source: address,
      destination: packet.source,
      ...(packet.homeAddress !== undefined && { routingHeader: packet.homeAddress }),
      message: { ...head, options },
    };
  }

  /** Section 9.3.3: to the source of what offended, unless that is no unicast address. */
  #error(status: number, { source, homeAddress }: Pick<MobilityPacket, 'source' | 'homeAddress'>, now: number): readonly MobilityPacket[] {
    if (!isUnicast(source)) return [];
    if (!this.#errors.allows('BE', now)) return [];
    const { address } = this.#settings;
    return [
      {
        source: address,
        destination: source,
        message: { kind: 'BE', status, homeAddress: homeAddress ?? new Uint8Array(16), options: [] },
      },
    ];
  }

  #feed(
    entry: Entry,
    event: BindingEvent,
    now: number,
    acknowledge: () => readonly MobilityPacket[] = () => [],
  ): readonly MobilityPacket[] {
    const { actions } = step(bindingMachine, entry.context, event);
    const packets: MobilityPacket[] = [];
    for (const action of actions) {
      if (action.do === 'stop') entry.timers.delete(action.timer);
      else if (action.do === 'start' || action.do === 'restart') entry.timers.set(action.timer, now + timeOf(entry, action.timer));
      else if (action.do === 'emit') packets.push(...this.#effect(entry, action.effect, acknowledge));
    }
    return packets;
  }

  #effect(entry: Entry, effect: BindingEffect, acknowledge: () => readonly MobilityPacket[]): readonly MobilityPacket[] {
    switch (effect) {
      case 'acknowledge':
        return acknowledge();
      case 'cache':
        Object.assign(entry, { inUse: false, requests: 0 });
        return [];
      case 'remember':
        entry.generation = this.#nonces.generation;
        // The nonces of a binding that is gone authorise no other (section 9.5.3).
        if (this.#nonces.renew()) entry.spent = entry.generation;
        return [];
      case 'forget':
        this.#entries.delete(entry.key);
        return [];
      case 'refreshRequest':
        entry.requests += 1;
        return [{ source: this.#settings.address, destination: entry.homeAddress, message: { kind: 'BRR', options: [] } }];
      default:
        return [];
    }
  }
}

const newEntry = (key: string, homeAddress: Uint8Array, careOfAddress: Uint8Array): Entry => ({
  key,
  homeAddress,
  context: newBindingContext(),
  timers: new Map(),
  careOfAddress,
  sequence: 0,
  generation: 0,
  floor: 0,
  spent: 0,
  lifetime: 0,
  inUse: false,
  requests: 0,
});

const isBound = ({ context: { state } }: Entry): boolean => state === 'Bound' || state === 'Refreshing';

/** In ms from the event that starts it. */
const timeOf = ({ lifetime, context: { state } }: Entry, timer: BindingTimer): number => {
  if (timer === 'memory') return MAX_NONCE_LIFETIME;
  if (timer === 'lifetime') return lifetime * UNIT;
  return lifetime * UNIT * (state === 'Refreshing' ? 1 / 16 : 3 / 4);
};

const timerEvent = ({ context: { state }, inUse, requests }: Entry, timer: BindingTimer): BindingEvent => {
  if (timer === 'memory') return { type: 'nonceLifetimeExpired' };
  if (timer === 'lifetime') return { type: 'lifetimeExpired' };
  return state === 'Refreshing' ? { type: 'refreshUnanswered', again: requests < REFRESH_REQUESTS } : { type: 'refreshDue', inUse };
};

/** The care-of address that a Binding Update registers: that of the Alternate Care-of Address option, else the source of its packet. */
export const careOfAddressOf = ({ source }: MobilityPacket, { options = [] }: BU): Uint8Array => {
  const alternate = options.find((option) => option.kind === 'AlternateCareOfAddress');
  return alternate?.kind === 'AlternateCareOfAddress' ? alternate.alternateCareOfAddress : source;
};
