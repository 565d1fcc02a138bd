/** Pairs of MPTCP machines joined by a network that loses, duplicates, reorders, delays and damages packets, and then heals. RFC 8684. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { connectionMachine } from '../../state-machines/mptcp/index.ts';
import { ConnectionHost, withoutOptions } from './mptcp/connection-host.ts';
import type { ConnectionPacket, ConnectionWish } from './mptcp/connection-host.ts';
import { Link, scripts } from './mptcp/link.ts';
import type { Party, Step } from './mptcp/link.ts';
import { SubflowEnd } from './mptcp/subflow-end.ts';
import type { SubflowPacket, SubflowWish } from './mptcp/subflow-end.ts';

/** Timeouts after which everything has had its time: the longest timer lasts 20. */
const LONG = 50;

/** What must hold for one party after every step, given the other. */
type Always<H> = (one: H, other: H) => boolean;
const anything = (): boolean => true;

/** Puts two parties on a link, runs a script, and holds both against `always` after every step. */
const runPair = <P, A, H extends Party<P, A> & { transmit: (packet: P) => void }>(
  strip: (packet: P) => P,
  a: H,
  b: H,
  first: A,
  steps: readonly Step<A>[],
  always: Always<H>,
) => {
  const link = new Link<P, A>(strip);
  a.transmit = link.connect(a);
  b.transmit = link.connect(b);
  const check = (): void => {
    if (!always(a, b) || !always(b, a)) throw new Error('does not hold');
  };
  a.ask(first);
  for (const step of steps) {
    link.run(step);
    check();
  }
  return { a, b, heal: (rounds: number) => link.heal(rounds, check) };
};

describe('both ends of a joined subflow (section 3.2)', () => {
  const script = scripts<SubflowWish>(['data', 'data', 'close', 'ack', 'reset'], 60);
  const run = (steps: readonly Step<SubflowWish>[], always: Always<SubflowEnd>) =>
    runPair<SubflowPacket, SubflowWish, SubflowEnd>(
      (packet) => ({ ...packet, join: false }),
      new SubflowEnd('opener'),
      new SubflowEnd('acceptor'),
      'open',
      steps,
      always,
    );

  test.each<[string, Always<SubflowEnd>]>([
    [
      'the opener sends no data before an ACK has answered its MP_JOIN ACK (l.1162)',
      (end) => end.role === 'acceptor' || end.dataSent === 0 || end.proofDelivered,
    ],
    [
      'nobody is ESTABLISHED before the acceptor has verified the HMAC (l.1160, l.1236)',
      (end) => !end.open || (end.role === 'opener' ? end.proofDelivered : end.proofReceived),
    ],
    [
      'an end that gets a wrong HMAC, or no MP_JOIN, resets the subflow and sends no data (l.1226, l.1233, l.1241)',
      (end) => !end.refused || (end.context.state === 'RESET' && end.dataSent === 0),
    ],
  ])('%s', (_, always) => {
    fc.assert(
      fc.property(script, (steps) => {
        const { heal } = run(steps, always);
        heal(10);
      }),
    );
  });

  test('the MP_JOIN ACK is repeated until it is acknowledged: on a network that only loses, the subflow comes to be (l.1156)', () => {
    const lossy = scripts<SubflowWish>(['data'], 60, ['delivered', 'lost', 'duplicated']);
    fc.assert(
      fc.property(lossy, (steps) => {
        const { a, b, heal } = run(steps, anything);
        heal(6);
        expect([a.context.state, b.context.state]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
      }),
    );
  });

  test('once the network heals, what was sent arrives and both ends close, or both are reset: none stays half open (l.1156)', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const { a, b, heal } = run(steps, anything);
        heal(LONG);
        if (a.open && b.open) {
          expect([a.dataReceived, b.dataReceived]).toEqual([b.dataSent, a.dataSent]);
          expect([a.wantsData, b.wantsData]).toEqual([0, 0]);
        }
        a.ask('close');
        b.ask('close');
        heal(LONG);
        expect([a.settled, b.settled]).toEqual([true, true]);
      }),
    );
  });
});

