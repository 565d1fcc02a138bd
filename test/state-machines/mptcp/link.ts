/** A link between two hosts that loses, duplicates, reorders, delays and damages packets as a script says, and then heals. */
import * as fc from 'fast-check';

/** What the network does with the packet it hands over. */
export const FATES = ['delivered', 'lost', 'duplicated', 'stripped', 'damaged'] as const;
export type Fate = (typeof FATES)[number];

/** One end of the link: what the script can make it do. */
export interface Party<P, A> {
  /** Takes a packet; `damaged`: its payload or keys have been changed under way. */
  receive(packet: P, damaged: boolean): void;
  /** One retransmission timeout has passed. */
  tick(): void;
  /** The application wants something. */
  ask(wish: A): void;
}

/** One step of a script. `at` picks among the packets that are under way, which is what reorders and delays them. */
export type Step<A> =
  | { readonly do: 'packet'; readonly to: 0 | 1; readonly at: number; readonly fate: Fate }
  | { readonly do: 'tick'; readonly host: 0 | 1 }
  | { readonly do: 'ask'; readonly host: 0 | 1; readonly wish: A };

/** Scripts of up to `length` steps; each shrinks to the few steps that matter. */
export const scripts = <A>(wishes: readonly A[], length: number, fates: readonly Fate[] = FATES): fc.Arbitrary<Step<A>[]> => {
  const host = fc.constantFrom(0 as const, 1 as const);
  return fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('packet' as const),
          to: host,
          at: fc.nat({ max: 5 }),
          fate: fc.oneof({ weight: 5, arbitrary: fc.constant('delivered' as const) }, { weight: 4, arbitrary: fc.constantFrom(...fates) }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('tick' as const), host }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), host, wish: fc.constantFrom(...wishes) }) },
    ),
    { maxLength: length, size: 'max' },
  );
};

/** Two parties and the packets under way to each. */
export class Link<P, A> {
  readonly #strip: (packet: P) => P;
  readonly #parties: Party<P, A>[] = [];
  readonly #queues: [P[], P[]] = [[], []];

  /** `strip` is a middlebox that removes MPTCP options. */
  constructor(strip: (packet: P) => P) {
    this.#strip = strip;
  }

  /** Connects host `index`; what it gives to the returned function is under way to the other. */
  connect(party: Party<P, A>): (packet: P) => void {
    const index = this.#parties.push(party) - 1;
    const queue = this.#queues[index === 0 ? 1 : 0];
    return (packet) => void queue.push(packet);
  }

  /** Runs one step of a script. */
  run(step: Step<A>): void {
    if (step.do === 'tick') this.#parties[step.host]?.tick();
    else if (step.do === 'ask') this.#parties[step.host]?.ask(step.wish);
    else {
      const queue = this.#queues[step.to];
      const at = step.at % Math.max(queue.length, 1);
      const packet = queue[at];
      if (packet === undefined) return;
      if (step.fate !== 'duplicated') queue.splice(at, 1);
      if (step.fate !== 'lost')
        this.#parties[step.to]?.receive(step.fate === 'stripped' ? this.#strip(packet) : packet, step.fate === 'damaged');
    }
  }

  /** The network heals: for `rounds` timeouts everything arrives, in order. `after` is called after each packet and timeout. */
  heal(rounds: number, after: () => void): void {
    for (let round = 0; round < rounds; round += 1) {
      for (const host of [0, 1] as const) {
        this.run({ do: 'tick', host });
        after();
      }
      for (const to of [1, 0, 1] as const)
        for (let packets = this.#queues[to].length; packets > 0; packets -= 1) {
          this.run({ do: 'packet', to, at: 0, fate: 'delivered' });
          after();
        }
    }
  }
}
