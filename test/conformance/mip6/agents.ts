/** Mutants of UMIP's captures for RFC 6275 sections 10 and 11.4, 11.5: home agents, their tunnels and advertisements, discovery, prefixes, and the return home. */
import { fixedOctets, homeAddressHeader, padded } from '../../../codecs/mip6/index.ts';
import type { BA, BU, NeighborOption } from '../../../codecs/mip6/index.ts';
import type { Ipv6 } from '../../../codecs/packet/index.ts';
import {
  AGENT,
  FIRST,
  ROUTER,
  SECOND,
  again,
  at,
  echoed,
  icmp,
  insertSorted,
  isMulticast,
  nth,
  onAdvertisement,
  onTunnel,
  raised,
  routingHeader,
  tunneled,
} from './behaviour.ts';
import type { BehaviourMutant } from './behaviour.ts';
import { ADVICE, CORRESPONDENT, HOME, STRANGER, addressOf, bytes, homeAddress, ofHome, toHome, withHeaders } from './mutant.ts';
import { all, icmpOf, onCarrier, onIcmp, onMessage, rewrapped, withIcmp, without } from './mutation.ts';
import type { Mutation } from './mutation.ts';

const ELSEWHERE = addressOf('2001:db8:9::100');
const isDeletion = ({ homeRegistration, lifetime }: BU): boolean => homeRegistration && lifetime === 0;
const ofDeletion = (message: BA): boolean => ofHome(message) && message.lifetime === 0;
const granted = (message: BA): boolean => ofHome(message) && message.lifetime > 0;
/** An advertisement of the lifetimes of the home prefix, in seconds. */
const prefix = (lifetimes: { readonly validLifetime?: number; readonly preferredLifetime?: number }): Mutation =>
  onIcmp('MobilePrefixAdvertisement', {
    message: (m) => ({
      ...m,
      options: m.options.map((option): NeighborOption => (option.kind === 'PrefixInformation' ? { ...option, ...lifetimes } : option)),
    }),
  });
const ADVERTISEMENT = Uint8Array.of(0xa0, 0, 0, 0, ...HOME);
const linkLayer = (last: number): Uint8Array => Uint8Array.of(2, 1, 2, 0, 0, 0, 0, last);
const fromHome = ({ source }: Ipv6): boolean => source.join() === HOME.join();
const reply = echoed('reply', { from: CORRESPONDENT, to: HOME }, { source: CORRESPONDENT, destination: HOME, headers: [] });
const toAgain = (frames: Parameters<Mutation>[0], times: readonly number[], identifier: number) => {
  const [found] = icmpOf(frames, 'MobilePrefixAdvertisement');
  if (found === undefined) return [];
  const octets = found.packet.payload.slice();
  octets.set([identifier >> 8, identifier & 0xff], 4);
  return times.map((time) => rewrapped(frames[found.index]!, withIcmp(found.packet, octets), time));
};

