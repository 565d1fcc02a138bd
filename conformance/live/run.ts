/** Runs cases, one after the other, each in a network of its own. */
import { Bench } from './bench.ts';
import { SystemError, type Libc } from './libc.ts';
import { Unready, type LiveCase, type LiveFinding } from './case.ts';

/** What came of a case. */
export interface LiveResult {
  readonly id: string;
  readonly title: string;
  /** Full ids. */
  readonly requirements: readonly string[];
  /** `fail`: a MUST or a RULE is broken. What a SHOULD asks for and was not done is a `warn` among the findings, and no failure. */
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly message: string;
  readonly findings: readonly LiveFinding[];
  readonly ms: number;
  /** A pcap file of everything that passed. */
  readonly capture: Uint8Array;
}

const textOf = ({ requirement, verdict, expected, seen }: LiveFinding): string =>
  `${requirement} ${verdict}: expected ${expected}, seen ${seen}`;

/** The verdict of a case from what was found, and the sentence that says why. */
const concluded = (
  title: string,
  findings: readonly LiveFinding[],
  stopped: string | undefined,
): Pick<LiveResult, 'verdict' | 'message'> => {
  const wrong = findings.filter(({ verdict }) => verdict === 'fail');
  const weak = findings.filter(({ verdict }) => verdict === 'warn');
  if (wrong.length > 0) return { verdict: 'fail', message: [...wrong, ...weak].map(textOf).join('; ') };
  const open = findings.filter(({ verdict }) => verdict === 'inconclusive').map(({ requirement }) => requirement);
  if (stopped !== undefined || open.length > 0)
    return { verdict: 'inconclusive', message: stopped ?? `nothing decided ${open.join(', ')}` };
  return { verdict: 'pass', message: weak.length > 0 ? weak.map(textOf).join('; ') : title };
};

/** Runs one case. What a script did not expect is `inconclusive` and says so; our own mistakes are thrown. @example await runCase(libc, cases[0]) */
export const runCase = async (libc: Libc, liveCase: LiveCase): Promise<LiveResult> => {
  const { id, title, requirements } = liveCase;
  const start = performance.now();
  const bench = new Bench(libc, liveCase);
  try {
    let stopped: string | undefined;
    try {
      await liveCase.script(bench);
    } catch (error) {
      if (!(error instanceof Unready) && !(error instanceof SystemError)) throw error;
      stopped = error.message;
    }
    // What the kernel sent last belongs to the capture.
    bench.pump();
    const findings = bench.findings();
    const ms = Math.round(performance.now() - start);
    return { id, title, requirements, ...concluded(title, findings, stopped), findings, ms, capture: bench.capture };
  } finally {
    bench.close();
  }
};
