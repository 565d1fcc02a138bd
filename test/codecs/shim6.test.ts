/** shim6 and REAP messages: against LinShim6's captures, against known answers, and over everything that can be said (RFC 5533 section 5, RFC 5534 section 5). */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { fromHex, setU16, toHex, u16 } from '../../codecs/bytes.ts';
import { decodeCgaParameters } from '../../codecs/cga/index.ts';
import { formatAddress } from '../../codecs/packet/index.ts';
import type { ExtensionHeader } from '../../codecs/packet/index.ts';
import {
  checksumOf,
  decodeOptions,
  decodeShim6,
  encodeOptions,
  encodeShim6,
  locateShim6,
  PROTOCOL_LINSHIM6,
  PROTOCOL_SHIM6,
} from '../../codecs/shim6/index.ts';
import type { Shim6Message, Shim6Option } from '../../codecs/shim6/index.ts';
import { createMessageDecoder } from '../../conformance/decode.ts';
import type { MessageLine } from '../../conformance/decode.ts';
import { fieldsOf } from '../../conformance/messages/message.ts';
import { Observer } from '../../conformance/observe.ts';
import { createCaptureReader } from '../../codecs/capture/index.ts';
import { anyShim6Message, anyShim6Option } from '../arbitraries/index.ts';
import { breaches, type Schema } from './mptcp-vectors.ts';

const read = (path: string): string => readFileSync(new URL(`../../vectors/${path}`, import.meta.url), 'utf8');
interface Known {
  readonly vectors: readonly {
    readonly name: string;
    readonly octets: string;
    readonly kind: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly octets: string;
    readonly code: string;
    readonly offset: number;
    readonly section: string;
  }[];
}
const known = JSON.parse(read('shim6/messages.json')) as Known;

const captures = new URL('../../vectors/captures/linshim6/', import.meta.url);
const names = readdirSync(captures)
  .filter((file) => file.endsWith('.pcap'))
  .map((file) => file.replace('.pcap', ''));

/** A decoded message, or an exception that says why there is none. */
const decodeWhole = (octets: Uint8Array): Shim6Message => {
  const result = decodeShim6(octets);
  if (!result.ok) throw new Error(`${result.error.message} (${toHex(octets)})`);
  return result.value;
};

/** The shim6 messages of a capture, with their octets. */
const messagesIn = (name: string): { readonly octets: Uint8Array; readonly message: Shim6Message }[] => {
  const found: { readonly octets: Uint8Array; readonly message: Shim6Message }[] = [];
  const observer = new Observer({
    wantsPayload: false,
    segment: () => undefined,
    packet: ({ packet }) => {
      const placed = locateShim6(packet);
      if (placed === undefined) return;
      expect(placed.misplaced).toEqual([]);
      const octets = placed.bytes.slice();
      found.push({ octets, message: decodeWhole(octets) });
    },
  });
  const reader = createCaptureReader(observer.observe);
  reader.push(readFileSync(new URL(`${name}.pcap`, captures)));
  reader.finish();
  expect(reader.error).toBeUndefined();
  return found;
};

/** The lines of `decode --json`. */
const decodedLines = (name: string): MessageLine[] => {
  const lines: MessageLine[] = [];
  const decoder = createMessageDecoder((line) => void lines.push(line));
  decoder.push(readFileSync(new URL(`${name}.pcap`, captures)));
  decoder.finish();
  return lines;
};

type Option = Readonly<Record<string, unknown>> & { readonly kind: string };

