/**
 * The experiment of the thesis's figures 5.8 and 5.9: what a Multipath TCP connection takes of a bottleneck that all its subflows share with one TCP flow, with coupled
 * congestion control (RFC 6356) and with NewReno on each subflow. The senders are `BulkSender`s over one drop-tail path, in virtual time.
 */
import { coupled, newReno } from '../../state-machines/mptcp/congestion/index.ts';
import type { CongestionControl } from '../../state-machines/mptcp/congestion/index.ts';
import { BulkReceiver, BulkSender } from './bulk-sender.ts';
import type { Transmission } from './bulk-sender.ts';
import { Path } from './path.ts';
import { seeded } from './random.ts';

/** A setting. Times in ms. */
export interface SharingSettings {
  /** Octets in a second; 100 Mbit/s when left out. */
  readonly rate?: number;
  /** Round-trip time without a queue; 20 when left out. The queue holds `rate` times this. */
  readonly roundTrip?: number;
  /** What is not counted, and what is; 30 s and 120 s when left out. */
  readonly warmUp?: number;
  readonly duration?: number;
  /** Receivers acknowledge each so-many-th segment: 2 when left out, as RFC 5681 section 4.2 has it. */
  readonly ackEvery?: number;
}

/** Each flow begins within this time. */
const JITTER = 1000;
/** Octets of a packet, and of the segment in it. */
const PACKET = 1500;
const MSS = 1448;

/** What the flows took, as parts of the link's rate, counted in packets that arrived for the first time. */
export interface Shares {
  readonly mptcp: number;
  readonly tcp: number;
  readonly retransmissions: number;
  readonly timeouts: number;
}

const CONTROLS = { coupled, newreno: newReno } as const;
export type ControlName = keyof typeof CONTROLS;

/** One flow: the subflow of a connection, or TCP. */
interface Flow {
  readonly sender: BulkSender;
  readonly receiver: BulkReceiver;
  begun: boolean;
}

interface Arriving {
  readonly flow: Flow;
  readonly transmission: Transmission;
  readonly at: number;
}

/** What is on its way, in the order in which it comes: a ring that grows. */
class InFlight {
  #ring: (Arriving | undefined)[] = Array.from({ length: 1024 });
  #head = 0;
  #count = 0;

  get next(): number {
    return this.#ring[this.#head]?.at ?? Infinity;
  }

  push(arriving: Arriving): void {
    const size = this.#ring.length;
    if (this.#count === size) {
      const ring = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
      this.#ring = [...ring, ...Array.from<undefined>({ length: size })];
      this.#head = 0;
    }
    this.#ring[(this.#head + this.#count) & (this.#ring.length - 1)] = arriving;
    this.#count += 1;
  }

  take(): Arriving | undefined {
    const first = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#count -= 1;
    return first;
  }
}

const deliveredOf = (flows: readonly Flow[]): number => flows.reduce((sum, { sender }) => sum + sender.delivered, 0);

/** The senders and receivers of one run on their bottleneck. */
class Bottleneck {
  readonly flows: Flow[] = [];
  readonly #path: Path;
  readonly #back: number;
  readonly #ackEvery: number;
  readonly #packet = new Uint8Array(PACKET);
  readonly #inFlight = new InFlight();
  #now = 0;

  /** `back`: how long an ACK takes. The way back has no queue. */
  constructor(path: Path, back: number, ackEvery: number) {
    this.#path = path;
    this.#back = back;
    this.#ackEvery = ackEvery;
  }