export const agents: readonly BehaviourMutant[] = [
  {
    id: '10.3.1-5',
    does: 'a home agent says that it is none',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 131, lifetime: 0 }), { where: granted, nth: 1 }),
  },
  {
    id: '10.3.1-6/1',
    does: 'a home address of another link is accepted',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: all(
      onCarrier('BU', homeAddress(ELSEWHERE), { nth: 'all' }),
      onCarrier(
        'BA',
        withHeaders(() => [routingHeader(ELSEWHERE)]),
        { nth: 'all' },
      ),
    ),
  },
  {
    id: '10.3.1-6/1',
    does: 'a home address with a binding is refused as of another link',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 132, lifetime: 0 }), { where: granted, nth: 1 }),
  },
  {
    id: '10.3.1-15',
    does: 'a home address is accepted although another node defends it',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: insertSorted((frames) => {
      const { time } = nth(frames, 'BU');
      return at([time + 500, icmp(HOME, addressOf('ff02::1'), 136, ADVERTISEMENT)])(frames).filter((frame) => !frames.includes(frame));
    }),
  },
  {
    id: '10.3.1-17',
    does: 'a registration outlives its prefix',
    from: 'd-refusals-mn',
    host: 'b',
    change: prefix({ validLifetime: 60, preferredLifetime: 60 }),
  },
  {
    id: '10.3.1-22',
    does: 'a home registration is not acknowledged, and sent again',
    from: 'a-basic-ha-core',
    host: 'b',
    at: '2001:db8:1::1',
    change: all(
      without((frames) => [nth(frames, 'BA').index]),
      again(
        'BU',
        0,
        [2000],
        raised(() => 0),
      ),
    ),
  },
  {
    id: '10.3.1-24',
    does: 'status 0 although the prefix is deprecated before',
    from: 'd-refusals-mn',
    host: 'b',
    change: prefix({ preferredLifetime: 60 }),
  },
  {
    id: '10.3.1-25',
    does: 'status 1 although the prefix stays preferred',
    from: 'd-refusals-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 1 }), { where: granted }),
  },
  {
    id: '10.3.1-27',
    does: 'an acknowledgement has the next Sequence Number',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, sequence: m.sequence + 1 })),
  },
  {
    id: '10.3.1-28',
    does: 'a registration is accepted with a lifetime of 0',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, lifetime: 0 })),
  },
  {
    id: '10.3.2-3/1',
    does: 'the deletion of a binding is refused as of none',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 133 }), { where: ofDeletion }),
  },
  {
    id: '10.3.2-5',
    does: 'a deletion with status 1',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, status: 1 }), { where: ofDeletion }),
  },
  {
    id: '10.3.2-7',
    does: 'a deletion is acknowledged with a lifetime',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, lifetime: 5 }), { where: ofDeletion }),
  },
  {
    id: '10.3.2-8',
    does: 'a deletion is acknowledged with Binding Refresh Advice',
    from: 'a-basic-mn',
    host: 'b',
    change: onMessage('BA', (m) => ({ ...m, options: padded(fixedOctets('BA'), [ADVICE]) }), { where: ofDeletion }),
  },
  {
    id: '10.3.2-11',
    does: 'the tunnel is used after the deletion',
    from: 'a-basic-mn',
    host: 'b',
    change: at([136_000, tunneled(AGENT, SECOND, reply)]),
  },
  {
    id: '10.4.1-6',
    does: 'an advertisement for the mobile node without a link-layer address',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: onAdvertisement(isMulticast, { octets: (o) => o.slice(0, 24) }),
  },
  {
    id: '10.4.1-7',
    does: 'an advertisement for the mobile node with the Router bit',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: onAdvertisement(isMulticast, { octets: (o) => o.fill(0xa0, 4, 5) }),
  },
  {
    id: '10.4.1-8',
    does: 'an advertisement for the mobile node with the Solicited bit',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: onAdvertisement(isMulticast, { octets: (o) => o.fill(0x60, 4, 5) }),
  },
  {
    id: '10.4.1-9',
    does: 'an advertisement for the mobile node without the Override bit',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: onAdvertisement(isMulticast, { octets: (o) => o.fill(0, 4, 5) }),
  },
  {
    id: '10.4.1-12',
    does: 'nobody answers solicitations for the mobile node',
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: at(
      ...[30_000, 31_000, 32_000].map(
        (time) => [time, icmp(ROUTER, addressOf('ff02::1:ff00:100'), 135, Uint8Array.of(0, 0, 0, 0, ...HOME))] as const,
      ),
    ),
  },
  ...(
    [
      ['10.4.1-14', 'another link-layer address in the answer to a solicitation', 0x60, 9],
      ['10.4.1-15', 'the answer to a solicitation has the Router bit', 0xe0, 9],
    ] as const
  ).map(([id, does, flags, last]): BehaviourMutant => ({
    id,
    does,
    from: 'b-dhaad-ha-home',
    host: 'b',
    change: at(
      [30_000, icmp(ROUTER, addressOf('ff02::1:ff00:100'), 135, Uint8Array.of(0, 0, 0, 0, ...HOME))],
      [30_001, icmp(addressOf('2001:db8:1::2'), ROUTER, 136, Uint8Array.of(flags, 0, 0, 0, ...HOME, ...linkLayer(last)))],
    ),
  })),
  {
    id: '10.4.2-1',
    does: 'the tunnel goes to another address',
    from: 'a-basic-mn',
    host: 'b',
    change: onTunnel('HoT', 0, (outer) => ({ ...outer, destination: STRANGER })),
  },
  {
    id: '10.4.2-2',
    does: 'a packet for a link-local address is tunneled',
    from: 'a-basic-mn',
    host: 'b',
    change: at([30_000, tunneled(AGENT, FIRST, icmp(CORRESPONDENT, addressOf('fe80::100'), 128, bytes(8)))]),
  },
  {
    id: '10.4.2-4',
    does: 'a multicast packet of the link is tunneled',
    from: 'a-basic-mn',
    host: 'b',
    change: at([30_000, tunneled(AGENT, FIRST, icmp(CORRESPONDENT, addressOf('ff02::7'), 128, bytes(8)))]),
  },
  {
    id: '10.4.5-3',
    does: 'a packet is forwarded from a tunnel of somebody else',
    from: 'a-basic-ha-core',
    host: 'b',
    change: onTunnel('HoTI', 0, (outer) => ({ ...outer, source: STRANGER })),
  },
  {
    id: '10.6.2-1',
    does: 'a solicitation is not answered, and sent again',
    from: 'd-refusals-ha-core',
    host: 'b',
    at: '2001:db8:1::1',
    change: (frames) => {
      const [asked] = icmpOf(frames, 'MobilePrefixSolicitation');
      const [answer] = icmpOf(frames, 'MobilePrefixAdvertisement');
      if (asked === undefined || answer === undefined) return frames;
      const more = rewrapped(frames[asked.index]!, { ...asked.packet, flowLabel: 1 }, frames[asked.index]!.time + 3000);
      return insertSorted(() => [more])(frames.toSpliced(answer.index, 1));
    },
  },
  {
    id: '10.6.2-6',
    does: 'an unsolicited advertisement is repeated after a second',
    from: 'd-refusals-mn',
    host: 'b',
    change: insertSorted((frames) => toAgain(frames, [40_000, 41_000], 9999)),
  },
  {
    id: '10.6.2-7',
    does: 'an unsolicited advertisement is repeated after the binding',
    from: 'd-refusals-mn',
    host: 'b',
    change: insertSorted((frames) => toAgain(frames, [250_000, 254_000], 9999)),
  },
  {
    id: '10.6.3-2',
    does: 'prefixes come from another address',
    from: 'a-basic-mn',
    host: 'b',
    change: onIcmp('MobilePrefixAdvertisement', { carrier: (packet) => ({ ...packet, source: STRANGER }) }),
  },
  {
    id: '10.6.3-3',
    does: 'prefixes go to another address than that of the solicitation',
    from: 'a-basic-mn',
    host: 'b',
    change: onIcmp('MobilePrefixAdvertisement', { carrier: (packet) => ({ ...packet, destination: STRANGER }) }),
  },

  {
    id: '11.4.1-4',
    does: 'the next home agent is tried after half a second',
    from: 'b-dhaad-mn',
    host: 'a',
    verdict: 'warn',
    change: insertSorted((frames) => {
      const { index, packet, time } = nth(frames, 'BU');
      return [rewrapped(frames[index]!, { ...packet, destination: AGENT }, time - 300)];
    }),
  },
  {
    id: '11.4.1-8',
    does: 'another home agent is asked while registered',
    from: 'a-basic-mn',
    host: 'a',
    change: all(
      onCarrier('BU', (packet) => ({ ...packet, destination: addressOf('2001:db8:1::2') }), {
        where: (m) => m.kind === 'BU' && toHome(m),
        nth: 1,
      }),
      onCarrier('BA', (packet) => ({ ...packet, source: addressOf('2001:db8:1::2') }), {
        where: (m) => m.kind === 'BA' && granted(m),
        nth: 1,
      }),
    ),
  },
  {
    id: '11.4.1-13',
    does: 'a discovery request is repeated after half a second',
    from: 'b-dhaad-mn',
    host: 'a',
    change: (frames) => {
      const [asked] = icmpOf(frames, 'HaadRequest');
      const [answer] = icmpOf(frames, 'HaadReply');
      if (asked === undefined || answer === undefined) return frames;
      const more = rewrapped(frames[asked.index]!, { ...asked.packet, flowLabel: 1 }, frames[asked.index]!.time + 500);
      return insertSorted(() => [more])(frames.toSpliced(answer.index, 1));
    },
  },
  {
    id: '11.5.5-3',
    does: 'the deletion at home asks for no acknowledgement',
    from: 'a-basic-mn',
    host: 'a',
    change: onMessage('BU', (m) => ({ ...m, acknowledge: false }), { where: isDeletion }),
  },
  {
    id: '11.5.5-4',
    does: 'the deletion at home comes from the care-of address',
    from: 'a-basic-mn',
    host: 'a',
    change: onCarrier('BU', (packet) => ({ ...packet, source: SECOND, headers: [homeAddressHeader(HOME)] }), {
      where: (m) => m.kind === 'BU' && isDeletion(m),
    }),
  },
  {
    id: '11.5.5-12',
    does: 'a solicited advertisement for the home address is multicast',
    from: 'a-basic-mn',
    host: 'a',
    change: onAdvertisement((packet) => fromHome(packet) && !isMulticast(packet) && packet.payload[4] === 0x60, {
      carrier: { destination: addressOf('ff02::1') },
    }),
  },
  ...(
    [
      ['11.5.5-14', 'the advertisement at home has no link-layer address', (o: Uint8Array) => o.slice(0, 24)],
      ['11.5.5-16', 'the advertisement at home has the Solicited bit', (o: Uint8Array) => o.fill(0x60, 4, 5)],
      ['11.5.5-17', 'the advertisement at home has no Override bit', (o: Uint8Array) => o.fill(0, 4, 5)],
    ] as const
  ).map(([id, does, octets]): BehaviourMutant => ({
    id,
    does,
    from: 'e-mn-mn-mn',
    host: 'a',
    change: onAdvertisement((packet) => fromHome(packet) && isMulticast(packet), { octets }),
  })),
];
