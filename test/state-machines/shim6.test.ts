/** A shim6 context: every cell against its section; what a host finds its contexts, timers and validators by. RFC 5533. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { equalBytes } from '../../codecs/bytes.ts';
import { seeded } from '../../conformance/lab/index.ts';
import { listCells } from '../../state-machines/listing.ts';
import {
  I1_TIMEOUT,
  MAX_UPDATE_TIMEOUT,
  newShim6Context,
  retransmissionTime,
  Secrets,
  shim6Machine,
  VALIDATOR_MIN_LIFETIME,
  type Validated,
} from '../../state-machines/shim6/index.ts';
import { Agenda } from '../../state-machines/shim6/agenda.ts';
import { Contexts, newContext } from '../../state-machines/shim6/contexts.ts';
import { disagreement } from './expectations.ts';
import { tryMutants } from './mutants.ts';
import { shim6Expectations } from './shim6-expectations.ts';
import { octetsFrom } from './shim6-network.ts';

describe('every cell of a shim6 context', () => {
  test('does what its section says', () => {
    const reached = new Set<string>();
    expect(shim6Expectations.map((each) => disagreement(shim6Machine, newShim6Context, each, reached)).filter(Boolean)).toEqual([]);
    const missed = listCells(shim6Machine).filter(({ outcome }) => !reached.has(outcome.id));
    expect(missed.map(({ outcome }) => outcome.id)).toEqual([]);
  });

  test('is asserted, not merely reached: no mutant survives', () => {
    expect(tryMutants(shim6Machine, newShim6Context, shim6Expectations).survivors).toEqual([]);
  });
});

describe('retransmissions (sections 7.8 and 14)', () => {
  test('wait twice as long each time, drawn from half to one and a half of that; an update at most MAX_UPDATE_TIMEOUT', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(), (retries, seed) => {
        const drawn = retransmissionTime(I1_TIMEOUT, retries, seeded(seed));
        expect(drawn).toBeGreaterThanOrEqual(0.5 * I1_TIMEOUT * 2 ** Math.min(retries, 32));
        expect(drawn).toBeLessThanOrEqual(1.5 * I1_TIMEOUT * 2 ** Math.min(retries, 32));
        expect(retransmissionTime(I1_TIMEOUT, retries, seeded(seed), MAX_UPDATE_TIMEOUT)).toBeLessThanOrEqual(1.5 * MAX_UPDATE_TIMEOUT);
      }),
    );
    expect([0, 1, 2, 3, 4].map((retries) => retransmissionTime(I1_TIMEOUT, retries, () => 0.5))).toEqual([
      4000, 8000, 16_000, 32_000, 64_000,
    ]);
  });
});

describe('an agenda', () => {
  test('gives what is due by its time, wherever it was moved to meanwhile', () => {
    const anyMove = fc.record({ which: fc.nat(19), due: fc.option(fc.nat(1000), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 200 }), fc.nat(1000), (moves, now) => {
        const things = Array.from({ length: 20 }, (_, name) => ({ name, due: 0, place: -1 }));
        const agenda = new Agenda<(typeof things)[number]>();
        const model = new Map<number, number>();
        for (const { which, due } of moves) {
          agenda.set(things[which]!, due);
          if (due === undefined) model.delete(which);
          else model.set(which, due);
          expect(agenda.next).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        }
        const taken: number[] = [];
        for (let thing = agenda.take(now); thing !== undefined; thing = agenda.take(now)) taken.push(thing.due);
        expect(taken).toEqual([...model.values()].filter((due) => due <= now).toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the contexts of a host', () => {
  const address = (n: number): Uint8Array => new Uint8Array(16).fill(n + 1);

  test('are found by peer tag and locator, and so is confusion, as one would find them among all (sections 7.15 and 12.4)', () => {
    const anyPeer = fc.record({
      which: fc.nat(7),
      tag: fc.option(fc.nat(2), { nil: undefined }),
      locators: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(anyPeer, { maxLength: 60 }), (steps) => {
        const contexts = new Contexts();
        const all = Array.from({ length: 8 }, (_, n) => newContext(address(100), address(n), 0, { generation: 1, locators: [] }, 0));
        for (const { which, tag, locators } of steps) {
          const context = all[which]!;
          const peer = { generation: 1, locators: locators.map(address) };
          const isOverlapping = (other: (typeof all)[number]): boolean =>
            other !== context &&
            other.peerTag === tag &&
            other.peer.locators.some((one) => locators.some((n) => equalBytes(address(n), one)));
          const expected = tag === undefined ? [] : all.filter(isOverlapping);
          const confused = contexts.setPeer(context, tag, peer);
          expect(new Set(confused)).toEqual(new Set(expected));
          // A confused context is given up or begun anew, in any case without its tag.
          for (const other of confused) contexts.setPeer(other, undefined, { generation: undefined, locators: [other.peerUlid] });
          for (const one of [0, 1, 2])
            for (const n of [0, 1, 2, 3, 4, 5])
              expect(contexts.byPeer(one, address(n))).toBe(
                all.find((each) => each.peerTag === one && each.peer.locators.some((locator) => equalBytes(locator, address(n)))),
              );
        }
      }),
    );
  });
});

describe('validators (sections 7.10.1 and 7.17.1)', () => {
  const about: Validated = { kind: 'R1bis', packetContextTag: 5, source: new Uint8Array(16), destination: new Uint8Array(16).fill(1) };

  test('are good for at least VALIDATOR_MIN_LIFETIME, not for ever, and only for what they were made for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(30_000), { maxLength: 10 }), fc.nat(60_000), (seed, before, later) => {
        const secrets = new Secrets(octetsFrom(seed));
        let now = 0;
        for (const wait of before) secrets.make(about, (now += wait));
        const { nonce, validator } = secrets.make(about, now);
        expect(validator).toHaveLength(20);
        const since = secrets.since(nonce, validator, about, now + later);
        if (later <= VALIDATOR_MIN_LIFETIME) expect(since).toBeLessThanOrEqual(now);
        if (later > VALIDATOR_MIN_LIFETIME + 10_000) expect(since).toBeUndefined();
        for (const other of [
          { ...about, packetContextTag: 6 },
          { ...about, source: about.destination },
        ])
          expect(secrets.since(nonce, validator, other, now)).toBeUndefined();
        expect(secrets.since((nonce + 1) % 2 ** 32, validator, about, now)).toBeUndefined();
        expect(new Secrets(octetsFrom(seed + 1)).since(nonce, validator, about, now)).toBeUndefined();
      }),
    );
  });
});