  /** A flow that begins at a time. */
  add(control: CongestionControl, begins: number): Flow {
    const sender = new BulkSender(control.open({ mss: MSS, inflate: false }), (transmission) => {
      const [arrival] = this.#path.carry(this.#packet, this.#now);
      if (arrival !== undefined) this.#inFlight.push({ flow, transmission, at: arrival.at + this.#back });
    });
    sender.timer = begins;
    const flow: Flow = { sender, receiver: new BulkReceiver(this.#ackEvery), begun: false };
    this.flows.push(flow);
    return flow;
  }

  /**
   * Everything up to `end`. What a receiver does is done later by the time that its ACKs take, ACKs take none then: since that time is always the same, nobody can tell.
   */
  run(end: number): void {
    for (;;) {
      let due: Flow | undefined;
      let timer = Infinity;
      for (const flow of this.flows) {
        const next = Math.min(flow.sender.timer, flow.receiver.timer);
        if (next >= timer) continue;
        due = flow;
        timer = next;
      }
      const arrival = this.#inFlight.next;
      if (Math.min(timer, arrival) > end) break;
      if (due !== undefined && timer < arrival) {
        this.#now = timer;
        this.#wake(due);
        continue;
      }
      const first = this.#inFlight.take();
      if (first === undefined) break;
      this.#now = first.at;
      first.flow.sender.acknowledged(first.flow.receiver.arrived(first.transmission, this.#now), this.#now);
    }
    this.#now = end;
  }

  #wake(flow: Flow): void {
    const { sender, receiver, begun } = flow;
    if (receiver.timer <= this.#now) {
      sender.acknowledged(receiver.timeout(), this.#now);
    } else if (begun) {
      sender.timeout(this.#now);
    } else {
      flow.begun = true;
      sender.timer = Infinity;
      sender.send(this.#now);
    }
  }
}

/**
 * One run: `subflows` of one connection and one TCP flow; the same seed gives the same shares.
 * @example share('coupled', 2, 1).mptcp // 0.4...
 */
export const share = (control: ControlName, subflows: number, seed: number, settings: SharingSettings = {}): Shares => {
  const { rate = 12_500_000, roundTrip = 20, warmUp = 30_000, duration = 120_000, ackEvery = 2 } = settings;
  const random = seeded(seed);
  const path = new Path({ delay: roundTrip / 2, rate, queue: (rate * roundTrip) / 1000 }, seed);
  const bottleneck = new Bottleneck(path, roundTrip / 2, ackEvery);
  const connection = CONTROLS[control]();
  const mptcp = Array.from({ length: subflows }, () => bottleneck.add(connection, JITTER * random()));
  const tcp = bottleneck.add(newReno(), JITTER * random());
  bottleneck.run(warmUp);
  const [before, tcpBefore] = [deliveredOf(mptcp), tcp.sender.delivered];
  bottleneck.run(warmUp + duration);
  const whole = (rate * duration) / 1000 / PACKET;
  return {
    mptcp: (deliveredOf(mptcp) - before) / whole,
    tcp: (tcp.sender.delivered - tcpBefore) / whole,
    retransmissions: bottleneck.flows.reduce((sum, { sender }) => sum + sender.retransmissions, 0),
    timeouts: bottleneck.flows.reduce((sum, { sender }) => sum + sender.timeouts, 0),
  };
};

/** What a number of runs came to: means, and the least and the most that the connection took. */
export interface SharingResult {
  readonly control: ControlName;
  readonly subflows: number;
  readonly runs: number;
  readonly mptcp: number;
  readonly tcp: number;
  readonly least: number;
  readonly most: number;
  readonly retransmissions: number;
  readonly timeouts: number;
  /** The thesis's figure 5.8 or 5.9: about a half when coupled, else as many parts as there are subflows beside the one of TCP. */
  readonly thesis: number;
}

/** Runs the experiment with seeds from `seed` on. @example sharing('newreno', 3, 10, 1).mptcp // about 0.75 */
export const sharing = (
  control: ControlName,
  subflows: number,
  runs: number,
  seed: number,
  settings: SharingSettings = {},
): SharingResult => {
  const all = Array.from({ length: runs }, (_, i) => share(control, subflows, seed + i, settings));
  const mean = (of: (shares: Shares) => number): number => all.reduce((sum, shares) => sum + of(shares), 0) / runs;
  return {
    control,
    subflows,
    runs,
    mptcp: mean(({ mptcp }) => mptcp),
    tcp: mean(({ tcp }) => tcp),
    least: Math.min(...all.map(({ mptcp }) => mptcp)),
    most: Math.max(...all.map(({ mptcp }) => mptcp)),
    retransmissions: mean(({ retransmissions }) => retransmissions),
    timeouts: mean(({ timeouts }) => timeouts),
    thesis: control === 'coupled' ? 0.5 : subflows / (subflows + 1),
  };
};
