/** Following REAP's exploration: what probes say of themselves, of each other and of their sender, and when they come (RFC 5534 sections 4.3, 5.2 and 6). */
import { toHex } from '../../../codecs/bytes.ts';
import { EXPLORING, INBOUND_OK, OPERATIONAL } from '../../../codecs/reap/index.ts';
import type { ProbeReport } from '../../../codecs/reap/index.ts';
import { other } from './context.ts';
import type { Context, Index, SentProbe } from './context.ts';
import type { ExpectedState, Here } from './judge.ts';
import type { Probe } from './messages.ts';
import { showsContext, takeOptions } from './sending.ts';
import type { Seen } from './sight.ts';
import { tagged } from './tagged.ts';
import type { World } from './world.ts';

/** A probe is answered at once: what arrived this long before, in ms, is what brought one about. */
const AT_ONCE = 1000;

/** Whether a report says what the probe with its nonce said of itself. */
export const tellsOf = (report: ProbeReport, sent: SentProbe): boolean => {
  const [own] = sent.probe.sent;
  return (
    toHex(report.sourceAddress) === sent.source &&
    toHex(report.destinationAddress) === sent.destination &&
    (own === undefined || (report.data === own.data && report.nonce === own.nonce))
  );
};

const isLike = (report: ProbeReport, sent: SentProbe): boolean =>
  toHex(report.sourceAddress) === sent.source && toHex(report.destinationAddress) === sent.destination;

/** What a report without its like among the captured probes can only mean; undefined where a probe may have been missed. */
const insteadOf = (
  context: Context,
  host: Index,
  reports: readonly ProbeReport[],
  at: number,
  isOwn: boolean,
  seen: Seen,
): SentProbe | undefined => {
  const teller = isOwn ? host : other(host);
  const { probes, probeNonces } = context.ends[teller];
  const report = reports[at]!;
  const told = new Set(reports.map(({ nonce }) => nonce));
  const candidates = probes.list.filter((sent) => isLike(report, sent) && !told.has(sent.probe.sent[0]?.nonce ?? -1));
  if (isOwn) {
    // Between two that are known, the one that was sent between them.
    const [newer, older] = [reports[at - 1], reports[at + 1]].map((each) => each && probeNonces.get(each.nonce));
    if (at > 1 && newer === undefined) return undefined;
    const from = older === undefined ? -1 : probes.list.indexOf(older);
    const to = at === 1 ? probes.list.length : probes.list.indexOf(newer!);
    if (older === undefined && (at !== reports.length - 1 || !context.isFromStart)) return undefined;
    const between = candidates.filter((sent) => probes.list.indexOf(sent) > from && probes.list.indexOf(sent) < to);
    return to - from === 2 && between.length === 1 ? between[0] : undefined;
  }
  // Its sender has just received one like it, the only one on that pair, and does not tell of it.
  const [only] = candidates;
  const onPair = probes.list.filter((sent) => isLike(report, sent));
  const { last } = probes;
  const isOnly = only !== undefined && candidates.length === 1 && onPair.length === 1 && only === last;
  return isOnly && context.isFromStart && seen.time - only.time < AT_ONCE ? only : undefined;
};

/** The state that follows from the last probe of the peer that this one tells to have received; undefined where that is not certain. */
const expectedState = (context: Context, host: Index, { received }: Probe, seen: Seen): ExpectedState => {
  const { probeNonces, probes } = context.ends[other(host)];
  const known = received.map(({ nonce }) => probeNonces.get(nonce));
  if (known.length === 0 || known.includes(undefined)) return undefined;
  const latest = known.reduce((x, y) => (y!.frame > x!.frame ? y : x))!;
  // One that came later and is not told of may have changed the state.
  if (latest !== probes.last || seen.time - latest.time > AT_ONCE) return undefined;
  const { state } = latest.probe;
  if (state === EXPLORING) return { state: INBOUND_OK, because: latest };
  return state === INBOUND_OK || state === OPERATIONAL ? { state: OPERATIONAL, because: latest } : undefined;
};

