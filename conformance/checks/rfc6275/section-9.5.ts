/** RFC 6275 sections 9.5 and 9.6: Binding Updates judged, Binding Acknowledgements and Refresh Requests sent, bindings kept no longer than granted. */
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Finding, Judgement } from '../../follow/evidence.ts';
import { check, ifComplete, ifSeamless, ifTimely, unlessAccepted, unlessSent } from '../../follow/mip6/judge.ts';
import type { AnyCheck, Here, History } from '../../follow/mip6/judge.ts';
import { isRoutable } from '../../follow/mip6/sight.ts';
import { SLACK, ahead, optionOf, secondsOf, unlessLost } from './terms.ts';

/** Statuses of section 6.1.8. */
const REFUSED = 128;
const OUT_OF_WINDOW = 135;
const EXPIRED_HOME_NONCE = 136;
const EXPIRED_NONCES = 138;
const TYPE_CHANGE = 139;

const isExpired = (status: number): boolean => status >= EXPIRED_HOME_NONCE && status <= EXPIRED_NONCES;

/** Whether the acknowledgement names the update by its Sequence Number, so that it is about no other. */
const isAbout = ({ update, message }: History['BA']): boolean => update !== undefined && update.message.sequence === message.sequence;

/** Whether it may as well refuse a copy of an older Binding Update, from elsewhere: status 135 tells another Sequence Number than that of the update. */
const mayBeAboutAnother = ({ update, message, peer }: History['BA']): boolean =>
  message.status === OUT_OF_WINDOW && peer.updates.some(({ source }) => source !== update?.source);

/** A binding that stands for certain: it was acknowledged, and its lifetime has not run out. */
const stands = ({ sight }: Here, { binding }: Pick<History['BA'], 'binding'>): boolean =>
  binding?.update?.answer !== undefined && sight.time < binding.time + binding.lifetime - SLACK;

/** A copy of a message is on its way for no longer than this, in ms. */
const COPIED = 5000;

/** Whether a refusal as out of the window may be that of a copy of a Binding Update, which the way has doubled: it tells the number of one that was sent of late. */
const mayRefuseCopy = ({ sight }: Here, { update, message, peer }: History['BA']): boolean =>
  peer.updates.some((each) => each !== update && each.message.sequence === message.sequence && sight.time - each.time < COPIED);

/** What makes a Binding Update to a correspondent invalid, so that it is to be discarded without an answer. */
const invalidity = ({ update }: History['BA']): string | undefined => {
  if (update === undefined || update.fault === 'checksum') return undefined;
  const { message } = update;
  if (message.homeRegistration)
    return optionOf(message, 'NonceIndices') === undefined ? undefined : 'has Nonce Indices in a home registration';
  if (optionOf(message, 'NonceIndices') === undefined) return 'has no Nonce Indices';
  if (update.authorization.state === 'absent') return 'has no Binding Authorization Data as its last option';
  return undefined;
};

/** A Binding Update whose authenticator is not right for the tokens that its nonce indices name was accepted. */
const acceptsWrong = (_: Here, what: History['BA']): Judgement => {
  const { update, message } = what;
  if (!isAbout(what) || update === undefined || update.message.homeRegistration || message.status >= REFUSED) return undefined;
  const { state } = update.authorization;
  if (state === 'right') return PASS;
  // Section 5.2.6 says so of the Binding Update.
  if (state === 'unknown') return undefined;
  if (state === 'absent')
    return broken('no answer', `status ${message.status}`, 'A Binding Update without Binding Authorization Data is accepted.', [
      update.frame,
    ]);
  const finding = broken(
    'no answer',
    `status ${message.status}`,
    'A Binding Update is accepted although its authenticator does not verify.',
    [update.frame],
  );
  return unlessAccepted(finding, update);
};

/** Sequence Numbers that are this far apart are of one count. */
const CLOSE = 16;

