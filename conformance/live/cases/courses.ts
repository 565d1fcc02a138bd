/** RFC 8684 sections 3.3 to 3.7 with an endpoint of ours that keeps the rules: addresses, priorities, windows, ends and resets in the middle of a transfer. */
import type { Endpoint, Notice } from '../../../state-machines/mptcp/index.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { FIN, has as hasFlags, hasData, isRst, optionOf } from '../segment.ts';
import { begin, compared, finish, has, type Transfer } from '../transfer.ts';
import { WHOLE, whole } from './transfers.ts';

type OnNotice = (endpoint: Endpoint, notice: Notice) => void;

const takes = { subflows: 8, addressesAccepted: 8 };

/** Does something upon the first notice of a type. */
const upon = (type: Notice['type'], act: (endpoint: Endpoint, notice: Notice) => void): OnNotice => {
  let isDone = false;
  return (endpoint, notice) => {
    if (isDone || notice.type !== type) return;
    isDone = true;
    act(endpoint, notice);
  };
};

const addresses: readonly LiveCase[] = [
  liveCase(
    '3.4.1/course-mixed',
    'One subflow over IPv6, another over IPv4 to an address that our endpoint announces',
    { decides: [...WHOLE, '3.4.1-c'], kernel: takes, conforms: true },
    async (t) => {
      await whole(t, { role: 'listener', ipVersion: 6, joins: 1, announces: [{ address: t.local(1, 4).address }] });
      const echo = t.heard.find((seen) => optionOf(seen, 'ADD_ADDR') !== undefined);
      t.decide('3.4.1-c', echo !== undefined, 'an echo', echo);
    },
  ),
  liveCase(
    '3.4.1/course-our-address',
    'Our endpoint announces an address: the kernel joins it',
    { decides: [...WHOLE, '3.4.1-c', '3.4.1-7'], kernel: takes, conforms: true },
    async (t) => {
      await whole(t, { role: 'listener', joins: 1, announces: [{ address: t.local(1).address }] });
      const echo = t.heard.find((seen) => optionOf(seen, 'ADD_ADDR') !== undefined);
      t.decide('3.4.1-c', echo !== undefined, 'an echo', echo);
      const join = t.heard.find((seen) => optionOf(seen, 'MP_JOIN')?.segment === 'SYN');
      t.decide('3.4.1-7', join?.destination.port === 5001, 'a join to port 5001', join);
    },
  ),
  liveCase(
    '3.4.1/course-our-address-and-port',
    'Our endpoint announces an address with a port: the kernel joins there',
    { decides: [...WHOLE, '3.9.1-2'], kernel: takes, conforms: true },
    async (t) => {
      await whole(t, { role: 'listener', joins: 1, announces: [t.local(1, 4, 7000)] });
      const join = t.heard.find((seen) => optionOf(seen, 'MP_JOIN')?.segment === 'SYN');
      t.decide('3.9.1-2', join?.destination.port === 7000, 'a join to port 7000', join);
    },
  ),
  ...(
    [
      ['3.4.1/course-kernels-address', 'The kernel announces an address: our endpoint joins it', ''],
      ['3.4.1/course-kernels-address-and-port', 'The kernel announces an address with a port: our endpoint joins there', ' port 5002'],
    ] as const
  ).map(([id, title, port]) =>
    liveCase(
      id,
      title,
      { decides: [...WHOLE, '3.4.1-a'], kernel: { ...takes, endpoints: [`10.80.1.2 dev path1 signal${port}`] }, conforms: true },
      async (t) => {
        const { host } = await whole(t, { role: 'initiator', joins: 1, follows: 1 });
        // The endpoint takes an announcement only when its HMAC is right.
        const announcement = t.heard.find((seen) => optionOf(seen, 'ADD_ADDR') !== undefined);
        t.decide('3.4.1-a', has(host, 'addressAdded'), 'a right HMAC', announcement);
      },
    ),
  ),
  liveCase(
    '3.4.2/course-our-withdrawal',
    'Our endpoint withdraws an address in the middle: the kernel closes its subflow, and all data arrives over the other',
    { decides: ['3.3.1-e', '3.3.1-11', '3.4.2-8'], kernel: takes },
    async (t) => {
      let isWithdrawn = false;
      const transfer = await begin(t, {
        role: 'initiator',
        opens: [{ path: 1 }],
        weClose: () => isWithdrawn,
        kernelCloses: () => isWithdrawn,
      });
      await transfer.until('some data', () => transfer.host.heardOctets > 50_000);
      transfer.endpoint.removeAddresses([1]);
      isWithdrawn = true;
      await transfer.until('the end of the subflow', () => t.heard.some((seen) => seen.path === 1 && (isRst(seen) || hasFlags(seen, FIN))));
      const end = t.heard.find((seen) => seen.path === 1 && (isRst(seen) || hasFlags(seen, FIN)));
      t.decide('3.4.2-8', end !== undefined, 'a RST or a FIN on the subflow', end);
      await arrives(transfer);
    },
  ),
  liveCase(
    '3.4.2/course-kernels-withdrawal',
    'The kernel withdraws an address in the middle: all data arrives over the other',
    { decides: ['3.3.1-e', '3.3.1-11', '3.4.2-a'], kernel: { ...takes, endpoints: ['10.80.1.2 dev path1 id 5 subflow'] } },
    async (t) => {
      let isWithdrawn = false;
      const transfer = await begin(t, { role: 'listener', joins: 1, weClose: () => isWithdrawn, kernelCloses: () => isWithdrawn });
      await transfer.until('some data', () => transfer.host.heardOctets > 50_000);
      t.pump();
      t.network.ip('mptcp endpoint delete id 5');
      isWithdrawn = true;
      await transfer.until('a REMOVE_ADDR', () => has(transfer.host, 'addressRemoved'));
      const removal = t.heard.find((seen) => optionOf(seen, 'REMOVE_ADDR') !== undefined);
      t.decide('3.4.2-a', optionOf(removal, 'REMOVE_ADDR')?.addressIds[0] === 5, 'Address ID 5', removal);
      await arrives(transfer);
    },
  ),
];

