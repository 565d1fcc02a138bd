/** A mobile node as a capture shows it: its home address, where it was, what it registered with whom, and which bindings that made (RFC 6275 sections 9.1, 10.1, 11.1). */
import type { BA, BU } from '../../../codecs/mip6/index.ts';
import type { BindingReport, Mip6Conversation } from '../../report/report.ts';
import { Ledger } from '../evidence.ts';
import type { Finding } from '../evidence.ts';
import type { Authorization, Keys } from './authorization.ts';
import type { Address } from './sight.ts';
import { push } from './testing.ts';
import type { Fault } from './testing.ts';

/** A Binding Update. */
export interface Update {
  readonly frame: number;
  readonly time: number;
  readonly message: BU;
  readonly octets: Uint8Array;
  /** Where it was sent from, by its IPv6 header. */
  readonly source: Address;
  /** Whether it has a Home Address option. */
  readonly hasHomeAddress: boolean;
  /** That of the Alternate Care-of Address option, else its source. */
  readonly careOf: Address;
  /** Whether it takes a binding back: a lifetime of 0, or the home address as care-of address. */
  readonly deletes: boolean;
  readonly authorization: Authorization;
  readonly fault: Fault | undefined;
  /** The Binding Update to the same node that was captured before it. */
  readonly before: Pick<Update, 'frame' | 'time' | 'message' | 'octets' | 'careOf'> | undefined;
  /** How often the mobile node was seen to have moved, this move included. */
  moves: number;
  /** Transmissions of the same registration without an answer before this one, and the time since the last of them, in ms. */
  readonly attempt: number;
  readonly interval: number | undefined;
  /** The interval that the one before had. */
  readonly intervalBefore: number | undefined;
  /** The time since the first of them, in ms. */
  readonly elapsed: number;
  /** Whether it was accepted by an acknowledgement that does not verify with the tokens that it rests on either, which are old: both may have newer ones. */
  hasOtherTokens: boolean;
  /** Whether a missing answer was already judged. */
  settled: boolean;
  /** Whether it was given up without an answer. */
  abandoned: boolean;
  /** The Binding Acknowledgement that was captured for it. */
  answer:
    | {
        readonly frame: number;
        readonly time: number;
        readonly message: BA;
        /** The last Sequence Number that was known to be accepted before it. */
        readonly accepted: number | undefined;
      }
    | undefined;
}

/** A binding of the mobile node, at its home agent or a correspondent. */
export interface Binding {
  readonly careOf: Address;
  readonly isHome: boolean;
  readonly sequence: number;
  /** As granted, in ms. */
  readonly lifetime: number;
  /** Its Binding Identification number, where it is one of several (RFC 5648). */
  readonly bindingId: number | undefined;
  /** The frame that shows it, and when. */
  readonly frame: number;
  readonly time: number;
  /** The update that made it. */
  readonly update: Update | undefined;
  /** What the report says of it. */
  readonly report: { -readonly [K in keyof BindingReport]: BindingReport[K] };
}

/** Lists of one mobile node and one peer are this long, those of its report that long. */
const UPDATES = 4;
const LISTED = 1000;
/** Bindings of one mobile node at one peer, at a time. */
const IDENTIFIED = 64;
/** A home agent that did not answer for so long, in ms, was given up. */
const TRIED = 30_000;

/** The home agent or a correspondent of a mobile node. */
export class Peer {
  readonly address: Address;
  readonly updates: Update[] = [];
  /** The binding that stands; undefined where there is none, or none is known. Of several, the last one. */
  binding: Binding | undefined;
  /** All of several, by their Binding Identification numbers (RFC 5648). */
  readonly identified = new Map<number, Binding>();
  /** When and in which frame the last binding was taken back, as acknowledged. */
  deleted: { readonly frame: number; readonly time: number } | undefined;
  /** The care-of address of the binding before this one, and until when it stood, in ms. */
  former: { readonly careOf: Address; readonly until: number } | undefined;
  /** The last Sequence Number that was accepted. */
  accepted: number | undefined;
  /** The tokens that authorised the binding that was taken back last. */
  spent: Keys | undefined;
  /** When the last Binding Refresh Requests came, in ms, the newest last. */
  readonly refreshes: number[] = [];
  /** When the last Binding Errors came. */
  readonly errors: number[] = [];
  /** The Binding Error by which it told that it has no binding, until it accepts one again. */
  lost: { readonly frame: number; readonly time: number } | undefined;
  /** Packets with a Home Address option that went there without a binding, since the last Binding Error, and when the first of them did. */
  unbound = { count: 0, time: 0, frame: 0 };
  /** An Echo Request among them. */
  echo: { readonly frame: number; readonly key: string } | undefined;
  /** When an ICMPv6 error told that it does not know Mobile IPv6. */
  unsupported: { readonly frame: number; readonly time: number } | undefined;
  /** The last Binding Error from there. */
  error: { readonly frame: number; readonly time: number; readonly status: number } | undefined;
  /** Whether payload with a Home Address option was captured on its way there. */
  sendsDirectly = false;
  /** When the mobile node, away from home, last sent payload there by another way than its binding has. */
  avoided: number | undefined;
  /** Whether anything came from there. */
  heard = false;

