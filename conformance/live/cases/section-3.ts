/** RFC 8684 section 3: signals on duplicate ACKs, and on segments that TCP's own checks throw away. */
import { acknowledges, pattern, PATIENCE, type Bench, type Opened } from '../bench.ts';
import { liveCase, Unready, type LiveCase } from '../case.ts';
import { fastclose, prio, removeAddr } from '../peer.ts';
import { isRst, optionOf } from '../segment.ts';
import type { MptcpOption } from '../../../codecs/mptcp/index.ts';

/** Far beyond any window. */
const FAR = 0x4000_0000;

/** The connection still carries data in both directions. */
const stillWorks = async (t: Bench, { connection, first, app }: Opened): Promise<boolean> => {
  const before = app.take().length;
  connection.data(first, pattern(100, before));
  const read = await app.read(before + 100, PATIENCE);
  if (read?.length !== before + 100) return false;
  return (await t.next(first, (seen) => acknowledges(seen, connection.nextData))) !== undefined;
};

/** TCP's shortest retransmission timeout in Linux, ms, less what may be lost between two of our packets. */
const BEFORE_TIMEOUT = 120;

export const section3: readonly LiveCase[] = [
  liveCase(
    '3/duplicate-acks',
    'Duplicate ACKs that carry an MPTCP option are no sign of congestion',
    { decides: ['3-1', '3.4.1-15/1', '4-2'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const sent = first.seen.length;
        const begin = performance.now();
        await app.write(pattern(12_000), PATIENCE);
        await t.until(() => (first.seen.length >= sent + 6 ? true : undefined));
        // One lost segment, as far as the kernel can see: the data after it has come, and is acknowledged only by duplicates.
        const [lost] = first.seen.slice(sent).filter(({ payload }) => payload.length > 0);
        const { sequence } = t.need(lost, "the kernel's data");
        const again = (): boolean => first.seen.filter((seen) => seen.sequence === sequence && seen.payload.length > 0).length > 1;
        const duplicates = (options: readonly MptcpOption[]): void => {
          for (let count = 0; count < 4; count += 1) first.send({ acknowledgment: sequence, options });
          t.pump();
        };
        duplicates([prio(false)]);
        const withOption = again();
        duplicates([]);
        const withoutOption = again();
        const isInTime = performance.now() - begin < BEFORE_TIMEOUT;
        connection.ack(first);
        if (!isInTime) continue;
        if (!withOption && !withoutOption) throw new Unready('a fast retransmission upon plain duplicate ACKs');
        for (const ref of ['3-1', '3.4.1-15/1', '4-2']) {
          t.decide(
            ref,
            !withOption,
            'no retransmission upon duplicate ACKs with MP_PRIO',
            withOption ? `a retransmission upon 4 duplicate ACKs with MP_PRIO` : 'one upon plain duplicate ACKs only',
          );
        }
        return;
      }
    },
  ),
  liveCase(
    '3/outside-window',
    'MP_FASTCLOSE on a segment outside the window, or with an ACK of what was not sent, has no effect',
    { decides: ['3-3/1'] },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      first.send({ sequence: (first.next + FAR) >>> 0, options: [fastclose(connection.remoteKey)] });
      const isAlive = await stillWorks(t, opened);
      t.decide('3-3/1', isAlive, 'data goes on being delivered', isAlive ? 'data is delivered' : first.seen.find(isRst));
      first.send({ acknowledgment: (first.expected + FAR) >>> 0, options: [fastclose(connection.remoteKey)] });
      const isAliveYet = await stillWorks(t, opened);
      t.decide('3-3/1', isAliveYet, 'data goes on being delivered', isAliveYet ? 'data is delivered' : first.seen.find(isRst));
    },
  ),
  liveCase(
    '3/add-addr-outside-window',
    'ADD_ADDR on a segment outside the window has no effect',
    { decides: ['3.4.1-1'], kernel: { paths: 3, subflows: 2, addressesAccepted: 2 } },
    async (t) => {
      const { connection, first } = await t.established();
      const { address } = t.local(1);
      first.send({ sequence: (first.next + FAR) >>> 0, options: [connection.addAddr(address, { addressId: 7 })] });
      first.send({ options: [connection.addAddr(t.local(2).address, { addressId: 8 })] });
      const echo = await t.needed('an echo', first, (seen) => optionOf(seen, 'ADD_ADDR') !== undefined);
      const early = first.seen.find((seen) => optionOf(seen, 'ADD_ADDR')?.addressId === 7);
      t.decide('3.4.1-1', early === undefined, 'an echo of the second announcement alone', early ?? echo);
    },
  ),
  liveCase(
    '3/remove-addr-outside-window',
    'REMOVE_ADDR on a segment outside the window has no effect',
    { decides: ['3.4.2-7'], kernel: { subflows: 2 } },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const second = await t.joined(opened, 1, { addressId: 9 });
      first.send({ sequence: (first.next + FAR) >>> 0, options: [removeAddr(9)] });
      const isAlive = await stillWorks(t, opened);
      connection.data(second, pattern(100));
      const acked = await t.next(second, (seen) => acknowledges(seen, connection.nextData) || isRst(seen));
      t.decide('3.4.2-7', isAlive && acked !== undefined && !isRst(acked), 'data on the subflow goes on being acknowledged', acked);
    },
  ),
];
