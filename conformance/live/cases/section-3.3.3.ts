/** RFC 8684 sections 3.3.3 and 3.3.6: closing a connection with DATA_FIN, and sending again what a subflow lost. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { acknowledges, pattern, PATIENCE, type Bench, type Opened } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import type { Subflow } from '../peer.ts';
import { ACK, FIN, has, hasData, isRst, optionOf, type Seen } from '../segment.ts';

const isFin = (seen: Seen): boolean => has(seen, FIN);
const isDataFin = (seen: Seen): boolean => optionOf(seen, 'DSS')?.dataFin === true;
const two = { subflows: 2 };

/** Whether a segment carries the data from `dsn` on. */
const isOf =
  (dsn: bigint) =>
  (seen: Seen): boolean =>
    hasData(seen) && optionOf(seen, 'DSS')?.dataSequenceNumber === dsn;

/** Both DATA_FINs are exchanged, the kernel's first; then every subflow must end with a FIN. */
const closed = async (t: Bench, { connection, app }: Opened, subflows: readonly Subflow[]): Promise<readonly (Seen | undefined)[]> => {
  const [first] = subflows;
  app.shutdown();
  const fin = t.need(await t.until(() => subflows.flatMap(({ seen }) => seen).find(isDataFin)), "the kernel's DATA_FIN");
  const on = subflows.find(({ seen }) => seen.includes(fin)) ?? first!;
  connection.ack(on);
  connection.dataFin(on);
  const fins: (Seen | undefined)[] = [];
  for (const subflow of subflows) fins.push(await t.until(() => subflow.seen.find(isFin)));
  return fins;
};

/** Ends the TCP connections of a closed one. */
const finish = ({ connection }: Opened, subflows: readonly Subflow[]): void => {
  for (const subflow of subflows) connection.ack(subflow, {}, { flags: FIN | ACK });
};

