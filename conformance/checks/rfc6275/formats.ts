/** What the checks of several sections of RFC 6275 share: fields that are zero, options that nobody knows, protection by AH. */
import { PROTOCOL_MOBILITY } from '../../../codecs/mip6/index.ts';
import type { MobilityMessage, MobilityOption } from '../../../codecs/mip6/index.ts';
import { PASS, broken } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import type { History } from '../../follow/mip6/judge.ts';
import type { Sight } from '../../follow/mip6/sight.ts';

/** ICMPv6 (RFC 4443 section 3.4). */
export const PARAMETER_PROBLEM = 4;

/** Whether an Authentication Header covers the packet, or the tunnel that it came in. */
export const isAuthenticated = ({ packet, outer }: Sight): boolean =>
  [packet, ...outer].some(({ headers }) => headers.some(({ kind }) => kind === 'AUTHENTICATION'));

/** A field of 16 bits as text. @example hex(0x1f) // '0x001f' */
export const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;

/** A field that its sender sets to zero. @example zero(message.reserved ?? 0, 'The Reserved field of a BRR') */
export const zero = (value: number, what: string): Judgement => (value === 0 ? PASS : broken('0', hex(value), `${what} is not zero.`));

/** The options of a message; one of an unknown type has none that could be told apart. */
export const optionsOf = (message: MobilityMessage): readonly MobilityOption[] =>
  message.kind === 'Unknown' ? [] : (message.options ?? []);

/** Options of RFC 6275: every node that handles mobility messages knows them. */
const KNOWN: readonly MobilityOption['kind'][] = [
  'Pad1',
  'PadN',
  'BindingRefreshAdvice',
  'AlternateCareOfAddress',
  'NonceIndices',
  'BindingAuthorizationData',
];
const isStrange = ({ kind }: MobilityOption): boolean => !KNOWN.includes(kind) && kind !== 'Malformed' && kind !== 'Overlong';

/** A message with a strange option is answered as any other: the option was skipped. */
export const answeredAll = (message: MobilityMessage | undefined): Judgement =>
  message !== undefined && optionsOf(message).some(isStrange) ? PASS : undefined;

/** What a Parameter Problem about a message with a strange option comes to: it must not be about that option. */
export const objects = ({ message, pointer, about }: History['problem'], type?: number): Judgement => {
  if (message.type !== PARAMETER_PROBLEM || about.protocol !== PROTOCOL_MOBILITY) return undefined;
  if (type !== undefined && about.payload[2] !== type) return undefined;
  const at = about.payload.byteOffset - about.destination.byteOffset + 24;
  // The first 8 octets are the Mobility Header's own; what stands behind the fixed part of a message are its options.
  return pointer > at + 8
    ? broken(
        'nothing said of an option',
        `a Parameter Problem with the pointer ${pointer}`,
        'A Parameter Problem points into the options of a mobility message, where what is unknown is to be skipped.',
      )
    : undefined;
};
