/** RFC 6275 section 10.3: home registrations and their deletion, as the home agent answers them. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, ifComplete, ifSeamless, unlessSent } from '../../follow/mip6/judge.ts';
import type { AnyCheck, History } from '../../follow/mip6/judge.ts';
import { SLACK, ahead, optionOf, secondsOf, unlessLost } from './terms.ts';

/** Statuses of section 6.1.8. */
const ACCEPTED = 0;
const PREFIX_DISCOVERY = 1;
const REFUSED = 128;
const HOME_REGISTRATION_NOT_SUPPORTED = 131;
const NOT_HOME_SUBNET = 132;
const NOT_HOME_AGENT = 133;
const DUPLICATE_ADDRESS = 134;
const OUT_OF_WINDOW = 135;

/** An acknowledgement answers what was sent within this time before it, in ms. */
const ANSWERED = 5000;
/** A Binding Update is sent again after so long at the earliest, in ms (section 11.8), the first home registration after so long; clocks differ. */
const AGAIN = 850;
const FIRST_AGAIN = 1275;
/** So often at most within that time. */
const TIMES = 3;

/** An acknowledgement of one of several bindings may have a status of RFC 5648. */
const isOfSeveral = (message: History['BA']['message']): boolean => optionOf(message, 'BindingIdentifier') !== undefined;

/** A home registration, or the deletion of one, and its acknowledgement. */
const ofHome = ({ update, message }: History['BA'], deletes: boolean): boolean =>
  update?.message.homeRegistration === true && update.deletes === deletes && update.message.sequence === message.sequence;

/** An acknowledgement whose number is of no update, while one waits for its answer. */
const numbered =
  (isHome: boolean) =>
  ({ sight }: { readonly sight: { readonly time: number } }, { update, message, peer, accepted }: History['BA']): Judgement => {
    if (message.status === OUT_OF_WINDOW) return undefined;
    if (update !== undefined) return update.message.homeRegistration === isHome ? PASS : undefined;
    const waiting = peer.updates.at(-1);
    if (waiting === undefined || waiting.answer !== undefined || waiting.message.homeRegistration !== isHome) return undefined;
    // A refusal with status 135 and what came of it may have been missed.
    const isRetry =
      accepted !== undefined && message.sequence === ((accepted + 1) & 0xffff) && ahead(waiting.message.sequence, accepted) <= 0;
    // One that was sent again in between may have been missed, too.
    const waited = sight.time - waiting.time;
    const by = ahead(message.sequence, waiting.message.sequence);
    const isAgain = by > 0 && by <= TIMES && waited >= (isHome && peer.binding === undefined ? FIRST_AGAIN : AGAIN);
    if (isRetry || isAgain || waited > ANSWERED) return inconclusive('The Binding Update with this Sequence Number was not captured.');
    return ifComplete(
      broken(
        `${waiting.message.sequence}`,
        `${message.sequence}`,
        'A Binding Acknowledgement does not have the Sequence Number of the Binding Update before it.',
        [waiting.frame],
      ),
    );
  };

