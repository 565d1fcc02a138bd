/** CGA and HBA: RFC 3972, 4581, 4982, 5535, and the CGA signature of RFC 5533 section 5.15.5; known answers in vectors/cga. */
import { describe, expect, test } from '@jest/globals';
import { sha1 } from '@noble/hashes/legacy.js';
import * as fc from 'fast-check';
import { webcrypto } from 'node:crypto';
import { equalBytes, fromHex, toHex } from '../../codecs/bytes.ts';
import * as cga from '../../codecs/cga/index.ts';
import type { CgaParameters, CgaVerification, Generated, SignatureProvider } from '../../codecs/cga/index.ts';
import { digest, nodeSignatures, random } from '../../conformance/providers/node-crypto.ts';
import { anyCgaParameters, anyModifier, anyPrefixSet, anyRsaPublicKey, anySignedLocators } from '../arbitraries/index.ts';
import { cgaVectors, readCgaFile } from './cga-vectors.ts';
import { breaches } from './mptcp-vectors.ts';

const files = ['keys', 'cga', 'hba', 'search', 'verification', 'signatures'] as const;
const keys = cgaVectors('keys');
const keyNamed = (name: string) => keys.find((key) => key.name === name)!;
const publicKeyOf = (name: string): Uint8Array => fromHex(keyNamed(name).publicKey);
const privateKeyOf = (name: string): Uint8Array => fromHex(keyNamed(name).privateKey!);

