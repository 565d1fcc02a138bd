/** Mutants of what every message and option looks like, and of when messages come: RFC 5533 sections 4.6, 5 and 14, RFC 5534 section 5. */
import { concat, fromHex } from '../../../codecs/bytes.ts';
import {
  again,
  changing,
  adding,
  malformed,
  zeros,
  parameters,
  cutTo,
  octet,
  badChecksum,
  error,
  errorWith,
  saysField,
} from './changes.ts';
import type { Kind, Mutant } from './changes.ts';
import { later, within } from './edit.ts';

const RESERVED: readonly (readonly [id: string, from: string, kind: Kind, field: Record<string, unknown>, host: 'a' | 'b'])[] = [
  ['RFC5533-5.4-a', 'handshake_cga', 'I1', { reserved1: 1 }, 'a'],
  ['RFC5533-5.4-b', 'handshake_hba', 'I1', { reserved: 1 }, 'a'],
  ['RFC5533-5.5-a', 'handshake_cga', 'R1', { reserved1: 64 }, 'b'],
  ['RFC5533-5.5-b', 'handshake_single_locator', 'R1', { reserved2: 1 }, 'b'],
  ['RFC5533-5.6-a', 'handshake_cga', 'I2', { reserved1: 2 }, 'a'],
  ['RFC5533-5.6-b', 'handshake_hbacga', 'I2', { reserved: 1 }, 'a'],
  ['RFC5533-5.6-c', 'handshake_cga', 'I2', { reserved2: 0x8000_0000 }, 'a'],
  ['RFC5533-5.7-a', 'handshake_cga', 'R2', { reserved1: 1 }, 'b'],
  ['RFC5533-5.7-b', 'handshake_cga', 'R2', { reserved: 1 }, 'b'],
  ['RFC5533-5.8-a', 'recovered', 'R1bis', { reserved1: 1 }, 'b'],
  ['RFC5533-5.8-b', 'recovered', 'R1bis', { reserved: 1 }, 'b'],
  ['RFC5533-5.9-a', 'recovered', 'I2bis', { reserved1: 1 }, 'a'],
  ['RFC5533-5.9-b', 'recovered', 'I2bis', { reserved: 1 }, 'a'],
  ['RFC5533-5.9-c', 'recovered', 'I2bis', { reserved2: Uint8Array.of(0, 0, 0, 1, 0, 0, 0) }, 'a'],
  ['RFC5533-5.10-a', 'update_cga', 'UpdateRequest', { reserved1: 1 }, 'a'],
  ['RFC5533-5.10-b', 'update_cga', 'UpdateRequest', { reserved: 1 }, 'a'],
  ['RFC5533-5.11-a', 'update_cga', 'UpdateAck', { reserved1: 1 }, 'b'],
  ['RFC5533-5.11-b', 'update_cga', 'UpdateAck', { reserved: 1 }, 'b'],
  ['RFC5534-5.1-2/1', 'keepalive', 'Keepalive', { reserved1: 1 }, 'a'],
  ['RFC5534-5.1-3/1', 'keepalive', 'Keepalive', { reserved: 1 }, 'a'],
  ['RFC5534-5.1-4/1', 'keepalive', 'Keepalive', { reserved2: 1 }, 'a'],
  ['RFC5534-5.2-2/1', 'reap_ulid_pair_fails', 'Probe', { reserved1: 1 }, 'a'],
  ['RFC5534-5.2-3/1', 'reap_ulid_pair_fails', 'Probe', { reserved: 1 }, 'a'],
  ['RFC5534-5.2-7/1', 'reap_ulid_pair_fails', 'Probe', { reserved2: 1 }, 'a'],
];

/** Messages with fewer octets than their fields take. */
const SHORT: readonly (readonly [id: string, from: string, kind: Kind, octets: number, host: 'a' | 'b'])[] = [
  ['RFC5533-5.4-c', 'handshake_cga', 'I1', 8, 'a'],
  ['RFC5533-5.5-c', 'handshake_cga', 'R1', 8, 'b'],
  ['RFC5533-5.6-d', 'handshake_cga', 'I2', 16, 'a'],
  ['RFC5533-5.7-c', 'handshake_cga', 'R2', 8, 'b'],
  ['RFC5533-5.8-c', 'recovered', 'R1bis', 8, 'b'],
  ['RFC5533-5.9-d', 'recovered', 'I2bis', 24, 'a'],
  ['RFC5533-5.10-c', 'update_cga', 'UpdateRequest', 8, 'a'],
  ['RFC5533-5.11-c', 'update_cga', 'UpdateAck', 8, 'b'],
  ['RFC5534-5.1-a', 'keepalive', 'Keepalive', 8, 'a'],
];

