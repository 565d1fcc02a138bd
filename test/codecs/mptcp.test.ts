/** MPTCP options, keys, HMACs and DSS checksums: RFC 8684 section 3, RFC 6824 section 3; known answers in vectors/mptcp. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { equalBytes, fromHex, toHex, u32 } from '../../codecs/bytes.ts';
import { sum16 } from '../../codecs/checksum.ts';
import * as mptcp from '../../codecs/mptcp/index.ts';
import { decodeMptcpOption, encodeMptcpOption, type MptcpOption, type MptcpVersion } from '../../codecs/mptcp/index.ts';
import { SYN } from '../../codecs/packet/index.ts';
import { anyDss, anyMptcpOption } from '../arbitraries/index.ts';
import { capturesAt, captureNames, decodeWell, optionsIn, versionIn } from './mptcp-captures.ts';
import { breaches, readVectorFile, vectors } from './mptcp-vectors.ts';

const key = (hex: string): bigint => BigInt(`0x${hex}`);
const word = (hex: string): number => u32(fromHex(hex), 0);
const versionOf = (version: MptcpVersion | null): MptcpVersion | undefined => version ?? undefined;

/** Fields as the vectors write them: 64-bit numbers in decimal, octets in hex. */
const fieldsOf = (option: MptcpOption): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(option)
      .filter(([name]) => name !== 'kind')
      .map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value instanceof Uint8Array ? toHex(value) : value]),
  );

const octets = (length: number): Uint8Array => new Uint8Array(length);
const wide = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

const message = (octets: string, version: MptcpVersion): string => {
  const result = decodeMptcpOption(fromHex(octets), 0, 64, version);
  return result.ok ? 'decoded' : result.error.message;
};

/** Refused with a reason, or decoded to something that encodes to the same octets. */
const survives = (octets: Uint8Array, offset: number, end: number, version: MptcpVersion | undefined): boolean => {
  const result = decodeMptcpOption(octets, offset, end, version);
  if (!result.ok) return result.error.offset >= 0 && result.error.offset <= 40 && result.error.message !== '';
  return equalBytes(encodeMptcpOption(result.value), octets.subarray(offset, offset + octets[offset + 1]!));
};

