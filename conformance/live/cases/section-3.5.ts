/** RFC 8684 sections 3.5 and 3.6: the fast close of a connection, and the reset of a subflow. */
import { acknowledges, pattern, PATIENCE } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { fastclose, tcprst } from '../peer.ts';
import { ACK, has, hasData, isRst, optionOf, RST } from '../segment.ts';

const two = { subflows: 2 };

const receiving: readonly LiveCase[] = [
  liveCase(
    '3.5/on-ack',
    'MP_FASTCLOSE on an ACK, with the right key, is answered with a RST on the same subflow, and ends the connection',
    { decides: ['3.5-c'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      first.send({ options: [fastclose(connection.remoteKey)] });
      const reset = await t.next(first, isRst);
      t.decide('3.5-c', reset !== undefined, 'a RST', reset);
      t.decide('3.5-c', await app.end(PATIENCE), 'the end of the connection at the application', `error ${app.error}`);
    },
  ),
  liveCase('3.5/on-ack-two-subflows', 'MP_FASTCLOSE on an ACK resets all subflows', { decides: ['3.5-c'], kernel: two }, async (t) => {
    const opened = await t.established();
    const { connection, first } = opened;
    const second = await t.joined(opened, 1);
    first.send({ options: [fastclose(connection.remoteKey)] });
    for (const subflow of [first, second]) {
      const reset = await t.next(subflow, isRst);
      t.decide('3.5-c', reset !== undefined, 'a RST', reset ?? subflow.seen.at(-1));
    }
  }),
  liveCase(
    '3.5/on-rst',
    'MP_FASTCLOSE on a RST ends the connection, its other subflow, too',
    { decides: ['3.5-h'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      first.send({ flags: RST | ACK, options: [fastclose(connection.remoteKey)] });
      const reset = await t.next(second, isRst);
      const isOver = await app.end(PATIENCE);
      t.decide('3.5-h', reset !== undefined && isOver, 'a RST on the other subflow, no data any more', reset ?? second.seen.at(-1));
    },
  ),
  liveCase(
    '3.5/wrong-key',
    'MP_FASTCLOSE with a wrong key does not end the connection',
    { decides: ['3.5-c'], beyondCapture: { '3.5-c': 'The rule asks for an answer to the right key only.' } },
    async (t) => {
      const { connection, first, app } = await t.established();
      first.send({ options: [fastclose(connection.remoteKey ^ 1n)] });
      connection.data(first, pattern(100, 100));
      const acked = await t.next(first, (seen) => isRst(seen) || acknowledges(seen, connection.nextData));
      t.decide('3.5-c', acked !== undefined && !isRst(acked) && app.take().length === 200, 'data goes on being delivered', acked);
    },
  ),
];

const sending: readonly LiveCase[] = [
  liveCase(
    '3.5/kernel',
    "The kernel's MP_FASTCLOSE carries our key, and nothing follows it",
    { decides: ['3.5-a', '3.5-b', '3.5-e', '3.5-f'] },
    async (t) => {
      const { connection, first, app } = await t.established();
      app.abort();
      const seen = await t.next(first, (each) => optionOf(each, 'MP_FASTCLOSE') !== undefined);
      const option = optionOf(seen, 'MP_FASTCLOSE');
      t.decide('3.5-a', option?.receiverKey === connection.key, `our key ${connection.key}`, seen);
      t.decide('3.5-e', option !== undefined, 'length 12', seen);
      t.decide('3.5-f', option?.reserved === 0, 'reserved bits 0', seen);
      const after = first.seen.slice(first.looked).find(hasData);
      t.decide('3.5-b', after === undefined, 'no data', after ?? seen);
    },
  ),
  liveCase(
    '3.5/kernel-two-subflows',
    'The kernel closes all subflows when it gives a connection up',
    { decides: ['3.5-d', '3.5-a'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joinedAndUsed(opened, 1);
      app.abort();
      const resets = [await t.next(first, isRst), await t.next(second, isRst)];
      const isR = resets.every((seen) => optionOf(seen, 'MP_FASTCLOSE') !== undefined);
      t.decide(
        '3.5-d',
        isR,
        'MP_FASTCLOSE on a RST on each subflow',
        resets.find((seen) => optionOf(seen, 'MP_FASTCLOSE') === undefined) ?? resets[0],
      );
      t.decide(
        '3.5-a',
        resets.every((seen) => optionOf(seen, 'MP_FASTCLOSE')?.receiverKey === connection.key),
        `our key ${connection.key}`,
        resets[0],
      );
    },
  ),
  liveCase('3.5/kernel-unread', 'The kernel gives a connection up that is closed with data unread', { decides: ['3.5-a'] }, async (t) => {
    const { connection, first, app } = await t.established();
    connection.data(first, pattern(100, 100));
    await t.dataAcked(connection, first);
    app.close();
    const seen = await t.next(first, (each) => optionOf(each, 'MP_FASTCLOSE') !== undefined);
    t.decide('3.5-a', optionOf(seen, 'MP_FASTCLOSE')?.receiverKey === connection.key, `MP_FASTCLOSE with our key ${connection.key}`, seen);
  }),
];

const resetting: readonly LiveCase[] = [
  liveCase(
    '3.6/reserved',
    'MP_TCPRST with unassigned flags resets its subflow like any other',
    { decides: ['3.6-7/2'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const second = await t.joinedAndUsed(opened, 1);
      second.send({ flags: RST | ACK, options: [tcprst(0, { reserved: 7 })] });
      const before = second.seen.length;
      second.send();
      const plain = await t.next(second, () => second.seen.length > before);
      // A subflow that is gone answers with a plain RST; the connection goes on.
      connection.data(first, pattern(100, 200));
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      t.decide(
        '3.6-7/2',
        plain !== undefined && isRst(plain) && acked !== undefined,
        'the subflow is gone, the connection goes on',
        plain ?? acked,
      );
    },
  ),
  liveCase(
    '3.6/reset-of-one',
    'A RST with MP_TCPRST on one subflow leaves the other alone',
    { decides: ['3.3.1-e'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1);
      second.send({ flags: RST | ACK, options: [tcprst(5, { transient: true })] });
      connection.acknowledges = true;
      await app.write(pattern(5000), PATIENCE);
      const all = await t.until(() => (connection.received.length >= 5100 ? true : undefined));
      t.decide('3.3.1-e', all === true && !first.seen.some(isRst), 'all data on the other subflow', first.seen.at(-1));
    },
  ),
  liveCase(
    '3.6/kernel',
    "The kernel's MP_TCPRST is on a RST, 4 octets long, with its unassigned flags 0",
    { decides: ['3.6-a', '3.6-b', '3.6-7/1'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection } = opened;
      const second = await t.joined(opened, 1);
      second.send({ payload: pattern(100), options: [connection.dss()] });
      const reset = await t.needed('an MP_TCPRST', second, (seen) => optionOf(seen, 'MP_TCPRST') !== undefined);
      t.decide('3.6-a', has(reset, RST), 'a RST', reset);
      t.decide('3.6-b', optionOf(reset, 'MP_TCPRST') !== undefined, 'length 4', reset);
      t.decide('3.6-7/1', optionOf(reset, 'MP_TCPRST')?.reserved === 0, 'U, V, W 0', reset);
    },
  ),
];

export const section35: readonly LiveCase[] = [...receiving, ...sending, ...resetting];
