/** The messages of shim6 and REAP, RFC 5533 section 5.3: one registry, and the one place that tells them apart. */
import { u16 } from '../bytes.ts';
import { decoded, undecodable, unlessZero } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { keepalive, type Keepalive } from '../reap/keepalive.ts';
import { probe, type Probe } from '../reap/probe.ts';
import { decodeError, ERROR_TYPE, type ErrorMessage } from './error.ts';
import { i1, type I1 } from './i1.ts';
import { i2, type I2 } from './i2.ts';
import { i2bis, type I2bis } from './i2bis.ts';
import { encodeControl, NO_NEXT_HEADER, type ControlMessage, type MessageCodec } from './message-codec.ts';
import { decodeOptions } from './option.ts';
import { decodePayloadExtension, encodePayloadExtension, PAYLOAD_EXTENSION_OCTETS, type PayloadExtension } from './payload-extension.ts';
import { r1, type R1 } from './r1.ts';
import { r1bis, type R1bis } from './r1bis.ts';
import { r2, type R2 } from './r2.ts';
import { updateAck, type UpdateAck } from './update-ack.ts';
import { updateRequest, type UpdateRequest } from './update-request.ts';

/** A control message of a type that no RFC here defines. Types from 64 on ask for an R1bis where the context is unknown (RFC 5533 section 5.3). */
export interface UnknownMessage extends Omit<ControlMessage, 'options'> {
  readonly kind: 'Unknown';
  /** 7 bits. */
  readonly type: number;
  /** What follows the checksum: 2 octets more than a multiple of 8. */
  readonly contents: Uint8Array;
}

/** A control message with options, told apart by `kind`. */
type WithOptions = I1 | R1 | I2 | R2 | R1bis | I2bis | UpdateRequest | UpdateAck | Keepalive | Probe;

/** A control message. */
export type Shim6ControlMessage = WithOptions | ErrorMessage | UnknownMessage;

/** Whatever has shim6's protocol number, told apart by `kind`. */
export type Shim6Message = Shim6ControlMessage | PayloadExtension;

/** Every message with options, by its kind. */
const codecs: { readonly [K in WithOptions['kind']]: MessageCodec<Extract<WithOptions, { readonly kind: K }>> } = {
  I1: i1,
  R1: r1,
  I2: i2,
  R2: r2,
  R1bis: r1bis,
  I2bis: i2bis,
  UpdateRequest: updateRequest,
  UpdateAck: updateAck,
  Keepalive: keepalive,
  Probe: probe,
};

// One assertion, so that a codec can be found by a kind or type that is only known when it runs.
const all = Object.values(codecs) as unknown as readonly MessageCodec<WithOptions>[];
const byType: ReadonlyMap<number, MessageCodec<WithOptions>> = new Map(all.map((codec) => [codec.type, codec]));

const SECTION = 'RFC 5533 section 5.3';

/** Octets of the header at the start of `bytes`, by its own account; undefined where not even that is there. @example payload.subarray(shim6Length(payload)) */
export const shim6Length = (bytes: Uint8Array): number | undefined => (bytes.length < 2 ? undefined : (bytes[1]! + 1) * 8);

/**
 * Decodes the message at the start of `bytes`, the octets from shim6's Next Header field on; what follows the message is left alone. The checksum is
 * kept, not verified (`checksumOf` does). Never throws. Errors: `truncated`, `bad-length`, `hip` for a HIP message, which the S bit tells (section 5.3).
 * @example decodeShim6(packet.payload) // { ok: true, value: { kind: 'I1', initiatorContextTag, initiatorNonce, options: [] } }
 */
export const decodeShim6 = (bytes: Uint8Array): Decoded<Shim6Message> => {
  const length = shim6Length(bytes);
  if (length === undefined || bytes.length < 8)
    return undecodable('truncated', bytes.length, 'a shim6 header is at least 8 octets', SECTION);
  if ((bytes[2]! & 0x80) !== 0) {
    return length === PAYLOAD_EXTENSION_OCTETS
      ? decoded(decodePayloadExtension(bytes))
      : undecodable('bad-length', 1, `a payload extension header has 8 octets, not ${length}`, 'RFC 5533 section 5.2');
  }
  if ((bytes[3]! & 1) !== 0) return undecodable('hip', 3, 'the S bit is set: this is a HIP message', SECTION);
  if (bytes.length < length)
    return undecodable('truncated', bytes.length, `the message is ${length} octets, but ${bytes.length} are there`, SECTION);
  return decodeControl(bytes.subarray(0, length));
};

const decodeControl = (bytes: Uint8Array): Decoded<Shim6ControlMessage> => {
  const type = bytes[2]!;
  const common = { ...(bytes[0] !== NO_NEXT_HEADER && { nextHeader: bytes[0]! }), checksum: u16(bytes, 4) };
  if (type === ERROR_TYPE) return decoded({ ...decodeError(bytes), ...common });
  const head = { ...common, ...unlessZero('reserved1', bytes[3]! >>> 1) };
  const codec = byType.get(type);
  if (codec === undefined) return decoded({ kind: 'Unknown', type, contents: bytes.subarray(6), ...head });
  if (bytes.length < codec.fixed)
    return undecodable('bad-length', 1, `the message has at least ${codec.fixed} octets, not ${bytes.length}`, codec.section);
  const start = codec.length?.(bytes) ?? codec.fixed;
  if (bytes.length < start)
    return undecodable('bad-length', 1, `what it counts takes ${start} octets, and the message has ${bytes.length}`, codec.section);
  const options = decodeOptions(bytes, start, bytes.length);
  return options.ok ? decoded({ ...codec.decode(bytes), ...head, options: options.value }) : options;
};

/**
 * The octets of a message. Lengths follow from the fields; the checksum is computed where the message has none. A value that cannot be represented is a
 * `RangeError` that names its field. @example encodeShim6({ kind: 'I1', initiatorContextTag: 1, initiatorNonce: 2 })
 */
export const encodeShim6 = (message: Shim6Message): Uint8Array => {
  switch (message.kind) {
    case 'PayloadExtension':
      return encodePayloadExtension(message);
    case 'Error':
      return encodeControl(message, ERROR_TYPE, message.errorCode, (w) =>
        w.u16('pointer', message.pointer).bytes('packetInError', message.packetInError),
      );
    case 'Unknown':
      return encodeControl(message, message.type, message.reserved1 ?? 0, (w) => w.bytes('contents', message.contents));
    default: {
      const codec = codecs[message.kind] as unknown as MessageCodec<WithOptions>;
      return encodeControl(message, codec.type, message.reserved1 ?? 0, (w) => codec.encode(w, message));
    }
  }
};
