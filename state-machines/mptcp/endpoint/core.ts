/** What an endpoint's parts share: its machines, both buffers, its subflows and its timers, and how an event is fed to a machine. RFC 8684. */
import { equalBytes } from '../../../codecs/bytes.ts';
import type { MptcpVersion } from '../../../codecs/mptcp/index.ts';
import { tcpMachine } from '../../tcp/index.ts';
import type { Outgoing, TcpEffect, TcpEvent } from '../../tcp/index.ts';
import { allowed, look, step } from '../../machine.ts';
import type { CongestionControl } from '../congestion/index.ts';
import { connectionMachine, newConnectionContext } from '../connection.ts';
import type { ConnectionContext, ConnectionEffect, ConnectionEvent, ConnectionTimer } from '../connection.ts';
import { subflowMachine } from '../subflow.ts';
import type { SubflowEffect, SubflowEvent } from '../subflow.ts';
import type { SegmentOption, TcpSegment } from '../segment.ts';
import type { Identity } from './identity.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { lowestRtt } from './scheduler.ts';
import { SendBuffer } from './send-buffer.ts';
import type { EndpointOutput, EndpointSettings, Notice, SocketAddress } from './settings.ts';
import { Subflow } from './subflow.ts';
import type { Content } from './subflow.ts';

/** What the owner of the machines does when they say so. */
export interface Duties {
  /** The connection owes one of its sending events, for what came on `subflow`. */
  readonly connectionOwes: (core: Core, by: ConnectionEvent['type'], subflow: Subflow | undefined) => void;
  readonly connectionEffect: (core: Core, effect: ConnectionEffect, subflow: Subflow | undefined) => void;
  readonly subflowOwes: (core: Core, by: SubflowEvent['type'], subflow: Subflow) => void;
  readonly subflowEffect: (core: Core, effect: SubflowEffect, subflow: Subflow) => void;
  readonly tcpEffect: (core: Core, effect: TcpEffect, subflow: Subflow) => void;
  /** From now on the connection is regular TCP, on this subflow. */
  readonly fellBack: (core: Core, subflow: Subflow) => void;
  /** A SYN or SYN/ACK is to be sent, for the first time or again. */
  readonly sendSyn: (core: Core, subflow: Subflow, outgoing: Outgoing<Content>) => void;
}

type Optional = 'remote' | 'key' | 'separateWindows';
/** Settings with what is left out filled in. */
export type Settings = Required<Omit<EndpointSettings, Optional>> & Pick<EndpointSettings, Optional>;

const KIBI = 1024;
const MEBI = KIBI * KIBI;

/** Fills in what is left out. */
const complete = (settings: EndpointSettings): Settings => ({
  version: 1,
  checksum: true,
  noSubflowsToSource: false,
  dsnOctets: 4,
  acceptJoins: true,
  addresses: [],
  mss: settings.local.address.length === 4 ? 1460 : 1440,
  timestamps: true,
  receiveBuffer: 256 * KIBI,
  maxReceiveBuffer: Math.max(6 * MEBI, settings.receiveBuffer ?? 0),
  sendBuffer: 256 * KIBI,
  maxSendBuffer: Math.max(6 * MEBI, settings.sendBuffer ?? 0),
  scheduler: lowestRtt,
  delayedAck: 40,
  minimumRto: 200,
  initialRto: 1000,
  maxRetransmissions: 8,
  capableSyns: 3,
  timeWait: 1000,
  finWait: 300_000,
  breakBeforeMake: 60_000,
  ...settings,
});

/** An ADD_ADDR or REMOVE_ADDR that is repeated until it is known to have come. */
export interface Announcement {
  readonly id: number;
  readonly address: Uint8Array;
  readonly port: number | undefined;
  due: number;
  times: number;
}

/** Subflows that are there at a time, and in all, when joins are no longer taken. */
const SUBFLOWS = 32;
const SUBFLOWS_EVER = 1024;

/** Challenge ACKs in a second. */
const CHALLENGES = 10;

/** The state of an endpoint. Only its parts change it. */
export class Core {
  readonly settings: Settings;
  readonly context: ConnectionContext;
  readonly duties: Duties;
  readonly congestion: CongestionControl;
  readonly sending: SendBuffer;
  readonly receiving: ReceiveBuffer;
  readonly subflows: Subflow[] = [];
  outputs: EndpointOutput[] = [];
  now = 0;

