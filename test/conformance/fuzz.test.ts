/** 5,000 mutated captures: reading, following, judging and reporting never throw, and end; what was read before damage is reported. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createChecker } from '../../conformance/check.ts';
import { writers } from '../../conformance/report/index.ts';
import { mutate, partsOf, randomOf } from './mutations.ts';

const SMALL = 20_000;
const folder = join(import.meta.dirname, '..', '..', 'vectors', 'captures');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.pcap(ng)?$/.test(name))
  .toSorted()
  .map((name) => ({ name, bytes: Uint8Array.from(readFileSync(join(folder, name))) }))
  .filter(({ bytes }) => bytes.length <= SMALL);

const FILES = 5000;
const GROUPS = 10;

describe('mutated captures', () => {
  test('there are sources of both containers', () => {
    expect(sources.filter(({ name }) => name.endsWith('.pcapng')).length).toBeGreaterThan(1);
    expect(sources.filter(({ name }) => name.endsWith('.pcap')).length).toBeGreaterThan(15);
    for (const { bytes } of sources) expect(partsOf(bytes).length).toBeGreaterThan(3);
  });

  test.each(Array.from({ length: GROUPS }, (_, group) => group))(
    `group %i of ${FILES / GROUPS}: no throw, and a report that holds together`,
    (group) => {
      let frames = 0;
      for (let i = 0; i < FILES / GROUPS; i += 1) {
        const seed = group * (FILES / GROUPS) + i;
        const random = randomOf(seed);
        const { name, bytes } = sources[random(sources.length)]!;
        const file = mutate(bytes, sources[random(sources.length)]!.bytes, random);
        try {
          const checker = createChecker({ hashes: seed % 3 === 0 });
          const cut = random(file.length + 1);
          checker.push(file.subarray(0, cut));
          checker.push(file.subarray(cut));
          const report = checker.finish(name);
          frames += report.frames;
          const known = new Set(report.conversations.map(({ id }) => id));
          for (const { conversation, frames: evidence, verdict, count } of report.verdicts) {
            if (conversation !== null && !known.has(conversation)) throw new Error(`no conversation ${conversation}`);
            if (evidence.length > (verdict === 'pass' ? 8 : 1000) || count < 1) throw new Error(`${evidence.length} frames for ${count}`);
            if (evidence.some((frame) => frame < 1 || frame > report.frames))
              throw new Error(`frames ${evidence.join()} of ${report.frames}`);
          }
          if (seed % 50 === 0) {
            const summary = { pass: 0, warn: 0, fail: 0, inconclusive: 0, notExercised: 0 };
            const context = { statementOf: () => undefined, strict: false, colour: false };
            for (const write of Object.values(writers)) write({ schema: 1, polypath: '0.0.0', captures: [report], summary }, context);
          }
        } catch (error) {
          throw new Error(`seed ${seed}, ${name}`, { cause: error });
        }
      }
      expect(frames).toBeGreaterThan(1000);
    },
  );
});
