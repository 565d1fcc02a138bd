/** Neighbor Discovery about the home address of a mobile node, on its home link: who speaks for it there (RFC 6275 sections 10.4.1, 11.5.5). */
import { copyOf } from '../../../codecs/bytes.ts';
import type { Icmpv6 } from '../../../codecs/packet/index.ts';
import type { MobileNode } from './node.ts';
import { addressOf, isMulticast, isRoutable } from './sight.ts';
import type { Address, Sight } from './sight.ts';
import type { World } from './world.ts';

/** Types of ICMPv6 messages. */
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;

const TARGET_LINK_LAYER_ADDRESS = 2;

/** The link-layer address in the Target Link-Layer Address option of a Neighbor Advertisement (RFC 4861 section 4.6.1). */
export const linkLayerAddressOf = ({ body }: Icmpv6): Uint8Array | undefined => {
  for (let at = 20; at + 8 <= body.length && body[at + 1]! > 0; at += 8 * body[at + 1]!) {
    if (body[at] === TARGET_LINK_LAYER_ADDRESS) return body.subarray(at + 2, at + 8 * body[at + 1]!);
  }
  return undefined;
};

/** A Neighbor Solicitation is answered within this time, in ms. */
const ANSWERED = 1000;
/** One that is not answered is repeated within this time, in ms. */
const REPEATED = 3000;

/** Neighbor Discovery comes from the own link, unless its Hop Limit says otherwise (RFC 4861 section 7.1). */
const ON_LINK = 255;

/** Takes a Neighbor Solicitation or Advertisement, if its target is the home address of a mobile node. */
export const takeNeighbor = (world: World, sight: Sight, message: Icmpv6, octets: Uint8Array): void => {
  if (message.body.length < 20) return;
  if (sight.packet.hopLimit === ON_LINK && sight.tunnel === undefined && isRoutable(sight.source)) world.network.neighbor(sight.source);
  const target = addressOf(message.body.subarray(4, 20));
  const node = world.known(target);
  if (node === undefined) return;
  const { frame, time, source } = sight;
  if (message.type === NEIGHBOR_SOLICITATION) {
    if (source === '::') node.probe = { frame, time };
    const before = node.solicited;
    const repeats = before !== undefined && before.source === source && time - before.time < REPEATED;
    node.solicited = { frame, time, source, count: repeats ? before.count + 1 : 1 };
    world.judge('neighbor', sight, node, { message, octets, target, by: undefined, answers: undefined }, false);
    return;
  }
  const agent = node.atHomeAgent;
  const last = agent?.updates.at(-1);
  const isWaiting = last?.answer === undefined && last?.deletes === false && agent?.binding === undefined;
  const isDefended = isWaiting && source === target && node.probe !== undefined && node.probe.time > last.time;
  if (isDefended) node.defended = { frame, time };
  const by = isDefended ? undefined : speaker(node, source);
  const { solicited } = node;
  const answers = solicited !== undefined && time - solicited.time < ANSWERED ? solicited.frame : undefined;
  world.judge('neighbor', sight, node, { message, octets, target, by, answers }, by === 'mobile node');
  if (by !== undefined && isMulticast(sight.destination)) node.announced = { frame, time, by };
  if (by === 'mobile node' && isMulticast(sight.destination)) node.moves += 1;
  if (answers !== undefined) node.solicited = undefined;
  const linkLayerAddress = linkLayerAddressOf(message);
  if (by === 'home agent' && linkLayerAddress !== undefined) node.proxy ??= copyOf(linkLayerAddress);
};

/** Who speaks for a home address on the home link: its home agent while it is registered, then the mobile node itself. */
const speaker = (node: MobileNode, source: Address): 'home agent' | 'mobile node' | undefined => {
  const agent = node.atHomeAgent;
  const last = agent?.updates.at(-1);
  if (source === node.home) return 'mobile node';
  // It advertises before it acknowledges.
  if (source === node.homeAgent) return 'home agent';
  if (agent?.binding !== undefined) return last?.deletes === true ? undefined : 'home agent';
  return agent?.deleted !== undefined && last?.careOf === node.home ? 'mobile node' : undefined;
};
