/** RFC 6275 sections 11.6 to 11.8: return routability at the mobile node, its Binding Updates, what acknowledgements make it do, and the pace of it all. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { PASS, broken, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check, ifComplete, ifDelivered, ifTimely } from '../../follow/mip6/judge.ts';
import type { AnyCheck, Here, History } from '../../follow/mip6/judge.ts';
import { bindsHome, fillsGap } from '../../follow/mip6/registering.ts';
import type { Address } from '../../follow/mip6/sight.ts';
import type { Init } from '../../follow/mip6/testing.ts';
import { SLACK, ahead, optionOf, secondsOf } from './terms.ts';

/** Sections 12 and 13, in ms and times a second. */
const INITIAL_BINDACK_TIMEOUT = 1000;
const INITIAL_BINDACK_TIMEOUT_FIRST_REG = 1500;
const INITIAL_SOLICIT_TIMER = 3000;
const MAX_BINDACK_TIMEOUT = 32_000;
const SECOND = 1000;
/** A retransmission that is too early comes before this time. */
const LATE = 10_000;
const MAX_UPDATE_RATE = 3;
/** Clocks and schedulers are allowed so much of a time. */
const TOLERANCE = 0.85;
/** A Sequence Number that is behind by more than this is taken for that of a mobile node that started anew. */
const RESTART = 16;
const OUT_OF_WINDOW = 135;
const DUPLICATE_ADDRESS = 134;
const HOME_TEST = 'Home Test Init';
const PREFIX_DISCOVERY = 1;
const REASON_UNSPECIFIED = 128;
const NOT_HOME_AGENT = 133;
/** A refusal holds for this long, in ms. */
const REFUSED_FOR = 30_000;

/** Transmissions of one message: how many came before this one, the times since the last of them and between the last two, and since the first, in ms. */
type Repeated = Pick<Init, 'attempt' | 'interval' | 'intervalBefore'> & Partial<Pick<Init, 'elapsed'>>;

/** The time, in ms, that so many retransmissions take at least: each wait is twice as long as the one before. */
const leastOf = (attempts: number, initial: number): number =>
  Array.from({ length: attempts }, (_, i) => Math.min(initial * 2 ** i, MAX_BINDACK_TIMEOUT)).reduce((sum, wait) => sum + wait, 0);

/** The wait before a retransmission: `initial` at first, then twice as long each time up to the maximum. */
const pace = ({ attempt, interval, intervalBefore, elapsed }: Repeated, initial: number, what: string, { sight }: Here): Judgement => {
  if (attempt === 0 || interval === undefined) return undefined;
  const due = attempt === 1 || intervalBefore === undefined ? initial : Math.min(2 * intervalBefore, MAX_BINDACK_TIMEOUT);
  if (interval >= TOLERANCE * due) return PASS;
  // What comes so late is as likely a new one: the answer to the last may not have been captured.
  if (interval > LATE) return undefined;
  const finding = broken(
    `${Math.round(due)} ms`,
    `${Math.round(interval)} ms`,
    `A ${what} is sent again too soon: the time between retransmissions is to double.`,
  );
  // One that was held up comes close before the next; of many only the first and the last count.
  const missing = elapsed === undefined ? 0 : TOLERANCE * leastOf(attempt, initial) - elapsed;
  return ifTimely(ifComplete(finding), { from: placeOf(sight), by: Math.max(TOLERANCE * due - interval, missing) });
};

/** Where a packet was sent from, whatever tunnel it came in. */
const placeOf = ({ tunnel, source }: Here['sight']): Address => tunnel?.source ?? source;

/** The same for a test: an answer that was not captured makes one that is new look like a retransmission, several hardly. */
const repeated = (init: Init, here: Here, what: string): Judgement => {
  // A correspondent that is never heard may be one whose packets are not in the capture.
  if (!here.network.hears(here.sight.to)) return undefined;
  const judgement = pace(init, INITIAL_BINDACK_TIMEOUT, what, here);
  return judgement === PASS || init.attempt > 2 ? judgement : undefined;
};

/** Messages of a type to one node: the fourth within a second is one too many. */
const rate = (times: readonly number[], what: string, { sight }: Here): Judgement => {
  const fourth = times.at(-1 - MAX_UPDATE_RATE);
  const last = times.at(-1);
  if (fourth === undefined || last === undefined || last - fourth >= SECOND) return PASS;
  const finding = broken(
    `at most ${MAX_UPDATE_RATE} within a second`,
    `${MAX_UPDATE_RATE + 1}`,
    `More than MAX_UPDATE_RATE messages of the type ${what} go to one node within a second.`,
  );
  return ifTimely(finding, { from: placeOf(sight), by: SECOND - (last - fourth) });
};

