/**
 * A network namespace of its own with a TUN device per path, for one case: our packets in, the kernel's out. It has no name and no
 * process: it is there as long as our file descriptors are, so whatever ends this process, the kernel removes it.
 */
import { spawnSync } from 'node:child_process';
import { close, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SOL_SOCKET, socketAddress, type Libc } from './libc.ts';

/** What the kernel in the namespace is set to. */
export interface KernelSettings {
  /** Paths between the kernel and us; 2 when absent, `PATHS` at most. Each takes its time to be removed. */
  readonly paths?: number;
  /** Subflows that a connection may have beyond its first, and addresses of ours that are used; 0 when absent. */
  readonly subflows?: number;
  readonly addressesAccepted?: number;
  /** Ask for DSS checksums. */
  readonly checksum?: boolean;
  /** Whether the kernel's MP_CAPABLE has C = 1. */
  readonly noSubflowsToSource?: boolean;
  /** Seconds until an ADD_ADDR without an echo is sent again. */
  readonly addAddrTimeout?: number;
  /** SYNs with MP_CAPABLE that are sent again before one without is tried. */
  readonly synRetransmissions?: number;
  /** Its endpoints, as `ip mptcp endpoint add` takes them: `10.80.1.2 dev path1 subflow`. */
  readonly endpoints?: readonly string[];
}

const O_RDWR_NONBLOCK = 0o4002;
const PACKET = 65_535;

/** Paths of a network at most. */
export const PATHS = 4;
/** Our address on a path, and the kernel's. @example peerAddress(0, 4) // '10.80.0.1' */
export const peerAddress = (path: number, ipVersion: 4 | 6): string => (ipVersion === 4 ? `10.80.${path}.1` : `fd00:80:${path + 1}::1`);
export const kernelAddress = (path: number, ipVersion: 4 | 6): string => (ipVersion === 4 ? `10.80.${path}.2` : `fd00:80:${path + 1}::2`);

/** What `ip -batch` is told: a device per path, and from each path a way to the addresses of the others. */
const plan = (paths: number): readonly string[] => {
  const lines = ['link set lo up'];
  for (let path = 0; path < paths; path += 1) {
    lines.push(
      `addr add ${kernelAddress(path, 4)}/24 dev path${path}`,
      `addr add ${kernelAddress(path, 6)}/64 dev path${path} nodad`,
      `link set path${path} up`,
    );
  }
  for (let path = 0; path < paths; path += 1) {
    for (let other = 0; other < paths; other += 1) {
      if (other === path) continue;
      lines.push(
        `route add 10.80.${other}.0/24 dev path${path} metric ${100 + path}`,
        `route add fd00:80:${other + 1}::/64 dev path${path} metric ${2000 + path}`,
      );
    }
  }
  return lines;
};

const mptcpLines = ({ subflows = 0, addressesAccepted = 0, endpoints = [] }: KernelSettings): readonly string[] => [
  `mptcp limits set subflows ${subflows} add_addr_accepted ${addressesAccepted}`,
  ...endpoints.map((endpoint) => `mptcp endpoint add ${endpoint}`),
];

/** A network namespace that is nowhere but here. */
export class Network {
  /** The TUN device of each path: packets are read from them and written to them. */
  readonly devices: readonly number[];
  readonly #libc: Libc;
  readonly #own: number;
  readonly #namespace: number;
  readonly #open = new Set<number>();
  readonly #buffer = new Uint8Array(PACKET);

  constructor(libc: Libc, settings: KernelSettings) {
    const { paths = 2 } = settings;
    this.#libc = libc;
    this.#own = this.#opened('/proc/thread-self/ns/net', 0);
    try {
      libc.unshareNetwork();
      try {
        this.#namespace = this.#opened('/proc/thread-self/ns/net', 0);
        this.devices = Array.from({ length: paths }, (_, path) => {
          const fd = this.#opened('/dev/net/tun', O_RDWR_NONBLOCK);
          libc.becomeTun(fd, `path${path}`);
          return fd;
        });
        set('ipv4/conf/all/rp_filter', 0);
        set('ipv4/conf/default/rp_filter', 0);
        set('mptcp/enabled', 1);
        set('mptcp/checksum_enabled', settings.checksum === true ? 1 : 0);
        set('mptcp/allow_join_initial_addr_port', settings.noSubflowsToSource === true ? 0 : 1);
        if (settings.synRetransmissions !== undefined) set('mptcp/syn_retrans_before_tcp_fallback', settings.synRetransmissions);
        if (settings.addAddrTimeout !== undefined) set('mptcp/add_addr_timeout', settings.addAddrTimeout);
        for (let path = 0; path < paths; path += 1) set(`ipv4/conf/path${path}/rp_filter`, 0);
        ip([...plan(paths), ...mptcpLines(settings)]);
      } finally {
        libc.enterNetwork(this.#own);
      }
    } catch (error) {
      for (const fd of this.#open) closeSync(fd);
      throw error;
    }
  }

  #opened(file: string, flags: number): number {
    const fd = openSync(file, flags);
    this.#open.add(fd);
    return fd;
  }

  /** Runs something that does not wait in the namespace. */
  inside<T>(run: () => T): T {
    this.#libc.enterNetwork(this.#namespace);
    try {
      return run();
    } finally {
      this.#libc.enterNetwork(this.#own);
    }
  }

  /** Lines for `ip -batch`. @example network.ip('mptcp endpoint delete id 1') */
  ip(...lines: readonly string[]): void {
    this.inside(() => ip(lines));
  }

  /** A socket of the kernel's side that does not block, bound to `port` (0: any). */
  socket(protocol: number, address: Uint8Array, port: number): number {
    const isIpv6 = address.length === 16;
    const fd = this.inside(() => this.#libc.socket(isIpv6 ? AF_INET6 : AF_INET, protocol));
    this.#open.add(fd);
    this.#libc.setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    // A server for each IP version at the same port; a client may have subflows of both.
    if (isIpv6 && port !== 0) this.#libc.setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    this.#libc.bind(fd, socketAddress(address, port));
    return fd;
  }

  /** Takes over a socket that `accept` gave. */
  adopt(fd: number): void {
    this.#open.add(fd);
  }

  /** The next packet of a path; undefined where there is none. Its octets are the caller's. */
  read(path: number): Uint8Array | undefined {
    const octets = this.#libc.read(this.devices[path]!, this.#buffer);
    return octets === undefined ? undefined : this.#buffer.slice(0, octets);
  }

  /** Gives the kernel a packet that has come on a path. */
  write(path: number, packet: Uint8Array): void {
    this.#libc.write(this.devices[path]!, packet);
  }

  /** Closes a socket. */
  closeSocket(fd: number): void {
    if (this.#open.delete(fd)) closeSync(fd);
  }

  /** Closes everything: with the last file descriptor the namespace and its devices are gone. The kernel takes its time for that. */
  async close(): Promise<void> {
    const closing = [...this.#open].map((fd) => promisify(close)(fd));
    this.#open.clear();
    await Promise.all(closing);
  }
}

const set = (name: string, value: number): void => writeFileSync(`/proc/sys/net/${name}`, `${value}`);

/** In the namespace of this thread. */
const ip = (lines: readonly string[]): void => {
  const { status, stderr, error } = spawnSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8', timeout: 10_000 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`ip -batch: ${stderr.trim()}`);
};

/** The kernel's release. @example kernelRelease() // '6.18.44' */
export const kernelRelease = (): string => readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
