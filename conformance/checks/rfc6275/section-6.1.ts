/** Section 6.1, Mobility Header: its fields, lengths and checksum, and those of its messages. */
import { mobilityChecksum } from '../../../codecs/mip6/index.ts';
import type { MobilityMessage, MobilityOption } from '../../../codecs/mip6/index.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import type { Finding, Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck, History } from '../../follow/mip6/judge.ts';
import { isRoutable } from '../../follow/mip6/sight.ts';
import { answeredAll, hex, isAuthenticated, objects, zero } from './formats.ts';

const NO_NEXT_HEADER = 59;
/** The status for a care-of address that cannot be registered; section 6.1.7 has such a Binding Update discarded. */
const INVALID_CARE_OF_ADDRESS = 174;
/** A Binding Error about a Home Address option without a binding, and one about an unknown message. */
const UNKNOWN_BINDING = 1;
const UNRECOGNIZED_TYPE = 2;

/** MH Types of the messages that are answered. */
const TYPE = { HoTI: 1, CoTI: 2, BU: 5 } as const;

const isPadding = ({ kind }: MobilityOption): boolean => kind === 'Pad1' || kind === 'PadN';

/** Octets of each message when it has no option: what follows from its Header Len. */
const PLAIN = { BRR: 8, HoTI: 16, CoTI: 16, HoT: 24, CoT: 24, BU: 16, BA: 16, BE: 24 } as const;

/** A message without options has the Header Len that its section gives it. */
const plain = (requirement: string, kind: keyof typeof PLAIN): AnyCheck =>
  check(requirement, 'mobility', 'sender', (_, { message, octets }) => {
    if (message.kind !== kind || !(message.options ?? []).every(isPadding)) return undefined;
    const expected = PLAIN[kind];
    return octets.length === expected
      ? PASS
      : broken(
          `Header Len ${expected / 8 - 1}`,
          `Header Len ${octets.length / 8 - 1}`,
          `A ${kind} without options has ${octets.length} octets instead of ${expected}.`,
        );
  });

/** How one of these messages says that a message of the Mobility Header must not carry a header. */
const without = (what: string, { kind }: MobilityMessage, has: boolean): Judgement =>
  has ? broken(`no ${what}`, `a ${kind} with one`, `A ${kind} carries a ${what}.`) : PASS;

/** What a message is called in a finding. */
const nameOf = (message: MobilityMessage): string => (message.kind === 'Unknown' ? `message of type ${message.type}` : message.kind);

/** The frames of a finding about an answer: what it answers. */
const about = (finding: Finding, frame: number): Finding => ({ ...finding, frames: [frame] });

const acknowledgesBadAddress = ({ update, message }: History['BA']): Judgement => {
  if (update === undefined || isRoutable(update.careOf)) return undefined;
  const finding = broken(
    'no answer',
    `a BA of status ${message.status}`,
    `The Binding Update names the care-of address ${update.careOf}, which is no routable unicast address, and is answered.`,
  );
  // Section 6.1.8 has a status for it all the same.
  return about(message.status === INVALID_CARE_OF_ADDRESS ? { ...finding, kind: 'warn' } : finding, update.frame);
};

