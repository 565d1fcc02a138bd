/** RFC 8684 section 3.4.2: withdrawing addresses with REMOVE_ADDR. */
import { acknowledges, pattern, PATIENCE } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { removeAddr } from '../peer.ts';
import { has, isRst, optionOf, FIN, spoilt, type Seen } from '../segment.ts';

const two = { subflows: 4 };
/** Section 3.4.2 wants a RST (l.2104) and a FIN where the path still works (l.2114): either ends the subflow. */
const isClosing = (seen: Seen): boolean => isRst(seen) || has(seen, FIN);
const ofRemoval = (seen: Seen): boolean => optionOf(seen, 'REMOVE_ADDR') !== undefined;

const receiving: readonly LiveCase[] = [
  liveCase(
    '3.4.2/unknown-id',
    'A REMOVE_ADDR of an Address ID that nobody knows is ignored',
    { decides: ['3.4.2-d'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const second = await t.joined(opened, 1);
      first.send({ options: [removeAddr(77, 78)] });
      for (const subflow of [first, second]) {
        connection.data(subflow, pattern(100));
        const acked = await t.next(subflow, (seen) => acknowledges(seen, connection.nextData));
        t.decide('3.4.2-d', acked !== undefined, 'both subflows go on', acked ?? subflow.seen.at(-1));
      }
    },
  ),
  liveCase(
    '3.4.2/withdrawn',
    'A REMOVE_ADDR of a subflow in use: it is asked with a keepalive first, and kept when it answers',
    { decides: ['3.4.2-4/1', '3.4.2-4/2'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first } = opened;
      const second = await t.joined(opened, 1, { addressId: 9 });
      connection.data(second, pattern(100, 100));
      await t.dataAcked(connection, second);
      const before = second.seen.length;
      const { expected } = second;
      first.send({ options: [removeAddr(9)] });
      const answer = await t.next(second, () => second.seen.length > before);
      // A keepalive (RFC 1122 section 4.2.3.6) carries the sequence number before the next one.
      const isKeepalive = answer !== undefined && !isClosing(answer) && answer.sequence === (expected - 1) >>> 0;
      t.decide('3.4.2-4/1', isKeepalive, 'a keepalive on the subflow', answer);
      connection.ack(second);
      const reset = second.seen.find(isClosing);
      t.decide('3.4.2-4/2', reset === undefined, 'the subflow is kept', reset ?? answer);
    },
  ),
  liveCase('3.4.2/withdrawn-reset', 'A subflow whose address is withdrawn is closed', { decides: ['3.4.2-8'], kernel: two }, async (t) => {
    const opened = await t.established();
    const second = await t.joined(opened, 1, { addressId: 9 });
    opened.first.send({ options: [removeAddr(9)] });
    // Nobody answers on that path any more.
    const reset = await t.next(second, isClosing);
    t.decide('3.4.2-8', reset !== undefined, 'a RST, or a FIN', reset ?? second.seen.at(-1));
  }),
  liveCase(
    '3.4.2/rest-goes-on',
    'When one of two addresses is withdrawn the connection goes on over the other',
    { decides: ['3.4.2-d'], kernel: two },
    async (t) => {
      const opened = await t.established();
      const { connection, first, app } = opened;
      await t.joined(opened, 1, { addressId: 9 });
      first.send({ options: [removeAddr(9, 10)] });
      connection.acknowledges = true;
      connection.data(first, pattern(100, 100));
      const acked = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      await app.write(pattern(5000), PATIENCE);
      const all = await t.until(() => (connection.received.length >= 5100 ? true : undefined));
      t.decide(
        '3.4.2-d',
        acked !== undefined && all === true && app.take().length === 200,
        'data in both directions on the first subflow',
        acked ?? first.seen.at(-1),
      );
    },
  ),
  liveCase(
    '3.4.2/no-more-joins',
    'The kernel opens no more subflows to an address that was withdrawn',
    { decides: ['3.4.2-5'], kernel: { paths: 3, subflows: 4, addressesAccepted: 4 } },
    async (t) => {
      const opened = await t.welcomed();
      const { connection, first } = opened;
      first.send({ options: [connection.addAddr(t.local(1).address, { addressId: 6 })] });
      await t.joining(opened);
      first.send({ options: [removeAddr(6)] });
      first.send({ options: [connection.addAddr(t.local(2).address, { addressId: 8 })] });
      const other = t.need(await t.syn(), 'a join to the other address');
      const again = [other, ...t.unclaimed].find(({ path }) => path === 1);
      t.decide('3.4.2-5', again === undefined, 'no SYN to the withdrawn address', again ?? other);
    },
  ),
  liveCase('3.4.2/wrong-length', 'A REMOVE_ADDR without an Address ID is ignored', { decides: ['3.4.2-d'], kernel: two }, async (t) => {
    const opened = await t.established();
    const { connection, first } = opened;
    const second = await t.joined(opened, 1, { addressId: 9 });
    first.send({ options: [spoilt(removeAddr(9), { length: 3 })] });
    for (const subflow of [first, second]) {
      connection.data(subflow, pattern(100));
      const acked = await t.next(subflow, (seen) => acknowledges(seen, connection.nextData));
      t.decide('3.4.2-d', acked !== undefined, 'both subflows go on', acked ?? subflow.seen.at(-1));
    }
  }),
];

const sending: readonly LiveCase[] = [
  liveCase(
    '3.4.2/kernel-withdraws-unused',
    'The kernel withdraws an announced address that no subflow uses',
    { decides: ['3.4.2-2', '3.4.2-a', '3.4.2-b', '3.4.2-c'], kernel: { subflows: 2, endpoints: ['10.80.1.2 dev path1 id 5 signal'] } },
    async (t) => {
      const { first } = await t.established();
      const announcement = await t.needed('an ADD_ADDR', first, (seen) => optionOf(seen, 'ADD_ADDR') !== undefined);
      t.need(optionOf(announcement, 'ADD_ADDR')?.addressId === 5 ? true : undefined, 'an ADD_ADDR of ID 5');
      t.network.ip('mptcp endpoint delete id 5');
      const seen = await t.next(first, ofRemoval);
      const option = optionOf(seen, 'REMOVE_ADDR');
      t.decide('3.4.2-2', option !== undefined, 'a REMOVE_ADDR', seen);
      t.decide('3.4.2-b', option?.addressIds.length === 1, 'length 4', seen);
      t.decide('3.4.2-a', option?.addressIds[0] === 5, 'Address ID 5', `${option?.addressIds.join(', ')}`);
      t.decide('3.4.2-c', option?.reserved === 0, 'reserved bits 0', seen);
    },
  ),
  liveCase(
    '3.4.2/kernel-withdraws-used',
    'When the kernel withdraws an address in use it closes the subflow',
    { decides: ['3.4.2-8', '3.4.2-a'], kernel: { subflows: 2, endpoints: ['10.80.1.2 dev path1 id 5 subflow'] } },
    async (t) => {
      const opened = await t.welcomed();
      const { subflow } = await t.joining(opened);
      opened.connection.acknowledges = true;
      t.network.ip('mptcp endpoint delete id 5');
      const reset = await t.next(subflow, isClosing);
      const removal = t.need(await t.until(() => [...opened.first.seen, ...subflow.seen].find(ofRemoval)), 'a REMOVE_ADDR');
      t.decide('3.4.2-a', optionOf(removal, 'REMOVE_ADDR')?.addressIds[0] === 5, 'Address ID 5', removal);
      t.decide('3.4.2-8', reset !== undefined, 'a RST or a FIN on the subflow', reset);
    },
  ),
  liveCase(
    '3.4.2/address-gone',
    'An address that was announced and has gone from its interface is withdrawn',
    { decides: ['3.4.2-1'], kernel: { subflows: 2, endpoints: ['10.80.1.2 dev path1 id 5 signal'] } },
    async (t) => {
      const { connection, first } = await t.established();
      await t.needed('an ADD_ADDR', first, (seen) => optionOf(seen, 'ADD_ADDR') !== undefined);
      t.network.ip('addr del 10.80.1.2/24 dev path1');
      connection.data(first, pattern(100, 100));
      await t.dataAcked(connection, first);
      const seen = first.seen.find(ofRemoval) ?? (await t.next(first, ofRemoval, 1000));
      t.decide('3.4.2-1', seen !== undefined, 'a REMOVE_ADDR of ID 5', seen ?? 'no REMOVE_ADDR');
    },
  ),
];

export const section342: readonly LiveCase[] = [...receiving, ...sending];
