/**
 * What the table of `context.ts` does to the contexts of a host: its effects, its timers, and REAP beside each context (RFC 5533 sections 7 to 12, RFC 5534). Who
 * finds the context that a packet belongs to, and judges the packet, is `host.ts`.
 *
 * Three choices keep both ends of one mind, whatever the network doubles and delays:
 * - The set that an exchange tells does not change while it lasts; what changed meanwhile follows in an Update Request. So it does not matter which of several
 *   I2s or R2s the peer went by.
 * - An update is acknowledged before the next one goes out. Section 10.3 allows it to be abandoned, but generation numbers have no order ("increased by
 *   one" in section 5.15.2, "random" in 10.1), so that one that was abandoned and comes late would undo the one after it. One that comes twice is acknowledged twice and taken once.
 * - An I2, I2bis or R2 that is older than the last update changes nothing of the locators: section 7.13, by the letter, has a delayed copy roll them back.
 */
import { copyOf, equalBytes } from '../../codecs/bytes.ts';
import type { Ipv6Fields } from '../../codecs/packet/index.ts';
import { ERROR_CODE, PROTOCOL_SHIM6 } from '../../codecs/shim6/index.ts';
import type { LocatorList, LocatorPreferences, Shim6ControlMessage, Shim6Option, UpdateRequest } from '../../codecs/shim6/index.ts';
import { allowed, look, step } from '../machine.ts';
import type { ReapOutput } from '../reap/index.ts';
import { Agenda } from './agenda.ts';
import {
  I1_TIMEOUT,
  I2_TIMEOUT,
  I2BIS_TIMEOUT,
  ICMP_HOLDDOWN_TIME,
  MAX_UPDATE_TIMEOUT,
  NO_R1_HOLDDOWN_TIME,
  QUIESCENT_TIME,
  retransmissionTime,
  UPDATE_TIMEOUT,
} from './constants.ts';
import { isKnowing, shim6Machine } from './context.ts';
import type { Shim6Effect, Shim6Event, Shim6State, Shim6Timer } from './context.ts';
import { Contexts, identityOf, peerPair, type ContextRecord } from './contexts.ts';
import { optionOf } from './locators.ts';
import type { LocalLocators, PeerLocators } from './locators.ts';
import {
  assertFits,
  AT,
  errorOf,
  i1Of,
  i2bisOf,
  i2Of,
  optionOffset,
  packetOf,
  r1bisOf,
  r1Of,
  r2Of,
  reversed,
  updateRequestOf,
} from './messages.ts';
import { icmpErrorForUlp, withUlids } from './payload.ts';
import type { AddressPair, IcmpError } from './payload.ts';
import { movedLocators, newReap, verifiedDestination } from './paths.ts';
import type { Shim6Output, Shim6Settings } from './settings.ts';
import { Secrets } from './validator.ts';

/** What an event came with. */
export interface Input {
  readonly now: number;
  readonly packet?: Ipv6Fields;
  readonly message?: Shim6ControlMessage;
  /** What its options say of the peer's locators, verified. */
  readonly peer?: PeerLocators;
  /** Since when the nonce that an I2 or I2bis brings back has been given out. */
  readonly issued?: number;
  /** The list that does not verify, and the locator in it. */
  readonly list?: LocatorList;
  readonly index?: number;
  /** The option that is critical and unknown. */
  readonly option?: Shim6Option;
  /** The tag that a packet names. */
  readonly tag?: number;
  readonly icmp?: IcmpError;
}

/** Errors within a second: they answer anybody. */
const ERRORS_PER_SECOND = 10;
/** Nonces of updates that are remembered. */
const UPDATES = 16;

export class Core {
  readonly contexts = new Contexts();
  readonly secrets: Secrets;
  readonly settings: Shim6Settings;
  readonly protocol: number;
  local: LocalLocators;
  readonly #agenda = new Agenda<ContextRecord>();
  #errors = 0;
  #errorsSince = -Infinity;

  constructor(settings: Shim6Settings) {
    assertFits(settings.local, settings.sendTimeout);
    this.settings = settings;
    this.secrets = new Secrets(settings.random);
    this.local = settings.local;
    this.protocol = settings.protocol ?? PROTOCOL_SHIM6;
  }

  get nextTimer(): number | undefined {
    return this.#agenda.next;
  }

  /** The pair that payload of a context takes. */
  pathOf({ reap, pair }: ContextRecord): AddressPair {
    return reap?.path ?? pair;
  }