const decodeWell = (octets: Uint8Array): CgaParameters => {
  const result = cga.decodeCgaParameters(octets);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const stepOf = (verification: CgaVerification): string | null => (verification.valid ? null : verification.step);
const hexOf = ({ addresses }: Generated) => ({
  addresses: addresses.map(({ address }) => toHex(address)),
  parameters: addresses.map(({ octets }) => toHex(octets)),
});
const flipped = (octets: Uint8Array, bit: number): Uint8Array => {
  const copy = octets.slice();
  copy[bit >>> 3]! ^= 0x80 >>> (bit & 7);
  return copy;
};
const bitsOf = (octets: Uint8Array): readonly number[] => Array.from({ length: 8 * octets.length }, (_, bit) => bit);
const P1 = fromHex('20010db800010001');
const P2 = fromHex('20010db800020002');

test.each(files)('vectors/cga/%s.json follows its schema', (name) => {
  const schema = readCgaFile('schema') as Parameters<typeof breaches>[1];
  expect(breaches(readCgaFile(name), schema.$defs![name]!, schema)).toEqual([]);
});

describe('CGA Parameters, RFC 3972 section 3', () => {
  test('every vector decodes to what it is made from, and encodes to the same octets', () => {
    for (const v of cgaVectors('cga')) {
      const octets = fromHex(v.parameters);
      const parameters = decodeWell(octets);
      expect({
        modifier: toHex(parameters.modifier),
        prefix: toHex(parameters.subnetPrefix),
        collisionCount: parameters.collisionCount,
        publicKey: toHex(parameters.publicKey),
        extensionFields: toHex(cga.encodeExtensionFields(parameters.extensionFields)),
      }).toEqual({
        modifier: v.modifier,
        prefix: v.prefix,
        collisionCount: v.collisionCount,
        publicKey: v.publicKey,
        extensionFields: v.extensionFields,
      });
      expect(toHex(cga.encodeCgaParameters(parameters))).toBe(v.parameters);
      expect(parameters.publicKey.buffer).toBe(octets.buffer);
    }
  });

  test('whatever can be encoded decodes to the same', () => {
    fc.assert(fc.property(anyCgaParameters, (parameters) => expect(decodeWell(cga.encodeCgaParameters(parameters))).toEqual(parameters)));
  });

  test('any octets decode without an exception, and to what encodes to them', () => {
    const anyOctets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(anyCgaParameters, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }), fc.nat(400))
        .map(([parameters, changes, end]) => {
          const octets = cga.encodeCgaParameters(parameters);
          for (const [at, value] of changes) if (at < octets.length) octets[at] = value;
          return octets.subarray(0, end);
        }),
    );
    fc.assert(
      fc.property(anyOctets, fc.uint8Array({ maxLength: 17 }), (octets, address) => {
        const result = cga.decodeCgaParameters(octets);
        if (result.ok) {
          expect(toHex(cga.encodeCgaParameters(result.value))).toBe(toHex(octets));
          for (const { offset } of cga.remarksOn(result.value)) expect(offset).toBeLessThan(octets.length);
          const key = cga.decodePublicKey(result.value.publicKey);
          if (key.ok) expect(toHex(cga.encodePublicKey(key.value))).toBe(toHex(result.value.publicKey));
        }
        cga.verifyCga(address, octets);
        cga.verifyHba(address, octets);
        cga.decodeKeyPair(octets);
      }),
      { numRuns: 300 },
    );
  });

  test('what has no whole public key is refused: code and offset', () => {
    const error = (hex: string) => {
      const result = cga.decodeCgaParameters(fromHex(hex));
      return result.ok ? undefined : [result.error.code, result.error.offset];
    };
    const fixed = '00'.repeat(25);
    expect(error('00'.repeat(24))).toEqual(['truncated', 24]);
    expect(error(fixed)).toEqual(['truncated', 25]);
    expect(error(`${fixed}30`)).toEqual(['truncated', 26]);
    expect(error(`${fixed}3002aa`)).toEqual(['truncated', 28]);
    expect(error(`${fixed}0402aaaa`)).toEqual(['bad-public-key', 25]);
    expect(error(`${fixed}3002aaaa`)).toBeUndefined();
  });

  test('extension fields are type, length and data, in order; RFC 4581 section 2', () => {
    const kinds = (hex: string): readonly unknown[] =>
      cga.decodeExtensionFields(fromHex(hex)).map((field) => {
        if (field.kind === 'MALFORMED') return toHex(field.octets);
        return field.kind === 'UNKNOWN' ? [field.extensionType, toHex(field.extensionData)] : field.prefixes.map((prefix) => toHex(prefix));
      });
    expect(kinds('fffd0003abcdef fffe0000 0012000c 00000000 0011223344556677 0012000b 00000000 00112233445566')).toEqual([
      [0xfffd, 'abcdef'],
      [0xfffe, ''],
      ['0011223344556677'],
      [0x0012, '0000000000112233445566'],
    ]);
    expect(kinds('fffd0003abcd')).toEqual(['fffd0003abcd']);
    expect(kinds('fffd0000ff')).toEqual([[0xfffd, ''], 'ff']);
  });

  test('what cannot be represented is a RangeError that names the field', () => {
    const parameters = {
      modifier: new Uint8Array(16),
      subnetPrefix: P1,
      collisionCount: 0,
      publicKey: fromHex('3000'),
      extensionFields: [],
    };
    const encoding = (change: Partial<CgaParameters>) => () => cga.encodeCgaParameters({ ...parameters, ...change });
    const set = { kind: 'MULTI_PREFIX', pFlag: false, reserved: 0, prefixes: [P1] } as const;
    expect(encoding({ modifier: P1 })).toThrow(/^modifier/);
    expect(encoding({ subnetPrefix: new Uint8Array(16) })).toThrow(/^subnetPrefix/);
    expect(encoding({ collisionCount: 256 })).toThrow(/^collisionCount/);
    expect(encoding({ publicKey: fromHex('300000') })).toThrow(/^publicKey/);
    expect(encoding({ publicKey: fromHex('0400') })).toThrow(/^publicKey/);
    expect(encoding({ extensionFields: [{ ...set, reserved: 2 ** 31 }] })).toThrow(/^reserved/);
    expect(encoding({ extensionFields: [{ ...set, prefixes: [new Uint8Array(7)] }] })).toThrow(/^prefix/);
    expect(encoding({ extensionFields: [{ ...set, prefixes: Array.from({ length: 8192 }, () => P1) }] })).toThrow(/^extensionDataLength/);
    expect(encoding({ extensionFields: [{ kind: 'MALFORMED', octets: P1 }, set] })).toThrow(/^extensionFields/);
    expect(encoding({ extensionFields: [{ kind: 'UNKNOWN', extensionType: 65_536, extensionData: P1 }] })).toThrow(/^extensionType/);
    expect(() => cga.encodePublicKey({ kind: 'EC', curve: 'P-256', point: P1 })).toThrow(/^point/);
    expect(() => cga.encodePublicKey({ kind: 'RSA', modulus: new Uint8Array(), publicExponent: P1 })).toThrow(/^modulus/);
    expect(() => cga.cgaSec(8)).toThrow(/^sec/);
  });
});