/** Both streams arrive whole; how the connection ends does not matter. */
const arrives = async (transfer: Transfer): Promise<void> => {
  const { bench, host, app, ours, kernels, until } = transfer;
  await until('all data', () => host.heardOctets >= kernels.length && app.received.length >= ours.length);
  const { sent, received, seen } = compared(transfer);
  bench.decide('3.3.1-e', received, 'the octets that the kernel was given', seen);
  bench.decide('3.3.1-11', sent, 'our octets at the application', seen);
};

const priorities: readonly LiveCase[] = [
  liveCase(
    '3.3.8/course-backup',
    'Our endpoint joins a backup: the kernel sends its data on the other subflow',
    { decides: [...WHOLE, '3.3.8-1', '3.3.8-2'], kernel: takes, conforms: true },
    async (t) => {
      await whole(t, { role: 'initiator', opens: [{ path: 1, backup: true }] });
      const wrong = t.heard.find((seen) => seen.path === 1 && hasData(seen));
      for (const ref of ['3.3.8-1', '3.3.8-2'])
        t.decide(ref, wrong === undefined, 'no data on the backup', wrong ?? 'all data on the other subflow');
    },
  ),
  liveCase(
    '3.3.8/course-prio',
    'Our endpoint makes the first subflow a backup in the middle: all data arrives',
    { decides: [...WHOLE], kernel: takes, conforms: true },
    async (t) => {
      await whole(t, {
        role: 'initiator',
        opens: [{ path: 1 }],
        application: { onNotice: upon('subflowEstablished', (endpoint) => endpoint.setBackup(0, true)) },
      });
    },
  ),
];

const windows: readonly LiveCase[] = [
  liveCase(
    '3.3.4/course-slow-reader',
    'Our application reads slowly, its window closes again and again: the kernel keeps within it',
    { decides: WHOLE, kernel: takes, conforms: true },
    async (t) => {
      await whole(t, {
        role: 'initiator',
        octets: { ours: 1000, kernels: 60_000 },
        settings: { receiveBuffer: 8000, maxReceiveBuffer: 8000 },
        application: { readRate: 300 },
      });
    },
  ),
  liveCase(
    '3.3.4/course-late-reader',
    "The kernel's application reads late: its window closes, never moves back, and all arrives in the end",
    { decides: WHOLE, kernel: takes, conforms: true },
    async (t) => {
      await whole(t, {
        role: 'initiator',
        octets: { ours: 1_000_000, kernels: 1000 },
        kernelReads: ({ bench }) => bench.heard.some(({ window, flags }) => window === 0 && (flags & 7) === 0),
      });
    },
  ),
];

