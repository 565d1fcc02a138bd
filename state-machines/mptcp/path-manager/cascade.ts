/**
 * Cascades: path managers below each other, after the thesis's tables 4.1 to 4.5. A path of a cascade is a path of each depth. The transport's index is found in the
 * table of depth 1: its row says what the first manager does, and which index the packet goes on with; that one is found in the table of depth 2, and so on, so that
 * each manager knows its own paths only. (How the rows look in detail is our choice: the index for the next depth stands beside the action, in `below`.)
 */
import { carries } from './manager.ts';
import type { PathAction, PathAddress, PathEvent, PathManager, PathMapping, PathPacket, PathRequest, PathUp } from './manager.ts';
import { MappingRows } from './table.ts';

type Depth = 'upper' | 'lower';
/** A path of each of the two managers. */
type Both = Readonly<Record<Depth, number>>;
type Offer = Omit<PathUp, 'type' | 'endpoint' | 'path'>;

interface Connection {
  readonly local: PathAddress;
  readonly remote: PathAddress;
  /** What the two have offered, by their own indices. Path 0 of both carries the connection already. */
  readonly offers: Readonly<Record<Depth, Map<number, Offer>>>;
}

class Pair implements PathManager {
  readonly name: string;
  readonly #upper: PathManager;
  readonly #lower: PathManager;
  readonly #connections = new Map<number, Connection>();
  readonly #rows = new MappingRows<Both>();

  constructor(upper: PathManager, lower: PathManager) {
    this.name = `${upper.name} > ${lower.name}`;
    this.#upper = upper;
    this.#lower = lower;
  }

  /** The table of its first depth. */
  get table(): readonly PathMapping[] {
    return this.#rows.all;
  }

  get below(): PathManager {
    return this.#lower;
  }

  apply(packet: PathPacket): PathPacket | undefined {
    const rewritten = this.#rows.apply(packet);
    return rewritten === undefined ? undefined : this.#lower.apply(rewritten);
  }

  handle(request: PathRequest): readonly PathEvent[] {
    if (request.type === 'failed') {
      // This path of both: each by itself may still be good with another.
      this.#rows.remove(request.endpoint, request.path);
      return [];
    }
    const [above, below] = [this.#upper.handle(request), this.#lower.handle(request)];
    if (request.type === 'opened' && this.#rows.open(request.endpoint)) {
      const { endpoint, local, remote } = request;
      this.#connections.set(endpoint, { local, remote, offers: { upper: new Map([[0, {}]]), lower: new Map([[0, {}]]) } });
      this.#rows.add(endpoint, this.#actionOf(endpoint, 0), { upper: 0, lower: 0 }, 0);
    }
    if (request.type === 'closed') {
      this.#rows.close(request.endpoint);
      this.#connections.delete(request.endpoint);
    }
    return [...above.flatMap((event) => this.#raise('upper', event)), ...below.flatMap((event) => this.#raise('lower', event))];
  }

  #actionOf(endpoint: number, path: number): PathAction {
    return this.#upper.table.find((row) => row.endpoint === endpoint && row.path === path)?.action ?? { do: 'asIs' };
  }

  /** What an event of one of the two means for the paths of both. */
  #raise(depth: Depth, event: PathEvent): readonly PathEvent[] {
    if (event.type === 'announce' || event.type === 'withdraw') return [event];
    const { type, endpoint, path } = event;
    const offers = this.#connections.get(endpoint)?.offers;
    if (offers === undefined) return [];
    if (type === 'pathUp') {
      offers[depth].set(path, event);
      const others = [...offers[depth === 'upper' ? 'lower' : 'upper'].keys()];
      return others.flatMap((other) =>
        this.#join(endpoint, depth === 'upper' ? { upper: path, lower: other } : { upper: other, lower: path }),
      );
    }
    if (type === 'pathDown') offers[depth].delete(path);
    return this.#rows
      .of(endpoint)
      .filter(({ about }) => about[depth] === path)
      .map((row) => {
        if (type === 'pathDown') this.#rows.remove(endpoint, row.path);
        else this.#rows.change(endpoint, row.path, this.#actionOf(endpoint, row.about.upper), row.about);
        return { type, endpoint, path: row.path };
      });
  }

  #join(endpoint: number, both: Both): readonly PathEvent[] {
    const connection = this.#connections.get(endpoint);
    const upper = connection?.offers.upper.get(both.upper);
    const lower = connection?.offers.lower.get(both.lower);
    if (connection === undefined || upper === undefined || lower === undefined) return [];
    const local = upper.local?.address ?? connection.local.address;
    const remote = upper.remote?.address ?? connection.remote.address;
    if (!carries(lower.only, local, remote)) return [];
    const path = this.#rows.add(endpoint, this.#actionOf(endpoint, both.upper), both, both.lower);
    const medium = lower.medium ?? upper.medium;
    return path === undefined
      ? []
      : [
          {
            type: 'pathUp',
            endpoint,
            path,
            ...(upper.local !== undefined && { local: upper.local }),
            ...(upper.remote !== undefined && { remote: upper.remote }),
            ...(upper.only !== undefined && { only: upper.only }),
            ...(medium !== undefined && { medium }),
          },
        ];
  }
}

/**
 * A cascade of path managers, the first one next to the transport. The built-in one can only be the first: it is its addresses that subflows have.
 *
 * @example
 * const manager = cascade(builtIn(), shim6Paths(), colouring({ field: 'dscp' }));
 */
export const cascade = (first: PathManager, ...others: readonly PathManager[]): PathManager => {
  const [next, ...rest] = others;
  if (next === undefined) return first;
  if (others.some(({ name }) => name.startsWith('built-in')))
    throw new RangeError('the built-in path manager must be the first of a cascade');
  return new Pair(first, cascade(next, ...rest));
};

/** The tables of a manager, one for each depth. @example tablesOf(cascade(builtIn(), shim6Paths())).length // 2 */
export const tablesOf = (manager: PathManager): readonly (readonly PathMapping[])[] =>
  manager instanceof Pair ? [manager.table, ...tablesOf(manager.below)] : [manager.table];
