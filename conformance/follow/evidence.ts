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

/** A finding that is a warning whatever the level: the rule can be read otherwise, or an extension may allow it. @example warned('C 0', '1', 'The Critical bit is set.') */
export const warned = (expected: string, seen: string, message: string, frames: readonly number[] = []): Finding => ({
  kind: 'warn',
  expected,
  seen,
  message,
  frames,
});

/** @example inconclusive('the keys were not captured') */
export const inconclusive = (message: string): Finding => ({ kind: 'inconclusive', message });

/** What several judgements of one requirement come to: the gravest. @example gravest([PASS, inconclusive('the keys were not captured')]) */
export const gravest = (judgements: readonly Judgement[]): Judgement => {
  const weight = (each: Judgement): number => (each === undefined ? -2 : each === PASS ? -1 : gravity[each.kind]);
  return judgements.reduce((worst, each) => (weight(each) > weight(worst) ? each : worst), undefined);
};

const PASS_FRAMES = 8;
const FRAMES = 1000;

/** What speaks against a requirement, or leaves it open: the gravest kind of finding, and its frames. */
interface Problem {
  readonly kind: Finding['kind'];
  readonly finding: Finding;
  readonly frames: number[];
  count: number;
}

/** All that was found for one requirement, one conversation and one host. */
export interface Tally {
  readonly passes: number;
  /** The first and last 4 frames of passes, in order, each once. */
  readonly passFrames: readonly number[];
  /** The finding that decides, unless passes outweigh it: what could not be decided does not take back what was. */
  readonly problem: Readonly<Problem> | undefined;
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

/** Requirements that most segments of a transfer meet, in order of their bits in a set. */
const oftenMet: number[] = [];

/** The bit of a requirement in the sets that `Ledger.passAll` takes; given out on first use, to 31 requirements. @example bitOf('RFC8684-3.3-1') // 1 */
export const bitOf = (requirement: string): number => {
  const slot = slotOf(requirement);
  if (!oftenMet.includes(slot)) oftenMet.push(slot);
  if (oftenMet.length > 31) throw new RangeError(`no bit is left for ${requirement}`);
  return 1 << oftenMet.indexOf(slot);
};

/** Words of a row: how many passes, then the first 4 frames of them, then the last 4 as a ring. */
const ROW = 1 + PASS_FRAMES;

/** The tallies of one conversation, or of one flow that belongs to none: a row of numbers for each requirement and host that passes. */
export class Ledger {
  /** Row of each requirement and host; -1 before its first pass. */
  #rowOf = new Int16Array(2 * ids.length).fill(-1);
  #rows = new Uint32Array(16 * ROW);
  #used = 0;
  readonly #problems = new Map<number, Problem>();
  /** Sets of requirements that segments met, each with a row: bits and host, then the row. */
  readonly #sets: { readonly bits: number; readonly host: 0 | 1; readonly row: number }[] = [];
  #lastSet: { readonly bits: number; readonly host: 0 | 1; readonly row: number } | undefined;

  /** Counts a pass. Done for every packet: nothing is allocated but the row of a first one. */
  pass(slot: number, host: 0 | 1, frame: number): void {
    const index = slot * 2 + host;
    const row = index < this.#rowOf.length ? this.#rowOf[index]! : -1;
    this.#count(row < 0 ? this.#newRowOf(index) : row, frame);
  }

  /** Counts a pass of each requirement in a set (see `bitOf`): one row for them all. */
  passAll(bits: number, host: 0 | 1, frame: number): void {
    let set = this.#lastSet;
    if (set?.bits !== bits || set.host !== host) {
      set = this.#sets.find((each) => each.bits === bits && each.host === host);
      if (set === undefined) this.#sets.push((set = { bits, host, row: this.#newRow() }));
      this.#lastSet = set;
    }
    this.#count(set.row, frame);
  }

  #count(row: number, frame: number): void {
    const at = row * ROW;
    const rows = this.#rows;
    const count = rows[at]!;
    rows[at] = count + 1;
    rows[at + 1 + (count < PASS_FRAMES ? count : 4 + (count & 3))] = frame;
  }