  local: Identity | undefined;
  remote: Identity | undefined;
  readonly key: bigint;
  /** Whether DSS checksums are in use: either host has asked for them (section 3.1). */
  checksum = false;
  /** The peer's flag C. */
  peerRefusesSource = false;
  /** Octets of the Data ACKs that it sends (section 3.3.2). */
  dataAckOctets: 4 | 8;
  /** The highest number that the peer's window has allowed: Data ACK + window (section 3.3.5). */
  edge = 1;
  /** The subflow that carries everything after a fallback. */
  only: Subflow | undefined;
  /** In a fallback: the number from which on an infinite mapping holds, and whether it is told on each segment, until one has come through. */
  infiniteFrom = 1;
  lastSignals = false;
  /** For an MP_FAIL that this host has sent, the number it named. */
  failedAt = -1;
  readonly announcements: Announcement[] = [];
  readonly connectionTimers = new Map<ConnectionTimer, number>();
  /** When the window is probed, the DATA_FIN is repeated, and what nobody has is sent anew. */
  persistDue = Infinity;
  persistTimes = 0;
  /** Probes since anything came. */
  unheard = 0;
  finDue = Infinity;
  finTimes = 0;
  staleDue = Infinity;
  closeWanted = false;
  writeRefused = false;
  noticed = { readable: false, connected: false, closed: false, peerClosed: false, acknowledged: false };
  /** Windows: when room was last told, and what it was then. */
  toldRoom = 0;

  constructor(settings: EndpointSettings, congestion: CongestionControl, duties: Duties) {
    this.settings = complete(settings);
    this.duties = duties;
    this.congestion = congestion;
    this.context = newConnectionContext(settings.version ?? 1);
    this.key = settings.key ?? (BigInt(this.random32()) << 32n) | BigInt(this.random32());
    this.dataAckOctets = settings.dsnOctets ?? 4;
    this.sending = new SendBuffer(this.settings.sendBuffer);
    this.receiving = new ReceiveBuffer(this.settings.receiveBuffer);
  }

  get version(): MptcpVersion {
    return this.context.version;
  }

  /** Whether the connection is regular TCP. */
  get isPlain(): boolean {
    return this.context.state === 'FALLBACK';
  }

  /** Whether a mapping of the first data is told by an MP_CAPABLE: no DSS has come from the listener yet (section 3.1). */
  get mayCarryKeys(): boolean {
    return this.settings.role === 'initiator' && this.context.version === 1 && !this.context.dssReceived && !this.isPlain;
  }

  /** Octets that a subflow has brought and the application has not read; only counted where each has a window of its own. */
  heldOf(subflow: Subflow): number {
    const read = this.receiving.next - this.receiving.unread;
    while (subflow.brought.length > 0 && subflow.brought[0]!.to <= read) subflow.brought.shift();
    return subflow.brought.reduce((sum, { from, to }) => sum + to - Math.max(from, read), 0);
  }

  /** The Address ID of an own address: 0 is the first subflow's (section 3.4.1). */
  addressIdOf(address: Uint8Array): number {
    if (equalBytes(address, this.settings.local.address)) return 0;
    return [...this.settings.addresses, ...this.announcements].find((each) => equalBytes(each.address, address))?.id ?? 0;
  }

  /** The options of the only subflow do not come through: an infinite mapping says so, and regular TCP goes on (section 3.7). */
  giveUpMptcp(subflow: Subflow): void {
    if (!this.may({ type: 'sendInfiniteMapping' })) return;
    this.infiniteFrom = this.sending.acknowledged;
    this.feed({ type: 'sendInfiniteMapping' }, subflow);
    this.duties.connectionOwes(this, 'sendInfiniteMapping', subflow);
  }

  /** A challenge ACK; no more than a few each second (RFC 5961 section 7). */
  challenge(subflow: Subflow): void {
    if (this.now - subflow.challengesSince >= 1000) {
      subflow.challengesSince = this.now;
      subflow.challenges = 0;
    }
    subflow.challenges += 1;
    if (subflow.challenges <= CHALLENGES) subflow.ackNow = true;
  }

