/** RFC 8684 section 3.4.1: announcing addresses with ADD_ADDR. */
import { equalBytes } from '../../../codecs/bytes.ts';
import type { AddAddrV1 } from '../../../codecs/mptcp/index.ts';
import { acknowledges, pattern, PORT, type Bench } from '../bench.ts';
import { liveCase, Unready, type LiveCase } from '../case.ts';
import type { Connection, Subflow } from '../peer.ts';
import { isRst, optionOf, RST, ACK, spoilt, textOf, type Seen } from '../segment.ts';

/** The kernel takes our addresses: it opens a subflow to each. */
const takes = { paths: 3, subflows: 4, addressesAccepted: 4 };

const addAddrOf = (seen: Seen | undefined): AddAddrV1 | undefined => {
  const option = optionOf(seen, 'ADD_ADDR');
  return option?.version === 1 ? option : undefined;
};

/** The kernel's next ADD_ADDR that is, or is no, echo. */
const announced = async (t: Bench, subflow: Subflow, echo: boolean): Promise<{ seen: Seen; option: AddAddrV1 }> => {
  const seen = await t.needed(echo ? 'an echo' : 'an ADD_ADDR', subflow, (each) => addAddrOf(each)?.echo === echo);
  const option = addAddrOf(seen);
  if (option === undefined) throw new Unready('an ADD_ADDR of version 1 has not come');
  return { seen, option };
};

/** Decides what an announcement of the kernel must have. */
const judged = (t: Bench, connection: Connection, seen: Seen, option: AddAddrV1): void => {
  const hmac = option.truncatedHmac;
  t.decide('3.4.1-d', hmac !== undefined, 'an HMAC of 8 octets', seen);
  t.decide('3.4.1-9/1', option.reserved === 0, 'flag bits 0', `${option.reserved}`);
  t.decide(
    '3.4.1-a',
    hmac !== undefined && equalBytes(hmac, connection.owedAddAddrHmac(option)),
    'the rightmost 64 bits of the HMAC',
    seen,
  );
};

const announcing = (id: string, title: string, endpoint: string, address: (t: Bench) => Uint8Array, port: number | undefined): LiveCase =>
  liveCase(
    id,
    title,
    { decides: ['3.4.1-a', '3.4.1-d', '3.4.1-9/1', '3.2-i'], kernel: { subflows: 2, addAddrTimeout: 1, endpoints: [endpoint] } },
    async (t) => {
      const { connection, first } = await t.established();
      const { seen, option } = await announced(t, first, false);
      if (!equalBytes(option.address, address(t)) || option.port !== port) throw new Unready(`an ADD_ADDR of ${endpoint} has not come`);
      judged(t, connection, seen, option);
      t.decide('3.2-i', option.addressId !== 0, 'an Address ID other than 0', `${option.addressId}`);
      first.send({ options: [echoOf(option)] });
    },
  );

const echoOf = ({ kind, version, addressId, address, port, reserved }: AddAddrV1): AddAddrV1 => ({
  kind,
  version,
  echo: true,
  addressId,
  address,
  reserved,
  ...(port !== undefined && { port }),
});

const sending: readonly LiveCase[] = [
  announcing(
    '3.4.1/kernel-announces',
    "The kernel's ADD_ADDR of an IPv4 address has a right HMAC",
    '10.80.1.2 dev path1 signal',
    (t) => t.remote(1).address,
    undefined,
  ),
  announcing(
    '3.4.1/kernel-announces-port',
    "The kernel's ADD_ADDR with a port has a right HMAC",
    '10.80.1.2 dev path1 signal port 5002',
    (t) => t.remote(1).address,
    5002,
  ),
  announcing(
    '3.4.1/kernel-announces-ipv6',
    "The kernel's ADD_ADDR of an IPv6 address has a right HMAC",
    'fd00:80:2::2 dev path1 signal',
    (t) => t.remote(1, 6).address,
    undefined,
  ),
  announcing(
    '3.4.1/kernel-announces-ipv6-port',
    "The kernel's ADD_ADDR of an IPv6 address with a port has a right HMAC",
    'fd00:80:2::2 dev path1 signal port 5002',
    (t) => t.remote(1, 6).address,
    5002,
  ),
  liveCase(
    '3.4.1/kernel-announces-again',
    'Without an echo the kernel announces the same again, under the same Address ID',
    { decides: ['3.4.1-2', '3.4.1-12'], kernel: { subflows: 2, addAddrTimeout: 1, endpoints: ['10.80.1.2 dev path1 signal'] } },
    async (t) => {
      const { first } = await t.established();
      const one = await announced(t, first, false);
      const two = await announced(t, first, false);
      const isSame = one.option.addressId === two.option.addressId && equalBytes(one.option.address, two.option.address);
      for (const ref of ['3.4.1-2', '3.4.1-12']) t.decide(ref, isSame, 'the same address and Address ID', two.seen);
    },
  ),
  liveCase(
    '3.4.1/kernel-announces-two',
    'Two addresses have two Address IDs',
    {
      decides: ['3.4.1-2', '3.4.1-a'],
      kernel: { paths: 3, subflows: 2, endpoints: ['10.80.1.2 dev path1 signal', '10.80.2.2 dev path2 signal'] },
    },
    async (t) => {
      const { connection, first } = await t.established();
      const one = await announced(t, first, false);
      first.send({ options: [echoOf(one.option)] });
      const two = await announced(t, first, false);
      t.decide(
        '3.4.1-2',
        one.option.addressId !== two.option.addressId,
        'two Address IDs',
        `${one.option.addressId} and ${two.option.addressId}`,
      );
      for (const { option, seen } of [one, two]) {
        const hmac = option.truncatedHmac;
        t.decide(
          '3.4.1-a',
          hmac !== undefined && equalBytes(hmac, connection.owedAddAddrHmac(option)),
          'the rightmost 64 bits of the HMAC',
          seen,
        );
      }
      first.send({ options: [echoOf(two.option)] });
    },
  ),
];

