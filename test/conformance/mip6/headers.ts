/** Mutants of UMIP's captures for RFC 6275 sections 6.3 and 6.4: the Home Address option and the type 2 routing header: one or more for each MUST and RULE that a capture decides. */
import { concat } from '../../../codecs/bytes.ts';
import { encodeHomeAddress, homeAddressHeader } from '../../../codecs/mip6/index.ts';
import {
  HOME,
  CORRESPONDENT,
  LINK_LOCAL,
  GROUP,
  STRANGER,
  bytes,
  withHeaders,
  routing,
  homeAddress,
  problem,
  objection,
} from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { insert, messagesOf, onCarrier, packetsOf, rewrapped } from './mutation.ts';

export const headers: readonly Mutant[] = [
  {
    id: '6.3-1',
    does: 'a Home Address option of 20 octets',
    from: 'a-basic-mn',
    change: onCarrier(
      'BU',
      withHeaders(() => [
        {
          kind: 'DESTINATION_OPTIONS',
          options: [{ type: 1, data: bytes(2) }, encodeHomeAddress({ kind: 'HomeAddress', homeAddress: HOME, rest: bytes(4) })],
        },
      ]),
    ),
    host: 'a',
  },
  {
    id: '6.3-1',
    does: 'a Home Address option leads out of its header',
    from: 'a-basic-mn',
    change: (frames) => {
      const [found] = messagesOf(frames, 'BU');
      if (found === undefined) return frames;
      const frame = frames[found.index]!;
      // The option's length: behind Ethernet, IPv6, the header's two octets, four of padding and the option's type.
      return frames.with(found.index, { ...frame, bytes: frame.bytes.with(14 + 40 + 7, 18) });
    },
    host: 'a',
  },
  { id: '6.3-2', does: 'a multicast home address', from: 'a-basic-mn', change: onCarrier('BU', homeAddress(GROUP)), host: 'a' },
  {
    id: '6.3-3',
    does: 'a Parameter Problem about the Home Address option points elsewhere',
    from: 'a-basic-cn',
    change: objection('BU', 40),
    host: 'b',
    verdict: 'warn',
  },
  {
    id: '6.3-4',
    does: 'a Home Address option in a multicast packet is answered with an error',
    from: 'a-basic-cn',
    change: insert((frames) => {
      const [found] = messagesOf(frames, 'BU');
      if (found === undefined) return [];
      const frame = frames[found.index]!;
      const sent = problem({ ...found.packet, destination: GROUP }, 2, 46, CORRESPONDENT);
      return [{ behind: found.index, packet: rewrapped(frame, sent, frame.time + 1) }];
    }),
    host: 'b',
  },
  {
    id: '6.3-5',
    does: 'the Home Address option comes before the routing header',
    from: 'e-mn-mn-mn',
    change: (frames) => {
      const index = frames.findIndex((frame) => {
        const kinds = packetsOf(frame)
          .at(-1)
          ?.headers.map(({ kind }) => kind);
        return kinds?.includes('ROUTING') === true && kinds.includes('DESTINATION_OPTIONS');
      });
      const packet = index < 0 ? undefined : packetsOf(frames[index]!).at(-1);
      return packet === undefined
        ? frames
        : frames.with(index, rewrapped(frames[index]!, { ...packet, headers: packet.headers.toReversed() }));
    },
    host: 'a',
  },
  {
    id: '6.3-5',
    does: 'the Home Address option comes behind AH',
    from: 'a-basic-mn',
    change: onCarrier(
      'BU',
      withHeaders((headers) => [{ kind: 'AUTHENTICATION', reserved: 0, spi: 1, sequenceNumber: 1, icv: bytes(12) }, ...headers]),
    ),
    host: 'a',
  },
  {
    id: '6.3-6',
    does: 'two Home Address options',
    from: 'a-basic-mn',
    change: onCarrier(
      'BU',
      withHeaders((headers) => [...headers, homeAddressHeader(HOME)]),
    ),
    host: 'a',
  },
  {
    id: '6.3-a',
    does: 'a Home Address option at 8n + 2',
    from: 'a-basic-mn',
    change: onCarrier(
      'BU',
      withHeaders(() => [{ kind: 'DESTINATION_OPTIONS', options: [encodeHomeAddress({ kind: 'HomeAddress', homeAddress: HOME })] }]),
    ),
    host: 'a',
  },
  {
    id: '6.4-2',
    does: 'a link-local home address in a routing header',
    from: 'a-basic-mn',
    change: onCarrier(
      'BA',
      routing((data) => concat(data.subarray(0, 4), LINK_LOCAL)),
    ),
    host: 'b',
  },
  {
    id: '6.4.1-1/1',
    does: 'the Reserved field of a routing header is set',
    from: 'a-basic-mn',
    change: onCarrier(
      'BA',
      routing((data) => data.fill(1, 0, 1)),
    ),
    host: 'b',
  },
  {
    id: '6.4.1-2',
    does: 'a type 2 routing header for two addresses',
    from: 'a-basic-mn',
    change: onCarrier(
      'BA',
      routing((data) => concat(data, STRANGER)),
    ),
    host: 'b',
  },
  {
    id: '6.4.1-3',
    does: 'a type 2 routing header with two segments left',
    from: 'a-basic-mn',
    change: onCarrier(
      'BA',
      routing((data) => data, 2),
    ),
    host: 'b',
  },
  {
    id: '6.4.1-a',
    does: 'another routing header follows that of type 2',
    from: 'a-basic-mn',
    change: onCarrier(
      'BA',
      withHeaders((headers) => [...headers, { kind: 'ROUTING', type: 0, segmentsLeft: 0, data: bytes(20) }]),
    ),
    host: 'b',
    verdict: 'warn',
  },
];
