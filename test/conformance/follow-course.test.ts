/** Following how MPTCP connections begin, count and end (RFC 8684 sections 3.1, 3.3, 3.5 to 3.7, appendix B): the report says what became of them. */
import { describe, expect, test } from '@jest/globals';
import { concat } from '../../codecs/bytes.ts';
import { ACK, FIN, PSH } from '../../codecs/packet/index.ts';
import { Talk } from '../arbitraries/conversation.ts';
import type { HostName, Path } from '../arbitraries/conversation.ts';
import { openPacket, rewrite } from '../arbitraries/network.ts';
import type { Packet } from '../arbitraries/network.ts';
import type { MptcpConversation } from '../../conformance/report/report.ts';
import { EMPTY, check, expectWhole, fails, hex, hosts, hostsOf, octets, single, subflowsOf, whole, connections } from './following.ts';

describe('TCP Fast Open (RFC 8684 appendix B)', () => {
  /** Host b accepts so many of the SYN's 60 octets; host a sends the rest again as data. */
  const fastOpen = (accepted: number): { talk: Talk; stream: Uint8Array } => {
    const talk = new Talk();
    const early = octets(60);
    const path = talk.fastOpen(early, accepted);
    if (accepted < 60) path.data('a', early.subarray(accepted));
    path.data('a', octets(100, 4));
    path.ack('b');
    path.data('b', 30);
    path.ack('a');
    talk.close();
    return { talk, stream: concat(early, octets(100, 4)) };
  };

  test.each([
    ['all of the data (figure 19)', 60],
    ['none of it (figure 20)', 0],
    ['a part of it (figure 21)', 25],
  ])('the listener accepts %s: it is the application’s, and outside the data sequence space', (_, accepted) => {
    const { talk, stream } = fastOpen(accepted);
    const conversation = single(talk.pcap());
    expect(conversation.streams).toEqual({ a: whole(stream), b: whole(talk.stream('b')) });
    expect([conversation.outcome, ...hostsOf(conversation)]).toEqual(['data-fin', ...hosts(talk)]);
  });
});

describe('numbers', () => {
  /** Keys with IDSNs whose lower half wraps after 65,536 octets at most. */
  const WRAPPING = { 1: [14_945n, 34_703n], 0: [40_621n, 40_958n] } as const;
  test.each([1, 0] as const)(
    'data sequence numbers and Data ACKs of 4 octets, alone and mixed with 8, across a wrap (section 3.3.1), version %i',
    (version) => {
      const talk = new Talk({ version, keys: WRAPPING[version] });
      expect(Number(talk.idsn.a & 0xffff_ffffn) > 0xffff_0000).toBe(true);
      const first = talk.established();
      const second = talk.join();
      for (let i = 0; i < 24; i += 1) {
        const path = i % 3 === 0 ? second : first;
        // What came with 8 octets is acknowledged with 8 (section 3.3.2).
        const number = i % 2 === 0 ? ({ dataSequenceNumberOctets: 4 } as const) : {};
        const ack = i % 4 === 0 ? ({ dataAckOctets: 4 } as const) : {};
        path.data('a', octets(8000, i), { dss: number });
        path.ack('b', { dss: ack });
        path.data('b', octets(7000, i), { dss: { ...number, ...ack } });
        path.ack('a', { dss: ack });
      }
      talk.close();
      const report = check(talk.pcap());
      expectWhole(connections(report)[0]!, talk, ['initial closed', 'join closed']);
      expect(fails(report)).toEqual([]);
    },
  );
});

