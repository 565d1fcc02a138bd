/** The small server and client on the kernel's side: a socket of Linux's TCP or MPTCP, told what to do call by call. */
import { concat } from '../../codecs/bytes.ts';
import { IPPROTO_MPTCP, POLLIN, POLLOUT, SO_LINGER, SOL_SOCKET, SystemError, socketAddress, type Awaited, type Libc } from './libc.ts';
import type { Network } from './network.ts';
import type { Socket } from './segment.ts';

/** Waits until something is there: what `Bench.until` is. */
export type Until = <T>(get: () => T | undefined, within: number, awaited?: Awaited) => Promise<T | undefined>;

const NOTHING = new Uint8Array(0);

/** One socket. */
export class Application {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #network: Network;
  readonly #until: Until;
  /** What was read so far. */
  readonly #read: Uint8Array[] = [];
  /** The peer's stream has ended. */
  ended = false;
  /** The number of the error that ended the connection, 104 being ECONNRESET; 0 while there is none. */
  error = 0;
  readonly #buffer = new Uint8Array(0x1_0000);

  constructor(fd: number, libc: Libc, network: Network, until: Until) {
    this.fd = fd;
    this.#libc = libc;
    this.#network = network;
    this.#until = until;
  }

  /** A socket that waits for connections. */
  static listening(libc: Libc, network: Network, until: Until, at: Socket): Application {
    const fd = network.socket(IPPROTO_MPTCP, at.address, at.port);
    libc.listen(fd);
    return new Application(fd, libc, network, until);
  }

  /** A socket that connects. */
  static connecting(libc: Libc, network: Network, until: Until, from: Socket, to: Socket): Application {
    const fd = network.socket(IPPROTO_MPTCP, from.address, from.port);
    libc.connect(fd, socketAddress(to.address, to.port));
    return new Application(fd, libc, network, until);
  }

  /** The next connection of a listening socket; undefined where none has come in time. */
  async accept(within: number): Promise<Application | undefined> {
    const fd = await this.#until(() => this.#libc.accept(this.fd), within, { fd: this.fd, events: POLLIN });
    if (fd === undefined) return undefined;
    this.#network.adopt(fd);
    return new Application(fd, this.#libc, this.#network, this.#until);
  }

  /** Hands as many octets to the kernel as it takes at once; how many. */
  offer(octets: Uint8Array): number {
    return this.#guarded(() => this.#libc.send(this.fd, octets)) ?? 0;
  }

  /** Hands all octets to the kernel; false where it does not take them in time. */
  async write(octets: Uint8Array, within: number): Promise<boolean> {
    let sent = 0;
    const done = await this.#until(
      () => {
        while (sent < octets.length) {
          const taken = this.offer(octets.subarray(sent, sent + 0x1_0000));
          if (taken === 0) break;
          sent += taken;
        }
        return sent === octets.length || this.error !== 0 ? true : undefined;
      },
      within,
      { fd: this.fd, events: POLLOUT },
    );
    return done === true && this.error === 0;
  }

  /** Reads what is there now; gives all that was read so far. */
  take(): Uint8Array {
    for (;;) {
      if (this.ended || this.error !== 0) break;
      const octets = this.#guarded(() => this.#libc.read(this.fd, this.#buffer));
      if (octets === undefined) break;
      if (octets === 0) this.ended = true;
      else this.#read.push(this.#buffer.slice(0, octets));
    }
    return this.received;
  }

  /** All that was read so far. */
  get received(): Uint8Array {
    if (this.#read.length > 1) this.#read.splice(0, this.#read.length, concat(...this.#read));
    return this.#read[0] ?? NOTHING;
  }

  /** All that was read, once it is `octets` or the stream has ended; undefined where neither comes in time. */
  async read(octets: number, within: number): Promise<Uint8Array | undefined> {
    return this.#until(
      () => {
        const all = this.take();
        return all.length >= octets || this.ended || this.error !== 0 ? all : undefined;
      },
      within,
      { fd: this.fd, events: POLLIN },
    );
  }

  /** Whether the stream ends, or the connection fails, in time. */
  async end(within: number): Promise<boolean> {
    return (await this.read(Number.POSITIVE_INFINITY, within)) !== undefined;
  }

  /** Ends the stream towards the peer. */
  shutdown(): void {
    this.#guarded(() => this.#libc.shutdown(this.fd));
  }

  close(): void {
    this.#network.closeSocket(this.fd);
  }

  /** Closes at once, with what is unsent thrown away: SO_LINGER with 0 seconds. */
  abort(): void {
    this.#libc.setOption(this.fd, SOL_SOCKET, SO_LINGER, 1, 0);
    this.close();
  }

  #guarded<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.error = error.errno;
      return undefined;
    }
  }
}