describe('keys, RFC 3972 section 3', () => {
  test.each(keys.map((key) => [key.name, key] as const))('%s: the SubjectPublicKeyInfo, and every form of file', (name, v) => {
    const key = cga.decodePublicKey(fromHex(v.publicKey));
    if (!key.ok) throw new Error(key.error.message);
    expect(key.value.kind).toBe(v.algorithm);
    if (key.value.kind === 'EC') expect(key.value.curve).toBe(name);
    if (key.value.kind === 'RSA') expect(cga.rsaBits(key.value)).toBe(Number(/RSA-(\d+)/.exec(name)?.[1] ?? 1024));
    if (key.value.kind === 'opaque') expect(key.value.algorithm).toBe('1.3.101.112');
    expect(toHex(cga.encodePublicKey(key.value))).toBe(v.publicKey);
    for (const file of v.files) {
      const pair = cga.decodeKeyPair(new TextEncoder().encode(`before\n${file}after\n`));
      if (!pair.ok) throw new Error(pair.error.message);
      expect(toHex(pair.value.publicKey)).toBe(v.publicKey);
      expect(pair.value.privateKey !== undefined).toBe(file.includes('PRIVATE'));
      // The same in DER: what is between the lines of the PEM.
      const der = Uint8Array.from(Buffer.from(file.replace(/-----[^-]*-----/g, ''), 'base64'));
      expect(cga.decodeKeyPair(der)).toEqual(pair);
    }
    if (v.privateKey !== undefined)
      expect(cga.decodeKeyPair(fromHex(v.privateKey))).toEqual({
        ok: true,
        value: { publicKey: fromHex(v.publicKey), privateKey: fromHex(v.privateKey) },
      });
  });

  test('a PKCS #1 private key comes out as the PKCS #8 that openssl makes of it', () => {
    const pair = cga.decodeKeyPair(new TextEncoder().encode(keyNamed('RSA-1024').files[1]));
    expect(pair.ok && toHex(pair.value.privateKey!)).toBe(keyNamed('RSA-1024').privateKey);
  });

  test('what is no key is said', () => {
    const code = (text: string): string | undefined => {
      const result = cga.decodeKeyPair(new TextEncoder().encode(text));
      return result.ok ? undefined : result.error.code;
    };
    expect(code('-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----')).toBe('encrypted');
    expect(code('-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----')).toBe('not-a-key');
    expect(code('-----BEGIN PUBLIC KEY-----\n?\n-----END PUBLIC KEY-----')).toBe('bad-base64');
    expect(code('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toBe('not-a-key');
    expect(code('')).toBe('not-a-key');
  });

  test('a point that is not on its curve, and an rsaEncryption key that is no RSAPublicKey, are carried opaque', () => {
    const off = publicKeyOf('P-256');
    off[off.length - 1]! ^= 1;
    expect(cga.decodePublicKey(off)).toMatchObject({ ok: true, value: { kind: 'opaque', algorithm: '1.2.840.10045.2.1' } });
    const nonce = fromHex(cgaVectors('hba').find(({ name }) => name === 'hba_test')!.publicKey);
    expect(cga.decodePublicKey(nonce)).toMatchObject({ ok: true, value: { kind: 'opaque', algorithm: '1.2.840.113549.1.1.1' } });
    expect(cga.decodePublicKey(fromHex('3000'))).toMatchObject({ ok: false, error: { code: 'not-spki' } });
  });

  test('a compressed point is kept as it is; RFC 5480 section 2.2', () => {
    const key = cga.decodePublicKey(publicKeyOf('P-384'));
    if (!key.ok || key.value.kind !== 'EC') throw new Error('no EC key');
    const compressed = Uint8Array.of(2 + (key.value.point.at(-1)! & 1), ...key.value.point.subarray(1, 49));
    const octets = cga.encodePublicKey({ ...key.value, point: compressed });
    expect(cga.decodePublicKey(octets)).toEqual({ ok: true, value: { kind: 'EC', curve: 'P-384', point: compressed } });
  });
});

describe('generation, RFC 3972 section 4', () => {
  test('appendix A: from the random modifier to fe80::3c4a:5bf6:ffb4:ca6c', async () => {
    const v = cgaVectors('cga').find(({ name }) => name === 'RFC 3972 appendix A')!;
    const start = cgaVectors('search').find(({ name }) => name === 'RFC 3972 appendix A')!.from;
    const generated = await cga.generateCga({
      sec: 1,
      prefixes: [fromHex(v.prefix)],
      publicKey: fromHex(v.publicKey),
      modifier: fromHex(start),
    });
    expect(hexOf(generated)).toEqual({ addresses: ['fe800000000000003c4a5bf6ffb4ca6c'], parameters: [v.parameters] });
    expect(generated).toMatchObject({ distance: 1, sec: { value: 1, name: 'SHA-1_16hash2bits', registered: true } });
  });

  test('every vector comes again from its modifier, key, prefix, extension fields and collision count', async () => {
    for (const v of cgaVectors('cga')) {
      const generated = await cga.generateCga({
        sec: v.sec,
        prefixes: [fromHex(v.prefix)],
        publicKey: fromHex(v.publicKey),
        modifier: fromHex(v.modifier),
        collisionCount: v.collisionCount,
        extensionFields: cga.decodeExtensionFields(fromHex(v.extensionFields)),
      });
      expect(hexOf(generated)).toEqual({ addresses: [v.address], parameters: [v.parameters] });
      expect(generated.distance).toBe(0);
    }
  });

  test('what is generated verifies, for any key, prefixes and collision count', async () => {
    await fc.assert(
      fc.asyncProperty(anyRsaPublicKey, anyPrefixSet(), fc.nat(2), anyModifier, async (key, prefixes, collisionCount, modifier) => {
        const { addresses } = await cga.generateCga({ sec: 0, prefixes, publicKey: cga.encodePublicKey(key), collisionCount, modifier });
        expect(addresses.map(({ address }) => toHex(address, 0, 8))).toEqual(prefixes.map((prefix) => toHex(prefix)));
        for (const { address, octets, parameters } of addresses) {
          expect(cga.verifyCga(address, octets)).toMatchObject({ valid: true, sec: { value: 0 } });
          expect(cga.remarksOn(parameters)).toEqual([]);
        }
      }),
    );
  });

  test('Sec 1, a random modifier and several prefixes: one search, an address for each', async () => {
    const { addresses, modifier } = await cga.generateCga({ sec: 1, prefixes: [P1, P2], publicKey: publicKeyOf('RSA-512'), random });
    expect(addresses).toHaveLength(2);
    for (const { address, octets, parameters } of addresses) {
      expect(parameters.modifier).toEqual(modifier);
      expect(cga.verifyCga(address, octets)).toMatchObject({ valid: true, sec: { value: 1 } });
    }
  });

  test('an address that collides gets the next collision count; the third collision ends it (step 8)', async () => {
    const request = { sec: 0, prefixes: [P1, P2], publicKey: publicKeyOf('RSA-512'), modifier: new Uint8Array(16) };
    const taken: string[] = [];
    const isDuplicate = (address: Uint8Array): boolean => taken.includes(toHex(address));
    const counts = async (generate: typeof cga.generateHba): Promise<readonly number[]> =>
      (await generate({ ...request, isDuplicate })).addresses.map(({ parameters }) => parameters.collisionCount);
    const first = async (collisionCount: number, generate: typeof cga.generateHba): Promise<string> =>
      toHex((await generate({ ...request, collisionCount })).addresses[0]!.address);
    const own: typeof cga.generateHba = (hba) => cga.generateCga({ ...request, ...hba, publicKey: request.publicKey });
    for (const [generate, expected] of [
      [own, [1, 0]],
      // An HBA set counts its collisions together (RFC 5535 section 6 step 6.4).
      [cga.generateHba, [1, 1]],
    ] as const) {
      expect(await counts(generate)).toEqual([0, 0]);
      taken.push(await first(0, generate));
      expect(await counts(generate)).toEqual(expected);
      taken.push(await first(1, generate), await first(2, generate));
      await expect(counts(generate)).rejects.toThrow(/third/);
    }
  });

  test('what cannot be generated is said', async () => {
    const request = { sec: 0, prefixes: [P1], publicKey: publicKeyOf('RSA-512'), modifier: new Uint8Array(16) };
    const { modifier, ...without } = request;
    await expect(cga.generateCga(without)).rejects.toThrow(/^modifier/);
    await expect(cga.generateCga({ ...request, prefixes: [] })).rejects.toThrow(/^prefixes/);
    await expect(cga.generateCga({ ...request, prefixes: [modifier] })).rejects.toThrow(/^subnetPrefix/);
    await expect(cga.generateCga({ ...request, collisionCount: 3 })).rejects.toThrow(/^collisionCount/);
    await expect(cga.generateCga({ ...request, sec: 8 })).rejects.toThrow(/^sec/);
    await expect(cga.generateHba({ ...request, sec: 3 })).rejects.toThrow(/^sec/);
    await expect(cga.generateHba({ sec: 0, prefixes: [P1], modifier })).rejects.toThrow(/^extendedModifier/);
    await expect(cga.generateHba({ sec: 0, prefixes: [P1], modifier, extendedModifier: P1 })).rejects.toThrow(/^extendedModifier/);
  });
});

describe('HBA sets, RFC 5535', () => {
  test('each set comes again from what it was made of; LinShim6 makes its own flags', async () => {
    for (const v of cgaVectors('hba')) {
      const { sec, collisionCount } = v;
      const common = { sec, collisionCount, prefixes: v.prefixes.map(fromHex), modifier: fromHex(v.from ?? v.modifier) };
      const extendedModifier = v.extendedModifier && fromHex(v.extendedModifier);
      const generated = v.from
        ? await cga.generateHba({ ...common, ...(extendedModifier ? { extendedModifier } : { publicKey: fromHex(v.publicKey) }) })
        : await cga.generateCga({
            ...common,
            publicKey: fromHex(v.publicKey),
            extensionFields: [{ kind: 'MULTI_PREFIX', pFlag: v.pFlag, reserved: v.reserved, prefixes: common.prefixes }],
          });
      expect({ name: v.name, ...hexOf(generated) }).toEqual({ name: v.name, addresses: v.addresses, parameters: v.parameters });
    }
  });

  test('every address of a set verifies with the parameters of every other (section 7.2), and what is odd is remarked', () => {
    for (const v of cgaVectors('hba')) {
      for (const octets of v.parameters.map(fromHex)) {
        const parameters = decodeWell(octets);
        const set = cga.multiPrefixOf(parameters)!;
        expect([set.pFlag, set.reserved, ...set.prefixes.map((prefix) => toHex(prefix))]).toEqual([v.pFlag, v.reserved, ...v.prefixes]);
        expect(cga.remarksOn(parameters).map(({ code }) => code)).toEqual(v.remarks);
        expect(toHex(cga.encodeCgaParameters(parameters))).toBe(toHex(octets));
        for (const address of v.addresses.map(fromHex)) {
          expect(cga.verifyHba(address, octets)).toMatchObject({ valid: true, sec: { value: v.sec } });
          // As a CGA, only with its own parameters (section 7.1).
          expect(stepOf(cga.verifyCga(address, octets))).toBe(
            equalBytes(address.subarray(0, 8), parameters.subnetPrefix) ? null : 'subnet-prefix',
          );
        }
      }
    }
  });

  test('the Extended Modifier is the modulus of an RSAPublicKey, 384 bits (section 6)', async () => {
    const extendedModifier = random(48);
    extendedModifier[0]! |= 0x80;
    const { addresses } = await cga.generateHba({ sec: 0, prefixes: [P1, P2], random, extendedModifier });
    const key = cga.decodePublicKey(addresses[0]!.parameters.publicKey);
    expect(key).toEqual({ ok: true, value: { kind: 'RSA', modulus: extendedModifier, publicExponent: Uint8Array.of(1, 0, 1) } });
    expect(cga.multiPrefixOf(addresses[0]!.parameters)).toMatchObject({ pFlag: false, reserved: 0 });
    const drawn = await cga.generateHba({ sec: 0, prefixes: [P1, P2], random });
    expect(drawn.addresses[0]!.parameters.publicKey).not.toEqual(addresses[0]!.parameters.publicKey);
  });

  test('an address outside a set never verifies as one of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPrefixSet(2),
        fc.uint8Array({ minLength: 48, maxLength: 48 }),
        anyModifier,
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat(127),
        async (prefixes, extendedModifier, modifier, other, bit) => {
          const { addresses } = await cga.generateHba({ sec: 0, prefixes, extendedModifier, modifier });
          const [{ address: a, octets }, { address: b }] = addresses as [(typeof addresses)[0], (typeof addresses)[0]];
          for (const { address } of addresses) expect(cga.verifyHba(address, octets)).toMatchObject({ valid: true });
          expect(cga.verifyHba(other, octets).valid).toBe(false);
          expect(cga.verifyHba(Uint8Array.of(...b.subarray(0, 8), ...a.subarray(8)), octets)).toMatchObject({ step: 'hash1' });
          expect(cga.verifyHba(Uint8Array.of(...other.subarray(0, 8), ...a.subarray(8)), octets)).toMatchObject({ step: 'prefix-set' });
          // u and g; Sec can only rise from 0, to what the search would have had to look for.
          if (bit === 70 || bit === 71) expect(cga.verifyHba(flipped(a, bit), octets).valid).toBe(true);
          else if (bit < 64 || bit > 66) expect(cga.verifyHba(flipped(a, bit), octets).valid).toBe(false);
        },
      ),
    );
  });

  test('what is odd about parameters has a code, an offset and a section', () => {
    const publicKey = publicKeyOf('RSA-1024');
    const set = { kind: 'MULTI_PREFIX', pFlag: true, reserved: 0, prefixes: [P1] } as const;
    const remarks = (change: Partial<CgaParameters>): readonly string[] =>
      cga
        .remarksOn({ modifier: new Uint8Array(16), subnetPrefix: P1, collisionCount: 0, publicKey, extensionFields: [set], ...change })
        .map(({ code, offset }) => `${code} ${offset}`);
    const end = 25 + publicKey.length;
    expect(remarks({})).toEqual([]);
    expect(remarks({ extensionFields: [{ ...set, pFlag: false }] })).toEqual([`p-flag-unset ${end}`]);
    expect(remarks({ extensionFields: [{ ...set, pFlag: false, reserved: 0x80 }] })).toEqual([`p-flag-misplaced ${end}`]);
    expect(remarks({ extensionFields: [{ ...set, reserved: 0x80 }] })).toEqual([`reserved ${end}`]);
    expect(remarks({ extensionFields: [set, set] })).toEqual([`repeated-multi-prefix ${end + 16}`]);
    expect(remarks({ extensionFields: [{ kind: 'UNKNOWN', extensionType: 0x12, extensionData: P1 }] })).toEqual([
      `bad-multi-prefix ${end}`,
    ]);
    expect(remarks({ extensionFields: [set, { kind: 'MALFORMED', octets: P1 }] })).toEqual([`bad-extension ${end + 16}`]);
    expect(remarks({ publicKey: fromHex('3000') })).toEqual(['not-spki 25']);
    const short = cga.encodePublicKey({ kind: 'RSA', modulus: new Uint8Array(40).fill(129), publicExponent: Uint8Array.of(3) });
    expect(remarks({ publicKey: short })).toEqual(['short-key 25']);
    expect(remarks({ publicKey: short, extensionFields: [{ ...set, pFlag: false }] })).toEqual([]);
  });
});

