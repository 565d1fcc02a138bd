/**
 * A peer that does what a script says: subflows that keep their sequence numbers and nothing else, and the numbers of an MPTCP connection
 * (RFC 8684 sections 3.1 to 3.3). Unlike an endpoint it knows no rule, so it can break every one. Pure: what it sends goes to `transmit`.
 */
import { concat } from '../../codecs/bytes.ts';
import { sum16 } from '../../codecs/checksum.ts';
import {
  addAddrHmac,
  addAddrHmacLeftmost,
  CRYPTO_H,
  deriveKey,
  dssChecksum,
  joinAckHmac,
  joinHmac,
  joinSynAckHmac,
} from '../../codecs/mptcp/index.ts';
import type { AddAddrV1, Dss, MpCapable, MpFail, MpFastclose, MpJoinAck, MpJoinSyn, MpJoinSynAck } from '../../codecs/mptcp/index.ts';
import type { MpPrio, MptcpOption, MpTcprst, RemoveAddr } from '../../codecs/mptcp/index.ts';
import type { TcpOption } from '../../codecs/packet/index.ts';
import { ACK, FIN, optionOf, PSH, SYN, type Seen, type Segment, type Socket } from './segment.ts';

const NONE = new Uint8Array(0);

/** What a segment has instead of what it would have. */
export interface Parts {
  /** ACK when absent, and PSH with a payload. */
  readonly flags?: number;
  readonly payload?: Uint8Array;
  /** None when absent. */
  readonly options?: readonly (MptcpOption | Uint8Array)[];
  readonly tcpOptions?: readonly TcpOption[];
  /** The next one when absent; when given, what is sent does not count. */
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly window?: number;
  readonly urgentPointer?: number;
}

/** How a subflow of ours begins. */
export interface SubflowSetup {
  readonly path: number;
  readonly local: Socket;
  readonly remote: Socket;
  /** Our initial sequence number. */
  readonly start: number;
  /** Sends, and gives the frame's number. */
  readonly transmit: (segment: Segment, path: number) => number;
}

/** Our end of a subflow. */
export class Subflow {
  readonly path: number;
  readonly local: Socket;
  readonly remote: Socket;
  readonly start: number;
  readonly #transmit: SubflowSetup['transmit'];
  /** Our next sequence number. */
  next: number;
  /** The kernel's next sequence number, and its first. */
  expected = 0;
  remoteStart = 0;
  /** What our segments say of our window. */
  window = 0xffff;
  /** All that the kernel has sent on it. */
  readonly seen: Seen[] = [];
  /** How many of them the script has looked at. */
  looked = 0;
  /** Told of each segment that comes. */
  onSegment: ((seen: Seen) => void) | undefined;

  constructor({ path, local, remote, start, transmit }: SubflowSetup) {
    this.path = path;
    this.local = local;
    this.remote = remote;
    this.start = start;
    this.next = start;
    this.#transmit = transmit;
  }

  /** Our next sequence number relative to our SYN. */
  get ssn(): number {
    return (this.next - this.start) >>> 0;
  }

  /** Sends a segment; gives its frame. */
  send(parts: Parts = {}): number {
    const { payload = NONE } = parts;
    const flags = parts.flags ?? (payload.length > 0 ? ACK | PSH : ACK);
    const sequence = parts.sequence ?? this.next;
    if (parts.sequence === undefined)
      this.next = (this.next + payload.length + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1)) >>> 0;
    const segment = {
      source: this.local,
      destination: this.remote,
      sequence,
      acknowledgment: (flags & ACK) === 0 ? 0 : (parts.acknowledgment ?? this.expected),
      flags,
      window: parts.window ?? this.window,
      tcpOptions: parts.tcpOptions ?? ((flags & SYN) === 0 ? [] : [{ kind: 'MSS', mss: 1460 }]),
      options: parts.options ?? [],
      payload,
      ...(parts.urgentPointer !== undefined && { urgentPointer: parts.urgentPointer }),
    } satisfies Segment;
    return this.#transmit(segment, this.path);
  }

  /** Takes in a segment of the kernel. */
  receive(seen: Seen): void {
    this.seen.push(seen);
    if ((seen.flags & SYN) !== 0) {
      this.remoteStart = seen.sequence;
      this.expected = (seen.sequence + 1) >>> 0;
    }
    const length = seen.payload.length + ((seen.flags & FIN) === 0 ? 0 : 1);
    const old = (this.expected - seen.sequence) >>> 0;
    if (old < 0x8000_0000 && old < length) this.expected = (seen.sequence + length) >>> 0;
    this.onSegment?.(seen);
  }
}

