/** Binding Identifier, RFC 5648 section 4.1: tells the bindings of one home address apart. */
import { ByteWriter, ranged, u16 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { MobilityOptionCodec } from './option-codec.ts';

/**
 * BindingIdentifier.
 *
 *    |   Type = 35   |     Length    |
 *    |       Binding ID (BID)        |     Status    |H|   BID-PRI   |
 *    ~          IPv4 or IPv6 care-of address (0, 4 or 16)            ~
 */
export interface BindingIdentifier {
  readonly kind: 'BindingIdentifier';
  /** 16 bits, not 0. */
  readonly bindingId: number;
  /** 8 bits. */
  readonly status: number;
  /** H: the binding is kept while the mobile node is at home, too. */
  readonly simultaneousHomeAndForeign: boolean;
  /** 7 bits, which RFC 6089 section 4.1 made the priority. */
  readonly priority: number;
  /** 4 or 16 octets. */
  readonly careOfAddress?: Uint8Array;
}

const SECTION = 'RFC 5648 section 4.1';

export const bindingIdentifier: MobilityOptionCodec<BindingIdentifier> = {
  kind: 'BindingIdentifier',
  type: 35,
  section: SECTION,
  alignment: { every: 4, offset: 2 },
  decode: (data) =>
    data.length === 4 || data.length === 8 || data.length === 20
      ? decoded({
          kind: 'BindingIdentifier',
          bindingId: u16(data, 0),
          status: data[2]!,
          simultaneousHomeAndForeign: (data[3]! & 0x80) !== 0,
          priority: data[3]! & 0x7f,
          ...(data.length > 4 && { careOfAddress: data.subarray(4) }),
        })
      : undecodable('bad-length', 1, `the option has 4, 8 or 20 octets of data, not ${data.length}`, SECTION),
  encode: ({ bindingId, status, simultaneousHomeAndForeign, priority, careOfAddress }) => {
    const length = careOfAddress?.length ?? 0;
    if (![0, 4, 16].includes(length)) throw new RangeError(`careOfAddress must be 4 or 16 octets, not ${length}`);
    return new ByteWriter(20)
      .u16('bindingId', bindingId)
      .u8('status', status)
      .u8('priority', (simultaneousHomeAndForeign ? 0x80 : 0) | ranged('priority', priority, 0x7f))
      .bytes('careOfAddress', careOfAddress ?? new Uint8Array(0))
      .finish();
  },
};
