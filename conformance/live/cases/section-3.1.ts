/** RFC 8684 section 3.1: the MP_CAPABLE handshake. */
import { deriveKey, type MpCapable } from '../../../codecs/mptcp/index.ts';
import { acknowledges, pattern, PATIENCE, type Bench } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { ACK, has, hasData, isSynAck, optionOf, type Seen, spoilt, SYN } from '../segment.ts';
import type { Application } from '../application.ts';
import type { Subflow } from '../peer.ts';

const bare = ({ options }: Seen): boolean => options.length === 0;

/** Both sides send data, ours without an MPTCP option; the kernel's first segment of data. */
const plainData = async (t: Bench, app: Application, first: Subflow): Promise<Seen> => {
  first.send({ payload: pattern(100) });
  t.need(await app.read(100, PATIENCE), 'our data at the application');
  await app.write(pattern(100), PATIENCE);
  const data = await t.needed("the kernel's data", first, hasData);
  first.send();
  return data;
};

/** Our SYN has an MP_CAPABLE that the kernel must take for absent: its SYN/ACK has none, and the connection carries data as plain TCP. */
const refused = async (t: Bench, ref: string, option: Partial<MpCapable> | Uint8Array): Promise<void> => {
  const listener = t.listen();
  const first = t.subflow(0, t.local(0), t.remote(0));
  first.send({ flags: SYN, options: [option instanceof Uint8Array ? option : t.connection().capable('SYN', option)] });
  const synAck = await t.needed('the SYN/ACK', first, isSynAck);
  t.decide(ref, bare(synAck), 'a SYN/ACK without MP_CAPABLE', synAck);
  first.send();
  const data = await plainData(t, t.need(await listener.accept(PATIENCE), 'the accepted connection'), first);
  t.decide(ref, bare(data), 'data without an MPTCP option', data);
};

/** The kernel connects, and our SYN/ACK has this option; gives its third packet and its first data. */
const answered = async (
  t: Bench,
  option: (t: Bench) => MpCapable | Uint8Array | undefined,
): Promise<{ third: Seen; data: Seen; first: Subflow; app: Application }> => {
  const app = t.connect();
  const first = t.answering(t.need(await t.syn(), "the kernel's SYN"));
  const answer = option(t);
  first.send({ flags: SYN | ACK, options: answer === undefined ? [] : [answer] });
  const third = await t.needed('the third packet', first, (seen) => has(seen, ACK) && !has(seen, SYN));
  await app.write(pattern(100), PATIENCE);
  const data = await t.needed("the kernel's data", first, hasData);
  first.send();
  return { third, data, first, app };
};

