/**
 * Hosts that move, by Mobile IPv6, by shim6 alone or by MipShim6, in one lab: each has home links with a home agent on each, foreign links, and a stream of
 * segments to a peer that stays, or moves as well. How long the stream is silent after something has happened is what is measured.
 */
import { generateKeyPairSync } from 'node:crypto';
import { equalBytes } from '../../codecs/bytes.ts';
import { generateCga, locatorsSigned } from '../../codecs/cga/index.ts';
import { parseAddress } from '../../codecs/packet/index.ts';
import { decodeShim6, PROTOCOL_SHIM6 } from '../../codecs/shim6/index.ts';
import { HomeAgent, readArrival } from '../../state-machines/mip6/index.ts';
import type { HomeAgentOutput, Payload } from '../../state-machines/mip6/index.ts';
import type { MipShim6Home } from '../../state-machines/mipshim6/index.ts';
import type { LocalLocator, LocalLocators } from '../../state-machines/shim6/index.ts';
import { nodeSignatures } from '../providers/node-crypto.ts';
import { Mip6Host } from './mip6-host.ts';
import { correspondent, mipShim6, mobileIpv6, plainPeer, shim6Alone, shim6Peer } from './mobility-endpoint.ts';
import type { Endpoint, EndpointOutput, EndpointSettings } from './mobility-endpoint.ts';
import { Network } from './network.ts';
import type { LabCapture, LabHost } from './network.ts';
import type { PathOptions } from './path.ts';
import { seeded } from './random.ts';
import { acknowledgementOf, Stream } from './stream.ts';

/** What is compared. */
export type MobilityProtocol = 'MIPv6' | 'shim6' | 'MipShim6';
export const MOBILITY_PROTOCOLS: readonly MobilityProtocol[] = ['MIPv6', 'shim6', 'MipShim6'];

/** Times in ms. */
export interface MobilityLabSettings {
  readonly protocol: MobilityProtocol;
  readonly seed?: number;
  /** 1, or 2 where the peer moves, too. */
  readonly mobiles?: 1 | 2;
  /** Home links of each, with a home agent each: 1 or 2; none has a home agent where `hasHomeAgents` is false. */
  readonly homes?: 1 | 2;
  readonly hasHomeAgents?: boolean;
  /** The peer knows neither protocol. */
  readonly isPeerPlain?: boolean;
  readonly sendTimeout?: number;
  readonly movementTime?: number;
  /** Of MipShim6: whether care-of addresses are told; true when left out. */
  readonly isDirect?: boolean;
  /** Whether the stream is told of another path; true when left out. */
  readonly isInformed?: boolean;
  /** Of the streams; `constant` when left out. */
  readonly pace?: 'acknowledged' | 'constant';
  /** 100 when left out. */
  readonly interval?: number;
  /** What a path is like; 20 ms when left out. */
  readonly path?: (source: Uint8Array, destination: Uint8Array) => PathOptions;
  /** For all hosts; a new one when left out. */
  readonly key?: LabKey;
}

const DUPLICATE_ADDRESS_DETECTION = 1000;
const LINKS = 3;

const address = (text: string): Uint8Array => {
  const read = parseAddress(text);
  if (read === undefined) throw new RangeError(`no address: ${text}`);
  return read;
};

const octetsFrom = (seed: number): ((octets: number) => Uint8Array) => {
  const random = seeded(seed);
  return (octets) => Uint8Array.from({ length: octets }, () => Math.floor(random() * 256));
};

/** An RSA key. DER: SubjectPublicKeyInfo, PKCS #8. */
export interface LabKey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A new key of 1024 bits, the least that shim6 takes (RFC 5533 section 16). */
export const newLabKey = (): LabKey => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  return { publicKey: new Uint8Array(publicKey), privateKey: new Uint8Array(privateKey) };
};

/** The home addresses of a mobile host, counted from 0: a CGA under the key on each home link, where `::1` is the home agent. */
const homesOf = async (mobile: number, count: number, publicKey: Uint8Array): Promise<readonly MipShim6Home[]> => {
  const prefixes = Array.from({ length: count }, (_, home) => address(`2001:db8:a${mobile + 1}:${home + 1}::`));
  const modifier = new Uint8Array(16).fill(mobile + 1);
  const { addresses } = await generateCga({ sec: 0, prefixes: prefixes.map((each) => each.subarray(0, 8)), modifier, publicKey });
  return addresses.map(({ address: homeAddress, octets }, home) => {
    const homeAgent = prefixes[home]!.slice();
    homeAgent[15] = 1;
    return { homeAddress, parameters: octets, homeAgents: [homeAgent] };
  });
};

