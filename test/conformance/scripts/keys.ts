/** Cases of section 3.1: keys and tokens are unique among the current connections of a host. */
import { capable, goOn, handshake } from './case.ts';
import type { Case } from './case.ts';

/** Keys whose tokens are the same: SHA-256, and SHA-1 for version 0. */
const SAME_TOKEN = { 1: [50_799n, 58_968n], 0: [61_024n, 82_149n] } as const;

export const keyCases: readonly Case[] = [
  {
    id: 'RFC8684-3.1-5/2',
    says: 'each connection has a key of its own',
    host: 'b',
    verdict: 'fail',
    before: { keys: [5n, 0x1112_1314_1516_1718n], ports: [39_999, 5001] },
    kept: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK', { senderKey: 9n }), capable(talk, 'ACK', { receiverKey: 9n }));
    },
    broken: (talk) => {
      goOn(handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK')));
      return 3;
    },
  },
  {
    id: 'RFC8684-3.1-5/2',
    says: 'the initiator as well',
    host: 'a',
    verdict: 'fail',
    before: { keys: [0x0102_0304_0506_0708n, 5n], ports: [39_999, 5001] },
    broken: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK'));
      return 3;
    },
  },
  ...([1, 0] as const).map((version): Case => ({
    id: 'RFC8684-3.1-6',
    says: 'two keys whose tokens are the same do not serve at a time',
    host: 'b',
    verdict: 'warn',
    version,
    before: { keys: [5n, SAME_TOKEN[version][0]], ports: [39_999, 5001] },
    setup: { keys: [6n, SAME_TOKEN[version][1]] },
    kept: (talk) => {
      handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK', { senderKey: 9n }), capable(talk, 'ACK', { receiverKey: 9n }));
    },
    broken: (talk) => {
      goOn(handshake(talk, capable(talk, 'SYN'), capable(talk, 'SYN/ACK'), capable(talk, 'ACK')));
      return 3;
    },
  })),
];
