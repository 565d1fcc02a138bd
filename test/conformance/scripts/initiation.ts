/** Cases of sections 3 and 3.1: duplicate ACKs with signals, and the MP_CAPABLE handshake. */
import type { MptcpOption } from '../../../codecs/mptcp/index.ts';
import { ACK, PSH, SYN } from '../../../codecs/packet/index.ts';
import { NONE, blank, capable, dataWith, established, goOn, handshake, mappingOf, plain, regular } from './case.ts';
import type { Case } from './case.ts';
import { keyCases } from './keys.ts';

const prio: MptcpOption = { kind: 'MP_PRIO', backup: false, reserved: 0 };
export const initiationCases: readonly Case[] = [
  {
    id: 'RFC8684-3-2',
    says: 'two duplicate ACKs in a row may signal, a third may not',
    host: 'a',
    verdict: 'warn',
    kept: (talk) => {
      const path = talk.established();
      path.signal('a', [prio]);
      path.signal('a', [prio]);
      goOn(path);
      path.signal('a', [prio]);
    },
    broken: (talk) => {
      const path = talk.established();
      path.signal('a', [prio]);
      path.signal('a', [prio]);
      return path.signal('a', [prio]);
    },
  },
  {
    id: 'RFC8684-3.1-2',
    says: 'the SYN/ACK has no higher version than the SYN',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK', { version: 2 }), capable(talk, 'ACK'));
      return 2;
    },
  },
  {
    id: 'RFC8684-3.1-2',
    says: 'a lower one is fine, and decides',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN', { version: 2 }), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'));
      path.data('a', 10);
      path.ack('b');
    },
  },
  ...keyCases,
  { id: 'RFC8684-3.1-8', says: 'the first ACK has MP_CAPABLE with both keys', host: 'a', verdict: 'fail', kept: established },
  {
    id: 'RFC8684-3.1-9',
    says: 'a listener whose key comes back altered sends no MPTCP option any more',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.1-b a'],
    kept: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK', { receiverKey: 9n }));
      plain(path, 'b');
      plain(path, 'a', 0);
    },
    broken: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK', { receiverKey: 9n }));
      return path.data('b', 100);
    },
  },
  {
    id: 'RFC8684-3.1-10',
    says: 'no join before a DSS of the peer has come',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      talk.established();
      talk.join();
    },
    broken: (talk) => {
      const path = blank(talk);
      path.segment('a', SYN, NONE, [capable(talk, 'SYN')]);
      path.segment('b', SYN | ACK, NONE, [capable(talk, 'SYN/ACK')]);
      talk.join({ until: 'syn' });
      const { frame } = talk;
      path.segment('a', ACK, NONE, [capable(talk, 'ACK')]);
      goOn(path);
      return frame;
    },
  },
  {
    id: 'RFC8684-3.1-10',
    says: 'nor right after the third packet, unless a DSS was missed',
    host: 'a',
    verdict: 'warn',
    broken: (talk) => {
      const path = talk.open();
      talk.join({ until: 'syn' });
      const { frame } = talk;
      goOn(path);
      return frame;
    },
  },
  {
    id: 'RFC8684-3.1-12',
    says: 'B is 0',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN', { extensibility: true }), null, null);
      return 1;
    },
  },
  {
    id: 'RFC8684-3.1-12',
    says: 'nor does a listener set it',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK', { extensibility: true }), capable(talk, 'ACK'));
      return 2;
    },
  },
  {
    id: 'RFC8684-3.1-13',
    says: 'a SYN with B = 1 is answered as regular TCP',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.1-12 a'],
    kept: (talk) => regular(handshake(talk, capable(talk, 'SYN', { extensibility: true }), null, null)),
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN', { extensibility: true }), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'));
      return 2;
    },
  },
  {
    id: 'RFC8684-3.1-15',
    says: 'H alone is set',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN', { cryptoAlgorithms: 3 }), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'));
      return 1;
    },
  },
  {
    id: 'RFC8684-3.1-16',
    says: 'an algorithm is named',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      regular(handshake(talk, capable(talk, 'SYN', { cryptoAlgorithms: 0 }), null, null));
      return 1;
    },
    also: ['RFC8684-3.1-15 a'],
  },
  {
    id: 'RFC8684-3.1-17',
    says: 'a SYN without an algorithm counts as one without MP_CAPABLE',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.1-15 a', 'RFC8684-3.1-16 a'],
    kept: (talk) => regular(handshake(talk, capable(talk, 'SYN', { cryptoAlgorithms: 0 }), null, null)),
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN', { cryptoAlgorithms: 0 }), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'));
      return 2;
    },
    also: ['RFC8684-3.1-g b'],
  },
  {
    id: 'RFC8684-3.1-17',
    says: 'a SYN/ACK likewise',
    host: 'a',
    verdict: 'fail',
    provoked: ['RFC8684-3.1-15 b', 'RFC8684-3.1-16 b', 'RFC8684-3.1-g b'],
    kept: (talk) => regular(handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK', { cryptoAlgorithms: 0 }), null)),
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK', { cryptoAlgorithms: 0 }), capable(talk, 'ACK'));
      return 3;
    },
  },
  {
    id: 'RFC8684-3.1-18',
    says: 'a token is the first 32 bits of the hash of the key',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      talk.established();
      talk.join();
    },
    broken: (talk) => {
      talk.established();
      talk.join({ syn: { receiverToken: 7 }, until: 'synAck' });
      return talk.frame - 1;
    },
    also: ['RFC8684-3.2-f a', 'RFC8684-3.2-6 b'],
  },
  {
    id: 'RFC8684-3.1-19',
    says: 'the IDSN is the last 64 bits of the hash of the key',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.open();
      path.data('a', 100);
      path.ack('b');
      const frame = dataWith(path, 'b', 100, mappingOf(path, 'b', 100, 500));
      plain(path, 'a', 0);
      return frame;
    },
    also: ['RFC8684-3.3.1-g b'],
  },
  {
    id: 'RFC8684-3.1-22',
    says: 'every mapping has a checksum once either host has asked for them',
    host: 'b',
    verdict: 'fail',
    setup: { checksum: true },
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      return dataWith(path, 'b', 100, mappingOf(path, 'b', 100));
    },
  },
  {
    id: 'RFC8684-3.1-23',
    says: 'in both directions also where only the SYN/ACK asks for them',
    host: 'a',
    verdict: 'fail',
    setup: { checksum: true, capable: [{ checksumRequired: false }] },
    kept: established,
    broken: (talk) => {
      const path = talk.established();
      return dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
    },
    also: ['RFC8684-3.1-22 a'],
  },
  {
    id: 'RFC8684-3.1-25',
    says: 'a SYN whose algorithms nobody knows is answered without MP_CAPABLE',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.1-15 a'],
    kept: (talk) => regular(handshake(talk, capable(talk, 'SYN', { cryptoAlgorithms: 2 }), null, null)),
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN', { cryptoAlgorithms: 2 }), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'));
      return 2;
    },
    also: ['RFC8684-3.1-g b'],
  },
  {
    id: 'RFC8684-3.1-26',
    says: 'no MPTCP after a SYN/ACK without MP_CAPABLE',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => regular(handshake(talk, capable(talk, 'SYN'), null, null)),
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), null, capable(talk, 'ACK'));
      return 3;
    },
    also: ['RFC8684-3.7-1 a'],
  },
  {
    id: 'RFC8684-3.1-27',
    says: 'no MP_CAPABLE answers a SYN without one',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      handshake(talk, null, capable(talk, 'SYN/ACK'), null);
      return 2;
    },
  },
  {
    id: 'RFC8684-3.1-28',
    says: 'a third packet without MP_CAPABLE makes it regular TCP',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => regular(handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), null)),
    broken: (talk) => {
      const path = handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), null);
      plain(path, 'a');
      return path.data('b', 100);
    },
  },
  {
    id: 'RFC8684-3.1-a',
    says: 'the SYN has length 4, in version 0 length 12',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const { senderKey: _, ...without } = capable(talk, 'SYN');
      const wrong = talk.version === 1 ? { ...without, senderKey: 5n } : capable(talk, 'ACK');
      handshake(talk, wrong, null, null);
      return 1;
    },
  },
  {
    id: 'RFC8684-3.1-a',
    says: 'no other length is known',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), Uint8Array.of(30, 5, talk.version, 1, 0), null);
      return 2;
    },
  },
  {
    id: 'RFC8684-3.1-b',
    says: "the third packet repeats the listener's key",
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK', { receiverKey: 9n }));
      return 3;
    },
  },
  {
    id: 'RFC8684-3.1-c',
    says: 'every MP_CAPABLE after the SYN has the same keys',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.open();
      path.signal('a', [capable(talk, 'ACK')]);
    },
    broken: (talk) => {
      const path = talk.open();
      return path.signal('a', [capable(talk, 'ACK', { senderKey: 9n })]);
    },
  },
  {
    id: 'RFC8684-3.1-d',
    says: 'MP_CAPABLE stays on the first subflow',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      talk.established();
      return talk.join().signal('a', [capable(talk, 'ACK')]);
    },
  },
  {
    id: 'RFC8684-3.1-e',
    says: 'first data has MP_CAPABLE, unless a DSS has come',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      const path = talk.open();
      const frame = dataWith(path, 'a', 100, mappingOf(path, 'a', 100));
      path.ack('b');
      return frame;
    },
  },
  {
    id: 'RFC8684-3.1-f',
    says: 'A of the third packet says what was agreed',
    host: 'a',
    verdict: 'fail',
    setup: { checksum: true, capable: [{ checksumRequired: false }] },
    kept: established,
    broken: (talk) => {
      handshake(
        talk,
        capable(talk, 'SYN', { checksumRequired: false }),
        capable(talk, 'SYN/ACK'),
        capable(talk, 'ACK', { checksumRequired: false }),
      );
      return 3;
    },
  },
  {
    id: 'RFC8684-3.1-g',
    says: 'the SYN/ACK chooses one algorithm',
    host: 'b',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      handshake(
        talk,
        capable(talk, 'SYN', { cryptoAlgorithms: 3 }),
        capable(talk, 'SYN/ACK', { cryptoAlgorithms: 3 }),
        capable(talk, 'ACK'),
      );
      return 2;
    },
    also: ['RFC8684-3.1-15 a', 'RFC8684-3.1-15 b'],
  },
  {
    id: 'RFC8684-3.1-h',
    says: 'the initiator goes on with the version that was agreed',
    host: 'a',
    verdict: 'fail',
    kept: established,
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK', { version: 1 - talk.version }));
      return 3;
    },
  },
  {
    id: 'RFC8684-3.1-i',
    says: 'an MP_CAPABLE mapping is repeated as it was',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const path = talk.open();
      const option = { ...capable(talk, 'ACK'), dataLevelLength: 100 };
      const sequence = path.next('a');
      path.data('a', 100, { hidden: true });
      path.segment('a', ACK | PSH, new Uint8Array(50), [option], { sequence });
      path.segment('a', ACK | PSH, new Uint8Array(50), [option], { sequence: sequence + 50 });
      path.ack('b');
    },
    broken: (talk) => {
      const path = talk.open();
      const sequence = path.next('a');
      path.data('a', 100);
      const option = { ...capable(talk, 'ACK'), dataLevelLength: 120 };
      return path.segment('a', ACK | PSH, new Uint8Array(120), [option], { sequence });
    },
  },
  { id: 'RFC8684-3.1-j', says: 'data with MP_CAPABLE gets a Data ACK', host: 'b', verdict: 'fail', kept: established, version: 1 },
];
