/**
 * The path manager that Multipath TCP has built in: a path is a pair of addresses (RFC 8684 sections 3.2 and 3.4). Whoever opened the connection opens its further
 * subflows, too, since the other side may sit behind a firewall that lets nothing in; the other announces its addresses.
 */
import { equalBytes } from '../../../codecs/bytes.ts';
import type { PathAddress, PathEvent, PathManager, PathMapping, PathPacket, PathRequest, PathUp } from './manager.ts';
import { MappingRows } from './table.ts';

/** How it is set up. */
export interface BuiltInSettings {
  /** Which side opens subflows: `initiator` when left out. */
  readonly opens?: 'initiator' | 'listener' | 'both';
  /** Which side announces its addresses (ADD_ADDR): whoever does not open, when left out. */
  readonly announces?: 'initiator' | 'listener' | 'both' | 'nobody';
  /** Paths of a connection at most, the first one counted; 8 when left out. */
  readonly limit?: number;
}

interface Local {
  readonly id: number;
  readonly address: Uint8Array;
  readonly medium: string | undefined;
}
interface Remote extends PathAddress {
  readonly id: number;
}
interface Connection {
  readonly local: PathAddress;
  readonly remote: PathAddress;
  readonly opens: boolean;
  readonly announces: boolean;
  readonly joinsToFirst: boolean;
  /** What the peer has announced, by Address ID; several ports may come under one. */
  remotes: readonly Remote[];
  /** Where a subflow could not be opened to: not tried again until the peer announces it again (section 3.4.1). */
  avoided: readonly PathAddress[];
}
interface Pair {
  readonly local: number;
  readonly remote: Remote;
}

const samePlace = (a: PathAddress, b: PathAddress): boolean => a.port === b.port && equalBytes(a.address, b.address);

class BuiltIn implements PathManager {
  readonly name = 'built-in';
  readonly #settings: BuiltInSettings;
  readonly #locals = new Map<number, Local>();
  readonly #connections = new Map<number, Connection>();
  readonly #rows = new MappingRows<Pair>();

  constructor(settings: BuiltInSettings) {
    this.#settings = settings;
  }

  get table(): readonly PathMapping[] {
    return this.#rows.all;
  }

  apply(packet: PathPacket): PathPacket | undefined {
    return this.#rows.apply(packet);
  }

  handle(request: PathRequest): readonly PathEvent[] {
    switch (request.type) {
      case 'opened':
        return this.#opened(request);
      case 'closed':
        this.#connections.delete(request.endpoint);
        this.#rows.close(request.endpoint);
        return [];
      case 'localAddress':
        return this.#localAddress({ id: request.id, address: request.address, medium: request.medium });
      case 'localAddressGone':
        return this.#localAddressGone(request.id);
      case 'peerAddress':
        return this.#peerAddress(request);
      case 'peerAddressesGone':
        return this.#peerAddressesGone(request.endpoint, request.ids);
      case 'failed':
        return this.#failed(request.endpoint, request.path);
      default:
        return [];
    }
  }