describe('verification, RFC 3972 section 5 and RFC 5535 section 7', () => {
  test.each(cgaVectors('verification').map((v) => [`${v.name}: ${v.step ?? 'valid'}`, v] as const))('%s', (_, v) => {
    const verify = v.hba ? cga.verifyHba : cga.verifyCga;
    expect(stepOf(verify(fromHex(v.address), fromHex(v.parameters)))).toBe(v.step);
    expect(stepOf(verify(fromHex(v.address), fromHex(v.parameters), { digest }))).toBe(v.step);
  });

  test('any one flipped bit fails, save u and g, and those that merely lower Sec', () => {
    for (const v of cgaVectors('cga')) {
      const [address, octets] = [fromHex(v.address), fromHex(v.parameters)];
      const survivors = bitsOf(address).filter((bit) => cga.verifyCga(flipped(address, bit), octets, { digest }).valid);
      const lowering = [64, 65, 66].filter((bit) => ((v.sec >>> (66 - bit)) & 1) === 1);
      expect([v.name, ...survivors]).toEqual([v.name, ...lowering, 70, 71]);
      expect(bitsOf(octets).filter((bit) => cga.verifyCga(address, flipped(octets, bit), { digest }).valid)).toEqual([]);
    }
  });

  test('Sec 0 to 7 are all processed: 16 * Sec zero bits of Hash2, not one less', () => {
    const octets = fromHex(cgaVectors('cga')[0]!.parameters);
    for (let sec = 0; sec <= 7; sec++) {
      // A hash whose Hash2 begins with `zeros` zero bits and is ones from there; its Hash1 is ones.
      const hash = (zeros: number) => (input: Uint8Array) => {
        const hash2 = input[16] === 0;
        return Uint8Array.from({ length: 20 }, (_, i) => (hash2 ? 0xff >>> Math.min(8, Math.max(0, zeros - 8 * i)) : 0xff));
      };
      const address = Uint8Array.of(...octets.subarray(16, 24), (sec << 5) | 0x1c, ...new Uint8Array(7).fill(255));
      expect(cga.verifyCga(address, octets, { digest: hash(16 * sec) })).toEqual({ valid: true, sec: cga.CGA_SEC[sec] });
      if (sec > 0) expect(stepOf(cga.verifyCga(address, octets, { digest: hash(16 * sec - 1) }))).toBe('hash2');
      expect(cga.cgaSec(sec)).toMatchObject({ hash2Bits: 16 * sec, registered: sec <= 2, hash: { name: 'SHA-1' } });
    }
  });

  test('a valid CGA has 4 * (Sec + 1) addresses that verify (section 7.1)', () => {
    for (const v of cgaVectors('cga').filter(({ sec }) => sec === 1)) {
      const valid = Array.from({ length: 256 }, (_, first) => first).filter((first) => {
        const address = fromHex(v.address);
        address[8] = first;
        return cga.verifyCga(address, fromHex(v.parameters), { digest }).valid;
      });
      expect(valid).toHaveLength(8);
    }
  });

  test('an address of another length than 16 octets is a matter of format', () => {
    const { parameters, address } = cgaVectors('cga')[0]!;
    expect(stepOf(cga.verifyCga(fromHex(address).subarray(1), fromHex(parameters)))).toBe('format');
    expect(stepOf(cga.verifyHba(fromHex(`${address}00`), fromHex(parameters)))).toBe('format');
  });

  test('a Buffer of Node is verified as a Uint8Array is, and stays as it was', () => {
    for (const { sec, parameters, address } of cgaVectors('cga')) {
      const [octets, own] = [fromHex(parameters), Buffer.from(parameters, 'hex')];
      expect(cga.verifyCga(Buffer.from(address, 'hex'), own, { digest })).toEqual({ valid: true, sec: cga.CGA_SEC[sec] });
      expect(toHex(cga.hash2Input(own))).toBe(toHex(cga.hash2Input(octets)));
      expect(own.equals(octets)).toBe(true);
    }
  });

  test('a refusal cites its step', () => {
    const { parameters, address } = cgaVectors('cga')[0]!;
    expect(cga.verifyCga(flipped(fromHex(address), 127), fromHex(parameters))).toMatchObject({ section: 'RFC 3972 section 5 step 4' });
    const set = cgaVectors('hba')[0]!;
    expect(cga.verifyHba(flipped(fromHex(set.addresses[0]!), 127), fromHex(set.parameters[1]!))).toMatchObject({
      section: 'RFC 5535 section 7.2 step 2.4',
    });
  });

  test('the digest of node:crypto is that of the registry', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => expect(toHex(digest(octets))).toBe(toHex(sha1(octets)))));
  });
});

