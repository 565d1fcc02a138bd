/** The contexts of a capture, and how a packet finds its own: by ULIDs, by context tag, by nonce, by addresses (RFC 5533 section 12.4). Bounded whatever comes. */
import { Checks } from '../check.ts';
import type { FollowOptions } from '../follower.ts';
import { Context, other } from './context.ts';
import type { Index } from './context.ts';
import { accountOf } from './conversation.ts';
import type { About, AnyCheck, Here, History } from './judge.ts';
import { settle } from './settling.ts';
import type { Address, Seen } from './sight.ts';
import { holds } from './timing.ts';

/** So many contexts are followed at once; beyond them the one that was quiet for the longest is given up. */
const CONTEXTS = 4096;
/** So many addresses of all of them together, which is what long locator lists cost. */
const KNOWN_ADDRESSES = 65_536;
/** Of the contexts that share an address, so many are looked at. */
const LOOKED_AT = 16;

/** A context, and which of its hosts is meant. */
export interface Found {
  readonly context: Context;
  readonly host: Index;
}

const keyOf = (a: Address, b: Address, instance: number): string => (a < b ? `${a} ${b} ${instance}` : `${b} ${a} ${instance}`);

export class World {
  readonly #checks: Checks<History, Here, About>;
  readonly #options: FollowOptions;
  /** In the order of their last packets. */
  readonly #contexts = new Set<Context>();
  readonly #byUlids = new Map<string, Context>();
  readonly #byTag = new Map<number, Found[]>();
  readonly #byNonce = new Map<number, Context>();
  readonly #byAddress = new Map<Address, Set<Context>>();
  readonly #keys = new Map<Context, { ulids: string | undefined; readonly nonces: number[] }>();
  #givenUp = 0;
  #addresses = 0;

  constructor(checks: readonly AnyCheck[], options: FollowOptions) {
    this.#checks = new Checks(checks);
    this.#options = options;
  }

  get hasContexts(): boolean {
    return this.#contexts.size > 0;
  }

  get notes(): readonly string[] {
    return this.#givenUp > 0 ? [`${this.#givenUp} shim6 contexts were given up before the end: there are too many`] : [];
  }