  #opened({ endpoint, local, remote, initiator, joinsToFirst = true }: Extract<PathRequest, { type: 'opened' }>): readonly PathEvent[] {
    if (!this.#rows.open(endpoint)) return [];
    const side = initiator ? 'initiator' : 'listener';
    const { opens: opener = 'initiator', announces: announcer } = this.#settings;
    const opens = opener === 'both' || opener === side;
    const announces = announcer === undefined ? !opens : announcer === 'both' || announcer === side;
    const connection: Connection = { local, remote, opens, announces, joinsToFirst, remotes: [], avoided: [] };
    this.#connections.set(endpoint, connection);
    const first = [...this.#locals.values()].find(({ address }) => equalBytes(address, local.address));
    this.#rows.add(
      endpoint,
      { do: 'addresses', source: local.address, destination: remote.address },
      { local: first?.id ?? 0, remote: { ...remote, id: 0 } },
    );
    return [...this.#locals.values()].flatMap((each) => [...this.#announce(endpoint, connection, each), ...this.#meet(endpoint, each)]);
  }

  #localAddress(local: Local): readonly PathEvent[] {
    const known = this.#locals.get(local.id);
    // An ID that is taken is to be withdrawn first (section 3.4.1).
    if (known !== undefined) return [];
    this.#locals.set(local.id, local);
    return [...this.#connections].flatMap(([endpoint, connection]) => [
      ...this.#announce(endpoint, connection, local),
      ...this.#meet(endpoint, local),
    ]);
  }

  #localAddressGone(id: number): readonly PathEvent[] {
    const local = this.#locals.get(id);
    if (local === undefined) return [];
    this.#locals.delete(id);
    return [...this.#connections].flatMap(([endpoint, connection]): readonly PathEvent[] => {
      const isFirst = equalBytes(local.address, connection.local.address);
      const ids = [isFirst ? 0 : id];
      // The peer may know it from an ADD_ADDR, or from an MP_JOIN (section 3.4.2).
      const known = isFirst || connection.announces || this.#rows.of(endpoint).some(({ about }) => about.local === id);
      return [
        ...(known ? [{ type: 'withdraw' as const, endpoint, ids }] : []),
        ...this.#drop(endpoint, (pair, path) => pair.local === id || (isFirst && path === 0)),
      ];
    });
  }

  #peerAddress({ endpoint, id, address, port }: Extract<PathRequest, { type: 'peerAddress' }>): readonly PathEvent[] {
    const connection = this.#connections.get(endpoint);
    if (connection === undefined) return [];
    const remote: Remote = { id, address, port: port ?? connection.remote.port };
    // An ID stands for one address until it is withdrawn (section 3.4.1).
    if (connection.remotes.some((each) => each.id === id && !equalBytes(each.address, address))) return [];
    if (!connection.remotes.some((each) => each.id === id && samePlace(each, remote))) {
      if (connection.remotes.length >= 256) return [];
      connection.remotes = [...connection.remotes, remote];
    }
    connection.avoided = connection.avoided.filter((each) => !samePlace(each, remote));
    return this.#ownAddresses(connection).flatMap((local) => this.#pair(endpoint, connection, local, remote));
  }

  #failed(endpoint: number, path: number): readonly PathEvent[] {
    const connection = this.#connections.get(endpoint);
    const pair = this.#rows.of(endpoint).find((row) => row.path === path);
    if (connection === undefined || pair === undefined) return [];
    const { remote } = pair.about;
    if (!samePlace(remote, connection.remote) && connection.avoided.length < 256) connection.avoided = [...connection.avoided, remote];
    this.#rows.remove(endpoint, path);
    return [];
  }

  #peerAddressesGone(endpoint: number, ids: readonly number[]): readonly PathEvent[] {
    const connection = this.#connections.get(endpoint);
    if (connection === undefined) return [];
    connection.remotes = connection.remotes.filter(({ id }) => !ids.includes(id));
    return this.#drop(endpoint, ({ remote }) => ids.includes(remote.id));
  }

  #announce(endpoint: number, { local, announces }: Connection, { id, address }: Local): readonly PathEvent[] {
    return announces && !equalBytes(address, local.address) ? [{ type: 'announce', endpoint, id, address }] : [];
  }

  /** Its addresses, the first one among them under the ID that it has in this connection. */
  #ownAddresses({ local }: Connection): readonly Local[] {
    const others = [...this.#locals.values()];
    const first = others.find(({ address }) => equalBytes(address, local.address));
    return [{ id: first?.id ?? 0, address: local.address, medium: first?.medium }, ...others.filter((each) => each !== first)];
  }

  /** An own address and all that are known of the peer. */
  #meet(endpoint: number, local: Local): readonly PathEvent[] {
    const connection = this.#connections.get(endpoint);
    if (connection === undefined) return [];
    const first: readonly Remote[] = connection.joinsToFirst ? [{ ...connection.remote, id: 0 }] : [];
    return [...first, ...connection.remotes].flatMap((remote) => this.#pair(endpoint, connection, local, remote));
  }

  #pair(endpoint: number, connection: Connection, local: Local, remote: Remote): readonly PathUp[] {
    const paths = this.#rows.of(endpoint);
    if (!connection.opens || local.address.length !== remote.address.length || paths.length >= (this.#settings.limit ?? 8)) return [];
    const isFirst = equalBytes(local.address, connection.local.address);
    if (connection.avoided.some((each) => samePlace(each, remote))) return [];
    if (paths.some(({ about }) => about.local === local.id && samePlace(about.remote, remote))) return [];
    const path = this.#rows.add(
      endpoint,
      { do: 'addresses', source: local.address, destination: remote.address },
      { local: local.id, remote },
    );
    if (path === undefined) return [];
    const { address, medium } = local;
    return [
      {
        type: 'pathUp',
        endpoint,
        path,
        // The first address has ID 0 in its connection, whatever the host calls it (section 3.2).
        local: { id: isFirst ? 0 : local.id, address },
        remote,
        ...(medium !== undefined && { medium }),
      },
    ];
  }

  #drop(endpoint: number, which: (pair: Pair, path: number) => boolean): readonly PathEvent[] {
    const gone = this.#rows.of(endpoint).filter(({ about, path }) => which(about, path));
    for (const { path } of gone) this.#rows.remove(endpoint, path);
    return gone.map(({ path }) => ({ type: 'pathDown', endpoint, path }));
  }
}

/**
 * The built-in path manager.
 *
 * @example
 * const manager = builtIn();
 * manager.handle({ type: 'localAddress', id: 1, address: second });
 * manager.handle({ type: 'opened', endpoint: token, local, remote, initiator: true }); // a path from `second` to the peer's address
 */
export const builtIn = (settings: BuiltInSettings = {}): PathManager => new BuiltIn(settings);
