/** The same code in headless Chromium, bundled as any page would: it generates, verifies and signs as it does in Node. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { fromHex, toHex } from '../../codecs/bytes.ts';
import * as cga from '../../codecs/cga/index.ts';
import { nodeSignatures } from '../../conformance/providers/node-crypto.ts';
import { toolVersion } from '../tools.ts';
import { cgaVectors } from './cga-vectors.ts';

const there = toolVersion('chromium') !== undefined;

/** What is used of playwright-core, whose own types want those of the DOM beside Node's. */
interface Page {
  route(
    urls: string,
    answer: (route: { fulfill(response: { contentType: string; body: string }): Promise<void> }) => Promise<void>,
  ): Promise<void>;
  goto(url: string): Promise<unknown>;
  evaluate(code: string): Promise<unknown>;
}
interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser> };
}

/** What the page has: the module under test, and octets as digits, since a page is talked to in JSON. */
type InPage = { readonly lib: typeof cga; readonly fromHex: typeof fromHex; readonly toHex: typeof toHex };

(there ? describe : describe.skip)('codecs/cga in Chromium', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const source = "export * as lib from './codecs/cga/index.ts'; export { fromHex, toHex } from './codecs/bytes.ts';";
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: process.cwd() },
      bundle: true,
      format: 'iife',
      globalName: 'inPage',
      platform: 'browser',
      write: false,
    });
    const name: string = 'playwright-core';
    const { chromium } = (await import(name)) as Playwright;
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await browser.newPage();
    // A page of localhost may use WebCrypto; nothing is served, the answer is given here.
    await page.route('**/*', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<script>${outputFiles[0]!.text.replaceAll('</script', String.raw`<\/script`)}</script>`,
      }),
    );
    await page.goto('http://localhost/');
  }, 60_000);

  afterAll(() => browser.close());

  /** Runs a function in the page, with the module as its first argument. */
  const inPage = async <A, R>(run: (place: InPage, given: A) => R | Promise<R>, given: A): Promise<R> =>
    (await page.evaluate(`(${run.toString()})(inPage, ${JSON.stringify(given)})`)) as R;

  test('searches with vectors, and finds the modifiers of the known answers', async () => {
    const vectors = cgaVectors('search').filter(({ sec }) => sec === 1);
    expect(vectors.length).toBeGreaterThan(4);
    expect(await inPage(({ lib }) => lib.fastestKernel().name, 0)).toBe('wasm-simd');
    const found = await inPage(
      ({ lib, fromHex: octets, toHex: digits }, given) =>
        Promise.all(
          given.map(async ({ template, sec, from }) => {
            const { modifier, distance } = await lib.searchModifier(octets(template), sec, octets(from));
            return [digits(modifier), distance];
          }),
        ),
      vectors,
    );
    expect(found).toEqual(vectors.map(({ modifier, distance }) => [modifier, distance]));
  });

  test('verifies, and refuses at the step at which Node does', async () => {
    const vectors = cgaVectors('verification');
    const steps = await inPage(
      ({ lib, fromHex: octets }, given) =>
        given.map(({ parameters, address, hba }) => {
          const outcome = (hba ? lib.verifyHba : lib.verifyCga)(octets(address), octets(parameters));
          return outcome.valid ? null : outcome.step;
        }),
      vectors,
    );
    expect(steps).toEqual(vectors.map(({ step }) => step));
  });

  test('generates a CGA and an HBA set with random octets of its own, which verify in Node', async () => {
    const { publicKey } = cgaVectors('cga')[0]!;
    const sets = await inPage(async ({ lib, fromHex: octets, toHex: digits }, key) => {
      const web = globalThis as unknown as { readonly crypto: { getRandomValues(into: Uint8Array): Uint8Array } };
      const random = (length: number): Uint8Array => web.crypto.getRandomValues(new Uint8Array(length));
      const prefixes = ['20010db800000001', '20010db800000002'].map((prefix) => octets(prefix));
      const one = await lib.generateCga({ sec: 1, prefixes, publicKey: octets(key), random });
      const other = await lib.generateHba({ sec: 1, prefixes, random });
      return [one, other].map(({ addresses }) =>
        addresses.map(({ address, octets: parameters }) => [digits(address), digits(parameters)] as const),
      );
    }, publicKey);
    for (const [address, parameters] of sets[0]!)
      expect(cga.verifyCga(fromHex(address), fromHex(parameters))).toMatchObject({ valid: true });
    for (const [address] of sets[1]!) expect(cga.verifyHba(fromHex(address), fromHex(sets[1]![0]![1]))).toMatchObject({ valid: true });
  });

  test.each(['node-forge', 'WebCrypto'])('signs locators with %s as Node does, and takes no other signature', async (name) => {
    const { privateKey = '', publicKey } = cgaVectors('keys').find((key) => key.name === 'LinShim6 host A')!;
    const message = toHex(
      cga.locatorsSigned(7, [{ locator: new Uint8Array(16).fill(0xfe), verificationMethod: cga.VERIFICATION_METHOD.cga }]),
    );
    const [signature, right, wrong] = await inPage(
      async ({ lib, fromHex: octets, toHex: digits }, given) => {
        const { crypto } = globalThis as unknown as { readonly crypto: { readonly subtle: Parameters<typeof lib.webCryptoSignatures>[0] } };
        const provider = given.name === 'WebCrypto' ? lib.webCryptoSignatures(crypto.subtle) : lib.forgeSignatures;
        const made = await provider.sign(octets(given.privateKey), octets(given.message));
        const other = made.slice();
        other[9]! ^= 1;
        const verify = (signed: Uint8Array) => provider.verify(octets(given.publicKey), octets(given.message), signed);
        return [digits(made), await verify(made), await verify(other)] as const;
      },
      { name, privateKey, publicKey, message },
    );
    expect([right, wrong]).toEqual([true, false]);
    expect(signature).toBe(toHex(await nodeSignatures.sign(fromHex(privateKey), fromHex(message))));
  });
});
