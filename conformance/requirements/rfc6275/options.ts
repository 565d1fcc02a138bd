/** RFC 6275 sections 6.2 to 6.4: mobility options, the Home Address option and the type 2 routing header. */
import { capture, live, may, must, mustNot, permission, rule, sameAs, should } from '../define.ts';
import type { Draft } from '../define.ts';
import { ignoredByOwn, ownHost, seenInside } from './reasons.ts';

export const options: readonly Draft[] = [
  mustNot('6.2-1', 2679, 'any node', 'Put Binding Authorization Data last, without padding behind it.', capture),

  must('6.2.1-1', 2709, 'any node', 'Skip a mobility option of an unknown type, and handle the rest of the message as usual.', capture),
  must('6.2.1-2', 2728, 'any node', 'Say nothing of a mobility option that is not understood.', sameAs('RFC6275-6.2.1-1')),
  rule(
    '6.2.1-a',
    2718,
    'any node',
    'Fill the message with options exactly: each has its type and length and ends within the message.',
    capture,
  ),

  should('6.2.2-a', 2762, 'any node', 'Pad two or more octets with one PadN, not with several Pad1.', capture),

  must('6.2.3-1', 2779, 'any node', 'Handle a message alike whatever the octets of its padding are.', ignoredByOwn),
  rule('6.2.3-a', 2779, 'any node', 'Fill PadN with zeros.', capture),

  should(
    '6.2.4-1',
    2797,
    'mobile node',
    'Register again with the home agent within the Refresh Interval that it advises.',
    sameAs('RFC6275-11.7.3-14'),
  ),
  must(
    '6.2.4-2',
    2808,
    'home agent',
    'Advise a Refresh Interval that is shorter than the Lifetime of the Binding Acknowledgement.',
    capture,
  ),
  rule('6.2.4-a', 2795, 'any node', 'Advise a refresh only in the acknowledgement of a home registration.', capture),
  rule('6.2.4-b', 2790, 'home agent', 'Give Binding Refresh Advice a length of 2.', capture),
  rule('6.2.4-c', 2784, 'home agent', 'Place Binding Refresh Advice on a multiple of 2 octets.', capture),

  rule('6.2.5-a', 2814, 'mobile node', 'Place an Alternate Care-of Address option at 8n + 6.', capture),
  rule('6.2.5-b', 2820, 'mobile node', 'Give an Alternate Care-of Address option a length of 16.', capture),
  rule('6.2.5-c', 2839, 'any node', 'Put an Alternate Care-of Address option only into a Binding Update.', capture),

  rule('6.2.6-a', 2865, 'mobile node', 'Place a Nonce Indices option on a multiple of 2 octets.', capture),
  rule('6.2.6-b', 2871, 'mobile node', 'Give a Nonce Indices option a length of 4.', capture),
  rule(
    '6.2.6-c',
    2876,
    'mobile node',
    'Put Nonce Indices only into a Binding Update to a correspondent, and only together with Binding Authorization Data.',
    capture,
  ),

  rule(
    '6.2.7-a',
    2932,
    'mobile node',
    'Authenticate a Binding Update with the first 96 bits of HMAC_SHA1 under Kbm over care-of address, correspondent and the message.',
    capture,
  ),
  rule('6.2.7-b', 2908, 'any node', 'Put Binding Authorization Data only into a Binding Update or a Binding Acknowledgement.', capture),
  rule('6.2.7-c', 2961, 'any node', 'Give the authenticator of return routability 12 octets.', capture),
  rule(
    '6.2.7-d',
    1636,
    'correspondent node',
    'Authenticate a Binding Acknowledgement with the Kbm of its Binding Update, over care-of address, correspondent and the message.',
    capture,
  ),

  must('6.3-1', 3006, 'mobile node', 'Give the Home Address option a length of 16.', capture),
  must('6.3-2', 3011, 'mobile node', 'Carry in a Home Address option only a unicast routable address.', capture),
  should(
    '6.3-3',
    3034,
    'any node',
    'Point at the Option Type when a Home Address option that is not known is answered with a Parameter Problem.',
    capture,
  ),
  mustNot(
    '6.3-4',
    3035,
    'any node',
    'Send no Parameter Problem for a Home Address option that came in a packet to a multicast address.',
    capture,
  ),
  must(
    '6.3-5',
    3041,
    'mobile node',
    'Place the Home Address option behind a routing header, and before a Fragment, AH or ESP header.',
    capture,
  ),
  mustNot('6.3-6', 3050, 'mobile node', 'Carry no more than one Home Address option behind one IPv6 header.', capture),
  may('6.3-7', 3051, 'mobile node', 'Carry a Home Address option of its own in each packet of a tunnel.', permission),
  mustNot('6.3-8/1', 3058, 'any node', 'Leave the Binding Cache as it is when a Home Address option comes.', sameAs('RFC6275-9.1-6')),
  mustNot('6.3-8/2', 3058, 'any node', 'Route no packet otherwise because a Home Address option came.', seenInside),
  rule('6.3-a', 3014, 'mobile node', 'Place the Home Address option at 8n + 6.', capture),

  must(
    '6.4-1',
    3078,
    'mobile node',
    "Check that the address in a type 2 routing header is one's own home address.",
    ownHost('a Binding Acknowledgement with %s changes nothing (sections 11.3.3 and 11.7.3)'),
  ),
  must('6.4-2', 3088, 'any node', 'Carry in a type 2 routing header only a unicast routable address.', capture),
  must(
    '6.4-3',
    3091,
    'mobile node',
    'Discard a packet whose home address has a smaller scope than its care-of address.',
    live('Takes an endpoint that sends a home address of a smaller scope than the care-of address.'),
  ),

  must('6.4.1-1/1', 3145, 'any node', 'Send the Reserved field of a type 2 routing header as 0.', capture),
  must('6.4.1-1/2', 3145, 'mobile node', 'Handle a type 2 routing header alike whatever its Reserved field holds.', ignoredByOwn),
  must('6.4.1-2', 3152, 'any node', 'Give a type 2 routing header Hdr Ext Len 2.', capture),
  must('6.4.1-3', 3155, 'any node', 'Send a type 2 routing header with Segments Left 1.', capture),
  may('6.4.1-4', 3166, 'any node', 'Reverse a routing header for the response, where the packet is authenticated.', permission),
  mustNot('6.4.1-5', 3170, 'mobile node', 'Reverse no type 2 routing header for the response.', seenInside),
  should('6.4.1-a', 3160, 'any node', 'Place a type 2 routing header behind any other routing header.', capture),
];
