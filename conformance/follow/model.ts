/** What following a capture knows: connections, their hosts, their subflows and the two ends of each. Filled by the follower, read by checks. */
import type { MpCapable, MpJoin } from '../../codecs/mptcp/index.ts';
import { formatAddress } from '../../codecs/packet/address.ts';
import type { DecodeError } from '../../codecs/decoded.ts';
import type { DssFields } from '../../codecs/mptcp/index.ts';
import type { Segment } from '../../codecs/packet/segment.ts';
import { MappingTable } from '../../state-machines/mptcp/mappings.ts';
import { SeenRanges } from '../../state-machines/mptcp/ranges.ts';
import type { ConnectionContext, ConnectionEvent, SubflowContext, SubflowEvent } from '../../state-machines/mptcp/index.ts';
import { Ledger } from './evidence.ts';
import type { Finding } from './evidence.ts';
import type { Queued } from './queue.ts';
import type { DataStream, StreamPool } from './stream.ts';

/** Host a of a connection is 0, host b is 1; the opener's side of a subflow is 0, the acceptor's 1. */
export type Index = 0 | 1;

/** @example other(0) // 1 */
export const other = (index: Index): Index => (1 - index) as Index;

type MpJoinSyn = Extract<MpJoin, { segment: 'SYN' }>;

/** The MP_FASTCLOSEs that a host sent on one subflow (section 3.5). */
export interface SentFastclose {
  readonly frame: number;
  readonly time: number;
  /** Relative sequence number of the first. */
  readonly ssn: number;
  /** Of those on ACKs, how many, and when the last one came. */
  onAck: number;
  lastTime: number;
  /** Frame of the first one on a RST; 0 without. */
  rstFrame: number;
  /** Whether the key is its receiver's. */
  readonly key: 'valid' | 'wrong' | 'unknown';
  /** The segments that its receiver sent on this subflow afterwards, RSTs apart: the first and the last, and how many. */
  after: number;
  afterFrame: number;
  afterTime: number;
}

/** What a host sent on one subflow. Sequence numbers are relative: the SYN is 0, the first octet 1. */
export class End {
  /** Whether relative sequence numbers are exact: the handshake, or enough mappings, told the Initial Sequence Number. */
  known = false;
  /** The sequence number that is relative 0. */
  base = 0;
  /** Bounds of the base where only mappings tell it. */
  baseFrom = 0;
  baseRoom = -1;
  /** One past the highest octet sent. */
  sentEnd = 0;
  /** The highest acknowledgement by the peer. */
  acked = 0;
  /** Which octets of the subflow were captured. */
  readonly seen = new SeenRanges(1);
  /** Receive window that this end last advertised, scaled; -1 while unknown. */
  window = -1;
  largestWindow = 0;
  /** The window that the peer may go by: of acknowledgements that may have been reordered, the larger one. */
  openWindow = 0;
  /** Window Scale shift; -1 while unknown. */
  shift = -1;
  mss = 0;
  readonly mappings = new MappingTable();
  /** Relative sequence number of its FIN; -1 without one. */
  finAt = -1;
  finFrame = 0;
  rstFrame = 0;
  /** Whether its first RST lacks an ACK: then it answers a segment for a connection that is gone (RFC 9293 section 3.10.7.1). */
  rstAnswers = false;
  segments = 0;
  /** Segments in a row without any MPTCP option, after the handshake. */
  bareRun = 0;
  /** Frame of its first DSS; 0 before. */
  dssFrame = 0;
  /** Frame at which data of this end was first acknowledged by a DSS with a Data ACK. */
  dataAckedFrame = 0;
  /** Frame of its first segment with payload after the handshake. */
  dataFrame = 0;
  /** Whether its host asked that the peer use this subflow as a backup only (B of MP_JOIN or MP_PRIO), and since which frame. */
  backup = false;
  backupFrame = 0;
  /** When an MP_PRIO asked it, in ms; 0 where the handshake did, which its answer shows to be known. */
  backupTime = 0;
  /** When the peer last acknowledged something new, in ms. */
  ackedTime = 0;
  fastclose: SentFastclose | undefined;
  /** Octets that no mapping covered when they came, as [start, end, frame]. */
  unmapped: { start: number; end: number; frame: number; bytes: Uint8Array | undefined; acked: boolean; bare: boolean }[] = [];
  /** Duplicate ACKs in a row that carry an MPTCP option other than DSS. */
  signalRun = 0;
  lastAck = -1;
  /** The last Data ACK on this subflow, relative to the peer's numbers. */
  lastDataAck = -1;
  lastDataAckFrame = 0;
  /** The highest right edge of the window advertised on this subflow, relative to the peer's data. */
  rightEdge = -1;
  lastWindow = -1;
  /** Data beyond the receive window, as far as that was captured, until its receiver acknowledges it. */
  beyond:
    | { readonly frame: number; readonly end: number; readonly ssnEnd: number; readonly rightEdge: number; readonly dataAck: number }
    | undefined;
  /** Signatures of the last segments, to know a frame that was captured twice. */
  readonly recent = new Int32Array(4);
  recentAt = 0;
  recentTime = 0;
  /** The newest timestamp that it sent (RFC 7323); 0 without. An echo of a newer one shows that a segment was missed. */
  newestTimestamp = 0;
  /** Whether the snap length cut TCP options of it: what they said is not known. */
  cut = false;
  /** Octets of it were sent before the first that was captured. */
  startMissed = false;
  /** Octets of this end that were first sent on another subflow, and where they must still be acknowledged: one past the highest. */
  bigSegment = false;
}

