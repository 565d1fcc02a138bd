/** Two endpoints in the lab, over paths that a test describes; what one says the other hears, and captures of it are checked. */
import { createHash } from 'node:crypto';
import { createChecker } from '../../../conformance/check.ts';
import { EndpointHost, Network, seeded } from '../../../conformance/lab/index.ts';
import type { Application, LabCapture, Middlebox, PathOptions } from '../../../conformance/lab/index.ts';
import { conversationsOf } from '../../../conformance/report/report.ts';
import type { CaptureReport, MptcpConversation } from '../../../conformance/report/report.ts';
import { parseAddress } from '../../../codecs/packet/index.ts';
import { Endpoint } from '../../../state-machines/mptcp/index.ts';
import type { EndpointSettings, Notice } from '../../../state-machines/mptcp/index.ts';
import type { CongestionControl } from '../../../state-machines/mptcp/congestion/index.ts';

/** One way between the hosts: an address of each, and what both directions are like. */
export interface PairPath extends PathOptions {
  readonly v6?: boolean;
  /** Only on the way from a to b, or from b to a. */
  readonly forward?: PathOptions;
  readonly backward?: PathOptions;
  /** When a joins it; as soon as may be when left out. Never: only b's address is told. */
  readonly joinAt?: number;
  readonly backup?: boolean;
}

export interface PairOptions {
  readonly seed?: number;
  /** The first is that of the first subflow. */
  readonly paths?: readonly PairPath[];
  readonly a?: Partial<EndpointSettings>;
  readonly b?: Partial<EndpointSettings>;
  /** Octets that each says. */
  readonly says?: readonly [number, number];
  readonly application?: { readonly a?: Partial<Application>; readonly b?: Partial<Application> };
  readonly congestion?: () => CongestionControl;
  /** Host at which the capture is taken. */
  readonly captureAt?: 'a' | 'b';
}

/** Octets that tell at every place which one it is. */
export const pattern = (length: number, seed: number): Uint8Array => {
  const random = seeded(seed);
  const octets = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) octets[i] = random() * 256;
  return octets;
};

const address = (host: 'a' | 'b', path: number, v6: boolean): Uint8Array =>
  parseAddress(v6 ? `2001:db8:${path + 1}::${host}` : `10.${path}.${host === 'a' ? 1 : 2}.1`)!;

export const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

const PORTS = { a: 40_000, b: 5001 } as const;

export class EndpointPair {
  readonly lab: Network;
  readonly a: EndpointHost;
  readonly b: EndpointHost;
  readonly says: { readonly a: Uint8Array; readonly b: Uint8Array };
  readonly captures: { readonly a: LabCapture; readonly b: LabCapture };
  readonly paths: readonly PairPath[];

  constructor({ seed = 1, paths = [{ delay: 10 }], a = {}, b = {}, says = [10_000, 10_000], application = {}, congestion }: PairOptions) {
    this.lab = new Network(seed);
    this.paths = paths;
    this.says = { a: pattern(says[0], seed), b: pattern(says[1], seed + 1) };
    const at = (host: 'a' | 'b', path: number) => ({ address: address(host, path, paths[path]!.v6 === true), port: PORTS[host] });
    const addresses = (host: 'a' | 'b') => paths.slice(1).map((_, i) => ({ id: i + 1, address: at(host, i + 1).address }));
    const endpoint = (settings: EndpointSettings): Endpoint => new Endpoint(settings, congestion?.());
    const common = { maxRetransmissions: 12 } as const;
    this.a = new EndpointHost(
      endpoint({
        role: 'initiator',
        local: at('a', 0),
        remote: at('b', 0),
        random: seeded(seed * 31 + 1),
        addresses: addresses('a'),
        ...common,
        ...a,
      }),
      {
        says: this.says.a,
        ...application.a,
        onNotice: (endpoint, notice, now) => {
          application.a?.onNotice?.(endpoint, notice, now);
        },
      },
    );
    this.b = new EndpointHost(
      endpoint({ role: 'listener', local: at('b', 0), random: seeded(seed * 31 + 2), addresses: addresses('b'), ...common, ...b }),
      { says: this.says.b, ...application.b },
    );
    this.lab.attach(
      'a',
      this.a,
      paths.map((_, i) => at('a', i).address),
    );
    this.lab.attach(
      'b',
      this.b,
      paths.map((_, i) => at('b', i).address),
    );
    for (const [i, path] of paths.entries()) {
      this.lab.lay(at('a', i).address, at('b', i).address, { ...path, ...path.forward });
      this.lab.lay(at('b', i).address, at('a', i).address, { ...path, ...path.backward });
    }
    this.captures = { a: this.lab.capture({ host: 'a' }), b: this.lab.capture({ host: 'b' }) };
    this.lab.at(0, () => {
      this.a.endpoint.connect();
      this.act('a');
    });
    for (let i = 1; i < paths.length; i += 1) {
      const { joinAt = 0 } = paths[i]!;
      if (joinAt !== Infinity) this.#join(i, joinAt, at('a', i), at('b', i));
    }
  }

