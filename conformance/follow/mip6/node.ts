/** A mobile node as a capture shows it: its home address, where it was, what it registered with whom, and which bindings that made (RFC 6275 sections 9.1, 10.1, 11.1). */
import type { BA, BU } from '../../../codecs/mip6/index.ts';
import type { BindingReport, Mip6Conversation } from '../../report/report.ts';
import { Ledger } from '../evidence.ts';
import type { Finding } from '../evidence.ts';
import type { Authorization } from './authorization.ts';
import type { Address } from './sight.ts';
import { push } from './testing.ts';

/** A Binding Update. */
export interface Update {
  readonly frame: number;
  readonly time: number;
  readonly message: BU;
  /** Where it was sent from, by its IPv6 header. */
  readonly source: Address;
  /** That of the Alternate Care-of Address option, else its source. */
  readonly careOf: Address;
  /** Whether it takes a binding back: a lifetime of 0, or the home address as care-of address. */
  readonly deletes: boolean;
  readonly authorization: Authorization;
  /** The Binding Update to the same node that was captured before it. */
  readonly before: { readonly frame: number; readonly time: number; readonly message: BU; readonly careOf: Address } | undefined;
  /** Transmissions of the same registration without an answer before this one, and the time since the last of them, in ms. */
  readonly attempt: number;
  readonly interval: number | undefined;
  /** The interval that the one before had. */
  readonly intervalBefore: number | undefined;
  /** The Binding Acknowledgement that was captured for it. */
  answer: { readonly frame: number; readonly time: number; readonly message: BA } | undefined;
}

/** A binding of the mobile node, at its home agent or a correspondent. */
export interface Binding {
  readonly careOf: Address;
  readonly isHome: boolean;
  readonly sequence: number;
  /** As granted, in ms. */
  readonly lifetime: number;
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

/** The home agent or a correspondent of a mobile node. */
export class Peer {
  readonly address: Address;
  readonly updates: Update[] = [];
  /** The binding that stands; undefined where there is none, or none is known. */
  binding: Binding | undefined;
  /** When and in which frame the last binding was taken back, as acknowledged. */
  deleted: { readonly frame: number; readonly time: number } | undefined;
  /** The care-of address of the binding before this one, and until when it stood, in ms. */
  former: { readonly careOf: Address; readonly until: number } | undefined;
  /** The last Sequence Number that was accepted. */
  accepted: number | undefined;
  /** Binding Refresh Requests since the last Binding Update: how many, and when the last was. */
  refresh = { count: 0, time: 0 };
  /** The last Binding Error from there. */
  error: { readonly frame: number; readonly time: number; readonly status: number } | undefined;
  /** Whether anything came from there. */
  heard = false;

  constructor(address: Address) {
    this.address = address;
  }
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
  homeAgent: Address | undefined;
  /** The care-of address that was registered with the home agent last, or is being. */
  careOf: Address | undefined;
  /** The last Mobile Prefix Advertisement that was sent to it. */
  advertised: { readonly frame: number; readonly time: number } | undefined;
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

  /** It was seen at this address. */
  movedTo(address: Address, frame: number): void {
    this.careOf = address;
    if (address !== this.#careOfs.at(-1)?.address && this.#careOfs.length < LISTED) this.#careOfs.push({ address, fromFrame: frame });
  }

  /** Remembers a Binding Update. */
  updated(peer: Peer, update: Update): void {
    push(peer.updates, update, UPDATES);
    peer.refresh = { count: 0, time: 0 };
  }

  /** A binding stands from now on. */
  bound(peer: Peer, binding: Omit<Binding, 'report'>): void {
    const { careOf, isHome, sequence, lifetime, frame, time } = binding;
    const report = {
      at: peer.address,
      kind: isHome ? ('home' as const) : ('correspondent' as const),
      careOfAddress: careOf,
      sequence,
      lifetime: lifetime / 1000,
      fromFrame: frame,
      untilFrame: null,
    };
    if (peer.binding !== undefined) this.unbound(peer, frame, time);
    if (this.#bindings.length < LISTED) this.#bindings.push(report);
    peer.binding = { ...binding, report };
    peer.deleted = undefined;
    if (isHome) this.homeAgent = peer.address;
  }

  /** The binding stands no more. */
  unbound(peer: Peer, frame: number, time: number): void {
    const { binding } = peer;
    if (binding === undefined) return;
    binding.report.untilFrame = frame;
    peer.former = { careOf: binding.careOf, until: time };
    peer.binding = undefined;
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
