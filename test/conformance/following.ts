/** What the tests of following share: a capture checked, and what its report says of a conversation. */
import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { createChecker } from '../../conformance/check.ts';
import type { CheckOptions } from '../../conformance/check.ts';
import { conversationsOf } from '../../conformance/report/report.ts';
import type { CaptureReport, MptcpConversation } from '../../conformance/report/report.ts';
import { Talk } from '../arbitraries/conversation.ts';
import { pcapOf } from '../arbitraries/network.ts';
import type { Packet } from '../arbitraries/network.ts';

export const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
export const EMPTY = new Uint8Array(0);
export const octets = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 7)) & 0xff);

export const check = (capture: Uint8Array | readonly Packet[], options: CheckOptions = {}): CaptureReport => {
  const checker = createChecker({ hashes: true, ...options });
  checker.push(capture instanceof Uint8Array ? capture : pcapOf(capture));
  return checker.finish('capture');
};

/** The connections of a report. */
export const connections = (report: CaptureReport): readonly MptcpConversation[] => conversationsOf(report, 'mptcp');

/** The verdicts that no capture of valid traffic may give. */
export const fails = ({ verdicts }: CaptureReport): readonly string[] =>
  verdicts
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ requirement, host, message, frames }) => `${requirement} ${host} ${frames.join(',')}: ${message}`);

/** A report that must have no fail and just one conversation: that one. */
export const single = (capture: Uint8Array | readonly Packet[], options: CheckOptions = {}): MptcpConversation => {
  const report = check(capture, options);
  expect(fails(report)).toEqual([]);
  expect(connections(report).map(({ id, outcome }) => `${id} ${outcome}`)).toHaveLength(1);
  return connections(report)[0]!;
};

export const hex = (token: number): string => token.toString(16).padStart(8, '0');
/** Both hosts as they are when everything is known of them. */
export const hosts = (talk: Talk) => [
  { role: 'initiator', token: hex(talk.tokens.a), idsn: String(talk.idsn.a) },
  { role: 'listener', token: hex(talk.tokens.b), idsn: String(talk.idsn.b) },
];
export const hostsOf = ({ hosts: { a, b } }: MptcpConversation) => [a, b].map(({ role, token, idsn }) => ({ role, token, idsn }));
export const whole = (stream: Uint8Array) => ({ bytes: stream.length, sha256: sha256(stream), complete: true });
export const streamsOf = (talk: Talk) => ({ a: whole(talk.stream('a')), b: whole(talk.stream('b')) });
export const subflowsOf = ({ subflows }: MptcpConversation): string[] => subflows.map(({ kind, state }) => `${kind} ${state}`);

/** Everything known, both streams whole. */
export const expectWhole = (conversation: MptcpConversation, talk: Talk, subflows: readonly string[], outcome = 'data-fin'): void => {
  expect({
    outcome: conversation.outcome,
    version: conversation.version,
    hosts: hostsOf(conversation),
    subflows: subflowsOf(conversation),
  }).toEqual({
    outcome,
    version: talk.version,
    hosts: hosts(talk),
    subflows,
  });
  expect(conversation.streams).toEqual(streamsOf(talk));
};

/** Two subflows, 600 octets each way. */
export const busy = (setup: ConstructorParameters<typeof Talk>[0] = {}, pieces = 3): Talk => {
  const talk = new Talk(setup);
  const first = talk.established();
  const second = talk.join(setup.addresses === undefined ? {} : { addresses: ['2001:db8:a::2', setup.addresses[1]] });
  for (let i = 0; i < pieces; i += 1) {
    for (const path of [first, second]) {
      path.data('a', octets(100, i));
      path.ack('b');
      path.data('b', octets(150, i + 50));
      path.ack('a');
    }
  }
  talk.close();
  return talk;
};
