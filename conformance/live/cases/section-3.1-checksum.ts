/** RFC 8684 section 3.1: whether checksums are used is agreed in the handshake, and MP_CAPABLE with data carries one. */
import type { MpCapable } from '../../../codecs/mptcp/index.ts';
import { acknowledges, pattern, PATIENCE } from '../bench.ts';
import { liveCase, type LiveCase } from '../case.ts';
import { hasData, isRst, optionOf } from '../segment.ts';

/** Two octets shorter. */
const withoutChecksum = (option: MpCapable): MpCapable => {
  const { checksum, ...rest } = option;
  return checksum === undefined ? option : rest;
};

export const section31Checksum: readonly LiveCase[] = [
  liveCase('3.1/checksum-asked', 'The listener sends checksums when the SYN asks for them', { decides: ['3.1-22'] }, async (t) => {
    const { first, connection } = await t.established({ checksum: true });
    const data = first.seen.find(hasData);
    t.decide('3.1-22', connection.checksum && optionOf(data, 'DSS')?.checksum !== undefined, 'a mapping with a checksum', data);
  }),
  liveCase(
    '3.1/checksum-by-listener',
    'When only the SYN/ACK asks for checksums, they are used in both directions',
    { decides: ['3.1-23', '3.1-f', '3.1-22'] },
    async (t) => {
      const { first, connection, app } = await t.accepted({ capable: { checksumRequired: true } });
      connection.checksum = true;
      const third = optionOf(first.seen[1], 'MP_CAPABLE');
      t.decide('3.1-f', third?.checksumRequired === true, 'A = 1 on the third packet', first.seen[1]);
      await app.write(pattern(101), PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      t.decide('3.1-22', optionOf(data, 'MP_CAPABLE')?.checksum !== undefined, 'MP_CAPABLE with data and checksum', data);
      connection.data(first, pattern(100));
      t.need(await app.read(100, PATIENCE), 'our data with a checksum at the application');
      const ack = await t.next(first, (seen) => acknowledges(seen, connection.nextData));
      t.decide('3.1-23', third?.checksumRequired === true && ack !== undefined, 'A = 1, and our checksums accepted', ack);
    },
  ),
  liveCase(
    '3.1/checksum-of-first-data',
    'MP_CAPABLE with data and a right checksum is taken',
    { decides: ['3.1-j', '3.1-22'], kernel: { checksum: true } },
    async (t) => {
      const { connection, first, app } = await t.established();
      const data = first.seen.find(hasData);
      t.decide('3.1-22', optionOf(data, 'DSS')?.checksum !== undefined, 'a mapping with a checksum', data);
      t.decide('3.1-j', app.take().length === 100 && connection.checksum, 'a Data ACK of our first data', 'a Data ACK');
    },
  ),
  liveCase(
    '3.1/checksum-of-first-data-kernel',
    "The kernel's MP_CAPABLE with data has the right checksum",
    { decides: ['3.3.1-a', '3.1-22'], kernel: { checksum: true } },
    async (t) => {
      const { connection, first, app } = await t.accepted();
      const payload = pattern(101);
      await app.write(payload, PATIENCE);
      const data = await t.needed("the kernel's data", first, hasData);
      const capable = optionOf(data, 'MP_CAPABLE');
      const right = t.connection({ key: connection.remoteKey, checksum: true }).capableWithData(payload).checksum;
      t.decide('3.1-22', capable?.checksum !== undefined, 'MP_CAPABLE with data and checksum', data);
      t.decide('3.3.1-a', capable?.checksum === right, `checksum ${right}`, `${capable?.checksum}`);
      connection.ack(first);
    },
  ),
  // Section 3.1 (l.873): a host that thinks the negotiation compromised sends no MPTCP option any more; it may do so silently.
  ...(
    [
      [
        '3.1/checksum-wrong-on-first-data',
        'MP_CAPABLE with data and a wrong checksum',
        true,
        (first: MpCapable): MpCapable => ({ ...first, checksum: 0x1234 }),
      ],
      ['3.1/checksum-missing-on-first-data', 'MP_CAPABLE with data but without the checksum that was agreed', true, withoutChecksum],
      [
        '3.1/checksum-unasked-on-first-data',
        'MP_CAPABLE with data and a checksum that was not agreed',
        false,
        (first: MpCapable): MpCapable => ({ ...first, checksum: 0 }),
      ],
    ] as const
  ).map(([id, what, checksum, change]) =>
    liveCase(
      id,
      `${what} ends MPTCP, and is not acknowledged with a Data ACK`,
      { decides: ['3.1-9', '3.7-8'], kernel: { checksum } },
      async (t) => {
        const { connection, first, app } = await t.opened();
        first.send({ payload: pattern(100), options: [change(connection.capableWithData(pattern(100)))] });
        await app.write(pattern(100), PATIENCE);
        const answer = await t.next(first, (seen) => hasData(seen) || isRst(seen) || optionOf(seen, 'MP_FAIL') !== undefined);
        t.decide(
          '3.1-9',
          answer !== undefined && optionOf(answer, 'DSS') === undefined,
          'data without an MPTCP option, MP_FAIL, or a RST',
          answer,
        );
        const acked = first.seen.find((seen) => acknowledges(seen, connection.nextData + 100n));
        t.decide('3.7-8', acked === undefined, 'no Data ACK of the data', acked ?? answer);
      },
    ),
  ),
];
