/** Cases of sections 3.3 to 3.3.6: the DSS, mappings, Data ACKs, the DATA_FIN, windows and what is sent again. */
import { ACK, FIN, PSH, SYN } from '../../../codecs/packet/index.ts';
import type { Extra, HostName, Path, Talk } from '../../arbitraries/conversation.ts';
import { NONE, dataWith, goOn, mappingOf, tcprst } from './case.ts';
import type { Case, Innocent, Script } from './case.ts';

const URG = 32;
const MPTCP_SPECIFIC_ERROR = 1;
const low = (number: bigint): bigint => BigInt.asUintN(32, number);

const established: Script = (talk) => {
  goOn(talk.established());
  talk.close();
};

/** The next data sequence number that a host expects of its peer, and another one. */
const dataAck = (talk: Talk, of: HostName, less = 0): bigint => talk.dss(of).dataAck! - BigInt(less);

/** Sets the window, or the Urgent Pointer, of an IPv4 packet. */
const window = (octets: number): Extra => ({ tamper: (packet) => new DataView(packet.buffer).setUint16(packet.byteOffset + 34, octets) });
const urgent: Extra = { flags: URG, tamper: (packet) => new DataView(packet.buffer).setUint16(packet.byteOffset + 38, 10) };

/** Data that has data sequence numbers, and a DSS, but no mapping. */
const unmapped = (path: Path, host: HostName, octets = 100): number => {
  path.talk.take(host, octets);
  return dataWith(path, host, octets, {});
};

/** Data with numbers of 4 octets. */
const narrow = (path: Path, host: HostName, octets = 100): number => {
  const mapping = mappingOf(path, host, octets);
  return dataWith(path, host, octets, {
    ...mapping,
    dataSequenceNumber: low(mapping.dataSequenceNumber!),
    dataSequenceNumberOctets: 4,
  });
};

/** A window of data without a mapping, acknowledged as it comes. */
const fillWindow = (path: Path): void => {
  for (let i = 0; i < 46; i += 1) unmapped(path, 'a', 1460);
  path.ack('b', { dss: { dataAck: dataAck(path.talk, 'b', 46 * 1460) } });
};

/** Both DATA_FINs are sent and acknowledged. */
const dataFins = ({ first }: Talk): void => {
  first.dataFin('a');
  first.dataFin('b');
  first.ack('a');
};

/** Keys whose IDSN is just below a multiple of 2^32. */
const WRAPS = { 1: [0x0102_0304_0506_0708n, 2_371_058n], 0: [0x0102_0304_0506_0708n, 1_129_577n] } as const;