describe('how a connection ends', () => {
  const ended = (act: (talk: Talk, first: Path) => void): { talk: Talk; conversation: MptcpConversation } => {
    const talk = new Talk();
    act(talk, talk.established());
    return { talk, conversation: single(talk.pcap()) };
  };

  test('still going: open', () => {
    const { talk, conversation } = ended(() => undefined);
    expect([conversation.outcome, ...subflowsOf(conversation)]).toEqual(['open', 'initial established']);
    expect(conversation.streams.a).toEqual({ ...whole(talk.stream('a')), complete: false });
  });

  test('one DATA_FIN alone is not the end', () => {
    const { talk, conversation } = ended((_, first) => {
      first.dataFin('a');
      first.ack('b');
    });
    expect([conversation.outcome, ...subflowsOf(conversation)]).toEqual(['open', 'initial established']);
    expect([conversation.streams.a, conversation.streams.b.complete]).toEqual([whole(talk.stream('a')), false]);
  });

  test('a RST on every subflow: reset', () => {
    const { conversation } = ended((talk, first) => {
      const second = talk.join();
      first.rst('b');
      second.rst('b');
    });
    expect([conversation.outcome, ...subflowsOf(conversation)]).toEqual(['reset', 'initial reset', 'join reset']);
  });

  test('a RST on one of two subflows changes nothing for the connection (section 3.6)', () => {
    const { talk, conversation } = ended((script, first) => {
      const second = script.join();
      second.data('a', 100);
      second.ack('b');
      second.rst('a', [{ kind: 'MP_TCPRST', transient: false, reason: 0, reserved: 0 }]);
      first.data('b', 200);
      first.ack('a');
      first.dataFin('a');
      first.dataFin('b');
      first.ack('a');
      first.finish();
    });
    expectWhole(conversation, talk, ['initial closed', 'join reset']);
  });

  test('a subflow that only one host closes is closing', () => {
    const { conversation } = ended((talk, first) => {
      const second = talk.join();
      second.fin('a');
      second.ack('b');
      first.data('a', 10);
      first.ack('b');
    });
    expect([conversation.outcome, ...subflowsOf(conversation)]).toEqual(['open', 'initial established', 'join closing']);
  });

  test('MP_FASTCLOSE on an ACK, or on RSTs (section 3.5): fastclose', () => {
    const option = (talk: Talk) => ({ kind: 'MP_FASTCLOSE', receiverKey: talk.keys.b, reserved: 0 }) as const;
    const onAck = ended((talk, first) => {
      first.signal('a', [option(talk)]);
      first.rst('b');
    });
    const onRst = ended((talk, first) => {
      const second = talk.join();
      first.rst('a', [option(talk)]);
      second.rst('a', [option(talk)]);
    });
    expect([onAck.conversation.outcome, ...subflowsOf(onAck.conversation)]).toEqual(['fastclose', 'initial reset']);
    expect([onRst.conversation.outcome, ...subflowsOf(onRst.conversation)]).toEqual(['fastclose', 'initial reset', 'join reset']);
  });
});

