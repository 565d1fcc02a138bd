/**
 * The checks of RFC 8684 sections 3.3.8, 3.4, 3.5, 3.6 and 3.9, each with a conversation that keeps its rule and one that breaks it; then
 * what must not be called a breach: NATs, gaps, other versions. Last, captures of a real implementation.
 */
import { conversationsOf } from '../../conformance/report/report.ts';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { AddAddrV1 } from '../../codecs/mptcp/index.ts';
import { createChecker } from '../../conformance/check.ts';
import type { CaptureReport, Verdict } from '../../conformance/report/report.ts';
import { mptcpChecks as checks } from '../../conformance/checks/index.ts';
import { catalogues, requirement } from '../../conformance/requirements/index.ts';
import { Talk } from '../arbitraries/conversation.ts';
import type { Setup } from '../arbitraries/conversation.ts';
import { addressCases } from './signals/addresses.ts';
import { B2, announce, echo, fastclose, goOn, prio, remove, run, tcprst } from './signals/case.ts';
import type { Case } from './signals/case.ts';
import { closingCases } from './signals/closing.ts';

const report = (capture: Uint8Array): CaptureReport => {
  const checker = createChecker();
  checker.push(capture);
  return checker.finish('test.pcap');
};

const verdictsOn = (talk: Talk, id: string): readonly Verdict[] => report(talk.pcap()).verdicts.filter((each) => each.requirement === id);

const cases: readonly Case[] = [...addressCases, ...closingCases];

