/** RFC 6275 sections 9.2 to 9.4: what is discarded and how that is answered, Home Address options and routing headers at a correspondent, Binding Errors, tests. */
import { toHex } from '../../../codecs/bytes.ts';
import { homeAddressesOf, PROTOCOL_MOBILITY } from '../../../codecs/mip6/index.ts';
import { PROTOCOL_ICMPV6, encodeIpv6 } from '../../../codecs/packet/index.ts';
import type { Ipv6 } from '../../../codecs/packet/index.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import type { Finding, Judgement } from '../../follow/evidence.ts';
import { check, ifComplete, ifSeamless, unlessSent } from '../../follow/mip6/judge.ts';
import type { AnyCheck, History } from '../../follow/mip6/judge.ts';
import type { Fault, Token } from '../../follow/mip6/testing.ts';
import { NO_NEXT_HEADER, SLACK } from './terms.ts';

const PARAMETER_PROBLEM = 4;
const ECHO_REPLY = 129;
/** Statuses of a Binding Error. */
const UNKNOWN_BINDING = 1;
const UNRECOGNIZED_TYPE = 2;
/** A message is answered within this time, in ms. */
const SOON = 1000;
/** Neighbor Discovery. */
const isNeighborDiscovery = ({ protocol, payload }: Ipv6): boolean =>
  protocol === PROTOCOL_ICMPV6 && payload[0] !== undefined && payload[0] >= 133 && payload[0] <= 137;

const faults: Readonly<Record<Fault, string>> = {
  checksum: 'whose checksum is wrong',
  'payload proto': 'whose Payload Proto is not 59',
  'home address option': 'that has a Home Address option',
};

/** Something with this fault was answered all the same. */
const answered = (
  fault: Fault,
  asked: { readonly fault: Fault | undefined; readonly frame: number } | undefined,
  what: string,
): Judgement =>
  asked?.fault === fault ? broken('no answer', what, `A message ${faults[fault]} is answered with a ${what}.`, [asked.frame]) : undefined;

/** Where the Mobility Header begins in a packet that an ICMPv6 error quotes. */
const offsetOf = (about: Ipv6): number => encodeIpv6({ ...about, payload: new Uint8Array(0), trailer: new Uint8Array(0) }).length;

/** An ICMPv6 error about the Payload Proto or the Header Len of a message. */
const problemAbout = ({ message, about }: History['problem'], what: 'payload proto' | 'header len'): boolean => {
  if (about.protocol !== PROTOCOL_MOBILITY || about.payload.length < 3 || message.type !== PARAMETER_PROBLEM || message.code === 1)
    return false;
  const isProto = about.payload[0] !== NO_NEXT_HEADER;
  return what === 'payload proto' ? isProto : !isProto && (shortest[about.payload[2]!] ?? 0) > 8 * (about.payload[1]! + 1);
};
/** Octets that each type has at least, by MH Type: section 6.1. */
const shortest: readonly number[] = [8, 16, 16, 24, 24, 12, 12, 24];

const code0 =
  (what: 'payload proto' | 'header len') =>
  (_: unknown, event: History['problem']): Judgement => {
    if (!problemAbout(event, what)) return undefined;
    const { code } = event.message;
    return code === 0
      ? PASS
      : broken('code 0', `code ${code}`, 'A Parameter Problem about a malformed Mobility Header has another code than 0.');
  };

const pointer =
  (what: 'payload proto' | 'header len', field: number) =>
  (_: unknown, event: History['problem']): Judgement => {
    if (!problemAbout(event, what)) return undefined;
    const due = offsetOf(event.about) + field;
    return event.pointer === due
      ? PASS
      : broken(
          `pointer ${due}`,
          `pointer ${event.pointer}`,
          'A Parameter Problem does not point at the field of the Mobility Header that is wrong.',
        );
  };

/** A test is answered although its question was to be discarded. */
const testAnswered = (fault: Fault, { init, time }: Token, what: string): Judgement =>
  init !== undefined && time - init.time < SOON / 2 ? answered(fault, init, what) : undefined;

const hasOption = ({ packet }: { readonly packet: Ipv6 }): boolean => homeAddressesOf(packet).length > 0;

