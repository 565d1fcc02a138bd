/**
 * The part `cga` of `npm run bench`: how fast the Hash2 search is beside openssl's SHA-1, what a CGA costs, and the thesis's comparison of HBA sets with
 * CGAs under keys of several lengths (RFC 3972, RFC 5535).
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  fastestKernel,
  generateCga,
  generateHba,
  portableKernel,
  signLocators,
  verifyCga,
  verifyHba,
  verifyLocators,
  VERIFICATION_METHOD,
  type Generated,
  type Hash2Kernel,
} from '../../codecs/cga/index.ts';
import { newSearchPool } from '../../conformance/jobs/search-pool.ts';
import { digest, nodeSignatures, random } from '../../conformance/providers/node-crypto.ts';

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds that `act` takes. */
const timed = async (act: () => unknown): Promise<number> => {
  const start = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - start) / 1e6;
};

const millions = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} million/s`;

/** The lengths of CGA Parameters that are measured: LinShim6's RSA-512 and RSA-1024 keys are near them. */
const LENGTHS = [116, 187] as const;
const ROUNDS = 5;
/** A Sec that nothing fits, so that every modifier is tested. */
const NEVER = 7;

const rateOf = async (kernel: Hash2Kernel, template: Uint8Array, count: number): Promise<number> =>
  (count * 1000) / (await timed(() => kernel.search(template, NEVER, random(16), count)));

/** Modifiers in a second that `threads` test together. */
const poolRate = async (threads: number, template: Uint8Array, runs: number): Promise<number> => {
  const pool = newSearchPool(threads);
  try {
    const search = (): Promise<unknown> =>
      Promise.all(
        pool.workers.map(async (worker) => {
          for (let n = 0; n < runs; n += 1) await worker.search(template, NEVER, random(16), worker.chunk);
        }),
      );
    await search();
    const ms = await timed(search);
    return (threads * runs * pool.workers[0]!.chunk * 1000) / ms;
  } finally {
    await pool.close();
  }
};

/** Hashes of `octets` octets in a second by openssl; undefined where it is absent. */
const opensslRate = (octets: number): number | undefined => {
  const { status, stdout } = spawnSync('openssl', ['speed', '-bytes', `${octets}`, '-seconds', '1', '-evp', 'sha1'], { encoding: 'utf8' });
  const kilo = /^sha1\s+([\d.]+)k$/im.exec(stdout ?? '')?.[1];
  return status === 0 && kilo !== undefined ? (Number(kilo) * 1000) / octets : undefined;
};

const benchSearch = async (): Promise<void> => {
  const cores = availableParallelism();
  for (const octets of LENGTHS) {
    const template = random(octets).fill(0, 16, 25);
    const rates = { portable: [] as number[], simd: [] as number[], openssl: [] as number[], all: [] as number[] };
    await rateOf(fastestKernel(), template, 1 << 21); // until it is compiled for good
    for (let n = 0; n < ROUNDS; n += 1) {
      rates.portable.push(await rateOf(portableKernel, template, 1 << 17));
      rates.simd.push(await rateOf(fastestKernel(), template, 1 << 22));
      rates.openssl.push(opensslRate(octets) ?? Number.NaN);
      rates.all.push(await poolRate(cores, template, 6));
    }
    const [simd, all, openssl] = [median(rates.simd), median(rates.all), median(rates.openssl)];
    console.log(`Hash2 search, ${octets} octets, median of ${ROUNDS}`);
    console.log(`  portable kernel       ${millions(median(rates.portable))}`);
    console.log(`  ${fastestKernel().name.padEnd(21)} ${millions(simd)}`);
    console.log(`  ${`on ${cores} threads`.padEnd(21)} ${millions(all)}, ${(all / simd).toFixed(2)} x one`);
    console.log(
      Number.isNaN(openssl)
        ? '  openssl               is not there'
        : `  openssl speed sha1    ${millions(openssl)}: the kernel is ${(simd / openssl).toFixed(2)} x as fast`,
    );
  }
};

const rsaKey = (modulusLength: number): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array } => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  return { publicKey: new Uint8Array(publicKey), privateKey: new Uint8Array(privateKey) };
};

const prefixesOf = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, i));

const GENERATIONS = 201;
const VERIFICATIONS = 200_000;

const benchCga = async (): Promise<void> => {
  const { publicKey } = rsaKey(1024);
  const times: number[] = [];
  let one: Generated | undefined;
  for (let n = 0; n < GENERATIONS; n += 1)
    times.push(await timed(async () => (one = await generateCga({ sec: 1, prefixes: prefixesOf(1), publicKey, random }))));
  console.log(`CGA with sec 1 and a given RSA-1024 key: ${median(times).toFixed(1)} ms in the median of ${GENERATIONS}, one thread`);
  const { address, octets } = one!.addresses[0]!;
  for (const [name, options] of [
    ["node's SHA-1", { digest }],
    ['@noble/hashes', {}],
  ] as const) {
    const rates: number[] = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      const ms = await timed(() => {
        for (let i = 0; i < VERIFICATIONS; i += 1) if (!verifyCga(address, octets, options).valid) throw new Error('does not verify');
      });
      rates.push((VERIFICATIONS * 1000) / ms);
    }
    console.log(`  verified with ${name.padEnd(14)} ${Math.round(median(rates)).toLocaleString('en')} a second`);
  }
};

/** Milliseconds in the median, at a resolution that fits. */
const repeated = async (times: number, act: () => unknown): Promise<string> => {
  const all: number[] = [];
  for (let n = 0; n < times; n += 1) all.push(await timed(act));
  return `${median(all).toFixed(3).padStart(8)} ms`;
};

const ADDRESSES = [2, 5, 10] as const;

const benchThesis = async (): Promise<void> => {
  console.log('HBA and CGA, sec 1, medians: generating all addresses | signing the locator list | verifying addresses and signature');
  for (const count of ADDRESSES) {
    const prefixes = prefixesOf(count);
    const methods = [
      { name: 'HBA', bits: 0, hba: true },
      { name: 'HBA, CGA-compatible, RSA-1024', bits: 1024, hba: true },
      ...[512, 1024, 2048].map((bits) => ({ name: `CGA, RSA-${bits}`, bits, hba: false })),
    ];
    for (const { name, bits, hba } of methods) {
      const key = bits === 0 ? undefined : rsaKey(bits);
      const request = { sec: 1, prefixes, random };
      const generate = (): Promise<Generated> =>
        hba
          ? generateHba({ ...request, ...(key && { publicKey: key.publicKey }) })
          : generateCga({ ...request, publicKey: key!.publicKey });
      const { addresses } = await generate();
      const locators = addresses.map(({ address: locator }) => ({ locator, verificationMethod: VERIFICATION_METHOD.cga }));
      const signature = hba ? undefined : await signLocators(key!.privateKey, 1, locators, nodeSignatures);
      const { address, octets: parameters } = addresses[0]!;
      const verify = async (): Promise<void> => {
        const verified = hba
          ? addresses.map((each) => verifyHba(each.address, parameters, { digest }))
          : addresses.map((each) => verifyCga(each.address, each.octets, { digest }));
        const signed =
          signature === undefined ||
          (await verifyLocators({ address, parameters, generation: 1, locators, signature }, nodeSignatures, { digest })).valid;
        if (!signed || verified.some(({ valid }) => !valid)) throw new Error(`${name} does not verify`);
      };
      const signing = hba ? 'none      ' : await repeated(51, () => signLocators(key!.privateKey, 1, locators, nodeSignatures));
      console.log(
        `  ${`${count} addresses`.padEnd(13)} ${name.padEnd(30)} ${await repeated(31, generate)} | ${signing} | ${await repeated(51, verify)}`,
      );
    }
  }
};

/** Measures and prints. */
export const benchCgaAndHba = async (): Promise<void> => {
  await benchSearch();
  await benchCga();
  await benchThesis();
};