describe('fallback to plain TCP (section 3.7)', () => {
  const send = (path: Path, host: HostName, payload: Uint8Array): void => {
    path.segment(host, PSH | ACK, payload, []);
    path.segment(host === 'a' ? 'b' : 'a', ACK, EMPTY, []);
  };
  const closePlain = (path: Path): void => {
    path.segment('a', FIN | ACK, EMPTY, []);
    path.segment('b', FIN | ACK, EMPTY, []);
    path.segment('a', ACK, EMPTY, []);
  };
  const capable = {
    kind: 'MP_CAPABLE',
    version: 1,
    checksumRequired: false,
    extensibility: false,
    noSubflowsToSource: false,
    cryptoAlgorithms: 1,
  } as const;

  test('a SYN/ACK without MP_CAPABLE: refused, and its streams are nobody’s', () => {
    const talk = new Talk();
    const path = talk.plain([capable], []);
    send(path, 'a', octets(100));
    closePlain(path);
    const { outcome, version, streams, hosts: both } = single(talk.pcap());
    expect([outcome, version]).toEqual(['refused', 1]);
    expect([both.a.token, both.b.token, streams.a.complete]).toEqual([null, null, false]);
  });

  test('a third ACK and data without MP_CAPABLE: fallback, the streams go on (l.2312)', () => {
    const talk = new Talk();
    const path = talk.plain([capable], [{ ...capable, senderKey: talk.keys.b }]);
    for (let i = 0; i < 5; i += 1) {
      send(path, 'a', octets(100, i));
      send(path, 'b', octets(50, i));
    }
    closePlain(path);
    const { outcome, version, streams, hosts: both } = single(talk.pcap());
    expect([outcome, version, both.a.token, both.b.token]).toEqual(['fallback', 1, null, hex(talk.tokens.b)]);
    expect(streams.a).toEqual(whole(concat(...[0, 1, 2, 3, 4].map((i) => octets(100, i)))));
    expect(streams.b).toEqual(whole(concat(...[0, 1, 2, 3, 4].map((i) => octets(50, i)))));
  });

  test('first data acknowledged without a DSS: fallback (l.2326)', () => {
    const talk = new Talk();
    const path = talk.open();
    path.data('a', octets(100));
    path.segment('b', ACK, EMPTY, []);
    for (let i = 0; i < 5; i += 1) {
      send(path, 'b', octets(50, i));
      send(path, 'a', octets(100, i));
    }
    closePlain(path);
    const { outcome, streams } = single(talk.pcap());
    expect(outcome).toBe('fallback');
    expect(streams.a).toEqual(whole(concat(octets(100), ...[0, 1, 2, 3, 4].map((i) => octets(100, i)))));
    expect(streams.b).toEqual(whole(concat(...[0, 1, 2, 3, 4].map((i) => octets(50, i)))));
  });

  test('an infinite mapping after MP_FAIL: the streams go on where the data did', () => {
    const talk = new Talk({ checksum: true });
    const path = talk.established();
    const bad = talk.idsn.a + 101n;
    path.data('a', octets(80), { dss: { checksum: 0x1234 } });
    path.signal('b', [{ kind: 'MP_FAIL', dataSequenceNumber: bad, reserved: 0 }], { acknowledgment: path.next('a') });
    const infinite = { dataSequenceNumber: bad + 80n, subflowSequenceNumber: path.ssn('a'), dataLevelLength: 0, checksum: 0 };
    path.segment('a', PSH | ACK, octets(70, 2), [talk.dss('a', infinite)]);
    path.segment('b', ACK, EMPTY, []);
    send(path, 'a', octets(60, 3));
    send(path, 'b', octets(90, 5));
    closePlain(path);
    const report = check(talk.pcap());
    const { outcome, streams } = connections(report)[0]!;
    expect(outcome).toBe('fallback');
    expect(streams.a).toEqual(whole(concat(talk.stream('a'), octets(70, 2), octets(60, 3))));
    expect(streams.b).toEqual(whole(concat(talk.stream('b'), octets(90, 5))));
  });
});

