/** The known answers of vectors/mptcp as types, and the part of JSON Schema that their schema uses. */
import { readFileSync } from 'node:fs';
import type { MptcpVersion } from '../../codecs/mptcp/index.ts';

/** Where the vectors of Multipath TCP are. */
export const vectorsAt = new URL('../../vectors/mptcp/', import.meta.url);

/** One vector of each file; vectors/mptcp/README.md says what the fields mean. */
export interface Vectors {
  readonly keys: { readonly version: MptcpVersion; readonly key: string; readonly token: string; readonly idsn: string };
  readonly 'join-hmacs': {
    readonly version: MptcpVersion;
    readonly senderKey: string;
    readonly receiverKey: string;
    readonly senderNonce: string;
    readonly receiverNonce: string;
    readonly hmac: string;
    readonly synAck: string;
    readonly ack: string;
  };
  readonly 'add-addr-hmacs': {
    readonly senderKey: string;
    readonly receiverKey: string;
    readonly addressId: number;
    readonly address: string;
    readonly port?: number;
    readonly truncatedHmac: string;
    readonly leftmost: string;
  };
  readonly 'dss-checksums': {
    readonly dataSequenceNumber: string;
    readonly subflowSequenceNumber: number;
    readonly dataLevelLength: number;
    readonly payload: readonly string[];
    readonly option: string;
    readonly checksum: number;
  };
  readonly options: {
    readonly name: string;
    readonly version: MptcpVersion | null;
    readonly octets: string;
    readonly kind: string;
    readonly fields: Record<string, unknown>;
  };
  readonly 'malformed-options': {
    readonly name: string;
    readonly version: MptcpVersion | null;
    readonly octets: string;
    readonly error: { readonly code: string; readonly offset: number; readonly section: string };
  };
}

/** A file as it is. */
export const readVectorFile = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, vectorsAt), 'utf8'));

/** The vectors of a file; that it follows its schema is a test of its own. @example vectors('keys')[0].token */
export const vectors = <K extends keyof Vectors>(name: K): readonly Vectors[K][] =>
  (readVectorFile(name) as { readonly vectors: readonly Vectors[K][] }).vectors;

/** The keywords of JSON Schema (draft 2020-12) that vectors/mptcp/schema.json uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer';
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const isType = (value: unknown, type: Schema['type']): boolean => {
  if (type === undefined) return true;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type && value !== null && !Array.isArray(value);
};

/** What in `value` breaks `schema`, each with where it is; `root` is where `$ref` looks. */
export const breaches = (value: unknown, schema: Schema, root: Schema, at = '#'): readonly string[] => {
  const found: string[] = [];
  if (schema.$ref !== undefined) found.push(...breaches(value, root.$defs![schema.$ref.replace('#/$defs/', '')]!, root, at));
  if (!isType(value, schema.type)) return [...found, `${at} is no ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) found.push(`${at} is none of ${schema.enum.join(', ')}`);
  if (typeof value === 'string' && schema.pattern && !new RegExp(schema.pattern).test(value))
    found.push(`${at} does not match ${schema.pattern}`);
  if (typeof value === 'number' && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)))
    found.push(`${at} is out of range`);
  if (Array.isArray(value) && schema.items)
    for (const [i, item] of value.entries()) found.push(...breaches(item, schema.items, root, `${at}/${i}`));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const name of schema.required ?? []) if (!(name in value)) found.push(`${at} lacks ${name}`);
    for (const [name, member] of Object.entries(value)) {
      const inner = schema.properties?.[name];
      if (inner) found.push(...breaches(member, inner, root, `${at}/${name}`));
      else if (schema.additionalProperties === false) found.push(`${at} has an unexpected ${name}`);
    }
  }
  return found;
};
