/** Two shim6 hosts in the lab, A and B, with HBA or CGA locators, and the one-way paths between all of them, a router on each. RFC 5533. */
import { readFileSync } from 'node:fs';
import { fromHex } from '../../codecs/bytes.ts';
import { generateCga, generateHba, VERIFICATION_METHOD } from '../../codecs/cga/index.ts';
import { decodeIpv6, encodeIpv6, PROTOCOL_ICMPV6, type Ipv6 } from '../../codecs/packet/index.ts';
import { decodeShim6, encodeShim6, PROTOCOL_SHIM6, type Shim6Message } from '../../codecs/shim6/index.ts';
import { Network, router, seeded, Shim6LabHost, type LabCapture } from '../../conformance/lab/index.ts';
import { nodeSignatures } from '../../conformance/providers/node-crypto.ts';
import { announceLocators, type LocalLocator, type LocalLocators, type Shim6Settings } from '../../state-machines/shim6/index.ts';

/** `A` or `B`. */
export type Name = 'A' | 'B';
export const NAMES = ['A', 'B'] as const;
/** @example other('A') // 'B' */
export const other = (name: Name): Name => (name === 'A' ? 'B' : 'A');

const keys = JSON.parse(readFileSync(new URL('../../vectors/cga/keys.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly { readonly name: string; readonly publicKey: string; readonly privateKey?: string }[];
};
const key = (name: string): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array } => {
  const { publicKey, privateKey = '' } = keys.vectors.find((each) => each.name === name)!;
  return { publicKey: fromHex(publicKey), privateKey: fromHex(privateKey) };
};
/** RSA-1024, both. */
const KEYS = { A: key('LinShim6 host A'), B: key('LinShim6 host B') } as const;

const prefix = (name: Name, i: number): Uint8Array => Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, name === 'A' ? 0xa : 0xb, i + 1, 0, 0);

/** The locators of a host that are verified by HBA; any part of them is a set of its own. */
export const hbaLocators = async (name: Name, count: number): Promise<readonly LocalLocator[]> => {
  const prefixes = Array.from({ length: count }, (_, i) => prefix(name, i));
  const { addresses } = await generateHba({
    sec: 0,
    prefixes,
    modifier: new Uint8Array(16).fill(7),
    extendedModifier: new Uint8Array(48).fill(name === 'A' ? 0xaa : 0xbb),
  });
  return addresses.map(({ address, octets }) => ({ locator: address, verificationMethod: VERIFICATION_METHOD.hba, parameters: octets }));
};

/** Two locators of A by CGA under an RSA key of 512 bits, signed. */
export const shortLocators = async (): Promise<LocalLocators> => {
  const { publicKey, privateKey } = key('RSA-512');
  const prefixes = [prefix('A', 0), prefix('A', 1)];
  const { addresses } = await generateCga({ sec: 0, prefixes, modifier: new Uint8Array(16), publicKey });
  const locators = addresses.map(({ address, octets }) => ({
    locator: address,
    verificationMethod: VERIFICATION_METHOD.cga,
    parameters: octets,
  }));
  return announceLocators(1, locators, privateKey, nodeSignatures);
};

/** Locators that are verified by CGA, under an RSA key of 1024 bits. */
export const cgaLocators = async (name: Name, count: number): Promise<readonly LocalLocator[]> => {
  const prefixes = Array.from({ length: count }, (_, i) => prefix(name, i));
  const { addresses } = await generateCga({ sec: 0, prefixes, modifier: new Uint8Array(16).fill(7), publicKey: KEYS[name].publicKey });
  return addresses.map(({ address, octets }) => ({ locator: address, verificationMethod: VERIFICATION_METHOD.cga, parameters: octets }));
};

/** A set, signed where it has to be. */
export const announce = (name: Name, generation: number, locators: readonly LocalLocator[]): Promise<LocalLocators> =>
  announceLocators(generation, locators, KEYS[name].privateKey, nodeSignatures);

/** A message from one address to another, as octets. */
export const packetTo = (source: Uint8Array, destination: Uint8Array, message: Shim6Message): Uint8Array =>
  encodeIpv6({ protocol: PROTOCOL_SHIM6, source, destination, payload: encodeShim6(message) });

/** Octets from a seed: nobody is to guess them but the test. */
export const octetsFrom = (seed: number): ((octets: number) => Uint8Array) => {
  const random = seeded(seed);
  return (octets) => Uint8Array.from({ length: octets }, () => Math.floor(random() * 256));
};

/** What `Shim6Settings` needs besides the locators. */
export const verifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  nodeSignatures.verify(publicKey, message, signature) === true;

/** What was sent, and whether the way that it took works. */
export interface Sent {
  readonly at: number;
  readonly by: Name;
  /** The message, `payload` between ULIDs or `icmp`. */
  readonly kind: string;
  readonly message: Shim6Message | undefined;
  readonly packet: Ipv6;
  readonly octets: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly arrives: boolean;
}

const readSent = (octets: Uint8Array): Pick<Sent, 'kind' | 'message' | 'packet'> => {
  const packet = decodeIpv6(octets);
  if (!packet.ok) throw new Error(packet.error.message);
  const { value } = packet;
  if (value.protocol !== PROTOCOL_SHIM6)
    return { kind: value.protocol === PROTOCOL_ICMPV6 ? 'icmp' : 'payload', message: undefined, packet: value };
  const message = decodeShim6(value.payload);
  if (!message.ok) throw new Error(message.error.message);
  return { kind: message.value.kind, message: message.value, packet: value };
};

