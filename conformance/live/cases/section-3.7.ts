/** RFC 8684 section 3.7: fallback to plain TCP, and MP_FAIL. */
import { acknowledges, pattern, PATIENCE, type Bench, type Opened } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { mpFail, type Subflow } from '../peer.ts';
import { hasData, isRst, optionOf, type Seen } from '../segment.ts';

const bare = ({ options }: Seen): boolean => options.length === 0;
const ofFail = (seen: Seen): boolean => optionOf(seen, 'MP_FAIL') !== undefined;
const checksum = { checksum: true, subflows: 2 };

/** Sends data whose checksum is wrong; gives where it starts. */
const damaged = ({ connection }: Opened, subflow: Subflow): bigint => {
  const payload = pattern(100);
  const { checksum: right = 0, ...mapping } = connection.mapping(subflow, payload);
  subflow.send({ payload, options: [{ ...mapping, checksum: (right + 1) & 0xffff }] });
  return connection.nextData;
};

/** Decides what an MP_FAIL of the kernel must have. */
const judged = (t: Bench, seen: Seen | undefined, start: bigint): void => {
  const option = optionOf(seen, 'MP_FAIL');
  t.decide(
    '3.7-b',
    option?.dataSequenceNumber === start,
    `data sequence number ${start}`,
    option === undefined ? seen : `${option.dataSequenceNumber}`,
  );
  t.decide('3.7-f', option !== undefined, 'length 12', seen);
  t.decide('3.7-g', option?.reserved === 0, 'reserved bits 0', seen);
};

