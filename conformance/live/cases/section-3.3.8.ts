/** RFC 8684 section 3.3.8: backup subflows and MP_PRIO. */
import { pattern, PATIENCE, type Bench, type Opened } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { prio, type Subflow } from '../peer.ts';
import { hasData, optionOf, RST } from '../segment.ts';

const two = { subflows: 2 };

/** The kernel sends 60,000 octets, all of which are acknowledged; none may come on `backup`. */
const avoids = async (t: Bench, { connection, app }: Opened, backup: Subflow, refs: readonly string[]): Promise<void> => {
  const before = backup.seen.length;
  const had = connection.received.length;
  connection.acknowledges = true;
  await app.write(pattern(60_000), PATIENCE);
  t.need(await t.until(() => (connection.received.length >= had + 60_000 ? true : undefined)), 'all data');
  const wrong = backup.seen.slice(before).find(hasData);
  for (const ref of refs) t.decide(ref, wrong === undefined, 'no data on the backup', wrong ?? 'all data on the other subflow');
};

export const section338: readonly LiveCase[] = [
  liveCase(
    '3.3.8/backup-join',
    'No data comes on a subflow that was joined as a backup',
    { decides: ['3.3.8-1', '3.3.8-2'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const second = await t.joined(opened, 1, { backup: true });
      await avoids(t, opened, second, ['3.3.8-1', '3.3.8-2']);
    },
  ),
  liveCase(
    '3.3.8/prio',
    'No data comes on a subflow that MP_PRIO has made a backup, be it the first',
    { decides: ['3.3.8-1', '3.3.8-2'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      await t.joinedAndUsed(opened, 1);
      connection.ack(first, {}, { options: [connection.dss(), prio(true)] });
      await avoids(t, opened, first, ['3.3.8-1', '3.3.8-2']);
    },
  ),
  liveCase(
    '3.3.8/prio-back',
    'MP_PRIO with B = 0 brings a backup into use again',
    { decides: ['3.3.8-2'], kernel: two, beyondCapture: {} },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const second = await t.joined(opened, 1, { backup: true });
      connection.ack(first, {}, { options: [connection.dss(), prio(true)] });
      connection.ack(second, {}, { options: [connection.dss(), prio(false)] });
      await avoids(t, opened, first, ['3.3.8-2']);
    },
  ),
  liveCase('3.3.8/prio-reserved', 'Reserved bits of MP_PRIO change nothing', { decides: ['3.3.8-2'], kernel: two }, async (t) => {
    const opened = await t.established();
    const { connection, first } = opened;
    await t.joined(opened, 1);
    connection.ack(first, {}, { options: [connection.dss(), { kind: 'MP_PRIO', backup: true, reserved: 7 }] });
    await avoids(t, opened, first, ['3.3.8-2']);
  }),
  liveCase(
    '3.3.8/backup-used',
    'Data comes on a backup when the other subflow is gone',
    { decides: ['3.3.8-1'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      const second = await t.joined(opened, 1, { backup: true });
      first.send({ flags: RST, sequence: first.next });
      connection.acknowledges = true;
      await app.write(pattern(10_000), PATIENCE);
      const data = await t.next(second, hasData);
      t.decide('3.3.8-1', data !== undefined, 'data on the backup', data);
      t.need(await t.until(() => (connection.received.length >= 10_100 ? true : undefined)), 'all data');
    },
  ),
  liveCase(
    '3.3.8/kernel-prio',
    "The kernel's MP_PRIO has the form of the RFC",
    { decides: ['3.3.8-a', '3.3.8-b'], kernel: { ...two, endpoints: ['10.80.1.2 dev path1 subflow'] } },
    async (t) => {
      const opened = await t.welcomed();
      const { subflow } = await t.joining(opened);
      opened.connection.acknowledges = true;
      t.network.ip('mptcp endpoint change 10.80.1.2 backup');
      const seen = t.need(
        await t.until(() => [...subflow.seen, ...opened.first.seen].find((each) => optionOf(each, 'MP_PRIO') !== undefined)),
        'an MP_PRIO',
      );
      const option = optionOf(seen, 'MP_PRIO');
      t.decide('3.3.8-a', option?.addressId === undefined, 'length 3', seen);
      t.decide('3.3.8-b', option?.reserved === 0, 'reserved bits 0', seen);
    },
  ),
  liveCase(
    '3.3.8/kernel-backup-join',
    'An endpoint that is a backup joins with B = 1',
    { decides: ['3.2-2', '3.2-d'], kernel: { ...two, endpoints: ['10.80.1.2 dev path1 id 5 subflow backup'] } },
    async (t) => {
      const opened = await t.welcomed();
      const { syn } = await t.joining(opened);
      t.decide(
        '3.2-2',
        syn.backup && syn.reserved === 0,
        'B = 1, reserved bits 0',
        `B = ${syn.backup ? 1 : 0}, reserved bits ${syn.reserved}`,
      );
      t.decide('3.2-d', syn.addressId === 5, 'Address ID 5', `Address ID ${syn.addressId}`);
    },
  ),
];