describe('connections beside and after each other', () => {
  test('simultaneous ones between the same hosts are kept apart', () => {
    const talks = [0, 1, 2].map((i) => {
      const talk = new Talk({ ports: [40_000 + i, 5001], keys: [BigInt(100 + i), BigInt(200 + i)] });
      const first = talk.established();
      const second = talk.join({ addresses: ['10.0.2.1', '10.0.9.1'] });
      first.data('a', octets(300, i));
      first.ack('b');
      second.data('b', octets(200, i));
      second.ack('a');
      talk.close();
      return talk;
    });
    const report = check(talks.flatMap(({ packets }) => packets).toSorted((x, y) => x.time - y.time));
    expect(fails(report)).toEqual([]);
    connections(report).forEach((conversation, i) => expectWhole(conversation, talks[i]!, ['initial closed', 'join closed']));
    expect(connections(report)).toHaveLength(3);
  });

  test.each([
    ['the whole handshake', 0],
    ['no SYN', 1],
    ['no SYN and no SYN/ACK', 2],
  ])('the same addresses and ports again, %s of the second captured', (_, missing) => {
    const talks = [1n, 7n].map((key) => {
      const talk = new Talk({ keys: [key, key + 1n], start: key === 1n ? 1000 : 2_000_000_000 });
      talk.established();
      talk.close();
      return talk;
    });
    const [one, two] = talks;
    const later = two!.packets.slice(missing).map(({ bytes, time }) => ({ bytes, time: time + 60_000 }));
    const report = check([...one!.packets, ...later]);
    expect(fails(report)).toEqual([]);
    expect(connections(report)).toHaveLength(2);
    connections(report).forEach((conversation, i) => expectWhole(conversation, talks[i]!, ['initial closed']));
  });

  test('a SYN sent again without MP_CAPABLE after two with (section 3.1, l.993): refused', () => {
    const talk = new Talk();
    const path = talk.plain([], []);
    const capable = openPacket(new Talk().open().talk.packets[0]!);
    const syn = openPacket(talk.packets[0]!);
    const first = (time: number, identification: number): Packet =>
      rewrite({ ...talk.packets[0]!, time }, () => ({ ...syn, identification, tcp: { ...syn.tcp, options: capable.tcp.options } }));
    path.segment('a', ACK, octets(100), []);
    const report = check([first(-3000, 1), first(-2000, 2), ...talk.packets].map(({ bytes, time }) => ({ bytes, time: time + 5000 })));
    expect(fails(report)).toEqual([]);
    expect(connections(report).map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  test('attempts without an answer are counted', () => {
    const attempts = [0, 1, 2, 3].map((i) => new Talk({ ports: [50_000 + i, 5001] }).open().talk.packets[0]!);
    const report = check(attempts);
    expect([report.unanswered, connections(report)]).toEqual([4, []]);
  });

  test('plain TCP is no conversation', () => {
    const talk = new Talk();
    const path = talk.plain([], []);
    path.segment('a', ACK, octets(100), []);
    path.segment('b', ACK, EMPTY, []);
    const report = check(talk.packets);
    expect([connections(report), report.verdicts, report.unanswered]).toEqual([[], [], 0]);
  });
});

describe('numbers beyond 32 bits', () => {
  test('more than 4 GiB on a subflow, and in the data sequence space (sections 3.3.1 and 3.3.2)', () => {
    const talk = new Talk();
    const first = talk.established();
    // Steps below 2^30 octets, of which the capture shows one segment each: the rest was sent and acknowledged unseen.
    for (let i = 0; i < 14; i += 1) {
      first.skip('a', 800_000_000);
      first.ack('b');
      first.data('a', octets(1000, i));
      first.ack('b');
    }
    talk.close();
    const { outcome, streams, subflows } = single(talk.pcap());
    expect([outcome, ...subflows.map(({ state }) => state)]).toEqual(['data-fin', 'closed']);
    expect(streams.a).toEqual({ bytes: 100, sha256: null, complete: false });
  });

  test('numbers of 4 octets alone, from the middle: followed without the upper half', () => {
    const talk = new Talk();
    const first = talk.established();
    const narrow = { dataSequenceNumberOctets: 4, dataAckOctets: 4 } as const;
    for (let i = 0; i < 6; i += 1) {
      first.data('a', octets(1000, i), { dss: narrow });
      first.ack('b', { dss: narrow });
      first.data('b', octets(700, i), { dss: narrow });
      first.ack('a', { dss: narrow });
    }
    const conversation = single(talk.packets.slice(7));
    expect([conversation.outcome, conversation.hosts.a.idsn]).toEqual(['open', null]);
    expect(conversation.streams.a).toEqual({ ...whole(talk.stream('a').subarray(100)), complete: false });
    expect(conversation.streams.b).toEqual({ ...whole(talk.stream('b').subarray(100)), complete: false });
  });
});
