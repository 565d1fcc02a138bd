/** The history of Mobile IPv6 that checks read: the events of a capture, in their order, and what each brings along. */
import type { DecodeError } from '../../../codecs/decoded.ts';
import type {
  BA,
  BE,
  BRR,
  BU,
  CoT,
  CoTI,
  HaadReply,
  HaadRequest,
  HoT,
  HoTI,
  MobilePrefixAdvertisement,
  MobilePrefixSolicitation,
  MobilityMessage,
  RouterAdvertisement,
  UnknownMobilityMessage,
} from '../../../codecs/mip6/index.ts';
import type { Icmpv6, Ipv6 } from '../../../codecs/packet/index.ts';
import { checksOver } from '../check.ts';
import type { AnyCheckOf } from '../check.ts';
import type { Finding } from '../evidence.ts';
import type { Authorization } from './authorization.ts';
import type { Network } from './network.ts';
import type { Binding, MobileNode, Peer, Update } from './node.ts';
import type { Address, Sight } from './sight.ts';
import type { Init, Testing, Token } from './testing.ts';

/** Where a check stands. */
export interface Here {
  readonly sight: Sight;
  /** The mobile node whose conversation it is; undefined where the packet belongs to none that is known. */
  readonly node: MobileNode | undefined;
  /** Whether the mobile node sent the packet. */
  readonly isFromMobile: boolean;
  /** What the links are known to be like. */
  readonly network: Network;
  /** The mobile node that has this care-of address now, other than the one of the conversation. */
  readonly movedTo: (address: Address) => MobileNode | undefined;
  /** Whether the mobile node of the conversation was seen at this address: its home address, or a care-of address. */
  readonly isPlaceOf: (address: Address) => boolean;
  /** Whether the capture was taken at the host with this address. */
  readonly isAt: (address: Address) => boolean;
  /** Whether what goes to this address is known to arrive: the capture was taken there, or on its link. */
  readonly arrivesAt: (address: Address) => boolean;
}

/** A message of the Mobility Header and its octets. Both may be kept. */
export interface Mobility<M extends MobilityMessage = MobilityMessage> {
  readonly message: M;
  readonly octets: Uint8Array;
}

/** An ICMPv6 message of Mobile IPv6 and its octets. */
export interface MobileIcmp<M> {
  readonly message: M;
  readonly octets: Uint8Array;
}

/** An answer to a Mobile Prefix Solicitation or a Home Agent Address Discovery Request. */
export interface Question {
  readonly frame: number;
  readonly time: number;
  readonly identifier: number;
  readonly source: Address;
  readonly destination: Address;
  /** Transmissions without an answer before it, and the time since the one before. */
  readonly attempt: number;
  readonly interval: number | undefined;
  readonly intervalBefore: number | undefined;
  isAnswered: boolean;
}

/** A Test Init with the same cookie from another address. */
export interface Elsewhere {
  readonly frame: number;
  readonly from: Address;
}

/** A packet that a Binding Error may answer. */
export interface Offence {
  readonly frame: number;
  readonly time: number;
  /** That of its Home Address option. */
  readonly home: Address | undefined;
  /** Its MH Type, where that is unknown. */
  readonly unknownType: number | undefined;
}