/** Octets of a host at their place in the data sequence space. */
interface Piece {
  readonly dsn: bigint;
  readonly octets: Uint8Array;
}

/** The numbers of a connection, as our side knows them. */
export interface ConnectionSetup {
  readonly key: bigint;
  readonly checksum?: boolean;
}

const MASK = 0xffff_ffff_ffff_ffffn;
const at64 = (number: bigint): bigint => number & MASK;

/** Our side of an MPTCP connection of version 1, and what the kernel has sent on it. */
export class Connection {
  readonly key: bigint;
  readonly idsn: bigint;
  readonly token: number;
  checksum: boolean;
  /** Of the kernel: 0 until it has shown its key. */
  remoteKey = 0n;
  remoteIdsn = 0n;
  remoteToken = 0;
  readonly subflows: Subflow[] = [];
  /** Our next data sequence number. */
  nextData: bigint;
  /** The kernel's next data sequence number: what we acknowledge. */
  expectedData = 0n;
  /** The kernel's DATA_FIN has been taken in. */
  ended = false;
  /** Answer data and FINs with an ACK that has a Data ACK. */
  acknowledges = false;
  #received: Uint8Array[] = [];
  #early: Piece[] = [];
  #finAt: bigint | undefined;

  constructor({ key, checksum = false }: ConnectionSetup) {
    const { token, idsn } = deriveKey(key, 1);
    this.key = key;
    this.token = token;
    this.idsn = idsn;
    this.checksum = checksum;
    this.nextData = at64(idsn + 1n);
  }

  get first(): Subflow {
    const [first] = this.subflows;
    if (first === undefined) throw new RangeError('the connection has no subflow yet');
    return first;
  }

  /** What the kernel has sent so far, in order. */
  get received(): Uint8Array {
    const all = concat(...this.#received);
    this.#received = [all];
    return all;
  }

  /** Takes the kernel's key from its MP_CAPABLE. */
  learn(key: bigint): void {
    const { token, idsn } = deriveKey(key, 1);
    this.remoteKey = key;
    this.remoteToken = token;
    this.remoteIdsn = idsn;
    this.expectedData = at64(idsn + 1n);
  }

  /** Makes a subflow one of this connection. */
  add(subflow: Subflow): Subflow {
    this.subflows.push(subflow);
    subflow.onSegment = (seen) => this.#receive(subflow, seen);
    return subflow;
  }

  #receive(subflow: Subflow, seen: Seen): void {
    const dss = optionOf(seen, 'DSS');
    const capable = optionOf(seen, 'MP_CAPABLE');
    if (dss?.dataSequenceNumber !== undefined && dss.dataLevelLength !== undefined && dss.dataLevelLength > 0) {
      const start = this.#whole(dss.dataSequenceNumber, dss.dataSequenceNumberOctets);
      const length = BigInt(dss.dataLevelLength - (dss.dataFin ? 1 : 0));
      if (seen.payload.length > 0) {
        const into = (((seen.sequence - subflow.remoteStart) >>> 0) - (dss.subflowSequenceNumber ?? 0)) | 0;
        this.#take({ dsn: at64(start + BigInt(into)), octets: seen.payload.slice() });
      }
      if (dss.dataFin) this.#finAt = at64(start + length);
    } else if (capable?.dataLevelLength !== undefined && seen.payload.length > 0) {
      const into = ((seen.sequence - subflow.remoteStart) >>> 0) - 1;
      this.#take({ dsn: at64(this.remoteIdsn + 1n + BigInt(into)), octets: seen.payload.slice() });
    }
    if (this.#finAt === this.expectedData && !this.ended) {
      this.ended = true;
      this.expectedData = at64(this.expectedData + 1n);
    }
    if (this.acknowledges && (seen.flags & SYN) === 0 && (seen.payload.length > 0 || (seen.flags & FIN) !== 0 || dss?.dataFin === true))
      this.ack(subflow);
  }