/** Whether a packet is no data: in the tunnel, too. */
const isSignalling = (packet: Uint8Array): boolean => {
  const content = readArrival(packet)?.content;
  if (content?.kind === 'tunneled') return isSignalling(content.octets);
  if (content?.kind === 'mobility' || content?.kind === 'icmp') return true;
  if (content?.kind !== 'payload' || content.protocol !== PROTOCOL_SHIM6) return false;
  const read = decodeShim6(content.payload);
  return read.ok && read.value.kind !== 'PayloadExtension';
};

/** Whether a packet is data that takes no tunnel. */
const isStraight = (packet: Uint8Array): boolean => !isSignalling(packet) && readArrival(packet)?.content.kind === 'payload';

const verifySignature: EndpointSettings['verifySignature'] = (publicKey, message, signature) =>
  nodeSignatures.verify(publicKey, message, signature) === true;

/** A host of the lab around an end: its stream, and the answers to that of the other. */
class MobilityHost implements LabHost {
  readonly endpoint: Endpoint;
  readonly stream: Stream;
  readonly #advertise: (homeAddress: Uint8Array) => void;

  constructor(endpoint: Endpoint, stream: Stream, advertise: (homeAddress: Uint8Array) => void) {
    this.endpoint = endpoint;
    this.stream = stream;
    this.#advertise = advertise;
  }

  get nextTimer(): number | undefined {
    const next = Math.min(this.endpoint.nextTimer ?? Infinity, this.stream.nextTimer ?? Infinity);
    return next === Infinity ? undefined : next;
  }

  receive(packet: Uint8Array, now: number): readonly Uint8Array[] {
    return this.carryOut(this.endpoint.receive(packet, now), now);
  }

  tick(now: number): readonly Uint8Array[] {
    const packets = (this.endpoint.nextTimer ?? Infinity) <= now ? [...this.carryOut(this.endpoint.tick(now), now)] : [];
    for (const payload of this.stream.tick(now)) packets.push(...this.carryOut(this.endpoint.send(payload, now), now));
    return packets;
  }

  carryOut(outputs: readonly EndpointOutput[], now: number): readonly Uint8Array[] {
    return outputs.flatMap((output): readonly Uint8Array[] => {
      switch (output.type) {
        case 'send':
          return [output.packet];
        case 'pathChanged':
          this.stream.pathChanged(now);
          return [];
        case 'advertise':
          this.#advertise(output.homeAddress);
          return [];
        case 'deliver':
          return this.#delivered(output.payload, now);
      }
    });
  }

  #delivered(payload: Payload, now: number): readonly Uint8Array[] {
    this.stream.receive(payload, now);
    const answer = acknowledgementOf(payload);
    return answer === undefined ? [] : this.carryOut(this.endpoint.send(answer, now), now);
  }
}

interface Mobile {
  readonly name: string;
  readonly host: MobilityHost;
  readonly homes: readonly MipShim6Home[];
  /** One on each foreign link. */
  readonly careOfAddresses: readonly Uint8Array[];
  attached: readonly number[];
}

/**
 * The lab. Mobile hosts are `m1` and `m2`, home agents `m1-ha1` and so on, a peer that stays `peer`.
 *
 * @example
 * const lab = await MobilityLab.create({ protocol: 'MipShim6' });
 * lab.begin();
 * lab.run(5000);
 * lab.attach(0, [1]);
 * lab.run(20_000);
 * lab.stream.recoveryAfter(5000);
 */
export class MobilityLab {
  readonly network: Network;
  readonly #settings: MobilityLabSettings;
  readonly #mobiles: Mobile[] = [];
  readonly #homeAgents: { readonly name: string; readonly host: Mip6Host<HomeAgentOutput>; readonly homeAddress: Uint8Array }[] = [];
  readonly #peer: Uint8Array = address('2001:db8:40::2');
  readonly #addresses: Uint8Array[] = [];
  #peerHost: MobilityHost | undefined;

  private constructor(settings: MobilityLabSettings) {
    this.#settings = settings;
    this.network = new Network(settings.seed ?? 1);
  }

