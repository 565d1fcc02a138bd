/** Forms that checks of shim6 and REAP share: reserved fields, lengths, and the tag of the receiver. */
import { PASS, broken, inconclusive } from '../follow/evidence.ts';
import type { Judgement } from '../follow/evidence.ts';
import { check } from '../follow/shim6/judge.ts';
import type { AnyCheck, TaggedKind } from '../follow/shim6/judge.ts';
import type { ControlMessage, MessageOf } from '../follow/shim6/messages.ts';
import { LEAST, hexOf } from '../follow/shim6/sight.ts';

/** Whether a message is of this kind. */
export const isOf = <K extends ControlMessage['kind']>(
  message: ControlMessage,
  kind: K,
): message is Extract<ControlMessage, { readonly kind: K }> => message.kind === kind;

const isZero = (value: number | Uint8Array | undefined): boolean =>
  value === undefined || (typeof value === 'number' ? value === 0 : value.every((octet) => octet === 0));

/** A field that is sent as zero. @example reserved('RFC5533-5.4-a', 'I1', 'Reserved1', ({ reserved1 }) => reserved1) */
export const reserved = <K extends ControlMessage['kind']>(
  requirement: string,
  kind: K,
  field: string,
  valueOf: (message: MessageOf<K>) => number | Uint8Array | undefined,
): AnyCheck =>
  check(requirement, 'message', 'sender', (_, message): Judgement => {
    if (message.kind !== kind) return undefined;
    // `kind` is the message's own, which the compiler does not follow for a kind that is a parameter.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const value = valueOf(message as MessageOf<K>);
    if (isZero(value)) return PASS;
    const seen = typeof value === 'number' ? `0x${value.toString(16)}` : 'bits that are set';
    return broken(`${field} 0`, seen, `Reserved bits are set in the ${field} of an ${kind}: send it as zero.`);
  });

/** The least length of a type, in octets. @example least('RFC5533-5.4-c', 1, 'I1') */
export const least = (requirement: string, type: number, kind: string): AnyCheck =>
  check(requirement, 'header', 'sender', ({ seen }) => {
    const length = (seen.bytes[1]! + 1) * 8;
    const atLeast = LEAST.get(type)!;
    if (seen.type !== type || (seen.bytes[3]! & 1) !== 0) return undefined;
    return length >= atLeast
      ? PASS
      : broken(`Hdr Ext Len ${atLeast / 8 - 1} or more`, `${seen.bytes[1]}`, `An ${kind} of ${length} octets has not all of its fields.`);
  });

/** The Receiver Context Tag is the one that the receiver allocated. */
export const receiverTag = (requirement: string, kind: TaggedKind): readonly AnyCheck[] => [
  check(requirement, 'tag', 'sender', (_, what) => (what.kind === kind ? PASS : undefined)),
  check(requirement, 'wrongTag', 'sender', ({ context, host }, { wrong, decided }) => {
    if (wrong.kind !== kind) return undefined;
    const tag = context.ends[host === 0 ? 1 : 0].tag ?? 0;
    return decided
      ? broken(hexOf(tag, 12), hexOf(wrong.tag, 12), 'The context tag is not the one that the receiver has allocated for this context.')
      : inconclusive('the receiver may have been given another context tag outside the capture');
  }),
];
