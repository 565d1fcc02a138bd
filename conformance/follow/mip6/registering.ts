/** Follows registrations: Binding Updates, Acknowledgements, Refresh Requests and Errors, and the bindings that come of them (RFC 6275 sections 9.5, 10.3, 11.7). */
import { equalBytes } from '../../../codecs/bytes.ts';
import { authenticatorAt, endpointsOf } from '../../../codecs/mip6/index.ts';
import type { BA, BE, BRR, BU } from '../../../codecs/mip6/index.ts';
import { parseAddress } from '../../../codecs/packet/index.ts';
import { authorizationOf, verifies } from './authorization.ts';
import type { Authorization } from './authorization.ts';
import type { Mobility } from './judge.ts';
import type { MobileNode, Peer, Update } from './node.ts';
import { addressOf } from './sight.ts';
import type { Address, Sight } from './sight.ts';
import type { World } from './world.ts';

/** The unit of a Lifetime field, in ms. */
const LIFETIME = 4000;
/** Status values from here on refuse. */
const REFUSED = 128;
const OUT_OF_WINDOW = 135;
/** The status of a Binding Error about a Home Address option without a binding. */
const UNKNOWN_BINDING = 1;

const careOfIn = (message: BU, sight: Sight): Uint8Array =>
  (message.options ?? []).find((option) => option.kind === 'AlternateCareOfAddress')?.alternateCareOfAddress ?? sight.packet.source;

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
  return authorizationOf(
    { careOfAddress, correspondent: endpointsOf(sight.packet).destination, message: octets },
    world.tests.of('home', sight.from, sight.to).tokens,
    deletes ? undefined : world.tests.of('care-of', careOf, sight.to).tokens,
    nonces && { home: nonces.homeNonceIndex, careOf: nonces.careOfNonceIndex },
  );
};

/** Takes a Binding Update. */
export const takeUpdate = (world: World, sight: Sight, seen: Mobility<BU>): void => {
  const { message } = seen;
  const node = world.node(sight.from, sight.frame);
  const peer = node.peer(sight.to);
  const careOf = addressOf(careOfIn(message, sight));
  const deletes = message.lifetime === 0 || careOf === node.home;
  const before = peer.updates.at(-1);
  const repeats =
    before !== undefined &&
    before.answer === undefined &&
    before.careOf === careOf &&
    before.message.lifetime === message.lifetime &&
    before.message.acknowledge;
  const update: Update = {
    frame: sight.frame,
    time: sight.time,
    message,
    source: sight.source,
    careOf,
    deletes,
    authorization: message.homeRegistration ? { state: 'absent' } : authorizationOfUpdate(world, sight, seen, careOf, deletes),
    before: before && { frame: before.frame, time: before.time, message: before.message, careOf: before.careOf },
    attempt: repeats ? before.attempt + 1 : 0,
    interval: repeats ? sight.time - before.time : undefined,
    intervalBefore: repeats ? before.interval : undefined,
    answer: undefined,
  };
  if (!deletes) {
    node.movedTo(careOf, sight.frame);
    world.seenAt(careOf, node);
  } else if (careOf === node.home) {
    node.careOf = undefined;
  }
  if (message.homeRegistration) node.homeAgent ??= peer.address;
  world.judge('mobility', sight, node, seen, true);
  world.judge('BU', sight, node, { ...seen, update, peer, binding: peer.binding }, true);
  node.updated(peer, update);
  // Nobody answers where no acknowledgement was asked for: what the update says is taken for done.
  if (!message.acknowledge && !message.homeRegistration && update.authorization.state !== 'wrong')
    settle(node, peer, sight, update, message.lifetime);
};

/** The binding that an accepted update leaves behind. */
const settle = (node: MobileNode, peer: Peer, { frame, time }: Sight, update: Update, lifetime: number): void => {
  const { sequence, homeRegistration } = update.message;
  peer.accepted = sequence;
  if (update.deletes || lifetime === 0) {
    node.unbound(peer, frame, time);
    peer.deleted = { frame, time };
    return;
  }
  node.bound(peer, { careOf: update.careOf, isHome: homeRegistration, sequence, lifetime: lifetime * LIFETIME, frame, time, update });
};

