/** The Home Agents List of RFC 6275 sections 10.1 and 10.5.1: who else serves on the home link, from their router advertisements, and what a discovery is answered with. */
import { copyOf, equalBytes, toHex } from '../../codecs/bytes.ts';
import type { RouterAdvertisement } from '../../codecs/mip6/index.ts';

/** One home agent. */
export interface KnownHomeAgent {
  readonly linkLocalAddress: Uint8Array;
  readonly preference: number;
  /** In ms, on the caller's clock. */
  readonly expires: number;
  readonly addresses: readonly Uint8Array[];
}

/** Addresses in a reply that fits into the least MTU of IPv6: 1280 octets less the IPv6 header and the message's first 8 (section 10.5.1). */
export const REPLY_ADDRESSES: number = Math.floor((1280 - 40 - 8) / 16);
/** Home agents and addresses of each that are remembered: a link has a few, and whoever can send advertisements must not fill our memory. */
const MOST = 64;

/** In a random order. */
const shuffled = <T>(all: readonly T[], random: (octets: number) => Uint8Array): readonly T[] => {
  const drawn = all.map((item) => ({ item, key: toHex(random(4)) }));
  return drawn.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
};

/**
 * The list of one link.
 * @example
 * const list = new HomeAgentsList();
 * list.receive(linkLocalAddress, advertisement, now);
 */
export class HomeAgentsList {
  #known: readonly KnownHomeAgent[] = [];

  /** Those whose lifetime has not passed. */
  at(now: number): readonly KnownHomeAgent[] {
    this.#known = this.#known.filter(({ expires }) => expires > now);
    return this.#known;
  }

  /** A router advertisement came from this link-local address. */
  receive(linkLocalAddress: Uint8Array, advertisement: RouterAdvertisement, now: number): void {
    const before = this.at(now).find((each) => equalBytes(each.linkLocalAddress, linkLocalAddress));
    this.#known = this.#known.filter((each) => each !== before);
    if (!advertisement.homeAgent) return;
    const information = advertisement.options.find((option) => option.kind === 'HomeAgentInformation');
    const isTold = information?.kind === 'HomeAgentInformation';
    const lifetime = isTold ? information.homeAgentLifetime : advertisement.routerLifetime;
    if (lifetime === 0 || this.#known.length >= MOST) return;
    const advertised = advertisement.options.flatMap((option) =>
      option.kind === 'PrefixInformation' && option.routerAddress ? [copyOf(option.prefixAddress)] : [],
    );
    const addresses = [...(before?.addresses ?? [])];
    for (const address of advertised) {
      if (addresses.length < MOST && !addresses.some((each) => equalBytes(each, address))) addresses.push(address);
    }
    const preference = isTold ? information.homeAgentPreference : 0;
    this.#known = [...this.#known, { linkLocalAddress: copyOf(linkLocalAddress), preference, expires: now + lifetime * 1000, addresses }];
  }

  /** The addresses for a reply: by preference, in a random order where it is equal, no more than fit. `own` is the home agent that answers. */
  addresses(
    own: Pick<KnownHomeAgent, 'preference' | 'addresses'>,
    random: (octets: number) => Uint8Array,
    now: number,
  ): readonly Uint8Array[] {
    return shuffled([own, ...this.at(now)], random)
      .toSorted((a, b) => b.preference - a.preference)
      .flatMap(({ addresses }) => shuffled(addresses, random))
      .slice(0, REPLY_ADDRESSES);
  }
}
