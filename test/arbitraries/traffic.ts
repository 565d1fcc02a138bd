/** Whole valid MPTCP conversations, and what networks and captures may do to their packets without making them invalid, for fast-check (RFC 8684). */
import fc from 'fast-check';
import { Talk } from './conversation.ts';
import type { HostName, Path } from './conversation.ts';
import { openPacket, rewrite } from './network.ts';
import type { Packet } from './network.ts';

/** How a conversation ends: with DATA_FINs, with MP_FASTCLOSE, with RSTs, or not before the capture does. */
export type Ending = 'data-fin' | 'fastclose' | 'reset' | 'open';

/** A conversation that went by the rules, and how it ended. */
export interface Conversed {
  readonly talk: Talk;
  /** How many packets there were before it came to an end. */
  readonly body: number;
  readonly ending: Ending;
}

/** One thing that happens in an established connection. */
type Step =
  | { readonly do: 'send'; readonly host: HostName; readonly path: number; readonly octets: readonly number[] }
  | { readonly do: 'join'; readonly opener: HostName; readonly six: boolean; readonly backup: boolean }
  | { readonly do: 'announce'; readonly host: HostName; readonly six: boolean }
  | { readonly do: 'priority'; readonly host: HostName; readonly path: number; readonly backup: boolean }
  | { readonly do: 'reinject'; readonly host: HostName; readonly path: number }
  | { readonly do: 'close'; readonly path: number };

const host = fc.constantFrom<HostName>('a', 'b');
const path = fc.nat(3);
const send = fc.record({
  do: fc.constant('send' as const),
  host,
  path,
  octets: fc.array(fc.integer({ min: 1, max: 1400 }), { minLength: 1, maxLength: 4 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: send, weight: 6 },
  { arbitrary: fc.record({ do: fc.constant('join' as const), opener: host, six: fc.boolean(), backup: fc.boolean() }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('announce' as const), host, six: fc.boolean() }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('priority' as const), host, path, backup: fc.boolean() }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('reinject' as const), host, path }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('close' as const), path }), weight: 1 },
);

const peer = (name: HostName): HostName => (name === 'a' ? 'b' : 'a');

/** Runs the steps of a conversation. */
class Run {
  readonly talk: Talk;
  readonly #open: Path[];
  readonly #last: Record<HostName, { readonly offset: number; readonly octets: Uint8Array } | undefined> = { a: undefined, b: undefined };
  #count = 0;

  constructor(talk: Talk) {
    this.talk = talk;
    this.#open = [talk.established()];
  }

