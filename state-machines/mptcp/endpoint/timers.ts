/** When an endpoint is to be woken, and what it does then. Times in ms; Infinity: never. */
import type { Core } from './core.ts';
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
  for (const { due } of core.announcements) next = Math.min(next, due);
  for (const subflow of core.subflows)
    if (!subflow.isGone) next = Math.min(next, subflow.send.deadline ?? Infinity, subflow.ackDue, subflow.joinAckDue, subflow.timeWaitEnds);
  return next;
};

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
  if (subflow.tcp.state === 'SYN_SENT' || subflow.tcp.state === 'SYN_RECEIVED') {
    core.feedTcp(subflow, { type: 'userTimeout' });
    core.feedSubflow(subflow, { type: 'sendRst' });
    endSubflow(core, subflow, 'timeout');
    noteLast(core, 'timeout');
  } else resetSubflow(core, subflow, reasonOf(core, REASON.performance), 'timeout');
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
    const { up } = core;
    for (const subflow of up) putProbe(core, subflow);
    core.persistDue = now + Math.min(LONGEST, (up[0]?.send.rtt.rto ?? core.settings.initialRto) * 2 ** core.persistTimes);
  }
  if (core.finDue <= now) {
    core.finTimes += 1;
    const subflow = endCarrier(core);
    if (subflow !== undefined && !core.isPlain && core.isAlive) sendDataFin(core, subflow);
    core.finDue =
      core.isPlain || !core.isAlive
        ? Infinity
        : now + Math.min(LONGEST, (subflow?.send.rtt.rto ?? core.settings.initialRto) * 2 ** Math.min(core.finTimes, 6));
  }
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
