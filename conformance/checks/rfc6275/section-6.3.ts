/** Section 6.3, Home Address Option: its format, its place, and how errors about it are told. */
import { HOME_ADDRESS_OPTION, decodeHomeAddress, homeAddressesOf } from '../../../codecs/mip6/index.ts';
import type { ExtensionHeader, Ipv6, Ipv6Option } from '../../../codecs/packet/ipv6.ts';
import { PASS, broken, gravest } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck, History } from '../../follow/mip6/judge.ts';
import { addressOf, isRoutable } from '../../follow/mip6/sight.ts';
import { PARAMETER_PROBLEM } from './formats.ts';

/** The code of a Parameter Problem for an unknown option (RFC 4443 section 3.4). */
const UNRECOGNIZED_OPTION = 2;

/** Octets of a header. */
const sizeOf = (header: ExtensionHeader): number => {
  switch (header.kind) {
    case 'HOP_BY_HOP':
    case 'DESTINATION_OPTIONS':
      return 2 + header.options.reduce((sum, option) => sum + optionSize(option), 0);
    case 'ROUTING':
      return 4 + header.data.length;
    case 'FRAGMENT':
      return 8;
    case 'AUTHENTICATION':
      return 12 + header.icv.length;
  }
};

/** Octets of an option; Pad1 has no length. */
const optionSize = ({ type, data }: Ipv6Option): number => (type === 0 ? 1 : 2 + data.length);

/** The options of a packet with their places, in octets from its start. */
const placesOf = ({ headers }: Ipv6): readonly { readonly type: number; readonly at: number }[] => {
  let at = 40;
  return headers.flatMap((header) => {
    const start = at;
    at += sizeOf(header);
    if (header.kind !== 'HOP_BY_HOP' && header.kind !== 'DESTINATION_OPTIONS') return [];
    let inside = start + 2;
    return header.options.map((option) => {
      const place = { type: option.type, at: inside };
      inside += optionSize(option);
      return place;
    });
  });
};

const carriesHomeAddress = (header: ExtensionHeader): boolean =>
  header.kind === 'DESTINATION_OPTIONS' && header.options.some(({ type }) => type === HOME_ADDRESS_OPTION);

/** Every Home Address option of a packet that its mobile node sent. */
const eachOption = (requirement: string, judge: (option: Ipv6Option) => Judgement): AnyCheck =>
  check(requirement, 'addressed', 'sender', ({ isFromMobile }, { packet }) =>
    isFromMobile ? gravest(homeAddressesOf(packet).map(judge)) : undefined,
  );

const placed = ({ headers }: Ipv6): Judgement => {
  const at = headers.findIndex(carriesHomeAddress);
  if (at < 0) return undefined;
  const wrong =
    headers.slice(at).find(({ kind }) => kind === 'ROUTING') ??
    headers.slice(0, at).find(({ kind }) => kind === 'FRAGMENT' || kind === 'AUTHENTICATION');
  return wrong === undefined
    ? PASS
    : broken(
        'routing header, Home Address option, Fragment, AH or ESP, in this order',
        headers.map(({ kind }) => kind).join(', '),
        `The Home Address option is on the wrong side of a header (${wrong.kind}).`,
      );
};

/** A Parameter Problem about an option that is not known, where the packet has a Home Address option. */
const rejected = ({ message, pointer, about }: History['problem']): { readonly at: number; readonly pointer: number } | undefined => {
  if (message.type !== PARAMETER_PROBLEM || message.code !== UNRECOGNIZED_OPTION) return undefined;
  const places = placesOf(about);
  const home = places.find(({ type }) => type === HOME_ADDRESS_OPTION);
  const isOther = places.some(({ type, at }) => type !== HOME_ADDRESS_OPTION && at === pointer);
  return home === undefined || isOther ? undefined : { at: home.at, pointer };
};

export const section63: readonly AnyCheck[] = [
  check('RFC6275-6.3-1', 'addressed', 'sender', ({ isFromMobile, sight }, { packet }) => {
    if (!isFromMobile) return undefined;
    const lengths = homeAddressesOf(packet).map(({ data }) => data.length);
    const wrong = sight.overlongHomeAddress ?? lengths.find((length) => length !== 16);
    return wrong === undefined ? PASS : broken('length 16', `length ${wrong}`, 'A Home Address option has a wrong length.');
  }),
  eachOption('RFC6275-6.3-2', (option) => {
    const read = decodeHomeAddress(option);
    if (!read.ok) return undefined;
    const home = addressOf(read.value.homeAddress);
    return isRoutable(home) ? PASS : broken('a routable unicast address', home, `The home address ${home} is no routable unicast address.`);
  }),
  check('RFC6275-6.3-3', 'problem', 'sender', (_, what) => {
    const found = rejected(what);
    if (found === undefined) return undefined;
    return found.at === found.pointer
      ? PASS
      : broken(
          `pointer ${found.at}, the Option Type`,
          `pointer ${found.pointer}`,
          'A Parameter Problem about the Home Address option does not point at its type.',
        );
  }),
  check('RFC6275-6.3-4', 'problem', 'sender', (_, what) => {
    if (rejected(what) === undefined) return undefined;
    const destination = addressOf(what.about.destination);
    return destination.startsWith('ff')
      ? broken(
          'no Parameter Problem',
          `one about a packet to ${destination}`,
          'A Home Address option in a multicast packet is answered with an error.',
        )
      : PASS;
  }),
  check('RFC6275-6.3-5', 'addressed', 'sender', ({ isFromMobile }, { packet }) => (isFromMobile ? placed(packet) : undefined)),
  check('RFC6275-6.3-6', 'addressed', 'sender', ({ isFromMobile }, { packet }) => {
    if (!isFromMobile) return undefined;
    const { length } = homeAddressesOf(packet);
    return length > 1 ? broken('one Home Address option', `${length}`, 'A packet carries more than one Home Address option.') : PASS;
  }),
  check('RFC6275-6.3-a', 'addressed', 'sender', ({ isFromMobile }, { packet }) =>
    isFromMobile
      ? gravest(
          placesOf(packet)
            .filter(({ type }) => type === HOME_ADDRESS_OPTION)
            .map(({ at }) =>
              at % 8 === 6 ? PASS : broken('8n + 6', `octet ${at} of the packet`, 'The Home Address option is not aligned.'),
            ),
        )
      : undefined,
  ),
];
