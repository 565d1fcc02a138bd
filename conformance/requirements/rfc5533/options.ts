/** RFC 5533 section 5.15: the options. */
import { capture, live, must, mustNot, rule, sameAs, should, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';

export const options: readonly Draft[] = [
  must('5.15-1', 2313, 'message sender', 'Pad every option so that it takes a multiple of 8 octets.', capture),
  mustNot('5.15-2', 2315, 'message sender', 'Leave the padding out of the Length of an option.', capture),
  must('5.15-3', 2316, 'message sender', 'Fill the padding of an option with zeros.', capture),
  must(
    '5.15-4',
    2364,
    'message receiver',
    'Recognise every option whose Critical bit is set, or refuse the message.',
    sameAs('RFC5533-5.15-6'),
  ),
  should(
    '5.15-5',
    2403,
    'message receiver',
    'Answer an unknown option that is critical with an Error of code 1 that points at it.',
    sameAs('RFC5533-12.3-1'),
  ),
  mustNot('5.15-6', 2405, 'message receiver', 'Process nothing else of a message that has an unknown option that is critical.', capture),
  rule(
    '5.15-a',
    2434,
    'message sender',
    'Leave the Critical bit 0 in the options whose formats have it 0: all that the RFC defines.',
    capture,
  ),
  rule('5.15-b', 5327, 'message sender', 'Use option types that are assigned, or set aside for experiments.', capture),

  rule(
    '5.15.2-a',
    2496,
    'message sender',
    'Give a Locator List as many methods and locators as it counts, the locators aligned to 8 octets.',
    capture,
  ),
  rule(
    '5.15.2-b',
    2513,
    'message sender',
    'Give each locator a verification method that is defined, or set aside for experiments.',
    capture,
  ),

  must(
    '5.15.3-1',
    2649,
    'any host',
    'Define preference elements longer than three octets so that they begin as those of three do.',
    unobservable('It binds whoever writes a later format.'),
  ),
  rule('5.15.3-a', 2606, 'message sender', 'Make Locator Preferences of whole elements of the length that they name.', capture),
  rule('5.15.3-b', 2610, 'message sender', 'Give Locator Preferences one element for each locator of the list.', capture),

  rule(
    '5.15.4-a',
    2657,
    'message sender',
    'Have the Multi-Prefix extension in the CGA Parameters where a locator is to be verified by HBA.',
    capture,
  ),

  must('5.15.5-1', 2727, 'message sender', 'Sign the locators whose method is CGA in the order of the list.', capture),
  rule(
    '5.15.5-a',
    2713,
    'message sender',
    "Sign the type tag of shim6, the generation of the list and its CGA locators with the key of the sender's CGA Parameters.",
    capture,
  ),

  must('5.15.6-1', 2736, 'context initiator', 'Tell the ULID pair in every I1, I2 and I2bis.', sameAs('RFC5533-5.15.6-2')),
  must('5.15.6-2', 2737, 'context initiator', 'Add the ULID Pair option to an I1, I2 or I2bis whose addresses are others.', capture),
  must(
    '5.15.6-3',
    2770,
    'message receiver',
    'Take no notice of Reserved2 in a ULID Pair.',
    live('Takes a peer that sets the bits, and an answer that shows that they made no difference.'),
  ),
  rule('5.15.6-a', 2769, 'message sender', 'Send Reserved2 of a ULID Pair as zero.', capture),
  rule('5.15.6-b', 2754, 'message sender', 'Give a ULID Pair the length 36.', capture),
  rule('5.15.7-a', 2783, 'message sender', 'Give a Forked Instance Identifier the length 4.', capture),
];
