/**
 * Steps the state machines of both hosts with what the capture shows, and turns what their tables say into verdicts: what a host may
 * and must not send, and what it comes to owe. Something owed is paid, or the host goes on without it, or the capture ends before.
 */
import { step } from '../../../state-machines/machine.ts';
import { connectionMachine, newConnectionContext } from '../../../state-machines/mptcp/connection.ts';
import type { ConnectionEvent } from '../../../state-machines/mptcp/connection.ts';
import { newSubflowContext, subflowMachine } from '../../../state-machines/mptcp/subflow.ts';
import type { SubflowEvent } from '../../../state-machines/mptcp/subflow.ts';
import type { AnyAction } from '../../../state-machines/machine.ts';
import { PASS, inconclusive } from '../evidence.ts';
import type { Judgement } from '../evidence.ts';
import { conclude, suspect } from './judge.ts';
import { ROUND_TRIP, other } from './model.ts';
import type { Connection, Flow, Here, Index, Suspicion, Underway } from './model.ts';
import { obligation } from './obligations.ts';

const OWED = 64;

/** Feeds an event to the connection machine of a host. */
export const feedConnection = (here: Here, host: Index, event: ConnectionEvent): void => {
  const who = here.connection.hosts[host];
  const context = (who.machine ??= newConnectionContext());
  context.version = here.connection.version === 0 ? 0 : 1;
  const { state } = context;
  const { actions } = step(connectionMachine, context, event);
  if (context.state === 'FALLBACK' && state !== 'FALLBACK')
    who.fellBack = { flow: here.flow, time: here.time, frame: here.connection.lastFrame };
  settle(here, host, event.type, undefined, actions);
};

/** Feeds an event to the subflow machine of a side. */
export const feedSubflow = (here: Here, side: Index, event: SubflowEvent): void => {
  const { flow } = here;
  const context = (flow.machines[side] ??= newSubflowContext());
  const { actions } = step(subflowMachine, context, event);
  settle(here, flow.hostOf(side), event.type, flow, actions);
};

/** A capture that begins in the middle begins with an established connection. */
export const startEstablished = (connection: Connection): void => {
  for (const host of connection.hosts) host.machine = { ...newConnectionContext(), state: 'M_ESTAB', dssReceived: true };
};

const settle = (here: Here, host: Index, type: string, flow: Flow | undefined, actions: readonly AnyAction[]): void => {
  const { connection, frame } = here;
  const { owed } = connection;
  for (let i = owed.length - 1; i >= 0; i -= 1) {
    const each = owed[i]!;
    if (each.host !== host || each.by !== type || each.flow !== flow || each.frame === frame) continue;
    owed.splice(i, 1);
    conclude(connection, each.requirement, host, each.frame, PASS);
    conclude(connection, each.requirement, host, frame, PASS);
  }
  for (const action of actions) {
    if (action.do === 'permit') conclude(connection, action.requirement, host, frame, PASS);
    else if (action.do === 'forbid') forbidden(here, host, action.requirement, type);
    else if (action.do === 'owe') {
      if (owed.length < OWED)
        owed.push({ requirement: action.requirement, host, by: action.by, flow, at: here.flow, frame, time: here.time, receipt: -1 });
    } else if (action.do === 'waive') {
      for (let i = owed.length - 1; i >= 0; i -= 1) if (owed[i]!.host === host && owed[i]!.flow === flow) owed.splice(i, 1);
    }
  }
};

/** What a DSS of the peer would have allowed, which the capture may have missed: all that was lost shows at the end only. */
const AFTER_A_DSS: readonly string[] = ['RFC8684-3.1-10', 'RFC8684-3.1-e'];

/** An initiator falls back by the third packet that it sends without MP_CAPABLE: in the capture, though perhaps not when it was sent. */
const mayNotKnow = ({ hosts }: Connection, host: Index): boolean => host === 0 && hosts[0].machine?.cause === 'plainAck';

/** What makes a connection that was established fall back, at the other host and at this one (section 3.7). */
const TOLD: readonly unknown[] = ['mpFail', 'noDataAck', 'receivedInfiniteMapping'];
const LATE: readonly unknown[] = [...TOLD, 'sentInfiniteMapping'];

/** A host has fallen back, as another subflow shows, and this packet may have been sent before and be slower on its way. */
const mayBeOvertaken = ({ connection, flow, time }: Here, host: Index, type: string): boolean => {
  const { fellBack, machine } = connection.hosts[host];
  if (fellBack === undefined || fellBack.flow === flow || !LATE.includes(machine?.cause) || connection.capturedAt === host) return false;
  // A join may be followed late: see `resolve`.
  return ((type === 'sendJoinSyn' && flow.join?.synTime) || time) - fellBack.time < ROUND_TRIP;
};

/** A host has sent what its table forbids. */
export const forbidden = (here: Here, host: Index, id: string, type: string): void => {
  const judgement = mayNotKnow(here.connection, host)
    ? inconclusive('the third packet may have lost its MP_CAPABLE on the way: its sender then knows of no fallback')
    : mayBeOvertaken(here, host, type)
      ? inconclusive('the fallback shows on another subflow: this packet may have been sent before')
      : obligation.forbidden(id, here, type);
  keep(here, id, host, judgement, AFTER_A_DSS.includes(id) ? 'noDss' : toldToFallBack(here, host) ? 'noFallback' : undefined);
};

