/**
 * Hosts and one-way paths in virtual time. What is on the wire are IPv4 and IPv6 octets, so that a capture can be taken at any point and read like any other; who
 * drives a host is the host's own affair. The same seed and the same acts give the same run, octet by octet.
 */
import { concat, copyOf, equalBytes, toHex } from '../../codecs/bytes.ts';
import { LINKTYPE_RAW, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import { Path, routed } from './path.ts';
import type { PathOptions } from './path.ts';
import { Timeline } from './timeline.ts';

/** A host: pure as a machine is. It is told what comes and what time it is, and gives back the packets that it sends. */
export interface LabHost {
  /** A packet has come, at `now` in ms. It is the host's to keep. */
  receive(packet: Uint8Array, now: number): readonly Uint8Array[];
  /** When `tick` is to be called; undefined where nothing is waited for. */
  readonly nextTimer: number | undefined;
  /** Timers are due. */
  tick(now: number): readonly Uint8Array[];
}

/** Where a capture is taken: what a host sends and receives, or what enters or leaves the path from one address to another. */
export type Tap =
  | { readonly host: string }
  | { readonly path: readonly [source: Uint8Array, destination: Uint8Array]; readonly end: 'in' | 'out' };

/** A capture that is being taken. */
export interface LabCapture {
  /** Packets so far. */
  readonly packets: readonly { readonly time: number; readonly packet: Uint8Array }[];
  /** A pcap file of them (raw IP, microseconds). Its times begin at 1,700,000,000 s. */
  pcap(): Uint8Array;
}

class Capture implements LabCapture {
  readonly packets: { readonly time: number; readonly packet: Uint8Array }[] = [];

  add(packet: Uint8Array, time: number): void {
    this.packets.push({ time, packet });
  }

  pcap(): Uint8Array {
    const records = this.packets.map(({ time, packet }) => {
      const microseconds = Math.round(time * 1000);
      const [seconds, fraction] = [1_700_000_000 + Math.floor(microseconds / 1e6), microseconds % 1e6];
      return pcapRecord({ bytes: packet, start: 0, end: packet.length, originalLength: packet.length, seconds, fraction });
    });
    return concat(pcapHeader({ linkType: LINKTYPE_RAW }), ...records);
  }
}

interface Attached {
  readonly name: string;
  readonly host: LabHost;
  /** For which time a wake-up is in the timeline. */
  waking: number;
}

interface Laid {
  readonly path: Path;
  readonly in: Capture[];
  readonly out: Capture[];
}

/** Where the addresses of a packet are: its source from `at` on, its destination behind it, `length` octets each. */
const addressesOf = (packet: Uint8Array): { readonly at: number; readonly length: number } =>
  packet.length > 0 && packet[0]! >> 4 === 4 ? { at: 12, length: 4 } : { at: 8, length: 16 };

/**
 * A network.
 *
 * @example
 * const lab = new Network(7);
 * lab.attach('a', hostA, [addressA]);
 * lab.attach('b', hostB, [addressB]);
 * lab.lay(addressA, addressB, { delay: 20, loss: 0.01 });
 * lab.lay(addressB, addressA, { delay: 20, outages: [{ from: 30_000 }] });
 * const capture = lab.capture({ host: 'a' });
 * lab.at(0, () => lab.send('a', packet));
 * lab.run(60_000);
 * checker.push(capture.pcap());
 */
export class Network {
  /** In ms. */
  now = 0;
  /** Packets for which there was no path, or nobody who has the address. */
  stray = 0;
  readonly #timeline = new Timeline();
  readonly #hosts = new Map<string, Attached>();
  readonly #owners = new Map<string, Attached>();
  readonly #paths = new Map<string, Laid>();
  readonly #taps = new Map<string, Capture[]>();
  readonly #seed: number;
  /** Paths so far, also those that others took the place of: each has random numbers of its own. */
  #laid = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Attaches a host, which has these addresses (4 or 16 octets each). A `RangeError` names what is taken. */
  attach(name: string, host: LabHost, addresses: readonly Uint8Array[]): void {
    if (this.#hosts.has(name)) throw new RangeError(`there is a host ${name} already`);
    const attached: Attached = { name, host, waking: Infinity };
    for (const address of addresses) {
      if (this.#owners.has(toHex(address))) throw new RangeError(`somebody has the address ${toHex(address)} already`);
      this.#owners.set(toHex(address), attached);
    }
    this.#hosts.set(name, attached);
  }

  /** Gives an address to a host from now on, or to nobody: what arrives for it then is stray. A `RangeError` where there is no such host. */
  assign(address: Uint8Array, name?: string): void {
    const attached = name === undefined ? undefined : this.#hosts.get(name);
    if (attached === undefined && name !== undefined) throw new RangeError(`there is no host ${name}`);
    if (attached === undefined) this.#owners.delete(toHex(address));
    else this.#owners.set(toHex(address), attached);
  }

  /** The host that has an address; undefined where nobody has. */
  ownerOf(address: Uint8Array): string | undefined {
    return this.#owners.get(toHex(address))?.name;
  }

  /** Lays a path from one address to another, in this direction only; in place of one that was there. */
  lay(source: Uint8Array, destination: Uint8Array, options: PathOptions = {}): Path {
    const key = toHex(source) + toHex(destination);
    const path = new Path(options, (this.#seed * 0x9e37_79b1 + this.#laid * 0x85eb_ca6b) >>> 0);
    this.#laid += 1;
    const before = this.#paths.get(key);
    this.#paths.set(key, { path, in: before?.in ?? [], out: before?.out ?? [] });
    return path;
  }

  /** Lays paths from each of these IPv6 addresses to each other one, with a router between links (`routed`). */
  layAll(addresses: readonly Uint8Array[], path: (source: Uint8Array, destination: Uint8Array) => PathOptions): void {
    for (const source of addresses)
      for (const destination of addresses)
        if (!equalBytes(source, destination)) this.lay(source, destination, routed(source, destination, path(source, destination)));
  }

  /** Takes a capture from now on. A `RangeError` where there is no such host or path. */
  capture(tap: Tap): LabCapture {
    const capture = new Capture();
    if ('host' in tap) {
      if (!this.#hosts.has(tap.host)) throw new RangeError(`there is no host ${tap.host}`);
      this.#taps.set(tap.host, [...(this.#taps.get(tap.host) ?? []), capture]);
    } else {
      const laid = this.#paths.get(toHex(tap.path[0]) + toHex(tap.path[1]));
      if (laid === undefined) throw new RangeError('there is no such path');
      laid[tap.end].push(capture);
    }
    return capture;
  }

  /** Lets something happen at a time, which is not before now. */
  at(time: number, act: () => void): void {
    this.#timeline.add(Math.max(time, this.now), act);
  }

  /** A host sends packets now: each takes the path from its source to its destination address. */
  send(name: string, ...packets: readonly Uint8Array[]): void {
    for (const packet of packets) {
      for (const capture of this.#taps.get(name) ?? []) capture.add(packet, this.now);
      const { at, length } = addressesOf(packet);
      const laid = packet.length < at + 2 * length ? undefined : this.#paths.get(toHex(packet, at, at + 2 * length));
      if (laid === undefined) {
        this.stray += 1;
        continue;
      }
      for (const capture of laid.in) capture.add(packet, this.now);
      for (const arrival of laid.path.carry(packet, this.now)) this.at(arrival.at, () => this.#arrive(laid, arrival.packet));
    }
    this.#wake(this.#hosts.get(name));
  }

  /** Lets time pass, to `until` and everything that happens at it. */
  run(until: number): void {
    for (const attached of this.#hosts.values()) this.#wake(attached);
    while (this.#timeline.next <= until) {
      this.now = Math.max(this.now, this.#timeline.next);
      this.#timeline.take()!();
    }
    this.now = Math.max(this.now, until);
  }

  #arrive(laid: Laid, packet: Uint8Array): void {
    for (const capture of laid.out) capture.add(packet, this.now);
    const { at, length } = addressesOf(packet);
    const owner = this.#owners.get(toHex(packet, at + length, at + 2 * length));
    if (owner === undefined) {
      this.stray += 1;
      return;
    }
    for (const capture of this.#taps.get(owner.name) ?? []) capture.add(packet, this.now);
    this.send(owner.name, ...owner.host.receive(copyOf(packet), this.now));
  }

  /** Sees to it that a host is woken when its next timer is due. */
  #wake(attached: Attached | undefined): void {
    const due = attached?.host.nextTimer;
    if (attached === undefined || due === undefined || due >= attached.waking) return;
    attached.waking = due;
    this.at(due, () => {
      if (attached.waking !== due) return; // an earlier one took its place
      attached.waking = Infinity;
      // A timer may have been stopped or moved since.
      if ((attached.host.nextTimer ?? Infinity) <= this.now) this.send(attached.name, ...attached.host.tick(this.now));
      this.#wake(attached);
    });
  }
}
