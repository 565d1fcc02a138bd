/** Which pair is probed next, and when: RFC 5534 section 4.3 and the constants of section 7. Plain data beside the table of `reap.ts`. */

/** A pair of addresses, by their places in the lists of this host's locators and of the peer's. */
export interface Pair {
  readonly local: number;
  readonly peer: number;
}

/** How a host explores: policy, since RFC 5534 leaves it open within its bounds. Times in ms. */
export interface ExplorationPolicy {
  /**
   * `random`: the pairs in a new random order for each exploration. `distinct-first`: those first that share no address with the pair that failed, then those
   * that share one. `preferred`: in the order of both lists, those first whose places in them are least together. The pair that failed comes last in all of these.
   * `current-first`: that pair first, as in appendix A's runs, then the others in a new random order: where only the other direction has failed it still works, and is
   * kept.
   */
  readonly order: 'random' | 'distinct-first' | 'preferred' | 'current-first';
  /** Each interval is drawn from as much around it: 0.2 for 20 % (section 4.1 asks for it of the other timers). */
  readonly jitter: number;
  /** Initial Probe Timeout, Number of Initial Probes, Max Probe Timeout (section 7, section 4.3). */
  readonly initialProbeTimeout: number;
  readonly initialProbes: number;
  readonly maxProbeTimeout: number;
}

/**
 * Section 7's constants, in random order, without jitter. An `initialProbeTimeout` of 0 sends the initial probes in a burst, which favours the fastest pair: an
 * experiment of the thesis, and not what section 4.3 allows.
 */
export const defaultExploration: ExplorationPolicy = {
  order: 'random',
  jitter: 0,
  initialProbeTimeout: 500,
  initialProbes: 4,
  maxProbeTimeout: 60_000,
};

/** A source of random numbers: the next one, at least 0 and below 1. Whoever owns the context brings it, so that a run can be repeated. */
export type Random = () => number;

/** All pairs, in the order in which an exploration tries them; `failed`, which was in use, last or first. @example pairsInOrder(2, 2, { local: 0, peer: 0 }, 'random', random).length // 4 */
export const pairsInOrder = (
  locals: number,
  peers: number,
  failed: Pair,
  order: ExplorationPolicy['order'],
  random: Random,
): readonly Pair[] => {
  const all = Array.from({ length: locals * peers }, (_, i): Pair => ({ local: Math.floor(i / peers), peer: i % peers }));
  const shared = ({ local, peer }: Pair): number => Number(local === failed.local) + Number(peer === failed.peer);
  const rank = (pair: Pair): number => {
    if (shared(pair) === 2) return order === 'current-first' ? -1 : Infinity;
    if (order === 'preferred') return pair.local + pair.peer;
    return order === 'distinct-first' ? shared(pair) : 0;
  };
  return all
    .map((pair) => ({ pair, rank: rank(pair), lot: random() }))
    .toSorted((a, b) => (a.rank === b.rank ? a.lot - b.lot : a.rank - b.rank))
    .map(({ pair }) => pair);
};

/**
 * Whose turn it is in one exploration. A Probe of Exploring asks, and what comes of it may not be heard; one of InboundOk answers, and ends the exploration where it gets
 * through. So an answer goes where none has gone, or none for longest, and of those where no Probe has; a question goes where neither has gone for longest.
 * @example new Turns(pairs).ask() // pairs[0]
 */
export class Turns {
  readonly #turns: { readonly pair: Pair; answered: number; tried: number }[];
  #count = 0;

  /** The pairs in the order in which they are to be tried; at least one. */
  constructor(pairs: readonly Pair[]) {
    this.#turns = pairs.map((pair) => ({ pair, answered: 0, tried: 0 }));
  }

  /** Where a question goes. */
  ask(): Pair {
    const turn = this.#turns.reduce((least, each) => (each.tried < least.tried ? each : least));
    this.#count += 1;
    turn.tried = this.#count;
    return turn.pair;
  }

  /** Where an answer goes. `reverse`, where the question came from, comes first: once, or always where that is `insisted` on. */
  answer(reverse?: Pair, insisted = false): Pair {
    const least = this.#turns.reduce((best, each) =>
      each.answered < best.answered || (each.answered === best.answered && each.tried < best.tried) ? each : best,
    );
    const back = this.#turns.find(({ pair }) => pair.local === reverse?.local && pair.peer === reverse.peer);
    const turn = back !== undefined && (insisted || back.answered === 0) ? back : least;
    this.#count += 1;
    turn.tried = this.#count;
    turn.answered = this.#count;
    return turn.pair;
  }
}

/**
 * The time from the `sent`-th Probe of an exploration (counted from 1) to the next: the initial timeout up to the last initial Probe, then twice as long each
 * time, up to the maximum (section 4.3). @example probeInterval(defaultExploration, 5, random) // 1000
 */
export const probeInterval = (policy: ExplorationPolicy, sent: number, random: Random): number => {
  const doubled = policy.initialProbeTimeout * 2 ** Math.max(0, Math.min(sent - policy.initialProbes + 1, 32));
  // A burst has no interval that could be doubled: the back-off begins at the constant of section 7.
  const backedOff =
    policy.initialProbeTimeout === 0 && sent >= policy.initialProbes ? 500 * 2 ** Math.min(sent - policy.initialProbes, 32) : doubled;
  return jittered(Math.min(backedOff, policy.maxProbeTimeout), policy.jitter, random);
};

/** A time, drawn from `jitter` around it. @example jittered(1000, 0.2, random) // 800 to 1200 */
export const jittered = (time: number, jitter: number, random: Random): number => time * (1 + jitter * (2 * random() - 1));
