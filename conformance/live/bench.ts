/**
 * Where a case happens: a network of its own, the kernel's sockets on one side, scripted subflows on the other, and the capture of all
 * that passes. Everything waits for packets or for a socket, and never longer than it is told.
 */
import { concat } from '../../codecs/bytes.ts';
import { LINKTYPE_RAW, pcapHeader, pcapRecord } from '../../codecs/capture/index.ts';
import type { Dss, MpCapable, MpJoinSyn } from '../../codecs/mptcp/index.ts';
import { parseAddress } from '../../codecs/packet/index.ts';
import type { EndpointHost } from '../lab/endpoint-host.ts';
import { requirement } from '../requirements/index.ts';
import { Application } from './application.ts';
import { Unready, type LiveCase, type LiveFinding } from './case.ts';
import { POLLIN, type Awaited, type Libc } from './libc.ts';
import { kernelAddress, Network, peerAddress } from './network.ts';
import { Connection, Subflow, type ConnectionSetup } from './peer.ts';
import {
  ACK,
  describe,
  has,
  isSynAck,
  optionOf,
  packetOf,
  RST,
  segmentOf,
  SYN,
  textOf,
  type Seen,
  type Segment,
  type Socket,
} from './segment.ts';

/** How long what must come may take, in ms: longer than a retransmission of TCP's after three round trips that take no time. */
export const PATIENCE = 3000;
/** The port of the server, ours or the kernel's. */
export const PORT = 5001;
/** How often a path is tried before a case begins. */
const ATTEMPTS = 100;
const OUR_PORT = 40_000;
const OUR_KEY = 0x0123_4567_89ab_cdefn;
const START = 0x1000_0000;

/** How a connection is opened. */
export interface Opening {
  readonly ipVersion?: 4 | 6;
  readonly key?: bigint;
  readonly checksum?: boolean;
  /** Fields of our MP_CAPABLE on the SYN or SYN/ACK that are to differ. */
  readonly capable?: Partial<MpCapable>;
  /** Of our receive window. */
  readonly window?: number;
}

/** A connection whose handshake is done, with the kernel's socket. */
export interface Opened {
  readonly connection: Connection;
  readonly app: Application;
  readonly first: Subflow;
}

const octetsOf = (text: string): Uint8Array => {
  const octets = parseAddress(text);
  if (octets === undefined) throw new RangeError(`${text} is no address`);
  return octets;
};
/** The path of a packet of ours, by its source address. */
const pathOf = (packet: Uint8Array): number => (packet[0]! >> 4 === 4 ? packet[14]! : packet[13]! - 1);
const keyOf = (local: Socket, remote: Socket): string => `${textOf(local)} ${textOf(remote)}`;

/** So many octets that differ. @example pattern(100) */
export const pattern = (octets: number, from = 0): Uint8Array =>
  Uint8Array.from({ length: octets }, (_, at) => ((from + at) * 167 + ((from + at) >> 8)) & 0xff);

/** What a script works with. */
export class Bench {
  readonly network: Network;
  readonly #libc: Libc;
  readonly #case: LiveCase;
  readonly #records: Uint8Array[] = [pcapHeader({ linkType: LINKTYPE_RAW })];
  readonly #subflows = new Map<string, Subflow>();
  readonly #findings = new Map<string, LiveFinding>();
  /** Segments of no subflow: what the kernel opens. */
  readonly #unclaimed: Seen[] = [];
  /** An endpoint of ours that gets what no script claims. */
  #host: EndpointHost | undefined;
  /** What the endpoint has heard from the kernel. */
  readonly heard: Seen[] = [];
  /** The path on which each subflow of the endpoint hears the kernel. */
  readonly #ways = new Map<string, number>();
  #frame = 0;
  #ports = OUR_PORT;

  constructor(libc: Libc, liveCase: LiveCase) {
    this.#libc = libc;
    this.#case = liveCase;
    this.network = new Network(libc, liveCase.kernel);
  }

  // What passes