describe('options, RFC 8684 section 3 and RFC 6824 section 3', () => {
  test.each(vectors('options').map((v) => [`${v.kind} ${v.name}`, v] as const))('%s', (_, v) => {
    const option = decodeWell(fromHex(v.octets), versionOf(v.version));
    expect(option.kind).toBe(v.kind);
    expect(fieldsOf(option)).toEqual(v.fields);
    expect(toHex(encodeMptcpOption(option))).toBe(v.octets);
  });

  test('what is malformed is named: code, offset from the Kind, section', () => {
    for (const v of vectors('malformed-options')) {
      const octets = fromHex(v.octets);
      const result = decodeMptcpOption(octets, 0, octets.length, versionOf(v.version));
      if (result.ok) throw new Error(`${v.name}: decoded as ${result.value.kind}`);
      const { message, ...error } = result.error;
      expect({ name: v.name, ...error }).toEqual({ name: v.name, ...v.error });
      expect(message).toMatch(/^[A-Z].*\d|^the octets end|^an MPTCP option/);
    }
  });

  test('an error message says what was found and what the RFC wants', () => {
    expect(message('1e05510000', 1)).toBe('MP_PRIO has length 3, not 5');
    expect(message('1e05510000', 0)).toBe('MP_PRIO has length 3 or 4, not 5');
    expect(message('1e08000100000000', 1)).toBe('MP_CAPABLE has length 12 or 20, not 8');
    expect(message('1e0820050000000000', 1)).toBe('DSS with flags A, M has length 18 or 20, not 8');
    expect(message('1e083601c0000201', 0)).toBe('ADD_ADDR of length 8 has IPVer 4, not 6');
    expect(message('1e0340', 1)).toBe('REMOVE_ADDR has length 4 to 40, not 3');
    expect(message('1e0c2003', 1)).toBe("the octets end after 4 of the option's 12");
  });

  test('an option inside a larger buffer is read in place and refers to it', () => {
    const join = fromHex('1e181000000102030405060708090a0b0c0d0e0f10111213');
    const buffer = new Uint8Array(100);
    buffer.set(join, 37);
    const result = decodeMptcpOption(buffer, 37, 61, 1);
    if (!result.ok || result.value.kind !== 'MP_JOIN' || result.value.segment !== 'ACK') throw new Error('not decoded');
    expect(result.value.senderTruncatedHmac.buffer).toBe(buffer.buffer);
    expect(decodeMptcpOption(buffer, 37, 60, 1)).toMatchObject({ ok: false, error: { code: 'truncated', offset: 23 } });
    expect(decodeMptcpOption(buffer, 99, 200, 1)).toMatchObject({ ok: false, error: { code: 'truncated', offset: 1 } });
    expect(decodeMptcpOption(buffer, 200, 100, 1)).toMatchObject({ ok: false, error: { code: 'truncated', offset: 0 } });
  });

  test('what cannot be represented is a RangeError that names the field', () => {
    const head = { checksumRequired: false, extensibility: false, noSubflowsToSource: false, cryptoAlgorithms: 1 };
    const capable = { kind: 'MP_CAPABLE', version: 1, ...head } as const;
    const dss = { kind: 'DSS', dataFin: false, dataAckOctets: 4, dataSequenceNumberOctets: 8, reserved: 0 } as const;
    const add = { kind: 'ADD_ADDR', version: 1, echo: false, addressId: 1, address: octets(4), reserved: 0 } as const;
    const syn = {
      kind: 'MP_JOIN',
      segment: 'SYN',
      backup: false,
      addressId: 0,
      receiverToken: 0,
      senderRandomNumber: 0,
      reserved: 0,
    } as const;
    const synAck = { kind: 'MP_JOIN', segment: 'SYN/ACK', backup: false, addressId: 0, senderRandomNumber: 0, reserved: 0 } as const;
    const cases: readonly (readonly [string, MptcpOption])[] = [
      ['version', { ...capable, version: 16, senderKey: 1n }],
      ['version', { ...capable, version: 0 }],
      ['version', { ...capable, version: 0, senderKey: 1n, receiverKey: 1n, dataLevelLength: 1 }],
      ['cryptoAlgorithms', { ...capable, cryptoAlgorithms: 32 }],
      ['senderKey', { ...capable, senderKey: 1n << 64n }],
      ['senderKey', { ...capable, senderKey: -1n }],
      ['receiverKey', { ...capable, receiverKey: 1n }],
      ['dataLevelLength', { ...capable, senderKey: 1n, dataLevelLength: 1 }],
      ['dataLevelLength', { ...capable, senderKey: 1n, receiverKey: 1n, dataLevelLength: 65_536 }],
      ['checksum', { ...capable, senderKey: 1n, receiverKey: 1n, checksum: 1 }],
      ['addressId', { ...syn, addressId: 256 }],
      ['receiverToken', { ...syn, receiverToken: 2 ** 32 }],
      ['senderRandomNumber', { ...syn, senderRandomNumber: 0.5 }],
      ['reserved', { ...syn, reserved: 8 }],
      ['senderTruncatedHmac', { ...synAck, senderTruncatedHmac: octets(20) }],
      ['senderTruncatedHmac', { kind: 'MP_JOIN', segment: 'ACK', senderTruncatedHmac: octets(8), reserved: 0 }],
      ['reserved', { kind: 'MP_JOIN', segment: 'ACK', senderTruncatedHmac: octets(20), reserved: 4096 }],
      ['dataAck', { ...dss, dataAck: 1n << 32n }],
      ['dataSequenceNumber', { ...dss, dataSequenceNumber: 1n << 64n, subflowSequenceNumber: 0, dataLevelLength: 1 }],
      ['subflowSequenceNumber', { ...dss, dataSequenceNumber: 1n, dataLevelLength: 1 }],
      ['subflowSequenceNumber', { ...dss, subflowSequenceNumber: 1 }],
      ['dataLevelLength', { ...dss, dataSequenceNumber: 1n, subflowSequenceNumber: 1 }],
      ['dataLevelLength', { ...dss, dataLevelLength: 1 }],
      ['checksum', { ...dss, checksum: 1 }],
      ['reserved', { ...dss, reserved: 128 }],
      ['address', { ...add, address: octets(5) }],
      ['port', { ...add, port: -1 }],
      ['truncatedHmac', { ...add, truncatedHmac: octets(20) }],
      ['ipVersion', { kind: 'ADD_ADDR', version: 0, ipVersion: 6, addressId: 1, address: octets(4) }],
      ['addressIds', { kind: 'REMOVE_ADDR', addressIds: [], reserved: 0 }],
      ['addressIds', { kind: 'REMOVE_ADDR', addressIds: Array.from({ length: 38 }, () => 1), reserved: 0 }],
      ['addressIds', { kind: 'REMOVE_ADDR', addressIds: [256], reserved: 0 }],
      ['reserved', { kind: 'MP_PRIO', backup: true, reserved: -1 }],
      ['addressId', { kind: 'MP_PRIO', backup: true, reserved: 0, addressId: 300 }],
      ['dataSequenceNumber', { kind: 'MP_FAIL', dataSequenceNumber: -1n, reserved: 0 }],
      ['receiverKey', { kind: 'MP_FASTCLOSE', receiverKey: 1n << 64n, reserved: 0 }],
      ['reason', { kind: 'MP_TCPRST', transient: false, reason: 256, reserved: 0 }],
      ['data', { kind: 'MP_EXPERIMENTAL', firstBits: 0, data: octets(38) }],
      ['firstBits', { kind: 'UNKNOWN', subtype: 9, firstBits: 16, data: octets(0) }],
      ['subtype', { kind: 'UNKNOWN', subtype: 16, firstBits: 0, data: octets(0) }],
      // A caller without types.
      ['kind', { kind: 'MP_NOTHING' } as unknown as MptcpOption],
    ];
    for (const [field, option] of cases) {
      expect(() => encodeMptcpOption(option)).toThrow(RangeError);
      expect(() => encodeMptcpOption(option)).toThrow(new RegExp(`^${field}\\b`));
    }
  });

  test('the registry lists every subtype of RFC 8684 section 7.2 with its lengths', () => {
    expect(mptcp.mptcpOptionCodecs.map((codec) => codec.subtype)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 15]);
    for (const codec of mptcp.mptcpOptionCodecs) {
      for (const lengths of Object.values(codec.lengths)) expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
      expect(codec.sections).toEqual({ 0: expect.stringMatching(/^RFC 6824/), 1: expect.stringMatching(/^RFC 8684/) });
    }
  });
});

