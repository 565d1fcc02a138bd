/** What the path managers have in common whose paths all have the addresses of the connection, and differ in a way that the packets take: a router, a colour, locators. */
import type { PathAction, PathEvent, PathLimits, PathManager, PathMapping, PathPacket, PathRequest } from './manager.ts';
import { MappingRows, PATHS } from './table.ts';

/** A way. */
export interface Way {
  /** Tells it from others. */
  readonly key: string;
  readonly action: PathAction;
  readonly medium?: string | undefined;
  readonly only?: PathLimits;
}

/** What a request says of ways. */
export type WayChange = { readonly way: Way } | { readonly gone: string } | { readonly changed: string; readonly way: Way } | undefined;

/** Which side opens subflows on further ways. */
export interface WaySettings {
  /** `initiator` when left out. */
  readonly opens?: 'initiator' | 'listener' | 'both';
}

/** A path manager of ways. `read` finds in a request what it says of them. */
export class WayManager implements PathManager {
  readonly name: string;
  readonly #read: (request: PathRequest) => WayChange;
  readonly #settings: WaySettings;
  readonly #ways = new Map<string, Way>();
  /** Connections, and whether this side opens subflows for them. */
  readonly #connections = new Map<number, boolean>();
  readonly #rows = new MappingRows<string>();

  constructor(name: string, settings: WaySettings, read: (request: PathRequest) => WayChange) {
    this.name = name;
    this.#settings = settings;
    this.#read = read;
  }

  get table(): readonly PathMapping[] {
    return this.#rows.all;
  }

  apply(packet: PathPacket): PathPacket | undefined {
    return this.#rows.apply(packet);
  }

  handle(request: PathRequest): readonly PathEvent[] {
    if (request.type === 'opened') return this.#opened(request);
    if (request.type === 'closed') {
      this.#connections.delete(request.endpoint);
      this.#rows.close(request.endpoint);
      return [];
    }
    if (request.type === 'failed') {
      this.#rows.remove(request.endpoint, request.path);
      return [];
    }
    const change = this.#read(request);
    if (change === undefined) return [];
    if ('gone' in change) return this.#gone(change.gone);
    return 'changed' in change ? this.#changed(change.changed, change.way) : this.#added(change.way);
  }

  #opened({ endpoint, initiator }: Extract<PathRequest, { type: 'opened' }>): readonly PathEvent[] {
    if (!this.#rows.open(endpoint)) return [];
    const { opens = 'initiator' } = this.#settings;
    const isOpener = opens === 'both' || opens === (initiator ? 'initiator' : 'listener');
    this.#connections.set(endpoint, isOpener);
    this.#rows.add(endpoint, { do: 'asIs' }, '');
    return [...this.#ways.values()].flatMap((way) => this.#offer(endpoint, isOpener, way));
  }

  #added(way: Way): readonly PathEvent[] {
    if (this.#ways.has(way.key) || this.#ways.size >= PATHS) return [];
    this.#ways.set(way.key, way);
    return [...this.#connections].flatMap(([endpoint, isOpener]) => this.#offer(endpoint, isOpener, way));
  }

  #offer(endpoint: number, isOpener: boolean, { key, action, medium, only }: Way): readonly PathEvent[] {
    if (!isOpener) return [];
    const path = this.#rows.add(endpoint, action, key);
    return path === undefined
      ? []
      : [{ type: 'pathUp', endpoint, path, ...(only !== undefined && { only }), ...(medium !== undefined && { medium }) }];
  }

  #gone(key: string): readonly PathEvent[] {
    if (!this.#ways.delete(key)) return [];
    return this.#using(key).map(({ endpoint, path }) => {
      this.#rows.remove(endpoint, path);
      return { type: 'pathDown', endpoint, path };
    });
  }

  /** Another way takes the place of one: its paths stay, and lead there. */
  #changed(before: string, way: Way): readonly PathEvent[] {
    if (before === way.key) return [];
    if (!this.#ways.has(before)) return this.#added(way);
    if (this.#ways.has(way.key)) return this.#gone(before);
    this.#ways.delete(before);
    this.#ways.set(way.key, way);
    return this.#using(before).map(({ endpoint, path }) => {
      this.#rows.change(endpoint, path, way.action, way.key);
      return { type: 'pathChanged', endpoint, path };
    });
  }

  #using(key: string): readonly { readonly endpoint: number; readonly path: number }[] {
    return [...this.#rows.endpoints].flatMap((endpoint) =>
      this.#rows
        .of(endpoint)
        .filter(({ about }) => about === key)
        .map(({ path }) => ({ endpoint, path })),
    );
  }
}
