/**
 * All cases of the checks together: every requirement that a capture decides is shown to be met and to be broken, and what an incomplete
 * capture of a conversation that keeps its rules shows is laid on nobody.
 */
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../codecs/bytes.ts';
import { LINKTYPE_RAW } from '../../codecs/capture/index.ts';
import type { AddAddrV1 } from '../../codecs/mptcp/index.ts';
import { locateSegment, newSegment } from '../../codecs/packet/index.ts';
import type { Verdict } from '../../conformance/report/report.ts';
import { catalogues, idsDecidedBy } from '../../conformance/requirements/index.ts';
import { Talk } from '../arbitraries/conversation.ts';
import { check, problems, recordsOf, run, unique, versionsOf, without } from './scripts/case.ts';
import type { Case } from './scripts/case.ts';
import { fallbackCases } from './scripts/fallback.ts';
import { initiationCases } from './scripts/initiation.ts';
import { joiningCases } from './scripts/joining.ts';
import { mappingCases } from './scripts/mapping.ts';
import { transferCases } from './scripts/transfer.ts';
import { addressCases } from './signals/addresses.ts';
import { B2, announce, run as runSignals } from './signals/case.ts';
import { closingCases } from './signals/closing.ts';

const cases: readonly Case[] = [...initiationCases, ...joiningCases, ...mappingCases, ...transferCases, ...fallbackCases];
const signalCases = [...addressCases, ...closingCases];

interface Conversation {
  readonly title: string;
  readonly pcap: Uint8Array;
  readonly at: readonly string[];
}
/** Conversations in which nobody breaks a rule, each once. */
const clean = new Map<string, Conversation>();
const verdicts: Verdict[] = [];

const take = (title: string, pcap: Uint8Array, at: readonly string[] = [], report = check(pcap, { at })): void => {
  verdicts.push(...report.verdicts);
  if (problems(report).length === 0) clean.set(Buffer.from(pcap).toString('latin1'), { title, pcap, at });
};

for (const each of cases) {
  for (const version of versionsOf(each)) {
    for (const script of [each.kept, each.broken]) {
      if (script === undefined) continue;
      const { pcap, report } = run(each, version, script);
      take(`${each.id} ${each.says} (version ${version})`, pcap, each.at === undefined ? [] : [each.at], report);
    }
  }
}
for (const each of signalCases) {
  for (const version of [1, 0] as const) {
    if (idsDecidedBy(each.id, version).length === 0 || (each.setup?.version ?? version) !== version) continue;
    for (const script of [each.kept, each.broken])
      take(`${each.id} ${each.says} (version ${version})`, runSignals({ ...each, setup: { ...each.setup, version } }, script).talk.pcap());
  }
}
{
  // Silence tells something only where it is known what came; an answer tells that flags were ignored.
  const forged = new Talk();
  forged.established().signal('b', [{ ...(forged.addAddr('b', 1, B2) as AddAddrV1), truncatedHmac: new Uint8Array(8) }]);
  forged.close();
  take('an ADD_ADDR with a wrong HMAC, seen at its receiver', forged.pcap(), ['10.0.1.1']);
  const flagged = new Talk();
  announce(flagged.established(), 'b', { ...(flagged.addAddr('b', 1, B2) as AddAddrV1), reserved: 1 });
  take('an ADD_ADDR with unassigned flags is echoed', flagged.pcap());
}

/** Requirements of RFC 8684 that no conversation can meet, or break, for anybody to see. */
const neverMet: Readonly<Record<string, string>> = {
  'RFC8684-3.1-27': 'A SYN without MP_CAPABLE that is answered in kind is regular TCP: no conversation of ours.',
};
const neverBroken: Readonly<Record<string, string>> = {
  'RFC8684-3.1-8': 'A first ACK without MP_CAPABLE may have lost it on the way, and the capture may have missed another.',
  'RFC8684-3.1-j': 'No time is set for the Data ACK.',
  'RFC8684-3.2-3': 'Policy may refuse a subflow, and a SYN/ACK without MP_JOIN may have lost it on the way.',
  'RFC8684-3.2-4/1': 'The ACK that is missing may have been lost, and so may what it answers.',
  'RFC8684-3.2-12': 'A RST from another port may be policy.',
  'RFC8684-3.2-h': 'A third packet without MP_JOIN may have lost it on the way; what its receiver does is judged.',
  'RFC8684-3.3.1-6': 'Data that is not acknowledged may not have arrived.',
  'RFC8684-3.3.1-11': 'Data that is not acknowledged may not have arrived, or may have been refused for another reason.',
  'RFC8684-3.3.6-1': 'No time is set for the retransmission.',
  'RFC8684-3.4.1-9/2': 'An ADD_ADDR that is not echoed may not have arrived.',
};

