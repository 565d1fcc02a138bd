/** RFC 8684 section 3.2: starting a new subflow with MP_JOIN. "Host A" is the opener of the subflow, "Host B" its acceptor. */
import { capture, must, rule, sameAs, should, unobservable } from '../define.ts';
import type { Draft } from '../define.ts';

export const joining: readonly Draft[] = [
  must(
    '3.2-1',
    1095,
    'any host',
    'Keep, for both hosts, which Address ID stands for which address.',
    unobservable('What a host keeps is not on the wire.'),
  ),
  must('3.2-2', 1101, 'any host', 'Send the three reserved flag bits of the MP_JOIN on a SYN or SYN/ACK as 0.', capture),
  should(
    '3.2-3',
    1111,
    'subflow acceptor',
    'Answer an MP_JOIN SYN whose token is valid with a SYN/ACK whose MP_JOIN carries a random number and 64 bits of HMAC.',
    capture,
  ),
  must('3.2-4/1', 1156, 'subflow acceptor', 'Acknowledge the ACK that carries MP_JOIN with an ACK of its own, at once.', capture),
  must('3.2-4/2', 1156, 'subflow opener', 'Retransmit the ACK that carries MP_JOIN until it has been acknowledged.', capture),
  must('3.2-5', 1163, 'subflow opener', 'Send the reserved bits of the MP_JOIN on the third packet as 0.', capture),
  must('3.2-6', 1220, 'subflow acceptor', 'Answer an MP_JOIN SYN whose token is unknown, or which policy refuses, with a RST.', capture),
  must('3.2-7', 1226, 'subflow opener', 'Reset the subflow when the HMAC of the SYN/ACK is not the expected one.', capture),
  should(
    '3.2-8',
    1228,
    'any host',
    'Put an MP_TCPRST with reason 1 (MPTCP-specific error) on a RST that ends a failed MP_JOIN handshake.',
    capture,
  ),
  must('3.2-9', 1233, 'subflow acceptor', 'Reset the subflow when the third packet has no MP_JOIN or not the expected HMAC.', capture),
  must('3.2-10', 1241, 'subflow opener', 'Reset the subflow when the SYN/ACK has no MP_JOIN.', capture),
  must(
    '3.2-11',
    1247,
    'subflow opener',
    'Do so whichever way MP_JOIN was lost, also where the peer answers as for a new plain TCP connection.',
    sameAs('RFC8684-3.2-10'),
  ),
  must(
    '3.2-12',
    1263,
    'subflow acceptor',
    'Find the connection of an MP_JOIN SYN by its token, whatever port it is addressed to.',
    capture,
  ),

  rule(
    '3.2-a',
    1147,
    'subflow acceptor',
    'Carry in the SYN/ACK the leftmost 64 bits of HMAC-SHA256 with key Key-B + Key-A over R-B + R-A.',
    capture,
  ),
  rule(
    '3.2-b',
    1144,
    'subflow opener',
    'Carry in the third packet the leftmost 160 bits of HMAC-SHA256 with key Key-A + Key-B over R-A + R-B.',
    capture,
  ),
  rule(
    '3.2-c',
    1162,
    'subflow opener',
    'Send no data on the subflow before the acceptor has acknowledged the MP_JOIN on the third packet.',
    capture,
  ),
  rule('3.2-d', 1083, 'any host', 'Let an Address ID in MP_JOIN stand for one source address of its sender.', capture),
  rule('3.2-e', 1055, 'any host', 'Give MP_JOIN the length of its packet: 12 on the SYN, 16 on the SYN/ACK, 24 on the ACK.', capture),
  rule(
    '3.2-f',
    1069,
    'subflow opener',
    "Carry in the SYN the token that the receiver derived from its own key for this connection, not the sender's.",
    capture,
  ),
  rule('3.2-g', 1115, 'subflow acceptor', 'Put an MP_TCPRST on the RST that refuses an MP_JOIN.', capture),
  rule('3.2-h', 1045, 'any host', 'Carry MP_JOIN on all three packets of the handshake: SYN, SYN/ACK and ACK.', capture),
  rule(
    '3.2-i',
    1093,
    'address sender',
    'Leave Address ID 0 to the address of the first subflow: announce and join with it no other.',
    capture,
  ),
];