const ofInits = ({ inits }: History['HoTI']['testing'], what: string, here: Here): Judgement =>
  rate(
    inits.map(({ time }) => time),
    what,
    here,
  );

/** Whether a Binding Update is greater than the one before it. */
const numbered = ({ message, octets, update, peer }: History['BU'], { sight }: Here): Judgement => {
  const { before } = update;
  if (before === undefined) return undefined;
  const by = ahead(message.sequence, before.message.sequence);
  if (by > 0) return PASS;
  if (by < -RESTART) return inconclusive('The mobile node may have started anew: its Sequence Numbers begin somewhere else.');
  if (fillsGap(peer.updates, message.sequence) || (by < 0 && update.time - before.time < 300))
    return inconclusive('The Binding Updates may have been captured out of order.');
  const finding = broken(
    `more than ${before.message.sequence}`,
    `${message.sequence}`,
    'A Binding Update does not have a greater Sequence Number than the one before it to the same node.',
    [before.frame],
  );
  // Two that have the same number and are not the same were sent so, whatever the way did to them.
  if (by === 0 && !equalBytes(octets, before.octets)) return finding;
  return ifTimely(finding, { from: placeOf(sight), by: update.time - before.time });
};

const newCookie = ({ attempt, interval = 0, sameCookie }: Init, { network, sight, node }: Here, what: string): Judgement => {
  if (!network.hears(sight.to) || (what === HOME_TEST && sight.from !== node?.home)) return undefined;
  // What comes sooner than a timer allows is no retransmission.
  if (attempt === 0 || interval < TOLERANCE * INITIAL_BINDACK_TIMEOUT) return undefined;
  if (sameCookie === undefined) return PASS;
  const finding = broken('a new cookie', 'one that was used before', `A ${what} is sent again with the same cookie.`, [sameCookie.frame]);
  return ifTimely(ifComplete(finding), { from: placeOf(sight), by: sight.time - sameCookie.time });
};