/** The MP_JOIN handshake of a subflow (RFC 8684 section 3.2). */
export interface Join {
  token: number;
  openerNonce: number;
  openerAddressId: number;
  synFrame: number;
  synTime: number;
  acceptorNonce: number | undefined;
  acceptorAddressId: number;
  acceptorHmac: Uint8Array | undefined;
  synAckFrame: number;
  openerHmac: Uint8Array | undefined;
  ackFrame: number;
  ackTime: number;
  /** How often the third ACK with MP_JOIN was sent. */
  acks: number;
  /** Whether the token, respectively each HMAC, is right; undefined while the keys are not known. */
  tokenKnown: boolean | undefined;
  acceptorValid: boolean | undefined;
  openerValid: boolean | undefined;
  refusedFrame: number;
  establishedFrame: number;
  /** The opener's first data where no ACK of the third packet had been seen by then; 0 without. */
  earlyDataFrame: number;
}

/** One TCP connection of the capture: a subflow, or what may become one. */
export class Flow implements Queued<Flow> {
  readonly ipVersion: number;
  /** Address of side 0, then of side 1. */
  addresses: Uint8Array;
  ports: readonly [number, number];
  /** The two addresses, each by itself once somebody asks. */
  #sides: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  hash = 0;
  chained: Flow | undefined;
  /** Its place among the attempts that wait for an answer, or among the mirrors. */
  older: Flow | undefined;
  newer: Flow | undefined;
  queue: unknown;
  kind: 'syn' | 'initial' | 'join' | 'unknown' = 'syn';
  connection: Connection | undefined;
  /** Which host of the connection side 0 is. */
  host0: Index = 0;
  /** Made by `open`: an attempt that nobody answers costs little. */
  ends!: readonly [End, End];
  machines!: [SubflowContext | undefined, SubflowContext | undefined];
  join: Join | undefined;
  joinSyn: MpJoinSyn | undefined;
  joinSynAck: MpJoin | undefined;
  joinAck: MpJoin | undefined;
  /** Whether its data sequence numbers have told which connection it belongs to. */
  located = false;
  frames = 0;
  firstFrame: number;
  firstTime: number;
  lastFrame = 0;
  lastTime = 0;
  /** Index among the connection's subflows. */
  index = 0;
  /** Whether the capture saw the SYN, the SYN/ACK and the third packet of the handshake. */
  synFrame = 0;
  synAckFrame = 0;
  thirdFrame = 0;
  /** From the SYN: its sequence number, its window, and what its options say of scaling and segment size (-1: nothing). */
  synSequence = 0;
  synWindow = 0;
  synShift = -1;
  synMss = 0;
  /** Whether the TCP checksums of SYN and SYN/ACK are right; undefined where that cannot be told. */
  synChecksum: boolean | undefined;
  synAckChecksum: boolean | undefined;
  /** The MP_CAPABLE of the SYN; null where there was one that could not be decoded. */
  offered: MpCapable | null | undefined;
  /** The same subflow seen on another interface, beyond a NAT: followed there. */
  mirror = false;
  /** Where relative sequence numbers start in another view of it, beyond a firewall that moves them: of side 0, of side 1. */
  otherBases: readonly [number | undefined, number | undefined] | undefined;
  /** Octets of TCP Fast Open in the SYN. */
  fastOpen: Uint8Array | undefined;
  fastOpenLength = 0;
  /** What could not be decoded in the SYN's MPTCP option. */
  synError: DecodeError | undefined;
  synLength = 0;
  synSubtype = 0;
  /** The MP_TCPRST on a RST of it. */
  tcprst: { readonly frame: number; readonly by: Index; readonly transient: boolean } | undefined;
  /** Fast close was signalled on it. */
  fastcloseFrame = 0;
  dead = false;

