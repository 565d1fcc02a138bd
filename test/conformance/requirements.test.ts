/** The catalogues of requirements: complete against the index of each RFC's sentences, and sound in themselves. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { capture, catalogue, live, machine, must, restated, rule, sameAs } from '../../conformance/requirements/define.ts';
import { catalogues, idsDecidedBy, partsOf, requirement } from '../../conformance/requirements/index.ts';
import type { Requirement } from '../../conformance/requirements/index.ts';

/** The index of an RFC's sentences with a keyword, from `vectors/requirements`. */
function sentences(rfc: number): readonly { readonly id: string; readonly level: string; readonly line: number }[] {
  const text = readFileSync(new URL(`../../vectors/requirements/rfc${rfc}.tsv`, import.meta.url), 'utf8');
  const rows = text.split('\n').filter((row) => row.startsWith('RFC'));
  return rows.map((row) => {
    const [id = '', level = '', line = ''] = row.split('\t');
    return { id, level, line: Number(line) };
  });
}

const all = catalogues.flatMap((each) => each.requirements);
const byId = (id: string): Requirement => {
  const found = all.find((each) => each.id === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
};
const isRule = ({ id }: Requirement): boolean => /-[a-z]$/.test(id);
const listed = (rfc: number): readonly Requirement[] => catalogues.find((each) => each.rfc === rfc)?.requirements ?? [];
/** The sentence `id`, or its parts. */
const listedParts = (id: string): readonly Requirement[] => all.filter((each) => each.id === id || each.id.startsWith(`${id}/`));

describe.each([
  { rfc: 8684, count: 151, captured: 60, rules: 30 },
  { rfc: 6824, count: 116, captured: 60, rules: 30 },
  { rfc: 6356, count: 4, captured: 0, rules: 0 },
  { rfc: 6275, count: 603, captured: 150, rules: 50 },
  { rfc: 5533, count: 111, captured: 45, rules: 50 },
  { rfc: 5534, count: 40, captured: 17, rules: 12 },
  { rfc: 3972, count: 37, captured: 6, rules: 1 },
  { rfc: 4581, count: 1, captured: 1, rules: 0 },
  { rfc: 4982, count: 2, captured: 0, rules: 0 },
  { rfc: 5535, count: 4, captured: 3, rules: 5 },
])('the catalogue of RFC $rfc', ({ rfc, count, captured, rules }) => {
  const requirements = listed(rfc);

  test('lists every sentence with a keyword, whole or split into numbered parts, at its section, level and line', () => {
    const index = sentences(rfc);
    expect(index).toHaveLength(count);
    for (const { id, level, line } of index) {
      const parts = listedParts(id);
      expect(parts.map((part) => part.id)).toEqual(parts.length === 1 ? [id] : parts.map((_, at) => `${id}/${at + 1}`));
      expect({ id, found: parts.length > 0 }).toEqual({ id, found: true });
      expect({ id, levels: parts.map((part) => part.level) }).toEqual({ id, levels: expect.arrayContaining([level]) });
      for (const part of parts) {
        expect(part).toMatchObject({ line, section: id.slice(`RFC${rfc}-`.length, id.lastIndexOf('-')) });
        expect(part.level).not.toBe('RULE');
      }
    }
  });

  test('lists besides them only rules, lettered within their section without a gap', () => {
    const known = new Set(sentences(rfc).flatMap(({ id }) => listedParts(id).map((part) => part.id)));
    const rest = requirements.filter(({ id }) => !known.has(id));
    expect(rest.filter((each) => !isRule(each))).toEqual([]);
    expect(rest.filter(({ level }) => level !== 'RULE' && level !== 'SHOULD')).toEqual([]);
    for (const section of new Set(rest.map((each) => each.section))) {
      const letters = rest.filter((each) => each.section === section).map(({ id }) => id.slice(id.lastIndexOf('-') + 1));
      expect({ section, letters }).toEqual({ section, letters: letters.map((_, at) => String.fromCharCode(97 + at)) });
    }
  });

  test('decides most of what it lists from a capture, and says of the rest why not', () => {
    const decided = requirements.filter(({ disposition }) => disposition === 'capture');
    expect(decided.filter((each) => !isRule(each)).length).toBeGreaterThanOrEqual(captured);
    expect(decided.filter(isRule).length).toBeGreaterThanOrEqual(rules);
    expect(decided.filter(({ reason }) => reason !== undefined)).toEqual([]);
    expect(requirements.filter(({ disposition, reason }) => disposition !== 'capture' && !reason?.endsWith('.'))).toEqual([]);
    expect(decided.filter(({ level }) => level === 'MAY' || level === 'OPTIONAL')).toEqual([]);
  });

  test('states each requirement once, as one sentence without the keywords of the RFC', () => {
    const statements = requirements.map(({ statement }) => statement);
    expect(new Set(statements).size).toBe(statements.length);
    expect(statements.filter((statement) => !/^[A-Z].{19,}\.$/.test(statement))).toEqual([]);
    expect(statements.filter((statement) => /\b(?:MUST|SHOULD|MAY|RECOMMENDED|SHALL)\b/.test(statement))).toEqual([]);
  });
});

describe('a restatement', () => {
  test('names a requirement that exists, never leads back to itself, and is decided as that is', () => {
    for (const start of all) {
      const met = new Set<string>();
      for (let at = start; at.sameAs !== undefined; at = byId(at.sameAs)) {
        expect(met).not.toContain(at.id);
        met.add(at.id);
        expect({ id: at.id, disposition: byId(at.sameAs).disposition }).toEqual({ id: at.id, disposition: at.disposition });
      }
    }
  });

  test('stays within its RFC, and of RFC 6824 names RFC 8684', () => {
    const rfcOf = (id: string): string => id.replace('RFC6824-', 'RFC8684-').slice(0, 8);
    expect(all.filter(({ id, sameAs: target }) => target !== undefined && !target.startsWith(rfcOf(id)))).toEqual([]);
  });

  test('of a permission is a permission', () => {
    expect(all.filter(({ level, sameAs: target }) => target !== undefined && (level === 'MAY') !== (byId(target).level === 'MAY'))).toEqual(
      [],
    );
  });
});

describe('what our own machines enforce', () => {
  test('names the tests that show it, which exist', () => {
    const text = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    for (const { id, disposition, tests } of all) {
      expect({ id, tested: (tests ?? []).length > 0 }).toEqual({ id, tested: disposition === 'machine' });
      for (const each of tests ?? []) {
        const [file = '', ...name] = each.split(': ');
        expect({ id, name: each, exists: text(file).includes(name.join(': ')) }).toEqual({ id, name: each, exists: true });
      }
    }
  });
});

describe('what a check decides', () => {
  test.each([
    { id: 'RFC8684-3-2', version: 1, ids: ['RFC8684-3-2', 'RFC8684-3.4.1-15/2', 'RFC8684-4-3'] },
    { id: 'RFC8684-3-2', version: null, ids: ['RFC8684-3-2', 'RFC8684-3.4.1-15/2', 'RFC8684-4-3'] },
    { id: 'RFC8684-3-2', version: 0, ids: ['RFC6824-3-2', 'RFC6824-3.4.1-14/2', 'RFC6824-4-3'] },
    { id: 'RFC8684-3.1-19', version: 1, ids: ['RFC8684-3.1-19', 'RFC8684-3.1-21', 'RFC8684-3.1-31'] },
    { id: 'RFC8684-3.1-19', version: 0, ids: ['RFC6824-3.1-12', 'RFC6824-3.1-14', 'RFC6824-3.1-22'] },
    { id: 'RFC8684-3.4.1-a', version: 1, ids: ['RFC8684-3.4.1-a'] },
    { id: 'RFC8684-3.4.1-a', version: 0, ids: [] },
    { id: 'RFC8684-9-9', version: 1, ids: [] },
  ] as const)('$id on a connection of version $version is reported as $ids', ({ id, version, ids }) => {
    expect(idsDecidedBy(id, version)).toEqual(ids);
  });

  test('together they decide every requirement of disposition capture, each by one check', () => {
    const roots = listed(8684).filter(({ disposition, sameAs: target }) => disposition === 'capture' && target === undefined);
    for (const version of [1, 0] as const) {
      const ids = roots.flatMap(({ id }) => idsDecidedBy(id, version));
      const captured = listed(version === 1 ? 8684 : 6824).filter(({ disposition }) => disposition === 'capture');
      expect(new Set(ids)).toEqual(new Set(captured.map(({ id }) => id)));
      expect(ids).toHaveLength(captured.length);
    }
  });
});

describe('finding a requirement', () => {
  test('an id that nobody lists gives nothing', () => {
    expect(requirement('RFC8684-3.2-99')).toBeUndefined();
    expect(partsOf('RFC8684-3.2-99')).toEqual([]);
  });

  test('a split sentence gives its parts in order', () => {
    expect(requirement('RFC8684-3.2-4')).toBeUndefined();
    expect(partsOf('RFC8684-3.2-4').map(({ role }) => role)).toEqual(['subflow acceptor', 'subflow opener']);
    expect(partsOf('RFC8684-3.2-4/2').map(({ id }) => id)).toEqual(['RFC8684-3.2-4/2']);
  });
});

describe('writing a catalogue down', () => {
  const duty = must('1-1', 1, 'any host', 'Do this.', live('Takes an endpoint.'));

  test('a restatement takes its disposition and reason, and where it is silent role and statement, from what it restates', () => {
    const newer = catalogue(2, 'newer', [duty]);
    const { requirements } = catalogue(1, 'older', [restated('SHOULD', 'A.1-1', 7, 'RFC2-1-1')], newer);
    expect(requirements).toEqual([
      {
        id: 'RFC1-A.1-1',
        section: 'A.1',
        level: 'SHOULD',
        role: 'any host',
        disposition: 'live',
        reason: 'Takes an endpoint.',
        statement: 'Do this.',
        line: 7,
        sameAs: 'RFC2-1-1',
      },
    ]);
  });

  test('a restatement may be of another RFC, and takes from there what our machines are tested by', () => {
    const decision = machine('Our machine never does it.', 'test/x.test.ts: never does it');
    const other = catalogue(2, 'other', [must('1-1', 1, 'any host', 'Do this.', decision)]);
    expect(catalogue(1, 'one', [restated('MUST', '1-1', 7, 'RFC2-1-1')], catalogue(3, 'third', []), other).requirements).toMatchObject([
      { id: 'RFC1-1-1', disposition: 'machine', tests: ['test/x.test.ts: never does it'] },
    ]);
  });

  test.each([
    { fault: 'an id that comes twice', drafts: [duty, duty], says: 'RFC1-1-1 is listed twice' },
    {
      fault: 'a restatement of nothing',
      drafts: [rule('1-a', 1, 'any host', 'So.', sameAs('RFC1-9-9'))],
      says: 'RFC1-1-a restates RFC1-9-9',
    },
    {
      fault: 'a circle of restatements',
      drafts: [restated('RULE', '1-a', 1, 'RFC1-1-b'), restated('RULE', '1-b', 1, 'RFC1-1-a')],
      says: 'RFC1-1-a restates itself: RFC1-1-a, RFC1-1-b, RFC1-1-a',
    },
    {
      fault: 'a requirement without a statement',
      drafts: [{ level: 'MUST', ref: '1-1', line: 1, decision: capture } as const],
      says: 'RFC1-1-1 has no role',
    },
  ])('$fault is refused', ({ drafts, says }) => {
    expect(() => catalogue(1, 'faulty', drafts)).toThrow(new RegExp(`^${says}`));
    expect(() => catalogue(1, 'faulty', drafts)).toThrow(RangeError);
  });
});
