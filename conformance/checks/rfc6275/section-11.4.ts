/** RFC 6275 sections 11.4 and 11.5: home agents found, prefixes asked for, movement, and the return home. */
import { PASS, broken } from '../../follow/evidence.ts';
import { check, ifComplete, ifSeamless, ifTimely } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import { NEIGHBOR_ADVERTISEMENT, linkLayerAddressOf } from '../../follow/mip6/neighbor.ts';
import { bindsHome } from '../../follow/mip6/registering.ts';
import { secondsOf } from './terms.ts';
import { isMulticast } from '../../follow/mip6/sight.ts';

/** Sections 12 and 13, in ms. */
const INITIAL_DHAAD_TIMEOUT = 3000;
const INITIAL_BINDACK_TIMEOUT_FIRST_REG = 1500;

/** Flags of a Neighbor Advertisement. */
const SOLICITED = 0x40;
const OVERRIDE = 0x20;

export const section114: readonly AnyCheck[] = [
  check('RFC6275-11.4.1-4', 'BU', 'mobile node', ({ node }, { message, update, peer }) => {
    if (!message.homeRegistration || update.deletes || node === undefined) return undefined;
    const other = node.triedBefore(peer.address, update.time);
    if (other === undefined) return undefined;
    const waited = update.time - other.time;
    if (waited >= INITIAL_BINDACK_TIMEOUT_FIRST_REG) return PASS;
    return {
      kind: 'warn',
      expected: `${INITIAL_BINDACK_TIMEOUT_FIRST_REG} ms, unless InitialBindackTimeoutFirstReg is configured otherwise`,
      seen: `${Math.round(waited)} ms`,
      message: 'The next home agent is tried before the last one had the time to answer.',
      frames: [other.frame],
    };
  }),
  check('RFC6275-11.4.1-5', 'BU', 'mobile node', ({ node, sight }, { message, update, peer }) => {
    if (!message.homeRegistration || update.deletes || node?.discovered === undefined || peer.updates.length > 0) return undefined;
    const { addresses, tried, frame } = node.discovered;
    const place = addresses.indexOf(sight.to);
    if (place < 0) return undefined;
    const left = addresses.findIndex((each) => !tried.includes(each));
    if (place <= left) return PASS;
    return ifComplete(
      broken(addresses[left] ?? '', sight.to, 'Home agents are not tried in the order of the Home Agent Address Discovery Reply.', [frame]),
    );
  }),
  check('RFC6275-11.4.1-8', 'BU', 'mobile node', ({ node, sight }, { message, update }) => {
    const agent = node?.atHomeAgent;
    if (!message.homeRegistration || update.deletes || agent?.binding === undefined) return undefined;
    if (sight.time > agent.binding.time + agent.binding.lifetime) return undefined;
    if (agent.address === sight.to) return PASS;
    // Another one may be tried once the registration with the first has failed.
    if (agent.updates.some((each) => each.answer === undefined || each.answer.message.status >= 128)) return undefined;
    const finding = broken(
      agent.address,
      sight.to,
      'A new registration goes to another home agent than the one with which the mobile node is registered.',
      [agent.binding.frame],
    );
    return ifComplete(finding);
  }),
  check('RFC6275-11.4.1-13', 'HaadRequest', 'mobile node', ({ sight }, { question }) => {
    const { attempt, interval, intervalBefore } = question;
    if (attempt === 0 || interval === undefined) return undefined;
    const due = intervalBefore === undefined ? INITIAL_DHAAD_TIMEOUT : 2 * intervalBefore;
    if (interval >= 0.8 * due) return PASS;
    const finding = broken(
      `${Math.round(due)} ms`,
      `${Math.round(interval)} ms`,
      'A Home Agent Address Discovery Request is repeated too soon.',
    );
    return ifTimely(ifComplete(finding), { from: sight.source, by: 0.8 * due - interval });
  }),
  check('RFC6275-11.4.2-5', 'BU', 'mobile node', ({ node, sight }, { message, update }) => {
    const agent = node?.atHomeAgent;
    if (message.homeRegistration || update.deletes || agent?.binding?.update === undefined) return undefined;
    const { binding } = agent;
    // It has moved since, and registers with its home agent first.
    if (!agent.hasBindingOf(update.careOf)) return undefined;
    const left = (binding.time + binding.lifetime - sight.time) / 1000;
    const seconds = secondsOf(message.lifetime);
    if (seconds <= left + 4) return PASS;
    const finding = broken(
      `at most ${Math.round(left)} s`,
      `${seconds} s`,
      'A Binding Update to a correspondent asks for longer than the home registration has left.',
      [binding.frame],
    );
    return ifSeamless(finding, binding.time, sight.time);
  }),
  check('RFC6275-11.4.2-6', 'BU', 'mobile node', ({ node, sight }, { message, update }) => {
    const prefix = node?.prefix;
    if (update.deletes || prefix === undefined) return undefined;
    const left = prefix.validLifetime - (sight.time - prefix.time) / 1000;
    const seconds = secondsOf(message.lifetime);
    if (seconds <= left + 4) return PASS;
    return broken(`at most ${Math.round(left)} s`, `${seconds} s`, 'A Binding Update asks for longer than the home prefix is valid.');
  }),

  check('RFC6275-11.4.3-6', 'MobilePrefixSolicitation', 'mobile node', (_, { answersUnsolicited }) =>
    answersUnsolicited ? PASS : undefined,
  ),

  check('RFC6275-11.5.5-3', 'BU', 'mobile node', ({ node }, { message, update }) => {
    if (node === undefined || !message.homeRegistration || update.careOf !== node.home || bindsHome(message)) return undefined;
    if (message.acknowledge && message.lifetime === 0) return PASS;
    return broken(
      'A set and Lifetime 0',
      `${message.acknowledge ? 'A set' : 'A clear'} and Lifetime ${message.lifetime}`,
      'The deletion of a home registration at home is not one that the section describes.',
    );
  }),
  check('RFC6275-11.5.5-4', 'BU', 'mobile node', ({ node }, { message, update }) => {
    if (node === undefined || !message.homeRegistration || update.careOf !== node.home) return undefined;
    if (update.source === node.home) return PASS;
    return broken(node.home, update.source, 'The deletion of a home registration at home does not come from the home address.');
  }),
  check('RFC6275-11.5.5-12', 'neighbor', 'mobile node', ({ sight }, { message, by, answers }) => {
    if (by !== 'mobile node' || message.type !== NEIGHBOR_ADVERTISEMENT || answers === undefined) return undefined;
    if ((message.body[0]! & SOLICITED) === 0) return undefined;
    if (!isMulticast(sight.destination)) return PASS;
    return broken('unicast', sight.destination, 'A solicited Neighbor Advertisement for the home address is multicast.', [answers]);
  }),
  check('RFC6275-11.5.5-14', 'neighbor', 'mobile node', ({ sight }, { message, by }) => {
    if (by !== 'mobile node' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination)) return undefined;
    if (linkLayerAddressOf(message) !== undefined) return PASS;
    return broken('a Target Link-Layer Address option', 'none', 'A Neighbor Advertisement for the home address has no link-layer address.');
  }),
  check('RFC6275-11.5.5-16', 'neighbor', 'mobile node', ({ sight }, { message, by }) => {
    if (by !== 'mobile node' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination)) return undefined;
    if ((message.body[0]! & SOLICITED) === 0) return PASS;
    return broken('Solicited bit 0', '1', 'A multicast Neighbor Advertisement for the home address has the Solicited bit set.');
  }),
  check('RFC6275-11.5.5-17', 'neighbor', 'mobile node', ({ sight }, { message, by, answers }) => {
    if (by !== 'mobile node' || message.type !== NEIGHBOR_ADVERTISEMENT || !isMulticast(sight.destination) || answers !== undefined)
      return undefined;
    if ((message.body[0]! & OVERRIDE) !== 0) return PASS;
    return broken('Override bit 1', '0', 'A multicast Neighbor Advertisement for the home address does not have the Override bit set.');
  }),
];
