/**
 * A host that runs REAP for one context: the table of `reap.ts` with its timers, the order of its probes, and its reports (RFC 5534 sections 4 to 7). Pure: it is
 * told what happens and when, and gives back what is to be sent; time is a number of ms, chance comes from the caller.
 */
import { equalBytes } from '../../codecs/bytes.ts';
import { EXPLORING, INBOUND_OK, OPERATIONAL } from '../../codecs/reap/index.ts';
import type { Keepalive, Probe, ProbeReport } from '../../codecs/reap/index.ts';
import { allowed, look, step } from '../machine.ts';
import { defaultExploration, pairsInOrder, probeInterval, Turns } from './exploration.ts';
import type { ExplorationPolicy, Pair, Random } from './exploration.ts';
import { newReapContext, reapMachine } from './reap.ts';
import type { ReapContext, ReapEffect, ReapEvent, ReapState, ReapTimer } from './reap.ts';

/** What a host is set up with. Times in ms. */
export interface ReapSettings {
  /** 16 octets each; the context's own, and those of the peer that have been verified. At least one of each. */
  readonly localLocators: readonly Uint8Array[];
  readonly peerLocators: readonly Uint8Array[];
  /** The tag that the peer knows the context by. */
  readonly peerTag: number;
  /** The tag by which packets for this context come. */
  readonly localTag: number;
  /** The pair in use; the first locators when left out. */
  readonly pair?: Pair;
  /** Send Timeout; 15 s when left out (section 7). */
  readonly sendTimeout?: number;
  /** Keepalive Timeout: the peer's Send Timeout, where it has told it in a Keepalive Timeout option; 15 s when left out. */
  readonly keepaliveTimeout?: number;
  readonly exploration?: ExplorationPolicy;
  readonly random: Random;
}

/** A message to send. */
export interface ReapPacket {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly message: Probe | Keepalive;
}

/** What comes of an event: messages, and the notice to the transport that its packets take another path now (section 4.2). */
export type ReapOutput =
  | { readonly type: 'send'; readonly packet: ReapPacket }
  | { readonly type: 'pathChanged'; readonly source: Uint8Array; readonly destination: Uint8Array };

/** Reports that a Probe carries at most (section 5.2 has 4 bits for each kind; a longer one is of no use). */
const REPORTS = 4;
/** Probes that are remembered as sent, oldest first forgotten. */
const REMEMBERED = 64;
const NAMES: readonly ReapState[] = ['Operational', 'Exploring', 'InboundOk'];
const NUMBERS: Readonly<Record<ReapState, number>> = { Operational: OPERATIONAL, Exploring: EXPLORING, InboundOk: INBOUND_OK };

/**
 * The Keepalive Interval is a third to a half of the Keepalive Timeout (sections 4.1 and 7): a third without jitter, so that the last Keepalive, which the end of the
 * Keepalive Timeout sends (section 6.3), comes an interval after the one before it, too.
 */
const keepaliveInterval = (keepaliveTimeout: number, jitter: number, random: Random): number =>
  (keepaliveTimeout / 3) * (1 + Math.min(jitter, 0.5) * random());

/**
 * One host.
 *
 * @example
 * const host = new ReapEndpoint({ localLocators, peerLocators, peerTag, localTag, random });
 * host.payloadSent(now); // [] : the Send Timer runs
 * host.tick(host.nextTimer ?? now); // [{ type: 'send', packet: ... }] : the first Probe
 */
export class ReapEndpoint {
  readonly #context: ReapContext = newReapContext();
  #settings: ReapSettings;
  readonly #policy: ExplorationPolicy;
  readonly #timers = new Map<ReapTimer, number>();
  #pair: Pair;
  /** Of the pairs, in this exploration. */
  #turns = new Turns([]);
  /** How many the timer has sent since the pace began anew. */
  #probes = 0;
  /** Newest first. */
  #sent: readonly ProbeReport[] = [];
  #received: readonly ProbeReport[] = [];
  /** The pair on which the last Probe came, turned around: what is answered on first. */
  #reverse: Pair | undefined;

  constructor(settings: ReapSettings) {
    this.#settings = settings;
    this.#policy = settings.exploration ?? defaultExploration;
    this.#pair = settings.pair ?? { local: 0, peer: 0 };
  }

  get state(): ReapState {
    return this.#context.state;
  }

  /** The addresses that payload is sent with. */
  get path(): { readonly source: Uint8Array; readonly destination: Uint8Array } {
    return this.#addresses(this.#pair);
  }