/** Every event. */
export interface History {
  /** A packet with a Home Address option or a type 2 routing header, whatever it carries. Fired once for each mobile node that it names. */
  readonly addressed: { readonly packet: Ipv6 };
  /** A message of the Mobility Header of any kind, before the event of its own kind. */
  readonly mobility: Mobility;
  /** A packet that came through a tunnel to or from where the mobile node is. */
  readonly carried: {
    readonly tunnel: { readonly source: Address; readonly destination: Address };
    /** What it carries: a message of the Mobility Header by its kind, or another payload. */
    readonly kind: MobilityMessage['kind'] | undefined;
  };
  /** A Mobility Header that does not decode. */
  readonly malformed: { readonly octets: Uint8Array; readonly error: DecodeError };
  readonly BRR: Mobility<BRR> & { readonly peer: Peer };
  readonly HoTI: Mobility<HoTI> & { readonly init: Init; readonly testing: Testing };
  readonly CoTI: Mobility<CoTI> & { readonly init: Init; readonly testing: Testing };
  /** `elsewhere`: where its cookie was sent from to the same correspondent, if that was another address. */
  readonly HoT: Mobility<HoT> & { readonly token: Token; readonly testing: Testing; readonly elsewhere: Elsewhere | undefined };
  readonly CoT: Mobility<CoT> & { readonly token: Token; readonly testing: Testing; readonly elsewhere: Elsewhere | undefined };
  /** `binding` is what stood before. */
  readonly BU: Mobility<BU> & {
    readonly update: Update;
    readonly peer: Peer;
    readonly binding: Binding | undefined;
    /** Whether the mobile node was seen at this care-of address before. */
    readonly isKnown: boolean;
  };
  /** The mobile node goes on, seconds after a Binding Update that asked for an answer, without one and without having sent it again. Fired once for an update. */
  readonly abandoned: { readonly update: Update; readonly peer: Peer };
  /** `update` is the Binding Update with its Sequence Number; for status 135 the last one. `binding` is what stood before. */
  readonly BA: Mobility<BA> & {
    readonly update: Update | undefined;
    readonly peer: Peer;
    readonly binding: Binding | undefined;
    /** By the tokens that authorised the update. */
    readonly authorization: Authorization;
    /** The last Sequence Number that was accepted before, where that is known. */
    readonly accepted: number | undefined;
  };
  /**
   * No acknowledgement of an update was captured, although its receipt is shown: packets take the way that it asks for while it is sent again and again, or the
   * capture was taken where it went. Fired once for an update.
   * `refused`: the status of the acknowledgement that was captured, and that refuses what is done.
   */
  readonly unanswered: { readonly update: Update; readonly peer: Peer; readonly refused: number | undefined };
  /** `named` is the home address in it; `offence` the last packet, of late, that may have called for it. */
  readonly BE: Mobility<BE> & {
    readonly named: Address | undefined;
    readonly offence: Offence | undefined;
    readonly peer: Peer | undefined;
  };
  readonly Unknown: Mobility<UnknownMobilityMessage>;
  readonly HaadRequest: MobileIcmp<HaadRequest> & { readonly question: Question };
  /** `near` is a question that it may have been meant for: of the same asker, or with the same identifier. Only where no question fits. */
  readonly HaadReply: MobileIcmp<HaadReply> & { readonly question: Question | undefined; readonly near: Question | undefined };
  readonly MobilePrefixSolicitation: MobileIcmp<MobilePrefixSolicitation> & {
    readonly question: Question;
    /** Whether an advertisement that nobody asked for came before it. */
    readonly answersUnsolicited: boolean;
  };
  /** `unsolicited`: which transmission it is since the mobile node last asked, where nobody asked for it. */
  readonly MobilePrefixAdvertisement: MobileIcmp<MobilePrefixAdvertisement> & {
    readonly question: Question | undefined;
    readonly near: Question | undefined;
    /** The one before it to the same mobile node; `isLate` says that it was long on its way, or long in coming. */
    readonly before: { readonly frame: number; readonly time: number; readonly isLate: boolean } | undefined;
    readonly unsolicited:
      | { readonly attempt: number; readonly interval: number | undefined; readonly intervalBefore: number | undefined }
      | undefined;
  };
  /** An ICMPv6 message of Mobile IPv6 that does not decode, by its type. */
  readonly malformedIcmp: { readonly type: number; readonly octets: Uint8Array; readonly error: DecodeError };
  /** Of a router that says something of home agents or movement. */
  readonly RouterAdvertisement: MobileIcmp<RouterAdvertisement>;
  /** A Neighbor Solicitation or Advertisement whose target is the home address of a mobile node. */
  readonly neighbor: {
    readonly message: Icmpv6;
    readonly octets: Uint8Array;
    readonly target: Address;
    /** Who speaks for the home address in an advertisement: whoever it belongs to at the time. */
    readonly by: 'home agent' | 'mobile node' | undefined;
    /** The frame of the solicitation that an advertisement answers. */
    readonly answers: number | undefined;
  };
  /** A packet that a mobile node sent through its tunnel, and that was captured behind it, too. */
  readonly forwarded: { readonly tunnel: { readonly source: Address; readonly destination: Address }; readonly frame: number };
  /** An ICMPv6 error about a packet of Mobile IPv6: `about` is that packet, as far as it is quoted. */
  readonly problem: { readonly message: Icmpv6; readonly pointer: number; readonly about: Ipv6 };
  /** A payload of the upper layers from or to a mobile node, and the way it takes: in a tunnel, by way of the care-of address, or plainly to or from the home address. */
  readonly data: { readonly route: 'tunnel' | 'direct' | 'home'; readonly peer: Peer | undefined; readonly correspondent: Address };
}