  /** The 64 bits of a data sequence number of which 32 may have travelled. */
  #whole(dsn: bigint, octets: 4 | 8): bigint {
    if (octets === 8) return dsn;
    const distance = BigInt.asIntN(32, dsn - this.expectedData);
    return at64(this.expectedData + distance);
  }

  #take(piece: Piece): void {
    this.#early.push(piece);
    for (;;) {
      const index = this.#early.findIndex(({ dsn, octets }) => {
        const old = at64(this.expectedData - dsn);
        return old < BigInt(octets.length);
      });
      if (index < 0) break;
      const [{ dsn, octets }] = this.#early.splice(index, 1) as [Piece];
      const fresh = octets.subarray(Number(at64(this.expectedData - dsn)));
      this.#received.push(fresh);
      this.expectedData = at64(this.expectedData + BigInt(fresh.length));
    }
    this.#early = this.#early.filter(({ dsn }) => at64(dsn - this.expectedData) < 1n << 63n);
  }

  /** An MP_CAPABLE of ours: with no key (SYN), ours (SYN/ACK), or both (ACK). */
  capable(on: 'SYN' | 'SYN/ACK' | 'ACK', changed: Partial<MpCapable> = {}): MpCapable {
    return {
      kind: 'MP_CAPABLE',
      version: 1,
      checksumRequired: this.checksum,
      extensibility: false,
      noSubflowsToSource: false,
      cryptoAlgorithms: CRYPTO_H,
      ...(on !== 'SYN' && { senderKey: this.key }),
      ...(on === 'ACK' && { receiverKey: this.remoteKey }),
      ...changed,
    };
  }

  /** The MP_CAPABLE that maps the first data. */
  capableWithData(payload: Uint8Array, changed: Partial<MpCapable> = {}): MpCapable {
    const sum = dssChecksum(...halves(at64(this.idsn + 1n)), 1, payload.length, sum16(payload));
    return this.capable('ACK', { dataLevelLength: payload.length, ...(this.checksum && { checksum: sum }), ...changed });
  }

  /** A DSS that acknowledges what has come. */
  dss(changed: Partial<Dss> = {}): Dss {
    return {
      kind: 'DSS',
      dataFin: false,
      dataAck: this.expectedData,
      dataAckOctets: 8,
      dataSequenceNumberOctets: 8,
      reserved: 0,
      ...changed,
    };
  }

  /** A DSS that maps `payload`, our next data, to the subflow's next sequence number. The checksum is that of the fields as they are then. */
  mapping(subflow: Subflow, payload: Uint8Array, changed: Partial<Dss> = {}): Dss {
    const fields = { dataSequenceNumber: this.nextData, subflowSequenceNumber: subflow.ssn, dataLevelLength: payload.length, ...changed };
    const whole = this.#ours(fields.dataSequenceNumber);
    const sum = dssChecksum(...halves(whole), fields.subflowSequenceNumber, fields.dataLevelLength, sum16(payload));
    return this.dss({ ...(this.checksum && { checksum: sum }), ...fields });
  }

  /** The 64 bits of a number of ours. */
  #ours(dsn: bigint): bigint {
    return dsn > 0xffff_ffffn ? dsn : at64(this.nextData + BigInt.asIntN(32, dsn - this.nextData));
  }

  /** Sends data with its mapping, and counts it. `changed` are fields of the DSS. */
  data(subflow: Subflow, payload: Uint8Array, changed: Partial<Dss> = {}, parts: Parts = {}): number {
    const frame = subflow.send({ payload, options: [this.mapping(subflow, payload, changed)], ...parts });
    this.nextData = at64(this.nextData + BigInt(payload.length));
    return frame;
  }

  /** A pure ACK with a Data ACK. */
  ack(subflow: Subflow, changed: Partial<Dss> = {}, parts: Parts = {}): number {
    return subflow.send({ options: [this.dss(changed)], ...parts });
  }

  /** A DATA_FIN alone: the mapping has SSN 0 and length 1. */
  dataFin(subflow: Subflow, changed: Partial<Dss> = {}, parts: Parts = {}): number {
    const frame = subflow.send({
      options: [this.mapping(subflow, NONE, { dataFin: true, subflowSequenceNumber: 0, dataLevelLength: 1, ...changed })],
      ...parts,
    });
    this.nextData = at64(this.nextData + 1n);
    return frame;
  }

  joinSyn(changed: Partial<MpJoinSyn> = {}): MpJoinSyn {
    return {
      kind: 'MP_JOIN',
      segment: 'SYN',
      backup: false,
      addressId: 1,
      receiverToken: this.remoteToken,
      senderRandomNumber: NONCE,
      reserved: 0,
      ...changed,
    };
  }

  /** Answers the MP_JOIN on a SYN. */
  joinSynAck(syn: MpJoinSyn, changed: Partial<MpJoinSynAck> = {}): MpJoinSynAck {
    return {
      kind: 'MP_JOIN',
      segment: 'SYN/ACK',
      backup: false,
      addressId: 1,
      senderTruncatedHmac: joinSynAckHmac(1, this.key, this.remoteKey, NONCE, syn.senderRandomNumber),
      senderRandomNumber: NONCE,
      reserved: 0,
      ...changed,
    };
  }

  /** Answers the MP_JOIN on a SYN/ACK. */
  joinAck(synAck: MpJoinSynAck, changed: Partial<MpJoinAck> = {}): MpJoinAck {
    const senderTruncatedHmac = joinAckHmac(1, this.key, this.remoteKey, NONCE, synAck.senderRandomNumber);
    return { kind: 'MP_JOIN', segment: 'ACK', senderTruncatedHmac, reserved: 0, ...changed };
  }

  /** The HMAC that the kernel owes us for a random number of its own and ours: the leftmost octets of 32. */
  owedHmac(random: number): Uint8Array {
    return joinHmac(1, this.remoteKey, this.key, random, NONCE);
  }

  addAddr(address: Uint8Array, changed: Partial<AddAddrV1> = {}): AddAddrV1 {
    const { addressId = 1, port } = changed;
    const truncatedHmac = addAddrHmac(this.key, this.remoteKey, addressId, address, port);
    return { kind: 'ADD_ADDR', version: 1, echo: false, addressId, address, truncatedHmac, reserved: 0, ...changed };
  }

  /** The HMAC of an ADD_ADDR of ours cut from the wrong end. */
  leftmostAddAddrHmac({ addressId, address, port }: AddAddrV1): Uint8Array {
    return addAddrHmacLeftmost(this.key, this.remoteKey, addressId, address, port);
  }

  /** The HMAC that an ADD_ADDR of the kernel must have. */
  owedAddAddrHmac({ addressId, address, port }: AddAddrV1): Uint8Array {
    return addAddrHmac(this.remoteKey, this.key, addressId, address, port);
  }
}

/** Our random number in every join. */
const NONCE = 0x5ca1_ab1e;

const halves = (number: bigint): [number, number] => [Number(number >> 32n), Number(number & 0xffff_ffffn)];

export const removeAddr = (...addressIds: readonly number[]): RemoveAddr => ({ kind: 'REMOVE_ADDR', addressIds, reserved: 0 });
export const prio = (backup: boolean): MpPrio => ({ kind: 'MP_PRIO', backup, reserved: 0 });
export const mpFail = (dataSequenceNumber: bigint): MpFail => ({ kind: 'MP_FAIL', dataSequenceNumber, reserved: 0 });
export const fastclose = (receiverKey: bigint): MpFastclose => ({ kind: 'MP_FASTCLOSE', receiverKey, reserved: 0 });
export const tcprst = (reason: number, changed: Partial<MpTcprst> = {}): MpTcprst => ({
  kind: 'MP_TCPRST',
  transient: false,
  reason,
  reserved: 0,
  ...changed,
});