  /** Sends a packet to the kernel; gives its frame. */
  transmit(packet: Uint8Array, path: number): number {
    const frame = this.#record(packet);
    this.network.write(path, packet);
    return frame;
  }

  #record(packet: Uint8Array): number {
    const now = performance.timeOrigin + performance.now();
    const fraction = Math.floor((now % 1000) * 1000);
    this.#records.push(
      pcapRecord({ bytes: packet, start: 0, end: packet.length, originalLength: packet.length, seconds: Math.floor(now / 1000), fraction }),
    );
    this.#frame += 1;
    return this.#frame;
  }

  /** The capture so far. */
  get capture(): Uint8Array {
    return concat(...this.#records);
  }

  /** Frames so far: what comes later has a higher number. */
  get frames(): number {
    return this.#frame;
  }

  /** Takes in what the kernel has sent, a packet of each path in turn: so they stand in the capture nearly as they were sent. */
  pump(): void {
    for (let more = true; more;) {
      more = false;
      for (const path of this.network.devices.keys()) {
        const packet = this.network.read(path);
        if (packet === undefined) continue;
        more = true;
        // Neighbour discovery and the like concern nobody here.
        const seen = segmentOf(packet, path, this.#frame + 1);
        if (seen !== undefined) this.#take(packet, seen);
      }
    }
  }

  #take(packet: Uint8Array, seen: Seen): void {
    this.#record(packet);
    const key = keyOf(seen.destination, seen.source);
    const subflow = this.#subflows.get(key);
    if (subflow !== undefined) subflow.receive(seen);
    else if (this.#host === undefined) this.#unclaimed.push(seen);
    else {
      this.#ways.set(key, seen.path);
      this.heard.push(seen);
      this.#sendAll(this.#host.receive(packet, performance.now()));
    }
  }

  /**
   * Waits until the kernel answers on each path: IPv6 addresses are there some time after they were given. A SYN to a port where nobody
   * listens gets a RST; none of that is in the capture.
   */
  async ready(): Promise<void> {
    for (const path of this.network.devices.keys()) {
      const [source, destination] = [this.local(path, 6, 9), this.remote(path, 6, 9)];
      const probe = {
        source,
        destination,
        sequence: START,
        acknowledgment: 0,
        flags: SYN,
        window: 0,
        tcpOptions: [],
        options: [],
        payload: new Uint8Array(0),
      };
      let isAnswered = false;
      for (let attempt = 0; attempt < ATTEMPTS && !isAnswered; attempt += 1) {
        this.network.write(path, packetOf(probe));
        await this.#libc.poll([{ fd: this.network.devices[path]!, events: POLLIN }], PATIENCE / ATTEMPTS);
        for (let packet = this.network.read(path); packet !== undefined; packet = this.network.read(path)) {
          isAnswered ||= segmentOf(packet, path, 0)?.destination.port === 9;
        }
      }
      if (!isAnswered) throw new Unready(`an answer on path ${path}`);
    }
  }

  /** Makes an endpoint our side: it gets what comes, and its timers run while the script waits. */
  attach(host: EndpointHost): void {
    this.#host = host;
  }

  /** The endpoint does what it can now. */
  act(): void {
    const now = performance.now();
    const { nextTimer = Number.POSITIVE_INFINITY } = this.#host ?? {};
    if (this.#host !== undefined) this.#sendAll(nextTimer <= now ? this.#host.tick(now) : this.#host.act(now));
  }

  /** An answer goes back the way the kernel's segments come; what begins, by its source address. */
  #pathOf(packet: Uint8Array): number {
    const segment = segmentOf(packet, 0, 0);
    const known = segment === undefined ? undefined : this.#ways.get(keyOf(segment.source, segment.destination));
    return known ?? pathOf(packet);
  }

  #sendAll(packets: readonly Uint8Array[]): void {
    for (const packet of packets) this.transmit(packet, this.#pathOf(packet));
  }

  /** What `get` gives as soon as it gives something; undefined after `within` ms without. */
  readonly until = async <T>(get: () => T | undefined, within: number = PATIENCE, awaited?: Awaited): Promise<T | undefined> => {
    const deadline = performance.now() + within;
    const devices = this.network.devices.map((fd) => ({ fd, events: POLLIN }));
    for (;;) {
      this.pump();
      this.act();
      const value = get();
      if (value !== undefined) return value;
      const now = performance.now();
      if (now >= deadline) return undefined;
      const timer = this.#host?.nextTimer ?? Number.POSITIVE_INFINITY;
      await this.#libc.poll(awaited === undefined ? devices : [...devices, awaited], Math.max(0, Math.min(deadline, timer) - now));
    }
  };

  /** The next segment of a subflow that fits, none before it looked at again; undefined where none comes in time. */
  async next(subflow: Subflow, fits: (seen: Seen) => boolean, within: number = PATIENCE): Promise<Seen | undefined> {
    return this.until(() => {
      while (subflow.looked < subflow.seen.length) {
        const seen = subflow.seen[subflow.looked]!;
        subflow.looked += 1;
        if (fits(seen)) return seen;
      }
      return undefined;
    }, within);
  }

  /** The same, where a script cannot go on without. */
  async needed(what: string, subflow: Subflow, fits: (seen: Seen) => boolean, within: number = PATIENCE): Promise<Seen> {
    return this.need(await this.next(subflow, fits, within), what);
  }

  /** The next SYN of the kernel that fits and belongs to no subflow yet. */
  async syn(fits: (seen: Seen) => boolean = () => true, within: number = PATIENCE): Promise<Seen | undefined> {
    return this.until(() => {
      const index = this.#unclaimed.findIndex((seen) => has(seen, SYN) && !has(seen, ACK) && fits(seen));
      return index < 0 ? undefined : this.#unclaimed.splice(index, 1)[0];
    }, within);
  }

  /** SYNs of the kernel that belong to no subflow, so far. */
  get unclaimed(): readonly Seen[] {
    return this.#unclaimed;
  }

  // What is found

  /** Says that the kernel has kept a requirement (`3.2-6`) of those that the case decides, or not. */
  decide(ref: string, kept: boolean, expected: string, seen: Seen | string | undefined): void {
    const id = `RFC8684-${ref}`;
    const level = requirement(id)?.level;
    if (level === undefined || !this.#case.requirements.includes(id)) throw new RangeError(`${this.#case.id} does not declare ${ref}`);
    const isAdvice = level === 'SHOULD' || level === 'SHOULD NOT' || level === 'RECOMMENDED' || level === 'MAY';
    const before = this.#findings.get(id);
    if (before !== undefined && before.verdict !== 'pass') return;
    const text = typeof seen === 'string' ? seen : describe(seen);
    this.#findings.set(id, { requirement: id, verdict: kept ? 'pass' : isAdvice ? 'warn' : 'fail', expected, seen: text });
  }

  /** What was decided, and as inconclusive what was not. */
  findings(): readonly LiveFinding[] {
    return this.#case.requirements.map(
      (id) => this.#findings.get(id) ?? { requirement: id, verdict: 'inconclusive', expected: null, seen: null },
    );
  }

  /** The value, or the end of the script where there is none. */
  need<T>(value: T | undefined, what: string): T {
    if (value === undefined) throw new Unready(`${what} has not come`);
    return value;
  }

  // Subflows and connections

  local(path: number, ipVersion: 4 | 6 = 4, port?: number): Socket {
    return { address: octetsOf(peerAddress(path, ipVersion)), port: port ?? this.#ports++ };
  }

  remote(path: number, ipVersion: 4 | 6 = 4, port = PORT): Socket {
    return { address: octetsOf(kernelAddress(path, ipVersion)), port };
  }

  /** A subflow that we are about to open, from a path to the kernel's first address unless said otherwise. */
  subflow(path: number, local: Socket = this.local(path), remote: Socket = this.remote(0, local.address.length === 4 ? 4 : 6)): Subflow {
    const transmit = (segment: Segment, on: number): number => this.transmit(packetOf(segment), on);
    const subflow = new Subflow({ path, local, remote, start: START + (this.#subflows.size << 20), transmit });
    this.#subflows.set(keyOf(local, remote), subflow);
    return subflow;
  }

  /** The subflow of a SYN of the kernel, which it has received. */
  answering(syn: Seen): Subflow {
    const subflow = this.subflow(syn.path, syn.destination, syn.source);
    subflow.receive(syn);
    subflow.looked = 1;
    return subflow;
  }

  /** A listening socket of the kernel. */
  listen(ipVersion: 4 | 6 = 4, port = PORT): Application {
    const address = new Uint8Array(ipVersion === 4 ? 4 : 16);
    return Application.listening(this.#libc, this.network, this.until, { address, port });
  }

  /** A socket of the kernel that connects to us. */
  connect(ipVersion: 4 | 6 = 4, port = PORT): Application {
    return Application.connecting(this.#libc, this.network, this.until, this.remote(0, ipVersion, 0), this.local(0, ipVersion, port));
  }

  connection(setup: Partial<ConnectionSetup> = {}): Connection {
    return new Connection({ key: OUR_KEY, ...setup });
  }

  /** We connect: SYN and SYN/ACK with MP_CAPABLE have been exchanged. */
  async offered(opening: Opening = {}): Promise<Omit<Opened, 'app'> & { readonly listener: Application }> {
    const { ipVersion = 4, key = OUR_KEY, checksum = false } = opening;
    const connection = this.connection({ key, checksum });
    const listener = this.listen(ipVersion);
    const first = this.subflow(0, this.local(0, ipVersion), this.remote(0, ipVersion));
    if (opening.window !== undefined) first.window = opening.window;
    first.send({ flags: SYN, options: [connection.capable('SYN', opening.capable)] });
    const synAck = await this.needed('the SYN/ACK', first, isSynAck);
    const capable = this.need(optionOf(synAck, 'MP_CAPABLE'), 'an MP_CAPABLE on the SYN/ACK');
    connection.learn(this.need(capable.senderKey, "the listener's key"));
    connection.checksum ||= capable.checksumRequired;
    connection.add(first);
    return { connection, first, listener };
  }

  /** We connect: the three packets have been exchanged, and the kernel's application has the connection. */
  async opened(opening: Opening = {}): Promise<Opened> {
    const { connection, first, listener } = await this.offered(opening);
    first.send({ options: [connection.capable('ACK')] });
    const app = this.need(await listener.accept(PATIENCE), 'the accepted connection');
    return { connection, first, app };
  }

  /** We connect, and both sides have sent 100 octets, which are acknowledged. */
  async established(opening: Opening = {}): Promise<Opened> {
    const opened = await this.opened(opening);
    const { connection, first, app } = opened;
    const hello = pattern(100);
    first.send({ payload: hello, options: [connection.capableWithData(hello)] });
    connection.nextData += 100n;
    await this.#greeted(opened);
    await app.write(pattern(100), PATIENCE);
    await this.needed("the kernel's first data", first, ({ payload }) => payload.length > 0);
    connection.ack(first);
    return opened;
  }

  /** The kernel connects, and its MP_CAPABLE has been answered; the third packet has come. */
  async accepted(opening: Opening = {}): Promise<Opened> {
    const { ipVersion = 4, key = OUR_KEY, checksum = false } = opening;
    const connection = this.connection({ key, checksum });
    const app = this.connect(ipVersion);
    const syn = this.need(await this.syn(), "the kernel's SYN");
    const first = this.answering(syn);
    if (opening.window !== undefined) first.window = opening.window;
    connection.checksum ||= this.need(optionOf(syn, 'MP_CAPABLE'), 'an MP_CAPABLE on the SYN').checksumRequired;
    first.send({ flags: SYN | ACK, options: [connection.capable('SYN/ACK', opening.capable)] });
    const third = await this.needed('the third packet', first, (seen) => has(seen, ACK) && !has(seen, SYN));
    connection.learn(this.need(optionOf(third, 'MP_CAPABLE')?.senderKey, "the initiator's key"));
    connection.add(first);
    return { connection, first, app };
  }

  /** The kernel connects, and both sides have sent 100 octets, which are acknowledged. */
  async welcomed(opening: Opening = {}): Promise<Opened> {
    const opened = await this.accepted(opening);
    const { connection, first, app } = opened;
    await app.write(pattern(100), PATIENCE);
    await this.needed("the kernel's first data", first, ({ payload }) => payload.length > 0);
    connection.data(first, pattern(100));
    await this.#greeted(opened);
    return opened;
  }

  async #greeted({ connection, first, app }: Opened): Promise<void> {
    this.need(await app.read(100, PATIENCE), 'our first data at the application');
    await this.dataAcked(connection, first);
  }

  /** Waits for a Data ACK of all that we have sent. */
  async dataAcked(connection: Connection, subflow: Subflow): Promise<Seen> {
    return this.needed('a Data ACK', subflow, (seen) => acknowledges(seen, connection.nextData));
  }

  /** Joins a further subflow: three packets and the fourth. */
  async joined(
    { connection }: Opened,
    path: number,
    syn: Partial<MpJoinSyn> = {},
    subflow: Subflow = this.subflow(path),
  ): Promise<Subflow> {
    subflow.send({ flags: SYN, options: [connection.joinSyn({ addressId: path, ...syn })] });
    const synAck = await this.needed('the SYN/ACK of the join', subflow, isSynAck);
    const join = optionOf(synAck, 'MP_JOIN');
    if (join?.segment !== 'SYN/ACK') throw new Unready('the SYN/ACK of the join has no MP_JOIN');
    connection.add(subflow);
    subflow.send({ options: [connection.joinAck(join)] });
    await this.needed('the fourth packet of the join', subflow, (seen) => has(seen, ACK) && !has(seen, RST));
    return subflow;
  }

  /** Joins a further subflow and uses it: 100 octets travel on it, and a Data ACK of them comes back. */
  async joinedAndUsed(opened: Opened, path: number): Promise<Subflow> {
    const subflow = await this.joined(opened, path);
    opened.connection.data(subflow, pattern(100, 100));
    await this.dataAcked(opened.connection, subflow);
    return subflow;
  }

  /** Takes in a join of the kernel: its SYN, our SYN/ACK, its ACK, and our ACK of that. */
  async joining(
    { connection }: Opened,
    fits: (seen: Seen) => boolean = () => true,
  ): Promise<{ subflow: Subflow; syn: MpJoinSyn; ack: Seen }> {
    const seen = this.need(await this.syn((each) => optionOf(each, 'MP_JOIN') !== undefined && fits(each)), "the kernel's MP_JOIN SYN");
    const syn = optionOf(seen, 'MP_JOIN');
    if (syn?.segment !== 'SYN') throw new Unready('the MP_JOIN of the SYN has another form');
    const subflow = connection.add(this.answering(seen));
    subflow.send({ flags: SYN | ACK, options: [connection.joinSynAck(syn)] });
    const ack = await this.needed('the third packet of the join', subflow, (each) => has(each, ACK) && !has(each, SYN));
    connection.ack(subflow);
    return { subflow, syn, ack };
  }

  /** Ends the case; the network is gone when this resolves. */
  async close(): Promise<void> {
    await this.network.close();
  }
}

/** Whether a segment's Data ACK is `dataAck`. */
export const acknowledges = (seen: Seen, dataAck: bigint): boolean => {
  const dss: Dss | undefined = optionOf(seen, 'DSS');
  if (dss?.dataAck === undefined) return false;
  return dss.dataAckOctets === 8 ? dss.dataAck === dataAck : dss.dataAck === BigInt.asUintN(32, dataAck);
};