  /** A number of 32 bits. */
  number(): number {
    const octets = this.settings.random(4);
    return new DataView(octets.buffer, octets.byteOffset, 4).getUint32(0);
  }

  /** From 0 to below 1. */
  readonly fraction = (): number => this.number() / 2 ** 32;

  /** Whether an address is one of this end's, in the set as it is or as the peer knows it. */
  isLocal(address: Uint8Array, context?: ContextRecord): boolean {
    const among = ({ locators }: LocalLocators): boolean => locators.some(({ locator }) => equalBytes(locator, address));
    return among(this.local) || (context !== undefined && (among(context.told) || equalBytes(context.localUlid, address)));
  }

  /** Steps a context and does what its cell says. */
  feed(context: ContextRecord, event: Shim6Event, input: Input, out: Shim6Output[]): void {
    const before = context.machine.state;
    const { actions } = step(shim6Machine, context.machine, event);
    for (const action of actions) {
      if (action.do === 'stop') context.timers.delete(action.timer);
      else if (action.do === 'start' || action.do === 'restart')
        context.timers.set(action.timer, input.now + this.#timeOf(context, action.timer, input.now));
      else if (action.do === 'emit') this.#effect(context, action.effect, before, input, out);
    }
    if (before !== 'ESTABLISHED' && context.machine.state === 'ESTABLISHED') out.push({ type: 'established', ...identityOf(context) });
    this.schedule(context);
  }

  /** Fires what is due. */
  tick(now: number, out: Shim6Output[]): void {
    for (let context = this.#agenda.take(now); context !== undefined; context = this.#agenda.take(now)) {
      const due = [...context.timers].filter(([, at]) => at <= now).toSorted(([, a], [, b]) => a - b);
      for (const [timer, at] of due) {
        if (context.timers.get(timer) !== at) continue; // an earlier one of them stopped it
        context.timers.delete(timer);
        this.feed(context, this.#timerEvent(context, timer, now), { now }, out);
      }
      if ((context.reap?.nextTimer ?? Infinity) <= now) this.reap(context, context.reap?.tick(now) ?? [], now, out);
      this.schedule(context);
    }
  }

  /** Puts a context into the agenda for when the first of its timers is due. */
  schedule(context: ContextRecord): void {
    let due = context.reap?.nextTimer ?? Infinity;
    for (const at of context.timers.values()) due = Math.min(due, at);
    this.#agenda.set(context, due === Infinity ? undefined : due);
  }

  /** What REAP wants done. */
  reap(context: ContextRecord, outputs: readonly ReapOutput[], now: number, out: Shim6Output[]): void {
    for (const output of outputs) {
      if (output.type === 'pathChanged')
        out.push({ type: 'pathChanged', ...identityOf(context), source: output.source, destination: output.destination });
      else this.#send(context, { type: 'sendReap' }, output.packet, output.packet.message, now, out);
    }
    this.schedule(context);
  }

  /** An Error about a packet, which belongs to no context. */
  error(code: number, packet: Ipv6Fields, offset: number, now: number, out: Shim6Output[]): void {
    if (now - this.#errorsSince >= 1000) [this.#errorsSince, this.#errors] = [now, 0];
    this.#errors += 1;
    if (this.#errors > ERRORS_PER_SECOND) return;
    out.push({ type: 'send', packet: packetOf(reversed(packet), errorOf(code, packet, offset), this.protocol) });
  }

  #timeOf(context: ContextRecord, timer: Shim6Timer, now: number): number {
    const { machine, outstanding, used } = context;
    switch (timer) {
      case 'retransmission':
        if (machine.state === 'I1-SENT') return retransmissionTime(I1_TIMEOUT, machine.i1Retries, this.fraction);
        return retransmissionTime(machine.state === 'I2-SENT' ? I2_TIMEOUT : I2BIS_TIMEOUT, machine.retries, this.fraction);
      case 'update':
        return retransmissionTime(UPDATE_TIMEOUT, outstanding?.retries ?? 0, this.fraction, MAX_UPDATE_TIMEOUT);
      case 'holddown':
        return machine.state === 'NO-SUPPORT' ? ICMP_HOLDDOWN_TIME : NO_R1_HOLDDOWN_TIME;
      case 'idle': {
        const idleTime = this.settings.idleTime ?? QUIESCENT_TIME;
        return used + idleTime > now ? used + idleTime - now : idleTime;
      }
    }
  }

  #timerEvent(context: ContextRecord, timer: Shim6Timer, now: number): Shim6Event {
    if (timer === 'idle') return { type: 'idleTimeout', used: this.isUsed(context, now) };
    if (timer === 'update' && context.outstanding !== undefined) context.outstanding.retries += 1;
    return { type: `${timer}Timeout` };
  }

  isUsed({ used }: ContextRecord, now: number): boolean {
    return now - used < (this.settings.idleTime ?? QUIESCENT_TIME);
  }

  /** Sends a message of a context, where the table lets it; and lets the table know. */
  #send(context: ContextRecord, event: Shim6Event, pair: AddressPair, message: Shim6ControlMessage, now: number, out: Shim6Output[]): void {
    if (!allowed(look(shim6Machine, context.machine, event))) return;
    out.push({ type: 'send', packet: packetOf(pair, message, this.protocol) });
    this.feed(context, event, { now }, out);
  }

  #effect(context: ContextRecord, effect: Shim6Effect, before: Shim6State, input: Input, out: Shim6Output[]): void {
    const { now, packet, message } = input;
    const { sendTimeout } = this.settings;
    switch (effect) {
      case 'allocate':
        this.contexts.add(context);
        this.contexts.setTag(context, this.#freshTag());
        context.told = this.local;
        return;
      case 'i1':
        if (before !== 'I1-SENT' && before !== 'I2-SENT') this.#begin(context, this.pathOf(context), now);
        return this.#send(context, { type: 'sendI1' }, context.exchange, i1Of(context), now, out);
      case 'i2':
        if (message?.kind === 'R1') this.#answered(context, message.responderNonce, message);
        return this.#send(context, { type: 'sendI2' }, context.exchange, i2Of(context, sendTimeout), now, out);
      case 'i2bis':
        if (message?.kind === 'R1bis' && packet !== undefined) {
          this.#begin(context, reversed(packet), now);
          context.packetTag = message.packetContextTag;
          this.#answered(context, message.responderNonce, message);
        }
        return this.#send(context, { type: 'sendI2bis' }, context.exchange, i2bisOf(context, sendTimeout), now, out);
      case 'r1':
        if (packet === undefined || message?.kind !== 'I1') return;
        out.push({ type: 'send', packet: packetOf(reversed(packet), r1Of(context, message, packet, this.secrets, now), this.protocol) });
        return;
      case 'r2':
        if (packet === undefined || (message?.kind !== 'I1' && message?.kind !== 'I2' && message?.kind !== 'I2bis')) return;
        return this.#send(context, { type: 'sendR2' }, reversed(packet), r2Of(context, message.initiatorNonce, sendTimeout), now, out);
      case 'r1bis':
        if (packet === undefined || input.tag === undefined) return;
        return this.#send(context, { type: 'sendR1bis' }, reversed(packet), r1bisOf(input.tag, packet, this.secrets, now), now, out);
      case 'learn':
        return this.#learn(context, input, out);
      case 'updateRequest':
        context.outstanding ??= { nonce: this.number(), local: this.local, retries: 0 };
        return this.#updateRequest(context, updateRequestOf(context, context.outstanding, sendTimeout), now, out);
      case 'updateAck': {
        if (packet === undefined || message?.kind !== 'UpdateRequest') return;
        const ack = { kind: 'UpdateAck', receiverContextTag: context.peerTag ?? 0, requestNonce: message.requestNonce } as const;
        return this.#send(context, { type: 'sendUpdateAck' }, reversed(packet), ack, now, out);
      }
      case 'record':
        return this.#record(context, input, out);
      case 'updated':
        context.told = context.outstanding?.local ?? context.told;
        context.outstanding = undefined;
        this.reap(context, context.reap?.payloadReceived(now) ?? [], now, out);
        this.locatorsMoved(context, now, out);
        return this.#announce(context, now, out);
      case 'announce':
        return this.#announce(context, now, out);
      case 'deliver':
        if (packet === undefined) return;
        context.used = now;
        out.push({ type: 'deliver', packet: packet.protocol === this.protocol ? withUlids(packet, peerPair(context)) : packet });
        return this.reap(context, context.reap?.payloadReceived(now) ?? [], now, out);
      case 'reap':
        if (packet === undefined || (message?.kind !== 'Keepalive' && message?.kind !== 'Probe')) return;
        return this.reap(context, context.reap?.receive(message, packet.source, packet.destination, now) ?? [], now, out);
      case 'suspect':
        this.reap(context, context.reap?.suspect(now) ?? [], now, out);
        if (this.settings.deliverAllIcmp === true) this.#deliverIcmp(context, input, out);
        return;
      case 'deliverIcmp':
        return this.#deliverIcmp(context, input, out);
      case 'report':
        if (message?.kind === 'Error')
          out.push({ type: 'errorReported', ...identityOf(context), errorCode: message.errorCode, pointer: message.pointer });
        return;
      case 'forgetPeer':
        return this.#forget(context);
      case 'discard':
        return this.#discard(context, now, out);
      default:
        return this.#error(effect, input, out);
    }
  }

  /** What is no Keepalive and no Probe is payload to REAP (RFC 5534 section 6.2). */
  #updateRequest(context: ContextRecord, message: UpdateRequest, now: number, out: Shim6Output[]): void {
    this.#send(context, { type: 'sendUpdateRequest' }, this.pathOf(context), message, now, out);
    this.reap(context, context.reap?.payloadSent(now) ?? [], now, out);
  }

