/** What looks like a breach of sections 3.1 and 3.3 to 3.3.6 and is none, or cannot be told from one. */
import { ACK, FIN, PSH, RST, SYN } from '../../../codecs/packet/index.ts';
import { NONE, blank, capable, dataAck, dataFins, dataWith, goOn, handshake, mappingOf, plain, regular, tcprst } from './case.ts';
import type { Extra, Path } from '../../arbitraries/conversation.ts';
import type { Innocent } from './case.ts';

export const initiationInnocents: readonly Innocent[] = [
  {
    says: '3.1: a SYN with MP_CAPABLE overtaken by its repetition without it',
    id: 'RFC8684-3.1-27',
    verdicts: [],
    script: (talk) => {
      const path = blank(talk);
      const sequence = path.next('a');
      path.segment('a', SYN, NONE, []);
      path.segment('a', SYN, NONE, [capable(talk, 'SYN')], { sequence });
      path.segment('b', SYN | ACK, NONE, [capable(talk, 'SYN/ACK')]);
      path.segment('a', ACK, NONE, [capable(talk, 'ACK')]);
      goOn(path);
    },
  },
  {
    says: '3.1: a SYN that gives MPTCP up after others with MP_CAPABLE',
    id: 'RFC8684-3.1-26',
    verdicts: ['a pass', 'b pass'],
    script: (talk) => {
      const path = blank(talk);
      const sequence = path.next('a');
      path.segment('a', SYN, NONE, [capable(talk, 'SYN')]);
      path.segment('a', SYN, NONE, [], { sequence, after: 1000 });
      path.segment('b', SYN | ACK, NONE, []);
      regular(path);
    },
  },
  {
    says: '3.1: the key of another host, which is not the one that has it',
    id: 'RFC8684-3.1-5/2',
    verdicts: ['a pass', 'b pass', 'a pass', 'b pass'],
    before: { keys: [0x1112_1314_1516_1718n, 5n], addresses: ['10.0.7.1', '10.0.8.1'] },
    script: (talk) => goOn(handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'))),
  },
  {
    says: '3.1: a DSS that was not captured, as the gap shows, came before first data without MP_CAPABLE',
    id: 'RFC8684-3.1-e',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.open();
      path.data('b', 100, { hidden: true });
      path.data('a', 100);
      path.ack('b');
    },
  },
  {
    says: '3.1: a join whose interface was captured up to a millisecond ahead: a DSS follows at once, and may have come before',
    id: 'RFC8684-3.1-10',
    verdicts: ['a warn'],
    script: (talk) => {
      const soon = { after: 0.1 };
      const path = blank(talk);
      path.segment('a', SYN, NONE, [capable(talk, 'SYN')]);
      path.segment('b', SYN | ACK, NONE, [capable(talk, 'SYN/ACK')]);
      talk.join({ until: 'syn' });
      path.segment('a', ACK, NONE, [capable(talk, 'ACK')], soon);
      path.data('b', 100, soon);
      path.ack('a');
    },
  },
  {
    says: '3.1: the same of an ADD_ADDR, which proves as much as a DSS',
    id: 'RFC8684-3.1-10',
    verdicts: ['a warn'],
    script: (talk) => {
      const path = blank(talk);
      path.segment('a', SYN, NONE, [capable(talk, 'SYN')]);
      path.segment('b', SYN | ACK, NONE, [capable(talk, 'SYN/ACK')]);
      talk.join({ until: 'syn' });
      path.segment('a', ACK, NONE, [capable(talk, 'ACK')], { after: 0.1 });
      path.signal('b', [talk.addAddr('b', 1, '10.0.8.1')], { after: 0.1 });
      path.data('b', 100, { after: 2 });
      path.ack('a');
    },
  },
  {
    says: '3.1: a join, of a capture that misses the third packet and what came next',
    id: 'RFC8684-3.1-10',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.open();
      path.ack('b');
      talk.join({ until: 'syn' });
    },
    without: [3, 4],
  },
  {
    says: '3.1: a packet without options after a fallback, of a capture that misses the third packet and first data',
    id: 'RFC8684-3.1-28',
    verdicts: [],
    script: (talk) => {
      const path = talk.open();
      path.data('a', 100);
      path.ack('b');
      plain(path, 'a', 0);
      path.data('b', 100);
    },
    without: [3, 4],
  },
  {
    says: '3.1: first data that was captured up to a millisecond before a DSS of the listener',
    id: 'RFC8684-3.1-e',
    verdicts: ['a warn'],
    script: (talk) => {
      const path = talk.open();
      dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      path.data('b', 100, { after: 0.1 });
      goOn(path);
    },
  },
  {
    says: '3.1: a DSS that was not captured, as the gap shows, came before a join',
    id: 'RFC8684-3.1-10',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.open();
      path.data('b', 100, { hidden: true });
      path.ack('a');
      talk.join();
    },
  },
  {
    says: '3.1: the third packet lost its MP_CAPABLE on the way, and MPTCP is given up',
    id: 'RFC8684-3.1-8',
    verdicts: [],
    script: (talk) => regular(handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), null)),
  },
  {
    says: '3.1: first data has a DSS after one of the listener has come',
    id: 'RFC8684-3.1-e',
    verdicts: [],
    script: (talk) => {
      const path = talk.open();
      path.data('b', 100);
      path.data('a', 100);
      path.ack('b');
      talk.close();
    },
  },
  {
    says: '3.1: an initiator whose third packet lost its MP_CAPABLE on the way goes on as it must',
    id: 'RFC8684-3.1-28',
    verdicts: ['a inconclusive', 'b pass'],
    script: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), null);
      path.data('a', 100);
      path.ack('a');
      plain(path, 'b', 0);
    },
  },
  {
    says: '3.1: a third packet with other keys that never arrived binds the listener to nothing',
    id: 'RFC8684-3.1-9',
    verdicts: ['b inconclusive'],
    provoked: ['RFC8684-3.1-b a'],
    script: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK', { receiverKey: 9n }));
    },
  },
];

