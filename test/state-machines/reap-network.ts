/** Two REAP hosts and the one-way paths between their locators, in virtual time: seeded, so that every run can be had again. */
import { decodeShim6, encodeShim6 } from '../../codecs/shim6/index.ts';
import { ReapEndpoint } from '../../state-machines/reap/index.ts';
import type { ExplorationPolicy, ReapOutput } from '../../state-machines/reap/index.ts';

/** Numbers from 0 to below 1 (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** `A` or `B`. */
export type Name = 'A' | 'B';
const other = (name: Name): Name => (name === 'A' ? 'B' : 'A');

/** What is on its way, or on somebody's clock. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** What was sent: by whom, on which pair of locators (A1 and B2 are `0` and `1`), and whether it got through. */
export interface Sent {
  readonly at: number;
  readonly by: Name;
  readonly kind: string;
  readonly state: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly arrives: boolean;
}

export interface NetworkOptions {
  readonly locators: number;
  readonly seed: number;
  /** One way, in ms. */
  readonly delay?: number;
  readonly exploration?: ExplorationPolicy;
  /** The part of all packets that are lost, are doubled, and how much later than `delay` they may come, in ms. */
  readonly loss?: number;
  readonly doubling?: number;
  readonly spread?: number;
}

const TAGS = { A: 0x1234, B: 0x5678 } as const;

export class ReapNetwork {
  now = 0;
  readonly hosts: Readonly<Record<Name, ReapEndpoint>>;
  readonly sent: Sent[] = [];
  /** When each host was told that its payload takes another path. */
  readonly pathChanges: { readonly at: number; readonly by: Name }[] = [];
  /** Payload that came, by its receiver. */
  readonly delivered: Record<Name, number> = { A: 0, B: 0 };
  /** Whether a direction of a pair works: `works('A', 0, 1)` is from A1 to B2. */
  works: (by: Name, from: number, to: number) => boolean = () => true;
  readonly #locators: Readonly<Record<Name, readonly Uint8Array[]>>;
  readonly #options: NetworkOptions;
  readonly #random: () => number;
  #happenings: Happening[] = [];
  #order = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    const list = (name: Name): readonly Uint8Array[] =>
      Array.from({ length: options.locators }, (_, i) =>
        Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, name === 'A' ? 0xa : 0xb, i + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
      );
    this.#locators = { A: list('A'), B: list('B') };
    const host = (name: Name, seed: number): ReapEndpoint =>
      new ReapEndpoint({
        localLocators: this.#locators[name],
        peerLocators: this.#locators[other(name)],
        localTag: TAGS[name],
        peerTag: TAGS[other(name)],
        random: seeded(seed),
        ...(options.exploration && { exploration: options.exploration }),
      });
    this.hosts = { A: host('A', options.seed * 2 + 1), B: host('B', options.seed * 2 + 2) };
  }

  at(time: number, act: () => void): void {
    this.#happenings.push({ at: time, order: (this.#order += 1), act });
  }

  /** Sends a payload packet every `every` ms, from `from` until `until`. */
  talk(by: Name, every: number, from: number, until: number): void {
    for (let time = from; time < until; time += every) this.at(time, () => this.payload(by));
  }

  payload(by: Name): void {
    const host = this.hosts[by];
    const { source, destination } = host.path;
    this.#transmit(by, source, destination, 'payload', undefined, () => {
      this.delivered[other(by)] += 1;
      return this.hosts[other(by)].payloadReceived(this.now);
    });
    this.#do(by, host.payloadSent(this.now));
  }

  /** Lets time pass. */
  run(until: number): void {
    for (;;) {
      const timers = (['A', 'B'] as const).map((name) => [this.hosts[name].nextTimer ?? Infinity, name] as const);
      const next = this.#happenings.reduce<Happening | undefined>(
        (first, each) => (first === undefined || each.at < first.at || (each.at === first.at && each.order < first.order) ? each : first),
        undefined,
      );
      const [timer, name] = timers[0]![0] <= timers[1]![0] ? timers[0]! : timers[1]!;
      const at = Math.min(timer, next?.at ?? Infinity);
      if (at > until) break;
      this.now = Math.max(this.now, at);
      if (next !== undefined && next.at <= timer) {
        this.#happenings = this.#happenings.filter((each) => each !== next);
        next.act();
      } else {
        this.#do(name, this.hosts[name].tick(this.now));
      }
    }
    this.now = until;
  }

  /** Whether both hosts are Operational on pairs that work. */
  get settled(): boolean {
    return (['A', 'B'] as const).every((name) => {
      const [from, to] = this.pairOf(name);
      return this.hosts[name].state === 'Operational' && this.works(name, from, to);
    });
  }

  /** The pair that a host sends payload on. */
  pairOf(name: Name): readonly [from: number, to: number] {
    const { source, destination } = this.hosts[name].path;
    return [this.#locators[name].indexOf(source), this.#locators[other(name)].indexOf(destination)];
  }

  #do(by: Name, outputs: readonly ReapOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'pathChanged') {
        this.pathChanges.push({ at: this.now, by });
        continue;
      }
      const { source, destination, message } = output.packet;
      // As octets, so that what is sent is what can be.
      const read = decodeShim6(encodeShim6(message));
      if (!read.ok || (read.value.kind !== 'Probe' && read.value.kind !== 'Keepalive')) throw new Error('no message of REAP');
      const { value } = read;
      const state = value.kind === 'Probe' ? value.state : undefined;
      this.#transmit(by, source, destination, value.kind, state, () => this.hosts[other(by)].receive(value, source, destination, this.now));
    }
  }

  #transmit(
    by: Name,
    source: Uint8Array,
    destination: Uint8Array,
    kind: string,
    state: number | undefined,
    deliver: () => readonly ReapOutput[],
  ): void {
    const { delay = 20, loss = 0, doubling = 0, spread = 0 } = this.#options;
    const [from, to] = [this.#locators[by].indexOf(source), this.#locators[other(by)].indexOf(destination)];
    const arrives = this.works(by, from, to) && this.#random() >= loss;
    this.sent.push({ at: this.now, by, kind, state, from, to, arrives });
    if (!arrives) return;
    const copies = this.#random() < doubling ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.at(this.now + delay + this.#random() * spread, () => this.#do(other(by), deliver()));
  }
}