export const section117: readonly AnyCheck[] = [
  check('RFC6275-11.6.2-9', 'BU', 'mobile node', (_, { update }) =>
    update.authorization.state === 'right' && !update.deletes ? PASS : undefined,
  ),

  check('RFC6275-11.7.1-3', 'BU', 'mobile node', (_, { message }) => {
    if (!message.homeRegistration) return undefined;
    if (message.acknowledge) return PASS;
    return broken('A set', 'A clear', 'A home registration does not ask for an acknowledgement.');
  }),
  check('RFC6275-11.7.1-4', 'BU', 'mobile node', ({ sight, node }, { message, update }) => {
    if (!message.homeRegistration || node === undefined) return undefined;
    if (sight.hasHomeAddress) return PASS;
    // At home the source is the home address (sections 10.3.2, 11.5.5).
    if ((update.deletes || bindsHome(message)) && update.source === node.home) return undefined;
    return broken('a Home Address option', 'none', 'A home registration has no Home Address option.');
  }),
  check('RFC6275-11.7.1-6', 'BU', 'mobile node', (_, { message, update }) => {
    if (!message.homeRegistration) return undefined;
    if (optionOf(message, 'AlternateCareOfAddress') !== undefined) return PASS;
    // The Binding Identifier option has it instead (RFC 5648 section 5.2).
    if (update.deletes || optionOf(message, 'BindingIdentifier') !== undefined) return undefined;
    return broken('an Alternate Care-of Address option', 'none', 'A home registration has no Alternate Care-of Address option.');
  }),
  check('RFC6275-11.7.1-13', 'BU', 'mobile node', (_, { message, update }) =>
    message.homeRegistration && update.attempt > 0 ? PASS : undefined,
  ),
  check('RFC6275-11.7.1-13', 'abandoned', 'mobile node', (_, { update }) =>
    ifComplete(
      broken(
        'the Binding Update again',
        'nothing',
        'A Binding Update that asks for an acknowledgement is neither answered nor sent again.',
        [update.frame],
      ),
    ),
  ),
  check('RFC6275-11.7.1-22', 'BU', 'mobile node', (_, { message, update, peer }) => {
    const last = peer.updates.at(-1);
    if (!message.homeRegistration || update.deletes || last?.answer?.message.status !== DUPLICATE_ADDRESS) return undefined;
    return ifComplete(
      broken('another home address', 'the same one', 'A home address for which Duplicate Address Detection failed is registered again.', [
        last.frame,
        last.answer.frame,
      ]),
    );
  }),

  check('RFC6275-11.7.2-8', 'BU', 'mobile node', ({ sight, node }, { update, isKnown }) => {
    if (update.careOf === sight.source || update.careOf === node?.home) return PASS;
    if (isKnown || update.authorization.state === 'right') return PASS;
    return {
      kind: 'warn',
      expected: `${sight.source}, or another address in use`,
      seen: update.careOf,
      message: 'A Binding Update registers an address that the mobile node was not seen to use.',
    };
  }),
  check('RFC6275-11.7.2-13', 'BU', 'mobile node', (_, { message, update }) => {
    const indices = optionOf(message, 'NonceIndices');
    if (message.homeRegistration || !update.deletes || indices === undefined) return undefined;
    if (indices.careOfNonceIndex === 0) return PASS;
    return broken(
      'care-of nonce index 0',
      `${indices.careOfNonceIndex}`,
      'A Binding Update that deletes a binding has a care-of nonce index.',
    );
  }),
  check('RFC6275-11.7.2-14', 'BU', 'mobile node', ({ node, sight }, { message, update }) => {
    if (message.homeRegistration || !update.deletes) return undefined;
    if (update.careOf === sight.source || update.careOf === node?.home) return PASS;
    return broken(
      sight.source,
      update.careOf,
      'A Binding Update deletes a binding with a care-of address that is neither the home address nor the current one.',
    );
  }),
  check('RFC6275-11.7.2-17', 'BU', 'mobile node', ({ sight, node }, { message }) => {
    if (message.homeRegistration || node === undefined) return undefined;
    if (sight.hasHomeAddress || sight.source === node.home) return PASS;
    return broken(`a Home Address option with ${node.home}`, 'none', 'A Binding Update from a care-of address has no Home Address option.');
  }),
  check('RFC6275-11.7.2-18', 'BU', 'mobile node', (here, what) => numbered(what, here)),

  check('RFC6275-11.7.3-8', 'BU', 'mobile node', (_, { update, binding }) =>
    binding !== undefined && !update.deletes && update.careOf === binding.careOf && update.time < binding.time + binding.lifetime
      ? PASS
      : undefined,
  ),
  check('RFC6275-11.7.3-12', 'BU', 'mobile node', ({ isAt, sight }, { update, peer }) => {
    const last = peer.updates.at(-1);
    const status = last?.answer?.message.status;
    if (last === undefined || status === undefined || status < REASON_UNSPECIFIED || status > NOT_HOME_AGENT) return undefined;
    if (update.careOf !== last.careOf || update.message.lifetime !== last.message.lifetime || update.time - last.time > REFUSED_FOR)
      return undefined;
    if (!isAt(sight.source) && update.time - last.time > TOLERANCE * INITIAL_BINDACK_TIMEOUT)
      return inconclusive('The acknowledgement that refuses it may not have arrived.');
    const finding = broken(
      'no Binding Update',
      'another one',
      `A Binding Update is sent again although it was refused with status ${status}.`,
      [last.frame],
    );
    return ifTimely(ifDelivered(finding), { from: placeOf(sight), by: update.time - (last.answer?.time ?? last.time) });
  }),
  check('RFC6275-11.7.3-14', 'BU', 'mobile node', (_, { update, binding, message }) => {
    const answer = binding?.update?.answer;
    const advice = answer && optionOf(answer.message, 'BindingRefreshAdvice');
    if (!message.homeRegistration || update.deletes || answer === undefined || advice === undefined || update.careOf !== binding?.careOf)
      return undefined;
    const seconds = (update.time - answer.time) / 1000;
    const due = secondsOf(advice.refreshInterval);
    if (seconds <= due + SLACK / 1000) return PASS;
    return broken(`within ${due} s`, `${Math.round(seconds)} s`, 'A home registration is refreshed later than its home agent advised.', [
      answer.frame,
    ]);
  }),
  check('RFC6275-11.7.3-9', 'BU', 'mobile node', ({ sight }, { message, update, peer }) => {
    const last = peer.updates.at(-1);
    const answer = last?.answer;
    if (answer?.message.status !== OUT_OF_WINDOW) return undefined;
    const { sequence } = answer.message;
    if (ahead(message.sequence, sequence) > 0) return PASS;
    // Without the acknowledgement it would have waited for its timer, and a mobile node that starts anew takes its time.
    if (update.time - answer.time > TOLERANCE * INITIAL_BINDACK_TIMEOUT)
      return inconclusive('The acknowledgement of status 135 may not have arrived.');
    const finding = broken(
      `more than ${sequence}`,
      `${message.sequence}`,
      'A mobile node does not go on from the Sequence Number in an acknowledgement of status 135.',
      [answer.frame],
    );
    return ifTimely(ifComplete(finding), { from: placeOf(sight), by: update.time - answer.time });
  }),
  check('RFC6275-11.7.3-11', 'MobilePrefixSolicitation', 'mobile node', ({ node, sight }) => {
    const granted = node?.granted(sight.to, sight.time);
    return granted?.message.status === PREFIX_DISCOVERY ? PASS : undefined;
  }),
  check('RFC6275-11.7.4-2', 'BU', 'mobile node', ({ node }, { message, update, peer, binding }) => {
    const asked = peer.refreshes.at(-1);
    if (asked === undefined || binding === undefined || update.deletes || asked < binding.time) return undefined;
    const ends = binding.time + binding.lifetime;
    if (update.time > ends) return undefined;
    if (update.time + message.lifetime * 4000 > ends) return PASS;
    // The home registration bounds it (section 11.7.2), and may be about to end.
    const home = node?.atHomeAgent?.binding;
    if (!message.homeRegistration && (home === undefined || home.time + home.lifetime < ends + SLACK)) return undefined;
    return broken(
      'a later end of the binding',
      'none',
      'A Binding Update after a Binding Refresh Request does not extend the lifetime of the binding.',
      [binding.frame],
    );
  }),

  check('RFC6275-11.8-1', 'MobilePrefixSolicitation', 'mobile node', ({ sight }, { question }) => {
    if (question.attempt !== 1 || question.interval === undefined) return undefined;
    if (question.interval >= TOLERANCE * INITIAL_SOLICIT_TIMER) return PASS;
    const finding = broken(
      `${INITIAL_SOLICIT_TIMER} ms`,
      `${Math.round(question.interval)} ms`,
      'A Mobile Prefix Solicitation is repeated before INITIAL_SOLICIT_TIMER.',
    );
    return ifTimely(ifComplete(finding), { from: placeOf(sight), by: TOLERANCE * INITIAL_SOLICIT_TIMER - question.interval });
  }),
  check('RFC6275-11.8-2', 'BU', 'mobile node', ({ sight }, { message, update, binding }) => {
    if (!message.homeRegistration || binding !== undefined || update.attempt !== 1 || update.interval === undefined || update.deletes)
      return undefined;
    if (update.interval >= TOLERANCE * INITIAL_BINDACK_TIMEOUT_FIRST_REG) return PASS;
    const finding = broken(
      `${INITIAL_BINDACK_TIMEOUT_FIRST_REG} ms`,
      `${Math.round(update.interval)} ms`,
      'A first home registration is repeated before InitialBindackTimeoutFirstReg.',
    );
    return ifTimely(ifComplete(finding), { from: placeOf(sight), by: TOLERANCE * INITIAL_BINDACK_TIMEOUT_FIRST_REG - update.interval });
  }),
  check('RFC6275-11.8-4', 'BU', 'mobile node', (here, { update }) => pace(update, INITIAL_BINDACK_TIMEOUT, 'Binding Update', here)),
  check('RFC6275-11.8-4', 'HoTI', 'mobile node', (here, { init }) => repeated(init, here, 'Home Test Init')),
  check('RFC6275-11.8-4', 'CoTI', 'mobile node', (here, { init }) => repeated(init, here, 'Care-of Test Init')),
  check('RFC6275-11.8-4', 'MobilePrefixSolicitation', 'mobile node', (here, { question }) =>
    question.attempt < 2 ? undefined : pace(question, INITIAL_SOLICIT_TIMER, 'Mobile Prefix Solicitation', here),
  ),
  check('RFC6275-11.8-7', 'BU', 'mobile node', (here, { peer, update }) =>
    rate([...peer.updates.map(({ time }) => time), update.time], 'Binding Update', here),
  ),
  check('RFC6275-11.8-7', 'HoTI', 'mobile node', (here, { testing }) => ofInits(testing, 'Home Test Init', here)),
  check('RFC6275-11.8-7', 'CoTI', 'mobile node', (here, { testing }) => ofInits(testing, 'Care-of Test Init', here)),
  check('RFC6275-11.8-8', 'BU', 'mobile node', (here, what) => (what.update.attempt > 0 ? numbered(what, here) : undefined)),
  check('RFC6275-11.8-9', 'HoTI', 'mobile node', (here, { init }) => newCookie(init, here, HOME_TEST)),
  check('RFC6275-11.8-9', 'CoTI', 'mobile node', (here, { init }) => newCookie(init, here, 'Care-of Test Init')),
];