export const transferCases: readonly Case[] = [
  {
    id: 'RFC8684-3.3-1',
    says: 'reserved bits of a DSS are 0',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => talk.established().ack('a', { dss: { reserved: 1 } }),
  },
  {
    id: 'RFC8684-3.3-2',
    says: 'a checksum that was not agreed ends the subflow',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.3-c a'],
    kept: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), checksum: 5 });
      path.rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]);
    },
    broken: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), checksum: 5 });
      return path.ack('b');
    },
  },
  {
    id: 'RFC8684-3.3-3',
    says: 'so does one that is missing',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    provoked: ['RFC8684-3.1-22 a'],
    kept: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      path.rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]);
    },
    broken: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      return path.ack('b');
    },
  },
  {
    id: 'RFC8684-3.3-4',
    says: 'the RST says why',
    host: 'b',
    verdict: 'warn',
    setup: { checksum: true },
    provoked: ['RFC8684-3.1-22 a'],
    kept: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      path.rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]);
    },
    broken: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      return path.rst('b');
    },
  },
  {
    id: 'RFC8684-3.3-a',
    says: 'a DSS is as long as its flags say',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => talk.established().signal('a', [Uint8Array.of(30, 9, 0x20, 1, 0, 0, 0, 0, 0)]),
  },
  {
    id: 'RFC8684-3.3-b',
    says: 'a DATA_FIN comes with a mapping',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => talk.established().ack('a', { dss: { dataFin: true } }),
  },
  {
    id: 'RFC8684-3.3-c',
    says: 'no checksum unless it was agreed',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      return dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), checksum: 5 });
    },
  },
  {
    id: 'RFC8684-3.3.1-1',
    says: 'a mapping stays as it was declared',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.established();
      const [sequence, ssn] = [path.next('a'), path.ssn('a')];
      const dataSequenceNumber = talk.take('a', 100);
      const mapping = { dataSequenceNumber, subflowSequenceNumber: ssn, dataLevelLength: 100 };
      dataWith(path, 'a', 100, mapping);
      dataWith(path, 'a', 100, mapping, { sequence });
      path.ack('b');
    },
    broken: (talk) => {
      const path = talk.established();
      const [sequence, ssn] = [path.next('a'), path.ssn('a')];
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      return dataWith(
        path,
        'a',
        100,
        { dataSequenceNumber: talk.take('a', 100), subflowSequenceNumber: ssn, dataLevelLength: 100 },
        { sequence },
      );
    },
  },
  {
    id: 'RFC8684-3.3.1-4',
    says: 'urgent data does not interrupt a mapping',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.established();
      path.data('a', 100, urgent);
      path.ack('b');
    },
    broken: (talk) => {
      const path = talk.established();
      const frame = dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), dataLevelLength: 50 }, urgent);
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 50) } });
      return frame;
    },
    also: ['RFC8684-3.3.1-5 a', 'RFC8684-3.3.1-b a'],
  },
  {
    id: 'RFC8684-3.3.1-5',
    says: 'urgent data is mapped as any other',
    host: 'a',
    verdict: 'warn',
    kept: (talk) => {
      const path = talk.established();
      path.data('a', 100, urgent);
      path.ack('b');
    },
    broken: (talk) => {
      const path = talk.established();
      talk.take('a', 100);
      const frame = dataWith(path, 'a', 100, {}, urgent);
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 100) } });
      return frame;
    },
    also: ['RFC8684-3.3.1-b a'],
  },
  {
    id: 'RFC8684-3.3.1-6',
    says: 'data without a known mapping is acknowledged on its subflow',
    host: 'b',
    verdict: 'warn',
    provoked: ['RFC8684-3.3.1-b a'],
    kept: (talk) => {
      const path = talk.established();
      unmapped(path, 'a');
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 100) } });
    },
  },
  {
    id: 'RFC8684-3.3.1-8',
    says: 'a window of data without a mapping ends the subflow',
    host: 'b',
    verdict: 'warn',
    provoked: ['RFC8684-3.3.1-b a'],
    kept: (talk) => {
      const path = talk.established();
      fillWindow(path);
      path.rst('b');
    },
    broken: (talk) => {
      const path = talk.established();
      fillWindow(path);
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 46 * 1460) } });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.3.1-11',
    says: 'numbers of 4 octets are taken',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.established();
      narrow(path, 'a');
      path.ack('b');
    },
  },
  {
    id: 'RFC8684-3.3.1-12',
    says: 'numbers of 4 octets do not wrap within two minutes',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.established();
      narrow(path, 'a');
      path.ack('b');
    },
    broken: (talk) => {
      const path = talk.established();
      for (let i = 0; i < 6; i += 1) {
        talk.take('a', 2 ** 30 - 100);
        narrow(path, 'a');
      }
      return talk.frame;
    },
  },
  ...([1, 0] as const).map((version): Case => ({
    id: 'RFC8684-3.3.1-13',
    says: 'the upper half counts up when the lower one wraps',
    host: 'a',
    verdict: 'fail',
    version,
    setup: { keys: WRAPS[version] },
    kept: (talk) => {
      const path = talk.open();
      path.data('a', 10);
      for (let i = 0; i < 3; i += 1) {
        narrow(path, 'b');
        path.ack('a');
      }
    },
    broken: (talk) => {
      const path = talk.open();
      path.data('a', 10);
      narrow(path, 'b', 10);
      path.ack('a');
      narrow(path, 'b');
      return path.ack('a', { dss: { dataAck: dataAck(talk, 'a') - 0x1_0000_0000n } });
    },
    also: ['RFC8684-3.3.2-b a', 'RFC8684-3.3.4-1 a'],
  })),
  {
    id: 'RFC8684-3.3.1-15',
    says: 'a mapping is on a segment that has some of its octets',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      const mapping = mappingOf(path, 'a', 100);
      const frame = path.ack('a', { dss: mapping });
      dataWith(path, 'a', 100, mapping);
      path.ack('b');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.1-a',
    says: 'the checksum is that of its mapping',
    host: 'a',
    verdict: 'fail',
    setup: { checksum: true },
    at: '10.0.1.1',
    kept: established,
    broken: (talk) => talk.established().data('a', 100, { dss: { checksum: 0x1234 } }),
  },
  {
    id: 'RFC8684-3.3.1-b',
    says: 'no data without a mapping',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      const frame = unmapped(path, 'a');
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 100) } });
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.1-c',
    says: 'an infinite mapping has checksum 0',
    host: 'a',
    verdict: 'fail',
    setup: { checksum: true },
    kept: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), dataLevelLength: 0, checksum: 0 });
    },
    broken: (talk) => {
      const path = talk.established();
      return dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), dataLevelLength: 0, checksum: 7 });
    },
  },
  {
    id: 'RFC8684-3.3.1-d',
    says: 'no Data ACK for data whose mapping nobody knows',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.3.1-b a'],
    kept: (talk) => {
      const path = talk.established();
      unmapped(path, 'a');
      path.data('a', 100);
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 200) } });
    },
    broken: (talk) => {
      const path = talk.established();
      unmapped(path, 'a');
      path.data('a', 100);
      return path.ack('b');
    },
  },
  {
    id: 'RFC8684-3.3.1-e',
    says: 'data sequence numbers have no gap',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100, 50));
      path.dataFin('a');
      return talk.frame - 1;
    },
    also: ['RFC8684-3.3.3-a a'],
  },
  {
    id: 'RFC8684-3.3.1-f',
    says: 'what is sent again has the same octets',
    host: 'a',
    verdict: 'warn',
    kept: (talk) => {
      talk.established();
      const path = talk.join();
      path.again('a', 0, new Uint8Array(100).fill(0));
      path.ack('b');
    },
    broken: (talk) => {
      talk.established();
      return talk.join().again('a', 0, new Uint8Array(100).fill(1));
    },
  },
  {
    id: 'RFC8684-3.3.1-g',
    says: 'the first octet is IDSN + 1',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.open();
      path.data('a', 100);
      path.ack('b');
      return dataWith(path, 'b', 100, mappingOf(path, 'b', 100, 500));
    },
    also: ['RFC8684-3.1-19 b'],
  },
  {
    id: 'RFC8684-3.3.2-1',
    says: 'numbers of 8 octets are acknowledged with 8',
    host: 'b',
    verdict: 'warn',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      return path.ack('b', { dss: { dataAckOctets: 4, dataAck: low(dataAck(talk, 'b')) } });
    },
  },
  {
    id: 'RFC8684-3.3.2-1',
    says: 'a host that sends 8 before and after can be told from a path that shortens them',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      const frame = path.ack('b', { dss: { dataAckOctets: 4, dataAck: low(dataAck(talk, 'b')) } });
      goOn(path);
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.2-a',
    says: 'what was not sent is not acknowledged',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      const frame = path.ack('b', { dss: { dataAck: dataAck(talk, 'b', -500) }, ...window(64_500) });
      path.data('a', 100);
      path.ack('b');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.2-b',
    says: 'a Data ACK does not go back',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      path.ack('b');
      path.data('a', 100);
      return path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 150) }, ...window(65_500) });
    },
  },
  {
    id: 'RFC8684-3.3.3-1',
    says: 'a DATA_FIN of its own has SSN 0 and length 1',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      return path.dataFin('a', { dss: { subflowSequenceNumber: path.ssn('a') } });
    },
  },
  {
    id: 'RFC8684-3.3.3-2',
    says: 'the last subflow stays open until all data is acknowledged',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      const frame = path.fin('a');
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 100) } });
      path.ack('b');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.3-3',
    says: 'subflows end with FINs after the DATA_FINs',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      dataFins(talk);
      return path.rst('a');
    },
  },
  {
    id: 'RFC8684-3.3.3-4',
    says: 'every subflow gets a FIN',
    host: 'a',
    verdict: 'warn',
    kept: established,
    broken: (talk) => {
      const first = talk.established();
      const path = talk.join();
      dataFins(talk);
      first.finish();
      const { frame } = talk;
      // Its addresses and ports serve another connection: it was left as it was.
      path.segment('a', SYN, NONE, [], { sequence: 0x7000_0000, after: 60_000 });
      return frame;
    },
    also: ['RFC8684-3.3.3-4 b'],
  },
  {
    id: 'RFC8684-3.3.3-a',
    says: 'the DATA_FIN follows the last octet',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      talk.take('a', 7);
      const frame = path.dataFin('a');
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 8) } });
      path.fin('a');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.3-a',
    says: 'and stays where it is',
    host: 'a',
    verdict: 'fail',
    broken: (talk) => {
      const path = talk.established();
      path.dataFin('a');
      return path.dataFin('a');
    },
  },
  {
    id: 'RFC8684-3.3.3-b',
    says: 'nothing new comes after the DATA_FIN',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      path.dataFin('a');
      return path.data('a', 100);
    },
  },
  {
    id: 'RFC8684-3.3.3-c',
    says: 'a DATA_FIN is acknowledged after all data before it',
    host: 'b',
    verdict: 'warn',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      const mapping = mappingOf(path, 'a', 100);
      path.dataFin('a');
      const frame = path.ack('b');
      dataWith(path, 'a', 100, mapping);
      path.ack('b');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.3-d',
    says: 'FIN and DATA_FIN share no packet while data is outstanding elsewhere',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.established();
      path.dataFin('a', { flags: FIN });
      path.ack('b');
    },
    broken: (talk) => {
      const path = talk.established();
      const spare = talk.join();
      spare.data('a', 100);
      const frame = path.dataFin('a', { flags: FIN });
      spare.ack('b', { acknowledgment: spare.next('a') - 100, dss: { dataAck: dataAck(talk, 'b', 101) } });
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.4-1',
    says: 'the right edge of the window does not move back',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      return path.ack('b', window(1000));
    },
  },
  {
    id: 'RFC8684-3.3.5-a',
    says: 'no data beyond the window',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      for (let i = 0; i < 46; i += 1) path.data('a', 1460);
      const { frame } = talk;
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 46 * 1460) } });
      return frame;
    },
  },
  {
    id: 'RFC8684-3.3.6-1',
    says: 'what was sent again elsewhere is acknowledged on its own subflow too',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const first = talk.established();
      const path = talk.join();
      first.data('a', 100);
      path.again('a', 100, new Uint8Array(100).fill(100));
      path.ack('b');
      first.ack('b');
    },
  },
];

