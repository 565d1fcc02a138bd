/** Section 6.2, Mobility Options: in which messages they may be, where they begin, how long they are, and what authorises a message. */
import { encodeMobilityOptions, fixedOctets } from '../../../codecs/mip6/index.ts';
import type { MobilityMessage, MobilityOption } from '../../../codecs/mip6/index.ts';
import { toHex } from '../../../codecs/bytes.ts';
import { PASS, broken, gravest } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import type { Authorization } from '../../follow/mip6/authorization.ts';
import { check, ifComplete, unlessAccepted } from '../../follow/mip6/judge.ts';
import type { AnyCheck } from '../../follow/mip6/judge.ts';
import type { Update } from '../../follow/mip6/node.ts';
import { answeredAll, objects, optionsOf } from './formats.ts';

type Kind = MobilityOption['kind'];

const has = (message: MobilityMessage, kind: Kind): boolean => optionsOf(message).some((option) => option.kind === kind);

/** What each option is called, its type, how long its data is, and where it begins: `every` octets and `offset` more. */
const FORMATS = {
  BindingRefreshAdvice: { name: 'Binding Refresh Advice', type: 2, length: 2, every: 2, offset: 0 },
  AlternateCareOfAddress: { name: 'Alternate Care-of Address', type: 3, length: 16, every: 8, offset: 6 },
  NonceIndices: { name: 'Nonce Indices', type: 4, length: 4, every: 2, offset: 0 },
} as const;

/** The option has the length that its section gives it: one of another length does not decode. */
const lengthOf = (requirement: string, kind: keyof typeof FORMATS): AnyCheck => {
  const { name, type, length } = FORMATS[kind];
  return check(requirement, 'mobility', 'sender', (_, { message }) =>
    gravest(
      optionsOf(message).map((option): Judgement => {
        if (option.kind === kind) return PASS;
        if (option.kind !== 'Malformed' || option.type !== type) return undefined;
        return broken(`length ${length}`, `length ${option.data.length}`, `The ${name} option of a ${message.kind} has a wrong length.`);
      }),
    ),
  );
};

/** The option begins where its alignment asks for, counted from the start of the message. */
const alignmentOf = (requirement: string, kind: keyof typeof FORMATS): AnyCheck => {
  const { name, every, offset } = FORMATS[kind];
  return check(requirement, 'mobility', 'sender', (_, { message }) => {
    if (message.kind === 'Unknown') return undefined;
    let at = fixedOctets(message.kind);
    const judgements: Judgement[] = [];
    for (const option of optionsOf(message)) {
      if (option.kind === kind) {
        judgements.push(
          at % every === offset
            ? PASS
            : broken(`${every}n + ${offset}`, `octet ${at} of the message`, `The ${name} option of a ${message.kind} is not aligned.`),
        );
      }
      at += encodeMobilityOptions([option]).length;
    }
    return gravest(judgements);
  });
};

/** The option is in no message but these. */
const only = (requirement: string, kind: Kind, name: string, ...messages: readonly MobilityMessage['kind'][]): AnyCheck =>
  check(requirement, 'mobility', 'sender', (_, { message }) => {
    if (!has(message, kind)) return undefined;
    return messages.includes(message.kind)
      ? PASS
      : broken(`${name} in a ${messages.join(' or ')} only`, `one in a ${message.kind}`, `A ${message.kind} carries a ${name} option.`);
  });

/** Whether a message is authenticated as it should be; where a token may have been missed, it is decided at the end of the capture. */
const authenticated = (authorization: Authorization, octets: Uint8Array, what: string, update?: Update): Judgement => {
  switch (authorization.state) {
    case 'right':
      return PASS;
    case 'wrong': {
      const { home, careOf } = authorization.keys;
      const tokens =
        careOf === undefined ? `the home keygen token of frame ${home.frame}` : `the tokens of frames ${home.frame} and ${careOf.frame}`;
      const seen = toHex(octets.subarray(octets.length - 12));
      const finding = broken(
        `an authenticator made with ${tokens}`,
        `0x${seen}`,
        `The authenticator of the ${what} does not verify with ${tokens}.`,
        [home.frame, ...(careOf === undefined ? [] : [careOf.frame])],
      );
      return update === undefined ? ifComplete(finding) : unlessAccepted(finding, update);
    }
    case 'absent':
    case 'unknown':
      return undefined;
  }
};

const AUTHENTICATOR = 12;