/** The independent decode beside a capture: for each message a head and the lines of its fields. */
const describedIn = (name: string): { readonly head: string; readonly fields: readonly string[] }[] => {
  const text = read(`captures/linshim6/${name}.txt`);
  return text
    .split(/^#/m)
    .slice(1)
    .map((part) => {
      const [head = '', ...fields] = part.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
      return { head, fields: fields.map((line) => line.trim()) };
    });
};

const hex = (value: unknown): string => `0x${(value as number).toString(16)}`;

/** What the text says of an option, said of a decoded one. */
const optionText = (option: Option): string => {
  const { contents } = decodedContents(option);
  const padding = ` pad=${7 - ((contents + 3) % 8)}`;
  const text = (type: number, kind: string, rest: string): string => `opt type=${type} ${kind} len=${contents} ${rest}`;
  switch (option.kind) {
    case 'ResponderValidator':
      return text(1, 'ResponderValidator', `${String(option['validator'])}${padding}`);
    case 'LocatorList': {
      const locators = option['locators'] as { locator: string; verificationMethod: number }[];
      const methods = locators.map(({ verificationMethod }) => verificationMethod).join(', ');
      const list = locators.map(({ locator }) => `'${locator}'`).join(', ');
      return text(
        2,
        'LocatorList',
        `gen=${String(option['locatorListGeneration'])} n=${locators.length} methods=[${methods}] locators=[${list}] pad=0`,
      );
    }
    case 'CgaParameterDataStructure': {
      const parameters = decodeCgaParameters(fromHex(String(option['cgaParameters'])));
      if (!parameters.ok) throw new Error(parameters.error.message);
      const { modifier, subnetPrefix, collisionCount, publicKey, extensionFields } = parameters.value;
      const prefixText = (prefix: Uint8Array): string => formatAddress(Uint8Array.of(...prefix, 0, 0, 0, 0, 0, 0, 0, 0), 0, 6);
      const set = extensionFields.flatMap((field) =>
        field.kind === 'MULTI_PREFIX'
          ? `; MultiPrefix len=${4 + 8 * field.prefixes.length} P/reserved=${((field.pFlag ? 2 ** 31 : 0) + field.reserved).toString(16).padStart(8, '0')} prefixes=${field.prefixes.map(prefixText).join(',')}`
          : [],
      );
      return text(
        4,
        'CGA-PDS',
        `[modifier=${toHex(modifier)} prefix=${prefixText(subnetPrefix)} coll=${collisionCount} key=${publicKey.length}B${set.join('')}]${padding}`,
      );
    }
    case 'CgaSignature':
      return text(5, 'CGA-Signature', `${String(option['signature']).slice(0, 16)}..${padding}`);
    case 'KeepaliveTimeout':
      return text(10, 'KeepaliveTimeout', `reserved=0000 tka=${String(option['keepaliveTimeout'])}s${padding}`);
    default:
      throw new Error(`no text for ${option.kind}`);
  }
};

const decodedContents = (option: Option): { readonly contents: number } => {
  const digits = ['validator', 'cgaParameters', 'signature'].map((name) => option[name]).find((value) => typeof value === 'string');
  if (typeof digits === 'string') return { contents: digits.length / 2 };
  if (option.kind === 'KeepaliveTimeout') return { contents: 4 };
  const count = (option['locators'] as unknown[]).length;
  return { contents: 5 + count + ((8 - ((9 + count) % 8)) % 8) + 16 * count };
};

/** The first line of the text's fields. */
const fixedText = (kind: string, fields: Readonly<Record<string, unknown>>): string => {
  const nonce = (name: string, label: string): string => `${label}=${hex(fields[name])}`;
  switch (kind) {
    case 'I1':
      return `${nonce('initiatorContextTag', 'init_ct')} ${nonce('initiatorNonce', 'init_nonce')}`;
    case 'R1':
      return `reserved=0000 ${nonce('initiatorNonce', 'init_nonce')} ${nonce('responderNonce', 'resp_nonce')}`;
    case 'I2':
      return `${nonce('initiatorContextTag', 'init_ct')} ${nonce('initiatorNonce', 'init_nonce')} ${nonce('responderNonce', 'resp_nonce')} reserved2=00000000`;
    case 'R2':
      return `${nonce('responderContextTag', 'resp_ct')} ${nonce('initiatorNonce', 'init_nonce')}`;
    case 'UpdateRequest':
    case 'UpdateAck':
      return `${nonce('receiverContextTag', 'recv_ct')} ${nonce('requestNonce', 'request_nonce')}`;
    case 'Keepalive':
      return `${nonce('receiverContextTag', 'recv_ct')} reserved=00000000`;
    case 'Probe': {
      const { received, sent } = fields as { readonly received: unknown[]; readonly sent: unknown[] };
      const state = ['Operational', 'Exploring', 'InboundOK'][fields['state'] as number];
      return `${nonce('receiverContextTag', 'recv_ct')} state=${state} precvd=${received.length} psent=${sent.length} reserved=0x0/0000`;
    }
    default:
      throw new Error(`no text for ${kind}`);
  }
};

const probeTexts = ({ sent, received }: Readonly<Record<string, unknown>>): string[] => {
  type Reports = readonly { sourceAddress: string; destinationAddress: string; nonce: number; data: number }[];
  const word = (value: number): string => value.toString(16).padStart(8, '0');
  const texts = (name: string, reports: Reports | undefined): string[] =>
    (reports ?? []).map(
      (report, i) =>
        `${name}[${i}] ${report.sourceAddress} -> ${report.destinationAddress} nonce=${word(report.nonce)} data=${word(report.data)}`,
    );
  return [...texts('sent', sent as Reports), ...texts('rcvd', received as Reports)];
};

describe("LinShim6's captures", () => {
  test.each(names)('%s: decode says of every message what the independent decode says', (name) => {
    const lines = decodedLines(name);
    const described = describedIn(name);
    expect(lines).toHaveLength(described.length);
    for (const [i, { frame, src, dst, kind, protocol, length, fields = {}, error }] of lines.entries()) {
      expect(error).toBeUndefined();
      expect(protocol).toBe(kind === 'Probe' || kind === 'Keepalive' ? 'reap' : 'shim6');
      const { head, fields: texts } = described[i]!;
      const checksum = (fields['checksum'] as number).toString(16).padStart(4, '0');
      expect(head.replace(/ t=[\d.]+( \[LOST[^\]]*\])?/, '')).toBe(
        `${frame} ${kind} ${src} -> ${dst} nexthdr=140 next=59 len=${length} P=0 S/type-specific byte=0x00 checksum=${checksum} OK`,
      );
      const options = (fields['options'] as readonly Option[]).map(optionText);
      expect(texts).toEqual([fixedText(kind, fields), ...probeTexts(fields), ...options]);
    }
  });

  test('every message encodes to its octets, and its checksum is that of section 5.3', () => {
    const all = names.flatMap(messagesIn);
    expect(all.length).toBeGreaterThan(70);
    for (const { octets, message } of all) {
      expect(toHex(encodeShim6(message))).toBe(toHex(octets));
      expect(u16(octets, 4)).toBe(checksumOf(octets));
      const { checksum: _, ...unsummed } = message as Shim6Message & { checksum: number };
      expect(toHex(encodeShim6(unsummed))).toBe(toHex(octets));
    }
  });
});

