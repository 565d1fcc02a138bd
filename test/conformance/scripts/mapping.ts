/** Cases of sections 3.3 and 3.3.1: the DSS and its mappings. */
import type { Extra, HostName, Path } from '../../arbitraries/conversation.ts';
import { dataAck, dataWith, established, low, mappingOf, tcprst } from './case.ts';
import type { Case } from './case.ts';

const URG = 32;
const MPTCP_SPECIFIC_ERROR = 1;

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

/** Keys whose IDSN is just below a multiple of 2^32. */
const WRAPS = { 1: [0x0102_0304_0506_0708n, 2_371_058n], 0: [0x0102_0304_0506_0708n, 1_129_577n] } as const;

export const mappingCases: readonly Case[] = [
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
    id: 'RFC8684-3.3.1-g',
    says: 'nothing is mapped before IDSN + 1',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      const path = talk.open();
      path.data('a', 100);
      path.ack('b');
      return dataWith(path, 'b', 100, mappingOf(path, 'b', 100, -1));
    },
  },
];