  /** Makes addresses and hosts. */
  static async create(settings: MobilityLabSettings): Promise<MobilityLab> {
    const lab = new MobilityLab(settings);
    const { seed = 1, mobiles = 1, homes = 1, isPeerPlain = false, isDirect = true, key = newLabKey(), protocol } = settings;
    const { sendTimeout = 15_000, movementTime = Math.min(3000, sendTimeout - 1) } = settings;
    let generation = 0;
    const announce = (locators: readonly LocalLocator[]): LocalLocators => {
      generation += 1;
      const signed = locators.map(({ locator, verificationMethod = 0 }) => ({ locator, verificationMethod }));
      const signature = nodeSignatures.sign(key.privateKey, locatorsSigned(generation, signed));
      return { generation, locators, ...(signature instanceof Uint8Array && { signature }) };
    };
    const all: (readonly MipShim6Home[])[] = [];
    for (let m = 0; m < mobiles; m += 1) all.push(await homesOf(m, homes, key.publicKey));
    const make = { MIPv6: mobileIpv6, shim6: shim6Alone, MipShim6: mipShim6 }[protocol];
    for (const [m, own] of all.entries()) {
      const endpoint = make({
        homes: own,
        announce,
        verifySignature,
        random: octetsFrom(seed * 31 + m),
        sendTimeout,
        movementTime,
        isDirect,
      });
      lab.#addMobile(m, own, endpoint, all[1 - m]?.[0]?.homeAddress ?? lab.#peer);
    }
    if (mobiles === 1) {
      const random = octetsFrom(seed * 31 + 7);
      const speaks =
        protocol === 'MIPv6' ? correspondent(lab.#peer, random) : shim6Peer(lab.#peer, { verifySignature, random, sendTimeout });
      lab.#addPeer(isPeerPlain ? plainPeer() : speaks);
    }
    lab.lay(settings.path);
    return lab;
  }

  /** That of the first mobile host. */
  get stream(): Stream {
    return this.#mobiles[0]!.host.stream;
  }

  /** The identifiers of a mobile host, counted from 0, and of the peer. */
  homeAddress(mobile: number, home = 0): Uint8Array {
    return this.#mobiles[mobile]!.homes[home]!.homeAddress;
  }
  get peerAddress(): Uint8Array {
    return this.#mobiles[1]?.homes[0]!.homeAddress ?? this.#peer;
  }
  /** The address of a mobile host on a foreign link, from 1 on. */
  careOfAddress(mobile: number, link: number): Uint8Array {
    return this.#mobiles[mobile]!.careOfAddresses[link - 1]!;
  }

  /** Lays all paths anew. */
  lay(path: (source: Uint8Array, destination: Uint8Array) => PathOptions = () => ({ delay: 20 })): void {
    this.network.layAll(this.#addresses, path);
  }

  /** The first host and its peer set up what they need, and the stream begins. */
  begin(): void {
    const [{ host, name }] = this.#mobiles as [Mobile];
    this.network.send(
      name,
      ...host.carryOut(host.endpoint.connect(this.homeAddress(0), this.peerAddress, this.network.now), this.network.now),
    );
    this.network.at(this.network.now + 1000, () => {
      host.stream.start(this.network.now);
      this.network.send(name);
    });
  }

  /** A peer that stays opens a stream to the first mobile host, at the address by which it knows it. A `RangeError` where the peer moves, too. */
  beginFromPeer(): Stream {
    const host = this.#peerHost;
    if (host === undefined) throw new RangeError('there is no peer that stays');
    host.stream.start(this.network.now);
    this.network.send('peer');
    return host.stream;
  }

  /** A mobile host, counted from 0, leaves its links and is on these foreign ones, the preferred one first; on none it is at home. */
  attach(mobile: number, links: readonly number[]): void {
    const one = this.#mobiles[mobile]!;
    this.#leave(one);
    one.attached = links;
    const careOfAddresses = links.map((link) => this.careOfAddress(mobile, link));
    for (const each of careOfAddresses) this.network.assign(each, one.name);
    if (links.length === 0)
      for (const { homeAddress } of one.homes)
        if (this.network.ownerOf(homeAddress) === undefined) this.network.assign(homeAddress, one.name);
    this.network.send(one.name, ...one.host.carryOut(one.host.endpoint.attach(careOfAddresses, this.network.now), this.network.now));
  }

  /** A home agent stops for good: home link `home` of a mobile host, both counted from 0. */
  failHomeAgent(mobile: number, home: number): void {
    const agent = this.#homeAgents.find(({ name }) => name === `m${mobile + 1}-ha${home + 1}`);
    if (agent === undefined) return;
    agent.host.isUp = false;
    if (this.network.ownerOf(agent.homeAddress) === agent.name) this.network.assign(agent.homeAddress);
  }

  run(until: number): void {
    this.network.run(until);
  }

  /** The foreign link, from 1 on, from which the newest packet of data in a capture left straight for the peer; undefined where none did. */
  linkInUse(capture: LabCapture): number | undefined {
    const sources = capture.packets.filter(({ packet }) => isStraight(packet)).map(({ packet }) => packet.subarray(8, 24));
    const links = Array.from({ length: LINKS }, (_, i) => i + 1);
    const last = sources.findLast((each) => links.some((link) => equalBytes(each, this.careOfAddress(0, link))));
    return last === undefined ? undefined : links.find((link) => equalBytes(last, this.careOfAddress(0, link)));
  }

  /** Packets at a host since a time that are no data: signalling. */
  static signalling(capture: LabCapture, from: number, to: number): number {
    return capture.packets.filter(({ time, packet }) => time >= from && time <= to && isSignalling(packet)).length;
  }

  #leave(one: Mobile): void {
    for (const link of one.attached) this.network.assign(one.careOfAddresses[link - 1]!);
    for (const { homeAddress } of one.homes) if (this.network.ownerOf(homeAddress) === one.name) this.network.assign(homeAddress);
  }

  #addMobile(m: number, homes: readonly MipShim6Home[], endpoint: Endpoint, destination: Uint8Array): void {
    const { hasHomeAgents = true, isInformed = true, interval = 100, pace = 'constant', protocol } = this.#settings;
    const name = `m${m + 1}`;
    const source = homes[0]!.homeAddress;
    const stream = new Stream({ source, destination, interval, isInformed, pace });
    const host = new MobilityHost(endpoint, stream, (homeAddress) => {
      if (this.#mobiles[m]!.attached.length === 0) this.network.assign(homeAddress, name);
    });
    const careOfAddresses = Array.from({ length: LINKS }, (_, i) => address(`2001:db8:f${m + 1}:${i + 1}::100`));
    this.#mobiles.push({ name, host, homes, careOfAddresses, attached: [] });
    this.network.attach(
      name,
      host,
      homes.map(({ homeAddress }) => homeAddress),
    );
    this.#addresses.push(...careOfAddresses, ...homes.map(({ homeAddress }) => homeAddress));
    if (hasHomeAgents && protocol !== 'shim6') for (const [h, home] of homes.entries()) this.#addHomeAgent(m, h, home);
  }

  #addHomeAgent(m: number, h: number, { homeAddress, homeAgents }: MipShim6Home): void {
    const name = `m${m + 1}-ha${h + 1}`;
    const own = homeAgents[0]!;
    const agent = new HomeAgent({
      address: own,
      linkLocalAddress: address('fe80::1'),
      linkLayerAddress: Uint8Array.of(2, 0, 0, 0, m, h),
      prefixes: [{ prefix: homeAddress, length: 64, validUntil: Infinity, preferredUntil: Infinity }],
      random: octetsFrom((this.#settings.seed ?? 1) * 31 + 100 + 10 * m + h),
      authentic: () => true,
    });
    const host: Mip6Host<HomeAgentOutput> = new Mip6Host(agent, (output, now) => {
      if (output.type === 'check') {
        this.network.at(now + DUPLICATE_ADDRESS_DETECTION, () => {
          if (host.isUp)
            this.network.send(name, ...host.carryOut(agent.checked(output.homeAddress, true, this.network.now), this.network.now));
        });
        return output.probes;
      }
      if (output.type === 'intercept') {
        this.network.assign(output.address, name);
        return [output.advertisement];
      }
      if (output.type === 'release' && this.network.ownerOf(output.address) === name)
        this.network.assign(output.address, this.#mobiles[m]!.attached.length === 0 ? `m${m + 1}` : undefined);
      return [];
    });
    this.network.attach(name, host, [own]);
    this.#homeAgents.push({ name, host, homeAddress });
    this.#addresses.push(own);
  }

  #addPeer(endpoint: Endpoint): void {
    const stream = new Stream({ source: this.#peer, destination: this.homeAddress(0), pace: 'constant' });
    const host = new MobilityHost(endpoint, stream, () => undefined);
    this.#peerHost = host;
    this.network.attach('peer', host, [this.#peer]);
    this.#addresses.push(this.#peer);
  }
}