  constructor(address: Address) {
    this.address = address;
  }

  /** Whether a binding stands for this care-of address. */
  hasBindingOf(careOf: Address): boolean {
    return this.binding?.careOf === careOf || [...this.identified.values()].some((each) => each.careOf === careOf);
  }
}

/** The home agents that a Home Agent Address Discovery Reply told of. */
export interface Discovery {
  readonly frame: number;
  readonly addresses: readonly Address[];
  readonly tried: Address[];
}

/** A finding that holds only where the capture misses nothing: decided at its end. */
export interface Held {
  readonly slot: number;
  readonly host: 0 | 1;
  readonly frame: number;
  readonly finding: Finding;
}

/** A mobile node. */
export class MobileNode {
  readonly home: Address;
  readonly ledger = new Ledger();
  /** By address; so many at most, the one not used for longest is forgotten first. */
  readonly peers = new Map<Address, Peer>();
  readonly held: Held[] = [];
  /** Whether it registers as a mobile router (RFC 3963). */
  isRouter = false;
  /** Whether a Home Address option or a type 2 routing header named it, so that it is known to be a home address. */
  isNamed = false;
  homeAgent: Address | undefined;
  /** The care-of address that was registered with the home agent last, or is being. */
  careOf: Address | undefined;
  /** How often it was seen to have moved. */
  moves = 0;
  /** The last Mobile Prefix Advertisement that was sent to it. */
  advertised: { readonly frame: number; readonly time: number; readonly isLate: boolean } | undefined;
  /** The last Duplicate Address Detection for its home address, and the advertisement of somebody else that has it. */
  probe: { readonly frame: number; readonly time: number } | undefined;
  defended: { readonly frame: number; readonly time: number } | undefined;
  /** The last multicast advertisement by which its home agent, or itself at home, spoke for its home address. */
  announced: { readonly frame: number; readonly time: number; readonly by: 'home agent' | 'mobile node' } | undefined;
  /** The last Neighbor Solicitation for its home address, and how many came in a row without an answer. */
  solicited: { readonly frame: number; readonly time: number; readonly source: Address; readonly count: number } | undefined;
  /** The link-layer address that its home agent gave for it. */
  proxy: Uint8Array | undefined;
  /** Whether its home agent sent a membership query through the tunnel. */
  queried = false;
  /** The home agents of the last Home Agent Address Discovery Reply, and which of them were tried since. */
  discovered: Discovery | undefined;
  /** Mobile Prefix Advertisements that it did not ask for, since it last asked. */
  unsolicited:
    | { readonly attempt: number; readonly time: number; readonly interval: number | undefined; readonly identifier: number }
    | undefined;
  /** Its home prefix, as the last Mobile Prefix Advertisement has it. Lifetimes in seconds. */
  prefix: { readonly validLifetime: number; readonly preferredLifetime: number; readonly time: number } | undefined;
  /** The first frame that showed it. */
  readonly frame: number;
  readonly #careOfs: Mip6Conversation['careOfAddresses'][number][] = [];
  readonly #bindings: Binding['report'][] = [];

  constructor(home: Address, frame: number) {
    this.home = home;
    this.frame = frame;
  }

  /** The peer with this address. */
  peer(address: Address, most = 32): Peer {
    const peer = this.peers.get(address) ?? new Peer(address);
    this.peers.delete(address);
    this.peers.set(address, peer);
    for (const [oldest] of this.peers) {
      if (this.peers.size <= most) break;
      if (oldest !== this.homeAgent) this.peers.delete(oldest);
    }
    return peer;
  }

