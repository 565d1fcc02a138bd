/**
 * A transport in its simplest form, to see how long an application waits: one segment at a time, sent again after a timeout that doubles (RFC 6298 sections 2 and 5),
 * and at once where it is told that its packets take another path now.
 */
import { ByteWriter, u32 } from '../../codecs/bytes.ts';
import type { Payload } from '../../state-machines/mip6/index.ts';

/** Protocol numbers for experiments, RFC 3692 section 2.1. */
const SEGMENT = 253;
const ACKNOWLEDGEMENT = 254;
/** Of RFC 6298, in ms: the initial and least timeout, and the longest. */
const TIMEOUT = 1000;
const LONGEST = 60_000;
/** Segments of constant pace whose acknowledgement is still taken. */
const KEPT = 100;

/** Times in ms. */
export interface StreamSettings {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** From an acknowledgement to the next segment, or from one segment to the next; 100 when left out. */
  readonly interval?: number;
  /** `acknowledged`: one segment at a time, each until it is acknowledged; `constant`: a new one each interval, whatever becomes of it. */
  readonly pace?: 'acknowledged' | 'constant';
  /** Whether it is told when its packets take another path; true when left out. Nothing to one of constant pace. */
  readonly isInformed?: boolean;
}

/** An acknowledgement: when the segment was sent last, and when it came. */
export interface Acknowledged {
  readonly sent: number;
  readonly at: number;
}

const numbered = (protocol: number, source: Uint8Array, destination: Uint8Array, number: number): Payload => ({
  protocol,
  source,
  destination,
  payload: new ByteWriter(8).u32('zero', 0).u32('number', number).finish(),
});

/** The answer to a segment; undefined where a payload is none. @example acknowledgementOf(payload) */
export const acknowledgementOf = ({ protocol, source, destination, payload }: Payload): Payload | undefined =>
  protocol === SEGMENT && payload.length === 8 ? numbered(ACKNOWLEDGEMENT, destination, source, u32(payload, 4)) : undefined;

/** The sender. */
export class Stream {
  readonly acknowledged: Acknowledged[] = [];
  readonly #settings: StreamSettings;
  /** When each segment that is not acknowledged was sent last, by its number. */
  readonly #sent = new Map<number, number>();
  #number = 1;
  #timeout = TIMEOUT;
  #due: number | undefined;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
  }

  get nextTimer(): number | undefined {
    return this.#due;
  }

  /** From now on there is something to send. */
  start(now: number): void {
    this.#due = now;
  }

  /** The segment that is due, again or for the first time. */
  tick(now: number): readonly Payload[] {
    if (this.#due === undefined || this.#due > now) return [];
    const { source, destination, interval = 100, pace = 'acknowledged' } = this.#settings;
    const number = this.#number;
    this.#sent.set(number, now);
    if (pace === 'constant') {
      this.#number += 1;
      this.#sent.delete(number - KEPT);
      this.#due = now + interval;
    } else {
      this.#due = now + this.#timeout;
      this.#timeout = Math.min(2 * this.#timeout, LONGEST);
    }
    return [numbered(SEGMENT, source, destination, number)];
  }

  /** A payload came. */
  receive({ protocol, payload }: Payload, now: number): void {
    const number = protocol === ACKNOWLEDGEMENT && payload.length === 8 ? u32(payload, 4) : undefined;
    const sent = number === undefined ? undefined : this.#sent.get(number);
    if (number === undefined || sent === undefined) return;
    this.#sent.delete(number);
    this.acknowledged.push({ sent, at: now });
    if (this.#settings.pace === 'constant') return;
    this.#number += 1;
    [this.#timeout, this.#due] = [TIMEOUT, now + (this.#settings.interval ?? 100)];
  }

  /** Packets take another path: what is out is sent again at once. */
  pathChanged(now: number): void {
    const { isInformed = true, pace } = this.#settings;
    if (!isInformed || pace === 'constant' || !this.#sent.has(this.#number)) return;
    [this.#timeout, this.#due] = [TIMEOUT, now];
  }

  /** How long from a time on until something that was sent after it was acknowledged, in ms; Infinity where nothing was. @example stream.recoveryAfter(20_000) */
  recoveryAfter(time: number): number {
    return (this.acknowledged.find(({ sent }) => sent >= time)?.at ?? Infinity) - time;
  }

  /** From the sending of the last segment that was acknowledged to its acknowledgement, in ms; Infinity where there is none. */
  get roundTrip(): number {
    const last = this.acknowledged.at(-1);
    return last === undefined ? Infinity : last.at - last.sent;
  }
}