export const section61: readonly AnyCheck[] = [
  check('RFC6275-6.1-1', 'mobility', 'sender', ({ sight }, { message }) =>
    message.kind === 'BA' ? undefined : without('type 2 routing header', message, sight.hasRouting),
  ),
  check('RFC6275-6.1-2', 'mobility', 'sender', ({ sight }, { message }) =>
    message.kind === 'BU' ? undefined : without('Home Address option', message, sight.hasHomeAddress),
  ),

  check('RFC6275-6.1.1-1', 'mobility', 'sender', (_, { message: { payloadProto } }) =>
    payloadProto === undefined
      ? PASS
      : broken(`Payload Proto ${NO_NEXT_HEADER}`, `Payload Proto ${payloadProto}`, 'Something seems to follow the Mobility Header.'),
  ),
  check('RFC6275-6.1.1-2', 'mobility', 'sender', ({ sight }, { message, octets }) => {
    const { length } = sight.packet.payload;
    if (message.payloadProto !== undefined) return undefined;
    return length === octets.length
      ? PASS
      : broken(
          `${octets.length} octets, as Header Len tells`,
          `${length} octets`,
          'More octets follow than the Mobility Header has, though nothing is to follow.',
        );
  }),
  check('RFC6275-6.1.1-2', 'malformed', 'sender', ({ sight }, { error, octets }) =>
    error.code === 'truncated'
      ? broken(
          'the octets that Header Len tells',
          `${octets.length} octets`,
          `The packet ends before its Mobility Header: ${error.message}.`,
        )
      : sight.packet.payload.length % 8 === 0
        ? undefined
        : broken('a multiple of 8 octets', `${octets.length} octets`, 'The Mobility Header is no multiple of 8 octets.'),
  ),
  check('RFC6275-6.1.1-3/1', 'mobility', 'sender', (_, { message }) =>
    zero(message.reserved ?? 0, `The Reserved field of the Mobility Header of a ${nameOf(message)}`),
  ),
  check('RFC6275-6.1.1-6', 'mobility', 'sender', ({ sight: { packet } }) => {
    const at = packet.payload.byteOffset - packet.destination.byteOffset + 24;
    return at % 8 === 0
      ? PASS
      : broken('a multiple of 8 octets', `octet ${at} of the packet`, 'The Mobility Header does not begin on a multiple of 8 octets.');
  }),
  check('RFC6275-6.1.1-a', 'mobility', 'sender', ({ sight }, { message, octets }) => {
    const expected = mobilityChecksum(sight.packet);
    // With more octets than Header Len tells it is not said which of them are the message: 6.1.1-2 speaks of those.
    if (expected === undefined || sight.packet.payload.length !== octets.length) return undefined;
    const seen = message.checksum ?? 0;
    return seen === expected
      ? PASS
      : broken(
          hex(expected),
          hex(seen),
          `The checksum of the ${nameOf(message)} is wrong for a pseudo-header with ${sight.from} and ${sight.to}.`,
        );
  }),
  check('RFC6275-6.1.1-b', 'mobility', 'sender', (_, { message }) => (message.kind === 'Unknown' ? undefined : PASS)),
  check('RFC6275-6.1.1-b', 'malformed', 'sender', (_, { error, octets }) =>
    error.code === 'bad-length'
      ? broken('the length of its type', `${octets.length} octets`, `The message is too short: ${error.message}.`)
      : undefined,
  ),

  check('RFC6275-6.1.2-1/1', 'BRR', 'sender', (_, { message }) => zero(message.reserved2 ?? 0, 'The Reserved field of a BRR')),
  plain('RFC6275-6.1.2-a', 'BRR'),

  check('RFC6275-6.1.3-1/1', 'HoTI', 'sender', (_, { message }) => zero(message.reserved2 ?? 0, 'The Reserved field of a HoTI')),
  check('RFC6275-6.1.3-2', 'HoT', 'sender', (_, { token }) => answeredAll(token.init?.message)),
  check('RFC6275-6.1.3-2', 'problem', 'sender', (_, what) => objects(what, TYPE.HoTI)),
  check('RFC6275-6.1.3-3', 'carried', 'sender', ({ sight, node }, { kind }) => {
    const isOwn = kind === 'HoTI' && sight.from === node?.home && sight.tunnel?.destination === node.homeAgent;
    return !isOwn || isAuthenticated(sight)
      ? undefined
      : broken('ESP in tunnel mode', 'a HoTI in the clear', 'The Home Test Init goes through the tunnel to the home agent without ESP.');
  }),
  plain('RFC6275-6.1.3-a', 'HoTI'),

  check('RFC6275-6.1.4-1/1', 'CoTI', 'sender', (_, { message }) => zero(message.reserved2 ?? 0, 'The Reserved field of a CoTI')),
  check('RFC6275-6.1.4-2', 'CoT', 'sender', (_, { token }) => answeredAll(token.init?.message)),
  check('RFC6275-6.1.4-2', 'problem', 'sender', (_, what) => objects(what, TYPE.CoTI)),
  plain('RFC6275-6.1.4-a', 'CoTI'),
  plain('RFC6275-6.1.5-a', 'HoT'),
  plain('RFC6275-6.1.6-a', 'CoT'),

  check('RFC6275-6.1.7-1', 'BU', 'sender', ({ network, node, sight }, { message }) => {
    if (!message.homeRegistration || node === undefined) return undefined;
    const isOnLink = network.isOnLink(node.home, sight.destination);
    // The home address of a mobile router may be of its own network (RFC 3963 section 3).
    if (isOnLink === undefined || (!isOnLink && node.isRouter)) return undefined;
    return isOnLink
      ? PASS
      : broken(
          'a home agent of the link of the home address',
          `${node.home} with ${sight.destination}`,
          'The mobile node registers a home address with a home agent that does not advertise its prefix.',
        );
  }),
  check('RFC6275-6.1.7-3', 'BU', 'sender', (_, { message }) => {
    if (message.homeRegistration) return undefined;
    return message.keyManagementMobilityCapability
      ? broken('K = 0', 'K = 1', 'K is set in a Binding Update that is no home registration.')
      : PASS;
  }),
  check('RFC6275-6.1.7-5/1', 'BU', 'sender', (_, { message }) => zero(message.reserved2, 'Of the unassigned bits of a BU at least one')),
  check('RFC6275-6.1.7-8', 'BA', 'sender', (_, { update }) => answeredAll(update?.message)),
  check('RFC6275-6.1.7-8', 'problem', 'sender', (_, what) => objects(what, TYPE.BU)),
  check('RFC6275-6.1.7-9', 'BU', 'sender', (_, { update: { careOf } }) =>
    isRoutable(careOf)
      ? PASS
      : broken('a routable unicast address', careOf, `The Binding Update registers ${careOf}, which is no routable unicast address.`),
  ),
  check('RFC6275-6.1.7-11', 'BA', 'sender', (_, what) => acknowledgesBadAddress(what)),
  check('RFC6275-6.1.7-12', 'BU', 'sender', (_, { message, update }) => {
    if (message.lifetime === 0) return PASS;
    return update.deletes
      ? broken(
          'Lifetime 0',
          `Lifetime ${message.lifetime}`,
          'The care-of address is the home address, which is a deletion, but the Lifetime is not zero.',
        )
      : undefined;
  }),
  check('RFC6275-6.1.7-13', 'BE', 'sender', ({ sight }, { message, peer }) => {
    const binding = peer?.binding;
    if (message.status !== UNKNOWN_BINDING || binding === undefined || binding.isHome || binding.careOf !== sight.destination)
      return undefined;
    // A later Binding Update may have moved the binding or taken it back, though its acknowledgement was not captured.
    if (binding.update !== undefined && peer?.updates.at(-1) !== binding.update) return undefined;
    const age = sight.time - binding.time;
    return age >= binding.lifetime
      ? undefined
      : about(
          broken(
            `the binding for ${binding.lifetime / 1000} s`,
            `none after ${(age / 1000).toFixed(1)} s`,
            'The correspondent node has lost a binding before its lifetime was over: it may have restarted.',
          ),
          binding.frame,
        );
  }),
  check('RFC6275-6.1.7-13', 'data', 'peer', ({ sight, isFromMobile }, { route, peer }) => {
    const binding = peer?.binding;
    return !isFromMobile && route === 'direct' && binding?.isHome === false && sight.time - binding.time < binding.lifetime
      ? PASS
      : undefined;
  }),
  plain('RFC6275-6.1.7-a', 'BU'),
  check('RFC6275-6.1.7-b', 'BU', 'sender', (_, { message }) => {
    if (message.homeRegistration) return undefined;
    return (message.options ?? []).some(({ kind }) => kind === 'BindingAuthorizationData')
      ? PASS
      : broken('Binding Authorization Data', 'none', 'A Binding Update to a correspondent node carries no Binding Authorization Data.');
  }),

  check('RFC6275-6.1.8-1', 'BA', 'sender', (_, { message, update }) => {
    if (update?.message.homeRegistration !== false) return undefined;
    return message.keyManagementMobilityCapability
      ? broken('K = 0', 'K = 1', 'A correspondent node sets K in a Binding Acknowledgement.')
      : PASS;
  }),
  check('RFC6275-6.1.8-2/1', 'BA', 'sender', (_, { message }) => zero(message.reserved2, 'Of the unassigned bits of a BA at least one')),
  plain('RFC6275-6.1.8-a', 'BA'),

  check('RFC6275-6.1.9-1/1', 'BE', 'sender', (_, { message }) => zero(message.reserved2 ?? 0, 'The Reserved field of a BE')),
  plain('RFC6275-6.1.9-a', 'BE'),
  check('RFC6275-6.1.9-b', 'BE', 'sender', (_, { message: { status } }) =>
    status === UNKNOWN_BINDING || status === UNRECOGNIZED_TYPE
      ? PASS
      : broken('status 1 or 2', `status ${status}`, `A Binding Error has the status ${status}, which says nothing.`),
  ),
];