const tellsWrong = (accepted: number, told: number, frame: number): Finding =>
  broken(`${accepted}`, `${told}`, 'A Binding Acknowledgement of status 135 does not tell the Sequence Number that was accepted last.', [
    frame,
  ]);

export const section95: readonly AnyCheck[] = [
  check('RFC6275-9.5.1-3', 'BA', 'peer', (_, what) => {
    const { update, message, peer } = what;
    if (update === undefined || peer.binding !== undefined) return undefined;
    if (isAbout(what) && message.status < REFUSED && !update.deletes) return PASS;
    if (message.status !== OUT_OF_WINDOW || peer.lost === undefined || peer.lost.time > update.time) return undefined;
    // One in between may have been accepted, though its acknowledgement was not captured.
    const { lost } = peer;
    if (peer.updates.some((each) => each !== update && each.time > lost.time)) return undefined;
    // Or that one was not captured either: the number that is told is the next one.
    const by = what.accepted === undefined ? 0 : ahead(message.sequence, what.accepted);
    if (message.sequence !== update.message.sequence && by > 0 && by <= CLOSE) return undefined;
    return ifComplete(
      broken(
        'any Sequence Number',
        'status 135',
        'A Binding Update is refused as out of the window by a node that told that it has no binding.',
        [peer.lost.frame, update.frame],
      ),
    );
  }),
  check('RFC6275-9.5.1-4', 'BA', 'peer', (here, what) => {
    const { update, message, accepted } = what;
    if (update === undefined) return undefined;
    const { sequence } = update.message;
    if (message.status === OUT_OF_WINDOW) {
      if (ahead(sequence, message.sequence) <= 0) return PASS;
      if (mayRefuseCopy(here, what)) return inconclusive('It may refuse a copy of an earlier Binding Update.');
      return ifComplete(
        broken(
          `${sequence} accepted after ${message.sequence}`,
          'status 135',
          'A Binding Update is refused as out of the window although its Sequence Number is greater than the one in the refusal.',
          [update.frame],
        ),
      );
    }
    if (!isAbout(what) || message.status >= REFUSED || accepted === undefined || !stands(here, what)) return undefined;
    return ahead(sequence, accepted) > 0 ? PASS : undefined;
  }),
  check('RFC6275-9.5.1-5', 'BA', 'peer', (_, what) => {
    const { update, message } = what;
    if (!isAbout(what) || update === undefined || update.message.homeRegistration || message.status >= REFUSED) return undefined;
    if (optionOf(update.message, 'NonceIndices') !== undefined) return PASS;
    return broken('no answer', `status ${message.status}`, 'A Binding Update without Nonce Indices is accepted by a correspondent.', [
      update.frame,
    ]);
  }),
  check('RFC6275-9.5.1-7', 'BA', 'peer', acceptsWrong),
  check('RFC6275-9.5.1-11', 'BU', 'mobile node', (_, { message }) => {
    if (!message.homeRegistration) return undefined;
    if (optionOf(message, 'NonceIndices') === undefined) return PASS;
    return broken('no Nonce Indices', 'Nonce Indices', 'A home registration has Nonce Indices.');
  }),
  check('RFC6275-9.5.1-12/1', 'BA', 'peer', (here, what) => {
    const { sight } = here;
    const { update, message, accepted, binding, peer } = what;
    if (update === undefined) return undefined;
    if (message.status === OUT_OF_WINDOW) return ahead(update.message.sequence, message.sequence) <= 0 ? PASS : undefined;
    if (!isAbout(what) || message.status >= REFUSED || accepted === undefined || !stands(here, what)) return undefined;
    if (ahead(update.message.sequence, accepted) > 0 || binding?.update === update) return undefined;
    // Where it was sent before the other one was seen to be accepted, it may have come first, and packets have overtaken each other.
    if (binding === undefined || update.frame < binding.frame || binding.sequence !== accepted) return undefined;
    if (peer.avoided !== undefined && peer.avoided > binding.time)
      return inconclusive('The mobile node has given the binding up in between: it may have been told that there is none.');
    return ifSeamless(
      broken(
        'status 135',
        `status ${message.status}`,
        `A Binding Update with Sequence Number ${update.message.sequence} is accepted although ${accepted} was accepted before.`,
        [update.frame],
      ),
      binding.time,
      sight.time,
    );
  }),
  check('RFC6275-9.5.1-12/2', 'BA', 'peer', (_, { update, message, accepted, peer }) => {
    if (message.status !== OUT_OF_WINDOW) return undefined;
    if (accepted === undefined) return inconclusive('The Binding Update that was accepted before was not captured.');
    // One that was accepted without an acknowledgement in the capture counts as well.
    if (message.sequence === accepted || peer.updates.some((each) => each.message.sequence === message.sequence)) return PASS;
    // A little more may be that of a Binding Update which was not captured at all: what the mobile node makes of it decides.
    const by = ahead(message.sequence, accepted);
    return by > 0 && by <= CLOSE ? undefined : ifComplete(tellsWrong(accepted, message.sequence, update?.frame ?? 0));
  }),
  check('RFC6275-9.5.1-12/2', 'BU', 'peer', (_, { message, peer }) => {
    const last = peer.updates.at(-1);
    const answer = last?.answer;
    if (answer?.message.status !== OUT_OF_WINDOW || answer.accepted === undefined) return undefined;
    const told = answer.message.sequence;
    const by = ahead(told, answer.accepted);
    // It goes on from the number that was accepted, not from the one that it was told.
    if (by <= 0 || by > CLOSE || message.sequence !== ((answer.accepted + 1) & 0xffff)) return undefined;
    return ifComplete(tellsWrong(answer.accepted, told, answer.frame));
  }),
  check('RFC6275-9.5.1-13', 'BA', 'peer', (here, what) => {
    const { update, message, binding } = what;
    if (update === undefined || binding === undefined || !isAbout(what) || !stands(here, what)) return undefined;
    if (binding.isHome === update.message.homeRegistration || message.status === OUT_OF_WINDOW) return undefined;
    if (message.status === TYPE_CHANGE) return PASS;
    return message.status >= REFUSED
      ? undefined
      : ifComplete(
          broken(
            'status 139',
            `status ${message.status}`,
            'A Binding Update changes a binding between home and correspondent registration.',
            [binding.frame, update.frame],
          ),
        );
  }),
  check('RFC6275-9.5.1-16', 'BA', 'peer', (_, what) => {
    const { update, message } = what;
    if (!isAbout(what) || update === undefined || isExpired(message.status) || message.status === TYPE_CHANGE) return undefined;
    const reason = invalidity(what);
    if (reason === undefined) return undefined;
    return broken('no answer', `status ${message.status}`, `A Binding Update that ${reason} is answered.`, [update.frame]);
  }),
  check('RFC6275-9.5.1-16', 'BA', 'peer', ({ node }, what) => {
    if (!isAbout(what) || node === undefined || isRoutable(node.home)) return undefined;
    return broken(
      'no answer',
      `status ${what.message.status}`,
      `A Binding Update for ${node.home}, which is no unicast routable address, is answered.`,
    );
  }),
  check('RFC6275-9.5.1-17/1', 'BU', 'mobile node', (_, { message, update }) => {
    if (!update.deletes || message.homeRegistration) return undefined;
    if (optionOf(message, 'NonceIndices') === undefined)
      return broken('a home nonce index', 'no Nonce Indices', 'A Binding Update that deletes a binding has no home nonce index.');
    return update.authorization.state === 'right' ? PASS : undefined;
  }),
  check('RFC6275-9.5.2-2', 'BA', 'peer', (_, what) => {
    const { update, message } = what;
    if (!isAbout(what) || update === undefined || message.status >= REFUSED) return undefined;
    if (message.lifetime <= update.message.lifetime) return PASS;
    return broken(
      `at most ${secondsOf(update.message.lifetime)} s`,
      `${secondsOf(message.lifetime)} s`,
      'A Binding Acknowledgement grants a longer lifetime than the Binding Update asks for.',
      [update.frame],
    );
  }),
  check('RFC6275-9.5.3-1', 'data', 'peer', ({ sight, isFromMobile }, { route, peer }) => {
    if (isFromMobile || peer?.deleted === undefined || peer.binding !== undefined || sight.time - peer.deleted.time < SLACK)
      return undefined;
    if (route !== 'direct') return PASS;
    if (peer.updates.at(-1)?.deletes !== true) return undefined;
    const finding = broken(
      'the home address',
      sight.destination,
      'A binding is used after a Binding Update that deletes it was acknowledged.',
      [peer.deleted.frame],
    );
    const { time } = peer.deleted;
    return unlessSent(ifSeamless(finding, time, sight.time), { from: sight.destination, to: peer.address, after: time });
  }),
  check('RFC6275-9.5.3-1', 'BA', 'peer', (_, what) => {
    const { update, message } = what;
    return isAbout(what) && update?.deletes === true && message.status < REFUSED && message.lifetime === 0 ? PASS : undefined;
  }),
  check('RFC6275-9.5.3-3', 'BA', 'peer', (_, what) => {
    const { update, message, peer } = what;
    if (
      !isAbout(what) ||
      update?.authorization.state !== 'right' ||
      update.deletes ||
      message.status >= REFUSED ||
      peer.spent === undefined
    )
      return undefined;
    const { home, careOf } = update.authorization.keys;
    if (home.value !== peer.spent.home.value || careOf?.value !== peer.spent.careOf?.value) return PASS;
    return broken(
      'status 138 or no answer',
      `status ${message.status}`,
      'Nonces that authorised a binding that was deleted are accepted again for the same addresses.',
      [home.frame, careOf?.frame ?? 0, update.frame],
    );
  }),
  check('RFC6275-9.5.4-2', 'BA', 'peer', (_, what) => (isAbout(what) && what.update?.message.acknowledge === true ? PASS : undefined)),
  check('RFC6275-9.5.4-2', 'unanswered', 'peer', ({ isAt }, { update, peer }) =>
    update.message.acknowledge
      ? unlessLost(
          isAt(peer.address),
          update,
          peer,
        )(
          broken(
            'a Binding Acknowledgement',
            'packets by way of the new care-of address',
            'A Binding Update is acted upon and not acknowledged, though it asks for that.',
            [update.frame],
          ),
        )
      : undefined,
  ),
  check('RFC6275-9.5.4-4', 'BA', 'peer', (_, what) => {
    const { update, message } = what;
    if (
      !isAbout(what) ||
      update === undefined ||
      update.message.homeRegistration ||
      update.message.acknowledge ||
      message.status >= REFUSED
    )
      return undefined;
    return broken(
      'no Binding Acknowledgement',
      `status ${message.status}`,
      'A Binding Update that is accepted and did not ask for it is acknowledged.',
      [update.frame],
    );
  }),
  check('RFC6275-9.5.4-5', 'unanswered', 'peer', (_, { update, refused }) =>
    refused === undefined
      ? undefined
      : ifComplete(
          broken('a status below 128', `status ${refused}`, 'A binding is used whose registration was refused.', [
            update.frame,
            update.answer?.frame ?? 0,
          ]),
        ),
  ),
  check('RFC6275-9.5.4-5', 'data', 'peer', ({ sight, isFromMobile }, { route, peer }) =>
    !isFromMobile && route === 'direct' && peer?.binding?.update?.answer !== undefined && peer.binding.careOf === sight.destination
      ? PASS
      : undefined,
  ),
  check('RFC6275-9.5.4-7', 'BA', 'peer', (_, { message }) => {
    if (!isExpired(message.status)) return undefined;
    if (optionOf(message, 'BindingAuthorizationData') === undefined) return PASS;
    return broken(
      'no Binding Authorization Data',
      'one',
      `A Binding Acknowledgement of status ${message.status} has Binding Authorization Data.`,
    );
  }),
  check('RFC6275-9.5.4-8/1', 'BA', 'peer', (_, { message, update }) => {
    if (update === undefined || update.message.homeRegistration || isExpired(message.status)) return undefined;
    if (optionOf(message, 'BindingAuthorizationData') !== undefined) return PASS;
    return broken(
      'Binding Authorization Data',
      'none',
      `A Binding Acknowledgement of status ${message.status} from a correspondent has no Binding Authorization Data.`,
      [update.frame],
    );
  }),
  check('RFC6275-9.5.4-10', 'BA', 'peer', ({ sight }, what) => {
    const { update } = what;
    if (update === undefined) return undefined;
    if (update.source === sight.destination) return PASS;
    if (!isAbout(what) || mayBeAboutAnother(what)) return undefined;
    return broken(update.source, sight.destination, 'A Binding Acknowledgement does not go to the source of the Binding Update.', [
      update.frame,
    ]);
  }),
  check('RFC6275-9.5.4-11', 'BA', 'peer', ({ sight, node }, what) => {
    const { update } = what;
    if (update === undefined || update.source !== node?.home) return undefined;
    if (!sight.hasRouting) return PASS;
    if (mayBeAboutAnother(what)) return undefined;
    return broken(
      'no type 2 routing header',
      'one',
      'A Binding Update from the home address is acknowledged with a type 2 routing header.',
      [update.frame],
    );
  }),
  check('RFC6275-9.5.4-12', 'BA', 'peer', ({ sight, node }, what) => {
    const { update } = what;
    if (update === undefined || node === undefined || update.source === node.home || !update.hasHomeAddress) return undefined;
    if (sight.hasRouting && sight.to === node.home) return PASS;
    if (mayBeAboutAnother(what)) return undefined;
    return broken(
      `a type 2 routing header with ${node.home}`,
      sight.hasRouting ? sight.to : 'none',
      'A Binding Update from a care-of address is acknowledged without the home address in a type 2 routing header.',
      [update.frame],
    );
  }),
  check('RFC6275-9.5.5-3', 'BRR', 'sender', ({ sight }, { peer }) => {
    const last = peer.updates.at(-1);
    const asked = peer.refreshes.at(-1);
    if (last?.answer === undefined || last.answer.message.status >= REFUSED || asked === undefined) return undefined;
    if (last.time < asked) return undefined;
    const { lifetime } = last.answer.message;
    if (sight.time - last.answer.time > 1000 * Math.min(10, secondsOf(lifetime) / 2)) return PASS;
    const finding = broken(
      'no Binding Refresh Request',
      'another one',
      'A Binding Refresh Request is repeated although a Binding Update has come since.',
      [last.frame, last.answer.frame],
    );
    return ifTimely(ifComplete(finding), { from: sight.source, by: sight.time - last.answer.time });
  }),
  check('RFC6275-9.5.5-a', 'BRR', 'sender', ({ sight, node }) => {
    if (node === undefined || sight.to === node.home) return PASS;
    return broken(node.home, sight.to, 'A Binding Refresh Request does not go to the home address.');
  }),
  check('RFC6275-9.6-1', 'data', 'sender', ({ sight, isFromMobile }, { route, peer }) => {
    if (isFromMobile || route !== 'direct' || peer?.binding === undefined) return undefined;
    const { binding } = peer;
    if (binding.careOf !== sight.destination || peer.updates.at(-1)?.answer === undefined) return undefined;
    const over = sight.time - binding.time - binding.lifetime;
    if (over < 0) return PASS;
    if (over < SLACK) return undefined;
    return ifSeamless(
      broken(
        `no use after ${binding.lifetime / 1000} s`,
        `${Math.round((sight.time - binding.time) / 1000)} s`,
        'A binding is used after its lifetime, and no later Binding Update was captured.',
        [binding.frame],
      ),
      binding.time,
      sight.time,
    );
  }),
];