describe('properties', () => {
  test.each([0, 1] as const)('every option of version %i survives the round trip', (version) => {
    fc.assert(
      fc.property(anyMptcpOption(version), (option) => {
        const octets = encodeMptcpOption(option);
        const back = decodeWell(octets, version);
        expect(fieldsOf(back)).toEqual(fieldsOf(option));
        return back.kind === option.kind && equalBytes(encodeMptcpOption(back), octets);
      }),
      { numRuns: 3000 },
    );
  });

  test('readDss and decodeDss agree, whatever a former reading left behind', () => {
    const fields = mptcp.newDssFields();
    fc.assert(
      fc.property(anyDss, (option) => {
        const octets = encodeMptcpOption(option);
        expect(mptcp.readDss(octets, 0, octets.length, fields)).toBe(mptcp.DSS_READ);
        expect(fields).toEqual({
          flags: octets[3]! & 0x1f,
          reserved: option.reserved,
          dataFin: option.dataFin,
          hasDataAck: option.dataAck !== undefined,
          dataAckOctets: option.dataAck === undefined ? 0 : option.dataAckOctets,
          dataAckHigh: fields.dataAckHigh,
          dataAckLow: fields.dataAckLow,
          hasMapping: option.dataSequenceNumber !== undefined,
          dsnOctets: option.dataSequenceNumber === undefined ? 0 : option.dataSequenceNumberOctets,
          dsnHigh: fields.dsnHigh,
          dsnLow: fields.dsnLow,
          subflowSequence: option.subflowSequenceNumber ?? 0,
          dataLevelLength: option.dataLevelLength ?? 0,
          hasChecksum: option.checksum !== undefined,
          checksum: option.checksum ?? 0,
        });
        expect(wide(fields.dataAckHigh, fields.dataAckLow)).toBe(option.dataAck ?? 0n);
        expect(wide(fields.dsnHigh, fields.dsnLow)).toBe(option.dataSequenceNumber ?? 0n);
        expect(mptcp.readDss(octets, 0, octets.length - 1, fields)).toBe(mptcp.DSS_TRUNCATED);
        octets[1]! -= 1;
        expect(mptcp.readDss(octets, 0, octets.length, fields)).toBe(mptcp.DSS_BAD_LENGTH);
      }),
      { numRuns: 1000 },
    );
  });

  test('any octets decode or are refused; what decodes encodes to the same octets', () => {
    const version = fc.constantFrom(0, 1, undefined);
    const start = fc.tuple(fc.constant(30), fc.nat(45), fc.nat(255), fc.nat(255)).map((head) => Uint8Array.from(head));
    fc.assert(
      fc.property(version, start, fc.uint8Array({ maxLength: 48 }), fc.nat(4), (known, head, rest, before) => {
        const octets = Uint8Array.of(...new Uint8Array(before), ...head, ...rest);
        return survives(octets, before, octets.length, known) && survives(rest, 0, rest.length, known);
      }),
      { numRuns: 5000 },
    );
  });

  test('200,000 mutated options: no exception, and what decodes encodes to the same octets', () => {
    let state = 0x2545_f491;
    const below = (limit: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    };
    const seeds = vectors('options').map((v) => fromHex(v.octets));
    const versions = [0, 1, undefined] as const;
    const buffer = new Uint8Array(48);
    let decodedOnes = 0;
    for (let run = 0; run < 200_000; run++) {
      const seed = seeds[below(seeds.length)]!;
      buffer.set(seed);
      let end = seed.length;
      for (let changes = below(4); changes > 0; changes--) {
        const change = below(5);
        if (change === 0) buffer[1] = below(42);
        else if (change === 1) buffer[2] = below(256);
        else if (change === 2) end = below(49);
        else if (change === 3) buffer[below(48)] = below(256);
        else buffer[3] = buffer[3]! ^ (1 << below(8));
      }
      const version = versions[below(3)];
      if (decodeMptcpOption(buffer, 0, end, version).ok) decodedOnes++;
      if (!survives(buffer, 0, end, version)) throw new Error(`${toHex(buffer, 0, end)}, version ${version}`);
    }
    expect(decodedOnes).toBeGreaterThan(50_000);
  });
});

