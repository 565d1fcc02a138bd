/**
 * Scripted MPTCP conversations as captures: two hosts, their subflows, and every packet made with our own encoders, so that a test can
 * say what happens in the RFC's words and break one thing at a time (RFC 8684; RFC 6824 for version 0).
 */
import { concat } from '../../codecs/bytes.ts';
import { sum16 } from '../../codecs/checksum.ts';
import { addAddrHmac, deriveKey, dssChecksum, encodeMptcpOption, joinAckHmac, joinSynAckHmac } from '../../codecs/mptcp/index.ts';
import type { AddAddr, Dss, MpCapable, MpJoinAck, MpJoinSyn, MpJoinSynAck, MptcpOption, MptcpVersion } from '../../codecs/mptcp/index.ts';
import { ACK, FIN, PSH, RST, SYN, encodeIpv4, encodeIpv6, encodeTcp, fillTcpChecksum, parseAddress } from '../../codecs/packet/index.ts';
import type { TcpOption } from '../../codecs/packet/index.ts';
import { pcapOf } from './network.ts';
import type { Packet } from './network.ts';

/** Host a opens the connection, host b listens. */
export type HostName = 'a' | 'b';

/** What a packet has beside, or instead of, what it would have. */
export interface Extra {
  /** MPTCP options after the usual ones; octets (Kind, Length, ...) are taken as they are, so that they may be wrong. */
  readonly options?: readonly (MptcpOption | Uint8Array)[];
  /** Leave the usual MPTCP options out. */
  readonly bare?: boolean;
  /** Flags of the TCP header beside the usual ones. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  /** Time since the packet before, in ms; 1 when absent. */
  readonly after?: number;
  /** Sent, but not in the capture. */
  readonly hidden?: boolean;
  /** Fields of the DSS that are to differ. */
  readonly dss?: Partial<Dss>;
  /** Changes the finished IP packet in place; the TCP checksum is computed afterwards. */
  readonly tamper?: (packet: Uint8Array) => void;
}

/** How a conversation is set up. */
export interface Setup {
  /** 1 when absent. */
  readonly version?: MptcpVersion;
  /** Addresses of the first subflow; 10.0.1.1 and 10.0.9.1 when absent. */
  readonly addresses?: readonly [string, string];
  readonly ports?: readonly [number, number];
  /** Its addresses beyond a NAT: every packet is captured there once more. */
  readonly beyond?: readonly [string, string];
  readonly keys?: readonly [bigint, bigint];
  /** Initial sequence number of host a on the first subflow; near the wrap when absent. */
  readonly start?: number;
  /** Whether DSS checksums are asked for and sent. */
  readonly checksum?: boolean;
  /** Fields of the MP_CAPABLEs of the SYN, the SYN/ACK and the ACK that are to differ. */
  readonly capable?: readonly (Partial<MpCapable> | undefined)[];
}

/** A further subflow. */
export interface JoinSetup {
  /** Who opens it; host a when absent. */
  readonly opener?: HostName;
  /** Addresses of hosts a and b on it; 10.0.2.1 and 10.0.9.1 when absent. */
  readonly addresses?: readonly [string, string];
  /** Ports of hosts a and b; those of the first subflow when absent. */
  readonly ports?: readonly [number, number];
  /** Its addresses beyond a NAT: every packet is captured there once more. */
  readonly beyond?: readonly [string, string];
  /** Address IDs of the opener and the acceptor; 1 and 0 when absent. */
  readonly ids?: readonly [number, number];
  readonly backup?: boolean;
  /** How far it gets: `full` (the acceptor's last ACK), `syn`, `synAck`, `ack`, `refused` (a RST answers the SYN). */
  readonly until?: 'full' | 'syn' | 'synAck' | 'ack' | 'refused';
  readonly syn?: Partial<MpJoinSyn>;
  readonly synAck?: Partial<MpJoinSynAck>;
  readonly ack?: Partial<MpJoinAck>;
  /** What the RST, or the SYN, has beside. */
  readonly rst?: Extra;
  readonly after?: number;
}

const MASK = 0xffff_ffff_ffff_ffffn;
const LOW = 0xffff_ffffn;
const octetsOf = (text: string): Uint8Array => {
  const octets = parseAddress(text);
  if (octets === undefined) throw new RangeError(`${text} is no address`);
  return octets;
};
const other = (host: HostName): HostName => (host === 'a' ? 'b' : 'a');
const asTcpOption = (option: MptcpOption | Uint8Array): TcpOption => {
  const octets = option instanceof Uint8Array ? option : encodeMptcpOption(option);
  if (octets.length === 1) return { kind: 'NOP' };
  return { kind: 'OTHER', number: octets[0]!, data: octets.subarray(2) };
};

