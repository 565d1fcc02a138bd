/** Mutants of CGA Parameters and of probes: RFC 3972, RFC 4581, RFC 5535, RFC 5534. */
import { concat } from '../../../codecs/bytes.ts';
import {
  zeros,
  flipped,
  parameters,
  fields,
  extension,
  list,
  octet,
  rawNonce,
  shortKey,
  garbageKey,
  saysField,
  elsewhere,
} from './changes.ts';
import type { Mutant } from './changes.ts';
import { later, saying } from './edit.ts';
import type { Taken } from './edit.ts';

export const reapMutants: readonly Mutant[] = [
  // CGA and HBA.
  { ids: ['RFC5533-16-1'], from: 'handshake_cga', kind: 'I2', edit: fields('I2', (all) => ({ ...all, publicKey: shortKey })), host: 'a' },
  { ids: ['RFC3972-3-1'], from: 'handshake_cga', kind: 'I2', edit: fields('I2', (all) => ({ ...all, collisionCount: 3 })), host: 'a' },
  { ids: ['RFC3972-3-2'], from: 'handshake_cga', kind: 'R2', edit: fields('R2', (all) => ({ ...all, publicKey: garbageKey })), host: 'b' },
  { ids: ['RFC3972-3-4'], from: 'handshake_cga', kind: 'R2', edit: fields('R2', (all) => ({ ...all, publicKey: rawNonce })), host: 'b' },
  {
    ids: ['RFC3972-3-7', 'RFC3972-4-6', 'RFC3972-4-7', 'RFC3972-4-8'],
    from: 'handshake_hbacga',
    kind: 'I2',
    edit: parameters('I2', flipped),
    host: 'a',
  },
  {
    ids: ['RFC4581-2-1'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: parameters('I2', (octets) => concat(octets, Uint8Array.of(0, 1))),
    host: 'a',
  },
  {
    ids: ['RFC5535-5-1/1'],
    from: 'recovered',
    kind: 'I2',
    edit: extension('I2', (field) => (field.kind === 'MULTI_PREFIX' ? { ...field, reserved: 1 } : field)),
    host: 'a',
  },
  {
    ids: ['RFC5535-5-a'],
    from: 'handshake_hba',
    kind: 'R2',
    edit: extension('R2', (field) => (field.kind === 'MULTI_PREFIX' ? { ...field, pFlag: true } : field)),
    host: 'b',
  },
  {
    ids: ['RFC5535-5-b'],
    from: 'handshake_hba',
    kind: 'R2',
    edit: extension('R2', () => ({ kind: 'UNKNOWN', extensionType: 0x12, extensionData: zeros(16) })),
    host: 'b',
  },
  { ids: ['RFC5535-6-2'], from: 'recovered', kind: 'I2', edit: fields('I2', (all) => ({ ...all, publicKey: garbageKey })), host: 'a' },
  {
    ids: ['RFC5535-6-1', 'RFC5535-6-3'],
    from: 'recovered',
    kind: 'I2',
    edit: fields('I2', (all) => ({ ...all, publicKey: rawNonce })),
    host: 'a',
  },
  { ids: ['RFC5535-6-a'], from: 'recovered', kind: 'I2', edit: fields('I2', (all) => ({ ...all, publicKey: shortKey })), host: 'a' },
  {
    ids: ['RFC5535-7.2-a'],
    from: 'handshake_hbacga',
    kind: 'R2',
    edit: list('R2', (all) => ({
      ...all,
      locators: all.locators.map((each, i) => (i === 1 ? { ...each, locator: flipped(each.locator, 15) } : each)),
    })),
    host: 'b',
  },

  {
    ids: ['RFC5535-6-b'],
    from: 'handshake_hba',
    kind: 'I2',
    edit: fields('I2', (all) => ({ ...all, subnetPrefix: flipped(all.subnetPrefix, 7) })),
    host: 'a',
  },
  {
    ids: ['RFC3972-4-a'],
    from: 'handshake_hba',
    kind: 'R2',
    edit: list('R2', (all) => ({
      ...all,
      locators: all.locators.map((each, i) => (i === 1 ? { ...each, locator: flipped(each.locator, 8) } : each)),
    })),
    host: 'b',
  },

  // Probes.
  {
    ids: ['RFC5534-4.3-b'],
    from: 'reap_total_outage',
    kind: 'Probe',
    nth: 5,
    edit: (packet: Taken) =>
      saying('Probe', (message) => ({
        ...message,
        sent: message.sent.map((report, i) =>
          i === 0 ? { ...report, destinationAddress: flipped(report.destinationAddress, 15) } : report,
        ),
      }))(elsewhere('destination')(packet)),
    host: 'a',
  },
  { ids: ['RFC5534-4.3-2'], from: 'reap_total_outage', kind: 'Probe', nth: 11, edit: later(-2170), host: 'a' },
  { ids: ['RFC5534-4.3-a'], from: 'reap_total_outage', kind: 'Probe', nth: 15, edit: later(100_000), host: 'a' },
  { ids: ['RFC5534-5.2-a'], from: 'reap_ulid_pair_fails', kind: 'Probe', edit: octet(12, (value) => (value & 0xf0) | 9), host: 'a' },
  { ids: ['RFC5534-5.2-4'], from: 'reap_ulid_pair_fails', kind: 'Probe', edit: saysField('Probe', { sent: [] }), host: 'a' },
  { ids: ['RFC5534-5.2-5'], from: 'reap_ulid_pair_fails', kind: 'Probe', nth: 2, edit: saysField('Probe', { received: [] }), host: 'b' },
  {
    ids: ['RFC5534-5.2-c'],
    from: 'reap_ulid_pair_fails',
    kind: 'Probe',
    edit: saying('Probe', (message) => ({
      ...message,
      sent: message.sent.map((report) => ({ ...report, sourceAddress: flipped(report.sourceAddress, 15) })),
    })),
    host: 'a',
  },
  ...(['data', 'nonce'] as const).map((field): Mutant => ({
    ids: ['RFC5534-5.2-d'],
    from: 'reap_total_outage',
    kind: 'Probe',
    nth: 7,
    edit: saying('Probe', (message) => ({
      ...message,
      sent: message.sent.map((report, i) => (i === 2 ? { ...report, [field]: report[field] ^ 1 } : report)),
    })),
    host: 'a',
  })),
  ...(['data', 'nonce'] as const).map((field): Mutant => ({
    ids: ['RFC5534-5.2-e'],
    from: 'reap_ulid_pair_fails',
    kind: 'Probe',
    nth: 2,
    edit: saying('Probe', (message) => ({
      ...message,
      received: message.received.map((report) => ({ ...report, [field]: (report[field] ^ 1) >>> 0 })),
    })),
    host: 'b',
  })),
  { ids: ['RFC5534-5.2-f'], from: 'reap_ulid_pair_fails', kind: 'Probe', edit: saysField('Probe', { state: 3 }), host: 'a' },
  {
    ids: ['RFC5534-5.2-g'],
    from: 'reap_total_outage',
    kind: 'Probe',
    nth: 3,
    edit: saying('Probe', (message) => ({
      ...message,
      sent: message.sent.map((report, i) => (i === 0 ? { ...report, nonce: message.sent[1]!.nonce } : report)),
    })),
    host: 'a',
  },
  {
    ids: ['RFC5534-6-1', 'RFC5534-6.1-1', 'RFC5534-6.4-a'],
    from: 'reap_ulid_pair_fails',
    kind: 'Probe',
    nth: 3,
    edit: saysField('Probe', { state: 1 }),
    host: 'a',
  },
  {
    ids: ['RFC5534-6-1', 'RFC5534-6.1-1'],
    from: 'reap_total_outage',
    kind: 'Probe',
    nth: 9,
    edit: saysField('Probe', { state: 0 }),
    host: 'a',
  },
  {
    ids: ['RFC5534-6.7-a', 'RFC5534-6.1-1'],
    from: 'reap_ulid_pair_fails',
    kind: 'Probe',
    nth: 2,
    edit: saysField('Probe', { state: 0 }),
    host: 'b',
  },
  {
    ids: ['RFC5534-6.8-a', 'RFC5534-6-1'],
    from: 'reap_ulid_pair_fails',
    kind: 'Probe',
    nth: 3,
    edit: saysField('Probe', { state: 2 }),
    host: 'a',
  },
];
