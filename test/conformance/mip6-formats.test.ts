/** RFC 6275 sections 4 to 8 decided from captures: what UMIP's recordings keep to. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { mip6Checks } from '../../conformance/checks/index.ts';
import { catalogues } from '../../conformance/requirements/index.ts';
import { check, fails } from './following.ts';
import { formatMutants } from './mip6/formats.ts';
import { mutate } from './mip6/mutation.ts';

const folder = new URL('../../vectors/captures/umip/', import.meta.url);
const captures = readdirSync(folder).filter((name) => name.endsWith('.pcap'));
const capture = (name: string): Uint8Array => readFileSync(new URL(name, folder));

/** What `d-refusals` sends on purpose, made by a script: a message that is too short, options that do not fit, octets behind the message. */
const crafted = ['6.1.1-2', '6.1.1-b', '6.1.7-12', '6.1.7-b', '6.2.1-a'].map((ref) => `RFC6275-${ref}`);

describe('UMIP', () => {
  test.each(captures)('keeps to the formats in %s', (name) => {
    const report = check(capture(name), { rfcs: [6275] });
    const sections = /^RFC6275-(?:[4678]|5\.[145])/;
    const found = fails(report).filter((each) => sections.test(each) && !crafted.some((id) => each.startsWith(id)));
    expect(found).toEqual([]);
    if (!name.startsWith('d-')) expect(fails(report).filter((each) => sections.test(each))).toEqual([]);
    // What is exercised is a pass, not undecided.
    expect(report.verdicts.filter(({ requirement, verdict }) => sections.test(requirement) && verdict === 'inconclusive')).toEqual([]);
    expect(report.verdicts.filter(({ requirement, verdict }) => sections.test(requirement) && verdict === 'pass').length).toBeGreaterThan(
      20,
    );
  });

  test('without IPsec is warned of, no more (section 5.1)', () => {
    const { verdicts } = check(capture('a-basic-mn.pcap'), { rfcs: [6275] });
    expect(verdicts.filter(({ requirement }) => requirement === 'RFC6275-5.1-1').map(({ verdict, host }) => `${host} ${verdict}`)).toEqual([
      'a warn',
      'b warn',
    ]);
  });
});

describe('mutants of UMIP', () => {
  test.each(formatMutants)('$id: $does', ({ id, from, change, host, verdict = 'fail' }) => {
    const { verdicts } = check(mutate(from, change), { rfcs: [6275] });
    const found = verdicts.filter((each) => each.requirement === `RFC6275-${id}` && each.host === host);
    expect(found.map((each) => each.verdict)).toContain(verdict);
    for (const each of found.filter((one) => one.verdict === verdict)) expect(each.frames.length).toBeGreaterThan(0);
  });
});

describe('the checks of sections 4 to 8', () => {
  test('break for a mutant of each MUST and RULE', () => {
    const mine = /^RFC6275-(?:[4678]|5\.[145])/;
    const roots = catalogues
      .flatMap(({ requirements }) => requirements)
      .filter(
        ({ id, level, disposition, sameAs }) =>
          mine.test(id) && disposition === 'capture' && sameAs === undefined && !level.startsWith('SHOULD'),
      );
    expect(roots.length).toBeGreaterThan(60);
    const broken = new Set(formatMutants.map(({ id }) => `RFC6275-${id}`));
    expect(roots.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });

  test('decide every requirement of these sections that the catalogue says a capture decides, and nothing else', () => {
    const mine = /^RFC6275-(?:[4678]|5\.[145])/;
    const listed = catalogues.flatMap(({ requirements }) => requirements);
    const roots = listed.filter(({ id, disposition, sameAs }) => mine.test(id) && disposition === 'capture' && sameAs === undefined);
    const decided = new Set(mip6Checks.map(({ requirement }) => requirement).filter((id) => mine.test(id)));
    expect([...decided].filter((id) => !roots.some((root) => root.id === id))).toEqual([]);
    expect(roots.filter(({ id }) => !decided.has(id)).map(({ id }) => id)).toEqual([]);
  });
});
