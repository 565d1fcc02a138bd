/**
 * The registry of MPTCP options (RFC 8684 section 7.2, RFC 6824 section 8) and the two functions that use it: octets to option and
 * back. Field names are the RFCs' in camelCase, "Sender's" and "Receiver's" as `sender...` and `receiver...`.
 */
import { undecodable, type Decoded } from '../decoded.ts';
import { addAddr, type AddAddr } from './add-addr.ts';
import { dss, type Dss } from './dss.ts';
import { mpCapable, mpCapableForm, mpCapableMayDiffer, type MpCapable } from './mp-capable.ts';
import { mpExperimental, type MpExperimental } from './mp-experimental.ts';
import { mpFail, type MpFail } from './mp-fail.ts';
import { mpFastclose, type MpFastclose } from './mp-fastclose.ts';
import { mpJoin, type MpJoin } from './mp-join.ts';
import { mpPrio, type MpPrio } from './mp-prio.ts';
import { mpTcprst, type MpTcprst } from './mp-tcprst.ts';
import { LONGEST_OPTION, MPTCP_KIND, type MptcpVersion, type OptionCodec } from './option-codec.ts';
import { removeAddr, type RemoveAddr } from './remove-addr.ts';
import { decodeUnknown, encodeUnknown, type UnknownOption } from './unknown.ts';

/** An option with a subtype of its own in RFC 8684 section 7.2. */
export type KnownOption = MpCapable | MpJoin | Dss | AddAddr | RemoveAddr | MpPrio | MpFail | MpFastclose | MpTcprst | MpExperimental;

/** Any MPTCP option, told apart by `kind`. */
export type MptcpOption = KnownOption | UnknownOption;

/** Every codec in order of its subtype. @example mptcpOptionCodecs.find((codec) => codec.kind === 'MP_PRIO')!.lengths[0] // [3, 4] */
export const mptcpOptionCodecs: readonly OptionCodec<KnownOption>[] = [
  mpCapable,
  mpJoin,
  dss,
  addAddr,
  removeAddr,
  mpPrio,
  mpFail,
  mpFastclose,
  mpTcprst,
  mpExperimental,
];

const bySubtype = Array.from({ length: 16 }, (_, subtype) => mptcpOptionCodecs.find((codec) => codec.subtype === subtype));
const byKind = new Map<string, OptionCodec<KnownOption>>(mptcpOptionCodecs.map((codec) => [codec.kind, codec]));

const listed = (lengths: readonly number[]): string =>
  lengths.length > 11
    ? `${lengths[0]} to ${lengths.at(-1)}`
    : lengths.length === 1
      ? `${lengths[0]}`
      : `${lengths.slice(0, -1).join(', ')} or ${lengths.at(-1)}`;

/** Which version's form to read: MP_CAPABLE says it itself; otherwise what the caller knows; otherwise the newest that has this length. */
const formOf = (codec: OptionCodec<KnownOption>, firstBits: number, length: number, version: MptcpVersion | undefined): MptcpVersion => {
  if (codec === mpCapable) return mpCapableForm(firstBits);
  if (version !== undefined) return version;
  return !codec.lengths[1].includes(length) && codec.lengths[0].includes(length) ? 0 : 1;
};

/**
 * Decodes the MPTCP option whose Kind is at octet `offset`; `end` is one past the last captured octet of the TCP options, `version`
 * that of the connection, undefined when it is not known. Never throws; the result refers to `bytes`, it copies nothing. Errors:
 * `truncated`, `not-mptcp`, `bad-length`, `bad-ip-version`. RFC 8684 section 3, RFC 6824 section 3.
 *
 * @example decodeMptcpOption(Uint8Array.of(30, 3, 0x51), 0, 3, 1) // { ok: true, value: { kind: 'MP_PRIO', backup: true, reserved: 0 } }
 */
export const decodeMptcpOption = (
  bytes: Uint8Array,
  offset: number,
  end: number,
  version: MptcpVersion | undefined,
): Decoded<MptcpOption> => {
  const section = version === 0 ? 'RFC 6824 section 3' : 'RFC 8684 section 3';
  const there = Math.min(end, bytes.length) - offset;
  if (!(there >= 2)) return undecodable('truncated', Math.max(0, there), 'the octets end before the Length of the option', section);
  if (bytes[offset] !== MPTCP_KIND) return undecodable('not-mptcp', 0, `Kind is ${bytes[offset]}, not ${MPTCP_KIND}`, section);
  const length = bytes[offset + 1]!;
  if (length < 3 || length > LONGEST_OPTION)
    return undecodable('bad-length', 1, `an MPTCP option has length 3 to ${LONGEST_OPTION}, not ${length}`, section);
  if (there < length) return undecodable('truncated', there, `the octets end after ${there} of the option's ${length}`, section);

  const codec = bySubtype[bytes[offset + 2]! >>> 4];
  if (codec === undefined) return decodeUnknown(bytes, offset, length);
  const form = formOf(codec, bytes[offset + 2]! & 0x0f, length, version);
  const { [form]: lengths } = codec.lengths;
  if (lengths.includes(length)) return codec.decode(bytes, offset, length, form);
  if (lengths.length === 0 || (codec === mpCapable && length > 3 && mpCapableMayDiffer(bytes, offset)))
    return decodeUnknown(bytes, offset, length);
  return undecodable('bad-length', 1, `${codec.kind} has length ${listed(lengths)}, not ${length}`, codec.sections[form]);
};

/**
 * The octets of an option, Kind and Length included, without padding. A value that cannot be represented is a `RangeError` that
 * names the field. For every option that decodes, this gives back its octets.
 *
 * @example encodeMptcpOption({ kind: 'MP_PRIO', backup: true, reserved: 0 }) // Uint8Array.of(30, 3, 0x51)
 */
export const encodeMptcpOption = (option: MptcpOption): Uint8Array => {
  if (option.kind === 'UNKNOWN') return encodeUnknown(option);
  const codec = byKind.get(option.kind);
  if (codec === undefined) throw new RangeError(`kind must be an MPTCP option, not ${option.kind}`);
  return codec.encode(option);
};