  /** Lets a host do what it can, and sends it. */
  act(name: 'a' | 'b'): void {
    this.lab.send(name, ...this[name].act(this.lab.now));
  }

  /** Joins as soon as the connection may, and tries again when the subflow has failed. */
  #join(index: number, time: number, local: { address: Uint8Array; port: number }, remote: { address: Uint8Array; port: number }): void {
    let port = local.port + index;
    let last: number | undefined;
    const attempt = (): void => {
      const { endpoint } = this.a;
      if (endpoint.isClosed) return;
      const state = last === undefined ? 'RESET' : endpoint.subflows[last]!.state;
      const gone = last === undefined || this.a.notices.some((notice) => notice.type === 'subflowClosed' && notice.subflow === last);
      if (state === 'RESET' || gone) {
        last = endpoint.openSubflow({
          local: { ...local, port },
          remote,
          addressId: index,
          backup: this.paths[index]!.backup === true,
        });
        if (last !== undefined) {
          port += 16;
          this.act('a');
        }
      }
      if (this.lab.now < time + 120_000) this.lab.at(this.lab.now + (last === undefined ? 5 : 5000), attempt);
    };
    this.lab.at(time, attempt);
  }

  run(until: number): this {
    this.lab.run(until);
    return this;
  }

  /** Whether what has come is a beginning of what was said, and all of it. */
  get outcome() {
    const part = (heard: Uint8Array, said: Uint8Array) => ({
      prefix: Buffer.compare(heard, said.subarray(0, heard.length)) === 0,
      all: heard.length === said.length,
    });
    return {
      a: { ...part(this.b.all, this.says.a), closed: this.a.endpoint.isClosed },
      b: { ...part(this.a.all, this.says.b), closed: this.b.endpoint.isClosed },
    };
  }

  noticesOf(name: 'a' | 'b', type: Notice['type']): readonly Notice[] {
    return this[name].notices.filter((notice) => notice.type === type);
  }

  /** The report of `check` on the capture taken at a host. */
  report(at: 'a' | 'b' = 'a'): CaptureReport {
    const checker = createChecker({ hashes: true });
    checker.push(this.captures[at].pcap());
    return checker.finish('pair');
  }

  conversations(at: 'a' | 'b' = 'a'): readonly MptcpConversation[] {
    return conversationsOf(this.report(at), 'mptcp');
  }
}

/** Verdicts that a capture of valid traffic must not have. */
export const failsOf = ({ verdicts }: CaptureReport): readonly string[] =>
  verdicts
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ requirement, host, message, frames }) => `${requirement} ${host} ${frames.join(',')}: ${message}`);

export const WHOLE = { a: { prefix: true, all: true, closed: true }, b: { prefix: true, all: true, closed: true } };
export type { Middlebox };