/** Offers and the listener's answers. */
const listening: readonly LiveCase[] = [
  liveCase(
    '3.1/offer',
    'A listener answers MP_CAPABLE with its key, one crypto algorithm and the version asked for',
    { decides: ['3.1-2', '3.1-a', '3.1-g', '3.1-12', '3.1-15'] },
    async (t) => {
      const { first } = await t.offered();
      const synAck = first.seen[0];
      const capable = optionOf(synAck, 'MP_CAPABLE');
      t.decide('3.1-2', capable?.version === 1, 'version 1', synAck);
      t.decide('3.1-a', capable?.senderKey !== undefined && capable.receiverKey === undefined, 'length 12', synAck);
      t.decide('3.1-g', capable?.cryptoAlgorithms === 1, 'H = 1 alone', `crypto bits ${capable?.cryptoAlgorithms}`);
      t.decide('3.1-15', capable?.cryptoAlgorithms === 1, 'H = 1, D to G 0', `crypto bits ${capable?.cryptoAlgorithms}`);
      t.decide('3.1-12', capable?.extensibility === false, 'B = 0', synAck);
    },
  ),
  liveCase(
    '3.1/version-0',
    'A listener answers an offer of version 0 with nothing higher',
    { decides: ['3.1-2'], beyondCapture: { '3.1-2': 'An answer without MP_CAPABLE names no version.' } },
    async (t) => {
      t.listen();
      const first = t.subflow(0, t.local(0), t.remote(0));
      first.send({ flags: SYN, options: [t.connection().capable('SYN', { version: 0, senderKey: 7n })] });
      const synAck = await t.needed('the SYN/ACK', first, isSynAck);
      const answer = optionOf(synAck, 'MP_CAPABLE');
      t.decide('3.1-2', answer === undefined || answer.version === 0, 'MP_CAPABLE of version 0, or none', synAck);
    },
  ),
  liveCase('3.1/extensibility', 'A listener ignores an MP_CAPABLE with B = 1', { decides: ['3.1-13'] }, (t) =>
    refused(t, '3.1-13', { extensibility: true }),
  ),
  liveCase('3.1/no-crypto', 'A listener ignores an MP_CAPABLE without a crypto algorithm', { decides: ['3.1-17'] }, (t) =>
    refused(t, '3.1-17', { cryptoAlgorithms: 0 }),
  ),
  liveCase(
    '3.1/unknown-crypto',
    'A listener answers without MP_CAPABLE where it knows none of the crypto algorithms',
    { decides: ['3.1-25'] },
    (t) => refused(t, '3.1-25', { cryptoAlgorithms: 0b00010 }),
  ),
  // The responder "has the choice": Linux takes none where it does not know them all.
  liveCase(
    '3.1/more-crypto',
    'A listener chooses one algorithm, or none, where H and an unknown one are offered',
    { decides: ['3.1-g'], beyondCapture: { '3.1-g': 'An answer without MP_CAPABLE chooses nothing.' } },
    async (t) => {
      t.listen();
      const first = t.subflow(0, t.local(0), t.remote(0));
      first.send({ flags: SYN, options: [t.connection().capable('SYN', { cryptoAlgorithms: 0b01001 })] });
      const synAck = await t.needed('the SYN/ACK', first, isSynAck);
      const chosen = optionOf(synAck, 'MP_CAPABLE')?.cryptoAlgorithms;
      t.decide('3.1-g', chosen === undefined || chosen === 1, 'H = 1 alone, or no MP_CAPABLE', synAck);
    },
  ),
  liveCase('3.1/plain-syn', 'A listener puts no MP_CAPABLE on the SYN/ACK when the SYN had none', { decides: ['3.1-27'] }, async (t) => {
    t.listen();
    const first = t.subflow(0, t.local(0), t.remote(0));
    first.send({ flags: SYN });
    const synAck = await t.needed('the SYN/ACK', first, isSynAck);
    t.decide('3.1-27', bare(synAck), 'no MP_CAPABLE', synAck);
  }),
  liveCase('3.1/keys-differ', 'No two connections of a host have the same key', { decides: ['3.1-5/2', '3.1-6'] }, async (t) => {
    const { connection, listener } = await t.offered();
    listener.close();
    const other = await t.offered({ key: 99n });
    const keys = [connection.remoteKey, other.connection.remoteKey];
    t.decide('3.1-5/2', keys[0] !== keys[1], 'two keys', keys.join(' and '));
    t.decide(
      '3.1-6',
      connection.remoteToken !== other.connection.remoteToken,
      'two tokens',
      `${connection.remoteToken} and ${other.connection.remoteToken}`,
    );
  }),
  liveCase(
    '3.1/no-third-option',
    'Without MP_CAPABLE on the third packet the listener goes on as plain TCP',
    { decides: ['3.1-28', '3.1-30'] },
    async (t) => {
      const { first, listener } = await t.offered();
      first.send();
      const data = await plainData(t, t.need(await listener.accept(PATIENCE), 'the accepted connection'), first);
      t.decide('3.1-28', bare(data), 'data without an MPTCP option', data);
      t.decide('3.1-30', bare(data), 'data without an MPTCP option', data);
    },
  ),
  liveCase(
    '3.1/no-third-packet',
    'The first data carries MP_CAPABLE: the listener needs no third packet before it',
    { decides: ['3.1-j'] },
    async (t) => {
      const { connection, first, listener } = await t.offered();
      const payload = pattern(100);
      first.send({ payload, options: [connection.capableWithData(payload)] });
      const app = t.need(await listener.accept(PATIENCE), 'the accepted connection');
      t.need(await app.read(100, PATIENCE), 'our data at the application');
      connection.nextData += 100n;
      const ack = await t.next(first, (seen) => seen.acknowledgment === first.next);
      t.decide('3.1-j', ack !== undefined && acknowledges(ack, connection.nextData), 'a Data ACK of the data', ack);
    },
  ),
  liveCase('3.1/repeated-first-data', 'An MP_CAPABLE with data that comes twice counts once', { decides: ['3.1-j'] }, async (t) => {
    const { connection, first, app } = await t.opened();
    const payload = pattern(100);
    const sequence = first.next;
    const capable = connection.capableWithData(payload);
    first.send({ payload, options: [capable] });
    connection.nextData += 100n;
    first.send({ payload, options: [capable], sequence });
    connection.data(first, pattern(50, 100));
    const read = await app.read(150, PATIENCE);
    const ack = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
    t.decide(
      '3.1-j',
      ack !== undefined && read?.length === 150,
      'a Data ACK of 150 octets, and 150 octets at the application',
      `${read?.length} octets`,
    );
  }),
  liveCase('3.1/data-longer-than-segment', 'A mapping in MP_CAPABLE may be longer than its segment', { decides: ['3.1-j'] }, async (t) => {
    const { connection, first, app } = await t.opened();
    const payload = pattern(200);
    const capable = connection.capableWithData(payload);
    first.send({ payload: payload.subarray(0, 120), options: [capable] });
    first.send({ payload: payload.subarray(120), options: [capable] });
    connection.nextData += 200n;
    const read = await app.read(200, PATIENCE);
    const ack = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
    t.decide('3.1-j', ack !== undefined && read?.length === 200, 'a Data ACK of all 200 octets', ack);
  }),
  liveCase(
    '3.1/wrong-key-back',
    "A third packet that does not give back the listener's key: MPTCP options are sent no more",
    { decides: ['3.1-9'] },
    async (t) => {
      const { connection, first, listener } = await t.offered();
      first.send({ options: [connection.capable('ACK', { receiverKey: connection.remoteKey ^ 1n })] });
      const app = t.need(await listener.accept(PATIENCE), 'the accepted connection');
      await app.write(pattern(100), PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      t.decide('3.1-9', bare(data), 'data without an MPTCP option', data);
      first.send();
    },
  ),
  liveCase(
    '3.1/token-and-idsn',
    "The listener's token and first data sequence number come from its key",
    { decides: ['3.1-18', '3.1-19', '3.3.1-g'], kernel: { subflows: 1 } },
    async (t) => {
      const opened = await t.established();
      const { connection } = opened;
      const data = connection.first.seen.find(hasData);
      const mapped = optionOf(data, 'DSS')?.dataSequenceNumber;
      const { idsn, token } = deriveKey(connection.remoteKey, 1);
      t.decide('3.1-19', mapped === BigInt.asUintN(64, idsn + 1n), `a mapping from ${idsn + 1n} on`, data);
      t.decide('3.3.1-g', mapped === BigInt.asUintN(64, idsn + 1n), `a mapping from ${idsn + 1n} on`, data);
      const subflow = t.subflow(1);
      subflow.send({ flags: SYN, options: [connection.joinSyn({ receiverToken: token })] });
      const answer = await t.next(subflow, () => true);
      t.decide('3.1-18', answer !== undefined && isSynAck(answer), `a join to token ${token} is accepted`, answer);
    },
  ),
];

/** The kernel offers, and acts on our answer. */
const initiating: readonly LiveCase[] = [
  liveCase(
    '3.1/syn',
    "The initiator's SYN offers MPTCP in the form of the RFC",
    { decides: ['3.1-a', '3.1-12', '3.1-15', '3.1-16'] },
    async (t) => {
      t.connect();
      const syn = await t.syn();
      const capable = optionOf(syn, 'MP_CAPABLE');
      t.decide('3.1-a', capable !== undefined && capable.senderKey === undefined, 'length 4', syn);
      t.decide('3.1-12', capable?.extensibility === false, 'B = 0', syn);
      t.decide('3.1-15', capable?.cryptoAlgorithms === 1, 'H = 1, D to G 0', `crypto bits ${capable?.cryptoAlgorithms}`);
      t.decide('3.1-16', (capable?.cryptoAlgorithms ?? 0) !== 0, 'a crypto algorithm', `crypto bits ${capable?.cryptoAlgorithms}`);
    },
  ),
  liveCase(
    '3.1/third-packet',
    'The third packet carries both keys, and the first data MP_CAPABLE once more',
    { decides: ['3.1-8', '3.1-a', '3.1-b', '3.1-c', '3.1-e', '3.1-h'] },
    async (t) => {
      const { connection, first, app } = await t.accepted();
      const third = first.seen[1];
      const capable = optionOf(third, 'MP_CAPABLE');
      t.decide(
        '3.1-8',
        capable?.receiverKey !== undefined && capable.dataLevelLength === undefined,
        'both keys and no data parameters',
        third,
      );
      t.decide('3.1-a', capable?.receiverKey !== undefined && capable.dataLevelLength === undefined, 'length 20', third);
      t.decide('3.1-b', capable?.receiverKey === connection.key, `our key ${connection.key}`, `${capable?.receiverKey}`);
      t.decide('3.1-h', capable?.version === 1, 'version 1', `version ${capable?.version}`);
      await app.write(pattern(100), PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      const again = optionOf(data, 'MP_CAPABLE');
      t.decide('3.1-e', again?.dataLevelLength === 100, 'MP_CAPABLE that maps 100 octets', data);
      t.decide('3.1-c', again?.senderKey === capable?.senderKey && again?.receiverKey === capable?.receiverKey, 'the same two keys', data);
      connection.ack(first);
    },
  ),
  liveCase(
    '3.1/no-answer',
    'Without MP_CAPABLE on the SYN/ACK the initiator goes on as plain TCP',
    { decides: ['3.1-26', '3.7-1'] },
    async (t) => {
      const { third, data } = await answered(t, () => undefined);
      t.decide('3.1-26', bare(third) && bare(data), 'an ACK and data without an MPTCP option', bare(third) ? data : third);
      t.decide('3.7-1', bare(third) && bare(data), 'an ACK and data without an MPTCP option', bare(third) ? data : third);
    },
  ),
  liveCase(
    '3.1/altered-answer',
    'A SYN/ACK whose MP_CAPABLE has no key does not make an MPTCP connection',
    { decides: ['3.1-9'] },
    async (t) => {
      const { third, data } = await answered(t, (bench) => bench.connection().capable('SYN'));
      t.decide('3.1-9', bare(third) && bare(data), 'an ACK and data without an MPTCP option', bare(third) ? data : third);
    },
  ),
  liveCase(
    '3.1/cut-answer',
    'A SYN/ACK whose MP_CAPABLE has a wrong length does not make an MPTCP connection',
    { decides: ['3.1-9'] },
    async (t) => {
      const { third, data } = await answered(t, (bench) => spoilt(bench.connection().capable('SYN/ACK'), { length: 11 }));
      t.decide('3.1-9', bare(third) && bare(data), 'an ACK and data without an MPTCP option', bare(third) ? data : third);
    },
  ),
  liveCase(
    '3.1/higher-answer',
    'A SYN/ACK of a version that was not offered does not make an MPTCP connection',
    { decides: ['3.1-9'] },
    async (t) => {
      const { third, data } = await answered(t, (bench) => bench.connection().capable('SYN/ACK', { version: 2 }));
      t.decide('3.1-9', bare(third) && bare(data), 'an ACK and data without an MPTCP option', bare(third) ? data : third);
    },
  ),
  liveCase(
    '3.1/data-without-mapping',
    'When the first data that comes has no mapping, the initiator sends no MPTCP option any more',
    { decides: ['3.1-9'] },
    async (t) => {
      const { first, app } = await t.accepted();
      first.send({ payload: pattern(100) });
      t.need(await app.read(100, PATIENCE), 'our data at the application');
      await app.write(pattern(100), PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      t.decide('3.1-9', bare(data), 'data without an MPTCP option', data);
      first.send();
    },
  ),
  liveCase(
    '3.1/join-after-dss',
    'The initiator opens no further subflow before a DSS has come',
    { decides: ['3.1-10'], kernel: { subflows: 1, endpoints: ['10.80.1.2 dev path1 subflow'] } },
    async (t) => {
      const { connection, first, app } = await t.accepted();
      await app.write(pattern(100), PATIENCE);
      const sent = await t.needed("the kernel's data", first, hasData);
      // Left alone, the kernel sends it again: time enough to open a subflow.
      const again = await t.next(first, ({ sequence, payload }) => payload.length > 0 && sequence === sent.sequence);
      t.need(again, 'a retransmission');
      const early = t.unclaimed.find((seen) => has(seen, SYN));
      t.decide('3.1-10', early === undefined, 'no MP_JOIN before our DSS', early);
      connection.ack(first);
      const join = t.need(await t.syn(), 'an MP_JOIN after our DSS');
      t.decide('3.1-10', optionOf(join, 'MP_JOIN') !== undefined, 'MP_JOIN after our DSS', join);
    },
  ),
  liveCase(
    '3.1/closed-first-address',
    'Where our MP_CAPABLE has C = 1 the kernel joins another address, not that one',
    { decides: ['3.1-14'], kernel: { paths: 3, subflows: 2, addressesAccepted: 2, endpoints: ['10.80.1.2 dev path1 subflow'] } },
    async (t) => {
      const { connection, first } = await t.welcomed({ capable: { noSubflowsToSource: true } });
      connection.ack(first, {}, { options: [connection.addAddr(t.local(2).address, { addressId: 2 })] });
      const join = t.need(await t.syn(), 'an MP_JOIN to the announced address');
      const toFirst = [join, ...t.unclaimed].find(({ destination }) =>
        destination.address.every((octet, at) => octet === first.local.address[at]),
      );
      t.decide('3.1-14', toFirst === undefined, 'no SYN to the first address', toFirst ?? join);
    },
  ),
];

export const section31: readonly LiveCase[] = [...listening, ...initiating];
