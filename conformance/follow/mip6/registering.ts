/** Follows registrations: Binding Updates, Acknowledgements, Refresh Requests and Errors, and the bindings that come of them (RFC 6275 sections 9.5, 10.3, 11.7). */
import { concat, equalBytes, toHex } from '../../../codecs/bytes.ts';
import { fold, pseudoHeaderSum, sum16 } from '../../../codecs/checksum.ts';
import { PROTOCOL_MOBILITY, authenticatorAt, endpointsOf, mobilityChecksum } from '../../../codecs/mip6/index.ts';
import type { BA, BE, BRR, BU, BindingIdentifier, MobilityMessage } from '../../../codecs/mip6/index.ts';
import { PROTOCOL_ICMPV6, parseAddress } from '../../../codecs/packet/index.ts';
import type { Ipv6 } from '../../../codecs/packet/index.ts';
import { authorizationOf, verifies } from './authorization.ts';
import type { Authorization } from './authorization.ts';
import type { Mobility } from './judge.ts';
import type { Binding, MobileNode, Peer, Update } from './node.ts';
import { addressOf } from './sight.ts';
import type { Address, Sight } from './sight.ts';
import { OVERDUE, dueAfter, push } from './testing.ts';
import type { Fault } from './testing.ts';
import type { Testing, Token } from './testing.ts';
import type { World } from './world.ts';

/** Sequence Numbers that are this far apart are of one count. */
const CLOSE = 16;
/** The unit of a Lifetime field, in ms. */
const LIFETIME = 4000;
/** Status values from here on refuse. */
const REFUSED = 128;
const OUT_OF_WINDOW = 135;
/** The status of a Binding Error about a Home Address option without a binding. */
const UNKNOWN_BINDING = 1;
/** That about a message of an unknown type. */
const UNRECOGNIZED_TYPE = 2;

/** The Binding Identifier options of a message: it is about one of several bindings, or about several (RFC 5648). */
const identifiersOf = ({ options }: BU | BA): readonly BindingIdentifier[] =>
  (options ?? []).filter((option): option is BindingIdentifier => option.kind === 'BindingIdentifier');

const careOfIn = (message: BU, sight: Sight): Uint8Array => {
  const alternate = (message.options ?? []).find((option) => option.kind === 'AlternateCareOfAddress')?.alternateCareOfAddress;
  const identified = identifiersOf(message).find(({ careOfAddress }) => careOfAddress?.length === 16)?.careOfAddress;
  return alternate ?? identified ?? sight.packet.source;
};

/** Whether the home address is registered as a care-of address beside others (RFC 5648 section 5.6.3): that deletes nothing. */
export const bindsHome = (message: BU): boolean =>
  message.lifetime > 0 && identifiersOf(message).some(({ simultaneousHomeAndForeign }) => simultaneousHomeAndForeign);

/** A test that was answered so short a time before a Binding Update, in ms, is the one that it rests on. */
const FRESH = 30_000;

/** The token of the last test, where it came a moment ago. */
const freshOf = (testing: Testing, time: number): Token | undefined => {
  const token = testing.tokens.at(-1);
  return token !== undefined && time - token.time < FRESH && testing.isLatest(token) ? token : undefined;
};

/** What authorises a Binding Update to a correspondent. */
const authorizationOfUpdate = (
  world: World,
  sight: Sight,
  { message, octets }: Mobility<BU>,
  careOf: Address,
  deletes: boolean,
): Authorization => {
  const nonces = (message.options ?? []).find((option) => option.kind === 'NonceIndices');
  const careOfAddress = careOfIn(message, sight);
  const home = world.tests.of('home', sight.from, sight.to);
  const there = world.tests.of('care-of', careOf, sight.to);
  const authorization = authorizationOf(
    { careOfAddress, correspondent: endpointsOf(sight.packet).destination, message: octets },
    home.tokens,
    there.tokens,
    nonces && { home: nonces.homeNonceIndex, careOf: nonces.careOfNonceIndex },
    deletes,
  );
  if (authorization.state === 'unknown' && careOf !== sight.source) {
    // A test of the source does not speak for another address.
    const signed = { careOfAddress, correspondent: endpointsOf(sight.packet).destination, message: octets };
    const tested = world.tests.of('care-of', sight.source, sight.to).tokens;
    const untested = authorizationOf(signed, home.tokens, tested, undefined, false);
    return untested.state === 'right' ? { state: 'wrong', keys: untested.keys } : authorization;
  }
  if (authorization.state === 'unknown' && nonces !== undefined) {
    const [fresh, freshThere] = [home, there].map((testing) => freshOf(testing, sight.time));
    const isStrange =
      !home.tokens.some(({ nonceIndex }) => nonceIndex === nonces.homeNonceIndex) ||
      (!deletes && !there.tokens.some(({ nonceIndex }) => nonceIndex === nonces.careOfNonceIndex));
    // Tests were captured a moment ago, and the indices are of none of them.
    if (isStrange && fresh !== undefined && (deletes || freshThere !== undefined))
      return { state: 'wrong', keys: { home: fresh, careOf: deletes ? undefined : freshThere } };
  }
  if (authorization.state !== 'wrong') return authorization;
  // A later test whose answer was not captured may have given the same index to another nonce.
  const { keys } = authorization;
  const isLatest = home.isLatest(keys.home) && (keys.careOf === undefined || there.isLatest(keys.careOf));
  return isLatest ? authorization : { state: 'unknown' };
};

