/** The options of shim6 messages, RFC 5533 section 5.15: one registry, and the one place that knows of types, lengths and padding. */
import { ByteWriter, concat, ranged, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { DecodeError, Decoded } from '../decoded.ts';
import { keepaliveTimeout, type KeepaliveTimeout } from '../reap/keepalive-timeout.ts';
import { cgaParameterDataStructure, type CgaParameterDataStructure } from './cga-parameter-data-structure.ts';
import { cgaSignature, type CgaSignature } from './cga-signature.ts';
import { forkedInstanceIdentifier, type ForkedInstanceIdentifier } from './forked-instance-identifier.ts';
import { locatorList, type LocatorList } from './locator-list.ts';
import { locatorPreferences, type LocatorPreferences } from './locator-preferences.ts';
import { OPTION_HEADER, paddingOf, type OptionCodec, type OptionHead } from './option-codec.ts';
import { responderValidator, type ResponderValidator } from './responder-validator.ts';
import { ulidPair, type UlidPair } from './ulid-pair.ts';

/** An option of a type that no RFC here defines. */
export interface UnknownOption extends OptionHead {
  readonly kind: 'Unknown';
  /** 15 bits. */
  readonly type: number;
  readonly contents: Uint8Array;
}

/** An option of a known type whose contents are not what its section says: kept as it is, with the reason. */
export interface MalformedOption extends OptionHead {
  readonly kind: 'Malformed';
  readonly type: number;
  readonly contents: Uint8Array;
  /** `offset` counts from the option's Type. */
  readonly error: DecodeError;
}

/** An option, told apart by `kind`. */
export type Shim6Option =
  | ResponderValidator
  | LocatorList
  | LocatorPreferences
  | CgaParameterDataStructure
  | CgaSignature
  | UlidPair
  | ForkedInstanceIdentifier
  | KeepaliveTimeout
  | UnknownOption
  | MalformedOption;

type Known = Exclude<Shim6Option, UnknownOption | MalformedOption>;

/** Every option, by its kind. */
const codecs: { readonly [K in Known['kind']]: OptionCodec<Extract<Known, { readonly kind: K }>> } = {
  ResponderValidator: responderValidator,
  LocatorList: locatorList,
  LocatorPreferences: locatorPreferences,
  CgaParameterDataStructure: cgaParameterDataStructure,
  CgaSignature: cgaSignature,
  UlidPair: ulidPair,
  ForkedInstanceIdentifier: forkedInstanceIdentifier,
  KeepaliveTimeout: keepaliveTimeout,
};

// One assertion, so that a codec can be found by a kind or type that is only known when it runs.
const all = Object.values(codecs) as unknown as readonly OptionCodec<Known>[];
const byType: ReadonlyMap<number, OptionCodec<Known>> = new Map(all.map((codec) => [codec.type, codec]));

const MAX_TYPE = 0x7fff;
const SECTION = 'RFC 5533 section 5.15';

/** The type of an option, 15 bits. @example typeOf({ kind: 'CgaSignature', signature }) // 5 */
export const typeOf = (option: Shim6Option): number => ('type' in option ? option.type : codecs[option.kind].type);

/**
 * The options between `from` and `to` of a message, in order. Contents that do not fit their type make a `Malformed` option; only a length that leads
 * outside the message is an error. Offsets count from the start of `bytes`.
 * @example decodeOptions(message, 16, message.length)
 */
export const decodeOptions = (bytes: Uint8Array, from: number, to: number): Decoded<readonly Shim6Option[]> => {
  const options: Shim6Option[] = [];
  let at = from;
  while (at < to) {
    if (at + OPTION_HEADER > to) return undecodable('truncated', at, `${to - at} octets are no option`, SECTION);
    const word = u16(bytes, at);
    const length = u16(bytes, at + 2);
    const end = at + OPTION_HEADER + length;
    const next = end + paddingOf(length);
    if (next > to)
      return undecodable('bad-length', at + 2, `an option of ${length} octets does not fit into the ${to - at} that are left`, SECTION);
    const type = word >>> 1;
    const contents = bytes.subarray(at + OPTION_HEADER, end);
    const padding = bytes.subarray(end, next);
    const head: OptionHead = { ...((word & 1) === 1 && { critical: true }), ...(padding.some((octet) => octet !== 0) && { padding }) };
    const codec = byType.get(type);
    if (codec === undefined) {
      options.push({ kind: 'Unknown', type, contents, ...head });
    } else {
      const read = codec.decode(contents);
      options.push(read.ok ? { ...read.value, ...head } : { kind: 'Malformed', type, contents, error: read.error, ...head });
    }
    at = next;
  }
  return decoded(options);
};

const contentsOf = (option: Shim6Option): Uint8Array => {
  if (option.kind === 'Unknown' || option.kind === 'Malformed') return option.contents;
  return (codecs[option.kind] as unknown as OptionCodec<Known>).encode(option);
};

/** The octets of options, each padded to a multiple of 8. A value that cannot be represented is a `RangeError` that names the field. */
export const encodeOptions = (options: readonly Shim6Option[]): Uint8Array =>
  concat(
    ...options.map((option) => {
      const contents = contentsOf(option);
      const padding = paddingOf(contents.length);
      return new ByteWriter(OPTION_HEADER + contents.length + padding)
        .u16('type', (ranged('type', typeOf(option), MAX_TYPE) << 1) | (option.critical === true ? 1 : 0))
        .u16('length', contents.length)
        .bytes('contents', contents)
        .bytes('padding', option.padding ?? new Uint8Array(padding), padding)
        .finish();
    }),
  );