describe('known answers', () => {
  test('follow their schema', () => {
    const schema = JSON.parse(read('shim6/schema.json')) as Schema;
    expect(breaches(known, schema.$defs!['messages']!, schema)).toEqual([]);
  });

  test.each(known.vectors.map((vector) => [vector.name, vector] as const))('%s', (_, { octets, kind, fields }) => {
    const message = decodeWhole(fromHex(octets));
    expect(message.kind).toBe(kind);
    expect(fieldsOf(message)).toEqual(fields);
    expect(toHex(encodeShim6(message))).toBe(octets);
  });

  test.each(known.refused.map((vector) => [vector.name, vector] as const))('%s is refused', (_, { octets, code, offset, section }) => {
    expect(decodeShim6(fromHex(octets))).toMatchObject({ ok: false, error: { code, offset, section } });
  });
});

describe('any message', () => {
  test('encodes and decodes to the same', () => {
    fc.assert(
      fc.property(anyShim6Message, (message) => {
        expect(decodeShim6(encodeShim6(message))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 1000 },
    );
  });

  test('with an option of any kind, and with what follows it in the packet', () => {
    fc.assert(
      fc.property(fc.array(anyShim6Option, { maxLength: 6 }), fc.uint8Array({ maxLength: 30 }), (options, after) => {
        const octets = encodeOptions(options);
        expect(octets.length % 8).toBe(0);
        expect(decodeOptions(octets, 0, octets.length)).toEqual({ ok: true, value: options });
        const message: Shim6Message = { kind: 'UpdateAck', checksum: 0, receiverContextTag: 1, requestNonce: 2, options };
        const whole = encodeShim6(message);
        expect(decodeShim6(Uint8Array.of(...whole, ...after))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 300 },
    );
  });

  test('gets the checksum of section 5.3 where it has none', () => {
    fc.assert(
      fc.property(anyShim6Message, (message) => {
        if (message.kind === 'PayloadExtension') return;
        const { checksum: _, ...unsummed } = message;
        const octets = encodeShim6(unsummed);
        expect(u16(octets, 4)).toBe(checksumOf(octets));
        setU16(octets, 4, 0x1234);
        expect(checksumOf(octets)).toBe(checksumOf(encodeShim6(unsummed)));
      }),
    );
  });
});

describe('any octets', () => {
  const seeds = [
    ...known.vectors.map(({ octets }) => fromHex(octets)),
    ...names.flatMap((name) => messagesIn(name).map(({ octets }) => octets)),
  ];

  test('decode without an exception; what decodes encodes to the same octets', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(400))
      .map(([seed, changes, cut]) => {
        const octets = seed.slice(0, cut % 3 === 0 ? cut % (seed.length + 1) : seed.length);
        for (const [at, value] of changes) if (octets.length > 0) octets[at % octets.length] = value;
        return octets;
      });
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) }), (octets) => {
        const result = decodeShim6(octets);
        if (!result.ok) {
          expect(result.error.offset).toBeLessThanOrEqual(octets.length);
          return;
        }
        const again = encodeShim6(result.value);
        expect(toHex(again)).toBe(toHex(octets.subarray(0, again.length)));
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    ['a locator list that counts more locators than it has', 2, '0000000102010200000000', 'bad-length'],
    ['a locator list of three octets', 2, '000000', 'bad-length'],
    ['preferences whose elements have no octets', 3, '000000010001', 'bad-element-length'],
    ['preferences with half an element', 3, '0000000102010203', 'bad-length'],
    ['a ULID pair of 32 octets', 6, '00'.repeat(32), 'bad-length'],
    ['a forked instance identifier of 5 octets', 7, '00'.repeat(5), 'bad-length'],
    ['a keepalive timeout of 2 octets', 10, '0005', 'bad-length'],
  ])('%s is kept in its message, with the reason (section 5.15)', (_, type, contents, code) => {
    const unknown: Shim6Option = { kind: 'Unknown', type, contents: fromHex(contents), critical: true };
    const octets = encodeShim6({ kind: 'UpdateRequest', receiverContextTag: 1, requestNonce: 2, options: [unknown] });
    const message = decodeWhole(octets);
    expect(message).toMatchObject({ options: [{ kind: 'Malformed', type, critical: true, contents: fromHex(contents), error: { code } }] });
    expect(toHex(encodeShim6(message))).toBe(toHex(octets));
  });
});

