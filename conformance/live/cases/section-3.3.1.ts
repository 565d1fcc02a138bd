/** RFC 8684 sections 3.3 and 3.3.1: the DSS option and data sequence mappings. */
import { equalBytes } from '../../../codecs/bytes.ts';
import type { Dss } from '../../../codecs/mptcp/index.ts';
import { acknowledges, pattern, PATIENCE } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { hasData, isRst, optionOf, type Seen, spoilt } from '../segment.ts';

const two = { subflows: 2 };

/** The IDSN of this key ends in fffffe79: the low half wraps after 391 octets. */
const KEY_BEFORE_WRAP = 9_207_164n;
const short = { dataSequenceNumberOctets: 4 } as const;
const low = (number: bigint): bigint => BigInt.asUintN(32, number);

const lacking = (option: Dss): Dss => {
  const { checksum, ...rest } = option;
  return checksum === undefined ? option : rest;
};

/** A checksum that is there against what was agreed, or is not, on the first subflow or a joined one. */
const presence = (id: string, title: string, agreed: boolean, joined: boolean): LiveCase => {
  const ref = agreed ? '3.3-3' : '3.3-2';
  return liveCase(id, title, { decides: joined ? [ref, '3.3-4'] : [ref], kernel: { checksum: agreed, ...two } }, async (t) => {
    const opened = await t.established();
    const { connection, first } = opened;
    const subflow = joined ? await t.joined(opened, 1) : first;
    const payload = pattern(100);
    const mapping = connection.mapping(subflow, payload);
    subflow.send({ payload, options: [agreed ? lacking(mapping) : { ...mapping, checksum: 0 }] });
    // Whatever the kernel does with the data, what it sends next shows how it goes on.
    await opened.app.write(pattern(100), PATIENCE);
    const reset = await t.next(subflow, (seen) => isRst(seen) || (!joined && hasData(seen)));
    t.decide(ref, reset !== undefined && isRst(reset), 'a RST', reset);
    if (joined) t.decide('3.3-4', optionOf(reset, 'MP_TCPRST')?.reason === 1, 'MP_TCPRST with reason 1', reset);
  });
};