/** A host is in a fallback that its peer has called for, on a packet that it may have lost, and has shown none of its own yet. */
const toldToFallBack = ({ connection }: Here, host: Index): boolean => {
  const { machine, infiniteFrame } = connection.hosts[host];
  return machine?.state === 'FALLBACK' && TOLD.includes(machine.cause) && infiniteFrame === 0 && connection.capturedAt !== host;
};

/** Concludes what a machine says; what else it rests on is for the end to tell. */
const keep = (here: Here, id: string, host: Index, judgement: Judgement, restsOn: Suspicion['restsOn'] | undefined): void => {
  if (restsOn !== undefined && judgement !== undefined && judgement !== PASS && judgement.kind === 'broken')
    suspect(here, id, host, restsOn, judgement);
  else conclude(here.connection, id, host, here.frame, judgement);
};

const UNDERWAY = 16;

/** Feeds the peer of this segment's sender an event that binds it from then on: when its later segments show that it has received it. */
export const feedWhenReceived = (here: Here, event: ConnectionEvent): void => travel(here, { machine: 'connection', event });

/** Whether an event is on its way to this segment's sender: nothing shows yet that it has come. */
export const isUnderway = ({ connection, host }: Here, type: Underway['event']['type']): boolean =>
  connection.underway.some((each) => each.host === host && each.event.type === type);

/** The same for its end of this subflow. */
export const feedSubflowWhenReceived = (here: Here, event: SubflowEvent): void => travel(here, { machine: 'subflow', event });

const travel = (here: Here, what: Pick<Underway, 'machine' | 'event'>): void => {
  const { connection, flow, time, timestamp, sent, frame } = here;
  const host = other(here.host);
  const same = (each: Underway): boolean =>
    each.host === host &&
    each.machine === what.machine &&
    each.event.type === what.event.type &&
    (what.machine === 'connection' || each.flow === flow);
  if (connection.underway.length >= UNDERWAY || connection.underway.some(same)) return;
  const sentEnd = Math.max(sent.sentEnd, here.ssnEnd);
  connection.underway.push({ ...what, host, flow, sentEnd, timestamp, time, frame } as Underway);
};

/** Before a segment is followed: what its sender must have received by now. */
export const arrive = (here: Here): void =>
  deliver(here, ({ flow, sentEnd, timestamp, time }) => {
    const echoed = timestamp !== 0 && here.echo !== 0 && ((here.echo - timestamp) | 0) > 0;
    return (
      here.connection.capturedAt === here.host || (flow === here.flow && (here.acked > sentEnd || echoed)) || here.time - time > ROUND_TRIP
    );
  });

/** This segment answers one of these events, and so shows that it was received. */
export const answers = (here: Here, types: readonly Underway['event']['type'][]): void =>
  deliver(here, ({ event }) => types.includes(event.type));

const deliver = (here: Here, arrived: (each: Underway) => boolean): void => {
  const { connection, flow, frame } = here;
  const { underway } = connection;
  for (let i = 0; i < underway.length; i += 1) {
    const each = underway[i]!;
    if (each.host !== here.host || !arrived(each)) continue;
    underway.splice(i, 1);
    i -= 1;
    here.flow = each.flow;
    // It came before this segment, which may already be its answer.
    here.frame = each.frame;
    if (each.machine === 'connection') feedConnection(here, here.host, each.event);
    else feedSubflow(here, each.flow.sideOf(here.host), each.event);
    if (each.event.type === 'receiveMpFail' && here.sender.mpFailFrame > each.frame) {
      // The MP_FAIL of its own that it has sent since then, whatever its reason, is the answer (section 3.7).
      here.frame = here.sender.mpFailFrame;
      feedConnection(here, here.host, { type: 'sendMpFail', rst: false });
    }
    here.flow = flow;
    here.frame = frame;
  }
};

/** A check found that a host owes something on this subflow, once it has received this segment's last octet; said once at a time. */
export const owes = (here: Here, id: string, host: Index, by: string): void => {
  const { connection, flow, frame, time, ssnEnd } = here;
  const { owed } = connection;
  if (owed.length >= OWED || owed.some((each) => each.requirement === id && each.host === host && each.flow === flow)) return;
  owed.push({ requirement: id, host, by, flow, at: flow, frame, time, receipt: ssnEnd });
};

/** After each segment: whatever its sender owed and went on without. */
export const watchOwed = (here: Here): void => {
  const { connection } = here;
  const { owed } = connection;
  for (let i = owed.length - 1; i >= 0; i -= 1) {
    const each = owed[i]!;
    if (each.host !== here.host || each.frame === here.frame) continue;
    const judgement = obligation.wentOn(each, here);
    if (judgement === undefined) continue;
    owed.splice(i, 1);
    keep(here, each.requirement, each.host, judgement, toldToFallBack(here, each.host) ? 'noFallback' : undefined);
  }
};

/** At the end: what is still owed cannot be decided. */
export const closeOwed = (here: Here): void => {
  for (const each of here.connection.owed) conclude(here.connection, each.requirement, each.host, each.frame, obligation.left(each));
  here.connection.owed.length = 0;
};
