/** A lab host with one Multipath TCP endpoint and an application that says what it has to say, reads what comes, and closes. RFC 8684. */
import { concat } from '../../codecs/bytes.ts';
import { decodeSegment, encodeSegment } from '../../state-machines/mptcp/index.ts';
import type { Endpoint, EndpointOutput, Notice, TcpSegment } from '../../state-machines/mptcp/index.ts';
import type { LabHost } from './network.ts';

/** What the application does. */
export interface Application {
  /** What it says, in this order. */
  readonly says: Uint8Array;
  /** Whether it closes once it has said it all; true when left out. */
  readonly closes?: boolean;
  /** Octets that it reads in a ms, or what gives them; all at once when left out. */
  readonly readRate?: number | (() => number);
  /** What it does on a notice: opens subflows, say. */
  readonly onNotice?: (endpoint: Endpoint, notice: Notice, now: number) => void;
  /** Changes what goes out; for hosts that misbehave. */
  readonly rewrite?: (segment: TcpSegment, now: number) => readonly TcpSegment[];
}

/**
 * The host.
 *
 * @example
 * const host = new EndpointHost(new Endpoint({ role: 'listener', local, random }), { says: new Uint8Array(0) });
 * lab.attach('b', host, [local.address]);
 */
export class EndpointHost implements LabHost {
  readonly endpoint: Endpoint;
  /** What has come. */
  readonly heard: Uint8Array[] = [];
  heardOctets = 0;
  readonly notices: Notice[] = [];
  readonly #application: Application;
  #said = 0;
  #closed = false;
  #readNext = Infinity;

  constructor(endpoint: Endpoint, application: Application) {
    this.endpoint = endpoint;
    this.#application = application;
  }

  get nextTimer(): number | undefined {
    const { nextTimer } = this.endpoint;
    const next = Math.min(nextTimer ?? Infinity, this.#readNext);
    return next === Infinity ? undefined : next;
  }

  /** All that has come. */
  get all(): Uint8Array {
    return concat(...this.heard);
  }

  receive(packet: Uint8Array, now: number): readonly Uint8Array[] {
    const segment = decodeSegment(packet, this.endpoint.version);
    if (segment.ok) this.endpoint.receive(segment.value, now);
    return this.act(now);
  }

  tick(now: number): readonly Uint8Array[] {
    this.endpoint.tick(now);
    return this.act(now);
  }

  /** The application does what it can, and what is to be sent goes out. */
  act(now: number): readonly Uint8Array[] {
    const { endpoint } = this;
    const packets: Uint8Array[] = [];
    // What a notice makes the application do may make the endpoint say more.
    for (let more = true; more;) {
      this.#say();
      this.#read(now);
      const outputs = endpoint.poll(now);
      for (const output of outputs) this.#take(output, now, packets);
      more = outputs.some(({ type }) => type === 'notice');
    }
    return packets;
  }

  #say(): void {
    const { says, closes = true } = this.#application;
    if (this.endpoint.subflows.length === 0) return;
    while (this.#said < says.length) {
      const taken = this.endpoint.write(says.subarray(this.#said));
      if (taken === 0) return;
      this.#said += taken;
    }
    if (!closes || this.#closed) return;
    this.#closed = true;
    this.endpoint.close();
  }

  #read(now: number): void {
    const { readRate: given = Infinity } = this.#application;
    const readRate = typeof given === 'number' ? given : given();
    if (now < this.#readNext && this.#readNext !== Infinity) return;
    const chunks = this.endpoint.read(readRate);
    for (const chunk of chunks) {
      this.heard.push(chunk);
      this.heardOctets += chunk.length;
    }
    this.#readNext = readRate !== Infinity && chunks.length > 0 ? now + 1 : Infinity;
  }

  #take(output: EndpointOutput, now: number, packets: Uint8Array[]): void {
    if (output.type === 'notice') {
      this.notices.push(output.notice);
      this.#application.onNotice?.(this.endpoint, output.notice, now);
      return;
    }
    const { rewrite = (segment: TcpSegment) => [segment] } = this.#application;
    for (const segment of rewrite(output.segment, now)) packets.push(encodeSegment(segment));
  }
}
