/**
 * Keeps the subflows of a host's connections: between an endpoint, which reports what happens and opens subflows, a path manager, which knows the paths, and a policy,
 * which says when a path is worth a subflow. Pure: it is told what happens and when.
 */
import type { Endpoint, Notice, SocketAddress, SubflowView } from '../endpoint/index.ts';
import { carries } from './manager.ts';
import type { PathEvent, PathManager, PathPacket, PathRequest, PathUp } from './manager.ts';
import { decide, everyPath, nextDecision } from './policy.ts';
import type { Limitation, PathPolicy, Situation } from './policy.ts';

/** What the keeper needs of an endpoint. */
export type KeptEndpoint = Pick<
  Endpoint,
  'tokens' | 'subflows' | 'buffers' | 'openSubflow' | 'closeSubflow' | 'resetSubflow' | 'addAddress' | 'removeAddresses' | 'pathChanged'
>;

/** How it is set up. Times in ms. */
export interface KeeperSettings {
  readonly manager: PathManager;
  /** `everyPath` when left out. */
  readonly policy?: PathPolicy;
  /** A port for a subflow from an address. */
  readonly port: () => number;
  /** How long a path rests after its subflow was lost; 5000 when left out. */
  readonly rest?: number;
}

/** How often, and how long in the end, it is tried to open a subflow that the connection cannot open yet. */
const TRIES = 14;
const FIRST_TRY = 10;
const LONGEST_TRY = 10_000;

/** A path that has no subflow, or one of this number. */
interface Kept {
  readonly up: PathUp;
  subflow: number | undefined;
  established: boolean;
  /** Not to be tried before this time, and how often it was tried in vain. */
  notBefore: number;
  tries: number;
}

interface Connection {
  readonly endpoint: KeptEndpoint;
  readonly id: number;
  readonly initiator: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly openedAt: number;
  readonly paths: Map<number, Kept>;
  /** What could not be said to the peer yet. */
  announcing: readonly { readonly id: number; readonly address: Uint8Array }[];
  withdrawing: readonly number[];
  firstDataAt: number | undefined;
  largestWrite: number;
  octets: number;
  limitation: { readonly by: Limitation; readonly since: number } | undefined;
}

/** The situation of a path. */
const over = ({ up: { medium } }: Kept, common: Situation): Situation => (medium === undefined ? common : { ...common, medium });

/** Whether this host can still send on a subflow. */
const carriesData = ({ state, tcp }: SubflowView): boolean =>
  (state === 'ESTABLISHED' || state === 'FIN_RECEIVED') && (tcp === 'ESTABLISHED' || tcp === 'CLOSE_WAIT');

/**
 * The keeper.
 *
 * @example
 * const keeper = new PathKeeper({ manager: builtIn(), policy: longFlows, port });
 * keeper.request({ type: 'localAddress', id: 1, address: second }, now);
 * keeper.notice(endpoint, notice, now); // each notice of each endpoint
 */
export class PathKeeper {
  readonly #manager: PathManager;
  readonly #policy: PathPolicy;
  readonly #port: () => number;
  readonly #rest: number;
  readonly #connections = new Map<number, Connection>();

  constructor({ manager, policy = everyPath, port, rest = 5000 }: KeeperSettings) {
    this.#manager = manager;
    this.#policy = policy;
    this.#port = port;
    this.#rest = rest;
  }

  /** The host, or whoever drives the path manager, has something to say: an address came or went, a router, a colour, a pair of locators. */
  request(request: PathRequest, now: number): void {
    // What the peer withdraws the endpoint closes itself, once it is dead (RFC 8684 section 3.4.2).
    this.#raise(this.#manager.handle(request), now, request.type !== 'peerAddressesGone');
    this.tick(now);
  }

  /** An endpoint has reported something. */
  notice(endpoint: KeptEndpoint, notice: Notice, now: number): void {
    const id = endpoint.tokens.local;
    if (notice.type === 'connected' && notice.mptcp && id !== undefined) this.#opened(endpoint, id, now);
    const connection = id === undefined ? undefined : this.#connections.get(id);
    if (connection === undefined || id === undefined) return;
    switch (notice.type) {
      case 'readable':
        connection.firstDataAt ??= now;
        break;
      case 'subflowEstablished':
        for (const kept of connection.paths.values()) if (kept.subflow === notice.subflow) kept.established = true;
        break;
      case 'subflowClosed':
        this.#subflowClosed(connection, notice.subflow, now);
        break;
      case 'addressAdded':
        this.request({ ...notice, type: 'peerAddress', endpoint: id }, now);
        break;
      case 'addressRemoved':
        this.request({ type: 'peerAddressesGone', endpoint: id, ids: notice.ids }, now);
        break;
      case 'fallback':
      case 'closed':
        this.#manager.handle({ type: 'closed', endpoint: id });
        this.#connections.delete(id);
        break;
      default:
        break;
    }
    this.tick(now);
  }

