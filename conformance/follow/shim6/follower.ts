/** Follows shim6 and REAP through the packets of a capture: one conversation per context (RFC 5533, RFC 5534). */
import { PROTOCOL_ICMPV6 } from '../../../codecs/packet/index.ts';
import { equalBytes } from '../../../codecs/bytes.ts';
import type { Sighting } from '../../observe.ts';
import type { FollowOptions, NewPacketFollower, PacketFollower } from '../follower.ts';
import { other } from './context.ts';
import type { AnyCheck, Here } from './judge.ts';
import { takeI1, takeI2, takeI2bis, takeR1, takeR1bis, takeR2 } from './establishing.ts';
import { takeProbe } from './exploring.ts';
import { notePath } from './sending.ts';
import { bareOf, COPIED, endsOf, seenOf } from './sight.ts';
import type { Seen } from './sight.ts';
import { noteHops } from './timing.ts';
import { payloadSent, takeError, takeKeepalive, takePayloadExtension, takeUpdateAck, takeUpdateRequest } from './tagged.ts';
import { World } from './world.ts';

/** Neighbor Discovery's types, which are no payload. */
const isNeighborDiscovery = (type: number): boolean => type >= 133 && type <= 137;

/** The latest messages between so many pairs of addresses are remembered. */
const LATEST = 1024;

class Shim6Follower implements PacketFollower {
  readonly #world: World;
  readonly #protocol: number | undefined;
  /** The latest message between two addresses. */
  readonly #latest = new Map<string, Pick<Seen, 'bytes' | 'time'>>();

  constructor(checks: readonly AnyCheck[], options: FollowOptions) {
    this.#world = new World(checks, options);
    this.#protocol = options.shim6Protocol;
  }

  get wantsPayload(): boolean {
    return this.#world.hasContexts;
  }

  get notes(): readonly string[] {
    return this.#world.notes;
  }

  follow(sighting: Sighting): void {
    if (sighting.twin !== 0) return;
    const seen = seenOf(sighting, this.#protocol);
    if (seen === 'cut') this.#cut(sighting);
    else if (seen === undefined) this.#payload(sighting);
    else if (!this.#isCopy(seen)) this.#message(seen, sighting);
  }

  /** A message that went through a tunnel is captured in it and out of it: the same one, though not the same packet. */
  #isCopy(seen: Seen): boolean {
    if (seen.type < 0) return false;
    const key = `${seen.source} ${seen.destination}`;
    const before = this.#latest.get(key);
    this.#latest.delete(key);
    if (before !== undefined && Math.abs(seen.time - before.time) < COPIED && equalBytes(before.bytes, seen.bytes)) {
      this.#latest.set(key, before);
      return true;
    }
    this.#latest.set(key, { bytes: seen.bytes, time: seen.time });
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= LATEST) break;
      this.#latest.delete(oldest);
    }
    return false;
  }

  finish(): void {
    this.#world.finish();
  }

  #message(seen: Seen, sighting: Sighting): void {
    const here = this.#take(seen, sighting.whole);
    noteHops(here.context, here.host, sighting);
    this.#world.judge('header', here, undefined);
  }

  #take(seen: Seen, whole: boolean): Here {
    const world = this.#world;
    if (!seen.decoded.ok) return this.#undecodable(seen);
    const message = seen.decoded.value;
    switch (message.kind) {
      case 'I1':
        return takeI1(world, seen, message);
      case 'R1':
        return takeR1(world, seen, message);
      case 'I2':
        return takeI2(world, seen, message);
      case 'R2':
        return takeR2(world, seen, message);
      case 'R1bis':
        return takeR1bis(world, seen, message);
      case 'I2bis':
        return takeI2bis(world, seen, message);
      case 'UpdateRequest':
        return takeUpdateRequest(world, seen, message);
      case 'UpdateAck':
        return takeUpdateAck(world, seen, message);
      case 'Keepalive':
        return takeKeepalive(world, seen, message);
      case 'Probe':
        return takeProbe(world, seen, message);
      case 'Error':
        return takeError(world, seen, message);
      case 'PayloadExtension':
        return takePayloadExtension(world, seen, message, whole);
      case 'Unknown':
        return this.#undecodable(seen);
    }
  }

  /** The capture has not all of a message: what it told is missing, as if the message had not been captured. */
  #cut({ packet }: Sighting): void {
    const found = this.#world.byAddresses(endsOf(packet));
    if (found !== undefined) found.context.isFromStart = false;
  }

  /** What cannot be read, or is of no type that is known, is still from somebody. */
  #undecodable(seen: Seen): Here {
    const world = this.#world;
    const { context, host } = world.byAddresses(seen) ?? { context: world.create(seen.source, seen.destination), host: 0 as const };
    const here: Here = { seen, context, host };
    notePath(world, context, host, seen, false);
    if (seen.decoded.ok && seen.decoded.value.kind !== 'PayloadExtension') world.judge('message', here, seen.decoded.value);
    return here;
  }

  /** Packets between the ULIDs of a context are its payload, without a header of shim6 (section 12.1). */
  #payload(sighting: Sighting): void {
    const { frame, time, packet } = sighting;
    const world = this.#world;
    if (!world.hasContexts) return;
    const { protocol, payload } = packet;
    if (protocol === PROTOCOL_ICMPV6 && isNeighborDiscovery(payload[0] ?? 0)) return;
    const { source, destination } = endsOf(packet);
    const context = world.byUlids(source, destination, 0);
    if (context === undefined) return;
    const host = context.ends[1].ulid === source ? 1 : 0;
    if (context.ends[other(host)].ulid !== destination) return;
    const pair = { frame, time, source, destination };
    notePath(world, context, host, pair, true);
    noteHops(context, host, sighting);
    payloadSent(world, { seen: bareOf(pair), context, host }, pair);
  }
}

/** Makes the follower of shim6. @example packets: [shim6Follower(shim6Checks)] */
export const shim6Follower =
  (checks: readonly AnyCheck[]): NewPacketFollower =>
  (options) =>
    new Shim6Follower(checks, options);
