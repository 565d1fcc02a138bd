/**
 * An endpoint of one Multipath TCP connection, RFC 8684, without I/O: segments and time go in; segments, data and notices come out. Every
 * run is reproducible from its settings, its source of chance, and what it was told.
 */
import { equalBytes } from '../../../codecs/bytes.ts';
import type { MptcpVersion } from '../../../codecs/mptcp/index.ts';
import { ACK, FIN, RST, SYN } from '../../../codecs/packet/index.ts';
import type { CongestionControl } from '../congestion/index.ts';
import { coupled } from '../congestion/index.ts';
import type { ConnectionState, Ending } from '../connection.ts';
import type { TcpSegment } from '../segment.ts';
import type { SubflowState } from '../subflow.ts';
import type { TcpState } from '../../tcp/index.ts';
import { Core } from './core.ts';
import { answerRst } from './answer.ts';
import { duties, resetQuietly } from './duties.ts';
import { connect, openSubflow, optionOf, receiveFirstSyn, receiveJoinSyn } from './handshake.ts';
import { pump } from './pump.ts';
import { receiveOn } from './receive.ts';
import { announce, REASON, resetSubflow, sendFastclose, sendFastcloseRst, setBackup, withdraw } from './signals.ts';
import type { EndpointOutput, EndpointSettings, OpenSubflow, SocketAddress } from './settings.ts';
import type { Subflow } from './subflow.ts';
import { nextTimer, tick } from './timers.ts';
import { reasonOf } from './transmit.ts';

/** What can be seen of a subflow. */
export interface SubflowView {
  readonly number: number;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly opener: boolean;
  readonly state: SubflowState;
  readonly tcp: TcpState;
  readonly backup: boolean;
  readonly addressId: number;
  readonly peerAddressId: number;
  /** Smoothed round trip in ms; -1 before the first was measured. */
  readonly rtt: number;
  /** Octets. */
  readonly congestionWindow: number;
  readonly slowStartThreshold: number;
  readonly inFlight: number;
}

/**
 * An endpoint.
 *
 * @example
 * const endpoint = new Endpoint({ role: 'initiator', local, remote, random });
 * endpoint.connect();
 * for (const output of endpoint.poll(now)) if (output.type === 'send') network.send(encodeSegment(output.segment));
 */
export class Endpoint {
  readonly #core: Core;

  /** `congestion`: the connection's own; coupled (RFC 6356) when left out. */
  constructor(settings: EndpointSettings, congestion: CongestionControl = coupled()) {
    this.#core = new Core(settings, congestion, duties);
  }

  /** The state of the connection's machine. */
  get state(): ConnectionState {
    return this.#core.context.state;
  }

  get ending(): Ending {
    return this.#core.context.ending;
  }

  /** The version in use, or offered. */
  get version(): MptcpVersion {
    return this.#core.version;
  }

  /** Whether DSS checksums are in use. */
  get checksum(): boolean {
    return this.#core.checksum;
  }