  /** The application of an endpoint has written so many octets. */
  written(endpoint: KeptEndpoint, octets: number, now: number): void {
    const connection = this.#of(endpoint);
    if (connection === undefined || octets <= 0) return;
    connection.firstDataAt ??= now;
    connection.largestWrite = Math.max(connection.largestWrite, octets);
    connection.octets += octets;
    this.tick(now);
  }

  /** When `tick` is to be called at the latest; undefined where nothing is waited for. */
  nextTimer(now: number): number | undefined {
    let next = Infinity;
    for (const connection of this.#connections.values()) {
      if (connection.announcing.length + connection.withdrawing.length > 0) next = Math.min(next, now + FIRST_TRY);
      if (connection.paths.size === 0) continue;
      const common = this.#situation(connection, now);
      const { open, drop } = this.#policy;
      for (const kept of connection.paths.values()) {
        next = Math.min(next, nextDecision(kept.subflow === undefined ? open : drop, over(kept, common)));
        if (kept.subflow === undefined && kept.notBefore > now) next = Math.min(next, kept.notBefore);
      }
    }
    return next === Infinity ? undefined : next;
  }

  /** Looks what the policy says now, and does it. To be called from time to time while a connection sends, too: windows change without a notice. */
  tick(now: number): void {
    for (const connection of this.#connections.values()) {
      const { endpoint, announcing, withdrawing } = connection;
      connection.announcing = announcing.filter(({ id, address }) => !endpoint.addAddress(id, address));
      if (withdrawing.length > 0 && endpoint.removeAddresses(withdrawing)) connection.withdrawing = [];
      if (connection.paths.size === 0) continue;
      this.#watch(connection, now);
      const common = this.#situation(connection, now);
      for (const [path, kept] of connection.paths) this.#keep(connection, path, kept, over(kept, common));
    }
  }

  /** What becomes of a packet of a subflow: itself where the subflow is on no path of the manager's; undefined where its path is gone. */
  route(endpoint: KeptEndpoint, subflow: number, packet: Omit<PathPacket, 'endpoint' | 'path'>): PathPacket | undefined {
    const connection = this.#of(endpoint);
    const whole = { ...packet, endpoint: connection?.id ?? 0, path: 0 };
    if (connection === undefined) return whole;
    // The first one of an initiator, and those of the path manager; those that the peer opened go as they are.
    for (const [path, kept] of connection.paths) if (kept.subflow === subflow) return this.#manager.apply({ ...whole, path });
    return subflow === 0 && connection.initiator ? this.#manager.apply(whole) : whole;
  }