/** Whom a check is about: by the packet, or by the conversation. */
export type About = 'sender' | 'receiver' | 'mobile node' | 'peer';

/** A check of any event. */
export type AnyCheck = AnyCheckOf<History, Here, About>;

/**
 * Declares a check.
 *
 * @example
 * check('RFC6275-6.1.2-1', 'BRR', 'sender', (_, { message }) => ((message.reserved2 ?? 0) === 0 ? PASS : broken('0', `${message.reserved2}`, '…')));
 */
export const check = checksOver<History, Here, About>();

/** A finding that stands only where nothing else that the capture shows explains it: it is decided at its end, and is inconclusive otherwise. */
export interface Suspicion extends Finding {
  /** Whether it takes that the capture misses no packets. */
  readonly unlessLossy: boolean;
  /** Whether it also takes links that lose nothing on their way: the packet in question may have been sent and not have come to where the capture was taken. */
  readonly ifDelivered?: true;
  /** Whether it also takes that this host sends something after this time, in ms: it may be down. */
  readonly ifUp?: { readonly host: Address; readonly after: number };
  /** Whether it takes that what this address sent was not held up, doubled or overtaken by as much as this, in ms, before it was captured. */
  readonly ifTimely?: { readonly from: Address; readonly by: number };
  /** Whether it takes that nothing between these times, in ms, shows a packet that the capture misses: a number that is left out, an answer without its question. */
  readonly ifSeamless?: { readonly since: number; readonly until: number };
  /** What explains it, as the rest of the capture shows. */
  readonly unless?: { readonly isSo: () => boolean; readonly why: string };
  /** What explains it: packets from one address to another after this time, in ms, so that these two agree on what the capture does not show. */
  readonly unlessSent?: { readonly from: Address; readonly to: Address; readonly after: number };
}

/** Makes a finding one that another packet, which the capture misses, would explain. @example ifComplete(broken('…', '…', '…')) */
export const ifComplete = (finding: Finding): Suspicion => ({ ...finding, unlessLossy: true });

/** The same of a host that did not send what it was to: it may be down, if it sends nothing any more. @example ifUp(broken('…', '…', '…'), { host, after }) */
export const ifUp = (finding: Finding, up: NonNullable<Suspicion['ifUp']>): Suspicion => ({ ...finding, unlessLossy: true, ifUp: up });

/** The same, and inconclusive where the links are known to lose packets. @example ifDelivered(broken('…', '…', '…')) */
export const ifDelivered = (finding: Finding): Suspicion => ({ ...finding, unlessLossy: true, ifDelivered: true });

/**
 * Makes a finding one of times or order at a sender: those at the capture are others where packets are held up on their way there, and a path may double them.
 * @example ifTimely(broken('…', '…', '…'), { from: sight.source, by: 300 })
 */
export const ifTimely = (finding: Finding | Suspicion, timely: NonNullable<Suspicion['ifTimely']>): Suspicion => ({
  unlessLossy: false,
  ...finding,
  ifTimely: timely,
});

/** The same as `ifComplete`, of what has been so since a time, in ms, until now. @example ifSeamless(broken('…', '…', '…'), binding.time, sight.time) */
export const ifSeamless = (finding: Finding, since: number, until: number): Suspicion => ({
  ...ifComplete(finding),
  ifSeamless: { since, until },
});

/** Makes a finding one that packets between these addresses explain. @example unlessSent(ifComplete(broken('…', '…', '…')), { from, to, after }) */
export const unlessSent = (finding: Suspicion, sent: NonNullable<Suspicion['unlessSent']>): Suspicion => ({ ...finding, unlessSent: sent });

/** Makes a finding one that something which the rest of the capture shows explains. @example unless(broken('…', '…', '…'), () => question.isAnswered, 'But …') */
export const unless = (finding: Finding, isSo: () => boolean, why: string): Suspicion => ({
  ...ifComplete(finding),
  unless: { isSo, why },
});

/** The same of a finding about the authenticator of a Binding Update: a test that the capture misses, where it was accepted with the tokens of one. */
export const unlessAccepted = (finding: Finding, update: Update): Suspicion =>
  unless(finding, () => update.hasOtherTokens, 'But it was accepted: newer tests may be missing from the capture.');

/** Whether a judgement is to be decided at the end. */
export const isSuspicion = (finding: Finding): finding is Suspicion => 'unlessLossy' in finding;