  /** Its home agent, as far as it is known. */
  get atHomeAgent(): Peer | undefined {
    return this.homeAgent === undefined ? undefined : this.peers.get(this.homeAgent);
  }

  /** The last home registration, of the half minute before `time`, with another home agent than `agent` that was not answered. */
  triedBefore(agent: Address, time: number): Update | undefined {
    const others = [...this.peers.values()].filter(({ address }) => address !== agent).map(({ updates }) => updates.at(-1));
    return others.find(
      (update) => update?.message.homeRegistration === true && !update.deletes && update.answer === undefined && time - update.time < TRIED,
    );
  }

  /** The acknowledgement that granted a home registration of late, and how long ago that was, in ms. */
  granted(agent: Address, time: number): { readonly message: BA; readonly frame: number; readonly age: number } | undefined {
    const peer = this.peers.get(agent);
    const update = peer?.updates.findLast(({ answer, message }) => answer !== undefined && message.homeRegistration);
    const answer = update?.answer;
    if (answer === undefined || update?.deletes !== false || answer.message.status >= 128) return undefined;
    const age = time - answer.time;
    return age < 5000 ? { message: answer.message, frame: answer.frame, age } : undefined;
  }

  /** It was seen at this address. */
  movedTo(address: Address, frame: number): void {
    if (this.careOf !== address) this.moves += 1;
    this.careOf = address;
    if (address !== this.#careOfs.at(-1)?.address && this.#careOfs.length < LISTED) this.#careOfs.push({ address, fromFrame: frame });
  }

  /** It is at home. */
  cameHome(): void {
    if (this.careOf !== undefined) this.moves += 1;
    this.careOf = undefined;
  }

  /** The addresses that it was seen to have. */
  get places(): readonly Address[] {
    return [this.home, ...new Set(this.#careOfs.map(({ address }) => address))];
  }

  /** Remembers a Binding Update. */
  updated(peer: Peer, update: Update): void {
    push(peer.updates, update, UPDATES);
  }

  /** A binding stands from now on. */
  bound(peer: Peer, binding: Omit<Binding, 'report'>): void {
    const { careOf, isHome, sequence, lifetime, frame, time, bindingId } = binding;
    const report = {
      at: peer.address,
      kind: isHome ? ('home' as const) : ('correspondent' as const),
      careOfAddress: careOf,
      sequence,
      lifetime: lifetime / 1000,
      fromFrame: frame,
      untilFrame: null,
    };
    // One with a number replaces the one with the same number, or the one that has none.
    if (bindingId === undefined || peer.binding?.bindingId === undefined) this.unbound(peer, frame, time);
    else this.unbound(peer, frame, time, bindingId);
    if (this.#bindings.length < LISTED) this.#bindings.push(report);
    peer.binding = { ...binding, report };
    if (bindingId !== undefined && peer.identified.size < IDENTIFIED) peer.identified.set(bindingId, peer.binding);
    peer.deleted = undefined;
    if (isHome) this.homeAgent = peer.address;
  }

  /** The binding stands no more; of several the one with this number, or all of them. */
  unbound(peer: Peer, frame: number, time: number, bindingId?: number): void {
    const all = new Set([...peer.identified.values(), ...(peer.binding === undefined ? [] : [peer.binding])]);
    for (const binding of all) {
      if (bindingId !== undefined && binding.bindingId !== bindingId) continue;
      binding.report.untilFrame = frame;
      peer.former = { careOf: binding.careOf, until: time };
      if (binding.bindingId !== undefined) peer.identified.delete(binding.bindingId);
      if (binding === peer.binding) peer.binding = undefined;
    }
    peer.binding ??= [...peer.identified.values()].at(-1);
  }

  /** Whether it ever had an answer. */
  get isAnswered(): boolean {
    return this.#bindings.length > 0 || [...this.peers.values()].some(({ heard }) => heard);
  }

  conversation(id: string): Mip6Conversation {
    return {
      id,
      protocol: 'mip6',
      homeAddress: this.home,
      careOfAddresses: this.#careOfs,
      homeAgent: this.homeAgent ?? null,
      bindings: this.#bindings,
    };
  }
}