  constructor(segment: Segment, frame: number, time: number) {
    const length = segment.ipVersion === 4 ? 4 : 16;
    this.ipVersion = segment.ipVersion;
    this.addresses = new Uint8Array(2 * length);
    this.addresses.set(segment.bytes.subarray(segment.source, segment.source + length), 0);
    this.addresses.set(segment.bytes.subarray(segment.destination, segment.destination + length), length);
    this.ports = [segment.sourcePort, segment.destinationPort];
    this.firstFrame = frame;
    this.firstTime = time;
  }

  /** The side at which a host of the connection sits. */
  sideOf(host: Index): Index {
    return host === this.host0 ? 0 : 1;
  }

  /** Swaps the sides: the first segment seen was the acceptor's. */
  turn(): void {
    const length = this.addresses.length / 2;
    const turned = new Uint8Array(2 * length);
    turned.set(this.addresses.subarray(length), 0);
    turned.set(this.addresses.subarray(0, length), length);
    this.addresses = turned;
    this.#sides = [undefined, undefined];
    this.ports = [this.ports[1], this.ports[0]];
  }

  /** Gives it ends, once there is something to follow. */
  open(): void {
    this.ends ??= [new End(), new End()];
    this.machines ??= [undefined, undefined];
  }

  /** The host of the connection that sits at a side. */
  hostOf(side: Index): Index {
    return side === 0 ? this.host0 : other(this.host0);
  }

  /** What a host sent on this subflow. */
  endOf(host: Index): End {
    return this.ends[this.sideOf(host)];
  }