const due = catalogues.flatMap(({ rfc, requirements }) =>
  (rfc === 8684 || rfc === 6824 ? requirements : []).filter(({ disposition }) => disposition === 'capture').map(({ id }) => id),
);
const inBoth = (exceptions: Readonly<Record<string, string>>): readonly string[] =>
  due.filter((id) => Object.keys(exceptions).some((each) => ([1, 0] as const).some((version) => idsDecidedBy(each, version).includes(id))));
const lacking = (...kinds: readonly Verdict['verdict'][]): readonly string[] => {
  const shown = new Set(verdicts.filter(({ verdict }) => kinds.includes(verdict)).map(({ requirement }) => requirement));
  return due.filter((id) => !shown.has(id));
};

describe('nothing is merely claimed: of what a capture decides, all', () => {
  test('is met somewhere', () => {
    expect(due.length).toBeGreaterThan(150);
    expect(lacking('pass')).toEqual(inBoth(neverMet));
  });

  test('is broken somewhere', () => {
    expect(lacking('fail', 'warn')).toEqual(inBoth(neverBroken));
  });
});

interface Ends {
  readonly from: string;
  readonly to: string;
}
/** Where an IP packet with TCP comes from and goes to. */
const endsOf = (packet: Uint8Array): Ends => {
  const segment = newSegment();
  locateSegment(packet, 0, packet.length, packet.length, LINKTYPE_RAW, segment);
  const length = segment.ipVersion === 4 ? 4 : 16;
  const text = (at: number, port: number): string => `${toHex(packet.subarray(at, at + length))}:${port}`;
  return { from: text(segment.source, segment.sourcePort), to: text(segment.destination, segment.destinationPort) };
};
const isBetween = (ends: Ends, a: string, b: string): boolean => (ends.from === a && ends.to === b) || (ends.from === b && ends.to === a);

describe('an incomplete capture of a conversation that keeps its rules blames nobody', () => {
  const blamed = (missing: (frame: number) => boolean, what: string, { title, pcap, at }: Conversation): string[] =>
    check(without(pcap, missing), { at })
      .verdicts.filter(({ verdict }) => verdict === 'fail')
      .map(({ requirement, host }) => `${title}: ${what}: ${requirement} ${host}`);
  const withEach = (judged: (n: number, each: Conversation) => readonly string[]): string[] =>
    [...clean.values()].flatMap((each) => Array.from({ length: recordsOf(each.pcap).length - 1 }, (_, i) => judged(i + 1, each)).flat());

  test('any one packet was not captured', () => {
    expect(withEach((n, each) => blamed((frame) => frame === n, `without frame ${n}`, each))).toEqual([]);
  });

  test('it begins in the middle', () => {
    expect(withEach((n, each) => blamed((frame) => frame <= n, `after frame ${n}`, each))).toEqual([]);
  });

  test('it has one subflow only, or one direction of it', () => {
    const found = [...clean.values()].flatMap((each) => {
      const ends = recordsOf(each.pcap)
        .slice(1)
        .map((record) => endsOf(record.subarray(16)));
      const directions = unique(ends.map(({ from, to }) => `${from} ${to}`));
      const paths = directions.map((direction) => direction.split(' ')) as [string, string][];
      return paths.flatMap(([from, to]) => [
        ...blamed((frame) => !isBetween(ends[frame - 1]!, from, to), `between ${from} and ${to}`, each),
        ...blamed((frame) => ends[frame - 1]!.from !== from || ends[frame - 1]!.to !== to, `from ${from} to ${to}`, each),
      ]);
    });
    expect(found).toEqual([]);
  });

  test('it ends in the middle', () => {
    expect(withEach((n, each) => blamed((frame) => frame > n, `to frame ${n}`, each))).toEqual([]);
  });
});
