/** All that a follower of Mobile IPv6 keeps: mobile nodes by home address, what belongs to none, tests, questions. Everything that grows has its limit here. */
import type { Account } from '../account.ts';
import { Checks, keep } from '../check.ts';
import { Ledger, inconclusive } from '../evidence.ts';
import type { Finding } from '../evidence.ts';
import type { FollowOptions } from '../follower.ts';
import { idsDecidedBy } from '../../requirements/index.ts';
import { isSuspicion } from './judge.ts';
import type { About, AnyCheck, Here, History, Offence, Question, Suspicion } from './judge.ts';
import { Network } from './network.ts';
import { MobileNode } from './node.ts';
import type { Discovery, Held } from './node.ts';
import { addressOf } from './sight.ts';
import type { Address, Sight } from './sight.ts';
import { Tests } from './testing.ts';

/** Mobile nodes that are followed at a time, pairs of addresses of none, care-of addresses, and questions that are remembered. */
const NODES = 1000;
const STRAYS = 1000;
const CARE_OFS = 4000;
const QUESTIONS = 1000;
/** An answer that fits no question is held against one this long before it, in ms. */
const NEAR = 1000;
/** A Binding Error answers a packet within this time, in ms. */
const OFFENCE = 5000;
/** Findings of one mobile node that wait for the end. */
const HELD = 1000;

/** Packets between two addresses that belong to no mobile node that is known. */
interface Stray {
  readonly ledger: Ledger;
  readonly held: Held[];
  readonly a: Address;
  readonly b: Address;
}

/** Drops the oldest of a map in order of use. */
const bound = <K, V>(map: Map<K, V>, most: number, dropped: (value: V) => void): void => {
  for (const [key, value] of map) {
    if (map.size <= most) return;
    map.delete(key);
    dropped(value);
  }
};

export class World {
  readonly network = new Network();
  readonly tests = new Tests();
  readonly #checks: Checks<History, Here, About>;
  readonly #onFinished: (account: Account) => void;
  readonly #at: ReadonlySet<Address>;
  readonly #nodes = new Map<Address, MobileNode>();
  readonly #strays = new Map<string, Stray>();
  /** The home address of the mobile node that was last seen at a care-of address. */
  readonly #homeOf = new Map<Address, Address>();
  readonly #questions = new Map<string, Question[]>();
  readonly #discoveries = new Map<Address, Discovery>();
  readonly #offences = new Map<string, Offence>();
  #reduced = 0;

  constructor(checks: readonly AnyCheck[], { at, onFinished }: FollowOptions) {
    this.#checks = new Checks(checks);
    this.#onFinished = onFinished;
    this.#at = new Set(at.filter(({ length }) => length === 16).map(addressOf));
  }

  /** Whether the capture was taken at the host with this address. */
  isAt(address: Address): boolean {
    return this.#at.has(address);
  }

  /** Whether a mobile node is known. */
  get hasNodes(): boolean {
    return this.#nodes.size > 0;
  }

  get notes(): readonly string[] {
    return [
      ...(this.#reduced > 0 ? [`${this.#reduced} mobile nodes were given up before the end: there are too many`] : []),
      ...(this.tests.dropped > 0 ? [`${this.tests.dropped} return routability tests were forgotten: there are too many`] : []),
    ];
  }

  /** The mobile node with this home address, if it is known. */
  known(home: Address): MobileNode | undefined {
    return this.#nodes.get(home);
  }

  /** The mobile node that was last seen at this care-of address. */
  knownAt(careOf: Address): MobileNode | undefined {
    const home = this.#homeOf.get(careOf);
    return home === undefined ? undefined : this.#nodes.get(home);
  }

  /** The mobile node with this home address. */
  node(home: Address, frame: number): MobileNode {
    const node = this.#nodes.get(home) ?? new MobileNode(home, frame);
    this.#nodes.delete(home);
    this.#nodes.set(home, node);
    bound(this.#nodes, NODES, (oldest) => {
      this.#reduced += 1;
      this.#finishNode(oldest);
    });
    return node;
  }

