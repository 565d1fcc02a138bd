/** When an endpoint is to be woken, and what it does then. Times in ms; Infinity: never. */
import type { Core } from './core.ts';
import { sendCapableAck } from './handshake.ts';
import { endCarrier } from './pump.ts';
import { endSubflow, noteLast, REASON, resetSubflow } from './signals.ts';
import type { Subflow } from './subflow.ts';
import { putProbe, reasonOf, sendDataFin } from './transmit.ts';

/** The longest time between two probes. */
const LONGEST = 60_000;

/** When the next timer is due. */
export const nextTimer = (core: Core): number => {
  let next = Math.min(core.persistDue, core.finDue, core.staleDue);
  for (const due of core.connectionTimers.values()) next = Math.min(next, due);
  // Without a subflow an announcement waits, however late it is.
  if (core.announcements.length > 0 && !core.isPlain && core.up.length > 0)
    for (const { due } of core.announcements) next = Math.min(next, due);
  for (const subflow of core.subflows) {
    if (subflow.isGone) continue;
    const { send, ackDue, joinAckDue, timeWaitEnds } = subflow;
    next = Math.min(next, send.deadline ?? Infinity, ackDue, joinAckDue, timeWaitEnds, finWaitEnds(core, subflow));
  }
  return next;
};

/** When the peer's FIN is no longer waited for. */
const finWaitEnds = ({ settings }: Core, { tcp, heardAt }: Subflow): number =>
  tcp.state === 'FIN_WAIT_2' ? heardAt + settings.finWait : Infinity;

const tickSubflow = (core: Core, subflow: Subflow): void => {
  const { now, settings } = core;
  const { send } = subflow;
  if (subflow.ackDue <= now) subflow.ackNow = true;
  if (subflow.timeWaitEnds <= now) core.feedTcp(subflow, { type: 'timeWait' });
  if (subflow.isGone) return;
  if (subflow.joinAckDue <= now) {
    subflow.joinAckTimes += 1;
    if (subflow.joinAckTimes > settings.maxRetransmissions) giveUp(core, subflow);
    else core.feedSubflow(subflow, { type: 'joinAckRetransmit' });
  }
  if (finWaitEnds(core, subflow) <= now) giveUp(core, subflow);
  if (subflow.isGone || send.deadline === undefined || send.deadline > now) return;
  if (send.retransmissions >= settings.maxRetransmissions) {
    giveUp(core, subflow);
    return;
  }
  send.expire(now);
  core.notice({ type: 'subflowTimeout', subflow: subflow.number, retransmissions: send.retransmissions });
  // Others may have better luck with it (section 3.3.6).
  if (!core.isPlain)
    for (const { content } of send.outstanding()) if (content.segment !== undefined) core.sending.reinject(content.segment);
};

/** Retransmitted too often: the subflow is given up. */
const giveUp = (core: Core, subflow: Subflow): void => {
  const { state } = subflow.tcp;
  // Nothing is left to be said where nobody has answered yet, or the FIN has been sent.
  if (state === 'SYN_SENT' || state === 'SYN_RECEIVED' || subflow.finSent) {
    core.feedTcp(subflow, { type: 'userTimeout' });
    if (!subflow.finSent) core.feedSubflow(subflow, { type: 'sendRst' });
    endSubflow(core, subflow, 'timeout');
    noteLast(core, 'timeout');
  } else resetSubflow(core, subflow, reasonOf(core, REASON.performance), 'timeout');
};

const giveUpAll = (core: Core): void => {
  for (const subflow of core.up) giveUp(core, subflow);
};

/** How often a DATA_FIN is repeated to a peer that answers, but does not acknowledge it, for each repetition to one that does not answer. */
const PATIENCE = 3;

/** The DATA_FIN has not been acknowledged: once more, on another subflow. */
const repeatDataFin = (core: Core): void => {
  const { settings, now } = core;
  core.finDue = Infinity;
  if (core.isPlain || !core.isAlive) return;
  core.finTimes += 1;
  core.unheard += 1;
  // The connection-level send timeout of section 3.3.
  if (core.unheard > settings.maxRetransmissions || core.finTimes > PATIENCE * settings.maxRetransmissions) {
    giveUpAll(core);
    return;
  }
  const subflow = endCarrier(core);
  core.finDue = now + Math.min(LONGEST, (subflow?.send.rtt.rto ?? settings.initialRto) * 2 ** Math.min(core.finTimes, 6));
  if (subflow === undefined) return;
  // Without a DSS from the listener it may not even have the key (section 3.1).
  if (core.mayCarryKeys && subflow.initial) sendCapableAck(core, subflow);
  sendDataFin(core, subflow);
};

/** Does what is due at `core.now`. */
export const tick = (core: Core): void => {
  const { now } = core;
  for (const subflow of core.subflows) if (!subflow.isGone) tickSubflow(core, subflow);
  for (const [timer, due] of core.connectionTimers) {
    if (due > now) continue;
    core.connectionTimers.delete(timer);
    if (core.may({ type: timer })) core.feed({ type: timer });
  }
  if (core.persistDue <= now) {
    core.persistTimes += 1;
    core.unheard += 1;
    const { up } = core;
    if (core.unheard > core.settings.maxRetransmissions) giveUpAll(core);
    for (const subflow of up) putProbe(core, subflow);
    core.persistDue = now + Math.min(LONGEST, (up[0]?.send.rtt.rto ?? core.settings.initialRto) * 2 ** core.persistTimes);
  }
  if (core.finDue <= now) repeatDataFin(core);
  if (core.staleDue <= now) {
    core.staleDue = Infinity;
    if (!core.isPlain) sendStaleAnew(core);
  }
};

/** The oldest data has been acknowledged wherever it was sent, but not by a Data ACK: it is sent anew, on any subflow. */
const sendStaleAnew = (core: Core): void => {
  for (const segment of core.sending.unacknowledged()) {
    if (segment.outstanding > 0) continue;
    segment.carriers = [];
    core.sending.reinject(segment);
  }
};