/** The Payload Proto of a message: nothing follows it. */
const NO_NEXT_HEADER = 59;

/** The checksum of a message with all that follows it in its packet: a stack that does not know its length takes it so. */
const checksumOfAll = (packet: Ipv6): number => {
  const { source, destination } = endpointsOf(packet);
  const { payload } = packet;
  const pseudo = pseudoHeaderSum(concat(source, destination), 0, 16, 16, payload.length, PROTOCOL_MOBILITY);
  return ~fold(pseudo + sum16(payload, 0, 4) + sum16(payload, 6)) & 0xffff;
};

/** Why whoever gets this message is to discard it (sections 9.2, 9.4). */
export const faultOf = (sight: Sight, message: MobilityMessage): Fault | undefined => {
  // What follows the message, though nothing is to, may be covered as well.
  const { packet } = sight;
  const isRight = mobilityChecksum(packet) === message.checksum || checksumOfAll(packet) === message.checksum;
  if (!isRight) return 'checksum';
  if ((message.payloadProto ?? NO_NEXT_HEADER) !== NO_NEXT_HEADER) return 'payload proto';
  return sight.hasHomeAddress && (message.kind === 'HoTI' || message.kind === 'CoTI') ? 'home address option' : undefined;
};

/** How many numbers of Binding Updates there are between two, where they are close: a mobile node counts on by one. */
const numbersBetween = (later: number, earlier: number): number => {
  const difference = (later - earlier) & 0xffff;
  return difference <= CLOSE ? difference - 1 : 0;
};

/** Whether a Binding Update has a number that was left out between those that were captured: they have overtaken it. */
export const fillsGap = (updates: readonly Update[], sequence: number): boolean => {
  const behind = updates.map(({ message }) => (message.sequence - sequence) & 0xffff);
  return !behind.includes(0) && behind.some((by) => by <= CLOSE) && behind.some((by) => by >= 0x1_0000 - CLOSE) && behind.at(-1)! <= CLOSE;
};

/** Whether a Binding Update to a correspondent rests on other tests than the one before it: it is no retransmission, but a registration of its own. */
const isTestedAnew = ({ tests }: World, { from, to }: Sight, message: BU, before: Update, careOf: Address): boolean => {
  if (message.homeRegistration) return false;
  const [nonces, noncesBefore] = [message, before.message].map(({ options = [] }) => options.find(({ kind }) => kind === 'NonceIndices'));
  if (nonces?.kind === 'NonceIndices' && noncesBefore?.kind === 'NonceIndices') {
    if (nonces.homeNonceIndex !== noncesBefore.homeNonceIndex || nonces.careOfNonceIndex !== noncesBefore.careOfNonceIndex) return true;
  }
  return [tests.of('home', from, to), tests.of('care-of', careOf, to)].some(({ inits }) => (inits.at(-1)?.frame ?? 0) > before.frame);
};

