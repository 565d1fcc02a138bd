/** What `polypath decode` says of a message, and how its fields are written so that JSON can hold them. */
import { toHex } from '../../codecs/bytes.ts';
import type { DecodeError } from '../../codecs/decoded.ts';
import { formatAddress } from '../../codecs/packet/index.ts';
import type { Conversation } from '../report/report.ts';

/** A message of one of our protocols, or what should have been one. */
export interface Message {
  readonly protocol: Conversation['protocol'] | 'reap';
  /** The RFC's name of the message or option, or `malformed`. */
  readonly kind: string;
  /** In octets. */
  readonly length: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly error?: DecodeError;
}

/** Fields that hold an address, by their names. */
const isAddress = (name: string, value: Uint8Array): boolean =>
  /address(?:es)?$|locators?$|ulids?$/i.test(name) && (value.length === 4 || value.length === 16);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const plain = (name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return isAddress(name, value) ? formatAddress(value, 0, value.length === 4 ? 4 : 6) : toHex(value);
  if (Array.isArray(value)) return value.map((each) => plain(name, each));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([inner, each]) => [inner, plain(inner, each)])) : value;
};

/**
 * The fields of a message as JSON can hold them: octets are hex, addresses text, 64-bit numbers decimal strings; so are those of its options.
 * @example fieldsOf({ kind: 'MP_FASTCLOSE', receiverKey: 1n, reserved: 0 }) // { receiverKey: '1', reserved: 0 }
 */
export const fieldsOf = (message: { readonly kind: string }): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(message)
      .filter(([name]) => name !== 'kind')
      .map(([name, value]) => [name, plain(name, value)]),
  );
