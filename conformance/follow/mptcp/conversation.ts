/** A followed connection as the report shows it: its conversation and its verdicts. */
import { formatAddress } from '../../../codecs/packet/index.ts';
import { catalogues, idsDecidedBy, requirement } from '../../requirements/index.ts';
import type { Requirement } from '../../requirements/index.ts';
import type { Conversation, HostReport, Outcome, StreamReport, SubflowReport, Verdict } from '../../report/report.ts';
import type { Tally } from '../evidence.ts';
import type { Connection, Flow, Host, Index } from './model.ts';
import { DataStream } from './stream.ts';
import type { StreamPool } from './stream.ts';

/** Whether a verdict on this requirement is wanted. */
export type Wanted = (id: string) => boolean;

/** How the connection ended, or that it did not. */
export const outcomeOf = (connection: Connection): Conversation['outcome'] => {
  if (connection.refused || !connection.agreed) return connection.fromStart ? 'refused' : openOutcome(connection);
  return openOutcome(connection);
};

const openOutcome = (connection: Connection): Conversation['outcome'] => {
  const [a, b] = connection.hosts;
  if (connection.fastcloseFrame > 0) return 'fastclose';
  if (connection.fallbackFrame > 0) return 'fallback';
  if (a.dataFin >= 0 && b.dataFin >= 0) return 'data-fin';
  if (connection.flows.every((flow) => flow.closed) && connection.flows.some((flow) => flow.ends.some((end) => end.rstFrame > 0)))
    return 'reset';
  return 'open';
};

const hostReport = (connection: Connection, index: Index): HostReport => {
  const host = connection.hosts[index];
  const known = connection.fromStart || connection.initial !== undefined;
  return {
    role: known ? (index === 0 ? 'initiator' : 'listener') : null,
    token: host.token === undefined ? null : host.token.toString(16).padStart(8, '0'),
    idsn: host.idsn === undefined ? null : host.idsn.toString(),
    addresses: host.addresses.map((each) => ({
      id: each.id,
      address: formatAddress(each.address, 0, each.address.length === 4 ? 4 : 6),
      ...(each.by === 'ADD_ADDR' && each.port !== undefined && { port: each.port }),
    })),
  };
};

const subflowState = (flow: Flow): string => {
  const [opener, acceptor] = flow.ends;
  if (opener.rstFrame > 0 || acceptor.rstFrame > 0) return 'reset';
  if (opener.finAt >= 0 && acceptor.finAt >= 0) return 'closed';
  if (opener.finAt >= 0 || acceptor.finAt >= 0) return 'closing';
  if (flow.kind === 'join' && !flow.established) return 'opening';
  return 'established';
};

/** What failed to authenticate, or was refused before it answered, never became a subflow of the connection (section 3.2). */
const isSubflow = ({ kind, join, ends }: Flow): boolean =>
  kind !== 'join' ||
  join === undefined ||
  (join.synAckFrame > 0 && join.openerValid !== false && join.acceptorValid !== false) ||
  ends.some((end) => end.dataFrame > 0);

const subflowReport = (flow: Flow, index: number): SubflowReport => ({
  index,
  kind: flow.kind === 'initial' ? 'initial' : flow.kind === 'join' ? 'join' : 'unknown',
  a: flow.textOf(flow.sideOf(0)),
  b: flow.textOf(flow.sideOf(1)),
  backup: flow.ends[0].backup || flow.ends[1].backup,
  frames: flow.frames,
  state: subflowState(flow),
});

const streamReport = (connection: Connection, index: Index, pool: StreamPool): StreamReport => {
  const host = connection.hosts[index];
  const stream = host.stream ?? new DataStream(pool, 1);
  const { fastOpen } = host;
  stream.prefix = fastOpen;
  const { next } = stream.seen;
  const finished =
    host.dataFin >= 0 ? next === host.dataFin && !stream.seen.hasHole : connection.fallbackFrame > 0 && finishedPlain(connection, index);
  const bytes = next - stream.first + (fastOpen?.length ?? 0);
  const fromFirst = stream.first === 1 && (connection.fromStart || host.fromIdsn);
  return { bytes, sha256: stream.digest(), complete: finished && fromFirst && connection.agreed };
};

/** After a fallback the FIN of the only subflow ends the stream. */
const finishedPlain = (connection: Connection, index: Index): boolean => {
  const end = connection.initial?.endOf(index);
  return end !== undefined && end.finAt >= 0 && end.seen.next >= end.finAt && end.unmapped.length === 0;
};

/** The conversation of a connection; ends its streams. */
export const conversationOf = (connection: Connection, id: string, pool: StreamPool): Conversation => ({
  id,
  protocol: 'mptcp',
  version: connection.version,
  outcome: outcomeOf(connection),
  hosts: { a: hostReport(connection, 0), b: hostReport(connection, 1) },
  subflows: connection.flows.filter(isSubflow).map(subflowReport),
  streams: { a: streamReport(connection, 0, pool), b: streamReport(connection, 1, pool) },
});

const outcomeFor = (tally: Tally, level: Requirement['level']): Outcome => {
  const { problem } = tally;
  if (problem === undefined) return 'pass';
  if (problem.kind === 'inconclusive') return 'inconclusive';
  return problem.kind === 'warn' || level.startsWith('SHOULD') || level === 'RECOMMENDED' || level === 'MAY' ? 'warn' : 'fail';
};

/** The verdicts of a connection, under the ids of the version that it speaks: all, or those that speak against somebody. */
export const verdictsOf = (connection: Connection, conversation: string | null, wanted: Wanted, all = true): Verdict[] => {
  const verdicts: Verdict[] = [];
  const [flow] = connection.flows;
  for (const [decided, host, tally] of connection.ledger.entries()) {
    if (!all && (tally.problem === undefined || tally.problem.kind === 'inconclusive')) continue;
    for (const id of idsDecidedBy(decided, connection.version)) {
      const rule = requirement(id);
      if (rule === undefined || !wanted(id)) continue;
      verdicts.push(verdictOf(rule, conversation, flow, host, tally));
    }
  }
  // Ledgers number requirements by first use, which depends on the captures that this process has seen before.
  return verdicts.sort((x, y) => place.get(x.requirement)! - place.get(y.requirement)! || (x.host === 'a' ? -1 : 1));
};

/** The order of the catalogues. */
const place = new Map(catalogues.flatMap(({ requirements }) => requirements).map(({ id }, index) => [id, index]));

const verdictOf = (rule: Requirement, conversation: string | null, flow: Flow | undefined, host: Index, tally: Tally): Verdict => {
  const { problem } = tally;
  return {
    requirement: rule.id,
    section: rule.section,
    level: rule.level,
    verdict: outcomeFor(tally, rule.level),
    conversation,
    ...(conversation === null && flow !== undefined && { flow: `${flow.textOf(0)} > ${flow.textOf(1)}` }),
    host: host === 0 ? 'a' : 'b',
    role: rule.role,
    frames: problem === undefined ? tally.passFrames : problem.frames,
    count: problem === undefined ? tally.passes : problem.count,
    expected: problem?.finding.expected ?? null,
    seen: problem?.finding.seen ?? null,
    message: problem?.finding.message ?? rule.statement,
  };
};

export type { Host };
