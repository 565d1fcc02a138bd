/** RFC 8684 section 3.7 with an endpoint of ours behind a path that takes options away or changes payload: fallback at each point where it is allowed. */
import { mptcpOptionCodecs } from '../../../codecs/mptcp/index.ts';
import type { TcpSegment } from '../../../state-machines/mptcp/index.ts';
import type { Bench } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { hasData, isRst, optionOf, type Seen, SYN } from '../segment.ts';
import { begin, compared, finish, has, type TransferSetup } from '../transfer.ts';

const mptcpKinds = new Set<string>([...mptcpOptionCodecs.map(({ kind }) => kind), 'UNKNOWN']);

/** A path that takes the MPTCP options off the segments that fit. */
const strips =
  (fits: (segment: TcpSegment) => boolean) =>
  (segment: TcpSegment): readonly TcpSegment[] => [
    fits(segment) ? { ...segment, options: segment.options.filter(({ kind }) => !mptcpKinds.has(kind)) } : segment,
  ];

/** A path that changes one octet of the n-th segment with data that fits. */
const damages = (nth: number, fits: (segment: TcpSegment) => boolean) => {
  let count = 0;
  return (segment: TcpSegment): readonly TcpSegment[] => {
    if (segment.payload.length === 0 || !fits(segment)) return [segment];
    count += 1;
    if (count !== nth) return [segment];
    const payload = segment.payload.slice();
    payload[0]! ^= 0xff;
    return [{ ...segment, payload }];
  };
};

const isSyn = ({ flags }: TcpSegment): boolean => (flags & SYN) !== 0;
const isOnPath =
  (path: number) =>
  ({ source }: TcpSegment): boolean =>
    source[2] === path;

/** A connection that falls back: both streams arrive whole as plain TCP, and the kernel's data has no MPTCP option after `bareFrom` segments of it. */
const plain = async (t: Bench, refs: readonly string[], setup: TransferSetup, bareFrom = 0): Promise<void> => {
  const transfer = await begin(t, setup);
  const isOver = await finish(transfer);
  const { sent, received, seen } = compared(transfer);
  const marked = t.heard
    .filter(hasData)
    .slice(bareFrom)
    .find(({ options }) => options.length > 0);
  for (const ref of refs)
    t.decide(ref, isOver && sent && received && marked === undefined, 'both streams whole, without MPTCP options', marked ?? seen);
};