describe('keys, HMACs and checksums', () => {
  test('token and IDSN are the two ends of the hash of the key, RFC 8684 section 3.1, RFC 6824 section 3.1', () => {
    for (const v of vectors('keys')) expect(mptcp.deriveKey(key(v.key), v.version)).toEqual({ token: word(v.token), idsn: BigInt(v.idsn) });
  });

  test('an MP_JOIN carries the leftmost bits of the HMAC, the sender first, RFC 8684 section 3.2, RFC 6824 section 3.2', () => {
    for (const v of vectors('join-hmacs')) {
      const of = [v.version, key(v.senderKey), key(v.receiverKey), word(v.senderNonce), word(v.receiverNonce)] as const;
      expect(toHex(mptcp.joinHmac(...of))).toBe(v.hmac);
      expect(toHex(mptcp.joinSynAckHmac(...of))).toBe(v.synAck);
      expect(toHex(mptcp.joinAckHmac(...of))).toBe(v.ack);
    }
  });

  test('an ADD_ADDR carries the rightmost bits of the HMAC, two zero octets standing in for no port, RFC 8684 section 3.4.1', () => {
    for (const v of vectors('add-addr-hmacs')) {
      const of = [key(v.senderKey), key(v.receiverKey), v.addressId, fromHex(v.address), v.port] as const;
      expect(toHex(mptcp.addAddrHmac(...of))).toBe(v.truncatedHmac);
      expect(toHex(mptcp.addAddrHmacLeftmost(...of))).toBe(v.leftmost);
    }
  });

  test('the DSS checksum covers a mapping however it is cut into segments, RFC 8684 section 3.3.1', () => {
    for (const v of vectors('dss-checksums')) {
      let sum = 0;
      let octets = 0;
      for (const part of v.payload.map((text) => fromHex(text))) {
        sum = mptcp.addToMappingSum(sum, octets, sum16(part));
        octets += part.length;
      }
      const dsn = BigInt(v.dataSequenceNumber);
      const checksum = mptcp.dssChecksum(Number(dsn >> 32n), Number(dsn & 0xffff_ffffn), v.subflowSequenceNumber, v.dataLevelLength, sum);
      expect(checksum).toBe(v.checksum);
      const option = decodeWell(fromHex(v.option), 1);
      if (option.kind !== 'DSS') throw new Error(v.option);
      expect(option).toMatchObject({ checksum, subflowSequenceNumber: v.subflowSequenceNumber, dataLevelLength: v.dataLevelLength });
      expect(option.dataSequenceNumber).toBe(BigInt.asUintN(8 * option.dataSequenceNumberOctets, dsn));
    }
    expect([mptcp.sameChecksum(0, 0xffff), mptcp.sameChecksum(1, 1), mptcp.sameChecksum(0, 1)]).toEqual([true, true, false]);
  });

  test('a mapping cut anywhere has the checksum of the whole, RFC 1071 section 2 (B)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 6 }), (octets, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < octets.length).sort((a, b) => a - b), octets.length];
        let sum = 0;
        for (let i = 1; i < at.length; i++) sum = mptcp.addToMappingSum(sum, at[i - 1]!, sum16(octets, at[i - 1], at[i]));
        return sum === sum16(octets);
      }),
    );
  });
});

