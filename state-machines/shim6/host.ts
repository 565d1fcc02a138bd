/**
 * A host that speaks shim6, RFC 5533, with REAP for each context (RFC 5534). It finds the context that a packet belongs to (section 12.4), judges the packet, and lets
 * the table of `context.ts` say what is to be done. Pure: it is told what comes and when (ms), and gives back what is to be sent and delivered; chance and
 * cryptography come from the caller.
 *
 * An R1bis is taken where its addresses are among those of both ends, although section 7.18 wants them to be the current pair: what brings it about may be a Probe
 * on any pair (section 7.5), and section 12.4 asks for no more.
 */
import { copyOf, equalBytes, u16 } from '../../codecs/bytes.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { checksumOf, decodeShim6 } from '../../codecs/shim6/index.ts';
import type { I1, I2, I2bis, PayloadExtension, R1, R1bis, R2, UpdateRequest } from '../../codecs/shim6/index.ts';
import { allowed, look } from '../machine.ts';
import type { ReapState } from '../reap/index.ts';
import type { Shim6Event, Shim6State } from './context.ts';
import { isKnowing, shim6Machine } from './context.ts';
import { newContext } from './contexts.ts';
import type { ContextRecord } from './contexts.ts';
import { Core } from './core.ts';
import type { Input } from './core.ts';
import { optionOf, preferencesOf, verifyPeer, withFormer } from './locators.ts';
import type { LocalLocators, PeerVerdict, Verification } from './locators.ts';
import { icmpErrorOf, isSamePair, sentPacket, withLocators } from './payload.ts';
import type { AddressPair, IcmpError } from './payload.ts';
import { assertFits, isExpected } from './messages.ts';
import type { ContextIdentity, Shim6Output, Shim6Settings } from './settings.ts';
import type { Validated } from './validator.ts';

/** A context as others may see it. */
export interface ContextView extends ContextIdentity {
  readonly state: Shim6State;
  /** CT(local) and CT(peer). */
  readonly localTag: number | undefined;
  readonly peerTag: number | undefined;
  /** Where payload goes: Lp(local) and Lp(peer). */
  readonly path: AddressPair;
  /** Ls(peer), verified; and Ls(local) as the peer knows it. */
  readonly peerLocators: readonly Uint8Array[];
  readonly toldLocators: readonly Uint8Array[];
  /** Whether the peer knows this end's set as it is now, and has acknowledged it: it may know the same addresses of an older one while a newer one is on its way. */
  readonly isTold: boolean;
  /** Undefined where REAP has nothing to look after. */
  readonly reachability: ReapState | undefined;
}

const CAPACITY = 100_000;
const MAX_LOCATORS = 32;

const isUnicast = (address: Uint8Array): boolean => address[0] !== 0xff && address.some((octet) => octet !== 0);

const among = (list: readonly Uint8Array[], address: Uint8Array): boolean => list.some((each) => equalBytes(each, address));

/**
 * One host.
 *
 * @example
 * const host = new Shim6Host({ local: { generation, locators }, random, verifySignature });
 * host.establish(localUlid, peerUlid, now); // [{ type: 'send', packet: the I1 }]
 * host.receive(packet, now); // what an R1, or whatever came, is answered with
 * host.send(payload, now); // the packet as it leaves: on the path that works
 * host.tick(host.nextTimer ?? now);
 */
export class Shim6Host {
  readonly #core: Core;
  readonly #verification: Verification;

  constructor(settings: Shim6Settings) {
    this.#core = new Core(settings);
    const { digest, verifySignature, maxLocators = MAX_LOCATORS } = settings;
    this.#verification = { ...(digest !== undefined && { digest }), verifySignature, maxLocators };
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    return this.#core.nextTimer;
  }

  /** This end's locators, 16 octets each. */
  get locators(): readonly Uint8Array[] {
    return this.#core.local.locators.map(({ locator }) => locator);
  }

  /** How many contexts there are, failed attempts that are remembered among them. */
  get size(): number {
    return this.#core.contexts.size;
  }

  /** The context of a ULID pair; undefined where there is none. */
  context(localUlid: Uint8Array, peerUlid: Uint8Array, forkedInstanceIdentifier = 0): ContextView | undefined {
    const context = this.#core.contexts.byUlids(localUlid, peerUlid, forkedInstanceIdentifier);
    return context === undefined ? undefined : this.#view(context);
  }

