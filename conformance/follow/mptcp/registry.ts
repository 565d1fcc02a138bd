/** The connections of a capture: found by token, key and data sequence numbers; bounded in number, the longest idle ones settled first. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { provesConnection } from './join.ts';
import { Connection } from './model.ts';
import type { Flow, Host, Index } from './model.ts';
import { Queue } from '../queue.ts';
import { weightOf } from './weight.ts';

/** Connections that are followed at a time. */
const LIVE = 3072;
/** Frames within which the order of connections does not matter. */
const RECENT = 64;
/** Connections that are over and may still see a late segment. */
const LINGERING = 128;
/** Octets that all connections may take together, as far as they can be estimated. */
const WEIGHT = 28 << 20;
/** Joins that wait for a token to become known. */
const WAITING = 1024;
/** Among how many connections that of a join with an unknown token is looked for, and how many HMACs are computed for it in one capture. */
const PROOFS = 256;
const ALL_PROOFS = 20_000;
/** Connections that are found by one token, or by one upper half of a data sequence number: the last ones. */
const ALIKE = 16;
/** Two 64-bit numbers this near belong to one data sequence space. */
const NEAR = 2 ** 32;

/** A join that waited for its token. */
export interface Awaited {
  readonly flow: Flow;
  readonly connection: Connection;
  readonly host0: Index;
}

export class Registry {
  readonly #onEnd: (connection: Connection, ended: boolean) => void;
  readonly #onAwaited: (awaited: Awaited) => void;
  readonly #live = new Queue<Connection>();
  readonly #lingering = new Set<Connection>();
  readonly #byToken = new Map<number, { connection: Connection; host: Index }[]>();
  readonly #byKey = new Map<bigint, Connection>();
  /** By the upper 32 bits of a data sequence number. */
  readonly #byNumber = new Map<number, { connection: Connection; host: Index }[]>();
  readonly #waiting = new Map<number, Flow[]>();
  #waitingCount = 0;
  #proofs = 0;
  #count = 0;
  readonly #notes = new Map<string, string>();

  constructor(onEnd: (connection: Connection, ended: boolean) => void, onAwaited: (awaited: Awaited) => void) {
    this.#onEnd = onEnd;
    this.#onAwaited = onAwaited;
  }

