/** Holds the cases of a group of sections to what they say. */
import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '../../../conformance/report/report.ts';
import { check, inVersion, named, problems, run, unique, versionsOf, without } from './case.ts';
import type { Case, Innocent } from './case.ts';

const title = ({ id, says }: Case, version: number): string =>
  `${id.replace('RFC8684-', '')}: ${says}${version === 0 ? ' (version 0)' : ''}`;
const inVersions = (cases: readonly Case[]) =>
  cases.flatMap((each) => versionsOf(each).map((version) => [title(each, version), each, version] as const));

/** Declares the tests of the cases: kept gives a pass and blames nobody, broken blames the right host, for this and nothing else. */
export const holdCases = (cases: readonly Case[]): void => {
  const all = inVersions(cases);

  describe('kept', () => {
    test.each(all.filter(([, { kept }]) => kept !== undefined))('%s', (_, each, version) => {
      const { report } = run(each, version, each.kept!);
      expect(unique(problems(report).map(named))).toEqual(unique(inVersion(each.provoked ?? [], version)));
      const ids = inVersion([`${each.id} ${each.host}`], version);
      const found = report.verdicts.filter((verdict) => ids.includes(named(verdict)));
      expect(found.map(({ verdict }) => verdict)).toContain('pass');
      expect(found.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    });
  });

  describe('broken', () => {
    test.each(all.filter(([, { broken }]) => broken !== undefined))('%s', (_, each, version) => {
      const { report, frame } = run(each, version, each.broken!);
      const ids = inVersion([`${each.id} ${each.host}`], version);
      expect(unique(problems(report).map(named))).toEqual(
        unique([...ids, ...inVersion([...(each.also ?? []), ...(each.provoked ?? [])], version)]),
      );
      const found = problems(report).filter((verdict) => ids.includes(named(verdict)));
      expect(frame).toBeGreaterThan(0);
      for (const { frames, message, expected, seen } of found) {
        expect(frames).toContain(frame);
        expect([message, expected, seen].every((text) => text !== null && text.length > 0)).toBe(true);
      }
      const level = ({ verdict }: Verdict): string => verdict;
      expect(found.map(level)).toContain(each.verdict);
    });
  });
};

export const holdInnocents = (innocents: readonly Innocent[]): void => {
  describe('no breach, or none that a capture shows', () => {
    test.each(innocents.map((each) => [each.says, each] as const))(
      '%s',
      (_, { id, verdicts, provoked = [], script, setup, before, without: missing = [] }) => {
        const { pcap } = run(
          { id, says: '', host: 'a', verdict: 'fail', ...(setup && { setup }), ...(before && { before }) },
          setup?.version ?? 1,
          script,
        );
        const report = check(without(pcap, (frame) => missing.includes(frame)));
        expect(report.verdicts.filter(({ verdict }) => verdict === 'fail').map(named)).toEqual(inVersion(provoked, setup?.version ?? 1));
        const found = report.verdicts.filter(({ requirement }) => requirement === id);
        expect(found.map(({ host, verdict }) => `${host} ${verdict}`)).toEqual(verdicts);
      },
    );
  });
};
