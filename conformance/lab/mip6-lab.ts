/**
 * A mobile node, its home agents and its correspondents in the lab, RFC 6275: a home link, foreign links, movement in virtual time, and captures of all of it.
 *
 * The home link is modelled by who has an address: a Neighbor Advertisement takes the home address over, as on a link where all hear it. Duplicate Address
 * Detection takes one second there, and finds an address in use only where `isTaken` says so: home agents of one link are taken to be colleagues that do not
 * defend the address of a mobile node against each other, which RFC 6275 leaves open.
 */
import { equalBytes } from '../../codecs/bytes.ts';
import { parseAddress } from '../../codecs/packet/index.ts';
import { CorrespondentHost, HomeAgent, homeAgentsAnycast, MobileNode } from '../../state-machines/mip6/index.ts';
import type {
  CorrespondentOutput,
  HomeAgentOutput,
  HomeAgentSettings,
  MobileNodeOutput,
  MobileNodeSettings,
} from '../../state-machines/mip6/index.ts';
import { echo, Mip6Host } from './mip6-host.ts';
import { Network } from './network.ts';
import type { PathOptions } from './path.ts';
import { seeded } from './random.ts';

const address = (text: string): Uint8Array => {
  const read = parseAddress(text);
  if (read === undefined) throw new RangeError(`no address: ${text}`);
  return read;
};

/** Foreign links that there are; link 0 is the home link. */
export const FOREIGN_LINKS = 3;
/** RetransTimer times DupAddrDetectTransmits, RFC 4862 section 5.1, in ms. */
const DUPLICATE_ADDRESS_DETECTION = 1000;
const RANDOM_OCTETS_PER_DRAW = 256;

/** What the lab is set up with; everything may be left out. */
export interface Mip6LabSettings {
  readonly seed?: number;
  readonly homeAgents?: number;
  readonly correspondents?: number;
  /** What a path from one address to another is like; 20 ms when left out. */
  readonly path?: (source: Uint8Array, destination: Uint8Array) => PathOptions;
  /** Of the home registration, in units of 4 s; 60 when left out. */
  readonly lifetime?: number;
  /** The mobile node has to discover its home agents. */
  readonly discovers?: boolean;
  /** Whether another node uses the home address. */
  readonly isTaken?: boolean;
  readonly mobileNode?: Partial<MobileNodeSettings>;
  readonly homeAgent?: Partial<HomeAgentSettings>;
}

/** The same octets for the same seed. */
const octetsFrom = (seed: number): ((octets: number) => Uint8Array) => {
  const random = seeded(seed);
  return (octets) => Uint8Array.from({ length: octets }, () => Math.floor(random() * RANDOM_OCTETS_PER_DRAW));
};

/**
 * The lab. Hosts are named `mn`, `ha1`, `ha2`, ..., `cn1`, `cn2`, ...
 *
 * @example
 * const lab = new Mip6Lab({ seed: 1 });
 * const capture = lab.network.capture({ host: 'mn' });
 * lab.moveTo(1);
 * lab.run(5000);
 * lab.ping(0); // from the mobile node to the first correspondent
 * lab.run(10_000);
 * checker.push(capture.pcap());
 */
export class Mip6Lab {
  readonly network: Network;
  readonly homeAddress = address('2001:db8:1::100');
  readonly mobileNode: MobileNode;
  readonly homeAgents: readonly HomeAgent[];
  readonly correspondents: readonly CorrespondentHost[];
  readonly homeAgentAddresses: readonly Uint8Array[];
  readonly correspondentAddresses: readonly Uint8Array[];
  /** What the mobile node reported besides packets. */
  readonly events: { readonly at: number; readonly output: MobileNodeOutput }[] = [];
  readonly mobileHost: Mip6Host<MobileNodeOutput>;
  readonly homeHosts: readonly Mip6Host<HomeAgentOutput>[];
  readonly correspondentHosts: readonly Mip6Host<CorrespondentOutput>[];
  readonly #addresses: readonly Uint8Array[];
  #link = 0;
  #sequence = 0;