  /** Address of a side, in octets. */
  addressOf(side: Index): Uint8Array {
    const length = this.ipVersion === 4 ? 4 : 16;
    return (this.#sides[side] ??= this.addresses.slice(side * length, (side + 1) * length));
  }

  /** `address:port` of a side. */
  textOf(side: Index): string {
    return endpointText(this.addressOf(side), this.ports[side]);
  }

  /** Whether either end has sent a RST, or both a FIN. */
  get closed(): boolean {
    const [a, b] = this.ends;
    return this.dead || a.rstFrame > 0 || b.rstFrame > 0 || (a.finAt >= 0 && b.finAt >= 0);
  }

  /** Whether it carries data: its handshake is complete, as far as was seen. */
  get established(): boolean {
    if (this.kind === 'join') return this.join === undefined || this.join.establishedFrame > 0;
    return this.kind !== 'syn';
  }
}

/** @example endpointText(Uint8Array.of(10, 0, 0, 1), 80) // '10.0.0.1:80' */
export const endpointText = (address: Uint8Array, port: number): string => {
  const text = formatAddress(address, 0, address.length === 4 ? 4 : 6);
  return address.length === 4 ? `${text}:${port}` : `[${text}]:${port}`;
};

/** An address that a host announced or used, by its Address ID. */
export interface KnownAddress {
  readonly id: number;
  readonly address: Uint8Array;
  readonly port: number | undefined;
  readonly frame: number;
  readonly by: 'handshake' | 'MP_JOIN' | 'ADD_ADDR';
  removedFrame: number;
  echoedFrame: number;
  /** Port of the subflow on which it was announced (section 3.4.1). */
  readonly announcedOnPort: number;
  /** How it was announced, where an ADD_ADDR did. */
  readonly announced?: Announcement;
  removedTime?: number;
}

/** The ADD_ADDRs for one address and port. */
export interface Announcement {
  readonly hmac: AddAddrHmac;
  /** Flag bits other than E of the first. */
  readonly reserved: number;
  readonly time: number;
  times: number;
  lastFrame: number;
}

/** What the HMAC of an ADD_ADDR says: `none` where there need not be one (an echo, version 0), `leftmost` for the wrong half of the right one. */
export type AddAddrHmac = 'valid' | 'wrong' | 'leftmost' | 'absent' | 'unknown' | 'none';

/** One host of a connection. Data sequence numbers are relative: the IDSN is 0, the first octet of data 1. */
export class Host {
  key: bigint | undefined;
  token: number | undefined;
  idsn: bigint | undefined;
  keyFrame = 0;
  /** The data sequence number that is relative 0, in two halves. */
  baseKnown = false;
  /** Whether that is the IDSN; otherwise relative numbers tell distances only. */
  fromIdsn = false;
  /** Only its lower half is known: no number of 8 octets was captured. */
  baseNarrow = false;
  baseHigh = 0;
  baseLow = 0;
  stream: DataStream | undefined;
  /** Data sequence numbers that mappings were declared for. */
  mapped: SeenRanges | undefined;
  /** One past the highest octet mapped so far, the DATA_FIN not counted. */
  sentEnd = 1;
  sentEndFrame = 0;
  /** The highest Data ACK this host sent: relative to the peer's numbers. */
  dataAck = -1;
  dataAckFrame = 0;
  /** The highest of all, also of what the capture does not show to have been sent. */
  highestDataAck = -1;
  /** Relative number of its DATA_FIN; -1 before. */
  dataFin = -1;
  dataFinFrame = 0;
  /** Frame at which the peer acknowledged the DATA_FIN; 0 before. */
  dataFinAckedFrame = 0;
  /** The highest right edge of the window it advertised at the data level. */
  rightEdge = -1;
  readonly addresses: KnownAddress[] = [];
  /** Whether it has asked for a subflow to be used as a backup only. */
  asksBackup = false;
  /** C of its MP_CAPABLE: no additional subflows to this address and port. */
  noSubflowsToSource = false;
  infiniteFrame = 0;
  mpFailFrame = 0;
  fastcloseFrame = 0;
  /** One past the last octet that was mapped with 4-octet and with 8-octet data sequence numbers; 0 for none. */
  narrowEnd = 0;
  wideEnd = 0;
  wideFrame = 0;
  /** Where the count of octets with 4-octet numbers starts, and when (ms). */
  narrowSince = 0;
  narrowTime = 0;
  /** One past the first octets that were mapped with 4 octets after these had wrapped; 0 for none. */
  narrowWrap = 0;
  /** `sentEnd` before the segment at hand. */
  sentEndBefore = 1;
  /** Where the mapping with the DATA_FIN starts. */
  dataFinFrom = 0;
  reinjectedFrame = 0;
  /** It acknowledged the peer's DATA_FIN before all data that comes before had been captured; 0 otherwise. */
  dataFinAckedEarlyFrame = 0;
  /** It closed its last subflow before this data was acknowledged, as far as was captured. */
  closedEarly: { readonly frame: number; readonly end: number; readonly finding: Finding } | undefined;
  /** Data ACKs of 4 octets for data with 8, until one of 8 octets follows. */
  readonly narrowAcks: { readonly frame: number; readonly finding: Finding }[] = [];
  wideAcked = false;
  infiniteFlow: Flow | undefined;
  machine: ConnectionContext | undefined;
  /** What TCP Fast Open carried in the SYN and the peer accepted (appendix B). */
  fastOpen: { readonly octets: Uint8Array; readonly length: number } | undefined;
}

/** Something a host owes, because of what it received, until the capture shows that it paid or went on without. */
export interface Owed {
  readonly requirement: string;
  readonly host: Index;
  /** The event that pays it. */
  readonly by: string;
  /** The subflow on which it is owed; undefined where any will do. */
  readonly flow: Flow | undefined;
  /** The subflow on which the cause came. */
  readonly at: Flow;
  readonly frame: number;
  readonly time: number;
  /** Octet of the subflow whose acknowledgement shows that the cause was received; -1 where any answer shows it. */
  readonly receipt: number;
}

/** A Data ACK beyond what was seen to be sent: judged when more is known. */
export interface Premature {
  readonly ack: number;
  readonly sent: number;
  readonly frame: number;
  readonly flow: Flow;
  /** Frame of a later Data ACK on the same subflow that goes back behind it, or of the mapping that sends the data at last; 0 before. */
  contradictedFrame: number;
}

/** What a host has been sent and is not yet shown to have received: until then it changes nothing for it. */
export type Underway = {
  readonly host: Index;
  readonly flow: Flow;
  /** One past the last octet that its sender had sent on the subflow: an acknowledgement beyond it was made later. */
  readonly sentEnd: number;
  readonly timestamp: number;
  readonly time: number;
  readonly frame: number;
} & ({ readonly machine: 'connection'; readonly event: ConnectionEvent } | { readonly machine: 'subflow'; readonly event: SubflowEvent });

/** A finding that holds if the capture shows all data of the host that it rests on. */
export interface Suspicion {
  readonly requirement: string;
  readonly host: Index;
  readonly restsOn: Index;
  readonly frame: number;
  readonly finding: Finding;
}

/** A Multipath TCP connection, or what the capture shows of one. */
export class Connection implements Queued<Connection> {
  /** Counted from 1 in the order in which they were found. */
  readonly number: number;
  /** Its place among those that are followed, by their last segment. */
  older: Connection | undefined;
  newer: Connection | undefined;
  queue: unknown;
  version: 0 | 1 | null = null;
  readonly hosts: readonly [Host, Host] = [new Host(), new Host()];
  readonly flows: Flow[] = [];
  /** Whether DSS checksums are in use; undefined where the handshake was not seen. */
  checksum: boolean | undefined;
  /** MP_CAPABLE was answered with one: the connection exists, at least for a while. */
  agreed = false;
  /** A flow that no connection is known for: its verdicts stand alone. */
  unattached = false;
  /** Frame from which it is regular TCP. */
  fallbackFrame = 0;
  refused = false;
  synCapable: MpCapable | null | undefined;
  synAckCapable: MpCapable | null | undefined;
  thirdCapable: MpCapable | null | undefined;
  thirdFrame = 0;
  /** What the first MP_CAPABLE with data parameters mapped. */
  capableMapping: { readonly length: number; readonly checksum: number | undefined; readonly frame: number } | undefined;
  readonly ledger = new Ledger();
  readonly owed: Owed[] = [];
  readonly premature: [Premature[], Premature[]] = [[], []];
  fastcloseFrame = 0;
  failFrame = 0;
  readonly underway: Underway[] = [];
  /** What a host did that only a capture of all subflows shows to be wrong: judged at the end. */
  readonly suspicions: Suspicion[] = [];
  /** A mapping whose checksum failed, until its data comes intact. */
  failed: { readonly dsn: number; readonly end: number; readonly frame: number; readonly host: Index; readonly flow: Flow } | undefined;
  lastFrame = 0;
  /** Octets of memory that it was last estimated to take. */
  weight = 0;
  /** Finished: reduced to its verdicts. */
  ended = false;
  /** Where the capture was taken, when something tells: GSO segments, `--at`. */
  capturedAt: Index | undefined;
  allClosed = false;
  /** Upper halves of data sequence numbers under which it is indexed. */
  readonly indexed: number[] = [];
  /** Where a host's key, or its token, was already in use by another connection: that one's first frame. */
  readonly keyTwins: [number, number] = [0, 0];
  readonly tokenTwins: [number, number] = [0, 0];