  /** When `tick` is to be called; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...this.#timers.values());
  }

  /**
   * The locators, the tag of the peer or its Keepalive Timeout are others now (RFC 5533 section 10, RFC 5534 section 5.3). The state stays, and so does the pair in
   * use where both its addresses are still there; otherwise it is `pair` of the new lists, or their first, which may not work: the caller lets it be explored.
   */
  change(
    changes: Partial<Pick<ReapSettings, 'localLocators' | 'peerLocators' | 'peerTag' | 'keepaliveTimeout' | 'pair'>>,
  ): readonly ReapOutput[] {
    const { source, destination } = this.path;
    this.#settings = { ...this.#settings, ...changes };
    this.#pair = this.#find(destination, source) ?? changes.pair ?? { local: 0, peer: 0 };
    this.#beginTurns();
    const { path } = this;
    return equalBytes(path.source, source) && equalBytes(path.destination, destination) ? [] : [{ type: 'pathChanged', ...path }];
  }

  /** A payload packet of the context, or a shim6 message but Keepalive and Probe, was sent at `now`. */
  payloadSent(now: number): readonly ReapOutput[] {
    return this.#feed({ type: 'sendPayload' }, now);
  }

  /** The same came. */
  payloadReceived(now: number): readonly ReapOutput[] {
    return this.#feed({ type: 'receivePayload' }, now);
  }

  /** Something outside says that the pair in use may not work: ICMP, a locator that is broken or gone, an application that wants another path. */
  suspect(now: number): readonly ReapOutput[] {
    return this.#feed({ type: 'suspect' }, now);
  }