const failing: readonly LiveCase[] = [
  liveCase(
    '3.7/one-subflow',
    'A wrong checksum on the only subflow is answered with MP_FAIL, without a Data ACK',
    { decides: ['3.7-a', '3.7-b', '3.7-d', '3.7-f', '3.7-g', '3.7-8'], kernel: checksum },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const start = damaged(opened, first);
      await t.needed('an answer', first, (seen) => ofFail(seen) || isRst(seen) || seen.acknowledgment === first.next);
      // An MP_FAIL may wait for something that carries it.
      await app.write(pattern(100), PATIENCE);
      await t.next(first, (seen) => ofFail(seen) || isRst(seen) || hasData(seen));
      const answer = first.seen.find(ofFail) ?? first.seen.find(isRst);
      t.decide('3.7-d', answer !== undefined, 'MP_FAIL or a RST', answer ?? first.seen.at(-1));
      t.decide('3.7-a', connection.checksum, 'MP_FAIL only where checksums were agreed', answer);
      judged(t, answer, start);
      const acked = first.seen.find((seen) => acknowledges(seen, connection.nextData + 100n));
      t.decide('3.7-8', acked === undefined, 'no Data ACK of the data', acked ?? answer);
    },
  ),
  liveCase(
    '3.7/after-infinite-mapping',
    'After our infinite mapping the kernel sends no Data ACK, and never returns to MPTCP',
    { decides: ['3.7-14', '3.7-15'], kernel: checksum },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      damaged(opened, first);
      await t.needed('an answer', first, (seen) => seen.acknowledgment === first.next);
      const infinite = { dataSequenceNumber: connection.nextData, subflowSequenceNumber: first.ssn - 100, dataLevelLength: 0, checksum: 0 };
      first.send({ payload: pattern(100, 100), options: [connection.dss(infinite), mpFail(connection.expectedData)] });
      first.send({ payload: pattern(100, 200) });
      await t.needed('an ACK', first, (seen) => seen.acknowledgment === first.next);
      await app.write(pattern(100), PATIENCE);
      const data = await t.needed("the kernel's data", first, (seen) => hasData(seen) && seen.acknowledgment === first.next);
      first.send();
      t.decide('3.7-14', optionOf(data, 'DSS')?.dataAck === undefined, 'no Data ACK', data);
      await app.write(pattern(100), PATIENCE);
      const later = await t.next(first, (seen) => hasData(seen) && seen.sequence !== data.sequence);
      t.decide('3.7-15', later !== undefined && optionOf(later, 'DSS')?.dataSequenceNumber === undefined, 'data without a mapping', later);
      first.send();
    },
  ),
  liveCase(
    '3.7/two-subflows',
    'A wrong checksum on one of two subflows resets that one, with MP_FAIL on the RST',
    { decides: ['3.7-c', '3.7-b', '3.7-d', '3.7-f', '3.7-g', '3.7-8'], kernel: checksum },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joinedAndUsed(opened, 1);
      const start = damaged(opened, second);
      const reset = await t.next(second, isRst);
      t.decide('3.7-d', reset !== undefined, 'a RST', reset ?? second.seen.at(-1));
      t.decide('3.7-c', optionOf(reset, 'MP_FAIL') !== undefined, 'MP_FAIL on the RST', reset);
      judged(t, reset, start);
      const acked = [...first.seen, ...second.seen].find((seen) => acknowledges(seen, start + 100n));
      t.decide('3.7-8', acked === undefined, 'no Data ACK of the data', acked ?? reset);
      connection.data(first, pattern(100, 200));
      t.need(await t.next(first, (seen) => acknowledges(seen, connection.nextData)), 'a Data ACK of the data on the other subflow');
      t.decide('3.7-8', app.take().length === 300, 'the right data at the application', `${app.take().length} octets`);
    },
  ),
  liveCase(
    '3.7/two-subflows-first',
    'A wrong checksum on the first of two subflows resets that one, with MP_FAIL on the RST',
    { decides: ['3.7-c', '3.7-b', '3.7-d'], kernel: checksum },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const second = await t.joinedAndUsed(opened, 1);
      const start = damaged(opened, first);
      const reset = await t.next(first, isRst);
      t.decide('3.7-d', reset !== undefined, 'a RST', reset ?? first.seen.at(-1));
      t.decide('3.7-c', optionOf(reset, 'MP_FAIL') !== undefined, 'MP_FAIL on the RST', reset);
      t.decide('3.7-b', optionOf(reset, 'MP_FAIL')?.dataSequenceNumber === start, `data sequence number ${start}`, reset);
      connection.data(second, pattern(100, 200));
      t.need(await t.next(second, (seen) => acknowledges(seen, connection.nextData)), 'a Data ACK on the other subflow');
    },
  ),
  liveCase(
    '3.7/all-subflows',
    'Wrong checksums on each of two subflows are both dealt with, and nothing of them is delivered',
    { decides: ['3.7-8', '3.7-d'], kernel: checksum },
    async (t) => {
      const opened = await t.established();
      const { first, app } = opened;
      const second = await t.joinedAndUsed(opened, 1);
      const start = damaged(opened, second);
      const reset = await t.next(second, isRst);
      const asked = first.seen.length;
      damaged(opened, first);
      await t.needed('an answer', first, (seen) => ofFail(seen) || isRst(seen) || seen.acknowledgment === first.next);
      await app.write(pattern(100), PATIENCE);
      await t.until(() => first.seen.slice(asked).find((seen) => ofFail(seen) || isRst(seen) || hasData(seen)));
      const answer = first.seen.find(ofFail) ?? first.seen.find(isRst);
      t.decide(
        '3.7-d',
        reset !== undefined && answer !== undefined,
        'a RST on one, MP_FAIL or a RST on the other',
        answer ?? first.seen.at(-1),
      );
      const acked = [...first.seen, ...second.seen].find((seen) => acknowledges(seen, start + 100n));
      t.decide('3.7-8', acked === undefined, 'no Data ACK of the data', acked ?? answer);
    },
  ),
  liveCase(
    '3.7/not-contiguous',
    'A wrong checksum on the only subflow, where what is in flight is not contiguous, resets the subflow with MP_FAIL',
    { decides: ['3.7-10'], kernel: checksum },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const { nextData } = connection;
      // Later data first; then, beyond a hole in the subflow, more of it; then what fails fills the hole.
      connection.data(first, pattern(100, 300), { dataSequenceNumber: nextData + 200n });
      await t.needed('an ACK', first, (seen) => seen.acknowledgment === first.next);
      const more = pattern(100, 500);
      const sequence = (first.next + 100) >>> 0;
      first.send({
        payload: more,
        sequence,
        options: [connection.mapping(first, more, { dataSequenceNumber: nextData + 400n, subflowSequenceNumber: first.ssn + 100 })],
      });
      connection.nextData = nextData;
      damaged(opened, first);
      const answer = await t.next(first, (seen) => isRst(seen) || ofFail(seen));
      t.decide('3.7-10', answer !== undefined && isRst(answer) && ofFail(answer), 'a RST with MP_FAIL', answer ?? first.seen.at(-1));
    },
  ),
  liveCase(
    '3.7/our-mp-fail',
    'Our MP_FAIL on the only subflow: the kernel answers with its own and goes on with an infinite mapping',
    { decides: ['3.7-9', '3.7-i'], kernel: checksum },
    async (t) => {
      const { first, app } = await t.established();
      await app.write(pattern(100, 100), PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      const start = optionOf(data, 'DSS')?.dataSequenceNumber ?? 0n;
      first.send({ options: [mpFail(start)] });
      await app.write(pattern(100, 200), PATIENCE);
      const next = await t.needed("the kernel's next data", first, (seen) => hasData(seen) && seen.sequence !== data.sequence);
      first.send();
      const dss = optionOf(next, 'DSS');
      t.decide('3.7-i', dss?.dataLevelLength === 0, 'an infinite mapping', next);
      t.decide('3.7-9', first.seen.some(ofFail), "an MP_FAIL of the kernel's", first.seen.find(ofFail) ?? next);
    },
  ),
];

