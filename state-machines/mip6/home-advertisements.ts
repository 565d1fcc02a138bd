/** What a home agent says of itself and its link: router advertisements (RFC 6275 sections 7.1 to 7.4), discovery replies (10.5.1), mobile prefix advertisements (10.6.3). */
import type { MobileIcmpMessage } from '../../codecs/mip6/index.ts';
import { hasPrefix } from './address.ts';
import { prefixInformation } from './home-prefix.ts';
import type { HomePrefix } from './home-prefix.ts';

/** A router advertisement of a home agent: H, R with its address, its preference; `lifetime` in seconds. */
export const homeAgentAdvertisement = (
  address: Uint8Array,
  homeAgentPreference: number,
  prefixes: readonly HomePrefix[],
  lifetime: number,
  now: number,
): MobileIcmpMessage => ({
  kind: 'RouterAdvertisement',
  code: 0,
  checksum: 0,
  curHopLimit: 64,
  managedAddressConfiguration: false,
  otherConfiguration: false,
  homeAgent: true,
  preference: 0,
  reserved: 0,
  routerLifetime: lifetime,
  reachableTime: 0,
  retransTimer: 0,
  options: [
    ...prefixes.map((each) => prefixInformation(each, now, hasPrefix(address, each.prefix, each.length) ? address : undefined)),
    { kind: 'HomeAgentInformation', mobileRouterSupport: false, reserved: 0, homeAgentPreference, homeAgentLifetime: lifetime },
  ],
});

/** A Home Agent Address Discovery Reply. */
export const discoveryReply = (identifier: number, homeAgentAddresses: readonly Uint8Array[]): MobileIcmpMessage => ({
  kind: 'HaadReply',
  code: 0,
  checksum: 0,
  identifier,
  mobileRouterSupport: false,
  reserved: 0,
  homeAgentAddresses,
});

/** A Mobile Prefix Advertisement of all prefixes. */
export const mobilePrefixAdvertisement = (identifier: number, prefixes: readonly HomePrefix[], now: number): MobileIcmpMessage => ({
  kind: 'MobilePrefixAdvertisement',
  code: 0,
  checksum: 0,
  identifier,
  managedAddressConfiguration: false,
  otherConfiguration: false,
  reserved: 0,
  options: prefixes.map((each) => prefixInformation(each, now)),
});