export const section62: readonly AnyCheck[] = [
  check('RFC6275-6.2-1', 'mobility', 'sender', (_, { message }) => {
    if (!has(message, 'BindingAuthorizationData')) return undefined;
    const last = optionsOf(message).at(-1);
    return last?.kind === 'BindingAuthorizationData'
      ? PASS
      : broken(
          'Binding Authorization Data last',
          `${last?.kind} behind it`,
          `Something follows the Binding Authorization Data of a ${message.kind}.`,
        );
  }),

  check('RFC6275-6.2.1-1', 'BA', 'sender', (_, { update }) => answeredAll(update?.message)),
  check('RFC6275-6.2.1-1', 'HoT', 'sender', (_, { token }) => answeredAll(token.init?.message)),
  check('RFC6275-6.2.1-1', 'CoT', 'sender', (_, { token }) => answeredAll(token.init?.message)),
  check('RFC6275-6.2.1-1', 'problem', 'sender', (_, what) => objects(what)),
  check('RFC6275-6.2.1-a', 'mobility', 'sender', (_, { message }) => {
    const options = optionsOf(message);
    const last = options.at(-1);
    if (last === undefined) return undefined;
    return last.kind === 'Overlong'
      ? broken('options that end with the message', last.error.message, `The options of a ${message.kind} do not fit into it.`)
      : PASS;
  }),

  check('RFC6275-6.2.2-a', 'mobility', 'sender', (_, { message }) => {
    const options = optionsOf(message);
    if (!has(message, 'Pad1')) return undefined;
    return options.some(({ kind }, i) => kind === 'Pad1' && options[i + 1]?.kind === 'Pad1')
      ? broken('one PadN', 'several Pad1', `A ${message.kind} is padded with several Pad1 options in a row.`)
      : PASS;
  }),
  check('RFC6275-6.2.3-a', 'mobility', 'sender', (_, { message }) =>
    gravest(
      optionsOf(message).map((option): Judgement => {
        if (option.kind !== 'PadN') return undefined;
        return option.data.every((octet) => octet === 0)
          ? PASS
          : broken('zeros', toHex(option.data), `The padding of a ${message.kind} is not made of zeros.`);
      }),
    ),
  ),

  check('RFC6275-6.2.4-2', 'BA', 'sender', (_, { message }) => {
    const advice = optionsOf(message).find((option) => option.kind === 'BindingRefreshAdvice');
    if (advice === undefined || message.status >= 128) return undefined;
    return advice.refreshInterval < message.lifetime
      ? PASS
      : broken(
          `less than ${message.lifetime}`,
          `${advice.refreshInterval}`,
          'The Refresh Interval is not shorter than the Lifetime of the Binding Acknowledgement.',
        );
  }),
  only('RFC6275-6.2.4-a', 'BindingRefreshAdvice', 'Binding Refresh Advice', 'BA'),
  check('RFC6275-6.2.4-a', 'BA', 'sender', (_, { message, update }) => {
    if (!has(message, 'BindingRefreshAdvice') || update === undefined) return undefined;
    return update.message.homeRegistration
      ? PASS
      : broken('no Binding Refresh Advice', 'one', 'A Binding Acknowledgement that answers no home registration advises a refresh.');
  }),
  lengthOf('RFC6275-6.2.4-b', 'BindingRefreshAdvice'),
  alignmentOf('RFC6275-6.2.4-c', 'BindingRefreshAdvice'),

  alignmentOf('RFC6275-6.2.5-a', 'AlternateCareOfAddress'),
  lengthOf('RFC6275-6.2.5-b', 'AlternateCareOfAddress'),
  only('RFC6275-6.2.5-c', 'AlternateCareOfAddress', 'Alternate Care-of Address', 'BU'),

  alignmentOf('RFC6275-6.2.6-a', 'NonceIndices'),
  lengthOf('RFC6275-6.2.6-b', 'NonceIndices'),
  check('RFC6275-6.2.6-c', 'mobility', 'sender', (_, { message }) => {
    if (!has(message, 'NonceIndices')) return undefined;
    if (message.kind !== 'BU' || message.homeRegistration) {
      const seen = message.kind === 'BU' ? 'home registration' : message.kind;
      return broken('Nonce Indices in a Binding Update to a correspondent only', `some in a ${seen}`, `A ${seen} carries Nonce Indices.`);
    }
    return has(message, 'BindingAuthorizationData')
      ? PASS
      : broken(
          'Binding Authorization Data beside Nonce Indices',
          'none',
          'A Binding Update carries Nonce Indices without Binding Authorization Data.',
        );
  }),

  check('RFC6275-6.2.7-a', 'BU', 'sender', (_, { update, octets }) =>
    authenticated(update.authorization, octets, 'Binding Update', update),
  ),
  only('RFC6275-6.2.7-b', 'BindingAuthorizationData', 'Binding Authorization Data', 'BU', 'BA'),
  check('RFC6275-6.2.7-c', 'mobility', 'sender', (_, { message }) => {
    const option = optionsOf(message).find((each) => each.kind === 'BindingAuthorizationData');
    // Other ways to authorise, of home registrations among them, have authenticators of their own.
    if (option === undefined || (message.kind !== 'BU' && message.kind !== 'BA')) return undefined;
    if (message.kind === 'BU' && (message.homeRegistration || !has(message, 'NonceIndices'))) return undefined;
    return option.authenticator.length === AUTHENTICATOR
      ? PASS
      : broken(
          `${AUTHENTICATOR} octets`,
          `${option.authenticator.length} octets`,
          `The authenticator of a ${message.kind} has a wrong length.`,
        );
  }),
  check('RFC6275-6.2.7-d', 'BA', 'sender', (_, { authorization, octets }) =>
    authenticated(authorization, octets, 'Binding Acknowledgement'),
  ),
];
