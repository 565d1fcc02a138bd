/** What a mutant is, and the changes that mutants are made by. */
import { concat, fromHex } from '../../../codecs/bytes.ts';
import { decodeCgaParameters, encodeCgaParameters } from '../../../codecs/cga/index.ts';
import type { CgaParameters, ExtensionField } from '../../../codecs/cga/index.ts';
import { fold, pseudoHeaderSum, sum16 } from '../../../codecs/checksum.ts';
import { encodeIpv6 } from '../../../codecs/packet/index.ts';
import { PROTOCOL_SHIM6, encodeShim6 } from '../../../codecs/shim6/index.ts';
import type { LocatorList, Shim6Message, Shim6Option, UlidPair } from '../../../codecs/shim6/index.ts';
import { cgaVectors } from '../../codecs/cga-vectors.ts';
import { later, messageOf, saying, withOctets, within } from './edit.ts';
import type { Edit, Taken } from './edit.ts';

/** The kind of a message. */
export type Kind = Shim6Message['kind'];
/** A message with options. */
export type WithOptions = Extract<Shim6Message, { readonly options?: readonly Shim6Option[] }>;

/** A mutant. */
export interface Mutant {
  readonly ids: readonly string[];
  /** A capture of LinShim6, or one of `runs`. */
  readonly from: string;
  /** The packet that is changed: the n-th message of this kind, the first when left out. */
  readonly kind: Kind;
  readonly nth?: number;
  readonly edit: Edit | ((packets: readonly Taken[], at: number) => readonly Taken[]);
  readonly host: 'a' | 'b';
  /** The verdict is about so many frames after the changed one (0 when left out), or the next message of this kind. */
  readonly shown?: Kind | number;
}

/** An edit that changes more than the packet at hand. */
const isOfAll = (edit: Mutant['edit']): edit is (packets: readonly Taken[], at: number) => readonly Taken[] => edit.length === 2;

/** The packets of a mutant, and the index of the one that was changed or, where some were added, of the last of those. */
export const mutated = (
  { kind, nth = 1, edit }: Mutant,
  packets: readonly Taken[],
): { readonly packets: readonly Taken[]; readonly at: number } => {
  let found = 0;
  const at = packets.findIndex((packet) => messageOf(packet)?.kind === kind && (found += 1) === nth);
  if (at < 0) throw new RangeError(`there is no ${kind} number ${nth}`);
  const changed = isOfAll(edit) ? edit(packets, at) : packets.map((packet, i) => (i === at ? edit(packet) : packet));
  return { packets: changed, at: changed.findLastIndex((packet) => !packets.includes(packet)) };
};

/** Adds packets after the one at hand, made of it, so many ms later. */
export const again =
  (by: number, ...edits: readonly Edit[]) =>
  (packets: readonly Taken[], at: number): readonly Taken[] => {
    const copy = edits.reduce((packet, edit) => edit(packet), later(by)(packets[at]!));
    const before = packets.filter(({ time }, i) => i <= at || time <= copy.time);
    return [...before, copy, ...packets.slice(before.length)];
  };

export const options = (kind: WithOptions['kind'], change: (options: readonly Shim6Option[]) => readonly Shim6Option[]): Edit =>
  saying(kind, (message) => ({ ...message, options: change(message.options ?? []) }));
export const without = (kind: WithOptions['kind'], option: Shim6Option['kind']): Edit =>
  options(kind, (list) => list.filter((each) => each.kind !== option));
export const changing = <O extends Shim6Option['kind']>(
  kind: WithOptions['kind'],
  option: O,
  change: (option: Extract<Shim6Option, { readonly kind: O }>) => Shim6Option,
): Edit =>
  options(kind, (list) => list.map((each) => (each.kind === option ? change(each as Extract<Shim6Option, { readonly kind: O }>) : each)));
export const adding = (kind: WithOptions['kind'], option: Shim6Option): Edit => options(kind, (list) => [...list, option]);
export const malformed = (type: number, contents: Uint8Array): Shim6Option => ({
  kind: 'Malformed',
  type,
  contents,
  error: { code: '', offset: 0, message: '', section: '' },
});
export const zeros = (length: number): Uint8Array => new Uint8Array(length);
export const flipped = (octets: Uint8Array, at = 0): Uint8Array => octets.map((octet, i) => (i === at ? octet ^ 1 : octet));

