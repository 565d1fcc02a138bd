/** Transfers between the kernel and an endpoint of ours: both sides say so many octets, and both streams must arrive as they were said. */
import { createHash } from 'node:crypto';
import { coupled, Endpoint, type EndpointSettings, type Notice, type SocketAddress } from '../../state-machines/mptcp/index.ts';
import { EndpointHost, type Application as EndpointApplication } from '../lab/endpoint-host.ts';
import type { Application } from './application.ts';
import { PATIENCE, pattern, PORT, type Bench } from './bench.ts';
import { Unready } from './case.ts';

/** A further subflow that our endpoint opens. */
export interface Join {
  readonly path: number;
  readonly ipVersion?: 4 | 6;
  readonly backup?: boolean;
  /** The kernel's first address and port when absent. */
  readonly to?: SocketAddress;
}

/** How a transfer goes. */
export interface TransferSetup {
  /** Of our endpoint. */
  readonly role: EndpointSettings['role'];
  readonly ipVersion?: 4 | 6;
  /** Octets that each side says; 200,000 when absent. */
  readonly octets?: { readonly ours?: number; readonly kernels?: number };
  /** Subflows that our endpoint opens. */
  readonly opens?: readonly Join[];
  /** Addresses that our endpoint announces. */
  readonly announces?: readonly (SocketAddress | { readonly address: Uint8Array })[];
  /** The path from which our endpoint joins an address that the kernel announces; it does not when absent. */
  readonly follows?: number;
  /** Subflows beside the first that must be there before more than a little is said; as many as `opens` when absent. */
  readonly joins?: number;
  /** What our endpoint is set up with besides. */
  readonly settings?: Partial<EndpointSettings>;
  /** What our application does beside saying its octets. */
  readonly application?: Pick<EndpointApplication, 'readRate' | 'onNotice' | 'rewrite'>;
  /** When our application may end its stream, and the kernel's; at once when absent. */
  readonly weClose?: (transfer: Transfer) => boolean;
  readonly kernelCloses?: (transfer: Transfer) => boolean;
  /** When the kernel's application begins to read; at once when absent. */
  readonly kernelReads?: (transfer: Transfer) => boolean;
}

/** A transfer that has begun. */
export interface Transfer {
  readonly bench: Bench;
  readonly host: EndpointHost;
  readonly endpoint: Endpoint;
  readonly app: Application;
  /** What each side says. */
  readonly ours: Uint8Array;
  readonly kernels: Uint8Array;
  /** Drives both applications until `done`, or says what has not come. */
  readonly until: (what: string, done: () => boolean) => Promise<void>;
  /** The same, and whether it came. */
  readonly reached: (done: () => boolean) => Promise<boolean>;
}

const words = (isSame: boolean): string => (isSame ? 'SHA-256 equal' : 'SHA-256 different');
const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/** Numbers that are the same in every run: keys and sequence numbers of ours need no secrecy here. */
const numbers = (): (() => number) => {
  let state = 0x9e37_79b9;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x6d2b_79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 0x1_0000_0000;
  };
};

/** Said before all subflows are there. */
const LITTLE = 1000;
const always = (): boolean => true;

