/**
 * Parts of captures of two hosts that keep the rules, A and B, packet by packet: each lacks what would explain the rest, or has it in another order than it was
 * sent and received in. RFC 5533, RFC 5534.
 */
import { encodeIpv6 } from '../../../codecs/packet/index.ts';
import type { ProbeReport } from '../../../codecs/reap/index.ts';
import { encodeShim6, PROTOCOL_SHIM6 } from '../../../codecs/shim6/index.ts';
import type { Shim6Message } from '../../../codecs/shim6/index.ts';
import type { I1, R2 } from '../../../conformance/follow/shim6/messages.ts';
import type { Taken } from './edit.ts';

const PROTOCOL_UDP = 17;

/** An address of A or B: `A1` is its ULID. */
type At = `${'A' | 'B'}${1 | 2 | 3}`;
const address = (at: At): Uint8Array =>
  Uint8Array.of(0x20, 1, 0x0d, 0xb8, at.startsWith('A') ? 10 : 11, ...new Uint8Array(10), Number(at[1]));

/** What a capture has at a time, in ms: a message, or payload of the upper layer. */
type Line = readonly [time: number, from: At, to: At, message: Shim6Message | 'payload'];

/** A packet as it is captured at one of the hosts: a router has forwarded what comes from the other. */
const packetAt = (at: 'A' | 'B', [time, from, to, message]: Line): Taken => {
  const [source, destination] = [address(from), address(to)];
  const [protocol, payload] = message === 'payload' ? [PROTOCOL_UDP, new Uint8Array(8)] : [PROTOCOL_SHIM6, encodeShim6(message)];
  return { bytes: encodeIpv6({ protocol, source, destination, payload, hopLimit: from.startsWith(at) ? 64 : 63 }), time };
};

/** Context tags: A's, B's, and the one that B allocates when it has lost its context. */
const [TA, TB, TB2] = [0xa1, 0xb1, 0xb2];

const validator = (id: number) => [{ kind: 'ResponderValidator', validator: new Uint8Array(8).fill(id) }] as const;
const ulids = (senderUlid: At, receiverUlid: At) =>
  ({ kind: 'UlidPair', senderUlid: address(senderUlid), receiverUlid: address(receiverUlid) }) as const;
const i1 = (initiatorNonce: number, options: I1['options'] = []): I1 => ({ kind: 'I1', initiatorContextTag: TA, initiatorNonce, options });
const r1 = (initiatorNonce: number, responderNonce: number): Shim6Message => ({
  kind: 'R1',
  initiatorNonce,
  responderNonce,
  options: validator(responderNonce),
});
const i2 = (initiatorNonce: number, responderNonce: number): Shim6Message => ({
  kind: 'I2',
  initiatorContextTag: TA,
  initiatorNonce,
  responderNonce,
  options: validator(responderNonce),
});
const r2 = (initiatorNonce: number, responderContextTag = TB, options: R2['options'] = []): R2 => ({
  kind: 'R2',
  responderContextTag,
  initiatorNonce,
  options,
});
const r1bis = (packetContextTag: number, responderNonce: number, id = responderNonce): Shim6Message => ({
  kind: 'R1bis',
  packetContextTag,
  responderNonce,
  options: validator(id),
});
const i2bis = (packetContextTag: number, initiatorNonce: number, responderNonce: number, id = responderNonce): Shim6Message => ({
  kind: 'I2bis',
  initiatorContextTag: TA,
  packetContextTag,
  initiatorNonce,
  responderNonce,
  options: [...validator(id), ulids('A1', 'B1')],
});
const update = (requestNonce: number): Shim6Message => ({
  kind: 'UpdateRequest',
  receiverContextTag: TB,
  requestNonce,
  options: [{ kind: 'KeepaliveTimeout', keepaliveTimeout: 15 }],
});
const updateAck = (requestNonce: number): Shim6Message => ({ kind: 'UpdateAck', receiverContextTag: TA, requestNonce });
const keepalive = (receiverContextTag: number): Shim6Message => ({ kind: 'Keepalive', receiverContextTag });

/** A probe, as a report tells of it. */
const told = (from: At, to: At, nonce: number): ProbeReport => ({
  sourceAddress: address(from),
  destinationAddress: address(to),
  nonce,
  data: 0,
});
const STATES = { operational: 0, exploring: 1, inboundOk: 2 } as const;
const probe = (
  receiverContextTag: number,
  state: keyof typeof STATES,
  sent: readonly ProbeReport[],
  received: readonly ProbeReport[] = [],
): Shim6Message => ({ kind: 'Probe', receiverContextTag, state: STATES[state], sent, received });

