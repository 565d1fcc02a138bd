/** RFC 8684 section 3.2: joining a further subflow with MP_JOIN. */
import { equalBytes } from '../../../codecs/bytes.ts';
import { pattern, PATIENCE, type Bench, type Opened } from '../bench.ts';
import { liveCase, Unready, type LiveCase } from '../case.ts';
import type { Subflow } from '../peer.ts';
import { ACK, has, isRst, isSynAck, optionOf, RST, spoilt, SYN, type Seen } from '../segment.ts';
import type { MpJoinSyn } from '../../../codecs/mptcp/index.ts';

/** The kernel's answer to the SYN of a join on path 1. */
const joinAnswer = async (
  t: Bench,
  { connection }: Opened,
  syn: Partial<MpJoinSyn> | Uint8Array,
  subflow = t.subflow(1),
): Promise<{ subflow: Subflow; answer: Seen }> => {
  subflow.send({ flags: SYN, options: [syn instanceof Uint8Array ? syn : connection.joinSyn(syn)] });
  return { subflow, answer: await t.needed('an answer to the SYN', subflow, () => true) };
};

/** The kernel's MP_JOIN SYN, whose connection is known. */
const kernelJoin = async (t: Bench): Promise<{ seen: Seen; syn: MpJoinSyn; subflow: Subflow }> => {
  const seen = t.need(await t.syn(), "the kernel's MP_JOIN SYN");
  const syn = optionOf(seen, 'MP_JOIN');
  if (syn?.segment !== 'SYN') throw new Unready('the SYN has no MP_JOIN');
  return { seen, syn, subflow: t.answering(seen) };
};

/** The third packet of a join. */
const isThird = (seen: Seen): boolean => has(seen, ACK) && !has(seen, SYN) && !has(seen, RST) && optionOf(seen, 'MP_JOIN') !== undefined;

const one = { subflows: 1 };
const joins = { subflows: 1, endpoints: ['10.80.1.2 dev path1 subflow'] };

