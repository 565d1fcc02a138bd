/** What an endpoint does when one of its machines says so: pays what is owed, and does what is emitted. RFC 8684, RFC 9293. */
import type { ConnectionEffect, ConnectionEvent } from '../connection.ts';
import type { SubflowEffect, SubflowEvent } from '../subflow.ts';
import type { TcpEffect } from '../../tcp/index.ts';
import { answerRst } from './answer.ts';
import type { Core, Duties } from './core.ts';
import { deliverHeld } from './deliver.ts';
import { sendCapableAck, sendJoinAck, sendSyn } from './handshake.ts';
import { answerMpFail, endSubflow, noteLast, REASON, resetSubflow, sendFastclose, sendFastcloseRst } from './signals.ts';
import type { Subflow } from './subflow.ts';
import { infiniteMapping, reasonOf, sendAck, sendSignal } from './transmit.ts';

/** The connection owes something. */
const connectionOwes = (core: Core, by: ConnectionEvent['type'], subflow: Subflow | undefined): void => {
  if (by === 'sendCapableAck' && subflow !== undefined) sendCapableAck(core, subflow);
  else if (by === 'sendMpFail' && subflow !== undefined) answerMpFail(core, subflow);
  else if (by === 'sendInfiniteMapping') {
    core.lastSignals = true;
    // An MP_FAIL is answered by both at once.
    if (core.context.cause !== 'mpFail' && subflow !== undefined) sendAck(core, subflow, infiniteMapping(core, subflow));
  } else if (by === 'sendFastclose') sendFastclose(core);
  else if (by === 'sendFastcloseRst') sendFastcloseRst(core);
  else if (by === 'sendRst' && subflow !== undefined) resetSubflow(core, subflow, []);
  // A packet without options is what a host sends in a fallback anyway.
};

/** Nobody has answered its SYN yet: nothing is sent. */
export const resetQuietly = (core: Core, subflow: Subflow): void => {
  if (subflow.isGone) return;
  core.feedTcp(subflow, { type: 'userTimeout' });
  endSubflow(core, subflow, 'rstSent');
  noteLast(core, 'rstSent');
};

const connectionEffect = (core: Core, effect: ConnectionEffect, subflow: Subflow | undefined): void => {
  switch (effect) {
    case 'repeatCapableAck':
      if (subflow !== undefined) sendCapableAck(core, subflow);
      break;
    case 'sendDataAck':
      if (!core.noticed.peerClosed) core.notice({ type: 'peerClosed' });
      core.noticed.peerClosed = true;
      for (const each of core.up) each.ackNow = each === subflow || each.ackNow;
      core.feed({ type: 'sendDataAckOfDataFin' }, subflow);
      break;
    case 'closeSubflows':
      for (const each of core.subflows)
        if (each.tcp.state === 'SYN_SENT') resetQuietly(core, each);
        else each.closing = true;
      break;
    case 'resetSubflows':
      for (const each of core.up) resetSubflow(core, each, []);
      break;
    case 'resetOtherSubflows':
      for (const each of core.up) if (each !== subflow) resetSubflow(core, each, reasonOf(core, REASON.unspecified));
      break;
    case 'deleteConnection':
      core.finDue = Infinity;
      break;
  }
};

const subflowOwes = (core: Core, by: SubflowEvent['type'], subflow: Subflow): void => {
  if (by === 'sendJoinSynAck') sendSignal(core, subflow, 'synAck');
  else if (by === 'sendJoinAck') sendJoinAck(core, subflow);
  else if (by === 'sendAck') sendAck(core, subflow);
  else if (by === 'sendRst') {
    const { refusal } = subflow.context;
    resetSubflow(core, subflow, reasonOf(core, refusal === 'optionsLost' ? REASON.middlebox : REASON.mptcpError));
  }
};

const subflowEffect = (core: Core, effect: SubflowEffect, subflow: Subflow): void => {
  if (effect !== 'established' || subflow.initial) return;
  core.feed({ type: 'subflowEstablished' }, subflow);
  // It has come too late.
  if (!core.isAlive && core.context.ending !== 'dataFin') {
    resetSubflow(core, subflow, reasonOf(core, REASON.unspecified));
    return;
  }
  // This host has nothing more to say, and closes what remains (section 3.3.3); the peer may still.
  if (core.noticed.acknowledged) subflow.closing = true;
  // A new way for a DATA_FIN that nobody has answered.
  if (core.finDue !== Infinity || (core.sending.finSent && core.finTimes > 0 && !core.noticed.acknowledged)) {
    core.finTimes = 0;
    core.finDue = core.now;
  }
  const { number, opener, local, remote, addressId, peerAddressId, backup, peerBackup } = subflow;
  core.notice({
    type: 'subflowEstablished',
    subflow: number,
    opener,
    local,
    remote,
    addressId,
    peerAddressId,
    backup: backup || peerBackup,
  });
};

/** Regular TCP goes on where the data sequence space stands; what came without a mapping has one now (section 3.7). */
const fellBack = (core: Core, subflow: Subflow): void => {
  const { sending, receiving } = core;
  if (subflow.send.isIdle && subflow.send.next > 0) subflow.sendOffset = sending.firstUnsent - Math.max(1, subflow.send.next);
  if (!subflow.mapped) subflow.receiveOffset = receiving.next - Math.max(1, subflow.seen.next - waiting(subflow));
  if (subflow.suspendedAt === Infinity) deliverHeld(core, subflow, () => undefined);
  // Only one can carry the data from now on.
  for (const each of core.subflows)
    if (each !== subflow && !each.isGone) {
      if (each.tcp.state === 'SYN_SENT') resetQuietly(core, each);
      else resetSubflow(core, each, []);
    }
};

/** Octets in order that have no mapping. */
const waiting = ({ unmapped, seen }: Subflow): number => {
  let first = seen.next;
  for (const { ssn } of unmapped) first = Math.min(first, ssn);
  return seen.next - first;
};

const tcpEffect = (core: Core, effect: TcpEffect, subflow: Subflow): void => {
  switch (effect) {
    case 'sendAck':
      subflow.unanswered += 1;
      if (subflow.unanswered >= 2 || core.settings.delayedAck === 0 || subflow.tcp.state !== 'ESTABLISHED') subflow.ackNow = true;
      else subflow.ackDue = Math.min(subflow.ackDue, core.now + core.settings.delayedAck);
      break;
    case 'challengeAck':
      core.challenge(subflow);
      break;
    case 'repeatSynAck':
      for (const outgoing of subflow.send.outstanding()) sendSyn(core, subflow, outgoing);
      break;
    case 'answerRst':
      core.outputs.push(answerRst(subflow.local, subflow.remote, subflow.number, (subflow.iss + 1) >>> 0, []));
      break;
    case 'deleteConnection':
      if (subflow.finSent && subflow.finReceived) {
        endSubflow(core, subflow, 'fin');
        noteLast(core, 'fin');
      }
      break;
  }
};

/** All of them. */
export const duties: Duties = { connectionOwes, connectionEffect, subflowOwes, subflowEffect, tcpEffect, sendSyn, fellBack };