/** Opens the connection, and waits until both hosts have it. */
export const begin = async (bench: Bench, setup: TransferSetup): Promise<Transfer> => {
  const {
    role,
    ipVersion = 4,
    octets = {},
    opens = [],
    joins = opens.length,
    weClose = always,
    kernelCloses = always,
    kernelReads = always,
  } = setup;
  const ours = pattern(octets.ours ?? 200_000, 11);
  const kernels = pattern(octets.kernels ?? 200_000, 5);
  const isInitiator = role === 'initiator';
  const local = isInitiator ? bench.local(0, ipVersion) : bench.local(0, ipVersion, PORT);
  const remote = isInitiator ? { remote: bench.remote(0, ipVersion) } : {};
  const listener = isInitiator ? bench.listen(ipVersion) : undefined;
  const endpoint = new Endpoint({ role, local, ...remote, random: numbers(), checksum: false, timeWait: 20, ...setup.settings }, coupled());
  const isComplete = (): boolean => joinsOf(host) >= joins;
  let begun: Transfer | undefined;
  const host: EndpointHost = new EndpointHost(endpoint, {
    ...setup.application,
    get says() {
      return isComplete() ? ours : ours.subarray(0, LITTLE);
    },
    get closes() {
      return begun !== undefined && isComplete() && weClose(begun);
    },
  });
  bench.attach(host);
  // An endpoint has no clock.
  endpoint.tick(performance.now());
  if (isInitiator) endpoint.connect();
  const connecting = isInitiator ? undefined : bench.connect(ipVersion);
  const accepted = await listener?.accept(PATIENCE);
  const app = bench.need(connecting ?? accepted, 'the accepted connection');
  const wanted = [...opens];
  const announcements = [...(setup.announces ?? [])];
  let noticed = 0;
  let said = 0;
  let isClosed = false;
  const drive = (): void => {
    if (!has(host, 'connected')) return;
    for (; noticed < host.notices.length; noticed += 1) {
      const notice = host.notices[noticed]!;
      if (notice.type !== 'addressAdded' || setup.follows === undefined) continue;
      wanted.push({ path: setup.follows, to: { address: notice.address, port: notice.port ?? PORT } });
    }
    const [announcement] = announcements;
    if (announcement !== undefined && host.heardOctets > 0) {
      const port = 'port' in announcement ? announcement.port : undefined;
      if (endpoint.addAddress(1, announcement.address, port)) announcements.shift();
    }
    const [next] = wanted;
    if (next !== undefined) {
      const from = bench.local(next.path, next.ipVersion ?? ipVersion);
      const to = next.to ?? bench.remote(0, next.ipVersion ?? ipVersion);
      if (endpoint.openSubflow({ local: from, remote: to, addressId: next.path, backup: next.backup ?? false }) !== undefined)
        wanted.shift();
    }
    const most = isComplete() ? kernels.length : Math.min(LITTLE, kernels.length);
    while (said < most) {
      const taken = app.offer(kernels.subarray(said, Math.min(most, said + 0x8000)));
      if (taken === 0) break;
      said += taken;
    }
    if (said === kernels.length && !isClosed && isComplete() && kernelCloses(transfer)) {
      isClosed = true;
      app.shutdown();
    }
    if (kernelReads(transfer)) app.take();
  };
  const reached = async (done: () => boolean): Promise<boolean> => {
    const step = (): true | undefined => {
      drive();
      bench.act();
      return done() ? true : undefined;
    };
    return (await bench.until(step, 3 * PATIENCE)) === true;
  };
  const until = async (what: string, done: () => boolean): Promise<void> => {
    if (!(await reached(done))) throw new Unready(`${what} has not come`);
  };
  const transfer: Transfer = { bench, host, endpoint, app, ours, kernels, until, reached };
  begun = transfer;
  await until('the connection', () => has(host, 'connected'));
  await until('the other subflows', isComplete);
  return transfer;
};

/** Whether the endpoint has said so. @example has(host, 'fallback') */
export const has = (host: EndpointHost, type: Notice['type']): boolean => host.notices.some((notice) => notice.type === type);

/** How many subflows were established beside the first. */
export const joinsOf = (host: EndpointHost): number => host.notices.filter(({ type }) => type === 'subflowEstablished').length;

/** Waits for both streams, and for the end of the connection at both hosts; whether the end came. What has not come in time shows in `compared`. */
export const finish = async (transfer: Transfer): Promise<boolean> => {
  const { host, app, ours, kernels, reached } = transfer;
  const isWhole = await reached(() => host.heardOctets >= kernels.length && app.received.length >= ours.length);
  return isWhole && reached(() => app.ended && has(host, 'closed'));
};

/** What arrived, held against what was said, in words and as two truths. */
export const compared = ({
  host,
  app,
  ours,
  kernels,
}: Transfer): { readonly sent: boolean; readonly received: boolean; readonly seen: string } => {
  const sent = sha256(app.received) === sha256(ours);
  const received = sha256(host.all) === sha256(kernels);
  return {
    sent,
    received,
    seen: `${app.received.length} of our octets, ${words(sent)}; ${host.heardOctets} of the kernel's, ${words(received)}`,
  };
};