export interface PairOptions {
  readonly A: LocalLocators;
  readonly B: LocalLocators;
  readonly seed: number;
  /** One way, in ms, and how much later a packet may come. */
  readonly delay?: number;
  readonly spread?: number;
  readonly loss?: number;
  readonly doubling?: number;
  /** More settings for both. */
  readonly settings?: Partial<Shim6Settings>;
}

/** @example const pair = new Shim6Pair({ A, B, seed: 1 }); pair.establish('A'); pair.run(1000); pair.view('B')?.state // 'ESTABLISHED' */
export class Shim6Pair {
  readonly lab: Network;
  readonly hosts: Readonly<Record<Name, Shim6LabHost>>;
  readonly sent: Sent[] = [];
  readonly capture: LabCapture;
  /** Whether a direction of a pair works: `works('A', 0, 1)` is from A1 to B2. */
  works: (by: Name, from: number, to: number) => boolean = () => true;
  readonly addresses: Readonly<Record<Name, readonly Uint8Array[]>>;
  readonly #options: PairOptions;
  #seed: number;

  constructor(options: PairOptions) {
    const { A, B, seed, delay = 20, spread = 0, loss = 0, doubling = 0 } = options;
    this.#options = options;
    this.#seed = seed * 8;
    this.lab = new Network(seed);
    const list = ({ locators }: LocalLocators): readonly Uint8Array[] => locators.map(({ locator }) => locator);
    this.addresses = { A: list(A), B: list(B) };
    this.hosts = { A: new Shim6LabHost(this.#settings('A')), B: new Shim6LabHost(this.#settings('B')) };
    for (const by of NAMES) this.lab.attach(by, this.hosts[by], this.addresses[by]);
    this.#lay(delay, spread, loss, doubling);
    this.capture = this.lab.capture({ host: 'A' });
  }

  /** From now on nothing is lost, doubled or overtaken, whatever it is that `works`. */
  heal(): void {
    this.#lay(this.#options.delay ?? 20, 0, 0, 0);
  }

  #lay(delay: number, spread: number, loss: number, doubling: number): void {
    const random = seeded(this.#options.seed + 77);
    for (const by of NAMES) {
      for (const [from, source] of this.addresses[by].entries()) {
        for (const [to, destination] of this.addresses[other(by)].entries()) {
          const watch = (octets: Uint8Array, at: number): readonly Uint8Array[] => {
            const arrives = this.works(by, from, to);
            this.sent.push({ at, by, ...readSent(octets), octets, from, to, arrives });
            return !arrives || random() < loss ? [] : random() < doubling ? [octets, octets] : [octets];
          };
          this.lab.lay(source, destination, { delay, jitter: spread, middleboxes: [watch, router] });
        }
      }
    }
  }

  get now(): number {
    return this.lab.now;
  }

  #settings(name: Name): Shim6Settings {
    this.#seed += 1;
    return { local: this.#options[name], random: octetsFrom(this.#seed), verifySignature, ...this.#options.settings };
  }

  /** The host loses all that it knows (section 7.5). */
  crash(name: Name, local: LocalLocators = this.#options[name]): void {
    this.hosts[name].crash({ ...this.#settings(name), local });
  }

  ulids(name: Name, from = 0, to = 0): readonly [local: Uint8Array, peer: Uint8Array] {
    return [this.addresses[name][from]!, this.addresses[other(name)][to]!];
  }

  view(name: Name, from = 0, to = 0, fii = 0) {
    return this.hosts[name].shim6.context(...this.ulids(name, from, to), fii);
  }

  establish(name: Name, from = 0, to = 0, fii = 0): void {
    const host = this.hosts[name];
    this.lab.send(name, ...host.packets(host.shim6.establish(...this.ulids(name, from, to), this.now, fii), this.now));
  }

  payload(name: Name, from = 0, to = 0, fii = 0): void {
    this.lab.send(name, ...this.hosts[name].payload(...this.ulids(name, from, to), this.now, fii));
  }

  suspect(name: Name, from = 0, to = 0): void {
    const host = this.hosts[name];
    this.lab.send(name, ...host.packets(host.shim6.suspect(...this.ulids(name, from, to), this.now), this.now));
  }

  tearDown(name: Name, from = 0, to = 0): void {
    const host = this.hosts[name];
    this.lab.send(name, ...host.packets(host.shim6.tearDown(...this.ulids(name, from, to), this.now), this.now));
  }

  setLocators(name: Name, local: LocalLocators): void {
    const host = this.hosts[name];
    this.lab.send(name, ...host.packets(host.shim6.setLocators(local, this.now), this.now));
  }

  /** Octets come to a host, from wherever. */
  inject(name: Name, octets: Uint8Array): void {
    this.lab.send(name, ...this.hosts[name].receive(octets, this.now));
  }

  at(time: number, act: () => void): void {
    this.lab.at(time, act);
  }

  /** Payload every `every` ms, from `from` until `until`. */
  talk(name: Name, every: number, from: number, until: number): void {
    for (let time = from; time < until; time += every) this.at(time, () => this.payload(name));
  }

  run(until: number): void {
    this.lab.run(until);
  }

  /** The messages so far, in their order: `A I1`. */
  get story(): readonly string[] {
    return this.sent.map(({ by, kind }) => `${by} ${kind}`);
  }

  /** The pair that a host sends payload on. */
  pairOf(name: Name): readonly [from: number, to: number] {
    const path = this.view(name)?.path;
    const index = (list: readonly Uint8Array[], address: Uint8Array | undefined): number =>
      list.findIndex((each) => address !== undefined && each.every((octet, i) => octet === address[i]));
    return [index(this.addresses[name], path?.source), index(this.addresses[other(name)], path?.destination)];
  }
}