describe('CGA signatures, RFC 3972 section 6 and RFC 5533 section 5.15.5', () => {
  const providers: readonly SignatureProvider[] = [cga.forgeSignatures, nodeSignatures, cga.webCryptoSignatures(webcrypto.subtle)];
  const signatures = cgaVectors('signatures').map((v) => ({
    ...v,
    locators: v.locators.map(({ locator, verificationMethod }) => ({ locator: fromHex(locator), verificationMethod })),
  }));

  test('what is signed: tag, generation, and the locators whose method is CGA, in order', () => {
    for (const v of signatures) expect([v.name, toHex(cga.locatorsSigned(v.generation, v.locators))]).toEqual([v.name, v.signed]);
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), anySignedLocators, (generation, locators) => {
        const signed = cga.locatorsSigned(generation, locators);
        const others = locators.filter(({ verificationMethod }) => verificationMethod !== cga.VERIFICATION_METHOD.cga);
        expect(signed).toHaveLength(20 + 16 * (locators.length - others.length));
      }),
    );
    expect(() => cga.locatorsSigned(2 ** 32, [])).toThrow(/^generation/);
    expect(() => cga.locatorsSigned(0, [{ locator: P1, verificationMethod: 2 }])).toThrow(/^locator/);
    expect(() => cga.signedMessage(P1, P1)).toThrow(/^typeTag/);
  });

  test.each(providers.map((provider) => [provider.name, provider] as const))(
    '%s makes and verifies the recorded signatures',
    async (_, provider) => {
      for (const v of signatures) {
        const key = keys.find(({ publicKey }) => publicKey === v.publicKey)!;
        const [publicKey, signed, signature] = [fromHex(v.publicKey), fromHex(v.signed), fromHex(v.signature)];
        expect([v.name, await provider.verify(publicKey, signed, signature)]).toEqual([v.name, true]);
        expect(toHex(await cga.signLocators(fromHex(key.privateKey!), v.generation, v.locators, provider))).toBe(v.signature);
        expect(await provider.verify(publicKey, flipped(signed, 8 * signed.length - 1), signature)).toBe(false);
        expect(await provider.verify(publicKey, signed, flipped(signature, 100))).toBe(false);
        expect(await provider.verify(publicKey, signed, signature.subarray(1))).toBe(false);
      }
      const { signed, signature } = signatures[0]!;
      expect(await provider.verify(publicKeyOf('P-256'), fromHex(signed), fromHex(signature))).toBe(false);
      expect(await provider.verify(fromHex('3000'), fromHex(signed), fromHex(signature))).toBe(false);
      expect(await provider.verify(publicKeyOf('RSA-512'), fromHex(signed), new Uint8Array())).toBe(false);
      await expect((async () => provider.sign(privateKeyOf('P-256'), P1))()).rejects.toThrow();
      await expect((async () => provider.sign(fromHex('3000'), P1))()).rejects.toThrow();
    },
  );

  test('both the CGA and the signature must verify; a refusal names the step', async () => {
    const { addresses } = await cga.generateCga({ sec: 0, prefixes: [P1, P2], publicKey: publicKeyOf('RSA-1024'), random });
    const [{ address, octets: parameters }, other] = addresses as [(typeof addresses)[0], (typeof addresses)[0]];
    const locators = [
      { locator: address, verificationMethod: 2 },
      { locator: other.address, verificationMethod: 1 },
      { locator: random(16), verificationMethod: 2 },
    ];
    const signature = await cga.signLocators(privateKeyOf('RSA-1024'), 7, locators);
    const signed = { address, parameters, generation: 7, locators, signature };
    for (const provider of providers) {
      const step = async (change: Partial<typeof signed>): Promise<string | null> =>
        stepOf(await cga.verifyLocators({ ...signed, ...change }, provider));
      expect(await step({})).toBeNull();
      expect(await step({ address: flipped(address, 100) })).toBe('hash1');
      expect(await step({ address: other.address })).toBe('subnet-prefix');
      expect(await step({ address: other.address, generation: 8 })).toBe('subnet-prefix');
      expect(await step({ generation: 8 })).toBe('signature');
      expect(await step({ locators: locators.toReversed() })).toBe('signature');
      expect(await step({ locators: locators.slice(0, 2) })).toBe('signature');
      expect(await step({ signature: flipped(signature, 5) })).toBe('signature');
      // A locator whose method is not CGA is not covered.
      expect(await step({ locators: locators.filter(({ verificationMethod }) => verificationMethod === 2) })).toBeNull();
    }
    const ec = await cga.generateCga({ sec: 0, prefixes: [P1], publicKey: publicKeyOf('P-256'), random });
    const own = { ...signed, address: ec.addresses[0]!.address, parameters: ec.addresses[0]!.octets };
    expect(await cga.verifyLocators(own)).toMatchObject({ step: 'signature', message: expect.stringMatching(/RSA/) });
  });
});
