/** One host of a connection: its key, its addresses, and what it did in the data sequence space. */
import type { ConnectionContext } from '../../../state-machines/mptcp/index.ts';
import { SeenRanges } from '../../../state-machines/mptcp/ranges.ts';
import type { Finding } from '../evidence.ts';
import type { Flow } from './flow.ts';
import type { DataStream } from './stream.ts';

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
  /** Where nothing tells what its first number was, the first one seen counts as 1: octets may lie before it. */
  baseGuessed = false;
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
  /**
   * Relative number of its DATA_FIN; -Infinity before. Numbers of data mostly are floating-point numbers: where a field begins with a small integer,
   * the first of them changes the shape of all hosts, and all code compiled for the old shape is thrown away at the end of the first transfer.
   */
  dataFin = -Infinity;
  dataFinFrame = 0;
  /** Frame at which the peer acknowledged the DATA_FIN; 0 before. */
  dataFinAckedFrame = 0;
  /** The highest right edge of the window it advertised at the data level. */
  rightEdge = -1;
  /** The largest window that it ever advertised, on any subflow. */
  largestWindow = 0;
  readonly addresses: KnownAddress[] = [];
  /** Whether it has asked for a subflow to be used as a backup only. */
  asksBackup = false;
  /** C of its MP_CAPABLE: no additional subflows to this address and port. */
  noSubflowsToSource = false;
  infiniteFrame = 0;
  mpFailFrame = 0;
  /** Its last MP_FAIL, and the data sequence number that this one names. */
  lastMpFailFrame = 0;
  mpFailNumber: bigint | undefined;
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
  dataFinFrom = -Infinity;
  reinjectedFrame = 0;
  /** The last of its frames with octets that had come before. */
  againFrame = 0;
  /** Its first MP_FAIL on an ACK while other subflows seemed to be up. */
  failedBeside: { readonly flows: readonly Flow[]; readonly frame: number; readonly time: number; readonly finding: Finding } | undefined;
  /** It acknowledged the peer's DATA_FIN before all data that comes before had been captured; 0 otherwise. */
  dataFinAckedEarlyFrame = 0;
  /** It closed its last subflow before this data was acknowledged, as far as was captured; `behind` where packets of its peer were missing by then. */
  closedEarly: { readonly frame: number; readonly end: number; readonly behind: boolean; readonly finding: Finding } | undefined;
  /** Data ACKs of 4 octets for data with 8, until one of 8 octets follows. */
  readonly narrowAcks: { readonly frame: number; readonly finding: Finding }[] = [];
  wideAcked = false;
  infiniteFlow: Flow | undefined;
  machine: ConnectionContext | undefined;
  /** Where and when (ms) it is first shown to have fallen back to regular TCP (section 3.7). */
  fellBack: { readonly flow: Flow; readonly time: number; readonly frame: number } | undefined;
  /** What TCP Fast Open carried in the SYN and the peer accepted (appendix B). */
  fastOpen: { readonly octets: Uint8Array; readonly length: number } | undefined;
}