export const parameters = (kind: WithOptions['kind'], change: (octets: Uint8Array) => Uint8Array): Edit =>
  changing(kind, 'CgaParameterDataStructure', (option) => ({ ...option, cgaParameters: change(option.cgaParameters) }));
export const fields = (kind: WithOptions['kind'], change: (fields: CgaParameters) => CgaParameters): Edit =>
  parameters(kind, (octets) => {
    const read = decodeCgaParameters(octets);
    if (!read.ok) throw new RangeError(read.error.message);
    return encodeCgaParameters(change(read.value));
  });
export const extension = (kind: WithOptions['kind'], change: (field: ExtensionField) => ExtensionField): Edit =>
  fields(kind, (all) => ({ ...all, extensionFields: all.extensionFields.map(change) }));
export const list = (kind: WithOptions['kind'], change: (list: LocatorList) => LocatorList): Edit => changing(kind, 'LocatorList', change);

/** Only so many octets of the message. */
export const cutTo = (length: number): Edit =>
  withOctets((octets) => {
    const cut = octets.slice(0, length);
    cut[1] = length / 8 - 1;
    return cut;
  });
export const octet = (at: number, change: (octet: number) => number, sum = true): Edit =>
  withOctets((octets) => {
    octets[at] = change(octets[at]!);
    return octets;
  }, sum);
export const badChecksum = octet(4, (value) => value ^ 1, false);
/** An address of nobody: that of the packet with its last octet changed. */
export const elsewhere = (side: 'source' | 'destination'): Edit => within((packet) => ({ ...packet, [side]: flipped(packet[side], 15) }));

/** A nonce as LinShim6 writes it: no RSAPublicKey. */
export const rawNonce = concat(fromHex('3042300d06092a864886f70d01010105000331'), zeros(1), new Uint8Array(48).fill(0x11));
export const shortKey = fromHex(cgaVectors('keys').find(({ name }) => name === 'RSA-512')!.publicKey);
export const garbageKey = fromHex('30020500');

export const error = (
  packets: readonly Taken[],
  at: number,
  change: (octets: Uint8Array) => Uint8Array = (octets) => octets,
): readonly Taken[] => {
  const { bytes, time } = packets[at]!;
  const message: Shim6Message = { kind: 'Error', errorCode: 0, pointer: 2, packetInError: bytes.slice(40, 56) };
  const octets = change(encodeShim6(message));
  const read = messageOf({ bytes, time });
  if (read === undefined) throw new RangeError('there is no message');
  const packet = encodeIpv6({ protocol: PROTOCOL_SHIM6, source: bytes.slice(24, 40), destination: bytes.slice(8, 24), payload: octets });
  return [...packets.slice(0, at + 1), { bytes: packet, time: time + 1 }, ...packets.slice(at + 1)];
};
export const errorWith =
  (message: Partial<Extract<Shim6Message, { readonly kind: 'Error' }>>) =>
  (packets: readonly Taken[], at: number): readonly Taken[] =>
    error(packets, at).map((packet, i) => (i === at + 1 ? saying('Error', (read) => ({ ...read, ...message }))(packet) : packet));

/** The checksum of the datagram behind a Payload Extension header, computed over the addresses of the packet. */
export const overLocators: Edit = within((packet) => {
  const payload = packet.payload.slice();
  payload.set([0, 0], 14);
  const sum = pseudoHeaderSum(concat(packet.source, packet.destination), 0, 16, 16, payload.length - 8, 17) + sum16(payload.subarray(8));
  const checksum = ~fold(sum) & 0xffff;
  payload.set([checksum >>> 8, checksum & 0xff], 14);
  return { ...packet, payload };
});

export const ulidPair = ({ bytes }: Taken): UlidPair => ({
  kind: 'UlidPair',
  senderUlid: bytes.slice(8, 24),
  receiverUlid: bytes.slice(24, 40),
});

/** Fields of a message are others. */
export const saysField = (kind: Kind, field: Record<string, unknown>): Edit => saying(kind, (message) => ({ ...message, ...field }));