describe.each(cases.map((each) => [`${each.id}: ${each.says}`, each] as const))('%s', (_, each) => {
  test('kept', () => {
    const { talk } = run(each, each.kept);
    expect(verdictsOn(talk, each.id).filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  });

  test('broken, with the frame that shows it', () => {
    const { talk, frame } = run(each, each.broken);
    expect(frame).toBeGreaterThan(0);
    const found = verdictsOn(talk, each.id).filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    expect(found.map(({ verdict, host }) => `${verdict} ${host}`)).toEqual([`${each.verdict} ${each.host}`]);
    const [{ frames, message, expected, seen }] = found as [Verdict];
    expect(frames).toContain(frame);
    expect([message, expected, seen].every((text) => text !== null && text.length > 0)).toBe(true);
  });
});

test('each rule is kept by a conversation that gives it a pass, where keeping it shows', () => {
  // What forbids an answer is kept by silence.
  const silent = ['RFC8684-3.4.1-8'];
  const without = cases.filter(
    (each) => !silent.includes(each.id) && !verdictsOn(run(each, each.kept).talk, each.id).some(({ verdict }) => verdict === 'pass'),
  );
  expect(without.map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
});

test('all that these sections leave to a capture is checked', () => {
  const sections = ['3.3.8', '3.4.1', '3.4.2', '3.5', '3.6', '3.9.1', '3.9.2', '3.9.3'];
  const checked = new Set(checks.map((each) => each.requirement));
  const due = catalogues
    .find(({ rfc }) => rfc === 8684)!
    .requirements.filter(
      ({ section, disposition, sameAs }) => sections.includes(section) && disposition === 'capture' && sameAs === undefined,
    );
  expect(due.length).toBeGreaterThan(30);
  expect(due.filter(({ id }) => !checked.has(id)).map(({ id }) => id)).toEqual([]);
});

/** What might look like a breach and is none, or cannot be told from one: the verdicts that it may have. */
/** A fast close on RSTs, of which the second has NOPs in place of its MP_FASTCLOSE. */
const secondRst = (nops: number): Talk => {
  const talk = new Talk();
  const first = talk.established();
  const path = talk.join();
  first.rst('a', [fastclose(talk, 'b'), tcprst()]);
  path.rst('a', [...Array.from({ length: nops }, () => Uint8Array.of(1)), tcprst()]);
  return talk;
};

const innocent: readonly { readonly says: string; readonly id: string; readonly talk: () => Talk; readonly verdicts: readonly string[] }[] =
  [
    {
      says: 'a NAT: the address that was announced is not the one that the join comes from',
      id: 'RFC8684-3.2-d',
      verdicts: ['inconclusive'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        announce(first, 'a', talk.addAddr('a', 1, '192.168.0.2'));
        talk.join({ addresses: ['10.0.2.1', '10.0.9.1'], ids: [1, 0], until: 'syn' });
        return talk;
      },
    },
    {
      says: 'a NAT that is known from another subflow explains two source addresses',
      id: 'RFC8684-3.2-i',
      verdicts: ['pass', 'pass'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        announce(first, 'a', talk.addAddr('a', 1, '192.168.0.2'));
        talk.join({ addresses: ['10.0.2.1', '10.0.9.1'], ids: [1, 0] });
        talk.join({ addresses: ['10.0.3.1', '10.0.9.1'], ids: [0, 0], until: 'syn' });
        return talk;
      },
    },
    {
      says: 'an ADD_ADDR whose Address ID a join showed with another, translated address',
      id: 'RFC8684-3.4.1-2',
      verdicts: ['inconclusive'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        talk.join({ ids: [1, 0] });
        first.signal('a', [talk.addAddr('a', 1, '192.168.0.2')]);
        return talk;
      },
    },
    {
      says: 'the ADD_ADDR that is echoed was lost from a capture with gaps',
      id: 'RFC8684-3.4.1-b',
      verdicts: ['inconclusive'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        first.data('b', 100, { hidden: true });
        first.signal('b', [talk.addAddr('b', 1, B2)], { hidden: true });
        first.ack('a');
        first.signal('a', [echo(talk.addAddr('b', 1, B2))]);
        return talk;
      },
    },
    {
      says: 'a REMOVE_ADDR for a subflow that was not captured, as gaps in the data show',
      id: 'RFC8684-3.4.2-a',
      verdicts: ['inconclusive'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        talk.take('a', 1000);
        first.ack('b');
        first.signal('a', [remove(7)]);
        return talk;
      },
    },
    {
      says: 'an ADD_ADDR that may never have arrived is not echoed',
      id: 'RFC8684-3.4.1-c',
      verdicts: ['inconclusive'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        first.signal('b', [talk.addAddr('b', 1, B2)]);
        goOn(first, 5000);
        return talk;
      },
    },
    {
      says: 'an echo may repeat flags that nobody may heed',
      id: 'RFC8684-3.4.1-9/1',
      verdicts: ['fail'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const option = { ...(talk.addAddr('b', 1, B2) as AddAddrV1), reserved: 1 };
        first.signal('b', [option]);
        first.signal('a', [{ ...echo(option), reserved: 1 }]);
        return talk;
      },
    },
    {
      says: 'a backup subflow is used once the other one stalls',
      id: 'RFC8684-3.3.8-1',
      verdicts: ['pass'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const path = talk.join({ backup: true });
        first.data('b', 100);
        path.again('b', 100, new Uint8Array(100).fill(100), { after: 400 });
        path.ack('a');
        return talk;
      },
    },
    {
      says: 'a backup subflow is used once the other one is closed',
      id: 'RFC8684-3.3.8-1',
      verdicts: ['pass'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const path = talk.join({ backup: true });
        first.finish();
        path.data('b', 100);
        return talk;
      },
    },
    {
      says: 'data overtaken by MP_FASTCLOSE on another path',
      id: 'RFC8684-3.5-b',
      verdicts: ['warn'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const path = talk.join();
        first.signal('a', [fastclose(talk, 'b')]);
        path.data('a', 100);
        return talk;
      },
    },
    {
      says: 'an MP_FASTCLOSE that may never have arrived',
      id: 'RFC8684-3.5-c',
      verdicts: ['inconclusive'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        first.signal('a', [fastclose(talk, 'b')]);
        first.data('b', 10);
        return talk;
      },
    },
    {
      says: 'a join whose third packet is acknowledged after MP_FASTCLOSE on RSTs: it was no subflow then',
      id: 'RFC8684-3.5-d',
      verdicts: ['pass'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const path = talk.join({ until: 'ack' });
        first.rst('a', [fastclose(talk, 'b')]);
        path.ack('b');
        path.rst('a');
        return talk;
      },
    },
    {
      says: 'a subflow of a removed address is reset after both DATA_FINs',
      id: 'RFC8684-3.3.3-3',
      verdicts: [],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const path = talk.join();
        first.dataFin('a');
        first.dataFin('b');
        first.ack('a');
        first.signal('b', [remove(0)]);
        path.rst('a');
        return talk;
      },
    },
    {
      says: 'a RST whose MP_FASTCLOSE was overwritten with NOPs on its way (section 6)',
      id: 'RFC8684-3.5-d',
      verdicts: ['inconclusive'],
      talk: () => secondRst(12),
    },
    {
      says: 'three NOPs on a RST align what follows: nothing was overwritten',
      id: 'RFC8684-3.5-d',
      verdicts: ['fail'],
      talk: () => secondRst(3),
    },
    {
      says: 'a subflow that was refused for a while only',
      id: 'RFC8684-3.6-6',
      verdicts: [],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        talk.join().rst('b', [tcprst({ transient: true })]);
        goOn(first);
        talk.join({ ports: [40_001, 5001] });
        return talk;
      },
    },
    {
      says: 'joins that were under way when the first of them failed',
      id: 'RFC8684-3.9.3-3',
      verdicts: ['pass'],
      talk: () => {
        const talk = new Talk();
        const first = talk.established();
        const waiting = talk.join({ until: 'syn' });
        talk.join({ addresses: ['10.0.3.1', '10.0.9.1'], ids: [2, 0], until: 'refused' });
        waiting.rst('b');
        goOn(first);
        return talk;
      },
    },
  ];

