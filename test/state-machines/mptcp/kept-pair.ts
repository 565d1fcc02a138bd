/** Two hosts in the lab whose subflows a path manager and a policy keep: what one says the other hears, over paths that a test describes. */
import { equalBytes, toHex } from '../../../codecs/bytes.ts';
import { parseAddress } from '../../../codecs/packet/index.ts';
import { createChecker } from '../../../conformance/check.ts';
import { Network, seeded } from '../../../conformance/lab/index.ts';
import type { LabCapture, LabHost, PathOptions } from '../../../conformance/lab/index.ts';
import { decodeSegment, encodeSegment, Endpoint, PathKeeper } from '../../../state-machines/mptcp/index.ts';
import type { KeeperSettings, Notice, PathRequest, SocketAddress } from '../../../state-machines/mptcp/index.ts';
import { failsOf } from './endpoint-pair.ts';

const LOCAL = 8;
const REMOTE = 24;

/** What is said: octets that tell where they belong, cheaply. */
const SPEECH = Uint8Array.from({ length: 1 << 16 }, (_, i) => (i * 167) ^ (i >> 8));
/** Octets of the speech from one to another. */
const speech = (from: number, to: number): Uint8Array => {
  const octets = new Uint8Array(to - from);
  for (let at = from; at < to;) {
    const piece = SPEECH.subarray(at % SPEECH.length, Math.min(SPEECH.length, (at % SPEECH.length) + to - at));
    octets.set(piece, at - from);
    at += piece.length;
  }
  return octets;
};

/** A host: endpoint, keeper, and an application that says what it has to say, some at a time. */
export class KeptHost implements LabHost {
  readonly endpoint: Endpoint;
  readonly keeper: PathKeeper;
  readonly notices: { readonly notice: Notice; readonly at: number }[] = [];
  heard = 0;
  /** Whether something else came than was said. */
  isGarbled = false;
  /** When the last octets came. */
  heardAt = 0;
  /** Next hops of packets that had one, by the number of their subflow. */
  readonly hops = new Map<number, string>();
  /** Puts ULIDs in place of the locators that a packet came with. */
  readonly ulids: { readonly locators: readonly [Uint8Array, Uint8Array]; readonly ulids: readonly [Uint8Array, Uint8Array] }[] = [];
  #said = 0;
  #end: number;
  #closes: boolean;
  #wake = Infinity;

  /** It says so many octets, and closes then, if it does. */
  constructor(endpoint: Endpoint, keeper: PathKeeper, says: number, closes: boolean) {
    this.endpoint = endpoint;
    this.keeper = keeper;
    this.#end = says;
    this.#closes = closes;
  }

  /** It says more. */
  say(octets: number, closes: boolean): void {
    this.#end += octets;
    this.#closes = closes;
  }