  constructor(number: number) {
    this.number = number;
  }

  /** The first subflow, whose handshake carried MP_CAPABLE. */
  get initial(): Flow | undefined {
    return this.flows[0]?.kind === 'initial' ? this.flows[0] : undefined;
  }

  /** Whether the capture shows the connection from its SYN on. */
  get fromStart(): boolean {
    return this.initial !== undefined && this.initial.synFrame > 0;
  }

  /** Whether octets that a host sent are missing from the capture: its peer acknowledged them, or later ones came. */
  captureLost(host: Index): boolean {
    return this.flows.some((flow) => {
      if (flow.kind === 'syn' || (flow.kind === 'join' && (flow.join?.refusedFrame ?? 0) > 0)) return false;
      const end = flow.endOf(host);
      if (end.cut || end.startMissed || (end.segments === 0 && (flow.synFrame === 0 || flow.sideOf(host) === 1))) return true;
      return !end.known || end.seen.hasHole || end.acked > end.seen.next + (end.finAt >= 0 ? 1 : 0);
    });
  }

  /**
   * Whether the capture shows all data of a host, on all subflows: nothing is missing on those that were captured, and no data sequence
   * number is missing that another one may have carried.
   */
  isWhole(host: Index): boolean {
    const { mapped, dataFin } = this.hosts[host];
    if (!this.isComplete(host)) return false;
    if (mapped === undefined) return this.hosts[other(host)].highestDataAck <= dataFin + 1 || dataFin < 0;
    return !mapped.hasHole && (dataFin < 0 || mapped.next >= dataFin);
  }