/** The last subflow is closed by host a before its data is acknowledged, as the capture has it. */
const closedFirst = (path: Path, extra: Extra): void => {
  const { talk } = path;
  path.data('a', 100);
  const before = { acknowledgment: path.next('a') };
  path.segment('a', ACK | FIN, NONE, [talk.dss('a')], extra);
  path.data('b', 100, { ...before, dss: { dataAck: dataAck(talk, 'b', 100) } });
  path.ack('b');
};

/** The timestamps option (RFC 7323). */
const timestamps = (value: number): Uint8Array => Uint8Array.of(8, 10, 0, 0, 0, value, 0, 0, 0, 1);

export const transferInnocents: readonly Innocent[] = [
  {
    says: '3.3.2: a retransmission with a newer Data ACK overtakes new data, as their timestamps show',
    id: 'RFC8684-3.3.2-b',
    verdicts: ['a pass', 'b pass'],
    script: (talk) => {
      const path = talk.established();
      const sequence = path.next('a');
      path.data('a', 100, { options: [timestamps(10)] });
      const acknowledgment = path.next('b');
      talk.join({ opener: 'a' }).data('b', 100);
      const payload = new Uint8Array(100).fill(100);
      path.again('a', 100, payload, { sequence, acknowledgment, options: [timestamps(12)], dss: { subflowSequenceNumber: 101 } });
      path.data('a', 100, { acknowledgment, options: [timestamps(11)], dss: { dataAck: dataAck(talk, 'a', 100) } });
      path.ack('b');
    },
  },
  {
    says: '3.3.2: a retransmission with a newer Data ACK, at the start of the capture, overtakes what was sent before',
    id: 'RFC8684-3.3.2-b',
    verdicts: [],
    script: (talk) => {
      const path = talk.established();
      const [sequence, acknowledgment] = [path.next('a'), path.next('b')];
      path.data('a', 100, { hidden: true });
      path.data('b', 100, { hidden: true });
      path.again('a', 100, new Uint8Array(100).fill(100), { sequence, dss: { subflowSequenceNumber: 101 } });
      path.data('a', 100, { acknowledgment, dss: { dataAck: dataAck(talk, 'a', 100) } });
    },
    without: [1, 2, 3, 4, 5, 6, 7],
  },
  {
    says: '3.3.3: a FIN that was captured before what came before it, as its acknowledgement shows',
    id: 'RFC8684-3.3.3-2',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.established();
      closedFirst(path, { acknowledgment: path.next('b') + 100 });
    },
  },
  {
    says: '3.3.3: a FIN in a capture of one direction ahead of the other, as the SYN/ACK shows that comes after its answer',
    id: 'RFC8684-3.3.3-2',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = blank(talk);
      path.segment('a', SYN, NONE, [capable(talk, 'SYN')]);
      const acknowledgment = path.next('b') + 1;
      path.segment('a', ACK, NONE, [capable(talk, 'ACK')], { acknowledgment });
      path.segment('b', SYN | ACK, NONE, [capable(talk, 'SYN/ACK')], { acknowledgment: path.next('a') });
      goOn(path);
      closedFirst(path, {});
    },
  },
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
    says: '3.7: an ACK whose DSS was removed, after a Data ACK on an ACK of half of a mapping: options get through',
    id: 'RFC8684-3.7-4',
    verdicts: [],
    script: (talk) => {
      const path = talk.open();
      const half = new Uint8Array(100);
      const start = talk.take('a', 200);
      const mapping = { ...talk.capableAck, dataLevelLength: 200 };
      path.segment('a', ACK | PSH, half, [mapping]);
      path.ack('b', { dss: { dataAck: start } });
      path.segment('a', ACK | PSH, half, [mapping]);
      path.ack('b', { bare: true });
      goOn(path);
    },
  },
  {
    says: '3.3.3: an opener that may never have had the ACK of its third packet resets what was no subflow to it (section 3.2)',
    id: 'RFC8684-3.3.3-3',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      talk.established();
      const path = talk.join();
      dataFins(talk);
      path.rst('a');
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
    says: '3.3.3: a RST without ACK answers a segment for a subflow that is gone; its FIN was not captured',
    id: 'RFC8684-3.3.3-3',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      const path = talk.established();
      dataFins(talk);
      path.segment('a', RST, NONE, []);
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
