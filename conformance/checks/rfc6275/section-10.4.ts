/** RFC 6275 section 10.4: packets intercepted on the home link, tunneled to the mobile node, and back. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { PROTOCOL_ICMPV6 } from '../../../codecs/packet/index.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import { check, ifComplete, ifSeamless, unlessSent } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { NEIGHBOR_ADVERTISEMENT, NEIGHBOR_SOLICITATION, linkLayerAddressOf } from '../../follow/mip6/neighbor.ts';
import { SLACK, isLinkLocal } from './terms.ts';
import { isMulticast } from '../../follow/mip6/sight.ts';

/** Flags of a Neighbor Advertisement, in its first octet (RFC 4861 section 4.4). */
const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;

/** Multicast addresses whose scope is the interface or the link: section 2.7 of RFC 4291. */
const isLinkScope = (address: string): boolean => /^ff[0-9a-f][012]:/.test(address);

export const section104: readonly AnyCheck[] = [
  check('RFC6275-10.4.1-6', 'neighbor', 'peer', ({ sight }, { message, by }) => {
    if (by !== 'home agent' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination)) return undefined;
    return linkLayerAddressOf(message) === undefined
      ? broken('a Target Link-Layer Address option', 'none', 'A Neighbor Advertisement for a mobile node has no link-layer address.')
      : PASS;
  }),
  check('RFC6275-10.4.1-7', 'neighbor', 'peer', ({ sight }, { message, by }) => {
    if (by !== 'home agent' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination)) return undefined;
    if ((message.body[0]! & ROUTER) === 0) return PASS;
    return broken('Router bit 0', '1', 'A Neighbor Advertisement for a mobile node has the Router bit set.');
  }),
  check('RFC6275-10.4.1-8', 'neighbor', 'peer', ({ sight }, { message, by }) => {
    if (by !== 'home agent' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination)) return undefined;
    if ((message.body[0]! & SOLICITED) === 0) return PASS;
    return broken('Solicited bit 0', '1', 'A multicast Neighbor Advertisement for a mobile node has the Solicited bit set.');
  }),
  check('RFC6275-10.4.1-9', 'neighbor', 'peer', ({ sight }, { message, by, answers }) => {
    // One that answers Duplicate Address Detection is multicast, too, and follows the rules of RFC 4861 for proxies.
    if (by !== 'home agent' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination) || answers !== undefined)
      return undefined;
    if ((message.body[0]! & OVERRIDE) !== 0) return PASS;
    return broken('Override bit 1', '0', 'A multicast Neighbor Advertisement for a mobile node does not have the Override bit set.');
  }),
  check('RFC6275-10.4.1-12', 'neighbor', 'peer', (_, { message, by, answers }) =>
    by === 'home agent' && message.type === NEIGHBOR_ADVERTISEMENT && answers !== undefined ? PASS : undefined,
  ),
  check('RFC6275-10.4.1-12', 'neighbor', 'peer', ({ sight, node }, { message }) => {
    const agent = node?.atHomeAgent;
    if (message.type !== NEIGHBOR_SOLICITATION || agent?.binding === undefined || agent.updates.at(-1)?.deletes === true) return undefined;
    const { count = 0 } = node?.solicited ?? {};
    if (count < 3 || sight.source === agent.address) return undefined;
    return ifComplete(
      broken('a Neighbor Advertisement', 'none', 'A home agent does not answer Neighbor Solicitations for a mobile node that it serves.', [
        agent.binding.frame,
      ]),
    );
  }),
  check('RFC6275-10.4.1-14', 'neighbor', 'peer', ({ node }, { message, by, answers }) => {
    if (by !== 'home agent' || message.type !== NEIGHBOR_ADVERTISEMENT || answers === undefined) return undefined;
    const given = linkLayerAddressOf(message);
    const own = node?.proxy;
    if (given === undefined || own === undefined || equalBytes(given, own)) return PASS;
    return broken(
      'the link-layer address of the home agent',
      'another',
      'Two Neighbor Advertisements for a mobile node give different link-layer addresses.',
    );
  }),
  check('RFC6275-10.4.1-15', 'neighbor', 'peer', ({ sight }, { message, by }) => {
    if (by !== 'home agent' || message.type !== NEIGHBOR_ADVERTISEMENT || isMulticast(sight.destination)) return undefined;
    if ((message.body[0]! & ROUTER) === 0) return PASS;
    return broken('Router bit 0', '1', 'A Neighbor Advertisement for a mobile node has the Router bit set.');
  }),
  check('RFC6275-10.4.2-1', 'carried', 'peer', ({ sight, node, isFromMobile }, { tunnel }) => {
    const agent = node?.atHomeAgent;
    if (isFromMobile || node === undefined || agent === undefined || tunnel.source !== agent.address || sight.to !== node.home)
      return undefined;
    const { binding } = agent;
    const last = agent.updates.at(-1);
    if (binding === undefined || agent.hasBindingOf(tunnel.destination)) return binding && PASS;
    // One of several may have been taken back since (RFC 5648).
    const { former } = agent;
    const since = former?.careOf === tunnel.destination ? Math.max(former.until, binding.time) : binding.time;
    const isAsked = last?.deletes === false && tunnel.destination === last.careOf;
    if (isAsked || sight.time - since < SLACK || binding.update === undefined) return undefined;
    const finding = broken(
      binding.careOf,
      tunnel.destination,
      'A home agent tunnels to another address than the primary care-of address.',
      [binding.frame],
    );
    return unlessSent(ifSeamless(finding, since, sight.time), { from: tunnel.destination, to: agent.address, after: since });
  }),
  check('RFC6275-10.4.2-2', 'carried', 'peer', ({ sight, node, isFromMobile }, { tunnel }) => {
    if (isFromMobile || tunnel.source !== node?.homeAgent) return undefined;
    if (!isLinkLocal(sight.to)) return PASS;
    // Routing protocols run over the tunnel of a mobile router (RFC 3963 section 8).
    if (node.isRouter) return undefined;
    return broken('no such packet', sight.to, 'A home agent tunnels a packet for a link-local address.');
  }),
  check('RFC6275-10.4.2-4', 'carried', 'peer', ({ sight, node, isFromMobile }, { tunnel }) => {
    if (isFromMobile || tunnel.source !== node?.homeAgent || !isMulticast(sight.to)) return undefined;
    if (!isLinkScope(sight.to)) return PASS;
    if (node.isRouter) return undefined;
    // A membership query is sent to all nodes of the link, and section 11.3.4 has the home agent send it through the tunnel.
    const { protocol, payload } = sight.packet;
    if (protocol === PROTOCOL_ICMPV6 && payload[0] === 130) return undefined;
    return broken('no such packet', sight.to, 'A home agent tunnels a multicast packet of link-local scope.');
  }),
  check('RFC6275-10.4.5-3', 'forwarded', 'peer', ({ sight, node }, { tunnel, frame }) => {
    const agent = node?.atHomeAgent;
    const binding = agent?.binding;
    if (agent === undefined || binding === undefined) return undefined;
    if (agent.hasBindingOf(tunnel.source) || tunnel.source === agent.updates.at(-1)?.careOf) return PASS;
    if (agent.former !== undefined && sight.time - agent.former.until < SLACK) return undefined;
    if (binding.update === undefined) return undefined;
    const finding = broken(
      binding.careOf,
      tunnel.source,
      'A home agent forwards a packet from a tunnel that does not begin at the primary care-of address.',
      [binding.frame, frame],
    );
    const isServed = { from: agent.address, to: tunnel.source, after: binding.time };
    return unlessSent(ifSeamless(finding, binding.time, sight.time), isServed);
  }),
];
