/** Mutants of UMIP's captures for RFC 6275 sections 6.5 to 6.8: home agent discovery and mobile prefixes: one or more for each MUST and RULE that a capture decides. */
import { addressOf, HOME, STRANGER, bytes } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { icmpOf, insert, onIcmp, rewrapped, withIcmp } from './mutation.ts';

export const discovery: readonly Mutant[] = [
  {
    id: '6.5-1/1',
    does: 'the Reserved field of a HAAD request is set',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadRequest', { message: (m) => ({ ...m, reserved: 1 }) }),
    host: 'a',
  },
  {
    id: '6.5-2',
    does: 'the HAAD reply goes elsewhere',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadReply', { carrier: (packet) => ({ ...packet, destination: STRANGER }) }),
    host: 'a',
  },
  {
    id: '6.5-a',
    does: 'a HAAD request of code 1',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadRequest', { message: (m) => ({ ...m, code: 1 }) }),
    host: 'a',
  },
  {
    id: '6.5-b',
    does: 'the checksum of a HAAD request is wrong',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadRequest', { octets: (o) => o.fill(7, 2, 3), checksum: 'kept' }),
    host: 'a',
  },
  {
    id: '6.5-c',
    does: 'the HAAD request goes to a home agent',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadRequest', { carrier: (packet) => ({ ...packet, destination: addressOf('2001:db8:1::1') }) }),
    host: 'a',
  },
  {
    id: '6.6-1/1',
    does: 'the reserved bits of a HAAD reply are set',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadReply', { message: (m) => ({ ...m, reserved: 1 }) }),
    host: 'b',
  },
  {
    id: '6.6-a',
    does: 'a HAAD reply of code 1',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadReply', { message: (m) => ({ ...m, code: 1 }) }),
    host: 'b',
  },
  {
    id: '6.6-b',
    does: 'the checksum of a HAAD reply is wrong',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadReply', { octets: (o) => o.fill(7, 2, 3), checksum: 'kept' }),
    host: 'b',
  },
  {
    id: '6.6-c',
    does: 'the HAAD reply has another identifier',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadReply', { message: (m) => ({ ...m, identifier: m.identifier ^ 1 }) }),
    host: 'b',
  },
  {
    id: '6.6-d',
    does: 'half an address ends a HAAD reply',
    from: 'b-dhaad-mn',
    change: onIcmp('HaadReply', { message: (m) => ({ ...m, rest: bytes(8) }) }),
    host: 'b',
  },
  {
    id: '6.7-1',
    does: 'a solicitation without a Home Address option',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { carrier: (packet) => ({ ...packet, headers: [] }) }),
    host: 'a',
  },
  {
    id: '6.7-3/1',
    does: 'the Reserved field of a solicitation is set',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { message: (m) => ({ ...m, reserved: 1 }) }),
    host: 'a',
  },
  {
    id: '6.7-4',
    does: 'an option without a length ends a solicitation',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { message: (m) => ({ ...m, rest: bytes(8) }) }),
    host: 'a',
  },
  {
    id: '6.7-a',
    does: 'a solicitation of code 1',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { message: (m) => ({ ...m, code: 1 }) }),
    host: 'a',
  },
  {
    id: '6.7-b',
    does: 'the checksum of a solicitation is wrong',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { octets: (o) => o.fill(7, 2, 3), checksum: 'kept' }),
    host: 'a',
  },
  {
    id: '6.7-c',
    does: 'a solicitation is sent from the home address',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixSolicitation', { carrier: (packet) => ({ ...packet, source: HOME, headers: [] }) }),
    host: 'a',
  },
  {
    id: '6.8-1',
    does: 'an unsolicited advertisement goes to a former care-of address',
    from: 'a-basic-mn',
    change: insert((frames) => {
      const [found] = icmpOf(frames, 'MobilePrefixAdvertisement');
      if (found === undefined) return [];
      const sent = { ...found.packet, destination: STRANGER };
      const frame = frames[found.index]!;
      return [{ behind: found.index, packet: rewrapped(frame, withIcmp(sent, found.packet.payload), frame.time + 2000) }];
    }),
    host: 'b',
    verdict: 'warn',
  },
  {
    id: '6.8-2',
    does: 'an advertisement without a routing header',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { carrier: (packet) => ({ ...packet, headers: [] }) }),
    host: 'b',
  },
  {
    id: '6.8-4/1',
    does: 'the Reserved field of an advertisement is set',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { message: (m) => ({ ...m, reserved: 1 }) }),
    host: 'b',
  },
  {
    id: '6.8-5',
    does: 'an option of an advertisement has no length',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { octets: (octets) => octets.fill(0, 9, 10) }),
    host: 'b',
  },
  {
    id: '6.8-8',
    does: 'the advertisement has another Identifier',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { message: (m) => ({ ...m, identifier: m.identifier ^ 1 }) }),
    host: 'b',
  },
  {
    id: '6.8-9',
    does: 'two advertisements within a second',
    from: 'a-basic-mn',
    change: insert((frames) =>
      icmpOf(frames, 'MobilePrefixAdvertisement').map(({ index, packet }) => ({
        behind: index,
        packet: rewrapped(frames[index]!, { ...packet, flowLabel: 1 }, frames[index]!.time + 200),
      })),
    ),
    host: 'b',
  },
  {
    id: '6.8-a',
    does: 'an advertisement without a prefix',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { message: (m) => ({ ...m, options: [] }) }),
    host: 'b',
  },
  {
    id: '6.8-b',
    does: 'an advertisement of code 1',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { message: (m) => ({ ...m, code: 1 }) }),
    host: 'b',
  },
  {
    id: '6.8-c',
    does: 'the checksum of an advertisement is wrong',
    from: 'a-basic-mn',
    change: onIcmp('MobilePrefixAdvertisement', { octets: (o) => o.fill(7, 2, 3), checksum: 'kept' }),
    host: 'b',
  },
];