  /** A mobile node was seen at a care-of address: what went from and to there before is its own. */
  seenAt(careOf: Address, node: MobileNode): void {
    if (careOf === node.home) return;
    const before = this.#homeOf.get(careOf);
    this.#homeOf.delete(careOf);
    this.#homeOf.set(careOf, node.home);
    bound(this.#homeOf, CARE_OFS, () => undefined);
    if (before !== undefined) return;
    for (const [key, { ledger, held, a, b }] of this.#strays) {
      if (a !== careOf && b !== careOf) continue;
      const host0 = a === careOf ? 0 : 1;
      node.ledger.absorb(ledger, host0);
      for (const each of held) node.held.push({ ...each, host: each.host === 0 ? host0 : other(host0) });
      this.#strays.delete(key);
    }
  }

  /** Remembers a packet that a Binding Error may answer: with a Home Address option, or of an unknown MH Type. */
  offend({ frame, time, source, to, from, hasHomeAddress }: Sight, unknownType?: number): void {
    const key = `${source} ${to}`;
    this.#offences.delete(key);
    this.#offences.set(key, { frame, time, home: hasHomeAddress ? from : undefined, unknownType });
    bound(this.#offences, QUESTIONS, () => undefined);
  }

  /** The packet, of the last seconds, that a Binding Error answers. */
  offenceOf({ destination, from, time }: Sight): Offence | undefined {
    const offence = this.#offences.get(`${destination} ${from}`);
    return offence !== undefined && time - offence.time < OFFENCE ? offence : undefined;
  }

  /** Home agents were told to the node at this address. */
  discovered(careOf: Address, discovery: Discovery): void {
    this.#discoveries.delete(careOf);
    this.#discoveries.set(careOf, discovery);
    bound(this.#discoveries, QUESTIONS, () => undefined);
  }

  /** The home agents that were told to the node at this address last. */
  discoveredAt(careOf: Address): Discovery | undefined {
    return this.#discoveries.get(careOf);
  }

  /** Remembers a question until it is answered. */
  ask(kind: string, sight: Sight, identifier: number): Question {
    const key = `${kind} ${sight.from} ${sight.to}`;
    const list = this.#questions.get(key) ?? [];
    const before = list.at(-1);
    const question = {
      frame: sight.frame,
      time: sight.time,
      identifier,
      source: sight.source,
      destination: sight.destination,
      attempt: before === undefined ? 0 : before.attempt + 1,
      interval: before && sight.time - before.time,
      intervalBefore: before?.interval,
      isAnswered: false,
    };
    list.push(question);
    if (list.length > 8) list.shift();
    this.#questions.delete(key);
    this.#questions.set(key, list);
    bound(this.#questions, QUESTIONS, () => undefined);
    return question;
  }

  /** The question with this identifier that `asker` sent, to `asked` where that is known; it is answered. */
  answer(kind: string, asker: Address, asked: Address | undefined, identifier: number): Question | undefined {
    for (const [key, list] of this.#questions) {
      if (asked === undefined ? !key.startsWith(`${kind} ${asker} `) : key !== `${kind} ${asker} ${asked}`) continue;
      const question = list.findLast((each) => each.identifier === identifier);
      if (question === undefined) continue;
      this.#questions.delete(key);
      question.isAnswered = true;
      return question;
    }
    return undefined;
  }

  /** The last unanswered question of `asker`, or else the last one with this identifier, of a moment ago. */
  near(kind: string, asker: Address, identifier: number, time: number): Question | undefined {
    const isRecent = (question: Question): boolean => time - question.time < NEAR;
    const of = [...this.#questions].filter(([key]) => key.startsWith(`${kind} `));
    return (
      of
        .filter(([key]) => key.startsWith(`${kind} ${asker} `))
        .flatMap(([, list]) => list.filter(isRecent))
        .at(-1) ?? of.flatMap(([, list]) => list.filter((question) => isRecent(question) && question.identifier === identifier)).at(-1)
    );
  }

  /** Lets the checks of an event judge it, for the mobile node that it is about, or for the pair of addresses of none. */
  judge<E extends keyof History>(event: E, sight: Sight, node: MobileNode | undefined, what: History[E], isFromMobile?: boolean): void {
    const stray = node === undefined ? this.#strayOf(sight) : undefined;
    const fromMobile = isFromMobile ?? (node === undefined ? stray?.a === sight.source : isSentBy(sight, node));
    const here: Here = {
      sight,
      node,
      isFromMobile: fromMobile,
      network: this.network,
      movedTo: (address) => {
        const there = this.knownAt(address);
        return there !== node && there?.careOf === address && there.home !== address ? there : undefined;
      },
      isPlaceOf: (address) => node !== undefined && (address === node.home || this.knownAt(address) === node),
      isAt: (address) => this.#at.has(address),
      arrivesAt: (address) => this.#at.has(address) || this.network.isNeighbor(address),
    };
    // Of a stray, host a is who sent the first packet, be that the mobile node or not.
    const isFirst = stray === undefined ? fromMobile : stray.a === sight.source;
    const sender = isFirst ? 0 : 1;
    const mobile = fromMobile ? sender : other(sender);
    const hosts: Readonly<Record<About, 0 | 1>> = { sender, receiver: other(sender), 'mobile node': mobile, peer: other(mobile) };
    const hostOf = (about: About): 0 | 1 => hosts[about];
    const ledger = node?.ledger ?? stray!.ledger;
    this.#checks.judge(event, here, what, ledger, sight.frame, hostOf, (finding, slot, host) => {
      if (!isSuspicion(finding)) return false;
      const held = node?.held ?? stray!.held;
      if (held.length < HELD) held.push({ slot, host: finding.host ?? host, frame: sight.frame, finding });
      return true;
    });
  }

  #strayOf({ source, destination }: Sight): Stray {
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    const stray = this.#strays.get(key) ?? { ledger: new Ledger(), held: [], a: source, b: destination };
    this.#strays.delete(key);
    this.#strays.set(key, stray);
    bound(this.#strays, STRAYS, (oldest) => this.#finishStray(oldest));
    return stray;
  }

  #finishStray({ ledger, held, a, b }: Stray): void {
    this.#settle(ledger, held, [a, b]);
    this.#onFinished({
      protocol: 'mip6',
      ledger,
      standing: 'stray',
      flow: `${a} > ${b}`,
      idsOf: idsDecidedBy,
      conversation: (id) => new MobileNode(a, 0).conversation(id),
    });
  }