  /** This host's token and the peer's, where they are known. */
  get tokens(): { readonly local: number | undefined; readonly remote: number | undefined } {
    return { local: this.#core.local?.token, remote: this.#core.remote?.token };
  }

  /** Both keys, where they are known. */
  get keys(): { readonly local: bigint; readonly remote: bigint | undefined } {
    return { local: this.#core.key, remote: this.#core.remote?.key };
  }

  /** Its subflows, those that are gone included. */
  get subflows(): readonly SubflowView[] {
    return this.#core.subflows.map((subflow) => ({
      number: subflow.number,
      local: subflow.local,
      remote: subflow.remote,
      opener: subflow.opener,
      state: subflow.context.state,
      tcp: subflow.tcp.state,
      backup: subflow.backup || subflow.peerBackup,
      addressId: subflow.addressId,
      peerAddressId: subflow.peerAddressId,
      rtt: subflow.send.rtt.smoothed,
      congestionWindow: subflow.send.congestion?.cwnd ?? 0,
      slowStartThreshold: subflow.send.congestion?.ssthresh ?? Infinity,
      inFlight: subflow.send.inFlight,
    }));
  }

  /** Whether nothing is left of the connection and its subflows. */
  get isClosed(): boolean {
    return this.#core.noticed.closed;
  }

  /** Octets written that no acknowledgment has freed, octets in order that can be read, and both buffers' sizes. */
  get buffers(): {
    readonly unsent: number;
    readonly held: number;
    readonly unread: number;
    readonly sendLimit: number;
    readonly receiveLimit: number;
  } {
    const { sending, receiving } = this.#core;
    return {
      unsent: sending.unsent,
      held: sending.held,
      unread: receiving.unread,
      sendLimit: sending.limit,
      receiveLimit: receiving.limit,
    };
  }

  /** When `tick` is due, in ms; undefined where nothing is waited for. */
  get nextTimer(): number | undefined {
    const next = nextTimer(this.#core);
    return next === Infinity ? undefined : next;
  }

  /** The initiator begins. */
  connect(): void {
    connect(this.#core);
  }

  /** Whether a segment is of one of its subflows, or would open one. */
  owns(segment: TcpSegment): boolean {
    const core = this.#core;
    if (this.#find(segment) !== undefined) return true;
    const join = optionOf(segment, 'MP_JOIN');
    if (join?.segment === 'SYN') return core.local?.token === join.receiverToken;
    return core.settings.role === 'listener' && core.subflows.length === 0 && (segment.flags & SYN) !== 0 && this.#isOurs(segment);
  }

  #isOurs({ destination, destinationPort }: TcpSegment): boolean {
    const { local } = this.#core.settings;
    return destinationPort === local.port && equalBytes(destination, local.address);
  }

  #find({ source, sourcePort, destination, destinationPort }: TcpSegment): Subflow | undefined {
    const { subflows } = this.#core;
    for (let i = subflows.length - 1; i >= 0; i -= 1) {
      const { local, remote, isGone } = subflows[i]!;
      if (
        !isGone &&
        remote.port === sourcePort &&
        local.port === destinationPort &&
        equalBytes(remote.address, source) &&
        equalBytes(local.address, destination)
      )
        return subflows[i];
    }
    return undefined;
  }

  /** A segment has come, at `now` ms. */
  receive(segment: TcpSegment, now: number): void {
    const core = this.#core;
    core.now = now;
    const subflow = this.#find(segment);
    if (subflow !== undefined) {
      receiveOn(core, subflow, segment);
      return;
    }
    const { flags, source, sourcePort, destination, destinationPort, options, payload } = segment;
    if ((flags & RST) !== 0) return;
    if ((flags & (SYN | ACK)) === SYN) {
      if (options.some(({ kind }) => kind === 'MP_JOIN')) {
        receiveJoinSyn(core, segment);
        return;
      }
      if (core.settings.role === 'listener' && core.subflows.length === 0 && this.#isOurs(segment)) {
        receiveFirstSyn(core, segment);
        return;
      }
    }
    const local = { address: destination, port: destinationPort };
    const remote = { address: source, port: sourcePort };
    const end = segment.sequence + payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    core.outputs.push(
      (flags & ACK) !== 0 ? answerRst(local, remote, -1, segment.acknowledgment, []) : answerRst(local, remote, -1, 0, [], end >>> 0),
    );
  }

  /** Timers are due at `now` ms. */
  tick(now: number): void {
    this.#core.now = now;
    tick(this.#core);
  }

  /** The application writes; gives how many octets were taken. They are kept, not copied: nobody may change them afterwards. */
  write(octets: Uint8Array): number {
    const { sending, context } = this.#core;
    if (context.state === 'M_CLOSED' || context.state === 'FASTCLOSE_WAIT') return 0;
    this.#core.tuneSendBuffer();
    const taken = sending.write(octets);
    if (taken < octets.length) this.#core.writeRefused = true;
    return taken;
  }

  /** The application reads at most `most` octets of what has come in order. */
  read(most = Infinity): readonly Uint8Array[] {
    const core = this.#core;
    const { receiving } = core;
    if (receiving.unread === 0) return [];
    const before = receiving.edge - receiving.next;
    const octets = receiving.read(most);
    core.noticed.readable = receiving.unread > 0;
    // After a window that was (almost) closed its update goes out on all subflows.
    if (before < core.settings.mss && receiving.advertise(core.settings.mss) > receiving.edge) core.tellWindow();
    return octets;
  }

  /** The application has no more to say: DATA_FIN after the data, once there is a connection, then FINs (section 3.3.3). */
  close(): void {
    const core = this.#core;
    core.closeWanted = true;
    core.sending.closed = true;
  }

  /** Ends the connection at once: MP_FASTCLOSE on an ACK (`ack`), or on RSTs (`rst`); in regular TCP a RST (section 3.5). */
  abort(how: 'ack' | 'rst' = 'ack'): void {
    const core = this.#core;
    if (core.isPlain || core.remote === undefined || core.up.length === 0) {
      for (const subflow of core.subflows)
        if (subflow.tcp.state === 'SYN_SENT') resetQuietly(core, subflow);
        else resetSubflow(core, subflow, []);
    } else if (how === 'ack') sendFastclose(core);
    else sendFastcloseRst(core);
  }

  /** Opens a further subflow; gives its number, or undefined where the connection must not open one now. */
  openSubflow(open: OpenSubflow): number | undefined {
    return openSubflow(this.#core, open);
  }

  /** Closes a subflow with a FIN, after what it has outstanding. The last one is kept: `close` closes that (section 3.3.3). */
  closeSubflow(number: number): boolean {
    const core = this.#core;
    const subflow = core.subflows[number];
    if (subflow === undefined || subflow.isGone || core.isPlain || core.up.length < 2) return false;
    subflow.closing = true;
    return true;
  }

  /** Resets a subflow, with a reason of section 3.6; its data goes on others. */
  resetSubflow(number: number, reason: number = REASON.unspecified): boolean {
    const subflow = this.#core.subflows[number];
    if (subflow === undefined || subflow.isGone) return false;
    resetSubflow(this.#core, subflow, reasonOf(this.#core, reason));
    return true;
  }

  /** The packets of a subflow take another path from now on, its addresses are the same (RFC 5534 section 4.2): what was measured of the old path is forgotten. */
  pathChanged(number: number, now: number): void {
    this.#core.now = now;
    this.#core.subflows[number]?.send.pathChanged(now);
  }

  /** Asks the peer to use a subflow as a backup, or no longer (MP_PRIO, section 3.3.8). */
  setBackup(number: number, backup: boolean): void {
    const subflow = this.#core.subflows[number];
    if (subflow !== undefined) setBackup(this.#core, subflow, backup);
  }

  /** Announces an address (ADD_ADDR, section 3.4.1); false where the connection cannot now. */
  addAddress(id: number, address: Uint8Array, port?: number): boolean {
    return announce(this.#core, id, address, port);
  }

  /** Withdraws addresses (REMOVE_ADDR, section 3.4.2); false where the connection cannot now. */
  removeAddresses(ids: readonly number[]): boolean {
    return withdraw(this.#core, ids);
  }

  /** Everything that is to be sent or said, at `now` ms. To be called after whatever else was. */
  poll(now: number): readonly EndpointOutput[] {
    const core = this.#core;
    core.now = now;
    pump(core);
    this.#report();
    const { outputs } = core;
    core.outputs = [];
    return outputs;
  }

  #report(): void {
    const core = this.#core;
    const { noticed, receiving, sending, context } = core;
    const [first] = core.subflows;
    if (
      !noticed.connected &&
      first !== undefined &&
      (context.state === 'FALLBACK' || core.remote !== undefined) &&
      first.tcp.state === 'ESTABLISHED'
    ) {
      noticed.connected = true;
      core.notice({ type: 'connected', mptcp: !core.isPlain, version: core.version });
    }
    if (receiving.unread > 0 && !noticed.readable) {
      noticed.readable = true;
      core.notice({ type: 'readable' });
    }
    if (core.writeRefused && sending.held < sending.limit) {
      core.writeRefused = false;
      core.notice({ type: 'writable' });
    }
    if (
      !noticed.closed &&
      first !== undefined &&
      core.subflows.every(({ isGone }) => isGone) &&
      (context.state === 'M_CLOSED' || core.isPlain)
    ) {
      noticed.closed = true;
      core.notice({ type: 'closed', ending: context.ending });
    }
  }
}