/** Takes a Binding Update. */
export const takeUpdate = (world: World, sight: Sight, seen: Mobility<BU>): void => {
  const { message } = seen;
  const node = world.known(sight.from) ?? world.knownAt(sight.from) ?? world.node(sight.from, sight.frame);
  const peer = node.peer(sight.to);
  const careOf = addressOf(careOfIn(message, sight));
  const deletes = message.lifetime === 0 || (careOf === node.home && node.isNamed && !bindsHome(message));
  node.isRouter ||= message.homeRegistration && message.mobileRouter;
  const before = peer.updates.at(-1);
  const repeats =
    before !== undefined &&
    before.answer === undefined &&
    before.careOf === careOf &&
    before.moves === node.moves &&
    !isTestedAnew(world, sight, message, before, careOf) &&
    sight.time - before.time <= OVERDUE * dueAfter(before) &&
    // What is left of the home registration bounds the lifetime, and gets less.
    before.message.lifetime >= message.lifetime &&
    (before.message.lifetime === 0) === (message.lifetime === 0) &&
    ((message.sequence - before.message.sequence) & 0xffff) <= 1 &&
    before.message.acknowledge;
  const update: Update = {
    frame: sight.frame,
    time: sight.time,
    message,
    octets: seen.octets,
    source: sight.source,
    hasHomeAddress: sight.hasHomeAddress,
    careOf,
    deletes,
    authorization: message.homeRegistration ? { state: 'absent' } : authorizationOfUpdate(world, sight, seen, careOf, deletes),
    before: before && {
      frame: before.frame,
      time: before.time,
      message: before.message,
      octets: before.octets,
      careOf: before.careOf,
    },
    attempt: repeats ? before.attempt + 1 : 0,
    interval: repeats ? sight.time - before.time : undefined,
    intervalBefore: repeats ? before.interval : undefined,
    elapsed: repeats ? before.elapsed + sight.time - before.time : 0,
    fault: faultOf(sight, message),
    moves: node.moves,
    hasOtherTokens: false,
    settled: false,
    abandoned: false,
    answer: undefined,
  };
  const isKnown = world.knownAt(careOf) !== undefined && careOf !== sight.source;
  const { state } = update.authorization;
  const isGap = before !== undefined && numbersBetween(message.sequence, before.message.sequence) > 0;
  // A number that is missing may have gone to where the mobile node, or the capture, was not.
  if (isGap) world.network.gap(before.time, sight.time);
  if (fillsGap(peer.updates, message.sequence)) world.network.disordered();
  if (state === 'unknown' || isGap) world.network.missing(sight.time, state === 'unknown' ? 1 : 0.5, `${node.home} ${peer.address}`);
  // The first that rests on a test is sent as soon as that is answered.
  if (update.authorization.state === 'right' && (before === undefined || isTestedAnew(world, sight, message, before, careOf))) {
    const { home, careOf: there } = update.authorization.keys;
    world.network.reacted(sight.from, sight.time - Math.max(home.time, there?.time ?? 0));
  }
  if (state === 'right' || state === 'unknown') world.tests.settle(node.home, careOf, peer.address);
  if (!deletes && careOf !== node.home) {
    node.movedTo(careOf, sight.frame);
    world.seenAt(careOf, node);
  } else if (careOf === node.home && deletes) {
    node.cameHome();
  }
  update.moves = node.moves;
  if (message.homeRegistration) {
    node.homeAgent ??= peer.address;
    node.discovered = world.discoveredAt(sight.source) ?? node.discovered;
  }
  world.judge('mobility', sight, node, seen, true);
  world.judge('BU', sight, node, { ...seen, update, peer, binding: peer.binding, isKnown }, true);
  if (repeats) takeSilence(world, sight, node, peer, before);
  node.updated(peer, update);
  if (message.homeRegistration) push(node.discovered?.tried ?? [], peer.address);
  // Nobody answers where no acknowledgement was asked for: what the update says is taken for done.
  if (!message.acknowledge && !message.homeRegistration && update.authorization.state !== 'wrong')
    settle(node, peer, sight, update, message.lifetime);
};