  /** A Keepalive or a Probe came with these addresses. One with another context tag changes nothing (sections 5.1 and 5.2). */
  receive(message: Probe | Keepalive, source: Uint8Array, destination: Uint8Array, now: number): readonly ReapOutput[] {
    if (message.receiverContextTag !== this.#settings.localTag) return [];
    if (message.kind === 'Keepalive') return this.#feed({ type: 'receiveKeepalive' }, now);
    const [probe] = message.sent;
    const state = NAMES[message.state];
    // The first set of fields is this Probe's own, and there are three states: what has neither is no valid Probe (section 5.2).
    if (probe === undefined || state === undefined) return [];
    const arrived = this.#find(source, destination);
    if (arrived !== undefined) this.#reverse = arrived;
    this.#received = [probe, ...this.#received.filter((each) => !isSame(each, probe))].slice(0, REPORTS);
    const reported = this.#reportedPair(message);
    const outputs = this.#feed({ type: 'receiveProbe', state, reported: reported !== undefined }, now, reported);
    this.#reverse = undefined;
    return outputs;
  }

  /** Timers that are due. */
  tick(now: number): readonly ReapOutput[] {
    const due = [...this.#timers].filter(([, at]) => at <= now).toSorted(([, a], [, b]) => a - b);
    return due.flatMap(([timer]) => {
      if (!this.#timers.delete(timer)) return []; // an earlier one of them stopped it
      const type = timer === 'keepaliveInterval' ? 'keepaliveInterval' : (`${timer}Timeout` as const);
      return this.#feed({ type }, now);
    });
  }

  #addresses({ local, peer }: Pair): { readonly source: Uint8Array; readonly destination: Uint8Array } {
    return { source: this.#settings.localLocators[local]!, destination: this.#settings.peerLocators[peer]! };
  }

  /** The pair that leads back on the way that a packet came; undefined where its addresses are none of the context's. */
  #find(source: Uint8Array, destination: Uint8Array): Pair | undefined {
    const local = this.#settings.localLocators.findIndex((each) => equalBytes(each, destination));
    const peer = this.#settings.peerLocators.findIndex((each) => equalBytes(each, source));
    return local < 0 || peer < 0 ? undefined : { local, peer };
  }

  /**
   * The pair in use where one of our probes on it is reported as received, and else that of the newest probe that is: what works is not left (appendix A, example 5).
   * What is reported and was never sent in this exploration does not count.
   */
  #reportedPair({ received }: Probe): Pair | undefined {
    const reported = this.#sent
      .filter((sent) => received.some((each) => isSame(each, sent)))
      .map(({ sourceAddress, destinationAddress }) => this.#find(destinationAddress, sourceAddress));
    return reported.find((pair) => pair?.local === this.#pair.local && pair.peer === this.#pair.peer) ?? reported.find(Boolean);
  }

  #feed(event: ReapEvent, now: number, reported?: Pair): readonly ReapOutput[] {
    const before = this.#context.state;
    const { actions } = step(reapMachine, this.#context, event);
    const { state } = this.#context;
    // Section 4.2: the process starts when the problem is seen, and its pace from the first that is heard of the peer.
    if (before !== state && (before === 'Operational' || state === 'InboundOk')) this.#probes = 0;
    if (before === 'Operational' && state !== 'Operational') {
      this.#beginTurns();
      this.#sent = []; // what an earlier exploration found out may have changed
    }
    if (state === 'Exploring' && before !== 'Exploring') this.#received = []; // reports are of what came since (section 5.2)
    const outputs: ReapOutput[] = [];
    for (const action of actions) {
      if (action.do === 'stop') this.#timers.delete(action.timer);
      else if (action.do === 'restart' || (action.do === 'start' && !this.#timers.has(action.timer)))
        this.#timers.set(action.timer, now + this.#timeOf(action.timer));
      else if (action.do === 'emit') outputs.push(...this.#effect(action.effect, reported));
    }
    return outputs;
  }

  #beginTurns(): void {
    const { localLocators, peerLocators, random } = this.#settings;
    this.#turns = new Turns(pairsInOrder(localLocators.length, peerLocators.length, this.#pair, this.#policy.order, random));
  }

  #timeOf(timer: ReapTimer): number {
    const { sendTimeout = 15_000, keepaliveTimeout = 15_000, random } = this.#settings;
    if (timer === 'send') return sendTimeout;
    if (timer === 'keepalive') return keepaliveTimeout;
    return timer === 'keepaliveInterval'
      ? keepaliveInterval(keepaliveTimeout, this.#policy.jitter, random)
      : probeInterval(this.#policy, Math.max(1, this.#probes), random);
  }

  #effect(effect: ReapEffect, reported: Pair | undefined): readonly ReapOutput[] {
    if (effect === 'takeReportedPair') {
      const { local, peer } = this.#pair;
      if (reported === undefined || (reported.local === local && reported.peer === peer)) return [];
      this.#pair = reported;
      return [{ type: 'pathChanged', ...this.path }];
    }
    return effect === 'probe' ? this.#probe(reported !== undefined) : this.#keepalive();
  }

  #keepalive(): readonly ReapOutput[] {
    if (!allowed(look(reapMachine, this.#context, { type: 'sendKeepalive' }))) return [];
    const message: Keepalive = { kind: 'Keepalive', receiverContextTag: this.#settings.peerTag };
    return [{ type: 'send', packet: { ...this.path, message } }];
  }

  /**
   * The next Probe. One that answers goes back first on the way that the peer's came: where a pair works both ways, one round trip ends the exploration. The
   * others go through all pairs in turn, so that each is tried again and again as long as nothing is heard (section 4.3). The Probe that says Operational goes
   * on the pair that the peer has just reported as working.
   *
   * Whether an answer gets through decides, for it alone says what was heard, and that is forgotten in the next Exploring (section 5.2): 15 s after the last that came,
   * by when 8 answers have gone out. The turns go on where they stopped, so of p pairs each has had an answer once the peer was heard of ceil(p / 8) times; and
   * of its questions, 60 s apart at most, it is heard by one in p.
   */
  #probe(isReported: boolean): readonly ReapOutput[] {
    const { state } = this.#context;
    const reverse = this.#reverse;
    this.#reverse = undefined;
    const onTimer = reverse === undefined && state !== 'Operational';
    const pair = this.#pairToProbe(state, reverse, isReported);
    if (onTimer) this.#probes += 1;
    const { source, destination } = this.#addresses(pair);
    const nonce = Math.floor(this.#settings.random() * 2 ** 32);
    const own: ProbeReport = { sourceAddress: source, destinationAddress: destination, nonce, data: 0 };
    this.#sent = [own, ...this.#sent].slice(0, REMEMBERED);
    const message: Probe = {
      kind: 'Probe',
      receiverContextTag: this.#settings.peerTag,
      state: NUMBERS[state],
      sent: this.#sent.slice(0, REPORTS),
      received: this.#received,
    };
    step(reapMachine, this.#context, { type: 'sendProbe', state });
    // In a burst the initial probes leave together.
    const burst = onTimer && this.#policy.initialProbeTimeout === 0 && this.#probes < this.#policy.initialProbes;
    return [{ type: 'send', packet: { source, destination, message } }, ...(burst ? this.#probe(false) : [])];
  }

  #pairToProbe(state: ReapState, reverse: Pair | undefined, isReported: boolean): Pair {
    if (state === 'Exploring') return this.#turns.ask();
    if (state === 'InboundOk') return this.#turns.answer(reverse, this.#probes > 0);
    return isReported || reverse === undefined ? this.#pair : reverse;
  }
}

const isSame = (a: ProbeReport, b: ProbeReport): boolean =>
  a.nonce === b.nonce && equalBytes(a.sourceAddress, b.sourceAddress) && equalBytes(a.destinationAddress, b.destinationAddress);