  get nextTimer(): number | undefined {
    const next = Math.min(this.endpoint.nextTimer ?? Infinity, this.#wake);
    return next === Infinity ? undefined : next;
  }

  receive(packet: Uint8Array, now: number): readonly Uint8Array[] {
    for (const { locators, ulids } of this.ulids) {
      if (!equalBytes(packet.subarray(LOCAL, REMOTE), locators[0]) || !equalBytes(packet.subarray(REMOTE, REMOTE + 16), locators[1]))
        continue;
      packet.set(ulids[0], LOCAL);
      packet.set(ulids[1], REMOTE);
    }
    const segment = decodeSegment(packet, this.endpoint.version);
    if (segment.ok) this.endpoint.receive(segment.value, now);
    return this.act(now);
  }

  tick(now: number): readonly Uint8Array[] {
    this.endpoint.tick(now);
    return this.act(now);
  }

  act(now: number): readonly Uint8Array[] {
    const { endpoint, keeper } = this;
    const packets: Uint8Array[] = [];
    for (let more = true; more;) {
      this.#say(now);
      for (const octets of endpoint.read()) {
        if (!equalBytes(octets, speech(this.heard, this.heard + octets.length))) this.isGarbled = true;
        this.heard += octets.length;
        this.heardAt = now;
      }
      keeper.tick(now);
      const outputs = endpoint.poll(now);
      for (const output of outputs) {
        if (output.type === 'notice') {
          this.notices.push({ notice: output.notice, at: now });
          // Who has nothing to say closes after the other.
          if (output.notice.type === 'peerClosed') this.#closes = true;
          keeper.notice(endpoint, output.notice, now);
          continue;
        }
        const { source, destination } = output.segment;
        const routed = keeper.route(endpoint, output.subflow, { source, destination });
        if (routed === undefined) continue;
        const packet = encodeSegment(output.segment);
        const { trafficClass, flowLabel, nextHop, locators } = routed;
        if (trafficClass !== undefined) {
          packet[0] = 0x60 | (trafficClass >> 4);
          packet[1] = (trafficClass & 0xf) << 4;
        }
        if (flowLabel !== undefined) packet.set([flowLabel >> 16, flowLabel >> 8, flowLabel], 1);
        if (nextHop !== undefined) this.hops.set(output.subflow, toHex(nextHop));
        if (locators !== undefined) {
          packet.set(locators.source, LOCAL);
          packet.set(locators.destination, REMOTE);
        }
        packets.push(packet);
      }
      more = outputs.some(({ type }) => type === 'notice');
    }
    this.#wake = keeper.nextTimer(now) ?? Infinity;
    return packets;
  }

  #say(now: number): void {
    const { endpoint } = this;
    if (endpoint.subflows.length === 0) return;
    while (this.#said < this.#end) {
      const taken = endpoint.write(speech(this.#said, Math.min(this.#end, this.#said + SPEECH.length)));
      if (taken === 0) return;
      this.keeper.written(endpoint, taken, now);
      this.#said += taken;
    }
    if (this.#closes && endpoint.state !== 'CAPABLE_SENT') {
      this.#closes = false;
      endpoint.close();
    }
  }
}

/** What a test says of its two hosts. */
export interface KeptOptions {
  readonly a: Omit<KeeperSettings, 'port'>;
  readonly b?: Omit<KeeperSettings, 'port'>;
  /** Addresses of each; the first ones carry the first subflow. */
  readonly addresses?: readonly [readonly string[], readonly string[]];
  /** What a way from an address to another is like. */
  readonly path?: (from: string, to: string) => PathOptions;
  /** Octets that a says. */
  readonly says?: number;
  readonly closes?: boolean;
}

export const A = ['2001:db8:1::a', '2001:db8:2::a', '2001:db8:3::a'] as const;
export const B = ['2001:db8:1::b', '2001:db8:2::b'] as const;

/** The pair. */
export class KeptPair {
  readonly lab = new Network(3);
  readonly a: KeptHost;
  readonly b: KeptHost;
  readonly capture: LabCapture;
  readonly says: number;

  constructor({
    a,
    b,
    addresses = [A, B],
    path = () => ({ delay: 10, rate: 1_250_000, queue: 50_000 }),
    says = 200_000,
    closes = true,
  }: KeptOptions) {
    this.says = says;
    const [ofA, ofB] = addresses;
    const place = (text: string, port: number): SocketAddress => ({ address: parseAddress(text)!, port });
    const local = place(ofA[0]!, 40_000);
    const remote = place(ofB[0]!, 5001);
    const known = (texts: readonly string[]) => texts.slice(1).map((text, i) => ({ id: i + 1, address: parseAddress(text)! }));
    let port = 41_000;
    const keeper = (settings: Omit<KeeperSettings, 'port'>): PathKeeper => new PathKeeper({ ...settings, port: () => (port += 1) });
    const common = { maxRetransmissions: 5 };
    this.a = new KeptHost(
      new Endpoint({ role: 'initiator', local, remote, random: seeded(1), addresses: known(ofA), ...common }),
      keeper(a),
      says,
      closes,
    );
    this.b = new KeptHost(
      new Endpoint({ role: 'listener', local: remote, random: seeded(2), addresses: known(ofB), ...common }),
      keeper(b ?? a),
      0,
      false,
    );
    this.lab.attach(
      'a',
      this.a,
      ofA.map((text) => parseAddress(text)!),
    );
    this.lab.attach(
      'b',
      this.b,
      ofB.map((text) => parseAddress(text)!),
    );
    for (const one of ofA) {
      for (const other of ofB) {
        this.lab.lay(parseAddress(one)!, parseAddress(other)!, path(one, other));
        this.lab.lay(parseAddress(other)!, parseAddress(one)!, path(other, one));
      }
    }
    this.capture = this.lab.capture({ host: 'a' });
    this.lab.at(0, () => {
      this.a.endpoint.connect();
      this.#act('a');
    });
  }

  /** A host is told something at a time. */
  request(name: 'a' | 'b', time: number, ...requests: readonly PathRequest[]): this {
    this.lab.at(time, () => {
      for (const request of requests) this[name].keeper.request(request, this.lab.now);
      this.#act(name);
    });
    return this;
  }

  /** It says something more. */
  say(time: number, octets: number, closes: boolean): this {
    this.lab.at(time, () => {
      this.a.say(octets, closes);
      this.#act('a');
    });
    return this;
  }

  run(until: number): this {
    this.lab.run(until);
    return this;
  }

  #act(name: 'a' | 'b'): void {
    this.lab.send(name, ...this[name].act(this.lab.now));
  }

  /** Subflows that a has established, as their addresses and whether they are backups. */
  get subflows(): readonly string[] {
    return this.a.notices.flatMap(({ notice }) =>
      notice.type === 'subflowEstablished' ? [`${notice.addressId}>${notice.peerAddressId}${notice.backup ? ' backup' : ''}`] : [],
    );
  }

  /** Requirements that the capture at a breaks. */
  get fails(): readonly string[] {
    const checker = createChecker({});
    checker.push(this.capture.pcap());
    return failsOf(checker.finish('kept'));
  }
}