export const takeProbe = (world: World, seen: Seen, message: Probe): Here => {
  const here = tagged(world, seen, 'Probe', message.receiverContextTag);
  const { context, host } = here;
  const end = context.ends[host];
  const peer = context.ends[other(host)];
  world.judge('message', here, message);
  takeOptions(world, here, message);
  if (seen.destination !== peer.ulid) world.judge('toLocator', here, { announced: peer.list });
  const [own] = message.sent;
  const nonce = own?.nonce;
  const before = nonce === undefined ? undefined : end.probeNonces.get(nonce);
  const previous = end.probes.last;
  // Only a Probe that says Exploring takes a host that has not explored itself to InboundOk (section 6.7); after Exploring, payload may have done so.
  const hasExplored = previous === undefined ? message.sent.length > 1 : previous.probe.state !== OPERATIONAL;
  const latest = peer.probes.last;
  const isCause = latest !== undefined && latest.probe.state === EXPLORING && seen.time - latest.time < AT_ONCE && !hasExplored;
  const cause = isCause ? latest : undefined;
  world.judge('probe', here, { message, expected: expectedState(context, host, message, seen), cause, sameNonce: before });
  judgeReports(world, here, message);
  const sent: SentProbe = { probe: message, host, frame: seen.frame, time: seen.time, source: seen.source, destination: seen.destination };
  pace(world, here, sent, previous);
  if (seen.invalid === undefined) {
    remember(end, sent, nonce);
    noteReported(context, host, message);
  }
  showsContext(context, host);
  return here;
};

const remember = (end: Context['ends'][Index], sent: SentProbe, nonce: number | undefined): void => {
  const oldest = end.probes.list.length >= end.probes.most ? end.probes.list[0]?.probe.sent[0]?.nonce : undefined;
  if (oldest !== undefined) end.probeNonces.delete(oldest);
  end.probes.add(sent);
  if (nonce !== undefined && !end.probeNonces.has(nonce)) end.probeNonces.set(nonce, sent);
};

/** The peer learns which of its pairs work. */
const noteReported = (context: Context, host: Index, { received }: Probe): void => {
  const { reportedPairs } = context.ends[other(host)];
  for (const { sourceAddress, destinationAddress } of received) {
    const pair = `${toHex(sourceAddress)} ${toHex(destinationAddress)}`;
    if (reportedPairs.size < 1024) reportedPairs.add(pair);
  }
};

const judgeReports = (world: World, here: Here, { sent, received }: Probe): void => {
  const { context, host, seen } = here;
  for (const [about, reports] of [
    ['sent', sent],
    ['received', received],
  ] as const) {
    const isOwn = about === 'sent';
    const { probeNonces } = context.ends[isOwn ? host : other(host)];
    for (const [at, report] of reports.entries()) {
      if (isOwn && at === 0) continue;
      const of = probeNonces.get(report.nonce);
      world.judge('report', here, {
        report,
        about,
        of,
        instead: of === undefined ? insteadOf(context, host, reports, at, isOwn, seen) : undefined,
      });
    }
  }
};

/** The intervals between the probes of a host that explores. That none between two was missed is what the later one tells: it lists the earlier. */
const pace = (world: World, here: Here, { probe, time }: SentProbe, previous: SentProbe | undefined): void => {
  const end = here.context.ends[here.host];
  const isNext =
    previous !== undefined &&
    probe.sent[1]?.nonce === previous.probe.sent[0]?.nonce &&
    probe.state === EXPLORING &&
    previous.probe.state === EXPLORING;
  if (!isNext) {
    end.series = { count: 1, interval: 0, pairs: new Set([pairOf(here.seen)]) };
    return;
  }
  const interval = time - previous.time;
  const count = end.series.count + 1;
  end.series.pairs.add(pairOf(here.seen));
  world.judge('exploring', here, { count, interval, previous: end.series.interval });
  end.series = { ...end.series, count, interval };
};

const pairOf = ({ source, destination }: Pick<Seen, 'source' | 'destination'>): string => `${source} ${destination}`;
