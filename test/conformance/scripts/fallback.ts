/** Cases of section 3.7: options that do not get through, checksums that fail, MP_FAIL, and what regular TCP is afterwards. */
import { ACK, FIN, PSH, SYN } from '../../../codecs/packet/index.ts';
import type { MptcpOption } from '../../../codecs/mptcp/index.ts';
import type { HostName, Path, Talk } from '../../arbitraries/conversation.ts';
import { NONE, capable, dataAck, dataFins, dataWith, established, handshake, mappingOf, plain, tcprst } from './case.ts';
import type { Case, Innocent } from './case.ts';

const MIDDLEBOX_INTERFERENCE = 6;
/** Longer than a packet travels, in ms: whatever was sent before has arrived. */
const LATER = { after: 1500 };

const mpFail = (dataSequenceNumber: bigint, reserved = 0): MptcpOption => ({ kind: 'MP_FAIL', dataSequenceNumber, reserved });

/** Data of host a with a checksum that does not match; the data sequence number at which it starts. */
const failing = (path: Path, octets = 100): bigint => {
  const dataSequenceNumber = path.talk.take('a', octets);
  const mapping = { dataSequenceNumber, subflowSequenceNumber: path.ssn('a'), dataLevelLength: octets, checksum: 1 };
  dataWith(path, 'a', octets, mapping);
  return dataSequenceNumber;
};

/** The receiver's answer on an ACK, without a Data ACK of what failed. */
const answer = (path: Path, dsn: bigint, octets = 100): number =>
  path.signal('b', [path.talk.dss('b', { dataAck: dataAck(path.talk, 'b', octets) }), mpFail(dsn)]);

/** New data of host a with an infinite mapping, which holds from some octets before on. */
const infinite = (path: Path, before = 0): number => {
  const { talk } = path;
  const dataSequenceNumber = talk.take('a', 100) - BigInt(before);
  const mapping = { dataSequenceNumber, subflowSequenceNumber: path.ssn('a') - before, dataLevelLength: 0 };
  return dataWith(path, 'a', 100, talk.checksum ? { ...mapping, checksum: 0 } : mapping);
};

/** A checksum fails on the only subflow: MP_FAIL, MP_FAIL, infinite mapping, regular TCP. */
const failOver = (talk: Talk): Path => {
  const path = talk.established();
  const dsn = failing(path);
  answer(path, dsn);
  path.signal('a', [mpFail(talk.take('a', 0))]);
  infinite(path, 100);
  plain(path, 'b', 0);
  plain(path, 'a');
  plain(path, 'b');
  return path;
};

/** The first data of host a is acknowledged without a Data ACK. */
const noDataAck = (talk: Talk): Path => {
  const path = talk.open();
  path.data('a', 100);
  plain(path, 'b', 0);
  return path;
};

/** The same on a joined subflow. */
const joinedWithoutDataAck = (talk: Talk): Path => {
  talk.established();
  const path = talk.join();
  path.data('a', 100);
  plain(path, 'b', 0);
  return path;
};

/** Host a gives MPTCP up with an infinite mapping, which host b acknowledges. */
const givenUp = (talk: Talk): Path => {
  const path = talk.established();
  infinite(path);
  plain(path, 'b', 50);
  talk.take('a', 50);
  plain(path, 'a', 50);
  plain(path, 'b', 50, LATER);
  return path;
};

