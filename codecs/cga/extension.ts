/**
 * Extension fields of the CGA Parameters (RFC 4581 section 2): type, length, data, one after another, in the order they are written.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |         Extension Type        |   Extension Data Length       |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                       Extension Data                          ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
import { ByteWriter, u16 } from '../bytes.ts';
import { decodeMultiPrefix, MULTI_PREFIX_TYPE, writeMultiPrefix, type MultiPrefix } from './multi-prefix.ts';

/** An extension field that nobody here knows, or a Multi-Prefix extension whose length cannot be (RFC 5535 section 5). */
export interface UnknownExtension {
  readonly kind: 'UNKNOWN';
  /** 16 bits; 0xfffd, 0xfffe and 0xffff are for experiments (RFC 4581 section 3). */
  readonly extensionType: number;
  readonly extensionData: Uint8Array;
}

/** The last octets of the CGA Parameters where they are no extension field; what verifies hashes them all the same. */
export interface MalformedExtension {
  readonly kind: 'MALFORMED';
  readonly octets: Uint8Array;
}

/** What may follow the public key, told apart by `kind`. */
export type ExtensionField = MultiPrefix | UnknownExtension | MalformedExtension;

const decodeAt = (octets: Uint8Array, offset: number, end: number): ExtensionField => {
  const extensionType = u16(octets, offset);
  const extensionData = octets.subarray(offset + 4, end);
  const multiPrefix = extensionType === MULTI_PREFIX_TYPE ? decodeMultiPrefix(extensionData) : undefined;
  return multiPrefix ?? { kind: 'UNKNOWN', extensionType, extensionData };
};

/**
 * The extension fields from `offset` to the end. Nothing is refused: octets at the end that are no whole field become a `MALFORMED`
 * one. Views, no copies. @example decodeExtensionFields(octets, 25 + publicKey.length)
 */
export const decodeExtensionFields = (octets: Uint8Array, offset = 0): readonly ExtensionField[] => {
  const fields: ExtensionField[] = [];
  for (let at = offset; at < octets.length;) {
    const end = at + 4 + u16(octets, at + 2);
    if (at + 4 > octets.length || end > octets.length) return [...fields, { kind: 'MALFORMED', octets: octets.subarray(at) }];
    fields.push(decodeAt(octets, at, end));
    at = end;
  }
  return fields;
};

/**
 * The octets of extension fields, in their order. A `RangeError` names what cannot be represented, such as a field after one that is
 * `MALFORMED`. @example encodeExtensionFields([{ kind: 'MULTI_PREFIX', pFlag: true, reserved: 0, prefixes }])
 */
export const encodeExtensionFields = (fields: readonly ExtensionField[]): Uint8Array => {
  const writer = new ByteWriter();
  for (const [i, field] of fields.entries()) {
    if (field.kind === 'MULTI_PREFIX') writeMultiPrefix(writer, field);
    else if (field.kind === 'UNKNOWN')
      writer
        .u16('extensionType', field.extensionType)
        .u16('extensionDataLength', field.extensionData.length)
        .bytes('extensionData', field.extensionData);
    else if (i < fields.length - 1) throw new RangeError('extensionFields must not go on after a malformed one');
    else writer.bytes('octets', field.octets);
  }
  return writer.finish();
};
