/** Following how a context is established and recovered: I1, R1, I2, R2, R1bis, I2bis (RFC 5533 section 7). */
import { equalBytes } from '../../../codecs/bytes.ts';
import { other } from './context.ts';
import type { Context, Index, Sent } from './context.ts';
import type { Here } from './judge.ts';
import { optionOf } from './locators.ts';
import type { I1, I2, I2bis, R1, R1bis, R2, WithOptions } from './messages.ts';
import {
  accepts,
  feed,
  keepaliveAcknowledged,
  keepaliveAgain,
  notePath,
  onlyOf,
  onlyOnce,
  remember,
  showsContext,
  STRANGE,
  takeOptions,
  ulidsOf,
} from './sending.ts';
import type { Address, Seen } from './sight.ts';
import type { World } from './world.ts';

const validatorOf = (message: WithOptions): Uint8Array | undefined => optionOf(message.options, 'ResponderValidator')?.validator;
const equalValidators = (x: Uint8Array | undefined, y: Uint8Array | undefined): boolean =>
  x !== undefined && y !== undefined && equalBytes(x, y);

/** The context of a message whose sender names the ULIDs, made where there is none. */
const namedContext = (world: World, from: Address, to: Address, instance: number): Context => {
  const known = world.byUlids(from, to, instance);
  if (known !== undefined) return known;
  const context = world.create(from, to);
  world.learnUlids(context, from, to, instance);
  return context;
};

/** Of messages with the nonce of an answer, or its validator, the one that it answers: a nonce may be a counter, and stand in several (sections 7.10.1, 7.17.1). */
const matching = <M>(byNonce: readonly Sent<M>[], byValidator: readonly Sent<M>[], { source, destination }: Seen): Sent<M> | undefined =>
  byNonce.findLast((sent) => byValidator.includes(sent)) ??
  byNonce.findLast((sent) => sent.source === destination && sent.destination === source) ??
  byValidator.at(-1) ??
  byNonce.at(-1);

/** A validator that no captured message has given out is that of one that was missed; only without one it is sure what is answered. */
const onlyIfBare = <M>(ofPeer: readonly Sent<M>[], here: Here, message: I2 | I2bis): Sent<M> | undefined =>
  validatorOf(message) === undefined ? onlyOf(ofPeer, here) : undefined;

const hostOf = (context: Context, ulid: Address): Index => (context.ends[1].ulid === ulid ? 1 : 0);

/** Who answers, from an address that was not told yet, what was sent there with this nonce. */
const answererOf = ({ asking }: Context, { source, destination }: Seen, nonce: number): Index | undefined => {
  const asked = asking.findLast(
    (sent) => sent.message.initiatorNonce === nonce && sent.source === destination && sent.destination === source,
  );
  return asked && other(asked.host);
};

/** The context of an answer, found by a nonce or by its addresses; where the capture begins with it, its receiver began the exchange. */
const answeredContext = (world: World, seen: Seen, nonce: number): { readonly context: Context; readonly host: Index } => {
  const byNonce = world.byNonce(nonce);
  const sender = byNonce && (byNonce.senderOf(seen) ?? answererOf(byNonce, seen, nonce));
  if (byNonce !== undefined && sender !== undefined) return { context: byNonce, host: sender };
  const found = world.byAddresses(seen);
  if (found !== undefined) return found;
  const context = world.create(seen.destination, seen.source);
  world.learnUlids(context, seen.destination, seen.source, 0);
  context.isPresumed = true;
  context.initiator = 0;
  return { context, host: 1 };
};

/** An I1, I2 or I2bis may come from other addresses than the ULIDs and not say so: then the exchange that it belongs to does. */
const contextOfExchange = (
  world: World,
  seen: Seen,
  message: I1 | I2 | I2bis,
  belongs: (context: Context, host: Index) => boolean,
): Here & { readonly named: ReturnType<typeof ulidsOf> } => {
  const named = ulidsOf(seen, message);
  const byTag = world.byTag(message.initiatorContextTag, seen.source);
  // Also where it names other ULIDs, or not the instance: the exchange says which context it is about.
  if (byTag !== undefined && belongs(byTag.context, byTag.host)) {
    const { context, host } = byTag;
    if (context.isPresumed && named.option !== undefined && world.byUlids(named.from, named.to, named.instance) === undefined) {
      const [a, b] = host === 0 ? [named.from, named.to] : [named.to, named.from];
      world.learnUlids(context, a, b, named.instance);
      context.isPresumed = false;
    }
    return { seen, ...byTag, named };
  }
  const context = namedContext(world, named.from, named.to, named.instance);
  context.isPresumed = false;
  return { seen, context, host: hostOf(context, named.from), named };
};

const judgeUlids = (world: World, here: Here & { readonly named: ReturnType<typeof ulidsOf> }, message: I1 | I2 | I2bis): void => {
  const { context, host, seen, named } = here;
  const { ulid } = context.ends[host];
  const peerUlid = context.ends[other(host)].ulid;
  if (ulid === undefined || peerUlid === undefined) return;
  // Without the messages that told them, addresses pass for ULIDs: what they are is not known.
  if (context.isPresumed) return;
  const needed = seen.source !== ulid || seen.destination !== peerUlid;
  const given = named.option !== undefined;
  world.judge('ulids', here, { message, needed, given, right: named.from === ulid && named.to === peerUlid });
};

