/** RFC 8684 sections 3.3.2, 3.3.4, 3.3.5 and 3.8: Data ACKs and the receive window. */
import { acknowledges, pattern, PATIENCE } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { hasData, optionOf, type Seen } from '../segment.ts';

/** One past the last data sequence number that a segment carries. */
const endOf = (seen: Seen): bigint => {
  const dss = optionOf(seen, 'DSS');
  return dss?.dataSequenceNumber === undefined ? 0n : dss.dataSequenceNumber + BigInt(dss.dataLevelLength ?? 0);
};

export const section332: readonly LiveCase[] = [
  liveCase(
    '3.3.2/eight-octets',
    'Data with numbers of 8 octets gets Data ACKs of 8 octets, which never go back',
    { decides: ['3.3.2-1', '3.3.2-b', '3.3.2-a'] },
    async (t) => {
      const { connection, first } = await t.established();
      let last = 0n;
      for (let from = 100; from < 600; from += 100) {
        connection.data(first, pattern(100, from));
        const acked = await t.needed('a Data ACK', first, (seen) => acknowledges(seen, connection.nextData));
        const { dataAck = 0n, dataAckOctets } = optionOf(acked, 'DSS') ?? {};
        t.decide('3.3.2-1', dataAckOctets === 8, '8 octets', acked);
        t.decide('3.3.2-b', dataAck >= last, `${last} or more`, acked);
        t.decide('3.3.2-a', dataAck <= connection.nextData, `${connection.nextData} at most`, acked);
        last = dataAck;
      }
    },
  ),
  liveCase(
    '3.3.2/no-data-ack',
    'Segments without a Data ACK are valid where it has not advanced',
    { decides: ['3.3.2-5/3'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      await app.write(pattern(4000), PATIENCE);
      await t.until(() => (connection.received.length >= 4100 ? true : undefined));
      // Acknowledged by TCP alone at first; the Data ACK comes later.
      first.send();
      connection.ack(first);
      first.send();
      await app.write(pattern(100), PATIENCE);
      const data = await t.next(first, (seen) => hasData(seen) && endOf(seen) === connection.expectedData);
      t.decide(
        '3.3.2-5/3',
        data !== undefined && optionOf(data, 'DSS') !== undefined,
        'the connection goes on with mappings',
        data ?? first.seen.at(-1),
      );
      connection.ack(first);
    },
  ),
  liveCase(
    '3.3.2/window-without-data-ack',
    "A window on a segment without a Data ACK is not the connection's",
    { decides: ['3.3.2-3', '3.3.5-a'] },
    async (t) => {
      const { connection, first, app } = await t.established({ window: 4000 });
      connection.ack(first, {}, { window: 4000 });
      const edge = connection.expectedData + 4000n;
      await app.write(pattern(20_000), PATIENCE);
      await t.until(() => (connection.received.length >= 100 + 2800 ? true : undefined));
      // TCP acknowledges, and its window opens; the connection's stays where the last Data ACK put it.
      first.send({ window: 60_000 });
      // Something that the kernel answers: what the window would let through comes before.
      const payload = pattern(100, 100);
      const { dataAck: _, ...mapping } = connection.mapping(first, payload);
      first.send({ payload, options: [mapping], window: 60_000 });
      connection.nextData += 100n;
      await t.dataAcked(connection, first);
      const beyond = first.seen.find((seen) => hasData(seen) && endOf(seen) > edge);
      for (const ref of ['3.3.5-a', '3.3.2-3']) t.decide(ref, beyond === undefined, `no data beyond ${edge}`, beyond ?? first.seen.at(-1));
      connection.acknowledges = true;
      first.window = 60_000;
      connection.ack(first);
      const all = await t.until(() => (connection.received.length >= 20_100 ? true : undefined));
      t.need(all, 'the rest of the data');
    },
  ),
  liveCase('3.3.4/zero-window', 'A closed window stops the kernel, and an update sets it going', { decides: ['3.3.5-a'] }, async (t) => {
    const { connection, first, app } = await t.established({ window: 5000 });
    connection.ack(first);
    const edge = connection.expectedData + 5000n;
    await app.write(pattern(20_000), PATIENCE);
    t.need(await t.until(() => (connection.expectedData === edge ? true : undefined)), 'a window of data');
    first.window = 0;
    connection.ack(first);
    connection.data(first, pattern(100, 100));
    await t.dataAcked(connection, first);
    const beyond = first.seen.find((seen) => hasData(seen) && endOf(seen) > edge);
    t.decide('3.3.5-a', beyond === undefined, `no data beyond ${edge}`, beyond ?? first.seen.at(-1));
    first.window = 60_000;
    connection.acknowledges = true;
    connection.ack(first);
    t.need(await t.until(() => (connection.received.length >= 20_100 ? true : undefined)), 'the rest of the data');
  }),
  liveCase(
    '3.3.4/right-edge',
    "The right edge of the kernel's receive window never moves back, and what is beyond it gets no Data ACK",
    { decides: ['3.3.4-1', '3.8-a'] },
    async (t) => {
      const { connection, first } = await t.established();
      // The SYN/ACK offered no window scale: ours had none.
      let edge = 0n;
      const watch = (): void => {
        for (const seen of first.seen) {
          const dss = optionOf(seen, 'DSS');
          if (dss?.dataAck === undefined) continue;
          const right = dss.dataAck + BigInt(seen.window);
          t.decide('3.3.4-1', right >= edge, `${edge} or more`, `${right} (frame ${seen.frame})`);
          edge = right > edge ? right : edge;
        }
      };
      // The application does not read.
      for (let count = 0; count < 40; count += 1) {
        const room = Number(edgeOf(first.seen) - connection.nextData);
        if (room <= 0) break;
        connection.data(first, pattern(Math.min(1400, room)));
        await t.dataAcked(connection, first);
      }
      watch();
      const far = pattern(100);
      const mapped = { dataSequenceNumber: connection.nextData + 10_000_000n, subflowSequenceNumber: first.ssn, dataLevelLength: 100 };
      first.send({ payload: far, options: [connection.dss(mapped)] });
      t.need(await t.next(first, ({ acknowledgment }) => acknowledgment === first.next), 'an answer');
      const acked = first.seen.find((seen) => (optionOf(seen, 'DSS')?.dataAck ?? 0n) > connection.nextData);
      t.decide('3.8-a', acked === undefined, 'no Data ACK of what is out of the window', acked ?? first.seen.at(-1));
    },
  ),
  liveCase(
    '3.3.5/window-of-a-subflow',
    'On a subflow that advertises less the kernel sends no more than that',
    { decides: ['3.3.5-2'], kernel: { subflows: 2 } },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      second.window = 3000;
      connection.acknowledges = true;
      connection.ack(second);
      await app.write(pattern(200_000), PATIENCE);
      const all = await t.until(() => {
        app.offer(new Uint8Array(0));
        return connection.received.length >= 200_100 ? true : undefined;
      });
      t.need(all, 'all data');
      let acknowledged = second.remoteStart + 1;
      for (const seen of second.seen.filter(hasData)) {
        const beyond = ((seen.sequence + seen.payload.length - acknowledged) >>> 0) - 3000;
        t.decide('3.3.5-2', beyond <= 0, '3000 octets at most', `${beyond + 3000} octets (frame ${seen.frame})`);
        // Each is acknowledged as it comes.
        acknowledged = (seen.sequence + seen.payload.length) >>> 0;
      }
      t.decide('3.3.5-2', first.seen.some(hasData) && second.seen.some(hasData), 'data on both subflows', 'data on both subflows');
    },
  ),
];

/** The right edge that the last Data ACK gave. */
const edgeOf = (seen: readonly Seen[]): bigint => {
  const last = seen.findLast((each) => optionOf(each, 'DSS')?.dataAck !== undefined);
  return last === undefined ? 0n : (optionOf(last, 'DSS')?.dataAck ?? 0n) + BigInt(last.window);
};