export const fallbackCases: readonly Case[] = [
  {
    id: 'RFC8684-3.7-1',
    says: 'a SYN/ACK without MP_CAPABLE makes it regular TCP',
    host: 'a',
    verdict: 'warn',
    kept: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN'), null, null);
      plain(path, 'a');
    },
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), null, capable(talk, 'ACK'));
      return 3;
    },
    also: ['RFC8684-3.1-26 a'],
  },
  {
    id: 'RFC8684-3.7-2',
    says: 'every segment has a mapping until the first Data ACK',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.open();
      path.data('a', 100);
      talk.take('a', 100);
      const frame = dataWith(path, 'a', 100, {});
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 100) } });
      return frame;
    },
    also: ['RFC8684-3.3.1-b a'],
  },
  {
    id: 'RFC8684-3.7-3/1',
    says: 'a joined subflow whose data is acknowledged without a Data ACK is reset',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => void joinedWithoutDataAck(talk).rst('a', [tcprst(MIDDLEBOX_INTERFERENCE)]),
    broken: (talk) => joinedWithoutDataAck(talk).data('a', 100, LATER),
  },
  {
    id: 'RFC8684-3.7-3/2',
    says: 'and the RST says that a middlebox interferes',
    host: 'a',
    verdict: 'warn',
    kept: (talk) => void joinedWithoutDataAck(talk).rst('a', [tcprst(MIDDLEBOX_INTERFERENCE)]),
    broken: (talk) => joinedWithoutDataAck(talk).rst('a', [], LATER),
  },
  {
    id: 'RFC8684-3.7-4',
    says: 'the first subflow goes on as regular TCP',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = noDataAck(talk);
      infinite(path, 100);
      plain(path, 'a');
      plain(path, 'b', 0);
      plain(path, 'a');
    },
    broken: (talk) => {
      const path = noDataAck(talk);
      const mapping = mappingOf(path, 'a', 100);
      return dataWith(path, 'a', 100, mapping, LATER);
    },
    also: ['RFC8684-3.7-15 a', 'RFC8684-3.7-h a'],
  },
  {
    id: 'RFC8684-3.7-8',
    says: 'data whose checksum failed is not acknowledged',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => {
      const path = talk.established();
      failing(path);
      return path.ack('b');
    },
    also: ['RFC8684-3.7-d b'],
  },
  {
    id: 'RFC8684-3.7-9',
    says: 'MP_FAIL is answered with MP_FAIL',
    host: 'a',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => {
      const path = talk.established();
      answer(path, failing(path));
      return path.data('a', 100, LATER);
    },
    also: ['RFC8684-3.7-i a', 'RFC8684-3.7-15 a'],
  },
  {
    id: 'RFC8684-3.7-10',
    says: 'data that is not contiguous is answered with a RST',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => {
      const path = talk.established();
      path.rst('b', [mpFail(failing(path))]);
    },
    broken: (talk) => {
      const path = talk.established();
      const dsn = failing(path);
      talk.take('a', 1000);
      path.data('a', 100);
      return answer(path, dsn, 1200);
    },
  },
  {
    id: 'RFC8684-3.7-14',
    says: 'no Data ACK follows an infinite mapping',
    host: 'b',
    verdict: 'warn',
    kept: (talk) => void givenUp(talk),
    broken: (talk) => {
      const path = talk.established();
      infinite(path);
      return path.ack('b', LATER);
    },
  },
  {
    id: 'RFC8684-3.7-15',
    says: 'regular TCP does not become MPTCP again',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => void givenUp(talk),
    broken: (talk) => {
      const path = givenUp(talk);
      return dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
    },
  },
  {
    id: 'RFC8684-3.7-15',
    says: 'nor does it get another subflow',
    host: 'a',
    verdict: 'fail',
    broken: (talk) => {
      givenUp(talk);
      talk.join({ until: 'syn' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.7-a',
    says: 'no MP_FAIL without checksums',
    host: 'b',
    verdict: 'warn',
    version: 1,
    broken: (talk) => {
      const path = talk.established();
      const dsn = talk.take('a', 0);
      path.data('a', 100);
      return answer(path, dsn);
    },
  },
  {
    id: 'RFC8684-3.7-a',
    says: 'with them it is the answer',
    host: 'b',
    verdict: 'warn',
    version: 1,
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
  },
  {
    id: 'RFC8684-3.7-b',
    says: 'MP_FAIL names the start of a mapping',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => {
      const path = talk.established();
      return answer(path, failing(path) + 17n);
    },
  },
  {
    id: 'RFC8684-3.7-c',
    says: 'with several subflows MP_FAIL is on a RST',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => {
      talk.established();
      const path = talk.join();
      path.rst('b', [mpFail(failing(path))]);
    },
    broken: (talk) => {
      const first = talk.established();
      const path = talk.join();
      const frame = answer(path, failing(path));
      first.data('a', 100, LATER);
      return frame;
    },
  },
  {
    id: 'RFC8684-3.7-d',
    says: 'a checksum that fails is answered',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => {
      const path = talk.established();
      failing(path);
      return path.ack('b');
    },
    also: ['RFC8684-3.7-8 b'],
  },
  {
    id: 'RFC8684-3.7-e',
    says: 'after an infinite mapping data is on one subflow only',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => void givenUp(talk),
    broken: (talk) => {
      const first = talk.established();
      const path = talk.join();
      infinite(first);
      return plain(path, 'a');
    },
  },
  {
    id: 'RFC8684-3.7-f',
    says: 'MP_FAIL has length 12',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => talk.established().signal('b', [Uint8Array.of(30, 8, 0x60, 0, 0, 0, 0, 1)]),
  },
  {
    id: 'RFC8684-3.7-g',
    says: 'reserved bits of MP_FAIL are 0',
    host: 'b',
    verdict: 'warn',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => {
      const path = talk.established();
      return path.rst('b', [mpFail(failing(path), 3)]);
    },
  },
  {
    id: 'RFC8684-3.7-h',
    says: 'one infinite mapping, and no option after it',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = noDataAck(talk);
      infinite(path, 100);
      plain(path, 'a');
      plain(path, 'b', 0);
    },
    broken: (talk) => {
      const path = noDataAck(talk);
      return path.ack('a', LATER);
    },
  },
  {
    id: 'RFC8684-3.7-i',
    says: 'the next new data after MP_FAIL has an infinite mapping',
    host: 'a',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => void failOver(talk),
    broken: (talk) => {
      const path = talk.established();
      answer(path, failing(path));
      path.signal('a', [mpFail(talk.take('a', 0))]);
      return path.data('a', 100);
    },
    also: ['RFC8684-3.7-15 a'],
  },
];

/** Data of both hosts fails, at once, and both say so with numbers that the other one's data starts at. */
const bothFail = (path: Path): void => {
  const { talk } = path;
  const [ofA, ofB] = [talk.take('a', 100), talk.take('b', 100)];
  const mapped = (host: HostName, dataSequenceNumber: bigint): number =>
    dataWith(path, host, 100, {
      dataAck: dataAck(talk, host, 100),
      dataSequenceNumber,
      subflowSequenceNumber: path.ssn(host),
      dataLevelLength: 100,
      checksum: 1,
    });
  mapped('a', ofA);
  mapped('b', ofB);
  path.signal('b', [mpFail(ofA)]);
  path.signal('a', [mpFail(ofB)]);
};

/** New data of host a with a mapping and a Data ACK that leaves out some octets. */
const underWay = (path: Path, less = 0): void =>
  void dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), checksum: 1, dataAck: dataAck(path.talk, 'a', less) });

