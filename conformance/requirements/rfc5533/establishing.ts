/** RFC 5533 section 7: context tags, locators that are verified, and how a context is established and recovered. */
import { capture, live, may, must, mustNot, permission, rule, sameAs, should, shouldNot, unobservable } from '../define.ts';
import type { Draft, Decision } from '../define.ts';
import type { Level } from '../requirement.ts';

/** What OPTIONAL allows. */
const optional = (ref: string, line: number, role: 'any host', statement: string, decision: Decision): Draft => ({
  level: 'OPTIONAL' satisfies Level,
  ref,
  line,
  role,
  statement,
  decision,
});

const looking = unobservable('What a host compares is not on the wire; what comes of it is judged.');
const owed = live('Takes an endpoint that knows the message to have arrived: in a capture its answer may be missing, or the message lost.');
const confused = live('Takes a peer that gives a context tag to another context.');

export const establishing: readonly Draft[] = [
  must(
    '7.1-1',
    3016,
    'any host',
    'Allocate for each context a tag that no other context of this host has.',
    live('Takes many contexts at once: a tag that comes again may be that of a context which was given up.'),
  ),
  must(
    '7.1-2',
    3032,
    'any host',
    'Leave at least 30 bits of a context tag to chance.',
    unobservable('A few tags do not show how they were drawn.'),
  ),
  should(
    '7.1-3',
    3037,
    'any host',
    'Go through the random part of the tags in random order, so that none comes again soon.',
    unobservable('A few tags do not show from which set they were drawn.'),
  ),

  should('7.2-1', 3062, 'message receiver', 'Verify locators by HBA or CGA before acknowledging them.', capture),
  must('7.2-2', 3067, 'any host', 'Send nothing to a locator of the peer that has not been verified by HBA or CGA.', capture),
  must('7.2-3', 3069, 'payload sender', 'Send no payload to a locator of the peer at which no probe has found it.', capture),
  must(
    '7.2-4',
    3074,
    'message receiver',
    'Ignore a message with a locator whose verification method is unknown or does not fit the CGA Parameters.',
    capture,
  ),
  should(
    '7.2-5',
    3087,
    'message receiver',
    'Tell the sender of a verification method that does not fit, with an Error of code 2.',
    capture,
  ),

  must('7.6-1', 3375, 'any host', 'Put a locator list into I2, I2bis and R2 that is large enough to recognise the host by.', capture),
  must('7.6-2', 3381, 'any host', 'Give up the context whose tag the peer has given to another one.', confused),
  may('7.6-3', 3384, 'any host', 'Make a new context in place of one that was given up so.', permission),
  optional('7.6-4', 3387, 'any host', 'Establish again what was given up so, where an upper layer uses it.', permission),

  must('7.7-1', 3404, 'context initiator', 'Tell the ULID pair in every I1, by its addresses or an option.', sameAs('RFC5533-5.4-3')),
  must(
    '7.7-2',
    3406,
    'context initiator',
    'Add the ULID Pair option to an I1 that does not go between the ULIDs.',
    sameAs('RFC5533-5.4-3'),
  ),
  must('7.7-3', 3408, 'context initiator', 'Say in every I1 of a forked context which instance it is.', capture),

  rule('7.8-a', 3433, 'context initiator', 'Send an I1 again at most 4 times.', capture),
  rule('7.8-b', 3426, 'context initiator', 'Send the same I1 again when nobody answers, with its nonce.', capture),

  must('7.9-1', 3453, 'message receiver', 'Discard an I1 that is too short, or fails the checks of every control message.', capture),

  must('7.11-1', 3577, 'message receiver', 'Discard an R1 that is too short, or fails the checks of every control message.', capture),
  must('7.11-2', 3604, 'context initiator', 'Discard an R1 once an I2 has been sent.', capture),
  must('7.11-3', 3610, 'context initiator', 'Tell the ULID pair in every I2, by its addresses or an option.', sameAs('RFC5533-5.6-5')),
  must('7.11-4', 3612, 'context initiator', 'Put a ULID Pair option into the I2 where the I1 had one.', capture),
  must('7.11-5', 3613, 'context initiator', 'Say in the I2 of a forked context which instance it is.', capture),

  may('7.12-1', 3630, 'context initiator', 'Send an I2 again when no R2 comes.', permission),
  should('7.12-2', 3635, 'context initiator', 'Go back to the I1 when an I2 has been sent again twice.', capture),

  must('7.13-1', 3653, 'message receiver', 'Discard an I2 that is too short, or fails the checks of every control message.', capture),
  should(
    '7.13-2',
    3666,
    'context responder',
    'Take a Responder Nonce of the last 30 seconds for a recent one when an I2 comes.',
    live('Takes an endpoint that answers late.'),
  ),
  must('7.13-3', 3672, 'context responder', "Discard an I2 whose CGA Parameters are not those of the peer's ULID.", capture),
  should('7.13-4', 3689, 'context responder', 'Verify the locators of an I2 when it makes a context.', capture),
  must('7.13-5', 3711, 'context responder', 'Answer a valid I2 with an R2 where an I1 has been sent.', owed),
  should(
    '7.13-6',
    3714,
    'context responder',
    'Verify the locators of an I2 before taking them over where an I1 has been sent.',
    sameAs('RFC5533-7.13-4'),
  ),
  must('7.13-7', 3727, 'context responder', 'Answer a valid I2 with an R2 where the context is there already.', owed),
  should(
    '7.13-8',
    3730,
    'context responder',
    'Verify the locators of an I2 before taking them over in a context that is there.',
    sameAs('RFC5533-7.13-4'),
  ),

  must('7.14-1', 3737, 'context responder', 'Look for a context tag that is confused before sending an R2.', looking),
  must('7.15-1', 3766, 'any host', 'Look for a context tag that is confused when an I2, I2bis or R2 comes.', looking),
  mustNot('7.15-2', 3790, 'any host', 'Send nothing any more with a context whose tag the peer has given to another.', confused),
  may('7.15-3', 3791, 'any host', 'Discard such a context, or establish it anew.', permission),
  mustNot('7.15-4', 3794, 'any host', 'Keep no two established contexts with one tag and a locator in common.', confused),

  must('7.16-1', 3817, 'message receiver', 'Discard an R2 that is too short, or fails the checks of every control message.', capture),
  must('7.16-2', 3835, 'context initiator', "Discard an R2 whose CGA Parameters are not those of the peer's ULID.", capture),
  should('7.16-3', 3842, 'context initiator', 'Verify the locators of an R2 when it comes.', capture),
  must('7.16-4', 3850, 'context initiator', 'Look for a context tag that is confused before an R2 is done with.', looking),

  rule('7.17-a', 3890, 'message receiver', 'Put a Responder Validator into every R1bis.', capture),

  must('7.18-1', 3932, 'message receiver', 'Discard an R1bis that is too short, or fails the checks of every control message.', capture),
  must(
    '7.18-2',
    3959,
    'context initiator',
    'Add the ULID Pair option to an I2bis that does not go between the ULIDs.',
    sameAs('RFC5533-5.9-4'),
  ),
  must('7.18-3', 3961, 'context initiator', 'Say in the I2bis of a forked context which instance it is.', capture),
  rule('7.18-a', 3958, 'context initiator', 'Send the I2bis on the locator pair on which the R1bis came.', capture),

  may('7.19-1', 3985, 'context initiator', 'Send an I2bis again when no R2 comes.', permission),
  should('7.19-2', 3990, 'context initiator', 'Go back to the I1 when an I2bis has been sent again twice.', capture),

  must('7.20-1', 3998, 'message receiver', 'Discard an I2bis that is too short, or fails the checks of every control message.', capture),
  should(
    '7.20-2',
    4011,
    'context responder',
    'Take a Responder Nonce of the last 30 seconds for a recent one when an I2bis comes.',
    live('Takes an endpoint that answers an R1bis late.'),
  ),
  must('7.20-3', 4018, 'context responder', "Discard an I2bis whose CGA Parameters are not those of the peer's ULID.", capture),
  shouldNot('7.20-4', 4041, 'context responder', 'Give the context that an I2bis brings back another tag than it had.', capture),
  should('7.20-5', 4045, 'context responder', 'Verify the locators of an I2bis when it makes a context.', capture),
  must('7.20-6', 4058, 'context responder', 'Answer a valid I2bis with an R2 where an I1 has been sent.', owed),
  should(
    '7.20-7',
    4061,
    'context responder',
    'Verify the locators of an I2bis before taking them over where an I1 has been sent.',
    sameAs('RFC5533-7.20-5'),
  ),
  must('7.20-8', 4077, 'context responder', 'Answer a valid I2bis with an R2 where the context is there already.', owed),
  should(
    '7.20-9',
    4080,
    'context responder',
    'Verify the locators of an I2bis before taking them over in a context that is there.',
    sameAs('RFC5533-7.20-5'),
  ),
];