export const fallbacks: readonly LiveCase[] = [
  liveCase('3.7/course-plain-peer', 'Our side speaks plain TCP only', { decides: ['3.1-27', '3.7-1'] }, (t) =>
    plain(t, ['3.1-27', '3.7-1'], { role: 'initiator', settings: { version: null } }),
  ),
  liveCase('3.7/course-plain-server', 'Our server speaks plain TCP only', { decides: ['3.1-26', '3.7-1'] }, (t) =>
    plain(t, ['3.1-26', '3.7-1'], { role: 'listener', settings: { version: null } }),
  ),
  liveCase('3.7/course-no-syn', 'The path takes MP_CAPABLE off our SYN', { decides: ['3.1-27', '3.7-1'] }, (t) =>
    plain(t, ['3.1-27', '3.7-1'], { role: 'initiator', application: { rewrite: strips(isSyn) } }),
  ),
  liveCase('3.7/course-no-syn-ack', 'The path takes MP_CAPABLE off our SYN/ACK', { decides: ['3.1-26', '3.7-1'] }, (t) =>
    plain(t, ['3.1-26', '3.7-1'], { role: 'listener', application: { rewrite: strips(isSyn) } }),
  ),
  liveCase('3.7/course-no-ack', 'The path takes the options off all that follows our SYN', { decides: ['3.1-28', '3.1-30'] }, (t) =>
    plain(t, ['3.1-28', '3.1-30'], { role: 'initiator', application: { rewrite: strips((segment) => !isSyn(segment)) } }),
  ),
  liveCase(
    '3.7/course-no-data',
    'The path takes the options off our data and ACKs after the handshake, where the kernel has opened',
    { decides: ['3.7-4', '3.7-15'] },
    (t) =>
      // Until an ACK has come without a Data ACK the kernel maps its data.
      plain(t, ['3.7-4', '3.7-15'], { role: 'listener', application: { rewrite: strips((segment) => !isSyn(segment)) } }, 10),
  ),
  liveCase(
    '3.7/course-no-join',
    'The path takes MP_JOIN off our SYN: the connection goes on over its first subflow',
    { decides: ['3.1-27', '3.3.1-e', '3.3.1-11'], kernel: { subflows: 2 } },
    async (t) => {
      const transfer = await begin(t, {
        role: 'initiator',
        opens: [{ path: 1 }],
        joins: 0,
        application: { rewrite: strips((segment) => isSyn(segment) && isOnPath(1)(segment)) },
      });
      t.need((await finish(transfer)) ? true : undefined, 'the end of the connection');
      const { sent, received, seen } = compared(transfer);
      const answer = t.heard.find((each) => each.path === 1);
      t.decide('3.1-27', answer !== undefined && answer.options.length === 0, 'a SYN/ACK without MPTCP option', answer);
      t.decide('3.3.1-e', received, 'the octets that the kernel was given', seen);
      t.decide('3.3.1-11', sent, 'our octets at the application', seen);
    },
  ),
  liveCase(
    '3.7/course-damage',
    'The path changes data on the only subflow: MP_FAIL, and both go on as plain TCP',
    { decides: ['3.7-b', '3.7-d', '3.7-f'], kernel: { checksum: true } },
    async (t) => {
      const transfer = await begin(t, {
        role: 'initiator',
        octets: { ours: 50_000, kernels: 1000 },
        settings: { checksum: true },
        application: { rewrite: damages(5, () => true) },
      });
      const failure = (): Seen | undefined => t.heard.find((seen) => optionOf(seen, 'MP_FAIL') !== undefined);
      await transfer.until('an MP_FAIL or a RST', () => failure() !== undefined || t.heard.some(isRst));
      t.decide('3.7-d', (failure() ?? t.heard.find(isRst)) !== undefined, 'MP_FAIL or a RST', failure() ?? t.heard.find(isRst));
      t.decide('3.7-f', failure() !== undefined, 'an MP_FAIL of length 12', failure() ?? t.heard.find(isRst));
      await transfer.until('the fallback', () => has(transfer.host, 'fallback') || t.heard.some(isRst));
      await transfer.until('all octets', () => transfer.app.received.length >= 50_000 || t.heard.some(isRst));
      t.decide('3.7-b', has(transfer.host, 'fallback'), 'the number at which the failed mapping starts', failure());
    },
  ),
  liveCase(
    '3.7/course-damage-one-of-two',
    'The path changes data on one of two subflows: that one is reset with MP_FAIL, and all data arrives over the other',
    { decides: ['3.7-c', '3.7-d', '3.3.1-11'], kernel: { checksum: true, subflows: 2 } },
    async (t) => {
      const transfer = await begin(t, {
        role: 'initiator',
        opens: [{ path: 1 }],
        settings: { checksum: true },
        application: { rewrite: damages(2, isOnPath(1)) },
      });
      const { app, ours, until } = transfer;
      await until('all our octets', () => app.received.length >= ours.length);
      const reset = t.heard.find((seen) => seen.path === 1 && isRst(seen));
      t.decide('3.7-d', reset !== undefined, 'a RST', reset);
      t.decide('3.7-c', optionOf(reset, 'MP_FAIL') !== undefined, 'MP_FAIL on the RST', reset);
      t.decide('3.3.1-11', compared(transfer).sent, 'our octets at the application', compared(transfer).seen);
    },
  ),
];
