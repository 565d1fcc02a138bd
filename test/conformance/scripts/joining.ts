/** Cases of section 3.2: MP_JOIN, its token and HMACs, and the RSTs that end what fails. */
import { joinAckHmac, joinSynAckHmac } from '../../../codecs/mptcp/index.ts';
import type { MpJoinAck, MpJoinSyn, MpJoinSynAck } from '../../../codecs/mptcp/index.ts';
import { ACK, SYN } from '../../../codecs/packet/index.ts';
import type { Path, Talk } from '../../arbitraries/conversation.ts';
import { NONE, blank, goOn, plain, tcprst } from './case.ts';
import type { Case, Innocent, Script } from './case.ts';

const WRONG_64 = new Uint8Array(8).fill(0xee);
const WRONG_160 = new Uint8Array(20).fill(0xee);
const MPTCP_SPECIFIC_ERROR = 1;

const joined: Script = (talk) => {
  talk.established();
  const path = talk.join();
  goOn(path);
  talk.close();
};

/** A SYN with MP_JOIN, and an answer without it. */
const withoutMpJoin = (talk: Talk): Path => {
  talk.established();
  const path = talk.join({ until: 'syn' });
  path.segment('b', SYN | ACK, NONE, []);
  return path;
};

/** A handshake of which the third packet lacks MP_JOIN. */
const plainThird = (talk: Talk): Path => {
  talk.established();
  const path = talk.join({ until: 'synAck' });
  plain(path, 'a', 0);
  return path;
};

/** The acceptor takes a token that it has not given, as its HMAC shows. */
const wrongTokenTaken = (talk: Talk): void => {
  talk.established();
  talk.join({ syn: { receiverToken: 7 }, until: 'synAck' });
};

/** The third packet of the only join, once more. */
const ackOf = ({ version, keys }: Talk): MpJoinAck => ({
  kind: 'MP_JOIN',
  segment: 'ACK',
  senderTruncatedHmac: joinAckHmac(version, keys.a, keys.b, 0x0a00_0002, 0x0b00_0002),
  reserved: 0,
});

/** Its SYN/ACK. */
const synAckOf = ({ version, keys }: Talk): MpJoinSynAck => ({
  kind: 'MP_JOIN',
  segment: 'SYN/ACK',
  backup: false,
  reserved: 0,
  addressId: 0,
  senderTruncatedHmac: joinSynAckHmac(version, keys.b, keys.a, 0x0b00_0002, 0x0a00_0002),
  senderRandomNumber: 0x0b00_0002,
});

