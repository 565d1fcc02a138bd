/** What decides the requirements of RFC 6275, by the ground that the IPv6 Ready test suites of Mobile IPv6 cover: the listing in the catalogue's folder. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { catalogues } from '../../conformance/requirements/index.ts';

const listed = catalogues.filter(({ rfc }) => rfc === 6275).flatMap(({ requirements }) => requirements);
const text = readFileSync(new URL('../../conformance/requirements/rfc6275/IPV6-READY.md', import.meta.url), 'utf8');
/** The lines of its tables: topic, sections, and how many requirements are decided how. */
const rows = text
  .split('\n')
  .filter((line) => /^\| .* \| [\d.B]/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** Whether a section is one of these, or within one of them. */
const within = (section: string, sections: readonly string[]): boolean =>
  sections.some((each) => section === each || section.startsWith(`${each}.`));

test('the listing counts what the catalogue has', () => {
  for (const [, topic, sections = '', ...counts] of rows) {
    const chosen = listed.filter(({ section }) => within(section, sections.split(', ')));
    const count = (...dispositions: readonly string[]): string =>
      String(chosen.filter(({ disposition }) => dispositions.includes(disposition)).length);
    expect([topic, ...counts.slice(0, 4)]).toEqual([topic, count('capture'), count('machine'), count('live'), count('unobservable')]);
  }
});

test('and leaves no section of the catalogue out', () => {
  const sections = rows.flatMap(([, , cell = '']) => cell.split(', '));
  expect([...new Set(listed.map(({ section }) => section))].filter((section) => !within(section, sections))).toEqual([]);
});
