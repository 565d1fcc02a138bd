/** The reports in a probe, held against the probes that were captured (RFC 5534 section 5.2). */
import { toHex } from '../../../codecs/bytes.ts';
import { EXPLORING, INBOUND_OK } from '../../../codecs/reap/index.ts';
import type { ProbeReport } from '../../../codecs/reap/index.ts';
import { other } from './context.ts';
import type { Context, End, Index, SentProbe } from './context.ts';
import type { Here } from './judge.ts';
import type { Probe } from './messages.ts';
import { bareOf } from './sight.ts';
import type { Seen } from './sight.ts';
import { NEAR } from './timing.ts';
import type { World } from './world.ts';

/** A probe is answered at once: what arrived this long before, in ms, is what brought one about. */
export const AT_ONCE = 1000;
const CLAIMS = 1024;
const DOUBTS = 64;

const isLike = (report: ProbeReport, sent: SentProbe): boolean =>
  toHex(report.sourceAddress) === sent.source && toHex(report.destinationAddress) === sent.destination;

/** Whether a report says what the probe with its nonce said of itself. */
export const tellsOf = (report: ProbeReport, sent: SentProbe): boolean => {
  const [own] = sent.probe.sent;
  return isLike(report, sent) && (own === undefined || (report.data === own.data && report.nonce === own.nonce));
};

/**
 * A report of a probe that was received and never captured: its sender can only mean the one that has just come, is like it, and is the first of an
 * exploration, as it says itself: there was none before that the capture could have missed. Who has received that says InboundOk (section 6.7).
 */
const receivedInstead = (
  context: Context,
  host: Index,
  reports: readonly ProbeReport[],
  report: ProbeReport,
  seen: Seen,
): SentProbe | undefined => {
  const { probes, probeNonces, claims } = context.ends[other(host)];
  const { last } = probes;
  if (last === undefined || !context.isFromStart || seen.time - last.time > NEAR || claims.has(report.nonce)) return undefined;
  const { sent, state } = last.probe;
  const isFirst = state === EXPLORING && sent.length === 1 && probes.list.filter((each) => isLike(report, each)).length === 1;
  // One that a probe before has listed is late, and so it may be that it has not come yet, or that others came that were missed.
  const isLate = sent.some(({ nonce }) => claims.has(nonce));
  const unknown = reports.filter(({ nonce }) => !probeNonces.has(nonce));
  if (isLate || unknown.length > 1) return undefined;
  return isFirst && isLike(report, last) && !reports.some(({ nonce }) => nonce === sent[0]?.nonce) ? last : undefined;
};

/** A report of a probe that was sent and never captured, between two that were: the one that was sent between them. */
const sentInstead = ({ probes, probeNonces }: End, reports: readonly ProbeReport[], at: number): SentProbe | undefined => {
  const report = reports[at]!;
  const newer = at === 1 ? undefined : probeNonces.get(reports[at - 1]!.nonce);
  const older = at === reports.length - 1 ? undefined : probeNonces.get(reports[at + 1]!.nonce);
  if ((at > 1 && newer === undefined) || (at < reports.length - 1 && older === undefined)) return undefined;
  const from = older === undefined ? -1 : probes.list.indexOf(older);
  const to = newer === undefined ? probes.list.length : probes.list.indexOf(newer);
  const between = probes.list[from + 1];
  if (to - from !== 2 || between === undefined || !isLike(report, between)) return undefined;
  return reports.some(({ nonce }) => nonce === between.probe.sent[0]?.nonce) ? undefined : between;
};

/** Lets the reports of a probe be judged; what only later probes decide is kept. */
export const judgeReports = (world: World, here: Here, { sent, received, state }: Probe): void => {
  const { context, host, seen } = here;
  const end = context.ends[host];
  for (const [at, report] of sent.entries()) {
    if (at === 0) continue;
    const of = end.probeNonces.get(report.nonce);
    if (of === undefined) context.missesProbes = true;
    world.judge('report', here, { report, about: 'sent', of, instead: undefined });
    const claim = end.claims.get(report.nonce);
    if (claim !== undefined || end.claims.size < CLAIMS)
      end.claims.set(report.nonce, { count: (claim?.count ?? 0) + 1, frame: seen.frame });
    const later = sent[at - 1]!.nonce;
    if (end.successions.size < CLAIMS) end.successions.add(`${later} ${report.nonce}`);
    const instead = of === undefined ? sentInstead(end, sent, at) : undefined;
    if (instead !== undefined && end.doubts.length < DOUBTS)
      end.doubts.push({ report, instead, later, frame: seen.frame, time: seen.time });
  }
  const { probeNonces } = context.ends[other(host)];
  for (const report of received) {
    const of = probeNonces.get(report.nonce);
    if (of === undefined) context.missesProbes = true;
    const instead = of === undefined && state === INBOUND_OK ? receivedInstead(context, host, received, report, seen) : undefined;
    world.judge('report', here, { report, about: 'received', of, instead });
  }
};

/**
 * A probe that nobody but one report knows, in the place of one that later reports tell of again, as something that the peer has not reported: it was never
 * sent.
 */
export const settleReports = (world: World, context: Context, host: Index): void => {
  const { claims, successions, doubts } = context.ends[host];
  for (const { report, instead, later, frame, time } of doubts) {
    const isAlone = claims.get(report.nonce)?.count === 1;
    const own = instead.probe.sent[0]?.nonce ?? -1;
    const told = claims.get(own);
    // In the same place: else it was sent at another time, and has overtaken, or was overtaken.
    if (!isAlone || told === undefined || told.frame <= frame || !successions.has(`${later} ${own}`)) continue;
    const seen = bareOf({ frame, time, source: instead.source, destination: instead.destination });
    world.judge('report', { seen, context, host }, { report, about: 'sent', of: undefined, instead });
  }
};
