/** What an endpoint of one Multipath TCP connection is set up with, and what it says: the types of its interface. RFC 8684. Times in ms. */
import type { MptcpVersion } from '../../../codecs/mptcp/index.ts';
import type { Ending, FallbackCause } from '../connection.ts';
import type { TcpSegment } from '../segment.ts';
import type { Scheduler } from './scheduler.ts';

/** Numbers from 0 to below 1, of at least 32 bits each: where keys, initial sequence numbers and nonces come from (RFC 8684 section 3.1). */
export type RandomSource = () => number;

/** An address (4 or 16 octets) and a port. */
export interface SocketAddress {
  readonly address: Uint8Array;
  readonly port: number;
}

/** What an endpoint is set up with; everything but the first four may be left out. */
export interface EndpointSettings {
  /** Who sends the first SYN. A listener becomes the connection that the first SYN to `local` opens. */
  readonly role: 'initiator' | 'listener';
  /** Of the first subflow; its Address ID is 0 (section 3.4.1). */
  readonly local: SocketAddress;
  /** Of the first subflow; only the initiator's. */
  readonly remote?: SocketAddress;
  readonly random: RandomSource;
  /** Its key; drawn when left out. */
  readonly key?: bigint;
  /** The version that an initiator offers; 1 when left out. A listener speaks either, as it is asked to. `null`: regular TCP. */
  readonly version?: MptcpVersion | null;
  /** Whether it asks for DSS checksums (flag A); true when left out, as section 3.1 recommends. */
  readonly checksum?: boolean;
  /** Flag C: no further subflows to the first address and port. */
  readonly noSubflowsToSource?: boolean;
  /** Octets of data sequence numbers and Data ACKs; 4 when left out. A DSN of 8 octets is always answered by a Data ACK of 8 (section 3.3.2). */
  readonly dsnOctets?: 4 | 8;
  /** Whether joins are accepted; true when left out. */
  readonly acceptJoins?: boolean;
  /** Address IDs of its further addresses, for the SYN/ACK of joins to them. */
  readonly addresses?: readonly { readonly id: number; readonly address: Uint8Array }[];
  /** The largest payload that it takes (RFC 9293 section 3.7.1); 1460 for IPv4 and 1440 for IPv6 when left out. */
  readonly mss?: number;
  /** TCP timestamps (RFC 7323); true when left out. */
  readonly timestamps?: boolean;
  /** Octets of the receive buffer to begin with, and up to which it is tuned; 256 KiB and 6 MiB when left out. */
  readonly receiveBuffer?: number;
  readonly maxReceiveBuffer?: number;
  /** Octets of the send buffer to begin with, and up to which it is tuned; 256 KiB and 6 MiB when left out. */
  readonly sendBuffer?: number;
  readonly maxSendBuffer?: number;
  readonly scheduler?: Scheduler;
  /** How long an acknowledgment may wait for a second segment (RFC 5681 section 4.2: below 500); 40 when left out, 0 never waits. */
  readonly delayedAck?: number;
  /** The least and the first retransmission timeout (RFC 6298: 1000 and 1000; 200 and 1000 when left out). */
  readonly minimumRto?: number;
  readonly initialRto?: number;
  /** How often in a row a segment is retransmitted before its subflow is given up; 8 when left out. */
  readonly maxRetransmissions?: number;
  /** How often a SYN with MP_CAPABLE is tried before one without it (section 3.9, Retrying); 3 when left out. */
  readonly capableSyns?: number;
  /** Twice the maximum segment lifetime; 1000 when left out: a host that has seen a DATA_FIN may reduce it (section 3.3.3). */
  readonly timeWait?: number;
  /** How long a subflow whose FIN is acknowledged waits for the peer's without hearing anything; 300,000 when left out, for a retransmission may take 60,000. */
  readonly finWait?: number;
  /** How long a connection outlives its last subflow (section 3.3.3, break-before-make); 60,000 when left out. */
  readonly breakBeforeMake?: number;
  /** The thesis's experiment of figure 4.5: each subflow has a receive window of its own, this many octets. Left out: one window, as section 3.3.4 has it. */
  readonly separateWindows?: number;
}

/** How a subflow is opened. */
export interface OpenSubflow {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Address ID of the local address. */
  readonly addressId: number;
  /** Flag B. */
  readonly backup?: boolean;
}

/** Why a subflow is no more: FINs, a RST that came or went, or segments that nobody answered. */
export type SubflowEnd = 'fin' | 'rstReceived' | 'rstSent' | 'timeout';

/** What an endpoint reports. `subflow` is the number that it gave the subflow: 0 is the first. */
export type Notice =
  /** The first handshake is over. `mptcp` tells whether it is Multipath TCP or regular TCP. */
  | { readonly type: 'connected'; readonly mptcp: boolean; readonly version: MptcpVersion }
  /** `number`: of the subflow; `joined` by this host or by the peer; `peerAddressId` as its MP_JOIN told it. */
  | {
      readonly type: 'subflowEstablished';
      readonly subflow: number;
      readonly opener: boolean;
      readonly local: SocketAddress;
      readonly remote: SocketAddress;
      readonly addressId: number;
      readonly peerAddressId: number;
      readonly backup: boolean;
    }
  | {
      readonly type: 'subflowClosed';
      readonly subflow: number;
      readonly how: SubflowEnd;
      /** Of the MP_TCPRST, where there was one (section 3.6). */
      readonly reason?: number;
    }
  /** A retransmission timeout: the path may be broken. */
  | { readonly type: 'subflowTimeout'; readonly subflow: number; readonly retransmissions: number }
  /** There is something to `read`; said again once all has been read and more has come. */
  | { readonly type: 'readable' }
  /** There is room in the send buffer again, after a `write` that took less than it was given. */
  | { readonly type: 'writable' }
  /** The peer's DATA_FIN (FIN in regular TCP) has come, after all its data. */
  | { readonly type: 'peerClosed' }
  /** Its own DATA_FIN (FIN in regular TCP), and all data before it, has been acknowledged. */
  | { readonly type: 'acknowledged' }
  | { readonly type: 'fallback'; readonly cause: FallbackCause }
  /** ADD_ADDR whose HMAC is right (section 3.4.1). */
  | { readonly type: 'addressAdded'; readonly id: number; readonly address: Uint8Array; readonly port?: number }
  /** The echo of an own ADD_ADDR. */
  | { readonly type: 'addressEchoed'; readonly id: number }
  /** REMOVE_ADDR (section 3.4.2). */
  | { readonly type: 'addressRemoved'; readonly ids: readonly number[] }
  /** MP_PRIO (section 3.3.8). */
  | { readonly type: 'priority'; readonly subflow: number; readonly backup: boolean }
  /** The connection is over. */
  | { readonly type: 'closed'; readonly ending: Ending };

/** What an endpoint has to say: a segment to send, of which subflow, or a notice. A segment of no subflow has number -1. */
export type EndpointOutput =
  | { readonly type: 'send'; readonly subflow: number; readonly segment: TcpSegment }
  | { readonly type: 'notice'; readonly notice: Notice };
