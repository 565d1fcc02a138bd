/** RFC 6275 section 11.3: packets that a mobile node sends and receives away from home, and what errors make it do. */
import { PROTOCOL_ICMPV6 } from '../../../codecs/packet/index.ts';
import type { Ipv6 } from '../../../codecs/packet/index.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import { check, ifComplete, ifSeamless, unlessSent } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { SLACK, isLinkLocal } from './terms.ts';
import { isMulticast } from '../../follow/mip6/sight.ts';

const icmpTypeOf = ({ protocol, payload }: Ipv6): number | undefined => (protocol === PROTOCOL_ICMPV6 ? payload[0] : undefined);
const isNeighborDiscovery = (type: number | undefined): boolean => type !== undefined && type >= 133 && type <= 137;
/** Multicast Listener Discovery: RFC 2710, RFC 3810. */
const isMembership = (type: number | undefined): boolean => type === 130 || type === 131 || type === 132 || type === 143;
/** A mobile node takes up what an error tells within this time, in ms. */
const TAKEN_UP = 1000;

export const section113: readonly AnyCheck[] = [
  check('RFC6275-11.3.1-4', 'data', 'mobile node', ({ sight, isFromMobile }, { route, peer }) =>
    isFromMobile && route === 'direct' && peer?.binding?.careOf === sight.source ? PASS : undefined,
  ),
  check('RFC6275-11.3.1-5', 'data', 'mobile node', ({ sight, isFromMobile, node, arrivesAt }, { route, peer, correspondent }) => {
    if (!isFromMobile || node === undefined) return undefined;
    if (route === 'tunnel') return peer?.binding === undefined ? PASS : undefined;
    if (route !== 'direct') return undefined;
    const { binding, deleted } = peer ?? {};
    const last = peer?.updates.at(-1);
    if (binding !== undefined) {
      const over = sight.time - binding.time - binding.lifetime;
      if (over < 0 || peer?.updates.at(-1)?.answer === undefined) return PASS;
      if (over < SLACK) return undefined;
      return {
        kind: 'warn',
        expected: `the tunnel after ${binding.lifetime / 1000} s`,
        seen: `a Home Address option after ${Math.round((sight.time - binding.time) / 1000)} s`,
        message: `A mobile node goes on without the tunnel after its binding with ${correspondent} has run out; a later Binding Update was not captured.`,
        frames: [binding.frame],
      };
    }
    if (last === undefined) return undefined;
    const since = Math.max(deleted?.time ?? 0, last.answer?.time ?? last.time);
    if (sight.time - since < SLACK) return undefined;
    if (deleted !== undefined && last.deletes && !last.message.acknowledge && node.careOf === sight.source) return undefined;
    if (deleted !== undefined && last.deletes) {
      // It may know of the binding alone, and be somewhere else by now.
      if (last.answer === undefined || (sight.source !== last.source && !arrivesAt(last.source)))
        return inconclusive('The acknowledgement that its binding is deleted may not have arrived.');
      const finding = ifSeamless(
        broken(
          'the tunnel',
          'a Home Address option',
          `A mobile node sends to ${correspondent} without the tunnel after it deleted its binding.`,
          [deleted.frame],
        ),
        deleted.time,
        sight.time,
      );
      return unlessSent(finding, { from: correspondent, to: sight.source, after: deleted.time });
    }
    if (last.answer === undefined || last.answer.message.status < 128 || peer?.former !== undefined) return undefined;
    return ifComplete(
      broken(
        'the tunnel',
        'a Home Address option',
        `A mobile node sends to ${correspondent} without the tunnel, although its Binding Update was refused.`,
        [last.frame, last.answer.frame],
      ),
    );
  }),
  check('RFC6275-11.3.1-7', 'addressed', 'mobile node', ({ sight, isFromMobile }) => {
    if (!isFromMobile) return undefined;
    return isLinkLocal(sight.destination)
      ? broken('no Home Address option', 'one', `A packet to ${sight.destination}, an address of the link, has a Home Address option.`)
      : PASS;
  }),
  check('RFC6275-11.3.1-8', 'addressed', 'mobile node', ({ isFromMobile }, { packet }) => {
    if (!isFromMobile) return undefined;
    return isNeighborDiscovery(icmpTypeOf(packet))
      ? broken('no Home Address option', 'one', 'A Neighbor Discovery packet has a Home Address option.')
      : PASS;
  }),
  check('RFC6275-11.3.1-10', 'data', 'mobile node', (here, { route, peer, correspondent }) => {
    const { sight, isFromMobile, node } = here;
    if (!isFromMobile || route !== 'direct' || peer?.binding === undefined) return undefined;
    const { binding } = peer;
    if (peer.hasBindingOf(sight.source)) return PASS;
    if (sight.source === peer.updates.at(-1)?.careOf || sight.time - binding.time < SLACK) return undefined;
    // One that did not ask for an acknowledgement may be all that the capture misses.
    if (sight.source === node?.careOf && peer.updates.at(-1)?.message.acknowledge === false) return undefined;
    // It goes on with an older binding as long as it does not know of this one.
    if (node?.places.includes(sight.source) === true && !here.arrivesAt(binding.careOf))
      return inconclusive('The acknowledgement of the binding may not have arrived.');
    return ifSeamless(
      broken(
        binding.careOf,
        sight.source,
        `A packet with a Home Address option to ${correspondent} does not come from the care-of address that is registered there.`,
        [binding.frame],
      ),
      binding.time,
      sight.time,
    );
  }),
  check('RFC6275-11.3.4-2', 'addressed', 'mobile node', ({ sight, isFromMobile }, { packet }) => {
    if (!isFromMobile) return undefined;
    if (isMembership(icmpTypeOf(packet)))
      return broken('no Home Address option', 'one', 'A group membership message has a Home Address option.');
    return isMulticast(sight.destination)
      ? broken('no Home Address option', 'one', `A packet to the group ${sight.destination} has a Home Address option.`)
      : undefined;
  }),
  check('RFC6275-11.3.4-4', 'carried', 'mobile node', ({ sight, node, isFromMobile }) => {
    if (!isFromMobile || node === undefined || !isMembership(icmpTypeOf(sight.packet))) return undefined;
    if (node.queried) return PASS;
    // A mobile router may stand for the listeners of its network.
    if (node.isRouter) return undefined;
    return ifComplete(
      broken('no group membership message', 'one', 'A group membership message goes through the tunnel before the home agent sent one.'),
    );
  }),
  check('RFC6275-11.3.4-7', 'carried', 'mobile node', ({ sight, node, isFromMobile }) => {
    if (!isFromMobile || node === undefined || !isMulticast(sight.to) || isMembership(icmpTypeOf(sight.packet))) return undefined;
    if (sight.from === node.home) return PASS;
    // A mobile router tunnels what the nodes of its network send (RFC 3963).
    if (sight.from !== sight.tunnel?.source) return undefined;
    return broken(node.home, sight.from, 'A multicast packet goes through the tunnel from another address than the home address.');
  }),
  check('RFC6275-11.3.5-1', 'BU', 'mobile node', ({ sight }, { message, peer, update }) => {
    const { unsupported } = peer;
    if (unsupported === undefined || message.homeRegistration || update.deletes) return undefined;
    if (sight.time - unsupported.time < TAKEN_UP || peer.updates.some(({ answer }) => answer !== undefined)) return undefined;
    return broken('no Binding Update', 'one', `A Binding Update goes to ${peer.address}, which told that it does not know Mobile IPv6.`, [
      unsupported.frame,
    ]);
  }),
];
