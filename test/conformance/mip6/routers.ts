/** Mutants of UMIP's captures for RFC 6275 sections 7 and 8: router advertisements: one or more for each MUST and RULE that a capture decides. */
import { addressOf, bytes, advertised, eachOption } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { all, onIcmp } from './mutation.ts';

export const routers: readonly Mutant[] = [
  {
    id: '7.2-1/1',
    does: 'home agents never tell their global address',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'PrefixInformation' ? { ...option, routerAddress: false } : option)),
    host: 'a',
  },
  {
    id: '7.2-2',
    does: 'one advertisement leaves the router address out',
    from: 'b-dhaad-ha-home',
    change: onIcmp(
      'RouterAdvertisement',
      { message: (m) => ({ ...m, options: m.options.filter(({ kind }) => kind !== 'PrefixInformation') }) },
      { nth: 3, where: ({ homeAgent }) => homeAgent },
    ),
    host: 'a',
    verdict: 'warn',
  },
  {
    id: '7.2-3',
    does: 'the router address changes',
    from: 'b-dhaad-ha-home',
    change: onIcmp(
      'RouterAdvertisement',
      {
        message: (m) => ({
          ...m,
          options: m.options.map((o) => (o.kind === 'PrefixInformation' ? { ...o, prefixAddress: addressOf('2001:db8:1::7') } : o)),
        }),
      },
      { nth: 3, where: ({ homeAgent }) => homeAgent },
    ),
    host: 'a',
    verdict: 'warn',
  },
  {
    id: '7.2-a',
    does: 'a prefix with R holds no address',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) =>
      option.kind === 'PrefixInformation' ? { ...option, prefixAddress: addressOf('2001:db8:1::') } : option,
    ),
    host: 'a',
  },
  {
    id: '7.3-1',
    does: 'an Advertisement Interval option of length 2',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'AdvertisementInterval' ? { kind: 'Other', type: 7, data: bytes(14) } : option)),
    host: 'a',
  },
  {
    id: '7.3-2/1',
    does: 'the Reserved field of an Advertisement Interval option is set',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'AdvertisementInterval' ? { ...option, reserved: 1 } : option)),
    host: 'a',
  },
  {
    id: '7.4-1',
    does: 'a Home Agent Information option of length 2',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'HomeAgentInformation' ? { kind: 'Other', type: 8, data: bytes(14) } : option)),
    host: 'a',
  },
  {
    id: '7.4-2/1',
    does: 'the Reserved field of a Home Agent Information option is set',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'HomeAgentInformation' ? { ...option, reserved: 1 } : option)),
    host: 'a',
  },
  {
    id: '7.4-6',
    does: 'a home agent with a lifetime of 0',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'HomeAgentInformation' ? { ...option, homeAgentLifetime: 0 } : option)),
    host: 'a',
  },
  {
    id: '7.4-8',
    does: 'Home Agent Information from what is no home agent',
    from: 'b-dhaad-ha-home',
    change: advertised(() => ({ homeAgent: false })),
    host: 'a',
  },
  {
    id: '7.4-13',
    does: 'a Home Agent Information option with the defaults',
    from: 'b-dhaad-ha-home',
    change: advertised(({ options, routerLifetime }) => ({
      options: options.map((option) =>
        option.kind === 'HomeAgentInformation' ? { ...option, homeAgentPreference: 0, homeAgentLifetime: routerLifetime } : option,
      ),
    })),
    host: 'a',
    verdict: 'warn',
  },
  {
    id: '7.5-11',
    does: 'home agents leave out their link-layer address',
    from: 'b-dhaad-ha-home',
    change: eachOption((option) => (option.kind === 'Other' && option.type === 1 ? undefined : option)),
    host: 'a',
  },
  {
    id: '8.3-5',
    does: 'a router that tells its interval does not tell its address',
    from: 'b-dhaad-ha-home',
    change: all(
      advertised(({ options }) => ({
        homeAgent: false,
        options: options.filter(({ kind }) => kind !== 'HomeAgentInformation' && kind !== 'PrefixInformation'),
      })),
    ),
    host: 'a',
    verdict: 'warn',
  },
];
