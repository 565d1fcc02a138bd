/** Mutants of what messages repeat of each other, and of the locators that they bring: RFC 5533 sections 5 to 11. */
import type { Shim6Option } from '../../../codecs/shim6/index.ts';
import { again, without, changing, adding, flipped, parameters, list, elsewhere, overLocators, ulidPair } from './changes.ts';
import type { Mutant, WithOptions } from './changes.ts';
import { messageOf, saying } from './edit.ts';
import type { Taken } from './edit.ts';

export const exchangeMutants: readonly Mutant[] = [
  // Whose tag it is.
  ...(
    [
      ['RFC5533-5.2-b', 'rehomed', 'PayloadExtension', 6],
      ['RFC5533-5.10-d', 'update_cga', 'UpdateRequest', 2],
      ['RFC5534-5.1-b', 'keepalive', 'Keepalive', 3],
      ['RFC5534-5.2-b', 'reap_total_outage', 'Probe', 5],
    ] as const
  ).map(([id, from, kind, nth]): Mutant => ({
    ids: [id],
    from,
    kind,
    nth,
    edit: saying(kind, (message) => ({
      ...message,
      receiverContextTag: (message as { receiverContextTag: number }).receiverContextTag + 1,
    })),
    host: 'a',
  })),
  {
    ids: ['RFC5533-5.11-d'],
    from: 'update_cga',
    kind: 'UpdateAck',
    nth: 2,
    edit: saying('UpdateAck', (message) => ({ ...message, receiverContextTag: message.receiverContextTag + 1 })),
    host: 'b',
  },

  // The last one of the capture; the one of a handshake whose tag the peer then takes another way.
  {
    ids: ['RFC5534-5.1-b'],
    from: 'keepalive',
    kind: 'Keepalive',
    nth: 6,
    edit: saying('Keepalive', (message) => ({ ...message, receiverContextTag: message.receiverContextTag + 1 })),
    host: 'b',
  },
  {
    ids: ['RFC5534-5.2-b'],
    from: 'reap_ulid_pair_fails',
    kind: 'R2',
    edit: saying('R2', (message) => ({ ...message, responderContextTag: message.responderContextTag + 1 })),
    host: 'a',
    shown: 'Probe',
  },
  {
    ids: ['RFC5533-5.4-d'],
    from: 'i1_retransmit',
    kind: 'I1',
    nth: 4,
    edit: saying('I1', (message) => ({ ...message, initiatorContextTag: message.initiatorContextTag + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-7.8-b'],
    from: 'i1_retransmit',
    kind: 'I1',
    nth: 4,
    edit: saying('I1', (message) => ({ ...message, initiatorNonce: message.initiatorNonce + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.6-f'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: saying('I2', (message) => ({ ...message, initiatorContextTag: message.initiatorContextTag + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.7-d'],
    from: 'handshake_hba',
    kind: 'I2',
    edit: saying('I2', (message) => ({ ...message, initiatorNonce: message.initiatorNonce + 1 })),
    host: 'b',
    shown: 'R2',
  },
  {
    ids: ['RFC5533-5.10-e'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: saying('UpdateRequest', (message) => ({ ...message, options: [] })),
    host: 'a',
  },

  {
    ids: ['RFC5534-5.2-b'],
    from: 'recovered',
    kind: 'Probe',
    edit: saying('Probe', (message) => ({ ...message, receiverContextTag: message.receiverContextTag + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.2-b'],
    from: 'recovered',
    kind: 'R2',
    nth: 2,
    edit: saying('R2', (message) => ({ ...message, responderContextTag: message.responderContextTag + 1 })),
    host: 'a',
    shown: 'PayloadExtension',
  },
  {
    ids: ['RFC5533-5.7-d'],
    from: 'recovered',
    kind: 'R2',
    nth: 2,
    edit: saying('R2', (message) => ({ ...message, initiatorNonce: message.initiatorNonce + 1 })),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.9-4', 'RFC5533-5.15.6-2'],
    from: 'recovered',
    kind: 'I2bis',
    edit: changing('I2bis', 'UlidPair', (option) => ({ ...option, senderUlid: flipped(option.senderUlid, 15) })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.7-d'],
    from: 'crossing',
    kind: 'R2',
    edit: saying('R2', (message) => ({ ...message, initiatorNonce: message.initiatorNonce + 1 })),
    host: 'a',
  },

  // ULID pairs and instances.
  {
    ids: ['RFC5533-5.4-3', 'RFC5533-7.7-1', 'RFC5533-7.7-2', 'RFC5533-5.15.6-1', 'RFC5533-5.15.6-2'],
    from: 'i1_retransmit',
    kind: 'I1',
    nth: 3,
    edit: elsewhere('source'),
    host: 'a',
  },
  { ids: ['RFC5533-5.6-5', 'RFC5533-7.11-3', 'RFC5533-5.15.6-2'], from: 'handshake_cga', kind: 'I2', edit: elsewhere('source'), host: 'a' },
  {
    ids: ['RFC5533-5.9-4', 'RFC5533-7.18-2', 'RFC5533-5.15.6-2'],
    from: 'recovered',
    kind: 'I2bis',
    edit: without('I2bis', 'UlidPair'),
    host: 'a',
  },
  {
    ids: ['RFC5533-7.11-4'],
    from: 'handshake_cga',
    kind: 'I1',
    edit: (packet: Taken) => adding('I1', ulidPair(packet))(packet),
    host: 'a',
    shown: 'I2',
  },
  {
    ids: ['RFC5533-5.6-6', 'RFC5533-7.11-5'],
    from: 'forked',
    kind: 'I2',
    nth: 2,
    edit: without('I2', 'ForkedInstanceIdentifier'),
    host: 'a',
  },
  {
    ids: ['RFC5533-7.7-3'],
    from: 'forked',
    kind: 'I1',
    nth: 2,
    edit: again(3000, without('I1', 'ForkedInstanceIdentifier')),
    host: 'a',
  },
  { ids: ['RFC5533-7.18-3'], from: 'forkedRecovered', kind: 'I2bis', edit: without('I2bis', 'ForkedInstanceIdentifier'), host: 'a' },
  {
    ids: ['RFC5533-7.18-a'],
    from: 'recovered',
    kind: 'I2bis',
    edit: elsewhere('source'),
    host: 'a',
  },

  // What is copied.
  { ids: ['RFC5533-5.5-3'], from: 'handshake_cga', kind: 'R1', edit: without('R1', 'ResponderValidator'), host: 'b' },
  {
    ids: ['RFC5533-5.5-d'],
    from: 'handshake_cga',
    kind: 'R1',
    edit: saying('R1', (message) => ({ ...message, initiatorNonce: message.initiatorNonce + 1 })),
    host: 'b',
  },
  { ids: ['RFC5533-5.6-4/1'], from: 'handshake_cga', kind: 'I2', edit: without('I2', 'ResponderValidator'), host: 'a' },
  {
    ids: ['RFC5533-5.6-4/2'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: changing('I2', 'ResponderValidator', (option) => ({ ...option, validator: flipped(option.validator) })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.6-e'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: saying('I2', (message) => ({ ...message, responderNonce: message.responderNonce + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.7-d'],
    from: 'handshake_cga',
    kind: 'R2',
    edit: saying('R2', (message) => ({ ...message, initiatorNonce: message.initiatorNonce + 1 })),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.8-d'],
    from: 'recovered',
    kind: 'R1bis',
    edit: saying('R1bis', (message) => ({ ...message, packetContextTag: message.packetContextTag + 1 })),
    host: 'b',
  },
  { ids: ['RFC5533-7.17-a'], from: 'recovered', kind: 'R1bis', edit: without('R1bis', 'ResponderValidator'), host: 'b' },
  {
    ids: ['RFC5533-5.9-e'],
    from: 'recovered',
    kind: 'I2bis',
    edit: saying('I2bis', (message) => ({ ...message, responderNonce: message.responderNonce + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.9-f'],
    from: 'recovered',
    kind: 'I2bis',
    edit: saying('I2bis', (message) => ({ ...message, packetContextTag: message.packetContextTag + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.9-g'],
    from: 'recovered',
    kind: 'I2bis',
    edit: changing('I2bis', 'ResponderValidator', (option) => ({ ...option, validator: flipped(option.validator) })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.11-e'],
    from: 'update_cga',
    kind: 'UpdateAck',
    edit: saying('UpdateAck', (message) => ({ ...message, requestNonce: message.requestNonce + 1 })),
    host: 'b',
  },
  {
    ids: ['RFC5533-7.11-2'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: (packets, at) => {
      const [r1, i2] = [packets[at - 1]!, packets[at]!];
      return [
        ...packets,
        saying('R1', (message) => ({ ...message, responderNonce: message.responderNonce + 1 }))({ ...r1, time: i2.time + 100 }),
        saying('I2', (message) => ({ ...message, responderNonce: message.responderNonce + 1 }))({ ...i2, time: i2.time + 101 }),
      ];
    },
    host: 'a',
  },

  // Locators and what proves them.
  ...(
    [
      ['handshake_cga', 'I2', 'a'],
      ['handshake_hba', 'R2', 'b'],
      ['recovered', 'I2bis', 'a'],
    ] as const
  ).map(([from, kind, host]): Mutant => ({ ids: ['RFC5533-7.6-1'], from, kind, edit: without(kind, 'LocatorList'), host })),
  {
    ids: ['RFC5533-5.6-7', 'RFC5533-5.6-8'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: without('I2', 'CgaParameterDataStructure'),
    host: 'a',
  },
  { ids: ['RFC5533-5.6-7', 'RFC5533-5.6-9'], from: 'handshake_cga', kind: 'I2', edit: without('I2', 'CgaSignature'), host: 'a' },
  { ids: ['RFC5533-5.7-3'], from: 'handshake_hba', kind: 'R2', edit: without('R2', 'CgaParameterDataStructure'), host: 'b' },
  { ids: ['RFC5533-5.7-3'], from: 'handshake_cga', kind: 'R2', edit: without('R2', 'CgaSignature'), host: 'b' },
  { ids: ['RFC5533-5.9-5'], from: 'recovered', kind: 'I2bis', edit: without('I2bis', 'CgaParameterDataStructure'), host: 'a' },
  { ids: ['RFC5533-10.1-a'], from: 'update_cga', kind: 'UpdateRequest', edit: without('UpdateRequest', 'CgaSignature'), host: 'a' },
  {
    ids: ['RFC5533-5.15.2-b'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: list('I2', (all) => ({ ...all, locators: all.locators.map((each, i) => (i === 2 ? { ...each, verificationMethod: 9 } : each)) })),
    host: 'a',
  },
  {
    ids: ['RFC5533-7.2-4'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: list('I2', (all) => ({ ...all, locators: all.locators.map((each, i) => (i === 2 ? { ...each, verificationMethod: 1 } : each)) })),
    host: 'b',
    shown: 'R2',
  },
  {
    ids: ['RFC5533-5.15.4-a'],
    from: 'handshake_cga',
    kind: 'R2',
    edit: list('R2', (all) => ({ ...all, locators: all.locators.map((each) => ({ ...each, verificationMethod: 1 })) })),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.15.5-1'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: list('I2', (all) => ({ ...all, locators: [all.locators[0]!, all.locators[2]!, all.locators[1]!] })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.15.5-a'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: list('UpdateRequest', (all) => ({ ...all, locatorListGeneration: all.locatorListGeneration + 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.15.5-a'],
    from: 'handshake_cga',
    kind: 'R2',
    edit: changing('R2', 'CgaSignature', (option) => ({ ...option, signature: flipped(option.signature, 5) })),
    host: 'b',
  },
  {
    ids: ['RFC5533-7.2-2'],
    from: 'reap_ulid_pair_fails',
    kind: 'I2',
    edit: changing('I2', 'CgaSignature', (option) => ({ ...option, signature: flipped(option.signature, 5) })),
    host: 'b',
    shown: 3,
  },
  { ids: ['RFC5533-7.13-3'], from: 'handshake_hba', kind: 'I2', edit: parameters('I2', flipped), host: 'b', shown: 'R2' },
  { ids: ['RFC5533-7.16-2'], from: 'keepalive', kind: 'R2', edit: parameters('R2', flipped), host: 'a', shown: 'Keepalive' },
  { ids: ['RFC5533-7.20-3'], from: 'recovered', kind: 'I2bis', edit: parameters('I2bis', flipped), host: 'b', shown: 1 },
  {
    ids: ['RFC5533-10.4-4'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: (packets, at) => {
      const i2 = packets.map(messageOf).find((message) => message?.kind === 'I2');
      const given = (i2 as WithOptions).options!.find((option) => option.kind === 'CgaParameterDataStructure')!;
      const wrong = { ...given, cgaParameters: flipped((given as { cgaParameters: Uint8Array }).cgaParameters) } as Shim6Option;
      return packets.map((packet, i) => (i === at ? adding('UpdateRequest', wrong)(packet) : packet));
    },
    host: 'b',
    shown: 'UpdateAck',
  },
  {
    ids: ['RFC5533-10.1-c'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: adding('UpdateRequest', {
      kind: 'LocatorPreferences',
      locatorListGeneration: 99,
      elementLength: 1,
      elements: [0, 0, 0, 0].map((flags) => ({ flags })),
    }),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.15.3-b'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: adding('UpdateRequest', {
      kind: 'LocatorPreferences',
      locatorListGeneration: 3,
      elementLength: 1,
      elements: [0, 0, 0].map((flags) => ({ flags })),
    }),
    host: 'a',
  },

  // Payload.
  { ids: ['RFC5533-11.1-1'], from: 'rehomed', kind: 'PayloadExtension', nth: 4, edit: overLocators, host: 'a' },
  {
    ids: ['RFC5533-7.2-3', 'RFC5534-6.8-b', 'RFC5534-6.9-a'],
    from: 'rehomed',
    kind: 'PayloadExtension',
    nth: 6,
    edit: elsewhere('destination'),
    host: 'a',
  },
];