  /** A new exchange begins, on this pair. */
  #begin(context: ContextRecord, pair: AddressPair, now: number): void {
    this.contexts.setNonce(context, this.#freshNonce());
    context.exchange = pair;
    context.began = now;
    context.told = this.local;
    context.outstanding = undefined;
  }

  #answered(context: ContextRecord, responderNonce: number, message: Shim6ControlMessage): void {
    context.responderNonce = responderNonce;
    const option = 'options' in message ? optionOf(message, 'ResponderValidator') : undefined;
    if (option !== undefined) context.validator = copyOf(option.validator);
  }

  /** Section 7.1: random, and no other context's. */
  #freshTag(): number {
    const bits = this.settings.tagBits ?? 47;
    for (;;) {
      const tag = ((this.number() % 2 ** 15) * 2 ** 32 + this.number()) % 2 ** bits;
      if (this.contexts.byTag(tag) === undefined) return tag;
    }
  }

  #freshNonce(): number {
    for (;;) {
      const nonce = this.number();
      if (this.contexts.byNonce(nonce) === undefined) return nonce;
    }
  }

  #learn(context: ContextRecord, input: Input, out: Shim6Output[]): void {
    const { now, packet, message, peer: told = context.peer, issued = context.began } = input;
    if (packet === undefined || (message?.kind !== 'I2' && message?.kind !== 'I2bis' && message?.kind !== 'R2')) return;
    const peerTag = message.kind === 'R2' ? message.responderContextTag : message.initiatorContextTag;
    const isSame = context.peerTag === peerTag;
    if (!isSame) {
      context.updated = -Infinity;
      context.updates = [];
      context.outstanding = undefined;
      context.timers.delete('update');
      // The peer knows nothing of this end. An initiator is in the middle of telling it.
      if (message.kind !== 'R2' && context.machine.state === 'ESTABLISHED') context.told = this.local;
    }
    const timeout = optionOf(message, 'KeepaliveTimeout')?.keepaliveTimeout;
    if (timeout !== undefined) context.keepaliveTimeout = timeout * 1000;
    this.#setPeer(context, peerTag, isSame && context.updated >= issued ? context.peer : told, now, out);
    const before = this.pathOf(context);
    const isAnew = !isSame || message.kind === 'R2';
    if (isKnowing(context.machine.state) && (isAnew || context.reap === undefined)) {
      // The pair of the exchange works in both directions, which shows that the peer is where it says (section 7.2).
      const pair = message.kind === 'R2' ? context.exchange : reversed(packet);
      context.pair = { ...pair, destination: verifiedDestination(context, pair.destination) };
      context.reap = newReap(context, this.local, this.settings, this.fraction);
      if (context.pair.destination !== pair.destination) this.reap(context, context.reap.suspect(now), now, out);
      const path = this.pathOf(context);
      if (!equalBytes(path.source, before.source) || !equalBytes(path.destination, before.destination))
        out.push({ type: 'pathChanged', ...identityOf(context), ...path });
    } else {
      this.locatorsMoved(context, now, out);
    }
    if (!isSame) context.used = now;
  }

  /** CT(peer) and Ls(peer) are these now; contexts that had them are confused with this one (section 7.15). */
  #setPeer(context: ContextRecord, peerTag: number | undefined, peer: PeerLocators, now: number, out: Shim6Output[]): void {
    for (const other of this.contexts.setPeer(context, peerTag, peer)) {
      if (!isKnowing(other.machine.state)) continue;
      out.push({ type: 'confused', ...identityOf(other) });
      this.feed(other, { type: 'confusion', inUse: this.isUsed(other, now) }, { now }, out);
    }
  }

  /** The locators of one of the ends have changed: REAP goes on with those that there are, and explores if the pair in use is none of them. */
  locatorsMoved(context: ContextRecord, now: number, out: Shim6Output[]): void {
    const { reap } = context;
    if (reap === undefined) return;
    const { isDoubtful, ...changes } = movedLocators(context, this.local, reap.path);
    this.reap(context, reap.change(changes), now, out);
    if (isDoubtful) this.reap(context, reap.suspect(now), now, out);
  }

  #record(context: ContextRecord, { now, message, peer = context.peer }: Input, out: Shim6Output[]): void {
    if (message?.kind !== 'UpdateRequest') return;
    if (!context.updates.includes(message.requestNonce)) {
      const preferences: LocatorPreferences | undefined = optionOf(message, 'LocatorPreferences');
      const timeout = optionOf(message, 'KeepaliveTimeout')?.keepaliveTimeout;
      if (timeout !== undefined) context.keepaliveTimeout = timeout * 1000;
      context.updates = [message.requestNonce, ...context.updates].slice(0, UPDATES);
      context.updated = now;
      const recorded = preferences === undefined ? peer : { ...peer, preferences: preferences.elements };
      this.#setPeer(context, context.peerTag, recorded, now, out);
      this.locatorsMoved(context, now, out);
    }
    context.used = now;
    this.reap(context, context.reap?.payloadReceived(now) ?? [], now, out);
  }

  #announce(context: ContextRecord, now: number, out: Shim6Output[]): void {
    if (context.told !== this.local && context.machine.state === 'ESTABLISHED')
      this.feed(context, { type: 'locatorsChanged', outstanding: context.outstanding !== undefined }, { now }, out);
  }

  #deliverIcmp(context: ContextRecord, { packet, icmp }: Input, out: Shim6Output[]): void {
    if (packet === undefined) return;
    const ulids = reversed(peerPair(context));
    const isRewritten = icmp?.message?.kind === 'PayloadExtension';
    out.push({ type: 'deliver', packet: isRewritten ? icmpErrorForUlp(packet, icmp, ulids) : packet });
  }

  #forget(context: ContextRecord): void {
    context.pair = this.pathOf(context);
    context.reap = undefined;
    context.outstanding = undefined;
    context.updates = [];
    context.updated = -Infinity;
    this.contexts.setPeer(context, undefined, { generation: undefined, locators: [context.peerUlid] });
  }

  #discard(context: ContextRecord, now: number, out: Shim6Output[]): void {
    const { state } = context.machine;
    this.#forget(context);
    context.timers.clear();
    context.pair = reversed(peerPair(context));
    if (state === 'IDLE') this.contexts.remove(context);
    else {
      this.contexts.setTag(context, undefined);
      this.contexts.setNonce(context, undefined);
    }
    const reason = state === 'NO-SUPPORT' ? 'noSupport' : state === 'E-FAILED' ? 'noAnswer' : 'discarded';
    out.push({ type: 'closed', ...identityOf(context), reason, at: now });
  }

  #error(effect: Shim6Effect, { now, packet, message, list, index = 0, option }: Input, out: Shim6Output[]): void {
    if (packet === undefined || message === undefined) return;
    if (effect === 'errorUnknownType') return this.error(ERROR_CODE.unknownMessageType, packet, AT.type, now, out);
    if (!('options' in message)) return;
    const { options = [] } = message;
    const preferences = optionOf(message, 'LocatorPreferences');
    const at = (one: Shim6Option): number => optionOffset(packet.payload, options, one);
    if (effect === 'errorCriticalOption' && option !== undefined)
      this.error(ERROR_CODE.criticalOptionNotRecognized, packet, at(option), now, out);
    else if (effect === 'errorVerification' && list !== undefined)
      this.error(ERROR_CODE.locatorVerificationMethodFailed, packet, at(list) + AT.method + index, now, out);
    else if (effect === 'errorGeneration' && preferences !== undefined)
      this.error(ERROR_CODE.locatorListGenerationOutOfSync, packet, at(preferences) + AT.contents, now, out);
    else if (effect === 'errorElements' && preferences !== undefined)
      this.error(ERROR_CODE.numberOfLocatorsInPreferences, packet, at(preferences) + AT.length, now, out);
  }
}
