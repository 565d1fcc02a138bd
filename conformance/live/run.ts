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
  /** Of findings that the capture does not decide alike: why. */
  readonly beyondCapture: Readonly<Record<string, string>>;
  /** Our side kept the rules, too. */
  readonly conforms: boolean;
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

/** Runs one case: what came of it, and when its network is gone. What a script did not expect is `inconclusive`; our own mistakes are thrown. */
const attempt = async (libc: Libc, liveCase: LiveCase): Promise<{ readonly result: LiveResult; readonly closed: Promise<void> }> => {
  const { id, title, requirements, beyondCapture, conforms } = liveCase;
  const start = performance.now();
  const bench = new Bench(libc, liveCase);
  let stopped: string | undefined;
  try {
    try {
      await bench.ready();
      await liveCase.script(bench);
    } catch (error) {
      if (!(error instanceof Unready) && !(error instanceof SystemError)) throw error;
      stopped = error.message;
    }
    // What the kernel sent last belongs to the capture.
    bench.pump();
  } catch (error) {
    await bench.close();
    throw error;
  }
  const findings = bench.findings();
  const ms = Math.round(performance.now() - start);
  const result = {
    id,
    title,
    requirements,
    ...concluded(title, findings, stopped),
    findings,
    beyondCapture,
    conforms,
    ms,
    capture: bench.capture,
  };
  return { result, closed: bench.close() };
};

/** Networks that may still be on their way out while the next case runs. */
const CLOSING = 4;

/** Runs cases in order. When it ends, all their networks are gone. @example for await (const result of runCases(libc, cases)) print(result); */
export async function* runCases(libc: Libc, cases: readonly LiveCase[]): AsyncGenerator<LiveResult> {
  const closing = new Set<Promise<void>>();
  try {
    for (const each of cases) {
      while (closing.size >= CLOSING) await Promise.race(closing);
      const { result, closed } = await attempt(libc, each);
      const gone = closed.finally(() => closing.delete(gone));
      closing.add(gone);
      yield result;
    }
  } finally {
    await Promise.all(closing);
  }
}
