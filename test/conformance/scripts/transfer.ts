/** Cases of sections 3.3.2 to 3.3.6: Data ACKs, the DATA_FIN, windows and what is sent again. */
import { FIN, SYN } from '../../../codecs/packet/index.ts';
import { NONE, dataAck, dataFins, dataWith, established, goOn, low, mappingOf, window } from './case.ts';
import type { Case } from './case.ts';

export const transferCases: readonly Case[] = [
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
