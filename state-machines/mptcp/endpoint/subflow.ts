/** One subflow of an endpoint: the numbers of its TCP connection and of its Data Sequence Mappings. RFC 8684 sections 3.2 and 3.3, RFC 9293 section 3.3.1. */
import { RttEstimator, SendSide, newTcpContext } from '../../tcp/index.ts';
import { MappingTable } from '../mappings.ts';
import { SeenRanges } from '../ranges.ts';
import type { SegmentOption } from '../segment.ts';
import { newSubflowContext } from '../subflow.ts';
import type { DataSegment } from './send-buffer.ts';
import type { SocketAddress, SubflowEnd } from './settings.ts';

/** What some octets of a subflow's sequence space are: a SYN or FIN, or a piece of a data segment. */
export interface Content {
  readonly kind: 'syn' | 'synAck' | 'fin' | 'data';
  /** Data's. */
  readonly segment: DataSegment | undefined;
  readonly dsn: number;
  readonly payload: Uint8Array;
  readonly dataFin: boolean;
  /** The sum of its payload (RFC 1071), once it has been computed; -1 before. */
  sum: number;
}

/** Octets of a mapping that wait for the others, for its checksum is over all of them. */
export interface Incomplete {
  readonly dsn: number;
  readonly length: number;
  readonly dataFin: boolean;
  readonly checksum: number;
  readonly wireSsn: number;
  readonly octets: Uint8Array;
  readonly seen: SeenRanges;
}

/** Octets for which no mapping is known. */
export interface Unmapped {
  readonly ssn: number;
  readonly payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);
/** A SYN, SYN/ACK or FIN. */
export const signal = (kind: 'syn' | 'synAck' | 'fin'): Content => ({
  kind,
  segment: undefined,
  dsn: 0,
  payload: NOTHING,
  dataFin: false,
  sum: -1,
});

/** A subflow. */
export class Subflow {
  readonly number: number;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Whether this host sent its SYN. */
  readonly opener: boolean;
  /** Whether it was opened by MP_CAPABLE. */
  readonly initial: boolean;
  readonly tcp = newTcpContext();
  readonly context = newSubflowContext();

  /** ISS and IRS. */
  readonly iss: number;
  /** -1 until the peer's SYN has come. */
  irs = -1;
  readonly send: SendSide<Content>;
  /** What of the peer's sequence space has come; RCV.NXT is `seen.next`. The SYN is 0. */
  readonly seen = new SeenRanges(0);
  /** Where the peer's FIN is. */
  finAt = Infinity;
  /** Right edge, in the peer's sequence numbers, that has been told on this subflow. */
  toldEdge = 0;
  /** Shifts of window scaling (RFC 7323 section 2): of the windows that come, and of those that go. */
  peerShift = 0;
  shift = 0;
  /** The peer's MSS; the default of RFC 9293 section 3.7.1. */
  peerMss = 536;
  /** Whether the peer's SYN had the options for it (RFC 7323 sections 2.2 and 3.2). */
  scaled = false;
  timestamps = false;
  /** TS.Recent of RFC 7323 section 4.3. */
  recentTimestamp = 0;
  /** Window field and Data ACK of the last segment: what tells a window update from a duplicate. */
  lastWindow = -1;
  lastDataAck = -1;

  /** Segments that wait for an acknowledgment, when it is due, and whether it is due at once. */
  unanswered = 0;
  ackDue = Infinity;
  ackNow = false;
  /** Options that go with the next acknowledgment, each on one of its own. */
  readonly signals: SegmentOption[] = [];

  readonly mappings = new MappingTable();
  /** Whether any mapping has come. */
  mapped = false;
  readonly unmapped: Unmapped[] = [];
  readonly incomplete = new Map<number, Incomplete>();
  /** `dsn - ssn` of the last mapping that came, and of the last that went: where regular TCP goes on after a fallback. */
  receiveOffset = 0;
  sendOffset = 0;
  /** Since a checksum has failed, octets from here on wait for an infinite mapping. */
  suspendedAt = Infinity;
  /** What it has brought and is not read; only where each subflow has a receive window of its own. */
  readonly brought: { readonly from: number; readonly to: number }[] = [];
  /** Whether a Data ACK has come on it (section 3.7). */
  dataAckSeen = false;

  /** Octets that it has brought since a time, and octets in a ms. */
  measured = 0;
  measuredSince = 0;
  rate = 0;

  addressId = 0;
  peerAddressId = 0;
  /** Whether the peer, or this host, wants it to be used only when nothing else is up. */
  backup = false;
  peerBackup = false;
  nonce = 0;
  peerNonce = 0;

  /** This host wants it closed. */
  closing = false;
  finSent = false;
  finReceived = false;
  /** Timers other than the retransmission timer. */
  joinAckDue = Infinity;
  joinAckTimes = 0;
  timeWaitEnds = Infinity;
  /** When the last segment came. */
  heardAt = 0;
  /** How it ended. */
  end: SubflowEnd | undefined;
  reportedEstablished = false;
  challenges = 0;
  challengesSince = 0;

  constructor(
    number: number,
    local: SocketAddress,
    remote: SocketAddress,
    kind: { readonly opener: boolean; readonly initial: boolean; readonly iss: number },
    timeouts: { readonly initial: number; readonly least: number },
    settled: (content: Content) => void,
  ) {
    this.number = number;
    this.local = local;
    this.remote = remote;
    this.opener = kind.opener;
    this.initial = kind.initial;
    this.iss = kind.iss;
    this.send = new SendSide<Content>(new RttEstimator(timeouts.initial, timeouts.least), settled);
  }

  /** Whether both ends have the handshake behind them, and neither a RST. */
  get isUp(): boolean {
    const { state } = this.context;
    return state === 'ESTABLISHED' || state === 'FIN_SENT' || state === 'FIN_RECEIVED';
  }

  /** Whether nothing is left of it. */
  get isGone(): boolean {
    return this.end !== undefined;
  }
}
