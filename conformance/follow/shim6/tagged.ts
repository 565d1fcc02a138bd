/** Following what names its context by the receiver's tag: updates, keepalives, probes, payload behind the extension header (RFC 5533 sections 10 to 12). */
import { concat, u16 } from '../../../codecs/bytes.ts';
import { fold, pseudoHeaderSum, sum16 } from '../../../codecs/checksum.ts';
import { PROTOCOL_ICMPV6 } from '../../../codecs/packet/index.ts';
import { PROTOCOL_TCP } from '../../../codecs/packet/index.ts';
import { other } from './context.ts';
import type { PayloadSeen, Sent } from './context.ts';
import type { Here, TaggedKind } from './judge.ts';
import type { ErrorMessage, Keepalive, PayloadExtension, UpdateAck, UpdateRequest, WithOptions } from './messages.ts';
import {
  accepts,
  keepaliveAcknowledged,
  keepaliveAgain,
  notePath,
  onlyOnce,
  remember,
  showsContext,
  STRANGE,
  takeOptions,
} from './sending.ts';
import { octetsOf } from './sight.ts';
import type { Address, Seen } from './sight.ts';
import type { World } from './world.ts';

const WRONG_TAGS = 64;

/** The context of a message that carries a receiver's tag; made where the capture begins with it. */
export const tagged = (world: World, seen: Seen, kind: TaggedKind, tag: number): Here => {
  const byTag = world.byTag(tag, seen.destination);
  if (byTag !== undefined && byTag.context.hostAt(seen.source) !== byTag.host) {
    const { context, host: receiver } = byTag;
    const host = other(receiver);
    const here = { seen, context, host };
    notePath(world, context, host, seen, kind === 'PayloadExtension');
    context.ends[host].lastTagged = seen.time;
    if (seen.invalid === undefined) {
      for (const wrong of context.wrongTags) if (wrong.host === host && context.established < wrong.frame) wrong.rightAfter = seen.time;
      const end = context.ends[host];
      if (end.lastRight < context.establishedTime || end.lastRight === 0) end.firstRight = seen.time;
      end.lastRight = seen.time;
      world.judge('tag', here, { kind });
      acceptsR2(world, here, tag);
      world.learnAddress(context, host, seen.source);
      world.learnAddress(context, receiver, seen.destination);
    }
    return here;
  }
  const found = world.byAddresses(seen) ?? { context: world.create(seen.source, seen.destination), host: 0 as const };
  const { context, host } = found;
  const here = { seen, context, host };
  const receiver = context.ends[other(host)];
  context.ends[host].lastTagged = seen.time;
  notePath(world, context, host, seen, kind === 'PayloadExtension');
  if (seen.invalid !== undefined) return here;
  const before = context.wrongTags.find((wrong) => wrong.tag === tag && wrong.host === host);
  if (before !== undefined) before.count += 1;
  if (receiver.tag === undefined || (before?.count ?? 0) > 1) {
    world.learnTag(context, other(host), tag);
    acceptsR2(world, here, tag);
  } else if (before === undefined && context.wrongTags.length < WRONG_TAGS && world.countByAddresses(seen) < 2) {
    const { firstRight, lastRight } = context.ends[host];
    context.wrongTags.push({
      tag,
      host,
      frame: seen.frame,
      time: seen.time,
      kind,
      count: 1,
      since: seen.time - Math.max(lastRight, context.establishedTime),
      rightBefore: lastRight < context.establishedTime ? 0 : firstRight,
      rightAfter: 0,
      isOpen: context.isOpen,
    });
  }
  return here;
};

/** A message with the tag of an R2 shows that its sender took it. */
const acceptsR2 = (world: World, here: Here, tag: number): void => {
  const { context, host } = here;
  const told = context.r2s.list.filter((sent) => sent.host !== host && sent.message.responderContextTag === tag);
  if (told.length === 0) return;
  accepts(world, here, told);
  keepaliveAcknowledged(context, other(host));
};

export const takeUpdateRequest = (world: World, seen: Seen, message: UpdateRequest): Here => {
  const here = tagged(world, seen, 'UpdateRequest', message.receiverContextTag);
  const { context, host } = here;
  const end = context.ends[host];
  world.judge('message', here, message);
  const found = takeOptions(world, here, message);
  const { sent, interval } = remember(end.updates, here, message, found, (before) => before.message.requestNonce === message.requestNonce);
  if (interval !== undefined)
    world.judge('again', here, { kind: 'UpdateRequest', copies: sent.copies, onPair: sent.copiesOnPair, interval, frames: [sent.frame] });
  const last = end.updates.last;
  // That the other one is newer shows where it has been answered: packets may overtake each other.
  const isOlder = last !== undefined && last !== sent && last.message.requestNonce !== message.requestNonce;
  const newer = isOlder && last.answered ? last : undefined;
  world.judge('updateRequest', here, {
    message,
    newer,
    before: interval === undefined ? undefined : sent,
    keepaliveAgain: keepaliveAgain(here, message, interval !== undefined),
  });
  showsContext(context, host);
  return here;
};

export const takeUpdateAck = (world: World, seen: Seen, message: UpdateAck): Here => {
  const here = tagged(world, seen, 'UpdateAck', message.receiverContextTag);
  const { context, host } = here;
  world.judge('message', here, message);
  takeOptions(world, here, message);
  const requests = context.ends[other(host)].updates.list;
  const to = requests.filter((sent) => sent.message.requestNonce === message.requestNonce);
  // Whether an update is without an answer, and this one was to be it, shows later.
  if (to.length === 0 && context.strangeAcks.length < STRANGE) context.strangeAcks.push({ here, message, only: onlyOnce(requests, here) });
  else world.judge('updateAck', here, { message, to: to.at(-1), only: undefined });
  accepts(world, here, to);
  if (to.length > 0) keepaliveAcknowledged(context, other(host));
  showsContext(context, host);
  return here;
};

