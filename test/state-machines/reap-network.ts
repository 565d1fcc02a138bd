/** Two REAP hosts in the lab, and the one-way paths between all their locators. */
import { decodeIpv6 } from '../../codecs/packet/index.ts';
import { decodeShim6, locateShim6 } from '../../codecs/shim6/index.ts';
import { Network, ReapHost, seeded } from '../../conformance/lab/index.ts';
import type { LabCapture } from '../../conformance/lab/index.ts';
import type { ExplorationPolicy } from '../../state-machines/reap/index.ts';

/** `A` or `B`. */
export type Name = 'A' | 'B';
const NAMES = ['A', 'B'] as const;
const other = (name: Name): Name => (name === 'A' ? 'B' : 'A');

/** What was sent: by whom, on which pair of locators (A1 and B2 are `0` and `1`), and whether that way works. */
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

const describe = (packet: Uint8Array): { readonly kind: string; readonly state: number | undefined } => {
  const read = decodeIpv6(packet);
  const placed = read.ok ? locateShim6(read.value) : undefined;
  const message = placed === undefined ? undefined : decodeShim6(placed.bytes);
  if (message?.ok !== true || message.value.kind === 'PayloadExtension') return { kind: 'payload', state: undefined };
  return { kind: message.value.kind, state: message.value.kind === 'Probe' ? message.value.state : undefined };
};

export class ReapNetwork {
  readonly hosts: Readonly<Record<Name, ReapHost>>;
  readonly sent: Sent[] = [];
  readonly capture: LabCapture;
  /** Whether a direction of a pair works: `works('A', 0, 1)` is from A1 to B2. */
  works: (by: Name, from: number, to: number) => boolean = () => true;
  readonly #lab: Network;
  readonly #locators: Readonly<Record<Name, readonly Uint8Array[]>>;

  constructor({ locators, seed, delay = 20, exploration, loss = 0, doubling = 0, spread = 0 }: NetworkOptions) {
    this.#lab = new Network(seed);
    const list = (name: Name): readonly Uint8Array[] =>
      Array.from({ length: locators }, (_, i) =>
        Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, name === 'A' ? 0xa : 0xb, i + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
      );
    this.#locators = { A: list('A'), B: list('B') };
    const host = (name: Name, own: number): ReapHost =>
      new ReapHost({
        localLocators: this.#locators[name],
        peerLocators: this.#locators[other(name)],
        localTag: TAGS[name],
        peerTag: TAGS[other(name)],
        random: seeded(own),
        ...(exploration && { exploration }),
      });
    this.hosts = { A: host('A', seed * 2 + 1), B: host('B', seed * 2 + 2) };
    for (const by of NAMES) {
      this.#lab.attach(by, this.hosts[by], this.#locators[by]);
      for (const [from, source] of this.#locators[by].entries()) {
        for (const [to, destination] of this.#locators[other(by)].entries()) {
          const watch = (packet: Uint8Array, at: number): readonly Uint8Array[] => {
            const arrives = this.works(by, from, to);
            this.sent.push({ at, by, ...describe(packet), from, to, arrives });
            return arrives ? [packet] : [];
          };
          this.#lab.lay(source, destination, { delay, jitter: spread, loss, duplication: doubling, middleboxes: [watch] });
        }
      }
    }
    this.capture = this.#lab.capture({ host: 'A' });
  }

  get now(): number {
    return this.#lab.now;
  }

  /** Sends a payload packet every `every` ms, from `from` until `until`. */
  talk(by: Name, every: number, from: number, until: number): void {
    for (let time = from; time < until; time += every) this.#lab.at(time, () => this.payload(by));
  }

  payload(by: Name): void {
    this.#lab.send(by, ...this.hosts[by].payload(this.now));
  }

  suspect(by: Name): void {
    this.#lab.send(by, ...this.hosts[by].suspect(this.now));
  }

  /** Lets time pass. */
  run(until: number): void {
    this.#lab.run(until);
  }

  /** Whether both hosts are Operational on pairs that work. */
  get settled(): boolean {
    return NAMES.every((name) => this.hosts[name].reap.state === 'Operational' && this.works(name, ...this.pairOf(name)));
  }

  /** The pair that a host sends payload on. */
  pairOf(name: Name): readonly [from: number, to: number] {
    const { source, destination } = this.hosts[name].reap.path;
    return [this.#locators[name].indexOf(source), this.#locators[other(name)].indexOf(destination)];
  }
}
