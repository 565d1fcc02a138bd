/** Writes captures of made-up packets fast, to be piped rather than stored: LINKTYPE_RAW, IPv4 and TCP without checksums, one buffer. */
import { LINKTYPE_RAW, pcapHeader } from '../../codecs/capture/index.ts';

const ROOM = 1 << 20;
/** More than any packet with its headers takes. */
const LARGEST = 4096;

/** One end of a TCP connection: IPv4 address as a number, and port. */
export interface Endpoint {
  readonly address: number;
  readonly port: number;
}

/** Collects packets into chunks of about 1 MiB. The n-th packet comes n times 50 microseconds after the first. */
export class FloodWriter {
  #bytes = new Uint8Array(ROOM);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  packets = 0;

  constructor() {
    const header = pcapHeader({ linkType: LINKTYPE_RAW });
    this.#bytes.set(header);
    this.#at = header.length;
  }

  /** Whether it is time to `take` what has been collected. */
  get full(): boolean {
    return this.#at > ROOM - 64 * LARGEST;
  }

  /** What has been collected; only valid until the next packet. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  /** An IPv4 packet; `fill` writes its payload at the offset that it is given. Fragment fields as on the wire. */
  ip(
    source: number,
    destination: number,
    identification: number,
    fragment: number,
    length: number,
    fill: (view: DataView, at: number) => void,
  ): void {
    if (this.#at + 36 + length > ROOM) throw new RangeError('a chunk is full: take it');
    const view = this.#view;
    const at = this.#at;
    const time = this.packets * 50;
    this.packets += 1;
    view.setUint32(at, 1_700_000_000 + Math.floor(time / 1e6), true);
    view.setUint32(at + 4, time % 1e6, true);
    view.setUint32(at + 8, 20 + length, true);
    view.setUint32(at + 12, 20 + length, true);
    view.setUint32(at + 16, 0x4500_0000 | (20 + length));
    view.setUint32(at + 20, ((identification & 0xffff) << 16) | fragment);
    view.setUint32(at + 24, 0x4006_0000);
    view.setUint32(at + 28, source);
    view.setUint32(at + 32, destination);
    this.#bytes.fill(0, at + 36, at + 36 + length);
    fill(view, at + 36);
    this.#at = at + 36 + length;
  }

  /** A TCP segment; `options` are MPTCP options, whose lengths are multiples of 4 or are padded here. The payload's octets are 0. */
  tcp(
    from: Endpoint,
    to: Endpoint,
    sequence: number,
    acknowledgment: number,
    flags: number,
    options: readonly Uint8Array[] = [],
    payload = 0,
  ): void {
    const octets = options.reduce((sum, each) => sum + each.length, 0);
    const header = 20 + ((octets + 3) & ~3);
    this.ip(from.address, to.address, this.packets + 1, 0x4000, header + payload, (view, at) => {
      view.setUint16(at, from.port);
      view.setUint16(at + 2, to.port);
      view.setUint32(at + 4, sequence);
      view.setUint32(at + 8, acknowledgment);
      view.setUint16(at + 12, ((header / 4) << 12) | flags);
      view.setUint16(at + 14, 65_000);
      let option = at + 20;
      for (const each of options) {
        this.#bytes.set(each, option);
        option += each.length;
      }
    });
  }
}
