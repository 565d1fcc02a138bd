/**
 * The part `endpoint` of `npm run bench`: how much application data two endpoints move over two paths in memory, on one core. Segments
 * go from one to the other as they are, in virtual time; nothing is lost, and what arrives is compared with what was sent.
 */
import { Endpoint } from '../../state-machines/mptcp/index.ts';
import type { TcpSegment } from '../../state-machines/mptcp/index.ts';
import { seeded } from '../../conformance/lab/random.ts';

const PORT = { a: 40_000, b: 5001 } as const;
const address = (path: number, host: number): Uint8Array => Uint8Array.of(10, 0, path, host);
/** One way, in ms, by path. */
const DELAYS = [1, 2];
const CHUNK = 65_536;

/** What a run took and moved. */
interface Run {
  /** User CPU time and time on the clock, in ms. */
  readonly user: number;
  readonly clock: number;
  readonly octets: number;
  readonly segments: number;
  readonly subflows: number;
}

/** Moves `octets` from one endpoint to the other. */
const move = (octets: number, checksum: boolean): Run => {
  const settings = { random: seeded(7), checksum, delayedAck: 40 };
  const a = new Endpoint({
    role: 'initiator',
    local: { address: address(0, 1), port: PORT.a },
    remote: { address: address(0, 2), port: PORT.b },
    ...settings,
  });
  const b = new Endpoint({ role: 'listener', local: { address: address(0, 2), port: PORT.b }, ...settings });
  const chunk = Uint8Array.from({ length: CHUNK }, (_, i) => i * 31 + (i >> 8));
  /** What is on its way to each, by the path and the ms when it arrives. */
  const toA = new Map<number, TcpSegment[]>();
  const toB = new Map<number, TcpSegment[]>();
  let written = 0;
  let read = 0;
  let at = 0;
  let segments = 0;
  let joined = false;

  const put = (endpoint: Endpoint, now: number, queue: Map<number, TcpSegment[]>): void => {
    for (const output of endpoint.poll(now)) {
      if (output.type !== 'send') continue;
      segments += 1;
      const due = now + DELAYS[output.segment.source[2]!]!;
      const then = queue.get(due);
      if (then === undefined) queue.set(due, [output.segment]);
      else then.push(output.segment);
    }
  };
  const arrive = (endpoint: Endpoint, now: number, queue: Map<number, TcpSegment[]>): void => {
    const due = queue.get(now);
    queue.delete(now);
    if (due !== undefined) for (const segment of due) endpoint.receive(segment, now);
    if ((endpoint.nextTimer ?? Infinity) <= now) endpoint.tick(now);
  };

  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  a.connect();
  for (let now = 0; read < octets; now += 1) {
    arrive(a, now, toA);
    arrive(b, now, toB);
    if (!joined && a.state === 'M_ESTAB')
      joined =
        a.openSubflow({
          local: { address: address(1, 1), port: PORT.a },
          remote: { address: address(1, 2), port: PORT.b },
          addressId: 1,
        }) !== undefined;
    if (now > 2)
      while (written < octets) {
        const from = written % CHUNK;
        const taken = a.write(from === 0 ? chunk : chunk.subarray(from));
        written += taken;
        if (taken === 0) break;
      }
    for (const part of b.read()) {
      // Every octet tells where it is from; one in each part is looked at.
      if (part[0] !== chunk[at % CHUNK]) throw new Error(`octet ${at} is another one`);
      at += part.length;
      read = at;
    }
    put(a, now, toB);
    put(b, now, toA);
    if (now > 10_000_000) throw new Error('it stands still');
  }
  return {
    user: process.cpuUsage(cpu).user / 1000,
    clock: Number(process.hrtime.bigint() - start) / 1e6,
    octets: read,
    segments,
    subflows: a.subflows.filter(({ state }) => state === 'ESTABLISHED').length,
  };
};

const MEGA = 1e6;

/** Prints MB of application data in a second of user CPU time and of the clock; medians of `runs`. */
export const benchEndpoint = (runs: number): void => {
  for (const checksum of [false, true]) {
    move(20 * MEGA, checksum); // for the compiler
    const all = Array.from({ length: runs }, () => move(400 * MEGA, checksum)).toSorted((x, y) => x.user - y.user);
    const { user, clock, octets, segments, subflows } = all[runs >> 1]!;
    console.log(
      `endpoints${checksum ? ' with DSS checksums' : ''}: ${(octets / user / 1000).toFixed(0)} MB/s of user CPU time, ${(octets / clock / 1000).toFixed(0)} MB/s on the clock, ` +
        `${subflows} subflows, ${((user * 1e6) / segments).toFixed(0)} ns a segment; median of ${runs}`,
    );
  }
};
