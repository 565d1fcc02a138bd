/** The messages of the Mobility Header, RFC 6275 section 6.1: one registry, and the one place that tells them apart. */
import { ByteWriter, ranged, u16 } from '../bytes.ts';
import { decoded, undecodable, unlessZero } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { ba, type BA } from './ba.ts';
import { be, type BE } from './be.ts';
import { brr, type BRR } from './brr.ts';
import { bu, type BU } from './bu.ts';
import { cot, type CoT } from './cot.ts';
import { coti, type CoTI } from './coti.ts';
import { hot, type HoT } from './hot.ts';
import { hoti, type HoTI } from './hoti.ts';
import { NO_NEXT_HEADER, type MobilityCodec, type MobilityHead } from './message-codec.ts';
import { decodeMobilityOptions, encodeMobilityOptions } from './option.ts';

/** A message of a type that nobody here knows: to be answered with a Binding Error of status 2 (section 9.2). */
export interface UnknownMobilityMessage extends Omit<MobilityHead, 'options'> {
  readonly kind: 'Unknown';
  /** MH Type, 8 bits. */
  readonly type: number;
  /** What follows the checksum: 2 octets more than a multiple of 8. */
  readonly messageData: Uint8Array;
}

type Known = BRR | HoTI | CoTI | HoT | CoT | BU | BA | BE;

/** A message, told apart by `kind`. */
export type MobilityMessage = Known | UnknownMobilityMessage;

/** Every message that is known, by its kind. */
const codecs: { readonly [K in Known['kind']]: MobilityCodec<Extract<Known, { readonly kind: K }>> } = {
  BRR: brr,
  HoTI: hoti,
  CoTI: coti,
  HoT: hot,
  CoT: cot,
  BU: bu,
  BA: ba,
  BE: be,
};

// One assertion, so that a codec can be found by a kind or type that is only known when it runs.
const all = Object.values(codecs) as unknown as readonly MobilityCodec<Known>[];
const byType: ReadonlyMap<number, MobilityCodec<Known>> = new Map(all.map((codec) => [codec.type, codec]));

const SECTION = 'RFC 6275 section 6.1.1';

/** Octets of the message at the start of `bytes`, by its own account; undefined where not even that is there. */
export const mobilityLength = (bytes: Uint8Array): number | undefined => (bytes.length < 2 ? undefined : (bytes[1]! + 1) * 8);

/** Where the options of a message begin, for `padded`. @example fixedOctets('BU') // 12 */
export const fixedOctets = (kind: Known['kind']): number => codecs[kind].fixed;

/**
 * Decodes the Mobility Header at the start of `bytes`; what follows it is left alone. The checksum is kept, not verified (`mobilityChecksum` computes it from
 * the packet). Never throws. Errors: `truncated`, `bad-length`, the latter also for a Header Len below what the type needs (section 9.2: Parameter Problem).
 * @example decodeMobility(packet.payload) // { ok: true, value: { kind: 'BU', sequence: 1, acknowledge: true, ... } }
 */
export const decodeMobility = (bytes: Uint8Array): Decoded<MobilityMessage> => {
  const length = mobilityLength(bytes);
  if (length === undefined || bytes.length < 8)
    return undecodable('truncated', bytes.length, 'a mobility header is at least 8 octets', SECTION);
  if (bytes.length < length)
    return undecodable('truncated', bytes.length, `the message is ${length} octets, but ${bytes.length} are there`, SECTION);
  const message = bytes.subarray(0, length);
  const type = bytes[2]!;
  const head = {
    ...(bytes[0] !== NO_NEXT_HEADER && { payloadProto: bytes[0]! }),
    ...unlessZero('reserved', bytes[3]!),
    checksum: u16(bytes, 4),
  };
  const codec = byType.get(type);
  if (codec === undefined) return decoded({ kind: 'Unknown', type, messageData: message.subarray(6), ...head });
  if (length < codec.fixed)
    return undecodable('bad-length', 1, `the message has at least ${codec.fixed} octets, not ${length}`, codec.section);
  return decoded({ ...codec.decode(message), ...head, options: decodeMobilityOptions(message, codec.fixed, length) });
};

/**
 * The octets of a message. Header Len follows from the options, which must make it a multiple of 8 octets (`padded` sees to that); the checksum is as given, or
 * 0: `fillMobilityChecksum` computes it. A value that cannot be represented is a `RangeError` that names its field.
 * @example encodeMobility({ kind: 'BRR', options: [] })
 */
export const encodeMobility = (message: MobilityMessage): Uint8Array => {
  const w = new ByteWriter();
  const codec = message.kind === 'Unknown' ? undefined : (codecs[message.kind] as unknown as MobilityCodec<Known>);
  w.u8('payloadProto', message.payloadProto ?? NO_NEXT_HEADER).u8('headerLen', 0);
  w.u8('type', message.kind === 'Unknown' ? message.type : codec!.type).u8('reserved', message.reserved ?? 0);
  w.u16('checksum', message.checksum ?? 0);
  if (message.kind === 'Unknown') {
    w.bytes('messageData', message.messageData);
  } else {
    codec!.encode(w, message);
    w.bytes('options', encodeMobilityOptions(message.options ?? []));
  }
  const octets = w.finish();
  if (octets.length % 8 !== 0) throw new RangeError(`the message must be a multiple of 8 octets, not ${octets.length}`);
  octets[1] = ranged('headerLen', octets.length / 8 - 1, 0xff);
  return octets;
};
