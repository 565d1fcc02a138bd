/** The segment that is being followed, and where it belongs. */
import type { DssFields } from '../../../codecs/mptcp/index.ts';
import type { Segment } from '../../../codecs/packet/segment.ts';
import type { Connection } from './connection.ts';
import type { End } from './end.ts';
import type { Flow } from './flow.ts';
import type { Host } from './host.ts';
import type { Index } from './sides.ts';
import type { StreamPool } from './stream.ts';

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
  sender!: Host;
  receiver!: Host;
  /** What the sender sent, and what its peer did, on this subflow. */
  sent!: End;
  received!: End;
  /** Relative sequence number of the segment, and one past its last octet. */
  ssn = 0;
  ssnEnd = 0;
  /** Whether its octets come no later than what its sender had sent before: they are sent again, or were captured late. */
  retransmission = false;
  /** Whether it is a pure ACK that says no more than the one before it. */
  duplicateAck = false;
  /** Whether it is one of the many packets of a transfer in which nothing is open: see `isSteady`. */
  steady = false;
  /** What its sender passes with it as one of those: bits of `bitOf`. */
  passed = 0;
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

  /** Whether it echoes a newer timestamp of its peer than any that was captured: what its sender has received, the capture missed or has late. */
  get echoesUnseen(): boolean {
    const { newestTimestamp } = this.received;
    return this.echo !== 0 && newestTimestamp !== 0 && ((this.echo - newestTimestamp) | 0) > 0;
  }

  /** Whether its timestamp is older than one that its sender was seen to send before: a retransmission, which is sent late, has overtaken it. */
  get isOvertaken(): boolean {
    return this.timestamp !== this.sent.newestTimestamp;
  }

  /** The memory that streams share. */
  readonly pool: StreamPool;

  constructor(dss: DssFields, pool: StreamPool) {
    this.dss = dss;
    this.pool = pool;
  }
}