  /** The window goes out on all subflows: it has opened after having been closed (section 3.3.4). */
  tellWindow(): void {
    for (const subflow of this.up) subflow.ackNow = true;
  }

  /** All data has come, and the DATA_FIN with it. */
  takeDataFin(subflow: Subflow): void {
    if (this.receiving.takeFin()) this.feed({ type: 'receiveDataFin' }, subflow);
    else if (this.receiving.fin !== undefined && this.receiving.next > this.receiving.fin) subflow.ackNow = true;
  }

  /** What a subflow brings, for the size of the receive buffer: 2 x the sum of all rates x the longest round trip (section 3.3.4). */
  measure(subflow: Subflow, octets: number): void {
    subflow.measured += octets;
    const rtt = subflow.send.rtt.smoothed;
    if (rtt <= 0 || this.now - subflow.measuredSince < rtt) return;
    subflow.rate = Math.max(subflow.rate / 2, subflow.measured / (this.now - subflow.measuredSince));
    subflow.measured = 0;
    subflow.measuredSince = this.now;
    let rates = 0;
    let longest = 0;
    for (const { isGone, rate, send } of this.subflows)
      if (!isGone) {
        rates += rate;
        longest = Math.max(longest, send.rtt.smoothed);
      }
    this.receiving.limit = Math.min(this.settings.maxReceiveBuffer, Math.max(this.receiving.limit, Math.ceil(2 * rates * longest)));
  }

  /** The send buffer likewise (section 3.3.5), from congestion windows and round trips. */
  tuneSendBuffer(): void {
    let rates = 0;
    let longest = 0;
    for (const { isGone, send } of this.subflows) {
      const rtt = send.rtt.smoothed;
      if (isGone || rtt <= 0 || send.congestion === undefined) continue;
      rates += send.congestion.cwnd / rtt;
      longest = Math.max(longest, rtt);
    }
    this.sending.limit = Math.min(this.settings.maxSendBuffer, Math.max(this.sending.limit, Math.ceil(2 * rates * longest)));
  }

  /** Whether joins are taken now. */
  accepts(): boolean {
    return (
      this.settings.acceptJoins &&
      !this.isPlain &&
      this.isAlive &&
      !this.context.mpFailSent &&
      this.subflows.length <= SUBFLOWS_EVER &&
      this.subflows.reduce((sum, { isGone }) => sum + (isGone ? 0 : 1), 0) <= SUBFLOWS
    );
  }

  /** Whether the connection is neither over nor about to be. */
  get isAlive(): boolean {
    const { state } = this.context;
    return state !== 'M_CLOSED' && state !== 'M_TIME_WAIT' && state !== 'FASTCLOSE_WAIT';
  }

  /** Whether the peer's flag C forbids subflows to this address (section 3.1). */
  refuses({ address, port }: SocketAddress): boolean {
    const first = this.subflows[0];
    return this.peerRefusesSource && first !== undefined && first.remote.port === port && equalBytes(first.remote.address, address);
  }

  /** Subflows that data can go on. */
  get up(): readonly Subflow[] {
    if (!this.isPlain) return this.subflows.filter(({ isUp, isGone }) => isUp && !isGone);
    // Regular TCP has no subflow that MPTCP calls established: what carries the data is up while it may.
    const { only } = this;
    return only !== undefined && !only.isGone && (only.tcp.state === 'ESTABLISHED' || only.tcp.state === 'CLOSE_WAIT') ? [only] : [];
  }

  /** 32 bits of chance. */
  random32(): number {
    return Math.floor(this.settings.random() * 0x1_0000_0000);
  }

  addSubflow(local: SocketAddress, remote: SocketAddress, opener: boolean, initial: boolean): Subflow {
    const { initialRto, minimumRto } = this.settings;
    const subflow = new Subflow(
      this.subflows.length,
      local,
      remote,
      { opener, initial, iss: this.random32() },
      { initial: initialRto, least: minimumRto },
      this.settled,
    );
    this.subflows.push(subflow);
    return subflow;
  }

  /** A content is acknowledged on its subflow, or given up with it. */
  readonly settled = ({ segment }: Content): void => {
    if (segment !== undefined) this.sending.settled(segment);
  };