const ends: readonly LiveCase[] = [
  liveCase(
    '3.3.3/course-we-close-first',
    'Our endpoint ends its data first; the kernel sends all of its own after that',
    { decides: [...WHOLE, '3.3.3-c'], kernel: takes, conforms: true },
    async (t) => {
      const transfer = await whole(t, { role: 'initiator', octets: { ours: 5000 }, kernelCloses: ({ app }) => app.ended });
      const { host } = transfer;
      t.decide(
        '3.3.3-c',
        has(host, 'acknowledged') && compared(transfer).sent,
        'a Data ACK of the DATA_FIN, after all data',
        compared(transfer).seen,
      );
    },
  ),
  liveCase(
    '3.3.3/course-kernel-closes-first',
    'The kernel ends its data first; ours still arrives after that',
    { decides: [...WHOLE, '3.3.3-a'], kernel: takes, conforms: true },
    async (t) => {
      const transfer = await whole(t, { role: 'listener', octets: { kernels: 5000 }, weClose: ({ host }) => has(host, 'peerClosed') });
      const { host } = transfer;
      t.decide(
        '3.3.3-a',
        has(host, 'peerClosed') && compared(transfer).received,
        'a DATA_FIN after the last octet',
        compared(transfer).seen,
      );
    },
  ),
  ...(['ack', 'rst'] as const).map((how) =>
    liveCase(
      `3.5/course-ours-on-${how}`,
      `Our endpoint gives up in the middle, with MP_FASTCLOSE on ${how === 'ack' ? 'an ACK' : 'RSTs'}: the kernel's application sees it`,
      { decides: [how === 'ack' ? '3.5-c' : '3.5-h'], kernel: takes, conforms: true },
      async (t) => {
        const transfer = await begin(t, { role: 'initiator', opens: [{ path: 1 }], weClose: () => false, kernelCloses: () => false });
        const { app, endpoint, host, until } = transfer;
        await until('some data', () => host.heardOctets > 50_000);
        endpoint.abort(how);
        await until('the end of the connection', () => endpoint.isClosed && (app.ended || app.error !== 0));
        const reset = t.heard.find(isRst);
        t.decide(
          how === 'ack' ? '3.5-c' : '3.5-h',
          app.error !== 0 || app.ended,
          'RSTs, and the end of the connection at the application',
          reset ?? `error ${app.error}`,
        );
      },
    ),
  ),
  liveCase(
    '3.5/course-kernels',
    'The kernel gives up in the middle: our endpoint knows its key, and is closed',
    { decides: ['3.5-a', '3.5-d'], kernel: takes, conforms: true },
    async (t) => {
      const transfer = await begin(t, { role: 'initiator', opens: [{ path: 1 }], weClose: () => false, kernelCloses: () => false });
      await transfer.until('some data', () => transfer.host.heardOctets > 50_000);
      // What it has sent so far comes before its end on every path: the order between two devices' queues is lost.
      t.pump();
      transfer.app.abort();
      await t.until(() => (transfer.endpoint.isClosed ? true : undefined));
      const given = t.heard.find((seen) => optionOf(seen, 'MP_FASTCLOSE') !== undefined);
      t.decide('3.5-a', optionOf(given, 'MP_FASTCLOSE')?.receiverKey === transfer.endpoint.keys.local, 'our key', given);
      t.decide('3.5-d', transfer.endpoint.isClosed, 'all subflows closed', given);
    },
  ),
];

const resets: readonly LiveCase[] = [0, 1].map((subflow) =>
  liveCase(
    `3.6/course-reset-${subflow === 0 ? 'first' : 'second'}`,
    `Our endpoint resets the ${subflow === 0 ? 'first' : 'second'} of two subflows in the middle: all data arrives over the other`,
    { decides: ['3.3.1-e', '3.3.1-11'], kernel: takes, conforms: true },
    async (t) => {
      let isReset = false;
      const transfer = await begin(t, { role: 'initiator', opens: [{ path: 1 }], weClose: () => isReset, kernelCloses: () => isReset });
      await transfer.until('some data', () => transfer.host.heardOctets > 50_000);
      transfer.endpoint.resetSubflow(subflow, 5);
      isReset = true;
      await arrives(transfer);
      t.need((await finish(transfer)) ? true : undefined, 'the end of the connection');
    },
  ),
);

export const courses: readonly LiveCase[] = [...addresses, ...priorities, ...windows, ...ends, ...resets];
