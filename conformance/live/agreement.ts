/** Holds what a case has found against what `check` says of the case's capture: one body of rules, two ways to see them. */
import { createChecker } from '../check.ts';
import { requirement } from '../requirements/index.ts';
import type { CaptureReport, Verdict } from '../report/report.ts';
import { kernelAddress, PATHS } from './network.ts';
import type { LiveResult } from './run.ts';

const kernelAddresses: readonly string[] = Array.from({ length: PATHS }, (_, path) => [
  kernelAddress(path, 4),
  kernelAddress(path, 6),
]).flat();

/** Whether `address:port` is one of the kernel's. */
const isKernel = (endpoint: string): boolean =>
  kernelAddresses.some((address) => endpoint.startsWith(`${address}:`) || endpoint.startsWith(`[${address}]:`));

/** What `check` finds in a case's capture. It was taken where both hosts' packets pass, and no packet is lost between there and them. */
export const checked = (capture: Uint8Array): CaptureReport => {
  const checker = createChecker({ at: kernelAddresses, rfcs: [8684] });
  checker.push(capture);
  return checker.finish('live.pcap');
};

/** The verdicts about the kernel. */
export const aboutKernel = ({ verdicts, conversations }: CaptureReport): readonly Verdict[] => {
  const kernelHosts = new Map<string, 'a' | 'b'>();
  for (const conversation of conversations) {
    if (conversation.protocol !== 'mptcp') continue;
    const [first] = conversation.subflows;
    if (first !== undefined) kernelHosts.set(conversation.id, isKernel(first.a) ? 'a' : 'b');
  }
  return verdicts.filter(({ conversation, flow, host }) =>
    conversation === null ? host === (flow !== undefined && isKernel(flow) ? 'a' : 'b') : host === kernelHosts.get(conversation),
  );
};

/** Of two verdicts, the graver one. */
const graver = (a: Verdict['verdict'] | undefined, b: Verdict['verdict']): Verdict['verdict'] => {
  const order = ['inconclusive', 'pass', 'warn', 'fail'];
  return a === undefined || order.indexOf(b) > order.indexOf(a) ? b : a;
};

/**
 * Where the two disagree, a sentence each; none when they agree. `check` must find no `fail` in the kernel that the case did not find, and
 * whatever the case found wrong or right that the capture decides, it must find alike.
 */
export const disagreements = ({ findings, capture, beyondCapture, conforms }: LiveResult): readonly string[] => {
  const seen = new Map<string, Verdict['verdict']>();
  const report = checked(capture);
  const kernel = aboutKernel(report);
  for (const { requirement, verdict } of kernel) seen.set(requirement, graver(seen.get(requirement), verdict));
  const found = new Map(findings.map(({ requirement, verdict }) => [requirement, verdict]));
  const said: string[] = report.error === undefined ? [] : [`check cannot read the capture: ${report.error}`];
  if (conforms) {
    const ours = report.verdicts.filter((each) => each.verdict === 'fail' && !kernel.includes(each));
    said.push(...ours.map(({ requirement, message, frames }) => `check fails ${requirement} on our side: ${message} (frame ${frames[0]})`));
  }
  for (const [id, verdict] of seen) {
    if (verdict === 'fail' && found.get(id) !== 'fail') said.push(`check fails ${id}, the case says ${found.get(id) ?? 'nothing'}`);
  }
  for (const [id, verdict] of found) {
    const other = seen.get(id);
    const isExcused = beyondCapture[id] !== undefined || requirement(id)?.disposition !== 'capture';
    if (verdict === 'inconclusive' || isExcused) continue;
    if (verdict === 'pass' ? other === 'warn' : other !== verdict)
      said.push(`the case says ${verdict} for ${id}, check says ${other ?? 'nothing'}`);
  }
  return said;
};