  #newRow(): number {
    if ((this.#used + 1) * ROW > this.#rows.length) {
      const longer = new Uint32Array(2 * this.#rows.length);
      longer.set(this.#rows);
      this.#rows = longer;
    }
    this.#used += 1;
    return this.#used - 1;
  }

  #newRowOf(index: number): number {
    while (index >= this.#rowOf.length) {
      const longer = new Int16Array(2 * Math.max(ids.length, this.#rowOf.length)).fill(-1);
      longer.set(this.#rowOf);
      this.#rowOf = longer;
    }
    return (this.#rowOf[index] = this.#newRow());
  }

  /** Keeps the gravest kind of finding: a broken requirement outweighs a warning, and both outweigh what could not be decided. */
  note(slot: number, host: 0 | 1, finding: Finding, frame: number): void {
    const index = slot * 2 + host;
    const problem = this.#problems.get(index);
    if (problem === undefined || gravity[finding.kind] > gravity[problem.kind]) {
      this.#problems.set(index, { kind: finding.kind, finding, frames: framesOf(finding, frame), count: 1 });
      return;
    }
    if (gravity[finding.kind] < gravity[problem.kind]) return;
    problem.count += 1;
    for (const each of framesOf(finding, frame)) {
      if (problem.frames.length < FRAMES && !problem.frames.includes(each, Math.max(0, problem.frames.length - 8)))
        problem.frames.push(each);
    }
  }

  /** Passes of a requirement by a host, those that were counted in sets among them. */
  #passesAt(index: number): Pick<Tally, 'passes' | 'passFrames'> {
    const bit = 1 << oftenMet.indexOf(index >> 1); // 1 << -1 is the sign, which no set has
    const rows = this.#sets.filter(({ bits, host }) => (bits & bit) !== 0 && host === (index & 1)).map(({ row }) => row);
    const own = this.#rowOf[index] ?? -1;
    if (own >= 0) rows.push(own);
    let passes = 0;
    const frames = new Set<number>();
    for (const row of rows) {
      passes += this.#rows[row * ROW]!;
      for (const frame of this.#rows.subarray(row * ROW + 1, (row + 1) * ROW)) if (frame > 0) frames.add(frame);
    }
    const inOrder = [...frames].sort((a, b) => a - b);
    return { passes, passFrames: inOrder.length <= PASS_FRAMES ? inOrder : [...inOrder.slice(0, 4), ...inOrder.slice(-4)] };
  }

  /** Takes over what another ledger holds, whose host 0 is `host0` here. */
  absorb(from: Ledger, host0: 0 | 1): void {
    for (const [index, tally] of from.#tallies()) {
      const slot = index >> 1;
      const host = ((index & 1) ^ host0) as 0 | 1;
      for (const frame of tally.passFrames) this.pass(slot, host, frame);
      if (tally.passes > 0) this.#rows[this.#rowOf[slot * 2 + host]! * ROW]! += tally.passes - tally.passFrames.length;
      const problem = from.#problems.get(index);
      if (problem === undefined) continue;
      const [last = 0] = problem.frames.slice(-1);
      this.note(slot, host, { ...problem.finding, frames: problem.frames }, last);
    }
  }

  *#tallies(): Generator<readonly [number, Tally]> {
    for (let index = 0; index < 2 * ids.length; index += 1) {
      const found = this.#problems.get(index);
      const passed = this.#passesAt(index);
      if (passed.passes === 0 && found === undefined) continue;
      const outweighed = found?.kind === 'inconclusive' && passed.passes > 0;
      yield [index, { ...passed, problem: outweighed ? undefined : found }];
    }
  }

  /** What was found, as [requirement, host, tally], in order of requirements. */
  entries(): (readonly [string, 0 | 1, Tally])[] {
    return Array.from(this.#tallies(), ([index, tally]) => [ids[index >> 1]!, (index & 1) as 0 | 1, tally] as const);
  }

  /** Whether anything speaks against anybody. */
  get hasFinding(): boolean {
    for (const { kind } of this.#problems.values()) if (kind !== 'inconclusive') return true;
    return false;
  }

  /** How many frames it keeps. */
  get kept(): number {
    let kept = this.#rows.length;
    for (const { frames } of this.#problems.values()) kept += frames.length;
    return kept;
  }
}
