/**
 * Captures that are meant to exhaust whoever follows them: endless attempts, joins, addresses, gaps, mappings, fragments and faults
 * (RFC 8684 section 5 names floods as a threat). Each kind is what the n-th of its attempts sends.
 */
import { createHash } from 'node:crypto';
import { encodeMptcpOption, joinAckHmac, joinSynAckHmac } from '../../codecs/mptcp/index.ts';
import type { Dss, MptcpOption } from '../../codecs/mptcp/index.ts';
import { FloodWriter } from './flood-writer.ts';
import type { Endpoint } from './flood-writer.ts';

const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16] as const;
const SYN_ACK = SYN | ACK;
const MASK = 0xffff_ffff_ffff_ffffn;
const SERVER: Endpoint = { address: 0xc0a8_0001, port: 443 };
/** How many connections the kinds have that spread their packets over several. */
const MANY = 4096;

const octets = (option: MptcpOption): Uint8Array => encodeMptcpOption(option);
const client = (n: number): Endpoint => ({ address: (0x0a00_0000 + (n >>> 4)) >>> 0, port: 20_000 + (n & 15) });
const sequenceOf = (n: number): number => (n * 2_654_435_761) >>> 0;
/** Key of a host: any 64 bits will do that repeat for nobody else. */
const keyOf = (n: number): bigint => (BigInt(n) * 0x9e37_79b9_7f4a_7c15n + 1n) & MASK;
/** Token and IDSN as `deriveKey` gives them, by the faster hash of the platform (RFC 8684 section 3.2). */
const derive = (key: bigint): { readonly token: number; readonly idsn: bigint } => {
  const hash = createHash('sha256')
    .update(Buffer.from(key.toString(16).padStart(16, '0'), 'hex'))
    .digest();
  return { token: hash.readUInt32BE(0), idsn: hash.readBigUInt64BE(24) };
};

const capable = (senderKey?: bigint, receiverKey?: bigint, dataLevelLength?: number): Uint8Array =>
  octets({
    kind: 'MP_CAPABLE',
    version: 1,
    checksumRequired: false,
    extensibility: false,
    noSubflowsToSource: false,
    cryptoAlgorithms: 1,
    ...(senderKey !== undefined && { senderKey }),
    ...(receiverKey !== undefined && { receiverKey }),
    ...(dataLevelLength !== undefined && { dataLevelLength }),
  });
const CAPABLE = capable();
/** Window Scale 14 (RFC 7323 section 2.2), and a NOP: everything that comes lies in the window. */
const LARGEST_SCALE = Uint8Array.of(3, 3, 14, 1);
const joinSyn = (receiverToken: number, senderRandomNumber: number, addressId: number): Uint8Array =>
  octets({ kind: 'MP_JOIN', segment: 'SYN', backup: false, reserved: 0, addressId, receiverToken, senderRandomNumber });
const joinSynAck = (senderTruncatedHmac: Uint8Array, senderRandomNumber: number): Uint8Array =>
  octets({ kind: 'MP_JOIN', segment: 'SYN/ACK', backup: false, reserved: 0, addressId: 0, senderTruncatedHmac, senderRandomNumber });
const joinAck = (senderTruncatedHmac: Uint8Array): Uint8Array =>
  octets({ kind: 'MP_JOIN', segment: 'ACK', reserved: 0, senderTruncatedHmac });
const dss = (fields: Partial<Dss>): Uint8Array =>
  octets({ kind: 'DSS', dataFin: false, dataAckOctets: 8, dataSequenceNumberOctets: 8, reserved: 0, ...fields });

/** A connection that a flood rides on: what it needs to make valid options. */
class Peer {
  readonly from: Endpoint;
  readonly keys: readonly [bigint, bigint];
  readonly tokens: readonly [number, number];
  readonly idsns: readonly [bigint, bigint];
  readonly sequence: number;

  constructor(n: number, keys: readonly [bigint, bigint] = [keyOf(2 * n), keyOf(2 * n + 1)]) {
    const [a, b] = [derive(keys[0]), derive(keys[1])];
    this.from = client(n);
    this.sequence = sequenceOf(n);
    this.keys = keys;
    this.tokens = [a.token, b.token];
    this.idsns = [a.idsn, b.idsn];
  }

  send(to: FloodWriter, ssn: number, flags: number, options: readonly Uint8Array[], payload = 0): void {
    to.tcp(this.from, SERVER, (this.sequence + ssn) >>> 0, 1001, flags, options, payload);
  }

  reply(to: FloodWriter, ssn: number, acknowledged: number, flags: number, options: readonly Uint8Array[], payload = 0): void {
    to.tcp(SERVER, this.from, 1000 + ssn, (this.sequence + acknowledged) >>> 0, flags, options, payload);
  }