/** The binding that an accepted update leaves behind. */
const settle = (node: MobileNode, peer: Peer, { frame, time }: Sight, update: Update, lifetime: number, answer?: BA): void => {
  const { sequence, homeRegistration } = update.message;
  peer.accepted = sequence;
  peer.lost = undefined;
  const identifiers = identifiersOf(update.message);
  if (update.deletes || lifetime === 0) {
    if (identifiers.length === 0) {
      const authorization = peer.binding?.update?.authorization;
      if (authorization?.state === 'right') peer.spent = authorization.keys;
      node.unbound(peer, frame, time);
    }
    for (const { bindingId } of identifiers) node.unbound(peer, frame, time, bindingId);
    if (peer.binding === undefined) peer.deleted = { frame, time };
    return;
  }
  const binding = { isHome: homeRegistration, sequence, lifetime: lifetime * LIFETIME, frame, time, update };
  if (identifiers.length === 0) node.bound(peer, { ...binding, careOf: update.careOf, bindingId: undefined });
  // The O flag of RFC 5648, which RFC 6602 uses again: these replace all that there are.
  if (identifiers.length > 0 && update.message.bulkBindingUpdate) node.unbound(peer, frame, time);
  const refused = new Set(
    (answer === undefined ? [] : identifiersOf(answer)).filter(({ status }) => status >= REFUSED).map(({ bindingId }) => bindingId),
  );
  for (const { bindingId, careOfAddress } of identifiers) {
    if (refused.has(bindingId)) continue;
    node.bound(peer, { ...binding, careOf: careOfAddress?.length === 16 ? addressOf(careOfAddress) : update.careOf, bindingId });
  }
};

const authorizationOfAnswer = (sight: Sight, { octets }: Mobility<BA>, update: Update | undefined): Authorization => {
  if (authenticatorAt(octets) === undefined) return { state: 'absent' };
  const careOfAddress = update && parseAddress(update.careOf);
  if (update?.authorization.state !== 'right' || careOfAddress === undefined) return { state: 'unknown' };
  const { keys } = update.authorization;
  const signed = { careOfAddress, correspondent: endpointsOf(sight.packet).source, message: octets };
  return { state: verifies(keys, signed) ? 'right' : 'wrong', keys };
};

/** Whether an acknowledgement of an update whose authenticator is wrong is as wrong itself, by tokens that are old or others: those of a later test may be missing. */
const hasOtherTokens = (sight: Sight, { octets }: Mobility<BA>, { message, authorization, careOf }: Update): boolean => {
  const careOfAddress = parseAddress(careOf);
  if (authorization.state !== 'wrong' || careOfAddress === undefined || authenticatorAt(octets) === undefined) return false;
  const { keys } = authorization;
  const nonces = (message.options ?? []).find(({ kind }) => kind === 'NonceIndices');
  const isStrange = nonces?.kind === 'NonceIndices' && nonces.homeNonceIndex !== keys.home.nonceIndex;
  const isOld = sight.time - Math.min(keys.home.time, keys.careOf?.time ?? Infinity) > FRESH;
  return (isOld || isStrange) && !verifies(keys, { careOfAddress, correspondent: endpointsOf(sight.packet).source, message: octets });
};

/** One of status 135 does not name the update that it refuses, which may be a copy of an older one: it is that of any of them. */
const authorizationOfRefusal = (sight: Sight, seen: Mobility<BA>, { updates }: Peer, update: Update | undefined): Authorization => {
  const authorizations = updates.map((each) => authorizationOfAnswer(sight, seen, each));
  const unlessWrong = authorizations.find(({ state }) => state === 'right') ?? authorizations.find(({ state }) => state === 'unknown');
  return unlessWrong ?? authorizationOfAnswer(sight, seen, update);
};

/** The update that an acknowledgement is about: the one with its number; one out of the window tells another number. */
const updateFor = ({ updates }: Peer, { status, sequence }: BA): Update | undefined => {
  if (status !== OUT_OF_WINDOW) return updates.findLast(({ message }) => message.sequence === sequence);
  // The next one, with a number that is right, may have been captured before.
  const isBehind = ({ message }: Update): boolean => ((message.sequence - sequence - 1) & 0xffff) > 0x7ffe;
  const waiting = updates.filter(({ answer }) => answer === undefined);
  return waiting.findLast(isBehind) ?? waiting.at(-1);
};

/** The mobile node that an acknowledgement is for: the one that its address names, unless only the one at that care-of address waits for it. */
const acknowledged = (world: World, sight: Sight, { sequence }: BA): MobileNode => {
  const waits = (node: MobileNode | undefined): boolean =>
    node?.peers.get(sight.from)?.updates.some(({ message, answer }) => answer === undefined && message.sequence === sequence) ?? false;
  const named = world.known(sight.to);
  const there = world.knownAt(sight.destination);
  if (named === undefined || !waits(named)) {
    if (there !== undefined && (waits(there) || (!sight.hasRouting && named === undefined))) return there;
  }
  return named ?? world.node(sight.to, sight.frame);
};