describe('what cannot be represented is a RangeError that names the field', () => {
  const i1 = { kind: 'I1', initiatorContextTag: 1, initiatorNonce: 2 } as const;
  test.each([
    [{ ...i1, initiatorContextTag: 2 ** 47 }, /^initiatorContextTag/],
    [{ ...i1, initiatorNonce: -1 }, /^initiatorNonce/],
    [{ ...i1, reserved: 2 }, /^reserved/],
    [{ ...i1, reserved1: 128 }, /^reserved1/],
    [{ ...i1, options: [{ kind: 'UlidPair', senderUlid: new Uint8Array(4), receiverUlid: new Uint8Array(16) }] }, /^senderUlid/],
    [{ ...i1, options: [{ kind: 'Unknown', type: 0x8000, contents: new Uint8Array(0) }] }, /^type/],
    [{ ...i1, options: [{ kind: 'ResponderValidator', validator: new Uint8Array(2100) }] }, /^hdrExtLen/],
    [{ ...i1, options: [{ kind: 'LocatorPreferences', locatorListGeneration: 0, elementLength: 0, elements: [] }] }, /^elementLength/],
    [{ kind: 'Probe', receiverContextTag: 1, state: 4, sent: [], received: [] }, /^state/],
    [{ kind: 'Probe', receiverContextTag: 1, state: 1, sent: Array.from({ length: 16 }), received: [] }, /^sent/],
    [{ kind: 'Error', errorCode: 1, pointer: 0, packetInError: new Uint8Array(7) }, /multiple of 8/],
    [
      {
        kind: 'I2bis',
        initiatorContextTag: 1,
        initiatorNonce: 1,
        responderNonce: 1,
        packetContextTag: 1,
        reserved2: new Uint8Array(7).fill(1),
      },
      /^reserved2/,
    ],
    [{ kind: 'PayloadExtension', nextHeader: 6, receiverContextTag: -1 }, /^receiverContextTag/],
  ] as unknown as readonly (readonly [Shim6Message, RegExp])[])('%j', (message, says) => {
    expect(() => encodeShim6(message)).toThrow(RangeError);
    expect(() => encodeShim6(message)).toThrow(says);
  });
});

describe('the place of the header, section 4.6', () => {
  const payload = encodeShim6({ kind: 'PayloadExtension', nextHeader: 6, receiverContextTag: 5 });
  const hopByHop: ExtensionHeader = { kind: 'HOP_BY_HOP', options: [] };
  const routing: ExtensionHeader = { kind: 'ROUTING', type: 0, segmentsLeft: 0, data: new Uint8Array(4) };
  const options: ExtensionHeader = { kind: 'DESTINATION_OPTIONS', options: [] };
  const home: ExtensionHeader = { kind: 'DESTINATION_OPTIONS', options: [{ type: 201, data: new Uint8Array(16) }] };
  const authentication: ExtensionHeader = { kind: 'AUTHENTICATION', reserved: 0, spi: 1, sequenceNumber: 2, icv: new Uint8Array(0) };

  test.each([
    { before: [], misplaced: [] },
    { before: [hopByHop, options, routing], misplaced: [] },
    { before: [hopByHop, options], misplaced: [options] },
    { before: [routing, options, authentication], misplaced: [options, authentication] },
    { before: [home], misplaced: [] },
  ])('%#: after the routing headers, before those of the endpoint', ({ before, misplaced }) => {
    expect(locateShim6({ headers: before, protocol: PROTOCOL_SHIM6, payload })).toEqual({ bytes: payload, misplaced });
  });

  test('protocol 140, and 61 only when that is asked for', () => {
    const packet = { headers: [], protocol: PROTOCOL_LINSHIM6, payload };
    expect(locateShim6(packet)).toBeUndefined();
    expect(locateShim6(packet, PROTOCOL_LINSHIM6)).toMatchObject({ bytes: payload });
  });
});