  /** Lets the checks judge what a packet brought. */
  judge<E extends keyof History>(event: E, here: Here, what: History[E]): void {
    const { context, host, seen } = here;
    this.#checks.judge(
      event,
      here,
      what,
      context.ledger,
      seen.frame,
      (about) => (about === 'sender' ? host : other(host)),
      (finding, slot, whose) => holds(context, { finding, slot, host: whose, frame: seen.frame }),
    );
  }

  /** A new context; `a` is host 0. */
  create(a: Address, b: Address): Context {
    const context = new Context();
    this.#contexts.add(context);
    this.#keys.set(context, { ulids: undefined, nonces: [] });
    this.learnAddress(context, 0, a);
    this.learnAddress(context, 1, b);
    this.#bound(context);
    return context;
  }

  /** Gives up the contexts that were quiet for the longest, but not the one at hand. */
  #bound(current: Context): void {
    while (this.#contexts.size > CONTEXTS || this.#addresses > KNOWN_ADDRESSES) {
      const [oldest] = this.#contexts;
      if (oldest === undefined || oldest === current) return;
      this.#givenUp += 1;
      this.#end(oldest);
    }
  }

  /** A packet of a context: it is the one last heard of. */
  touch(context: Context): void {
    this.#contexts.delete(context);
    this.#contexts.add(context);
  }

  /** The ULIDs of a context are these. */
  learnUlids(context: Context, a: Address, b: Address, instance: number): void {
    const key = keyOf(a, b, instance);
    context.ends[0].ulid = a;
    context.ends[1].ulid = b;
    context.forkedInstanceIdentifier = instance;
    const keys = this.#keys.get(context)!;
    if (keys.ulids !== undefined) this.#byUlids.delete(keys.ulids);
    keys.ulids = key;
    this.#byUlids.set(key, context);
    this.learnAddress(context, 0, a);
    this.learnAddress(context, 1, b);
  }

  learnAddress(context: Context, host: Index, address: Address): void {
    if (!context.ends[host].addAddress(address)) return;
    const there = this.#byAddress.get(address);
    if (there === undefined) this.#byAddress.set(address, new Set([context]));
    else there.add(context);
    this.#addresses += 1;
    this.#bound(context);
  }

  /** A host allocated this tag. */
  learnTag(context: Context, host: Index, tag: number): void {
    const { tags } = context.ends[host];
    if (tags.includes(tag)) {
      if (tags.at(-1) !== tag) tags.push(...tags.splice(tags.indexOf(tag), 1));
      return;
    }
    if (tags.push(tag) > LOOKED_AT) this.#forgetTag(context, tags.shift()!);
    this.#byTag.set(tag, [...(this.#byTag.get(tag) ?? []).slice(1 - LOOKED_AT), { context, host }]);
  }

  #forgetTag(context: Context, tag: number): void {
    const rest = (this.#byTag.get(tag) ?? []).filter((each) => each.context !== context);
    if (rest.length === 0) this.#byTag.delete(tag);
    else this.#byTag.set(tag, rest);
  }

  learnNonce(context: Context, nonce: number): void {
    const { nonces } = this.#keys.get(context)!;
    if (this.#byNonce.get(nonce) === context) return;
    this.#byNonce.set(nonce, context);
    if (nonces.push(nonce) > LOOKED_AT) this.#byNonce.delete(nonces.shift()!);
  }

  /** The context between these ULIDs. */
  byUlids(a: Address, b: Address, instance: number): Context | undefined {
    return this.#byUlids.get(keyOf(a, b, instance));
  }

  byNonce(nonce: number): Context | undefined {
    return this.#byNonce.get(nonce);
  }

  /** Who allocated a tag: of several the one with this address, the newest. */
  byTag(tag: number, address: Address): Found | undefined {
    const found = this.#byTag.get(tag);
    if (found === undefined) return undefined;
    const there = found.filter(({ context, host }) => context.ends[host].addresses.has(address));
    return there.at(-1) ?? (found.length === 1 ? found[0] : undefined);
  }

  /** The context whose hosts have these addresses, with the sender; the newest of several. */
  byAddresses(seen: Pick<Seen, 'source' | 'destination'>): Found | undefined {
    let looked = 0;
    let best: Found | undefined;
    for (const context of this.#byAddress.get(seen.source) ?? []) {
      if ((looked += 1) > LOOKED_AT) break;
      const from = context.hostAt(seen.source);
      const to = context.hostAt(seen.destination);
      if (from === undefined || to === undefined || from === to) continue;
      if (best === undefined || context.lastFrame > best.context.lastFrame) best = { context, host: from };
    }
    return best;
  }

  /** Every context whose hosts have these addresses. */
  countByAddresses({ source, destination }: Pick<Seen, 'source' | 'destination'>): number {
    let count = 0;
    for (const context of this.#byAddress.get(source) ?? []) if (context.hostAt(destination) !== undefined && (count += 1) > 1) break;
    return count;
  }

  /** Whether no other context has these addresses: one that was taken for another, as its ULIDs were missed, may be this one. */
  isOnlyBetween(context: Context, { source, destination }: Pick<Seen, 'source' | 'destination'>): boolean {
    for (const each of this.#byAddress.get(source) ?? []) if (each !== context && each.hostAt(destination) !== undefined) return false;
    return true;
  }

  #end(context: Context): void {
    settle(this, context);
    this.#contexts.delete(context);
    const { ulids, nonces } = this.#keys.get(context)!;
    this.#keys.delete(context);
    if (ulids !== undefined && this.#byUlids.get(ulids) === context) this.#byUlids.delete(ulids);
    for (const nonce of nonces) if (this.#byNonce.get(nonce) === context) this.#byNonce.delete(nonce);
    for (const end of context.ends) {
      for (const tag of end.tags) this.#forgetTag(context, tag);
      this.#addresses -= end.addresses.size;
      for (const address of end.addresses) {
        const there = this.#byAddress.get(address);
        there?.delete(context);
        if (there?.size === 0) this.#byAddress.delete(address);
      }
    }
    this.#options.onFinished(accountOf(context));
  }

  /** The capture is over: contexts in the order of their first packets. */
  finish(): void {
    const inOrder = [...this.#contexts].sort((x, y) => x.firstFrame - y.firstFrame);
    for (const context of inOrder) this.#end(context);
  }
}
