/** Alternate Care-of Address, RFC 6275 section 6.2.5: the care-of address, where it is not the source of the packet. */
import { ByteWriter } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * AlternateCareOfAddress.
 *
 *    |   Type = 3    |  Length = 16  |  Alternate Care-of Address (16)
 */
export interface AlternateCareOfAddress {
  readonly kind: 'AlternateCareOfAddress';
  /** 16 octets. */
  readonly alternateCareOfAddress: Uint8Array;
}

const SECTION = 'RFC 6275 section 6.2.5';

export const alternateCareOfAddress: MobilityOptionCodec<AlternateCareOfAddress> = {
  kind: 'AlternateCareOfAddress',
  type: 3,
  section: SECTION,
  alignment: { every: 8, offset: 6 },
  decode: (data) =>
    data.length === 16
      ? decoded({ kind: 'AlternateCareOfAddress', alternateCareOfAddress: data })
      : undecodable('bad-length', 1, `the option has 16 octets of data, not ${data.length}`, SECTION),
  encode: (option) => new ByteWriter(16).bytes('alternateCareOfAddress', option.alternateCareOfAddress, 16).finish(),
};