  handshake(to: FloodWriter): void {
    this.send(to, 0, SYN, [CAPABLE, LARGEST_SCALE]);
    this.reply(to, 0, 1, SYN_ACK, [capable(this.keys[1]), LARGEST_SCALE]);
    this.send(to, 1, ACK, [capable(this.keys[0], this.keys[1])]);
  }

  dataAck(host: 0 | 1, octetsOfData: number): { dataAck: bigint; dataAckOctets: 8 } {
    return { dataAck: (this.idsns[1 - host]! + 1n + BigInt(octetsOfData)) & MASK, dataAckOctets: 8 };
  }

  /** Maps `length` octets from subflow octet `ssn` on to those that many from the IDSN on. */
  mapping(host: 0 | 1, ssn: number, length: number, fields: Partial<Dss> = {}): Uint8Array {
    return dss({
      dataSequenceNumber: (this.idsns[host] + BigInt(ssn)) & MASK,
      subflowSequenceNumber: ssn,
      dataLevelLength: length,
      ...fields,
    });
  }

  dataFin(host: 0 | 1, after: number, acknowledged: number): Uint8Array {
    const dataSequenceNumber = (this.idsns[host] + 1n + BigInt(after)) & MASK;
    return dss({ dataFin: true, dataSequenceNumber, subflowSequenceNumber: 0, dataLevelLength: 1, ...this.dataAck(host, acknowledged) });
  }

  /** Handshake and first data of both sides. */
  establish(to: FloodWriter): void {
    this.handshake(to);
    this.send(to, 1, ACK | PSH, [capable(this.keys[0], this.keys[1], 100)], 100);
    this.reply(to, 1, 101, ACK, [this.mapping(1, 1, 10, this.dataAck(1, 100))], 10);
    to.tcp(this.from, SERVER, (this.sequence + 101) >>> 0, 1011, ACK, [dss(this.dataAck(0, 10))]);
  }

  /** A complete MP_JOIN handshake from an endpoint of its own. */
  join(to: FloodWriter, n: number, until: 'SYN' | 'RST' | 'ACK'): void {
    const from = { address: (0x0b00_0000 + (n >>> 14)) >>> 0, port: 20_000 + (n & 0x3fff) };
    const sequence = sequenceOf(n);
    to.tcp(from, SERVER, sequence, 0, SYN, [joinSyn(this.tokens[1], n, 1 + (n % 255))]);
    if (until === 'SYN') return;
    if (until === 'RST') {
      to.tcp(SERVER, from, 0, (sequence + 1) >>> 0, RST | ACK);
      return;
    }
    to.tcp(SERVER, from, 5000, (sequence + 1) >>> 0, SYN_ACK, [
      joinSynAck(joinSynAckHmac(1, this.keys[1], this.keys[0], ~n >>> 0, n), ~n >>> 0),
    ]);
    to.tcp(from, SERVER, (sequence + 1) >>> 0, 5001, ACK, [joinAck(joinAckHmac(1, this.keys[0], this.keys[1], n, ~n >>> 0))]);
    to.tcp(SERVER, from, 5001, (sequence + 1) >>> 0, ACK, [dss(this.dataAck(1, 0))]);
  }
}

/** What the n-th attempt sends. */
type Flood = (to: FloodWriter, n: number) => void;

/** A kind whose packets ride on `count` connections, which its first attempts open; state of its own for each. */
const riding = (count: number, ride: (to: FloodWriter, peer: Peer, n: number) => void) => (): Flood => {
  const peers: Peer[] = [];
  return (to, n) => {
    if (peers.length < count) {
      const peer = new Peer(peers.length);
      peer.establish(to);
      peers.push(peer);
      return;
    }
    ride(to, peers[n % count]!, Math.floor(n / count));
  };
};

const simple = (flood: Flood) => (): Flood => flood;

const unknownJoin =
  (until: 'SYN' | 'RST' | 'ACK'): Flood =>
  (to, n) => {
    const [from, sequence] = [client(n), sequenceOf(n)];
    to.tcp(from, SERVER, sequence, 0, SYN, [joinSyn(sequenceOf(n + 7), n >>> 0, 1)]);
    if (until === 'RST') to.tcp(SERVER, from, 0, (sequence + 1) >>> 0, RST | ACK);
    if (until !== 'ACK') return;
    to.tcp(SERVER, from, 5000, (sequence + 1) >>> 0, SYN_ACK, [joinSynAck(new Uint8Array(8).fill(n), n)]);
    to.tcp(from, SERVER, (sequence + 1) >>> 0, 5001, ACK, [joinAck(new Uint8Array(20).fill(n))]);
  };

