/** A followed connection as the report shows it: its conversation and its verdicts. */
import { formatAddress } from '../../../codecs/packet/index.ts';
import { idsDecidedBy } from '../../requirements/index.ts';
import type { HostReport, MptcpConversation, StreamReport, SubflowReport } from '../../report/report.ts';
import type { Account } from '../account.ts';
import type { Connection, Flow, Index } from './model.ts';
import { DataStream } from './stream.ts';
import type { StreamPool } from './stream.ts';

/** How the connection ended, or that it did not. */
const outcomeOf = (connection: Connection): MptcpConversation['outcome'] => {
  if (connection.refused || !connection.agreed) return connection.fromStart ? 'refused' : openOutcome(connection);
  return openOutcome(connection);
};

const openOutcome = (connection: Connection): MptcpConversation['outcome'] => {
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
  const fromFirst = stream.first === 1 && (host.fromIdsn || (connection.fromStart && !host.baseGuessed));
  return { bytes, sha256: stream.digest(), complete: finished && fromFirst && connection.agreed };
};

/** After a fallback the FIN of the only subflow ends the stream. */
const finishedPlain = (connection: Connection, index: Index): boolean => {
  const end = connection.initial?.endOf(index);
  return end !== undefined && end.finAt >= 0 && end.seen.next >= end.finAt && end.unmapped.length === 0;
};

/** The conversation of a connection; ends its streams. */
const conversationOf = (connection: Connection, id: string, pool: StreamPool): MptcpConversation => ({
  id,
  protocol: 'mptcp',
  version: connection.version,
  outcome: outcomeOf(connection),
  hosts: { a: hostReport(connection, 0), b: hostReport(connection, 1) },
  subflows: connection.flows.filter(isSubflow).map(subflowReport),
  streams: { a: streamReport(connection, 0, pool), b: streamReport(connection, 1, pool) },
});

/** The account of a connection; verdicts are reported under the ids of the version that it speaks. */
export const accountOf = (connection: Connection, pool: StreamPool): Account => {
  const [flow] = connection.flows;
  const { ledger, unattached } = connection;
  return {
    protocol: 'mptcp',
    ledger,
    standing: unattached ? 'stray' : outcomeOf(connection) === 'refused' ? 'refused' : 'conversation',
    flow: flow && `${flow.textOf(0)} > ${flow.textOf(1)}`,
    idsOf: (id) => idsDecidedBy(id, connection.version),
    conversation: (id) => conversationOf(connection, id, pool),
  };
};