export const section103: readonly AnyCheck[] = [
  check('RFC6275-5.2.6-a', 'BA', 'peer', numbered(false)),
  check('RFC6275-10.3.1-5', 'BA', 'peer', (_, { update, message, peer }) => {
    if (update?.message.homeRegistration !== true || message.status !== HOME_REGISTRATION_NOT_SUPPORTED) return undefined;
    return peer.binding?.isHome === true
      ? ifComplete(
          broken('another status', 'status 131', 'A home agent that holds a home registration says that it supports none.', [
            peer.binding.frame,
          ]),
        )
      : PASS;
  }),
  check('RFC6275-10.3.1-6/1', 'BA', 'peer', ({ node, network, sight }, what) => {
    const { message, binding } = what;
    if (node === undefined || !ofHome(what, false)) return undefined;
    const onLink = network.isOnLink(node.home, sight.from);
    if (message.status === NOT_HOME_SUBNET) {
      if (binding?.isHome !== true && onLink !== true) return PASS;
      return ifComplete(
        broken('a home address on the link', 'status 132', `${node.home} is refused as not of the home subnet, although it is.`, [
          binding?.frame ?? 0,
        ]),
      );
    }
    if (message.status >= REFUSED || onLink === undefined) return undefined;
    // That of a mobile router may be of a prefix that the home agent serves elsewhere (RFC 3963 section 6.2).
    if (!onLink && node.isRouter) return undefined;
    return onLink
      ? PASS
      : broken(
          'status 132',
          `status ${message.status}`,
          `A home registration is accepted although no prefix of the home link holds ${node.home}.`,
        );
  }),
  check('RFC6275-10.3.1-15', 'BA', 'peer', ({ node }, what) => {
    const { update, message } = what;
    if (node === undefined || update === undefined || !ofHome(what, false)) return undefined;
    const isDefended = node.defended !== undefined && node.defended.time >= update.time;
    if (message.status === DUPLICATE_ADDRESS) return PASS;
    if (!isDefended || message.status >= REFUSED) return undefined;
    return broken('status 134', `status ${message.status}`, `A home registration is accepted although another node has ${node.home}.`, [
      update.frame,
      node.defended?.frame ?? 0,
    ]);
  }),
  check('RFC6275-10.3.1-22', 'BA', 'peer', (_, what) => (ofHome(what, false) ? PASS : undefined)),
  check('RFC6275-10.3.1-22', 'unanswered', 'peer', ({ isAt }, { update, refused, peer }) =>
    update.message.homeRegistration && refused === undefined
      ? unlessLost(
          isAt(peer.address),
          update,
          peer,
        )(
          broken(
            'a Binding Acknowledgement',
            'packets through the tunnel to the new care-of address',
            'A home registration is acted upon and not acknowledged.',
            [update.frame],
          ),
        )
      : undefined,
  ),
  check('RFC6275-10.3.1-27', 'BA', 'peer', numbered(true)),
  check('RFC6275-10.3.1-28', 'BA', 'peer', (_, what) => {
    const { message, update } = what;
    if (!ofHome(what, false) || message.status >= REFUSED) return undefined;
    if (message.lifetime > 0) return PASS;
    return broken('the lifetime that is granted', '0', 'A home registration is accepted with a lifetime of 0.', [update?.frame ?? 0]);
  }),
  check('RFC6275-10.3.1-17', 'MobilePrefixAdvertisement', 'peer', ({ sight, node }) => {
    const granted = node?.granted(sight.from, sight.time);
    const prefix = node?.prefix;
    if (granted === undefined || prefix === undefined) return undefined;
    const seconds = secondsOf(granted.message.lifetime);
    const left = prefix.validLifetime + granted.age / 1000;
    if (seconds <= left + SLACK / 1000) return PASS;
    return broken(
      `at most ${Math.round(left)} s`,
      `${seconds} s`,
      'A home registration is granted for longer than the home prefix is valid.',
      [granted.frame],
    );
  }),
  check('RFC6275-10.3.1-24', 'MobilePrefixAdvertisement', 'peer', ({ sight, node }) => {
    const granted = node?.granted(sight.from, sight.time);
    const prefix = node?.prefix;
    if (granted === undefined || prefix === undefined) return undefined;
    const seconds = secondsOf(granted.message.lifetime);
    const left = prefix.preferredLifetime + granted.age / 1000;
    if (left >= seconds - 4) return undefined;
    if (granted.message.status === PREFIX_DISCOVERY) return PASS;
    return broken(
      'status 1',
      `status ${granted.message.status}`,
      `A home registration is granted for ${seconds} s with status 0, although the home prefix is preferred for ${Math.round(left)} s only.`,
      [granted.frame],
    );
  }),
  check('RFC6275-10.3.1-25', 'MobilePrefixAdvertisement', 'peer', ({ sight, node }) => {
    const granted = node?.granted(sight.from, sight.time);
    const prefix = node?.prefix;
    if (granted === undefined || prefix === undefined) return undefined;
    const seconds = secondsOf(granted.message.lifetime);
    const left = Math.min(prefix.preferredLifetime, prefix.validLifetime) + granted.age / 1000;
    if (left <= seconds + 4) return undefined;
    if (granted.message.status === ACCEPTED) return PASS;
    if (isOfSeveral(granted.message)) return undefined;
    return broken(
      'status 0',
      `status ${granted.message.status}`,
      `A home registration for ${seconds} s is accepted with another status than 0, although the home prefix stays preferred.`,
      [granted.frame],
    );
  }),
  check('RFC6275-10.3.2-3/1', 'BA', 'peer', (_, what) => {
    const { message, peer, update } = what;
    if (!ofHome(what, true) || message.status === OUT_OF_WINDOW) return undefined;
    // One before it may have deleted it, and its acknowledgement got lost.
    if (peer.updates.some((each) => each !== update && each.deletes && each.answer === undefined)) return undefined;
    // A copy of what was right when it was said first.
    if (update?.answer?.message.status === message.status) return undefined;
    if (message.status === NOT_HOME_AGENT) {
      return peer.binding?.isHome === true
        ? ifComplete(
            broken('status 0', 'status 133', 'The deletion of a home registration that exists is refused as that of one that does not.', [
              peer.binding.frame,
            ]),
          )
        : PASS;
    }
    return undefined;
  }),
  check('RFC6275-10.3.2-3/2', 'BA', 'peer', (_, what) =>
    ofHome(what, true) && what.message.status === NOT_HOME_AGENT && what.peer.binding?.isHome !== true ? PASS : undefined,
  ),
  check('RFC6275-10.3.2-5', 'BA', 'peer', (_, what) => {
    const { message, update } = what;
    if (!ofHome(what, true) || message.status >= REFUSED) return undefined;
    if (message.status === ACCEPTED) return PASS;
    if (isOfSeveral(message)) return undefined;
    return broken('status 0', `status ${message.status}`, 'The deletion of a home registration is accepted with another status than 0.', [
      update?.frame ?? 0,
    ]);
  }),
  check('RFC6275-10.3.2-7', 'BA', 'peer', (_, what) => {
    const { message, update } = what;
    if (!ofHome(what, true)) return undefined;
    if (message.lifetime === 0) return PASS;
    return broken('0', `${message.lifetime}`, 'The acknowledgement of the deletion of a home registration has a Lifetime.', [
      update?.frame ?? 0,
    ]);
  }),
  check('RFC6275-10.3.2-8', 'BA', 'peer', (_, what) => {
    if (!ofHome(what, true)) return undefined;
    if (optionOf(what.message, 'BindingRefreshAdvice') === undefined) return PASS;
    return broken(
      'no Binding Refresh Advice',
      'one',
      'The acknowledgement of the deletion of a home registration has Binding Refresh Advice.',
    );
  }),
  check('RFC6275-10.3.2-11', 'carried', 'peer', ({ sight, node, isFromMobile }, { tunnel }) => {
    const agent = node?.atHomeAgent;
    if (isFromMobile || agent?.deleted === undefined || tunnel.source !== agent.address || agent.binding !== undefined) return undefined;
    if (sight.time - agent.deleted.time < SLACK || agent.updates.at(-1)?.deletes !== true) return undefined;
    const finding = broken(
      'no packets through the tunnel',
      `one to ${tunnel.destination}`,
      'A home agent intercepts packets for a mobile node whose registration was deleted.',
      [agent.deleted.frame],
    );
    const { time } = agent.deleted;
    return unlessSent(ifSeamless(finding, time, sight.time), { from: tunnel.destination, to: agent.address, after: time });
  }),
];