const strippedOptions: readonly LiveCase[] = [
  liveCase('3.7/mapped-until-acknowledged', 'Until the first Data ACK every segment has a mapping', { decides: ['3.7-2'] }, async (t) => {
    const { connection, first, app } = await t.accepted();
    await app.write(pattern(10_000), PATIENCE);
    await t.until(() => (connection.received.length >= 7000 ? true : undefined));
    const data = first.seen.filter(hasData);
    const unmapped = data.find(
      (seen) => optionOf(seen, 'DSS')?.dataSequenceNumber === undefined && optionOf(seen, 'MP_CAPABLE')?.dataLevelLength === undefined,
    );
    t.decide('3.7-2', unmapped === undefined && data.length > 1, 'a mapping on each segment', unmapped ?? data.at(-1));
    connection.ack(first);
  }),
  liveCase(
    '3.7/ack-without-data-ack',
    'When the first data is acknowledged by TCP alone the kernel falls back',
    { decides: ['3.7-4', '3.7-15'] },
    async (t) => {
      const { first, app } = await t.accepted();
      await app.write(pattern(100), PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      first.send();
      await app.write(pattern(100), PATIENCE);
      const next = await t.needed("the kernel's next data", first, (seen) => hasData(seen) && seen.sequence !== data.sequence);
      first.send();
      const dss = optionOf(next, 'DSS');
      t.decide('3.7-4', bare(next) || dss?.dataLevelLength === 0, 'an infinite mapping, or no MPTCP option', next);
      first.send({ payload: pattern(100) });
      t.need(await app.read(100, PATIENCE), 'our data at the application');
      await app.write(pattern(100), PATIENCE);
      const last = await t.needed(
        "the kernel's last data",
        first,
        (seen) => hasData(seen) && seen.sequence !== next.sequence && seen.sequence !== data.sequence,
      );
      t.decide('3.7-4', bare(last), 'data without an MPTCP option', last);
      t.decide('3.7-15', bare(last), 'data without an MPTCP option', last);
      first.send();
    },
  ),
  liveCase(
    '3.7/ack-without-data-ack-joined',
    'When the first data on a joined subflow is acknowledged by TCP alone, the kernel resets it',
    { decides: ['3.7-3/1'], kernel: { subflows: 2 } },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1, {});
      connection.ack(first, {}, { options: [connection.dss(), { kind: 'MP_PRIO', backup: true, reserved: 0 }] });
      let reset: Seen | undefined;
      for (let round = 0; round < 3 && (reset === undefined || !isRst(reset)); round += 1) {
        await app.write(pattern(1000), PATIENCE);
        reset = await t.needed("the kernel's data", second, (seen) => isRst(seen) || hasData(seen));
        second.send();
      }
      t.decide('3.7-3/1', reset !== undefined && isRst(reset), 'a RST', reset);
    },
  ),
  liveCase(
    '3.7/options-stop',
    'When our options stop in mid-connection on the only subflow, the kernel resets it or goes on as plain TCP',
    { decides: ['3.7-15'] },
    async (t) => {
      const { first, app } = await t.established();
      first.send({ payload: pattern(100, 100) });
      await app.write(pattern(100), PATIENCE);
      const answer = await t.needed('an answer', first, (seen) => isRst(seen) || (hasData(seen) && seen.acknowledgment === first.next));
      t.decide(
        '3.7-15',
        isRst(answer) || optionOf(answer, 'DSS')?.dataSequenceNumber === undefined,
        'a RST, or data without a mapping',
        answer,
      );
      first.send();
    },
  ),
];

export const section37: readonly LiveCase[] = [...failing, ...strippedOptions];