describe('both hosts of a connection (sections 3.1, 3.3.3, 3.5, 3.7 and appendix D)', () => {
  const script = scripts<ConnectionWish>(['data', 'data', 'data', 'join', 'close', 'fastclose', 'fastcloseRst'], 80);
  /** Without MP_FASTCLOSE. */
  const gentle = scripts<ConnectionWish>(['data', 'data', 'join', 'close'], 80);
  /** Without middleboxes, too. */
  const lossy = scripts<ConnectionWish>(['data', 'data', 'join', 'close'], 80, ['delivered', 'lost', 'duplicated']);

  /** Runs the script, heals the network and lets both applications close. */
  const run = (steps: readonly Step<ConnectionWish>[], always: Always<ConnectionHost> = anything) => {
    const { a, b, heal } = runPair<ConnectionPacket, ConnectionWish, ConnectionHost>(
      withoutOptions,
      new ConnectionHost('initiator'),
      new ConnectionHost('listener'),
      'connect',
      steps,
      always,
    );
    heal(10);
    a.ask('close');
    b.ask('close');
    heal(LONG);
    return [a, b] as const;
  };

  const fallen = new WeakSet<ConnectionHost>();
  test.each<[string, Always<ConnectionHost>]>([
    [
      'a host that has fallen back never returns to MPTCP, and may not (section 3.7, l.2440)',
      (host) => {
        if (host.context.state === 'FALLBACK') fallen.add(host);
        return (
          !fallen.has(host) ||
          (host.context.state === 'FALLBACK' &&
            !host.may({ type: 'sendDss', mapping: true }) &&
            !host.may({ type: 'sendData', by: 'DSS' }) &&
            !host.may({ type: 'sendJoinSyn' }))
        );
      },
    ],
    ['no subflow is joined before a DSS has been received (section 3.1, l.884)', (host) => host.joins === 0 || host.dssDelivered],
    [
      'a host whose DATA_FIN has gone out may send no more data (section 3.3.3)',
      (host) => !host.dataFinSent || !host.may({ type: 'sendData', by: 'DSS' }),
    ],
    [
      'a connection is closed by DATA_FINs only once both have been acknowledged (section 3.3.3, l.1614)',
      (host, other) =>
        host.context.ending !== 'dataFin' || (host.dataFinSent && host.dataFinAcked && host.dataFinReceived && other.dataFinReceived),
    ],
    [
      'nobody is closed by an MP_FASTCLOSE that was not sent (section 3.5)',
      (host, other) => host.context.ending !== 'fastcloseReceived' || other.fastcloseSent,
    ],
  ])('%s', (_, always) => {
    fc.assert(fc.property(script, (steps) => void run(steps, always)));
  });

  test('once the network heals and both close, each host is in M_CLOSED or in regular TCP (section 3.3.3, appendix D)', () => {
    fc.assert(
      fc.property(script, (steps) => {
        for (const { context } of run(steps)) expect(['M_CLOSED', 'FALLBACK']).toContain(context.state);
      }),
    );
  });

  test('the two do not disagree for ever: no host closes by DATA_FINs while the other is in regular TCP (section 3.7)', () => {
    fc.assert(
      fc.property(gentle, (steps) => {
        const endings = run(steps).map(({ context }) => (context.state === 'FALLBACK' ? 'FALLBACK' : context.ending));
        expect(endings.includes('FALLBACK') && endings.includes('dataFin')).toBe(false);
      }),
    );
  });

  test('a network that only loses, duplicates, reorders and delays makes nobody fall back or give up (sections 3.1, 3.3.3)', () => {
    fc.assert(
      fc.property(lossy, (steps) => {
        for (const { context } of run(steps)) expect([context.state, context.ending]).toEqual(['M_CLOSED', 'dataFin']);
      }),
    );
  });

  test('on a network that loses nothing, data goes both ways and DATA_FINs close the connection (sections 3.1, 3.3.3)', () => {
    const wish = fc.record({ host: fc.constantFrom(0 as const, 1 as const), wish: fc.constantFrom('data' as const, 'close' as const) });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 12 }), (asked) => {
        const hosts = run(asked.map((one) => ({ do: 'ask', ...one })));
        for (const { context } of hosts) expect([context.state, context.ending]).toEqual(['M_CLOSED', 'dataFin']);
      }),
    );
  });

  test('the scripts lead to every state, and to regular TCP by every way that a network can bring about', () => {
    const reached = new Set<string>();
    const note = ({ context: { state, cause, ending } }: ConnectionHost) => {
      for (const one of [state, cause, ending]) reached.add(one);
      return true;
    };
    fc.assert(
      fc.property(fc.oneof(script, gentle), (steps) => void run(steps, note)),
      { numRuns: 400, seed: 8684 },
    );
    const causes = ['plainSyn', 'plainSynAck', 'plainAck', 'keysDiffer', 'noDataAck', 'mpFail', 'receivedInfiniteMapping'];
    const passing = ['CAPABLE_ACCEPTED', 'CAPABLE_RECEIVED'];
    expect([...connectionMachine.states, ...causes].filter((one) => !reached.has(one) && !passing.includes(one))).toEqual([]);
  });
});
