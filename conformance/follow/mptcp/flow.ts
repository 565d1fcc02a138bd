/** One TCP connection of a capture: a subflow, or what may become one. */
import { copyOf } from '../../../codecs/bytes.ts';
import type { DecodeError } from '../../../codecs/decoded.ts';
import type { MpCapable, MpJoin } from '../../../codecs/mptcp/index.ts';
import { formatAddress } from '../../../codecs/packet/address.ts';
import type { Segment } from '../../../codecs/packet/segment.ts';
import type { SubflowContext } from '../../../state-machines/mptcp/index.ts';
import type { Connection } from './connection.ts';
import { End } from './end.ts';
import { other } from './sides.ts';
import type { Index } from './sides.ts';
import type { Queued } from '../queue.ts';

type MpJoinSyn = Extract<MpJoin, { segment: 'SYN' }>;

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
  /** The opener's first data where no ACK of the third packet had been seen by then, and its time in ms; 0 without. */
  earlyDataFrame: number;
  earlyDataTime: number;
  /** The opener has received more than the SYN/ACK, as it shows; 0 before. */
  heardFrame: number;
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
    return (this.#sides[side] ??= copyOf(this.addresses, side * length, (side + 1) * length));
  }

  /** `address:port` of a side. */
  textOf(side: Index): string {
    return endpointText(this.addressOf(side), this.ports[side]);
  }

  /** Whether either end has sent a RST, or both a FIN. */
  get closed(): boolean {
    // By index: taking the pair apart costs more, and this is asked for every segment.
    const a = this.ends[0];
    const b = this.ends[1];
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