describe('recorded captures', () => {
  test.each(captureNames)('%s: every MPTCP option decodes and encodes to its octets', (name) => {
    const options = optionsIn(new URL(name, capturesAt));
    // Where MPTCP was refused, or never asked for, there is next to none.
    expect(options.length).toBeGreaterThan(/_to_|strip_syn/.test(name) ? -1 : 3);
    for (const { octets } of options) expect(toHex(encodeMptcpOption(decodeWell(octets, versionIn(name))))).toBe(toHex(octets));
  });

  test('csum_ok.pcap: every DSS checksum holds, mappings of many segments included, RFC 8684 section 3.3.1', () => {
    const options = optionsIn(new URL('csum_ok.pcap', capturesAt));
    const first = new Map<string, number>();
    const parts = new Map<string, Uint8Array>();
    for (const o of options) {
      if ((o.flags & SYN) !== 0) first.set(o.flow, o.sequence);
      if (o.payload.length > 0) parts.set(`${o.flow} ${(o.sequence - first.get(o.flow)!) >>> 0}`, o.payload);
    }
    const dss = mptcp.newDssFields();
    let held = 0;
    for (const o of options) {
      if (o.octets[2]! >> 4 !== 2 || mptcp.readDss(o.octets, 0, o.octets.length, dss) !== mptcp.DSS_READ || !dss.hasChecksum) continue;
      const length = dss.dataLevelLength - (dss.dataFin ? 1 : 0);
      let sum = 0;
      let octets = 0;
      while (octets < length) {
        const part = parts.get(`${o.flow} ${dss.subflowSequence + octets}`)!.subarray(0, length - octets);
        sum = mptcp.addToMappingSum(sum, octets, sum16(part));
        octets += part.length;
      }
      expect(mptcp.dssChecksum(dss.dsnHigh, dss.dsnLow, dss.subflowSequence, dss.dataLevelLength, sum)).toBe(dss.checksum);
      held++;
    }
    expect(held).toBeGreaterThan(50);
  });
});

test('the vectors follow their schema, which other tools rely on', () => {
  const schema = readVectorFile('schema') as Parameters<typeof breaches>[1];
  for (const name of ['keys', 'join-hmacs', 'add-addr-hmacs', 'dss-checksums', 'options', 'malformed-options'])
    expect(breaches(readVectorFile(name), { $ref: `#/$defs/${name}` }, schema)).toEqual([]);
  expect(breaches({ vectors: [{ version: 2, key: 'zz' }] }, { $ref: '#/$defs/keys' }, schema).length).toBeGreaterThan(4);
});