  /** What was held until the end stands where nothing explains it. `addresses` are those of the mobile node. */
  #settle(ledger: Ledger, held: readonly Held[], addresses: readonly Address[]): void {
    const { isLossy, losesPackets } = this.network;
    const isTimely = ({ from, by }: NonNullable<Suspicion['ifTimely']>): boolean =>
      this.#at.has(from) || this.network.isTimely(from, addresses, by);
    const reasonAgainst = (finding: Finding): string | undefined => {
      if (!isSuspicion(finding)) return undefined;
      if (isLossy && finding.unlessLossy) return 'But the capture misses packets, or they have overtaken each other.';
      if (finding.ifDelivered === true && losesPackets) return 'But packets get lost on their way.';
      const { ifUp, ifTimely, ifSeamless, unlessSent: sent } = finding;
      if (ifSeamless !== undefined && this.network.hasGap(ifSeamless.since, ifSeamless.until))
        return 'But a packet in between is missing from the capture.';
      if (finding.unless?.isSo() === true) return finding.unless.why;
      if (sent !== undefined && (this.network.lastBetween(sent.from, sent.to) ?? 0) > sent.after)
        return `But ${sent.from} and ${sent.to} agree on it: what they told each other may be missing from the capture.`;
      if (ifTimely !== undefined && !isTimely(ifTimely))
        return 'But it may have been held up or doubled on its way to where it was captured: at its sender, on its link, or where it is seen to react at once it would stand.';
      return ifUp !== undefined && (this.network.lastFrom(ifUp.host) ?? 0) <= ifUp.after ? 'But the host may be down.' : undefined;
    };
    for (const { slot, host, frame, finding } of held) {
      const against = reasonAgainst(finding);
      keep(ledger, slot, host, frame, against === undefined ? finding : inconclusive(`${finding.message} ${against}`));
    }
  }

  #finishNode(node: MobileNode): void {
    this.#settle(node.ledger, node.held, node.places);
    this.#onFinished({
      protocol: 'mip6',
      ledger: node.ledger,
      standing: node.isAnswered ? 'conversation' : 'refused',
      flow: `${node.home} > ${node.homeAgent ?? node.peers.keys().next().value ?? '?'}`,
      idsOf: idsDecidedBy,
      conversation: (id) => node.conversation(id),
    });
  }

  finish(): void {
    for (const node of this.#nodes.values()) this.#finishNode(node);
    for (const stray of this.#strays.values()) this.#finishStray(stray);
    this.#nodes.clear();
    this.#strays.clear();
  }
}

const other = (host: 0 | 1): 0 | 1 => (host === 0 ? 1 : 0);

/** Whether the mobile node sent a packet: from its home address, or from where it is. */
const isSentBy = ({ from, source }: Sight, { home, careOf }: MobileNode): boolean => from === home || source === careOf;