export const section92: readonly AnyCheck[] = [
  check('RFC6275-9.2-2', 'HoT', 'peer', (_, { token }) => testAnswered('checksum', token, 'Home Test')),
  check('RFC6275-9.2-2', 'CoT', 'peer', (_, { token }) => testAnswered('checksum', token, 'Care-of Test')),
  check('RFC6275-9.2-2', 'BA', 'peer', (_, { update, message }) =>
    update?.message.sequence === message.sequence ? answered('checksum', update, 'Binding Acknowledgement') : undefined,
  ),
  check('RFC6275-9.2-4', 'BE', 'sender', ({ sight }, { message, offence, named }) => {
    const isAnswer = offence?.unknownType !== undefined && sight.time - offence.time < SOON;
    if (message.status === UNRECOGNIZED_TYPE) {
      if (offence?.unknownType !== undefined) return PASS;
      // A message of an unknown type has no Home Address option: what is named is the home address of another packet.
      if (named === undefined || offence?.home !== named) return undefined;
      return broken('status 1', 'status 2', 'A Binding Error about a Home Address option complains of an unknown MH Type.', [
        offence.frame,
      ]);
    }
    if (!isAnswer || offence.home !== undefined) return undefined;
    return broken(
      'status 2',
      `status ${message.status}`,
      `A message of the unknown MH Type ${offence.unknownType} is answered with another status.`,
      [offence.frame],
    );
  }),
  check('RFC6275-9.2-6/1', 'HoT', 'peer', (_, { token }) => testAnswered('payload proto', token, 'Home Test')),
  check('RFC6275-9.2-6/1', 'CoT', 'peer', (_, { token }) => testAnswered('payload proto', token, 'Care-of Test')),
  check('RFC6275-9.2-6/1', 'BA', 'peer', (_, { update, message }) =>
    update?.message.sequence === message.sequence ? answered('payload proto', update, 'Binding Acknowledgement') : undefined,
  ),
  check('RFC6275-9.2-6/1', 'problem', 'sender', (_, event) => (problemAbout(event, 'payload proto') ? PASS : undefined)),
  check('RFC6275-9.2-6/2', 'problem', 'sender', code0('payload proto')),
  check('RFC6275-9.2-7', 'problem', 'sender', pointer('payload proto', 0)),
  check('RFC6275-9.2-9/2', 'problem', 'sender', code0('header len')),
  check('RFC6275-9.2-10', 'problem', 'sender', pointer('header len', 1)),

  check('RFC6275-9.3.1-5', 'BE', 'sender', (_, { message, offence, named }) =>
    message.status === UNKNOWN_BINDING && offence?.home !== undefined && offence.home === named ? PASS : undefined,
  ),
  check('RFC6275-9.3.1-4', 'BE', 'sender', (_, { message, offence, peer }) => {
    if (message.status !== UNKNOWN_BINDING || offence?.home === undefined) return undefined;
    return peer?.binding === undefined ? PASS : undefined;
  }),
  check('RFC6275-9.3.1-5', 'data', 'peer', ({ sight, isFromMobile, isAt }, { route, peer }) => {
    if (!isFromMobile || route !== 'direct' || peer === undefined || !isAt(sight.to)) return undefined;
    const { count, time, frame } = peer.unbound;
    // Binding Errors may be limited in their rate (section 9.3.3), not left out for seconds.
    if (count < 8 || sight.time - time < 3 * SLACK) return undefined;
    return broken(
      'a Binding Error',
      'none',
      'Packets with a Home Address option and without a binding are not answered with a Binding Error.',
      [frame],
    );
  }),
  check('RFC6275-9.3.1-4', 'data', 'peer', ({ sight, isFromMobile }, { peer }) => {
    const { protocol, payload } = sight.packet;
    if (isFromMobile || peer?.echo === undefined || protocol !== PROTOCOL_ICMPV6 || payload[0] !== ECHO_REPLY) return undefined;
    if (toHex(payload, 4, 8) !== peer.echo.key) return undefined;
    const finding = broken(
      'no answer',
      'an Echo Reply',
      'A packet with a Home Address option is answered although there is no binding for it.',
      [peer.echo.frame],
    );
    return ifSeamless(finding, Math.max(peer.deleted?.time ?? 0, peer.lost?.time ?? 0), sight.time);
  }),
  check('RFC6275-9.3.2-2', 'data', 'sender', ({ sight, isFromMobile }, { route, peer }) =>
    !isFromMobile && route === 'direct' && peer?.binding?.careOf === sight.destination ? PASS : undefined,
  ),
  check('RFC6275-9.3.2-3', 'addressed', 'sender', ({ sight }, { packet }) => {
    if (!sight.hasRouting) return undefined;
    return isNeighborDiscovery(packet)
      ? broken('no type 2 routing header', 'one', 'A Neighbor Discovery packet has a type 2 routing header.')
      : PASS;
  }),
  check('RFC6275-9.3.2-a', 'data', 'sender', ({ sight, isFromMobile, node }, { route, peer }) => {
    if (isFromMobile || route !== 'direct' || peer === undefined) return undefined;
    // Where the mobile node is, it may have told by a Binding Update that the capture misses.
    if (node?.careOf === sight.destination && peer.binding?.careOf !== sight.destination) return undefined;
    const { binding, former, deleted } = peer;
    const last = peer.updates.at(-1);
    if (peer.hasBindingOf(sight.destination) || (last?.careOf === sight.destination && last.answer === undefined)) return PASS;
    const since = (finding: Finding, after: number): Judgement =>
      unlessSent(ifSeamless(finding, after, sight.time), { from: sight.destination, to: peer.address, after });
    if (binding !== undefined) {
      if (sight.time - binding.time < SLACK) return undefined;
      const finding = broken(
        binding.careOf,
        sight.destination,
        'A packet for a mobile node goes to another care-of address than the one that is registered.',
        [binding.frame],
      );
      return since(finding, binding.time);
    }
    if (deleted !== undefined) {
      if (sight.time - deleted.time < SLACK) return undefined;
      const finding = broken(
        'the home address',
        sight.destination,
        'A packet goes to the care-of address of a mobile node whose binding was deleted.',
        [deleted.frame],
      );
      return since(finding, deleted.time);
    }
    if (last?.answer === undefined || last.answer.message.status < 128 || former !== undefined) return undefined;
    if (sight.time - last.answer.time < SLACK || sight.to !== node?.home) return undefined;
    return ifComplete(
      broken('no type 2 routing header', sight.destination, 'A packet goes to a care-of address whose registration was refused.', [
        last.frame,
        last.answer.frame,
      ]),
    );
  }),
  check('RFC6275-9.3.3-2', 'BE', 'sender', (_, { message, named, offence }) => {
    if (offence === undefined) return undefined;
    if (named === offence.home) return PASS;
    // Both a packet with an option and one without may have come of late: only the last of them is remembered.
    if (message.status === UNRECOGNIZED_TYPE && offence.unknownType === undefined) return undefined;
    return broken(
      offence.home ?? '::',
      named ?? '::',
      'The Home Address of a Binding Error is not that of the Home Address option in the packet that it is about.',
      [offence.frame],
    );
  }),
  check('RFC6275-9.3.3-a', 'BE', 'sender', ({ sight, isPlaceOf }, { message, offence, peer }) => {
    if (offence !== undefined) return PASS;
    // A capture of control messages alone does not hold what it is about.
    if (message.status !== UNKNOWN_BINDING || peer?.sendsDirectly !== true || isPlaceOf(sight.destination)) return undefined;
    return ifComplete(
      broken(
        'the source of the packet that it is about',
        sight.destination,
        'A Binding Error goes to an address that nothing came from that calls for one.',
      ),
    );
  }),

  check('RFC6275-9.4.1-2', 'HoT', 'peer', (_, { token }) => testAnswered('home address option', token, 'Home Test')),
  check('RFC6275-9.4.2-2', 'CoT', 'peer', (_, { token }) => testAnswered('home address option', token, 'Care-of Test')),
  check('RFC6275-9.4.3-a', 'HoT', 'peer', ({ sight, node }, { token, elsewhere }) => {
    if (token.init !== undefined) return sight.hasRouting || hasOption(sight) ? undefined : PASS;
    if (elsewhere === undefined) return undefined;
    return broken(
      elsewhere.from,
      sight.to,
      `A Home Test goes to another address than its Home Test Init came from; the home address is ${node?.home}.`,
      [elsewhere.frame],
    );
  }),
  check('RFC6275-9.4.4-a', 'CoT', 'peer', ({ sight }, { token, elsewhere }) => {
    if (token.init !== undefined) return PASS;
    if (elsewhere === undefined) return undefined;
    return broken(elsewhere.from, sight.to, 'A Care-of Test goes to another address than its Care-of Test Init came from.', [
      elsewhere.frame,
    ]);
  }),
];