export const takeI1 = (world: World, seen: Seen, message: I1): Here => {
  const isKnown = (context: Context, host: Index): boolean =>
    context.i1s.list.some((sent) => sent.host === host && sent.message.initiatorNonce === message.initiatorNonce);
  const here = contextOfExchange(world, seen, message, isKnown);
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  judgeUlids(world, here, message);
  const found = takeOptions(world, here, message);
  const ofHost = context.i1s.list.filter((before) => before.host === host);
  const sameNonce = ofHost.find((before) => before.message.initiatorNonce === message.initiatorNonce);
  const sameTag = ofHost.find((before) => before.message.initiatorContextTag === message.initiatorContextTag);
  world.judge('i1', here, {
    message,
    sameNonce,
    sameTag,
    isAlone: context.isFromStart && context.isUnanswered && world.isOnlyBetween(context, seen),
  });
  const { sent, interval } = remember(context.i1s, here, message, found, (before) => {
    const { initiatorContextTag: tag, initiatorNonce: nonce } = before.message;
    return tag === message.initiatorContextTag && nonce === message.initiatorNonce;
  });
  if (interval !== undefined)
    world.judge('again', here, { kind: 'I1', copies: sent.copies, onPair: sent.copiesOnPair, interval, frames: [sent.frame] });
  context.initiator ??= host;
  if (seen.invalid !== undefined) return here;
  if (context.ends[host].tags.length === 0 && context.ends[other(host)].tags.length === 0) context.isFromStart = true;
  context.established = seen.frame;
  context.establishedTime = seen.time;
  context.isOpen = true;
  world.learnTag(context, host, message.initiatorContextTag);
  world.learnNonce(context, message.initiatorNonce);
  feed(context, host, { type: 'sendI1' });
  return here;
};

export const takeR1 = (world: World, seen: Seen, message: R1): Here => {
  const here: Here = { seen, ...answeredContext(world, seen, message.initiatorNonce) };
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  const found = takeOptions(world, here, message);
  const toThis = context.i1s.list.filter((sent) => sent.host !== host && sent.message.initiatorNonce === message.initiatorNonce);
  world.judge('r1', here, { message, to: toThis.at(-1), only: onlyOf(context.i1s.list, here) });
  accepts(world, here, toThis);
  remember(
    context.r1s,
    here,
    message,
    found,
    (before) =>
      before.message.responderNonce === message.responderNonce && equalValidators(validatorOf(before.message), validatorOf(message)),
  );
  return here;
};

export const takeI2 = (world: World, seen: Seen, message: I2): Here => {
  const here = contextOfExchange(world, seen, message, (known, sender) =>
    known.i1s.list.some((sent) => sent.host === sender && sent.message.initiatorContextTag === message.initiatorContextTag),
  );
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  judgeUlids(world, here, message);
  const found = takeOptions(world, here, message);
  const ofPeer = context.r1s.list.filter((sent) => sent.host !== host);
  const byNonce = ofPeer.filter((sent) => sent.message.responderNonce === message.responderNonce);
  const byValidator = ofPeer.filter((sent) => equalValidators(validatorOf(sent.message), validatorOf(message)));
  const to = matching(byNonce, byValidator, seen);
  const before = context.i2s.list.findLast((sent) => sent.host === host && sent.message.responderNonce !== message.responderNonce);
  const i1 = context.i1s.list.findLast((sent) => sent.host === host && sent.message.initiatorContextTag === message.initiatorContextTag);
  const sameNonce = context.i1s.list.findLast((sent) => sent.host === host && sent.message.initiatorNonce === message.initiatorNonce);
  world.judge('i2', here, { message, to, only: onlyIfBare(ofPeer, here, message), i1, sameNonce, before });
  accepts(world, here, validatorOf(message) === undefined ? byNonce : byValidator);
  const { sent, interval } = remember(
    context.i2s,
    here,
    message,
    found,
    ({ message: each }) => each.responderNonce === message.responderNonce && each.initiatorNonce === message.initiatorNonce,
  );
  if (interval !== undefined)
    world.judge('again', here, { kind: 'I2', copies: sent.copies, onPair: sent.copiesOnPair, interval, frames: [sent.frame] });
  context.initiator ??= host;
  if (seen.invalid !== undefined) return here;
  keepaliveAgain(here, message, interval !== undefined);
  context.established = seen.frame;
  context.establishedTime = seen.time;
  context.isOpen = true;
  world.learnTag(context, host, message.initiatorContextTag);
  world.learnNonce(context, message.initiatorNonce);
  feed(context, host, { type: 'sendI2' });
  context.ends[host].machine.state = 'I2-SENT';
  return here;
};

