/** One direction of a subflow: what its sender sent, and what was acknowledged of it. */
import { MappingTable } from '../../../state-machines/mptcp/mappings.ts';
import { SeenRanges } from '../../../state-machines/mptcp/ranges.ts';

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

/** Segments in a row without any MPTCP option that no host sends by chance. */
const BARE = 3;

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
  /** The highest of both on the wire, while the base is not known; -1 before the first. */
  rawEnd = -1;
  rawAcked = -1;
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
  rstTime = 0;
  /** Whether its first RST lacks an ACK: then it answers a segment for a connection that is gone (RFC 9293 section 3.10.7.1). */
  rstAnswers = false;
  /** Whether an option of that RST was overwritten on its way. */
  rstBlanked = false;
  segments = 0;
  /** Segments in a row without any MPTCP option, after the handshake. */
  bareRun = 0;
  /** Frame of its first DSS, and its time in ms; 0 before. */
  dssFrame = 0;
  dssTime = 0;
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

  /** Whether it sends no MPTCP options any more. */
  get isBare(): boolean {
    return this.bareRun >= BARE;
  }
}
