/** Care-of Test, RFC 4866 section 5.6: a care-of keygen token within a Binding Acknowledgement. */
import { ByteWriter, u64 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * CareOfTest.
 *
 *    |  Type = 16    |   Length = 8  |   Care-of Keygen Token (8)
 */
export interface CareOfTest {
  readonly kind: 'CareOfTest';
  /** 64 bits. */
  readonly careOfKeygenToken: bigint;
}

const SECTION = 'RFC 4866 section 5.6';

export const careOfTest: MobilityOptionCodec<CareOfTest> = {
  kind: 'CareOfTest',
  type: 16,
  section: SECTION,
  alignment: { every: 8, offset: 6 },
  decode: (data) =>
    data.length === 8
      ? decoded({ kind: 'CareOfTest', careOfKeygenToken: u64(data, 0) })
      : undecodable('bad-length', 1, `the option has 8 octets of data, not ${data.length}`, SECTION),
  encode: (option) => new ByteWriter(8).u64('careOfKeygenToken', option.careOfKeygenToken).finish(),
};