/** Whether an update was sent before the one that made a binding, and both before that was acknowledged. */
const isEarlier = (update: Update, { update: made, frame }: Binding): boolean =>
  made !== undefined && update.frame < made.frame && update.frame < frame;

/** Takes a Binding Acknowledgement. */
export const takeAcknowledgement = (world: World, sight: Sight, seen: Mobility<BA>): void => {
  const { message } = seen;
  const node = acknowledged(world, sight, message);
  const peer = node.peer(sight.from);
  const update = updateFor(peer, message);
  if (sight.hasRouting) world.seenAt(sight.destination, node);
  world.network.answered(sight.time, update !== undefined, `${node.home} ${peer.address}`);
  if (update !== undefined && message.status < REFUSED) update.hasOtherTokens = hasOtherTokens(sight, seen, update);
  world.judge('mobility', sight, node, seen, false);
  const authorization =
    message.status === OUT_OF_WINDOW ? authorizationOfRefusal(sight, seen, peer, update) : authorizationOfAnswer(sight, seen, update);
  world.judge('BA', sight, node, { ...seen, update, peer, binding: peer.binding, authorization, accepted: peer.accepted }, false);
  peer.heard = true;
  if (update !== undefined && update.answer === undefined) world.network.asked(update.interval);
  // Of two acknowledgements, that of the earlier update comes later.
  const { binding } = peer;
  if (update !== undefined && update.answer === undefined && binding !== undefined && isEarlier(update, binding))
    world.network.disordered();
  const { status, sequence, lifetime } = message;
  const { accepted } = peer;
  if (status === OUT_OF_WINDOW || (status < REFUSED && update === undefined)) peer.accepted = sequence;
  if (update !== undefined) {
    update.answer ??= { frame: sight.frame, time: sight.time, message, accepted };
    if (status < REFUSED) settle(node, peer, sight, update, lifetime, message);
  } else if (status < REFUSED && sight.hasRouting && lifetime > 0) {
    const isHome = (message.options ?? []).every(({ kind }) => kind !== 'BindingAuthorizationData');
    node.movedTo(sight.destination, sight.frame);
    const { frame, time } = sight;
    const binding = { careOf: sight.destination, isHome, sequence, lifetime: lifetime * LIFETIME, frame, time, update: undefined };
    node.bound(peer, { ...binding, bindingId: identifiersOf(message)[0]?.bindingId });
  }
  if (status >= REFUSED && peer.binding === undefined && node.homeAgent === peer.address) node.homeAgent = undefined;
};

/** Takes a Binding Refresh Request. */
export const takeRefreshRequest = (world: World, sight: Sight, seen: Mobility<BRR>): void => {
  const node = world.known(sight.to) ?? world.knownAt(sight.to) ?? world.node(sight.to, sight.frame);
  const peer = node.peer(sight.from);
  world.judge('mobility', sight, node, seen, false);
  world.judge('BRR', sight, node, { ...seen, peer }, false);
  peer.heard = true;
  push(peer.refreshes, sight.time);
};

const UNSPECIFIED = new Uint8Array(16);

/** Takes a Binding Error: for the mobile node whose packet called for it, else the one that it names. */
export const takeError = (world: World, sight: Sight, seen: Mobility<BE>): void => {
  const { homeAddress, status } = seen.message;
  const offence = world.offenceOf(sight);
  const named = equalBytes(homeAddress, UNSPECIFIED) ? undefined : addressOf(homeAddress);
  const offender = offence?.home === undefined ? undefined : world.known(offence.home);
  const node = (named === undefined ? undefined : world.known(named)) ?? offender ?? world.knownAt(sight.destination);
  const peer = node?.peer(sight.from);
  world.judge('mobility', sight, node, seen, false);
  world.judge('BE', sight, node, { ...seen, named, offence, peer }, false);
  const isAnswer = status !== UNRECOGNIZED_TYPE || offence?.unknownType !== undefined;
  world.network.answered(sight.time, offence !== undefined && isAnswer);
  if (node === undefined || peer === undefined) return;
  peer.heard = true;
  push(peer.errors, sight.time, 16);
  if (status !== UNKNOWN_BINDING || named !== node.home) return;
  node.unbound(peer, sight.frame, sight.time);
  peer.lost = { frame: sight.frame, time: sight.time };
  peer.unbound = { count: 0, time: 0, frame: 0 };
  peer.echo = undefined;
};