  notice(notice: Notice): void {
    this.outputs.push({ type: 'notice', notice });
  }

  /** Puts a segment of a subflow out. */
  put(subflow: Subflow, segment: Omit<TcpSegment, 'source' | 'destination' | 'sourcePort' | 'destinationPort'>): void {
    const { local, remote, number } = subflow;
    this.outputs.push({
      type: 'send',
      subflow: number,
      segment: {
        source: local.address,
        destination: remote.address,
        sourcePort: local.port,
        destinationPort: remote.port,
        sequence: segment.sequence,
        acknowledgment: segment.acknowledgment,
        flags: segment.flags,
        window: segment.window,
        options: segment.options,
        payload: segment.payload,
      },
    });
  }

  /** Whether the connection may do this now. */
  may(event: ConnectionEvent): boolean {
    return allowed(look(connectionMachine, this.context, event));
  }

  /** Whether a subflow may do this now. */
  subflowMay(subflow: Subflow, event: SubflowEvent): boolean {
    return allowed(look(subflowMachine, subflow.context, event));
  }

  /** Whether TCP may do this now. */
  tcpMay(subflow: Subflow, event: TcpEvent): boolean {
    return allowed(look(tcpMachine, subflow.tcp, event));
  }

  /** The connection's machine takes an event, which came or goes on `subflow`; what it then owes is done. */
  feed(event: ConnectionEvent, subflow?: Subflow): void {
    const before = this.context.state;
    const { actions } = step(connectionMachine, this.context, event);
    for (const action of actions) {
      if (action.do === 'start' || action.do === 'restart')
        this.connectionTimers.set(action.timer, this.now + this.#lasts(action.timer, subflow));
      else if (action.do === 'stop') this.connectionTimers.delete(action.timer);
      else if (action.do === 'forbid') throw new Error(`${event.type} is forbidden in ${before}: ${action.requirement}`);
    }
    if (before !== 'FALLBACK' && this.context.state === 'FALLBACK') {
      this.only = subflow ?? this.subflows.find(({ isUp }) => isUp);
      this.notice({ type: 'fallback', cause: this.context.cause });
      if (this.only !== undefined) this.duties.fellBack(this, this.only);
    }
    for (const action of actions) {
      if (action.do === 'owe') this.duties.connectionOwes(this, action.by, subflow);
      else if (action.do === 'emit') this.duties.connectionEffect(this, action.effect, subflow);
    }
  }

  #lasts(timer: ConnectionTimer, subflow: Subflow | undefined): number {
    if (timer === 'fastcloseRetransmit') return (subflow ?? this.subflows[0])?.send.rtt.rto ?? this.settings.initialRto;
    return this.context.state === 'M_TIME_WAIT' ? this.settings.timeWait : this.settings.breakBeforeMake;
  }

  /** A subflow's machine takes an event; what it then owes is done. */
  feedSubflow(subflow: Subflow, event: SubflowEvent): void {
    const before = subflow.context.state;
    const { actions } = step(subflowMachine, subflow.context, event);
    for (const action of actions) {
      if (action.do === 'start' || action.do === 'restart') subflow.joinAckDue = this.now + subflow.send.rtt.rto;
      else if (action.do === 'stop') subflow.joinAckDue = Infinity;
      else if (action.do === 'forbid') throw new Error(`${event.type} is forbidden in ${before}: ${action.requirement}`);
    }
    for (const action of actions) {
      if (action.do === 'owe') this.duties.subflowOwes(this, action.by, subflow);
      else if (action.do === 'emit') this.duties.subflowEffect(this, action.effect, subflow);
    }
  }

  /** TCP's machine takes an event. */
  feedTcp(subflow: Subflow, event: TcpEvent): void {
    for (const action of step(tcpMachine, subflow.tcp, event).actions) {
      if (action.do === 'start' || action.do === 'restart') subflow.timeWaitEnds = this.now + this.settings.timeWait;
      else if (action.do === 'stop') subflow.timeWaitEnds = Infinity;
      else if (action.do === 'emit') this.duties.tcpEffect(this, action.effect, subflow);
    }
  }

  /** An option goes with an acknowledgment of its own on a subflow. */
  signal(subflow: Subflow, option: SegmentOption): void {
    subflow.signals.push(option);
  }
}
