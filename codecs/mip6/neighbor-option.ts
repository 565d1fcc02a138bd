/** The options of router and mobile prefix advertisements, RFC 4861 section 4.6, with what RFC 6275 section 7 adds. */
import { ByteWriter, concat, ranged, u16, u32 } from '../bytes.ts';
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';

/**
 * Prefix Information, RFC 4861 section 4.6.2 and RFC 6275 section 7.2.
 *
 *    |     Type = 3  |   Length = 4  | Prefix Length |L|A|R|Reserved1|
 *    |                         Valid Lifetime                        |
 *    |                       Preferred Lifetime                      |
 *    |                           Reserved2                           |
 *    |                          Prefix (16)                          |
 */
export interface PrefixInformation {
  readonly kind: 'PrefixInformation';
  /** In bits. */
  readonly prefixLength: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  /** R: the prefix is a whole address of the router. */
  readonly routerAddress: boolean;
  /** 5 bits. */
  readonly reserved1: number;
  /** In seconds. */
  readonly validLifetime: number;
  readonly preferredLifetime: number;
  /** 32 bits. */
  readonly reserved2: number;
  /** 16 octets. */
  readonly prefixAddress: Uint8Array;
}

/** Advertisement Interval, RFC 6275 section 7.3: | Type = 7 | Length = 1 | Reserved 2 | Advertisement Interval 4 |. */
export interface AdvertisementInterval {
  readonly kind: 'AdvertisementInterval';
  /** 16 bits. */
  readonly reserved: number;
  /** In ms. */
  readonly advertisementInterval: number;
}

/** Home Agent Information, RFC 6275 section 7.4: | Type = 8 | Length = 1 | Reserved 2 | Home Agent Preference 2 | Home Agent Lifetime 2 |. R is of RFC 3963 section 4.4. */
export interface HomeAgentInformation {
  readonly kind: 'HomeAgentInformation';
  /** R: the home agent serves mobile routers. */
  readonly mobileRouterSupport: boolean;
  /** 15 bits. */
  readonly reserved: number;
  /** 16 bits; the highest is preferred. */
  readonly homeAgentPreference: number;
  /** In seconds. */
  readonly homeAgentLifetime: number;
}

/** Any other option, or one of the above with another length. */
export interface OtherNeighborOption {
  readonly kind: 'Other';
  readonly type: number;
  /** 8 n - 2 octets. */
  readonly data: Uint8Array;
}

/** An option, told apart by `kind`. */
export type NeighborOption = PrefixInformation | AdvertisementInterval | HomeAgentInformation | OtherNeighborOption;

const PREFIX_INFORMATION = 3;
const ADVERTISEMENT_INTERVAL = 7;
const HOME_AGENT_INFORMATION = 8;

const optionOf = (type: number, data: Uint8Array): NeighborOption => {
  if (type === PREFIX_INFORMATION && data.length === 30) {
    const flags = data[1]!;
    return {
      kind: 'PrefixInformation',
      prefixLength: data[0]!,
      onLink: (flags & 0x80) !== 0,
      autonomous: (flags & 0x40) !== 0,
      routerAddress: (flags & 0x20) !== 0,
      reserved1: flags & 0x1f,
      validLifetime: u32(data, 2),
      preferredLifetime: u32(data, 6),
      reserved2: u32(data, 10),
      prefixAddress: data.subarray(14),
    };
  }
  if (type === ADVERTISEMENT_INTERVAL && data.length === 6)
    return { kind: 'AdvertisementInterval', reserved: u16(data, 0), advertisementInterval: u32(data, 2) };
  if (type === HOME_AGENT_INFORMATION && data.length === 6) {
    return {
      kind: 'HomeAgentInformation',
      mobileRouterSupport: (data[0]! & 0x80) !== 0,
      reserved: u16(data, 0) & 0x7fff,
      homeAgentPreference: u16(data, 2),
      homeAgentLifetime: u16(data, 4),
    };
  }
  return { kind: 'Other', type, data };
};

/** The options from `from` on, in order; a length of 0, or one that leads outside, is an error (RFC 4861 section 4.6). */
export const decodeNeighborOptions = (bytes: Uint8Array, from: number): Decoded<readonly NeighborOption[]> => {
  const options: NeighborOption[] = [];
  for (let at = from; at < bytes.length;) {
    const length = (bytes[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > bytes.length)
      return undecodable(
        'bad-length',
        at + 1,
        `an option of ${length} octets, where ${bytes.length - at} are left`,
        'RFC 4861 section 4.6',
      );
    options.push(optionOf(bytes[at]!, bytes.subarray(at + 2, at + length)));
    at += length;
  }
  return decoded(options);
};

const encoded = (option: NeighborOption): readonly [type: number, data: Uint8Array] => {
  switch (option.kind) {
    case 'PrefixInformation': {
      const flags = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0) | (option.routerAddress ? 0x20 : 0);
      const w = new ByteWriter(30)
        .u8('prefixLength', option.prefixLength)
        .u8('reserved1', flags | ranged('reserved1', option.reserved1, 0x1f));
      w.u32('validLifetime', option.validLifetime).u32('preferredLifetime', option.preferredLifetime).u32('reserved2', option.reserved2);
      return [PREFIX_INFORMATION, w.bytes('prefixAddress', option.prefixAddress, 16).finish()];
    }
    case 'AdvertisementInterval':
      return [
        ADVERTISEMENT_INTERVAL,
        new ByteWriter(6).u16('reserved', option.reserved).u32('advertisementInterval', option.advertisementInterval).finish(),
      ];
    case 'HomeAgentInformation': {
      const first = (option.mobileRouterSupport ? 0x8000 : 0) | ranged('reserved', option.reserved, 0x7fff);
      const w = new ByteWriter(6).u16('reserved', first).u16('homeAgentPreference', option.homeAgentPreference);
      return [HOME_AGENT_INFORMATION, w.u16('homeAgentLifetime', option.homeAgentLifetime).finish()];
    }
    case 'Other':
      return [option.type, option.data];
  }
};

/** The octets of options; one whose octets are no multiple of 8 is a `RangeError`. */
export const encodeNeighborOptions = (options: readonly NeighborOption[]): Uint8Array =>
  concat(
    ...options.map((option) => {
      const [type, data] = encoded(option);
      if ((data.length + 2) % 8 !== 0) throw new RangeError(`data must be 8 n - 2 octets, not ${data.length}`);
      return new ByteWriter(data.length + 2)
        .u8('type', type)
        .u8('length', (data.length + 2) / 8)
        .bytes('data', data)
        .finish();
    }),
  );
