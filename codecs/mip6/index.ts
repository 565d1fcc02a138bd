/** Mobile IPv6, RFC 6275: messages, options, headers, and return routability's authorisation: `polypath/codecs/mip6`. */
export type { AlternateCareOfAddress } from './alternate-care-of-address.ts';
export * from './authorization.ts';
export { BINDING_STATUS, plainBindingAcknowledgement, type BA, type BindingAcknowledgementFlag } from './ba.ts';
export { BINDING_ERROR, type BE } from './be.ts';
export type { BindingAuthorizationData } from './binding-authorization-data.ts';
export type { BindingIdentifier } from './binding-identifier.ts';
export type { BindingRefreshAdvice } from './binding-refresh-advice.ts';
export type { BRR } from './brr.ts';
export { plainBindingUpdate, type BindingUpdateFlag, type BU } from './bu.ts';
export type { CareOfTest } from './care-of-test.ts';
export { PROTOCOL_MOBILITY } from '../packet/locate.ts';
export * from './checksum.ts';
export type { CoT } from './cot.ts';
export type { CoTI } from './coti.ts';
export type { HaadReply } from './haad-reply.ts';
export type { HaadRequest } from './haad-request.ts';
export * from './home-address.ts';
export type { HoT } from './hot.ts';
export type { HoTI } from './hoti.ts';
export { decodeMobileIcmp, encodeMobileIcmp, isMobileIcmp, type MobileIcmpMessage } from './icmp.ts';
export type { MobileNetworkPrefix } from './mobile-network-prefix.ts';
export type { MobilePrefixAdvertisement } from './mobile-prefix-advertisement.ts';
export type { MobilePrefixSolicitation } from './mobile-prefix-solicitation.ts';
export type { MobilityHead } from './message-codec.ts';
export {
  decodeMobility,
  encodeMobility,
  fixedOctets,
  mobilityLength,
  type MobilityMessage,
  type UnknownMobilityMessage,
} from './message.ts';
export type {
  AdvertisementInterval,
  HomeAgentInformation,
  NeighborOption,
  OtherNeighborOption,
  PrefixInformation,
} from './neighbor-option.ts';
export type { NonceIndices } from './nonce-indices.ts';
export {
  decodeMobilityOptions,
  encodeMobilityOptions,
  mobilityOptionType,
  padded,
  type AssignedKind,
  type AssignedOption,
  type MalformedMobilityOption,
  type MobilityOption,
  type OverlongMobilityOption,
  type Pad1,
  type PadN,
  type UnknownMobilityOption,
} from './option.ts';
export type { RouterAdvertisement } from './router-advertisement.ts';
