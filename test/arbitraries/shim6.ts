/** fast-check generators of shim6 and REAP messages and their options over their whole value space (RFC 5533 section 5, RFC 5534 section 5). */
import { unlessZero } from '../../codecs/decoded.ts';
import * as fc from 'fast-check';
import type { Probe, ProbeReport } from '../../codecs/reap/index.ts';
import type { LocatorPreferences, OptionHead, Shim6Message, Shim6Option } from '../../codecs/shim6/index.ts';

const bits = (count: number): fc.Arbitrary<number> => fc.nat(2 ** count - 1);
const u32 = fc.oneof(bits(32), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const octets = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });
const address = octets(16);

/** A context tag, 47 bits. */
export const anyContextTag: fc.Arbitrary<number> = fc.oneof(bits(47), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 46, 2 ** 47 - 1));

/** An optional field that is only written down where it is not zero. */
const rarely = <K extends string>(name: K, value: fc.Arbitrary<number>): fc.Arbitrary<{ readonly [N in K]?: number }> =>
  fc.option(value, { nil: 0 }).map((each) => unlessZero(name, each));

const merged = <A extends object, B extends object>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>): fc.Arbitrary<A & B> =>
  fc.tuple(a, b).map(([x, y]) => ({ ...x, ...y }));

const notZeros = (arbitrary: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  arbitrary.filter((each) => each.some((octet) => octet !== 0));

const anyHead: fc.Arbitrary<OptionHead> = fc.boolean().map((critical) => (critical ? { critical } : {}));

const anyPreferences: fc.Arbitrary<LocatorPreferences> = fc
  .tuple(u32, fc.integer({ min: 1, max: 6 }), fc.nat(4))
  .chain(([locatorListGeneration, elementLength, count]) =>
    fc.array(octets(elementLength), { minLength: count, maxLength: count }).map((elements) => ({
      kind: 'LocatorPreferences',
      locatorListGeneration,
      elementLength,
      elements: elements.map((element) => ({
        flags: element[0]!,
        ...(elementLength > 1 && { priority: element[1]! }),
        ...(elementLength > 2 && { weight: element[2]! }),
        ...(elementLength > 3 && { rest: element.slice(3) }),
      })),
    })),
  );

/** Types of options that are defined. */
const DEFINED: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 10];

const anyBareOption: fc.Arbitrary<Shim6Option> = fc.oneof(
  octets(0, 40).map((validator): Shim6Option => ({ kind: 'ResponderValidator', validator })),
  fc
    .tuple(u32, fc.array(fc.record({ locator: address, verificationMethod: bits(8) }), { maxLength: 9 }), octets(7))
    .map(([locatorListGeneration, locators, padding]): Shim6Option => {
      const innerPadding = padding.slice(0, (8 - ((9 + locators.length) % 8)) % 8);
      const odd = innerPadding.some((octet) => octet !== 0) && locatorListGeneration % 4 === 0;
      return { kind: 'LocatorList', locatorListGeneration, locators, ...(odd && { innerPadding }) };
    }),
  anyPreferences,
  octets(0, 220).map((cgaParameters): Shim6Option => ({ kind: 'CgaParameterDataStructure', cgaParameters })),
  octets(0, 140).map((signature): Shim6Option => ({ kind: 'CgaSignature', signature })),
  merged(rarely('reserved2', u32), fc.record({ senderUlid: address, receiverUlid: address })).map((pair): Shim6Option => ({
    kind: 'UlidPair',
    ...pair,
  })),
  u32.map((forkedInstanceIdentifier): Shim6Option => ({ kind: 'ForkedInstanceIdentifier', forkedInstanceIdentifier })),
  merged(rarely('reserved', bits(16)), fc.record({ keepaliveTimeout: bits(16) })).map((timeout): Shim6Option => ({
    kind: 'KeepaliveTimeout',
    ...timeout,
  })),
  fc
    .record({ type: bits(15).filter((type) => !DEFINED.includes(type)), contents: octets(0, 20) })
    .map((unknown): Shim6Option => ({ kind: 'Unknown', ...unknown })),
);

/** Any option, critical or not. */
export const anyShim6Option: fc.Arbitrary<Shim6Option> = fc.tuple(anyBareOption, anyHead).map(([option, head]) => ({ ...option, ...head }));