const authorizationOfAnswer = (sight: Sight, { octets }: Mobility<BA>, update: Update | undefined): Authorization => {
  if (authenticatorAt(octets) === undefined) return { state: 'absent' };
  const careOfAddress = update && parseAddress(update.careOf);
  if (update?.authorization.state !== 'right' || careOfAddress === undefined) return { state: 'unknown' };
  const { keys } = update.authorization;
  const isRight = verifies(keys, { careOfAddress, correspondent: endpointsOf(sight.packet).source, message: octets });
  return { state: isRight ? 'right' : 'wrong', keys };
};

/** The update that an acknowledgement is about: the one with its number; one out of the window tells another number. */
const updateFor = ({ updates }: Peer, { status, sequence }: BA): Update | undefined =>
  status === OUT_OF_WINDOW ? updates.at(-1) : updates.findLast(({ message }) => message.sequence === sequence);

/** Takes a Binding Acknowledgement. */
export const takeAcknowledgement = (world: World, sight: Sight, seen: Mobility<BA>): void => {
  const { message } = seen;
  const node = world.node(sight.to, sight.frame);
  const peer = node.peer(sight.from);
  const update = updateFor(peer, message);
  if (sight.hasRouting) world.seenAt(sight.destination, node);
  world.network.answered(sight.time, update !== undefined);
  world.judge('mobility', sight, node, seen, false);
  const authorization = authorizationOfAnswer(sight, seen, update);
  world.judge('BA', sight, node, { ...seen, update, peer, binding: peer.binding, authorization, accepted: peer.accepted }, false);
  peer.heard = true;
  const { status, sequence, lifetime } = message;
  if (status === OUT_OF_WINDOW) peer.accepted = sequence;
  if (update !== undefined) {
    update.answer ??= { frame: sight.frame, time: sight.time, message };
    if (status < REFUSED) settle(node, peer, sight, update, lifetime);
  } else if (status < REFUSED && sight.hasRouting && lifetime > 0) {
    const isHome = (message.options ?? []).every(({ kind }) => kind !== 'BindingAuthorizationData');
    node.movedTo(sight.destination, sight.frame);
    const { frame, time } = sight;
    node.bound(peer, { careOf: sight.destination, isHome, sequence, lifetime: lifetime * LIFETIME, frame, time, update: undefined });
  }
  if (status >= REFUSED && peer.binding === undefined && node.homeAgent === peer.address) node.homeAgent = undefined;
};

/** Takes a Binding Refresh Request. */
export const takeRefreshRequest = (world: World, sight: Sight, seen: Mobility<BRR>): void => {
  const node = world.node(sight.to, sight.frame);
  const peer = node.peer(sight.from);
  const { count, time } = peer.refresh;
  world.judge('mobility', sight, node, seen, false);
  world.judge('BRR', sight, node, { ...seen, peer, interval: count === 0 ? undefined : sight.time - time }, false);
  peer.heard = true;
  peer.refresh = { count: count + 1, time: sight.time };
};

const UNSPECIFIED = new Uint8Array(16);

/** Takes a Binding Error. */
export const takeError = (world: World, sight: Sight, seen: Mobility<BE>): void => {
  const { homeAddress, status } = seen.message;
  const node = equalBytes(homeAddress, UNSPECIFIED)
    ? (world.knownAt(sight.destination) ?? world.known(sight.destination))
    : world.node(addressOf(homeAddress), sight.frame);
  const peer = node?.peer(sight.from);
  world.judge('mobility', sight, node, seen, false);
  world.judge('BE', sight, node, { ...seen, peer }, false);
  if (node === undefined || peer === undefined) return;
  peer.heard = true;
  if (status === UNKNOWN_BINDING) node.unbound(peer, sight.frame, sight.time);
  peer.error = { frame: sight.frame, time: sight.time, status };
};