/** The echo of an announcement of ours, without an HMAC. */
const echoed = (id: string, title: string, address: (t: Bench) => Uint8Array, port: number | undefined): LiveCase =>
  liveCase(id, title, { decides: ['3.4.1-b', '3.4.1-c', '3.4.1-e', '3.4.1-d'], kernel: { addressesAccepted: 1 } }, async (t) => {
    const { connection, first } = await t.established();
    first.send({ options: [connection.addAddr(address(t), { addressId: 6, ...(port !== undefined && { port }) })] });
    const seen = await t.next(first, (each) => addAddrOf(each)?.echo === true);
    const option = addAddrOf(seen);
    t.decide('3.4.1-c', option !== undefined, 'the ADD_ADDR with E = 1', seen);
    const isSame = option?.addressId === 6 && equalBytes(option.address, address(t)) && option.port === port;
    t.decide('3.4.1-b', isSame, 'the same Address ID, address and port', seen);
    t.decide('3.4.1-e', option !== undefined && option.truncatedHmac === undefined, 'no HMAC', seen);
    t.decide('3.4.1-d', option !== undefined && option.truncatedHmac === undefined, 'a length without an HMAC', seen);
  });

const receiving: readonly LiveCase[] = [
  echoed('3.4.1/echo', 'An ADD_ADDR of an IPv4 address is echoed', (t) => t.local(1).address, undefined),
  echoed('3.4.1/echo-port', 'An ADD_ADDR with a port is echoed', (t) => t.local(1).address, 7000),
  echoed('3.4.1/echo-ipv6', 'An ADD_ADDR of an IPv6 address is echoed', (t) => t.local(1, 6).address, undefined),
  echoed('3.4.1/echo-ipv6-port', 'An ADD_ADDR of an IPv6 address with a port is echoed', (t) => t.local(1, 6).address, 7000),
  liveCase('3.4.1/wrong-hmac', 'An ADD_ADDR with a wrong HMAC is ignored', { decides: ['3.4.1-8'], kernel: takes }, async (t) => {
    const { connection, first } = await t.welcomed();
    const one = connection.addAddr(t.local(1).address, { addressId: 7 });
    first.send({ options: [{ ...one, truncatedHmac: new Uint8Array(8) }] });
    first.send({ options: [connection.addAddr(t.local(2).address, { addressId: 8 })] });
    const join = t.need(await t.syn(), 'a join to the second address');
    const wrong = first.seen.find((seen) => addAddrOf(seen)?.addressId === 7);
    const toFirst = [join, ...t.unclaimed].find(({ destination }) => equalBytes(destination.address, one.address));
    t.decide('3.4.1-8', wrong === undefined && toFirst === undefined, 'neither echo nor join', wrong ?? toFirst ?? join);
  }),
  liveCase(
    '3.4.1/leftmost-hmac',
    'An ADD_ADDR whose HMAC is cut from the wrong end is ignored',
    { decides: ['3.4.1-8'], kernel: takes },
    async (t) => {
      const { connection, first } = await t.welcomed();
      const one = connection.addAddr(t.local(1).address, { addressId: 7 });
      first.send({ options: [{ ...one, truncatedHmac: connection.leftmostAddAddrHmac(one) }] });
      first.send({ options: [connection.addAddr(t.local(2).address, { addressId: 8 })] });
      const join = t.need(await t.syn(), 'a join to the second address');
      const wrong = first.seen.find((seen) => addAddrOf(seen)?.addressId === 7);
      t.decide(
        '3.4.1-8',
        wrong === undefined && !equalBytes(join.destination.address, one.address),
        'neither echo nor join',
        wrong ?? join,
      );
    },
  ),
  liveCase('3.4.1/wrong-length', 'An ADD_ADDR of a wrong length is not echoed', { decides: ['3.4.1-b'], kernel: takes }, async (t) => {
    const { connection, first } = await t.established();
    first.send({ options: [spoilt(connection.addAddr(t.local(1).address, { addressId: 7 }), { length: 13 })] });
    first.send({ options: [connection.addAddr(t.local(2).address, { addressId: 8 })] });
    const { seen, option } = await announced(t, first, true);
    t.decide('3.4.1-b', option.addressId === 8, 'an echo of the second announcement alone', seen);
  }),
  liveCase('3.4.1/reserved', 'Unassigned flag bits of ADD_ADDR change nothing', { decides: ['3.4.1-9/2'], kernel: takes }, async (t) => {
    const { connection, first } = await t.established();
    first.send({ options: [connection.addAddr(t.local(1).address, { addressId: 6, reserved: 7 })] });
    const seen = await t.next(first, (each) => addAddrOf(each)?.echo === true);
    t.decide('3.4.1-9/2', addAddrOf(seen)?.addressId === 6, 'an echo', seen);
  }),
  liveCase(
    '3.4.1/join-same-port',
    'The kernel joins an address announced without a port at the port in use',
    { decides: ['3.4.1-7', '3.9.1-2'], kernel: takes },
    async (t) => {
      const opened = await t.welcomed();
      opened.first.send({ options: [opened.connection.addAddr(t.local(1).address)] });
      const join = await t.syn();
      const isRight = join !== undefined && equalBytes(join.destination.address, t.local(1).address) && join.destination.port === PORT;
      for (const ref of ['3.4.1-7', '3.9.1-2'])
        t.decide(ref, isRight, `a SYN to port ${PORT}`, join === undefined ? undefined : `a SYN to ${textOf(join.destination)}`);
    },
  ),
  liveCase(
    '3.4.1/join-announced-port',
    'The kernel joins an address announced with a port at that port, and data flows',
    { decides: ['3.9.1-2', '3.2-f'], kernel: takes },
    async (t) => {
      const opened = await t.welcomed();
      const { connection, first, app } = opened;
      first.send({ options: [connection.addAddr(t.local(1).address, { port: 7000 })] });
      const { subflow, syn } = await t.joining(opened);
      t.decide('3.9.1-2', subflow.local.port === 7000, 'a SYN to port 7000', `a SYN to ${textOf(subflow.local)}`);
      t.decide('3.2-f', syn.receiverToken === connection.token, 'our token', `${syn.receiverToken}`);
      connection.data(subflow, pattern(100, 100));
      t.need(await t.next(subflow, (seen) => acknowledges(seen, connection.nextData)), 'a Data ACK');
      t.decide('3.2-f', app.take().length === 200, 'our token, and its data at the application', `${app.take().length} octets`);
    },
  ),
  liveCase(
    '3.4.1/join-ipv6',
    'The kernel joins an IPv6 address that was announced',
    { decides: ['3.4.1-7', '3.2-h'], kernel: takes },
    async (t) => {
      const opened = await t.welcomed({ ipVersion: 6 });
      opened.first.send({ options: [opened.connection.addAddr(t.local(1, 6).address)] });
      const { subflow, ack } = await t.joining(opened);
      t.decide('3.4.1-7', subflow.local.port === PORT, `a SYN to port ${PORT}`, `a SYN to ${textOf(subflow.local)}`);
      t.decide('3.2-h', optionOf(ack, 'MP_JOIN') !== undefined, 'MP_JOIN on the third packet', ack);
    },
  ),
  liveCase(
    '3.4.1/failed-attempt',
    'An address where a join was refused is tried no more',
    { decides: ['3.4.1-11', '3.6-6'], kernel: takes },
    async (t) => {
      const { connection, first } = await t.welcomed();
      first.send({ options: [connection.addAddr(t.local(1).address, { addressId: 6 })] });
      const join = t.need(await t.syn(), 'a join');
      const refusing = t.answering(join);
      refusing.send({ flags: RST | ACK, options: [{ kind: 'MP_TCPRST', transient: false, reason: 3, reserved: 0 }] });
      first.send({ options: [connection.addAddr(t.local(2).address, { addressId: 8 })] });
      const other = t.need(await t.syn(), 'a join to the second address');
      const again = [other, ...t.unclaimed, ...refusing.seen.slice(1)].find(
        (seen) => equalBytes(seen.destination.address, t.local(1).address) && !isRst(seen),
      );
      for (const ref of ['3.4.1-11', '3.6-6']) t.decide(ref, again === undefined, 'no further SYN to the first address', again ?? other);
    },
  ),
  liveCase(
    '3.4.1/new-port',
    'The kernel tries the new port when a known address is announced with another one',
    { decides: ['3.4.1-13'], kernel: takes },
    async (t) => {
      const opened = await t.welcomed();
      const { connection, first } = opened;
      first.send({ options: [connection.addAddr(t.local(1).address, { addressId: 6, port: 7000 })] });
      await t.joining(opened, ({ destination }) => destination.port === 7000);
      first.send({ options: [connection.addAddr(t.local(1).address, { addressId: 6, port: 7001 })] });
      const again = await t.syn(({ destination }) => destination.port === 7001, 1500);
      t.decide('3.4.1-13', again !== undefined, 'a SYN to port 7001', again ?? 'no SYN to port 7001');
    },
  ),
];

export const section341: readonly LiveCase[] = [...sending, ...receiving];