  /** All contexts. */
  *views(): Generator<ContextView> {
    for (const context of this.#core.contexts.all()) yield this.#view(context);
  }

  /** A context is wanted for a ULID pair (section 7.7), another beside the default one where there is an identifier. Nothing while a failure is remembered. */
  establish(localUlid: Uint8Array, peerUlid: Uint8Array, now: number, forkedInstanceIdentifier = 0): readonly Shim6Output[] {
    const known = this.#core.contexts.byUlids(localUlid, peerUlid, forkedInstanceIdentifier);
    if (known === undefined && this.#isFull()) return [];
    const context = known ?? newContext(localUlid, peerUlid, forkedInstanceIdentifier, this.#core.local, now);
    return this.#feed(context, { type: 'establish' }, { now });
  }

  /** A packet of the upper layer, between ULIDs, on its way out (section 11). */
  send(packet: Ipv6Fields, now: number, forkedInstanceIdentifier = 0): readonly Shim6Output[] {
    const core = this.#core;
    const context = core.contexts.byUlids(packet.source, packet.destination, forkedInstanceIdentifier);
    if (context === undefined) return [{ type: 'send', packet }];
    const path = core.pathOf(context);
    const isPlain = !isKnowing(context.machine.state) || isSamePair(path, packet);
    const route = isPlain ? 'ulids' : among(context.peer.locators, path.destination) ? 'verified' : 'unverified';
    const event = { type: 'sendPayload', route } as const;
    if (!allowed(look(shim6Machine, context.machine, event))) return [];
    const sent = isPlain ? packet : withLocators(packet, path, context.peerTag ?? 0, core.protocol);
    const out: Shim6Output[] = [{ type: 'send', packet: sent }];
    core.feed(context, event, { now, packet }, out);
    context.used = now;
    core.reap(context, context.reap?.payloadSent(now) ?? [], now, out);
    return out;
  }

  /** A packet from the network, which is the host's to keep. What is none of shim6's business is delivered as it came. */
  receive(packet: Ipv6Fields, now: number): readonly Shim6Output[] {
    const core = this.#core;
    if (packet.protocol === core.protocol) return this.#shim6(packet, now);
    const icmp = icmpErrorOf(packet, core.protocol);
    if (icmp !== undefined) return this.#icmp(packet, icmp, now);
    const context = core.contexts.byUlids(packet.destination, packet.source, 0);
    return this.#feed(context ?? this.#none(packet), { type: 'receivePayload' }, { now, packet });
  }

  /** Timers that are due. */
  tick(now: number): readonly Shim6Output[] {
    const out: Shim6Output[] = [];
    this.#core.tick(now, out);
    return out;
  }

  /**
   * This end's locators, or what it prefers, are others now: every peer is told (section 10.1). The generation is another where the locators are. Contexts whose ULID
   * is a locator no more go on; where it is no longer this host's at all, they are the caller's to tear down (section 1.5). A `RangeError` where they do not fit into a
   * message of 1280 octets (section 5.1).
   */
  setLocators(local: LocalLocators, now: number): readonly Shim6Output[] {
    const core = this.#core;
    assertFits(local, core.settings.sendTimeout);
    core.local = withFormer(
      local,
      core.local,
      [...core.contexts.all()].map(({ localUlid }) => localUlid),
    );
    const out: Shim6Output[] = [];
    for (const context of core.contexts.all()) {
      core.locatorsMoved(context, now, out);
      core.feed(context, { type: 'locatorsChanged', outstanding: context.outstanding !== undefined }, { now }, out);
    }
    return out;
  }

  /** Something outside says that the path of a context may not work, or that another is wanted (RFC 5534 section 3.3). */
  suspect(localUlid: Uint8Array, peerUlid: Uint8Array, now: number, forkedInstanceIdentifier = 0): readonly Shim6Output[] {
    const context = this.#core.contexts.byUlids(localUlid, peerUlid, forkedInstanceIdentifier);
    const out: Shim6Output[] = [];
    if (context !== undefined) this.#core.reap(context, context.reap?.suspect(now) ?? [], now, out);
    return out;
  }

  /** Nobody uses a context any more (section 9). */
  tearDown(localUlid: Uint8Array, peerUlid: Uint8Array, now: number, forkedInstanceIdentifier = 0): readonly Shim6Output[] {
    const context = this.#core.contexts.byUlids(localUlid, peerUlid, forkedInstanceIdentifier);
    return context === undefined ? [] : this.#feed(context, { type: 'tearDown' }, { now });
  }

  #view(context: ContextRecord): ContextView {
    const { localUlid, peerUlid, forkedInstanceIdentifier, localTag, peerTag, peer, told, reap, machine } = context;
    return {
      localUlid,
      peerUlid,
      forkedInstanceIdentifier,
      state: machine.state,
      localTag,
      peerTag,
      path: this.#core.pathOf(context),
      peerLocators: peer.locators,
      toldLocators: told.locators.map(({ locator }) => locator),
      isTold: told === this.#core.local,
      reachability: reap?.state,
    };
  }

  #isFull(): boolean {
    return this.#core.contexts.size >= Math.min(this.#core.settings.capacity ?? CAPACITY, 2 ** (this.#core.settings.tagBits ?? 47) / 2);
  }

  #feed(context: ContextRecord, event: Shim6Event, input: Input): readonly Shim6Output[] {
    const out: Shim6Output[] = [];
    this.#core.feed(context, event, input, out);
    return out;
  }