/** We open, the kernel accepts. */
const accepting: readonly LiveCase[] = [
  liveCase(
    '3.2/join',
    'A valid join is answered with a right HMAC, and its third packet acknowledged',
    { decides: ['3.2-3', '3.2-a', '3.2-e', '3.2-4/1', '3.2-2'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { subflow, answer } = await joinAnswer(t, opened, {});
      const join = optionOf(answer, 'MP_JOIN');
      t.decide('3.2-3', isSynAck(answer) && join?.segment === 'SYN/ACK', 'a SYN/ACK with MP_JOIN', answer);
      t.decide('3.2-e', join?.segment === 'SYN/ACK', 'an MP_JOIN of 16 octets', answer);
      if (join?.segment !== 'SYN/ACK') return;
      const owed = opened.connection.owedHmac(join.senderRandomNumber).subarray(0, 8);
      t.decide('3.2-a', equalBytes(join.senderTruncatedHmac, owed), 'the leftmost 64 bits of the HMAC', answer);
      t.decide('3.2-2', join.reserved === 0, 'reserved bits 0', `${join.reserved}`);
      subflow.send({ options: [opened.connection.joinAck(join)] });
      const fourth = await t.next(subflow, () => true);
      t.decide('3.2-4/1', fourth !== undefined && has(fourth, ACK) && !isRst(fourth), 'an ACK', fourth);
    },
  ),
  liveCase('3.2/join-ipv6', 'An IPv6 subflow joins an IPv4 connection', { decides: ['3.2-3', '3.2-a'], kernel: one }, async (t) => {
    const opened = await t.established();
    t.listen(6);
    const { answer } = await joinAnswer(t, opened, {}, t.subflow(1, t.local(1, 6), t.remote(0, 6)));
    const join = optionOf(answer, 'MP_JOIN');
    t.decide('3.2-3', isSynAck(answer) && join?.segment === 'SYN/ACK', 'a SYN/ACK with MP_JOIN', answer);
    if (join?.segment !== 'SYN/ACK') return;
    t.decide(
      '3.2-a',
      equalBytes(join.senderTruncatedHmac, opened.connection.owedHmac(join.senderRandomNumber).subarray(0, 8)),
      'the leftmost 64 bits of the HMAC',
      answer,
    );
  }),
  liveCase(
    '3.2/third-packet-twice',
    'A third packet that comes again is acknowledged again',
    { decides: ['3.2-4/1'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { subflow, answer } = await joinAnswer(t, opened, {});
      const join = optionOf(answer, 'MP_JOIN');
      if (join?.segment !== 'SYN/ACK') throw new Unready('the SYN/ACK has no MP_JOIN');
      for (let time = 0; time < 2; time += 1) {
        subflow.send({ options: [opened.connection.joinAck(join)] });
        const ack = await t.next(subflow, () => true);
        t.decide('3.2-4/1', ack !== undefined && has(ack, ACK) && !isRst(ack), 'an ACK', ack);
      }
    },
  ),
  liveCase(
    '3.2/unknown-token',
    'A RST answers an MP_JOIN whose token is unknown',
    { decides: ['3.2-6', '3.2-8', '3.2-g'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { answer } = await joinAnswer(t, opened, { receiverToken: (opened.connection.remoteToken ^ 1) >>> 0 });
      const reset = optionOf(answer, 'MP_TCPRST');
      t.decide('3.2-6', isRst(answer), 'a RST', answer);
      t.decide('3.2-g', reset !== undefined, 'MP_TCPRST on the RST', answer);
      t.decide('3.2-8', reset?.reason === 1, 'MP_TCPRST with reason 1', answer);
    },
  ),
  liveCase(
    '3.2/refused',
    'A RST answers a join beyond the limit of subflows, to its SYN or to its third packet',
    { decides: ['3.2-6', '3.2-g'] },
    async (t) => {
      const opened = await t.established();
      const { subflow, answer } = await joinAnswer(t, opened, {});
      const join = optionOf(answer, 'MP_JOIN');
      if (join?.segment === 'SYN/ACK') subflow.send({ options: [opened.connection.joinAck(join)] });
      const reset = isRst(answer) ? answer : await t.next(subflow, isRst);
      t.decide('3.2-6', reset !== undefined, 'a RST', reset);
      t.decide('3.2-g', optionOf(reset, 'MP_TCPRST') !== undefined, 'MP_TCPRST on the RST', reset);
    },
  ),
  liveCase(
    '3.2/own-token',
    "A RST answers an MP_JOIN that carries the sender's token in place of the receiver's",
    { decides: ['3.2-6'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { answer } = await joinAnswer(t, opened, { receiverToken: opened.connection.token });
      t.decide('3.2-6', isRst(answer), 'a RST', answer);
    },
  ),
  liveCase(
    '3.2/wrong-hmac',
    'A RST answers a third packet whose HMAC is wrong',
    { decides: ['3.2-9', '3.2-8'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { subflow, answer } = await joinAnswer(t, opened, {});
      const join = optionOf(answer, 'MP_JOIN');
      if (join?.segment !== 'SYN/ACK') throw new Unready('the SYN/ACK has no MP_JOIN');
      const right = opened.connection.joinAck(join);
      subflow.send({ options: [spoilt(right, { at: 23, to: right.senderTruncatedHmac[19]! ^ 1 })] });
      const reset = await t.next(subflow, isRst);
      t.decide('3.2-9', reset !== undefined, 'a RST', reset);
      t.decide('3.2-8', optionOf(reset, 'MP_TCPRST')?.reason === 1, 'MP_TCPRST with reason 1', reset);
    },
  ),
  liveCase('3.2/no-hmac', 'A RST answers a third packet without MP_JOIN', { decides: ['3.2-9', '3.2-8'], kernel: one }, async (t) => {
    const { subflow } = await joinAnswer(t, await t.established(), {});
    subflow.send();
    const reset = await t.next(subflow, isRst);
    t.decide('3.2-9', reset !== undefined, 'a RST', reset);
    t.decide('3.2-8', optionOf(reset, 'MP_TCPRST')?.reason === 1, 'MP_TCPRST with reason 1', reset);
  }),
  liveCase(
    '3.2/no-third-packet',
    'A RST answers data on a subflow whose third packet never came',
    { decides: ['3.2-9'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { connection } = opened;
      const { subflow } = await joinAnswer(t, opened, {});
      connection.add(subflow);
      connection.data(subflow, pattern(100, 100));
      const reset = await t.next(subflow, isRst);
      t.decide('3.2-9', reset !== undefined, 'a RST', reset);
    },
  ),
  liveCase(
    '3.2/cut-hmac',
    'A RST answers a third packet whose MP_JOIN has a wrong length',
    { decides: ['3.2-9'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { subflow, answer } = await joinAnswer(t, opened, {});
      const join = optionOf(answer, 'MP_JOIN');
      if (join?.segment !== 'SYN/ACK') throw new Unready('the SYN/ACK has no MP_JOIN');
      subflow.send({ options: [spoilt(opened.connection.joinAck(join), { length: 20 })] });
      const reset = await t.next(subflow, isRst);
      t.decide('3.2-9', reset !== undefined, 'a RST', reset);
    },
  ),
  liveCase(
    '3.2/announced-port',
    'A SYN with the token to another port, which was announced, joins the connection',
    { decides: ['3.2-12'], kernel: { subflows: 2, endpoints: ['10.80.1.2 dev path1 signal port 5002'] } },
    async (t) => {
      const opened = await t.established();
      const { connection, app, first } = opened;
      const announced = await t.until(() => first.seen.map((seen) => optionOf(seen, 'ADD_ADDR')).find((option) => option !== undefined));
      t.need(announced, 'the ADD_ADDR');
      const subflow = await t.joined(opened, 1, {}, t.subflow(1, t.local(1), t.remote(1, 4, 5002)));
      connection.data(subflow, pattern(100, 100));
      const read = await app.read(200, PATIENCE);
      t.decide(
        '3.2-12',
        read?.length === 200,
        'the data of the join at the first connection',
        `${read?.length ?? app.take().length} octets`,
      );
    },
  ),
  liveCase(
    '3.2/other-server',
    'A SYN with the token to the port of another server joins, or is reset with a reason',
    {
      decides: ['3.2-6', '3.2-g'],
      kernel: one,
      beyondCapture: { '3.2-6': 'A host that joins is no less right.', '3.2-g': 'A host that joins is no less right.' },
    },
    async (t) => {
      const opened = await t.established();
      t.listen(4, 5002);
      const { answer } = await joinAnswer(t, opened, {}, t.subflow(1, t.local(1), t.remote(0, 4, 5002)));
      t.decide('3.2-6', isSynAck(answer) || isRst(answer), 'a SYN/ACK or a RST', answer);
      t.decide('3.2-g', isSynAck(answer) || optionOf(answer, 'MP_TCPRST') !== undefined, 'a SYN/ACK, or MP_TCPRST on the RST', answer);
    },
  ),
  // By the letter the token alone decides (l.1263), but a host may refuse where it does not listen (l.1220); Linux does.
  liveCase(
    '3.2/closed-port',
    'A SYN with a valid token to a port without a server joins, or is reset',
    { decides: ['3.2-6'], kernel: one, beyondCapture: { '3.2-6': 'That the host does not listen there is its own affair.' } },
    async (t) => {
      const opened = await t.established();
      const { answer } = await joinAnswer(t, opened, {}, t.subflow(1, t.local(1), t.remote(0, 4, 5999)));
      t.decide('3.2-6', isSynAck(answer) || isRst(answer), 'a SYN/ACK or a RST', answer);
    },
  ),
  liveCase('3.2/reserved', 'Reserved bits of MP_JOIN change nothing', { decides: ['3.2-3'], kernel: one }, async (t) => {
    const { answer } = await joinAnswer(t, await t.established(), { reserved: 7 });
    t.decide('3.2-3', isSynAck(answer) && optionOf(answer, 'MP_JOIN') !== undefined, 'a SYN/ACK with MP_JOIN', answer);
  }),
  liveCase(
    '3.2/join-as-backup',
    'A join as a backup, with an Address ID far from any other, is answered alike',
    { decides: ['3.2-3'], kernel: one },
    async (t) => {
      const opened = await t.established();
      const { answer } = await joinAnswer(t, opened, { addressId: 200, backup: true });
      const join = optionOf(answer, 'MP_JOIN');
      t.decide('3.2-3', isSynAck(answer) && join?.segment === 'SYN/ACK', 'a SYN/ACK with MP_JOIN', answer);
    },
  ),
  liveCase(
    '3.2/fallen-back',
    'A connection that has fallen back to plain TCP takes no further subflow',
    { decides: ['3.7-15'], kernel: one },
    async (t) => {
      const { connection, first, listener } = await t.offered();
      first.send();
      const app = t.need(await listener.accept(PATIENCE), 'the accepted connection');
      first.send({ payload: pattern(100) });
      t.need(await app.read(100, PATIENCE), 'our data at the application');
      const { answer } = await joinAnswer(t, { connection, first, app }, {});
      t.decide('3.7-15', !isSynAck(answer), 'no SYN/ACK', answer);
    },
  ),
];

/** The kernel opens, we accept. */
const opening: readonly LiveCase[] = [
  liveCase(
    '3.2/kernel-join',
    'The opener carries our token, a right HMAC and no data before it is established',
    { decides: ['3.2-f', '3.2-b', '3.2-h', '3.2-5', '3.2-2', '3.2-c', '3.2-e'], kernel: joins },
    async (t) => {
      const opened = await t.welcomed();
      const { connection, app } = opened;
      const { seen, syn, subflow } = await kernelJoin(t);
      t.decide('3.2-f', syn.receiverToken === connection.token, `our token ${connection.token}`, `${syn.receiverToken}`);
      t.decide('3.2-2', syn.reserved === 0, 'reserved bits 0', seen);
      const answer = connection.joinSynAck(syn);
      connection.add(subflow).send({ flags: SYN | ACK, options: [answer] });
      const third = await t.needed('the third packet', subflow, (each) => has(each, ACK) && !has(each, SYN));
      const join = optionOf(third, 'MP_JOIN');
      t.decide('3.2-h', join?.segment === 'ACK', 'MP_JOIN on the ACK', third);
      t.decide('3.2-e', join?.segment === 'ACK', 'an MP_JOIN of 24 octets', third);
      if (join?.segment !== 'ACK') return;
      const expected = connection.owedHmac(syn.senderRandomNumber).subarray(0, 20);
      t.decide('3.2-b', equalBytes(join.senderTruncatedHmac, expected), 'the leftmost 160 bits of the HMAC', third);
      t.decide('3.2-5', join.reserved === 0, 'reserved bits 0', `${join.reserved}`);
      // More than the first subflow takes before it is acknowledged; the other one is not established yet.
      await app.write(pattern(30_000), PATIENCE);
      await t.needed('data on the first subflow', connection.first, ({ payload }) => payload.length > 0);
      const early = subflow.seen.find(({ payload }) => payload.length > 0);
      t.decide('3.2-c', early === undefined, 'no data before the fourth packet', early);
    },
  ),
  liveCase(
    '3.2/kernel-join-wrong-hmac',
    'The opener resets a subflow whose SYN/ACK has a wrong HMAC',
    { decides: ['3.2-7', '3.2-8'], kernel: joins },
    async (t) => {
      const { connection } = await t.welcomed();
      const { syn, subflow } = await kernelJoin(t);
      subflow.send({ flags: SYN | ACK, options: [connection.joinSynAck(syn, { senderTruncatedHmac: new Uint8Array(8) })] });
      const reset = await t.next(subflow, isRst);
      t.decide('3.2-7', reset !== undefined, 'a RST', reset);
      t.decide('3.2-8', optionOf(reset, 'MP_TCPRST')?.reason === 1, 'MP_TCPRST with reason 1', reset);
    },
  ),
  liveCase(
    '3.2/kernel-join-no-answer',
    'The opener resets a subflow whose SYN/ACK has no MP_JOIN',
    { decides: ['3.2-10', '3.2-8'], kernel: joins },
    async (t) => {
      await t.welcomed();
      const { subflow } = await kernelJoin(t);
      subflow.send({ flags: SYN | ACK });
      const reset = await t.next(subflow, isRst);
      t.decide('3.2-10', reset !== undefined, 'a RST', reset);
      t.decide('3.2-8', optionOf(reset, 'MP_TCPRST')?.reason === 1, 'MP_TCPRST with reason 1', reset);
    },
  ),
  liveCase(
    '3.2/kernel-join-as-new',
    'The opener resets a subflow whose SYN/ACK has MP_CAPABLE in place of MP_JOIN',
    { decides: ['3.2-10', '3.2-11'], kernel: joins },
    async (t) => {
      const { connection } = await t.welcomed();
      const { subflow } = await kernelJoin(t);
      subflow.send({ flags: SYN | ACK, options: [connection.capable('SYN/ACK')] });
      const reset = await t.next(subflow, isRst);
      t.decide('3.2-10', reset !== undefined, 'a RST', reset);
      t.decide('3.2-11', reset !== undefined, 'a RST', reset);
    },
  ),
  liveCase(
    '3.2/kernel-join-unacknowledged',
    'The opener sends the third packet again until it is acknowledged',
    { decides: ['3.2-4/2'], kernel: joins },
    async (t) => {
      const { connection } = await t.welcomed();
      const { syn, subflow } = await kernelJoin(t);
      connection.add(subflow).send({ flags: SYN | ACK, options: [connection.joinSynAck(syn)] });
      await t.needed('the third packet', subflow, isThird);
      const again = await t.next(subflow, isThird);
      t.decide('3.2-4/2', again !== undefined, 'the ACK with MP_JOIN again', again);
    },
  ),
];

export const section32: readonly LiveCase[] = [...accepting, ...opening];
