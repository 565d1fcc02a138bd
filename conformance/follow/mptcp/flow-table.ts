/** Finds the flow of a segment by its addresses and ports, and keeps the number of flows within bounds. */
import { equalAt, u32 } from '../../../codecs/bytes.ts';
import type { Segment } from '../../../codecs/packet/segment.ts';
import type { Flow } from './model.ts';

/**
 * Another one in each process, unknown to whoever made the capture, so that nobody can choose addresses and ports that meet in one chain. What is
 * found does not depend on it.
 */
const SECRET = Math.floor(Math.random() * 2 ** 31) * 2 + 1;

/** Where a segment's addresses lie, and both ports, in one number that does not depend on the direction. */
const hashOf = (segment: Segment): number => {
  const { bytes, source, destination, sourcePort, destinationPort } = segment;
  let a: number;
  let b: number;
  if (segment.ipVersion === 4) {
    a = u32(bytes, source);
    b = u32(bytes, destination);
  } else {
    a = mix(mix(u32(bytes, source), u32(bytes, source + 4)), mix(u32(bytes, source + 8), u32(bytes, source + 12)));
    b = mix(mix(u32(bytes, destination), u32(bytes, destination + 4)), mix(u32(bytes, destination + 8), u32(bytes, destination + 12)));
  }
  // Each end is scrambled on its own, then the two are added: the same for both directions.
  return (scramble(a, sourcePort) + scramble(b, destinationPort)) | 0;
};

const mix = (a: number, b: number): number => (Math.imul(a, SECRET) ^ b) | 0;

const scramble = (address: number, port: number): number => {
  let h = Math.imul(address ^ Math.imul(port + SECRET, 0x85ebca6b), 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x27d4eb2d);
  return h ^ (h >>> 13);
};

/** A power of two. */
const RECENT = 256;

/** The flows that are being followed, by addresses and ports of either direction. */
export class FlowTable {
  readonly #flows = new Map<number, Flow>();
  size = 0;
  /** Whether the last flow found sent the segment from its opener's side. */
  side: 0 | 1 = 0;
  /** The flows met last, by their ports: most segments are of one of a few flows. */
  readonly #recent: (Flow | undefined)[] = Array.from({ length: RECENT });

  /** The flow of this segment; `side` says which end sent it. */
  find(segment: Segment): Flow | undefined {
    const place = (segment.sourcePort ^ segment.destinationPort) & (RECENT - 1);
    const recent = this.#recent[place];
    if (recent !== undefined && this.#matches(recent, segment)) return recent;
    for (let flow = this.#flows.get(hashOf(segment)); flow !== undefined; flow = flow.chained) {
      if (this.#matches(flow, segment)) return (this.#recent[place] = flow);
    }
    return undefined;
  }

  #matches(flow: Flow, segment: Segment): boolean {
    if (flow.ipVersion !== segment.ipVersion) return false;
    const { bytes, source, destination, sourcePort, destinationPort } = segment;
    const length = segment.ipVersion === 4 ? 4 : 16;
    const { addresses, ports } = flow;
    if (
      ports[0] === sourcePort &&
      ports[1] === destinationPort &&
      equalAt(addresses, 0, bytes, source, length) &&
      equalAt(addresses, length, bytes, destination, length)
    ) {
      this.side = 0;
      return true;
    }
    if (
      ports[1] === sourcePort &&
      ports[0] === destinationPort &&
      equalAt(addresses, length, bytes, source, length) &&
      equalAt(addresses, 0, bytes, destination, length)
    ) {
      this.side = 1;
      return true;
    }
    return false;
  }

  /** Adds a flow whose opener's side sent `segment`. */
  add(segment: Segment, flow: Flow): void {
    flow.hash = hashOf(segment);
    flow.chained = this.#flows.get(flow.hash);
    this.#flows.set(flow.hash, flow);
    this.side = 0;
    this.size += 1;
  }

  remove(flow: Flow): void {
    const place = (flow.ports[0] ^ flow.ports[1]) & (RECENT - 1);
    if (this.#recent[place] === flow) this.#recent[place] = undefined;
    const first = this.#flows.get(flow.hash);
    if (first === undefined) return;
    if (first === flow) {
      if (flow.chained === undefined) this.#flows.delete(flow.hash);
      else this.#flows.set(flow.hash, flow.chained);
    } else {
      let before: Flow = first;
      while (before.chained !== undefined && before.chained !== flow) before = before.chained;
      if (before.chained === undefined) return;
      before.chained = flow.chained;
    }
    flow.chained = undefined;
    this.size -= 1;
  }
}