  constructor(settings: Mip6LabSettings = {}) {
    const { seed = 1, homeAgents = 1, correspondents = 1, lifetime = 60, discovers = false, isTaken = false } = settings;
    const { homeAddress } = this;
    this.network = new Network(seed);
    this.homeAgentAddresses = Array.from({ length: homeAgents }, (_, i) => address(`2001:db8:1::${i + 1}`));
    this.correspondentAddresses = Array.from({ length: correspondents }, (_, i) => address(`2001:db8:4${i}::2`));
    this.mobileNode = new MobileNode({
      homeAddress,
      homeAgents: discovers ? [] : this.homeAgentAddresses,
      lifetime,
      linkLayerAddress: Uint8Array.of(2, 0, 0, 0, 1, 0),
      random: octetsFrom(seed * 31 + 1),
      authentic: () => true,
      ...settings.mobileNode,
    });
    this.homeAgents = this.homeAgentAddresses.map(
      (own, i) =>
        new HomeAgent({
          address: own,
          linkLocalAddress: address(`fe80::${i + 1}`),
          linkLayerAddress: Uint8Array.of(2, 0, 0, 0, 0, i + 1),
          prefixes: [{ prefix: address('2001:db8:1::'), length: 64, validUntil: Infinity, preferredUntil: Infinity }],
          preference: homeAgents - i,
          random: octetsFrom(seed * 31 + 2 + i),
          authentic: () => true,
          ...settings.homeAgent,
        }),
    );
    this.correspondents = this.correspondentAddresses.map(
      (own, i) => new CorrespondentHost({ address: own, random: octetsFrom(seed * 31 + 100 + i) }),
    );
    this.mobileHost = new Mip6Host(this.mobileNode, (output) => this.#mobileNodeSays(output));
    this.homeHosts = this.homeAgents.map((agent, i) => new Mip6Host(agent, (output, now) => this.#homeAgentSays(i, output, isTaken, now)));
    this.correspondentHosts = this.correspondents.map((host) => new Mip6Host(host, () => []));
    this.network.attach('mn', this.mobileHost, [homeAddress]);
    const anycast = homeAgentsAnycast(homeAddress);
    for (const [i, host] of this.homeHosts.entries())
      this.network.attach(`ha${i + 1}`, host, [this.homeAgentAddresses[i]!, ...(i === 0 ? [anycast] : [])]);
    for (const [i, host] of this.correspondentHosts.entries()) this.network.attach(`cn${i + 1}`, host, [this.correspondentAddresses[i]!]);
    const foreign = Array.from({ length: FOREIGN_LINKS }, (_, i) => this.careOfAddress(i + 1));
    this.#addresses = [homeAddress, anycast, ...this.homeAgentAddresses, ...this.correspondentAddresses, ...foreign];
    this.lay(settings.path);
    this.#learnEachOther();
  }

  /** Where the mobile node is: 0 is home. */
  get link(): number {
    return this.#link;
  }

  /** The mobile node's address on a foreign link, from 1 to FOREIGN_LINKS. @example lab.careOfAddress(1) // 2001:db8:11::100 */
  careOfAddress(link: number): Uint8Array {
    return address(`2001:db8:${10 + link}::100`);
  }

  /** Lays all paths anew. */
  lay(path: (source: Uint8Array, destination: Uint8Array) => PathOptions = () => ({ delay: 20 })): void {
    this.network.layAll(this.#addresses, path);
  }

  /** The mobile node leaves its link and appears on another one: 0 is home. */
  moveTo(link: number): void {
    this.leave();
    this.#link = link;
    const { now } = this.network;
    if (link === 0) {
      // Nobody defends the address where no home agent serves it.
      if (this.network.ownerOf(this.homeAddress) === undefined) this.network.assign(this.homeAddress, 'mn');
      this.network.send('mn', ...this.mobileHost.carryOut(this.mobileNode.returnHome(now), now));
    } else {
      this.network.assign(this.careOfAddress(link), 'mn');
      this.network.send('mn', ...this.mobileHost.carryOut(this.mobileNode.attach(this.careOfAddress(link), now), now));
    }
  }

  /** The mobile node is on no link any more, and does not know it yet. */
  leave(): void {
    if (this.#link > 0) this.network.assign(this.careOfAddress(this.#link));
    else if (this.network.ownerOf(this.homeAddress) === 'mn') this.network.assign(this.homeAddress);
  }

  /** A home agent, counted from 0, stops for good: nobody answers there, and nobody defends what it defended. */
  fail(homeAgent: number): void {
    this.homeHosts[homeAgent]!.isUp = false;
    if (this.network.ownerOf(this.homeAddress) === `ha${homeAgent + 1}`) this.network.assign(this.homeAddress);
    const next = this.homeHosts.findIndex(({ isUp }) => isUp);
    if (next >= 0) this.network.assign(homeAgentsAnycast(this.homeAddress), `ha${next + 1}`);
  }

  /** An echo request from the mobile node to a correspondent, counted from 0; the number by which its answer is known. */
  ping(correspondent: number): number {
    const { now } = this.network;
    const request = echo('request', this.homeAddress, this.correspondentAddresses[correspondent]!, 1, (this.#sequence += 1));
    this.network.send('mn', ...this.mobileHost.carryOut(this.mobileNode.send(request, now), now));
    return this.#sequence;
  }

  /** The same the other way round. */
  pingFrom(correspondent: number): number {
    const host = this.correspondentHosts[correspondent]!;
    const request = echo('request', this.correspondentAddresses[correspondent]!, this.homeAddress, 2, (this.#sequence += 1));
    this.network.send(`cn${correspondent + 1}`, ...host.carryOut(host.node.send(request, this.network.now), this.network.now));
    return this.#sequence;
  }

  run(until: number): void {
    this.network.run(until);
  }

  #mobileNodeSays(output: MobileNodeOutput): readonly Uint8Array[] {
    this.events.push({ at: this.network.now, output });
    if (output.type === 'registered') {
      // Of two home agents that both think that they serve, the one that the mobile node has chosen does.
      const serving = this.homeAgentAddresses.findIndex((each) => equalBytes(each, output.homeAgent));
      this.network.assign(this.homeAddress, `ha${serving + 1}`);
    }
    if (output.type !== 'advertise') return [];
    if (this.#link === 0) this.network.assign(this.homeAddress, 'mn');
    return [output.advertisement];
  }

  #homeAgentSays(i: number, output: HomeAgentOutput, isTaken: boolean, now: number): readonly Uint8Array[] {
    const name = `ha${i + 1}`;
    switch (output.type) {
      case 'check':
        this.network.at(now + DUPLICATE_ADDRESS_DETECTION, () => {
          const host = this.homeHosts[i]!;
          if (!host.isUp) return;
          const ended = this.homeAgents[i]!.checked(output.homeAddress, !isTaken, this.network.now);
          this.network.send(name, ...host.carryOut(ended, this.network.now));
        });
        return output.probes;
      case 'intercept':
        this.network.assign(output.address, name);
        return [output.advertisement];
      case 'release':
        // The mobile node on the link answers for itself from now on (section 11.5.5).
        if (this.network.ownerOf(output.address) === name) this.network.assign(output.address, this.#link === 0 ? 'mn' : undefined);
        return [];
      default:
        return [];
    }
  }

  /** The home agents hear each other's router advertisements. */
  #learnEachOther(): void {
    for (const [i, agent] of this.homeAgents.entries()) {
      const advertisement = agent.routerAdvertisement(9000, address('ff02::1'), 0);
      for (const [j, other] of this.homeHosts.entries()) if (i !== j) other.receive(advertisement, 0);
    }
  }
}