export const joiningCases: readonly Case[] = [
  {
    id: 'RFC8684-3.2-2',
    says: 'reserved bits of the SYN are 0',
    host: 'a',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      talk.established();
      talk.join({ syn: { reserved: 2 } satisfies Partial<MpJoinSyn> });
      return talk.frame - 3;
    },
  },
  {
    id: 'RFC8684-3.2-2',
    says: 'and of the SYN/ACK',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      talk.established();
      talk.join({ synAck: { reserved: 1 } satisfies Partial<MpJoinSynAck> });
      return talk.frame - 2;
    },
  },
  { id: 'RFC8684-3.2-3', says: 'a SYN with a valid token gets a SYN/ACK with MP_JOIN', host: 'b', verdict: 'warn', kept: joined },
  { id: 'RFC8684-3.2-4/1', says: 'the third packet is acknowledged', host: 'b', verdict: 'fail', kept: joined },
  {
    id: 'RFC8684-3.2-4/2',
    says: 'the third packet is sent again until it is acknowledged',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      const first = talk.established();
      const path = talk.join({ until: 'ack' });
      path.signal('a', [ackOf(talk)], { after: 1000 });
      path.ack('b');
      goOn(first);
    },
    broken: (talk) => {
      const first = talk.established();
      const path = talk.join({ until: 'ack' });
      const { frame } = talk;
      goOn(first);
      // The acceptor repeats its SYN/ACK: it has not got the third packet.
      path.segment('b', SYN | ACK, NONE, [synAckOf(talk)], { after: 1000, sequence: path.next('b') - 1 });
      first.data('a', 10, { after: 8000 });
      return frame;
    },
  },
  {
    id: 'RFC8684-3.2-5',
    says: 'reserved bits of the third packet are 0',
    host: 'a',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      talk.established();
      talk.join({ ack: { reserved: 0x800 } satisfies Partial<MpJoinAck> });
      return talk.frame - 1;
    },
  },
  {
    id: 'RFC8684-3.2-6',
    says: 'an unknown token gets a RST',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => {
      talk.established();
      talk.join({ until: 'refused', rst: { options: [tcprst(MPTCP_SPECIFIC_ERROR)] } });
    },
    broken: (talk) => {
      wrongTokenTaken(talk);
      return talk.frame;
    },
    also: ['RFC8684-3.2-f a', 'RFC8684-3.1-18 a'],
  },
  {
    id: 'RFC8684-3.2-7',
    says: 'a SYN/ACK with the wrong HMAC gets a RST',
    host: 'a',
    verdict: 'fail',
    provoked: ['RFC8684-3.2-a b'],
    kept: (talk) => {
      talk.established();
      talk.join({ synAck: { senderTruncatedHmac: WRONG_64 }, until: 'synAck' }).rst('a', [tcprst(MPTCP_SPECIFIC_ERROR)]);
    },
    broken: (talk) => {
      talk.established();
      talk.join({ synAck: { senderTruncatedHmac: WRONG_64 }, until: 'ack' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.2-8',
    says: 'that RST gives the reason',
    host: 'a',
    verdict: 'warn',
    provoked: ['RFC8684-3.2-a b'],
    kept: (talk) => {
      talk.established();
      talk.join({ synAck: { senderTruncatedHmac: WRONG_64 }, until: 'synAck' }).rst('a', [tcprst(MPTCP_SPECIFIC_ERROR)]);
    },
    broken: (talk) => {
      talk.established();
      return talk.join({ synAck: { senderTruncatedHmac: WRONG_64 }, until: 'synAck' }).rst('a');
    },
  },
  {
    id: 'RFC8684-3.2-8',
    says: 'also the RST for a third packet without MP_JOIN',
    host: 'b',
    verdict: 'warn',
    kept: (talk) => void plainThird(talk).rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]),
    broken: (talk) => plainThird(talk).rst('b', [tcprst(2)]),
  },
  {
    id: 'RFC8684-3.2-9',
    says: 'a third packet with the wrong HMAC gets a RST',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.2-b a'],
    kept: (talk) => {
      talk.established();
      talk.join({ ack: { senderTruncatedHmac: WRONG_160 }, until: 'ack' }).rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]);
    },
    broken: (talk) => {
      talk.established();
      return talk.join({ ack: { senderTruncatedHmac: WRONG_160 }, until: 'ack' }).ack('b');
    },
  },
  {
    id: 'RFC8684-3.2-9',
    says: 'and one without MP_JOIN',
    host: 'b',
    verdict: 'fail',
    kept: (talk) => void plainThird(talk).rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]),
    broken: (talk) => plainThird(talk).data('b', 100),
  },
  {
    id: 'RFC8684-3.2-10',
    says: 'a SYN/ACK without MP_JOIN gets a RST',
    host: 'a',
    verdict: 'fail',
    kept: (talk) => void withoutMpJoin(talk).rst('a', [tcprst(MPTCP_SPECIFIC_ERROR)]),
    broken: (talk) => plain(withoutMpJoin(talk), 'a', 0),
  },
  {
    id: 'RFC8684-3.2-10',
    says: 'nor is the handshake finished with MP_JOIN',
    host: 'a',
    verdict: 'fail',
    broken: (talk) => withoutMpJoin(talk).signal('a', [ackOf(talk)]),
  },
  {
    id: 'RFC8684-3.2-12',
    says: 'a token finds its connection on another port',
    host: 'b',
    verdict: 'fail',
    provoked: ['RFC8684-3.9.1-2 a'],
    kept: (talk) => {
      talk.established();
      talk.join({ ports: [40_000, 7000] });
    },
  },
  {
    id: 'RFC8684-3.2-a',
    says: 'the SYN/ACK has the leftmost 64 bits of the HMAC',
    host: 'b',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      talk.established();
      talk.join({ synAck: { senderTruncatedHmac: WRONG_64 }, until: 'synAck' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.2-a',
    says: "also when the connection's listener opens the subflow",
    host: 'a',
    verdict: 'fail',
    kept: (talk) => {
      talk.established();
      talk.join({ opener: 'b', ids: [0, 1] });
    },
    broken: (talk) => {
      talk.established();
      talk.join({ opener: 'b', ids: [0, 1], synAck: { senderTruncatedHmac: WRONG_64 }, until: 'synAck' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.2-b',
    says: 'the third packet has the leftmost 160 bits of the HMAC',
    host: 'a',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      talk.established();
      talk.join({ ack: { senderTruncatedHmac: WRONG_160 }, until: 'ack' });
      return talk.frame;
    },
  },
  {
    id: 'RFC8684-3.2-c',
    says: 'no data before the acceptor has acknowledged the MP_JOIN',
    host: 'a',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      talk.established();
      const path = talk.join({ until: 'ack' });
      const acknowledgment = path.next('a');
      const frame = path.data('a', 100);
      // It acknowledges the third packet, and none of the data that came before it.
      path.ack('b', { acknowledgment });
      return frame;
    },
  },
  {
    id: 'RFC8684-3.2-e',
    says: 'each packet has the MP_JOIN of its form',
    host: 'b',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      talk.established();
      const path = talk.join({ until: 'syn' });
      const common = { kind: 'MP_JOIN', segment: 'SYN', backup: false, reserved: 0, addressId: 0 } as const;
      return path.segment('b', SYN | ACK, NONE, [{ ...common, receiverToken: talk.tokens.a, senderRandomNumber: 1 }]);
    },
  },
  {
    id: 'RFC8684-3.2-e',
    says: 'a SYN has it in the form for SYNs',
    host: 'a',
    verdict: 'fail',
    version: 1,
    broken: (talk) => {
      talk.established();
      const path = blank(talk, 0x4000);
      const form = {
        kind: 'MP_JOIN',
        segment: 'SYN/ACK',
        backup: false,
        reserved: 0,
        addressId: 1,
        senderTruncatedHmac: new Uint8Array(8),
      } as const;
      const frame = path.segment('a', SYN, NONE, [{ ...form, senderRandomNumber: 1 }]);
      path.segment('b', SYN | ACK, NONE, [{ ...form, addressId: 0, senderRandomNumber: 2 }]);
      return frame;
    },
  },
  {
    id: 'RFC8684-3.2-e',
    says: 'no other length is known',
    host: 'b',
    verdict: 'fail',
    broken: (talk) => {
      talk.established();
      return talk.join({ until: 'syn' }).segment('b', SYN | ACK, NONE, [Uint8Array.of(30, 13, 0x10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)]);
    },
  },
  {
    id: 'RFC8684-3.2-f',
    says: "the SYN has the receiver's token",
    host: 'a',
    verdict: 'fail',
    kept: joined,
    broken: (talk) => {
      wrongTokenTaken(talk);
      return talk.frame - 1;
    },
    also: ['RFC8684-3.1-18 a', 'RFC8684-3.2-6 b'],
  },
  {
    id: 'RFC8684-3.2-g',
    says: 'a RST that refuses a join gives its reason',
    host: 'b',
    verdict: 'warn',
    kept: (talk) => {
      talk.established();
      talk.join({ until: 'refused', rst: { options: [tcprst(3)] } });
    },
    broken: (talk) => {
      talk.established();
      talk.join({ until: 'refused' });
      return talk.frame;
    },
  },
  { id: 'RFC8684-3.2-h', says: 'MP_JOIN is on all three packets', host: 'a', verdict: 'fail', kept: joined },
];

export const joiningInnocents: readonly Innocent[] = [
  {
    says: '3.2: data after the ACK of the third packet, which was not captured, as data shows that came with it',
    id: 'RFC8684-3.2-c',
    verdicts: [],
    script: (talk) => {
      talk.established();
      const path = talk.join({ until: 'ack' });
      const acknowledgment = path.next('a');
      path.data('b', 100, { hidden: true });
      path.data('a', 100);
      path.ack('b', { acknowledgment });
    },
  },
  {
    says: '3.2: data that was captured up to a millisecond before the ACK of the third packet',
    id: 'RFC8684-3.2-c',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      talk.established();
      const path = talk.join({ until: 'ack' });
      const acknowledgment = path.next('a');
      path.data('a', 100);
      path.ack('b', { acknowledgment, after: 0.2 });
    },
  },
  {
    says: '3.2: a RST to a SYN whose MP_JOIN may have been removed gives no reason in regular TCP',
    id: 'RFC8684-3.2-6',
    verdicts: ['b pass'],
    script: (talk) => {
      talk.established();
      talk.join({ until: 'refused' });
    },
  },
  {
    says: '3.2: whether the option of the SYN/ACK was left out or removed on the way',
    id: 'RFC8684-3.2-3',
    verdicts: ['b inconclusive'],
    script: (talk) => void withoutMpJoin(talk).rst('a', [tcprst(MPTCP_SPECIFIC_ERROR)]),
  },
  {
    says: '3.2: whether the option of the third packet was left out or removed on the way',
    id: 'RFC8684-3.2-h',
    verdicts: ['a inconclusive'],
    script: (talk) => void plainThird(talk).rst('b', [tcprst(MPTCP_SPECIFIC_ERROR)]),
  },
  {
    says: '3.2: a third packet that has not been acknowledged for as long as the capture lasts',
    id: 'RFC8684-3.2-4/2',
    verdicts: ['a inconclusive'],
    script: (talk) => {
      talk.established();
      talk.join({ until: 'ack' });
    },
  },
  {
    says: '3.2: a join whose connection began before the capture',
    id: 'RFC8684-3.2-6',
    verdicts: [],
    script: (talk) => {
      const path = talk.open();
      talk.join();
      goOn(path);
    },
    without: [1, 2, 3],
  },
  {
    says: '3.2: data that follows the SYN/ACK of a join whose third packet was not captured',
    id: 'RFC8684-3.2-9',
    verdicts: [],
    script: (talk) => {
      talk.established();
      const path = talk.join();
      goOn(path);
    },
    without: [10],
  },
];
