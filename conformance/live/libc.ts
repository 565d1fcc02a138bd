/**
 * The few calls of the C library that Node does not offer: namespaces, TUN devices, MPTCP sockets and poll (Linux), through koffi, an
 * optional dependency. Every call answers at once; only `poll` waits, on a thread of its own and as long as it is told.
 */
import { endianness } from 'node:os';

/** A call that failed, with the number of the error as errno(3) has it. */
export class SystemError extends Error {
  readonly errno: number;
  constructor(call: string, errno: number) {
    super(`${call} failed with error ${errno}`);
    this.errno = errno;
  }
}

export const EAGAIN = 11;
export const EINPROGRESS = 115;
export const POLLIN = 1;
export const POLLOUT = 4;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;
/** Not in Node's tables: linux/in.h. */
export const IPPROTO_MPTCP = 262;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_LINGER = 13;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const SHUT_WR = 1;
const MSG_DONTWAIT_NOSIGNAL = 0x4040;
const CLONE_NEWNET = 0x4000_0000;
const TUNSETIFF = 0x4004_54ca;
const IFF_TUN_NO_PI = 0x1001;

/** A file descriptor and what is waited for. */
export interface Awaited {
  readonly fd: number;
  /** POLLIN, POLLOUT, or both. */
  readonly events: number;
}

/** The calls. Those that fail throw a `SystemError`, but for EAGAIN, which is undefined. */
export interface Libc {
  /** Puts this thread, and what it starts, into a new network namespace. */
  unshareNetwork(): void;
  /** Puts this thread into the network namespace that the file stands for. */
  enterNetwork(fd: number): void;
  /** Makes an opened /dev/net/tun the device `name`. */
  becomeTun(fd: number, name: string): void;
  /** Octets read into `into`; 0 at the end of a stream; undefined where there is nothing yet. */
  read(fd: number, into: Uint8Array): number | undefined;
  /** Octets of a datagram or a packet written; undefined where there is no room. */
  write(fd: number, octets: Uint8Array): number | undefined;
  socket(family: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): void;
  listen(fd: number): void;
  /** A new connection's socket, which does not block; undefined where there is none yet. */
  accept(fd: number): number | undefined;
  /** Begins to connect. */
  connect(fd: number, address: Uint8Array): void;
  send(fd: number, octets: Uint8Array): number | undefined;
  shutdown(fd: number): void;
  setOption(fd: number, level: number, option: number, ...values: readonly number[]): void;
  /** Waits until something can be read or written, at most so many ms; resolves also when nothing can. */
  poll(awaited: readonly Awaited[], ms: number): Promise<void>;
}

const given = (result: number): number | undefined => (result < 0 ? undefined : result);
const little = endianness() === 'LE';

/** A C function that takes numbers and octets and gives a number. */
type Call = ((...of: readonly (number | Uint8Array)[]) => number) & {
  readonly async: (...of: readonly [...(number | Uint8Array)[], (error: unknown, result: number) => void]) => void;
};

/** Binds the calls; undefined where koffi is not installed. @example const libc = await loadLibc() */
export const loadLibc = async (): Promise<Libc | undefined> => {
  const koffi = await import('koffi').then(
    (module) => module.default,
    () => undefined,
  );
  if (koffi === undefined) return undefined;
  const library = koffi.load(null);
  const bound = (declaration: string): Call => library.func(declaration);
  const unshare = bound('int unshare(int flags)');
  const setns = bound('int setns(int fd, int type)');
  const ioctl = bound('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)');
  const read = bound('long read(int fd, _Out_ uint8_t *into, size_t octets)');
  const write = bound('long write(int fd, const uint8_t *from, size_t octets)');
  const socket = bound('int socket(int family, int type, int protocol)');
  const bind = bound('int bind(int fd, const uint8_t *address, uint32_t octets)');
  const listen = bound('int listen(int fd, int backlog)');
  const accept4 = bound('int accept4(int fd, size_t address, size_t octets, int flags)');
  const connect = bound('int connect(int fd, const uint8_t *address, uint32_t octets)');
  const send = bound('long send(int fd, const uint8_t *from, size_t octets, int flags)');
  const shutdown = bound('int shutdown(int fd, int how)');
  const setsockopt = bound('int setsockopt(int fd, int level, int option, const uint8_t *value, uint32_t octets)');
  const poll = bound('int poll(_Inout_ uint8_t *awaited, unsigned long count, int ms)');

  const checked = (call: string, result: number, ...harmless: readonly number[]): number => {
    if (result >= 0) return result;
    const errno = koffi.errno();
    if (harmless.includes(errno)) return -1;
    throw new SystemError(call, errno);
  };
  return {
    unshareNetwork: () => void checked('unshare', unshare(CLONE_NEWNET)),
    enterNetwork: (fd) => void checked('setns', setns(fd, CLONE_NEWNET)),
    becomeTun: (fd, name) => {
      const request = new Uint8Array(40);
      request.set(new TextEncoder().encode(name).subarray(0, 15));
      new DataView(request.buffer).setUint16(16, IFF_TUN_NO_PI, little);
      checked('TUNSETIFF', ioctl(fd, TUNSETIFF, request));
    },
    read: (fd, into) => given(checked('read', read(fd, into, into.length), EAGAIN)),
    write: (fd, octets) => given(checked('write', write(fd, octets, octets.length), EAGAIN)),
    socket: (family, protocol) => checked('socket', socket(family, SOCK_STREAM | SOCK_NONBLOCK, protocol)),
    bind: (fd, address) => void checked('bind', bind(fd, address, address.length)),
    listen: (fd) => void checked('listen', listen(fd, 16)),
    accept: (fd) => given(checked('accept', accept4(fd, 0, 0, SOCK_NONBLOCK), EAGAIN)),
    connect: (fd, address) => void checked('connect', connect(fd, address, address.length), EINPROGRESS),
    send: (fd, octets) => given(checked('send', send(fd, octets, octets.length, MSG_DONTWAIT_NOSIGNAL), EAGAIN)),
    shutdown: (fd) => void checked('shutdown', shutdown(fd, SHUT_WR)),
    setOption: (fd, level, option, ...values) => {
      const octets = new Uint8Array(Int32Array.from(values).buffer);
      checked('setsockopt', setsockopt(fd, level, option, octets, octets.length));
    },
    poll: (awaited, ms) => {
      const list = new DataView(new ArrayBuffer(8 * awaited.length));
      for (const [at, { fd, events }] of awaited.entries()) {
        list.setInt32(8 * at, fd, little);
        list.setInt16(8 * at + 4, events, little);
      }
      return new Promise((resolve, reject) => {
        poll.async(new Uint8Array(list.buffer), awaited.length, Math.ceil(ms), (error: unknown) =>
          error === null || error === undefined ? resolve() : reject(error instanceof Error ? error : new SystemError('poll', 0)),
        );
      });
    },
  };
};

const sixteen = new DataView(new ArrayBuffer(2));

/** A sockaddr_in or sockaddr_in6. @example libc.bind(fd, socketAddress(Uint8Array.of(0, 0, 0, 0), 5001)) */
export const socketAddress = (address: Uint8Array, port: number): Uint8Array => {
  const isIpv4 = address.length === 4;
  const octets = new Uint8Array(isIpv4 ? 16 : 28);
  sixteen.setUint16(0, isIpv4 ? AF_INET : AF_INET6, little);
  octets.set(new Uint8Array(sixteen.buffer), 0);
  octets.set([port >>> 8, port & 0xff], 2);
  octets.set(address, isIpv4 ? 4 : 8);
  return octets;
};
