/** A mapping table: which paths the connections of a host have, and what is done to packets on them. Bounded. */
import { act } from './manager.ts';
import type { PathAction, PathMapping, PathPacket } from './manager.ts';

/** Paths of one connection at most: as many as there are Address IDs (RFC 8684 section 3.4.1). */
export const PATHS = 256;

interface Rows<T> {
  readonly rows: Map<number, { readonly mapping: PathMapping; readonly about: T }>;
  /** Indices are not used twice: what is late for a path that is gone meets no other one. */
  next: number;
}

/** Rows by connection and path index; `about` is what the manager itself keeps of a path. */
export class MappingRows<T> {
  readonly #endpoints = new Map<number, Rows<T>>();

  /** All rows, by connection, in the order in which they came. */
  get all(): readonly PathMapping[] {
    return [...this.#endpoints.values()].flatMap(({ rows }) => [...rows.values()].map(({ mapping }) => mapping));
  }

  get endpoints(): Iterable<number> {
    return this.#endpoints.keys();
  }

  /** A connection begins. False where it is there already. */
  open(endpoint: number): boolean {
    if (this.#endpoints.has(endpoint)) return false;
    this.#endpoints.set(endpoint, { rows: new Map(), next: 0 });
    return true;
  }

  close(endpoint: number): void {
    this.#endpoints.delete(endpoint);
  }

  /** A new path: gives its index; undefined where the connection is unknown, or has 256. */
  add(endpoint: number, action: PathAction, about: T, below?: number): number | undefined {
    const of = this.#endpoints.get(endpoint);
    if (of === undefined || of.rows.size >= PATHS) return undefined;
    const path = of.next;
    of.next += 1;
    of.rows.set(path, { mapping: { path, endpoint, action, ...(below !== undefined && { below }) }, about });
    return path;
  }

  /** Other locators, or another router, for the same path. */
  change(endpoint: number, path: number, action: PathAction, about: T): void {
    const rows = this.#endpoints.get(endpoint)?.rows;
    const row = rows?.get(path);
    if (row !== undefined) rows?.set(path, { mapping: { ...row.mapping, action }, about });
  }

  remove(endpoint: number, path: number): void {
    this.#endpoints.get(endpoint)?.rows.delete(path);
  }

  /** The paths of a connection. */
  of(endpoint: number): readonly { readonly path: number; readonly about: T }[] {
    return [...(this.#endpoints.get(endpoint)?.rows ?? [])].map(([path, { about }]) => ({ path, about }));
  }

  row(endpoint: number, path: number): PathMapping | undefined {
    return this.#endpoints.get(endpoint)?.rows.get(path)?.mapping;
  }

  /** What its row makes of a packet, and the path index that it goes on with. */
  apply(packet: PathPacket): PathPacket | undefined {
    const row = this.row(packet.endpoint, packet.path);
    if (row === undefined) return undefined;
    const changed = act(row.action, packet);
    return row.below === undefined ? changed : { ...changed, path: row.below };
  }
}