export const takeR2 = (world: World, seen: Seen, message: R2): Here => {
  const here: Here = { seen, ...answeredContext(world, seen, message.initiatorNonce) };
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  const found = takeOptions(world, here, message);
  const ofPeer = context.asking.filter((sent) => sent.host !== host);
  const repeats = ofPeer.filter((sent) => sent.message.initiatorNonce === message.initiatorNonce);
  // An I2 that has the nonce of the I1 before it is what an R2 answers.
  const asked = repeats.findLast((sent) => sent.message.kind !== 'I1') ?? repeats.at(-1);
  // Only who has sent an I1 itself answers an I1 with an R2 (section 7.9).
  const hasSentI1 = context.i1s.list.some((sent) => sent.host === host);
  const only = onlyOnce(hasSentI1 ? ofPeer : ofPeer.filter((sent) => sent.message.kind !== 'I1'), here);
  // An I2 has just come, and what the R2 repeats is the nonce of the I1 before it: the I2 is what it answers.
  const isOfBefore = asked?.message.kind === 'I1' && only !== undefined && only.message.kind !== 'I1' && only.time > asked.lastTime;
  const to = isOfBefore ? undefined : asked;
  // Whether its nonce is nobody's shows later: the I1 that it answers may be captured behind it.
  if (repeats.length === 0 && context.strangeR2s.length < STRANGE) context.strangeR2s.push({ here, message, only });
  else world.judge('r2', here, { message, to, only: isOfBefore ? only : undefined });
  if (to !== undefined)
    accepts(
      world,
      here,
      repeats.filter((sent) => sent.message.kind === to.message.kind),
    );
  remember(
    context.r2s,
    here,
    message,
    found,
    ({ message: each }) => each.responderContextTag === message.responderContextTag && each.initiatorNonce === message.initiatorNonce,
  );
  if (seen.invalid !== undefined) return here;
  // The I2 that was missed has told a tag of its sender.
  if (repeats.length === 0) context.isFromStart = false;
  context.established = seen.frame;
  context.establishedTime = seen.time;
  context.isOpen = false;
  world.learnTag(context, host, message.responderContextTag);
  const isOfI1 = to?.message.kind === 'I1';
  keepaliveAgain(here, message, false);
  if (!isOfI1 && to !== undefined) keepaliveAcknowledged(context, other(host));
  feed(context, host, isOfI1 ? { type: 'receiveI1', tag: 'matching', addresses: 'known' } : { type: 'receiveI2', verdict: 'valid' });
  if (!isOfI1) showsContext(context, host);
  if (context.ends[other(host)].hasState) feed(context, other(host), { type: 'receiveR2', verdict: 'valid' });
  return here;
};

export const takeR1bis = (world: World, seen: Seen, message: R1bis): Here => {
  const byTag = world.byTag(message.packetContextTag, seen.source);
  const found = byTag ?? world.byAddresses(seen) ?? { context: world.create(seen.source, seen.destination), host: 0 as const };
  const here: Here = { seen, ...found };
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  const options = takeOptions(world, here, message);
  world.judge('r1bis', here, { message });
  remember(
    context.r1biss,
    here,
    message,
    options,
    (before) =>
      before.message.responderNonce === message.responderNonce && equalValidators(validatorOf(before.message), validatorOf(message)),
  );
  context.established = seen.frame;
  context.establishedTime = seen.time;
  context.isOpen = true;
  // Its context is gone.
  const end = context.ends[host];
  end.hasState = true;
  if (seen.invalid === undefined) end.machine.state = 'IDLE';
  return here;
};

export const takeI2bis = (world: World, seen: Seen, message: I2bis): Here => {
  const here = contextOfExchange(world, seen, message, (known, sender) =>
    known.r1biss.list.some((sent) => sent.host !== sender && sent.message.responderNonce === message.responderNonce),
  );
  const { context, host } = here;
  notePath(world, context, host, seen, false);
  world.judge('message', here, message);
  judgeUlids(world, here, message);
  const found = takeOptions(world, here, message);
  const ofPeer = context.r1biss.list.filter((sent) => sent.host !== host);
  const byNonce = ofPeer.filter((sent) => sent.message.responderNonce === message.responderNonce);
  const byValidator = ofPeer.filter((sent) => equalValidators(validatorOf(sent.message), validatorOf(message)));
  const to = matching(byNonce, byValidator, seen);
  const isTriggerKnown = context.ends[other(host)].tags.includes(message.packetContextTag);
  world.judge('i2bis', here, { message, to, only: onlyIfBare(ofPeer, here, message), isTriggerKnown });
  accepts(world, here, validatorOf(message) === undefined ? byNonce : byValidator);
  const { sent, interval } = remember(
    context.i2biss,
    here,
    message,
    found,
    ({ message: each }) => each.responderNonce === message.responderNonce && each.initiatorNonce === message.initiatorNonce,
  );
  if (interval !== undefined)
    world.judge('again', here, { kind: 'I2bis', copies: sent.copies, onPair: sent.copiesOnPair, interval, frames: [sent.frame] });
  if (seen.invalid !== undefined) return here;
  context.established = seen.frame;
  context.establishedTime = seen.time;
  context.isOpen = true;
  world.learnTag(context, host, message.initiatorContextTag);
  world.learnNonce(context, message.initiatorNonce);
  showsContext(context, host);
  feed(context, host, { type: 'sendI2bis' });
  return here;
};