export const fallbackInnocents: readonly Innocent[] = [
  {
    says: '3.7: two MP_FAILs that cross, and new data that was under way with the second',
    id: 'RFC8684-3.7-9',
    verdicts: ['a pass'],
    setup: { checksum: true },
    script: (talk) => {
      const path = talk.established();
      bothFail(path);
      underWay(path, 100);
      plain(path, 'b');
      for (let i = 0; i < 3; i += 1) plain(path, 'a');
      plain(path, 'b');
    },
  },
  {
    says: '3.7: an MP_FAIL that was lost, as the mappings after it show, and comes again',
    id: 'RFC8684-3.7-i',
    verdicts: ['a inconclusive'],
    setup: { checksum: true },
    script: (talk) => {
      const path = talk.established();
      const dsn = failing(path);
      answer(path, dsn);
      path.data('b', 100, { dss: { dataAck: dataAck(talk, 'b', 100) } });
      underWay(path);
      answer(path, dsn, 200);
      path.signal('a', [mpFail(talk.take('a', 0))], LATER);
      infinite(path, 200);
      plain(path, 'b', 0);
    },
  },
  {
    says: '3.7: a join whose SYN is slower than the packets of the first subflow that show a fallback',
    id: 'RFC8684-3.7-15',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.established();
      infinite(path);
      plain(path, 'b', 50);
      talk.join({ until: 'syn' });
      plain(path, 'b', 50);
    },
  },
  {
    says: '3.7: regular TCP on a joined subflow that was the last when MP_FAIL came',
    id: 'RFC8684-3.7-3/1',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      const first = talk.established();
      const path = talk.join();
      first.rst('b', [tcprst(MIDDLEBOX_INTERFERENCE)]);
      bothFail(path);
      for (const host of ['a', 'b', 'a', 'b'] as const) plain(path, host, 50, LATER);
    },
  },
  {
    says: '3.3.3: regular TCP closes with a FIN, before the infinite mapping comes that an MP_FAIL calls for',
    id: 'RFC8684-3.3.3-2',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      const path = talk.established();
      talk.take('b', 100);
      bothFail(path);
      path.segment('b', ACK | FIN, NONE, []);
      path.ack('a', { dss: { dataAck: dataAck(talk, 'a', 100) } });
      plain(path, 'a', 0);
    },
  },
  {
    says: '3.7: an MP_FAIL that is said again after data that is not contiguous, which was under way',
    id: 'RFC8684-3.7-10',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      const path = talk.established();
      const dsn = failing(path);
      answer(path, dsn);
      talk.take('a', 1000);
      path.data('a', 100);
      answer(path, dsn, 1200);
    },
  },
  {
    says: '3.7: an MP_FAIL on an ACK that overtakes the RST of the other subflow',
    id: 'RFC8684-3.7-c',
    verdicts: ['b inconclusive'],
    setup: { checksum: true },
    script: (talk) => {
      const first = talk.established();
      const path = talk.join();
      answer(path, failing(path));
      first.rst('b', [tcprst(MIDDLEBOX_INTERFERENCE)]);
    },
  },
  {
    says: '3.7: a damaged copy of data that came long before on another subflow, and waits for other data',
    id: 'RFC8684-3.7-8',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      const first = talk.established();
      const path = talk.join();
      first.data('a', 100, { hidden: true });
      for (let i = 0; i < 20; i += 1) first.data('a', 100);
      const waiting = { dss: { dataAck: dataAck(talk, 'b', 2100) } };
      first.ack('b', waiting);
      for (let i = 0; i < 20; i += 1) first.data('a', 100);
      path.again('a', 300, new Uint8Array(100).fill(3), { dss: { checksum: 1 } });
      path.rst('b', [mpFail(talk.idsn.a + 301n), tcprst(MIDDLEBOX_INTERFERENCE)]);
      first.ack('b');
    },
  },
  {
    says: '3.7: an ACK with a DSS that was sent before the fallback, as its sequence number shows, and comes after it',
    id: 'RFC8684-3.7-h',
    verdicts: ['a pass'],
    script: (talk) => {
      const path = noDataAck(talk);
      const sequence = path.next('a');
      infinite(path, 100);
      plain(path, 'a');
      path.ack('a', { sequence });
      plain(path, 'b', 0);
    },
  },
  {
    says: '3.3.3: a copy of data that comes damaged after both DATA_FINs: its subflow is reset with MP_FAIL',
    id: 'RFC8684-3.3.3-3',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      talk.established();
      const path = talk.join();
      dataFins(talk);
      path.again('a', 0, new Uint8Array(100).fill(3), { dss: { checksum: 1 } });
      path.rst('b', [mpFail(talk.idsn.a + 1n), tcprst(MIDDLEBOX_INTERFERENCE)]);
    },
  },
  {
    says: '3.7: an MP_FAIL that answers one, on an ACK, while a join is there whose RST is on its way',
    id: 'RFC8684-3.7-c',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      const path = talk.established();
      const dsn = failing(path);
      answer(path, dsn);
      talk.join({ opener: 'b', ids: [1, 1] });
      path.signal('a', [mpFail(talk.take('a', 0))]);
    },
  },
  {
    says: '3.7: data that was under way when an ACK without Data ACK came',
    id: 'RFC8684-3.7-3/1',
    verdicts: ['a pass'],
    script: (talk) => {
      const path = joinedWithoutDataAck(talk);
      path.data('a', 100);
      path.rst('a', [tcprst(MIDDLEBOX_INTERFERENCE)]);
    },
  },
  {
    says: '3.7: data that was under way when MP_FAIL came',
    id: 'RFC8684-3.7-9',
    verdicts: ['a pass'],
    setup: { checksum: true },
    script: (talk) => {
      const path = talk.established();
      const dsn = failing(path);
      answer(path, dsn);
      path.data('a', 100);
      path.signal('a', [mpFail(talk.take('a', 0))], LATER);
      infinite(path, 200);
      plain(path, 'b', 0);
    },
  },
  {
    says: '3.7: data without options before the first Data ACK, which a middlebox may have removed',
    id: 'RFC8684-3.7-2',
    verdicts: ['a pass'],
    script: (talk) => {
      const path = talk.open();
      path.data('a', 100);
      path.segment('a', ACK | PSH, new Uint8Array(100), []);
      plain(path, 'b', 0);
    },
  },
  {
    says: '3.7: a payload that the path has changed, and that nobody acknowledges',
    id: 'RFC8684-3.7-d',
    verdicts: ['b inconclusive'],
    setup: { checksum: true },
    script: (talk) => void failing(talk.established()),
  },
  {
    says: '3.7: what failed and came again intact is acknowledged',
    id: 'RFC8684-3.7-8',
    verdicts: [],
    setup: { checksum: true },
    script: (talk) => {
      const first = talk.established();
      const path = talk.join();
      const dsn = failing(path);
      path.rst('b', [mpFail(dsn)]);
      first.again('a', 100, new Uint8Array(100).fill(9));
      first.ack('b');
    },
  },
  {
    says: '3.7: a Data ACK that was under way when the infinite mapping came',
    id: 'RFC8684-3.7-14',
    verdicts: ['b pass'],
    script: (talk) => {
      const path = talk.established();
      infinite(path);
      path.ack('b');
      plain(path, 'b', 50, LATER);
      plain(path, 'b', 50);
    },
  },
  {
    says: '3.7: a MP_CAPABLE connection that the network makes regular TCP before it begins',
    id: 'RFC8684-3.7-1',
    verdicts: ['a pass'],
    script: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN'), null, null);
      plain(path, 'a');
      plain(path, 'b');
      path.segment('b', SYN | ACK, NONE, [], { sequence: path.next('b') - 101 });
    },
  },
];