/** What the kernel sends. */
const sending: readonly LiveCase[] = [
  liveCase(
    '3.3/dss',
    "The kernel's mappings and Data ACKs have the form of the RFC",
    { decides: ['3.3-1', '3.3-a', '3.3-b', '3.3-c', '3.3.1-15', '3.3.1-b', '3.3.1-e', '3.3.1-12'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      connection.acknowledges = true;
      const sent = pattern(50_000);
      await app.write(sent, PATIENCE);
      await t.until(() => (connection.received.length >= 50_100 ? true : undefined));
      const data = first.seen.filter(hasData);
      const mappings = data.map((seen) => optionOf(seen, 'DSS'));
      const odd = first.seen.find((seen) => (optionOf(seen, 'DSS')?.reserved ?? 0) !== 0);
      t.decide('3.3-1', odd === undefined, 'reserved bits 0', odd ?? 'reserved bits 0');
      const undecoded = data.find((_, at) => mappings[at] === undefined);
      t.decide('3.3-a', undecoded === undefined, 'a DSS of the length that its flags ask for', undecoded ?? data.at(-1));
      const finless = first.seen.find((seen) => optionOf(seen, 'DSS')?.dataFin === true);
      t.decide('3.3-b', finless === undefined, 'no DATA_FIN yet', finless ?? data.at(-1));
      t.decide(
        '3.3-c',
        mappings.every((each) => each?.checksum === undefined),
        'no checksum',
        data.at(-1),
      );
      const isWhole = equalBytes(connection.received.subarray(100), sent);
      for (const ref of ['3.3.1-b', '3.3.1-e'])
        t.decide(ref, isWhole, 'mappings that give what was sent', isWhole ? 'all 50000 octets' : `${connection.received.length} octets`);
      const ofOthers = data.find((seen, at) => !coversOwn(seen, mappings[at], first.remoteStart));
      t.decide('3.3.1-15', ofOthers === undefined, 'mappings on segments that they map', ofOthers ?? data.at(-1));
      t.decide(
        '3.3.1-12',
        mappings.every((each) => each?.dataSequenceNumberOctets === 8),
        '8 octets of data sequence number',
        data.at(-1),
      );
    },
  ),
  liveCase(
    '3.3/checksums',
    "The kernel's checksums are right, over odd lengths, too",
    { decides: ['3.3.1-a'], kernel: { checksum: true } },
    async (t) => {
      const { connection, first, app } = await t.established();
      connection.acknowledges = true;
      for (const octets of [1, 3, 999]) await app.write(pattern(octets), PATIENCE);
      await t.until(() => (connection.received.length >= 1103 ? true : undefined));
      for (const seen of first.seen.filter(hasData)) {
        const dss = optionOf(seen, 'DSS');
        if (dss?.checksum === undefined || dss.dataLevelLength !== seen.payload.length) continue;
        const { dataSequenceNumber = 0n, subflowSequenceNumber = 0, dataLevelLength } = dss;
        const right = connection.mapping(first, seen.payload, { dataSequenceNumber, subflowSequenceNumber, dataLevelLength }).checksum;
        t.decide('3.3.1-a', dss.checksum === right, `checksum ${right}`, `${dss.checksum} (frame ${seen.frame})`);
      }
    },
  ),
];

const coversOwn = (seen: Seen, dss: Dss | undefined, start: number): boolean => {
  if (dss?.subflowSequenceNumber === undefined || dss.dataLevelLength === undefined) return false;
  const ssn = (seen.sequence - start) >>> 0;
  return ssn < dss.subflowSequenceNumber + dss.dataLevelLength && ssn + seen.payload.length > dss.subflowSequenceNumber;
};

/** What the kernel makes of mappings that are odd or wrong. */
const receiving: readonly LiveCase[] = [
  presence('3.3/checksum-unasked', 'A checksum that was not agreed resets the first subflow', false, false),
  presence('3.3/checksum-missing', 'A missing checksum that was agreed resets the first subflow', true, false),
  presence('3.3/checksum-unasked-joined', 'A checksum that was not agreed resets a joined subflow', false, true),
  presence('3.3/checksum-missing-joined', 'A missing checksum that was agreed resets a joined subflow', true, true),
  liveCase(
    '3.3.1/data-without-mapping',
    'Data without a mapping is acknowledged by TCP and not by a Data ACK; in the end the subflow is reset',
    { decides: ['3.3.1-6', '3.3.1-d', '3.7-5', '3.7-6'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection } = opened;
      const subflow = await t.joinedAndUsed(opened, 1);
      const before = subflow.next;
      subflow.send({ payload: pattern(100), options: [connection.dss()] });
      const acked = await t.next(subflow, (seen) => isRst(seen) || seen.acknowledgment === subflow.next);
      t.decide('3.3.1-6', acked !== undefined && acked.acknowledgment !== before, 'an ACK of the data on its subflow', acked);
      let reset = acked !== undefined && isRst(acked) ? acked : undefined;
      for (let sent = 0; reset === undefined && sent < 70_000; sent += 1400) {
        subflow.send({ payload: pattern(1400), options: [connection.dss()] });
        t.pump();
        reset = subflow.seen.find(isRst);
      }
      reset ??= await t.next(subflow, isRst);
      t.decide('3.7-5', reset !== undefined, 'a RST', reset);
      t.decide('3.7-6', optionOf(reset, 'MP_TCPRST')?.reason === 6, 'MP_TCPRST with reason 6', reset);
      const beyond = subflow.seen.find((seen) => acknowledges(seen, connection.nextData + 100n));
      t.decide('3.3.1-d', beyond === undefined, 'no Data ACK of it', beyond ?? reset);
    },
  ),
  liveCase(
    '3.3.1/mapping-without-data',
    'A mapping on a segment without data gets no Data ACK before its data',
    { decides: ['3.3.2-a'], beyondCapture: { '3.3.2-a': 'The mapping itself counts there as sent.' } },
    async (t) => {
      const { connection, first, app } = await t.established();
      const payload = pattern(100, 100);
      first.send({ options: [connection.mapping(first, payload)] });
      connection.data(first, payload);
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      const early = first.seen.find((seen) => acknowledges(seen, connection.nextData) && seen.acknowledgment !== first.next);
      t.decide(
        '3.3.2-a',
        acked !== undefined && early === undefined && app.take().length === 200,
        'a Data ACK once the data has come',
        early ?? acked,
      );
    },
  ),
  liveCase(
    '3.3.1/longer-mapping',
    'A mapping of several segments holds for those that carry none',
    { decides: ['3.3.1-6', '3.3.2-a'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      const payload = pattern(300, 100);
      const mapping = connection.mapping(first, payload);
      first.send({ payload: payload.subarray(0, 100), options: [mapping] });
      first.send({ payload: payload.subarray(100, 200), options: [connection.dss()] });
      first.send({ payload: payload.subarray(200), options: [mapping] });
      connection.nextData += 300n;
      const read = await app.read(400, PATIENCE);
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      t.decide('3.3.1-6', acked?.acknowledgment === first.next, 'an ACK of all three segments', acked);
      t.decide('3.3.2-a', acked !== undefined && read?.length === 400, 'a Data ACK of 300 octets, and no more', acked);
    },
  ),
  liveCase(
    '3.3.1/conflicting-mappings',
    'Octets that are mapped twice, to different places, are not delivered at the second one',
    { decides: ['3.3.2-a'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      const payload = pattern(200, 100);
      first.send({ payload: payload.subarray(0, 100), options: [connection.mapping(first, payload)] });
      const mapped = { dataSequenceNumber: connection.nextData + 1000n, subflowSequenceNumber: first.ssn, dataLevelLength: 100 };
      first.send({ payload: payload.subarray(100), options: [connection.dss(mapped)] });
      const answer = await t.next(first, (seen) => isRst(seen) || seen.acknowledgment === first.next);
      const end = connection.nextData + 200n;
      const far = first.seen.find((seen) => (optionOf(seen, 'DSS')?.dataAck ?? 0n) > end);
      t.decide('3.3.2-a', answer !== undefined && far === undefined, `no Data ACK beyond ${end}`, far ?? answer);
      t.decide('3.3.2-a', app.take().length <= 300, 'no more than 300 octets at the application', `${app.take().length} octets`);
    },
  ),
  liveCase(
    '3.3.1/first-version-counts',
    'Of two versions of the same data the application gets the first',
    { decides: ['3.3.1-2'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      const one = pattern(100, 100);
      const { nextData } = connection;
      connection.data(first, one);
      await t.dataAcked(connection, first);
      const other = new Uint8Array(100).fill(0x55);
      second.send({ payload: other, options: [connection.mapping(second, other, { dataSequenceNumber: nextData })] });
      connection.data(first, pattern(100, 200));
      const read = await app.read(300, PATIENCE);
      t.decide(
        '3.3.1-2',
        read?.length === 300 && equalBytes(read.subarray(100, 200), one),
        'the first version',
        `${read?.length} octets, ${read === undefined || equalBytes(read.subarray(100, 200), one) ? 'the first' : 'the second'} version`,
      );
    },
  ),
  liveCase(
    '3.3.1/first-version-counts-early',
    'Of two versions that wait for what is missing before them the application gets the first',
    { decides: ['3.3.1-2'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      const { nextData } = connection;
      const later = pattern(100, 200);
      const other = new Uint8Array(100).fill(0x55);
      connection.data(first, later, { dataSequenceNumber: nextData + 100n });
      await t.needed('an ACK', first, ({ acknowledgment }) => acknowledgment === first.next);
      second.send({ payload: other, options: [connection.mapping(second, other, { dataSequenceNumber: nextData + 100n })] });
      await t.needed('an ACK', second, ({ acknowledgment }) => acknowledgment === second.next);
      connection.nextData = nextData;
      connection.data(second, pattern(100, 100));
      const read = await app.read(300, PATIENCE);
      t.decide(
        '3.3.1-2',
        read?.length === 300 && equalBytes(read.subarray(200), later),
        'the first version',
        `${read?.length} octets, ${read === undefined || equalBytes(read.subarray(200), later) ? 'the first' : 'the second'} version`,
      );
    },
  ),
  liveCase('3.3.1/four-octets', 'Data sequence numbers and Data ACKs of 4 octets are taken', { decides: ['3.3.1-11'] }, async (t) => {
    const { connection, first, app } = await t.established();
    connection.data(first, pattern(100, 100), {
      ...short,
      dataSequenceNumber: low(connection.nextData),
      dataAckOctets: 4,
      dataAck: low(connection.expectedData),
    });
    const read = await app.read(200, PATIENCE);
    const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
    t.decide('3.3.1-11', acked !== undefined && read?.length === 200, 'a Data ACK', acked);
    await app.write(pattern(100), PATIENCE);
    await t.needed("the kernel's data", first, hasData);
    connection.ack(first, { dataAckOctets: 4, dataAck: low(connection.expectedData) });
    // Acknowledged with 4 octets, the window moves on: what comes now is new.
    await app.write(pattern(100), PATIENCE);
    const next = await t.next(first, hasData);
    t.decide('3.3.1-11', optionOf(next, 'DSS')?.dataSequenceNumber === connection.expectedData - 100n, 'new data', next);
    connection.ack(first);
  }),
  liveCase(
    '3.3.1/wrap',
    'Numbers of 4 octets go on beyond the wrap of their low half',
    { decides: ['3.3.1-9', '3.3.1-13', '3.3.2-1'] },
    async (t) => {
      const { connection, first, app } = await t.established({ key: KEY_BEFORE_WRAP });
      for (let from = 100; from < 700; from += 100) {
        connection.data(first, pattern(100, from), { ...short, dataSequenceNumber: low(connection.nextData) });
        const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
        t.decide('3.3.1-13', acked !== undefined, `a Data ACK of ${connection.nextData}`, acked ?? first.seen.at(-1));
      }
      connection.data(first, pattern(100, 700));
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      const dss = optionOf(acked, 'DSS');
      t.decide('3.3.2-1', dss?.dataAckOctets === 8, 'a Data ACK of 8 octets', acked);
      t.decide('3.3.1-9', dss?.dataAckOctets !== 8 || dss.dataAck === connection.nextData, `a Data ACK of ${connection.nextData}`, acked);
      const read = await app.read(800, PATIENCE);
      t.decide(
        '3.3.1-9',
        read !== undefined && equalBytes(read.subarray(100), pattern(700, 100)),
        'all octets in order',
        `${read?.length} octets`,
      );
    },
  ),
  liveCase(
    '3.3.1/no-wrap-out-of-order',
    'What comes late from before the wrap, in 4 octets, is taken for old, and what comes early for new',
    { decides: ['3.3.1-14'], kernel: two },
    async (t) => {
      const opened = await t.established({ key: KEY_BEFORE_WRAP });
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      const start = connection.nextData;
      // Beyond the wrap first, on the other subflow.
      const late = pattern(200, 400);
      second.send({ payload: late, options: [connection.mapping(second, late, { ...short, dataSequenceNumber: low(start + 300n) })] });
      connection.data(first, pattern(300, 100), { ...short, dataSequenceNumber: low(start) });
      connection.nextData += 200n;
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      t.decide('3.3.1-14', acked !== undefined, `a Data ACK of ${connection.nextData}`, acked ?? first.seen.at(-1));
      // From before the wrap once more.
      second.send({
        payload: late.subarray(0, 100),
        options: [connection.mapping(second, late.subarray(0, 100), { ...short, dataSequenceNumber: low(start + 100n) })],
      });
      connection.data(first, pattern(100, 600), { ...short, dataSequenceNumber: low(connection.nextData) });
      const read = await app.read(700, PATIENCE);
      t.decide(
        '3.3.1-14',
        read !== undefined && equalBytes(read.subarray(100), pattern(600, 100)),
        'all octets in order',
        `${read?.length} octets`,
      );
    },
  ),
  liveCase(
    '3.3.1/wrong-length',
    'Data whose DSS has a wrong length has no mapping, and gets no Data ACK',
    { decides: ['3.3.1-d'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection } = opened;
      const subflow = await t.joined(opened, 1);
      const payload = pattern(100, 100);
      subflow.send({ payload, options: [spoilt(connection.mapping(subflow, payload), { length: 25 })] });
      const answer = await t.next(subflow, (seen) => isRst(seen) || seen.acknowledgment === subflow.next);
      const acked = subflow.seen.find((seen) => acknowledges(seen, connection.nextData + 100n));
      t.decide('3.3.1-d', answer !== undefined && acked === undefined, 'no Data ACK of it', acked ?? answer);
    },
  ),
  liveCase('3.3.1/reserved', 'Reserved bits of DSS change nothing', { decides: ['3.3.1-11'] }, async (t) => {
    const { connection, first } = await t.established();
    connection.data(first, pattern(100, 100), { reserved: 0x7f });
    const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
    t.decide('3.3.1-11', acked !== undefined, 'a Data ACK', acked ?? first.seen.at(-1));
  }),
];

export const section331: readonly LiveCase[] = [...sending, ...receiving];