const mappingOf = (peer: Peer, ssn: number, length: number, fields?: Partial<Dss>): Uint8Array => peer.mapping(0, ssn, length, fields);
/** Every second 8 octets, so that no gap ever closes. */
const gap = (to: FloodWriter, peer: Peer, n: number): void => {
  const ssn = 201 + n * 16;
  peer.send(to, ssn, ACK, [mappingOf(peer, ssn, 8)], 8);
};
const tiny = (to: FloodWriter, peer: Peer, n: number): void => peer.send(to, 101 + n, ACK, [mappingOf(peer, 101 + n, 1)], 1);
const wrong = (to: FloodWriter, peer: Peer, n: number): void => {
  const ssn = 101 + n;
  const reserved = octets({ kind: 'MP_PRIO', backup: (n & 1) === 0, reserved: 7 });
  const conflicting = dss({
    reserved: 7,
    dataSequenceNumber: 5n + BigInt(n),
    subflowSequenceNumber: ssn,
    dataLevelLength: 1,
    checksum: n & 0xffff,
  });
  peer.send(to, ssn, ACK, [conflicting, reserved, Uint8Array.of(30, 3, 0x50)], 1);
};

/** The kinds: each makes a flood, called once for every attempt. */
export const floods: Readonly<Record<string, () => Flood>> = {
  /** MP_CAPABLE offered, no answer. */
  syn: simple((to, n) => to.tcp(client(n), SERVER, sequenceOf(n), 0, SYN, [CAPABLE])),
  /** No MPTCP at all. */
  plain: simple((to, n) => to.tcp(client(n), SERVER, sequenceOf(n), 0, SYN)),
  /** The same with TCP Fast Open data. */
  fastopen: simple((to, n) => to.tcp(client(n), SERVER, sequenceOf(n), 0, SYN, [CAPABLE], 2000)),
  'syn-rst': simple((to, n) => {
    to.tcp(client(n), SERVER, sequenceOf(n), 0, SYN, [CAPABLE]);
    to.tcp(SERVER, client(n), 0, (sequenceOf(n) + 1) >>> 0, RST | ACK);
  }),
  /** The SYN/ACK has no MP_CAPABLE (section 3.1: regular TCP). */
  refused: simple((to, n) => {
    to.tcp(client(n), SERVER, sequenceOf(n), 0, SYN, [CAPABLE]);
    to.tcp(SERVER, client(n), 1000, (sequenceOf(n) + 1) >>> 0, SYN_ACK);
    to.tcp(client(n), SERVER, (sequenceOf(n) + 1) >>> 0, 1001, ACK);
  }),
  /** Connections that are opened and left alone. */
  open: simple((to, n) => new Peer(n).handshake(to)),
  /** The same, all with the same two keys. */
  'same-key': () => {
    const keys = [keyOf(1), keyOf(2)] as const;
    return (to, n) => new Peer(n, keys).handshake(to);
  },
  /** Connections that carry data and are closed, every second one by a RST. */
  closed: simple((to, n) => {
    const peer = new Peer(n);
    peer.establish(to);
    if (n % 2 === 1) {
      peer.reply(to, 11, 101, RST | ACK, []);
      return;
    }
    to.tcp(peer.from, SERVER, (peer.sequence + 101) >>> 0, 1011, ACK, [peer.dataFin(0, 100, 10)]);
    peer.reply(to, 11, 101, ACK, [peer.dataFin(1, 10, 101)]);
    to.tcp(peer.from, SERVER, (peer.sequence + 101) >>> 0, 1011, FIN | ACK, [dss(peer.dataAck(0, 11))]);
    peer.reply(to, 11, 102, FIN | ACK, [dss(peer.dataAck(1, 101))]);
    to.tcp(peer.from, SERVER, (peer.sequence + 102) >>> 0, 1012, ACK, [dss(peer.dataAck(0, 11))]);
  }),
  /** MP_JOINs whose token nobody has: unanswered, refused, and accepted with HMACs that no keys verify. */
  join: simple(unknownJoin('SYN')),
  'join-rst': simple(unknownJoin('RST')),
  'join-ack': simple(unknownJoin('ACK')),
  /** MP_JOINs to one connection: unanswered, refused and accepted. */
  'known-join': riding(1, (to, peer, n) => peer.join(to, n, 'SYN')),
  'known-join-rst': riding(1, (to, peer, n) => peer.join(to, n, 'RST')),
  'known-join-ack': riding(1, (to, peer, n) => peer.join(to, n, 'ACK')),
  /** The same to many. */
  'known-joins': riding(MANY, (to, peer, n) => peer.join(to, n * MANY + peer.from.address * 16 + peer.from.port, 'SYN')),
  'known-joins-ack': riding(MANY, (to, peer, n) => peer.join(to, (n * MANY + peer.from.address * 16 + peer.from.port) >>> 0, 'ACK')),
  /** DSS packets of connections that were never opened. */
  dss: simple((to, n) => {
    const dataSequenceNumber = keyOf(n);
    to.tcp(
      client(n),
      SERVER,
      sequenceOf(n),
      1,
      ACK,
      [dss({ dataAck: keyOf(n + 1), dataSequenceNumber, subflowSequenceNumber: 1, dataLevelLength: 8 })],
      8,
    );
  }),
  /** The same, with data sequence numbers that lie near each other. */
  near: simple((to, n) => {
    const dataSequenceNumber = 2n ** 62n + BigInt(n % 7);
    to.tcp(
      client(n % 60_000),
      SERVER,
      sequenceOf(n % 60_000) + 8 * Math.floor(n / 60_000),
      1,
      ACK,
      [dss({ dataAck: keyOf(n), dataSequenceNumber, subflowSequenceNumber: 1 + 8 * Math.floor(n / 60_000), dataLevelLength: 8 })],
      8,
    );
  }),
  /** Addresses announced and withdrawn without end, on a connection with many subflows. */
  addresses: riding(1, (to, peer, n) => {
    if (n < 1000) {
      peer.join(to, n, 'ACK');
      return;
    }
    const address = Uint8Array.of(172, 16 + (n >> 16), n >> 8, n);
    if (n % 4 === 3) peer.send(to, 101, ACK, [octets({ kind: 'REMOVE_ADDR', addressIds: [n & 0xff], reserved: 0 })]);
    else
      peer.send(to, 101, ACK, [
        octets({
          kind: 'ADD_ADDR',
          version: 1,
          echo: false,
          addressId: (n * 7) & 0xff,
          address,
          truncatedHmac: new Uint8Array(8),
          reserved: 0,
        }),
      ]);
  }),
  gap: riding(1, gap),
  gaps: riding(MANY, gap),
  tiny: riding(1, tiny),
  tinies: riding(MANY, tiny),
  /** Segments in the wrong order: each below the one before. */
  backwards: riding(1, (to, peer, n) => {
    const ssn = 100_000 + (Math.floor(n / 6000) + 1) * 100_000 - 16 * (n % 6000);
    peer.send(to, ssn, ACK, [mappingOf(peer, ssn, 8)], 8);
  }),
  /** Data that no mapping covers. */
  unmapped: riding(1, (to, peer, n) => peer.send(to, 101 + 100 * n, ACK, [dss(peer.dataAck(0, 0))], 100)),
  /** Mappings that contradict each other, wrong reserved bits, an option of an impossible length: on one connection, on many. */
  wrong: riding(1, wrong),
  wrongs: riding(MANY, wrong),
  /** First fragments of packets that never become whole; fragments of one packet. */
  fragments: simple((to, n) => to.ip(client(n).address, SERVER.address, n, 0x2000, 1200, () => undefined)),
  pieces: simple((to, n) => to.ip(client(n >>> 13).address, SERVER.address, 1, 0x2000 | (8191 - (n & 0x1fff) - 1), 8, () => undefined)),
  /** MPTCP options that cannot be decoded, each on a flow of its own. */
  malformed: simple((to, n) => to.tcp(client(n), SERVER, sequenceOf(n), 1, ACK, [Uint8Array.of(30, 3, (n % 9) << 4, 0)])),
  'malformed-syn': simple((to, n) => {
    to.tcp(client(n), SERVER, sequenceOf(n), 0, SYN, [Uint8Array.of(30, 5, 0, 0, 0, 0, 0, 0)]);
    to.tcp(SERVER, client(n), 1000, (sequenceOf(n) + 1) >>> 0, SYN_ACK, [Uint8Array.of(30, 6, 1, 0, 0, 0, 0, 0)]);
  }),
};

/**
 * A flood of so many attempts, as a pcap file in chunks; a chunk is only valid until the next one.
 * @example for (const chunk of flood('syn', 1000)) checker.push(chunk);
 */
export function* flood(kind: string, attempts: number): Generator<Uint8Array> {
  const attempt = floods[kind]?.();
  if (attempt === undefined) throw new RangeError(`no flood '${kind}'; there are ${Object.keys(floods).join(', ')}`);
  const writer = new FloodWriter();
  for (let n = 0; n < attempts; n += 1) {
    attempt(writer, n);
    if (writer.full) yield writer.take();
  }
  yield writer.take();
}