  #of(endpoint: KeptEndpoint): Connection | undefined {
    const id = endpoint.tokens.local;
    return id === undefined ? undefined : this.#connections.get(id);
  }

  #opened(endpoint: KeptEndpoint, id: number, now: number): void {
    const [first] = endpoint.subflows;
    if (first === undefined || this.#connections.has(id)) return;
    const { local, remote, opener } = first;
    const connection: Connection = {
      endpoint,
      id,
      initiator: opener,
      local,
      remote,
      openedAt: now,
      paths: new Map(),
      announcing: [],
      withdrawing: [],
      firstDataAt: undefined,
      largestWrite: 0,
      octets: 0,
      limitation: undefined,
    };
    this.#connections.set(id, connection);
    this.#raise(this.#manager.handle({ type: 'opened', endpoint: id, local, remote, initiator: opener }), now, true);
  }

  /** `ends`: a subflow whose path is gone is reset. */
  #raise(events: readonly PathEvent[], now: number, ends: boolean): void {
    for (const event of events) {
      const connection = this.#connections.get(event.endpoint);
      if (connection === undefined) continue;
      const { endpoint, paths } = connection;
      switch (event.type) {
        case 'pathUp': {
          const { local = connection.local, remote = connection.remote } = event;
          if (carries(event.only, local.address, remote.address))
            paths.set(event.path, { up: event, subflow: undefined, established: false, notBefore: now, tries: 0 });
          break;
        }
        case 'announce':
          connection.announcing = [...connection.announcing, { id: event.id, address: event.address }];
          break;
        case 'withdraw':
          connection.announcing = connection.announcing.filter(({ id }) => !event.ids.includes(id));
          if (!endpoint.removeAddresses(event.ids)) connection.withdrawing = [...connection.withdrawing, ...event.ids];
          break;
        case 'pathDown': {
          const subflow = this.#subflowOn(connection, event.path);
          paths.delete(event.path);
          if (subflow !== undefined && ends) endpoint.resetSubflow(subflow);
          break;
        }
        case 'pathChanged': {
          const subflow = this.#subflowOn(connection, event.path);
          if (subflow !== undefined) endpoint.pathChanged(subflow, now);
          break;
        }
      }
    }
  }

  /** The subflow on a path; on path 0 that is the first one. */
  #subflowOn({ paths, initiator }: Connection, path: number): number | undefined {
    return path === 0 && initiator ? 0 : paths.get(path)?.subflow;
  }

  #subflowClosed(connection: Connection, subflow: number, now: number): void {
    for (const [path, kept] of connection.paths) {
      if (kept.subflow !== subflow) continue;
      if (kept.established) {
        kept.subflow = undefined;
        kept.established = false;
        kept.notBefore = now + this.#rest;
      } else {
        this.#failed(connection, path);
      }
    }
  }

  #failed({ id, paths }: Connection, path: number): void {
    paths.delete(path);
    this.#manager.handle({ type: 'failed', endpoint: id, path });
  }

  /** By what the connection is held back now. */
  #watch(connection: Connection, now: number): void {
    const { unsent } = connection.endpoint.buffers;
    // What is left of a window is less than a segment when it is full.
    const isFull = connection.endpoint.subflows
      .filter(carriesData)
      .every(({ inFlight, congestionWindow }) => 1.1 * inFlight >= congestionWindow);
    const by = unsent === 0 ? 'application' : isFull ? 'network' : undefined;
    if (by !== connection.limitation?.by) connection.limitation = by === undefined ? undefined : { by, since: now };
  }

  /** What is so whatever the path. */
  #situation(connection: Connection, now: number): Situation {
    const { endpoint, openedAt, firstDataAt, largestWrite, octets, limitation, local, remote } = connection;
    const { subflows } = endpoint;
    const open = subflows.filter(carriesData);
    const roundTrip = subflows.find(({ rtt }) => rtt >= 0)?.rtt;
    return {
      now,
      openedAt,
      ...(firstDataAt !== undefined && { firstDataAt }),
      ...(roundTrip !== undefined && { roundTrip }),
      largestWrite,
      octets,
      slowStartOver: open.some(({ congestionWindow, slowStartThreshold }) => congestionWindow >= slowStartThreshold),
      ...(limitation !== undefined && { limitation }),
      localPort: local.port,
      remotePort: remote.port,
      subflows: open.length,
    };
  }

  #keep(connection: Connection, path: number, kept: Kept, situation: Situation): void {
    const { endpoint, paths } = connection;
    const { open, drop } = this.#policy;
    const { now } = situation;
    const drops = decide(drop, situation) === 'drop';
    if (kept.subflow !== undefined) {
      if (drops && kept.established) endpoint.closeSubflow(kept.subflow);
      return;
    }
    const opens = decide(open, situation);
    if (opens === 'never') paths.delete(path);
    if (opens === 'never' || opens === undefined || drops || now < kept.notBefore) return;
    const { local = { id: 0, address: connection.local.address }, remote = connection.remote } = kept.up;
    kept.subflow = endpoint.openSubflow({
      local: { address: local.address, port: this.#port() },
      remote: { address: remote.address, port: remote.port },
      addressId: local.id,
      backup: opens === 'backup',
    });
    if (kept.subflow !== undefined) return;
    // The connection cannot yet (RFC 8684 section 3.1), or not at all.
    kept.tries += 1;
    kept.notBefore = now + Math.min(LONGEST_TRY, FIRST_TRY * 2 ** kept.tries);
    if (kept.tries >= TRIES) this.#failed(connection, path);
  }
}