const ECHO_REQUEST = 128;
/** An answer is late after this time, in ms; a mobile node that goes on for so long without one has given up. */
const LATE = 800;
const GIVEN_UP = 5000;
/** Transmissions without an answer that show, where packets take the new way, that none was sent. */
const UNANSWERED = 3;

/** An update is sent again where it went: its receipt is shown, and that it was not answered. */
const takeSilence = (world: World, sight: Sight, node: MobileNode, peer: Peer, update: Update): void => {
  if (update.settled || !world.isAt(peer.address) || sight.time - update.time < LATE || !isValid(update)) return;
  update.settled = true;
  world.judge('unanswered', sight, node, { update, peer, refused: undefined }, false);
};

/** Whether an update may expect an answer, as far as the capture shows. */
const isValid = ({ fault, message, authorization }: Update): boolean =>
  fault === undefined && (message.homeRegistration || authorization.state === 'right');

/** A packet went to the mobile node by way of `careOf`: where nothing but an update that is not acknowledged explains that, its receipt is shown. */
export const takeUse = (world: World, sight: Sight, node: MobileNode, peer: Peer, careOf: Address): void => {
  const update = peer.updates.at(-1);
  if (update === undefined || update.settled || update.deletes || update.careOf !== careOf || sight.time - update.time < LATE) return;
  const refused = update.answer !== undefined && update.answer.message.status >= REFUSED ? update.answer.message.status : undefined;
  if (update.answer !== undefined && refused === undefined) return;
  // An acknowledgement that got lost is sent for once more.
  if (refused === undefined && update.attempt + 1 < UNANSWERED && !world.isAt(peer.address)) return;
  if (peer.hasBindingOf(careOf) || peer.former?.careOf === careOf) return;
  update.settled = true;
  world.judge('unanswered', sight, node, { update, peer, refused }, false);
};

/** Whether the mobile node has sent a home registration to anybody since. */
const isOlder = (update: Update, { peers }: MobileNode): boolean =>
  [...peers.values()].some(({ updates }) => updates.some((each) => each.message.homeRegistration && each.time > update.time));

/** The mobile node sends something: an update that waits for its answer for long was given up. */
export const takeSign = (world: World, sight: Sight, node: MobileNode): void => {
  for (const peer of node.peers.values()) {
    const update = peer.updates.at(-1);
    if (update === undefined || update.abandoned || update.answer !== undefined || !update.message.acknowledge) continue;
    const patience = update.intervalBefore === undefined ? GIVEN_UP : Math.max(GIVEN_UP, 4 * (update.interval ?? 0));
    if (sight.time - update.time < patience || peer.unsupported !== undefined || !isValid(update)) continue;
    // Several were sent; or it went somewhere else, or asks another home agent.
    const isAway = update.deletes ? node.careOf !== undefined : node.careOf !== update.careOf;
    const asksAnother = update.message.homeRegistration && isOlder(update, node);
    if (update.attempt > 0 || isAway || asksAnother) continue;
    update.abandoned = true;
    world.judge('abandoned', sight, node, { update, peer }, true);
  }
};

/** The mobile node sends with a Home Address option: where there is no binding, that is to be answered with a Binding Error. */
export const takeUnbound = ({ tests }: World, { packet, frame, time, from }: Sight, peer: Peer): void => {
  peer.sendsDirectly = true;
  const gone = Math.max(peer.deleted?.time ?? 0, peer.lost?.time ?? 0);
  // What follows a test may be missing from the capture, as may the Binding Update itself.
  const tested = tests.of('home', from, peer.address).inits.at(-1)?.time ?? 0;
  const isAsked = Math.max(peer.updates.at(-1)?.time ?? 0, tested) > gone;
  if (peer.binding !== undefined || gone === 0 || isAsked) {
    peer.unbound = { count: 0, time: 0, frame: 0 };
    peer.echo = undefined;
    return;
  }
  const { unbound } = peer;
  peer.unbound = unbound.count === 0 ? { count: 1, time, frame } : { ...unbound, count: unbound.count + 1 };
  const { protocol, payload } = packet;
  if (protocol === PROTOCOL_ICMPV6 && payload[0] === ECHO_REQUEST) peer.echo = { frame, key: toHex(payload, 4, 8) };
};