const anyOptions = fc.array(anyShim6Option, { maxLength: 4 });
const common = fc
  .tuple(fc.option(bits(8), { nil: 59 }), bits(16), rarely('reserved1', bits(7)), anyOptions)
  .map(([nextHeader, checksum, reserved1, options]) => ({ ...(nextHeader !== 59 && { nextHeader }), checksum, ...reserved1, options }));
const reserved = rarely('reserved', bits(1));

const anyReport: fc.Arbitrary<ProbeReport> = fc.record({ sourceAddress: address, destinationAddress: address, nonce: u32, data: u32 });

/** Any Probe, also one that counts no probe as sent. */
export const anyProbe: fc.Arbitrary<Probe> = fc
  .tuple(
    common,
    reserved,
    fc.record({
      receiverContextTag: anyContextTag,
      state: bits(2),
      sent: fc.array(anyReport, { maxLength: 15 }),
      received: fc.array(anyReport, { maxLength: 15 }),
    }),
    rarely('reserved2', bits(22)),
  )
  .map(([head, bit, body, reserved2]) => ({ kind: 'Probe', ...head, ...bit, ...body, ...reserved2 }));

const message = (kind: string, body: fc.Arbitrary<object>): fc.Arbitrary<Shim6Message> =>
  fc.tuple(common, body).map(([head, fields]) => ({ kind, ...head, ...fields }) as unknown as Shim6Message);

const tagged = (kind: string, tag: string, numbers: readonly string[]): fc.Arbitrary<Shim6Message> =>
  message(kind, merged(reserved, fc.record(Object.fromEntries([[tag, anyContextTag], ...numbers.map((name) => [name, u32])]))));

/** Any message, Payload Extension headers and unknown types among them; the checksum is any number. */
export const anyShim6Message: fc.Arbitrary<Shim6Message> = fc.oneof(
  fc
    .record({ nextHeader: bits(8), receiverContextTag: anyContextTag })
    .map((header): Shim6Message => ({ kind: 'PayloadExtension', ...header })),
  tagged('I1', 'initiatorContextTag', ['initiatorNonce']),
  message('R1', merged(rarely('reserved2', bits(16)), fc.record({ initiatorNonce: u32, responderNonce: u32 }))),
  fc
    .tuple(tagged('I2', 'initiatorContextTag', ['initiatorNonce', 'responderNonce']), rarely('reserved2', u32))
    .map(([i2, extra]): Shim6Message => ({ ...i2, ...extra }) as Shim6Message),
  tagged('R2', 'responderContextTag', ['initiatorNonce']),
  tagged('R1bis', 'packetContextTag', ['responderNonce']),
  fc
    .tuple(
      tagged('I2bis', 'initiatorContextTag', ['initiatorNonce', 'responderNonce']),
      anyContextTag,
      fc.option(notZeros(octets(7).map((each) => Uint8Array.of(...each.subarray(0, 6), each[6]! & 0x80))), { nil: undefined }),
    )
    .map(
      ([i2bis, packetContextTag, reserved2]): Shim6Message =>
        ({ ...i2bis, packetContextTag, ...(reserved2 && { reserved2 }) }) as Shim6Message,
    ),
  tagged('UpdateRequest', 'receiverContextTag', ['requestNonce']),
  tagged('UpdateAck', 'receiverContextTag', ['requestNonce']),
  message('Keepalive', merged(merged(reserved, rarely('reserved2', u32)), fc.record({ receiverContextTag: anyContextTag }))),
  anyProbe,
  fc
    .record({ checksum: bits(16), errorCode: bits(7), pointer: bits(16), packetInError: fc.nat(30).chain((n) => octets(8 * n)) })
    .map((error): Shim6Message => ({ kind: 'Error', ...error })),
  fc
    .tuple(
      fc.record({ checksum: bits(16), type: fc.integer({ min: 7, max: 63 }), contents: fc.nat(9).chain((n) => octets(8 * n + 2)) }),
      rarely('reserved1', bits(7)),
    )
    .map(([unknown, head]): Shim6Message => ({ kind: 'Unknown', ...unknown, ...head })),
);