test.each(innocent.map((each) => [each.says, each] as const))('%s', (_, { id, talk, verdicts }) => {
  expect(verdictsOn(talk(), id).map(({ verdict }) => verdict)).toEqual(verdicts);
});

test.each([
  ['a conversation of version 1 over IPv4', {}],
  ['of version 1 over IPv6 with checksums', { addresses: ['2001:db8:1::1', '2001:db8:9::1'], checksum: true }],
  ['of version 0 over IPv4 with checksums', { version: 0, checksum: true }],
  ['of version 0 over IPv6', { version: 0, addresses: ['2001:db8:1::1', '2001:db8:9::1'] }],
] as const)('%s that does all of this breaks nothing', (_, setup: Setup) => {
  const talk = new Talk(setup);
  const first = talk.established();
  const [, to] = setup.addresses ?? ['10.0.1.1', '10.0.9.1'];
  const from = setup.addresses === undefined ? ['10.0.2.1', '10.0.3.1'] : ['2001:db8:2::1', '2001:db8:3::1'];
  const added = talk.addAddr('a', 1, from[0]!);
  first.signal('a', [added]);
  if (talk.version === 1) first.signal('b', [echo(added)]);
  const path = talk.join({ addresses: [from[0]!, to], ids: [1, 0] });
  const spare = talk.join({ addresses: [from[1]!, to], ids: [2, 0], backup: true });
  goOn(path);
  path.signal('a', [prio()]);
  path.signal('a', [remove(1)], { after: 1000 });
  path.finish();
  goOn(first);
  first.signal('a', [fastclose(talk, 'b')]);
  spare.rst('a');
  first.rst('b');
  const { verdicts } = report(talk.pcap());
  expect(verdicts.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ requirement: id }) => id)).toEqual([]);
  const rfc = talk.version === 0 ? 6824 : 8684;
  expect(verdicts.every((each) => each.requirement.startsWith(`RFC${rfc}-`) && requirement(each.requirement) !== undefined)).toBe(true);
});

test('a capture on both sides of a NAT shows each subflow once, and nothing broken', () => {
  const talk = new Talk({ addresses: ['192.168.1.1', '10.0.9.1'], beyond: ['10.0.1.1', '10.0.9.1'] });
  const first = talk.established();
  const path = talk.join({ addresses: ['192.168.2.1', '10.0.9.1'], beyond: ['10.0.2.1', '10.0.9.1'] });
  talk.join({ addresses: ['192.168.3.1', '10.0.9.1'], beyond: ['10.0.3.1', '10.0.9.1'], ids: [2, 0], until: 'refused' });
  goOn(path);
  goOn(first);
  talk.first.dataFin('a');
  talk.first.dataFin('b');
  talk.first.ack('a');
  first.finish();
  path.finish();
  const found = report(talk.pcap());
  const { verdicts } = found;
  expect(conversationsOf(found, 'mptcp').map(({ subflows, outcome }) => `${outcome} ${subflows.length}`)).toEqual(['data-fin 2']);
  expect(verdicts.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  expect(verdicts.filter(({ verdict }) => verdict === 'warn').map(({ requirement: id }) => id)).toEqual(['RFC8684-3.2-g']);
});

const SECTIONS = /^RFC8684-(3\.3\.8|3\.4\.|3\.5|3\.6|3\.9)/;
/** Linux takes a new port for each subflow. */
const OWN_PORT = 'RFC8684-3.9.1-3';

test.each(['add_addr_port', 'add_addr_v4', 'add_addr_v6', 'fastclose_client', 'fullmesh', 'join_refused', 'remove_addr', 'subflows2'])(
  'Linux, %s: all that is decided is met',
  (name) => {
    const { verdicts } = report(readFileSync(`vectors/captures/mptcp/${name}.pcap`));
    const found = verdicts.filter((each) => SECTIONS.test(each.requirement));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ verdict, requirement: id }) => verdict !== 'pass' && id !== OWN_PORT)).toEqual([]);
  },
);