/** Messages whose checksum is wrong, and that were answered all the same: who answered, and with what. */
const TAKEN: readonly (readonly [id: string, from: string, kind: Kind, host: 'a' | 'b', shown: Kind])[] = [
  ['RFC5533-7.9-1', 'handshake_cga', 'I1', 'b', 'R1'],
  ['RFC5533-7.11-1', 'handshake_cga', 'R1', 'a', 'I2'],
  ['RFC5533-7.13-1', 'handshake_cga', 'I2', 'b', 'R2'],
  ['RFC5533-7.16-1', 'keepalive', 'R2', 'a', 'Keepalive'],
  ['RFC5533-7.18-1', 'recovered', 'R1bis', 'a', 'I2bis'],
  ['RFC5533-7.20-1', 'recovered', 'I2bis', 'b', 'R2'],
  ['RFC5533-10.4-1', 'update_cga', 'UpdateRequest', 'b', 'UpdateAck'],
  ['RFC5533-12.3-a', 'update_cga', 'UpdateRequest', 'b', 'UpdateAck'],
];

export const formMutants: readonly Mutant[] = [
  ...RESERVED.map(([id, from, kind, field, host]): Mutant => ({ ids: [id], from, kind, edit: saysField(kind, field), host })),
  ...SHORT.map(([id, from, kind, length, host]): Mutant => ({ ids: [id], from, kind, edit: cutTo(length), host })),
  ...TAKEN.map(([id, from, kind, host, shown]): Mutant => ({ ids: [id], from, kind, edit: badChecksum, host, shown })),

  // What every header has.
  {
    ids: ['RFC5533-4.6-a'],
    from: 'handshake_cga',
    kind: 'I1',
    edit: within((packet) => ({ ...packet, headers: [{ kind: 'DESTINATION_OPTIONS', options: [{ type: 1, data: zeros(4) }] }] })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.1-a'],
    from: 'handshake_cga',
    kind: 'I2',
    edit: adding('I2', { kind: 'Unknown', type: 20_000, contents: zeros(900) }),
    host: 'a',
  },
  { ids: ['RFC5533-5.2-a'], from: 'keepalive', kind: 'Keepalive', edit: octet(2, (value) => value | 0x80), host: 'a' },
  { ids: ['RFC5533-5.3-a'], from: 'keepalive', kind: 'Keepalive', edit: octet(0, () => 6), host: 'a' },
  { ids: ['RFC5533-5.3-b'], from: 'keepalive', kind: 'Keepalive', edit: octet(1, () => 5), host: 'a' },
  { ids: ['RFC5533-5.3-b'], from: 'update_cga', kind: 'UpdateRequest', nth: 3, edit: octet(1, (value) => value - 1), host: 'a' },
  { ids: ['RFC5533-5.3-c'], from: 'keepalive', kind: 'Keepalive', edit: octet(3, (value) => value | 1), host: 'a' },
  { ids: ['RFC5533-5.3-d'], from: 'keepalive', kind: 'Keepalive', edit: badChecksum, host: 'a' },
  { ids: ['RFC5533-5.3-e'], from: 'keepalive', kind: 'Keepalive', edit: octet(2, () => 100), host: 'a' },

  // Options.
  {
    ids: ['RFC5533-5.15-1'],
    from: 'handshake_cga',
    kind: 'R1',
    edit: octet(19, () => 200),
    host: 'b',
  },
  { ids: ['RFC5533-5.15-2'], from: 'handshake_cga', kind: 'I2', edit: parameters('I2', (octets) => concat(octets, zeros(1))), host: 'a' },
  {
    ids: ['RFC5533-5.15-2'],
    from: 'handshake_cga',
    kind: 'R2',
    edit: changing('R2', 'CgaSignature', (option) => ({ ...option, signature: concat(option.signature, zeros(4)) })),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.15-3'],
    from: 'handshake_cga',
    kind: 'R2',
    edit: changing('R2', 'CgaSignature', (option) => ({ ...option, padding: Uint8Array.of(1, 0, 0, 0) })),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.15-4', 'RFC5533-5.15-6', 'RFC5533-12.3-1'],
    from: 'handshake_cga_keepalive_timeout_opt',
    kind: 'I2',
    edit: changing('I2', 'KeepaliveTimeout', () => ({ kind: 'Unknown', type: 11, critical: true, contents: zeros(4) })),
    host: 'b',
    shown: 'R2',
  },
  {
    ids: ['RFC5533-5.15-a'],
    from: 'handshake_cga',
    kind: 'R1',
    edit: changing('R1', 'ResponderValidator', (option) => ({ ...option, critical: true })),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.15.2-a'],
    from: 'handshake_hba',
    kind: 'R2',
    edit: changing('R2', 'LocatorList', () => malformed(2, concat(fromHex('0000000203010100000000'), zeros(33)))),
    host: 'b',
  },
  {
    ids: ['RFC5533-5.15.3-a'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: adding('UpdateRequest', malformed(3, zeros(8))),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.15.6-a'],
    from: 'recovered',
    kind: 'I2bis',
    edit: changing('I2bis', 'UlidPair', (option) => ({ ...option, reserved2: 1 })),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.15.6-b'],
    from: 'recovered',
    kind: 'I2bis',
    edit: changing('I2bis', 'UlidPair', () => malformed(6, zeros(32))),
    host: 'a',
  },
  {
    ids: ['RFC5533-5.15.7-a'],
    from: 'forked',
    kind: 'I1',
    nth: 2,
    edit: changing('I1', 'ForkedInstanceIdentifier', () => malformed(7, zeros(8))),
    host: 'a',
  },
  {
    ids: ['RFC5534-5.3-6'],
    from: 'handshake_cga_keepalive_timeout_opt',
    kind: 'I2',
    edit: changing('I2', 'KeepaliveTimeout', () => malformed(10, zeros(8))),
    host: 'a',
  },
  {
    ids: ['RFC5534-5.3-7/1'],
    from: 'handshake_cga_keepalive_timeout_opt',
    kind: 'R2',
    edit: changing('R2', 'KeepaliveTimeout', (option) => ({ ...option, reserved: 1 })),
    host: 'b',
  },

  {
    ids: ['RFC5533-5.15-b'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: changing('UpdateRequest', 'LocatorList', () => ({ kind: 'Unknown', type: 34, contents: zeros(76) })),
    host: 'a',
  },

  // Errors.
  {
    ids: ['RFC5533-5.14-a'],
    from: 'handshake_cga',
    kind: 'I1',
    edit: (packets, at) => error(packets, at).map((packet, i) => (i === at + 1 ? cutTo(8)(packet) : packet)),
    host: 'b',
  },
  { ids: ['RFC5533-5.14-b'], from: 'handshake_cga', kind: 'I1', edit: errorWith({ errorCode: 50 }), host: 'b' },
  { ids: ['RFC5533-5.14-c'], from: 'handshake_cga', kind: 'I1', edit: errorWith({ pointer: 9 }), host: 'b' },

  // When, and how often.
  {
    ids: ['RFC5533-10.3-b'],
    from: 'update_cga',
    kind: 'UpdateRequest',
    edit: again(
      600,
      changing('UpdateRequest', 'LocatorList', (option) => ({ ...option, locatorListGeneration: option.locatorListGeneration + 1 })),
    ),
    host: 'a',
  },
  { ids: ['RFC5533-14-a'], from: 'i1_retransmit', kind: 'I1', nth: 3, edit: later(-7000), host: 'a' },
  { ids: ['RFC5533-7.8-a'], from: 'i1_retransmit', kind: 'I1', nth: 5, edit: again(64_000), host: 'a' },
  { ids: ['RFC5533-14-b'], from: 'handshake_cga', kind: 'I2', edit: again(600), host: 'a' },
  { ids: ['RFC5533-14-c'], from: 'recovered', kind: 'I2bis', edit: again(600), host: 'a' },
  { ids: ['RFC5533-14-d'], from: 'update_cga', kind: 'UpdateRequest', edit: again(600), host: 'a' },
  { ids: ['RFC5533-10.3-a'], from: 'update_cga', kind: 'UpdateRequest', edit: again(1900), host: 'a' },
];
