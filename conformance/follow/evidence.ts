/** What speaks for and against each requirement, kept small: counts, and the frames that a verdict will show. */

/** A finding against a requirement, or one that could not be made. */
export interface Finding {
  /** `broken` becomes a fail or a warn by the requirement's level; `warn` is a warn whatever the level. */
  readonly kind: 'broken' | 'warn' | 'inconclusive';
  readonly expected?: string;
  readonly seen?: string;
  readonly message: string;
  /** Frames that belong to it besides the one at hand, the cause first. */
  readonly frames?: readonly number[];
  /** The host it is about, where that is not the one the requirement's role names. */
  readonly host?: 0 | 1;
}

/** The requirement is met: nothing but the frame needs to be kept. */
export const PASS = 'pass';
/** What a check says: met, not met or undecidable, or nothing at all where it does not apply. */
export type Judgement = typeof PASS | Finding | undefined;

/** @example broken('length 3', 'length 5', 'MP_PRIO has length 5') */
export const broken = (expected: string, seen: string, message: string, frames?: readonly number[]): Finding =>
  frames === undefined ? { kind: 'broken', expected, seen, message } : { kind: 'broken', expected, seen, message, frames };

/** @example inconclusive('the keys were not captured') */
export const inconclusive = (message: string): Finding => ({ kind: 'inconclusive', message });

/** What several judgements of one requirement come to: the gravest. @example gravest([PASS, inconclusive('the keys were not captured')]) */
export const gravest = (judgements: readonly Judgement[]): Judgement => {
  const weight = (each: Judgement): number => (each === undefined ? -2 : each === PASS ? -1 : gravity[each.kind]);
  return judgements.reduce((worst, each) => (weight(each) > weight(worst) ? each : worst), undefined);
};

const PASS_FRAMES = 8;
const FRAMES = 1000;

/** All that was found for one requirement, one conversation and one host. */
export class Tally {
  passes = 0;
  /** The first 4 frames of passes, then the last 4, as a ring. */
  readonly #frames = [0, 0, 0, 0, 0, 0, 0, 0];
  #problem: { kind: Finding['kind']; finding: Finding; frames: number[]; count: number } | undefined;

  pass(frame: number): void {
    const n = this.passes;
    this.#frames[n < PASS_FRAMES ? n : 4 + (n & 3)] = frame;
    this.passes = n + 1;
  }

  /** Keeps the gravest kind of finding: a broken requirement outweighs a warning, and both outweigh what could not be decided. */
  note(finding: Finding, frame: number): void {
    const problem = this.#problem;
    if (problem === undefined || gravity[finding.kind] > gravity[problem.kind]) {
      this.#problem = { kind: finding.kind, finding, frames: framesOf(finding, frame), count: 1 };
      return;
    }
    if (gravity[finding.kind] < gravity[problem.kind]) return;
    problem.count += 1;
    for (const each of framesOf(finding, frame)) {
      if (problem.frames.length < FRAMES && !problem.frames.includes(each, Math.max(0, problem.frames.length - 8)))
        problem.frames.push(each);
    }
  }

  /** Takes over what another tally holds. */
  absorb(from: Tally): void {
    for (const frame of from.passFrames) this.pass(frame);
    this.passes += from.passes - from.passFrames.length;
    const problem = from.#problem;
    if (problem === undefined) return;
    const [last = 0] = problem.frames.slice(-1);
    this.note({ ...problem.finding, frames: problem.frames }, last);
  }

  /** The finding that decides, unless passes outweigh it: what could not be decided does not take back what was. */
  get problem():
    | { readonly kind: Finding['kind']; readonly finding: Finding; readonly frames: readonly number[]; readonly count: number }
    | undefined {
    const problem = this.#problem;
    return problem === undefined || (problem.kind === 'inconclusive' && this.passes > 0) ? undefined : problem;
  }

  /** Frames of the passes, in order, each once. */
  get passFrames(): readonly number[] {
    return [...new Set(this.#frames.filter((frame) => frame > 0))].sort((a, b) => a - b);
  }

  /** How many frames it keeps. */
  get kept(): number {
    return PASS_FRAMES + (this.#problem?.frames.length ?? 0);
  }
}

const gravity = { inconclusive: 0, warn: 1, broken: 2 } as const;

const framesOf = (finding: Finding, frame: number): number[] => {
  const frames = (finding.frames ?? []).filter((each) => each > 0);
  if (frame > 0 && !frames.includes(frame)) frames.push(frame);
  return frames;
};

/** Requirements by number: what is counted for every packet is found by index. */
const slots = new Map<string, number>();
const ids: string[] = [];

/** The number of a requirement in every ledger; given out on first use. @example slotOf('RFC8684-3.3-1') // 0 */
export const slotOf = (requirement: string): number => {
  let slot = slots.get(requirement);
  if (slot === undefined) {
    slots.set(requirement, (slot = ids.length));
    ids.push(requirement);
  }
  return slot;
};

/** The tallies of one conversation, or of one flow that belongs to none. */
export class Ledger {
  // As long as it will get: growing would leave five times its size behind.
  readonly #tallies: (Tally | undefined)[] = Array.from({ length: 2 * ids.length }, () => undefined);

  tally(slot: number, host: 0 | 1): Tally {
    const index = slot * 2 + host;
    const tallies = this.#tallies;
    while (tallies.length <= index) tallies.push(undefined);
    return (tallies[index] ??= new Tally());
  }

  /** Takes over what another ledger holds, whose host 0 is `host0` here. */
  absorb(from: Ledger, host0: 0 | 1): void {
    from.#tallies.forEach((tally, index) => {
      if (tally !== undefined) this.tally(index >> 1, ((index & 1) ^ host0) as 0 | 1).absorb(tally);
    });
  }

  /** What was found, as [requirement, host, tally], in order of requirements. */
  entries(): (readonly [string, 0 | 1, Tally])[] {
    const found: (readonly [string, 0 | 1, Tally])[] = [];
    for (const [index, tally] of this.#tallies.entries()) {
      if (tally !== undefined) found.push([ids[index >> 1]!, (index & 1) as 0 | 1, tally]);
    }
    return found;
  }

  /** Whether anything speaks against anybody. */
  get hasFinding(): boolean {
    return this.#tallies.some((tally) => tally?.problem !== undefined && tally.problem.kind !== 'inconclusive');
  }

  /** How many frames all tallies keep. */
  get kept(): number {
    let kept = 0;
    for (const tally of this.#tallies) if (tally !== undefined) kept += tally.kept;
    return kept;
  }
}
