/** The ICMPv6 messages of Mobile IPv6, RFC 6275 sections 6.5 to 6.8 and 7.1: one registry. */
import { decoded, undecodable } from '../decoded.ts';
import type { Decoded } from '../decoded.ts';
import { decodeIcmpv6, encodeIcmpv6 } from '../packet/icmpv6.ts';
import { decodeHaadReply, encodeHaadReply, type HaadReply } from './haad-reply.ts';
import { decodeHaadRequest, encodeHaadRequest, type HaadRequest } from './haad-request.ts';
import {
  decodeMobilePrefixAdvertisement,
  encodeMobilePrefixAdvertisement,
  type MobilePrefixAdvertisement,
} from './mobile-prefix-advertisement.ts';
import {
  decodeMobilePrefixSolicitation,
  encodeMobilePrefixSolicitation,
  type MobilePrefixSolicitation,
} from './mobile-prefix-solicitation.ts';
import { decodeRouterAdvertisement, encodeRouterAdvertisement, type RouterAdvertisement } from './router-advertisement.ts';

/** An ICMPv6 message of Mobile IPv6, told apart by `kind`. */
export type MobileIcmpMessage = HaadRequest | HaadReply | MobilePrefixSolicitation | MobilePrefixAdvertisement | RouterAdvertisement;

type Body<M extends MobileIcmpMessage> = Omit<M, 'code' | 'checksum'>;

interface IcmpCodec<M extends MobileIcmpMessage> {
  readonly type: number;
  readonly decode: (body: Uint8Array) => Decoded<Body<M>>;
  readonly encode: (message: M) => Uint8Array;
}

const codecs: { readonly [K in MobileIcmpMessage['kind']]: IcmpCodec<Extract<MobileIcmpMessage, { readonly kind: K }>> } = {
  RouterAdvertisement: { type: 134, decode: decodeRouterAdvertisement, encode: encodeRouterAdvertisement },
  HaadRequest: { type: 144, decode: decodeHaadRequest, encode: encodeHaadRequest },
  HaadReply: { type: 145, decode: decodeHaadReply, encode: encodeHaadReply },
  MobilePrefixSolicitation: { type: 146, decode: decodeMobilePrefixSolicitation, encode: encodeMobilePrefixSolicitation },
  MobilePrefixAdvertisement: { type: 147, decode: decodeMobilePrefixAdvertisement, encode: encodeMobilePrefixAdvertisement },
};

// One assertion, so that a codec can be found by a kind or type that is only known when it runs.
const all = Object.values(codecs) as unknown as readonly IcmpCodec<MobileIcmpMessage>[];
const byType: ReadonlyMap<number, IcmpCodec<MobileIcmpMessage>> = new Map(all.map((codec) => [codec.type, codec]));

/** Whether an ICMPv6 message of this type is one of Mobile IPv6. Router advertisements are, since they say who is a home agent. */
export const isMobileIcmp = (type: number): boolean => byType.has(type);

/**
 * Decodes an ICMPv6 message of Mobile IPv6, the payload of a packet. The checksum is kept, not verified (`icmpv6Checksum` computes it). Never throws. Errors:
 * `truncated`, `bad-length`, `other-type` for a message that is none of Mobile IPv6's. @example decodeMobileIcmp(packet.payload)
 */
export const decodeMobileIcmp = (bytes: Uint8Array): Decoded<MobileIcmpMessage> => {
  const read = decodeIcmpv6(bytes);
  if (!read.ok) return read;
  const { type, code, checksum, body } = read.value;
  const codec = byType.get(type);
  if (codec === undefined) return undecodable('other-type', 0, `ICMPv6 type ${type} is none of Mobile IPv6`, 'RFC 6275 section 6.5');
  const message = codec.decode(body);
  return message.ok ? decoded({ ...message.value, code, checksum } as MobileIcmpMessage) : message;
};

/** The octets of a message, with its checksum as it is (`fillIcmpv6Checksum`). A value that cannot be represented is a `RangeError` that names its field. */
export const encodeMobileIcmp = (message: MobileIcmpMessage): Uint8Array => {
  const codec = codecs[message.kind] as unknown as IcmpCodec<MobileIcmpMessage>;
  const { code, checksum } = message;
  return encodeIcmpv6({ kind: 'ICMPV6', type: codec.type, code, checksum, body: codec.encode(message) });
};