const closing: readonly LiveCase[] = [
  liveCase(
    '3.3.3/close',
    'The kernel ends its data with a DATA_FIN of the right form, and then the subflow with a FIN',
    { decides: ['3.3.3-1', '3.3.3-a', '3.3.3-3', '3.3-b'] },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const end = connection.expectedData;
      const [fin] = await closed(t, opened, [first]);
      const dataFin = first.seen.find(isDataFin);
      const dss = optionOf(dataFin, 'DSS');
      t.decide('3.3-b', dss?.dataSequenceNumber !== undefined, 'DATA_FIN with a mapping', dataFin);
      t.decide('3.3.3-a', dss?.dataSequenceNumber === end, `DATA_FIN at ${end}`, dataFin);
      t.decide('3.3.3-1', dss?.subflowSequenceNumber === 0 && dss.dataLevelLength === 1, 'SSN 0 and length 1', dataFin);
      t.decide('3.3.3-3', fin !== undefined, 'a FIN', fin ?? first.seen.at(-1));
      finish(opened, [first]);
    },
  ),
  liveCase(
    '3.3.3/close-after-ours',
    'Where our DATA_FIN comes first, the application sees the end, and the kernel answers with its own',
    { decides: ['3.3.3-1', '3.3.3-3', '3.3.3-c'] },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      connection.dataFin(first);
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      t.decide('3.3.3-c', acked !== undefined && (await app.end(PATIENCE)), 'a Data ACK of the DATA_FIN, and the end of the stream', acked);
      app.shutdown();
      const dataFin = await t.next(first, isDataFin);
      const dss = optionOf(dataFin, 'DSS');
      t.decide('3.3.3-1', dss?.subflowSequenceNumber === 0 && dss.dataLevelLength === 1, 'SSN 0 and length 1', dataFin);
      connection.ack(first);
      const fin = await t.next(first, isFin);
      t.decide('3.3.3-3', fin !== undefined, 'a FIN', fin);
      finish(opened, [first]);
    },
  ),
  liveCase(
    '3.3.3/close-both-subflows',
    'Once DATA_FINs are acknowledged, both subflows end with a FIN',
    { decides: ['3.3.3-3', '3.3.3-4'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const second = await t.joined(opened, 1);
      const subflows = [opened.first, second];
      const fins = await closed(t, opened, subflows);
      for (const [at, fin] of fins.entries()) {
        t.decide('3.3.3-3', fin !== undefined, 'a FIN on each subflow', fin ?? subflows[at]!.seen.at(-1));
        t.decide('3.3.3-4', fin !== undefined, 'a FIN on each subflow', fin ?? subflows[at]!.seen.at(-1));
      }
      finish(opened, subflows);
    },
  ),
  liveCase(
    '3.3.3/data-fin-with-data',
    'A DATA_FIN on the last data ends the stream, and is acknowledged with it',
    { decides: ['3.3.3-c'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      connection.data(first, pattern(100, 100), { dataFin: true, dataLevelLength: 101 });
      connection.nextData += 1n;
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      const read = await app.read(201, PATIENCE);
      t.decide(
        '3.3.3-c',
        acked !== undefined && read?.length === 200 && app.ended,
        'a Data ACK of data and DATA_FIN, 200 octets and the end',
        `${read?.length} octets, ended: ${app.ended}`,
      );
    },
  ),
  liveCase(
    '3.3.3/data-fin-four-octets',
    'A DATA_FIN with a number of 4 octets ends the stream',
    { decides: ['3.3.3-c', '3.3.1-11'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      connection.dataFin(first, { dataSequenceNumberOctets: 4, dataSequenceNumber: BigInt.asUintN(32, connection.nextData) });
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      for (const ref of ['3.3.3-c', '3.3.1-11'])
        t.decide(
          ref,
          acked !== undefined && (await app.end(PATIENCE)),
          'a Data ACK of the DATA_FIN, and the end',
          acked ?? first.seen.at(-1),
        );
    },
  ),
  liveCase(
    '3.3.3/data-fin-before-data',
    'A DATA_FIN that comes before the last data is acknowledged only after it',
    { decides: ['3.3.3-c'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      const { nextData } = connection;
      connection.nextData = nextData + 100n;
      connection.dataFin(second);
      // Something after it that is answered: a repetition of the first data.
      const old = pattern(100);
      first.send({ payload: old, options: [connection.mapping(first, old, { dataSequenceNumber: nextData - 100n })] });
      await t.needed('an ACK', first, ({ acknowledgment }) => acknowledgment === first.next);
      const early = [...first.seen, ...second.seen].find((seen) => (optionOf(seen, 'DSS')?.dataAck ?? 0n) > nextData);
      t.decide('3.3.3-c', early === undefined && !app.ended, `no Data ACK beyond ${nextData}`, early ?? first.seen.at(-1));
      const last = pattern(100, 100);
      first.send({ payload: last, options: [connection.mapping(first, last, { dataSequenceNumber: nextData })] });
      // Linux takes a DATA_FIN without data in when it comes; where it did not wait, it comes once more.
      second.send({
        options: [
          connection.mapping(second, new Uint8Array(0), {
            dataFin: true,
            subflowSequenceNumber: 0,
            dataLevelLength: 1,
            dataSequenceNumber: nextData + 100n,
          }),
        ],
      });
      const acked = await t.until(() => [...first.seen, ...second.seen].find((seen) => acknowledges(seen, nextData + 101n)));
      t.decide('3.3.3-c', acked !== undefined && (await app.read(201, PATIENCE))?.length === 200, 'a Data ACK of data and DATA_FIN', acked);
    },
  ),
  liveCase('3.3.3/data-fin-twice', 'A DATA_FIN that comes again counts once', { decides: ['3.3.3-c', '3.3.2-a'] }, async (t) => {
    const { connection, first, app } = await t.established();
    const at = connection.nextData;
    connection.dataFin(first);
    await t.dataAcked(connection, first);
    connection.dataFin(first, { dataSequenceNumber: at });
    connection.nextData = at + 1n;
    await app.write(pattern(100), PATIENCE);
    const data = await t.next(first, hasData);
    for (const ref of ['3.3.3-c', '3.3.2-a'])
      t.decide(ref, data !== undefined && acknowledges(data, at + 1n), `a Data ACK of ${at + 1n}`, data);
    connection.ack(first);
  }),
  liveCase(
    '3.3.3/half-close',
    'After our DATA_FIN the kernel still sends its data, and its DATA_FIN after it',
    { decides: ['3.3.3-a', '3.3.3-2'] },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      connection.acknowledges = true;
      connection.dataFin(first);
      await t.dataAcked(connection, first);
      const sent = pattern(30_000);
      await app.write(sent, PATIENCE);
      app.shutdown();
      t.need(await t.until(() => (connection.ended ? true : undefined)), "the kernel's DATA_FIN");
      const isWhole = equalBytes(connection.received.subarray(100), sent);
      t.decide('3.3.3-a', isWhole, 'the DATA_FIN after the last octet', `after ${connection.received.length - 100} octets`);
      const fin = first.seen.findIndex(isFin);
      const last = first.seen.findLastIndex(hasData);
      t.decide('3.3.3-2', fin < 0 || fin >= last, 'no FIN before the last data', fin < 0 ? 'no FIN yet' : first.seen[fin]);
    },
  ),
  liveCase(
    '3.3.3/subflow-fin',
    'A FIN on one of two subflows ends that subflow alone',
    { decides: ['3.3.3-2', '3.3.1-11'], kernel: two, beyondCapture: { '3.3.3-2': 'The kernel has closed nothing by itself.' } },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      connection.ack(second, {}, { flags: FIN | ACK });
      await t.needed('an ACK of the FIN', second, ({ acknowledgment }) => acknowledgment === second.next);
      connection.data(first, pattern(100, 100));
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      t.decide('3.3.1-11', acked !== undefined && app.take().length === 200, 'a Data ACK on the other subflow', acked ?? first.seen.at(-1));
      t.decide('3.3.3-2', !first.seen.some((seen) => isFin(seen) || isRst(seen)), 'the other subflow stays open', first.seen.at(-1));
    },
  ),
];

const again: readonly LiveCase[] = [
  liveCase(
    '3.3.6/reinjection',
    'Data that is lost on a subflow is sent again there, also when another subflow carried it meanwhile',
    { decides: ['3.3.6-1', '3.3.1-f'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      await app.write(pattern(100), PATIENCE);
      const lost = t.need(
        await t.until(() => [...first.seen, ...second.seen].findLast((seen) => hasData(seen) && seen.frame > 8)),
        "the kernel's data",
      );
      const original = first.seen.includes(lost) ? first : second;
      const other = original === first ? second : first;
      const dsn = optionOf(lost, 'DSS')?.dataSequenceNumber ?? 0n;
      // Nothing is acknowledged on the original; what comes on the other one is.
      const elsewhere = await t.until(() => other.seen.find(isOf(dsn)), PATIENCE);
      if (elsewhere !== undefined) connection.ack(other);
      const sent = original.seen.filter(isOf(dsn)).length;
      const repeated = await t.until(() =>
        original.seen.filter(isOf(dsn)).length > Math.max(sent, 1) || (sent > 1 && elsewhere === undefined)
          ? original.seen.findLast(isOf(dsn))
          : undefined,
      );
      t.decide('3.3.6-1', repeated !== undefined, 'the data again on its original subflow', repeated ?? original.seen.at(-1));
      const copies = [...first.seen, ...second.seen].filter(isOf(dsn));
      t.decide(
        '3.3.1-f',
        copies.every(({ payload }) => equalBytes(payload, lost.payload)),
        'the same octets each time',
        `${copies.length} copies`,
      );
      connection.ack(original);
    },
  ),
];

export const section333: readonly LiveCase[] = [...closing, ...again];