export const transferInnocents: readonly Innocent[] = [
  {
    says: '3.3 of RFC 6824: in version 0 a checksum that was not agreed is ignored, not answered with a RST',
    id: 'RFC6824-3.3-2',
    verdicts: [],
    provoked: ['RFC8684-3.3-c a'],
    setup: { version: 0 },
    script: (talk) => {
      const path = talk.established();
      dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), checksum: 5 });
      path.ack('b');
      goOn(path);
    },
  },
  {
    says: '3.3: data with a checksum that was not agreed, not shown to have arrived, binds nobody',
    id: 'RFC8684-3.3-2',
    verdicts: ['b inconclusive'],
    provoked: ['RFC8684-3.3-c a'],
    script: (talk) => {
      const path = talk.established();
      const acknowledgment = path.next('a');
      dataWith(path, 'a', 100, { ...mappingOf(path, 'a', 100), checksum: 5 });
      path.data('b', 100, { acknowledgment, dss: { dataAck: dataAck(talk, 'b', 100) } });
    },
  },
  {
    says: '3.3.1: a checksum that does not match, seen far from its sender',
    id: 'RFC8684-3.3.1-a',
    verdicts: ['b inconclusive'],
    setup: { checksum: true },
    script: (talk) => void talk.open().data('b', 100, { dss: { checksum: 0x1234 } }),
  },
  {
    says: '3.3.1: data whose options a middlebox may have removed',
    id: 'RFC8684-3.3.1-b',
    verdicts: ['a pass', 'b pass'],
    script: (talk) => {
      const path = talk.established();
      talk.join();
      talk.take('a', 100);
      path.segment('a', ACK | PSH, new Uint8Array(100), []);
      path.ack('b', { dss: { dataAck: dataAck(talk, 'b', 100) } });
    },
  },
  {
    says: '3.3.1: data whose mapping was on a packet that the capture missed',
    id: 'RFC8684-3.3.1-b',
    verdicts: ['a pass', 'b pass'],
    script: (talk) => {
      const path = talk.established();
      const mapping = mappingOf(path, 'a', 200);
      dataWith(path, 'a', 100, mapping, { hidden: true });
      dataWith(path, 'a', 100, {});
      path.ack('b');
    },
  },
  {
    says: '3.3.1: data sequence numbers that travelled on a subflow outside the capture',
    id: 'RFC8684-3.3.1-e',
    verdicts: ['a inconclusive', 'b pass'],
    script: (talk) => {
      const path = talk.established();
      talk.take('a', 500);
      path.data('a', 100);
      path.ack('b');
    },
  },
  {
    says: '3.3.2: a Data ACK of what travelled on a subflow outside the capture',
    id: 'RFC8684-3.3.2-a',
    verdicts: ['a pass', 'b pass'],
    script: (talk) => {
      const path = talk.established();
      talk.take('a', 500);
      path.ack('b');
      path.data('a', 100);
      path.ack('b');
    },
  },
  {
    says: '3.3.3: a DATA_FIN that was acknowledged although some data was not captured',
    id: 'RFC8684-3.3.3-c',
    verdicts: ['b inconclusive'],
    script: (talk) => {
      const path = talk.established();
      path.data('a', 100, { hidden: true });
      path.dataFin('a');
      path.ack('b');
    },
  },
  {
    says: '3.3.3: a RST on a subflow with outstanding data after the DATA_FINs',
    id: 'RFC8684-3.3.3-3',
    verdicts: [],
    script: (talk) => {
      const first = talk.established();
      const path = talk.join();
      path.data('a', 100);
      first.again('a', 100, new Uint8Array(100).fill(100));
      dataFins(talk);
      path.rst('a', [tcprst(4)]);
    },
  },
  {
    says: '3.3.3: the Data ACK of the last data was not captured',
    id: 'RFC8684-3.3.3-2',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.established();
      path.data('a', 100);
      path.ack('b', { hidden: true });
      path.fin('a');
    },
  },
  {
    says: '3.3.5: a larger window was on an ACK that the capture missed',
    id: 'RFC8684-3.3.5-a',
    verdicts: ['a pass', 'b pass'],
    script: (talk) => {
      const path = talk.established();
      path.ack('b', { hidden: true });
      for (let i = 0; i < 40; i += 1) path.data('a', 1460);
      path.ack('b', { hidden: true });
      for (let i = 0; i < 40; i += 1) path.data('a', 1460);
      path.ack('b');
    },
  },
  {
    says: '3.3.6: what was sent again elsewhere waits on its own subflow as the capture ends',
    id: 'RFC8684-3.3.6-1',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const first = talk.established();
      const path = talk.join();
      first.data('a', 100);
      path.again('a', 100, new Uint8Array(100).fill(100));
      path.ack('b');
    },
  },
];
