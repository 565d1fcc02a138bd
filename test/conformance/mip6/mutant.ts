/** What a mutant of a Mobile IPv6 capture is, and the pieces that the tables of mutants are made of. */
import { concat } from '../../../codecs/bytes.ts';
import { encodeMobilityOptions, homeAddressHeader } from '../../../codecs/mip6/index.ts';
import type { BA, BU, MobilityOption, NeighborOption, RouterAdvertisement } from '../../../codecs/mip6/index.ts';
import { encodeIpv6, parseAddress } from '../../../codecs/packet/index.ts';
import type { ExtensionHeader, Ipv6, Ipv6Fields } from '../../../codecs/packet/index.ts';
import { insert, messagesOf, onIcmp, rewrapped, withIcmp } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import type { Packet } from '../../arbitraries/network.ts';

/** A mutant: UMIP's capture `from`, changed, in which `host` (a is the mobile node, or the sender of a stray packet) breaks the requirement. */
export interface Mutant {
  readonly id: string;
  readonly does: string;
  readonly from: string;
  readonly change: Mutation;
  readonly host: 'a' | 'b';
  /** `fail` when absent. */
  readonly verdict?: 'fail' | 'warn';
}

export const addressOf = (text: string): Uint8Array => {
  const octets = parseAddress(text);
  if (octets === undefined) throw new RangeError(`${text} is no address`);
  return octets;
};

/** UMIP's home address, correspondent and home agent, and addresses that nobody may have. */
export const HOME = addressOf('2001:db8:1::100');
export const CORRESPONDENT = addressOf('2001:db8:4::2');
export const LINK_LOCAL = addressOf('fe80::1');
export const GROUP = addressOf('ff02::1');
export const STRANGER = addressOf('2001:db8:7::7');

export const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value);
export const toHome = ({ homeRegistration, lifetime }: BU): boolean => homeRegistration && lifetime > 0;
export const toCorrespondent = ({ homeRegistration, lifetime }: BU): boolean => !homeRegistration && lifetime > 0;
export const ofHome = ({ options = [] }: BA): boolean => options.every(({ kind }) => kind !== 'BindingAuthorizationData');
export const ofCorrespondent = (message: BA): boolean => !ofHome(message);
export const real = (options: readonly MobilityOption[] | undefined): readonly MobilityOption[] =>
  (options ?? []).filter(({ kind }) => kind !== 'Pad1' && kind !== 'PadN');
export const unknown = (type: number, length: number): MobilityOption => ({ kind: 'Unknown', type, data: bytes(length) });
export const ADVICE = { kind: 'BindingRefreshAdvice', refreshInterval: 5 } as const;
export const ALTERNATE: MobilityOption = { kind: 'AlternateCareOfAddress', alternateCareOfAddress: STRANGER };
export const NONCES: MobilityOption = { kind: 'NonceIndices', homeNonceIndex: 1, careOfNonceIndex: 1 };
export const AUTHORIZATION: MobilityOption = { kind: 'BindingAuthorizationData', authenticator: bytes(12) };
export const PAD8: MobilityOption = { kind: 'PadN', data: bytes(6) };

/** Padded by hand up to a multiple of 8 octets, so that what comes first can be out of place. */
export const unaligned = (fixed: number, ...options: readonly MobilityOption[]): readonly MobilityOption[] => {
  const length = fixed + encodeMobilityOptions(options).length;
  const missing = (8 - (length % 8)) % 8;
  return missing === 0
    ? options
    : [...options, ...(missing === 1 ? [{ kind: 'Pad1' } as const] : [{ kind: 'PadN', data: bytes(missing - 2) } as const])];
};

export const withHeaders =
  (change: (headers: readonly ExtensionHeader[]) => readonly ExtensionHeader[]) =>
  (packet: Ipv6): Ipv6Fields => ({
    ...packet,
    headers: change(packet.headers),
  });
export const routing = (change: (data: Uint8Array) => Uint8Array, segmentsLeft = 1) =>
  withHeaders((headers) =>
    headers.map((header) => (header.kind === 'ROUTING' ? { ...header, segmentsLeft, data: change(header.data.slice()) } : header)),
  );
export const homeAddress = (octets: Uint8Array) => withHeaders(() => [homeAddressHeader(octets)]);

/** An ICMPv6 Parameter Problem about a packet. */
export const problem = (about: Ipv6, code: number, pointer: number, from = about.destination): Ipv6Fields => {
  const { payloadLength: _, ...fields } = about;
  const octets = concat(Uint8Array.of(4, code, 0, 0), bytes(4), encodeIpv6(fields));
  octets[7] = pointer;
  return withIcmp({ protocol: 58, source: from, destination: about.source, payload: bytes(0) }, octets);
};

/** A Parameter Problem with this pointer, a moment after the first message of a kind, about it. */
export const objection = (kind: 'HoTI' | 'CoTI' | 'BU', pointer: number): Mutation =>
  insert((frames) => {
    const [found] = messagesOf(frames, kind).filter(({ message }) => message.kind !== 'BU' || toCorrespondent(message));
    if (found === undefined) return [];
    const frame = frames[found.index]!;
    const bare: Packet = { bytes: concat(frame.bytes.subarray(0, 14), encodeIpv6(found.packet)), time: frame.time };
    return [{ behind: found.index, packet: rewrapped(bare, problem(found.packet, 2, pointer), frame.time + 1) }];
  });

/** Changes the router advertisements of home agents, all of them. */
export const advertised = (change: (message: RouterAdvertisement) => Partial<RouterAdvertisement>): Mutation =>
  onIcmp(
    'RouterAdvertisement',
    { message: (message) => ({ ...message, ...change(message) }) },
    { nth: 'all', where: ({ homeAgent }) => homeAgent },
  );
export const eachOption = (change: (option: NeighborOption) => NeighborOption | undefined): Mutation =>
  advertised(({ options }) => ({ options: options.flatMap((option) => change(option) ?? []) }));