  /** Whether the capture shows all that a host sent on the captured subflows, from the start of the connection on. */
  isComplete(host: Index): boolean {
    return this.fromStart && !this.captureLost(host);
  }
}

/** The segment at hand and where it belongs. The follower refills one object for each. */
export class Here {
  frame = 0;
  time = 0;
  segment!: Segment;
  flow!: Flow;
  connection!: Connection;
  /** Sender's index in the connection, and its side of the flow. */
  host: Index = 0;
  side: Index = 0;
  /** What the sender sent, and what its peer did, on this subflow. */
  sent!: End;
  received!: End;
  /** Relative sequence number of the segment, and one past its last octet. */
  ssn = 0;
  ssnEnd = 0;
  /** Whether all its octets had been captured before. */
  retransmission = false;
  /** The DSS, where the segment carries one that can be read. */
  readonly dss: DssFields;
  hasDss = false;
  /** Whether an option maps data of this segment: a DSS, or an MP_CAPABLE with data parameters. */
  mapsData = false;
  /** Relative data sequence number of its mapping, and the Data ACK, relative to the peer's numbers. */
  dsn = 0;
  dataAck = 0;
  /** Timestamp of the segment and the one that it echoes (RFC 7323); 0 without the option. */
  timestamp = 0;
  echo = 0;
  /** The acknowledgement, relative to the peer's octets on this subflow. */
  acked = 0;
  /** Whether it is certain to have been sent after all that was seen before on this subflow: its sequence number or acknowledgement moves on. */
  inOrder = true;
  /** MPTCP options of any kind on the segment. */
  options = 0;
  /** MPTCP options other than DSS. */
  signals = 0;
  /** Its data sequence numbers are of another connection than its flow's. */
  foreign = false;

  /** The memory that streams share. */
  readonly pool: StreamPool;

  constructor(dss: DssFields, pool: StreamPool) {
    this.dss = dss;
    this.pool = pool;
  }

  get sender(): Host {
    return this.connection.hosts[this.host];
  }

  get receiver(): Host {
    return this.connection.hosts[other(this.host)];
  }
}

export type { Finding };
