/** The buffers of an endpoint against models: what is sent once, what again, what is freed; what is delivered in which order, and the window. RFC 8684 sections 3.3.2 to 3.3.6. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { concat } from '../../codecs/bytes.ts';
import { SYN } from '../../codecs/packet/index.ts';
import { ReceiveBuffer } from '../../state-machines/mptcp/endpoint/receive-buffer.ts';
import { endOf, SendBuffer } from '../../state-machines/mptcp/endpoint/send-buffer.ts';
import type { DataSegment } from '../../state-machines/mptcp/endpoint/send-buffer.ts';
import { EndpointPair, pattern } from './mptcp/endpoint-pair.ts';

const octets = pattern(4000, 5);

describe('the send buffer', () => {
  /** Writes in pieces, then takes segments by these wishes until nothing is left. */
  const takeAll = (buffer: SendBuffer, wishes: readonly { readonly skip: number; readonly most: number }[]): DataSegment[] => {
    const taken: DataSegment[] = [];
    for (let i = 0; buffer.hasUnsent; i += 1) {
      const { skip, most } = wishes[i] ?? { skip: 0, most: 500 };
      const segment = buffer.take(skip, most, Infinity);
      if (segment !== undefined) taken.push(segment);
    }
    return taken;
  };
  const wish = fc.record({ skip: fc.integer({ min: 0, max: 3000 }), most: fc.integer({ min: 1, max: 700 }) });
  const writes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 });

  const filled = (sizes: readonly number[], limit = 4000): { buffer: SendBuffer; written: number } => {
    const buffer = new SendBuffer(limit);
    let written = 0;
    for (const size of sizes) written += buffer.write(octets.subarray(written, Math.min(octets.length, written + size)));
    return { buffer, written };
  };

  test('every octet is sent once, at its number, whatever a scheduler skips; no segment reaches over a gap; the DATA_FIN goes with the last', () => {
    fc.assert(
      fc.property(writes, fc.array(wish, { maxLength: 20 }), (sizes, wishes) => {
        const { buffer, written } = filled(sizes);
        buffer.closed = true;
        const taken = takeAll(buffer, wishes);
        const inOrder = taken.toSorted((x, y) => x.dsn - y.dsn);
        expect(concat(...inOrder.map(({ payload }) => payload))).toEqual(octets.slice(0, written));
        let next = 1;
        for (const { dsn, payload } of inOrder) {
          expect(dsn).toBe(next);
          next += payload.length;
        }
        // It goes with the data that is sent last, where that is the end of it.
        expect(taken.filter(({ dataFin }) => dataFin).length).toBe(taken.at(-1) === inOrder.at(-1) ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });

  test('octets are freed once a Data ACK and every subflow that had them have acknowledged them, not before (section 3.3.2)', () => {
    const { buffer } = filled([900]);
    const segment = buffer.take(0, 900, Infinity)!;
    buffer.carried(segment, 0);
    buffer.carried(segment, 1);
    buffer.acknowledge(901);
    buffer.settled(segment);
    expect(buffer.held).toBe(900);
    buffer.settled(segment);
    expect(buffer.held).toBe(0);
  });

  test('the edge of the window is not passed, and the DATA_FIN has its own number within it (section 3.3.5)', () => {
    const { buffer } = filled([500]);
    buffer.closed = true;
    expect(buffer.take(0, 900, 101)).toMatchObject({ dsn: 1, dataFin: false });
    expect(buffer.take(0, 900, 101)).toBeUndefined();
    expect(buffer.take(0, 900, 501)).toMatchObject({ dsn: 101, dataFin: false });
  });

  test('what waits for another subflow is given, oldest first, to those that never had it, until it is acknowledged (section 3.3.6)', () => {
    const { buffer } = filled([300]);
    const [first, second, third] = [100, 100, 100].map((most) => buffer.take(0, most, Infinity)!);
    for (const segment of [first!, second!, third!]) buffer.carried(segment, 0);
    for (const segment of [third!, first!, second!, first!]) buffer.reinject(segment);
    expect(buffer.takeReinjection(0)).toBeUndefined();
    expect(buffer.takeReinjection(1)).toBe(first);
    buffer.acknowledge(endOf(second!));
    expect(buffer.takeReinjection(1)).toBe(third);
    expect(buffer.hasReinjections).toBe(false);
  });

  test('no more is taken than there is room for, and nothing after the end', () => {
    const { buffer } = filled([900, 900], 1000);
    expect([buffer.held, buffer.end, buffer.unsent]).toEqual([1000, 1001, 1000]);
    buffer.closed = true;
    buffer.limit = 5000;
    expect(buffer.write(octets)).toBe(0);
  });
});

describe('the receive buffer', () => {
  const piece = fc.record({ from: fc.integer({ min: 0, max: 3900 }), length: fc.integer({ min: 1, max: 600 }), subflow: fc.nat(3) });

  test('gives the octets in order and once, whatever comes when; its Data ACK is the first that is missing (section 3.3.2)', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 1000 }), (pieces, most) => {
        const buffer = new ReceiveBuffer(10_000);
        const there = new Set<number>();
        const read: Uint8Array[] = [];
        for (const { from, length, subflow } of pieces) {
          const payload = octets.subarray(from, from + length);
          buffer.insert(from + 1, payload, subflow);
          for (let i = 0; i < payload.length; i += 1) there.add(from + i);
          let next = 0;
          while (there.has(next)) next += 1;
          expect(buffer.next).toBe(next + 1);
          read.push(...buffer.read(most));
        }
        read.push(...buffer.read(Infinity));
        expect(concat(...read)).toEqual(octets.slice(0, buffer.next - 1));
      }),
      { numRuns: 60 },
    );
  });

  test('the right edge of the window never shrinks, and moves by a segment or half the buffer at least (section 3.3.4)', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 })), { maxLength: 30 }), (steps) => {
        const buffer = new ReceiveBuffer(3000);
        buffer.edge = buffer.advertise(1000);
        // A sender keeps to what it has been told.
        for (const [comes, reads] of steps) {
          const before = buffer.edge;
          const length = Math.max(0, Math.min(comes, buffer.edge - buffer.next, octets.length - buffer.next));
          if (length > 0) buffer.insert(buffer.next, octets.subarray(buffer.next - 1, buffer.next - 1 + length), 0);
          buffer.read(reads);
          const told = buffer.advertise(1000);
          expect(told === before || told - before >= 1000).toBe(true);
          buffer.edge = told;
          expect(buffer.unread).toBeLessThanOrEqual(3000);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the DATA_FIN counts once all data has come (section 3.3.3)', () => {
    const buffer = new ReceiveBuffer(3000);
    buffer.finish(201);
    buffer.insert(101, octets.subarray(100, 200), 0);
    expect(buffer.takeFin()).toBe(false);
    buffer.insert(1, octets.subarray(0, 100), 1);
    expect([buffer.takeFin(), buffer.next, buffer.takeFin()]).toEqual([true, 202, false]);
  });
});

test('joins that anybody can send leave nothing behind: unknown tokens are answered by a RST and forgotten (section 3.2)', () => {
  const pair = new EndpointPair({ says: [1000, 1000], application: { a: { closes: false }, b: { closes: false } } }).run(1000);
  const { endpoint } = pair.b;
  for (let i = 0; i < 500; i += 1) {
    endpoint.receive(
      {
        source: Uint8Array.of(10, 9, i >> 8, i & 0xff),
        destination: Uint8Array.of(10, 0, 2, 1),
        sourcePort: 1000 + i,
        destinationPort: 5001,
        sequence: i,
        acknowledgment: 0,
        flags: SYN,
        window: 1000,
        options: [{ kind: 'MP_JOIN', segment: 'SYN', backup: false, addressId: 1, receiverToken: i, senderRandomNumber: i, reserved: 0 }],
        payload: new Uint8Array(0),
      },
      1000,
    );
    expect(endpoint.poll(1000)).toMatchObject([{ type: 'send', segment: { flags: 20, options: [{ kind: 'MP_TCPRST', reason: 1 }] } }]);
  }
  expect(endpoint.subflows).toHaveLength(1);
});
