/** Clean runs of our own shim6 hosts in the lab, captured at host A: what mutants are made from, and what must give no fail (RFC 5533, RFC 5534). */
import { ByteWriter } from '../../../codecs/bytes.ts';
import { fold, pseudoHeaderSum, sum16 } from '../../../codecs/checksum.ts';
import { concat } from '../../../codecs/bytes.ts';
import type { Shim6Settings } from '../../../state-machines/shim6/index.ts';
import { announce, cgaLocators, hbaLocators, Shim6Pair } from '../../state-machines/shim6-network.ts';
import type { Name, PairOptions } from '../../state-machines/shim6-network.ts';

const PROTOCOL_UDP = 17;

/** A UDP datagram of 8 octets of payload, with its checksum over the ULIDs. */
const datagram = (source: Uint8Array, destination: Uint8Array, number: number): Uint8Array => {
  const without = new ByteWriter(16)
    .u16('source', 4000)
    .u16('destination', 5000)
    .u16('length', 16)
    .u16('checksum', 0)
    .u32('a', 0)
    .u32('b', number)
    .finish();
  const sum = pseudoHeaderSum(concat(source, destination), 0, 16, 16, 16, PROTOCOL_UDP) + sum16(without);
  const checksum = ~fold(sum) & 0xffff;
  without.set([checksum >>> 8, checksum & 0xff], 6);
  return without;
};

let numbered = 0;
/** A UDP datagram of an upper layer. */
export const udp = (pair: Shim6Pair, name: Name): void => {
  const [source, destination] = pair.ulids(name);
  const host = pair.hosts[name];
  numbered += 1;
  const packet = { protocol: PROTOCOL_UDP, source, destination, payload: datagram(source, destination, numbered) };
  pair.lab.send(name, ...host.packets(host.shim6.send(packet, pair.now), pair.now));
};

/** UDP every `every` ms, from `from` until `until`. */
const talk = (pair: Shim6Pair, name: Name, every: number, from: number, until: number): void => {
  for (let time = from; time < until; time += every) pair.at(time, () => udp(pair, name));
};

type Kind = 'cga' | 'hba';
const locators = { cga: cgaLocators, hba: hbaLocators };

const pairOf = async (
  kind: Kind,
  counts: readonly [number, number],
  seed: number,
  options: Partial<PairOptions> = {},
): Promise<Shim6Pair> => {
  const [a, b] = counts;
  const A = await announce('A', 1, await locators[kind]('A', a));
  const B = await announce('B', 1, await locators[kind]('B', b));
  return new Shim6Pair({ A, B, seed, ...options });
};

const sendTimeout = (seconds: number): Partial<Shim6Settings> => ({ sendTimeout: seconds * 1000 });

/** A run by its name: what happens in it. */
export const runs: Readonly<Record<string, (seed?: number) => Promise<Shim6Pair>>> = {
  /** CGA, three and two locators, payload both ways. */
  async established(seed = 1) {
    const pair = await pairOf('cga', [3, 2], seed, { settings: sendTimeout(12) });
    pair.establish('A');
    talk(pair, 'A', 700, 500, 8000);
    talk(pair, 'B', 900, 600, 8000);
    pair.run(10_000);
    return pair;
  },
  /** HBA; the ULID pair breaks, both explore, payload goes on elsewhere. */
  async rehomed(seed = 2) {
    const pair = await pairOf('hba', [3, 3], seed);
    pair.establish('A');
    talk(pair, 'A', 500, 500, 60_000);
    talk(pair, 'B', 700, 600, 60_000);
    pair.at(10_000, () => (pair.works = (_, from, to) => from !== 0 && to !== 0));
    pair.run(62_000);
    return pair;
  },
  /** Payload one way alone: keepalives the other way. */
  async oneWay(seed = 3) {
    const pair = await pairOf('hba', [2, 2], seed);
    pair.establish('A');
    talk(pair, 'A', 500, 500, 40_000);
    pair.run(45_000);
    return pair;
  },
  /** CGA; every path breaks for a minute. */
  async outage(seed = 4) {
    const pair = await pairOf('cga', [2, 2], seed);
    pair.establish('A');
    talk(pair, 'A', 1000, 500, 120_000);
    talk(pair, 'B', 1000, 600, 120_000);
    pair.at(5000, () => (pair.works = () => false));
    pair.at(75_000, () => (pair.works = () => true));
    pair.run(125_000);
    return pair;
  },
  /** A's locators change twice; the second update is lost at first. */
  async updated(seed = 5) {
    const pair = await pairOf('cga', [2, 2], seed);
    const all = await cgaLocators('A', 3);
    const second = await announce('A', 2, all.slice(0, 2));
    const third = await announce('A', 3, all.slice(0, 1));
    pair.establish('A');
    talk(pair, 'A', 1000, 500, 30_000);
    pair.at(3000, () => pair.setLocators('A', second));
    pair.at(6000, () => {
      pair.works = () => false;
      pair.setLocators('A', third);
    });
    pair.at(16_000, () => (pair.works = () => true));
    pair.run(40_000);
    return pair;
  },
  /** B loses its context while payload goes elsewhere than between the ULIDs: R1bis, I2bis, R2. */
  async recovered(seed = 6) {
    const pair = await pairOf('hba', [2, 2], seed);
    pair.establish('A');
    talk(pair, 'A', 500, 500, 70_000);
    talk(pair, 'B', 700, 600, 50_000);
    pair.at(5000, () => (pair.works = (_, from, to) => from !== 0 && to !== 0));
    pair.at(50_000, () => pair.crash('B'));
    pair.run(72_000);
    return pair;
  },
  /** The same of a forked context. */
  async forkedRecovered(seed = 11) {
    const pair = await pairOf('hba', [2, 2], seed);
    pair.establish('A', 0, 0, 7);
    for (let time = 500; time < 50_000; time += 500) pair.at(time, () => pair.payload('A', 0, 0, 7));
    pair.at(5000, () => (pair.works = (_, from, to) => from + to > 0));
    pair.at(40_000, () => pair.crash('B'));
    pair.run(52_000);
    return pair;
  },
  /** Both begin at once. */
  async crossing(seed = 7) {
    const pair = await pairOf('hba', [2, 2], seed);
    pair.at(100, () => pair.establish('A'));
    pair.at(105, () => pair.establish('B'));
    talk(pair, 'A', 500, 1000, 5000);
    pair.run(10_000);
    return pair;
  },
  /** A second context of the same ULIDs. */
  async forked(seed = 8) {
    const pair = await pairOf('hba', [2, 2], seed);
    pair.establish('A');
    pair.at(1000, () => pair.establish('A', 0, 0, 7));
    pair.at(2000, () => pair.payload('A', 0, 0, 7));
    pair.run(5000);
    return pair;
  },
  /** Nobody answers. */
  async unanswered(seed = 9) {
    const pair = await pairOf('hba', [1, 1], seed);
    pair.works = (by) => by !== 'B';
    pair.establish('A');
    pair.run(200_000);
    return pair;
  },
  /** Much is lost, doubled and overtaken. */
  async lossy(seed = 10) {
    const pair = await pairOf('hba', [2, 3], seed, { loss: 0.2, doubling: 0.1, spread: 30 });
    pair.establish('A');
    talk(pair, 'A', 900, 500, 80_000);
    talk(pair, 'B', 1100, 600, 80_000);
    pair.at(20_000, () => (pair.works = (_, from, to) => from + to > 0));
    pair.run(90_000);
    return pair;
  },
};