const list = {
  kind: 'LocatorList',
  locatorListGeneration: 1,
  locators: (['B1', 'B2', 'B3'] as const).map((at) => ({ locator: address(at), verificationMethod: 1 })),
} as const;

const payloadExtension: Shim6Message = { kind: 'PayloadExtension', nextHeader: 59, receiverContextTag: TB };

/** A exchanges I1, R1, I2 and R2 with B; B answers after 40 ms. */
const established: readonly Line[] = [
  [0, 'A1', 'B1', i1(1)],
  [40, 'B1', 'A1', r1(1, 11)],
  [40, 'A1', 'B1', i2(1, 11)],
  [80, 'B1', 'A1', r2(1)],
];

const [a1, a2, a3] = [told('A1', 'B1', 901), told('A2', 'B2', 902), told('A3', 'B3', 903)];
const [b1, b2, b3] = [told('B1', 'A1', 801), told('B2', 'A2', 802), told('B1', 'A1', 803)];

/** A part of a capture, taken at A or at B; `id` is what would be broken if it were the whole. */
interface Part {
  readonly id: string;
  readonly at: 'A' | 'B';
  readonly lines: readonly Line[];
  readonly snapLength?: number;
}

/** By what it lacks. */
const parts: Readonly<Record<string, Part>> = {
  'I1s that the network has delayed, one direction of an exchange': {
    id: 'RFC5533-14-a',
    at: 'B',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [1300, 'A1', 'B1', i1(1)],
    ],
  },
  'the same, with the I2 that the missed R1 has brought about': {
    id: 'RFC5533-14-a',
    at: 'B',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [1300, 'A1', 'B1', i1(1)],
      [4000, 'A1', 'B1', i2(1, 11)],
    ],
  },
  'the same, both directions, but for R1 and I2, which are cut': {
    id: 'RFC5533-14-a',
    at: 'B',
    snapLength: 60,
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [0, 'B1', 'A1', r1(1, 11)],
      [1300, 'A1', 'B1', i1(1)],
      [1300, 'B1', 'A1', r1(1, 11)],
      [4000, 'A1', 'B1', i2(1, 11)],
    ],
  },
  'answers from an address that was not told yet': {
    id: 'RFC5533-14-a',
    at: 'B',
    lines: [
      [0, 'B2', 'A2', keepalive(0xa9)],
      [5000, 'A2', 'B2', i1(1, [ulids('A1', 'B1')])],
      [5000, 'B2', 'A2', r1(1, 11)],
      [6300, 'A2', 'B2', i1(1, [ulids('A1', 'B1')])],
      [6300, 'B2', 'A2', r1(1, 11)],
    ],
  },
  'the R1bis that an I2bis answers, beside another one with its nonce': {
    id: 'RFC5533-14-a',
    at: 'B',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [1300, 'A1', 'B1', i1(1)],
      [4000, 'A1', 'B1', i2(1, 11)],
      [4001, 'B1', 'A1', r2(1)],
      [9000, 'A1', 'B1', keepalive(TB)],
      [12_000, 'B2', 'A1', r1bis(TB, 12, 1)],
      [12_010, 'A1', 'B1', i2bis(TB, 2, 12, 2)],
      [12_011, 'B1', 'A1', r2(2, TB2)],
    ],
  },
  'the R1 that an I2 answers, which is delayed so that it seems to answer the next at once': {
    id: 'RFC5533-14-a',
    at: 'B',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [1300, 'A1', 'B1', i1(1)],
      [1300, 'B1', 'A1', r1(1, 11)],
      [1360, 'A1', 'B1', i2(1, 11)],
    ],
  },
  'the R1 that an I2 answers, beside another one': {
    id: 'RFC5533-5.6-e',
    at: 'A',
    lines: [
      [0, 'B1', 'A1', r1(1, 12)],
      [60, 'A1', 'B1', i2(1, 11)],
    ],
  },
  'the R1bis that an I2bis answers, beside another one of another nonce': {
    id: 'RFC5533-5.9-e',
    at: 'A',
    lines: [...established, [9000, 'A1', 'B1', keepalive(TB)], [9040, 'B1', 'A1', r1bis(TB, 13)], [9060, 'A1', 'B1', i2bis(TB, 2, 12)]],
  },
  'all before an R2 between other addresses than the ULIDs': {
    id: 'RFC5533-5.9-4',
    at: 'A',
    lines: [
      [0, 'B2', 'A2', r2(1)],
      [5000, 'B2', 'A2', keepalive(TA)],
      [9040, 'B2', 'A2', r1bis(TB, 12)],
      [9040, 'A2', 'B2', i2bis(TB, 2, 12)],
    ],
  },
  'an update, whose acknowledgement comes behind the next': {
    id: 'RFC5533-5.11-e',
    at: 'A',
    lines: [...established, [5000, 'A1', 'B1', update(22)], [5000, 'B1', 'A1', updateAck(21)], [5040, 'B1', 'A1', updateAck(22)]],
  },
  'the order: an update that is late, copied by the network, comes behind the next': {
    id: 'RFC5533-10.3-a',
    at: 'A',
    lines: [
      [0, 'B1', 'A1', i1(1)],
      [0, 'A1', 'B1', r1(1, 11)],
      [700, 'B1', 'A1', i2(1, 11)],
      [700, 'A1', 'B1', r2(1, TA)],
      [5000, 'B1', 'A1', update(21)],
      [5000, 'A1', 'B1', updateAck(21)],
      [7000, 'B1', 'A1', update(22)],
      [7000, 'A1', 'B1', updateAck(22)],
      [9000, 'B1', 'A1', update(21)],
    ],
  },
  'an acknowledgement, and the next update': {
    id: 'RFC5533-5.11-e',
    at: 'A',
    lines: [...established, [5000, 'A1', 'B1', update(21)], [9000, 'A1', 'B1', update(21)], [9080, 'B1', 'A1', updateAck(22)]],
  },
  'an update, which is acknowledged twice': {
    id: 'RFC5533-5.11-e',
    at: 'A',
    lines: [...established, [5000, 'A1', 'B1', update(22)], [5000, 'B1', 'A1', updateAck(21)], [8000, 'B1', 'A1', updateAck(21)]],
  },
  'the exchange in which a host was given another tag': {
    id: 'RFC5534-5.1-b',
    at: 'A',
    lines: [...established, [3000, 'A1', 'B1', keepalive(TB)], [60_000, 'A1', 'B1', keepalive(TB2)], [61_000, 'B1', 'A1', keepalive(TA)]],
  },
  'the exchange before the one that is captured, whose tag came late': {
    id: 'RFC5534-5.1-b',
    at: 'A',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [0, 'B1', 'A1', r1(1, 11)],
      [5000, 'A1', 'B1', i2(1, 11)],
      [5000, 'B1', 'A1', r2(1, TB2)],
      [11_000, 'A1', 'B1', keepalive(TB)],
      [14_000, 'A1', 'B1', keepalive(TB2)],
    ],
  },
  'the I2 that told another tag, but not its R2': {
    id: 'RFC5534-5.1-b',
    at: 'A',
    lines: [...established, [60_000, 'B1', 'A1', r2(7)], [61_000, 'B1', 'A1', keepalive(0xa2)]],
  },
  'the exchange, whose R2 is cut': {
    id: 'RFC5534-5.1-b',
    at: 'A',
    snapLength: 90,
    lines: [...established, [3000, 'A1', 'B1', keepalive(TB)], [3100, 'B1', 'A1', r2(7, TB2, [list])], [3200, 'A1', 'B1', keepalive(TB2)]],
  },
  'the I1 that an R2 answers, which is captured behind it': {
    id: 'RFC5533-5.7-d',
    at: 'A',
    lines: [...established, [5000, 'A1', 'B1', i2bis(TB, 2, 12)], [5010, 'B1', 'A1', r2(3)], [5010.5, 'A1', 'B1', i1(3)]],
  },
  'an I2bis from another address, which is answered there': {
    id: 'RFC5533-5.7-d',
    at: 'A',
    lines: [
      ...established,
      [5000, 'A2', 'B2', keepalive(TB)],
      [9000, 'B1', 'A1', r1bis(TB, 12)],
      [9000, 'A1', 'B1', i2bis(TB, 2, 12)],
      [9080, 'B2', 'A2', r2(3, TB2)],
    ],
  },
  'how a recovery went that begins anew with an I1': {
    id: 'RFC5533-7.8-b',
    at: 'A',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [90_000, 'A1', 'B2', i1(3, [ulids('A1', 'B1')])],
    ],
  },
  'how an exchange and a recovery went, between the same addresses': {
    id: 'RFC5533-7.8-b',
    at: 'A',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [75_000, 'A1', 'B1', i1(3)],
    ],
  },
  'how a recovery went, between the same addresses, as it is cut': {
    id: 'RFC5533-7.8-b',
    at: 'A',
    snapLength: 60,
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [40, 'B1', 'A1', r1(1, 11)],
      [4000, 'A1', 'B1', i1(3)],
    ],
  },
  'the order: the copy of a probe is captured behind the probe that it has brought about': {
    id: 'RFC5534-6-1',
    at: 'A',
    lines: [
      ...established,
      [20_000, 'A1', 'B1', probe(TB, 'exploring', [a1])],
      [20_040, 'B1', 'A1', probe(TA, 'inboundOk', [b1], [a1])],
      [20_800, 'A2', 'B2', probe(TB, 'operational', [a2, a1], [b1])],
      [21_600, 'B2', 'A2', probe(TA, 'inboundOk', [b2], [a1, a2])],
      [21_600.5, 'A1', 'B1', probe(TB, 'exploring', [a1])],
    ],
  },
  'probes that came before the first one of an exploration, which is late': {
    id: 'RFC5534-5.2-e',
    at: 'B',
    lines: [
      ...established,
      [20_000, 'A3', 'B3', probe(TB, 'exploring', [a3, a1])],
      [20_000, 'B1', 'A1', probe(TA, 'inboundOk', [b1], [a3])],
      [24_000, 'A1', 'B1', probe(TB, 'exploring', [a1])],
      [24_001, 'B1', 'A1', probe(TA, 'inboundOk', [b3, b1], [told('A1', 'B1', 904), a3])],
    ],
  },
  'the probe that is told of, after one that was not taken': {
    id: 'RFC5534-5.2-e',
    at: 'B',
    lines: [
      ...established,
      [20_000, 'A1', 'B1', probe(TB, 'exploring', [a1])],
      [20_064, 'B1', 'A1', probe(TA, 'operational', [b1], [told('A1', 'B1', 904)])],
    ],
  },
  'the probe that is told of, after one that came before the exchange was over': {
    id: 'RFC5534-5.2-e',
    at: 'B',
    lines: [
      [0, 'A1', 'B1', i1(1)],
      [0, 'B1', 'A1', r1(1, 11)],
      [80, 'A1', 'B1', probe(TB, 'exploring', [a1])],
      [90, 'A1', 'B1', i2(1, 11)],
      [90, 'B1', 'A1', r2(1)],
      [700, 'B1', 'A1', probe(TA, 'inboundOk', [b1], [told('A1', 'B1', 904)])],
    ],
  },
  'the probes that made payload take another pair, and the first one again': {
    id: 'RFC5534-6.8-b',
    at: 'A',
    lines: [
      ...established,
      [20_000, 'A1', 'B1', 'payload'],
      [20_100, 'A2', 'B2', probe(TB, 'exploring', [a2])],
      [20_500, 'A2', 'B2', payloadExtension],
      [21_000, 'A1', 'B1', probe(TB, 'operational', [a1, a2], [b1, b2])],
      [21_500, 'A1', 'B1', 'payload'],
    ],
  },
  'the order: payload that was sent before it took another pair comes behind the first that did': {
    id: 'RFC5534-6.9-a',
    at: 'B',
    lines: [
      ...established,
      [20_000, 'A2', 'B2', payloadExtension],
      [20_005, 'A1', 'B1', 'payload'],
      [20_500, 'A2', 'B2', payloadExtension],
    ],
  },
  'a probe, and the order of the next two': {
    id: 'RFC5534-5.2-d',
    at: 'A',
    lines: [
      ...established,
      [20_000, 'A1', 'B1', probe(TB, 'exploring', [a1])],
      [22_000, 'A1', 'B1', probe(TB, 'exploring', [told('A1', 'B1', 907)])],
      [22_500, 'A1', 'B1', probe(TB, 'exploring', [told('A1', 'B1', 906), told('A1', 'B1', 905), a1])],
      [22_600, 'A1', 'B1', probe(TB, 'exploring', [told('A1', 'B1', 908), told('A1', 'B1', 907)])],
    ],
  },
  'the copy of a probe that came last': {
    id: 'RFC5534-6-1',
    at: 'A',
    lines: [
      ...established,
      [20_000, 'A1', 'B1', probe(TB, 'exploring', [a1])],
      [20_040, 'B1', 'A1', probe(TA, 'inboundOk', [b1], [a1])],
      [20_100, 'A3', 'B3', probe(TB, 'exploring', [a3, a1])],
      [20_140, 'B1', 'A1', probe(TA, 'inboundOk', [b3, b1], [a3, a1])],
      [20_800, 'A2', 'B2', probe(TB, 'operational', [a2, a3, a1], [b1])],
      [21_600, 'B2', 'A2', probe(TA, 'inboundOk', [b2], [a1, a2, a3])],
    ],
  },
};

/** Every part as a capture: what it leaves open, what it lacks, and its packets. */
export const partial: readonly (readonly [id: string, lacking: string, packets: readonly Taken[], snapLength: number | undefined])[] =
  Object.entries(parts).map(([lacking, { id, at, lines, snapLength }]) => [
    id,
    lacking,
    lines.map((line) => packetAt(at, line)),
    snapLength,
  ]);
