/** A Multipath TCP connection as far as a capture shows it: hosts, subflows, and what is still open between them. */
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import type { ConnectionEvent, SubflowEvent } from '../../../state-machines/mptcp/index.ts';
import { Ledger } from '../evidence.ts';
import type { Finding } from '../evidence.ts';
import type { Flow } from './flow.ts';
import { Host } from './host.ts';
import { other } from './sides.ts';
import type { Index } from './sides.ts';
import type { Queued } from '../queue.ts';

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
  /** In ms. */
  readonly time: number;
  readonly flow: Flow;
  /** Frame of a later Data ACK on the same subflow that goes back behind it, or of the mapping that sends the data at last; 0 before. */
  contradictedFrame: number;
}

/** In ms: longer than a packet takes to the other host and its answer back. */
export const ROUND_TRIP = 1000;

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

/** Packets of different interfaces may be captured out of order by so much, in ms. */
export const SKEW = 1;

/**
 * A finding that holds if the capture shows all data of the host that it rests on; of a host that does not fall back as it was told to,
 * if it does not do so later either: what told it may have been lost, and come again; of what a host does before its peer has sent a DSS,
 * if none is captured so soon after that it may have been before.
 */
export interface Suspicion {
  readonly requirement: string;
  readonly host: Index;
  readonly restsOn: Index | 'noFallback' | 'noDss';
  readonly frame: number;
  /** In ms. */
  readonly time: number;
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
  readonly underway: Underway[] = [];
  /** What a host did that only a capture of all subflows shows to be wrong: judged at the end. */
  readonly suspicions: Suspicion[] = [];
  /** A mapping whose checksum failed, until its data comes intact. */
  failed: { readonly dsn: number; readonly end: number; readonly frame: number; readonly host: Index; readonly flow: Flow } | undefined;
  lastFrame = 0;
  /** The frame at which it was last marked as active. */
  touchedFrame = -64;
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

  /** Whether an MP_FAIL has been sent on an ACK, on the last subflow: regular TCP follows, without any option (section 3.7). */
  get isFailing(): boolean {
    return this.hosts.some(({ machine }) => machine?.mpFailSent === true);
  }

  /** Whether octets that a host sent are missing from the capture: its peer acknowledged them, or it went on after them. */
  captureLost(host: Index): boolean {
    return this.flows.some((flow) => {
      if (flow.kind === 'syn' || (flow.kind === 'join' && (flow.join?.refusedFrame ?? 0) > 0)) return false;
      const end = flow.endOf(host);
      // A SYN/ACK that was captured after what answers it is none.
      if (flow.synAckFrame === 0 && flow.sideOf(host) === 1) return true;
      if (end.cut || end.startMissed || (end.segments === 0 && (flow.synFrame === 0 || flow.sideOf(host) === 1))) return true;
      return !end.known || end.seen.hasHole || Math.max(end.acked, end.sentEnd) > end.seen.next + (end.finAt >= 0 ? 1 : 0);
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
