/** The Hash2 search of RFC 3972 section 4: its kernels give the same answers, and whoever searches finds the same modifier. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fromHex, toHex } from '../../codecs/bytes.ts';
import * as cga from '../../codecs/cga/index.ts';
import type { Hash2Worker } from '../../codecs/cga/index.ts';
import { anyModifier } from '../arbitraries/index.ts';
import { cgaVectors } from './cga-vectors.ts';

describe('the kernel with vectors', () => {
  const simd = cga.newSimdKernel(cga.portableKernel)!;

  test('is the one that is chosen here', () => {
    expect(simd.name).toBe('wasm-simd');
    expect(cga.fastestKernel().name).toBe('wasm-simd');
  });

  test('gives what the portable one gives: any template, any start, any length of a run', () => {
    const templates = fc.uint8Array({ minLength: 25, maxLength: 330 });
    const starts = fc.oneof(
      anyModifier,
      // The last word, or all of them, wrap within the run.
      fc
        .tuple(anyModifier, fc.integer({ min: 12, max: 15 }), fc.integer({ min: 0, max: 12 }))
        .map(([modifier, octets, from]) => modifier.map((each, i) => (i >= from && i < octets ? 255 : each))),
    );
    fc.assert(
      fc.property(templates, starts, fc.integer({ min: 1, max: 3000 }), (template, from, count) => {
        expect(simd.search(template, 1, from, count)).toEqual(cga.portableKernel.search(template, 1, from, count));
      }),
      { numRuns: 60 },
    );
  });

  test.each(cgaVectors('search').map((v) => [v.name, v] as const))('finds %s', (_, v) => {
    const found = simd.search(fromHex(v.template), v.sec, fromHex(v.from), 2 ** 20);
    if (v.sec > 0) expect([found.tested, toHex(found.found!)]).toEqual([v.distance + 1, v.modifier]);
  });

  test('looks at more than the 32 bits that it sees at once: what fits Sec 2 does not fit Sec 3', () => {
    const fitting = cgaVectors('cga').filter(({ sec }) => sec === 2);
    expect(fitting.length).toBeGreaterThan(4);
    for (const { parameters, modifier } of fitting) {
      const template = fromHex(parameters).fill(0, 16, 25);
      for (const before of [0, 1, 6]) {
        const from = fromHex((BigInt(`0x${modifier}`) - BigInt(before)).toString(16).padStart(32, '0'));
        expect(simd.search(template, 2, from, 10)).toEqual({ tested: before + 1, found: fromHex(modifier) });
        expect(simd.search(template, 2, from, before + 1)).toEqual({ tested: before + 1, found: fromHex(modifier) });
        expect(simd.search(template, 3, from, 10)).toEqual({ tested: 10, found: undefined });
      }
      expect(simd.search(template, 2, fromHex(modifier), 1).tested).toBe(1);
      expect(simd.search(template, 2, cga.addToModifier(fromHex(modifier), 1), 9).found).toBeUndefined();
    }
  });

  test('leaves the template and the start as they are, and keeps neither', () => {
    const { template, from, sec } = cgaVectors('search').find((v) => v.sec === 1)!;
    const [octets, start] = [fromHex(template), fromHex(from)];
    const { found } = simd.search(octets, sec, start, 2 ** 20);
    expect([toHex(octets), toHex(start)]).toEqual([template, from]);
    const kept = toHex(found!);
    simd.search(octets, sec, found!, 1);
    expect(toHex(found!)).toBe(kept);
  });

  test('is absent where WebAssembly is, or has no vectors', () => {
    const place = globalThis as { WebAssembly?: unknown };
    const here = place.WebAssembly;
    try {
      place.WebAssembly = { validate: () => false };
      expect(cga.newSimdKernel(cga.portableKernel)).toBeUndefined();
      delete place.WebAssembly;
      expect(cga.newSimdKernel(cga.portableKernel)).toBeUndefined();
    } finally {
      place.WebAssembly = here;
    }
  });
});

describe('the Hash2 search, RFC 3972 section 4 steps 2 and 3', () => {
  /** Answers late, and the later the fewer turns it was given before: out of order in every way. */
  const worker = (chunk: number, delay: () => number): Hash2Worker => ({
    chunk,
    async search(...run) {
      const result = cga.portableKernel.search(...run);
      for (let turns = delay(); turns > 0; turns--) await Promise.resolve();
      return result;
    },
  });

  test.each(cgaVectors('search').map((v) => [v.name, v] as const))('%s', async (_, v) => {
    const found = await cga.searchModifier(fromHex(v.template), v.sec, fromHex(v.from));
    expect([toHex(found.modifier), found.distance]).toEqual([v.modifier, v.distance]);
  });

  test.each([1, 2, 7])('%d workers that answer in any order give the lowest modifier', async (count) => {
    const v = cgaVectors('search').find(({ distance }) => distance > 20_000 && distance < 40_000)!;
    let turn = 0;
    const workers = Array.from({ length: count }, (_, i) => worker(700 + 311 * i, () => (++turn * 7919) % 53));
    const found = await cga.searchModifier(fromHex(v.template), v.sec, fromHex(v.from), { workers });
    expect([toHex(found.modifier), found.distance]).toEqual([v.modifier, v.distance]);
  });

  test('a later run that finds one first waits for the runs below it', async () => {
    const at = new Set([5, 25, 31]);
    const delays = [40, 1, 1];
    let runs = 0;
    // Modifiers from 0 on; those in `at` fit.
    const fake = (turns: number): Hash2Worker => ({
      chunk: 10,
      async search(_, __, from, count) {
        runs++;
        for (let i = 0; i < turns; i++) await Promise.resolve();
        for (let i = 0; i < count; i++) if (at.has(from[15]! + i)) return { tested: i + 1, found: cga.addToModifier(from, i) };
        return { tested: count, found: undefined };
      },
    });
    const search = () => cga.searchModifier(new Uint8Array(25), 1, new Uint8Array(16), { workers: delays.map(fake) });
    expect(await search()).toMatchObject({ distance: 5 });
    // Nobody was sent above the 25 while the first run was awaited.
    expect(runs).toBeLessThan(6);
    at.delete(5);
    expect(await search()).toMatchObject({ distance: 25 });
  });

  test('the modifier wraps from 2^128 - 1 to 0', () => {
    const last = new Uint8Array(16).fill(255);
    expect(toHex(cga.addToModifier(last, 1))).toBe('00'.repeat(16));
    expect(toHex(cga.addToModifier(last, 2 ** 53 - 1))).toBe(`${'00'.repeat(9)}1ffffffffffffe`);
    fc.assert(
      fc.property(anyModifier, fc.maxSafeNat(), (modifier, add) => {
        const sum = (BigInt(`0x${toHex(modifier)}`) + BigInt(add)) % 2n ** 128n;
        expect(toHex(cga.addToModifier(modifier, add))).toBe(sum.toString(16).padStart(32, '0'));
      }),
    );
  });

  test('Sec 0 takes any modifier', async () => {
    expect(await cga.searchModifier(new Uint8Array(25), 0, new Uint8Array(16).fill(9))).toEqual({
      modifier: new Uint8Array(16).fill(9),
      distance: 0,
    });
  });

  test('it tells its progress and ends when it is aborted, whether it searches here or elsewhere', async () => {
    for (const workers of [undefined, [worker(1000, () => 1), worker(1000, () => 2)]]) {
      const abort = new AbortController();
      const seen: number[] = [];
      const reason = new Error('enough');
      const onProgress = (tested: number): void => {
        seen.push(tested);
        if (seen.length === 2) abort.abort(reason);
      };
      const kernel = { ...cga.portableKernel, chunk: 1000 };
      const options = { signal: abort.signal, onProgress, ...(workers ? { workers } : { kernel }) };
      await expect(cga.searchModifier(new Uint8Array(25), 7, new Uint8Array(16), options)).rejects.toBe(reason);
      expect(seen).toEqual([1000, 2000]);
    }
  });

  test('others run between two runs of one thread, so that they can abort it', async () => {
    const abort = new AbortController();
    setImmediate(() => abort.abort());
    const kernel = { ...cga.portableKernel, chunk: 10 };
    await expect(cga.searchModifier(new Uint8Array(25), 7, new Uint8Array(16), { kernel, signal: abort.signal })).rejects.toThrow(/abort/);
  });

  test('a worker that fails ends the search, and what cannot be searched is said', async () => {
    const broken: Hash2Worker = { chunk: 10, search: () => Promise.reject(new Error('gone')) };
    await expect(cga.searchModifier(new Uint8Array(25), 7, new Uint8Array(16), { workers: [broken] })).rejects.toThrow('gone');
    await expect(cga.searchModifier(new Uint8Array(24), 1, new Uint8Array(16))).rejects.toThrow(/^the template/);
    await expect(cga.searchModifier(new Uint8Array(25), 1, new Uint8Array(8))).rejects.toThrow(/^modifier/);
    await expect(cga.searchModifier(new Uint8Array(25), 8, new Uint8Array(16))).rejects.toThrow(/^sec/);
    await expect(cga.searchModifier(new Uint8Array(25), 1, new Uint8Array(16), { workers: [] })).rejects.toThrow(/^workers/);
  });
});