  get notes(): readonly string[] {
    return [...this.#notes.values()];
  }

  note(about: string, text: string): void {
    this.#notes.set(about, text);
  }

  /** A new connection; the longest idle one makes room where there are too many. */
  open(): Connection {
    this.#count += 1;
    const connection = new Connection(this.#count);
    this.#live.add(connection);
    if (this.#live.size > LIVE) {
      this.note('connections', `only ${LIVE} connections were followed at a time; the longest idle ones were settled early`);
      this.end(this.#live.oldest!, false);
    }
    return connection;
  }

  /** Marks a connection as the one that was last active, at this frame; what has just been marked is not marked again. */
  touch(connection: Connection, frame: number): void {
    if (frame - connection.touchedFrame < RECENT) return;
    connection.touchedFrame = frame;
    if (this.#live.has(connection)) this.#live.add(connection);
  }

  /** A connection is over: it is settled after a while, so that late segments are not taken for new ones. */
  linger(connection: Connection): void {
    if (connection.ended || this.#lingering.has(connection)) return;
    this.#lingering.add(connection);
    if (this.#lingering.size > LINGERING) {
      const [oldest] = this.#lingering;
      this.end(oldest!, true);
    }
  }

  /** Settles the longest idle connections where all together take too much memory. To be called now and then. */
  lighten(): void {
    let total = 0;
    for (const connection of this.#live) total += connection.weight = weightOf(connection);
    while (total > WEIGHT) {
      const idle = this.#live.oldest!;
      total -= idle.weight;
      this.note('weight', 'connections took too much memory; the longest idle ones were settled early');
      this.end(idle, false);
    }
  }

  end(connection: Connection, ended: boolean): void {
    if (connection.ended) return;
    connection.ended = true;
    this.#onEnd(connection, ended);
    this.drop(connection);
  }

  /** Forgets a connection without settling it. */
  drop(connection: Connection): void {
    this.#live.delete(connection);
    this.#lingering.delete(connection);
    for (const host of connection.hosts) {
      if (host.token !== undefined) remove(this.#byToken, host.token, connection);
      if (host.key !== undefined && this.#byKey.get(host.key) === connection) this.#byKey.delete(host.key);
      host.stream?.release();
    }
    for (const high of connection.indexed) remove(this.#byNumber, high, connection);
    connection.ended = true;
  }

  finish(): void {
    const lingering = [...this.#lingering];
    const inOrder = [...this.#live].sort((a, b) => a.number - b.number);
    for (const connection of inOrder) this.end(connection, lingering.includes(connection));
  }

  /** Makes a connection findable by the tokens and keys that are known of it; joins that waited for one are handed out. */
  index(connection: Connection): void {
    for (const host of [0, 1] as const) {
      const { token, key } = connection.hosts[host];
      if (token === undefined || key === undefined) continue;
      const list = this.#byToken.get(token) ?? [];
      if (!list.some((each) => each.connection === connection)) {
        for (const each of list) {
          // Another host may well have the same; and what is closed is no current connection (section 3.1).
          if (each.connection.allClosed || !sameHost(each.connection, each.host, connection, host)) continue;
          const twins = each.connection.hosts[each.host].key === key ? connection.keyTwins : connection.tokenTwins;
          twins[host] ||= each.connection.flows[0]!.firstFrame;
        }
        keep(list, { connection, host });
        this.#byToken.set(token, list);
        if (!this.#byKey.has(key)) this.#byKey.set(key, connection);
        this.indexNumbers(connection);
      }
      const waiting = this.#waiting.get(token);
      if (waiting === undefined) continue;
      this.#waiting.delete(token);
      this.#waitingCount -= waiting.length;
      for (const flow of waiting) this.#onAwaited({ flow, connection, host0: (1 - host) as Index });
    }
  }

  connectionWithToken(token: number): { readonly connection: Connection; readonly host: Index } | undefined {
    return this.#byToken.get(token)?.at(-1);
  }

  connectionWithKey(key: bigint): Connection | undefined {
    return this.#byKey.get(key);
  }

  /** Remembers a join whose token nobody is known to have. */
  await(token: number, flow: Flow): void {
    if (this.#waitingCount >= WAITING) {
      this.note('joins', `only ${WAITING} joins with unknown tokens were remembered at a time`);
      const [oldest] = this.#waiting.keys();
      this.#waitingCount -= this.#waiting.get(oldest!)!.length;
      this.#waiting.delete(oldest!);
    }
    this.#waitingCount += 1;
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) this.#waiting.set(token, [flow]);
    else waiting.push(flow);
  }

  /** The connection under whose keys the acceptor's HMAC verifies; the most recently active ones are tried. */
  provenBy(flow: Flow): { readonly connection: Connection; readonly host0: Index } | undefined {
    let looked = 0;
    for (let connection = this.#live.newest; connection !== undefined && looked < PROOFS; connection = connection.older) {
      looked += 1;
      if (connection.hosts[0].key === undefined || connection.hosts[1].key === undefined) continue;
      for (const host0 of [0, 1] as const) {
        if (this.#proofs >= ALL_PROOFS) {
          this.note('proofs', 'too many joins had unknown tokens: not all were held against the keys of other connections');
          return undefined;
        }
        this.#proofs += 1;
        if (provesConnection(connection, flow, host0)) return { connection, host0 };
      }
    }
    return undefined;
  }

  /** Makes a connection findable by the data sequence numbers of its hosts. */
  indexNumbers(connection: Connection): void {
    for (const host of [0, 1] as const) {
      const { baseKnown, baseNarrow, baseHigh } = connection.hosts[host];
      if (!baseKnown || baseNarrow || connection.indexed.includes(baseHigh)) continue;
      connection.indexed.push(baseHigh);
      const list = this.#byNumber.get(baseHigh) ?? [];
      keep(list, { connection, host });
      this.#byNumber.set(baseHigh, list);
    }
  }

  /**
   * Another connection in whose data sequence spaces both directions of this one lie, and which of its hosts is host 0 here: 64-bit
   * numbers so near to each other are no accident.
   */
  neighbour(connection: Connection): { readonly connection: Connection; readonly host0: Index } | undefined {
    const { hosts } = connection;
    if (!hosts.every(placed)) return undefined;
    for (const own of [0, 1] as const) {
      for (const offset of [0, -1, 1]) {
        for (const { connection: twin, host } of this.#byNumber.get(hosts[own].baseHigh + offset) ?? []) {
          if (twin === connection || twin.ended || !twin.hosts.every(placed)) continue;
          const peer = (1 - own) as Index;
          if (!near(hosts[own], twin.hosts[host]) || !near(hosts[peer], twin.hosts[(1 - host) as Index])) continue;
          return { connection: twin, host0: own === 0 ? host : ((1 - host) as Index) };
        }
      }
    }
    return undefined;
  }
}

/** Adds to a list that forgets its first entry when it is full. */
const keep = <T>(list: T[], entry: T): void => {
  if (list.length >= ALIKE) list.shift();
  list.push(entry);
};

/** Whether a host of one connection and a host of another have the same address, as far as their first subflows tell. */
const sameHost = (one: Connection, host: Index, two: Connection, hostThere: Index): boolean => {
  const [a] = one.flows;
  const [b] = two.flows;
  return a !== undefined && b !== undefined && equalBytes(a.addressOf(a.sideOf(host)), b.addressOf(b.sideOf(hostThere)));
};

const placed = ({ baseKnown, baseNarrow }: Host): boolean => baseKnown && !baseNarrow;
const near = (x: Host, y: Host): boolean => Math.abs((x.baseHigh - y.baseHigh) * NEAR + (x.baseLow - y.baseLow)) < NEAR;

const remove = (map: Map<number, { connection: Connection; host: Index }[]>, key: number, connection: Connection): void => {
  const left = map.get(key)?.filter((each) => each.connection !== connection) ?? [];
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
};