export const takeKeepalive = (world: World, seen: Seen, message: Keepalive): Here => {
  const here = tagged(world, seen, 'Keepalive', message.receiverContextTag);
  const { context, host } = here;
  const end = context.ends[host];
  const peer = context.ends[other(host)];
  world.judge('message', here, message);
  takeOptions(world, here, message);
  const { lastKeepalive } = end;
  const hasSpoken = lastKeepalive === undefined || (end.lastPayload?.frame ?? 0) > lastKeepalive.frame;
  const interval = hasSpoken ? undefined : seen.time - lastKeepalive.time;
  const timeout = (peer.keepaliveTimeout?.seconds ?? 15) * 1000;
  world.judge('keepalive', here, { message, interval, previous: hasSpoken ? undefined : lastKeepalive.interval, timeout });
  end.lastKeepalive = { frame: seen.frame, time: seen.time, interval };
  showsContext(context, host);
  return here;
};

/** An Error message is about a packet of its receiver; which, tell the addresses. */
export const takeError = (world: World, seen: Seen, message: ErrorMessage): Here => {
  const found = world.byAddresses(seen) ?? { context: world.create(seen.source, seen.destination), host: 0 as const };
  const here: Here = { seen, ...found };
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  const ofPeer: readonly Sent<WithOptions>[] = [
    ...context.i1s.list,
    ...context.r1s.list,
    ...context.i2s.list,
    ...context.r2s.list,
    ...context.i2biss.list,
    ...context.ends[other(host)].updates.list,
  ].filter((sent) => sent.host !== host);
  world.judge('error', here, {
    message,
    critical: ofPeer.findLast(({ critical }) => critical),
    unverified: ofPeer.findLast(({ announced }) => announced?.verified === false),
  });
  if (message.errorCode === 1) context.errorsOfCode1.add(host);
  if (message.errorCode === 2) context.errorsOfCode2.add(host);
  return here;
};

const PROTOCOL_UDP = 17;
const CHECKSUM_AT: ReadonlyMap<number, number> = new Map([
  [PROTOCOL_TCP, 16],
  [PROTOCOL_UDP, 6],
  [PROTOCOL_ICMPV6, 2],
]);

/** Over which addresses the checksum of what an extension header carries was computed (section 11.1). */
const checksumOver = ({ seen, context, host }: Here, protocol: number): 'ulids' | 'locators' | 'unknown' => {
  const { rest, source, destination } = seen;
  const at = CHECKSUM_AT.get(protocol);
  const from = context.ends[host].ulid;
  const to = context.ends[other(host)].ulid;
  if (at === undefined || from === undefined || to === undefined || rest.length < at + 2 || u16(rest, at) === 0) return 'unknown';
  if (protocol === PROTOCOL_UDP && u16(rest, 4) !== rest.length) return 'unknown';
  const fits = (x: Address, y: Address): boolean => {
    const sum = pseudoHeaderSum(concat(octetsOf(x), octetsOf(y)), 0, 16, 16, rest.length, protocol) + sum16(rest);
    return fold(sum) === 0xffff;
  };
  if (fits(from, to)) return 'ulids';
  return fits(source, destination) ? 'locators' : 'unknown';
};

export const takePayloadExtension = (world: World, seen: Seen, message: PayloadExtension, whole: boolean): Here => {
  const here = tagged(world, seen, 'PayloadExtension', message.receiverContextTag);
  world.judge('payloadExtension', here, { message, checksum: whole ? checksumOver(here, message.nextHeader) : 'unknown' });
  showsContext(here.context, here.host);
  payloadSent(world, here, { frame: seen.frame, time: seen.time, source: seen.source, destination: seen.destination });
  return here;
};

const samePair = (x: PayloadSeen, y: PayloadSeen): boolean => x.source === y.source && x.destination === y.destination;
/** Payload this close together in time, in ms, has hardly two explorations between. */
const CLOSE = 2500;

/** A probe so long before, in ms, may have brought about that payload takes another pair. */
const PROBED = 1000;

/** Payload of a host: which pair carries it, and whether it changed. */
export const payloadSent = (world: World, here: Here, payload: PayloadSeen): void => {
  const { context, host } = here;
  const end = context.ends[host];
  const peer = context.ends[other(host)];
  const { lastPayload: before, payloadBefore } = end;
  if (payload.destination !== peer.ulid && before?.destination !== payload.destination)
    world.judge('toLocator', here, { announced: peer.list });
  if (before !== undefined && !samePair(before, payload)) {
    const toUlid = payload.destination === peer.ulid;
    const isReported = end.reportedPairs.has(`${payload.source} ${payload.destination}`);
    const isBack = payloadBefore !== undefined && samePair(payloadBefore, payload) && payload.time - payloadBefore.time < CLOSE;
    if (isBack) {
      const isExplored = context.ends.some(({ probes }) => (probes.last?.lastTime ?? -Infinity) > payloadBefore.time - PROBED);
      end.strays.push({ before: payloadBefore, stray: before, back: payload, isExplored });
    }
    if (end.strays.length > 64) end.strays.shift();
    world.judge('pairChange', here, { to: payload, isReported, toUlid });
  }
  end.payloadBefore = before;
  end.lastPayload = payload;
};
