/** Section 7: what routers and home agents say in router advertisements. */
import type { PrefixInformation, RouterAdvertisement } from '../../../codecs/mip6/index.ts';
import { PASS, broken, gravest, inconclusive } from '../../follow/evidence.ts';
import type { Judgement } from '../../follow/evidence.ts';
import { check } from '../../follow/mip6/judge.ts';
import type { AnyCheck, Here } from '../../follow/mip6/judge.ts';
import { routerAddressesOf } from '../../follow/mip6/network.ts';
import type { Router } from '../../follow/mip6/network.ts';
import { addressOf } from '../../follow/mip6/sight.ts';
import { zero } from './formats.ts';

const SOURCE_LINK_LAYER_ADDRESS = 1;
const ADVERTISEMENT_INTERVAL = 7;
const HOME_AGENT_INFORMATION = 8;
/** An advertisement may be divided, or leave out what others have: from so many on without a router address there is none. */
const ENOUGH = 3;

const routerOf = ({ network, sight }: Here): Router | undefined => network.routers.get(sight.source);

type Option<K extends RouterAdvertisement['options'][number]['kind']> = Extract<
  RouterAdvertisement['options'][number],
  { readonly kind: K }
>;

/** Every option of one kind. */
const each = <K extends RouterAdvertisement['options'][number]['kind']>(
  requirement: string,
  kind: K,
  judge: (option: Option<K>, message: RouterAdvertisement) => Judgement,
): AnyCheck =>
  check(requirement, 'RouterAdvertisement', 'sender', (_, { message }) =>
    gravest(message.options.filter((option): option is Option<K> => option.kind === kind).map((option) => judge(option, message))),
  );

/** An option of this type has the length 1: one of another length does not decode. */
const lengthOf = (requirement: string, type: number, kind: 'AdvertisementInterval' | 'HomeAgentInformation', name: string): AnyCheck =>
  check(requirement, 'RouterAdvertisement', 'sender', (_, { message }) =>
    gravest(
      message.options.map((option): Judgement => {
        if (option.kind === kind) return PASS;
        if (option.kind !== 'Other' || option.type !== type) return undefined;
        return broken('Length 1', `Length ${(option.data.length + 2) / 8}`, `The ${name} option has a wrong length.`);
      }),
    ),
  );

/** Whether the prefix has nothing but zeros behind its length: then it names no router. */
const isBare = ({ prefixAddress, prefixLength }: PrefixInformation): boolean =>
  prefixAddress.every((octet, i) => {
    const inside = Math.min(8, Math.max(0, prefixLength - 8 * i));
    return (octet & (0xff >> inside)) === 0;
  });

export const section7: readonly AnyCheck[] = [
  check('RFC6275-7.2-1/1', 'RouterAdvertisement', 'sender', (here, { message }) => {
    const router = routerOf(here);
    if (!message.homeAgent || router === undefined) return undefined;
    if (router.addressed > 0) return PASS;
    return router.count < ENOUGH
      ? inconclusive('none of the few advertisements of this home agent has a router address: others may')
      : broken(
          'a Prefix Information option with R',
          `none in ${router.count} advertisements`,
          'A home agent does not tell its global address in its router advertisements.',
        );
  }),
  check('RFC6275-7.2-2', 'RouterAdvertisement', 'sender', (here, { message }) => {
    const router = routerOf(here);
    if (router === undefined || router.addressed === 0) return undefined;
    return routerAddressesOf(message.options).length > 0
      ? PASS
      : broken(
          'a Prefix Information option with R',
          'none',
          'A router advertisement leaves out the router address that others of this router have.',
        );
  }),
  check('RFC6275-7.2-3', 'RouterAdvertisement', 'sender', (here) => {
    const router = routerOf(here);
    if (router === undefined || router.addressed < 2) return undefined;
    return router.steady.length > 0
      ? PASS
      : broken('a router address that stays', 'none', 'No router address is the same in all router advertisements of this router.');
  }),
  each('RFC6275-7.2-a', 'PrefixInformation', (option) => {
    if (!option.routerAddress) return undefined;
    return isBare(option)
      ? broken(
          'a whole address',
          addressOf(option.prefixAddress),
          'A prefix with the Router Address bit holds the prefix alone, not the address of the router.',
        )
      : PASS;
  }),

  lengthOf('RFC6275-7.3-1', ADVERTISEMENT_INTERVAL, 'AdvertisementInterval', 'Advertisement Interval'),
  each('RFC6275-7.3-2/1', 'AdvertisementInterval', ({ reserved }) =>
    zero(reserved, 'The Reserved field of an Advertisement Interval option'),
  ),

  lengthOf('RFC6275-7.4-1', HOME_AGENT_INFORMATION, 'HomeAgentInformation', 'Home Agent Information'),
  each('RFC6275-7.4-2/1', 'HomeAgentInformation', ({ reserved }) =>
    zero(reserved, 'The Reserved field of a Home Agent Information option'),
  ),
  each('RFC6275-7.4-6', 'HomeAgentInformation', ({ homeAgentLifetime }) =>
    homeAgentLifetime === 0 ? broken('a lifetime', 'Home Agent Lifetime 0', 'A home agent advertises a lifetime of 0.') : PASS,
  ),
  each('RFC6275-7.4-8', 'HomeAgentInformation', (_, { homeAgent }) =>
    homeAgent ? PASS : broken('H = 1', 'H = 0', 'A router that is no home agent, by its H bit, sends a Home Agent Information option.'),
  ),
  each('RFC6275-7.4-13', 'HomeAgentInformation', ({ homeAgentPreference, homeAgentLifetime }, { routerLifetime }) =>
    homeAgentPreference === 0 && homeAgentLifetime === routerLifetime
      ? broken(
          'no Home Agent Information option',
          'one with the defaults',
          'A Home Agent Information option says nothing that does not hold without it.',
        )
      : PASS,
  ),

  check('RFC6275-7.5-11', 'RouterAdvertisement', 'sender', (_, { message }) => {
    if (!message.homeAgent) return undefined;
    return message.options.some((option) => option.kind === 'Other' && option.type === SOURCE_LINK_LAYER_ADDRESS)
      ? PASS
      : broken('a Source Link-Layer Address option', 'none', 'A home agent leaves its link-layer address out of a router advertisement.');
  }),
];
