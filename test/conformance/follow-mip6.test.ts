/** Mobile IPv6 followed through captures: which mobile nodes there are, where they were, and which bindings they had with whom (RFC 6275 sections 9.1, 10.1, 11.1). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { mip6Checks } from '../../conformance/checks/index.ts';
import { conversationsOf } from '../../conformance/report/report.ts';
import { catalogues } from '../../conformance/requirements/index.ts';
import { check } from './following.ts';

const capture = (name: string): Uint8Array => readFileSync(new URL(`../../vectors/captures/umip/${name}.pcap`, import.meta.url));

/** Of each mobile node: home address, home agent, care-of addresses, and bindings as `kind at careOf lifetime from-until`. */
const followed = (name: string): readonly string[] =>
  conversationsOf(check(capture(name)), 'mip6').flatMap(({ homeAddress, homeAgent, careOfAddresses, bindings }) => [
    `${homeAddress} of ${homeAgent ?? 'nobody'}: ${careOfAddresses.map(({ address, fromFrame }) => `${address.slice(0, 12)} ${fromFrame}`).join(', ')}`,
    ...bindings.map(
      ({ at, kind, careOfAddress, sequence, lifetime, fromFrame, untilFrame }) =>
        `  ${kind} at ${at}: ${careOfAddress.slice(0, 12)} #${sequence} ${lifetime} s ${fromFrame}-${untilFrame ?? ''}`,
    ),
  ]);

describe('UMIP: bindings over time', () => {
  test('a mobile node that moves, loses its binding at the correspondent twice, and returns home, seen at the mobile node', () => {
    expect(followed('a-basic-mn')).toEqual([
      '2001:db8:1::100 of 2001:db8:1::1: 2001:db8:2:0 37, 2001:db8:3:0 123',
      '  home at 2001:db8:1::1: 2001:db8:2:0 #56442 120 s 41-126',
      '  correspondent at 2001:db8:4::2: 2001:db8:2:0 #20958 40 s 56-147',
      '  home at 2001:db8:1::1: 2001:db8:3:0 #56443 120 s 126-559',
      '  correspondent at 2001:db8:4::2: 2001:db8:3:0 #20959 40 s 147-336',
      '  correspondent at 2001:db8:4::2: 2001:db8:3:0 #20960 40 s 383-396',
      '  correspondent at 2001:db8:4::2: 2001:db8:3:0 #20961 40 s 396-462',
      '  correspondent at 2001:db8:4::2: 2001:db8:3:0 #18601 40 s 470-562',
    ]);
  });

  test('two mobile nodes that are correspondents of each other, bindings without an acknowledgement among them', () => {
    expect(followed('e-mn-mn-mn')).toEqual([
      '2001:db8:1::100 of 2001:db8:1::1: 2001:db8:2:0 9, 2001:db8:3:0 167',
      '  home at 2001:db8:1::1: 2001:db8:2:0 #32565 120 s 12-170',
      '  correspondent at 2001:db8:1::200: 2001:db8:2:0 #5406 40 s 35-191',
      '  correspondent at 2001:db8:4::2: 2001:db8:2:0 #36266 40 s 111-190',
      '  home at 2001:db8:1::1: 2001:db8:3:0 #32566 120 s 170-271',
      '  correspondent at 2001:db8:4::2: 2001:db8:3:0 #36267 40 s 190-274',
      '  correspondent at 2001:db8:1::200: 2001:db8:3:0 #5407 40 s 191-276',
      '2001:db8:1::200 of nobody: 2001:db8:3:0 38',
      '  correspondent at 2001:db8:1::100: 2001:db8:3:0 #5406 40 s 39-175',
      '  correspondent at 2001:db8:1::100: 2001:db8:3:0 #5408 40 s 175-319',
    ]);
  });

  test('registrations that are refused leave no binding and no home agent', () => {
    expect(followed('d-refusals-mn').filter((line) => !line.startsWith(' '))).toEqual([
      '2001:db8:1::101 of nobody: 2001:db8:2:0 8',
      '2001:db8:9::100 of nobody: 2001:db8:2:0 26',
      '2001:db8:1::100 of 2001:db8:1::1: 2001:db8:2:0 41',
      '2001:db8:1::102 of nobody: 2001:db8:2:0 196',
      '2001:db8:1::103 of nobody: 2001:db8:2:0 218',
    ]);
  });
});

describe('UMIP: what speaks against it, of sections 5.2 and 9 to 11', () => {
  const sections = /^RFC6275-(?:5\.2|9|10|11)\./;
  const against = (name: string): readonly string[] =>
    check(capture(name), { rfcs: [6275] })
      .verdicts.filter(
        ({ requirement, verdict, message }) =>
          sections.test(requirement) && (verdict === 'fail' || (verdict === 'warn' && !/ESP|IPsec/.test(message))),
      )
      .map(({ requirement, verdict, host, frames }) => `${verdict} ${requirement} ${host} ${frames.join(' ')}`);

  // vectors/captures/UMIP.md argues each.
  test.each<[string, readonly string[]]>([
    ['a-basic-mn', ['warn RFC6275-9.1-5/2 b 396 462']],
    ['a-basic-cn', ['warn RFC6275-9.1-5/2 b 306 359']],
    ['a-basic-ha-core', []],
    ['a-basic-ha-home', []],
    ['b-dhaad-mn', ['fail RFC6275-10.3.1-24 b 20 22']],
    ['b-dhaad-ha-core', ['fail RFC6275-10.3.1-24 b 8 10']],
    ['b-dhaad-ha-home', ['fail RFC6275-10.3.1-24 b 32 34', 'fail RFC6275-10.4.1-7 b 29', 'fail RFC6275-10.4.1-9 b 29']],
    ['d-refusals-mn', ['fail RFC6275-11.7.2-17 a 253 280']],
    ['d-refusals-cn', ['fail RFC6275-11.7.2-17 a 62']],
    ['d-refusals-ha-core', ['fail RFC6275-11.7.2-17 a 107']],
    ['e-mn-mn-mn', []],
    ['e-mn-mn-mn2', []],
    ['e-mn-mn-ha-core', []],
  ])('%s', (name, expected) => {
    expect(against(name)).toEqual(expected);
  });
});

describe('the checks of sections 5.2 and 9 to 11', () => {
  test('decide every requirement of these sections that the catalogue says a capture decides, and nothing else', () => {
    const mine = /^RFC6275-(?:5\.2|9|10|11|12|13)\./;
    const listed = catalogues.filter(({ rfc }) => rfc === 6275).flatMap(({ requirements }) => requirements);
    const roots = listed.filter(({ id, disposition, sameAs }) => mine.test(id) && disposition === 'capture' && sameAs === undefined);
    const decided = new Set(mip6Checks.map(({ requirement }) => requirement).filter((id) => mine.test(id)));
    expect([...decided].toSorted()).toEqual(roots.map(({ id }) => id).toSorted());
  });
});