  #path(index: number): Path {
    return this.#open[index % this.#open.length]!;
  }

  step(step: Step): void {
    const { talk } = this;
    this.#count += 1;
    const number = this.#count;
    switch (step.do) {
      case 'send': {
        const on = this.#path(step.path);
        for (const length of step.octets) {
          const octets = Uint8Array.from({ length }, (_, i) => (i * 7 + number * 13 + (i >> 8)) & 0xff);
          this.#last[step.host] = { offset: talk.sent(step.host), octets };
          on.data(step.host, octets);
        }
        on.ack(peer(step.host));
        return;
      }
      case 'join': {
        if (this.#open.length > 3) return;
        const addresses = step.six ? (['2001:db8:a::', '2001:db8:b::'] as const) : (['10.0.2.', '10.0.3.'] as const);
        const [a, b] = addresses.map((prefix) => `${prefix}${number}`) as [string, string];
        this.#open.push(talk.join({ opener: step.opener, addresses: [a, b], ids: [number, number], backup: step.backup }));
        return;
      }
      case 'announce': {
        const option = talk.addAddr(step.host, 100 + number, step.six ? `2001:db8:c::${number}` : `10.0.4.${number}`);
        this.#path(0).signal(step.host, [option]);
        if (option.version === 1) {
          const { addressId, address } = option;
          this.#path(0).signal(peer(step.host), [{ kind: 'ADD_ADDR', version: 1, echo: true, addressId, address, reserved: 0 }]);
        }
        return;
      }
      case 'priority':
        this.#path(step.path).signal(step.host, [{ kind: 'MP_PRIO', backup: step.backup, reserved: 0 }]);
        return;
      case 'reinject': {
        const last = this.#last[step.host];
        if (last === undefined) return;
        const on = this.#path(step.path);
        on.again(step.host, last.offset, last.octets);
        on.ack(peer(step.host));
        return;
      }
      case 'close': {
        if (this.#open.length < 2) return;
        const on = this.#open.splice(1 + (step.path % (this.#open.length - 1)), 1)[0]!;
        on.finish();
      }
    }
  }

  end(ending: Ending): void {
    const { talk } = this;
    const [first, ...others] = this.#open;
    if (ending === 'data-fin') {
      first!.dataFin('a');
      first!.dataFin('b');
      first!.ack('a');
      for (const each of this.#open) each.finish();
    } else if (ending === 'fastclose') {
      first!.signal('a', [{ kind: 'MP_FASTCLOSE', receiverKey: talk.keys.b, reserved: 0 }]);
      for (const each of others) each.rst('a');
      first!.rst('b');
    } else if (ending === 'reset') {
      for (const each of this.#open) each.rst('a');
    }
  }
}

/**
 * Conversations that go by the rules: both versions, with and without DSS checksums, up to four subflows over both address families, opened by
 * either host, data both ways in any portions, reinjected data, addresses, priorities, and each way to end.
 *
 * @example fc.assert(fc.property(conversed, ({ talk }) => noFail(check(talk.pcap()))))
 */
export const conversed: fc.Arbitrary<Conversed> = fc
  .record({
    version: fc.constantFrom(0 as const, 1 as const),
    checksum: fc.boolean(),
    keys: fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), { minLength: 2, maxLength: 2 }),
    start: fc.nat(0xffff_ffff),
    steps: fc.array(step, { maxLength: 14 }),
    ending: fc.constantFrom<Ending>('data-fin', 'data-fin', 'fastclose', 'reset', 'open'),
  })
  .map(({ steps, ending, keys, ...setup }) => {
    const run = new Run(new Talk({ ...setup, keys: [keys[0]!, keys[1]!] }));
    for (const each of steps) run.step(each);
    const body = run.talk.frame;
    run.end(ending);
    return { talk: run.talk, body, ending };
  });

/** What happens to packets on their way and in the capture; each is named by a number modulo how many there are. */
export interface Fate {
  /** Sent once more, so many packets later: the acknowledgement was lost, or seemed to be. */
  readonly repeated: readonly (readonly [number, number])[];
  /** Captured twice. */
  readonly doubled: readonly number[];
  /** Overtaken by the packet behind it, from the same host on the same subflow. */
  readonly overtaken: readonly number[];
}

export const fate: fc.Arbitrary<Fate> = fc.record({
  repeated: fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 5 })), { maxLength: 3 }),
  doubled: fc.array(fc.nat(200), { maxLength: 4 }),
  overtaken: fc.array(fc.nat(200), { maxLength: 3 }),
});

/** The flow of a packet and its direction. */
const flowOf = (packet: Packet): string => {
  const { source, destination, tcp } = openPacket(packet);
  return `${source.join('.')}:${tcp.sourcePort} ${destination.join('.')}:${tcp.destinationPort}`;
};

/** The packets of a conversation as they are captured. A packet sent again has an identification of its own, as Linux gives it. */
export const captured = ({ talk, body }: Conversed, { repeated, doubled, overtaken }: Fate): readonly Packet[] => {
  const order = [...talk.packets];
  for (const each of overtaken) {
    const at = 3 + (each % Math.max(1, body - 4));
    const [one, two] = [order[at], order[at + 1]];
    if (one === undefined || two === undefined || at + 1 >= body || flowOf(one) !== flowOf(two)) continue;
    if ([one, two].some((packet) => (openPacket(packet).tcp.flags & 7) !== 0)) continue;
    [order[at], order[at + 1]] = [two, one];
  }
  for (const [each, later] of repeated) {
    const at = each % body;
    const again = rewrite(order[at]!, (opened) => ({ ...opened, identification: (opened.identification + 30_000) & 0xffff }));
    order.splice(Math.min(body, at + 1 + later), 0, again);
  }
  const twice = new Set(doubled.map((each) => each % order.length));
  return order.flatMap(({ bytes }, i) =>
    twice.has(i)
      ? [
          { bytes, time: i + 1 },
          { bytes, time: i + 1.1 },
        ]
      : [{ bytes, time: i + 1 }],
  );
};