  /** What meets a packet that belongs to no context: one in IDLE, of which nothing remains unless it comes to be more. */
  #none({ source, destination }: AddressPair, now = 0, forkedInstanceIdentifier = 0): ContextRecord {
    return newContext(destination, source, forkedInstanceIdentifier, this.#core.local, now);
  }

  /** Section 12.3: what is not whole is dropped, what is not understood is answered with an Error. */
  #shim6(packet: Ipv6Fields, now: number): readonly Shim6Output[] {
    const read = decodeShim6(packet.payload);
    if (!read.ok || !isUnicast(packet.source) || !isUnicast(packet.destination)) return [];
    const message = read.value;
    if (message.kind === 'PayloadExtension') return this.#payload(packet, message, now);
    if (checksumOf(packet.payload) !== u16(packet.payload, 4)) return [];
    const input = { now, packet, message };
    if (message.kind === 'Unknown') return this.#feed(this.#none(packet), { type: 'receiveUnknownType' }, input);
    if (message.kind === 'Error') return this.#reported(input, message.packetInError);
    const { options = [] } = message;
    const option = options.find((each) => each.critical === true && !isExpected(message.kind, each.kind));
    if (option !== undefined) return this.#feed(this.#none(packet), { type: 'receiveUnknownCriticalOption' }, { ...input, option });
    // An option that is not what its section says makes the message unfit to be gone by.
    if (options.some(({ kind }) => kind === 'Malformed')) return [];
    switch (message.kind) {
      case 'I1':
        return this.#i1(packet, message, now);
      case 'R1':
        return this.#r1(packet, message, now);
      case 'I2':
      case 'I2bis':
        return this.#i2(packet, message, now);
      case 'R2':
        return this.#r2(packet, message, now);
      case 'R1bis':
        return this.#r1bis(packet, message, now);
      case 'UpdateRequest':
        return this.#tagged(packet, message, (context, addresses) => this.#update(packet, message, context, addresses, now));
      case 'UpdateAck':
        return this.#tagged(packet, message, (context, addresses) => {
          const nonce = context.outstanding?.nonce === message.requestNonce ? 'matching' : 'other';
          return this.#feed(context, { type: 'receiveUpdateAck', addresses, nonce }, { ...input, tag: message.receiverContextTag });
        });
      case 'Keepalive':
      case 'Probe':
        return this.#tagged(packet, message, (context, addresses) =>
          this.#feed(context, { type: 'receiveReap', addresses }, { ...input, tag: message.receiverContextTag }),
        );
    }
  }

  #payload(packet: Ipv6Fields, { receiverContextTag: tag }: PayloadExtension, now: number): readonly Shim6Output[] {
    const context = this.#core.contexts.byTag(tag) ?? this.#none(packet);
    return this.#feed(context, { type: 'receivePayloadExtension' }, { now, packet, tag });
  }

  /** A message that names its context by this end's tag. */
  #tagged(
    packet: Ipv6Fields,
    { receiverContextTag }: { readonly receiverContextTag: number },
    receive: (context: ContextRecord, addresses: 'known' | 'stale') => readonly Shim6Output[],
  ): readonly Shim6Output[] {
    const context = this.#core.contexts.byTag(receiverContextTag);
    if (context === undefined) return receive(this.#none(packet), 'stale');
    const isKnown = among(context.peer.locators, packet.source) && this.#core.isLocal(packet.destination, context);
    return receive(context, isKnown ? 'known' : 'stale');
  }

  /** The ULIDs of an I1, I2 or I2bis, as this end sees them; undefined where the one is not this host's or the other no unicast address. */
  #identify(packet: Ipv6Fields, message: I1 | I2 | I2bis) {
    const pair = optionOf(message, 'UlidPair');
    const peerUlid = copyOf(pair?.senderUlid ?? packet.source);
    const localUlid = copyOf(pair?.receiverUlid ?? packet.destination);
    const forkedInstanceIdentifier = optionOf(message, 'ForkedInstanceIdentifier')?.forkedInstanceIdentifier ?? 0;
    const context = this.#core.contexts.byUlids(localUlid, peerUlid, forkedInstanceIdentifier);
    if (!isUnicast(peerUlid) || !this.#core.isLocal(localUlid, context)) return undefined;
    return { peerUlid, localUlid, forkedInstanceIdentifier, context, isExplicit: pair !== undefined };
  }

  #i1(packet: Ipv6Fields, message: I1, now: number): readonly Shim6Output[] {
    const about = this.#identify(packet, message);
    if (about === undefined) return [];
    const { peerUlid, localUlid, forkedInstanceIdentifier, isExplicit } = about;
    const context = about.context ?? newContext(localUlid, peerUlid, forkedInstanceIdentifier, this.#core.local, now);
    const event = {
      type: 'receiveI1',
      tag: context.peerTag === message.initiatorContextTag ? 'matching' : 'other',
      addresses: !isExplicit || among(context.peer.locators, packet.source) ? 'known' : 'stale',
    } as const;
    return this.#feed(context, event, { now, packet, message });
  }

  /** Found by its nonce, on the pair of the exchange (section 12.4). */
  #exchange(packet: Ipv6Fields, initiatorNonce: number): ContextRecord | undefined {
    const context = this.#core.contexts.byNonce(initiatorNonce);
    const isOn =
      context !== undefined &&
      equalBytes(context.exchange.source, packet.destination) &&
      equalBytes(context.exchange.destination, packet.source);
    return isOn ? context : undefined;
  }

  #r1(packet: Ipv6Fields, message: R1, now: number): readonly Shim6Output[] {
    const context = this.#exchange(packet, message.initiatorNonce);
    if (context === undefined || optionOf(message, 'ResponderValidator') === undefined) return [];
    return this.#feed(context, { type: 'receiveR1' }, { now, packet, message });
  }

  #i2(packet: Ipv6Fields, message: I2 | I2bis, now: number): readonly Shim6Output[] {
    const found = this.#identify(packet, message);
    if (found === undefined) return [];
    const { peerUlid, localUlid, forkedInstanceIdentifier } = found;
    const context = found.context ?? newContext(localUlid, peerUlid, forkedInstanceIdentifier, this.#core.local, now);
    const type = message.kind === 'I2' ? 'receiveI2' : 'receiveI2bis';
    const { source, destination } = packet;
    const about: Validated =
      message.kind === 'I2'
        ? {
            kind: 'R1',
            initiatorContextTag: message.initiatorContextTag,
            senderUlid: peerUlid,
            receiverUlid: localUlid,
            source,
            destination,
            forkedInstanceIdentifier,
          }
        : { kind: 'R1bis', packetContextTag: message.packetContextTag, source, destination };
    const validator = optionOf(message, 'ResponderValidator')?.validator;
    const issued = validator === undefined ? undefined : this.#core.secrets.since(message.responderNonce, validator, about, now);
    const isRoom = found.context !== undefined || !this.#isFull();
    if (issued === undefined || !isRoom) return this.#feed(context, { type, verdict: 'discarded' }, { now });
    const known = context.peerTag === message.initiatorContextTag ? context.peer : undefined;
    const judged = verifyPeer(peerUlid, message.options ?? [], known, this.#verification);
    // The source is a locator of the peer, in the list that has come or in the one that is known; a new context has only the former.
    const isFrom = judged.verdict !== 'valid' || among([...judged.peer.locators, ...context.peer.locators], source);
    return this.#judged(context, { now, packet, message, issued }, isFrom ? judged : { verdict: 'discarded' }, (verdict) => ({
      type,
      verdict,
    }));
  }

  #r2(packet: Ipv6Fields, message: R2, now: number): readonly Shim6Output[] {
    const context = this.#exchange(packet, message.initiatorNonce);
    if (context === undefined) return [];
    const known = context.peerTag === message.responderContextTag ? context.peer : undefined;
    const judged =
      context.machine.state === 'ESTABLISHED'
        ? ({ verdict: 'discarded' } as const)
        : verifyPeer(context.peerUlid, message.options ?? [], known, this.#verification);
    return this.#judged(context, { now, packet, message }, judged, (verdict) => ({ type: 'receiveR2', verdict }));
  }

  #judged(
    context: ContextRecord,
    input: Input,
    judged: PeerVerdict,
    eventOf: (verdict: PeerVerdict['verdict']) => Shim6Event,
  ): readonly Shim6Output[] {
    const what =
      judged.verdict === 'valid'
        ? { peer: judged.peer }
        : judged.verdict === 'unverified'
          ? { list: judged.list, index: judged.index }
          : {};
    return this.#feed(context, eventOf(judged.verdict), { ...input, ...what });
  }

  #r1bis(packet: Ipv6Fields, message: R1bis, now: number): readonly Shim6Output[] {
    const context = this.#core.contexts.byPeer(message.packetContextTag, packet.source);
    if (context === undefined || !this.#core.isLocal(packet.destination, context)) return [];
    if (optionOf(message, 'ResponderValidator') === undefined) return [];
    return this.#feed(context, { type: 'receiveR1bis' }, { now, packet, message });
  }

  /** Section 10.4. What was taken already is not judged again, and an update is taken whole or not at all. */
  #update(
    packet: Ipv6Fields,
    message: UpdateRequest,
    context: ContextRecord,
    addresses: 'known' | 'stale',
    now: number,
  ): readonly Shim6Output[] {
    const isNew = isKnowing(context.machine.state) && addresses === 'known' && !context.updates.includes(message.requestNonce);
    const judged: PeerVerdict = isNew
      ? verifyPeer(context.peerUlid, message.options ?? [], context.peer, this.#verification)
      : { verdict: 'valid', peer: context.peer };
    const preferences = judged.verdict === 'valid' && isNew ? preferencesOf(judged.peer, optionOf(message, 'LocatorPreferences')) : 'valid';
    const input = { now, packet, message, tag: message.receiverContextTag };
    return this.#judged(context, input, judged, (verdict) => ({
      type: 'receiveUpdateRequest',
      addresses,
      verdict: verdict === 'valid' ? preferences : verdict,
    }));
  }

  /** The context that a packet of this end was about: section 12.4, last point. */
  #sender({ source, destination }: AddressPair, message: IcmpError['message']): ContextRecord | undefined {
    const { contexts } = this.#core;
    if (message === undefined) return undefined;
    const context =
      'receiverContextTag' in message
        ? contexts.byPeer(message.receiverContextTag, destination)
        : 'initiatorContextTag' in message
          ? contexts.byTag(message.initiatorContextTag)
          : 'responderContextTag' in message
            ? contexts.byTag(message.responderContextTag)
            : undefined;
    if (context === undefined || !this.#core.isLocal(source, context)) return undefined;
    return message.kind === 'I1' && message.initiatorNonce !== context.initiatorNonce ? undefined : context;
  }

  #icmp(packet: Ipv6Fields, icmp: IcmpError, now: number): readonly Shim6Output[] {
    const { contexts } = this.#core;
    const isControl = icmp.message !== undefined && icmp.message.kind !== 'PayloadExtension';
    const context =
      icmp.message === undefined
        ? contexts.byUlids(icmp.packet.source, icmp.packet.destination, 0)
        : this.#sender(icmp.packet, icmp.message);
    if (context === undefined) return [{ type: 'deliver', packet }];
    // Shim6 acts by taking another path: where there is none, the error is the upper layer's (section 8).
    const canAct = icmp.message?.kind === 'I1' || context.peer.locators.length * context.told.locators.length > 1;
    const event = { type: 'receiveIcmp', error: canAct ? icmp.error : 'other', of: isControl ? 'control' : 'payload' } as const;
    return this.#feed(context, event, { now, packet, icmp });
  }

  #reported(input: Input & { readonly packet: Ipv6Fields }, packetInError: Uint8Array): readonly Shim6Output[] {
    const sent = sentPacket(packetInError, this.#core.protocol);
    const context = sent === undefined ? undefined : this.#sender(sent, sent.message);
    return context === undefined ? [] : this.#feed(context, { type: 'receiveError' }, input);
  }
}