/** One subflow: what each host has sent on it. */
export class Path {
  readonly talk: Talk;
  readonly addresses: Readonly<Record<HostName, string>>;
  readonly ports: Readonly<Record<HostName, number>>;
  readonly #beyond: Readonly<Record<HostName, string>> | undefined;
  readonly #next: Record<HostName, number>;
  readonly #start: Record<HostName, number>;

  constructor(
    talk: Talk,
    addresses: readonly [string, string],
    ports: readonly [number, number],
    start: number,
    beyond?: readonly [string, string],
  ) {
    this.talk = talk;
    this.#beyond = beyond === undefined ? undefined : { a: beyond[0], b: beyond[1] };
    this.addresses = { a: addresses[0], b: addresses[1] };
    this.ports = { a: ports[0], b: ports[1] };
    this.#start = { a: start >>> 0, b: (start + 0x4000_0000) >>> 0 };
    this.#next = { ...this.#start };
  }

  /** Any segment, as it stands: sequence numbers are kept, no MPTCP option is added. Returns its frame number (0 when hidden). */
  segment(host: HostName, flags: number, payload: Uint8Array, options: readonly (MptcpOption | Uint8Array)[], extra: Extra = {}): number {
    const peer = other(host);
    const all = flags | (extra.flags ?? 0);
    const synOptions: TcpOption[] = (all & SYN) === 0 ? [] : [{ kind: 'MSS', mss: 1460 }];
    const tcp = encodeTcp({
      sourcePort: this.ports[host],
      destinationPort: this.ports[peer],
      sequence: extra.sequence ?? this.#next[host],
      acknowledgment: (all & ACK) === 0 ? 0 : (extra.acknowledgment ?? this.#next[peer]),
      flags: all,
      window: 65_000,
      options: [...synOptions, ...(extra.bare === true ? [] : options).map(asTcpOption), ...(extra.options ?? []).map(asTcpOption)],
      payload,
    });
    if (extra.sequence === undefined)
      this.#next[host] = (this.#next[host] + payload.length + ((all & SYN) !== 0 ? 1 : 0) + ((all & FIN) !== 0 ? 1 : 0)) >>> 0;
    const frame = this.talk.capture(this.addresses[host], this.addresses[peer], tcp, extra);
    if (this.#beyond !== undefined) this.talk.capture(this.#beyond[host], this.#beyond[peer], tcp, { ...extra, after: 0.1 });
    return frame;
  }

  /** Sequence number of the next octet of a host, and relative to its SYN. */
  next(host: HostName): number {
    return this.#next[host];
  }

  ssn(host: HostName): number {
    return (this.#next[host] - this.#start[host]) >>> 0;
  }

  /** So many octets of data are sent and nobody sees them. */
  skip(host: HostName, octets: number): void {
    this.talk.take(host, octets);
    this.#next[host] = (this.#next[host] + octets) >>> 0;
  }

  /** Of the octets in a host's SYN its peer accepts so many: subflow sequence numbers start after them (appendix B.2). */
  accept(host: HostName, sent: number, accepted: number): void {
    this.#next[host] = (this.#next[host] - sent + accepted) >>> 0;
    this.#start[host] = (this.#start[host] + accepted) >>> 0;
  }

  /** Sequence number of a host's SYN. */
  start(host: HostName): number {
    return this.#start[host];
  }

  /** New data with its mapping and a Data ACK. In version 1 host a repeats MP_CAPABLE until it has seen a DSS (section 3.1). */
  data(host: HostName, data: number | Uint8Array = 100, extra: Extra = {}): number {
    const payload = typeof data === 'number' ? new Uint8Array(data).fill(this.talk.sent(host) & 0xff) : data;
    this.talk.said(host, payload);
    return this.#mapped(host, payload, this.talk.take(host, payload.length), extra);
  }

  /** The same data sequence numbers again, from the first octet of data on counted from 0: a reinjection, or a retransmission at its sequence number. */
  again(host: HostName, offset: number, payload: Uint8Array, extra: Extra = {}): number {
    return this.#mapped(host, payload, (this.talk.idsn[host] + 1n + BigInt(offset)) & MASK, extra);
  }

  #mapped(host: HostName, payload: Uint8Array, dsn: bigint, extra: Extra): number {
    const { talk } = this;
    const ssn = this.ssn(host);
    const checksum = talk.checksum
      ? dssChecksum(Number(dsn >> 32n), Number(dsn & 0xffff_ffffn), ssn, payload.length, sum16(payload))
      : undefined;
    if (host === 'a' && talk.version === 1 && !talk.dssSeen && ssn === 1 && this === talk.first) {
      const capable: MpCapable = { ...talk.capableAck, dataLevelLength: payload.length, ...(checksum !== undefined && { checksum }) };
      return this.segment(host, ACK | PSH, payload, [capable], extra);
    }
    const mapping = {
      dataSequenceNumber: dsn,
      subflowSequenceNumber: ssn,
      dataLevelLength: payload.length,
      ...(checksum !== undefined && { checksum }),
    };
    return this.segment(host, ACK | PSH, payload, [talk.dss(host, { ...mapping, ...extra.dss })], extra);
  }

  /** An ACK with a Data ACK of everything the peer has sent. */
  ack(host: HostName, extra: Extra = {}): number {
    return this.segment(host, ACK, new Uint8Array(0), [this.talk.dss(host, extra.dss)], extra);
  }

  /** An ACK that carries these options and no DSS. */
  signal(host: HostName, options: readonly (MptcpOption | Uint8Array)[], extra: Extra = {}): number {
    return this.segment(host, ACK, new Uint8Array(0), options, extra);
  }

  /** A DATA_FIN of its own (section 3.3.3). */
  dataFin(host: HostName, extra: Extra = {}): number {
    const dsn = this.talk.take(host, 1);
    const mapping = { dataSequenceNumber: dsn, subflowSequenceNumber: 0, dataLevelLength: 1 };
    const checksum = this.talk.checksum ? { checksum: dssChecksum(Number(dsn >> 32n), Number(dsn & 0xffff_ffffn), 0, 1, 0) } : {};
    return this.segment(
      host,
      ACK,
      new Uint8Array(0),
      [this.talk.dss(host, { dataFin: true, ...mapping, ...checksum, ...extra.dss })],
      extra,
    );
  }

  fin(host: HostName, extra: Extra = {}): number {
    return this.segment(host, ACK | FIN, new Uint8Array(0), [this.talk.dss(host, extra.dss)], extra);
  }

  rst(host: HostName, options: readonly (MptcpOption | Uint8Array)[] = [], extra: Extra = {}): number {
    return this.segment(host, RST | ACK, new Uint8Array(0), options, extra);
  }

  /** FINs of both hosts, acknowledged. */
  finish(): void {
    this.fin('a');
    this.fin('b');
    this.ack('a');
  }
}

/**
 * A conversation, packet by packet.
 *
 * @example
 * const talk = new Talk();
 * const first = talk.open();
 * first.data('a', 100);
 * first.ack('b');
 * talk.join({ ids: [1, 0] }).data('b', 10);
 * talk.close();
 * checker.push(talk.pcap());
 */
export class Talk {
  readonly version: MptcpVersion;
  readonly keys: Readonly<Record<HostName, bigint>>;
  readonly idsn: Readonly<Record<HostName, bigint>>;
  readonly tokens: Readonly<Record<HostName, number>>;
  readonly checksum: boolean;
  readonly paths: Path[] = [];
  /** Whether host b has sent a DSS. */
  dssSeen = false;
  readonly #setup: Setup;
  readonly #captured: Packet[] = [];
  readonly #said: Record<HostName, Uint8Array[]> = { a: [], b: [] };
  readonly #sent: Record<HostName, number> = { a: 0, b: 0 };
  #time = 0;
  #packets = 0;

  constructor(setup: Setup = {}) {
    this.#setup = setup;
    this.version = setup.version ?? 1;
    this.checksum = setup.checksum ?? false;
    const [a, b] = setup.keys ?? [0x0102_0304_0506_0708n, 0x1112_1314_1516_1718n];
    const [derivedA, derivedB] = [deriveKey(a, this.version), deriveKey(b, this.version)];
    this.keys = { a, b };
    this.idsn = { a: derivedA.idsn, b: derivedB.idsn };
    this.tokens = { a: derivedA.token, b: derivedB.token };
  }

  get first(): Path {
    return this.paths[0]!;
  }

  /** How many octets of data, a DATA_FIN counted, a host has sent. */
  sent(host: HostName): number {
    return this.#sent[host];
  }

  /** Notes what a host's application sent. */
  said(host: HostName, octets: Uint8Array): void {
    this.#said[host].push(octets);
  }

  /** The portions in which a host's application has sent its stream. */
  portions(host: HostName): readonly Uint8Array[] {
    return this.#said[host];
  }

  /** What a host's application has sent. */
  stream(host: HostName): Uint8Array {
    return concat(...this.#said[host]);
  }

  /** Takes data sequence numbers: the first one of them. */
  take(host: HostName, octets: number): bigint {
    const dsn = (this.idsn[host] + 1n + BigInt(this.#sent[host])) & MASK;
    this.#sent[host] += octets;
    return dsn;
  }

  /** A DSS of a host: a Data ACK of all that its peer has sent, in 8 octets, and `fields`. */
  dss(host: HostName, fields: Partial<Dss> = {}): Dss {
    if (host === 'b') this.dssSeen = true;
    const dataAck = (this.idsn[other(host)] + 1n + BigInt(this.#sent[other(host)])) & MASK;
    const dss: Dss = { kind: 'DSS', dataFin: false, dataAck, dataAckOctets: 8, dataSequenceNumberOctets: 8, reserved: 0, ...fields };
    const { dataSequenceNumber } = dss;
    return {
      ...dss,
      ...(dss.dataAckOctets === 4 && dss.dataAck !== undefined && { dataAck: dss.dataAck & LOW }),
      ...(dss.dataSequenceNumberOctets === 4 && dataSequenceNumber !== undefined && { dataSequenceNumber: dataSequenceNumber & LOW }),
    };
  }

  get #capable(): MpCapable {
    return {
      kind: 'MP_CAPABLE',
      version: this.version,
      checksumRequired: this.checksum,
      extensibility: false,
      noSubflowsToSource: false,
      cryptoAlgorithms: 1,
    };
  }

  /** The MP_CAPABLE of the third packet, with both keys. */
  get capableAck(): MpCapable {
    return { ...this.#capable, senderKey: this.keys.a, receiverKey: this.keys.b };
  }

  /** The MP_CAPABLE handshake: SYN, SYN/ACK, ACK. */
  open(): Path {
    const { capable = [] } = this.#setup;
    const path = this.#newFirst();
    const none = new Uint8Array(0);
    const key = this.version === 0 ? { senderKey: this.keys.a } : {};
    path.segment('a', SYN, none, [{ ...this.#capable, ...key, ...capable[0] }]);
    path.segment('b', SYN | ACK, none, [{ ...this.#capable, senderKey: this.keys.b, ...capable[1] }]);
    path.segment('a', ACK, none, [{ ...this.capableAck, ...capable[2] }]);
    return path;
  }

  /** A TCP handshake with these MPTCP options on the SYN and on the SYN/ACK, and none on the ACK. */
  plain(syn: readonly MptcpOption[], synAck: readonly MptcpOption[]): Path {
    const path = this.#newFirst();
    const none = new Uint8Array(0);
    path.segment('a', SYN, none, syn);
    path.segment('b', SYN | ACK, none, synAck);
    path.segment('a', ACK, none, []);
    return path;
  }

  #newFirst(): Path {
    const { addresses = ['10.0.1.1', '10.0.9.1'], ports = [40_000, 5001], start = 0xffff_ff00 } = this.#setup;
    const path = new Path(this, addresses, ports, start, this.#setup.beyond);
    this.paths.push(path);
    return path;
  }

  /** Opens with data in the SYN, of which the listener accepts so many octets: they come before the data sequence space (appendix B). */
  fastOpen(data: Uint8Array, accepted: number): Path {
    const path = this.#newFirst();
    const none = new Uint8Array(0);
    const cookie = Uint8Array.of(34, 10, 1, 2, 3, 4, 5, 6, 7, 8);
    path.segment('a', SYN, data, [{ ...this.#capable, ...(this.version === 0 && { senderKey: this.keys.a }) }], { options: [cookie] });
    path.accept('a', data.length, accepted);
    path.segment('b', SYN | ACK, none, [{ ...this.#capable, senderKey: this.keys.b }]);
    path.segment('a', ACK, none, [this.capableAck]);
    return path;
  }

  /** Opens, and lets both hosts send 100 octets: the connection is established by any standard. */
  established(): Path {
    const path = this.open();
    path.data('a', 100);
    path.ack('b');
    path.data('b', 100);
    path.ack('a');
    return path;
  }

  /** An MP_JOIN handshake (section 3.2): SYN, SYN/ACK, ACK, and the ACK that answers it. */
  join(setup: JoinSetup = {}): Path {
    const { opener = 'a', addresses = ['10.0.2.1', '10.0.9.1'], ids = [1, 0], backup = false, until = 'full' } = setup;
    const { a, b } = this.first.ports;
    const path = new Path(this, addresses, setup.ports ?? [a, b], 0x1000 * (this.paths.length + 1), setup.beyond);
    this.paths.push(path);
    const acceptor = other(opener);
    const [senderNonce, receiverNonce] = [0x0a00_0000 + this.paths.length, 0x0b00_0000 + this.paths.length];
    const none = new Uint8Array(0);
    const common = { kind: 'MP_JOIN', backup, reserved: 0 } as const;
    const syn: MpJoinSyn = {
      ...common,
      segment: 'SYN',
      addressId: ids[0],
      receiverToken: this.tokens[acceptor],
      senderRandomNumber: senderNonce,
      ...setup.syn,
    };
    path.segment(opener, SYN, none, [syn], setup.after === undefined ? {} : { after: setup.after });
    if (until === 'syn') return path;
    if (until === 'refused') {
      path.segment(acceptor, RST | ACK, none, [], setup.rst);
      return path;
    }
    const [own, theirs] = [this.keys[opener], this.keys[acceptor]];
    const synAck: MpJoinSynAck = {
      ...common,
      segment: 'SYN/ACK',
      addressId: ids[1],
      senderTruncatedHmac: joinSynAckHmac(this.version, theirs, own, receiverNonce, senderNonce),
      senderRandomNumber: receiverNonce,
      ...setup.synAck,
    };
    path.segment(acceptor, SYN | ACK, none, [synAck]);
    if (until === 'synAck') return path;
    const ack: MpJoinAck = {
      kind: 'MP_JOIN',
      segment: 'ACK',
      senderTruncatedHmac: joinAckHmac(this.version, own, theirs, senderNonce, receiverNonce),
      reserved: 0,
      ...setup.ack,
    };
    path.segment(opener, ACK, none, [ack]);
    if (until !== 'ack') path.ack(acceptor);
    return path;
  }

  /** An ADD_ADDR of a host in its version's form, with the right HMAC (section 3.4.1). */
  addAddr(host: HostName, addressId: number, address: string, port?: number): AddAddr {
    const octets = octetsOf(address);
    const common = { kind: 'ADD_ADDR', addressId, address: octets, ...(port !== undefined && { port }) } as const;
    if (this.version === 0) return { ...common, version: 0, ipVersion: octets.length === 4 ? 4 : 6 };
    const truncatedHmac = addAddrHmac(this.keys[host], this.keys[other(host)], addressId, octets, port);
    return { ...common, version: 1, echo: false, truncatedHmac, reserved: 0 };
  }

  /** DATA_FINs of both hosts on the first subflow, then FINs on all (section 3.3.3). */
  close(): void {
    this.first.dataFin('a');
    this.first.dataFin('b');
    this.first.ack('a');
    for (const path of this.paths) path.finish();
  }

  /** Puts a packet on the wire; its frame number, or 0 where the capture does not show it. */
  capture(source: string, destination: string, tcp: Uint8Array, { after = 1, hidden = false, tamper }: Extra): number {
    const [from, to] = [octetsOf(source), octetsOf(destination)];
    this.#time += after;
    this.#packets += 1;
    const packet =
      from.length === 4
        ? encodeIpv4({ protocol: 6, source: from, destination: to, payload: tcp, identification: this.#packets & 0xffff })
        : encodeIpv6({ protocol: 6, source: from, destination: to, payload: tcp });
    tamper?.(packet);
    if (hidden) return 0;
    return this.#captured.push({ bytes: fillTcpChecksum(packet), time: this.#time });
  }

  /** The frame number of the last packet captured. */
  get frame(): number {
    return this.#captured.length;
  }

  /** The IP packets that were captured, in order. */
  get packets(): readonly Packet[] {
    return this.#captured;
  }

  /** The capture as a pcap file. */
  pcap(): Uint8Array {
    return pcapOf(this.#captured);
  }
}
